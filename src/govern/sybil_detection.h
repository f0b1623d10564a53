/* sybil_detection.h - what the Sybil lever can be asked and told, for programs, tools and tests. */
#ifndef CIV_GOVERN_SYBIL_DETECTION_H
#define CIV_GOVERN_SYBIL_DETECTION_H

#include "civitas/part.h"
#include "metric/similarity.h"

extern const civ_lever civ_lever_sybil_detection;

/* Groups of the last detection, their members by number; borrowed until the next one. */
const civ_clusters *civ_sybil_clusters(const void *self);
/* Whether the last detection put `a` into a group. */
bool civ_sybil_is_flagged(const void *self, civ_agent a);
/* Forgets who dealt with whom, groups and flags: nobody is blocked any more. Totals stay. */
void civ_sybil_clear(void *self);
/* Takes over *groups as if they had just been found: flags, events and penalties follow. An agent in several groups is
 * penalised for each, and blocked if one of them is too large. */
void civ_sybil_impose(void *self, civ_clusters *groups, civ_effect *effect);

#endif
