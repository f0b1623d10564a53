/* Security: at every epoch's start all dealings so far are analysed for threats. Agents with a high threat score are frozen and
 * put in quarantine, where they get no turns until somebody lets them out; those with a lower one pay with reputation and
 * resources. With real-time penalties a threatening interaction also costs at once. */
#include "govern/security.h"

#include <string.h>

#include "base/bytes.h"
#include "base/digest.h"
#include "govern/levers.h"

enum { EVIDENCE = 8 }; /* interactions kept per pair and answer */
enum { TRUST_AUTO, TRUST_REPUTATION, TRUST_BOUNDED, TRUST_IDENTITY };

typedef struct security {
  civ_governed base; /* must stay first; columns: trust told last (identity only) */
  civ_monitor *monitor;
  const civ_identity_service *identity; /* whose trust decides; NULL = reputation */
  double seconds_per_step;
  uint64_t steps_per_epoch;
  bool credits_reputation; /* payoffs credit the change of reputation, so it belongs to the record */
  bool failed;             /* memory ran out where nothing can be returned; told at the next step */
  civ_security_counts counts;
  uint16_t reported, quarantined, released, trusted; /* numbers of event forms */
} security;

/* --- rules --------------------------------------------------------------------------------------------------------------------- */

civ_monitor_rules civ_monitor_rules_of(const civ_governance_config *g)
{
  return (civ_monitor_rules){ .analysis = { .injection_threshold = g->security_injection_threshold,
                                            .manipulation_threshold = g->security_manipulation_threshold,
                                            .laundering_gap = g->security_laundering_trust_gap,
                                            .contagion_velocity = g->security_contagion_velocity,
                                            .min_chain = (uint32_t)g->security_min_chain_length,
                                            .exact_limit = (uint32_t)g->security_laundering_exact_limit,
                                            .samples = (uint32_t)g->security_laundering_samples,
                                            .evidence = EVIDENCE },
                              .min_interactions = (uint32_t)g->security_min_interactions,
                              .penalty_threshold = g->security_penalty_threshold,
                              .quarantine_threshold = g->security_quarantine_threshold,
                              .penalty_multiplier = g->security_penalty_multiplier,
                              .realtime = g->security_realtime_penalty,
                              .clear_on_epoch = g->security_clear_history_on_epoch,
                              .bounded_trust = g->security_trust_source == TRUST_BOUNDED,
                              .enforced = g->security_enabled,
                              .realtime_threshold = g->security_realtime_threshold,
                              .realtime_rate = g->security_realtime_rate };
}

bool civ_security_benign(const civ_governance_config *rules, uint8_t type)
{
  for (uint32_t k = 0; type < CIV_AGENT_TYPES && k < rules->security_benign_types.n; k++)
    if (strcmp(rules->security_benign_types.items[k], civ_agent_type_names[type]) == 0)
      return true;
  return false;
}

static bool wanted(const civ_host *host)
{
  const civ_governance_config *rules = civ_governance_of(host);
  return rules != NULL && rules->security_enabled;
}

/* --- creation ------------------------------------------------------------------------------------------------------------------- */

static void destroy(void *self)
{
  security *l = self;
  if (l == NULL)
    return;
  civ_monitor_destroy(l->monitor);
  civ_governed_destroy(l);
}

static civ_status find_trust(security *l, civ_error *err)
{
  const civ_host *host = l->base.host;
  const int32_t source = l->base.rules->security_trust_source;
  if (source == TRUST_AUTO || source == TRUST_IDENTITY)
    l->identity = host->call->service(host, "identity");
  if (source != TRUST_IDENTITY || l->identity != NULL)
    return CIV_OK;
  return civ_fail(err, CIV_E_STATE, "governance.security_trust_source",
                  "'identity' needs section identity switched on; add it, or choose reputation or bounded");
}

