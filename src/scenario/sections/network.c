#include "scenario/sections/sections.h"

#include <math.h>

#define MOST 2147483647
static const char *const topologies[] = { "complete",    "ring",       "star",   "random_erdos_renyi",
                                          "small_world", "scale_free", "custom", NULL };

#define T civ_network_config
static const civ_field network_config_fields[] = {
  CIV_BOOLEAN(T, enabled, "true", "false switches the section off"),
  CIV_CHOICE(T, topology, "complete", topologies, "how the first edges are drawn", .flags = CIV_FIELD_ANY_CASE),
  CIV_REAL(T, edge_probability, "0.5", 0, 1, "probability", "random_erdos_renyi: chance of each edge",
           .also = "params.edge_probability"),
  CIV_INTEGER(T, k_neighbors, "4", 2, MOST, "agents", "small_world: neighbours of an agent before rewiring",
              .also = "params.k params.k_neighbors"),
  CIV_REAL(T, rewire_probability, "0.1", 0, 1, "probability", "small_world: chance of an edge to be rewired",
           .also = "params.p params.rewire_probability"),
  CIV_INTEGER(T, m_edges, "2", 1, MOST, "edges", "scale_free: edges a new agent brings",
              .also = "params.m params.m_edges"),
  { .name = "edges",
    .unit = "",
    .kind = CIV_FIELD_TREE,
    .fallback = "null",
    .offset = CIV_FIELD_AT(T, edges),
    .doc = "custom: list of [a, b] or [a, b, weight], ends by name or number from 0",
    .also = "params.edges" },
  CIV_BOOLEAN(T, dynamic, "false", "edges change with interactions and time"),
  CIV_REAL(T, edge_strengthen_rate, "0.1", 0, INFINITY, "weight", "what an accepted interaction adds to its edge"),
  CIV_REAL(T, edge_decay_rate, "0.05", 0, 1, "share", "what every edge loses per epoch"),
  CIV_REAL(T, min_edge_weight, "0.1", 0, INFINITY, "weight", "weaker edges are cut"),
  CIV_REAL(T, max_edge_weight, "1.0", 0, INFINITY, "weight", "no edge grows stronger", .flags = CIV_FIELD_OPEN_MIN),
  CIV_OPT_REAL(T, reputation_disconnect_threshold, "null", -INFINITY, INFINITY, "points",
               "agents below it lose their edges; null = never"),
};
#undef T

const civ_section civ_network_section = { .name = "network",
                                          .doc = "Who can see and propose to whom; absent = everybody.",
                                          .chapter = "network",
                                          CIV_FIELDS(network_config_fields),
                                          .size = sizeof(civ_network_config),
                                          .absent_is_off = true,
                                          .part = "network" };

#define T civ_network_metrics_config
static const civ_field network_metrics_config_fields[] = {
  CIV_INTEGER(T, exact_limit, "2000", 0, MOST, "agents", "up to this many agents path lengths are exact"),
  CIV_INTEGER(T, path_samples, "256", 1, MOST, "agents", "sources from which they are estimated in larger networks"),
};
#undef T

const civ_section civ_network_metrics_section = { .name = "network.metrics",
                                                  .doc = "How the network is measured.",
                                                  .chapter = "network",
                                                  CIV_FIELDS(network_metrics_config_fields),
                                                  .size = sizeof(civ_network_metrics_config) };
