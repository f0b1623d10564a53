#include "lab/sweep_plan.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/names.h"
#include "lab/sweep_plan_inside.h"
#include "lab/sweep_rows.h"
#include "statistics/sensitivity.h"

static const uint64_t most_runs = UINT64_C(100000000);
enum { MORRIS_LEVELS = CIV_SWEEP_MORRIS_LEVELS };

/* --- errors with their place ------------------------------------------------------------------------------------------------ */

civ_status civ_sweep_fail_at(const civ_sweep_plan *plan, uint32_t line, uint32_t column, const char *key,
                             civ_status code, civ_error *err, const char *fmt, ...)
{
  char text[400], where[192];
  va_list args;
  va_start(args, fmt);
  vsnprintf(text, sizeof text, fmt, args);
  va_end(args);
  if (line == 0)
    return civ_fail(err, code, key, "%s", text);
  snprintf(where, sizeof where, "%s:%u:%u", plan->file, line, column);
  return civ_fail(err, code, where, "%s: %s", key, text);
}

static civ_status no_memory(civ_error *err)
{
  return civ_fail(err, CIV_E_NOMEM, "sweep", "out of memory");
}

/* --- values ------------------------------------------------------------------------------------------------------------------- */

/* How often the value of parameter k changes its place in a grid: after so many configurations. */
static uint64_t stride(const civ_sweep_spec *spec, uint32_t k)
{
  uint64_t n = 1;
  for (uint32_t i = k + 1; i < spec->n_parameters; i++)
    n *= spec->parameters[i].n;
  return n;
}

static civ_node integer_node(int64_t value)
{
  return (civ_node){ .kind = CIV_NODE_INTEGER, .text = "", .integer = value };
}

static civ_node parameter_value(const civ_sweep_plan *plan, uint64_t c, uint32_t k)
{
  const civ_sweep_parameter *p = &plan->spec->parameters[k];
  if (plan->points == NULL)
    return p->values[c / stride(plan->spec, k) % p->n];
  const double x = civ_axis_value(&plan->axes[k], plan->points[c * plan->spec->n_parameters + k]);
  if (p->n > 0)
    return p->values[(uint32_t)x];
  if (plan->axes[k].kind == CIV_AXIS_INTEGER)
    return integer_node((int64_t)x);
  return (civ_node){ .kind = CIV_NODE_REAL, .text = "", .real = x };
}

uint32_t civ_sweep_plan_labels(const civ_sweep_plan *plan)
{
  return plan->spec->n_configurations > 0 ? 1 : plan->spec->n_parameters;
}

const char *civ_sweep_plan_label(const civ_sweep_plan *plan, uint32_t k)
{
  return plan->spec->n_configurations > 0 ? "configuration" : plan->spec->parameters[k].path;
}

civ_node civ_sweep_plan_value(const civ_sweep_plan *plan, uint64_t configuration, uint32_t k)
{
  if (plan->spec->n_configurations == 0)
    return parameter_value(plan, configuration, k);
  const char *name = plan->spec->configurations[configuration].name;
  return civ_node_scalar(name, strlen(name), false);
}

void civ_sweep_plan_name(const civ_sweep_plan *plan, uint64_t configuration, civ_buffer *out)
{
  const civ_sweep_spec *s = plan->spec;
  if (s->n_configurations > 0) {
    civ_buffer_text(out, s->configurations[configuration].name);
    return;
  }
  if (s->n_parameters == 0)
    civ_buffer_text(out, "all");
  for (uint32_t k = 0; k < s->n_parameters; k++) {
    const civ_node value = parameter_value(plan, configuration, k);
    civ_buffer_format(out, "%s%s=", k > 0 ? ", " : "", s->parameters[k].path);
    if (value.kind == CIV_NODE_TEXT)
      civ_buffer_text(out, value.text);
    else
      civ_node_json(out, &value);
  }
}

