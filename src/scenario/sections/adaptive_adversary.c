#include "scenario/sections/sections.h"

#include <math.h>

#define MOST 2147483647
static const char *const behaviours[] = { "active", "inert", NULL };
static const char *const never[] = { "never", NULL };
static const char *const strategies[] = { "auto",
                                          "reputation_farming",
                                          "collusion",
                                          "sybil",
                                          "griefing",
                                          "low_profile",
                                          "intermittent",
                                          "mimicry",
                                          "threshold_dancing",
                                          "governance_gaming",
                                          "information_laundering",
                                          "timing_attack",
                                          "adaptive_blend",
                                          NULL };

typedef struct adaptive_adversary_config {
  int32_t behaviour;
  int32_t strategy;
  double learning_rate;
  double exploration_rate;
  double heat_threshold;
  double reputation_threshold;
  civ_opt_integer exploit_after_epochs;
  double propose_probability;
  double internal_boost_rate;
  double external_exploit_rate;
  double safety_margin;
  int64_t observation_epochs;
  double plausible_deniability;
  double contribution_rate;
  double extraction;
  bool vote_coordination;
  bool knows_thresholds;
} adaptive_adversary_config;

#define T adaptive_adversary_config
static const civ_field adaptive_adversary_config_fields[] = {
  CIV_CHOICE(T, behaviour, "active", behaviours, "inert: as the reference runs it, it only posts and votes"),
  CIV_CHOICE(T, strategy, "auto", strategies, "a name pins the strategy; auto = chosen by success"),
  CIV_REAL(T, learning_rate, "0.1", 0, 1, "", "how fast estimated thresholds fall on detection"),
  CIV_REAL(T, exploration_rate, "0.2", 0, 1, "probability", "chance of trying any strategy"),
  CIV_REAL(T, heat_threshold, "0.6", 0, 1, "heat", "above it the agent lies low"),
  CIV_REAL(T, reputation_threshold, "5.0", -INFINITY, INFINITY, "points", "reputation from which it exploits"),
  CIV_OPT_INTEGER(T, exploit_after_epochs, "null", 0, MOST, "epochs",
                  "epoch from which it exploits anyway; null = never", .choices = never),
  CIV_REAL(T, propose_probability, "0.5", 0, 1, "probability", "chance of proposing in an opportunistic act"),
  CIV_REAL(T, internal_boost_rate, "1.0", 0, 1, "probability", "collusion: chance of proposing to an ally"),
  CIV_REAL(T, external_exploit_rate, "0.5", 0, 1, "probability", "collusion: chance of proposing to others"),
  CIV_REAL(T, safety_margin, "0.2", 0, 1, "share", "threshold dancing: distance kept from the threshold"),
  CIV_INTEGER(T, observation_epochs, "0", 0, MOST, "epochs", "timing attack: epochs without attack"),
  CIV_REAL(T, plausible_deniability, "0.8", 0, 1, "probability", "laundering: chance of sabotage"),
  CIV_REAL(T, contribution_rate, "0.0", 0, 1, "probability", "griefing: chance of a harmless act instead"),
  CIV_REAL(T, extraction, "0.0", 0, INFINITY, "credits", "what exploiting proposals take"),
  CIV_BOOLEAN(T, vote_coordination, "false", "Sybil strategy: votes are coordinated"),
  CIV_BOOLEAN(T, knows_thresholds, "false", "it starts with 0.9 of the true freeze threshold"),
};
#undef T

const civ_section civ_adaptive_adversary_section = { .name = "agents[].config",
                                                     .doc = "Keys of an adaptive adversary.",
                                                     .chapter = "red team",
                                                     CIV_FIELDS(adaptive_adversary_config_fields),
                                                     .size = sizeof(adaptive_adversary_config) };
