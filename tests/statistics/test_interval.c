#include "variates.h"

#include "statistics/interval.h"
#include "statistics/statistics.h"
#include "support/failing_allocator.h"

#define COUNT(x) (sizeof(x) / sizeof *(x))

static civ_summary summary_of(const double *values, uint64_t n)
{
  double copy[1024];
  memcpy(copy, values, n * sizeof *copy);
  return civ_summarise(copy, n);
}

static civ_interval bootstrap_of(const double *values, uint64_t n, const civ_bootstrap *options)
{
  civ_interval out;
  civ_error err;
  if (civ_interval_bootstrap(values, n, options, &out, &err) != CIV_OK)
    fail_msg("%s: %s", err.where, err.text);
  return out;
}

static void assert_is(civ_interval i, civ_interval_method method, double low, double high, double tolerance)
{
  assert_string_equal(civ_interval_method_names[i.method], civ_interval_method_names[method]);
  assert_near(i.low, low, tolerance);
  assert_near(i.high, high, tolerance);
}

/* --- by hand ------------------------------------------------------------------------------------------------------ */

/* Student's quantile in closed form for 4 degrees of freedom (Shaw 2006). */
static double t_of_four(double q)
{
  const double a = 4 * q * (1 - q);
  return 2 * sqrt(cos(acos(sqrt(a)) / 3) / sqrt(a) - 1);
}

static void student_by_hand(void **state)
{
  static const double five[] = { 1, 2, 3, 4, 5 };
  const civ_summary s = summary_of(five, 5), one = summary_of(five, 1), none = summary_of(five, 0);
  const double se = sqrt(0.5), t95 = t_of_four(0.975), t99 = t_of_four(0.995);
  (void)state;
  assert_near(t95, 2.776445105, 1e-9);
  assert_is(civ_interval_student(&s, 0.95), CIV_INTERVAL_STUDENT, 3 - t95 * se, 3 + t95 * se, 1e-11);
  assert_is(civ_interval_student(&s, 0.99), CIV_INTERVAL_STUDENT, 3 - t99 * se, 3 + t99 * se, 1e-11);
  assert_is(civ_interval_student(&one, 0.95), CIV_INTERVAL_NONE, 0, 0, 0);
  assert_is(civ_interval_student(&none, 0.95), CIV_INTERVAL_NONE, 0, 0, 0);
}

static void welch_by_hand(void **state)
{
  static const double a[] = { 1, 2, 3, 4 }, b[] = { 2, 4, 6, 8, 10 }, flat[] = { 7, 7, 7 };
  const civ_summary of_a = summary_of(a, 4), of_b = summary_of(b, 5), of_flat = summary_of(flat, 3);
  const civ_summary single = summary_of(a, 1);
  const civ_welch w = civ_welch_difference(&of_a, &of_b);
  (void)state;
  assert_near(w.difference, 3.5, 1e-15);
  assert_near(w.standard_error, sqrt(29.0 / 12.0), 1e-15);
  assert_near(w.df, 2523.0 / 457.0, 1e-14);
  const civ_interval i = civ_interval_welch(&of_a, &of_b, 0.95);
  assert_near((i.low + i.high) / 2, 3.5, 1e-14);
  assert_true(i.high - 3.5 > 2.4469 * w.standard_error && i.high - 3.5 < 2.5706 * w.standard_error); /* t of 6, of 5 */
  assert_is(civ_interval_welch(&of_flat, &of_flat, 0.95), CIV_INTERVAL_STUDENT, 0, 0, 0);
  assert_is(civ_interval_welch(&single, &of_b, 0.95), CIV_INTERVAL_NONE, 0, 0, 0);
  /* One side without spread leaves the other's degrees of freedom. */
  assert_near(civ_welch_difference(&of_flat, &of_b).df, 4, 1e-14);
}

static void quantiles_by_hand(void **state)
{
  double x[100];
  (void)state;
  for (int i = 0; i < 100; i++)
    x[i] = i + 1;
  assert_is(civ_interval_quantile(x, 5, 0.5, 0.95), CIV_INTERVAL_NONE, 0, 0, 0); /* 2/2^5 > 0.05 */
  assert_is(civ_interval_quantile(x, 6, 0.5, 0.95), CIV_INTERVAL_ORDER, 1, 6, 0);
  assert_is(civ_interval_quantile(x, 10, 0.5, 0.95), CIV_INTERVAL_ORDER, 2, 9, 0);
  assert_is(civ_interval_quantile(x, 100, 0.5, 0.95), CIV_INTERVAL_ORDER, 40, 61, 0);
  assert_is(civ_interval_quantile(x, 50, 0.99, 0.95), CIV_INTERVAL_NONE, 0, 0, 0);
  assert_is(civ_interval_quantile(x, 0, 0.5, 0.95), CIV_INTERVAL_NONE, 0, 0, 0);
}

