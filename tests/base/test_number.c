#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "civitas/draws.h"

static civ_draws stream(uint32_t entity)
{
  return civ_draws_open(1, &(civ_draw_key){ .purpose = CIV_PURPOSE_FUZZ, .entity = entity });
}

static const char *text_of(double x)
{
  static char text[CIV_NUMBER_MAX + 1];
  text[civ_format_real(text, x)] = '\0';
  return text;
}

static void reals_by_hand(void **state)
{
  (void)state;
  static const struct {
    double x;
    const char *text;
  } cases[] = {
    { 0.0, "0.0" },
    { -0.0, "-0.0" },
    { 1.0, "1.0" },
    { -1.0, "-1.0" },
    { 0.5, "0.5" },
    { -0.5, "-0.5" },
    { 0.1, "0.1" },
    { 0.3, "0.3" },
    { 0.1 + 0.2, "0.30000000000000004" },
    { 1.0 / 3, "0.3333333333333333" },
    { 100.0, "100.0" },
    { 1234.5, "1234.5" },
    { 123456789012345680.0, "1.2345678901234568e+17" },
    { 1e15, "1000000000000000.0" },
    { 999999999999999.0, "999999999999999.0" },
    { 9007199254740993.0, "9007199254740992.0" },
    { 9999999999999998.0, "9999999999999998.0" },
    { 1e16, "1e+16" },
    { -1e16, "-1e+16" },
    { 12e15, "1.2e+16" },
    { 1e22, "1e+22" },
    { 1e23, "1e+23" },
    { 1.5e300, "1.5e+300" },
    { 0.0001, "0.0001" },
    { 0.00012345, "0.00012345" },
    { 0.001, "0.001" },
    { 0.01, "0.01" },
    { 0.00009999, "9.999e-05" },
    { 1e-5, "1e-05" },
    { -2.5e-7, "-2.5e-07" },
    { 1e-10, "1e-10" },
    { 1e-100, "1e-100" },
    { 5e-324, "5e-324" },
    { 2.2250738585072014e-308, "2.2250738585072014e-308" },
    { 1.7976931348623157e308, "1.7976931348623157e+308" },
    { -1.7976931348623157e308, "-1.7976931348623157e+308" },
    { 0.7310585786300049, "0.7310585786300049" },
    { (double)NAN, "null" },
    { (double)INFINITY, "null" },
    { -(double)INFINITY, "null" },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    assert_string_equal(text_of(cases[i].x), cases[i].text);
}

/* Reads back to the same bits through us and through the C library, which shares no code with us. */
static void assert_round_trip(double x)
{
  char text[CIV_NUMBER_MAX + 1];
  const size_t length = civ_format_real(text, x);
  double ours;
  assert_true(length <= CIV_NUMBER_MAX);
  text[length] = '\0';
  assert_true(civ_parse_real(text, length, &ours));
  const double theirs = strtod(text, NULL);
  assert_memory_equal(&ours, &x, sizeof x);
  assert_memory_equal(&theirs, &x, sizeof x);
}

static void a_million_bit_patterns_read_back(void **state)
{
  (void)state;
  civ_draws draws = stream(1);
  for (int i = 0; i < 1000000; i++) {
    const uint64_t bits = civ_draw_bits(&draws);
    double x;
    memcpy(&x, &bits, sizeof x);
    if (isfinite(x))
      assert_round_trip(x);
  }
  for (int i = 0; i < 100000; i++) {
    assert_round_trip(civ_draw_between(&draws, -10, 10));
    assert_round_trip((double)civ_draw_index(&draws, 20001) / 1000);
    assert_round_trip((double)(int64_t)civ_draw_bits(&draws));
    assert_round_trip((double)((int64_t)civ_draw_bits(&draws) >> civ_draw_index(&draws, 64)));
  }
}

static void no_shorter_text_would_do(void **state)
{
  (void)state;
  civ_draws draws = stream(2);
  for (int i = 0; i < 20000; i++) {
    const uint64_t bits = civ_draw_bits(&draws);
    double x;
    memcpy(&x, &bits, sizeof x);
    if (i % 2 == 0)
      x = round(civ_draw_uniform(&draws) * 1e6) / 1e6;
    if (!isfinite(x))
      continue;
    char text[CIV_NUMBER_MAX], shorter[64];
    const size_t length = civ_format_real(text, x);
    int digits = 0, trailing = 0, leading = 1;
    for (size_t k = 0; k < length && text[k] != 'e'; k++)
      if (text[k] >= '0' && text[k] <= '9' && !(leading && text[k] == '0')) {
        leading = 0;
        digits++;
        trailing = text[k] == '0' ? trailing + 1 : 0;
      }
    digits -= trailing;
    if (digits < 2)
      continue;
    snprintf(shorter, sizeof shorter, "%.*e", digits - 2, x);
    assert_true(strtod(shorter, NULL) != x);
  }
}

static void integers_as_the_c_library_prints_them(void **state)
{
  (void)state;
  civ_draws draws = stream(3);
  char ours[CIV_NUMBER_MAX + 1], theirs[64];
  for (int i = 0; i < 100000; i++) {
    const uint64_t x = i == 0   ? 0
                       : i == 1 ? (uint64_t)INT64_MIN
                       : i == 2 ? UINT64_MAX
                                : civ_draw_bits(&draws) >> civ_draw_index(&draws, 64);
    int64_t back;
    ours[civ_format_integer(ours, (int64_t)x)] = '\0';
    snprintf(theirs, sizeof theirs, "%lld", (long long)x);
    assert_string_equal(ours, theirs);
    assert_true(civ_parse_integer(ours, strlen(ours), &back));
    assert_true(back == (int64_t)x);
    ours[civ_format_unsigned(ours, x)] = '\0';
    snprintf(theirs, sizeof theirs, "%llu", (unsigned long long)x);
    assert_string_equal(ours, theirs);
    ours[civ_format_hex16(ours, x)] = '\0';
    snprintf(theirs, sizeof theirs, "%016llx", (unsigned long long)x);
    assert_string_equal(ours, theirs);
  }
}

static void parsing_takes_the_whole_text_or_nothing(void **state)
{
  (void)state;
  static const char *const good[] = { "1",    "-1",     "+1", "1.",   ".5",    "-.5",    "1e3",           "1E3",
                                      "1e+3", "1.5e-3", "0",  "-0.0", "00012", "1e-400", "-1e-5000000000" };
  static const double value[] = { 1, -1, 1, 1, .5, -.5, 1000, 1000, 1000, .0015, 0, -0.0, 12, 0, -0.0 };
  static const char *const bad[] = { "",    "-",   "+",     ".",      "-.",    "e5",  "1e",           "1e+",      "1x",
                                     " 1",  "1 ",  "0x10",  "inf",    "-inf",  "nan", "NaN",          "infinity", "1,5",
                                     "--1", "+-1", "1e999", "-1e999", "1_000", "-+1", "1e5000000000", "1.0.0" };
  double x = 7;
  int64_t n = 7;
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    assert_true(civ_parse_real(good[i], strlen(good[i]), &x));
    assert_memory_equal(&x, &value[i], sizeof x);
  }
  x = 7;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    assert_false(civ_parse_real(bad[i], strlen(bad[i]), &x));
    assert_false(civ_parse_integer(bad[i], strlen(bad[i]), &n));
  }
  assert_true(x == 7);
  assert_false(civ_parse_integer("9223372036854775808", 19, &n));
  assert_false(civ_parse_integer("1.0", 3, &n));
  assert_true(n == 7);
  assert_true(civ_parse_integer("+12", 3, &n) && n == 12);
  assert_true(civ_parse_real("12345", 3, &x) && x == 123); /* the length counts, not a terminator */
}

