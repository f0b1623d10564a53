/* Where the orders of levers become state: freezes, thaws, reputation, resources - each with its event. */
#include "sim/run_state.h"

static void emit_freeze(civ_run *run, civ_event_type type, const effect_freeze *order)
{
  civ_event storage, *event = civ_sim_event(run, &storage, (uint16_t)type);
  if (!event)
    return;
  event->agent = order->agent;
  event->values[0].text = run->levers[order->lever].table->name;
  event->values[1].integer = order->until_epoch < 0 ? INT64_MIN : order->until_epoch;
  civ_sim_send(run, event);
}

static void change_reputation(civ_run *run, const effect_delta *d)
{
  const double old = run->people.reputation[d->agent];
  civ_population_set_reputation(&run->people, d->agent, old + d->reputation);
  civ_event storage, *event = civ_sim_event(run, &storage, CIV_EVENT_REPUTATION_UPDATED);
  if (!event)
    return;
  event->agent = d->agent;
  event->values[0].real = old;
  event->values[1].real = run->people.reputation[d->agent];
  event->values[2].real = d->reputation;
  event->values[3].text = "governance";
  civ_sim_send(run, event);
}

void civ_sim_apply_effect(civ_run *run)
{
  civ_effect *e = &run->effect;
  for (size_t k = 0; k < e->n_freezes; k++) {
    e->freeze_orders++;
    if (civ_population_set_frozen(&run->people, e->freezes[k].agent, true))
      emit_freeze(run, CIV_EVENT_AGENT_FROZEN, &e->freezes[k]);
  }
  for (size_t k = 0; k < e->n_thaws; k++) {
    e->unfreeze_orders++;
    if (civ_population_set_frozen(&run->people, e->thaws[k].agent, false))
      emit_freeze(run, CIV_EVENT_AGENT_UNFROZEN, &e->thaws[k]);
  }
  for (size_t k = 0; k < e->n_deltas; k++)
    if (e->deltas[k].reputation_ordered)
      change_reputation(run, &e->deltas[k]);
  for (size_t k = 0; k < e->n_deltas; k++)
    if (e->deltas[k].resources_ordered)
      civ_population_set_resources(&run->people, e->deltas[k].agent,
                                   run->people.resources[e->deltas[k].agent] + e->deltas[k].resources);
  if (e->stop && !run->stopping)
    run->stopping = true;
}

bool civ_sim_transfer(civ_run *run, civ_agent from, civ_agent to, double amount)
{
  if (!(amount > 0) || from >= run->people.view.n || to >= run->people.view.n || from == to)
    return false;
  civ_population_set_resources(&run->people, from, run->people.resources[from] - amount);
  civ_population_set_resources(&run->people, to, run->people.resources[to] + amount);
  return true;
}
