/* indexset.h - a set of small integers 0..n-1 that can be counted, ranked and picked from in index order.
 * A bitmap with counts on two levels: add, drop, has O(1); select and rank scan at most 64 counts per level and
 * n / 262144 counts on top. Takes memory only in init. */
#ifndef CIV_BASE_INDEXSET_H
#define CIV_BASE_INDEXSET_H

#include "base/memory.h"

typedef struct civ_indexset {
  uint64_t *words;      /* 64 indices each */
  uint32_t *low, *high; /* members per 64 words, per 64 lows */
  uint32_t n, count;
  const civ_allocator *allocator;
} civ_indexset;

CIV_MUST_CHECK civ_status civ_indexset_init(civ_indexset *s, uint32_t n, const civ_allocator *allocator);
void civ_indexset_fini(civ_indexset *s);
bool civ_indexset_add(civ_indexset *s, uint32_t i);  /* false: was there */
bool civ_indexset_drop(civ_indexset *s, uint32_t i); /* false: was not */
static inline bool civ_indexset_has(const civ_indexset *s, uint32_t i)
{
  return s->words[i >> 6] >> (i & 63) & 1;
}
uint32_t civ_indexset_select(const civ_indexset *s, uint32_t k); /* the k-th member, k < count */
uint32_t civ_indexset_rank(const civ_indexset *s, uint32_t i);   /* members below i */
uint32_t civ_indexset_next(const civ_indexset *s, uint32_t i);   /* lowest member >= i; UINT32_MAX */

#endif
