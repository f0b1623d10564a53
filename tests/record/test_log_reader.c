/* Reading logs: what is passed over, what is refused, filters, times, torn and broken files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zstd.h>

#include "base/number.h"
#include "record/log_source.h"
#include "record/log_writer.h"
#include "sample_run.h"

#define GOOD "{\"event_id\": \"a\", \"timestamp\": \"2024-03-01T00:00:01\", \"event_type\": \"step_completed\"}"

static civ_status read_all(const char *text, size_t length, bool strict, civ_log_counts *counts, civ_error *err)
{
  civ_log_reader *reader;
  civ_log_record record;
  bool got = true;
  civ_status st = civ_log_open_text(text, length, strict, &reader, err);
  while (st == CIV_OK && got)
    st = civ_log_next(reader, NULL, &record, &got, err);
  *counts = civ_log_reader_counts(reader);
  civ_log_reader_close(reader);
  return st;
}

static void lenient_and_strict(void **state)
{
  (void)state;
  static const struct {
    const char *text;
    uint64_t records, malformed, unknown, torn;
    const char *strict; /* part of its message; NULL = reads */
  } cases[] = {
    { "", 0, 0, 0, 0, NULL },
    { "\n  \n\t\r\n", 0, 0, 0, 0, NULL },
    { GOOD "\n", 1, 0, 0, 0, NULL },
    { GOOD, 1, 0, 0, 0, NULL },
    { GOOD "\r\n" GOOD "\n", 2, 0, 0, 0, NULL },
    { GOOD "\n{\"event_id\"", 1, 0, 0, 1, NULL },
    { GOOD "\n{\"event_id\"\n" GOOD "\n", 2, 1, 0, 0, "not JSON" },
    { GOOD "\n[1]\n", 1, 1, 0, 0, "not a JSON object" },
    { "7\n", 0, 1, 0, 0, "not JSON" },
    { "{\"timestamp\": \"2024-03-01T00:00:01\", \"event_type\": \"x\"}\n", 0, 1, 0, 0, "event_id" },
    { "{\"event_id\": 1, \"timestamp\": \"2024-03-01T00:00:01\", \"event_type\": \"x\"}\n", 0, 1, 0, 0, "event_id" },
    { "{\"event_id\": \"a\", \"event_type\": \"x\"}\n", 0, 1, 0, 0, "timestamp" },
    { "{\"event_id\": \"a\", \"timestamp\": \"yesterday\", \"event_type\": \"x\"}\n", 0, 1, 0, 0, "ISO 8601" },
    { "{\"event_id\": \"a\", \"timestamp\": \"2024-03-01T00:00:01\"}\n", 0, 1, 0, 0, "event_type" },
    { "{\"event_id\": \"a\", \"timestamp\": \"2024-03-01T00:00:01\", \"event_type\": \"new\"}\n", 1, 0, 1, 0,
      "unknown event_type \"new\"" },
    { "{\"event_id\": \"a\", \"timestamp\": \"2024-03-01T00:00:01\", \"event_type\": \"bid_placed\"}\n", 1, 0, 0, 0,
      NULL },
    { "{\"event_id\": \"a\", \"timestamp\": \"2024-03-01T00:00:01\", \"event_type\": \"hfn_tick\", \"agent_id\": 3}\n",
      0, 1, 0, 0, "neither text nor null" },
    { "{\"event_id\": \"a\", \"timestamp\": \"2024-03-01T00:00:01\", \"event_type\": \"hfn_tick\", \"step\": -1}\n", 0,
      1, 0, 0, "whole numbers" },
    { "{\"event_id\": \"a\", \"timestamp\": \"2024-03-01T00:00:01\", \"event_type\": \"hfn_tick\", \"step\": 2.0}\n", 1,
      0, 0, 0, NULL },
    { "{\"event_id\": \"a\", \"timestamp\": \"2024-03-01T00:00:01\", \"event_type\": \"hfn_tick\", \"payload\": 1}\n",
      0, 1, 0, 0, "payload" },
    { "{\"event_id\": \"a\", \"timestamp\": \"2024-03-01T00:00:01\", \"event_type\": \"hfn_tick\", \"payload\": null, "
      "\"more\": {}}\n",
      1, 0, 0, 0, NULL },
    { GOOD "\n" GOOD "\n", 2, 0, 0, 0, NULL }, /* the same id twice: both stay */
    { "\xef\xbb\xbf" GOOD "\n", 0, 1, 0, 0, "not JSON" },
    { "{\"event_id\": \"\xff\"}\n", 0, 1, 0, 0, "not JSON" },
  };
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    civ_log_counts c;
    civ_error err = { 0 };
    const size_t length = strlen(cases[k].text);
    assert_int_equal(read_all(cases[k].text, length, false, &c, &err), CIV_OK);
    if (c.records != cases[k].records || c.malformed != cases[k].malformed || c.unknown != cases[k].unknown ||
        c.truncated_tail != cases[k].torn)
      fail_msg("case %zu: %llu records, %llu malformed, %llu unknown, torn %llu", k, (unsigned long long)c.records,
               (unsigned long long)c.malformed, (unsigned long long)c.unknown, (unsigned long long)c.truncated_tail);
    const civ_status st = read_all(cases[k].text, length, true, &c, &err);
    assert_int_equal(st, cases[k].strict != NULL ? CIV_E_FORMAT : CIV_OK);
    if (cases[k].strict != NULL && strstr(err.text, cases[k].strict) == NULL)
      fail_msg("case %zu: %s: %s", k, err.where, err.text);
    if (cases[k].strict != NULL)
      assert_non_null(strstr(err.where, "line "));
  }
}

