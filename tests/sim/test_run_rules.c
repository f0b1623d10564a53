/* What an action may do: the rules of execution, one by one, with agents that do nothing of themselves. */
#include "play.h"

#include <string.h>

#define THREE "agents:\n  - type: honest\n    count: 3\n" IDLE
#define QUIET SEED ", n_epochs: 4, steps_per_epoch: 3}\n"

static civ_action propose_to(civ_agent b)
{
  civ_action a = civ_action_make(CIV_ACTION_PROPOSE);
  a.counterparty = b;
  a.interaction_type = CIV_TRADE;
  return a;
}

static civ_action aimed(civ_action_kind kind, uint32_t target)
{
  civ_action a = civ_action_make(kind);
  a.target = target;
  a.vote_direction = 1;
  a.content = (civ_text){ "text", 4 };
  return a;
}

static bool propose(play *p, civ_agent a, civ_agent b)
{
  const civ_action action = propose_to(b);
  return play_do(p, a, &action);
}

static bool act(play *p, civ_agent a, civ_action_kind kind, uint32_t target)
{
  const civ_action action = aimed(kind, target);
  return play_do(p, a, &action);
}

static void step(play *p)
{
  civ_end end;
  assert_int_equal(civ_run_step(p->run, &end, NULL), CIV_OK);
}

static uint64_t pending(play *p)
{
  return play_result(p).pending;
}

static void one_proposes_to_others_who_exist(void **state)
{
  play p;
  bool ok = true;
  civ_error err;
  (void)state;
  play_open(&p, QUIET THREE, NULL);
  assert_true(propose(&p, 0, 1));
  assert_false(propose(&p, 0, 0)); /* oneself */
  assert_false(propose(&p, 0, 3)); /* nobody */
  assert_false(propose(&p, 0, CIV_NOBODY));
  civ_action strange = propose_to(2);
  strange.interaction_type = CIV_INTERACTION_TYPES;
  assert_false(play_do(&p, 0, &strange));
  strange.kind = CIV_ACTION_KINDS;
  assert_false(play_do(&p, 0, &strange));
  assert_int_equal(civ_run_execute(p.run, 3, &strange, &ok, &err), CIV_E_RANGE);
  assert_true(ok); /* untouched */
  assert_int_equal(pending(&p), 1);
  play_close(&p);
}

static void only_the_counterparty_answers(void **state)
{
  play p;
  (void)state;
  play_open(&p, QUIET THREE, NULL);
  assert_true(propose(&p, 0, 1));
  assert_false(act(&p, 2, CIV_ACTION_ACCEPT, 0));
  assert_false(act(&p, 0, CIV_ACTION_REJECT, 0));
  assert_false(act(&p, 1, CIV_ACTION_ACCEPT, 7));
  assert_int_equal(pending(&p), 1);
  assert_true(act(&p, 1, CIV_ACTION_ACCEPT, 0));
  assert_false(act(&p, 1, CIV_ACTION_ACCEPT, 0)); /* once */
  assert_true(propose(&p, 2, 1));
  assert_true(act(&p, 1, CIV_ACTION_REJECT, 0));
  const civ_result r = play_result(&p);
  assert_true(r.pending == 0 && r.population->initiated[0] == 1 && r.population->received[1] == 1);
  assert_true(r.population->accepted[0] == 1 && r.population->rejected[2] == 1);
  assert_true(r.population->initiated[2] == 0 && r.population->average_p_initiated[2] == 0.5);
  assert_true(r.population->total_payoff[2] == 0 && r.population->reputation[2] == 0);
  play_close(&p);
}

