/* Characters of UTF-8 text and words in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

static size_t length_of(const char *text)
{
  return civ_utf8_length((const unsigned char *)text, strlen(text));
}

static uint32_t decoded(const char *text, size_t *taken)
{
  return civ_utf8_decode((const unsigned char *)text, strlen(text), taken);
}

static void characters_are_read_with_their_length(void **state)
{
  static const struct {
    const char *text;
    uint32_t code;
    size_t length;
  } cases[] = { { "A", 'A', 1 },
                { "\x7F", 0x7F, 1 },
                { "\xC2\x80", 0x80, 2 },
                { "\xDF\xBF", 0x7FF, 2 },
                { "\xE0\xA0\x80", 0x800, 3 },
                { "\xED\x9F\xBF", 0xD7FF, 3 },
                { "\xEE\x80\x80", 0xE000, 3 },
                { "\xEF\xBF\xBD", 0xFFFD, 3 }, /* the mark of ill-formed bytes, written out */
                { "\xF0\x90\x80\x80", 0x10000, 4 },
                { "\xF4\x8F\xBF\xBF", 0x10FFFF, 4 } };
  (void)state;
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    size_t taken;
    assert_int_equal(decoded(cases[k].text, &taken), cases[k].code);
    assert_int_equal(taken, cases[k].length);
    assert_int_equal(length_of(cases[k].text), cases[k].length);
  }
}

static void ill_formed_bytes_have_no_length(void **state)
{
  static const char *const texts[] = { "\x80",         "\xC0\xAF",     "\xC1\xBF",         "\xE0\x9F\xBF",
                                       "\xED\xA0\x80", "\xF0\x8F\xBF", "\xF4\x90\x80\x80", "\xF5\x80",
                                       "\xE2\x82",     "\xEF\xBF",     "\xF0\x9F\x98",     "\xFF" };
  (void)state;
  for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
    size_t taken;
    assert_int_equal(length_of(texts[k]), 0);
    assert_int_equal(decoded(texts[k], &taken), 0xFFFD);
    assert_in_range(taken, 1, strlen(texts[k]));
  }
}

/* Every code point, encoded by hand, comes back; and only code points have a length. */
static void all_characters_come_back(void **state)
{
  (void)state;
  for (uint32_t c = 1; c <= 0x10FFFF; c++) {
    char text[5] = { 0 };
    size_t n = 0, taken;
    if (c < 0x80) {
      text[n++] = (char)c;
    } else {
      const int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
      static const unsigned char lead[] = { 0, 0xC0, 0xE0, 0xF0 };
      text[n++] = (char)(lead[more] | c >> 6 * more);
      for (int k = more - 1; k >= 0; k--)
        text[n++] = (char)(0x80 | (c >> 6 * k & 0x3F));
    }
    const bool surrogate = c >= 0xD800 && c <= 0xDFFF;
    if (decoded(text, &taken) != (surrogate ? 0xFFFD : c) || length_of(text) != (surrogate ? 0 : n))
      fail_msg("U+%04X", (unsigned)c);
  }
}

static void characters_are_counted(void **state)
{
  (void)state;
  assert_int_equal(civ_utf8_characters("", 0), 0);
  assert_int_equal(civ_utf8_characters("na\xC3\xAFve \xF0\x9F\x98\x80", 11), 7);
}

static void columns_are_those_of_a_terminal(void **state)
{
  static const struct {
    const char *text;
    size_t columns;
  } cases[] = { { "", 0 },
                { "plain", 5 },
                { "na\xC3\xAFve", 5 },
                { "\xE6\xBC\xA2\xE5\xAD\x97", 4 }, /* Han */
                { "\xED\x95\x9C", 2 },             /* Hangul */
                { "\xEF\xBC\xA1\xEF\xBD\xB1", 3 }, /* full width, half width */
                { "e\xCC\x81", 1 },                /* a mark that joins */
                { "\xF0\x9F\x98\x80!", 3 },        /* emoji */
                { "\xE2\x89\xA4 \xC2\xB1", 3 },
                { "\xFF\xC3", 2 } }; /* ill-formed: one each */
  (void)state;
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++)
    assert_int_equal(civ_utf8_columns(cases[k].text, strlen(cases[k].text)), cases[k].columns);
}

static void words_are_found_in_either_case(void **state)
{
  (void)state;
  assert_true(civ_text_has("Do It NOW", 9, "it now", 6));
  assert_true(civ_text_has("spam", 4, "spam", 4));
  assert_true(civ_text_has("", 0, "", 0));
  assert_false(civ_text_has("spam", 3, "spam", 4));               /* not beyond the length */
  assert_false(civ_text_has("sp\xC3\x84m", 5, "sp\xC3\xA4m", 5)); /* letters A-Z only */
  assert_true(civ_text_has("a\0Word", 6, "word", 4));
}

int main(void)
{
  const struct CMUnitTest tests[] = { cmocka_unit_test(characters_are_read_with_their_length),
                                      cmocka_unit_test(ill_formed_bytes_have_no_length),
                                      cmocka_unit_test(all_characters_come_back),
                                      cmocka_unit_test(characters_are_counted),
                                      cmocka_unit_test(columns_are_those_of_a_terminal),
                                      cmocka_unit_test(words_are_found_in_either_case) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
