/* reporter.h - soft (probabilistic) and hard (threshold-based) metrics side by side: as JSON, compared, and as text. */
#ifndef CIVITAS_REPORTER_H
#define CIVITAS_REPORTER_H

#include "civitas/metrics.h"

CIV_BEGIN_DECLS

/* Where soft and hard readings agree and where not. Texts are static. */
typedef struct civ_comparison {
  double toxicity_soft, toxicity_hard, toxicity_difference; /* difference = soft - hard */
  const char *toxicity_interpretation;
  double quality_gap, spread;
  bool adverse_selection; /* quality_gap < 0 */
  double fraction_uncertain;
  const char *uncertainty_interpretation;
} civ_comparison;

CIV_API civ_comparison civ_report_compare(const civ_metrics_values *values);

/* Canonical JSON of the summary's six groups (soft_metrics, hard_metrics, counts, welfare, calibration, variance) or of the
 * comparison's three (toxicity, quality_filtering, uncertainty); what needs a known truth and has none is null.
 * indent = 0 for one line, else spaces per level. Free with civ_free. CIV_E_NOMEM. */
CIV_API CIV_MUST_CHECK civ_status civ_report_summary_json(const civ_metrics_values *values, int indent, char **out,
                                                          size_t *length, civ_error *err);
CIV_API CIV_MUST_CHECK civ_status civ_report_comparison_json(const civ_metrics_values *values, int indent, char **out,
                                                             size_t *length, civ_error *err);

/* The report as text, lines joined by LF, none at the end. `verbose` adds payoffs, welfare and, where the quality gap is
 * negative, a warning. The threshold stands in its label when it is not 0.5. Free with civ_free. CIV_E_NOMEM. */
CIV_API CIV_MUST_CHECK civ_status civ_report_text(const civ_metrics_values *values, const civ_metrics_config *config,
                                                  bool verbose, char **out, size_t *length, civ_error *err);

CIV_END_DECLS

#endif
