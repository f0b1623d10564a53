/* What every policy and role promises the loop: two runs alike, saved and restored in mid-history alike, failures of memory
 * that leave nothing behind, and no memory taken inside a step. */
#include "base/bytes.h"
#include "one_agent.h"

enum { AGENTS = 12, MINDS = 5, STEPS = 30, PER_STEP = 3 * AGENTS };

static const civ_policy *const policies[] = { &civ_policy_honest,      &civ_policy_opportunistic, &civ_policy_deceptive,
                                              &civ_policy_adversarial, &civ_role_worker,          &civ_role_verifier,
                                              &civ_role_poster,        &civ_role_moderator };
enum { POLICIES = sizeof policies / sizeof *policies };

/* A society in which the first agents belong to the policy under test and the others to chance. */
typedef struct life {
  stage stage;
  stage_cast cast;
  failing_allocator memory;
  uint64_t chance, trace; /* trace: of everything the policy said */
} life;

static civ_status begin(life *l, const civ_policy *policy, uint64_t seed, size_t fail_at)
{
  *l = (life){ .chance = seed };
  failing_allocator_init(&l->memory, fail_at);
  stage_init(&l->stage, AGENTS, &l->memory.allocator);
  for (civ_agent a = 0; a < AGENTS; a++)
    stage_type(&l->stage, a,
               a < MINDS && policy->agent_type < CIV_AGENT_TYPES ? (civ_agent_type)policy->agent_type
                                                                 : (civ_agent_type)(a % CIV_AGENT_TYPES));
  return stage_create(&l->stage, policy, &l->cast, NULL);
}

static void enrol_all(life *l)
{
  for (civ_agent a = 0; a < MINDS; a++)
    enrol_with(&l->cast, a, NULL);
}

static void end(life *l)
{
  stage_destroy(&l->cast);
  stage_fini(&l->stage);
  assert_int_equal(l->memory.blocks, 0);
  assert_int_equal(l->memory.bytes, 0);
}

static void say(life *l, uint64_t word)
{
  l->trace = (l->trace ^ word) * UINT64_C(0x100000001B3) + 7;
}

static void change_world(life *l)
{
  static const char *const texts[] = { "some text", "a scam and spam here", "exploit the attack", "spam for me" };
  const civ_agent x = chance_below(&l->chance, AGENTS);
  stage_freeze(&l->stage, x, chance_below(&l->chance, 3) == 0);
  stage_reputation(&l->stage, x, chance_real(&l->chance) * 2 - 1);
  stage_resources(&l->stage, x, chance_below(&l->chance, 4) * 40);
  if (chance_below(&l->chance, 2)) {
    if (l->stage.n_visible == STAGE_VISIBLE)
      memmove(l->stage.visible, l->stage.visible + 1, --l->stage.n_visible * sizeof *l->stage.visible);
    stage_post(&l->stage, x, texts[chance_below(&l->chance, 4)], chance_below(&l->chance, 9) - 4.0,
               chance_below(&l->chance, 5));
  }
}

static void hand_out_work(life *l)
{
  if (l->stage.n_tasks < STAGE_TASKS)
    stage_task(&l->stage, chance_below(&l->chance, 20), (civ_difficulty)chance_below(&l->chance, CIV_DIFFICULTIES), 0);
  civ_task_view *task = &l->stage.tasks[chance_below(&l->chance, l->stage.n_tasks)];
  task->status = (uint8_t)chance_below(&l->chance, CIV_TASK_STATUSES);
  task->claimer = chance_below(&l->chance, MINDS);
  task->last_output_by = chance_below(&l->chance, AGENTS);
  task->last_output_kind = (uint8_t)chance_below(&l->chance, CIV_OUTPUT_KINDS);
}

