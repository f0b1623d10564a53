/* market.h - a run's marketplace, for programs: what nobody in a run does by itself, between its steps.
 *
 * Agents act in the market through their actions (civ_run_execute for programs). Nothing here is repeated by a replay or known to
 * the configuration. On failure the run and the outputs are untouched. */
#ifndef CIVITAS_MARKET_H
#define CIVITAS_MARKET_H

#include "civitas/run.h"

CIV_BEGIN_DECLS

/* What became of an escrow; credits. */
typedef struct civ_marketplace_outcome {
  civ_agent poster, worker;
  bool success;                /* the bounty counts as completed */
  double to_worker, to_poster; /* out of the escrow */
  double fee;                  /* burned */
  double surplus;              /* reward less bid: to the poster besides */
} civ_marketplace_outcome;

/* Settles the bounty of a task (number from 0): a success pays the worker and has every lever judge the work as a trade of that
 * quality, in [0, 1]; a failure pays the poster back. `out` may be NULL. CIV_E_STATE without a marketplace, when the run is over, or
 * when there is nothing to settle (no such task, no award, settled or disputed); CIV_E_RANGE; CIV_E_NOMEM. */
CIV_API CIV_MUST_CHECK civ_status civ_marketplace_settle(civ_run *run, uint32_t task, bool success, double quality,
                                                         civ_marketplace_outcome *out, civ_error *err);
/* Resolves a dispute (number from 0): the worker gets that share of what the fee leaves, cut to [0, 1]. Errors likewise. */
CIV_API CIV_MUST_CHECK civ_status civ_marketplace_resolve(civ_run *run, uint32_t dispute, double worker_share,
                                                          civ_marketplace_outcome *out, civ_error *err);

CIV_END_DECLS

#endif
