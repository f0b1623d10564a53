/* permeability.h - the sandbox wall as a membrane: what gets across, and how much harm leaks out. Pure functions. */
#ifndef CIV_WORLD_PERMEABILITY_H
#define CIV_WORLD_PERMEABILITY_H

#include "civitas/config.h"

/* How permeable the wall is under a threat and for a trust (both usually in [0, 1]; trust is not clamped): the base, lowered by
 * the threat and scaled by trust; the plain base where it is not adaptive. In [0, 1]. */
double civ_permeability_effective(const civ_permeability_config *c, double threat, double trust);

/* Whether something of quality p crosses a wall of that permeability: one draw. *quality = what arrives, or p unchanged. */
bool civ_permeability_cross(const civ_permeability_config *c, double permeability, double p, civ_draws *draws,
                            double *quality);

/* Chance that harm of an accepted interaction of quality p wants out. */
double civ_permeability_contagion(const civ_permeability_config *c, double p, double permeability);

typedef struct civ_spillover {
  bool arises, blocked;
  double harm; /* whether or not it was blocked */
} civ_spillover;
/* Of one accepted interaction: a draw for whether it arises, and if so one for whether it crosses. */
civ_spillover civ_permeability_spill(const civ_permeability_config *c, double p, double permeability, civ_draws *draws);

/* Share of the spillovers that the wall stopped; 1 when there were none. */
double civ_permeability_containment(uint64_t open, uint64_t blocked);

/* What the best permeability depends on, summed over accepted interactions. */
typedef struct civ_permeability_sums {
  double benefit;       /* p */
  double harm;          /* (1 - p)^2 */
  double crossing_harm; /* (1 - p)^2 (1/2 + p/2) */
} civ_permeability_sums;
void civ_permeability_sums_add(civ_permeability_sums *s, double p);
/* Benefit against harm that is linear in the permeability: 0 or 1. */
double civ_permeability_optimal(const civ_permeability_config *c, const civ_permeability_sums *s, double weight);
/* The same with the crossing test, which makes harm quadratic: anything in [0, 1]. */
double civ_permeability_optimal_expected(const civ_permeability_config *c, const civ_permeability_sums *s,
                                         double weight);

#endif
