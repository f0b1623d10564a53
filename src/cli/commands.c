/* commands.c - the list of commands: adding one is a file and a name in CIV_COMMAND_LIST. */
#include "cli/cli.h"

#include <string.h>

const civ_command *const civ_commands[] = {
#define X(name) &civ_command_##name,
  CIV_COMMAND_LIST(X)
#undef X
      NULL,
};

const civ_command *civ_command_find(const char *name)
{
  for (const civ_command *const *c = civ_commands; *c != NULL; c++)
    if (strcmp((*c)->name, name) == 0)
      return *c;
  return NULL;
}
