/* Action budget: what an agent may spend on actions in an epoch, and how many steps lie between two of its posts. */
#include "base/bytes.h"
#include "base/memory.h"
#include "civitas/config.h"
#include "govern/action_names.h"
#include "govern/credit.h"
#include "govern/levers.h"

/* Spending counts while its stamp is the present epoch's. */
typedef struct account {
  civ_credit spent;
  uint32_t epoch;
  uint32_t next_post; /* first step at which the agent may post again */
} account;

typedef struct action_budget {
  civ_host *host;
  account *accounts;
  uint32_t agents;
  bool has_budget;
  civ_credit budget, costs[CIV_ACTION_KINDS];
  uint32_t spacing; /* steps */
  uint32_t epoch, step;
} action_budget;

static bool wanted(const civ_host *host)
{
  const civ_safety_config *safety = host->call->section(host, "safety");
  return safety != NULL && (safety->budget_per_epoch.set || safety->min_steps_between_posts > 0);
}

static void destroy(void *self)
{
  action_budget *l = self;
  if (l == NULL)
    return;
  const civ_allocator *a = l->host->call->allocator(l->host);
  civ_release(a, l->accounts, ((size_t)l->agents + 1) * sizeof *l->accounts);
  civ_release(a, l, sizeof *l);
}

/* An action that the map does not name costs nothing; one it names in both forms costs what the later says. */
static civ_status read_costs(const civ_real_map *map, civ_credit costs[CIV_ACTION_KINDS], civ_error *err)
{
  for (uint32_t k = 0; k < map->n; k++) {
    const civ_action_kind kind = civ_action_kind_of(map->names[k]);
    if (kind == CIV_ACTION_KINDS)
      return civ_fail(err, CIV_E_KEY, "safety.action_costs", "\"%s\" is no action; use post, reply, vote, propose, ...",
                      map->names[k]);
    if (!(map->values[k] >= 0) || map->values[k] == INFINITY)
      return civ_fail(err, CIV_E_RANGE, "safety.action_costs", "%s costs %g; costs are finite and not negative",
                      map->names[k], map->values[k]);
    costs[kind] = civ_credit_of(map->values[k]);
  }
  return CIV_OK;
}

static civ_status create(civ_host *host, void **self, civ_error *err)
{
  const civ_safety_config *safety = host->call->section(host, "safety");
  const civ_allocator *allocator = host->call->allocator(host);
  civ_credit costs[CIV_ACTION_KINDS] = { 0 };
  const civ_status status = read_costs(&safety->action_costs, costs, err);
  if (status != CIV_OK)
    return status;
  action_budget *l = civ_zeroed(allocator, 1, sizeof *l);
  if (l == NULL)
    return civ_fail(err, CIV_E_NOMEM, "action_budget", "out of memory");
  l->host = host;
  l->agents = host->call->population(host)->n;
  l->has_budget = safety->budget_per_epoch.set;
  l->budget = l->has_budget ? civ_credit_of(safety->budget_per_epoch.value) : 0;
  memcpy(l->costs, costs, sizeof costs);
  l->spacing = safety->min_steps_between_posts > INT32_MAX ? INT32_MAX : (uint32_t)safety->min_steps_between_posts;
  l->accounts = civ_zeroed(allocator, (size_t)l->agents + 1, sizeof *l->accounts);
  if (l->accounts == NULL) {
    destroy(l);
    return civ_fail(err, CIV_E_NOMEM, "action_budget", "out of memory for the accounts of %u agents",
                    host->call->population(host)->n);
  }
  *self = l;
  return CIV_OK;
}

static bool is_post(const civ_action *action)
{
  return action->kind == CIV_ACTION_POST || action->kind == CIV_ACTION_REPLY;
}

static civ_credit spent(const action_budget *l, civ_agent a)
{
  return l->accounts[a].epoch == l->epoch ? l->accounts[a].spent : 0;
}

static const char *admits_action(void *self, civ_agent a, const civ_action *action)
{
  const action_budget *l = self;
  if (is_post(action) && l->step < l->accounts[a].next_post)
    return "post_spacing";
  return l->has_budget && l->costs[action->kind] > l->budget - spent(l, a) ? "budget" : NULL;
}

static void charge(void *self, civ_agent a, const civ_action *action)
{
  action_budget *l = self;
  account *own = &l->accounts[a];
  if (l->has_budget)
    own->spent = spent(l, a) + l->costs[action->kind];
  own->epoch = l->epoch;
  if (is_post(action))
    own->next_post = l->step > UINT32_MAX - l->spacing ? UINT32_MAX : l->step + l->spacing;
}

static void step_begin(void *self)
{
  action_budget *l = self;
  l->step++;
}

static void epoch_begin(void *self, uint32_t epoch, civ_effect *effect)
{
  action_budget *l = self;
  (void)epoch;
  (void)effect;
  l->epoch++;
}

static civ_status save(void *self, civ_bytes *out)
{
  const action_budget *l = self;
  civ_bytes_put_u32(out, l->epoch);
  civ_bytes_put_u32(out, l->step);
  for (uint32_t a = 0; a < l->agents; a++) {
    civ_bytes_put_u64(out, (uint64_t)l->accounts[a].spent);
    civ_bytes_put_u32(out, l->accounts[a].epoch);
    civ_bytes_put_u32(out, l->accounts[a].next_post);
  }
  return CIV_OK;
}

static civ_status load(void *self, civ_bytes_reader *in, civ_error *err)
{
  action_budget *l = self;
  if (civ_bytes_left(in) != 8 + 16 * (size_t)l->agents)
    return civ_fail(err, CIV_E_FORMAT, "action_budget", "the checkpoint is not of a run of %u agents", l->agents);
  l->epoch = civ_bytes_u32(in);
  l->step = civ_bytes_u32(in);
  for (uint32_t a = 0; a < l->agents; a++) {
    const civ_credit was_spent = (civ_credit)civ_bytes_u64(in);
    l->accounts[a].spent = was_spent < 0 || was_spent > l->budget ? l->budget : was_spent;
    l->accounts[a].epoch = civ_bytes_u32(in);
    l->accounts[a].next_post = civ_bytes_u32(in);
  }
  return CIV_OK;
}

const civ_lever civ_lever_action_budget = {
  .version = CIV_PART_VERSION,
  .name = "action_budget",
  .doc = "Gives each agent a budget of actions per epoch and spaces its posts.",
  .wanted = wanted,
  .create = create,
  .destroy = destroy,
  .admits_action = admits_action,
  .charge = charge,
  .step_begin = step_begin,
  .epoch_begin = epoch_begin,
  .save = save,
  .load = load,
};
