#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/pairs.h"
#include "civitas/draws.h"
#include "support/failing_allocator.h"

enum { OWNERS = 12, OTHERS = 60 };

/* The naive model: a table of everything and the order of meeting. */
typedef struct model {
  civ_pair at[OWNERS][OTHERS];
  bool met[OWNERS][OTHERS];
  uint32_t order[OWNERS][OTHERS], known[OWNERS];
} model;

/* Few different scores, so that ties are common; entries that never met anybody twice stay out. */
static double score(const civ_pair *pair)
{
  return pair->count < 2 ? -(double)INFINITY : pair->value;
}

static bool keep_some(const void *arg, const civ_pair *pair)
{
  const uint64_t mask = *(const uint64_t *)arg;
  return mask >> (pair->other % 64) & 1;
}

static const civ_pair *best_of(const model *m, uint32_t owner, const uint64_t *mask)
{
  const civ_pair *best = NULL;
  for (uint32_t other = 0; other < OTHERS; other++) {
    const civ_pair *pair = &m->at[owner][other];
    if (!m->met[owner][other] || score(pair) == -(double)INFINITY || (mask != NULL && !keep_some(mask, pair)))
      continue;
    if (best == NULL || score(pair) > score(best))
      best = pair;
  }
  return best;
}

static void assert_pair(const civ_pair *pair, const civ_pair *expected)
{
  if (expected == NULL)
    assert_null(pair);
  else {
    assert_non_null(pair);
    assert_memory_equal(pair, expected, sizeof *pair);
  }
}

static void assert_same(const civ_pairs *p, const model *m, civ_draws *draws)
{
  size_t count = 0;
  for (uint32_t owner = 0; owner < OWNERS; owner++) {
    for (uint32_t other = 0; other < OTHERS; other++)
      assert_pair(civ_pairs_get(p, owner, other), m->met[owner][other] ? &m->at[owner][other] : NULL);
    uint32_t left = m->known[owner];
    for (const civ_pair *pair = civ_pairs_first(p, owner); pair != NULL; pair = civ_pairs_next(p, pair))
      assert_int_equal(pair->other, m->order[owner][--left]);
    assert_int_equal(left, 0);
    count += m->known[owner];
    assert_pair(civ_pairs_best(p, owner, NULL, NULL), best_of(m, owner, NULL));
    for (int k = 0; k < 4; k++) {
      uint64_t mask = civ_draw_bits(draws);
      mask &= k > 0 ? civ_draw_bits(draws) : mask;
      for (int more = 0; k > 1 && more < 3; more++)
        mask &= civ_draw_bits(draws);
      mask = k > 2 ? 0 : mask;
      assert_pair(civ_pairs_best(p, owner, keep_some, &mask), best_of(m, owner, &mask));
    }
  }
  assert_int_equal(civ_pairs_count(p), count);
}

static void meet(civ_pairs *p, model *m, civ_draws *draws)
{
  const uint32_t owner = civ_draw_index(draws, OWNERS), other = civ_draw_index(draws, OTHERS);
  civ_pair *pair = civ_pairs_touch(p, owner, other), *ours = &m->at[owner][other];
  if (!m->met[owner][other]) {
    *ours = (civ_pair){ .owner = owner, .other = other };
    m->met[owner][other] = true;
    m->order[owner][m->known[owner]++] = other;
  }
  assert_memory_equal(pair, ours, sizeof *pair);
  ours->count = civ_draw_chance(draws, 0.1) ? 0 : ours->count + 1; /* 0: out of the heap again */
  ours->extra = civ_draw_index(draws, 100);
  ours->value = civ_draw_index(draws, 10) / 4.0 - 1;
  *pair = *ours;
  civ_pairs_changed(p, pair);
}

