#include "statistics/sensitivity.h"

#include <math.h>

#include "base/memory.h"
#include "civitas/draws.h"
#include "statistics/statistics.h"

/* --- Sobol indices: the plan -------------------------------------------------------------------------------------- */

civ_status civ_indices_plan_size(uint64_t n, uint32_t k, uint64_t *out, civ_error *err)
{
  if (k == 0)
    return civ_fail(err, CIV_E_RANGE, "sensitivity", "no parameter; give at least one");
  if (k > CIV_INDICES_PARAMETERS)
    return civ_fail(err, CIV_E_LIMIT, "sensitivity",
                    "Sobol indices take up to %d parameters, not %u; screen with Morris first, it takes any number",
                    CIV_INDICES_PARAMETERS, k);
  if (n < 2)
    return civ_fail(err, CIV_E_RANGE, "sensitivity", "%llu base rows say nothing; take a power of two, such as 512",
                    (unsigned long long)n);
  if (n > civ_design_most / (k + 2))
    return civ_fail(err, CIV_E_LIMIT, "sensitivity", "%llu base rows of %u points are more than %llu points",
                    (unsigned long long)n, k + 2, (unsigned long long)civ_design_most);
  *out = n * (k + 2);
  return CIV_OK;
}

civ_status civ_indices_plan(uint64_t n, uint32_t k, uint64_t seed, double *points, civ_error *err)
{
  uint64_t size;
  civ_status status = civ_indices_plan_size(n, k, &size, err);
  if (status != CIV_OK)
    return status;
  /* Base rows of 2k numbers fit into the plan's k (k + 2) per row; spread from the last row, each is read before it is
   * written over. */
  status = civ_sobol_points(0, n, 2 * k, true, seed, points, err);
  if (status != CIV_OK)
    return status;
  for (uint64_t r = n; r-- > 0;) {
    double base[2 * CIV_INDICES_PARAMETERS] = { 0 };
    for (uint32_t i = 0; i < 2 * k; i++)
      base[i] = points[r * 2 * k + i];
    double *row = points + r * (k + 2) * k;
    for (uint32_t point = 0; point < k + 2; point++)
      for (uint32_t i = 0; i < k; i++)
        row[point * k + i] = point == 1 || point == i + 2 ? base[k + i] : base[i];
  }
  return CIV_OK;
}

/* --- Sobol indices: the analysis ---------------------------------------------------------------------------------- */

/* What the base rows add to the numerators and to the variance, in columns. */
typedef struct rows {
  uint64_t n;
  uint32_t k;
  double *variance;  /* [n] */
  double *numerator; /* [2 k][n]: of the first-order indices, then of the total ones */
} rows;

static bool complete(const double *block, uint32_t k)
{
  for (uint32_t i = 0; i < k + 2; i++)
    if (!isfinite(block[i]))
      return false;
  return true;
}

static void collect(rows *x, const double *outputs, uint64_t n, double mean)
{
  uint64_t row = 0;
  for (uint64_t r = 0; r < n; r++) {
    const double *block = outputs + r * (x->k + 2);
    if (!complete(block, x->k))
      continue;
    const double a = block[0] - mean, b = block[1] - mean;
    x->variance[row] = (a * a + b * b) / 2.0;
    for (uint32_t i = 0; i < x->k; i++) {
      const double mixed = block[i + 2] - mean;
      x->numerator[i * x->n + row] = b * (mixed - a);
      x->numerator[(x->k + i) * x->n + row] = (a - mixed) * (a - mixed) / 2.0;
    }
    row++;
  }
}

/* Moments of two columns over chosen rows: enough for their ratio and its standard error. */
typedef struct ratio {
  double value;  /* mean of x / mean of v */
  double square; /* of the standard error, by the delta method: var(x - value v) / (n mean(v)^2); 0 without spread */
} ratio;

static ratio ratio_of(const double *x, const double *v, const uint32_t *chosen, uint64_t n)
{
  double sum_x = 0, sum_v = 0, xx = 0, xv = 0, vv = 0;
  for (uint64_t j = 0; j < n; j++) {
    const uint64_t r = chosen[j];
    sum_x += x[r];
    sum_v += v[r];
    xx += x[r] * x[r];
    xv += x[r] * v[r];
    vv += v[r] * v[r];
  }
  ratio out = { 0 };
  if (!(sum_v > 0))
    return out;
  out.value = sum_x / sum_v;
  /* The mean of x - value v is 0, so its variance is the mean of its square. */
  const double spread = xx - 2.0 * out.value * xv + out.value * out.value * vv;
  out.square = spread > 0 && n > 1 ? spread / (sum_v * sum_v) * ((double)n / (double)(n - 1)) : 0.0;
  return out;
}

/* Memory of one analysis. */
typedef struct workshop {
  double *columns;  /* (2 k + 1) n */
  double *t;        /* 2 k B */
  uint32_t *chosen; /* n */
  size_t n_columns, n_t, n_chosen;
} workshop;

