/* Behavioural similarity against figures by hand, and the join against comparing all with all. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "civitas/draws.h"
#include "metric/similarity.h"
#include "support/failing_allocator.h"

#define assert_near(a, b) assert_true(fabs((a) - (b)) <= 1e-12)

/* A pattern of at most 6 counterparties, those of count 0 left out. */
typedef struct small_pattern {
  uint32_t others[6];
  double counts[6];
  uint32_t n;
} small_pattern;

static small_pattern pattern(const double counts[6])
{
  small_pattern p = { .n = 0 };
  for (uint32_t k = 0; k < 6; k++)
    if (counts[k] > 0) {
      p.others[p.n] = k;
      p.counts[p.n++] = counts[k];
    }
  return p;
}

static double similarity(const double a[6], const double b[6], civ_similarity_measure measure)
{
  const small_pattern x = pattern(a), y = pattern(b);
  const civ_pattern p = { x.others, x.counts, x.n }, q = { y.others, y.counts, y.n };
  const double there = civ_pattern_similarity(&p, &q, measure), back = civ_pattern_similarity(&q, &p, measure);
  assert_true(there == back);
  return there;
}

static void pairs_by_hand(void **state)
{
  (void)state;
  static const struct {
    double a[6], b[6], l1, cosine;
  } cases[] = {
    { { 10, 5 }, { 10, 5 }, 0.7777777777777778, 1 },
    { { 7 }, { 1 }, 1, 1 },
    { { 1, 1, 1, 1 }, { 1, 1, 1, 1 }, 0.625, 1 },
    { { 4, 1, 2, 0 }, { 6, 3, 0, 1 }, 0.55, 0.6843553801592561 },
    { { 4 }, { 0, 4 }, 0, 0 },
    { { 10, 1 }, { 10, 1, 50 }, 0.7506887052341598, 0.4318615256972636 },
    { { 0 }, { 1 }, 0, 0 },
    { { 0 }, { 0 }, 0, 0 },
  };
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    assert_near(similarity(cases[k].a, cases[k].b, CIV_SIMILARITY_L1_DOT), cases[k].l1);
    assert_near(similarity(cases[k].a, cases[k].b, CIV_SIMILARITY_COSINE), cases[k].cosine);
  }
}

/* --- many patterns ----------------------------------------------------------------------------------------------------------- */

enum { MOST = 400, UNIVERSE = 64 };

typedef struct crowd {
  civ_pattern patterns[MOST];
  uint32_t others[MOST][UNIVERSE];
  double counts[MOST][UNIVERSE];
  uint32_t n, universe;
} crowd;

/* Gives pattern a the counts of `dense`. */
static void set_pattern(crowd *c, uint32_t a, const double dense[UNIVERSE])
{
  uint32_t n = 0;
  for (uint32_t k = 0; k < UNIVERSE; k++)
    if (dense[k] > 0) {
      c->others[a][n] = k;
      c->counts[a][n++] = dense[k];
    }
  c->patterns[a] = (civ_pattern){ c->others[a], c->counts[a], n };
}

/* Copies of a few models, with changes: some alike, some nearly, some not; few or many counterparties, hubs among them. */
static void draw_crowd(crowd *c, civ_draws *draws)
{
  double dense[UNIVERSE], models[4][UNIVERSE] = { { 0 } };
  c->n = 2 + civ_draw_index(draws, MOST - 2);
  c->universe = UNIVERSE;
  const uint32_t width = 1 + civ_draw_index(draws, 12);
  for (int m = 0; m < 4; m++)
    for (uint32_t k = 0; k < width; k++)
      models[m][civ_draw_index(draws, UNIVERSE)] += 1 + civ_draw_index(draws, 9);
  for (uint32_t a = 0; a < c->n; a++) {
    memset(dense, 0, sizeof dense);
    if (civ_draw_index(draws, 3) > 0)
      memcpy(dense, models[civ_draw_index(draws, 4)], sizeof dense);
    for (uint32_t k = civ_draw_index(draws, 4); k > 0; k--)
      dense[civ_draw_index(draws, civ_draw_index(draws, 2) ? 3 : UNIVERSE)] += 1 + civ_draw_index(draws, 3);
    if (civ_draw_index(draws, 40) == 0)
      memset(dense, 0, sizeof dense);
    set_pattern(c, a, dense);
  }
}