static void like_a_table_of_everything(void **state)
{
  (void)state;
  model *m = calloc(1, sizeof *m);
  failing_allocator f;
  failing_allocator_init(&f, SIZE_MAX);
  civ_pairs *p = civ_pairs_create(OWNERS, score, &f.allocator);
  civ_draws draws = civ_draws_open(1, &(civ_draw_key){ .purpose = CIV_PURPOSE_FUZZ });
  assert_same(p, m, &draws);
  for (int i = 0; i < 2000; i++) {
    assert_int_equal(civ_pairs_reserve(p, 7), CIV_OK);
    failing_allocator_seal(&f);
    for (int k = 0; k < 7; k++)
      meet(p, m, &draws);
    if (i % 10 == 0)
      assert_same(p, m, &draws);
    failing_allocator_unseal(&f);
  }
  civ_pairs_destroy(p);
  assert_int_equal(f.blocks, 0);
  free(m);
}

static void without_a_score_there_is_no_heap(void **state)
{
  (void)state;
  failing_allocator f;
  failing_allocator_init(&f, SIZE_MAX);
  civ_pairs *p = civ_pairs_create(2, NULL, &f.allocator);
  assert_int_equal(civ_pairs_reserve(p, 3), CIV_OK);
  assert_null(civ_pairs_get(p, 0, 0));
  civ_pair *pair = civ_pairs_touch(p, 1, UINT32_MAX);
  pair->value = 5;
  civ_pairs_changed(p, pair);
  assert_true(civ_pairs_get(p, 1, UINT32_MAX)->value == 5);
  assert_null(civ_pairs_get(p, UINT32_MAX, 1));
  assert_int_equal(civ_pairs_count(p), 1);
  civ_pairs_destroy(p);
  civ_pairs_destroy(NULL);
  assert_int_equal(f.blocks, 0);
}

static double by_value(const civ_pair *pair)
{
  return pair->value;
}

static bool keep_from(const void *arg, const civ_pair *pair)
{
  return pair->other >= *(const uint32_t *)arg;
}

/* A heap as flat or as deep as it gets; nothing here may recurse or take memory. */
static void one_owner_may_know_very_many(void **state)
{
  (void)state;
  enum { N = 300000 };
  for (int rising = 0; rising < 2; rising++) {
    failing_allocator f;
    failing_allocator_init(&f, SIZE_MAX);
    civ_pairs *p = civ_pairs_create(1, by_value, &f.allocator);
    assert_int_equal(civ_pairs_reserve(p, N), CIV_OK);
    failing_allocator_seal(&f);
    for (uint32_t other = 0; other < N; other++) {
      civ_pair *pair = civ_pairs_touch(p, 0, other);
      pair->value = rising ? other : -(double)other;
      civ_pairs_changed(p, pair);
    }
    for (uint32_t k = 0; k < N / 2; k++) { /* the best leaves, again and again */
      const uint32_t other = rising ? N - 1 - k : k;
      const civ_pair *best = civ_pairs_best(p, 0, NULL, NULL);
      assert_int_equal(best->other, other);
      civ_pair *pair = civ_pairs_touch(p, 0, other);
      pair->value = -(double)INFINITY;
      civ_pairs_changed(p, pair);
    }
    const uint32_t from = rising ? 100 : N - 100;
    assert_int_equal(civ_pairs_best(p, 0, keep_from, &from)->other, rising ? N / 2 - 1 : N - 100);
    const uint32_t none = N;
    assert_null(civ_pairs_best(p, 0, keep_from, &none));
    civ_pairs_destroy(p);
    assert_int_equal(f.blocks, 0);
  }
}

static void not_a_number_stays_out(void **state)
{
  (void)state;
  civ_pairs *p = civ_pairs_create(1, by_value, &civ_allocator_malloc);
  assert_int_equal(civ_pairs_reserve(p, 2), CIV_OK);
  civ_pair *a = civ_pairs_touch(p, 0, 1), *b = civ_pairs_touch(p, 0, 2);
  a->value = (double)NAN;
  civ_pairs_changed(p, a);
  assert_ptr_equal(civ_pairs_best(p, 0, NULL, NULL), b); /* a new entry is in by its score of zeros */
  civ_pairs_destroy(p);
}

static void saved(const civ_pairs *p, civ_bytes *out)
{
  civ_bytes_open(out, "PAIR");
  civ_pairs_save(p, out);
  civ_bytes_close(out);
  assert_false(out->failed);
}

