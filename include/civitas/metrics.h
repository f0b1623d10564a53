/* metrics.h - soft metrics over batches of interactions, as one streaming fold: feed records, ask at any time.
 *
 * Formulas, empty cases and ranges: docs/metrics.md. All variances are population variances. The accumulator is exact in
 * what it counts and keeps first and second moments (Welford), so a batch of any size takes O(1) memory; the metrics that
 * need more (rank statistics, binned calibration) are kept in fixed bins or computed by the batch functions. */
#ifndef CIVITAS_METRICS_H
#define CIVITAS_METRICS_H

#include "civitas/payoff.h"

CIV_BEGIN_DECLS

/* Section `metrics` (fields: civ_metrics_section). */
typedef struct civ_metrics_config {
  double quality_threshold; /* [0, 1], default 0.5 */
  double uncertainty_band;  /* [0, 0.5], default 0.2 */
} civ_metrics_config;
CIV_API extern const civ_section civ_metrics_section;
/* The defaults of the section, for programs without a config. */
CIV_API civ_metrics_config civ_metrics_default(void);
/* CIV_E_RANGE naming the key ("metrics.uncertainty_band") of the first value outside its range or not finite. */
CIV_API CIV_MUST_CHECK civ_status civ_metrics_check(const civ_metrics_config *config, civ_error *err);

enum { CIV_METRIC_BINS = 10 };

/* Mean and second moment of one quantity over one group (Welford 1962). */
typedef struct civ_moments {
  double n, mean, m2;
} civ_moments;

/* Everything the soft metrics need, in O(1) memory. Zero-initialise through civ_metrics_init. */
typedef struct civ_metrics {
  civ_payoff_config payoff;
  civ_metrics_config config;
  uint64_t total, accepted, high_quality, high_quality_accepted, low_quality_accepted, uncertain;
  double sum_p, sum_p_accepted;
  double sum_payoff_a, sum_payoff_b;                   /* over all */
  double sum_payoff_a_accepted, sum_payoff_b_accepted; /* over accepted */
  double sum_welfare, sum_social_surplus, sum_harm_accepted, sum_reputation_payoff_accepted;
  double sum_surplus, sum_surplus_accepted;
  civ_moments p_all, p_accepted, payoff_a_all, payoff_b_all;
  /* records of known truth */
  uint64_t known, positive;
  double sum_p_known, sum_brier, sum_log_loss;
  uint64_t bin_count[CIV_METRIC_BINS], bin_positive[CIV_METRIC_BINS];
  double bin_p[CIV_METRIC_BINS];
} civ_metrics;

CIV_API void civ_metrics_init(civ_metrics *m, const civ_payoff_config *payoff, const civ_metrics_config *config);
/* Adds one record. `payoff_a`, `payoff_b` as civ_payoff_initiator/_counterparty give them. O(1). */
CIV_API void civ_metrics_add(civ_metrics *m, const civ_interaction *i, double payoff_a, double payoff_b);
/* Adds all of `other` to m (Chan, Golub, LeVeque 1979). Same configuration on both sides. */
CIV_API void civ_metrics_merge(civ_metrics *m, const civ_metrics *other);

/* A metric that may be absent (no known truth). */
typedef struct civ_maybe {
  bool known;
  double value;
} civ_maybe;

/* Every scalar of the reporter and beyond; names are those of docs/metrics.md. */
typedef struct civ_metrics_values {
  double toxicity_rate, toxicity_rate_all, conditional_loss_initiator, conditional_loss_counterparty, spread,
      quality_gap;
  double average_quality, average_quality_accepted, average_quality_rejected;
  double uncertain_fraction, toxicity_hard, acceptance_rate, high_quality_acceptance, low_quality_acceptance;
  uint64_t total, accepted, rejected, high_quality, low_quality, uncertain;
  double total_welfare, total_social_surplus, avg_initiator_payoff, avg_counterparty_payoff;
  double quality_variance, quality_variance_accepted, quality_std, quality_std_accepted;
  double payoff_variance_initiator, payoff_variance_counterparty;
  double cv_p, cv_payoff_initiator, cv_payoff_counterparty;
  double conditional_surplus, conditional_social_surplus, total_expected_harm, reputation_payoff_initiator;
  civ_maybe calibration_error, brier_score, log_loss, expected_calibration_error, maximum_calibration_error;
} civ_metrics_values;

CIV_API void civ_metrics_read(const civ_metrics *m, civ_metrics_values *out);

/* --- metrics that need the whole batch ------------------------------------------------------------------------- */

typedef struct civ_bin {
  double start, end;
  uint64_t count;
} civ_bin;
typedef struct civ_calibration_bin {
  double mean_predicted, fraction_positive;
  uint64_t count;
} civ_calibration_bin;

/* Counts of p in `bins` bins, bins >= 1 (CIV_E_RANGE otherwise); *n_out = bins, or 0 for an empty batch. */
CIV_API CIV_MUST_CHECK civ_status civ_quality_distribution(const civ_interaction *records, size_t n, int bins,
                                                           civ_bin *out, size_t *n_out, civ_error *err);
CIV_API CIV_MUST_CHECK civ_status civ_calibration_curve(const civ_interaction *records, size_t n, int bins,
                                                        civ_calibration_bin *out, size_t *n_out, civ_error *err);
/* Expected calibration error with any number of bins; maybe.known = false without known truth. */
CIV_API CIV_MUST_CHECK civ_status civ_expected_calibration_error(const civ_interaction *records, size_t n, int bins,
                                                                 civ_maybe *out, civ_error *err);
/* Share of (positive, negative) pairs ranked right, ties one half; unknown unless both signs occur. O(n log n).
 * CIV_E_NOMEM. */
CIV_API CIV_MUST_CHECK civ_status civ_discrimination_auc(const civ_interaction *records, size_t n, civ_maybe *out,
                                                         civ_error *err);

CIV_END_DECLS

#endif
