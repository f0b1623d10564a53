#include "../support/check.h"

#include "lab/recycler.h"

enum { BLOCKS = 64 };

typedef struct held {
  unsigned char *data;
  size_t size;
  unsigned char mark;
} held;

static void check(const held *h)
{
  assert_int_equal((uintptr_t)h->data % 64, 0);
  for (size_t k = 0; k < h->size; k++)
    assert_int_equal(h->data[k], h->mark);
}

/* Random requests, growths, shrinks and frees; every byte stays what its owner wrote, over many clears. */
static void blocks_keep_their_bytes(void **state)
{
  civ_draws draws = test_draws(21);
  civ_recycler *r = civ_recycler_create();
  const civ_allocator *a = civ_recycler_allocator(r);
  (void)state;
  for (int run = 0; run < 20; run++) {
    held blocks[BLOCKS] = { 0 };
    for (int step = 0; step < 2000; step++) {
      held *h = &blocks[civ_draw_index(&draws, BLOCKS)];
      check(h);
      size_t size = civ_draw_index(&draws, 4) == 0 ? 0 : civ_draw_index(&draws, step % 100 == 0 ? 100000 : 500);
      unsigned char *moved = a->resize(a->ctx, h->data, h->size, size);
      assert_true(size == 0 || moved != NULL);
      for (size_t k = 0; k < (size < h->size ? size : h->size); k++)
        assert_int_equal(moved[k], h->mark);
      *h = (held){ .data = size > 0 ? moved : NULL, .size = size, .mark = (unsigned char)civ_draw_index(&draws, 256) };
      if (size > 0)
        memset(h->data, h->mark, size);
    }
    for (int k = 0; k < BLOCKS; k++)
      check(&blocks[k]);
    civ_recycler_clear(r);
  }
  civ_recycler_destroy(r);
}

static void absurd_requests_are_refused(void **state)
{
  civ_recycler *r = civ_recycler_create();
  const civ_allocator *a = civ_recycler_allocator(r);
  (void)state;
  assert_null(a->resize(a->ctx, NULL, 0, SIZE_MAX));
  unsigned char *block = a->resize(a->ctx, NULL, 0, 10);
  assert_non_null(block);
  block[9] = 7;
  assert_null(a->resize(a->ctx, block, 10, SIZE_MAX / 2));
  assert_int_equal(block[9], 7);
  civ_recycler_destroy(r);
  civ_recycler_destroy(NULL);
}

static void the_same_memory_serves_again(void **state)
{
  civ_recycler *r = civ_recycler_create();
  const civ_allocator *a = civ_recycler_allocator(r);
  (void)state;
  for (int k = 0; k < 100; k++)
    assert_non_null(a->resize(a->ctx, NULL, 0, 10000));
  civ_recycler_clear(r);
  void *first = a->resize(a->ctx, NULL, 0, 10000);
  for (int k = 1; k < 100; k++)
    assert_non_null(a->resize(a->ctx, NULL, 0, 10000));
  civ_recycler_clear(r);
  assert_ptr_equal(a->resize(a->ctx, NULL, 0, 10000), first); /* one block was enough */
  civ_recycler_destroy(r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(blocks_keep_their_bytes),
    cmocka_unit_test(absurd_requests_are_refused),
    cmocka_unit_test(the_same_memory_serves_again),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