static void add_setting(civ_buffer *out, uint32_t k, const char *path, const civ_node *value)
{
  civ_buffer_text(out, k > 0 ? ", " : "");
  civ_buffer_json_text(out, path, strlen(path));
  civ_buffer_text(out, ": ");
  civ_node_json(out, value);
}

void civ_sweep_plan_settings(const civ_sweep_plan *plan, uint64_t configuration, civ_buffer *out)
{
  const civ_sweep_spec *s = plan->spec;
  civ_buffer_text(out, "{");
  for (uint32_t k = 0; k < s->n_parameters; k++) {
    const civ_node value = parameter_value(plan, configuration, k);
    add_setting(out, k, s->parameters[k].path, &value);
  }
  for (uint32_t k = 0; s->n_configurations > 0 && k < s->configurations[configuration].n; k++)
    add_setting(out, k, s->configurations[configuration].set[k].path, &s->configurations[configuration].set[k].value);
  civ_buffer_text(out, "}");
}

/* --- configs ------------------------------------------------------------------------------------------------------------------- */

civ_status civ_sweep_apply(const civ_sweep_plan *plan, civ_config *config, const char *list,
                           const civ_sweep_setting *setting, civ_error *err)
{
  civ_buffer json = { 0 }, yaml = { 0 };
  civ_error problem = { 0 };
  char key[256];
  civ_node_json(&json, &setting->value);
  civ_buffer_add(&json, "", 1);
  if (!json.failed)
    civ_yaml_from_json(&yaml, json.data);
  civ_buffer_add(&yaml, "", 1);
  civ_status status = json.failed || yaml.failed
                          ? no_memory(&problem)
                          : civ_config_set(config, setting->path, yaml.data, CIV_ORIGIN_OVERRIDE, &problem);
  if (status != CIV_OK) {
    snprintf(key, sizeof key, "%s%s%s", setting->line > 0 ? list : "", setting->line > 0 ? "." : "", setting->path);
    status = status == CIV_E_NOMEM
                 ? no_memory(err)
                 : civ_sweep_fail_at(plan, setting->line, setting->column, key, status, err, "%s", problem.text);
  }
  civ_buffer_free(&json);
  civ_buffer_free(&yaml);
  return status;
}

civ_status civ_sweep_plan_config(const civ_sweep_plan *plan, uint64_t configuration, civ_config **out, civ_error *err)
{
  const civ_sweep_spec *s = plan->spec;
  civ_config *config;
  char list[64];
  civ_status status = civ_config_copy(plan->base, &config, err);
  if (status != CIV_OK)
    return status;
  for (uint32_t k = 0; status == CIV_OK && k < s->n_parameters; k++) {
    const civ_sweep_parameter *p = &s->parameters[k];
    const civ_sweep_setting one = { p->path, parameter_value(plan, configuration, k), p->line, p->column };
    status = civ_sweep_apply(plan, config, "parameters", &one, err);
  }
  snprintf(list, sizeof list, "configurations[%llu].set", (unsigned long long)configuration);
  for (uint32_t k = 0; status == CIV_OK && s->n_configurations > 0 && k < s->configurations[configuration].n; k++)
    status = civ_sweep_apply(plan, config, list, &s->configurations[configuration].set[k], err);
  if (status == CIV_OK)
    *out = config;
  else
    civ_config_destroy(config);
  return status;
}

/* --- places ---------------------------------------------------------------------------------------------------------------------- */

/* What a configuration sets at a path, in any spelling; `otherwise` where it sets nothing there. */
static civ_node own_value(const civ_sweep_plan *plan, uint64_t configuration, const char *path, civ_node otherwise)
{
  const civ_sweep_spec *s = plan->spec;
  for (uint32_t k = 0; k < s->n_parameters; k++)
    if (civ_sweep_same_field(plan->base, s->parameters[k].path, path))
      return parameter_value(plan, configuration, k);
  for (uint32_t k = 0; s->n_configurations > 0 && k < s->configurations[configuration].n; k++)
    if (civ_sweep_same_field(plan->base, s->configurations[configuration].set[k].path, path))
      return s->configurations[configuration].set[k].value;
  return otherwise;
}

