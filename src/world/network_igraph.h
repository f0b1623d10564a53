/* network_igraph.h - the one door to igraph. Its error stack, default generator and attribute table are the process's, so every
 * call is made under one lock, with handlers and generator of ours that are taken back afterwards. Never during a step. */
#ifndef CIV_WORLD_NETWORK_IGRAPH_H
#define CIV_WORLD_NETWORK_IGRAPH_H

#include "world/network.h"

/* Edges as a, b, a, b ...; malloc memory, free with free. */
typedef struct civ_edge_list {
  civ_agent *ends;
  uint64_t n;
} civ_edge_list;

/* Every pair of n agents with probability p, 0 < p < 1. */
CIV_MUST_CHECK civ_status civ_igraph_erdos_renyi(uint32_t n, double p, civ_draws *draws, civ_edge_list *out,
                                                 civ_error *err);
/* What igraph measures of a graph: mean and per agent (NULL = not asked) clustering with 0 where there are fewer than two
 * neighbours, component of each agent (NULL = not asked) and how many there are. */
typedef struct civ_igraph_measures {
  double average_clustering;
  double *clustering;
  uint32_t *component;
  uint32_t n_components;
} civ_igraph_measures;
CIV_MUST_CHECK civ_status civ_igraph_measure(const civ_network *net, civ_igraph_measures *out, civ_error *err);

/* GraphML or DOT text of the graph with names and types of the agents and weights of the edges; malloc memory. */
CIV_MUST_CHECK civ_status civ_igraph_write(const civ_network *net, const char *const *names, const char *const *types,
                                           bool dot, char **text, size_t *length, civ_error *err);

#endif
