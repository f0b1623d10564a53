/* What a good file means: spellings, defaults, links, presets, agents, and what a version refuses to run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "civitas/payoff.h"
#include "civitas/registry.h"
#include "civitas/scenario.h"
#include "scenario/schema.h"

#define AGENTS "agents: [{type: honest}]\n"

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

/* A config that must load, with what was noticed on the way. */
static civ_config *load_with(const char *text, uint32_t flags, civ_diagnostics *found)
{
  civ_config *config = NULL;
  civ_error err = { 0 };
  if (civ_scenario_parse(registry, "good.yaml", text, strlen(text), flags, &config, found, &err) != CIV_OK)
    fail_msg("%s: %s", err.where, err.text);
  return config;
}

static civ_config *load(const char *text)
{
  civ_diagnostics found;
  civ_config *config = load_with(text, 0, &found);
  civ_diagnostics_free(&found);
  return config;
}

/* Value at a dotted path, as JSON text. */
static void expect(const civ_config *config, const char *path, const char *json)
{
  char *text, part[64];
  size_t length;
  assert_int_equal(civ_config_json(config, &text, &length, NULL), CIV_OK);
  json_t *tree = json_loadb(text, length, 0, NULL), *at = tree;
  civ_free(text);
  assert_non_null(tree);
  for (const char *p = path; at; p += strcspn(p, ".") + 1) {
    snprintf(part, sizeof part, "%.*s", (int)strcspn(p, "."), p);
    at = json_is_array(at) ? json_array_get(at, (size_t)atoi(part)) : json_object_get(at, part);
    if (!p[strcspn(p, ".")])
      break;
  }
  json_t *wanted = json_loads(json, JSON_DECODE_ANY, NULL);
  assert_non_null(wanted);
  if (!at || !json_equal(at, wanted)) {
    char *shown = at ? json_dumps(at, JSON_ENCODE_ANY) : NULL;
    fail_msg("%s is %s, not %s", path, shown ? shown : "absent", json);
  }
  json_decref(wanted);
  json_decref(tree);
}

static void expect_in(const char *text, const char *path, const char *json)
{
  civ_config *config = load(text);
  expect(config, path, json);
  civ_config_destroy(config);
}

/* --- scalars --------------------------------------------------------------------------------------------------------------- */

static void numbers_are_read_as_the_core_schema_says(void **state)
{
  (void)state;
  expect_in(AGENTS "simulation: {seed: 0x1F}\n", "simulation.seed", "31");
  expect_in(AGENTS "simulation: {seed: 0o17}\n", "simulation.seed", "15");
  expect_in(AGENTS "simulation: {seed: 9223372036854775807}\n", "simulation.seed", "9223372036854775807");
  expect_in(AGENTS "simulation: {n_epochs: 1e3}\n", "simulation.n_epochs", "1000");
  expect_in(AGENTS "simulation: {n_epochs: +7}\n", "simulation.n_epochs", "7");
  expect_in(AGENTS "payoff: {h: 3}\n", "payoff.h", "3.0");
  expect_in(AGENTS "payoff: {h: .5}\n", "payoff.h", "0.5");
  expect_in(AGENTS "payoff: {h: 2.}\n", "payoff.h", "2.0");
  expect_in(AGENTS "payoff: {h: 25e-2}\n", "payoff.h", "0.25");
  expect_in(AGENTS "governance: {audit_enabled: True}\n", "governance.audit_enabled", "true");
  expect_in(AGENTS "simulation: {seed: ~}\n", "simulation.seed", "null");
  expect_in(AGENTS "simulation: {max_actions_per_step: auto}\n", "simulation.max_actions_per_step", "0");
  expect_in(AGENTS "simulation: {max_actions_per_step: null}\n", "simulation.max_actions_per_step", "0");
  expect_in(AGENTS "rate_limits: {posts_per_epoch: null}\n", "rate_limits.posts_per_epoch", "null");
}

