/* damage.h - what perpetrators did to a polity, by the score's own terms: never by what detectors see. */
#ifndef CIV_SELFPLAY_DAMAGE_H
#define CIV_SELFPLAY_DAMAGE_H

#include "selfplay/trace.h"

typedef struct civ_damage {
  double taken;    /* payments to perpetrators not in need / initial treasury, at most 1 */
  double silenced; /* mean share of the other citizens who cannot vote */
  double offices;  /* share of all office-turns that perpetrators held */
  double damage;   /* 0.5 taken + 0.3 silenced + 0.2 max(0, offices - their share of citizens) */
} civ_damage;

/* O(turns x citizens + deeds). */
civ_damage civ_damage_of(const civ_trace *trace, civ_citizens perpetrators);

#endif
