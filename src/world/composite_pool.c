/* Where composite tasks are kept while they matter. */
#include <math.h>
#include <string.h>

#include "base/bits.h"
#include "base/digest.h"
#include "metric/composite_structure.h"
#include "world/composite.h"

void civ_composite_pool_init(civ_composite_pool *pool, const civ_allocator *allocator)
{
  *pool = (civ_composite_pool){ .allocator = allocator };
}

void civ_composite_pool_fini(civ_composite_pool *pool)
{
  civ_drop(pool->allocator, (void **)&pool->tasks, &pool->room, sizeof *pool->tasks);
}

civ_status civ_composite_pool_reserve(civ_composite_pool *pool, size_t more)
{
  return civ_grow(pool->allocator, (void **)&pool->tasks, &pool->room, pool->n + more, sizeof *pool->tasks);
}

civ_composite_task *civ_composite_pool_add(civ_composite_pool *pool, const civ_composite_task *task)
{
  if (pool->n == pool->room)
    return NULL;
  civ_composite_task *t = &pool->tasks[pool->n++];
  *t = *task;
  t->id = pool->made++;
  return t;
}

civ_composite_task *civ_composite_pool_find(const civ_composite_pool *pool, uint32_t id)
{
  size_t low = 0, high = pool->n;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (pool->tasks[middle].id < id)
      low = middle + 1;
    else
      high = middle;
  }
  return low < pool->n && pool->tasks[low].id == id ? &pool->tasks[low] : NULL;
}

size_t civ_composite_pool_unfinished(const civ_composite_pool *pool)
{
  size_t n = 0;
  for (size_t i = 0; i < pool->n; i++)
    n += civ_composite_unfinished(&pool->tasks[i]);
  return n;
}

bool civ_composite_joinable(const civ_composite_task *t, civ_capability_set capabilities)
{
  return civ_composite_has_room(t) && (t->required & capabilities) != 0;
}

bool civ_composite_overdue(const civ_composite_task *t, uint32_t epoch)
{
  return civ_composite_unfinished(t) && t->deadline_epoch >= 0 && (int64_t)epoch >= t->deadline_epoch;
}

void civ_composite_pool_forget(civ_composite_pool *pool)
{
  size_t kept = 0;
  for (size_t i = 0; i < pool->n; i++) {
    const civ_composite_task *t = &pool->tasks[i];
    if (civ_composite_unfinished(t)) {
      if (kept != i)
        pool->tasks[kept] = *t;
      kept++;
      continue;
    }
    pool->forgotten[t->status]++;
    if (t->status == CIV_COMPOSITE_COMPLETED) {
      pool->coordination += t->coordination;
      pool->synergy += t->synergy;
      pool->information_flow += t->information_flow;
    }
  }
  pool->n = kept;
}

civ_composite_statistics civ_composite_pool_count(const civ_composite_pool *pool)
{
  civ_composite_statistics s = { .total_tasks = pool->made,
                                 .avg_coordination_score = pool->coordination,
                                 .avg_synergy_score = pool->synergy,
                                 .avg_information_flow = pool->information_flow };
  memcpy(s.by_status, pool->forgotten, sizeof s.by_status);
  for (size_t i = 0; i < pool->n; i++) {
    const civ_composite_task *t = &pool->tasks[i];
    s.by_status[t->status]++;
    if (t->status == CIV_COMPOSITE_COMPLETED) {
      s.avg_coordination_score += t->coordination;
      s.avg_synergy_score += t->synergy;
      s.avg_information_flow += t->information_flow;
    }
  }
  s.open_tasks = s.by_status[CIV_COMPOSITE_OPEN];
  const uint64_t completed = s.by_status[CIV_COMPOSITE_COMPLETED];
  s.avg_coordination_score /= completed > 0 ? (double)completed : 1;
  s.avg_synergy_score /= completed > 0 ? (double)completed : 1;
  s.avg_information_flow /= completed > 0 ? (double)completed : 1;
  return s;
}

/* --- checkpoints ------------------------------------------------------------------------------------------------------- */

