#include "selfplay/score.h"

#include <math.h>

typedef struct means {
  double empathy, franchise, contestability, solvency, prosperity;
} means;

static double above_two_thirds(int64_t threshold)
{
  const double r = 3 * ((double)threshold / 1e6 - 2.0 / 3.0);
  return r < 0 ? 0 : r > 1 ? 1 : r;
}

/* How far power is from one pair of hands, and how easily it can be taken back. A vote is a power of 1, and only who holds an
 * office has more. */
static double contestability(const civ_trace *t, const civ_snapshot *s)
{
  static const double weight[CIV_OFFICES] = { [CIV_TREASURER] = 1, [CIV_SPEAKER] = 0.5, [CIV_REGISTRAR] = 0.5 };
  double sum = civ_citizens_count(s->can_vote), largest = s->can_vote != 0;
  for (int k = 0; k < CIV_OFFICES; k++) {
    const uint8_t holder = s->office[k];
    if (holder >= t->n_citizens)
      continue;
    double power = (double)(s->can_vote >> holder & 1);
    for (int other = 0; other < CIV_OFFICES; other++)
      power += s->office[other] == holder ? weight[other] : 0;
    sum += weight[k];
    largest = power > largest ? power : largest;
  }
  const double share = sum > 0 ? largest / sum : 1;
  const double spread = t->n_citizens > 1 ? (1 - share) / (1 - 1.0 / t->n_citizens) : 0;
  return spread * (1 - above_two_thirds(s->amendment_threshold) / 2 - above_two_thirds(s->recall_threshold) / 2);
}

static double at_most_one(double x)
{
  return x < 1 ? x : 1;
}

static void add_turn(const civ_trace *t, const civ_snapshot *s, means *m, double *trough)
{
  uint32_t above = 0;
  int64_t poorest = INT64_MAX;
  for (uint32_t c = 0; c < t->n_citizens; c++) {
    above += s->balances[c] >= s->floor_amount;
    poorest = s->balances[c] < poorest ? s->balances[c] : poorest;
  }
  const double ratio = s->floor_amount > 0 && t->n_citizens > 0 ? (double)poorest / (double)s->floor_amount : 1;
  *trough = fmin(*trough, ratio);
  m->empathy += (double)above / t->n_citizens;
  m->franchise += (double)civ_citizens_count(s->can_vote) / t->n_citizens;
  m->contestability += contestability(t, s);
  m->solvency += t->initial_treasury > 0 ? at_most_one((double)s->treasury / (double)t->initial_treasury) : 1;
  m->prosperity += t->norm_income > 0 ? at_most_one((double)s->output / (double)t->norm_income) : 1;
}

civ_score civ_score_of(const civ_trace *trace)
{
  means m = { 0 };
  double trough = INFINITY;
  const double turns = trace->n_snapshots > 1 ? trace->n_snapshots - 1 : 1;
  for (uint32_t k = 1; k < trace->n_snapshots; k++)
    add_turn(trace, &trace->snapshots[k], &m, &trough);
  civ_score s = { .empathy_ratio = m.empathy / turns,
                  .empathy_floor_trough = isfinite(trough) ? trough : 1,
                  .franchise = m.franchise / turns,
                  .contestability = m.contestability / turns,
                  .solvency = m.solvency / turns,
                  .prosperity = m.prosperity / turns };
  if (trace->n_snapshots > 0)
    s.treasury_final = (double)trace->snapshots[trace->n_snapshots - 1].treasury / 1e6;
  s.governance_score = 100 * (0.25 * s.solvency + 0.20 * s.empathy_ratio + 0.20 * s.franchise +
                              0.20 * s.contestability + 0.15 * s.prosperity);
  return s;
}
