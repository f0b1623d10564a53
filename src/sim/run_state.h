/* run_state.h - the run as the rooms of this floor see it. Nothing outside src/sim includes this. */
#ifndef CIV_SIM_RUN_STATE_H
#define CIV_SIM_RUN_STATE_H

#include <stdatomic.h>

#include "base/threads.h"
#include "civitas/run.h"
#include "metric/epoch.h"
#include "sim/effect.h"
#include "sim/population.h"
#include "sim/proposals.h"

/* From how many agents on state no longer fits the caches and memory is fetched ahead; and how many turns and proposals. */
enum { FAR_POPULATION = 20000, TURNS_AHEAD = 6, PROPOSALS_AHEAD = 8 };

enum { MAX_SINKS = 16, MAX_HOOKS = 8, RESOLUTION_NONE = 255 };

typedef struct world_slot {
  const civ_world *table;
  void *self;
  uint32_t first_metric, first_total;
} world_slot;
typedef struct lever_slot {
  const civ_lever *table;
  void *self;
  uint32_t first_metric, first_total;
  uint32_t number;
} lever_slot;
typedef struct policy_slot {
  const civ_policy *table;
  void *self;
} policy_slot;
typedef struct sink_slot {
  const civ_sink *table;
  void *self;
} sink_slot;

/* A short list of worlds or levers that have one certain function, so that the step asks nobody else. */
typedef struct call_list {
  uint8_t n;
  uint8_t at[61];
} call_list;

/* What an agent decided, kept until its execution (simultaneous turns). Small populations keep whole actions in `wide`. Large
 * ones keep this quarter of them, and in `wide` only the few that say more, so that most of its pages are never touched. */
typedef struct decided_action {
  union {
    const char *content;
    double amount;
  };
  uint32_t content_length, target;
  civ_agent counterparty;
  uint8_t kind, interaction_type : 4, output_kind : 4;
  int8_t vote_direction;
  uint8_t verdict : 2; /* civ_verdict */
  uint8_t acting : 1;  /* the others do not act in this step */
  uint8_t speaker : 3; /* role, or CIV_ROLES for the own policy */
  uint8_t wide : 1, has_amount : 1;
} decided_action;

struct civ_run {
  civ_host host; /* first: parts get a pointer to it */
  const civ_config *config;
  const civ_simulation_config *simulation;
  const civ_payoff_config *payoff;
  civ_proxy proxy;
  uint64_t seed;

  civ_allocator allocator; /* what parts and rooms use: `outer`, closed during steps */
  const civ_allocator *outer;
  bool sealed;
  uint64_t refused_growth; /* requests during a step */

  uint32_t epoch, step;
  uint64_t moment, steps_done, agent_steps;
  uint64_t next_interaction; /* id of the next proposal */
  int64_t clock_us;
  bool begun, epoch_open, finished, resumed;
  bool paused, stopping;
  bool far; /* large enough that fetching memory ahead pays */
  atomic_bool interrupt;
  civ_end end;
  char stop_reason[128]; /* of a run that was loaded with its end already ordered */

  population people;
  char **names; /* block owned by the run when `names_owned` */
  bool names_owned;
  uint32_t *roles;
  uint8_t *primary_role, *role_list; /* role_list: up to CIV_ROLES per agent, 255-ended; NULL without roles */
  proposals open;
  uint32_t *proposal_stamp; /* per agent: proposals made in this step; valid when stamp_step matches */
  uint32_t *stamp_step;
  uint32_t *order; /* schedule of this step; NULL in round robin */
  uint32_t *order_scratch;

  policy_slot *policies; /* kinds in use */
  uint32_t n_policies;
  policy_slot roles_in_use[CIV_ROLES];
  world_slot *worlds;
  uint32_t n_worlds, worlds_made;
  lever_slot *levers;
  const char **lever_names;
  uint32_t n_levers, levers_made;
  const civ_generator *generator;
  void *generator_self;
  uint8_t owner[CIV_ACTION_KINDS]; /* world of each action kind; RESOLUTION_NONE = nobody */
  call_list worlds_permit, worlds_turn_done, worlds_completed, worlds_step_begin, worlds_step_end, worlds_foresee;
  call_list levers_admit, levers_admit_action, levers_charge, levers_may, levers_judge, levers_judged,
      levers_step_begin, levers_weigh;
  bool (*only_may)(void *self, civ_agent a, civ_quota quota); /* when just one lever answers */
  void *only_may_self;
  const civ_feed_service *feed;
  const civ_task_service *tasks;
  const civ_network_service *network; /* NULL without one */
  const civ_market_service *market;
  const civ_ledger_service *ledger;

  civ_effect effect;
  sink_slot sinks[MAX_SINKS];
  uint32_t n_sinks;
  bool listening, listening_full, digesting; /* some sink wants events, full events, digests */
  civ_run_hooks hooks[MAX_HOOKS];
  uint32_t n_hooks;
  uint64_t event_count[CIV_EVENT_BUILT_IN + 64];
  const civ_event_form **event_forms; /* built in and registered, by number */
  uint32_t n_event_forms;

