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
