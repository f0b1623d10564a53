/* A network under random changes beside a plain matrix of weights; through checkpoints and without memory. */
#include "network_bench.h"

#include "base/bytes.h"

enum { MOST = 40 };

/* The model: NaN = no edge. */
typedef struct matrix {
  uint32_t n;
  double w[MOST][MOST];
} matrix;

static void set(matrix *m, civ_agent a, civ_agent b, double weight)
{
  m->w[a][b] = m->w[b][a] = weight;
}

static bool copy_edge(void *self, civ_agent a, civ_agent b, double weight)
{
  set(self, a, b, weight);
  return true;
}

static matrix model_of(const civ_network *net)
{
  matrix m = { .n = civ_network_size(net) };
  for (civ_agent a = 0; a < MOST; a++)
    for (civ_agent b = 0; b < MOST; b++)
      m.w[a][b] = NAN;
  civ_network_each(net, copy_edge, &m);
  return m;
}

static void expect_equal(const civ_network *net, const matrix *m)
{
  uint64_t edges = 0;
  double sum = 0, least = INFINITY;
  for (civ_agent a = 0; a < m->n; a++) {
    const civ_agent *list;
    uint32_t degree = 0;
    const uint32_t n = civ_network_neighbours(net, a, &list);
    for (civ_agent b = 0; b < m->n; b++) {
      const bool there = !isnan(m->w[a][b]);
      bool listed = false;
      degree += there;
      assert_true(civ_network_has(net, a, b) == there);
      assert_true(civ_network_weight(net, a, b) == (there ? m->w[a][b] : 0));
      for (uint32_t k = 0; k < n; k++)
        listed |= list[k] == b;
      assert_true(listed == there || (b == a && listed));
      if (there && a < b) {
        edges++;
        sum += m->w[a][b];
        least = fmin(least, m->w[a][b]);
      }
    }
    assert_int_equal(civ_network_degree(net, a), degree);
  }
  const civ_weights weights = civ_network_weights(net);
  assert_int_equal(civ_network_edges(net), edges);
  assert_true(network_close(weights.mean, edges ? sum / (double)edges : 0) && weights.least == (edges ? least : 0));
}

static uint64_t decay(matrix *m, const civ_network_config *rules)
{
  uint64_t cut = 0;
  for (civ_agent a = 0; a < m->n; a++)
    for (civ_agent b = a + 1; rules->dynamic && b < m->n; b++) {
      const double weight = m->w[a][b] * (1 - rules->edge_decay_rate);
      cut += weight < rules->min_edge_weight;
      set(m, a, b, weight < rules->min_edge_weight ? NAN : weight);
    }
  return cut;
}

static uint64_t disconnect(matrix *m, const civ_network_config *rules, civ_agent a, double reputation)
{
  const civ_opt_real threshold = rules->reputation_disconnect_threshold;
  uint64_t cut = 0;
  for (civ_agent b = 0; threshold.set && reputation < threshold.value && b < m->n; b++) {
    cut += !isnan(m->w[a][b]);
    set(m, a, b, NAN);
  }
  return cut;
}

static void strengthen(matrix *m, const civ_network_config *rules, civ_agent a, civ_agent b)
{
  const double before = isnan(m->w[a][b]) ? 0 : m->w[a][b];
  if (rules->dynamic && a != b)
    set(m, a, b, fmin(before + rules->edge_strengthen_rate, rules->max_edge_weight));
}

static civ_network_config draw_rules(civ_draws *d)
{
  civ_network_config rules = network_rules((civ_topology)civ_draw_index(d, CIV_TOPOLOGIES));
  rules.dynamic = civ_draw_chance(d, 0.8);
  rules.edge_strengthen_rate = civ_draw_chance(d, 0.1) ? 0 : civ_draw_uniform(d);
  rules.edge_decay_rate = civ_draw_chance(d, 0.1) ? civ_draw_index(d, 2) : 0.5 * civ_draw_uniform(d);
  rules.max_edge_weight = 0.2 + civ_draw_uniform(d) * 1.5;
  rules.min_edge_weight = civ_draw_chance(d, 0.2) ? 0 : rules.max_edge_weight * 0.6 * civ_draw_uniform(d);
  rules.reputation_disconnect_threshold = (civ_opt_real){ civ_draw_chance(d, 0.4), 0 };
  rules.edge_probability = civ_draw_uniform(d);
  rules.rewire_probability = civ_draw_uniform(d);
  rules.k_neighbors = 2 + civ_draw_index(d, 8);
  rules.m_edges = 1 + civ_draw_index(d, 4);
  return rules;
}

