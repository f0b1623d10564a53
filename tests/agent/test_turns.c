/* The rules of honest and opportunistic agents: golden values by hand, and which draws are made. */
#include "one_agent.h"

static const parameter still[] = {
  { "post_probability", 0 }, { "vote_probability", 0 }, { "interact_probability", 1 }, { 0 }
};

static void learn(one_agent *t, civ_agent initiator, civ_agent counterparty, bool accepted, double p)
{
  stage_learn(&t->cast, 0, initiator, counterparty, accepted, p);
}

/* --- honest ------------------------------------------------------------------------------------------------------------------ */

static void trust_is_the_mean_over_accepted(void **state)
{
  (void)state;
  one_agent *t = one_agent_open(3);
  one_agent_cast(t, &civ_policy_honest, NULL);
  assert_true(civ_honest_trust(t->cast.self, 0, 1) == 0.5);
  learn(t, 1, 0, true, 0.8);
  learn(t, 0, 1, true, 0.6);
  learn(t, 1, 0, false, 0.1);
  learn(t, 0, 2, true, 0.2);
  assert_true(civ_honest_trust(t->cast.self, 0, 1) == (0.8 + 0.6) / 2);
  assert_true(civ_honest_trust(t->cast.self, 0, 2) == 0.2);
  one_agent_close(t);
}

static bool honest_accepts(civ_interaction_type type, const double *p, int n)
{
  one_agent *t = one_agent_open(2);
  one_agent_cast(t, &civ_policy_honest, NULL);
  for (int k = 0; k < n; k++)
    learn(t, 1, 0, true, p[k]);
  uint32_t asked;
  const bool yes = one_agent_accepts(t, 1, type, 0, 0, &asked);
  assert_int_equal(asked, 0);
  one_agent_close(t);
  return yes;
}

static void honest_acceptance(void **state)
{
  (void)state;
  assert_true(honest_accepts(CIV_TRADE, NULL, 0));
  assert_true(honest_accepts(CIV_TRADE, (double[]){ 0.5 }, 1));
  assert_false(honest_accepts(CIV_TRADE, (double[]){ 0.4999999999 }, 1));
  assert_true(honest_accepts(CIV_COLLABORATION, (double[]){ 0.0 }, 1));
  assert_false(honest_accepts(CIV_REPLY, (double[]){ 0.16666666666666666 }, 1));
  assert_true(honest_accepts(CIV_VOTE, (double[]){ 0.17 }, 1));
}

static civ_action_kind honest_on_pending(const double *p, int n)
{
  one_agent *t = one_agent_open(2);
  one_agent_cast(t, &civ_policy_honest, NULL);
  for (int k = 0; k < n; k++)
    learn(t, 1, 0, true, p[k]);
  const uint32_t index = stage_propose(&t->stage, 1, 0, CIV_TRADE, 0)->index;
  uint32_t asked;
  const civ_action action = one_agent_script(t, NULL, 0, 0, &asked);
  assert_int_equal(asked, 0);
  assert_int_equal(action.target, index);
  one_agent_close(t);
  return (civ_action_kind)action.kind;
}

static void honest_pending(void **state)
{
  (void)state;
  assert_int_equal(honest_on_pending(NULL, 0), CIV_ACTION_ACCEPT);
  assert_int_equal(honest_on_pending((double[]){ 0.3 }, 1), CIV_ACTION_REJECT); /* 0.4 - 0.1 is a little above 0.3 */
  assert_int_equal(honest_on_pending((double[]){ 0.31 }, 1), CIV_ACTION_ACCEPT);
}

static void honest_partner(void **state)
{
  (void)state;
  one_agent *t = one_agent_open(4);
  t->stage.resources[0] = 20;
  one_agent_cast(t, &civ_policy_honest, still);
  assert_int_equal(one_agent_script(t, NULL, 0, 0.99, NULL).counterparty, 1); /* nobody known: the lowest */
  learn(t, 0, 2, true, 0.7);
  civ_action action = one_agent_script(t, NULL, 0, 0.99, NULL);
  assert_int_equal(action.counterparty, 2);
  assert_int_equal(action.kind, CIV_ACTION_PROPOSE);
  assert_int_equal(action.interaction_type, CIV_COLLABORATION);
  stage_freeze(&t->stage, 2, true);
  stage_freeze(&t->stage, 3, true);
  learn(t, 0, 1, true, 0.29);
  assert_int_equal(one_agent_script(t, NULL, 0, 0.99, NULL).kind, CIV_ACTION_NOOP); /* only somebody below 0.3 */
  stage_freeze(&t->stage, 3, false);
  learn(t, 3, 0, true, 0.3);
  assert_int_equal(one_agent_script(t, NULL, 0, 0.99, NULL).counterparty, 3);
  one_agent_close(t);
}

