/* Networks by hand: golden graphs, edges one by one, decay, what is refused. */
#include "network_bench.h"

/* --- golden metrics ----------------------------------------------------------------------------------------------------------- */

typedef struct golden {
  civ_topology topology;
  uint32_t n;
  int64_t k, m;
  double p, probability;
  const char *edges;
  double n_edges, degree, clustering, path, connected, components;
} golden;

static civ_network *make(const golden *g)
{
  civ_network_config rules = network_rules(g->topology);
  rules.k_neighbors = g->k ? g->k : rules.k_neighbors;
  rules.m_edges = g->m ? g->m : rules.m_edges;
  rules.rewire_probability = g->p;
  rules.edge_probability = g->probability;
  rules.edges.json = g->edges;
  return network_drawn(&rules, g->n, 1);
}

static void golden_graphs_have_their_metrics(void **state)
{
  (void)state;
  static const golden all[] = {
    { CIV_COMPLETE, 6, .n_edges = 15, .degree = 5, .clustering = 1, .path = 1, .connected = 1, .components = 1 },
    { CIV_RING, 6, .n_edges = 6, .degree = 2, .path = 1.8, .connected = 1, .components = 1 },
    { CIV_RING, 2, .n_edges = 1, .degree = 1, .path = 1, .connected = 1, .components = 1 },
    { CIV_RING, 3, .n_edges = 3, .degree = 2, .clustering = 1, .path = 1, .connected = 1, .components = 1 },
    { CIV_STAR, 6, .n_edges = 5, .degree = 10.0 / 6, .path = 10.0 / 6, .connected = 1, .components = 1 },
    { CIV_STAR, 2, .n_edges = 1, .degree = 1, .path = 1, .connected = 1, .components = 1 },
    { CIV_SMALL_WORLD, 10, .n_edges = 20, .degree = 4, .clustering = 0.5, .path = 10.0 / 6, .connected = 1,
      .components = 1 },
    { CIV_SMALL_WORLD, 7, .k = 3, .n_edges = 7, .degree = 2, .path = 2, .connected = 1, .components = 1 },
    { CIV_SMALL_WORLD, 2, .components = 2 },
    { CIV_SMALL_WORLD, 3, .n_edges = 3, .degree = 2, .clustering = 1, .path = 1, .connected = 1, .components = 1 },
    { CIV_SMALL_WORLD, 4, .n_edges = 4, .degree = 2, .path = 4.0 / 3, .connected = 1, .components = 1 },
    { CIV_SMALL_WORLD, 5, .p = 1, .n_edges = 10, .degree = 4, .clustering = 1, .path = 1, .connected = 1,
      .components = 1 },
    { CIV_SCALE_FREE, 3, .n_edges = 3, .degree = 2, .clustering = 1, .path = 1, .connected = 1, .components = 1 },
    { CIV_SCALE_FREE, 2, .n_edges = 1, .degree = 1, .path = 1, .connected = 1, .components = 1 },
    { CIV_ERDOS_RENYI, 5, .probability = 1, .n_edges = 10, .degree = 4, .clustering = 1, .path = 1, .connected = 1,
      .components = 1 },
    { CIV_ERDOS_RENYI, 5, .components = 5 },
    { CIV_CUSTOM, 7, .edges = "[[0, 1], [1, 2], [0, 2], [2, 3], [4, 5]]", .n_edges = 5, .degree = 10.0 / 7,
      .clustering = 1.0 / 3, .path = 9.0 / 7, .components = 3 },
    { CIV_CUSTOM, 3, .components = 3 },
  };
  for (size_t k = 0; k < COUNT(all); k++) {
    const golden *g = &all[k];
    civ_network *net = make(g);
    const civ_network_metrics m = network_measured(net);
    if (m.n_agents != g->n || m.n_edges != g->n_edges || !network_close(m.average_degree, g->degree) ||
        !network_close(m.average_clustering, g->clustering) || !network_close(m.average_path_length, g->path) ||
        m.is_connected != g->connected || m.n_components != g->components)
      fail_msg("graph %zu: %g edges, degree %.17g, clustering %.17g, path %.17g, connected %g, %g components", k,
               m.n_edges, m.average_degree, m.average_clustering, m.average_path_length, m.is_connected,
               m.n_components);
    assert_true(network_close(m.density, g->n < 2 ? 0 : 2 * g->n_edges / (g->n * (g->n - 1.0))));
    civ_network_destroy(net);
  }
}