static void shares_by_hand(void **state)
{
  const double z2 = 1.959963984540054 * 1.959963984540054;
  (void)state;
  assert_is(civ_interval_share(0, 10, 0.95), CIV_INTERVAL_WILSON, 0, z2 / (10 + z2), 1e-14);
  assert_is(civ_interval_share(10, 10, 0.95), CIV_INTERVAL_WILSON, 10 / (10 + z2), 1, 1e-14);
  assert_is(civ_interval_share(5, 10, 0.95), CIV_INTERVAL_WILSON, 0.236593090512564, 0.763406909487436, 1e-12);
  assert_is(civ_interval_share(0, 0, 0.95), CIV_INTERVAL_NONE, 0, 0, 0);
}

/* --- the bootstrap ------------------------------------------------------------------------------------------------ */

/* The definition once more, plainly: sorted data, resample b from its own stream, ranks of the ordered t*. */
static void bootstrap_is_its_definition(void **state)
{
  civ_draws draws = test_draws(40);
  (void)state;
  for (int round = 0; round < 20; round++) {
    double x[60], t[199];
    const uint32_t n = 12 + civ_draw_index(&draws, 49);
    for (uint32_t i = 0; i < n; i++)
      x[i] = 5 + draw_exponential(&draws);
    civ_bootstrap options = civ_bootstrap_default((uint64_t)round);
    options.resamples = 199;
    options.entity = 3;
    options.other = 8;
    const civ_interval found = bootstrap_of(x, n, &options);
    const civ_summary s = civ_summarise(x, n);
    for (uint32_t b = 0; b < 199; b++) {
      const civ_draw_key key = { .purpose = CIV_PURPOSE_BOOTSTRAP, .entity = 3, .other = 8, .ordinal = b };
      civ_draws own = civ_draws_open((uint64_t)round, &key);
      double y[60];
      for (uint32_t i = 0; i < n; i++)
        y[i] = x[civ_draw_index(&own, n)];
      const civ_summary r = civ_summarise(y, n);
      t[b] = (r.mean - s.mean) / (r.sd / sqrt(n));
    }
    qsort(t, 199, sizeof *t, civ_compare_reals);
    const double se = s.sd / sqrt(n);
    assert_is(found, CIV_INTERVAL_STUDENTISED, s.mean - t[194] * se, s.mean - t[4] * se, 1e-10);
  }
}

static void bootstrap_follows_its_data(void **state)
{
  civ_draws draws = test_draws(41);
  double x[50], y[50], backwards[52];
  (void)state;
  for (int i = 0; i < 50; i++) {
    x[i] = draw_lognormal(&draws);
    y[i] = 8 * x[i] + 3;
    backwards[50 - i] = x[i];
  }
  backwards[0] = NAN;
  backwards[51] = -INFINITY;
  civ_bootstrap options = civ_bootstrap_default(7);
  const civ_interval of_x = bootstrap_of(x, 50, &options), of_y = bootstrap_of(y, 50, &options);
  assert_is(of_y, CIV_INTERVAL_STUDENTISED, 8 * of_x.low + 3, 8 * of_x.high + 3, 1e-12);
  const civ_interval again =
      bootstrap_of(backwards, 52, &options); /* failed runs and the order of runs change nothing */
  assert_true(again.method == of_x.method && again.low == of_x.low && again.high == of_x.high);
  options.entity = 1;
  const civ_interval other = bootstrap_of(x, 50, &options);
  assert_true(other.low != of_x.low);
  options.entity = 0;
  options.level = 0.8;
  const civ_interval narrow = bootstrap_of(x, 50, &options);
  assert_true(narrow.low > of_x.low && narrow.high < of_x.high);
  /* Skewed to the right: the interval reaches further to the right than Student's. */
  const civ_summary s = summary_of(x, 50);
  assert_true(of_x.high - s.mean > s.mean - of_x.low);
}

