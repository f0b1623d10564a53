/* kernel.h - a constitution as data: nine rules, each with its parameters; nothing about legality stands anywhere else.
 *
 * Numbers of the law are integers: a fraction in parts per million, money in micro-credits, so that no comparison depends on
 * floating point. */
#ifndef CIV_SELFPLAY_KERNEL_H
#define CIV_SELFPLAY_KERNEL_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/node.h"

/* In the order K1 .. K9 of the default clause ids. */
typedef enum civ_rule {
  CIV_RULE_FRANCHISE,
  CIV_RULE_PROPOSAL,
  CIV_RULE_QUORUM,
  CIV_RULE_SPEND,
  CIV_RULE_AMENDMENT,
  CIV_RULE_DISENFRANCHISE,
  CIV_RULE_ROLES,
  CIV_RULE_TRANSFER,
  CIV_RULE_FLOOR,
  CIV_RULES,
  CIV_NO_RULE = 255
} civ_rule;
extern const char *const civ_rule_names[CIV_RULES + 1];

/* Every parameter of every rule, rule by rule. */
typedef enum civ_param {
  CIV_PARAM_VOTERS,
  CIV_PARAM_MAX_OPEN_PER_CITIZEN,
  CIV_PARAM_VOTING_WINDOW,
  CIV_PARAM_COOLDOWN,
  CIV_PARAM_BOND,
  CIV_PARAM_QUORUM_FRACTION,
  CIV_PARAM_QUORUM_BASE,
  CIV_PARAM_SPEND_THRESHOLD,
  CIV_PARAM_CAP_FRACTION,
  CIV_PARAM_WINDOW_CAP_FRACTION,
  CIV_PARAM_PRIVATE_CAP_FRACTION,
  CIV_PARAM_SPEND_WINDOW,
  CIV_PARAM_SELF_DEALING,
  CIV_PARAM_AMENDMENT_THRESHOLD,
  CIV_PARAM_PROTECTED_THRESHOLD,
  CIV_PARAM_DELAY,
  CIV_PARAM_RETRY,
  CIV_PARAM_RATCHET,
  CIV_PARAM_CEILING,
  CIV_PARAM_DISENFRANCHISE_THRESHOLD,
  CIV_PARAM_MAX_FRACTION,
  CIV_PARAM_REQUIRES_FINDING,
  CIV_PARAM_TARGET_VOTES,
  CIV_PARAM_DISENFRANCHISE_TERM,
  CIV_PARAM_ROLES_THRESHOLD,
  CIV_PARAM_RECALL_THRESHOLD,
  CIV_PARAM_ROLES_TERM,
  CIV_PARAM_MAX_PER_CITIZEN,
  CIV_PARAM_TREASURER_LIMIT,
  CIV_PARAM_REGISTRAR_TERM,
  CIV_PARAM_REGISTRAR_COOLDOWN,
  CIV_PARAM_TRANSFER_ENABLED,
  CIV_PARAM_DISCLOSURE,
  CIV_PARAM_FLOOR_AMOUNT,
  CIV_PARAM_TOP_UP,
  CIV_PARAM_FLOOR_PRIORITY,
  CIV_PARAM_RESERVE_FRACTION,
  CIV_PARAMS,
  CIV_NO_PARAM = 255
} civ_param;

typedef enum civ_param_kind {
  CIV_PARAM_FRACTION, /* parts per million, 0 <= v < 10^6 */
  CIV_PARAM_INTEGER,  /* least .. 1000 */
  CIV_PARAM_CREDITS,  /* micro-credits, 0 .. 10^12 */
  CIV_PARAM_BOOL,     /* 0 or 1 */
  CIV_PARAM_WORD      /* place in `words` */
} civ_param_kind;

#define CIV_LAW_NULL INT64_MIN       /* the value of a parameter that may be null and is */
#define CIV_LAW_ILL  (INT64_MIN + 1) /* of an act: a value that is of the wrong type or out of range */

