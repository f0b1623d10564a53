#include "variates.h"

#include "statistics/holm.h"
#include "statistics/paired.h"
#include "support/failing_allocator.h"

#define COUNT(x) (sizeof(x) / sizeof *(x))

static void adjust(const double *p, uint64_t n, double *out)
{
  civ_error err;
  if (civ_holm(p, n, out, NULL, &err) != CIV_OK)
    fail_msg("%s: %s", err.where, err.text);
}

static void by_hand(void **state)
{
  static const double p[] = { 0.01, 0.04, 0.03, 0.005 }, expected[] = { 0.03, 0.06, 0.06, 0.02 };
  static const double high[] = { 0.5, 0.9, 0.02 }, capped[] = { 1, 1, 0.06 };
  static const double equal[] = { 0.02, 0.02, 0.02 }, all[] = { 0.06, 0.06, 0.06 };
  static const double missing[] = { NAN, 0.02, NAN, 0.04 };
  double out[4];
  (void)state;
  adjust(p, 4, out);
  for (int i = 0; i < 4; i++)
    assert_near(out[i], expected[i], 1e-15);
  adjust(high, 3, out);
  for (int i = 0; i < 3; i++)
    assert_near(out[i], capped[i], 1e-15);
  adjust(equal, 3, out);
  for (int i = 0; i < 3; i++)
    assert_near(out[i], all[i], 1e-15);
  adjust(missing, 4, out); /* a family of two */
  assert_true(isnan(out[0]) && isnan(out[2]));
  assert_near(out[1], 0.04, 1e-15);
  assert_near(out[3], 0.04, 1e-15);
  adjust(NULL, 0, NULL);
  memcpy(out, p, sizeof out); /* in place */
  adjust(out, 4, out);
  for (int i = 0; i < 4; i++)
    assert_near(out[i], expected[i], 1e-15);
}

/* Between no correction and Bonferroni's, in the order of the p-values, and independent of the order of the family. */
static void laws(void **state)
{
  civ_draws draws = test_draws(70);
  (void)state;
  for (int round = 0; round < 500; round++) {
    double p[30], q[30], turned[30], of_turned[30];
    const uint32_t n = 1 + civ_draw_index(&draws, 30);
    for (uint32_t i = 0; i < n; i++)
      p[i] = pow(civ_draw_uniform(&draws), 3);
    for (uint32_t i = 0; i < n; i++)
      turned[i] = p[n - 1 - i];
    adjust(p, n, q);
    adjust(turned, n, of_turned);
    for (uint32_t i = 0; i < n; i++) {
      assert_true(q[i] >= p[i] && q[i] <= fmin(1, n * p[i]));
      assert_true(of_turned[n - 1 - i] == q[i]);
      for (uint32_t j = 0; j < n; j++)
        assert_true(p[i] > p[j] || q[i] <= q[j]);
    }
  }
}

static void refusals(void **state)
{
  const double bad[] = { 0.1, 1.5 }, fine[] = { 0.1, 0.2 };
  double out[2] = { 7, 7 };
  civ_error err;
  (void)state;
  assert_int_equal(civ_holm(bad, 2, out, NULL, &err), CIV_E_RANGE);
  assert_string_equal(err.text, "p-value 1 is 1.5, outside [0, 1]");
  failing_allocator f;
  failing_allocator_init(&f, 0);
  assert_int_equal(civ_holm(fine, 2, out, &f.allocator, &err), CIV_E_NOMEM);
  assert_true(out[0] == 7 && out[1] == 7);
  assert_int_equal(f.blocks, 0);
}

/* Twenty true null hypotheses, independent: some rejection at 0.05 in 1 - (1 - 0.05/20)^20 = 0.0488 of families. */
static void independent_family(void **state)
{
  const int trials = trials_of(20000);
  civ_draws draws = test_draws(71);
  int alarms = 0;
  (void)state;
  for (int trial = 0; trial < trials; trial++) {
    double p[20], q[20];
    for (int i = 0; i < 20; i++)
      p[i] = civ_draw_uniform(&draws);
    adjust(p, 20, q);
    bool any = false;
    for (int i = 0; i < 20; i++)
      any |= q[i] <= 0.05;
    alarms += any;
  }
  assert_true(fabs((double)alarms / trials - 0.0488) <= 4 * sqrt(0.0488 / trials));
}

enum { CONFIGURATIONS = 12, METRICS = 3, SEEDS = 20 };

/* A sweep under the null: twelve configurations on common seeds, whose three metrics depend on the seed, on each other
 * and on nothing else. The p-values of all comparisons to the first share a baseline. Counts families with some
 * adjusted p <= 0.05. */
static void sweep_without_effects(void **state)
{
  const int trials = trials_of(10000);
  int corrected = 0, naive = 0;
  (void)state;
  for (int trial = 0; trial < trials; trial++) {
    double runs[CONFIGURATIONS][METRICS][SEEDS], p[(CONFIGURATIONS - 1) * METRICS], q[COUNT(p)];
    civ_draws draws = test_draws(72);
    draws.counter[3] = (uint64_t)trial + 1;
    for (int seed = 0; seed < SEEDS; seed++) {
      const double common = draw_normal(&draws);
      for (int c = 0; c < CONFIGURATIONS; c++) {
        const double own = draw_normal(&draws);
        for (int m = 0; m < METRICS; m++)
          runs[c][m][seed] = common + own + (m > 0 ? draw_normal(&draws) : 0);
      }
    }
    civ_bootstrap options = civ_bootstrap_default(1);
    options.resamples = 99;
    size_t at = 0;
    for (int c = 1; c < CONFIGURATIONS; c++)
      for (int m = 0; m < METRICS; m++) {
        civ_difference found;
        assert_int_equal(civ_compare_paired(runs[0][m], runs[c][m], SEEDS, &options, &found, NULL), CIV_OK);
        p[at++] = found.p;
      }
    adjust(p, COUNT(p), q);
    bool any = false, any_naive = false;
    for (size_t i = 0; i < COUNT(p); i++) {
      any |= q[i] <= 0.05;
      any_naive |= p[i] <= 0.05;
    }
    corrected += any;
    naive += any_naive;
  }
  assert_true(naive > trials / 4); /* what correction is for */
  assert_true(corrected <= 0.05 * trials + 3 * sqrt(0.0475 * trials));
  assert_true(corrected > 0);
}

/* One true effect among nulls is still found, and the false alarms among the others stay within the level. */
static void effects_are_found(void **state)
{
  const int trials = trials_of(5000);
  civ_draws draws = test_draws(73);
  int found = 0, alarms = 0;
  (void)state;
  for (int trial = 0; trial < trials; trial++) {
    double p[10], q[10];
    for (int i = 0; i < 10; i++) { /* z tests; the first is of a mean 4 standard errors away */
      const double z = draw_normal(&draws) + (i == 0 ? 4 : 0);
      p[i] = erfc(fabs(z) / sqrt(2));
    }
    adjust(p, 10, q);
    found += q[0] <= 0.05;
    bool any = false;
    for (int i = 1; i < 10; i++)
      any |= q[i] <= 0.05;
    alarms += any;
  }
  assert_true(found > 0.85 * trials); /* z above 2.807 with mean 4: 0.883 */
  assert_true(alarms <= 0.05 * trials + 4 * sqrt(0.0475 * trials));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(by_hand),
    cmocka_unit_test(laws),
    cmocka_unit_test(refusals),
    cmocka_unit_test(independent_family),
    cmocka_unit_test(sweep_without_effects),
    cmocka_unit_test(effects_are_found),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
