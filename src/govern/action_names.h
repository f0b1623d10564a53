/* action_names.h - kinds of actions as scenario files name them. */
#ifndef CIV_GOVERN_ACTION_NAMES_H
#define CIV_GOVERN_ACTION_NAMES_H

#include "civitas/part.h"

/* Kind of "propose_interaction" or "propose", "post" ...; CIV_ACTION_KINDS for a name that is none. */
civ_action_kind civ_action_kind_of(const char *name);
/* Role of "planner" ...; CIV_ROLES for a name that is none. */
civ_role civ_role_of(const char *name);

#endif
