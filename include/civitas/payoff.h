/* payoff.h - what one interaction pays each side, given the rules of the market. Pure functions. */
#ifndef CIVITAS_PAYOFF_H
#define CIVITAS_PAYOFF_H

#include "civitas/interaction.h"

CIV_BEGIN_DECLS

/* Section `payoff` (fields: civ_payoff_section). */
typedef struct civ_payoff_config {
  double s_plus, s_minus, h, theta, rho_a, rho_b, w_rep;
  double sigmoid_k; /* alias of proxy.sigmoid_k */
  bool reputation_in_payoff;
} civ_payoff_config;

CIV_API extern const civ_section civ_payoff_section;

/* The defaults of the section, for programs without a config. */
CIV_API civ_payoff_config civ_payoff_default(void);

typedef struct civ_payoff_breakdown {
  double expected_surplus, expected_harm, surplus_share, transfer, governance_cost, externality_cost, reputation_bonus,
      total;
} civ_payoff_breakdown;

CIV_API double civ_expected_surplus(const civ_payoff_config *c, double p); /* S = p*s_plus - (1-p)*s_minus */
CIV_API double civ_expected_harm(const civ_payoff_config *c, double p);    /* E = (1-p)*h */

/* pi_a = theta*S - tau - c_a - rho_a*E + w_rep*r_a, in this order of operations. */
CIV_API double civ_payoff_initiator(const civ_payoff_config *c, const civ_interaction *i);
/* pi_b = (1-theta)*S + tau - c_b - rho_b*E + w_rep*r_b. */
CIV_API double civ_payoff_counterparty(const civ_payoff_config *c, const civ_interaction *i);
CIV_API double civ_total_welfare(const civ_payoff_config *c, const civ_interaction *i); /* pi_a + pi_b */
CIV_API double civ_social_surplus(const civ_payoff_config *c, double p);                /* S - E */
CIV_API civ_payoff_breakdown civ_payoff_explain_initiator(const civ_payoff_config *c, const civ_interaction *i);
CIV_API civ_payoff_breakdown civ_payoff_explain_counterparty(const civ_payoff_config *c, const civ_interaction *i);

/* Break-even labels; false (and *p untouched) where the denominator is 0. */
CIV_API bool civ_break_even_p(const civ_payoff_config *c, double *p);
CIV_API bool civ_social_break_even_p(const civ_payoff_config *c, double *p);

/* CIV_E_RANGE naming the key ("payoff.theta") of the first value outside its range or not finite. */
CIV_API CIV_MUST_CHECK civ_status civ_payoff_check(const civ_payoff_config *c, civ_error *err);

CIV_END_DECLS

#endif
