#include "statistics/stopping.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

#include "statistics/statistics.h"

civ_stopping civ_stopping_default(double width)
{
  return (civ_stopping){ .width = width, .level = 0.95, .least = 30, .most = 10000, .batch = 10 };
}

civ_status civ_stopping_check(const civ_stopping *rule, civ_error *err)
{
  if (!(rule->width > 0 && isfinite(rule->width)))
    return civ_fail(err, CIV_E_RANGE, "stopping.width", "%g is no half-width of an interval; it must be above 0",
                    rule->width);
  if (!(rule->level > 0 && rule->level < 1))
    return civ_fail(err, CIV_E_RANGE, "stopping.level", "%g is not between 0 and 1; 0.95 is usual", rule->level);
  if (rule->least < 2)
    return civ_fail(err, CIV_E_RANGE, "stopping.least", "%llu runs have no spread; at least 2 are needed",
                    (unsigned long long)rule->least);
  if (rule->most < rule->least)
    return civ_fail(err, CIV_E_RANGE, "stopping.most", "%llu runs at most are fewer than the %llu at least",
                    (unsigned long long)rule->most, (unsigned long long)rule->least);
  if (rule->batch == 0)
    return civ_fail(err, CIV_E_RANGE, "stopping.batch", "a batch of 0 runs never ends; it must be at least 1");
  return CIV_OK;
}

/* Mean and sum of squared distances of the values so far (Welford 1962): one pass serves all looks. */
typedef struct moments {
  uint64_t n;
  double mean, squares;
} moments;

static void moments_add(moments *m, double x)
{
  if (!isfinite(x))
    return;
  const double d = x - m->mean;
  m->n++;
  m->mean += d / (double)m->n;
  m->squares += d * (x - m->mean);
}

static double standard_error(const moments *m)
{
  return sqrt(m->squares / (double)(m->n - 1) / (double)m->n);
}

static double half_width(const moments *m, double level)
{
  if (m->n < 2)
    return (double)INFINITY;
  return m->squares > 0 ? civ_student_half_width(sqrt(m->squares / (double)(m->n - 1)), m->n, level) : 0.0;
}

/* Whether the interval is narrow enough. Student's quantile is slow and above the normal one, which most looks fail
 * already. */
static bool narrow_enough(const civ_stopping *rule, const moments *m, double normal)
{
  const double wanted = rule->relative ? rule->width * fabs(m->mean) : rule->width;
  return m->n >= 2 && normal * standard_error(m) <= wanted && half_width(m, rule->level) <= wanted;
}

civ_stop_verdict civ_stopping_look(const civ_stopping *rule, const double *values, uint64_t n)
{
  civ_stop_verdict v = { .stop = CIV_STOP_NOT_YET, .runs = rule->least, .half_width = (double)INFINITY };
  const double normal = 0.999 * gsl_cdf_ugaussian_Pinv(0.5 + rule->level / 2.0);
  moments m = { 0 };
  for (uint64_t done = 0; v.stop == CIV_STOP_NOT_YET && v.runs <= n;) {
    while (done < v.runs)
      moments_add(&m, values[done++]);
    if (narrow_enough(rule, &m, normal))
      v.stop = CIV_STOP_REACHED;
    else if (v.runs == rule->most)
      v.stop = CIV_STOP_MOST;
    else
      v.runs = rule->most - v.runs < rule->batch ? rule->most : v.runs + rule->batch;
  }
  v.n = m.n;
  v.mean = m.mean;
  v.half_width = half_width(&m, rule->level);
  return v;
}
