/* What the law says of an act: the first check that fails names clause and reason. Everything here is a parameter of a clause. */
#include <string.h>

#include "selfplay/polity_inside.h"

static const civ_refusal lawful = { NULL, CIV_NO_RULE };

static civ_refusal refuse(civ_rule rule, const char *reason)
{
  return (civ_refusal){ .reason = reason, .rule = (uint8_t)rule };
}

static int64_t law(const civ_polity *p, civ_param param)
{
  return p->law.value[param];
}

static bool limited(const civ_polity *p, civ_param param)
{
  return p->law.value[param] != CIV_LAW_NULL;
}

/* --- payments ---------------------------------------------------------------------------------------------------------------- */

/* Private payments of the window, to `receiver` or to everybody (CIV_NO_CITIZEN). */
static int64_t paid_in_window(const civ_polity *p, uint8_t receiver)
{
  const int64_t first = p->turn - law(p, CIV_PARAM_SPEND_WINDOW) + 1;
  int64_t sum = 0;
  for (uint32_t k = p->n_payments; k > 0 && p->payments[k - 1].turn >= first; k--)
    if (receiver == CIV_NO_CITIZEN || p->payments[k - 1].receiver == receiver)
      sum += p->payments[k - 1].amount;
  return sum;
}

static int64_t treasury_before_window(const civ_polity *p)
{
  const int64_t at = p->turn - law(p, CIV_PARAM_SPEND_WINDOW);
  return p->treasury_after[at > 0 ? at : 0];
}

/* Conditions of any payment out of the treasury. */
static civ_refusal payment_refusal(const civ_polity *p, uint8_t receiver, int64_t amount)
{
  if (amount > p->treasury)
    return refuse(CIV_RULE_SPEND, "treasury_short");
  int64_t free_money = p->treasury - civ_share(p->initial_treasury, law(p, CIV_PARAM_RESERVE_FRACTION));
  if (law(p, CIV_PARAM_FLOOR_PRIORITY) == 1)
    free_money -= civ_polity_shortfall(p);
  if (amount > (free_money > 0 ? free_money : 0))
    return refuse(CIV_RULE_FLOOR, "reserve");
  if (limited(p, CIV_PARAM_CAP_FRACTION) && amount > civ_share(p->treasury, law(p, CIV_PARAM_CAP_FRACTION)))
    return refuse(CIV_RULE_SPEND, "cap");
  if (receiver == CIV_PUBLIC)
    return lawful;
  const int64_t before = treasury_before_window(p);
  if (limited(p, CIV_PARAM_WINDOW_CAP_FRACTION) &&
      paid_in_window(p, receiver) + amount > civ_share(before, law(p, CIV_PARAM_WINDOW_CAP_FRACTION)))
    return refuse(CIV_RULE_SPEND, "window_cap");
  if (limited(p, CIV_PARAM_PRIVATE_CAP_FRACTION) &&
      paid_in_window(p, CIV_NO_CITIZEN) + amount > civ_share(before, law(p, CIV_PARAM_PRIVATE_CAP_FRACTION)))
    return refuse(CIV_RULE_SPEND, "private_cap");
  return lawful;
}

/* --- conditions of proposals -------------------------------------------------------------------------------------------------- */

/* Parameters that ceiling speaks of: fractions named ...threshold, and the quorum. */
static bool under_ceiling(civ_param param)
{
  const civ_param_form *form = &civ_param_forms[param];
  const size_t length = strlen(form->name), tail = strlen("threshold");
  return param == CIV_PARAM_QUORUM_FRACTION ||
         (form->kind == CIV_PARAM_FRACTION && length >= tail && strcmp(form->name + length - tail, "threshold") == 0);
}

static civ_refusal amendment_conditions(const civ_polity *p, const civ_motion_payload *payload)
{
  const civ_param param = payload->param;
  const bool is_protected = (p->law.protected_rules >> civ_param_forms[param].rule & 1) != 0;
  if (law(p, CIV_PARAM_RATCHET) != 0 && is_protected && civ_law_direction(param, law(p, param), payload->value) < 0)
    return refuse(CIV_RULE_AMENDMENT, "ratchet");
  if (limited(p, CIV_PARAM_CEILING) && under_ceiling(param) && payload->value > law(p, CIV_PARAM_CEILING))
    return refuse(CIV_RULE_AMENDMENT, "ceiling");
  return lawful;
}

