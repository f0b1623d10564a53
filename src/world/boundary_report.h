/* boundary_report.h - what a run's boundary amounts to: the same text whether the run or its log tells. */
#ifndef CIV_WORLD_BOUNDARY_REPORT_H
#define CIV_WORLD_BOUNDARY_REPORT_H

#include "base/buffer.h"
#include "world/boundary_gate.h"

/* Who the parties are. */
typedef struct civ_boundary_names {
  const char *const *agents;
  const uint8_t *types;
} civ_boundary_names;

/* "honest_1", "web_search"; "unknown_entity" beyond. */
const char *civ_boundary_party(const civ_gate *g, const civ_boundary_names *names, civ_party party);

/* {"external_world": {...}, "flows": {...}, "anomalies": [...], "policies": {...}, "leakage": {...}, "by_type": {...}} */
void civ_boundary_report_json(const civ_gate *g, const civ_boundary_names *names, civ_buffer *out);

/* What one type of agents did. */
typedef struct civ_boundary_by_type {
  uint32_t agents;
  uint64_t initiated, blocked, leaks;
  double worst;
} civ_boundary_by_type;
void civ_boundary_count_types(const civ_gate *g, const uint8_t *types, civ_boundary_by_type out[CIV_AGENT_TYPES]);

/* Columns of an epoch: boundary_crossings, leakage_events, boundary_metrics.F, as running sums of the run; an epoch's are differences of two. */
extern const civ_metric_decl civ_boundary_metric_decls[];
enum { CIV_BOUNDARY_METRICS = 19 };
void civ_boundary_sums(const civ_gate *g, double out[CIV_BOUNDARY_METRICS]);

extern const civ_metric_decl civ_boundary_total_decls[], civ_boundary_totals_when_off[];
void civ_boundary_totals(const civ_gate *g, double *values);

#endif
