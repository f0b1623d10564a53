#include "variates.h"

#include "statistics/sensitivity.h"
#include "support/failing_allocator.h"

#define COUNT(x) (sizeof(x) / sizeof *(x))

static const double pi = 3.14159265358979323846;

enum { MOST_ROWS = 4096, MOST_POINTS = 120000 };
static double points[MOST_POINTS * 8], outputs[MOST_POINTS];

typedef double (*model)(const double *u, uint32_t k);

/* --- functions whose indices are known ---------------------------------------------------------------------------- */

/* Ishigami & Homma 1990, a = 7, b = 0.1, on [-pi, pi]^3. */
static double ishigami(const double *u, uint32_t k)
{
  (void)k;
  const double x = pi * (2 * u[0] - 1), y = pi * (2 * u[1] - 1), z = pi * (2 * u[2] - 1);
  return sin(x) + 7 * sin(y) * sin(y) + 0.1 * z * z * z * z * sin(x);
}

static void ishigami_indices(double *first, double *total)
{
  const double p4 = pi * pi * pi * pi, p8 = p4 * p4, a = 7, b = 0.1;
  const double v1 = 0.5 * (1 + b * p4 / 5) * (1 + b * p4 / 5), v2 = a * a / 8, v13 = 8 * b * b * p8 / 225;
  const double v = v1 + v2 + v13;
  assert_near(v, a * a / 8 + b * p4 / 5 + b * b * p8 / 18 + 0.5, 1e-12);
  first[0] = v1 / v, first[1] = v2 / v, first[2] = 0;
  total[0] = (v1 + v13) / v, total[1] = v2 / v, total[2] = v13 / v;
}

/* Sobol's g (Saltelli & Sobol 1995): product of (|4u - 2| + a) / (1 + a). */
static const double g_weights[] = { 0, 1, 4.5, 9, 99, 99 };

static double g_function(const double *u, uint32_t k)
{
  double product = 1;
  for (uint32_t i = 0; i < k; i++)
    product *= (fabs(4 * u[i] - 2) + g_weights[i]) / (1 + g_weights[i]);
  return product;
}

static void g_indices(double *first, double *total)
{
  double product = 1, part[6];
  for (int i = 0; i < 6; i++) {
    part[i] = 1 / (3 * (1 + g_weights[i]) * (1 + g_weights[i]));
    product *= 1 + part[i];
  }
  for (int i = 0; i < 6; i++) {
    first[i] = part[i] / (product - 1);
    total[i] = part[i] * product / (1 + part[i]) / (product - 1);
  }
}

static const double slopes[] = { 4, -2, 1, 0, 0.5 };

static double line(const double *u, uint32_t k)
{
  double sum = 3;
  for (uint32_t i = 0; i < k; i++)
    sum += slopes[i] * u[i];
  return sum;
}

static void run(model f, uint64_t n_points, uint32_t k)
{
  for (uint64_t at = 0; at < n_points; at++)
    outputs[at] = f(points + at * k, k);
}

static civ_indices indices_of(model f, uint64_t n, uint32_t k, uint64_t seed, civ_index *first, civ_index *total)
{
  uint64_t size;
  civ_indices out;
  civ_error err;
  civ_bootstrap options = civ_bootstrap_default(seed);
  options.resamples = 199;
  assert_int_equal(civ_indices_plan_size(n, k, &size, &err), CIV_OK);
  assert_true(size == n * (k + 2) && size <= MOST_POINTS);
  if (civ_indices_plan(n, k, seed, points, &err) != CIV_OK)
    fail_msg("%s: %s", err.where, err.text);
  run(f, size, k);
  if (civ_indices_analyse(outputs, n, k, &options, &out, first, total, &err) != CIV_OK)
    fail_msg("%s: %s", err.where, err.text);
  return out;
}

static bool holds(const civ_index *index, double truth)
{
  assert_int_equal(index->interval.method, CIV_INTERVAL_STUDENTISED);
  return index->interval.low <= truth && truth <= index->interval.high;
}

