/* Three repertoires: money, office, votes. */
#include "selfplay/capture.h"

/* --- the drainer ------------------------------------------------------------------------------------------------------------- */

static void move_money(civ_plan *plan)
{
  if (plan->p->office[CIV_TREASURER].holder != plan->me || civ_plan_rests(plan, CIV_TACTIC_MOVE))
    return;
  const int64_t amount = civ_capturer_amount(plan->p, civ_capturer_move(plan->self));
  if (amount <= 0)
    return;
  const civ_act act = {
    .kind = CIV_ACT_TRANSFER, .from_treasury = true, .to = plan->me, .amount = amount, .memo = "expenses"
  };
  civ_plan_add(plan, &act);
}

/* Whether the allies who can vote pass a spend even if everybody else says no. */
static bool rule_alone(const civ_plan *plan)
{
  const civ_citizens voters = plan->p->agenda.voters;
  const int64_t own = civ_citizens_count(voters & plan->allies), all = civ_citizens_count(voters);
  return own * 1000000 > plan->p->law.value[CIV_PARAM_SPEND_THRESHOLD] * all;
}

static uint8_t random_other_ally(const civ_plan *plan, double u)
{
  civ_citizens others = plan->allies & ~civ_citizen_bit(plan->me);
  const uint32_t n = (uint32_t)civ_citizens_count(others);
  if (n == 0)
    return CIV_NO_CITIZEN;
  for (uint32_t skip = (uint32_t)(u * n); skip > 0; skip--)
    others &= others - 1;
  return (uint8_t)__builtin_ctzll(others);
}

static void spend(civ_plan *plan)
{
  if (civ_plan_full(plan) || civ_plan_own_open(plan, CIV_MOTION_SPEND) >= 2 ||
      civ_plan_number(plan, CIV_TACTICAL_SPEND) >= 0.5)
    return;
  const bool to_self =
      civ_plan_number(plan, CIV_TACTICAL_FOR_WHOM) < 0.5 && !civ_plan_rests(plan, CIV_TACTIC_SELF_SPEND);
  const uint8_t ally = random_other_ally(plan, civ_plan_number(plan, CIV_TACTICAL_ALLY));
  const double slice = rule_alone(plan) ? 0.2 : 0.024 + 0.004 * civ_plan_number(plan, CIV_TACTICAL_AMOUNT);
  const bool alone = ally == CIV_NO_CITIZEN;
  if (alone ? civ_plan_rests(plan, CIV_TACTIC_SELF_SPEND) : !to_self && civ_plan_rests(plan, CIV_TACTIC_SPEND))
    return;
  const civ_act act = { .kind = CIV_ACT_PROPOSE_SPEND,
                        .payload = { .beneficiary = to_self || alone ? plan->me : ally,
                                     .amount = civ_capturer_amount(plan->p, civ_capturer_slice(plan->self) * slice),
                                     .memo = "services to the commonwealth" } };
  civ_plan_add(plan, &act);
}

/* The poorest enfranchised opponent who has not voted on m. */
static uint8_t poorest_undecided(const civ_plan *plan, const civ_motion *m)
{
  const civ_polity *p = plan->p;
  uint8_t poorest = CIV_NO_CITIZEN;
  for (uint8_t c = 0; c < p->n; c++)
    if (!civ_plan_ally(plan, c) && (p->enfranchised >> c & 1) != 0 && (civ_motion_voted(m) >> c & 1) == 0 &&
        (poorest == CIV_NO_CITIZEN || p->balance[c] < p->balance[poorest]))
      poorest = c;
  return poorest;
}

static void buy_vote(civ_plan *plan)
{
  const civ_polity *p = plan->p;
  if (civ_plan_full(plan) || (p->agenda.proposers[CIV_MOTION_SPEND] >> plan->me & 1) == 0 ||
      civ_plan_rests(plan, CIV_TACTIC_GIFT) || p->balance[plan->me] <= 25 * CIV_CREDIT)
    return;
  for (uint32_t k = 0; k < p->n_open; k++) {
    const civ_motion *m = &p->motions[p->open[k] - 1];
    if (m->kind != CIV_MOTION_SPEND || m->proposer != plan->me || m->payload.beneficiary == CIV_PUBLIC)
      continue;
    const uint8_t to = poorest_undecided(plan, m);
    if (to == CIV_NO_CITIZEN || civ_plan_number(plan, CIV_TACTICAL_GIFT) >= 0.3)
      return;
    const civ_act act = { .kind = CIV_ACT_TRANSFER, .to = to, .amount = 2 * CIV_CREDIT, .memo = "a gift" };
    civ_plan_add(plan, &act);
    return;
  }
}

