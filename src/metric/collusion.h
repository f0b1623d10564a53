/* collusion.h - who deals with whom more often, more alike and worse than others do: a fold over completed interactions.
 *
 * Every pair of agents that met has a record of running statistics (Welford co-moments, no history); an analysis reads the
 * records: a score for each pair with enough interactions, groups of pairs that stand out, a risk for every agent and one for
 * the whole. An interaction costs O(1), an analysis O(pairs + agents). No random numbers. */
#ifndef CIV_METRIC_COLLUSION_H
#define CIV_METRIC_COLLUSION_H

#include "base/buffer.h"
#include "base/bytes.h"
#include "base/idsets.h"
#include "base/memory.h"
#include "civitas/draws.h"
#include "civitas/interaction.h"

typedef struct civ_collusion_params {
  double frequency_threshold;   /* standard deviations at which frequency counts in full, > 0 */
  double correlation_threshold; /* of the signal; does not enter the score */
  double score_threshold;       /* from which a pair is suspicious and a group is kept */
  uint32_t min_interactions;    /* a pair needs to be analysed */
  bool transfer_only;           /* benefits without governance costs */
  double window_seconds;        /* of temporal clustering; its events are remembered, unless it is INFINITY */
  double vote_alignment;        /* from which two voters count as coordinated */
} civ_collusion_params;

/* 2, 0.7, 0.5, 3, false, 60 s, 0.8. */
civ_collusion_params civ_collusion_defaults(void);

/* Score of a pair in [0, 1] from its frequency z, benefit correlation, acceptance rate, mean p and number of interactions. */
double civ_collusion_score(double z, double correlation, double acceptance, double mean_p, uint64_t n,
                           double frequency_threshold);

/* --- the fold ---------------------------------------------------------------------------------------------------------- */

typedef struct civ_collusion civ_collusion;

/* Nothing seen yet, of agents 0..agents-1, of which the first `listed` are the population that shares are taken of. With
 * `votes` it also keeps who voted how. CIV_E_NOMEM. */
CIV_MUST_CHECK civ_status civ_collusion_create(const civ_collusion_params *params, uint32_t agents, uint32_t listed,
                                               bool votes, const civ_allocator *allocator, civ_collusion **out,
                                               civ_error *err);
void civ_collusion_destroy(civ_collusion *c);
/* Room for so many interactions and one vote of each agent, so that adding takes no memory. CIV_E_NOMEM, CIV_E_LIMIT. */
CIV_MUST_CHECK civ_status civ_collusion_reserve(civ_collusion *c, size_t interactions);
/* One completed interaction with its final costs, accepted or not, `seconds` after the start; times never decrease. */
void civ_collusion_add(civ_collusion *c, const civ_interaction *record, double seconds);
/* One vote; a later one of the same agent on the same target takes its place. */
void civ_collusion_vote(civ_collusion *c, civ_agent voter, uint32_t target, bool up);
/* Forgets everything seen; memory stays. */
void civ_collusion_clear(civ_collusion *c);
uint64_t civ_collusion_interactions(const civ_collusion *c);
uint64_t civ_collusion_digest(const civ_collusion *c);
void civ_collusion_save(const civ_collusion *c, civ_bytes *out);
CIV_MUST_CHECK civ_status civ_collusion_load(civ_collusion *c, civ_bytes_reader *in, civ_error *err);

/* --- reports ------------------------------------------------------------------------------------------------------------ */

enum { CIV_COLLUSION_LISTED = 1000 }; /* pairs, groups, voters a report lists; its counts are exact */

enum { /* signals of a pair, for information */
       CIV_COLLUSION_FREQUENT = 1u << 0,
       CIV_COLLUSION_CORRELATED = 1u << 1,
       CIV_COLLUSION_AGREEABLE = 1u << 2,
       CIV_COLLUSION_ASYMMETRIC = 1u << 3
};

/* A pair as analysed; `a` is the agent of the lower index (texts name the lower name first). */
typedef struct civ_collusion_pair {
  civ_agent a, b;
  uint32_t interactions, signals;
  double acceptance, benefit_a, benefit_b, correlation, p_a, p_b; /* p_a: of what a initiated */
  double gap, burstiness, frequency, score;
  uint32_t order; /* number of the pair in order of first appearance */
} civ_collusion_pair;

typedef struct civ_collusion_group {
  uint32_t first, size; /* members[first ..], by index */
  double internal_rate, external_rate, voting_alignment, target_overlap, p_internal, p_external, score;
} civ_collusion_group;

typedef struct civ_collusion_report {
  uint64_t interactions, pairs, analysed, n_flagged_pairs, n_flagged_groups, n_flagged_agents;
  double ecosystem_risk, average_score, max_score;
  civ_collusion_pair *suspicious; /* of highest score, score descending, then order */
  civ_collusion_group *groups;
  uint32_t n_suspicious, n_groups;
  civ_agent *members;
  uint32_t n_members;
  double *risk;       /* per agent */
  double *clustering; /* per agent: temporal clustering */
  /* room */
  uint32_t agents, room_suspicious, room_groups;
  const civ_allocator *allocator;
} civ_collusion_report;

/* An empty report with room for everything an analysis can say. CIV_E_NOMEM. */
CIV_MUST_CHECK civ_status civ_collusion_report_init(civ_collusion_report *r, uint32_t agents,
                                                    const civ_allocator *allocator, civ_error *err);
void civ_collusion_report_fini(civ_collusion_report *r);
void civ_collusion_report_save(const civ_collusion_report *r, civ_bytes *out);
CIV_MUST_CHECK civ_status civ_collusion_report_load(civ_collusion_report *r, civ_bytes_reader *in, civ_error *err);

/* Analyses everything seen. Takes memory only where a group is kept. CIV_E_NOMEM leaves *out empty. */
CIV_MUST_CHECK civ_status civ_collusion_analyse(civ_collusion *c, civ_collusion_report *out);

/* --- votes -------------------------------------------------------------------------------------------------------------- */

enum { CIV_COLLUSION_VOTERS = 2000 }; /* compared with each other; from more, so many are drawn */

typedef struct civ_coordinated_pair {
  civ_agent a, b; /* the lower name first */
  double alignment;
} civ_coordinated_pair;

typedef struct civ_coordination {
  civ_coordinated_pair *pairs; /* the first of them, by alignment descending, then by name */
  uint32_t n;
  uint64_t total;
  bool estimated; /* from drawn voters */
} civ_coordination;

/* Voters who voted alike on at least 3 common targets. `draws` are asked only where there are more voters than are compared.
 * O(votes log votes + targets * compared voters squared / 64) at most. CIV_E_NOMEM. */
CIV_MUST_CHECK civ_status civ_collusion_coordination(const civ_collusion *c, const char *const *names, civ_draws *draws,
                                                     civ_coordination *out);
void civ_coordination_free(civ_coordination *v);

/* --- texts -------------------------------------------------------------------------------------------------------------- */

/* The report as one JSON object. `voters`: JSON of coordinated voters (civ_collusion_voters_json), NULL = not known. */
void civ_collusion_report_json(const civ_collusion_report *r, const char *const *names, const char *voters,
                               civ_buffer *out);
/* {"pairs": [{"pair": [a, b], "alignment": x} ...], "total": n, "estimated": false}. */
void civ_collusion_voters_json(const civ_coordination *v, const char *const *names, civ_buffer *out);

#endif
