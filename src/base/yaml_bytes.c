#include "base/yaml_bytes.h"

#include <stdio.h>

#include "base/text.h"

static bool is_control(const unsigned char *p)
{
  return (p[0] < 0x20 && p[0] != '\t' && p[0] != '\n' && p[0] != '\r') || p[0] == 0x7F ||
         (p[0] == 0xC2 && p[1] < 0xA0 && p[1] != 0x85);
}

static bool looks_like_utf16(const unsigned char *p, size_t length)
{
  return length >= 2 &&
         ((p[0] == 0xFF && p[1] == 0xFE) || (p[0] == 0xFE && p[1] == 0xFF) || (p[0] == 0) != (p[1] == 0));
}

/* What is wrong with the bytes at p, `n` of them a character or 0. */
static void describe(const unsigned char *p, size_t n, civ_yaml_flaw *flaw)
{
  if (n == 0)
    snprintf(flaw->text, sizeof flaw->text, "byte 0x%02X is not UTF-8; save the file as UTF-8", p[0]);
  else
    snprintf(flaw->text, sizeof flaw->text, "control character U+%04X; remove it, or write an escape in double quotes",
             n == 1 ? p[0] : p[1]);
}

bool civ_yaml_find_flaw(const unsigned char *text, size_t length, civ_yaml_flaw *flaw)
{
  flaw->line = flaw->column = 1;
  if (looks_like_utf16(text, length)) {
    snprintf(flaw->text, sizeof flaw->text, "the file is UTF-16; save it as UTF-8");
    return true;
  }
  for (size_t i = 0; i < length;) {
    const size_t n = civ_utf8_length(text + i, length - i);
    if (n == 0 || is_control(text + i)) {
      describe(text + i, n, flaw);
      return true;
    }
    flaw->column++;
    if (text[i] == '\n') {
      flaw->line++;
      flaw->column = 1;
    }
    i += n;
  }
  return false;
}
