/* The life of a run: begin, steps, epochs, pause, interrupt, kill switch, end. */
#include "play.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MIXED                                                                                                          \
  "agents:\n  - {type: honest, count: 3}\n  - {type: opportunistic, count: 2}\n  - {type: deceptive}\n"                \
  "  - {type: adversarial, count: 2}\n"

static void the_same_run_twice_is_the_same(void **state)
{
  play p;
  civ_buffer a = { 0 }, b = { 0 };
  (void)state;
  play_load(&p, SEED ", n_epochs: 4, steps_per_epoch: 6, schedule_mode: random}\n" MIXED, NULL);
  const uint64_t first = play_text(&p, NULL, &a), second = play_text(&p, NULL, &b);
  assert_true(first == second);
  assert_int_equal(a.length, b.length);
  assert_memory_equal(a.data, b.data, a.length);
  assert_int_equal(civ_config_set_seed(p.config, 8, NULL), CIV_OK);
  play_start(&p, NULL);
  play_all(&p);
  assert_true(civ_run_digest(p.run) != first);
  civ_buffer_free(&a);
  civ_buffer_free(&b);
  play_close(&p);
}

static void nothing_to_do_is_done_at_once(void **state)
{
  static const struct {
    const char *yaml, *lines;
    uint32_t epochs;
    uint64_t steps;
  } cases[] = {
    { SEED ", n_epochs: 0}\nagents:\n  - {type: honest, count: 1}\n",
      "log_opened\nagent_created a0\nsimulation_started\nagent_state_updated a0\nsimulation_ended\n", 0, 0 },
    { SEED ", n_epochs: 2, steps_per_epoch: 0}\nagents:\n  - {type: honest, count: 1}\n",
      "log_opened\nagent_created a0\nsimulation_started\nagent_state_updated a0\nepoch_completed\nsink epoch 0\n"
      "agent_state_updated a0\nepoch_completed\nsink epoch 1\nagent_state_updated a0\nsimulation_ended\n",
      2, 0 },
    { SEED ", n_epochs: 1, steps_per_epoch: 2}\nagents: []\n",
      "log_opened\nsimulation_started\nstep_completed\nstep_completed\nepoch_completed\nsink epoch 0\n"
      "simulation_ended\n",
      1, 2 },
    { SEED ", n_epochs: 1, steps_per_epoch: 1}\nagents:\n  - {type: honest, count: 0}\n",
      "log_opened\nsimulation_started\nstep_completed\nepoch_completed\nsink epoch 0\nsimulation_ended\n", 1, 1 },
  };
  (void)state;
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    play p;
    scribe s = { 0 };
    play_open(&p, cases[k].yaml, NULL);
    assert_int_equal(civ_run_attach(p.run, &scribe_sink, &s, NULL), CIV_OK);
    assert_int_equal(play_all(&p), CIV_END_DONE);
    assert_string_equal(scribe_lines(&s), cases[k].lines);
    const civ_result r = play_result(&p);
    assert_int_equal(r.epochs, cases[k].epochs);
    assert_true(r.steps == cases[k].steps && r.agent_steps == 0 && r.pending == 0);
    for (uint32_t t = 0; t < r.total_columns.n; t++)
      assert_true(r.totals[t] - r.totals[t] == 0);
    scribe_free(&s);
    play_close(&p);
  }
}

static void a_finished_run_stays_finished(void **state)
{
  play p;
  scribe s = { 0 };
  civ_end end;
  civ_error err;
  bool ok;
  const civ_action noop = civ_action_make(CIV_ACTION_NOOP);
  (void)state;
  play_open(&p, SEED ", n_epochs: 1, steps_per_epoch: 2}\n" MIXED, NULL);
  assert_int_equal(civ_run_attach(p.run, &scribe_sink, &s, NULL), CIV_OK);
  play_all(&p);
  const size_t length = s.text.length;
  const uint64_t digest = civ_run_digest(p.run);
  assert_int_equal(civ_run_step(p.run, &end, &err), CIV_OK);
  assert_int_equal(end, CIV_END_DONE);
  assert_int_equal(civ_run_finish(p.run, &err), CIV_OK);
  assert_int_equal(civ_run_execute(p.run, 0, &noop, &ok, &err), CIV_E_STATE);
  assert_int_equal(civ_run_attach(p.run, &scribe_sink, &s, &err), CIV_E_STATE);
  assert_true(s.text.length == length && civ_run_digest(p.run) == digest);
  scribe_free(&s);
  play_close(&p);
}