/* Within the intervals (each covers at least as often as promised), and close in themselves. */
static void meets(model f, void (*closed_form)(double *, double *), uint32_t k, double close)
{
  const int rounds = trials_of(40);
  double first_truth[6], total_truth[6];
  int inside = 0;
  closed_form(first_truth, total_truth);
  for (int seed = 0; seed < rounds; seed++) {
    civ_index first[6], total[6];
    const civ_indices found = indices_of(f, 1024, k, (uint64_t)seed, first, total);
    assert_true(found.defined && found.n == 1024 && found.missing == 0);
    for (uint32_t i = 0; i < k; i++) {
      inside += holds(&first[i], first_truth[i]) + holds(&total[i], total_truth[i]);
      if (!(fabs(first[i].value - first_truth[i]) < close) || !(fabs(total[i].value - total_truth[i]) < close))
        fail_msg("parameter %u: first %g not %g, total %g not %g", i, first[i].value, first_truth[i], total[i].value,
                 total_truth[i]);
    }
  }
  assert_true(inside >= 0.95 * (2 * (int)k * rounds));
}

static void ishigami_function(void **state)
{
  (void)state;
  meets(ishigami, ishigami_indices, 3, 0.06);
}

static void sobol_g_function(void **state)
{
  (void)state;
  meets(g_function, g_indices, 6, 0.06);
}

static void more_rows_come_closer(void **state)
{
  double first_truth[3], total_truth[3], few = 0, many = 0;
  (void)state;
  ishigami_indices(first_truth, total_truth);
  for (uint64_t seed = 0; seed < 10; seed++)
    for (int k = 0; k < 2; k++) {
      civ_index first[3], total[3];
      (void)indices_of(ishigami, k ? 4096 : 128, 3, seed, first, total);
      for (int i = 0; i < 3; i++)
        *(k ? &many : &few) += fabs(first[i].value - first_truth[i]) + fabs(total[i].value - total_truth[i]);
    }
  assert_true(many < few / 8); /* independent rows would give sqrt(32) = 5.7 */
}

/* With independent rows the intervals cover about what they promise: Sobol rows are replaced by random ones. */
static void intervals_cover_independent_rows(void **state)
{
  const int trials = trials_of(1000);
  double first_truth[3], total_truth[3];
  int covered[6] = { 0 };
  (void)state;
  ishigami_indices(first_truth, total_truth);
  for (int trial = 0; trial < trials; trial++) {
    static double base[300 * 6];
    civ_random_points(300, 6, (uint64_t)trial, base);
    for (int r = 0; r < 300; r++)
      for (int p = 0; p < 5; p++) {
        double u[3];
        for (int i = 0; i < 3; i++)
          u[i] = base[r * 6 + (p == 1 || p == i + 2 ? 3 + i : i)];
        outputs[r * 5 + p] = ishigami(u, 3);
      }
    civ_indices out;
    civ_index first[3], total[3];
    civ_bootstrap options = civ_bootstrap_default((uint64_t)trial);
    options.resamples = 199;
    assert_int_equal(civ_indices_analyse(outputs, 300, 3, &options, &out, first, total, NULL), CIV_OK);
    for (int i = 0; i < 3; i++) {
      covered[i] += holds(&first[i], first_truth[i]);
      covered[3 + i] += holds(&total[i], total_truth[i]);
    }
  }
  for (int i = 0; i < 6; i++)
    assert_true(fabs((double)covered[i] / trials - 0.95) < 0.015 + 3 * sqrt(0.0475 / trials));
}

static void additive_functions_have_no_interactions(void **state)
{
  civ_index first[5], total[5];
  double v = 0;
  (void)state;
  for (int i = 0; i < 5; i++)
    v += slopes[i] * slopes[i];
  const civ_indices found = indices_of(line, 4096, 5, 3, first, total);
  assert_near(found.variance, v / 12, 1e-3);
  assert_near(found.mean, 3 + 3.5 / 2, 1e-3);
  for (int i = 0; i < 5; i++) {
    assert_near(first[i].value, slopes[i] * slopes[i] / v, 2e-3);
    assert_near(total[i].value, slopes[i] * slopes[i] / v, 2e-3);
  }
  assert_true(first[3].value == 0 && total[3].value == 0); /* it is not there at all */
  assert_true(total[3].interval.low == 0 && total[3].interval.high == 0);
}