static uint32_t drain(void *memory, const civ_polity *p, const civ_seat *seat, uint8_t me, civ_act *out, uint32_t most)
{
  static const uint8_t offices[] = { CIV_TREASURER, CIV_NO_OFFICE };
  civ_plan plan = civ_plan_begin(memory, p, seat, me, out, true);
  (void)most;
  move_money(&plan);
  civ_plan_seek(&plan, offices);
  spend(&plan);
  civ_plan_step(&plan, CIV_PARAM_SPEND_THRESHOLD, -100000, 200000, 0.15);
  buy_vote(&plan);
  return plan.n;
}

const civ_citizen_policy civ_citizen_drainer = {
  .name = "drainer",
  .objective = "drain",
  .memory_size = sizeof(civ_capturer),
  .act = drain,
  .refused = civ_capturer_refused,
};

/* --- the entrencher ------------------------------------------------------------------------------------------------------------ */

static const uint8_t all_offices[] = { CIV_TREASURER, CIV_SPEAKER, CIV_REGISTRAR, CIV_NO_OFFICE };

static void close_won(civ_plan *plan)
{
  const civ_polity *p = plan->p;
  if (p->office[CIV_SPEAKER].holder != plan->me || civ_plan_rests(plan, CIV_TACTIC_CLOSING))
    return;
  for (uint32_t k = 0; k < p->n_open; k++) {
    const civ_motion *m = &p->motions[p->open[k] - 1];
    const int cast = civ_citizens_count(civ_motion_voted(m));
    if (!civ_plan_ally(plan, m->proposer) || cast < civ_polity_need(p) || 2 * civ_citizens_count(m->yes) <= cast)
      continue;
    const civ_act act = { .kind = CIV_ACT_CLOSE_VOTE, .proposal = m->id };
    civ_plan_add(plan, &act);
    return;
  }
}

static bool ally_in_office(const civ_plan *plan)
{
  for (int k = 0; k < CIV_OFFICES; k++)
    if (civ_plan_ally(plan, plan->p->office[k].holder))
      return true;
  return false;
}

static bool may_amend(const civ_plan *plan, civ_param param)
{
  return !civ_plan_full(plan) && plan->p->turn >= plan->self->amendment_rests[param] &&
         !civ_plan_ally_opened(plan, CIV_MOTION_AMENDMENT, NULL, 0);
}

static void fortify(civ_plan *plan)
{
  const civ_polity *p = plan->p;
  const int64_t *law = p->law.value;
  const int64_t recall = law[CIV_PARAM_RECALL_THRESHOLD], term = law[CIV_PARAM_ROLES_TERM];
  if (recall < 750000 && law[CIV_PARAM_AMENDMENT_THRESHOLD] < 750000)
    civ_plan_step(plan, CIV_PARAM_RECALL_THRESHOLD, 100000, 800000, 0.5);
  if (term != CIV_LAW_NULL && may_amend(plan, CIV_PARAM_ROLES_TERM) && civ_plan_number(plan, CIV_TACTICAL_TERM) < 0.3)
    civ_plan_amend(plan, CIV_PARAM_ROLES_TERM, term + 1);
  if ((recall >= 750000 || p->turn > 26) && law[CIV_PARAM_AMENDMENT_THRESHOLD] != 900000 &&
      may_amend(plan, CIV_PARAM_AMENDMENT_THRESHOLD) && civ_plan_number(plan, CIV_TACTICAL_THRESHOLD) < 0.5)
    civ_plan_amend(plan, CIV_PARAM_AMENDMENT_THRESHOLD, 900000);
  if (civ_polity_offices(p, plan->me) > 0 && (recall >= 650000 || p->turn > 16) && !civ_plan_full(plan) &&
      !civ_plan_rests(plan, CIV_TACTIC_FURTHER_OFFICE) && civ_plan_number(plan, CIV_TACTICAL_STAND) < 0.5)
    civ_plan_stand(plan, all_offices);
}

static uint32_t entrench(void *memory, const civ_polity *p, const civ_seat *seat, uint8_t me, civ_act *out,
                         uint32_t most)
{
  civ_plan plan = civ_plan_begin(memory, p, seat, me, out, false);
  (void)most;
  close_won(&plan);
  civ_plan_seek(&plan, all_offices);
  if (ally_in_office(&plan))
    fortify(&plan);
  return plan.n;
}

const civ_citizen_policy civ_citizen_entrencher = {
  .name = "entrencher",
  .objective = "entrench",
  .memory_size = sizeof(civ_capturer),
  .act = entrench,
  .refused = civ_capturer_refused,
};

/* --- the suppressor ------------------------------------------------------------------------------------------------------------- */

