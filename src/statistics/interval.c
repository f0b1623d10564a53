#include "statistics/interval.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "civitas/draws.h"
#include "statistics/statistics.h"

const char *const civ_interval_method_names[] = { "none", "student", "studentised", "order", "wilson" };

static const civ_interval no_interval = { CIV_INTERVAL_NONE, 0.0, 0.0 };

static civ_interval around(civ_interval_method method, double centre, double half)
{
  return (civ_interval){ method, centre - half, centre + half };
}

/* --- from summaries ----------------------------------------------------------------------------------------------- */

civ_interval civ_interval_student(const civ_summary *s, double level)
{
  if (s->n < 2)
    return no_interval;
  return around(CIV_INTERVAL_STUDENT, s->mean, s->sd > 0 ? civ_student_half_width(s->sd, s->n, level) : 0.0);
}

civ_welch civ_welch_difference(const civ_summary *a, const civ_summary *b)
{
  const double part_a = a->sd * a->sd / (double)a->n, part_b = b->sd * b->sd / (double)b->n, both = part_a + part_b;
  civ_welch w = { .difference = b->mean - a->mean, .standard_error = sqrt(both) };
  if (both > 0) { /* in shares of the whole, so that nothing under- or overflows */
    const double share_a = part_a / both, share_b = part_b / both;
    w.df = 1.0 / (share_a * share_a / (double)(a->n - 1) + share_b * share_b / (double)(b->n - 1));
  }
  return w;
}

civ_interval civ_interval_welch(const civ_summary *a, const civ_summary *b, double level)
{
  if (a->n < 2 || b->n < 2)
    return no_interval;
  const civ_welch w = civ_welch_difference(a, b);
  const double t = w.df > 0 ? gsl_cdf_tdist_Pinv(0.5 + level / 2.0, w.df) : 0.0;
  return around(CIV_INTERVAL_STUDENT, w.difference, t * w.standard_error);
}

/* --- studentised bootstrap ---------------------------------------------------------------------------------------- */

civ_bootstrap civ_bootstrap_default(uint64_t seed)
{
  return (civ_bootstrap){ .level = 0.95, .resamples = CIV_BOOTSTRAP_RESAMPLES, .seed = seed };
}

civ_status civ_bootstrap_check(const civ_bootstrap *options, civ_error *err)
{
  if (!(options->level > 0 && options->level < 1))
    return civ_fail(err, CIV_E_RANGE, "bootstrap.level", "%g is not between 0 and 1; 0.95 is usual", options->level);
  if (options->resamples < 99 || options->resamples > 1000000)
    return civ_fail(err, CIV_E_RANGE, "bootstrap.resamples", "%u is outside [99, 1000000]; %d is usual",
                    options->resamples, CIV_BOOTSTRAP_RESAMPLES);
  return CIV_OK;
}

/* One sample, as it is resampled: its values less their mean, which keeps the sums of a resample small and exact. */
typedef struct side {
  civ_summary s;
  double *centred;
  uint64_t room; /* values asked for at first */
} side;

static civ_status side_open(side *x, const double *values, uint64_t n, const civ_allocator *a, civ_error *err)
{
  *x = (side){ .room = n };
  if (n > UINT32_MAX)
    return civ_fail(err, CIV_E_LIMIT, "bootstrap", "%llu values are more than 2^32 - 1", (unsigned long long)n);
  x->centred = civ_zeroed(a, n, sizeof *x->centred);
  if (x->centred == NULL)
    return civ_fail(err, CIV_E_NOMEM, "bootstrap", "no memory for %llu values", (unsigned long long)n);
  if (n > 0)
    memcpy(x->centred, values, n * sizeof *values);
  x->s = civ_summarise(x->centred, n); /* sorts: the result does not depend on the order of runs */
  for (uint64_t i = 0; i < x->s.n; i++)
    x->centred[i] -= x->s.mean;
  return CIV_OK;
}

