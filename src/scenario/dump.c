/* A config as YAML that reads back to it, each key with its origin. */
#include <stdio.h>
#include <string.h>

#include "civitas/scenario.h"
#include "part/config_store.h"
#include "scenario/origin.h"

void civ_origin_text(const civ_config *config, civ_origin origin, char *out, size_t size)
{
  const civ_scenario_config *top = civ_config_section(config, "");
  switch ((civ_origin_kind)origin.kind) {
  case CIV_ORIGIN_DEFAULT:
    snprintf(out, size, "default");
    break;
  case CIV_ORIGIN_PRESET:
    snprintf(out, size, "preset %s", top->model == 1 ? "causal" : "reference");
    break;
  case CIV_ORIGIN_FILE:
    snprintf(out, size, "file:%u", origin.line);
    break;
  case CIV_ORIGIN_OVERRIDE:
    snprintf(out, size, "override");
  }
}

static void indent(civ_buffer *out, int depth)
{
  for (int k = 0; k < depth; k++)
    civ_buffer_text(out, "  ");
}

/* `dash`: the first line of a list item. */
static void write_fields(civ_buffer *out, const civ_config *config, const civ_block *block, int depth, bool dash)
{
  char origin[48];
  for (uint32_t k = 0; k < block->table->n_fields; k++) {
    const civ_field *field = &block->table->fields[k];
    if (field->flags & CIV_FIELD_SECRET)
      continue;
    indent(out, dash ? depth - 1 : depth);
    civ_buffer_format(out, "%s%s: ", dash ? "- " : "", field->name);
    dash = false;
    civ_field_yaml(out, field, block->values);
    civ_origin_text(config, block->origins[k], origin, sizeof origin);
    civ_buffer_format(out, "  # %s\n", origin);
  }
}

static void write_section(civ_buffer *out, const civ_config *config, const civ_block *block, const char *name,
                          int depth)
{
  indent(out, depth);
  if (block->table->absent_is_off && !block->given) {
    civ_buffer_format(out, "%s: null  # default\n", name);
    return;
  }
  civ_buffer_format(out, "%s:\n", name);
  write_fields(out, config, block, depth + 1, false);
  for (uint32_t k = 0; k < config->n_blocks; k++) {
    const char *below = civ_config_name_below(config->blocks[k].table->name, block->table->name);
    if (below)
      write_section(out, config, &config->blocks[k], below, depth + 1);
  }
}

static void write_agents(civ_buffer *out, const civ_config *config)
{
  civ_buffer_text(out, config->n_agents ? "agents:\n" : "agents: []\n");
  for (size_t k = 0; k < config->n_agents; k++) {
    write_fields(out, config, &config->agents[k].self, 2, true);
    if (config->agents[k].config.table) {
      civ_buffer_text(out, "    config:\n");
      write_fields(out, config, &config->agents[k].config, 3, false);
    }
  }
}

static void write_criteria(civ_buffer *out, const civ_config *config)
{
  civ_buffer_text(out, config->n_criteria ? "success_criteria:\n" : "success_criteria: {}\n");
  for (size_t k = 0; k < config->n_criteria; k++) {
    const civ_criterion *c = &config->criteria[k];
    civ_buffer_format(out, "  %s: ", c->name);
    civ_buffer_real(out, c->bound);
    if (c->line)
      civ_buffer_format(out, "  # file:%u\n", c->line);
    else
      civ_buffer_text(out, "  # override\n");
  }
}

civ_status civ_config_dump(const civ_config *config, char **out, size_t *length, civ_error *err)
{
  civ_buffer b = { 0 };
  write_fields(&b, config, civ_config_block(config, ""), 0, false);
  for (uint32_t k = 0; k < config->n_blocks; k++) {
    const char *name = civ_config_name_below(config->blocks[k].table->name, "");
    if (name)
      write_section(&b, config, &config->blocks[k], name, 0);
  }
  write_agents(&b, config);
  write_criteria(&b, config);
  char *text = civ_buffer_take(&b, length);
  if (!text)
    return civ_fail(err, CIV_E_NOMEM, "config", "out of memory");
  *out = text;
  return CIV_OK;
}
