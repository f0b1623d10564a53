/* The first difference of two logs, and what counts as none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sample_run.h"

static void put(const char *name, const sample_run *run, int32_t detail)
{
  size_t length;
  char *text = sample_run_log(run, detail, &length);
  test_write(test_path(name), text, length);
  free(text);
}

static civ_log_difference compare(void)
{
  civ_log_difference d;
  civ_error err;
  const civ_status st = civ_log_compare(test_path("a.jsonl"), test_path("b.jsonl"), &d, &err);
  if (st != CIV_OK)
    fail_msg("%s: %s", err.where, err.text);
  return d;
}

static const sample_run base = { .seed = 3, .agents = 4, .epochs = 2, .steps = 3, .per_step = 4 };

static void equal_logs_and_other_details(void **state)
{
  (void)state;
  put("a.jsonl", &base, CIV_DETAIL_STANDARD);
  put("b.jsonl", &base, CIV_DETAIL_STANDARD);
  civ_log_difference d = compare();
  assert_true(d.same && !d.config_differs);
  put("b.jsonl", &base, CIV_DETAIL_FULL);
  d = compare();
  if (!d.same)
    fail_msg("%s %s: %s / %s", d.event, d.field, d.value_a, d.value_b);
}

static void the_first_difference_is_named(void **state)
{
  (void)state;
  sample_run other = base;
  other.change = 0.125;
  put("a.jsonl", &base, CIV_DETAIL_STANDARD);
  put("b.jsonl", &other, CIV_DETAIL_STANDARD);
  civ_log_difference d = compare();
  assert_false(d.same || d.only_digest || d.config_differs);
  assert_string_equal(d.event, "interaction_completed");
  assert_string_equal(d.field, "payoff_initiator");
  assert_true(d.agent[0] != '\0'); /* of the interaction, though this event does not name it */
  assert_true(atof(d.value_b) - atof(d.value_a) > 0.1249 && atof(d.value_b) - atof(d.value_a) < 0.1251);
  assert_true(d.has_epoch && d.epoch == 1 && d.has_step && d.step == 2 && d.line_a == d.line_b);
}

static void only_the_state_differs(void **state)
{
  (void)state;
  sample_run other = base;
  other.change_digest = true;
  put("a.jsonl", &base, CIV_DETAIL_STANDARD);
  put("b.jsonl", &other, CIV_DETAIL_STANDARD);
  civ_log_difference d = compare();
  assert_true(!d.same && d.only_digest && d.epoch == 1 && d.step == 2);
  assert_string_equal(d.field, "digest");
  assert_int_equal(strlen(d.value_a), 16);
}

static void a_log_that_stops_early(void **state)
{
  (void)state;
  sample_run other = base;
  other.stop_after_epochs = 1;
  put("a.jsonl", &base, CIV_DETAIL_STANDARD);
  put("b.jsonl", &other, CIV_DETAIL_STANDARD);
  civ_log_difference d = compare();
  assert_false(d.same);
  assert_string_equal(d.value_b, "(end of the log)");
  assert_true(d.line_a > 0 && d.line_b == 0 && d.epoch == 1);
}

static void other_configurations(void **state)
{
  (void)state;
  sample_run a = base, b = base;
  a.config = "{\"payoff\": {\"h\": 2.0}, \"outputs\": {\"durability\": \"none\"}}";
  b.config = "{\"payoff\": {\"h\": 2.0}, \"outputs\": {\"durability\": \"every\"}}";
  put("a.jsonl", &a, CIV_DETAIL_STANDARD);
  put("b.jsonl", &b, CIV_DETAIL_STANDARD);
  civ_log_difference d = compare();
  assert_true(d.same && !d.config_differs); /* outputs change no run */
  b.config = "{\"payoff\": {\"h\": 2.5}}";
  b.change_digest = true; /* digests cover the rooms that are on */
  put("b.jsonl", &b, CIV_DETAIL_STANDARD);
  d = compare();
  assert_true(d.same && d.config_differs);
  assert_string_equal(d.config_field, "payoff.h");
  assert_string_equal(d.config_a, "2.0");
  assert_string_equal(d.config_b, "2.5");
  b.seed = 4;
  put("b.jsonl", &b, CIV_DETAIL_STANDARD);
  d = compare();
  assert_true(!d.same && d.config_differs);
}

static void missing_logs(void **state)
{
  (void)state;
  civ_log_difference d;
  civ_error err;
  put("a.jsonl", &base, CIV_DETAIL_STANDARD);
  assert_int_equal(civ_log_compare(test_path("a.jsonl"), test_path("absent"), &d, &err), CIV_E_IO);
  assert_int_equal(civ_log_compare(test_path("absent"), test_path("a.jsonl"), &d, &err), CIV_E_IO);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(equal_logs_and_other_details), cmocka_unit_test(the_first_difference_is_named),
    cmocka_unit_test(only_the_state_differs),       cmocka_unit_test(a_log_that_stops_early),
    cmocka_unit_test(other_configurations),         cmocka_unit_test(missing_logs),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