/* The scenario's seed in a configuration; false: it has none. */
static bool own_seed(const civ_sweep_plan *plan, uint64_t configuration, uint64_t *seed)
{
  const civ_simulation_config *simulation = civ_config_section(plan->base, "simulation");
  const civ_node base =
      simulation->seed.set ? integer_node(simulation->seed.value) : (civ_node){ .kind = CIV_NODE_NULL };
  const civ_node value = own_value(plan, configuration, "simulation.seed", base);
  *seed = value.kind == CIV_NODE_INTEGER ? (uint64_t)value.integer : 0;
  return value.kind == CIV_NODE_INTEGER;
}

int64_t civ_sweep_plan_epochs(const civ_sweep_plan *plan, uint64_t configuration)
{
  const civ_simulation_config *simulation = civ_config_section(plan->base, "simulation");
  return own_value(plan, configuration, "simulation.n_epochs", integer_node(simulation->n_epochs)).integer;
}

civ_sweep_place civ_sweep_plan_place(const civ_sweep_plan *plan, uint64_t index)
{
  const civ_sweep_spec *s = plan->spec;
  civ_sweep_place place = { .index = index,
                            .configuration = index / s->runs_per_config,
                            .run_index = index % s->runs_per_config };
  if (!s->has_seed_base)
    own_seed(plan, place.configuration, &place.seed);
  else if (s->seed_mode == CIV_SWEEP_COMMON)
    place.seed = s->seed_base + 1 + place.run_index;
  else
    place.seed = s->seed_base + 1 + index;
  return place;
}

/* --- making a plan ----------------------------------------------------------------------------------------------------------------- */

static civ_status count_grid(civ_sweep_plan *plan, civ_error *err)
{
  const civ_sweep_spec *s = plan->spec;
  plan->n_configurations = s->n_configurations > 0 ? s->n_configurations : 1;
  for (uint32_t k = 0; k < s->n_parameters; k++) {
    if (s->parameters[k].n == 0)
      return civ_sweep_fail_at(plan, s->parameters[k].line, s->parameters[k].column, s->parameters[k].path, CIV_E_KEY,
                               err, "a grid needs values; give a list, or choose a design such as latin_hypercube");
    if (plan->n_configurations > most_runs / s->parameters[k].n)
      return civ_fail(err, CIV_E_LIMIT, plan->file,
                      "the grid has more than %llu configurations; choose a design such as "
                      "latin_hypercube or morris",
                      (unsigned long long)most_runs);
    plan->n_configurations *= s->parameters[k].n;
  }
  return CIV_OK;
}

static civ_status make_axes(civ_sweep_plan *plan, civ_error *err)
{
  const civ_sweep_spec *s = plan->spec;
  civ_error problem = { 0 };
  plan->axes = civ_arena_take(&plan->arena, s->n_parameters, sizeof *plan->axes);
  if (plan->axes == NULL)
    return no_memory(err);
  for (uint32_t k = 0; k < s->n_parameters; k++) {
    const civ_sweep_parameter *p = &s->parameters[k];
    const bool whole = p->integer || civ_sweep_path_is_integer(plan->base, p->path);
    plan->axes[k] = p->n > 0 ? (civ_axis){ .name = p->path, .kind = CIV_AXIS_LIST, .values = p->n }
                             : (civ_axis){ .name = p->path,
                                           .kind = whole    ? CIV_AXIS_INTEGER
                                                   : p->log ? CIV_AXIS_LOG
                                                            : CIV_AXIS_LINEAR,
                                           .low = p->min,
                                           .high = p->max };
    if (whole && p->log)
      return civ_sweep_fail_at(plan, p->line, p->column, p->path, CIV_E_KEY, err,
                               "whole numbers are taken evenly; remove scale: log, or list the values");
    const civ_status status = civ_axes_check(&plan->axes[k], 1, CIV_DESIGN_RANDOM, &problem);
    if (status != CIV_OK)
      return civ_sweep_fail_at(plan, p->line, p->column, p->path, status, err, "%s", problem.text);
  }
  return CIV_OK;
}