static void a_pause_waits(void **state)
{
  play p;
  civ_end end;
  civ_error err;
  (void)state;
  play_open(&p, SEED ", n_epochs: 3, steps_per_epoch: 4}\n" MIXED, NULL);
  play_all(&p);
  const uint64_t straight = civ_run_digest(p.run);
  play_start(&p, NULL);
  for (int k = 0; k < 5; k++)
    assert_int_equal(civ_run_step(p.run, &end, &err), CIV_OK);
  civ_run_pause(p.run);
  assert_true(civ_run_paused(p.run));
  const uint64_t before = civ_run_digest(p.run);
  assert_int_equal(civ_run_step(p.run, &end, &err), CIV_E_STATE);
  assert_int_equal(civ_run_epoch(p.run, &end, &err), CIV_E_STATE);
  assert_true(civ_run_digest(p.run) == before);
  civ_run_resume(p.run);
  assert_false(civ_run_paused(p.run));
  assert_int_equal(play_all(&p), CIV_END_DONE);
  assert_true(civ_run_digest(p.run) == straight);
  play_close(&p);
}

static void a_disabled_kill_switch_ignores_pauses(void **state)
{
  static const char *const yaml[] = {
    SEED ", n_epochs: 1, steps_per_epoch: 2, enable_kill_switch: false}\n" MIXED,
    SEED ", n_epochs: 1, steps_per_epoch: 2}\nsafety: {kill_switch_enabled: false, kill_switch_toxicity: 0.01}\n" MIXED,
  };
  (void)state;
  for (int k = 0; k < 2; k++) {
    play p;
    play_open(&p, yaml[k], NULL);
    civ_run_pause(p.run);
    assert_false(civ_run_paused(p.run));
    assert_int_equal(play_all(&p), CIV_END_DONE);
    play_close(&p);
  }
}

typedef struct stopper {
  civ_run *run;
  uint32_t epoch, step;
} stopper;

static void stop_at(void *self, uint32_t epoch, uint32_t step, civ_agent a, const civ_action *action, bool ok)
{
  const stopper *s = self;
  (void)a;
  (void)action;
  (void)ok;
  if (epoch == s->epoch && step == s->step)
    civ_run_interrupt(s->run);
}

static void an_interrupt_finishes_the_step(void **state)
{
  play p;
  scribe s = { 0 };
  civ_bytes bytes = { 0 };
  civ_error err;
  uint32_t epoch, step;
  (void)state;
  play_open(&p, SEED ", n_epochs: 3, steps_per_epoch: 4}\n" MIXED, NULL);
  stopper who = { p.run, 1, 1 };
  const civ_run_hooks hooks = { .self = &who, .turn = stop_at };
  assert_int_equal(civ_run_attach(p.run, &scribe_sink, &s, NULL), CIV_OK);
  assert_int_equal(civ_run_hook(p.run, &hooks, NULL), CIV_OK);
  assert_int_equal(play_all(&p), CIV_END_INTERRUPTED);
  civ_run_now(p.run, &epoch, &step);
  assert_true(epoch == 1 && step == 2);
  assert_null(strstr(scribe_lines(&s), "simulation_ended"));
  assert_string_equal(scribe_lines(&s) + s.text.length - strlen("step_completed\n"), "step_completed\n");
  assert_int_equal(civ_run_save(p.run, &bytes, &err), CIV_E_STATE); /* in the middle of an epoch */
  assert_int_equal(bytes.length, 0);
  scribe_free(&s);
  play_close(&p);
}

static void an_interrupt_between_epochs_can_be_resumed(void **state)
{
  play p;
  civ_bytes bytes = { 0 };
  civ_end end;
  civ_error err;
  (void)state;
  play_open(&p, SEED ", n_epochs: 3, steps_per_epoch: 4}\n" MIXED, NULL);
  play_all(&p);
  const uint64_t straight = civ_run_digest(p.run);
  play_start(&p, NULL);
  assert_int_equal(civ_run_epoch(p.run, &end, &err), CIV_OK);
  civ_run_interrupt(p.run);
  assert_int_equal(civ_run_step(p.run, &end, &err), CIV_OK);
  assert_int_equal(end, CIV_END_INTERRUPTED);
  assert_int_equal(civ_run_save(p.run, &bytes, &err), CIV_OK);
  civ_bytes_reader in = { .data = bytes.data, .length = bytes.length };
  play_start(&p, NULL);
  assert_int_equal(civ_run_load(p.run, &in, &err), CIV_OK);
  assert_int_equal(play_all(&p), CIV_END_DONE);
  assert_true(civ_run_digest(p.run) == straight);
  civ_bytes_free(&bytes);
  play_close(&p);
}