static void complete(life *l, const civ_proposal *open, bool accepted, civ_decided_in where)
{
  const civ_proposal p = *open;
  const double quality = chance_real(&l->chance);
  stage_close(&l->stage, p.id);
  if (l->cast.policy->answered && p.counterparty < MINDS)
    l->cast.policy->answered(l->cast.self, p.counterparty, &p, where, accepted);
  if (p.initiator < MINDS)
    stage_learn(&l->cast, p.initiator, p.initiator, p.counterparty, accepted, quality);
  if (p.counterparty < MINDS)
    stage_learn(&l->cast, p.counterparty, p.initiator, p.counterparty, accepted, quality);
}

static void take_turn(life *l, civ_agent a)
{
  const civ_draw_key key = { .purpose = CIV_PURPOSE_TURN, .entity = a, .epoch = l->stage.epoch, .step = l->stage.step };
  civ_draws draws = civ_draws_open(1, &key);
  civ_action action = civ_action_make(CIV_ACTION_NOOP);
  const civ_view view = stage_turn(&l->stage, a);
  if (l->cast.policy->act(l->cast.self, &view, &draws, &action) == CIV_PASS)
    return;
  say(l, action.kind);
  say(l, (uint64_t)action.target << 32 | action.counterparty);
  say(l, action.output_kind + action.content.length);
  const bool ok = chance_below(&l->chance, 4) > 0;
  if (action.kind == CIV_ACTION_PROPOSE && l->stage.n_open < STAGE_OPEN)
    stage_propose(&l->stage, a, action.counterparty, (civ_interaction_type)action.interaction_type, 0);
  if (action.kind == CIV_ACTION_ACCEPT || action.kind == CIV_ACTION_REJECT)
    complete(l, &l->stage.open[action.target], action.kind == CIV_ACTION_ACCEPT, CIV_IN_TURN);
  if (l->cast.policy->done)
    l->cast.policy->done(l->cast.self, a, &action, ok);
}

static void answer(life *l, const civ_proposal *p)
{
  const civ_draw_key key = { .purpose = CIV_PURPOSE_ANSWER,
                             .entity = p->counterparty,
                             .epoch = l->stage.epoch,
                             .step = l->stage.step,
                             .ordinal = (uint32_t)p->id };
  civ_draws draws = civ_draws_open(1, &key);
  const civ_view view = stage_view(&l->stage, p->counterparty);
  const bool yes = p->counterparty < MINDS && l->cast.policy->accept
                       ? l->cast.policy->accept(l->cast.self, &view, p, &draws) == CIV_YES
                       : chance_below(&l->chance, 2);
  say(l, yes);
  complete(l, p, yes, CIV_IN_RESOLUTION);
}

/* One step; inside it the allocator is sealed, so that any request aborts. */
static void step(life *l)
{
  hand_out_work(l);
  failing_allocator_unseal(&l->memory);
  assert_int_equal(stage_ready(&l->cast, PER_STEP), CIV_OK);
  failing_allocator_seal(&l->memory);
  for (civ_agent a = 0; a < AGENTS; a++) {
    change_world(l);
    if (l->stage.frozen[a])
      continue;
    if (a < MINDS)
      take_turn(l, a);
    else {
      stage_turn(&l->stage, a);
      stage_propose(&l->stage, a, chance_below(&l->chance, MINDS), (civ_interaction_type)chance_below(&l->chance, 4),
                    0);
    }
  }
  while (l->stage.n_open > 0)
    answer(l, &l->stage.open[0]);
  say(l, l->cast.policy->digest(l->cast.self));
  l->stage.step++;
  failing_allocator_unseal(&l->memory);
}

static life *lives(void)
{
  life *l = calloc(2, sizeof *l);
  assert_non_null(l);
  return l;
}

static void two_runs_are_alike(void **state)
{
  (void)state;
  for (size_t k = 0; k < POLICIES; k++)
    for (uint64_t seed = 0; seed < 5; seed++) {
      life *l = lives();
      for (int i = 0; i < 2; i++) {
        assert_int_equal(begin(&l[i], policies[k], seed, SIZE_MAX), CIV_OK);
        enrol_all(&l[i]);
        for (int s = 0; s < STEPS; s++)
          step(&l[i]);
      }
      assert_true(l[0].trace == l[1].trace);
      end(&l[0]);
      end(&l[1]);
      free(l);
    }
}

