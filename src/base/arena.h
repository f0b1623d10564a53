/* arena.h - memory that is given back all at once: texts and tables of a configuration or a document. */
#ifndef CIV_BASE_ARENA_H
#define CIV_BASE_ARENA_H

#include "base/memory.h"

typedef struct civ_arena {
  const civ_allocator *allocator;
  struct civ_arena_block *newest;
  size_t used; /* in the newest block */
  bool failed; /* some request was refused since creation */
} civ_arena;

civ_arena civ_arena_create(const civ_allocator *allocator); /* NULL = malloc; takes no memory yet */
void civ_arena_destroy(civ_arena *a);
/* Cleared, aligned for any type; NULL when out of memory. A request of 0 bytes gives one byte. */
void *civ_arena_take(civ_arena *a, size_t n, size_t size);
/* Terminated copy; NULL when out of memory. */
char *civ_arena_text(civ_arena *a, const char *text, size_t length);

#endif
