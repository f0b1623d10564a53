#include "lab/sweep_summary.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/threads.h"
#include "statistics/holm.h"
#include "statistics/statistics.h"

/* What the threads share while they work through the groups. */
typedef struct work {
  civ_sweep_summary *summary;
  bool bootstrap;
  double **scratch; /* per worker: values of a configuration, of the baseline, and room to sort */
  _Atomic(int) status;
} work;

static const civ_sweep_spec *spec_of(const civ_sweep_summary *s)
{
  return civ_sweep_plan_spec(civ_sweep_rows_plan(s->rows));
}

static civ_status no_memory(civ_error *err)
{
  return civ_fail(err, CIV_E_NOMEM, "summary", "out of memory");
}

/* --- values ------------------------------------------------------------------------------------------------------------------- */

/* A column of one configuration's runs by replicate; not a number where there is no finished run. */
static void take_values(const civ_sweep_rows *rows, uint64_t configuration, uint32_t column, double *out)
{
  const uint64_t n = civ_sweep_plan_replicates(civ_sweep_rows_plan(rows));
  for (uint64_t k = 0; k < n; k++) {
    const civ_sweep_row row = civ_sweep_rows_at(rows, configuration * n + k);
    out[k] = row.state == CIV_SWEEP_DONE ? row.values[column] : NAN;
  }
}

static double mean_of(const civ_sweep_rows *rows, uint64_t configuration, const char *name, double *values)
{
  uint32_t column = 0;
  while (strcmp(civ_sweep_columns[column].name, name) != 0)
    column++;
  take_values(rows, configuration, column, values);
  uint64_t n = 0;
  for (uint64_t k = 0; k < civ_sweep_plan_replicates(civ_sweep_rows_plan(rows)); k++)
    if (isfinite(values[k]))
      values[n++] = values[k];
  return civ_mean(values, n);
}

/* --- estimates ------------------------------------------------------------------------------------------------------------------ */

static civ_bootstrap bootstrap_for(const civ_sweep_summary *s, uint32_t metric, uint64_t configuration, bool wanted)
{
  civ_bootstrap b = civ_bootstrap_default(spec_of(s)->has_seed_base ? spec_of(s)->seed_base : 0);
  b.entity = metric;
  b.other = (uint32_t)configuration;
  if (!wanted)
    b.resamples = 99; /* the fewest there may be; the result is thrown away */
  return b;
}

/* What a field that cannot matter leaves in the last digits is no difference: it must not become a sure one. */
static void drop_rounding(const double *baseline, double *values, uint64_t n)
{
  for (uint64_t k = 0; k < n; k++)
    if (fabs(values[k] - baseline[k]) <= 1e-12 * fmax(fabs(values[k]), fabs(baseline[k])))
      values[k] = baseline[k];
}

static civ_status estimate(const work *w, const civ_sweep_group *g, uint32_t m, double *scratch,
                           civ_sweep_estimate *out)
{
  const civ_sweep_summary *s = w->summary;
  const civ_sweep_plan *plan = civ_sweep_rows_plan(s->rows);
  const uint64_t n = civ_sweep_plan_replicates(plan), baseline = civ_sweep_plan_baseline(plan);
  double *values = scratch, *other = scratch + n, *sorted = scratch + 2 * n;
  const civ_bootstrap boot = bootstrap_for(s, m, g->configuration, w->bootstrap);
  civ_status status = CIV_OK;
  take_values(s->rows, g->configuration, civ_sweep_plan_metric(plan, m), values);
  memcpy(sorted, values, n * sizeof *sorted);
  const civ_summary all = civ_summarise(sorted, n);
  *out = (civ_sweep_estimate){ .n = all.n, .mean = all.mean, .p_holm = NAN };
  if (!spec_of(s)->has_seed_base || !all.spread)
    return CIV_OK;
  out->sd = all.sd;
  out->standard_error = all.sd / sqrt((double)all.n);
  out->student = civ_interval_student(&all, boot.level);
  if (w->bootstrap)
    status = civ_interval_bootstrap(values, n, &boot, &out->studentised, NULL);
  if (status != CIV_OK || !s->compares || g->configuration == baseline)
    return status;
  take_values(s->rows, baseline, civ_sweep_plan_metric(plan, m), other);
  if (s->paired)
    drop_rounding(other, values, n);
  status = s->paired ? civ_compare_paired(other, values, n, &boot, &out->comparison, NULL)
                     : civ_compare_unpaired(other, n, values, n, &boot, &out->comparison, NULL);
  out->compared = status == CIV_OK;
  if (!w->bootstrap)
    out->comparison.studentised = (civ_interval){ 0 };
  return status;
}

