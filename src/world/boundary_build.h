/* boundary_build.h - the gate that a scenario's section describes. */
#ifndef CIV_WORLD_BOUNDARY_BUILD_H
#define CIV_WORLD_BOUNDARY_BUILD_H

#include "civitas/config.h"
#include "world/boundary_gate.h"

typedef struct civ_boundary_sections {
  const civ_boundaries_config *rules;
  const civ_boundary_leakage_config *leakage;
  const civ_boundary_activity_config *activity;
} civ_boundary_sections;

typedef struct civ_boundary_who {
  uint32_t agents;
  const char *const *names, *const *variants;
  const uint8_t *types;
} civ_boundary_who;

/* Everything but the listener and the wall. Errors name section and key. On failure nothing is left behind. */
CIV_MUST_CHECK civ_status civ_gate_build(civ_gate *g, const civ_boundary_sections *sections,
                                         const civ_boundary_who *who, const civ_allocator *allocator, civ_error *err);
void civ_gate_fini(civ_gate *g);

/* Weights of content by type of agent. */
typedef struct civ_activity_mix {
  civ_mix_settings by_type[CIV_AGENT_TYPES], llm;
} civ_activity_mix;
CIV_MUST_CHECK civ_status civ_activity_mix_read(civ_activity_mix *mix, const civ_tree *tree, civ_error *err);
/* Of an agent by its policy's name and its type. */
const civ_mix_settings *civ_activity_mix_of(const civ_activity_mix *mix, const char *variant, uint8_t type);

/* Whether a run could be made of the sections: patterns compile, ids are unique, weights have a sum. */
CIV_MUST_CHECK civ_status civ_boundary_check(const civ_boundary_sections *sections, civ_error *err);

#endif
