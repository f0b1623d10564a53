/* Collusion: who votes alike, state saved and forgotten, memory, size. */
#include "collusion_twin.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "civitas/fixture.h"
#include "support/failing_allocator.h"

enum { TRIALS = 120 };

/* --- votes ------------------------------------------------------------------------------------------------------------------------ */

static void votes_by_hand(void **state)
{
  static const char *const names[] = { "b", "a", "c", "d" };
  const civ_collusion_params params = civ_collusion_defaults();
  const int8_t votes[4][3] = { { 1, -1, 1 }, { 1, -1, 1 }, { 1, 1, 1 }, { 1, -1, 0 } };
  civ_collusion *c;
  civ_coordination v;
  (void)state;
  assert_int_equal(civ_collusion_create(&params, 4, 4, true, &civ_allocator_malloc, &c, NULL), CIV_OK);
  for (uint32_t t = 0; t < 3; t++) {
    assert_int_equal(civ_collusion_reserve(c, 0), CIV_OK);
    for (civ_agent a = 0; a < 4; a++)
      if (votes[a][t] != 0)
        civ_collusion_vote(c, a, t, votes[a][t] > 0);
  }
  assert_int_equal(civ_collusion_coordination(c, names, NULL, &v), CIV_OK);
  assert_int_equal(v.n, 1);
  assert_int_equal(v.pairs[0].a, 1); /* "a" before "b" */
  assert_int_equal(v.pairs[0].b, 0);
  assert_true(v.pairs[0].alignment == 1 && !v.estimated && v.total == 1);
  civ_coordination_free(&v);
  assert_int_equal(civ_collusion_reserve(c, 0), CIV_OK);
  civ_collusion_vote(c, 0, 0, false); /* a change of mind */
  assert_int_equal(civ_collusion_coordination(c, names, NULL, &v), CIV_OK);
  assert_int_equal(v.total, 0);
  civ_coordination_free(&v);
  civ_collusion_destroy(c);
}

/* Popular targets and others, any number of them, against counting each pair for itself. */
static void votes_equal_the_slow_count(void **state)
{
  enum { VOTERS = 40, TARGETS = 150 };
  static char text[VOTERS][8];
  static const char *names[VOTERS];
  const civ_collusion_params params = civ_collusion_defaults();
  (void)state;
  for (uint32_t trial = 0; trial < 30; trial++) {
    int8_t cast[VOTERS][TARGETS] = { { 0 } };
    civ_draws d = history_stream(3000 + trial);
    civ_collusion *c;
    civ_coordination v;
    uint32_t expected = 0;
    assert_int_equal(civ_collusion_create(&params, VOTERS, VOTERS, true, &civ_allocator_malloc, &c, NULL), CIV_OK);
    for (uint32_t t = 0; t < TARGETS; t++) {
      const double popular = civ_draw_uniform(&d) * civ_draw_uniform(&d);
      assert_int_equal(civ_collusion_reserve(c, 0), CIV_OK);
      for (uint32_t a = 0; a < VOTERS; a++)
        if (civ_draw_chance(&d, popular)) {
          cast[a][t] = civ_draw_chance(&d, a % 4 == 0 ? 0.95 : 0.6) ? 1 : -1;
          civ_collusion_vote(c, a, t, cast[a][t] > 0);
        }
    }
    for (uint32_t a = 0; a < VOTERS; a++) {
      snprintf(text[a], sizeof text[a], "v%02u", a);
      names[a] = text[a];
    }
    assert_int_equal(civ_collusion_coordination(c, names, NULL, &v), CIV_OK);
    for (uint32_t a = 0; a < VOTERS; a++)
      for (uint32_t b = a + 1; b < VOTERS; b++) {
        uint32_t common = 0, equal = 0, found = 0;
        for (uint32_t t = 0; t < TARGETS; t++) {
          common += cast[a][t] != 0 && cast[b][t] != 0;
          equal += cast[a][t] != 0 && cast[a][t] == cast[b][t];
        }
        const bool kept = common >= 3 && (double)equal / common >= params.vote_alignment;
        for (uint32_t k = 0; k < v.n; k++)
          if (v.pairs[k].a == a && v.pairs[k].b == b) {
            assert_true(v.pairs[k].alignment == (double)equal / common);
            found++;
          }
        assert_int_equal(found, kept);
        expected += kept;
      }
    assert_true(v.total == expected && v.n == expected && expected > 10);
    for (uint32_t k = 1; k < v.n; k++)
      assert_true(
          v.pairs[k - 1].alignment > v.pairs[k].alignment ||
          (v.pairs[k - 1].alignment == v.pairs[k].alignment &&
           (v.pairs[k - 1].a < v.pairs[k].a || (v.pairs[k - 1].a == v.pairs[k].a && v.pairs[k - 1].b < v.pairs[k].b))));
    civ_coordination_free(&v);
    civ_collusion_destroy(c);
  }
}

