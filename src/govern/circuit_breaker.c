/* Circuit breaker: an agent whose last interactions were toxic on average collects violations; enough of them freeze it for
 * some epochs. The window of its last interactions outlives the freeze. */
#include "base/bytes.h"
#include "base/digest.h"
#include "govern/governed.h"
#include "govern/levers.h"

enum { WINDOW = 10 };

typedef struct tracker {
  double toxicity[WINDOW]; /* a ring; `next` is written next */
  int64_t freeze_until;    /* 1 + the epoch; 0 = not frozen by this lever */
  uint32_t violations, orders;
  uint8_t next, n;
} tracker;

typedef struct circuit_breaker {
  civ_governed base; /* must stay first; columns: trackers */
  uint64_t orders;
  uint64_t digest; /* of every change so far */
  uint32_t epoch;
} circuit_breaker;

static bool wanted(const civ_host *host)
{
  const civ_governance_config *rules = civ_governance_of(host);
  return rules != NULL && rules->circuit_breaker_enabled;
}

static civ_status create(civ_host *host, void **self, civ_error *err)
{
  return civ_governed_create(host, civ_lever_circuit_breaker.name, sizeof(circuit_breaker), sizeof(tracker), self, err);
}

static tracker *tracker_of(const circuit_breaker *l, civ_agent a)
{
  return (tracker *)l->base.columns + a;
}

/* Mean of the window, added oldest to newest; 0 when empty. */
static double average(const tracker *t)
{
  double sum = 0;
  for (uint32_t k = 0; k < t->n; k++)
    sum += t->toxicity[(t->next + WINDOW - t->n + k) % WINDOW];
  return t->n == 0 ? 0 : sum / t->n;
}

static void watch(tracker *t, double toxicity)
{
  t->toxicity[t->next] = toxicity;
  t->next = (uint8_t)((t->next + 1) % WINDOW);
  t->n = (uint8_t)(t->n < WINDOW ? t->n + 1 : WINDOW);
}

static void judge(void *self, const civ_interaction *record, civ_draws *draws, civ_effect *effect)
{
  circuit_breaker *l = self;
  const civ_governance_config *rules = l->base.rules;
  tracker *t = tracker_of(l, record->initiator);
  (void)draws;
  watch(t, 1.0 - record->p);
  if (average(t) >= rules->freeze_threshold_toxicity) {
    t->violations += t->violations < UINT32_MAX;
    if (t->violations >= rules->freeze_threshold_violations) {
      const int64_t until = (int64_t)l->epoch + rules->freeze_duration_epochs;
      civ_effect_freeze(effect, record->initiator, until);
      t->freeze_until = until + 1;
      t->orders++;
      l->orders++;
    }
  }
  l->digest = civ_digest_mix(l->digest, (uint64_t)record->initiator << 32 | t->violations, (uint64_t)t->freeze_until);
}

static void epoch_begin(void *self, uint32_t epoch, civ_effect *effect)
{
  circuit_breaker *l = self;
  l->epoch = epoch;
  for (civ_agent a = 0; a < l->base.agents; a++) {
    tracker *t = tracker_of(l, a);
    if (t->freeze_until == 0 || (int64_t)epoch < t->freeze_until - 1)
      continue;
    civ_effect_unfreeze(effect, a);
    civ_circuit_breaker_release(self, a);
  }
}

void civ_circuit_breaker_release(void *self, civ_agent a)
{
  circuit_breaker *l = self;
  tracker *t = tracker_of(l, a);
  t->freeze_until = 0;
  t->violations = 0;
  l->digest = civ_digest_mix(l->digest, a, UINT64_MAX);
}

void civ_circuit_breaker_reset(void *self, civ_agent a)
{
  tracker *t = tracker_of(self, a);
  *t = (tracker){ .orders = t->orders };
  civ_circuit_breaker_release(self, a);
}

civ_breaker_status civ_circuit_breaker_status(const void *self, civ_agent a)
{
  const circuit_breaker *l = self;
  const tracker *t = tracker_of(l, a);
  return (civ_breaker_status){ .violations = t->violations,
                               .freeze_until_epoch = t->freeze_until - 1,
                               .average_toxicity = average(t) };
}

static void total_report(void *self, double *values)
{
  const circuit_breaker *l = self;
  values[0] = values[1] = (double)l->orders;
}

static double agent_total(void *self, uint32_t k, civ_agent a)
{
  (void)k;
  return tracker_of(self, a)->orders;
}

static uint64_t digest(void *self)
{
  const circuit_breaker *l = self;
  return civ_digest_mix(l->digest, l->orders, l->epoch);
}

static civ_status save(void *self, civ_bytes *out)
{
  const circuit_breaker *l = self;
  civ_bytes_put_u64(out, l->orders);
  civ_bytes_put_u64(out, l->digest);
  civ_bytes_put_u32(out, l->epoch);
  for (civ_agent a = 0; a < l->base.agents; a++) {
    const tracker *t = tracker_of(l, a);
    civ_bytes_put_reals(out, t->toxicity, WINDOW);
    civ_bytes_put_u64(out, (uint64_t)t->freeze_until);
    civ_bytes_put_u32(out, t->violations);
    civ_bytes_put_u32(out, t->orders);
    civ_bytes_put_u8(out, t->next);
    civ_bytes_put_u8(out, t->n);
  }
  return CIV_OK;
}

static civ_status load(void *self, civ_bytes_reader *in, civ_error *err)
{
  circuit_breaker *l = self;
  const uint64_t orders = civ_bytes_u64(in), digest_then = civ_bytes_u64(in);
  const uint32_t epoch = civ_bytes_u32(in);
  bool fits = !in->failed;
  for (civ_agent a = 0; fits && a < l->base.agents; a++) {
    tracker *t = tracker_of(l, a);
    fits = civ_bytes_reals(in, t->toxicity, WINDOW);
    t->freeze_until = (int64_t)civ_bytes_u64(in);
    t->violations = civ_bytes_u32(in);
    t->orders = civ_bytes_u32(in);
    t->next = civ_bytes_u8(in);
    t->n = civ_bytes_u8(in);
    fits = fits && !in->failed && t->next < WINDOW && t->n <= WINDOW;
  }
  if (!fits)
    return civ_governed_misfit(&l->base, civ_lever_circuit_breaker.name, err);
  l->orders = orders;
  l->digest = digest_then;
  l->epoch = epoch;
  return CIV_OK;
}

static const civ_metric_decl totals[] = { { "freeze_events", true, "freeze orders of the circuit breaker" },
                                          { "lever_freezes", true, "the same as freeze_events" },
                                          { NULL, false, NULL } };
static const civ_metric_decl agent_totals[] = {
  { "lever_freeze_on_", true, "freeze orders of the circuit breaker against its agents" }, { NULL, false, NULL }
};

const civ_lever civ_lever_circuit_breaker = {
  .version = CIV_PART_VERSION,
  .name = "circuit_breaker",
  .doc = "Freezes agents whose interactions are toxic again and again.",
  .totals = totals,
  .agent_totals = agent_totals,
  .accounted = true,
  .wanted = wanted,
  .create = create,
  .destroy = civ_governed_destroy,
  .judge = judge,
  .epoch_begin = epoch_begin,
  .total_report = total_report,
  .agent_total = agent_total,
  .digest = digest,
  .save = save,
  .load = load,
};
