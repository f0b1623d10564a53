/* The five roles: pure functions by hand, and what they make of a turn. */
#include <math.h>

#include "agent/roles.h"
#include "agent/texts.h"
#include "one_agent.h"

static civ_text text(const char *words)
{
  return (civ_text){ words, (uint32_t)strlen(words) };
}

/* A turn of the role; false = it left the turn to the agent. `done` follows an action, with success as said. */
static bool role_turn(one_agent *t, double u, bool ok, civ_action *action)
{
  stage_script script;
  civ_draws draws = stage_draws(&script, NULL, 0, u);
  *action = civ_action_make(CIV_ACTION_NOOP);
  one_agent_ready(t);
  const civ_view view = stage_turn(&t->stage, 0);
  if (t->cast.policy->act(t->cast.self, &view, &draws, action) == CIV_PASS)
    return false;
  t->cast.policy->done(t->cast.self, 0, action, ok);
  return true;
}

/* --- planner ----------------------------------------------------------------------------------------------------------------- */

static void plans(void **state)
{
  (void)state;
  assert_int_equal(civ_plan_steps(text("Do some RESEARCH on bees")), 5);
  assert_int_equal(civ_plan_steps(text("Plan a picnic")), 5);
  assert_int_equal(civ_plan_steps(text("optimize throughput")), 5);
  assert_int_equal(civ_plan_steps(text("write it down")), 4);
  assert_int_equal(civ_plan_steps(text("")), 4);
  assert_int_equal(civ_plan_assignee(4, 3), 1);
  assert_int_equal(civ_plan_assignee(4, 0), CIV_NONE);
  civ_plan plan = { .n_steps = 2 };
  assert_int_equal(civ_plan_next(&plan), 0);
  assert_true(civ_plan_advance(&plan));
  assert_true(civ_plan_progress(&plan) == 0.5);
  assert_false(civ_plan_advance(&plan));
  assert_false(civ_plan_advance(&plan));
  assert_true(civ_plan_complete(&plan));
  assert_int_equal(civ_plan_next(&plan), CIV_NONE);
  const civ_plan unknown = { 0 };
  assert_true(civ_plan_complete(&unknown));
  assert_true(civ_plan_progress(&unknown) == 0);
}

static void a_planner_leaves_the_turn(void **state)
{
  (void)state;
  one_agent *t = one_agent_open(2);
  void *self;
  assert_int_equal(civ_role_planner.create(&t->stage.host, &self, NULL), CIV_OK);
  civ_action action;
  const civ_view view = stage_turn(&t->stage, 0);
  assert_int_equal(civ_role_planner.act(self, &view, NULL, &action), CIV_PASS);
  one_agent_close(t);
}

/* --- worker ------------------------------------------------------------------------------------------------------------------ */

static void work_quality(void **state)
{
  (void)state;
  assert_true(civ_work_quality(0) == 1);
  assert_true(fabs(civ_work_quality(3) - 0.7290000000000001) < 1e-15);
  assert_false(civ_work_needs_help(2));
  assert_true(civ_work_needs_help(3));
  assert_true(civ_work_completion_rate(0, 0) == 0);
  assert_true(civ_work_completion_rate(3, 1) == 0.75);
}

static void claim(one_agent *t, uint32_t task)
{
  t->stage.tasks[task].status = CIV_TASK_CLAIMED;
  t->stage.tasks[task].claimer = 0;
}

/* Start, two further steps, hand in; after a rejection hand in again, at most twice. */
static void a_worker_works_through_its_plan(void **state)
{
  (void)state;
  one_agent *t = one_agent_open(1);
  one_agent_cast(t, &civ_role_worker, NULL);
  civ_action action;
  const uint32_t task = stage_task(&t->stage, 5, CIV_EASY, 0);
  assert_false(role_turn(t, 0, true, &action));
  claim(t, task);
  for (int step = 0; step < 3; step++) {
    assert_true(role_turn(t, 0, true, &action));
    assert_int_equal(action.kind, CIV_ACTION_NOOP);
    assert_int_equal(t->stage.tasks[task].status, CIV_TASK_IN_PROGRESS);
  }
  for (int round = 0; round < 3; round++) {
    assert_true(role_turn(t, 0, round > 0, &action)); /* the first attempt fails and is made again */
    assert_int_equal(action.kind, CIV_ACTION_SUBMIT_OUTPUT);
    assert_int_equal(action.target, task);
    assert_int_equal(action.output_kind, CIV_OUTPUT_HONEST);
  }
  t->stage.tasks[task].status = CIV_TASK_SUBMITTED;
  assert_false(role_turn(t, 0, true, &action));
  t->stage.tasks[task].status = CIV_TASK_IN_PROGRESS;
  assert_true(role_turn(t, 0, true, &action));
  assert_false(role_turn(t, 0, true, &action)); /* three reworks: needs help */
  one_agent_close(t);
}

