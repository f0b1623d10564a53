#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "support/failing_allocator.h"
#include "world/texts.h"

static civ_text text(const char *words)
{
  const civ_text t = { words, (uint32_t)strlen(words) };
  return t;
}

static void assert_text(civ_text actual, const char *expected)
{
  assert_int_equal(actual.length, strlen(expected));
  assert_memory_equal(actual.data, expected, actual.length);
}

static void equal_texts_share_a_number_wherever_they_lie(void **state)
{
  (void)state;
  civ_texts t;
  assert_int_equal(civ_texts_init(&t, &civ_allocator_malloc), CIV_OK);
  assert_int_equal(civ_texts_put(&t, text("")), 0);
  assert_int_equal(civ_texts_reserve(&t, 100, 1000), CIV_OK);
  char buffer[16] = "hello";
  assert_int_equal(civ_texts_put(&t, text(buffer)), 1);
  assert_int_equal(civ_texts_put(&t, text("hello")), 1);
  strcpy(buffer, "world"); /* the same place says something else now */
  assert_int_equal(civ_texts_put(&t, text(buffer)), 2);
  assert_int_equal(civ_texts_put(&t, text("hello")), 1);
  assert_text(civ_texts_get(&t, 1), "hello");
  assert_text(civ_texts_get(&t, 2), "world");
  const civ_text with_zero = { "a\0b", 3 }, shorter = { "a\0b", 2 };
  assert_int_equal(civ_texts_put(&t, with_zero), 3);
  assert_int_equal(civ_texts_put(&t, shorter), 4);
  civ_texts_fini(&t);
}

static void many_texts_come_back_also_from_bytes(void **state)
{
  (void)state;
  enum { MANY = 5000 };
  civ_texts t, copy;
  civ_bytes bytes = { 0 };
  char words[32];
  assert_int_equal(civ_texts_init(&t, &civ_allocator_malloc), CIV_OK);
  for (int k = 0; k < MANY; k++) {
    snprintf(words, sizeof words, "text number %d", k);
    assert_int_equal(civ_texts_reserve(&t, 1, strlen(words)), CIV_OK);
    assert_int_equal(civ_texts_put(&t, text(words)), k + 1);
  }
  civ_bytes_open(&bytes, "TEST");
  civ_texts_save(&t, &bytes);
  civ_bytes_close(&bytes);
  assert_int_equal(civ_texts_init(&copy, &civ_allocator_malloc), CIV_OK);
  civ_bytes_reader in = { .data = bytes.data, .length = bytes.length };
  assert_int_equal(civ_bytes_enter(&in, "TEST", NULL), CIV_OK);
  assert_int_equal(civ_texts_load(&copy, &in, NULL), CIV_OK);
  assert_int_equal(civ_bytes_leave(&in, NULL), CIV_OK);
  for (int k = 0; k < MANY; k++) {
    snprintf(words, sizeof words, "text number %d", k);
    assert_text(civ_texts_get(&copy, (uint32_t)k + 1), words);
    assert_int_equal(civ_texts_put(&copy, text(words)), k + 1);
  }
  civ_bytes_free(&bytes);
  civ_texts_fini(&t);
  civ_texts_fini(&copy);
}

static void without_room_a_new_text_is_refused_and_a_known_one_is_not(void **state)
{
  (void)state;
  failing_allocator f;
  failing_allocator_init(&f, SIZE_MAX);
  civ_texts t;
  assert_int_equal(civ_texts_init(&t, &f.allocator), CIV_OK);
  assert_int_equal(civ_texts_reserve(&t, 1, 5), CIV_OK);
  failing_allocator_seal(&f);
  assert_int_equal(civ_texts_put(&t, text("12345")), 1);
  char longer[5000];
  memset(longer, 'x', sizeof longer - 1);
  longer[sizeof longer - 1] = 0;
  assert_int_equal(civ_texts_put(&t, text(longer)), CIV_NONE);
  assert_int_equal(civ_texts_put(&t, text("12345")), 1);
  failing_allocator_unseal(&f);
  civ_texts_fini(&t);
  assert_int_equal(f.blocks, 0);
}

static void a_cut_never_parts_a_character(void **state)
{
  (void)state;
  const civ_text mixed = text("a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80z"); /* 1, 2, 3, 4 and 1 bytes */
  const uint32_t ends[] = { 0, 1, 3, 6, 10, 11, 11, 11 };
  for (uint32_t characters = 0; characters < 8; characters++)
    assert_int_equal(civ_text_cut(mixed, characters), ends[characters]);
  assert_int_equal(civ_text_cut(text("\x80\x80\x80"), 0), 3); /* no character begins here */
}

int main(void)
{
  const struct CMUnitTest tests[] = { cmocka_unit_test(equal_texts_share_a_number_wherever_they_lie),
                                      cmocka_unit_test(many_texts_come_back_also_from_bytes),
                                      cmocka_unit_test(without_room_a_new_text_is_refused_and_a_known_one_is_not),
                                      cmocka_unit_test(a_cut_never_parts_a_character) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
