/* Writing the log: every byte of a line, durability, refusals, going on after a kill. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/number.h"
#include "record/log_writer.h"
#include "sample_run.h"

static const char *const names[] = { "honest_1", "z\xc3\xbcrich" };
static const civ_roster roster = { 2, names, NULL, NULL };

static civ_event event_of(civ_event_type type, int64_t time_us)
{
  civ_event e;
  memset(&e, 0, sizeof e);
  e.type = (uint16_t)type;
  e.form = &civ_event_forms[type];
  e.time_us = time_us;
  e.agent = e.initiator = e.counterparty = CIV_NOBODY;
  return e;
}

static civ_status receive(void *self, const char *lines, size_t length, civ_error *err)
{
  (void)err;
  civ_buffer_add(self, lines, length);
  return CIV_OK;
}

/* What the log makes of one event. */
static char *line_of(const civ_event *e, uint64_t *nulls)
{
  civ_buffer text = { 0 };
  civ_log *log;
  assert_int_equal(civ_log_create_into(receive, &text, CIV_DETAIL_FULL, &log, NULL), CIV_OK);
  const civ_sink *sink = civ_log_sink(log);
  assert_int_equal(sink->begin(log, &roster, NULL, NULL), CIV_OK);
  sink->event(log, e);
  assert_int_equal(civ_log_close(log, NULL), CIV_OK);
  if (nulls != NULL)
    *nulls = civ_log_nulls(log);
  civ_log_destroy(log);
  return civ_buffer_take(&text, NULL);
}

static void check_line(const civ_event *e, const char *expected)
{
  char *line = line_of(e, NULL);
  assert_string_equal(line, expected);
  free(line);
}

static const int64_t y2000 = INT64_C(946684800000000);

static void lines_are_as_the_format_says(void **state)
{
  (void)state;
  civ_event e = event_of(CIV_EVENT_INTERACTION_COMPLETED, y2000 + 12);
  e.interaction = 5;
  e.step = 3;
  e.values[0].integer = 1;
  e.values[1].real = e.values[2].real = 0.5;
  check_line(&e, "{\"event_id\": \"e1\", \"timestamp\": \"2000-01-01T00:00:00.000012\", \"event_type\": "
                 "\"interaction_completed\", \"interaction_id\": \"i5\", \"agent_id\": null, \"initiator_id\": null, "
                 "\"counterparty_id\": null, \"payload\": {\"accepted\": true, \"payoff_initiator\": 0.5, "
                 "\"payoff_counterparty\": 0.5}, \"epoch\": 0, \"step\": 3}\n");
  e = event_of(CIV_EVENT_REPUTATION_UPDATED, y2000 + 1000000);
  e.agent = 1;
  e.values[0].real = 3;
  e.values[1].real = 1e-7;
  e.values[2].real = -0.1;
  e.values[3].text = "governance";
  check_line(&e, "{\"event_id\": \"e1\", \"timestamp\": \"2000-01-01T00:00:01\", \"event_type\": "
                 "\"reputation_updated\", \"interaction_id\": null, \"agent_id\": \"z\\u00fcrich\", \"initiator_id\": "
                 "null, \"counterparty_id\": null, \"payload\": {\"old_reputation\": 3.0, \"new_reputation\": 1e-07, "
                 "\"delta\": -0.1, \"reason\": \"governance\"}, \"epoch\": 0, \"step\": 0}\n");
  e = event_of(CIV_EVENT_EPOCH_COMPLETED, y2000);
  e.epoch = 4;
  e.values[0].text = "{\"epoch\": 4, \"network_metrics\": null}";
  check_line(&e, "{\"event_id\": \"e1\", \"timestamp\": \"2000-01-01T00:00:00\", \"event_type\": \"epoch_completed\", "
                 "\"interaction_id\": null, \"agent_id\": null, \"initiator_id\": null, \"counterparty_id\": null, "
                 "\"payload\": {\"epoch\": 4, \"network_metrics\": null}, \"epoch\": 4, \"step\": null}\n");
}

