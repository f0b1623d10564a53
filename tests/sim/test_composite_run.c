/* Composite tasks in whole runs: who may join, begin and work, what it touches, and what it leaves alone. */
#include "play.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "civitas/scenario.h"
#include "sim/run_state.h"
#include "support/failing_allocator.h"

#define ON              "governance: {composite_tasks_enabled: true}\n"
#define QUIET           "config: {post_probability: 0, vote_probability: 0, interact_probability: 0}"
#define A               "  - {type: honest, capabilities: [research, analysis], " QUIET "}\n"
#define B               "  - {type: honest, capabilities: [planning, execution], " QUIET "}\n"
#define C               "  - {type: honest, capabilities: [verification, communication], " QUIET "}\n"
#define D               "  - {type: opportunistic, capabilities: [coordination, creativity, communication]}\n"
#define TEAM            "agents:\n" A B C D
#define ONE(type, more) "composite_tasks: {initial_tasks: [{type: " type more "}]}\n"
#define THREE                                                                                                          \
  "composite_tasks:\n  initial_tasks:\n    - {type: research_synthesis, topic: a, deadline_offset: 3, bounty: 30}\n"   \
  "    - {type: planning_coordination, goal: b}\n    - {type: problem_solving, problem: c, deadline_offset: 1}\n"      \
  "  task_spawn_rate: 0.5\n  max_concurrent_tasks: 3\n  spawn_deadline_offset: 2\n"

/* --- what is told ------------------------------------------------------------------------------------------------------------- */

/* One line per composite event: "task_joined a0 1", "subtask_claimed a0 c1/2" ... */
typedef struct story {
  civ_buffer text;
  uint32_t joined, claimed, finished, completed, expired, created;
  double paid;
} story;

static void hear(void *self, const civ_event *e)
{
  story *s = self;
  const char *name = e->form->name;
  if (strncmp(name, "composite_", 10) != 0 && strncmp(name, "subtask_", 8) != 0)
    return;
  s->joined += strcmp(name, "composite_task_joined") == 0;
  s->claimed += strcmp(name, "subtask_claimed") == 0;
  s->finished += strcmp(name, "subtask_completed") == 0;
  s->expired += strcmp(name, "composite_task_expired") == 0;
  s->created += strcmp(name, "composite_task_created") == 0;
  civ_buffer_format(&s->text, "%u.%u %s %s", e->epoch, e->step, name, e->values[0].text);
  if (e->agent != CIV_NOBODY)
    civ_buffer_format(&s->text, " a%u %lld", e->agent, (long long)e->values[1].integer);
  civ_buffer_text(&s->text, "\n");
  if (strcmp(name, "composite_task_completed") == 0) {
    json_t *payouts = json_loads(e->values[5].text, 0, NULL);
    const char *who;
    json_t *amount;
    s->completed++;
    json_object_foreach(payouts, who, amount) s->paid += json_number_value(amount);
    json_decref(payouts);
  }
}

static const civ_sink story_sink = {
  .version = CIV_PART_VERSION, .name = "story", .wants_events = true, .event = hear
};

static void run_story(play *p, const char *yaml, story *s)
{
  *s = (story){ 0 };
  play_open(p, yaml, NULL);
  assert_int_equal(civ_run_attach(p->run, &story_sink, s, NULL), CIV_OK);
  play_all(p);
  civ_buffer_add(&s->text, "", 1);
}

static void end_story(play *p, story *s)
{
  civ_buffer_free(&s->text);
  play_close(p);
}

static bool has_total(play *p, const char *name)
{
  const civ_result r = play_result(p);
  for (uint32_t k = 0; k < r.total_columns.n; k++)
    if (strcmp(r.total_columns.decls[k].name, name) == 0)
      return true;
  return false;
}

/* --- joining, beginning, working ------------------------------------------------------------------------------------------------ */

/* Two that can do everything need nobody else: who brings nothing new stays out. The first step joins, the second begins;
 * whoever comes later in a step builds on what was completed in it. */
