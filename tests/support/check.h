/* check.h - what tests of numbers include. */
#ifndef CIV_TESTS_SUPPORT_CHECK_H
#define CIV_TESTS_SUPPORT_CHECK_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "civitas/draws.h"

/* Numbers of tests: reproducible, and each test has its own stream. */
static inline civ_draws test_draws(uint32_t test)
{
  const civ_draw_key key = { .purpose = CIV_PURPOSE_FUZZ, .entity = test };
  return civ_draws_open(20240607, &key);
}

#define assert_near(a, b, tolerance)                                                                                   \
  do {                                                                                                                 \
    const double near_a = (a), near_b = (b);                                                                           \
    if (!(fabs(near_a - near_b) <= (tolerance)*fmax(1.0, fmax(fabs(near_a), fabs(near_b)))))                           \
      fail_msg("%s = %.17g, not %.17g", #a, near_a, near_b);                                                           \
  } while (0)

#endif
