/* Random networks: distributions of the reference over generated graphs, closed forms, and that the same numbers give the same
 * graph whatever else goes on. */
#include "network_bench.h"

#include <pthread.h>

/* --- against 2000 graphs of the reference ------------------------------------------------------------------------------------- */

enum { GRAPHS = 600, QUANTITIES = 9 };
static const double REFERENCE_GRAPHS = 2000;

typedef struct published {
  double mean, sd;
} published;

typedef struct sample {
  civ_topology topology;
  uint32_t n;
  int64_t k, m;
  double p, probability;
  published of[QUANTITIES];
} sample;

/* n_edges, clustering, path length, connected, components, max degree, min degree, degree of node 0, degree variance */
static const sample samples[] = {
  { CIV_SMALL_WORLD, 10, .k = 4, .p = 0.1,
    .of = { { 20, 0 },
            { 0.455342, 0.06108 },
            { 1.63872, 0.0298 },
            { 1, 0 },
            { 1, 0 },
            { 4.916, 0.5001 },
            { 3.1145, 0.4544 },
            { 4.0095, 0.5626 },
            { 0.3133, 0.2476 } } },
  { CIV_SMALL_WORLD, 12, .k = 4, .p = 0.2,
    .of = { { 24, 0 },
            { 0.393087, 0.07729 },
            { 1.80186, 0.0526 },
            { 1, 0 },
            { 1, 0 },
            { 5.364, 0.5609 },
            { 2.794, 0.4274 },
            { 3.9945, 0.7834 },
            { 0.6115, 0.3274 } } },
  { CIV_SMALL_WORLD, 20, .k = 6, .p = 0.5,
    .of = { { 60, 0 },
            { 0.308939, 0.04264 },
            { 1.76894, 0.02235 },
            { 1, 0 },
            { 1, 0 },
            { 8.8255, 0.8387 },
            { 3.6505, 0.523 },
            { 5.9805, 1.391 },
            { 1.9381, 0.6215 } } },
  { CIV_ERDOS_RENYI, 12, .probability = 0.3,
    .of = { { 19.7105, 3.624 },
            { 0.261802, 0.1208 },
            { 1.98682, 0.2485 },
            { 0.787, 0.4095 },
            { 1.2525, 0.5347 },
            { 5.6935, 1.042 },
            { 1.1215, 0.7483 },
            { 3.281, 1.517 },
            { 1.90968, 0.7557 } } },
  { CIV_SCALE_FREE, 15, .m = 2,
    .of = { { 27, 0 },
            { 0.416704, 0.1327 },
            { 1.96218, 0.06187 },
            { 1, 0 },
            { 1, 0 },
            { 8.7925, 1.439 },
            { 2, 0 },
            { 6.365, 2.295 },
            { 4.44027, 1.363 } } },
};

static civ_network_config rules_of(const sample *s)
{
  civ_network_config rules = network_rules(s->topology);
  rules.k_neighbors = s->k;
  rules.m_edges = s->m;
  rules.rewire_probability = s->p;
  rules.edge_probability = s->probability;
  return rules;
}

static void look_at(const civ_network *net, double *q)
{
  const civ_network_metrics m = network_measured(net);
  const uint32_t n = civ_network_size(net);
  double most = 0, least = n, squares = 0;
  for (civ_agent a = 0; a < n; a++) {
    const double d = civ_network_degree(net, a);
    most = fmax(most, d);
    least = fmin(least, d);
    squares += (d - m.average_degree) * (d - m.average_degree);
  }
  const double all[QUANTITIES] = { m.n_edges,
                                   m.average_clustering,
                                   m.average_path_length,
                                   m.is_connected,
                                   m.n_components,
                                   most,
                                   least,
                                   civ_network_degree(net, 0),
                                   squares / n };
  memcpy(q, all, sizeof all);
}

