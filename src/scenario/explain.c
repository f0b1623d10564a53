/* What a path of the schema means, from the tables. */
#include <stdio.h>
#include <string.h>

#include "base/names.h"
#include "civitas/scenario.h"
#include "scenario/columns.h"
#include "scenario/origin.h"
#include "scenario/preset.h"
#include "scenario/schema.h"

enum { LABEL = 10, NAME = 34 };

/* --- one field ---------------------------------------------------------------------------------------------------------- */

static void add_label(civ_buffer *out, const char *label)
{
  civ_buffer_format(out, "  %-*s", LABEL, label);
}

static void add_line(civ_buffer *out, const char *label, const char *text)
{
  if (text && *text) {
    add_label(out, label);
    civ_buffer_format(out, "%s\n", text);
  }
}

/* The default as it is written; what a table says as null reads better with what null means, which stands in the doc. */
static void add_value(civ_buffer *out, const civ_config *config, const civ_block *block, const civ_field *field)
{
  char origin[48];
  civ_origin_text(config, block->origins[field - block->table->fields], origin, sizeof origin);
  add_label(out, "value");
  civ_field_yaml(out, field, block->values);
  civ_buffer_format(out, "  (%s)\n", origin);
}

static void explain_field(civ_buffer *out, const civ_config *config, const civ_block *block, const civ_field *field,
                          const char *path, bool values)
{
  civ_buffer range = { 0 };
  civ_buffer_format(out, "%s\n  ", path);
  civ_field_sentence(out, field);
  civ_buffer_text(out, "\n");
  add_label(out, "type");
  civ_field_type(out, field);
  civ_buffer_text(out, "\n");
  civ_field_range(&range, field);
  civ_buffer_add(&range, "", 1);
  add_line(out, "range", range.failed ? "" : range.data);
  civ_buffer_free(&range);
  add_line(out, "default", field->fallback);
  add_line(out, "unit", field->unit);
  add_line(out, "also", field->also);
  if (field->flags & CIV_FIELD_NO_EFFECT)
    add_line(out, "note", "known, but nothing reads it");
  if ((field->flags & CIV_FIELD_SWITCH) && field->needs && *field->needs) {
    add_label(out, "needs");
    civ_buffer_format(out, "%s%s\n", field->needs,
                      civ_schema_is_built(config->registry, field->needs) ? ""
                                                                          : ", which is not available in this version");
  }
  if (values && block && block->values)
    add_value(out, config, block, field);
}

/* --- lists of fields ---------------------------------------------------------------------------------------------------- */

static void list_fields(civ_buffer *out, const civ_section *table, const civ_config *config, const civ_block *block)
{
  char origin[48];
  for (uint32_t k = 0; k < table->n_fields; k++) {
    const civ_field *field = &table->fields[k];
    civ_buffer value = { 0 };
    if (block) {
      civ_field_yaml(&value, field, block->values);
      civ_origin_text(config, block->origins[k], origin, sizeof origin);
      civ_buffer_format(&value, "  (%s)", origin);
    } else {
      civ_buffer_text(&value, field->fallback);
    }
    civ_buffer_add(&value, "", 1);
    const char *shown = value.failed ? "" : value.data;
    civ_buffer_format(out, "  %-*s %s\n  %-*s   ", NAME, field->name, shown, NAME, "");
    civ_field_sentence(out, field);
    civ_buffer_text(out, "\n");
    civ_buffer_free(&value);
  }
}

