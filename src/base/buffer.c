#include "base/buffer.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/text.h"

void civ_buffer_free(civ_buffer *b)
{
  free(b->data);
  *b = (civ_buffer){ 0 };
}

bool civ_buffer_reserve(civ_buffer *b, size_t more)
{
  if (b->failed)
    return false;
  if (more <= b->capacity - b->length)
    return true;
  void *data = b->data;
  if (more > SIZE_MAX - b->length ||
      civ_grow(&civ_allocator_malloc, &data, &b->capacity, b->length + more, 1) != CIV_OK) {
    b->failed = true;
    return false;
  }
  b->data = data;
  return true;
}

void civ_buffer_add(civ_buffer *b, const char *data, size_t length)
{
  if (length == 0 || !civ_buffer_reserve(b, length))
    return;
  memcpy(b->data + b->length, data, length);
  b->length += length;
}

void civ_buffer_text(civ_buffer *b, const char *text)
{
  civ_buffer_add(b, text, strlen(text));
}

void civ_buffer_format(civ_buffer *b, const char *fmt, ...)
{
  va_list args, again;
  va_start(args, fmt);
  va_copy(again, args);
  const int length = vsnprintf(NULL, 0, fmt, args);
  va_end(args);
  if (length < 0)
    b->failed = true;
  else if (civ_buffer_reserve(b, (size_t)length + 1)) {
    vsnprintf(b->data + b->length, (size_t)length + 1, fmt, again);
    b->length += (size_t)length;
  }
  va_end(again);
}

void civ_buffer_real(civ_buffer *b, double x)
{
  if (civ_buffer_reserve(b, CIV_NUMBER_MAX))
    b->length += civ_format_real(b->data + b->length, x);
}

void civ_buffer_integer(civ_buffer *b, int64_t x)
{
  if (civ_buffer_reserve(b, CIV_NUMBER_MAX))
    b->length += civ_format_integer(b->data + b->length, x);
}

static char *put_escape(char *out, uint32_t unit)
{
  static const char digits[] = "0123456789abcdef";
  *out++ = '\\';
  *out++ = 'u';
  for (int shift = 12; shift >= 0; shift -= 4)
    *out++ = digits[unit >> shift & 15];
  return out;
}

static char *put_escaped(char *out, uint32_t code)
{
  static const char short_forms[] = "\bb\tt\nn\ff\rr\"\"\\\\";
  for (const char *form = short_forms; *form != '\0'; form += 2)
    if (code == (unsigned char)form[0]) {
      *out++ = '\\';
      *out++ = form[1];
      return out;
    }
  if (code < 0x10000)
    return put_escape(out, code);
  out = put_escape(out, 0xD800 + ((code - 0x10000) >> 10));
  return put_escape(out, 0xDC00 + ((code - 0x10000) & 0x3FF));
}

void civ_buffer_json_text(civ_buffer *b, const char *text, size_t length)
{
  enum { LONGEST = 6 }; /* "\u0001" for one byte; no other code point takes more per byte */
  if (length > (SIZE_MAX - 2) / LONGEST) {
    b->failed = true;
    return;
  }
  if (!civ_buffer_reserve(b, length * LONGEST + 2))
    return;
  const unsigned char *s = (const unsigned char *)text;
  char *out = b->data + b->length;
  *out++ = '"';
  for (size_t at = 0; at < length;) {
    if (s[at] >= 0x20 && s[at] < 0x80 && s[at] != '"' && s[at] != '\\') {
      *out++ = (char)s[at++];
      continue;
    }
    size_t taken;
    const uint32_t code = civ_utf8_decode(s + at, length - at, &taken);
    out = put_escaped(out, code);
    at += taken;
  }
  *out++ = '"';
  b->length = (size_t)(out - b->data);
}

void civ_buffer_csv_text(civ_buffer *b, const char *text)
{
  if (text == NULL)
    return;
  if (text[strcspn(text, ",\"\r\n")] == '\0') {
    civ_buffer_text(b, text);
    return;
  }
  civ_buffer_text(b, "\"");
  for (; *text != '\0'; text++)
    civ_buffer_add(b, *text == '"' ? "\"\"" : text, *text == '"' ? 2 : 1);
  civ_buffer_text(b, "\"");
}

void civ_buffer_csv_number(civ_buffer *b, double value, bool integer)
{
  if (!isfinite(value))
    return;
  if (integer)
    civ_buffer_integer(b, (int64_t)value);
  else
    civ_buffer_real(b, value);
}

char *civ_buffer_take(civ_buffer *b, size_t *length)
{
  char *text = NULL;
  if (civ_buffer_reserve(b, 1)) {
    b->data[b->length] = '\0';
    if (length != NULL)
      *length = b->length;
    text = b->data;
    b->data = NULL;
  }
  civ_buffer_free(b);
  return text;
}

civ_status civ_buffer_deliver(civ_buffer *b, civ_bytes *out)
{
  const bool failed = b->failed;
  if (!failed)
    civ_bytes_put_block(out, b->data, b->length);
  civ_buffer_free(b);
  return failed || out->failed ? CIV_E_NOMEM : CIV_OK;
}
