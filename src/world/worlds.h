/* worlds.h - the worlds of this folder, for the registry. */
#ifndef CIV_WORLD_WORLDS_H
#define CIV_WORLD_WORLDS_H

#include "civitas/part.h"

extern const civ_world civ_world_feed;            /* posts, replies, votes; service "feed" */
extern const civ_world civ_world_tasks;           /* claims, outputs, verdicts; service "tasks" */
extern const civ_world civ_world_composite_tasks; /* teams that share dependent work */
extern const civ_world civ_world_marketplace;     /* bounties, bids, escrow, disputes; service "market" */
extern const civ_world civ_world_network;         /* who meets whom; service "network" */
extern const civ_world civ_world_permeability;    /* harm that leaks out; service "permeability" */
extern const civ_world civ_world_boundaries;      /* the outside, and the gate to it */

#endif
