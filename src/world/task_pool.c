#include "world/task_pool.h"

#include <math.h>

#include "base/bits.h"
#include "base/digest.h"
#include "world/task_inside.h"

enum change {
  CHANGE_ADD = 1,
  CHANGE_CLAIM,
  CHANGE_STATUS,
  CHANGE_HELP,
  CHANGE_SUBMIT,
  CHANGE_ACCEPT,
  CHANGE_REJECT,
  CHANGE_NOTE,
  CHANGE_STEP
};

double civ_task_remaining_budget(double budget, uint64_t steps_used)
{
  const double left = budget - 0.01 * budget * (double)steps_used;
  return left > 0 ? left : 0;
}

/* --- making and room ---------------------------------------------------------------------------------------------------- */

civ_status civ_task_pool_create(uint32_t agents, const civ_allocator *allocator, civ_task_pool **out, civ_error *err)
{
  civ_task_pool *pool = civ_zeroed(allocator, 1, sizeof *pool);
  if (pool == NULL)
    return civ_fail(err, CIV_E_NOMEM, "tasks", "out of memory");
  pool->allocator = allocator;
  pool->agents = agents;
  civ_idbits_init(&pool->submitted, allocator);
  civ_task_order_init(&pool->open, allocator);
  if (civ_texts_init(&pool->texts, allocator) != CIV_OK) {
    civ_task_pool_destroy(pool);
    return civ_fail(err, CIV_E_NOMEM, "tasks", "out of memory");
  }
  *out = pool;
  return CIV_OK;
}

static size_t words_of(uint32_t agents)
{
  return agents / 64 + 1;
}

void civ_task_pool_destroy(civ_task_pool *pool)
{
  if (pool == NULL)
    return;
  const civ_allocator *a = pool->allocator;
  civ_drop(a, (void **)&pool->tasks, &pool->tasks_room, sizeof *pool->tasks);
  civ_drop(a, (void **)&pool->outputs, &pool->outputs_room, sizeof *pool->outputs);
  civ_drop(a, (void **)&pool->helpers, &pool->helpers_room, sizeof *pool->helpers);
  civ_drop(a, (void **)&pool->deadlines, &pool->deadlines_room, sizeof *pool->deadlines);
  civ_release(a, pool->claims, ((size_t)pool->agents + 1) * sizeof *pool->claims);
  civ_release(a, pool->claimants, words_of(pool->agents) * sizeof *pool->claimants);
  civ_texts_fini(&pool->texts);
  civ_task_order_fini(&pool->open);
  civ_idbits_fini(&pool->submitted);
  civ_release(a, pool, sizeof *pool);
}

civ_status civ_task_pool_wake(civ_task_pool *pool)
{
  if (pool->claims == NULL) {
    pool->claims = civ_zeroed(pool->allocator, (size_t)pool->agents + 1, sizeof *pool->claims);
    for (uint32_t a = 0; pool->claims != NULL && a < pool->agents; a++)
      pool->claims[a].first = pool->claims[a].last = CIV_NONE;
  }
  if (pool->claimants == NULL)
    pool->claimants = civ_zeroed(pool->allocator, words_of(pool->agents), sizeof *pool->claimants);
  return pool->claims != NULL && pool->claimants != NULL ? CIV_OK : CIV_E_NOMEM;
}

static civ_status make_room(civ_task_pool *pool, size_t tasks, size_t outputs, size_t texts, size_t bytes)
{
  const civ_allocator *a = pool->allocator;
  const size_t all = pool->n_tasks + tasks;
  if (all >= CIV_NONE || pool->n_outputs + outputs >= CIV_NONE)
    return CIV_E_LIMIT;
  civ_status status = civ_task_pool_wake(pool);
  if (status == CIV_OK)
    status = civ_grow(a, (void **)&pool->tasks, &pool->tasks_room, all, sizeof *pool->tasks);
  if (status == CIV_OK)
    status = civ_grow(a, (void **)&pool->deadlines, &pool->deadlines_room, all, sizeof *pool->deadlines);
  if (status == CIV_OK)
    status = civ_task_order_reserve(&pool->open, all);
  if (status == CIV_OK)
    status = civ_idbits_reserve(&pool->submitted, all);
  if (status == CIV_OK)
    status =
        civ_grow(a, (void **)&pool->outputs, &pool->outputs_room, pool->n_outputs + outputs, sizeof *pool->outputs);
  if (status == CIV_OK)
    status =
        civ_grow(a, (void **)&pool->helpers, &pool->helpers_room, pool->n_helpers + outputs, sizeof *pool->helpers);
  return status == CIV_OK ? civ_texts_reserve(&pool->texts, texts, bytes) : status;
}