static void a_small_team_by_hand(void **state)
{
  play p;
  story s;
  (void)state;
  run_story(&p,
            SEED ", n_epochs: 2, steps_per_epoch: 30}\n" ON ONE(
                "research_synthesis",
                ", topic: x") "agents:\n" A
                              "  - {type: honest, capabilities: [creativity, verification, communication], " QUIET
                              "}\n" A,
            &s);
  static const char expected[] = "0.0 composite_task_created c1\n"
                                 "0.0 composite_task_joined c1 a0 1\n"
                                 "0.0 composite_task_joined c1 a1 2\n"
                                 "0.1 subtask_claimed c1 a0 0\n"
                                 "0.9 subtask_completed c1 a0 0\n"
                                 "0.10 subtask_claimed c1 a0 1\n"
                                 "0.16 subtask_completed c1 a0 1\n"
                                 "0.17 subtask_claimed c1 a0 2\n"
                                 "0.27 subtask_completed c1 a0 2\n"
                                 "0.27 subtask_claimed c1 a1 3\n"
                                 "1.5 subtask_completed c1 a1 3\n"
                                 "1.6 subtask_claimed c1 a1 4\n"
                                 "1.10 subtask_completed c1 a1 4\n"
                                 "1.10 composite_task_completed c1\n";
  assert_string_equal(s.text.data, expected);
  assert_true(fabs(s.paid - 30) < 1e-9); /* 25 and a bonus of 5 */
  assert_true(play_total(&p, "composite.avg_completion_time") == 1);
  assert_true(play_total(&p, "composite.capability_concentration") == 0.6);
  assert_true(play_cell(&p, 0, "capability_metrics.tasks_completed") == 0);
  assert_true(play_cell(&p, 1, "capability_metrics.tasks_completed") == 1);
  assert_true(fabs(play_cell(&p, 1, "capability_metrics.task_efficiency") -
                   play_cell(&p, 1, "capability_metrics.avg_final_quality") / 36) < 1e-12);
  end_story(&p, &s);
}

/* Nobody alone can plan creatively: a team can, one by one they cannot. */
static void teams_do_what_nobody_can_do_alone(void **state)
{
  static const char *const modes[] = { "team", "solo" };
  (void)state;
  for (int k = 0; k < 2; k++) {
    char yaml[2048];
    play p;
    story s;
    snprintf(yaml, sizeof yaml,
             SEED ", n_epochs: 3, steps_per_epoch: 40}\n" ON
                  "composite_tasks: {claim_mode: %s, initial_tasks: [{type: planning_coordination}]}\n" TEAM,
             modes[k]);
    run_story(&p, yaml, &s);
    assert_int_equal(s.completed, k == 0);
    assert_int_equal(s.joined, 4);
    assert_true(play_total(&p, "composite.tasks_by_status.in_progress") == k);
    end_story(&p, &s);
  }
}

static void what_nobody_can_do_is_never_begun(void **state)
{
  play p;
  story s;
  (void)state;
  run_story(&p,
            SEED
            ", n_epochs: 2, steps_per_epoch: 20}\n" ON ONE("problem_solving", ", deadline_offset: 1") "agents:\n" A A,
            &s);
  assert_int_equal(s.joined, 1); /* the second brings nothing, and much is missing */
  assert_int_equal(s.claimed, 0);
  assert_int_equal(s.expired, 1);
  assert_true(play_total(&p, "composite.completion_rate") == 0);
  assert_true(isnan(play_total(&p, "composite.capability_concentration")));
  end_story(&p, &s);
}

static void agents_without_capabilities_or_stake_stay_out(void **state)
{
  play p;
  story s;
  (void)state;
  run_story(
      &p,
      SEED
      ", n_epochs: 1, steps_per_epoch: 30}\n"
      "governance: {composite_tasks_enabled: true, staking_enabled: true, min_stake_to_participate: 50}\n" ONE(
          "research_synthesis", "") "agents:\n"
                                    "  - {type: honest, capabilities: [research, analysis], initial_resources: 49}\n"
                                    "  - {type: honest}\n" C D,
      &s);
  assert_null(strstr(s.text.data, " a0 "));
  assert_null(strstr(s.text.data, " a1 "));
  assert_non_null(strstr(s.text.data, "composite_task_joined c1 a2"));
  end_story(&p, &s);
}

/* Frozen agents do nothing; thawed they go on where they were. */
static void the_frozen_keep_what_they_hold(void **state)
{
  play p;
  story s = { 0 };
  civ_end end = CIV_RUNNING;
  (void)state;
  play_open(&p, SEED ", n_epochs: 1, steps_per_epoch: 60}\n" ON ONE("research_synthesis", "") TEAM, NULL);
  assert_int_equal(civ_run_attach(p.run, &story_sink, &s, NULL), CIV_OK);
  for (int step = 0; step < 4; step++)
    assert_int_equal(civ_run_step(p.run, &end, NULL), CIV_OK);
  civ_population_set_frozen(&p.run->people, 0, true);
  for (int step = 0; step < 20; step++)
    assert_int_equal(civ_run_step(p.run, &end, NULL), CIV_OK);
  assert_int_equal(s.finished, 0);
  civ_population_set_frozen(&p.run->people, 0, false);
  while (end == CIV_RUNNING)
    assert_int_equal(civ_run_step(p.run, &end, NULL), CIV_OK);
  assert_true(s.finished > 2);
  end_story(&p, &s);
}

