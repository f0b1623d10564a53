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

/* Fixes who acts: the cap counts agents admitted. */
static void fix_acting(civ_run *run)
{
  const uint64_t cap = (uint64_t)run->simulation->max_actions_per_step;
  uint64_t admitted = 0;
  for (uint32_t k = 0; k < run->people.view.n; k++) {
    const civ_agent a = at(run, k);
    const bool acts =
        (!cap || admitted < cap) && agent_active(run, a) && (!run->levers_admit.n || civ_sim_admits(run, a));
    run->decided[k].verdict = acts ? CIV_PASS : NOT_ACTING;
    admitted += acts;
  }
}

static bool needs_width(const civ_action *a)
{
  return a->min_reputation != 0 || a->deadline_epoch >= 0 || a->transfer != 0 || a->claim != 0 || a->conduct != 0 ||
         a->intent != 0;
}

static void keep(civ_run *run, uint32_t k, const civ_action *a, civ_verdict verdict, uint8_t speaker)
{
  run->decided[k] = (decided_action){ .content = a->content.data,
                                      .amount = a->amount,
                                      .content_length = a->content.length,
                                      .target = a->target,
                                      .counterparty = a->counterparty,
                                      .kind = verdict == CIV_PASS ? (uint8_t)CIV_ACTION_NOOP : a->kind,
                                      .interaction_type = a->interaction_type,
                                      .vote_direction = a->vote_direction,
                                      .output_kind = a->output_kind,
                                      .verdict = (uint8_t)verdict,
                                      .speaker = speaker,
                                      .wide = needs_width(a) };
  if (run->decided[k].wide)
    run->wide[k] = *a;
}

static civ_action restore(const civ_run *run, uint32_t k)
{
  const decided_action *d = &run->decided[k];
  civ_action a = d->wide ? run->wide[k] : civ_action_make((civ_action_kind)d->kind);
  a.kind = d->kind;
  a.interaction_type = d->interaction_type;
  a.vote_direction = d->vote_direction;
  a.output_kind = d->output_kind;
  a.target = d->target;
  a.counterparty = d->counterparty;
  a.content = (civ_text){ d->content, d->content_length };
  a.amount = d->amount;
  return a;
}

static void decide(civ_run *run, civ_view *view, uint32_t k)
{
  civ_action action;
  uint8_t speaker;
  view->self = at(run, k);
  view->moment = run->moment + k + 1;
  const civ_verdict verdict = civ_sim_ask(run, view, &action, &speaker);
  keep(run, k, &action, verdict, speaker);
}

static bool decide_chunk(void *arg, uint64_t chunk, uint32_t worker)
{
  civ_run *run = arg;
  civ_view view = civ_sim_view(run);
  (void)worker;
  for (uint32_t k = (uint32_t)(chunk * CHUNK); k < chunk_end(run, chunk); k++) {
    if (run->far)
      civ_sim_foresee_turn(run, k + TURNS_AHEAD);
    if (run->decided[k].verdict != NOT_ACTING)
      decide(run, &view, k);
  }
  return true;
}

/* Slow minds: their answers are collected in schedule order, on the same unchanged state. */
static void collect_pending(civ_run *run)
{
  civ_view view = civ_sim_view(run);
  for (uint32_t k = 0; k < run->people.view.n; k++)
    while (run->decided[k].verdict == CIV_PENDING) {
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
    if (run->decided[k].verdict == NOT_ACTING)
      continue;
    const civ_agent a = at(run, k);
    civ_action action = restore(run, k);
    civ_sim_execute(run, a, &action, civ_sim_speaker(run, a, run->decided[k].speaker));
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
