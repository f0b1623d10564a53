/* The worker takes the agent's claimed tasks through their plans, a step each turn, and hands in after the last. */
#include "agent/minds.h"
#include "agent/moves.h"
#include "agent/policies.h"
#include "agent/roles.h"

enum { QUEUE = 2 };
static const double REWORK_FACTOR = 0.9;

typedef enum worker_step { WORKER_IDLE, WORKER_START, WORKER_STEP, WORKER_SUBMIT } worker_step;

typedef struct worker_job {
  uint32_t task; /* CIV_NONE = the place is free */
  civ_plan plan; /* complete: handed in */
  uint32_t reworks;
} worker_job;

/* What the turn intends stands in the row until `done` carries it out. */
typedef struct worker_row {
  worker_job jobs[QUEUE];
  uint8_t step, place; /* worker_step; which job */
  uint32_t task, n_steps;
} worker_row;

typedef struct worker {
  civ_minds minds;
} worker;

double civ_work_quality(uint32_t reworks)
{
  double quality = 1;
  for (; reworks > 0 && quality > 0; reworks--)
    quality *= REWORK_FACTOR;
  return quality;
}

double civ_work_completion_rate(uint32_t completed, uint32_t queued)
{
  return completed + queued ? (double)completed / ((double)completed + queued) : 0;
}

static civ_status create(civ_host *host, void **self, civ_error *err)
{
  return civ_minds_create(host, "worker role", sizeof(worker), sizeof(worker_row), 0, self, err);
}

static civ_status enrol(void *self, civ_agent a, const void *config, civ_error *err)
{
  const worker *w = self;
  const civ_status status = civ_minds_enrol(self, a, config, err);
  if (status == CIV_OK)
    for (int k = 0; k < QUEUE; k++)
      ((worker_row *)civ_minds_row_of(&w->minds, a))->jobs[k].task = CIV_NONE;
  return status;
}

static worker_job *job_of(worker_row *row, uint32_t task)
{
  for (int k = 0; k < QUEUE; k++)
    if (row->jobs[k].task == task)
      return &row->jobs[k];
  return NULL;
}

/* A place whose task is over, or that has none; QUEUE = no room. */
static int free_place(const worker_row *row, const civ_view *view)
{
  for (int k = 0; k < QUEUE; k++) {
    if (row->jobs[k].task == CIV_NONE)
      return k;
    civ_task_view task;
    view->tasks->task(view->tasks->self, row->jobs[k].task, &task);
    const bool at_work =
        task.status == CIV_TASK_CLAIMED || task.status == CIV_TASK_IN_PROGRESS || task.status == CIV_TASK_SUBMITTED;
    if (!at_work || task.claimer != view->self)
      return k;
  }
  return QUEUE;
}

/* The kind of work an agent delivers goes by what it is, as its own policy would have it. */
static civ_output_kind output_of(const civ_view *view)
{
  static const uint8_t kinds[CIV_AGENT_TYPES] = { [CIV_HONEST] = CIV_OUTPUT_HONEST,
                                                  [CIV_OPPORTUNISTIC] = CIV_OUTPUT_STANDARD,
                                                  [CIV_DECEPTIVE] = CIV_OUTPUT_CAREFUL,
                                                  [CIV_ADVERSARIAL] = CIV_OUTPUT_ADVERSARIAL };
  return (civ_output_kind)kinds[view->population->type[view->self]];
}

/* A handed-in task that is active again was rejected: it is handed in once more, unless help is needed. */
static civ_verdict work_on(worker_row *row, const worker_job *job, const civ_view *view, civ_action *out)
{
  const bool rejected = civ_plan_complete(&job->plan);
  if (civ_work_needs_help(job->reworks + rejected))
    return CIV_PASS;
  row->place = (uint8_t)(job - row->jobs);
  if (!rejected && job->plan.current + 1 < job->plan.n_steps) {
    row->step = WORKER_STEP;
    *out = civ_action_make(CIV_ACTION_NOOP);
  } else {
    row->step = WORKER_SUBMIT;
    civ_move_submit(out, job->task, output_of(view));
  }
  return CIV_ACT;
}