static const char *time_text(int64_t us)
{
  static char text[CIV_NUMBER_MAX + 1];
  text[civ_format_time(text, us)] = '\0';
  return text;
}

static void times_by_hand(void **state)
{
  (void)state;
  assert_string_equal(time_text(0), "1970-01-01T00:00:00");
  assert_string_equal(time_text(-1), "1969-12-31T23:59:59.999999");
  assert_string_equal(time_text(946684800000012), "2000-01-01T00:00:00.000012");
  assert_string_equal(time_text(951782400000000), "2000-02-29T00:00:00");
  assert_string_equal(time_text(4107542400000000), "2100-03-01T00:00:00"); /* 2100 is no leap year */
  assert_string_equal(time_text(INT64_MIN), "0000-01-01T00:00:00");
  assert_string_equal(time_text(INT64_MAX), "9999-12-31T23:59:59.999999");
  static const struct {
    const char *text;
    int64_t us;
  } good[] = {
    { "2000-01-01T00:00:00", 946684800000000 },
    { "2000-01-01T00:00:00Z", 946684800000000 },
    { "2000-01-01T00:00:00.5", 946684800500000 },
    { "2000-01-01T00:00:00.000001Z", 946684800000001 },
    { "2000-01-01T02:00:00+02:00", 946684800000000 },
    { "1999-12-31T18:30:00.25-05:30", 946684800250000 },
    { "1969-12-31T23:59:59.999999", -1 },
    { "0000-01-01T00:00:00", -62167219200000000 },
    { "9999-12-31T23:59:59.999999", 253402300799999999 },
  };
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    int64_t us = 5;
    assert_true(civ_parse_time(good[i].text, strlen(good[i].text), &us));
    assert_true(us == good[i].us);
  }
}

