/* Kill switch: ends the run when an epoch was too toxic or too many agents are frozen. */
#include "base/memory.h"
#include "civitas/config.h"
#include "govern/levers.h"
#include "metric/epoch.h"

typedef struct kill_switch {
  civ_host *host;
  civ_opt_real toxicity, frozen_fraction;
} kill_switch;

static bool wanted(const civ_host *host)
{
  const civ_safety_config *safety = host->call->section(host, "safety");
  return safety != NULL && safety->kill_switch_enabled &&
         (safety->kill_switch_toxicity.set || safety->kill_switch_frozen_fraction.set);
}

static civ_status create(civ_host *host, void **self, civ_error *err)
{
  const civ_safety_config *safety = host->call->section(host, "safety");
  kill_switch *l = civ_zeroed(host->call->allocator(host), 1, sizeof *l);
  if (l == NULL)
    return civ_fail(err, CIV_E_NOMEM, "kill_switch", "out of memory");
  l->host = host;
  l->toxicity = safety->kill_switch_toxicity;
  l->frozen_fraction = safety->kill_switch_frozen_fraction;
  *self = l;
  return CIV_OK;
}

static void destroy(void *self)
{
  kill_switch *l = self;
  if (l != NULL)
    civ_release(l->host->call->allocator(l->host), l, sizeof *l);
}

static double frozen_fraction(const civ_population *population)
{
  uint32_t frozen = 0;
  for (uint32_t a = 0; a < population->n; a++)
    frozen += population->frozen[a];
  return population->n == 0 ? 0 : (double)frozen / population->n;
}

/* Trips once: with both exceeded the toxicity is the reason given. */
static void epoch_end(void *self, const double *epoch_metrics, civ_effect *effect)
{
  const kill_switch *l = self;
  const double toxicity = epoch_metrics[CIV_EPOCH_TOXICITY_RATE];
  if (l->toxicity.set && toxicity > l->toxicity.value) {
    civ_effect_stop(effect, "kill_switch_toxicity", toxicity);
    return;
  }
  if (!l->frozen_fraction.set)
    return;
  const double fraction = frozen_fraction(l->host->call->population(l->host));
  if (fraction > l->frozen_fraction.value)
    civ_effect_stop(effect, "kill_switch_frozen_fraction", fraction);
}

const civ_lever civ_lever_kill_switch = {
  .version = CIV_PART_VERSION,
  .name = "kill_switch",
  .doc = "Ends the run after an epoch whose toxicity, or whose share of frozen agents, passes a threshold.",
  .wanted = wanted,
  .create = create,
  .destroy = destroy,
  .epoch_end = epoch_end,
};
