/* sort.c - many finite doubles into ascending order. */
#include "metric/sort.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/bits.h"

enum { RUN = 4, FEW = 1500, DIGIT = 11, DIGITS = 6, RADIX = 1 << DIGIT, QUICK = 3 };

/* Order of the keys as unsigned integers = order of the numbers: negative ones reversed, positive ones above them. */
static uint64_t key_of(double x)
{
  const uint64_t bits = civ_real_bits(x);
  return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

/* The same order on the numbers themselves: -0.0 before 0.0. */
static int comes_before(double x, double y)
{
  return x < y || (x == y && signbit(x) > signbit(y));
}

static void insert_each(double *values, size_t n)
{
  for (size_t i = 1; i < n; ++i) {
    double x = values[i];
    size_t at = i;
    for (; at > 0 && comes_before(x, values[at - 1]); --at)
      values[at] = values[at - 1];
    values[at] = x;
  }
}

static size_t least(size_t a, size_t b)
{
  return a < b ? a : b;
}

/* Two sorted neighbours become one. Which side goes first is a coin flip to the processor, so it is computed, not branched
 * on. */
static void merge(const double *left, size_t n_left, const double *right, size_t n_right, double *out)
{
  const double *const end_left = left + n_left, *const end_right = right + n_right;
  while (left < end_left && right < end_right) {
    const double x = *left, y = *right;
    const size_t second = (size_t)(key_of(y) < key_of(x));
    *out++ = second ? y : x;
    left += 1 - second;
    right += second;
  }
  memcpy(out, left, (size_t)(end_left - left) * sizeof *out);
  memcpy(out + (end_left - left), right, (size_t)(end_right - right) * sizeof *out);
}

/* Runs sorted by insertion, then merged until there is one: for lists shorter than it takes to clear a radix's counts. */
static double *merge_runs(double *values, double *spare, size_t n)
{
  for (size_t start = 0; start < n; start += RUN)
    insert_each(values + start, least(RUN, n - start));
  for (size_t width = RUN; width < n; width *= 2) {
    for (size_t start = 0; start < n; start += 2 * width) {
      const size_t middle = least(start + width, n), end = least(start + 2 * width, n);
      merge(values + start, middle - start, values + middle, end - middle, spare + start);
    }
    double *merged = spare;
    spare = values;
    values = merged;
  }
  return values;
}

/* Insertion that gives up after `most` moves; whatever it did, the items are the same. */
static int finish_nearly_sorted(double *values, size_t n, size_t most)
{
  for (size_t i = 1; i < n; ++i) {
    const double x = values[i];
    const uint64_t key = key_of(x);
    size_t at = i;
    for (; at > 0 && key_of(values[at - 1]) > key; --at)
      values[at] = values[at - 1];
    values[at] = x;
    if (i - at > most)
      return 0;
    most -= i - at;
  }
  return 1;
}

/* Turns counts into the place where each digit's first item goes; false when one digit holds all n. */
static int places(size_t count[RADIX], size_t n)
{
  size_t at = 0;
  for (size_t d = 0; d < RADIX; ++d) {
    size_t here = count[d];
    if (here == n)
      return 0;
    count[d] = at;
    at += here;
  }
  return 1;
}

/* Stable passes over digits first..DIGITS-1, lowest first; returns the array that holds the result. */
static double *sort_by_digits(double *values, double *spare, size_t n, unsigned first)
{
  for (unsigned pass = first; pass < DIGITS; ++pass) {
    size_t count[RADIX] = { 0 };
    unsigned shift = pass * DIGIT;
    for (size_t i = 0; i < n; ++i)
      count[key_of(values[i]) >> shift & (RADIX - 1)] += 1;
    if (!places(count, n))
      continue;
    for (size_t i = 0; i < n; ++i)
      spare[count[key_of(values[i]) >> shift & (RADIX - 1)]++] = values[i];
    double *sorted = spare;
    spare = values;
    values = sorted;
  }
  return values;
}

/* The upper three digits nearly always decide: what they leave in disorder is mended by insertion, and only if that turns out
 * to be much, by the lower digits after all. */
double *civ_sort_reals(double *values, double *spare, size_t n)
{
  if (n < FEW)
    return merge_runs(values, spare, n);
  double *sorted = sort_by_digits(values, spare, n, DIGITS - QUICK);
  if (finish_nearly_sorted(sorted, n, 4 * n))
    return sorted;
  return sort_by_digits(sorted, sorted == values ? spare : values, n, 0);
}