static civ_status count_points(const civ_sweep_plan *plan, uint64_t *n, civ_error *err)
{
  const civ_sweep_spec *s = plan->spec;
  *n = s->samples;
  switch ((civ_sweep_design)s->design) {
  case CIV_SWEEP_SOBOL_INDICES:
    return civ_indices_plan_size(s->samples, s->n_parameters, n, err);
  case CIV_SWEEP_MORRIS:
    return civ_morris_plan_size(s->samples, s->n_parameters, MORRIS_LEVELS, n, err);
  default:
    return s->samples <= civ_design_most
               ? CIV_OK
               : civ_fail(err, CIV_E_LIMIT, "samples", "more than %llu points", (unsigned long long)civ_design_most);
  }
}

static civ_status fill_points(civ_sweep_plan *plan, civ_error *err)
{
  const civ_sweep_spec *s = plan->spec;
  switch ((civ_sweep_design)s->design) {
  case CIV_SWEEP_SOBOL_INDICES:
    return civ_indices_plan(s->samples, s->n_parameters, s->design_seed, plan->points, err);
  case CIV_SWEEP_MORRIS:
    return civ_morris_plan(s->samples, s->n_parameters, MORRIS_LEVELS, s->design_seed, plan->points, err);
  default: {
    const civ_design design = s->design == CIV_SWEEP_RANDOM            ? CIV_DESIGN_RANDOM
                              : s->design == CIV_SWEEP_LATIN_HYPERCUBE ? CIV_DESIGN_LATIN
                                                                       : CIV_DESIGN_SOBOL;
    return civ_design_points(design, plan->axes, s->n_parameters, plan->n_configurations, s->design_seed, plan->points,
                             err);
  }
  }
}

static civ_status make_points(civ_sweep_plan *plan, civ_error *err)
{
  const civ_sweep_spec *s = plan->spec;
  if (s->n_parameters == 0 || s->n_configurations > 0 || s->samples == 0)
    return civ_fail(err, CIV_E_KEY, plan->file, "the design %s needs parameters and a number of samples",
                    civ_sweep_design_names[s->design]);
  civ_status status = make_axes(plan, err);
  if (status == CIV_OK)
    status = count_points(plan, &plan->n_configurations, err);
  if (status != CIV_OK)
    return status;
  plan->points = civ_zeroed(&civ_allocator_malloc, plan->n_configurations * s->n_parameters, sizeof *plan->points);
  return plan->points != NULL ? fill_points(plan, err) : no_memory(err);
}

static civ_status count_runs(civ_sweep_plan *plan, civ_error *err)
{
  const civ_sweep_spec *s = plan->spec;
  uint64_t seed;
  if (s->runs_per_config > 0 && plan->n_configurations > most_runs / s->runs_per_config)
    return civ_fail(err, CIV_E_LIMIT, plan->file, "%llu configurations of %llu runs are more than %llu runs",
                    (unsigned long long)plan->n_configurations, (unsigned long long)s->runs_per_config,
                    (unsigned long long)most_runs);
  for (uint32_t m = 0; m < s->n_metrics; m++)
    if (s->metrics[m].half_width > 0 && s->runs_per_config < 2)
      return civ_fail(err, CIV_E_RANGE, "runs_per_config",
                      "an interval needs at least 2 runs of each configuration, not %llu",
                      (unsigned long long)s->runs_per_config);
  plan->n_runs = plan->n_configurations * s->runs_per_config;
  if (s->has_seed_base && s->seed_base > (uint64_t)INT64_MAX - plan->n_runs)
    return civ_fail(err, CIV_E_RANGE, "seed_base", "%llu leaves no seeds for %llu runs below 2^63",
                    (unsigned long long)s->seed_base, (unsigned long long)plan->n_runs);
  for (uint64_t c = 0; !s->has_seed_base && c < plan->n_configurations; c++)
    if (!own_seed(plan, c, &seed))
      return civ_fail(
          err, CIV_E_KEY, "seed_base",
          "null takes the scenario's seed, but it has none; give simulation.seed below 'common', or a seed_base");
  return CIV_OK;
}

