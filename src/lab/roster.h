/* roster.h - what a fold keeps of the agents of a log. */
#ifndef CIV_LAB_ROSTER_H
#define CIV_LAB_ROSTER_H

#include "civitas/sink.h"

/* Names that outlive the replay, in one block to free(); NULL: no memory. */
const char **civ_roster_names(const civ_roster *roster);

#endif
