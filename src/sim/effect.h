/* effect.h - what levers order in one call, summed per agent, and the one place where it is applied. */
#ifndef CIV_SIM_EFFECT_H
#define CIV_SIM_EFFECT_H

#include "base/memory.h"
#include "civitas/part.h"

typedef struct effect_freeze {
  civ_agent agent;
  uint32_t lever;
  int64_t until_epoch; /* < 0: open */
} effect_freeze;

/* Summed changes of one agent. */
typedef struct effect_delta {
  civ_agent agent;
  bool reputation_ordered, resources_ordered;
  double reputation, resources;
} effect_delta;

/* What one lever has contributed over the run. */
typedef struct lever_account {
  double cost, cost_a, cost_b, reputation, resources;
  uint64_t freezes, thaws; /* orders */
} lever_account;

struct civ_effect {
  const civ_allocator *allocator;
  uint32_t lever; /* who is speaking now */
  double cost_a, cost_b;
  double *lever_cost_a, *lever_cost_b; /* per lever, of this call */
  lever_account *accounts;             /* per lever, over the run */
  civ_agent party_a, party_b;          /* of the interaction that is judged */
  bool *punishes;                      /* per lever; NULL = none of them does */
  double *penalties; /* per agent, over the run: what punishing levers took from its reputation and charged it */
  uint32_t n_levers;
  const char *const *lever_names; /* one per lever; borrowed. NULL = none is known by name */
  effect_freeze *freezes, *thaws;
  size_t n_freezes, freezes_capacity, n_thaws, thaws_capacity;
  effect_delta *deltas; /* in order of first appearance */
  uint32_t *slot;       /* per agent: 1 + index in deltas, 0 = none */
  size_t n_deltas, deltas_capacity;
  uint32_t agents;
  bool failed; /* memory ran out */
  bool stop;
  const char *stop_reason;
  double stop_value;
  uint64_t freeze_orders, unfreeze_orders;
};

CIV_MUST_CHECK civ_status civ_effect_init(civ_effect *e, uint32_t agents, uint32_t levers,
                                          const civ_allocator *allocator);
void civ_effect_fini(civ_effect *e);
/* From now on keeps penalties, if one of the levers punishes what a detector finds (collusion, security, Sybil). Needs the names.
 * Costs nothing otherwise. CIV_E_NOMEM. */
CIV_MUST_CHECK civ_status civ_effect_watch_penalties(civ_effect *e);
/* Room for so many more freezes, thaws and changed agents. */
CIV_MUST_CHECK civ_status civ_effect_reserve(civ_effect *e, size_t more);
/* Empty again, ready for the next call of levers. O(what it held). */
void civ_effect_clear(civ_effect *e);

#endif
