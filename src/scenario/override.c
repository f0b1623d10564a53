/* One field by its path: payoff.theta, n_epochs, agents[0].config.post_probability, agents.honest.count. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/yaml.h"
#include "scenario/load.h"

#define NO_ENTRY SIZE_MAX

/* The one field that is being set. */
typedef struct change {
  civ_config *config;
  const char *path;
  const civ_node *value;
  civ_origin origin;
  civ_error *err;
} change;

static civ_status fail(const change *c, civ_status code, const char *text)
{
  return civ_fail(c->err, code, c->path, "%s", text);
}

/* --- setting ------------------------------------------------------------------------------------------------------------ */

/* Whether the config still holds together; the first contradiction is the error. */
static civ_status check_whole(const change *c)
{
  civ_loading l = { .config = c->config, .file = "override", .origin = c->origin.kind };
  civ_check_config(&l);
  if (l.status == CIV_E_NOMEM)
    return fail(c, CIV_E_NOMEM, "out of memory");
  return l.status == CIV_OK ? CIV_OK : civ_fail(c->err, l.status, c->path, "%s", l.first.text);
}

/* Sets the field, and what follows from it: of agents, `entry` is whose block it is. Takes it back if the config would
 * contradict itself. */
static civ_status set_field(const change *c, civ_block *block, const civ_field *field, size_t entry)
{
  civ_complaint complaint = { 0 };
  const size_t size = block->table->size, at = (size_t)(field - block->table->fields);
  void *before = malloc(size);
  const civ_origin origin = block->origins[at];
  const bool given = block->given;
  if (!before)
    return fail(c, CIV_E_NOMEM, "out of memory");
  memcpy(before, block->values, size);
  civ_status status = civ_block_set(block, field, c->value, c->origin, &c->config->arena, &complaint);
  if (status != CIV_OK) {
    status = civ_fail(c->err, status, c->path, "%s%s%s", complaint.below, *complaint.below ? ": " : "", complaint.text);
  } else {
    block->given = true;
    if (entry != NO_ENTRY && civ_config_derive_agent(c->config, entry) != CIV_OK)
      status = fail(c, CIV_E_NOMEM, "out of memory");
    if (status == CIV_OK)
      status = check_whole(c);
  }
  if (status != CIV_OK) {
    memcpy(block->values, before, size);
    block->origins[at] = origin;
    block->given = given;
    if (entry != NO_ENTRY && civ_config_derive_agent(c->config, entry) != CIV_OK)
      status = fail(c, CIV_E_NOMEM, "out of memory");
  }
  free(before);
  return status;
}

static civ_status unknown(const change *c)
{
  char nearest[160];
  civ_schema_nearest(c->config, c->path, nearest, sizeof nearest);
  return *nearest ? civ_fail(c->err, CIV_E_KEY, c->path, "unknown key; did you mean '%s'?", nearest)
                  : fail(c, CIV_E_KEY, "unknown key; 'civitas explain' lists the known ones");
}

static civ_status set_section_field(const change *c)
{
  civ_block *block;
  const civ_field *field = civ_schema_find(c->config, c->path, &block);
  if (!field)
    return unknown(c);
  const civ_status status = set_field(c, block, field, NO_ENTRY);
  if (status == CIV_OK && strcmp(field->name, "model") == 0 && !*block->table->name &&
      civ_preset_apply(c->config) != CIV_OK)
    return fail(c, CIV_E_NOMEM, "out of memory");
  return status;
}

/* --- agents ------------------------------------------------------------------------------------------------------------- */

/* A key of one entry: one of the table, or config.KEY. */
static civ_status set_entry(const change *c, size_t k, const char *key)
{
  civ_agent_block *agent = &c->config->agents[k];
  civ_block *block = &agent->self;
  bool alias;
  if (strncmp(key, "config.", 7) == 0) {
    block = &agent->config;
    key += 7;
  }
  const civ_field *field = block->table ? civ_section_field_or_alias(block->table, key, &alias) : NULL;
  if (!field)
    return civ_fail(c->err, CIV_E_KEY, c->path,
                    "unknown key of agents of type '%.60s'; 'civitas explain agents' lists them",
                    c->config->entries[k].type);
  if (block == &agent->self && strcmp(key, "type") == 0)
    return fail(c, CIV_E_KEY, "the type of agents cannot be overridden; set the counts of two entries instead");
  return set_field(c, block, field, k);
}

/* agents[i].KEY */
static civ_status set_numbered(const change *c, const char *rest)
{
  const char *close = strchr(rest, ']');
  int64_t k;
  if (!close || close[1] != '.' || !civ_parse_integer(rest, (size_t)(close - rest), &k))
    return fail(c, CIV_E_KEY, "write agents[NUMBER].KEY, such as agents[0].count");
  if (k < 0 || (size_t)k >= c->config->n_agents)
    return civ_fail(c->err, CIV_E_KEY, c->path, "there is no entry %lld; agents has %zu entries, numbered from 0",
                    (long long)k, c->config->n_agents);
  return set_entry(c, (size_t)k, close + 2);
}

