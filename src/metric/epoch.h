/* epoch.h - what one epoch amounts to: a fold that takes each completed interaction as it happens, is read at the epoch's
 * end and starts again. Its columns are the head of every epoch row: events, CSV, JSON and the results store share them.
 *
 * The payoffs of an epoch are kept until it ends, because inequality (Gini) needs their order; everything else is sums. */
#ifndef CIV_METRIC_EPOCH_H
#define CIV_METRIC_EPOCH_H

#include "base/bytes.h"
#include "base/memory.h"
#include "civitas/metrics.h"
#include "civitas/sink.h"

/* Columns of an epoch row, in order. */
enum {
  CIV_EPOCH_EPOCH,
  CIV_EPOCH_TOTAL_INTERACTIONS,
  CIV_EPOCH_ACCEPTED_INTERACTIONS,
  CIV_EPOCH_TOTAL_POSTS, /* filled by the feed */
  CIV_EPOCH_TOTAL_VOTES, /* filled by the feed */
  CIV_EPOCH_TOXICITY_RATE,
  CIV_EPOCH_QUALITY_GAP,
  CIV_EPOCH_AVG_PAYOFF,
  CIV_EPOCH_TOTAL_WELFARE,
  CIV_EPOCH_AVG_PAYOFF_BOTH,
  CIV_EPOCH_CONDITIONAL_LOSS_INITIATOR,
  CIV_EPOCH_CONDITIONAL_LOSS_COUNTERPARTY,
  CIV_EPOCH_SPREAD,
  CIV_EPOCH_AVERAGE_QUALITY,
  CIV_EPOCH_UNCERTAIN_FRACTION,
  CIV_EPOCH_ACCEPTANCE_RATE,
  CIV_EPOCH_TOTAL_SOCIAL_SURPLUS,
  CIV_EPOCH_PARTICIPATION_RATE,
  CIV_EPOCH_PAYOFF_STD,
  CIV_EPOCH_GINI_COEFFICIENT,
  CIV_EPOCH_REJECTED_INTERACTIONS,
  CIV_EPOCH_COLUMNS
};

/* Names and meanings of the columns; ended by a NULL name. */
extern const civ_metric_decl civ_epoch_metric_decls[CIV_EPOCH_COLUMNS + 1];

typedef struct civ_epoch_metrics civ_epoch_metrics;

/* An empty fold for agents 0..n_agents-1. CIV_E_NOMEM. Takes n_agents / 8 bytes besides its own. */
CIV_MUST_CHECK civ_status civ_epoch_metrics_create(uint32_t n_agents, const civ_payoff_config *payoff,
                                                   const civ_metrics_config *config, const civ_allocator *allocator,
                                                   civ_epoch_metrics **out, civ_error *err);
void civ_epoch_metrics_destroy(civ_epoch_metrics *m);

/* Room for `completions` more records of this epoch, so that add takes no memory. CIV_E_NOMEM changes nothing. */
CIV_MUST_CHECK civ_status civ_epoch_metrics_reserve(civ_epoch_metrics *m, uint32_t completions, civ_error *err);

/* Adds one completed interaction with both payoffs; room must have been reserved. O(1), a few nanoseconds. */
void civ_epoch_metrics_add(civ_epoch_metrics *m, const civ_interaction *record, double payoff_a, double payoff_b);

/* Fills row[0 .. CIV_EPOCH_COLUMNS-1] except total_posts and total_votes, which keep what they held. An epoch without
 * interactions gives 0 everywhere. May be asked at any time: it changes no later answer. Sorts the payoffs: O(n). */
void civ_epoch_metrics_read(civ_epoch_metrics *m, uint32_t epoch, double *row);

/* Forgets the epoch; memory stays. */
void civ_epoch_metrics_reset(civ_epoch_metrics *m);

/* State as bytes, within a chunk that the caller has open. Between epochs that is a few zeros. */
void civ_epoch_metrics_save(const civ_epoch_metrics *m, civ_bytes *out);
CIV_MUST_CHECK civ_status civ_epoch_metrics_load(civ_epoch_metrics *m, civ_bytes_reader *in, civ_error *err);

/* The same fold as a sink, for replayed logs: interactions feed it, and each epoch's end calls `closed` with the row computed
 * here (posts and votes taken from the logged row, where there is one) and the logged row, then starts the next epoch. */
typedef struct civ_epoch_metrics_feed {
  civ_epoch_metrics *metrics;
  civ_status (*closed)(void *arg, uint32_t epoch, const double *computed, const double *logged, civ_error *err);
  void *arg;
  civ_status status; /* CIV_E_NOMEM once memory failed; reported at the next epoch */
} civ_epoch_metrics_feed;
extern const civ_sink civ_epoch_metrics_sink;

#endif
