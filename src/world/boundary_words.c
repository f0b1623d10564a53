#include "world/boundary_words.h"

#include <string.h>

#include "world/boundary_text.h"

typedef struct word {
  const char *text;
  size_t length;
} word;

static const word words[CIV_WORDS] = {
#define X(name, text) { text, sizeof(text) - 1 },
  CIV_BOUNDARY_WORDS(X)
#undef X
};

/* Words by first letter: those from first[c] to below first[c + 1]. */
static const uint8_t first[27] = {
  ['a' - 'a'] = CIV_WORD_API,      ['b' - 'a'] = CIV_WORD_BEARER,     ['c' - 'a'] = CIV_WORD_CLASS,
  ['d' - 'a'] = CIV_WORD_DEF,      ['e' - 'a'] = CIV_WORD_FUNCTION,   ['f' - 'a'] = CIV_WORD_FUNCTION,
  ['g' - 'a'] = CIV_WORD_IMPORT,   ['h' - 'a'] = CIV_WORD_IMPORT,     ['i' - 'a'] = CIV_WORD_IMPORT,
  ['j' - 'a'] = CIV_WORD_PASSWORD, ['k' - 'a'] = CIV_WORD_PASSWORD,   ['l' - 'a'] = CIV_WORD_PASSWORD,
  ['m' - 'a'] = CIV_WORD_PASSWORD, ['n' - 'a'] = CIV_WORD_PASSWORD,   ['o' - 'a'] = CIV_WORD_PASSWORD,
  ['p' - 'a'] = CIV_WORD_PASSWORD, ['q' - 'a'] = CIV_WORD_RESTRICTED, ['r' - 'a'] = CIV_WORD_RESTRICTED,
  ['s' - 'a'] = CIV_WORD_SECRET,   ['t' - 'a'] = CIV_WORD_TOKEN,      ['u' - 'a'] = CIV_WORDS,
  ['v' - 'a'] = CIV_WORDS,         ['w' - 'a'] = CIV_WORDS,           ['x' - 'a'] = CIV_WORDS,
  ['y' - 'a'] = CIV_WORDS,         ['z' - 'a'] = CIV_WORDS,           [26] = CIV_WORDS
};

static bool stands_at(const char *text, size_t left, const word *w)
{
  if (left < w->length)
    return false;
  for (size_t k = 1; k < w->length; k++)
    if (civ_text_lower(text[k]) != w->text[k])
      return false;
  return true;
}

uint32_t civ_boundary_words(const char *text, size_t length)
{
  uint32_t found = 0;
  size_t digits = 0;
  for (size_t k = 0; k < length; k++) {
    const char c = civ_text_lower(text[k]);
    if (c >= 'a' && c <= 'z') {
      for (int w = first[c - 'a']; w < first[c - 'a' + 1]; w++)
        if (stands_at(text + k, length - k, &words[w]))
          found |= UINT32_C(1) << w;
    } else if (c == '@') {
      found |= UINT32_C(1) << CIV_WORD_AT;
    } else if (c >= '0' && c <= '9') {
      digits++;
    }
  }
  found |= (uint32_t)(digits >= 9) << CIV_WORD_9_DIGITS | (uint32_t)(digits >= 10) << CIV_WORD_10_DIGITS |
           (uint32_t)(digits >= 16) << CIV_WORD_16_DIGITS;
  return found;
}
