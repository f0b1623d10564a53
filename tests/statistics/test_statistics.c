#include "../support/check.h"

#include "statistics/statistics.h"

#define COUNT(x) (sizeof(x) / sizeof *(x))

/* --- by hand ---------------------------------------------------------------------------------------------------------- */

static void gini_by_hand(void **state)
{
  static const struct {
    double values[4];
    size_t n;
    double gini;
  } cases[] = {
    { { 10, 10, 10, 10 }, 4, 0 },
    { { 0, 0, 0, 100 }, 4, 0.75 },
    { { 0, 100 }, 2, 0.5 },
    { { 1, 2, 3, 4 }, 4, 0.25 },
    { { .1, .2, .7 }, 3, 0.4 },
    { { -5, 1, 10 }, 3, 0.625 },
    { { -1, -2, -3 }, 3, 2.0 / 9.0 },
    { { -1, 1 }, 2, 0.5 },
    { { 7 }, 1, 0 },
    { { 0, 0, 0 }, 3, 0 },
    { { 0 }, 0, 0 },
  };
  (void)state;
  for (size_t k = 0; k < COUNT(cases); k++) {
    double values[4];
    memcpy(values, cases[k].values, sizeof values);
    assert_near(civ_gini(values, cases[k].n), cases[k].gini, 1e-15);
  }
}

static void rolling_average_by_hand(void **state)
{
  static const double series[] = { 3, 1, 4, 1, 5, 9, 2, 6 };
  static const double expected[] = { 3, 2, 8.0 / 3.0, 2.25, 2.75, 4.75, 4.25, 5.5 };
  double out[8];
  (void)state;
  civ_rolling_average(series, 8, 4, out);
  for (size_t k = 0; k < 8; k++)
    assert_near(out[k], expected[k], 1e-15);
  civ_rolling_average(series, 2, 5, out); /* shorter than the window: unchanged */
  assert_true(out[0] == 3 && out[1] == 1);
  memcpy(out, series, sizeof out);
  civ_rolling_average(out, 8, 4, out); /* in place */
  for (size_t k = 0; k < 8; k++)
    assert_near(out[k], expected[k], 1e-15);
}

static void trend_by_hand(void **state)
{
  static const double at[] = { 0, 1, 2, 3 }, doubling[] = { 1, 2, 4, 8 }, flat[] = { 5, 5, 5, 5 },
                      here[] = { 2, 2, 2, 2 };
  double slope, fit;
  (void)state;
  civ_trend(at, doubling, 4, &slope, &fit);
  assert_near(slope, 2.3, 1e-15);
  assert_near(fit, 0.92, 1e-15);
  civ_trend(at, flat, 4, &slope, &fit);
  assert_true(slope == 0 && fit == 1);
  civ_trend(at, flat, 1, &slope, &fit);
  assert_true(slope == 0 && fit == 0);
  civ_trend(here, doubling, 4, &slope, &fit);
  assert_true(slope == 0 && fit == 0);
}

static void summary_by_hand(void **state)
{
  double values[] = { 5, 1, 3, NAN, 2, 4, INFINITY };
  (void)state;
  const civ_summary s = civ_summarise(values, COUNT(values));
  assert_int_equal(s.n, 5);
  assert_near(s.mean, 3, 1e-15);
  assert_near(s.sd, sqrt(2.5), 1e-15);
  /* t(0.975, 4) = 2.776445105197793 */
  assert_near(s.high - s.mean, 2.776445105197793 * sqrt(2.5) / sqrt(5.0), 1e-12);
  assert_near(s.mean - s.low, s.high - s.mean, 1e-12);
  assert_near(s.q05, 1.2, 1e-15);
  assert_near(s.q25, 2, 1e-15);
  assert_near(s.q50, 3, 1e-15);
  assert_near(s.q75, 4, 1e-15);
  assert_near(s.q95, 4.8, 1e-15);
}

static void summaries_of_little(void **state)
{
  double one[] = { 7.5 }, none[] = { NAN }, equal[] = { .1, .1, .1 };
  (void)state;
  civ_summary s = civ_summarise(one, 1);
  assert_int_equal(s.n, 1);
  assert_true(s.mean == 7.5 && !s.spread && s.q05 == 7.5 && s.q95 == 7.5);
  s = civ_summarise(none, 1);
  assert_int_equal(s.n, 0);
  s = civ_summarise(equal, 3);
  assert_true(s.mean == .1 && s.sd == 0 && s.low == .1 && s.high == .1);
}