enum { TEXTS_PER_TASK = 4, NOTE_BYTES = 256 };

civ_status civ_task_pool_reserve(civ_task_pool *pool, uint32_t tasks, uint32_t outputs, uint64_t bytes)
{
  if (pool->starved) {
    pool->starved = false;
    return CIV_E_NOMEM;
  }
  return make_room(pool, tasks, outputs, TEXTS_PER_TASK * (size_t)tasks + outputs,
                   bytes + NOTE_BYTES * (uint64_t)outputs);
}

/* Room for one change: what reserve made, or what can be had now; else it is refused, and remembered. */
static bool has_room(civ_task_pool *pool, size_t tasks, size_t outputs, size_t texts, size_t bytes)
{
  const bool there =
      pool->n_tasks + tasks <= pool->tasks_room && pool->n_tasks + tasks <= pool->deadlines_room &&
      pool->n_tasks + tasks <= pool->open.room && pool->n_tasks + tasks <= pool->submitted.words[0] * 64 &&
      pool->n_outputs + outputs <= pool->outputs_room && pool->n_helpers + outputs <= pool->helpers_room &&
      civ_texts_has_room(&pool->texts, texts, bytes) && pool->claims != NULL && pool->claimants != NULL;
  if (!there && make_room(pool, tasks, outputs, texts, bytes) != CIV_OK)
    pool->starved = true;
  return !pool->starved;
}

static void note(civ_task_pool *pool, enum change change, uint32_t a, uint32_t b, uint32_t c)
{
  pool->digest = civ_digest_mix(pool->digest, (uint64_t)change << 32 | a, (uint64_t)b << 32 | c);
}

static void note_real(civ_task_pool *pool, double x)
{
  pool->digest = civ_digest_mix(pool->digest, civ_real_bits(x), 0);
}

/* --- deadlines of open tasks: a binary heap ------------------------------------------------------------------------------ */

static bool earlier(task_deadline a, task_deadline b)
{
  return a.epoch < b.epoch || (a.epoch == b.epoch && a.task < b.task);
}

static void push_deadline(civ_task_pool *pool, task_deadline item)
{
  uint32_t at = pool->n_deadlines++;
  for (; at > 0 && earlier(item, pool->deadlines[(at - 1) / 2]); at = (at - 1) / 2)
    pool->deadlines[at] = pool->deadlines[(at - 1) / 2];
  pool->deadlines[at] = item;
}

static void pop_deadline(civ_task_pool *pool)
{
  const task_deadline last = pool->deadlines[--pool->n_deadlines];
  uint32_t at = 0;
  for (;;) {
    uint32_t down = 2 * at + 1;
    if (down >= pool->n_deadlines)
      break;
    if (down + 1 < pool->n_deadlines && earlier(pool->deadlines[down + 1], pool->deadlines[down]))
      down++;
    if (!earlier(pool->deadlines[down], last))
      break;
    pool->deadlines[at] = pool->deadlines[down];
    at = down;
  }
  pool->deadlines[at] = last;
}

/* --- indexes -------------------------------------------------------------------------------------------------------------- */

/* A task that its claimer has to work on. What was submitted comes back when it is rejected. */
static bool is_unfinished(const task *t)
{
  return t->claimer != CIV_NOBODY && (t->status == CIV_TASK_CLAIMED || t->status == CIV_TASK_IN_PROGRESS);
}

