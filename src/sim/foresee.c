/* Fetching memory ahead. In a million agents every acquaintance, every set of votes is a cache miss; asking for it some turns
 * before it is needed hides most of the wait. Nothing here changes anything. */
#include "sim/run_state.h"

void civ_sim_foresee_turn(const civ_run *run, uint32_t k)
{
  if (k >= run->people.view.n)
    return;
  const civ_agent a = run->order ? run->order[k] : k;
  const policy_slot *policy = &run->policies[run->people.policy[a]];
  if (policy->table->foresee)
    policy->table->foresee(policy->self, a, CIV_NOBODY, CIV_NEAR_AHEAD);
  for (uint32_t w = 0; w < run->worlds_foresee.n; w++) {
    const world_slot *slot = &run->worlds[run->worlds_foresee.at[w]];
    slot->table->foresee(slot->self, a);
  }
}

static void foresee_pair(const civ_run *run, civ_agent a, civ_agent x, civ_foresight when)
{
  const policy_slot *policy = &run->policies[run->people.policy[a]];
  if (policy->table->foresee)
    policy->table->foresee(policy->self, a, x, when);
}

static void foresee_answer(const civ_run *run, uint32_t i, civ_foresight when)
{
  if (i >= run->open.n)
    return;
  foresee_pair(run, run->open.items[i].initiator, run->open.items[i].counterparty, when);
  foresee_pair(run, run->open.items[i].counterparty, run->open.items[i].initiator, when);
}

void civ_sim_foresee_answer(const civ_run *run, uint32_t i)
{
  const population *p = &run->people;
  foresee_answer(run, i + 2 * PROPOSALS_AHEAD, CIV_FAR_AHEAD);
  foresee_answer(run, i + PROPOSALS_AHEAD, CIV_NEAR_AHEAD);
  if (i + PROPOSALS_AHEAD >= run->open.n)
    return;
  const civ_agent a = run->open.items[i + PROPOSALS_AHEAD].initiator;
  const civ_agent b = run->open.items[i + PROPOSALS_AHEAD].counterparty;
  __builtin_prefetch(&p->reputation[a]);
  __builtin_prefetch(&p->average_p_initiated[a]);
  __builtin_prefetch(&p->total_payoff[b]);
  __builtin_prefetch(&p->average_p_received[b]);
  __builtin_prefetch(&p->received[b]);
}