static void a_tie_at_a_strangers_trust_goes_to_the_lower_index(void **state)
{
  (void)state;
  one_agent *t = one_agent_open(4);
  t->stage.resources[0] = 20;
  one_agent_cast(t, &civ_policy_honest, still);
  learn(t, 0, 2, true, 0.5);
  assert_int_equal(one_agent_script(t, NULL, 0, 0.99, NULL).counterparty, 1);
  stage_freeze(&t->stage, 1, true);
  assert_int_equal(one_agent_script(t, NULL, 0, 0.99, NULL).counterparty, 2);
  one_agent_close(t);
}

/* Bounty draw, then its reward; with 20 resources no draw; with dead_bounties none either. */
static void honest_bounty(void **state)
{
  (void)state;
  one_agent *t = one_agent_open(1);
  one_agent_cast(t, &civ_policy_honest, NULL);
  uint32_t asked;
  civ_action action = one_agent_script(t, (double[]){ 0.1499 }, 1, 0.99, &asked);
  assert_int_equal(action.kind, CIV_ACTION_POST_BOUNTY);
  assert_true(action.amount == 10);
  assert_true(action.deadline_epoch < 0);
  assert_int_equal(asked, 2);
  action = one_agent_script(t, (double[]){ 0.15 }, 1, 0.99, &asked);
  assert_int_equal(action.kind, CIV_ACTION_NOOP);
  assert_int_equal(asked, 3); /* bounty, post, interact: no post to vote on */
  stage_resources(&t->stage, 0, 20);
  one_agent_script(t, NULL, 0, 0.99, &asked);
  assert_int_equal(asked, 2);
  one_agent_close(t);

  t = one_agent_open(1);
  t->stage.simulation.dead_bounties = true;
  one_agent_cast(t, &civ_policy_honest, NULL);
  one_agent_script(t, NULL, 0, 0.99, &asked);
  assert_int_equal(asked, 2);
  one_agent_close(t);
}

static void vote_on(one_agent *t, uint32_t post, bool ok)
{
  civ_action vote = civ_action_make(CIV_ACTION_VOTE);
  vote.target = post;
  t->cast.policy->done(t->cast.self, 0, &vote, ok);
}

/* A failed vote counts as one; when nothing is left the turn is idle, without a choice, until the visible posts change. */
static void honest_votes_once(void **state)
{
  (void)state;
  static const parameter votes[] = { { "vote_probability", 1 }, { "post_probability", 0 }, { 0 } };
  one_agent *t = one_agent_open(2);
  t->stage.resources[0] = 0;
  one_agent_cast(t, &civ_policy_honest, votes);
  for (int k = 0; k < 3; k++)
    stage_post(&t->stage, 1, "some text", 0, 0);
  civ_action action = one_agent_script(t, NULL, 0, 0.5, NULL);
  assert_int_equal(action.kind, CIV_ACTION_VOTE);
  assert_int_equal(action.target, 0);
  vote_on(t, 0, false);
  assert_int_equal(one_agent_script(t, NULL, 0, 0.5, NULL).target, 1);
  vote_on(t, 1, true);
  vote_on(t, 2, true);
  uint32_t asked;
  for (int k = 0; k < 2; k++)
    assert_int_equal(one_agent_script(t, NULL, 0, 0.5, &asked).kind, CIV_ACTION_NOOP);
  assert_int_equal(asked, 2); /* post and vote: the second time nobody looks at the posts */
  stage_post(&t->stage, 1, "some text", -3, 0);
  action = one_agent_script(t, NULL, 0, 0.5, NULL);
  assert_int_equal(action.target, 3);
  assert_int_equal(action.vote_direction, -1);
  one_agent_close(t);
}

