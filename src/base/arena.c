#include "base/arena.h"

#include <stdalign.h>
#include <string.h>

enum { SMALLEST = 4096, LARGEST = 1 << 20 };

struct civ_arena_block {
  struct civ_arena_block *older;
  size_t size; /* of data */
  alignas(max_align_t) unsigned char data[];
};

civ_arena civ_arena_create(const civ_allocator *allocator)
{
  return (civ_arena){ .allocator = allocator ? allocator : &civ_allocator_malloc };
}

void civ_arena_destroy(civ_arena *a)
{
  struct civ_arena_block *block = a->newest;
  while (block) {
    struct civ_arena_block *older = block->older;
    a->allocator->resize(a->allocator->ctx, block, sizeof *block + block->size, 0);
    block = older;
  }
  a->newest = NULL;
  a->used = 0;
}

/* Blocks double, so that a large document costs few of them and a small one little memory. */
static bool add_block(civ_arena *a, size_t need)
{
  size_t size = a->newest ? a->newest->size * 2 : SMALLEST;
  if (size > LARGEST)
    size = LARGEST;
  if (size < need)
    size = need;
  struct civ_arena_block *block = a->allocator->resize(a->allocator->ctx, NULL, 0, sizeof *block + size);
  if (!block)
    return false;
  block->older = a->newest;
  block->size = size;
  a->newest = block;
  a->used = 0;
  return true;
}

void *civ_arena_take(civ_arena *a, size_t n, size_t size)
{
  const size_t unit = alignof(max_align_t);
  if (size && n > (SIZE_MAX - 2 * unit - sizeof(struct civ_arena_block)) / size) {
    a->failed = true;
    return NULL;
  }
  const size_t bytes = n && size ? (n * size + unit - 1) / unit * unit : unit;
  if ((!a->newest || a->newest->size - a->used < bytes) && !add_block(a, bytes)) {
    a->failed = true;
    return NULL;
  }
  void *out = a->newest->data + a->used;
  a->used += bytes;
  return memset(out, 0, bytes);
}

char *civ_arena_text(civ_arena *a, const char *text, size_t length)
{
  char *out = civ_arena_take(a, length + 1, 1);
  if (out && length)
    memcpy(out, text, length);
  return out;
}
