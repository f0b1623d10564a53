#include "world/boundary_text.h"

#include <string.h>

#include "base/digest.h"

/* --- canonical text --------------------------------------------------------------------------------------------------- */

static void put_quoted(civ_buffer *out, const char *text, size_t length)
{
  size_t from = 0;
  civ_buffer_add(out, "\"", 1);
  for (size_t k = 0; k < length; k++) {
    const unsigned char c = (unsigned char)text[k];
    if (c >= 0x20 && c != '"' && c != '\\')
      continue;
    civ_buffer_add(out, text + from, k - from);
    from = k + 1;
    if (c == '"' || c == '\\')
      civ_buffer_format(out, "\\%c", c);
    else if (c == '\n' || c == '\r' || c == '\t')
      civ_buffer_text(out, c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\t");
    else
      civ_buffer_format(out, "\\u%04x", c);
  }
  civ_buffer_add(out, text + from, length - from);
  civ_buffer_add(out, "\"", 1);
}

static void put_scalar(civ_buffer *out, const json_t *value, bool quoted)
{
  switch (json_typeof(value)) {
  case JSON_STRING:
    if (quoted)
      put_quoted(out, json_string_value(value), json_string_length(value));
    else
      civ_buffer_add(out, json_string_value(value), json_string_length(value));
    break;
  case JSON_INTEGER:
    civ_buffer_integer(out, json_integer_value(value));
    break;
  case JSON_REAL:
    civ_buffer_real(out, json_real_value(value));
    break;
  case JSON_TRUE:
  case JSON_FALSE:
    civ_buffer_text(out, json_is_true(value) ? "true" : "false");
    break;
  default:
    civ_buffer_text(out, "null");
  }
}

static bool put_value(civ_buffer *out, const json_t *value, int depth)
{
  const char *key;
  json_t *below;
  size_t k;
  bool first = true;
  if (depth == CIV_CONTENT_MOST_DEPTH && (json_is_object(value) || json_is_array(value)))
    return false;
  if (json_is_object(value)) {
    civ_buffer_text(out, "{");
    json_object_foreach((json_t *)(uintptr_t)value, key, below)
    {
      civ_buffer_text(out, first ? "" : ", ");
      put_quoted(out, key, strlen(key));
      civ_buffer_text(out, ": ");
      if (!put_value(out, below, depth + 1))
        return false;
      first = false;
    }
    civ_buffer_text(out, "}");
  } else if (json_is_array(value)) {
    civ_buffer_text(out, "[");
    json_array_foreach(value, k, below)
    {
      civ_buffer_text(out, k > 0 ? ", " : "");
      if (!put_value(out, below, depth + 1))
        return false;
    }
    civ_buffer_text(out, "]");
  } else {
    put_scalar(out, value, true);
  }
  return true;
}

/* --- lines without quotes: a secret whose key names it is seen ------------------------------------------------------------ */

/* Depth was checked by put_value. */
static void put_lines(civ_buffer *out, const json_t *value, civ_buffer *path)
{
  const char *key;
  json_t *below;
  size_t k;
  const size_t length = path->length;
  if (json_is_object(value)) {
    json_object_foreach((json_t *)(uintptr_t)value, key, below)
    {
      civ_buffer_text(path, length > 0 ? "." : "");
      civ_buffer_text(path, key);
      put_lines(out, below, path);
      path->length = length;
    }
  } else if (json_is_array(value)) {
    json_array_foreach(value, k, below)
    {
      put_lines(out, below, path);
    }
  } else {
    civ_buffer_text(out, "\n");
    civ_buffer_add(out, path->data, path->length);
    civ_buffer_text(out, ": ");
    put_scalar(out, value, false);
  }
}

civ_status civ_payload_text(const json_t *payload, bool lines, civ_buffer *out, size_t *length, size_t *scanned)
{
  const size_t before = out->length;
  if (payload == NULL)
    civ_buffer_text(out, "{}");
  else if (json_is_string(payload))
    put_scalar(out, payload, false);
  else if (!put_value(out, payload, 0))
    return CIV_E_LIMIT;
  const size_t own = out->length - before;
  if (lines && (json_is_object(payload) || json_is_array(payload))) {
    civ_buffer path = { 0 };
    put_lines(out, payload, &path);
    out->failed = out->failed || path.failed;
    civ_buffer_free(&path);
  }
  if (out->failed)
    return CIV_E_NOMEM;
  *length = own;
  *scanned = out->length - before;
  return CIV_OK;
}

/* --- questions about a text ------------------------------------------------------------------------------------------------- */

void civ_text_hash(const char *text, size_t length, char out[CIV_HASH_TEXT])
{
  char whole[65];
  civ_sha256_hex(text, length, whole);
  memcpy(out, whole, CIV_HASH_TEXT - 1);
  out[CIV_HASH_TEXT - 1] = '\0';
}
