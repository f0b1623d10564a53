#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

static void *resize_with_malloc(void *ctx, void *block, size_t old_size, size_t new_size)
{
  (void)ctx;
  (void)old_size;
  if (new_size == 0) {
    free(block);
    return NULL;
  }
  return realloc(block, new_size);
}

const civ_allocator civ_allocator_malloc = { resize_with_malloc, NULL };

civ_status civ_grow(const civ_allocator *a, void **block, size_t *capacity, size_t need, size_t size)
{
  if (need <= *capacity)
    return CIV_OK;
  const size_t most = SIZE_MAX / 2 / size;
  if (need > most)
    return CIV_E_NOMEM;
  size_t room = *capacity < 8 ? 8 : *capacity;
  while (room < need)
    room = room > most / 2 ? most : room * 2;
  if (room > most)
    room = need;
  void *grown = a->resize(a->ctx, *block, *capacity * size, room * size);
  if (grown == NULL)
    return CIV_E_NOMEM;
  *block = grown;
  *capacity = room;
  return CIV_OK;
}

void civ_drop(const civ_allocator *a, void **block, size_t *capacity, size_t size)
{
  civ_release(a, *block, *capacity * size);
  *block = NULL;
  *capacity = 0;
}

void *civ_zeroed(const civ_allocator *a, size_t n, size_t size)
{
  if (n == 0 || size == 0)
    n = size = 1; /* a block of nothing is still told apart from a failure */
  if (n > SIZE_MAX / 2 / size)
    return NULL;
  if (a->resize == resize_with_malloc)
    return calloc(n, size); /* fresh pages are zero already and need not be touched */
  void *block = a->resize(a->ctx, NULL, 0, n * size);
  if (block != NULL)
    memset(block, 0, n * size);
  return block;
}

void civ_release(const civ_allocator *a, void *block, size_t bytes)
{
  if (block != NULL)
    a->resize(a->ctx, block, bytes, 0);
}
