#include "scenario/sections/sections.h"

#include <math.h>

#include "part/config_store.h"
#include "scenario/sections/llm.h"

static const char *const roles[] = { "planner", "worker", "verifier", "poster", "moderator", NULL };
static const char *const capabilities[] = { "research",     "analysis",   "planning",      "execution", "verification",
                                            "coordination", "creativity", "communication", NULL };
static const char *const said[] = { "unset", "true", "false", NULL };

#define MOST 2147483647
#define T    civ_agent_values
static const civ_field fields[] = {
  CIV_TEXT(T, type, "honest", "how these agents behave: the name of a policy", .flags = CIV_FIELD_NON_EMPTY),
  CIV_INTEGER(T, count, "1", 0, MOST, "agents", "how many of them"),
  CIV_TEXT(T, id_prefix, "null", "first part of their names (PREFIX_1, PREFIX_2, ...); null = the type"),
  CIV_CHOICE(T, role, "worker", roles, "their role, where `roles` is not given"),
  CIV_LIST(T, roles, roles, "their roles, the first being the primary one; empty = `role`"),
  CIV_LIST(T, capabilities, capabilities, "what they can do in composite tasks"),
  CIV_OPT_REAL(T, initial_reputation, "null", -INFINITY, INFINITY, "points",
               "reputation at the start; null = environment.initial_reputation"),
  CIV_OPT_REAL(T, initial_resources, "null", 0, INFINITY, "credits",
               "resources at the start; null = environment.initial_resources"),
  CIV_TEXT(T, entity, "null", "who stands behind these agents, as they declare it (identity)",
           .flags = CIV_FIELD_SWITCH, .needs = "identity"),
  CIV_CHOICE(T, proof_of_personhood, "unset", said,
             "whether they hold a proof of personhood; unset = drawn by identity.pop_rate", .flags = CIV_FIELD_SWITCH,
             .needs = "identity"),
  CIV_INTEGER(T, puppets, "0", 0, MOST, "agents", "further identities each of them controls (identity)",
              .flags = CIV_FIELD_SWITCH, .needs = "identity"),
  CIV_TREE(T, llm, "language model behind these agents; only with type llm", .items = &civ_agent_llm_section,
           .flags = CIV_FIELD_ONE),
};
#undef T

const civ_section civ_agent_section = {
  .name = "agents[]",
  .doc = "One entry of the list of agents; a mapping `config` beside these holds the policy's own keys.",
  .chapter = "scenario",
  CIV_FIELDS(fields),
  .size = sizeof(civ_agent_values)
};
