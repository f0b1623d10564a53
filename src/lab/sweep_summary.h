/* sweep_summary.h - what a sweep says: per configuration means with their intervals, differences to a baseline with corrected
 * p-values, and which parameter matters. */
#ifndef CIV_LAB_SWEEP_SUMMARY_H
#define CIV_LAB_SWEEP_SUMMARY_H

#include "lab/sweep_rows.h"
#include "statistics/paired.h"
#include "statistics/sensitivity.h"

/* One metric of one configuration, over its finished runs that have it. */
typedef struct civ_sweep_estimate {
  uint64_t n;
  double mean, sd, standard_error;   /* sd with n - 1; both 0 for n < 2 */
  civ_interval student, studentised; /* 95 %; NONE where there is none */
  bool compared;                     /* what follows exists */
  civ_difference comparison;         /* this configuration minus the baseline */
  double p_holm;                     /* corrected over all configurations and metrics; not a number when not tested */
} civ_sweep_estimate;

/* One configuration with at least one run. */
typedef struct civ_sweep_group {
  uint64_t configuration, n_runs, n_failed; /* n_runs: finished well */
  double mean_welfare, mean_toxicity, mean_frozen, mean_honest_payoff, mean_adversarial_payoff; /* 0 without runs */
  civ_sweep_estimate *estimates; /* per metric of the spec */
} civ_sweep_group;

/* Of designs sobol_indices and morris, per metric; outputs are means over a point's runs. */
typedef struct civ_sweep_sensitivity {
  civ_indices indices;      /* sobol_indices */
  civ_index *first, *total; /* per parameter */
  civ_effects *effects;     /* morris; per parameter */
} civ_sweep_sensitivity;

typedef struct civ_sweep_summary {
  const civ_sweep_rows *rows;
  civ_arena arena;
  uint64_t n_runs, n_failed; /* finished well; failed */
  uint64_t n_groups;
  civ_sweep_group *groups;            /* in plan order */
  bool compares;                      /* whether configurations are compared with the baseline */
  bool paired;                        /* seed by seed */
  civ_sweep_sensitivity *sensitivity; /* NULL unless the design has it and all its runs were made */
} civ_sweep_summary;

enum { CIV_SWEEP_MOST_BOOTSTRAPPED = 2000 }; /* configurations times metrics; of more, intervals are Student's only */

/* Summarises what was run. Comparisons are made for grids and named configurations, and where the spec names a baseline: seed by seed
 * in common mode, otherwise as independent samples; not with seed_base null, whose runs all have one seed. Does not depend on `threads`
 * (0 = all processors). The rows must outlive the summary. CIV_E_NOMEM. */
CIV_MUST_CHECK civ_status civ_sweep_summarise(const civ_sweep_rows *rows, uint32_t threads, civ_sweep_summary **out,
                                              civ_error *err);
void civ_sweep_summary_destroy(civ_sweep_summary *summary);

/* The whole as one JSON object: civitas, sweep, plan, summaries, sensitivity, failures; and "runs", one object per row, if asked. */
CIV_MUST_CHECK civ_status civ_sweep_summary_json(const civ_sweep_summary *summary, bool with_runs, civ_buffer *out,
                                                 civ_error *err);

#endif