static void nobody_and_one_agent_are_connected(void **state)
{
  (void)state;
  for (int topology = 0; topology < CIV_TOPOLOGIES; topology++)
    for (uint32_t n = 0; n < 2; n++) {
      const civ_network_config rules = network_rules((civ_topology)topology);
      civ_network *net = network_drawn(&rules, n, 1);
      const civ_network_metrics m = network_measured(net);
      assert_true(m.n_agents == n && m.n_edges == 0 && m.average_degree == 0 && m.average_clustering == 0);
      assert_true(m.average_path_length == 0 && m.is_connected == 1 && m.n_components == n && m.density == 0);
      civ_network_destroy(net);
    }
}

static void paths_count_hops(void **state)
{
  (void)state;
  static const golden custom = { CIV_CUSTOM, 7, .edges = "[[0, 1], [1, 2], [0, 2], [2, 3], [4, 5]]" };
  civ_network *net = make(&custom);
  assert_int_equal(civ_network_path(net, 0, 3), 2);
  assert_int_equal(civ_network_path(net, 3, 3), 0);
  assert_int_equal(civ_network_path(net, 0, 4), -1);
  assert_int_equal(civ_network_path(net, 6, 0), -1);
  assert_int_equal(civ_network_path(net, 9, 9), 0);
  assert_int_equal(civ_network_path(net, 0, 9), -1);
  double clustering[7];
  uint32_t component[7], n_components;
  assert_int_equal(civ_network_measure_each(net, clustering, component, &n_components, NULL), CIV_OK);
  static const double expected[7] = { 1, 1, 1.0 / 3 };
  for (int k = 0; k < 7; k++)
    assert_true(network_close(clustering[k], expected[k]));
  assert_int_equal(n_components, 3);
  assert_true(component[0] == component[3] && component[4] == component[5] && component[6] != component[0]);
  civ_network_destroy(net);
}

/* --- edges ------------------------------------------------------------------------------------------------------------------ */

static void expect_weights(const civ_network *net, const double (*expected)[3], size_t n)
{
  for (size_t k = 0; k < n; k++) {
    const civ_agent a = (civ_agent)expected[k][0], b = (civ_agent)expected[k][1];
    if (civ_network_weight(net, a, b) != expected[k][2] || civ_network_weight(net, b, a) != expected[k][2])
      fail_msg("edge %u-%u weighs %.17g, not %.17g", a, b, civ_network_weight(net, a, b), expected[k][2]);
    assert_true(civ_network_has(net, a, b) == (expected[k][2] > 0));
  }
}

