/* Broken scenario files: each message names file, line, key, value and what would be right. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "civitas/registry.h"
#include "civitas/scenario.h"

#define AGENTS "agents: [{type: honest}]\n"

typedef struct broken {
  const char *name, *text;
  uint32_t line;      /* 0 = the whole file */
  const char *key;    /* dotted path as printed */
  const char *says;   /* what is wrong: the value */
  const char *remedy; /* what would be right */
} broken;

static const broken cases[] = {
  /* nothing to read */
  { "empty file", "", 0, "", "empty", "scenario_id" },
  { "only a comment", "# nothing\n", 0, "", "empty", "agents" },
  { "only a document start", "---\n", 0, "", "empty", "agents" },
  { "root is a list", "- a\n- b\n", 1, "", "a list", "mapping" },
  { "root is a text", "hello\n", 1, "", "'hello'", "mapping" },
  { "no agents", "scenario_id: x\n", 0, "agents", "no agents", "--allow-empty" },
  { "empty agents", "scenario_id: x\nagents: []\n", 2, "agents", "no agents", "--allow-empty" },
  { "null agents", "scenario_id: x\nagents:\n", 2, "agents", "no agents", "type: honest" },

  /* bytes */
  { "invalid UTF-8", "scenario_id: \xff\n" AGENTS, 1, "", "0xFF", "UTF-8" },
  { "overlong UTF-8", AGENTS "description: \xc0\xaf\n", 2, "", "0xC0", "UTF-8" },
  { "surrogate in UTF-8", AGENTS "description: \xed\xa0\x80\n", 2, "", "0xED", "UTF-8" },
  { "cut UTF-8", AGENTS "description: \xe2\x82", 2, "", "0xE2", "UTF-8" },
  { "Latin-1", AGENTS "description: Sch\xf6n\n", 2, "", "0xF6", "UTF-8" },
  { "control character", AGENTS "description: a\x07z\n", 2, "", "U+0007", "remove" },
  { "escape character", AGENTS "description: a\x1b[31m\n", 2, "", "U+001B", "remove" },
  { "delete character", AGENTS "motif: a\x7f\n", 2, "", "U+007F", "remove" },
  { "escaped NUL", AGENTS "motif: \"a\\0b\"\n", 2, "motif", "U+0000", "remove" },

  /* YAML */
  { "tab as indentation", "simulation:\n\tseed: 1\n" AGENTS, 2, "simulation", "tab", "indentation" },
  { "open bracket", "agents: [{type: honest}\nseed: 3\n", 2, "agents[0]", "not YAML", "indented" },
  { "open quote", "scenario_id: \"abc\n" AGENTS, 0, "", "not YAML", "" },
  { "colon twice", "scenario_id: a: b\n" AGENTS, 1, "", "not YAML", "" },
  { "bad indentation", "simulation:\n    seed: 1\n  n_epochs: 2\n" AGENTS, 0, "", "not YAML", "" },
  { "tag", "simulation: {seed: !!int 3}\n" AGENTS, 1, "simulation.seed", "tags", "remove" },
  { "own tag", "agents: !list [{type: honest}]\n", 1, "agents", "tags", "remove" },
  { "merge key", "x: &a {b: 1}\nsimulation:\n  <<: *a\n" AGENTS, 3, "simulation", "merge keys", "repeat the keys" },
  { "second document", AGENTS "---\nseed: 2\n", 2, "", "second document", "one" },
  { "number as key", AGENTS "1: 2\n", 2, "", "1 is not", "quotes" },
  { "truth value as key", AGENTS "simulation: {true: 2}\n", 2, "simulation", "true is not", "quotes" },
  { "list as key", AGENTS "? [a, b]\n: 2\n", 2, "", "list", "text" },
  { "alias without anchor", "agents: *nobody\n", 1, "agents", "*nobody", "&nobody" },
  { "alias to itself", "agents: &a [*a]\n", 1, "agents[0]", "*a", "never end" },
  { "alias as key", "x: &k abc\n*k : 3\n" AGENTS, 2, "", "alias", "write the key out" },
  { "doubled key", "scenario_id: a\n" AGENTS "scenario_id: b\n", 3, "scenario_id", "line 1 and in line 3", "keep one" },
  { "doubled key below", "simulation:\n  seed: 1\n  n_epochs: 2\n  seed: 3\n" AGENTS, 4, "simulation.seed",
    "line 2 and in line 4", "keep one" },
  { "doubled section", "payoff: {h: 1}\n" AGENTS "payoff: {h: 2}\n", 3, "payoff", "line 1 and in line 3", "keep one" },

  /* unknown keys */
  { "misspelt key", AGENTS "simulation:\n  n_epoch: 3\n", 3, "simulation.n_epoch", "unknown key",
    "'simulation.n_epochs'" },
  { "swapped words", AGENTS "payoff: {plus_s: 3}\n", 2, "payoff.plus_s", "unknown key", "'payoff.s_plus'" },
  { "misspelt section", AGENTS "goverance: {audit_enabled: true}\n", 2, "goverance", "unknown key", "'governance'" },
  { "key at the wrong level", AGENTS "theta: 0.5\n", 2, "theta", "unknown key here", "'payoff.theta'" },
  { "nonsense key", AGENTS "frobnicate: 1\n", 2, "frobnicate", "unknown key", "civitas explain" },
  { "empty key", AGENTS "\"\": 1\n", 2, "", "unknown key", "civitas explain" },
  { "key with a dot", AGENTS "payoff.theta: 0.5\n", 2, "payoff.theta", "unknown key", "" },
  { "key that never had an effect", AGENTS "governance:\n  enable_audits: true\n", 3, "governance.enable_audits",
    "never had an effect", "'governance.audit_enabled'" },
  { "hint for a threshold", AGENTS "governance: {toxicity_threshold: 0.6}\n", 2, "governance.toxicity_threshold",
    "never had an effect", "'governance.freeze_threshold_toxicity'" },
  { "hint by whole path", AGENTS "composite_tasks: {enabled: true}\n", 2, "composite_tasks.enabled",
    "never had an effect", "'governance.composite_tasks_enabled'" },
  { "misspelt network parameter", AGENTS "network:\n  params: {edge_probabilty: 0.2}\n", 3,
    "network.params.edge_probabilty", "unknown key", "'network.params.edge_probability'" },
  { "misspelt agent key", "agents:\n  - type: honest\n    cuont: 3\n", 3, "agents[0].cuont", "unknown key",
    "'agents[0].count'" },
  { "misspelt policy key", "agents:\n  - type: honest\n    config: {post_probabilty: 0.1}\n", 3,
    "agents[0].config.post_probabilty", "unknown key", "post_probability" },
  { "policy key of another type", "agents: [{type: honest, config: {risk_tolerance: 0.1}}]\n", 1,
    "agents[0].config.risk_tolerance", "unknown key", "" },
  { "unknown criterion", AGENTS "success_criteria:\n  max_toxicty: 0.3\n", 3, "success_criteria.max_toxicty",
    "unknown criterion", "'max_toxicity'" },
  { "unknown column in a criterion", AGENTS "success_criteria: {max_mean_toxicity: 0.3}\n", 2,
    "success_criteria.max_mean_toxicity", "unknown criterion", "" },
  { "unknown column", AGENTS "metrics_to_track: [toxicity_rat]\n", 2, "metrics_to_track", "'toxicity_rat'",
    "'toxicity_rate'" },

  /* types */
  { "text for a number", AGENTS "simulation: {n_epochs: ten}\n", 2, "simulation.n_epochs", "'ten'", "a whole number" },
  { "quoted number", AGENTS "payoff: {theta: \"0.5\"}\n", 2, "payoff.theta", "'0.5' is text", "a number" },
  { "yes for true", AGENTS "governance: {audit_enabled: yes}\n", 2, "governance.audit_enabled", "'yes'",
    "true or false" },
  { "one for true", AGENTS "governance: {audit_enabled: 1}\n", 2, "governance.audit_enabled", "1 is a number",
    "true or false" },
  { "true for a number", AGENTS "payoff: {h: true}\n", 2, "payoff.h", "true", "a number" },
  { "fraction for a count", "agents: [{type: honest, count: 2.5}]\n", 1, "agents[0].count", "2.5", "whole number" },
  { "leading zero", AGENTS "simulation: {seed: 010}\n", 2, "simulation.seed", "'010'", "a whole number" },
  { "underscores in a number", AGENTS "simulation: {n_epochs: 1_000}\n", 2, "simulation.n_epochs", "'1_000'",
    "a whole number" },
  { "list for a number", AGENTS "payoff:\n  h: [1]\n", 3, "payoff.h", "a list", "a number" },
  { "null for a number", AGENTS "simulation:\n  n_epochs:\n", 3, "simulation.n_epochs", "null", "a whole number" },
  { "number for a name", "scenario_id: 42\n" AGENTS, 1, "scenario_id", "42", "quotes" },
  { "text for a section", AGENTS "payoff: high\n", 2, "payoff", "'high'", "mapping" },
  { "list for a section", AGENTS "simulation: [1, 2]\n", 2, "simulation", "a list", "mapping" },
  { "mapping for agents", "agents: {type: honest}\n", 1, "agents", "list", "type: honest" },
  { "text for an agent", "agents:\n  - honest\n", 2, "agents[0]", "mapping", "type: honest" },
  { "text for a policy's keys", "agents: [{type: honest, config: fast}]\n", 1, "agents[0].config", "mapping", "" },
  { "number in a list of names", AGENTS "metrics_to_track: [3]\n", 2, "metrics_to_track[0]", "3 is a number", "text" },
  { "list for criteria", AGENTS "success_criteria: [max_toxicity]\n", 2, "success_criteria", "mapping",
    "max_toxicity" },
  { "text for a bound", AGENTS "success_criteria: {max_toxicity: low}\n", 2, "success_criteria.max_toxicity", "'low'",
    "finite number" },
  { "NaN for a bound", AGENTS "success_criteria: {max_toxicity: .nan}\n", 2, "success_criteria.max_toxicity", ".nan",
    "finite number" },

  /* ranges */
  { "above one", AGENTS "payoff:\n  theta: 1.5\n", 3, "payoff.theta", "1.5", "[0, 1]" },
  { "negative rate", AGENTS "governance: {audit_probability: -0.1}\n", 2, "governance.audit_probability", "-0.1",
    "[0, 1]" },
  { "not a number", AGENTS "payoff: {h: .nan}\n", 2, "payoff.h", ".nan", "finite" },
  { "infinite", AGENTS "payoff: {s_plus: .inf}\n", 2, "payoff.s_plus", ".inf", "finite" },
  { "beyond doubles", AGENTS "payoff: {h: 1e999}\n", 2, "payoff.h", "1e999", "finite" },
  { "negative count", "agents:\n  - type: honest\n    count: -1\n", 3, "agents[0].count", "-1", "[0, 2147483647]" },
  { "negative epochs", AGENTS "simulation: {n_epochs: -5}\n", 2, "simulation.n_epochs", "-5", "[0, 2147483647]" },
  { "too many epochs", AGENTS "simulation: {n_epochs: 3000000000}\n", 2, "simulation.n_epochs", "3000000000",
    "2147483647" },
  { "negative seed", AGENTS "simulation: {seed: -1}\n", 2, "simulation.seed", "-1", "[0, 9223372036854775807]" },
  { "seed beyond 63 bits", AGENTS "simulation: {seed: 9223372036854775808}\n", 2, "simulation.seed",
    "9223372036854775808", "too large" },
  { "zero violations", AGENTS "governance: {freeze_threshold_violations: 0}\n", 2,
    "governance.freeze_threshold_violations", "0", "[1, 2147483647]" },
  { "open bound", AGENTS "governance: {max_vote_weight_per_agent: 0}\n", 2, "governance.max_vote_weight_per_agent", "0",
    "greater than 0" },
  { "no attention at all", AGENTS "environment: {attention_scarcity: 1.0}\n", 2, "environment.attention_scarcity",
    "1.0", "[0, 1)" },
  { "unlimited written as minus one", AGENTS "rate_limits: {posts_per_epoch: -1}\n", 2, "rate_limits.posts_per_epoch",
    "-1", "[0, 2147483647]" },
  { "short name out of range", AGENTS "network: {params: {p: 1.5}}\n", 2, "network.params.p", "1.5", "[0, 1]" },
  { "loser of two spellings out of range", AGENTS "network: {params: {k: 6}, k_neighbors: 1}\n", 2,
    "network.k_neighbors", "1", "[2, 2147483647]" },
  { "small k", AGENTS "network: {k_neighbors: 1}\n", 2, "network.k_neighbors", "1", "[2, 2147483647]" },
  { "higher schema version", "schema_version: 2\n" AGENTS, 1, "schema_version", "2", "[1, 1]" },

  /* words */
  { "unknown mode", AGENTS "simulation: {schedule_mode: randon}\n", 2, "simulation.schedule_mode", "'randon'",
    "'random'" },
  { "wrong case of a mode", AGENTS "simulation: {turn_mode: Sequential}\n", 2, "simulation.turn_mode", "'Sequential'",
    "'sequential'" },
  { "unknown topology", AGENTS "network: {topology: hypercube}\n", 2, "network.topology", "'hypercube'",
    "small_world" },
  { "unknown model", "model: causl\n" AGENTS, 1, "model", "'causl'", "'causal'" },
  { "unknown type", "agents: [{type: worker}]\n", 1, "agents[0].type", "'worker'", "honest" },
  { "wrong case of a type", "agents: [{type: Honest}]\n", 1, "agents[0].type", "'Honest'", "'honest'" },
  { "null for a type", "agents: [{type: ~, llm: {persona: open}}]\n", 1, "agents[0].type", "'null'", "honest" },
  { "unknown role", "agents: [{type: honest, role: boss}]\n", 1, "agents[0].role", "'boss'", "moderator" },
  { "unknown role in a list", "agents: [{type: honest, roles: [worker, plannr]}]\n", 1, "agents[0].roles[1]",
    "'plannr'", "'planner'" },
  { "unknown capability", "agents: [{type: honest, capabilities: [magic]}]\n", 1, "agents[0].capabilities[0]",
    "'magic'", "research" },
  { "unknown action", AGENTS "safety: {action_costs: {fly: 1}}\n", 2, "safety.action_costs.fly", "'fly'", "noop" },
  { "negative cost", AGENTS "safety: {action_costs: {post: -1}}\n", 2, "safety.action_costs.post", "-1", "at least 0" },
  { "unknown role in a map", AGENTS "safety: {role_allowlists: {boss: [post]}}\n", 2, "safety.role_allowlists.boss",
    "'boss'", "planner" },
  { "name with a slash", "scenario_id: ../up\n" AGENTS, 1, "scenario_id", "'../up'", "letters" },
  { "name with a blank", "scenario_id: my run\n" AGENTS, 1, "scenario_id", "'my run'", "letters" },
  { "empty name", "scenario_id: \"\"\n" AGENTS, 1, "scenario_id", "empty", "write something" },
  { "prefix with a blank", "agents: [{type: honest, id_prefix: a b}]\n", 1, "agents[0].id_prefix", "prefix",
    "letters" },
  { "no time", AGENTS "simulation: {start_time: yesterday}\n", 2, "simulation.start_time", "'yesterday'",
    "2000-01-01T00:00:00" },
  { "unknown snapshots", AGENTS "outputs: {agent_snapshots: some}\n", 2, "outputs.agent_snapshots", "'some'",
    "sample:N" },

  /* what keys ask of each other */
  { "no type, but a language model", "agents: [{type: null, llm: {persona: open}}]\n", 1, "agents[0].type", "'null'",
    "the types are" },
  { "language model of a script", "agents: [{type: honest, llm: {persona: open}}]\n", 1, "agents[0].llm", "type llm",
    "remove" },
  { "unknown provider", "agents: [{type: llm, llm: {provider: acme}}]\n", 1, "agents[0].llm.provider", "'acme'",
    "ollama" },
  { "keys of a type without keys", "agents: [{type: llm, config: {a: 1}}]\n", 1, "agents[0].config", "no keys",
    "remove" },
  { "two numbers for one sigmoid", AGENTS "payoff: {sigmoid_k: 3}\nproxy: {sigmoid_k: 2}\n", 2, "payoff.sigmoid_k", "3",
    "give one" },
  { "least weight above most", AGENTS "network: {min_edge_weight: 2, max_edge_weight: 1}\n", 2,
    "network.min_edge_weight", "2", "lower" },
  { "least valuation above most", AGENTS "auction: {valuation_min: 3}\n", 2, "auction.valuation_min", "3", "lower" },
  { "edges without custom", AGENTS "network: {topology: ring, params: {edges: [[0, 1]]}}\n", 2, "network.edges",
    "custom", "remove" },
  { "edge to itself", AGENTS "network: {topology: custom, params: {edges: [[0, 0]]}}\n", 2, "network.edges", "entry 0",
    "two different" },
  { "edge without weight", AGENTS "network: {topology: custom, params: {edges: [[0, 1, 0]]}}\n", 2, "network.edges",
    "entry 0", "greater than 0" },
  { "names given twice", "agents:\n  - {type: honest, id_prefix: a}\n  - {type: deceptive, id_prefix: a}\n", 3,
    "agents[1].id_prefix", "'a_1'", "another id_prefix" },
  { "too many agents", "agents:\n  - {type: honest, count: 2147483647}\n  - {type: deceptive, count: 1}\n", 2, "agents",
    "2147483648", "lower" },
  { "task without type", AGENTS "composite_tasks:\n  initial_tasks:\n    - {topic: x}\n", 4,
    "composite_tasks.initial_tasks[0].type", "missing", "template" },
  { "task of unknown type", AGENTS "composite_tasks: {initial_tasks: [{type: cooking}]}\n", 2,
    "composite_tasks.initial_tasks[0].type", "'cooking'", "problem_solving" },
  { "unknown key of a task", AGENTS "composite_tasks: {initial_tasks: [{type: problem_solving, bouny: 3}]}\n", 2,
    "composite_tasks.initial_tasks[0].bouny", "unknown key", "'bounty'" },
  { "empty list of types", AGENTS "composite_tasks: {task_types: []}\n", 2, "composite_tasks.task_types", "empty",
    "at least one" },
  { "numbers of an unknown policy", AGENTS "hfn: {policies: {nobody: {activity: 0.1}}}\n", 2, "hfn.policies.nobody",
    "'nobody'", "honest" },
  { "temperature beyond the provider's", "agents: [{type: llm, llm: {temperature: 1.5}}]\n", 1,
    "agents[0].llm.temperature", "1.5", "[0, 1]" },
  { "no address", "agents: [{type: llm, llm: {base_url: localhost}}]\n", 1, "agents[0].llm.base_url", "'localhost'",
    "http://" },
  { "reserved option", "agents: [{type: llm, llm: {provider_options: {model: x}}}]\n", 1,
    "agents[0].llm.provider_options", "'model'", "remove" },
  { "odd number of samples", AGENTS "missions: {shapley_samples: 3}\n", 2, "missions.shapley_samples", "3 is odd",
    "even" },
  { "auction of nothing", AGENTS "auction: {resources: {}}\n", 2, "auction.resources", "empty", "at least one" },
};

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

