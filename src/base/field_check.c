/* Values against their fields: types, ranges, words, mappings; and what is said of those that do not fit. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/field_slot.h"
#include "base/names.h"
#include "base/text.h"

/* --- complaints ------------------------------------------------------------------------------------------------------ */

static civ_status complain(civ_complaint *c, civ_status code, const civ_node *node, const char *fmt, ...)
    CIV_PRINTF(4, 5);

static civ_status complain(civ_complaint *c, civ_status code, const civ_node *node, const char *fmt, ...)
{
  va_list args;
  c->code = code;
  c->line = node ? node->line : 0;
  c->column = node ? node->column : 0;
  c->below[0] = 0;
  va_start(args, fmt);
  vsnprintf(c->text, sizeof c->text, fmt, args);
  va_end(args);
  return code;
}

static civ_status no_memory(civ_complaint *c)
{
  return complain(c, CIV_E_NOMEM, NULL, "out of memory");
}

/* Puts a step in front of the path of a complaint that came from below. */
static civ_status from_below(civ_complaint *c, const char *fmt, ...) CIV_PRINTF(2, 3);

static civ_status from_below(civ_complaint *c, const char *fmt, ...)
{
  char step[80], rest[sizeof c->below];
  va_list args;
  va_start(args, fmt);
  vsnprintf(step, sizeof step, fmt, args);
  va_end(args);
  memcpy(rest, c->below, sizeof rest);
  const size_t n = strlen(step);
  memcpy(c->below, step, n);
  snprintf(c->below + n, sizeof c->below - n, "%s", rest);
  return c->code;
}

/* "'rond' is none of a, b or c; did you mean 'random'?" */
static civ_status complain_choice(civ_complaint *c, civ_status code, const civ_node *node, const char *shown,
                                  const char *word, const char *const *choices)
{
  char list[280] = "";
  civ_add_words(list, sizeof list, choices);
  const char *near = word ? civ_name_nearest(word, choices) : NULL;
  return near ? complain(c, code, node, "%s is none of %s; did you mean '%s'?", shown, list, near)
              : complain(c, code, node, "%s is none of %s", shown, list);
}

static civ_status complain_type(civ_complaint *c, const civ_node *node, const char *wanted)
{
  char shown[96];
  civ_node_describe(node, shown, sizeof shown);
  const char *note = "";
  switch ((civ_node_kind)node->kind) {
  case CIV_NODE_TEXT:
    note = " is text";
    break;
  case CIV_NODE_BOOLEAN:
    note = " is a truth value";
    break;
  case CIV_NODE_INTEGER:
  case CIV_NODE_REAL:
    note = " is a number";
    break;
  default:
    note = " stands here";
  }
  return complain(c, CIV_E_TYPE, node, "%s%s; write %s", shown, note, wanted);
}
/* --- numbers --------------------------------------------------------------------------------------------------------- */

static bool in_range(const civ_field *f, double x)
{
  if (f->flags & CIV_FIELD_OPEN_MIN ? !(x > f->min) : !(x >= f->min))
    return false;
  return f->flags & CIV_FIELD_OPEN_MAX ? x < f->max : x <= f->max;
}

static civ_status check_range(const civ_field *f, double x, const civ_node *node, civ_complaint *c)
{
  char range[96], shown[96];
  if (in_range(f, x))
    return CIV_OK;
  civ_field_range_text(f, range, sizeof range);
  civ_node_describe(node, shown, sizeof shown);
  return range[0] == '[' || range[0] == '('
             ? complain(c, CIV_E_RANGE, node, "%s is outside %s", shown, range)
             : complain(c, CIV_E_RANGE, node, "%s is out of range; it must be %s", shown, range);
}

static civ_status read_real(const civ_field *f, const civ_node *node, double *out, civ_complaint *c)
{
  if (node->kind != CIV_NODE_INTEGER && node->kind != CIV_NODE_REAL)
    return complain_type(c, node, "a number");
  const double x = node->kind == CIV_NODE_INTEGER ? (double)node->integer : node->real;
  if (!isfinite(x))
    return complain(c, CIV_E_RANGE, node, "%.60s is not a finite number", node->text);
  const civ_status status = check_range(f, x, node, c);
  if (status == CIV_OK)
    *out = x;
  return status;
}

