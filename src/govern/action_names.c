#include "govern/action_names.h"

civ_action_kind civ_action_kind_of(const char *name)
{
  static const struct {
    const char *name;
    civ_action_kind kind;
  } short_forms[] = { { "propose", CIV_ACTION_PROPOSE },
                      { "accept", CIV_ACTION_ACCEPT },
                      { "reject", CIV_ACTION_REJECT } };
  for (int kind = 0; kind < CIV_ACTION_KINDS; kind++)
    if (strcmp(name, civ_action_names[kind]) == 0)
      return (civ_action_kind)kind;
  for (size_t k = 0; k < sizeof short_forms / sizeof *short_forms; k++)
    if (strcmp(name, short_forms[k].name) == 0)
      return short_forms[k].kind;
  return CIV_ACTION_KINDS;
}

civ_role civ_role_of(const char *name)
{
  int role = 0;
  while (role < CIV_ROLES && strcmp(name, civ_role_names[role]) != 0)
    role++;
  return (civ_role)role;
}
