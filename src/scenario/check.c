/* What no single field can see: values that follow from others, and values that contradict each other. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/number.h"
#include "civitas/log.h"
#include "scenario/columns.h"
#include "scenario/load.h"
#include "world/boundary_build.h"

/* --- access by name: the structs of most sections belong to parts ------------------------------------------------------ */

typedef struct place {
  civ_block *block;
  const civ_field *field;
  char path[128];
  civ_origin origin;
} place;

static bool find(const civ_config *config, const char *path, place *out)
{
  out->field = civ_schema_find(config, path, &out->block);
  if (!out->field)
    return false;
  out->origin = out->block->origins[out->field - out->block->table->fields];
  snprintf(out->path, sizeof out->path, "%s", path);
  return true;
}

static const void *at(const place *p)
{
  return (const char *)p->block->values + p->field->offset;
}

static double real_at(const place *p)
{
  double x;
  memcpy(&x, at(p), sizeof x);
  return x;
}

static bool given(const place *p)
{
  return p->origin.kind == CIV_ORIGIN_FILE || p->origin.kind == CIV_ORIGIN_OVERRIDE;
}

static void say(civ_loading *l, civ_severity severity, const place *p, const char *fmt, ...) CIV_PRINTF(4, 5);

static void say(civ_loading *l, civ_severity severity, const place *p, const char *fmt, ...)
{
  char text[320];
  va_list args;
  va_start(args, fmt);
  vsnprintf(text, sizeof text, fmt, args);
  va_end(args);
  civ_loading_say(l, severity, CIV_E_RANGE, p->origin.line, p->origin.line ? 1 : 0, p->path, "%s", text);
}

/* --- links ------------------------------------------------------------------------------------------------------------ */

/* One number under two names: whichever was given goes into the other. */
static void link_sigmoid(civ_config *config)
{
  place a, b;
  if (!find(config, "payoff.sigmoid_k", &a) || !find(config, "proxy.sigmoid_k", &b))
    return;
  const place *from = a.origin.kind > b.origin.kind ? &a : &b, *to = from == &a ? &b : &a;
  memcpy((char *)to->block->values + to->field->offset, at(from), sizeof(double));
}

static void link_kill_switch(civ_config *config)
{
  place enabled, fallback;
  if (!find(config, "safety.kill_switch_enabled", &enabled) ||
      !find(config, "simulation.enable_kill_switch", &fallback))
    return;
  if (enabled.origin.kind == CIV_ORIGIN_DEFAULT)
    memcpy((char *)enabled.block->values + enabled.field->offset, at(&fallback), sizeof(bool));
}

void civ_config_link(civ_config *config)
{
  link_sigmoid(config);
  link_kill_switch(config);
}

/* --- contradictions ---------------------------------------------------------------------------------------------------- */

static void check_sigmoid(civ_loading *l)
{
  place a, b;
  if (find(l->config, "payoff.sigmoid_k", &a) && find(l->config, "proxy.sigmoid_k", &b) && given(&a) &&
      a.origin.kind == b.origin.kind && real_at(&a) != real_at(&b))
    say(l, CIV_ERROR, &a, "%g differs from proxy.sigmoid_k: %g, but they are one number; give one of them", real_at(&a),
        real_at(&b));
}

/* low must not exceed high where both are numbers of one section. */
static void check_order(civ_loading *l, const char *low_path, const char *high_path)
{
  place low, high;
  if (find(l->config, low_path, &low) && find(l->config, high_path, &high) && real_at(&low) > real_at(&high))
    say(l, CIV_ERROR, given(&low) ? &low : &high, "%s: %g is above %s: %g; lower the first or raise the second",
        low_path, real_at(&low), high_path, real_at(&high));
}

static void check_samples(civ_loading *l)
{
  place p;
  int64_t n;
  if (!find(l->config, "missions.shapley_samples", &p) || p.field->kind != CIV_FIELD_INTEGER)
    return;
  memcpy(&n, at(&p), sizeof n);
  if (n % 2 != 0)
    say(l, CIV_ERROR, &p, "%lld is odd; samples come in pairs, so give an even number", (long long)n);
}

static void warn_unusual(civ_loading *l)
{
  place p;
  static const char *const shares[] = { "payoff.rho_a", "payoff.rho_b", NULL };
  for (int k = 0; shares[k]; k++)
    if (find(l->config, shares[k], &p) && given(&p) && real_at(&p) > 1)
      say(l, CIV_WARNING, &p, "%g charges more harm than there is; values are usually in [0, 1]", real_at(&p));
  if (find(l->config, "payoff.w_rep", &p) && given(&p) && real_at(&p) < 0)
    say(l, CIV_WARNING, &p, "%g is negative: reputation gained lowers the payoff", real_at(&p));
}

