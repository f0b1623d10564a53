/* chaos.h - parts that exist only to bring disorder, entered by the door every plug-in uses: a policy that tries everything,
 * a lever that orders anything, a world that parts agents, a world that brings tasks. */
#ifndef CIV_TESTS_CHAOS_H
#define CIV_TESTS_CHAOS_H

#include "civitas/civitas.h"

CIV_MUST_CHECK civ_status chaos_register(civ_registry *registry, civ_error *err);

/* Whether the ring of this config, if there is one, lets two of so many agents meet. */
bool chaos_may_meet(const civ_config *config, uint32_t agents, civ_agent a, civ_agent b);

#endif
