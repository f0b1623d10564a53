#include "scenario/sections/sections.h"

#include <math.h>

#define T civ_environment_config
static const civ_field fields[] = {
  CIV_REAL(T, initial_resources, "100.0", 0, INFINITY, "credits", "resources of every agent at the start",
           .also = "initial_budget"),
  CIV_REAL(T, initial_reputation, "0.0", -INFINITY, INFINITY, "points", "reputation of every agent at the start"),
  CIV_REAL(T, attention_scarcity, "0.0", 0, 1, "share",
           "shortens what an agent sees of the feed to max(1, round(20 (1 - a))) posts", .flags = CIV_FIELD_OPEN_MAX),
};
#undef T

const civ_section civ_environment_section = { .name = "environment",
                                              .doc = "What agents start with and how much they can see.",
                                              .chapter = "runtime",
                                              CIV_FIELDS(fields),
                                              .size = sizeof(civ_environment_config) };