static civ_status read_integer(const civ_field *f, const civ_node *node, int64_t *out, civ_complaint *c)
{
  int64_t x;
  if (node->kind == CIV_NODE_INTEGER) {
    x = node->integer;
  } else if (node->kind == CIV_NODE_REAL) {
    if (!isfinite(node->real))
      return complain(c, CIV_E_RANGE, node, "%.60s is not a finite number", node->text);
    if (node->real != floor(node->real))
      return complain(c, CIV_E_TYPE, node, "%.60s is not a whole number", node->text);
    if (fabs(node->real) >= 0x1p53)
      return complain(c, CIV_E_RANGE, node, "%.60s is too large for a whole number", node->text);
    x = (int64_t)node->real;
  } else {
    return complain_type(c, node, "a whole number");
  }
  const civ_status status = check_range(f, (double)x, node, c);
  if (status == CIV_OK)
    *out = x;
  return status;
}
/* --- words and texts ------------------------------------------------------------------------------------------------- */

static int compare_any_case(const char *a, const char *b)
{
  for (;; a++, b++) {
    const char x = civ_text_lower(*a), y = civ_text_lower(*b);
    if (x != y || !x)
      return x - y;
  }
}

static int find_choice(const civ_field *f, const char *word)
{
  for (int k = 0; f->choices && f->choices[k]; k++)
    if (f->flags & CIV_FIELD_ANY_CASE ? compare_any_case(f->choices[k], word) == 0 : strcmp(f->choices[k], word) == 0)
      return k;
  return -1;
}

static civ_status read_choice(const civ_field *f, const civ_node *node, int32_t *out, civ_complaint *c)
{
  char shown[96];
  const int k = node->kind == CIV_NODE_LIST || node->kind == CIV_NODE_MAP ? -1 : find_choice(f, node->text);
  if (k >= 0) {
    *out = k;
    return CIV_OK;
  }
  civ_node_describe(node, shown, sizeof shown);
  return complain_choice(c, node->kind == CIV_NODE_TEXT ? CIV_E_RANGE : CIV_E_TYPE, node, shown,
                         node->kind == CIV_NODE_TEXT ? node->text : NULL, f->choices);
}

static civ_status read_text(const civ_field *f, const civ_node *node, const char **out, civ_arena *arena,
                            civ_complaint *c)
{
  if (node->kind == CIV_NODE_NULL) {
    *out = NULL;
    return CIV_OK;
  }
  if (node->kind != CIV_NODE_TEXT)
    return complain_type(c, node, node->kind == CIV_NODE_LIST || node->kind == CIV_NODE_MAP ? "text" : "it in quotes");
  if (node->length == 0 && (f->flags & CIV_FIELD_NON_EMPTY))
    return complain(c, CIV_E_RANGE, node, "the text is empty; write something");
  const char *text = civ_arena_text(arena, node->text, node->length);
  if (!text)
    return no_memory(c);
  *out = text;
  return CIV_OK;
}

static bool list_has(const char *const *items, uint32_t n, const char *word)
{
  for (uint32_t k = 0; k < n; k++)
    if (strcmp(items[k], word) == 0)
      return true;
  return false;
}

