/* sort.h - many finite doubles into ascending order, fast and without recursion. */
#ifndef CIV_METRIC_SORT_H
#define CIV_METRIC_SORT_H

#include <stddef.h>

/* Sorts values[0..n-1] ascending (-0.0 before 0.0); `spare` has room for n. Returns the one of the two that holds the
 * result; the other is left in any state. O(n): insertion below 48 items, then a radix sort of 11 bits a pass that
 * leaves out passes in which all digits agree. */
double *civ_sort_reals(double *values, double *spare, size_t n);

#endif
