/* One field by its path: what is set, what is refused, and that a refusal leaves everything as it was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "civitas/payoff.h"
#include "civitas/registry.h"
#include "civitas/scenario.h"

static civ_registry *registry;

static int make_registry(void **state)
{
  (void)state;
  return civ_registry_create_default(&registry, NULL) == CIV_OK ? 0 : -1;
}

static int drop_registry(void **state)
{
  (void)state;
  civ_registry_destroy(registry);
  return 0;
}

static civ_config *base(void)
{
  static const char text[] = "agents: [{type: honest, count: 3}, {type: deceptive}, {type: deceptive, id_prefix: d}]\n"
                             "payoff: {theta: 0.25}\nproxy: {sigmoid_k: 3}\n";
  civ_config *config = NULL;
  assert_int_equal(civ_scenario_parse(registry, "base", text, strlen(text), 0, &config, NULL, NULL), CIV_OK);
  return config;
}

static char *json_of(const civ_config *config)
{
  char *json;
  size_t length;
  assert_int_equal(civ_config_json(config, &json, &length, NULL), CIV_OK);
  return json;
}

static void set(civ_config *config, const char *path, const char *value)
{
  civ_error err = { 0 };
  if (civ_config_set(config, path, value, CIV_ORIGIN_OVERRIDE, &err) != CIV_OK)
    fail_msg("%s: %s", err.where, err.text);
}

static void fields_are_set_by_their_path(void **state)
{
  (void)state;
  civ_config *config = base();
  const civ_payoff_config *payoff = civ_config_section(config, "payoff");
  const civ_simulation_config *simulation = civ_config_section(config, "simulation");
  const civ_safety_config *safety = civ_config_section(config, "safety");
  const civ_scenario_config *top = civ_config_section(config, "scenario");
  set(config, "payoff.theta", "0.75");
  set(config, "n_epochs", "3");
  set(config, "steps_per_epoch", "4");
  set(config, "seed", "5");
  set(config, "scenario_id", "other");
  set(config, "simulation.epochs", "6");
  set(config, "metrics_to_track", "[avg_p, toxicity_rate]");
  set(config, "safety.action_costs", "{vote: 2}");
  set(config, "rate_limits.posts_per_epoch", "null");
  set(config, "network.params.k", "6");
  assert_true(payoff->theta == 0.75);
  assert_int_equal(simulation->n_epochs, 6);
  assert_int_equal(simulation->steps_per_epoch, 4);
  assert_true(simulation->seed.set && simulation->seed.value == 5);
  assert_string_equal(top->scenario_id, "other");
  assert_int_equal(top->metrics_to_track.n, 2);
  assert_int_equal(safety->action_costs.n, 4);
  assert_false(((const civ_rate_limits_config *)civ_config_section(config, "rate_limits"))->posts_per_epoch.set);
  assert_true(civ_config_given(config, "network"));
  civ_config_destroy(config);
}

static void agents_are_set_by_number_and_by_type(void **state)
{
  (void)state;
  civ_config *config = base();
  uint32_t n;
  set(config, "agents.honest.count", "7");
  set(config, "agents[1].count", "2");
  set(config, "agents[2].role", "planner");
  set(config, "agents[0].config.post_probability", "0.125");
  set(config, "agents.deceptive.initial_resources", "9");
  set(config, "agents.adversarial.count", "4");
  const civ_agent_entry *e = civ_config_agents(config, &n);
  assert_int_equal(n, 4);
  assert_int_equal(e[0].count, 7);
  assert_int_equal(e[1].count, 2);
  assert_int_equal(e[2].roles, 1u << CIV_PLANNER);
  assert_true(e[1].initial_resources.value == 9 && e[2].initial_resources.value == 9);
  assert_string_equal(e[3].type, "adversarial");
  assert_non_null(e[3].policy_config);
  assert_int_equal(e[3].count, 4);
  char *json = json_of(config);
  assert_non_null(strstr(json, "\"post_probability\": 0.125"));
  civ_free(json);
  civ_config_destroy(config);
}

static void what_follows_follows(void **state)
{
  (void)state;
  civ_config *config = base();
  const civ_payoff_config *payoff = civ_config_section(config, "payoff");
  const civ_proxy_config *proxy = civ_config_section(config, "proxy");
  const civ_safety_config *safety = civ_config_section(config, "safety");
  const civ_simulation_config *simulation = civ_config_section(config, "simulation");
  assert_true(payoff->sigmoid_k == 3);
  set(config, "payoff.sigmoid_k", "5"); /* beats what the file gave under the other name */
  assert_true(proxy->sigmoid_k == 5);
  set(config, "simulation.enable_kill_switch", "false");
  assert_false(safety->kill_switch_enabled);
  set(config, "simulation.dead_bounties", "false");
  set(config, "model", "causal");
  assert_true(simulation->enable_transfers);
  assert_false(simulation->dead_bounties); /* given, so the preset stays below it */
  set(config, "model", "reference");
  assert_false(simulation->enable_transfers);
  set(config, "success_criteria.min_epochs", "4");
  set(config, "success_criteria.min_epochs", "5");
  uint32_t n;
  const civ_criterion *c = civ_config_criteria(config, &n);
  assert_int_equal(n, 1);
  assert_true(c[0].bound == 5);
  civ_config_destroy(config);
}