static int8_t honest_direction(double net, uint32_t replies)
{
  static const parameter votes[] = { { "vote_probability", 1 }, { "post_probability", 0 }, { 0 } };
  one_agent *t = one_agent_open(2);
  t->stage.resources[0] = 0;
  one_agent_cast(t, &civ_policy_honest, votes);
  stage_post(&t->stage, 1, "some text", net, replies);
  const int8_t direction = one_agent_script(t, NULL, 0, 0.5, NULL).vote_direction;
  one_agent_close(t);
  return direction;
}

static void honest_vote_directions(void **state)
{
  (void)state;
  assert_int_equal(honest_direction(0, 0), 1);
  assert_int_equal(honest_direction(-2, 0), 1);
  assert_int_equal(honest_direction(-2.5, 0), -1);
  assert_int_equal(honest_direction(-9, 3), 1);
  assert_int_equal(honest_direction(-9, 2), -1);
  assert_int_equal(honest_direction(1, 0), 1);
}

/* --- tasks ------------------------------------------------------------------------------------------------------------------- */

static uint32_t chosen_task(const civ_policy *policy, double reputation)
{
  one_agent *t = one_agent_open(1);
  t->stage.resources[0] = 0;
  t->stage.reputation[0] = reputation;
  one_agent_cast(t, policy, NULL);
  stage_task(&t->stage, 10, CIV_HARD, 0);
  stage_task(&t->stage, 9, CIV_MEDIUM, 0);
  stage_task(&t->stage, 12, CIV_HARD, 1);
  const civ_action action = one_agent_script(t, NULL, 0, 0.99, NULL);
  assert_int_equal(action.kind, CIV_ACTION_CLAIM_TASK);
  one_agent_close(t);
  return action.target;
}

static void task_choices(void **state)
{
  (void)state;
  assert_int_equal(chosen_task(&civ_policy_honest, 0), 1);
  assert_int_equal(chosen_task(&civ_policy_honest, 1), 1);
  assert_int_equal(chosen_task(&civ_policy_opportunistic, 0), 1);
  assert_int_equal(chosen_task(&civ_policy_deceptive, 0), 1);
}

static civ_action with_active_task(const civ_policy *policy, civ_task_status status, double u)
{
  one_agent *t = one_agent_open(1);
  t->stage.resources[0] = 0;
  one_agent_cast(t, policy, NULL);
  const uint32_t task = stage_task(&t->stage, 10, CIV_HARD, 0);
  t->stage.tasks[task].status = (uint8_t)status;
  t->stage.tasks[task].claimer = 0;
  const civ_action action = one_agent_script(t, NULL, 0, u, NULL);
  one_agent_close(t);
  return action;
}

static void work_is_handed_in_by_kind(void **state)
{
  (void)state;
  assert_int_equal(with_active_task(&civ_policy_honest, CIV_TASK_CLAIMED, 0.99).kind, CIV_ACTION_NOOP);
  assert_int_equal(with_active_task(&civ_policy_honest, CIV_TASK_IN_PROGRESS, 0.99).output_kind, CIV_OUTPUT_HONEST);
  civ_action action = with_active_task(&civ_policy_opportunistic, CIV_TASK_CLAIMED, 0.29);
  assert_int_equal(action.kind, CIV_ACTION_SUBMIT_OUTPUT);
  assert_int_equal(action.output_kind, CIV_OUTPUT_MINIMAL);
  assert_true(action.content.length > 0);
  assert_int_equal(with_active_task(&civ_policy_opportunistic, CIV_TASK_CLAIMED, 0.3).output_kind, CIV_OUTPUT_STANDARD);
  assert_int_equal(with_active_task(&civ_policy_deceptive, CIV_TASK_CLAIMED, 0).output_kind, CIV_OUTPUT_CAREFUL);
}

/* --- opportunistic ------------------------------------------------------------------------------------------------------------ */

static void opportunistic_acceptance(void **state)
{
  (void)state;
  one_agent *t = one_agent_open(3);
  uint32_t asked;
  one_agent_cast(t, &civ_policy_opportunistic, NULL);
  assert_true(one_agent_accepts(t, 2, CIV_TRADE, 0, 0.59, &asked));
  assert_int_equal(asked, 1);
  assert_false(one_agent_accepts(t, 2, CIV_TRADE, 0, 0.6, NULL));
  learn(t, 1, 0, false, 0.9);
  learn(t, 0, 1, true, 0.2);
  assert_true(one_agent_accepts(t, 1, CIV_TRADE, 0, 0.99, &asked));
  assert_int_equal(asked, 0);
  assert_true(civ_opportunistic_estimate(t->cast.self, 0, 1) == (0.9 + 0.2) / 2);
  learn(t, 2, 0, true, 0.5);
  assert_false(one_agent_accepts(t, 2, CIV_TRADE, 0, 0, NULL)); /* exactly 0.5 is not good enough */
  assert_true(one_agent_accepts(t, 2, CIV_TRADE, 0.01, 0.99, NULL));
  one_agent_close(t);
}

