#include "lab/recycler.h"

#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 64, SMALLEST = 1 << 16 };

typedef struct block {
  struct block *older;
  size_t size;
  char *start; /* aligned */
} block;

struct civ_recycler {
  civ_allocator allocator;
  block *newest;
  size_t used; /* of the newest */
};

static size_t round_up(size_t n)
{
  return (n + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static bool add_block(civ_recycler *r, size_t size)
{
  if (size > SIZE_MAX - sizeof(block) - ALIGNMENT)
    return false;
  block *b = malloc(sizeof *b + ALIGNMENT + size);
  if (b == NULL)
    return false;
  const uintptr_t first = (uintptr_t)(b + 1);
  *b = (block){ .older = r->newest, .size = size, .start = (char *)(b + 1) + (round_up(first) - first) };
  r->newest = b;
  r->used = 0;
  return true;
}

static void *take(civ_recycler *r, size_t size)
{
  if (r->newest == NULL || size > r->newest->size - r->used) {
    const size_t last = r->newest != NULL ? r->newest->size : SMALLEST / 2;
    if (!add_block(r, size > 2 * last ? size : 2 * last))
      return NULL;
  }
  void *taken = r->newest->start + r->used;
  r->used += size;
  return taken;
}

static void *resize(void *ctx, void *old, size_t old_size, size_t new_size)
{
  civ_recycler *r = ctx;
  if (new_size > SIZE_MAX / 4)
    return NULL;
  const size_t was = round_up(old_size), wanted = round_up(new_size);
  const bool last = old != NULL && was <= r->used && (char *)old == r->newest->start + (r->used - was);
  if (new_size == 0) {
    if (last)
      r->used -= was;
    return NULL;
  }
  if (old != NULL && wanted <= was)
    return old;
  if (last && wanted - was <= r->newest->size - r->used) {
    r->used += wanted - was;
    return old;
  }
  void *moved = take(r, wanted);
  if (moved != NULL && old != NULL)
    memcpy(moved, old, old_size);
  return moved;
}

civ_recycler *civ_recycler_create(void)
{
  civ_recycler *r = calloc(1, sizeof *r);
  if (r != NULL)
    r->allocator = (civ_allocator){ .resize = resize, .ctx = r };
  return r;
}

static size_t drop_blocks(civ_recycler *r)
{
  size_t total = 0;
  while (r->newest != NULL) {
    block *older = r->newest->older;
    total += r->newest->size;
    free(r->newest);
    r->newest = older;
  }
  r->used = 0;
  return total;
}

void civ_recycler_destroy(civ_recycler *r)
{
  if (r == NULL)
    return;
  drop_blocks(r);
  free(r);
}

const civ_allocator *civ_recycler_allocator(civ_recycler *r)
{
  return &r->allocator;
}

void civ_recycler_clear(civ_recycler *r)
{
  r->used = 0;
  if (r->newest != NULL && r->newest->older != NULL) {
    const size_t total = drop_blocks(r);
    add_block(r, total); /* without it the next run begins small again */
  }
}
