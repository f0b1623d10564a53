/* design.h - where in a box of parameters to look: grids, random points, Latin hypercubes and Sobol sequences.
 *
 * A design is a table of points of the unit cube, one row per point; axes say what a coordinate means. Both halves are
 * pure: the same axes, design, size and seed give the same bits everywhere (only +, -, x, / and square roots are used).
 */
#ifndef CIV_STATISTICS_DESIGN_H
#define CIV_STATISTICS_DESIGN_H

#include "civitas/status.h"

typedef enum civ_axis_kind {
  CIV_AXIS_LINEAR,  /* a real number, low + u (high - low) */
  CIV_AXIS_LOG,     /* a real number, low (high / low)^u; 0 < low */
  CIV_AXIS_INTEGER, /* low .. high, each on an equal share of [0, 1] */
  CIV_AXIS_LIST     /* index 0 .. values - 1 into a list of values of any type, each on an equal share of [0, 1] */
} civ_axis_kind;

typedef struct civ_axis {
  const char *name; /* for messages; not NULL */
  civ_axis_kind kind;
  double low, high; /* not of LIST; low <= high; INTEGER: whole numbers within +-2^53 */
  uint32_t values;  /* of LIST: how many, >= 1 */
  uint32_t levels; /* grid only: how many places on LINEAR and LOG (>= 1, ends included; 1 = the middle); on INTEGER 0 =
                      all, otherwise that many, evenly spread, ends included. LIST has all its values */
} civ_axis;

typedef enum civ_design {
  CIV_DESIGN_GRID,
  CIV_DESIGN_RANDOM,
  CIV_DESIGN_LATIN, /* Latin hypercube */
  CIV_DESIGN_SOBOL,
  CIV_DESIGNS
} civ_design;
extern const char *const civ_design_names[]; /* "grid", "random", "latin", "sobol" */

enum { CIV_SOBOL_AXES = 40 };                              /* of GSL's generator */
static const uint64_t civ_design_most = UINT64_C(1) << 24; /* points of one design, and parts of its table: 2^24 x 40 */

/* CIV_E_RANGE naming the axis: bounds that are not finite or not in order, a LOG axis that starts at 0 or below, an
 * INTEGER one with broken ends, an empty LIST, `levels` 0 of a real axis in a grid. */
CIV_MUST_CHECK civ_status civ_axes_check(const civ_axis *axes, uint32_t n_axes, civ_design design, civ_error *err);

/* What coordinate u in [0, 1] means on a checked axis: a real number, a whole number, or an index. u = 0 and u = 1 give
 * the ends exactly. Never leaves the axis. */
double civ_axis_value(const civ_axis *axis, double u);

/* Points of the full grid: the product of the axes' places (1 without axes). CIV_E_LIMIT above civ_design_most. Axes
 * checked. */
CIV_MUST_CHECK civ_status civ_grid_size(const civ_axis *axes, uint32_t n_axes, uint64_t *out, civ_error *err);
/* The full grid, first axis slowest, last fastest; integers and list values stand at the middle of their share. */
void civ_grid_points(const civ_axis *axes, uint32_t n_axes, double *points);

/* The three below fill points[n x n_axes], row after row, in [0, 1).
 * Independent uniform points. A smaller n gives the first rows of a larger one. O(n n_axes). */
void civ_random_points(uint64_t n, uint32_t n_axes, uint64_t seed, double *points);
/* Latin hypercube (McKay, Beckman & Conover 1979): on every axis exactly one point in each of the n strata [i/n,
 * (i+1)/n), at a uniform place within it, axes shuffled independently. A smaller n gives another design. n <= 2^32 - 1.
 * O(n n_axes), no memory. */
void civ_latin_points(uint64_t n, uint32_t n_axes, uint64_t seed, double *points);
/* Points first .. first + n - 1 of the Sobol sequence (Sobol 1967; Bratley & Fox 1988, through GSL), from the origin at
 * 0. With `shifted`, every axis is moved by a random digital shift of its own (Lemieux 2009, 6.2.1; 30 binary digits)
 * and points stand in the middle of their cells: still one point in each stratum for n = 2^m, and free of the origin. A
 * smaller n gives the first rows of a larger one. CIV_E_LIMIT for more than 40 axes or beyond 2^30 points. O((first +
 * n) n_axes). */
CIV_MUST_CHECK civ_status civ_sobol_points(uint64_t first, uint64_t n, uint32_t n_axes, bool shifted, uint64_t seed,
                                           double *points, civ_error *err);

/* Fills points[n x n_axes] by `design` (SOBOL: shifted, from 0). For GRID n must be civ_grid_size. CIV_E_LIMIT,
 * CIV_E_RANGE. */
CIV_MUST_CHECK civ_status civ_design_points(civ_design design, const civ_axis *axes, uint32_t n_axes, uint64_t n,
                                            uint64_t seed, double *points, civ_error *err);

#endif
