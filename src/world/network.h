/* network.h - who is tied to whom: an undirected graph over the agents with a weight on each edge.
 *
 * Edges stand in arrays of our own, per agent in ascending order, both directions with the same weight: 24 bytes an edge and
 * 16 an agent. A complete graph holds one weight for all pairs that nobody has touched and an entry for each pair that has
 * been (about 30 bytes), until decay takes the untouched ones, all at once; only then, or when a single edge is to go, are
 * the remaining edges written out. */
#ifndef CIV_WORLD_NETWORK_H
#define CIV_WORLD_NETWORK_H

#include "civitas/config.h"

typedef struct civ_network civ_network;

/* The most edges that are ever written out: 6 GB. */
enum { CIV_NETWORK_MOST_EDGES = 1 << 28 };

/* A graph of `n` agents without edges. `rules` is copied; its numbers are those the schema has checked. CIV_E_NOMEM. */
CIV_MUST_CHECK civ_status civ_network_create(const civ_network_config *rules, uint32_t n,
                                             const civ_allocator *allocator, civ_network **out, civ_error *err);
void civ_network_destroy(civ_network *net);

/* The edges of the topology, each of weight min(1, max_edge_weight), in place of all there are. `names` are for the ends of
 * custom edges (NULL: numbers only). Only erdos_renyi, small_world and scale_free draw, and only where n leaves a choice.
 * CIV_E_RANGE or CIV_E_KEY for custom edges that are none, CIV_E_LIMIT for more than CIV_NETWORK_MOST_EDGES, CIV_E_NOMEM.
 * O(agents + edges), with a logarithm in scale_free. */
CIV_MUST_CHECK civ_status civ_network_generate(civ_network *net, civ_draws *draws, const char *const *names,
                                               civ_error *err);

/* --- questions: change nothing ---------------------------------------------------------------------------------------- */

uint32_t civ_network_size(const civ_network *net);
uint64_t civ_network_edges(const civ_network *net);
uint32_t civ_network_degree(const civ_network *net, civ_agent a);
bool civ_network_has(const civ_network *net, civ_agent a, civ_agent b); /* O(log degree); nobody is his own neighbour */
double civ_network_weight(const civ_network *net, civ_agent a, civ_agent b); /* 0 when there is no edge */
/* Neighbours of a in ascending order, borrowed until the next change; in a graph that is still complete a stands among them. */
uint32_t civ_network_neighbours(const civ_network *net, civ_agent a, const civ_agent **out);
void civ_network_foresee(const civ_network *net, civ_agent a);
/* Every edge once, a < b, ascending by a, then b, until `visit` answers false. */
void civ_network_each(const civ_network *net, bool (*visit)(void *self, civ_agent a, civ_agent b, double weight),
                      void *self);
/* The same, but of a complete graph only the edges that differ from the rest, in order of first use. Returns how many were left
 * out, all of weight *rest. O(edges with an entry). */
uint64_t civ_network_each_known(const civ_network *net,
                                bool (*visit)(void *self, civ_agent a, civ_agent b, double weight), void *self,
                                double *rest);
/* Grows with every edge that comes or goes. */
uint64_t civ_network_version(const civ_network *net);
/* Whether the graph is complete without its edges being written out. */
bool civ_network_is_everybody(const civ_network *net);
/* Whether no edge can go in so many epochs, so that a complete graph stays complete. */
bool civ_network_is_lasting(const civ_network *net, int64_t epochs);
typedef struct civ_weights {
  double mean, least;
} civ_weights;
double civ_network_most_weight(const civ_network *net);  /* max_edge_weight */
civ_weights civ_network_weights(const civ_network *net); /* zeros without edges. O(edges) */
uint64_t civ_network_digest(const civ_network *net);     /* of all changes so far. O(1) */

/* --- changes ------------------------------------------------------------------------------------------------------------ */

/* Room for so many edges that are not there yet (`touched`: for as many that a complete graph has to tell apart), so that
 * adding and strengthening take no memory. Also makes good what an earlier change lacked memory for. */
CIV_MUST_CHECK civ_status civ_network_reserve(civ_network *net, uint64_t edges, uint64_t touched);
/* Sets the weight to min(weight, max_edge_weight), making the edge if need be; false: no room, a = b or unknown. */
bool civ_network_add(civ_network *net, civ_agent a, civ_agent b, double weight);
/* CIV_E_NOMEM, CIV_E_LIMIT only where a complete graph is written out. */
CIV_MUST_CHECK civ_status civ_network_remove(civ_network *net, civ_agent a, civ_agent b);

/* What an accepted interaction does to a tie; nothing unless `dynamic`. True: it had to be made. O(log degree). */
bool civ_network_strengthen(civ_network *net, civ_agent a, civ_agent b);
/* What an epoch does to all: how many edges became weaker than min_edge_weight and were cut; 0 unless `dynamic`.
 * O(edges); takes no memory. */
uint64_t civ_network_decay(civ_network *net);
/* Cuts all edges of an agent whose reputation is below the threshold; how many. */
uint64_t civ_network_disconnect(civ_network *net, civ_agent a, double reputation);

void civ_network_save(const civ_network *net, civ_bytes *out);
/* Into a network of the same rules and agents. CIV_E_FORMAT, CIV_E_NOMEM; unchanged on failure. */
CIV_MUST_CHECK civ_status civ_network_load(civ_network *net, civ_bytes_reader *in, civ_error *err);

#endif
