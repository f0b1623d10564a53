/* Networks in whole runs: who meets whom, what it costs to have one, checkpoints and threads. */
#include "strangers.h"

#include "sim/run_state.h"

#include <stdio.h>
#include <string.h>

#define CROWD(count)                                                                                                   \
  "agents:\n  - {type: honest, count: " count "}\n  - {type: opportunistic, count: " count "}\n"                       \
  "  - {type: deceptive, count: " count "}\n  - {type: adversarial, count: " count "}\n"
#define RUN(epochs, steps) SEED ", n_epochs: " epochs ", steps_per_epoch: " steps "}\n"

/* --- who meets whom ------------------------------------------------------------------------------------------------------- */

typedef struct meetings {
  uint64_t n, strangers;
  const civ_network_service *network;
} meetings;

static bool tied(const meetings *m, civ_agent a, civ_agent b)
{
  return m->network->weight(m->network->self, a, b) > 0;
}

static void note(void *self, const civ_event *event)
{
  meetings *m = self;
  if (event->type != CIV_EVENT_INTERACTION_PROPOSED)
    return;
  m->n++;
  m->strangers += !tied(m, event->initiator, event->counterparty);
}

static const civ_sink note_sink = {
  .version = CIV_PART_VERSION, .name = "meetings", .wants_events = true, .event = note
};

static void proposals_go_to_neighbours_only(void **state)
{
  static const char *const networks[] = {
    "network: {topology: ring}\n",
    "network: {topology: star, dynamic: true, edge_decay_rate: 0.3}\n",
    "network: {topology: small_world, dynamic: true, edge_decay_rate: 0.4, min_edge_weight: 0.3}\n",
    "network: {topology: random_erdos_renyi, edge_probability: 0.2}\n",
    "network: {topology: scale_free, reputation_disconnect_threshold: 0}\n",
    "network: {topology: complete, dynamic: true, edge_decay_rate: 0.4, min_edge_weight: 0.3}\n",
    "network: {topology: custom, params: {edges: [[honest_1, opportunistic_1], [0, 20], [1, 25, 0.5]]}}\n",
  };
  (void)state;
  for (size_t k = 0; k < sizeof networks / sizeof *networks; k++) {
    play p;
    char yaml[2000];
    snprintf(yaml, sizeof yaml, "%s%s%s", RUN("6", "8"), networks[k], CROWD("8"));
    play_open(&p, yaml, NULL);
    meetings m = { .network = p.run->network };
    assert_non_null(m.network);
    assert_int_equal(civ_run_attach(p.run, &note_sink, &m, NULL), CIV_OK);
    play_all(&p);
    assert_true(m.n > 10 && m.strangers == 0);
    assert_true(play_total(&p, "net_n_agents") == 32);
    play_close(&p);
  }
}

static void views_show_neighbours_in_order(void **state)
{
  (void)state;
  play p;
  play_open(&p,
            RUN("2", "4") "network: {topology: small_world, params: {k: 6, p: 0.3}}\n"
                          "agents: [{type: honest, count: 24}]\n",
            NULL);
  civ_view view = civ_sim_view(p.run);
  for (int frozen = 0; frozen < 2; frozen++) {
    if (frozen)
      assert_true(p.run->host.call->freeze(&p.run->host, 3, "test"));
    for (view.self = 0; view.self < 24; view.self++) {
      uint32_t n = 0;
      civ_agent from = 0;
      for (civ_agent x = 0; x < 24; x++) {
        const bool tie = p.run->network->weight(p.run->network->self, view.self, x) > 0,
                   sees = tie && !(frozen && x == 3);
        assert_true(view.ask->sees(&view, x) == sees);
        assert_true(view.ask->edge_weight(&view, x) == (sees ? 1 : 0));
        if (!sees)
          continue;
        assert_int_equal(view.ask->visible_at(&view, n), x);
        assert_int_equal(view.ask->visible_from(&view, from), x);
        from = x + 1;
        n++;
      }
      assert_int_equal(view.ask->visible(&view), n);
      assert_true(view.ask->visible_at(&view, n) == CIV_NOBODY && view.ask->visible_from(&view, from) == CIV_NOBODY);
    }
  }
  play_close(&p);
}

