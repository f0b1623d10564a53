#include "statistics/holm.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"

typedef struct ranked {
  double p;
  uint64_t at;
} ranked;

static int by_p(const void *a, const void *b)
{
  const ranked *x = a, *y = b;
  if (x->p != y->p)
    return x->p < y->p ? -1 : 1;
  return (x->at > y->at) - (x->at < y->at);
}

civ_status civ_holm(const double *p, uint64_t n, double *adjusted, const civ_allocator *allocator, civ_error *err)
{
  const civ_allocator *a = allocator != NULL ? allocator : &civ_allocator_malloc;
  for (uint64_t i = 0; i < n; i++)
    if (p[i] < 0 || p[i] > 1)
      return civ_fail(err, CIV_E_RANGE, "holm", "p-value %llu is %g, outside [0, 1]", (unsigned long long)i, p[i]);
  const uint64_t room = n > 0 ? n : 1;
  ranked *order = civ_zeroed(a, room, sizeof *order);
  if (order == NULL)
    return civ_fail(err, CIV_E_NOMEM, "holm", "no memory for %llu p-values", (unsigned long long)n);
  uint64_t m = 0;
  for (uint64_t i = 0; i < n; i++) {
    if (isnan(p[i]))
      adjusted[i] = p[i];
    else
      order[m++] = (ranked){ p[i], i };
  }
  qsort(order, m, sizeof *order, by_p);
  double highest = 0;
  for (uint64_t j = 0; j < m; j++) {
    highest = fmax(highest, fmin(1.0, (double)(m - j) * order[j].p));
    adjusted[order[j].at] = highest;
  }
  civ_release(a, order, room * sizeof *order);
  return CIV_OK;
}
