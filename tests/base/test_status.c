#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "civitas/allocator.h"
#include "civitas/status.h"
#include "civitas/version.h"

static void fail_fills_the_error(void **state)
{
  (void)state;
  civ_error err;
  assert_int_equal(civ_fail(&err, CIV_E_RANGE, "payoff.theta", "%g is outside [%d, %d]", 1.5, 0, 1), CIV_E_RANGE);
  assert_int_equal(err.code, CIV_E_RANGE);
  assert_string_equal(err.where, "payoff.theta");
  assert_string_equal(err.text, "1.5 is outside [0, 1]");
}

static void fail_takes_no_error_and_no_place(void **state)
{
  (void)state;
  civ_error err;
  assert_int_equal(civ_fail(NULL, CIV_E_IO, "x", "y"), CIV_E_IO);
  assert_int_equal(civ_fail(&err, CIV_E_IO, NULL, "y"), CIV_E_IO);
  assert_string_equal(err.where, "");
}

static void long_texts_are_cut_and_terminated(void **state)
{
  (void)state;
  char text[2000];
  memset(text, 'a', sizeof text - 1);
  text[sizeof text - 1] = '\0';
  civ_error err;
  civ_fail(&err, CIV_E_KEY, text, "%s", text);
  assert_int_equal(strlen(err.where), sizeof err.where - 1);
  assert_int_equal(strlen(err.text), sizeof err.text - 1);
}

static void an_error_may_be_told_from_itself(void **state)
{
  (void)state;
  civ_error err;
  civ_fail(&err, CIV_E_KEY, "inner", "no such key");
  civ_fail(&err, err.code, err.where, "in the section: %s", err.text);
  assert_string_equal(err.where, "inner");
  assert_string_equal(err.text, "in the section: no such key");
}

static void codes_have_names(void **state)
{
  (void)state;
  assert_string_equal(civ_status_name(CIV_OK), "CIV_OK");
  assert_string_equal(civ_status_name(CIV_E_RANGE), "CIV_E_RANGE");
  for (int code = CIV_OK; code < CIV_STATUS_COUNT; code++)
    assert_memory_equal(civ_status_name((civ_status)code), code == CIV_OK ? "CIV_OK" : "CIV_E_", 6);
  assert_string_equal(civ_status_name(CIV_STATUS_COUNT), "CIV_E_?");
  assert_string_equal(civ_status_name((civ_status)1000), "CIV_E_?");
}

static void version_and_free(void **state)
{
  (void)state;
  assert_string_equal(civ_version(), CIV_VERSION);
  civ_free(NULL);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(fail_fills_the_error),
    cmocka_unit_test(fail_takes_no_error_and_no_place),
    cmocka_unit_test(long_texts_are_cut_and_terminated),
    cmocka_unit_test(an_error_may_be_told_from_itself),
    cmocka_unit_test(codes_have_names),
    cmocka_unit_test(version_and_free),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