static bool fits(const broken *b, const civ_diagnostic *d)
{
  return d->severity == CIV_ERROR && strcmp(d->file, "bad.yaml") == 0 && (b->line == 0 || d->line == b->line) &&
         (b->line == 0 || d->column > 0) && (b->line == 0 || strcmp(d->key, b->key) == 0) && strstr(d->text, b->says) &&
         strstr(d->text, b->remedy);
}

/* Every case, and every one of them leaves the output alone. */
static void messages_name_place_value_and_remedy(void **state)
{
  size_t failed = 0;
  (void)state;
  assert_true(sizeof cases / sizeof cases[0] >= 60);
  for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
    civ_diagnostics found;
    civ_error err;
    civ_config *const untouched = (civ_config *)registry;
    civ_config *config = untouched;
    const civ_status status =
        civ_scenario_parse(registry, "bad.yaml", cases[k].text, strlen(cases[k].text), 0, &config, &found, &err);
    bool good = false;
    for (uint32_t i = 0; i < found.n; i++)
      good = good || fits(&cases[k], &found.items[i]);
    good =
        good && status != CIV_OK && config == untouched && err.code == status && strncmp(err.where, "bad.yaml", 8) == 0;
    if (!good) {
      failed++;
      print_error("%s: %s\n", cases[k].name, civ_status_name(status));
      for (uint32_t i = 0; i < found.n; i++) {
        char line[2048];
        civ_diagnostic_format(&found.items[i], line, sizeof line);
        print_error("  %s\n", line);
      }
      if (status == CIV_OK)
        civ_config_destroy(config);
    }
    civ_diagnostics_free(&found);
  }
  assert_int_equal(failed, 0);
}