static civ_status workshop_open(workshop *w, uint64_t n, uint32_t k, uint32_t resamples, const civ_allocator *a,
                                civ_error *err)
{
  *w = (workshop){ .n_columns = (2 * k + 1) * n, .n_t = (size_t)2 * k * resamples, .n_chosen = n };
  w->columns = civ_zeroed(a, w->n_columns, sizeof *w->columns);
  w->t = civ_zeroed(a, w->n_t, sizeof *w->t);
  w->chosen = civ_zeroed(a, w->n_chosen, sizeof *w->chosen);
  if (w->columns == NULL || w->t == NULL || w->chosen == NULL)
    return civ_fail(err, CIV_E_NOMEM, "sensitivity", "no memory for %llu rows", (unsigned long long)n);
  return CIV_OK;
}

static void workshop_close(workshop *w, const civ_allocator *a)
{
  civ_release(a, w->columns, w->n_columns * sizeof *w->columns);
  civ_release(a, w->t, w->n_t * sizeof *w->t);
  civ_release(a, w->chosen, w->n_chosen * sizeof *w->chosen);
}

/* t* of every index over all resamples, index by index. One choice of rows serves all indices. */
static void resample_rows(const rows *x, const ratio *found, const civ_bootstrap *options, workshop *w)
{
  for (uint32_t b = 0; b < options->resamples; b++) {
    const civ_draw_key key = {
      .purpose = CIV_PURPOSE_BOOTSTRAP, .entity = options->entity, .other = options->other, .ordinal = b
    };
    civ_draws draws = civ_draws_open(options->seed, &key);
    for (uint64_t j = 0; j < x->n; j++)
      w->chosen[j] = civ_draw_index(&draws, (uint32_t)x->n);
    for (uint32_t i = 0; i < 2 * x->k; i++) {
      const ratio r = ratio_of(x->numerator + i * x->n, x->variance, w->chosen, x->n);
      const double difference = r.value - found[i].value;
      w->t[(size_t)i * options->resamples + b] = r.square > 0      ? difference / sqrt(r.square)
                                                 : difference == 0 ? 0.0
                                                                   : copysign((double)INFINITY, difference);
    }
  }
}

static civ_index index_of(const ratio *r, double *t, uint64_t n, const civ_bootstrap *options)
{
  civ_index index = { .value = r->value };
  const double se = sqrt(r->square);
  if (se > 0 && n >= CIV_BOOTSTRAP_LEAST)
    index.interval = civ_studentised_ends(t, options->resamples, options->level, r->value, se);
  if (index.interval.method == CIV_INTERVAL_NONE && n >= 2) {
    const double half = se > 0 ? civ_student_half_width(se * sqrt((double)n), n, options->level) : 0.0;
    index.interval = (civ_interval){ CIV_INTERVAL_STUDENT, r->value - half, r->value + half };
  }
  return index;
}

/* Mean and variance of the output over A and B of complete rows; `values` holds 2 n numbers. */
static void moments_of(const double *outputs, uint64_t n, uint32_t k, double *values, civ_indices *out)
{
  uint64_t found = 0;
  for (uint64_t r = 0; r < n; r++) {
    const double *block = outputs + r * (k + 2);
    if (!complete(block, k))
      continue;
    values[found++] = block[0];
    values[found++] = block[1];
  }
  out->n = found / 2;
  out->missing = n - out->n;
  out->mean = civ_mean(values, found);
  const double sd = civ_population_sd(values, found);
  out->variance = sd * sd;
  out->defined = out->n >= 2 && out->variance > 0;
}

static void analyse(const double *outputs, uint64_t n, uint32_t k, const civ_bootstrap *options, workshop *w,
                    civ_indices *out, civ_index *first, civ_index *total)
{
  moments_of(outputs, n, k, w->columns, out);
  for (uint32_t i = 0; i < k; i++)
    first[i] = total[i] = (civ_index){ 0 };
  if (!out->defined)
    return;
  rows x = { .n = out->n, .k = k, .variance = w->columns, .numerator = w->columns + out->n };
  collect(&x, outputs, n, out->mean);
  for (uint64_t j = 0; j < x.n; j++)
    w->chosen[j] = (uint32_t)j;
  ratio found[2 * CIV_INDICES_PARAMETERS];
  for (uint32_t i = 0; i < 2 * k; i++)
    found[i] = ratio_of(x.numerator + i * x.n, x.variance, w->chosen, x.n);
  resample_rows(&x, found, options, w);
  for (uint32_t i = 0; i < k; i++) {
    first[i] = index_of(&found[i], w->t + (size_t)i * options->resamples, x.n, options);
    total[i] = index_of(&found[k + i], w->t + (size_t)(k + i) * options->resamples, x.n, options);
  }
}

civ_status civ_indices_analyse(const double *outputs, uint64_t n, uint32_t k, const civ_bootstrap *options,
                               civ_indices *out, civ_index *first, civ_index *total, civ_error *err)
{
  const civ_allocator *a = options->allocator != NULL ? options->allocator : &civ_allocator_malloc;
  uint64_t size;
  civ_status status = civ_bootstrap_check(options, err);
  if (status == CIV_OK)
    status = civ_indices_plan_size(n, k, &size, err);
  if (status != CIV_OK)
    return status;
  workshop w;
  status = workshop_open(&w, n, k, options->resamples, a, err);
  if (status == CIV_OK)
    analyse(outputs, n, k, options, &w, out, first, total);
  workshop_close(&w, a);
  return status;
}