  civ_epoch_metrics *epoch_metrics;
  civ_metrics metrics; /* pooled over the run */
  civ_metric_decl *columns;
  uint32_t n_columns, columns_made, part_metrics;
  uint32_t *part_column; /* column of each part metric, parts in order */
  double *rows;
  size_t rows_capacity;
  double *row; /* of the epoch being closed */
  civ_metric_decl *total_decls;
  char *total_names; /* texts of the decls */
  double *totals;
  uint32_t n_totals;
  size_t total_decls_capacity;

  uint64_t refused_actions, refused_total;
  uint64_t frozen_agent_epochs, empty_epochs;
  double total_cost_a, total_cost_b;
  double epoch_cost_assessed, epoch_cost_paid; /* of both sides, in the current epoch */
  uint64_t costed_interactions;
  uint64_t (*attempted)[CIV_ACTION_KINDS], (*succeeded)[CIV_ACTION_KINDS]; /* per policy in use */

  civ_interaction *ring; /* optional: last interactions of each agent */
  uint32_t ring_length, *ring_at;

  civ_pool *pool;
  uint32_t threads;
  decided_action *decided; /* simultaneous: one per agent of the schedule */
  uint8_t *answers;        /* simultaneous: one per open proposal */
  civ_action *wide;
  size_t decided_capacity, answers_capacity, wide_capacity;
};

/* Agents on all floors below see this; the loop moves `self` and `moment` from turn to turn. */
civ_view civ_sim_view(civ_run *run);
/* Whether every world lets a see b and propose to b. */
bool civ_sim_permits(const civ_run *run, civ_agent a, civ_agent b);
extern const civ_view_table civ_sim_view_table;
extern const civ_host_table civ_sim_host_table;

/* --- turn.c --- */
void civ_sim_turns(civ_run *run);
bool civ_sim_execute(civ_run *run, civ_agent a, civ_action *action, const policy_slot *speaker);
const policy_slot *civ_sim_speaker(const civ_run *run, civ_agent a, uint8_t speaker);
civ_verdict civ_sim_ask(civ_run *run, const civ_view *view, civ_action *action, uint8_t *speaker);
bool civ_sim_admits(const civ_run *run, civ_agent a);
/* --- foresee.c --- */
/* Fetches ahead what the k-th turn of the schedule, or the open proposals behind the i-th, will touch. */
void civ_sim_foresee_turn(const civ_run *run, uint32_t k);
void civ_sim_foresee_answer(const civ_run *run, uint32_t i);
/* --- schedule.c --- */
void civ_sim_schedule(civ_run *run);
/* --- resolve.c --- */
/* Asks once; CIV_PENDING is passed on. */
civ_verdict civ_sim_ask_answer(civ_run *run, civ_view *view, const civ_proposal *p);
void civ_sim_resolve(civ_run *run);
/* --- complete.c --- */
void civ_sim_complete(civ_run *run, uint32_t proposal, bool accepted, civ_decided_in where);
void civ_sim_judge(civ_run *run, civ_interaction *record);
/* The same for a record that a world made: levers never see its costs (civ_host_table.judge). */
void civ_sim_judge_made(civ_run *run, civ_interaction *record);
/* Observables and label of a record; draws nothing but from `draws`. */
void civ_sim_measure(const civ_run *run, const civ_proposal *p, civ_draws *draws, civ_interaction *record);
/* --- simultaneous.c --- */
civ_status civ_sim_simultaneous_reserve(civ_run *run);
void civ_sim_turns_simultaneous(civ_run *run);
void civ_sim_resolve_simultaneous(civ_run *run);
/* --- apply.c --- */
void civ_sim_apply_effect(civ_run *run);
bool civ_sim_transfer(civ_run *run, civ_agent from, civ_agent to, double amount);
/* --- emit.c --- */
/* Counts the event and moves the clock; returns NULL when nobody listens, else an event with type, time, epoch and step
 * set, to be filled and sent. One event at a time. */
civ_event *civ_sim_event(civ_run *run, civ_event *storage, uint16_t type);
void civ_sim_send(civ_run *run, const civ_event *event);
civ_status civ_sim_emit_opening(civ_run *run, civ_error *err);
civ_status civ_sim_emit_epoch(civ_run *run, civ_error *err);
civ_status civ_sim_emit_closing(civ_run *run, civ_error *err);
void civ_sim_emit_states(civ_run *run, bool full_only);
/* --- epoch.c --- */
civ_status civ_sim_epoch_begin(civ_run *run, civ_error *err);
civ_status civ_sim_epoch_end(civ_run *run, civ_error *err);
civ_status civ_sim_columns_init(civ_run *run, civ_error *err);
/* --- totals.c --- */
civ_status civ_sim_totals_init(civ_run *run, civ_error *err);
void civ_sim_totals(civ_run *run);
/* --- create.c --- */
civ_status civ_sim_build(civ_run *run, const civ_run_options *options, civ_error *err);
void civ_sim_dismantle(civ_run *run);
/* --- reserve.c --- */
civ_status civ_sim_reserve(civ_run *run, civ_error *err);

static inline bool agent_active(const civ_run *run, civ_agent a)
{
  return !run->paused && !run->people.frozen[a];
}

#endif
