#include "world/permeability.h"

static double clamped(double x)
{
  return x < 0 ? 0 : x > 1 ? 1 : x;
}

double civ_permeability_effective(const civ_permeability_config *c, double threat, double trust)
{
  if (!c->adaptive)
    return c->base_permeability;
  return clamped(c->base_permeability * clamped(1 - threat * c->threat_sensitivity) * (0.5 + 0.5 * trust));
}

bool civ_permeability_cross(const civ_permeability_config *c, double permeability, double p, civ_draws *draws,
                            double *quality)
{
  const bool allowed = civ_draw_uniform(draws) < permeability * (0.5 + 0.5 * p);
  *quality = allowed ? p * (1 - c->information_decay) : p;
  return allowed;
}

double civ_permeability_contagion(const civ_permeability_config *c, double p, double permeability)
{
  return clamped(c->contagion_rate * (1 - p) * permeability);
}

civ_spillover civ_permeability_spill(const civ_permeability_config *c, double p, double permeability, civ_draws *draws)
{
  civ_spillover s = { false, false, 0 };
  double quality;
  if (!civ_draw_chance(draws, civ_permeability_contagion(c, p, permeability)))
    return s;
  s.arises = true;
  s.harm = (1 - p) * c->spillover_amplification;
  s.blocked = !civ_permeability_cross(c, permeability, p, draws, &quality);
  return s;
}

double civ_permeability_containment(uint64_t open, uint64_t blocked)
{
  return open + blocked > 0 ? (double)blocked / (double)(open + blocked) : 1;
}

void civ_permeability_sums_add(civ_permeability_sums *s, double p)
{
  const double harm = (1 - p) * (1 - p);
  s->benefit += p;
  s->harm += harm;
  s->crossing_harm += harm * (0.5 + 0.5 * p);
}

double civ_permeability_optimal(const civ_permeability_config *c, const civ_permeability_sums *s, double weight)
{
  return s->benefit > weight * c->contagion_rate * c->spillover_amplification * s->harm ? 1 : 0;
}

double civ_permeability_optimal_expected(const civ_permeability_config *c, const civ_permeability_sums *s,
                                         double weight)
{
  const double cost = weight * c->contagion_rate * c->spillover_amplification * s->crossing_harm;
  if (!(s->benefit > 0))
    return 0;
  return 2 * cost > s->benefit ? s->benefit / (2 * cost) : 1;
}