static void list_claim(civ_task_pool *pool, uint32_t number)
{
  task *t = &pool->tasks[number];
  task_claims *claims = &pool->claims[t->claimer];
  uint32_t after = claims->last;
  while (after != CIV_NONE && pool->tasks[after].claim_order > t->claim_order)
    after = pool->tasks[after].previous;
  t->previous = after;
  t->next = after == CIV_NONE ? claims->first : pool->tasks[after].next;
  *(t->previous == CIV_NONE ? &claims->first : &pool->tasks[t->previous].next) = number;
  *(t->next == CIV_NONE ? &claims->last : &pool->tasks[t->next].previous) = number;
  t->in_list = 1;
  claims->n++;
}

static void unlist_claim(civ_task_pool *pool, uint32_t number)
{
  task *t = &pool->tasks[number];
  task_claims *claims = &pool->claims[t->claimer];
  *(t->previous == CIV_NONE ? &claims->first : &pool->tasks[t->previous].next) = t->next;
  *(t->next == CIV_NONE ? &claims->last : &pool->tasks[t->next].previous) = t->previous;
  t->in_list = 0;
  claims->n--;
}

void civ_task_pool_index(civ_task_pool *pool, uint32_t number)
{
  const task *t = &pool->tasks[number];
  pool->by_status[t->status]++;
  if (t->status == CIV_TASK_OPEN) {
    if (!t->reserved)
      civ_task_order_add(&pool->open, number, t->bounty, t->min_reputation);
    const task_deadline deadline = { t->deadline_epoch, number };
    if (t->deadline_epoch > 0)
      push_deadline(pool, deadline);
  }
  if (t->status == CIV_TASK_SUBMITTED)
    civ_idbits_add(&pool->submitted, number);
  if (is_unfinished(t) && !t->in_list)
    list_claim(pool, number);
}

/* No way leads back to open, so a deadline in the heap may stay until its epoch comes. */
static void set_status(civ_task_pool *pool, uint32_t number, civ_task_status status)
{
  task *t = &pool->tasks[number];
  pool->by_status[t->status]--;
  if (t->status == CIV_TASK_OPEN && !t->reserved)
    civ_task_order_drop(&pool->open, number);
  if (t->status == CIV_TASK_SUBMITTED)
    civ_idbits_drop(&pool->submitted, number);
  t->status = (uint8_t)status;
  if (t->in_list && !is_unfinished(t))
    unlist_claim(pool, number);
  civ_task_pool_index(pool, number);
  note(pool, CHANGE_STATUS, number, status, 0);
}

/* --- operations ----------------------------------------------------------------------------------------------------------- */

static bool is_real(double x)
{
  return x - x == 0;
}

uint32_t civ_task_pool_add(civ_task_pool *pool, const civ_task_def *def)
{
  const size_t bytes =
      (size_t)def->prompt.length + def->description.length + def->metadata.length + def->required_outputs.length;
  if (!(def->bounty >= 0) || !(def->budget >= 0) || !is_real(def->bounty) || !is_real(def->budget) ||
      !is_real(def->min_reputation) || !has_room(pool, 1, 0, TEXTS_PER_TASK, bytes))
    return CIV_NONE;
  const task fresh = { .bounty = def->bounty,
                       .budget = def->budget,
                       .min_reputation = def->min_reputation,
                       .final_quality = NAN,
                       .deadline_epoch = def->deadline_epoch,
                       .max_steps = def->max_steps,
                       .claimer = CIV_NOBODY,
                       .prompt = civ_texts_put(&pool->texts, def->prompt),
                       .description = civ_texts_put(&pool->texts, def->description),
                       .metadata = civ_texts_put(&pool->texts, def->metadata),
                       .required_outputs = civ_texts_put(&pool->texts, def->required_outputs),
                       .last_output = CIV_NONE,
                       .last_helper = CIV_NONE,
                       .next = CIV_NONE,
                       .previous = CIV_NONE,
                       .status = CIV_TASK_OPEN,
                       .difficulty = def->difficulty,
                       .collaborators_wanted = def->collaborators_wanted,
                       .reserved = def->reserved };
  const uint32_t number = pool->n_tasks++;
  pool->tasks[number] = fresh;
  civ_task_pool_index(pool, number);
  note(pool, CHANGE_ADD, fresh.prompt, fresh.difficulty | (uint32_t)fresh.reserved << 8,
       (uint32_t)fresh.deadline_epoch);
  note_real(pool, fresh.bounty);
  note_real(pool, fresh.budget);
  note_real(pool, fresh.min_reputation);
  return number;
}

