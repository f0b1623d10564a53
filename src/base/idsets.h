/* idsets.h - many small sets of numbers below 2^31 - 1, one per owner, each number with one bit beside it.
 *
 * Open addressing per owner in blocks of 8, 32, 64 ... slots from one shared store with free lists. Growth happens inside
 * `put`, but from memory that `reserve` has made ready: one put per owner between two reserves never allocates. Further
 * puts fill blocks past their usual load; one that finds no room at all is a programming error (abort). */
#ifndef CIV_BASE_IDSETS_H
#define CIV_BASE_IDSETS_H

#include "base/bytes.h"
#include "base/memory.h"

typedef struct civ_idsets civ_idsets;

civ_idsets *civ_idsets_create(uint32_t owners, const civ_allocator *allocator); /* NULL: no memory */
void civ_idsets_destroy(civ_idsets *s);
/* Room for one more put per owner. O(1) unless memory is taken; CIV_E_NOMEM, CIV_E_LIMIT (2^35 slots). */
CIV_MUST_CHECK civ_status civ_idsets_reserve(civ_idsets *s);
/* -1 = absent, else the bit. O(1) expected. */
int civ_idsets_get(const civ_idsets *s, uint32_t owner, uint32_t id);
/* Adds or changes. Returns what civ_idsets_get returned before. */
int civ_idsets_put(civ_idsets *s, uint32_t owner, uint32_t id, bool bit);
int civ_idsets_drop(civ_idsets *s, uint32_t owner, uint32_t id);
void civ_idsets_clear(civ_idsets *s); /* every set empty; memory stays. O(owners) */
uint32_t civ_idsets_count(const civ_idsets *s, uint32_t owner);
void civ_idsets_prefetch(const civ_idsets *s, uint32_t owner);
/* Members of one owner in ascending order into ids and bits (room for count). O(n log n). */
void civ_idsets_list(const civ_idsets *s, uint32_t owner, uint32_t *ids, uint8_t *bits);
void civ_idsets_save(const civ_idsets *s, civ_bytes *out); /* canonical: owners in order, members ascending */
CIV_MUST_CHECK civ_status civ_idsets_load(civ_idsets *s, civ_bytes_reader *in, civ_error *err);

#endif
