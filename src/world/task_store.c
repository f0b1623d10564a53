/* The task pool as bytes. Indexes are not saved: they follow from the tasks. */
#include "world/task_inside.h"

enum { TASK_REALS = 4, TASK_LONGS = 4, TASK_WORDS = 10, OUTPUT_WORDS = 5 };
enum { TASK_BYTES = 8 * (TASK_REALS + TASK_LONGS) + 4 * TASK_WORDS + 4, OUTPUT_BYTES = 8 + 4 * OUTPUT_WORDS + 2 };

static void save_task(const task *t, civ_bytes *out)
{
  civ_bytes_put_real(out, t->bounty);
  civ_bytes_put_real(out, t->budget);
  civ_bytes_put_real(out, t->min_reputation);
  civ_bytes_put_real(out, t->final_quality);
  civ_bytes_put_u64(out, (uint64_t)t->deadline_epoch);
  civ_bytes_put_u64(out, (uint64_t)t->max_steps);
  civ_bytes_put_u64(out, t->claim_order);
  civ_bytes_put_u64(out, t->steps_used);
  const uint32_t words[TASK_WORDS] = { t->claimer, t->prompt,      t->description, t->metadata,    t->required_outputs,
                                       t->notes,   t->last_output, t->n_outputs,   t->last_helper, t->n_helpers };
  for (int k = 0; k < TASK_WORDS; k++)
    civ_bytes_put_u32(out, words[k]);
  civ_bytes_put_u8(out, t->status);
  civ_bytes_put_u8(out, t->difficulty);
  civ_bytes_put_u8(out, t->collaborators_wanted);
  civ_bytes_put_u8(out, t->reserved);
}

static void load_task(task *t, civ_bytes_reader *in)
{
  memset(t, 0, sizeof *t);
  t->next = t->previous = CIV_NONE;
  t->bounty = civ_bytes_real(in);
  t->budget = civ_bytes_real(in);
  t->min_reputation = civ_bytes_real(in);
  t->final_quality = civ_bytes_real(in);
  t->deadline_epoch = (int64_t)civ_bytes_u64(in);
  t->max_steps = (int64_t)civ_bytes_u64(in);
  t->claim_order = civ_bytes_u64(in);
  t->steps_used = civ_bytes_u64(in);
  uint32_t *const words[TASK_WORDS] = { &t->claimer,          &t->prompt,   &t->description, &t->metadata,
                                        &t->required_outputs, &t->notes,    &t->last_output, &t->n_outputs,
                                        &t->last_helper,      &t->n_helpers };
  for (int k = 0; k < TASK_WORDS; k++)
    *words[k] = civ_bytes_u32(in);
  t->status = civ_bytes_u8(in);
  t->difficulty = civ_bytes_u8(in);
  t->collaborators_wanted = civ_bytes_u8(in);
  t->reserved = civ_bytes_u8(in) != 0;
}

static void save_output(const task_output *o, civ_bytes *out)
{
  civ_bytes_put_real(out, o->quality);
  const uint32_t words[OUTPUT_WORDS] = { o->task, o->agent, o->text, o->reason, o->before };
  for (int k = 0; k < OUTPUT_WORDS; k++)
    civ_bytes_put_u32(out, words[k]);
  civ_bytes_put_u8(out, o->kind);
  civ_bytes_put_u8(out, o->verdict);
}

static void load_output(task_output *o, civ_bytes_reader *in)
{
  o->quality = civ_bytes_real(in);
  uint32_t *const words[OUTPUT_WORDS] = { &o->task, &o->agent, &o->text, &o->reason, &o->before };
  for (int k = 0; k < OUTPUT_WORDS; k++)
    *words[k] = civ_bytes_u32(in);
  o->kind = civ_bytes_u8(in);
  o->verdict = civ_bytes_u8(in);
}

void civ_task_pool_save(const civ_task_pool *pool, civ_bytes *out)
{
  civ_bytes_put_u32(out, pool->n_tasks);
  civ_bytes_put_u32(out, pool->n_outputs);
  civ_bytes_put_u32(out, pool->n_helpers);
  civ_bytes_put_u64(out, pool->n_claims);
  civ_bytes_put_u64(out, pool->digest);
  for (uint32_t k = 0; k < pool->n_tasks; k++)
    save_task(&pool->tasks[k], out);
  for (uint32_t k = 0; k < pool->n_outputs; k++)
    save_output(&pool->outputs[k], out);
  for (uint32_t k = 0; k < pool->n_helpers; k++) {
    civ_bytes_put_u32(out, pool->helpers[k].agent);
    civ_bytes_put_u32(out, pool->helpers[k].before);
  }
  if (pool->n_tasks > 0)
    civ_bytes_put_u64s(out, pool->claimants, pool->agents / 64 + 1);
  civ_texts_save(&pool->texts, out);
}

