#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/indexset.h"
#include "civitas/draws.h"
#include "support/failing_allocator.h"

static void assert_same(const civ_indexset *s, const bool *in, uint32_t n)
{
  uint32_t count = 0, next = UINT32_MAX;
  for (uint32_t i = 0; i < n; i++) {
    assert_int_equal(civ_indexset_has(s, i), in[i]);
    assert_int_equal(civ_indexset_rank(s, i), count);
    if (in[i])
      assert_int_equal(civ_indexset_select(s, count++), i);
  }
  assert_int_equal(s->count, count);
  assert_int_equal(civ_indexset_rank(s, n), count);
  for (uint32_t i = n; i-- > 0;) {
    next = in[i] ? i : next;
    assert_int_equal(civ_indexset_next(s, i), next);
  }
  assert_int_equal(civ_indexset_next(s, n), UINT32_MAX);
  assert_int_equal(civ_indexset_next(s, UINT32_MAX), UINT32_MAX);
}

static void like_an_array_of_bools(void **state)
{
  (void)state;
  static const uint32_t sizes[] = { 0, 1, 2, 63, 64, 65, 4095, 4096, 4097, 10000 };
  for (size_t z = 0; z < sizeof sizes / sizeof *sizes; z++) {
    const uint32_t n = sizes[z];
    failing_allocator f;
    failing_allocator_init(&f, SIZE_MAX);
    civ_indexset s;
    bool *in = calloc(n + 1, sizeof *in);
    civ_draws draws = civ_draws_open(1, &(civ_draw_key){ .purpose = CIV_PURPOSE_FUZZ, .entity = n });
    assert_int_equal(civ_indexset_init(&s, n, &f.allocator), CIV_OK);
    failing_allocator_seal(&f);
    assert_same(&s, in, n);
    for (int round = 0; n > 0 && round < 6; round++) {
      const double keep = round % 2 == 0 ? 0.9 : 0.1;
      for (uint32_t k = 0; k < n; k++) {
        const uint32_t i = civ_draw_index(&draws, n);
        if (civ_draw_chance(&draws, keep))
          assert_int_equal(civ_indexset_add(&s, i), !in[i]), in[i] = true;
        else
          assert_int_equal(civ_indexset_drop(&s, i), in[i]), in[i] = false;
      }
      assert_same(&s, in, n);
    }
    for (uint32_t i = 0; i < n; i++)
      civ_indexset_add(&s, i), in[i] = true;
    assert_same(&s, in, n); /* full */
    for (uint32_t i = 0; i < n; i++)
      civ_indexset_drop(&s, i), in[i] = false;
    assert_same(&s, in, n); /* empty */
    civ_indexset_fini(&s);
    assert_int_equal(f.blocks, 0);
    free(in);
  }
}

/* Large enough for several counts on the top level; too large to compare at every index. */
static void far_apart_members_are_found(void **state)
{
  (void)state;
  const uint32_t n = 1500000;
  static const uint32_t members[] = { 0, 63, 4096, 262143, 262144, 524288, 800001, 1048575, 1048576, 1499999 };
  const uint32_t m = sizeof members / sizeof *members;
  civ_indexset s;
  assert_int_equal(civ_indexset_init(&s, n, &civ_allocator_malloc), CIV_OK);
  for (uint32_t i = 0; i < m; i++)
    civ_indexset_add(&s, members[i]);
  for (uint32_t k = 0; k < m; k++) {
    assert_int_equal(civ_indexset_select(&s, k), members[k]);
    assert_int_equal(civ_indexset_rank(&s, members[k]), k);
    assert_int_equal(civ_indexset_rank(&s, members[k] + 1), k + 1);
    assert_int_equal(civ_indexset_next(&s, members[k]), members[k]);
    assert_int_equal(civ_indexset_next(&s, members[k] + 1), k + 1 < m ? members[k + 1] : UINT32_MAX);
  }
  for (uint32_t i = 0; i < n; i++)
    civ_indexset_add(&s, i);
  civ_indexset_drop(&s, 700000);
  assert_int_equal(civ_indexset_select(&s, 699999), 699999);
  assert_int_equal(civ_indexset_select(&s, 700000), 700001);
  assert_int_equal(civ_indexset_select(&s, n - 2), n - 1);
  assert_int_equal(civ_indexset_rank(&s, n), n - 1);
  civ_indexset_fini(&s);
}

static void without_memory_nothing_is_made(void **state)
{
  (void)state;
  for (size_t k = 0; k < 3; k++) {
    failing_allocator f;
    failing_allocator_init(&f, k);
    civ_indexset s = { .n = 77 };
    assert_int_equal(civ_indexset_init(&s, 1000, &f.allocator), CIV_E_NOMEM);
    assert_int_equal(s.n, 77);
    assert_int_equal(f.blocks, 0);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(like_an_array_of_bools),
    cmocka_unit_test(far_apart_members_are_found),
    cmocka_unit_test(without_memory_nothing_is_made),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
