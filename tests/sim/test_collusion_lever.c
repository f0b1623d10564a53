/* The collusion lever in whole runs: what it takes and from whom, what off means, its history, checkpoints, and that a log says
 * the same as the run. */
#include "play.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "govern/levers.h"
#include "lab/collusion_report.h"
#include "sim/run_state.h"

#define SOCIETY                                                                                                        \
  "agents:\n  - {type: honest, count: 4}\n  - {type: opportunistic, count: 3}\n  - {type: deceptive, count: 2}\n"      \
  "  - {type: adversarial, count: 3}\n"
#define TIMES "simulation: {seed: 11, n_epochs: 7, steps_per_epoch: 8"
#define PLACE "scenario_id: test\n" TIMES "}\n" SOCIETY "governance:\n"
#define ON    "  collusion_detection_enabled: true\n  transaction_tax_rate: 0.05\n"
#define STRICT                                                                                                         \
  ON "  collusion_score_threshold: 0.2\n  collusion_realtime_penalty: true\n  collusion_penalty_multiplier: 1.5\n"

static const lever_slot *lever(const play *p)
{
  for (uint32_t k = 0; k < p->run->n_levers; k++)
    if (strcmp(p->run->lever_names[k], "collusion_penalty") == 0) {
      p->run->effect.lever = k;
      return &p->run->levers[k];
    }
  fail_msg("there is no collusion lever");
  return NULL;
}

/* --- by hand ------------------------------------------------------------------------------------------------------------------ */

static void hear(const play *p, civ_agent a, civ_agent b, double quality, double cost, bool accepted)
{
  const lever_slot *l = lever(p);
  civ_interaction record = civ_interaction_default();
  record.initiator = a;
  record.counterparty = b;
  record.p = quality;
  record.accepted = accepted;
  civ_effect_clear(&p->run->effect);
  l->table->judge(l->self, &record, NULL, &p->run->effect);
  record.c_a = record.c_b = cost + p->run->effect.cost_a;
  assert_int_equal(l->table->reserve(l->self, &(civ_demand){ .completions = 1 }), CIV_OK);
  l->table->judged(l->self, &record, &p->run->effect);
}

static void golden_penalties(void **state)
{
  play p;
  (void)state;
  play_open(&p,
            PLACE "  collusion_detection_enabled: true\n  collusion_score_threshold: 0.3\n"
                  "  collusion_penalty_multiplier: 1.5\n  collusion_realtime_penalty: true\n",
            NULL);
  assert_int_equal(civ_run_begin(p.run, NULL), CIV_OK);
  hear(&p, 0, 1, 0.4, 0.02, true);
  hear(&p, 0, 1, 0.35, 0.01, true);
  hear(&p, 1, 0, 0.3, 0, true);
  hear(&p, 0, 1, 0.45, 0.03, false);
  hear(&p, 0, 1, 0.5, 0.05, true);
  hear(&p, 1, 0, 0.42, 0.02, true);
  hear(&p, 2, 0, 0.7, 0, true);
  hear(&p, 3, 2, 0.8, 0, true);
  const lever_slot *l = lever(&p);
  civ_effect *e = &p.run->effect;
  assert_null(civ_collusion_penalty_report(l->self));
  civ_effect_clear(e);
  l->table->epoch_begin(l->self, 1, e);
  assert_int_equal(e->n_deltas, 2);
  for (uint32_t k = 0; k < 2; k++) {
    assert_int_equal(e->deltas[k].agent, k);
    assert_true(fabs(e->deltas[k].reputation + 0.5974740257669733) < 1e-12);
    assert_true(fabs(e->deltas[k].resources + 5.974740257669733) < 1e-11);
  }
  hear(&p, 0, 1, 0.5, 0, true);
  assert_true(fabs(e->cost_a - 0.03983160171779822) < 1e-12 && e->cost_a == e->cost_b);
  hear(&p, 0, 2, 0.5, 0, true);
  assert_true(e->cost_a == 0 && e->cost_b == 0);
  assert_int_equal(civ_collusion_penalty_history(l->self), 10);
  civ_collusion_penalty_forget(l->self);
  assert_int_equal(civ_collusion_penalty_history(l->self), 0);
  assert_null(civ_collusion_penalty_report(l->self));
  play_close(&p);
}

/* --- accounts ----------------------------------------------------------------------------------------------------------------- */

static bool close_to(double x, double y)
{
  return fabs(x - y) <= 1e-9 * (1 + fabs(x));
}

