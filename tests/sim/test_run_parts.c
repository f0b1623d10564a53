/* The four doors: a policy, a world, a lever and a sink that came from elsewhere take part like the built-in ones; and the
 * order in which the loop asks everybody. */
#include "strangers.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record/log_replay.h"
#include "sim/run_state.h"

#define SLOW(count, config) "agents:\n  - type: slow\n    count: " count "\n    config: " config "\n"

static void open_strangers(play *p, const char *yaml)
{
  strangers_tell = NULL;
  play_load(p, yaml, strangers_register);
  play_start(p, NULL);
}

static void hook_completed(void *self, const civ_interaction *record, double payoff_a, double payoff_b)
{
  (void)payoff_a;
  (void)payoff_b;
  civ_buffer_format(&((scribe *)self)->text, "hook i%llu\n", (unsigned long long)record->id);
}

static void hook_turn(void *self, uint32_t epoch, uint32_t step, civ_agent a, const civ_action *action, bool ok)
{
  (void)epoch;
  (void)step;
  civ_buffer_format(&((scribe *)self)->text, "hook turn a%u %s %d\n", a, civ_action_names[action->kind], ok);
}

static void hook_epoch(void *self, uint32_t epoch, const double *row)
{
  (void)row;
  civ_buffer_format(&((scribe *)self)->text, "hook epoch %u\n", epoch);
}

static civ_run_hooks all_hooks(scribe *s)
{
  return (civ_run_hooks){ .self = s, .completed = hook_completed, .turn = hook_turn, .epoch = hook_epoch };
}

static void a_completion_is_told_in_order(void **state)
{
  static const char *const expected = "answered a2 i1 turn yes\n"
                                      "proxy_computed i1\n"
                                      "interaction_accepted i1\n"
                                      "judge i1\n"
                                      "agent_frozen a0\n"
                                      "reputation_updated a0 governance\n"
                                      "reputation_updated a2 governance\n"
                                      "governance_cost_applied i1\n"
                                      "reputation_updated a0 interaction_outcome\n"
                                      "transfer_executed i1\n"
                                      "learn a0\n"
                                      "learn a2\n"
                                      "interaction_completed i1\n"
                                      "payoff_computed i1\n"
                                      "sink i1\n"
                                      "world i1\n"
                                      "hook i1\n"
                                      "charge a2 accept_interaction\n"
                                      "done a2 accept_interaction 1\n"
                                      "turn_done a2 accept_interaction 1\n"
                                      "hook turn a2 accept_interaction 1\n";
  play p;
  scribe s = { .only_completions = true };
  civ_action propose = civ_action_make(CIV_ACTION_PROPOSE), accept = civ_action_make(CIV_ACTION_ACCEPT);
  (void)state;
  open_strangers(&p, SEED ", n_epochs: 1, steps_per_epoch: 1, enable_transfers: true}\ntoll: {freeze_after: 0}\nferry: "
                          "{same_side: true}\n" SLOW("4", "{eager: false}"));
  const civ_run_hooks hooks = all_hooks(&s);
  assert_int_equal(civ_run_attach(p.run, &scribe_sink, &s, NULL), CIV_OK);
  assert_int_equal(civ_run_hook(p.run, &hooks, NULL), CIV_OK);
  propose.counterparty = 2;
  propose.interaction_type = CIV_TRADE;
  accept.target = 0;
  assert_true(play_do(&p, 0, &propose));
  s.text.length = 0;
  strangers_tell = &s;
  assert_true(play_do(&p, 2, &accept));
  strangers_tell = NULL;
  assert_string_equal(scribe_lines(&s), expected);
  scribe_free(&s);
  play_close(&p);
}

static void a_refusal_is_told_in_order(void **state)
{
  static const char *const expected = "answered a2 i1 turn no\n"
                                      "proxy_computed i1\n"
                                      "interaction_rejected i1\n"
                                      "judge i1\n"
                                      "reputation_updated a0 governance\n"
                                      "reputation_updated a2 governance\n"
                                      "governance_cost_applied i1\n"
                                      "learn a0\n"
                                      "learn a2\n"
                                      "interaction_completed i1\n"
                                      "payoff_computed i1\n"
                                      "sink i1\n"
                                      "world i1\n"
                                      "hook i1\n";
  play p;
  scribe s = { .only_completions = true };
  civ_action propose = civ_action_make(CIV_ACTION_PROPOSE), reject = civ_action_make(CIV_ACTION_REJECT);
  (void)state;
  open_strangers(&p, SEED ", n_epochs: 1, steps_per_epoch: 1, enable_transfers: true}\ntoll: {price: 0.25}\nferry: "
                          "{same_side: true}\n" SLOW("4", "{eager: false}"));
  const civ_run_hooks hooks = { .self = &s, .completed = hook_completed };
  assert_int_equal(civ_run_attach(p.run, &scribe_sink, &s, NULL), CIV_OK);
  assert_int_equal(civ_run_hook(p.run, &hooks, NULL), CIV_OK);
  propose.counterparty = 2;
  reject.target = 0;
  assert_true(play_do(&p, 0, &propose));
  s.text.length = 0;
  strangers_tell = &s;
  assert_true(play_do(&p, 2, &reject));
  strangers_tell = NULL;
  assert_memory_equal(scribe_lines(&s), expected, strlen(expected));
  const civ_population *people = play_result(&p).population;
  assert_true(people->reputation[0] == -0.125 && people->total_payoff[0] == 0 && people->resources[2] == 100.5);
  scribe_free(&s);
  play_close(&p);
}