static void refusals_name_the_path_and_change_nothing(void **state)
{
  static const struct {
    const char *path, *value;
    civ_status code;
    const char *says;
  } cases[] = {
    { "payoff.theta", "1.5", CIV_E_RANGE, "1.5 is outside [0, 1]" },
    { "payoff.theta", "half", CIV_E_TYPE, "'half' is text" },
    { "payoff.thta", "0.5", CIV_E_KEY, "'payoff.theta'" },
    { "paioff.theta", "0.5", CIV_E_KEY, "'payoff.theta'" },
    { "thta", "0.5", CIV_E_KEY, "'payoff.theta'" },
    { "", "1", CIV_E_KEY, "unknown key" },
    { ".", "1", CIV_E_KEY, "unknown key" },
    { "payoff", "1", CIV_E_KEY, "unknown key" },
    { "payoff.", "1", CIV_E_KEY, "unknown key" },
    { "n_epochs", "", CIV_E_TYPE, "null" },
    { "n_epochs", "[1", CIV_E_SYNTAX, "not YAML" },
    { "n_epochs", "1\n---\n2", CIV_E_SYNTAX, "second document" },
    { "seed", "\xff", CIV_E_SYNTAX, "UTF-8" },
    { "scenario_id", "a/b", CIV_E_RANGE, "letters" },
    { "network.min_edge_weight", "2", CIV_E_RANGE, "network.max_edge_weight" },
    { "safety.action_costs", "{fly: 1}", CIV_E_KEY, ".fly: 'fly'" },
    { "agents", "3", CIV_E_KEY, "" },
    { "agents.honest", "3", CIV_E_KEY, "agents.TYPE.KEY" },
    { "agents.nobody.count", "3", CIV_E_KEY, "'nobody'" },
    { "agents.deceptive.count", "3", CIV_E_KEY, "2 entries" },
    { "agents.adversarial.role", "planner", CIV_E_KEY, "add some" },
    { "agents.adversarial.count", "-1", CIV_E_RANGE, "-1" },
    { "agents[3].count", "1", CIV_E_KEY, "3 entries" },
    { "agents[-1].count", "1", CIV_E_KEY, "" },
    { "agents[x].count", "1", CIV_E_KEY, "agents[NUMBER].KEY" },
    { "agents[0", "1", CIV_E_KEY, "agents[NUMBER].KEY" },
    { "agents[0].cuont", "1", CIV_E_KEY, "unknown key" },
    { "agents[0].type", "honest", CIV_E_KEY, "cannot be overridden" },
    { "agents[0].config.acceptance_threshold", "7", CIV_E_RANGE, "7 is outside [0, 1]" },
    { "agents[0].config.nothing", "7", CIV_E_KEY, "unknown key" },
    { "agents[1].id_prefix", "honest", CIV_E_KEY, "'honest_1'" },
    { "agents[0].count", "2147483647", CIV_E_LIMIT, "lower the counts" },
    { "success_criteria.nothing", "1", CIV_E_KEY, "unknown criterion" },
    { "success_criteria.min_epochs", "many", CIV_E_TYPE, "finite number" },
  };
  (void)state;
  civ_config *config = base();
  char *before = json_of(config);
  for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
    civ_error err = { 0 };
    const civ_status status = civ_config_set(config, cases[k].path, cases[k].value, CIV_ORIGIN_OVERRIDE, &err);
    if (status != cases[k].code || !strstr(err.text, cases[k].says) || strcmp(err.where, cases[k].path) != 0)
      fail_msg("%s=%s: %s: %s: %s", cases[k].path, cases[k].value, civ_status_name(status), err.where, err.text);
    char *after = json_of(config);
    assert_string_equal(before, after);
    civ_free(after);
  }
  civ_free(before);
  civ_config_destroy(config);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(fields_are_set_by_their_path),
    cmocka_unit_test(agents_are_set_by_number_and_by_type),
    cmocka_unit_test(what_follows_follows),
    cmocka_unit_test(refusals_name_the_path_and_change_nothing),
  };
  return cmocka_run_group_tests(tests, make_registry, drop_registry);
}