static void bootstrap_of_little(void **state)
{
  double x[40] = { 0 };
  civ_bootstrap options = civ_bootstrap_default(1);
  (void)state;
  assert_is(bootstrap_of(x, 0, &options), CIV_INTERVAL_NONE, 0, 0, 0);
  x[0] = 4;
  assert_is(bootstrap_of(x, 1, &options), CIV_INTERVAL_NONE, 0, 0, 0);
  for (int i = 0; i < 40; i++)
    x[i] = 0.1;
  assert_is(bootstrap_of(x, 40, &options), CIV_INTERVAL_STUDENT, 0.1, 0.1, 0);
  for (int i = 0; i < 9; i++)
    x[i] = i;
  const civ_summary nine = summary_of(x, 9);
  const civ_interval student = civ_interval_student(&nine, 0.95);
  assert_is(bootstrap_of(x, 9, &options), CIV_INTERVAL_STUDENT, student.low, student.high, 0);
  /* One value in 40 is not 0: a third of the resamples has no spread, so the upper end is unknown. */
  memset(x, 0, sizeof x);
  x[17] = 1;
  assert_int_equal(bootstrap_of(x, 40, &options).method, CIV_INTERVAL_STUDENT);
}

static void two_samples(void **state)
{
  civ_draws draws = test_draws(42);
  double a[40], b[60];
  civ_bootstrap options = civ_bootstrap_default(3);
  civ_interval i, j;
  (void)state;
  for (int k = 0; k < 40; k++)
    a[k] = draw_normal(&draws);
  for (int k = 0; k < 60; k++)
    b[k] = 10 + 3 * draw_normal(&draws);
  assert_int_equal(civ_interval_bootstrap_two(a, 40, b, 60, &options, &i, NULL), CIV_OK);
  const civ_summary of_a = summary_of(a, 40), of_b = summary_of(b, 60);
  const civ_interval welch = civ_interval_welch(&of_a, &of_b, 0.95);
  assert_int_equal(i.method, CIV_INTERVAL_STUDENTISED);
  assert_near(i.low, welch.low, 0.02); /* normal data: the two agree */
  assert_near(i.high, welch.high, 0.02);
  assert_int_equal(civ_interval_bootstrap_two(a, 9, b, 60, &options, &j, NULL), CIV_OK);
  assert_int_equal(j.method, CIV_INTERVAL_STUDENT);
  assert_int_equal(civ_interval_bootstrap_two(a, 1, b, 60, &options, &j, NULL), CIV_OK);
  assert_int_equal(j.method, CIV_INTERVAL_NONE);
}

static void refusals(void **state)
{
  const double x[] = { 1, 2, 3 };
  const civ_interval before = { CIV_INTERVAL_ORDER, -1, 1 };
  civ_interval out = before;
  civ_error err;
  (void)state;
  civ_bootstrap options = civ_bootstrap_default(1);
  options.level = 1;
  assert_int_equal(civ_interval_bootstrap(x, 3, &options, &out, &err), CIV_E_RANGE);
  assert_string_equal(err.where, "bootstrap.level");
  options.level = NAN;
  assert_int_equal(civ_interval_bootstrap(x, 3, &options, &out, &err), CIV_E_RANGE);
  options = civ_bootstrap_default(1);
  options.resamples = 98;
  assert_int_equal(civ_interval_bootstrap(x, 3, &options, &out, &err), CIV_E_RANGE);
  assert_string_equal(err.text, "98 is outside [99, 1000000]; 1999 is usual");
  assert_int_equal(
      civ_interval_bootstrap(x, UINT64_C(1) << 32, &(civ_bootstrap){ 0.95, 99, 1, 0, 0, NULL }, &out, &err),
      CIV_E_LIMIT);
  assert_memory_equal(&out, &before, sizeof out);
}

static void without_memory(void **state)
{
  double x[30];
  (void)state;
  for (int i = 0; i < 30; i++)
    x[i] = i * i;
  for (size_t fail_at = 0; fail_at < 6; fail_at++) {
    failing_allocator f;
    failing_allocator_init(&f, fail_at);
    civ_bootstrap options = civ_bootstrap_default(1);
    options.resamples = 99;
    options.allocator = &f.allocator;
    const civ_interval before = { CIV_INTERVAL_ORDER, -1, 1 };
    civ_interval one = before, two = before;
    const civ_status first = civ_interval_bootstrap(x, 30, &options, &one, NULL);
    assert_int_equal(first, fail_at < 2 ? CIV_E_NOMEM : CIV_OK);
    assert_int_equal(f.blocks, 0);
    const civ_status second = civ_interval_bootstrap_two(x, 20, x + 20, 10, &options, &two, NULL);
    assert_int_equal(second, fail_at == 2 || fail_at == 3 || fail_at == 4 ? CIV_E_NOMEM : CIV_OK);
    assert_int_equal(f.blocks, 0);
    if (first != CIV_OK)
      assert_memory_equal(&one, &before, sizeof one);
    if (second != CIV_OK)
      assert_memory_equal(&two, &before, sizeof two);
  }
}

