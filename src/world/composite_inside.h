/* composite_inside.h - the composite world as its rooms see it. */
#ifndef CIV_WORLD_COMPOSITE_INSIDE_H
#define CIV_WORLD_COMPOSITE_INSIDE_H

#include "civitas/config.h"
#include "world/composite.h"
#include "world/composite_report.h"

typedef struct composite_world {
  civ_host *host;
  const civ_composite_tasks_config *rules;
  civ_composite_pool pool;
  civ_capabilities *analyser;
  uint32_t agents;
  civ_capability_set *sets;   /* per agent */
  civ_capability_set anybody; /* what some agent can do */
  civ_capability_set wanted;  /* what would let an agent into some task now */
  uint32_t *held;             /* per agent: the task it works on, CIV_NONE */
  uint32_t *finished;         /* per agent: parts completed */
  double *earnings;           /* per agent */
  uint64_t parts_finished;
  uint32_t most_finished; /* by one agent */
  uint8_t *marks;         /* per agent, all 0 between phases */
  civ_agent *visitors;    /* agents with something to do beside joining */
  size_t n_visitors, visitors_room;
  char *payouts; /* text of an event */
  size_t payouts_room;
  uint64_t digest; /* of payments */
  bool owes_task;  /* this epoch's new task found no memory yet */
} composite_world;

/* Everything agents do at the end of a step. Takes no memory. */
void civ_composite_phase(composite_world *w);
/* What would let somebody into a task; after every change of teams. */
void civ_composite_refresh_wanted(composite_world *w);

/* Events. */
void civ_composite_tell_created(const composite_world *w, const civ_composite_task *t);
void civ_composite_tell_joined(const composite_world *w, const civ_composite_task *t, civ_agent a);
void civ_composite_tell_part(const composite_world *w, const civ_composite_task *t, uint32_t subtask, bool completed);
void civ_composite_tell_completed(const composite_world *w, const civ_composite_task *t, const double *payouts);
void civ_composite_tell_expired(const composite_world *w, const civ_composite_task *t);
extern const civ_event_form civ_composite_events[];

/* The run's figures as they are now. */
civ_composite_summary civ_composite_summarise(const composite_world *w);

#endif
