/* test_sweep_plan.c - which runs a sweep consists of, and what is refused before the first of them. */
#include "sweep_case.h"

static void assert_name(const civ_sweep_plan *plan, uint64_t configuration, const char *expected)
{
  civ_buffer name = { 0 };
  civ_sweep_plan_name(plan, configuration, &name);
  civ_buffer_add(&name, "", 1);
  assert_string_equal(name.data, expected);
  civ_buffer_free(&name);
}

static void the_first_parameter_varies_slowest(void **state)
{
  sweep_case c;
  (void)state;
  sweep_case_open(&c, "parameters: {payoff.h: [1, 2.5], governance.audit_enabled: [false, true], n_epochs: [1, 2, 3]}\n"
                      "runs_per_config: 2\nseed_base: 10\n");
  assert_int_equal(civ_sweep_plan_configurations(c.plan), 12);
  assert_int_equal(civ_sweep_plan_runs(c.plan), 24);
  assert_name(c.plan, 0, "payoff.h=1, governance.audit_enabled=false, n_epochs=1");
  assert_name(c.plan, 1, "payoff.h=1, governance.audit_enabled=false, n_epochs=2");
  assert_name(c.plan, 3, "payoff.h=1, governance.audit_enabled=true, n_epochs=1");
  assert_name(c.plan, 11, "payoff.h=2.5, governance.audit_enabled=true, n_epochs=3");
  for (uint64_t k = 0; k < 24; k++) {
    const civ_sweep_place place = civ_sweep_plan_place(c.plan, k);
    assert_int_equal(place.index, k);
    assert_int_equal(place.configuration, k / 2);
    assert_int_equal(place.run_index, k % 2);
    assert_int_equal(place.seed, 11 + k);
  }
  assert_int_equal(civ_sweep_plan_epochs(c.plan, 2), 3);
  sweep_case_close(&c);
}

static void common_seeds_are_those_of_the_replicate(void **state)
{
  sweep_case c;
  (void)state;
  sweep_case_open(&c, "parameters: {payoff.h: [1, 2]}\nruns_per_config: 3\nseed_base: 0\nseed_mode: common\n");
  for (uint64_t k = 0; k < 6; k++)
    assert_int_equal(civ_sweep_plan_place(c.plan, k).seed, 1 + k % 3);
  sweep_case_close(&c);
}

static void without_a_seed_base_the_scenario_decides(void **state)
{
  sweep_case c;
  (void)state;
  sweep_case_open(&c, "runs_per_config: 2\nseed_base: null\n");
  assert_int_equal(civ_sweep_plan_place(c.plan, 1).seed, 5);
  assert_name(c.plan, 0, "all");
  sweep_case_close(&c);
  sweep_case_open(&c, "parameters: {seed: [7, 9]}\nseed_base: null\n");
  assert_int_equal(civ_sweep_plan_place(c.plan, 0).seed, 7);
  assert_int_equal(civ_sweep_plan_place(c.plan, 1).seed, 9);
  sweep_case_close(&c);
}

static void no_replicates_are_no_runs(void **state)
{
  sweep_case c;
  (void)state;
  sweep_case_open(&c, "parameters: {payoff.h: [1, 2]}\nruns_per_config: 0\n");
  assert_int_equal(civ_sweep_plan_runs(c.plan), 0);
  civ_sweep_rows *rows = sweep_case_run(&c, NULL);
  char *csv = sweep_case_csv(rows, CIV_CSV_PLAIN);
  assert_string_equal(strchr(csv, '\n'), "\n"); /* the header alone */
  civ_sweep_summary *summary;
  assert_int_equal(civ_sweep_summarise(rows, 1, &summary, NULL), CIV_OK);
  assert_int_equal(summary->n_groups, 0);
  civ_sweep_summary_destroy(summary);
  free(csv);
  civ_sweep_rows_destroy(rows);
  sweep_case_close(&c);
}

static uint32_t total_agents(const civ_config *config)
{
  uint32_t n, total = 0;
  const civ_agent_entry *agents = civ_config_agents(config, &n);
  for (uint32_t k = 0; k < n; k++)
    total += agents[k].count;
  return total;
}