static void texts_are_kept_as_they_are(void **state)
{
  (void)state;
  expect_in(AGENTS "description: |\n  two\n  lines\n", "description", "\"two\\nlines\\n\"");
  expect_in(AGENTS "description: 'it''s'\n", "description", "\"it's\"");
  expect_in(AGENTS "description: \"\\u00e4 \\U0001F600\"\n", "description", "\"\\u00e4 \\ud83d\\ude00\"");
  expect_in(AGENTS "motif: yes\n", "motif", "\"yes\"");
  expect_in("\xEF\xBB\xBF" AGENTS "motif: x\n", "motif", "\"x\"");
}

static void anchors_stand_for_their_values(void **state)
{
  (void)state;
  expect_in("agents:\n  - &a {type: honest, count: 2}\n  - *a\n", "agents.1.count", "2");
  expect_in(AGENTS "payoff: {rho_a: &r 0.25, rho_b: *r}\n", "payoff.rho_b", "0.25");
}

/* --- spellings ------------------------------------------------------------------------------------------------------------- */

static void aliases_are_read_with_a_notice(void **state)
{
  (void)state;
  civ_diagnostics found;
  civ_config *config = load_with(AGENTS "simulation: {epochs: 20}\nenvironment: {initial_budget: 70}\n", 0, &found);
  expect(config, "simulation.n_epochs", "20");
  expect(config, "environment.initial_resources", "70.0");
  assert_int_equal(found.n, 2);
  assert_int_equal(found.items[0].severity, CIV_NOTICE);
  assert_string_equal(found.items[0].key, "simulation.epochs");
  assert_non_null(strstr(found.items[0].text, "'n_epochs'"));
  civ_diagnostics_free(&found);
  civ_config_destroy(config);
}

static void the_canonical_name_beats_its_alias(void **state)
{
  (void)state;
  static const char *const texts[] = { AGENTS "governance: {transaction_tax: 0.1, transaction_tax_rate: 0.2}\n",
                                       AGENTS "governance: {transaction_tax_rate: 0.2, transaction_tax: 0.1}\n" };
  for (int k = 0; k < 2; k++) {
    civ_diagnostics found;
    civ_config *config = load_with(texts[k], 0, &found);
    expect(config, "governance.transaction_tax_rate", "0.2");
    assert_int_equal(found.items[found.n - 1].severity, CIV_WARNING);
    civ_diagnostics_free(&found);
    civ_config_destroy(config);
  }
}

static void network_parameters_have_their_order(void **state)
{
  (void)state;
  expect_in(AGENTS "network: {params: {k: 6}, k_neighbors: 8}\n", "network.k_neighbors", "6");
  expect_in(AGENTS "network: {k_neighbors: 8, params: {k_neighbors: 5}}\n", "network.k_neighbors", "5");
  expect_in(AGENTS "network: {params: {k_neighbors: 5, k: 7}}\n", "network.k_neighbors", "7");
  expect_in(AGENTS "network: {k_neighbors: 8}\n", "network.k_neighbors", "8");
  expect_in(AGENTS "network: {params: {p: 0.3}}\n", "network.rewire_probability", "0.3");
  expect_in(AGENTS "network: {params: {m: 3}}\n", "network.m_edges", "3");
  expect_in(AGENTS "network: {topology: RING}\n", "network.topology", "\"ring\"");
  expect_in(AGENTS "network: {topology: custom, params: {edges: [[0, 1], [a, b, 0.5]]}}\n", "network.edges",
            "[[0, 1], [\"a\", \"b\", 0.5]]");
  expect_in(AGENTS "network: {metrics: {path_samples: 9}}\n", "network.metrics.path_samples", "9");
}

static void lenient_loading_turns_unknown_keys_into_warnings_and_nothing_else(void **state)
{
  (void)state;
  civ_diagnostics found;
  civ_error err;
  civ_config *config = load_with(AGENTS "what: 1\npayoff: {thta: 2, theta: 0.25}\ngovernance: {enable_audits: true}\n",
                                 CIV_LOAD_LENIENT, &found);
  expect(config, "payoff.theta", "0.25");
  expect(config, "governance.audit_enabled", "false");
  assert_int_equal(found.n, 3);
  assert_int_equal(found.n_errors, 0);
  civ_diagnostics_free(&found);
  civ_config_destroy(config);
  static const char bad[] = AGENTS "what: 1\npayoff: {theta: 2}\n";
  assert_int_equal(civ_scenario_parse(registry, "f", bad, strlen(bad), CIV_LOAD_LENIENT, &config, &found, &err),
                   CIV_E_RANGE);
  assert_int_equal(found.n_errors, 1);
  civ_diagnostics_free(&found);
}

