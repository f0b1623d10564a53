/* Transparency: accepted interactions stand in a public ledger, and the initiator's reputation follows their quality. */
#include "base/buffer.h"
#include "base/bytes.h"
#include "govern/governed.h"
#include "govern/levers.h"

/* What the ledger says of one initiator. */
typedef struct standing {
  double sum_p;
  uint32_t rows;
} standing;

typedef struct transparency {
  civ_governed base; /* must stay first; columns: standings */
  uint64_t rows;
  double sum_p;
  civ_ledger_service service;
  uint16_t entry; /* number of the event form */
} transparency;

static bool wanted(const civ_host *host)
{
  const civ_governance_config *rules = civ_governance_of(host);
  return rules != NULL && rules->transparency_enabled;
}

static standing *standing_of(const transparency *l, civ_agent a)
{
  return (standing *)l->base.columns + a;
}

static uint32_t count(void *self, civ_agent a)
{
  const transparency *l = self;
  return a < l->base.agents ? standing_of(l, a)->rows : 0;
}

static double mean_p(void *self, civ_agent a)
{
  const uint32_t rows = count(self, a);
  return rows == 0 ? 0.5 : standing_of(self, a)->sum_p / rows;
}

static civ_status create(civ_host *host, void **self, civ_error *err)
{
  void *made;
  const civ_status st =
      civ_governed_create(host, civ_lever_transparency.name, sizeof(transparency), sizeof(standing), &made, err);
  if (st != CIV_OK)
    return st;
  transparency *l = made;
  l->service = (civ_ledger_service){ .self = l, .count = count, .mean_p = mean_p };
  *self = made;
  return CIV_OK;
}

static const void *service(void *self, const char *name)
{
  (void)name; /* there is only one */
  return &((const transparency *)self)->service;
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
  standing_of(l, record->initiator)->rows++;
  standing_of(l, record->initiator)->sum_p += record->p;
  civ_event event = civ_host_event(l->base.host, &l->entry, "ledger_entry", CIV_NOBODY);
  event.interaction = record->id;
  event.initiator = record->initiator;
  event.counterparty = record->counterparty;
  event.values[0].real = record->p;
  event.values[1].real = record->c_a;
  event.values[2].real = record->c_b;
  event.values[3].real = bonus(l, record->p);
  l->base.host->call->emit(l->base.host, &event);
}

static void total_report(void *self, double *values)
{
  const transparency *l = self;
  values[0] = (double)l->rows;
  values[1] = l->rows == 0 ? 0 : l->sum_p / (double)l->rows;
}

/* Initiators with rows, in index order, as many as fit a report. */
static uint32_t report_initiators(transparency *l, civ_buffer *text)
{
  enum { MOST = 1000 };
  const char *const *names = l->base.host->call->population(l->base.host)->name;
  uint32_t n = 0;
  for (civ_agent a = 0; a < l->base.agents; a++) {
    if (count(l, a) == 0 || n++ >= MOST)
      continue;
    civ_buffer_text(text, n > 1 ? ", {\"agent\": " : "{\"agent\": ");
    civ_buffer_json_text(text, names[a], strlen(names[a]));
    civ_buffer_format(text, ", \"ledger_count\": %u, \"ledger_mean_p\": ", (unsigned)count(l, a));
    civ_buffer_real(text, mean_p(l, a));
    civ_buffer_text(text, "}");
  }
  return n;
}

static civ_status report(void *self, civ_bytes *out)
{
  transparency *l = self;
  civ_buffer text = { 0 };
  civ_buffer_format(&text, "{\"ledger\": {\"rows\": %llu, \"mean_p\": ", (unsigned long long)l->rows);
  civ_buffer_real(&text, l->rows == 0 ? 0 : l->sum_p / (double)l->rows);
  civ_buffer_text(&text, ", \"initiators\": [");
  const uint32_t n = report_initiators(l, &text);
  civ_buffer_format(&text, "], \"n_initiators\": %u}}", (unsigned)n);
  return civ_buffer_deliver(&text, out);
}

static civ_status save(void *self, civ_bytes *out)
{
  const transparency *l = self;
  civ_bytes_put_u64(out, l->rows);
  civ_bytes_put_real(out, l->sum_p);
  for (civ_agent a = 0; a < l->base.agents; a++) {
    civ_bytes_put_u32(out, standing_of(l, a)->rows);
    civ_bytes_put_real(out, standing_of(l, a)->sum_p);
  }
  return CIV_OK;
}

static civ_status load(void *self, civ_bytes_reader *in, civ_error *err)
{
  transparency *l = self;
  if (civ_bytes_left(in) != 16 + 12 * (size_t)l->base.agents)
    return civ_governed_misfit(&l->base, civ_lever_transparency.name, err);
  l->rows = civ_bytes_u64(in);
  l->sum_p = civ_bytes_real(in);
  for (civ_agent a = 0; a < l->base.agents; a++) {
    standing_of(l, a)->rows = civ_bytes_u32(in);
    standing_of(l, a)->sum_p = civ_bytes_real(in);
  }
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

static const char *const services[] = { "ledger", NULL };

const civ_lever civ_lever_transparency = {
  .version = CIV_PART_VERSION,
  .name = "transparency",
  .doc = "Good interactions earn reputation and bad ones cost it, in a public ledger.",
  .events = events,
  .totals = totals,
  .services = services,
  .accounted = true,
  .wanted = wanted,
  .create = create,
  .destroy = civ_governed_destroy,
  .service = service,
  .judge = judge,
  .judged = judged,
  .total_report = total_report,
  .report = report,
  .save = save,
  .load = load,
};
