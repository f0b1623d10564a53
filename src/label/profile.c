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

/* n equally likely counts from the bits of one slot. The counts of a shared slot are powers of two, hence exact; the other
 * has 64 bits, so that no answer is more likely than another by more than 2^-62. */
static int32_t count_of(counts range, uint64_t slot)
{
  const uint32_t n = (uint32_t)(range.high - range.low + 1);
  return range.low + (int32_t)((unsigned __int128)slot * n >> 64);
}

static double real_of(reals range, uint64_t slot)
{
  return range.low + (range.high - range.low) * ((double)(slot >> 11) * (1.0 / 9007199254740992.0));
}

static int32_t ask_count(counts range, civ_draws *draws)
{
  if (range.low == range.high)
    return range.low;
  return range.low + (int32_t)civ_draw_index(draws, (uint32_t)(range.high - range.low + 1));
}

/* Prescribed numbers are asked for in the order of the signals, constants passed over. */
static civ_observables ask_each(const profile *p, civ_draws *draws)
{
  civ_observables o;
  o.task_progress_delta = civ_draw_between(draws, p->progress.low, p->progress.high);
  o.rework_count = ask_count(p->rework, draws);
  o.verifier_rejections = ask_count(p->rejections, draws);
  o.tool_misuse_flags = ask_count(p->misuse, draws);
  o.counterparty_engagement_delta = civ_draw_between(draws, p->engagement.low, p->engagement.high);
  return o;
}

/* Every signal has a slot of its own in one block of the stream, whatever the profile: numbers 0, 1 and 3 for progress, rework
 * and engagement, the halves of number 2 for rejections and misuse. So profiles do not shift each other's numbers. */
civ_observables civ_profile_draw(civ_agent_type type, civ_draws *draws)
{
  assert(type < CIV_AGENT_TYPES);
  const profile *p = &profiles[type];
  if (draws->script != NULL)
    return ask_each(p, draws);
  const uint64_t progress = civ_draw_bits(draws), rework = civ_draw_bits(draws), both = civ_draw_bits(draws),
                 engagement = civ_draw_bits(draws);
  return (civ_observables){ .task_progress_delta = real_of(p->progress, progress),
                            .rework_count = count_of(p->rework, rework),
                            .verifier_rejections = count_of(p->rejections, both),
                            .tool_misuse_flags = count_of(p->misuse, both << 32),
                            .counterparty_engagement_delta = real_of(p->engagement, engagement) };
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
