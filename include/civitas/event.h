/* event.h - what the loop tells the world: one record type, its forms said once in a table.
 *
 * The table civ_event_forms drives the log writer, the reader, the reference documentation and the checks: name, which ids
 * and times an event carries, and the members of its payload in order. */
#ifndef CIVITAS_EVENT_H
#define CIVITAS_EVENT_H

#include "civitas/interaction.h"

#include <string.h>

CIV_BEGIN_DECLS

typedef enum civ_event_type {
  CIV_EVENT_LOG_OPENED,
  CIV_EVENT_SIMULATION_STARTED,
  CIV_EVENT_AGENT_CREATED,
  CIV_EVENT_INTERACTION_PROPOSED,
  CIV_EVENT_PROXY_COMPUTED,
  CIV_EVENT_INTERACTION_ACCEPTED,
  CIV_EVENT_INTERACTION_REJECTED,
  CIV_EVENT_GOVERNANCE_COST_APPLIED,
  CIV_EVENT_REPUTATION_UPDATED,
  CIV_EVENT_TRANSFER_EXECUTED,
  CIV_EVENT_INTERACTION_COMPLETED,
  CIV_EVENT_PAYOFF_COMPUTED,
  CIV_EVENT_AGENT_STATE_UPDATED,
  CIV_EVENT_AGENT_FROZEN,
  CIV_EVENT_AGENT_UNFROZEN,
  CIV_EVENT_ACTION_REFUSED,
  CIV_EVENT_SIMULATION_PAUSED,
  CIV_EVENT_STEP_COMPLETED,
  CIV_EVENT_EDGE_PRUNED,
  CIV_EVENT_EPOCH_COMPLETED,
  CIV_EVENT_SIMULATION_ENDED,
  CIV_EVENT_BUILT_IN,                 /* first number of events that parts register (market, auction, ... ) */
  CIV_EVENT_OF_PART = UINT16_MAX - 1, /* read back: the name of a part's event (civ_event_part_names) */
  CIV_EVENT_UNKNOWN = UINT16_MAX      /* read back: a name this version does not know */
} civ_event_type;

/* How one payload member is stored and written. */
typedef enum civ_member_kind {
  CIV_MEMBER_REAL,        /* real; NaN and infinities are written as null */
  CIV_MEMBER_INTEGER,     /* integer */
  CIV_MEMBER_BOOLEAN,     /* integer 0 or 1 */
  CIV_MEMBER_TEXT,        /* text, UTF-8, NULL = null */
  CIV_MEMBER_AGENT,       /* integer: index of an agent, written as its name */
  CIV_MEMBER_DIGEST,      /* integer: 64 bits, written as 16 hexadecimal digits in quotes */
  CIV_MEMBER_JSON,        /* text: JSON already in canonical form, NULL = null */
  CIV_MEMBER_OPT_INTEGER, /* integer; INT64_MIN = null */
  CIV_MEMBER_OPEN,        /* the following members are inside an object of this name ... */
  CIV_MEMBER_CLOSE        /* ... up to here (neither has a value) */
} civ_member_kind;

typedef struct civ_member {
  const char *name;
  uint8_t kind;  /* civ_member_kind */
  bool optional; /* left out of the line when its value is absent: NULL text or JSON, INT64_MIN, boolean 0 */
} civ_member;

enum { /* which of the shared fields a form uses; unused ones are written as null */
       CIV_FORM_INTERACTION = 1u << 0,
       CIV_FORM_AGENT = 1u << 1,
       CIV_FORM_INITIATOR = 1u << 2,
       CIV_FORM_COUNTERPARTY = 1u << 3,
       CIV_FORM_EPOCH = 1u << 4,
       CIV_FORM_STEP = 1u << 5,
       CIV_FORM_FULL_ONLY = 1u << 6,   /* written in detail `full` only, and never ticks the clock */
       CIV_FORM_FREE_PAYLOAD = 1u << 7 /* the payload is one JSON object given as values[0].text (epoch_completed) */
};

typedef struct civ_event_form {
  const char *name;
  uint32_t flags;
  const civ_member *members; /* ended by a NULL name */
  const char *doc;           /* when it is emitted */
} civ_event_form;

/* Values of an event stand in the order of this table. epoch_completed is free: values[0].text is the payload, a JSON object
 * in canonical form whose members are the epoch's columns, nested by dots. */
CIV_API extern const civ_event_form civ_event_forms[CIV_EVENT_BUILT_IN];

/* Names that parts of later versions and other producers emit: readers know them as events, without a form. NULL-terminated. */
CIV_API extern const char *const civ_event_part_names[];

/* civ_event_type of a name: a built-in number, CIV_EVENT_OF_PART or CIV_EVENT_UNKNOWN. */
CIV_API uint16_t civ_event_type_of(const char *name);

typedef union civ_value {
  double real;
  int64_t integer;
  const char *text;
} civ_value;

enum { CIV_EVENT_MAX_VALUES = 24 };

/* One event on its way to the sinks. Borrowed for the call: sinks copy what they keep. */
typedef struct civ_event {
  uint16_t type;                            /* civ_event_type, or a number given at registration */
  bool full_only;                           /* this one is only for detail `full` (agent_state_updated at epoch ends) */
  int64_t time_us;                          /* simulated; filled by the loop */
  uint64_t interaction;                     /* 0 = none */
  civ_agent agent, initiator, counterparty; /* CIV_NOBODY = none */
  uint32_t epoch, step;                     /* used as the form says */
  const civ_event_form *form;
  civ_value values[CIV_EVENT_MAX_VALUES]; /* in the order of the members that have a value */
} civ_event;

/* About an agent (CIV_NOBODY = none); everything else absent. */
static inline civ_event civ_event_make(uint16_t type, civ_agent agent)
{
  civ_event event;
  memset(&event, 0, sizeof event);
  event.type = type;
  event.agent = agent;
  event.initiator = event.counterparty = CIV_NOBODY;
  return event;
}

CIV_END_DECLS

#endif
