#include "base/digest.h"

#include <nettle/sha2.h>
#include <xxhash.h>

uint64_t civ_digest(uint64_t seed, const void *data, size_t length)
{
  return XXH3_64bits_withSeed(data, length, seed);
}

void civ_sha256_hex(const void *data, size_t length, char out[65])
{
  static const char digits[] = "0123456789abcdef";
  uint8_t sum[SHA256_DIGEST_SIZE];
  struct sha256_ctx ctx;
  sha256_init(&ctx);
  sha256_update(&ctx, length, data);
  sha256_digest(&ctx, sizeof sum, sum);
  for (size_t i = 0; i < sizeof sum; i++) {
    out[2 * i] = digits[sum[i] >> 4];
    out[2 * i + 1] = digits[sum[i] & 15];
  }
  out[64] = '\0';
}
