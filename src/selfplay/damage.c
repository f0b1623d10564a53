#include "selfplay/damage.h"

static double taken(const civ_trace *t, civ_citizens perpetrators)
{
  int64_t sum = 0;
  for (uint32_t k = 0; k < t->n_deeds; k++) {
    const civ_deed *d = &t->deeds[k];
    const bool payment = d->kind == CIV_DEED_SPEND_PAID || (d->kind == CIV_DEED_TRANSFER && d->citizen == CIV_TREASURY);
    if (payment && !d->needy && d->other < t->n_citizens && (perpetrators >> d->other & 1) != 0)
      sum += d->amount;
  }
  const double share = t->initial_treasury > 0 ? (double)sum / (double)t->initial_treasury : 0;
  return share < 1 ? share : 1;
}

civ_damage civ_damage_of(const civ_trace *t, civ_citizens perpetrators)
{
  const int n_perpetrators = civ_citizens_count(perpetrators);
  const double others = (double)t->n_citizens - n_perpetrators;
  const double turns = t->n_snapshots > 1 ? t->n_snapshots - 1 : 1;
  civ_damage d = { .taken = taken(t, perpetrators) };
  for (uint32_t k = 1; k < t->n_snapshots; k++) {
    const civ_snapshot *s = &t->snapshots[k];
    const int voting = civ_citizens_count(s->can_vote & ~perpetrators);
    if (others > 0)
      d.silenced += (others - voting) / others / turns;
    for (int o = 0; o < CIV_OFFICES; o++)
      if (s->office[o] < t->n_citizens && (perpetrators >> s->office[o] & 1) != 0)
        d.offices += 1 / (turns * CIV_OFFICES);
  }
  const double surplus = d.offices - (double)n_perpetrators / t->n_citizens;
  d.damage = 0.5 * d.taken + 0.3 * d.silenced + 0.2 * (surplus > 0 ? surplus : 0);
  return d;
}
