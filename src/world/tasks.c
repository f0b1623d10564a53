/* The task pool as a world of the loop: it owns claims, outputs and verdicts, and answers what agents see of them. */
#include "base/bytes.h"
#include "base/memory.h"
#include "civitas/config.h"
#include "world/task_pool.h"
#include "world/worlds.h"

enum { MOST_AVAILABLE = 10, TEXT_BYTES_PER_STEP = 64 << 20, TEXT_BYTES_PER_OUTPUT = 40000 };

typedef struct task_world {
  civ_host *host;
  civ_task_pool *pool;
  bool task_progress; /* a claimed task is in progress at once */
  bool roles_enabled; /* verdicts count */
  civ_task_service service;
} task_world;

/* --- service: questions change nothing, so that many agents may ask at once ------------------------------------------- */

static double reputation_of(const task_world *w, civ_agent a)
{
  return w->host->call->population(w->host)->reputation[a];
}

static uint32_t available(void *self, civ_agent a)
{
  const task_world *w = self;
  uint32_t ids[MOST_AVAILABLE];
  if (civ_task_pool_count_of(w->pool, CIV_TASK_OPEN) == 0)
    return 0;
  return civ_task_pool_claimable(w->pool, reputation_of(w, a), MOST_AVAILABLE, ids);
}

static void available_at(void *self, civ_agent a, uint32_t k, civ_task_view *out)
{
  const task_world *w = self;
  uint32_t ids[MOST_AVAILABLE];
  civ_task_pool_claimable(w->pool, reputation_of(w, a), k + 1, ids);
  civ_task_pool_view(w->pool, ids[k], out);
}

static uint32_t active(void *self, civ_agent a)
{
  const task_world *w = self;
  return civ_task_pool_count_active(w->pool, a);
}

static void active_at(void *self, civ_agent a, uint32_t k, civ_task_view *out)
{
  const task_world *w = self;
  civ_task_pool_view(w->pool, civ_task_pool_active(w->pool, a, k), out);
}

static uint32_t next_submitted(void *self, uint32_t from)
{
  const task_world *w = self;
  return civ_task_pool_submitted(w->pool, from);
}

static void view(void *self, uint32_t task, civ_task_view *out)
{
  const task_world *w = self;
  civ_task_pool_view(w->pool, task, out);
}

static bool start(void *self, uint32_t task)
{
  task_world *w = self;
  return civ_task_pool_start(w->pool, task);
}

static void expire(task_world *w)
{
  uint32_t epoch, step;
  w->host->call->now(w->host, &epoch, &step);
  civ_task_pool_expire_open(w->pool, epoch);
}

/* A task whose deadline has come already is expired before anybody can see it. */
static uint32_t add(void *self, const civ_task_view *task)
{
  task_world *w = self;
  civ_task_def def = civ_task_def_default();
  def.prompt = task->prompt;
  def.bounty = task->bounty;
  def.budget = task->budget;
  def.min_reputation = task->min_reputation;
  def.deadline_epoch = task->deadline_epoch;
  def.difficulty = task->difficulty;
  def.reserved = task->reserved;
  const uint32_t number = civ_task_pool_add(w->pool, &def);
  if (number != CIV_NONE)
    expire(w);
  return number;
}

static bool claim(task_world *w, civ_agent a, uint32_t task)
{
  if (!civ_task_pool_claim(w->pool, task, a, reputation_of(w, a)))
    return false;
  if (w->task_progress)
    civ_task_pool_start(w->pool, task);
  return true;
}

static bool assign(void *self, uint32_t task, civ_agent a)
{
  task_world *w = self;
  return civ_task_pool_assign(w->pool, task, a) || claim(w, a, task);
}

static bool conclude(void *self, uint32_t task, bool success, double quality)
{
  static const civ_text reason = { "the work was not good enough", 28 };
  task_world *w = self;
  civ_task_view t;
  civ_task_more more;
  if (task >= civ_task_pool_count(w->pool))
    return false;
  civ_task_pool_view(w->pool, task, &t);
  civ_task_pool_more(w->pool, task, &more);
  if (t.status != CIV_TASK_SUBMITTED)
    return false;
  return success ? civ_task_pool_accept(w->pool, more.last_output, quality) : civ_task_pool_fail(w->pool, task, reason);
}

static const void *service(void *self, const char *name)
{
  const task_world *w = self;
  return strcmp(name, "tasks") == 0 ? &w->service : NULL;
}

/* --- life ------------------------------------------------------------------------------------------------------------------ */

static void destroy(void *self)
{
  task_world *w = self;
  if (w == NULL)
    return;
  civ_task_pool_destroy(w->pool);
  civ_release(w->host->call->allocator(w->host), w, sizeof *w);
}

