/* market_report.h - what a run's market amounts to: the same figures and text whether the run or its log tells. */
#ifndef CIV_WORLD_MARKET_REPORT_H
#define CIV_WORLD_MARKET_REPORT_H

#include "base/buffer.h"
#include "civitas/interaction.h"
#include "world/market.h"

/* Trades with oneself, or with one's own other hand. */
typedef struct civ_wash_trades {
  uint64_t own_task;   /* bounties whose poster claimed its own task */
  uint64_t reciprocal; /* awards to somebody who had awarded a bounty to this poster */
} civ_wash_trades;

typedef struct civ_market_by_type {
  uint32_t agents;
  uint64_t bounties, bids, won; /* won: awards as worker */
  double offered, spent;        /* rewards of its bounties; what left its purses for good or is held */
  double earned, held;          /* paid to it as worker; escrows that wait for its work */
} civ_market_by_type;

typedef struct civ_market_summary {
  civ_market_statistics count;
  civ_wash_trades wash;
  uint64_t bids_on_awarded;           /* ever placed on bounties that were awarded */
  double awarded_reward, awarded_bid; /* sums over awards */
  civ_market_by_type by_type[CIV_AGENT_TYPES];
} civ_market_summary;

/* `types`: civ_agent_type of each agent. O(everything there ever was in the market). */
civ_market_summary civ_market_summarise(const civ_market *m, const civ_wash_trades *wash, const uint8_t *types,
                                        uint32_t agents);

/* What one award means for its poster and its worker. */
void civ_market_add_escrow(const civ_market *m, const civ_escrow *e, civ_market_by_type *poster,
                           civ_market_by_type *worker);

/* Mean over awards of 1 - bid / reward, weighted by reward; bids per award. NaN without awards. */
double civ_market_discount(const civ_market_summary *s);
double civ_market_competition(const civ_market_summary *s);

/* {"statistics": {...}, "wash_trades": {...}, "awards": {...}, "by_type": {TYPE: {...}, ...}}: types that have agents. */
void civ_market_summary_json(const civ_market_summary *s, civ_buffer *out);

/* Columns of an epoch (market_metrics.F) and totals of a run (market.F), the same figures in the same order. */
extern const civ_metric_decl civ_market_metric_decls[]; /* ended by a NULL name */
extern const civ_metric_decl civ_market_total_decls[];  /* ended by a NULL name */
void civ_market_metrics_of(const civ_market_statistics *count, const civ_wash_trades *wash, double *values);

#endif
