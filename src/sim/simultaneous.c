/* Simultaneous turns: everybody decides on the state at the start of the step, in parallel; then actions are executed in
 * schedule order, by one thread. Answers at the end of the step likewise. Who computes what on which thread changes nothing:
 * a decision reads the common state and writes its own agent's. */
#include "sim/run_state.h"

#include <sched.h>

enum { CHUNK = 512 };

civ_status civ_sim_simultaneous_reserve(civ_run *run)
{
  const size_t n = run->people.view.n, open = (size_t)run->open.n + run->people.active.count;
  civ_status st = civ_grow(&run->allocator, (void **)&run->decided, &run->decided_capacity, n, sizeof *run->decided);
  if (st == CIV_OK)
    st = civ_grow(&run->allocator, (void **)&run->wide, &run->wide_capacity, n, sizeof *run->wide);
  if (st == CIV_OK)
    st = civ_grow(&run->allocator, (void **)&run->answers, &run->answers_capacity, open, 1);
  return st;
}

static void for_chunks(civ_run *run, bool (*job)(void *arg, uint64_t chunk, uint32_t worker))
{
  const uint64_t chunks = ((uint64_t)run->people.view.n + CHUNK - 1) / CHUNK;
  if (run->pool && chunks > 1)
    civ_pool_for(run->pool, chunks, job, run);
  else
    for (uint64_t k = 0; k < chunks; k++)
      job(run, k, 0);
}

static uint32_t chunk_end(const civ_run *run, uint64_t chunk)
{
  const uint64_t end = (chunk + 1) * CHUNK;
  return end < run->people.view.n ? (uint32_t)end : run->people.view.n;
}

static civ_agent at(const civ_run *run, uint32_t k)
{
  return run->order ? run->order[k] : k;
}

static bool may_act(const civ_run *run, civ_agent a)
{
  return agent_active(run, a) && (!run->levers_admit.n || civ_sim_admits(run, a));
}

/* With a cap on actions, who acts is fixed in schedule order before anybody decides: the cap counts agents admitted. Without,
 * each agent's admission is asked where it decides. */
static void fix_acting(civ_run *run)
{
  const uint64_t cap = (uint64_t)run->simulation->max_actions_per_step;
  uint64_t admitted = 0;
  for (uint32_t k = 0; cap && k < run->people.view.n; k++) {
    run->decided[k].acting = admitted < cap && may_act(run, at(run, k));
    admitted += run->decided[k].acting;
  }
}

static bool needs_width(const civ_action *a)
{
  return a->min_reputation != 0 || a->deadline_epoch >= 0 || a->transfer != 0 || a->claim != 0 || a->conduct != 0 ||
         a->intent != 0 || (a->amount != 0 && a->content.length != 0);
}

static void pack(civ_run *run, uint32_t k, const civ_action *a)
{
  decided_action *d = &run->decided[k];
  d->wide = needs_width(a);
  if (d->wide) {
    run->wide[k] = *a;
    return;
  }
  d->has_amount = a->amount != 0;
  if (d->has_amount)
    d->amount = a->amount;
  else
    d->content = a->content.data;
  d->content_length = a->content.length;
  d->target = a->target;
  d->counterparty = a->counterparty;
  d->kind = a->kind;
  d->interaction_type = a->interaction_type & 15;
  d->output_kind = a->output_kind & 15;
  d->vote_direction = a->vote_direction;
}

static civ_action unpack(const civ_run *run, uint32_t k)
{
  const decided_action *d = &run->decided[k];
  if (d->wide)
    return run->wide[k];
  civ_action a = civ_action_make((civ_action_kind)d->kind);
  if (d->has_amount)
    a.amount = d->amount;
  else
    a.content = (civ_text){ d->content, d->content_length };
  a.target = d->target;
  a.counterparty = d->counterparty;
  a.interaction_type = d->interaction_type;
  a.output_kind = d->output_kind;
  a.vote_direction = d->vote_direction;
  return a;
}

