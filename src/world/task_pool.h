/* task_pool.h - tasks from open to done, who holds them and what they delivered. A pure room: no loop, no draws.
 *
 * open -> claimed -> in_progress -> submitted -> completed, or failed, expired. Tasks and outputs are numbered from 0 in
 * order of creation. Questions change nothing and may be asked from several threads at once. */
#ifndef CIV_WORLD_TASK_POOL_H
#define CIV_WORLD_TASK_POOL_H

#include "base/bytes.h"
#include "civitas/part.h"

typedef struct civ_task_pool civ_task_pool;

/* What a new task is. Texts are copied. */
typedef struct civ_task_def {
  civ_text prompt, description, metadata;
  civ_text required_outputs; /* names, one a line */
  double bounty, budget;     /* finite, >= 0 */
  double min_reputation;     /* finite */
  int64_t deadline_epoch;    /* < 0 = none; 0 counts as none too */
  int64_t max_steps;         /* < 0 = none */
  uint8_t difficulty;        /* civ_difficulty; any other = unknown */
  uint8_t collaborators_wanted;
  bool reserved; /* while it is open nobody finds or claims it: it can only be assigned */
} civ_task_def;

/* Medium, bounty 5, budget 10, no texts, nothing asked, no deadline, no step limit. */
civ_task_def civ_task_def_default(void);
/* "research", "planning", "optimization"; bounty < 0 = the template's. false = unknown name, *out untouched. */
bool civ_task_template(const char *name, double bounty, civ_task_def *out);
/* max(0, budget - 0.01 * budget * steps_used). */
double civ_task_remaining_budget(double budget, uint64_t steps_used);

/* Agents are 0 .. agents - 1. An empty pool takes next to no memory. CIV_E_NOMEM. */
CIV_MUST_CHECK civ_status civ_task_pool_create(uint32_t agents, const civ_allocator *allocator, civ_task_pool **out,
                                               civ_error *err);
void civ_task_pool_destroy(civ_task_pool *pool);
/* Room for so many more tasks, outputs (or collaborators) and bytes of new text. What found no room was refused, and the
 * next reserve says so. CIV_E_NOMEM, CIV_E_LIMIT. */
CIV_MUST_CHECK civ_status civ_task_pool_reserve(civ_task_pool *pool, uint32_t tasks, uint32_t outputs, uint64_t bytes);

/* Number of the new open task; CIV_NONE = numbers out of range, or no memory. */
uint32_t civ_task_pool_add(civ_task_pool *pool, const civ_task_def *def);
uint32_t civ_task_pool_count(const civ_task_pool *pool);
uint32_t civ_task_pool_count_of(const civ_task_pool *pool, civ_task_status status);

/* All of these: false (CIV_NONE) = unknown task or output, not allowed from its status, or no room; then nothing changed.
 * Claiming asks for reputation >= min_reputation and does not look at the deadline again. */
bool civ_task_pool_claim(civ_task_pool *pool, uint32_t task, civ_agent agent, double reputation);
/* Gives a reserved task to an agent, whatever its reputation, and starts it. */
bool civ_task_pool_assign(civ_task_pool *pool, uint32_t task, civ_agent agent);
bool civ_task_pool_start(civ_task_pool *pool, uint32_t task);
bool civ_task_pool_collaborate(civ_task_pool *pool, uint32_t task, civ_agent agent);
/* From any status; who submits is the caller's business. Returns the number of the output. */
uint32_t civ_task_pool_submit(civ_task_pool *pool, uint32_t task, civ_agent agent, civ_text content,
                              civ_output_kind kind);
bool civ_task_pool_accept(civ_task_pool *pool, uint32_t output, double quality);
bool civ_task_pool_reject(civ_task_pool *pool, uint32_t output, civ_text reason);
bool civ_task_pool_fail(civ_task_pool *pool, uint32_t task, civ_text reason); /* adds the note "Failed: ..." */
bool civ_task_pool_expire(civ_task_pool *pool, uint32_t task);
bool civ_task_pool_step(civ_task_pool *pool, uint32_t task);
/* Expires open tasks (overdue: also claimed ones and those in progress) whose deadline is set, not 0 and <= epoch. Returns
 * how many. The first is O(log n) per expired task, the second O(n). */
uint32_t civ_task_pool_expire_open(civ_task_pool *pool, int64_t epoch);
uint32_t civ_task_pool_expire_overdue(civ_task_pool *pool, int64_t epoch);

/* Open tasks that ask for at most this reputation, bounty descending, ties oldest first; returns how many (<= most).
 * Expire first. */
uint32_t civ_task_pool_claimable(const civ_task_pool *pool, double reputation, uint32_t most, uint32_t *out);
/* The k-th task that the agent has claimed and not yet submitted, in order of claiming; CIV_NONE past the end. */
uint32_t civ_task_pool_active(const civ_task_pool *pool, civ_agent agent, uint32_t k);
uint32_t civ_task_pool_count_active(const civ_task_pool *pool, civ_agent agent); /* how many; O(1) */
/* Oldest submitted task >= from; CIV_NONE. */
uint32_t civ_task_pool_submitted(const civ_task_pool *pool, uint32_t from);
void civ_task_pool_view(const civ_task_pool *pool, uint32_t task, civ_task_view *out);

/* What the view leaves out. Texts are borrowed until the next reserve. */
typedef struct civ_task_more {
  civ_text description, metadata, required_outputs, notes;
  double final_quality; /* NaN = none yet */
  int64_t max_steps;    /* < 0 = none */
  uint64_t steps_used;
  bool over_budget; /* max_steps set and steps_used >= max_steps */
  double remaining_budget;
  uint32_t last_output; /* CIV_NONE */
  uint32_t n_collaborators;
  uint8_t collaborators_wanted;
} civ_task_more;
void civ_task_pool_more(const civ_task_pool *pool, uint32_t task, civ_task_more *out);

typedef enum civ_output_verdict { CIV_OUTPUT_OPEN, CIV_OUTPUT_ACCEPTED, CIV_OUTPUT_REJECTED } civ_output_verdict;
typedef struct civ_output_view {
  uint32_t task;
  civ_agent agent;
  civ_text content, reason; /* why it was rejected */
  double quality;           /* of an accepted one */
  uint8_t kind, verdict;    /* civ_output_kind, civ_output_verdict */
  uint32_t before;          /* the task's output before this one; CIV_NONE */
} civ_output_view;
/* false = unknown output. */
bool civ_task_pool_output(const civ_task_pool *pool, uint32_t output, civ_output_view *out);

typedef struct civ_task_statistics {
  uint32_t total, by_status[CIV_TASK_STATUSES], unique_claimants;
  double total_bounty, mean_quality; /* of completed ones; 0 if there are none */
} civ_task_statistics;
civ_task_statistics civ_task_pool_count_all(const civ_task_pool *pool); /* O(n) */

uint64_t civ_task_pool_digest(const civ_task_pool *pool);
void civ_task_pool_save(const civ_task_pool *pool, civ_bytes *out);
/* Into a pool for as many agents. CIV_E_FORMAT, CIV_E_NOMEM: the pool is as it was. */
CIV_MUST_CHECK civ_status civ_task_pool_load(civ_task_pool *pool, civ_bytes_reader *in, civ_error *err);

#endif