/* --- plan and analysis of indices --------------------------------------------------------------------------------- */

static void plan_of_indices(void **state)
{
  (void)state;
  for (uint32_t k = 1; k <= 20; k++) {
    const uint64_t n = 64;
    assert_int_equal(civ_indices_plan(n, k, 5, points, NULL), CIV_OK);
    for (uint64_t r = 0; r < n; r++) {
      const double *a = points + r * (k + 2) * k, *b = a + k;
      for (uint32_t p = 0; p < k; p++)
        for (uint32_t i = 0; i < k; i++) {
          assert_true(a[(p + 2) * k + i] == (i == p ? b : a)[i]);
          assert_true(a[i] > 0 && a[i] < 1 && a[i] != b[i]);
        }
    }
  }
  static double longer[128 * 4 * 2];
  assert_int_equal(civ_indices_plan(64, 2, 5, points, NULL), CIV_OK);
  assert_int_equal(civ_indices_plan(128, 2, 5, longer, NULL), CIV_OK);
  assert_memory_equal(points, longer, 64 * 4 * 2 * sizeof *points); /* may be extended */
}

static void indices_are_refused(void **state)
{
  uint64_t size = 7;
  civ_error err;
  (void)state;
  assert_int_equal(civ_indices_plan_size(64, 20, &size, &err), CIV_OK);
  assert_int_equal(size, 64 * 22);
  assert_int_equal(civ_indices_plan_size(64, 21, &size, &err), CIV_E_LIMIT);
  assert_non_null(strstr(err.text, "Morris"));
  assert_int_equal(civ_indices_plan_size(64, 0, &size, &err), CIV_E_RANGE);
  assert_int_equal(civ_indices_plan_size(1, 2, &size, &err), CIV_E_RANGE);
  assert_int_equal(civ_indices_plan_size(civ_design_most, 2, &size, &err), CIV_E_LIMIT);
  assert_int_equal(size, 64 * 22);
  assert_int_equal(civ_indices_plan(64, 21, 1, points, &err), CIV_E_LIMIT);
}

static void missing_outputs_and_no_variance(void **state)
{
  civ_index first[3], total[3], first_less[3], total_less[3];
  civ_indices out;
  civ_bootstrap options = civ_bootstrap_default(4);
  options.resamples = 199;
  (void)state;
  (void)indices_of(ishigami, 512, 3, 4, first, total);
  /* Failed runs take their base row with them: the same as analysing the others. */
  static double fewer[500 * 5];
  memcpy(fewer, outputs, 100 * 5 * sizeof *outputs);
  memcpy(fewer + 100 * 5, outputs + 112 * 5, 400 * 5 * sizeof *outputs);
  for (int r = 100; r < 112; r++)
    outputs[r * 5 + r % 5] = r % 2 ? (double)NAN : (double)INFINITY;
  assert_int_equal(civ_indices_analyse(outputs, 512, 3, &options, &out, first, total, NULL), CIV_OK);
  assert_true(out.defined && out.n == 500 && out.missing == 12);
  assert_int_equal(civ_indices_analyse(fewer, 500, 3, &options, &out, first_less, total_less, NULL), CIV_OK);
  assert_memory_equal(&first[1].interval.low, &first_less[1].interval.low, sizeof(double));
  assert_true(first[0].value == first_less[0].value && total[2].value == total_less[2].value);
  for (int k = 0; k < 2560; k++)
    outputs[k] = 0.1;
  assert_int_equal(civ_indices_analyse(outputs, 512, 3, &options, &out, first, total, NULL), CIV_OK);
  assert_true(!out.defined && out.variance == 0 && first[0].value == 0);
  assert_int_equal(total[2].interval.method, CIV_INTERVAL_NONE);
  for (int k = 0; k < 2560; k++)
    outputs[k] = NAN;
  assert_int_equal(civ_indices_analyse(outputs, 512, 3, &options, &out, first, total, NULL), CIV_OK);
  assert_true(!out.defined && out.n == 0 && out.missing == 512);
}