static void the_first_bad_line_is_known(void **state)
{
  (void)state;
  civ_log_counts c;
  civ_error err;
  const char *text = GOOD "\n\nx\n" GOOD "\ny\n";
  assert_int_equal(read_all(text, strlen(text), false, &c, &err), CIV_OK);
  assert_int_equal(c.first_malformed_line, 3);
  assert_int_equal(read_all(text, strlen(text), true, &c, &err), CIV_E_FORMAT);
  assert_string_equal(err.where, "line 3");
  test_write(test_path("bad.jsonl"), text, strlen(text));
  civ_log_reader *reader;
  civ_log_record record;
  bool got;
  assert_int_equal(civ_log_open(test_path("bad.jsonl"), true, &reader, &err), CIV_OK);
  assert_int_equal(civ_log_next(reader, NULL, &record, &got, &err), CIV_OK);
  assert_int_equal(civ_log_next(reader, NULL, &record, &got, &err), CIV_E_FORMAT);
  assert_non_null(strstr(err.where, "bad.jsonl:3"));
  civ_log_reader_close(reader);
  assert_int_equal(civ_log_open(test_path("absent.jsonl"), true, &reader, &err), CIV_E_IO);
  assert_non_null(strstr(err.text, "No such file"));
  assert_int_equal(civ_log_open(test_folder(), false, &reader, &err), CIV_OK);
  assert_int_equal(civ_log_next(reader, NULL, &record, &got, &err), CIV_E_IO);
  civ_log_reader_close(reader);
}

static void a_record_holds_what_the_line_says(void **state)
{
  (void)state;
  size_t length;
  char *text = sample_run_log(&sample_small, CIV_DETAIL_FULL, &length);
  civ_log_reader *reader;
  civ_log_record r;
  bool got;
  assert_int_equal(civ_log_open_text(text, length, true, &reader, NULL), CIV_OK);
  for (uint64_t k = 1;; k++) {
    char id[32];
    assert_int_equal(civ_log_next(reader, NULL, &r, &got, NULL), CIV_OK);
    if (!got)
      break;
    snprintf(id, sizeof id, "e%llu", (unsigned long long)k);
    assert_string_equal(r.event_id, id);
    assert_int_equal(r.line, k);
    assert_int_equal(r.type, civ_event_type_of(r.type_name));
    assert_true(r.type < CIV_EVENT_BUILT_IN);
    const uint32_t flags = civ_event_forms[r.type].flags;
    assert_int_equal(r.has_epoch, (flags & CIV_FORM_EPOCH) != 0);
    assert_int_equal(r.has_step, (flags & CIV_FORM_STEP) != 0);
    assert_int_equal(r.interaction_id != NULL, (flags & CIV_FORM_INTERACTION) != 0);
    assert_int_equal(r.initiator_id != NULL, (flags & CIV_FORM_INITIATOR) != 0);
    assert_non_null(r.payload);
  }
  civ_log_reader_close(reader);
  free(text);
}

