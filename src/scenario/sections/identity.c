#include "scenario/sections/sections.h"

#include <math.h>

#define MOST 2147483647
static const char *const policies[] = {
  "honest", "opportunistic", "deceptive", "adversarial", "adaptive", "llm", NULL
};

typedef struct identity_config {
  bool enabled;
  double identity_creation_cost;
  bool proof_of_personhood_required;
  int64_t credential_expiry_epochs;
  bool sybil_detection_enabled;
  int64_t max_identities_per_entity;
  double behavioral_similarity_threshold;
  bool charge_cost;
  int64_t reputation_interval_epochs;
  double reputation_min;
  bool revoke_on_freeze;
  bool revoke_on_sybil;
  civ_real_map pop_rate;
  double trust_prior_weight;
  double puppet_mimicry;
} identity_config;

#define T identity_config
static const civ_field identity_config_fields[] = {
  CIV_BOOLEAN(T, enabled, "true", "false switches the section off"),
  CIV_REAL(T, identity_creation_cost, "10.0", 0, INFINITY, "credits", "what an identity costs"),
  CIV_BOOLEAN(T, proof_of_personhood_required, "false", "identities need a proof of personhood"),
  CIV_INTEGER(T, credential_expiry_epochs, "50", 1, MOST, "epochs", "how long credentials hold"),
  CIV_BOOLEAN(T, sybil_detection_enabled, "true", "identities that behave alike are linked"),
  CIV_INTEGER(T, max_identities_per_entity, "1", 1, MOST, "identities", "most identities of one entity"),
  CIV_REAL(T, behavioral_similarity_threshold, "0.8", 0, 1, "similarity",
           "similarity from which identities are linked"),
  CIV_BOOLEAN(T, charge_cost, "true", "the cost is taken from resources"),
  CIV_INTEGER(T, reputation_interval_epochs, "5", 1, MOST, "epochs", "epochs between credentials for reputation"),
  CIV_REAL(T, reputation_min, "0.0", -INFINITY, INFINITY, "points", "reputation such a credential needs"),
  CIV_BOOLEAN(T, revoke_on_freeze, "true", "frozen agents lose their credentials"),
  CIV_BOOLEAN(T, revoke_on_sybil, "true", "agents clustered as one lose their credentials"),
  { .name = "pop_rate",
    .unit = "probability",
    .kind = CIV_FIELD_MAP_REAL,
    .fallback = "{honest: 0.9, opportunistic: 0.7, deceptive: 0.5, adversarial: 0.1, adaptive: 0.1, llm: 0.5}",
    .choices = policies,
    .min = 0,
    .max = 1,
    .offset = CIV_FIELD_AT(T, pop_rate),
    .doc = "chance of a proof of personhood by policy; others keep theirs",
    .flags = CIV_FIELD_MERGE },
  CIV_REAL(T, trust_prior_weight, "0", 0, 1, "share", "how much trust in an identity counts with strangers"),
  CIV_REAL(T, puppet_mimicry, "0.9", 0, 1, "probability", "chance of a puppet to copy its master"),
};
#undef T

const civ_section civ_identity_section = { .name = "identity",
                                           .doc = "Identities, credentials and trust.",
                                           .chapter = "identity",
                                           CIV_FIELDS(identity_config_fields),
                                           .size = sizeof(identity_config),
                                           .absent_is_off = true,
                                           .part = "identity" };
