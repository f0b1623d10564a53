/* One pair: what its record says, and how suspicious that is. */
#include <math.h>

#include "metric/collusion_inside.h"

/* Weights of the score's parts, and how many interactions it takes to be sure. */
static const double FREQUENCY = 0.25, CORRELATION = 0.30, ACCEPTANCE = 0.20, QUALITY = 0.25, CERTAIN = 10;
/* Signals: acceptance, and how much better or worse two agents are with each other than with others. */
static const double AGREEABLE = 0.8, ASYMMETRIC = 0.2;

double civ_collusion_score(double z, double correlation, double acceptance, double mean_p, uint64_t n,
                           double frequency_threshold)
{
  const double f = z > 0 ? fmin(1, z / frequency_threshold) : 0, c = fmax(0, correlation);
  const double a = fmax(0, 2 * (acceptance - 0.5)), q = acceptance > 0.5 ? fmax(0, 2 * (0.5 - mean_p)) : 0;
  return (FREQUENCY * f + CORRELATION * c + ACCEPTANCE * a + QUALITY * q) * fmin(1, (double)n / CERTAIN);
}

/* The variance of the counts is computed in integers: equal counts have none, exactly. */
double civ_collusion_frequency(const civ_collusion *c, uint32_t n)
{
  const unsigned __int128 spread =
      (unsigned __int128)c->n_pairs * c->squares - (unsigned __int128)c->interactions * c->interactions;
  if (c->n_pairs < 2 || spread == 0)
    return 0;
  return ((double)n * (double)c->n_pairs - (double)c->interactions) / sqrt((double)spread);
}

/* A standard deviation that rounding alone can make counts as none. */
static bool varies(double m2, double mean, uint32_t n)
{
  return sqrt(m2 / n) > 1e-12 * fmax(1, fabs(mean));
}

static double correlation(const pair_record *r)
{
  if (r->n < 2 || !varies(r->m2_low, r->mean_low, r->n) || !varies(r->m2_high, r->mean_high, r->n))
    return 0;
  const double k = r->co / (sqrt(r->m2_low) * sqrt(r->m2_high));
  return isfinite(k) ? fmax(-1, fmin(1, k)) : 0;
}

/* How far the pair's mean p is from that of the agent's other dealings; 0 without others. */
static double asymmetry(const civ_collusion *c, const pair_record *r, civ_agent a)
{
  const agent_record *agent = &c->people[a];
  const uint32_t sides = r->low == r->high ? 2 : 1, others = agent->n - sides * r->n;
  const double p = r->p_low + r->p_high;
  return others == 0 ? 0 : fabs(p / r->n - (agent->p - sides * p) / others);
}

uint32_t civ_collusion_signals(const civ_collusion *c, const civ_collusion_pair *pair)
{
  const pair_record *r = &c->pairs[pair->order];
  uint32_t set = 0;
  if (pair->frequency > c->params.frequency_threshold)
    set |= CIV_COLLUSION_FREQUENT;
  if (pair->correlation > c->params.correlation_threshold)
    set |= CIV_COLLUSION_CORRELATED;
  if (pair->acceptance > AGREEABLE)
    set |= CIV_COLLUSION_AGREEABLE;
  if (fmax(asymmetry(c, r, r->low), asymmetry(c, r, r->high)) > ASYMMETRIC)
    set |= CIV_COLLUSION_ASYMMETRIC;
  return set;
}

civ_collusion_pair civ_collusion_pair_read(const civ_collusion *c, const pair_record *r, uint32_t order)
{
  const uint32_t from_high = r->n - r->from_low;
  civ_collusion_pair pair = { .a = r->low, .b = r->high, .interactions = r->n, .order = order };
  pair.acceptance = (double)r->accepted / r->n;
  pair.benefit_a = r->mean_low;
  pair.benefit_b = r->mean_high;
  pair.correlation = correlation(r);
  pair.p_a = r->from_low > 0 ? r->p_low / r->from_low : 0.5;
  pair.p_b = from_high > 0 ? r->p_high / from_high : 0.5;
  pair.gap = r->gap_mean;
  pair.burstiness = r->gap_mean > 0 ? sqrt(r->gap_m2 / (r->n - 1)) / r->gap_mean : 0;
  pair.frequency = civ_collusion_frequency(c, r->n);
  pair.score = civ_collusion_score(pair.frequency, pair.correlation, pair.acceptance, (pair.p_a + pair.p_b) / 2, r->n,
                                   c->params.frequency_threshold);
  return pair;
}
