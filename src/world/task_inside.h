/* task_inside.h - how the task pool is laid out; for the files task_pool.c and task_store.c only. */
#ifndef CIV_WORLD_TASK_INSIDE_H
#define CIV_WORLD_TASK_INSIDE_H

#include "world/idbits.h"
#include "world/task_order.h"
#include "world/task_pool.h"
#include "world/texts.h"

typedef struct task {
  double bounty, budget, min_reputation, final_quality;
  int64_t deadline_epoch, max_steps;
  uint64_t claim_order, steps_used;
  civ_agent claimer;
  uint32_t prompt, description, metadata, required_outputs, notes; /* texts */
  uint32_t last_output, n_outputs, last_helper, n_helpers;
  uint32_t next, previous; /* in the list of what the claimer has to work on */
  uint8_t status, difficulty, collaborators_wanted, in_list, reserved;
} task;

typedef struct task_output {
  double quality;
  uint32_t task, agent, text, reason, before;
  uint8_t kind, verdict;
} task_output;

/* A collaborator of a task. */
typedef struct task_helper {
  uint32_t agent, before;
} task_helper;

typedef struct task_deadline {
  int64_t epoch;
  uint32_t task;
} task_deadline;

/* First, last and number of an agent's tasks that it has claimed and not submitted, in order of claiming. */
typedef struct task_claims {
  uint32_t first, last, n;
} task_claims;

struct civ_task_pool {
  const civ_allocator *allocator;
  uint32_t agents;
  task *tasks;
  task_output *outputs;
  task_helper *helpers;
  task_deadline *deadlines; /* heap of open tasks, earliest on top; some may have left `open` */
  size_t tasks_room, outputs_room, helpers_room, deadlines_room;
  uint32_t n_tasks, n_outputs, n_helpers, n_deadlines;
  task_claims *claims; /* per agent; NULL while there never was a task */
  uint64_t *claimants; /* bitmap of agents; likewise */
  uint64_t n_claims;
  uint32_t by_status[CIV_TASK_STATUSES];
  civ_texts texts;
  civ_task_order open;
  civ_idbits submitted;
  uint64_t digest;
  bool starved;
};

/* Room for the arrays of agents, which an empty pool does without. */
civ_status civ_task_pool_wake(civ_task_pool *pool);
/* Puts a task into the indexes that its status asks for, as if it had just come to be (loading, adding). */
void civ_task_pool_index(civ_task_pool *pool, uint32_t number);

#endif