static double sum_of(const civ_pattern *p)
{
  double sum = 0;
  for (uint32_t k = 0; k < p->n; k++)
    sum += p->counts[k];
  return sum;
}

/* The definition, word by word. */
static void compare_all(const crowd *c, const civ_similarity_rules *rules, civ_clusters *out)
{
  bool placed[MOST] = { false };
  uint32_t group[MOST];
  for (uint32_t a = 0; a < c->n; a++) {
    uint32_t n = 0;
    if (placed[a] || sum_of(&c->patterns[a]) < rules->min_interactions)
      continue;
    group[n++] = a;
    for (uint32_t b = a + 1; b < c->n; b++)
      if (!placed[b] && sum_of(&c->patterns[b]) >= rules->min_interactions &&
          civ_pattern_similarity(&c->patterns[a], &c->patterns[b], rules->measure) >= rules->threshold)
        group[n++] = b;
    if (n < 2)
      continue;
    assert_int_equal(civ_clusters_add(out, group, n), CIV_OK);
    for (uint32_t k = 0; k < n; k++)
      placed[group[k]] = true;
  }
}

static void assert_same(const civ_clusters *a, const civ_clusters *b)
{
  assert_int_equal(a->n, b->n);
  if (a->n == 0)
    return;
  assert_memory_equal(a->start, b->start, (a->n + 1) * sizeof *a->start);
  assert_memory_equal(a->members, b->members, a->start[a->n] * sizeof *a->members);
}

static civ_clusters found(const crowd *c, const civ_similarity_rules *rules)
{
  civ_clusters out = civ_clusters_create(&civ_allocator_malloc);
  assert_int_equal(civ_clusters_find(c->patterns, c->n, c->universe, rules, &civ_allocator_malloc, &out), CIV_OK);
  return out;
}

static void join_is_comparing_all(void **state)
{
  (void)state;
  static const double thresholds[] = { 0, 0.05, 0.3, 0.5, 0.501, 0.55, 0.6, 0.625, 0.7, 0.75, 0.8, 0.9, 0.99, 1 };
  static crowd c;
  uint32_t groups = 0;
  for (uint32_t trial = 0; trial < 300; trial++) {
    const civ_draw_key key = { .purpose = 1, .entity = trial };
    civ_draws draws = civ_draws_open(7, &key);
    draw_crowd(&c, &draws);
    const civ_similarity_rules rules = {
      .measure = trial % 2 ? CIV_SIMILARITY_COSINE : CIV_SIMILARITY_L1_DOT,
      .threshold = thresholds[trial / 2 % (sizeof thresholds / sizeof *thresholds)],
      .min_interactions = trial % 5 == 0 ? 5 : 0,
    };
    civ_clusters want = civ_clusters_create(&civ_allocator_malloc), got = found(&c, &rules);
    compare_all(&c, &rules, &want);
    assert_same(&got, &want);
    groups += got.n;
    civ_clusters_destroy(&want);
    civ_clusters_destroy(&got);
  }
  assert_true(groups > 300);
}

/* Other numbers for the counterparties, the same agents in the same order: the same groups. The threshold lies where no
 * similarity does, since sums in another order may differ in the last bit. */
static void numbers_are_only_names(void **state)
{
  (void)state;
  static crowd c, renamed;
  for (uint32_t trial = 0; trial < 60; trial++) {
    const civ_draw_key key = { .purpose = 2, .entity = trial };
    civ_draws draws = civ_draws_open(7, &key);
    uint32_t name[UNIVERSE];
    draw_crowd(&c, &draws);
    renamed = c;
    for (uint32_t k = 0; k < UNIVERSE; k++)
      name[k] = k;
    for (uint32_t k = UNIVERSE - 1; k > 0; k--) {
      const uint32_t other = civ_draw_index(&draws, k + 1), kept = name[k];
      name[k] = name[other];
      name[other] = kept;
    }
    for (uint32_t a = 0; a < c.n; a++) {
      double dense[UNIVERSE] = { 0 };
      for (uint32_t k = 0; k < c.patterns[a].n; k++)
        dense[name[c.others[a][k]]] = c.counts[a][k];
      set_pattern(&renamed, a, dense);
    }
    for (uint32_t a = 0; a < c.n; a++)
      c.patterns[a] = (civ_pattern){ c.others[a], c.counts[a], c.patterns[a].n };
    const civ_similarity_rules rules = { .measure = trial % 2 ? CIV_SIMILARITY_COSINE : CIV_SIMILARITY_L1_DOT,
                                         .threshold = 0.6180339887498949 };
    civ_clusters here = found(&c, &rules), there = found(&renamed, &rules);
    assert_same(&here, &there);
    civ_clusters_destroy(&here);
    civ_clusters_destroy(&there);
  }
}

