#include "scenario/sections/sections.h"

#include <math.h>

#define MOST 2147483647
static const char *const entity_types[] = { "service", "data_source", "human", "agent", "unknown", NULL };
static const char *const policy_kinds[] = { "rate_limit", "content_filter", "sensitivity", "composite", NULL };
static const char *const leakage_types[] = { "pii",       "credential", "internal_data", "code", "configuration",
                                             "financial", "health",     "unknown",       NULL };
static const char *const agent_types[] = { "honest", "opportunistic", "deceptive", "adversarial", "llm", NULL };

typedef struct entity {
  const char *entity_id;
  const char *name;
  int32_t entity_type;
  double trust_level;
  civ_tree metadata;
  const char *endpoint;
  int64_t rate_limit;
  double latency_ms;
  double reliability;
  bool requires_auth;
  bool sensitive_data;
  const char *data_type;
  int64_t size_bytes;
  double sensitivity_level;
  double freshness_hours;
  double access_cost;
} entity;

#define T entity
static const civ_field entity_fields[] = {
  CIV_TEXT(T, entity_id, "null", "its id, unique", .flags = CIV_FIELD_REQUIRED | CIV_FIELD_NON_EMPTY),
  CIV_TEXT(T, name, "null", "its name", .flags = CIV_FIELD_REQUIRED),
  CIV_CHOICE(T, entity_type, "unknown", entity_types, "what it is"),
  CIV_REAL(T, trust_level, "0.5", -INFINITY, INFINITY, "", "trust in it, clamped to [0, 1]"),
  { .name = "metadata",
    .unit = "",
    .kind = CIV_FIELD_TREE,
    .fallback = "null",
    .offset = CIV_FIELD_AT(T, metadata),
    .doc = "anything; never read" },
  CIV_TEXT(T, endpoint, "null", "service: its address, descriptive"),
  CIV_INTEGER(T, rate_limit, "100", 0, MOST, "requests", "service: requests it takes per epoch"),
  CIV_REAL(T, latency_ms, "50", 0, INFINITY, "ms", "service: mean latency"),
  CIV_REAL(T, reliability, "0.99", 0, 1, "probability", "service: chance of an answer"),
  CIV_BOOLEAN(T, requires_auth, "false", "service: descriptive"),
  CIV_BOOLEAN(T, sensitive_data, "false", "service: its answers are marked sensitive"),
  CIV_TEXT(T, data_type, "generic", "data source: kind of data"),
  CIV_INTEGER(T, size_bytes, "0", 0, 0x1p53, "bytes", "data source: descriptive"),
  CIV_REAL(T, sensitivity_level, "0.0", 0, 1, "", "data source: sensitivity of its answers"),
  CIV_REAL(T, freshness_hours, "24", 0, INFINITY, "hours", "data source: descriptive"),
  CIV_REAL(T, access_cost, "0.0", 0, INFINITY, "credits", "data source: cost of an answer"),
};
#undef T

static const civ_section civ_entity_section = { .name = "boundaries.entities[]",
                                                .doc = "Something outside that agents can ask.",
                                                .chapter = "boundaries",
                                                CIV_FIELDS(entity_fields),
                                                .size = sizeof(entity) };

typedef struct boundary_policy {
  int32_t kind;
  const char *name;
  bool enabled;
  int64_t max_crossings_per_minute;
  int64_t max_bytes_per_minute;
  bool per_agent;
  civ_text_list blocked_patterns;
  civ_text_list blocked_keywords;
  int64_t max_content_length;
  double max_outbound_sensitivity;
  double require_approval_above;
  civ_real_map agent_clearance_levels;
  civ_tree policies;
  bool require_all;
} boundary_policy;