static void graphs_are_distributed_as_the_references(void **state)
{
  (void)state;
  for (size_t s = 0; s < COUNT(samples); s++) {
    double sum[QUANTITIES] = { 0 }, square[QUANTITIES] = { 0 };
    const civ_network_config rules = rules_of(&samples[s]);
    for (uint32_t k = 0; k < GRAPHS; k++) {
      double q[QUANTITIES];
      civ_network *net = network_drawn(&rules, samples[s].n, 1000 * (uint32_t)s + k);
      look_at(net, q);
      civ_network_destroy(net);
      for (int i = 0; i < QUANTITIES; i++) {
        sum[i] += q[i];
        square[i] += q[i] * q[i];
      }
    }
    for (int i = 0; i < QUANTITIES; i++) {
      const published *r = &samples[s].of[i];
      const double mean = sum[i] / GRAPHS, variance = fmax(0, square[i] / GRAPHS - mean * mean);
      const double error = sqrt(variance / GRAPHS + r->sd * r->sd / REFERENCE_GRAPHS);
      if (fabs(mean - r->mean) > 4 * error + 1e-5)
        fail_msg("sample %zu, quantity %d: mean %g, the reference's is %g (standard error %g)", s, i, mean, r->mean,
                 error);
      if (r->sd > 0 && fabs(sqrt(variance) / r->sd - 1) > 0.2)
        fail_msg("sample %zu, quantity %d: sd %g, the reference's is %g", s, i, sqrt(variance), r->sd);
    }
  }
}

/* --- closed forms --------------------------------------------------------------------------------------------------------------- */

/* C(0) = 3 (k - 2) / (4 (k - 1)) of a lattice; C(p) / C(0) = (1 - p)^3 (Watts, Strogatz 1998; Barrat, Weigt 2000). */
static void small_worlds_cluster_as_they_should(void **state)
{
  (void)state;
  static const double rewired[] = { 0, 0.01, 0.05, 0.1, 0.2, 0.4 };
  enum { N = 3000, K = 10 };
  const double lattice = 3.0 * (K - 2) / (4.0 * (K - 1));
  double path = INFINITY;
  for (size_t k = 0; k < COUNT(rewired); k++) {
    civ_network_config rules = network_rules(CIV_SMALL_WORLD);
    rules.k_neighbors = K;
    rules.rewire_probability = rewired[k];
    civ_network *net = network_drawn(&rules, N, 7);
    const civ_network_metrics m = network_measured(net);
    const double expected = lattice * pow(1 - rewired[k], 3);
    if (fabs(m.average_clustering - expected) > (k == 0 ? 1e-12 : 0.012))
      fail_msg("p %g: clustering %g, expected %g", rewired[k], m.average_clustering, expected);
    assert_true(m.n_edges == N * K / 2);
    assert_true(m.average_path_length < path);
    path = m.average_path_length;
    for (civ_agent a = 0; a < N; a++)
      assert_true(civ_network_degree(net, a) >= K / 2);
    civ_network_destroy(net);
  }
  assert_true(path > log(N) / log(K) && path < 1.25 * log(N) / log(K));
}

/* P(d) = 2 m (m + 1) / (d (d + 1) (d + 2)) (Dorogovtsev, Mendes, Samukhin 2000). */
static void degrees_of_scale_free_networks(void **state)
{
  (void)state;
  enum { N = 40000, M = 3, DEGREES = 12 };
  civ_network_config rules = network_rules(CIV_SCALE_FREE);
  rules.m_edges = M;
  civ_network *net = network_drawn(&rules, N, 3);
  uint32_t counts[DEGREES] = { 0 };
  for (civ_agent a = 0; a < N; a++) {
    const uint32_t d = civ_network_degree(net, a);
    assert_true(d >= M);
    if (d < DEGREES)
      counts[d]++;
  }
  for (int d = M; d < DEGREES; d++) {
    const double expected = 2.0 * M * (M + 1) / ((double)d * (d + 1) * (d + 2));
    const double error = sqrt(expected * (1 - expected) / N);
    if (fabs(counts[d] / (double)N - expected) > 6 * error)
      fail_msg("degree %d: %g, expected %g", d, counts[d] / (double)N, expected);
  }
  assert_int_equal(civ_network_edges(net), M * (M + 1) / 2 + M * (N - M - 1));
  civ_network_destroy(net);
}

