/* composite_structure.h - how the parts of a composite task build on each other. Pure functions over bit sets. */
#ifndef CIV_METRIC_COMPOSITE_STRUCTURE_H
#define CIV_METRIC_COMPOSITE_STRUCTURE_H

#include "civitas/export.h"

/* Depth of each part: 0 without dependencies, else one more than the deepest of them. dependencies: bits 1 << part, n <= 16.
 * False: they go in a circle or name a part that is not there; `depth` is then unspecified. O(n^2). */
bool civ_dependency_depths(const uint16_t *dependencies, uint32_t n, uint8_t *depth);

/* Mean quality of the parts in `dependencies` that have one (not NaN); NaN when none has. */
double civ_quality_built_on(uint16_t dependencies, const double *quality, uint32_t n);

#endif
