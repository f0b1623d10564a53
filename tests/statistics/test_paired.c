#include "variates.h"

#include "statistics/paired.h"
#include "support/failing_allocator.h"

static civ_bootstrap quick(uint64_t seed)
{
  civ_bootstrap options = civ_bootstrap_default(seed);
  options.resamples = 399;
  return options;
}

static civ_difference paired(const double *a, const double *b, uint64_t n)
{
  const civ_bootstrap options = quick(1);
  civ_difference c;
  civ_error err;
  if (civ_compare_paired(a, b, n, &options, &c, &err) != CIV_OK)
    fail_msg("%s: %s", err.where, err.text);
  return c;
}

static civ_difference unpaired(const double *a, uint64_t n_a, const double *b, uint64_t n_b)
{
  const civ_bootstrap options = quick(1);
  civ_difference c;
  civ_error err;
  if (civ_compare_unpaired(a, n_a, b, n_b, &options, &c, &err) != CIV_OK)
    fail_msg("%s: %s", err.where, err.text);
  return c;
}

/* --- by hand ------------------------------------------------------------------------------------------------------ */

/* Two-sided p of Student's t in closed form: 2 and 4 degrees of freedom. */
static double p_of_two(double t)
{
  return 1 - fabs(t) / sqrt(2 + t * t);
}

static double p_of_four(double t)
{
  const double x = fabs(t) / sqrt(4 + t * t);
  return 1 - x * (3 - x * x) / 2;
}

static void paired_by_hand(void **state)
{
  static const double a[] = { 1, 2, 3 }, b[] = { 2, 4, 3 }; /* differences 1, 2, 0 */
  const civ_difference c = paired(a, b, 3);
  (void)state;
  assert_true(c.paired && c.n == 3 && c.n_a == 3 && c.n_b == 3 && c.tested && c.has_effect);
  assert_near(c.mean_a, 2, 1e-15);
  assert_near(c.mean_b, 3, 1e-15);
  assert_near(c.difference, 1, 1e-15);
  assert_near(c.sd, 1, 1e-15);
  assert_near(c.standard_error, 1 / sqrt(3), 1e-15);
  assert_near(c.t, sqrt(3), 1e-15);
  assert_true(c.df == 2);
  assert_near(c.p, p_of_two(sqrt(3)), 1e-12);
  assert_near(c.effect, 1, 1e-15);
  assert_int_equal(c.student.method, CIV_INTERVAL_STUDENT);
  assert_near(c.student.high, 1 + 4.302652729911275 / sqrt(3), 1e-9);
  assert_near(c.student.low, 1 - 4.302652729911275 / sqrt(3), 1e-9);
  assert_int_equal(c.studentised.method, CIV_INTERVAL_STUDENT); /* three pairs are too few to resample */
}

static void unpaired_by_hand(void **state)
{
  static const double a[] = { 1, 2, 3 }, b[] = { 4, 5, 6 };
  const civ_difference c = unpaired(a, 3, b, 3);
  (void)state;
  assert_true(!c.paired && c.n == 0 && c.n_a == 3 && c.n_b == 3 && c.tested && c.has_effect);
  assert_near(c.difference, 3, 1e-15);
  assert_near(c.sd, 1, 1e-15);
  assert_near(c.standard_error, sqrt(2.0 / 3.0), 1e-15);
  assert_near(c.df, 4, 1e-14);
  assert_near(c.t, 3 / sqrt(2.0 / 3.0), 1e-14);
  assert_near(c.p, p_of_four(c.t), 1e-12);
  /* J(4) = Gamma(2) / (sqrt(2) Gamma(3/2)) = sqrt(2 / pi) */
  assert_near(c.effect, 3 * sqrt(2 / 3.14159265358979323846), 1e-13);
}

