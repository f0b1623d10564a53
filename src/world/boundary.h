/* boundary.h - the words of the boundary: what crosses it, what is said of a crossing, and the limits outsiders meet. */
#ifndef CIV_WORLD_BOUNDARY_H
#define CIV_WORLD_BOUNDARY_H

#include "civitas/part.h"

/* Limits on what comes from outside. Content beyond them is refused, never cut. */
enum {
  CIV_CONTENT_MOST_BYTES = 1000000,
  CIV_CONTENT_MOST_DEPTH = 64, /* of a structured payload */
  CIV_MOST_KEYWORDS = 64,      /* of one list */
  CIV_MOST_USER_PATTERNS = 1000
};

typedef enum civ_entity_type {
  CIV_ENTITY_SERVICE,
  CIV_ENTITY_DATA_SOURCE,
  CIV_ENTITY_HUMAN,
  CIV_ENTITY_AGENT,
  CIV_ENTITY_UNKNOWN,
  CIV_ENTITY_TYPES
} civ_entity_type;
extern const char *const civ_entity_type_names[CIV_ENTITY_TYPES + 1];

typedef enum civ_direction { CIV_INBOUND, CIV_OUTBOUND, CIV_BIDIRECTIONAL, CIV_DIRECTIONS } civ_direction;
extern const char *const civ_direction_names[CIV_DIRECTIONS + 1];

typedef enum civ_flow_type {
  CIV_FLOW_DATA,
  CIV_FLOW_QUERY,
  CIV_FLOW_RESPONSE,
  CIV_FLOW_COMMAND,
  CIV_FLOW_CREDENTIAL,
  CIV_FLOW_CODE,
  CIV_FLOW_MESSAGE,
  CIV_FLOW_METADATA,
  CIV_FLOW_TYPES
} civ_flow_type;
extern const char *const civ_flow_type_names[CIV_FLOW_TYPES + 1];

typedef enum civ_leak_type {
  CIV_LEAK_PII,
  CIV_LEAK_CREDENTIAL,
  CIV_LEAK_INTERNAL_DATA,
  CIV_LEAK_CODE,
  CIV_LEAK_CONFIGURATION,
  CIV_LEAK_FINANCIAL,
  CIV_LEAK_HEALTH,
  CIV_LEAK_UNKNOWN,
  CIV_LEAK_TYPES
} civ_leak_type;
extern const char *const civ_leak_type_names[CIV_LEAK_TYPES + 1];

/* What was decided, and why. The name is the code that events and reports carry. */
typedef enum civ_boundary_code {
  CIV_BOUNDARY_ALLOWED,
  CIV_BOUNDARY_POLICY_DISABLED,
  CIV_BOUNDARY_NO_POLICIES,
  CIV_BOUNDARY_RATE_LIMIT,
  CIV_BOUNDARY_BANDWIDTH,
  CIV_BOUNDARY_TOO_LONG,
  CIV_BOUNDARY_BLOCKED_PATTERN,
  CIV_BOUNDARY_BLOCKED_KEYWORD,
  CIV_BOUNDARY_OUTBOUND_SENSITIVITY,
  CIV_BOUNDARY_CLEARANCE,
  CIV_BOUNDARY_APPROVAL,
  CIV_BOUNDARY_COMPOSITE_DENIED,
  CIV_BOUNDARY_PATTERN_LIMIT, /* a pattern asked for more work than it may */
  CIV_BOUNDARY_INVALID_TEXT,  /* not UTF-8 */
  CIV_BOUNDARY_LEAKAGE,
  CIV_BOUNDARY_PERMEABILITY,
  CIV_BOUNDARY_UNKNOWN_ENTITY,
  CIV_BOUNDARY_SERVICE_UNAVAILABLE,
  CIV_BOUNDARY_SERVICE_RATE_LIMIT,
  CIV_BOUNDARY_EXTERNAL_LIMIT,
  CIV_BOUNDARY_CODES
} civ_boundary_code;
extern const char *const civ_boundary_code_names[CIV_BOUNDARY_CODES + 1];

/* Content as policies and scans see it: the canonical text, and behind it for scans alone the lines that unquote a structure.
 * Borrowed. */
typedef struct civ_content {
  const char *text;
  size_t length;  /* of the canonical text */
  size_t scanned; /* >= length: with the lines */
} civ_content;

static inline civ_content civ_content_plain(const char *text, size_t length)
{
  return (civ_content){ text, length, length };
}

/* One of the parties of a flow: agents by their number, behind them the entities outside, last one nobody knows. */
typedef uint32_t civ_party;

#endif
