/* One agent's turn: ask its policies in order, execute what the first one wants. */
#include "sim/run_state.h"

#include <sched.h>

bool civ_sim_admits(const civ_run *run, civ_agent a)
{
  for (uint32_t k = 0; k < run->levers_admit.n; k++) {
    const lever_slot *l = &run->levers[run->levers_admit.at[k]];
    if (!l->table->admits(l->self, a))
      return false;
  }
  return true;
}

static civ_draws turn_draws(const civ_run *run, const civ_view *view)
{
  const civ_draw_key key = {
    .purpose = CIV_PURPOSE_TURN, .entity = view->self, .epoch = view->epoch, .step = view->step
  };
  return civ_draws_open(run->seed, &key);
}

static civ_verdict ask_role(civ_run *run, const civ_view *view, civ_role role, civ_action *action)
{
  const policy_slot *slot = &run->roles_in_use[role];
  if (!slot->table || !slot->table->act)
    return CIV_PASS;
  const civ_draw_key key = {
    .purpose = CIV_PURPOSE_ROLE, .entity = view->self, .other = (uint32_t)role, .epoch = view->epoch, .step = view->step
  };
  civ_draws draws = civ_draws_open(run->seed, &key);
  return slot->table->act(slot->self, view, &draws, action);
}

/* Roles first, in list order, then the agent's own policy. `speaker` is the role, or CIV_ROLES for the policy. */
civ_verdict civ_sim_ask(civ_run *run, const civ_view *view, civ_action *action, uint8_t *speaker)
{
  *action = civ_action_make(CIV_ACTION_NOOP);
  if (run->role_list) {
    const uint8_t *roles = run->role_list + (size_t)view->self * CIV_ROLES;
    for (int k = 0; k < CIV_ROLES && roles[k] < CIV_ROLES; k++) {
      const civ_verdict verdict = ask_role(run, view, (civ_role)roles[k], action);
      *speaker = roles[k];
      if (verdict != CIV_PASS)
        return verdict;
    }
  }
  const policy_slot *policy = &run->policies[run->people.policy[view->self]];
  civ_draws draws = turn_draws(run, view);
  *speaker = CIV_ROLES;
  return policy->table->act(policy->self, view, &draws, action);
}

const policy_slot *civ_sim_speaker(const civ_run *run, civ_agent a, uint8_t speaker)
{
  return speaker < CIV_ROLES ? &run->roles_in_use[speaker] : &run->policies[run->people.policy[a]];
}

/* --- execution ------------------------------------------------------------------------------------------------------ */

static const char *refusal(civ_run *run, civ_agent a, const civ_action *action)
{
  for (uint32_t k = 0; k < run->levers_admit_action.n; k++) {
    const lever_slot *l = &run->levers[run->levers_admit_action.at[k]];
    const char *reason = l->table->admits_action(l->self, a, action);
    if (reason)
      return reason;
  }
  return NULL;
}

static void refuse(civ_run *run, civ_agent a, const civ_action *action, const char *reason)
{
  civ_event storage, *event = civ_sim_event(run, &storage, CIV_EVENT_ACTION_REFUSED);
  run->refused_actions++;
  run->refused_total++;
  if (!event)
    return;
  event->agent = a;
  event->values[0].text = civ_action_names[action->kind];
  event->values[1].text = reason;
  civ_sim_send(run, event);
}

static uint32_t next_ordinal(civ_run *run, civ_agent a)
{
  const uint32_t stamp = (uint32_t)run->steps_done + 1;
  if (run->stamp_step[a] != stamp) {
    run->stamp_step[a] = stamp;
    run->proposal_stamp[a] = 0;
  }
  return run->proposal_stamp[a]++;
}

static bool propose(civ_run *run, civ_agent a, const civ_action *action)
{
  const civ_agent b = action->counterparty;
  if (b >= run->people.view.n || b == a || action->interaction_type >= CIV_INTERACTION_TYPES ||
      !civ_sim_permits(run, a, b))
    return false;
  const civ_proposal proposal = { .id = run->next_interaction++,
                                  .initiator = a,
                                  .counterparty = b,
                                  .type = action->interaction_type,
                                  .epoch = run->epoch,
                                  .step = run->step,
                                  .ordinal = next_ordinal(run, a),
                                  .content = action->content,
                                  .transfer = action->transfer,
                                  .claim = action->claim,
                                  .conduct = action->conduct,
                                  .intent = action->intent };
  civ_proposals_add(&run->open, &proposal);
  civ_event storage, *event = civ_sim_event(run, &storage, CIV_EVENT_INTERACTION_PROPOSED);
  if (event) {
    event->interaction = proposal.id;
    event->initiator = a;
    event->counterparty = b;
    event->values[0].text = civ_interaction_type_names[proposal.type];
    event->values[1].real = 0.0;
    event->values[2].real = 0.5;
    civ_sim_send(run, event);
  }
  return true;
}

