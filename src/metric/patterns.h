/* patterns.h - who has dealt with whom how often, for all agents of a run: a fold over interactions that yields patterns.
 *
 * Interactions are noted as they come (8 bytes each) and merged into sorted counts when `settle` is called, or when `reserve`
 * finds that many have gathered: a sequential pass over all counts, 12 bytes for each pair of agents and direction. */
#ifndef CIV_METRIC_PATTERNS_H
#define CIV_METRIC_PATTERNS_H

#include "base/bytes.h"
#include "metric/similarity.h"

typedef struct civ_patterns civ_patterns;

/* Of agents 0 .. agents-1. initiated_only: an interaction counts for the one who started it, else for both. NULL: no memory. */
civ_patterns *civ_patterns_create(uint32_t agents, bool initiated_only, const civ_allocator *allocator);
void civ_patterns_destroy(civ_patterns *p);
/* Room for so many more interactions, so that add takes no memory. */
CIV_MUST_CHECK civ_status civ_patterns_reserve(civ_patterns *p, size_t more);
/* One interaction started by a. CIV_E_NOMEM only where no room was reserved. */
CIV_MUST_CHECK civ_status civ_patterns_add(civ_patterns *p, civ_agent a, civ_agent b);
/* Merges what was noted since. O(counts). CIV_E_NOMEM changes nothing. */
CIV_MUST_CHECK civ_status civ_patterns_settle(civ_patterns *p);
/* Multiplies all settled counts by `factor` and forgets those that fall below 0.01. */
void civ_patterns_decay(civ_patterns *p, double factor);
/* Forgets everything; memory stays. */
void civ_patterns_clear(civ_patterns *p);

/* Settled pattern of an agent; borrowed until the next settle, decay or clear. */
civ_pattern civ_patterns_of(const civ_patterns *p, civ_agent a);
/* Agents that have a pattern, in the order in which they first got one (also those whose counts have all been forgotten). */
const civ_agent *civ_patterns_order(const civ_patterns *p, uint32_t *n);

void civ_patterns_save(const civ_patterns *p, civ_bytes *out);
/* CIV_E_FORMAT for bytes of other agents, CIV_E_NOMEM; the patterns are then fit only to be destroyed. */
CIV_MUST_CHECK civ_status civ_patterns_load(civ_patterns *p, civ_bytes_reader *in, civ_error *err);

#endif
