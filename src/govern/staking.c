/* Staking: who has too few resources takes no turns; a trigger takes part of an initiator's resources. Nothing is deposited:
 * the stake is a threshold on what an agent has. */
#include "base/bytes.h"
#include "govern/governed.h"
#include "govern/levers.h"

typedef struct staking {
  civ_governed base; /* must stay first */
  uint64_t slashes;
  uint16_t slashed; /* number of the event form */
} staking;

static bool wanted(const civ_host *host)
{
  const civ_governance_config *rules = civ_governance_of(host);
  return rules != NULL && (rules->staking_enabled || rules->stake_slash_trigger != CIV_SLASH_NEVER);
}

static civ_status create(civ_host *host, void **self, civ_error *err)
{
  if (!civ_governance_of(host)->staking_enabled)
    return civ_fail(err, CIV_E_STATE, "governance.stake_slash_trigger",
                    "a slash needs a stake: set governance.staking_enabled: true or stake_slash_trigger: none");
  return civ_governed_create(host, civ_lever_staking.name, sizeof(staking), 0, self, err);
}

static bool admits(void *self, civ_agent a)
{
  const civ_governed *l = self;
  return a < l->agents && l->host->call->population(l->host)->resources[a] >= l->rules->min_stake_to_participate;
}

void civ_staking_slash(void *self, civ_agent a, const char *reason, civ_effect *effect)
{
  staking *l = self;
  if (a >= l->base.agents)
    return;
  const double has = l->base.host->call->population(l->base.host)->resources[a];
  const double amount = l->base.rules->stake_slash_rate * (has > 0 ? has : 0);
  civ_effect_resources(effect, a, -amount);
  if (!(amount > 0))
    return;
  l->slashes++;
  civ_event event = civ_host_event(l->base.host, &l->slashed, "stake_slashed", a);
  event.values[0].real = amount;
  event.values[1].real = l->base.rules->stake_slash_rate;
  event.values[2].text = reason;
  l->base.host->call->emit(l->base.host, &event);
}

/* Triggers other than low quality are other levers' orders about this interaction, so all have been heard. */
static void judged(void *self, const civ_interaction *record, civ_effect *effect)
{
  const staking *l = self;
  const civ_governance_config *rules = l->base.rules;
  switch (rules->stake_slash_trigger) {
  case CIV_SLASH_LOW_QUALITY:
    if (record->accepted && record->p < rules->stake_slash_threshold_p)
      civ_staking_slash(self, record->initiator, "low_quality", effect);
    break;
  case CIV_SLASH_AUDIT:
    if (civ_effect_cost_a_of(effect, civ_lever_random_audit.name) > 0)
      civ_staking_slash(self, record->initiator, "audit", effect);
    break;
  case CIV_SLASH_FREEZE:
    if (civ_effect_freezes_of(effect, civ_lever_circuit_breaker.name, record->initiator))
      civ_staking_slash(self, record->initiator, "freeze", effect);
    break;
  default:
    break;
  }
}

static void total_report(void *self, double *values)
{
  const staking *l = self;
  uint32_t below = 0;
  for (civ_agent a = 0; a < l->base.agents; a++)
    below += !admits(self, a);
  values[0] = below;
  values[1] = (double)l->slashes;
}

static civ_status save(void *self, civ_bytes *out)
{
  const staking *l = self;
  civ_bytes_put_u64(out, l->slashes);
  return CIV_OK;
}

static civ_status load(void *self, civ_bytes_reader *in, civ_error *err)
{
  staking *l = self;
  if (civ_bytes_left(in) != 8)
    return civ_governed_misfit(&l->base, civ_lever_staking.name, err);
  l->slashes = civ_bytes_u64(in);
  return CIV_OK;
}

static const civ_member slashed_members[] = { { "slash_amount", CIV_MEMBER_REAL, false },
                                              { "slash_rate", CIV_MEMBER_REAL, false },
                                              { "reason", CIV_MEMBER_TEXT, false },
                                              { NULL, 0, false } };
static const civ_event_form events[] = { { "stake_slashed", CIV_FORM_AGENT | CIV_FORM_EPOCH | CIV_FORM_STEP,
                                           slashed_members, "a trigger took part of an agent's resources" },
                                         { NULL, 0, NULL, NULL } };
static const civ_metric_decl totals[] = {
  { "n_below_min_stake_end", true, "agents with fewer resources than min_stake_to_participate at the end" },
  { "lever_slashes", true, "how often a trigger took part of an agent's resources" },
  { NULL, false, NULL }
};

const civ_lever civ_lever_staking = {
  .version = CIV_PART_VERSION,
  .name = "staking",
  .doc = "Agents with too few resources take no turns; bad conduct costs a share of what one has.",
  .events = events,
  .totals = totals,
  .accounted = true,
  .wanted = wanted,
  .create = create,
  .destroy = civ_governed_destroy,
  .admits = admits,
  .judged = judged,
  .total_report = total_report,
  .save = save,
  .load = load,
};
