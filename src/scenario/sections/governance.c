#include "scenario/sections/sections.h"

#include <math.h>

#define MOST 2147483647
static const char *const slash_triggers[] = { "none", "low_quality", "audit", "freeze", NULL };
static const char *const benefit_bases[] = { "net_transfer", "transfer_only", NULL };
static const char *const similarity_metrics[] = { "l1_dot", "cosine", NULL };
static const char *const sybil_patterns[] = { "both", "initiated", NULL };
static const char *const trust_sources[] = { "auto", "reputation", "bounded", "identity", NULL };
static const char *const agent_types[] = { "honest", "opportunistic", "deceptive", "adversarial", NULL };

typedef struct governance_config {
  double transaction_tax_rate;
  double transaction_tax_split;
  double reputation_decay_rate;
  bool vote_normalization_enabled;
  double max_vote_weight_per_agent;
  bool vote_weight_in_ranking;
  civ_opt_real vote_weight_cap;
  bool bandwidth_cap_enabled;
  int64_t bandwidth_cap;
  bool staking_enabled;
  double min_stake_to_participate;
  double stake_slash_rate;
  int32_t stake_slash_trigger;
  double stake_slash_threshold_p;
  bool circuit_breaker_enabled;
  double freeze_threshold_toxicity;
  int64_t freeze_threshold_violations;
  int64_t freeze_duration_epochs;
  bool audit_enabled;
  double audit_probability;
  double audit_penalty_multiplier;
  double audit_threshold_p;
  bool transparency_enabled;
  double transparency_bonus_rate;
  double transparency_threshold_p;
  bool moderator_enabled;
  double moderator_review_probability;
  double moderator_penalty_multiplier;
  double moderator_threshold_p;
  double moderator_review_cost;
  bool collusion_detection_enabled;
  double collusion_frequency_threshold;
  double collusion_correlation_threshold;
  int64_t collusion_min_interactions;
  double collusion_score_threshold;
  double collusion_penalty_multiplier;
  bool collusion_realtime_penalty;
  double collusion_realtime_rate;
  bool collusion_clear_history_on_epoch;
  int32_t collusion_benefit_basis;
  bool sybil_detection_enabled;
  double sybil_similarity_threshold;
  double sybil_penalty_multiplier;
  bool sybil_realtime_penalty;
  double sybil_realtime_rate;
  int64_t sybil_max_cluster_size;
  int32_t sybil_similarity_metric;
  int32_t sybil_pattern;
  int64_t sybil_min_interactions;
  double sybil_pattern_decay;
  bool security_enabled;
  double security_injection_threshold;
  double security_manipulation_threshold;
  double security_laundering_trust_gap;
  double security_contagion_velocity;
  int64_t security_min_chain_length;
  int64_t security_min_interactions;
  double security_penalty_threshold;
  double security_quarantine_threshold;
  double security_penalty_multiplier;
  bool security_realtime_penalty;
  double security_realtime_threshold;
  double security_realtime_rate;
  bool security_clear_history_on_epoch;
  int32_t security_trust_source;
  civ_text_list security_benign_types;
  bool security_content_scan;
  int64_t security_laundering_exact_limit;
  int64_t security_laundering_samples;
  bool composite_tasks_enabled;
} governance_config;