static double over_types(play *p, const char *prefix)
{
  static const char *const types[] = { "honest", "opportunistic", "deceptive", "adversarial" };
  double sum = 0;
  for (size_t k = 0; k < sizeof types / sizeof *types; k++) {
    char name[96];
    snprintf(name, sizeof name, "%s%s", prefix, types[k]);
    sum += play_total(p, name);
  }
  return sum;
}

static void what_it_takes_is_accounted(void **state)
{
  play p;
  (void)state;
  play_open(&p, PLACE STRICT, NULL);
  play_all(&p);
  const civ_collusion_report *r = civ_collusion_penalty_report(lever(&p)->self);
  assert_true(r->n_flagged_pairs > 0 && play_total(&p, "lever_collusion_epoch_penalties") > 5);
  assert_true(play_total(&p, "rep_delta.collusion_penalty") < 0);
  assert_true(
      close_to(10 * play_total(&p, "rep_delta.collusion_penalty"), play_total(&p, "res_delta.collusion_penalty")));
  assert_true(over_types(&p, "lever_collusion_on_") == play_total(&p, "lever_collusion_epoch_penalties"));
  assert_true(over_types(&p, "collusion.flagged.") == (double)r->n_flagged_agents);
  assert_true(play_total(&p, "lever_collusion_realtime") > 0 && play_total(&p, "cost.collusion_penalty") > 0);
  assert_true(play_total(&p, "collusion.flagged_pairs") == (double)r->n_flagged_pairs);
  assert_true(play_total(&p, "collusion_flagged_pairs_last") == (double)r->n_flagged_pairs);
  assert_true(play_total(&p, "collusion.ecosystem_risk") == r->ecosystem_risk);
  assert_true(play_total(&p, "collusion_ecosystem_risk_last") == r->ecosystem_risk);
  assert_true(play_cell(&p, 6, "collusion_metrics.ecosystem_collusion_risk") == r->ecosystem_risk);
  assert_true(play_cell(&p, 0, "collusion_metrics.n_flagged_pairs") == 0);
  assert_true(play_total(&p, "events:collusion_report") == 7); /* six epoch starts and the end */
  /* The report of the last epoch's start covers all epochs but the last. */
  assert_true((double)r->interactions == play_total(&p, "total_interactions") - play_cell(&p, 6, "total_interactions"));
  play_close(&p);
}

static void a_cleared_history_holds_one_epoch(void **state)
{
  play p;
  (void)state;
  play_open(&p, PLACE STRICT "  collusion_clear_history_on_epoch: true\n", NULL);
  play_all(&p);
  const void *self = lever(&p)->self;
  assert_true((double)civ_collusion_penalty_history(self) == play_cell(&p, 6, "total_interactions"));
  assert_true((double)civ_collusion_penalty_report(self)->interactions == play_cell(&p, 5, "total_interactions"));
  play_close(&p);
}

static void programs_ask_and_clear(void **state)
{
  play p;
  civ_error err = { 0 };
  civ_end end;
  double risk = 7;
  (void)state;
  play_open(&p, PLACE STRICT, NULL);
  for (int e = 0; e < 4; e++)
    assert_int_equal(civ_run_epoch(p.run, &end, NULL), CIV_OK);
  const civ_collusion_report *r = civ_collusion_penalty_report(lever(&p)->self);
  for (civ_agent a = 0; a < 12; a++)
    assert_true(civ_governance_collusion_risk(p.run, a, &risk, NULL) == CIV_OK && risk == r->risk[a]);
  assert_int_equal(civ_governance_collusion_risk(p.run, 12, &risk, &err), CIV_E_RANGE);
  assert_int_equal(civ_governance_collusion_clear(p.run, NULL), CIV_OK);
  assert_true(civ_governance_collusion_risk(p.run, 0, &risk, NULL) == CIV_OK && risk == 0);
  assert_int_equal(civ_collusion_penalty_history(lever(&p)->self), 0);
  play_close(&p);
  play_open(&p, PLACE "  transaction_tax_rate: 0.05\n", NULL);
  risk = 7;
  assert_int_equal(civ_governance_collusion_risk(p.run, 0, &risk, &err), CIV_E_STATE);
  assert_non_null(strstr(err.text, "governance.collusion_detection_enabled"));
  assert_int_equal(civ_governance_collusion_clear(p.run, &err), CIV_E_STATE);
  assert_true(risk == 7);
  play_close(&p);
}

/* --- what off means ------------------------------------------------------------------------------------------------------------ */