static civ_status load(civ_pairs *p, const civ_bytes *b, civ_error *err)
{
  civ_bytes_reader r = { .data = b->data, .length = b->length };
  civ_status status = civ_bytes_enter(&r, "PAIR", err);
  if (status == CIV_OK)
    status = civ_pairs_load(p, &r, err);
  return status == CIV_OK ? civ_bytes_leave(&r, err) : status;
}

static civ_pairs *filled(model *m, const civ_allocator *allocator, int meetings)
{
  civ_pairs *p = civ_pairs_create(OWNERS, score, allocator);
  civ_draws draws = civ_draws_open(2, &(civ_draw_key){ .purpose = CIV_PURPOSE_FUZZ });
  for (int i = 0; i < meetings; i++) {
    assert_int_equal(civ_pairs_reserve(p, 1), CIV_OK);
    meet(p, m, &draws);
  }
  return p;
}

static void saved_pairs_load_and_go_on(void **state)
{
  (void)state;
  model *m = calloc(1, sizeof *m);
  failing_allocator f;
  failing_allocator_init(&f, SIZE_MAX);
  civ_pairs *p = filled(m, &f.allocator, 800), *q = civ_pairs_create(OWNERS, score, &f.allocator);
  assert_int_equal(civ_pairs_reserve(q, 1), CIV_OK);
  civ_pairs_touch(q, 3, 9999); /* goes with the load */
  civ_bytes first = { 0 }, second = { 0 };
  saved(p, &first);
  assert_int_equal(load(q, &first, NULL), CIV_OK);
  saved(q, &second);
  assert_int_equal(first.length, second.length);
  assert_memory_equal(first.data, second.data, first.length);
  civ_draws draws = civ_draws_open(3, &(civ_draw_key){ .purpose = CIV_PURPOSE_FUZZ });
  assert_same(q, m, &draws);
  for (int i = 0; i < 2000; i++) {
    assert_int_equal(civ_pairs_reserve(q, 1), CIV_OK);
    meet(q, m, &draws);
  }
  assert_same(q, m, &draws);
  civ_bytes_free(&first);
  civ_bytes_free(&second);
  civ_pairs_destroy(p);
  civ_pairs_destroy(q);
  assert_int_equal(f.blocks, 0);
  free(m);
}

/* A stream of two entries of one owner with a right digest; what it says may be nonsense. */
static civ_status load_made(uint32_t owners, uint64_t count, uint32_t owner, uint32_t other)
{
  civ_pairs *p = civ_pairs_create(2, score, &civ_allocator_malloc);
  assert_int_equal(civ_pairs_reserve(p, 1), CIV_OK);
  civ_pairs_touch(p, 1, 1);
  civ_bytes b = { 0 };
  civ_bytes_open(&b, "PAIR");
  civ_bytes_put_u32(&b, owners);
  civ_bytes_put_u64(&b, count);
  for (int i = 0; i < 2; i++) {
    civ_bytes_put_u32(&b, i == 0 ? 0 : owner);
    civ_bytes_put_u32(&b, i == 0 ? 7 : other);
    civ_bytes_put_u64(&b, 0);
    civ_bytes_put_real(&b, 0.5);
  }
  civ_bytes_close(&b);
  civ_error err;
  const civ_status status = load(p, &b, &err);
  if (status == CIV_E_FORMAT && count != 1)
    assert_non_null(civ_pairs_get(p, 1, 1)); /* untouched */
  civ_bytes_free(&b);
  civ_pairs_destroy(p);
  return status;
}

static void streams_that_hold_nonsense_are_refused(void **state)
{
  (void)state;
  assert_int_equal(load_made(2, 2, 1, 7), CIV_OK);
  assert_int_equal(load_made(3, 2, 1, 7), CIV_E_FORMAT); /* other owners */
  assert_int_equal(load_made(2, 3, 1, 7), CIV_E_FORMAT); /* too few */
  assert_int_equal(load_made(2, UINT64_MAX, 1, 7), CIV_E_FORMAT);
  assert_int_equal(load_made(2, 1, 1, 7), CIV_E_FORMAT); /* one left over */
  assert_int_equal(load_made(2, 2, 0, 7), CIV_E_FORMAT); /* twice */
  assert_int_equal(load_made(2, 2, 2, 7), CIV_E_FORMAT); /* no such owner */
}

