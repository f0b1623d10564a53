#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/proposals.h"
#include "support/failing_allocator.h"

enum { AGENTS = 9, MOST = 400 };

static civ_proposal proposal(uint64_t id, civ_agent a, civ_agent b)
{
  return (civ_proposal){ .id = id, .initiator = a, .counterparty = b, .type = CIV_TRADE, .transfer = (double)id / 4 };
}

/* What is addressed to `to`, oldest first, as ids. */
static uint32_t queue_of(const proposals *p, civ_agent to, uint64_t *ids)
{
  uint32_t n = 0;
  for (uint32_t i = p->head[to]; i != CIV_NONE; i = p->next[i])
    ids[n++] = p->items[i].id;
  return n;
}

static void proposals_queue_by_counterparty(void **state)
{
  proposals p;
  uint64_t ids[8];
  (void)state;
  assert_int_equal(civ_proposals_init(&p, AGENTS, &civ_allocator_malloc), CIV_OK);
  assert_int_equal(civ_proposals_reserve(&p, 4), CIV_OK);
  const civ_proposal made[] = { proposal(1, 0, 5), proposal(2, 1, 6), proposal(3, 2, 5), proposal(4, 3, 5) };
  for (int k = 0; k < 4; k++)
    civ_proposals_add(&p, &made[k]);
  assert_int_equal(queue_of(&p, 5, ids), 3);
  assert_true(ids[0] == 1 && ids[1] == 3 && ids[2] == 4);
  civ_proposals_close(&p, 2); /* from the middle */
  assert_int_equal(queue_of(&p, 5, ids), 2);
  assert_true(ids[0] == 1 && ids[1] == 4);
  assert_false(proposals_is_open(&p, 2));
  assert_true(p.items[2].id == 3); /* readable until compact */
  civ_proposals_compact(&p);
  assert_int_equal(p.n, 3);
  assert_int_equal(queue_of(&p, 5, ids), 2);
  assert_true(ids[0] == 1 && ids[1] == 4 && p.items[1].id == 2);
  civ_proposals_fini(&p);
}

/* Random adds, closes and compactions against a plain list. */
static void proposals_agree_with_a_list(void **state)
{
  proposals p;
  struct {
    uint64_t id;
    civ_agent to;
    bool open;
  } list[MOST];
  uint32_t n = 0;
  const civ_draw_key key = { .purpose = CIV_PURPOSE_FUZZ };
  civ_draws draws = civ_draws_open(7, &key);
  (void)state;
  assert_int_equal(civ_proposals_init(&p, AGENTS, &civ_allocator_malloc), CIV_OK);
  for (uint64_t id = 1; id <= MOST; id++) {
    const civ_agent to = civ_draw_index(&draws, AGENTS);
    const civ_proposal q = proposal(id, civ_draw_index(&draws, AGENTS), to);
    assert_int_equal(civ_proposals_reserve(&p, 1), CIV_OK);
    civ_proposals_add(&p, &q);
    list[n].id = id, list[n].to = to, list[n].open = true;
    n++;
    if (civ_draw_chance(&draws, 0.6)) {
      const uint32_t i = civ_draw_index(&draws, p.n);
      if (proposals_is_open(&p, i)) {
        for (uint32_t k = 0; k < n; k++)
          if (list[k].id == p.items[i].id)
            list[k].open = false;
        civ_proposals_close(&p, i);
      }
    }
    if (civ_draw_chance(&draws, 0.1))
      civ_proposals_compact(&p);
    for (civ_agent a = 0; a < AGENTS; a++) {
      uint64_t ids[MOST];
      uint32_t m = 0;
      const uint32_t found = queue_of(&p, a, ids);
      for (uint32_t k = 0; k < n; k++)
        if (list[k].open && list[k].to == a)
          assert_true(m < found && ids[m++] == list[k].id);
      assert_int_equal(m, found);
    }
  }
  civ_proposals_fini(&p);
}

static void proposals_survive_a_checkpoint(void **state)
{
  proposals p, q;
  civ_bytes out = { 0 };
  (void)state;
  assert_int_equal(civ_proposals_init(&p, AGENTS, &civ_allocator_malloc), CIV_OK);
  assert_int_equal(civ_proposals_init(&q, AGENTS, &civ_allocator_malloc), CIV_OK);
  assert_int_equal(civ_proposals_reserve(&p, 3), CIV_OK);
  for (uint64_t id = 1; id <= 3; id++) {
    civ_proposal made = proposal(id, (civ_agent)id, 0);
    made.content = (civ_text){ "a few words", (uint32_t)id };
    civ_proposals_add(&p, &made);
  }
  civ_proposals_save(&p, &out);
  civ_bytes_reader in = { .data = out.data, .length = out.length };
  assert_int_equal(civ_proposals_load(&q, &in, NULL), CIV_OK);
  assert_true(civ_proposals_digest(&p, 1) == civ_proposals_digest(&q, 1));
  assert_int_equal(q.n, 3);
  assert_int_equal(q.items[2].content.length, 3);
  assert_memory_equal(q.items[2].content.data, "a f", 3);
  /* every flipped byte is found out, by the digest of the chunk or a check of the content */
  for (size_t k = 0; k < out.length; k++) {
    proposals r;
    out.data[k] ^= 0x40;
    in = (civ_bytes_reader){ .data = out.data, .length = out.length };
    assert_int_equal(civ_proposals_init(&r, AGENTS, &civ_allocator_malloc), CIV_OK);
    assert_int_not_equal(civ_proposals_load(&r, &in, NULL), CIV_OK);
    civ_proposals_fini(&r);
    out.data[k] ^= 0x40;
  }
  civ_bytes_free(&out);
  civ_proposals_fini(&p);
  civ_proposals_fini(&q);
}

static void proposals_without_memory_change_nothing(void **state)
{
  (void)state;
  for (size_t k = 0;; k++) {
    failing_allocator f;
    proposals p;
    failing_allocator_init(&f, k);
    civ_status st = civ_proposals_init(&p, AGENTS, &f.allocator);
    if (st == CIV_OK)
      st = civ_proposals_reserve(&p, 5);
    if (st == CIV_OK)
      st = civ_proposals_reserve(&p, 100);
    civ_proposals_fini(&p);
    assert_int_equal(f.blocks, 0);
    if (st == CIV_OK)
      break;
    assert_int_equal(st, CIV_E_NOMEM);
    assert_true(k < 100);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(proposals_queue_by_counterparty),
    cmocka_unit_test(proposals_agree_with_a_list),
    cmocka_unit_test(proposals_survive_a_checkpoint),
    cmocka_unit_test(proposals_without_memory_change_nothing),
  };
  return cmocka_run_group_tests_name("proposals", tests, NULL, NULL);
}