static civ_verdict act(void *self, const civ_view *view, civ_draws *draws, civ_action *out)
{
  worker *w = self;
  const civ_task_service *tasks = view->tasks;
  worker_row *row = civ_minds_row_of(&w->minds, view->self);
  (void)draws;
  row->step = WORKER_IDLE;
  const uint32_t n = tasks->active(tasks->self, view->self);
  civ_task_view task;
  for (uint32_t k = 0; k < n; k++) {
    tasks->active_at(tasks->self, view->self, k, &task);
    const worker_job *job = job_of(row, task.task);
    if (job)
      return work_on(row, job, view, out);
  }
  if (n == 0)
    return CIV_PASS;
  const int place = free_place(row, view);
  if (place == QUEUE)
    return CIV_PASS;
  tasks->active_at(tasks->self, view->self, 0, &task);
  row->step = WORKER_START;
  row->place = (uint8_t)place;
  row->task = task.task;
  row->n_steps = civ_plan_steps(task.prompt);
  *out = civ_action_make(CIV_ACTION_NOOP);
  return CIV_ACT;
}

/* Starting a task takes its first step along. */
static void start(worker *w, worker_row *row)
{
  const civ_task_service *tasks = w->minds.host->call->service(w->minds.host, "tasks");
  civ_task_view task;
  tasks->task(tasks->self, row->task, &task);
  if (task.status == CIV_TASK_CLAIMED)
    tasks->start(tasks->self, row->task);
  row->jobs[row->place] = (worker_job){ .task = row->task, .plan = { .n_steps = row->n_steps, .current = 1 } };
}

static void done(void *self, civ_agent a, const civ_action *action, bool ok)
{
  worker *w = self;
  worker_row *row = civ_minds_row_of(&w->minds, a);
  worker_job *job = &row->jobs[row->place];
  (void)action;
  if (!ok)
    return;
  if (row->step == WORKER_START)
    start(w, row);
  else if (row->step == WORKER_STEP)
    civ_plan_advance(&job->plan);
  else {
    job->reworks += civ_plan_complete(&job->plan);
    job->plan.current = job->plan.n_steps;
  }
  civ_minds_learned(&w->minds, (uint64_t)a << 32 | job->task, (uint64_t)job->plan.current << 32 | job->reworks);
}

static civ_status save(void *self, civ_bytes *out)
{
  const worker *w = self;
  civ_bytes_put_u64(out, w->minds.digest);
  for (uint32_t slot = 0; slot < w->minds.n; slot++) {
    const worker_row *row = civ_minds_row(&w->minds, slot);
    for (int k = 0; k < QUEUE; k++) {
      civ_bytes_put_u32(out, row->jobs[k].task);
      civ_bytes_put_u32(out, row->jobs[k].plan.n_steps);
      civ_bytes_put_u32(out, row->jobs[k].plan.current);
      civ_bytes_put_u32(out, row->jobs[k].reworks);
    }
  }
  return out->failed ? CIV_E_NOMEM : CIV_OK;
}

static civ_status load(void *self, civ_bytes_reader *in, civ_error *err)
{
  worker *w = self;
  (void)err;
  w->minds.digest = civ_bytes_u64(in);
  for (uint32_t slot = 0; slot < w->minds.n; slot++) {
    worker_row *row = civ_minds_row(&w->minds, slot);
    for (int k = 0; k < QUEUE; k++) {
      row->jobs[k].task = civ_bytes_u32(in);
      row->jobs[k].plan.n_steps = civ_bytes_u32(in);
      row->jobs[k].plan.current = civ_bytes_u32(in);
      row->jobs[k].reworks = civ_bytes_u32(in);
    }
  }
  return CIV_OK;
}

const civ_policy civ_role_worker = { .version = CIV_PART_VERSION,
                                     .name = "worker",
                                     .doc = "Works through claimed tasks step by step and hands them in.",
                                     .agent_type = CIV_AGENT_TYPES,
                                     .create = create,
                                     .destroy = civ_minds_destroy,
                                     .enrol = enrol,
                                     .act = act,
                                     .done = done,
                                     .digest = civ_minds_digest,
                                     .save = save,
                                     .load = load };