static bool answer(civ_run *run, civ_agent a, const civ_action *action)
{
  const uint32_t index = action->target;
  if (!proposals_is_open(&run->open, index) || run->open.items[index].counterparty != a)
    return false;
  civ_sim_complete(run, index, action->kind == CIV_ACTION_ACCEPT, CIV_IN_TURN);
  return true;
}

/* With transfers on, a proposal carries what its author's proposal function says for that counterparty. */
static void attach_offer(civ_run *run, civ_agent a, civ_action *action, const policy_slot *speaker)
{
  if (!run->simulation->enable_transfers || !speaker->table->offer || action->counterparty >= run->people.view.n)
    return;
  civ_view view = civ_sim_view(run);
  view.self = a;
  civ_offer offer;
  action->transfer = speaker->table->offer(speaker->self, &view, action->counterparty, &offer) ? offer.transfer : 0.0;
}

static bool perform(civ_run *run, civ_agent a, civ_action *action, const policy_slot *speaker)
{
  switch (action->kind) {
  case CIV_ACTION_NOOP:
    return true;
  case CIV_ACTION_PROPOSE:
    attach_offer(run, a, action, speaker);
    return propose(run, a, action);
  case CIV_ACTION_ACCEPT:
  case CIV_ACTION_REJECT:
    return answer(run, a, action);
  default:
    break;
  }
  const uint8_t owner = run->owner[action->kind];
  if (owner == RESOLUTION_NONE)
    return false;
  return run->worlds[owner].table->apply(run->worlds[owner].self, a, action);
}

bool civ_sim_execute(civ_run *run, civ_agent a, civ_action *action, const policy_slot *speaker)
{
  if (action->kind >= CIV_ACTION_KINDS)
    return false;
  const uint8_t kind = run->people.policy[a];
  bool ok = false;
  const char *reason = action->kind == CIV_ACTION_NOOP ? NULL : refusal(run, a, action);
  run->attempted[kind][action->kind]++;
  if (reason) {
    refuse(run, a, action, reason);
  } else {
    ok = perform(run, a, action, speaker);
    run->succeeded[kind][action->kind] += ok;
    if (ok)
      for (uint32_t k = 0; k < run->levers_charge.n; k++) {
        const lever_slot *l = &run->levers[run->levers_charge.at[k]];
        l->table->charge(l->self, a, action);
      }
  }
  if (speaker->table->done)
    speaker->table->done(speaker->self, a, action, ok);
  for (uint32_t k = 0; k < run->worlds_turn_done.n; k++) {
    const world_slot *w = &run->worlds[run->worlds_turn_done.at[k]];
    w->table->turn_done(w->self, a, action, ok);
  }
  for (uint32_t k = 0; k < run->n_hooks; k++)
    if (run->hooks[k].turn)
      run->hooks[k].turn(run->hooks[k].self, run->epoch, run->step, a, action, ok);
  return ok;
}

/* Asks until the answer is there: slow minds answer at their place in the schedule, whenever they are ready. */
static civ_verdict ask_to_the_end(civ_run *run, const civ_view *view, civ_action *action, uint8_t *speaker)
{
  for (;;) {
    const civ_verdict verdict = civ_sim_ask(run, view, action, speaker);
    if (verdict != CIV_PENDING)
      return verdict;
    sched_yield();
  }
}

void civ_sim_turns(civ_run *run)
{
  const uint32_t n = run->people.view.n;
  const uint64_t cap = (uint64_t)run->simulation->max_actions_per_step;
  uint64_t successes = 0;
  civ_view view = civ_sim_view(run);
  for (uint32_t k = 0; k < n; k++) {
    if (cap && successes >= cap)
      break;
    const civ_agent a = run->order ? run->order[k] : k;
    if (run->far)
      civ_sim_foresee_turn(run, k + TURNS_AHEAD);
    if (!agent_active(run, a) || (run->levers_admit.n && !civ_sim_admits(run, a)))
      continue;
    civ_action action;
    uint8_t speaker;
    view.self = a;
    view.moment = ++run->moment;
    if (ask_to_the_end(run, &view, &action, &speaker) == CIV_PASS)
      action.kind = CIV_ACTION_NOOP;
    successes += civ_sim_execute(run, a, &action, civ_sim_speaker(run, a, speaker));
    run->agent_steps++;
  }
}
