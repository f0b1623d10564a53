#include "statistics/paired.h"

#include <float.h>
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "statistics/statistics.h"

/* Spread of this size, relative to the largest value, is what rounding makes of equal values. */
static double rounding_of(const double *values, uint64_t n)
{
  double largest = 0;
  for (uint64_t i = 0; i < n; i++)
    if (isfinite(values[i]))
      largest = fmax(largest, fabs(values[i]));
  return 4.0 * DBL_EPSILON * largest;
}

static double two_sided(double t, double df)
{
  return fmin(1.0, 2.0 * gsl_cdf_tdist_Q(fabs(t), df));
}

/* ln Gamma; the plain function writes to a global variable. */
static double log_gamma(double x)
{
  int sign;
  return lgamma_r(x, &sign);
}

/* Hedges' exact factor J(m) against the bias of d. ln Gamma loses digits as m grows; the series of Gamma(y + 1/2) /
 * Gamma(y) gains them (to the last bit from y = 500). */
static double unbiasing(double m)
{
  if (m <= 1000)
    return exp(log_gamma(m / 2) - log_gamma((m - 1) / 2)) / sqrt(m / 2);
  const double y = 4.0 * (m - 1);
  return sqrt((m - 1) / m) * (1 + (-1 + (0.5 + 2.5 / y) / y) / y);
}

/* 2 / C(n_a + n_b, n_a): how often chance alone would put all equal values on the one side and all others on the other.
 */
static double parted_by_chance(uint64_t n_a, uint64_t n_b)
{
  const double a = (double)n_a, b = (double)n_b;
  return fmin(1.0, 2.0 * exp(log_gamma(a + 1) + log_gamma(b + 1) - log_gamma(a + b + 1)));
}

static double power_of_half(uint64_t n)
{
  return n > 1000 ? 0.0 : ldexp(1.0, -(int)n);
}

/* --- paired ------------------------------------------------------------------------------------------------------- */

/* The pairs that are complete: their values to kept_a and kept_b, their differences to d. */
static void keep_pairs(const double *a, const double *b, uint64_t n, double *kept_a, double *kept_b, double *d,
                       civ_difference *c)
{
  for (uint64_t i = 0; i < n; i++) {
    const bool has_a = isfinite(a[i]), has_b = isfinite(b[i]);
    if (has_a && has_b) {
      kept_a[c->n] = a[i];
      kept_b[c->n] = b[i];
      d[c->n++] = b[i] - a[i];
    } else if (has_a) {
      c->only_a++;
    } else if (has_b) {
      c->only_b++;
    } else {
      c->neither++;
    }
  }
  c->n_a = c->n_b = c->n;
}

/* What the differences say; s is their summary, d their values in ascending order. */
static civ_status judge_pairs(civ_difference *c, civ_summary *s, const double *d, double rounding,
                              const civ_bootstrap *options, civ_error *err)
{
  const bool spread = s->n >= 2 && d[s->n - 1] - d[0] > rounding;
  if (!spread)
    s->sd = 0;
  c->difference = s->mean;
  c->sd = s->sd;
  c->p = 1;
  c->tested = s->n >= 2;
  c->student = c->studentised = civ_interval_student(s, options->level);
  if (!c->tested)
    return CIV_OK;
  if (!spread) {
    if (fabs(s->mean) > rounding)
      c->p = power_of_half(s->n - 1);
    return CIV_OK;
  }
  c->standard_error = s->sd / sqrt((double)s->n);
  c->t = s->mean / c->standard_error;
  c->df = (double)(s->n - 1);
  c->p = two_sided(c->t, c->df);
  c->has_effect = true;
  c->effect = s->mean / s->sd;
  return civ_interval_bootstrap(d, s->n, options, &c->studentised, err);
}

