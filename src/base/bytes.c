#include "base/bytes.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/bits.h"
#include "base/memory.h"

enum { TAG_SIZE = 4, LENGTH_SIZE = 8, DIGEST_SIZE = 8 };

/* Compilers turn these loops into one move where the machine is little-endian. */
static void store(uint8_t *out, uint64_t x, size_t size)
{
  for (size_t i = 0; i < size; i++)
    out[i] = (uint8_t)(x >> (8 * i));
}

static uint64_t fetch(const uint8_t *in, size_t size)
{
  uint64_t x = 0;
  for (size_t i = 0; i < size; i++)
    x |= (uint64_t)in[i] << (8 * i);
  return x;
}

void civ_bytes_free(civ_bytes *b)
{
  free(b->data);
  *b = (civ_bytes){ 0 };
}

/* Room for n items of `size` bytes, counted as written; NULL once memory has failed. */
static uint8_t *extend(civ_bytes *b, size_t n, size_t size)
{
  if (b->failed)
    return NULL;
  void *data = b->data;
  if (n > (SIZE_MAX - b->length) / size ||
      civ_grow(&civ_allocator_malloc, &data, &b->capacity, b->length + n * size, 1) != CIV_OK) {
    b->failed = true;
    return NULL;
  }
  b->data = data;
  uint8_t *out = b->data + b->length;
  b->length += n * size;
  return out;
}

static void put(civ_bytes *b, uint64_t x, size_t size)
{
  uint8_t *out = extend(b, 1, size);
  if (out != NULL)
    store(out, x, size);
}

void civ_bytes_put_u8(civ_bytes *b, uint8_t x)
{
  put(b, x, 1);
}

void civ_bytes_put_u32(civ_bytes *b, uint32_t x)
{
  put(b, x, 4);
}

void civ_bytes_put_u64(civ_bytes *b, uint64_t x)
{
  put(b, x, 8);
}

void civ_bytes_put_real(civ_bytes *b, double x)
{
  put(b, civ_real_bits(x), 8);
}

void civ_bytes_put_block(civ_bytes *b, const void *data, size_t length)
{
  uint8_t *out = extend(b, length, 1);
  if (out != NULL && length > 0)
    memcpy(out, data, length);
}

void civ_bytes_put_u32s(civ_bytes *b, const uint32_t *x, size_t n)
{
  civ_bytes_put_u64(b, n);
  uint8_t *out = extend(b, n, 4);
  for (size_t i = 0; out != NULL && i < n; i++)
    store(out + 4 * i, x[i], 4);
}

void civ_bytes_put_u64s(civ_bytes *b, const uint64_t *x, size_t n)
{
  civ_bytes_put_u64(b, n);
  uint8_t *out = extend(b, n, 8);
  for (size_t i = 0; out != NULL && i < n; i++)
    store(out + 8 * i, x[i], 8);
}

void civ_bytes_put_reals(civ_bytes *b, const double *x, size_t n)
{
  civ_bytes_put_u64(b, n);
  uint8_t *out = extend(b, n, 8);
  for (size_t i = 0; out != NULL && i < n; i++)
    store(out + 8 * i, civ_real_bits(x[i]), 8);
}

void civ_bytes_open(civ_bytes *b, const char tag[4])
{
  assert(b->chunk == 0 && "chunks do not nest");
  civ_bytes_put_block(b, tag, TAG_SIZE);
  civ_bytes_put_u64(b, 0); /* the length, known at close */
  b->chunk = b->length;
}

void civ_bytes_close(civ_bytes *b)
{
  assert((b->chunk != 0 || b->failed) && "no chunk is open");
  if (!b->failed) {
    uint8_t *data = b->data + b->chunk;
    const size_t length = b->length - b->chunk;
    store(data - LENGTH_SIZE, length, LENGTH_SIZE);
    civ_bytes_put_u64(b, XXH64(data, length, 0));
  }
  b->chunk = 0;
}

size_t civ_bytes_left(const civ_bytes_reader *r)
{
  return r->failed || r->at >= r->chunk_end ? 0 : r->chunk_end - r->at;
}

/* The next n items of `size` bytes, counted as read; NULL, and failed for good, if they are not all there. */
static const uint8_t *advance(civ_bytes_reader *r, uint64_t n, size_t size)
{
  if (n > civ_bytes_left(r) / size) {
    r->failed = true;
    return NULL;
  }
  if (r->failed)
    return NULL;
  const uint8_t *in = r->data + r->at;
  r->at += (size_t)n * size;
  return in;
}

