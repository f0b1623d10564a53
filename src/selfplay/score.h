/* score.h - how well a polity was governed. */
#ifndef CIV_SELFPLAY_SCORE_H
#define CIV_SELFPLAY_SCORE_H

#include "selfplay/trace.h"

typedef struct civ_score {
  double treasury_final; /* credits */
  double empathy_ratio, empathy_floor_trough, franchise, contestability, solvency, prosperity;
  double governance_score; /* 0 .. 100 */
} civ_score;

/* Means over the snapshots of turns 1 .. T. O(turns x citizens). */
civ_score civ_score_of(const civ_trace *trace);

#endif