/* Above the limit voters are drawn: as many as the limit, the same ones for the same draws. */
static void of_many_voters_some_are_drawn(void **state)
{
  enum { VOTERS = CIV_COLLUSION_VOTERS + 50, TARGETS = 3 };
  const civ_collusion_params params = civ_collusion_defaults();
  static char text[VOTERS][8];
  static const char *names[VOTERS];
  civ_collusion *c;
  civ_coordination v[2];
  (void)state;
  assert_int_equal(civ_collusion_create(&params, VOTERS, VOTERS, true, &civ_allocator_malloc, &c, NULL), CIV_OK);
  for (uint32_t a = 0; a < VOTERS; a++) {
    snprintf(text[a], sizeof text[a], "v%u", a);
    names[a] = text[a];
  }
  for (uint32_t t = 0; t < TARGETS; t++) {
    assert_int_equal(civ_collusion_reserve(c, 0), CIV_OK);
    for (uint32_t a = 0; a < VOTERS; a++)
      civ_collusion_vote(c, a, t, a % 2);
  }
  for (int k = 0; k < 2; k++) {
    civ_draws d = history_stream(1);
    assert_int_equal(civ_collusion_coordination(c, names, &d, &v[k]), CIV_OK);
  }
  assert_true(v[0].estimated);
  assert_int_equal(v[0].n, CIV_COLLUSION_LISTED);
  assert_int_equal(v[0].total, v[1].total);
  assert_memory_equal(v[0].pairs, v[1].pairs, v[0].n * sizeof *v[0].pairs);
  assert_true(v[0].total > 900000 && v[0].total < 1100000); /* two camps of about 1000 */
  civ_coordination_free(&v[0]);
  civ_coordination_free(&v[1]);
  civ_collusion_destroy(c);
}

/* --- state ------------------------------------------------------------------------------------------------------------------------- */

static void same_report(const civ_collusion_report *r, const civ_collusion_report *s, uint32_t agents)
{
  civ_bytes x = { 0 }, y = { 0 };
  (void)agents;
  civ_collusion_report_save(r, &x);
  civ_collusion_report_save(s, &y);
  assert_int_equal(x.length, y.length);
  assert_memory_equal(x.data, y.data, x.length);
  civ_bytes_free(&x);
  civ_bytes_free(&y);
}

