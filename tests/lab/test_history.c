/* The fold that makes a history, and what it looks like as JSON, CSV and words. */
#include "../support/check.h"

#include "lab/aggregate.h"
#include "lab/history_text.h"
#include "statistics/statistics.h"

enum { A, B, C };

static civ_history three_agents(void)
{
  civ_history h = civ_history_create();
  assert_int_equal(civ_history_add_name(&h, "a", "honest", NULL), CIV_OK);
  assert_int_equal(civ_history_add_name(&h, "b", "deceptive", NULL), CIV_OK);
  assert_int_equal(civ_history_add_name(&h, "c", NULL, NULL), CIV_OK);
  h.n_agents = 3;
  return h;
}

static civ_aggregator *aggregator_of(civ_history *h, uint32_t n)
{
  const civ_aggregator_options options = { .n_agents = n, .mode = CIV_SNAPSHOTS_ALL };
  civ_aggregator *a = civ_aggregator_create(&options, h);
  assert_non_null(a);
  return a;
}

static void close_epoch(civ_aggregator *a, uint32_t number, const civ_agent_states *states)
{
  const civ_epoch_snapshot known = civ_epoch_snapshot_blank(number);
  assert_int_equal(civ_aggregator_close_epoch(a, &known, states, NULL), CIV_OK);
}

static const double reputation[] = { 1, .5, -.25 }, resources[] = { 110, 95, 100 };
static const uint8_t frozen[] = { 0, 0, 1 };
static const civ_agent_states states = { .n = 3, .reputation = reputation, .resources = resources, .frozen = frozen };

/* --- the fold --------------------------------------------------------------------------------------------------------- */

static void an_epoch_by_hand(void **state)
{
  civ_history h = three_agents();
  civ_aggregator *a = aggregator_of(&h, 3);
  (void)state;
  civ_aggregator_interaction(a, A, B, .9, true);
  civ_aggregator_interaction(a, B, A, .3, false);
  civ_aggregator_interaction(a, B, C, .6, true);
  civ_aggregator_payoff(a, A, 1.5);
  civ_aggregator_payoff(a, B, .7);
  civ_aggregator_payoff(a, B, .3);
  civ_aggregator_payoff(a, C, .1);
  close_epoch(a, 0, &states);
  const double *v = h.epochs[0].values;
  assert_near(v[CIV_COLUMN_toxicity_rate], .25, 1e-12);
  assert_near(v[CIV_COLUMN_quality_gap], .45, 1e-12);
  assert_near(v[CIV_COLUMN_avg_payoff], .65, 1e-12);
  assert_near(v[CIV_COLUMN_payoff_std], .5361902647381804, 1e-12);
  assert_near(v[CIV_COLUMN_gini_coefficient], .4423076923076923, 1e-12);
  assert_near(v[CIV_COLUMN_avg_p], .6, 1e-12);
  assert_near(v[CIV_COLUMN_total_welfare], 2.6, 1e-12);
  assert_near(v[CIV_COLUMN_n_frozen], 1, 0);
  assert_near(v[CIV_COLUMN_avg_reputation], .4166666666666667, 1e-12);
  assert_near(v[CIV_COLUMN_reputation_std], .5137011669140814, 1e-12);
  assert_near(h.agents[B].avg_p_initiated, .45, 1e-12);
  assert_near(h.agents[B].avg_p_received, .9, 1e-12);
  assert_near(h.agents[B].total_payoff, 1.0, 1e-12);
  assert_near(h.agents[C].avg_p_initiated, .5, 0);
  assert_true(h.agents[C].frozen && !h.agents[A].frozen);
  civ_aggregator_destroy(a);
  civ_history_destroy(&h);
}

static void an_empty_epoch(void **state)
{
  civ_history h = civ_history_create();
  civ_aggregator *a = aggregator_of(&h, 0);
  const civ_agent_states nobody = { 0 };
  (void)state;
  close_epoch(a, 0, &nobody);
  for (int k = 0; k < CIV_N_EPOCH_COLUMNS; k++)
    assert_true(h.epochs[0].values[k] == (k == CIV_COLUMN_avg_p ? .5 : k == CIV_COLUMN_n_components ? 1 : 0));
  assert_int_equal(h.n_agent_snapshots, 0);
  civ_aggregator_destroy(a);
  civ_history_destroy(&h);
}