static civ_status make_monitor(security *l, civ_error *err)
{
  const civ_host *host = l->base.host;
  const civ_population *people = host->call->population(host);
  const civ_allocator *allocator = host->call->allocator(host);
  const civ_monitor_rules rules = civ_monitor_rules_of(l->base.rules);
  uint8_t *benign = civ_zeroed(allocator, (size_t)people->n + 1, 1);
  if (benign == NULL)
    return civ_fail(err, CIV_E_NOMEM, civ_lever_security.name, "out of memory");
  for (civ_agent a = 0; a < people->n; a++)
    benign[a] = civ_security_benign(l->base.rules, people->type[a]);
  const civ_status st =
      civ_monitor_create(&rules, people->n, benign, host->call->seed(host), allocator, &l->monitor, err);
  civ_release(allocator, benign, (size_t)people->n + 1);
  return st;
}

static civ_status create(civ_host *host, void **self, civ_error *err)
{
  const civ_simulation_config *simulation = host->call->section(host, "simulation");
  const civ_payoff_config *payoff = host->call->section(host, "payoff");
  void *made;
  civ_status st = civ_governed_create(host, civ_lever_security.name, sizeof(security), sizeof(double), &made, err);
  if (st != CIV_OK)
    return st;
  security *l = made;
  for (civ_agent a = 0; a < l->base.agents; a++)
    ((double *)l->base.columns)[a] = -1;
  l->seconds_per_step = simulation->seconds_per_step;
  l->steps_per_epoch = (uint64_t)simulation->steps_per_epoch;
  l->credits_reputation = payoff->reputation_in_payoff;
  st = find_trust(l, err);
  if (st == CIV_OK)
    st = make_monitor(l, err);
  if (st != CIV_OK)
    destroy(l);
  else
    *self = l;
  return st;
}

/* A turn completes at most one proposal or settles at most one bounty. */
static civ_status reserve(void *self, const civ_demand *demand)
{
  security *l = self;
  return l->failed ? CIV_E_NOMEM : civ_monitor_reserve(l->monitor, (size_t)demand->completions + demand->turns);
}

/* --- events ----------------------------------------------------------------------------------------------------------------------- */

static void emit_agent(security *l, uint16_t *type, const char *name, civ_agent a, double score)
{
  civ_event event = civ_host_event(l->base.host, type, name, a);
  event.values[0].real = score;
  l->base.host->call->emit(l->base.host, &event);
}

static void emit_report(security *l, bool at_end, uint64_t penalties, double penalty)
{
  const civ_host *host = l->base.host;
  civ_buffer flagged = { 0 }, penalised = { 0 };
  civ_event event = civ_host_event(host, &l->reported, "security_report", CIV_NOBODY);
  const civ_security_counts *scanned = at_end && l->base.rules->security_content_scan ? &l->counts : NULL;
  event.values[CIV_SECURITY_PENALTIES].integer = (int64_t)penalties;
  event.values[CIV_SECURITY_PENALTY_TOTAL].real = penalty;
  if (!host->call->listened(host))
    l->base.host->call->emit(l->base.host, &event); /* it counts */
  else if (civ_security_fill_event(l->monitor, at_end, scanned, host->call->population(host)->name, &flagged,
                                   &penalised, event.values))
    l->base.host->call->emit(l->base.host, &event);
  else
    l->failed = true;
  civ_buffer_free(&flagged);
  civ_buffer_free(&penalised);
}

/* Whose trust? Identities' trust stands in no other event, so a log tells where it changed. */
static const double *take_trust(security *l)
{
  const civ_population *people = l->base.host->call->population(l->base.host);
  double *told = l->base.columns;
  if (l->identity == NULL)
    return people->reputation;
  for (civ_agent a = 0; a < l->base.agents; a++) {
    const double trust = l->identity->trust(l->identity->self, a);
    if (trust == told[a])
      continue;
    told[a] = trust;
    emit_agent(l, &l->trusted, "security_trust", a, trust);
  }
  return told;
}

/* --- the rule ------------------------------------------------------------------------------------------------------------------------ */

static void punish(security *l, civ_effect *effect)
{
  uint64_t penalties = 0;
  double sum = 0;
  for (civ_agent a = 0; a < l->base.agents; a++) {
    const civ_security_penalty p = civ_monitor_penalty(l->monitor, a);
    if (p.quarantine)
      civ_effect_freeze(effect, a, -1);
    if (!(p.reputation < 0))
      continue;
    civ_effect_reputation(effect, a, p.reputation);
    civ_effect_resources(effect, a, p.resources);
    penalties++;
    sum -= p.reputation;
  }
  emit_report(l, false, penalties, sum);
}