static void opportunistic_pending(void **state)
{
  (void)state;
  one_agent *t = one_agent_open(2);
  uint32_t asked;
  one_agent_cast(t, &civ_policy_opportunistic, NULL);
  stage_propose(&t->stage, 1, 0, CIV_TRADE, 0);
  assert_int_equal(one_agent_script(t, NULL, 0, 0.39, NULL).kind, CIV_ACTION_ACCEPT);
  assert_int_equal(one_agent_script(t, NULL, 0, 0.4, NULL).kind, CIV_ACTION_REJECT);
  stage_reputation(&t->stage, 1, 0.001);
  assert_int_equal(one_agent_script(t, NULL, 0, 0.99, &asked).kind, CIV_ACTION_ACCEPT);
  assert_int_equal(asked, 0);
  stage_freeze(&t->stage, 1, true); /* reputation of somebody out of sight does not count */
  assert_int_equal(one_agent_script(t, NULL, 0, 0.99, NULL).kind, CIV_ACTION_REJECT);
  one_agent_close(t);
}

static void opportunistic_targets(void **state)
{
  (void)state;
  one_agent *t = one_agent_open(4);
  one_agent_cast(t, &civ_policy_opportunistic, NULL);
  stage_resources(&t->stage, 1, 80);
  stage_reputation(&t->stage, 1, 0.5);
  stage_resources(&t->stage, 2, 80.01);
  stage_freeze(&t->stage, 2, true);
  stage_resources(&t->stage, 3, 0);
  assert_int_equal(one_agent_script(t, NULL, 0, 0.99, NULL).kind, CIV_ACTION_NOOP); /* itself is none */
  stage_reputation(&t->stage, 3, 0.51);
  civ_action action = one_agent_script(t, NULL, 0, 0.99, NULL);
  assert_int_equal(action.counterparty, 3);
  assert_int_equal(action.interaction_type, CIV_TRADE);
  stage_freeze(&t->stage, 2, false);
  assert_int_equal(one_agent_script(t, NULL, 0, 0.99, NULL).counterparty, 2);
  one_agent_close(t);
}

static void opportunistic_vote(void **state)
{
  (void)state;
  one_agent *t = one_agent_open(2);
  one_agent_cast(t, &civ_policy_opportunistic, (const parameter[]){ { "vote_probability", 1 }, { 0 } });
  stage_post(&t->stage, 1, "some text", 2, 0);
  stage_post(&t->stage, 1, "some text", -2, 0);
  civ_action action = one_agent_script(t, NULL, 0, 0.99, NULL);
  assert_int_equal(action.target, 0);
  assert_int_equal(action.vote_direction, 1);
  stage_post(&t->stage, 1, "some text", -3, 0);
  stage_post(&t->stage, 1, "some text", 9, 0);
  action = one_agent_script(t, NULL, 0, 0.99, NULL);
  assert_int_equal(action.target, 2);
  assert_int_equal(action.vote_direction, -1);
  one_agent_close(t);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(trust_is_the_mean_over_accepted),
    cmocka_unit_test(honest_acceptance),
    cmocka_unit_test(honest_pending),
    cmocka_unit_test(honest_partner),
    cmocka_unit_test(a_tie_at_a_strangers_trust_goes_to_the_lower_index),
    cmocka_unit_test(honest_bounty),
    cmocka_unit_test(honest_votes_once),
    cmocka_unit_test(honest_vote_directions),
    cmocka_unit_test(task_choices),
    cmocka_unit_test(work_is_handed_in_by_kind),
    cmocka_unit_test(opportunistic_acceptance),
    cmocka_unit_test(opportunistic_pending),
    cmocka_unit_test(opportunistic_targets),
    cmocka_unit_test(opportunistic_vote),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
