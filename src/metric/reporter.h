/* reporter.h - the reporter's groups as trees, for commands that put them into a larger object. */
#ifndef CIV_METRIC_REPORTER_H
#define CIV_METRIC_REPORTER_H

#include <jansson.h>

#include "civitas/reporter.h"

/* New references; NULL = no memory. */
json_t *civ_report_summary_tree(const civ_metrics_values *values);
json_t *civ_report_comparison_tree(const civ_metrics_values *values);
/* A number, or null when it is not known. */
json_t *civ_report_maybe(civ_maybe value);

#endif
