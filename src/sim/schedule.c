#include "sim/run_state.h"

/* Sorts agents by reputation descending, ties by index: bottom-up merge, stable, in memory reserved at creation. */
static void sort_by_reputation(civ_run *run)
{
  const uint32_t n = run->people.view.n;
  const double *reputation = run->people.reputation;
  uint32_t *from = run->order, *to = run->order_scratch;
  for (uint64_t width = 1; width < n; width *= 2) {
    for (uint64_t start = 0; start < n; start += 2 * width) {
      const uint64_t middle = start + width < n ? start + width : n;
      const uint64_t end = start + 2 * width < n ? start + 2 * width : n;
      uint64_t i = start, j = middle;
      for (uint64_t k = start; k < end; k++)
        to[k] = j >= end || (i < middle && reputation[from[i]] >= reputation[from[j]]) ? from[i++] : from[j++];
    }
    uint32_t *swap = from;
    from = to;
    to = swap;
  }
  run->order = from;
  run->order_scratch = to;
}

void civ_sim_schedule(civ_run *run)
{
  const uint32_t n = run->people.view.n;
  if (run->simulation->schedule_mode == CIV_ROUND_ROBIN)
    return;
  for (uint32_t i = 0; i < n; i++)
    run->order[i] = i;
  if (run->simulation->schedule_mode == CIV_PRIORITY) {
    sort_by_reputation(run);
    return;
  }
  const civ_draw_key key = { .purpose = CIV_PURPOSE_SCHEDULE, .epoch = run->epoch, .step = run->step };
  civ_draws draws = civ_draws_open(run->seed, &key);
  for (uint32_t i = n; i > 1; i--) { /* Fisher and Yates */
    const uint32_t j = civ_draw_index(&draws, i);
    const uint32_t swap = run->order[i - 1];
    run->order[i - 1] = run->order[j];
    run->order[j] = swap;
  }
}