/* A list of texts; where words are prescribed it is a set, and repeated words collapse. */
static civ_status read_list(const civ_field *f, const civ_node *node, civ_text_list *out, civ_arena *arena,
                            civ_complaint *c)
{
  char shown[96];
  if (node->kind == CIV_NODE_NULL && !(f->flags & CIV_FIELD_NON_EMPTY)) {
    *out = (civ_text_list){ 0 };
    return CIV_OK;
  }
  if (node->kind != CIV_NODE_LIST)
    return complain_type(c, node, "a list, such as [a, b]");
  if (node->n == 0 && (f->flags & CIV_FIELD_NON_EMPTY))
    return complain(c, CIV_E_RANGE, node, "the list is empty; give at least one entry");
  const char **items = civ_arena_take(arena, node->n, sizeof *items);
  uint32_t n = 0;
  if (!items)
    return no_memory(c);
  for (uint32_t k = 0; k < node->n; k++) {
    const civ_node *item = &node->items[k];
    civ_node_describe(item, shown, sizeof shown);
    if (item->kind != CIV_NODE_TEXT) {
      complain_type(c, item, "text");
      return from_below(c, "[%u]", k);
    }
    const int choice = f->choices ? find_choice(f, item->text) : -1;
    if (f->choices && choice < 0) {
      complain_choice(c, CIV_E_RANGE, item, shown, item->text, f->choices);
      return from_below(c, "[%u]", k);
    }
    const char *text = f->choices ? f->choices[choice] : civ_arena_text(arena, item->text, item->length);
    if (!text)
      return no_memory(c);
    if (!f->choices || !list_has(items, n, text))
      items[n++] = text;
  }
  *out = (civ_text_list){ items, n };
  return CIV_OK;
}

/* --- maps ------------------------------------------------------------------------------------------------------------ */

static civ_status check_map(const civ_field *f, const civ_node *node, civ_complaint *c)
{
  char shown[96];
  if (node->kind != CIV_NODE_MAP)
    return complain_type(c, node, "a mapping, such as {name: value}");
  if (node->n == 0 && (f->flags & CIV_FIELD_NON_EMPTY))
    return complain(c, CIV_E_RANGE, node, "the mapping is empty; give at least one entry");
  for (uint32_t k = 0; f->choices && k < node->n; k++)
    if (find_choice(f, node->keys[k].text) < 0) {
      const civ_node place = { .line = node->keys[k].line, .column = node->keys[k].column };
      snprintf(shown, sizeof shown, "'%.60s'", node->keys[k].text);
      complain_choice(c, CIV_E_KEY, &place, shown, node->keys[k].text, f->choices);
      return from_below(c, ".%.60s", node->keys[k].text);
    }
  return CIV_OK;
}

static const char *map_name(const civ_field *f, const civ_key *key, civ_arena *arena)
{
  return f->choices ? f->choices[find_choice(f, key->text)] : civ_arena_text(arena, key->text, key->length);
}

static bool node_has_key(const civ_node *node, const char *name)
{
  return civ_node_member(node, name) != NULL;
}

static civ_status read_real_map(const civ_field *f, const civ_node *node, civ_real_map *out, civ_arena *arena,
                                civ_complaint *c)
{
  civ_status status = check_map(f, node, c);
  civ_slot base = { .integer = 0 };
  if (status != CIV_OK)
    return status;
  civ_field plain = *f;
  plain.offset = 0;
  plain.flags &= (uint16_t)~CIV_FIELD_MERGE;
  if ((f->flags & CIV_FIELD_MERGE) && (status = civ_field_set_default(&plain, &base, arena)) != CIV_OK)
    return no_memory(c);
  const uint32_t kept = f->flags & CIV_FIELD_MERGE ? base.real_map.n : 0;
  const char **names = civ_arena_take(arena, (size_t)kept + node->n, sizeof *names);
  double *values = civ_arena_take(arena, (size_t)kept + node->n, sizeof *values);
  uint32_t n = 0;
  if (!names || !values)
    return no_memory(c);
  for (uint32_t k = 0; k < kept; k++)
    if (!node_has_key(node, base.real_map.names[k])) {
      names[n] = base.real_map.names[k];
      values[n++] = base.real_map.values[k];
    }
  for (uint32_t k = 0; k < node->n; k++) {
    if (read_real(f, &node->items[k], &values[n], c) != CIV_OK)
      return from_below(c, ".%.60s", node->keys[k].text);
    if (!(names[n++] = map_name(f, &node->keys[k], arena)))
      return no_memory(c);
  }
  *out = (civ_real_map){ names, values, n };
  return CIV_OK;
}

