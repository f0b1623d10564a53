/* The composite phase: at the end of every step each agent with capabilities goes on working, or begins a part, or joins a
 * team - the first of these that it can, and only that. */
#include <string.h>

#include "base/bits.h"
#include "base/digest.h"
#include "world/composite_inside.h"

/* --- teams ----------------------------------------------------------------------------------------------------------------- */

/* What the team can do together. */
static civ_capability_set together(const composite_world *w, const civ_composite_task *t)
{
  civ_capability_set all = 0;
  for (uint32_t k = 0; k < t->n_participants; k++)
    all |= w->sets[t->participants[k]];
  return all;
}

/* What the task and its parts need that nobody of the team can do. */
static civ_capability_set missing(const composite_world *w, const civ_composite_task *t)
{
  civ_capability_set needed = t->required;
  for (uint32_t s = 0; s < t->n_subtasks; s++)
    needed |= t->subtasks[s].required;
  return (civ_capability_set)(needed & ~together(w, t));
}

/* What lets an agent join: something that is missing; or, when nothing is but people, anything the task is about. */
static civ_capability_set wanted_by(const composite_world *w, const civ_composite_task *t)
{
  if (!civ_composite_has_room(t))
    return 0;
  const civ_capability_set lack = missing(w, t);
  return lack != 0 ? lack : t->n_participants < t->min_agents ? t->required : 0;
}

void civ_composite_refresh_wanted(composite_world *w)
{
  w->wanted = 0;
  for (size_t i = 0; i < w->pool.n; i++)
    w->wanted |= wanted_by(w, &w->pool.tasks[i]);
  w->wanted &= w->anybody;
}

static bool join(composite_world *w, civ_agent a)
{
  for (size_t i = 0; i < w->pool.n; i++) {
    civ_composite_task *t = &w->pool.tasks[i];
    if ((wanted_by(w, t) & w->sets[a]) == 0 || !civ_composite_join(t, a))
      continue;
    civ_composite_tell_joined(w, t, a);
    civ_composite_refresh_wanted(w);
    return true;
  }
  return false;
}

/* --- beginning a part ------------------------------------------------------------------------------------------------------ */

/* Alone; or as the one who speaks for a team that can only do it together. */
static bool may_do(const composite_world *w, const civ_composite_task *t, civ_capability_set required, civ_agent a)
{
  if ((required & ~w->sets[a]) == 0)
    return true;
  if (w->rules->claim_mode == CIV_CLAIM_SOLO || (required & w->sets[a]) == 0 || (required & ~together(w, t)) != 0)
    return false;
  for (uint32_t k = 0; k < t->n_participants; k++)
    if ((required & ~w->sets[t->participants[k]]) == 0)
      return false;
  return true;
}

static bool claim(composite_world *w, civ_agent a)
{
  for (size_t i = 0; i < w->pool.n; i++) {
    civ_composite_task *t = &w->pool.tasks[i];
    if (t->status != CIV_COMPOSITE_IN_PROGRESS || civ_composite_member(t, a) == CIV_MOST_TEAM)
      continue;
    const uint32_t available = civ_composite_available(t);
    for (uint32_t s = 0; s < t->n_subtasks; s++) {
      if (!(available >> s & 1u) || !may_do(w, t, t->subtasks[s].required, a))
        continue;
      civ_composite_assign(t, s, a);
      civ_composite_start(t, s);
      w->held[a] = t->id;
      civ_composite_tell_part(w, t, s, false);
      return true;
    }
  }
  return false;
}

/* --- working ----------------------------------------------------------------------------------------------------------------- */

/* As good as an accepted interaction that the agent begins would be now. */
static double quality_of_work(const composite_world *w, const civ_composite_task *t, uint32_t subtask, civ_agent a)
{
  uint32_t epoch, step;
  w->host->call->now(w->host, &epoch, &step);
  const civ_draw_key key = { .purpose = CIV_PURPOSE_WORLD,
                             .entity = (uint32_t)civ_digest(0, "composite_tasks", 15),
                             .other = a,
                             .ordinal = t->id + 1,
                             .epoch = epoch,
                             .step = step,
                             .step2 = subtask };
  const civ_proposal proposal = {
    .initiator = a, .counterparty = a, .type = CIV_COLLABORATION, .epoch = epoch, .step = step
  };
  civ_interaction record = {
    .initiator = a, .counterparty = a, .epoch = epoch, .step = step, .type = CIV_COLLABORATION, .accepted = true
  };
  civ_draws draws = civ_draws_open(w->host->call->seed(w->host), &key);
  w->host->call->measure(w->host, &proposal, &draws, &record);
  return record.p;
}