uint64_t civ_composite_pool_digest(const civ_composite_pool *pool)
{
  uint64_t digest = civ_digest_mix(0, pool->made, pool->n);
  for (size_t i = 0; i < pool->n; i++) {
    const civ_composite_task *t = &pool->tasks[i];
    digest = civ_digest_mix(digest, (uint64_t)t->id << 32 | t->steps_used,
                            (uint64_t)t->status << 16 | (uint64_t)t->type << 8 | t->n_participants);
    for (uint32_t k = 0; k < t->n_participants; k++)
      digest = civ_digest_mix(digest, t->participants[k], civ_real_bits(t->contributions[k]));
    for (uint32_t s = 0; s < t->n_subtasks; s++) {
      const civ_composite_subtask *part = &t->subtasks[s];
      digest = civ_digest_mix(digest, (uint64_t)part->worker << 32 | part->actual_steps,
                              civ_real_bits(part->quality) ^ part->status);
    }
  }
  return digest;
}

static void save_part(const civ_composite_subtask *part, civ_bytes *out)
{
  civ_bytes_put_u8(out, part->required);
  civ_bytes_put_u32(out, part->dependencies);
  civ_bytes_put_u8(out, part->status);
  civ_bytes_put_u32(out, part->estimated_steps);
  civ_bytes_put_real(out, part->bounty_share);
  civ_bytes_put_u32(out, part->worker);
  civ_bytes_put_u32(out, part->actual_steps);
  civ_bytes_put_real(out, part->quality);
}

static void save_task(const civ_composite_task *t, civ_bytes *out)
{
  const double reals[] = { t->total_bounty, t->completion_bonus, t->final_quality,
                           t->coordination, t->synergy,          t->information_flow };
  const uint32_t counts[] = { t->id, t->most_steps, t->steps_used, t->created_epoch, t->completed_epoch };
  const uint8_t bytes[] = { t->type,     t->n_subtasks, t->min_agents,    t->max_agents,
                            t->required, t->status,     t->n_participants };
  civ_bytes_put_block(out, bytes, sizeof bytes);
  civ_bytes_put_block(out, t->subject, sizeof t->subject);
  civ_bytes_put_u64(out, (uint64_t)t->deadline_epoch);
  for (size_t k = 0; k < sizeof counts / sizeof *counts; k++)
    civ_bytes_put_u32(out, counts[k]);
  civ_bytes_put_reals(out, reals, sizeof reals / sizeof *reals);
  civ_bytes_put_u32s(out, t->participants, t->n_participants);
  civ_bytes_put_reals(out, t->contributions, t->n_participants);
  for (uint32_t s = 0; s < t->n_subtasks; s++)
    save_part(&t->subtasks[s], out);
}

void civ_composite_pool_save(const civ_composite_pool *pool, civ_bytes *out)
{
  civ_bytes_put_u32(out, pool->made);
  civ_bytes_put_u64s(out, pool->forgotten, CIV_COMPOSITE_STATUSES);
  civ_bytes_put_real(out, pool->coordination);
  civ_bytes_put_real(out, pool->synergy);
  civ_bytes_put_real(out, pool->information_flow);
  civ_bytes_put_u64(out, pool->n);
  for (size_t i = 0; i < pool->n; i++)
    save_task(&pool->tasks[i], out);
}

static bool load_part(civ_composite_subtask *part, uint32_t agents, civ_bytes_reader *in)
{
  part->required = civ_bytes_u8(in);
  part->dependencies = (uint16_t)civ_bytes_u32(in);
  part->status = civ_bytes_u8(in);
  part->estimated_steps = civ_bytes_u32(in);
  part->bounty_share = civ_bytes_real(in);
  part->worker = civ_bytes_u32(in);
  part->actual_steps = civ_bytes_u32(in);
  part->quality = civ_bytes_real(in);
  return !in->failed && part->status < CIV_SUBTASK_STATUSES && (part->worker == CIV_NOBODY || part->worker < agents);
}

/* What fits in its arrays and names nobody unknown. */
static bool is_sound(const civ_composite_task *t, uint32_t agents)
{
  for (uint32_t k = 0; k < t->n_participants; k++)
    if (t->participants[k] >= agents)
      return false;
  return t->type <= CIV_COMPOSITE_TEMPLATES && civ_composite_check(t, NULL) == CIV_OK;
}

