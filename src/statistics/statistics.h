/* statistics.h - what a handful of numbers says: mean, spread, interval, quantiles, inequality, trend. Pure functions. */
#ifndef CIV_STATISTICS_STATISTICS_H
#define CIV_STATISTICS_STATISTICS_H

#include "civitas/statistics.h"

/* Reorders `values` (ascending, non-finite ones dropped). All zero for no values. O(n log n). */
civ_summary civ_summarise(double *values, uint64_t n);

/* Half the width of Student's interval of a mean of n values (n >= 2) with standard deviation sd (divisor n - 1). */
double civ_student_half_width(double sd, uint64_t n, double level);

/* Value at level q of ascending `sorted`, by linear interpolation between ranks (n - 1) q; n >= 1. */
double civ_quantile(const double *sorted, uint64_t n, double q);

/* Sum, with the rounding of every addition made good (Neumaier 1974). */
double civ_sum(const double *values, uint64_t n);

/* Mean (0 for none) and population standard deviation (0 for fewer than 2). Compensated sums; two passes. */
double civ_mean(const double *values, uint64_t n);
double civ_population_sd(const double *values, uint64_t n);

/* Gini coefficient sum_i sum_j |x_i - x_j| / (2 n sum |x_i|), in [0, 1] for values of any sign; 0 for fewer than 2 values or
 * a zero denominator. Reorders `values` (ascending). O(n log n). */
double civ_gini(double *values, uint64_t n);

/* out[i] = mean of the last min(i + 1, window) values; a series shorter than the window is copied. window >= 1. */
void civ_rolling_average(const double *values, uint64_t n, uint64_t window, double *out);

/* Least squares line through (at[i], values[i]) and its R^2. Fewer than 2 points or all at one place: (0, 0); values all
 * equal: (0, 1). */
void civ_trend(const double *at, const double *values, uint64_t n, double *slope, double *r_squared);

/* Ascending order of doubles, for qsort; no value may be NaN. */
int civ_compare_reals(const void *a, const void *b);

#endif