static void nested_and_optional_members(void **state)
{
  (void)state;
  civ_event e = event_of(CIV_EVENT_STEP_COMPLETED, y2000);
  e.values[0].integer = (int64_t)UINT64_C(0xfedc00000000000a);
  char *line = line_of(&e, NULL);
  assert_non_null(strstr(line, "\"payload\": {\"digest\": \"fedc00000000000a\"}, \"epoch\": 0"));
  free(line);
  e = event_of(CIV_EVENT_SIMULATION_STARTED, y2000);
  e.values[3].integer = INT64_MIN;
  e.values[4].integer = INT64_MIN;
  e.values[5].text = "{}";
  line = line_of(&e, NULL);
  assert_non_null(strstr(line, "\"seed\": null, \"config\": {}, \"config_sha256\": null, \"engine_version\": null}, "));
  free(line);
  e.values[4].integer = 1;
  line = line_of(&e, NULL);
  assert_non_null(strstr(line, "\"seed\": null, \"async\": true, \"config\": {}"));
  free(line);
  e = event_of(CIV_EVENT_PAYOFF_COMPUTED, y2000);
  line = line_of(&e, NULL);
  assert_non_null(strstr(line, "\"payload\": {\"payoff_initiator\": 0.0, \"payoff_counterparty\": 0.0, \"components\": "
                               "{\"p\": 0.0, \"v_hat\": 0.0, \"tau\": 0.0, \"accepted\": false, \"c_a\": 0.0, "));
  assert_non_null(strstr(line, "\"counterparty_engagement_delta\": 0.0}}, \"epoch\""));
  free(line);
}

/* Optional members may stand anywhere, also first and alone. */
static void optional_members_leave_no_stray_comma(void **state)
{
  static const civ_member members[] = { { "a", CIV_MEMBER_TEXT, true },     { "b", CIV_MEMBER_OPT_INTEGER, true },
                                        { "in", CIV_MEMBER_OPEN, false },   { "c", CIV_MEMBER_JSON, true },
                                        { "d", CIV_MEMBER_INTEGER, false }, { "", CIV_MEMBER_CLOSE, false },
                                        { "e", CIV_MEMBER_TEXT, true },     { NULL, 0, false } };
  static const civ_event_form form = { "made_up", 0, members, "" };
  static const char *const expected[] = {
    "{\"in\": {\"d\": 7}}",
    "{\"a\": \"x\", \"in\": {\"d\": 7}}",
    "{\"b\": 2, \"in\": {\"d\": 7}}",
    "{\"a\": \"x\", \"b\": 2, \"in\": {\"d\": 7}}",
    "{\"in\": {\"c\": [], \"d\": 7}}",
    "{\"a\": \"x\", \"in\": {\"c\": [], \"d\": 7}}",
    "{\"b\": 2, \"in\": {\"c\": [], \"d\": 7}}",
    "{\"a\": \"x\", \"b\": 2, \"in\": {\"c\": [], \"d\": 7}}",
  };
  (void)state;
  for (unsigned k = 0; k < 16; k++) {
    civ_event e = event_of(CIV_EVENT_LOG_OPENED, y2000);
    char wanted[160];
    e.type = CIV_EVENT_BUILT_IN + 3;
    e.form = &form;
    e.values[0].text = k & 1 ? "x" : NULL;
    e.values[1].integer = k & 2 ? 2 : INT64_MIN;
    e.values[2].text = k & 4 ? "[]" : NULL;
    e.values[3].integer = 7;
    e.values[4].text = k & 8 ? "" : NULL;
    const char *inner = expected[k & 7];
    snprintf(wanted, sizeof wanted, "\"payload\": %.*s%s}, \"epoch\"", (int)strlen(inner) - 1, inner,
             k & 8 ? ", \"e\": \"\"" : "");
    char *line = line_of(&e, NULL);
    if (strstr(line, wanted) == NULL)
      fail_msg("%s is not in %s", wanted, line);
    free(line);
  }
}

static void what_is_no_number_is_null_and_counted(void **state)
{
  (void)state;
  civ_event e = event_of(CIV_EVENT_INTERACTION_PROPOSED, y2000);
  uint64_t nulls;
  e.values[0].text = "vo\"te\x01";
  e.values[1].real = (double)NAN;
  e.values[2].real = (double)-INFINITY;
  e.initiator = 7; /* beyond the roster */
  char *line = line_of(&e, &nulls);
  assert_non_null(strstr(line, "{\"interaction_type\": \"vo\\\"te\\u0001\", \"v_hat\": null, \"p\": null}"));
  assert_non_null(strstr(line, "\"interaction_id\": null, \"agent_id\": null, \"initiator_id\": null"));
  assert_int_equal(nulls, 2);
  free(line);
}

static void negative_times_and_zero(void **state)
{
  (void)state;
  civ_event e = event_of(CIV_EVENT_STEP_COMPLETED, -1);
  char *line = line_of(&e, NULL);
  assert_non_null(strstr(line, "\"1969-12-31T23:59:59.999999\""));
  free(line);
}

/* --- files ------------------------------------------------------------------------------------------------------------ */

static civ_status write_run(const char *path, const sample_run *run, civ_log_options options, civ_error *err)
{
  civ_log *log;
  civ_status st = civ_log_create(path, &options, &log, err);
  if (st != CIV_OK)
    return st;
  const civ_replay_target target = { civ_log_sink(log), log };
  (void)sample_run_play(run, &target, 1, NULL);
  st = civ_log_close(log, err);
  civ_log_destroy(log);
  return st;
}

