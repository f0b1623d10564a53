#include "selfplay/capture.h"

#include <string.h>

/* --- votes ------------------------------------------------------------------------------------------------------------------- */

static bool votes_yes(const civ_plan *plan, const civ_motion *m, bool thrifty)
{
  const bool allied = civ_plan_ally(plan, m->proposer);
  switch (m->kind) {
  case CIV_MOTION_DISENFRANCHISE:
    return !civ_plan_ally(plan, m->payload.target) && allied;
  case CIV_MOTION_ROLE_GRANT:
    return m->payload.recall != civ_plan_ally(plan, m->payload.to);
  case CIV_MOTION_AMENDMENT:
    return allied;
  default:
    if (allied || civ_plan_ally(plan, m->payload.beneficiary))
      return true;
    return !thrifty ||
           (m->payload.beneficiary == CIV_PUBLIC && m->payload.amount < civ_share(plan->p->treasury, 10000));
  }
}

civ_plan civ_plan_begin(civ_capturer *self, const civ_polity *p, const civ_seat *seat, uint8_t me, civ_act *out,
                        bool thrifty)
{
  civ_plan plan = { .self = self, .p = p, .me = me, .allies = seat->allies | civ_citizen_bit(me), .out = out };
  if ((p->enfranchised >> me & 1) == 0)
    return plan;
  for (uint32_t k = 0; k < p->n_open; k++) { /* without branches: nobody can guess who has voted */
    const civ_motion *m = &p->motions[p->open[k] - 1];
    out[plan.n].proposal = m->id;
    plan.n += (~civ_motion_voted(m) >> me & 1) != 0;
  }
  for (uint32_t k = 0; k < plan.n; k++) {
    const civ_motion *m = civ_polity_motion(p, out[k].proposal);
    out[k] = (civ_act){ .kind = CIV_ACT_CAST_VOTE,
                        .proposal = m->id,
                        .choice = votes_yes(&plan, m, thrifty) ? CIV_VOTE_YES : CIV_VOTE_NO };
  }
  return plan;
}

/* --- questions ---------------------------------------------------------------------------------------------------------------- */

bool civ_plan_rests(const civ_plan *plan, civ_tactic tactic)
{
  return plan->p->turn < plan->self->rests_until[tactic];
}

void civ_plan_add(civ_plan *plan, const civ_act *act)
{
  if (civ_plan_full(plan))
    return;
  plan->out[plan->n++] = *act;
  plan->others++;
}

double civ_plan_number(civ_plan *plan, civ_tactical what)
{
  if (!plan->drawn)
    plan->numbers = civ_polity_numbers(plan->p, plan->me, CIV_DRAW_TACTICS, 0, (uint32_t)plan->p->turn);
  plan->drawn = true;
  return civ_number(&plan->numbers, what);
}

bool civ_plan_ally_opened(const civ_plan *plan, civ_motion_kind kind,
                          bool (*test)(const civ_motion_payload *payload, int64_t arg), int64_t arg)
{
  if ((plan->p->agenda.proposers[kind] & plan->allies) == 0)
    return false;
  for (uint32_t k = 0; k < plan->p->n_open; k++) {
    const civ_motion *m = &plan->p->motions[plan->p->open[k] - 1];
    if (m->kind == kind && civ_plan_ally(plan, m->proposer) && (test == NULL || test(&m->payload, arg)))
      return true;
  }
  return false;
}

uint32_t civ_plan_own_open(const civ_plan *plan, civ_motion_kind kind)
{
  uint32_t n = 0;
  if ((plan->p->agenda.proposers[kind] >> plan->me & 1) == 0)
    return 0;
  for (uint32_t k = 0; k < plan->p->n_open; k++) {
    const civ_motion *m = &plan->p->motions[plan->p->open[k] - 1];
    n += m->kind == kind && m->proposer == plan->me;
  }
  return n;
}

/* --- offices and amendments ------------------------------------------------------------------------------------------------------ */

static bool is_of_office(const civ_motion_payload *payload, int64_t office)
{
  return payload->office == office && !payload->recall;
}

static bool is_of_param(const civ_motion_payload *payload, int64_t param)
{
  return payload->param == param;
}

void civ_plan_stand(civ_plan *plan, const uint8_t *offices)
{
  for (; *offices != CIV_NO_OFFICE; offices++)
    if (plan->p->office[*offices].holder == CIV_NO_CITIZEN &&
        !civ_plan_ally_opened(plan, CIV_MOTION_ROLE_GRANT, is_of_office, *offices)) {
      const civ_act act = { .kind = CIV_ACT_PROPOSE_ROLE_GRANT, .payload = { .office = *offices, .to = plan->me } };
      civ_plan_add(plan, &act);
      return;
    }
}

