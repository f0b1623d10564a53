/* payoff.c - what one interaction pays each side. The order of operations is part of the results. */
#include "civitas/payoff.h"

#include <math.h>

#include "label/check.h"

const char *const civ_interaction_type_names[CIV_INTERACTION_TYPES + 1] = { "reply", "vote", "trade", "collaboration",
                                                                            NULL };

static const civ_field payoff_fields[] = {
  CIV_REAL(civ_payoff_config, s_plus, "2.0", 0, INFINITY, "", "Surplus of an interaction that turns out well."),
  CIV_REAL(civ_payoff_config, s_minus, "1.0", 0, INFINITY, "", "Loss of an interaction that turns out badly."),
  CIV_REAL(civ_payoff_config, h, "2.0", 0, INFINITY, "", "Harm to third parties when it turns out badly."),
  CIV_REAL(civ_payoff_config, theta, "0.5", 0, 1, "share", "Part of the surplus that goes to the initiator."),
  CIV_REAL(civ_payoff_config, rho_a, "0.0", 0, INFINITY, "share",
           "Part of the expected harm charged to the initiator; above 1 punishes beyond the harm done."),
  CIV_REAL(civ_payoff_config, rho_b, "0.0", 0, INFINITY, "share",
           "Part of the expected harm charged to the counterparty; above 1 punishes beyond the harm done."),
  CIV_REAL(civ_payoff_config, w_rep, "1.0", -INFINITY, INFINITY, "",
           "Worth of one point of reputation credited in the payoff; negative makes reputation a burden."),
  CIV_REAL(civ_payoff_config, sigmoid_k, "2.0", 0, INFINITY, "",
           "Another name for proxy.sigmoid_k: given alone it sets the sharpness of the label; given with a different "
           "proxy.sigmoid_k it is an error. The payoff itself does not read it."),
  CIV_BOOLEAN(civ_payoff_config, reputation_in_payoff, "false",
              "Credit the initiator's change of reputation from the interaction in its payoff (r_a)."),
};
const civ_section civ_payoff_section = {
  .name = "payoff",
  .doc = "What an interaction of quality p is worth to both sides.",
  .chapter = "payoff",
  .fields = payoff_fields,
  .n_fields = sizeof payoff_fields / sizeof payoff_fields[0],
  .size = sizeof(civ_payoff_config),
};

civ_payoff_config civ_payoff_default(void)
{
  civ_payoff_config config;
  civ_section_fill(&civ_payoff_section, &config);
  return config;
}

civ_status civ_payoff_check(const civ_payoff_config *c, civ_error *err)
{
  return civ_section_check_reals(&civ_payoff_section, c, err);
}

double civ_expected_surplus(const civ_payoff_config *c, double p)
{
  return p * c->s_plus - (1.0 - p) * c->s_minus;
}

double civ_expected_harm(const civ_payoff_config *c, double p)
{
  return (1.0 - p) * c->h;
}

double civ_social_surplus(const civ_payoff_config *c, double p)
{
  return civ_expected_surplus(c, p) - civ_expected_harm(c, p);
}

/* One side of the dealing, with the transfer as it enters that side's sum. */
static civ_payoff_breakdown explain(const civ_payoff_config *c, double p, double share, double transfer, double cost,
                                    double rho, double reputation)
{
  civ_payoff_breakdown b;
  b.expected_surplus = civ_expected_surplus(c, p);
  b.expected_harm = civ_expected_harm(c, p);
  b.surplus_share = share * b.expected_surplus;
  b.transfer = transfer;
  b.governance_cost = cost;
  b.externality_cost = rho * b.expected_harm;
  b.reputation_bonus = c->w_rep * reputation;
  b.total = b.surplus_share + b.transfer - b.governance_cost - b.externality_cost + b.reputation_bonus;
  return b;
}

civ_payoff_breakdown civ_payoff_explain_initiator(const civ_payoff_config *c, const civ_interaction *i)
{
  return explain(c, i->p, c->theta, -i->tau, i->c_a, c->rho_a, i->r_a);
}

civ_payoff_breakdown civ_payoff_explain_counterparty(const civ_payoff_config *c, const civ_interaction *i)
{
  return explain(c, i->p, 1.0 - c->theta, i->tau, i->c_b, c->rho_b, i->r_b);
}

/* The same operations in the same order as `explain`, without its other members: this is asked for every interaction. */
static double pays(const civ_payoff_config *c, double p, double share, double transfer, double cost, double rho,
                   double reputation)
{
  const double surplus = p * c->s_plus - (1.0 - p) * c->s_minus;
  return share * surplus + transfer - cost - rho * ((1.0 - p) * c->h) + c->w_rep * reputation;
}

double civ_payoff_initiator(const civ_payoff_config *c, const civ_interaction *i)
{
  return pays(c, i->p, c->theta, -i->tau, i->c_a, c->rho_a, i->r_a);
}

double civ_payoff_counterparty(const civ_payoff_config *c, const civ_interaction *i)
{
  return pays(c, i->p, 1.0 - c->theta, i->tau, i->c_b, c->rho_b, i->r_b);
}

double civ_total_welfare(const civ_payoff_config *c, const civ_interaction *i)
{
  return civ_payoff_initiator(c, i) + civ_payoff_counterparty(c, i);
}

bool civ_break_even_p(const civ_payoff_config *c, double *p)
{
  double sum = c->s_plus + c->s_minus;
  if (sum == 0.0)
    return false;
  *p = c->s_minus / sum;
  return true;
}

bool civ_social_break_even_p(const civ_payoff_config *c, double *p)
{
  double sum = c->s_plus + c->s_minus + c->h;
  if (sum == 0.0)
    return false;
  *p = (c->s_minus + c->h) / sum;
  return true;
}
