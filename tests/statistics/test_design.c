#include "variates.h"

#include <gsl/gsl_qrng.h>

#include "statistics/design.h"

#define COUNT(x) (sizeof(x) / sizeof *(x))

static const civ_axis linear = { "tax", CIV_AXIS_LINEAR, -2, 3, 0, 3 };
static const civ_axis logarithmic = { "rate", CIV_AXIS_LOG, 0.001, 1000, 0, 3 };
static const civ_axis integer = { "agents", CIV_AXIS_INTEGER, -1, 2, 0, 0 };
static const civ_axis list = { "mode", CIV_AXIS_LIST, 0, 0, 3, 0 };

/* --- axes --------------------------------------------------------------------------------------------------------- */

static void values_by_hand(void **state)
{
  (void)state;
  assert_true(civ_axis_value(&linear, 0) == -2 && civ_axis_value(&linear, 1) == 3);
  assert_true(civ_axis_value(&linear, 0.5) == 0.5);
  assert_true(civ_axis_value(&logarithmic, 0) == 0.001 && civ_axis_value(&logarithmic, 1) == 1000);
  assert_near(civ_axis_value(&logarithmic, 0.5), 1, 1e-15);
  assert_near(civ_axis_value(&logarithmic, 1.0 / 6), 0.01, 1e-15);
  static const double at[] = { 0, 0.2499, 0.25, 0.5, 0.75, 1 }, whole[] = { -1, -1, 0, 1, 2, 2 };
  for (size_t k = 0; k < COUNT(at); k++)
    assert_true(civ_axis_value(&integer, at[k]) == whole[k]);
  assert_true(civ_axis_value(&list, 0) == 0 && civ_axis_value(&list, 0.5) == 1 && civ_axis_value(&list, 1) == 2);
  const civ_axis point = { "fixed", CIV_AXIS_LOG, 7, 7, 0, 1 };
  assert_true(civ_axis_value(&point, 0.3) == 7);
}

/* Never outside, never falling; equal shares of the cube for integers and list values; log values as the library's pow
 * has them. */
static void values_are_monotone_and_within(void **state)
{
  civ_draws draws = test_draws(100);
  (void)state;
  for (int round = 0; round < 2000; round++) {
    const double low = civ_draw_between(&draws, -100, 100), wide = exp(civ_draw_between(&draws, -20, 20));
    const civ_axis axes[] = { { "a", CIV_AXIS_LINEAR, low, low + wide, 0, 1 },
                              { "b", CIV_AXIS_LOG, exp(low), exp(low) * (1 + wide), 0, 1 },
                              { "c", CIV_AXIS_INTEGER, floor(low), floor(low) + floor(wide), 0, 0 },
                              { "d", CIV_AXIS_LIST, 0, 0, 1 + civ_draw_index(&draws, 50), 0 } };
    assert_int_equal(civ_axes_check(axes, 4, CIV_DESIGN_GRID, NULL), CIV_OK);
    double u = civ_draw_uniform(&draws), v = civ_draw_uniform(&draws);
    if (u > v) {
      const double swap = u;
      u = v, v = swap;
    }
    for (int k = 0; k < 4; k++) {
      const double x = civ_axis_value(&axes[k], u), y = civ_axis_value(&axes[k], v);
      const double from = k < 3 ? axes[k].low : 0, to = k < 3 ? axes[k].high : axes[k].values - 1.0;
      assert_true(from <= x && x <= y && y <= to);
      assert_true(k < 2 || x == floor(x));
    }
    const double ratio = axes[1].high / axes[1].low, got = civ_axis_value(&axes[1], u) / axes[1].low;
    assert_true(fabs(got / pow(ratio, u) - 1) < 4e-15);
  }
}

