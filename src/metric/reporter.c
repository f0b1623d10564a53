/* reporter.c - the dual report. */
#include "metric/reporter.h"

#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/number.h"

civ_comparison civ_report_compare(const civ_metrics_values *v)
{
  civ_comparison c;
  c.toxicity_soft = v->toxicity_rate;
  c.toxicity_hard = v->toxicity_hard;
  c.toxicity_difference = v->toxicity_rate - v->toxicity_hard;
  c.toxicity_interpretation =
      fabs(c.toxicity_difference) > 0.05 ? "Soft metric captures uncertainty better" : "Metrics roughly agree";
  c.quality_gap = v->quality_gap;
  c.spread = v->spread;
  c.adverse_selection = v->quality_gap < 0.0;
  c.fraction_uncertain = v->uncertain_fraction;
  c.uncertainty_interpretation =
      v->uncertain_fraction > 0.3 ? "High uncertainty - labels may be unreliable" : "Labels are relatively confident";
  return c;
}

/* --- as JSON ------------------------------------------------------------------------------------------------------- */

json_t *civ_report_maybe(civ_maybe value)
{
  return value.known ? json_real(value.value) : json_null();
}

json_t *civ_report_summary_tree(const civ_metrics_values *v)
{
  json_t *soft = json_pack("{s:f, s:f, s:f, s:f, s:f, s:f, s:f}", "toxicity", v->toxicity_rate,
                           "conditional_loss_initiator", v->conditional_loss_initiator, "conditional_loss_counterparty",
                           v->conditional_loss_counterparty, "spread", v->spread, "quality_gap", v->quality_gap,
                           "average_quality", v->average_quality, "uncertain_fraction", v->uncertain_fraction);
  json_t *hard = json_pack("{s:f, s:f, s:f, s:f}", "toxicity", v->toxicity_hard, "acceptance_rate", v->acceptance_rate,
                           "high_quality_acceptance", v->high_quality_acceptance, "low_quality_acceptance",
                           v->low_quality_acceptance);
  json_t *counts = json_pack("{s:I, s:I, s:I, s:I, s:I}", "total", (json_int_t)v->total, "accepted",
                             (json_int_t)v->accepted, "rejected", (json_int_t)v->rejected, "high_quality",
                             (json_int_t)v->high_quality, "low_quality", (json_int_t)v->low_quality);
  json_t *welfare = json_pack("{s:f, s:f, s:f, s:f}", "total_welfare", v->total_welfare, "total_social_surplus",
                              v->total_social_surplus, "avg_initiator_payoff", v->avg_initiator_payoff,
                              "avg_counterparty_payoff", v->avg_counterparty_payoff);
  json_t *calibration =
      json_pack("{s:o, s:o, s:o, s:o}", "brier_score", civ_report_maybe(v->brier_score), "log_loss",
                civ_report_maybe(v->log_loss), "calibration_error", civ_report_maybe(v->calibration_error),
                "expected_calibration_error", civ_report_maybe(v->expected_calibration_error));
  json_t *variance =
      json_pack("{s:f, s:f, s:f}", "quality_variance", v->quality_variance, "payoff_variance_initiator",
                v->payoff_variance_initiator, "payoff_variance_counterparty", v->payoff_variance_counterparty);
  return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "soft_metrics", soft, "hard_metrics", hard, "counts", counts,
                   "welfare", welfare, "calibration", calibration, "variance", variance);
}

json_t *civ_report_comparison_tree(const civ_metrics_values *v)
{
  civ_comparison c = civ_report_compare(v);
  return json_pack("{s:{s:f, s:f, s:f, s:s}, s:{s:f, s:f, s:b}, s:{s:f, s:s}}", "toxicity", "soft", c.toxicity_soft,
                   "hard", c.toxicity_hard, "difference", c.toxicity_difference, "interpretation",
                   c.toxicity_interpretation, "quality_filtering", "quality_gap", c.quality_gap, "spread", c.spread,
                   "adverse_selection", (int)c.adverse_selection, "uncertainty", "fraction_uncertain",
                   c.fraction_uncertain, "interpretation", c.uncertainty_interpretation);
}

/* Hands a finished text to the caller. */
static civ_status give(civ_buffer *text, char **out, size_t *length, civ_error *err)
{
  size_t size = 0;
  char *taken = civ_buffer_take(text, &size);
  if (taken == NULL) {
    civ_buffer_free(text);
    return civ_fail(err, CIV_E_NOMEM, "report", "no memory for the report");
  }
  *out = taken;
  *length = size;
  return CIV_OK;
}

