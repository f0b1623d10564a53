/* history.h - what happened in one run, epoch by epoch and agent by agent: the table behind every export and chart. */
#ifndef CIV_LAB_HISTORY_H
#define CIV_LAB_HISTORY_H

#include "base/arena.h"
#include "base/buffer.h"
#include "civitas/sink.h"

/* Columns of an epoch snapshot after simulation_id, epoch, timestamp: name, whole number, value where nothing is known.
 * Here avg_payoff is the mean over all credited payoffs, both sides, and posts and votes are the epoch's own; the epoch
 * metrics of the loop call the mean initiator payoff avg_payoff and count posts and votes from the start of the run. */
// clang-format off
#define CIV_EPOCH_COLUMNS(X) \
  X(total_interactions, true, 0) X(accepted_interactions, true, 0) X(rejected_interactions, true, 0) \
  X(toxicity_rate, false, 0) X(quality_gap, false, 0) X(avg_p, false, 0.5) X(total_welfare, false, 0) \
  X(avg_payoff, false, 0) X(payoff_std, false, 0) X(gini_coefficient, false, 0) X(total_posts, true, 0) \
  X(total_votes, true, 0) X(total_tasks_completed, true, 0) X(n_agents, true, 0) X(n_frozen, true, 0) \
  X(n_quarantined, true, 0) X(avg_reputation, false, 0) X(reputation_std, false, 0) X(n_edges, true, 0) \
  X(avg_degree, false, 0) X(avg_clustering, false, 0) X(n_components, true, 1) X(ecosystem_threat_level, false, 0) \
  X(active_threats, true, 0) X(contagion_depth, true, 0) X(ecosystem_collusion_risk, false, 0) \
  X(n_flagged_pairs, true, 0) X(avg_coordination_score, false, 0) X(avg_synergy_score, false, 0) \
  X(tasks_completed, true, 0) X(avg_payoff_initiator, false, 0) X(governance_cost_assessed, false, 0) \
  X(governance_cost_paid, false, 0)
// clang-format on

typedef enum civ_epoch_column {
#define X(name, integer, otherwise) CIV_COLUMN_##name,
  CIV_EPOCH_COLUMNS(X)
#undef X
      CIV_N_EPOCH_COLUMNS
} civ_epoch_column;

typedef struct civ_column_form {
  const char *name;
  bool integer;
  double otherwise;
} civ_column_form;
extern const civ_column_form civ_epoch_column_forms[CIV_N_EPOCH_COLUMNS + 1]; /* ended by a NULL name */
/* Number of a column by name; -1 = unknown. */
int civ_epoch_column_of(const char *name);

typedef struct civ_epoch_snapshot {
  uint32_t epoch;
  int64_t time_us;
  double values[CIV_N_EPOCH_COLUMNS];
} civ_epoch_snapshot;
civ_epoch_snapshot civ_epoch_snapshot_blank(uint32_t epoch);

typedef struct civ_agent_snapshot {
  uint32_t agent; /* into names */
  uint32_t epoch;
  double reputation, resources; /* resources: NaN = not known (a log of standard detail cannot say) */
  double avg_p_initiated, avg_p_received;
  double total_payoff, cumulative_payoff; /* of this epoch; up to its end */
  uint32_t initiated, received;           /* of this epoch, accepted or not */
  bool frozen, quarantined;
} civ_agent_snapshot;

/* Columns of an agent snapshot after simulation_id, agent_id, epoch. */
typedef enum civ_agent_column {
  CIV_AGENT_REPUTATION,
  CIV_AGENT_RESOURCES,
  CIV_AGENT_INITIATED,
  CIV_AGENT_RECEIVED,
  CIV_AGENT_AVG_P_INITIATED,
  CIV_AGENT_AVG_P_RECEIVED,
  CIV_AGENT_TOTAL_PAYOFF,
  CIV_AGENT_FROZEN,
  CIV_AGENT_QUARANTINED,
  CIV_AGENT_TYPE, /* a text: no number */
  CIV_AGENT_CUMULATIVE_PAYOFF,
  CIV_N_AGENT_COLUMNS
} civ_agent_column;
extern const char *const civ_agent_column_names[CIV_N_AGENT_COLUMNS + 1];
double civ_agent_snapshot_value(const civ_agent_snapshot *s, civ_agent_column column);

/* Where too many agents live to keep each: what a type looked like at an epoch's end. */
enum { CIV_SPREAD_QUANTITIES = 4, CIV_SPREAD_QUANTILES = 7 };
typedef struct civ_spread {
  double mean, sd, quantiles[CIV_SPREAD_QUANTILES];
} civ_spread;
typedef struct civ_type_snapshot {
  uint32_t epoch, count;
  uint8_t type;
  civ_spread spreads[CIV_SPREAD_QUANTITIES]; /* reputation, resources, payoff and interactions of the epoch */
} civ_type_snapshot;

typedef struct civ_history {
  civ_arena arena; /* of the texts */
  const char *simulation_id;
  bool started, ended, seeded; /* whether the three below are known */
  int64_t started_us, ended_us;
  uint64_t seed;
  uint64_t n_epochs, steps_per_epoch, n_agents;
  const char **names;
  const char **types; /* NULL = not known */
  uint32_t n_names, room_names;
  civ_epoch_snapshot *epochs;
  size_t n_epoch_snapshots, room_epochs;
  civ_agent_snapshot *agents; /* in order of epochs, then of agents */
  size_t n_agent_snapshots, room_agents;
  civ_type_snapshot *spreads;
  size_t n_spreads, room_spreads;
} civ_history;

civ_history civ_history_create(void);
void civ_history_destroy(civ_history *h);
/* The next agent; type NULL = not known. Lent texts must outlive the history; added ones are copied. */
CIV_MUST_CHECK civ_status civ_history_lend_name(civ_history *h, const char *name, const char *type);
CIV_MUST_CHECK civ_status civ_history_add_name(civ_history *h, const char *name, const char *type, uint32_t *index);
CIV_MUST_CHECK civ_status civ_history_add_epoch(civ_history *h, const civ_epoch_snapshot *snapshot);
CIV_MUST_CHECK civ_status civ_history_add_agent(civ_history *h, const civ_agent_snapshot *snapshot);
CIV_MUST_CHECK civ_status civ_history_add_spread(civ_history *h, const civ_type_snapshot *snapshot);

/* Numbers of the agent snapshots, all of the first agent, then the next, each in order of epochs; free with free. NULL: no
 * memory. */
uint32_t *civ_history_by_agent(const civ_history *h);

/* Values of one column over the epochs into out (room for n_epoch_snapshots); how many (0: unknown column). */
size_t civ_history_series(const civ_history *h, const char *column, double *out);
/* The same of one agent with the epochs (room for n_agent_snapshots); 0: unknown agent or column. */
size_t civ_history_agent_series(const civ_history *h, const char *agent, const char *column, double *epochs,
                                double *out);

#endif