static void decide(civ_run *run, civ_view *view, uint32_t k)
{
  civ_action packed, *action = run->far ? &packed : &run->wide[k];
  uint8_t speaker;
  view->self = at(run, k);
  view->moment = run->moment + k + 1;
  const civ_verdict verdict = civ_sim_ask(run, view, action, &speaker);
  if (verdict == CIV_PASS)
    action->kind = CIV_ACTION_NOOP;
  run->decided[k].verdict = (uint8_t)verdict & 3;
  run->decided[k].speaker = speaker & 7;
  if (run->far)
    pack(run, k, action);
}

static bool decide_chunk(void *arg, uint64_t chunk, uint32_t worker)
{
  civ_run *run = arg;
  civ_view view = civ_sim_view(run);
  const bool capped = run->simulation->max_actions_per_step != 0;
  (void)worker;
  for (uint32_t k = (uint32_t)(chunk * CHUNK); k < chunk_end(run, chunk); k++) {
    if (run->far)
      civ_sim_foresee_turn(run, k + TURNS_AHEAD);
    if (!capped)
      run->decided[k].acting = may_act(run, at(run, k));
    if (run->decided[k].acting)
      decide(run, &view, k);
  }
  return true;
}

/* Slow minds: their answers are collected in schedule order, on the same unchanged state. */
static void collect_pending(civ_run *run)
{
  civ_view view = civ_sim_view(run);
  for (uint32_t k = 0; k < run->people.view.n; k++)
    while (run->decided[k].acting && run->decided[k].verdict == CIV_PENDING) {
      decide(run, &view, k);
      if (run->decided[k].verdict == CIV_PENDING)
        sched_yield();
    }
}

void civ_sim_turns_simultaneous(civ_run *run)
{
  const uint32_t n = run->people.view.n;
  fix_acting(run);
  for_chunks(run, decide_chunk);
  collect_pending(run);
  run->moment += n; /* what executions change comes after everybody has looked */
  for (uint32_t k = 0; k < n; k++) {
    if (run->far)
      civ_sim_foresee_turn(run, k + TURNS_AHEAD);
    if (!run->decided[k].acting)
      continue;
    const civ_agent a = at(run, k);
    civ_action unpacked, *action = &run->wide[k];
    if (run->far) {
      unpacked = unpack(run, k);
      action = &unpacked;
    }
    civ_sim_execute(run, a, action, civ_sim_speaker(run, a, run->decided[k].speaker));
    run->agent_steps++;
  }
}

/* --- answers ------------------------------------------------------------------------------------------------------------ */

enum { NO_ANSWER = 255 };

/* One agent answers all that is addressed to it, oldest first, so that no two threads touch one agent's state. */
static bool answer_chunk(void *arg, uint64_t chunk, uint32_t worker)
{
  civ_run *run = arg;
  civ_view view = civ_sim_view(run);
  (void)worker;
  for (civ_agent a = (civ_agent)(chunk * CHUNK); a < chunk_end(run, chunk); a++) {
    if (run->open.head[a] == CIV_NONE || !agent_active(run, a))
      continue;
    for (uint32_t i = run->open.head[a]; i != CIV_NONE; i = run->open.next[i])
      run->answers[i] = (uint8_t)civ_sim_ask_answer(run, &view, &run->open.items[i]);
  }
  return true;
}

static void collect_answers(civ_run *run, uint32_t n)
{
  civ_view view = civ_sim_view(run);
  for (uint32_t i = 0; i < n; i++)
    while (run->answers[i] == CIV_PENDING) {
      run->answers[i] = (uint8_t)civ_sim_ask_answer(run, &view, &run->open.items[i]);
      if (run->answers[i] == CIV_PENDING)
        sched_yield();
    }
}

void civ_sim_resolve_simultaneous(civ_run *run)
{
  const uint32_t n = run->open.n;
  if (n)
    memset(run->answers, NO_ANSWER, n);
  for_chunks(run, answer_chunk);
  collect_answers(run, n);
  for (uint32_t i = 0; i < n; i++) {
    if (run->far)
      civ_sim_foresee_answer(run, i);
    if (run->open.open[i] && run->answers[i] != NO_ANSWER)
      civ_sim_complete(run, i, run->answers[i] == CIV_YES, CIV_IN_RESOLUTION);
  }
  civ_proposals_compact(&run->open);
}
