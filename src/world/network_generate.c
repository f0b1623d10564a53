/* The first edges: one rule per topology. Nodes are the agents in order. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "world/network_igraph.h"
#include "world/network_inside.h"

static civ_status no_memory(const civ_network *net, civ_error *err)
{
  return civ_fail(err, CIV_E_NOMEM, "network", "out of memory for the edges of %u agents", net->n);
}

static civ_status too_many(const char *key, double edges, civ_error *err)
{
  return civ_fail(err, CIV_E_LIMIT, key, "about %.3g edges are more than the %d that fit; lower it", edges,
                  CIV_NETWORK_MOST_EDGES);
}

static civ_status build(civ_network *net, const civ_agent *ends, uint64_t n, civ_error *err)
{
  return civ_network_build(net, ends, n) == CIV_OK ? CIV_OK : no_memory(net, err);
}

/* --- without draws ----------------------------------------------------------------------------------------------------------- */

/* Edges i - hub(i) for i from 1, and for a ring the one that closes it. */
static civ_status make_sparse(civ_network *net, bool ring, civ_error *err)
{
  const uint64_t n = net->n, edges = n < 2 ? 0 : n - 1 + (ring && n > 2);
  civ_agent *ends = civ_zeroed(net->allocator, 2 * edges + 1, sizeof *ends);
  if (!ends)
    return no_memory(net, err);
  for (uint64_t k = 0; k < edges; k++) {
    ends[2 * k] = ring ? (civ_agent)k : 0;
    ends[2 * k + 1] = (civ_agent)((k + 1) % n);
  }
  const civ_status st = build(net, ends, edges, err);
  civ_release(net->allocator, ends, (2 * edges + 1) * sizeof *ends);
  return st;
}

/* Whoever may lose single edges needs them one by one. */
static civ_status make_complete(civ_network *net, civ_error *err)
{
  civ_status st = civ_network_make_complete(net);
  if (st == CIV_OK && net->rules.reputation_disconnect_threshold.set)
    st = civ_network_spell_out(net, false);
  if (st == CIV_E_LIMIT)
    return civ_fail(
        err, st, "network.reputation_disconnect_threshold",
        "a complete network that may lose single edges keeps each of its %.3g; %d fit: set it to null or choose "
        "another topology",
        (double)net->n_edges, CIV_NETWORK_MOST_EDGES);
  return st == CIV_OK ? CIV_OK : no_memory(net, err);
}

static civ_status find_end(const civ_network *net, const json_t *end, const char *const *names, size_t entry,
                           civ_agent *out, civ_error *err)
{
  const char *name = json_string_value(end);
  for (uint32_t a = 0; name && names && a < net->n; a++)
    if (strcmp(names[a], name) == 0) {
      *out = a;
      return CIV_OK;
    }
  if (name)
    return civ_fail(err, CIV_E_KEY, "network.edges",
                    "entry %zu: there is no agent '%.60s'; agents are named TYPE_1, "
                    "TYPE_2 ..., or numbered from 0",
                    entry, name);
  if (json_is_integer(end) && json_integer_value(end) >= 0 && json_integer_value(end) < net->n) {
    *out = (civ_agent)json_integer_value(end);
    return CIV_OK;
  }
  return civ_fail(err, CIV_E_RANGE, "network.edges", "entry %zu: agents are numbered from 0 to %lld", entry,
                  (long long)net->n - 1);
}

static civ_status add_custom(civ_network *net, const json_t *list, const char *const *names, civ_error *err)
{
  size_t k;
  const json_t *entry;
  json_array_foreach(list, k, entry)
  {
    civ_agent a = 0, b = 0;
    const double weight = json_array_size(entry) == 3 ? json_number_value(json_array_get(entry, 2)) : 1;
    civ_status st = find_end(net, json_array_get(entry, 0), names, k, &a, err);
    if (st == CIV_OK)
      st = find_end(net, json_array_get(entry, 1), names, k, &b, err);
    if (st == CIV_OK && (a == b || !(weight > 0)))
      st = civ_fail(err, CIV_E_RANGE, "network.edges",
                    "entry %zu: an edge joins two different agents and weighs more than 0", k);
    if (st != CIV_OK)
      return st;
    if (civ_network_reserve(net, 1, 0) != CIV_OK || !civ_network_add(net, a, b, weight))
      return no_memory(net, err);
  }
  return CIV_OK;
}