static void a_worker_holds_two_tasks(void **state)
{
  (void)state;
  one_agent *t = one_agent_open(1);
  one_agent_cast(t, &civ_role_worker, NULL);
  civ_action action;
  uint32_t tasks[3];
  for (int k = 0; k < 3; k++) {
    tasks[k] = stage_task(&t->stage, 5, CIV_EASY, 0);
    claim(t, tasks[k]);
    for (int step = 0; step < 4 && k < 2; step++)
      assert_true(role_turn(t, 0, true, &action));
    t->stage.tasks[tasks[k]].status = k < 2 ? CIV_TASK_SUBMITTED : CIV_TASK_CLAIMED;
  }
  assert_false(role_turn(t, 0, true, &action)); /* both places wait for a verdict */
  t->stage.tasks[tasks[0]].status = CIV_TASK_COMPLETED;
  assert_true(role_turn(t, 0, true, &action));
  assert_int_equal(t->stage.tasks[tasks[2]].status, CIV_TASK_IN_PROGRESS);
  one_agent_close(t);
}

/* --- verifier ---------------------------------------------------------------------------------------------------------------- */

static void verification(void **state)
{
  (void)state;
  char xs[601];
  memset(xs, 'x', 600);
  xs[600] = '\0';
  civ_verification v = civ_verify(text(xs), NULL, 0, 0.5, 0);
  assert_true(fabs(v.quality - 0.8999999999999999) < 1e-12);
  assert_true(v.approved);
  assert_int_equal(v.issues, 0);
  const civ_text requirements[] = { text("Notes on bees"), text("zebra") };
  v = civ_verify(text("the BEES and [todo]"), requirements, 2, 0.5, 0);
  assert_int_equal(v.issues, 3);
  assert_true(fabs(v.quality - (0.5 + 0.2 * 19 / 500 + 0.2 - 0.3)) < 1e-12);
  assert_false(v.approved);
  v = civ_verify(text("nine char"), requirements + 1, 1, 0, -0.1); /* too short, nothing covered */
  assert_int_equal(v.issues, 2);
  assert_true(civ_verify(text(""), NULL, 0, 0, -2).quality == 0);
  assert_true(civ_verify(text(xs), NULL, 0, 0, 2).quality == 1);
  assert_true(fabs(civ_verifier_threshold(0.5) - 0.75) < 1e-15);
  assert_true(civ_verifier_threshold(7) == civ_verifier_threshold(1));
  assert_true(civ_text_characters(text("na\xc3\xafve")) == 5);
}

/* Canned outputs by their kind, with noise: an honest one always passes, a flawed one never. */
static void a_verifier_judges_by_kind(void **state)
{
  (void)state;
  static const struct {
    civ_output_kind kind;
    double base;
  } kinds[] = { { CIV_OUTPUT_HONEST, 0.85 }, { CIV_OUTPUT_STANDARD, 0.75 }, { CIV_OUTPUT_CAREFUL, 0.80 },
                { CIV_OUTPUT_FLAWED, 0.60 }, { CIV_OUTPUT_MINIMAL, 0.50 },  { CIV_OUTPUT_ADVERSARIAL, 0.30 } };
  one_agent *t = one_agent_open(2);
  one_agent_cast(t, &civ_role_verifier, NULL);
  const uint32_t task = stage_task(&t->stage, 5, CIV_EASY, 0);
  t->stage.tasks[task].status = CIV_TASK_SUBMITTED;
  uint32_t verified;
  double rate, mean;
  for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
    civ_action action;
    t->stage.tasks[task].last_output_by = 1;
    t->stage.tasks[task].last_output_kind = (uint8_t)kinds[k].kind;
    assert_true(role_turn(t, 0, true, &action)); /* noise by script: the middle, 0 */
    assert_int_equal(action.kind, CIV_ACTION_VERIFY_OUTPUT);
    assert_int_equal(action.target, task);
    assert_true(kinds[k].base >= 0.75 ? action.amount == kinds[k].base : action.amount < 0);
  }
  civ_verifier_history(t->cast.self, 0, &verified, &rate, &mean);
  assert_int_equal(verified, 6);
  assert_true(rate == 0.5);
  assert_true(fabs(mean - 3.8 / 6) < 1e-12);
  one_agent_close(t);
}

