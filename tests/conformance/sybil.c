/* Cases of 03 and 05 about agents that behave alike: patterns, groups, and the lever that hosts them. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "civitas/civitas.h"
#include "conformance.h"
#include "court.h"
#include "govern/sybil_detection.h"

/* --- patterns from lists of pairs -------------------------------------------------------------------------------------------- */

/* Counterparties of all patterns of a case, sorted by name, so that numbers are in the order of the names. */
typedef struct cast {
  const char **names;
  size_t n;
} cast;

static int compare_names(const void *a, const void *b)
{
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static uint32_t number_of(const cast *c, const char *name)
{
  const char **found = bsearch(&name, c->names, c->n, sizeof *c->names, compare_names);
  return found ? (uint32_t)(found - c->names) : UINT32_MAX;
}

static void cast_add(cast *c, const json_t *pairs)
{
  const json_t *pair;
  size_t i;
  c->names = realloc(c->names, (c->n + json_array_size(pairs) + 1) * sizeof *c->names);
  json_array_foreach((json_t *)pairs, i, pair) c->names[c->n++] = json_string_value(json_array_get(pair, 0));
}

static void cast_close(cast *c)
{
  size_t kept = 0;
  qsort(c->names, c->n, sizeof *c->names, compare_names);
  for (size_t i = 0; i < c->n; i++)
    if (kept == 0 || strcmp(c->names[kept - 1], c->names[i]) != 0)
      c->names[kept++] = c->names[i];
  c->n = kept;
}

/* Ascending by number. Free both blocks with free_pattern. */
static civ_pattern pattern_of(const cast *c, const json_t *pairs)
{
  uint32_t *others = calloc(c->n + 1, sizeof *others), n = 0;
  double *counts = calloc(c->n + 1, sizeof *counts);
  for (uint32_t k = 0; k < c->n; k++)
    for (size_t i = 0; i < json_array_size(pairs); i++) {
      const json_t *pair = json_array_get(pairs, i);
      if (number_of(c, json_string_value(json_array_get(pair, 0))) != k)
        continue;
      others[n] = k;
      counts[n++] = json_number_value(json_array_get(pair, 1));
    }
  return (civ_pattern){ others, counts, n };
}

static void free_pattern(const civ_pattern *p)
{
  free((void *)(uintptr_t)p->others);
  free((void *)(uintptr_t)p->counts);
}

static conformance_outcome similarity(const conformance_case *k)
{
  const json_t *a = json_object_get(k->input, "a"), *b = json_object_get(k->input, "b");
  const bool cosine = strcmp(civ_json_text(k->input, "metric", "l1_dot"), "cosine") == 0;
  cast c = { 0 };
  cast_add(&c, a);
  cast_add(&c, b);
  cast_close(&c);
  const civ_pattern p = pattern_of(&c, a), q = pattern_of(&c, b);
  const double value = civ_pattern_similarity(&p, &q, cosine ? CIV_SIMILARITY_COSINE : CIV_SIMILARITY_L1_DOT);
  free_pattern(&p);
  free_pattern(&q);
  free(c.names);
  return conformance_answer(json_real(value));
}

static json_t *sorted(json_t *names)
{
  const size_t n = json_array_size(names);
  const char **texts = calloc(n + 1, sizeof *texts);
  json_t *out = json_array();
  for (size_t i = 0; i < n; i++)
    texts[i] = json_string_value(json_array_get(names, i));
  qsort(texts, n, sizeof *texts, compare_names);
  for (size_t i = 0; i < n; i++)
    json_array_append_new(out, json_string(texts[i]));
  free(texts);
  json_decref(names);
  return out;
}

static conformance_outcome clusters(const conformance_case *k)
{
  const json_t *list = json_object_get(k->input, "patterns_in_order");
  const uint32_t n = (uint32_t)json_array_size(list);
  cast c = { 0 };
  for (uint32_t a = 0; a < n; a++)
    cast_add(&c, json_array_get(json_array_get(list, a), 1));
  cast_close(&c);
  civ_pattern *patterns = calloc(n + 1, sizeof *patterns);
  for (uint32_t a = 0; a < n; a++)
    patterns[a] = pattern_of(&c, json_array_get(json_array_get(list, a), 1));
  const civ_similarity_rules rules = { .measure = CIV_SIMILARITY_L1_DOT,
                                       .threshold = civ_json_real(k->input, "threshold", 0.8) };
  civ_clusters found = civ_clusters_create(&civ_allocator_malloc);
  const civ_status st = civ_clusters_find(patterns, n, (uint32_t)c.n, &rules, &civ_allocator_malloc, &found);
  json_t *answer = json_array();
  for (uint32_t g = 0; g < found.n; g++) {
    json_t *names = json_array();
    for (uint32_t i = found.start[g]; i < found.start[g + 1]; i++)
      json_array_append(names, json_array_get(json_array_get(list, found.members[i]), 0));
    json_array_append_new(answer, sorted(names));
  }
  for (uint32_t a = 0; a < n; a++)
    free_pattern(&patterns[a]);
  free(patterns);
  free(c.names);
  civ_clusters_destroy(&found);
  return st == CIV_OK ? conformance_answer(answer) : conformance_refuse();
}

/* --- the lever ------------------------------------------------------------------------------------------------------------------ */

static json_t *rules_of(const conformance_case *k)
{
  json_t *rules = json_deep_copy(json_object_get(k->input, "config"));
  json_object_set_new(rules, "sybil_detection_enabled", json_true());
  return rules;
}

static void name_agents(json_t *agents, const json_t *pairs)
{
  const json_t *pair;
  size_t i;
  json_array_foreach((json_t *)pairs, i, pair) for (size_t side = 0; side < 2; side++)
      json_object_set_new(agents, json_string_value(json_array_get(pair, side)), json_object());
}

static void deal(const court *c, const lever_slot *l, const json_t *pair)
{
  civ_interaction record = civ_interaction_default();
  record.id = 1;
  record.initiator = court_agent(c, json_string_value(json_array_get(pair, 0)));
  record.counterparty = court_agent(c, json_string_value(json_array_get(pair, 1)));
  court_judge(c, l, &record);
}

static json_t *groups_json(const court *c, const lever_slot *l)
{
  const civ_clusters *groups = civ_sybil_clusters(l->self);
  json_t *list = json_array();
  for (uint32_t k = 0; k < groups->n; k++) {
    json_t *names = json_array();
    for (uint32_t i = groups->start[k]; i < groups->start[k + 1]; i++)
      json_array_append_new(names, json_string(c->names[groups->members[i]]));
    json_array_append_new(list, sorted(names));
  }
  return list;
}

/* [name, value] of a map, sorted by name. */
static json_t *pairs_of(json_t *map)
{
  json_t *names = json_array(), *out = json_array(), *value, *name;
  const char *key;
  size_t i;
  json_object_foreach(map, key, value) json_array_append_new(names, json_string(key));
  names = sorted(names);
  json_array_foreach(names, i, name)
      json_array_append_new(out, json_pack("[O, O]", name, json_object_get(map, json_string_value(name))));
  json_decref(names);
  json_decref(map);
  return out;
}

static json_t *who_may_act(const court *c, const lever_slot *l)
{
  json_t *map = json_object();
  for (civ_agent a = 0; a < c->n; a++)
    json_object_set_new(map, c->names[a], json_boolean(l->table->admits(l->self, a)));
  return map;
}

static conformance_outcome lever(const conformance_case *k)
{
  const json_t *interactions = json_object_get(k->input, "interactions"), *pair;
  const json_t *probes = json_object_get(k->input, "then_probe");
  json_t *agents = json_object();
  size_t i;
  court c;
  conformance_outcome outcome = conformance_refuse();
  name_agents(agents, interactions);
  name_agents(agents, probes);
  if (court_open(&c, agents, rules_of(k), NULL)) {
    const lever_slot *l = court_lever(&c, "sybil_detection");
    json_t *costs = json_array();
    json_array_foreach((json_t *)interactions, i, pair) for (json_int_t n = json_integer_value(json_array_get(pair, 2));
                                                             n > 0; n--) deal(&c, l, pair);
    if (court_start_epoch(&c, 1)) {
      json_t *answer =
          json_pack("{s:o, s:o, s:o}", "clusters", groups_json(&c, l), "reputation_deltas",
                    pairs_of(court_reputation_deltas(&c)), "resource_deltas", pairs_of(court_resource_deltas(&c)));
      json_array_foreach((json_t *)probes, i, pair)
      {
        deal(&c, l, pair);
        json_array_append_new(costs, json_pack("[f, f]", c.run->effect.cost_a, c.run->effect.cost_b));
      }
      json_object_set(answer, "probe_costs", costs);
      json_object_set_new(answer, "can_act", pairs_of(who_may_act(&c, l)));
      outcome = conformance_answer(answer);
    }
    json_decref(costs);
  }
  court_close(&c);
  json_decref(agents);
  return outcome;
}

/* Groups as the case names them, instead of found ones. */
static bool impose(const court *c, const lever_slot *l, const json_t *groups)
{
  civ_clusters given = civ_clusters_create(&c->run->allocator);
  for (size_t k = 0; k < json_array_size(groups); k++) {
    const json_t *group = json_array_get(groups, k);
    uint32_t *members = calloc(json_array_size(group) + 1, sizeof *members);
    for (size_t i = 0; i < json_array_size(group); i++)
      members[i] = court_agent(c, json_string_value(json_array_get(group, i)));
    const civ_status st = civ_clusters_add(&given, members, (uint32_t)json_array_size(group));
    free(members);
    if (st != CIV_OK)
      return false;
  }
  civ_effect_clear(&c->run->effect);
  civ_sybil_impose(l->self, &given, &c->run->effect);
  return true;
}

static conformance_outcome hosting(const conformance_case *k)
{
  const json_t *list = json_object_get(k->input, "agents"), *id;
  json_t *agents = json_object();
  size_t i;
  court c;
  conformance_outcome outcome = conformance_refuse();
  json_array_foreach((json_t *)list, i, id) json_object_set_new(agents, json_string_value(id), json_object());
  if (court_open(&c, agents, rules_of(k), NULL)) {
    const lever_slot *l = court_lever(&c, "sybil_detection");
    if (impose(&c, l, json_object_get(k->input, "clusters"))) {
      json_t *answer = json_pack("{s:o, s:o}", "epoch_start", court_effect(&c), "can_act", who_may_act(&c, l));
      const civ_interaction then = court_record(&c, json_object_get(k->input, "then"));
      court_judge(&c, l, &then);
      json_object_set_new(answer, "then", court_effect(&c));
      outcome = conformance_answer(answer);
    }
  }
  court_close(&c);
  json_decref(agents);
  return outcome;
}

const conformance_adapter conformance_sybil[] = {
  { "identity.similarity", similarity },
  { "identity.clusters", clusters },
  { "sybil.lever", lever },
  { "sybil_hosting", hosting },
  { NULL, NULL },
};
