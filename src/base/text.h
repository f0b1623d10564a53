/* text.h - characters of UTF-8 text, and its Latin letters whatever their case and the locale. */
#ifndef CIV_BASE_TEXT_H
#define CIV_BASE_TEXT_H

#include "civitas/export.h"

/* One character at `text`, and how many bytes it took. Ill-formed bytes give U+FFFD, one for each maximal part of a sequence
 * that could have become well-formed (Unicode 15, section 3.9, table 3-7). `left` > 0. */
uint32_t civ_utf8_decode(const unsigned char *text, size_t left, size_t *taken);
/* Bytes of the character at `text`; 0 = ill-formed. */
size_t civ_utf8_length(const unsigned char *text, size_t left);

/* Whether the byte goes on with a character that an earlier one began. */
static inline bool civ_utf8_continues(char byte)
{
  return ((unsigned char)byte & 0xC0) == 0x80;
}
/* Characters of a well-formed text; of any other, bytes that continue nothing. */
size_t civ_utf8_characters(const char *text, size_t length);
/* Columns that the text takes on a terminal: two for East Asian wide characters and emoji, none for marks that join the one
 * before, one for any other. Independent of the locale. */
size_t civ_utf8_columns(const char *text, size_t length);

/* A-Z as a-z, anything else as it is. */
static inline char civ_text_lower(char c)
{
  return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}
/* Whether `text` has `word` in it, letters A-Z in either case; `word` is lower case. O(length * word_length). */
bool civ_text_has(const char *text, size_t length, const char *word, size_t word_length);

#endif