/* What the policy writes into the loop's chunk. */
static civ_bytes saved(life *l)
{
  civ_bytes bytes = { 0 };
  assert_int_equal(l->cast.policy->save(l->cast.self, &bytes), CIV_OK);
  return bytes;
}

/* Loads the first `length` bytes of that as the whole of a sound chunk. */
static void load(life *l, const civ_bytes *bytes, size_t length, civ_status expected)
{
  civ_bytes chunk = { 0 };
  civ_bytes_open(&chunk, "PART");
  civ_bytes_put_block(&chunk, bytes->data, length);
  civ_bytes_close(&chunk);
  civ_bytes_reader reader = { .data = chunk.data, .length = chunk.length };
  civ_error err = { 0 };
  assert_int_equal(civ_bytes_enter(&reader, "PART", &err), CIV_OK);
  civ_status status = l->cast.policy->load(l->cast.self, &reader, &err);
  if (status == CIV_OK)
    status = civ_bytes_leave(&reader, &err);
  assert_int_equal(status, expected);
  civ_bytes_free(&chunk);
}

/* A second self, restored from the first one's bytes, says the same from then on. */
static void restored_runs_are_alike(const civ_policy *policy, uint64_t seed, int before)
{
  life *l = lives();
  assert_int_equal(begin(&l[0], policy, seed, SIZE_MAX), CIV_OK);
  enrol_all(&l[0]);
  for (int s = 0; s < before; s++)
    step(&l[0]);
  civ_bytes bytes = saved(&l[0]);
  assert_int_equal(begin(&l[1], policy, seed, SIZE_MAX), CIV_OK);
  enrol_all(&l[1]);
  stage_restore(&l[1].stage, &l[0].stage);
  load(&l[1], &bytes, bytes.length, CIV_OK);
  l[1].chance = l[0].chance;
  l[1].trace = l[0].trace;
  civ_bytes again = saved(&l[1]);
  assert_int_equal(bytes.length, again.length);
  assert_memory_equal(bytes.data, again.data, bytes.length);
  assert_true(policy->digest(l[0].cast.self) == policy->digest(l[1].cast.self));
  for (int s = 0; s < STEPS; s++) {
    step(&l[0]);
    step(&l[1]);
    assert_true(l[0].trace == l[1].trace);
  }
  civ_bytes_free(&bytes);
  civ_bytes_free(&again);
  end(&l[0]);
  end(&l[1]);
  free(l);
}

static void saved_and_restored_in_mid_history(void **state)
{
  (void)state;
  for (size_t k = 0; k < POLICIES; k++)
    for (uint64_t seed = 0; seed < 4; seed++)
      restored_runs_are_alike(policies[k], seed, (int)seed * 7);
}

static void a_cut_checkpoint_is_refused(void **state)
{
  (void)state;
  for (size_t k = 0; k < POLICIES; k++) {
    life *l = lives();
    assert_int_equal(begin(&l[0], policies[k], 3, SIZE_MAX), CIV_OK);
    enrol_all(&l[0]);
    for (int s = 0; s < 5; s++)
      step(&l[0]);
    civ_bytes bytes = saved(&l[0]);
    assert_int_equal(begin(&l[1], policies[k], 3, SIZE_MAX), CIV_OK);
    enrol_all(&l[1]);
    for (size_t length = 0; length < bytes.length; length += 1 + bytes.length / 50)
      load(&l[1], &bytes, length, CIV_E_FORMAT);
    civ_bytes_free(&bytes);
    end(&l[0]);
    end(&l[1]);
    free(l);
  }
}

/* --- failing memory -------------------------------------------------------------------------------------------------------------- */

/* Sets up, with a society's first step of reserves; the first status that is not CIV_OK. */
static civ_status set_up(life *l, const civ_policy *policy, size_t fail_at)
{
  civ_error err = { 0 };
  unsigned char values[256] = { 0 };
  civ_status status = begin(l, policy, 1, fail_at);
  if (policy->config)
    stage_defaults(policy->config, values);
  for (civ_agent a = 0; status == CIV_OK && a < MINDS; a++)
    status = policy->enrol(l->cast.self, a, values, &err);
  if (status == CIV_OK)
    status = stage_ready(&l->cast, 400);
  return status;
}

