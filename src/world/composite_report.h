/* composite_report.h - what a run's composite work amounts to: the same text whether the run or its log tells. */
#ifndef CIV_WORLD_COMPOSITE_REPORT_H
#define CIV_WORLD_COMPOSITE_REPORT_H

#include "base/buffer.h"
#include "civitas/label.h"
#include "world/composite.h"

typedef struct civ_composite_by_type {
  uint32_t agents, capable; /* how many there are, and how many have capabilities */
  uint64_t parts;           /* completed */
  double earnings;
} civ_composite_by_type;

typedef struct civ_composite_summary {
  civ_composite_statistics pool;
  civ_capability_metrics metrics;
  uint64_t parts_finished, most_finished; /* most: by one agent */
  civ_composite_by_type by_type[CIV_AGENT_TYPES];
} civ_composite_summary;

/* Completed tasks of all tasks; 0 without tasks. */
double civ_composite_completion_rate(const civ_composite_summary *s);
/* Largest share of the completed parts that one agent did; NaN when nothing was completed. */
double civ_composite_concentration(const civ_composite_summary *s);

/* {"tasks": {...}, "metrics": {...}, "collective_intelligence": x, "capability_concentration": x or null,
 * "earnings": {TYPE: {...}, ...}}: types that have agents. */
void civ_composite_summary_json(const civ_composite_summary *s, civ_buffer *out);

/* Names of `civ_composite_totals_of`, ended by a NULL name: composite.F for all of the above. */
extern const civ_metric_decl civ_composite_total_decls[];
void civ_composite_totals_of(const civ_composite_summary *s, double *values);

#endif
