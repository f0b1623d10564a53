/* Bandwidth cap: an agent takes no more turns once it has done a number of things in the epoch. Answers at the end of a step
 * are no actions: they neither count nor are barred. */
#include "base/bytes.h"
#include "base/digest.h"
#include "govern/governed.h"
#include "govern/levers.h"

typedef struct bandwidth_cap {
  civ_governed base; /* must stay first; columns: successful actions of this epoch */
  uint64_t digest;
} bandwidth_cap;

static bool wanted(const civ_host *host)
{
  const civ_governance_config *rules = civ_governance_of(host);
  return rules != NULL && rules->bandwidth_cap_enabled;
}

static civ_status create(civ_host *host, void **self, civ_error *err)
{
  return civ_governed_create(host, civ_lever_bandwidth_cap.name, sizeof(bandwidth_cap), sizeof(uint32_t), self, err);
}

static uint32_t *used_by(const bandwidth_cap *l, civ_agent a)
{
  return (uint32_t *)l->base.columns + a;
}

static bool admits(void *self, civ_agent a)
{
  const bandwidth_cap *l = self;
  return *used_by(l, a) < l->base.rules->bandwidth_cap;
}

static void charge(void *self, civ_agent a, const civ_action *action)
{
  bandwidth_cap *l = self;
  if (action->kind == CIV_ACTION_NOOP)
    return;
  const uint32_t used = ++*used_by(l, a);
  l->digest = civ_digest_mix(l->digest, a, used);
}

static void epoch_begin(void *self, uint32_t epoch, civ_effect *effect)
{
  bandwidth_cap *l = self;
  (void)epoch;
  (void)effect;
  memset(l->base.columns, 0, l->base.agents * sizeof(uint32_t));
}

static uint64_t digest(void *self)
{
  return ((const bandwidth_cap *)self)->digest;
}

static civ_status save(void *self, civ_bytes *out)
{
  const bandwidth_cap *l = self;
  civ_bytes_put_u64(out, l->digest);
  civ_bytes_put_u32s(out, l->base.columns, l->base.agents);
  return CIV_OK;
}

static civ_status load(void *self, civ_bytes_reader *in, civ_error *err)
{
  bandwidth_cap *l = self;
  const uint64_t digest_then = civ_bytes_u64(in);
  if (!civ_bytes_u32s(in, l->base.columns, l->base.agents))
    return civ_governed_misfit(&l->base, civ_lever_bandwidth_cap.name, err);
  l->digest = digest_then;
  return CIV_OK;
}

const civ_lever civ_lever_bandwidth_cap = {
  .version = CIV_PART_VERSION,
  .name = "bandwidth_cap",
  .doc = "Limits how many things an agent does in an epoch.",
  .accounted = true,
  .wanted = wanted,
  .create = create,
  .destroy = civ_governed_destroy,
  .admits = admits,
  .charge = charge,
  .epoch_begin = epoch_begin,
  .digest = digest,
  .save = save,
  .load = load,
};