static void losses_have_an_inequality_too(void **state)
{
  const double two[] = { 2, 2 };
  const civ_agent_states equals = { .n = 2, .reputation = two, .resources = two };
  civ_history h = three_agents();
  civ_aggregator *a = aggregator_of(&h, 3);
  (void)state;
  civ_aggregator_interaction(a, A, B, .42, false);
  civ_aggregator_payoff(a, A, -.4);
  civ_aggregator_payoff(a, B, .15);
  close_epoch(a, 0, &equals);
  const double *v = h.epochs[0].values;
  assert_near(v[CIV_COLUMN_total_welfare], -.25, 1e-12);
  assert_near(v[CIV_COLUMN_avg_payoff], -.125, 1e-12);
  assert_near(v[CIV_COLUMN_payoff_std], .275, 1e-12);
  assert_near(v[CIV_COLUMN_gini_coefficient], .5, 1e-12);
  assert_true(v[CIV_COLUMN_reputation_std] == 0);
  civ_aggregator_destroy(a);
  civ_history_destroy(&h);
}

/* As a sink: refused interactions are counted, but pay nobody. */
static void a_sink_credits_the_accepted(void **state)
{
  civ_history h = three_agents();
  civ_aggregator *a = aggregator_of(&h, 3);
  const civ_interaction yes = { .initiator = A, .counterparty = B, .p = .8, .accepted = true };
  const civ_interaction no = { .initiator = C, .counterparty = A, .p = .2, .accepted = false };
  (void)state;
  for (int epoch = 0; epoch < 2; epoch++) {
    civ_aggregator_sink.interaction(a, &yes, 2, 1);
    civ_aggregator_sink.interaction(a, &no, -5, -6);
    close_epoch(a, (uint32_t)epoch, &states);
  }
  assert_near(h.epochs[1].values[CIV_COLUMN_total_welfare], 3, 1e-12);
  assert_near(h.epochs[1].values[CIV_COLUMN_rejected_interactions], 1, 0);
  assert_near(h.agents[3].total_payoff, 2, 0);
  assert_near(h.agents[3].cumulative_payoff, 4, 0); /* both epochs */
  civ_aggregator_destroy(a);
  civ_history_destroy(&h);
}

static void rows_count_from_the_start_snapshots_do_not(void **state)
{
  static const civ_metric_decl decls[] = { { "total_posts", true, "" },
                                           { "avg_payoff", false, "" },
                                           { "total_votes", true, "" },
                                           { "network_metrics.average_degree", false, "" } };
  static const double rows[2][4] = { { 8, .5, 3, 2.5 }, { 11, .25, 9, NAN } };
  const civ_columns columns = { 4, decls };
  civ_history h = three_agents();
  civ_aggregator *a = aggregator_of(&h, 3);
  (void)state;
  for (uint32_t e = 0; e < 2; e++) {
    const civ_epoch_snapshot known = civ_aggregator_know(a, e, 1000 * e, &columns, rows[e]);
    assert_int_equal(civ_aggregator_close_epoch(a, &known, &states, NULL), CIV_OK);
  }
  assert_near(h.epochs[0].values[CIV_COLUMN_total_posts], 8, 0);
  assert_near(h.epochs[1].values[CIV_COLUMN_total_posts], 3, 0);
  assert_near(h.epochs[1].values[CIV_COLUMN_total_votes], 6, 0);
  assert_near(h.epochs[1].values[CIV_COLUMN_avg_payoff_initiator], .25, 0);
  assert_near(h.epochs[0].values[CIV_COLUMN_avg_degree], 2.5, 0);
  assert_near(h.epochs[1].values[CIV_COLUMN_avg_degree], 0, 0); /* what is not known stays at its default */
  civ_aggregator_destroy(a);
  civ_history_destroy(&h);
}

/* --- which agents are kept ------------------------------------------------------------------------------------------------ */

