/* Payoffs: golden values, the identities of the derived forms, refusals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "civitas/fixture.h"
#include "civitas/payoff.h"

#define assert_near(a, b) assert_true(fabs((a) - (b)) <= 1e-9 * fmax(1.0, fabs(b)))

static civ_payoff_config config_of(double s_plus, double s_minus, double h, double theta, double rho_a, double rho_b,
                                   double w_rep)
{
  civ_payoff_config c = civ_payoff_default();
  c.s_plus = s_plus;
  c.s_minus = s_minus;
  c.h = h;
  c.theta = theta;
  c.rho_a = rho_a;
  c.rho_b = rho_b;
  c.w_rep = w_rep;
  return c;
}

static civ_interaction record_of(double p, double tau, double c_a, double c_b, double r_a, double r_b)
{
  civ_interaction i = civ_interaction_default();
  i.p = p;
  i.tau = tau;
  i.c_a = c_a;
  i.c_b = c_b;
  i.r_a = r_a;
  i.r_b = r_b;
  return i;
}

static void payoffs_by_hand(void **unused)
{
  (void)unused;
  civ_payoff_config usual = civ_payoff_default(), c2 = config_of(3, 1.5, 2.5, 0.6, 0.1, 0.2, 2);
  const struct {
    civ_payoff_config c;
    civ_interaction i;
    double s, e, a, b, w, q;
  } golden[] = {
    { usual, record_of(0.7, 0, 0, 0, 0, 0), 1.1, 0.6, 0.55, 0.55, 1.1, 0.5 },
    { usual, record_of(0, 0, 0, 0, 0, 0), -1, 2, -0.5, -0.5, -1, -3 },
    { usual, record_of(1, 0, 0, 0, 0, 0), 2, 0, 1, 1, 2, 2 },
    { usual, record_of(0.7, 0.3, 0.1, 0.05, 0.2, 0.15), 1.1, 0.6, 0.35, 0.95, 1.3, 0.5 },
    { c2, record_of(0.7, 0.3, 0.1, 0.05, 0.2, 0.15), 1.65, 0.75, 0.915, 1.06, 1.975, 0.9 },
    { c2, record_of(0.35, -0.5, 0, 0.4, -0.1, 0), 0.075, 1.625, 0.1825, -1.195, -1.0125, -1.55 },
    { config_of(2, 1, 2, 1, 1, 1, 1), record_of(0.25, 0, 0, 0, 0, 0), -0.25, 1.5, -1.75, -1.5, -3.25, -1.75 },
    { config_of(0, 0, 0, 0, 0, 0, 1), record_of(0.9, 1, 0, 0, 0, 0), 0, 0, -1, 1, 0, 0 },
  };
  for (size_t k = 0; k < sizeof golden / sizeof golden[0]; ++k) {
    const civ_payoff_config *c = &golden[k].c;
    const civ_interaction *i = &golden[k].i;
    assert_near(civ_expected_surplus(c, i->p), golden[k].s);
    assert_near(civ_expected_harm(c, i->p), golden[k].e);
    assert_near(civ_payoff_initiator(c, i), golden[k].a);
    assert_near(civ_payoff_counterparty(c, i), golden[k].b);
    assert_near(civ_total_welfare(c, i), golden[k].w);
    assert_near(civ_social_surplus(c, i->p), golden[k].q);
  }
}

static void breakdown_by_hand(void **unused)
{
  (void)unused;
  civ_payoff_config c = config_of(3, 1.5, 2.5, 0.6, 0.1, 0.2, 2);
  civ_interaction i = record_of(0.7, 0.3, 0.1, 0.05, 0.2, 0.15);
  civ_payoff_breakdown a = civ_payoff_explain_initiator(&c, &i), b = civ_payoff_explain_counterparty(&c, &i);
  assert_near(a.surplus_share, 0.99);
  assert_near(a.transfer, -0.3);
  assert_near(a.governance_cost, 0.1);
  assert_near(a.externality_cost, 0.075);
  assert_near(a.reputation_bonus, 0.4);
  assert_near(b.surplus_share, 0.66);
  assert_near(b.transfer, 0.3);
  assert_near(b.externality_cost, 0.15);
  assert_near(b.total, 1.06);
  assert_true(a.total == civ_payoff_initiator(&c, &i));
}

static void break_even_by_hand(void **unused)
{
  (void)unused;
  double own = 9.0, social = 9.0;
  civ_payoff_config c = civ_payoff_default();
  assert_true(civ_break_even_p(&c, &own) && civ_social_break_even_p(&c, &social));
  assert_near(own, 1.0 / 3.0);
  assert_near(social, 0.6);
  c = config_of(5.0, 0.1, 20.0, 0.5, 0, 0, 1);
  assert_true(civ_break_even_p(&c, &own) && civ_social_break_even_p(&c, &social));
  assert_near(own, 0.019607843137254905);
  assert_near(social, 0.800796812749004);
  c = config_of(0, 0, 3, 0.5, 0, 0, 1);
  own = 9.0;
  assert_false(civ_break_even_p(&c, &own));
  assert_true(own == 9.0);
  assert_true(civ_social_break_even_p(&c, &social) && social == 1.0);
  c.h = 0.0;
  assert_false(civ_social_break_even_p(&c, &social));
}

static void identities_hold(void **unused)
{
  (void)unused;
  civ_draws d = civ_draws_open(3, &(civ_draw_key){ .purpose = CIV_PURPOSE_FUZZ, .entity = 3 });
  for (int n = 0; n < 100000; ++n) {
    civ_payoff_config c = config_of(civ_draw_between(&d, 0, 5), civ_draw_between(&d, 0, 5), civ_draw_between(&d, 0, 5),
                                    civ_draw_uniform(&d), civ_draw_between(&d, 0, 2), civ_draw_between(&d, 0, 2),
                                    civ_draw_between(&d, -3, 3));
    double tau = civ_draw_between(&d, -1, 1), c_a = civ_draw_uniform(&d), c_b = civ_draw_uniform(&d);
    double r_a = civ_draw_between(&d, -1, 1), r_b = civ_draw_between(&d, -1, 1);
    civ_interaction i = record_of(civ_draw_uniform(&d), tau, c_a, c_b, r_a, r_b);
    double slope_a = c.theta * (c.s_plus + c.s_minus) + c.rho_a * c.h;
    double at_zero_a = -c.theta * c.s_minus - c.rho_a * c.h - tau - c_a + c.w_rep * r_a;
    double slope_b = (1 - c.theta) * (c.s_plus + c.s_minus) + c.rho_b * c.h;
    double at_zero_b = -(1 - c.theta) * c.s_minus - c.rho_b * c.h + tau - c_b + c.w_rep * r_b;
    assert_near(civ_payoff_initiator(&c, &i), slope_a * i.p + at_zero_a);
    assert_near(civ_payoff_counterparty(&c, &i), slope_b * i.p + at_zero_b);
    double s = civ_expected_surplus(&c, i.p), e = civ_expected_harm(&c, i.p), own, social;
    assert_near(civ_total_welfare(&c, &i), s - (c_a + c_b) - (c.rho_a + c.rho_b) * e + c.w_rep * (r_a + r_b));
    if (civ_break_even_p(&c, &own) && civ_social_break_even_p(&c, &social)) {
      assert_true(fabs(civ_expected_surplus(&c, own)) < 1e-12);
      assert_true(fabs(civ_social_surplus(&c, social)) < 1e-12);
      assert_true(social >= own - 1e-15);
    }
    civ_payoff_breakdown b = civ_payoff_explain_counterparty(&c, &i);
    assert_near(b.total, b.surplus_share + b.transfer - b.governance_cost - b.externality_cost + b.reputation_bonus);
  }
}

static void check_names_the_key(void **unused)
{
  (void)unused;
  const struct {
    const char *where;
    size_t offset;
    double value;
    civ_status status;
  } cases[] = {
    { "payoff.theta", offsetof(civ_payoff_config, theta), 1.5, CIV_E_RANGE },
    { "payoff.theta", offsetof(civ_payoff_config, theta), -0.01, CIV_E_RANGE },
    { "payoff.s_plus", offsetof(civ_payoff_config, s_plus), -1, CIV_E_RANGE },
    { "payoff.s_minus", offsetof(civ_payoff_config, s_minus), NAN, CIV_E_RANGE },
    { "payoff.h", offsetof(civ_payoff_config, h), INFINITY, CIV_E_RANGE },
    { "payoff.rho_a", offsetof(civ_payoff_config, rho_a), -0.5, CIV_E_RANGE },
    { "payoff.w_rep", offsetof(civ_payoff_config, w_rep), NAN, CIV_E_RANGE },
    { "", offsetof(civ_payoff_config, rho_b), 7.0, CIV_OK },
    { "", offsetof(civ_payoff_config, w_rep), -7.0, CIV_OK },
    { "", offsetof(civ_payoff_config, theta), 1.0, CIV_OK },
  };
  for (size_t k = 0; k < sizeof cases / sizeof cases[0]; ++k) {
    civ_payoff_config c = civ_payoff_default();
    civ_error err = { .where = "" };
    memcpy((char *)&c + cases[k].offset, &cases[k].value, sizeof(double));
    assert_int_equal(civ_payoff_check(&c, &err), cases[k].status);
    assert_string_equal(err.where, cases[k].where);
  }
  civ_payoff_config c = civ_payoff_default();
  civ_error err;
  c.theta = 1.5;
  assert_int_equal(civ_payoff_check(&c, &err), CIV_E_RANGE);
  assert_string_equal(err.text, "1.5 is outside [0, 1]");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(payoffs_by_hand), cmocka_unit_test(breakdown_by_hand),   cmocka_unit_test(break_even_by_hand),
    cmocka_unit_test(identities_hold), cmocka_unit_test(check_names_the_key),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
