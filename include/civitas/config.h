/* config.h - the effective configuration of one run: sections of typed values, the list of agents, success criteria.
 *
 * A config knows every section of the schema from the start; parts bring theirs through the registry. It is filled by
 * the scenario loader (scenario.h) or by a program, field by field, through the same checked setter. */
#ifndef CIVITAS_CONFIG_H
#define CIVITAS_CONFIG_H

#include "civitas/payoff.h"
#include "civitas/registry.h"

CIV_BEGIN_DECLS

typedef enum civ_schedule_mode { CIV_ROUND_ROBIN, CIV_RANDOM, CIV_PRIORITY } civ_schedule_mode;
typedef enum civ_turn_mode { CIV_SEQUENTIAL, CIV_SIMULTANEOUS } civ_turn_mode;

/* Section `simulation`. */
typedef struct civ_simulation_config {
  int64_t n_epochs, steps_per_epoch;
  civ_opt_integer seed;         /* null: one is drawn and recorded */
  int32_t schedule_mode;        /* civ_schedule_mode */
  int32_t turn_mode;            /* civ_turn_mode */
  int64_t max_actions_per_step; /* 0 = unlimited */
  int64_t max_content_length;
  bool enable_rate_limits, enable_kill_switch;
  bool roles_enabled, payoffs_to_resources, dead_bounties, task_progress, deceptive_learning, enable_transfers;
  double seconds_per_step;
  const char *start_time; /* ISO 8601, checked at load */
} civ_simulation_config;

/* Section `environment`. */
typedef struct civ_environment_config {
  double initial_resources, initial_reputation, attention_scarcity;
} civ_environment_config;

/* Section `rate_limits`; not set = unlimited. First six in the order of civ_quota. */
typedef struct civ_rate_limits_config {
  civ_opt_integer posts_per_epoch, interactions_per_step, votes_per_epoch, tasks_per_epoch, bounties_per_epoch,
      bids_per_epoch;
  civ_opt_integer proposal_ttl_epochs;
} civ_rate_limits_config;

/* Section `safety`: every rail off by default. */
typedef struct civ_safety_config {
  bool kill_switch_enabled; /* default: simulation.enable_kill_switch (resolved at load) */
  civ_opt_real kill_switch_toxicity, kill_switch_frozen_fraction;
  civ_opt_real token_bucket_capacity;
  double token_bucket_refill;
  civ_opt_real budget_per_epoch;
  civ_real_map action_costs; /* names of actions: those of civ_action_names, and short forms post, propose, ... */
  int64_t min_steps_between_posts;
  bool enforce_role_allowlists;
  civ_list_map role_allowlists;
} civ_safety_config;

typedef enum civ_slash_trigger {
  CIV_SLASH_NEVER,
  CIV_SLASH_LOW_QUALITY,
  CIV_SLASH_AUDIT,
  CIV_SLASH_FREEZE
} civ_slash_trigger;

typedef enum civ_sybil_metric { CIV_SYBIL_L1_DOT, CIV_SYBIL_COSINE } civ_sybil_metric;
typedef enum civ_sybil_pattern { CIV_SYBIL_BOTH, CIV_SYBIL_INITIATED } civ_sybil_pattern;

/* Section `governance`: every lever off by default. */
typedef struct civ_governance_config {
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
  int32_t stake_slash_trigger; /* civ_slash_trigger */
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
  int32_t sybil_similarity_metric; /* civ_sybil_metric */
  int32_t sybil_pattern;           /* civ_sybil_pattern */
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
} civ_governance_config;

typedef enum civ_topology {
  CIV_COMPLETE,
  CIV_RING,
  CIV_STAR,
  CIV_ERDOS_RENYI,
  CIV_SMALL_WORLD,
  CIV_SCALE_FREE,
  CIV_CUSTOM,
  CIV_TOPOLOGIES
} civ_topology;

