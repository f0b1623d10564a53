/* levers.h - the levers of this folder, for the registry, in the order in which they judge an action. */
#ifndef CIV_GOVERN_LEVERS_H
#define CIV_GOVERN_LEVERS_H

#include "civitas/part.h"

extern const civ_lever civ_lever_role_allowlist; /* refuses with "role_allowlist" */
extern const civ_lever civ_lever_rate_limits;    /* "rate_limit"; answers what agents are told and how much they used */
extern const civ_lever civ_lever_token_bucket;   /* "token_bucket" */
extern const civ_lever civ_lever_action_budget;  /* "post_spacing", then "budget" */
extern const civ_lever civ_lever_kill_switch;    /* stops with "kill_switch_toxicity", "kill_switch_frozen_fraction" */

#endif
