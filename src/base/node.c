#include "base/node.h"

#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/number.h"
#include "base/text.h"

static bool is_digit(char c)
{
  return c >= '0' && c <= '9';
}

static bool one_of(const char *text, const char *const *words)
{
  for (; *words; words++)
    if (strcmp(text, *words) == 0)
      return true;
  return false;
}

/* 0x.. and 0o..; false if it is neither or does not fit. */
static bool read_based(const char *text, int64_t *out)
{
  if (text[0] != '0' || (text[1] != 'x' && text[1] != 'o') || !text[2])
    return false;
  const unsigned base = text[1] == 'x' ? 16 : 8;
  uint64_t x = 0;
  for (const char *p = text + 2; *p; p++) {
    unsigned digit = 99;
    if (is_digit(*p))
      digit = (unsigned)(*p - '0');
    else if (*p >= 'a' && *p <= 'f')
      digit = (unsigned)(*p - 'a' + 10);
    else if (*p >= 'A' && *p <= 'F')
      digit = (unsigned)(*p - 'A' + 10);
    if (digit >= base || x > ((uint64_t)INT64_MAX - digit) / base)
      return false;
    x = x * base + digit;
  }
  *out = (int64_t)x;
  return true;
}

/* Shape of a decimal number: [-+]? digits [. digits] [e[-+]digits], or .digits; no leading zeros. */
static bool is_decimal(const char *p, bool *integral)
{
  *integral = true;
  p += *p == '-' || *p == '+';
  if (p[0] == '0' && is_digit(p[1]))
    return false;
  size_t whole = 0, fraction = 0;
  while (is_digit(p[whole]))
    whole++;
  p += whole;
  if (*p == '.') {
    *integral = false;
    p++;
    while (is_digit(p[fraction]))
      fraction++;
    p += fraction;
  }
  if (whole + fraction == 0)
    return false;
  if (*p == 'e' || *p == 'E') {
    *integral = false;
    p++;
    p += *p == '-' || *p == '+';
    if (!is_digit(*p))
      return false;
    while (is_digit(*p))
      p++;
  }
  return *p == 0;
}

/* The number parser wants no plus sign and digits on both sides of the point. */
static double read_decimal(const char *text, size_t length)
{
  double x = 0;
  const bool minus = *text == '-';
  if (minus || *text == '+') {
    text++;
    length--;
  }
  char copy[512];
  if (length + 3 <= sizeof copy) {
    size_t n = 0;
    for (size_t i = 0; i < length; i++) {
      if (text[i] == '.' && i == 0)
        copy[n++] = '0';
      copy[n++] = text[i];
      if (text[i] == '.' && (i + 1 == length || !is_digit(text[i + 1])))
        copy[n++] = '0';
    }
    if (civ_parse_real(copy, n, &x))
      return minus ? -x : x;
  }
  return NAN; /* beyond the range of doubles, or absurdly long: refused wherever a number is wanted */
}

static bool read_special_real(const char *text, double *out)
{
  static const char *const nans[] = { ".nan", ".NaN", ".NAN", NULL };
  static const char *const infinities[] = { ".inf", ".Inf", ".INF", NULL };
  if (one_of(text, nans)) {
    *out = NAN;
    return true;
  }
  const char *unsigned_text = text + (*text == '-' || *text == '+');
  if (!one_of(unsigned_text, infinities))
    return false;
  *out = *text == '-' ? -INFINITY : INFINITY;
  return true;
}

civ_node civ_node_scalar(const char *text, size_t length, bool plain)
{
  static const char *const nulls[] = { "", "~", "null", "Null", "NULL", NULL };
  static const char *const trues[] = { "true", "True", "TRUE", NULL };
  static const char *const falses[] = { "false", "False", "FALSE", NULL };
  civ_node node = { .kind = CIV_NODE_TEXT, .text = text, .length = (uint32_t)length };
  bool integral;
  if (!plain)
    return node;
  if (one_of(text, nulls)) {
    node.kind = CIV_NODE_NULL;
  } else if (one_of(text, trues) || one_of(text, falses)) {
    node.kind = CIV_NODE_BOOLEAN;
    node.boolean = *text == 't' || *text == 'T';
  } else if (read_based(text, &node.integer)) {
    node.kind = CIV_NODE_INTEGER;
  } else if (read_special_real(text, &node.real)) {
    node.kind = CIV_NODE_REAL;
  } else if (is_decimal(text, &integral)) {
    const size_t sign = *text == '+';
    node.kind = CIV_NODE_INTEGER;
    if (!integral || !civ_parse_integer(text + sign, length - sign, &node.integer)) {
      node.kind = CIV_NODE_REAL;
      node.real = read_decimal(text, length);
    }
  }
  return node;
}

const civ_node *civ_node_member(const civ_node *map, const char *key)
{
  for (uint32_t k = 0; map && map->kind == CIV_NODE_MAP && k < map->n; k++)
    if (strcmp(map->keys[k].text, key) == 0)
      return &map->items[k];
  return NULL;
}

/* At most so many bytes of the text, whole UTF-8 characters, control characters as blanks. */
static size_t copy_cut(char *out, size_t size, const char *text, size_t most)
{
  size_t n = strlen(text), cut = n;
  if (most > size - 1)
    most = size - 1;
  if (cut > most) {
    cut = most > 3 ? most - 3 : 0;
    while (cut > 0 && civ_utf8_continues(text[cut]))
      cut--;
  }
  for (size_t i = 0; i < cut; i++)
    out[i] = (unsigned char)text[i] < 0x20 ? ' ' : text[i];
  if (cut < n && cut + 3 < size) {
    memcpy(out + cut, "...", 3);
    cut += 3;
  }
  out[cut] = 0;
  return cut;
}

