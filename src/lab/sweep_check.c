/* A plan looked at before its first run: paths, values, configurations, metrics. */
#include <stdio.h>
#include <string.h>

#include "base/names.h"
#include "civitas/run.h"
#include "lab/sweep_plan_inside.h"
#include "lab/sweep_rows.h"
#include "scenario/schema.h"

enum { MOST_CHECKED = CIV_SWEEP_MOST_CHECKED };

/* --- paths ------------------------------------------------------------------------------------------------------------------------ */

bool civ_sweep_path_is_integer(const civ_config *config, const char *path)
{
  civ_block *block;
  const size_t n = strlen(path);
  if (strncmp(path, "agents", 6) == 0 && (path[6] == '.' || path[6] == '['))
    return n > 6 && strcmp(path + n - 6, ".count") == 0;
  const civ_field *field = civ_schema_find(config, path, &block);
  return field != NULL && (field->kind == CIV_FIELD_INTEGER || field->kind == CIV_FIELD_OPT_INTEGER);
}

bool civ_sweep_same_field(const civ_config *config, const char *a, const char *b)
{
  civ_block *block_a, *block_b;
  const civ_field *field = civ_schema_find(config, a, &block_a);
  return strcmp(a, b) == 0 || (field != NULL && field == civ_schema_find(config, b, &block_b) && block_a == block_b);
}

static civ_status check_seed(const civ_sweep_plan *plan, const char *path, uint32_t line, uint32_t column,
                             civ_error *err)
{
  if (!plan->spec->has_seed_base || !civ_sweep_same_field(plan->base, path, "simulation.seed"))
    return CIV_OK;
  return civ_sweep_fail_at(plan, line, column, path, CIV_E_KEY, err,
                           "the seeds of runs follow from seed_base, so this would change nothing; remove it, or set "
                           "seed_base: null");
}

static civ_status say_same(const civ_sweep_plan *plan, const char *first, const char *second, uint32_t line,
                           uint32_t column, civ_error *err)
{
  return strcmp(first, second) == 0
             ? civ_sweep_fail_at(plan, line, column, second, CIV_E_KEY, err, "stands there twice")
             : civ_sweep_fail_at(plan, line, column, second, CIV_E_KEY, err, "'%s' is the same field; keep one of them",
                                 first);
}

static civ_status check_settings(const civ_sweep_plan *plan, const civ_sweep_setting *set, uint32_t n, civ_error *err)
{
  civ_status status = CIV_OK;
  for (uint32_t k = 0; status == CIV_OK && k < n; k++) {
    status = check_seed(plan, set[k].path, set[k].line, set[k].column, err);
    for (uint32_t i = 0; status == CIV_OK && i < k; i++)
      if (civ_sweep_same_field(plan->base, set[i].path, set[k].path))
        status = say_same(plan, set[i].path, set[k].path, set[k].line, set[k].column, err);
  }
  return status;
}

/* Equal values would make two configurations that nothing tells apart. */
static civ_status check_doubles(const civ_sweep_plan *plan, const civ_sweep_parameter *p, civ_error *err)
{
  civ_buffer a = { 0 }, b = { 0 };
  uint32_t twice = p->n;
  for (uint32_t k = 1; k < p->n && k < 1000 && twice == p->n; k++) {
    a.length = 0;
    civ_node_json(&a, &p->values[k]);
    for (uint32_t i = 0; i < k && twice == p->n; i++) {
      b.length = 0;
      civ_node_json(&b, &p->values[i]);
      if (a.length == b.length && !a.failed && !b.failed && memcmp(a.data, b.data, a.length) == 0)
        twice = k;
    }
  }
  civ_status status = a.failed || b.failed ? civ_sweep_no_memory(err) : CIV_OK;
  if (status == CIV_OK && twice < p->n)
    status = civ_sweep_fail_at(plan, p->line, p->column, p->path, CIV_E_KEY, err, "the value %.*s stands there twice",
                               (int)(a.length < 60 ? a.length : 60), a.data);
  civ_buffer_free(&a);
  civ_buffer_free(&b);
  return status;
}