static void epoch_begin(void *self, uint32_t epoch, civ_effect *effect)
{
  security *l = self;
  bool analysed;
  const civ_agent *fresh;
  uint32_t n_fresh;
  civ_error err;
  if (civ_monitor_epoch(l->monitor, epoch, take_trust(l), &analysed, &fresh, &n_fresh, &err) != CIV_OK) {
    l->failed = true;
    return;
  }
  for (uint32_t k = 0; k < n_fresh; k++)
    emit_agent(l, &l->quarantined, "agent_quarantined", fresh[k], civ_monitor_score(l->monitor, fresh[k]));
  if (analysed)
    punish(l, effect);
}

static bool admits(void *self, civ_agent a)
{
  return !civ_monitor_quarantined(((const security *)self)->monitor, a);
}

static void step_begin(void *self)
{
  civ_monitor_step(((security *)self)->monitor);
}

static void judge(void *self, const civ_interaction *record, civ_draws *draws, civ_effect *effect)
{
  security *l = self;
  (void)draws;
  const civ_realtime_charge charge = civ_monitor_charge(l->monitor, record);
  if (!(charge.cost_a > 0))
    return;
  l->counts.charged++;
  civ_effect_cost(effect, charge.cost_a, charge.cost_b);
}

/* When all have judged the record carries its final costs, and with them the change of reputation that will be credited. */
static void judged(void *self, const civ_interaction *record, civ_effect *effect)
{
  security *l = self;
  civ_interaction final = *record;
  uint32_t epoch, step;
  (void)effect;
  if (l->credits_reputation && record->accepted)
    final.r_a = (record->p - 0.5) - record->c_a;
  l->base.host->call->now(l->base.host, &epoch, &step);
  if (civ_monitor_note(l->monitor, &final, (double)(epoch * l->steps_per_epoch + step) * l->seconds_per_step) != CIV_OK)
    l->failed = true;
}

static void charge(void *self, civ_agent a, const civ_action *action)
{
  security *l = self;
  (void)a;
  if (!l->base.rules->security_content_scan || action->kind != CIV_ACTION_PROPOSE || action->content.length == 0)
    return;
  l->counts.injecting += civ_content_injects(action->content.data, action->content.length);
  l->counts.leaking += civ_content_exfiltrates(action->content.data, action->content.length);
}

static void finish(void *self)
{
  security *l = self;
  uint32_t epoch, step;
  civ_error err;
  l->base.host->call->now(l->base.host, &epoch, &step);
  if (civ_monitor_finish(l->monitor, epoch, take_trust(l), &err) == CIV_OK)
    emit_report(l, true, 0, 0);
}

/* --- operations and queries ------------------------------------------------------------------------------------------------------------ */

civ_monitor *civ_security_monitor(void *self)
{
  return ((security *)self)->monitor;
}

bool civ_security_release(void *self, civ_agent a, bool held, civ_effect *effect)
{
  security *l = self;
  if (!civ_monitor_release(l->monitor, a))
    return false;
  emit_agent(l, &l->released, "agent_released", a, civ_monitor_score(l->monitor, a));
  if (!held)
    civ_effect_unfreeze(effect, a);
  return true;
}

static civ_security_evaluation evaluate(const security *l)
{
  const civ_host *host = l->base.host;
  const double payoff = civ_monitor_benign_payoff(l->monitor, host->call->population(host)->total_payoff);
  return civ_monitor_evaluate(l->monitor, payoff, host->call->steps_done(host));
}

static civ_status report(void *self, civ_bytes *out)
{
  const security *l = self;
  const civ_host *host = l->base.host;
  const civ_population *people = host->call->population(host);
  char more[160] = "";
  civ_buffer text = { 0 }, counts = { 0 };
  if (l->base.rules->security_content_scan)
    civ_buffer_format(&counts, ", \"content_injection_matches\": %llu, \"content_exfiltration_matches\": %llu",
                      (unsigned long long)l->counts.injecting, (unsigned long long)l->counts.leaking);
  if (counts.length < sizeof more)
    memcpy(more, counts.data != NULL ? counts.data : "", counts.length);
  civ_monitor_json(l->monitor, people->name, civ_monitor_benign_payoff(l->monitor, people->total_payoff),
                   host->call->steps_done(host), more, &text);
  text.failed |= counts.failed;
  civ_buffer_free(&counts);
  return civ_buffer_deliver(&text, out);
}

