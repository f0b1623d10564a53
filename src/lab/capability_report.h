/* capability_report.h - what a log says about composite work: the run's own figures, from its events and configuration alone. */
#ifndef CIV_LAB_CAPABILITY_REPORT_H
#define CIV_LAB_CAPABILITY_REPORT_H

#include <jansson.h>

#include "civitas/config.h"
#include "civitas/log.h"
#include "world/composite_report.h"

/* An agent that was in a team. */
typedef struct civ_capability_row {
  const char *name;
  civ_agent agent;
  uint32_t parts;                 /* completed, of unfinished tasks too */
  civ_capability_profile profile; /* of completed tasks */
  double earnings;
} civ_capability_row;

typedef struct civ_capability_summary {
  bool on; /* the run had composite tasks */
  civ_composite_summary figures;
  civ_capability_row *rows; /* earnings descending, ties by number */
  uint32_t n_rows;
  const char **names; /* of all agents; rows borrow theirs */
  bool complete;      /* the log has its end */
  civ_log_counts counts;
} civ_capability_summary;

/* Folds the k-th run of a log, made with `config`. Errors as civ_log_replay, and CIV_E_FORMAT for events that do not fit
 * together. */
CIV_MUST_CHECK civ_status civ_capability_summary_read(const char *path, uint32_t k, bool strict,
                                                      const civ_config *config, civ_capability_summary *out,
                                                      civ_error *err);
void civ_capability_summary_free(civ_capability_summary *s);

/* {"capabilities": ...}, as among the reports of `run --json`; null of a run without composite tasks. NULL: no memory. */
json_t *civ_capability_summary_json(const civ_capability_summary *s);

#endif
