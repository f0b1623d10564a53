#include "part/config_store.h"

#include <assert.h>
#include <string.h>

/* --- blocks ---------------------------------------------------------------------------------------------------------- */

civ_status civ_block_init(civ_block *block, const civ_section *table, civ_arena *arena)
{
  *block = (civ_block){ .table = table };
  block->values = civ_arena_take(arena, 1, table->size);
  block->origins = civ_arena_take(arena, table->n_fields, sizeof *block->origins);
  if (!block->values || !block->origins)
    return CIV_E_NOMEM;
  return civ_section_set_defaults(table, block->values, arena);
}

civ_status civ_block_set(civ_block *block, const civ_field *field, const civ_node *node, civ_origin origin,
                         civ_arena *arena, civ_complaint *complaint)
{
  const civ_status status = civ_field_set(field, block->values, node, arena, complaint);
  if (status == CIV_OK)
    block->origins[field - block->table->fields] = origin;
  return status;
}

bool civ_block_copy(civ_block *to, const civ_block *from, civ_arena *arena)
{
  *to = *from;
  if (!from->table)
    return true;
  to->values = civ_arena_take(arena, 1, from->table->size);
  to->origins = civ_arena_take(arena, from->table->n_fields, sizeof *to->origins);
  if (!to->values || !to->origins)
    return false;
  memcpy(to->origins, from->origins, from->table->n_fields * sizeof *to->origins);
  for (uint32_t k = 0; k < from->table->n_fields; k++)
    if (!civ_field_copy(&from->table->fields[k], to->values, from->values, arena))
      return false;
  return true;
}

/* --- making ---------------------------------------------------------------------------------------------------------- */

static civ_config *make_empty(const civ_registry *registry, const civ_allocator *allocator)
{
  const civ_allocator *a = allocator ? allocator : &civ_allocator_malloc;
  civ_config *config = civ_zeroed(a, 1, sizeof *config);
  if (config) {
    config->registry = registry;
    config->arena = civ_arena_create(a);
  }
  return config;
}

static bool copy_kinds(civ_config *config, const civ_agent_kind *kinds, uint32_t n)
{
  config->kinds = civ_arena_take(&config->arena, n, sizeof *kinds);
  if (!config->kinds)
    return false;
  for (uint32_t k = 0; k < n; k++)
    config->kinds[k] = kinds[k];
  config->n_kinds = n;
  return true;
}

static bool fill(civ_config *config, const civ_schema *schema)
{
  config->agent_table = schema->agent;
  config->blocks = civ_arena_take(&config->arena, schema->n_sections, sizeof *config->blocks);
  if (!config->blocks || !copy_kinds(config, schema->kinds, schema->n_kinds))
    return false;
  for (uint32_t k = 0; k < schema->n_sections; k++) {
    if (civ_block_init(&config->blocks[k], schema->sections[k], &config->arena) != CIV_OK)
      return false;
    config->n_blocks++;
  }
  return true;
}

civ_status civ_config_build(const civ_registry *registry, const civ_schema *schema, const civ_allocator *allocator,
                            civ_config **out, civ_error *err)
{
  civ_config *config = make_empty(registry, allocator);
  if (!config || !fill(config, schema)) {
    civ_config_destroy(config);
    return civ_fail(err, CIV_E_NOMEM, "config", "out of memory");
  }
  *out = config;
  return CIV_OK;
}

void civ_config_destroy(civ_config *config)
{
  if (!config)
    return;
  const civ_allocator *a = config->arena.allocator;
  civ_drop(a, (void **)&config->entries, &config->entries_capacity, sizeof *config->entries);
  civ_drop(a, (void **)&config->agents, &config->agents_capacity, sizeof *config->agents);
  civ_drop(a, (void **)&config->criteria, &config->criteria_capacity, sizeof *config->criteria);
  civ_arena_destroy(&config->arena);
  civ_release(a, config, sizeof *config);
}

static bool copy_agents(civ_config *to, const civ_config *from)
{
  for (size_t k = 0; k < from->n_agents; k++) {
    civ_agent_block *agent = civ_config_add_agent(to, from->entries[k].line);
    if (!agent || !civ_block_copy(&agent->self, &from->agents[k].self, &to->arena) ||
        !civ_block_copy(&agent->config, &from->agents[k].config, &to->arena))
      return false;
    to->entries[k].policy = from->entries[k].policy;
    if (civ_config_derive_agent(to, k) != CIV_OK)
      return false;
  }
  return true;
}

