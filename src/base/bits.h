/* bits.h - a real as its 64 bits, and back: for digests, for bytes, for arithmetic on exponents. */
#ifndef CIV_BASE_BITS_H
#define CIV_BASE_BITS_H

#include "civitas/export.h"

#include <string.h>

static inline uint64_t civ_real_bits(double x)
{
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

static inline double civ_real_of_bits(uint64_t bits)
{
  double x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

#endif