static void axes_that_make_no_sense(void **state)
{
  static const struct {
    civ_axis axis;
    const char *text;
  } cases[] = {
    { { "x", CIV_AXIS_LINEAR, 2, 1, 0, 3 }, "the range starts at 2, above its end 1; swap them" },
    { { "x", CIV_AXIS_LINEAR, NAN, 1, 0, 3 }, "[nan, 1] is no finite range" },
    { { "x", CIV_AXIS_LINEAR, -1.5e308, 1.5e308, 0, 3 }, "[-1.5e+308, 1.5e+308] is no finite range" },
    { { "x", CIV_AXIS_LOG, 0, 1, 0, 3 }, "a log scale from 0 to 1 is impossible; it must start above 0" },
    { { "x", CIV_AXIS_INTEGER, 0.5, 2, 0, 0 }, "0.5 and 2 are not both whole numbers" },
    { { "x", CIV_AXIS_INTEGER, 0, 4294967296.0, 0, 0 }, "0 to 4294967296 are more than 2^32 whole numbers" },
    { { "x", CIV_AXIS_LIST, 0, 0, 0, 0 }, "the list of values is empty; give at least one" },
    { { "x", CIV_AXIS_LINEAR, 0, 1, 0, 0 }, "a grid needs to know how many levels a range has; give levels" },
  };
  civ_error err;
  (void)state;
  for (size_t k = 0; k < COUNT(cases); k++) {
    assert_int_equal(civ_axes_check(&cases[k].axis, 1, CIV_DESIGN_GRID, &err), CIV_E_RANGE);
    assert_string_equal(err.where, "x");
    assert_string_equal(err.text, cases[k].text);
  }
  assert_int_equal(civ_axes_check(&cases[7].axis, 1, CIV_DESIGN_SOBOL, &err), CIV_OK); /* levels are the grid's */
}

/* --- grid --------------------------------------------------------------------------------------------------------- */

static void grid_by_hand(void **state)
{
  const civ_axis axes[] = { linear, list, logarithmic };
  double points[27 * 3];
  uint64_t size;
  (void)state;
  assert_int_equal(civ_grid_size(axes, 3, &size, NULL), CIV_OK);
  assert_int_equal(size, 27);
  assert_int_equal(civ_design_points(CIV_DESIGN_GRID, axes, 3, 27, 0, points, NULL), CIV_OK);
  static const double tax[] = { -2, 0.5, 3 }, rate[] = { 0.001, 1, 1000 };
  for (int row = 0; row < 27; row++) { /* first axis slowest */
    assert_true(civ_axis_value(&axes[0], points[row * 3]) == tax[row / 9]);
    assert_true(civ_axis_value(&axes[1], points[row * 3 + 1]) == row / 3 % 3);
    assert_near(civ_axis_value(&axes[2], points[row * 3 + 2]), rate[row % 3], 1e-15);
  }
  assert_int_equal(civ_grid_size(axes, 0, &size, NULL), CIV_OK);
  assert_int_equal(size, 1);
}

static void grid_of_integers(void **state)
{
  double points[1000];
  (void)state;
  for (uint32_t n = 1; n <= 1000; n++) { /* every whole number once, whatever the rounding of its coordinate */
    const civ_axis axis = { "n", CIV_AXIS_INTEGER, -5, -6.0 + n, 0, 0 };
    civ_grid_points(&axis, 1, points);
    for (uint32_t k = 0; k < n; k++)
      assert_true(civ_axis_value(&axis, points[k]) == -5.0 + k);
  }
  const civ_axis some = { "n", CIV_AXIS_INTEGER, 0, 10, 0, 3 }, middle = { "n", CIV_AXIS_INTEGER, 0, 10, 0, 1 };
  const civ_axis many = { "n", CIV_AXIS_INTEGER, 0, 3, 0, 9 };
  uint64_t size;
  civ_grid_points(&some, 1, points);
  assert_true(civ_axis_value(&some, points[0]) == 0 && civ_axis_value(&some, points[1]) == 5 &&
              civ_axis_value(&some, points[2]) == 10);
  civ_grid_points(&middle, 1, points);
  assert_true(civ_axis_value(&middle, points[0]) == 5);
  assert_int_equal(civ_grid_size(&many, 1, &size, NULL), CIV_OK);
  assert_int_equal(size, 4); /* no number twice */
}

static void sizes_are_refused(void **state)
{
  const civ_axis wide = { "wide", CIV_AXIS_INTEGER, 0, 9999, 0, 0 }, axes[] = { wide, wide };
  civ_error err;
  uint64_t size = 7;
  double point[41];
  (void)state;
  assert_int_equal(civ_grid_size(axes, 2, &size, &err), CIV_E_LIMIT);
  assert_string_equal(err.where, "wide");
  assert_int_equal(size, 7);
  assert_int_equal(civ_design_points(CIV_DESIGN_GRID, axes, 1, 3, 0, point, &err), CIV_E_RANGE);
  assert_string_equal(err.text, "the full grid has 10000 points, not 3");
  assert_int_equal(civ_design_points(CIV_DESIGN_RANDOM, axes, 1, civ_design_most + 1, 0, point, &err), CIV_E_LIMIT);
  assert_int_equal(civ_sobol_points(0, 1, 41, false, 0, point, &err), CIV_E_LIMIT);
  assert_non_null(strstr(err.text, "Latin hypercube"));
  assert_int_equal(civ_sobol_points(0, 1, 0, false, 0, point, &err), CIV_E_LIMIT);
  assert_int_equal(civ_sobol_points(UINT64_C(1) << 30, 1, 1, false, 0, point, &err), CIV_E_LIMIT);
  assert_int_equal(civ_sobol_points(0, 1, 40, true, 0, point, &err), CIV_OK);
}

