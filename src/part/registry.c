#include "civitas/registry.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

typedef struct part_list {
  const void **items;
  size_t n, capacity;
} part_list;

struct civ_registry {
  part_list policies, worlds, levers;
  const civ_policy *roles[CIV_ROLES];
  const civ_generator *generator;
};

const char *const civ_action_names[CIV_ACTION_KINDS + 1] = {
  [CIV_ACTION_NOOP] = "noop",
  [CIV_ACTION_POST] = "post",
  [CIV_ACTION_REPLY] = "reply",
  [CIV_ACTION_VOTE] = "vote",
  [CIV_ACTION_PROPOSE] = "propose_interaction",
  [CIV_ACTION_ACCEPT] = "accept_interaction",
  [CIV_ACTION_REJECT] = "reject_interaction",
  [CIV_ACTION_CLAIM_TASK] = "claim_task",
  [CIV_ACTION_SUBMIT_OUTPUT] = "submit_output",
  [CIV_ACTION_VERIFY_OUTPUT] = "verify_output",
  [CIV_ACTION_POST_BOUNTY] = "post_bounty",
  [CIV_ACTION_PLACE_BID] = "place_bid",
  [CIV_ACTION_ACCEPT_BID] = "accept_bid",
  [CIV_ACTION_REJECT_BID] = "reject_bid",
  [CIV_ACTION_WITHDRAW_BID] = "withdraw_bid",
  [CIV_ACTION_FILE_DISPUTE] = "file_dispute",
};

const uint8_t civ_action_quota[CIV_ACTION_KINDS] = {
  [CIV_ACTION_NOOP] = CIV_NO_QUOTA,
  [CIV_ACTION_POST] = CIV_QUOTA_POSTS,
  [CIV_ACTION_REPLY] = CIV_QUOTA_POSTS,
  [CIV_ACTION_VOTE] = CIV_QUOTA_VOTES,
  [CIV_ACTION_PROPOSE] = CIV_QUOTA_INTERACTIONS,
  [CIV_ACTION_ACCEPT] = CIV_NO_QUOTA,
  [CIV_ACTION_REJECT] = CIV_NO_QUOTA,
  [CIV_ACTION_CLAIM_TASK] = CIV_QUOTA_TASKS,
  [CIV_ACTION_SUBMIT_OUTPUT] = CIV_NO_QUOTA,
  [CIV_ACTION_VERIFY_OUTPUT] = CIV_NO_QUOTA,
  [CIV_ACTION_POST_BOUNTY] = CIV_QUOTA_BOUNTIES,
  [CIV_ACTION_PLACE_BID] = CIV_QUOTA_BIDS,
  [CIV_ACTION_ACCEPT_BID] = CIV_NO_QUOTA,
  [CIV_ACTION_REJECT_BID] = CIV_NO_QUOTA,
  [CIV_ACTION_WITHDRAW_BID] = CIV_NO_QUOTA,
  [CIV_ACTION_FILE_DISPUTE] = CIV_NO_QUOTA,
};

const char *const civ_role_names[CIV_ROLES + 1] = { "planner", "worker", "verifier", "poster", "moderator", NULL };

const char *const civ_bounty_status_names[CIV_BOUNTY_STATUSES + 1] = { "open",     "awarded", "completed", "failed",
                                                                       "disputed", "expired", "cancelled", NULL };
const char *const civ_task_status_names[CIV_TASK_STATUSES + 1] = { "open",      "claimed", "in_progress", "submitted",
                                                                   "completed", "failed",  "expired",     NULL };

civ_registry *civ_registry_create(void)
{
  return civ_zeroed(&civ_allocator_malloc, 1, sizeof(civ_registry));
}

static void drop_list(part_list *list)
{
  civ_drop(&civ_allocator_malloc, (void **)&list->items, &list->capacity, sizeof *list->items);
}