void civ_plan_seek(civ_plan *plan, const uint8_t *offices)
{
  if (!civ_plan_full(plan) && !civ_plan_rests(plan, CIV_TACTIC_FIRST_OFFICE) &&
      ((plan->p->officers | plan->p->agenda.standing) >> plan->me & 1) == 0 &&
      civ_plan_number(plan, CIV_TACTICAL_SEEK) < 0.6)
    civ_plan_stand(plan, offices);
}

void civ_plan_amend(civ_plan *plan, civ_param param, int64_t value)
{
  const civ_act act = {
    .kind = CIV_ACT_PROPOSE_AMENDMENT,
    .payload = { .rule = civ_param_forms[param].rule, .param = (uint8_t)param, .value = value, .memo = "reform" }
  };
  civ_plan_add(plan, &act);
}

void civ_plan_step(civ_plan *plan, civ_param param, int64_t change, int64_t limit, double q)
{
  const int64_t value = plan->p->law.value[param] + change;
  if (civ_plan_full(plan) || plan->p->turn < plan->self->amendment_rests[param] ||
      (change < 0 ? value < limit : value > limit) ||
      civ_plan_ally_opened(plan, CIV_MOTION_AMENDMENT, is_of_param, param) ||
      civ_plan_number(plan, CIV_TACTICAL_STEP) >= q)
    return;
  civ_plan_amend(plan, param, value);
}

/* --- refusals ---------------------------------------------------------------------------------------------------------------------- */

enum { REST = 6, SHORT_REST = 2, AMOUNT_REST = 3, LONG_REST = 10, MOST_HALVINGS = 20 };

static civ_tactic tactic_of(const civ_polity *p, uint8_t me, const civ_act *act)
{
  switch (act->kind) {
  case CIV_ACT_PROPOSE_SPEND:
    return act->payload.beneficiary == me ? CIV_TACTIC_SELF_SPEND : CIV_TACTIC_SPEND;
  case CIV_ACT_PROPOSE_DISENFRANCHISE:
    return CIV_TACTIC_REMOVAL;
  case CIV_ACT_PROPOSE_ROLE_GRANT:
    return civ_polity_offices(p, me) > 0 ? CIV_TACTIC_FURTHER_OFFICE : CIV_TACTIC_FIRST_OFFICE;
  case CIV_ACT_TRANSFER:
    return act->from_treasury ? CIV_TACTIC_MOVE : CIV_TACTIC_GIFT;
  case CIV_ACT_SUSPEND:
    return CIV_TACTIC_SUSPENSION;
  default:
    return CIV_TACTIC_CLOSING;
  }
}

/* Refused for being too much, not for being what it is. */
static bool is_too_much(const char *reason)
{
  static const char *const reasons[] = { "treasury_short", "reserve", "cap", "window_cap", "private_cap" };
  for (size_t k = 0; k < sizeof reasons / sizeof *reasons; k++)
    if (strcmp(reasons[k], reason) == 0)
      return true;
  return false;
}

static void halve(uint8_t *times)
{
  if (*times < MOST_HALVINGS)
    ++*times;
}

void civ_capturer_refused(void *memory, const civ_polity *p, uint8_t me, const civ_act *act, const char *reason)
{
  civ_capturer *self = memory;
  if (act->kind == CIV_ACT_CAST_VOTE || act->kind == CIV_ACT_PASS)
    return;
  if (act->kind == CIV_ACT_PROPOSE_AMENDMENT) {
    if (act->payload.param < CIV_PARAMS)
      self->amendment_rests[act->payload.param] = p->turn + REST;
    return;
  }
  const civ_tactic tactic = tactic_of(p, me, act);
  int32_t rest = REST;
  if (act->kind == CIV_ACT_PROPOSE_SPEND && is_too_much(reason)) {
    rest = AMOUNT_REST;
    halve(&self->spends_halved);
  } else if (tactic == CIV_TACTIC_SELF_SPEND && strcmp(reason, "self_dealing") == 0) {
    rest = LONG_REST;
  } else if (tactic == CIV_TACTIC_MOVE) {
    rest = SHORT_REST;
    halve(&self->moves_halved);
  } else if (tactic == CIV_TACTIC_CLOSING) {
    rest = SHORT_REST;
  }
  self->rests_until[tactic] = p->turn + rest;
}

static double halved(double size, uint8_t times, double least)
{
  for (uint8_t k = 0; k < times; k++)
    size /= 2;
  return size > least ? size : least;
}

double civ_capturer_slice(const civ_capturer *self)
{
  return halved(1, self->spends_halved, 0.05);
}

double civ_capturer_move(const civ_capturer *self)
{
  return halved(0.05, self->moves_halved, 0.002);
}

int64_t civ_capturer_amount(const civ_polity *p, double share)
{
  return (int64_t)(share * (double)p->treasury) / 10000 * 10000;
}
