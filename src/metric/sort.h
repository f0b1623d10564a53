/* sort.h - many finite doubles into ascending order, fast and without recursion. */
#ifndef CIV_METRIC_SORT_H
#define CIV_METRIC_SORT_H

#include <stddef.h>

/* Sorts values[0..n-1] ascending (-0.0 before 0.0); `spare` has room for n. Returns the one of the two that holds the
 * result; the other is left in any state. O(n log n) below some thousand items, by merging; O(n) above, by a radix sort of
 * 11 bits a pass over the digits that decide. */
double *civ_sort_reals(double *values, double *spare, size_t n);

#endif
