/* Patterns against a table of all pairs: whatever the order of noting and settling, whatever is saved in between. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "civitas/draws.h"
#include "metric/patterns.h"
#include "support/failing_allocator.h"

enum { AGENTS = 23 };

/* What the room should hold, the slow way. */
typedef struct table {
  double counts[AGENTS][AGENTS];
  civ_agent order[AGENTS];
  uint32_t n_order;
} table;

static void note(table *t, civ_agent a, civ_agent b)
{
  uint32_t k = 0;
  t->counts[a][b]++;
  while (k < t->n_order && t->order[k] != a)
    k++;
  if (k == t->n_order)
    t->order[t->n_order++] = a;
}

static void assert_holds(civ_patterns *p, const table *t)
{
  uint32_t n;
  const civ_agent *order = civ_patterns_order(p, &n);
  assert_int_equal(n, t->n_order);
  assert_memory_equal(order, t->order, n * sizeof *order);
  for (civ_agent a = 0; a < AGENTS; a++) {
    const civ_pattern pattern = civ_patterns_of(p, a);
    uint32_t at = 0;
    for (civ_agent b = 0; b < AGENTS; b++) {
      if (t->counts[a][b] == 0)
        continue;
      assert_true(at < pattern.n && pattern.others[at] == b);
      assert_true(pattern.counts[at] == t->counts[a][b]);
      at++;
    }
    assert_int_equal(at, pattern.n);
  }
}

static civ_draws stream(uint32_t entity)
{
  return civ_draws_open(5, &(civ_draw_key){ .purpose = CIV_PURPOSE_FUZZ, .entity = entity });
}

static void assert_ok(civ_status st)
{
  assert_int_equal(st, CIV_OK);
}

static void counts_are_those_of_a_table(void **state)
{
  (void)state;
  for (uint32_t trial = 0; trial < 40; trial++) {
    const bool initiated_only = trial % 2;
    civ_draws draws = stream(trial);
    civ_patterns *p = civ_patterns_create(AGENTS, initiated_only, &civ_allocator_malloc);
    table t = { .n_order = 0 };
    for (uint32_t k = 0; k < 600; k++) {
      const civ_agent a = civ_draw_index(&draws, AGENTS), b = (a + 1 + civ_draw_index(&draws, AGENTS - 1)) % AGENTS;
      assert_ok(civ_patterns_reserve(p, 3));
      assert_ok(civ_patterns_add(p, a, b));
      note(&t, a, b);
      if (!initiated_only)
        note(&t, b, a);
      if (civ_draw_index(&draws, 30) == 0) {
        assert_ok(civ_patterns_settle(p));
        assert_holds(p, &t);
      }
    }
    civ_patterns_clear(p);
    t = (table){ .n_order = 0 };
    assert_holds(p, &t);
    civ_patterns_destroy(p);
  }
}

static void decay_forgets_what_is_small(void **state)
{
  (void)state;
  civ_patterns *p = civ_patterns_create(AGENTS, true, &civ_allocator_malloc);
  for (int k = 0; k < 5; k++)
    assert_ok(civ_patterns_add(p, 2, 3));
  assert_ok(civ_patterns_add(p, 2, 7));
  assert_ok(civ_patterns_add(p, 4, 7));
  civ_patterns_decay(p, 0.5); /* nothing is settled yet: nothing to decay */
  assert_ok(civ_patterns_settle(p));
  civ_patterns_decay(p, 0.1);
  assert_true(civ_patterns_of(p, 2).counts[0] == 0.5 && civ_patterns_of(p, 2).counts[1] == 0.1);
  civ_patterns_decay(p, 0.09);
  assert_int_equal(civ_patterns_of(p, 2).n, 1);
  assert_int_equal(civ_patterns_of(p, 2).others[0], 3);
  assert_int_equal(civ_patterns_of(p, 4).n, 0);
  uint32_t n;
  assert_int_equal(civ_patterns_order(p, &n)[1], 4); /* keeps its place */
  assert_int_equal(n, 2);
  civ_patterns_decay(p, 0);
  assert_int_equal(civ_patterns_of(p, 2).n, 0);
  civ_patterns_destroy(p);
}

