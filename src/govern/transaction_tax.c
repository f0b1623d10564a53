/* Transaction tax: both sides of an accepted interaction pay a share of its value. Nobody receives it. */
#include <math.h>

#include "govern/governed.h"
#include "govern/levers.h"

static bool wanted(const civ_host *host)
{
  const civ_governance_config *rules = civ_governance_of(host);
  return rules != NULL && rules->transaction_tax_rate > 0;
}

static civ_status create(civ_host *host, void **self, civ_error *err)
{
  return civ_governed_create(host, civ_lever_transaction_tax.name, sizeof(civ_governed), 0, self, err);
}

/* Good counts 2 and bad -1 here, whatever the payoffs of the scenario say. */
double civ_transaction_tax_base(double p, double tau)
{
  const double surplus = 2.0 * p - 1.0 * (1.0 - p);
  return (surplus > 0 ? surplus : 0) + fabs(tau);
}

static void judge(void *self, const civ_interaction *record, civ_draws *draws, civ_effect *effect)
{
  const civ_governed *l = self;
  (void)draws;
  if (!record->accepted)
    return;
  const double tax = l->rules->transaction_tax_rate * civ_transaction_tax_base(record->p, record->tau);
  if (tax > 0)
    civ_effect_cost(effect, tax * l->rules->transaction_tax_split, tax * (1.0 - l->rules->transaction_tax_split));
}

const civ_lever civ_lever_transaction_tax = {
  .version = CIV_PART_VERSION,
  .name = "transaction_tax",
  .doc = "Both sides of an accepted interaction pay a share of its value; nobody receives it.",
  .accounted = true,
  .wanted = wanted,
  .create = create,
  .destroy = civ_governed_destroy,
  .judge = judge,
};