civ_status civ_compare_paired(const double *a, const double *b, uint64_t n, const civ_bootstrap *options,
                              civ_difference *out, civ_error *err)
{
  const civ_allocator *allocator = options->allocator != NULL ? options->allocator : &civ_allocator_malloc;
  civ_status status = civ_bootstrap_check(options, err);
  if (status != CIV_OK)
    return status;
  const uint64_t room = n > 0 ? n : 1;
  double *kept = room > SIZE_MAX / 3 ? NULL : civ_zeroed(allocator, 3 * room, sizeof *kept);
  if (kept == NULL)
    return civ_fail(err, CIV_E_NOMEM, "comparison", "no memory for %llu pairs", (unsigned long long)n);
  double *kept_a = kept, *kept_b = kept + room, *d = kept + 2 * room;
  civ_difference c = { .paired = true };
  keep_pairs(a, b, n, kept_a, kept_b, d, &c);
  const double rounding = fmax(rounding_of(kept_a, c.n), rounding_of(kept_b, c.n));
  c.mean_a = civ_mean(kept_a, c.n);
  c.mean_b = civ_mean(kept_b, c.n);
  civ_summary s = civ_summarise(d, c.n);
  status = judge_pairs(&c, &s, d, rounding, options, err);
  civ_release(allocator, kept, 3 * room * sizeof *kept);
  if (status == CIV_OK)
    *out = c;
  return status;
}

/* --- unpaired ----------------------------------------------------------------------------------------------------- */

/* Summary of the values that count; spread that is only rounding is none. */
static civ_status summarise_side(const double *values, uint64_t n, const civ_allocator *a, civ_summary *out,
                                 double *rounding, civ_error *err)
{
  const uint64_t room = n > 0 ? n : 1;
  double *kept = civ_zeroed(a, room, sizeof *kept);
  if (kept == NULL)
    return civ_fail(err, CIV_E_NOMEM, "comparison", "no memory for %llu values", (unsigned long long)n);
  if (n > 0)
    memcpy(kept, values, n * sizeof *kept);
  *out = civ_summarise(kept, n);
  *rounding = rounding_of(kept, out->n);
  if (out->n > 0 && kept[out->n - 1] - kept[0] <= *rounding)
    out->sd = 0;
  civ_release(a, kept, room * sizeof *kept);
  return CIV_OK;
}

/* Everything but the bootstrap. */
static void judge_sides(civ_difference *c, const civ_summary *a, const civ_summary *b, double rounding, double level)
{
  c->n_a = a->n;
  c->n_b = b->n;
  c->mean_a = a->mean;
  c->mean_b = b->mean;
  c->difference = a->n > 0 && b->n > 0 ? b->mean - a->mean : 0;
  c->p = 1;
  c->tested = a->n >= 2 && b->n >= 2;
  c->student = c->studentised = civ_interval_welch(a, b, level);
  if (!c->tested)
    return;
  const civ_welch w = civ_welch_difference(a, b);
  const double free_a = (double)(a->n - 1), free_b = (double)(b->n - 1);
  c->standard_error = w.standard_error;
  c->df = w.df;
  if (!(w.df > 0)) {
    if (fabs(c->difference) > rounding)
      c->p = parted_by_chance(a->n, b->n);
    return;
  }
  c->t = c->difference / w.standard_error;
  c->p = two_sided(c->t, c->df);
  c->sd = sqrt((free_a * a->sd * a->sd + free_b * b->sd * b->sd) / (free_a + free_b));
  c->has_effect = true;
  c->effect = unbiasing(free_a + free_b) * c->difference / c->sd;
}

civ_status civ_compare_unpaired(const double *a, uint64_t n_a, const double *b, uint64_t n_b,
                                const civ_bootstrap *options, civ_difference *out, civ_error *err)
{
  const civ_allocator *allocator = options->allocator != NULL ? options->allocator : &civ_allocator_malloc;
  civ_status status = civ_bootstrap_check(options, err);
  civ_summary of_a, of_b;
  double rounding_a, rounding_b;
  if (status == CIV_OK)
    status = summarise_side(a, n_a, allocator, &of_a, &rounding_a, err);
  if (status == CIV_OK)
    status = summarise_side(b, n_b, allocator, &of_b, &rounding_b, err);
  if (status != CIV_OK)
    return status;
  civ_difference c = { .only_a = n_b - of_b.n, .only_b = n_a - of_a.n };
  judge_sides(&c, &of_a, &of_b, fmax(rounding_a, rounding_b), options->level);
  if (c.has_effect)
    status = civ_interval_bootstrap_two(a, n_a, b, n_b, options, &c.studentised, err);
  if (status == CIV_OK)
    *out = c;
  return status;
}
