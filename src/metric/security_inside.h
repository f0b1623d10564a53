/* security_inside.h - the history as the rooms of the analysis see it. Nobody else includes this. */
#ifndef CIV_METRIC_SECURITY_INSIDE_H
#define CIV_METRIC_SECURITY_INSIDE_H

#include "base/pairs.h"
#include "metric/security.h"

enum { SECURITY_NONE = UINT32_MAX };
/* A pair's entry: count = interactions, extra = accepted ones and whether any of them did harm, value = those with p < 0.5. */
#define SECURITY_HARMED 0x80000000u

typedef struct security_actor {
  double direct;    /* worst risk as source of injection or exfiltration, or 0.3 of the worst as target */
  double influence; /* sum of r_a over what it initiated */
  uint32_t initiated, boosts, extractions, influences, victims;
  uint32_t first_note, last_note; /* evidence, oldest first */
} security_actor;

/* An interaction kept as evidence, in the list of its initiator. */
typedef struct security_note {
  uint64_t id;
  uint32_t next;
  uint32_t counterparty; /* and SECURITY_ACCEPTED */
} security_note;
#define SECURITY_ACCEPTED 0x80000000u

typedef struct security_edge {
  civ_agent from, to;
} security_edge;

/* An accepted interaction with p < 0.3. */
typedef struct security_low {
  double seconds;
  uint64_t id;
  civ_agent initiator, counterparty;
} security_low;

/* One injection or exfiltration. */
typedef struct security_instant {
  double risk, severity, confidence, seconds;
  uint64_t id, sequence;
  civ_agent source, target;
} security_instant;

/* The worst so far: a heap with the least bad in front. */
typedef struct security_top {
  security_instant *items;
  size_t n, capacity;
  uint64_t count; /* of all */
} security_top;

struct civ_security {
  civ_security_rules rules;
  const civ_allocator *allocator;
  uint32_t agents, listed;
  uint64_t count, digest;
  size_t reserved; /* interactions that there surely is room for */
  double last_seconds;
  bool unsorted; /* time went back at least once */
  civ_pairs *pairs;
  security_actor *actors;
  civ_agent *initiators; /* in order of first appearance */
  uint32_t n_initiators;
  security_note *notes;
  size_t n_notes, notes_capacity;
  security_edge *edges; /* in order of first agreement */
  size_t n_edges, edges_capacity;
  security_low *lows; /* in order of completion */
  size_t n_lows, lows_capacity;
  security_top injections, exfiltrations;
};

/* What the lists of a report are made of, where they are made later: copies of what changes, and how far the rest had come. */
typedef struct security_unlisted {
  double seconds; /* of the last interaction */
  size_t n_notes, n_edges;
  const double *trust,
      *gains; /* of each agent: its trust, its largest gain as source; NULL = nobody agreed with anybody */
  const security_instant *injections, *exfiltrations; /* the worst, in no order */
  size_t n_injections, n_exfiltrations;
} security_unlisted;

static inline double security_least(double a, double b)
{
  return a < b ? a : b;
}

/* --- security_threats.c --- */
void civ_security_top_offer(security_top *top, const security_instant *item);
/* Notes an interaction as injection or exfiltration where it is one. */
void civ_security_note_instants(civ_security *s, const civ_interaction *record, double seconds);
/* Finds manipulators, adds to the scores and fills the report's list. */
civ_status civ_security_find_manipulation(const civ_security *s, double *scores, civ_security_report *out);
/* Ids the initiator's evidence has among the first n_notes; `with` = SECURITY_NONE for all, else the accepted ones with that
 * counterparty. */
const uint64_t *civ_security_ids(const civ_security *s, size_t n_notes, civ_agent initiator, uint32_t with,
                                 civ_arena *arena, uint32_t *n);

/* --- security_laundering.c --- */
/* Scores and the number of paths. `gains`: of each agent as source, -1 = none, for the list of paths. */
civ_status civ_security_find_laundering(const civ_security *s, const double *trust, civ_draws *draws, double *scores,
                                        double *gains, civ_security_report *out);
double civ_laundering_risk(double gain, double *severity, double *confidence);

/* --- security_paths.c --- */
/* Lists the laundering paths of highest risk. */
civ_status civ_security_list_paths(const civ_security *s, const security_unlisted *of, civ_security_report *out);

/* --- security_contagion.c --- */
civ_status civ_security_find_contagion(const civ_security *s, double *scores, civ_security_report *out);
double civ_chain_risk(const civ_chain *chain, double *severity, double *confidence);

/* --- security_scores.c --- */
/* Raises a listed agent's score. */
static inline void civ_security_raise(const civ_security *s, double *scores, civ_agent a, double to)
{
  if (a < s->listed && to > scores[a])
    scores[a] = to;
}

#endif