static void unpaired_of_many(void **state)
{
  static double a[2000], b[3000];
  civ_draws draws = test_draws(80);
  (void)state;
  for (int i = 0; i < 2000; i++)
    a[i] = draw_normal(&draws);
  for (int i = 0; i < 3000; i++)
    b[i] = 0.5 + draw_normal(&draws);
  const civ_difference c = unpaired(a, 2000, b, 3000);
  assert_near(c.effect, c.difference / c.sd * (1 - 3.0 / (4 * 4998 - 1)), 1e-8); /* Hedges' approximation */
  const civ_difference exact = unpaired(a, 400, b, 602), series = unpaired(a, 400, b, 603);
  const double j_exact = exact.effect * exact.sd / exact.difference,
               j_series = series.effect * series.sd / series.difference;
  assert_near(j_series - j_exact, 0.75 / (1000.0 * 1001) + 7 / 16e9, 1e-11); /* no step where the formula changes */
  assert_true(c.p < 1e-20 && c.p > 0);
  assert_near(c.studentised.low, c.student.low, 0.02);
  assert_near(c.studentised.high, c.student.high, 0.02);
}

/* --- missing runs, and nothing to tell apart ---------------------------------------------------------------------- */

static void missing_pairs_are_left_out_and_counted(void **state)
{
  static const double a[] = { 1, NAN, 2, 7, NAN, 3 }, b[] = { 2, 5, 4, INFINITY, NAN, 3 };
  static const double a3[] = { 1, 2, 3 }, b3[] = { 2, 4, 3 };
  const civ_difference c = paired(a, b, 6), d = paired(a3, b3, 3);
  (void)state;
  assert_true(c.n == 3 && c.only_a == 1 && c.only_b == 1 && c.neither == 1);
  assert_true(c.difference == d.difference && c.p == d.p && c.student.low == d.student.low && c.effect == d.effect);
  assert_true(c.mean_a == 2 && c.mean_b == 3); /* of the complete pairs, so that difference = mean_b - mean_a */
  const civ_difference u = unpaired(a, 6, b, 6);
  assert_true(u.n_a == 4 && u.n_b == 4 && u.only_b == 2 && u.only_a == 2);
  assert_near(u.difference, 14.0 / 4 - 13.0 / 4, 1e-15);
}

static void little_data(void **state)
{
  static const double a[] = { 1, NAN }, b[] = { 3, 4 };
  (void)state;
  const civ_difference none = paired(a, b, 0);
  assert_true(none.n == 0 && !none.tested && none.p == 1 && none.student.method == CIV_INTERVAL_NONE);
  const civ_difference one = paired(a, b, 2);
  assert_true(one.n == 1 && one.difference == 2 && !one.tested && !one.has_effect && one.p == 1);
  assert_int_equal(one.studentised.method, CIV_INTERVAL_NONE);
  const civ_difference u = unpaired(a, 2, b, 2);
  assert_true(u.n_a == 1 && u.n_b == 2 && u.difference == 2.5 && !u.tested && u.p == 1);
  const civ_difference empty = unpaired(a, 0, b, 2);
  assert_true(empty.difference == 0 && !empty.tested && empty.student.method == CIV_INTERVAL_NONE);
}

static void no_spread(void **state)
{
  double a[20], b[20], c[20];
  (void)state;
  for (int i = 0; i < 20; i++) {
    a[i] = i / 10.0;
    b[i] = a[i] + 0.3; /* rounds differently from pair to pair */
    c[i] = i % 2 ? 0.3 : 0.1 + 0.2;
  }
  const civ_difference shifted = paired(a, b, 20);
  assert_true(shifted.sd == 0 && shifted.tested && !shifted.has_effect && shifted.t == 0 && shifted.df == 0);
  assert_near(shifted.difference, 0.3, 1e-14);
  assert_near(shifted.p, pow(0.5, 19), 1e-15);
  assert_true(shifted.student.low == shifted.difference && shifted.studentised.high == shifted.difference);
  const civ_difference same = paired(a, a, 20);
  assert_true(same.difference == 0 && same.p == 1 && same.student.low == 0 && same.student.high == 0);
  for (int i = 0; i < 20; i++)
    b[i] = 0.3;
  const civ_difference rounding = paired(b, c, 20); /* 0.1 + 0.2 is not 0.3, and means nothing */
  assert_true(rounding.p == 1 && !rounding.has_effect);
  const civ_difference parted = unpaired(b, 3, (const double[]){ 1, 1, 1 }, 3); /* 2 / C(6, 3) */
  assert_near(parted.p, 0.1, 1e-12);
  assert_true(!parted.has_effect && parted.student.low == parted.difference);
  assert_true(unpaired(b, 3, b, 5).p == 1);
  assert_true(unpaired(b, 20, c, 20).p == 1);
}