static void many_noted_are_merged_by_reserve(void **state)
{
  (void)state;
  failing_allocator f;
  failing_allocator_init(&f, SIZE_MAX);
  civ_patterns *p = civ_patterns_create(AGENTS, false, &f.allocator);
  for (int step = 0; step < 300; step++) {
    assert_ok(civ_patterns_reserve(p, 1000));
    failing_allocator_seal(&f);
    for (int k = 0; k < 1000; k++)
      assert_ok(civ_patterns_add(p, (civ_agent)(k % AGENTS), (civ_agent)((k + 1) % AGENTS)));
    failing_allocator_unseal(&f);
  }
  assert_true(f.most_bytes < 16000000); /* never all 300000 at once: that would be 29 MB while merging */
  assert_ok(civ_patterns_settle(p));
  double sum = 0;
  for (civ_agent a = 0; a < AGENTS; a++)
    for (uint32_t k = 0; k < civ_patterns_of(p, a).n; k++)
      sum += civ_patterns_of(p, a).counts[k];
  assert_true(sum == 600000);
  civ_patterns_destroy(p);
  assert_int_equal(f.blocks, 0);
}

static civ_patterns *reloaded(civ_patterns *p, civ_status expect, size_t cut, uint8_t flip)
{
  civ_bytes bytes = { 0 };
  civ_error err;
  civ_bytes_open(&bytes, "TEST");
  civ_patterns_save(p, &bytes);
  if (cut < bytes.length)
    bytes.data[bytes.length - 1 - cut] ^= flip;
  civ_bytes_close(&bytes);
  civ_bytes_reader in = { .data = bytes.data, .length = bytes.length };
  civ_patterns *q = civ_patterns_create(AGENTS, false, &civ_allocator_malloc);
  assert_ok(civ_bytes_enter(&in, "TEST", &err));
  const civ_status st = civ_patterns_load(q, &in, &err);
  if (expect == CIV_OK) {
    assert_ok(st);
    assert_ok(civ_bytes_leave(&in, &err));
  }
  civ_bytes_free(&bytes);
  return q;
}

static void saved_and_loaded_is_the_same(void **state)
{
  (void)state;
  civ_draws draws = stream(99);
  civ_patterns *p = civ_patterns_create(AGENTS, false, &civ_allocator_malloc);
  table t = { .n_order = 0 };
  for (uint32_t k = 0; k < 200; k++) {
    const civ_agent a = civ_draw_index(&draws, AGENTS), b = (a + 1) % AGENTS;
    assert_ok(civ_patterns_add(p, a, b));
    note(&t, a, b);
    note(&t, b, a);
    if (k == 120)
      assert_ok(civ_patterns_settle(p));
  }
  civ_patterns *q = reloaded(p, CIV_OK, SIZE_MAX, 0);
  assert_ok(civ_patterns_settle(q));
  assert_holds(q, &t);
  civ_patterns_destroy(q);
  for (size_t cut = 0; cut < 3000; cut += 7) /* whatever is broken, nothing is read that is not there */
    civ_patterns_destroy(reloaded(p, CIV_E_FORMAT, cut, 0xA5));
  civ_patterns_destroy(p);
}

static void memory_may_fail(void **state)
{
  (void)state;
  for (size_t k = 0;; k++) {
    failing_allocator f;
    failing_allocator_init(&f, k);
    civ_patterns *p = civ_patterns_create(AGENTS, false, &f.allocator);
    civ_status st = p ? civ_patterns_reserve(p, 40) : CIV_E_NOMEM;
    for (civ_agent a = 0; st == CIV_OK && a < 40; a++)
      st = civ_patterns_add(p, a % AGENTS, (a + 5) % AGENTS);
    if (st == CIV_OK) {
      st = civ_patterns_settle(p);
      if (st != CIV_OK) { /* nothing is lost: the next attempt has it all */
        assert_ok(civ_patterns_settle(p));
        assert_int_equal(civ_patterns_of(p, 0).n, 2);
      }
    }
    civ_patterns_destroy(p);
    assert_int_equal(f.blocks, 0);
    if (st == CIV_OK)
      break;
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(counts_are_those_of_a_table),
    cmocka_unit_test(decay_forgets_what_is_small),
    cmocka_unit_test(many_noted_are_merged_by_reserve),
    cmocka_unit_test(saved_and_loaded_is_the_same),
    cmocka_unit_test(memory_may_fail),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
