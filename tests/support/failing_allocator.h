/* failing_allocator.h - an allocator for tests: counts requests, fails the k-th, and can be sealed.
 *
 * It also checks what rooms say of their blocks: a wrong old size, or a block that is not its own, aborts. */
#ifndef CIV_TESTS_FAILING_ALLOCATOR_H
#define CIV_TESTS_FAILING_ALLOCATOR_H

#include "civitas/allocator.h"

typedef struct failing_allocator {
  civ_allocator allocator; /* hand this to the room; its ctx points at this struct, which must not move */
  size_t fail_at;          /* number of the request that fails, from 0; SIZE_MAX = none does */
  size_t requests;         /* requests for memory so far (making and growing; freeing and shrinking never fail) */
  size_t blocks, bytes;    /* held now: both 0 when nothing leaked */
  size_t most_bytes;       /* held at once, at most */
  bool sealed;             /* any request aborts */
} failing_allocator;

/* Makes *f an allocator whose request number `fail_at` (from 0) fails, and no other. */
void failing_allocator_init(failing_allocator *f, size_t fail_at);
/* From now on any request aborts: proves that a stretch of work takes no memory. */
void failing_allocator_seal(failing_allocator *f);
void failing_allocator_unseal(failing_allocator *f);

#endif
