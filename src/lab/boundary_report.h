/* boundary_report.h - what a log says about the boundary and the wall: the run's own figures, from its events and configuration
 * alone. */
#ifndef CIV_LAB_BOUNDARY_REPORT_H
#define CIV_LAB_BOUNDARY_REPORT_H

#include <jansson.h>

#include "civitas/config.h"
#include "civitas/log.h"
#include "world/boundary_report.h"

/* One of the busiest requests that were refused, by reason. */
typedef struct civ_boundary_reason {
  const char *by, *reason; /* static */
  uint64_t n;
} civ_boundary_reason;
enum { CIV_BOUNDARY_REASONS = CIV_BLOCKERS * CIV_BOUNDARY_CODES };

/* The wall, as far as events tell. */
typedef struct civ_wall_summary {
  bool on;
  uint64_t adjusted, spillovers, blocked;
  double effective, threat, harm; /* the first two: last heard of */
} civ_wall_summary;

typedef struct civ_boundary_summary {
  bool on;
  civ_gate gate; /* its books are those of the run; nobody is to ask it anything */
  civ_wall_summary wall;
  const char **names;
  uint8_t *types;
  uint32_t agents;
  civ_boundary_reason reasons[CIV_BOUNDARY_REASONS]; /* most frequent first */
  uint32_t n_reasons;
  bool complete;
  civ_log_counts counts;
} civ_boundary_summary;

/* Folds the k-th run of a log, made with `config`, which must outlive the summary. Errors as civ_log_replay, and CIV_E_FORMAT
 * for events that do not fit together. */
CIV_MUST_CHECK civ_status civ_boundary_summary_read(const char *path, uint32_t k, bool strict, const civ_config *config,
                                                    civ_boundary_summary *out, civ_error *err);
void civ_boundary_summary_free(civ_boundary_summary *s);

/* {"boundary": ...}, as among the reports of `run --json`; null of a run without boundaries. NULL: no memory. */
json_t *civ_boundary_summary_json(const civ_boundary_summary *s);

#endif
