/* conformance.h - how a chapter's cases meet the library: one adapter per function name of the vector files. */
#ifndef CIV_TESTS_CONFORMANCE_H
#define CIV_TESTS_CONFORMANCE_H

#include <jansson.h>
#include <stdbool.h>

/* One case as it stands in its file; all borrowed. */
typedef struct conformance_case {
  const json_t *file; /* the whole file (default_base_signals ...) */
  const json_t *input;
  const json_t *expect; /* an adapter may look only to learn which optional members are asked for */
} conformance_case;

/* What the library answered. Exactly one of: actual set; refused; pending set. */
typedef struct conformance_outcome {
  json_t *actual; /* new reference; compared with expect by the rules of the vectors' README. A load that failed answers
                          {"rejected": true, "errors": [{"key": "...", "line": 3}, ...]} */
  bool refused;   /* the call returned an error (expect {"error": true}) */
  const char *pending; /* static text: the part that must be built first, e.g. "levers" */
} conformance_outcome;

typedef struct conformance_adapter {
  const char *function;
  conformance_outcome (*run)(const conformance_case *c);
} conformance_adapter;

/* One table per file of adapters, ended by a NULL function. */
extern const conformance_adapter conformance_label[]; /* 01: labels, payoff, metrics */
extern const conformance_adapter conformance_log[];   /* 01: reconstruct, replay_filter */
extern const conformance_adapter
    conformance_policy[]; /* 02: agent.*, honest.* ... adversarial.*, observables.*, role.* */
extern const conformance_adapter conformance_world[];        /* 02: feed.*, task*, rate_limits.* */
extern const conformance_adapter conformance_run[];          /* 02: runtime.*; 01: agent_state_sequence */
extern const conformance_adapter conformance_scenario[];     /* 07: scenario.*, agents.create */
extern const conformance_adapter conformance_security[];     /* 03: security */
extern const conformance_adapter conformance_govern[];       /* 03 */
extern const conformance_adapter conformance_sybil[];        /* 03, 05: agents that behave alike */
extern const conformance_adapter conformance_collusion[];    /* 03, section 5 */
extern const conformance_adapter conformance_composite[];    /* 04: composite tasks, capabilities */
extern const conformance_adapter conformance_market[];       /* 04: the marketplace */
extern const conformance_adapter conformance_network[];      /* 04: networks */
extern const conformance_adapter conformance_permeability[]; /* 05: permeability */
extern const conformance_adapter conformance_boundary[];     /* 06: boundaries */
extern const conformance_adapter conformance_analysis[];     /* 07: the rest */
extern const conformance_adapter conformance_selfplay[];     /* 09 */

static inline conformance_outcome conformance_answer(json_t *actual)
{
  conformance_outcome o = { .actual = actual };
  return o;
}
static inline conformance_outcome conformance_refuse(void)
{
  conformance_outcome o = { .refused = true };
  return o;
}
static inline conformance_outcome conformance_pend(const char *part)
{
  conformance_outcome o = { .pending = part };
  return o;
}

#endif