static double largest_component(const civ_network *net)
{
  const uint32_t n = civ_network_size(net);
  uint32_t *component = calloc(n, sizeof *component), *sizes = calloc(n, sizeof *sizes), n_components, most = 0;
  assert_int_equal(civ_network_measure_each(net, NULL, component, &n_components, NULL), CIV_OK);
  for (uint32_t a = 0; a < n; a++)
    sizes[component[a]]++;
  for (uint32_t k = 0; k < n_components; k++)
    most = sizes[k] > most ? sizes[k] : most;
  free(component);
  free(sizes);
  return (double)most / n;
}

/* The giant component's share solves S = 1 - exp(-c S); below c = 1 there is none (Erdos, Renyi 1960). */
static void giant_components(void **state)
{
  (void)state;
  enum { N = 30000 };
  static const double degrees[] = { 0.5, 1.5, 2, 3 };
  for (size_t k = 0; k < COUNT(degrees); k++) {
    civ_network_config rules = network_rules(CIV_ERDOS_RENYI);
    double share = degrees[k] > 1 ? 0.9 : 0;
    for (int round = 0; round < 200; round++)
      share = 1 - exp(-degrees[k] * share);
    rules.edge_probability = degrees[k] / (N - 1);
    civ_network *net = network_drawn(&rules, N, 11);
    if (fabs(largest_component(net) - share) > 0.02)
      fail_msg("mean degree %g: %g, expected %g", degrees[k], largest_component(net), share);
    civ_network_destroy(net);
  }
}

/* Connected with probability exp(-exp(-x)) at p = (ln n + x) / n. */
static void the_threshold_of_connectedness(void **state)
{
  (void)state;
  enum { N = 400, TRIALS = 400 };
  static const double shifts[] = { -1, 0, 2 };
  for (size_t k = 0; k < COUNT(shifts); k++) {
    civ_network_config rules = network_rules(CIV_ERDOS_RENYI);
    rules.edge_probability = (log(N) + shifts[k]) / N;
    int connected = 0;
    for (uint32_t t = 0; t < TRIALS; t++) {
      uint32_t n_components;
      civ_network *net = network_drawn(&rules, N, 5000 * (uint32_t)k + t);
      assert_int_equal(civ_network_measure_each(net, NULL, NULL, &n_components, NULL), CIV_OK);
      connected += n_components == 1;
      civ_network_destroy(net);
    }
    const double expected = exp(-exp(-shifts[k])), share = (double)connected / TRIALS;
    if (fabs(share - expected) > 4 * sqrt(expected * (1 - expected) / TRIALS) + 0.03)
      fail_msg("shift %g: %g connected, expected %g", shifts[k], share, expected);
  }
}

/* Number of edges: binomial. */
static void random_networks_have_binomial_sizes(void **state)
{
  (void)state;
  enum { N = 60, TRIALS = 2000 };
  static const double probabilities[] = { 0.001, 0.03, 0.5, 0.97 };
  for (size_t k = 0; k < COUNT(probabilities); k++) {
    civ_network_config rules = network_rules(CIV_ERDOS_RENYI);
    rules.edge_probability = probabilities[k];
    const double pairs = N * (N - 1) / 2.0, mean = pairs * probabilities[k], variance = mean * (1 - probabilities[k]);
    double sum = 0, square = 0;
    for (uint32_t t = 0; t < TRIALS; t++) {
      civ_network *net = network_drawn(&rules, N, 9000 * (uint32_t)k + t);
      const double edges = (double)civ_network_edges(net);
      sum += edges;
      square += (edges - mean) * (edges - mean);
      civ_network_destroy(net);
    }
    assert_true(fabs(sum / TRIALS - mean) < 4.5 * sqrt(variance / TRIALS));
    assert_true(fabs(square / TRIALS / variance - 1) < 0.2);
  }
}

/* --- the same numbers, the same graph ---------------------------------------------------------------------------------------------- */

typedef struct job {
  civ_topology topology;
  uint64_t digest;
  double clustering;
} job;

