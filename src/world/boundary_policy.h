/* boundary_policy.h - rules for what may cross, and the engine that asks them in order. */
#ifndef CIV_WORLD_BOUNDARY_POLICY_H
#define CIV_WORLD_BOUNDARY_POLICY_H

#include "civitas/bytes.h"
#include "world/boundary_rate.h"
#include "world/boundary_scan.h"
#include "world/boundary_settings.h"

/* One attempt to cross. */
typedef struct civ_crossing {
  civ_agent agent;
  uint8_t direction; /* civ_direction */
  civ_content content;
  double sensitivity;
  double now_s; /* simulated seconds, never falling */
} civ_crossing;

typedef struct civ_decision {
  bool allowed;
  uint8_t code;       /* civ_boundary_code */
  const char *policy; /* who decided */
  double risk;        /* 0 when allowed */
  const char *detail; /* the pattern or keyword; NULL = none */
} civ_decision;

typedef struct civ_rule {
  uint8_t kind; /* civ_policy_kind */
  const char *name;
  bool enabled;
  uint64_t evaluations, blocks;
  civ_rate_limiter rate;
  civ_pattern_list patterns; /* of a content filter */
  civ_text_list keywords;    /* its own, and ... */
  char **lower;              /* ... in lower case */
  int64_t most_bytes;
  double max_outbound, approval_above;
  double *clearance; /* per agent; NULL = the standard clearance for all */
  uint64_t pending_approvals;
  struct civ_rule **members; /* of a composite */
  civ_decision *answers;     /* of its members, last time */
  uint32_t n_members;
  bool require_all;
} civ_rule;

/* Who the agents are, for clearances by name or type; id goes before type. */
typedef struct civ_clearances {
  uint32_t agents;
  const char *const *names;    /* NULL = agents have none */
  const char *const *variants; /* NULL = ... */
  const uint8_t *types;        /* NULL = ... */
  civ_real_map levels;         /* of the boundary; a policy's own go first */
} civ_clearances;

typedef struct civ_engine {
  civ_arena arena; /* owns rules and texts; compiled patterns are freed by hand */
  const civ_allocator *allocator;
  civ_rule **rules;
  uint32_t n, room;
  uint64_t evaluations;
} civ_engine;

void civ_engine_init(civ_engine *e, const civ_allocator *allocator);
void civ_engine_fini(civ_engine *e);
/* Makes a rule (patterns NULL in `own_patterns` = the entry's). Rules live as long as the engine. */
CIV_MUST_CHECK civ_status civ_engine_make(civ_engine *e, const civ_policy_settings *settings, bool own_patterns,
                                          const civ_clearances *who, const char *where, int depth, civ_rule **out,
                                          civ_error *err);
/* The rule becomes the engine's, also when there is no memory for it. */
CIV_MUST_CHECK civ_status civ_engine_add(civ_engine *e, civ_rule *rule);
/* The three of the default engine. */
CIV_MUST_CHECK civ_status civ_engine_add_default(civ_engine *e, const civ_clearances *who, civ_error *err);
/* Room for so many more crossings. */
CIV_MUST_CHECK civ_status civ_engine_reserve(civ_engine *e, size_t crossings);
civ_decision civ_rule_decide(civ_rule *r, civ_matcher *m, const civ_crossing *c);
civ_decision civ_engine_decide(civ_engine *e, civ_matcher *m, const civ_crossing *c);

void civ_engine_save(const civ_engine *e, civ_bytes *out);
CIV_MUST_CHECK civ_status civ_engine_load(civ_engine *e, civ_bytes_reader *in, civ_error *err);

#endif
