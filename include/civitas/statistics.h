/* statistics.h - what a handful of numbers says. */
#ifndef CIVITAS_STATISTICS_H
#define CIVITAS_STATISTICS_H

#include "civitas/status.h"

CIV_BEGIN_DECLS

/* Summary of one quantity over runs. Values that are not finite are left out; n says how many remained. */
typedef struct civ_summary {
  uint64_t n;
  double mean, sd;                /* sd with divisor n - 1 */
  double low, high;               /* 95 % interval of the mean, Student's t */
  bool spread;                    /* sd and interval exist: n >= 2 */
  double q05, q25, q50, q75, q95; /* by linear interpolation */
} civ_summary;

CIV_END_DECLS

#endif