/* Every kind of path arrives in the config, behind `common`; the base stays as it was. */
static void settings_arrive(void **state)
{
  sweep_case c;
  civ_config *config;
  (void)state;
  sweep_case_open(&c, "common: {payoff.h: 3, steps_per_epoch: 7}\n"
                      "configurations:\n- {name: plain}\n- name: other\n"
                      "  set: {payoff.h: 4, agents.honest.count: 5, 'agents[1].count': 2, agents.deceptive.count: 1, "
                      "rate_limits.posts_per_epoch: null}\n");
  assert_int_equal(civ_sweep_plan_config(c.plan, 0, &config, NULL), CIV_OK);
  assert_true(((const civ_payoff_config *)civ_config_section(config, "payoff"))->h == 3);
  assert_int_equal(((const civ_simulation_config *)civ_config_section(config, "simulation"))->steps_per_epoch, 7);
  assert_int_equal(total_agents(config), 4);
  civ_config_destroy(config);
  assert_int_equal(civ_sweep_plan_config(c.plan, 1, &config, NULL), CIV_OK);
  assert_true(((const civ_payoff_config *)civ_config_section(config, "payoff"))->h == 4);
  assert_false(((const civ_rate_limits_config *)civ_config_section(config, "rate_limits"))->posts_per_epoch.set);
  assert_int_equal(total_agents(config), 9);
  civ_config_destroy(config);
  assert_int_equal(total_agents(c.base), 4);
  assert_string_equal(civ_sweep_plan_label(c.plan, 0), "configuration");
  sweep_case_close(&c);
}

static const struct {
  const char *text, *where, *says;
} refused[] = {
  { "parameters: {governance.transaction_tax_rat: [0]}\n", "s.yaml:1:14",
    "parameters.governance.transaction_tax_rat: unknown key; did you mean 'governance.transaction_tax_rate'?" },
  { "parameters: {governance.transaction_tax_rate: [0, 1.5]}\n", "s.yaml:1:14",
    "parameters.governance.transaction_tax_rate: 1.5 is outside [0, 1]" },
  { "common: {payoff.s_plus: -1}\n", "s.yaml:1:10", "common.payoff.s_plus: " },
  { "configurations: [{name: a}, {name: b, set: {payoff.hh: 1}}]\n", "s.yaml:1:45",
    "configurations[1].set.payoff.hh: unknown key; did you mean 'payoff.h'?" },
  { "parameters: {agents.wizard.count: [1]}\n", "s.yaml:1:14",
    "parameters.agents.wizard.count: 'wizard' is no type of agent" },
  { "parameters: {'agents[9].count': [1]}\n", "s.yaml:1:15", "parameters.agents[9].count: there is no entry 9" },
  { "parameters: {payoff.h: [1, 2, 1]}\n", "s.yaml:1:14", "payoff.h: the value 1 stands there twice" },
  { "parameters: {n_epochs: [1], simulation.n_epochs: [2]}\n", "s.yaml:1:29",
    "simulation.n_epochs: 'n_epochs' is the same field; keep one of them" },
  { "parameters: {simulation.seed: [1, 2]}\n", "s.yaml:1:14",
    "simulation.seed: the seeds of runs follow from seed_base, so this would change nothing; remove it, or set "
    "seed_base: null" },
  { "configurations: [{name: a, set: {seed: 3}}]\n", "s.yaml:1:34", "seed: the seeds of runs follow from seed_base" },
  { "metrics: [avg_toxicty]\n", "s.yaml:1:11", "metrics: no run reports 'avg_toxicty'; did you mean 'avg_toxicity'?" },
  { "metrics: [utter_nonsense]\n", "s.yaml:1:11", "metrics: no run reports 'utter_nonsense'; take a column" },
  { "configurations: [{name: none}]\nbaseline: nine\n", "baseline",
    "there is no configuration 'nine'; did you mean 'none'?" },
  { "parameters: {payoff.h: [1]}\nbaseline: x\n", "baseline",
    "there is no configuration 'x'; write all its values in order" },
  { "seed_base: 9223372036854775806\nruns_per_config: 5\n", "seed_base",
    "9223372036854775806 leaves no seeds for 5 runs" },
  { "runs_per_config: 1\nuntil_ci: {votes: 1}\n", "runs_per_config", "an interval needs at least 2 runs" },
  { "parameters: {payoff.h: {min: 1, max: 2}}\ndesign: sobol_indices\nsamples: 1\n", "samples", "" },
  { "parameters: {n_epochs: {min: 1.5, max: 2}}\ndesign: random\nsamples: 4\n", "s.yaml:1:14", "n_epochs: " },
  { "parameters: {payoff.theta: {min: 0.5, max: 2}}\ndesign: random\nsamples: 40\n", "s.yaml:1:14",
    "parameters.payoff.theta: " },
  { "runs_per_config: 1000000000\n", "s.yaml", "1 configurations of 1000000000 runs are more than 100000000 runs" },
};

