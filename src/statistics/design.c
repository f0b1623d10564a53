#include "statistics/design.h"

#include <assert.h>
#include <gsl/gsl_qrng.h>
#include <math.h>
#include <stdalign.h>
#include <stddef.h>

#include "civitas/draws.h"

const char *const civ_design_names[] = { "grid", "random", "latin", "sobol" };
_Static_assert(sizeof civ_design_names / sizeof *civ_design_names == CIV_DESIGNS, "a name for every design");

/* --- axes --------------------------------------------------------------------------------------------------------- */

static civ_status range_check(const civ_axis *axis, civ_error *err)
{
  if (!isfinite(axis->low) || !isfinite(axis->high) || !isfinite(axis->high - axis->low))
    return civ_fail(err, CIV_E_RANGE, axis->name, "[%g, %g] is no finite range", axis->low, axis->high);
  if (axis->low > axis->high)
    return civ_fail(err, CIV_E_RANGE, axis->name, "the range starts at %g, above its end %g; swap them", axis->low,
                    axis->high);
  if (axis->kind == CIV_AXIS_LOG && !(axis->low > 0 && isfinite(axis->high / axis->low)))
    return civ_fail(err, CIV_E_RANGE, axis->name, "a log scale from %g to %g is impossible; it must start above 0",
                    axis->low, axis->high);
  if (axis->kind == CIV_AXIS_INTEGER) {
    if (axis->low != floor(axis->low) || axis->high != floor(axis->high) || fabs(axis->low) > 9007199254740992.0 ||
        fabs(axis->high) > 9007199254740992.0)
      return civ_fail(err, CIV_E_RANGE, axis->name, "%.17g and %.17g are not both whole numbers", axis->low,
                      axis->high);
    if (axis->high - axis->low >= 4294967296.0)
      return civ_fail(err, CIV_E_RANGE, axis->name, "%.17g to %.17g are more than 2^32 whole numbers", axis->low,
                      axis->high);
  }
  return CIV_OK;
}

civ_status civ_axes_check(const civ_axis *axes, uint32_t n_axes, civ_design design, civ_error *err)
{
  for (uint32_t i = 0; i < n_axes; i++) {
    const civ_axis *axis = &axes[i];
    if (axis->kind == CIV_AXIS_LIST) {
      if (axis->values == 0)
        return civ_fail(err, CIV_E_RANGE, axis->name, "the list of values is empty; give at least one");
      continue;
    }
    const civ_status status = range_check(axis, err);
    if (status != CIV_OK)
      return status;
    if (design == CIV_DESIGN_GRID && axis->kind != CIV_AXIS_INTEGER && axis->levels == 0)
      return civ_fail(err, CIV_E_RANGE, axis->name, "a grid needs to know how many levels a range has; give levels");
  }
  return CIV_OK;
}

/* How many values an INTEGER or LIST axis has. */
static double shares(const civ_axis *axis)
{
  return axis->kind == CIV_AXIS_LIST ? axis->values : axis->high - axis->low + 1.0;
}

/* ratio^u for u in (0, 1), digit by binary digit of u from the last: r^0.b1b2... = r^(b1/2) sqrt(r^0.b2...). Square
 * roots are rounded alike on every machine and halve the error made before; a library's pow differs from processor to
 * processor. */
static double power(double ratio, double u)
{
  const double root = sqrt(ratio);
  uint64_t digits = (uint64_t)ldexp(u, 60);
  double product = 1.0;
  for (int i = 0; i < 60; i++, digits >>= 1) {
    product = sqrt(product);
    if (digits & 1)
      product *= root;
  }
  return product;
}

