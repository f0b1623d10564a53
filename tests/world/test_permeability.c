/* Permeability: the chapter's values, what must hold for all inputs, and the frequencies of spillover. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "world/permeability.h"

static civ_permeability_config defaults(void)
{
  return (civ_permeability_config){ .enabled = true,
                                    .base_permeability = 0.5,
                                    .information_decay = 0.1,
                                    .contagion_rate = 0.05,
                                    .spillover_amplification = 1.5,
                                    .adaptive = true,
                                    .threat_sensitivity = 1 };
}

static void assert_near(double a, double b)
{
  assert_true(fabs(a - b) <= 1e-12);
}

static void golden_values(void **state)
{
  civ_permeability_config c = defaults();
  (void)state;
  assert_near(civ_permeability_effective(&c, 0.3, 0.8), 0.315);
  assert_near(civ_permeability_effective(&c, 0, 0.5), 0.375);
  assert_near(civ_permeability_contagion(&c, 0.3, 0.6), 0.021);
  c.threat_sensitivity = 2;
  assert_near(civ_permeability_effective(&c, 0.9, 1), 0);
  c = defaults();
  c.base_permeability = 0.9;
  c.threat_sensitivity = 0.5;
  assert_near(civ_permeability_effective(&c, 0.4, 0.25), 0.45);
  c = defaults();
  c.adaptive = false;
  assert_near(civ_permeability_effective(&c, 0.9, 0.1), 0.5);
  c = defaults();
  c.base_permeability = 0.8;
  assert_near(civ_permeability_effective(&c, 0, 2), 1); /* trust is not clamped, the answer is */
  assert_near(civ_permeability_containment(0, 0), 1);
  assert_near(civ_permeability_containment(1, 3), 0.75);
}

static double expected_for(double rate, double weight, double p, double q)
{
  civ_permeability_config c = defaults();
  civ_permeability_sums s = { 0, 0, 0 };
  c.contagion_rate = rate;
  civ_permeability_sums_add(&s, p);
  civ_permeability_sums_add(&s, q);
  return civ_permeability_optimal_expected(&c, &s, weight);
}

static void best_permeability(void **state)
{
  civ_permeability_config c = defaults();
  civ_permeability_sums none = { 0, 0, 0 }, poor = { 0, 0, 0 };
  (void)state;
  assert_near(expected_for(0.5, 5, 0.3, 0.2), 0.09489916963226572);
  assert_near(expected_for(1, 1, 0.02, 0.03), 0.01710511348815172);
  assert_near(expected_for(0.05, 1, 0.9, 0.1), 1);
  assert_near(civ_permeability_optimal(&c, &none, 1), 0);
  assert_near(civ_permeability_optimal_expected(&c, &none, 1), 0);
  civ_permeability_sums_add(&poor, 0.02);
  civ_permeability_sums_add(&poor, 0.03);
  assert_near(civ_permeability_optimal(&c, &poor, 1), 0);
  civ_permeability_sums_add(&poor, 0.9);
  assert_near(civ_permeability_optimal(&c, &poor, 1), 1);
  assert_near(civ_permeability_optimal_expected(&c, &poor, 0), 1); /* harm that weighs nothing */
}

static civ_draws some_draws(uint32_t k)
{
  const civ_draw_key key = { .purpose = CIV_PURPOSE_FUZZ, .entity = k };
  return civ_draws_open(17, &key);
}

/* Over random rules: everything stays in its range, and moves the way its name says. */
static void contagion_and_permeability_are_monotonic(void **state)
{
  (void)state;
  for (uint32_t k = 0; k < 20000; k++) {
    civ_draws d = some_draws(k);
    civ_permeability_config c = defaults();
    c.base_permeability = civ_draw_uniform(&d);
    c.contagion_rate = civ_draw_uniform(&d);
    c.threat_sensitivity = civ_draw_between(&d, 0, 3);
    const double p = civ_draw_uniform(&d), q = p + (1 - p) * civ_draw_uniform(&d);
    const double t = civ_draw_uniform(&d), u = t + (1 - t) * civ_draw_uniform(&d);
    const double x = civ_permeability_effective(&c, t, p), wall = civ_draw_uniform(&d);
    assert_true(x >= 0 && x <= c.base_permeability);
    assert_true(civ_permeability_effective(&c, u, p) <= x); /* more threat */
    assert_true(civ_permeability_effective(&c, t, q) >= x); /* more trust */
    assert_true(civ_permeability_contagion(&c, q, wall) <= civ_permeability_contagion(&c, p, wall));
    assert_true(civ_permeability_contagion(&c, p, wall * t) <= civ_permeability_contagion(&c, p, wall));
    assert_true(civ_permeability_contagion(&c, p, wall) >= 0 && civ_permeability_contagion(&c, p, wall) <= 1);
  }
}

/* P(open) = rate (1 - p) pi^2 (1/2 + p/2). */
static void spillover_has_the_chapters_frequencies(void **state)
{
  civ_permeability_config c = defaults();
  uint32_t open = 0, blocked = 0;
  enum { TRIALS = 200000 };
  const double p = 0.3, wall = 0.8;
  (void)state;
  c.contagion_rate = 0.9;
  for (uint32_t k = 0; k < TRIALS; k++) {
    civ_draws d = some_draws(k);
    const civ_spillover s = civ_permeability_spill(&c, p, wall, &d);
    if (!s.arises)
      continue;
    assert_near(s.harm, 0.7 * 1.5);
    open += !s.blocked;
    blocked += s.blocked;
  }
  const double arise = 0.9 * 0.7 * 0.8, out = arise * 0.8 * 0.65;
  assert_true(fabs((open + blocked) / (double)TRIALS - arise) < 5 * sqrt(arise * (1 - arise) / TRIALS));
  assert_true(fabs(open / (double)TRIALS - out) < 5 * sqrt(out * (1 - out) / TRIALS));
}

static void walls_that_are_open_or_shut(void **state)
{
  civ_permeability_config c = defaults();
  double quality;
  (void)state;
  for (uint32_t k = 0; k < 1000; k++) {
    civ_draws d = some_draws(k);
    assert_true(civ_permeability_cross(&c, 1, 1, &d, &quality));
    assert_near(quality, 0.9);
    assert_false(civ_permeability_cross(&c, 0, 0.8, &d, &quality));
    assert_near(quality, 0.8);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(golden_values),
    cmocka_unit_test(best_permeability),
    cmocka_unit_test(contagion_and_permeability_are_monotonic),
    cmocka_unit_test(spillover_has_the_chapters_frequencies),
    cmocka_unit_test(walls_that_are_open_or_shut),
  };
  return cmocka_run_group_tests_name("permeability", tests, NULL, NULL);
}
