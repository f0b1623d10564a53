/* The steward: attends to what it can, trusts until it notices, keeps the works running. */
#include <string.h>

#include "selfplay/polity.h"

enum { GIFTS_LOOK_BACK = 3, SOON = 3 };

typedef struct steward {
  civ_citizens distrusted;
} steward;

static int64_t share(int64_t amount, double of_it)
{
  return (int64_t)((double)amount * of_it);
}

static bool distrusts(const steward *s, uint8_t c)
{
  return c < CIV_CITIZENS_MOST && (s->distrusted >> c & 1) != 0;
}

static bool has_breach(const civ_polity *p, uint8_t c)
{
  return (p->cause >> c & 1) != 0;
}

static int64_t floor_of(const civ_polity *p)
{
  return p->law.value[CIV_PARAM_FLOOR_AMOUNT];
}

/* The treasury must keep so much for the polity to feel safe. */
static bool leaves_enough(const civ_polity *p, int64_t amount)
{
  return p->treasury - amount >= share(p->initial_treasury, 0.6);
}

/* --- judging ------------------------------------------------------------------------------------------------------------- */

static bool gave_me(const civ_polity *p, uint8_t me, uint8_t from)
{
  for (uint32_t k = p->n_gifts; k > 0 && p->gifts[k - 1].turn >= p->turn - GIFTS_LOOK_BACK; k--)
    if (p->gifts[k - 1].to == me && p->gifts[k - 1].from == from)
      return true;
  return false;
}

static bool judge_private(const steward *s, const civ_polity *p, uint8_t me, const civ_motion *m)
{
  const uint8_t beneficiary = m->payload.beneficiary;
  if (p->balance[beneficiary] < floor_of(p))
    return m->payload.amount <= 2 * floor_of(p);
  if (distrusts(s, m->proposer) || distrusts(s, beneficiary) || m->payload.amount >= share(p->treasury, 0.03))
    return false;
  const bool empty_memo = m->payload.memo == NULL || *m->payload.memo == '\0';
  double fooled = empty_memo ? 0.175 : 0.35;
  if (gave_me(p, me, m->proposer) || gave_me(p, me, beneficiary))
    fooled += 0.3;
  return civ_polity_draw_once(p, me, CIV_DRAW_JUDGE, (uint32_t)m->id) < fooled;
}

/* Whether a change is small enough to be waved through now and then. */
static bool is_small(civ_param param, int64_t old, int64_t value)
{
  const int64_t change = value > old ? value - old : old - value;
  if (old == CIV_LAW_NULL || value == CIV_LAW_NULL)
    return false;
  switch (civ_param_forms[param].kind) {
  case CIV_PARAM_FRACTION:
    return change <= 100000;
  case CIV_PARAM_INTEGER:
    return change <= 1;
  default:
    return false;
  }
}

static bool judge_amendment(const steward *s, const civ_polity *p, uint8_t me, const civ_motion *m)
{
  const civ_param param = (civ_param)m->payload.param;
  const int64_t old = p->law.value[param], value = m->payload.value;
  if (distrusts(s, m->proposer) || (param == CIV_PARAM_BOND && value > p->balance[me] / 4))
    return false;
  if (civ_law_direction(param, old, value) > 0)
    return true;
  return is_small(param, old, value) && civ_polity_draw_once(p, me, CIV_DRAW_JUDGE, (uint32_t)m->id) < 0.25;
}

static bool should_go(const steward *s, const civ_polity *p, uint8_t holder)
{
  return ((s->distrusted | p->officers_twice) >> holder & 1) != 0;
}

/* An office, or an open grant older than m, that names this citizen. */
static bool has_or_seeks_office(const civ_polity *p, uint8_t c, const civ_motion *m)
{
  if ((p->officers >> c & 1) != 0)
    return true;
  for (uint32_t k = 0; p->open[k] < m->id; k++) {
    const civ_motion *other = &p->motions[p->open[k] - 1];
    if (other->kind == CIV_MOTION_ROLE_GRANT && !other->payload.recall && other->payload.to == c)
      return true;
  }
  return false;
}

static bool judge_grant(const steward *s, const civ_polity *p, uint8_t me, const civ_motion *m)
{
  const uint8_t to = m->payload.to;
  if (m->payload.recall)
    return should_go(s, p, to);
  if (distrusts(s, to) || distrusts(s, m->proposer))
    return false;
  if (has_or_seeks_office(p, to, m))
    return m->proposer == to && civ_polity_draw_once(p, me, CIV_DRAW_JUDGE, (uint32_t)m->id) < 0.15;
  return true;
}