static unsigned count_filtered(const char *text, size_t length, const civ_log_filter *filter)
{
  civ_log_reader *reader;
  civ_log_record r;
  bool got = true;
  unsigned n = 0;
  assert_int_equal(civ_log_open_text(text, length, true, &reader, NULL), CIV_OK);
  for (; got; n += got)
    assert_int_equal(civ_log_next(reader, filter, &r, &got, NULL), CIV_OK);
  civ_log_reader_close(reader);
  return n;
}

static void filters_hold_together(void **state)
{
  (void)state;
  static const char *const types[] = { "agent_created", "simulation_ended" };
  const sample_run run = { .seed = 3, .agents = 4, .epochs = 2, .steps = 3, .per_step = 3 };
  size_t length;
  char *text = sample_run_log(&run, CIV_DETAIL_STANDARD, &length);
  const unsigned all = count_filtered(text, length, NULL);
  assert_int_equal(count_filtered(text, length, &(civ_log_filter){ .agent_id = "", .interaction_id = "" }), all);
  assert_int_equal(count_filtered(text, length, &(civ_log_filter){ .types = types, .n_types = 2 }), 5);
  assert_int_equal(count_filtered(text, length, &(civ_log_filter){ .types = types, .n_types = 0 }), all);
  assert_int_equal(
      count_filtered(text, length, &(civ_log_filter){ .types = types, .n_types = 2, .agent_id = "honest_1" }), 1);
  assert_int_equal(count_filtered(text, length, &(civ_log_filter){ .agent_id = "nobody" }), 0);
  int64_t at;
  assert_true(civ_parse_time("2000-01-01T00:00:00.000003", 26, &at));
  const civ_log_filter from = { .has_start = true, .start_us = at }, to = { .has_end = true, .end_us = at };
  const civ_log_filter only = { .has_start = true, .start_us = at, .has_end = true, .end_us = at };
  assert_int_equal(count_filtered(text, length, &only), 1);
  assert_int_equal(count_filtered(text, length, &from) + count_filtered(text, length, &to), all + 1);
  free(text);
}

static void times_with_and_without_zones(void **state)
{
  (void)state;
  static const struct {
    const char *text, *same;
  } times[] = {
    { "2024-03-01T00:00:01Z", "2024-03-01T00:00:01" },
    { "2024-03-01T02:00:01+02:00", "2024-03-01T00:00:01" },
    { "2024-02-29T23:30:01.250-00:30", "2024-03-01T00:00:01.250000" },
  };
  for (size_t k = 0; k < sizeof times / sizeof *times; k++) {
    char line[200];
    civ_log_reader *reader;
    civ_log_record r;
    bool got;
    int64_t us;
    const int n = snprintf(line, sizeof line,
                           "{\"event_id\": \"a\", \"timestamp\": \"%s\", \"event_type\": \"hfn_tick\"}", times[k].text);
    assert_true(civ_parse_time(times[k].same, strlen(times[k].same), &us));
    assert_int_equal(civ_log_open_text(line, (size_t)n, true, &reader, NULL), CIV_OK);
    assert_int_equal(civ_log_next(reader, NULL, &r, &got, NULL), CIV_OK);
    assert_true(got && r.time_us == us);
    civ_log_reader_close(reader);
  }
}

/* --- lines and compression ------------------------------------------------------------------------------------------------ */

static void lines_of_any_length(void **state)
{
  (void)state;
  civ_log_source s;
  const char *text;
  size_t length;
  bool whole, got;
  civ_error err;
  const size_t long_one = (size_t)5 << 20, too_long = ((size_t)CIV_LOG_LINE_MAX) + (1 << 20);
  char *data = malloc(too_long);
  memset(data, 'x', too_long);
  data[long_one] = '\n';
  civ_log_source_memory(&s, data, long_one + 3);
  assert_int_equal(civ_log_source_next(&s, &text, &length, &whole, &got, &err), CIV_OK);
  assert_true(got && whole && length == long_one);
  assert_int_equal(civ_log_source_next(&s, &text, &length, &whole, &got, &err), CIV_OK);
  assert_true(got && !whole && length == 2);
  assert_int_equal(civ_log_source_next(&s, &text, &length, &whole, &got, &err), CIV_OK);
  assert_false(got);
  civ_log_source_close(&s);
  data[long_one] = 'x';
  civ_log_source_memory(&s, data, too_long);
  assert_int_equal(civ_log_source_next(&s, &text, &length, &whole, &got, &err), CIV_E_LIMIT);
  assert_string_equal(err.text, "line 1 is longer than 64 MiB; this is no event log");
  civ_log_source_close(&s);
  free(data);
}