static void times_that_are_none(void **state)
{
  (void)state;
  static const char *const bad[] = {
    "",
    "2000",
    "2000-01-01",
    "2000-01-01T",
    "2000-01-01T00:00",
    "2000-13-01T00:00:00",
    "2000-00-01T00:00:00",
    "2000-01-32T00:00:00",
    "1900-02-29T00:00:00",
    "2001-02-29T00:00:00",
    "2000-04-31T00:00:00",
    "2000-01-01T24:00:00",
    "2000-01-01T00:60:00",
    "2000-01-01T00:00:60",
    "2000-01-01T00:00:00.",
    "2000-01-01T00:00:00.1234567",
    "2000-01-01T00:00:00+02",
    "2000-01-01T00:00:00+0200",
    "2000-01-01T00:00:00+24:00",
    "2000-01-01T00:00:00ZZ",
    "2000-01-01T00:00:00 ",
    " 2000-01-01T00:00:00",
    "2000-1-01T00:00:00",
    "+200-01-01T00:00:00",
    "9999-12-31T23:59:59-00:01",
    "0000-01-01T00:00:00+00:01",
  };
  int64_t us = 5;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    assert_false(civ_parse_time(bad[i], strlen(bad[i]), &us));
  assert_true(us == 5);
}

static void times_read_back(void **state)
{
  (void)state;
  civ_draws draws = stream(4);
  const int64_t low = -62167219200000000, high = 253402300799999999;
  int64_t back;
  for (int i = 0; i < 200000; i++) {
    int64_t us = low + (int64_t)(civ_draw_uniform(&draws) * (double)(high - low));
    if (i % 2 == 0)
      us = us / 1000000 * 1000000;
    char text[CIV_NUMBER_MAX];
    const size_t length = civ_format_time(text, us);
    assert_int_equal(length, us % 1000000 == 0 ? 19 : 26);
    assert_true(civ_parse_time(text, length, &back));
    assert_true(back == us);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(reals_by_hand),
    cmocka_unit_test(a_million_bit_patterns_read_back),
    cmocka_unit_test(no_shorter_text_would_do),
    cmocka_unit_test(integers_as_the_c_library_prints_them),
    cmocka_unit_test(parsing_takes_the_whole_text_or_nothing),
    cmocka_unit_test(times_by_hand),
    cmocka_unit_test(times_that_are_none),
    cmocka_unit_test(times_read_back),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
