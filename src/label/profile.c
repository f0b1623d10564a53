/* profile.c - what signals each type of agent gives off: data, and one function that draws from it. */
#include <assert.h>

#include "civitas/label.h"

const char *const civ_agent_type_names[CIV_AGENT_TYPES + 1] = { "honest", "opportunistic", "deceptive", "adversarial",
                                                                NULL };

typedef struct reals {
  double low, high;
} reals;
typedef struct counts {
  int32_t low, high;
} counts; /* both ends included, equally likely */

typedef struct profile {
  reals progress;
  counts rework, rejections, misuse;
  reals engagement;
} profile;

static const profile profiles[CIV_AGENT_TYPES] = {
  [CIV_HONEST] = { { 0.3, 0.8 }, { 0, 1 }, { 0, 0 }, { 0, 0 }, { 0.2, 0.6 } },
  [CIV_OPPORTUNISTIC] = { { 0.1, 0.5 }, { 0, 2 }, { 0, 1 }, { 0, 0 }, { -0.2, 0.3 } },
  [CIV_DECEPTIVE] = { { 0.2, 0.6 }, { 0, 2 }, { 0, 1 }, { 0, 0 }, { 0.0, 0.4 } },
  [CIV_ADVERSARIAL] = { { -0.3, 0.2 }, { 1, 3 }, { 1, 2 }, { 0, 1 }, { -0.5, -0.1 } },
};

/* A constant passes over its slot, so that the slots behind it hold the same numbers in every profile. */
static int32_t draw_count(counts range, civ_draws *draws)
{
  if (range.low == range.high) {
    if (draws->script == NULL)
      (void)civ_draw_bits(draws);
    return range.low;
  }
  return range.low + (int32_t)civ_draw_index(draws, (uint32_t)(range.high - range.low + 1));
}

civ_observables civ_profile_draw(civ_agent_type type, civ_draws *draws)
{
  assert(type < CIV_AGENT_TYPES);
  const profile *p = &profiles[type];
  civ_observables o;
  o.task_progress_delta = civ_draw_between(draws, p->progress.low, p->progress.high);
  o.rework_count = draw_count(p->rework, draws);
  o.verifier_rejections = draw_count(p->rejections, draws);
  o.tool_misuse_flags = draw_count(p->misuse, draws);
  o.counterparty_engagement_delta = civ_draw_between(draws, p->engagement.low, p->engagement.high);
  return o;
}

civ_observables civ_observables_settle(civ_observables base, double reputation, bool accepted)
{
  double standing = reputation < -1.0 ? -1.0 : reputation > 1.0 ? 1.0 : reputation;
  double scale = 0.75 + 0.25 * standing;
  base.task_progress_delta *= scale;
  base.counterparty_engagement_delta *= scale;
  if (!accepted && base.counterparty_engagement_delta > 0.0)
    base.counterparty_engagement_delta = 0.0;
  return base;
}
