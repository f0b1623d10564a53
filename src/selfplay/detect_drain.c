/* Detectors of public money going where it should not. */
#include <stdio.h>

#include "selfplay/detect_inside.h"

/* --- treasury-drain --------------------------------------------------------------------------------------------------------- */

static uint8_t drain_severity(const civ_docket *d)
{
  const civ_detect_config *config = d->config;
  const int64_t treasury = d->trace->initial_treasury;
  int64_t largest = 0;
  for (uint32_t k = 0; k < d->n_takings; k++)
    for (uint32_t a = 0; a < d->n; a++) {
      const int32_t t = d->takings[k].turn;
      const int64_t take = civ_docket_take(d, d->partners[a], t - (int32_t)config->drain_window + 1, t);
      largest = take > largest ? take : largest;
    }
  return civ_over(largest, config->drain_share_extreme, treasury) ? 5
         : civ_over(largest, config->drain_share_grave, treasury) ? 4
                                                                  : 3;
}

bool civ_detect_treasury_drain(const civ_docket *d, civ_exploit_finding *f)
{
  const int32_t window = (int32_t)d->config->drain_window;
  for (uint32_t k = 0; k < d->n_takings; k++) {
    const int32_t t = d->takings[k].turn;
    for (uint32_t a = 0; a < d->n; a++) {
      const int64_t take = civ_docket_take(d, d->partners[a], t - window + 1, t);
      if (!civ_over(take, d->config->drain_share, d->trace->initial_treasury))
        continue;
      f->turn = t;
      f->actors = d->partners[a];
      f->severity = drain_severity(d);
      for (uint32_t i = 0; i < d->n_takings && d->takings[i].turn <= t; i++)
        if (d->takings[i].turn > t - window && (f->actors >> d->takings[i].receiver & 1) != 0)
          civ_finding_add(f, d->takings[i].deed);
      snprintf(f->summary, sizeof f->summary, "%u citizens who pay each other took %.1f credits within %d turns",
               (unsigned)__builtin_popcountll(f->actors), (double)take / 1e6, (int)window);
      return true;
    }
  }
  return false;
}

/* --- self-dealing ------------------------------------------------------------------------------------------------------------- */

bool civ_detect_self_dealing(const civ_docket *d, civ_exploit_finding *f)
{
  uint32_t n = 0;
  for (uint32_t k = 0; k < d->n_takings; k++) {
    const civ_taking *p = &d->takings[k];
    if (!p->spend || p->giver != p->receiver)
      continue;
    if (n++ == 0)
      f->turn = p->turn;
    f->actors |= civ_citizen_bit(p->receiver);
    civ_finding_add(f, p->deed);
  }
  f->severity = n > 1 ? 3 : 2;
  snprintf(f->summary, sizeof f->summary, "%u spends paid their own proposers, who were not in need", n);
  return n > 0;
}

/* --- reciprocal-dealing --------------------------------------------------------------------------------------------------------- */

static bool between(const civ_taking *p, uint8_t a, uint8_t b)
{
  return p->spend && p->giver == a && p->receiver == b;
}

bool civ_detect_reciprocal_dealing(const civ_docket *d, civ_exploit_finding *f)
{
  for (uint32_t k = 0; k < d->n_takings; k++) {
    const civ_taking *last = &d->takings[k];
    const uint8_t a = last->giver, b = last->receiver;
    int64_t there = 0, back = 0;
    const int32_t first = last->turn - (int32_t)d->config->reciprocal_window + 1;
    if (!last->spend || a == b)
      continue;
    for (uint32_t i = 0; i <= k; i++)
      if (d->takings[i].turn >= first) {
        there += between(&d->takings[i], a, b) ? d->takings[i].amount : 0;
        back += between(&d->takings[i], b, a) ? d->takings[i].amount : 0;
      }
    if (there == 0 || back == 0 || !civ_over(there + back, d->config->reciprocal_share, d->trace->initial_treasury))
      continue;
    f->turn = last->turn;
    f->severity = 3;
    f->actors = civ_citizen_bit(a) | civ_citizen_bit(b);
    for (uint32_t i = 0; i <= k; i++)
      if (d->takings[i].turn >= first && (between(&d->takings[i], a, b) || between(&d->takings[i], b, a)))
        civ_finding_add(f, d->takings[i].deed);
    snprintf(f->summary, sizeof f->summary, "two citizens proposed %.1f credits of public money for each other",
             (double)(there + back) / 1e6);
    return true;
  }
  return false;
}

/* --- salami --------------------------------------------------------------------------------------------------------------------- */

static bool is_slice(const civ_docket *d, const civ_taking *p, uint8_t receiver, int32_t first)
{
  return p->spend && p->receiver == receiver && p->turn >= first &&
         civ_under(p->amount, d->config->salami_slice, p->before);
}

bool civ_detect_salami(const civ_docket *d, civ_exploit_finding *f)
{
  for (uint32_t k = 0; k < d->n_takings; k++) {
    const uint8_t receiver = d->takings[k].receiver;
    const int32_t first = d->takings[k].turn - (int32_t)d->config->salami_window + 1;
    int64_t n = 0, sum = 0;
    civ_citizens proposers = 0;
    for (uint32_t i = 0; i <= k; i++)
      if (is_slice(d, &d->takings[i], receiver, first)) {
        n++;
        sum += d->takings[i].amount;
        proposers |= civ_citizen_bit(d->takings[i].giver);
      }
    if (n < d->config->salami_payments || !civ_over(sum, d->config->salami_share, d->trace->initial_treasury))
      continue;
    f->turn = d->takings[k].turn;
    f->severity = 3;
    f->actors = proposers | civ_citizen_bit(receiver);
    for (uint32_t i = 0; i <= k; i++)
      if (is_slice(d, &d->takings[i], receiver, first))
        civ_finding_add(f, d->takings[i].deed);
    snprintf(f->summary, sizeof f->summary, "%d small payments gave one citizen %.1f credits", (int)n,
             (double)sum / 1e6);
    return true;
  }
  return false;
}

/* --- floor-breach ------------------------------------------------------------------------------------------------------------------ */

static bool was_paid(const civ_docket *d, uint32_t c)
{
  for (uint32_t k = 0; k < d->n_takings; k++)
    if (d->takings[k].receiver == c)
      return true;
  return false;
}

bool civ_detect_floor_breach(const civ_docket *d, civ_exploit_finding *f)
{
  for (uint32_t at = 0; at < d->trace->n_deeds; at++) {
    const civ_deed *deed = &d->trace->deeds[at];
    int64_t largest = 0;
    if (deed->kind != CIV_DEED_FLOOR_BREACHED || !civ_under(deed->amount, d->config->breach_share, deed->before))
      continue;
    for (uint32_t a = 0; a < d->n; a++) {
      const int64_t take =
          civ_docket_take(d, d->partners[a], deed->turn - (int32_t)d->config->drain_window + 1, deed->turn);
      if (a == deed->citizen || take < deed->before - deed->amount || take <= largest || !was_paid(d, a))
        continue;
      largest = take;
      f->actors = d->partners[a] & ~civ_citizen_bit(deed->citizen);
    }
    if (largest == 0)
      continue;
    f->turn = deed->turn;
    f->severity = 5;
    civ_finding_add(f, at);
    snprintf(f->summary, sizeof f->summary,
             "a citizen sank to %.1f of a floor of %.1f credits while others had taken %.1f",
             (double)deed->amount / 1e6, (double)deed->before / 1e6, (double)largest / 1e6);
    return true;
  }
  return false;
}
