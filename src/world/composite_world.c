/* Composite tasks as a world of the loop. It has a phase of its own at the end of every step, draws from its own stream, and
 * touches nothing of the society but resources. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "base/json.h"
#include "world/composite_inside.h"
#include "world/worlds.h"

static bool wanted(const civ_host *host)
{
  const civ_governance_config *rules = host->call->section(host, "governance");
  return rules != NULL && rules->composite_tasks_enabled;
}

/* --- creation --------------------------------------------------------------------------------------------------------- */

static void destroy(void *self)
{
  composite_world *w = self;
  if (w == NULL)
    return;
  const civ_allocator *a = w->host->call->allocator(w->host);
  const size_t agents = (size_t)w->agents + 1;
  civ_composite_pool_fini(&w->pool);
  civ_capabilities_destroy(w->analyser);
  civ_release(a, w->sets, agents * sizeof *w->sets);
  civ_release(a, w->held, agents * sizeof *w->held);
  civ_release(a, w->finished, agents * sizeof *w->finished);
  civ_release(a, w->earnings, agents * sizeof *w->earnings);
  civ_release(a, w->marks, agents * sizeof *w->marks);
  civ_release(a, w->payouts, w->payouts_room);
  civ_drop(a, (void **)&w->visitors, &w->visitors_room, sizeof *w->visitors);
  civ_release(a, w, sizeof *w);
}

/* Room for the text of one payment: every name escaped at its worst, and a number. */
static size_t payouts_bytes(const civ_population *people)
{
  size_t longest = 0;
  for (uint32_t a = 0; a < people->n; a++) {
    const size_t length = strlen(people->name[a]);
    longest = length > longest ? length : longest;
  }
  return (6 * longest + 64) * CIV_MOST_TEAM + 256;
}

static bool make_columns(composite_world *w, const civ_allocator *a)
{
  const size_t agents = (size_t)w->agents + 1;
  w->analyser = civ_capabilities_create(w->agents, a);
  w->sets = civ_zeroed(a, agents, sizeof *w->sets);
  w->held = civ_zeroed(a, agents, sizeof *w->held);
  w->finished = civ_zeroed(a, agents, sizeof *w->finished);
  w->earnings = civ_zeroed(a, agents, sizeof *w->earnings);
  w->marks = civ_zeroed(a, agents, sizeof *w->marks);
  w->payouts_room = payouts_bytes(w->host->call->population(w->host));
  w->payouts = civ_zeroed(a, w->payouts_room, 1);
  return w->analyser && w->sets && w->held && w->finished && w->earnings && w->marks && w->payouts;
}

static void enrol(composite_world *w)
{
  uint32_t n;
  const civ_agent_entry *entries = w->host->call->agents(w->host, &n);
  civ_agent a = 0;
  for (uint32_t k = 0; k < n; k++) {
    civ_capability_set set = 0;
    for (uint32_t i = 0; i < entries[k].capabilities.n; i++)
      set |= civ_capability_of(entries[k].capabilities.items[i]);
    for (uint32_t i = 0; i < entries[k].count && a < w->agents; i++, a++) {
      w->sets[a] = set;
      w->held[a] = CIV_NONE;
      if (set != 0)
        civ_capabilities_register(w->analyser, a, set);
    }
    w->anybody |= set;
  }
  for (; a < w->agents; a++)
    w->held[a] = CIV_NONE;
}

/* The subject goes by any of the three names. */
static civ_composite_task task_of(const json_t *entry)
{
  const char *subject =
      civ_json_text(entry, "topic", civ_json_text(entry, "goal", civ_json_text(entry, "problem", "")));
  return civ_composite_make(civ_composite_template_of(civ_json_text(entry, "type", "")), subject,
                            civ_json_real(entry, "bounty", -1), civ_json_integer(entry, "deadline_offset", -1));
}

/* Tasks that are there from the start. */
static civ_status add_initial(composite_world *w, civ_error *err)
{
  const char *text = w->rules->initial_tasks.json;
  json_t *list = text != NULL ? json_loads(text, 0, NULL) : json_array();
  const size_t n = json_array_size(list);
  civ_status status = list == NULL ? CIV_E_NOMEM : civ_composite_pool_reserve(&w->pool, n + 1);
  for (size_t i = 0; status == CIV_OK && i < n; i++) {
    const civ_composite_task t = task_of(json_array_get(list, i));
    civ_composite_pool_add(&w->pool, &t);
  }
  json_decref(list);
  return status == CIV_OK ? CIV_OK : civ_fail(err, status, "composite_tasks", "out of memory for the initial tasks");
}