/* --- laws --------------------------------------------------------------------------------------------------------- */

/* Changing sides changes the sign of everything; a change of unit changes what has one. */
static void laws(void **state)
{
  civ_draws draws = test_draws(81);
  (void)state;
  for (int round = 0; round < 100; round++) {
    double a[40], b[40], a4[40], b4[40];
    const uint32_t n = 2 + civ_draw_index(&draws, 39);
    for (uint32_t i = 0; i < n; i++) {
      a[i] = draw_exponential(&draws);
      b[i] = a[i] * 0.5 + draw_normal(&draws);
      a4[i] = 4 * a[i];
      b4[i] = 4 * b[i];
    }
    for (int kind = 0; kind < 2; kind++) {
      const civ_difference c = kind ? paired(a, b, n) : unpaired(a, n, b, n);
      const civ_difference back = kind ? paired(b, a, n) : unpaired(b, n, a, n);
      const civ_difference wide = kind ? paired(a4, b4, n) : unpaired(a4, n, b4, n);
      assert_near(back.difference, -c.difference, 1e-12);
      assert_near(back.t, -c.t, 1e-9);
      assert_near(back.p, c.p, 1e-9);
      assert_near(back.effect, -c.effect, 1e-9);
      assert_near(back.student.low, -c.student.high, 1e-9);
      assert_near(c.difference, c.mean_b - c.mean_a, 1e-12);
      assert_true((c.p < 0.05) == (c.student.low > 0 || c.student.high < 0)); /* test and interval agree */
      assert_near(wide.difference, 4 * c.difference, 1e-12);
      assert_near(wide.p, c.p, 1e-12);
      assert_near(wide.effect, c.effect, 1e-12);
      assert_near(wide.studentised.low, 4 * c.studentised.low, 1e-9);
      assert_true(c.p >= 0 && c.p <= 1);
      if (kind)
        assert_near(c.t, c.effect * sqrt(n), 1e-12);
    }
  }
}

static void pairing_pays(void **state)
{
  civ_draws draws = test_draws(82);
  double a[50], b[50];
  (void)state;
  for (int i = 0; i < 50; i++) {
    const double common = 5 * draw_normal(&draws);
    a[i] = common + 0.5 * draw_normal(&draws);
    b[i] = common + 0.4 + 0.5 * draw_normal(&draws);
  }
  const civ_difference by_seed = paired(a, b, 50), apart = unpaired(a, 50, b, 50);
  assert_true(by_seed.p < 0.01 && apart.p > 0.1);
  assert_true(by_seed.student.high - by_seed.student.low < 0.2 * (apart.student.high - apart.student.low));
  const civ_difference again = paired(a, b, 50);
  assert_true(again.p == by_seed.p && again.studentised.low == by_seed.studentised.low &&
              again.studentised.high == by_seed.studentised.high);
}

/* --- under the null, and coverage --------------------------------------------------------------------------------- */

