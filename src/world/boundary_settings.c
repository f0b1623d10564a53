#include "world/boundary_settings.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/field.h"
#include "base/number.h"

#define MOST 2147483647
const char *const civ_policy_kind_names[CIV_POLICY_KINDS + 1] = { "rate_limit", "content_filter", "sensitivity",
                                                                  "composite", NULL };

#define T civ_entity_settings
static const civ_field entity_fields[] = {
  CIV_TEXT(T, entity_id, "null", "its id, unique", .flags = CIV_FIELD_REQUIRED | CIV_FIELD_NON_EMPTY),
  CIV_TEXT(T, name, "null", "its name", .flags = CIV_FIELD_REQUIRED),
  CIV_CHOICE(T, entity_type, "unknown", civ_entity_type_names, "what it is"),
  CIV_REAL(T, trust_level, "0.5", -INFINITY, INFINITY, "", "trust in it, clamped to [0, 1]"),
  CIV_TREE(T, metadata, "anything; never read"),
  CIV_TEXT(T, endpoint, "null", "service: its address, descriptive"),
  CIV_INTEGER(T, rate_limit, "100", 0, MOST, "requests", "service: requests it takes per epoch"),
  CIV_REAL(T, latency_ms, "50", 0, INFINITY, "ms", "service: mean latency"),
  CIV_REAL(T, reliability, "0.99", 0, 1, "probability", "service: chance of an answer"),
  CIV_BOOLEAN(T, requires_auth, "false", "service: descriptive"),
  CIV_BOOLEAN(T, sensitive_data, "false", "service: its answers count as sensitive, 0.8"),
  CIV_TEXT(T, data_type, "generic", "data source: kind of data"),
  CIV_INTEGER(T, size_bytes, "0", 0, 0x1p53, "bytes", "data source: descriptive"),
  CIV_REAL(T, sensitivity_level, "0.0", 0, 1, "", "data source: sensitivity of its answers"),
  CIV_REAL(T, freshness_hours, "24", 0, INFINITY, "hours", "data source: descriptive"),
  CIV_REAL(T, access_cost, "0.0", 0, INFINITY, "credits", "data source: cost of an answer"),
};
#undef T

const civ_section civ_boundary_entity_section = { .name = "boundaries.entities[]",
                                                  .doc = "Something outside that agents can ask.",
                                                  .chapter = "boundaries",
                                                  .fields = entity_fields,
                                                  .n_fields = sizeof entity_fields / sizeof *entity_fields,
                                                  .size = sizeof(civ_entity_settings) };

#define T civ_policy_settings
static const civ_field policy_fields[] = {
  CIV_CHOICE(T, kind, "rate_limit", civ_policy_kind_names, "what the policy looks at", .flags = CIV_FIELD_REQUIRED),
  CIV_TEXT(T, name, "null", "its name; null = its kind"),
  CIV_BOOLEAN(T, enabled, "true", "false switches it off"),
  CIV_INTEGER(T, max_crossings_per_minute, "60", 0, MOST, "crossings", "rate_limit: crossings per minute"),
  CIV_INTEGER(T, max_bytes_per_minute, "1000000", 0, 0x1p53, "bytes", "rate_limit: bytes per minute"),
  CIV_BOOLEAN(T, per_agent, "true", "rate_limit: counted for each agent"),
  CIV_LIST(T, blocked_patterns, NULL, "content_filter: patterns that are refused"),
  CIV_LIST(T, blocked_keywords, NULL, "content_filter: words that are refused"),
  CIV_INTEGER(T, max_content_length, "100000", 0, MOST, "bytes", "content_filter: longest content"),
  CIV_REAL(T, max_outbound_sensitivity, "0.5", 0, 1, "", "sensitivity: most that may go out"),
  CIV_REAL(T, require_approval_above, "0.7", 0, 1, "", "sensitivity: above it an approval is needed"),
  { .name = "agent_clearance_levels",
    .unit = "",
    .kind = CIV_FIELD_MAP_REAL,
    .fallback = "{}",
    .min = 0,
    .max = 1,
    .offset = CIV_FIELD_AT(T, agent_clearance_levels),
    .doc = "sensitivity: clearance by agent" },
  { .name = "policies",
    .unit = "",
    .kind = CIV_FIELD_TREE,
    .fallback = "[]",
    .offset = CIV_FIELD_AT(T, policies),
    .doc = "composite: its members, mappings like this one" },
  CIV_BOOLEAN(T, require_all, "true", "composite: all members must allow"),
};
#undef T

const civ_section civ_boundary_policy_section = { .name = "boundaries.policies[]",
                                                  .doc = "A rule for what may cross the boundary.",
                                                  .chapter = "boundaries",
                                                  .fields = policy_fields,
                                                  .n_fields = sizeof policy_fields / sizeof *policy_fields,
                                                  .size = sizeof(civ_policy_settings) };

#define WEIGHT(key, which, text_)                                                                                      \
  {                                                                                                                    \
    .name = key, .unit = "weight", .kind = CIV_FIELD_REAL, .fallback = "0", .min = 0, .max = 1e6,                      \
    .offset = CIV_FIELD_AT(civ_mix_settings, weight[which]), .doc = text_                                              \
  }
static const civ_field mix_fields[] = {
  WEIGHT("clean", CIV_CONTENT_CLEAN, "weight of requests with clean content"),
  WEIGHT("keyword", CIV_CONTENT_KEYWORD, "weight of requests with suspicious content"),
  WEIGHT("code", CIV_CONTENT_CODE, "weight of requests with program content"),
  WEIGHT("pii", CIV_CONTENT_PII, "weight of requests with personal content"),
  WEIGHT("credential", CIV_CONTENT_CREDENTIAL, "weight of requests with secret content"),
};

