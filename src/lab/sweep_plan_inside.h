/* sweep_plan_inside.h - what the parts of the plan share: making it, checking it, answering about it. */
#ifndef CIV_LAB_SWEEP_PLAN_INSIDE_H
#define CIV_LAB_SWEEP_PLAN_INSIDE_H

#include "lab/sweep_plan.h"
#include "statistics/design.h"

struct civ_sweep_plan {
  const civ_sweep_spec *spec;
  const char *file;
  civ_arena arena;
  civ_config *base; /* with `common` */
  civ_axis *axes;   /* of designs other than grid, one per parameter */
  double *points;   /* of such designs: configurations x parameters, in the unit cube */
  uint64_t n_configurations, n_runs, baseline;
  const char **extra; /* metrics that are no column of every sweep */
  bool *extra_integer;
  uint32_t n_extra;
  uint32_t *metric_columns; /* column of each metric of the spec */
  char digest[65];
};

/* An error at a place of the sweep's file: "FILE:LINE:COLUMN" and "KEY: ..."; without a line just the key. */
civ_status civ_sweep_fail_at(const civ_sweep_plan *plan, uint32_t line, uint32_t column, const char *key,
                             civ_status code, civ_error *err, const char *fmt, ...) CIV_PRINTF(7, 8);
civ_status civ_sweep_no_memory(civ_error *err);
/* The scenario's seed in a configuration; false: it has none. */
bool civ_sweep_own_seed(const civ_sweep_plan *plan, uint64_t configuration, uint64_t *seed);
/* The k-th member of a JSON object of settings: its comma, path and value. */
void civ_sweep_add_setting(civ_buffer *out, uint32_t k, const char *path, const civ_node *value);
/* Sets one value in a config; `list` is the key it stands below ("common", "parameters"). */
CIV_MUST_CHECK civ_status civ_sweep_apply(const civ_sweep_plan *plan, civ_config *config, const char *list,
                                          const civ_sweep_setting *setting, civ_error *err);
/* Whether a value of this path must be a whole number. */
bool civ_sweep_path_is_integer(const civ_config *config, const char *path);

/* Names that stand for the same field, seeds that would change nothing. */
CIV_MUST_CHECK civ_status civ_sweep_check_paths(const civ_sweep_plan *plan, civ_error *err);
/* Configurations, each made and looked at. */
CIV_MUST_CHECK civ_status civ_sweep_check_configurations(const civ_sweep_plan *plan, civ_error *err);
/* Finds the metrics: fills extra, n_extra, metric_columns. */
CIV_MUST_CHECK civ_status civ_sweep_find_metrics(civ_sweep_plan *plan, civ_error *err);

#endif
