/* Interaction records as JSON lines: what is written reads back, and what is wrong is named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "record/interaction_json.h"

static const char line[] =
    "{\"interaction_id\": \"i7\", \"timestamp\": \"2000-01-01T00:00:01.500000\", \"initiator\": \"ann\", "
    "\"counterparty\": \"b\\u00f6b\", \"interaction_type\": \"trade\", \"accepted\": true, "
    "\"task_progress_delta\": 0.25, \"rework_count\": 1, \"verifier_rejections\": 0, \"tool_misuse_flags\": 2, "
    "\"counterparty_engagement_delta\": -0.1, \"v_hat\": 0.3, \"p\": 0.6, \"tau\": -0.5, \"c_a\": 0.01, "
    "\"c_b\": 0.0, \"r_a\": 0.125, \"r_b\": 1e-05, \"ground_truth\": -1}";

static void written_is_what_was_read(void **unused)
{
  (void)unused;
  civ_batch batch = { 0 };
  civ_buffer out = { 0 };
  assert_int_equal(civ_interaction_read_json(line, strlen(line), "here", &batch, NULL), CIV_OK);
  assert_int_equal(batch.n, 1);
  assert_int_equal(batch.records[0].id, 7);
  assert_int_equal(batch.records[0].type, CIV_TRADE);
  assert_true(batch.records[0].r_b == 1e-05);
  assert_string_equal(batch.names[1], "b\xc3\xb6"
                                      "b");
  civ_interaction_write_json(&out, &batch.records[0], (const char *const *)batch.names);
  assert_int_equal(out.length, strlen(line));
  assert_memory_equal(out.data, line, out.length);
  civ_buffer_free(&out);
  civ_batch_free(&batch);
}

static void fixtures_survive_the_round_trip(void **unused)
{
  (void)unused;
  for (int kind = 0; kind < CIV_FIXTURE_KINDS; ++kind) {
    civ_fixture_def def = civ_fixture_default((civ_fixture_kind)kind);
    civ_batch made = { 0 }, read = { 0 };
    civ_buffer text = { 0 };
    assert_int_equal(civ_fixture_make(&def, &made, NULL), CIV_OK);
    for (size_t k = 0; k < made.n; ++k) {
      civ_interaction_write_json(&text, &made.records[k], (const char *const *)made.names);
      civ_buffer_text(&text, k % 2 == 0 ? "\n" : "\r\n \n");
    }
    assert_int_equal(civ_interactions_read(text.data, text.length, "made", &read, NULL), CIV_OK);
    assert_int_equal(read.n, made.n);
    for (size_t k = 0; k < made.n; ++k) {
      const civ_interaction *a = &made.records[k], *b = &read.records[k];
      assert_string_equal(made.names[a->initiator], read.names[b->initiator]);
      assert_string_equal(made.names[a->counterparty], read.names[b->counterparty]);
      assert_true(a->id == b->id && a->time_us == b->time_us && a->type == b->type && a->accepted == b->accepted);
      assert_true(a->p == b->p && a->v_hat == b->v_hat && a->tau == b->tau && a->c_a == b->c_a && a->c_b == b->c_b);
      assert_true(a->r_a == b->r_a && a->r_b == b->r_b && a->ground_truth == b->ground_truth);
      assert_true(a->observables.task_progress_delta == b->observables.task_progress_delta);
      assert_true(a->observables.rework_count == b->observables.rework_count);
    }
    civ_buffer_free(&text);
    civ_batch_free(&made);
    civ_batch_free(&read);
  }
}

/* `line` with one piece of it replaced. */
static void altered(const char *from, const char *to, char *out, size_t size)
{
  const char *at = strstr(line, from);
  assert_non_null(at);
  snprintf(out, size, "%.*s%s%s", (int)(at - line), line, to, at + strlen(from));
}

