/* The rules of deceptive and adversarial agents, and everybody's proposal function: golden values by hand. */
#include <math.h>

#include "one_agent.h"

static void learn(one_agent *t, civ_agent initiator, civ_agent counterparty, bool accepted, double p)
{
  stage_learn(&t->cast, 0, initiator, counterparty, accepted, p);
}

/* --- deceptive ------------------------------------------------------------------------------------------------------------------ */

static double trust_after(const char *outcomes)
{
  one_agent *t = one_agent_open(2);
  one_agent_cast(t, &civ_policy_deceptive, NULL);
  for (; *outcomes; outcomes++)
    learn(t, 1, 0, *outcomes == 'a', 0.5);
  const double trust = civ_deceptive_trust(t->cast.self, 0, 1);
  one_agent_close(t);
  return trust;
}

static void deceptive_trust(void **state)
{
  (void)state;
  assert_true(trust_after("a") == 0.6);
  assert_true(trust_after("aa") == 0.7);
  assert_true(trust_after("aaa") == 0.7999999999999999);
  assert_true(trust_after("aaaaaa") == 1);
  assert_true(trust_after("rr") != trust_after("rr")); /* no entry */
  assert_true(trust_after("ara") == 0.7);
}

static void plant(one_agent *t, civ_agent x, double trust, uint32_t n)
{
  failing_allocator_unseal(&t->memory);
  assert_int_equal(civ_deceptive_plant(t->cast.self, 0, x, trust, n), CIV_OK);
  failing_allocator_seal(&t->memory);
}

static bool exploits(double trust_b, uint32_t n_a, uint32_t n_b)
{
  one_agent *t = one_agent_open(3);
  one_agent_cast(t, &civ_policy_deceptive, NULL);
  plant(t, 1, 0.8, n_a);
  plant(t, 2, trust_b, n_b);
  const bool yes = civ_deceptive_exploits(t->cast.self, 0);
  one_agent_close(t);
  return yes;
}

static void deceptive_exploits(void **state)
{
  (void)state;
  assert_true(exploits(0.8, 6, 5));
  assert_false(exploits(0.8, 5, 5));
  assert_false(exploits(0.7, 20, 0));
}

static void deceptive_victims(void **state)
{
  (void)state;
  static const double resources[] = { 100, 100, 50, 51, 99 }, trust[] = { 0, 0.8, 1.0, 0.9, 0.8 };
  static const civ_agent expected[] = { 3, 1, 4, CIV_NOBODY };
  one_agent *t = one_agent_open(5);
  one_agent_cast(t, &civ_policy_deceptive, NULL);
  for (civ_agent x = 1; x < 5; x++) {
    stage_resources(&t->stage, x, resources[x]);
    plant(t, x, trust[x], 3);
  }
  for (int k = 0; k < 4; k++) {
    const civ_action action = one_agent_script(t, NULL, 0, 0.99, NULL);
    const civ_view view = stage_view(&t->stage, 0);
    assert_int_equal(civ_deceptive_victim(t->cast.self, &view), expected[k]);
    if (expected[k] == CIV_NOBODY)
      break;
    assert_int_equal(action.counterparty, expected[k]);
    assert_int_equal(action.interaction_type, CIV_TRADE);
    stage_freeze(&t->stage, expected[k], true);
  }
  one_agent_close(t);
}

static void exploiting_without_a_victim(void **state)
{
  (void)state;
  one_agent *t = one_agent_open(3);
  one_agent_cast(t, &civ_policy_deceptive, NULL);
  for (civ_agent x = 1; x < 3; x++) {
    plant(t, x, 0.9, 10);
    stage_freeze(&t->stage, x, true);
  }
  uint32_t asked;
  assert_int_equal(one_agent_script(t, NULL, 0, 0.99, &asked).kind, CIV_ACTION_NOOP); /* on to the facade */
  assert_int_equal(asked, 1);
  const uint32_t task = stage_task(&t->stage, 10, CIV_HARD, 0);
  t->stage.tasks[task].status = CIV_TASK_CLAIMED;
  t->stage.tasks[task].claimer = 0;
  assert_int_equal(one_agent_script(t, NULL, 0, 0.39, NULL).output_kind, CIV_OUTPUT_FLAWED);
  assert_int_equal(one_agent_script(t, NULL, 0, 0.4, NULL).output_kind, CIV_OUTPUT_CAREFUL);
  one_agent_close(t);
}

