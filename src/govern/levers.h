/* levers.h - the levers of this folder, for the registry, in the order in which they judge an action. */
#ifndef CIV_GOVERN_LEVERS_H
#define CIV_GOVERN_LEVERS_H

#include "civitas/config.h"
#include "metric/collusion.h"

extern const civ_lever civ_lever_role_allowlist; /* refuses with "role_allowlist" */
extern const civ_lever civ_lever_rate_limits;    /* "rate_limit"; answers what agents are told and how much they used */
extern const civ_lever civ_lever_token_bucket;   /* "token_bucket" */
extern const civ_lever civ_lever_action_budget;  /* "post_spacing", then "budget" */
extern const civ_lever civ_lever_kill_switch;    /* stops with "kill_switch_toxicity", "kill_switch_frozen_fraction" */

/* Section `governance`, in the order in which they judge an interaction. */
extern const civ_lever civ_lever_transaction_tax;
extern const civ_lever civ_lever_reputation_decay;
extern const civ_lever civ_lever_staking;
extern const civ_lever civ_lever_circuit_breaker;
extern const civ_lever civ_lever_random_audit;
extern const civ_lever civ_lever_collusion_penalty;
extern const civ_lever civ_lever_bandwidth_cap;
extern const civ_lever civ_lever_transparency;
extern const civ_lever civ_lever_moderator;
extern const civ_lever civ_lever_vote_normalization; /* answers what a vote weighs in the ranking of the feed */

/* --- their rules one by one, for tests, tools and programs --------------------------------------------------------------- */

/* What the tax rate is taken of: max(3p - 1, 0) + |tau|. */
double civ_transaction_tax_base(double p, double tau);

/* Weight of a vote after `cast` others in the epoch: 1 / (1 + cast / most); 1 when not enabled. */
double civ_vote_weight(bool enabled, double most, uint32_t cast);

/* Takes stake_slash_rate of what `a` has, never a negative amount; nothing of an unknown agent. */
void civ_staking_slash(void *self, civ_agent a, const char *reason, civ_effect *effect);

typedef struct civ_breaker_status {
  uint32_t violations;
  int64_t freeze_until_epoch; /* -1 = not frozen by the breaker */
  double average_toxicity;    /* of the last 10 interactions it initiated; 0 without any */
} civ_breaker_status;
civ_breaker_status civ_circuit_breaker_status(const void *self, civ_agent a);
/* Forgets the violations and the date of an agent; its window stays. Does not thaw it. */
void civ_circuit_breaker_release(void *self, civ_agent a);
/* Forgets everything of it but how often it was ordered frozen. Does not thaw it. */
void civ_circuit_breaker_reset(void *self, civ_agent a);

/* How the rules of a scenario ask for an analysis of collusion. */
civ_collusion_params civ_collusion_params_of(const civ_governance_config *rules,
                                             const civ_simulation_config *simulation);
/* The latest report of the collusion lever; NULL before the first. */
const civ_collusion_report *civ_collusion_penalty_report(const void *self);
uint64_t civ_collusion_penalty_history(const void *self); /* interactions the next analysis covers */
void civ_collusion_penalty_forget(void *self);            /* history and report */

#endif