static void golden_decay_of_a_ring(void **state)
{
  (void)state;
  civ_network_config rules = network_rules(CIV_RING);
  rules.dynamic = true;
  rules.edge_strengthen_rate = 0.15;
  rules.edge_decay_rate = 0.4;
  rules.min_edge_weight = 0.2;
  civ_network *net = network_drawn(&rules, 4, 1);
  assert_int_equal(civ_network_reserve(net, 4, 4), CIV_OK);
  assert_false(civ_network_strengthen(net, 0, 1));
  expect_weights(net, (const double[][3]){ { 0, 1, 1 }, { 0, 3, 1 }, { 1, 2, 1 }, { 2, 3, 1 } }, 4);
  assert_int_equal(civ_network_decay(net), 0);
  expect_weights(net, (const double[][3]){ { 0, 1, 0.6 }, { 0, 3, 0.6 }, { 1, 2, 0.6 }, { 2, 3, 0.6 } }, 4);
  civ_network_strengthen(net, 1, 0);
  assert_true(civ_network_strengthen(net, 0, 2));
  expect_weights(net, (const double[][3]){ { 0, 1, 0.75 }, { 0, 2, 0.15 } }, 2);
  assert_int_equal(civ_network_decay(net), 1);
  expect_weights(net, (const double[][3]){ { 0, 1, 0.44999999999999996 }, { 0, 3, 0.36 }, { 0, 2, 0 } }, 3);
  assert_int_equal(civ_network_decay(net), 0);
  expect_weights(net, (const double[][3]){ { 0, 1, 0.26999999999999996 }, { 2, 3, 0.216 } }, 2);
  assert_int_equal(civ_network_decay(net), 4);
  assert_int_equal(civ_network_edges(net), 0);
  assert_int_equal(civ_network_decay(net), 0);
  civ_network_destroy(net);
}

static void an_unused_edge_lives_for_31_epochs(void **state)
{
  (void)state;
  static const civ_topology topologies[] = { CIV_RING, CIV_COMPLETE };
  for (size_t t = 0; t < COUNT(topologies); t++) {
    civ_network_config rules = network_rules(topologies[t]);
    rules.dynamic = true;
    rules.min_edge_weight = 0.2;
    civ_network *net = network_drawn(&rules, 3, 1);
    assert_true(civ_network_is_lasting(net, 31));
    assert_false(civ_network_is_lasting(net, 32));
    for (int epoch = 1; epoch <= 31; epoch++) {
      assert_int_equal(civ_network_decay(net), 0);
      const double expected = epoch == 1    ? 0.95
                              : epoch == 5  ? 0.7737809374999999
                              : epoch == 10 ? 0.5987369392383786
                              : epoch == 20 ? 0.35848592240854177
                              : epoch == 30 ? 0.2146387639429372
                              : epoch == 31 ? 0.20390682574579033
                                            : -1;
      if (expected > 0)
        assert_true(civ_network_weight(net, 1, 0) == expected);
    }
    assert_int_equal(civ_network_reserve(net, 0, 3), CIV_OK);
    assert_int_equal(civ_network_decay(net), 3);
    assert_int_equal(civ_network_edges(net), 0);
    assert_false(civ_network_has(net, 0, 1));
    civ_network_destroy(net);
  }
}

static void weights_have_a_cap(void **state)
{
  (void)state;
  civ_network_config rules = network_rules(CIV_CUSTOM);
  rules.dynamic = true;
  rules.max_edge_weight = 0.8;
  rules.edge_strengthen_rate = 0.5;
  civ_network *net = network_drawn(&rules, 3, 1);
  assert_int_equal(civ_network_reserve(net, 3, 0), CIV_OK);
  assert_true(civ_network_add(net, 0, 1, 2.0));
  expect_weights(net, (const double[][3]){ { 0, 1, 0.8 } }, 1);
  civ_network_strengthen(net, 0, 1);
  civ_network_strengthen(net, 1, 2);
  civ_network_strengthen(net, 2, 1);
  assert_int_equal(civ_network_decay(net), 0);
  expect_weights(net, (const double[][3]){ { 0, 1, 0.76 }, { 1, 2, 0.76 } }, 2);
  civ_network_destroy(net);
  rules = network_rules(CIV_RING);
  rules.max_edge_weight = 0.8;
  net = network_drawn(&rules, 3, 1);
  expect_weights(net, (const double[][3]){ { 0, 1, 0.8 } }, 1); /* new edges too */
  civ_network_destroy(net);
}