static void a_verifier_passes_over_its_own_and_what_it_cannot_judge(void **state)
{
  (void)state;
  one_agent *t = one_agent_open(2);
  one_agent_cast(t, &civ_role_verifier, NULL);
  civ_action action;
  for (uint32_t k = 0; k < 3; k++) {
    const uint32_t task = stage_task(&t->stage, 5, CIV_EASY, 0);
    t->stage.tasks[task].status = CIV_TASK_SUBMITTED;
    t->stage.tasks[task].last_output_by = k == 0 ? 0 : 1;
    t->stage.tasks[task].last_output_kind = k == 1 ? CIV_OUTPUT_NONE : CIV_OUTPUT_HONEST;
  }
  assert_true(role_turn(t, 0, true, &action));
  assert_int_equal(action.target, 2);
  t->stage.tasks[2].status = CIV_TASK_COMPLETED;
  assert_false(role_turn(t, 0, true, &action));
  one_agent_close(t);
}

/* --- poster ------------------------------------------------------------------------------------------------------------------ */

static void a_poster_waits_and_stops(void **state)
{
  (void)state;
  one_agent *t = one_agent_open(2);
  one_agent_cast(t, &civ_role_poster, NULL);
  civ_action action;
  for (t->stage.epoch = 0; t->stage.epoch < 2; t->stage.epoch++) { /* a cap for the epoch, not for life */
    for (int k = 0; k < 10; k++) {
      if (t->stage.epoch == 0 || k > 0)
        assert_false(role_turn(t, 0.49, true, &action));
      assert_true(role_turn(t, 0.49, true, &action));
      assert_int_equal(action.kind, CIV_ACTION_POST);
      assert_true(action.content.length > 0);
    }
    for (int k = 0; k < 5; k++)
      assert_false(role_turn(t, 0.49, true, &action));
  }
  assert_false(role_turn(t, 0.5, true, &action));
  assert_true(role_turn(t, 0.49, false, &action)); /* a post that failed is none */
  assert_true(role_turn(t, 0.49, true, &action));
  t->stage.may_not[CIV_QUOTA_POSTS] = true;
  for (int k = 0; k < 4; k++)
    assert_false(role_turn(t, 0, true, &action));
  one_agent_close(t);
}

static void a_poster_replies_to_what_is_lively(void **state)
{
  (void)state;
  one_agent *t = one_agent_open(2);
  one_agent_cast(t, &civ_role_poster, NULL);
  stage_post(&t->stage, 1, "quiet", 1, 1);
  stage_post(&t->stage, 1, "lively", 1, 2);
  civ_action action;
  role_turn(t, 0, true, &action);
  assert_true(role_turn(t, 0.3, true, &action));
  assert_int_equal(action.kind, CIV_ACTION_REPLY);
  assert_int_equal(action.target, 1);
  role_turn(t, 0, true, &action);
  assert_true(role_turn(t, 0.2, true, &action));
  assert_int_equal(action.target, 0);
  one_agent_close(t);
}

/* --- moderator --------------------------------------------------------------------------------------------------------------- */

static void severities(void **state)
{
  (void)state;
  assert_int_equal(civ_text_severity(text("This will attack and destroy you!!!!")), 5);
  assert_int_equal(civ_text_severity(text("ok")), 1);
  assert_int_equal(civ_text_severity(text("spam spam")), 1);
  assert_int_equal(civ_text_severity(text("I WILL be there")), 2);
  assert_int_equal(civ_text_severity(text("wow!!! great")), 0);
  assert_int_equal(civ_text_severity(text("wow!!!! great")), 1);
  assert_int_equal(civ_moderation_of(0), CIV_LEAVE);
  assert_int_equal(civ_moderation_of(5), CIV_HIDE);
}