static void side_close(side *x, const civ_allocator *a)
{
  civ_release(a, x->centred, (x->room > 0 ? x->room : 1) * (x->room > 0 ? sizeof *x->centred : 1));
}

/* Mean of a resample, less the sample's, and the square of its standard error: 0 if all values drawn are equal. */
static double resample(const side *x, civ_draws *draws, double *square)
{
  const uint32_t n = (uint32_t)x->s.n;
  double sum = 0, squares = 0;
  bool differ = false;
  const double first = x->centred[civ_draw_index(draws, n)];
  sum = first, squares = first * first;
  for (uint32_t i = 1; i < n; i++) {
    const double d = x->centred[civ_draw_index(draws, n)];
    differ |= d != first;
    sum += d;
    squares += d * d;
  }
  const double mean = sum / n, variance = (squares - sum * mean) / (n - 1.0);
  *square = differ && variance > 0 ? variance / n : 0.0;
  return mean;
}

/* Distance of one resample in its own standard errors. Without spread it is infinitely far on its side. */
static double distance(double difference, double square)
{
  if (square > 0)
    return difference / sqrt(square);
  return difference > 0 ? (double)INFINITY : difference < 0 ? -(double)INFINITY : 0.0;
}

/* estimate = mean of the last side (less that of the first, if there are two). */
static civ_status studentise(const side *sides, uint32_t n_sides, const civ_bootstrap *options, double estimate,
                             double standard_error, civ_interval *out, civ_error *err)
{
  const civ_allocator *a = options->allocator != NULL ? options->allocator : &civ_allocator_malloc;
  const uint32_t resamples = options->resamples;
  double *t = civ_zeroed(a, resamples, sizeof *t);
  if (t == NULL)
    return civ_fail(err, CIV_E_NOMEM, "bootstrap", "no memory for %u resamples", resamples);
  for (uint32_t b = 0; b < resamples; b++) {
    double difference = 0, square = 0;
    for (uint32_t k = 0; k < n_sides; k++) {
      const civ_draw_key key = {
        .purpose = CIV_PURPOSE_BOOTSTRAP, .entity = options->entity, .other = options->other, .ordinal = b, .epoch = k
      };
      civ_draws draws = civ_draws_open(options->seed, &key);
      double own;
      const double mean = resample(&sides[k], &draws, &own);
      difference += k + 1 == n_sides ? mean : -mean;
      square += own;
    }
    t[b] = distance(difference, square);
  }
  *out = civ_studentised_ends(t, resamples, options->level, estimate, standard_error);
  civ_release(a, t, resamples * sizeof *t);
  return CIV_OK;
}

civ_interval civ_studentised_ends(double *t, uint32_t resamples, double level, double estimate, double standard_error)
{
  qsort(t, resamples, sizeof *t, civ_compare_reals);
  /* The little that is added makes 0.025 x 2000 the 50 it is meant to be. */
  const double rank = floor((resamples + 1.0) * (1.0 - level) / 2.0 + 1e-9);
  const uint32_t k = rank >= 1 ? (uint32_t)rank : 1;
  const double low = t[k - 1], high = t[resamples - k];
  if (!isfinite(low) || !isfinite(high))
    return no_interval;
  return (civ_interval){ CIV_INTERVAL_STUDENTISED, estimate - high * standard_error, estimate - low * standard_error };
}

static civ_status bootstrap_one(const side *x, const civ_bootstrap *options, civ_interval *out, civ_error *err)
{
  const civ_interval student = civ_interval_student(&x->s, options->level);
  civ_interval found = no_interval;
  if (x->s.n >= CIV_BOOTSTRAP_LEAST && x->s.sd > 0) {
    const civ_status status = studentise(x, 1, options, x->s.mean, x->s.sd / sqrt((double)x->s.n), &found, err);
    if (status != CIV_OK)
      return status;
  }
  *out = found.method != CIV_INTERVAL_NONE ? found : student;
  return CIV_OK;
}

