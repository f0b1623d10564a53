/* lever_reports.h - what a log says about levers whose reports follow from their own events: groups that behave alike, and the
 * public ledger. Members and numbers are those of the run's own reports. */
#ifndef CIV_LAB_LEVER_REPORTS_H
#define CIV_LAB_LEVER_REPORTS_H

#include <jansson.h>

#include "civitas/config.h"
#include "civitas/log.h"

/* Fold the k-th run of a log made with `config`; *out is an object with one member, "sybil" or "ledger". Errors as
 * civ_log_replay. */
CIV_MUST_CHECK civ_status civ_sybil_report_read(const char *path, uint32_t k, bool strict, const civ_config *config,
                                                json_t **out, civ_error *err);
CIV_MUST_CHECK civ_status civ_ledger_report_read(const char *path, uint32_t k, bool strict, const civ_config *config,
                                                 json_t **out, civ_error *err);

#endif