static bool load_head(civ_composite_task *t, civ_bytes_reader *in)
{
  uint8_t *const bytes[] = { &t->type,     &t->n_subtasks, &t->min_agents,    &t->max_agents,
                             &t->required, &t->status,     &t->n_participants };
  uint32_t *const counts[] = { &t->id, &t->most_steps, &t->steps_used, &t->created_epoch, &t->completed_epoch };
  for (size_t k = 0; k < sizeof bytes / sizeof *bytes; k++)
    *bytes[k] = civ_bytes_u8(in);
  if (!civ_bytes_block(in, t->subject, sizeof t->subject) || t->subject[sizeof t->subject - 1] != '\0')
    return false;
  t->deadline_epoch = (int64_t)civ_bytes_u64(in);
  for (size_t k = 0; k < sizeof counts / sizeof *counts; k++)
    *counts[k] = civ_bytes_u32(in);
  return !in->failed && t->n_subtasks <= CIV_MOST_SUBTASKS && t->n_participants <= CIV_MOST_TEAM &&
         t->status < CIV_COMPOSITE_STATUSES;
}

static bool load_task(civ_composite_task *t, uint32_t agents, civ_bytes_reader *in)
{
  double reals[6];
  *t = civ_composite_task_default();
  if (!load_head(t, in) || !civ_bytes_reals(in, reals, 6) || !civ_bytes_u32s(in, t->participants, t->n_participants) ||
      !civ_bytes_reals(in, t->contributions, t->n_participants))
    return false;
  t->total_bounty = reals[0];
  t->completion_bonus = reals[1];
  t->final_quality = reals[2];
  t->coordination = reals[3];
  t->synergy = reals[4];
  t->information_flow = reals[5];
  const civ_composite_task pattern = t->type < CIV_COMPOSITE_TEMPLATES
                                         ? civ_composite_make((civ_composite_template)t->type, "", -1, -1)
                                         : civ_composite_task_default();
  for (uint32_t s = 0; s < t->n_subtasks; s++) {
    t->subtasks[s] = civ_composite_subtask_default();
    if (s < pattern.n_subtasks)
      t->subtasks[s].name = pattern.subtasks[s].name;
    if (!load_part(&t->subtasks[s], agents, in))
      return false;
  }
  return is_sound(t, agents);
}

static civ_status load_tasks(civ_composite_pool *pool, uint64_t n, uint32_t agents, civ_bytes_reader *in,
                             civ_error *err)
{
  pool->n = 0;
  for (uint64_t i = 0; i < n; i++) {
    civ_composite_task t;
    if (!load_task(&t, agents, in) || t.id >= pool->made || (i > 0 && t.id <= pool->tasks[i - 1].id))
      return civ_fail(err, CIV_E_FORMAT, "composite_tasks", "task %llu of the checkpoint is none",
                      (unsigned long long)i + 1);
    if (civ_composite_pool_reserve(pool, 1) != CIV_OK)
      return civ_fail(err, CIV_E_NOMEM, "composite_tasks", "out of memory for %llu tasks", (unsigned long long)n);
    pool->tasks[pool->n++] = t;
  }
  return CIV_OK;
}

civ_status civ_composite_pool_load(civ_composite_pool *pool, uint32_t agents, civ_bytes_reader *in, civ_error *err)
{
  pool->made = civ_bytes_u32(in);
  const bool counted = civ_bytes_u64s(in, pool->forgotten, CIV_COMPOSITE_STATUSES);
  pool->coordination = civ_bytes_real(in);
  pool->synergy = civ_bytes_real(in);
  pool->information_flow = civ_bytes_real(in);
  const uint64_t n = civ_bytes_u64(in);
  const civ_status status = !counted || in->failed ? civ_fail(err, CIV_E_FORMAT, "composite_tasks",
                                                              "the checkpoint's pool of tasks is cut short")
                                                   : load_tasks(pool, n, agents, in, err);
  if (status != CIV_OK)
    pool->n = 0;
  return status;
}