static void groups_by_hand(void **state)
{
  (void)state;
  static crowd c;
  static const double behaviour[4][UNIVERSE] = { { 10, 1 }, { 9, 1 }, { 8, 0, 0, 1 }, { 10 } };
  const civ_similarity_rules rules = { .threshold = 0.7 };
  c.universe = UNIVERSE;
  c.n = 4;
  for (uint32_t a = 0; a < 4; a++)
    set_pattern(&c, a, behaviour[a]);
  civ_clusters got = found(&c, &rules);
  assert_int_equal(got.n, 1);
  assert_int_equal(civ_clusters_size(&got, 0), 3); /* the first, the second and the last */
  assert_int_equal(got.members[2], 3);
  civ_clusters_destroy(&got);
  set_pattern(&c, 0, behaviour[3]);
  for (uint32_t a = 0; a < 3; a++)
    set_pattern(&c, a + 1, behaviour[a]);
  got = found(&c, &rules);
  assert_int_equal(got.n, 1);
  assert_int_equal(civ_clusters_size(&got, 0), 4); /* the same four in another order */
  civ_clusters_destroy(&got);
}

static void nobody_is_in_no_group(void **state)
{
  (void)state;
  civ_clusters out = civ_clusters_create(&civ_allocator_malloc);
  const civ_similarity_rules rules = { .threshold = 0.8 }, everybody = { .threshold = 0 };
  const civ_pattern empty[3] = { { 0 } };
  assert_int_equal(civ_clusters_find(NULL, 0, 0, &rules, &civ_allocator_malloc, &out), CIV_OK);
  assert_int_equal(out.n, 0);
  assert_int_equal(civ_clusters_find(empty, 3, 0, &rules, &civ_allocator_malloc, &out), CIV_OK);
  assert_int_equal(out.n, 0);
  assert_int_equal(civ_clusters_find(empty, 3, 0, &everybody, &civ_allocator_malloc, &out), CIV_OK);
  assert_int_equal(out.n, 1);
  assert_int_equal(civ_clusters_size(&out, 0), 3);
  civ_clusters_destroy(&out);
}

static void memory_may_fail(void **state)
{
  (void)state;
  static crowd c;
  const civ_draw_key key = { .purpose = 3 };
  civ_draws draws = civ_draws_open(7, &key);
  draw_crowd(&c, &draws);
  const civ_similarity_rules rules = { .threshold = 0.6 };
  civ_clusters want = found(&c, &rules);
  for (size_t k = 0;; k++) {
    failing_allocator f;
    failing_allocator_init(&f, k);
    civ_clusters out = civ_clusters_create(&f.allocator);
    const civ_status st = civ_clusters_find(c.patterns, c.n, c.universe, &rules, &f.allocator, &out);
    if (st == CIV_OK)
      assert_same(&out, &want);
    else
      assert_true(st == CIV_E_NOMEM && out.n == 0 && out.start == NULL);
    civ_clusters_destroy(&out);
    assert_int_equal(f.blocks, 0);
    if (st == CIV_OK)
      break;
  }
  civ_clusters_destroy(&want);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(pairs_by_hand),         cmocka_unit_test(groups_by_hand),
    cmocka_unit_test(join_is_comparing_all), cmocka_unit_test(numbers_are_only_names),
    cmocka_unit_test(nobody_is_in_no_group), cmocka_unit_test(memory_may_fail),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