static void what_is_wrong_is_named(void **unused)
{
  (void)unused;
  static const struct {
    const char *from, *to;
    civ_status status;
    const char *says;
  } wrong[] = {
    { "\"p\": 0.6", "\"p\": 1.6", CIV_E_RANGE, "p: 1.6 is outside [0, 1]" },
    { "\"p\": 0.6", "\"p\": \"0.6\"", CIV_E_TYPE, "p is a text" },
    { "\"p\": 0.6, ", "", CIV_E_KEY, "\"p\" is missing" },
    { "\"p\": 0.6", "\"p\": 0.6, \"p\": 0.7", CIV_E_SYNTAX, "duplicate" },
    { "\"p\": 0.6", "\"p\": NaN", CIV_E_SYNTAX, "NaN" },
    { "\"v_hat\": 0.3", "\"v_hat\": -1.5", CIV_E_RANGE, "v_hat: -1.5" },
    { "\"rework_count\": 1", "\"rework_count\": -1", CIV_E_RANGE, "rework_count: -1.0" },
    { "\"rework_count\": 1", "\"rework_count\": 1.5", CIV_E_RANGE, "rework_count: 1.5" },
    { "\"rework_count\": 1", "\"rework_count\": 3000000000", CIV_E_RANGE, "rework_count" },
    { "\"tau\": -0.5", "\"tau\": 1e999", CIV_E_SYNTAX, "" },
    { "\"accepted\": true", "\"accepted\": 1", CIV_E_TYPE, "accepted" },
    { "\"trade\"", "\"barter\"", CIV_E_KEY, "\"barter\"" },
    { "\"trade\"", "3", CIV_E_TYPE, "interaction_type" },
    { "2000-01-01T", "yesterday ", CIV_E_SYNTAX, "timestamp" },
    { "\"i7\"", "\"\"", CIV_E_RANGE, "interaction_id" },
    { "\"ground_truth\": -1", "\"ground_truth\": 0", CIV_E_RANGE, "ground_truth: 0.0" },
    { "\"ground_truth\": -1", "\"ground_truth\": true", CIV_E_TYPE, "ground_truth" },
    { "-1}", "-1", CIV_E_SYNTAX, "" },
  };
  for (size_t k = 0; k < sizeof wrong / sizeof wrong[0]; ++k) {
    char text[1024];
    civ_batch batch = { 0 };
    civ_error err;
    altered(wrong[k].from, wrong[k].to, text, sizeof text);
    assert_int_equal(civ_interaction_read_json(text, strlen(text), "file.jsonl:4", &batch, &err), wrong[k].status);
    assert_string_equal(err.where, "file.jsonl:4");
    assert_non_null(strstr(err.text, wrong[k].says));
    assert_int_equal(batch.n, 0);
    civ_batch_free(&batch);
  }
  civ_batch batch = { 0 };
  civ_error err;
  assert_int_equal(civ_interaction_read_json("[1]", 3, "x", &batch, &err), CIV_E_TYPE);
  assert_int_equal(civ_interaction_read_json("", 0, "x", &batch, &err), CIV_E_SYNTAX);
}

static void what_may_be_otherwise_may(void **unused)
{
  (void)unused;
  static const struct {
    const char *from, *to;
  } fine[] = {
    { ", \"ground_truth\": -1", "" },
    { "\"ground_truth\": -1", "\"ground_truth\": null" },
    { "\"rework_count\": 1", "\"rework_count\": 1.0" },
    { "\"c_b\": 0.0", "\"c_b\": 0" },
    { "{", "{\"colour\": \"red\", " },
    { "\"i7\"", "\"9f-uuid\"" },
    { "\"ann\"", "\"\"" },
  };
  for (size_t k = 0; k < sizeof fine / sizeof fine[0]; ++k) {
    char text[1024];
    civ_batch batch = { 0 };
    altered(fine[k].from, fine[k].to, text, sizeof text);
    assert_int_equal(civ_interaction_read_json(text, strlen(text), "x", &batch, NULL), CIV_OK);
    assert_int_equal(batch.records[0].ground_truth, k < 2 ? 0 : -1);
    assert_int_equal(batch.records[0].id, k == 5 ? 1 : 7);
    assert_true((batch.records[0].initiator == CIV_NOBODY) == (k == 6));
    civ_batch_free(&batch);
  }
}

static void lines_are_counted_with_blank_ones(void **unused)
{
  (void)unused;
  char text[2048];
  civ_batch batch = { 0 };
  civ_error err;
  snprintf(text, sizeof text, "%s\n\n  \n{}\n", line);
  assert_int_equal(civ_interactions_read(text, strlen(text), "a.jsonl", &batch, &err), CIV_E_KEY);
  assert_string_equal(err.where, "a.jsonl:4");
  assert_string_equal(err.text, "the key \"interaction_id\" is missing");
  civ_batch_free(&batch);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(written_is_what_was_read),
    cmocka_unit_test(fixtures_survive_the_round_trip),
    cmocka_unit_test(what_is_wrong_is_named),
    cmocka_unit_test(what_may_be_otherwise_may),
    cmocka_unit_test(lines_are_counted_with_blank_ones),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