static void explain_section(civ_buffer *out, const civ_config *config, const civ_block *block, bool values)
{
  const civ_section *s = block->table;
  const size_t n = strlen(s->name);
  civ_buffer_format(out, "%s\n  %s\n", s->name, s->doc);
  if (s->absent_is_off)
    civ_buffer_text(out, "  Without the section it is off.\n");
  if (s->part && !civ_schema_is_built(config->registry, s->part))
    civ_buffer_format(out, "  Needs %s, which is not available in this version.\n", s->part);
  if (values && s->absent_is_off && !block->given)
    civ_buffer_text(out, "  This config does not have it.\n");
  civ_buffer_format(out, "\n  %-*s %s\n", NAME, "key", values ? "value" : "default");
  list_fields(out, s, config, values ? block : NULL);
  for (uint32_t k = 0; k < config->n_blocks; k++) {
    const civ_section *below = config->blocks[k].table;
    if (strncmp(below->name, s->name, n) == 0 && below->name[n] == '.')
      civ_buffer_format(out, "\n  %s\n    %s\n", below->name, below->doc);
  }
}

static void explain_agents(civ_buffer *out, const civ_config *config)
{
  civ_buffer_format(out, "agents\n  %s\n\n", config->agent_table->doc);
  list_fields(out, config->agent_table, config, NULL);
  civ_buffer_text(out, "\n  types (civitas explain agents.TYPE shows the keys of `config`)\n");
  for (uint32_t k = 0; k < config->n_kinds; k++)
    civ_buffer_format(out, "  %-*s %s\n", NAME, config->kinds[k].name,
                      config->kinds[k].policy ? config->kinds[k].policy->doc : "not available in this version");
}

static void explain_kind(civ_buffer *out, const civ_config *config, const civ_agent_kind *kind)
{
  civ_buffer_format(out, "agents.%s\n  %s\n\n", kind->name,
                    kind->policy ? kind->policy->doc : "not available in this version");
  if (kind->config) {
    civ_buffer_text(out, "  keys of `config`\n");
    list_fields(out, kind->config, config, NULL);
  } else {
    civ_buffer_text(out, "  no keys of its own\n");
  }
}

static void explain_criteria(civ_buffer *out)
{
  civ_buffer_text(out, "success_criteria\n  Bounds that a run is judged by when it is over; each is a number.\n\n");
  for (const civ_criterion_doc *c = civ_criterion_docs(); c->name; c++)
    civ_buffer_format(out, "  %-*s %s\n", NAME, c->name, c->doc);
  civ_buffer_format(out, "  %-*s %s\n", NAME, "max_final_COLUMN, min_final_COLUMN", "value of the last epoch");
  civ_buffer_format(out, "  %-*s %s\n", NAME, "max_mean_COLUMN, min_mean_COLUMN", "mean over the epochs");
  civ_buffer_text(out, "\n  columns:");
  for (const char *const *c = civ_column_names(); *c; c++)
    civ_buffer_format(out, " %s", *c);
  civ_buffer_text(out, "\n");
}

static void explain_everything(civ_buffer *out, const civ_config *config)
{
  civ_buffer_text(out, "keys of the top level\n");
  list_fields(out, civ_config_block(config, "")->table, config, NULL);
  civ_buffer_text(out, "\nsections (civitas explain SECTION, civitas explain SECTION.KEY)\n");
  for (uint32_t k = 0; k < config->n_blocks; k++)
    if (*config->blocks[k].table->name)
      civ_buffer_format(out, "  %-*s %s\n", NAME, config->blocks[k].table->name, config->blocks[k].table->doc);
  civ_buffer_format(out, "  %-*s %s\n", NAME, "agents", "The agents, one entry per group.");
  civ_buffer_format(out, "  %-*s %s\n", NAME, "success_criteria", "Bounds that a run is judged by.");
}

/* --- paths -------------------------------------------------------------------------------------------------------------- */