static void *generate(void *arg)
{
  job *j = arg;
  const civ_network_config rules = network_rules(j->topology);
  for (uint32_t k = 0; k < 20; k++) {
    civ_network *net = network_drawn(&rules, 80, 77 + k);
    j->digest = j->digest * 31 + civ_network_digest(net);
    j->clustering += network_measured(net).average_clustering;
    civ_network_destroy(net);
  }
  return NULL;
}

static void threads_do_not_disturb_each_other(void **state)
{
  (void)state;
  static const civ_topology topologies[] = { CIV_ERDOS_RENYI, CIV_SMALL_WORLD, CIV_SCALE_FREE,
                                             CIV_ERDOS_RENYI, CIV_SCALE_FREE,  CIV_SMALL_WORLD };
  job alone[COUNT(topologies)], together[COUNT(topologies)];
  pthread_t threads[COUNT(topologies)];
  for (size_t k = 0; k < COUNT(topologies); k++) {
    alone[k] = together[k] = (job){ topologies[k], 0, 0 };
    generate(&alone[k]);
  }
  for (size_t k = 0; k < COUNT(topologies); k++)
    assert_int_equal(pthread_create(&threads[k], NULL, generate, &together[k]), 0);
  for (size_t k = 0; k < COUNT(topologies); k++) {
    pthread_join(threads[k], NULL);
    assert_true(alone[k].digest == together[k].digest && alone[k].clustering == together[k].clustering);
  }
  assert_true(alone[0].digest == alone[3].digest && alone[0].digest != alone[1].digest);
}

static void rows_are_symmetric_and_in_order(void **state)
{
  (void)state;
  for (int topology = 0; topology < CIV_TOPOLOGIES; topology++) {
    const civ_network_config rules = network_rules((civ_topology)topology);
    civ_network *net = network_drawn(&rules, 70, 5);
    uint64_t degrees = 0;
    for (civ_agent a = 0; a < 70; a++) {
      const civ_agent *list;
      const uint32_t n = civ_network_neighbours(net, a, &list);
      degrees += civ_network_degree(net, a);
      for (uint32_t k = 0; k < n; k++) {
        assert_true(k == 0 || list[k - 1] < list[k]);
        assert_true(list[k] == a || (civ_network_has(net, a, list[k]) && civ_network_has(net, list[k], a)));
      }
    }
    assert_true(degrees == 2 * civ_network_edges(net));
    civ_network_destroy(net);
  }
}

/* Estimated path lengths: the same sources give the same number, and it is near the exact one. */
static void sampled_paths_are_near(void **state)
{
  (void)state;
  const civ_network_config rules = network_rules(CIV_SCALE_FREE);
  const civ_network_metrics_config exact = { 3000, 1 }, sampled = { 1000, 100 };
  civ_network *net = network_drawn(&rules, 3000, 5);
  civ_network_metrics a, b, c;
  civ_draws draws = network_stream(1), again = network_stream(1);
  assert_int_equal(civ_network_measure(net, &exact, &draws, &a, NULL), CIV_OK);
  draws = network_stream(1);
  assert_int_equal(civ_network_measure(net, &sampled, &draws, &b, NULL), CIV_OK);
  assert_int_equal(civ_network_measure(net, &sampled, &again, &c, NULL), CIV_OK);
  assert_true(a.average_path_length_sampled == 0 && b.average_path_length_sampled == 1);
  assert_true(b.average_path_length == c.average_path_length);
  assert_true(fabs(a.average_path_length - b.average_path_length) < 0.1);
  assert_true(a.average_clustering == b.average_clustering);
  civ_network_destroy(net);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(graphs_are_distributed_as_the_references),
    cmocka_unit_test(small_worlds_cluster_as_they_should),
    cmocka_unit_test(degrees_of_scale_free_networks),
    cmocka_unit_test(giant_components),
    cmocka_unit_test(the_threshold_of_connectedness),
    cmocka_unit_test(random_networks_have_binomial_sizes),
    cmocka_unit_test(threads_do_not_disturb_each_other),
    cmocka_unit_test(rows_are_symmetric_and_in_order),
    cmocka_unit_test(sampled_paths_are_near),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
