/* Rate limits: how often an agent may post, vote, propose, claim, offer and bid in an epoch or a step. Counts what
 * succeeded, whether or not the limits are enforced: others ask how much of a quota was used. */
#include "base/bytes.h"
#include "base/memory.h"
#include "civitas/config.h"
#include "govern/levers.h"

/* Counts of one agent, good while its stamps are the present ones: nothing is reset agent by agent. */
typedef struct usage {
  uint32_t used[CIV_QUOTAS];
  uint32_t epoch, step;
} usage;

typedef struct rate_limits {
  civ_host *host;
  usage *usages;
  uint32_t agents;
  bool enforced;
  uint32_t limits[CIV_QUOTAS]; /* UINT32_MAX = none */
  uint32_t epoch, step;        /* present stamps; steps are counted over the run */
} rate_limits;

static void destroy(void *self)
{
  rate_limits *l = self;
  if (l == NULL)
    return;
  const civ_allocator *a = l->host->call->allocator(l->host);
  civ_release(a, l->usages, ((size_t)l->agents + 1) * sizeof *l->usages);
  civ_release(a, l, sizeof *l);
}

static uint32_t limit_of(civ_opt_integer limit)
{
  if (!limit.set || limit.value >= UINT32_MAX)
    return UINT32_MAX;
  return limit.value < 0 ? 0 : (uint32_t)limit.value;
}

static civ_status create(civ_host *host, void **self, civ_error *err)
{
  const civ_simulation_config *simulation = host->call->section(host, "simulation");
  const civ_rate_limits_config *config = host->call->section(host, "rate_limits");
  const civ_allocator *allocator = host->call->allocator(host);
  rate_limits *l = civ_zeroed(allocator, 1, sizeof *l);
  if (l == NULL)
    return civ_fail(err, CIV_E_NOMEM, "rate_limits", "out of memory");
  l->host = host;
  l->agents = host->call->population(host)->n;
  l->enforced = simulation->enable_rate_limits;
  const civ_opt_integer limits[CIV_QUOTAS] = { config->posts_per_epoch,    config->interactions_per_step,
                                               config->votes_per_epoch,    config->tasks_per_epoch,
                                               config->bounties_per_epoch, config->bids_per_epoch };
  for (int q = 0; q < CIV_QUOTAS; q++)
    l->limits[q] = limit_of(limits[q]);
  l->usages = civ_zeroed(allocator, (size_t)l->agents + 1, sizeof *l->usages);
  if (l->usages == NULL) {
    destroy(l);
    return civ_fail(err, CIV_E_NOMEM, "rate_limits", "out of memory for the counters of %u agents",
                    host->call->population(host)->n);
  }
  *self = l;
  return CIV_OK;
}

static uint32_t used(void *self, civ_agent a, civ_quota quota)
{
  const rate_limits *l = self;
  const usage *u = &l->usages[a];
  if (u->epoch != l->epoch || (quota == CIV_QUOTA_INTERACTIONS && u->step != l->step))
    return 0;
  return u->used[quota];
}

static bool may(void *self, civ_agent a, civ_quota quota)
{
  const rate_limits *l = self;
  return !l->enforced || l->limits[quota] == UINT32_MAX || used(self, a, quota) < l->limits[quota];
}

static const char *admits_action(void *self, civ_agent a, const civ_action *action)
{
  const uint8_t quota = civ_action_quota[action->kind];
  return quota == CIV_NO_QUOTA || may(self, a, (civ_quota)quota) ? NULL : "rate_limit";
}

static void charge(void *self, civ_agent a, const civ_action *action)
{
  rate_limits *l = self;
  const uint8_t quota = civ_action_quota[action->kind];
  if (quota == CIV_NO_QUOTA)
    return;
  usage *u = &l->usages[a];
  if (u->epoch != l->epoch)
    memset(u->used, 0, sizeof u->used);
  if (u->step != l->step)
    u->used[CIV_QUOTA_INTERACTIONS] = 0;
  u->epoch = l->epoch;
  u->step = l->step;
  u->used[quota]++;
}

static void step_begin(void *self)
{
  rate_limits *l = self;
  l->step++;
}

static void epoch_begin(void *self, uint32_t epoch, civ_effect *effect)
{
  rate_limits *l = self;
  (void)epoch;
  (void)effect;
  l->epoch++;
}

static civ_status save(void *self, civ_bytes *out)
{
  const rate_limits *l = self;
  civ_bytes_put_u32(out, l->epoch);
  civ_bytes_put_u32(out, l->step);
  civ_bytes_put_u32s(out, (const uint32_t *)l->usages, (size_t)l->agents * (sizeof *l->usages / sizeof(uint32_t)));
  return CIV_OK;
}

static civ_status load(void *self, civ_bytes_reader *in, civ_error *err)
{
  rate_limits *l = self;
  const size_t words = (size_t)l->agents * (sizeof *l->usages / sizeof(uint32_t));
  const uint32_t epoch = civ_bytes_u32(in), step = civ_bytes_u32(in);
  if (!civ_bytes_u32s(in, (uint32_t *)l->usages, words))
    return civ_fail(err, CIV_E_FORMAT, "rate_limits", "the checkpoint is not of a run of %u agents", l->agents);
  l->epoch = epoch;
  l->step = step;
  return CIV_OK;
}

const civ_lever civ_lever_rate_limits = {
  .version = CIV_PART_VERSION,
  .name = "rate_limits",
  .doc =
      "Limits how often an agent posts, votes, proposes, claims, offers and bids, and tells it whether it still may.",
  .create = create,
  .destroy = destroy,
  .admits_action = admits_action,
  .charge = charge,
  .may = may,
  .used = used,
  .step_begin = step_begin,
  .epoch_begin = epoch_begin,
  .save = save,
  .load = load,
};