static void deceptive_acceptance(void **state)
{
  (void)state;
  static const struct {
    uint32_t n;
    double trust, u;
    bool yes;
  } cases[] = {
    { 5, 0.6, 0, false }, { 5, 0.7, 0.99, true }, { 4, -1, 0.79, true }, { 4, -1, 0.8, false }, { 5, -1, 0, false }
  };
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    one_agent *t = one_agent_open(2);
    one_agent_cast(t, &civ_policy_deceptive, NULL);
    plant(t, 1, cases[k].trust < 0 ? NAN : cases[k].trust, cases[k].n);
    assert_int_equal(one_agent_accepts(t, 1, CIV_TRADE, 0, cases[k].u, NULL), cases[k].yes);
    assert_int_equal(civ_deceptive_encounters(t->cast.self, 0, 1), cases[k].n + 1);
    one_agent_close(t);
  }
}

/* Two open proposals of one author answered in one breath: the second already meets the higher count. */
static void older_proposals_count_first(void **state)
{
  (void)state;
  one_agent *t = one_agent_open(3);
  one_agent_cast(t, &civ_policy_deceptive, NULL);
  plant(t, 1, 0.5, 4);
  stage_propose(&t->stage, 2, 0, CIV_TRADE, 0);
  stage_propose(&t->stage, 1, 0, CIV_TRADE, 0);
  t->stage.step = 1;
  stage_propose(&t->stage, 1, 0, CIV_TRADE, 0);
  const civ_view view = stage_view(&t->stage, 0);
  stage_script script;
  civ_draws draws = stage_draws(&script, NULL, 0, 0);
  assert_int_equal(t->cast.policy->accept(t->cast.self, &view, &t->stage.open[1], &draws), CIV_YES);
  assert_int_equal(t->cast.policy->accept(t->cast.self, &view, &t->stage.open[2], &draws), CIV_NO);
  one_agent_close(t);
}

static void deceptive_pending(void **state)
{
  (void)state;
  for (int learning = 0; learning < 2; learning++) {
    one_agent *t = one_agent_open(2);
    t->stage.simulation.deceptive_learning = learning;
    one_agent_cast(t, &civ_policy_deceptive, NULL);
    plant(t, 1, 0.5, 4);
    const civ_proposal p = *stage_propose(&t->stage, 1, 0, CIV_TRADE, 0);
    assert_int_equal(one_agent_script(t, NULL, 0, 0.89, NULL).kind, CIV_ACTION_ACCEPT);
    t->cast.policy->answered(t->cast.self, 0, &p, CIV_IN_TURN, true);
    assert_int_equal(civ_deceptive_encounters(t->cast.self, 0, 1), learning ? 5 : 4);
    plant(t, 1, 0.5, 5);
    assert_int_equal(one_agent_script(t, NULL, 0, 0.6, NULL).kind, CIV_ACTION_REJECT);
    learn(t, 0, 1, true, 0.5); /* an own initiation */
    learn(t, 1, 0, true, 0.5);
    assert_int_equal(civ_deceptive_encounters(t->cast.self, 0, 1), learning ? 6 : 5);
    one_agent_close(t);
  }
}

/* With the correction the facade's vote is drawn for; without it there is no draw for whether. */
static void deceptive_learning_draws_for_the_vote(void **state)
{
  (void)state;
  for (int learning = 0; learning < 2; learning++) {
    one_agent *t = one_agent_open(2);
    t->stage.simulation.deceptive_learning = learning;
    one_agent_cast(t, &civ_policy_deceptive, NULL);
    stage_post(&t->stage, 1, "some text", 0, 0);
    const civ_action action = one_agent_script(t, NULL, 0, 0.5, NULL);
    assert_int_equal(action.kind, learning ? CIV_ACTION_PROPOSE : CIV_ACTION_VOTE);
    assert_int_equal(one_agent_script(t, NULL, 0, 0.49, NULL).kind, CIV_ACTION_VOTE);
    one_agent_close(t);
  }
}

/* --- adversarial ---------------------------------------------------------------------------------------------------------------- */

