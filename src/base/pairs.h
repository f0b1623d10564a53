/* pairs.h - what agents remember of each other: one entry per (owner, other), found in O(1), the best of an owner at hand.
 *
 * Entries live in one dense array in order of first meeting (entries are never removed), found through one open-addressing
 * table. Optionally each owner's entries also form an intrusive pairing heap (Fredman et al. 1986) ordered by
 * (score descending, other ascending): the best is exact, changes cost O(log n) amortised. reserve makes room before a
 * step; touch never allocates. */
#ifndef CIV_BASE_PAIRS_H
#define CIV_BASE_PAIRS_H

#include "base/bytes.h"
#include "base/memory.h"

typedef struct civ_pair {
  uint32_t owner, other;
  uint32_t count; /* the user's */
  uint32_t extra; /* the user's */
  double value;   /* the user's */
} civ_pair;

typedef struct civ_pairs civ_pairs;

/* score(pair): what the heap orders by; NULL = no heap. -INFINITY or not a number = not in the heap.
 * An entry takes 40 bytes with a heap and 32 without, and 6 to 11 bytes of slots. */
civ_pairs *civ_pairs_create(uint32_t owners, double (*score)(const civ_pair *pair), const civ_allocator *allocator);
/* Entries that can only be found, by owner and other: no best, no list (civ_pairs_best, _first and _next must not be asked).
 * An entry takes 24 bytes and its slots, an owner nothing. */
civ_pairs *civ_pairs_create_bare(uint32_t owners, const civ_allocator *allocator);
void civ_pairs_destroy(civ_pairs *p);
CIV_MUST_CHECK civ_status civ_pairs_reserve(civ_pairs *p, size_t more); /* room for so many new entries */
/* Entry or NULL. O(1) expected, one or two cache misses. */
const civ_pair *civ_pairs_get(const civ_pairs *p, uint32_t owner, uint32_t other);
/* Hints that (owner, other) will be asked for soon. First fetch where the search begins and the owner's heads; some time later,
 * when that is there, the entry it leads to and the owner's best. */
void civ_pairs_prefetch(const civ_pairs *p, uint32_t owner, uint32_t other);
void civ_pairs_prefetch_entry(const civ_pairs *p, uint32_t owner, uint32_t other);
void civ_pairs_prefetch_best(const civ_pairs *p, uint32_t owner);
/* Entry, made with zeros if new (and put into the heap by its score of zeros). Valid until the next reserve. After changing what score reads call civ_pairs_changed. */
civ_pair *civ_pairs_touch(civ_pairs *p, uint32_t owner, uint32_t other);
void civ_pairs_changed(civ_pairs *p, civ_pair *pair);
/* Best entry of the owner for which keep(arg, pair) holds (keep NULL = any); NULL if none. O(1) when the best is kept;
 * otherwise visits as many entries as were refused, and their children. */
const civ_pair *civ_pairs_best(const civ_pairs *p, uint32_t owner, bool (*keep)(const void *arg, const civ_pair *pair),
                               const void *arg);
/* All entries of one owner, newest meeting first: first, then next until NULL. */
const civ_pair *civ_pairs_first(const civ_pairs *p, uint32_t owner);
const civ_pair *civ_pairs_next(const civ_pairs *p, const civ_pair *pair);
size_t civ_pairs_count(const civ_pairs *p);
/* The k-th entry in order of first meeting, k < count; in a heap it is for reading only. */
civ_pair *civ_pairs_at(const civ_pairs *p, size_t k);
void civ_pairs_clear(civ_pairs *p); /* no entries; memory stays. O(slots + owners) */
void civ_pairs_save(const civ_pairs *p, civ_bytes *out);
CIV_MUST_CHECK civ_status civ_pairs_load(civ_pairs *p, civ_bytes_reader *in, civ_error *err);

#endif
