/* What a composite task turned out to be worth, and to whom. */
#include <math.h>

#include "metric/composite_structure.h"
#include "world/composite.h"

static double clamp(double x)
{
  return x < 0 ? 0 : x > 1 ? 1 : x;
}

double civ_composite_fraction(const civ_composite_task *t)
{
  uint32_t completed = 0;
  for (uint32_t s = 0; s < t->n_subtasks; s++)
    completed += t->subtasks[s].status == CIV_SUBTASK_COMPLETED;
  return t->n_subtasks > 0 ? (double)completed / t->n_subtasks : 0;
}

/* Weighted by the shares, plain where nothing has a share. */
static double quality_of(const civ_composite_task *t)
{
  double weighted = 0, weights = 0, plain = 0;
  for (uint32_t s = 0; s < t->n_subtasks; s++) {
    const civ_composite_subtask *part = &t->subtasks[s];
    weighted += part->bounty_share * part->quality;
    weights += part->bounty_share;
    plain += part->quality;
  }
  return weights > 0 ? weighted / weights : plain / t->n_subtasks;
}

/* How many parts an agent was assigned. */
static uint32_t parts_of(const civ_composite_task *t, civ_agent a)
{
  uint32_t n = 0;
  for (uint32_t s = 0; s < t->n_subtasks; s++)
    n += t->subtasks[s].worker == a;
  return n;
}

/* Evenness of the work among those who were given any. */
static double coordination_of(const civ_composite_task *t)
{
  uint32_t fewest = UINT32_MAX, most = 0;
  if (t->n_participants == 0)
    return 0;
  for (uint32_t s = 0; s < t->n_subtasks; s++) {
    if (t->subtasks[s].worker == CIV_NOBODY)
      continue;
    const uint32_t n = parts_of(t, t->subtasks[s].worker);
    fewest = n < fewest ? n : fewest;
    most = n > most ? n : most;
  }
  return most > 0 ? (double)fewest / most : 0;
}

/* How much better parts are than what they build on. A part of quality exactly 0 counts as missing. */
static double information_flow_of(const civ_composite_task *t)
{
  double quality[CIV_MOST_SUBTASKS], sum = 0;
  uint32_t n = 0;
  for (uint32_t s = 0; s < t->n_subtasks; s++)
    quality[s] = t->subtasks[s].quality;
  for (uint32_t s = 0; s < t->n_subtasks; s++) {
    const double gain = quality[s] - civ_quality_built_on(t->subtasks[s].dependencies, quality, t->n_subtasks);
    if (isnan(gain) || quality[s] == 0)
      continue;
    sum += gain;
    n++;
  }
  return n > 0 ? clamp(sum / n + 0.5) : 0;
}

void civ_composite_score(civ_composite_task *t)
{
  const double f = quality_of(t);
  const uint32_t parts = t->n_subtasks > 1 ? t->n_subtasks : 1;
  t->final_quality = f;
  t->coordination = coordination_of(t);
  t->synergy = f == 0 ? 0 : clamp((f - 0.5) * t->n_participants / parts + 0.5);
  t->information_flow = information_flow_of(t);
}

bool civ_composite_payouts(const civ_composite_task *t, double *out)
{
  double contributed = 0;
  if (t->status != CIV_COMPOSITE_COMPLETED)
    return false;
  for (uint32_t k = 0; k < t->n_participants; k++)
    contributed += t->contributions[k];
  for (uint32_t k = 0; k < t->n_participants; k++) {
    const double share = contributed > 0 ? t->contributions[k] / contributed : 1.0 / t->n_participants;
    out[k] = t->total_bounty * share + t->completion_bonus / t->n_participants;
  }
  return true;
}

civ_done_task civ_composite_done(const civ_composite_task *t, civ_done_subtask *subtasks)
{
  for (uint32_t s = 0; s < t->n_subtasks; s++) {
    const civ_composite_subtask *part = &t->subtasks[s];
    subtasks[s] = (civ_done_subtask){ .required = part->required,
                                      .dependencies = part->dependencies,
                                      .steps = part->actual_steps,
                                      .worker = part->worker,
                                      .quality = part->quality };
  }
  return (civ_done_task){ .required = t->required,
                          .n_subtasks = t->n_subtasks,
                          .n_participants = t->n_participants,
                          .subtasks = subtasks,
                          .participants = t->participants,
                          .final_quality = t->final_quality,
                          .coordination = t->coordination,
                          .synergy = t->synergy,
                          .information_flow = t->information_flow,
                          .epochs = t->completed_epoch - t->created_epoch };
}