static void adversarial_sets(void **state)
{
  (void)state;
  static const struct {
    civ_agent_type type;
    double resources, reputation;
    bool target, ally;
  } who[] = { { CIV_ADVERSARIAL, 100, 0, false, false },   { CIV_HONEST, 51, -1, true, false },
              { CIV_HONEST, 50, 0, false, false },         { CIV_HONEST, 0, 0.01, true, false },
              { CIV_OPPORTUNISTIC, 100, 1, false, false }, { CIV_ADVERSARIAL, 1, -3, false, true } };
  for (int honest = 0; honest < 2; honest++) {
    one_agent *t = one_agent_open(6);
    for (civ_agent a = 0; a < 6; a++) {
      stage_type(&t->stage, a, who[a].type);
      stage_resources(&t->stage, a, who[a].resources);
      stage_reputation(&t->stage, a, who[a].reputation);
    }
    one_agent_cast(t, &civ_policy_adversarial, (const parameter[]){ { "target_honest", honest }, { 0 } });
    one_agent_script(t, NULL, 0, 0.99, NULL);
    const civ_view view = stage_view(&t->stage, 0);
    for (civ_agent a = 0; a < 6; a++) {
      assert_int_equal(civ_adversarial_targets(t->cast.self, &view, a), honest && who[a].target);
      assert_int_equal(civ_adversarial_allies(t->cast.self, &view, a), who[a].ally);
    }
    one_agent_close(t);
  }
}

static void attacks_rest_a_turn(void **state)
{
  (void)state;
  static const parameter quiet[] = { { "post_probability", 0 }, { 0 } };
  one_agent *t = one_agent_open(2);
  one_agent_cast(t, &civ_policy_adversarial, quiet);
  t->stage.may_not[CIV_QUOTA_POSTS] = t->stage.may_not[CIV_QUOTA_VOTES] = true;
  for (uint32_t k = 0; k < 6; k++) {
    const double uniforms[] = { 0.99, 0.1 };
    const civ_action action = one_agent_script(t, uniforms, 2, 0.99, NULL);
    assert_int_equal(action.kind, CIV_ACTION_PROPOSE);
    t->cast.policy->done(t->cast.self, 0, &action, k % 4 != 0); /* a failed attack counts */
    assert_int_equal(civ_adversarial_cooldown(t->cast.self, 0), k % 2 ? 1 : 2);
  }
  one_agent_close(t);
}

static void adversarial_acceptance(void **state)
{
  (void)state;
  static const struct {
    civ_agent_type x;
    civ_interaction_type type;
    double u;
    bool yes;
    uint32_t asked;
  } cases[] = { { CIV_HONEST, CIV_REPLY, 0.99, true, 0 },
                { CIV_ADVERSARIAL, CIV_REPLY, 0.99, true, 0 },
                { CIV_DECEPTIVE, CIV_TRADE, 0.99, true, 0 },
                { CIV_DECEPTIVE, CIV_COLLABORATION, 0.29, true, 1 },
                { CIV_DECEPTIVE, CIV_COLLABORATION, 0.3, false, 1 },
                { CIV_DECEPTIVE, CIV_VOTE, 0.49, true, 1 },
                { CIV_DECEPTIVE, CIV_REPLY, 0.5, false, 1 } };
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    one_agent *t = one_agent_open(2);
    stage_type(&t->stage, 1, cases[k].x);
    one_agent_cast(t, &civ_policy_adversarial, NULL);
    one_agent_script(t, NULL, 0, 0.99, NULL);
    uint32_t asked;
    assert_int_equal(one_agent_accepts(t, 1, cases[k].type, 0, cases[k].u, &asked), cases[k].yes);
    assert_int_equal(asked, cases[k].asked);
    one_agent_close(t);
  }
}

/* Bait before the pending proposal; deadline in the next epoch. */
static void bait_comes_first(void **state)
{
  (void)state;
  one_agent *t = one_agent_open(2);
  stage_type(&t->stage, 1, CIV_OPPORTUNISTIC);
  one_agent_cast(t, &civ_policy_adversarial, NULL);
  t->stage.epoch = 4;
  stage_propose(&t->stage, 1, 0, CIV_TRADE, 0);
  civ_action action = one_agent_script(t, (double[]){ 0.19 }, 1, 0.99, NULL);
  assert_int_equal(action.kind, CIV_ACTION_POST_BOUNTY);
  assert_true(action.amount == 3);
  assert_int_equal(action.deadline_epoch, 5);
  action = one_agent_script(t, (double[]){ 0.2, 0.39 }, 2, 0.99, NULL);
  assert_int_equal(action.kind, CIV_ACTION_ACCEPT);
  action = one_agent_script(t, (double[]){ 0.2, 0.4 }, 2, 0.99, NULL);
  assert_int_equal(action.kind, CIV_ACTION_REJECT);
  stage_resources(&t->stage, 0, 10); /* too little: no draw for bait */
  action = one_agent_script(t, (double[]){ 0.19 }, 1, 0.99, NULL);
  assert_int_equal(action.kind, CIV_ACTION_ACCEPT);
  one_agent_close(t);
}

