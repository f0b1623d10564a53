/* compare.h - did it make a difference: the totals of runs against those of other runs, whoever made them.
 *
 * A side is a set of runs with their seeds: from a run's folder, its event log, a file that run --json wrote, or a results
 * store. Two sides are compared seed by seed if the seeds of the smaller one all occur in the other (each once), otherwise as
 * independent samples. */
#ifndef CIV_LAB_COMPARE_H
#define CIV_LAB_COMPARE_H

#include "base/arena.h"
#include "base/buffer.h"
#include "civitas/registry.h"
#include "statistics/paired.h"

/* One side: `n` finished runs. Values stand run by run: values[i * columns.n + k]; not a number = the run has none. */
typedef struct civ_side {
  civ_arena arena;
  const char *name, *kind; /* kind: "folder", "log", "json", "store" */
  civ_columns columns;
  uint64_t n, n_failed;
  uint64_t *seeds;
  double *values;
} civ_side;

typedef struct civ_sides {
  civ_side *items;
  uint32_t n, room;
} civ_sides; /* all zero = none */

/* Appends the sides that `what` names: a run folder (or that of an experiment), an event log, a file of run --json,
 * STORE:ID (one side per configuration), STORE:ID/CONFIGURATION (by name or number). CIV_E_IO, CIV_E_FORMAT, CIV_E_KEY,
 * CIV_E_STATE for a log without an end, CIV_E_NOMEM. */
CIV_MUST_CHECK civ_status civ_sides_add(civ_sides *sides, const char *what, const civ_registry *registry,
                                        civ_error *err);
void civ_sides_free(civ_sides *sides);

/* One metric of one side against the first side. */
typedef struct civ_contrast {
  const char *metric;
  bool integer;
  bool equal; /* every run of both sides has the same value: nothing to test, no member of Holm's family */
  civ_difference comparison; /* intervals at 95 %; b = this side, a = the first */
  double p_holm;             /* over all contrasts that were tested; not a number when not tested */
} civ_contrast;

typedef struct civ_side_contrasts {
  const civ_side *side;
  bool paired;
  uint64_t n_pairs;        /* of seeds that both sides have; 0 when not paired */
  uint64_t left_a, left_b; /* paired: runs without a partner */
  uint32_t n;              /* contrasts: metrics both sides have */
  uint32_t only_a, only_b; /* totals of one side only, not compared */
  civ_contrast *contrasts;
} civ_side_contrasts;

typedef struct civ_contrasts {
  civ_arena arena;
  uint32_t n; /* sides but the first */
  civ_side_contrasts *sides;
  uint64_t n_tested; /* Holm's family */
} civ_contrasts;

/* Compares every side with the first, in all totals that both have or (n_metrics > 0) in the named ones, which all sides must
 * have: CIV_E_KEY with the nearest name. At least two sides: CIV_E_RANGE. Neither order nor numbers depend on threads (0 = all
 * processors). The sides must outlive *out. CIV_E_NOMEM. */
CIV_MUST_CHECK civ_status civ_contrast_sides(const civ_sides *sides, const char *const *metrics, uint32_t n_metrics,
                                             uint32_t threads, civ_contrasts **out, civ_error *err);
void civ_contrasts_destroy(civ_contrasts *c);

/* The whole as one JSON object. A lack of memory shows in out->failed. */
void civ_contrasts_json(const civ_sides *sides, const civ_contrasts *c, civ_buffer *out);

#endif