static bool copy_into(civ_config *to, const civ_config *from)
{
  to->agent_table = from->agent_table;
  to->blocks = civ_arena_take(&to->arena, from->n_blocks, sizeof *to->blocks);
  if (!to->blocks || !copy_kinds(to, from->kinds, from->n_kinds))
    return false;
  for (uint32_t k = 0; k < from->n_blocks; k++) {
    if (!civ_block_copy(&to->blocks[k], &from->blocks[k], &to->arena))
      return false;
    to->n_blocks++;
  }
  for (size_t k = 0; k < from->n_criteria; k++)
    if (civ_config_add_criterion(to, from->criteria[k].name, from->criteria[k].bound, from->criteria[k].line) != CIV_OK)
      return false;
  return copy_agents(to, from);
}

civ_status civ_config_copy(const civ_config *config, civ_config **out, civ_error *err)
{
  civ_config *copy = make_empty(config->registry, config->arena.allocator);
  if (!copy || !copy_into(copy, config)) {
    civ_config_destroy(copy);
    return civ_fail(err, CIV_E_NOMEM, "config", "out of memory");
  }
  *out = copy;
  return CIV_OK;
}

/* --- asking ---------------------------------------------------------------------------------------------------------- */

const civ_registry *civ_config_registry(const civ_config *config)
{
  return config->registry;
}

civ_block *civ_config_block(const civ_config *config, const char *name)
{
  if (strcmp(name, "scenario") == 0)
    name = ""; /* the top level has no name in a file; programs may call it this */
  for (uint32_t k = 0; k < config->n_blocks; k++)
    if (strcmp(config->blocks[k].table->name, name) == 0)
      return &config->blocks[k];
  return NULL;
}

const void *civ_config_section(const civ_config *config, const char *name)
{
  const civ_block *block = civ_config_block(config, name);
  return block ? block->values : NULL;
}

bool civ_config_given(const civ_config *config, const char *name)
{
  const civ_block *block = civ_config_block(config, name);
  return block && block->given;
}

const civ_section *civ_config_section_at(const civ_config *config, uint32_t k)
{
  return k < config->n_blocks ? config->blocks[k].table : NULL;
}

civ_origin civ_config_origin(const civ_config *config, const civ_section *section, const civ_field *field)
{
  const civ_block *block = civ_config_block(config, section->name);
  assert(block && field >= section->fields && field < section->fields + section->n_fields);
  return block->origins[field - section->fields];
}

const civ_agent_entry *civ_config_agents(const civ_config *config, uint32_t *n)
{
  *n = (uint32_t)config->n_agents;
  return config->entries;
}

const civ_criterion *civ_config_criteria(const civ_config *config, uint32_t *n)
{
  *n = (uint32_t)config->n_criteria;
  return config->criteria;
}

const civ_agent_kind *civ_config_kind(const civ_config *config, const char *name)
{
  for (uint32_t k = 0; k < config->n_kinds; k++)
    if (strcmp(config->kinds[k].name, name) == 0)
      return &config->kinds[k];
  return NULL;
}

/* --- changing -------------------------------------------------------------------------------------------------------- */

civ_status civ_config_set_seed(civ_config *config, uint64_t seed, civ_error *err)
{
  civ_block *block = civ_config_block(config, "simulation");
  const civ_field *field = civ_section_field(block->table, "seed");
  if (seed > INT64_MAX)
    return civ_fail(err, CIV_E_RANGE, "simulation.seed", "%llu is outside [0, 9223372036854775807]",
                    (unsigned long long)seed);
  ((civ_simulation_config *)block->values)->seed = (civ_opt_integer){ true, (int64_t)seed };
  block->origins[field - block->table->fields] = (civ_origin){ 0, CIV_ORIGIN_OVERRIDE };
  block->given = true;
  return CIV_OK;
}

civ_status civ_config_add_criterion(civ_config *config, const char *name, double bound, uint32_t line)
{
  const char *text = civ_arena_text(&config->arena, name, strlen(name));
  if (!text || civ_grow(config->arena.allocator, (void **)&config->criteria, &config->criteria_capacity,
                        config->n_criteria + 1, sizeof *config->criteria) != CIV_OK)
    return CIV_E_NOMEM;
  config->criteria[config->n_criteria++] = (civ_criterion){ text, bound, line };
  return CIV_OK;
}
