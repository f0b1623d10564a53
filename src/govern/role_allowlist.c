/* Role allowlists: an agent does only what one of its roles may do. Doing nothing is always allowed. */
#include "base/memory.h"
#include "civitas/config.h"
#include "govern/action_names.h"
#include "govern/levers.h"

typedef struct role_allowlist {
  civ_host *host;
  uint32_t allowed[1u << CIV_ROLES]; /* bits of kinds by the set of roles */
} role_allowlist;

static bool wanted(const civ_host *host)
{
  const civ_safety_config *safety = host->call->section(host, "safety");
  return safety != NULL && safety->enforce_role_allowlists;
}

/* One list of the scenario as bits. */
static civ_status read_list(const char *role, const civ_text_list *list, uint32_t *bits, civ_error *err)
{
  *bits = 0;
  for (uint32_t k = 0; k < list->n; k++) {
    const civ_action_kind kind = civ_action_kind_of(list->items[k]);
    if (kind == CIV_ACTION_KINDS)
      return civ_fail(err, CIV_E_KEY, "safety.role_allowlists",
                      "%s: \"%s\" is no action; use post, reply, vote, propose, ...", role, list->items[k]);
    *bits |= 1u << kind;
  }
  return CIV_OK;
}

static civ_status read_lists(const civ_list_map *map, uint32_t lists[CIV_ROLES], civ_error *err)
{
  for (uint32_t k = 0; k < map->n; k++) {
    const civ_role role = civ_role_of(map->names[k]);
    if (role == CIV_ROLES)
      return civ_fail(err, CIV_E_KEY, "safety.role_allowlists",
                      "\"%s\" is no role; use planner, worker, verifier, poster or moderator", map->names[k]);
    const civ_status status = read_list(map->names[k], &map->lists[k], &lists[role], err);
    if (status != CIV_OK)
      return status;
  }
  return CIV_OK;
}

static civ_status create(civ_host *host, void **self, civ_error *err)
{
  const civ_safety_config *safety = host->call->section(host, "safety");
  uint32_t lists[CIV_ROLES] = { 0 };
  const civ_status status = read_lists(&safety->role_allowlists, lists, err);
  if (status != CIV_OK)
    return status;
  role_allowlist *l = civ_zeroed(host->call->allocator(host), 1, sizeof *l);
  if (l == NULL)
    return civ_fail(err, CIV_E_NOMEM, "role_allowlist", "out of memory");
  l->host = host;
  for (uint32_t roles = 0; roles < 1u << CIV_ROLES; roles++) {
    l->allowed[roles] = 1u << CIV_ACTION_NOOP;
    for (uint32_t role = 0; role < CIV_ROLES; role++)
      if (roles >> role & 1 || (roles == 0 && role == CIV_WORKER)) /* no role at all: a worker */
        l->allowed[roles] |= lists[role];
  }
  *self = l;
  return CIV_OK;
}

static void destroy(void *self)
{
  role_allowlist *l = self;
  if (l != NULL)
    civ_release(l->host->call->allocator(l->host), l, sizeof *l);
}

static const char *admits_action(void *self, civ_agent a, const civ_action *action)
{
  const role_allowlist *l = self;
  const uint32_t roles = l->host->call->roles(l->host, a) & ((1u << CIV_ROLES) - 1);
  return l->allowed[roles] >> action->kind & 1 ? NULL : "role_allowlist";
}

const civ_lever civ_lever_role_allowlist = {
  .version = CIV_PART_VERSION,
  .name = "role_allowlist",
  .doc = "Refuses actions that none of the agent's roles may take.",
  .wanted = wanted,
  .create = create,
  .destroy = destroy,
  .admits_action = admits_action,
};
