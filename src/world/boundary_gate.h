/* boundary_gate.h - one request to the outside, from the agent's payload to the answer: policies, leaks, the wall, the world
 * outside, and the books that are kept of all of it. */
#ifndef CIV_WORLD_BOUNDARY_GATE_H
#define CIV_WORLD_BOUNDARY_GATE_H

#include "world/boundary_leaks.h"
#include "world/boundary_outside.h"
#include "world/boundary_policy.h"

typedef enum civ_blocked_by { CIV_BY_POLICY, CIV_BY_LEAKAGE, CIV_BY_PERMEABILITY, CIV_BLOCKERS } civ_blocked_by;
extern const char *const civ_blocked_by_names[CIV_BLOCKERS + 1];

/* Who refuses, beside policies: the gate what cannot be read, the scan what exceeds the limit of a pattern of leaks. */
extern const char civ_gate_name[], civ_scan_name[];

typedef struct civ_request {
  civ_agent agent;
  uint32_t entity;    /* its number outside; CIV_NONE or beyond = nobody knows it */
  const char *name;   /* of the entity, for events; NULL = that of the number */
  const char *action; /* outlives the gate */
  civ_content content;
  double now_s;
  uint32_t ordinal; /* of the agent's requests in this step */
  double own_p;     /* average p of what the agent initiated: what must cross the wall outward */
} civ_request;

typedef struct civ_answer {
  bool success, blocked;
  uint8_t by;         /* civ_blocked_by, of a blocked one */
  uint8_t code;       /* civ_boundary_code */
  const char *policy; /* who blocked, NULL unless a policy did */
  const char *detail; /* pattern or keyword; NULL */
  uint8_t leak;       /* civ_leak_type that blocked */
  double risk, sensitivity;
  double quality; /* of the reply, after crossing the wall; 1 without one */
  civ_reply reply;
} civ_answer;

typedef struct civ_gate_counts {
  uint64_t requests, failures, blocked[CIV_BLOCKERS];
} civ_gate_counts;

/* Told of everything as it happens; unused functions NULL. */
typedef struct civ_gate_listener {
  void *self;
  void (*crossed)(void *self, const civ_request *request, const civ_flow *flow, const char *hash,
                  const civ_reply *reply);
  void (*blocked)(void *self, const civ_request *request, const civ_answer *answer, const civ_flow *flow);
  void (*leaked)(void *self, const civ_request *request, const civ_leak *leak, const char *hash, bool blocked);
} civ_gate_listener;

typedef struct civ_gate {
  uint32_t agents;
  civ_outside outside;
  civ_engine engine;
  civ_scanner *scanner;
  civ_flows flows;
  civ_leaks leaks;
  double block_severity;
  bool book_blocked;                    /* refused requests are flows and their leaks are marked */
  bool plain_library;                   /* flags of flows are not set, sensitive services answer like others */
  const civ_permeability_service *wall; /* NULL = none */
  civ_gate_counts counts;
  civ_gate_listener listener;
} civ_gate;

/* Number of parties for the tables of flows and leaks. */
static inline uint32_t civ_gate_parties(uint32_t agents, uint32_t entities)
{
  return agents + entities + 1;
}
static inline civ_party civ_gate_party_outside(const civ_gate *g, uint32_t entity)
{
  return g->agents + (entity < g->outside.n ? entity : g->outside.n);
}
uint64_t civ_gate_blocked(const civ_gate_counts *counts); /* all attempts that were blocked */

/* Room for so many requests; then civ_gate_request takes no memory. */
CIV_MUST_CHECK civ_status civ_gate_reserve(civ_gate *g, size_t requests);
void civ_gate_request(civ_gate *g, const civ_request *request, civ_draws *draws, civ_answer *out);

void civ_gate_save(const civ_gate *g, civ_bytes *out);
CIV_MUST_CHECK civ_status civ_gate_load(civ_gate *g, const char *const *actions, civ_bytes_reader *in, civ_error *err);

#endif
