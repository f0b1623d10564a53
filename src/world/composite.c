/* The life of one composite task. */
#include "world/composite.h"

#include <math.h>

#include "metric/composite_structure.h"

const char *const civ_subtask_status_names[CIV_SUBTASK_STATUSES + 1] = { "pending",     "available", "claimed",
                                                                         "in_progress", "completed", "failed",
                                                                         NULL };
const char *const civ_composite_status_names[CIV_COMPOSITE_STATUSES + 1] = { "open",   "in_progress", "completed",
                                                                             "failed", "expired",     NULL };

civ_composite_task civ_composite_task_default(void)
{
  return (civ_composite_task){ .type = CIV_COMPOSITE_TEMPLATES,
                               .min_agents = 2,
                               .max_agents = 5,
                               .total_bounty = 20,
                               .completion_bonus = 5,
                               .deadline_epoch = -1,
                               .most_steps = 50,
                               .final_quality = NAN };
}

civ_composite_subtask civ_composite_subtask_default(void)
{
  return (civ_composite_subtask){ .name = "", .estimated_steps = 5, .worker = CIV_NOBODY, .quality = NAN };
}

static bool is_reward(double x)
{
  return isfinite(x) && x >= 0;
}

civ_status civ_composite_check(const civ_composite_task *t, civ_error *err)
{
  uint16_t dependencies[CIV_MOST_SUBTASKS];
  uint8_t depth[CIV_MOST_SUBTASKS];
  if (t->n_subtasks > CIV_MOST_SUBTASKS || t->max_agents > CIV_MOST_TEAM || t->min_agents > t->max_agents)
    return civ_fail(err, CIV_E_RANGE, "composite task",
                    "%u parts for %u to %u agents: at most %d parts and %d agents, and no more at least than at most",
                    t->n_subtasks, t->min_agents, t->max_agents, CIV_MOST_SUBTASKS, CIV_MOST_TEAM);
  if (!is_reward(t->total_bounty) || !is_reward(t->completion_bonus))
    return civ_fail(err, CIV_E_RANGE, "composite task", "bounty %g and bonus %g must be finite and not negative",
                    t->total_bounty, t->completion_bonus);
  for (uint32_t s = 0; s < t->n_subtasks; s++) {
    dependencies[s] = t->subtasks[s].dependencies;
    if (!is_reward(t->subtasks[s].bounty_share))
      return civ_fail(err, CIV_E_RANGE, "composite task", "share %g of part %u must be finite and not negative",
                      t->subtasks[s].bounty_share, s);
  }
  if (!civ_dependency_depths(dependencies, t->n_subtasks, depth))
    return civ_fail(err, CIV_E_RANGE, "composite task",
                    "its parts depend on each other in a circle or on unknown parts");
  return CIV_OK;
}

uint32_t civ_composite_member(const civ_composite_task *t, civ_agent a)
{
  for (uint32_t k = 0; k < t->n_participants; k++)
    if (t->participants[k] == a)
      return k;
  return CIV_MOST_TEAM;
}

bool civ_composite_join(civ_composite_task *t, civ_agent a)
{
  if (!civ_composite_has_room(t) || civ_composite_member(t, a) != CIV_MOST_TEAM)
    return false;
  t->participants[t->n_participants] = a;
  t->contributions[t->n_participants++] = 0;
  if (t->n_participants >= t->min_agents)
    t->status = CIV_COMPOSITE_IN_PROGRESS;
  return true;
}

static uint16_t completed_parts(const civ_composite_task *t)
{
  uint32_t bits = 0;
  for (uint32_t s = 0; s < t->n_subtasks; s++)
    if (t->subtasks[s].status == CIV_SUBTASK_COMPLETED)
      bits |= 1u << s;
  return (uint16_t)bits;
}

uint16_t civ_composite_available(civ_composite_task *t)
{
  const uint16_t completed = completed_parts(t);
  uint32_t bits = 0;
  for (uint32_t s = 0; s < t->n_subtasks; s++) {
    civ_composite_subtask *part = &t->subtasks[s];
    if (part->status == CIV_SUBTASK_PENDING && (part->dependencies & ~completed) == 0)
      part->status = CIV_SUBTASK_AVAILABLE;
    if (part->status == CIV_SUBTASK_AVAILABLE)
      bits |= 1u << s;
  }
  return (uint16_t)bits;
}

uint16_t civ_composite_claimable(civ_composite_task *t, civ_capability_set capabilities)
{
  uint32_t bits = civ_composite_available(t);
  for (uint32_t s = 0; s < t->n_subtasks; s++)
    if ((t->subtasks[s].required & ~capabilities) != 0)
      bits &= ~(1u << s);
  return (uint16_t)bits;
}

bool civ_composite_assign(civ_composite_task *t, uint32_t subtask, civ_agent a)
{
  if (subtask >= t->n_subtasks || t->subtasks[subtask].status > CIV_SUBTASK_AVAILABLE)
    return false;
  t->subtasks[subtask].status = CIV_SUBTASK_CLAIMED;
  t->subtasks[subtask].worker = a;
  return true;
}

bool civ_composite_claim(civ_composite_task *t, uint32_t subtask, civ_agent a, civ_capability_set capabilities)
{
  return subtask < t->n_subtasks && civ_composite_unfinished(t) && civ_composite_member(t, a) != CIV_MOST_TEAM &&
         (civ_composite_claimable(t, capabilities) >> subtask & 1u) && civ_composite_assign(t, subtask, a);
}

bool civ_composite_start(civ_composite_task *t, uint32_t subtask)
{
  if (subtask >= t->n_subtasks || t->subtasks[subtask].status != CIV_SUBTASK_CLAIMED)
    return false;
  t->subtasks[subtask].status = CIV_SUBTASK_IN_PROGRESS;
  return true;
}

bool civ_composite_finish(civ_composite_task *t, uint32_t subtask, double quality, uint32_t epoch)
{
  if (subtask >= t->n_subtasks || t->subtasks[subtask].status != CIV_SUBTASK_IN_PROGRESS || !isfinite(quality))
    return false;
  civ_composite_subtask *part = &t->subtasks[subtask];
  part->status = CIV_SUBTASK_COMPLETED;
  part->quality = quality;
  const uint32_t member = civ_composite_member(t, part->worker);
  if (member != CIV_MOST_TEAM)
    t->contributions[member] += part->bounty_share * quality;
  if (civ_composite_unfinished(t) && completed_parts(t) == (1u << t->n_subtasks) - 1) {
    t->status = CIV_COMPOSITE_COMPLETED;
    t->completed_epoch = epoch;
    civ_composite_score(t);
  }
  return true;
}

bool civ_composite_fail(civ_composite_task *t)
{
  if (!civ_composite_unfinished(t))
    return false;
  t->status = CIV_COMPOSITE_FAILED;
  for (uint32_t s = 0; s < t->n_subtasks; s++)
    if (t->subtasks[s].status != CIV_SUBTASK_COMPLETED)
      t->subtasks[s].status = CIV_SUBTASK_FAILED;
  return true;
}

bool civ_composite_expire(civ_composite_task *t)
{
  if (!civ_composite_unfinished(t))
    return false;
  t->status = CIV_COMPOSITE_EXPIRED;
  return true;
}
