/* experiment.h - many runs of one configuration: seeds in parallel, what each left behind, what they say together. */
#ifndef CIVITAS_EXPERIMENT_H
#define CIVITAS_EXPERIMENT_H

#include "civitas/run.h"
#include "civitas/statistics.h"

CIV_BEGIN_DECLS

/* --- what one run leaves behind -------------------------------------------------------------------------------------- */

typedef enum civ_outcome { CIV_OUTCOME_PASS, CIV_OUTCOME_FAIL, CIV_OUTCOME_NOT_EVALUABLE } civ_outcome;
CIV_API extern const char *const civ_outcome_names[]; /* "pass", "fail", "not_evaluable" */

/* One success criterion, looked at. */
typedef struct civ_finding {
  const char *name;
  civ_outcome outcome;
  bool at_least; /* measured >= bound, otherwise measured <= bound */
  double measured, bound;
  const char *reason; /* of NOT_EVALUABLE, static; NULL otherwise */
} civ_finding;

typedef struct civ_agent_row {
  const char *name, *policy; /* policy: "honest", "adaptive_adversary", ... */
  uint8_t type;              /* civ_agent_type */
  uint8_t role;              /* civ_role; CIV_ROLES = none */
  bool frozen;
  uint32_t initiated, received, accepted, rejected;
  double reputation, resources, payoff, average_p_initiated, average_p_received;
} civ_agent_row;

/* Plain data; everything it points to belongs to whoever made it. Parts that were not asked for are empty. */
typedef struct civ_run_record {
  uint64_t seed;
  civ_status failed; /* CIV_OK, or why there is nothing else (error says more) */
  civ_end end;
  const char *stop_reason; /* of CIV_END_KILLED; NULL */
  double stop_value;
  uint64_t agent_steps;
  civ_columns epoch_columns;
  uint32_t n_epochs;
  const double *rows; /* epochs x columns */
  uint32_t n_agents;
  const civ_agent_row *agents;
  civ_columns total_columns;
  const double *totals;
  uint32_t n_findings;
  const civ_finding *findings;
  civ_outcome outcome; /* of all criteria together: pass only if there are some and all pass */
  const char *reports; /* one JSON object of what the parts report (civ_run_report), `reports_length` bytes */
  size_t reports_length;
  const struct civ_history *history; /* snapshots of epochs (and agents), where somebody watched the run; NULL */
} civ_run_record;

/* --- many runs -------------------------------------------------------------------------------------------------------- */

typedef struct civ_experiment civ_experiment;

typedef struct civ_experiment_options {
  uint64_t first_seed, n; /* seeds first_seed .. first_seed + n - 1, all below 2^63 */
  uint32_t threads;       /* 0 = as many as there are processors */
  bool keep_epochs, keep_agents, keep_criteria, keep_reports;
  /* Called after each run, by one thread at a time; false asks to stop. May be NULL. */
  bool (*progress)(void *arg, uint64_t done, uint64_t n, uint64_t agent_steps);
  void *arg;
  /* Called with each run that ended, before progress, by one thread at a time; `failed` says why it failed, NULL if it did
   * not. The record is valid during the call. A failure ends the experiment with that error. May be NULL. */
  civ_status (*receive)(void *receiver, uint64_t index, const civ_run_record *record, const civ_error *failed,
                        civ_error *err);
  void *receiver;
  /* The record of a run that was made before, which must outlive the experiment; NULL = it is to be made. It is not handed over
   * again. Any thread; asked of the receiver. May be NULL. */
  const civ_run_record *(*known)(void *receiver, uint64_t index);
  const char *history; /* what record->history holds for it, as outputs.agent_snapshots; NULL = nothing is watched */
} civ_experiment_options;

/* Runs every seed of the range; results stand by index whatever thread made them, so nothing depends on `threads`. A run that
 * fails is recorded as failed and the others go on. CIV_E_RANGE for seeds, CIV_E_NOMEM, CIV_E_INTERRUPTED when progress said
 * false (*out holds the runs that were done; the others have failed = CIV_E_INTERRUPTED; the same where `receive` failed,
 * with its status). Otherwise CIV_OK. */
CIV_API CIV_MUST_CHECK civ_status civ_experiment_run(const civ_config *config, const civ_experiment_options *options,
                                                     civ_experiment **out, civ_error *err);
CIV_API void civ_experiment_destroy(civ_experiment *e);
CIV_API uint64_t civ_experiment_size(const civ_experiment *e);
/* The k-th run, k < size. Valid as long as the experiment. */
CIV_API const civ_run_record *civ_experiment_record(const civ_experiment *e, uint64_t k);
/* Why the k-th run failed; NULL if it did not. */
CIV_API const civ_error *civ_experiment_error(const civ_experiment *e, uint64_t k);
/* Names of the totals; empty when every run failed. */
CIV_API civ_columns civ_experiment_totals(const civ_experiment *e);
/* Summary of the k-th total over the runs that did not fail. CIV_E_NOMEM. O(n log n). */
CIV_API CIV_MUST_CHECK civ_status civ_experiment_summary(const civ_experiment *e, uint32_t k, civ_summary *out,
                                                         civ_error *err);
/* The whole as one JSON object: civitas, scenario_id, model, config, runs, summary. Free with civ_free. CIV_E_NOMEM. */
CIV_API CIV_MUST_CHECK civ_status civ_experiment_json(const civ_experiment *e, char **out, size_t *length,
                                                      civ_error *err);

CIV_END_DECLS

#endif
