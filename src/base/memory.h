/* memory.h - where rooms take memory: the context's allocator, grown in one way. */
#ifndef CIV_BASE_MEMORY_H
#define CIV_BASE_MEMORY_H

#include "civitas/allocator.h"
#include "civitas/status.h"

/* malloc, realloc, free. */
extern const civ_allocator civ_allocator_malloc;

/* Makes room for `need` items of `size` bytes in *block, which has room for *capacity: grows by doubling, never shrinks.
 * CIV_E_NOMEM leaves both as they were. New bytes are not cleared. */
CIV_MUST_CHECK civ_status civ_grow(const civ_allocator *a, void **block, size_t *capacity, size_t need, size_t size);
/* Frees *block of `capacity` items and clears both. */
void civ_drop(const civ_allocator *a, void **block, size_t *capacity, size_t size);
/* Cleared block of n * size bytes; NULL on failure or overflow. */
void *civ_zeroed(const civ_allocator *a, size_t n, size_t size);
void civ_release(const civ_allocator *a, void *block, size_t bytes);

#endif
