/* test_label_input.c - rules of the commands label and metrics: from overrides, and from the configuration in a log. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "cli/label_input.h"

static void overrides_reach_their_section(void **unused)
{
  (void)unused;
  static const char *const settings[] = { "payoff.h=3", "proxy.weights.task_progress=-0.5",
                                          "metrics.uncertainty_band=.1", "payoff.sigmoid_k=4",
                                          "payoff.reputation_in_payoff=true" };
  civ_cli_rules rules = civ_cli_rules_default();
  assert_int_equal(civ_cli_rules_set(&rules, settings, 5, NULL), CIV_OK);
  assert_true(rules.payoff.h == 3.0 && rules.weights.task_progress == -0.5 && rules.metrics.uncertainty_band == 0.1);
  assert_true(rules.proxy.sigmoid_k == 4.0 && rules.payoff.reputation_in_payoff);
}

static void wrong_overrides_are_named_and_change_nothing(void **unused)
{
  (void)unused;
  static const struct {
    const char *setting;
    civ_status status;
    const char *where, *says;
  } wrong[] = {
    { "payoff.h", CIV_E_SYNTAX, "payoff.h", "PATH=VALUE" },
    { "=3", CIV_E_SYNTAX, "=3", "PATH=VALUE" },
    { "payoff.thta=0.5", CIV_E_KEY, "payoff.thta", "'payoff.theta'" },
    { "nonsense=1", CIV_E_KEY, "nonsense", "known are" },
    { "payoff.theta=1.5", CIV_E_RANGE, "payoff.theta", "[0, 1]" },
    { "payoff.theta=half", CIV_E_TYPE, "payoff.theta", "half" },
    { "metrics.quality_threshold=.inf", CIV_E_RANGE, "metrics.quality_threshold", "finite" },
  };
  civ_cli_rules before = civ_cli_rules_default();
  for (size_t k = 0; k < sizeof wrong / sizeof wrong[0]; ++k) {
    civ_cli_rules rules = civ_cli_rules_default();
    civ_error err;
    assert_int_equal(civ_cli_rules_override(&rules, wrong[k].setting, &err), wrong[k].status);
    assert_string_equal(err.where, wrong[k].where);
    assert_non_null(strstr(err.text, wrong[k].says));
    assert_true(rules.payoff.theta == before.payoff.theta && rules.payoff.h == before.payoff.h &&
                rules.metrics.quality_threshold == before.metrics.quality_threshold);
  }
}

static void a_configuration_gives_its_rules(void **unused)
{
  (void)unused;
  civ_cli_rules rules = civ_cli_rules_default();
  json_t *config = json_pack("{s:{s:f, s:i}, s:{s:f, s:{s:f}}, s:{s:i}}", "payoff", "s_plus", 5.5, "h", 1, "proxy",
                             "rework_decay", 0.9, "weights", "engagement_signal", 0.7, "simulation", "n_epochs", 3);
  assert_int_equal(civ_cli_rules_from_config(&rules, config, NULL), CIV_OK);
  assert_true(rules.payoff.s_plus == 5.5 && rules.payoff.h == 1.0 && rules.payoff.s_minus == 1.0);
  assert_true(rules.proxy.rework_decay == 0.9 && rules.weights.engagement_signal == 0.7);
  assert_int_equal(civ_cli_rules_from_config(&rules, NULL, NULL), CIV_OK);
  json_decref(config);
  config = json_pack("{s:{s:f}}", "payoff", "theta", 7.0);
  civ_error err;
  assert_int_equal(civ_cli_rules_from_config(&rules, config, &err), CIV_E_RANGE);
  assert_string_equal(err.where, "payoff.theta");
  json_decref(config);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(overrides_reach_their_section),
    cmocka_unit_test(wrong_overrides_are_named_and_change_nothing),
    cmocka_unit_test(a_configuration_gives_its_rules),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
