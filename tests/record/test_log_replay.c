/* A replayed run is heard as the live one was, call by call, and writes the very same log. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "record/log_replay.h"
#include "record/log_writer.h"
#include "sample_run.h"

static civ_status play_text(const char *text, size_t length, uint32_t k, bool strict, const civ_replay_target *target,
                            bool *complete, civ_log_counts *counts, civ_error *err)
{
  const civ_log_input in = { .text = text, .length = length };
  return civ_log_replay_input(&in, k, strict, target, 1, complete, counts, err);
}

/* What a sink hears of a live run and of the replay of its log. */
static void compare_heard(const sample_run *run, int32_t detail, const civ_sink *sink)
{
  civ_buffer live = { 0 }, replayed = { 0 };
  size_t length;
  bool complete;
  civ_log_counts counts;
  civ_error err;
  const civ_replay_target to_live = { sink, &live }, to_replayed = { sink, &replayed };
  assert_int_equal(sample_run_play(run, &to_live, 1, NULL), CIV_OK);
  char *text = sample_run_log(run, detail, &length);
  const civ_status st = play_text(text, length, 1, true, &to_replayed, &complete, &counts, &err);
  if (st != CIV_OK)
    fail_msg("%s: %s", err.where, err.text);
  assert_int_equal(complete, run->stop_after_epochs == 0);
  civ_buffer_add(&live, "", 1);
  civ_buffer_add(&replayed, "", 1);
  assert_string_equal(replayed.data, live.data);
  civ_buffer_free(&live);
  civ_buffer_free(&replayed);
  free(text);
}

static void live_and_replayed_sound_alike(void **state)
{
  (void)state;
  for (uint32_t seed = 0; seed < 12; seed++) {
    sample_run run = { .seed = seed, .agents = 2 + seed % 6, .epochs = 3, .steps = 2, .per_step = 4 };
    compare_heard(&run, CIV_DETAIL_STANDARD, &recorder_sink);
    compare_heard(&run, CIV_DETAIL_FULL, &recorder_sink);
    compare_heard(&run, CIV_DETAIL_FULL, &recorder_full_sink);
    run.stop_after_epochs = 2;
    compare_heard(&run, CIV_DETAIL_STANDARD, &recorder_sink);
  }
}

static civ_status receive(void *self, const char *lines, size_t length, civ_error *err)
{
  (void)err;
  civ_buffer_add(self, lines, length);
  return CIV_OK;
}

/* The log that a replay of `text` writes. */
static char *write_again(const char *text, size_t length, int32_t detail, size_t *again)
{
  civ_buffer out = { 0 };
  civ_log *log;
  bool complete;
  civ_log_counts counts;
  assert_int_equal(civ_log_create_into(receive, &out, detail, &log, NULL), CIV_OK);
  const civ_replay_target target = { civ_log_sink(log), log };
  assert_int_equal(play_text(text, length, 1, false, &target, &complete, &counts, NULL), CIV_OK);
  assert_int_equal(civ_log_close(log, NULL), CIV_OK);
  civ_log_destroy(log);
  return civ_buffer_take(&out, again);
}

static void a_replay_writes_the_same_log(void **state)
{
  (void)state;
  for (int32_t detail = CIV_DETAIL_STANDARD; detail <= CIV_DETAIL_FULL; detail++)
    for (uint32_t seed = 1; seed < 8; seed++) {
      const sample_run run = { .seed = seed,
                               .agents = 4,
                               .epochs = 2,
                               .steps = 3,
                               .per_step = 4,
                               .config = "{\"payoff\": {\"theta\": 0.5, \"list\": [1, 2.5, null, \"\\u00e4\"]}}" };
      size_t length, again;
      char *text = sample_run_log(&run, detail, &length);
      char *copy = write_again(text, length, detail, &again);
      assert_int_equal(again, length);
      assert_memory_equal(copy, text, length);
      free(copy);
      free(text);
    }
}

