/* watch.h - the history of a run while it happens. */
#ifndef CIV_LAB_WATCH_H
#define CIV_LAB_WATCH_H

#include "civitas/run.h"
#include "lab/aggregate.h"

/* Names the run in a fresh history and attaches an aggregator to it. Before the first step. `snapshots` as in
 * outputs.agent_snapshots ("none" where nobody asks for agents). CIV_E_RANGE naming that key, CIV_E_NOMEM. */
CIV_MUST_CHECK civ_status civ_watch_begin(civ_run *run, const char *snapshots, civ_history *history, civ_aggregator **out,
                                          civ_error *err);
/* Closes every epoch of the run that the history lacks; to be called after each civ_run_epoch. */
CIV_MUST_CHECK civ_status civ_watch_epoch(civ_aggregator *a, civ_history *history, civ_run *run, civ_error *err);

#endif
