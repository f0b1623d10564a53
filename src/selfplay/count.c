/* Counting: amendments that come due, then proposals that close, each under the law in force at that moment. */
#include <string.h>

#include "base/memory.h"
#include "selfplay/polity_inside.h"

/* The votes that count, and what they must reach. */
typedef struct tally {
  civ_citizens yes, no, abstain, void_votes;
  uint32_t base;
  int32_t need;
  int64_t threshold;
} tally;

/* --- effects ---------------------------------------------------------------------------------------------------------------- */

static void pay_spend(civ_polity *p, const civ_motion *m)
{
  const uint8_t beneficiary = m->payload.beneficiary;
  const bool needy = beneficiary != CIV_PUBLIC && civ_polity_needy(p, beneficiary);
  civ_deed *deed = civ_polity_note(p, CIV_DEED_SPEND_PAID, m->proposer);
  deed->proposal = m->id;
  deed->citizen = m->proposer;
  deed->other = beneficiary;
  deed->amount = m->payload.amount;
  deed->before = p->treasury;
  deed->needy = needy;
  civ_polity_show(p);
  civ_polity_pay(p, m->proposer, beneficiary, m->payload.amount, needy, false);
  if (beneficiary == m->proposer && !needy)
    civ_polity_breach(p, m->proposer, "self_dealing");
}

static void amend(civ_polity *p, const civ_motion *m)
{
  const civ_refusal why = civ_polity_conditions(p, CIV_MOTION_AMENDMENT, m->proposer, &m->payload);
  const civ_param param = m->payload.param;
  civ_deed *deed =
      civ_polity_note(p, why.reason != NULL ? CIV_DEED_AMENDMENT_LAPSED : CIV_DEED_AMENDMENT_APPLIED, m->proposer);
  deed->proposal = m->id;
  deed->citizen = m->proposer;
  deed->rule = civ_param_forms[param].rule;
  deed->param = (uint8_t)param;
  deed->before = p->law.value[param];
  deed->value = m->payload.value;
  deed->reason = why.reason;
  if (why.reason != NULL)
    return;
  deed->direction = (int8_t)civ_law_direction(param, p->law.value[param], m->payload.value);
  civ_polity_show(p);
  p->law.value[param] = m->payload.value;
}

static void apply_amendment(civ_polity *p, const civ_motion *m)
{
  const int32_t delay = (int32_t)p->law.value[CIV_PARAM_DELAY];
  if (delay == 0) {
    amend(p, m);
    return;
  }
  if (civ_grow(&civ_allocator_malloc, (void **)&p->pending, &p->pending_capacity, (size_t)p->n_pending + 1,
               sizeof *p->pending) != CIV_OK)
    p->failed = true;
  else
    p->pending[p->n_pending++] = (civ_pending_amendment){ .motion = m->id, .due = p->turn + delay };
}

void civ_polity_settle_offices(civ_polity *p)
{
  p->officers = p->officers_twice = 0;
  for (int k = 0; k < CIV_OFFICES; k++) {
    if (p->office[k].holder == CIV_NO_CITIZEN)
      continue;
    const civ_citizens holder = civ_citizen_bit(p->office[k].holder);
    p->officers_twice |= p->officers & holder;
    p->officers |= holder;
  }
}

void civ_polity_end_office(civ_polity *p, civ_office office, const char *reason)
{
  const uint8_t holder = p->office[office].holder;
  civ_deed *deed = civ_polity_note(p, CIV_DEED_ROLE_ENDED, holder);
  deed->office = (uint8_t)office;
  deed->citizen = holder;
  deed->reason = reason;
  p->office[office] = (civ_officer){ .holder = CIV_NO_CITIZEN, .until = -1 };
  civ_polity_settle_offices(p);
}

static void remove_citizen(civ_polity *p, const civ_motion *m)
{
  const uint8_t target = m->payload.target;
  const int64_t term = p->law.value[CIV_PARAM_DISENFRANCHISE_TERM];
  civ_deed *deed = civ_polity_note(p, CIV_DEED_DISENFRANCHISED, m->proposer);
  deed->citizen = target;
  deed->other = m->proposer;
  deed->cause = (p->cause >> target & 1) != 0;
  deed->proposal = m->id;
  p->enfranchised &= ~civ_citizen_bit(target);
  p->franchise_returns[target] = term == CIV_LAW_NULL ? -1 : p->turn + (int32_t)term;
  for (int k = 0; k < CIV_OFFICES; k++)
    if (p->office[k].holder == target)
      civ_polity_end_office(p, (civ_office)k, "disenfranchised");
}