/* A script's proposal to a stranger is refused and uses up nothing. */
static void strangers_are_refused(void **state)
{
  (void)state;
  play p;
  play_open(&p,
            RUN("2", "4") "rate_limits: {interactions_per_step: 1}\nnetwork: {topology: ring}\nagents:\n  - type: "
                          "honest\n    count: 5\n" IDLE,
            NULL);
  civ_action action = civ_action_make(CIV_ACTION_PROPOSE);
  action.interaction_type = CIV_TRADE;
  action.counterparty = 2;
  assert_false(play_do(&p, 0, &action));
  action.counterparty = 0;
  assert_false(play_do(&p, 0, &action));
  action.counterparty = 99;
  assert_false(play_do(&p, 0, &action));
  action.counterparty = 4;
  assert_true(play_do(&p, 0, &action));
  action.counterparty = 1;
  assert_false(play_do(&p, 0, &action)); /* the limit now */
  play_close(&p);
}

/* --- events and reports ------------------------------------------------------------------------------------------------------- */

static void pruning_is_told_before_the_epoch_ends(void **state)
{
  (void)state;
  play p;
  scribe s = { 0 };
  play_open(&p,
            RUN("2", "1") "network: {topology: ring, dynamic: true, edge_decay_rate: 0.6, min_edge_weight: "
                          "0.5}\nagents:\n  - type: honest\n    count: 5\n" IDLE,
            NULL);
  assert_int_equal(civ_run_attach(p.run, &scribe_sink, &s, NULL), CIV_OK);
  play_all(&p);
  const char *lines = scribe_lines(&s), *pruned = strstr(lines, "\nedge_pruned");
  if (!pruned)
    fail_msg("%s", lines);
  assert_true(strstr(pruned, "\nepoch_completed") == strstr(lines, "\nepoch_completed"));
  assert_null(strstr(pruned + 1, "\nedge_pruned"));
  assert_true(play_total(&p, "net_edges_pruned") == 5 && play_total(&p, "net_n_edges") == 0);
  assert_true(play_total(&p, "net_initial_n_edges") == 5 && play_total(&p, "net_n_components") == 5);
  assert_true(play_cell(&p, 0, "network_metrics.n_edges") == 0);
  assert_true(play_total(&p, "events:edge_pruned") == 1);
  scribe_free(&s);
  play_close(&p);
}

static void disgrace_is_told_per_agent(void **state)
{
  (void)state;
  play p;
  play_open(&p,
            RUN("1", "1") "network: {topology: complete, reputation_disconnect_threshold: 0}\nagents:\n  - type: "
                          "honest\n    count: 4\n" IDLE
                          "  - {type: honest, initial_reputation: -1, config: {interact_probability: 0}}\n",
            NULL);
  play_all(&p);
  assert_true(play_total(&p, "events:network_agent_disconnected") == 1);
  assert_true(play_total(&p, "net_edges_disconnected") == 4 && play_total(&p, "net_n_components") == 2);
  play_close(&p);
}

/* --- what it costs not to have one --------------------------------------------------------------------------------------------- */

/* Interactions and payoffs, one line each. */
static void write_down(void *self, const civ_interaction *r, double payoff_a, double payoff_b)
{
  civ_buffer *out = self;
  civ_buffer_format(out, "%u.%u %u-%u %d ", r->epoch, r->step, r->initiator, r->counterparty, r->accepted);
  civ_buffer_real(out, payoff_a);
  civ_buffer_text(out, " ");
  civ_buffer_real(out, payoff_b);
  civ_buffer_text(out, "\n");
}
static const civ_sink writer = { .version = CIV_PART_VERSION, .name = "writer", .interaction = write_down };

static civ_buffer told(const char *network, const char *turn_mode)
{
  play p;
  char yaml[2000];
  civ_buffer text = { 0 };
  snprintf(yaml, sizeof yaml, SEED ", n_epochs: 6, steps_per_epoch: 8, turn_mode: %s}\n%s%s", turn_mode, network,
           CROWD("7"));
  play_open(&p, yaml, NULL);
  assert_int_equal(civ_run_attach(p.run, &writer, &text, NULL), CIV_OK);
  play_all(&p);
  play_close(&p);
  return text;
}

static void expect_same(civ_buffer a, civ_buffer b)
{
  assert_true(a.length > 1000 && a.length == b.length);
  assert_memory_equal(a.data, b.data, a.length);
  civ_buffer_free(&a);
  civ_buffer_free(&b);
}

/* A network that lets everybody meet everybody changes nobody's numbers: neither one that lasts and is not even asked, nor
 * one that could lose an edge and is asked every time, nor one whose edges are written out. */
