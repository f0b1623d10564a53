/* credit.h - budgets and tokens in whole billionths, so that ten times 0.1 is 1 and three votes of 0.1 fit into 0.3. */
#ifndef CIV_GOVERN_CREDIT_H
#define CIV_GOVERN_CREDIT_H

#include "civitas/export.h"

#include <math.h>

typedef int64_t civ_credit;

/* 4e9 and more count as 4e9: sums and differences of two never overflow. */
static inline civ_credit civ_credit_of(double x)
{
  return x < 4e9 ? (civ_credit)llround(x * 1e9) : INT64_C(4000000000000000000);
}
static inline double civ_credit_real(civ_credit c)
{
  return (double)c / 1e9;
}

#endif
