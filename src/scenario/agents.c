/* The list of agents: entries by table, the policy's own keys, and what types ask of each other. */
#include <stdio.h>
#include <string.h>

#include "base/names.h"
#include "scenario/load.h"

enum { PATH = 96, MOST_ENTRIES = 10000 };

static bool is_name(const char *text, size_t most)
{
  const size_t n = strlen(text);
  return n >= 1 && n <= most && strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.") == n;
}

/* The place of a key of this entry, of the entry where it is not written. */
static void say(civ_loading *l, civ_severity severity, civ_status code, const civ_node *node, const char *path,
                const char *key, const char *text)
{
  char where[PATH + 64];
  const civ_node *at = civ_node_member(node, key);
  snprintf(where, sizeof where, "%s%s%s", path, *key ? "." : "", key);
  civ_loading_say(l, severity, code, at ? at->line : node->line, at ? at->column : node->column, where, "%s", text);
}

/* "'worker' is no type of agent; the types are ...": lists what this program has. */
static void say_type(civ_loading *l, const civ_node *node, const char *path, const char *type)
{
  char text[420];
  civ_name_search near = civ_name_search_for(type);
  size_t n = (size_t)snprintf(text, sizeof text, "'%.60s' is no type of agent;", type);
  for (uint32_t k = 0; k < l->config->n_kinds && n < sizeof text; k++) {
    civ_name_offer(&near, l->config->kinds[k].name);
    n += (size_t)snprintf(text + n, sizeof text - n, "%s %s", k ? "," : " the types are", l->config->kinds[k].name);
  }
  if (near.best && n < sizeof text)
    snprintf(text + n, sizeof text - n, "; did you mean '%s'?", near.best);
  say(l, CIV_ERROR, CIV_E_RANGE, node, path, "type", text);
}

/* The policy's own keys. */
static void assign_config(civ_loading *l, size_t k, const civ_node *node, const char *path)
{
  char below[PATH];
  civ_agent_block *agent = &l->config->agents[k];
  const civ_node *config = civ_node_member(node, "config");
  if (!config || config->kind == CIV_NODE_NULL)
    return;
  snprintf(below, sizeof below, "agents[%zu].config", k);
  if (config->kind != CIV_NODE_MAP)
    say(l, CIV_ERROR, CIV_E_TYPE, node, path, "config", "write a mapping of the policy's own keys here");
  else if (agent->config.table)
    civ_assign_block(l, &agent->config, config, below, NULL, false);
  else if (config->n > 0)
    say(l, CIV_ERROR, CIV_E_KEY, node, path, "config", "agents of this type have no keys of their own; remove it");
}

static void check_entry(civ_loading *l, const civ_agent_values *v, const civ_node *node, const char *path)
{
  if (v->llm.json && v->type && strcmp(v->type, "llm") != 0)
    say(l, CIV_ERROR, CIV_E_KEY, node, path, "llm",
        "only agents of type llm have a language model; set type: llm or remove it");
  const civ_node *key = civ_node_member(civ_node_member(node, "llm"), "api_key");
  if (key && key->kind == CIV_NODE_TEXT)
    civ_loading_say(l, CIV_WARNING, CIV_OK, key->line, key->column, "llm.api_key",
                    "keys do not belong into files; use the environment variable ANTHROPIC_API_KEY or OPENAI_API_KEY");
  if (v->id_prefix && !is_name(v->id_prefix, 64))
    say(l, CIV_ERROR, CIV_E_RANGE, node, path, "id_prefix", "a prefix is 1 to 64 letters, digits, _ - or .");
  if (civ_node_member(node, "role") && v->roles.n > 0)
    say(l, CIV_WARNING, CIV_OK, node, path, "role", "'role' and 'roles' are both given; 'roles' counts");
}

static bool assign_agent(civ_loading *l, size_t k, const civ_node *node)
{
  static const char *const others[] = { "config", NULL };
  char path[PATH];
  snprintf(path, sizeof path, "agents[%zu]", k);
  civ_agent_block *agent = civ_config_add_agent(l->config, node->line);
  if (!agent)
    return civ_loading_no_memory(l);
  if (node->kind != CIV_NODE_MAP) {
    civ_loading_say(l, CIV_ERROR, CIV_E_TYPE, node->line, node->column, path,
                    "an entry is a mapping, such as {type: honest, count: 3}");
    return true;
  }
  civ_assign_block(l, &agent->self, node, path, others, false);
  agent->self.given = true;
  const civ_agent_values *v = agent->self.values;
  const civ_agent_kind *kind = civ_config_kind(l->config, v->type ? v->type : "");
  check_entry(l, v, node, path);
  if (!kind) {
    say_type(l, node, path, v->type ? v->type : "null");
    return true;
  }
  if (civ_config_set_kind(l->config, k, kind) != CIV_OK)
    return civ_loading_no_memory(l);
  assign_config(l, k, node, path);
  if (civ_config_derive_agent(l->config, k) != CIV_OK)
    return civ_loading_no_memory(l);
  return true;
}

void civ_assign_agents(civ_loading *l, const civ_node *node)
{
  if (!node || node->kind == CIV_NODE_NULL)
    return;
  if (node->kind != CIV_NODE_LIST) {
    civ_loading_say(l, CIV_ERROR, CIV_E_TYPE, node->line, node->column, "agents",
                    "write a list of entries, such as [{type: honest, count: 3}]");
    return;
  }
  if (node->n > MOST_ENTRIES) {
    civ_loading_say(l, CIV_ERROR, CIV_E_LIMIT, node->line, node->column, "agents",
                    "%u entries are more than 10000; use count for agents that are alike", node->n);
    return;
  }
  for (uint32_t k = 0; k < node->n; k++)
    if (!assign_agent(l, k, &node->items[k]))
      return;
}