static void bad_reputation_cuts_all_ties(void **state)
{
  (void)state;
  civ_network_config rules = network_rules(CIV_COMPLETE);
  rules.reputation_disconnect_threshold = (civ_opt_real){ true, 0 };
  civ_network *net = network_drawn(&rules, 4, 1);
  assert_int_equal(civ_network_disconnect(net, 2, 0.0), 0);
  assert_int_equal(civ_network_disconnect(net, 2, -0.001), 3);
  assert_int_equal(civ_network_disconnect(net, 2, -0.001), 0);
  assert_int_equal(civ_network_disconnect(net, 7, -1), 0);
  const civ_network_metrics m = network_measured(net);
  assert_true(m.average_clustering == 0.75 && m.n_components == 2 && m.average_path_length == 1);
  civ_network_destroy(net);
  rules.reputation_disconnect_threshold.set = false;
  net = network_drawn(&rules, 4, 1);
  assert_int_equal(civ_network_disconnect(net, 2, -100), 0);
  civ_network_destroy(net);
}

static void a_static_network_does_not_change(void **state)
{
  (void)state;
  civ_network_config rules = network_rules(CIV_RING);
  civ_network *net = network_drawn(&rules, 5, 1);
  const uint64_t version = civ_network_version(net), digest = civ_network_digest(net);
  assert_false(civ_network_strengthen(net, 0, 2));
  assert_int_equal(civ_network_decay(net), 0);
  assert_true(civ_network_version(net) == version && civ_network_digest(net) == digest);
  assert_false(civ_network_has(net, 0, 2));
  assert_true(civ_network_weight(net, 0, 1) == 1);
  civ_network_destroy(net);
}

static void edges_that_are_none(void **state)
{
  (void)state;
  const civ_network_config rules = network_rules(CIV_RING);
  civ_network *net = network_drawn(&rules, 5, 1);
  assert_int_equal(civ_network_reserve(net, 1, 0), CIV_OK);
  assert_false(civ_network_add(net, 2, 2, 1));
  assert_false(civ_network_add(net, 2, 5, 1));
  assert_false(civ_network_has(net, 2, 2));
  assert_false(civ_network_has(net, 5, 2));
  assert_true(civ_network_weight(net, CIV_NOBODY, 2) == 0);
  assert_int_equal(civ_network_degree(net, 5), 0);
  assert_int_equal(civ_network_remove(net, 0, 2), CIV_OK);
  assert_int_equal(civ_network_edges(net), 5);
  assert_int_equal(civ_network_remove(net, 1, 0), CIV_OK);
  assert_false(civ_network_has(net, 0, 1));
  assert_int_equal(civ_network_edges(net), 4);
  civ_network_destroy(net);
}

/* A complete graph from which one edge goes is like any other. */
static void a_complete_graph_may_lose_one_edge(void **state)
{
  (void)state;
  const civ_network_config rules = network_rules(CIV_COMPLETE);
  civ_network *net = network_drawn(&rules, 5, 1);
  const civ_agent *list;
  assert_true(civ_network_is_everybody(net));
  assert_int_equal(civ_network_neighbours(net, 2, &list), 5);
  assert_int_equal(civ_network_remove(net, 3, 1), CIV_OK);
  assert_false(civ_network_is_everybody(net));
  assert_int_equal(civ_network_edges(net), 9);
  assert_int_equal(civ_network_neighbours(net, 1, &list), 3);
  assert_true(list[0] == 0 && list[1] == 2 && list[2] == 4);
  assert_true(network_measured(net).n_edges == 9);
  civ_network_destroy(net);
}

/* --- refusals --------------------------------------------------------------------------------------------------------------- */