static civ_status create(civ_host *host, void **self, civ_error *err)
{
  const civ_allocator *allocator = host->call->allocator(host);
  composite_world *w = civ_zeroed(allocator, 1, sizeof *w);
  if (w == NULL)
    return civ_fail(err, CIV_E_NOMEM, "composite_tasks", "out of memory");
  w->host = host;
  w->rules = host->call->section(host, "composite_tasks");
  w->agents = host->call->population(host)->n;
  civ_composite_pool_init(&w->pool, allocator);
  civ_status status = CIV_OK;
  if (!make_columns(w, allocator))
    status = civ_fail(err, CIV_E_NOMEM, "composite_tasks", "out of memory for %u agents", w->agents);
  if (status == CIV_OK) {
    enrol(w);
    status = add_initial(w, err);
  }
  if (status != CIV_OK) {
    destroy(w);
    return status;
  }
  civ_composite_refresh_wanted(w);
  *self = w;
  return CIV_OK;
}

/* Perhaps a new task, as drawn for this epoch. False: there was no memory; asked again it does the same. */
static bool spawn(composite_world *w, uint32_t epoch)
{
  const civ_draw_key key = { .purpose = CIV_PURPOSE_WORLD,
                             .entity = (uint32_t)civ_digest(0, "composite_tasks", 15),
                             .epoch = epoch };
  civ_draws draws = civ_draws_open(w->host->call->seed(w->host), &key);
  if (!civ_draw_chance(&draws, w->rules->task_spawn_rate))
    return true;
  if (civ_composite_pool_reserve(&w->pool, 1) != CIV_OK)
    return false;
  const char *type = w->rules->task_types.items[civ_draw_index(&draws, w->rules->task_types.n)];
  const civ_opt_integer offset = w->rules->spawn_deadline_offset;
  char subject[32];
  snprintf(subject, sizeof subject, "spawned-%u", epoch);
  civ_composite_task t =
      civ_composite_make(civ_composite_template_of(type), subject, -1, offset.set ? epoch + offset.value : -1);
  t.created_epoch = epoch;
  civ_composite_tell_created(w, civ_composite_pool_add(&w->pool, &t));
  civ_composite_refresh_wanted(w);
  return true;
}

/* What one step can add: every place in a team taken, every task completed. */
static civ_status reserve(void *self, const civ_demand *demand)
{
  composite_world *w = self;
  size_t people = 0, pairs = 0;
  uint32_t epoch, step;
  (void)demand;
  w->host->call->now(w->host, &epoch, &step);
  if (w->owes_task && !spawn(w, epoch))
    return CIV_E_NOMEM;
  w->owes_task = false;
  for (size_t i = 0; i < w->pool.n; i++) {
    const civ_composite_task *t = &w->pool.tasks[i];
    people += t->max_agents;
    pairs += civ_composite_unfinished(t) ? (size_t)t->max_agents * (t->max_agents - 1u) : 0;
  }
  if (civ_grow(w->host->call->allocator(w->host), (void **)&w->visitors, &w->visitors_room, people,
               sizeof *w->visitors) != CIV_OK)
    return CIV_E_NOMEM;
  return civ_capabilities_reserve(w->analyser, people, pairs);
}

/* --- epochs -------------------------------------------------------------------------------------------------------------- */

static void epoch_begin(void *self)
{
  composite_world *w = self;
  uint32_t epoch, step;
  w->host->call->now(w->host, &epoch, &step);
  for (size_t i = 0; epoch == 0 && i < w->pool.n; i++)
    civ_composite_tell_created(w, &w->pool.tasks[i]);
  const bool room = (int64_t)civ_composite_pool_unfinished(&w->pool) < w->rules->max_concurrent_tasks;
  w->owes_task = room && w->rules->task_spawn_rate > 0 && !spawn(w, epoch); /* then `reserve` tries again and tells */
}

static void step_end(void *self)
{
  civ_composite_phase(self);
}

/* Who works on a task that is over is free again. */
static void release(composite_world *w, const civ_composite_task *t)
{
  for (uint32_t s = 0; s < t->n_subtasks; s++)
    if (t->subtasks[s].worker != CIV_NOBODY && w->held[t->subtasks[s].worker] == t->id)
      w->held[t->subtasks[s].worker] = CIV_NONE;
}

static void epoch_end(void *self)
{
  composite_world *w = self;
  uint32_t epoch, step;
  w->host->call->now(w->host, &epoch, &step);
  for (size_t i = 0; i < w->pool.n; i++) {
    civ_composite_task *t = &w->pool.tasks[i];
    if (civ_composite_overdue(t, epoch) && civ_composite_expire(t))
      civ_composite_tell_expired(w, t);
    if (!civ_composite_unfinished(t))
      release(w, t);
  }
  civ_composite_pool_forget(&w->pool);
  civ_composite_refresh_wanted(w);
}

/* --- reports ------------------------------------------------------------------------------------------------------------- */

#define X(name, integer, doc) { "capability_metrics." #name, integer, doc },
static const civ_metric_decl epoch_metrics[] = { CIV_CAPABILITY_METRICS(X){ "capability_metrics.tasks_completed", true,
                                                                            "composite tasks completed so far" },
                                                 { NULL, false, NULL } };
