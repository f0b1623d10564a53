#include "base/text.h"

enum { REPLACEMENT = 0xFFFD };

uint32_t civ_utf8_decode(const unsigned char *text, size_t left, size_t *taken)
{
  const unsigned char first = text[0];
  uint32_t code;
  size_t more;
  unsigned char low = 0x80, high = 0xBF; /* what the second byte may be */
  *taken = 1;
  if (first < 0x80)
    return first;
  if (first >= 0xC2 && first <= 0xDF) {
    more = 1;
    code = first & 0x1F;
  } else if (first >= 0xE0 && first <= 0xEF) {
    more = 2;
    code = first & 0x0F;
    low = first == 0xE0 ? 0xA0 : low;
    high = first == 0xED ? 0x9F : high;
  } else if (first >= 0xF0 && first <= 0xF4) {
    more = 3;
    code = first & 0x07;
    low = first == 0xF0 ? 0x90 : low;
    high = first == 0xF4 ? 0x8F : high;
  } else
    return REPLACEMENT;
  for (; more > 0; more--) {
    if (*taken == left || text[*taken] < low || text[*taken] > high)
      return REPLACEMENT;
    code = code << 6 | (text[*taken] & 0x3F);
    ++*taken;
    low = 0x80;
    high = 0xBF;
  }
  return code;
}

size_t civ_utf8_length(const unsigned char *text, size_t left)
{
  size_t taken;
  const uint32_t code = civ_utf8_decode(text, left, &taken);
  const bool written_out = text[0] == 0xEF; /* U+FFFD itself begins so, and nothing ill-formed of three bytes */
  return code != REPLACEMENT || (written_out && taken == 3) ? taken : 0;
}

size_t civ_utf8_characters(const char *text, size_t length)
{
  size_t n = 0;
  for (size_t k = 0; k < length; k++)
    n += !civ_utf8_continues(text[k]);
  return n;
}

typedef struct range {
  uint32_t first, last;
} range;

/* `ranges` ascend. */
static bool within(uint32_t c, const range *ranges, size_t n)
{
  for (size_t k = 0; k < n && ranges[k].first <= c; k++)
    if (c <= ranges[k].last)
      return true;
  return false;
}

static size_t columns_of(uint32_t c)
{
  static const range joining[] = { { 0x300, 0x36F },   { 0x200B, 0x200F },  { 0x2060, 0x2064 }, { 0x20D0, 0x20FF },
                                   { 0x302A, 0x302D }, { 0x3099, 0x309A },  { 0xFE00, 0xFE0F }, { 0xFE20, 0xFE2F },
                                   { 0xFEFF, 0xFEFF }, { 0xE0100, 0xE01EF } };
  static const range wide[] = { { 0x1100, 0x115F },  { 0x2E80, 0x303E },   { 0x3041, 0xA4CF },   { 0xA960, 0xA97F },
                                { 0xAC00, 0xD7A3 },  { 0xF900, 0xFAFF },   { 0xFE30, 0xFE6F },   { 0xFF01, 0xFF60 },
                                { 0xFFE0, 0xFFE6 },  { 0x1F300, 0x1F64F }, { 0x1F680, 0x1F6FF }, { 0x1F900, 0x1F9FF },
                                { 0x20000, 0x3FFFD } };
  if (c < 0x300)
    return 1;
  if (within(c, joining, sizeof joining / sizeof *joining))
    return 0;
  return within(c, wide, sizeof wide / sizeof *wide) ? 2 : 1;
}

size_t civ_utf8_columns(const char *text, size_t length)
{
  size_t n = 0, taken;
  for (size_t k = 0; k < length; k += taken)
    n += columns_of(civ_utf8_decode((const unsigned char *)text + k, length - k, &taken));
  return n;
}

bool civ_text_has(const char *text, size_t length, const char *word, size_t word_length)
{
  if (word_length == 0)
    return true;
  for (size_t k = 0; k + word_length <= length; k++) {
    size_t i = 0;
    while (i < word_length && civ_text_lower(text[k + i]) == word[i])
      i++;
    if (i == word_length)
      return true;
  }
  return false;
}
