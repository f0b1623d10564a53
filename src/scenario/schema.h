/* schema.h - everything that may stand in a scenario file: our tables, and those of the parts that are registered. */
#ifndef CIV_SCENARIO_SCHEMA_H
#define CIV_SCENARIO_SCHEMA_H

#include "part/config_store.h"

/* Whether the registry has a lever, world or policy of this name. "" = always there. */
bool civ_schema_is_built(const civ_registry *registry, const char *part);

/* As civ_config_create, with memory from `allocator` (NULL = malloc). */
CIV_MUST_CHECK civ_status civ_schema_create_config(const civ_registry *registry, const civ_allocator *allocator,
                                                   civ_config **out, civ_error *err);

/* A field by its dotted path in this config ("payoff.theta", "n_epochs" for the top level and simulation); for paths into
 * agents[] see override.c. NULL = none. */
const civ_field *civ_schema_find(const civ_config *config, const char *path, civ_block **block);

/* The known path nearest to `path`, "" = none; at most size bytes. */
void civ_schema_nearest(const civ_config *config, const char *path, char *out, size_t size);

#endif
