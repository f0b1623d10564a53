#include "base/field.h"

#include <assert.h>

#include "base/field_slot.h"
#include "base/names.h"
#include "base/yaml.h"

size_t civ_slot_size(const civ_field *field)
{
  static const uint8_t sizes[] = {
    [CIV_FIELD_REAL] = sizeof(double),
    [CIV_FIELD_INTEGER] = sizeof(int64_t),
    [CIV_FIELD_BOOLEAN] = sizeof(bool),
    [CIV_FIELD_CHOICE] = sizeof(int32_t),
    [CIV_FIELD_TEXT] = sizeof(const char *),
    [CIV_FIELD_OPT_REAL] = sizeof(civ_opt_real),
    [CIV_FIELD_OPT_INTEGER] = sizeof(civ_opt_integer),
    [CIV_FIELD_LIST] = sizeof(civ_text_list),
    [CIV_FIELD_MAP_REAL] = sizeof(civ_real_map),
    [CIV_FIELD_MAP_LIST] = sizeof(civ_list_map),
    [CIV_FIELD_TREE] = sizeof(civ_tree),
  };
  return sizes[field->kind];
}

/* --- defaults, copies, comparisons ----------------------------------------------------------------------------------- */

civ_status civ_field_set_default(const civ_field *field, void *values, civ_arena *arena)
{
  civ_complaint c = { 0 };
  civ_node node = civ_node_scalar(field->fallback, strlen(field->fallback), true);
  civ_field off = *field;
  /* A default is what null reads as, and merges with nothing. */
  off.flags &= (uint16_t) ~(CIV_FIELD_OFF_NULL | CIV_FIELD_MERGE);
  const char first = field->fallback[0];
  if (first == '"' && field->fallback[1] == '"') {
    node = civ_node_scalar("", 0, false);
  } else if (first == '[' || first == '{') {
    node = (civ_node){ .kind = first == '[' ? CIV_NODE_LIST : CIV_NODE_MAP };
    const bool empty = field->fallback[1] == (first == '[' ? ']' : '}');
    if (!empty && civ_yaml_read(field->fallback, strlen(field->fallback), arena, NULL, &node) != CIV_OK)
      return CIV_E_NOMEM;
    if (empty)
      off.flags &= (uint16_t)~CIV_FIELD_NON_EMPTY;
  }
  const civ_status status = civ_field_set(&off, values, &node, arena, &c);
  if (status == CIV_OK && field->kind == CIV_FIELD_TREE) {
    civ_slot s = civ_slot_load(field, values);
    s.tree.line = 0;
    civ_slot_store(field, values, &s);
  }
  assert(status == CIV_OK || status == CIV_E_NOMEM);
  return status;
}

static bool copy_list(civ_text_list *out, const civ_text_list *from, civ_arena *arena)
{
  const char **items = civ_arena_take(arena, from->n, sizeof *items);
  if (!items)
    return false;
  for (uint32_t k = 0; k < from->n; k++)
    if (!(items[k] = civ_arena_text(arena, from->items[k], strlen(from->items[k]))))
      return false;
  *out = (civ_text_list){ items, from->n };
  return true;
}

bool civ_field_copy(const civ_field *field, void *values, const void *from, civ_arena *arena)
{
  civ_slot s = civ_slot_load(field, from);
  const char *text = field->kind == CIV_FIELD_TEXT ? s.text : field->kind == CIV_FIELD_TREE ? s.tree.json : NULL;
  if (text && !(text = civ_arena_text(arena, text, strlen(text))))
    return false;
  if (field->kind == CIV_FIELD_TEXT) {
    s.text = text;
  } else if (field->kind == CIV_FIELD_TREE) {
    s.tree.json = text;
  } else if (field->kind == CIV_FIELD_LIST) {
    const civ_text_list old = s.list;
    if (!copy_list(&s.list, &old, arena))
      return false;
  } else if (field->kind == CIV_FIELD_MAP_REAL || field->kind == CIV_FIELD_MAP_LIST) {
    const bool real = field->kind == CIV_FIELD_MAP_REAL;
    const civ_text_list names = { real ? s.real_map.names : s.list_map.names, real ? s.real_map.n : s.list_map.n };
    civ_text_list copied;
    double *reals = civ_arena_take(arena, real ? names.n : 0, sizeof *reals);
    civ_text_list *lists = civ_arena_take(arena, real ? 0 : names.n, sizeof *lists);
    if (!reals || !lists || !copy_list(&copied, &names, arena))
      return false;
    for (uint32_t k = 0; k < names.n; k++)
      if (real)
        reals[k] = s.real_map.values[k];
      else if (!copy_list(&lists[k], &s.list_map.lists[k], arena))
        return false;
    if (real)
      s.real_map = (civ_real_map){ copied.items, reals, names.n };
    else
      s.list_map = (civ_list_map){ copied.items, lists, names.n };
  }
  civ_slot_store(field, values, &s);
  return true;
}
bool civ_field_equal(const civ_field *field, const void *a, const void *b)
{
  civ_buffer x = { 0 }, y = { 0 };
  const civ_slot s = civ_slot_load(field, a), t = civ_slot_load(field, b);
  civ_slot_json(&x, field, &s);
  civ_slot_json(&y, field, &t);
  const bool same = !x.failed && !y.failed && x.length == y.length && memcmp(x.data, y.data, x.length) == 0;
  civ_buffer_free(&x);
  civ_buffer_free(&y);
  return same;
}

bool civ_field_is_default(const civ_field *field, const void *values)
{
  civ_slot value = civ_slot_load(field, values), fallback;
  civ_arena arena = civ_arena_create(NULL);
  civ_field at_start = *field;
  at_start.offset = 0;
  const bool same =
      civ_field_set_default(&at_start, &fallback, &arena) == CIV_OK && civ_field_equal(&at_start, &value, &fallback);
  civ_arena_destroy(&arena);
  return same;
}

/* --- sections -------------------------------------------------------------------------------------------------------- */

civ_status civ_section_set_defaults(const civ_section *section, void *values, civ_arena *arena)
{
  for (uint32_t k = 0; k < section->n_fields; k++) {
    const civ_status status = civ_field_set_default(&section->fields[k], values, arena);
    if (status != CIV_OK)
      return status;
  }
  return CIV_OK;
}

const civ_field *civ_section_field(const civ_section *section, const char *name)
{
  for (uint32_t k = 0; k < section->n_fields; k++)
    if (strcmp(section->fields[k].name, name) == 0)
      return &section->fields[k];
  return NULL;
}

const civ_field *civ_section_field_or_alias(const civ_section *section, const char *name, bool *alias)
{
  const civ_field *field = civ_section_field(section, name);
  *alias = field == NULL;
  for (uint32_t k = 0; !field && !strchr(name, '.') && k < section->n_fields; k++)
    if (civ_words_find(section->fields[k].also, name) >= 0)
      field = &section->fields[k];
  return field;
}

const civ_field *civ_section_hint(const civ_section *section, const char *name)
{
  for (uint32_t k = 0; k < section->n_fields; k++)
    if (civ_words_find(section->fields[k].hint, name) >= 0)
      return &section->fields[k];
  return NULL;
}
