/* Metrics of the topology. A complete graph is known without looking. */
#include "world/network_measure.h"

#include <stdlib.h>

#include "base/memory.h"
#include "world/network_igraph.h"

/* `wanted` of n agents in ascending order, each set equally likely (Knuth's selection sampling). */
static void choose(civ_agent *sources, uint32_t wanted, uint32_t n, civ_draws *draws)
{
  uint32_t chosen = 0;
  for (uint32_t k = 0; chosen < wanted; k++)
    if (wanted - chosen == n - k || civ_draw_index(draws, n - k) < wanted - chosen)
      sources[chosen++] = k;
}

static civ_status measure_paths(const civ_network *net, const civ_network_metrics_config *rules, civ_draws *draws,
                                civ_network_metrics *out, civ_error *err)
{
  const uint32_t n = civ_network_size(net);
  const bool sampled = n > rules->exact_limit && n > rules->path_samples;
  const uint32_t wanted = sampled ? (uint32_t)rules->path_samples : n;
  civ_agent *sources = calloc((size_t)wanted + 1, sizeof *sources);
  civ_paths paths = { 0 };
  civ_status st = sources ? CIV_OK : CIV_E_NOMEM;
  if (st == CIV_OK) {
    choose(sources, wanted, n, draws);
    st = civ_network_paths(net, sources, wanted, &paths);
  }
  free(sources);
  out->average_path_length = paths.pairs ? (double)paths.hops / (double)paths.pairs : 0;
  out->average_path_length_sampled = sampled;
  return st == CIV_OK ? CIV_OK : civ_fail(err, st, "network", "out of memory while measuring the network");
}

static bool is_complete(const civ_network *net)
{
  const uint64_t n = civ_network_size(net);
  return n > 1 && civ_network_edges(net) == n * (n - 1) / 2;
}

civ_status civ_network_measure_each(const civ_network *net, double *clustering, uint32_t *component,
                                    uint32_t *n_components, civ_error *err)
{
  const uint32_t n = civ_network_size(net);
  civ_igraph_measures found = { .clustering = clustering, .component = component };
  if (is_complete(net)) {
    for (uint32_t a = 0; a < n; a++) {
      if (clustering)
        clustering[a] = n > 2;
      if (component)
        component[a] = 0;
    }
    *n_components = 1;
    return CIV_OK;
  }
  const civ_status st = civ_igraph_measure(net, &found, err);
  *n_components = found.n_components;
  return st;
}

civ_status civ_network_measure(const civ_network *net, const civ_network_metrics_config *rules, civ_draws *draws,
                               civ_network_metrics *out, civ_error *err)
{
  const double n = civ_network_size(net), edges = (double)civ_network_edges(net);
  civ_network_metrics m = { .n_agents = n, .n_edges = edges, .is_connected = 1 };
  civ_igraph_measures found = { 0 };
  if (n > 0)
    m.average_degree = 2 * edges / n;
  if (n > 1)
    m.density = 2 * edges / (n * (n - 1));
  if (is_complete(net)) {
    m.average_clustering = n > 2;
    m.average_path_length = 1;
    m.n_components = 1;
    *out = m;
    return CIV_OK;
  }
  civ_status st = civ_igraph_measure(net, &found, err);
  m.average_clustering = found.average_clustering;
  m.n_components = found.n_components;
  m.is_connected = n < 2 || found.n_components == 1;
  if (st == CIV_OK && edges > 0)
    st = measure_paths(net, rules, draws, &m, err);
  if (st == CIV_OK)
    *out = m;
  return st;
}
