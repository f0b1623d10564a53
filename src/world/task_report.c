/* What the pool answers, and the tasks that come with it. */
#include <math.h>

#include "world/task_inside.h"

civ_task_def civ_task_def_default(void)
{
  const civ_task_def def = {
    .bounty = 5, .budget = 10, .deadline_epoch = -1, .max_steps = -1, .difficulty = CIV_MEDIUM
  };
  return def;
}

static civ_text text_of(const char *words)
{
  const civ_text text = { words, (uint32_t)strlen(words) };
  return text;
}

bool civ_task_template(const char *name, double bounty, civ_task_def *out)
{
  static const struct {
    const char *name, *outputs;
    double bounty, budget_per_bounty;
    int64_t max_steps;
    uint8_t difficulty, collaborators;
  } templates[] = {
    { "research", "research_notes\nsynthesis_report", 10, 2, 20, CIV_MEDIUM, 0 },
    { "planning", "plan_document\ntask_assignments", 15, 2, 30, CIV_HARD, 2 },
    { "optimization", "solution\nresource_analysis", 8, 1.5, 15, CIV_HARD, 0 },
  };
  for (size_t k = 0; k < sizeof templates / sizeof *templates; k++) {
    if (strcmp(templates[k].name, name) != 0)
      continue;
    civ_task_def def = civ_task_def_default();
    def.bounty = bounty >= 0 ? bounty : templates[k].bounty;
    def.budget = templates[k].budget_per_bounty * def.bounty;
    def.max_steps = templates[k].max_steps;
    def.difficulty = templates[k].difficulty;
    def.required_outputs = text_of(templates[k].outputs);
    def.collaborators_wanted = templates[k].collaborators;
    *out = def;
    return true;
  }
  return false;
}

uint32_t civ_task_pool_claimable(const civ_task_pool *pool, double reputation, uint32_t most, uint32_t *out)
{
  if (pool->by_status[CIV_TASK_OPEN] == 0)
    return 0;
  return civ_task_order_first(&pool->open, reputation, most, out);
}

uint32_t civ_task_pool_active(const civ_task_pool *pool, civ_agent agent, uint32_t k)
{
  if (pool->claims == NULL || agent >= pool->agents)
    return CIV_NONE;
  for (uint32_t at = pool->claims[agent].first; at != CIV_NONE; at = pool->tasks[at].next)
    if (k-- == 0)
      return at;
  return CIV_NONE;
}

uint32_t civ_task_pool_count_active(const civ_task_pool *pool, civ_agent agent)
{
  return pool->claims == NULL || agent >= pool->agents ? 0 : pool->claims[agent].n;
}

uint32_t civ_task_pool_submitted(const civ_task_pool *pool, uint32_t from)
{
  return pool->by_status[CIV_TASK_SUBMITTED] == 0 ? CIV_NONE : civ_idbits_from(&pool->submitted, from);
}

void civ_task_pool_view(const civ_task_pool *pool, uint32_t number, civ_task_view *out)
{
  const task *t = &pool->tasks[number];
  const task_output *last = t->last_output == CIV_NONE ? NULL : &pool->outputs[t->last_output];
  const civ_task_view view = { .task = number,
                               .status = t->status,
                               .difficulty = t->difficulty,
                               .bounty = t->bounty,
                               .budget = t->budget,
                               .min_reputation = t->min_reputation,
                               .deadline_epoch = t->deadline_epoch,
                               .claimer = t->claimer,
                               .prompt = civ_texts_get(&pool->texts, t->prompt),
                               .n_outputs = t->n_outputs,
                               .last_output_by = last ? last->agent : CIV_NOBODY,
                               .last_output_kind = last ? last->kind : CIV_OUTPUT_NONE,
                               .reserved = t->reserved != 0,
                               .final_quality = t->final_quality };
  *out = view;
}

void civ_task_pool_more(const civ_task_pool *pool, uint32_t number, civ_task_more *out)
{
  const task *t = &pool->tasks[number];
  const civ_task_more more = { .description = civ_texts_get(&pool->texts, t->description),
                               .metadata = civ_texts_get(&pool->texts, t->metadata),
                               .required_outputs = civ_texts_get(&pool->texts, t->required_outputs),
                               .notes = civ_texts_get(&pool->texts, t->notes),
                               .final_quality = t->final_quality,
                               .max_steps = t->max_steps,
                               .steps_used = t->steps_used,
                               .over_budget = t->max_steps >= 0 && t->steps_used >= (uint64_t)t->max_steps,
                               .remaining_budget = civ_task_remaining_budget(t->budget, t->steps_used),
                               .last_output = t->last_output,
                               .n_collaborators = t->n_helpers,
                               .collaborators_wanted = t->collaborators_wanted };
  *out = more;
}

bool civ_task_pool_output(const civ_task_pool *pool, uint32_t number, civ_output_view *out)
{
  if (number >= pool->n_outputs)
    return false;
  const task_output *o = &pool->outputs[number];
  const civ_output_view view = { .task = o->task,
                                 .agent = o->agent,
                                 .content = civ_texts_get(&pool->texts, o->text),
                                 .reason = civ_texts_get(&pool->texts, o->reason),
                                 .quality = o->quality,
                                 .kind = o->kind,
                                 .verdict = o->verdict,
                                 .before = o->before };
  *out = view;
  return true;
}

civ_task_statistics civ_task_pool_count_all(const civ_task_pool *pool)
{
  civ_task_statistics s = { .total = pool->n_tasks };
  memcpy(s.by_status, pool->by_status, sizeof s.by_status);
  double quality = 0;
  for (uint32_t k = 0; k < pool->n_tasks; k++) {
    s.total_bounty += pool->tasks[k].bounty;
    if (pool->tasks[k].status == CIV_TASK_COMPLETED)
      quality += pool->tasks[k].final_quality;
  }
  if (s.by_status[CIV_TASK_COMPLETED] > 0)
    s.mean_quality = quality / s.by_status[CIV_TASK_COMPLETED];
  for (size_t k = 0; pool->claimants != NULL && k <= pool->agents / 64; k++)
    s.unique_claimants += (uint32_t)__builtin_popcountll(pool->claimants[k]);
  return s;
}

uint64_t civ_task_pool_digest(const civ_task_pool *pool)
{
  return pool->digest;
}
