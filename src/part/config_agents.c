/* The agents of a config: entries as written, entries as the loop reads them, and the names of everybody. */
#include "part/config_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

civ_agent_block *civ_config_add_agent(civ_config *config, uint32_t line)
{
  const size_t k = config->n_agents;
  const civ_allocator *a = config->arena.allocator;
  if (civ_grow(a, (void **)&config->entries, &config->entries_capacity, k + 1, sizeof *config->entries) != CIV_OK ||
      civ_grow(a, (void **)&config->agents, &config->agents_capacity, k + 1, sizeof *config->agents) != CIV_OK)
    return NULL;
  memset(&config->agents[k], 0, sizeof config->agents[k]);
  config->entries[k] = (civ_agent_entry){ .line = line };
  if (civ_block_init(&config->agents[k].self, config->agent_table, &config->arena) != CIV_OK)
    return NULL;
  config->agents[k].self.line = line;
  config->n_agents++;
  return &config->agents[k];
}

civ_status civ_config_set_kind(civ_config *config, size_t k, const civ_agent_kind *kind)
{
  civ_agent_block *agent = &config->agents[k];
  config->entries[k].policy = kind->policy;
  if (agent->config.table == kind->config)
    return CIV_OK;
  agent->config = (civ_block){ 0 };
  return kind->config ? civ_block_init(&agent->config, kind->config, &config->arena) : CIV_OK;
}

static uint8_t role_number(const char *name)
{
  uint8_t role = 0;
  while (civ_role_names[role] && strcmp(civ_role_names[role], name) != 0)
    role++;
  return role;
}

static void derive_roles(civ_agent_entry *entry, const civ_agent_values *v)
{
  entry->roles = 0;
  entry->n_roles = 0;
  if (v->roles.n == 0)
    entry->role_order[entry->n_roles++] = (uint8_t)v->role;
  for (uint32_t i = 0; i < v->roles.n && entry->n_roles < CIV_ROLES; i++)
    entry->role_order[entry->n_roles++] = role_number(v->roles.items[i]);
  for (uint8_t i = 0; i < entry->n_roles; i++)
    entry->roles |= 1u << entry->role_order[i];
}

/* What the identity world will read: only what was said. */
static bool derive_identity(civ_config *config, civ_agent_entry *entry, const civ_agent_values *v)
{
  civ_buffer b = { 0 };
  entry->identity = (civ_tree){ NULL, 0 };
  if (!v->entity && !v->proof_of_personhood && !v->puppets)
    return true;
  civ_buffer_text(&b, "{");
  if (v->entity) {
    civ_buffer_text(&b, "\"entity\": ");
    civ_buffer_json_text(&b, v->entity, strlen(v->entity));
  }
  if (v->proof_of_personhood)
    civ_buffer_format(&b, "%s\"proof_of_personhood\": %s", b.length > 1 ? ", " : "",
                      v->proof_of_personhood == 1 ? "true" : "false");
  if (v->puppets)
    civ_buffer_format(&b, "%s\"puppets\": %lld", b.length > 1 ? ", " : "", (long long)v->puppets);
  civ_buffer_text(&b, "}");
  const char *json = b.failed ? NULL : civ_arena_text(&config->arena, b.data, b.length);
  civ_buffer_free(&b);
  entry->identity = (civ_tree){ json, entry->line };
  return json != NULL;
}

civ_status civ_config_derive_agent(civ_config *config, size_t k)
{
  const civ_agent_block *agent = &config->agents[k];
  const civ_agent_values *v = agent->self.values;
  civ_agent_entry *entry = &config->entries[k];
  entry->type = v->type;
  entry->count = (uint32_t)v->count;
  entry->id_prefix = v->id_prefix;
  entry->capabilities = v->capabilities;
  entry->initial_reputation = v->initial_reputation;
  entry->initial_resources = v->initial_resources;
  entry->policy_config = agent->config.table ? agent->config.values : NULL;
  entry->llm = v->llm;
  derive_roles(entry, v);
  return derive_identity(config, entry, v) ? CIV_OK : CIV_E_NOMEM;
}

/* --- names ----------------------------------------------------------------------------------------------------------- */

static const char *prefix_of(const civ_agent_entry *e)
{
  return e->id_prefix ? e->id_prefix : e->type;
}

