#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/idsets.h"
#include "civitas/draws.h"
#include "support/failing_allocator.h"

enum { OWNERS = 40, IDS = 300 };

/* The naive model: -1 absent, else the bit. */
typedef struct model {
  int8_t at[OWNERS][IDS];
} model;

static void clear(model *m)
{
  memset(m, -1, sizeof *m);
}

/* Numbers far apart, and ones that meet in the table. */
static uint32_t id_of(uint32_t k)
{
  return k % 3 == 0 ? k : k % 3 == 1 ? k << 22 : INT32_MAX - 1 - k;
}

static int by_id(const void *a, const void *b)
{
  const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return (x > y) - (x < y);
}

static void assert_same(const civ_idsets *s, const model *m)
{
  for (uint32_t owner = 0; owner < OWNERS; owner++) {
    uint32_t ids[IDS], listed[IDS], count = 0;
    uint8_t bits[IDS];
    for (uint32_t k = 0; k < IDS; k++) {
      assert_int_equal(civ_idsets_get(s, owner, id_of(k)), m->at[owner][k]);
      if (m->at[owner][k] >= 0)
        ids[count++] = id_of(k);
    }
    assert_int_equal(civ_idsets_count(s, owner), count);
    qsort(ids, count, sizeof *ids, by_id);
    civ_idsets_list(s, owner, listed, bits);
    for (uint32_t i = 0; i < count; i++) {
      assert_int_equal(listed[i], ids[i]);
      assert_int_equal(bits[i], civ_idsets_get(s, owner, ids[i]));
    }
    civ_idsets_prefetch(s, owner);
  }
}

/* One step as a run makes it: reserve, then at most one put per owner without memory; drops at any time. */
static void step(civ_idsets *s, model *m, civ_draws *draws, failing_allocator *f)
{
  assert_int_equal(civ_idsets_reserve(s), CIV_OK);
  failing_allocator_seal(f);
  for (uint32_t owner = 0; owner < OWNERS; owner++) {
    const uint32_t k = civ_draw_index(draws, owner % 2 == 0 ? IDS : 20), d = civ_draw_index(draws, IDS);
    const bool bit = civ_draw_chance(draws, 0.5);
    if (civ_draw_chance(draws, 0.3)) {
      assert_int_equal(civ_idsets_drop(s, owner, id_of(d)), m->at[owner][d]);
      m->at[owner][d] = -1;
    }
    if (civ_draw_chance(draws, 0.9)) {
      assert_int_equal(civ_idsets_put(s, owner, id_of(k), bit), m->at[owner][k]);
      m->at[owner][k] = bit;
    }
  }
  failing_allocator_unseal(f);
}

static void like_a_table_of_everything(void **state)
{
  (void)state;
  model m;
  failing_allocator f;
  clear(&m);
  failing_allocator_init(&f, SIZE_MAX);
  civ_idsets *s = civ_idsets_create(OWNERS, &f.allocator);
  civ_draws draws = civ_draws_open(1, &(civ_draw_key){ .purpose = CIV_PURPOSE_FUZZ });
  assert_same(s, &m);
  for (int i = 0; i < 3000; i++) {
    step(s, &m, &draws, &f);
    if (i % 50 == 0)
      assert_same(s, &m);
  }
  assert_same(s, &m);
  for (uint32_t owner = 0; owner < OWNERS; owner++)
    for (uint32_t k = 0; k < IDS; k++)
      assert_int_equal(civ_idsets_drop(s, owner, id_of(k)), m.at[owner][k]);
  clear(&m);
  assert_same(s, &m);
  civ_idsets_destroy(s);
  assert_int_equal(f.blocks, 0);
}

static void no_owners_and_the_greatest_number(void **state)
{
  (void)state;
  civ_idsets *s = civ_idsets_create(0, &civ_allocator_malloc);
  assert_int_equal(civ_idsets_reserve(s), CIV_OK);
  civ_idsets_destroy(s);
  civ_idsets_destroy(NULL);
  s = civ_idsets_create(1, &civ_allocator_malloc);
  assert_int_equal(civ_idsets_reserve(s), CIV_OK);
  assert_int_equal(civ_idsets_put(s, 0, INT32_MAX - 1, true), -1);
  assert_int_equal(civ_idsets_get(s, 0, INT32_MAX - 1), 1);
  assert_int_equal(civ_idsets_put(s, 0, INT32_MAX - 1, false), 1);
  assert_int_equal(civ_idsets_get(s, 0, INT32_MAX - 1), 0);
  assert_int_equal(civ_idsets_get(s, 0, 0), -1);
  civ_idsets_destroy(s);
}

static void owners_without_members_cost_eight_bytes(void **state)
{
  (void)state;
  failing_allocator f;
  failing_allocator_init(&f, SIZE_MAX);
  civ_idsets *s = civ_idsets_create(100000, &f.allocator);
  assert_true(f.bytes <= 8 * 100000 + 1000);
  civ_idsets_destroy(s);
}

static civ_idsets *filled(model *m, const civ_allocator *allocator, int steps)
{
  failing_allocator quiet;
  failing_allocator_init(&quiet, SIZE_MAX);
  civ_idsets *s = civ_idsets_create(OWNERS, allocator);
  civ_draws draws = civ_draws_open(2, &(civ_draw_key){ .purpose = CIV_PURPOSE_FUZZ, .entity = (uint32_t)steps });
  clear(m);
  for (int i = 0; i < steps; i++)
    step(s, m, &draws, &quiet);
  return s;
}

