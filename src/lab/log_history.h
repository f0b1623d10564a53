/* log_history.h - the history of a run rebuilt from its event log alone. */
#ifndef CIV_LAB_LOG_HISTORY_H
#define CIV_LAB_LOG_HISTORY_H

#include "base/arena.h"
#include "civitas/experiment.h"
#include "civitas/log.h"
#include "lab/history.h"

typedef struct civ_log_history {
  civ_history history;   /* equal to the live run's; resources of earlier epochs are NaN where the log cannot tell */
  civ_config *config;    /* the one the run was made with; NULL if the log has none */
  civ_run_record record; /* epochs, agents, criteria; totals where the log has its end */
  civ_arena arena;
  bool complete; /* the log has its end */
  civ_log_counts counts;
} civ_log_history;

/* Reads the k-th run (from 1) of a log. The registry must outlive *out. CIV_E_IO, CIV_E_FORMAT, CIV_E_NOMEM. */
CIV_MUST_CHECK civ_status civ_log_history_read(const char *path, uint32_t k, bool strict, const civ_registry *registry,
                                               civ_log_history *out, civ_error *err);
void civ_log_history_free(civ_log_history *h);

#endif
