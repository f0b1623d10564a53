/* log_reports.h - what the parts of a run report beyond numbers, made from its log: the folds behind `civitas report`, put
 * together as a run puts its own reports together. */
#ifndef CIV_LAB_LOG_REPORTS_H
#define CIV_LAB_LOG_REPORTS_H

#include <jansson.h>

#include "civitas/config.h"
#include "civitas/log.h"

/* Reports of all parts that the run had on, in the order in which the run gives them; an empty object where no part reports.
 * The log is read once for each of them. *out is the caller's. Errors of the folds. */
CIV_MUST_CHECK civ_status civ_log_reports_read(const char *path, uint32_t k, bool strict, const civ_config *config,
                                               json_t **out, civ_error *err);

#endif
