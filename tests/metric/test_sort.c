/* Sorting of reals, against the C library's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "civitas/draws.h"
#include "metric/sort.h"

static int ascending(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double draw(civ_draws *d, int style)
{
  switch (style) {
  case 0:
    return civ_draw_between(d, -1.0, 1.0);
  case 1:
    return (double)civ_draw_index(d, 5) - 2.0;
  case 2:
    return ldexp(civ_draw_between(d, -1.0, 1.0), (int)civ_draw_index(d, 2000) - 1000);
  default:
    return 3.25;
  }
}

static void any_list_comes_out_in_order(void **unused)
{
  (void)unused;
  enum { MOST = 3000 };
  static double values[MOST], spare[MOST], expected[MOST];
  civ_draws d = civ_draws_open(5, &(civ_draw_key){ .purpose = CIV_PURPOSE_FUZZ, .entity = 12 });
  for (int round = 0; round < 600; ++round) {
    size_t n = civ_draw_index(&d, round % 3 == 0 ? MOST : 120);
    for (size_t k = 0; k < n; ++k)
      expected[k] = values[k] = draw(&d, round % 4);
    qsort(expected, n, sizeof *expected, ascending);
    double *sorted = civ_sort_reals(values, spare, n);
    assert_true(sorted == values || sorted == spare);
    for (size_t k = 0; k < n; ++k)
      assert_true(sorted[k] == expected[k]);
  }
}

static void ends_of_the_range_are_in_place(void **unused)
{
  (void)unused;
  double values[64], spare[64];
  for (int k = 0; k < 64; ++k)
    values[k] = k % 4 == 0 ? -INFINITY : k % 4 == 1 ? 5e-324 : k % 4 == 2 ? -0.0 : 1.7e308;
  double *sorted = civ_sort_reals(values, spare, 64);
  assert_true(sorted[0] == -INFINITY && sorted[15] == -INFINITY && sorted[16] == 0.0 && signbit(sorted[16]));
  assert_true(sorted[32] == 5e-324 && sorted[63] == 1.7e308);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(any_list_comes_out_in_order),
    cmocka_unit_test(ends_of_the_range_are_in_place),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
