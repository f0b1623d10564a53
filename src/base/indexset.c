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

/* The plain x86-64 has no instruction that counts ones, so bytes are counted side by side (Vigna 2008). */
static const uint64_t each_byte = UINT64_C(0x0101010101010101), top_bits = UINT64_C(0x8080808080808080);

static uint64_t ones_per_byte(uint64_t x)
{
  x -= x >> 1 & UINT64_C(0x5555555555555555);
  x = (x & UINT64_C(0x3333333333333333)) + (x >> 2 & UINT64_C(0x3333333333333333));
  return (x + (x >> 4)) & UINT64_C(0x0F0F0F0F0F0F0F0F);
}

static uint32_t ones(uint64_t x)
{
  return (uint32_t)(ones_per_byte(x) * each_byte >> 56);
}

/* How many of the bytes of x are at most k; all below 128. */
static uint32_t bytes_up_to(uint64_t x, uint32_t k)
{
  return (uint32_t)((((k * each_byte | top_bits) - x) & top_bits) / 128 * each_byte >> 56);
}

/* Position of the k-th one of x, which has more than k. */
static uint32_t select_in_word(uint64_t x, uint32_t k)
{
  const uint64_t upto = ones_per_byte(x) * each_byte; /* ones in each byte and those below it */
  const uint32_t place = bytes_up_to(upto, k) * 8;
  const uint32_t left = k - (uint32_t)((upto << 8) >> place & 0xFF);
  const uint64_t spread = (x >> place & 0xFF) * each_byte & UINT64_C(0x8040201008040201); /* one bit in each byte */
  const uint64_t bits = ((spread + UINT64_C(0x7F7F7F7F7F7F7F7F)) | spread) >> 7 & each_byte;
  return place + bytes_up_to(bits * each_byte, left);
}

/* Ones in GROUP words; the byte sums stay below 256. */
enum { GROUP = 8 };

static uint32_t ones_of_group(const uint64_t *words)
{
  uint64_t sums = 0;
  for (int i = 0; i < GROUP; i++)
    sums += ones_per_byte(words[i]);
  sums = (sums & UINT64_C(0x00FF00FF00FF00FF)) + (sums >> 8 & UINT64_C(0x00FF00FF00FF00FF));
  return (uint32_t)(sums * UINT64_C(0x0001000100010001) >> 48);
}

static uint32_t sum_of_group(const uint32_t *counts)
{
  uint32_t sum = 0;
  for (int i = 0; i < GROUP; i++)
    sum += counts[i];
  return sum;
}

uint32_t civ_indexset_select(const civ_indexset *s, uint32_t k)
{
  assert(k < s->count);
  if (s->count == s->n)
    return k;
  const size_t lows = lows_of(s->n), words = words_of(s->n);
  size_t at = 0;
  for (; k >= s->high[at]; at++)
    k -= s->high[at];
  at *= FANOUT;
  for (uint32_t sum; at + GROUP <= lows && k >= (sum = sum_of_group(s->low + at)); at += GROUP)
    k -= sum;
  for (; k >= s->low[at]; at++)
    k -= s->low[at];
  at *= FANOUT;
  for (uint32_t sum; at + GROUP <= words && k >= (sum = ones_of_group(s->words + at)); at += GROUP)
    k -= sum;
  for (uint32_t sum; k >= (sum = ones(s->words[at])); at++)
    k -= sum;
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
  size_t at = (size_t)(i / LOW) * FANOUT;
  for (; at + GROUP <= i / WORD; at += GROUP)
    below += ones_of_group(s->words + at);
  for (; at < i / WORD; at++)
    below += ones(s->words[at]);
  if (i % WORD != 0)
    below += ones(s->words[at] & ((UINT64_C(1) << (i % WORD)) - 1));
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