/* Detail full differs from standard only by lines; so a full log replayed to a standard one is the standard log. */
static void a_full_log_holds_the_standard_one(void **state)
{
  (void)state;
  const sample_run run = { .seed = 5, .agents = 4, .epochs = 2, .steps = 3, .per_step = 4 };
  size_t full_length, length, again;
  char *full = sample_run_log(&run, CIV_DETAIL_FULL, &full_length);
  char *standard = sample_run_log(&run, CIV_DETAIL_STANDARD, &length);
  char *copy = write_again(full, full_length, CIV_DETAIL_STANDARD, &again);
  assert_int_equal(again, length);
  assert_memory_equal(copy, standard, length);
  free(copy);
  free(full);
  free(standard);
}

static void one_of_several_runs(void **state)
{
  (void)state;
  civ_buffer all = { 0 };
  for (uint32_t seed = 1; seed <= 3; seed++) {
    sample_run run = sample_small;
    size_t length;
    run.seed = seed;
    char *text = sample_run_log(&run, CIV_DETAIL_STANDARD, &length);
    char *from = seed == 2 ? strchr(text, '\n') + 1 : text; /* the second has no head, as other producers write */
    civ_buffer_add(&all, from, length - (size_t)(from - text));
    free(text);
  }
  for (uint32_t seed = 1; seed <= 3; seed++) {
    civ_buffer live = { 0 }, replayed = { 0 };
    sample_run run = sample_small;
    bool complete;
    civ_log_counts counts;
    run.seed = seed;
    static civ_sink quiet;
    quiet = recorder_sink;
    quiet.wants_events = false;
    const civ_replay_target to_live = { &quiet, &live }, to_replayed = { &quiet, &replayed };
    assert_int_equal(sample_run_play(&run, &to_live, 1, NULL), CIV_OK);
    assert_int_equal(play_text(all.data, all.length, seed, true, &to_replayed, &complete, &counts, NULL), CIV_OK);
    assert_true(complete);
    assert_int_equal(replayed.length, live.length);
    assert_memory_equal(replayed.data, live.data, live.length);
    civ_buffer_free(&live);
    civ_buffer_free(&replayed);
  }
  bool complete;
  civ_log_counts counts;
  civ_error err;
  const civ_replay_target none = { &recorder_sink, &all };
  assert_int_equal(play_text(all.data, all.length, 4, true, &none, &complete, &counts, &err), CIV_E_RANGE);
  assert_string_equal(err.text, "there is no run 4: the event log holds runs 1 to 3");
  assert_int_equal(play_text("", 0, 1, true, &none, &complete, &counts, &err), CIV_E_RANGE);
  assert_string_equal(err.text, "the event log holds no run");
  civ_buffer_free(&all);
}

#define HEAD "{\"event_id\": \"u\", \"timestamp\": \"2024-03-01T10:00:00\", \"event_type\": "

static void logs_of_other_producers(void **state)
{
  (void)state;
  static const char text[] =
      HEAD "\"agent_created\", \"agent_id\": \"a\", \"payload\": {\"agent_type\": \"deceptive\"}}\n" HEAD
           "\"simulation_started\"}\n" HEAD
           "\"bid_placed\", \"agent_id\": \"late\", \"payload\": {\"bid_id\": \"b\"}}\n" HEAD
           "\"invented\", \"payload\": {\"x\": [1]}}\n" HEAD
           "\"interaction_proposed\", \"interaction_id\": \"6ba7b810\", \"initiator_id\": \"a\", \"counterparty_id\": "
           "\"late\", \"epoch\": 0, \"step\": 0}\n" HEAD
           "\"payoff_computed\", \"interaction_id\": \"6ba7b810\", \"payload\": {\"payoff_initiator\": 2, "
           "\"components\": {\"p\": 0.25, \"accepted\": true}}, \"epoch\": 0, \"step\": 1}\n" HEAD
           "\"epoch_completed\", \"payload\": {\"network_edges_pruned\": 3}, \"epoch\": 0}\n" HEAD
           "\"epoch_completed\", \"payload\": {\"epoch\": 0, \"total_interactions\": 1, \"network_metrics\": null}, "
           "\"epoch\": 0}\n";
  civ_buffer out = { 0 };
  bool complete;
  civ_log_counts counts;
  const civ_sink two_columns = { .version = CIV_PART_VERSION,
                                 .name = "two",
                                 .wants_events = true,
                                 .begin = recorder_sink.begin,
                                 .interaction = recorder_sink.interaction,
                                 .event = recorder_sink.event,
                                 .end = recorder_sink.end };
  const civ_replay_target target = { &two_columns, &out };
  assert_int_equal(play_text(text, strlen(text), 1, false, &target, &complete, &counts, NULL), CIV_OK);
  assert_false(complete);
  assert_int_equal(counts.unknown, 1);
  assert_int_equal(counts.records, 8);
  civ_buffer_add(&out, "", 1);
  assert_non_null(
      strstr(out.data, "agent a 2 deceptive\nagent late 0 honest\ncolumn epoch\ncolumn total_interactions\n"));
  assert_null(strstr(out.data, "network"));
  assert_non_null(strstr(out.data, " bid_placed 0 "));
  assert_non_null(strstr(out.data, " invented 0 "));
  assert_non_null(strstr(out.data, " edge_pruned 0 "));
  assert_non_null(strstr(out.data, "interaction 1 1709287200000000 0 1 0.1 0 1 0 0 "));
  assert_ptr_equal(strstr(strstr(out.data, "epoch_completed") + 1, "epoch_completed"), NULL);
  civ_buffer_free(&out);
}

