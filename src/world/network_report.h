/* network_report.h - what is told of a network: the same by a run and by whoever follows its log. */
#ifndef CIV_WORLD_NETWORK_REPORT_H
#define CIV_WORLD_NETWORK_REPORT_H

#include "base/bytes.h"
#include "civitas/sink.h"
#include "world/network_measure.h"

/* What happened to the edges over a run. */
typedef struct civ_network_totals {
  uint64_t initial_edges, pruned, disconnected;
  uint64_t stale;   /* accepted interactions whose edge was gone when they were completed */
  uint64_t created; /* edges made that way */
} civ_network_totals;

/* Draws of a run's network: for its first edges, and for choosing whom paths are measured from. */
civ_draws civ_network_draws(uint64_t seed);
civ_draws civ_network_sample_draws(uint64_t seed, uint32_t epoch);

/* A completed interaction. */
void civ_network_follow(civ_network *net, civ_agent initiator, civ_agent counterparty, bool accepted,
                        civ_network_totals *totals);

extern const civ_metric_decl civ_network_metric_decls[]; /* members of civ_network_metrics; ended by a NULL name */
extern const civ_metric_decl civ_network_total_decls[];  /* ended by a NULL name */
void civ_network_put_totals(const civ_network *net, const civ_network_metrics *metrics,
                            const civ_network_totals *totals, double *values);

/* {"network": {...}}: the metrics, how degrees, components and weights are spread, and what happened. O(agents + edges).
 * CIV_E_NOMEM. */
CIV_MUST_CHECK civ_status civ_network_put_report(const civ_network *net, const civ_network_metrics *metrics,
                                                 const civ_network_totals *totals, civ_bytes *out);

void civ_network_totals_save(const civ_network_totals *totals, civ_bytes *out);
void civ_network_totals_load(civ_network_totals *totals, civ_bytes_reader *in);

#endif
