#include "base/indexset.h"

#include <assert.h>

enum { WORD = 64, FANOUT = 64, LOW = WORD * FANOUT, HIGH = LOW * FANOUT };

static size_t words_of(uint32_t n)
{
  return ((size_t)n + WORD - 1) / WORD;
}

static size_t lows_of(uint32_t n)
{
  return ((size_t)n + LOW - 1) / LOW;
}

static size_t highs_of(uint32_t n)
{
  return ((size_t)n + HIGH - 1) / HIGH;
}

/* What civ_zeroed took for n items. */
static size_t taken(size_t n, size_t size)
{
  return n == 0 ? 1 : n * size;
}

civ_status civ_indexset_init(civ_indexset *s, uint32_t n, const civ_allocator *allocator)
{
  civ_indexset made = { .n = n, .allocator = allocator };
  made.words = civ_zeroed(allocator, words_of(n), sizeof *made.words);
  made.low = civ_zeroed(allocator, lows_of(n), sizeof *made.low);
  made.high = civ_zeroed(allocator, highs_of(n), sizeof *made.high);
  if (made.words == NULL || made.low == NULL || made.high == NULL) {
    civ_indexset_fini(&made);
    return CIV_E_NOMEM;
  }
  *s = made;
  return CIV_OK;
}

void civ_indexset_fini(civ_indexset *s)
{
  civ_release(s->allocator, s->words, taken(words_of(s->n), sizeof *s->words));
  civ_release(s->allocator, s->low, taken(lows_of(s->n), sizeof *s->low));
  civ_release(s->allocator, s->high, taken(highs_of(s->n), sizeof *s->high));
  *s = (civ_indexset){ 0 };
}

bool civ_indexset_add(civ_indexset *s, uint32_t i)
{
  assert(i < s->n);
  const uint64_t bit = UINT64_C(1) << (i % WORD);
  if ((s->words[i / WORD] & bit) != 0)
    return false;
  s->words[i / WORD] |= bit;
  s->low[i / LOW]++;
  s->high[i / HIGH]++;
  s->count++;
  return true;
}

bool civ_indexset_drop(civ_indexset *s, uint32_t i)
{
  assert(i < s->n);
  const uint64_t bit = UINT64_C(1) << (i % WORD);
  if ((s->words[i / WORD] & bit) == 0)
    return false;
  s->words[i / WORD] &= ~bit;
  s->low[i / LOW]--;
  s->high[i / HIGH]--;
  s->count--;
  return true;
}

static uint32_t ones(uint64_t x)
{
  return (uint32_t)__builtin_popcountll(x);
}

/* Position of the k-th one of x, which has more than k. */
static uint32_t select_in_word(uint64_t x, uint32_t k)
{
  uint32_t at = 0;
  for (uint32_t width = WORD / 2; width > 0; width /= 2) {
    const uint32_t below = ones(x & ((UINT64_C(1) << width) - 1));
    if (k >= below) {
      k -= below;
      at += width;
      x >>= width;
    }
  }
  return at;
}

uint32_t civ_indexset_select(const civ_indexset *s, uint32_t k)
{
  assert(k < s->count);
  if (s->count == s->n)
    return k;
  size_t at = 0;
  for (; k >= s->high[at]; at++)
    k -= s->high[at];
  for (at *= FANOUT; k >= s->low[at]; at++)
    k -= s->low[at];
  at *= FANOUT;
  for (uint32_t in_word; k >= (in_word = ones(s->words[at])); at++)
    k -= in_word;
  return (uint32_t)(at * WORD) + select_in_word(s->words[at], k);
}

uint32_t civ_indexset_rank(const civ_indexset *s, uint32_t i)
{
  assert(i <= s->n);
  if (s->count == s->n)
    return i;
  uint32_t below = 0;
  for (size_t at = 0; at < i / HIGH; at++)
    below += s->high[at];
  for (size_t at = (size_t)(i / HIGH) * FANOUT; at < i / LOW; at++)
    below += s->low[at];
  for (size_t at = (size_t)(i / LOW) * FANOUT; at < i / WORD; at++)
    below += ones(s->words[at]);
  if (i % WORD != 0)
    below += ones(s->words[i / WORD] & ((UINT64_C(1) << (i % WORD)) - 1));
  return below;
}

uint32_t civ_indexset_next(const civ_indexset *s, uint32_t i)
{
  if (i >= s->n)
    return UINT32_MAX;
  size_t at = i / WORD;
  const size_t words = words_of(s->n);
  uint64_t word = s->words[at] >> (i % WORD) << (i % WORD);
  while (word == 0) {
    at++;
    while (at < words && at % FANOUT == 0) { /* at the start of a counted stretch: step over it if it is empty */
      if (at % (FANOUT * FANOUT) == 0 && s->high[at / (FANOUT * FANOUT)] == 0)
        at += FANOUT * FANOUT;
      else if (s->low[at / FANOUT] == 0)
        at += FANOUT;
      else
        break;
    }
    if (at >= words)
      return UINT32_MAX;
    word = s->words[at];
  }
  return (uint32_t)(at * WORD) + (uint32_t)__builtin_ctzll(word);
}
