/* allocator.h - where a context takes its memory, and the byte streams state is saved to. */
#ifndef CIVITAS_ALLOCATOR_H
#define CIVITAS_ALLOCATOR_H

#include "civitas/export.h"

CIV_BEGIN_DECLS

/* Where a part takes memory. resize(NULL, 0, n) makes, resize(p, old, new) grows or shrinks, resize(p, old, 0) frees;
 * NULL on failure, with the old block untouched. During a step the run's allocator refuses growth. */
typedef struct civ_allocator {
  void *(*resize)(void *ctx, void *block, size_t old_size, size_t new_size);
  void *ctx;
} civ_allocator;

/* Frees what the library allocated for the caller. */
CIV_API void civ_free(void *block);

/* Bytes out and bytes in, for save and load of parts: the loop opens a chunk for each part, which only puts and takes. */
typedef struct civ_bytes civ_bytes;
typedef struct civ_bytes_reader civ_bytes_reader;

CIV_END_DECLS

#endif