/* One change of both, in the ways a run knows, and sometimes in those that only a caller has. */
static void change(civ_network *net, matrix *m, const civ_network_config *rules, civ_draws *d, bool caller)
{
  const civ_agent a = civ_draw_index(d, m->n), b = civ_draw_index(d, m->n);
  const double reputation = civ_draw_between(d, -1, 1), weight = civ_draw_between(d, 0.01, 2);
  assert_int_equal(civ_network_reserve(net, 1, 1), CIV_OK);
  switch (civ_draw_index(d, caller ? 9 : 7)) {
  case 0:
    assert_int_equal(civ_network_decay(net), decay(m, rules));
    break;
  case 1:
    assert_int_equal(civ_network_disconnect(net, a, reputation), disconnect(m, rules, a, reputation));
    break;
  case 7:
    if (civ_network_add(net, a, b, weight))
      set(m, a, b, fmin(weight, rules->max_edge_weight));
    break;
  case 8:
    assert_int_equal(civ_network_remove(net, a, b), CIV_OK);
    set(m, a, b, NAN);
    break;
  default:
    civ_network_strengthen(net, a, b);
    strengthen(m, rules, a, b);
    break;
  }
}

static void follows_the_matrix(void **state)
{
  (void)state;
  for (uint32_t k = 0; k < 400; k++) {
    civ_draws d = network_stream(100000 + k);
    const civ_network_config rules = draw_rules(&d);
    civ_network *net = network_drawn(&rules, 2 + civ_draw_index(&d, MOST - 2), k);
    matrix m = model_of(net);
    uint64_t version = civ_network_version(net), edges = civ_network_edges(net);
    for (int step = 0; step < 60; step++) {
      change(net, &m, &rules, &d, k % 2);
      expect_equal(net, &m);
      assert_true(civ_network_edges(net) == edges || civ_network_version(net) != version);
      version = civ_network_version(net);
      edges = civ_network_edges(net);
    }
    civ_network_destroy(net);
  }
}

/* What is_lasting promises: through so many epochs of any use, a complete graph keeps every edge, and one more loses some. */
static void lasting_is_exact(void **state)
{
  (void)state;
  for (uint32_t k = 0; k < 200; k++) {
    civ_draws d = network_stream(200000 + k);
    civ_network_config rules = draw_rules(&d);
    rules.topology = CIV_COMPLETE;
    rules.reputation_disconnect_threshold.set = false;
    civ_network *net = network_drawn(&rules, 6, k);
    const uint64_t all = civ_network_edges(net);
    for (int64_t epoch = 1; epoch < 40; epoch++) {
      const bool lasts = civ_network_is_lasting(net, epoch);
      assert_int_equal(civ_network_reserve(net, 0, 1), CIV_OK);
      civ_network_strengthen(net, 0, 1);
      civ_network_decay(net);
      assert_true((civ_network_edges(net) == all) == lasts);
      if (!lasts)
        break;
    }
    civ_network_destroy(net);
  }
}

/* --- checkpoints ------------------------------------------------------------------------------------------------------------------ */

static civ_bytes saved(const civ_network *net)
{
  civ_bytes out = { 0 };
  civ_bytes_open(&out, "TEST");
  civ_network_save(net, &out);
  civ_bytes_close(&out);
  assert_false(out.failed);
  return out;
}

static civ_status loaded(civ_network *net, const civ_bytes *bytes, size_t length)
{
  civ_bytes_reader in = { .data = bytes->data, .length = length };
  civ_error err;
  civ_status st = civ_bytes_enter(&in, "TEST", &err);
  st = st == CIV_OK ? civ_network_load(net, &in, &err) : st;
  return st == CIV_OK ? civ_bytes_leave(&in, &err) : st;
}

static void a_checkpoint_goes_on_as_if_nothing_happened(void **state)
{
  (void)state;
  for (uint32_t k = 0; k < 200; k++) {
    civ_draws d = network_stream(300000 + k);
    const civ_network_config rules = draw_rules(&d);
    const uint32_t n = 2 + civ_draw_index(&d, MOST - 2);
    civ_network *net = network_drawn(&rules, n, k), *other = network_drawn(&rules, n, k + 1);
    matrix m = model_of(net);
    for (int step = 0; step < 30; step++)
      change(net, &m, &rules, &d, k % 2);
    civ_bytes bytes = saved(net);
    assert_int_equal(loaded(other, &bytes, bytes.length), CIV_OK);
    assert_true(civ_network_digest(net) == civ_network_digest(other) &&
                civ_network_version(net) == civ_network_version(other) &&
                civ_network_is_everybody(net) == civ_network_is_everybody(other));
    civ_draws same = d;
    matrix copy = m;
    for (int step = 0; step < 30; step++) {
      change(net, &m, &rules, &d, k % 2);
      change(other, &copy, &rules, &same, k % 2);
      expect_equal(other, &m);
      assert_true(civ_network_digest(net) == civ_network_digest(other));
    }
    civ_bytes_free(&bytes);
    civ_network_destroy(net);
    civ_network_destroy(other);
  }
}

