/* sweep.h - the runs of a plan, on many threads, with rows that do not depend on how many. */
#ifndef CIV_LAB_SWEEP_H
#define CIV_LAB_SWEEP_H

#include "lab/sweep_rows.h"

/* Somebody who keeps finished runs beyond the process, and knows which were finished before. Functions may be NULL; they are
 * called by one thread at a time. After a failure nothing more is handed over and the sweep ends with that error. */
typedef struct civ_sweep_receiver {
  void *self;
  civ_status (*begin)(void *self, const civ_sweep_plan *plan, civ_error *err);
  /* Whether run `index` was finished before: fills row->state, judged, outcome, error (valid until the next call) and the
   * numbers row->values points to. place is filled already. */
  bool (*done)(void *self, uint64_t index, civ_sweep_row *row);
  /* A run that was just finished, in order of completion. `record` has epochs, agents, totals and findings, and like the row is
   * valid during the call; it is NULL for a run that failed. */
  civ_status (*run)(void *self, uint64_t index, const civ_sweep_row *row, const civ_run_record *record, civ_error *err);
  /* Called last, also after failure and interruption, whenever begin succeeded. */
  civ_status (*end)(void *self, civ_error *err);
  /* What record->history shall hold, as outputs.agent_snapshots: "none" = epochs only, "all"; NULL = no history (cheaper). */
  const char *history;
} civ_sweep_receiver;

typedef struct civ_sweep_options {
  uint32_t workers;                   /* 0 = as many as there are processors */
  bool fail_fast;                     /* nothing new is begun once a run has failed */
  const civ_sweep_receiver *receiver; /* NULL = nobody */
  /* After each run, by one thread at a time: runs finished of at most n, agent-steps made by this call. false asks to stop.
   * May be NULL. */
  bool (*progress)(void *arg, uint64_t done, uint64_t n, uint64_t agent_steps);
  void *arg;
} civ_sweep_options;

/* Makes the plan's runs. A run that fails is kept as such and the others go on. *out holds what was finished also when the
 * status is CIV_E_INTERRUPTED (progress said no) or a receiver's error; the plan must outlive it. Otherwise CIV_OK, CIV_E_NOMEM. */
CIV_MUST_CHECK civ_status civ_sweep_run(const civ_sweep_plan *plan, const civ_sweep_options *options,
                                        civ_sweep_rows **out, civ_error *err);

#endif
