#include "scenario/sections/sections.h"

#include <math.h>

static const char *const schedule_modes[] = { "round_robin", "random", "priority", NULL };
static const char *const turn_modes[] = { "sequential", "simultaneous", NULL };
static const char *const automatic[] = { "auto", NULL };

#define MOST 2147483647
#define T    civ_simulation_config
static const civ_field fields[] = {
  CIV_INTEGER(T, n_epochs, "10", 0, MOST, "epochs", "how many epochs the run has; 0 writes start and end only",
              .also = "epochs"),
  CIV_INTEGER(T, steps_per_epoch, "10", 0, MOST, "steps",
              "how many steps an epoch has; in a step every agent may act once"),
  CIV_OPT_INTEGER(T, seed, "null", 0, 0x1p63, "",
                  "fixes every random draw of the run; null draws a seed and records it"),
  CIV_CHOICE(T, schedule_mode, "round_robin", schedule_modes, "who comes first within a step"),
  CIV_CHOICE(T, turn_mode, "sequential", turn_modes,
             "sequential: each agent sees what those before it did; simultaneous: all decide on one state, then act"),
  CIV_INTEGER(T, max_actions_per_step, "0", 0, MOST, "actions",
              "successful actions a step may have over all agents; 0, null and auto = unlimited", .choices = automatic,
              .flags = CIV_FIELD_OFF_NULL),
  CIV_INTEGER(T, max_content_length, "10000", 1, 1000000, "characters", "posts and replies are cut to this length"),
  CIV_BOOLEAN(T, enable_rate_limits, "true", "whether the limits of section rate_limits apply"),
  CIV_BOOLEAN(T, enable_kill_switch, "true", "default of safety.kill_switch_enabled"),
  CIV_BOOLEAN(T, roles_enabled, "false", "agents act by their roles before they act by their type"),
  CIV_BOOLEAN(T, payoffs_to_resources, "false", "payoffs of interactions are also credited to resources"),
  CIV_BOOLEAN(T, dead_bounties, "false", "expired bounties are taken off the agents' lists"),
  CIV_BOOLEAN(T, task_progress, "false", "agents continue tasks they have started"),
  CIV_BOOLEAN(T, deceptive_learning, "false",
              "deceptive agents learn trust from every interaction, not only those they answer"),
  CIV_BOOLEAN(T, enable_transfers, "false", "offers carry transfers, and acceptance moves resources"),
  CIV_REAL(T, seconds_per_step, "0", 0, INFINITY, "seconds",
           "simulated length of a step, for detectors that divide by time"),
  CIV_TEXT(T, start_time, "2000-01-01T00:00:00", "simulated time of the first event, ISO 8601",
           .flags = CIV_FIELD_NON_EMPTY),
};
#undef T

const civ_section civ_simulation_section = { .name = "simulation",
                                             .doc = "Length, order and random seed of the run.",
                                             .chapter = "runtime",
                                             CIV_FIELDS(fields),
                                             .size = sizeof(civ_simulation_config) };
