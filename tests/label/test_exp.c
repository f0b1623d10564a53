/* The exponential: against the C library's long double, at the ends of its range, and bit by bit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <float.h>
#include <math.h>
#include <string.h>

#include "civitas/label.h"

/* Distance from the true value in units of the last place of the result's range. */
static double ulps(double x)
{
  long double truth = expl((long double)x);
  int exponent;
  frexpl(truth, &exponent);
  int last = exponent - DBL_MANT_DIG;
  long double unit = ldexpl(1.0L, last < -1074 ? -1074 : last);
  return (double)fabsl(((long double)civ_exp(x) - truth) / unit);
}

static uint64_t next(uint64_t *state)
{
  *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return *state >> 11;
}

static double uniform(uint64_t *state, double low, double high)
{
  return low + (high - low) * ((double)next(state) * 0x1p-53);
}

static void is_within_one_ulp_over_the_whole_range(void **unused)
{
  (void)unused;
  uint64_t state = 1;
  double worst = 0.0;
  for (int k = 0; k < 2000000; ++k)
    worst = fmax(worst, ulps(uniform(&state, -745.13, 709.78)));
  assert_true(worst < 1.0);
}

static void is_nearly_rounded_right_where_results_are_normal(void **unused)
{
  (void)unused;
  uint64_t state = 2;
  double worst = 0.0;
  for (int k = 0; k < 2000000; ++k) {
    worst = fmax(worst, ulps(uniform(&state, -708.0, 709.78)));
    worst = fmax(worst, ulps(uniform(&state, -20.0, 20.0)));
    worst = fmax(worst, ulps(uniform(&state, -1.0, 1.0) * ldexp(1.0, -k % 60)));
  }
  assert_true(worst < 0.52);
}

static void is_exact_where_it_can_be(void **unused)
{
  (void)unused;
  assert_true(civ_exp(0.0) == 1.0);
  assert_true(civ_exp(-0.0) == 1.0);
  assert_true(civ_exp(1.0) == 0x1.5bf0a8b145769p+1);
  assert_true(civ_exp(1e-300) == 1.0);
}

static void has_the_limits_at_the_ends(void **unused)
{
  (void)unused;
  assert_true(civ_exp(INFINITY) == INFINITY);
  assert_true(civ_exp(-INFINITY) == 0.0);
  assert_true(isnan(civ_exp(NAN)));
  assert_true(civ_exp(709.8) == INFINITY);
  assert_true(civ_exp(1e308) == INFINITY);
  assert_true(civ_exp(-746.0) == 0.0);
  assert_true(civ_exp(-1e308) == 0.0);
  assert_true(isfinite(civ_exp(709.782712893384)) && civ_exp(709.782712893384) > 1.79e308);
  assert_true(civ_exp(-745.13) > 0.0);
  for (double x = -746.0; x < -707.0; x += 0x1p-10)
    assert_true(civ_exp(x) <= civ_exp(x + 0x1p-10));
  for (double x = 709.0; x < 709.79; x += 0x1p-14)
    assert_true(civ_exp(x) <= civ_exp(x + 0x1p-14));
}

/* Digest of a million results: any change of compiler, flags or code that moves one bit moves it. */
static void has_the_same_bits_everywhere(void **unused)
{
  (void)unused;
  uint64_t state = 3, digest = 0;
  for (int k = 0; k < 1000000; ++k) {
    double y = civ_exp(uniform(&state, -30.0, 30.0));
    uint64_t bits;
    memcpy(&bits, &y, sizeof bits);
    digest = (digest ^ bits) * UINT64_C(0x9E3779B97F4A7C15);
    digest ^= digest >> 29;
  }
  assert_int_equal(digest, UINT64_C(0xf8a63173c45ff0d));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(is_within_one_ulp_over_the_whole_range),
    cmocka_unit_test(is_nearly_rounded_right_where_results_are_normal),
    cmocka_unit_test(is_exact_where_it_can_be),
    cmocka_unit_test(has_the_limits_at_the_ends),
    cmocka_unit_test(has_the_same_bits_everywhere),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