static void posts_and_votes_need_their_target(void **state)
{
  play p;
  (void)state;
  play_open(&p, QUIET THREE, NULL);
  assert_false(act(&p, 0, CIV_ACTION_VOTE, 0)); /* nothing is there yet */
  assert_true(act(&p, 0, CIV_ACTION_POST, CIV_NONE));
  assert_true(act(&p, 1, CIV_ACTION_REPLY, 0));
  assert_false(act(&p, 1, CIV_ACTION_REPLY, CIV_NONE)); /* an orphan nobody would ever see */
  assert_false(act(&p, 1, CIV_ACTION_REPLY, 9));
  assert_true(act(&p, 1, CIV_ACTION_VOTE, 0));
  assert_true(act(&p, 1, CIV_ACTION_VOTE, 0)); /* again: counts as an action, changes nothing */
  assert_true(act(&p, 0, CIV_ACTION_VOTE, 0)); /* one's own */
  assert_true(play_total(&p, "posts") == 2 && play_total(&p, "votes") == 2);
  assert_false(act(&p, 0, CIV_ACTION_CLAIM_TASK, 0));
  assert_false(act(&p, 0, CIV_ACTION_SUBMIT_OUTPUT, 0));
  assert_false(act(&p, 0, CIV_ACTION_VERIFY_OUTPUT, 0));
  for (int kind = CIV_ACTION_POST_BOUNTY; kind < CIV_ACTION_KINDS; kind++)
    assert_false(act(&p, 0, (civ_action_kind)kind, 0)); /* no market: the turn is lost */
  assert_true(act(&p, 0, CIV_ACTION_NOOP, CIV_NONE));
  play_close(&p);
}

static void limits_bind_at_execution_unless_switched_off(void **state)
{
  static const char *const limits =
      "rate_limits: {posts_per_epoch: 2, votes_per_epoch: 1, interactions_per_step: 1}\n" THREE;
  (void)state;
  for (int on = 0; on < 2; on++) {
    play p;
    civ_buffer yaml = { 0 };
    civ_buffer_format(&yaml, SEED ", n_epochs: 2, steps_per_epoch: 2, enable_rate_limits: %s}\n%s",
                      on ? "true" : "false", limits);
    civ_buffer_add(&yaml, "", 1);
    play_open(&p, yaml.data, NULL);
    for (int epoch = 0; epoch < 2; epoch++) { /* all counters start again with the epoch */
      assert_true(act(&p, 0, CIV_ACTION_POST, CIV_NONE));
      assert_true(act(&p, 0, CIV_ACTION_REPLY, 0));
      assert_true(act(&p, 0, CIV_ACTION_POST, CIV_NONE) == !on);
      assert_true(act(&p, 0, CIV_ACTION_VOTE, 0));
      assert_true(act(&p, 0, CIV_ACTION_VOTE, 0) == !on);
      assert_true(act(&p, 1, CIV_ACTION_VOTE, 0)); /* each agent has its own */
      assert_true(propose(&p, 0, 1));
      assert_true(propose(&p, 0, 1) == !on);
      step(&p);
      assert_true(propose(&p, 0, 1)); /* per step */
      assert_true(act(&p, 0, CIV_ACTION_POST, CIV_NONE) == !on);
      step(&p);
    }
    assert_true(play_total(&p, "refused_actions") == (on ? 8 : 0));
    civ_buffer_free(&yaml);
    play_close(&p);
  }
}

static void a_limit_of_null_is_none_and_of_zero_is_all(void **state)
{
  play p;
  (void)state;
  play_open(&p, QUIET "rate_limits: {posts_per_epoch: null, votes_per_epoch: 0}\n" THREE, NULL);
  for (int k = 0; k < 50; k++)
    assert_true(act(&p, 0, CIV_ACTION_POST, CIV_NONE));
  assert_false(act(&p, 0, CIV_ACTION_VOTE, 0));
  play_close(&p);
}

