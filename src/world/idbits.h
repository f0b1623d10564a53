/* idbits.h - a growing set of small numbers, walked from either end.
 *
 * Bitmaps in levels: a bit of level k + 1 says that a word of level k has a member. One bit per number and a sixty-third
 * of that on top. */
#ifndef CIV_WORLD_IDBITS_H
#define CIV_WORLD_IDBITS_H

#include "base/memory.h"

enum { CIV_IDBITS_LEVELS = 6 }; /* 64^6 is more than 2^32 */

typedef struct civ_idbits {
  uint64_t *level[CIV_IDBITS_LEVELS];
  size_t words[CIV_IDBITS_LEVELS];
  const civ_allocator *allocator;
} civ_idbits;

void civ_idbits_init(civ_idbits *s, const civ_allocator *allocator); /* takes no memory yet */
void civ_idbits_fini(civ_idbits *s);
/* From now on the numbers below `numbers` may be members. CIV_E_NOMEM leaves the set as it was. */
CIV_MUST_CHECK civ_status civ_idbits_reserve(civ_idbits *s, size_t numbers);
/* i below what was reserved; adding a member or dropping none changes nothing. O(1) amortised. */
void civ_idbits_add(civ_idbits *s, uint32_t i);
void civ_idbits_drop(civ_idbits *s, uint32_t i);
static inline bool civ_idbits_has(const civ_idbits *s, uint32_t i)
{
  return s->level[0][i >> 6] >> (i & 63) & 1;
}
/* The largest member < i, the smallest member >= i; UINT32_MAX if there is none. Any i. O(levels). */
uint32_t civ_idbits_below(const civ_idbits *s, uint32_t i);
uint32_t civ_idbits_from(const civ_idbits *s, uint32_t i);

#endif