static void snapshot_modes(void **state)
{
  civ_snapshot_mode mode;
  uint32_t sample;
  (void)state;
  assert_true(civ_snapshot_mode_read("auto", 1000, 1000, &mode, &sample));
  assert_int_equal(mode, CIV_SNAPSHOTS_ALL);
  assert_true(civ_snapshot_mode_read(NULL, 1001, 1000, &mode, &sample));
  assert_int_equal(mode, CIV_SNAPSHOTS_SUMMARY);
  assert_true(civ_snapshot_mode_read("auto", UINT64_MAX, 0, &mode, &sample));
  assert_int_equal(mode, CIV_SNAPSHOTS_ALL);
  assert_true(civ_snapshot_mode_read("sample:17", 5, 5, &mode, &sample));
  assert_int_equal(mode, CIV_SNAPSHOTS_SAMPLE);
  assert_int_equal(sample, 17);
  assert_true(civ_snapshot_mode_read("none", 5, 5, &mode, &sample));
  static const char *const bad[] = { "", "some", "sample", "sample:", "sample:0", "sample:-1", "sample:x", "All" };
  for (size_t k = 0; k < sizeof bad / sizeof *bad; k++)
    assert_false(civ_snapshot_mode_read(bad[k], 5, 5, &mode, &sample));
}

static civ_history kept(civ_snapshot_mode mode, uint32_t n, uint32_t sample, uint64_t seed)
{
  civ_history h = civ_history_create();
  double *values = calloc(n, sizeof *values);
  uint8_t *types = calloc(n, 1);
  for (uint32_t i = 0; i < n; i++) {
    char name[16];
    snprintf(name, sizeof name, "x_%u", i);
    assert_int_equal(civ_history_add_name(&h, name, "honest", NULL), CIV_OK);
    values[i] = i;
    types[i] = (uint8_t)(i % 2);
  }
  const civ_aggregator_options options = {
    .n_agents = n, .types = types, .mode = mode, .sample = sample, .seed = seed
  };
  const civ_agent_states all = { .n = n, .reputation = values, .resources = values };
  civ_aggregator *a = civ_aggregator_create(&options, &h);
  for (uint32_t e = 0; e < 2; e++)
    close_epoch(a, e, &all);
  civ_aggregator_destroy(a);
  free(values);
  free(types);
  return h;
}

static void samples_are_fixed_by_the_seed(void **state)
{
  civ_history h = kept(CIV_SNAPSHOTS_SAMPLE, 300, 20, 5), again = kept(CIV_SNAPSHOTS_SAMPLE, 300, 20, 5),
              other = kept(CIV_SNAPSHOTS_SAMPLE, 300, 20, 6);
  bool differs = false;
  (void)state;
  assert_int_equal(h.n_agent_snapshots, 40);
  for (size_t k = 0; k < 20; k++) {
    assert_int_equal(h.agents[k].agent, again.agents[k].agent);
    assert_int_equal(h.agents[k].agent, h.agents[k + 20].agent); /* the same agents in every epoch */
    assert_true(k == 0 || h.agents[k].agent > h.agents[k - 1].agent);
    differs = differs || h.agents[k].agent != other.agents[k].agent;
  }
  assert_true(differs);
  civ_history_destroy(&h);
  civ_history_destroy(&again);
  civ_history_destroy(&other);
}

static void many_agents_are_summarised_by_type(void **state)
{
  civ_history h = kept(CIV_SNAPSHOTS_SUMMARY, 3001, 0, 5);
  civ_buffer text = { 0 };
  (void)state;
  assert_int_equal(h.n_agent_snapshots, 2000);
  assert_int_equal(h.n_spreads, 4);
  assert_int_equal(h.spreads[0].count, 1501); /* 0, 2, ... 3000 */
  assert_near(h.spreads[0].spreads[0].mean, 1500, 1e-12);
  assert_near(h.spreads[0].spreads[0].quantiles[3], 1500, 1e-12);
  assert_near(h.spreads[1].spreads[1].quantiles[1], 1 + .05 * 1499 * 2, 1e-12);
  civ_history_spreads_csv(&h, &text);
  civ_buffer_add(&text, "", 1);
  assert_non_null(strstr(text.data, "simulation,1,opportunistic,1500,1500.0,"));
  civ_buffer_free(&text);
  civ_history_destroy(&h);
  h = kept(CIV_SNAPSHOTS_NONE, 10, 0, 5);
  assert_int_equal(h.n_agent_snapshots, 0);
  civ_history_destroy(&h);
}

/* --- JSON and CSV there and back ------------------------------------------------------------------------------------------ */

