/* sweep_file.h - a sweep as somebody wrote it: which scenario, what varies, how often, what to look at.
 *
 *   base: baseline                        a scenario: name, or path beside this file
 *   common: {simulation.n_epochs: 5}      what all runs set
 *   parameters:                           either what varies, each with its values ...
 *     governance.transaction_tax_rate: [0, 0.05, 0.1]
 *     payoff.h: {min: 1, max: 4, scale: log}           (a range, for designs other than grid)
 *   configurations:                       ... or configurations by name
 *     - {name: none}
 *     - {name: taxed, set: {governance.transaction_tax_rate: 0.05}}
 *   design: grid                          grid, random, latin_hypercube, sobol, sobol_indices, morris
 *   samples: 64                           points (of sobol_indices and morris: base points, trajectories)
 *   seed: 1                               of the design's points
 *   runs_per_config: 30
 *   seed_base: 42                         null: the scenario's own seed
 *   seed_mode: common                     or sequential
 *   metrics: [avg_toxicity]               what the summary looks at
 *   baseline: none                        configuration the others are compared with
 *   until_ci: {avg_toxicity: 0.01}        run until the half-width of the interval is reached, runs_per_config at most
 */
#ifndef CIV_LAB_SWEEP_FILE_H
#define CIV_LAB_SWEEP_FILE_H

#include "base/node.h"
#include "civitas/scenario.h"

typedef enum civ_sweep_design {
  CIV_SWEEP_GRID,
  CIV_SWEEP_RANDOM,
  CIV_SWEEP_LATIN_HYPERCUBE,
  CIV_SWEEP_SOBOL,
  CIV_SWEEP_SOBOL_INDICES,
  CIV_SWEEP_MORRIS
} civ_sweep_design;
extern const char *const civ_sweep_design_names[]; /* NULL-terminated */

typedef enum civ_sweep_seed_mode { CIV_SWEEP_SEQUENTIAL, CIV_SWEEP_COMMON } civ_sweep_seed_mode;
extern const char *const civ_sweep_seed_mode_names[]; /* NULL-terminated */

typedef struct civ_sweep_setting {
  const char *path;
  civ_node value;
  uint32_t line, column; /* of the path in its file; 0 = none */
} civ_sweep_setting;

/* One thing that varies: values in order, or a range. */
typedef struct civ_sweep_parameter {
  const char *path;
  uint32_t n;             /* values; 0 = a range */
  const civ_node *values; /* scalars and lists */
  double min, max;
  bool log, integer;
  uint32_t line, column;
} civ_sweep_parameter;

typedef struct civ_sweep_configuration {
  const char *name;
  uint32_t n;
  const civ_sweep_setting *set;
  uint32_t line, column;
} civ_sweep_configuration;

/* A metric by name; half-width that its interval shall reach, 0 = none asked. */
typedef struct civ_sweep_metric {
  const char *name;
  double half_width;
  uint32_t line, column;
} civ_sweep_metric;

/* Plain data; what it points to belongs to the arena of whoever made it. All zero but for the defaults of civ_sweep_spec_default
 * is a sweep without parameters. Either parameters or configurations. */
typedef struct civ_sweep_spec {
  const char *name, *description;
  const char *base; /* NULL = none given */
  uint32_t base_line, base_column;
  uint32_t n_common, n_parameters, n_configurations, n_metrics;
  const civ_sweep_setting *common;
  const civ_sweep_parameter *parameters;
  const civ_sweep_configuration *configurations;
  const civ_sweep_metric *metrics;
  int32_t design;    /* civ_sweep_design */
  int32_t seed_mode; /* civ_sweep_seed_mode */
  uint64_t samples, design_seed;
  uint64_t runs_per_config; /* at most, where metrics have half-widths */
  bool has_seed_base;       /* false: the scenario's seed for every run */
  uint64_t seed_base;
  const char *baseline; /* NULL = the first configuration */
  uint64_t batch;       /* replicates between two looks at the half-widths */
} civ_sweep_spec;

enum { CIV_SWEEP_MOST_METRICS = 64, CIV_SWEEP_BATCH = 10 };

/* runs_per_config 1, seed_base 42, sequential seeds, a grid, the metrics of every summary. */
civ_sweep_spec civ_sweep_spec_default(void);

/* Reads sweep text (any bytes). `file` is its name in messages, and without its folder and ending the sweep's name. On any error
 * the first one's code is returned, `found` (may be NULL) holds all of them, *out stays untouched. */
CIV_MUST_CHECK civ_status civ_sweep_parse(const char *file, const char *text, size_t length, civ_arena *arena,
                                          civ_sweep_spec *out, civ_diagnostics *found, civ_error *err);
CIV_MUST_CHECK civ_status civ_sweep_load(const char *path, civ_arena *arena, civ_sweep_spec *out,
                                         civ_diagnostics *found, civ_error *err);
/* Whether the text is a sweep rather than a scenario: a mapping with a key only sweeps have, and none only scenarios have. */
bool civ_sweep_is_sweep(const char *text, size_t length);

/* One parameter from "V1,V2,..." of a command line, each a YAML scalar or flow list, or "MIN..MAX" for a range; lists of values
 * may also be written as one YAML list. CIV_E_SYNTAX, CIV_E_NOMEM. */
CIV_MUST_CHECK civ_status civ_sweep_parameter_parse(const char *path, const char *values, civ_arena *arena,
                                                    civ_sweep_parameter *out, civ_error *err);

/* One setting of a command line: VALUE is a YAML scalar or flow text. CIV_E_SYNTAX, CIV_E_NOMEM. */
CIV_MUST_CHECK civ_status civ_sweep_setting_parse(const char *path, const char *value, civ_arena *arena,
                                                  civ_sweep_setting *out, civ_error *err);

#endif
