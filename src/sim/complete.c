/* Completing an interaction: measured, judged, paid, remembered, reported - in this order and nowhere else. */
#include "sim/run_state.h"

static civ_draw_key proposal_key(const civ_proposal *p, civ_purpose purpose)
{
  return (civ_draw_key){
    .purpose = (uint32_t)purpose, .entity = p->initiator, .ordinal = p->ordinal, .epoch = p->epoch, .step = p->step
  };
}

void civ_sim_measure(const civ_run *run, const civ_proposal *p, civ_draws *draws, civ_interaction *record)
{
  run->generator->observe(run->generator_self, p, draws, record);
  civ_proxy_label(&run->proxy, &record->observables, &record->v_hat, &record->p);
}

static void measure(civ_run *run, const civ_proposal *p, civ_interaction *record)
{
  const civ_draw_key key = proposal_key(p, CIV_PURPOSE_OBSERVABLES);
  civ_draws draws = civ_draws_open(run->seed, &key);
  civ_sim_measure(run, p, &draws, record);
}

static civ_event *pair_event(civ_run *run, civ_event *storage, civ_event_type type, const civ_interaction *r)
{
  civ_event *event = civ_sim_event(run, storage, (uint16_t)type);
  if (event) {
    event->interaction = r->id;
    event->initiator = r->initiator;
    event->counterparty = r->counterparty;
  }
  return event;
}

static void put_observables(civ_value *values, const civ_observables *o)
{
  values[0].real = o->task_progress_delta;
  values[1].integer = o->rework_count;
  values[2].integer = o->verifier_rejections;
  values[3].integer = o->tool_misuse_flags;
  values[4].real = o->counterparty_engagement_delta;
}

static void emit_measured(civ_run *run, const civ_interaction *r)
{
  civ_event storage, *event;
  if (run->listening_full && (event = pair_event(run, &storage, CIV_EVENT_PROXY_COMPUTED, r)) != NULL) {
    put_observables(event->values, &r->observables);
    event->values[5].real = r->v_hat;
    event->values[6].real = r->p;
    civ_sim_send(run, event);
  }
  event = pair_event(run, &storage, r->accepted ? CIV_EVENT_INTERACTION_ACCEPTED : CIV_EVENT_INTERACTION_REJECTED, r);
  if (event) {
    event->values[0].real = r->p;
    event->values[1].text = r->decided_in == CIV_IN_TURN ? "turn" : "resolution";
    civ_sim_send(run, event);
  }
}

/* JSON list of the levers that charged something in this call; longer lists than the buffer cannot occur. */
static const char *charging_levers(const civ_run *run, char *text, size_t size)
{
  size_t at = 0;
  text[at++] = '[';
  for (uint32_t k = 0; k < run->n_levers; k++) {
    if (run->effect.lever_cost_a[k] == 0 && run->effect.lever_cost_b[k] == 0)
      continue;
    const char *name = run->levers[k].table->name;
    const size_t length = strlen(name);
    if (at + length + 6 > size)
      break;
    if (at > 1) {
      text[at++] = ',';
      text[at++] = ' ';
    }
    text[at++] = '"';
    memcpy(text + at, name, length);
    at += length;
    text[at++] = '"';
  }
  text[at++] = ']';
  text[at] = '\0';
  return text;
}

static void ask_levers(civ_run *run, const civ_interaction *record, const civ_draw_key *key)
{
  civ_effect_clear(&run->effect);
  run->effect.party_a = record->initiator;
  run->effect.party_b = record->counterparty;
  for (uint32_t k = 0; k < run->levers_judge.n; k++) {
    const lever_slot *l = &run->levers[run->levers_judge.at[k]];
    civ_draw_key own = *key;
    own.purpose = CIV_PURPOSE_LEVER;
    own.other = own.entity;
    own.entity = l->number;
    civ_draws draws = civ_draws_open(run->seed, &own);
    run->effect.lever = run->levers_judge.at[k];
    l->table->judge(l->self, record, &draws, &run->effect);
  }
}

static bool nobody_judges(const civ_run *run)
{
  return run->levers_judge.n == 0 && run->levers_judged.n == 0;
}

static void tell_judged(civ_run *run, const civ_interaction *record)
{
  for (uint32_t k = 0; k < run->levers_judged.n; k++) {
    const lever_slot *l = &run->levers[run->levers_judged.at[k]];
    run->effect.lever = run->levers_judged.at[k];
    l->table->judged(l->self, record, &run->effect);
  }
}