static void saved_in_mid_history_is_straight(void **state)
{
  (void)state;
  for (uint32_t trial = 0; trial < TRIALS; trial++) {
    const history h = history_draw(trial);
    history half = h;
    const civ_collusion_params params = history_params(trial);
    half.n = h.n / 2;
    civ_collusion *straight = history_fold(&h, &params, &civ_allocator_malloc),
                  *first = history_fold(&half, &params, &civ_allocator_malloc);
    civ_collusion *second;
    civ_bytes bytes = { 0 };
    civ_error err;
    civ_bytes_open(&bytes, "TEST");
    civ_collusion_save(first, &bytes);
    civ_bytes_close(&bytes);
    civ_bytes_reader in = { .data = bytes.data, .length = bytes.length };
    assert_int_equal(civ_collusion_create(&params, h.agents, h.agents, true, &civ_allocator_malloc, &second, NULL),
                     CIV_OK);
    assert_int_equal(civ_bytes_enter(&in, "TEST", &err), CIV_OK);
    assert_int_equal(civ_collusion_load(second, &in, &err), CIV_OK);
    assert_int_equal(civ_bytes_leave(&in, &err), CIV_OK);
    assert_int_equal(civ_collusion_reserve(second, h.n), CIV_OK);
    for (uint32_t k = half.n; k < h.n; k++)
      civ_collusion_add(second, &h.items[k].record, h.items[k].seconds);
    assert_true(civ_collusion_digest(second) == civ_collusion_digest(straight));
    civ_collusion_report r = history_analyse(straight, h.agents), s = history_analyse(second, h.agents);
    same_report(&r, &s, h.agents);
    civ_collusion_report_fini(&r);
    civ_collusion_report_fini(&s);
    civ_collusion_destroy(straight);
    civ_collusion_destroy(first);
    civ_collusion_destroy(second);
    civ_bytes_free(&bytes);
  }
}

static void report_is_saved_and_cuts_are_refused(void **state)
{
  const history h = history_draw(3);
  civ_collusion_params params = history_params(3);
  params.score_threshold = 0.05;
  civ_collusion_report r = history_report(&h, &params), s;
  civ_bytes bytes = { 0 };
  civ_error err;
  (void)state;
  civ_collusion_report_save(&r, &bytes);
  assert_int_equal(civ_collusion_report_init(&s, h.agents, &civ_allocator_malloc, NULL), CIV_OK);
  for (size_t cut = 0; cut <= bytes.length;
       cut += cut + 3 > bytes.length && cut < bytes.length ? bytes.length - cut : 3) {
    civ_bytes_reader in = { .data = bytes.data, .length = cut, .chunk_end = cut };
    const civ_status status = civ_collusion_report_load(&s, &in, &err);
    assert_int_equal(status, cut == bytes.length ? CIV_OK : CIV_E_FORMAT);
    if (cut == bytes.length)
      break;
    assert_int_equal(s.interactions, 0); /* untouched */
  }
  same_report(&r, &s, h.agents);
  civ_bytes_free(&bytes);
  civ_collusion_report_fini(&r);
  civ_collusion_report_fini(&s);
}

static void forgetting_begins_anew(void **state)
{
  const history h = history_draw(7), g = history_draw(8);
  history later = g;
  const civ_collusion_params params = history_params(7);
  (void)state;
  later.agents = h.agents;
  for (uint32_t k = 0; k < later.n; k++) {
    later.items[k].record.initiator %= h.agents;
    later.items[k].record.counterparty %= h.agents;
  }
  civ_collusion *c = history_fold(&h, &params, &civ_allocator_malloc);
  civ_collusion_clear(c);
  assert_int_equal(civ_collusion_interactions(c), 0);
  assert_int_equal(civ_collusion_reserve(c, later.n), CIV_OK);
  for (uint32_t k = 0; k < later.n; k++)
    civ_collusion_add(c, &later.items[k].record, later.items[k].seconds);
  civ_collusion_report r = history_analyse(c, h.agents), s = history_report(&later, &params);
  same_report(&r, &s, h.agents);
  civ_collusion_report_fini(&r);
  civ_collusion_report_fini(&s);
  civ_collusion_destroy(c);
}

/* --- memory ------------------------------------------------------------------------------------------------------------------------ */

