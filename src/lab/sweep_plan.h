/* sweep_plan.h - which runs a sweep consists of: configurations, replicates, seeds, in one order.
 *
 * A plan knows every run and holds none: configuration c and run i are worked out from the base scenario and a handful of
 * values when somebody asks. Made once, then only read: any number of threads may ask. */
#ifndef CIV_LAB_SWEEP_PLAN_H
#define CIV_LAB_SWEEP_PLAN_H

#include "base/buffer.h"
#include "lab/sweep_file.h"

typedef struct civ_sweep_plan civ_sweep_plan;

enum {
  CIV_SWEEP_MOST_CHECKED = 10000, /* configurations that are made and looked at before the first run */
  CIV_SWEEP_MORRIS_LEVELS = 4     /* places of the grid on which trajectories of a Morris design move */
};

/* One run of the plan. */
typedef struct civ_sweep_place {
  uint64_t index;         /* in plan order, from 0 */
  uint64_t configuration; /* from 0 */
  uint64_t run_index;     /* replicate of its configuration, from 0 */
  uint64_t seed;
} civ_sweep_place;

/* Works out the plan of `spec` over the scenario `base` and checks it whole: every path and value, configurations (all of
 * up to CIV_SWEEP_MOST_CHECKED; of more the first points, or of a grid those that show each value once), seeds, names of metrics, the
 * baseline. Nothing is run. `file` names the sweep in messages; it and the spec must outlive the plan, base is copied. CIV_E_KEY, CIV_E_TYPE, CIV_E_RANGE, CIV_E_LIMIT, CIV_E_UNBUILT, CIV_E_NOMEM. */
CIV_MUST_CHECK civ_status civ_sweep_plan_create(const civ_sweep_spec *spec, const civ_config *base, const char *file,
                                                civ_sweep_plan **out, civ_error *err);
void civ_sweep_plan_destroy(civ_sweep_plan *plan);

const civ_sweep_spec *civ_sweep_plan_spec(const civ_sweep_plan *plan);
const civ_config *civ_sweep_plan_base(const civ_sweep_plan *plan); /* with `common` applied */

uint64_t civ_sweep_plan_configurations(const civ_sweep_plan *plan);
uint64_t civ_sweep_plan_replicates(const civ_sweep_plan *plan); /* of each configuration, at most */
uint64_t civ_sweep_plan_runs(const civ_sweep_plan *plan);       /* configurations x replicates */
uint64_t civ_sweep_plan_baseline(const civ_sweep_plan *plan); /* number of the configuration others are compared with */
civ_sweep_place civ_sweep_plan_place(const civ_sweep_plan *plan, uint64_t index);

/* What leads the rows: the swept paths, or "configuration" where configurations have names. */
uint32_t civ_sweep_plan_labels(const civ_sweep_plan *plan);
const char *civ_sweep_plan_label(const civ_sweep_plan *plan, uint32_t k);
/* The k-th label's value in a configuration: a scalar, a list, or the name as text. What it points to belongs to the plan. */
civ_node civ_sweep_plan_value(const civ_sweep_plan *plan, uint64_t configuration, uint32_t k);
/* Name of a configuration for people: its own, or "payoff.h=2, n_epochs=5" ("all" without parameters). */
void civ_sweep_plan_name(const civ_sweep_plan *plan, uint64_t configuration, civ_buffer *out);
/* What it sets, as one JSON object path: value, in order. */
void civ_sweep_plan_settings(const civ_sweep_plan *plan, uint64_t configuration, civ_buffer *out);

/* Points of a design in the unit cube, configurations x parameters; NULL for a grid and for named configurations. */
const double *civ_sweep_plan_points(const civ_sweep_plan *plan);

/* simulation.n_epochs of a configuration. */
int64_t civ_sweep_plan_epochs(const civ_sweep_plan *plan, uint64_t configuration);

/* A configuration as a config of its own, to be destroyed by the caller; its seed is the scenario's until set. */
CIV_MUST_CHECK civ_status civ_sweep_plan_config(const civ_sweep_plan *plan, uint64_t configuration, civ_config **out,
                                                civ_error *err);

/* 64 hexadecimal digits over everything that decides what the runs are: two plans with equal digests have equal rows. */
const char *civ_sweep_plan_digest(const civ_sweep_plan *plan);

/* Numbers of a row, by column: those of every sweep, then the metrics asked for by name that are not among them. */
uint32_t civ_sweep_plan_columns(const civ_sweep_plan *plan);
const char *civ_sweep_plan_column(const civ_sweep_plan *plan, uint32_t column);
bool civ_sweep_plan_column_is_integer(const civ_sweep_plan *plan, uint32_t column);
/* Column of the m-th metric to be analysed, m < spec's n_metrics. */
uint32_t civ_sweep_plan_metric(const civ_sweep_plan *plan, uint32_t m);

/* Whether two paths are spellings of one field. */
bool civ_sweep_same_field(const civ_config *config, const char *a, const char *b);

#endif
