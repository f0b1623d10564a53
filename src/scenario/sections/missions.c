#include "scenario/sections/sections.h"

#include <math.h>

#define MOST 2147483647
static const char *const policies[] = {
  "honest", "opportunistic", "deceptive", "adversarial", "adaptive", "llm", NULL
};
static const char *const metrics[] = { "avg_p", "min_p", "total_count", "acceptance_rate", "total_welfare", NULL };
static const char *const distributions[] = { "equal", "proportional", "shapley", "shapley_exact", NULL };
static const char *const sponsors[] = { "coordinator", "system", NULL };

typedef struct objective {
  int32_t target_metric;
  double target_value;
  double weight;
  const char *description;
} objective;

#define T objective
static const civ_field objective_fields[] = {
  CIV_CHOICE(T, target_metric, "avg_p", metrics, "what is measured"),
  CIV_REAL(T, target_value, "0.7", -INFINITY, INFINITY, "", "what it must reach"),
  CIV_REAL(T, weight, "1.0", 0, INFINITY, "", "weight in the score"),
  CIV_TEXT(T, description, "null", "in words"),
};
#undef T

static const civ_section civ_objective_section = { .name = "missions.objectives[]",
                                                   .doc = "One thing a mission must reach.",
                                                   .chapter = "missions",
                                                   CIV_FIELDS(objective_fields),
                                                   .size = sizeof(objective) };

typedef struct mission {
  const char *name;
  const char *coordinator;
  civ_tree objectives;
  civ_opt_real reward_pool;
  int64_t start_epoch;
  civ_opt_integer deadline_epoch;
} mission;

#define T mission
static const civ_field mission_fields[] = {
  CIV_TEXT(T, name, "null", "its name", .flags = CIV_FIELD_REQUIRED),
  CIV_TEXT(T, coordinator, "null", "name of the agent that leads it", .flags = CIV_FIELD_REQUIRED),
  { .name = "objectives",
    .unit = "",
    .kind = CIV_FIELD_TREE,
    .fallback = "null",
    .offset = CIV_FIELD_AT(T, objectives),
    .doc = "what must be reached; null = missions.objectives",
    .items = &civ_objective_section,
    .flags = CIV_FIELD_NON_EMPTY },
  CIV_OPT_REAL(T, reward_pool, "null", 0, INFINITY, "credits", "what is shared out; null = missions.reward_pool",
               .flags = CIV_FIELD_OPEN_MIN),
  CIV_INTEGER(T, start_epoch, "0", 0, MOST, "epoch", "when it begins"),
  CIV_OPT_INTEGER(T, deadline_epoch, "null", 0, MOST, "epoch",
                  "when it must be done; null = start_epoch + duration_epochs"),
};
#undef T

static const civ_section civ_mission_section = { .name = "missions.list[]",
                                                 .doc = "A mission given in advance.",
                                                 .chapter = "missions",
                                                 CIV_FIELDS(mission_fields),
                                                 .size = sizeof(mission) };

typedef struct mission_policy {
  double propose_probability;
  double join_probability;
  double contribute_probability;
} mission_policy;

#define T mission_policy
static const civ_field mission_policy_fields[] = {
  CIV_REAL(T, propose_probability, "0", 0, 1, "probability", "chance per epoch of proposing a mission"),
  CIV_REAL(T, join_probability, "0", 0, 1, "probability", "chance of joining a new one"),
  CIV_REAL(T, contribute_probability, "0", 0, 1, "probability", "chance of contributing an interaction"),
};
#undef T

static const civ_section civ_mission_policy_section = { .name = "missions.policies.*",
                                                        .doc = "Missions by one policy.",
                                                        .chapter = "missions",
                                                        CIV_FIELDS(mission_policy_fields),
                                                        .size = sizeof(mission_policy) };

typedef struct missions_config {
  bool enabled;
  int64_t min_participants;
  int64_t max_active_missions;
  int32_t reward_distribution;
  double reward_pool;
  int64_t duration_epochs;
  civ_tree objectives;
  int32_t sponsor;
  double partner_probability;
  double free_rider_threshold;
  int64_t shapley_exact_max;
  int64_t shapley_samples;
  civ_tree list;
  civ_tree policies;
} missions_config;

#define T missions_config
static const civ_field missions_config_fields[] = {
  CIV_BOOLEAN(T, enabled, "true", "false switches the section off"),
  CIV_INTEGER(T, min_participants, "2", 1, MOST, "agents", "agents a mission needs to begin"),
  CIV_INTEGER(T, max_active_missions, "5", 1, MOST, "missions", "most missions at once"),
  CIV_CHOICE(T, reward_distribution, "proportional", distributions, "how rewards are shared"),
  CIV_REAL(T, reward_pool, "20.0", 0, INFINITY, "credits", "what a mission shares out", .flags = CIV_FIELD_OPEN_MIN),
  CIV_INTEGER(T, duration_epochs, "5", 1, MOST, "epochs", "how long a mission may take"),
  { .name = "objectives",
    .unit = "",
    .kind = CIV_FIELD_TREE,
    .fallback = "[{target_metric: avg_p, target_value: 0.7, weight: 1}, {target_metric: total_count, target_value: 10, "
                "weight: 0.5}]",
    .offset = CIV_FIELD_AT(T, objectives),
    .doc = "what a mission must reach",
    .items = &civ_objective_section,
    .flags = CIV_FIELD_NON_EMPTY },
  CIV_CHOICE(T, sponsor, "coordinator", sponsors, "who pays the rewards"),
  CIV_REAL(T, partner_probability, "0.5", 0, 1, "probability",
           "chance that a participant turns to another participant"),
  CIV_REAL(T, free_rider_threshold, "0.5", 0, INFINITY, "", "index from which agents count as free riders"),
  CIV_INTEGER(T, shapley_exact_max, "12", 1, 20, "agents", "up to this many participants Shapley values are exact"),
  CIV_INTEGER(T, shapley_samples, "2000", 2, MOST, "samples", "samples for larger missions, an even number"),
  { .name = "list",
    .unit = "",
    .kind = CIV_FIELD_TREE,
    .fallback = "[]",
    .offset = CIV_FIELD_AT(T, list),
    .doc = "missions that are given in advance",
    .items = &civ_mission_section },
  { .name = "policies",
    .unit = "",
    .kind = CIV_FIELD_TREE,
    .fallback = "null",
    .offset = CIV_FIELD_AT(T, policies),
    .doc = "numbers by policy; null = the built-in table",
    .items = &civ_mission_policy_section,
    .flags = CIV_FIELD_NAMED,
    .choices = policies },
};
#undef T

const civ_section civ_missions_section = { .name = "missions",
                                           .doc = "Goals that agents share, with rewards.",
                                           .chapter = "missions",
                                           CIV_FIELDS(missions_config_fields),
                                           .size = sizeof(missions_config),
                                           .absent_is_off = true,
                                           .part = "missions" };