void civ_node_describe(const civ_node *node, char *out, size_t size)
{
  enum { SHOWN = 60 };
  switch ((civ_node_kind)node->kind) {
  case CIV_NODE_LIST:
    copy_cut(out, size, "a list", SHOWN);
    return;
  case CIV_NODE_MAP:
    copy_cut(out, size, "a mapping", SHOWN);
    return;
  case CIV_NODE_NULL:
    copy_cut(out, size, "null", SHOWN);
    return;
  case CIV_NODE_TEXT: {
    const size_t n = copy_cut(out + 1, size - 2, node->text, SHOWN);
    out[0] = '\'';
    out[n + 1] = '\'';
    out[n + 2] = 0;
    return;
  }
  case CIV_NODE_BOOLEAN:
  case CIV_NODE_INTEGER:
  case CIV_NODE_REAL:
    copy_cut(out, size, node->text, SHOWN);
  }
}

void civ_node_json(civ_buffer *out, const civ_node *node)
{
  const bool map = node->kind == CIV_NODE_MAP;
  switch ((civ_node_kind)node->kind) {
  case CIV_NODE_NULL:
    civ_buffer_text(out, "null");
    break;
  case CIV_NODE_BOOLEAN:
    civ_buffer_text(out, node->boolean ? "true" : "false");
    break;
  case CIV_NODE_INTEGER:
    civ_buffer_integer(out, node->integer);
    break;
  case CIV_NODE_REAL:
    civ_buffer_real(out, node->real);
    break;
  case CIV_NODE_TEXT:
    civ_buffer_json_text(out, node->text, node->length);
    break;
  case CIV_NODE_LIST:
  case CIV_NODE_MAP:
    civ_buffer_text(out, map ? "{" : "[");
    for (uint32_t k = 0; k < node->n; k++) {
      if (k)
        civ_buffer_text(out, ", ");
      if (map) {
        civ_buffer_json_text(out, node->keys[k].text, node->keys[k].length);
        civ_buffer_text(out, ": ");
      }
      civ_node_json(out, &node->items[k]);
    }
    civ_buffer_text(out, map ? "}" : "]");
  }
}

/* Plain only what nobody could misread: a letter first, then letters, digits and a few marks, and not a word that stands
 * for something else (those are short). */
static bool may_be_plain(const char *text, size_t length)
{
  char word[8] = "";
  if (length == 0 || is_digit(text[0]))
    return false;
  for (size_t i = 0; i < length; i++) {
    const char c = text[i];
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_';
    if (!letter && (i == 0 || (c != '-' && c != '.' && c != '/')))
      return false;
  }
  if (length < sizeof word)
    memcpy(word, text, length);
  return length >= sizeof word || civ_node_scalar(word, length, true).kind == CIV_NODE_TEXT;
}

void civ_yaml_text(civ_buffer *out, const char *text, size_t length)
{
  if (may_be_plain(text, length)) {
    civ_buffer_add(out, text, length);
    return;
  }
  civ_buffer_text(out, "\"");
  for (size_t i = 0; i < length; i++) {
    const unsigned char c = (unsigned char)text[i];
    if (c == '"' || c == '\\')
      civ_buffer_format(out, "\\%c", c);
    else if (c < 0x20 || c == 0x7F)
      civ_buffer_format(out, "\\x%02X", c);
    else if (c == 0xC2 && i + 1 < length && ((unsigned char)text[i + 1] < 0xA0)) /* C1 controls and next line */
      civ_buffer_format(out, "\\x%02X", (unsigned char)text[++i]);
    else if (c == 0xE2 && i + 2 < length && (unsigned char)text[i + 1] == 0x80 &&
             ((unsigned char)text[i + 2] == 0xA8 || (unsigned char)text[i + 2] == 0xA9)) { /* line separators */
      civ_buffer_format(out, "\\u20%02X", (unsigned char)text[i + 2] - 0x80u);
      i += 2;
    } else if (c == 0xEF && i + 2 < length && (unsigned char)text[i + 1] == 0xBB &&
               (unsigned char)text[i + 2] == 0xBF) {
      civ_buffer_text(out, "\\uFEFF"); /* a byte order mark inside a text */
      i += 2;
    } else
      civ_buffer_add(out, text + i, 1);
  }
  civ_buffer_text(out, "\"");
}

static void write_flow(civ_buffer *out, const json_t *value)
{
  const char *key;
  json_t *item;
  size_t k;
  bool first = true;
  if (json_is_object(value)) {
    civ_buffer_text(out, "{");
    json_object_foreach((json_t *)value, key, item)
    {
      civ_buffer_text(out, first ? "" : ", ");
      civ_yaml_text(out, key, strlen(key));
      civ_buffer_text(out, ": ");
      write_flow(out, item);
      first = false;
    }
    civ_buffer_text(out, "}");
  } else if (json_is_array(value)) {
    civ_buffer_text(out, "[");
    json_array_foreach(value, k, item)
    {
      civ_buffer_text(out, k ? ", " : "");
      write_flow(out, item);
    }
    civ_buffer_text(out, "]");
  } else if (json_is_string(value)) {
    civ_yaml_text(out, json_string_value(value), json_string_length(value));
  } else {
    civ_json_write(out, value, 0);
  }
}

void civ_yaml_from_json(civ_buffer *out, const char *json)
{
  json_t *value = json_loads(json, JSON_DECODE_ANY, NULL);
  if (value)
    write_flow(out, value);
  else
    out->failed = true; /* only for want of memory: the text is ours */
  json_decref(value);
}
