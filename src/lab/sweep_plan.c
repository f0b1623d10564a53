/* A plan that is made: its configurations, their values, names and configs, the place of every run. */
#include "lab/sweep_plan.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/sweep_plan_inside.h"
#include "lab/sweep_rows.h"

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

civ_status civ_sweep_no_memory(civ_error *err)
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
  assert(plan->points != NULL || p->n > 0); /* a grid has values */
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

void civ_sweep_add_setting(civ_buffer *out, uint32_t k, const char *path, const civ_node *value)
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
    civ_sweep_add_setting(out, k, s->parameters[k].path, &value);
  }
  for (uint32_t k = 0; s->n_configurations > 0 && k < s->configurations[configuration].n; k++)
    civ_sweep_add_setting(out, k, s->configurations[configuration].set[k].path,
                          &s->configurations[configuration].set[k].value);
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
                          ? civ_sweep_no_memory(&problem)
                          : civ_config_set(config, setting->path, yaml.data, CIV_ORIGIN_OVERRIDE, &problem);
  if (status != CIV_OK) {
    snprintf(key, sizeof key, "%s%s%s", setting->line > 0 ? list : "", setting->line > 0 ? "." : "", setting->path);
    status = status == CIV_E_NOMEM
                 ? civ_sweep_no_memory(err)
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

bool civ_sweep_own_seed(const civ_sweep_plan *plan, uint64_t configuration, uint64_t *seed)
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
    civ_sweep_own_seed(plan, place.configuration, &place.seed);
  else if (s->seed_mode == CIV_SWEEP_COMMON)
    place.seed = s->seed_base + 1 + place.run_index;
  else
    place.seed = s->seed_base + 1 + index;
  return place;
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