/* --- sections -------------------------------------------------------------------------------------------------------------- */

static void null_and_empty_sections_are_absent(void **state)
{
  (void)state;
  expect_in(AGENTS "payoff:\nsimulation: ~\n", "payoff.theta", "0.5");
  expect_in(AGENTS "network:\n", "network", "null");
  expect_in(AGENTS "network: {}\n", "network", "null");
  expect_in(AGENTS "marketplace: {}\n", "marketplace", "null");
  expect_in(AGENTS "marketplace: {escrow_fee_rate: 0.1}\n", "marketplace.enabled", "true");
  civ_config *config = load(AGENTS "network: {dynamic: true}\nmarketplace:\n");
  assert_true(civ_config_given(config, "network"));
  assert_false(civ_config_given(config, "marketplace"));
  assert_false(civ_config_given(config, "nothing"));
  assert_null(civ_config_section(config, "nothing"));
  civ_config_destroy(config);
}

static void an_empty_society_must_be_allowed(void **state)
{
  (void)state;
  civ_diagnostics found;
  civ_config *config = load_with("scenario_id: void\n", CIV_LOAD_ALLOW_EMPTY, &found);
  uint32_t n = 7;
  char **names;
  civ_config_agents(config, &n);
  assert_int_equal(n, 0);
  assert_int_equal(civ_config_agent_names(config, &names, &n, NULL), CIV_OK);
  assert_int_equal(n, 0);
  civ_free(names);
  civ_diagnostics_free(&found);
  civ_config_destroy(config);
}

static void the_kill_switch_follows_the_simulation(void **state)
{
  (void)state;
  expect_in(AGENTS "simulation: {enable_kill_switch: false}\n", "safety.kill_switch_enabled", "false");
  expect_in(AGENTS "simulation: {enable_kill_switch: false}\nsafety: {kill_switch_enabled: true}\n",
            "safety.kill_switch_enabled", "true");
  expect_in(AGENTS, "safety.kill_switch_enabled", "true");
}

static void one_sigmoid_under_two_names(void **state)
{
  (void)state;
  expect_in(AGENTS "payoff: {sigmoid_k: 3}\n", "proxy.sigmoid_k", "3.0");
  expect_in(AGENTS "proxy: {sigmoid_k: 4}\n", "payoff.sigmoid_k", "4.0");
  expect_in(AGENTS "payoff: {sigmoid_k: 3}\nproxy: {sigmoid_k: 3.0}\n", "proxy.sigmoid_k", "3.0");
}

static void maps_keep_what_is_not_named(void **state)
{
  (void)state;
  expect_in(AGENTS "safety: {action_costs: {vote: 2, claim_task: 3}}\n", "safety.action_costs",
            "{\"post\": 1.0, \"reply\": 1.0, \"propose\": 1.0, \"vote\": 2.0, \"claim_task\": 3.0}");
  expect_in(AGENTS "safety: {role_allowlists: {poster: [post]}}\n", "safety.role_allowlists.poster", "[\"post\"]");
  expect_in(AGENTS "safety: {role_allowlists: {poster: [post]}}\n", "safety.role_allowlists.moderator.0", "\"post\"");
  expect_in(AGENTS "auction: {resources: {gold: 1}}\n", "auction.resources", "{\"gold\": 1.0}");
}