static void everybody_is_everybody(void **state)
{
  static const char *const modes[] = { "sequential", "simultaneous" };
  (void)state;
  for (int k = 0; k < 2; k++) {
    const char *mode = modes[k];
    expect_same(told("", mode), told("network: {enabled: false, topology: ring}\n", mode));
    expect_same(told("", mode), told("network: {topology: complete}\n", mode));
    expect_same(told("", mode), told("network: {topology: complete, dynamic: true, edge_decay_rate: 0.01}\n", mode));
    expect_same(told("", mode), told("network: {topology: complete, reputation_disconnect_threshold: -1000}\n", mode));
    expect_same(told("", mode),
                told("network: {topology: random_erdos_renyi, edge_probability: 1, dynamic: true}\n", mode));
    /* all edges but those in use go after the last epoch: the world is asked, and says yes to all */
    expect_same(
        told("", mode),
        told("network: {topology: complete, dynamic: true, edge_decay_rate: 0.3, min_edge_weight: 0.12}\n", mode));
  }
}

/* --- checkpoints and threads ------------------------------------------------------------------------------------------------- */

static const char *const changing[] = {
  RUN("7", "6") "network: {topology: small_world, dynamic: true, edge_decay_rate: 0.3, min_edge_weight: 0.25, "
                "reputation_disconnect_threshold: -0.5}\n" CROWD("5"),
  RUN("7", "6") "network: {topology: complete, dynamic: true, edge_decay_rate: 0.3, min_edge_weight: 0.3}\n" CROWD("5"),
  RUN("7", "6") "network: {topology: complete, dynamic: true}\n" CROWD("5"),
  RUN("7",
      "6") "network: {topology: scale_free, dynamic: true, edge_decay_rate: 0.2, min_edge_weight: 0.3, metrics: "
           "{exact_limit: 5, path_samples: 4}}\ngovernance: {circuit_breaker_enabled: true, "
           "freeze_threshold_toxicity: 0.5, freeze_threshold_violations: 1, freeze_duration_epochs: 1}\n" CROWD("5"),
};

static void a_checkpoint_in_mid_run(void **state)
{
  (void)state;
  for (size_t k = 0; k < sizeof changing / sizeof *changing; k++)
    for (int epochs = 0; epochs < 7; epochs++) {
      play p;
      civ_bytes bytes = { 0 };
      civ_end end;
      play_open(&p, changing[k], NULL);
      for (int i = 0; i < epochs; i++)
        assert_int_equal(civ_run_epoch(p.run, &end, NULL), CIV_OK);
      assert_int_equal(civ_run_save(p.run, &bytes, NULL), CIV_OK);
      play_all(&p);
      const uint64_t digest = civ_run_digest(p.run);
      const double edges = play_total(&p, "net_n_edges"), weight = play_total(&p, "net_mean_weight"),
                   path = play_total(&p, "net_average_path_length"),
                   stale = play_total(&p, "net_stale_edge_completions");
      play_start(&p, NULL);
      civ_bytes_reader in = { .data = bytes.data, .length = bytes.length };
      civ_error err = { 0 };
      if (civ_run_load(p.run, &in, &err) != CIV_OK)
        fail_msg("network %zu, epoch %d: %s: %s", k, epochs, err.where, err.text);
      play_all(&p);
      assert_true(civ_run_digest(p.run) == digest);
      assert_true(play_total(&p, "net_n_edges") == edges && play_total(&p, "net_mean_weight") == weight &&
                  play_total(&p, "net_average_path_length") == path &&
                  play_total(&p, "net_stale_edge_completions") == stale);
      civ_bytes_free(&bytes);
      play_close(&p);
    }
}

static void threads_change_nothing(void **state)
{
  static const char *const networks[] = {
    "network: {topology: small_world, dynamic: true, edge_decay_rate: 0.3, min_edge_weight: 0.5}\n",
    "network: {topology: scale_free, params: {m: 5}}\n", "network: {topology: complete, dynamic: true}\n",
    "network: {topology: complete, dynamic: true, edge_decay_rate: 0.5, min_edge_weight: 0.3}\n"
  };
  (void)state;
  for (size_t k = 0; k < sizeof networks / sizeof *networks; k++) {
    play p;
    char yaml[2000];
    snprintf(yaml, sizeof yaml, SEED ", n_epochs: 3, steps_per_epoch: 3, turn_mode: simultaneous}\n%s%s", networks[k],
             CROWD("300"));
    play_load(&p, yaml, NULL);
    play_same_on_threads(&p);
    play_close(&p);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(proposals_go_to_neighbours_only), cmocka_unit_test(views_show_neighbours_in_order),
    cmocka_unit_test(strangers_are_refused),           cmocka_unit_test(pruning_is_told_before_the_epoch_ends),
    cmocka_unit_test(disgrace_is_told_per_agent),      cmocka_unit_test(everybody_is_everybody),
    cmocka_unit_test(a_checkpoint_in_mid_run),         cmocka_unit_test(threads_change_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
