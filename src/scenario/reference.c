/* The reference of all keys as Markdown. */
#include <string.h>

#include "civitas/scenario.h"
#include "scenario/columns.h"
#include "scenario/preset.h"
#include "scenario/schema.h"
#include "scenario/sections/llm.h"

/* Text inside a table: no bars, no line ends. */
static void add_cell(civ_buffer *out, const char *text)
{
  for (; text && *text; text++)
    if (*text == '|')
      civ_buffer_text(out, "\\|");
    else
      civ_buffer_add(out, text, 1);
}

static void add_field(civ_buffer *out, const civ_config *config, const civ_field *field)
{
  civ_buffer type = { 0 }, doc = { 0 };
  civ_field_sentence(&doc, field);
  civ_buffer_add(&doc, "", 1);
  civ_field_type(&type, field);
  civ_buffer_add(&type, "", 1);
  civ_buffer_format(out, "| `%s` | ", field->name);
  add_cell(out, type.failed ? "" : type.data);
  civ_buffer_free(&type);
  civ_buffer_text(out, " | `");
  add_cell(out, field->fallback);
  civ_buffer_text(out, "` | ");
  civ_field_range(out, field);
  civ_buffer_format(out, " | %s | ", field->unit);
  add_cell(out, doc.failed ? "" : doc.data);
  civ_buffer_free(&doc);
  if (field->also)
    civ_buffer_format(out, " Also as `%s`.", field->also);
  if (field->flags & CIV_FIELD_REQUIRED)
    civ_buffer_text(out, " Must be given.");
  if (field->flags & CIV_FIELD_NO_EFFECT)
    civ_buffer_text(out, " Without effect.");
  if ((field->flags & CIV_FIELD_SWITCH) && !civ_schema_is_built(config->registry, field->needs))
    civ_buffer_text(out, " Not available in this version.");
  civ_buffer_text(out, " |\n");
}

static void add_fields(civ_buffer *out, const civ_config *config, const civ_section *table)
{
  civ_buffer_text(out, "| key | type | default | range | unit | meaning |\n|---|---|---|---|---|---|\n");
  for (uint32_t k = 0; k < table->n_fields; k++)
    add_field(out, config, &table->fields[k]);
  civ_buffer_text(out, "\n");
}

/* Tables of the mappings inside a section's lists. */
static void add_items(civ_buffer *out, const civ_config *config, const civ_section *table)
{
  for (uint32_t k = 0; k < table->n_fields; k++) {
    const civ_section *items = table->fields[k].items;
    if (!items || items == &civ_agent_llm_section)
      continue;
    civ_buffer_format(out, "### `%s`\n\n%s\n\n", items->name, items->doc);
    add_fields(out, config, items);
  }
}

static void add_section(civ_buffer *out, const civ_config *config, const civ_section *table)
{
  if (*table->name)
    civ_buffer_format(out, "## `%s`\n\n%s", table->name, table->doc);
  else
    civ_buffer_format(out, "## Top level\n\n%s", table->doc);
  if (table->absent_is_off)
    civ_buffer_text(out, " Without the section it is off.");
  if (table->part && !civ_schema_is_built(config->registry, table->part))
    civ_buffer_text(out, " Not available in this version: files that switch it on are refused.");
  civ_buffer_text(out, "\n\n");
  add_fields(out, config, table);
  add_items(out, config, table);
}

static void add_agents(civ_buffer *out, const civ_config *config)
{
  civ_buffer_format(out, "## `agents`\n\nA list of groups. %s\n\n", config->agent_table->doc);
  add_fields(out, config, config->agent_table);
  civ_buffer_format(out, "### `agents[].llm`\n\n%s\n\n", civ_agent_llm_section.doc);
  add_fields(out, config, &civ_agent_llm_section);
  for (uint32_t k = 0; k < config->n_kinds; k++) {
    const civ_agent_kind *kind = &config->kinds[k];
    civ_buffer_format(out, "### type `%s`\n\n%s\n\n", kind->name,
                      kind->policy ? kind->policy->doc : "Not available in this version.");
    if (kind->config)
      add_fields(out, config, kind->config);
  }
}

static void add_criteria(civ_buffer *out)
{
  civ_buffer_text(out, "## `success_criteria`\n\nBounds that a run is judged by when it is over. Besides those below: "
                       "`max_final_`, `min_final_`, `max_mean_`, `min_mean_` before the name of a column.\n\n"
                       "| key | passes when |\n|---|---|\n");
  for (const civ_criterion_doc *c = civ_criterion_docs(); c->name; c++)
    civ_buffer_format(out, "| `%s` | %s |\n", c->name, c->doc);
  civ_buffer_text(out, "\n### Columns\n\nFor criteria and `metrics_to_track`:\n\n");
  for (const char *const *c = civ_column_names(); *c; c++)
    civ_buffer_format(out, "- `%s`\n", *c);
  civ_buffer_text(out, "\n");
}

static void add_models(civ_buffer *out)
{
  civ_buffer_text(
      out, "## Models\n\n`model: reference` sets nothing. `model: causal`, not available in this version, sets\n\n"
           "| key | value |\n|---|---|\n");
  for (const civ_preset_value *v = civ_preset_values(1); v->path; v++)
    civ_buffer_format(out, "| `%s` | `%s` |\n", v->path, v->value);
}

civ_status civ_explain_reference(const civ_registry *registry, char **out, civ_error *err)
{
  civ_config *config;
  civ_buffer b = { 0 };
  const civ_status status = civ_config_create(registry, &config, err);
  if (status != CIV_OK)
    return status;
  civ_buffer_text(&b,
                  "# Scenario reference\n\nEvery key of a scenario file. Made from the tables that check the files, by "
                  "`civitas explain --markdown`; do not edit.\n\n");
  for (uint32_t k = 0; k < config->n_blocks; k++)
    add_section(&b, config, config->blocks[k].table);
  add_agents(&b, config);
  add_criteria(&b);
  add_models(&b);
  civ_config_destroy(config);
  char *text = civ_buffer_take(&b, NULL);
  if (!text)
    return civ_fail(err, CIV_E_NOMEM, "reference", "out of memory");
  *out = text;
  return CIV_OK;
}
