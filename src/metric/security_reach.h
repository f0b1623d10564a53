/* security_reach.h - who can be reached at all: strongly connected components, and what lies beyond them.
 *
 * Everybody in a component reaches the same agents, so that one answer serves them all; only the few at small distances have to
 * be looked at for each agent. That answers most questions about laundering without a search. */
#ifndef CIV_METRIC_SECURITY_REACH_H
#define CIV_METRIC_SECURITY_REACH_H

#include "metric/security_graph.h"

typedef struct security_reach {
  const security_graph *g;
  const double *trust;
  double gap;
  uint32_t hops, listed; /* least distance; sources are the agents below `listed` */
  uint32_t n_components, giant;
  uint32_t *component; /* of each agent; edges lead to components with lower or equal numbers */
  uint32_t *members;   /* agents by component */
  uint32_t *first;     /* of each component in members; one more at the end */
  uint8_t *below;      /* reached from the largest component, or in it */
  double *trusts;      /* of those, ascending */
  uint32_t n_below;
  uint32_t *mark, stamp, *queue; /* of small searches */
} security_reach;

/* `reach` has g, trust, gap, hops and listed set. false: no memory. */
bool civ_security_reach_make(security_reach *reach, civ_arena *arena);
/* The largest gain of each agent as source (forward), or as destination; -1 = none. `undecided` (room for all) get the few for whom
 * this is not known. false: no memory. */
bool civ_security_reach_gains(security_reach *reach, bool forward, double *gains, uint32_t *undecided,
                              uint32_t *n_undecided, civ_arena *arena);
/* How many laundering paths begin at `source`. */
uint64_t civ_security_reach_paths(security_reach *reach, uint32_t source);

#endif
