/* stopping.h - when to stop repeating: as soon as the interval of a mean is narrow enough.
 *
 * The rule looks only at moments fixed beforehand: after `least` runs, and then after each further batch, in the order
 * of the plan. Where it stops is therefore a function of the runs' values alone: neither threads nor a resumption nor
 * runs that finished early change it.
 *
 * An interval that decided when to stop covers less than it promises, because it tends to stop when the spread happens
 * to look small (Chow & Robbins 1965; Anscombe 1953). Measured for 95 % (docs/statistics.md): normal data 0.945 with
 * `least` 30, 0.92 to 0.945 with 5; exponential data 0.91 with 30, 0.85 with 5, 0.94 with 100. */
#ifndef CIV_STATISTICS_STOPPING_H
#define CIV_STATISTICS_STOPPING_H

#include "civitas/status.h"

typedef struct civ_stopping {
  double
      width; /* > 0: half-width of the interval to reach, in the metric's unit or (relative) as a share of abs(mean) */
  bool relative;
  double level;         /* of Student's interval, in (0, 1) */
  uint64_t least, most; /* runs; 2 <= least <= most */
  uint64_t batch;       /* runs between two looks, >= 1 */
} civ_stopping;

typedef enum civ_stop {
  CIV_STOP_NOT_YET, /* more runs are wanted: up to `runs` */
  CIV_STOP_REACHED, /* the interval is narrow enough after `runs` */
  CIV_STOP_MOST     /* it is not, but `runs` = most */
} civ_stop;

typedef struct civ_stop_verdict {
  civ_stop stop;
  uint64_t runs; /* stopped: the runs that belong to the result, from the first; otherwise when to look next */
  uint64_t n;    /* values in the last look; 0 before the first */
  double mean, half_width; /* at the last look; half_width is INFINITY for fewer than 2 values */
} civ_stop_verdict;

/* width, absolute, 95 %, least 30, batch 10, most 10,000. */
civ_stopping civ_stopping_default(double width);
/* CIV_E_RANGE. */
CIV_MUST_CHECK civ_status civ_stopping_check(const civ_stopping *rule, civ_error *err);

/* Goes through the looks that the first n runs of the plan allow, all of them done; `values` in plan order. A value
 * that is not finite (a run that failed) counts as a run but not as a value. The last look is at `most`, even in
 * mid-batch. Values all equal have a half-width of 0. Relative to a mean of 0 only a half-width of 0 is enough. rule
 * checked. O(n). */
civ_stop_verdict civ_stopping_look(const civ_stopping *rule, const double *values, uint64_t n);

#endif
