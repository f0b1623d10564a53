/* network.c - how the cases of chapter 04 about networks meet the library. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "civitas/civitas.h"
#include "civitas/scenario.h"
#include "conformance.h"
#include "world/network_measure.h"

/* --- the section, read as from a file --------------------------------------------------------------------------------- */

typedef struct setting {
  civ_registry *registry;
  civ_config *config;
  civ_diagnostics found;
} setting;

static void fini(setting *s)
{
  civ_diagnostics_free(&s->found);
  civ_config_destroy(s->config);
  civ_registry_destroy(s->registry);
}

/* A scenario of one agent with this section; JSON is YAML. */
static bool init(setting *s, const json_t *section)
{
  json_t *tree = json_pack("{s:[{s:s}], s:O}", "agents", "type", "honest", "network", section);
  char *text = json_dumps(tree, 0);
  memset(s, 0, sizeof *s);
  const bool fine =
      text && civ_registry_create_default(&s->registry, NULL) == CIV_OK &&
      civ_scenario_parse(s->registry, "case", text, strlen(text), 0, &s->config, &s->found, NULL) == CIV_OK;
  free(text);
  json_decref(tree);
  if (!fine)
    fini(s);
  return fine;
}

static conformance_outcome parse(const conformance_case *c)
{
  setting s;
  json_t *answer = json_object();
  if (!init(&s, json_object_get(c->input, "section")))
    return conformance_refuse();
  const civ_network_config *rules = civ_config_section(s.config, "network");
  char *text = NULL;
  size_t length;
  json_t *all = NULL;
  if (civ_config_given(s.config, "network") && rules->enabled &&
      civ_config_json(s.config, &text, &length, NULL) == CIV_OK)
    all = json_loadb(text, length, 0, NULL);
  json_object_set_new(answer, "config", all ? json_incref(json_object_get(all, "network")) : json_null());
  json_decref(all);
  civ_free(text);
  fini(&s);
  return conformance_answer(answer);
}

/* --- a network -------------------------------------------------------------------------------------------------------- */

static double number(const json_t *object, const char *key, double otherwise)
{
  const json_t *value = json_object_get(object, key);
  return json_is_number(value) ? json_number_value(value) : otherwise;
}

static civ_agent agent(const json_t *list, size_t k)
{
  return (civ_agent)json_integer_value(json_array_get(list, k));
}

static bool add_edges(civ_network *net, const json_t *edges)
{
  size_t k;
  const json_t *edge;
  json_array_foreach(edges, k, edge)
  {
    const double weight = json_array_size(edge) > 2 ? json_number_value(json_array_get(edge, 2)) : 1;
    if (civ_network_reserve(net, 1, 1) != CIV_OK || !civ_network_add(net, agent(edge, 0), agent(edge, 1), weight))
      return false;
  }
  return true;
}

static json_t *section_of(const json_t *input)
{
  static const char *const others[] = { "n", "edges", "ops", "pairs" };
  json_t *section = json_copy((json_t *)(uintptr_t)input);
  for (size_t k = 0; k < sizeof others / sizeof *others; k++)
    json_object_del(section, others[k]);
  return section;
}

/* Deterministic graphs only: a draw would be an error, and aborts. */
static civ_network *make(const json_t *input)
{
  static const civ_draw_script none;
  civ_draws draws = civ_draws_scripted(&none);
  civ_network *net = NULL;
  setting s;
  json_t *section = section_of(input);
  const bool fine = init(&s, section);
  json_decref(section);
  if (!fine)
    return NULL;
  const civ_network_config *rules = civ_config_section(s.config, "network");
  if (rules->topology == CIV_SMALL_WORLD)
    draws = civ_draws_open(1, &(civ_draw_key){ 0 }); /* its chance is asked for, and is 0 */
  if (civ_network_create(rules, (uint32_t)number(input, "n", 0), &civ_allocator_malloc, &net, NULL) == CIV_OK &&
      (civ_network_generate(net, &draws, NULL, NULL) != CIV_OK || !add_edges(net, json_object_get(input, "edges")))) {
    civ_network_destroy(net);
    net = NULL;
  }
  fini(&s);
  return net;
}

static json_t *metrics_of(const civ_network *net)
{
  const civ_network_metrics_config rules = { 2000, 256 };
  civ_draws draws = civ_draws_open(1, &(civ_draw_key){ 0 });
  civ_network_metrics m;
  if (civ_network_measure(net, &rules, &draws, &m, NULL) != CIV_OK)
    return NULL;
  return json_pack("{s:f, s:f, s:f, s:f, s:f, s:f, s:f}", "n_agents", m.n_agents, "n_edges", m.n_edges,
                   "average_degree", m.average_degree, "average_clustering", m.average_clustering,
                   "average_path_length", m.average_path_length, "is_connected", m.is_connected, "n_components",
                   m.n_components);
}

