/* sections.h - tables of the sections that no built part brings. A part that is registered with a section of the same
 * name replaces the one here (schema.c). One file per section, tables only. */
#ifndef CIV_SCENARIO_SECTIONS_H
#define CIV_SCENARIO_SECTIONS_H

#include "civitas/config.h"
#include "scenario/sections/llm.h"

#define CIV_FIELDS(array) .fields = array, .n_fields = sizeof array / sizeof array[0]

extern const civ_section civ_scenario_section; /* the top level, named "" */
extern const civ_section civ_simulation_section;
extern const civ_section civ_environment_section;
extern const civ_section civ_rate_limits_section;
extern const civ_section civ_safety_section;
extern const civ_section civ_agent_section; /* over civ_agent_values */

/* Parts of later versions: their structs stay private to the tables, since nothing reads them yet. */
extern const civ_section civ_governance_section;
extern const civ_section civ_network_section;
extern const civ_section civ_network_metrics_section;
extern const civ_section civ_marketplace_section;
extern const civ_section civ_composite_tasks_section;
extern const civ_section civ_boundaries_section;
extern const civ_section civ_boundaries_leakage_section;
extern const civ_section civ_boundaries_activity_section;
extern const civ_section civ_auction_section;
extern const civ_section civ_missions_section;
extern const civ_section civ_hfn_section;
extern const civ_section civ_hfn_crash_section;
extern const civ_section civ_permeability_section;
extern const civ_section civ_identity_section;
extern const civ_section civ_adaptive_adversary_section; /* agents[].config */

#endif