static void an_existing_log_is_refused_unless_replaced(void **state)
{
  (void)state;
  const char *path = test_path("a/b/events.jsonl");
  civ_error err;
  size_t first, second;
  assert_int_equal(write_run(path, &sample_small, (civ_log_options){ 0 }, &err), CIV_OK);
  free(test_read(path, &first));
  assert_int_equal(write_run(path, &sample_small, (civ_log_options){ 0 }, &err), CIV_E_IO);
  assert_string_equal(err.where, path);
  assert_non_null(strstr(err.text, "--force"));
  assert_int_equal(write_run(path, &sample_small, (civ_log_options){ .replace = true }, &err), CIV_OK);
  free(test_read(path, &second));
  assert_int_equal(first, second);
  assert_int_equal(write_run(test_folder(), &sample_small, (civ_log_options){ .replace = true }, &err), CIV_E_IO);
  assert_non_null(strstr(err.text, "folder"));
}

static void the_file_appears_with_the_first_event(void **state)
{
  (void)state;
  const char *path = test_path("late.jsonl");
  civ_log *log;
  const civ_log_options options = { .durability = CIV_DURABILITY_EVERY };
  assert_int_equal(civ_log_create(path, &options, &log, NULL), CIV_OK);
  assert_int_equal(civ_log_sink(log)->begin(log, &roster, NULL, NULL), CIV_OK);
  assert_int_not_equal(access(path, F_OK), 0);
  civ_event e = event_of(CIV_EVENT_STEP_COMPLETED, y2000);
  for (int k = 1; k <= 3; k++) { /* `every`: each record is in the file when the call returns */
    civ_log_sink(log)->event(log, &e);
    size_t length;
    char *text = test_read(path, &length);
    assert_int_equal(length, civ_log_bytes(log));
    assert_int_equal(text[length - 1], '\n');
    assert_int_equal(civ_log_records(log), k);
    free(text);
  }
  assert_int_equal(civ_log_close(log, NULL), CIV_OK);
  civ_log_destroy(log);
}

static size_t size_of(const char *path)
{
  size_t length = 0;
  free(test_read(path, &length));
  return length;
}

static void durability_says_when_records_leave(void **state)
{
  (void)state;
  for (int d = CIV_DURABILITY_NONE; d <= CIV_DURABILITY_EPOCH; d++) {
    const char *path = test_path(d == CIV_DURABILITY_NONE ? "none.jsonl" : "epoch.jsonl");
    const civ_log_options options = { .durability = d };
    civ_log *log;
    assert_int_equal(civ_log_create(path, &options, &log, NULL), CIV_OK);
    const civ_sink *sink = civ_log_sink(log);
    assert_int_equal(sink->begin(log, &roster, NULL, NULL), CIV_OK);
    civ_event e = event_of(CIV_EVENT_STEP_COMPLETED, y2000);
    sink->event(log, &e);
    assert_int_equal(size_of(path), 0);
    assert_int_equal(sink->epoch(log, 0, NULL, NULL), CIV_OK);
    assert_true((size_of(path) > 0) == (d == CIV_DURABILITY_EPOCH));
    sink->event(log, &e);
    assert_int_equal(civ_log_sync(log, NULL), CIV_OK);
    assert_int_equal(size_of(path), civ_log_bytes(log));
    assert_int_equal(sink->end(log, NULL), CIV_OK);
    assert_int_equal(civ_log_close(log, NULL), CIV_OK);
    civ_log_destroy(log);
  }
}

/* Lines longer than the buffer, and buffers filled again and again. */
static void long_lines_and_full_buffers(void **state)
{
  (void)state;
  const size_t length = (size_t)3 << 20;
  char *json = malloc(length + 1);
  memset(json, '1', length);
  json[length] = '\0';
  const char *path = test_path("long.jsonl");
  const civ_log_options options = { .detail = CIV_DETAIL_STANDARD };
  civ_log *log;
  assert_int_equal(civ_log_create(path, &options, &log, NULL), CIV_OK);
  const civ_sink *sink = civ_log_sink(log);
  assert_int_equal(sink->begin(log, &roster, NULL, NULL), CIV_OK);
  for (int k = 0; k < 6; k++) {
    civ_event e = event_of(CIV_EVENT_EPOCH_COMPLETED, y2000);
    e.values[0].text = k == 3 ? "{}" : json;
    sink->event(log, &e);
  }
  assert_int_equal(civ_log_close(log, NULL), CIV_OK);
  assert_true(size_of(path) > 5 * length && size_of(path) == civ_log_bytes(log));
  civ_log_destroy(log);
  free(json);
}

