#include "agent/roles.h"

static unsigned char lower(char c)
{
  return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

bool civ_text_holds(civ_text text, const char *word)
{
  const size_t length = strlen(word);
  for (size_t at = 0; at + length <= text.length; at++) {
    size_t k = 0;
    while (k < length && lower(text.data[at + k]) == (unsigned char)word[k])
      k++;
    if (k == length)
      return true;
  }
  return false;
}

uint32_t civ_text_characters(civ_text text)
{
  uint32_t n = 0;
  for (uint32_t k = 0; k < text.length; k++)
    n += ((unsigned char)text.data[k] & 0xC0) != 0x80;
  return n;
}