civ_status civ_sweep_check_paths(const civ_sweep_plan *plan, civ_error *err)
{
  const civ_sweep_spec *s = plan->spec;
  civ_status status = check_settings(plan, s->common, s->n_common, err);
  for (uint32_t k = 0; status == CIV_OK && k < s->n_parameters; k++) {
    const civ_sweep_parameter *p = &s->parameters[k];
    status = check_seed(plan, p->path, p->line, p->column, err);
    if (status == CIV_OK)
      status = check_doubles(plan, p, err);
    for (uint32_t i = 0; status == CIV_OK && i < k; i++)
      if (civ_sweep_same_field(plan->base, s->parameters[i].path, p->path))
        status = say_same(plan, s->parameters[i].path, p->path, p->line, p->column, err);
  }
  for (uint32_t c = 0; status == CIV_OK && c < s->n_configurations; c++)
    status = check_settings(plan, s->configurations[c].set, s->configurations[c].n, err);
  return status;
}

/* --- configurations ----------------------------------------------------------------------------------------------------------------- */

static civ_status check_configuration(const civ_sweep_plan *plan, uint64_t c, civ_error *err)
{
  civ_config *config;
  civ_error problem = { 0 };
  civ_buffer name = { 0 };
  civ_status status = civ_sweep_plan_config(plan, c, &config, err);
  if (status != CIV_OK)
    return status;
  status = civ_config_check_built(config, plan->file, &problem);
  if (status != CIV_OK) {
    civ_sweep_plan_name(plan, c, &name);
    civ_fail(err, status, plan->file, "configuration '%.*s': %s", (int)(name.length < 80 ? name.length : 80),
             name.data != NULL ? name.data : "", problem.text);
    civ_buffer_free(&name);
  }
  civ_config_destroy(config);
  return status;
}

/* Number of the k-th configuration of a large plan to look at: of a grid those that differ from the first in one value, which
 * together show every value; of points the first ones. UINT64_MAX = no more. */
static uint64_t chosen(const civ_sweep_plan *plan, uint64_t k)
{
  const civ_sweep_spec *s = plan->spec;
  if (plan->n_configurations <= MOST_CHECKED || plan->points != NULL)
    return k < plan->n_configurations && k < MOST_CHECKED ? k : UINT64_MAX;
  uint64_t stride = plan->n_configurations, seen = 1;
  if (k == 0)
    return 0;
  for (uint32_t p = 0; p < s->n_parameters; p++) {
    stride /= s->parameters[p].n;
    if (k < seen + s->parameters[p].n - 1)
      return (k - seen + 1) * stride;
    seen += s->parameters[p].n - 1;
  }
  return UINT64_MAX;
}

civ_status civ_sweep_check_configurations(const civ_sweep_plan *plan, civ_error *err)
{
  civ_status status = CIV_OK;
  for (uint64_t k = 0; status == CIV_OK && chosen(plan, k) != UINT64_MAX; k++)
    status = check_configuration(plan, chosen(plan, k), err);
  return status;
}

/* --- metrics -------------------------------------------------------------------------------------------------------------------------- */

static uint32_t find_column(const civ_sweep_plan *plan, const char *name)
{
  uint32_t k = 0;
  while (k < CIV_SWEEP_COLUMNS + plan->n_extra && strcmp(civ_sweep_plan_column(plan, k), name) != 0)
    k++;
  return k;
}

