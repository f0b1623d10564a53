#include "world/idbits.h"

#include <string.h>

void civ_idbits_init(civ_idbits *s, const civ_allocator *allocator)
{
  memset(s, 0, sizeof *s);
  s->allocator = allocator;
}

void civ_idbits_fini(civ_idbits *s)
{
  for (int k = 0; k < CIV_IDBITS_LEVELS; k++)
    civ_drop(s->allocator, (void **)&s->level[k], &s->words[k], sizeof(uint64_t));
}

civ_status civ_idbits_reserve(civ_idbits *s, size_t numbers)
{
  size_t need = numbers;
  for (int k = 0; k < CIV_IDBITS_LEVELS; k++) {
    need = need / 64 + (need % 64 != 0);
    const size_t before = s->words[k];
    if (need <= before)
      continue;
    const civ_status status = civ_grow(s->allocator, (void **)&s->level[k], &s->words[k], need, sizeof(uint64_t));
    if (status != CIV_OK)
      return status;
    memset(s->level[k] + before, 0, (s->words[k] - before) * sizeof(uint64_t));
    need = s->words[k]; /* every word that now exists has its bit one level up */
  }
  return CIV_OK;
}

void civ_idbits_add(civ_idbits *s, uint32_t i)
{
  for (int k = 0; k < CIV_IDBITS_LEVELS; k++) {
    uint64_t *word = &s->level[k][i >> 6];
    const bool was_empty = *word == 0;
    *word |= UINT64_C(1) << (i & 63);
    if (!was_empty)
      return;
    i >>= 6;
  }
}

void civ_idbits_drop(civ_idbits *s, uint32_t i)
{
  for (int k = 0; k < CIV_IDBITS_LEVELS; k++) {
    uint64_t *word = &s->level[k][i >> 6];
    *word &= ~(UINT64_C(1) << (i & 63));
    if (*word != 0)
      return;
    i >>= 6;
  }
}

static uint32_t highest(uint64_t word)
{
  return 63 - (uint32_t)__builtin_clzll(word);
}

static uint32_t lowest(uint64_t word)
{
  return (uint32_t)__builtin_ctzll(word);
}

uint32_t civ_idbits_below(const civ_idbits *s, uint32_t i)
{
  size_t at = i;
  for (int k = 0; k < CIV_IDBITS_LEVELS && s->words[k] > 0; k++) {
    if (at > s->words[k] * 64)
      at = s->words[k] * 64;
    const uint64_t word = at & 63 ? s->level[k][at >> 6] & ((UINT64_C(1) << (at & 63)) - 1) : 0;
    at >>= 6;
    if (word == 0)
      continue;
    at = at * 64 + highest(word);
    while (k-- > 0)
      at = at * 64 + highest(s->level[k][at]);
    return (uint32_t)at;
  }
  return UINT32_MAX;
}

uint32_t civ_idbits_from(const civ_idbits *s, uint32_t i)
{
  size_t at = i;
  for (int k = 0; k < CIV_IDBITS_LEVELS && at < s->words[k] * 64; k++) {
    const uint64_t word = s->level[k][at >> 6] & ~UINT64_C(0) << (at & 63);
    at >>= 6;
    if (word == 0) {
      at++;
      continue;
    }
    at = at * 64 + lowest(word);
    while (k-- > 0)
      at = at * 64 + lowest(s->level[k][at]);
    return (uint32_t)at;
  }
  return UINT32_MAX;
}