void civ_registry_destroy(civ_registry *r)
{
  if (!r)
    return;
  drop_list(&r->policies);
  drop_list(&r->worlds);
  drop_list(&r->levers);
  civ_release(&civ_allocator_malloc, r, sizeof *r);
}

/* Every part table begins with its version and its name. */
typedef struct part_head {
  uint32_t version;
  const char *name;
} part_head;

_Static_assert(offsetof(civ_policy, name) == offsetof(part_head, name), "tables begin alike");
_Static_assert(offsetof(civ_world, name) == offsetof(part_head, name), "tables begin alike");
_Static_assert(offsetof(civ_lever, name) == offsetof(part_head, name), "tables begin alike");

static civ_status add(part_list *list, const char *kind, const void *part, civ_error *err)
{
  const part_head *head = part;
  if (head->version != CIV_PART_VERSION)
    return civ_fail(err, CIV_E_STATE, head->name, "this %s was built for part interface %u, this library has %u", kind,
                    head->version, CIV_PART_VERSION);
  for (size_t k = 0; k < list->n; k++)
    if (strcmp(((const part_head *)list->items[k])->name, head->name) == 0)
      return civ_fail(err, CIV_E_KEY, head->name, "a %s of this name is registered already", kind);
  if (civ_grow(&civ_allocator_malloc, (void **)&list->items, &list->capacity, list->n + 1, sizeof *list->items) !=
      CIV_OK)
    return civ_fail(err, CIV_E_NOMEM, head->name, "out of memory while registering a %s", kind);
  list->items[list->n++] = part;
  return CIV_OK;
}

civ_status civ_registry_add_policy(civ_registry *r, const civ_policy *policy, civ_error *err)
{
  return add(&r->policies, "policy", policy, err);
}

civ_status civ_registry_add_world(civ_registry *r, const civ_world *world, civ_error *err)
{
  if (!world->permits != !world->neighbours)
    return civ_fail(err, CIV_E_STATE, world->name,
                    "a world that restricts who meets whom has both `permits` and `neighbours`, this one has only one");
  return add(&r->worlds, "world", world, err);
}

civ_status civ_registry_add_lever(civ_registry *r, const civ_lever *lever, civ_error *err)
{
  return add(&r->levers, "lever", lever, err);
}

civ_status civ_registry_set_generator(civ_registry *r, const civ_generator *g, civ_error *err)
{
  if (g->version != CIV_PART_VERSION)
    return civ_fail(err, CIV_E_STATE, g->name, "this generator was built for part interface %u, this library has %u",
                    g->version, CIV_PART_VERSION);
  r->generator = g;
  return CIV_OK;
}

civ_status civ_registry_set_role(civ_registry *r, civ_role role, const civ_policy *policy, civ_error *err)
{
  if (policy->version != CIV_PART_VERSION)
    return civ_fail(err, CIV_E_STATE, policy->name, "this role was built for part interface %u, this library has %u",
                    policy->version, CIV_PART_VERSION);
  r->roles[role] = policy;
  return CIV_OK;
}

const civ_policy *civ_registry_role(const civ_registry *r, civ_role role)
{
  return r->roles[role];
}

static const void *at(const part_list *list, uint32_t k)
{
  return k < list->n ? list->items[k] : NULL;
}

const civ_policy *civ_registry_policy(const civ_registry *r, uint32_t k)
{
  return at(&r->policies, k);
}
const civ_world *civ_registry_world(const civ_registry *r, uint32_t k)
{
  return at(&r->worlds, k);
}
const civ_lever *civ_registry_lever(const civ_registry *r, uint32_t k)
{
  return at(&r->levers, k);
}
const civ_generator *civ_registry_generator(const civ_registry *r)
{
  return r->generator;
}

const civ_policy *civ_registry_find_policy(const civ_registry *r, const char *name)
{
  for (size_t k = 0; k < r->policies.n; k++) {
    const civ_policy *policy = r->policies.items[k];
    if (strcmp(policy->name, name) == 0)
      return policy;
  }
  return NULL;
}