uint32_t civ_task_pool_count(const civ_task_pool *pool)
{
  return pool->n_tasks;
}

uint32_t civ_task_pool_count_of(const civ_task_pool *pool, civ_task_status status)
{
  return pool->by_status[status];
}

static void give(civ_task_pool *pool, uint32_t number, civ_agent agent)
{
  task *t = &pool->tasks[number];
  t->claimer = agent;
  t->claim_order = pool->n_claims++;
  pool->claimants[agent >> 6] |= UINT64_C(1) << (agent & 63);
  note(pool, CHANGE_CLAIM, number, agent, 0);
  set_status(pool, number, CIV_TASK_CLAIMED);
}

bool civ_task_pool_claim(civ_task_pool *pool, uint32_t number, civ_agent agent, double reputation)
{
  if (number >= pool->n_tasks || agent >= pool->agents)
    return false;
  const task *t = &pool->tasks[number];
  if (t->status != CIV_TASK_OPEN || t->reserved || !(reputation >= t->min_reputation))
    return false;
  give(pool, number, agent);
  return true;
}

bool civ_task_pool_assign(civ_task_pool *pool, uint32_t number, civ_agent agent)
{
  if (number >= pool->n_tasks || agent >= pool->agents || pool->tasks[number].status != CIV_TASK_OPEN ||
      !pool->tasks[number].reserved)
    return false;
  give(pool, number, agent);
  set_status(pool, number, CIV_TASK_IN_PROGRESS);
  return true;
}

bool civ_task_pool_start(civ_task_pool *pool, uint32_t number)
{
  if (number >= pool->n_tasks || pool->tasks[number].status != CIV_TASK_CLAIMED)
    return false;
  set_status(pool, number, CIV_TASK_IN_PROGRESS);
  return true;
}

bool civ_task_pool_collaborate(civ_task_pool *pool, uint32_t number, civ_agent agent)
{
  if (number >= pool->n_tasks || !has_room(pool, 0, 1, 0, 0))
    return false;
  task *t = &pool->tasks[number];
  if (t->status != CIV_TASK_CLAIMED && t->status != CIV_TASK_IN_PROGRESS)
    return false;
  for (uint32_t k = t->last_helper; k != CIV_NONE; k = pool->helpers[k].before)
    if (pool->helpers[k].agent == agent)
      return true;
  const task_helper helper = { agent, t->last_helper };
  t->last_helper = pool->n_helpers++;
  pool->helpers[t->last_helper] = helper;
  t->n_helpers++;
  note(pool, CHANGE_HELP, number, agent, 0);
  return true;
}

uint32_t civ_task_pool_submit(civ_task_pool *pool, uint32_t number, civ_agent agent, civ_text content,
                              civ_output_kind kind)
{
  if (number >= pool->n_tasks || !has_room(pool, 0, 1, 1, content.length))
    return CIV_NONE;
  task *t = &pool->tasks[number];
  const task_output output = { .task = number,
                               .agent = agent,
                               .text = civ_texts_put(&pool->texts, content),
                               .before = t->last_output,
                               .kind = (uint8_t)kind,
                               .verdict = CIV_OUTPUT_OPEN };
  t->last_output = pool->n_outputs++;
  pool->outputs[t->last_output] = output;
  t->n_outputs++;
  note(pool, CHANGE_SUBMIT, number, agent, output.text);
  set_status(pool, number, CIV_TASK_SUBMITTED);
  return t->last_output;
}