static civ_status read_list_map(const civ_field *f, const civ_node *node, civ_list_map *out, civ_arena *arena,
                                civ_complaint *c)
{
  civ_status status = check_map(f, node, c);
  civ_slot base = { .integer = 0 };
  if (status != CIV_OK)
    return status;
  civ_field plain = *f, entry = { .name = f->name, .kind = CIV_FIELD_LIST };
  plain.offset = 0;
  plain.flags &= (uint16_t)~CIV_FIELD_MERGE;
  if ((f->flags & CIV_FIELD_MERGE) && civ_field_set_default(&plain, &base, arena) != CIV_OK)
    return no_memory(c);
  const uint32_t kept = f->flags & CIV_FIELD_MERGE ? base.list_map.n : 0;
  const char **names = civ_arena_take(arena, (size_t)kept + node->n, sizeof *names);
  civ_text_list *lists = civ_arena_take(arena, (size_t)kept + node->n, sizeof *lists);
  uint32_t n = 0;
  if (!names || !lists)
    return no_memory(c);
  for (uint32_t k = 0; k < kept; k++)
    if (!node_has_key(node, base.list_map.names[k])) {
      names[n] = base.list_map.names[k];
      lists[n++] = base.list_map.lists[k];
    }
  for (uint32_t k = 0; k < node->n; k++) {
    if (read_list(&entry, &node->items[k], &lists[n], arena, c) != CIV_OK)
      return from_below(c, ".%.60s", node->keys[k].text);
    if (!(names[n++] = map_name(f, &node->keys[k], arena)))
      return no_memory(c);
  }
  *out = (civ_list_map){ names, lists, n };
  return CIV_OK;
}

/* --- trees ----------------------------------------------------------------------------------------------------------- */

/* An unknown key of a table of items. */
static civ_status complain_item_key(const civ_section *items, const civ_key *key, civ_complaint *c)
{
  civ_name_search near = civ_name_search_for(key->text);
  const civ_node place = { .line = key->line, .column = key->column };
  for (uint32_t k = 0; k < items->n_fields; k++)
    civ_name_offer(&near, items->fields[k].name);
  if (near.best)
    complain(c, CIV_E_KEY, &place, "unknown key; did you mean '%s'?", near.best);
  else
    complain(c, CIV_E_KEY, &place, "unknown key");
  return from_below(c, ".%.60s", key->text);
}

/* One mapping against its table. Nothing is stored but the tree itself. */
static civ_status check_item(const civ_section *items, const civ_node *node, civ_arena *arena, civ_complaint *c)
{
  bool alias;
  if (node->kind != CIV_NODE_MAP)
    return complain_type(c, node, "a mapping, such as {name: value}");
  for (uint32_t k = 0; k < node->n; k++) {
    const civ_field *f = civ_section_field_or_alias(items, node->keys[k].text, &alias);
    if (!f)
      return complain_item_key(items, &node->keys[k], c);
    if (civ_field_check(f, &node->items[k], arena, c) != CIV_OK)
      return from_below(c, ".%.60s", node->keys[k].text);
  }
  for (uint32_t k = 0; k < items->n_fields; k++)
    if ((items->fields[k].flags & CIV_FIELD_REQUIRED) && !civ_node_member(node, items->fields[k].name)) {
      complain(c, CIV_E_KEY, node, "the key is missing: %s", items->fields[k].doc);
      return from_below(c, ".%s", items->fields[k].name);
    }
  return CIV_OK;
}

static civ_status check_tree(const civ_field *f, const civ_node *node, civ_arena *arena, civ_complaint *c)
{
  if (!f->items || node->kind == CIV_NODE_NULL)
    return CIV_OK;
  if (f->flags & CIV_FIELD_ONE)
    return check_item(f->items, node, arena, c);
  if (f->flags & CIV_FIELD_NAMED) {
    civ_status status = check_map(f, node, c);
    for (uint32_t k = 0; status == CIV_OK && k < node->n; k++)
      if ((status = check_item(f->items, &node->items[k], arena, c)) != CIV_OK)
        from_below(c, ".%.60s", node->keys[k].text);
    return status;
  }
  if (node->kind != CIV_NODE_LIST)
    return complain_type(c, node, "a list of mappings");
  if (node->n == 0 && (f->flags & CIV_FIELD_NON_EMPTY))
    return complain(c, CIV_E_RANGE, node, "the list is empty; give at least one entry");
  for (uint32_t k = 0; k < node->n; k++)
    if (check_item(f->items, &node->items[k], arena, c) != CIV_OK)
      return from_below(c, "[%u]", k);
  return CIV_OK;
}

