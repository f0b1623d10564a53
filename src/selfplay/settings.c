#include "selfplay/settings.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/names.h"
#include "base/yaml.h"

enum { MOST_BYTES = 1 << 20 };

static civ_status unknown(const civ_section *section, const char *key, civ_complaint *complaint)
{
  civ_name_search search = civ_name_search_for(key);
  for (uint32_t k = 0; k < section->n_fields; k++)
    civ_name_offer(&search, section->fields[k].name);
  *complaint = (civ_complaint){ .code = CIV_E_KEY };
  if (search.best != NULL)
    snprintf(complaint->text, sizeof complaint->text,
             "there is no such setting among the %s settings; did you mean %s?", section->name, search.best);
  else
    snprintf(complaint->text, sizeof complaint->text, "there is no such setting among the %s settings", section->name);
  return CIV_E_KEY;
}

civ_status civ_section_put(const civ_section *section, void *values, const char *key, const civ_node *value,
                           civ_arena *arena, civ_complaint *complaint)
{
  const civ_field *field = civ_section_field(section, key);
  return field != NULL ? civ_field_set(field, values, value, arena, complaint) : unknown(section, key, complaint);
}

civ_status civ_section_read_text(const civ_section *section, void *values, const char *text, civ_arena *arena,
                                 civ_error *err)
{
  char key[64];
  civ_complaint complaint;
  const char *equals = strchr(text, '=');
  if (equals == NULL || equals == text || (size_t)(equals - text) >= sizeof key)
    return civ_fail(err, CIV_E_SYNTAX, section->name, "'%s' is not KEY=VALUE, such as %s=%s", text,
                    section->fields[0].name, section->fields[0].fallback);
  snprintf(key, sizeof key, "%.*s", (int)(equals - text), text);
  const civ_node node = civ_node_scalar(equals + 1, strlen(equals + 1), true);
  const civ_status status = civ_section_put(section, values, key, &node, arena, &complaint);
  return status == CIV_OK ? CIV_OK : civ_fail(err, status, text, "%s", complaint.text);
}

civ_status civ_section_read_json(const civ_section *section, void *values, const json_t *object, const char *where,
                                 civ_arena *arena, civ_error *err)
{
  const char *key;
  json_t *value;
  civ_complaint complaint;
  if (object != NULL && !json_is_object(object))
    return civ_fail(err, CIV_E_TYPE, where, "it is an object of settings");
  json_object_foreach((json_t *)(uintptr_t)object, key, value)
  {
    const civ_node node = civ_json_node(value);
    const civ_status status = civ_section_put(section, values, key, &node, arena, &complaint);
    if (status != CIV_OK) {
      char member[sizeof err->where];
      snprintf(member, sizeof member, "%s.%.60s", where, key);
      return civ_fail(err, status, member, "%s", complaint.text);
    }
  }
  return CIV_OK;
}

/* --- files --------------------------------------------------------------------------------------------------------------- */

typedef struct reading {
  const char *path;
  civ_error *err;
  bool told; /* the first problem is the one that is told */
} reading;

static civ_status refuse(const reading *r, civ_status code, uint32_t line, uint32_t column, const char *key,
                         const char *text)
{
  char where[sizeof r->err->where];
  if (line > 0)
    snprintf(where, sizeof where, "%s:%u:%u", r->path, line, column);
  else
    snprintf(where, sizeof where, "%s", r->path);
  return civ_fail(r->err, code, where, "%s%s%s", key, *key != '\0' ? ": " : "", text);
}

static void hear(void *self, civ_status code, uint32_t line, uint32_t column, const char *key, const char *text)
{
  reading *r = self;
  if (!r->told)
    (void)refuse(r, code, line, column, key, text); /* the reader returns the status */
  r->told = true;
}

civ_status civ_settings_parse(const char *path, civ_arena *nodes, civ_node *root, civ_error *err)
{
  reading r = { .path = path, .err = err };
  const civ_yaml_listener listener = { &r, hear };
  char *text;
  size_t length;
  *root = (civ_node){ .kind = CIV_NODE_NULL };
  civ_status status = civ_file_read(path, MOST_BYTES, &text, &length, err);
  if (status != CIV_OK)
    return status;
  status = civ_yaml_read(text, length, nodes, &listener, root);
  civ_free(text);
  return status == CIV_E_NOMEM ? civ_fail(err, CIV_E_NOMEM, path, "out of memory") : status;
}

static civ_status refuse_shape(const reading *r, const civ_section *section, const civ_node *node)
{
  char shown[64], text[sizeof r->err->text];
  civ_node_describe(node, shown, sizeof shown);
  snprintf(text, sizeof text, "the %s settings are a mapping such as '%s: %s', not %s", section->name,
           section->fields[0].name, section->fields[0].fallback, shown);
  return refuse(r, CIV_E_TYPE, node->line, node->column, "", text);
}

civ_status civ_section_read_node(const civ_section *section, void *values, const civ_node *map, const char *path,
                                 civ_arena *arena, civ_error *err)
{
  const reading r = { .path = path, .err = err };
  civ_complaint complaint;
  if (map->kind == CIV_NODE_NULL)
    return CIV_OK;
  if (map->kind != CIV_NODE_MAP)
    return refuse_shape(&r, section, map);
  for (uint32_t k = 0; k < map->n; k++) {
    const civ_node *value = &map->items[k];
    const civ_key *key = &map->keys[k];
    const civ_status status = civ_section_put(section, values, key->text, value, arena, &complaint);
    if (status != CIV_OK)
      return refuse(&r, status, status == CIV_E_KEY ? key->line : value->line,
                    status == CIV_E_KEY ? key->column : value->column, key->text, complaint.text);
  }
  return CIV_OK;
}

civ_status civ_section_load(const civ_section *section, void *values, const char *path, civ_arena *arena,
                            civ_error *err)
{
  civ_arena nodes = civ_arena_create(NULL);
  civ_node root;
  civ_status status = civ_settings_parse(path, &nodes, &root, err);
  if (status == CIV_OK) {
    const civ_node *named = root.kind == CIV_NODE_MAP && root.n == 1 ? civ_node_member(&root, section->name) : NULL;
    status = civ_section_read_node(section, values, named != NULL ? named : &root, path, arena, err);
  }
  civ_arena_destroy(&nodes);
  return status;
}

/* --- as JSON ---------------------------------------------------------------------------------------------------------------- */

json_t *civ_section_json(const civ_section *section, const void *values)
{
  json_t *object = json_object();
  for (uint32_t k = 0; k < section->n_fields; k++) {
    civ_buffer text = { 0 };
    civ_field_json(&text, &section->fields[k], values);
    if (json_object_set_new(object, section->fields[k].name,
                            text.failed ? NULL : json_loadb(text.data, text.length, JSON_DECODE_ANY, NULL)) != 0) {
      json_decref(object);
      object = NULL;
    }
    civ_buffer_free(&text);
  }
  return object;
}