double civ_axis_value(const civ_axis *axis, double u)
{
  assert(u >= 0 && u <= 1);
  double value;
  if (axis->kind == CIV_AXIS_LIST || axis->kind == CIV_AXIS_INTEGER) {
    const double n = shares(axis), k = fmin(floor(u * n), n - 1.0);
    return axis->kind == CIV_AXIS_LIST ? k : axis->low + k;
  }
  if (u <= 0)
    return axis->low;
  if (u >= 1)
    return axis->high;
  if (axis->kind == CIV_AXIS_LOG)
    value = axis->low * power(axis->high / axis->low, u);
  else
    value = axis->low + u * (axis->high - axis->low);
  return fmax(axis->low, fmin(axis->high, value));
}

/* --- grid --------------------------------------------------------------------------------------------------------- */

static uint64_t places(const civ_axis *axis)
{
  if (axis->kind == CIV_AXIS_LIST)
    return axis->values;
  if (axis->kind == CIV_AXIS_INTEGER) {
    const uint64_t all = (uint64_t)shares(axis);
    return axis->levels > 0 && axis->levels < all ? axis->levels : all;
  }
  return axis->levels;
}

/* Coordinate of the k-th of the axis' places. */
static double place(const civ_axis *axis, uint64_t k)
{
  const uint64_t n = places(axis);
  if (axis->kind == CIV_AXIS_LINEAR || axis->kind == CIV_AXIS_LOG)
    return n == 1 ? 0.5 : (double)k / (double)(n - 1);
  const double all = shares(axis);
  const double index = n == 1 ? floor((all - 1.0) / 2.0) : floor((double)k * (all - 1.0) / (double)(n - 1) + 0.5);
  return (index + 0.5) / all;
}

civ_status civ_grid_size(const civ_axis *axes, uint32_t n_axes, uint64_t *out, civ_error *err)
{
  uint64_t size = 1;
  for (uint32_t i = 0; i < n_axes; i++) {
    const uint64_t own = places(&axes[i]);
    if (own > civ_design_most / size)
      return civ_fail(err, CIV_E_LIMIT, axes[i].name,
                      "with this axis the grid has more than %llu points; take fewer levels, or another design",
                      (unsigned long long)civ_design_most);
    size *= own;
  }
  *out = size;
  return CIV_OK;
}

void civ_grid_points(const civ_axis *axes, uint32_t n_axes, double *points)
{
  uint64_t size = 1;
  for (uint32_t i = 0; i < n_axes; i++)
    size *= places(&axes[i]);
  uint64_t repeat = size; /* rows for which this axis and those before it stay as they are */
  for (uint32_t i = 0; i < n_axes; i++) {
    const uint64_t n = places(&axes[i]);
    repeat /= n;
    for (uint64_t row = 0; row < size; row++)
      points[row * n_axes + i] = place(&axes[i], row / repeat % n);
  }
}

/* --- points that fill the cube ------------------------------------------------------------------------------------ */

static civ_draws design_draws(uint64_t seed, civ_design design, uint32_t axis, uint64_t row)
{
  const civ_draw_key key = {
    .purpose = CIV_PURPOSE_DESIGN, .entity = axis, .other = (uint32_t)design, .ordinal = (uint32_t)row
  };
  return civ_draws_open(seed, &key);
}

void civ_random_points(uint64_t n, uint32_t n_axes, uint64_t seed, double *points)
{
  for (uint64_t row = 0; row < n; row++) {
    civ_draws draws = design_draws(seed, CIV_DESIGN_RANDOM, 0, row);
    for (uint32_t i = 0; i < n_axes; i++)
      points[row * n_axes + i] = civ_draw_uniform(&draws);
  }
}

void civ_latin_points(uint64_t n, uint32_t n_axes, uint64_t seed, double *points)
{
  for (uint32_t i = 0; i < n_axes; i++) {
    civ_draws draws = design_draws(seed, CIV_DESIGN_LATIN, i, 0);
    for (uint64_t row = 0; row < n; row++) { /* Fisher and Yates, from the inside out */
      const uint64_t other = civ_draw_index(&draws, (uint32_t)(row + 1));
      points[row * n_axes + i] = points[other * n_axes + i];
      points[other * n_axes + i] = (double)row;
    }
    /* The place within a stratum has 20 binary digits and stays off the edges, so that rounding cannot carry it over.
     */
    for (uint64_t row = 0; row < n; row++) {
      const double within = ((double)(civ_draw_bits(&draws) >> 44) + 0.5) / 1048576.0;
      points[row * n_axes + i] = (points[row * n_axes + i] + within) / (double)n;
    }
  }
}