static void grant(civ_polity *p, const civ_motion *m)
{
  const civ_office office = (civ_office)m->payload.office;
  const int64_t term = p->law.value[CIV_PARAM_ROLES_TERM];
  if (m->payload.recall) {
    civ_polity_end_office(p, office, "recall");
    return;
  }
  p->office[office] = (civ_officer){ .holder = m->payload.to,
                                     .since = p->turn,
                                     .until = term == CIV_LAW_NULL ? -1 : p->turn + (int32_t)term };
  civ_polity_settle_offices(p);
  civ_deed *deed = civ_polity_note(p, CIV_DEED_ROLE_GRANTED, m->proposer);
  deed->office = (uint8_t)office;
  deed->citizen = m->payload.to;
}

static void take_effect(civ_polity *p, const civ_motion *m)
{
  switch (m->kind) {
  case CIV_MOTION_SPEND:
    pay_spend(p, m);
    break;
  case CIV_MOTION_AMENDMENT:
    apply_amendment(p, m);
    break;
  case CIV_MOTION_DISENFRANCHISE:
    remove_citizen(p, m);
    break;
  default:
    grant(p, m);
  }
}

/* --- the count --------------------------------------------------------------------------------------------------------------- */

static int64_t threshold_of(const civ_polity *p, const civ_motion *m)
{
  const int64_t *law = p->law.value;
  switch (m->kind) {
  case CIV_MOTION_SPEND:
    return law[CIV_PARAM_SPEND_THRESHOLD];
  case CIV_MOTION_AMENDMENT: {
    const bool is_protected = (p->law.protected_rules >> civ_param_forms[m->payload.param].rule & 1) != 0;
    const int64_t plain = law[CIV_PARAM_AMENDMENT_THRESHOLD], strict = law[CIV_PARAM_PROTECTED_THRESHOLD];
    return is_protected && strict != CIV_LAW_NULL && strict > plain ? strict : plain;
  }
  case CIV_MOTION_DISENFRANCHISE:
    return law[CIV_PARAM_DISENFRANCHISE_THRESHOLD];
  default:
    return law[m->payload.recall ? CIV_PARAM_RECALL_THRESHOLD : CIV_PARAM_ROLES_THRESHOLD];
  }
}

enum { DISCLOSURE_LOOKS_BACK = 3 };

/* Whom the proposer or the beneficiary has given money since shortly before the proposal was opened. */
static civ_citizens paid_by_interested(const civ_polity *p, const civ_motion *m)
{
  const uint8_t beneficiary = m->kind == CIV_MOTION_SPEND ? m->payload.beneficiary : CIV_NO_CITIZEN;
  civ_citizens paid = 0;
  for (uint32_t k = p->n_gifts; k > 0 && p->gifts[k - 1].turn >= m->opened - DISCLOSURE_LOOKS_BACK; k--)
    if (p->gifts[k - 1].from == m->proposer || p->gifts[k - 1].from == beneficiary)
      paid |= civ_citizen_bit(p->gifts[k - 1].to);
  return paid;
}

static tally count_votes(const civ_polity *p, const civ_motion *m)
{
  tally t = { .threshold = threshold_of(p, m) };
  civ_citizens counted = p->enfranchised;
  if (p->law.value[CIV_PARAM_DISCLOSURE] != 0) {
    t.void_votes = paid_by_interested(p, m) & (m->yes | m->no | m->abstain) & p->enfranchised;
    counted &= ~t.void_votes;
  }
  t.yes = m->yes & counted;
  t.no = m->no & counted;
  t.abstain = m->abstain & counted;
  const bool founding = p->law.value[CIV_PARAM_QUORUM_BASE] == 1;
  t.base = founding ? p->n : (uint32_t)civ_citizens_count(civ_polity_voters(p));
  t.need = civ_quorum_need(p->law.value[CIV_PARAM_QUORUM_FRACTION], t.base);
  return t;
}