static void mistakes_are_told_before_the_first_run(void **state)
{
  (void)state;
  for (size_t k = 0; k < sizeof refused / sizeof *refused; k++) {
    sweep_case c;
    assert_int_not_equal(sweep_case_over(&c, NULL, refused[k].text), CIV_OK);
    assert_null(c.plan);
    if (strcmp(refused[k].where, "samples") != 0)
      assert_string_equal(c.err.where, refused[k].where);
    if (strncmp(c.err.text, refused[k].says, strlen(refused[k].says)) != 0)
      fail_msg("'%s' instead of '%s'", c.err.text, refused[k].says);
    sweep_case_close(&c);
  }
}

static void a_scenario_without_seed_needs_a_seed_base(void **state)
{
  static const char unseeded[] = "scenario_id: x\nagents: [{type: honest}]\n";
  sweep_case c;
  (void)state;
  assert_int_equal(sweep_case_over(&c, unseeded, "seed_base: null\n"), CIV_E_KEY);
  sweep_case_close(&c);
  assert_int_equal(sweep_case_over(&c, unseeded, "common: {seed: 8}\nseed_base: null\n"), CIV_OK);
  assert_int_equal(civ_sweep_plan_place(c.plan, 0).seed, 8);
  sweep_case_close(&c);
}

/* Of a grid too large to be looked at whole, every value is looked at all the same. */
static void large_grids_are_planned_without_being_made(void **state)
{
  civ_buffer text = { 0 };
  sweep_case c;
  (void)state;
  for (int bad = 0; bad < 2; bad++) {
    text.length = 0;
    civ_buffer_text(&text, "parameters:\n");
    for (int p = 0; p < 3; p++) {
      static const char *const paths[] = { "payoff.h", "payoff.s_plus", "payoff.s_minus" };
      civ_buffer_format(&text, "  %s: [", paths[p]);
      for (int v = 0; v < 100; v++)
        civ_buffer_format(&text, "%s%d", v > 0 ? ", " : "", bad && p == 1 && v == 99 ? -4 : v + 1);
      civ_buffer_text(&text, "]\n");
    }
    civ_buffer_add(&text, "", 1);
    const civ_status status = sweep_case_over(&c, NULL, text.data);
    if (bad) {
      assert_int_equal(status, CIV_E_RANGE);
    } else {
      assert_int_equal(status, CIV_OK);
      assert_int_equal(civ_sweep_plan_runs(c.plan), 1000000);
      assert_name(c.plan, 999999, "payoff.h=100, payoff.s_plus=100, payoff.s_minus=100");
    }
    sweep_case_close(&c);
  }
  civ_buffer_free(&text);
}

static void points_of_designs_lie_in_their_ranges(void **state)
{
  static const struct {
    const char *design;
    uint64_t points;
  } cases[] = {
    { "random", 16 }, { "latin_hypercube", 16 }, { "sobol", 16 }, { "sobol_indices", 16 * 6 }, { "morris", 16 * 5 }
  };
  (void)state;
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    char text[512];
    sweep_case c;
    snprintf(text, sizeof text,
             "parameters:\n  payoff.theta: {min: 0.25, max: 0.5}\n  payoff.h: {min: 1, max: 100, scale: log}\n"
             "  n_epochs: {min: 1, max: 3}\n  simulation.schedule_mode: [random, priority]\ndesign: %s\nsamples: 16\n",
             cases[k].design);
    sweep_case_open(&c, text);
    assert_int_equal(civ_sweep_plan_configurations(c.plan), cases[k].points);
    for (uint64_t p = 0; p < cases[k].points; p++) {
      const civ_node theta = civ_sweep_plan_value(c.plan, p, 0), h = civ_sweep_plan_value(c.plan, p, 1),
                     epochs = civ_sweep_plan_value(c.plan, p, 2), mode = civ_sweep_plan_value(c.plan, p, 3);
      assert_true(theta.kind == CIV_NODE_REAL && theta.real >= 0.25 && theta.real <= 0.5);
      assert_true(h.kind == CIV_NODE_REAL && h.real >= 1 && h.real <= 100);
      assert_true(epochs.kind == CIV_NODE_INTEGER && epochs.integer >= 1 && epochs.integer <= 3);
      assert_true(mode.kind == CIV_NODE_TEXT &&
                  (strcmp(mode.text, "random") == 0 || strcmp(mode.text, "priority") == 0));
    }
    sweep_case_close(&c);
  }
}