enum { SOBOL_DIGITS = 30, SOBOL_STATE = 8192 };

civ_status civ_sobol_points(uint64_t first, uint64_t n, uint32_t n_axes, bool shifted, uint64_t seed, double *points,
                            civ_error *err)
{
  const uint64_t most = UINT64_C(1) << SOBOL_DIGITS;
  const double cells = (double)most;
  if (n_axes == 0 || n_axes > CIV_SOBOL_AXES)
    return civ_fail(err, CIV_E_LIMIT, "sobol", "%u axes; the Sobol sequence has 1 to %d, a Latin hypercube any number",
                    n_axes, CIV_SOBOL_AXES);
  if (first > most || n > most - first)
    return civ_fail(err, CIV_E_LIMIT, "sobol", "the sequence ends after 2^%d points", SOBOL_DIGITS);
  /* The generator's state is kept here: GSL's own allocation ends the program when it fails. */
  alignas(max_align_t) unsigned char state[SOBOL_STATE];
  gsl_qrng sequence = { .type = gsl_qrng_sobol, .dimension = n_axes, .state = state };
  sequence.state_size = sequence.type->state_size(n_axes);
  if (sequence.state_size > sizeof state || sequence.type->init_state(state, n_axes) != 0)
    return civ_fail(err, CIV_E_LIMIT, "sobol", "this GSL cannot start its generator with %u axes", n_axes);
  uint64_t shift[CIV_SOBOL_AXES];
  for (uint32_t i = 0; i < n_axes; i++) {
    civ_draws draws = design_draws(seed, CIV_DESIGN_SOBOL, i, 0);
    shift[i] = civ_draw_bits(&draws) >> (64 - SOBOL_DIGITS);
  }
  double u[CIV_SOBOL_AXES] = { 0 }; /* the origin, which GSL leaves out */
  for (uint64_t row = 0; row < first + n; row++) {
    if (row > 0)
      gsl_qrng_get(&sequence, u);
    for (uint32_t i = 0; row >= first && i < n_axes; i++)
      points[(row - first) * n_axes + i] =
          shifted ? ((double)((uint64_t)(u[i] * cells) ^ shift[i]) + 0.5) / cells : u[i];
  }
  return CIV_OK;
}

civ_status civ_design_points(civ_design design, const civ_axis *axes, uint32_t n_axes, uint64_t n, uint64_t seed,
                             double *points, civ_error *err)
{
  civ_status status = civ_axes_check(axes, n_axes, design, err);
  uint64_t size = n;
  if (status == CIV_OK && design == CIV_DESIGN_GRID)
    status = civ_grid_size(axes, n_axes, &size, err);
  if (status != CIV_OK)
    return status;
  if (size != n)
    return civ_fail(err, CIV_E_RANGE, "design", "the full grid has %llu points, not %llu", (unsigned long long)size,
                    (unsigned long long)n);
  if (n > civ_design_most)
    return civ_fail(err, CIV_E_LIMIT, "design", "%llu points are more than %llu", (unsigned long long)n,
                    (unsigned long long)civ_design_most);
  switch (design) {
  case CIV_DESIGN_GRID:
    civ_grid_points(axes, n_axes, points);
    break;
  case CIV_DESIGN_RANDOM:
    civ_random_points(n, n_axes, seed, points);
    break;
  case CIV_DESIGN_LATIN:
    civ_latin_points(n, n_axes, seed, points);
    break;
  case CIV_DESIGN_SOBOL:
    return civ_sobol_points(0, n, n_axes, true, seed, points, err);
  case CIV_DESIGNS:
    break;
  }
  return CIV_OK;
}