static bool judge(const steward *s, const civ_polity *p, uint8_t me, const civ_motion *m)
{
  switch (m->kind) {
  case CIV_MOTION_SPEND:
    if (m->payload.beneficiary != CIV_PUBLIC)
      return judge_private(s, p, me, m);
    return m->payload.amount <= share(p->treasury, 0.065) && leaves_enough(p, m->payload.amount);
  case CIV_MOTION_AMENDMENT:
    return judge_amendment(s, p, me, m);
  case CIV_MOTION_DISENFRANCHISE:
    return has_breach(p, m->payload.target);
  default:
    return judge_grant(s, p, me, m);
  }
}

static uint32_t vote(const steward *s, const civ_polity *p, uint8_t me, civ_act *out)
{
  uint32_t n = 0;
  for (uint32_t k = 0; k < p->n_open; k++) { /* without branches: nobody can guess attention */
    const civ_motion *m = &p->motions[p->open[k] - 1];
    out[n].proposal = m->id;
    n += (m->attending >> me & 1) != 0;
  }
  for (uint32_t k = 0; k < n; k++) {
    const civ_motion *m = civ_polity_motion(p, out[k].proposal);
    out[k] = (civ_act){ .kind = CIV_ACT_CAST_VOTE,
                        .proposal = m->id,
                        .choice = judge(s, p, me, m) ? CIV_VOTE_YES : CIV_VOTE_NO };
  }
  return n;
}

/* --- acting --------------------------------------------------------------------------------------------------------------- */

/* What an honest citizen draws for in a turn. Order is part of the results: append, never reorder. */
typedef enum daily { REMOVE, WORKS, SIZE, STAND, WHOM, SUSPEND, GIFT } daily;

static double today(const civ_polity *p, uint8_t me, daily what)
{
  return civ_polity_draw_now(p, me, CIV_DRAW_DAILY, what);
}

static bool suspend(const steward *s, const civ_polity *p, uint8_t me, civ_act *out)
{
  if (p->office[CIV_REGISTRAR].holder != me)
    return false;
  for (uint8_t c = 0; c < p->n; c++)
    if (distrusts(s, c) && has_breach(p, c) && civ_polity_can_vote(p, c)) {
      *out = (civ_act){ .kind = CIV_ACT_SUSPEND, .to = c };
      return today(p, me, SUSPEND) < 0.1;
    }
  return false;
}

static bool remove_one(const steward *s, const civ_polity *p, uint8_t me, civ_act *out)
{
  const civ_citizens suspects = s->distrusted & p->cause & p->enfranchised & ~p->agenda.targets;
  if (suspects == 0 || today(p, me, REMOVE) >= 0.04)
    return false;
  const uint8_t target = (uint8_t)__builtin_ctzll(suspects);
  *out =
      (civ_act){ .kind = CIV_ACT_PROPOSE_DISENFRANCHISE, .payload = { .target = target, .memo = "a recorded breach" } };
  return true;
}

static bool recall(const steward *s, const civ_polity *p, uint8_t me, civ_act *out)
{
  if (((s->distrusted | p->officers_twice) & p->officers & ~civ_citizen_bit(me)) == 0)
    return false;
  for (uint8_t k = 0; k < CIV_OFFICES; k++) {
    const uint8_t holder = p->office[k].holder;
    if (holder == CIV_NO_CITIZEN || holder == me || !should_go(s, p, holder) || (p->agenda.recalling >> k & 1) != 0 ||
        civ_polity_draw_now(p, me, CIV_DRAW_RECALL, k) >= 0.10)
      continue;
    *out = (civ_act){ .kind = CIV_ACT_PROPOSE_ROLE_GRANT, .payload = { .office = k, .to = holder, .recall = true } };
    return true;
  }
  return false;
}

static bool public_works_open(const civ_polity *p)
{
  return p->agenda.public_spend > 0 && p->agenda.public_spend >= share(p->treasury, 0.01);
}

static bool propose_works(const civ_polity *p, uint8_t me, civ_act *out)
{
  const civ_physics *physics = &p->physics;
  const int64_t gap = physics->norm_income - physics->base_income - civ_polity_works(p, p->turn + SOON);
  if (gap <= 0 || today(p, me, WORKS) >= 0.15 || physics->public_gain == 0 || !leaves_enough(p, 0) ||
      public_works_open(p))
    return false;
  double x = (double)gap * p->n * physics->public_turns / ((double)physics->public_gain / 1e6) *
             (0.8 + 0.4 * today(p, me, SIZE));
  const double least = 0.01 * (double)p->treasury, most = 0.06 * (double)p->treasury;
  x = x < least ? least : x > most ? most : x;
  const int64_t amount = (int64_t)x / 10000 * 10000;
  if (amount <= 0 || !leaves_enough(p, amount))
    return false;
  *out = (civ_act){ .kind = CIV_ACT_PROPOSE_SPEND,
                    .payload = { .beneficiary = CIV_PUBLIC, .amount = amount, .memo = "public works" } };
  return true;
}