static void a_step_and_an_epoch_ask_in_order(void **state)
{
  static const char *const expected = "lever epoch_begin 0\n"
                                      "world epoch_begin\n"
                                      "lever step_begin\n"
                                      "world step_begin\n"
                                      "charge a0 noop\n"
                                      "done a0 noop 1\n"
                                      "turn_done a0 noop 1\n"
                                      "hook turn a0 noop 1\n"
                                      "world step_end\n"
                                      "step_completed\n"
                                      "world epoch_end\n"
                                      "agent_state_updated a0\n"
                                      "epoch_completed\n"
                                      "sink epoch 0\n"
                                      "lever epoch_end 0\n"
                                      "hook epoch 0\n"
                                      "world finish\n"
                                      "lever finish\n"
                                      "agent_state_updated a0\n"
                                      "simulation_ended\n";
  play p;
  scribe s = { 0 };
  (void)state;
  open_strangers(&p, SEED ", n_epochs: 1, steps_per_epoch: 1}\ntoll: {price: 0.25}\nferry: {same_side: true}\n" SLOW(
                         "1", "{eager: false}"));
  const civ_run_hooks hooks = all_hooks(&s);
  assert_int_equal(civ_run_attach(p.run, &scribe_sink, &s, NULL), CIV_OK);
  assert_int_equal(civ_run_hook(p.run, &hooks, NULL), CIV_OK);
  assert_int_equal(civ_run_begin(p.run, NULL), CIV_OK);
  s.text.length = 0;
  strangers_tell = &s;
  play_all(&p);
  strangers_tell = NULL;
  assert_string_equal(scribe_lines(&s), expected);
  scribe_free(&s);
  play_close(&p);
}

/* --- taking part --------------------------------------------------------------------------------------------------------- */

typedef struct tally {
  uint64_t completed, crossings, refused, without_ticket;
  double cost;
  bool apart; /* somebody met an agent of the other bank */
} tally;

static void tally_interaction(void *self, const civ_interaction *r, double payoff_a, double payoff_b)
{
  tally *t = self;
  (void)payoff_a;
  (void)payoff_b;
  t->completed++;
  t->cost += r->c_a + r->c_b;
  t->apart |= r->initiator % 2 != r->counterparty % 2;
}

static void tally_event(void *self, const civ_event *e)
{
  tally *t = self;
  t->crossings += strcmp(e->form->name, "ferry_left") == 0;
  t->refused += e->type == CIV_EVENT_ACTION_REFUSED;
  t->without_ticket += e->type == CIV_EVENT_ACTION_REFUSED && strcmp(e->values[1].text, "no_ticket") == 0;
}

static const civ_sink tally_sink = { .version = CIV_PART_VERSION,
                                     .name = "tally",
                                     .wants_events = true,
                                     .interaction = tally_interaction,
                                     .event = tally_event };

#define WHOLE(turns, patience)                                                                                         \
  SEED ", n_epochs: 4, steps_per_epoch: 10, turn_mode: " turns                                                         \
       "}\ntoll: {price: 0.25}\nferry: {same_side: true}\n" SLOW("9", "{patience: " patience "}")

