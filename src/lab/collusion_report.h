/* collusion_report.h - what a log says about collusion: the same analyses as the lever makes in the run, from the records alone.
 *
 * Reports are made where the run made them: at the start of every epoch but the first, and once at the end. Of a run without
 * the lever they are what the lever would have seen. Votes stand in no log: who voted alike is known only where the run itself
 * said so at its end. */
#ifndef CIV_LAB_COLLUSION_REPORT_H
#define CIV_LAB_COLLUSION_REPORT_H

#include <jansson.h>

#include "civitas/config.h"
#include "civitas/log.h"
#include "metric/collusion.h"

typedef struct civ_collusion_summary {
  bool lever;                       /* the run had the lever on */
  bool made;                        /* `latest` was made */
  civ_collusion_report latest, end; /* at the start of the last epoch; of the complete history */
  char *voters;                     /* JSON of coordinated voters at the end; NULL = the log does not say */
  const char **names;               /* of the agents */
  uint32_t n;
  bool complete; /* the log has its end */
  civ_log_counts counts;
} civ_collusion_summary;

/* Folds the k-th run of a log, made with `config`. Errors as civ_log_replay. */
CIV_MUST_CHECK civ_status civ_collusion_summary_read(const char *path, uint32_t k, bool strict,
                                                     const civ_config *config, civ_collusion_summary *out,
                                                     civ_error *err);
void civ_collusion_summary_free(civ_collusion_summary *s);

/* {"collusion": ..., "collusion_end": ...}, as among the reports of `run --json`. NULL: no memory. */
json_t *civ_collusion_summary_json(const civ_collusion_summary *s);

#endif
