#include "base/field.h"

#include <assert.h>
#include <math.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/names.h"
#include "base/number.h"
#include "base/yaml.h"

/* Room for one value of any kind. */
typedef union slot {
  double real;
  int64_t integer;
  bool boolean;
  int32_t choice;
  const char *text;
  civ_opt_real opt_real;
  civ_opt_integer opt_integer;
  civ_text_list list;
  civ_real_map real_map;
  civ_list_map list_map;
  civ_tree tree;
} slot;

static size_t size_of_kind(civ_field_kind kind)
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
  return sizes[kind];
}

static slot load(const civ_field *field, const void *values)
{
  slot s;
  memset(&s, 0, sizeof s);
  memcpy(&s, (const char *)values + field->offset, size_of_kind((civ_field_kind)field->kind));
  return s;
}

static void store(const civ_field *field, void *values, const slot *s)
{
  memcpy((char *)values + field->offset, s, size_of_kind((civ_field_kind)field->kind));
}

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

static void add_words(char *out, size_t size, const char *const *words)
{
  size_t n = strlen(out);
  for (int k = 0; words[k] && n < size; k++) {
    const int more = snprintf(out + n, size - n, "%s%s", k == 0 ? "" : words[k + 1] ? ", " : " or ", words[k]);
    n += more > 0 ? (size_t)more : 0;
  }
}

/* "'rond' is none of a, b or c; did you mean 'random'?" */
static civ_status complain_choice(civ_complaint *c, civ_status code, const civ_node *node, const char *shown,
                                  const char *word, const char *const *choices)
{
  char list[280] = "";
  add_words(list, sizeof list, choices);
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

/* A bound as people write it: 0, 1, 0.5, 1e9. */
static void bound_text(char out[CIV_NUMBER_MAX + 1], double x)
{
  size_t n;
  if (isinf(x)) {
    strcpy(out, x < 0 ? "-inf" : "inf");
    return;
  }
  n = fabs(x) < 9e15 && x == floor(x) ? civ_format_integer(out, (int64_t)x) : civ_format_real(out, x);
  out[n] = 0;
}

static bool is_opt(const civ_field *f)
{
  return f->kind == CIV_FIELD_OPT_REAL || f->kind == CIV_FIELD_OPT_INTEGER;
}

static bool is_integer(const civ_field *f)
{
  return f->kind == CIV_FIELD_INTEGER || f->kind == CIV_FIELD_OPT_INTEGER;
}

/* "[0, 1]", "(0, 1]", "at least 0", "greater than 0", "at most 5". */
static void range_text(const civ_field *f, char *out, size_t size)
{
  char low[CIV_NUMBER_MAX + 1], high[CIV_NUMBER_MAX + 1];
  const bool has_low = f->min > -INFINITY, has_high = f->max < INFINITY;
  const bool open_low = f->flags & CIV_FIELD_OPEN_MIN, open_high = f->flags & CIV_FIELD_OPEN_MAX;
  bound_text(low, f->min);
  bound_text(high, f->max);
  if (is_integer(f) && f->max >= 0x1p63)
    strcpy(high, "9223372036854775807");
  if (has_low && has_high)
    snprintf(out, size, "%c%s, %s%c", open_low ? '(' : '[', low, high, open_high ? ')' : ']');
  else if (has_low)
    snprintf(out, size, "%s %s", open_low ? "greater than" : "at least", low);
  else if (has_high)
    snprintf(out, size, "%s %s", open_high ? "less than" : "at most", high);
  else
    out[0] = 0;
}

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
  range_text(f, range, sizeof range);
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
    const char x = *a >= 'A' && *a <= 'Z' ? (char)(*a + 32) : *a, y = *b >= 'A' && *b <= 'Z' ? (char)(*b + 32) : *b;
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
  slot base = { .integer = 0 };
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
  slot base = { .integer = 0 };
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
  if (!is_opt(f) && !(f->flags & CIV_FIELD_OFF_NULL))
    return false;
  return node->kind == CIV_NODE_NULL ||
         (node->kind == CIV_NODE_TEXT && f->kind != CIV_FIELD_CHOICE && find_choice(f, node->text) >= 0);
}

static civ_status read_slot(const civ_field *f, const civ_node *node, slot *s, civ_arena *arena, civ_complaint *c)
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
  slot s;
  memset(&s, 0, sizeof s);
  if (reads_as_null(field, node)) {
    if (field->flags & CIV_FIELD_OFF_NULL)
      return civ_field_set_default(field, values, arena) == CIV_OK ? CIV_OK : no_memory(complaint);
    store(field, values, &s);
    return CIV_OK;
  }
  const civ_status status = read_slot(field, node, &s, arena, complaint);
  if (status == CIV_OK)
    store(field, values, &s);
  return status;
}

civ_status civ_field_check(const civ_field *field, const civ_node *node, civ_arena *arena, civ_complaint *complaint)
{
  slot nowhere;
  civ_field at_start = *field;
  at_start.offset = 0;
  return civ_field_set(&at_start, &nowhere, node, arena, complaint);
}

