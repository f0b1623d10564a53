/* Reputation decay: at every epoch start reputations shrink towards 0, bad ones too. */
#include "govern/governed.h"
#include "govern/levers.h"

static bool wanted(const civ_host *host)
{
  const civ_governance_config *rules = civ_governance_of(host);
  return rules != NULL && rules->reputation_decay_rate < 1;
}

static civ_status create(civ_host *host, void **self, civ_error *err)
{
  return civ_governed_create(host, civ_lever_reputation_decay.name, sizeof(civ_governed), 0, self, err);
}

static void epoch_begin(void *self, uint32_t epoch, civ_effect *effect)
{
  const civ_governed *l = self;
  const double *reputation = l->host->call->population(l->host)->reputation;
  (void)epoch;
  for (civ_agent a = 0; a < l->agents; a++)
    if (reputation[a] != 0)
      civ_effect_reputation(effect, a, reputation[a] * (l->rules->reputation_decay_rate - 1.0));
}

const civ_lever civ_lever_reputation_decay = {
  .version = CIV_PART_VERSION,
  .name = "reputation_decay",
  .doc = "Reputations shrink towards 0 at every epoch start, so that standing must be earned again.",
  .accounted = true,
  .wanted = wanted,
  .create = create,
  .destroy = civ_governed_destroy,
  .epoch_begin = epoch_begin,
};