static void strangers_take_part(void **state)
{
  play p;
  tally t = { 0 };
  (void)state;
  open_strangers(&p, WHOLE("sequential", "0"));
  assert_int_equal(civ_run_attach(p.run, &tally_sink, &t, NULL), CIV_OK);
  play_all(&p);
  assert_true(t.completed > 50 && t.crossings > 10 && t.without_ticket > 0 && !t.apart);
  assert_true(play_total(&p, "toll_judged") == (double)t.completed);
  assert_true(play_total(&p, "cost.toll") == t.cost && t.cost == 0.375 * (double)t.completed);
  assert_true(play_total(&p, "total_cost_a") == 0.25 * (double)t.completed);
  assert_true(play_total(&p, "rep_delta.toll") == -0.125 * (double)t.completed);
  assert_true(play_total(&p, "res_delta.toll") == 0.5 * (double)t.completed);
  assert_true(play_total(&p, "final_total_resources") == 900 + 0.5 * (double)t.completed);
  assert_true(play_total(&p, "ferry_crossings") == (double)t.crossings);
  assert_true(play_total(&p, "ferry_completions") == (double)t.completed);
  assert_true(play_total(&p, "events:ferry_left") == (double)t.crossings);
  assert_true(play_total(&p, "actions_succeeded:slow:post_bounty") == (double)t.crossings);
  assert_true(play_total(&p, "refused_actions") == (double)t.refused);
  double crossings = 0;
  for (uint32_t e = 0; e < 4; e++) {
    crossings += play_cell(&p, e, "ferry.crossings");
    assert_true(play_cell(&p, e, "ferry.depth") == 0.5);
  }
  assert_true(crossings == (double)t.crossings);
  assert_true(play_total(&p, "payoff.slow") != 0);
  play_close(&p);
}

static void reports_of_parts_are_one_object(void **state)
{
  play p;
  civ_bytes text = { 0 };
  char expected[160];
  (void)state;
  open_strangers(&p, WHOLE("sequential", "0"));
  play_all(&p);
  assert_int_equal(civ_run_report(p.run, &text, NULL), CIV_OK);
  snprintf(expected, sizeof expected,
           "{\"ferry\": {\"crossings\": %.0f}, \"toll\": {\"judged\": %.0f}, \"toll_end\": null}",
           play_total(&p, "ferry_crossings"), play_total(&p, "toll_judged"));
  assert_int_equal(text.length, strlen(expected));
  assert_memory_equal(text.data, expected, text.length);
  play_close(&p);
  text.length = 0;
  open_strangers(&p, SEED ", n_epochs: 1, steps_per_epoch: 1}\n" SLOW("2", "{}"));
  assert_int_equal(civ_run_report(p.run, &text, NULL), CIV_OK);
  assert_int_equal(text.length, 2);
  assert_memory_equal(text.data, "{}", 2);
  civ_bytes_free(&text);
  play_close(&p);
}

static void who_is_not_wanted_is_not_there(void **state)
{
  play p;
  (void)state;
  open_strangers(&p, SEED ", n_epochs: 1, steps_per_epoch: 10}\n" SLOW("9", "{}"));
  play_all(&p);
  const civ_result r = play_result(&p);
  for (uint32_t k = 0; k < r.total_columns.n; k++)
    assert_null(strstr(r.total_columns.decls[k].name, "toll"));
  assert_true(play_total(&p, "actions_succeeded:slow:post_bounty") == 0);
  assert_true(play_total(&p, "total_cost_a") == 0);
  play_close(&p);
}

/* How long a slow mind thinks changes nothing but how often it is asked. */
static void pending_changes_nothing(void **state)
{
  static const char *const yaml[2][3] = {
    { WHOLE("sequential", "0"), WHOLE("sequential", "1"), WHOLE("sequential", "5") },
    { WHOLE("simultaneous", "0"), WHOLE("simultaneous", "1"), WHOLE("simultaneous", "5") },
  };
  (void)state;
  for (int mode = 0; mode < 2; mode++) {
    uint64_t digest[3];
    double welfare[3];
    for (int k = 0; k < 3; k++) {
      play p;
      open_strangers(&p, yaml[mode][k]);
      play_all(&p);
      digest[k] = civ_run_digest(p.run);
      welfare[k] = play_total(&p, "total_welfare");
      assert_true(play_total(&p, "total_interactions") > 50);
      play_close(&p);
    }
    assert_true(digest[0] == digest[1] && digest[0] == digest[2]);
    assert_true(welfare[0] == welfare[1] && welfare[0] == welfare[2]);
  }
}

static void strangers_are_saved_and_loaded(void **state)
{
  play p;
  civ_end end;
  (void)state;
  open_strangers(&p, WHOLE("sequential", "0"));
  play_all(&p);
  const uint64_t straight = civ_run_digest(p.run);
  const double drawn = play_total(&p, "toll_drawn"), crossings = play_total(&p, "ferry_crossings");
  for (uint32_t at = 0; at <= 4; at++) {
    civ_bytes bytes = { 0 };
    play_start(&p, NULL);
    for (uint32_t e = 0; e < at; e++)
      assert_int_equal(civ_run_epoch(p.run, &end, NULL), CIV_OK);
    assert_int_equal(civ_run_save(p.run, &bytes, NULL), CIV_OK);
    play_start(&p, NULL);
    civ_bytes_reader in = { .data = bytes.data, .length = bytes.length };
    assert_int_equal(civ_run_load(p.run, &in, NULL), CIV_OK);
    play_all(&p);
    assert_true(civ_run_digest(p.run) == straight);
    assert_true(play_total(&p, "toll_drawn") == drawn && play_total(&p, "ferry_crossings") == crossings);
    civ_bytes_free(&bytes);
  }
  play_close(&p);
}