static int compare_groups(const void *a, const void *b)
{
  const civ_agent_entry *const *x = a, *const *y = b;
  int c = strcmp(prefix_of(*x), prefix_of(*y));
  if (c == 0)
    c = strcmp((*x)->type, (*y)->type);
  return c ? c : (*x > *y) - (*x < *y); /* entries of one array: file order */
}

/* Number before the first agent of every entry. Entries of one type and prefix count on; a name is its prefix and a
 * number, so two types with one prefix would meet. */
static civ_status number_groups(const civ_config *config, const civ_agent_entry **sorted, uint64_t *first,
                                civ_error *err)
{
  const size_t n = config->n_agents;
  for (size_t k = 0; k < n; k++)
    sorted[k] = &config->entries[k];
  qsort(sorted, n, sizeof *sorted, compare_groups);
  const civ_agent_entry *before = NULL; /* the last one with agents */
  uint64_t count = 0;
  for (size_t k = 0; k < n; k++) {
    const civ_agent_entry *e = sorted[k];
    if (e->count == 0)
      continue;
    const bool same_prefix = before && strcmp(prefix_of(before), prefix_of(e)) == 0;
    const bool same_group = same_prefix && strcmp(before->type, e->type) == 0;
    if (same_prefix && !same_group) {
      const civ_agent_entry *later = e > before ? e : before, *earlier = e > before ? before : e;
      char where[64];
      snprintf(where, sizeof where, "agents[%zu].id_prefix", (size_t)(later - config->entries));
      return civ_fail(err, CIV_E_KEY, where,
                      "the name '%.80s_1' would be given twice (also by agents[%zu]); choose another id_prefix",
                      prefix_of(later), (size_t)(earlier - config->entries));
    }
    count = same_group ? count : 0;
    first[e - config->entries] = count;
    count += e->count;
    before = e;
  }
  return CIV_OK;
}

static char **write_names(const civ_config *config, const uint64_t *first, uint64_t total)
{
  enum { DIGITS = 12 };
  size_t bytes = 0;
  for (size_t k = 0; k < config->n_agents; k++)
    bytes += config->entries[k].count * (strlen(prefix_of(&config->entries[k])) + DIGITS);
  char **names = malloc(total * sizeof *names + bytes + 1);
  if (!names)
    return NULL;
  char *text = (char *)(names + total);
  size_t i = 0;
  for (size_t k = 0; k < config->n_agents; k++) {
    const civ_agent_entry *e = &config->entries[k];
    const size_t length = strlen(prefix_of(e));
    for (uint32_t j = 0; j < e->count; j++) {
      names[i++] = text;
      memcpy(text, prefix_of(e), length);
      text += length;
      text += snprintf(text, DIGITS, "_%u", (unsigned)(first[k] + j + 1)) + 1;
    }
  }
  return names;
}

/* number_groups with its memory; *first is the caller's to free. */
static civ_status number_agents(const civ_config *config, uint64_t **first, civ_error *err)
{
  const civ_agent_entry **sorted = malloc((config->n_agents + 1) * sizeof *sorted);
  *first = calloc(config->n_agents + 1, sizeof **first);
  const civ_status status = sorted && *first ? number_groups(config, sorted, *first, err)
                                             : civ_fail(err, CIV_E_NOMEM, "agents", "out of memory");
  free(sorted);
  return status;
}

civ_status civ_config_check_names(const civ_config *config, civ_error *err)
{
  uint64_t *first;
  const civ_status status = number_agents(config, &first, err);
  free(first);
  return status;
}

civ_status civ_config_agent_names(const civ_config *config, char ***names, uint32_t *n, civ_error *err)
{
  uint64_t total = 0, *first;
  for (size_t k = 0; k < config->n_agents; k++)
    total += config->entries[k].count;
  if (total > INT32_MAX)
    return civ_fail(err, CIV_E_LIMIT, "agents", "%llu agents are more than 2147483647", (unsigned long long)total);
  const civ_status status = number_agents(config, &first, err);
  char **made = status == CIV_OK ? write_names(config, first, total) : NULL;
  free(first);
  if (status != CIV_OK)
    return status;
  if (!made)
    return civ_fail(err, CIV_E_NOMEM, "agents", "out of memory for the names of %llu agents",
                    (unsigned long long)total);
  *names = made;
  *n = (uint32_t)total;
  return CIV_OK;
}
