#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/memory.h"
#include "support/failing_allocator.h"

static void growing_keeps_what_was_there(void **state)
{
  (void)state;
  failing_allocator f;
  failing_allocator_init(&f, SIZE_MAX);
  uint32_t *items = NULL;
  void *block = NULL;
  size_t capacity = 0;
  for (uint32_t n = 1; n <= 1000; n++) {
    assert_int_equal(civ_grow(&f.allocator, &block, &capacity, n, sizeof *items), CIV_OK);
    assert_true(capacity >= n);
    items = block;
    items[n - 1] = n;
  }
  for (uint32_t i = 0; i < 1000; i++)
    assert_int_equal(items[i], i + 1);
  assert_true(f.requests <= 10); /* doubling */
  const size_t before = capacity;
  assert_int_equal(civ_grow(&f.allocator, &block, &capacity, 5, sizeof *items), CIV_OK);
  assert_int_equal(capacity, before);
  civ_drop(&f.allocator, &block, &capacity, sizeof *items);
  assert_null(block);
  assert_int_equal(capacity, 0);
  assert_int_equal(f.blocks, 0);
}

static void refused_memory_changes_nothing(void **state)
{
  (void)state;
  failing_allocator f;
  failing_allocator_init(&f, 1);
  void *block = NULL;
  size_t capacity = 0;
  assert_int_equal(civ_grow(&f.allocator, &block, &capacity, 10, 4), CIV_OK);
  void *const held = block;
  const size_t room = capacity;
  assert_int_equal(civ_grow(&f.allocator, &block, &capacity, 1000, 4), CIV_E_NOMEM);
  assert_ptr_equal(block, held);
  assert_int_equal(capacity, room);
  assert_int_equal(civ_grow(&f.allocator, &block, &capacity, SIZE_MAX / 2, 4), CIV_E_NOMEM); /* would overflow */
  assert_int_equal(civ_grow(&f.allocator, &block, &capacity, SIZE_MAX, 1), CIV_E_NOMEM);
  assert_ptr_equal(block, held);
  civ_drop(&f.allocator, &block, &capacity, 4);
  assert_int_equal(f.bytes, 0);
}

static void zeroed_is_zero_and_refuses_overflow(void **state)
{
  (void)state;
  failing_allocator f;
  failing_allocator_init(&f, 2);
  static const char zeros[4000];
  char *block = civ_zeroed(&f.allocator, 1000, 4);
  assert_memory_equal(block, zeros, 4000);
  civ_release(&f.allocator, block, 4000);
  block = civ_zeroed(&civ_allocator_malloc, 1000, 4);
  assert_memory_equal(block, zeros, 4000);
  civ_release(&civ_allocator_malloc, block, 4000);
  assert_null(civ_zeroed(&f.allocator, SIZE_MAX / 2, 4));
  assert_null(civ_zeroed(&civ_allocator_malloc, SIZE_MAX / 2, 4));
  block = civ_zeroed(&f.allocator, 0, 8); /* nothing is not a failure */
  assert_non_null(block);
  civ_release(&f.allocator, block, 1);
  assert_null(civ_zeroed(&f.allocator, 1, 1)); /* the third request fails */
  civ_release(&f.allocator, NULL, 0);
  assert_int_equal(f.blocks, 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(growing_keeps_what_was_there),
    cmocka_unit_test(refused_memory_changes_nothing),
    cmocka_unit_test(zeroed_is_zero_and_refuses_overflow),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