/* Equal digests for equal rows, and another one for whatever could change a row. */
static void digests_tell_plans_apart(void **state)
{
  static const char *const texts[] = {
    "parameters: {payoff.h: [1, 2]}\n",
    "parameters: {payoff.h: [1, 3]}\n",
    "parameters: {payoff.h: [1, 2.0]}\n",
    "parameters: {payoff.s_plus: [1, 2]}\n",
    "parameters: {payoff.h: [1, 2]}\nruns_per_config: 2\n",
    "parameters: {payoff.h: [1, 2]}\nseed_base: 41\n",
    "parameters: {payoff.h: [1, 2]}\nseed_mode: common\n",
    "parameters: {payoff.h: [1, 2]}\ncommon: {n_epochs: 3}\n",
    "parameters: {payoff.h: [1, 2]}\nmetrics: [votes]\n",
    "configurations: [{name: a, set: {payoff.h: 1}}, {name: b, set: {payoff.h: 2}}]\n",
    "parameters: {payoff.h: {min: 1, max: 2}}\ndesign: sobol\nsamples: 2\n",
    "parameters: {payoff.h: {min: 1, max: 2}}\ndesign: sobol\nsamples: 2\nseed: 2\n",
  };
  enum { N = sizeof texts / sizeof *texts };
  char digests[N][65];
  (void)state;
  for (int k = 0; k < N; k++) {
    sweep_case c;
    sweep_case_open(&c, texts[k]);
    strcpy(digests[k], civ_sweep_plan_digest(c.plan));
    assert_int_equal(strlen(digests[k]), 64);
    for (int i = 0; i < k; i++)
      assert_string_not_equal(digests[i], digests[k]);
    sweep_case_close(&c);
    sweep_case_open(&c, texts[k]);
    assert_string_equal(civ_sweep_plan_digest(c.plan), digests[k]);
    sweep_case_close(&c);
  }
}

/* A metric of a lever counts where the lever is on, and is asked for by name. */
static void metrics_are_found_where_they_are(void **state)
{
  sweep_case c;
  (void)state;
  sweep_case_open(&c, "configurations: [{name: off}, {name: on, set: {governance.bandwidth_cap_enabled: true, "
                      "governance.bandwidth_cap: 1}}]\nmetrics: [n_frozen, cost.bandwidth_cap, votes]\n");
  assert_int_equal(civ_sweep_plan_columns(c.plan), CIV_SWEEP_COLUMNS + 2);
  assert_string_equal(civ_sweep_plan_column(c.plan, CIV_SWEEP_COLUMNS), "cost.bandwidth_cap");
  assert_true(civ_sweep_plan_column_is_integer(c.plan, CIV_SWEEP_COLUMNS + 1));
  assert_string_equal(civ_sweep_plan_column(c.plan, civ_sweep_plan_metric(c.plan, 0)), "n_frozen");
  assert_int_equal(civ_sweep_plan_metric(c.plan, 2), CIV_SWEEP_COLUMNS + 1);
  civ_sweep_rows *rows = sweep_case_run(&c, NULL);
  assert_true(isnan(civ_sweep_rows_at(rows, 0).values[CIV_SWEEP_COLUMNS]));
  assert_true(isfinite(civ_sweep_rows_at(rows, 1).values[CIV_SWEEP_COLUMNS]));
  civ_sweep_rows_destroy(rows);
  sweep_case_close(&c);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_first_parameter_varies_slowest),
    cmocka_unit_test(common_seeds_are_those_of_the_replicate),
    cmocka_unit_test(without_a_seed_base_the_scenario_decides),
    cmocka_unit_test(no_replicates_are_no_runs),
    cmocka_unit_test(settings_arrive),
    cmocka_unit_test(mistakes_are_told_before_the_first_run),
    cmocka_unit_test(a_scenario_without_seed_needs_a_seed_base),
    cmocka_unit_test(large_grids_are_planned_without_being_made),
    cmocka_unit_test(points_of_designs_lie_in_their_ranges),
    cmocka_unit_test(digests_tell_plans_apart),
    cmocka_unit_test(metrics_are_found_where_they_are),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
