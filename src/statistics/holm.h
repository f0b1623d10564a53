/* holm.h - many tests at once: p-values that keep the chance of any false alarm in a whole family. */
#ifndef CIV_STATISTICS_HOLM_H
#define CIV_STATISTICS_HOLM_H

#include "civitas/allocator.h"
#include "civitas/status.h"

/* Holm's step-down procedure (Holm 1979): with p_(1) <= ... <= p_(m) in order, adjusted_(k) = min(1, max over j <= k of
 * (m - j + 1) p_(j)). Rejecting where adjusted <= alpha makes a false alarm anywhere in the family with probability at
 * most alpha, whatever the tests' dependence. NaN stands for a test that could not be made: it does not count in m and
 * stays NaN. `adjusted` may be `p`. CIV_E_RANGE for a p outside [0, 1], CIV_E_NOMEM; `adjusted` is then untouched.
 * allocator: NULL = malloc. O(n log n). */
CIV_MUST_CHECK civ_status civ_holm(const double *p, uint64_t n, double *adjusted, const civ_allocator *allocator,
                                   civ_error *err);

#endif
