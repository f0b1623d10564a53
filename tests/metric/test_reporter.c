/* The dual reporter: its text byte for byte, its JSON key by key. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "civitas/config.h"
#include "civitas/reporter.h"
#include "samples.h"

static civ_metrics_values twelve_values(civ_metrics_config config)
{
  civ_interaction records[TWELVE];
  twelve_records(records);
  return values_of(records, TWELVE, civ_payoff_default(), config);
}

static char *text_of(const civ_metrics_values *v, civ_metrics_config config, bool verbose)
{
  char *text;
  size_t length;
  assert_int_equal(civ_report_text(v, &config, verbose, &text, &length, NULL), CIV_OK);
  assert_int_equal(strlen(text), length);
  return text;
}

static const char sample[] = "==================================================\n"
                             "METRICS REPORT\n"
                             "==================================================\n"
                             "\n"
                             "Total interactions: 12\n"
                             "  Accepted: 7 (58.3%)\n"
                             "  Rejected: 5\n"
                             "\n"
                             "SOFT METRICS (probabilistic)\n"
                             "------------------------------\n"
                             "  Toxicity (E[1-p|accepted]): 0.404\n"
                             "  Average quality (E[p]):     0.526\n"
                             "  Quality gap:                +0.168\n"
                             "  Spread:                     -0.210\n"
                             "  Uncertain fraction:         25.0%\n"
                             "\n"
                             "HARD METRICS (threshold-based)\n"
                             "------------------------------\n"
                             "  Toxicity (P(p<0.5|acc)):    0.286\n"
                             "  High quality acceptance:    71.4%\n"
                             "  Low quality acceptance:     40.0%\n"
                             "\n"
                             "PAYOFF ANALYSIS\n"
                             "------------------------------\n"
                             "  Conditional loss (init):    +0.132\n"
                             "  Conditional loss (counter): +0.111\n"
                             "\n"
                             "WELFARE\n"
                             "------------------------------\n"
                             "  Total welfare:              5.49\n"
                             "  Social surplus:             -0.15\n"
                             "  Avg initiator payoff:       0.335\n"
                             "  Avg counterparty payoff:    0.449\n"
                             "==================================================";

static void text_is_the_sample(void **unused)
{
  (void)unused;
  civ_metrics_values v = twelve_values(civ_metrics_default());
  char *text = text_of(&v, civ_metrics_default(), true);
  assert_string_equal(text, sample);
  civ_free(text);
}

static void brief_text_leaves_out_payoffs_and_welfare(void **unused)
{
  (void)unused;
  civ_metrics_values v = twelve_values(civ_metrics_default());
  char *text = text_of(&v, civ_metrics_default(), false);
  size_t head = (size_t)(strstr(sample, "\nPAYOFF ANALYSIS") - sample);
  assert_memory_equal(text, sample, head);
  assert_string_equal(text + head, "==================================================");
  civ_free(text);
}

static void adverse_selection_warns(void **unused)
{
  (void)unused;
  civ_interaction pair[2] = { record_of(true, 0.2, 0, 0, 0, 0, 0, 0), record_of(false, 0.9, 0, 0, 0, 0, 0, 0) };
  civ_metrics_values v = values_of(pair, 2, civ_payoff_default(), civ_metrics_default());
  char *text = text_of(&v, civ_metrics_default(), true);
  assert_non_null(strstr(text, "\n\nWARNING: Negative quality gap indicates adverse selection\n"
                               "  (rejected interactions have higher quality than accepted)\n====="));
  civ_free(text);
  text = text_of(&v, civ_metrics_default(), false);
  assert_null(strstr(text, "WARNING"));
  civ_free(text);
}

static void other_thresholds_stand_in_the_label(void **unused)
{
  (void)unused;
  civ_metrics_config config = { 0.625, 0.2 };
  civ_metrics_values v = twelve_values(config);
  char *text = text_of(&v, config, false);
  assert_non_null(strstr(text, "\n  Toxicity (P(p<0.625|acc)):  0.571\n"));
  civ_free(text);
}

static void empty_batches_report_zeros(void **unused)
{
  (void)unused;
  civ_metrics_values v = values_of(NULL, 0, civ_payoff_default(), civ_metrics_default());
  char *text = text_of(&v, civ_metrics_default(), true), *json;
  size_t length;
  assert_non_null(strstr(text, "Total interactions: 0\n  Accepted: 0 (0.0%)\n  Rejected: 0\n"));
  assert_non_null(strstr(text, "  Quality gap:                +0.000\n"));
  civ_free(text);
  assert_int_equal(civ_report_summary_json(&v, 0, &json, &length, NULL), CIV_OK);
  assert_non_null(strstr(json,
                         "\"calibration\": {\"brier_score\": null, \"log_loss\": null, \"calibration_error\": null, "
                         "\"expected_calibration_error\": null}"));
  civ_free(json);
}

static void summary_has_six_groups_in_order(void **unused)
{
  (void)unused;
  static const char *const keys[] = {
    "soft_metrics",
    "toxicity",
    "conditional_loss_initiator",
    "conditional_loss_counterparty",
    "spread",
    "quality_gap",
    "average_quality",
    "uncertain_fraction",
    "hard_metrics",
    "toxicity",
    "acceptance_rate",
    "high_quality_acceptance",
    "low_quality_acceptance",
    "counts",
    "total",
    "accepted",
    "rejected",
    "high_quality",
    "low_quality",
    "welfare",
    "total_welfare",
    "total_social_surplus",
    "avg_initiator_payoff",
    "avg_counterparty_payoff",
    "calibration",
    "brier_score",
    "log_loss",
    "calibration_error",
    "expected_calibration_error",
    "variance",
    "quality_variance",
    "payoff_variance_initiator",
    "payoff_variance_counterparty",
  };
  civ_metrics_values v = twelve_values(civ_metrics_default());
  char *json;
  size_t length;
  assert_int_equal(civ_report_summary_json(&v, 0, &json, &length, NULL), CIV_OK);
  const char *at = json;
  for (size_t k = 0; k < sizeof keys / sizeof keys[0]; ++k) {
    char quoted[64] = "\"";
    strcat(strcat(quoted, keys[k]), "\": ");
    const char *next = strchr(at, '"');
    assert_non_null(next);
    assert_memory_equal(next, quoted, strlen(quoted));
    at = next + strlen(quoted);
  }
  assert_null(strchr(at, '"'));
  civ_free(json);
}

static void comparison_interprets(void **unused)
{
  (void)unused;
  civ_metrics_values v = twelve_values(civ_metrics_default());
  civ_comparison c = civ_report_compare(&v);
  assert_near(c.toxicity_difference, 0.11857142857142855);
  assert_string_equal(c.toxicity_interpretation, "Soft metric captures uncertainty better");
  assert_string_equal(c.uncertainty_interpretation, "Labels are relatively confident");
  assert_false(c.adverse_selection);
  v.toxicity_hard = v.toxicity_rate;
  v.uncertain_fraction = 0.31;
  v.quality_gap = -0.1;
  c = civ_report_compare(&v);
  assert_string_equal(c.toxicity_interpretation, "Metrics roughly agree");
  assert_string_equal(c.uncertainty_interpretation, "High uncertainty - labels may be unreliable");
  assert_true(c.adverse_selection);
  char *json;
  size_t length;
  assert_int_equal(civ_report_comparison_json(&v, 0, &json, &length, NULL), CIV_OK);
  assert_non_null(strstr(json, "\"adverse_selection\": true"));
  civ_free(json);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(text_is_the_sample),         cmocka_unit_test(brief_text_leaves_out_payoffs_and_welfare),
    cmocka_unit_test(adverse_selection_warns),    cmocka_unit_test(other_thresholds_stand_in_the_label),
    cmocka_unit_test(empty_batches_report_zeros), cmocka_unit_test(summary_has_six_groups_in_order),
    cmocka_unit_test(comparison_interprets),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