/* What happened, without what counts or covers everything: ids and times of events, digests, reports and rows. */
static char *story(const char *yaml)
{
  static const char *const left_out[] = { "log_opened",       "simulation_started", "simulation_ended",
                                          "collusion_report", "epoch_completed",    "step_completed" };
  play p;
  civ_buffer log = { 0 }, out = { 0 };
  play_load(&p, yaml, NULL);
  play_text(&p, NULL, &log);
  civ_buffer_add(&log, "", 1);
  char *line = log.data;
  for (char *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
    *end = '\0';
    const char *event = strstr(line, "\"event_type\"");
    bool told = event != NULL;
    for (size_t k = 0; told && k < sizeof left_out / sizeof *left_out; k++)
      told = strncmp(event + strlen("\"event_type\": \""), left_out[k], strlen(left_out[k])) != 0;
    if (told)
      civ_buffer_format(&out, "%s\n", event);
  }
  civ_buffer_free(&log);
  play_close(&p);
  return civ_buffer_take(&out, NULL);
}

static void looking_changes_nothing(void **state)
{
  (void)state;
  char *plain = story(PLACE "  transaction_tax_rate: 0.05\n");
  char *seen = story(PLACE ON "  collusion_score_threshold: 0.2\n  collusion_penalty_multiplier: 0\n"
                              "  collusion_realtime_penalty: true\n  collusion_realtime_rate: 0\n");
  char *punished = story(PLACE STRICT);
  assert_true(strlen(plain) > 10000);
  assert_string_equal(plain, seen);
  assert_string_not_equal(plain, punished);
  free(plain);
  free(seen);
  free(punished);
}

/* --- the log says the same ------------------------------------------------------------------------------------------------------- */

static json_t *live_reports(play *p)
{
  civ_bytes text = { 0 };
  assert_int_equal(civ_run_report(p->run, &text, NULL), CIV_OK);
  json_t *tree = json_loadb((const char *)text.data, text.length, 0, NULL);
  assert_non_null(tree);
  civ_bytes_free(&text);
  return tree;
}

static json_t *folded(play *p, const civ_buffer *log, size_t length)
{
  char path[] = "/tmp/civitas-collusion-XXXXXX";
  civ_collusion_summary s;
  civ_error err;
  const int file = mkstemp(path);
  assert_true(file >= 0 && write(file, log->data, length) == (ssize_t)length);
  close(file);
  if (civ_collusion_summary_read(path, 1, false, p->config, &s, &err) != CIV_OK)
    fail_msg("%s: %s", err.where, err.text);
  unlink(path);
  json_t *tree = civ_collusion_summary_json(&s);
  civ_collusion_summary_free(&s);
  return tree;
}

static void a_log_says_what_the_run_says(void **state)
{
  static const char *const worlds[] = {
    PLACE STRICT,
    PLACE STRICT "  collusion_clear_history_on_epoch: true\n",
    PLACE STRICT "  collusion_benefit_basis: transfer_only\n  collusion_min_interactions: 1\n",
    "scenario_id: test\n" TIMES ", seconds_per_step: 7.5}\n" SOCIETY "governance:\n" STRICT,
    "scenario_id: test\n" TIMES ", turn_mode: simultaneous}\n" SOCIETY "governance:\n" STRICT,
    "scenario_id: test\n" TIMES "}\nsafety: {kill_switch_enabled: true, kill_switch_toxicity: 0.2}\n" SOCIETY
    "governance:\n" STRICT,
    "scenario_id: test\nsimulation: {seed: 5, n_epochs: 1, steps_per_epoch: 8}\n" SOCIETY "governance:\n" STRICT,
    PLACE ON "  collusion_score_threshold: 0.02\n  collusion_frequency_threshold: 0.2\n",
  };
  (void)state;
  for (size_t k = 0; k < sizeof worlds / sizeof *worlds; k++) {
    play p;
    civ_buffer log = { 0 };
    play_load(&p, worlds[k], NULL);
    play_text(&p, NULL, &log);
    json_t *live = live_reports(&p), *fold = folded(&p, &log, log.length);
    if (!json_equal(live, fold))
      fail_msg("world %zu: the log says\n%s\nthe run said\n%s", k, json_dumps(fold, 0), json_dumps(live, 0));
    assert_true(json_is_object(json_object_get(json_object_get(fold, "collusion_end"), "coordinated_voters")));
    if (k + 1 == sizeof worlds / sizeof *worlds) /* how a group votes stands in the log, too */
      assert_true(json_array_size(json_object_get(json_object_get(fold, "collusion"), "suspicious_groups")) > 0);
    json_decref(live);
    json_decref(fold);
    civ_buffer_free(&log);
    play_close(&p);
  }
}