/* --- coverage ----------------------------------------------------------------------------------------------------- */

static void student_covers_normal_data(void **state)
{
  static const int sizes[] = { 2, 3, 5, 10, 30, 100 };
  (void)state;
  for (size_t k = 0; k < COUNT(sizes); k++) {
    civ_draws draws = test_draws(50 + (uint32_t)k);
    const int trials = trials_of(10000);
    int covered = 0;
    for (int trial = 0; trial < trials; trial++) {
      double x[100];
      for (int i = 0; i < sizes[k]; i++)
        x[i] = draw_normal(&draws);
      const civ_summary s = civ_summarise(x, (uint64_t)sizes[k]);
      const civ_interval i = civ_interval_student(&s, 0.95);
      covered += i.low <= 0 && 0 <= i.high;
    }
    assert_covers(covered, trials);
  }
}

static void bootstrap_coverage(double (*draw)(civ_draws *), double mean, uint32_t n, uint32_t test)
{
  const int trials = trials_of(10000);
  int covered = 0;
  for (int trial = 0; trial < trials; trial++) {
    double x[400];
    civ_draws draws = test_draws(test);
    draws.counter[3] = (uint64_t)trial + 1; /* a stream of its own for each trial */
    for (uint32_t i = 0; i < n; i++)
      x[i] = draw(&draws);
    civ_bootstrap options = civ_bootstrap_default((uint64_t)trial);
    options.resamples = is_long() ? 1999 : 399;
    const civ_interval i = bootstrap_of(x, n, &options);
    covered += i.low <= mean && mean <= i.high;
  }
  assert_covers(covered, trials);
}

static void bootstrap_covers_normal_data(void **state)
{
  (void)state;
  bootstrap_coverage(draw_normal, 0, 100, 60);
}

static void bootstrap_covers_skewed_data(void **state)
{
  (void)state;
  bootstrap_coverage(draw_exponential, 1, 100, 61);
  if (is_long())
    bootstrap_coverage(draw_exponential, 1, 400, 62);
}

/* At least what they promise: both are made of whole counts. */
static void quantiles_and_shares_cover(void **state)
{
  const int trials = trials_of(10000);
  civ_draws draws = test_draws(63);
  int median = 0, tenth = 0, share = 0;
  (void)state;
  for (int trial = 0; trial < trials; trial++) {
    double x[60];
    uint64_t hits = 0;
    for (int i = 0; i < 60; i++) {
      x[i] = draw_exponential(&draws);
      hits += civ_draw_chance(&draws, 0.3);
    }
    qsort(x, 60, sizeof *x, civ_compare_reals);
    const civ_interval m = civ_interval_quantile(x, 60, 0.5, 0.95), t = civ_interval_quantile(x, 60, 0.1, 0.95);
    const civ_interval w = civ_interval_share(hits, 60, 0.95);
    median += m.low <= log(2) && log(2) <= m.high;
    tenth += t.low <= -log(0.9) && -log(0.9) <= t.high;
    share += w.low <= 0.3 && 0.3 <= w.high;
  }
  assert_true(median >= 0.945 * trials && median <= 0.99 * trials);
  assert_true(tenth >= 0.945 * trials && tenth <= 0.99 * trials);
  assert_true(share >= 0.93 * trials && share <= 0.98 * trials);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(student_by_hand),
    cmocka_unit_test(welch_by_hand),
    cmocka_unit_test(quantiles_by_hand),
    cmocka_unit_test(shares_by_hand),
    cmocka_unit_test(bootstrap_is_its_definition),
    cmocka_unit_test(bootstrap_follows_its_data),
    cmocka_unit_test(bootstrap_of_little),
    cmocka_unit_test(two_samples),
    cmocka_unit_test(refusals),
    cmocka_unit_test(without_memory),
    cmocka_unit_test(student_covers_normal_data),
    cmocka_unit_test(bootstrap_covers_normal_data),
    cmocka_unit_test(bootstrap_covers_skewed_data),
    cmocka_unit_test(quantiles_and_shares_cover),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