static void proposals_wait_as_long_as_they_may(void **state)
{
  static const char *const lives[] = { "null", "1", "2" };
  static const uint64_t open_after[3][4] = { { 1, 1, 1, 1 }, { 0, 0, 0, 0 }, { 1, 0, 0, 0 } };
  (void)state;
  for (int k = 0; k < 3; k++) {
    play p;
    civ_buffer yaml = { 0 };
    civ_end end;
    civ_buffer_format(&yaml, QUIET "rate_limits: {proposal_ttl_epochs: %s}\n" THREE, lives[k]);
    civ_buffer_add(&yaml, "", 1);
    play_open(&p, yaml.data, NULL);
    assert_true(propose(&p, 0, 1));
    assert_int_equal(civ_run_freeze(p.run, 1, true, NULL), CIV_OK);
    for (int epoch = 0; epoch < 4; epoch++) {
      assert_int_equal(civ_run_epoch(p.run, &end, NULL), CIV_OK);
      assert_int_equal(pending(&p), open_after[k][epoch]);
    }
    assert_true(play_total(&p, "total_interactions") == 0);
    civ_buffer_free(&yaml);
    play_close(&p);
  }
}

/* --- frozen agents --------------------------------------------------------------------------------------------------------- */

typedef struct watcher {
  civ_run *run;
  uint32_t turns[3], answers[3];
  uint32_t proposals_to[3];
} watcher;

static void count_turn(void *self, uint32_t epoch, uint32_t step_, civ_agent a, const civ_action *action, bool ok)
{
  watcher *w = self;
  (void)epoch;
  (void)step_;
  (void)ok;
  w->turns[a]++;
  if (action->kind == CIV_ACTION_PROPOSE)
    w->proposals_to[action->counterparty]++;
}

static void count_answer(void *self, const civ_interaction *r, double payoff_a, double payoff_b)
{
  watcher *w = self;
  (void)payoff_a;
  (void)payoff_b;
  w->answers[r->counterparty]++;
}

#define EAGER                                                                                                          \
  "agents:\n  - type: honest\n    count: 3\n"                                                                          \
  "    config: {post_probability: 0, vote_probability: 0, interact_probability: 1}\n    initial_resources: 20\n"

static void the_frozen_neither_act_nor_answer_nor_are_seen(void **state)
{
  static const char *const modes[] = { "sequential", "simultaneous" };
  (void)state;
  for (int k = 0; k < 2; k++) {
    play p;
    civ_buffer yaml = { 0 };
    civ_end end;
    civ_buffer_format(&yaml, SEED ", n_epochs: 2, steps_per_epoch: 3, turn_mode: %s}\n" EAGER, modes[k]);
    civ_buffer_add(&yaml, "", 1);
    play_open(&p, yaml.data, NULL);
    watcher w = { .run = p.run };
    const civ_run_hooks hooks = { .self = &w, .turn = count_turn, .completed = count_answer };
    assert_int_equal(civ_run_hook(p.run, &hooks, NULL), CIV_OK);
    assert_true(propose(&p, 0, 1)); /* before it is frozen: waits */
    w = (watcher){ .run = p.run };
    assert_int_equal(civ_run_freeze(p.run, 1, true, NULL), CIV_OK);
    assert_int_equal(civ_run_freeze(p.run, 1, true, NULL), CIV_OK); /* twice is once */
    assert_int_equal(civ_run_epoch(p.run, &end, NULL), CIV_OK);
    assert_true(w.turns[1] == 0 && w.answers[1] == 0 && w.proposals_to[1] == 0);
    assert_true(w.turns[0] == 3 && w.turns[2] == 3 && w.answers[0] + w.answers[2] >= 3);
    assert_true(play_total(&p, "pending_at_end") == 1 && play_total(&p, "freezes_total") == 1);
    assert_true(play_total(&p, "frozen") == 1 && play_total(&p, "frozen_agent_epochs") == 1);
    assert_int_equal(civ_run_freeze(p.run, 1, false, NULL), CIV_OK);
    assert_int_equal(civ_run_epoch(p.run, &end, NULL), CIV_OK);
    assert_true(w.turns[1] == 3 && w.answers[1] > 0);
    assert_true(play_total(&p, "events:agent_frozen") == 1 && play_total(&p, "events:agent_unfrozen") == 1);
    civ_error err;
    assert_int_equal(civ_run_freeze(p.run, 9, true, &err), CIV_E_RANGE);
    civ_buffer_free(&yaml);
    play_close(&p);
  }
}