static void warnings_are_no_errors(void **state)
{
  (void)state;
  static const struct {
    const char *text, *key;
  } cases[] = {
    { AGENTS "payoff: {rho_a: 1.5}\n", "payoff.rho_a" },
    { AGENTS "payoff: {w_rep: -1}\n", "payoff.w_rep" },
    { AGENTS "composite_tasks: {task_spawn_rate: 0.5}\n", "composite_tasks" },
    { "agents: [{type: honest, capabilities: [research]}]\n", "agents" },
    { AGENTS "marketplace: {bid_deadline_epochs: 5}\n", "marketplace.bid_deadline_epochs" },
  };
  for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
    civ_diagnostics found;
    civ_config *config = load_with(cases[k].text, 0, &found);
    assert_int_equal(found.n, 1);
    assert_int_equal(found.items[0].severity, CIV_WARNING);
    assert_string_equal(found.items[0].key, cases[k].key);
    civ_diagnostics_free(&found);
    civ_config_destroy(config);
  }
}

/* --- agents ---------------------------------------------------------------------------------------------------------------- */

static void expect_names(const char *text, const char *const *wanted, uint32_t n_wanted)
{
  civ_config *config = load(text);
  char **names;
  uint32_t n;
  assert_int_equal(civ_config_agent_names(config, &names, &n, NULL), CIV_OK);
  assert_int_equal(n, n_wanted);
  for (uint32_t k = 0; k < n; k++)
    assert_string_equal(names[k], wanted[k]);
  civ_free(names);
  civ_config_destroy(config);
}

static void names_count_per_type_and_prefix(void **state)
{
  (void)state;
  static const char *const a[] = { "honest_1", "honest_2", "adaptive_adversary_1", "honest_3" };
  expect_names("agents: [{type: honest, count: 2}, {type: adaptive_adversary}, {type: honest}]\n", a, 4);
  static const char *const b[] = { "honest_1", "x_1", "x_2", "honest_2", "x_3" };
  expect_names("agents: [{}, {id_prefix: x, count: 2}, {type: honest}, {id_prefix: x}]\n", b, 5);
  static const char *const c[] = { "a_1_1", "a_1" };
  expect_names(
      "agents: [{id_prefix: a_1}, {type: deceptive, id_prefix: a}, {type: deceptive, id_prefix: a_1, count: 0}]\n", c,
      2);
}

static void entries_carry_what_was_written(void **state)
{
  (void)state;
  civ_config *config = load("agents:\n"
                            "  - {type: deceptive, count: 3, roles: [verifier, planner], initial_resources: 7}\n"
                            "  - {role: moderator, entity: acme, puppets: 2}\n"
                            "  - {type: llm, llm: {persona: STRATEGIC, api_key: s3cret, temperature: omit}}\n");
  uint32_t n;
  const civ_agent_entry *e = civ_config_agents(config, &n);
  assert_int_equal(n, 3);
  assert_string_equal(e[0].type, "deceptive");
  assert_non_null(e[0].policy);
  assert_non_null(e[0].policy_config);
  assert_int_equal(e[0].count, 3);
  assert_int_equal(e[0].roles, 1u << CIV_VERIFIER | 1u << CIV_PLANNER);
  assert_int_equal(e[0].role_order[0], CIV_VERIFIER);
  assert_true(e[0].initial_resources.set && e[0].initial_resources.value == 7);
  assert_false(e[0].initial_reputation.set);
  assert_null(e[0].identity.json);
  assert_int_equal(e[0].line, 2);
  assert_int_equal(e[1].roles, 1u << CIV_MODERATOR);
  assert_string_equal(e[1].identity.json, "{\"entity\": \"acme\", \"puppets\": 2}");
  assert_null(e[2].policy);
  assert_string_equal(e[2].llm.json,
                      "{\"persona\": \"STRATEGIC\", \"api_key\": \"s3cret\", \"temperature\": \"omit\"}");
  char *json;
  size_t length;
  assert_int_equal(civ_config_json(config, &json, &length, NULL), CIV_OK);
  assert_null(strstr(json, "s3cret"));
  civ_free(json);
  assert_int_equal(civ_config_dump(config, &json, &length, NULL), CIV_OK);
  assert_null(strstr(json, "s3cret"));
  civ_free(json);
  civ_config_destroy(config);
}

/* --- criteria, origins ----------------------------------------------------------------------------------------------------- */

