/* Simultaneous turns: all decide on one state, whoever computes it. */
#include "strangers.h"

#include <string.h>

#include "civitas/experiment.h"
#include "sim/run_state.h"

#define CROWD(count)                                                                                                   \
  "agents:\n  - {type: honest, count: " count "}\n  - {type: opportunistic, count: " count "}\n"                       \
  "  - {type: deceptive, count: " count "}\n  - {type: adversarial, count: " count "}\n"

static void alike_on(const char *yaml, const uint32_t *threads, int n)
{
  play p;
  civ_buffer one = { 0 };
  strangers_tell = NULL;
  play_load(&p, yaml, strangers_register);
  const uint64_t digest = play_text(&p, NULL, &one);
  const double interactions = play_total(&p, "total_interactions");
  assert_true(interactions > 0);
  for (int k = 0; k < n; k++) {
    civ_buffer more = { 0 };
    const civ_run_options options = { .threads = threads[k] };
    assert_true(play_text(&p, &options, &more) == digest);
    assert_true(p.run->pool != NULL);
    assert_int_equal(more.length, one.length);
    assert_memory_equal(more.data, one.data, one.length);
    civ_buffer_free(&more);
  }
  civ_buffer_free(&one);
  play_close(&p);
}

/* More than one chunk of 512 agents, so that threads share every step. */
static void threads_change_nothing(void **state)
{
  static const uint32_t threads[] = { 2, 3, 4 };
  (void)state;
  alike_on(SEED ", n_epochs: 3, steps_per_epoch: 4, turn_mode: simultaneous, enable_transfers: true, roles_enabled: "
                "true}\n" CROWD("400"),
           threads, 3);
  alike_on(SEED ", n_epochs: 2, steps_per_epoch: 3, turn_mode: simultaneous, schedule_mode: random}\n" CROWD("150"),
           threads, 3);
  alike_on(SEED ", n_epochs: 2, steps_per_epoch: 3, turn_mode: simultaneous, schedule_mode: priority, "
                "deceptive_learning: true, task_progress: true}\nrate_limits: {votes_per_epoch: 1}\n" CROWD("300"),
           threads, 3);
}

static void slow_minds_change_nothing_on_threads(void **state)
{
  static const uint32_t threads[] = { 2, 4 };
  (void)state;
  alike_on(SEED ", n_epochs: 2, steps_per_epoch: 3, turn_mode: simultaneous}\ntoll: {price: 0.25}\n"
                "agents:\n  - type: slow\n    count: 900\n    config: {patience: 2}\n",
           threads, 2);
}

/* Two runs side by side share nothing. */
static void replicates_share_nothing(void **state)
{
  play p;
  civ_experiment *alone, *together;
  (void)state;
  play_load(&p, SEED ", n_epochs: 3, steps_per_epoch: 6}\n" CROWD("3"), NULL);
  const civ_experiment_options one = { .first_seed = 1, .n = 40, .threads = 1 };
  const civ_experiment_options four = { .first_seed = 1, .n = 40, .threads = 4 };
  assert_int_equal(civ_experiment_run(p.config, &one, &alone, NULL), CIV_OK);
  assert_int_equal(civ_experiment_run(p.config, &four, &together, NULL), CIV_OK);
  for (uint64_t k = 0; k < 40; k++) {
    const civ_run_record *a = civ_experiment_record(alone, k), *b = civ_experiment_record(together, k);
    assert_true(a->failed == CIV_OK && b->failed == CIV_OK && a->seed == k + 1 && b->seed == k + 1);
    assert_int_equal(a->total_columns.n, b->total_columns.n);
    assert_memory_equal(a->totals, b->totals, a->total_columns.n * sizeof *a->totals);
  }
  civ_experiment_destroy(alone);
  civ_experiment_destroy(together);
  play_close(&p);
}

/* --- one state for all ----------------------------------------------------------------------------------------------------- */

typedef struct watcher {
  uint32_t turns, answers_in_turn, answers_later;
} watcher;

static void count_turn(void *self, uint32_t epoch, uint32_t step, civ_agent a, const civ_action *action, bool ok)
{
  watcher *w = self;
  (void)epoch;
  (void)step;
  (void)a;
  (void)action;
  (void)ok;
  w->turns++;
}

static void count_answer(void *self, const civ_interaction *r, double payoff_a, double payoff_b)
{
  watcher *w = self;
  (void)payoff_a;
  (void)payoff_b;
  if (r->decided_in == CIV_IN_TURN)
    w->answers_in_turn++;
  else
    w->answers_later++;
}

#define EAGER                                                                                                          \
  "agents:\n  - type: honest\n    count: 6\n"                                                                          \
  "    config: {post_probability: 0, vote_probability: 0, interact_probability: 1}\n    initial_resources: 20\n"

