#include "lab/roster.h"

#include <stdlib.h>
#include <string.h>

const char **civ_roster_names(const civ_roster *roster)
{
  size_t size = ((size_t)roster->n + 1) * sizeof(char *);
  for (uint32_t a = 0; a < roster->n; a++)
    size += strlen(roster->names[a]) + 1;
  const char **names = malloc(size);
  if (names == NULL)
    return NULL;
  char *text = (char *)(names + roster->n + 1);
  for (uint32_t a = 0; a < roster->n; a++) {
    const size_t length = strlen(roster->names[a]) + 1;
    names[a] = memcpy(text, roster->names[a], length);
    text += length;
  }
  names[roster->n] = NULL;
  return names;
}
