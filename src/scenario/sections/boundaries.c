#include "scenario/sections/sections.h"

#include <math.h>

#include "civitas/config.h"
#include "world/boundary_settings.h"

#define MOST 2147483647
static const char *const agent_types[] = { "honest", "opportunistic", "deceptive", "adversarial", "llm", NULL };

#define T civ_boundaries_config
static const civ_field boundaries_config_fields[] = {
  CIV_BOOLEAN(T, enabled, "false", "switches the section on", .flags = CIV_FIELD_SWITCH, .needs = "boundaries"),
  CIV_REAL(T, sensitivity_threshold, "0.5", 0, 1, "", "sensitivity from which a flow is reported"),
  CIV_REAL(T, minutes_per_step, "1.0", 0, INFINITY, "minutes", "simulated length of a step, the clock of rate limits",
           .flags = CIV_FIELD_OPEN_MIN),
  CIV_BOOLEAN(T, default_world, "true", "the five built-in entities exist"),
  { .name = "entities",
    .unit = "",
    .kind = CIV_FIELD_TREE,
    .fallback = "[]",
    .offset = CIV_FIELD_AT(T, entities),
    .doc = "further entities",
    .items = &civ_boundary_entity_section },
  CIV_BOOLEAN(T, default_policies, "true", "the three built-in policies apply"),
  { .name = "policies",
    .unit = "",
    .kind = CIV_FIELD_TREE,
    .fallback = "[]",
    .offset = CIV_FIELD_AT(T, policies),
    .doc = "further policies, after the built-in ones",
    .items = &civ_boundary_policy_section },
  { .name = "clearances",
    .unit = "",
    .kind = CIV_FIELD_MAP_REAL,
    .fallback = "{}",
    .choices = NULL,
    .min = 0,
    .max = 1,
    .offset = CIV_FIELD_AT(T, clearances),
    .doc = "clearance by name of an agent or by type; names go first" },
  CIV_INTEGER(T, max_interactions_per_epoch, "1000", 0, MOST, "requests", "requests beyond it fail"),
  CIV_BOOLEAN(T, book_blocked, "true", "blocked attempts are booked as flows"),
  CIV_BOOLEAN(T, charge_access_cost, "false", "agents pay the access cost of data sources"),
};
#undef T

const civ_section civ_boundaries_section = { .name = "boundaries",
                                             .doc = "The world outside: who may send what to whom.",
                                             .chapter = "boundaries",
                                             CIV_FIELDS(boundaries_config_fields),
                                             .size = sizeof(civ_boundaries_config),
                                             .absent_is_off = true };

#define T civ_boundary_leakage_config
static const civ_field leakage_config_fields[] = {
  { .name = "patterns",
    .unit = "",
    .kind = CIV_FIELD_MAP_LIST,
    .fallback = "{}",
    .choices = civ_leak_type_names,
    .offset = CIV_FIELD_AT(T, patterns),
    .doc = "patterns by type of leak; pii, credential and code replace the built-in ones" },
  { .name = "keywords",
    .unit = "",
    .kind = CIV_FIELD_LIST,
    .fallback = "[confidential, secret, private, internal, restricted, sensitive, proprietary]",
    .choices = NULL,
    .offset = CIV_FIELD_AT(T, keywords),
    .doc = "words that hint at a leak where no pattern matched" },
  CIV_REAL(T, block_severity, "0.7", 0, 1, "", "leaks from this severity on are blocked"),
};
#undef T

const civ_section civ_boundaries_leakage_section = { .name = "boundaries.leakage",
                                                     .doc = "What counts as a leak.",
                                                     .chapter = "boundaries",
                                                     CIV_FIELDS(leakage_config_fields),
                                                     .size = sizeof(civ_boundary_leakage_config) };

#define T civ_boundary_activity_config
static const civ_field activity_config_fields[] = {
  CIV_REAL(T, request_probability, "0.2", 0, 1, "probability", "chance of an external request after each turn"),
  { .name = "mix",
    .unit = "",
    .kind = CIV_FIELD_TREE,
    .fallback = "null",
    .offset = CIV_FIELD_AT(T, mix),
    .doc = "kinds of content by type of agent, as weights; null = the built-in table",
    .items = &civ_boundary_mix_section,
    .flags = CIV_FIELD_NAMED,
    .choices = agent_types },
};
#undef T

const civ_section civ_boundaries_activity_section = { .name = "boundaries.activity",
                                                      .doc = "How often and with what agents turn to the outside.",
                                                      .chapter = "boundaries",
                                                      CIV_FIELDS(activity_config_fields),
                                                      .size = sizeof(civ_boundary_activity_config) };
