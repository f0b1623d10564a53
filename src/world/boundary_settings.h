/* boundary_settings.h - entries of the boundary's lists as a scenario writes them: entities, policies, kinds of content. */
#ifndef CIV_WORLD_BOUNDARY_SETTINGS_H
#define CIV_WORLD_BOUNDARY_SETTINGS_H

#include <jansson.h>

#include "base/arena.h"
#include "civitas/field.h"
#include "world/boundary.h"

typedef struct civ_entity_settings {
  const char *entity_id;
  const char *name;
  int32_t entity_type; /* civ_entity_type */
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
} civ_entity_settings;

typedef enum civ_policy_kind {
  CIV_POLICY_RATE_LIMIT,
  CIV_POLICY_CONTENT_FILTER,
  CIV_POLICY_SENSITIVITY,
  CIV_POLICY_COMPOSITE,
  CIV_POLICY_KINDS
} civ_policy_kind;
extern const char *const civ_policy_kind_names[CIV_POLICY_KINDS + 1];

typedef struct civ_policy_settings {
  int32_t kind;     /* civ_policy_kind */
  const char *name; /* NULL = the kind's */
  bool enabled;
  int64_t max_crossings_per_minute, max_bytes_per_minute;
  bool per_agent;
  civ_text_list blocked_patterns, blocked_keywords;
  int64_t max_content_length;
  double max_outbound_sensitivity, require_approval_above;
  civ_real_map agent_clearance_levels;
  civ_tree policies; /* members of a composite */
  bool require_all;
} civ_policy_settings;

/* Kinds of content that agents send. */
typedef enum civ_content_kind {
  CIV_CONTENT_CLEAN,
  CIV_CONTENT_KEYWORD,
  CIV_CONTENT_CODE,
  CIV_CONTENT_PII,
  CIV_CONTENT_CREDENTIAL,
  CIV_CONTENT_KINDS
} civ_content_kind;
typedef struct civ_mix_settings {
  double weight[CIV_CONTENT_KINDS];
} civ_mix_settings;

extern const civ_section civ_boundary_entity_section, civ_boundary_policy_section, civ_boundary_mix_section;

/* An entry with the defaults of its table and what `entry` gives, into a struct of table->size bytes; texts go to the arena.
 * CIV_E_TYPE, CIV_E_RANGE, CIV_E_KEY with where = WHERE.KEY; CIV_E_NOMEM. */
CIV_MUST_CHECK civ_status civ_settings_read(const civ_section *table, const json_t *entry, const char *where,
                                            void *values, civ_arena *arena, civ_error *err);

#endif
