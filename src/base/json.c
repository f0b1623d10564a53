#include "base/json.h"

#include <stdlib.h>
#include <string.h>

static void write_value(civ_buffer *out, const json_t *value, int indent, int depth);

static void break_line(civ_buffer *out, int indent, int depth)
{
  if (indent <= 0)
    return;
  civ_buffer_text(out, "\n");
  for (int i = 0; i < indent * depth; i++)
    civ_buffer_text(out, " ");
}

static void separate(civ_buffer *out, bool first, int indent, int depth)
{
  if (!first)
    civ_buffer_text(out, indent > 0 ? "," : ", ");
  break_line(out, indent, depth);
}

static void write_object(civ_buffer *out, json_t *object, int indent, int depth)
{
  const char *key;
  json_t *member;
  bool first = true;
  civ_buffer_text(out, "{");
  json_object_foreach(object, key, member)
  {
    separate(out, first, indent, depth + 1);
    first = false;
    civ_buffer_json_text(out, key, strlen(key));
    civ_buffer_text(out, ": ");
    write_value(out, member, indent, depth + 1);
  }
  if (!first)
    break_line(out, indent, depth);
  civ_buffer_text(out, "}");
}

static void write_array(civ_buffer *out, const json_t *array, int indent, int depth)
{
  const size_t n = json_array_size(array);
  civ_buffer_text(out, "[");
  for (size_t i = 0; i < n; i++) {
    separate(out, i == 0, indent, depth + 1);
    write_value(out, json_array_get(array, i), indent, depth + 1);
  }
  if (n > 0)
    break_line(out, indent, depth);
  civ_buffer_text(out, "]");
}

static void write_value(civ_buffer *out, const json_t *value, int indent, int depth)
{
  switch (json_typeof(value)) {
  case JSON_OBJECT:
    write_object(out, (json_t *)(uintptr_t)value, indent, depth); /* Jansson's iterators take no const; none writes */
    break;
  case JSON_ARRAY:
    write_array(out, value, indent, depth);
    break;
  case JSON_STRING:
    civ_buffer_json_text(out, json_string_value(value), json_string_length(value));
    break;
  case JSON_INTEGER:
    civ_buffer_integer(out, json_integer_value(value));
    break;
  case JSON_REAL:
    civ_buffer_real(out, json_real_value(value));
    break;
  case JSON_TRUE:
    civ_buffer_text(out, "true");
    break;
  case JSON_FALSE:
    civ_buffer_text(out, "false");
    break;
  case JSON_NULL:
    civ_buffer_text(out, "null");
    break;
  }
}

json_t *civ_json_of(civ_buffer *text)
{
  json_t *tree = text->failed ? NULL : json_loadb(text->data, text->length, 0, NULL);
  civ_buffer_free(text);
  return tree;
}

void civ_json_write(civ_buffer *out, const json_t *value, int indent)
{
  write_value(out, value, indent, 0);
}

void civ_json_write_deep(civ_buffer *out, const json_t *value, int indent, int depth)
{
  if (value == NULL)
    out->failed = true;
  else
    write_value(out, value, indent, depth);
}

double civ_json_real(const json_t *object, const char *key, double otherwise)
{
  const json_t *member = json_object_get(object, key);
  return json_is_number(member) ? json_number_value(member) : otherwise;
}

int64_t civ_json_integer(const json_t *object, const char *key, int64_t otherwise)
{
  const json_t *member = json_object_get(object, key);
  return json_is_integer(member) ? json_integer_value(member) : otherwise;
}

const char *civ_json_text(const json_t *object, const char *key, const char *otherwise)
{
  const json_t *member = json_object_get(object, key);
  return json_is_string(member) ? json_string_value(member) : otherwise;
}

bool civ_json_bool(const json_t *object, const char *key, bool otherwise)
{
  const json_t *member = json_object_get(object, key);
  return json_is_boolean(member) ? json_is_true(member) : otherwise;
}

/* --- other forms ---------------------------------------------------------------------------------------------------- */

static int by_key(const void *a, const void *b)
{
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static json_t *sorted_object(json_t *object)
{
  const size_t n = json_object_size(object);
  const char **keys = calloc(n + 1, sizeof *keys);
  json_t *out = keys != NULL ? json_object() : NULL, *member;
  const char *key;
  size_t at = 0;
  if (out != NULL) {
    json_object_foreach(object, key, member) keys[at++] = key;
    qsort(keys, n, sizeof *keys, by_key);
  }
  for (size_t k = 0; out != NULL && k < n; k++) {
    json_t *value = civ_json_sorted(json_incref(json_object_get(object, keys[k])));
    if (value == NULL || json_object_set_new_nocheck(out, keys[k], value) != 0) {
      json_decref(out);
      out = NULL;
    }
  }
  free(keys);
  return out;
}

static json_t *sorted_array(json_t *array)
{
  json_t *out = json_array(), *item;
  size_t k;
  json_array_foreach(array, k, item)
  {
    json_t *value = civ_json_sorted(json_incref(item));
    if (out == NULL || value == NULL || json_array_append_new(out, value) != 0) {
      json_decref(out);
      return NULL;
    }
  }
  return out;
}

json_t *civ_json_sorted(json_t *value)
{
  if (!json_is_object(value) && !json_is_array(value))
    return value;
  json_t *out = json_is_object(value) ? sorted_object(value) : sorted_array(value);
  json_decref(value);
  return out;
}

civ_node civ_json_node(const json_t *value)
{
  switch (value != NULL ? json_typeof(value) : JSON_NULL) {
  case JSON_TRUE:
  case JSON_FALSE:
    return (civ_node){ .kind = CIV_NODE_BOOLEAN,
                       .text = json_is_true(value) ? "true" : "false",
                       .boolean = json_is_true(value) };
  case JSON_INTEGER:
    return (civ_node){ .kind = CIV_NODE_INTEGER, .text = "", .integer = json_integer_value(value) };
  case JSON_REAL:
    return (civ_node){ .kind = CIV_NODE_REAL, .text = "", .real = json_real_value(value) };
  case JSON_STRING:
    return (civ_node){ .kind = CIV_NODE_TEXT,
                       .text = json_string_value(value),
                       .length = (uint32_t)json_string_length(value) };
  case JSON_ARRAY:
    return (civ_node){ .kind = CIV_NODE_LIST, .text = "" };
  case JSON_OBJECT:
    return (civ_node){ .kind = CIV_NODE_MAP, .text = "" };
  default:
    return (civ_node){ .kind = CIV_NODE_NULL, .text = "null" };
  }
}
