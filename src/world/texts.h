/* texts.h - texts kept once each and named by small numbers: canned posts cost four bytes a time.
 *
 * Number 0 is the empty text. Numbers are given in order of first sight, so they depend on what was said, never on where
 * the caller keeps it. */
#ifndef CIV_WORLD_TEXTS_H
#define CIV_WORLD_TEXTS_H

#include "base/bytes.h"
#include "base/memory.h"
#include "civitas/part.h"

enum { CIV_TEXTS_CACHE_BITS = 9 };

typedef struct civ_texts_item {
  size_t at;
  uint32_t length, hash;
} civ_texts_item;

typedef struct civ_texts {
  char *bytes;
  civ_texts_item *items;
  uint32_t *slots; /* number + 1 by hash, 0 = free; a power of two of them, at most half full */
  size_t used, bytes_room, n, items_room, n_slots;
  struct {
    const char *data;
    uint32_t length, number;
  } cache[1 << CIV_TEXTS_CACHE_BITS]; /* last seen at this address; always compared before it is believed */
  const civ_allocator *allocator;
} civ_texts;

CIV_MUST_CHECK civ_status civ_texts_init(civ_texts *t, const civ_allocator *allocator);
void civ_texts_fini(civ_texts *t);
/* Room for so many more distinct texts of so many bytes together. */
CIV_MUST_CHECK civ_status civ_texts_reserve(civ_texts *t, size_t texts, size_t bytes);
/* Whether that much room is there without growing. */
static inline bool civ_texts_has_room(const civ_texts *t, size_t texts, size_t bytes)
{
  return t->n + texts <= t->items_room && 2 * (t->n + texts) <= t->n_slots && t->used + bytes <= t->bytes_room;
}
/* Number of the text; CIV_NONE when it is new and there is no room reserved for it. Never grows. O(length). */
uint32_t civ_texts_put(civ_texts *t, civ_text text);
/* The text of a number given before; valid until the next reserve. */
static inline civ_text civ_texts_get(const civ_texts *t, uint32_t number)
{
  const civ_text text = { t->bytes + t->items[number].at, t->items[number].length };
  return text;
}

/* Bytes of the longest beginning with at most `characters` characters (UTF-8; never cuts one in two). O(length) where
 * the text has more bytes than that, else O(1). */
uint32_t civ_text_cut_long(civ_text text, uint64_t characters);
static inline uint32_t civ_text_cut(civ_text text, uint64_t characters)
{
  return text.length <= characters ? text.length : civ_text_cut_long(text, characters);
}

void civ_texts_save(const civ_texts *t, civ_bytes *out);
/* Replaces what is there. CIV_E_FORMAT, CIV_E_NOMEM: as it was. */
CIV_MUST_CHECK civ_status civ_texts_load(civ_texts *t, civ_bytes_reader *in, civ_error *err);

#endif
