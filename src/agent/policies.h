/* policies.h - the built-in policies, roles and observable generator, and what may be asked about their memories.
 *
 * A policy serves all agents of its kind. The questions below are for tests, tools and programs; the loop needs only the
 * tables. `self` is what the table's `create` made, `a` an agent enrolled with it. */
#ifndef CIV_AGENT_POLICIES_H
#define CIV_AGENT_POLICIES_H

#include "civitas/part.h"

extern const civ_policy civ_policy_honest, civ_policy_opportunistic, civ_policy_deceptive, civ_policy_adversarial;

/* Roles: the same table, asked in front of an agent's own policy. `config` is NULL, `agent_type` means nothing. */
extern const civ_policy civ_role_planner, civ_role_worker, civ_role_verifier, civ_role_poster, civ_role_moderator;

extern const civ_generator civ_generator_reference;

/* Parameters of the policies: the `config:` map of an entry of `agents`. */
typedef struct civ_honest_config {
  double acceptance_threshold, trust_weight, post_probability, vote_probability, interact_probability;
} civ_honest_config;

typedef struct civ_opportunistic_config {
  double risk_tolerance, post_probability, vote_probability, free_ride_probability, payoff_threshold;
} civ_opportunistic_config;

typedef struct civ_deceptive_config {
  int64_t trust_building_phase;
  double exploitation_threshold, facade_probability, post_probability;
} civ_deceptive_config;

typedef struct civ_adversarial_config {
  bool target_honest;
  double post_probability, attack_probability;
  double aggression_level;
  bool coordination_enabled;
} civ_adversarial_config;

/* Mean p over all accepted interactions of a with x, in either role; 0.5 without one. */
double civ_honest_trust(const void *self, civ_agent a, civ_agent x);

/* Mean p over all completed interactions of a with x, refused ones included; NaN without one. */
double civ_opportunistic_estimate(const void *self, civ_agent a, civ_agent x);

/* Trust that a thinks x has in it, in [0, 1]; NaN = no entry. */
double civ_deceptive_trust(const void *self, civ_agent a, civ_agent x);
/* Proposals of x that a has counted. */
uint32_t civ_deceptive_encounters(const void *self, civ_agent a, civ_agent x);
/* Whether a's trust is ripe: two agents above the threshold, more than ten encounters. */
bool civ_deceptive_exploits(const void *self, civ_agent a);
/* The visible agent a would exploit now; CIV_NOBODY. */
civ_agent civ_deceptive_victim(const void *self, const civ_view *view);
/* Replaces what a remembers of x; trust NaN = no entry. Takes memory. */
CIV_MUST_CHECK civ_status civ_deceptive_plant(void *self, civ_agent a, civ_agent x, double trust, uint32_t encounters);

/* Whether x is in the growing set of targets (allies) of the agent whose view this is, as its last turn left it. */
bool civ_adversarial_targets(const void *self, const civ_view *view, civ_agent x);
bool civ_adversarial_allies(const void *self, const civ_view *view, civ_agent x);
/* Turns until a may attack again, as its last turn left it. */
uint32_t civ_adversarial_cooldown(const void *self, civ_agent a);

/* Warnings a moderator has given to an author. */
uint32_t civ_moderator_warnings(const void *self, civ_agent moderator, civ_agent author);

/* Outputs a verifier has judged, the share it approved, their mean quality (0 when there are none). */
void civ_verifier_history(const void *self, civ_agent a, uint32_t *verified, double *approval_rate,
                          double *mean_quality);

#endif