static civ_status write_tree(json_t *tree, int indent, char **out, size_t *length, civ_error *err)
{
  if (tree == NULL)
    return civ_fail(err, CIV_E_NOMEM, "report", "no memory for the report");
  civ_buffer text = { 0 };
  civ_json_write(&text, tree, indent);
  json_decref(tree);
  return give(&text, out, length, err);
}

civ_status civ_report_summary_json(const civ_metrics_values *values, int indent, char **out, size_t *length,
                                   civ_error *err)
{
  return write_tree(civ_report_summary_tree(values), indent, out, length, err);
}

civ_status civ_report_comparison_json(const civ_metrics_values *values, int indent, char **out, size_t *length,
                                      civ_error *err)
{
  return write_tree(civ_report_comparison_tree(values), indent, out, length, err);
}

/* --- as text ------------------------------------------------------------------------------------------------------- */

#define DOUBLE_RULE "=================================================="
#define RULE        "------------------------------"

/* "  Label:   value", values in one column. */
static void put_line(civ_buffer *text, const char *label, const char *style, double value)
{
  civ_buffer_format(text, "  %-27s ", label);
  civ_buffer_format(text, style, value);
  civ_buffer_text(text, "\n");
}

static void put_title(civ_buffer *text, const char *title)
{
  civ_buffer_format(text, "\n%s\n" RULE "\n", title);
}

static void put_soft(civ_buffer *text, const civ_metrics_values *v)
{
  put_title(text, "SOFT METRICS (probabilistic)");
  put_line(text, "Toxicity (E[1-p|accepted]):", "%.3f", v->toxicity_rate);
  put_line(text, "Average quality (E[p]):", "%.3f", v->average_quality);
  put_line(text, "Quality gap:", "%+.3f", v->quality_gap);
  put_line(text, "Spread:", "%+.3f", v->spread);
  put_line(text, "Uncertain fraction:", "%.1f%%", v->uncertain_fraction * 100.0);
}

static void put_hard(civ_buffer *text, const civ_metrics_values *v, double threshold)
{
  char label[64] = "Toxicity (P(p<0.5|acc)):";
  if (threshold != 0.5) {
    char number[CIV_NUMBER_MAX + 1];
    number[civ_format_real(number, threshold)] = '\0';
    strcpy(label, "Toxicity (P(p<");
    strcat(label, number);
    strcat(label, "|acc)):");
  }
  put_title(text, "HARD METRICS (threshold-based)");
  put_line(text, label, "%.3f", v->toxicity_hard);
  put_line(text, "High quality acceptance:", "%.1f%%", v->high_quality_acceptance * 100.0);
  put_line(text, "Low quality acceptance:", "%.1f%%", v->low_quality_acceptance * 100.0);
}

static void put_verbose(civ_buffer *text, const civ_metrics_values *v)
{
  put_title(text, "PAYOFF ANALYSIS");
  put_line(text, "Conditional loss (init):", "%+.3f", v->conditional_loss_initiator);
  put_line(text, "Conditional loss (counter):", "%+.3f", v->conditional_loss_counterparty);
  put_title(text, "WELFARE");
  put_line(text, "Total welfare:", "%.2f", v->total_welfare);
  put_line(text, "Social surplus:", "%.2f", v->total_social_surplus);
  put_line(text, "Avg initiator payoff:", "%.3f", v->avg_initiator_payoff);
  put_line(text, "Avg counterparty payoff:", "%.3f", v->avg_counterparty_payoff);
  if (v->quality_gap < 0.0)
    civ_buffer_text(text, "\nWARNING: Negative quality gap indicates adverse selection\n"
                          "  (rejected interactions have higher quality than accepted)\n");
}

civ_status civ_report_text(const civ_metrics_values *v, const civ_metrics_config *config, bool verbose, char **out,
                           size_t *length, civ_error *err)
{
  civ_buffer text = { 0 };
  civ_buffer_text(&text, DOUBLE_RULE "\nMETRICS REPORT\n" DOUBLE_RULE "\n\n");
  civ_buffer_format(&text, "Total interactions: %llu\n", (unsigned long long)v->total);
  civ_buffer_format(&text, "  Accepted: %llu (%.1f%%)\n", (unsigned long long)v->accepted, v->acceptance_rate * 100.0);
  civ_buffer_format(&text, "  Rejected: %llu\n", (unsigned long long)v->rejected);
  put_soft(&text, v);
  put_hard(&text, v, config->quality_threshold);
  if (verbose)
    put_verbose(&text, v);
  civ_buffer_text(&text, DOUBLE_RULE);
  return give(&text, out, length, err);
}
