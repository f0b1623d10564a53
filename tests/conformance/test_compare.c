/* test_compare.c - the referee is refereed: each rule of equality accepts what it must and refuses what it must. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "compare.h"

static bool same(const char *function, const char *expect, const char *actual)
{
  conformance_difference difference = { 0 };
  json_t *e = json_loads(expect, JSON_DECODE_ANY, NULL), *a = json_loads(actual, JSON_DECODE_ANY, NULL);
  assert_non_null(e);
  assert_non_null(a);
  bool equal = conformance_equal(function, 1e-9, e, a, &difference);
  assert_true(equal || difference.what[0] != '\0');
  json_decref(e);
  json_decref(a);
  return equal;
}

static bool rejected(const char *expect, const char *actual)
{
  conformance_difference difference = { 0 };
  json_t *e = json_loads(expect, 0, NULL), *a = json_loads(actual, 0, NULL);
  bool equal = conformance_rejected(e, a, &difference);
  json_decref(e);
  json_decref(a);
  return equal;
}

static void numbers_are_near_absolutely_or_relatively(void **state)
{
  (void)state;
  assert_true(same("f", "5", "5.0"));
  assert_true(same("f", "0.0", "0.9e-9"));
  assert_false(same("f", "0.0", "1.1e-9"));
  assert_true(same("f", "1e12", "1000000000000.0009"));
  assert_true(same("f", "1e12", "1e12"));
  assert_true(same("f", "1000000.0", "1000000.0009"));
  assert_false(same("f", "1000000.0", "1000000.0011"));
  assert_false(same("f", "0.3", "0.31"));
}

static void infinities_are_spelled(void **state)
{
  (void)state;
  assert_true(same("f", "\"inf\"", "\"inf\""));
  assert_false(same("f", "\"inf\"", "\"-inf\""));
  assert_false(same("f", "\"inf\"", "1e308"));
  assert_false(same("f", "1.0", "\"inf\""));
}

static void texts_and_truths_are_exact(void **state)
{
  (void)state;
  assert_true(same("f", "\"a\"", "\"a\""));
  assert_false(same("f", "\"a\"", "\"a \""));
  assert_true(same("f", "true", "true"));
  assert_false(same("f", "true", "false"));
  assert_false(same("f", "true", "1"));
  assert_false(same("f", "1", "\"1\""));
}

static void null_means_absent(void **state)
{
  (void)state;
  conformance_difference difference;
  json_t *null = json_null();
  assert_true(same("f", "null", "null"));
  assert_true(same("f", "{\"a\": null}", "{}"));
  assert_true(same("f", "{\"a\": null}", "{\"a\": null}"));
  assert_false(same("f", "{\"a\": null}", "{\"a\": 0}"));
  assert_false(same("f", "{\"a\": 0}", "{}"));
  assert_true(conformance_equal("f", 1e-9, null, NULL, &difference));
}

static void objects_are_subsets(void **state)
{
  (void)state;
  assert_true(same("f", "{\"a\": 1}", "{\"a\": 1, \"b\": 2}"));
  assert_false(same("f", "{\"a\": 1, \"b\": 2}", "{\"a\": 1}"));
  assert_false(same("f", "{\"a\": {\"b\": 1}}", "{\"a\": {\"b\": 2}}"));
  assert_false(same("f", "{\"a\": 1}", "[1]"));
}

static void lists_are_element_by_element(void **state)
{
  (void)state;
  assert_true(same("f", "[1, {\"a\": 1}]", "[1, {\"a\": 1, \"b\": 1}]"));
  assert_false(same("f", "[1, 2]", "[2, 1]"));
  assert_false(same("f", "[1]", "[1, 2]"));
  assert_false(same("f", "[1, 2]", "[1]"));
  assert_false(same("f", "[]", "{}"));
}

static void maps_have_the_same_keys(void **state)
{
  (void)state;
  assert_true(same("replay_filter", "{\"by_type\": {\"a\": 1}}", "{\"by_type\": {\"a\": 1}, \"count\": 1}"));
  assert_false(same("replay_filter", "{\"by_type\": {\"a\": 1}}", "{\"by_type\": {\"a\": 1, \"b\": 1}}"));
  assert_false(same("role.planner.plan", "{\"assigned\": {}}", "{\"assigned\": {\"a\": []}}"));
  assert_false(same("sweep.plan", "{\"runs\": [{\"params\": {}}]}", "{\"runs\": [{\"params\": {\"x\": 1}}]}"));
}

static void sets_have_no_order(void **state)
{
  (void)state;
  assert_true(same("runtime.run", "{\"frozen\": [\"a\", \"b\"]}", "{\"frozen\": [\"b\", \"a\"]}"));
  assert_false(same("runtime.run", "{\"frozen\": [\"a\", \"b\"]}", "{\"frozen\": [\"b\", \"b\"]}"));
  assert_false(same("runtime.run", "{\"frozen\": []}", "{\"frozen\": [\"b\"]}"));
}

static void prefixes_may_be_longer(void **state)
{
  (void)state;
  assert_true(same("export.epoch_columns", "{\"columns\": [\"a\"]}", "{\"columns\": [\"a\", \"b\"]}"));
  assert_false(same("export.epoch_columns", "{\"columns\": [\"a\", \"b\"]}", "{\"columns\": [\"a\"]}"));
  assert_false(same("export.epoch_columns", "{\"columns\": [\"a\"]}", "{\"columns\": [\"b\", \"a\"]}"));
}

static void instants_are_moments(void **state)
{
  (void)state;
  assert_true(same("reconstruct", "[{\"timestamp\": \"2024-01-01T00:00:00\"}]",
                   "[{\"timestamp\": \"2024-01-01T00:00:00.000000Z\"}]"));
  assert_true(same("reconstruct", "[{\"timestamp\": \"2024-01-01T02:00:00+02:00\"}]",
                   "[{\"timestamp\": \"2024-01-01T00:00:00\"}]"));
  assert_false(
      same("reconstruct", "[{\"timestamp\": \"2024-01-01T00:00:00\"}]", "[{\"timestamp\": \"2024-01-01T00:00:01\"}]"));
}

static void figures_count_digit_for_digit(void **state)
{
  (void)state;
  assert_true(same("report.summary", "{\"Welfare\": \"3.25 -> 1.00\"}", "{\"Welfare\": \"from 3.25 to 1.00\"}"));
  assert_false(same("report.summary", "{\"Welfare\": \"3.25 -> 1.00\"}", "{\"Welfare\": \"3.25 -> 1.0\"}"));
  assert_false(same("report.summary", "{\"Welfare\": \"-1.00\"}", "{\"Welfare\": \"1.00\"}"));
  assert_false(same("report.summary", "{\"Welfare\": \"1.00\"}", "{\"Welfare\": \"1.00 2\"}"));
}

static void moments_are_statistical(void **state)
{
  (void)state;
  const char *exact = "{\"mean_v_hat\": 0.5, \"sd_v_hat\": 0.1, \"mean_p\": 0.7, \"sd_p\": 0.05}";
  const char *near =
      "{\"draws\": 200000, \"mean_v_hat\": 0.5005, \"sd_v_hat\": 0.1005, \"mean_p\": 0.7, \"sd_p\": 0.05}";
  const char *far = "{\"draws\": 200000, \"mean_v_hat\": 0.502, \"sd_v_hat\": 0.1, \"mean_p\": 0.7, \"sd_p\": 0.05}";
  const char *wide = "{\"draws\": 200000, \"mean_v_hat\": 0.5, \"sd_v_hat\": 0.102, \"mean_p\": 0.7, \"sd_p\": 0.05}";
  const char *few = "{\"draws\": 100, \"mean_v_hat\": 0.5, \"sd_v_hat\": 0.1, \"mean_p\": 0.7, \"sd_p\": 0.05}";
  assert_true(same("observable_moments", exact, near));
  assert_false(same("observable_moments", exact, far));
  assert_false(same("observable_moments", exact, wide));
  assert_false(same("observable_moments", exact, few));
}

static void a_rejection_names_key_and_line(void **state)
{
  (void)state;
  const char *ours =
      "{\"rejected\": true, \"errors\": [{\"key\": \"a.b\", \"line\": 3}, {\"key\": \"c\", \"line\": 4}]}";
  assert_true(rejected("{\"rejected\": true}", ours));
  assert_true(rejected("{\"rejected\": true, \"key\": \"c\"}", ours));
  assert_true(rejected("{\"rejected\": true, \"key\": \"a.b\", \"line\": 3}", ours));
  assert_false(rejected("{\"rejected\": true, \"key\": \"a.b\", \"line\": 4}", ours));
  assert_false(rejected("{\"rejected\": true, \"key\": \"d\"}", ours));
  assert_false(rejected("{\"rejected\": true}", "{\"ids\": []}"));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(numbers_are_near_absolutely_or_relatively),
    cmocka_unit_test(infinities_are_spelled),
    cmocka_unit_test(texts_and_truths_are_exact),
    cmocka_unit_test(null_means_absent),
    cmocka_unit_test(objects_are_subsets),
    cmocka_unit_test(lists_are_element_by_element),
    cmocka_unit_test(maps_have_the_same_keys),
    cmocka_unit_test(sets_have_no_order),
    cmocka_unit_test(prefixes_may_be_longer),
    cmocka_unit_test(instants_are_moments),
    cmocka_unit_test(figures_count_digit_for_digit),
    cmocka_unit_test(moments_are_statistical),
    cmocka_unit_test(a_rejection_names_key_and_line),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