static void put_costs(const civ_run *run, civ_interaction *record)
{
  record->c_a += run->effect.cost_a;
  record->c_b += run->effect.cost_b;
}

static void judge(civ_run *run, civ_interaction *record, const civ_draw_key *key)
{
  ask_levers(run, record, key);
  put_costs(run, record);
  tell_judged(run, record);
  civ_sim_apply_effect(run);
}

static void govern(civ_run *run, const civ_proposal *p, civ_interaction *record)
{
  if (nobody_judges(run))
    return;
  const civ_draw_key key = proposal_key(p, CIV_PURPOSE_LEVER);
  judge(run, record, &key);
  if (!(record->c_a > 0) && !(record->c_b > 0))
    return;
  run->total_cost_a += record->c_a;
  run->total_cost_b += record->c_b;
  run->epoch_cost_assessed += record->c_a + record->c_b;
  run->epoch_cost_paid += record->accepted ? record->c_a + record->c_b : 0;
  run->costed_interactions++;
  civ_event storage, *event = pair_event(run, &storage, CIV_EVENT_GOVERNANCE_COST_APPLIED, record);
  if (event) {
    char levers[2048];
    event->values[0].real = record->c_a;
    event->values[1].real = record->c_b;
    event->values[2].text = charging_levers(run, levers, sizeof levers);
    civ_sim_send(run, event);
  }
}

static civ_draw_key made_key(const civ_run *run, const civ_interaction *record)
{
  return (civ_draw_key){
    .entity = record->initiator, .ordinal = (uint32_t)record->id, .epoch = run->epoch, .step = run->step, .epoch2 = 1
  };
}

void civ_sim_judge(civ_run *run, civ_interaction *record)
{
  if (nobody_judges(run))
    return;
  const civ_draw_key key = made_key(run, record);
  judge(run, record, &key);
}

/* Room for what one more interaction orders and leaves in the levers' memories; within a step it was made before. */
static bool make_room(civ_run *run)
{
  static const civ_demand one = { .completions = 1 };
  if (run->sealed)
    return true;
  civ_status st = civ_effect_reserve(&run->effect, 8 * (size_t)run->n_levers);
  if (st == CIV_OK)
    st = civ_population_reserve(&run->people, 8 * ((size_t)run->n_levers + 1));
  for (uint32_t k = 0; st == CIV_OK && k < run->n_levers; k++)
    if (run->levers[k].table->reserve)
      st = run->levers[k].table->reserve(run->levers[k].self, &one);
  run->effect.failed = run->effect.failed || st != CIV_OK;
  return st == CIV_OK;
}

/* What a world made is remembered without the costs, which are no part of a payoff (the world takes them), and without its
 * number, which is none of an interaction. */
void civ_sim_judge_made(civ_run *run, civ_interaction *record)
{
  if (nobody_judges(run) || !make_room(run))
    return;
  const civ_draw_key key = made_key(run, record);
  civ_interaction seen = *record;
  seen.id = 0;
  ask_levers(run, &seen, &key);
  tell_judged(run, &seen);
  put_costs(run, record);
  civ_sim_apply_effect(run);
}

static void settle_transfer(civ_run *run, const civ_interaction *r)
{
  if (!run->simulation->enable_transfers || r->tau == 0)
    return;
  const civ_agent from = r->tau > 0 ? r->initiator : r->counterparty, to = r->tau > 0 ? r->counterparty : r->initiator;
  const double wanted = r->tau > 0 ? r->tau : -r->tau, has = run->people.resources[from];
  const double amount = has < wanted ? (has > 0 ? has : 0) : wanted;
  if (!civ_sim_transfer(run, from, to, amount))
    return;
  civ_event storage, *event = pair_event(run, &storage, CIV_EVENT_TRANSFER_EXECUTED, r);
  if (event) {
    event->values[0].real = r->tau > 0 ? amount : -amount;
    civ_sim_send(run, event);
  }
}

static void credit_payoff(civ_run *run, civ_agent a, double payoff)
{
  run->people.total_payoff[a] += payoff;
  if (run->simulation->payoffs_to_resources)
    civ_population_set_resources(&run->people, a, run->people.resources[a] + payoff);
}

