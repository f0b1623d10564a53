/* The turn and acceptance rules of the four policies: golden values by hand, order of draws, branch probabilities. */
#include "agent/texts.h"
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
    plant(t, 1, cases[k].trust < 0 ? strtod("nan", NULL) : cases[k].trust, cases[k].n);
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

/* --- branch probabilities --------------------------------------------------------------------------------------------------------- */

enum { TURNS = 100000 };

typedef struct shares {
  double bounty, post, vote, propose, noop;
} shares;

static shares count_turns(one_agent *t, bool finished)
{
  uint32_t n[CIV_ACTION_KINDS] = { 0 };
  for (uint32_t k = 0; k < TURNS; k++) {
    const civ_draw_key key = { .purpose = CIV_PURPOSE_TURN, .epoch = k };
    civ_draws draws = civ_draws_open(7, &key);
    const civ_action action = one_agent_act(t, &draws);
    n[action.kind]++;
    if (finished)
      t->cast.policy->done(t->cast.self, 0, &action, true);
  }
  return (shares){ (double)n[CIV_ACTION_POST_BOUNTY] / TURNS, (double)n[CIV_ACTION_POST] / TURNS,
                   (double)n[CIV_ACTION_VOTE] / TURNS, (double)n[CIV_ACTION_PROPOSE] / TURNS,
                   (double)n[CIV_ACTION_NOOP] / TURNS };
}

static void near(double actual, double expected)
{
  assert_true(actual > expected - 0.005 && actual < expected + 0.005);
}

static void check_shares(const shares *s, double bounty, double post, double vote, double propose, double noop)
{
  near(s->bounty, bounty);
  near(s->post, post);
  near(s->vote, vote);
  near(s->propose, propose);
  near(s->noop, noop);
}

static one_agent *on_stage(const civ_policy *policy, bool posts)
{
  one_agent *t = one_agent_open(4);
  stage_type(&t->stage, 3, CIV_OPPORTUNISTIC);
  one_agent_cast(t, policy, NULL);
  for (int k = 0; k < 20 && posts; k++)
    stage_post(&t->stage, 1, "some text", 0, 0);
  return t;
}

static void branch_probabilities(void **state)
{
  (void)state;
  static const struct {
    const civ_policy *policy;
    bool posts;
    double bounty, post, vote, propose, noop;
  } rows[] = {
    { &civ_policy_honest, true, 0.15, 0.255, 0.2975, 0.119, 0.1785 },
    { &civ_policy_honest, false, 0.15, 0.255, 0, 0.238, 0.357 },
    { &civ_policy_opportunistic, true, 0, 0.4, 0.36, 0.24, 0 },
    { &civ_policy_opportunistic, false, 0, 0.4, 0, 0.6, 0 },
    { &civ_policy_deceptive, true, 0, 0.35, 0.65, 0, 0 },
    { &civ_policy_deceptive, false, 0, 0.35, 0, 0.65, 0 },
    { &civ_policy_adversarial, true, 0.2, 0.16, 0.16, 0.48, 0 },
  };
  for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
    one_agent *t = on_stage(rows[k].policy, rows[k].posts);
    const shares s = count_turns(t, false);
    check_shares(&s, rows[k].bounty, rows[k].post, rows[k].vote, rows[k].propose, rows[k].noop);
    one_agent_close(t);
  }
}

static void branch_probabilities_of_a_resting_adversary(void **state)
{
  (void)state;
  one_agent *t = on_stage(&civ_policy_adversarial, true);
  const double attack[] = { 0.99, 0 };
  const civ_action action = one_agent_script(t, attack, 2, 0.99, NULL);
  t->cast.policy->done(t->cast.self, 0, &action, true);
  const shares resting = count_turns(t, false);
  check_shares(&resting, 0.2, 0.4, 0.4, 0, 0);
  const shares all = count_turns(t, true);
  check_shares(&all, 0.2, 0.2378, 0.2378, 0.3243, 0);
  one_agent_close(t);
}

/* --- observables ------------------------------------------------------------------------------------------------------------------- */

static void observables_follow_type_and_reputation(void **state)
{
  (void)state;
  one_agent *t = one_agent_open(1);
  void *self;
  assert_int_equal(civ_generator_reference.create(&t->stage.host, &self, NULL), CIV_OK);
  for (int type = 0; type < CIV_AGENT_TYPES; type++)
    for (int accepted = 0; accepted < 2; accepted++) {
      stage_type(&t->stage, 0, (civ_agent_type)type);
      stage_reputation(&t->stage, 0, 0.2);
      const civ_proposal proposal = { .id = 1, .initiator = 0, .counterparty = CIV_NOBODY };
      const civ_draw_key key = { .purpose = CIV_PURPOSE_OBSERVABLES };
      civ_draws draws = civ_draws_open(3, &key), again = civ_draws_open(3, &key);
      civ_interaction record = { .accepted = accepted, .ground_truth = 1 };
      civ_generator_reference.observe(self, &proposal, &draws, &record);
      const civ_observables expected =
          civ_observables_settle(civ_profile_draw((civ_agent_type)type, &again), 0.2, accepted);
      assert_true(record.observables.task_progress_delta == expected.task_progress_delta);
      assert_true(record.observables.counterparty_engagement_delta == expected.counterparty_engagement_delta);
      assert_int_equal(record.observables.rework_count, expected.rework_count);
      assert_int_equal(record.observables.verifier_rejections, expected.verifier_rejections);
      assert_int_equal(record.observables.tool_misuse_flags, expected.tool_misuse_flags);
      assert_int_equal(record.ground_truth, 0);
    }
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
    cmocka_unit_test(deceptive_trust),
    cmocka_unit_test(deceptive_exploits),
    cmocka_unit_test(deceptive_victims),
    cmocka_unit_test(exploiting_without_a_victim),
    cmocka_unit_test(deceptive_acceptance),
    cmocka_unit_test(older_proposals_count_first),
    cmocka_unit_test(deceptive_pending),
    cmocka_unit_test(deceptive_learning_draws_for_the_vote),
    cmocka_unit_test(adversarial_sets),
    cmocka_unit_test(attacks_rest_a_turn),
    cmocka_unit_test(adversarial_acceptance),
    cmocka_unit_test(bait_comes_first),
    cmocka_unit_test(adversarial_vote),
    cmocka_unit_test(offers),
    cmocka_unit_test(branch_probabilities),
    cmocka_unit_test(branch_probabilities_of_a_resting_adversary),
    cmocka_unit_test(observables_follow_type_and_reputation),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
