#include "world/texts.h"

#include "base/digest.h"
#include "base/text.h"

static uint32_t hash_of(civ_text text)
{
  return (uint32_t)civ_digest(0, text.data, text.length);
}

static uint32_t *slot_of(const civ_texts *t, civ_text text, uint32_t hash)
{
  const size_t mask = t->n_slots - 1;
  for (size_t k = hash & mask;; k = (k + 1) & mask) {
    uint32_t *slot = &t->slots[k];
    if (*slot == 0)
      return slot;
    const civ_texts_item *item = &t->items[*slot - 1];
    if (item->hash == hash && item->length == text.length && memcmp(t->bytes + item->at, text.data, text.length) == 0)
      return slot;
  }
}

/* Adds a text that is not there; room is reserved. */
static uint32_t append(civ_texts *t, civ_text text, uint32_t hash, uint32_t *slot)
{
  const civ_texts_item item = { t->used, text.length, hash };
  if (text.length > 0)
    memcpy(t->bytes + t->used, text.data, text.length);
  t->used += text.length;
  t->items[t->n++] = item;
  *slot = (uint32_t)t->n;
  return (uint32_t)t->n - 1;
}

civ_status civ_texts_init(civ_texts *t, const civ_allocator *allocator)
{
  memset(t, 0, sizeof *t);
  t->allocator = allocator;
  if (civ_texts_reserve(t, 1, 1) != CIV_OK) {
    civ_texts_fini(t);
    return CIV_E_NOMEM;
  }
  const civ_text empty = { "", 0 };
  const uint32_t hash = hash_of(empty);
  append(t, empty, hash, slot_of(t, empty, hash));
  return CIV_OK;
}

void civ_texts_fini(civ_texts *t)
{
  civ_drop(t->allocator, (void **)&t->bytes, &t->bytes_room, 1);
  civ_drop(t->allocator, (void **)&t->items, &t->items_room, sizeof *t->items);
  civ_drop(t->allocator, (void **)&t->slots, &t->n_slots, sizeof *t->slots);
  t->n = t->used = 0;
}

static civ_status grow_slots(civ_texts *t, size_t texts)
{
  size_t n = 64;
  while (n < 2 * texts)
    n *= 2;
  if (n <= t->n_slots)
    return CIV_OK;
  uint32_t *slots = civ_zeroed(t->allocator, n, sizeof *slots);
  if (slots == NULL)
    return CIV_E_NOMEM;
  civ_drop(t->allocator, (void **)&t->slots, &t->n_slots, sizeof *t->slots);
  t->slots = slots;
  t->n_slots = n;
  for (size_t k = 0; k < t->n; k++)
    *slot_of(t, civ_texts_get(t, (uint32_t)k), t->items[k].hash) = (uint32_t)k + 1;
  return CIV_OK;
}

civ_status civ_texts_reserve(civ_texts *t, size_t texts, size_t bytes)
{
  if (t->n + texts >= UINT32_MAX - 1)
    return CIV_E_LIMIT;
  civ_status status = civ_grow(t->allocator, (void **)&t->bytes, &t->bytes_room, t->used + bytes, 1);
  if (status == CIV_OK)
    status = civ_grow(t->allocator, (void **)&t->items, &t->items_room, t->n + texts, sizeof *t->items);
  return status == CIV_OK ? grow_slots(t, t->n + texts) : status;
}

/* Multiplicative: canned texts stand a few bytes apart and should not meet. */
static size_t cache_line(civ_text text)
{
  return (size_t)(((uint64_t)(uintptr_t)text.data + text.length) * UINT64_C(0x9E3779B97F4A7C15) >>
                  (64 - CIV_TEXTS_CACHE_BITS));
}

uint32_t civ_texts_put(civ_texts *t, civ_text text)
{
  if (text.length == 0)
    return 0;
  const size_t line = cache_line(text);
  if (t->cache[line].data == text.data && t->cache[line].length == text.length) {
    const civ_texts_item *item = &t->items[t->cache[line].number];
    if (memcmp(t->bytes + item->at, text.data, text.length) == 0)
      return t->cache[line].number;
  }
  const uint32_t hash = hash_of(text);
  uint32_t *slot = slot_of(t, text, hash);
  if (*slot == 0 && !civ_texts_has_room(t, 1, text.length))
    return CIV_NONE;
  const uint32_t number = *slot != 0 ? *slot - 1 : append(t, text, hash, slot);
  t->cache[line].data = text.data;
  t->cache[line].length = text.length;
  t->cache[line].number = number;
  return number;
}

uint32_t civ_text_cut_long(civ_text text, uint64_t characters)
{
  uint64_t seen = 0;
  for (uint32_t k = 0; k < text.length; k++)
    if (!civ_utf8_continues(text.data[k]) && ++seen > characters)
      return k;
  return text.length;
}

void civ_texts_save(const civ_texts *t, civ_bytes *out)
{
  civ_bytes_put_u32(out, (uint32_t)t->n);
  civ_bytes_put_u64(out, t->used);
  for (size_t k = 0; k < t->n; k++)
    civ_bytes_put_u32(out, t->items[k].length);
  civ_bytes_put_block(out, t->bytes, t->used);
}

/* Reads into an empty store; its texts must be distinct, the first empty. */
static civ_status read_all(civ_texts *t, civ_bytes_reader *in, size_t n, size_t used)
{
  size_t at = 0;
  for (size_t k = 0; k < n; k++) {
    t->items[k].at = at;
    t->items[k].length = civ_bytes_u32(in);
    if (t->items[k].length > used - at)
      return CIV_E_FORMAT;
    at += t->items[k].length;
  }
  if (at != used || t->items[0].length != 0 || !civ_bytes_block(in, t->bytes, used))
    return CIV_E_FORMAT;
  for (size_t k = 0; k < n; k++) {
    const civ_text text = civ_texts_get(t, (uint32_t)k);
    const uint32_t hash = hash_of(text);
    uint32_t *slot = slot_of(t, text, hash);
    if (*slot != 0)
      return CIV_E_FORMAT;
    t->items[k].hash = hash;
    *slot = (uint32_t)k + 1;
  }
  t->n = n;
  t->used = used;
  return CIV_OK;
}

civ_status civ_texts_load(civ_texts *t, civ_bytes_reader *in, civ_error *err)
{
  const size_t n = civ_bytes_u32(in), used = civ_bytes_u64(in), left = civ_bytes_left(in);
  if (in->failed || n == 0 || n > left / 4 || used > left - 4 * n)
    return civ_fail(err, CIV_E_FORMAT, "checkpoint", "the texts are not as long as the checkpoint says");
  civ_texts fresh = { .allocator = t->allocator };
  civ_status status = civ_texts_reserve(&fresh, n, used + 1);
  if (status == CIV_OK)
    status = read_all(&fresh, in, n, used);
  if (status != CIV_OK) {
    civ_texts_fini(&fresh);
    return civ_fail(err, status, "checkpoint",
                    status == CIV_E_NOMEM ? "out of memory for %zu texts" : "%zu texts do not fit their lengths", n);
  }
  civ_texts_fini(t);
  *t = fresh;
  return CIV_OK;
}