static bool fill_office(const steward *s, const civ_polity *p, uint8_t me, civ_act *out)
{
  const unsigned wanted = p->agenda.vacant & ~(unsigned)p->agenda.granting;
  if (wanted == 0 || today(p, me, STAND) >= 0.03)
    return false;
  civ_citizens fit = p->enfranchised & ~s->distrusted & ~p->agenda.named & ~p->officers;
  if (fit == 0)
    return false;
  for (uint32_t skip = (uint32_t)(today(p, me, WHOM) * civ_citizens_count(fit)); skip > 0; skip--)
    fit &= fit - 1;
  *out = (civ_act){ .kind = CIV_ACT_PROPOSE_ROLE_GRANT,
                    .payload = { .office = (uint8_t)__builtin_ctz(wanted), .to = (uint8_t)__builtin_ctzll(fit) } };
  return true;
}

static bool help(const civ_polity *p, uint8_t me, civ_act *out)
{
  if (p->agenda.needy == 0 || p->balance[me] <= 3 * floor_of(p)) /* with so much it is not in need itself */
    return false;
  *out = (civ_act){
    .kind = CIV_ACT_TRANSFER, .to = (uint8_t)__builtin_ctzll(p->agenda.needy), .amount = CIV_CREDIT, .memo = "help"
  };
  return today(p, me, GIFT) < 0.05;
}

static uint32_t act(void *memory, const civ_polity *p, const civ_seat *seat, uint8_t me, civ_act *out, uint32_t most)
{
  const steward *s = memory;
  uint32_t n = (p->agenda.attentive >> me & 1) != 0 ? vote(s, p, me, out) : 0;
  (void)seat;
  (void)most;
  n += suspend(s, p, me, &out[n]);
  if ((p->enfranchised >> me & 1) == 0 || p->own_open[me] > 0)
    return n;
  if (remove_one(s, p, me, &out[n]) || recall(s, p, me, &out[n]) || propose_works(p, me, &out[n]) ||
      fill_office(s, p, me, &out[n]) || help(p, me, &out[n]))
    n++;
  return n;
}

/* --- noticing ---------------------------------------------------------------------------------------------------------------- */

static void distrust(steward *s, uint8_t me, uint8_t c)
{
  if (c < CIV_CITIZENS_MOST && c != me)
    s->distrusted |= civ_citizen_bit(c);
}

/* Public money that went to somebody not in need: the larger the share, the likelier it is seen. */
static void notice_payment(steward *s, const civ_polity *p, uint8_t me, const civ_deed *d, civ_polity_draw purpose,
                           uint32_t item)
{
  const double of_treasury = d->before > 0 ? (double)d->amount / (double)d->before : 1;
  if (civ_polity_draw_now(p, me, purpose, item) < 0.05 + 4 * of_treasury) {
    distrust(s, me, d->actor);
    distrust(s, me, d->other);
  }
}

static void observe(void *memory, const civ_polity *p, uint8_t me, uint32_t from)
{
  steward *s = memory;
  uint32_t transfers = 0;
  (void)from;
  for (uint32_t k = 0; k < p->n_noticeable; k++) {
    const civ_deed *d = &p->deeds[p->noticeable[k]];
    switch (d->kind) {
    case CIV_DEED_TRANSFER:
      transfers++;
      if (d->citizen == CIV_TREASURY && !d->needy)
        notice_payment(s, p, me, d, CIV_DRAW_NOTICE_MOVE, transfers);
      break;
    case CIV_DEED_SPEND_PAID:
      if (d->other != CIV_PUBLIC && !d->needy)
        notice_payment(s, p, me, d, CIV_DRAW_NOTICE, (uint32_t)d->proposal);
      break;
    case CIV_DEED_PROPOSAL_CREATED: {
      const uint8_t target = p->motions[d->proposal - 1].payload.target;
      if (!has_breach(p, target) &&
          (target == me || civ_polity_draw_now(p, me, CIV_DRAW_NOTICE, (uint32_t)d->proposal) < 0.15))
        distrust(s, me, d->citizen);
      break;
    }
    default: /* an amendment applied */
      if (d->direction < 0 && civ_polity_draw_now(p, me, CIV_DRAW_NOTICE, (uint32_t)d->proposal) < 0.2)
        distrust(s, me, d->citizen);
    }
  }
}

const civ_citizen_policy civ_citizen_honest = {
  .name = "honest",
  .objective = "steward",
  .memory_size = sizeof(steward),
  .act = act,
  .observe = observe,
};
