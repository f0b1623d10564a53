/* A config as canonical JSON: fields in table order, sections nested by their dotted names, then agents and criteria. */
#include "part/config_store.h"

#include <string.h>

#include "base/digest.h"

static void write_key(civ_buffer *out, bool *first, const char *name)
{
  civ_buffer_text(out, *first ? "" : ", ");
  *first = false;
  civ_buffer_json_text(out, name, strlen(name));
  civ_buffer_text(out, ": ");
}

static void write_fields(civ_buffer *out, bool *first, const civ_block *block)
{
  for (uint32_t k = 0; k < block->table->n_fields; k++) {
    const civ_field *field = &block->table->fields[k];
    if (field->flags & CIV_FIELD_SECRET)
      continue;
    write_key(out, first, field->name);
    civ_field_json(out, field, block->values);
  }
}

const char *civ_config_name_below(const char *name, const char *parent)
{
  const size_t n = strlen(parent);
  if (n > 0 && (strncmp(name, parent, n) != 0 || name[n] != '.'))
    return NULL;
  const char *last = n > 0 ? name + n + 1 : name;
  return *last && !strchr(last, '.') ? last : NULL;
}

static void write_block(civ_buffer *out, const civ_config *config, const civ_block *block)
{
  bool first = true;
  if (block->table->absent_is_off && !block->given) {
    civ_buffer_text(out, "null");
    return;
  }
  civ_buffer_text(out, "{");
  write_fields(out, &first, block);
  for (uint32_t k = 0; k < config->n_blocks; k++) {
    const char *name = civ_config_name_below(config->blocks[k].table->name, block->table->name);
    if (name) {
      write_key(out, &first, name);
      write_block(out, config, &config->blocks[k]);
    }
  }
  civ_buffer_text(out, "}");
}

static void write_agents(civ_buffer *out, const civ_config *config)
{
  civ_buffer_text(out, "[");
  for (size_t k = 0; k < config->n_agents; k++) {
    const civ_agent_block *agent = &config->agents[k];
    bool first = true;
    civ_buffer_text(out, k ? ", {" : "{");
    write_fields(out, &first, &agent->self);
    if (agent->config.table) {
      write_key(out, &first, "config");
      civ_buffer_text(out, "{");
      bool first_below = true;
      write_fields(out, &first_below, &agent->config);
      civ_buffer_text(out, "}");
    }
    civ_buffer_text(out, "}");
  }
  civ_buffer_text(out, "]");
}

static void write_criteria(civ_buffer *out, const civ_config *config)
{
  bool first = true;
  civ_buffer_text(out, "{");
  for (size_t k = 0; k < config->n_criteria; k++) {
    write_key(out, &first, config->criteria[k].name);
    civ_buffer_real(out, config->criteria[k].bound);
  }
  civ_buffer_text(out, "}");
}

/* The whole config, or only what decides a run: where its outputs go does not. */
static civ_status write_config(const civ_config *config, bool with_outputs, char **out, size_t *length, civ_error *err)
{
  civ_buffer b = { 0 };
  bool first = true;
  civ_buffer_text(&b, "{");
  const civ_block *top = civ_config_block(config, "");
  if (top)
    write_fields(&b, &first, top);
  for (uint32_t k = 0; k < config->n_blocks; k++) {
    const char *name = civ_config_name_below(config->blocks[k].table->name, "");
    if (name && (with_outputs || strcmp(name, "outputs") != 0)) {
      write_key(&b, &first, name);
      write_block(&b, config, &config->blocks[k]);
    }
  }
  write_key(&b, &first, "agents");
  write_agents(&b, config);
  write_key(&b, &first, "success_criteria");
  write_criteria(&b, config);
  civ_buffer_text(&b, "}");
  char *text = civ_buffer_take(&b, length);
  if (!text)
    return civ_fail(err, CIV_E_NOMEM, "config", "out of memory");
  *out = text;
  return CIV_OK;
}

civ_status civ_config_json(const civ_config *config, char **out, size_t *length, civ_error *err)
{
  return write_config(config, true, out, length, err);
}

civ_status civ_config_run_json(const civ_config *config, char **out, size_t *length, civ_error *err)
{
  return write_config(config, false, out, length, err);
}

civ_status civ_config_sha256(const civ_config *config, char out[65], civ_error *err)
{
  char *text;
  size_t length;
  const civ_status status = civ_config_run_json(config, &text, &length, err);
  if (status != CIV_OK)
    return status;
  civ_sha256_hex(text, length, out);
  civ_free(text);
  return CIV_OK;
}