#define T governance_config
static const civ_field governance_config_fields[] = {
  CIV_REAL(T, transaction_tax_rate, "0.0", 0, 1, "share", "tax on the value of an interaction",
           .also = "transaction_tax", .flags = CIV_FIELD_SWITCH, .needs = "transaction_tax"),
  CIV_REAL(T, transaction_tax_split, "0.5", 0, 1, "share", "part of the tax the initiator pays"),
  CIV_REAL(T, reputation_decay_rate, "1.0", 0, 1, "factor",
           "reputations are multiplied by it at every epoch start; 1 = no decay", .also = "reputation_decay",
           .flags = CIV_FIELD_SWITCH, .needs = "reputation_decay"),
  CIV_BOOLEAN(T, vote_normalization_enabled, "false",
              "later votes of one agent weigh less; needs vote_weight_in_ranking to have an effect"),
  CIV_REAL(T, max_vote_weight_per_agent, "10.0", 0, INFINITY, "", "most weight one vote can have",
           .flags = CIV_FIELD_OPEN_MIN),
  CIV_BOOLEAN(T, vote_weight_in_ranking, "false", "vote weights enter the ranking of the feed",
              .flags = CIV_FIELD_SWITCH, .needs = "vote_normalization"),
  CIV_OPT_REAL(T, vote_weight_cap, "null", 0, INFINITY, "",
               "most weight of all votes of one agent in an epoch; null = none", .flags = CIV_FIELD_OPEN_MIN),
  CIV_BOOLEAN(T, bandwidth_cap_enabled, "false", "limits actions per agent and step to bandwidth_cap",
              .flags = CIV_FIELD_SWITCH, .needs = "bandwidth_cap"),
  CIV_INTEGER(T, bandwidth_cap, "10", 0, MOST, "actions",
              "actions of one agent; needs bandwidth_cap_enabled to have an effect"),
  CIV_BOOLEAN(T, staking_enabled, "false", "agents with too few resources may not act", .flags = CIV_FIELD_SWITCH,
              .needs = "staking"),
  CIV_REAL(T, min_stake_to_participate, "0.0", 0, INFINITY, "credits", "resources an agent must have to act",
           .hint = "staking_required"),
  CIV_REAL(T, stake_slash_rate, "0.1", 0, 1, "share",
           "part of the resources that is taken; needs stake_slash_trigger to have an effect"),
  CIV_CHOICE(T, stake_slash_trigger, "none", slash_triggers, "what makes an agent lose part of its stake",
             .flags = CIV_FIELD_SWITCH, .needs = "staking"),
  CIV_REAL(T, stake_slash_threshold_p, "0.4", 0, 1, "p", "interactions below it count as low quality for slashing"),
  CIV_BOOLEAN(T, circuit_breaker_enabled, "false", "freezes agents whose interactions are toxic again and again",
              .hint = "enable_circuit_breaker", .flags = CIV_FIELD_SWITCH, .needs = "circuit_breaker"),
  CIV_REAL(T, freeze_threshold_toxicity, "0.7", 0, 1, "toxicity",
           "mean toxicity of an agent that counts as a violation",
           .hint = "toxicity_threshold circuit_breaker_threshold"),
  CIV_INTEGER(T, freeze_threshold_violations, "3", 1, MOST, "violations", "violations after which an agent is frozen"),
  CIV_INTEGER(T, freeze_duration_epochs, "2", 1, MOST, "epochs", "how long a freeze lasts"),
  CIV_BOOLEAN(T, audit_enabled, "false", "audits interactions at random and fines bad ones", .hint = "enable_audits",
              .flags = CIV_FIELD_SWITCH, .needs = "random_audit"),
  CIV_REAL(T, audit_probability, "0.1", 0, 1, "probability", "chance of an interaction to be audited"),
  CIV_REAL(T, audit_penalty_multiplier, "2.0", 0, INFINITY, "factor", "fine per point of p below the threshold",
           .hint = "audit_penalty"),
  CIV_REAL(T, audit_threshold_p, "0.5", 0, 1, "p", "audited interactions below it are fined"),
  CIV_BOOLEAN(T, transparency_enabled, "false", "good interactions earn reputation, bad ones lose it, in public",
              .flags = CIV_FIELD_SWITCH, .needs = "transparency"),
  CIV_REAL(T, transparency_bonus_rate, "0.1", 0, INFINITY, "points", "reputation per point of p above the threshold"),
  CIV_REAL(T, transparency_threshold_p, "0.5", 0, 1, "p", "where bonus turns into loss"),
  CIV_BOOLEAN(T, moderator_enabled, "false", "a moderator reviews interactions for a fee", .flags = CIV_FIELD_SWITCH,
              .needs = "moderator"),
  CIV_REAL(T, moderator_review_probability, "0.5", 0, 1, "probability", "chance of an interaction to be reviewed"),
  CIV_REAL(T, moderator_penalty_multiplier, "1.0", 0, INFINITY, "factor", "fine per point of p below the threshold"),
  CIV_REAL(T, moderator_threshold_p, "0.5", 0, 1, "p", "reviewed interactions below it are fined"),
  CIV_REAL(T, moderator_review_cost, "0.01", 0, INFINITY, "credits", "what a review costs each side"),
  CIV_BOOLEAN(T, collusion_detection_enabled, "false", "looks for pairs and groups that favour each other",
              .flags = CIV_FIELD_SWITCH, .needs = "collusion_penalty"),
  CIV_REAL(T, collusion_frequency_threshold, "2.0", 0, INFINITY, "standard deviations",
           "how unusual the frequency of a pair must be", .flags = CIV_FIELD_OPEN_MIN),
  CIV_REAL(T, collusion_correlation_threshold, "0.7", 0, 1, "correlation", "benefit correlation that raises a signal"),
  CIV_INTEGER(T, collusion_min_interactions, "3", 1, MOST, "interactions", "interactions a pair needs to be looked at"),
  CIV_REAL(T, collusion_score_threshold, "0.5", 0, 1, "score",
           "score from which pairs are flagged and agents penalised"),
  CIV_REAL(T, collusion_penalty_multiplier, "1.0", 0, INFINITY, "factor", "size of the penalty at an epoch start"),
  CIV_BOOLEAN(T, collusion_realtime_penalty, "false", "flagged pairs also pay at every interaction"),
  CIV_REAL(T, collusion_realtime_rate, "0.1", 0, INFINITY, "credits", "what they pay per point of score"),
  CIV_BOOLEAN(T, collusion_clear_history_on_epoch, "false", "the detector forgets at every epoch start"),
  CIV_CHOICE(T, collusion_benefit_basis, "net_transfer", benefit_bases,
             "what counts as benefit when two agents are compared"),
  CIV_BOOLEAN(T, sybil_detection_enabled, "false", "looks for groups of identities that behave alike",
              .flags = CIV_FIELD_SWITCH, .needs = "sybil_detection"),
  CIV_REAL(T, sybil_similarity_threshold, "0.8", 0, 1, "similarity",
           "similarity from which two identities count as one"),
  CIV_REAL(T, sybil_penalty_multiplier, "1.0", 0, INFINITY, "factor", "size of the penalty"),
  CIV_BOOLEAN(T, sybil_realtime_penalty, "false", "suspects also pay at every interaction"),
  CIV_REAL(T, sybil_realtime_rate, "0.1", 0, INFINITY, "credits", "what they pay"),
  CIV_INTEGER(T, sybil_max_cluster_size, "3", 1, MOST, "agents", "larger groups are blocked"),
  CIV_CHOICE(T, sybil_similarity_metric, "l1_dot", similarity_metrics, "how two patterns are compared"),
  CIV_CHOICE(T, sybil_pattern, "both", sybil_patterns, "which interactions make up a pattern"),
  CIV_INTEGER(T, sybil_min_interactions, "0", 0, MOST, "interactions", "interactions an agent needs to be compared"),
  CIV_REAL(T, sybil_pattern_decay, "1.0", 0, 1, "factor", "counts are multiplied by it at every epoch start"),
  CIV_BOOLEAN(T, security_enabled, "false", "looks for injection, manipulation, laundering and contagion",
              .flags = CIV_FIELD_SWITCH, .needs = "security"),
  CIV_REAL(T, security_injection_threshold, "0.3", 0, 1, "score",
           "score from which an interaction counts as injection"),
  CIV_REAL(T, security_manipulation_threshold, "0.5", 0, 1, "score",
           "score from which an agent counts as manipulator, and from which any threat is flagged"),
  CIV_REAL(T, security_laundering_trust_gap, "0.3", 0, INFINITY, "trust",
           "gap of trust along a chain that counts as laundering"),
  CIV_REAL(T, security_contagion_velocity, "2.0", 0, INFINITY, "interactions per minute",
           "speed from which a chain counts as contagion", .flags = CIV_FIELD_OPEN_MIN),
  CIV_INTEGER(T, security_min_chain_length, "3", 2, MOST, "agents", "agents a chain needs"),
  CIV_INTEGER(T, security_min_interactions, "5", 1, MOST, "interactions",
              "interactions needed before anything is analysed"),
  CIV_REAL(T, security_penalty_threshold, "0.3", 0, 1, "score", "threat score from which agents are penalised"),
  CIV_REAL(T, security_quarantine_threshold, "0.7", 0, 1, "score", "threat score from which agents are quarantined"),
  CIV_REAL(T, security_penalty_multiplier, "1.0", 0, INFINITY, "factor", "size of the penalty"),
  CIV_BOOLEAN(T, security_realtime_penalty, "false", "threatening interactions also pay at once"),
  CIV_REAL(T, security_realtime_threshold, "0.5", 0, 1, "score", "threat score from which they pay"),
  CIV_REAL(T, security_realtime_rate, "0.2", 0, INFINITY, "credits", "what they pay per point of score"),
  CIV_BOOLEAN(T, security_clear_history_on_epoch, "false", "the analysis forgets at every epoch start"),
  CIV_CHOICE(T, security_trust_source, "auto", trust_sources,
             "whose trust decides about laundering; auto = identity where that section is on, else reputation"),
  { .name = "security_benign_types",
    .unit = "",
    .kind = CIV_FIELD_LIST,
    .fallback = "[honest, opportunistic]",
    .choices = agent_types,
    .offset = CIV_FIELD_AT(T, security_benign_types),
    .doc = "types whose flagging counts as a false positive",
    .flags = CIV_FIELD_NON_EMPTY },
  CIV_BOOLEAN(T, security_content_scan, "false", "texts are scanned for injections too"),
  CIV_INTEGER(T, security_laundering_exact_limit, "5000", 1, MOST, "agents",
              "up to this many agents all laundering paths are counted"),
  CIV_INTEGER(T, security_laundering_samples, "1024", 1, MOST, "agents",
              "sources from which paths are counted in larger populations"),
  CIV_BOOLEAN(T, composite_tasks_enabled, "false", "switches section composite_tasks on",
              .hint = "composite_tasks.enabled", .flags = CIV_FIELD_SWITCH, .needs = "composite_tasks"),
};
#undef T

const civ_section civ_governance_section = { .name = "governance",
                                             .doc = "Rules of the society: each lever is off unless its switch is on.",
                                             .chapter = "governance",
                                             CIV_FIELDS(governance_config_fields),
                                             .size = sizeof(governance_config) };
