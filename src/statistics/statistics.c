#include "statistics/statistics.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

int civ_compare_reals(const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Neumaier's sum: the error of every addition is kept beside the total. */
typedef struct sum {
  double total, lost;
} sum;

static void sum_add(sum *s, double x)
{
  const double t = s->total + x;
  s->lost += fabs(s->total) >= fabs(x) ? (s->total - t) + x : (x - t) + s->total;
  s->total = t;
}

static double sum_value(const sum *s)
{
  const double value = s->total + s->lost;
  return isfinite(value) ? value : s->total;
}

double civ_sum(const double *values, uint64_t n)
{
  sum s = { 0 };
  for (uint64_t i = 0; i < n; i++)
    sum_add(&s, values[i]);
  return sum_value(&s);
}

double civ_mean(const double *values, uint64_t n)
{
  return n > 0 ? civ_sum(values, n) / (double)n : 0.0;
}

static double sum_of_squares(const double *values, uint64_t n, double mean)
{
  sum s = { 0 };
  for (uint64_t i = 0; i < n; i++)
    sum_add(&s, (values[i] - mean) * (values[i] - mean));
  return sum_value(&s);
}

/* Equal values have no spread; their mean may be off by a rounding and would give them one. */
static bool all_equal(const double *values, uint64_t n)
{
  for (uint64_t i = 1; i < n; i++)
    if (values[i] != values[0])
      return false;
  return true;
}

double civ_population_sd(const double *values, uint64_t n)
{
  return all_equal(values, n) ? 0.0 : sqrt(sum_of_squares(values, n, civ_mean(values, n)) / (double)n);
}

double civ_quantile(const double *sorted, uint64_t n, double q)
{
  const double rank = q * (double)(n - 1), below = floor(rank);
  const uint64_t k = (uint64_t)below;
  if (k + 1 >= n)
    return sorted[n - 1];
  return sorted[k] + (rank - below) * (sorted[k + 1] - sorted[k]);
}

double civ_student_half_width(double sd, uint64_t n, double level)
{
  return gsl_cdf_tdist_Pinv(0.5 + level / 2.0, (double)(n - 1)) * sd / sqrt((double)n);
}

civ_summary civ_summarise(double *values, uint64_t n)
{
  civ_summary s = { 0 };
  for (uint64_t i = 0; i < n; i++)
    if (isfinite(values[i]))
      values[s.n++] = values[i];
  if (s.n == 0)
    return s;
  qsort(values, s.n, sizeof *values, civ_compare_reals);
  s.mean = all_equal(values, s.n) ? values[0] : civ_mean(values, s.n);
  s.q05 = civ_quantile(values, s.n, 0.05);
  s.q25 = civ_quantile(values, s.n, 0.25);
  s.q50 = civ_quantile(values, s.n, 0.5);
  s.q75 = civ_quantile(values, s.n, 0.75);
  s.q95 = civ_quantile(values, s.n, 0.95);
  s.low = s.high = s.mean;
  if (s.n >= 2) {
    s.spread = true;
    s.sd = all_equal(values, s.n) ? 0.0 : sqrt(sum_of_squares(values, s.n, s.mean) / (double)(s.n - 1));
    const double half = civ_student_half_width(s.sd, s.n, 0.95);
    s.low = s.mean - half;
    s.high = s.mean + half;
  }
  return s;
}

double civ_gini(double *values, uint64_t n)
{
  if (n < 2)
    return 0.0;
  qsort(values, n, sizeof *values, civ_compare_reals);
  sum differences = { 0 }, size = { 0 };
  for (uint64_t i = 0; i < n; i++) {
    sum_add(&differences, (2.0 * (double)(i + 1) - (double)n - 1.0) * values[i]);
    sum_add(&size, fabs(values[i]));
  }
  const double scale = (double)n * sum_value(&size);
  if (!(scale > 0))
    return 0.0;
  const double gini = sum_value(&differences) / scale;
  return gini < 0.0 ? 0.0 : gini > 1.0 ? 1.0 : gini;
}

void civ_rolling_average(const double *values, uint64_t n, uint64_t window, double *out)
{
  if (n < window) {
    memmove(out, values, n * sizeof *out);
    return;
  }
  for (uint64_t i = n; i-- > 0;) { /* backwards, so that `out` may be `values` */
    const uint64_t length = i + 1 < window ? i + 1 : window;
    out[i] = civ_mean(values + i + 1 - length, length);
  }
}

void civ_trend(const double *at, const double *values, uint64_t n, double *slope, double *r_squared)
{
  *slope = *r_squared = 0.0;
  if (n < 2 || all_equal(at, n))
    return;
  if (all_equal(values, n)) {
    *r_squared = 1.0;
    return;
  }
  const double mean_x = civ_mean(at, n), mean_y = civ_mean(values, n);
  sum xx = { 0 }, xy = { 0 }, yy = { 0 };
  for (uint64_t i = 0; i < n; i++) {
    sum_add(&xx, (at[i] - mean_x) * (at[i] - mean_x));
    sum_add(&xy, (at[i] - mean_x) * (values[i] - mean_y));
    sum_add(&yy, (values[i] - mean_y) * (values[i] - mean_y));
  }
  *slope = sum_value(&xy) / sum_value(&xx);
  sum residual = { 0 };
  for (uint64_t i = 0; i < n; i++) {
    const double miss = values[i] - mean_y - *slope * (at[i] - mean_x);
    sum_add(&residual, miss * miss);
  }
  *r_squared = 1.0 - sum_value(&residual) / sum_value(&yy);
}