static int by_size(const void *a, const void *b)
{
  const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return (x > y) - (x < y);
}

enum { MOST = 64 };

static void put_each(json_t *answer, const civ_network *net)
{
  double clustering[MOST];
  uint32_t component[MOST], sizes[MOST] = { 0 }, counts[MOST] = { 0 }, n_components = 0;
  const uint32_t n = civ_network_size(net);
  json_t *degrees = json_array(), *local = json_array(), *spread = json_object(), *components = json_array();
  if (n <= MOST && civ_network_measure_each(net, clustering, component, &n_components, NULL) == CIV_OK) {
    for (civ_agent a = 0; a < n; a++) {
      json_array_append_new(degrees, json_integer(civ_network_degree(net, a)));
      json_array_append_new(local, json_real(clustering[a]));
      counts[civ_network_degree(net, a)]++;
      sizes[component[a]]++;
    }
  }
  for (uint32_t k = 0; k < MOST; k++) {
    char name[16];
    snprintf(name, sizeof name, "%u", k);
    if (counts[k])
      json_object_set_new(spread, name, json_integer(counts[k]));
  }
  qsort(sizes, n_components, sizeof *sizes, by_size);
  for (uint32_t k = 0; k < n_components; k++)
    json_array_append_new(components, json_integer(sizes[k]));
  json_object_set_new(answer, "degrees", degrees);
  json_object_set_new(answer, "clustering", local);
  json_object_set_new(answer, "degree_distribution", spread);
  json_object_set_new(answer, "component_sizes", components);
}

static conformance_outcome metrics(const conformance_case *c)
{
  civ_network *net = make(c->input);
  if (!net)
    return conformance_refuse();
  json_t *answer = json_pack("{s:o}", "metrics", metrics_of(net));
  put_each(answer, net);
  civ_network_destroy(net);
  return conformance_answer(answer);
}

static conformance_outcome paths(const conformance_case *c)
{
  civ_network *net = make(c->input);
  json_t *lengths = json_array();
  size_t k;
  const json_t *pair;
  if (!net)
    return conformance_refuse();
  json_array_foreach(json_object_get(c->input, "pairs"), k, pair)
  {
    json_array_append_new(lengths, json_integer(civ_network_path(net, agent(pair, 0), agent(pair, 1))));
  }
  civ_network_destroy(net);
  return conformance_answer(json_pack("{s:o}", "lengths", lengths));
}

/* --- dynamics ----------------------------------------------------------------------------------------------------------- */

static json_t *play(civ_network *net, const json_t *op)
{
  const char *kind = json_string_value(json_object_get(op, "op"));
  const civ_agent a = (civ_agent)number(op, "i", 0), b = (civ_agent)number(op, "j", 0);
  if (!kind || civ_network_reserve(net, 1, 1) != CIV_OK)
    return NULL;
  if (strcmp(kind, "decay") == 0)
    return json_integer((json_int_t)civ_network_decay(net));
  if (strcmp(kind, "disconnect") == 0)
    return json_integer(
        (json_int_t)civ_network_disconnect(net, (civ_agent)number(op, "node", 0), number(op, "reputation", 0)));
  if (strcmp(kind, "strengthen") == 0)
    civ_network_strengthen(net, a, b);
  else if (strcmp(kind, "add") == 0)
    civ_network_add(net, a, b, number(op, "weight", 1));
  else if (civ_network_remove(net, a, b) != CIV_OK)
    return NULL;
  return json_null();
}

static bool list_edge(void *self, civ_agent a, civ_agent b, double weight)
{
  json_array_append_new(self, json_pack("[i, i, f]", (int)a, (int)b, weight));
  return true;
}

static conformance_outcome dynamics(const conformance_case *c)
{
  civ_network *net = make(c->input);
  json_t *returns = json_array(), *edges = json_array();
  size_t k;
  const json_t *op;
  if (!net)
    return conformance_refuse();
  json_array_foreach(json_object_get(c->input, "ops"), k, op)
  {
    json_array_append_new(returns, play(net, op));
  }
  civ_network_each(net, list_edge, edges);
  json_t *answer = json_pack("{s:o, s:o, s:o}", "returns", returns, "edges", edges, "metrics", metrics_of(net));
  civ_network_destroy(net);
  return conformance_answer(answer);
}

const conformance_adapter conformance_network[] = {
  { "network.parse", parse },
  { "network.metrics", metrics },
  { "network.paths", paths },
  { "network.dynamics", dynamics },
  { NULL, NULL },
};