static civ_status find_baseline(civ_sweep_plan *plan, civ_error *err)
{
  const civ_sweep_spec *s = plan->spec;
  civ_buffer name = { 0 };
  civ_name_search search = civ_name_search_for(s->baseline != NULL ? s->baseline : "");
  bool found = s->baseline == NULL;
  for (uint64_t c = 0; !found && c < plan->n_configurations; c++) {
    name.length = 0;
    civ_sweep_plan_name(plan, c, &name);
    civ_buffer_add(&name, "", 1);
    if (name.failed)
      break;
    found = strcmp(name.data, s->baseline) == 0;
    plan->baseline = found ? c : 0;
    if (s->n_configurations > 0)
      civ_name_offer(&search, s->configurations[c].name);
  }
  const bool failed = name.failed;
  civ_buffer_free(&name);
  if (failed)
    return no_memory(err);
  if (found)
    return CIV_OK;
  if (search.best != NULL)
    return civ_fail(err, CIV_E_KEY, "baseline", "there is no configuration '%.60s'; did you mean '%s'?", s->baseline,
                    search.best);
  return civ_fail(err, CIV_E_KEY, "baseline", "there is no configuration '%.60s'; %s", s->baseline,
                  s->n_configurations > 0 ? "their names stand below 'configurations'"
                                          : "write all its values in order, such as 'payoff.h=2, n_epochs=5'");
}

/* Everything that decides the rows: the base, what varies, how often, the seeds, the columns, where it may stop. */
static civ_status make_digest(civ_sweep_plan *plan, civ_error *err)
{
  const civ_sweep_spec *s = plan->spec;
  civ_buffer all = { 0 };
  char *base;
  size_t length;
  const civ_status status = civ_config_run_json(plan->base, &base, &length, err);
  if (status != CIV_OK)
    return status;
  civ_buffer_add(&all, base, length);
  civ_free(base);
  civ_buffer_format(&all, "\n%s %d %llu %llu %llu %d %llu %d %llu %llu\n", CIV_VERSION, CIV_RESULTS_VERSION,
                    (unsigned long long)plan->n_configurations, (unsigned long long)s->runs_per_config,
                    (unsigned long long)s->seed_base, s->has_seed_base, (unsigned long long)s->samples, s->seed_mode,
                    (unsigned long long)s->design_seed, (unsigned long long)s->batch);
  civ_buffer_format(&all, "%s\n", civ_sweep_design_names[s->design]);
  for (uint32_t k = 0; k < s->n_parameters; k++) {
    const civ_sweep_parameter *p = &s->parameters[k];
    civ_buffer_format(&all, "%s %.17g %.17g %d %d", p->path, p->min, p->max, p->log, p->integer);
    for (uint32_t i = 0; i < p->n; i++)
      add_setting(&all, 1, "", &p->values[i]);
    civ_buffer_text(&all, "\n");
  }
  for (uint32_t c = 0; c < s->n_configurations; c++) {
    civ_buffer_format(&all, "%s ", s->configurations[c].name);
    civ_sweep_plan_settings(plan, c, &all);
    civ_buffer_text(&all, "\n");
  }
  for (uint32_t m = 0; m < s->n_metrics; m++)
    civ_buffer_format(&all, "%s %.17g\n", s->metrics[m].name, s->metrics[m].half_width);
  if (!all.failed)
    civ_sha256_hex(all.data, all.length, plan->digest);
  const bool failed = all.failed;
  civ_buffer_free(&all);
  return failed ? no_memory(err) : CIV_OK;
}