static void a_foreign_event_is_in_the_log_and_replays(void **state)
{
  play p;
  civ_buffer text = { 0 };
  tally live = { 0 }, replayed = { 0 };
  bool complete = false;
  civ_log_counts counts;
  civ_error err = { 0 };
  (void)state;
  open_strangers(&p, WHOLE("sequential", "0"));
  assert_int_equal(civ_run_attach(p.run, &tally_sink, &live, NULL), CIV_OK);
  civ_log *log = play_log(&p, &text);
  play_all(&p);
  assert_int_equal(civ_log_close(log, NULL), CIV_OK);
  civ_log_destroy(log);
  civ_buffer_add(&text, "", 1);
  text.length--;
  const char *line = strstr(text.data, "\"event_type\": \"ferry_left\"");
  assert_non_null(line);
  assert_non_null(strstr(line, "\"payload\": {\"fare\": 2.0, \"from\": \"bank\"}, \"epoch\": 0"));
  const civ_log_input in = { .text = text.data, .length = text.length };
  const civ_replay_target target = { &tally_sink, &replayed };
  if (civ_log_replay_input(&in, 1, false, &target, 1, &complete, &counts, &err) != CIV_OK)
    fail_msg("%s: %s", err.where, err.text);
  assert_true(complete && replayed.completed == live.completed && replayed.cost == live.cost);
  assert_true(counts.malformed == 0 && replayed.refused == live.refused);
  civ_buffer_free(&text);
  play_close(&p);
}

static void the_registry_refuses_doubles_and_other_versions(void **state)
{
  civ_registry *r;
  civ_error err = { 0 };
  (void)state;
  assert_int_equal(civ_registry_create_default(&r, &err), CIV_OK);
  assert_int_equal(strangers_register(r, &err), CIV_OK);
  assert_int_equal(strangers_register(r, &err), CIV_E_KEY);
  assert_non_null(strstr(err.text, "slow") ? err.text : strstr(err.where, "slow"));
  civ_policy old = *civ_registry_find_policy(r, "slow");
  old.version = CIV_PART_VERSION + 1;
  old.name = "slower";
  assert_int_equal(civ_registry_add_policy(r, &old, &err), CIV_E_STATE);
  assert_null(civ_registry_find_policy(r, "slower"));
  civ_registry_destroy(r);
}

static void a_run_has_room_for_so_many_sinks_and_hooks(void **state)
{
  play p;
  tally t[MAX_SINKS + 1] = { { 0 } };
  scribe s = { 0 };
  const civ_run_hooks hooks = all_hooks(&s);
  civ_sink old = tally_sink;
  old.version = 99;
  (void)state;
  open_strangers(&p, WHOLE("sequential", "0"));
  assert_int_equal(civ_run_attach(p.run, &old, &t[0], NULL), CIV_E_STATE);
  for (int k = 0; k < MAX_SINKS; k++)
    assert_int_equal(civ_run_attach(p.run, &tally_sink, &t[k], NULL), CIV_OK);
  assert_int_equal(civ_run_attach(p.run, &tally_sink, &t[MAX_SINKS], NULL), CIV_E_LIMIT);
  for (int k = 0; k < MAX_HOOKS; k++)
    assert_int_equal(civ_run_hook(p.run, &hooks, NULL), CIV_OK);
  assert_int_equal(civ_run_hook(p.run, &hooks, NULL), CIV_E_LIMIT);
  play_all(&p);
  for (int k = 1; k < MAX_SINKS; k++)
    assert_memory_equal(&t[k], &t[0], sizeof t[0]);
  scribe_free(&s);
  play_close(&p);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_completion_is_told_in_order),
    cmocka_unit_test(a_refusal_is_told_in_order),
    cmocka_unit_test(a_step_and_an_epoch_ask_in_order),
    cmocka_unit_test(strangers_take_part),
    cmocka_unit_test(reports_of_parts_are_one_object),
    cmocka_unit_test(who_is_not_wanted_is_not_there),
    cmocka_unit_test(pending_changes_nothing),
    cmocka_unit_test(strangers_are_saved_and_loaded),
    cmocka_unit_test(a_foreign_event_is_in_the_log_and_replays),
    cmocka_unit_test(the_registry_refuses_doubles_and_other_versions),
    cmocka_unit_test(a_run_has_room_for_so_many_sinks_and_hooks),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