static void refusals_name_the_key(void **state)
{
  (void)state;
  static const char *const names[] = { "a", "b", "c" };
  static const struct {
    const char *edges;
    civ_status status;
    const char *says;
  } cases[] = { { "[[0, 3]]", CIV_E_RANGE, "entry 0" },
                { "[[0, 1], [a, b]]", CIV_E_TYPE, "list of edges" },
                { "[[\"a\", \"z\"]]", CIV_E_KEY, "'z'" },
                { "[[\"a\", 0]]", CIV_E_RANGE, "two different" },
                { "[[0, 1, -1]]", CIV_E_RANGE, "more than 0" } };
  for (size_t k = 0; k < COUNT(cases); k++) {
    civ_network_config rules = network_rules(CIV_CUSTOM);
    civ_network *net;
    civ_error err = { 0 };
    rules.edges.json = cases[k].edges;
    assert_int_equal(civ_network_create(&rules, 3, &civ_allocator_malloc, &net, NULL), CIV_OK);
    assert_int_equal(civ_network_generate(net, NULL, names, &err), cases[k].status);
    assert_string_equal(err.where, "network.edges");
    if (!strstr(err.text, cases[k].says))
      fail_msg("%s", err.text);
    civ_network_destroy(net);
  }
}

static void more_edges_than_fit_are_refused(void **state)
{
  (void)state;
  static const struct {
    civ_topology topology;
    bool threshold;
    const char *key;
  } cases[] = { { CIV_ERDOS_RENYI, false, "network.edge_probability" },
                { CIV_SMALL_WORLD, false, "network.k_neighbors" },
                { CIV_SCALE_FREE, false, "network.m_edges" },
                { CIV_COMPLETE, true, "network.reputation_disconnect_threshold" } };
  for (size_t k = 0; k < COUNT(cases); k++) {
    civ_network_config rules = network_rules(cases[k].topology);
    civ_network *net;
    civ_error err = { 0 };
    civ_draws draws = network_stream(1);
    rules.k_neighbors = 100000;
    rules.m_edges = 100000;
    rules.reputation_disconnect_threshold.set = cases[k].threshold;
    assert_int_equal(civ_network_create(&rules, 1000000, &civ_allocator_malloc, &net, NULL), CIV_OK);
    assert_int_equal(civ_network_generate(net, &draws, NULL, &err), CIV_E_LIMIT);
    assert_string_equal(err.where, cases[k].key);
    civ_network_destroy(net);
  }
}

static void custom_edges_by_name_and_number(void **state)
{
  (void)state;
  static const char *const names[] = { "anna", "ben", "cleo" };
  civ_network_config rules = network_rules(CIV_CUSTOM);
  rules.edges.json = "[[\"cleo\", \"anna\", 0.5], [1, 2], [2, 1, 7]]";
  civ_network *net;
  assert_int_equal(civ_network_create(&rules, 3, &civ_allocator_malloc, &net, NULL), CIV_OK);
  assert_int_equal(civ_network_generate(net, NULL, names, NULL), CIV_OK);
  expect_weights(net, (const double[][3]){ { 0, 2, 0.5 }, { 1, 2, 1 }, { 0, 1, 0 } }, 3);
  assert_int_equal(civ_network_edges(net), 2);
  const civ_weights w = civ_network_weights(net);
  assert_true(w.mean == 0.75 && w.least == 0.5);
  civ_network_destroy(net);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(golden_graphs_have_their_metrics),
    cmocka_unit_test(nobody_and_one_agent_are_connected),
    cmocka_unit_test(paths_count_hops),
    cmocka_unit_test(golden_decay_of_a_ring),
    cmocka_unit_test(an_unused_edge_lives_for_31_epochs),
    cmocka_unit_test(weights_have_a_cap),
    cmocka_unit_test(bad_reputation_cuts_all_ties),
    cmocka_unit_test(a_static_network_does_not_change),
    cmocka_unit_test(edges_that_are_none),
    cmocka_unit_test(a_complete_graph_may_lose_one_edge),
    cmocka_unit_test(refusals_name_the_key),
    cmocka_unit_test(more_edges_than_fit_are_refused),
    cmocka_unit_test(custom_edges_by_name_and_number),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
