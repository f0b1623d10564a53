/* names.h - finding the name somebody probably meant. */
#ifndef CIV_BASE_NAMES_H
#define CIV_BASE_NAMES_H

#include "civitas/export.h"

/* How far two names are apart: 0 = equal, 1..2 = edits (letters of either case count as equal, a swap of neighbours as
 * one), 1 = the same words (parted by _ . - or blank) in other order, 3 = not alike. Names of up to 63 characters. */
int civ_name_distance(const char *a, const char *b);

/* A search over candidates offered one by one: the nearest wins, the first offered on ties. */
typedef struct civ_name_search {
  const char *word, *best;
  int distance;
} civ_name_search;
static inline civ_name_search civ_name_search_for(const char *word)
{
  civ_name_search s = { word, 0, 3 };
  return s;
}
void civ_name_offer(civ_name_search *s, const char *candidate);
/* Nearest of a NULL-terminated list; NULL = none is near. */
const char *civ_name_nearest(const char *word, const char *const *candidates);

/* Whether the blank-separated list has `word`; its position from 0, -1 = no. NULL lists are empty. */
int civ_words_find(const char *list, const char *word);

#endif