static void pay(composite_world *w, const civ_composite_task *t)
{
  double payouts[CIV_MOST_TEAM];
  civ_done_subtask parts[CIV_MOST_SUBTASKS];
  civ_composite_payouts(t, payouts);
  for (uint32_t k = 0; k < t->n_participants; k++) {
    w->host->call->credit(w->host, t->participants[k], payouts[k]);
    w->earnings[t->participants[k]] += payouts[k];
    w->digest = civ_digest_mix(w->digest, t->participants[k], civ_real_bits(payouts[k]));
  }
  const civ_done_task done = civ_composite_done(t, parts);
  civ_capabilities_record(w->analyser, &done);
  civ_composite_tell_completed(w, t, payouts);
}

static void finish(composite_world *w, civ_composite_task *t, uint32_t subtask, civ_agent a)
{
  uint32_t epoch, step;
  w->host->call->now(w->host, &epoch, &step);
  civ_composite_finish(t, subtask, quality_of_work(w, t, subtask, a), epoch);
  w->held[a] = CIV_NONE;
  w->parts_finished++;
  if (++w->finished[a] > w->most_finished)
    w->most_finished = w->finished[a];
  civ_composite_tell_part(w, t, subtask, true);
  if (t->status == CIV_COMPOSITE_COMPLETED)
    pay(w, t);
}

/* A step of work on what the agent holds. What it held in a task that is over is dropped, and that was its turn. */
static void work(composite_world *w, civ_agent a)
{
  civ_composite_task *t = civ_composite_pool_find(&w->pool, w->held[a]);
  uint32_t s = 0;
  if (t == NULL || t->status != CIV_COMPOSITE_IN_PROGRESS) {
    w->held[a] = CIV_NONE;
    return;
  }
  while (t->subtasks[s].worker != a || t->subtasks[s].status != CIV_SUBTASK_IN_PROGRESS)
    s++;
  t->subtasks[s].actual_steps++;
  t->steps_used++;
  if (t->subtasks[s].actual_steps >= t->subtasks[s].estimated_steps)
    finish(w, t, s, a);
  if (t->steps_used > t->most_steps && civ_composite_expire(t))
    civ_composite_tell_expired(w, t);
  if (!civ_composite_unfinished(t))
    civ_composite_refresh_wanted(w);
}

static void visit(composite_world *w, civ_agent a)
{
  if (w->sets[a] == 0 || !w->host->call->admitted(w->host, a))
    return;
  if (w->held[a] != CIV_NONE)
    work(w, a);
  else if (!claim(w, a))
    join(w, a);
}

/* --- who is visited -------------------------------------------------------------------------------------------------------- */

enum { FEW_VISITORS = 64 };

/* In place and without memory: for the few that work at one time. */
static void sort_few(civ_agent *list, size_t n)
{
  for (size_t i = 1; i < n; i++)
    for (size_t k = i; k > 0 && list[k - 1] > list[k]; k--) {
      const civ_agent swap = list[k];
      list[k] = list[k - 1];
      list[k - 1] = swap;
    }
}

/* Members of unfinished teams and those who still hold a part of a task that is over, each once. */
static void gather(composite_world *w)
{
  w->n_visitors = 0;
  for (size_t i = 0; i < w->pool.n; i++) {
    const civ_composite_task *t = &w->pool.tasks[i];
    for (uint32_t k = 0; k < t->n_participants; k++) {
      const civ_agent a = t->participants[k];
      if (w->marks[a] || !(civ_composite_unfinished(t) || w->held[a] == t->id))
        continue;
      w->marks[a] = 1;
      w->visitors[w->n_visitors++] = a;
    }
  }
}

/* In the order of the step's schedule. While nobody could join, only those who have work are looked at. */
void civ_composite_phase(composite_world *w)
{
  if (w->pool.n == 0)
    return;
  const civ_agent *order = w->host->call->schedule(w->host);
  gather(w);
  if (order == NULL && w->wanted == 0 && w->n_visitors <= FEW_VISITORS) {
    sort_few(w->visitors, w->n_visitors);
    for (size_t i = 0; i < w->n_visitors; i++)
      visit(w, w->visitors[i]);
  } else {
    for (uint32_t k = 0; k < w->agents; k++) {
      const civ_agent a = order != NULL ? order[k] : k;
      if (w->marks[a] || (w->sets[a] & w->wanted) != 0)
        visit(w, a);
    }
  }
  for (size_t i = 0; i < w->n_visitors; i++)
    w->marks[w->visitors[i]] = 0;
}