/* A history of odd numbers: every value any double, names that need escapes. */
static civ_history random_history(civ_draws *draws)
{
  static const char *const names[] = { "plain", "with,comma", "with \"quotes\"", "line\nbreak",
                                       "\xc3\xa4\xe2\x82\xac" };
  civ_history h = civ_history_create();
  h.simulation_id = civ_draw_index(draws, 2) ? "run" : "id, with \"odd\" signs";
  h.started = civ_draw_index(draws, 2);
  h.ended = civ_draw_index(draws, 2);
  h.seeded = civ_draw_index(draws, 2);
  h.started_us = h.started ? 946684800000000 : 0;
  h.ended_us = h.ended ? 946684800000123 : 0;
  h.seed = h.seeded ? (civ_draw_bits(draws) >> 1) : 0;
  h.n_agents = 5;
  h.steps_per_epoch = 3;
  for (size_t k = 0; k < 5; k++)
    assert_int_equal(civ_history_add_name(&h, names[k], k % 2 ? "honest" : NULL, NULL), CIV_OK);
  h.n_epochs = civ_draw_index(draws, 4);
  for (uint32_t e = 0; e < h.n_epochs; e++) {
    civ_epoch_snapshot s = civ_epoch_snapshot_blank(e);
    s.time_us = 946684800000000 + civ_draw_index(draws, 5000000);
    for (int k = 0; k < CIV_N_EPOCH_COLUMNS; k++)
      s.values[k] = civ_epoch_column_forms[k].integer
                        ? civ_draw_index(draws, 1000000)
                        : ldexp(civ_draw_between(draws, -1, 1), (int)civ_draw_index(draws, 80) - 40);
    assert_int_equal(civ_history_add_epoch(&h, &s), CIV_OK);
    for (uint32_t a = 0; a < 5; a++) {
      const civ_agent_snapshot agent = { .agent = a,
                                         .epoch = e,
                                         .reputation = civ_draw_between(draws, -3, 3),
                                         .resources = a == 3 ? NAN : civ_draw_between(draws, 0, 200),
                                         .avg_p_initiated = civ_draw_uniform(draws),
                                         .avg_p_received = civ_draw_uniform(draws),
                                         .total_payoff = civ_draw_between(draws, -9, 9),
                                         .cumulative_payoff = civ_draw_between(draws, -9, 9),
                                         .initiated = civ_draw_index(draws, 100),
                                         .received = civ_draw_index(draws, 100),
                                         .frozen = civ_draw_index(draws, 2),
                                         .quarantined = civ_draw_index(draws, 2) };
      assert_int_equal(civ_history_add_agent(&h, &agent), CIV_OK);
    }
  }
  return h;
}

static void same_json(const civ_history *a, const civ_history *b)
{
  civ_buffer x = { 0 }, y = { 0 };
  civ_history_json(a, NULL, &x);
  civ_history_json(b, NULL, &y);
  assert_int_equal(x.length, y.length);
  assert_memory_equal(x.data, y.data, x.length);
  civ_buffer_free(&x);
  civ_buffer_free(&y);
}

static void json_comes_back_exactly(void **state)
{
  civ_draws draws = test_draws(11);
  (void)state;
  for (int round = 0; round < 200; round++) {
    civ_history h = random_history(&draws), back = civ_history_create();
    civ_buffer text = { 0 };
    civ_error err = { 0 };
    civ_history_json(&h, NULL, &text);
    assert_null(memmem(text.data, text.length, ": nan", 5));
    assert_null(memmem(text.data, text.length, ": -nan", 6));
    if (civ_history_read_json(text.data, text.length, &back, &err) != CIV_OK)
      fail_msg("%s: %s", err.where, err.text);
    same_json(&h, &back);
    civ_buffer_free(&text);
    civ_history_destroy(&h);
    civ_history_destroy(&back);
  }
}