#undef X

static void epoch_report(void *self, double *values)
{
  const composite_world *w = self;
  const civ_capability_metrics m = civ_capabilities_read(w->analyser);
  memcpy(values, &m, sizeof m);
  values[CIV_N_CAPABILITY_METRICS] = m.completed_composite_tasks;
}

civ_composite_summary civ_composite_summarise(const composite_world *w)
{
  const civ_population *people = w->host->call->population(w->host);
  civ_composite_summary s = { .pool = civ_composite_pool_count(&w->pool),
                              .metrics = civ_capabilities_read(w->analyser),
                              .parts_finished = w->parts_finished,
                              .most_finished = w->most_finished };
  for (civ_agent a = 0; a < w->agents; a++) {
    civ_composite_by_type *t = &s.by_type[people->type[a]];
    t->agents++;
    t->capable += w->sets[a] != 0;
    t->parts += w->finished[a];
    t->earnings += w->earnings[a];
  }
  return s;
}

static void total_report(void *self, double *values)
{
  const civ_composite_summary s = civ_composite_summarise(self);
  civ_composite_totals_of(&s, values);
}

static civ_status report(void *self, civ_bytes *out)
{
  const civ_composite_summary s = civ_composite_summarise(self);
  civ_buffer text = { 0 };
  civ_buffer_text(&text, "{\"capabilities\": ");
  civ_composite_summary_json(&s, &text);
  civ_buffer_text(&text, "}");
  return civ_buffer_deliver(&text, out);
}

/* --- checkpoints --------------------------------------------------------------------------------------------------------- */

static uint64_t digest(void *self)
{
  const composite_world *w = self;
  return civ_digest_mix(civ_composite_pool_digest(&w->pool), civ_capabilities_digest(w->analyser),
                        w->digest ^ w->parts_finished);
}

static civ_status save(void *self, civ_bytes *out)
{
  const composite_world *w = self;
  civ_composite_pool_save(&w->pool, out);
  civ_capabilities_save(w->analyser, out);
  civ_bytes_put_u32s(out, w->held, w->agents);
  civ_bytes_put_u32s(out, w->finished, w->agents);
  civ_bytes_put_reals(out, w->earnings, w->agents);
  civ_bytes_put_u64(out, w->parts_finished);
  civ_bytes_put_u32(out, w->most_finished);
  civ_bytes_put_u64(out, w->digest);
  return CIV_OK;
}

/* Whoever holds a part of a task in progress is the worker of just such a part. */
static bool holds_are_sound(const composite_world *w)
{
  for (civ_agent a = 0; a < w->agents; a++) {
    const civ_composite_task *t = w->held[a] == CIV_NONE ? NULL : civ_composite_pool_find(&w->pool, w->held[a]);
    bool found = t == NULL || t->status != CIV_COMPOSITE_IN_PROGRESS;
    for (uint32_t s = 0; !found && s < t->n_subtasks; s++)
      found = t->subtasks[s].worker == a && t->subtasks[s].status == CIV_SUBTASK_IN_PROGRESS;
    if (!found)
      return false;
  }
  return true;
}

static civ_status load(void *self, civ_bytes_reader *in, civ_error *err)
{
  composite_world *w = self;
  civ_status status = civ_composite_pool_load(&w->pool, w->agents, in, err);
  if (status == CIV_OK)
    status = civ_capabilities_load(w->analyser, in, err);
  if (status != CIV_OK)
    return status;
  const bool columns = civ_bytes_u32s(in, w->held, w->agents) && civ_bytes_u32s(in, w->finished, w->agents) &&
                       civ_bytes_reals(in, w->earnings, w->agents);
  w->parts_finished = civ_bytes_u64(in);
  w->most_finished = civ_bytes_u32(in);
  w->digest = civ_bytes_u64(in);
  if (!columns || in->failed || !holds_are_sound(w))
    return civ_fail(err, CIV_E_FORMAT, "composite_tasks", "the checkpoint is not of a run of these %u agents",
                    w->agents);
  civ_composite_refresh_wanted(w);
  return CIV_OK;
}

const civ_world civ_world_composite_tasks = {
  .version = CIV_PART_VERSION,
  .name = "composite_tasks",
  .doc = "Tasks of dependent parts that teams of agents with different capabilities share.",
  .events = civ_composite_events,
  .epoch_metrics = epoch_metrics,
  .totals = civ_composite_total_decls,
  .wanted = wanted,
  .create = create,
  .destroy = destroy,
  .reserve = reserve,
  .step_end = step_end,
  .epoch_begin = epoch_begin,
  .epoch_end = epoch_end,
  .epoch_report = epoch_report,
  .total_report = total_report,
  .report = report,
  .digest = digest,
  .save = save,
  .load = load,
};