/* --- the cap --------------------------------------------------------------------------------------------------------------- */

static void the_cap_counts_successes_of_a_step(void **state)
{
  static const struct {
    const char *cap;
    uint32_t turns[3];
  } cases[] = { { "0", { 4, 4, 4 } }, { "null", { 4, 4, 4 } }, { "auto", { 4, 4, 4 } }, { "1", { 4, 0, 0 } },
                { "2", { 4, 4, 0 } }, { "3", { 4, 4, 4 } },    { "50", { 4, 4, 4 } } };
  (void)state;
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    play p;
    civ_buffer yaml = { 0 };
    civ_buffer_format(&yaml, SEED ", n_epochs: 2, steps_per_epoch: 2, max_actions_per_step: %s}\n" THREE, cases[k].cap);
    civ_buffer_add(&yaml, "", 1);
    play_open(&p, yaml.data, NULL);
    watcher w = { .run = p.run };
    const civ_run_hooks hooks = { .self = &w, .turn = count_turn };
    assert_int_equal(civ_run_hook(p.run, &hooks, NULL), CIV_OK);
    play_all(&p);
    assert_memory_equal(w.turns, cases[k].turns, sizeof w.turns);
    civ_buffer_free(&yaml);
    play_close(&p);
  }
}

/* --- payoffs, transfers, resources --------------------------------------------------------------------------------------------- */

static void payoffs_reach_resources_only_when_asked(void **state)
{
  (void)state;
  for (int on = 0; on < 2; on++) {
    play p;
    civ_buffer yaml = { 0 };
    civ_buffer_format(&yaml, SEED ", n_epochs: 1, steps_per_epoch: 4, payoffs_to_resources: %s}\n" EAGER,
                      on ? "true" : "false");
    civ_buffer_add(&yaml, "", 1);
    play_open(&p, yaml.data, NULL);
    play_all(&p);
    const civ_population *people = play_result(&p).population;
    for (civ_agent a = 0; a < 3; a++) {
      const double gained = people->resources[a] - 20;
      assert_true(on ? gained - people->total_payoff[a] < 1e-12 && people->total_payoff[a] - gained < 1e-12
                     : gained == 0);
    }
    assert_true(people->total_payoff[0] > 0);
    civ_buffer_free(&yaml);
    play_close(&p);
  }
}

static void reputation_counts_in_the_payoff_only_when_asked(void **state)
{
  static const char *const yaml[] = { QUIET "payoff: {w_rep: 3}\n" THREE,
                                      QUIET "payoff: {w_rep: 3, reputation_in_payoff: true}\n" THREE };
  double payoff[2], change = 0;
  (void)state;
  for (int k = 0; k < 2; k++) {
    play p;
    play_open(&p, yaml[k], NULL);
    assert_true(propose(&p, 0, 1) && act(&p, 1, CIV_ACTION_ACCEPT, 0));
    payoff[k] = play_result(&p).population->total_payoff[0];
    change = play_result(&p).population->reputation[0];
    play_close(&p);
  }
  assert_true(change > 0);
  assert_true(payoff[1] - payoff[0] - 3 * change < 1e-12 && payoff[0] + 3 * change - payoff[1] < 1e-12);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(one_proposes_to_others_who_exist),
    cmocka_unit_test(only_the_counterparty_answers),
    cmocka_unit_test(posts_and_votes_need_their_target),
    cmocka_unit_test(limits_bind_at_execution_unless_switched_off),
    cmocka_unit_test(a_limit_of_null_is_none_and_of_zero_is_all),
    cmocka_unit_test(proposals_wait_as_long_as_they_may),
    cmocka_unit_test(the_frozen_neither_act_nor_answer_nor_are_seen),
    cmocka_unit_test(the_cap_counts_successes_of_a_step),
    cmocka_unit_test(payoffs_reach_resources_only_when_asked),
    cmocka_unit_test(reputation_counts_in_the_payoff_only_when_asked),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