/* --- points that fill the cube ------------------------------------------------------------------------------------ */

enum { MOST_POINTS = 4096, MOST_AXES = 40 };
static double table[MOST_POINTS * MOST_AXES], other_table[MOST_POINTS * MOST_AXES];

/* Exactly one point in each of n strata, on every axis. */
static void assert_stratified(const double *points, uint32_t n, uint32_t n_axes)
{
  static uint8_t seen[MOST_POINTS];
  for (uint32_t i = 0; i < n_axes; i++) {
    memset(seen, 0, n);
    for (uint32_t row = 0; row < n; row++) {
      const double u = points[(size_t)row * n_axes + i];
      assert_true(u >= 0 && u < 1);
      const uint32_t stratum = (uint32_t)(u * n);
      if (seen[stratum]++)
        fail_msg("axis %u: two points in stratum %u of %u", i, stratum, n);
    }
  }
}

static void latin_hypercube(void **state)
{
  (void)state;
  for (uint32_t n = 1; n <= 300; n++) {
    civ_latin_points(n, 7, n, table);
    assert_stratified(table, n, 7);
  }
  civ_latin_points(4095, 3, 9, table);
  assert_stratified(table, 4095, 3);
  /* Axes are shuffled independently: ranks of two axes are hardly correlated, and places within strata vary. */
  double xy = 0, place = 0, square = 0;
  for (int row = 0; row < 4095; row++) {
    xy += (table[row * 3] - 0.5) * (table[row * 3 + 1] - 0.5) * 12 / 4095;
    const double within = table[row * 3] * 4095 - floor(table[row * 3] * 4095);
    place += within / 4095;
    square += within * within / 4095;
  }
  assert_true(fabs(xy) < 4 / sqrt(4095));
  assert_true(fabs(place - 0.5) < 4 * sqrt(1.0 / 12 / 4095) && fabs(square - 1.0 / 3) < 0.02);
}

static void sobol_sequence(void **state)
{
  static const double known[5][2] = { { 0, 0 }, { 0.5, 0.5 }, { 0.75, 0.25 }, { 0.25, 0.75 }, { 0.375, 0.375 } };
  (void)state;
  assert_int_equal(civ_sobol_points(0, 5, 2, false, 0, table, NULL), CIV_OK);
  assert_memory_equal(table, known, sizeof known);
  gsl_qrng *q = gsl_qrng_alloc(gsl_qrng_sobol, MOST_AXES);
  double u[MOST_AXES] = { 0 };
  assert_int_equal(civ_sobol_points(0, 1000, MOST_AXES, false, 0, table, NULL), CIV_OK);
  for (int row = 0; row < 1000; row++) {
    assert_memory_equal(table + row * MOST_AXES, u, sizeof u);
    gsl_qrng_get(q, u);
  }
  gsl_qrng_free(q);
  assert_int_equal(civ_sobol_points(300, 50, MOST_AXES, false, 0, other_table, NULL), CIV_OK);
  assert_memory_equal(other_table, table + 300 * MOST_AXES, 50 * sizeof u);
  for (uint32_t n = 1; n <= 4096; n *= 2)
    for (int shifted = 0; shifted < 2; shifted++) {
      assert_int_equal(civ_sobol_points(0, n, MOST_AXES, shifted, 5, table, NULL), CIV_OK);
      assert_stratified(table, n, MOST_AXES);
    }
  for (int k = 0; k < 4096 * MOST_AXES; k++)
    assert_true(table[k] > 0); /* a log axis never sees its very end */
}