static civ_status make(civ_sweep_plan *plan, const civ_config *base, civ_error *err)
{
  const civ_sweep_spec *s = plan->spec;
  civ_status status = civ_config_copy(base, &plan->base, err);
  for (uint32_t k = 0; status == CIV_OK && k < s->n_common; k++)
    status = civ_sweep_apply(plan, plan->base, "common", &s->common[k], err);
  if (status == CIV_OK)
    status = civ_sweep_check_paths(plan, err);
  if (status == CIV_OK)
    status = s->design == CIV_SWEEP_GRID ? count_grid(plan, err) : make_points(plan, err);
  if (status == CIV_OK)
    status = count_runs(plan, err);
  if (status == CIV_OK)
    status = find_baseline(plan, err);
  if (status == CIV_OK)
    status = civ_sweep_check_configurations(plan, err);
  if (status == CIV_OK)
    status = civ_sweep_find_metrics(plan, err);
  return status == CIV_OK ? make_digest(plan, err) : status;
}

civ_status civ_sweep_plan_create(const civ_sweep_spec *spec, const civ_config *base, const char *file,
                                 civ_sweep_plan **out, civ_error *err)
{
  civ_sweep_plan *plan = calloc(1, sizeof *plan);
  if (plan == NULL)
    return no_memory(err);
  plan->spec = spec;
  plan->file = file;
  plan->arena = civ_arena_create(NULL);
  const civ_status status = make(plan, base, err);
  if (status == CIV_OK)
    *out = plan;
  else
    civ_sweep_plan_destroy(plan);
  return status;
}

void civ_sweep_plan_destroy(civ_sweep_plan *plan)
{
  if (plan == NULL)
    return;
  if (plan->points != NULL)
    civ_release(&civ_allocator_malloc, plan->points,
                plan->n_configurations * plan->spec->n_parameters * sizeof *plan->points);
  civ_config_destroy(plan->base);
  civ_arena_destroy(&plan->arena);
  free(plan);
}

/* --- asking ------------------------------------------------------------------------------------------------------------------------- */

const civ_sweep_spec *civ_sweep_plan_spec(const civ_sweep_plan *plan)
{
  return plan->spec;
}

const civ_config *civ_sweep_plan_base(const civ_sweep_plan *plan)
{
  return plan->base;
}

uint64_t civ_sweep_plan_configurations(const civ_sweep_plan *plan)
{
  return plan->n_configurations;
}

uint64_t civ_sweep_plan_replicates(const civ_sweep_plan *plan)
{
  return plan->spec->runs_per_config;
}

uint64_t civ_sweep_plan_runs(const civ_sweep_plan *plan)
{
  return plan->n_runs;
}

uint64_t civ_sweep_plan_baseline(const civ_sweep_plan *plan)
{
  return plan->baseline;
}

const double *civ_sweep_plan_points(const civ_sweep_plan *plan)
{
  return plan->points;
}

const char *civ_sweep_plan_digest(const civ_sweep_plan *plan)
{
  return plan->digest;
}

uint32_t civ_sweep_plan_columns(const civ_sweep_plan *plan)
{
  return CIV_SWEEP_COLUMNS + plan->n_extra;
}

const char *civ_sweep_plan_column(const civ_sweep_plan *plan, uint32_t column)
{
  return column < CIV_SWEEP_COLUMNS ? civ_sweep_columns[column].name : plan->extra[column - CIV_SWEEP_COLUMNS];
}

bool civ_sweep_plan_column_is_integer(const civ_sweep_plan *plan, uint32_t column)
{
  return column < CIV_SWEEP_COLUMNS ? civ_sweep_columns[column].integer
                                    : plan->extra_integer[column - CIV_SWEEP_COLUMNS];
}

uint32_t civ_sweep_plan_metric(const civ_sweep_plan *plan, uint32_t m)
{
  return plan->metric_columns[m];
}