static civ_status create(civ_host *host, void **self, civ_error *err)
{
  const civ_allocator *allocator = host->call->allocator(host);
  const civ_simulation_config *simulation = host->call->section(host, "simulation");
  task_world *w = civ_zeroed(allocator, 1, sizeof *w);
  if (w == NULL)
    return civ_fail(err, CIV_E_NOMEM, "tasks", "out of memory");
  w->host = host;
  w->task_progress = simulation->task_progress;
  w->roles_enabled = simulation->roles_enabled;
  const civ_status status = civ_task_pool_create(host->call->population(host)->n, allocator, &w->pool, err);
  if (status != CIV_OK) {
    destroy(w);
    return status;
  }
  const civ_task_service table = { w,    available, available_at, active, active_at, next_submitted,
                                   view, start,     add,          assign, conclude };
  w->service = table;
  *self = w;
  return CIV_OK;
}

/* Only where tasks come from: without a marketplace and without tasks nothing is set aside. */
static civ_status reserve(void *self, const civ_demand *demand)
{
  task_world *w = self;
  const bool makes_tasks = w->host->call->service(w->host, "market") != NULL;
  if (!makes_tasks && civ_task_pool_count(w->pool) == 0)
    return CIV_OK;
  uint64_t bytes = (uint64_t)TEXT_BYTES_PER_OUTPUT * demand->turns;
  if (bytes > TEXT_BYTES_PER_STEP)
    bytes = TEXT_BYTES_PER_STEP;
  return civ_task_pool_reserve(w->pool, makes_tasks ? demand->turns : 0, demand->turns, bytes);
}

static bool submit(task_world *w, civ_agent a, const civ_action *action)
{
  civ_task_view t;
  if (action->target >= civ_task_pool_count(w->pool))
    return false;
  civ_task_pool_view(w->pool, action->target, &t);
  return t.claimer == a && civ_task_pool_submit(w->pool, action->target, a, action->content,
                                                (civ_output_kind)action->output_kind) != CIV_NONE;
}

/* The verdict of a verifier on somebody else's output: its quality, or negative for "do it again". */
static bool verify(task_world *w, civ_agent a, const civ_action *action)
{
  static const civ_text reason = { "rejected by the verifier", 24 };
  civ_task_view t;
  civ_task_more more;
  if (!w->roles_enabled || !(w->host->call->roles(w->host, a) & 1u << CIV_VERIFIER) ||
      action->target >= civ_task_pool_count(w->pool))
    return false;
  civ_task_pool_view(w->pool, action->target, &t);
  if (t.status != CIV_TASK_SUBMITTED || t.last_output_by == a)
    return false;
  civ_task_pool_more(w->pool, action->target, &more);
  return action->amount < 0 ? civ_task_pool_reject(w->pool, more.last_output, reason)
                            : civ_task_pool_accept(w->pool, more.last_output, action->amount);
}

static bool apply(void *self, civ_agent a, const civ_action *action)
{
  task_world *w = self;
  switch (action->kind) {
  case CIV_ACTION_CLAIM_TASK:
    return claim(w, a, action->target);
  case CIV_ACTION_SUBMIT_OUTPUT:
    return submit(w, a, action);
  case CIV_ACTION_VERIFY_OUTPUT:
    return verify(w, a, action);
  default:
    return false;
  }
}

static void epoch_begin(void *self)
{
  expire(self);
}

static uint64_t digest(void *self)
{
  const task_world *w = self;
  return civ_task_pool_digest(w->pool);
}

static civ_status save(void *self, civ_bytes *out)
{
  const task_world *w = self;
  civ_task_pool_save(w->pool, out);
  return CIV_OK;
}

static civ_status load(void *self, civ_bytes_reader *in, civ_error *err)
{
  const task_world *w = self;
  return civ_task_pool_load(w->pool, in, err);
}

static const uint8_t actions[] = { CIV_ACTION_CLAIM_TASK, CIV_ACTION_SUBMIT_OUTPUT, CIV_ACTION_VERIFY_OUTPUT,
                                   CIV_ACTION_KINDS };
static const char *const services[] = { "tasks", NULL };

const civ_world civ_world_tasks = {
  .version = CIV_PART_VERSION,
  .name = "tasks",
  .doc = "Tasks that agents claim, deliver and verify.",
  .actions = actions,
  .services = services,
  .create = create,
  .destroy = destroy,
  .service = service,
  .reserve = reserve,
  .apply = apply,
  .epoch_begin = epoch_begin,
  .digest = digest,
  .save = save,
  .load = load,
};
