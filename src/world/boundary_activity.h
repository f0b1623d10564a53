/* boundary_activity.h - what agents send to the outside when nobody tells them what. */
#ifndef CIV_WORLD_BOUNDARY_ACTIVITY_H
#define CIV_WORLD_BOUNDARY_ACTIVITY_H

#include "world/boundary_settings.h"

enum { CIV_ACTIVITY_TEXT = 160 };

/* Kind by the weights (a number u in [0, 1)). */
civ_content_kind civ_activity_pick(const civ_mix_settings *mix, double u);
/* The k-th text of a kind (k below 10000), as canonical text and its lines, in `text`. */
civ_content civ_activity_content(civ_content_kind kind, uint32_t k, char text[CIV_ACTIVITY_TEXT]);
/* "call" a service, "query" a data source, "send" to others. */
const char *civ_activity_action(uint8_t entity_type);
extern const char *const civ_activity_actions[4];

#endif