civ_status civ_field_set_default(const civ_field *field, void *values, civ_arena *arena)
{
  civ_complaint c = { 0 };
  civ_node node = civ_node_scalar(field->fallback, strlen(field->fallback), true);
  civ_field off = *field;
  off.flags &=
      (uint16_t) ~(CIV_FIELD_OFF_NULL | CIV_FIELD_MERGE); /* a default is what null reads as, and merges with nothing */
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
    slot s = load(field, values);
    s.tree.line = 0;
    store(field, values, &s);
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
  slot s = load(field, from);
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
  store(field, values, &s);
  return true;
}

/* --- secrets --------------------------------------------------------------------------------------------------------- */

static void strip_item(json_t *item, const civ_section *items);

/* Takes secrets out of a tree that was checked against the field's items. */
static void strip_tree(json_t *tree, const civ_field *f)
{
  const char *key;
  json_t *below;
  size_t k;
  if (!f->items || !tree)
    return;
  if (f->flags & CIV_FIELD_ONE) {
    strip_item(tree, f->items);
  } else if (f->flags & CIV_FIELD_NAMED) {
    json_object_foreach(tree, key, below)
    {
      strip_item(below, f->items);
    }
  } else {
    json_array_foreach(tree, k, below)
    {
      strip_item(below, f->items);
    }
  }
}

static void strip_item(json_t *item, const civ_section *items)
{
  for (uint32_t k = 0; k < items->n_fields; k++) {
    const civ_field *f = &items->fields[k];
    if (f->flags & CIV_FIELD_SECRET)
      json_object_del(item, f->name);
    else if (f->kind == CIV_FIELD_TREE)
      strip_tree(json_object_get(item, f->name), f);
  }
}

static bool holds_secrets(const civ_section *items)
{
  for (uint32_t k = 0; items && k < items->n_fields; k++)
    if (items->fields[k].flags & CIV_FIELD_SECRET)
      return true;
  return false;
}

/* The tree's text as it may be shown. */
static void write_tree(civ_buffer *out, const civ_field *f, const char *json, bool yaml)
{
  civ_buffer text = { 0 };
  if (holds_secrets(f->items)) {
    json_t *tree = json_loads(json, JSON_DECODE_ANY, NULL);
    strip_tree(tree, f);
    if (tree)
      civ_json_write(&text, tree, 0);
    else
      text.failed = true;
    json_decref(tree);
  } else {
    civ_buffer_text(&text, json);
  }
  civ_buffer_add(&text, "", 1);
  if (text.failed)
    out->failed = true;
  else if (yaml)
    civ_yaml_from_json(out, text.data);
  else
    civ_buffer_text(out, text.data);
  civ_buffer_free(&text);
}

/* --- printing -------------------------------------------------------------------------------------------------------- */

typedef void text_writer(civ_buffer *out, const char *text, size_t length);

static void write_list(civ_buffer *out, const civ_text_list *list, text_writer *write)
{
  civ_buffer_text(out, "[");
  for (uint32_t k = 0; k < list->n; k++) {
    civ_buffer_text(out, k ? ", " : "");
    write(out, list->items[k], strlen(list->items[k]));
  }
  civ_buffer_text(out, "]");
}

static void write_text(civ_buffer *out, const char *text, text_writer *write)
{
  if (text)
    write(out, text, strlen(text));
  else
    civ_buffer_text(out, "null");
}

static void write_value(civ_buffer *out, const civ_field *f, const slot *s, text_writer *write)
{
  switch ((civ_field_kind)f->kind) {
  case CIV_FIELD_REAL:
    civ_buffer_real(out, s->real);
    break;
  case CIV_FIELD_INTEGER:
    civ_buffer_integer(out, s->integer);
    break;
  case CIV_FIELD_BOOLEAN:
    civ_buffer_text(out, s->boolean ? "true" : "false");
    break;
  case CIV_FIELD_CHOICE:
    write_text(out, f->choices[s->choice], write);
    break;
  case CIV_FIELD_TEXT:
    write_text(out, s->text, write);
    break;
  case CIV_FIELD_OPT_REAL:
    if (s->opt_real.set)
      civ_buffer_real(out, s->opt_real.value);
    else
      civ_buffer_text(out, "null");
    break;
  case CIV_FIELD_OPT_INTEGER:
    if (s->opt_integer.set)
      civ_buffer_integer(out, s->opt_integer.value);
    else
      civ_buffer_text(out, "null");
    break;
  case CIV_FIELD_LIST:
    write_list(out, &s->list, write);
    break;
  case CIV_FIELD_MAP_REAL:
  case CIV_FIELD_MAP_LIST: {
    const bool real = f->kind == CIV_FIELD_MAP_REAL;
    const uint32_t n = real ? s->real_map.n : s->list_map.n;
    civ_buffer_text(out, "{");
    for (uint32_t k = 0; k < n; k++) {
      civ_buffer_text(out, k ? ", " : "");
      write_text(out, real ? s->real_map.names[k] : s->list_map.names[k], write);
      civ_buffer_text(out, ": ");
      if (real)
        civ_buffer_real(out, s->real_map.values[k]);
      else
        write_list(out, &s->list_map.lists[k], write);
    }
    civ_buffer_text(out, "}");
    break;
  }
  case CIV_FIELD_TREE:
    if (!s->tree.json)
      civ_buffer_text(out, "null");
    else
      write_tree(out, f, s->tree.json, write == civ_yaml_text);
  }
}