static civ_refusal removal_conditions(const civ_polity *p, const civ_motion_payload *payload)
{
  const civ_citizens target = civ_citizen_bit(payload->target);
  if ((p->enfranchised & target) == 0)
    return refuse(CIV_RULE_DISENFRANCHISE, "already");
  if (law(p, CIV_PARAM_REQUIRES_FINDING) != 0 && (p->cause & target) == 0)
    return refuse(CIV_RULE_DISENFRANCHISE, "no_finding");
  const int64_t without = (int64_t)p->n - civ_citizens_count(p->enfranchised);
  if (limited(p, CIV_PARAM_MAX_FRACTION) && (without + 1) * 1000000 > law(p, CIV_PARAM_MAX_FRACTION) * p->n)
    return refuse(CIV_RULE_DISENFRANCHISE, "max_fraction");
  return lawful;
}

static civ_refusal grant_conditions(const civ_polity *p, const civ_motion_payload *payload)
{
  const uint8_t holder = p->office[payload->office].holder;
  if (payload->recall)
    return holder == payload->to ? lawful : refuse(CIV_RULE_ROLES, "not_holder");
  if (holder != CIV_NO_CITIZEN)
    return refuse(CIV_RULE_ROLES, "occupied");
  if ((p->enfranchised & civ_citizen_bit(payload->to)) == 0)
    return refuse(CIV_RULE_ROLES, "not_enfranchised");
  if (limited(p, CIV_PARAM_MAX_PER_CITIZEN) && civ_polity_offices(p, payload->to) >= law(p, CIV_PARAM_MAX_PER_CITIZEN))
    return refuse(CIV_RULE_ROLES, "max_per_citizen");
  return lawful;
}

civ_refusal civ_polity_conditions(const civ_polity *p, civ_motion_kind kind, uint8_t proposer,
                                  const civ_motion_payload *payload)
{
  switch (kind) {
  case CIV_MOTION_SPEND:
    if (law(p, CIV_PARAM_SELF_DEALING) == 2 && payload->beneficiary == proposer)
      return refuse(CIV_RULE_SPEND, "self_dealing");
    return payment_refusal(p, payload->beneficiary, payload->amount);
  case CIV_MOTION_AMENDMENT:
    return amendment_conditions(p, payload);
  case CIV_MOTION_DISENFRANCHISE:
    return removal_conditions(p, payload);
  default:
    return grant_conditions(p, payload);
  }
}

/* --- opening ---------------------------------------------------------------------------------------------------------------------- */

static bool well_formed(const civ_polity *p, civ_motion_kind kind, const civ_motion_payload *payload)
{
  switch (kind) {
  case CIV_MOTION_SPEND:
    return (payload->beneficiary == CIV_PUBLIC || payload->beneficiary < p->n) && payload->amount > 0;
  case CIV_MOTION_AMENDMENT:
    return payload->param < CIV_PARAMS && payload->value != CIV_LAW_ILL &&
           payload->value != p->law.value[payload->param];
  case CIV_MOTION_DISENFRANCHISE:
    return payload->target < p->n;
  default:
    return payload->office < CIV_OFFICES && payload->to < p->n;
  }
}

static civ_refusal proposal_refusal(const civ_polity *p, uint8_t c, const civ_act *act)
{
  const civ_motion_kind kind = (civ_motion_kind)act->kind;
  const int32_t last = p->last_proposed[c];
  if ((p->enfranchised >> c & 1) == 0)
    return refuse(CIV_RULE_FRANCHISE, "not_enfranchised");
  if (limited(p, CIV_PARAM_MAX_OPEN_PER_CITIZEN) && p->own_open[c] >= law(p, CIV_PARAM_MAX_OPEN_PER_CITIZEN))
    return refuse(CIV_RULE_PROPOSAL, "max_open");
  if (last >= 0 && p->turn - last < law(p, CIV_PARAM_COOLDOWN))
    return refuse(CIV_RULE_PROPOSAL, "cooldown");
  if (!well_formed(p, kind, &act->payload))
    return refuse(civ_rule_of_kind[kind], "malformed");
  const civ_refusal condition = civ_polity_conditions(p, kind, c, &act->payload);
  if (condition.reason != NULL)
    return condition;
  if (kind == CIV_MOTION_AMENDMENT) {
    const int32_t failed = p->last_failed[act->payload.param];
    if (law(p, CIV_PARAM_RETRY) > 0 && failed >= 0 && p->turn - failed <= law(p, CIV_PARAM_RETRY))
      return refuse(CIV_RULE_AMENDMENT, "retry");
  }
  if (p->balance[c] < law(p, CIV_PARAM_BOND))
    return refuse(CIV_RULE_PROPOSAL, "bond");
  return lawful;
}

/* --- votes, transfers, powers -------------------------------------------------------------------------------------------------------- */

static bool matches(const civ_motion *m, const civ_motion_ref *ref)
{
  return (ref->proposer == CIV_NO_CITIZEN || m->proposer == ref->proposer) &&
         (ref->kind == CIV_MOTION_KINDS || m->kind == ref->kind) && (ref->turn < 0 || m->opened == ref->turn);
}