/* Of a run that nobody watched a log tells what the lever would have seen; of a torn one what it holds. */
static void other_logs_tell_what_they_can(void **state)
{
  play p;
  civ_buffer log = { 0 };
  (void)state;
  play_load(&p, PLACE "  transaction_tax_rate: 0.05\n", NULL);
  play_text(&p, NULL, &log);
  json_t *unwatched = folded(&p, &log, log.length);
  const double interactions = play_total(&p, "total_interactions");
  civ_buffer_free(&log);
  play_close(&p);
  play_load(&p, PLACE ON "  collusion_penalty_multiplier: 0\n", NULL);
  play_text(&p, NULL, &log);
  json_t *live = live_reports(&p);
  json_object_del(json_object_get(live, "collusion_end"), "coordinated_voters");
  assert_true(json_equal(live, unwatched));
  json_t *torn = folded(&p, &log, log.length / 2 + 3);
  const json_t *end = json_object_get(torn, "collusion_end");
  const json_int_t held = json_integer_value(json_object_get(end, "interactions"));
  assert_true(held > 0 && (double)held < interactions);
  assert_null(json_object_get(end, "coordinated_voters"));
  json_decref(unwatched);
  json_decref(live);
  json_decref(torn);
  civ_buffer_free(&log);
  play_close(&p);
}

/* --- checkpoints, threads, memory ---------------------------------------------------------------------------------------------------- */

static void it_goes_on_from_a_checkpoint(void **state)
{
  static const char *const worlds[] = { PLACE STRICT, "scenario_id: test\n" TIMES ", seconds_per_step: 7.5}\n" SOCIETY
                                                      "governance:\n" STRICT };
  (void)state;
  for (uint32_t k = 0; k < 2 * 6; k++) {
    play p;
    civ_bytes bytes = { 0 };
    civ_end end;
    play_open(&p, worlds[k % 2], NULL);
    for (uint32_t e = 0; e <= k / 2; e++)
      assert_int_equal(civ_run_epoch(p.run, &end, NULL), CIV_OK);
    assert_int_equal(civ_run_save(p.run, &bytes, NULL), CIV_OK);
    play_all(&p);
    const uint64_t digest = play_result(&p).digest;
    json_t *straight = live_reports(&p);
    play_start(&p, NULL);
    civ_bytes_reader in = { .data = bytes.data, .length = bytes.length };
    assert_int_equal(civ_run_load(p.run, &in, NULL), CIV_OK);
    play_all(&p);
    json_t *resumed = live_reports(&p);
    assert_true(play_result(&p).digest == digest && json_equal(straight, resumed));
    json_decref(straight);
    json_decref(resumed);
    civ_bytes_free(&bytes);
    play_close(&p);
  }
}

static void threads_change_nothing(void **state)
{
  const civ_run_options four = { .threads = 4 };
  play p;
  civ_buffer one_log = { 0 }, four_log = { 0 };
  (void)state;
  play_load(&p, "scenario_id: test\n" TIMES ", turn_mode: simultaneous}\n" SOCIETY "governance:\n" STRICT, NULL);
  assert_true(play_text(&p, NULL, &one_log) == play_text(&p, &four, &four_log));
  assert_int_equal(one_log.length, four_log.length);
  assert_memory_equal(one_log.data, four_log.data, one_log.length);
  civ_buffer_free(&one_log);
  civ_buffer_free(&four_log);
  play_close(&p);
}

static void lack_of_memory_is_clean(void **state)
{
  play p;
  (void)state;
  play_load(&p,
            "scenario_id: test\nsimulation: {seed: 11, n_epochs: 3, steps_per_epoch: 8, seconds_per_step: 20}\n" SOCIETY
            "governance:\n" STRICT,
            NULL);
  play_clean_without_memory(&p);
  play_close(&p);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(golden_penalties),
    cmocka_unit_test(what_it_takes_is_accounted),
    cmocka_unit_test(a_cleared_history_holds_one_epoch),
    cmocka_unit_test(programs_ask_and_clear),
    cmocka_unit_test(looking_changes_nothing),
    cmocka_unit_test(a_log_says_what_the_run_says),
    cmocka_unit_test(other_logs_tell_what_they_can),
    cmocka_unit_test(it_goes_on_from_a_checkpoint),
    cmocka_unit_test(threads_change_nothing),
    cmocka_unit_test(lack_of_memory_is_clean),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