static civ_status make_custom(civ_network *net, const char *const *names, civ_error *err)
{
  civ_network_clear(net);
  if (!net->rules.edges.json)
    return CIV_OK;
  json_t *list = json_loads(net->rules.edges.json, JSON_DECODE_ANY, NULL);
  const civ_status st = json_is_array(list) ? add_custom(net, list, names, err)
                                            : civ_fail(err, CIV_E_TYPE, "network.edges",
                                                       "write a list of edges, such as [[0, 1], [1, 2, 0.5]]");
  json_decref(list);
  return st;
}

/* --- with draws -------------------------------------------------------------------------------------------------------------- */

static civ_status make_erdos_renyi(civ_network *net, civ_draws *draws, civ_error *err)
{
  const double p = net->rules.edge_probability, expected = p * (double)net->n * ((double)net->n - 1) / 2;
  civ_edge_list list = { 0 };
  if (net->n < 2 || p == 0)
    return build(net, NULL, 0, err);
  if (p == 1)
    return make_complete(net, err);
  if (expected > CIV_NETWORK_MOST_EDGES)
    return too_many("network.edge_probability", expected, err);
  civ_status st = civ_igraph_erdos_renyi(net->n, p, draws, &list, err);
  if (st == CIV_OK)
    st = build(net, list.ends, list.n, err);
  free(list.ends);
  return st;
}

/* Whoever comes chooses m earlier agents with probability proportional to degree: uniformly among the ends of all edges that
 * were there when it came, until m of them differ. The list of edges is the list of ends. */
static uint64_t attach(civ_agent *ends, uint64_t edges, civ_agent newcomer, uint32_t m, civ_agent *chosen_by,
                       civ_draws *draws)
{
  const uint32_t before = (uint32_t)(2 * edges);
  for (uint32_t k = 0; k < m; k++) {
    civ_agent x;
    do
      x = ends[civ_draw_index(draws, before)];
    while (chosen_by[x] == newcomer);
    chosen_by[x] = newcomer;
    ends[2 * edges] = x;
    ends[2 * edges + 1] = newcomer;
    edges++;
  }
  return edges;
}

static uint64_t attach_all(civ_agent *ends, uint32_t n, uint32_t m, civ_agent *chosen_by, civ_draws *draws)
{
  uint64_t edges = 0;
  for (civ_agent a = 0; a <= m; a++)
    for (civ_agent b = a + 1; b <= m; b++, edges++) {
      ends[2 * edges] = a;
      ends[2 * edges + 1] = b;
    }
  for (civ_agent a = m + 1; a < n; a++)
    edges = attach(ends, edges, a, m, chosen_by, draws);
  return edges;
}

static civ_status make_scale_free(civ_network *net, civ_draws *draws, civ_error *err)
{
  const int64_t m = net->rules.m_edges;
  if (net->n <= m + 1)
    return make_complete(net, err);
  if ((double)m * net->n > CIV_NETWORK_MOST_EDGES)
    return too_many("network.m_edges", (double)m * net->n, err);
  const size_t room = 2 * (size_t)m * net->n;
  civ_agent *ends = civ_zeroed(net->allocator, room, sizeof *ends);
  civ_agent *chosen_by = civ_zeroed(net->allocator, net->n, sizeof *chosen_by); /* 0 comes to nobody */
  civ_status st = CIV_E_NOMEM;
  if (ends && chosen_by)
    st = civ_network_build(net, ends, attach_all(ends, net->n, (uint32_t)m, chosen_by, draws));
  civ_release(net->allocator, ends, room * sizeof *ends);
  civ_release(net->allocator, chosen_by, (size_t)net->n * sizeof *chosen_by);
  return st == CIV_OK ? CIV_OK : no_memory(net, err);
}

civ_status civ_network_generate(civ_network *net, civ_draws *draws, const char *const *names, civ_error *err)
{
  switch ((civ_topology)net->rules.topology) {
  case CIV_RING:
    return make_sparse(net, true, err);
  case CIV_STAR:
    return make_sparse(net, false, err);
  case CIV_ERDOS_RENYI:
    return make_erdos_renyi(net, draws, err);
  case CIV_SMALL_WORLD:
    return civ_network_make_small_world(net, draws, err);
  case CIV_SCALE_FREE:
    return make_scale_free(net, draws, err);
  case CIV_CUSTOM:
    return make_custom(net, names, err);
  default:
    return make_complete(net, err);
  }
}
