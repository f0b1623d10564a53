/* boundary_words.h - which of the words that start a built-in pattern a text has: one pass instead of a pass for each pattern. */
#ifndef CIV_WORLD_BOUNDARY_WORDS_H
#define CIV_WORLD_BOUNDARY_WORDS_H

#include "civitas/export.h"

/* In alphabetical order. */
#define CIV_BOUNDARY_WORDS(X)                                                                                          \
  X(API, "api")                                                                                                        \
  X(AWS, "aws")                                                                                                        \
  X(BEARER, "bearer")                                                                                                  \
  X(CLASS, "class")                                                                                                    \
  X(CONFIDENTIAL, "confidential")                                                                                      \
  X(DEF, "def")                                                                                                        \
  X(FUNCTION, "function")                                                                                              \
  X(IMPORT, "import")                                                                                                  \
  X(PASSWORD, "password")                                                                                              \
  X(PRIVATE, "private")                                                                                                \
  X(PROPRIETARY, "proprietary")                                                                                        \
  X(RESTRICTED, "restricted")                                                                                          \
  X(SECRET, "secret")                                                                                                  \
  X(TOKEN, "token")

enum {
#define X(name, text) CIV_WORD_##name,
  CIV_BOUNDARY_WORDS(X)
#undef X
      CIV_WORDS,
  CIV_WORD_AT = CIV_WORDS, /* the character @ */
  CIV_WORD_9_DIGITS,       /* at least so many of 0-9 in all */
  CIV_WORD_10_DIGITS,
  CIV_WORD_16_DIGITS
};

/* Bits 1 << CIV_WORD_... of what the text has, letters in either case. Linear. */
uint32_t civ_boundary_words(const char *text, size_t length);

#endif
