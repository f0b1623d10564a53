/* network_inside.h - what the rooms of the network share. */
#ifndef CIV_WORLD_NETWORK_INSIDE_H
#define CIV_WORLD_NETWORK_INSIDE_H

#include "base/memory.h"
#include "base/pairs.h"
#include "world/network.h"

/* Where the neighbours of one agent stand. */
typedef struct network_row {
  uint64_t first;
  uint32_t count, room;
} network_row;

typedef struct network_edge {
  civ_agent a, b;
  double weight;
} network_edge;

struct civ_network {
  const civ_allocator *allocator;
  civ_network_config rules;
  uint32_t n;
  uint64_t n_edges, version, digest;
  bool lacked; /* a change lacked memory: `civ_network_reserve` says so */

  network_row *rows;
  civ_agent *ends; /* of the rows; `used` of them handed out */
  double *weights;
  size_t used, ends_capacity, weights_capacity;
  uint32_t longest; /* no row is longer */

  bool complete;         /* all edges are there, and none in the rows: */
  double untouched;      /* weight of the edges that have no entry */
  civ_pairs *touched;    /* owner < other, value = weight */
  civ_agent *everyone;   /* 0 .. n-1 */
  network_edge *scratch; /* for writing the entries out */
  size_t scratch_capacity;
};

/* Weight of a new edge. */
static inline double network_initial_weight(const civ_network *net)
{
  return net->rules.max_edge_weight < 1 ? net->rules.max_edge_weight : 1;
}

/* Drops all edges and all rows. */
void civ_network_clear(civ_network *net);
/* Rows of exactly these edges (a, b, a, b ...; no loops, none twice), all of the initial weight. CIV_E_NOMEM. */
CIV_MUST_CHECK civ_status civ_network_build(civ_network *net, const civ_agent *ends, uint64_t n_edges);
/* Makes the graph complete, without writing its edges out. CIV_E_NOMEM. */
CIV_MUST_CHECK civ_status civ_network_make_complete(civ_network *net);
/* Writes the edges of a complete graph out; `survivors`: only those that have an entry. CIV_E_LIMIT, CIV_E_NOMEM. */
CIV_MUST_CHECK civ_status civ_network_spell_out(civ_network *net, bool survivors);
/* Position of b in a's row, or where it would stand. */
uint32_t civ_network_place(const civ_network *net, civ_agent a, civ_agent b);
/* Tells the digest of a change. */
void civ_network_changed(civ_network *net, civ_agent a, civ_agent b, double weight);

/* network_generate.c: draws are ours, everywhere. */
CIV_MUST_CHECK civ_status civ_network_make_small_world(civ_network *net, civ_draws *draws, civ_error *err);

#endif