static void criteria_are_kept_in_order(void **state)
{
  (void)state;
  civ_config *config = load(AGENTS "success_criteria:\n  min_epochs: 3\n  max_final_avg_p: 0.5\n");
  uint32_t n;
  const civ_criterion *c = civ_config_criteria(config, &n);
  assert_int_equal(n, 2);
  assert_string_equal(c[0].name, "min_epochs");
  assert_string_equal(c[1].name, "max_final_avg_p");
  assert_true(c[1].bound == 0.5 && c[1].line == 4);
  civ_config_destroy(config);
}

static civ_origin origin_of(const civ_config *config, const char *path)
{
  civ_block *block;
  const civ_field *field = civ_schema_find(config, path, &block);
  assert_non_null(field);
  return civ_config_origin(config, block->table, field);
}

static void origins_are_remembered(void **state)
{
  (void)state;
  civ_config *config = load("model: causal\n" AGENTS "payoff:\n  theta: 0.25\n");
  assert_int_equal(origin_of(config, "payoff.theta").kind, CIV_ORIGIN_FILE);
  assert_int_equal(origin_of(config, "payoff.theta").line, 4);
  assert_int_equal(origin_of(config, "payoff.h").kind, CIV_ORIGIN_DEFAULT);
  assert_int_equal(origin_of(config, "simulation.enable_transfers").kind, CIV_ORIGIN_PRESET);
  assert_int_equal(civ_config_set_seed(config, 9, NULL), CIV_OK);
  assert_int_equal(origin_of(config, "simulation.seed").kind, CIV_ORIGIN_OVERRIDE);
  assert_int_equal(civ_config_set_seed(config, UINT64_MAX, NULL), CIV_E_RANGE);
  expect(config, "simulation.seed", "9");
  civ_config_destroy(config);
}

static void a_preset_lies_under_what_is_given(void **state)
{
  (void)state;
  expect_in("model: causal\n" AGENTS, "simulation.enable_transfers", "true");
  expect_in(AGENTS "simulation: {enable_transfers: false}\nmodel: causal\n", "simulation.enable_transfers", "false");
  expect_in("model: reference\n" AGENTS, "simulation.enable_transfers", "false");
}

/* --- what a version refuses to run ------------------------------------------------------------------------------------------ */

static void what_is_switched_on_and_not_built_is_refused(void **state)
{
  (void)state;
  static const struct {
    const char *text, *where, *says;
  } cases[] = {
    { "model: causal\n" AGENTS, "f:1", "model: causal is not available in this version" },
    { AGENTS "\nhfn: {ticks_per_step: 3}\n", "f:3", "hfn" },
    { AGENTS "\nidentity: {puppet_mimicry: 0.5}\n", "f:3", "identity" },
    { "agents:\n  - {type: honest}\n  - {type: llm}\n", "f:3", "agents[1].type" },
    { "agents: [{type: honest, puppets: 1}]\n", "f:1", "agents[0].puppets" },
  };
  for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
    civ_config *config = load(cases[k].text);
    civ_error err = { 0 };
    assert_int_equal(civ_config_check_built(config, "f", &err), CIV_E_UNBUILT);
    assert_string_equal(err.where, cases[k].where);
    if (!strstr(err.text, cases[k].says))
      fail_msg("'%s' does not say '%s'", err.text, cases[k].says);
    civ_config_destroy(config);
  }
}

static void what_is_neutral_runs(void **state)
{
  (void)state;
  static const char *const texts[] = {
    AGENTS
    "governance: {transaction_tax_rate: 0.0, reputation_decay_rate: 1, bandwidth_cap: 3, stake_slash_rate: 0.5}\n",
    AGENTS "governance: {vote_normalization_enabled: true, audit_probability: 0.9}\n",
    AGENTS "network: {enabled: false, topology: ring}\n",
    AGENTS "marketplace:\nboundaries: {sensitivity_threshold: 0.1}\n",
    AGENTS "llm: {max_concurrency: 3}\nmodel: reference\n",
    "agents: [{type: honest}, {type: llm, count: 0}, {type: adaptive_adversary, count: 0}]\n",
  };
  for (size_t k = 0; k < sizeof texts / sizeof texts[0]; k++) {
    civ_config *config = load(texts[k]);
    civ_error err = { 0 };
    if (civ_config_check_built(config, "f", &err) != CIV_OK)
      fail_msg("%zu: %s", k, err.text);
    civ_config_destroy(config);
  }
}

