#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "base/bytes.h"
#include "sim/effect.h"
#include "sim/population.h"
#include "support/failing_allocator.h"

enum { AGENTS = 70 };

static bool rich_or_reputed(const civ_population *p, civ_agent a, const void *arg)
{
  (void)arg;
  return p->resources[a] > 80 || p->reputation[a] > 0.5;
}

static void watches_follow_the_state(void **state)
{
  population p;
  uint64_t moment = 0;
  uint32_t watch;
  uint64_t entered[AGENTS] = { 0 };
  size_t departures = 0;
  const civ_draw_key key = { .purpose = CIV_PURPOSE_FUZZ };
  civ_draws draws = civ_draws_open(3, &key);
  (void)state;
  assert_int_equal(civ_population_init(&p, AGENTS, &civ_allocator_malloc, &moment), CIV_OK);
  assert_int_equal(civ_population_watch(&p, rich_or_reputed, NULL, &watch), CIV_OK);
  assert_int_equal(civ_population_watch_history(&p, watch), CIV_OK);
  for (moment = 1; moment < 5000; moment++) {
    const civ_agent a = civ_draw_index(&draws, AGENTS);
    const bool before = civ_indexset_has(&p.watches[watch].members, a);
    assert_int_equal(civ_population_reserve(&p, 1), CIV_OK);
    switch (civ_draw_index(&draws, 3)) {
    case 0:
      civ_population_set_reputation(&p, a, civ_draw_between(&draws, -1, 1));
      break;
    case 1:
      civ_population_set_resources(&p, a, civ_draw_between(&draws, 0, 160));
      break;
    default:
      civ_population_set_frozen(&p, a, civ_draw_chance(&draws, 0.3));
    }
    const bool is = !p.frozen[a] && rich_or_reputed(&p.view, a, NULL);
    assert_int_equal(civ_indexset_has(&p.watches[watch].members, a), is);
    assert_int_equal(civ_indexset_has(&p.active, a), !p.frozen[a]);
    if (is && !before)
      entered[a] = moment;
    if (before && !is) {
      const watch_departure *d = &p.watches[watch].departures[departures++];
      assert_true(d->x == a && d->entered == entered[a] && d->left == moment);
    }
  }
  assert_int_equal(p.watches[watch].n_departures, departures);
  civ_population_fini(&p);
}

static void running_means_start_at_the_first_record(void **state)
{
  population p;
  const uint64_t moment = 0;
  (void)state;
  assert_int_equal(civ_population_init(&p, 1, &civ_allocator_malloc, &moment), CIV_OK);
  civ_population_record_initiated(&p, 0, true, 0.8);
  assert_true(p.average_p_initiated[0] == 0.8);
  civ_population_record_initiated(&p, 0, false, 0.2);
  assert_true(p.average_p_initiated[0] == 0.5 && p.initiated[0] == 2 && p.rejected[0] == 1);
  civ_population_record_initiated(&p, 0, true, 0.65);
  assert_true(fabs(p.average_p_initiated[0] - 0.55) < 1e-12);
  assert_true(civ_population_acceptance_rate(&p, 0) == 2.0 / 3.0);
  civ_population_record_received(&p, 0, 0.9);
  civ_population_record_received(&p, 0, 0.1);
  assert_true(p.average_p_received[0] == 0.5 && p.received[0] == 2);
  civ_population_fini(&p);
}

