#include "metric/composite_structure.h"

#include <math.h>

bool civ_dependency_depths(const uint16_t *dependencies, uint32_t n, uint8_t *depth)
{
  uint32_t placed = 0; /* bits of the parts whose depth is known */
  for (uint32_t level = 0; level < n; level++) {
    uint32_t next = placed;
    for (uint32_t s = 0; s < n; s++)
      if (!(placed >> s & 1u) && (dependencies[s] & ~placed) == 0) {
        depth[s] = (uint8_t)level;
        next |= 1u << s;
      }
    placed = next;
  }
  return placed == (1u << n) - 1;
}

double civ_quality_built_on(uint16_t dependencies, const double *quality, uint32_t n)
{
  double sum = 0;
  uint32_t known = 0;
  for (uint32_t s = 0; s < n; s++)
    if ((dependencies >> s & 1u) && !isnan(quality[s])) {
      sum += quality[s];
      known++;
    }
  return known > 0 ? sum / known : NAN;
}
