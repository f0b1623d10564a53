/* bins.h - which of m equal bins of [0, 1] a probability falls into, by the very comparisons that define the bins. */
#ifndef CIV_METRIC_BINS_H
#define CIV_METRIC_BINS_H

/* Bin i covers i*w <= p < (i+1)*w with w = 1/m, both products in binary64; p = 1 belongs to the last. -1: in no bin.
 * (3 * 0.1 > 0.3 in binary64, so 0.3 is in bin 2 of ten.) O(1): the quotient is off by one at most. */
static inline int civ_bin_index(double p, int m)
{
  double width = 1.0 / m;
  if (p == 1.0)
    return m - 1;
  if (!(p >= 0.0 && p < 1.0))
    return -1;
  double i = (double)(int)(p / width);
  if (i * width > p)
    i -= 1.0;
  else if ((i + 1.0) * width <= p)
    i += 1.0;
  return i < m ? (int)i : -1;
}

#endif
