/* watch.h - the history of a run while it happens. */
#ifndef CIV_LAB_WATCH_H
#define CIV_LAB_WATCH_H

#include "civitas/run.h"
#include "lab/aggregate.h"

typedef struct civ_watch civ_watch;

/* Names the run in a fresh history and attaches itself to the run, before its first step; every closed epoch then appends
 * its snapshots. `snapshots` as in outputs.agent_snapshots. CIV_E_RANGE naming that key, CIV_E_NOMEM. The history and the run
 * must outlive the watch's last epoch. */
CIV_MUST_CHECK civ_status civ_watch_create(civ_run *run, const char *snapshots, civ_history *history, civ_watch **out,
                                           civ_error *err);
void civ_watch_destroy(civ_watch *w);
/* For checkpoints: state between two epochs, and the history so far. */
civ_aggregator *civ_watch_aggregator(civ_watch *w);

/* Name, times, seed and agents of a run or a replay into a fresh history; the names are lent. CIV_E_NOMEM. */
CIV_MUST_CHECK civ_status civ_history_name(civ_history *h, const civ_config *config, uint64_t seed, uint32_t n_agents,
                                           const char *const *names, const uint8_t *types);

#endif
