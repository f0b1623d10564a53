/* security_graph.h - who agreed with whom, and searching it from many agents at once. */
#ifndef CIV_METRIC_SECURITY_GRAPH_H
#define CIV_METRIC_SECURITY_GRAPH_H

#include "metric/security.h"

enum { SECURITY_WORDS = 4, SECURITY_ROOTS = 64 * SECURITY_WORDS };

/* Neighbours of agent a: out[out_start[a]] .. out[out_start[a + 1] - 1], in order of first agreement; `in` likewise. */
typedef struct security_graph {
  uint32_t n;
  uint32_t *out_start, *out, *in_start, *in;
} security_graph;

/* One bit for each root of a search. */
typedef struct security_bits {
  uint64_t w[SECURITY_WORDS];
} security_bits;

/* Working memory of searches over n agents; clean between two of them. */
typedef struct security_wave {
  struct {
    security_bits seen, next;
  } * state;
  security_bits *now;
  uint32_t *front, *behind, *touched;
} security_wave;

/* Called once for each node and distance at which roots reach it first; `fresh` says which. */
typedef void (*security_visit)(void *arg, uint32_t node, const security_bits *fresh, uint32_t distance);

/* Of the first n_edges edges. false: no memory. */
bool civ_security_graph_make(security_graph *g, const struct civ_security *s, size_t n_edges, civ_arena *arena);
bool civ_security_wave_make(security_wave *wave, uint32_t n, civ_arena *arena);
/* Breadth first from up to SECURITY_ROOTS roots at once, along the edges (forward) or against them. The cost goes with what is
 * reached. */
void civ_security_search(const security_graph *g, bool forward, security_wave *wave, const uint32_t *roots, uint32_t n,
                         security_visit visit, void *arg);

#endif