static void full_detail_only_adds_lines(void **state)
{
  (void)state;
  size_t n, m;
  char *standard = sample_run_log(&sample_small, CIV_DETAIL_STANDARD, &n);
  char *full = sample_run_log(&sample_small, CIV_DETAIL_FULL, &m);
  assert_true(m > n);
  assert_null(strstr(standard, "proxy_computed"));
  assert_non_null(strstr(full, "proxy_computed"));
  assert_non_null(strstr(standard, "\"detail\": \"standard\""));
  assert_non_null(strstr(full, "\"detail\": \"full\""));
  free(standard);
  free(full);
}

/* --- going on ----------------------------------------------------------------------------------------------------------- */

static void resume_from_every_byte(int32_t durability, int32_t compression, const char *name)
{
  const char *path = test_path(name);
  const sample_run run = { .seed = 4, .agents = 3, .epochs = 2, .steps = 2, .per_step = 2 };
  civ_log_options options = { .durability = durability, .compression = compression, .replace = true };
  size_t length, again;
  assert_int_equal(write_run(path, &run, options, NULL), CIV_OK);
  char *whole = test_read(path, &length);
  options.resume = true;
  options.replace = false;
  for (size_t cut = 0; cut <= length; cut += cut < 100 ? 1 : 37) {
    civ_error err = { 0 };
    test_write(path, whole, cut);
    if (write_run(path, &run, options, &err) != CIV_OK)
      fail_msg("cut at %zu of %zu: %s: %s", cut, length, err.where, err.text);
    char *repaired = test_read(path, &again);
    assert_int_equal(again, length);
    assert_memory_equal(repaired, whole, length);
    free(repaired);
  }
  free(whole);
}

static void a_killed_run_ends_byte_identical(void **state)
{
  (void)state;
  resume_from_every_byte(CIV_DURABILITY_NONE, CIV_COMPRESSION_NONE, "resume_none.jsonl");
  resume_from_every_byte(CIV_DURABILITY_EPOCH, CIV_COMPRESSION_NONE, "resume_epoch.jsonl");
  resume_from_every_byte(CIV_DURABILITY_EVERY, CIV_COMPRESSION_NONE, "resume_every.jsonl");
  resume_from_every_byte(CIV_DURABILITY_EPOCH, CIV_COMPRESSION_ZSTD, "resume_epoch.jsonl.zst");
  resume_from_every_byte(CIV_DURABILITY_EVERY, CIV_COMPRESSION_ZSTD, "resume_every.jsonl.zst");
}

static void a_run_that_does_not_repeat_is_told_where(void **state)
{
  (void)state;
  const char *path = test_path("diverged.jsonl");
  sample_run run = sample_small;
  size_t length;
  civ_error err;
  assert_int_equal(write_run(path, &run, (civ_log_options){ 0 }, NULL), CIV_OK);
  char *before = test_read(path, &length);
  run.seed = 99;
  assert_int_equal(write_run(path, &run, (civ_log_options){ .resume = true }, &err), CIV_E_DIVERGED);
  assert_string_equal(err.where, path);
  assert_non_null(strstr(err.text, "line 5 ")); /* simulation_started, with its seed */
  size_t after;
  char *now = test_read(path, &after);
  assert_int_equal(after, length);
  assert_memory_equal(now, before, length);
  free(now);
  run = sample_small;
  run.epochs = 1; /* says so in line 5 too */
  assert_int_equal(write_run(path, &run, (civ_log_options){ .resume = true }, &err), CIV_E_DIVERGED);
  assert_int_equal(write_run(path, &sample_small, (civ_log_options){ .resume = true, .offset = length + 1 }, &err),
                   CIV_E_FORMAT);
  assert_int_equal(write_run(test_path("nowhere.jsonl"), &sample_small, (civ_log_options){ .resume = true }, &err),
                   CIV_E_IO);
  test_write(path, before, length);
  FILE *f = fopen(path, "ab");
  fputs("{}\n", f);
  fclose(f);
  assert_int_equal(write_run(path, &sample_small, (civ_log_options){ .resume = true }, &err), CIV_E_DIVERGED);
  assert_non_null(strstr(err.text, "goes on for 3 bytes"));
  free(before);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(lines_are_as_the_format_says),
    cmocka_unit_test(nested_and_optional_members),
    cmocka_unit_test(optional_members_leave_no_stray_comma),
    cmocka_unit_test(what_is_no_number_is_null_and_counted),
    cmocka_unit_test(negative_times_and_zero),
    cmocka_unit_test(an_existing_log_is_refused_unless_replaced),
    cmocka_unit_test(the_file_appears_with_the_first_event),
    cmocka_unit_test(durability_says_when_records_leave),
    cmocka_unit_test(long_lines_and_full_buffers),
    cmocka_unit_test(full_detail_only_adds_lines),
    cmocka_unit_test(a_killed_run_ends_byte_identical),
    cmocka_unit_test(a_run_that_does_not_repeat_is_told_where),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