static void levels_hold(void **state)
{
  const int trials = trials_of(10000);
  civ_draws draws = test_draws(83);
  int paired_alarms = 0, welch_alarms = 0, covered = 0, welch_covered = 0, resampled = 0;
  (void)state;
  for (int trial = 0; trial < trials; trial++) {
    double a[30], b[30];
    for (int i = 0; i < 30; i++) {
      a[i] = draw_normal(&draws);
      b[i] = a[i] + 0.2 + draw_normal(&draws);
    }
    civ_difference c;
    civ_bootstrap options = quick((uint64_t)trial);
    options.resamples = 199;
    assert_int_equal(civ_compare_paired(a, b, 30, &options, &c, NULL), CIV_OK);
    covered += c.student.low <= 0.2 && 0.2 <= c.student.high;
    resampled += c.studentised.low <= 0.2 && 0.2 <= c.studentised.high;
    for (int i = 0; i < 30; i++)
      b[i] = a[i] + draw_normal(&draws);
    assert_int_equal(civ_compare_paired(a, b, 30, &options, &c, NULL), CIV_OK);
    paired_alarms += c.p <= 0.05;
    for (int i = 0; i < 30; i++)
      b[i] = 3 * draw_normal(&draws);
    options.resamples = 99;
    assert_int_equal(civ_compare_unpaired(a, 30, b, 12, &options, &c, NULL), CIV_OK); /* spread and size differ */
    welch_alarms += c.p <= 0.05;
    welch_covered += c.student.low <= 0 && 0 <= c.student.high;
  }
  assert_covers(covered, trials);
  assert_covers(resampled, trials);
  assert_covers(welch_covered, trials);
  assert_covers(trials - paired_alarms, trials);
  assert_covers(trials - welch_alarms, trials);
}

/* Both sides skewed and of different size: the resampled interval of a difference covers too. */
static void skewed_differences(void **state)
{
  const int trials = trials_of(10000);
  int covered = 0;
  (void)state;
  for (int trial = 0; trial < trials; trial++) {
    double a[100], b[150];
    civ_draws draws = test_draws(84);
    draws.counter[3] = (uint64_t)trial + 1;
    for (int i = 0; i < 100; i++)
      a[i] = draw_exponential(&draws);
    for (int i = 0; i < 150; i++)
      b[i] = 3 * draw_exponential(&draws);
    civ_difference c;
    civ_bootstrap options = quick((uint64_t)trial);
    options.resamples = is_long() ? 1999 : 199;
    assert_int_equal(civ_compare_unpaired(a, 100, b, 150, &options, &c, NULL), CIV_OK);
    covered += c.studentised.low <= 2 && 2 <= c.studentised.high;
  }
  assert_covers(covered, trials);
}

/* --- refusals ----------------------------------------------------------------------------------------------------- */

static void refusals(void **state)
{
  double x[30], y[30];
  (void)state;
  for (int i = 0; i < 30; i++) {
    x[i] = i;
    y[i] = i * i;
  }
  civ_difference c, before;
  memset(&before, 0x5a, sizeof before);
  c = before;
  civ_error err;
  civ_bootstrap options = quick(1);
  options.level = 0;
  assert_int_equal(civ_compare_paired(x, y, 30, &options, &c, &err), CIV_E_RANGE);
  assert_int_equal(civ_compare_unpaired(x, 30, y, 30, &options, &c, &err), CIV_E_RANGE);
  assert_memory_equal(&c, &before, sizeof c);
  options = quick(1);
  for (int kind = 0; kind < 2; kind++) {
    civ_status status = CIV_E_NOMEM;
    size_t fail_at = 0;
    for (; status != CIV_OK && fail_at < 20; fail_at++) {
      failing_allocator f;
      failing_allocator_init(&f, fail_at);
      options.allocator = &f.allocator;
      c = before;
      status = kind ? civ_compare_paired(x, y, 30, &options, &c, &err)
                    : civ_compare_unpaired(x, 30, y, 30, &options, &c, &err);
      assert_int_equal(f.blocks, 0);
      if (status != CIV_OK) {
        assert_int_equal(status, CIV_E_NOMEM);
        assert_memory_equal(&c, &before, sizeof c);
      }
    }
    assert_true(status == CIV_OK && fail_at > 2);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(paired_by_hand),
    cmocka_unit_test(unpaired_by_hand),
    cmocka_unit_test(unpaired_of_many),
    cmocka_unit_test(missing_pairs_are_left_out_and_counted),
    cmocka_unit_test(little_data),
    cmocka_unit_test(no_spread),
    cmocka_unit_test(laws),
    cmocka_unit_test(pairing_pays),
    cmocka_unit_test(levels_hold),
    cmocka_unit_test(skewed_differences),
    cmocka_unit_test(refusals),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