civ_status civ_interval_bootstrap(const double *values, uint64_t n, const civ_bootstrap *options, civ_interval *out,
                                  civ_error *err)
{
  const civ_allocator *a = options->allocator != NULL ? options->allocator : &civ_allocator_malloc;
  civ_status status = civ_bootstrap_check(options, err);
  if (status != CIV_OK)
    return status;
  side x;
  status = side_open(&x, values, n, a, err);
  if (status == CIV_OK)
    status = bootstrap_one(&x, options, out, err);
  side_close(&x, a);
  return status;
}

static civ_status bootstrap_two(const side sides[2], const civ_bootstrap *options, civ_interval *out, civ_error *err)
{
  const civ_summary *a = &sides[0].s, *b = &sides[1].s;
  civ_interval found = no_interval;
  if (a->n >= CIV_BOOTSTRAP_LEAST && b->n >= CIV_BOOTSTRAP_LEAST && (a->sd > 0 || b->sd > 0)) {
    const civ_welch w = civ_welch_difference(a, b);
    const civ_status status = studentise(sides, 2, options, w.difference, w.standard_error, &found, err);
    if (status != CIV_OK)
      return status;
  }
  *out = found.method != CIV_INTERVAL_NONE ? found : civ_interval_welch(a, b, options->level);
  return CIV_OK;
}

civ_status civ_interval_bootstrap_two(const double *a, uint64_t n_a, const double *b, uint64_t n_b,
                                      const civ_bootstrap *options, civ_interval *out, civ_error *err)
{
  const civ_allocator *allocator = options->allocator != NULL ? options->allocator : &civ_allocator_malloc;
  civ_status status = civ_bootstrap_check(options, err);
  if (status != CIV_OK)
    return status;
  side sides[2] = { 0 };
  status = side_open(&sides[0], a, n_a, allocator, err);
  if (status == CIV_OK)
    status = side_open(&sides[1], b, n_b, allocator, err);
  if (status == CIV_OK)
    status = bootstrap_two(sides, options, out, err);
  side_close(&sides[1], allocator);
  side_close(&sides[0], allocator);
  return status;
}

/* --- order statistics and shares ---------------------------------------------------------------------------------- */

/* How many of k = 0, 1, ... n have P(Binomial(n, q) <= k) <= tail: they come first. */
static uint64_t ranks_below(uint64_t n, double q, double tail)
{
  uint64_t low = 0, high = n; /* at n the probability is 1 */
  while (low < high) {
    const uint64_t middle = low + (high - low) / 2;
    if (gsl_cdf_binomial_P((unsigned)middle, q, (unsigned)n) <= tail)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

civ_interval civ_interval_quantile(const double *sorted, uint64_t n, double q, double level)
{
  if (n < 2 || n > UINT32_MAX)
    return no_interval;
  const double tail = (1.0 - level) / 2.0;
  /* Counted from either end: P(Binomial(n, q) >= u) is that of Binomial(n, 1 - q) <= n - u. */
  const uint64_t below = ranks_below(n, q, tail), above = ranks_below(n, 1.0 - q, tail);
  if (below == 0 || above == 0 || below + above > n)
    return no_interval;
  return (civ_interval){ CIV_INTERVAL_ORDER, sorted[below - 1], sorted[n - above] };
}

civ_interval civ_interval_share(uint64_t hits, uint64_t n, double level)
{
  if (n == 0)
    return no_interval;
  const double z = gsl_cdf_ugaussian_Pinv(0.5 + level / 2.0), tries = (double)n, p = (double)hits / tries;
  const double scale = 1.0 + z * z / tries, centre = (p + z * z / (2.0 * tries)) / scale;
  const double half = z * sqrt(p * (1.0 - p) / tries + z * z / (4.0 * tries * tries)) / scale;
  civ_interval interval = around(CIV_INTERVAL_WILSON, centre, half);
  if (hits == 0 || interval.low < 0)
    interval.low = 0;
  if (hits == n || interval.high > 1)
    interval.high = 1;
  return interval;
}
