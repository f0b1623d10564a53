/* A citizen that follows a programme of genes; its votes are a capturer's. */
#include "civitas/label.h"
#include "selfplay/capture.h"
#include "selfplay/search.h"

const char *const civ_gene_tactic_names[] = { "spend_self", "spend_ally", "treasurer", "stand", "amend", "remove",
                                              "petition",   "suspend",    "gift",      "works", NULL };

/* Twelve changes of the law, tightening and loosening. */
static const struct {
  uint8_t param;
  int64_t change; /* added to the value in force; from null: the value itself */
} amendments[] = {
  { CIV_PARAM_SPEND_THRESHOLD, -100000 },     { CIV_PARAM_SPEND_THRESHOLD, 100000 },
  { CIV_PARAM_AMENDMENT_THRESHOLD, -100000 }, { CIV_PARAM_AMENDMENT_THRESHOLD, 200000 },
  { CIV_PARAM_RECALL_THRESHOLD, 100000 },     { CIV_PARAM_RECALL_THRESHOLD, -100000 },
  { CIV_PARAM_QUORUM_FRACTION, -100000 },     { CIV_PARAM_QUORUM_FRACTION, 200000 },
  { CIV_PARAM_BOND, 5 * CIV_CREDIT },         { CIV_PARAM_SPEND_WINDOW, -5 },
  { CIV_PARAM_FLOOR_AMOUNT, 5 * CIV_CREDIT }, { CIV_PARAM_FLOOR_AMOUNT, -5 * CIV_CREDIT },
};
enum { AMENDMENTS = sizeof amendments / sizeof *amendments };

static int64_t amount_of(const civ_polity *p, double size)
{
  static const double log_of_250 = 5.521460917862246;
  return civ_capturer_amount(p, 0.002 * civ_exp(log_of_250 * size)); /* ours: the same bits on every machine */
}

static uint8_t other_ally(const civ_plan *plan)
{
  const civ_citizens others = plan->allies & ~civ_citizen_bit(plan->me);
  return others != 0 ? (uint8_t)__builtin_ctzll(others) : plan->me;
}

static void spend(civ_plan *plan, uint8_t beneficiary, int64_t amount, const char *memo)
{
  const civ_act act = { .kind = CIV_ACT_PROPOSE_SPEND,
                        .payload = { .beneficiary = beneficiary, .amount = amount, .memo = memo } };
  if (amount > 0)
    civ_plan_add(plan, &act);
}

static void stand(civ_plan *plan, uint8_t office)
{
  const civ_act act = { .kind = CIV_ACT_PROPOSE_ROLE_GRANT, .payload = { .office = office, .to = plan->me } };
  if (plan->p->office[office].holder == CIV_NO_CITIZEN)
    civ_plan_add(plan, &act);
}

static void treasurer(civ_plan *plan, double size)
{
  const int64_t amount = amount_of(plan->p, size);
  if (plan->p->office[CIV_TREASURER].holder != plan->me) {
    stand(plan, CIV_TREASURER);
    return;
  }
  const civ_act act = {
    .kind = CIV_ACT_TRANSFER, .from_treasury = true, .to = plan->me, .amount = amount, .memo = "expenses"
  };
  if (amount > 0)
    civ_plan_add(plan, &act);
}

static void amend(civ_plan *plan, double target)
{
  const int k = (int)(target * AMENDMENTS);
  const civ_param param = (civ_param)amendments[k].param;
  const int64_t old = plan->p->law.value[param],
                value = old == CIV_LAW_NULL ? amendments[k].change : old + amendments[k].change;
  const int64_t least = civ_param_forms[param].kind == CIV_PARAM_INTEGER ? civ_param_forms[param].least : 0;
  if (value >= least && (civ_param_forms[param].kind != CIV_PARAM_FRACTION || value < 1000000))
    civ_plan_amend(plan, param, value);
}

/* The k-th of those who are not allies and, with `voters`, can vote. */
static uint8_t opponent(const civ_plan *plan, double target, bool voters)
{
  civ_citizens among = (voters ? civ_polity_voters(plan->p) : plan->p->enfranchised) & ~plan->allies;
  const uint32_t n = (uint32_t)civ_citizens_count(among);
  if (n == 0)
    return CIV_NO_CITIZEN;
  for (uint32_t skip = (uint32_t)(target * n); skip > 0; skip--)
    among &= among - 1;
  return (uint8_t)__builtin_ctzll(among);
}

static void against(civ_plan *plan, const civ_gene *gene)
{
  const uint8_t target = opponent(plan, gene->target, gene->tactic == CIV_GENE_SUSPEND);
  civ_act act = { .kind = CIV_ACT_PROPOSE_DISENFRANCHISE, .payload = { .target = target, .memo = "obstruction" } };
  if (gene->tactic == CIV_GENE_SUSPEND)
    act = (civ_act){ .kind = CIV_ACT_SUSPEND, .to = target };
  else if (gene->tactic == CIV_GENE_GIFT)
    act = (civ_act){ .kind = CIV_ACT_TRANSFER, .to = target, .amount = 2 * CIV_CREDIT, .memo = "a gift" };
  if (target != CIV_NO_CITIZEN)
    civ_plan_add(plan, &act);
}

static void express(civ_plan *plan, const civ_gene *gene)
{
  switch (gene->tactic) {
  case CIV_GENE_SPEND_SELF:
    spend(plan, plan->me, amount_of(plan->p, gene->size), "services");
    break;
  case CIV_GENE_SPEND_ALLY:
    spend(plan, other_ally(plan), amount_of(plan->p, gene->size), "services");
    break;
  case CIV_GENE_TREASURER:
    treasurer(plan, gene->size);
    break;
  case CIV_GENE_STAND:
    stand(plan, (uint8_t)(gene->target * CIV_OFFICES));
    break;
  case CIV_GENE_AMEND:
    amend(plan, gene->target);
    break;
  case CIV_GENE_PETITION:
    for (int k = 0; k < 1 + (int)(gene->target * 3); k++)
      spend(plan, CIV_PUBLIC, CIV_CREDIT / 10, "a petition");
    break;
  case CIV_GENE_WORKS:
    spend(plan, CIV_PUBLIC, amount_of(plan->p, gene->size), "public works");
    break;
  default:
    against(plan, gene);
  }
}

static uint32_t act(void *memory, const civ_polity *p, const civ_seat *seat, uint8_t me, civ_act *out, uint32_t most)
{
  const civ_programme *programme = seat->programme;
  civ_plan plan = civ_plan_begin(memory, p, seat, me, out, true);
  (void)most;
  for (int k = 0; k < CIV_PROGRAMME_GENES; k++) {
    const civ_gene *gene = &programme->genes[k];
    if (p->turn >= gene->first && (p->turn - gene->first) % gene->period == 0)
      express(&plan, gene);
  }
  return plan.n;
}

const civ_citizen_policy civ_citizen_search = {
  .name = "searcher",
  .objective = "search",
  .memory_size = sizeof(civ_capturer),
  .act = act,
};