static civ_status refuse_epoch(void *self, uint32_t epoch, const double *row, civ_error *err)
{
  (void)self, (void)row;
  return civ_fail(err, CIV_E_LIMIT, "sink", "epoch %u", epoch);
}

static void errors_of_sinks_come_through(void **state)
{
  (void)state;
  const civ_sink sink = { .version = CIV_PART_VERSION, .name = "refuse", .epoch = refuse_epoch };
  const civ_replay_target target = { &sink, NULL };
  size_t length;
  bool complete;
  civ_log_counts counts;
  civ_error err;
  char *text = sample_run_log(&sample_small, CIV_DETAIL_STANDARD, &length);
  assert_int_equal(play_text(text, length, 1, true, &target, &complete, &counts, &err), CIV_E_LIMIT);
  assert_string_equal(err.text, "epoch 0");
  test_write(test_path("replay.jsonl"), text, length);
  assert_int_equal(civ_log_replay(test_path("replay.jsonl"), 1, true, &target, 1, &complete, &counts, &err),
                   CIV_E_LIMIT);
  assert_int_equal(civ_log_replay(test_path("absent.jsonl"), 1, true, &target, 1, &complete, &counts, &err), CIV_E_IO);
  free(text);
}

static void damaged_logs_replay_or_refuse(void **state)
{
  (void)state;
  const sample_run tiny = { .seed = 6, .agents = 2, .epochs = 1, .steps = 1, .per_step = 2 };
  size_t length;
  char *text = sample_run_log(&tiny, CIV_DETAIL_FULL, &length);
  for (size_t at = 0; at < length; at++) {
    civ_buffer out = { 0 };
    const civ_sink sink = { .version = CIV_PART_VERSION,
                            .name = "n",
                            .wants_events = true,
                            .wants_full = true,
                            .begin = recorder_sink.begin,
                            .interaction = recorder_sink.interaction,
                            .event = recorder_sink.event };
    const civ_replay_target target = { &sink, &out };
    bool complete;
    civ_log_counts counts;
    civ_error err;
    text[at] = (char)(text[at] ^ 1 << at % 8);
    civ_status st = play_text(text, length, 1, false, &target, &complete, &counts, &err);
    assert_int_equal(st, CIV_OK);
    st = play_text(text, length, 1, true, &target, &complete, &counts, &err);
    assert_true(st == CIV_OK || st == CIV_E_FORMAT);
    text[at] = (char)(text[at] ^ 1 << at % 8);
    civ_buffer_free(&out);
  }
  free(text);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(live_and_replayed_sound_alike),     cmocka_unit_test(a_replay_writes_the_same_log),
    cmocka_unit_test(a_full_log_holds_the_standard_one), cmocka_unit_test(one_of_several_runs),
    cmocka_unit_test(logs_of_other_producers),           cmocka_unit_test(errors_of_sinks_come_through),
    cmocka_unit_test(damaged_logs_replay_or_refuse),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