/* A proposal of this step is not seen in it: everybody proposes, nobody answers in its turn. */
static void nobody_sees_what_others_do_in_the_same_step(void **state)
{
  static const char *const yaml[] = {
    SEED ", n_epochs: 2, steps_per_epoch: 3, turn_mode: sequential}\nrate_limits: {interactions_per_step: 1}\n" EAGER,
    SEED ", n_epochs: 2, steps_per_epoch: 3, turn_mode: simultaneous}\nrate_limits: {interactions_per_step: 1}\n" EAGER,
  };
  (void)state;
  for (int together = 0; together < 2; together++) {
    play p;
    watcher w = { 0 };
    const civ_run_hooks hooks = { .self = &w, .turn = count_turn, .completed = count_answer };
    play_open(&p, yaml[together], NULL);
    assert_int_equal(civ_run_hook(p.run, &hooks, NULL), CIV_OK);
    play_all(&p);
    assert_int_equal(w.turns, 36);
    if (together)
      assert_true(w.answers_in_turn == 0 && w.answers_later == 36);
    else
      assert_true(w.answers_in_turn > 0 && w.answers_in_turn + w.answers_later + w.answers_in_turn == 36);
    play_close(&p);
  }
}

/* A proposal carried over from before is answered in the turn, as it is on the table when all look. */
static void what_was_there_before_is_seen(void **state)
{
  play p;
  watcher w = { 0 };
  civ_end end;
  const civ_run_hooks hooks = { .self = &w, .completed = count_answer };
  civ_action propose = civ_action_make(CIV_ACTION_PROPOSE);
  (void)state;
  play_open(
      &p,
      SEED
      ", n_epochs: 1, steps_per_epoch: 2, turn_mode: simultaneous}\nagents:\n  - type: honest\n    count: 3\n" IDLE,
      NULL);
  assert_int_equal(civ_run_hook(p.run, &hooks, NULL), CIV_OK);
  propose.counterparty = 1;
  assert_true(play_do(&p, 0, &propose));
  assert_int_equal(civ_run_step(p.run, &end, NULL), CIV_OK);
  assert_true(w.answers_in_turn == 1 && w.answers_later == 0);
  play_close(&p);
}

/* The cap counts who is admitted, not who succeeds. */
static void the_cap_counts_the_admitted(void **state)
{
  static const char *const modes[] = { "sequential", "simultaneous" };
  static const uint32_t turns[] = { 6, 2 };
  (void)state;
  for (int together = 0; together < 2; together++) {
    play p;
    watcher w = { 0 };
    civ_end end;
    const civ_run_hooks hooks = { .self = &w, .turn = count_turn };
    civ_buffer yaml = { 0 };
    /* Everybody wants to post, and nobody may: no success ever. */
    civ_buffer_format(&yaml,
                      SEED ", n_epochs: 1, steps_per_epoch: 1, max_actions_per_step: 2, turn_mode: %s}\n"
                           "safety: {budget_per_epoch: 0, action_costs: {post: 1, propose: 1}}\nagents:\n"
                           "  - type: honest\n    count: 6\n    initial_resources: 20\n"
                           "    config: {post_probability: 1, vote_probability: 0, interact_probability: 0}\n",
                      modes[together]);
    civ_buffer_add(&yaml, "", 1);
    play_open(&p, yaml.data, NULL);
    assert_int_equal(civ_run_hook(p.run, &hooks, NULL), CIV_OK);
    assert_int_equal(civ_run_step(p.run, &end, NULL), CIV_OK);
    assert_int_equal(w.turns, turns[together]);
    civ_buffer_free(&yaml);
    play_close(&p);
  }
}

/* All answers, then all completions: a freeze by an earlier completion does not cancel a later one. */
static void answers_come_before_completions(void **state)
{
  static const char *const modes[] = { "sequential", "simultaneous" };
  (void)state;
  for (int together = 0; together < 2; together++) {
    play p;
    watcher w = { 0 };
    civ_end end;
    const civ_run_hooks hooks = { .self = &w, .completed = count_answer };
    civ_buffer yaml = { 0 };
    civ_action propose = civ_action_make(CIV_ACTION_PROPOSE);
    civ_buffer_format(&yaml,
                      SEED
                      ", n_epochs: 1, steps_per_epoch: 1, max_actions_per_step: 1, turn_mode: %s}\n"
                      "toll: {freeze_after: 0}\nagents:\n  - type: slow\n    count: 3\n    config: {eager: false}\n",
                      modes[together]);
    civ_buffer_add(&yaml, "", 1);
    strangers_tell = NULL;
    play_load(&p, yaml.data, strangers_register);
    play_start(&p, NULL);
    assert_int_equal(civ_run_hook(p.run, &hooks, NULL), CIV_OK);
    propose.counterparty = 2;
    assert_true(play_do(&p, 1, &propose)); /* its completion freezes 1 ... */
    propose.counterparty = 1;
    assert_true(play_do(&p, 2, &propose)); /* ... who has already answered this one, or not */
    assert_int_equal(civ_run_step(p.run, &end, NULL), CIV_OK);
    assert_int_equal(w.answers_later, together ? 2 : 1);
    assert_true(play_total(&p, "pending_at_end") == (together ? 0 : 1));
    civ_buffer_free(&yaml);
    play_close(&p);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(threads_change_nothing),          cmocka_unit_test(slow_minds_change_nothing_on_threads),
    cmocka_unit_test(replicates_share_nothing),        cmocka_unit_test(nobody_sees_what_others_do_in_the_same_step),
    cmocka_unit_test(what_was_there_before_is_seen),   cmocka_unit_test(the_cap_counts_the_admitted),
    cmocka_unit_test(answers_come_before_completions),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
