#include "scenario/sections/sections.h"

static const char *const models[] = { "reference", "causal", NULL };

#define T civ_scenario_config
static const civ_field fields[] = {
  CIV_TEXT(T, scenario_id, "unnamed",
           "name of the scenario, used for the run folder: 1 to 128 letters, digits, _ - or .",
           .flags = CIV_FIELD_NON_EMPTY),
  CIV_TEXT(T, description, "\"\"", "what the scenario is about, in one sentence for people"),
  CIV_TEXT(T, motif, "\"\"", "theme by which scenarios are grouped; free text"),
  CIV_CHOICE(T, model, "reference", models,
             "preset of the fields that distinguish the reference model from the causal one; each can be set singly",
             .flags = CIV_FIELD_SWITCH, .needs = "causal_model"),
  CIV_INTEGER(T, schema_version, "1", 1, 1, "", "version of this format that the file was written for"),
  CIV_LIST(T, metrics_to_track, NULL, "columns of the per-epoch table; empty = all"),
};
#undef T

const civ_section civ_scenario_section = { .name = "",
                                           .doc = "Top level of a scenario file.",
                                           .chapter = "scenario",
                                           CIV_FIELDS(fields),
                                           .size = sizeof(civ_scenario_config) };