#define T boundary_policy
static const civ_field boundary_policy_fields[] = {
  CIV_CHOICE(T, kind, "rate_limit", policy_kinds, "what the policy looks at", .flags = CIV_FIELD_REQUIRED),
  CIV_TEXT(T, name, "null", "its name; null = its kind"),
  CIV_BOOLEAN(T, enabled, "true", "false switches it off"),
  CIV_INTEGER(T, max_crossings_per_minute, "60", 0, MOST, "crossings", "rate_limit: crossings per minute"),
  CIV_INTEGER(T, max_bytes_per_minute, "1000000", 0, 0x1p53, "bytes", "rate_limit: bytes per minute"),
  CIV_BOOLEAN(T, per_agent, "true", "rate_limit: counted for each agent"),
  { .name = "blocked_patterns",
    .unit = "",
    .kind = CIV_FIELD_LIST,
    .fallback = "[]",
    .choices = NULL,
    .offset = CIV_FIELD_AT(T, blocked_patterns),
    .doc = "content_filter: patterns that are refused" },
  { .name = "blocked_keywords",
    .unit = "",
    .kind = CIV_FIELD_LIST,
    .fallback = "[]",
    .choices = NULL,
    .offset = CIV_FIELD_AT(T, blocked_keywords),
    .doc = "content_filter: words that are refused" },
  CIV_INTEGER(T, max_content_length, "100000", 0, MOST, "bytes", "content_filter: longest content"),
  CIV_REAL(T, max_outbound_sensitivity, "0.5", 0, 1, "", "sensitivity: most that may go out"),
  CIV_REAL(T, require_approval_above, "0.7", 0, 1, "", "sensitivity: above it an approval is needed"),
  { .name = "agent_clearance_levels",
    .unit = "",
    .kind = CIV_FIELD_MAP_REAL,
    .fallback = "{}",
    .choices = NULL,
    .min = 0,
    .max = 1,
    .offset = CIV_FIELD_AT(T, agent_clearance_levels),
    .doc = "sensitivity: clearance by agent" },
  { .name = "policies",
    .unit = "",
    .kind = CIV_FIELD_TREE,
    .fallback = "[]",
    .offset = CIV_FIELD_AT(T, policies),
    .doc = "composite: its members, mappings like this one" },
  CIV_BOOLEAN(T, require_all, "true", "composite: all members must allow"),
};
#undef T

static const civ_section civ_boundary_policy_section = { .name = "boundaries.policies[]",
                                                         .doc = "A rule for what may cross the boundary.",
                                                         .chapter = "boundaries",
                                                         CIV_FIELDS(boundary_policy_fields),
                                                         .size = sizeof(boundary_policy) };

typedef struct mix_weights {
  double clean;
  double keyword;
  double code;
  double pii;
  double credential;
} mix_weights;

#define T mix_weights
static const civ_field mix_weights_fields[] = {
  CIV_REAL(T, clean, "0", 0, INFINITY, "weight", "weight of requests with clean content"),
  CIV_REAL(T, keyword, "0", 0, INFINITY, "weight", "weight of requests with suspicious content"),
  CIV_REAL(T, code, "0", 0, INFINITY, "weight", "weight of requests with program content"),
  CIV_REAL(T, pii, "0", 0, INFINITY, "weight", "weight of requests with personal content"),
  CIV_REAL(T, credential, "0", 0, INFINITY, "weight", "weight of requests with secret content"),
};
#undef T

static const civ_section civ_mix_section = { .name = "boundaries.activity.mix.*",
                                             .doc = "Kinds of content one type of agent sends.",
                                             .chapter = "boundaries",
                                             CIV_FIELDS(mix_weights_fields),
                                             .size = sizeof(mix_weights) };

typedef struct boundaries_config {
  bool enabled;
  double sensitivity_threshold;
  double minutes_per_step;
  bool default_world;
  civ_tree entities;
  bool default_policies;
  civ_tree policies;
  civ_real_map clearances;
  int64_t max_interactions_per_epoch;
  bool book_blocked;
  bool charge_access_cost;
} boundaries_config;