/* Looks for names among the totals of a run of this configuration; notes those it finds. */
static civ_status look_in(civ_sweep_plan *plan, uint64_t c, bool *known, uint32_t *missing, civ_name_search *nearest,
                          char best[128], civ_error *err)
{
  civ_config *config;
  civ_run *run = NULL;
  civ_result result;
  civ_status status = civ_sweep_plan_config(plan, c, &config, err);
  if (status != CIV_OK)
    return status;
  status = civ_config_set_seed(config, 1, err);
  if (status == CIV_OK)
    status = civ_run_create(config, NULL, &run, err);
  if (status == CIV_OK)
    status = civ_run_result(run, &result, err);
  for (uint32_t m = 0; status == CIV_OK && m < plan->n_extra; m++)
    for (uint32_t k = 0; !known[m] && k < result.total_columns.n; k++)
      if (strcmp(result.total_columns.decls[k].name, plan->extra[m]) == 0) {
        known[m] = true;
        plan->extra_integer[m] = result.total_columns.decls[k].integer;
        --*missing;
      }
  for (uint32_t m = 0; status == CIV_OK && c == 0 && m < plan->n_extra; m++)
    if (!known[m] && nearest->best == NULL) {
      *nearest = civ_name_search_for(plan->extra[m]);
      for (uint32_t k = 0; k < result.total_columns.n; k++)
        civ_name_offer(nearest, result.total_columns.decls[k].name);
      for (uint32_t k = 0; k < CIV_SWEEP_COLUMNS; k++)
        civ_name_offer(nearest, civ_sweep_columns[k].name);
      if (nearest->best != NULL)
        snprintf(best, 128, "%s", nearest->best);
    }
  civ_run_destroy(run);
  civ_config_destroy(config);
  return status;
}

static civ_status say_unknown(const civ_sweep_plan *plan, const char *name, const civ_name_search *nearest,
                              const char *best, civ_error *err)
{
  const civ_sweep_spec *s = plan->spec;
  uint32_t m = 0;
  while (m + 1 < s->n_metrics && strcmp(s->metrics[m].name, name) != 0)
    m++;
  if (nearest->word == name && *best != '\0')
    return civ_sweep_fail_at(plan, s->metrics[m].line, s->metrics[m].column, "metrics", CIV_E_KEY, err,
                             "no run reports '%.60s'; did you mean '%s'?", name, best);
  return civ_sweep_fail_at(plan, s->metrics[m].line, s->metrics[m].column, "metrics", CIV_E_KEY, err,
                           "no run reports '%.60s'; take a column of the sweep's CSV file, or one of the totals of "
                           "'civitas run --json'",
                           name);
}

/* A metric need not be in every configuration: what a lever reports is there where the lever is on. */
static civ_status find_extra(civ_sweep_plan *plan, civ_error *err)
{
  enum { MOST_BUILT = 1000 };
  bool known[CIV_SWEEP_MOST_METRICS] = { false };
  char best[128] = "";
  civ_name_search nearest = { 0 };
  uint32_t missing = plan->n_extra;
  civ_status status = CIV_OK;
  for (uint64_t k = 0; status == CIV_OK && missing > 0 && k < MOST_BUILT && chosen(plan, k) != UINT64_MAX; k++)
    status = look_in(plan, chosen(plan, k), known, &missing, &nearest, best, err);
  for (uint32_t m = 0; status == CIV_OK && m < plan->n_extra; m++)
    if (!known[m])
      status = say_unknown(plan, plan->extra[m], &nearest, best, err);
  return status;
}

civ_status civ_sweep_find_metrics(civ_sweep_plan *plan, civ_error *err)
{
  const civ_sweep_spec *s = plan->spec;
  plan->extra = civ_arena_take(&plan->arena, s->n_metrics, sizeof *plan->extra);
  plan->extra_integer = civ_arena_take(&plan->arena, s->n_metrics, sizeof *plan->extra_integer);
  plan->metric_columns = civ_arena_take(&plan->arena, s->n_metrics, sizeof *plan->metric_columns);
  if (plan->extra == NULL || plan->extra_integer == NULL || plan->metric_columns == NULL)
    return civ_sweep_no_memory(err);
  for (uint32_t m = 0; m < s->n_metrics; m++) {
    plan->metric_columns[m] = find_column(plan, s->metrics[m].name);
    if (plan->metric_columns[m] == CIV_SWEEP_COLUMNS + plan->n_extra)
      plan->extra[plan->n_extra++] = s->metrics[m].name;
  }
  return plan->n_extra > 0 ? find_extra(plan, err) : CIV_OK;
}
