/* How often a free turn of each policy brings what, and the observables that follow from who initiates. */
#include "one_agent.h"

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
    cmocka_unit_test(branch_probabilities),
    cmocka_unit_test(branch_probabilities_of_a_resting_adversary),
    cmocka_unit_test(observables_follow_type_and_reputation),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
