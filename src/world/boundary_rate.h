/* boundary_rate.h - how much may cross in a minute: a window over simulated time. */
#ifndef CIV_WORLD_BOUNDARY_RATE_H
#define CIV_WORLD_BOUNDARY_RATE_H

#include "base/memory.h"
#include "civitas/bytes.h"
#include "world/boundary.h"

typedef struct civ_crossed {
  double at_s;
  uint64_t bytes;
  uint32_t key;
} civ_crossed;

/* One queue over all keys, oldest first, and per key what of it is its own: times never fall, so the oldest go first. */
typedef struct civ_rate_limiter {
  const civ_allocator *allocator;
  int64_t max_crossings, max_bytes; /* per minute */
  uint32_t keys;                    /* agents, or 1 for all together */
  uint32_t *count;
  uint64_t *bytes;
  civ_crossed *queue;
  size_t head, n, room;
} civ_rate_limiter;

CIV_MUST_CHECK civ_status civ_rate_init(civ_rate_limiter *r, int64_t max_crossings, int64_t max_bytes, uint32_t keys,
                                        const civ_allocator *allocator);
void civ_rate_fini(civ_rate_limiter *r);
CIV_MUST_CHECK civ_status civ_rate_reserve(civ_rate_limiter *r, size_t more);
/* CIV_BOUNDARY_ALLOWED and it is recorded, or CIV_BOUNDARY_RATE_LIMIT, CIV_BOUNDARY_BANDWIDTH and it is not. An entry exactly
 * 60 s old is forgotten. Amortised O(1). */
civ_boundary_code civ_rate_ask(civ_rate_limiter *r, uint32_t key, double now_s, uint64_t bytes);
void civ_rate_save(const civ_rate_limiter *r, civ_bytes *out);
CIV_MUST_CHECK civ_status civ_rate_load(civ_rate_limiter *r, civ_bytes_reader *in, civ_error *err);

#endif