const civ_section civ_boundary_mix_section = { .name = "boundaries.activity.mix.*",
                                               .doc = "Kinds of content one type of agent sends.",
                                               .chapter = "boundaries",
                                               .fields = mix_fields,
                                               .n_fields = sizeof mix_fields / sizeof *mix_fields,
                                               .size = sizeof(civ_mix_settings) };

/* --- reading an entry ------------------------------------------------------------------------------------------------------ */

static bool node_of(const json_t *value, civ_arena *arena, civ_node *out);

static bool collection_of(const json_t *value, civ_arena *arena, civ_node *out)
{
  const char *key;
  json_t *below;
  const bool map = json_is_object(value);
  const size_t n = map ? json_object_size(value) : json_array_size(value);
  size_t k = 0;
  out->kind = map ? CIV_NODE_MAP : CIV_NODE_LIST;
  out->items = civ_arena_take(arena, n, sizeof *out->items);
  out->keys = map ? civ_arena_take(arena, n, sizeof *out->keys) : NULL;
  if (out->items == NULL || (map && out->keys == NULL))
    return false;
  if (!map) {
    json_array_foreach(value, k, below) if (!node_of(below, arena, &out->items[k])) return false;
    out->n = (uint32_t)n;
    return true;
  }
  json_object_foreach((json_t *)(uintptr_t)value, key, below)
  {
    const uint32_t length = (uint32_t)strlen(key);
    out->keys[k] = (civ_key){ .text = civ_arena_text(arena, key, length), .length = length };
    if (out->keys[k].text == NULL || !node_of(below, arena, &out->items[k]))
      return false;
    k++;
  }
  out->n = (uint32_t)n;
  return true;
}

/* JSON was written from nodes that were checked, so it is as deep as YAML may be and no deeper. */
static bool node_of(const json_t *value, civ_arena *arena, civ_node *out)
{
  char text[CIV_NUMBER_MAX + 1];
  size_t length = 0;
  *out = (civ_node){ .kind = CIV_NODE_NULL, .text = "null", .length = 4 };
  switch (json_typeof(value)) {
  case JSON_OBJECT:
  case JSON_ARRAY:
    return collection_of(value, arena, out);
  case JSON_STRING:
    out->kind = CIV_NODE_TEXT;
    out->length = (uint32_t)json_string_length(value);
    out->text = civ_arena_text(arena, json_string_value(value), out->length);
    return out->text != NULL;
  case JSON_INTEGER:
    out->kind = CIV_NODE_INTEGER;
    out->integer = json_integer_value(value);
    length = civ_format_integer(text, out->integer);
    break;
  case JSON_REAL:
    out->kind = CIV_NODE_REAL;
    out->real = json_real_value(value);
    length = civ_format_real(text, out->real);
    break;
  case JSON_TRUE:
  case JSON_FALSE:
    out->kind = CIV_NODE_BOOLEAN;
    out->boolean = json_is_true(value);
    length = (size_t)snprintf(text, sizeof text, "%s", out->boolean ? "true" : "false");
    break;
  default:
    return true;
  }
  out->length = (uint32_t)length;
  out->text = civ_arena_text(arena, text, length);
  return out->text != NULL;
}

static const civ_field *find_field(const civ_section *table, const char *name)
{
  for (uint32_t k = 0; k < table->n_fields; k++)
    if (strcmp(table->fields[k].name, name) == 0)
      return &table->fields[k];
  return NULL;
}

static civ_status refuse(civ_error *err, civ_status code, const char *where, const char *key, const char *text)
{
  char place[192];
  snprintf(place, sizeof place, "%.90s.%.90s", where, key);
  return civ_fail(err, code, place, "%s", text);
}

static civ_status set_fields(const civ_section *table, const civ_node *node, const char *where, void *values,
                             civ_arena *arena, civ_error *err)
{
  for (uint32_t k = 0; k < node->n; k++) {
    civ_complaint complaint;
    const civ_field *field = find_field(table, node->keys[k].text);
    if (field == NULL)
      return refuse(err, CIV_E_KEY, where, node->keys[k].text, "there is no such key");
    if (civ_field_set(field, values, &node->items[k], arena, &complaint) != CIV_OK)
      return refuse(err, complaint.code, where, field->name, complaint.text);
  }
  for (uint32_t k = 0; k < table->n_fields; k++)
    if ((table->fields[k].flags & CIV_FIELD_REQUIRED) && civ_node_member(node, table->fields[k].name) == NULL)
      return refuse(err, CIV_E_KEY, where, table->fields[k].name, "the key is missing");
  return CIV_OK;
}

civ_status civ_settings_read(const civ_section *table, const json_t *entry, const char *where, void *values,
                             civ_arena *arena, civ_error *err)
{
  civ_node node;
  memset(values, 0, table->size);
  for (uint32_t k = 0; k < table->n_fields; k++)
    if (civ_field_set_default(&table->fields[k], values, arena) != CIV_OK)
      return civ_fail(err, CIV_E_NOMEM, where, "out of memory");
  if (!json_is_object(entry))
    return civ_fail(err, CIV_E_TYPE, where, "write a mapping of keys and values");
  if (!node_of(entry, arena, &node))
    return civ_fail(err, CIV_E_NOMEM, where, "out of memory");
  return set_fields(table, &node, where, values, arena, err);
}