static bool job(void *arg, uint64_t k, uint32_t number)
{
  work *w = arg;
  civ_sweep_group *g = &w->summary->groups[k];
  double *scratch = w->scratch[number];
  const civ_sweep_rows *rows = w->summary->rows;
  g->mean_welfare = mean_of(rows, g->configuration, "total_welfare", scratch);
  g->mean_toxicity = mean_of(rows, g->configuration, "avg_toxicity", scratch);
  g->mean_frozen = mean_of(rows, g->configuration, "n_frozen", scratch);
  g->mean_honest_payoff = mean_of(rows, g->configuration, "honest_avg_payoff", scratch);
  g->mean_adversarial_payoff = mean_of(rows, g->configuration, "adversarial_avg_payoff", scratch);
  for (uint32_t m = 0; m < spec_of(w->summary)->n_metrics; m++) {
    const civ_status status = estimate(w, g, m, scratch, &g->estimates[m]);
    if (status != CIV_OK) {
      atomic_store(&w->status, (int)status);
      return false;
    }
  }
  return true;
}

static civ_status estimate_all(civ_sweep_summary *s, uint32_t threads, civ_error *err)
{
  const uint64_t n = civ_sweep_plan_replicates(civ_sweep_rows_plan(s->rows));
  uint32_t workers = threads > 0 ? threads : civ_cores();
  workers = s->n_groups < workers ? (uint32_t)s->n_groups : workers;
  work w = { .summary = s, .bootstrap = s->n_groups * spec_of(s)->n_metrics <= CIV_SWEEP_MOST_BOOTSTRAPPED };
  w.scratch = calloc(workers + 1, sizeof *w.scratch);
  bool ready = w.scratch != NULL;
  for (uint32_t k = 0; ready && k < workers; k++) {
    w.scratch[k] = calloc(3 * n + 1, sizeof **w.scratch);
    ready = w.scratch[k] != NULL;
  }
  if (ready)
    civ_parallel_for(workers, s->n_groups, job, &w);
  for (uint32_t k = 0; w.scratch != NULL && k < workers; k++)
    free(w.scratch[k]);
  free(w.scratch);
  if (!ready)
    return no_memory(err);
  const civ_status status = (civ_status)atomic_load(&w.status);
  return status == CIV_OK ? CIV_OK : civ_fail(err, status, "summary", "the intervals cannot be computed");
}

/* One family: every configuration but the baseline times every metric. */
static civ_status correct(civ_sweep_summary *s, civ_error *err)
{
  const uint32_t metrics = spec_of(s)->n_metrics;
  const uint64_t n = s->n_groups * metrics;
  double *p = calloc(n + 1, sizeof *p);
  if (p == NULL)
    return no_memory(err);
  for (uint64_t k = 0; k < n; k++) {
    const civ_sweep_estimate *e = &s->groups[k / metrics].estimates[k % metrics];
    p[k] = e->compared && e->comparison.tested ? e->comparison.p : NAN;
  }
  const civ_status status = civ_holm(p, n, p, NULL, err);
  for (uint64_t k = 0; status == CIV_OK && k < n; k++)
    s->groups[k / metrics].estimates[k % metrics].p_holm = p[k];
  free(p);
  return status;
}

/* --- sensitivity ------------------------------------------------------------------------------------------------------------------ */

static civ_status analyse(const civ_sweep_summary *s, uint32_t m, const double *outputs, civ_sweep_sensitivity *out,
                          civ_error *err)
{
  const civ_sweep_spec *spec = spec_of(s);
  const civ_bootstrap boot = bootstrap_for(s, m, UINT32_MAX, true);
  if (spec->design == CIV_SWEEP_SOBOL_INDICES)
    return civ_indices_analyse(outputs, spec->samples, spec->n_parameters, &boot, &out->indices, out->first, out->total,
                               err);
  return civ_morris_analyse(civ_sweep_plan_points(civ_sweep_rows_plan(s->rows)), outputs, spec->samples,
                            spec->n_parameters, CIV_SWEEP_MORRIS_LEVELS, &boot, out->effects, err);
}

