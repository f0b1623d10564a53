/* test_sweep_file.c - sweep files: what is read, what is refused and in which words. */
#include "../support/check.h"

#include "lab/sweep_file.h"

static civ_status parse(const char *text, civ_arena *arena, civ_sweep_spec *spec, civ_diagnostics *found)
{
  civ_error err;
  return civ_sweep_parse("s.yaml", text, strlen(text), arena, spec, found, &err);
}

static void all_keys_are_read(void **state)
{
  static const char text[] = "sweep_id: mine\ndescription: what for\nbase: baseline\n"
                             "common: {n_epochs: 5, payoff.h: 2.5}\n"
                             "parameters:\n"
                             "  governance.audit_enabled: [false, true]\n"
                             "  payoff.theta: {min: 0.25, max: 0.75}\n"
                             "  agents.honest.count: {min: 1, max: 9, integer: true}\n"
                             "  payoff.s_plus: {min: 1, max: 100, scale: log}\n"
                             "  outputs.event_log: {values: [a, b]}\n"
                             "design: latin_hypercube\nsamples: 64\nseed: 7\nruns_per_config: 3\nseed_base: null\n"
                             "seed_mode: common\nmetrics: [avg_toxicity, votes]\nbaseline: all\nbatch: 20\n"
                             "until_ci: {votes: 0.5}\n";
  civ_arena arena = civ_arena_create(NULL);
  civ_sweep_spec s = { 0 };
  (void)state;
  assert_int_equal(parse(text, &arena, &s, NULL), CIV_OK);
  assert_string_equal(s.name, "mine");
  assert_string_equal(s.description, "what for");
  assert_string_equal(s.base, "baseline");
  assert_int_equal(s.base_line, 3);
  assert_int_equal(s.n_common, 2);
  assert_string_equal(s.common[1].path, "payoff.h");
  assert_true(s.common[1].value.real == 2.5);
  assert_int_equal(s.n_parameters, 5);
  assert_int_equal(s.parameters[0].n, 2);
  assert_int_equal(s.parameters[0].line, 6);
  assert_int_equal(s.parameters[0].column, 3);
  assert_true(s.parameters[1].n == 0 && s.parameters[1].min == 0.25 && s.parameters[1].max == 0.75);
  assert_true(s.parameters[2].integer && !s.parameters[2].log);
  assert_true(s.parameters[3].log && !s.parameters[3].integer);
  assert_int_equal(s.parameters[4].n, 2);
  assert_int_equal(s.design, CIV_SWEEP_LATIN_HYPERCUBE);
  assert_int_equal(s.samples, 64);
  assert_int_equal(s.design_seed, 7);
  assert_int_equal(s.runs_per_config, 3);
  assert_false(s.has_seed_base);
  assert_int_equal(s.seed_mode, CIV_SWEEP_COMMON);
  assert_int_equal(s.n_metrics, 2);
  assert_true(s.metrics[0].half_width == 0 && s.metrics[1].half_width == 0.5);
  assert_string_equal(s.baseline, "all");
  assert_int_equal(s.batch, 20);
  civ_arena_destroy(&arena);
}

static void what_is_left_out_has_its_default(void **state)
{
  civ_arena arena = civ_arena_create(NULL);
  civ_sweep_spec s = { 0 };
  (void)state;
  assert_int_equal(
      parse("configurations: [{name: a}, {name: b, set: {payoff.h: 3}}]\nuntil_ci: {votes: 1}\n", &arena, &s, NULL),
      CIV_OK);
  assert_string_equal(s.name, "s"); /* the file's */
  assert_null(s.base);
  assert_int_equal(s.n_configurations, 2);
  assert_int_equal(s.configurations[0].n, 0);
  assert_string_equal(s.configurations[1].set[0].path, "payoff.h");
  assert_true(s.has_seed_base && s.seed_base == 42 && s.seed_mode == CIV_SWEEP_SEQUENTIAL);
  assert_int_equal(s.n_metrics, 1); /* named for stopping, so looked at */
  assert_int_equal(s.runs_per_config, 1000);
  assert_int_equal(parse("parameters: {}\n", &arena, &s, NULL), CIV_OK);
  assert_int_equal(s.runs_per_config, 1);
  assert_int_equal(s.n_metrics, 5);
  civ_arena_destroy(&arena);
}

