/* Before a step: room for everything one step can add at most, so that inside it nothing asks for memory. */
#include "sim/run_state.h"

/* Departures from watches that one completion can cause: reputation and resources of both, what levers order, and what a
 * world takes. */
enum { CHANGES_PER_COMPLETION = 9 };

civ_status civ_sim_reserve(civ_run *run, civ_error *err)
{
  const uint32_t turns = run->people.active.count;
  const uint64_t completions = (uint64_t)run->open.n + turns;
  const civ_demand demand = { .turns = turns,
                              .open = run->open.n,
                              .completions = completions > UINT32_MAX ? UINT32_MAX : (uint32_t)completions };
  const uint64_t per_turn = run->worlds_step_end.n + run->worlds_turn_done.n > 0
                                ? CHANGES_PER_COMPLETION
                                : 1; /* what is earned beside interactions */
  civ_status st = civ_proposals_reserve(&run->open, turns);
  if (st == CIV_OK)
    st = civ_epoch_metrics_reserve(run->epoch_metrics, demand.completions, err);
  if (st == CIV_OK)
    st = civ_population_reserve(&run->people, CHANGES_PER_COMPLETION * completions + turns * per_turn);
  if (st == CIV_OK)
    st = civ_effect_reserve(&run->effect, 8 * (size_t)run->n_levers);
  for (uint32_t k = 0; st == CIV_OK && k < run->n_policies; k++)
    if (run->policies[k].table->reserve)
      st = run->policies[k].table->reserve(run->policies[k].self, &demand);
  for (uint32_t k = 0; st == CIV_OK && k < CIV_ROLES; k++)
    if (run->roles_in_use[k].table && run->roles_in_use[k].table->reserve)
      st = run->roles_in_use[k].table->reserve(run->roles_in_use[k].self, &demand);
  for (uint32_t k = 0; st == CIV_OK && k < run->n_worlds; k++)
    if (run->worlds[k].table->reserve)
      st = run->worlds[k].table->reserve(run->worlds[k].self, &demand);
  for (uint32_t k = 0; st == CIV_OK && k < run->n_levers; k++)
    if (run->levers[k].table->reserve)
      st = run->levers[k].table->reserve(run->levers[k].self, &demand);
  if (st == CIV_OK && run->simulation->turn_mode == CIV_SIMULTANEOUS)
    st = civ_sim_simultaneous_reserve(run);
  if (st == CIV_OK)
    return CIV_OK;
  return civ_fail(err, st, "run", "%s before epoch %u, step %u",
                  st == CIV_E_LIMIT ? "more posts or proposals than this build can carry" : "out of memory", run->epoch,
                  run->step);
}
