/* The reference's observables: what the initiator is recorded as and its reputation decide, nothing else. */
#include "agent/policies.h"

static civ_status create(civ_host *host, void **self, civ_error *err)
{
  (void)err;
  *self = host;
  return CIV_OK;
}

static void observe(void *self, const civ_proposal *proposal, civ_draws *draws, civ_interaction *record)
{
  const civ_host *host = self;
  const civ_population *population = host->call->population(host);
  const civ_agent a = proposal->initiator;
  const civ_observables base = civ_profile_draw((civ_agent_type)population->type[a], draws);
  record->observables = civ_observables_settle(base, population->reputation[a], record->accepted);
  record->ground_truth = 0;
}

const civ_generator civ_generator_reference = {
  .version = CIV_PART_VERSION, .name = "reference", .create = create, .observe = observe
};