static civ_status all_of_it(failing_allocator *f, bool seal)
{
  const history h = history_draw(11);
  const civ_collusion_params params = history_params(11);
  civ_collusion *c = NULL;
  civ_collusion_report r = { 0 };
  civ_status status = civ_collusion_create(&params, h.agents, h.agents, true, &f->allocator, &c, NULL);
  if (status == CIV_OK)
    status = civ_collusion_report_init(&r, h.agents, &f->allocator, NULL);
  for (uint32_t k = 0; status == CIV_OK && k < h.n; k++) {
    status = civ_collusion_reserve(c, 1);
    if (status != CIV_OK)
      break;
    if (seal)
      failing_allocator_seal(f);
    civ_collusion_add(c, &h.items[k].record, h.items[k].seconds);
    civ_collusion_vote(c, h.items[k].record.initiator, k % 7, k % 2);
    if (seal)
      failing_allocator_unseal(f);
  }
  if (status == CIV_OK)
    status = civ_collusion_analyse(c, &r);
  civ_collusion_report_fini(&r);
  civ_collusion_destroy(c);
  return status;
}

static void memory_fails_cleanly_and_adding_takes_none(void **state)
{
  failing_allocator f;
  (void)state;
  failing_allocator_init(&f, SIZE_MAX);
  assert_int_equal(all_of_it(&f, true), CIV_OK);
  assert_int_equal(f.blocks, 0);
  const size_t requests = f.requests;
  assert_true(requests > 10);
  for (size_t k = 0; k < requests; k++) {
    failing_allocator_init(&f, k);
    assert_int_equal(all_of_it(&f, false), CIV_E_NOMEM);
    assert_int_equal(f.blocks, 0);
  }
}

/* --- size -------------------------------------------------------------------------------------------------------------------------- */

static void large_populations_are_analysed_at_once(void **state)
{
  enum { AGENTS = 100000, DEALINGS = 1000000 };
  const civ_collusion_params params = civ_collusion_defaults();
  civ_collusion *c;
  civ_draws d = history_stream(9000);
  struct timespec before, after;
  (void)state;
  assert_int_equal(civ_collusion_create(&params, AGENTS, AGENTS, false, &civ_allocator_malloc, &c, NULL), CIV_OK);
  assert_int_equal(civ_collusion_reserve(c, DEALINGS), CIV_OK);
  for (uint32_t k = 0; k < DEALINGS; k++) {
    civ_interaction record = civ_interaction_default();
    record.initiator = civ_draw_index(&d, AGENTS);
    record.counterparty = (record.initiator + 1 + civ_draw_index(&d, 4)) % AGENTS;
    record.accepted = true;
    record.p = civ_draw_uniform(&d);
    record.c_a = record.c_b = 0.01 * record.p;
    civ_collusion_add(c, &record, 0);
  }
  civ_collusion_report r;
  assert_int_equal(civ_collusion_report_init(&r, AGENTS, &civ_allocator_malloc, NULL), CIV_OK);
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
  assert_int_equal(civ_collusion_analyse(c, &r), CIV_OK);
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
  const double seconds = (double)(after.tv_sec - before.tv_sec) + 1e-9 * (double)(after.tv_nsec - before.tv_nsec);
  print_message("%llu pairs of %d agents analysed in %.3f s\n", (unsigned long long)r.pairs, AGENTS, seconds);
  assert_true(r.interactions == DEALINGS && r.pairs > 300000);
  assert_true(seconds < 5); /* far above what it takes, so that sanitizers and busy machines pass */
  civ_collusion_report_fini(&r);
  civ_collusion_destroy(c);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(votes_by_hand),
    cmocka_unit_test(votes_equal_the_slow_count),
    cmocka_unit_test(of_many_voters_some_are_drawn),
    cmocka_unit_test(saved_in_mid_history_is_straight),
    cmocka_unit_test(report_is_saved_and_cuts_are_refused),
    cmocka_unit_test(forgetting_begins_anew),
    cmocka_unit_test(memory_fails_cleanly_and_adding_takes_none),
    cmocka_unit_test(large_populations_are_analysed_at_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
