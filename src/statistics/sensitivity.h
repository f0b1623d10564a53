/* sensitivity.h - which parameter matters: variance-based indices (Sobol) and elementary effects (Morris).
 *
 * Each is cut in two: a plan says which points of the unit cube to run (design.h maps them to values), an analysis
 * turns the outputs, in plan order, into indices. A run that failed is an output that is not finite; what depends on it
 * is left out and counted. */
#ifndef CIV_STATISTICS_SENSITIVITY_H
#define CIV_STATISTICS_SENSITIVITY_H

#include "statistics/design.h"
#include "statistics/interval.h"

typedef struct civ_index {
  double value;
  civ_interval interval;
} civ_index;

/* --- Sobol indices ------------------------------------------------------------------------------------------------ */

enum { CIV_INDICES_PARAMETERS = 20 }; /* two matrices out of one sequence of 40 axes */

/* Points of a plan of n base rows: n (k + 2). CIV_E_LIMIT for k > 20, naming Morris, and for more than 2^24 points;
 * CIV_E_RANGE for k = 0 or n < 2. */
CIV_MUST_CHECK civ_status civ_indices_plan_size(uint64_t n, uint32_t k, uint64_t *out, civ_error *err);
/* The two-matrix scheme (Saltelli et al. 2010): base row r is a shifted Sobol point of 2k axes, halves A_r and B_r. Its
 * k + 2 points stand together: A_r, B_r, then A_r with coordinate i from B_r for i = 0 .. k-1. n should be a power of
 * two. points[n (k+2) x k]. Errors as above. */
CIV_MUST_CHECK civ_status civ_indices_plan(uint64_t n, uint32_t k, uint64_t seed, double *points, civ_error *err);

typedef struct civ_indices {
  uint64_t n, missing;   /* base rows used; left out because one of their k + 2 outputs is missing */
  double mean, variance; /* of the output, over A and B */
  bool defined;          /* n >= 2 and the output varies; otherwise all indices are 0 without interval */
} civ_indices;

/* From outputs[n (k+2)] in plan order, f being the output less m, the mean of all f(A) and f(B):
 *
 *   first[i] = mean of f(B) (f(A_B^i) - f(A)) / V     (Saltelli et al. 2010, table 2 (b)): share of the variance due to
 *                                                     parameter i alone
 *   total[i] = mean of (f(A) - f(A_B^i))^2 / (2 V)    (Jansen 1999): due to i alone or together with others
 *   V        = mean of (f(A)^2 + f(B)^2) / 2
 *
 * Estimates may lie a little outside [0, 1]. Intervals: studentised bootstrap over base rows, with the delta method's
 * standard error of the ratio in every resample; rows of a Sobol sequence are spread more evenly than independent ones,
 * so they cover more than they promise. CIV_E_RANGE, CIV_E_LIMIT, CIV_E_NOMEM. O(n k B). */
CIV_MUST_CHECK civ_status civ_indices_analyse(const double *outputs, uint64_t n, uint32_t k,
                                              const civ_bootstrap *options, civ_indices *out, civ_index *first,
                                              civ_index *total, civ_error *err);

/* --- Morris screening --------------------------------------------------------------------------------------------- */

/* trajectories (k + 1). CIV_E_RANGE for k = 0, no trajectory, or a number of levels that is odd, 0 or above 1000;
 * CIV_E_LIMIT above 2^24 points. */
CIV_MUST_CHECK civ_status civ_morris_plan_size(uint64_t trajectories, uint32_t k, uint32_t levels, uint64_t *out,
                                               civ_error *err);
/* Elementary effects (Morris 1991): each trajectory starts at a random point of the grid {0, 1/(p-1), ..., 1}^k of p =
 * `levels` and moves every coordinate once, in random order, by delta = p / (2 (p-1)), up or down. points[trajectories
 * (k+1) x k]; a smaller number of trajectories gives the first ones of a larger. */
CIV_MUST_CHECK civ_status civ_morris_plan(uint64_t trajectories, uint32_t k, uint32_t levels, uint64_t seed,
                                          double *points, civ_error *err);

typedef struct civ_effects { /* of one parameter, in output per whole range of the parameter */
  uint64_t n, missing;       /* effects used; left out because an end is missing */
  civ_index mu;              /* mean effect: direction */
  civ_index mu_star;         /* mean absolute effect: importance (Campolongo, Cariboni & Saltelli 2007) */
  double sigma;              /* sd (n - 1): bends or depends on others */
} civ_effects;

/* From points and outputs of a plan. Intervals: studentised bootstrap over trajectories (Student below 10),
 * options->other being replaced by the parameter's index. CIV_E_RANGE also for points that are no such plan.
 * O(trajectories (k + B) k). */
CIV_MUST_CHECK civ_status civ_morris_analyse(const double *points, const double *outputs, uint64_t trajectories,
                                             uint32_t k, uint32_t levels, const civ_bootstrap *options,
                                             civ_effects *out, civ_error *err);

#endif
