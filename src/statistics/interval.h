/* interval.h - how far an estimate may be from the truth: intervals of means, quantiles and shares.
 *
 * An interval of level c covers the true value in a share c of repetitions, if the assumptions named here hold;
 * docs/statistics.md has measured shares. Values that are not finite (runs that failed) are left out everywhere. All
 * ends are in the unit of the values. Threads: any number; nothing is kept between calls. */
#ifndef CIV_STATISTICS_INTERVAL_H
#define CIV_STATISTICS_INTERVAL_H

#include "civitas/allocator.h"
#include "civitas/statistics.h"

typedef enum civ_interval_method {
  CIV_INTERVAL_NONE,        /* there is none: too few values */
  CIV_INTERVAL_STUDENT,     /* Student's t */
  CIV_INTERVAL_STUDENTISED, /* studentised bootstrap */
  CIV_INTERVAL_ORDER,       /* order statistics */
  CIV_INTERVAL_WILSON       /* score interval of a share */
} civ_interval_method;
extern const char *const civ_interval_method_names[]; /* "none", "student", "studentised", "order", "wilson" */

typedef struct civ_interval {
  civ_interval_method method; /* how it was really made: see where each function falls back */
  double low, high;           /* low <= high; both 0 for NONE */
} civ_interval;

/* How a bootstrap is done. The numbers of a resample depend on seed, entity, other and the resample's index alone: not
 * on threads, nor on what else is computed. */
typedef struct civ_bootstrap {
  double level;           /* in (0, 1), such as 0.95 */
  uint32_t resamples;     /* 99 .. 1,000,000; best with (resamples + 1) (1 - level) / 2 a whole number */
  uint64_t seed;          /* of the experiment */
  uint32_t entity, other; /* which quantity this is (metric, configuration): quantities get numbers of their own */
  const civ_allocator *allocator; /* NULL = malloc; all memory is given back before return */
} civ_bootstrap;

enum {
  CIV_BOOTSTRAP_RESAMPLES = 1999, /* 50th and 1950th value of 2000 at 95 % */
  CIV_BOOTSTRAP_LEAST = 10 /* values; with fewer the resampled spread says too little, and Student's t stands in */
};

/* 95 %, 1999 resamples, malloc; entity and other 0. */
civ_bootstrap civ_bootstrap_default(uint64_t seed);
/* CIV_E_RANGE for a level or number of resamples outside what is said above. */
CIV_MUST_CHECK civ_status civ_bootstrap_check(const civ_bootstrap *options, civ_error *err);

/* mean -+ t(1 - (1 - level) / 2; n - 1) sd / sqrt(n) (Student 1908). Exact for normal data at any n >= 2; NONE for n <
 * 2; all values equal: [mean, mean]. level in (0, 1). O(1). */
civ_interval civ_interval_student(const civ_summary *s, double level);

/* Difference of two means without assuming equal spread (Welch 1947; degrees of freedom: Satterthwaite 1946); both n
 * >= 2. */
typedef struct civ_welch {
  double difference;     /* mean of b - mean of a */
  double standard_error; /* sqrt(sd_a^2 / n_a + sd_b^2 / n_b) */
  double df;             /* se^4 / ((sd_a^2 / n_a)^2 / (n_a - 1) + (sd_b^2 / n_b)^2 / (n_b - 1)); 0 without spread */
} civ_welch;
civ_welch civ_welch_difference(const civ_summary *a, const civ_summary *b);
/* difference -+ t(.; df) se; STUDENT. NONE where a side has n < 2; without spread [difference, difference]. */
civ_interval civ_interval_welch(const civ_summary *a, const civ_summary *b, double level);

/* Studentised bootstrap ("bootstrap-t", Efron & Tibshirani 1993, section 12.5) of a mean: with t*_b = (mean*_b - mean)
 * / (sd*_b / sqrt(n)) over resamples b = 1 .. B drawn with replacement, [mean - t*_(k') se, mean - t*_(k) se], k =
 * floor((B + 1) (1 - level) / 2) and k' = B + 1 - k being ranks of the ordered t*. Follows skewness, which Student's t
 * does not. A resample of equal values counts as infinitely far on its side; where an end would be infinite, and for
 * fewer than CIV_BOOTSTRAP_LEAST values, Student's t stands in (method says so); n < 2: NONE; all equal: [mean, mean],
 * STUDENT. CIV_E_RANGE, CIV_E_LIMIT for 2^32 values or more, CIV_E_NOMEM. O(B n) time, O(n + B) memory. */
CIV_MUST_CHECK civ_status civ_interval_bootstrap(const double *values, uint64_t n, const civ_bootstrap *options,
                                                 civ_interval *out, civ_error *err);

/* The same of mean(b) - mean(a) of two independent samples, each resampled by itself, with se^2 = sd_a^2 / n_a + sd_b^2
 * / n_b. Fewer than CIV_BOOTSTRAP_LEAST values on a side: Welch's interval stands in (STUDENT). A side of n < 2: NONE.
 */
CIV_MUST_CHECK civ_status civ_interval_bootstrap_two(const double *a, uint64_t n_a, const double *b, uint64_t n_b,
                                                     const civ_bootstrap *options, civ_interval *out, civ_error *err);

/* The last step of a studentised bootstrap, for estimates that are resampled in another way: reorders t* (ascending;
 * infinite ones allowed, no NaN) and gives the interval above; NONE where an end would be infinite. O(B log B). */
civ_interval civ_studentised_ends(double *t, uint32_t resamples, double level, double estimate, double standard_error);

/* A quantile by order statistics (David & Nagaraja 2003, section 7.1): the ranks l < u closest to the middle with
 * P(l <= Binomial(n, q) < u) >= level, tails at most (1 - level) / 2 each. Assumes nothing but independence; covers at
 * least `level`. NONE where n is too small for a rank on either side (the median at 95 %: n < 6). `sorted` ascending,
 * finite; q and level in (0, 1). O(log n) evaluations of the binomial distribution. */
civ_interval civ_interval_quantile(const double *sorted, uint64_t n, double q, double level);

/* A share from `hits` of n tries (Wilson 1927): the p whose score test does not reject. Within [0, 1], sensible at 0
 * and n hits. NONE for n = 0. hits <= n. */
civ_interval civ_interval_share(uint64_t hits, uint64_t n, double level);

#endif
