#include <setjmp.h>

#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"

static void text_numbers_and_formats(void **state)
{
  (void)state;
  civ_buffer b = { 0 };
  civ_buffer_text(&b, "x = ");
  civ_buffer_real(&b, 0.25);
  civ_buffer_add(&b, "; and more", 2);
  civ_buffer_integer(&b, -12);
  civ_buffer_format(&b, " %s %05d", "n", 42);
  civ_buffer_add(&b, NULL, 0);
  size_t length = 0;
  char *text = civ_buffer_take(&b, &length);
  assert_string_equal(text, "x = 0.25; -12 n 00042");
  assert_int_equal(length, strlen(text));
  assert_null(b.data);
  assert_int_equal(b.length, 0);
  free(text);
}

static void empty_gives_an_empty_text(void **state)
{
  (void)state;
  civ_buffer b = { 0 };
  char *text = civ_buffer_take(&b, NULL);
  assert_string_equal(text, "");
  free(text);
}

static void once_failed_stays_failed(void **state)
{
  (void)state;
  civ_buffer b = { 0 };
  size_t length = 77;
  civ_buffer_text(&b, "before");
  assert_false(civ_buffer_reserve(&b, SIZE_MAX - 10));
  assert_true(b.failed);
  civ_buffer_text(&b, "after");
  civ_buffer_real(&b, 1);
  civ_buffer_json_text(&b, "after", 5);
  civ_buffer_format(&b, "%d", 1);
  assert_int_equal(b.length, 6);
  assert_null(civ_buffer_take(&b, &length));
  assert_int_equal(length, 77);
  assert_false(b.failed); /* empty again, and usable */
  civ_buffer_free(&b);
}

static void assert_json(const char *in, size_t length, const char *out)
{
  civ_buffer b = { 0 };
  civ_buffer_json_text(&b, in, length);
  char *text = civ_buffer_take(&b, NULL);
  assert_string_equal(text, out);
  free(text);
}

#define JSON(in, out) assert_json(in, sizeof(in) - 1, out)

static void json_texts(void **state)
{
  (void)state;
  JSON("", "\"\"");
  JSON("plain /text/ ~\x7f", "\"plain /text/ ~\x7f\"");
  JSON("a\"b\\c", "\"a\\\"b\\\\c\"");
  JSON("\b\t\n\f\r", "\"\\b\\t\\n\\f\\r\"");
  JSON("\x01\x1f", "\"\\u0001\\u001f\"");
  JSON("a\0b", "\"a\\u0000b\"");
  JSON("\xc3\xa9", "\"\\u00e9\"");                /* e acute */
  JSON("\xe2\x82\xac", "\"\\u20ac\"");            /* euro */
  JSON("\xf0\x9f\x98\x80", "\"\\ud83d\\ude00\""); /* beyond the BMP: a pair */
  JSON("\xf4\x8f\xbf\xbf", "\"\\udbff\\udfff\"");
}

/* Table 3-8 of the Unicode standard: one replacement for each maximal part. */
static void ill_formed_utf8_is_replaced(void **state)
{
  (void)state;
  JSON("\x80", "\"\\ufffd\"");
  JSON("\xff\xfe", "\"\\ufffd\\ufffd\"");
  JSON("\xc0\xaf", "\"\\ufffd\\ufffd\"");                       /* overlong */
  JSON("\xe0\x80\xbf", "\"\\ufffd\\ufffd\\ufffd\"");            /* overlong */
  JSON("\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\"");            /* a surrogate */
  JSON("\xf4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\""); /* above U+10FFFF */
  JSON("\xf5", "\"\\ufffd\"");
  JSON("\xc3", "\"\\ufffd\""); /* cut off */
  JSON("\xc3x", "\"\\ufffdx\"");
  JSON("\xe2\x82", "\"\\ufffd\""); /* cut off: one */
  JSON("\xe2\x82z", "\"\\ufffdz\"");
  JSON("\xf0\x9f\x98", "\"\\ufffd\"");
  JSON("\xf0\x9f\x98\"", "\"\\ufffd\\\"\"");
}

static void csv_cells(void **state)
{
  static const char *const cells[][2] = { { "plain", "plain" },
                                          { "", "" },
                                          { "a,b", "\"a,b\"" },
                                          { "say \"no\"", "\"say \"\"no\"\"\"" },
                                          { "two\nlines", "\"two\nlines\"" },
                                          { NULL, "" } };
  (void)state;
  for (size_t k = 0; k < sizeof cells / sizeof *cells; k++) {
    civ_buffer b = { 0 };
    civ_buffer_csv_text(&b, cells[k][0]);
    char *text = civ_buffer_take(&b, NULL);
    assert_string_equal(text, cells[k][1]);
    free(text);
  }
}

static void csv_numbers(void **state)
{
  static const struct {
    double value;
    bool integer;
    const char *text;
  } cells[] = { { 3, true, "3" },
                { -2, true, "-2" },
                { 0.1, false, "0.1" },
                { 3, false, "3.0" },
                { NAN, false, "" },
                { (double)INFINITY, false, "" },
                { -(double)INFINITY, true, "" } };
  (void)state;
  for (size_t k = 0; k < sizeof cells / sizeof *cells; k++) {
    civ_buffer b = { 0 };
    civ_buffer_csv_number(&b, cells[k].value, cells[k].integer);
    char *text = civ_buffer_take(&b, NULL);
    assert_string_equal(text, cells[k].text);
    free(text);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(text_numbers_and_formats),
    cmocka_unit_test(empty_gives_an_empty_text),
    cmocka_unit_test(once_failed_stays_failed),
    cmocka_unit_test(json_texts),
    cmocka_unit_test(ill_formed_utf8_is_replaced),
    cmocka_unit_test(csv_cells),
    cmocka_unit_test(csv_numbers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