static bool switched_on(const civ_config *config, const char *path)
{
  place p;
  bool on = false;
  if (find(config, path, &p) && p.field->kind == CIV_FIELD_BOOLEAN)
    memcpy(&on, at(&p), sizeof on);
  return on;
}

static void check_composite(civ_loading *l)
{
  const bool on = switched_on(l->config, "governance.composite_tasks_enabled");
  const civ_block *block = civ_config_block(l->config, "composite_tasks");
  if (on)
    return;
  if (block && block->given)
    civ_loading_say(l, CIV_WARNING, CIV_OK, block->line, block->line ? 1 : 0, "composite_tasks",
                    "without effect unless governance.composite_tasks_enabled is true");
  for (size_t k = 0; k < l->config->n_agents; k++)
    if (l->config->entries[k].capabilities.n > 0) {
      civ_loading_say(l, CIV_WARNING, CIV_OK, l->config->entries[k].line, 1, "agents",
                      "capabilities are without effect unless governance.composite_tasks_enabled is true");
      return;
    }
}

/* One edge of a custom network: [a, b] or [a, b, weight], ends by index or name. */
static const char *edge_fault(const json_t *edge)
{
  const size_t n = json_array_size(edge);
  if (n != 2 && n != 3)
    return "an edge is [a, b] or [a, b, weight]";
  for (size_t k = 0; k < 2; k++) {
    const json_t *end = json_array_get(edge, k);
    if (!json_is_string(end) && !(json_is_integer(end) && json_integer_value(end) >= 0))
      return "the ends of an edge are names of agents, or their numbers from 0";
  }
  if (json_equal(json_array_get(edge, 0), json_array_get(edge, 1)))
    return "an edge joins two different agents";
  if (n == 3 && !(json_number_value(json_array_get(edge, 2)) > 0))
    return "the weight of an edge is a number greater than 0";
  return NULL;
}

static void check_edges(civ_loading *l)
{
  place edges, topology;
  civ_tree tree;
  int32_t choice;
  if (!find(l->config, "network.edges", &edges) || edges.field->kind != CIV_FIELD_TREE ||
      !find(l->config, "network.topology", &topology) || topology.field->kind != CIV_FIELD_CHOICE)
    return;
  memcpy(&tree, at(&edges), sizeof tree);
  memcpy(&choice, at(&topology), sizeof choice);
  if (!tree.json)
    return;
  if (strcmp(topology.field->choices[choice], "custom") != 0)
    say(l, CIV_ERROR, &edges, "edges go with topology: custom only; remove them or change the topology");
  json_t *list = json_loads(tree.json, JSON_DECODE_ANY, NULL);
  if (!list || !json_is_array(list))
    say(l, CIV_ERROR, &edges, "write a list of edges, such as [[0, 1], [1, 2, 0.5]]");
  for (size_t k = 0; k < json_array_size(list); k++) {
    const char *fault = edge_fault(json_array_get(list, k));
    if (fault)
      say(l, CIV_ERROR, &edges, "entry %zu: %s", k, fault);
  }
  json_decref(list);
}

/* Small worlds count neighbours in pairs, one on each side. */
static void warn_small_world(civ_loading *l)
{
  const civ_network_config *c = civ_config_section(l->config, "network");
  uint64_t agents = 0;
  place p;
  if (!c || !civ_config_given(l->config, "network") || !c->enabled || c->topology != CIV_SMALL_WORLD ||
      !find(l->config, "network.k_neighbors", &p))
    return;
  for (size_t k = 0; k < l->config->n_agents; k++)
    agents += l->config->entries[k].count;
  if (agents == 2)
    say(l, CIV_WARNING, &p, "a small world of two agents has no edge; choose another topology");
  else if (c->k_neighbors % 2 != 0)
    say(l, CIV_WARNING, &p, "%lld neighbours count as %lld, half on each side", (long long)c->k_neighbors,
        (long long)c->k_neighbors - 1);
}