static uint64_t get(civ_bytes_reader *r, size_t size)
{
  const uint8_t *in = advance(r, 1, size);
  return in == NULL ? 0 : fetch(in, size);
}

uint8_t civ_bytes_u8(civ_bytes_reader *r)
{
  return (uint8_t)get(r, 1);
}

uint32_t civ_bytes_u32(civ_bytes_reader *r)
{
  return (uint32_t)get(r, 4);
}

uint64_t civ_bytes_u64(civ_bytes_reader *r)
{
  return get(r, 8);
}

double civ_bytes_real(civ_bytes_reader *r)
{
  return civ_real_of_bits(get(r, 8));
}

bool civ_bytes_block(civ_bytes_reader *r, void *out, size_t length)
{
  const uint8_t *in = advance(r, length, 1);
  if (in != NULL && length > 0)
    memcpy(out, in, length);
  return in != NULL;
}

/* The items of an array written with its count in front, which must be n. */
static const uint8_t *counted(civ_bytes_reader *r, size_t n, size_t size)
{
  if (civ_bytes_u64(r) != n)
    r->failed = true;
  return advance(r, n, size);
}

bool civ_bytes_u32s(civ_bytes_reader *r, uint32_t *out, size_t n)
{
  const uint8_t *in = counted(r, n, 4);
  for (size_t i = 0; in != NULL && i < n; i++)
    out[i] = (uint32_t)fetch(in + 4 * i, 4);
  return in != NULL;
}

bool civ_bytes_u64s(civ_bytes_reader *r, uint64_t *out, size_t n)
{
  const uint8_t *in = counted(r, n, 8);
  for (size_t i = 0; in != NULL && i < n; i++)
    out[i] = fetch(in + 8 * i, 8);
  return in != NULL;
}

bool civ_bytes_reals(civ_bytes_reader *r, double *out, size_t n)
{
  const uint8_t *in = counted(r, n, 8);
  for (size_t i = 0; in != NULL && i < n; i++)
    out[i] = civ_real_of_bits(fetch(in + 8 * i, 8));
  return in != NULL;
}

civ_status civ_bytes_enter(civ_bytes_reader *r, const char tag[4], civ_error *err)
{
  if (r->failed)
    return civ_fail(err, CIV_E_FORMAT, "state", "the part before chunk '%.4s' is damaged", tag);
  const size_t start = r->at, left = start <= r->length ? r->length - start : 0;
  uint64_t length = 0;
  const char *wrong = NULL;
  if (left < TAG_SIZE + LENGTH_SIZE + DIGEST_SIZE)
    wrong = "is cut off";
  else if (memcmp(r->data + start, tag, TAG_SIZE) != 0)
    wrong = "is not where it should be";
  else {
    length = fetch(r->data + start + TAG_SIZE, LENGTH_SIZE);
    const uint8_t *data = r->data + start + TAG_SIZE + LENGTH_SIZE;
    if (length > left - (TAG_SIZE + LENGTH_SIZE + DIGEST_SIZE))
      wrong = "is cut off";
    else if (fetch(data + length, DIGEST_SIZE) != XXH64(data, (size_t)length, 0))
      wrong = "is damaged (its digest does not fit)";
  }
  if (wrong != NULL) {
    r->failed = true;
    return civ_fail(err, CIV_E_FORMAT, "state", "chunk '%.4s' at byte %zu %s", tag, start, wrong);
  }
  r->at = start + TAG_SIZE + LENGTH_SIZE;
  r->chunk_end = r->at + (size_t)length;
  return CIV_OK;
}

civ_status civ_bytes_leave(civ_bytes_reader *r, civ_error *err)
{
  if (r->failed)
    return civ_fail(err, CIV_E_FORMAT, "state", "the chunk that ends at byte %zu does not hold what it should",
                    r->chunk_end);
  if (r->at != r->chunk_end) {
    r->failed = true;
    return civ_fail(err, CIV_E_FORMAT, "state", "the chunk that ends at byte %zu holds %zu bytes too many",
                    r->chunk_end, r->chunk_end - r->at);
  }
  r->at += DIGEST_SIZE;
  r->chunk_end = r->at;
  return CIV_OK;
}
