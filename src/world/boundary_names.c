#include "world/boundary.h"

const char *const civ_entity_type_names[CIV_ENTITY_TYPES + 1] = { "service", "data_source", "human",
                                                                  "agent",   "unknown",     NULL };
const char *const civ_direction_names[CIV_DIRECTIONS + 1] = { "inbound", "outbound", "bidirectional", NULL };
const char *const civ_flow_type_names[CIV_FLOW_TYPES + 1] = { "data", "query",   "response", "command", "credential",
                                                              "code", "message", "metadata", NULL };
const char *const civ_leak_type_names[CIV_LEAK_TYPES + 1] = { "pii",    "credential",    "internal_data",
                                                              "code",   "configuration", "financial",
                                                              "health", "unknown",       NULL };
const char *const civ_boundary_code_names[CIV_BOUNDARY_CODES + 1] = { "allowed",
                                                                      "policy_disabled",
                                                                      "no_policies",
                                                                      "rate_limit",
                                                                      "bandwidth",
                                                                      "too_long",
                                                                      "blocked_pattern",
                                                                      "blocked_keyword",
                                                                      "outbound_sensitivity",
                                                                      "clearance",
                                                                      "approval",
                                                                      "composite_denied",
                                                                      "pattern_limit",
                                                                      "invalid_text",
                                                                      "leakage",
                                                                      "permeability",
                                                                      "unknown_entity",
                                                                      "service_unavailable",
                                                                      "service_rate_limit",
                                                                      "external_limit",
                                                                      NULL };