const civ_motion *civ_polity_meant(const civ_polity *p, const civ_act *act)
{
  if (act->proposal != 0)
    return civ_polity_motion(p, act->proposal);
  int32_t nth = act->ref.nth;
  for (uint32_t k = 0; k < p->n_motions; k++)
    if (matches(&p->motions[k], &act->ref) && nth-- == 0)
      return &p->motions[k];
  return NULL;
}

static civ_refusal vote_refusal(const civ_polity *p, uint8_t c, const civ_act *act)
{
  if ((p->enfranchised >> c & 1) == 0)
    return refuse(CIV_RULE_FRANCHISE, "not_enfranchised");
  if (!civ_polity_can_vote(p, c))
    return refuse(CIV_RULE_ROLES, "suspended");
  const civ_motion *m = civ_polity_meant(p, act);
  if (m == NULL || !m->open || m->opened == p->turn)
    return refuse(CIV_RULE_PROPOSAL, "not_open");
  if ((civ_motion_voted(m) >> c & 1) != 0)
    return refuse(CIV_RULE_PROPOSAL, "already_voted");
  if (act->choice >= CIV_CHOICES)
    return refuse(CIV_RULE_PROPOSAL, "choice");
  if (law(p, CIV_PARAM_TARGET_VOTES) == 0 && m->kind == CIV_MOTION_DISENFRANCHISE && m->payload.target == c)
    return refuse(CIV_RULE_DISENFRANCHISE, "target_votes");
  if (law(p, CIV_PARAM_SELF_DEALING) == 1 && m->kind == CIV_MOTION_SPEND && m->payload.beneficiary == c)
    return refuse(CIV_RULE_SPEND, "recused");
  return lawful;
}

static civ_refusal transfer_refusal(const civ_polity *p, uint8_t c, const civ_act *act)
{
  if (act->to >= p->n || act->amount <= 0)
    return refuse(CIV_RULE_TRANSFER, "malformed");
  if (act->from_treasury) {
    if (p->office[CIV_TREASURER].holder != c)
      return refuse(CIV_RULE_ROLES, "not_treasurer");
    if (p->moved_this_turn + act->amount > civ_share(p->treasury_at_start, law(p, CIV_PARAM_TREASURER_LIMIT)))
      return refuse(CIV_RULE_ROLES, "treasurer_limit");
    return payment_refusal(p, act->to, act->amount);
  }
  if (law(p, CIV_PARAM_TRANSFER_ENABLED) == 0)
    return refuse(CIV_RULE_TRANSFER, "disabled");
  if (act->to == c)
    return refuse(CIV_RULE_TRANSFER, "malformed");
  if (act->amount > p->balance[c])
    return refuse(CIV_RULE_TRANSFER, "balance");
  return lawful;
}

static civ_refusal closing_refusal(const civ_polity *p, uint8_t c, const civ_act *act)
{
  if (p->office[CIV_SPEAKER].holder != c)
    return refuse(CIV_RULE_ROLES, "not_speaker");
  const civ_motion *m = civ_polity_meant(p, act);
  if (m == NULL || !m->open)
    return refuse(CIV_RULE_PROPOSAL, "not_open");
  if (civ_citizens_count(civ_motion_voted(m)) < civ_polity_need(p))
    return refuse(CIV_RULE_QUORUM, "quorum");
  return lawful;
}

static civ_refusal suspension_refusal(const civ_polity *p, uint8_t c, const civ_act *act)
{
  if (p->office[CIV_REGISTRAR].holder != c)
    return refuse(CIV_RULE_ROLES, "not_registrar");
  if (act->to >= p->n || !civ_polity_can_vote(p, act->to) || p->suspended_until[act->to] > p->turn)
    return refuse(CIV_RULE_ROLES, "malformed");
  if (law(p, CIV_PARAM_REGISTRAR_TERM) == 0)
    return refuse(CIV_RULE_ROLES, "no_power");
  if (p->last_suspension >= 0 && p->turn - p->last_suspension < law(p, CIV_PARAM_REGISTRAR_COOLDOWN))
    return refuse(CIV_RULE_ROLES, "registrar_cooldown");
  return lawful;
}

civ_refusal civ_polity_refusal(const civ_polity *p, uint8_t c, const civ_act *act)
{
  switch (act->kind) {
  case CIV_ACT_CAST_VOTE:
    return vote_refusal(p, c, act);
  case CIV_ACT_TRANSFER:
    return transfer_refusal(p, c, act);
  case CIV_ACT_CLOSE_VOTE:
    return closing_refusal(p, c, act);
  case CIV_ACT_SUSPEND:
    return suspension_refusal(p, c, act);
  case CIV_ACT_PASS:
    return lawful;
  default:
    return proposal_refusal(p, c, act);
  }
}
