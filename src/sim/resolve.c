/* The end of a step: every proposal still open is put to its counterparty, in creation order. */
#include "sim/run_state.h"

#include <sched.h>

civ_verdict civ_sim_ask_answer(civ_run *run, civ_view *view, const civ_proposal *p)
{
  const policy_slot *policy = &run->policies[run->people.policy[p->counterparty]];
  if (!policy->table->accept)
    return CIV_NO;
  const civ_draw_key key = { .purpose = CIV_PURPOSE_ANSWER,
                             .entity = p->counterparty,
                             .other = p->initiator,
                             .ordinal = p->ordinal,
                             .epoch = run->epoch,
                             .step = run->step,
                             .epoch2 = p->epoch,
                             .step2 = p->step };
  view->self = p->counterparty;
  civ_draws draws = civ_draws_open(run->seed, &key);
  return policy->table->accept(policy->self, view, p, &draws);
}

void civ_sim_resolve(civ_run *run)
{
  const uint32_t n = run->open.n;
  civ_view view = civ_sim_view(run);
  for (uint32_t i = 0; i < n; i++) {
    if (run->far)
      civ_sim_foresee_answer(run, i);
    if (!run->open.open[i] || !agent_active(run, run->open.items[i].counterparty))
      continue;
    civ_verdict verdict;
    while ((verdict = civ_sim_ask_answer(run, &view, &run->open.items[i])) == CIV_PENDING)
      sched_yield();
    civ_sim_complete(run, i, verdict == CIV_YES, CIV_IN_RESOLUTION);
  }
  civ_proposals_compact(&run->open);
}
