/* Making a plan: how many configurations and runs a sweep has, the points of its design, its baseline, its digest. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/memory.h"
#include "base/names.h"
#include "lab/sweep_plan_inside.h"
#include "statistics/sensitivity.h"

static const uint64_t most_runs = UINT64_C(100000000);
enum { MORRIS_LEVELS = CIV_SWEEP_MORRIS_LEVELS };

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
    return civ_sweep_no_memory(err);
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
  return plan->points != NULL ? fill_points(plan, err) : civ_sweep_no_memory(err);
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
    if (!civ_sweep_own_seed(plan, c, &seed))
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
    return civ_sweep_no_memory(err);
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
      civ_sweep_add_setting(&all, 1, "", &p->values[i]);
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
  return failed ? civ_sweep_no_memory(err) : CIV_OK;
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
    return civ_sweep_no_memory(err);
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