static void csv_comes_back_exactly(void **state)
{
  civ_draws draws = test_draws(12);
  (void)state;
  for (int round = 0; round < 200; round++) {
    civ_history h = random_history(&draws), back = civ_history_create();
    civ_buffer epochs = { 0 }, agents = { 0 }, again = { 0 };
    civ_error err = { 0 };
    civ_history_epochs_csv(&h, NULL, 0, &epochs);
    civ_history_agents_csv(&h, &agents);
    if (civ_history_read_csv(epochs.data, epochs.length, agents.data, agents.length, &back, &err) != CIV_OK)
      fail_msg("%s: %s", err.where, err.text);
    if (h.n_epochs > 0) {
      civ_history_epochs_csv(&back, NULL, 0, &again);
      assert_int_equal(again.length, epochs.length);
      assert_memory_equal(again.data, epochs.data, epochs.length);
      again.length = 0;
      civ_history_agents_csv(&back, &again);
      assert_int_equal(again.length, agents.length);
      assert_memory_equal(again.data, agents.data, agents.length);
    }
    civ_buffer_free(&epochs);
    civ_buffer_free(&agents);
    civ_buffer_free(&again);
    civ_history_destroy(&h);
    civ_history_destroy(&back);
  }
}

static void missing_members_take_defaults(void **state)
{
  static const char text[] =
      "{\"epoch_snapshots\": [{\"epoch\": 4, \"unknown\": 1}], \"agent_snapshots\": [{\"agent_id\": \"z\"}]}";
  civ_history h = civ_history_create();
  (void)state;
  assert_int_equal(civ_history_read_json(text, strlen(text), &h, NULL), CIV_OK);
  assert_int_equal(h.epochs[0].epoch, 4);
  assert_near(h.epochs[0].values[CIV_COLUMN_avg_p], .5, 0);
  assert_near(h.epochs[0].values[CIV_COLUMN_n_components], 1, 0);
  assert_near(h.agents[0].resources, 100, 0);
  assert_near(h.agents[0].avg_p_received, .5, 0);
  assert_string_equal(h.simulation_id, "simulation");
  assert_false(h.seeded);
  civ_history_destroy(&h);
}

static void damaged_texts_are_refused(void **state)
{
  static const struct {
    const char *json;
    civ_status code;
  } bad[] = {
    { "", CIV_E_SYNTAX },
    { "{", CIV_E_SYNTAX },
    { "[]", CIV_E_TYPE },
    { "{\"started_at\": \"yesterday\"}", CIV_E_TYPE },
    { "{\"n_epochs\": -1}", CIV_E_RANGE },
    { "{\"epoch_snapshots\": [3]}", CIV_E_TYPE },
    { "{\"epoch_snapshots\": [{\"epoch\": -3}]}", CIV_E_TYPE },
    { "{\"agent_snapshots\": [{\"interactions_initiated\": -1}]}", CIV_E_TYPE },
  };
  static const char *const csv[] = { "", "epoch,toxicity_rate\n1\n", "epoch,toxicity_rate\nx,1\n", "epoch\n-1\n",
                                     "timestamp\nnoon\n" };
  (void)state;
  for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
    civ_history h = civ_history_create();
    civ_error err = { 0 };
    assert_int_equal(civ_history_read_json(bad[k].json, strlen(bad[k].json), &h, &err), bad[k].code);
    assert_true(err.text[0] != '\0');
    civ_history_destroy(&h);
  }
  for (size_t k = 0; k < sizeof csv / sizeof *csv; k++) {
    civ_history h = civ_history_create();
    civ_error err = { 0 };
    assert_int_equal(civ_history_read_csv(csv[k], strlen(csv[k]), NULL, 0, &h, &err), CIV_E_FORMAT);
    assert_string_equal(err.where, "epochs");
    civ_history_destroy(&h);
  }
  civ_history h = civ_history_create();
  assert_int_equal(civ_history_read_csv(NULL, 0, "epoch\n1\n", 8, &h, NULL), CIV_E_FORMAT);
  civ_history_destroy(&h);
}

static void csv_of_other_programs_reads(void **state)
{
  static const char epochs[] = "\"epoch\",\"toxicity_rate\",mine\r\n0,0.25,\"a \"\"b\"\", c\"\r\n1,1e-3,\r\n";
  static const char agents[] = "agent_id,epoch,reputation,is_frozen\nx,0,1.5,True\ny,0,,False\n";
  civ_history h = civ_history_create();
  civ_error err = { 0 };
  (void)state;
  if (civ_history_read_csv(epochs, strlen(epochs), agents, strlen(agents), &h, &err) != CIV_OK)
    fail_msg("%s: %s", err.where, err.text);
  assert_int_equal(h.n_epoch_snapshots, 2);
  assert_near(h.epochs[1].values[CIV_COLUMN_toxicity_rate], 1e-3, 0);
  assert_true(h.agents[0].frozen && !h.agents[1].frozen);
  assert_near(h.agents[1].reputation, 0, 0);
  civ_history_destroy(&h);
}

