/* security.h - who attacks whom: injection, exfiltration, manipulation, laundering of trust and contagion, told from the stream
 * of interactions.
 *
 * The history keeps what the analysis needs and nothing else: an agent's counts, one entry per pair (initiator, counterparty),
 * one edge per pair that ever agreed, and the rare low interactions in their order. Taking an interaction costs O(1). An
 * analysis costs O(agents + edges + low interactions) and a few searches of the graph. */
#ifndef CIV_METRIC_SECURITY_H
#define CIV_METRIC_SECURITY_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/bytes.h"
#include "civitas/draws.h"
#include "civitas/interaction.h"

enum { CIV_SECURITY_LIST = 1000, CIV_CHAIN_AGENTS = 7, CIV_CHAIN_IDS = 6 };

/* In the order in which a report lists them. */
typedef enum civ_threat_type {
  CIV_THREAT_INJECTION,
  CIV_THREAT_EXFILTRATION,
  CIV_THREAT_MANIPULATION,
  CIV_THREAT_LAUNDERING,
  CIV_THREAT_CONTAGION,
  CIV_THREAT_TYPES,
  CIV_THREAT_UNKNOWN = CIV_THREAT_TYPES
} civ_threat_type;
extern const char *const civ_threat_names[CIV_THREAT_TYPES + 1]; /* the last is "unknown" */

typedef struct civ_security_rules {
  double injection_threshold, manipulation_threshold, laundering_gap, contagion_velocity;
  uint32_t min_chain; /* agents */
  uint32_t exact_limit,
      samples;       /* laundering paths are counted from every source up to `exact_limit` agents, above from
                                    `samples` of them */
  uint32_t evidence; /* ids kept of one pair's accepted and of its refused interactions, each */
} civ_security_rules;

/* --- pure rules -------------------------------------------------------------------------------------------------------- */

/* How much one interaction looks like an injection, [0, 1]. */
double civ_injection_score(const civ_interaction *record);

/* The score by which an interaction is charged at once; `initiator_threat` = the initiator's score in the latest report. */
double civ_realtime_threat(const civ_interaction *record, double initiator_threat, civ_threat_type *likely);

typedef struct civ_trend {
  bool known; /* at least two reports */
  double trend, acceleration, current_level, max_level;
} civ_trend;
/* Least-squares slope of the last `window` of n threat levels (oldest first), and that of the later half less that of the earlier
 * (from four levels on). */
civ_trend civ_threat_trend(const double *levels, size_t n, size_t window);

/* --- report ------------------------------------------------------------------------------------------------------------- */

typedef struct civ_threat {
  uint8_t type; /* civ_threat_type */
  civ_agent source;
  double severity, confidence, risk; /* risk = severity * confidence */
  double seconds;                    /* when it happened, or was found */
  uint32_t n_targets, n_ids;
  const civ_agent *targets;
  const uint64_t *ids; /* interactions that show it; of a long story the first */
} civ_threat;

typedef struct civ_manipulation {
  civ_agent manipulator;
  uint32_t n_victims, n_ids, initiated;
  const civ_agent *victims;
  const uint64_t *ids;
  double success_rate, influence_delta;
  const char *technique;
} civ_manipulation;

typedef struct civ_laundering {
  civ_agent source, destination;
  uint32_t n_between, n_ids;
  const civ_agent *between; /* strictly between source and destination */
  const uint64_t *ids;      /* of the last hop */
  double trust_at_origin, trust_at_destination, trust_gain;
} civ_laundering;

typedef struct civ_chain {
  uint32_t number; /* printed chain_<number> */
  civ_agent origin;
  uint32_t n_path, n_ids, depth, spread;
  civ_agent path[CIV_CHAIN_AGENTS];
  uint64_t ids[CIV_CHAIN_IDS];
  double velocity; /* interactions per minute */
  bool contained;
} civ_chain;