static void settle_accepted(civ_run *run, const civ_interaction *r, double reputation_change, double payoff_a,
                            double payoff_b)
{
  population *people = &run->people;
  const civ_agent a = r->initiator, b = r->counterparty;
  civ_population_record_initiated(people, a, true, r->p);
  credit_payoff(run, a, payoff_a);
  const double old = people->reputation[a];
  civ_population_set_reputation(people, a, old + reputation_change);
  civ_event storage, *event = civ_sim_event(run, &storage, CIV_EVENT_REPUTATION_UPDATED);
  if (event) {
    event->agent = a;
    event->values[0].real = old;
    event->values[1].real = people->reputation[a];
    event->values[2].real = reputation_change;
    event->values[3].text = "interaction_outcome";
    civ_sim_send(run, event);
  }
  civ_population_record_received(people, b, r->p);
  credit_payoff(run, b, payoff_b);
  settle_transfer(run, r);
}

static void remember(civ_run *run, civ_agent a, const civ_interaction *r, double payoff)
{
  const policy_slot *policy = &run->policies[run->people.policy[a]];
  if (policy->table->learn)
    policy->table->learn(policy->self, a, r, payoff);
  if (run->ring_length)
    run->ring[(size_t)a * run->ring_length + run->ring_at[a]++ % run->ring_length] = *r;
}

static void emit_completed(civ_run *run, const civ_interaction *r, double payoff_a, double payoff_b)
{
  civ_event storage, *event = civ_sim_event(run, &storage, CIV_EVENT_INTERACTION_COMPLETED);
  if (event) {
    event->interaction = r->id;
    event->values[0].integer = r->accepted;
    event->values[1].real = payoff_a;
    event->values[2].real = payoff_b;
    civ_sim_send(run, event);
  }
  event = pair_event(run, &storage, CIV_EVENT_PAYOFF_COMPUTED, r);
  if (event) {
    civ_value *v = event->values;
    v[0].real = payoff_a;
    v[1].real = payoff_b;
    v[2].real = r->p;
    v[3].real = r->v_hat;
    v[4].real = r->tau;
    v[5].integer = r->accepted;
    v[6].real = r->c_a;
    v[7].real = r->c_b;
    v[8].real = r->r_a;
    v[9].real = r->r_b;
    put_observables(v + 10, &r->observables);
    civ_sim_send(run, event);
  }
}

static void report(civ_run *run, const civ_interaction *r, double payoff_a, double payoff_b)
{
  civ_epoch_metrics_add(run->epoch_metrics, r, payoff_a, payoff_b);
  civ_metrics_add(&run->metrics, r, payoff_a, payoff_b);
  emit_completed(run, r, payoff_a, payoff_b);
  for (uint32_t k = 0; k < run->n_sinks; k++)
    if (run->sinks[k].table->interaction)
      run->sinks[k].table->interaction(run->sinks[k].self, r, payoff_a, payoff_b);
  for (uint32_t k = 0; k < run->worlds_completed.n; k++) {
    const world_slot *w = &run->worlds[run->worlds_completed.at[k]];
    w->table->completed(w->self, r, payoff_a, payoff_b);
  }
  for (uint32_t k = 0; k < run->n_hooks; k++)
    if (run->hooks[k].completed)
      run->hooks[k].completed(run->hooks[k].self, r, payoff_a, payoff_b);
}

void civ_sim_complete(civ_run *run, uint32_t index, bool accepted, civ_decided_in where)
{
  const civ_proposal *p = &run->open.items[index]; /* stays readable until the end of the step */
  const policy_slot *decider = &run->policies[run->people.policy[p->counterparty]];
  civ_proposals_close(&run->open, index);
  if (decider->table->answered)
    decider->table->answered(decider->self, p->counterparty, p, where, accepted);
  civ_interaction record = { .id = p->id,
                             .time_us = ++run->clock_us,
                             .initiator = p->initiator,
                             .counterparty = p->counterparty,
                             .epoch = run->epoch,
                             .step = run->step,
                             .type = p->type,
                             .accepted = accepted,
                             .decided_in = (uint8_t)where,
                             .tau = p->transfer };
  measure(run, p, &record);
  emit_measured(run, &record);
  govern(run, p, &record);
  const double reputation_change = (record.p - 0.5) - record.c_a;
  if (run->payoff->reputation_in_payoff && accepted)
    record.r_a = reputation_change;
  const double payoff_a = civ_payoff_initiator(run->payoff, &record);
  const double payoff_b = civ_payoff_counterparty(run->payoff, &record);
  if (accepted)
    settle_accepted(run, &record, reputation_change, payoff_a, payoff_b);
  else
    run->people.rejected[record.initiator]++;
  remember(run, record.initiator, &record, payoff_a);
  remember(run, record.counterparty, &record, payoff_b);
  report(run, &record, payoff_a, payoff_b);
}
