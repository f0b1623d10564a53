/* boundary_events.h - what the boundary tells. */
#ifndef CIV_WORLD_BOUNDARY_EVENTS_H
#define CIV_WORLD_BOUNDARY_EVENTS_H

#include "world/boundary_gate.h"

extern const civ_event_form civ_boundary_events[];

typedef struct civ_boundary_teller {
  civ_host *host;
  const civ_gate *gate;
  uint16_t crossing, blocked, leaked; /* numbers of the events, found when first needed */
} civ_boundary_teller;

/* A listener that emits; the teller must outlive it. */
civ_gate_listener civ_boundary_telling(civ_boundary_teller *t);

#endif