/* Section `network`: absent = everybody meets everybody. */
typedef struct civ_network_config {
  bool enabled;
  int32_t topology; /* civ_topology */
  double edge_probability;
  int64_t k_neighbors;
  double rewire_probability;
  int64_t m_edges;
  civ_tree edges; /* custom: list of [a, b] or [a, b, weight] */
  bool dynamic;
  double edge_strengthen_rate, edge_decay_rate, min_edge_weight, max_edge_weight;
  civ_opt_real reputation_disconnect_threshold;
} civ_network_config;

/* Section `network.metrics`. */
typedef struct civ_network_metrics_config {
  int64_t exact_limit, path_samples;
} civ_network_metrics_config;

typedef enum civ_claim_mode { CIV_CLAIM_TEAM, CIV_CLAIM_SOLO } civ_claim_mode;

/* Section `composite_tasks`; takes effect with governance.composite_tasks_enabled. */
typedef struct civ_composite_tasks_config {
  civ_tree initial_tasks; /* mappings: type, topic, goal, problem, deadline_offset, bounty */
  double task_spawn_rate;
  int64_t max_concurrent_tasks;
  civ_text_list task_types; /* names of templates */
  civ_opt_integer spawn_deadline_offset;
  int32_t claim_mode; /* civ_claim_mode */
} civ_composite_tasks_config;

typedef enum civ_settlement { CIV_SETTLE_NEVER, CIV_SETTLE_ON_SUBMISSION } civ_settlement;

/* Section `marketplace`: absent = there is none. */
typedef struct civ_marketplace_config {
  bool enabled;
  double escrow_fee_rate, min_bounty_amount;
  int64_t max_bids_per_bounty, bid_deadline_epochs, dispute_resolution_epochs;
  bool auto_expire_bounties;
  double dispute_default_split;
  int32_t settlement; /* civ_settlement */
  bool reserve_tasks;
} civ_marketplace_config;

/* Section `boundaries`: the world outside. */
typedef struct civ_boundaries_config {
  bool enabled;
  double sensitivity_threshold;
  double minutes_per_step;
  bool default_world;
  civ_tree entities;
  bool default_policies;
  civ_tree policies;
  civ_real_map clearances; /* by name of an agent or type; names go first */
  int64_t max_interactions_per_epoch;
  bool book_blocked;
  bool charge_access_cost;
} civ_boundaries_config;

/* Section `boundaries.leakage`. */
typedef struct civ_boundary_leakage_config {
  civ_list_map patterns;
  civ_text_list keywords;
  double block_severity;
} civ_boundary_leakage_config;

/* Section `boundaries.activity`. */
typedef struct civ_boundary_activity_config {
  double request_probability;
  civ_tree mix;
} civ_boundary_activity_config;

typedef enum civ_threat_source { CIV_THREAT_TOXICITY, CIV_THREAT_FROZEN_SHARE, CIV_THREAT_CONSTANT } civ_threat_source;
typedef enum civ_trust_source {
  CIV_TRUST_AUTO,
  CIV_TRUST_IDENTITY,
  CIV_TRUST_AVERAGE_P,
  CIV_TRUST_CONSTANT
} civ_trust_source;

/* Section `permeability`. */
typedef struct civ_permeability_config {
  bool enabled;
  double base_permeability;
  double information_decay;
  double contagion_rate;
  double spillover_amplification;
  bool adaptive;
  double threat_sensitivity;
  int32_t threat_source; /* civ_threat_source */
  double threat_level;
  double threat_smoothing;
  int32_t trust_source; /* civ_trust_source */
  double external_harm_weight;
  double spillover_penalty;
} civ_permeability_config;

/* Top level of a scenario file. */
typedef struct civ_scenario_config {
  const char *scenario_id, *description, *motif;
  int32_t model; /* 0 reference, 1 causal */
  int64_t schema_version;
  civ_text_list metrics_to_track;
} civ_scenario_config;

