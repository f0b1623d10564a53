#include "support/failing_allocator.h"

#include <stdlib.h>
#include <string.h>

/* In front of every block, as large as malloc's alignment asks for. */
typedef struct head {
  _Alignas(max_align_t) size_t size;
  const failing_allocator *owner;
} head;

static void *resize(void *ctx, void *block, size_t old_size, size_t new_size)
{
  failing_allocator *f = ctx;
  head *h = block == NULL ? NULL : (head *)block - 1;
  if (h == NULL ? old_size != 0 : h->size != old_size || h->owner != f)
    abort(); /* the room lost count of what it holds */
  if (new_size > old_size || h == NULL) {
    if (f->sealed)
      abort();
    if (f->requests++ == f->fail_at)
      return NULL;
  }
  head *made = NULL;
  if (new_size > 0) {
    /* Always a new place, and rubbish in it: nobody may count on staying, or on zeros. */
    made = malloc(sizeof *made + new_size);
    if (made == NULL)
      return NULL;
    memset(made, 0xA5, sizeof *made + new_size);
    made->size = new_size;
    made->owner = f;
    if (h != NULL)
      memcpy(made + 1, block, old_size < new_size ? old_size : new_size);
  }
  free(h);
  f->blocks += (made != NULL) - (size_t)(h != NULL);
  f->bytes += new_size - old_size;
  if (f->bytes > f->most_bytes)
    f->most_bytes = f->bytes;
  return made == NULL ? NULL : made + 1;
}

void failing_allocator_init(failing_allocator *f, size_t fail_at)
{
  *f = (failing_allocator){ .allocator = { resize, f }, .fail_at = fail_at };
}

void failing_allocator_seal(failing_allocator *f)
{
  f->sealed = true;
}

void failing_allocator_unseal(failing_allocator *f)
{
  f->sealed = false;
}