typedef struct suppressor {
  civ_capturer base;                   /* must stay first */
  civ_citizens allies;                 /* as of its last turn */
  uint32_t opposed[CIV_CITIZENS_MOST]; /* votes against allies' proposals, and for others' */
} suppressor;

/* The highest-ranked of a set of opponents; the first among equals. */
static uint8_t worst_opponent(const suppressor *s, const civ_polity *p, civ_citizens among)
{
  uint8_t worst = CIV_NO_CITIZEN;
  for (uint8_t c = 0; c < p->n; c++)
    if ((among >> c & 1) != 0 && (worst == CIV_NO_CITIZEN || s->opposed[c] > s->opposed[worst]))
      worst = c;
  return worst;
}

static void silence(civ_plan *plan, const suppressor *s)
{
  const civ_polity *p = plan->p;
  if (p->office[CIV_REGISTRAR].holder != plan->me || civ_plan_rests(plan, CIV_TACTIC_SUSPENSION))
    return;
  for (uint32_t k = 0; k < p->n_open; k++) {
    const civ_motion *m = &p->motions[p->open[k] - 1];
    if (m->kind == CIV_MOTION_SPEND || !civ_plan_ally(plan, m->proposer) || m->closes > p->turn + 2)
      continue;
    const civ_citizens undecided = p->agenda.voters & ~plan->allies & ~civ_motion_voted(m);
    const uint8_t target = worst_opponent(s, p, undecided);
    if (target == CIV_NO_CITIZEN)
      continue;
    const civ_act act = { .kind = CIV_ACT_SUSPEND, .to = target };
    civ_plan_add(plan, &act);
    return;
  }
}

static void remove_worst(civ_plan *plan, const suppressor *s)
{
  const civ_polity *p = plan->p;
  civ_citizens among = p->enfranchised & ~plan->allies;
  if (civ_plan_full(plan) || p->turn < 5 || civ_plan_rests(plan, CIV_TACTIC_REMOVAL) ||
      civ_plan_own_open(plan, CIV_MOTION_DISENFRANCHISE) > 0 || civ_plan_number(plan, CIV_TACTICAL_REMOVE) >= 0.6)
    return;
  for (uint32_t k = 0; k < p->n_open; k++) {
    const civ_motion *m = &p->motions[p->open[k] - 1];
    if (m->kind == CIV_MOTION_DISENFRANCHISE && civ_plan_ally(plan, m->proposer))
      among &= ~civ_citizen_bit(m->payload.target);
  }
  const uint8_t target = worst_opponent(s, p, among);
  if (target == CIV_NO_CITIZEN)
    return;
  const civ_act act = { .kind = CIV_ACT_PROPOSE_DISENFRANCHISE,
                        .payload = { .target = target, .memo = "obstruction" } };
  civ_plan_add(plan, &act);
}

static void petition(civ_plan *plan)
{
  const civ_act act = { .kind = CIV_ACT_PROPOSE_SPEND,
                        .payload = { .beneficiary = CIV_PUBLIC, .amount = CIV_CREDIT / 10, .memo = "a petition" } };
  while (!civ_plan_full(plan) && !civ_plan_rests(plan, CIV_TACTIC_SPEND))
    civ_plan_add(plan, &act);
}

static uint32_t suppress(void *memory, const civ_polity *p, const civ_seat *seat, uint8_t me, civ_act *out,
                         uint32_t most)
{
  static const uint8_t offices[] = { CIV_REGISTRAR, CIV_NO_OFFICE };
  suppressor *s = memory;
  civ_plan plan = civ_plan_begin(&s->base, p, seat, me, out, false);
  (void)most;
  s->allies = plan.allies;
  silence(&plan, s);
  civ_plan_seek(&plan, offices);
  remove_worst(&plan, s);
  civ_plan_step(&plan, CIV_PARAM_QUORUM_FRACTION, -100000, 100000, 0.1);
  petition(&plan);
  return plan.n;
}

static void watch_votes(void *memory, const civ_polity *p, uint8_t me, uint32_t from)
{
  suppressor *s = memory;
  (void)me;
  for (uint32_t k = from; k < p->n_deeds; k++) {
    const civ_deed *d = &p->deeds[k];
    if (d->kind != CIV_DEED_VOTE_CAST)
      continue;
    const bool allied = (s->allies >> p->motions[d->proposal - 1].proposer & 1) != 0;
    s->opposed[d->citizen] += allied == (d->choice == CIV_VOTE_NO);
  }
}

const civ_citizen_policy civ_citizen_suppressor = {
  .name = "suppressor",
  .objective = "suppress",
  .memory_size = sizeof(suppressor),
  .act = suppress,
  .observe = watch_votes,
  .refused = civ_capturer_refused,
};