/* One entry of `agents`. */
typedef struct civ_agent_entry {
  const civ_policy *policy; /* NULL for a type that is known but not built (`type` says which) */
  const char *type;
  uint32_t count;
  const char *id_prefix;         /* NULL = the type */
  uint32_t roles;                /* bits 1 << civ_role; primary role is `primary_role` */
  uint8_t role_order[CIV_ROLES]; /* roles in list order */
  uint8_t n_roles;
  civ_text_list capabilities;
  civ_opt_real initial_reputation, initial_resources;
  void *policy_config;    /* struct of policy->config, with defaults filled; NULL where the policy has none */
  civ_tree llm, identity; /* kept for later parts */
  uint32_t line;
} civ_agent_entry;

typedef struct civ_criterion {
  const char *name;
  double bound;
  uint32_t line;
} civ_criterion;

typedef struct civ_config civ_config;

/* Every section of the schema at its default, no agents. The registry must outlive the config. */
CIV_API CIV_MUST_CHECK civ_status civ_config_create(const civ_registry *registry, civ_config **out, civ_error *err);
CIV_API CIV_MUST_CHECK civ_status civ_config_copy(const civ_config *config, civ_config **out, civ_error *err);
CIV_API void civ_config_destroy(civ_config *config);
CIV_API const civ_registry *civ_config_registry(const civ_config *config);

/* Values of a section as its struct ("simulation" -> civ_simulation_config); NULL for an unknown name. The top level is ""
 * or "scenario" (civ_scenario_config). */
CIV_API const void *civ_config_section(const civ_config *config, const char *name);
/* Whether the file or an override gave the section at all. */
CIV_API bool civ_config_given(const civ_config *config, const char *name);
/* The k-th section and its table; NULL past the end. */
CIV_API const civ_section *civ_config_section_at(const civ_config *config, uint32_t k);
CIV_API civ_origin civ_config_origin(const civ_config *config, const civ_section *section, const civ_field *field);

/* Sets one field from a YAML scalar or flow text, checked like the same text in a file. Paths: SECTION.KEY, KEY of the top
 * level or of simulation, agents[i].KEY, agents[i].config.KEY, agents.TYPE.KEY (all entries of the type; of `count`: its only
 * entry, or a new one where there is none), success_criteria.NAME.
 * CIV_E_KEY with the nearest known path, CIV_E_TYPE, CIV_E_RANGE. The config is unchanged on failure. */
CIV_API CIV_MUST_CHECK civ_status civ_config_set(civ_config *config, const char *path, const char *value,
                                                 civ_origin_kind origin, civ_error *err);
/* Sets the seed (0..2^63-1). */
CIV_API CIV_MUST_CHECK civ_status civ_config_set_seed(civ_config *config, uint64_t seed, civ_error *err);

CIV_API const civ_agent_entry *civ_config_agents(const civ_config *config, uint32_t *n);
CIV_API const civ_criterion *civ_config_criteria(const civ_config *config, uint32_t *n);

/* Names of the agents the config describes, in registration order; free each block with civ_free (one block). */
CIV_API CIV_MUST_CHECK civ_status civ_config_agent_names(const civ_config *config, char ***names, uint32_t *n,
                                                         civ_error *err);

/* The whole config as canonical JSON, every field in table order, keys nested; no keys of secrets. Caller frees with
 * civ_free. */
CIV_API CIV_MUST_CHECK civ_status civ_config_json(const civ_config *config, char **out, size_t *length, civ_error *err);
/* The same without section `outputs`: what decides a run, and what its log carries, so that a log does not depend on where it
 * is written. civ_config_sha256 is the SHA-256 of this text in 64 hexadecimal digits. */
CIV_API CIV_MUST_CHECK civ_status civ_config_run_json(const civ_config *config, char **out, size_t *length,
                                                      civ_error *err);
CIV_API CIV_MUST_CHECK civ_status civ_config_sha256(const civ_config *config, char out[65], civ_error *err);

CIV_END_DECLS

#endif
