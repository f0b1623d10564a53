/* registry.h - the list of parts a program knows. A value, not a global: each context has its own. */
#ifndef CIVITAS_REGISTRY_H
#define CIVITAS_REGISTRY_H

#include "civitas/part.h"

CIV_BEGIN_DECLS

typedef struct civ_registry civ_registry;

/* An empty registry. NULL when out of memory. */
CIV_API civ_registry *civ_registry_create(void);
CIV_API void civ_registry_destroy(civ_registry *registry);

/* Adds a part; the table must outlive the registry. Order of levers and worlds is order of registration, and is part of
 * the results. CIV_E_KEY for a name that is taken, CIV_E_STATE for a table of another version
 * or a world with only one of `permits` and `neighbours`, CIV_E_NOMEM. */
CIV_API CIV_MUST_CHECK civ_status civ_registry_add_policy(civ_registry *r, const civ_policy *policy, civ_error *err);
CIV_API CIV_MUST_CHECK civ_status civ_registry_add_world(civ_registry *r, const civ_world *world, civ_error *err);
CIV_API CIV_MUST_CHECK civ_status civ_registry_add_lever(civ_registry *r, const civ_lever *lever, civ_error *err);
CIV_API CIV_MUST_CHECK civ_status civ_registry_set_generator(civ_registry *r, const civ_generator *g, civ_error *err);

/* The policy that goes in front of an agent's own when simulation.roles_enabled is on and the agent has this role. */
CIV_API CIV_MUST_CHECK civ_status civ_registry_set_role(civ_registry *r, civ_role role, const civ_policy *policy,
                                                        civ_error *err);
CIV_API const civ_policy *civ_registry_role(const civ_registry *r, civ_role role); /* NULL = nothing registered */

/* The k-th part of a kind, in order of registration; NULL past the end. */
CIV_API const civ_policy *civ_registry_policy(const civ_registry *r, uint32_t k);
CIV_API const civ_world *civ_registry_world(const civ_registry *r, uint32_t k);
CIV_API const civ_lever *civ_registry_lever(const civ_registry *r, uint32_t k);
CIV_API const civ_generator *civ_registry_generator(const civ_registry *r);
CIV_API const civ_policy *civ_registry_find_policy(const civ_registry *r, const char *name);

/* A registry with everything this library has built in. */
CIV_API CIV_MUST_CHECK civ_status civ_registry_create_default(civ_registry **out, civ_error *err);

CIV_END_DECLS

#endif