/* --- numbers ------------------------------------------------------------------------------------------------------------------------------ */

static void epoch_report(void *self, double *values)
{
  const security *l = self;
  const civ_security_report *r = civ_monitor_report(l->monitor, false);
  uint32_t n = 0;
  for (civ_agent a = 0; a < l->base.agents; a++)
    n += civ_monitor_quarantined(l->monitor, a);
  values[0] = r != NULL ? r->ecosystem_threat_level : 0;
  values[1] = r != NULL ? (double)r->active_threats : 0;
  values[2] = r != NULL ? r->contagion_depth : 0;
  values[3] = n;
}

static void total_report(void *self, double *values)
{
  const security *l = self;
  const civ_security_evaluation e = evaluate(l);
  civ_security_fill_totals(l->monitor, &e, &l->counts, values);
}

static double agent_total(void *self, uint32_t k, civ_agent a)
{
  const security *l = self;
  const civ_security_report *r = civ_monitor_report(l->monitor, false);
  if (k == 1)
    return civ_monitor_quarantined(l->monitor, a);
  return r != NULL && r->scores[a] >= r->flag_threshold;
}

/* --- state -------------------------------------------------------------------------------------------------------------------------------- */

static uint64_t digest(void *self)
{
  const security *l = self;
  return civ_digest_mix(civ_monitor_digest(l->monitor), l->counts.charged,
                        l->counts.injecting << 32 ^ l->counts.leaking);
}

static civ_status save(void *self, civ_bytes *out)
{
  const security *l = self;
  civ_bytes_put_u64(out, l->counts.charged);
  civ_bytes_put_u64(out, l->counts.injecting);
  civ_bytes_put_u64(out, l->counts.leaking);
  civ_bytes_put_reals(out, l->base.columns, l->base.agents);
  civ_monitor_save(l->monitor, l->base.host->call->population(l->base.host)->name, out);
  return CIV_OK;
}

static civ_status load(void *self, civ_bytes_reader *in, civ_error *err)
{
  security *l = self;
  l->counts.charged = civ_bytes_u64(in);
  l->counts.injecting = civ_bytes_u64(in);
  l->counts.leaking = civ_bytes_u64(in);
  if (!civ_bytes_reals(in, l->base.columns, l->base.agents))
    return civ_governed_misfit(&l->base, civ_lever_security.name, err);
  return civ_monitor_load(l->monitor, in, err);
}

/* --- declarations ---------------------------------------------------------------------------------------------------------------------------- */

static const civ_metric_decl epoch_metrics[] = {
  { "security_metrics.ecosystem_threat_level", false,
    "threat level in the report at the epoch's start; 0 without one" },
  { "security_metrics.active_threats", true, "threats in it" },
  { "security_metrics.contagion_depth", true, "depth of its deepest chain" },
  { "security_metrics.n_quarantined", true, "agents in quarantine at the end of the epoch" },
  { NULL, false, NULL }
};
static const civ_metric_decl agent_totals[] = {
  { "security.flagged.", true, "its agents flagged in the last report at an epoch's start" },
  { "security.quarantined.", true, "its agents in quarantine at the end" },
  { NULL, false, NULL }
};

const civ_lever civ_lever_security = {
  .version = CIV_PART_VERSION,
  .name = "security",
  .doc = "Quarantines and punishes agents that look like attackers, by their dealings.",
  .events = civ_security_events,
  .epoch_metrics = epoch_metrics,
  .totals = civ_security_totals,
  .agent_totals = agent_totals,
  .accounted = true,
  .wanted = wanted,
  .create = create,
  .destroy = destroy,
  .reserve = reserve,
  .admits = admits,
  .charge = charge,
  .judge = judge,
  .judged = judged,
  .step_begin = step_begin,
  .epoch_begin = epoch_begin,
  .epoch_report = epoch_report,
  .total_report = total_report,
  .agent_total = agent_total,
  .finish = finish,
  .report = report,
  .digest = digest,
  .save = save,
  .load = load,
};
