/* Refusing what a config switches on and this program does not have. */
#include <stdio.h>
#include <string.h>

#include "scenario/load.h"

static civ_status refuse(civ_error *err, const char *file, uint32_t line, const char *key, const char *what)
{
  char where[192];
  if (line)
    snprintf(where, sizeof where, "%s:%u", file, line);
  else
    snprintf(where, sizeof where, "%s", file);
  return civ_fail(err, CIV_E_UNBUILT, where, "%s: %s", key, what);
}

/* Present, not empty, and not `enabled: false`. */
static bool is_on(const civ_block *block)
{
  bool enabled = true;
  const civ_field *field = civ_section_field(block->table, "enabled");
  if (!block->given)
    return false;
  if (field && field->kind == CIV_FIELD_BOOLEAN)
    memcpy(&enabled, (const char *)block->values + field->offset, sizeof enabled);
  return enabled;
}

/* A switch that is not at its default and whose part is not there. */
static civ_status check_switches(const civ_registry *registry, const civ_block *block, const char *path,
                                 const char *file, civ_error *err)
{
  char key[192], text[320];
  for (uint32_t k = 0; k < block->table->n_fields; k++) {
    const civ_field *field = &block->table->fields[k];
    if (!(field->flags & CIV_FIELD_SWITCH) || block->origins[k].kind == CIV_ORIGIN_DEFAULT ||
        civ_schema_is_built(registry, field->needs) || civ_field_is_default(field, block->values))
      continue;
    civ_buffer value = { 0 };
    civ_field_yaml(&value, field, block->values);
    snprintf(key, sizeof key, "%s%s%s", path, *path ? "." : "", field->name);
    snprintf(text, sizeof text, "%.*s switches on '%s', which is not available in this version; remove it",
             (int)(value.length < 80 ? value.length : 80), value.data ? value.data : "", field->needs);
    civ_buffer_free(&value);
    if (strcmp(key, "model") == 0)
      snprintf(text, sizeof text, "causal is not available in this version");
    return refuse(err, file, block->origins[k].line, key, text);
  }
  return CIV_OK;
}

static civ_status check_block(const civ_config *config, const civ_block *block, const char *file, civ_error *err)
{
  char text[160];
  if (block->table->absent_is_off && !is_on(block))
    return CIV_OK;
  if (block->table->part && !civ_schema_is_built(config->registry, block->table->part)) {
    snprintf(text, sizeof text,
             "this section is switched on, but '%s' is not available in this version; remove it or set enabled: false",
             block->table->part);
    return refuse(err, file, block->line, block->table->name, text);
  }
  return check_switches(config->registry, block, block->table->name, file, err);
}

static civ_status check_agent(const civ_config *config, size_t k, const char *file, civ_error *err)
{
  char path[64], key[80], text[160];
  const civ_agent_entry *entry = &config->entries[k];
  snprintf(path, sizeof path, "agents[%zu]", k);
  if (entry->count == 0)
    return CIV_OK;
  if (!entry->policy) {
    snprintf(key, sizeof key, "%s.type", path);
    snprintf(text, sizeof text, "agents of type '%.60s' are not available in this version; remove the entry",
             entry->type);
    return refuse(err, file, entry->line, key, text);
  }
  return check_switches(config->registry, &config->agents[k].self, path, file, err);
}

civ_status civ_config_check_built(const civ_config *config, const char *file, civ_error *err)
{
  const char *name = file ? file : "config";
  civ_status status = CIV_OK;
  for (uint32_t k = 0; status == CIV_OK && k < config->n_blocks; k++)
    status = check_block(config, &config->blocks[k], name, err);
  for (size_t k = 0; status == CIV_OK && k < config->n_agents; k++)
    status = check_agent(config, k, name, err);
  return status;
}