/* The profile of the stock texts: harmless, but for one of the four attacks. */
static void stock_texts_are_harmless_but_one(void **state)
{
  (void)state;
  static const civ_text_set *const harmless[] = { &civ_texts_honest,    &civ_texts_opportunistic,
                                                  &civ_texts_deceptive, &civ_texts_adversarial,
                                                  &civ_texts_poster,    &civ_texts_replies };
  static const uint32_t sizes[] = { 4, 5, 5, 5 };
  for (size_t k = 0; k < sizeof harmless / sizeof *harmless; k++) {
    if (k < sizeof sizes / sizeof *sizes)
      assert_int_equal(harmless[k]->n, sizes[k]);
    for (uint32_t i = 0; i < harmless[k]->n; i++)
      assert_int_equal(civ_text_severity(harmless[k]->texts[i]), 0);
  }
  uint32_t harmful = 0;
  assert_int_equal(civ_texts_attack.n, 4);
  for (uint32_t i = 0; i < 4; i++) {
    const uint32_t severity = civ_text_severity(civ_texts_attack.texts[i]);
    assert_true(severity == 0 || severity == 3);
    harmful += severity == 3;
  }
  assert_int_equal(harmful, 1);
  for (int kind = CIV_OUTPUT_HONEST; kind < CIV_OUTPUT_KINDS; kind++)
    assert_int_equal(civ_text_severity(civ_output_texts[kind]), 0);
}

static void a_moderator_reviews_each_post_once(void **state)
{
  (void)state;
  one_agent *t = one_agent_open(3);
  one_agent_cast(t, &civ_role_moderator, NULL);
  civ_action action;
  stage_post(&t->stage, 1, "a fine day to all", 0, 0);
  stage_post(&t->stage, 1, "spam for me", 0, 0);
  stage_post(&t->stage, 1, "spam or scam post", 0, 0);
  stage_post(&t->stage, 2, "exploit the attack", 0, 0);
  assert_true(role_turn(t, 0, true, &action));
  assert_int_equal(action.kind, CIV_ACTION_NOOP);
  assert_int_equal(action.target, 1);
  assert_int_equal(t->stage.n_flags, 1);
  assert_true(role_turn(t, 0, true, &action));
  assert_int_equal(civ_moderator_warnings(t->cast.self, 0, 1), 1);
  assert_true(role_turn(t, 0, true, &action));
  assert_true(t->stage.posts[3].hidden);
  assert_false(role_turn(t, 0, true, &action));
  assert_int_equal(t->stage.n_freezes, 0);
  one_agent_close(t);
}

static void warned_twice_frozen_and_thawed_anew(void **state)
{
  (void)state;
  one_agent *t = one_agent_open(2);
  one_agent_cast(t, &civ_role_moderator, NULL);
  civ_action action;
  for (uint32_t k = 1; k <= 3; k++) {
    stage_post(&t->stage, 1, "spam or scam post", 0, 0);
    assert_true(role_turn(t, 0, true, &action));
    assert_int_equal(civ_moderator_warnings(t->cast.self, 0, 1), k);
    assert_int_equal(t->stage.n_freezes, k - 1);
    assert_int_equal(t->stage.frozen[1], k >= 2);
  }
  stage_freeze(&t->stage, 1, false);
  stage_post(&t->stage, 1, "spam or scam post", 0, 0);
  assert_true(role_turn(t, 0, true, &action));
  assert_int_equal(civ_moderator_warnings(t->cast.self, 0, 1), 1);
  assert_int_equal(t->stage.n_freezes, 2);
  one_agent_close(t);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(plans),
    cmocka_unit_test(a_planner_leaves_the_turn),
    cmocka_unit_test(work_quality),
    cmocka_unit_test(a_worker_works_through_its_plan),
    cmocka_unit_test(a_worker_holds_two_tasks),
    cmocka_unit_test(verification),
    cmocka_unit_test(a_verifier_judges_by_kind),
    cmocka_unit_test(a_verifier_passes_over_its_own_and_what_it_cannot_judge),
    cmocka_unit_test(a_poster_waits_and_stops),
    cmocka_unit_test(a_poster_replies_to_what_is_lively),
    cmocka_unit_test(severities),
    cmocka_unit_test(stock_texts_are_harmless_but_one),
    cmocka_unit_test(a_moderator_reviews_each_post_once),
    cmocka_unit_test(warned_twice_frozen_and_thawed_anew),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