/* Patterns that compile, ids that are unique, weights with a sum: only the world's own rooms know. */
static void check_boundaries(civ_loading *l)
{
  const civ_boundary_sections sections = { civ_config_section(l->config, "boundaries"),
                                           civ_config_section(l->config, "boundaries.leakage"),
                                           civ_config_section(l->config, "boundaries.activity") };
  const civ_block *block = civ_config_block(l->config, "boundaries");
  civ_error err;
  if (!block || !block->given || !sections.rules || !sections.leakage || !sections.activity)
    return;
  const civ_status status = civ_boundary_check(&sections, &err);
  if (status == CIV_E_NOMEM)
    civ_loading_no_memory(l);
  else if (status != CIV_OK)
    civ_loading_say(l, CIV_ERROR, status, block->line, block->line ? 1 : 0, err.where, "%s", err.text);
}

/* --- names and times --------------------------------------------------------------------------------------------------- */

static void check_top(civ_loading *l)
{
  const civ_scenario_config *c = civ_config_section(l->config, "");
  place p;
  const size_t n = c->scenario_id ? strlen(c->scenario_id) : 0;
  if (find(l->config, "scenario_id", &p) &&
      (n < 1 || n > 128 ||
       strspn(c->scenario_id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.") != n ||
       strcmp(c->scenario_id, ".") == 0 || strcmp(c->scenario_id, "..") == 0))
    say(l, CIV_ERROR, &p, "'%.60s' names files, so it is 1 to 128 letters, digits, _ - or .",
        c->scenario_id ? c->scenario_id : "");
  for (uint32_t k = 0; k < c->metrics_to_track.n && find(l->config, "metrics_to_track", &p); k++) {
    const char *name = c->metrics_to_track.items[k], *nearest = NULL;
    if (civ_column_known(name, &nearest))
      continue;
    if (nearest)
      say(l, CIV_ERROR, &p, "'%.60s' is no column of the epoch table; did you mean '%s'?", name, nearest);
    else
      say(l, CIV_ERROR, &p, "'%.60s' is no column of the epoch table; 'civitas explain metrics_to_track' lists them",
          name);
  }
}

static void check_time(civ_loading *l)
{
  const civ_simulation_config *c = civ_config_section(l->config, "simulation");
  int64_t us;
  place p;
  if ((!c->start_time || !civ_parse_time(c->start_time, strlen(c->start_time), &us)) &&
      find(l->config, "simulation.start_time", &p))
    say(l, CIV_ERROR, &p, "'%.60s' is no time; write it as 2000-01-01T00:00:00",
        c->start_time ? c->start_time : "null");
}

/* "sample:N" with N >= 1, or one of the words. */
static void check_outputs(civ_loading *l)
{
  static const char *const words[] = { "auto", "all", "summary", "none", NULL };
  const civ_outputs_config *c = civ_config_section(l->config, "outputs");
  int64_t n;
  place p;
  if (!c || !find(l->config, "outputs.agent_snapshots", &p))
    return;
  const char *text = c->agent_snapshots ? c->agent_snapshots : "";
  for (int k = 0; words[k]; k++)
    if (strcmp(words[k], text) == 0)
      return;
  if (strncmp(text, "sample:", 7) == 0 && civ_parse_integer(text + 7, strlen(text + 7), &n) && n >= 1)
    return;
  say(l, CIV_ERROR, &p, "'%.60s' is none of auto, all, sample:N, summary or none", text);
}

static void check_names(civ_loading *l)
{
  uint64_t total = 0;
  for (size_t k = 0; k < l->config->n_agents; k++)
    total += l->config->entries[k].count;
  if (total > INT32_MAX) {
    civ_loading_say(l, CIV_ERROR, CIV_E_LIMIT, l->config->entries[0].line, 1, "agents",
                    "%llu agents are more than 2147483647; lower the counts", (unsigned long long)total);
    return;
  }
  civ_error err;
  const civ_status status = civ_config_check_names(l->config, &err);
  size_t k = 0;
  if (status == CIV_E_NOMEM)
    civ_loading_no_memory(l);
  if (status == CIV_OK || status == CIV_E_NOMEM)
    return;
  if (sscanf(err.where, "agents[%zu]", &k) != 1 || k >= l->config->n_agents)
    k = 0;
  civ_loading_say(l, CIV_ERROR, status, l->config->entries[k].line, 1, err.where, "%s", err.text);
}

void civ_check_config(civ_loading *l)
{
  check_top(l);
  check_time(l);
  check_sigmoid(l);
  check_order(l, "network.min_edge_weight", "network.max_edge_weight");
  check_order(l, "auction.valuation_min", "auction.valuation_max");
  check_samples(l);
  check_edges(l);
  check_boundaries(l);
  warn_small_world(l);
  civ_check_language_models(l);
  check_composite(l);
  check_outputs(l);
  warn_unusual(l);
  if (l->status == CIV_OK)
    check_names(l);
}