static void unit_of_the_output_does_not_matter(void **state)
{
  civ_index first[3], total[3], first_scaled[3], total_scaled[3];
  civ_indices out;
  civ_bootstrap options = civ_bootstrap_default(6);
  options.resamples = 199;
  (void)state;
  (void)indices_of(ishigami, 256, 3, 6, first, total);
  for (int k = 0; k < 256 * 5; k++)
    outputs[k] = 1e6 - 8 * outputs[k];
  assert_int_equal(civ_indices_analyse(outputs, 256, 3, &options, &out, first_scaled, total_scaled, NULL), CIV_OK);
  for (int i = 0; i < 3; i++) {
    assert_near(first_scaled[i].value, first[i].value, 1e-8);
    assert_near(total_scaled[i].interval.low, total[i].interval.low, 1e-7);
    assert_near(first_scaled[i].interval.high, first[i].interval.high, 1e-7);
  }
}

/* --- Morris ------------------------------------------------------------------------------------------------------- */

static void plan_of_morris(void **state)
{
  static const uint32_t levels[] = { 2, 4, 6, 10 };
  (void)state;
  for (uint32_t k = 1; k <= 30; k += k < 5 ? 1 : 5)
    for (size_t l = 0; l < COUNT(levels); l++) {
      const uint32_t p = levels[l];
      const double delta = p / (2.0 * (p - 1));
      assert_int_equal(civ_morris_plan(50, k, p, 8, points, NULL), CIV_OK);
      for (uint32_t r = 0; r < 50; r++) {
        uint32_t times[30] = { 0 };
        for (uint32_t j = 0; j <= k; j++)
          for (uint32_t i = 0; i < k; i++) {
            const double *at = points + (r * (k + 1) + j) * k + i;
            assert_true(*at >= 0 && *at <= 1);
            assert_near(*at * (p - 1), floor(*at * (p - 1) + 0.5), 1e-12);
            if (j < k && at[k] != at[0]) {
              assert_near(fabs(at[k] - at[0]), delta, 1e-12);
              times[i]++;
            }
          }
        for (uint32_t i = 0; i < k; i++)
          assert_int_equal(times[i], 1);
      }
    }
  static double longer[60 * 4 * 3];
  assert_int_equal(civ_morris_plan(50, 3, 4, 8, points, NULL), CIV_OK);
  assert_int_equal(civ_morris_plan(60, 3, 4, 8, longer, NULL), CIV_OK);
  assert_memory_equal(points, longer, 50 * 4 * 3 * sizeof *points);
}

/* Every level, every direction and every place in the order come equally often. */
static void plan_of_morris_is_fair(void **state)
{
  const int n = 4000;
  int level[4] = { 0 }, up = 0, earliest[3] = { 0 };
  (void)state;
  assert_int_equal(civ_morris_plan((uint64_t)n, 3, 4, 1, points, NULL), CIV_OK);
  for (int r = 0; r < n; r++) {
    const double *at = points + r * 12;
    level[(int)(at[0] * 3 + 0.5)]++;
    for (int i = 0; i < 3; i++)
      earliest[i] += at[3 + i] != at[i];
    up += at[9] > at[0];
  }
  for (int k = 0; k < 4; k++)
    assert_true(abs(level[k] - n / 4) < 4 * sqrt(n * 3.0 / 16));
  for (int k = 0; k < 3; k++)
    assert_true(abs(earliest[k] - n / 3) < 4 * sqrt(n * 2.0 / 9));
  assert_true(abs(up - n / 2) < 4 * sqrt(n / 4.0));
}

