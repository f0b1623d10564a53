/* Operations of programs on the marketplace of a run. */
#include "civitas/market.h"

#include <math.h>

#include "sim/run_state.h"
#include "world/market_world.h"
#include "world/worlds.h"

static civ_status need_market(civ_run *run, void **self, civ_error *err)
{
  if (run->finished || run->end != CIV_RUNNING)
    return civ_fail(err, CIV_E_STATE, "run", "the run is over");
  for (uint32_t k = 0; k < run->n_worlds; k++)
    if (run->worlds[k].table == &civ_world_marketplace) {
      *self = run->worlds[k].self;
      const civ_status st = civ_run_begin(run, err);
      return st == CIV_OK ? civ_sim_reserve(run, err) : st;
    }
  return civ_fail(err, CIV_E_STATE, "marketplace",
                  "there is none in this run: give the scenario a section marketplace");
}

static void tell(const civ_market_outcome *o, civ_marketplace_outcome *out)
{
  if (out != NULL)
    *out = (civ_marketplace_outcome){ .poster = o->poster,
                                      .worker = o->worker,
                                      .success = o->success,
                                      .to_worker = civ_credits_of(o->payment.worker),
                                      .to_poster = civ_credits_of(o->payment.poster),
                                      .fee = civ_credits_of(o->payment.fee),
                                      .surplus = civ_credits_of(o->payment.surplus) };
}

civ_status civ_marketplace_settle(civ_run *run, uint32_t task, bool success, double quality,
                                  civ_marketplace_outcome *out, civ_error *err)
{
  void *self = NULL;
  civ_market_outcome o;
  if (!(quality >= 0 && quality <= 1))
    return civ_fail(err, CIV_E_RANGE, "quality", "%g does not lie between 0 and 1", quality);
  const civ_status st = need_market(run, &self, err);
  if (st != CIV_OK)
    return st;
  if (!civ_market_world_settle(self, task, success, quality, &o))
    return civ_fail(err, CIV_E_STATE, "task", "t%llu has no escrow that could be settled",
                    (unsigned long long)task + 1);
  tell(&o, out);
  return run->effect.failed ? civ_fail(err, CIV_E_NOMEM, "marketplace", "out of memory") : CIV_OK;
}

civ_status civ_marketplace_resolve(civ_run *run, uint32_t dispute, double worker_share, civ_marketplace_outcome *out,
                                   civ_error *err)
{
  void *self = NULL;
  civ_market_outcome o;
  if (isnan(worker_share))
    return civ_fail(err, CIV_E_RANGE, "worker_share", "it is not a number");
  const civ_status st = need_market(run, &self, err);
  if (st != CIV_OK)
    return st;
  if (!civ_market_world_resolve(self, dispute, worker_share, &o))
    return civ_fail(err, CIV_E_STATE, "dispute", "dispute%llu is unknown or resolved", (unsigned long long)dispute + 1);
  tell(&o, out);
  return CIV_OK;
}