/* Every mistake is one sentence at its place; all of a file are told. */
static const struct {
  const char *text, *says;
} refused[] = {
  { "", "s.yaml: error: no sweep: the file is empty; begin with base and parameters" },
  { "- 1\n", "s.yaml:1:1: error: a sweep is a mapping of keys, not a list" },
  { "paramters: {}\n", "s.yaml:1:1: error: paramters: unknown key of a sweep; did you mean 'parameters'?" },
  { "simulation: {seed: 1}\n",
    "s.yaml:1:1: error: simulation: unknown key of a sweep; what all runs set goes below 'common', "
    "what varies below 'parameters'" },
  { "base: 3\n", "s.yaml:1:7: error: base: must be a text, not 3" },
  { "base: ''\n", "s.yaml:1:8: error: base: must be a text, not an empty one" },
  { "common: [1]\n",
    "s.yaml:1:9: error: common: must be a mapping of paths to values, such as {payoff.h: 2}, not a list" },
  { "common: {payoff.h: .nan}\n", "s.yaml:1:20: error: common.payoff.h: a value must be finite" },
  { "parameters: [a]\n",
    "s.yaml:1:13: error: parameters: must be a mapping of paths to lists of values, such as {payoff.h: "
    "[1, 2]}, not a list" },
  { "parameters: {payoff.h: []}\n", "s.yaml:1:24: error: parameters.payoff.h: no values; give at least one" },
  { "parameters: {payoff.h: 2}\n",
    "s.yaml:1:24: error: parameters.payoff.h: must be a list of values, such as [2], or {min: 0, max: 1}" },
  { "parameters: {payoff.h: [1, .inf]}\n", "s.yaml:1:28: error: parameters.payoff.h: a value must be finite" },
  { "parameters: {payoff.h: {min: 1}}\ndesign: sobol\nsamples: 4\n",
    "s.yaml:1:24: error: parameters.payoff.h: a range needs both min and max" },
  { "parameters: {payoff.h: {min: 3, max: 1}}\ndesign: sobol\nsamples: 4\n",
    "s.yaml:1:24: error: parameters.payoff.h: min 3.0 is not below max 1.0" },
  { "parameters: {payoff.h: {min: 0, max: 1, scale: log}}\ndesign: sobol\nsamples: 4\n",
    "s.yaml:1:24: error: parameters.payoff.h: a log scale needs min above 0, not 0.0" },
  { "parameters: {payoff.h: {min: 0, max: 1, scale: logg}}\ndesign: sobol\nsamples: 4\n",
    "s.yaml:1:48: error: parameters.payoff.h.scale: 'logg' is not known; did you mean 'log'?" },
  { "parameters: {payoff.h: {low: 0, max: 1}}\ndesign: sobol\nsamples: 4\n",
    "s.yaml:1:25: error: parameters.payoff.h.low: unknown key; known are values, or min, max, scale, integer" },
  { "parameters: {payoff.h: {values: [1], max: 1}}\n",
    "s.yaml:1:24: error: parameters.payoff.h: values go alone, or min and max without values" },
  { "parameters: {payoff.h: {min: 0, max: 1}}\n",
    "s.yaml:1:14: error: parameters.payoff.h: a grid needs values; give a list, or "
    "choose a design such as latin_hypercube" },
  { "parameters: {payoff.h: [1]}\nconfigurations: [{name: a}]\n",
    "s.yaml:2:17: error: configurations: parameters and configurations exclude each other" },
  { "configurations: {}\n",
    "s.yaml:1:17: error: configurations: must be a list such as [{name: taxed, set: {payoff.h: 3}}], "
    "not a mapping" },
  { "configurations: []\n",
    "s.yaml:1:17: error: configurations: must be a list such as [{name: taxed, set: {payoff.h: 3}}], "
    "not an empty one" },
  { "configurations: [{set: {}}]\n", "s.yaml:1:18: error: configurations[0]: a configuration needs a name" },
  { "configurations:\n- {name: a}\n- {name: a}\n",
    "s.yaml:3:3: error: configurations[1]: the name 'a' is taken by the configuration at line 2" },
  { "configurations: [{name: a, sets: {}}]\n",
    "s.yaml:1:28: error: configurations[0].sets: unknown key; did you mean 'set'?" },
  { "configurations: [{name: a, payoff.h: 2}]\n",
    "s.yaml:1:28: error: configurations[0].payoff.h: unknown key; paths and values go below 'set'" },
  { "design: gird\n", "s.yaml:1:9: error: design: 'gird' is not known; did you mean 'grid'?" },
  { "design: 3\n",
    "s.yaml:1:9: error: design: must be grid, random, latin_hypercube, sobol, sobol_indices or morris, not 3" },
  { "design: morris\nsamples: 4\n", "s.yaml:1:9: error: design: morris needs parameters" },
  { "design: morris\nparameters: {payoff.h: {min: 0, max: 1}}\n",
    "s.yaml:1:9: error: samples: morris needs it: how many trajectories to take" },
  { "parameters: {payoff.h: [1]}\nsamples: 4\n",
    "s.yaml:2:10: error: samples: a grid has as many points as its values make; remove "
    "it or choose a design such as sobol" },
  { "parameters: {payoff.h: [1]}\nseed: 4\n",
    "s.yaml:2:7: error: seed: a grid draws nothing; the runs' seeds follow from seed_base" },
  { "runs_per_config: -1\n", "s.yaml:1:18: error: runs_per_config: -1 is outside [0, 1000000000]" },
  { "runs_per_config: 1.5\n", "s.yaml:1:18: error: runs_per_config: must be a whole number, not 1.5" },
  { "seed_base: yes\n", "s.yaml:1:12: error: seed_base: must be a whole number, not 'yes'" },
  { "seed_mode: paired\n", "s.yaml:1:12: error: seed_mode: must be sequential or common, not 'paired'" },
  { "metrics: []\n", "s.yaml:1:10: error: metrics: no metrics; name at least one, such as [avg_toxicity]" },
  { "metrics: [a, a]\n", "s.yaml:1:14: error: metrics: 'a' stands there twice" },
  { "metrics: [2]\n", "s.yaml:1:11: error: metrics: must be names such as avg_toxicity, not 2" },
  { "until_ci: 0.01\n", "s.yaml:1:11: error: until_ci: name the metric, as in {avg_toxicity: 0.01}" },
  { "until_ci: {a: 0}\n", "s.yaml:1:15: error: until_ci.a: a half-width must be above 0" },
  { "metrics: [a]\nuntil_ci: x\n", "s.yaml:2:11: error: until_ci: must be a finite number, not 'x'" },
  { "batch: 1\n", "s.yaml:1:8: error: batch: 1 is outside [2, 1000000000]" },
  { "base: a\nbase: b\n", "s.yaml:2:1: error: base: stands there twice" },
};

