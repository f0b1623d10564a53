/* aggregate.h - the fold that makes a history: interactions and payoffs of an epoch in, snapshots out at its end.
 *
 * As a sink it hears every interaction, live or replayed; whoever drives the run closes each epoch, because only the driver
 * knows the agents' states. Payoffs count for accepted interactions only. */
#ifndef CIV_LAB_AGGREGATE_H
#define CIV_LAB_AGGREGATE_H

#include "base/bytes.h"
#include "civitas/part.h"
#include "lab/history.h"

typedef enum civ_snapshot_mode {
  CIV_SNAPSHOTS_ALL,     /* every agent, every epoch */
  CIV_SNAPSHOTS_SAMPLE,  /* a fixed random sample of agents */
  CIV_SNAPSHOTS_SUMMARY, /* per type and epoch, and a sample of 1,000 */
  CIV_SNAPSHOTS_NONE
} civ_snapshot_mode;

/* Reads outputs.agent_snapshots ("auto", "all", "sample:N", "summary", "none") for a run of so many agents and epochs:
 * auto keeps all while agents x epochs <= 10^6. false: not one of these. */
bool civ_snapshot_mode_read(const char *text, uint64_t n_agents, uint64_t n_epochs, civ_snapshot_mode *mode,
                            uint32_t *sample);

typedef struct civ_aggregator civ_aggregator;

typedef struct civ_aggregator_options {
  uint32_t n_agents;
  const uint8_t *types; /* civ_agent_type per agent; NULL = all 0. Only for summaries; copied */
  int32_t mode;         /* civ_snapshot_mode */
  uint32_t sample;      /* agents kept under CIV_SNAPSHOTS_SAMPLE */
  uint64_t seed;        /* chooses the sample */
} civ_aggregator_options;

/* The history must outlive the aggregator; its names are the agents in index order. NULL = no memory. */
civ_aggregator *civ_aggregator_create(const civ_aggregator_options *options, civ_history *history);
void civ_aggregator_destroy(civ_aggregator *a);
/* To attach to a run or a replay, with the aggregator as self: civ_aggregator_interaction, and payoffs if accepted. */
extern const civ_sink civ_aggregator_sink;

void civ_aggregator_interaction(civ_aggregator *a, civ_agent initiator, civ_agent counterparty, double p,
                                bool accepted);
void civ_aggregator_payoff(civ_aggregator *a, civ_agent agent, double payoff);

/* State of the agents at an epoch's end: the first n of the aggregator's. NULL columns = nobody. */
typedef struct civ_agent_states {
  uint32_t n;
  const double *reputation, *resources;
  const uint8_t *frozen, *quarantined;
} civ_agent_states;

/* Closes an epoch: appends its snapshots to the history and clears the epoch's state. `known` has the epoch's number, time
 * and what others report (posts, network ...); the aggregator fills in the rest. CIV_E_NOMEM, also for memory that lacked
 * during the epoch. O(agents + payoffs log payoffs). */
CIV_MUST_CHECK civ_status civ_aggregator_close_epoch(civ_aggregator *a, const civ_epoch_snapshot *known,
                                                     const civ_agent_states *states, civ_error *err);

/* A snapshot to close epoch `epoch` with, knowing what the loop's row of metrics says: the epoch's own posts and votes (the
 * row counts from the start of the run), network, capability and detector columns by name. */
civ_epoch_snapshot civ_aggregator_know(const civ_aggregator *a, uint32_t epoch, int64_t time_us,
                                       const civ_columns *columns, const double *row);

/* Between two epochs only: the state that the next ones build on, and the history so far. */
void civ_aggregator_save(const civ_aggregator *a, civ_bytes *out);
CIV_MUST_CHECK civ_status civ_aggregator_load(civ_aggregator *a, civ_bytes_reader *in, civ_error *err);

#endif
