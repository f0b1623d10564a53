/* population.h - who sits in a polity: so many of each kind, capturers allied. */
#ifndef CIV_SELFPLAY_POPULATION_H
#define CIV_SELFPLAY_POPULATION_H

#include "selfplay/polity.h"

enum { CIV_SEAT_KINDS = 4 };

/* Numbers of honest, drainers, entrenchers, suppressors, in this order. */
typedef struct civ_composition {
  uint32_t count[CIV_SEAT_KINDS];
} civ_composition;

typedef struct civ_seat_kind {
  const char *plural; /* "honest", "drainers": keys of a matchup */
  const civ_citizen_policy *policy;
} civ_seat_kind;
extern const civ_seat_kind civ_seat_kinds[CIV_SEAT_KINDS];

typedef struct civ_seating {
  uint32_t n;
  civ_seat seats[CIV_CITIZENS_MOST];
  char names[CIV_CITIZENS_MOST][24];
} civ_seating;

/* honest-1 .., drainer-1 .., entrencher-1 .., suppressor-1 ..; the seats point into *out, which must not move. At most
 * CIV_CITIZENS_MOST citizens, at least one (checked by the caller). */
void civ_population_seat(const civ_composition *composition, civ_seating *out);
uint32_t civ_composition_size(const civ_composition *composition);

#endif
