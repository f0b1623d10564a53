/* Logs as files: cut back, removed, renamed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "sample_run.h"

static void a_torn_tail_is_cut(void **state)
{
  (void)state;
  size_t length;
  char *text = sample_run_log(&sample_small, CIV_DETAIL_STANDARD, &length);
  const char *path = test_path("torn.jsonl");
  for (size_t cut = 0; cut <= length; cut += 13) {
    uint64_t dropped;
    size_t left, whole = cut;
    while (whole > 0 && text[whole - 1] != '\n')
      whole--;
    test_write(path, text, cut);
    assert_int_equal(civ_log_recover(path, &dropped, NULL), CIV_OK);
    assert_int_equal(dropped, cut - whole);
    char *now = test_read(path, &left);
    assert_int_equal(left, whole);
    assert_memory_equal(now, text, whole);
    free(now);
  }
  free(text);
}

static void long_tails_and_other_files(void **state)
{
  (void)state;
  const size_t tail = 200000;
  char *text = malloc(tail + 3);
  uint64_t dropped;
  civ_error err;
  const char *path = test_path("tail.jsonl");
  memset(text, 'x', tail + 3);
  text[1] = '\n';
  test_write(path, text, tail);
  assert_int_equal(civ_log_recover(path, &dropped, NULL), CIV_OK);
  assert_int_equal(dropped, tail - 2);
  memcpy(text, "\x28\xb5\x2f\xfd", 4);
  test_write(path, text, 100);
  assert_int_equal(civ_log_recover(path, &dropped, NULL), CIV_OK); /* compressed: reads and resumes as it is */
  assert_int_equal(dropped, 0);
  assert_int_equal(civ_log_recover(test_path("absent"), &dropped, &err), CIV_E_IO);
  assert_int_equal(civ_log_recover(test_folder(), &dropped, &err), CIV_E_IO);
  free(text);
}

static void removing(void **state)
{
  (void)state;
  const char *path = test_path("gone.jsonl");
  civ_error err;
  test_write(path, "{}\n", 3);
  assert_int_equal(civ_log_clear(path, NULL), CIV_OK);
  assert_int_not_equal(access(path, F_OK), 0);
  assert_int_equal(civ_log_clear(path, NULL), CIV_OK);
  assert_int_equal(civ_log_clear(test_folder(), &err), CIV_E_IO);
}

static void renaming(void **state)
{
  (void)state;
  static const struct {
    const char *from, *to;
  } names[] = {
    { "a.jsonl", "a.S.jsonl" }, { "a.b.jsonl", "a.b.S.jsonl" }, { "plain", "plain.S.jsonl" }, { ".x", ".x.S.jsonl" }
  };
  char got[256];
  civ_error err;
  for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
    const char *from = test_path(names[k].from), *to = test_path(names[k].to);
    assert_int_equal(civ_log_rotate(from, "S", got, sizeof got, NULL), CIV_OK); /* nothing there: still the name */
    assert_string_equal(got, to);
    test_write(from, "1\n", 2);
    assert_int_equal(civ_log_rotate(from, "S", got, sizeof got, NULL), CIV_OK);
    assert_true(access(from, F_OK) != 0 && access(to, F_OK) == 0);
    test_write(from, "2\n", 2);
    assert_int_equal(civ_log_rotate(from, "S", got, sizeof got, &err), CIV_E_IO);
    assert_non_null(strstr(err.text, "exists already"));
  }
  assert_int_equal(civ_log_rotate("x.jsonl", NULL, got, sizeof got, NULL), CIV_OK);
  assert_int_equal(strlen(got), strlen("x.20000101_000000.jsonl"));
  assert_int_equal(civ_log_rotate("x.jsonl", "S", got, 5, &err), CIV_E_LIMIT);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_torn_tail_is_cut),
    cmocka_unit_test(long_tails_and_other_files),
    cmocka_unit_test(removing),
    cmocka_unit_test(renaming),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