bool civ_task_pool_accept(civ_task_pool *pool, uint32_t number, double quality)
{
  if (number >= pool->n_outputs || !is_real(quality))
    return false;
  task_output *output = &pool->outputs[number];
  output->verdict = CIV_OUTPUT_ACCEPTED;
  output->quality = quality;
  pool->tasks[output->task].final_quality = quality;
  note(pool, CHANGE_ACCEPT, number, 0, 0);
  note_real(pool, quality);
  set_status(pool, output->task, CIV_TASK_COMPLETED);
  return true;
}

bool civ_task_pool_reject(civ_task_pool *pool, uint32_t number, civ_text reason)
{
  if (number >= pool->n_outputs || !has_room(pool, 0, 0, 1, reason.length))
    return false;
  task_output *output = &pool->outputs[number];
  output->verdict = CIV_OUTPUT_REJECTED;
  output->reason = civ_texts_put(&pool->texts, reason);
  note(pool, CHANGE_REJECT, number, output->reason, 0);
  set_status(pool, output->task, CIV_TASK_IN_PROGRESS);
  return true;
}

bool civ_task_pool_fail(civ_task_pool *pool, uint32_t number, civ_text reason)
{
  char text[NOTE_BYTES];
  if (number >= pool->n_tasks)
    return false;
  static const char said[] = "Failed: ";
  task *t = &pool->tasks[number];
  const civ_text before = civ_texts_get(&pool->texts, t->notes);
  size_t length = 0;
  if (before.length > 0 && before.length + sizeof said < sizeof text) {
    memcpy(text, before.data, before.length);
    text[before.length] = '\n';
    length = before.length + 1;
  }
  memcpy(text + length, said, sizeof said - 1);
  length += sizeof said - 1;
  const size_t fits = sizeof text - length;
  civ_text end = reason;
  if (end.length > fits) /* whole characters: no more of them than bytes, then shorter until the bytes fit */
    for (uint64_t characters = fits; end.length > fits; characters--)
      end.length = civ_text_cut(reason, characters);
  if (end.length > 0)
    memcpy(text + length, end.data, end.length);
  const civ_text noted = { text, (uint32_t)(length + end.length) };
  if (!has_room(pool, 0, 0, 1, noted.length))
    return false;
  t->notes = civ_texts_put(&pool->texts, noted);
  note(pool, CHANGE_NOTE, number, t->notes, 0);
  set_status(pool, number, CIV_TASK_FAILED);
  return true;
}

bool civ_task_pool_expire(civ_task_pool *pool, uint32_t number)
{
  if (number >= pool->n_tasks)
    return false;
  set_status(pool, number, CIV_TASK_EXPIRED);
  return true;
}

bool civ_task_pool_step(civ_task_pool *pool, uint32_t number)
{
  if (number >= pool->n_tasks)
    return false;
  pool->tasks[number].steps_used++;
  note(pool, CHANGE_STEP, number, 0, 0);
  return true;
}

uint32_t civ_task_pool_expire_open(civ_task_pool *pool, int64_t epoch)
{
  uint32_t n = 0;
  while (pool->n_deadlines > 0 && pool->deadlines[0].epoch <= epoch) {
    const uint32_t number = pool->deadlines[0].task;
    pop_deadline(pool);
    if (pool->tasks[number].status == CIV_TASK_OPEN) {
      set_status(pool, number, CIV_TASK_EXPIRED);
      n++;
    }
  }
  return n;
}

uint32_t civ_task_pool_expire_overdue(civ_task_pool *pool, int64_t epoch)
{
  uint32_t n = civ_task_pool_expire_open(pool, epoch);
  for (uint32_t k = 0; k < pool->n_tasks; k++) {
    const task *t = &pool->tasks[k];
    if (t->deadline_epoch > 0 && t->deadline_epoch <= epoch &&
        (t->status == CIV_TASK_CLAIMED || t->status == CIV_TASK_IN_PROGRESS)) {
      set_status(pool, k, CIV_TASK_EXPIRED);
      n++;
    }
  }
  return n;
}