static void saved(const civ_idsets *s, civ_bytes *out)
{
  civ_bytes_open(out, "SETS");
  civ_idsets_save(s, out);
  civ_bytes_close(out);
  assert_false(out->failed);
}

static civ_status load(civ_idsets *s, const civ_bytes *b, civ_error *err)
{
  civ_bytes_reader r = { .data = b->data, .length = b->length };
  civ_status status = civ_bytes_enter(&r, "SETS", err);
  if (status == CIV_OK)
    status = civ_idsets_load(s, &r, err);
  return status == CIV_OK ? civ_bytes_leave(&r, err) : status;
}

static void saved_sets_load_and_go_on(void **state)
{
  (void)state;
  model m, n;
  failing_allocator f;
  failing_allocator_init(&f, SIZE_MAX);
  civ_idsets *s = filled(&m, &f.allocator, 500), *t = filled(&n, &f.allocator, 30);
  civ_bytes first = { 0 }, second = { 0 };
  saved(s, &first);
  assert_int_equal(load(t, &first, NULL), CIV_OK);
  assert_same(t, &m);
  saved(t, &second); /* canonical: whatever the way there */
  assert_int_equal(first.length, second.length);
  assert_memory_equal(first.data, second.data, first.length);
  civ_draws draws = civ_draws_open(3, &(civ_draw_key){ .purpose = CIV_PURPOSE_FUZZ });
  for (int i = 0; i < 200; i++)
    step(t, &m, &draws, &f);
  assert_same(t, &m);
  civ_bytes_free(&first);
  civ_bytes_free(&second);
  civ_idsets_destroy(s);
  civ_idsets_destroy(t);
  assert_int_equal(f.blocks, 0);
}

/* Puts `words` where a saved stream of one owner would be; the digest is right, the content is not. */
static civ_status load_words(const uint64_t *words, size_t n)
{
  civ_idsets *s = civ_idsets_create(1, &civ_allocator_malloc);
  assert_int_equal(civ_idsets_reserve(s), CIV_OK);
  civ_idsets_put(s, 0, 5, true);
  civ_bytes b = { 0 };
  civ_bytes_open(&b, "SETS");
  civ_bytes_put_u32(&b, (uint32_t)words[0]);
  for (size_t i = 1; i < n; i++)
    if (i == 1)
      civ_bytes_put_u64(&b, words[i]);
    else
      civ_bytes_put_u32(&b, (uint32_t)words[i]);
  civ_bytes_close(&b);
  civ_error err;
  const civ_status status = load(s, &b, &err);
  if (status != CIV_OK) { /* untouched */
    assert_int_equal(civ_idsets_count(s, 0), 1);
    assert_int_equal(civ_idsets_get(s, 0, 5), 1);
  }
  civ_bytes_free(&b);
  civ_idsets_destroy(s);
  return status;
}

#define LOAD(...) load_words((const uint64_t[]){ __VA_ARGS__ }, sizeof((const uint64_t[]){ __VA_ARGS__ }) / 8)

static void streams_that_hold_nonsense_are_refused(void **state)
{
  (void)state;
  assert_int_equal(LOAD(1, 2, 2, 5), CIV_OK);
  assert_int_equal(LOAD(1, 0), CIV_OK);
  assert_int_equal(LOAD(2, 0), CIV_E_FORMAT);             /* other owners */
  assert_int_equal(LOAD(1), CIV_E_FORMAT);                /* cut off */
  assert_int_equal(LOAD(1, 3, 2, 5), CIV_E_FORMAT);       /* too few */
  assert_int_equal(LOAD(1, UINT64_MAX, 2), CIV_E_FORMAT); /* far too few */
  assert_int_equal(LOAD(1, 2, 5, 2), CIV_E_FORMAT);       /* descending */
  assert_int_equal(LOAD(1, 2, 4, 5), CIV_E_FORMAT);       /* the same number twice */
  assert_int_equal(LOAD(1, 1, 0), CIV_E_FORMAT);          /* no number */
  assert_int_equal(LOAD(1, 1, 1), CIV_E_FORMAT);
}

static void without_memory_nothing_changes(void **state)
{
  (void)state;
  model m;
  civ_idsets *whole = filled(&m, &civ_allocator_malloc, 200);
  civ_bytes b = { 0 };
  saved(whole, &b);
  for (size_t k = 0;; k++) {
    failing_allocator f;
    failing_allocator_init(&f, k);
    civ_idsets *s = civ_idsets_create(OWNERS, &f.allocator);
    if (s == NULL) {
      assert_int_equal(f.blocks, 0);
      continue;
    }
    civ_status status = civ_idsets_reserve(s);
    if (status == CIV_OK) {
      civ_idsets_put(s, 3, 9, true);
      status = load(s, &b, NULL);
      if (status != CIV_OK) {
        assert_int_equal(civ_idsets_get(s, 3, 9), 1);
        assert_int_equal(civ_idsets_count(s, 3), 1);
      } else
        assert_same(s, &m);
    }
    civ_idsets_destroy(s);
    assert_int_equal(f.blocks, 0);
    if (status == CIV_OK)
      break;
    assert_int_equal(status, CIV_E_NOMEM);
  }
  civ_bytes_free(&b);
  civ_idsets_destroy(whole);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(like_a_table_of_everything),
    cmocka_unit_test(no_owners_and_the_greatest_number),
    cmocka_unit_test(owners_without_members_cost_eight_bytes),
    cmocka_unit_test(saved_sets_load_and_go_on),
    cmocka_unit_test(streams_that_hold_nonsense_are_refused),
    cmocka_unit_test(without_memory_nothing_changes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