static void adversarial_vote(void **state)
{
  (void)state;
  one_agent *t = one_agent_open(4);
  stage_type(&t->stage, 1, CIV_OPPORTUNISTIC);
  stage_type(&t->stage, 2, CIV_DECEPTIVE);
  one_agent_cast(t, &civ_policy_adversarial, NULL);
  stage_post(&t->stage, 1, "some text", 1, 0);
  stage_post(&t->stage, 2, "some text", 4, 0);
  stage_post(&t->stage, 1, "some text", 4, 0);
  civ_action action = one_agent_script(t, NULL, 0, 0.99, NULL);
  assert_int_equal(action.target, 1);
  assert_true(action.vote_direction < 0);
  stage_post(&t->stage, 3, "some text", 0, 0);
  stage_post(&t->stage, 3, "some text", 9, 0);
  assert_int_equal(one_agent_script(t, NULL, 0, 0.99, NULL).target, 3);
  one_agent_close(t);
}

/* --- proposal functions ---------------------------------------------------------------------------------------------------------- */

static void check_offer(one_agent *t, civ_agent x, int type, double transfer)
{
  civ_offer offer;
  const civ_view view = stage_view(&t->stage, 0);
  const bool any = t->cast.policy->offer(t->cast.self, &view, x, &offer);
  assert_int_equal(any, type >= 0);
  if (any) {
    assert_int_equal(offer.type, type);
    assert_true(offer.transfer == transfer);
  }
}

static void offers(void **state)
{
  (void)state;
  one_agent *t = one_agent_open(3);
  one_agent_cast(t, &civ_policy_honest, NULL);
  check_offer(t, 1, CIV_REPLY, 0);
  learn(t, 0, 1, true, 0.29);
  check_offer(t, 1, -1, 0);
  const uint32_t task = stage_task(&t->stage, 1, CIV_EASY, 0);
  t->stage.tasks[task].status = CIV_TASK_CLAIMED;
  t->stage.tasks[task].claimer = 0;
  check_offer(t, 2, CIV_COLLABORATION, 0);
  one_agent_close(t);

  t = one_agent_open(3);
  one_agent_cast(t, &civ_policy_opportunistic, NULL);
  stage_resources(&t->stage, 1, 49);
  check_offer(t, 1, CIV_TRADE, -0.5);
  stage_reputation(&t->stage, 1, -0.1);
  check_offer(t, 1, -1, 0);
  stage_freeze(&t->stage, 2, true);
  check_offer(t, 2, -1, 0);
  one_agent_close(t);

  t = one_agent_open(3);
  one_agent_cast(t, &civ_policy_deceptive, NULL);
  check_offer(t, 1, CIV_COLLABORATION, 0.1);
  plant(t, 1, 0.7, 5);
  check_offer(t, 1, -1, 0);
  plant(t, 1, 0.71, 5);
  check_offer(t, 1, CIV_TRADE, -0.5);
  one_agent_close(t);

  t = one_agent_open(4);
  stage_type(&t->stage, 2, CIV_ADVERSARIAL);
  stage_type(&t->stage, 3, CIV_DECEPTIVE);
  one_agent_cast(t, &civ_policy_adversarial, NULL);
  one_agent_script(t, NULL, 0, 0.99, NULL);
  check_offer(t, 1, CIV_TRADE, -1);
  check_offer(t, 2, CIV_COLLABORATION, 0);
  check_offer(t, 3, -1, 0);
  one_agent_close(t);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(deceptive_trust),        cmocka_unit_test(deceptive_exploits),
    cmocka_unit_test(deceptive_victims),      cmocka_unit_test(exploiting_without_a_victim),
    cmocka_unit_test(deceptive_acceptance),   cmocka_unit_test(older_proposals_count_first),
    cmocka_unit_test(deceptive_pending),      cmocka_unit_test(deceptive_learning_draws_for_the_vote),
    cmocka_unit_test(adversarial_sets),       cmocka_unit_test(attacks_rest_a_turn),
    cmocka_unit_test(adversarial_acceptance), cmocka_unit_test(bait_comes_first),
    cmocka_unit_test(adversarial_vote),       cmocka_unit_test(offers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