/* Squared centred L2 discrepancy (Hickernell 1998): how far a design is from uniform, without weakest corner. */
static double discrepancy(const double *points, uint32_t n, uint32_t n_axes)
{
  double single = 0, both = 0;
  for (uint32_t a = 0; a < n; a++) {
    const double *x = points + (size_t)a * n_axes;
    double product = 1;
    for (uint32_t i = 0; i < n_axes; i++) {
      const double d = fabs(x[i] - 0.5);
      product *= 1 + d / 2 - d * d / 2;
    }
    single += product;
    for (uint32_t b = 0; b < n; b++) {
      const double *y = points + (size_t)b * n_axes;
      product = 1;
      for (uint32_t i = 0; i < n_axes; i++)
        product *= 1 + (fabs(x[i] - 0.5) + fabs(y[i] - 0.5) - fabs(x[i] - y[i])) / 2;
      both += product;
    }
  }
  return pow(13.0 / 12, n_axes) - 2 * single / n + both / n / n;
}

static void sobol_is_more_even_than_random(void **state)
{
  static const uint32_t axes[] = { 1, 2, 5, 10 };
  (void)state;
  for (size_t k = 0; k < COUNT(axes); k++) {
    double worst_sobol = 0, best_random = INFINITY, sum_latin = 0, sum_random = 0;
    for (uint64_t seed = 0; seed < 5; seed++) {
      assert_int_equal(civ_sobol_points(0, 256, axes[k], true, seed, table, NULL), CIV_OK);
      worst_sobol = fmax(worst_sobol, discrepancy(table, 256, axes[k]));
      civ_random_points(256, axes[k], seed, table);
      const double random = discrepancy(table, 256, axes[k]);
      best_random = fmin(best_random, random);
      sum_random += random;
      civ_latin_points(256, axes[k], seed, table);
      sum_latin += discrepancy(table, 256, axes[k]);
    }
    assert_true(worst_sobol < best_random);
    assert_true(sum_latin < sum_random);
    if (axes[k] <= 5)
      assert_true(worst_sobol < best_random / 4);
  }
}

/* The mean of a smooth function: errors of the Sobol points stay far below those of random ones. */
static void sobol_integrates_better(void **state)
{
  double sobol = 0, random = 0;
  (void)state;
  for (uint64_t seed = 0; seed < 20; seed++)
    for (int kind = 0; kind < 2; kind++) {
      if (kind)
        civ_random_points(1024, 4, seed, table);
      else
        assert_int_equal(civ_sobol_points(0, 1024, 4, true, seed, table, NULL), CIV_OK);
      double mean = 0;
      for (int row = 0; row < 1024; row++) {
        double product = 1;
        for (int i = 0; i < 4; i++)
          product *= 1 + (table[row * 4 + i] - 0.5);
        mean += product / 1024;
      }
      *(kind ? &random : &sobol) += (mean - 1) * (mean - 1);
    }
  assert_true(sobol < random / 100);
}

static void designs_are_reproducible(void **state)
{
  const civ_axis axes[] = { linear, list, logarithmic, integer };
  (void)state;
  for (int design = CIV_DESIGN_RANDOM; design < CIV_DESIGNS; design++) {
    assert_int_equal(civ_design_points((civ_design)design, axes, 4, 200, 11, table, NULL), CIV_OK);
    assert_int_equal(civ_design_points((civ_design)design, axes, 4, 200, 11, other_table, NULL), CIV_OK);
    assert_memory_equal(table, other_table, 800 * sizeof *table);
    assert_int_equal(civ_design_points((civ_design)design, axes, 4, 200, 12, other_table, NULL), CIV_OK);
    assert_true(memcmp(table, other_table, 800 * sizeof *table) != 0);
    if (design == CIV_DESIGN_LATIN)
      continue;
    assert_int_equal(civ_design_points((civ_design)design, axes, 4, 70, 11, other_table, NULL), CIV_OK);
    assert_memory_equal(table, other_table, 280 * sizeof *table); /* may be extended */
  }
  assert_string_equal(civ_design_names[CIV_DESIGN_LATIN], "latin");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(values_by_hand),
    cmocka_unit_test(values_are_monotone_and_within),
    cmocka_unit_test(axes_that_make_no_sense),
    cmocka_unit_test(grid_by_hand),
    cmocka_unit_test(grid_of_integers),
    cmocka_unit_test(sizes_are_refused),
    cmocka_unit_test(latin_hypercube),
    cmocka_unit_test(sobol_sequence),
    cmocka_unit_test(sobol_is_more_even_than_random),
    cmocka_unit_test(sobol_integrates_better),
    cmocka_unit_test(designs_are_reproducible),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