static char *compress(const char *text, size_t length, size_t pieces, size_t *packed)
{
  char *out = malloc(ZSTD_compressBound(length) + pieces * 64);
  *packed = 0;
  for (size_t k = 0; k < pieces; k++) {
    const size_t from = length * k / pieces, to = length * (k + 1) / pieces;
    *packed += ZSTD_compress(out + *packed, ZSTD_compressBound(to - from), text + from, to - from, 1);
  }
  return out;
}

static void compressed_logs_read_like_plain_ones(void **state)
{
  (void)state;
  size_t length, packed;
  char *text = sample_run_log(&sample_small, CIV_DETAIL_STANDARD, &length);
  civ_log_counts plain, same;
  civ_error err;
  assert_int_equal(read_all(text, length, true, &plain, &err), CIV_OK);
  char *data = compress(text, length, 5, &packed); /* frames end inside lines */
  assert_int_equal(read_all(data, packed, true, &same, &err), CIV_OK);
  assert_memory_equal(&plain, &same, sizeof same);
  uint64_t before = 0;
  for (size_t cut = 4; cut < packed; cut++) {
    civ_log_counts c;
    assert_int_equal(read_all(data, cut, true, &c, &err), CIV_OK);
    assert_true(c.records >= before && c.malformed == 0);
    before = c.records;
  }
  for (size_t at = 4; at < packed; at++) { /* a flipped byte is found, or was of no weight */
    civ_log_counts c;
    data[at] = (char)~data[at];
    const civ_status st = read_all(data, packed, false, &c, &err);
    assert_true(st == CIV_OK || st == CIV_E_FORMAT || st == CIV_E_LIMIT);
    data[at] = (char)~data[at];
  }
  free(data);
  free(text);
}

/* --- damage ------------------------------------------------------------------------------------------------------------------ */

static const sample_run tiny = { .seed = 6, .agents = 2, .epochs = 1, .steps = 1, .per_step = 1 };

static void cut_at_every_byte(void **state)
{
  (void)state;
  size_t length;
  char *text = sample_run_log(&tiny, CIV_DETAIL_FULL, &length);
  uint64_t lines = 0;
  for (size_t cut = 0; cut <= length; cut++) {
    civ_log_counts c;
    civ_error err;
    char *copy = malloc(cut + 1); /* so that a read beyond the end is seen */
    memcpy(copy, text, cut);
    assert_int_equal(read_all(copy, cut, true, &c, &err), CIV_OK);
    const bool at_end = cut == 0 || text[cut - 1] == '\n', only_lf_missing = cut < length && text[cut] == '\n';
    assert_int_equal(c.truncated_tail, !at_end && !only_lf_missing);
    lines += cut > 0 && text[cut - 1] == '\n';
    assert_int_equal(c.records, lines + (only_lf_missing && !at_end));
    free(copy);
  }
  free(text);
}

static void flip_every_byte(void **state)
{
  (void)state;
  size_t length;
  char *text = sample_run_log(&tiny, CIV_DETAIL_STANDARD, &length);
  civ_log_counts whole;
  civ_error err;
  assert_int_equal(read_all(text, length, true, &whole, &err), CIV_OK);
  for (size_t at = 0; at < length; at++)
    for (int bit = (int)(at % 5); bit < 8; bit += 5) {
      civ_log_counts c;
      text[at] = (char)(text[at] ^ 1 << bit);
      assert_int_equal(read_all(text, length, false, &c, &err), CIV_OK);
      assert_true(c.records + c.malformed + c.truncated_tail + 1 >= whole.records); /* at most two lines became one */
      const civ_status st = read_all(text, length, true, &c, &err);
      assert_true(st == CIV_OK || (st == CIV_E_FORMAT && strncmp(err.where, "line ", 5) == 0));
      text[at] = (char)(text[at] ^ 1 << bit);
    }
  free(text);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(lenient_and_strict),
    cmocka_unit_test(the_first_bad_line_is_known),
    cmocka_unit_test(a_record_holds_what_the_line_says),
    cmocka_unit_test(filters_hold_together),
    cmocka_unit_test(times_with_and_without_zones),
    cmocka_unit_test(lines_of_any_length),
    cmocka_unit_test(compressed_logs_read_like_plain_ones),
    cmocka_unit_test(cut_at_every_byte),
    cmocka_unit_test(flip_every_byte),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