static bool is_number(uint32_t x, uint32_t n)
{
  return x == CIV_NONE || x < n;
}

/* A task that names only what exists. Outputs and helpers are checked to lead backwards, so no chain closes. */
static bool task_fits(const civ_task_pool *pool, const task *t)
{
  const bool real =
      t->bounty - t->bounty == 0 && t->budget - t->budget == 0 && t->min_reputation - t->min_reputation == 0;
  return real && t->status < CIV_TASK_STATUSES && is_number(t->claimer, pool->agents) &&
         is_number(t->last_output, pool->n_outputs) && is_number(t->last_helper, pool->n_helpers) &&
         t->prompt < pool->texts.n && t->description < pool->texts.n && t->metadata < pool->texts.n &&
         t->required_outputs < pool->texts.n && t->notes < pool->texts.n &&
         (t->status != CIV_TASK_OPEN || t->claimer == CIV_NOBODY) &&
         (t->claimer == CIV_NOBODY || t->claim_order < pool->n_claims);
}

static bool all_fits(const civ_task_pool *pool)
{
  for (uint32_t k = 0; k < pool->n_tasks; k++)
    if (!task_fits(pool, &pool->tasks[k]))
      return false;
  for (uint32_t k = 0; k < pool->n_outputs; k++) {
    const task_output *o = &pool->outputs[k];
    if (o->task >= pool->n_tasks || o->agent >= pool->agents || o->text >= pool->texts.n ||
        o->reason >= pool->texts.n || (o->before != CIV_NONE && o->before >= k))
      return false;
  }
  for (uint32_t k = 0; k < pool->n_helpers; k++)
    if (pool->helpers[k].before != CIV_NONE && pool->helpers[k].before >= k)
      return false;
  return true;
}

static civ_status load_into(civ_task_pool *pool, civ_bytes_reader *in, civ_error *err)
{
  const uint32_t tasks = civ_bytes_u32(in), outputs = civ_bytes_u32(in), helpers = civ_bytes_u32(in);
  pool->n_claims = civ_bytes_u64(in);
  pool->digest = civ_bytes_u64(in);
  if (in->failed ||
      (uint64_t)tasks * TASK_BYTES + (uint64_t)outputs * OUTPUT_BYTES + (uint64_t)helpers * 8 > civ_bytes_left(in))
    return civ_fail(err, CIV_E_FORMAT, "checkpoint", "the task pool is not as long as the checkpoint says");
  const uint32_t most = outputs > helpers ? outputs : helpers;
  if (tasks > 0 && civ_task_pool_reserve(pool, tasks, most, 0) != CIV_OK)
    return civ_fail(err, CIV_E_NOMEM, "checkpoint", "out of memory for %u tasks", tasks);
  if (tasks == 0 && most > 0)
    return civ_fail(err, CIV_E_FORMAT, "checkpoint", "there are outputs but no tasks");
  pool->n_tasks = tasks;
  pool->n_outputs = outputs;
  pool->n_helpers = helpers;
  for (uint32_t k = 0; k < tasks; k++)
    load_task(&pool->tasks[k], in);
  for (uint32_t k = 0; k < outputs; k++)
    load_output(&pool->outputs[k], in);
  for (uint32_t k = 0; k < helpers; k++) {
    pool->helpers[k].agent = civ_bytes_u32(in);
    pool->helpers[k].before = civ_bytes_u32(in);
  }
  if (tasks > 0 && !civ_bytes_u64s(in, pool->claimants, pool->agents / 64 + 1))
    return civ_fail(err, CIV_E_FORMAT, "checkpoint", "the task pool belongs to another number of agents");
  const civ_status status = civ_texts_load(&pool->texts, in, err);
  if (status != CIV_OK)
    return status;
  if (in->failed || !all_fits(pool))
    return civ_fail(err, CIV_E_FORMAT, "checkpoint", "tasks name agents, outputs or texts that do not exist");
  for (uint32_t k = 0; k < tasks; k++)
    civ_task_pool_index(pool, k);
  return CIV_OK;
}

civ_status civ_task_pool_load(civ_task_pool *pool, civ_bytes_reader *in, civ_error *err)
{
  civ_task_pool *fresh = NULL;
  civ_status status = civ_task_pool_create(pool->agents, pool->allocator, &fresh, err);
  if (status != CIV_OK)
    return status;
  status = load_into(fresh, in, err);
  if (status == CIV_OK) {
    const civ_task_pool old = *pool;
    *pool = *fresh;
    *fresh = old;
  }
  civ_task_pool_destroy(fresh);
  return status;
}
