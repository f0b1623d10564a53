/* variates.h - data of known distributions, and how many trials a test of coverage makes. */
#ifndef CIV_TESTS_LAB_VARIATES_H
#define CIV_TESTS_LAB_VARIATES_H

#include "../support/check.h"

/* Standard normal (Box & Muller 1958), exponential of mean 1, log-normal of exp(N(0, 1)). */
static inline double draw_normal(civ_draws *draws)
{
  const double radius = sqrt(-2.0 * log(1.0 - civ_draw_uniform(draws)));
  return radius * cos(6.283185307179586 * civ_draw_uniform(draws));
}

static inline double draw_exponential(civ_draws *draws)
{
  return -log(1.0 - civ_draw_uniform(draws));
}

static inline double draw_lognormal(civ_draws *draws)
{
  return exp(draw_normal(draws));
}

/* Sanitizers are slow, and find what they look for in few trials. */
static inline int trials_of(int full)
{
  const char *slow = getenv("CIV_SANITIZED");
  return slow != NULL && strcmp(slow, "0") != 0 ? full / 20 : full;
}

static inline bool is_long(void)
{
  const char *many = getenv("CIV_LONG");
  return many != NULL && strcmp(many, "0") != 0;
}

/* A share `covered` of `trials` lies within 0.95 -+ 0.01, or, with fewer than 10,000 trials, within that and three
 * standard deviations. */
static inline void assert_covers(int covered, int trials)
{
  const double share = (double)covered / trials;
  const double slack = trials >= 10000 ? 0.01 : 0.01 + 3.0 * sqrt(0.95 * 0.05 / trials);
  if (!(fabs(share - 0.95) <= slack))
    fail_msg("covers %.4f of %d trials, not 0.95 -+ %.4f", share, trials, slack);
}

#endif