/* --- files too large to write down ---------------------------------------------------------------------------------------- */

static void refuses(const char *text, size_t length, civ_status code, const char *says)
{
  civ_diagnostics found;
  civ_error err;
  civ_config *config = NULL;
  assert_int_equal(civ_scenario_parse(registry, "bad.yaml", text, length, 0, &config, &found, &err), code);
  assert_non_null(strstr(err.text, says));
  assert_null(config);
  civ_diagnostics_free(&found);
}

static void huge_files_are_refused(void **state)
{
  (void)state;
  const size_t length = (10u << 20) + 1;
  char *text = malloc(length);
  memset(text, ' ', length);
  refuses(text, length, CIV_E_LIMIT, "10 MiB");
  free(text);
}

static void deep_files_are_refused(void **state)
{
  (void)state;
  char text[4096];
  memset(text, '[', 2000);
  memset(text + 2000, ']', 2000);
  refuses(text, 4000, CIV_E_LIMIT, "64 levels");
}

static void alias_bombs_are_refused(void **state)
{
  (void)state;
  char text[8192];
  size_t n = (size_t)sprintf(text, "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
  for (int k = 1; k < 12; k++) {
    n += (size_t)sprintf(text + n, "a%d: &a%d [", k, k);
    for (int i = 0; i < 10; i++)
      n += (size_t)sprintf(text + n, "%s*a%d", i ? ", " : "", k - 1);
    n += (size_t)sprintf(text + n, "]\n");
  }
  refuses(text, n, CIV_E_LIMIT, "100,000 nodes");
}

static void nuls_and_foreign_encodings_are_refused(void **state)
{
  (void)state;
  refuses("motif: a\0b\n", 11, CIV_E_SYNTAX, "U+0000");
  refuses("\xff\xfe"
          "a\0:\0",
          6, CIV_E_SYNTAX, "UTF-16");
  refuses("\0a\0:", 4, CIV_E_SYNTAX, "UTF-16");
}

static void too_many_entries_are_refused(void **state)
{
  (void)state;
  const size_t n = 10001, each = strlen("- {}\n");
  char *text = malloc(16 + n * each);
  size_t length = (size_t)sprintf(text, "agents:\n");
  for (size_t k = 0; k < n; k++)
    length += (size_t)sprintf(text + length, "- {}\n");
  refuses(text, length, CIV_E_LIMIT, "10000");
  free(text);
}

/* Twenty thousand doubled keys: found without comparing all with all, and not all of them kept. */
static void doubled_keys_are_found_fast(void **state)
{
  (void)state;
  civ_diagnostics found;
  civ_error err;
  civ_config *config = NULL;
  char *text = malloc(40000 * 12);
  size_t n = 0;
  for (int k = 0; k < 40000; k++)
    n += (size_t)sprintf(text + n, "key%d: 1\n", k % 20000);
  assert_int_equal(civ_scenario_parse(registry, "bad.yaml", text, n, 0, &config, &found, &err), CIV_E_KEY);
  assert_int_equal(found.n, 1000);
  assert_int_equal(found.n + found.dropped, 20000);
  assert_int_equal(found.n_errors, 20000);
  assert_non_null(strstr(found.items[0].text, "and in line 20001"));
  civ_diagnostics_free(&found);
  free(text);
}

/* All errors of a file, in the order of the file. */
static void errors_come_in_file_order(void **state)
{
  (void)state;
  static const char text[] =
      "agents:\n  - {type: honest, count: -1}\npayoff:\n  theta: 2\n  h: x\nwhat: 1\nsimulation: 3\n";
  civ_diagnostics found;
  civ_error err;
  civ_config *config;
  assert_int_not_equal(civ_scenario_parse(registry, "bad.yaml", text, strlen(text), 0, &config, &found, &err), CIV_OK);
  assert_int_equal(found.n, 5);
  for (uint32_t k = 1; k < found.n; k++)
    assert_true(found.items[k - 1].line <= found.items[k].line);
  char line[512];
  civ_diagnostic_format(&found.items[1], line, sizeof line);
  assert_string_equal(line, "bad.yaml:4:10: error: payoff.theta: 2 is outside [0, 1]");
  civ_diagnostics_free(&found);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(messages_name_place_value_and_remedy),
    cmocka_unit_test(huge_files_are_refused),
    cmocka_unit_test(deep_files_are_refused),
    cmocka_unit_test(alias_bombs_are_refused),
    cmocka_unit_test(nuls_and_foreign_encodings_are_refused),
    cmocka_unit_test(too_many_entries_are_refused),
    cmocka_unit_test(doubled_keys_are_found_fast),
    cmocka_unit_test(errors_come_in_file_order),
  };
  return cmocka_run_group_tests(tests, make_registry, drop_registry);
}