/* Deadlines free who worked on it; the same agent goes on with something else. */
static void what_expires_frees_its_workers(void **state)
{
  play p;
  story s;
  (void)state;
  run_story(&p,
            SEED ", n_epochs: 12, steps_per_epoch: 12}\n" ON
                 "composite_tasks:\n  initial_tasks:\n    - {type: problem_solving, deadline_offset: 1}\n"
                 "    - {type: research_synthesis}\n" TEAM,
            &s);
  assert_int_equal(s.expired, 1);
  assert_int_equal(s.completed, 1);
  assert_true(play_total(&p, "composite.completion_rate") == 0.5);
  end_story(&p, &s);
}

static void new_tasks_keep_to_the_limit(void **state)
{
  play p;
  story s;
  (void)state;
  run_story(&p,
            SEED
            ", n_epochs: 40, steps_per_epoch: 0}\n" ON
            "composite_tasks: {task_spawn_rate: 1, max_concurrent_tasks: 3, spawn_deadline_offset: null, task_types: "
            "[problem_solving]}\n" TEAM,
            &s);
  assert_int_equal(s.created, 3);
  assert_true(play_total(&p, "composite.open_tasks") == 3 && play_total(&p, "composite.total_tasks") == 3);
  end_story(&p, &s);
  run_story(&p,
            SEED ", n_epochs: 40, steps_per_epoch: 0}\n" ON
                 "composite_tasks: {task_spawn_rate: 1, max_concurrent_tasks: 1, spawn_deadline_offset: 1}\n" TEAM,
            &s);
  assert_int_equal(s.created, 20); /* each of them lives for two epochs */
  assert_int_equal(s.expired, 20);
  end_story(&p, &s);
}

/* --- what it leaves alone --------------------------------------------------------------------------------------------------------- */

/* Every figure of the run without composite tasks is there with them, and the same to the bit; but for resources. */
static void composite_work_touches_nothing_but_resources(void **state)
{
#define SHOP                                                                                                           \
  ", n_epochs: 4, steps_per_epoch: 12}\nagents:\n  - {type: honest, count: 4, capabilities: [research, analysis, "     \
  "verification]}\n  - {type: opportunistic, count: 3, capabilities: [creativity, communication, planning, "           \
  "execution]}\n  - {type: deceptive, count: 2, capabilities: [coordination]}\n  - {type: adversarial, count: 2}\n"    \
  "rate_limits: {tasks_per_epoch: 2}\n"
  static const char *const modes[][2] = {
    { SEED SHOP "governance: {circuit_breaker_enabled: true}\n",
      SEED SHOP "governance: {circuit_breaker_enabled: true, composite_tasks_enabled: true}\n" THREE },
    { SEED ", schedule_mode: random, turn_mode: simultaneous" SHOP,
      SEED ", schedule_mode: random, turn_mode: simultaneous" SHOP ON THREE }
  };
  (void)state;
  for (int k = 0; k < 2; k++) {
    play off, on;
    play_open(&off, modes[k][0], NULL);
    play_open(&on, modes[k][1], NULL);
    play_all(&off);
    play_all(&on);
    const civ_result r = play_result(&off);
    for (uint32_t i = 0; i < r.total_columns.n; i++) {
      const char *name = r.total_columns.decls[i].name;
      if (strncmp(name, "resources.", 10) != 0 && strcmp(name, "final_total_resources") != 0)
        assert_true(play_total(&on, name) == r.totals[i] || isnan(r.totals[i]));
    }
    assert_true(play_total(&on, "composite.tasks_completed") > 0);
    const double earned = play_total(&on, "composite.earnings.honest") +
                          play_total(&on, "composite.earnings.opportunistic") +
                          play_total(&on, "composite.earnings.deceptive");
    assert_true(fabs(play_total(&on, "final_total_resources") - play_total(&off, "final_total_resources") - earned) <
                1e-9);
    assert_false(has_total(&off, "composite.tasks_completed"));
    play_close(&off);
    play_close(&on);
  }
}

/* Off, its other keys change nothing that is logged after the head. */
static void off_it_leaves_no_trace(void **state)
{
  play plain, keys;
  (void)state;
  play_open(&plain, SEED ", n_epochs: 2, steps_per_epoch: 6}\nagents: [{type: honest, count: 5}]\n", NULL);
  play_open(&keys,
            SEED
            ", n_epochs: 2, steps_per_epoch: 6}\nagents: [{type: honest, count: 5, capabilities: [planning]}]\n" THREE,
            NULL);
  play_all(&plain);
  play_all(&keys);
  assert_true(civ_run_digest(plain.run) == civ_run_digest(keys.run));
  play_close(&plain);
  play_close(&keys);
}

