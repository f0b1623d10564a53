/* network_measure.h - what a network looks like as a whole. Weights do not matter here. */
#ifndef CIV_WORLD_NETWORK_MEASURE_H
#define CIV_WORLD_NETWORK_MEASURE_H

#include "world/network.h"

/* In the order of civ_network_metric_decls. */
typedef struct civ_network_metrics {
  double n_agents, n_edges, average_degree;
  double average_clustering;  /* mean over all agents, 0 where there are fewer than two neighbours */
  double average_path_length; /* hops, mean over the pairs that are connected; 0 when there are none */
  double is_connected, n_components, density;
  double average_path_length_sampled; /* 1: estimated from some sources only */
} civ_network_metrics;
enum { CIV_NETWORK_METRICS = sizeof(civ_network_metrics) / sizeof(double) };

/* Path lengths are exact up to `exact_limit` agents; above, the mean over all paths from `path_samples` agents that `draws`
 * chooses. O(agents + edges) and triangles; paths O(sources (agents + edges) / 64) at best. CIV_E_NOMEM. */
CIV_MUST_CHECK civ_status civ_network_measure(const civ_network *net, const civ_network_metrics_config *rules,
                                              civ_draws *draws, civ_network_metrics *out, civ_error *err);

/* Hops from a to b: 0 to itself (known or not), -1 if there is no way or one of them is unknown; -2: out of memory.
 * O(agents + edges). */
int64_t civ_network_path(const civ_network *net, civ_agent a, civ_agent b);

/* Clustering of each agent and component it belongs to, numbered from 0 (room for all agents; NULL = not asked). */
CIV_MUST_CHECK civ_status civ_network_measure_each(const civ_network *net, double *clustering, uint32_t *component,
                                                   uint32_t *n_components, civ_error *err);

/* Sum of hops over all reached (source, other) pairs and their number. `sources` as many as there are agents: from all. */
typedef struct civ_paths {
  uint64_t hops, pairs;
} civ_paths;
CIV_MUST_CHECK civ_status civ_network_paths(const civ_network *net, const civ_agent *sources, uint32_t n,
                                            civ_paths *out);

#endif
