/* similarity.h - how alike two agents behave, judged by whom they deal with; and the groups of agents that behave alike.
 *
 * A pattern says how often an agent dealt with each counterparty. Similarity is (J + C) / 2, with J the Jaccard index of the two
 * sets of counterparties and C in [0, 1] the agreement of the counts (see the measures). Groups are greedy stars: in the order
 * in which the patterns are given, each agent not yet placed gathers all later unplaced ones that are alike *to it*; two or more
 * make a group. The result depends on that order, and being in one group is not transitive.
 *
 * Finding the groups does not compare all with all: since C <= 1, similarity >= s needs J >= 2s - 1, which bounds the sizes of
 * the sets and makes them share one of their rarest counterparties (prefix filter: Chaudhuri, Ganti, Kaushik 2006; Bayardo, Ma,
 * Srikant 2007; Xiao et al. 2008). The filters only ever discard what cannot pass, so the result is exactly that of comparing
 * all pairs. */
#ifndef CIV_METRIC_SIMILARITY_H
#define CIV_METRIC_SIMILARITY_H

#include "base/memory.h"
#include "civitas/interaction.h"

typedef enum civ_similarity_measure {
  /* C = sum over shared k of (A_k / T_A)(B_k / T_B), T = the sum of counts over the shared counterparties only. No cosine: two
   * identical patterns spread evenly over d counterparties have C = 1 / d. */
  CIV_SIMILARITY_L1_DOT,
  /* C = the cosine of the two vectors of counts over all counterparties. */
  CIV_SIMILARITY_COSINE
} civ_similarity_measure;

/* Counterparties of one agent, ascending, each with a count above 0. */
typedef struct civ_pattern {
  const uint32_t *others;
  const double *counts;
  uint32_t n;
} civ_pattern;

/* In [0, 1] up to rounding; 0 if either is empty or nothing is shared. Symmetric. Sums run in ascending order of the
 * counterparties. O(a.n + b.n). */
double civ_pattern_similarity(const civ_pattern *a, const civ_pattern *b, civ_similarity_measure measure);

typedef struct civ_similarity_rules {
  civ_similarity_measure measure;
  double threshold;        /* of similarity, inclusive; 0 puts everybody compared into one group */
  double min_interactions; /* patterns whose counts sum to less are not compared */
} civ_similarity_rules;

/* Groups, in the order in which they were found; members of each ascending, the one that gathered them first. */
typedef struct civ_clusters {
  const civ_allocator *allocator;
  uint32_t n;        /* groups */
  uint32_t *start;   /* n + 1: members of group k are members[start[k]] .. members[start[k + 1] - 1] */
  uint32_t *members; /* numbers of patterns, as they were given */
  size_t start_capacity, members_capacity;
} civ_clusters;

civ_clusters civ_clusters_create(const civ_allocator *allocator); /* none; takes no memory */
void civ_clusters_destroy(civ_clusters *c);
/* Appends a group. CIV_E_NOMEM changes nothing. */
CIV_MUST_CHECK civ_status civ_clusters_add(civ_clusters *c, const uint32_t *members, uint32_t n);
static inline uint32_t civ_clusters_size(const civ_clusters *c, uint32_t k)
{
  return c->start[k + 1] - c->start[k];
}

/* Groups of patterns[0 .. n-1], whose counterparties are below `universe`, into *out (replaced; untouched on failure).
 * CIV_E_NOMEM. Takes, while it works, up to 8 bytes per counterparty of those that can be in a group at all, and some 60 per
 * pattern. Time: linear in the patterns, and in the pairs that share a rare counterparty. */
CIV_MUST_CHECK civ_status civ_clusters_find(const civ_pattern *patterns, uint32_t n, uint32_t universe,
                                            const civ_similarity_rules *rules, const civ_allocator *allocator,
                                            civ_clusters *out);

#endif
