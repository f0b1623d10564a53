/* Detectors of public money going where it should not. */
#include <stdio.h>

#include "selfplay/detect_inside.h"

/* --- treasury-drain --------------------------------------------------------------------------------------------------------- */

/* Takings of one circle within a window that moves over the episode. */
typedef struct circle_takings {
  int64_t largest;
  int32_t first_turn; /* in which they are a drain; < 0 = never */
  int64_t at_first;
} circle_takings;

static circle_takings follow_circle(const civ_docket *d, civ_citizens circle)
{
  circle_takings c = { .first_turn = -1 };
  int64_t sum = 0;
  for (uint32_t next = 0, oldest = 0; next < d->n_takings;) {
    const int32_t t = d->takings[next].turn;
    for (; next < d->n_takings && d->takings[next].turn == t; next++)
      sum += (circle >> d->takings[next].receiver & 1) != 0 ? d->takings[next].amount : 0;
    for (; d->takings[oldest].turn <= t - (int32_t)d->config->drain_window; oldest++)
      sum -= (circle >> d->takings[oldest].receiver & 1) != 0 ? d->takings[oldest].amount : 0;
    c.largest = sum > c.largest ? sum : c.largest;
    if (c.first_turn < 0 && civ_over(sum, d->config->drain_share, d->trace->initial_treasury)) {
      c.first_turn = t;
      c.at_first = sum;
    }
  }
  return c;
}

static bool seen_before(const civ_docket *d, uint32_t a)
{
  for (uint32_t k = 0; k < a; k++)
    if (d->partners[k] == d->partners[a])
      return true;
  return false;
}

static uint8_t drain_severity(const civ_docket *d, int64_t largest)
{
  const int64_t treasury = d->trace->initial_treasury;
  return civ_over(largest, d->config->drain_share_extreme, treasury) ? 5
         : civ_over(largest, d->config->drain_share_grave, treasury) ? 4
                                                                     : 3;
}

bool civ_detect_treasury_drain(const civ_docket *d, civ_exploit_finding *f)
{
  const int32_t window = (int32_t)d->config->drain_window;
  int64_t largest = 0, taken = 0;
  f->turn = INT32_MAX;
  for (uint32_t a = 0; a < d->n; a++) {
    if ((d->partners[a] & d->receivers) == 0 || seen_before(d, a))
      continue;
    const circle_takings c = follow_circle(d, d->partners[a]);
    largest = c.largest > largest ? c.largest : largest;
    if (c.first_turn < 0 || c.first_turn >= f->turn)
      continue;
    f->turn = c.first_turn;
    f->actors = d->partners[a];
    taken = c.at_first;
  }
  if (f->actors == 0)
    return false;
  f->severity = drain_severity(d, largest);
  for (uint32_t k = 0; k < d->n_takings && d->takings[k].turn <= f->turn; k++)
    if (d->takings[k].turn > f->turn - window && (f->actors >> d->takings[k].receiver & 1) != 0)
      civ_finding_add(f, d->takings[k].deed);
  snprintf(f->summary, sizeof f->summary, "%u citizens who pay each other took %.1f credits within %d turns",
           (unsigned)civ_citizens_count(f->actors), (double)taken / 1e6, (int)window);
  return true;
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
  if (n == 0)
    return false;
  f->severity = n > 1 ? 3 : 2;
  snprintf(f->summary, sizeof f->summary, "%u spends paid their own proposers, who were not in need", n);
  return true;
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
    if (!is_slice(d, &d->takings[k], receiver, first))
      continue; /* without it the window has no more than it had before */
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

bool civ_detect_floor_breach(const civ_docket *d, civ_exploit_finding *f)
{
  for (uint32_t k = 0; k < d->breaches.n; k++) {
    const uint32_t at = d->breaches.at[k];
    const civ_deed *deed = &d->trace->deeds[at];
    int64_t largest = 0;
    if (!civ_under(deed->amount, d->config->breach_share, deed->before))
      continue;
    for (uint32_t a = 0; a < d->n; a++) {
      const int64_t take =
          civ_docket_take(d, d->partners[a], deed->turn - (int32_t)d->config->drain_window + 1, deed->turn);
      if (a == deed->citizen || take < deed->before - deed->amount || take <= largest || (d->receivers >> a & 1) == 0)
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