static civ_status analyse_all(civ_sweep_summary *s, double *outputs, double *values, civ_error *err)
{
  const civ_sweep_spec *spec = spec_of(s);
  const civ_sweep_plan *plan = civ_sweep_rows_plan(s->rows);
  const uint64_t n = civ_sweep_plan_replicates(plan), points = civ_sweep_plan_configurations(plan);
  civ_status status = CIV_OK;
  for (uint32_t m = 0; status == CIV_OK && m < spec->n_metrics; m++) {
    civ_sweep_sensitivity *one = &s->sensitivity[m];
    one->first = civ_arena_take(&s->arena, spec->n_parameters, sizeof *one->first);
    one->total = civ_arena_take(&s->arena, spec->n_parameters, sizeof *one->total);
    one->effects = civ_arena_take(&s->arena, spec->n_parameters, sizeof *one->effects);
    if (one->first == NULL || one->total == NULL || one->effects == NULL)
      return no_memory(err);
    for (uint64_t c = 0; c < points; c++) {
      take_values(s->rows, c, civ_sweep_plan_metric(plan, m), values);
      const civ_summary all = civ_summarise(values, n);
      outputs[c] = all.n > 0 ? all.mean : NAN;
    }
    status = analyse(s, m, outputs, one, err);
  }
  return status;
}

static civ_status find_sensitivity(civ_sweep_summary *s, civ_error *err)
{
  const civ_sweep_spec *spec = spec_of(s);
  const civ_sweep_plan *plan = civ_sweep_rows_plan(s->rows);
  if ((spec->design != CIV_SWEEP_SOBOL_INDICES && spec->design != CIV_SWEEP_MORRIS) || civ_sweep_plan_runs(plan) == 0 ||
      civ_sweep_rows_count(s->rows, CIV_SWEEP_NOT_RUN) > 0)
    return CIV_OK;
  s->sensitivity = civ_arena_take(&s->arena, spec->n_metrics, sizeof *s->sensitivity);
  double *outputs = calloc(civ_sweep_plan_configurations(plan), sizeof *outputs);
  double *values = calloc(civ_sweep_plan_replicates(plan), sizeof *values);
  const civ_status status = s->sensitivity != NULL && outputs != NULL && values != NULL
                                ? analyse_all(s, outputs, values, err)
                                : no_memory(err);
  free(outputs);
  free(values);
  return status;
}

/* --- the whole ---------------------------------------------------------------------------------------------------------------------- */

static void count_runs(const civ_sweep_rows *rows, uint64_t configuration, civ_sweep_group *g)
{
  const uint64_t n = civ_sweep_plan_replicates(civ_sweep_rows_plan(rows));
  *g = (civ_sweep_group){ .configuration = configuration };
  for (uint64_t k = 0; k < n; k++) {
    const civ_sweep_row row = civ_sweep_rows_at(rows, configuration * n + k);
    g->n_runs += row.state == CIV_SWEEP_DONE;
    g->n_failed += row.state == CIV_SWEEP_FAILED;
  }
}

static civ_status make_groups(civ_sweep_summary *s, civ_error *err)
{
  const uint64_t n = civ_sweep_plan_configurations(civ_sweep_rows_plan(s->rows));
  s->groups = civ_arena_take(&s->arena, n, sizeof *s->groups);
  if (s->groups == NULL)
    return no_memory(err);
  for (uint64_t c = 0; c < n; c++) {
    civ_sweep_group *g = &s->groups[s->n_groups];
    count_runs(s->rows, c, g);
    if (g->n_runs + g->n_failed == 0)
      continue;
    g->estimates = civ_arena_take(&s->arena, spec_of(s)->n_metrics, sizeof *g->estimates);
    if (g->estimates == NULL)
      return no_memory(err);
    s->n_runs += g->n_runs;
    s->n_failed += g->n_failed;
    s->n_groups++;
  }
  return CIV_OK;
}

civ_status civ_sweep_summarise(const civ_sweep_rows *rows, uint32_t threads, civ_sweep_summary **out, civ_error *err)
{
  civ_sweep_summary *s = calloc(1, sizeof *s);
  if (s == NULL)
    return no_memory(err);
  s->rows = rows;
  s->arena = civ_arena_create(NULL);
  const civ_sweep_spec *spec = spec_of(s);
  s->compares = spec->has_seed_base && (spec->design == CIV_SWEEP_GRID || spec->baseline != NULL);
  s->paired = spec->seed_mode == CIV_SWEEP_COMMON;
  civ_status status = make_groups(s, err);
  if (status == CIV_OK)
    status = estimate_all(s, threads, err);
  if (status == CIV_OK)
    status = correct(s, err);
  if (status == CIV_OK)
    status = find_sensitivity(s, err);
  if (status == CIV_OK)
    *out = s;
  else
    civ_sweep_summary_destroy(s);
  return status;
}

void civ_sweep_summary_destroy(civ_sweep_summary *summary)
{
  if (summary == NULL)
    return;
  civ_arena_destroy(&summary->arena);
  free(summary);
}
