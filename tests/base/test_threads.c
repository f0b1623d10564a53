#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdatomic.h>
#include <string.h>

#include "base/threads.h"

enum { MOST = 20000, WORKERS = 5 };

typedef struct tally {
  uint8_t done[MOST];
  _Atomic uint32_t workers; /* bits of those seen */
  uint64_t stop_at;
} tally;

static bool count(void *arg, uint64_t k, uint32_t worker)
{
  tally *t = arg;
  t->done[k]++;
  atomic_fetch_or(&t->workers, 1u << worker);
  return k != t->stop_at;
}

static void assert_each_once(const tally *t, uint64_t n)
{
  for (uint64_t k = 0; k < MOST; k++)
    assert_int_equal(t->done[k], k < n);
  assert_true(t->workers < 1u << WORKERS);
}

static void every_index_once(void **state)
{
  (void)state;
  static const uint64_t sizes[] = { 0, 1, 2, 3, 100, MOST };
  for (uint32_t threads = 0; threads <= WORKERS; threads++)
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
      tally t = { .stop_at = UINT64_MAX };
      civ_parallel_for(threads, sizes[i], count, &t);
      assert_each_once(&t, sizes[i]);
    }
}

static void a_pool_serves_many_loops(void **state)
{
  (void)state;
  for (uint32_t threads = 0; threads <= WORKERS; threads++) {
    civ_pool *pool = civ_pool_create(threads);
    assert_non_null(pool);
    for (uint64_t n = 0; n < 300; n++) {
      tally t = { .stop_at = UINT64_MAX };
      civ_pool_for(pool, n, count, &t);
      assert_each_once(&t, n);
    }
    civ_pool_destroy(pool);
  }
  tally t = { .stop_at = UINT64_MAX };
  civ_pool_for(NULL, 10, count, &t); /* without a pool: the caller alone */
  assert_each_once(&t, 10);
  civ_pool_destroy(NULL);
}

static void false_stops_the_loop(void **state)
{
  (void)state;
  tally t = { .stop_at = 10 };
  civ_parallel_for(1, MOST, count, &t);
  assert_each_once(&t, 11); /* alone: exactly those up to the one that stopped */
  civ_pool *pool = civ_pool_create(WORKERS);
  for (int round = 0; round < 50; round++) {
    memset(&t, 0, sizeof t);
    t.stop_at = 10;
    civ_pool_for(pool, MOST, count, &t);
    for (uint64_t k = 0; k < MOST; k++)
      assert_true(t.done[k] <= 1);
    for (uint64_t k = 0; k <= 10; k++)
      assert_int_equal(t.done[k], 1); /* taken in order, so all before it were begun */
  }
  memset(&t, 0, sizeof t); /* the pool is as good as new */
  t.stop_at = UINT64_MAX;
  civ_pool_for(pool, 1000, count, &t);
  assert_each_once(&t, 1000);
  civ_pool_destroy(pool);
}

static void there_is_a_core(void **state)
{
  (void)state;
  assert_true(civ_cores() >= 1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_index_once),
    cmocka_unit_test(a_pool_serves_many_loops),
    cmocka_unit_test(false_stops_the_loop),
    cmocka_unit_test(there_is_a_core),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