static civ_status effects_of(model f, uint64_t trajectories, uint32_t k, civ_effects *out, civ_error *err)
{
  const civ_bootstrap options = civ_bootstrap_default(2);
  assert_int_equal(civ_morris_plan(trajectories, k, 4, 2, points, NULL), CIV_OK);
  run(f, trajectories * (k + 1), k);
  return civ_morris_analyse(points, outputs, trajectories, k, 4, &options, out, err);
}

static void lines_have_exact_effects(void **state)
{
  civ_effects e[5];
  (void)state;
  assert_int_equal(effects_of(line, 12, 5, e, NULL), CIV_OK);
  for (int i = 0; i < 5; i++) {
    assert_true(e[i].n == 12 && e[i].missing == 0);
    assert_near(e[i].mu.value, slopes[i], 1e-13);
    assert_near(e[i].mu_star.value, fabs(slopes[i]), 1e-13);
    assert_near(e[i].sigma, 0, 1e-13);
    assert_near(e[i].mu_star.interval.low, fabs(slopes[i]), 1e-12);
    assert_near(e[i].mu_star.interval.high, fabs(slopes[i]), 1e-12);
  }
}

/* A quadratic and a product: effects by hand. With p = 4, delta = 2/3 and base levels 0 and 1/3: u^2 gives 2/3 or 4/3;
 * u v gives the other's level; means 1 and 1/2, sd 1/3 and that of {0, 1/3, 2/3, 1}. */
static double bent(const double *u, uint32_t k)
{
  (void)k;
  return u[0] * u[0] + u[1] * u[2] - 0.1 * u[3];
}

static void bent_functions(void **state)
{
  civ_effects e[4];
  (void)state;
  assert_int_equal(effects_of(bent, 2000, 4, e, NULL), CIV_OK);
  assert_near(e[0].mu.value, 1, 0.03);
  assert_near(e[0].sigma, 1.0 / 3, 0.01);
  assert_near(e[1].mu_star.value, 0.5, 0.03);
  assert_near(e[2].sigma, sqrt(5.0 / 36), 0.01);
  assert_near(e[3].mu.value, -0.1, 1e-12);
  assert_true(e[0].mu.interval.low <= 1 && 1 <= e[0].mu.interval.high);
  assert_true(e[1].mu_star.interval.low <= 0.5 && 0.5 <= e[1].mu_star.interval.high);
}

/* The g-function's importance falls with the weight; the Ishigami function's first parameter both bends and interacts,
 * and the third has no direction, which only mu* notices. */
static void ranks(void **state)
{
  civ_effects e[6], i[3];
  (void)state;
  assert_int_equal(effects_of(g_function, 50, 6, e, NULL), CIV_OK);
  for (int k = 0; k < 4; k++)
    assert_true(e[k].mu_star.value > e[k + 1].mu_star.value);
  assert_true(e[4].mu_star.value < 0.1 && e[5].mu_star.value < 0.1);
  assert_int_equal(effects_of(ishigami, 200, 3, i, NULL), CIV_OK);
  assert_true(i[0].mu_star.value > i[2].mu_star.value && i[2].mu_star.value > 2);
  assert_true(i[2].mu.interval.low < 0 && 0 < i[2].mu.interval.high && i[2].mu_star.interval.low > 1);
}

static void morris_with_missing_runs(void **state)
{
  civ_effects e[5];
  civ_error err;
  const civ_bootstrap options = civ_bootstrap_default(2);
  (void)state;
  assert_int_equal(effects_of(line, 20, 5, e, NULL), CIV_OK);
  outputs[0] = NAN;     /* the first effect of trajectory 0 */
  outputs[6 + 2] = NAN; /* two of trajectory 1 */
  assert_int_equal(civ_morris_analyse(points, outputs, 20, 5, 4, &options, e, NULL), CIV_OK);
  uint64_t missing = 0;
  for (int i = 0; i < 5; i++) {
    missing += e[i].missing;
    assert_int_equal(e[i].n + e[i].missing, 20);
    assert_near(e[i].mu.value, slopes[i], 1e-13);
  }
  assert_int_equal(missing, 3);
  points[5] = points[0]; /* the second point moves nothing, or two at once */
  points[6] = points[1];
  points[7] = points[2];
  points[8] = points[3];
  points[9] = points[4];
  civ_effects before[5];
  memcpy(before, e, sizeof e);
  assert_int_equal(civ_morris_analyse(points, outputs, 20, 5, 4, &options, e, &err), CIV_E_RANGE);
  assert_string_equal(err.text, "point 1 does not continue a trajectory of 4 levels");
  assert_memory_equal(before, e, sizeof e);
}

