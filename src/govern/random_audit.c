/* Random audit: some interactions are looked at, and the initiator of a bad one is fined. */
#include "base/bytes.h"
#include "govern/governed.h"
#include "govern/levers.h"

typedef struct random_audit {
  civ_governed base; /* must stay first; columns: fines by initiator */
  uint64_t audits, fines;
} random_audit;

static bool wanted(const civ_host *host)
{
  const civ_governance_config *rules = civ_governance_of(host);
  return rules != NULL && rules->audit_enabled;
}

static civ_status create(civ_host *host, void **self, civ_error *err)
{
  return civ_governed_create(host, civ_lever_random_audit.name, sizeof(random_audit), sizeof(uint32_t), self, err);
}

static void judge(void *self, const civ_interaction *record, civ_draws *draws, civ_effect *effect)
{
  random_audit *l = self;
  const civ_governance_config *rules = l->base.rules;
  if (!civ_draw_chance(draws, rules->audit_probability))
    return;
  l->audits++;
  const double fine = (rules->audit_threshold_p - record->p) * rules->audit_penalty_multiplier;
  if (!(fine > 0))
    return;
  l->fines++;
  ((uint32_t *)l->base.columns)[record->initiator]++;
  civ_effect_cost(effect, fine, 0);
  civ_effect_reputation(effect, record->initiator, -fine);
}

static void total_report(void *self, double *values)
{
  const random_audit *l = self;
  values[0] = (double)l->audits;
  values[1] = (double)l->fines;
}

static double agent_total(void *self, uint32_t k, civ_agent a)
{
  const random_audit *l = self;
  (void)k;
  return ((const uint32_t *)l->base.columns)[a];
}

static civ_status save(void *self, civ_bytes *out)
{
  const random_audit *l = self;
  civ_bytes_put_u64(out, l->audits);
  civ_bytes_put_u64(out, l->fines);
  civ_bytes_put_u32s(out, l->base.columns, l->base.agents);
  return CIV_OK;
}

static civ_status load(void *self, civ_bytes_reader *in, civ_error *err)
{
  random_audit *l = self;
  const uint64_t audits = civ_bytes_u64(in), fines = civ_bytes_u64(in);
  if (!civ_bytes_u32s(in, l->base.columns, l->base.agents))
    return civ_governed_misfit(&l->base, civ_lever_random_audit.name, err);
  l->audits = audits;
  l->fines = fines;
  return CIV_OK;
}

static const civ_metric_decl totals[] = { { "lever_audits", true, "interactions audited" },
                                          { "lever_audit_penalties", true, "audits that imposed a fine" },
                                          { NULL, false, NULL } };
static const civ_metric_decl agent_totals[] = { { "lever_audit_on_", true, "audits that fined its agents" },
                                                { NULL, false, NULL } };

const civ_lever civ_lever_random_audit = {
  .version = CIV_PART_VERSION,
  .name = "random_audit",
  .doc = "Audits interactions at random and fines the initiators of bad ones.",
  .totals = totals,
  .agent_totals = agent_totals,
  .accounted = true,
  .wanted = wanted,
  .create = create,
  .destroy = civ_governed_destroy,
  .judge = judge,
  .total_report = total_report,
  .agent_total = agent_total,
  .save = save,
  .load = load,
};
