#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "civitas/draws.h"
#include "support/failing_allocator.h"
#include "world/idbits.h"

enum { NUMBERS = 300000 };

/* Walks both ways against an array of flags, with gaps longer than several words of several levels. */
static void idbits_agree_with_flags(void **state)
{
  (void)state;
  civ_idbits s;
  civ_idbits_init(&s, &civ_allocator_malloc);
  assert_int_equal(civ_idbits_below(&s, 7), UINT32_MAX);
  assert_int_equal(civ_idbits_from(&s, 0), UINT32_MAX);
  assert_int_equal(civ_idbits_reserve(&s, 100), CIV_OK);
  civ_idbits_add(&s, 99);
  assert_int_equal(civ_idbits_reserve(&s, NUMBERS), CIV_OK);
  assert_true(civ_idbits_has(&s, 99));

  uint8_t *flags = calloc(NUMBERS, 1);
  flags[99] = 1;
  const civ_draw_key key = { .purpose = CIV_PURPOSE_FUZZ, .entity = 1 };
  civ_draws draws = civ_draws_open(4, &key);
  for (int round = 0; round < 4000; round++) {
    const uint32_t i = civ_draw_index(&draws, NUMBERS);
    const bool add = civ_draw_chance(&draws, round < 2000 ? 0.9 : 0.3);
    add ? civ_idbits_add(&s, i) : civ_idbits_drop(&s, i);
    flags[i] = add;
    const uint32_t at = civ_draw_index(&draws, NUMBERS + 10);
    uint32_t below = at < NUMBERS ? at : NUMBERS, from = at;
    while (below > 0 && !flags[below - 1])
      below--;
    while (from < NUMBERS && !flags[from])
      from++;
    assert_int_equal(civ_idbits_below(&s, at), below == 0 ? UINT32_MAX : below - 1);
    assert_int_equal(civ_idbits_from(&s, at), from >= NUMBERS ? UINT32_MAX : from);
  }
  assert_int_equal(civ_idbits_below(&s, UINT32_MAX), civ_idbits_below(&s, NUMBERS));
  free(flags);
  civ_idbits_fini(&s);
}

static void idbits_survive_the_failure_of_any_request(void **state)
{
  (void)state;
  for (size_t k = 0;; k++) {
    failing_allocator f;
    failing_allocator_init(&f, k);
    civ_idbits s;
    civ_idbits_init(&s, &f.allocator);
    const civ_status status = civ_idbits_reserve(&s, 5000);
    if (status == CIV_OK) {
      civ_idbits_add(&s, 4999);
      assert_int_equal(civ_idbits_from(&s, 0), 4999);
    } else {
      assert_int_equal(status, CIV_E_NOMEM);
      assert_int_equal(civ_idbits_reserve(&s, 5000), CIV_OK); /* the next try completes it */
      civ_idbits_add(&s, 4999);
      assert_int_equal(civ_idbits_below(&s, 5000), 4999);
    }
    civ_idbits_fini(&s);
    assert_int_equal(f.blocks, 0);
    if (status == CIV_OK)
      break;
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = { cmocka_unit_test(idbits_agree_with_flags),
                                      cmocka_unit_test(idbits_survive_the_failure_of_any_request) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