typedef struct civ_security_report {
  civ_arena arena;
  const struct security_unlisted *unlisted; /* what the lists wait for; NULL = they are made */
  uint32_t n_agents;
  uint64_t interactions;
  double ecosystem_threat_level, prompt_injection_rate, manipulation_rate, laundering_rate;
  double containment_success_rate; /* contained chains / chains; 1 without chains */
  double false_positive_rate;      /* filled by who knows the benign ones */
  uint64_t active_threats, counts[CIV_THREAT_TYPES];
  uint32_t contagion_depth, n_flagged;
  bool estimated;       /* the number of laundering paths was drawn from a sample */
  const double *scores; /* of each agent */
  double flag_threshold;
  civ_threat *threats; /* the CIV_SECURITY_LIST of highest risk, in order of type */
  uint32_t n_threats;
  civ_manipulation *manipulation; /* every list likewise */
  uint32_t n_manipulation;
  civ_laundering *laundering;
  uint32_t n_laundering;
  civ_chain *chains; /* all: counts[CIV_THREAT_CONTAGION] of them, deepest first */
} civ_security_report;

void civ_security_report_free(civ_security_report *report);
/* Sets containment_success_rate by the chains' marks. */
void civ_security_report_count_contained(civ_security_report *report);
/* One JSON object on one line. */
void civ_security_report_json(civ_buffer *out, const civ_security_report *report, const char *const *names);
/* Of the marks alone: contained / n; 1 where n = 0. */
double civ_containment_effectiveness(const bool *contained, size_t n);
/* Keeps of the n chains those whose agents are not all in a deeper or earlier one, deepest first. *n = how many are left. */
CIV_MUST_CHECK civ_status civ_chains_deduplicate(civ_chain *chains, size_t *n, uint32_t agents, civ_arena *scratch);

/* --- history ------------------------------------------------------------------------------------------------------------ */

typedef struct civ_security civ_security;

/* A history of `agents`, of whom the first `listed` are those a report is about (sources, scores, denominators). CIV_E_NOMEM. */
CIV_MUST_CHECK civ_status civ_security_create(const civ_security_rules *rules, uint32_t agents, uint32_t listed,
                                              const civ_allocator *allocator, civ_security **out, civ_error *err);
void civ_security_destroy(civ_security *s);
/* Room for `more` interactions: within it civ_security_note takes no memory. CIV_E_NOMEM, CIV_E_LIMIT. */
CIV_MUST_CHECK civ_status civ_security_reserve(civ_security *s, size_t more);
/* Takes a completed interaction (r_a as credited); `seconds` since the start. O(1). CIV_E_NOMEM beyond what was reserved. */
CIV_MUST_CHECK civ_status civ_security_note(civ_security *s, const civ_interaction *record, double seconds);
uint64_t civ_security_count(const civ_security *s); /* interactions in the history */
uint64_t civ_security_digest(const civ_security *s);
void civ_security_clear(civ_security *s); /* empties the history; its memory stays */
/* What the history says, given everybody's trust. `draws` choose whose paths are counted in large populations. The report is the
 * caller's to free; CIV_E_NOMEM. */
CIV_MUST_CHECK civ_status civ_security_analyse(const civ_security *s, const double *trust, civ_draws *draws,
                                               civ_security_report *out, civ_error *err);
/* The same with its lists of threats and laundering left empty, which are most of the work in small populations: scores, counts,
 * levels, manipulators and chains are there. CIV_E_NOMEM. */
CIV_MUST_CHECK civ_status civ_security_assess(const civ_security *s, const double *trust, civ_draws *draws,
                                              civ_security_report *out, civ_error *err);
/* Makes the lists that are left, as they would have been at once: of the history that was assessed, which may have grown since
 * but must not have been cleared. Takes memory of report->arena; CIV_E_NOMEM. */
CIV_MUST_CHECK civ_status civ_security_list(const civ_security *s, civ_security_report *report);
void civ_security_save(const civ_security *s, civ_bytes *out);
CIV_MUST_CHECK civ_status civ_security_load(civ_security *s, civ_bytes_reader *in, civ_error *err);

#endif
