/* origin.h - where a value came from, in a word. */
#ifndef CIV_SCENARIO_ORIGIN_H
#define CIV_SCENARIO_ORIGIN_H

#include "civitas/config.h"

/* "default", "preset causal", "file:12", "override" */
void civ_origin_text(const civ_config *config, civ_origin origin, char *out, size_t size);

#endif
