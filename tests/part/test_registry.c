#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "civitas/registry.h"

static bool permits(void *self, civ_agent a, civ_agent b)
{
  (void)self;
  return a < b;
}

static uint32_t neighbours(void *self, civ_agent a, const civ_agent **out)
{
  (void)self;
  (void)a;
  *out = NULL;
  return 0;
}

static void parts_stand_in_order_and_are_found_by_name(void **state)
{
  const civ_policy first = { .version = CIV_PART_VERSION, .name = "first" };
  const civ_policy second = { .version = CIV_PART_VERSION, .name = "second" };
  civ_registry *r = civ_registry_create();
  civ_error err;
  (void)state;
  assert_int_equal(civ_registry_add_policy(r, &first, &err), CIV_OK);
  assert_int_equal(civ_registry_add_policy(r, &second, &err), CIV_OK);
  assert_ptr_equal(civ_registry_policy(r, 0), &first);
  assert_ptr_equal(civ_registry_policy(r, 1), &second);
  assert_null(civ_registry_policy(r, 2));
  assert_ptr_equal(civ_registry_find_policy(r, "second"), &second);
  assert_null(civ_registry_find_policy(r, "third"));
  civ_registry_destroy(r);
}

static void a_name_is_taken_once(void **state)
{
  const civ_lever lever = { .version = CIV_PART_VERSION, .name = "toll" }, again = lever;
  civ_registry *r = civ_registry_create();
  civ_error err;
  (void)state;
  assert_int_equal(civ_registry_add_lever(r, &lever, &err), CIV_OK);
  assert_int_equal(civ_registry_add_lever(r, &again, &err), CIV_E_KEY);
  assert_string_equal(err.where, "toll");
  assert_null(civ_registry_lever(r, 1));
  civ_registry_destroy(r);
}

static void tables_of_another_version_are_refused(void **state)
{
  const civ_policy policy = { .version = CIV_PART_VERSION + 1, .name = "later" };
  const civ_generator generator = { .version = CIV_PART_VERSION + 1, .name = "later" };
  civ_registry *r = civ_registry_create();
  (void)state;
  assert_int_equal(civ_registry_add_policy(r, &policy, NULL), CIV_E_STATE);
  assert_int_equal(civ_registry_set_role(r, CIV_PLANNER, &policy, NULL), CIV_E_STATE);
  assert_int_equal(civ_registry_set_generator(r, &generator, NULL), CIV_E_STATE);
  assert_null(civ_registry_policy(r, 0));
  assert_null(civ_registry_role(r, CIV_PLANNER));
  assert_null(civ_registry_generator(r));
  civ_registry_destroy(r);
}

/* Half a restriction would be no restriction at all: nobody would be asked. */
static void a_world_restricts_whole_or_not_at_all(void **state)
{
  const civ_world none = { .version = CIV_PART_VERSION, .name = "none" };
  const civ_world half = { .version = CIV_PART_VERSION, .name = "half", .permits = permits };
  const civ_world other = { .version = CIV_PART_VERSION, .name = "other", .neighbours = neighbours };
  const civ_world whole = {
    .version = CIV_PART_VERSION, .name = "whole", .permits = permits, .neighbours = neighbours
  };
  civ_registry *r = civ_registry_create();
  civ_error err;
  (void)state;
  assert_int_equal(civ_registry_add_world(r, &none, &err), CIV_OK);
  assert_int_equal(civ_registry_add_world(r, &half, &err), CIV_E_STATE);
  assert_string_equal(err.where, "half");
  assert_int_equal(civ_registry_add_world(r, &other, &err), CIV_E_STATE);
  assert_int_equal(civ_registry_add_world(r, &whole, &err), CIV_OK);
  assert_ptr_equal(civ_registry_world(r, 1), &whole);
  civ_registry_destroy(r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(parts_stand_in_order_and_are_found_by_name),
    cmocka_unit_test(a_name_is_taken_once),
    cmocka_unit_test(tables_of_another_version_are_refused),
    cmocka_unit_test(a_world_restricts_whole_or_not_at_all),
  };
  return cmocka_run_group_tests_name("registry", tests, NULL, NULL);
}