static void mistakes_are_told(void **state)
{
  (void)state;
  for (size_t k = 0; k < sizeof refused / sizeof *refused; k++) {
    civ_arena arena = civ_arena_create(NULL);
    civ_sweep_spec s = { .name = "untouched" };
    civ_diagnostics found;
    char text[1024] = "";
    assert_int_not_equal(parse(refused[k].text, &arena, &s, &found), CIV_OK);
    assert_string_equal(s.name, "untouched");
    civ_diagnostic_format(&found.items[0], text, sizeof text);
    if (found.n_errors != 1)
      fail_msg("%u mistakes in '%s', first: %s", found.n_errors, refused[k].text, text);
    if (strstr(refused[k].text, "base: a") == NULL) /* of doubled keys the reader of YAML tells */
      assert_string_equal(text, refused[k].says);
    civ_diagnostics_free(&found);
    civ_arena_destroy(&arena);
  }
}

static void all_mistakes_are_told_in_order(void **state)
{
  civ_arena arena = civ_arena_create(NULL);
  civ_sweep_spec s;
  civ_diagnostics found;
  (void)state;
  assert_int_not_equal(parse("metrics: 3\nbase: 1\nfoo: 2\nseed_mode: x\n", &arena, &s, &found), CIV_OK);
  assert_int_equal(found.n_errors, 4);
  for (uint32_t k = 0; k < 4; k++)
    assert_int_equal(found.items[k].line, k + 1);
  civ_diagnostics_free(&found);
  civ_arena_destroy(&arena);
}

static void sweeps_and_scenarios_are_told_apart(void **state)
{
  (void)state;
  assert_true(civ_sweep_is_sweep("base: x\n", 8));
  assert_true(civ_sweep_is_sweep("", 0));
  assert_true(civ_sweep_is_sweep("{", 1));
  assert_false(civ_sweep_is_sweep("scenario_id: a\n", 15));
  assert_false(civ_sweep_is_sweep("agents: []\n", 11));
}

static void parameters_of_the_command_line(void **state)
{
  static const struct {
    const char *text;
    uint32_t n; /* 0 = a range; UINT32_MAX = refused */
  } cases[] = { { "1,2,3", 3 },         { "0", 1 },
                { "[1, 2]", 2 },        { "[[a,b],[c]]", 2 },
                { "[a],[b]", 2 },       { "true,false", 2 },
                { "\"x,y\",z", 2 },     { "0..1", 0 },
                { "-1.5..2e3", 0 },     { "a..b", 1 },
                { "", UINT32_MAX },     { "1,,2", UINT32_MAX },
                { "]", UINT32_MAX },    { ".nan", UINT32_MAX },
                { "2..1", UINT32_MAX }, { "[", UINT32_MAX } };
  (void)state;
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    civ_arena arena = civ_arena_create(NULL);
    civ_sweep_parameter p = { .path = "untouched" };
    civ_error err = { 0 };
    const civ_status status = civ_sweep_parameter_parse("payoff.h", cases[k].text, &arena, &p, &err);
    if (cases[k].n == UINT32_MAX) {
      if (status == CIV_OK)
        fail_msg("'%s' was taken as %u values", cases[k].text, p.n);
      assert_string_equal(p.path, "untouched");
      assert_true(err.text[0] != '\0');
    } else {
      assert_int_equal(status, CIV_OK);
      assert_int_equal(p.n, cases[k].n);
      assert_string_equal(p.path, "payoff.h");
    }
    civ_arena_destroy(&arena);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(all_keys_are_read),
    cmocka_unit_test(what_is_left_out_has_its_default),
    cmocka_unit_test(mistakes_are_told),
    cmocka_unit_test(all_mistakes_are_told_in_order),
    cmocka_unit_test(sweeps_and_scenarios_are_told_apart),
    cmocka_unit_test(parameters_of_the_command_line),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