static void foreign_and_broken_checkpoints_are_refused(void **state)
{
  (void)state;
  static const civ_topology topologies[] = { CIV_COMPLETE, CIV_SMALL_WORLD };
  for (size_t t = 0; t < COUNT(topologies); t++) {
    civ_network_config rules = network_rules(topologies[t]);
    rules.dynamic = true;
    civ_network *net = network_drawn(&rules, 20, 1), *larger = network_drawn(&rules, 21, 1);
    assert_int_equal(civ_network_reserve(net, 0, 1), CIV_OK);
    civ_network_strengthen(net, 0, 1);
    civ_bytes bytes = saved(net);
    const uint64_t digest = civ_network_digest(larger);
    assert_int_equal(loaded(larger, &bytes, bytes.length), CIV_E_FORMAT);
    assert_true(civ_network_digest(larger) == digest && civ_network_size(larger) == 21);
    civ_network_destroy(larger);
    civ_network *same = network_drawn(&rules, 20, 2);
    const matrix before = model_of(same);
    for (size_t at = 0; at < bytes.length; at++) { /* every byte, also with a right digest around it */
      const uint8_t old = bytes.data[at];
      bytes.data[at] ^= 0x5a;
      civ_bytes_reader in = { .data = bytes.data + 12, .length = bytes.length - 20, .chunk_end = bytes.length - 20 };
      if (at >= 12 && at < bytes.length - 8 && civ_network_load(same, &in, NULL) == CIV_OK)
        assert_true(civ_network_size(same) == 20);
      else
        assert_int_not_equal(loaded(same, &bytes, bytes.length), CIV_OK);
      bytes.data[at] = old;
    }
    (void)before;
    civ_bytes_free(&bytes);
    civ_network_destroy(net);
    civ_network_destroy(same);
  }
}

/* --- memory ----------------------------------------------------------------------------------------------------------------------- */

/* Everything a network does once, up to the request that fails. */
static civ_status live(const civ_network_config *rules, const civ_allocator *allocator)
{
  civ_network *net;
  civ_draws d = network_stream(5);
  civ_error err;
  civ_status st = civ_network_create(rules, 30, allocator, &net, &err);
  if (st != CIV_OK)
    return st;
  st = civ_network_generate(net, &d, NULL, &err);
  for (int epoch = 0; st == CIV_OK && epoch < 12; epoch++) {
    st = civ_network_reserve(net, 10, 10);
    for (int k = 0; st == CIV_OK && k < 10; k++)
      civ_network_strengthen(net, civ_draw_index(&d, 30), civ_draw_index(&d, 30));
    civ_network_decay(net);
  }
  civ_network_destroy(net);
  return st;
}

static void lack_of_memory_is_clean(void **state)
{
  (void)state;
  for (int topology = 0; topology < CIV_TOPOLOGIES; topology++) {
    civ_network_config rules = network_rules((civ_topology)topology);
    rules.dynamic = true;
    rules.edge_decay_rate = 0.3;
    for (size_t fail_at = 0;; fail_at++) {
      failing_allocator f;
      failing_allocator_init(&f, fail_at);
      const civ_status st = live(&rules, &f.allocator);
      assert_int_equal(f.blocks, 0);
      assert_int_equal(f.bytes, 0);
      if (st == CIV_OK)
        break;
      assert_int_equal(st, CIV_E_NOMEM);
    }
  }
}

/* Between two reserves nothing is taken, and nothing is lacking. */
static void what_was_reserved_is_enough(void **state)
{
  (void)state;
  for (uint32_t k = 0; k < 100; k++) {
    civ_draws d = network_stream(400000 + k);
    civ_network_config rules = draw_rules(&d);
    failing_allocator f;
    civ_network *net;
    failing_allocator_init(&f, SIZE_MAX);
    rules.dynamic = true;
    rules.reputation_disconnect_threshold.set = false;
    assert_int_equal(civ_network_create(&rules, 30, &f.allocator, &net, NULL), CIV_OK);
    assert_int_equal(civ_network_generate(net, &d, NULL, NULL), CIV_OK);
    for (int epoch = 0; epoch < 30; epoch++) {
      const uint32_t most = civ_draw_index(&d, 30);
      assert_int_equal(civ_network_reserve(net, most, most), CIV_OK);
      failing_allocator_seal(&f);
      for (uint32_t i = 0; i < most; i++)
        civ_network_strengthen(net, civ_draw_index(&d, 5), civ_draw_index(&d, 30));
      civ_network_decay(net);
      failing_allocator_unseal(&f);
    }
    assert_int_equal(civ_network_reserve(net, 0, 0), CIV_OK);
    civ_network_destroy(net);
    assert_int_equal(f.bytes, 0);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(follows_the_matrix),
    cmocka_unit_test(lasting_is_exact),
    cmocka_unit_test(a_checkpoint_goes_on_as_if_nothing_happened),
    cmocka_unit_test(foreign_and_broken_checkpoints_are_refused),
    cmocka_unit_test(lack_of_memory_is_clean),
    cmocka_unit_test(what_was_reserved_is_enough),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
