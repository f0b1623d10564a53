/* interaction.h - the record of one proposed dealing between two agents: measurement, costs, outcome. */
#ifndef CIVITAS_INTERACTION_H
#define CIVITAS_INTERACTION_H

#include "civitas/label.h"

CIV_BEGIN_DECLS

/* An agent of a run: its index in registration order, from 0. */
typedef uint32_t civ_agent;
#define CIV_NOBODY UINT32_MAX

typedef enum civ_interaction_type {
  CIV_REPLY,
  CIV_VOTE,
  CIV_TRADE,
  CIV_COLLABORATION,
  CIV_INTERACTION_TYPES
} civ_interaction_type;
CIV_API extern const char *const civ_interaction_type_names[CIV_INTERACTION_TYPES + 1];

/* Where an answer was given. */
typedef enum civ_decided_in { CIV_IN_TURN, CIV_IN_RESOLUTION } civ_decided_in;

/* One completed interaction. Ranges: p in [0, 1], v_hat in [-1, 1], counts >= 0, everything else finite. */
typedef struct civ_interaction {
  uint64_t id;     /* number of the proposal, from 1; printed "i<id>" */
  int64_t time_us; /* simulated time of the record, microseconds since 1970-01-01 UTC */
  civ_agent initiator, counterparty;
  uint32_t epoch, step; /* of the completion */
  uint8_t type;         /* civ_interaction_type */
  bool accepted;
  uint8_t decided_in;  /* civ_decided_in */
  int8_t ground_truth; /* +1, -1, or 0 = unknown */
  civ_observables observables;
  double v_hat, p;
  double tau;      /* transfer initiator -> counterparty */
  double c_a, c_b; /* governance costs */
  double r_a, r_b; /* reputation change credited in the payoff */
} civ_interaction;

/* Predicates. High quality at t: p >= t. Uncertain within b: 0.5 - b < p < 0.5 + b, both strict. */
static inline bool civ_interaction_high_quality(const civ_interaction *i, double t)
{
  return i->p >= t;
}
static inline bool civ_interaction_uncertain(const civ_interaction *i, double b)
{
  return 0.5 - b < i->p && i->p < 0.5 + b;
}

CIV_END_DECLS

#endif
