/* sigmoid.c - from a score to a probability and back. */
#include <math.h>

#include "base/number.h"
#include "civitas/label.h"

/* Beyond this score the curve is cut: |v_hat| <= 1 in every run, so only library callers ever meet it. */
static const double widest_score = 10.0;

static double clamp(double x, double low, double high)
{
  return x < low ? low : x > high ? high : x; /* NaN stays NaN */
}

double civ_sigmoid(double v, double k)
{
  return 1.0 / (1.0 + civ_exp(-k * clamp(v, -widest_score, widest_score)));
}

double civ_sigmoid_derivative(double v, double k)
{
  double s = civ_sigmoid(v, k);
  return k * s * (1.0 - s);
}

static civ_status refuse(civ_error *err, const char *where, double value, const char *right)
{
  char text[CIV_NUMBER_MAX + 1];
  text[civ_format_real(text, value)] = '\0';
  return civ_fail(err, CIV_E_RANGE, where, "%s %s", text, right);
}

civ_status civ_sigmoid_inverse(double p, double k, double *v, civ_error *err)
{
  if (!(p > 0.0 && p < 1.0))
    return refuse(err, "p", p, "is outside (0, 1): the curve never reaches it");
  if (!isfinite(k) || k == 0.0)
    return refuse(err, "k", k, "has no inverse: k must be finite and not 0");
  *v = -log((1.0 - p) / p) / k;
  return CIV_OK;
}

void civ_sigmoid_bounds(double k, double *p_min, double *p_max)
{
  *p_min = civ_sigmoid(-1.0, k);
  *p_max = civ_sigmoid(1.0, k);
}

civ_status civ_uncertainty_band(double k, double t, double *v_min, double *v_max, civ_error *err)
{
  if (!(t >= 0.0 && t < 0.5))
    return refuse(err, "threshold", t, "is outside [0, 0.5)");
  double low = 0.0, high = 0.0;
  civ_status status = civ_sigmoid_inverse(0.5 - t, k, &low, err);
  if (status == CIV_OK)
    status = civ_sigmoid_inverse(0.5 + t, k, &high, err);
  if (status != CIV_OK)
    return status;
  *v_min = low;
  *v_max = high;
  return CIV_OK;
}