/* --- series, order, words ---------------------------------------------------------------------------------------------- */

static void series_by_name(void **state)
{
  civ_draws draws = test_draws(13);
  civ_history h = random_history(&draws);
  double epochs[64], values[64];
  (void)state;
  while (h.n_epochs < 2) {
    civ_history_destroy(&h);
    h = random_history(&draws);
  }
  assert_int_equal(civ_history_series(&h, "avg_reputation", values), h.n_epochs);
  assert_true(values[1] == h.epochs[1].values[CIV_COLUMN_avg_reputation]);
  assert_int_equal(civ_history_series(&h, "no_such_column", values), 0);
  assert_int_equal(civ_history_agent_series(&h, "with,comma", "reputation", epochs, values), h.n_epochs);
  assert_true(epochs[1] == 1 && values[1] == h.agents[6].reputation);
  assert_int_equal(civ_history_agent_series(&h, "nobody", "reputation", epochs, values), 0);
  assert_int_equal(civ_history_agent_series(&h, "plain", "agent_type", epochs, values), 0);
  civ_history_destroy(&h);
}

static void agents_stand_one_after_the_other(void **state)
{
  civ_draws draws = test_draws(14);
  (void)state;
  for (int round = 0; round < 50; round++) {
    civ_history h = random_history(&draws);
    uint32_t *order = civ_history_by_agent(&h);
    assert_non_null(order);
    for (size_t k = 1; k < h.n_agent_snapshots; k++) {
      const civ_agent_snapshot *before = &h.agents[order[k - 1]], *now = &h.agents[order[k]];
      assert_true(before->agent < now->agent || (before->agent == now->agent && before->epoch < now->epoch));
    }
    free(order);
    civ_history_destroy(&h);
  }
}

static void report_by_hand(void **state)
{
  static const double toxicity[] = { .30, .25, .35, .20 }, welfare[] = { 5, 7.5, -1.25, 9 };
  static const double total[] = { 10, 12, 0, 8 }, accepted[] = { 8, 9, 0, 8 };
  civ_history h = three_agents();
  civ_buffer text = { 0 };
  (void)state;
  for (uint32_t e = 0; e < 4; e++) {
    civ_epoch_snapshot s = civ_epoch_snapshot_blank(e);
    s.values[CIV_COLUMN_toxicity_rate] = toxicity[e];
    s.values[CIV_COLUMN_total_welfare] = welfare[e];
    s.values[CIV_COLUMN_total_interactions] = total[e];
    s.values[CIV_COLUMN_accepted_interactions] = accepted[e];
    assert_int_equal(civ_history_add_epoch(&h, &s), CIV_OK);
  }
  const civ_agent_snapshot both = { .agent = B, .frozen = true, .quarantined = true, .reputation = 1.005 };
  const civ_agent_snapshot one = { .agent = A, .quarantined = true };
  assert_int_equal(civ_history_add_agent(&h, &both), CIV_OK);
  assert_int_equal(civ_history_add_agent(&h, &one), CIV_OK);
  civ_history_report(&h, &text);
  civ_buffer_add(&text, "", 1);
  assert_non_null(strstr(text.data, "Total Interactions: 30\n"));
  assert_non_null(strstr(text.data, "Acceptance Rate: 83.33%\n"));
  assert_non_null(strstr(text.data, "Avg Toxicity: 0.2750 (std: 0.0559)\n"));
  assert_non_null(strstr(text.data, "Avg Welfare: 5.06 (std: 3.91)\n"));
  const char *a = strstr(text.data, "a: reputation 0.00, payoff 0.00, QUARANTINED\n");
  const char *b = strstr(text.data, "b: reputation 1.00, payoff 0.00, FROZEN\n");
  assert_true(a != NULL && b != NULL && a < b);
  assert_non_null(strstr(text.data, "Duration: not available\n"));
  civ_buffer_free(&text);
  civ_history_destroy(&h);
}

/* --- checkpoints ---------------------------------------------------------------------------------------------------------- */