/* agents[3].KEY, agents[].KEY and agents.KEY; agents.TYPE and agents.TYPE.KEY, with or without `config.` before KEY. */
static bool explain_agent_path(civ_buffer *out, const civ_config *config, const char *path, bool values)
{
  const char *rest = path + strlen("agents");
  const civ_agent_block *entry = NULL;
  const civ_agent_kind *kind = NULL;
  char type[64];
  bool alias;
  if (*rest == '[') {
    size_t k = 0;
    const bool numbered = sscanf(rest, "[%zu]", &k) == 1;
    rest = strchr(rest, ']');
    if (!rest || (numbered && k >= config->n_agents))
      return false;
    rest++;
    entry = numbered ? &config->agents[k] : NULL;
    kind = numbered ? civ_config_kind(config, config->entries[k].type) : NULL;
  }
  if (*rest == '.' && !kind) {
    const size_t n = strcspn(rest + 1, ".");
    snprintf(type, sizeof type, "%.*s", (int)(n < sizeof type ? n : 0), rest + 1);
    kind = civ_config_kind(config, type);
    rest += kind ? n + 1 : 0;
  }
  if (!*rest) {
    if (kind)
      explain_kind(out, config, kind);
    else
      explain_agents(out, config);
    return true;
  }
  const char *key = rest + 1;
  const bool own = strncmp(key, "config.", 7) == 0;
  key += own ? 7 : 0;
  const civ_field *field = own ? NULL : civ_section_field_or_alias(config->agent_table, key, &alias);
  const civ_block *block = entry ? &entry->self : NULL;
  if (!field && kind && kind->config) {
    field = civ_section_field_or_alias(kind->config, key, &alias);
    block = entry ? &entry->config : NULL;
  }
  if (field)
    explain_field(out, config, block, field, path, values);
  return field != NULL;
}

static void explain_extras(civ_buffer *out, const char *path)
{
  if (strcmp(path, "model") == 0) {
    civ_buffer_text(out, "  causal sets\n");
    for (const civ_preset_value *v = civ_preset_values(1); v->path; v++)
      civ_buffer_format(out, "    %-*s %s\n", NAME, v->path, v->value);
  } else if (strcmp(path, "metrics_to_track") == 0) {
    civ_buffer_text(out, "  columns  ");
    for (const char *const *c = civ_column_names(); *c; c++)
      civ_buffer_format(out, " %s", *c);
    civ_buffer_text(out, "\n");
  }
}

static bool explain_path(civ_buffer *out, const civ_config *config, const char *path, bool values)
{
  char full[160];
  civ_block *block;
  if (strncmp(path, "agents", 6) == 0 && (!path[6] || path[6] == '.' || path[6] == '['))
    return explain_agent_path(out, config, path, values);
  if (strcmp(path, "success_criteria") == 0) {
    explain_criteria(out);
    return true;
  }
  if ((block = civ_config_block(config, path)) && *block->table->name) {
    explain_section(out, config, block, values);
    return true;
  }
  for (const civ_criterion_doc *c = civ_criterion_docs(); strncmp(path, "success_criteria.", 17) == 0 && c->name; c++)
    if (strcmp(path + 17, c->name) == 0) {
      civ_buffer_format(out, "%s\n  passes when %s\n", path, c->doc);
      return true;
    }
  const civ_field *field = civ_schema_find(config, path, &block);
  if (!field)
    return false;
  snprintf(full, sizeof full, "%s%s%s", block->table->name, *block->table->name ? "." : "", field->name);
  explain_field(out, config, block, field, full, values);
  explain_extras(out, full);
  return true;
}

civ_status civ_explain(const civ_config *config, const char *path, bool values, char **out, civ_error *err)
{
  civ_buffer b = { 0 };
  char nearest[160];
  bool known = true;
  if (!path || !*path)
    explain_everything(&b, config);
  else
    known = explain_path(&b, config, path, values);
  if (!known) {
    civ_buffer_free(&b);
    civ_schema_nearest(config, path, nearest, sizeof nearest);
    return *nearest ? civ_fail(err, CIV_E_KEY, path, "unknown key; did you mean '%s'?", nearest)
                    : civ_fail(err, CIV_E_KEY, path, "unknown key; 'civitas explain' lists the known ones");
  }
  char *text = civ_buffer_take(&b, NULL);
  if (!text)
    return civ_fail(err, CIV_E_NOMEM, "explain", "out of memory");
  *out = text;
  return CIV_OK;
}