static void without_memory_nothing_changes(void **state)
{
  (void)state;
  model *m = calloc(1, sizeof *m);
  civ_pairs *whole = filled(m, &civ_allocator_malloc, 400);
  civ_bytes b = { 0 };
  saved(whole, &b);
  civ_draws draws = civ_draws_open(4, &(civ_draw_key){ .purpose = CIV_PURPOSE_FUZZ });
  for (size_t k = 0;; k++) {
    failing_allocator f;
    failing_allocator_init(&f, k);
    civ_pairs *p = civ_pairs_create(OWNERS, score, &f.allocator);
    if (p == NULL) {
      assert_int_equal(f.blocks, 0);
      continue;
    }
    civ_status status = civ_pairs_reserve(p, 1);
    if (status == CIV_OK) {
      civ_pairs_touch(p, 2, 3)->value = 4;
      status = civ_pairs_reserve(p, 100);
      assert_true(civ_pairs_get(p, 2, 3)->value == 4);
      if (status == CIV_OK)
        status = load(p, &b, NULL);
      if (status == CIV_OK)
        assert_same(p, m, &draws);
      else
        assert_true(civ_pairs_count(p) == 1 && civ_pairs_get(p, 2, 3)->value == 4);
    }
    civ_pairs_destroy(p);
    assert_int_equal(f.blocks, 0);
    if (status == CIV_OK)
      break;
    assert_int_equal(status, CIV_E_NOMEM);
  }
  civ_bytes_free(&b);
  civ_pairs_destroy(whole);
  free(m);
}

/* Entries without list or heap: found and kept all the same, in less memory, and through a save. */
static void bare_entries_are_only_found(void **state)
{
  (void)state;
  failing_allocator f;
  failing_allocator_init(&f, SIZE_MAX);
  civ_pairs *p = civ_pairs_create_bare(OWNERS, &f.allocator), *q = civ_pairs_create_bare(OWNERS, &f.allocator);
  civ_bytes out = { 0 };
  assert_int_equal(civ_pairs_reserve(p, OWNERS * OTHERS), CIV_OK);
  failing_allocator_seal(&f);
  for (uint32_t k = 0; k < OWNERS * OTHERS; k++)
    civ_pairs_touch(p, k % OWNERS, k / OWNERS)->value = k;
  failing_allocator_unseal(&f);
  civ_bytes_open(&out, "TEST");
  civ_pairs_save(p, &out);
  civ_bytes_close(&out);
  civ_bytes_reader in = { .data = out.data, .length = out.length };
  assert_int_equal(civ_bytes_enter(&in, "TEST", NULL), CIV_OK);
  assert_int_equal(civ_pairs_load(q, &in, NULL), CIV_OK);
  for (uint32_t k = 0; k < OWNERS * OTHERS; k++) {
    civ_pairs_prefetch(q, k % OWNERS, k / OWNERS);
    civ_pairs_prefetch_entry(q, k % OWNERS, k / OWNERS);
    assert_true(civ_pairs_get(p, k % OWNERS, k / OWNERS)->value == k);
    assert_true(civ_pairs_get(q, k % OWNERS, k / OWNERS)->value == k);
  }
  assert_null(civ_pairs_get(q, 0, OTHERS));
  civ_bytes_free(&out);
  civ_pairs_destroy(p);
  civ_pairs_destroy(q);
  assert_int_equal(f.blocks, 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(like_a_table_of_everything),     cmocka_unit_test(without_a_score_there_is_no_heap),
    cmocka_unit_test(one_owner_may_know_very_many),   cmocka_unit_test(not_a_number_stays_out),
    cmocka_unit_test(saved_pairs_load_and_go_on),     cmocka_unit_test(streams_that_hold_nonsense_are_refused),
    cmocka_unit_test(without_memory_nothing_changes), cmocka_unit_test(bare_entries_are_only_found),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