static void random_epoch(civ_aggregator *a, civ_draws *draws, uint32_t number)
{
  for (int k = 0; k < 20; k++) {
    const civ_interaction i = { .initiator = civ_draw_index(draws, 3),
                                .counterparty = civ_draw_index(draws, 3),
                                .p = civ_draw_uniform(draws),
                                .accepted = civ_draw_index(draws, 2) };
    civ_aggregator_sink.interaction(a, &i, civ_draw_uniform(draws), -civ_draw_uniform(draws));
  }
  civ_epoch_snapshot known = civ_epoch_snapshot_blank(number);
  known.values[CIV_COLUMN_total_posts] = civ_draw_index(draws, 9);
  assert_int_equal(civ_aggregator_close_epoch(a, &known, &states, NULL), CIV_OK);
}

static void saved_in_the_middle_it_goes_on_the_same(void **state)
{
  static const civ_metric_decl decls[] = { { "total_posts", true, "" } };
  const civ_columns columns = { 1, decls };
  const double row[] = { 100 };
  civ_draws draws = test_draws(15), later;
  civ_history h = three_agents(), back = three_agents();
  civ_aggregator *a = aggregator_of(&h, 3), *b = aggregator_of(&back, 3);
  civ_bytes bytes = { 0 };
  (void)state;
  for (uint32_t e = 0; e < 3; e++)
    random_epoch(a, &draws, e);
  civ_aggregator_save(a, &bytes);
  assert_false(bytes.failed);
  civ_bytes_reader reader = { .data = bytes.data, .length = bytes.length };
  assert_int_equal(civ_aggregator_load(b, &reader, NULL), CIV_OK);
  later = draws;
  random_epoch(a, &draws, 3);
  random_epoch(b, &later, 3);
  same_json(&h, &back);
  assert_true(civ_aggregator_know(a, 4, 0, &columns, row).values[CIV_COLUMN_total_posts] ==
              civ_aggregator_know(b, 4, 0, &columns, row).values[CIV_COLUMN_total_posts]);
  civ_aggregator_destroy(a);
  civ_aggregator_destroy(b);
  civ_history_destroy(&h);
  civ_history_destroy(&back);
  civ_bytes_free(&bytes);
}

static void damaged_checkpoints_are_refused(void **state)
{
  civ_draws draws = test_draws(16);
  civ_history h = three_agents();
  civ_aggregator *a = aggregator_of(&h, 3);
  civ_bytes bytes = { 0 };
  (void)state;
  random_epoch(a, &draws, 0);
  civ_aggregator_save(a, &bytes);
  for (int round = 0; round < 300; round++) {
    civ_history other = three_agents();
    civ_aggregator *b = aggregator_of(&other, 3);
    uint8_t *copy = malloc(bytes.length);
    memcpy(copy, bytes.data, bytes.length);
    const bool cut = round % 3 == 0;
    const size_t at = civ_draw_index(&draws, (uint32_t)bytes.length);
    copy[at] ^= (uint8_t)(1u << civ_draw_index(&draws, 8));
    civ_bytes_reader reader = { .data = cut ? bytes.data : copy, .length = cut ? at : bytes.length };
    assert_int_not_equal(civ_aggregator_load(b, &reader, NULL), CIV_OK);
    free(copy);
    civ_aggregator_destroy(b);
    civ_history_destroy(&other);
  }
  civ_aggregator_destroy(a);
  civ_history_destroy(&h);
  civ_bytes_free(&bytes);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(an_epoch_by_hand),
    cmocka_unit_test(an_empty_epoch),
    cmocka_unit_test(losses_have_an_inequality_too),
    cmocka_unit_test(a_sink_credits_the_accepted),
    cmocka_unit_test(rows_count_from_the_start_snapshots_do_not),
    cmocka_unit_test(snapshot_modes),
    cmocka_unit_test(samples_are_fixed_by_the_seed),
    cmocka_unit_test(many_agents_are_summarised_by_type),
    cmocka_unit_test(json_comes_back_exactly),
    cmocka_unit_test(csv_comes_back_exactly),
    cmocka_unit_test(missing_members_take_defaults),
    cmocka_unit_test(damaged_texts_are_refused),
    cmocka_unit_test(csv_of_other_programs_reads),
    cmocka_unit_test(series_by_name),
    cmocka_unit_test(agents_stand_one_after_the_other),
    cmocka_unit_test(report_by_hand),
    cmocka_unit_test(saved_in_the_middle_it_goes_on_the_same),
    cmocka_unit_test(damaged_checkpoints_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
