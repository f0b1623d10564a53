/* composite.h - work that nobody can do alone: tasks of dependent parts, done by a team that shares the reward.
 *
 * A composite task is a plain value of fixed size. Operations say whether they were allowed and change nothing when they were
 * not; none takes memory. */
#ifndef CIV_WORLD_COMPOSITE_H
#define CIV_WORLD_COMPOSITE_H

#include "metric/capabilities.h"

typedef enum civ_subtask_status {
  CIV_SUBTASK_PENDING,
  CIV_SUBTASK_AVAILABLE,
  CIV_SUBTASK_CLAIMED,
  CIV_SUBTASK_IN_PROGRESS,
  CIV_SUBTASK_COMPLETED,
  CIV_SUBTASK_FAILED,
  CIV_SUBTASK_STATUSES
} civ_subtask_status;
extern const char *const civ_subtask_status_names[CIV_SUBTASK_STATUSES + 1];

typedef enum civ_composite_status {
  CIV_COMPOSITE_OPEN,
  CIV_COMPOSITE_IN_PROGRESS,
  CIV_COMPOSITE_COMPLETED,
  CIV_COMPOSITE_FAILED,
  CIV_COMPOSITE_EXPIRED,
  CIV_COMPOSITE_STATUSES
} civ_composite_status;
extern const char *const civ_composite_status_names[CIV_COMPOSITE_STATUSES + 1];

typedef enum civ_composite_template {
  CIV_RESEARCH_SYNTHESIS,
  CIV_PLANNING_COORDINATION,
  CIV_PROBLEM_SOLVING,
  CIV_COMPOSITE_TEMPLATES
} civ_composite_template;

typedef struct civ_composite_subtask {
  const char *name; /* static */
  civ_capability_set required;
  uint16_t dependencies;    /* bits 1 << subtask of the same task */
  uint8_t status;           /* civ_subtask_status */
  uint32_t estimated_steps; /* of work */
  double bounty_share;
  civ_agent worker; /* CIV_NOBODY */
  uint32_t actual_steps;
  double quality; /* NaN until completed */
} civ_composite_subtask;

enum { CIV_COMPOSITE_SUBJECT = 96 };

typedef struct civ_composite_task {
  uint32_t id;                         /* from 0, printed c<id+1>; given by the pool */
  uint8_t type;                        /* civ_composite_template, or CIV_COMPOSITE_TEMPLATES for one made by hand */
  char subject[CIV_COMPOSITE_SUBJECT]; /* UTF-8, cut to fit */
  uint8_t n_subtasks, min_agents, max_agents;
  civ_capability_set required;
  double total_bounty, completion_bonus;
  int64_t deadline_epoch; /* it expires at the end of this epoch; < 0 = none */
  uint32_t most_steps;    /* of work in all; beyond that it expires */
  civ_composite_subtask subtasks[CIV_MOST_SUBTASKS];

  uint8_t status, n_participants; /* civ_composite_status */
  civ_agent participants[CIV_MOST_TEAM];
  double contributions[CIV_MOST_TEAM];
  uint32_t steps_used;
  uint32_t created_epoch, completed_epoch;
  double final_quality; /* NaN until completed */
  double coordination, synergy, information_flow;
} civ_composite_task;

/* An open task without parts: 2 to 5 agents, bounty 20, bonus 5, no deadline, 50 steps. */
civ_composite_task civ_composite_task_default(void);
/* A part nobody has touched: 5 steps, no requirement. */
civ_composite_subtask civ_composite_subtask_default(void);

/* "research_synthesis" ...; CIV_COMPOSITE_TEMPLATES for an unknown name. */
extern const char *const civ_composite_template_names[CIV_COMPOSITE_TEMPLATES + 1];
civ_composite_template civ_composite_template_of(const char *name);
/* A new task by template; bounty < 0 = the template's. The subject is cut at a character. */
civ_composite_task civ_composite_make(civ_composite_template type, const char *subject, double bounty,
                                      int64_t deadline_epoch);

/* CIV_E_RANGE for a task that cannot be worked on: dependencies that are unknown or go in a circle, more agents or parts than
 * CIV_MOST_TEAM and CIV_MOST_SUBTASKS, rewards that are negative or no numbers. */
CIV_MUST_CHECK civ_status civ_composite_check(const civ_composite_task *t, civ_error *err);

/* --- life -------------------------------------------------------------------------------------------------------------- */

static inline bool civ_composite_unfinished(const civ_composite_task *t)
{
  return t->status == CIV_COMPOSITE_OPEN || t->status == CIV_COMPOSITE_IN_PROGRESS;
}
static inline bool civ_composite_has_room(const civ_composite_task *t)
{
  return civ_composite_unfinished(t) && t->n_participants < t->max_agents;
}
/* Place among the participants, or CIV_MOST_TEAM. */
uint32_t civ_composite_member(const civ_composite_task *t, civ_agent a);