/* --- the files we ship ------------------------------------------------------------------------------------------------------ */

static const char *const shipped[] = {
  "baseline",     "status_game",         "strict_governance",   "marketplace_economy", "network_effects",
  "llm_agents",   "collusion_detection", "adversarial_redteam", "security_evaluation", "emergent_capabilities",
  "boundary_test"
};

static void shipped_scenarios_load_without_a_word(void **state)
{
  (void)state;
  for (size_t k = 0; k < 2 * sizeof shipped / sizeof shipped[0]; k++) {
    char path[512], runnable[512];
    civ_diagnostics found;
    civ_error err = { 0 };
    civ_config *config = NULL;
    snprintf(path, sizeof path, CIV_SOURCE_ROOT "/scenarios/%s%s.yaml", k % 2 ? "reference/" : "", shipped[k / 2]);
    if (civ_scenario_load(registry, path, 0, &config, &found, &err) != CIV_OK)
      fail_msg("%s: %s", err.where, err.text);
    assert_int_equal(found.n, 0);
    snprintf(runnable, sizeof runnable, "%s", civ_config_check_built(config, path, &err) == CIV_OK ? "" : err.text);
    if (strcmp(shipped[k / 2], "baseline") == 0)
      assert_string_equal(runnable, "");
    civ_diagnostics_free(&found);
    civ_config_destroy(config);
  }
}

/* R45: a file and its twin differ in effect for four scenarios only (and llm_agents names the model of its time). */
static void twins_differ_only_where_they_should(void **state)
{
  (void)state;
  for (size_t k = 0; k < sizeof shipped / sizeof shipped[0]; k++) {
    char path[512], sha[2][65];
    civ_config *config;
    for (int twin = 0; twin < 2; twin++) {
      snprintf(path, sizeof path, CIV_SOURCE_ROOT "/scenarios/%s%s.yaml", twin ? "reference/" : "", shipped[k]);
      assert_int_equal(civ_scenario_load(registry, path, 0, &config, NULL, NULL), CIV_OK);
      assert_int_equal(civ_config_sha256(config, sha[twin], NULL), CIV_OK);
      civ_config_destroy(config);
    }
    const bool differs = k >= 7 || strcmp(shipped[k], "llm_agents") == 0 || strcmp(shipped[k], "network_effects") == 0;
    assert_int_equal(strcmp(sha[0], sha[1]) != 0, differs);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(numbers_are_read_as_the_core_schema_says),
    cmocka_unit_test(texts_are_kept_as_they_are),
    cmocka_unit_test(anchors_stand_for_their_values),
    cmocka_unit_test(aliases_are_read_with_a_notice),
    cmocka_unit_test(the_canonical_name_beats_its_alias),
    cmocka_unit_test(network_parameters_have_their_order),
    cmocka_unit_test(lenient_loading_turns_unknown_keys_into_warnings_and_nothing_else),
    cmocka_unit_test(null_and_empty_sections_are_absent),
    cmocka_unit_test(an_empty_society_must_be_allowed),
    cmocka_unit_test(the_kill_switch_follows_the_simulation),
    cmocka_unit_test(one_sigmoid_under_two_names),
    cmocka_unit_test(maps_keep_what_is_not_named),
    cmocka_unit_test(warnings_are_no_errors),
    cmocka_unit_test(names_count_per_type_and_prefix),
    cmocka_unit_test(entries_carry_what_was_written),
    cmocka_unit_test(criteria_are_kept_in_order),
    cmocka_unit_test(origins_are_remembered),
    cmocka_unit_test(a_preset_lies_under_what_is_given),
    cmocka_unit_test(what_is_switched_on_and_not_built_is_refused),
    cmocka_unit_test(what_is_neutral_runs),
    cmocka_unit_test(shipped_scenarios_load_without_a_word),
    cmocka_unit_test(twins_differ_only_where_they_should),
  };
  return cmocka_run_group_tests(tests, make_registry, drop_registry);
}
