/* bytes.h - state as bytes: little-endian, in chunks of tag, length, data and digest. */
#ifndef CIVITAS_BYTES_H
#define CIVITAS_BYTES_H

#include "civitas/allocator.h"
#include "civitas/status.h"

CIV_BEGIN_DECLS

struct civ_bytes {
  uint8_t *data;
  size_t length, capacity, chunk;
  bool failed;
}; /* all zero = empty; malloc memory */
struct civ_bytes_reader {
  const uint8_t *data;
  size_t length, at, chunk_end;
  bool failed;
};

CIV_API void civ_bytes_free(civ_bytes *b);
CIV_API void civ_bytes_put_u8(civ_bytes *b, uint8_t x);
CIV_API void civ_bytes_put_u32(civ_bytes *b, uint32_t x);
CIV_API void civ_bytes_put_u64(civ_bytes *b, uint64_t x);
CIV_API void civ_bytes_put_real(civ_bytes *b, double x);
CIV_API void civ_bytes_put_block(civ_bytes *b, const void *data, size_t length); /* raw bytes (text, byte arrays) */
CIV_API void civ_bytes_put_u32s(civ_bytes *b, const uint32_t *x, size_t n);      /* with count in front */
CIV_API void civ_bytes_put_u64s(civ_bytes *b, const uint64_t *x, size_t n);
CIV_API void civ_bytes_put_reals(civ_bytes *b, const double *x, size_t n);
CIV_API void civ_bytes_open(civ_bytes *b, const char tag[4]); /* chunks do not nest */
CIV_API void civ_bytes_close(civ_bytes *b);                   /* writes length and XXH64 of the data */

/* Reading never passes the end of the chunk: once something is missing or broken the reader stays failed and gives 0. */
CIV_API uint8_t civ_bytes_u8(civ_bytes_reader *r);
CIV_API uint32_t civ_bytes_u32(civ_bytes_reader *r);
CIV_API uint64_t civ_bytes_u64(civ_bytes_reader *r);
CIV_API double civ_bytes_real(civ_bytes_reader *r);
CIV_API bool civ_bytes_block(civ_bytes_reader *r, void *out, size_t length);
CIV_API bool civ_bytes_u32s(civ_bytes_reader *r, uint32_t *out, size_t n); /* false and failed if the count differs */
CIV_API bool civ_bytes_u64s(civ_bytes_reader *r, uint64_t *out, size_t n);
CIV_API bool civ_bytes_reals(civ_bytes_reader *r, double *out, size_t n);
CIV_API size_t civ_bytes_left(const civ_bytes_reader *r); /* bytes left in the chunk: check counts first */
/* Enters the next chunk, which must have this tag and a right digest. */
CIV_API CIV_MUST_CHECK civ_status civ_bytes_enter(civ_bytes_reader *r, const char tag[4], civ_error *err);
/* Leaves it: CIV_E_FORMAT if anything was missing or left over. */
CIV_API CIV_MUST_CHECK civ_status civ_bytes_leave(civ_bytes_reader *r, civ_error *err);

CIV_END_DECLS

#endif
