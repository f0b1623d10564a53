#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/json.h"

static char *written(const char *text, int indent)
{
  json_t *value = json_loads(text, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
  assert_non_null(value);
  civ_buffer b = { 0 };
  civ_json_write(&b, value, indent);
  json_decref(value);
  return civ_buffer_take(&b, NULL);
}

static void assert_written(const char *in, int indent, const char *out)
{
  char *text = written(in, indent);
  assert_string_equal(text, out);
  free(text);
}

static void one_line(void **state)
{
  (void)state;
  assert_written("{}", 0, "{}");
  assert_written("[]", 0, "[]");
  assert_written("{\"b\":1,\"a\":[1.0,true,false,null,{}],\"c\":{\"d\":\"\\u00e9\"}}", 0,
                 "{\"b\": 1, \"a\": [1.0, true, false, null, {}], \"c\": {\"d\": \"\\u00e9\"}}");
  assert_written("[0.1,1e-7,100000000000000000000.0,-0.0,-9223372036854775808]", 0,
                 "[0.1, 1e-07, 1e+20, -0.0, -9223372036854775808]");
  assert_written("\"a\\u0000b\"", 0, "\"a\\u0000b\"");
}

static void many_lines(void **state)
{
  (void)state;
  assert_written("{\"a\":[1,2],\"b\":{},\"c\":[]}", 2,
                 "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": {},\n  \"c\": []\n}");
}

static void writing_again_gives_the_same(void **state)
{
  (void)state;
  static const char *const texts[] = { "{\"z\": [0.30000000000000004, {\"y\": \"\\ud83d\\ude00\"}], \"x\": null}",
                                       "[[[[]]], {\"\": -1.5e-07}]" };
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    for (int indent = 0; indent < 5; indent++) {
      char *first = written(texts[i], indent), *second = written(first, 0);
      assert_string_equal(second, texts[i]);
      free(first);
      free(second);
    }
}

static void a_member_is_written_at_its_depth(void **state)
{
  (void)state;
  json_t *value = json_pack("{s:[i]}", "a", 1);
  civ_buffer b = { 0 };
  civ_json_write_deep(&b, value, 2, 1);
  char *text = civ_buffer_take(&b, NULL);
  assert_string_equal(text, "{\n    \"a\": [\n      1\n    ]\n  }");
  free(text);
  json_decref(value);
  civ_json_write_deep(&b, NULL, 2, 1);
  assert_null(civ_buffer_take(&b, NULL));
}

static void members_have_defaults(void **state)
{
  (void)state;
  json_t *o = json_loads("{\"r\": 1.5, \"i\": 3, \"t\": \"x\", \"b\": true, \"n\": null}", 0, NULL);
  assert_true(civ_json_real(o, "r", 9) == 1.5);
  assert_true(civ_json_real(o, "i", 9) == 3);
  assert_true(civ_json_real(o, "t", 9) == 9);
  assert_true(civ_json_real(o, "none", 9) == 9);
  assert_int_equal(civ_json_integer(o, "i", 9), 3);
  assert_int_equal(civ_json_integer(o, "r", 9), 9);
  assert_string_equal(civ_json_text(o, "t", "d"), "x");
  assert_string_equal(civ_json_text(o, "n", "d"), "d");
  assert_true(civ_json_bool(o, "b", false));
  assert_true(civ_json_bool(o, "n", true));
  assert_true(civ_json_bool(NULL, "b", true));
  json_decref(o);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(one_line),
    cmocka_unit_test(many_lines),
    cmocka_unit_test(writing_again_gives_the_same),
    cmocka_unit_test(a_member_is_written_at_its_depth),
    cmocka_unit_test(members_have_defaults),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