static void population_survives_a_checkpoint(void **state)
{
  population p, q;
  const uint64_t moment = 9;
  uint32_t watch;
  civ_bytes out = { 0 };
  (void)state;
  assert_int_equal(civ_population_init(&p, AGENTS, &civ_allocator_malloc, &moment), CIV_OK);
  assert_int_equal(civ_population_init(&q, AGENTS, &civ_allocator_malloc, &moment), CIV_OK);
  assert_int_equal(civ_population_watch(&p, rich_or_reputed, NULL, &watch), CIV_OK);
  assert_int_equal(civ_population_watch(&q, rich_or_reputed, NULL, &watch), CIV_OK);
  assert_int_equal(civ_population_watch_history(&p, watch), CIV_OK);
  assert_int_equal(civ_population_watch_history(&q, watch), CIV_OK);
  assert_int_equal(civ_population_reserve(&p, AGENTS), CIV_OK);
  for (civ_agent a = 0; a < AGENTS; a++) {
    civ_population_set_reputation(&p, a, a % 3 ? 0.7 : -0.1);
    civ_population_set_frozen(&p, a, a % 5 == 0);
    civ_population_record_received(&p, a, 0.25);
  }
  civ_population_save(&p, &out);
  civ_bytes_reader in = { .data = out.data, .length = out.length };
  assert_int_equal(civ_population_load(&q, &in, NULL), CIV_OK);
  assert_true(civ_population_digest(&p, 0) == civ_population_digest(&q, 0));
  assert_int_equal(p.watches[watch].members.count, q.watches[watch].members.count);
  assert_int_equal(p.watches[watch].n_departures, q.watches[watch].n_departures);
  for (civ_agent a = 0; a < AGENTS; a++)
    assert_true(p.watches[watch].entered[a] == q.watches[watch].entered[a]);
  civ_bytes_free(&out);
  civ_population_fini(&p);
  civ_population_fini(&q);
}

/* Costs add, sets unite in order, deltas add per agent in order of first appearance, unknown agents are ignored. */
static void effects_compose(void **state)
{
  civ_effect e;
  (void)state;
  assert_int_equal(civ_effect_init(&e, 4, 2, &civ_allocator_malloc), CIV_OK);
  e.lever = 0;
  civ_effect_cost(&e, 0.5, 0.25);
  civ_effect_reputation(&e, 3, -1);
  civ_effect_freeze(&e, 2, 7);
  civ_effect_freeze(&e, 99, 7);
  e.lever = 1;
  civ_effect_cost(&e, 0.5, 0);
  civ_effect_reputation(&e, 1, 2);
  civ_effect_reputation(&e, 3, -2);
  civ_effect_resources(&e, 3, 5);
  civ_effect_unfreeze(&e, 2);
  civ_effect_stop(&e, "first", 1);
  civ_effect_stop(&e, "second", 2);
  assert_true(e.cost_a == 1.0 && e.cost_b == 0.25);
  assert_true(e.lever_cost_a[0] == 0.5 && e.lever_cost_a[1] == 0.5 && e.accounts[1].cost == 0.5);
  assert_int_equal(e.n_freezes, 1);
  assert_int_equal(e.n_thaws, 1);
  assert_int_equal(e.n_deltas, 2);
  assert_true(e.deltas[0].agent == 3 && e.deltas[0].reputation == -3 && e.deltas[0].resources == 5);
  assert_true(e.deltas[1].agent == 1 && !e.deltas[1].resources_ordered);
  assert_string_equal(e.stop_reason, "first");
  civ_effect_clear(&e);
  assert_true(e.cost_a == 0 && e.n_deltas == 0 && e.slot[3] == 0);
  assert_true(e.accounts[0].reputation == -1 && e.accounts[1].reputation == 0); /* over the run */
  civ_effect_fini(&e);
}

static void rooms_without_memory_leave_nothing_behind(void **state)
{
  const uint64_t moment = 0;
  (void)state;
  for (size_t k = 0;; k++) {
    failing_allocator f;
    population p;
    civ_effect e = { 0 };
    uint32_t watch = 0;
    failing_allocator_init(&f, k);
    civ_status st = civ_population_init(&p, AGENTS, &f.allocator, &moment);
    const bool made = st == CIV_OK;
    if (st == CIV_OK)
      st = civ_population_watch(&p, rich_or_reputed, NULL, &watch);
    if (st == CIV_OK)
      st = civ_population_watch_history(&p, watch);
    if (st == CIV_OK)
      st = civ_population_reserve(&p, 10);
    if (st == CIV_OK)
      st = civ_effect_init(&e, AGENTS, 3, &f.allocator);
    if (st == CIV_OK)
      st = civ_effect_reserve(&e, 8);
    civ_effect_fini(&e);
    if (made)
      civ_population_fini(&p);
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
    cmocka_unit_test(watches_follow_the_state),
    cmocka_unit_test(running_means_start_at_the_first_record),
    cmocka_unit_test(population_survives_a_checkpoint),
    cmocka_unit_test(effects_compose),
    cmocka_unit_test(rooms_without_memory_leave_nothing_behind),
  };
  return cmocka_run_group_tests_name("population", tests, NULL, NULL);
}
