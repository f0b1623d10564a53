/* scenario.c - how the cases of chapter 07 about scenario files meet the loader. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "civitas/civitas.h"
#include "conformance.h"

/* Loads text with the built-in parts; NULL where that is refused, with everything found. */
static civ_config *load(const char *text, civ_registry **registry, civ_diagnostics *found)
{
  civ_config *config = NULL;
  civ_error err;
  *registry = NULL;
  *found = (civ_diagnostics){ 0 };
  if (civ_registry_create_default(registry, &err) != CIV_OK)
    return NULL;
  return civ_scenario_parse(*registry, "case", text, strlen(text), 0, &config, found, &err) == CIV_OK ? config : NULL;
}

static void release(civ_config *config, civ_registry *registry, civ_diagnostics *found)
{
  civ_config_destroy(config);
  civ_registry_destroy(registry);
  civ_diagnostics_free(found);
}

static json_t *rejection(const civ_diagnostics *found)
{
  json_t *errors = json_array();
  for (uint32_t k = 0; k < found->n; k++)
    if (found->items[k].severity == CIV_ERROR)
      json_array_append_new(
          errors, json_pack("{s:s, s:I}", "key", found->items[k].key, "line", (json_int_t)found->items[k].line));
  return json_pack("{s:b, s:o}", "rejected", 1, "errors", errors);
}

static json_t *tree_of(const civ_config *config)
{
  char *text;
  size_t length;
  if (civ_config_json(config, &text, &length, NULL) != CIV_OK)
    return NULL;
  json_t *tree = json_loadb(text, length, 0, NULL);
  civ_free(text);
  return tree;
}

static json_t *member(const json_t *object, const char *key)
{
  json_t *value = json_object_get(object, key);
  return value ? json_incref(value) : json_null();
}

/* A section that is off is none. */
static json_t *section_if_on(const json_t *tree, const char *key)
{
  json_t *section = json_object_get(tree, key);
  const json_t *enabled = json_object_get(section, "enabled");
  return !section || json_is_false(enabled) ? json_null() : json_incref(section);
}

static json_t *names_of(const civ_config *config)
{
  char **names;
  uint32_t n;
  if (civ_config_agent_names(config, &names, &n, NULL) != CIV_OK)
    return NULL;
  json_t *list = json_array();
  for (uint32_t k = 0; k < n; k++)
    json_array_append_new(list, json_string(names[k]));
  civ_free(names);
  return list;
}

/* --- adapters ------------------------------------------------------------------------------------------------------------ */

static conformance_outcome resolve(const conformance_case *c)
{
  civ_registry *registry;
  civ_diagnostics found;
  civ_config *config = load(json_string_value(json_object_get(c->input, "yaml")), &registry, &found);
  json_t *answer;
  if (config) {
    json_t *tree = tree_of(config), *outputs = json_object_get(tree, "outputs");
    answer =
        json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "scenario_id", member(tree, "scenario_id"),
                  "description", member(tree, "description"), "motif", member(tree, "motif"), "simulation",
                  member(tree, "simulation"), "governance", member(tree, "governance"), "payoff",
                  member(tree, "payoff"), "rate_limits", member(tree, "rate_limits"), "network",
                  section_if_on(tree, "network"), "marketplace", section_if_on(tree, "marketplace"), "event_log",
                  member(outputs, "event_log"), "metrics_csv", member(outputs, "metrics_csv"));
    json_decref(tree);
  } else {
    answer = rejection(&found);
  }
  release(config, registry, &found);
  return conformance_answer(answer);
}

static json_t *at_path(json_t *tree, const char *path)
{
  char part[128];
  for (json_t *at = tree;;) {
    const size_t n = strcspn(path, ".");
    snprintf(part, sizeof part, "%.*s", (int)n, path);
    at = json_object_get(at, part);
    if (!at || !path[n])
      return at ? json_incref(at) : NULL;
    path += n + 1;
  }
}

static conformance_outcome resolve_keys(const conformance_case *c)
{
  civ_registry *registry;
  civ_diagnostics found;
  civ_config *config = load(json_string_value(json_object_get(c->input, "yaml")), &registry, &found);
  json_t *answer = config ? json_object() : rejection(&found), *tree = config ? tree_of(config) : NULL;
  const char *path;
  json_t *ignored;
  if (tree)
    json_object_foreach((json_t *)c->expect, path, ignored)
    {
      json_t *value = at_path(tree, path);
      if (value)
        json_object_set_new(answer, path, value);
    }
  json_decref(tree);
  release(config, registry, &found);
  return conformance_answer(answer);
}

static conformance_outcome reject(const conformance_case *c)
{
  civ_registry *registry;
  civ_diagnostics found;
  civ_config *config = load(json_string_value(json_object_get(c->input, "yaml")), &registry, &found);
  json_t *answer = config ? json_pack("{s:b}", "rejected", 0) : rejection(&found);
  release(config, registry, &found);
  return conformance_answer(answer);
}

/* The scenarios of this source tree, also where the runner is started elsewhere. */
static civ_status load_builtin(const civ_registry *registry, const char *file, civ_config **config, civ_error *err)
{
  char path[512];
  snprintf(path, sizeof path, "%s/scenarios/%s", CIV_SOURCE_ROOT, file);
  return civ_scenario_load(registry, path, 0, config, NULL, err);
}

static conformance_outcome builtin(const conformance_case *c)
{
  civ_registry *registry;
  civ_config *config;
  civ_error err;
  if (civ_registry_create_default(&registry, &err) != CIV_OK)
    return conformance_refuse();
  if (load_builtin(registry, json_string_value(json_object_get(c->input, "file")), &config, &err) != CIV_OK) {
    civ_registry_destroy(registry);
    return conformance_answer(json_pack("{s:b, s:[{s:s}]}", "rejected", 1, "errors", "key", err.text));
  }
  json_t *tree = tree_of(config), *simulation = json_object_get(tree, "simulation"), *names = names_of(config);
  json_t *answer = json_pack(
      "{s:o, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "scenario_id", member(tree, "scenario_id"), "n_agents",
      (json_int_t)json_array_size(names), "agent_ids", names, "n_epochs", member(simulation, "n_epochs"),
      "steps_per_epoch", member(simulation, "steps_per_epoch"), "seed", member(simulation, "seed"), "governance",
      member(tree, "governance"), "payoff", member(tree, "payoff"), "rate_limits", member(tree, "rate_limits"),
      "network", section_if_on(tree, "network"), "success_criteria", member(tree, "success_criteria"));
  json_decref(tree);
  civ_config_destroy(config);
  civ_registry_destroy(registry);
  return conformance_answer(answer);
}

/* JSON is YAML: the entries are read as they stand. */
static conformance_outcome create_agents(const conformance_case *c)
{
  civ_registry *registry;
  civ_diagnostics found;
  json_t *scenario = json_pack("{s:O}", "agents", json_object_get(c->input, "agents"));
  char *text = json_dumps(scenario, 0);
  json_decref(scenario);
  civ_config *config = text ? load(text, &registry, &found) : NULL;
  if (!text)
    return conformance_refuse();
  json_t *answer = config ? json_pack("{s:o}", "ids", names_of(config)) : rejection(&found);
  free(text);
  release(config, registry, &found);
  return conformance_answer(answer);
}

const conformance_adapter conformance_scenario[] = {
  { "scenario.resolve", resolve }, { "scenario.resolve_keys", resolve_keys }, { "scenario.reject", reject },
  { "scenario.builtin", builtin }, { "agents.create", create_agents },        { NULL, NULL }
};
