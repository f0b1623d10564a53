/* The end of a turn: terms run out, everybody produces and consumes, the treasury lifts those below the floor. */
#include <stdlib.h>

#include "selfplay/polity_inside.h"

static void terms_end(civ_polity *p)
{
  for (int k = 0; k < CIV_OFFICES; k++)
    if (p->office[k].holder != CIV_NO_CITIZEN && p->office[k].until >= 0 && p->office[k].until <= p->turn)
      civ_polity_end_office(p, (civ_office)k, "term");
}

static void franchises_return(civ_polity *p)
{
  for (civ_citizens left = p->founding & ~p->enfranchised; left != 0; left &= left - 1) {
    const uint32_t c = (uint32_t)__builtin_ctzll(left);
    if (p->franchise_returns[c] >= 0 && p->franchise_returns[c] <= p->turn) {
      p->enfranchised |= civ_citizen_bit(c);
      p->franchise_returns[c] = -1;
      civ_polity_note(p, CIV_DEED_ENFRANCHISED, (uint8_t)c)->citizen = (uint8_t)c;
    }
  }
}

static int64_t least(int64_t a, int64_t b)
{
  return a < b ? a : b;
}

static int64_t most(int64_t a, int64_t b)
{
  return a > b ? a : b;
}

static void live(civ_polity *p)
{
  const civ_physics *physics = &p->physics;
  p->output = physics->base_income + civ_polity_works(p, p->turn);
  const int64_t tax = civ_share(p->output, physics->tax);
  const civ_citizens shocked = civ_polity_drawn(p, CIV_DRAW_SHOCK, 0, physics->shock_probability);
  p->produced += (int64_t)p->n * p->output;
  p->treasury += (int64_t)p->n * tax;
  for (uint32_t c = 0; c < p->n; c++) {
    const int64_t owned = p->balance[c] + p->output - tax, shock = (shocked >> c & 1) != 0 ? physics->shock_size : 0;
    const int64_t left = most(most(owned - physics->consumption, 0) - shock, 0);
    p->consumed += owned - left;
    p->balance[c] = left;
  }
}

/* Citizens below the floor, poorest first, in citizen order among equals. */
static uint32_t below_floor(const civ_polity *p, uint8_t out[CIV_CITIZENS_MOST])
{
  uint32_t n = 0;
  for (civ_citizens left = civ_polity_all_needy(p); left != 0; left &= left - 1) {
    const uint32_t c = (uint32_t)__builtin_ctzll(left);
    uint32_t at = n++;
    for (; at > 0 && p->balance[out[at - 1]] > p->balance[c]; at--)
      out[at] = out[at - 1];
    out[at] = (uint8_t)c;
  }
  return n;
}

static void lift(civ_polity *p, uint8_t c)
{
  const int64_t amount = least(p->law.value[CIV_PARAM_FLOOR_AMOUNT] - p->balance[c], p->treasury);
  if (amount <= 0)
    return;
  p->treasury -= amount;
  p->balance[c] += amount;
  civ_deed *deed = civ_polity_note(p, CIV_DEED_FLOOR_TOP_UP, c);
  deed->citizen = c;
  deed->amount = amount;
}

static void keep_floor(civ_polity *p)
{
  uint8_t poor[CIV_CITIZENS_MOST];
  const uint32_t n = below_floor(p, poor);
  for (uint32_t k = 0; k < n && p->law.value[CIV_PARAM_TOP_UP] != 0; k++)
    lift(p, poor[k]);
  for (uint32_t k = 0; k < n; k++)
    if (civ_polity_needy(p, poor[k])) {
      civ_deed *deed = civ_polity_note(p, CIV_DEED_FLOOR_BREACHED, poor[k]);
      deed->citizen = poor[k];
      deed->amount = p->balance[poor[k]];
      deed->before = p->law.value[CIV_PARAM_FLOOR_AMOUNT];
    }
}

void civ_polity_tick(civ_polity *p)
{
  terms_end(p);
  franchises_return(p);
  live(p);
  keep_floor(p);
  p->treasury_after[p->turn] = p->treasury;
}
