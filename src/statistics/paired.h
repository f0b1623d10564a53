/* paired.h - does B differ from A, by how much, how sure: two configurations over the same seeds, or over different
 * ones. */
#ifndef CIV_STATISTICS_PAIRED_H
#define CIV_STATISTICS_PAIRED_H

#include "statistics/interval.h"

/* B against A (the baseline); every difference is B minus A.
 *
 * Which runs count: a value that is not finite is a missing run. Paired, a seed counts only if both sides have it:
 * nothing is filled in, and what was left out is counted in only_a, only_b and neither. Unpaired, each side counts what
 * it has. If runs fail because of what is measured, what is left is a biased choice: look at the counts before the
 * difference. */
typedef struct civ_difference {
  bool paired;
  uint64_t n;                       /* complete pairs; 0 when not paired */
  uint64_t n_a, n_b;                /* runs that count on each side (paired: n) */
  uint64_t only_a, only_b, neither; /* left out: no B, no A, neither (unpaired: no B, no A, 0) */
  double mean_a, mean_b;            /* over the runs that count; 0 for none */
  double difference;                /* mean_b - mean_a; paired: mean of the differences */
  double sd; /* of the differences (n - 1); otherwise pooled: sqrt(((n_a-1) sd_a^2 + (n_b-1) sd_b^2) / (n_a+n_b-2)) */
  double standard_error;    /* of the difference */
  civ_interval student;     /* paired: t of the differences; otherwise Welch */
  civ_interval studentised; /* bootstrap of the same; falls back as in interval.h */
  bool tested;              /* t, df and p exist: n >= 2 (each side >= 2) */
  double t, df;             /* df: n - 1, or Welch-Satterthwaite; both 0 without spread */
  double p;                 /* two-sided; 1 when not tested */
  bool has_effect;          /* tested, and there is spread */
  double effect; /* paired: d_z = difference / sd (Cohen 1988); otherwise Hedges' g = J difference / sd (Hedges 1981) */
} civ_difference;

/* Seed by seed: a[i] and b[i] are of the same seed. d_i = b_i - a_i; t = mean d / (sd d / sqrt(n)) on n - 1 degrees of
 * freedom. All differences equal (to 4 units of rounding of the values): the t test has no answer; equal to 0, p = 1;
 * otherwise p is the sign test's, 2^(1-n). CIV_E_RANGE (options), CIV_E_LIMIT, CIV_E_NOMEM. O(B n). */
CIV_MUST_CHECK civ_status civ_compare_paired(const double *a, const double *b, uint64_t n, const civ_bootstrap *options,
                                             civ_difference *out, civ_error *err);

/* Independent samples (Welch 1947): t = (mean_b - mean_a) / se, se^2 = sd_a^2/n_a + sd_b^2/n_b, df = se^4 /
 * ((sd_a^2/n_a)^2/(n_a-1) + (sd_b^2/n_b)^2/(n_b-1)) (Satterthwaite 1946). g uses the exact J(m) = Gamma(m/2) /
 * (sqrt(m/2) Gamma((m-1)/2)), m = n_a+n_b-2. No spread on either side: equal means p = 1, otherwise p is that of the
 * permutation test, 2 / C(n_a+n_b, n_a), at most 1. */
CIV_MUST_CHECK civ_status civ_compare_unpaired(const double *a, uint64_t n_a, const double *b, uint64_t n_b,
                                               const civ_bootstrap *options, civ_difference *out, civ_error *err);

#endif