/* --- the same, however it is run ----------------------------------------------------------------------------------------------------- */

#define CROWD                                                                                                          \
  "agents:\n  - {type: honest, count: 300, capabilities: [research, analysis]}\n"                                      \
  "  - {type: deceptive, count: 300, capabilities: [planning, execution, verification]}\n"                             \
  "  - {type: opportunistic, count: 300, capabilities: [coordination, creativity, communication]}\n"

static void threads_change_nothing(void **state)
{
  play p;
  (void)state;
  play_load(&p, SEED ", n_epochs: 4, steps_per_epoch: 10, turn_mode: simultaneous}\n" ON THREE CROWD, NULL);
  play_same_on_threads(&p);
  assert_true(play_total(&p, "composite.subtasks_completed") > 5);
  play_close(&p);
}

static const char *const variants[] = {
  SEED ", n_epochs: 8, steps_per_epoch: 9}\n" ON THREE TEAM A B C,
  SEED ", n_epochs: 8, steps_per_epoch: 9, schedule_mode: random}\n" ON THREE TEAM A B C,
  SEED ", n_epochs: 8, steps_per_epoch: 9, schedule_mode: priority, turn_mode: simultaneous}\n" ON THREE TEAM A B C,
};

static void every_epoch_boundary_goes_on(void **state)
{
  (void)state;
  for (int k = 0; k < 3; k++) {
    play p;
    play_open(&p, variants[k], NULL);
    play_all(&p);
    char *reports = play_reports(&p);
    assert_non_null(strstr(reports, "\"capabilities\": {\"tasks\": {"));
    free(reports);
    play_resumes_anywhere(&p, 8);
    play_close(&p);
  }
}

/* --- memory ----------------------------------------------------------------------------------------------------------------------------- */

static void steps_take_no_memory(void **state)
{
  (void)state;
  for (int k = 0; k < 3; k++) {
    play p;
    play_open(&p, variants[k], NULL);
    play_all(&p);
    assert_true(p.run->refused_growth == 0);
    assert_true(play_total(&p, "composite.tasks_completed") > 0);
    play_close(&p);
  }
}

static void a_run_without_memory_says_so_and_goes_on_when_there_is_some(void **state)
{
  play p;
  (void)state;
  play_open(&p, variants[0], NULL);
  play_all(&p);
  const uint64_t straight = civ_run_digest(p.run);
  failing_allocator probe;
  failing_allocator_init(&probe, SIZE_MAX);
  const civ_run_options counted = { .allocator = &probe.allocator };
  play_start(&p, &counted);
  const size_t created = probe.requests;
  play_all(&p);
  const size_t all = probe.requests;
  for (size_t at = 0; at < all; at++) {
    failing_allocator f;
    civ_run *run = NULL;
    civ_error err = { 0 };
    civ_end end = CIV_RUNNING;
    failing_allocator_init(&f, at);
    const civ_run_options options = { .allocator = &f.allocator };
    const civ_status made = civ_run_create(p.config, &options, &run, &err);
    assert_int_equal(made, at < created ? CIV_E_NOMEM : CIV_OK);
    while (made == CIV_OK && end == CIV_RUNNING) {
      const civ_status st = civ_run_step(run, &end, &err);
      assert_true(st == CIV_OK || (st == CIV_E_NOMEM && err.text[0] != '\0'));
    }
    if (made == CIV_OK)
      assert_true(civ_run_digest(run) == straight);
    civ_run_destroy(run);
    assert_int_equal(f.blocks, 0);
  }
  play_close(&p);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_small_team_by_hand),
    cmocka_unit_test(teams_do_what_nobody_can_do_alone),
    cmocka_unit_test(what_nobody_can_do_is_never_begun),
    cmocka_unit_test(agents_without_capabilities_or_stake_stay_out),
    cmocka_unit_test(the_frozen_keep_what_they_hold),
    cmocka_unit_test(what_expires_frees_its_workers),
    cmocka_unit_test(new_tasks_keep_to_the_limit),
    cmocka_unit_test(composite_work_touches_nothing_but_resources),
    cmocka_unit_test(off_it_leaves_no_trace),
    cmocka_unit_test(threads_change_nothing),
    cmocka_unit_test(every_epoch_boundary_goes_on),
    cmocka_unit_test(steps_take_no_memory),
    cmocka_unit_test(a_run_without_memory_says_so_and_goes_on_when_there_is_some),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