/* A new entry of a type the file does not have, with no agents yet. */
static civ_status add_entry(const change *c, const civ_agent_kind *kind)
{
  const civ_node type = civ_node_scalar(kind->name, strlen(kind->name), false), none = civ_node_scalar("0", 1, true);
  civ_complaint complaint;
  civ_agent_block *agent = civ_config_add_agent(c->config, 0);
  const size_t k = c->config->n_agents - 1;
  if (!agent ||
      civ_block_set(&agent->self, civ_section_field(agent->self.table, "type"), &type, c->origin, &c->config->arena,
                    &complaint) != CIV_OK ||
      civ_block_set(&agent->self, civ_section_field(agent->self.table, "count"), &none, c->origin, &c->config->arena,
                    &complaint) != CIV_OK ||
      civ_config_set_kind(c->config, k, kind) != CIV_OK || civ_config_derive_agent(c->config, k) != CIV_OK)
    return fail(c, CIV_E_NOMEM, "out of memory");
  return CIV_OK;
}

static size_t count_of_type(const civ_config *config, const char *type)
{
  size_t n = 0;
  for (size_t k = 0; k < config->n_agents; k++)
    n += strcmp(config->entries[k].type, type) == 0;
  return n;
}

/* agents.TYPE.KEY: all entries of the type; a count only where there is one entry, or none yet. */
static civ_status set_typed(const change *c, const char *rest)
{
  char type[64];
  const char *dot = strchr(rest, '.');
  if (!dot || (size_t)(dot - rest) >= sizeof type)
    return fail(c, CIV_E_KEY, "write agents.TYPE.KEY, such as agents.honest.count");
  memcpy(type, rest, (size_t)(dot - rest));
  type[dot - rest] = 0;
  const civ_agent_kind *kind = civ_config_kind(c->config, type);
  const bool count = strcmp(dot + 1, "count") == 0;
  const size_t n = count_of_type(c->config, type);
  if (!kind)
    return civ_fail(c->err, CIV_E_KEY, c->path, "'%s' is no type of agent; 'civitas explain agents' lists them", type);
  if (count && n > 1)
    return civ_fail(c->err, CIV_E_KEY, c->path, "%zu entries have this type; set agents[NUMBER].count of one of them",
                    n);
  if (n == 0 && !count)
    return fail(c, CIV_E_KEY, "the scenario has no agents of this type; add some with agents.TYPE.count first");
  civ_status status = n == 0 ? add_entry(c, kind) : CIV_OK;
  for (size_t k = 0; status == CIV_OK && k < c->config->n_agents; k++)
    if (strcmp(c->config->entries[k].type, type) == 0)
      status = set_entry(c, k, dot + 1);
  if (status != CIV_OK && n == 0 && count_of_type(c->config, type) == 1)
    c->config->n_agents--; /* the entry that was added for this */
  return status;
}

/* --- criteria ----------------------------------------------------------------------------------------------------------- */

static civ_status set_criterion(const change *c, const char *name)
{
  const char *nearest = NULL;
  const civ_node *v = c->value;
  if (!civ_criterion_known(name, &nearest))
    return nearest ? civ_fail(c->err, CIV_E_KEY, c->path, "unknown criterion; did you mean '%s'?", nearest)
                   : fail(c, CIV_E_KEY, "unknown criterion; 'civitas explain success_criteria' lists the known ones");
  const double bound = v->kind == CIV_NODE_INTEGER ? (double)v->integer : v->kind == CIV_NODE_REAL ? v->real : 0;
  if ((v->kind != CIV_NODE_INTEGER && v->kind != CIV_NODE_REAL) || bound - bound != 0)
    return fail(c, CIV_E_TYPE, "a bound is a finite number");
  for (size_t k = 0; k < c->config->n_criteria; k++)
    if (strcmp(c->config->criteria[k].name, name) == 0) {
      c->config->criteria[k].bound = bound;
      return CIV_OK;
    }
  return civ_config_add_criterion(c->config, name, bound, 0) == CIV_OK ? CIV_OK : fail(c, CIV_E_NOMEM, "out of memory");
}

/* --- the door ----------------------------------------------------------------------------------------------------------- */

civ_status civ_config_set(civ_config *config, const char *path, const char *value, civ_origin_kind origin,
                          civ_error *err)
{
  civ_arena arena = civ_arena_create(NULL);
  civ_node node = { .kind = CIV_NODE_NULL, .text = "" };
  civ_error problem;
  civ_status status = civ_yaml_read_value(value, &arena, &node, &problem);
  if (status != CIV_OK) {
    civ_arena_destroy(&arena);
    return civ_fail(err, status, path, "the value '%.60s': %s", value, problem.text);
  }
  const change c = { config, path, &node, { 0, (uint8_t)origin }, err };
  if (strncmp(path, "agents[", 7) == 0)
    status = set_numbered(&c, path + 7);
  else if (strncmp(path, "agents.", 7) == 0)
    status = set_typed(&c, path + 7);
  else if (strncmp(path, "success_criteria.", 17) == 0)
    status = set_criterion(&c, path + 17);
  else
    status = set_section_field(&c);
  civ_arena_destroy(&arena);
  if (status == CIV_OK)
    civ_config_link(config);
  return status;
}
