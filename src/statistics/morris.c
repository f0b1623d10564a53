#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "civitas/draws.h"
#include "statistics/sensitivity.h"
#include "statistics/statistics.h"

/* Streams of trajectories stand beside those of the designs. */
enum { MORRIS_STREAM = CIV_DESIGNS };

civ_status civ_morris_plan_size(uint64_t trajectories, uint32_t k, uint32_t levels, uint64_t *out, civ_error *err)
{
  if (k == 0)
    return civ_fail(err, CIV_E_RANGE, "morris", "no parameter; give at least one");
  if (trajectories == 0)
    return civ_fail(err, CIV_E_RANGE, "morris", "no trajectory; 10 to 50 are usual");
  if (levels < 2 || levels > 1000 || levels % 2 != 0)
    return civ_fail(err, CIV_E_RANGE, "morris", "%u levels; an even number from 2 to 1000 is needed, 4 is usual",
                    levels);
  if (trajectories > civ_design_most / ((uint64_t)k + 1))
    return civ_fail(err, CIV_E_LIMIT, "morris", "%llu trajectories of %llu points are more than %llu points",
                    (unsigned long long)trajectories, (unsigned long long)k + 1, (unsigned long long)civ_design_most);
  *out = trajectories * ((uint64_t)k + 1);
  return CIV_OK;
}

/* Where a coordinate on level `at` goes. */
static double jump(double at, double half)
{
  return at < half ? at + half : at - half;
}

/* One trajectory, in levels until the last moment. The order of moves stands in the second row, which is therefore
 * written last: no memory is needed beside the plan. */
static void trajectory(double *rows, uint32_t k, uint32_t levels, civ_draws *draws)
{
  double *start = rows, *order = rows + k;
  const uint32_t half = levels / 2;
  for (uint32_t i = 0; i < k; i++) {
    const uint32_t lower = civ_draw_index(draws, half); /* of the two levels that coordinate i takes */
    start[i] = civ_draw_chance(draws, 0.5) ? lower + half : lower;
    const uint32_t other = civ_draw_index(draws, i + 1);
    order[i] = order[other];
    order[other] = i;
  }
  for (uint32_t j = k; j > 1; j--) { /* row j: coordinates order[0 .. j-1] have moved */
    double *row = rows + (size_t)j * k;
    memcpy(row, start, k * sizeof *row);
    for (uint32_t m = 0; m < j; m++)
      row[(uint32_t)order[m]] = jump(start[(uint32_t)order[m]], half);
  }
  const uint32_t mover = (uint32_t)order[0];
  memcpy(order, start, k * sizeof *order);
  order[mover] = jump(start[mover], half);
  for (size_t at = 0; at < ((size_t)k + 1) * k; at++)
    rows[at] /= levels - 1.0;
}

civ_status civ_morris_plan(uint64_t trajectories, uint32_t k, uint32_t levels, uint64_t seed, double *points,
                           civ_error *err)
{
  uint64_t size;
  const civ_status status = civ_morris_plan_size(trajectories, k, levels, &size, err);
  if (status != CIV_OK)
    return status;
  for (uint64_t r = 0; r < trajectories; r++) {
    const civ_draw_key key = { .purpose = CIV_PURPOSE_DESIGN, .other = MORRIS_STREAM, .ordinal = (uint32_t)r };
    civ_draws draws = civ_draws_open(seed, &key);
    trajectory(points + r * ((uint64_t)k + 1) * k, k, levels, &draws);
  }
  return CIV_OK;
}

/* Which coordinate the step from `here` to the next row moves, and whether up (+1) or down (-1); k if none or several.
 */
static uint32_t moved(const double *here, uint32_t k, uint32_t levels, double *sign)
{
  const double *next = here + k;
  uint32_t which = k;
  for (uint32_t i = 0; i < k; i++) {
    if (next[i] == here[i])
      continue;
    const double delta = levels / (2.0 * (levels - 1.0));
    if (which != k || fabs(fabs(next[i] - here[i]) - delta) > 1e-9)
      return k;
    which = i;
    *sign = next[i] > here[i] ? 1.0 : -1.0;
  }
  return which;
}