/* --- laws ------------------------------------------------------------------------------------------------------------- */

/* The definition, in quadratic time. */
static double gini_by_definition(const double *x, size_t n)
{
  double differences = 0, size = 0;
  for (size_t i = 0; i < n; i++) {
    size += fabs(x[i]);
    for (size_t j = 0; j < n; j++)
      differences += fabs(x[i] - x[j]);
  }
  return size > 0 ? differences / (2.0 * (double)n * size) : 0;
}

static void gini_is_its_definition(void **state)
{
  civ_draws draws = test_draws(1);
  (void)state;
  for (int round = 0; round < 500; round++) {
    double x[50], scaled[50];
    const size_t n = 2 + civ_draw_index(&draws, 48);
    for (size_t i = 0; i < n; i++) {
      x[i] = civ_draw_between(&draws, round % 2 ? -5 : 0, 5);
      scaled[i] = 3.5 * x[i];
    }
    const double expected = gini_by_definition(x, n), got = civ_gini(x, n);
    assert_near(got, expected, 1e-12);
    assert_true(got >= 0 && got <= 1);
    assert_near(civ_gini(scaled, n), got, 1e-12);
  }
}

static void quantiles_are_ordered_and_within(void **state)
{
  civ_draws draws = test_draws(2);
  (void)state;
  for (int round = 0; round < 500; round++) {
    double x[40], low = INFINITY, high = -INFINITY;
    const size_t n = 1 + civ_draw_index(&draws, 40);
    for (size_t i = 0; i < n; i++) {
      x[i] = civ_draw_between(&draws, -1e6, 1e6);
      low = fmin(low, x[i]);
      high = fmax(high, x[i]);
    }
    const civ_summary s = civ_summarise(x, n);
    assert_true(low <= s.q05 && s.q05 <= s.q25 && s.q25 <= s.q50 && s.q50 <= s.q75 && s.q75 <= s.q95 && s.q95 <= high);
    assert_true(civ_quantile(x, n, 0) == low && civ_quantile(x, n, 1) == high);
    assert_true(s.low <= s.mean && s.mean <= s.high);
  }
}

static void sums_make_rounding_good(void **state)
{
  double values[3001];
  (void)state;
  values[0] = 1e16;
  for (size_t k = 1; k <= 1500; k++) {
    values[2 * k - 1] = 1;
    values[2 * k] = .5;
  }
  assert_true(civ_sum(values, 3001) == 1e16 + 2250);
}

static void trend_finds_the_line(void **state)
{
  civ_draws draws = test_draws(3);
  (void)state;
  for (int round = 0; round < 200; round++) {
    double at[30], y[30], slope, fit;
    const double a = civ_draw_between(&draws, -10, 10), b = civ_draw_between(&draws, 0.5, 3);
    for (size_t i = 0; i < 30; i++) {
      at[i] = (double)i * 2;
      y[i] = a + b * at[i];
    }
    civ_trend(at, y, 30, &slope, &fit);
    assert_near(slope, b, 1e-12);
    assert_near(fit, 1, 1e-9);
  }
}

/* An interval of 95 % covers the true mean in about 95 % of trials (binomial: 3000 trials, sd 0.004). */
static void interval_covers(void **state)
{
  civ_draws draws = test_draws(4);
  int covered = 0;
  (void)state;
  for (int trial = 0; trial < 3000; trial++) {
    double x[30];
    for (size_t i = 0; i < 30; i++) {
      x[i] = 0;
      for (int k = 0; k < 12; k++) /* nearly normal, mean 6 */
        x[i] += civ_draw_uniform(&draws);
    }
    const civ_summary s = civ_summarise(x, 30);
    covered += s.low <= 6 && 6 <= s.high;
  }
  assert_in_range(covered, 2850 - 60, 2850 + 60);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(gini_by_hand),
    cmocka_unit_test(rolling_average_by_hand),
    cmocka_unit_test(trend_by_hand),
    cmocka_unit_test(summary_by_hand),
    cmocka_unit_test(summaries_of_little),
    cmocka_unit_test(gini_is_its_definition),
    cmocka_unit_test(quantiles_are_ordered_and_within),
    cmocka_unit_test(sums_make_rounding_good),
    cmocka_unit_test(trend_finds_the_line),
    cmocka_unit_test(interval_covers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