static civ_status read_tree(const civ_field *f, const civ_node *node, civ_tree *out, civ_arena *arena, civ_complaint *c)
{
  civ_buffer text = { 0 };
  const civ_status status = check_tree(f, node, arena, c);
  if (status != CIV_OK)
    return status;
  if (node->kind == CIV_NODE_NULL) {
    *out = (civ_tree){ NULL, 0 };
    return CIV_OK;
  }
  civ_node_json(&text, node);
  const char *json = text.failed ? NULL : civ_arena_text(arena, text.data, text.length);
  civ_buffer_free(&text);
  if (!json)
    return no_memory(c);
  *out = (civ_tree){ json, node->line };
  return CIV_OK;
}

/* --- any kind -------------------------------------------------------------------------------------------------------- */

/* Null, and the words that stand for it, where the field takes them. */
static bool reads_as_null(const civ_field *f, const civ_node *node)
{
  if (!civ_field_is_opt(f) && !(f->flags & CIV_FIELD_OFF_NULL))
    return false;
  return node->kind == CIV_NODE_NULL ||
         (node->kind == CIV_NODE_TEXT && f->kind != CIV_FIELD_CHOICE && find_choice(f, node->text) >= 0);
}

static civ_status read_slot(const civ_field *f, const civ_node *node, civ_slot *s, civ_arena *arena, civ_complaint *c)
{
  switch ((civ_field_kind)f->kind) {
  case CIV_FIELD_REAL:
    return read_real(f, node, &s->real, c);
  case CIV_FIELD_INTEGER:
    return read_integer(f, node, &s->integer, c);
  case CIV_FIELD_BOOLEAN:
    if (node->kind != CIV_NODE_BOOLEAN)
      return complain_type(c, node, "true or false");
    s->boolean = node->boolean;
    return CIV_OK;
  case CIV_FIELD_CHOICE:
    return read_choice(f, node, &s->choice, c);
  case CIV_FIELD_TEXT:
    return read_text(f, node, &s->text, arena, c);
  case CIV_FIELD_OPT_REAL:
    s->opt_real.set = true;
    return read_real(f, node, &s->opt_real.value, c);
  case CIV_FIELD_OPT_INTEGER:
    s->opt_integer.set = true;
    return read_integer(f, node, &s->opt_integer.value, c);
  case CIV_FIELD_LIST:
    return read_list(f, node, &s->list, arena, c);
  case CIV_FIELD_MAP_REAL:
    return read_real_map(f, node, &s->real_map, arena, c);
  case CIV_FIELD_MAP_LIST:
    return read_list_map(f, node, &s->list_map, arena, c);
  case CIV_FIELD_TREE:
    return read_tree(f, node, &s->tree, arena, c);
  }
  return complain(c, CIV_E_TYPE, node, "the field has no kind");
}

civ_status civ_field_set(const civ_field *field, void *values, const civ_node *node, civ_arena *arena,
                         civ_complaint *complaint)
{
  civ_slot s;
  memset(&s, 0, sizeof s);
  if (reads_as_null(field, node)) {
    if (field->flags & CIV_FIELD_OFF_NULL)
      return civ_field_set_default(field, values, arena) == CIV_OK ? CIV_OK : no_memory(complaint);
    civ_slot_store(field, values, &s);
    return CIV_OK;
  }
  const civ_status status = read_slot(field, node, &s, arena, complaint);
  if (status == CIV_OK)
    civ_slot_store(field, values, &s);
  return status;
}

civ_status civ_field_check(const civ_field *field, const civ_node *node, civ_arena *arena, civ_complaint *complaint)
{
  civ_slot nowhere;
  civ_field at_start = *field;
  at_start.offset = 0;
  return civ_field_set(&at_start, &nowhere, node, arena, complaint);
}
