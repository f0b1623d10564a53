/* llm.h - tables of language-model agents. */
#ifndef CIV_SCENARIO_SECTIONS_LLM_H
#define CIV_SCENARIO_SECTIONS_LLM_H

#include "civitas/field.h"

extern const civ_section civ_agent_llm_section; /* agents[].llm; also llm.defaults, llm.roles, llm.purposes */
extern const civ_section civ_llm_section;
extern const civ_section civ_llm_budget_section;

#endif