#define T boundaries_config
static const civ_field boundaries_config_fields[] = {
  CIV_BOOLEAN(T, enabled, "false", "switches the section on", .flags = CIV_FIELD_SWITCH, .needs = "boundaries"),
  CIV_REAL(T, sensitivity_threshold, "0.5", 0, 1, "", "sensitivity from which a flow is reported"),
  CIV_REAL(T, minutes_per_step, "1.0", 0, INFINITY, "minutes", "simulated length of a step, the clock of rate limits",
           .flags = CIV_FIELD_OPEN_MIN),
  CIV_BOOLEAN(T, default_world, "true", "the five built-in entities exist"),
  { .name = "entities",
    .unit = "",
    .kind = CIV_FIELD_TREE,
    .fallback = "[]",
    .offset = CIV_FIELD_AT(T, entities),
    .doc = "further entities",
    .items = &civ_entity_section },
  CIV_BOOLEAN(T, default_policies, "true", "the three built-in policies apply"),
  { .name = "policies",
    .unit = "",
    .kind = CIV_FIELD_TREE,
    .fallback = "[]",
    .offset = CIV_FIELD_AT(T, policies),
    .doc = "further policies, after the built-in ones",
    .items = &civ_boundary_policy_section },
  { .name = "clearances",
    .unit = "",
    .kind = CIV_FIELD_MAP_REAL,
    .fallback = "{}",
    .choices = NULL,
    .min = 0,
    .max = 1,
    .offset = CIV_FIELD_AT(T, clearances),
    .doc = "clearance by name of an agent or by type; names go first" },
  CIV_INTEGER(T, max_interactions_per_epoch, "1000", 0, MOST, "requests", "requests beyond it fail"),
  CIV_BOOLEAN(T, book_blocked, "true", "blocked attempts are booked as flows"),
  CIV_BOOLEAN(T, charge_access_cost, "false", "agents pay the access cost of data sources"),
};
#undef T

const civ_section civ_boundaries_section = { .name = "boundaries",
                                             .doc = "The world outside: who may send what to whom.",
                                             .chapter = "boundaries",
                                             CIV_FIELDS(boundaries_config_fields),
                                             .size = sizeof(boundaries_config),
                                             .absent_is_off = true };

typedef struct leakage_config {
  civ_list_map patterns;
  civ_text_list keywords;
  double block_severity;
} leakage_config;

#define T leakage_config
static const civ_field leakage_config_fields[] = {
  { .name = "patterns",
    .unit = "",
    .kind = CIV_FIELD_MAP_LIST,
    .fallback = "{}",
    .choices = leakage_types,
    .offset = CIV_FIELD_AT(T, patterns),
    .doc = "patterns by type of leak; pii, credential and code replace the built-in ones" },
  { .name = "keywords",
    .unit = "",
    .kind = CIV_FIELD_LIST,
    .fallback = "[confidential, secret, private, internal, restricted, sensitive, proprietary]",
    .choices = NULL,
    .offset = CIV_FIELD_AT(T, keywords),
    .doc = "words that hint at a leak where no pattern matched" },
  CIV_REAL(T, block_severity, "0.7", 0, 1, "", "leaks from this severity on are blocked"),
};
#undef T

const civ_section civ_boundaries_leakage_section = { .name = "boundaries.leakage",
                                                     .doc = "What counts as a leak.",
                                                     .chapter = "boundaries",
                                                     CIV_FIELDS(leakage_config_fields),
                                                     .size = sizeof(leakage_config) };

typedef struct activity_config {
  double request_probability;
  civ_tree mix;
} activity_config;

#define T activity_config
static const civ_field activity_config_fields[] = {
  CIV_REAL(T, request_probability, "0.2", 0, 1, "probability", "chance of an external request after each turn"),
  { .name = "mix",
    .unit = "",
    .kind = CIV_FIELD_TREE,
    .fallback = "null",
    .offset = CIV_FIELD_AT(T, mix),
    .doc = "kinds of content by type of agent, as weights; null = the built-in table",
    .items = &civ_mix_section,
    .flags = CIV_FIELD_NAMED,
    .choices = agent_types },
};
#undef T

const civ_section civ_boundaries_activity_section = { .name = "boundaries.activity",
                                                      .doc = "How often and with what agents turn to the outside.",
                                                      .chapter = "boundaries",
                                                      CIV_FIELDS(activity_config_fields),
                                                      .size = sizeof(activity_config) };
