/* Transparency: accepted interactions stand in a public ledger, and the initiator's reputation follows their quality. */
#include "base/bytes.h"
#include "govern/governed.h"
#include "govern/levers.h"

typedef struct transparency {
  civ_governed base; /* must stay first */
  uint64_t rows;
  double sum_p;
  uint16_t entry; /* number of the event form */
} transparency;

static bool wanted(const civ_host *host)
{
  const civ_governance_config *rules = civ_governance_of(host);
  return rules != NULL && rules->transparency_enabled;
}

static civ_status create(civ_host *host, void **self, civ_error *err)
{
  return civ_governed_create(host, civ_lever_transparency.name, sizeof(transparency), 0, self, err);
}

static double bonus(const transparency *l, double p)
{
  return l->base.rules->transparency_bonus_rate * (p - l->base.rules->transparency_threshold_p);
}

static void judge(void *self, const civ_interaction *record, civ_draws *draws, civ_effect *effect)
{
  const transparency *l = self;
  (void)draws;
  const double delta = bonus(l, record->p);
  if (record->accepted && delta != 0)
    civ_effect_reputation(effect, record->initiator, delta);
}

/* The ledger shows the costs of all levers, so it is written when all have spoken. */
static void judged(void *self, const civ_interaction *record, civ_effect *effect)
{
  transparency *l = self;
  (void)effect;
  if (!record->accepted)
    return;
  l->rows++;
  l->sum_p += record->p;
  civ_event event = civ_governed_event();
  event.interaction = record->id;
  event.initiator = record->initiator;
  event.counterparty = record->counterparty;
  event.values[0].real = record->p;
  event.values[1].real = record->c_a;
  event.values[2].real = record->c_b;
  event.values[3].real = bonus(l, record->p);
  civ_governed_emit(&l->base, &l->entry, "ledger_entry", &event);
}

static void total_report(void *self, double *values)
{
  const transparency *l = self;
  values[0] = (double)l->rows;
  values[1] = l->rows == 0 ? 0 : l->sum_p / (double)l->rows;
}

static civ_status save(void *self, civ_bytes *out)
{
  const transparency *l = self;
  civ_bytes_put_u64(out, l->rows);
  civ_bytes_put_real(out, l->sum_p);
  return CIV_OK;
}

static civ_status load(void *self, civ_bytes_reader *in, civ_error *err)
{
  transparency *l = self;
  if (civ_bytes_left(in) != 16)
    return civ_governed_misfit(&l->base, civ_lever_transparency.name, err);
  l->rows = civ_bytes_u64(in);
  l->sum_p = civ_bytes_real(in);
  return CIV_OK;
}

static const civ_member entry_members[] = { { "p", CIV_MEMBER_REAL, false },
                                            { "c_a", CIV_MEMBER_REAL, false },
                                            { "c_b", CIV_MEMBER_REAL, false },
                                            { "rep_delta", CIV_MEMBER_REAL, false },
                                            { NULL, 0, false } };
static const civ_event_form events[] = {
  { "ledger_entry", CIV_FORM_INTERACTION | CIV_FORM_INITIATOR | CIV_FORM_COUNTERPARTY | CIV_FORM_EPOCH | CIV_FORM_STEP,
    entry_members, "a row of the public ledger: an accepted interaction" },
  { NULL, 0, NULL, NULL }
};
static const civ_metric_decl totals[] = { { "ledger_rows", true, "rows of the public ledger" },
                                          { "ledger_mean_p", false, "mean p of the rows; 0 without rows" },
                                          { NULL, false, NULL } };

const civ_lever civ_lever_transparency = {
  .version = CIV_PART_VERSION,
  .name = "transparency",
  .doc = "Good interactions earn reputation and bad ones cost it, in a public ledger.",
  .events = events,
  .totals = totals,
  .accounted = true,
  .wanted = wanted,
  .create = create,
  .destroy = civ_governed_destroy,
  .judge = judge,
  .judged = judged,
  .total_report = total_report,
  .save = save,
  .load = load,
};