void civ_field_json(civ_buffer *out, const civ_field *field, const void *values)
{
  const slot s = load(field, values);
  if (field->flags & CIV_FIELD_SECRET)
    civ_buffer_text(out, "null");
  else
    write_value(out, field, &s, civ_buffer_json_text);
}

void civ_field_yaml(civ_buffer *out, const civ_field *field, const void *values)
{
  const slot s = load(field, values);
  if (field->flags & CIV_FIELD_SECRET)
    civ_buffer_text(out, "null");
  else
    write_value(out, field, &s, civ_yaml_text);
}

bool civ_field_equal(const civ_field *field, const void *a, const void *b)
{
  civ_buffer x = { 0 }, y = { 0 };
  const slot s = load(field, a), t = load(field, b);
  write_value(&x, field, &s, civ_buffer_json_text);
  write_value(&y, field, &t, civ_buffer_json_text);
  const bool same = !x.failed && !y.failed && x.length == y.length && memcmp(x.data, y.data, x.length) == 0;
  civ_buffer_free(&x);
  civ_buffer_free(&y);
  return same;
}

bool civ_field_is_default(const civ_field *field, const void *values)
{
  slot value = load(field, values), fallback;
  civ_arena arena = civ_arena_create(NULL);
  civ_field at_start = *field;
  at_start.offset = 0;
  const bool same =
      civ_field_set_default(&at_start, &fallback, &arena) == CIV_OK && civ_field_equal(&at_start, &value, &fallback);
  civ_arena_destroy(&arena);
  return same;
}

void civ_field_range(civ_buffer *out, const civ_field *field)
{
  char range[96] = "";
  if (field->kind == CIV_FIELD_REAL || field->kind == CIV_FIELD_MAP_REAL || is_integer(field) || is_opt(field))
    range_text(field, range, sizeof range);
  civ_buffer_text(out, range);
}

static void add_choices(civ_buffer *out, const civ_field *f, const char *before)
{
  char words[900] = "";
  if (!f->choices)
    return;
  add_words(words, sizeof words, f->choices);
  civ_buffer_format(out, "%s%s", before, words);
}

void civ_field_type(civ_buffer *out, const civ_field *field)
{
  switch ((civ_field_kind)field->kind) {
  case CIV_FIELD_REAL:
    civ_buffer_text(out, "number");
    break;
  case CIV_FIELD_INTEGER:
    civ_buffer_text(out, "integer");
    add_choices(out, field, "; also "); /* words read as the default */
    break;
  case CIV_FIELD_BOOLEAN:
    civ_buffer_text(out, "true or false");
    break;
  case CIV_FIELD_CHOICE:
    add_choices(out, field, "");
    break;
  case CIV_FIELD_TEXT:
    civ_buffer_text(out, "text");
    break;
  case CIV_FIELD_OPT_REAL:
  case CIV_FIELD_OPT_INTEGER:
    civ_buffer_text(out, field->kind == CIV_FIELD_OPT_REAL ? "number or null" : "integer or null");
    add_choices(out, field, "; null also as ");
    break;
  case CIV_FIELD_LIST:
    civ_buffer_text(out, "list of text");
    add_choices(out, field, ": ");
    break;
  case CIV_FIELD_MAP_REAL:
    civ_buffer_text(out, "mapping to numbers");
    add_choices(out, field, ", names: ");
    break;
  case CIV_FIELD_MAP_LIST:
    civ_buffer_text(out, "mapping to lists of text");
    add_choices(out, field, ", names: ");
    break;
  case CIV_FIELD_TREE:
    civ_buffer_text(out, !field->items                    ? "any value"
                         : field->flags & CIV_FIELD_ONE   ? "mapping"
                         : field->flags & CIV_FIELD_NAMED ? "mapping of mappings"
                                                          : "list of mappings");
  }
}

void civ_field_sentence(civ_buffer *out, const civ_field *field)
{
  const size_t n = strlen(field->doc);
  if (n == 0)
    return;
  const char first = field->doc[0] >= 'a' && field->doc[0] <= 'z' ? (char)(field->doc[0] - 32) : field->doc[0];
  civ_buffer_add(out, &first, 1);
  civ_buffer_add(out, field->doc + 1, n - 1);
  if (field->doc[n - 1] != '.')
    civ_buffer_text(out, ".");
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
