/* security_monitor_inside.h - the monitor as its own rooms see it. */
#ifndef CIV_METRIC_SECURITY_MONITOR_INSIDE_H
#define CIV_METRIC_SECURITY_MONITOR_INSIDE_H

#include "metric/security_monitor.h"

enum { MONITOR_LEVELS = 5 };

struct civ_monitor {
  civ_monitor_rules rules;
  const civ_allocator *allocator;
  uint32_t agents, n_benign, epoch;
  uint64_t seed, digest;
  civ_security *history;
  civ_security_report reports[2]; /* of the latest epoch start, of the end */
  bool made[2];
  civ_buffer texts[2]; /* the report as JSON, where a checkpoint had it */
  uint8_t *benign, *quarantine;
  uint8_t *met;     /* was in quarantine at some time */
  civ_agent *fresh; /* scratch of an epoch start */
  double *trust;    /* scratch of an analysis */
  uint32_t n_quarantined, benign_quarantined;
  civ_containment_action *actions;
  uint64_t n_actions;
  size_t actions_capacity;
  double levels[MONITOR_LEVELS]; /* oldest first, right-aligned */
  uint32_t n_levels;
  uint64_t interactions, injections, injections_accepted, exfiltrations, exfiltrations_accepted;
  uint64_t fp_steps, depth_count, n_reports;
  double fp_cost, fp_reputation, fp_resources, depth_sum;
  uint32_t depth_max, max_depth;
};

void civ_monitor_drop_reports(civ_monitor *m);

#endif