static void failures_of_memory_leave_nothing(void **state)
{
  (void)state;
  for (size_t k = 0; k < POLICIES; k++) {
    life *l = lives();
    size_t at = 0;
    for (;; at++) {
      const civ_status status = set_up(l, policies[k], at);
      const bool failed = l->memory.requests > at;
      assert_int_equal(status, failed ? CIV_E_NOMEM : CIV_OK);
      if (l->cast.self && failed) /* what reserve could not do it can do later */
        (void)stage_ready(&l->cast, 400);
      end(l);
      if (!failed)
        break;
    }
    assert_true(at >= 3);
    free(l);
  }
}

/* A reserve that failed may be called again, and the society goes on as if nothing had happened. */
static void a_failed_reserve_can_be_repeated(void **state)
{
  (void)state;
  for (size_t k = 0; k < POLICIES; k++) {
    if (!policies[k]->reserve)
      continue;
    life *l = lives();
    for (int i = 0; i < 2; i++) {
      assert_int_equal(begin(&l[i], policies[k], 9, SIZE_MAX), CIV_OK);
      enrol_all(&l[i]);
    }
    for (int s = 0; s < STEPS; s++) {
      step(&l[0]);
      for (size_t skip = 0; skip < 4; skip++) {
        l[1].memory.fail_at = l[1].memory.requests + skip;
        (void)stage_ready(&l[1].cast, PER_STEP);
      }
      l[1].memory.fail_at = SIZE_MAX;
      step(&l[1]);
      assert_true(l[0].trace == l[1].trace);
    }
    end(&l[0]);
    end(&l[1]);
    free(l);
  }
}

static void nobody_is_enrolled_twice(void **state)
{
  (void)state;
  for (size_t k = 0; k < POLICIES; k++) {
    life *l = lives();
    unsigned char values[256] = { 0 };
    civ_error err = { 0 };
    assert_int_equal(begin(l, policies[k], 1, SIZE_MAX), CIV_OK);
    assert_int_equal(policies[k]->enrol(l->cast.self, 3, values, &err), CIV_OK);
    assert_int_equal(policies[k]->enrol(l->cast.self, 3, values, &err), CIV_E_STATE);
    assert_int_equal(policies[k]->enrol(l->cast.self, AGENTS, values, &err), CIV_E_STATE);
    end(l);
    free(l);
  }
}

/* Half the agents differ in their parameters: each decides by its own. */
static void parameters_are_each_agents_own(void **state)
{
  (void)state;
  life *l = lives();
  assert_int_equal(begin(l, &civ_policy_honest, 1, SIZE_MAX), CIV_OK);
  for (civ_agent a = 0; a < MINDS; a++)
    enrol_with(&l->cast, a, (const parameter[]){ { "post_probability", a % 2 }, { 0 } });
  assert_int_equal(stage_ready(&l->cast, PER_STEP), CIV_OK);
  for (civ_agent a = 0; a < MINDS; a++) {
    stage_script script;
    civ_draws draws = stage_draws(&script, NULL, 0, 0.999);
    civ_action action = civ_action_make(CIV_ACTION_NOOP);
    const civ_view view = stage_turn(&l->stage, a);
    civ_policy_honest.act(l->cast.self, &view, &draws, &action);
    assert_int_equal(action.kind == CIV_ACTION_POST, a % 2);
  }
  end(l);
  free(l);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(two_runs_are_alike),
    cmocka_unit_test(saved_and_restored_in_mid_history),
    cmocka_unit_test(a_cut_checkpoint_is_refused),
    cmocka_unit_test(failures_of_memory_leave_nothing),
    cmocka_unit_test(a_failed_reserve_can_be_repeated),
    cmocka_unit_test(nobody_is_enrolled_twice),
    cmocka_unit_test(parameters_are_each_agents_own),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