bool civ_composite_join(civ_composite_task *t, civ_agent a);
/* Parts that may be claimed, as bits: pending with everything they build on completed (they turn available) and available. */
uint16_t civ_composite_available(civ_composite_task *t);
/* Those of them an agent with these capabilities can do alone. */
uint16_t civ_composite_claimable(civ_composite_task *t, civ_capability_set capabilities);
/* Claims for a participant that has every required capability. */
bool civ_composite_claim(civ_composite_task *t, uint32_t subtask, civ_agent a, civ_capability_set capabilities);
/* The change of status alone: asks neither who the agent is and what it can do, nor what the part builds on. */
bool civ_composite_assign(civ_composite_task *t, uint32_t subtask, civ_agent a);
bool civ_composite_start(civ_composite_task *t, uint32_t subtask);
/* Completes a part in progress, and with the last one the task and its scores. `epoch` is now. */
bool civ_composite_finish(civ_composite_task *t, uint32_t subtask, double quality, uint32_t epoch);
/* Ends the task; parts that are not completed fail with it. False when it is over already. */
bool civ_composite_fail(civ_composite_task *t);
/* Ends the task and leaves its parts as they are. */
bool civ_composite_expire(civ_composite_task *t);

/* --- figures -------------------------------------------------------------------------------------------------------------- */

/* Completed parts of all parts; 0 without parts. */
double civ_composite_fraction(const civ_composite_task *t);
/* Fills final quality and the three scores from parts that are all completed. */
void civ_composite_score(civ_composite_task *t);
/* What each participant gets, in their order; false (and nothing written) unless completed.
 * Law: the sum is total_bounty + completion_bonus, up to rounding, whenever somebody takes part. */
bool civ_composite_payouts(const civ_composite_task *t, double *out);
/* The task as the analyser wants it; `subtasks` has room for CIV_MOST_SUBTASKS. Borrows from t. */
civ_done_task civ_composite_done(const civ_composite_task *t, civ_done_subtask *subtasks);

/* --- pool ---------------------------------------------------------------------------------------------------------------- */

/* All unfinished tasks and those that ended since they were last forgotten, in order of creation. */
typedef struct civ_composite_pool {
  const civ_allocator *allocator;
  civ_composite_task *tasks;
  size_t n, room;
  uint32_t made;                                  /* tasks ever added */
  uint64_t forgotten[CIV_COMPOSITE_STATUSES];     /* by status */
  double coordination, synergy, information_flow; /* sums over forgotten completed tasks */
} civ_composite_pool;

void civ_composite_pool_init(civ_composite_pool *pool, const civ_allocator *allocator);
void civ_composite_pool_fini(civ_composite_pool *pool);
CIV_MUST_CHECK civ_status civ_composite_pool_reserve(civ_composite_pool *pool, size_t more);
/* Adds a checked task in reserved room; it gets the next id. NULL: no room. Valid until the next reserve or forget. */
civ_composite_task *civ_composite_pool_add(civ_composite_pool *pool, const civ_composite_task *task);
/* NULL for one that is not there (any more). O(log n). */
civ_composite_task *civ_composite_pool_find(const civ_composite_pool *pool, uint32_t id);
size_t civ_composite_pool_unfinished(const civ_composite_pool *pool);
/* Whether an agent with these capabilities would be of use to the task; it may be in it already. */
bool civ_composite_joinable(const civ_composite_task *t, civ_capability_set capabilities);
/* Unfinished, with a deadline that `epoch` has reached. */
bool civ_composite_overdue(const civ_composite_task *t, uint32_t epoch);
/* Drops tasks that are over and keeps their figures. */
void civ_composite_pool_forget(civ_composite_pool *pool);

typedef struct civ_composite_statistics {
  uint64_t total_tasks, open_tasks, by_status[CIV_COMPOSITE_STATUSES];
  double avg_coordination_score, avg_synergy_score, avg_information_flow; /* of completed tasks; 0 without */
} civ_composite_statistics;
civ_composite_statistics civ_composite_pool_count(const civ_composite_pool *pool);

uint64_t civ_composite_pool_digest(const civ_composite_pool *pool);
void civ_composite_pool_save(const civ_composite_pool *pool, civ_bytes *out);
/* `agents` bounds who may stand in it. CIV_E_FORMAT, CIV_E_NOMEM: the pool is then empty. */
CIV_MUST_CHECK civ_status civ_composite_pool_load(civ_composite_pool *pool, uint32_t agents, civ_bytes_reader *in,
                                                  civ_error *err);

#endif