static void morris_is_refused(void **state)
{
  uint64_t size = 7;
  civ_error err;
  (void)state;
  assert_int_equal(civ_morris_plan_size(10, 100, 4, &size, &err), CIV_OK);
  assert_int_equal(size, 1010);
  assert_int_equal(civ_morris_plan_size(10, 0, 4, &size, &err), CIV_E_RANGE);
  assert_int_equal(civ_morris_plan_size(0, 3, 4, &size, &err), CIV_E_RANGE);
  assert_int_equal(civ_morris_plan_size(10, 3, 5, &size, &err), CIV_E_RANGE);
  assert_int_equal(civ_morris_plan_size(10, 3, 0, &size, &err), CIV_E_RANGE);
  assert_int_equal(civ_morris_plan_size(10, 3, 1002, &size, &err), CIV_E_RANGE);
  assert_int_equal(civ_morris_plan_size(civ_design_most, 3, 4, &size, &err), CIV_E_LIMIT);
  assert_int_equal(size, 1010);
}

/* --- memory ------------------------------------------------------------------------------------------------------- */

static void without_memory(void **state)
{
  (void)state;
  assert_int_equal(civ_morris_plan(20, 2, 4, 1, points, NULL), CIV_OK);
  for (int k = 0; k < 200; k++)
    outputs[k] = k * k % 17;
  for (int kind = 0; kind < 2; kind++) {
    civ_status status = CIV_E_NOMEM;
    size_t fail_at = 0;
    for (; status != CIV_OK && fail_at < 40; fail_at++) {
      failing_allocator f;
      failing_allocator_init(&f, fail_at);
      civ_bootstrap options = civ_bootstrap_default(1);
      options.allocator = &f.allocator;
      civ_indices out = { .n = 99 };
      civ_index first[2] = { { 0 } }, total[2] = { { 0 } };
      civ_effects effects[2] = { { .n = 99 }, { .n = 99 } };
      status = kind ? civ_indices_analyse(outputs, 50, 2, &options, &out, first, total, NULL)
                    : civ_morris_analyse(points, outputs, 20, 2, 4, &options, effects, NULL);
      assert_int_equal(f.blocks, 0);
      if (status != CIV_OK) {
        assert_int_equal(status, CIV_E_NOMEM);
        assert_true(out.n == 99 && effects[0].n == 99 && effects[1].n == 99);
      }
    }
    assert_true(status == CIV_OK && fail_at > 3);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(ishigami_function),
    cmocka_unit_test(sobol_g_function),
    cmocka_unit_test(more_rows_come_closer),
    cmocka_unit_test(intervals_cover_independent_rows),
    cmocka_unit_test(additive_functions_have_no_interactions),
    cmocka_unit_test(plan_of_indices),
    cmocka_unit_test(indices_are_refused),
    cmocka_unit_test(missing_outputs_and_no_variance),
    cmocka_unit_test(unit_of_the_output_does_not_matter),
    cmocka_unit_test(plan_of_morris),
    cmocka_unit_test(plan_of_morris_is_fair),
    cmocka_unit_test(lines_have_exact_effects),
    cmocka_unit_test(bent_functions),
    cmocka_unit_test(ranks),
    cmocka_unit_test(morris_with_missing_runs),
    cmocka_unit_test(morris_is_refused),
    cmocka_unit_test(without_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
