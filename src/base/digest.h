/* digest.h - digests of state (xxHash) and of configuration (SHA-256). */
#ifndef CIV_BASE_DIGEST_H
#define CIV_BASE_DIGEST_H

#include "civitas/export.h"

uint64_t civ_digest(uint64_t seed, const void *data, size_t length); /* XXH3, 64 bits */
/* Mixes two words into a running digest; order matters. Cheap: a few cycles. */
static inline uint64_t civ_digest_mix(uint64_t digest, uint64_t a, uint64_t b)
{
  uint64_t x = (digest ^ a) * UINT64_C(0x9E3779B97F4A7C15);
  x ^= x >> 32;
  x = (x ^ b) * UINT64_C(0xD6E8FEB86659FD93);
  return x ^ (x >> 32);
}
void civ_sha256_hex(const void *data, size_t length, char out[65]);

#endif
