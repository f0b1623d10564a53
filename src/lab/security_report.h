/* security_report.h - what a log says about security: the same analyses as the lever makes in the run, from the records alone.
 *
 * Reports are made where the run made them: at the start of every epoch, with the reputations of that moment, and once at the
 * end. Of a run without the lever they are what it would have seen; nobody is then quarantined or charged. */
#ifndef CIV_LAB_SECURITY_REPORT_H
#define CIV_LAB_SECURITY_REPORT_H

#include <jansson.h>

#include "civitas/config.h"
#include "civitas/log.h"
#include "metric/security_monitor.h"

typedef struct civ_security_summary {
  bool lever; /* the run had the lever on */
  civ_monitor *monitor;
  const char **names; /* of the agents */
  double *payoffs;    /* total payoff of each agent */
  uint32_t n;
  uint64_t steps;
  bool scanned; /* the run scanned texts, and says what it found */
  int64_t injecting, leaking;
  bool complete; /* the log has its end */
  civ_log_counts counts;
} civ_security_summary;

/* Folds the k-th run of a log, made with `config`. Errors as civ_log_replay. */
CIV_MUST_CHECK civ_status civ_security_summary_read(const char *path, uint32_t k, bool strict, const civ_config *config,
                                                    civ_security_summary *out, civ_error *err);
void civ_security_summary_free(civ_security_summary *s);
civ_security_evaluation civ_security_summary_evaluate(const civ_security_summary *s);

/* {"security": ..., "security_end": ..., "security_evaluation": ...}, as among the reports of `run --json`. NULL: no memory. */
json_t *civ_security_summary_json(const civ_security_summary *s);

#endif