civ_tally_outcome civ_tally(int32_t need, int64_t threshold, int64_t yes, int64_t no, int64_t abstain)
{
  if (yes + no + abstain < need)
    return CIV_TALLY_QUORUM;
  return yes * 1000000 > threshold * (yes + no) ? CIV_TALLY_PASSED : CIV_TALLY_THRESHOLD;
}

static civ_refusal judge(const civ_polity *p, const civ_motion *m, const tally *t)
{
  switch (civ_tally(t->need, t->threshold, civ_citizens_count(t->yes), civ_citizens_count(t->no),
                    civ_citizens_count(t->abstain))) {
  case CIV_TALLY_QUORUM:
    return (civ_refusal){ "quorum", CIV_RULE_QUORUM };
  case CIV_TALLY_THRESHOLD:
    return (civ_refusal){ "threshold", civ_rule_of_kind[m->kind] };
  default:
    return civ_polity_conditions(p, (civ_motion_kind)m->kind, m->proposer, &m->payload);
  }
}

/* "unlawful:<reason>" of every condition, as static texts. */
static const char *unlawful(const char *reason)
{
  static const char *const texts[] = {
    "unlawful:self_dealing", "unlawful:treasury_short",   "unlawful:reserve",        "unlawful:cap",
    "unlawful:window_cap",   "unlawful:private_cap",      "unlawful:ratchet",        "unlawful:ceiling",
    "unlawful:already",      "unlawful:no_finding",       "unlawful:max_fraction",   "unlawful:not_holder",
    "unlawful:occupied",     "unlawful:not_enfranchised", "unlawful:max_per_citizen"
  };
  for (size_t k = 0; k < sizeof texts / sizeof *texts; k++)
    if (strcmp(texts[k] + strlen("unlawful:"), reason) == 0)
      return texts[k];
  return reason;
}

static void return_bond(civ_polity *p, const civ_motion *m, bool forfeit)
{
  p->bonds -= m->bond;
  if (forfeit)
    p->treasury += m->bond;
  else
    p->balance[m->proposer] += m->bond;
}

static void count_one(civ_polity *p, int32_t id)
{
  civ_motion *m = &p->motions[id - 1];
  const tally t = count_votes(p, m);
  const civ_refusal why = judge(p, m, &t);
  const bool quorum = why.reason == NULL || why.rule != CIV_RULE_QUORUM;
  const bool by_votes = why.reason != NULL && (!quorum || strcmp(why.reason, "threshold") == 0);
  civ_deed *deed =
      civ_polity_note(p, why.reason == NULL ? CIV_DEED_PROPOSAL_PASSED : CIV_DEED_PROPOSAL_FAILED, m->proposer);
  deed->proposal = id;
  deed->citizen = m->proposer;
  deed->motion = m->kind;
  deed->yes = t.yes;
  deed->no = t.no;
  deed->abstain = t.abstain;
  deed->void_votes = t.void_votes;
  deed->base = (int32_t)t.base;
  deed->need = t.need;
  deed->threshold = t.threshold;
  if (why.reason != NULL) {
    deed->rule = why.rule;
    deed->reason = by_votes ? why.reason : unlawful(why.reason);
  }
  m->open = false;
  p->own_open[m->proposer]--;
  m->passed = why.reason == NULL;
  return_bond(p, m, !quorum);
  if (m->passed)
    take_effect(p, m);
  else if (m->kind == CIV_MOTION_AMENDMENT)
    p->last_failed[m->payload.param] = p->turn;
}

static void amendments_come_due(civ_polity *p)
{
  uint32_t kept = 0;
  for (uint32_t k = 0; k < p->n_pending; k++)
    if (p->pending[k].due <= p->turn)
      amend(p, &p->motions[p->pending[k].motion - 1]);
    else
      p->pending[kept++] = p->pending[k];
  p->n_pending = kept;
}

void civ_polity_count(civ_polity *p)
{
  uint32_t kept = 0;
  amendments_come_due(p);
  for (uint32_t k = 0; k < p->n_open; k++)
    if (p->motions[p->open[k] - 1].closes <= p->turn)
      count_one(p, p->open[k]);
    else
      p->open[kept++] = p->open[k];
  p->n_open = kept;
}
