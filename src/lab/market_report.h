/* market_report.h - what a log says about the market: the run's own figures, from its events and configuration alone. */
#ifndef CIV_LAB_MARKET_REPORT_H
#define CIV_LAB_MARKET_REPORT_H

#include <jansson.h>

#include "civitas/config.h"
#include "civitas/log.h"
#include "world/market_report.h"

/* An agent that posted, bid or won. Amounts as in civ_market_by_type. */
typedef struct civ_market_row {
  const char *name;
  civ_agent agent;
  uint8_t type;
  civ_market_by_type did; /* `agents` is 1 */
} civ_market_row;

typedef struct civ_market_story {
  bool on;      /* the run had a marketplace */
  bool settles; /* escrows are paid out at the end of epochs */
  civ_market_summary figures;
  civ_market_row *rows; /* most won first, then most bids, then by number */
  uint32_t n_rows;
  const char **names; /* of all agents; rows borrow theirs */
  bool complete;      /* the log has its end */
  civ_log_counts counts;
} civ_market_story;

/* Folds the k-th run of a log, made with `config`. Errors as civ_log_replay, and CIV_E_FORMAT for events that do not fit
 * together. */
CIV_MUST_CHECK civ_status civ_market_story_read(const char *path, uint32_t k, bool strict, const civ_config *config,
                                                civ_market_story *out, civ_error *err);
void civ_market_story_free(civ_market_story *s);

/* {"market": ...}, as among the reports of `run --json`; null of a run without a marketplace. NULL: no memory. */
json_t *civ_market_story_json(const civ_market_story *s);

#endif