/* All elementary effects: effects[i][r] of parameter i in trajectory r; not finite where an output is missing. */
static civ_status collect(const double *points, const double *outputs, uint64_t trajectories, uint32_t k,
                          uint32_t levels, double *effects, civ_error *err)
{
  const double delta = levels / (2.0 * (levels - 1.0));
  for (uint64_t i = 0; i < trajectories * k; i++)
    effects[i] = (double)INFINITY; /* not moved yet */
  for (uint64_t r = 0; r < trajectories; r++)
    for (uint32_t j = 0; j < k; j++) {
      const uint64_t at = r * ((uint64_t)k + 1) + j;
      double sign = 1.0;
      const uint32_t i = moved(points + at * k, k, levels, &sign);
      if (i == k || effects[i * trajectories + r] != (double)INFINITY)
        return civ_fail(err, CIV_E_RANGE, "morris", "point %llu does not continue a trajectory of %u levels",
                        (unsigned long long)at + 1, levels);
      const double from = outputs[at], to = outputs[at + 1];
      effects[i * trajectories + r] = isfinite(from) && isfinite(to) ? sign * (to - from) / delta : (double)NAN;
    }
  return CIV_OK;
}

/* `effects` of one parameter; `scratch` has as much room. */
static civ_status judge(const double *effects, uint64_t trajectories, uint32_t parameter, const civ_bootstrap *options,
                        double *scratch, civ_effects *out, civ_error *err)
{
  civ_bootstrap own = *options;
  own.other = parameter;
  for (uint64_t r = 0; r < trajectories; r++)
    scratch[r] = effects[r];
  const civ_summary signed_effects = civ_summarise(scratch, trajectories);
  *out = (civ_effects){ .n = signed_effects.n, .missing = trajectories - signed_effects.n, .sigma = signed_effects.sd };
  out->mu.value = signed_effects.mean;
  civ_status status = civ_interval_bootstrap(effects, trajectories, &own, &out->mu.interval, err);
  if (status != CIV_OK)
    return status;
  for (uint64_t r = 0; r < trajectories; r++)
    scratch[r] = fabs(effects[r]);
  status = civ_interval_bootstrap(scratch, trajectories, &own, &out->mu_star.interval, err);
  out->mu_star.value = civ_summarise(scratch, trajectories).mean;
  return status;
}

civ_status civ_morris_analyse(const double *points, const double *outputs, uint64_t trajectories, uint32_t k,
                              uint32_t levels, const civ_bootstrap *options, civ_effects *out, civ_error *err)
{
  const civ_allocator *a = options->allocator != NULL ? options->allocator : &civ_allocator_malloc;
  uint64_t size;
  civ_status status = civ_bootstrap_check(options, err);
  if (status == CIV_OK)
    status = civ_morris_plan_size(trajectories, k, levels, &size, err);
  if (status != CIV_OK)
    return status;
  const size_t room = ((size_t)k + 1) * trajectories;
  double *effects = civ_zeroed(a, room, sizeof *effects);
  civ_effects *found = civ_zeroed(a, k, sizeof *found);
  if (effects == NULL || found == NULL)
    status = civ_fail(err, CIV_E_NOMEM, "morris", "no memory for %llu trajectories", (unsigned long long)trajectories);
  if (status == CIV_OK)
    status = collect(points, outputs, trajectories, k, levels, effects, err);
  for (uint32_t i = 0; status == CIV_OK && i < k; i++)
    status =
        judge(effects + i * trajectories, trajectories, i, options, effects + (size_t)k * trajectories, &found[i], err);
  for (uint32_t i = 0; status == CIV_OK && i < k; i++)
    out[i] = found[i];
  civ_release(a, effects, room * sizeof *effects);
  civ_release(a, found, k * sizeof *found);
  return status;
}