static void the_kill_switch_closes_the_epoch_and_ends(void **state)
{
  play p;
  scribe s = { 0 };
  (void)state;
  play_open(&p, SEED ", n_epochs: 5, steps_per_epoch: 6}\nsafety: {kill_switch_toxicity: 0.01}\n" MIXED, NULL);
  assert_int_equal(civ_run_attach(p.run, &scribe_sink, &s, NULL), CIV_OK);
  assert_int_equal(play_all(&p), CIV_END_KILLED);
  const civ_result r = play_result(&p);
  assert_int_equal(r.epochs, 1);
  assert_string_equal(r.stop_reason, "kill_switch_toxicity");
  assert_true(r.stop_value == play_cell(&p, 0, "toxicity_rate") && r.stop_value > 0.01);
  const char *closed = strstr(scribe_lines(&s), "epoch_completed\n");
  assert_non_null(closed);
  assert_memory_equal(closed, "epoch_completed\nsink epoch 0\nsimulation_paused\nagent_state_updated a0\n",
                      strlen("epoch_completed\nsink epoch 0\nsimulation_paused\nagent_state_updated a0\n"));
  assert_non_null(strstr(closed, "simulation_ended\n"));
  assert_true(play_total(&p, "events:simulation_paused") == 1);
  scribe_free(&s);
  play_close(&p);
}

static void all_totals_of_the_reference_are_reported(void **state)
{
  play p;
  json_error_t wrong;
  const char *name;
  json_t *value;
  (void)state;
  json_t *reference = json_load_file(CIV_TEST_DATA "/reference/baseline.json", 0, &wrong);
  assert_non_null(reference);
  play_open(&p,
            SEED
            ", n_epochs: 2, steps_per_epoch: 5}\nagents:\n  - {type: honest, count: 3}\n  - {type: opportunistic}\n"
            "  - {type: deceptive}\n",
            NULL);
  play_all(&p);
  json_object_foreach(json_object_get(reference, "metrics"), name, value)
  {
    const double x = play_total(&p, name);
    assert_true(x - x == 0);
  }
  json_decref(reference);
  play_close(&p);
}

/* The two numbers called avg_payoff: of initiators in epoch rows, of both sides beside it. */
static void averages_of_payoffs_say_whose(void **state)
{
  play p;
  (void)state;
  play_open(&p, SEED ", n_epochs: 3, steps_per_epoch: 8}\npayoff: {theta: 0.9}\n" MIXED, NULL);
  play_all(&p);
  for (uint32_t e = 0; e < 3; e++) {
    const double n = play_cell(&p, e, "accepted_interactions"), welfare = play_cell(&p, e, "total_welfare");
    assert_true(n > 0);
    assert_true(fabs(play_cell(&p, e, "avg_payoff_both") - welfare / (2 * n)) < 1e-12);
    assert_true(play_cell(&p, e, "avg_payoff") > play_cell(&p, e, "avg_payoff_both"));
    assert_true(play_cell(&p, e, "total_posts") ==
                (e ? play_cell(&p, e - 1, "total_posts") : 0) + play_cell(&p, e, "posts_this_epoch"));
    assert_true(play_cell(&p, e, "total_votes") ==
                (e ? play_cell(&p, e - 1, "total_votes") : 0) + play_cell(&p, e, "votes_this_epoch"));
  }
  play_close(&p);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_same_run_twice_is_the_same),
    cmocka_unit_test(nothing_to_do_is_done_at_once),
    cmocka_unit_test(a_finished_run_stays_finished),
    cmocka_unit_test(a_pause_waits),
    cmocka_unit_test(a_disabled_kill_switch_ignores_pauses),
    cmocka_unit_test(an_interrupt_finishes_the_step),
    cmocka_unit_test(an_interrupt_between_epochs_can_be_resumed),
    cmocka_unit_test(the_kill_switch_closes_the_epoch_and_ends),
    cmocka_unit_test(all_totals_of_the_reference_are_reported),
    cmocka_unit_test(averages_of_payoffs_say_whose),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
