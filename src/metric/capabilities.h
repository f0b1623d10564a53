/* capabilities.h - what a group can do together: a fold over completed composite tasks.
 *
 * Who took part, who did which part how well, and how that compares with what each of them can do alone. Keeps sums and one
 * profile per agent that took part, never the tasks themselves. Numbers are cumulative over the run. */
#ifndef CIV_METRIC_CAPABILITIES_H
#define CIV_METRIC_CAPABILITIES_H

#include "base/bytes.h"
#include "base/memory.h"
#include "civitas/interaction.h"
#include "civitas/sink.h"

/* --- capabilities: a set fits in one byte ------------------------------------------------------------------------------- */

typedef enum civ_capability {
  CIV_RESEARCH,
  CIV_ANALYSIS,
  CIV_PLANNING,
  CIV_EXECUTION,
  CIV_VERIFICATION,
  CIV_COORDINATION,
  CIV_CREATIVITY,
  CIV_COMMUNICATION,
  CIV_CAPABILITIES
} civ_capability;
extern const char *const civ_capability_names[CIV_CAPABILITIES + 1]; /* NULL-terminated */

typedef uint8_t civ_capability_set; /* bits 1 << civ_capability */

/* Bit of a name, 0 = none of that name. */
civ_capability_set civ_capability_of(const char *name);
/* How many capabilities a set has. */
uint32_t civ_capability_count(civ_capability_set set);

/* --- records -------------------------------------------------------------------------------------------------------------- */

enum { CIV_MOST_SUBTASKS = 16, CIV_MOST_TEAM = 16 };

/* One part of a completed task. */
typedef struct civ_done_subtask {
  civ_capability_set required;
  uint16_t dependencies; /* bits 1 << subtask; no circles */
  uint32_t steps;        /* worked on */
  civ_agent worker;      /* CIV_NOBODY = nobody was assigned */
  double quality;        /* NaN = none */
} civ_done_subtask;

typedef struct civ_done_task {
  civ_capability_set required;
  uint8_t n_subtasks, n_participants; /* at most CIV_MOST_SUBTASKS, CIV_MOST_TEAM */
  const civ_done_subtask *subtasks;
  const civ_agent *participants; /* each once */
  double final_quality, coordination, synergy, information_flow;
  uint32_t epochs; /* from creation to completion */
} civ_done_task;

/* --- metrics -------------------------------------------------------------------------------------------------------------- */

/* Name, whether it is a count, meaning. */
#define CIV_CAPABILITY_METRICS(X)                                                                                      \
  X(total_composite_tasks, true, "completed composite tasks that were recorded")                                       \
  X(completed_composite_tasks, true, "the same as total_composite_tasks")                                              \
  X(avg_completion_time, false, "mean epochs from creation to completion")                                             \
  X(avg_final_quality, false, "mean quality of the tasks, those of quality 0 left out")                                \
  X(avg_coordination_score, false, "mean evenness of the work within a team")                                          \
  X(avg_synergy_score, false, "mean score for quality above 0.5 in relation to the team's size")                       \
  X(avg_information_flow, false, "mean score for parts that are better than what they build on")                       \
  X(avg_team_size, false, "mean number of participants")                                                               \
  X(capability_coverage, false, "mean share of a task's required capabilities that its team had")                      \
  X(task_efficiency, false, "mean quality per step of work")                                                           \
  X(parallelization, false, "mean share of parts that need not wait for each other")                                   \
  X(specialization_index, false, "mean unevenness of an agent's capability scores, 0 to 1")                            \
  X(complementarity_score, false, "mean difference of the capabilities of two members of a team, 0 to 1")              \
  X(knowledge_transfer, false, "0.5 + half the mean gain of parts over what they build on")                            \
  X(usage_specialization, false, "mean concentration of an agent's finished parts on few capabilities, 0 to 1")

typedef struct civ_capability_metrics {
#define X(name, integer, doc) double name;
  CIV_CAPABILITY_METRICS(X)
#undef X
} civ_capability_metrics;

#define X(name, integer, doc) +1
enum { CIV_N_CAPABILITY_METRICS = 0 CIV_CAPABILITY_METRICS(X) };
#undef X

/* Names and meanings in the order of the struct, which has nothing but these doubles. */
extern const civ_metric_decl civ_capability_metric_decls[CIV_N_CAPABILITY_METRICS];

/* 0.2 quality + 0.15 coordination + 0.2 synergy + 0.15 information flow + 0.1 min(1, 10 efficiency) + 0.1 complementarity +
 * 0.1 knowledge transfer. Not limited to [0, 1]. */
double civ_collective_intelligence(const civ_capability_metrics *m);

/* How capabilities are spread over agents. All 0 for no agents. */
typedef struct civ_capability_distribution {
  double n_agents, n_capability_types, avg_capabilities_per_agent, avg_agents_per_capability, capability_coverage,
      capability_balance;
} civ_capability_distribution;
civ_capability_distribution civ_capability_distribution_of(const civ_capability_set *sets, size_t n);

/* --- the fold --------------------------------------------------------------------------------------------------------------- */

typedef struct civ_capabilities civ_capabilities;

/* What is known of one agent; zeros for one that is not registered. */
typedef struct civ_capability_profile {
  bool registered;
  civ_capability_set capabilities, scored; /* scored: which of `scores` mean something */
  uint32_t subtasks_completed, tasks_completed, collaborations, collaborators;
  double average_quality;
  double scores[CIV_CAPABILITIES];
  uint32_t used[CIV_CAPABILITIES]; /* finished parts that required it and the agent had it */
} civ_capability_profile;

/* A fold over agents 0..agents-1, none registered. 5 bytes per agent, and 160 for each that took part. NULL: no memory. */
civ_capabilities *civ_capabilities_create(uint32_t agents, const civ_allocator *allocator);
void civ_capabilities_destroy(civ_capabilities *c);
/* Gives an agent an empty profile; one it had is forgotten. */
void civ_capabilities_register(civ_capabilities *c, civ_agent a, civ_capability_set capabilities);
/* Room for tasks to record: `participants`, `pairs` are sums of n and n (n - 1) over them. Records take no memory then. */
CIV_MUST_CHECK civ_status civ_capabilities_reserve(civ_capabilities *c, size_t participants, size_t pairs);
/* Takes in a completed task. Every task once: the fold does not know them again. Needs reserved room. O(n^2) in the team. */
void civ_capabilities_record(civ_capabilities *c, const civ_done_task *task);
/* Everything 0 before the first task. O(agents that took part). */
civ_capability_metrics civ_capabilities_read(const civ_capabilities *c);
civ_capability_profile civ_capabilities_profile(const civ_capabilities *c, civ_agent a);
uint64_t civ_capabilities_digest(const civ_capabilities *c);
void civ_capabilities_save(const civ_capabilities *c, civ_bytes *out);
/* Into a fold of as many agents. CIV_E_FORMAT, CIV_E_NOMEM: the fold is then only good for being destroyed. */
CIV_MUST_CHECK civ_status civ_capabilities_load(civ_capabilities *c, civ_bytes_reader *in, civ_error *err);

#endif
