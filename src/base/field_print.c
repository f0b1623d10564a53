/* Values, types and ranges of fields as text. */
#include <math.h>
#include <stdio.h>

#include "base/field_slot.h"
#include "base/json.h"
#include "base/number.h"

/* --- ranges and words ------------------------------------------------------------------------------------------------ */

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

/* "[0, 1]", "(0, 1]", "at least 0", "greater than 0", "at most 5". */
void civ_field_range_text(const civ_field *f, char *out, size_t size)
{
  char low[CIV_NUMBER_MAX + 1], high[CIV_NUMBER_MAX + 1];
  const bool has_low = f->min > -INFINITY, has_high = f->max < INFINITY;
  const bool open_low = f->flags & CIV_FIELD_OPEN_MIN, open_high = f->flags & CIV_FIELD_OPEN_MAX;
  bound_text(low, f->min);
  bound_text(high, f->max);
  if (civ_field_is_integer(f) && f->max >= 0x1p63)
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

void civ_add_words(char *out, size_t size, const char *const *words)
{
  size_t n = strlen(out);
  for (int k = 0; words[k] && n < size; k++) {
    const int more = snprintf(out + n, size - n, "%s%s", k == 0 ? "" : words[k + 1] ? ", " : " or ", words[k]);
    n += more > 0 ? (size_t)more : 0;
  }
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

static void write_value(civ_buffer *out, const civ_field *f, const civ_slot *s, text_writer *write)
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

void civ_slot_json(civ_buffer *out, const civ_field *f, const civ_slot *s)
{
  write_value(out, f, s, civ_buffer_json_text);
}

void civ_field_json(civ_buffer *out, const civ_field *field, const void *values)
{
  const civ_slot s = civ_slot_load(field, values);
  if (field->flags & CIV_FIELD_SECRET)
    civ_buffer_text(out, "null");
  else
    write_value(out, field, &s, civ_buffer_json_text);
}

void civ_field_yaml(civ_buffer *out, const civ_field *field, const void *values)
{
  const civ_slot s = civ_slot_load(field, values);
  if (field->flags & CIV_FIELD_SECRET)
    civ_buffer_text(out, "null");
  else
    write_value(out, field, &s, civ_yaml_text);
}

void civ_field_range(civ_buffer *out, const civ_field *field)
{
  char range[96] = "";
  if (field->kind == CIV_FIELD_REAL || field->kind == CIV_FIELD_MAP_REAL || civ_field_is_integer(field) ||
      civ_field_is_opt(field))
    civ_field_range_text(field, range, sizeof range);
  civ_buffer_text(out, range);
}

static void add_choices(civ_buffer *out, const civ_field *f, const char *before)
{
  char words[900] = "";
  if (!f->choices)
    return;
  civ_add_words(words, sizeof words, f->choices);
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