typedef struct civ_param_form {
  const char *name; /* within its rule: "fraction" */
  uint8_t rule, kind;
  bool nullable;
  int sign;          /* tightens: +1 larger, -1 smaller, 0 neither */
  int64_t otherwise; /* default */
  int64_t least;     /* of an integer */
  const char *const *words;
  const char *doc;
} civ_param_form;
extern const civ_param_form civ_param_forms[CIV_PARAMS];

/* The law in force: what an amendment changes. */
typedef struct civ_law {
  int64_t value[CIV_PARAMS];
  uint16_t protected_rules; /* bit per rule */
} civ_law;
civ_law civ_law_default(void); /* all defaults, nothing protected */

/* What `value` does to `param` in place of `old`: +1 tightens, -1 loosens, 0 neither. */
int civ_law_direction(civ_param param, int64_t old, int64_t value);
civ_param civ_param_find(civ_rule rule, const char *name); /* CIV_NO_PARAM = unknown */
civ_rule civ_rule_find(const char *name);                  /* CIV_NO_RULE = unknown */
/* A JSON or YAML value as a value of this parameter, by its kind and range; CIV_LAW_ILL if it is none. */
int64_t civ_param_read(civ_param param, const civ_node *value);
/* As JSON: 0.3, 10, true, "recuse", null. */
void civ_param_write(civ_buffer *out, civ_param param, int64_t value);

/* Micro-credits as credits, parts per million as a share: the shortest number, whole ones without a point. */
void civ_micro_write(civ_buffer *out, int64_t micro);

/* floor(amount * ppm / 10^6) without overflow for amounts below 2^63 / 10^6 ... and beyond; amount >= 0, 0 <= ppm <= 10^7. */
static inline int64_t civ_share(int64_t amount, int64_t ppm)
{
  uint64_t product; /* nearly always enough, and the wide division is a slow call */
  if (!__builtin_mul_overflow((uint64_t)amount, (uint64_t)ppm, &product))
    return (int64_t)(product / 1000000u);
  return (int64_t)((unsigned __int128)amount * (uint64_t)ppm / 1000000u);
}

typedef struct civ_clause {
  const char *id, *title, *text;
  const char *comment; /* written above the clause: why it became protected; NULL */
  uint8_t rule;
} civ_clause;

/* A constitution. Its texts live in the arena it was read into. */
typedef struct civ_kernel {
  const char *name, *version, *preamble;
  civ_clause clauses[CIV_RULES]; /* document order */
  uint8_t clause_of[CIV_RULES];  /* place in `clauses` by rule */
  civ_law law;
  const char *provenance[CIV_PARAMS]; /* written behind a parameter: the exploit its guard stopped; NULL */
  char digest[65];                    /* SHA-256, hexadecimal, of the effective law */
} civ_kernel;

static inline const char *civ_kernel_clause_id(const civ_kernel *k, civ_rule rule)
{
  return k->clauses[k->clause_of[rule]].id;
}

/* The naive constitution with default clause ids, K1, K3, K4, K5, K6 and K9 protected, version 0.1.0. Static texts. */
CIV_MUST_CHECK civ_status civ_kernel_naive(civ_kernel *out);
/* Reads a document; every problem names file, line, key and value. CIV_E_IO, CIV_E_FORMAT, CIV_E_RANGE, CIV_E_NOMEM. */
CIV_MUST_CHECK civ_status civ_kernel_load(const char *path, civ_arena *arena, civ_kernel *out, civ_error *err);
/* `where` is called the file in messages. */
CIV_MUST_CHECK civ_status civ_kernel_read(const char *text, size_t length, const char *where, civ_arena *arena,
                                          civ_kernel *out, civ_error *err);
/* Recomputes the digest after the law or the protection was changed. CIV_E_NOMEM: the old digest stays. */
CIV_MUST_CHECK civ_status civ_kernel_digest(civ_kernel *kernel);
/* The document, as civ_kernel_read reads it: parameters that differ from their default only. */
void civ_kernel_write(civ_buffer *out, const civ_kernel *kernel);

#endif
