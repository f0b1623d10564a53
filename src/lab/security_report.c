#include "lab/security_report.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "govern/security.h"
#include "lab/roster.h"
#include "lab/settlement.h"

enum { UPDATED_NEW = 1 }; /* values of reputation_updated */

typedef struct fold {
  civ_security_summary *out;
  const civ_config *config;
  const civ_governance_config *rules;
  uint64_t steps_per_epoch, seed;
  double seconds_per_step;
  double *reputation, *trust; /* of identities; used once an event has told one */
  bool identity;
  uint32_t epoch, closed; /* that has begun last; epochs that are over */
  civ_status failed;
  civ_error error;
} fold;

static void fail(fold *f, civ_status status, const civ_error *err)
{
  if (f->failed != CIV_OK)
    return;
  f->failed = status;
  if (err != NULL)
    f->error = *err;
  else
    f->failed = civ_fail(&f->error, status, "security", "out of memory");
}

/* --- beginning ---------------------------------------------------------------------------------------------------------------- */

/* Reputation everybody starts with. */
static void set_reputations(fold *f)
{
  const civ_environment_config *environment = civ_config_section(f->config, "environment");
  uint32_t n, a = 0;
  const civ_agent_entry *entries = civ_config_agents(f->config, &n);
  for (uint32_t k = 0; k < n; k++)
    for (uint32_t i = 0; i < entries[k].count && a < f->out->n; i++, a++)
      f->reputation[a] =
          entries[k].initial_reputation.set ? entries[k].initial_reputation.value : environment->initial_reputation;
}

static bool take_roster(fold *f, const civ_roster *roster)
{
  civ_security_summary *s = f->out;
  f->reputation = calloc((size_t)roster->n + 1, sizeof *f->reputation);
  f->trust = calloc((size_t)roster->n + 1, sizeof *f->trust);
  s->payoffs = calloc((size_t)roster->n + 1, sizeof *s->payoffs);
  s->names = civ_roster_names(roster);
  s->n = roster->n;
  return f->reputation != NULL && f->trust != NULL && s->payoffs != NULL && s->names != NULL;
}

static civ_status begin(void *self, const civ_roster *roster, const civ_columns *columns, civ_error *err)
{
  fold *f = self;
  const civ_monitor_rules rules = civ_monitor_rules_of(f->rules);
  uint8_t *benign = calloc((size_t)roster->n + 1, 1);
  (void)columns;
  if (benign == NULL || !take_roster(f, roster)) {
    free(benign);
    return civ_fail(err, CIV_E_NOMEM, "security", "out of memory");
  }
  set_reputations(f);
  for (uint32_t a = 0; a < roster->n; a++)
    benign[a] = civ_security_benign(f->rules, roster->types[a]);
  const civ_status st =
      civ_monitor_create(&rules, roster->n, benign, f->seed, &civ_allocator_malloc, &f->out->monitor, err);
  free(benign);
  return st;
}

/* --- records ------------------------------------------------------------------------------------------------------------------- */

/* What the lever does at an epoch's start, before anything of that epoch has happened. */
static void reach(fold *f, uint32_t epoch)
{
  bool analysed;
  const civ_agent *fresh;
  uint32_t n_fresh;
  civ_error err;
  while (f->epoch < epoch && f->failed == CIV_OK) {
    f->epoch++;
    const civ_status st = civ_monitor_epoch(f->out->monitor, f->epoch, f->identity ? f->trust : f->reputation,
                                            &analysed, &fresh, &n_fresh, &err);
    if (st != CIV_OK)
      fail(f, st, &err);
  }
}

/* What the lever does with anything it judges. */
static void judge(fold *f, const civ_interaction *record)
{
  reach(f, record->epoch);
  if (f->failed != CIV_OK)
    return;
  (void)civ_monitor_charge(f->out->monitor, record);
  const double steps = (double)(record->epoch * f->steps_per_epoch + record->step);
  const civ_status st = civ_monitor_note(f->out->monitor, record, steps * f->seconds_per_step);
  if (st != CIV_OK)
    fail(f, st, NULL);
}

static void interaction(void *self, const civ_interaction *record, double payoff_a, double payoff_b)
{
  fold *f = self;
  judge(f, record);
  if (f->failed == CIV_OK && record->accepted) {
    f->out->payoffs[record->initiator] += payoff_a;
    f->out->payoffs[record->counterparty] += payoff_b;
  }
}

static void step(void *self, uint32_t epoch, uint32_t number, uint64_t digest)
{
  fold *f = self;
  (void)number;
  (void)digest;
  reach(f, epoch);
  f->out->steps++;
  civ_monitor_step(f->out->monitor);
}

static civ_status close_epoch(void *self, uint32_t epoch, const double *row, civ_error *err)
{
  fold *f = self;
  (void)row;
  (void)err;
  f->closed = epoch + 1;
  return CIV_OK;
}

static void take_trust(fold *f, const civ_event *e)
{
  json_t *payload = e->values[0].text != NULL ? json_loads(e->values[0].text, 0, NULL) : NULL;
  f->identity = true;
  f->trust[e->agent] = civ_json_real(payload, "trust", 0);
  json_decref(payload);
}

static void take_report(fold *f, const civ_event *e)
{
  json_t *payload = e->values[0].text != NULL ? json_loads(e->values[0].text, 0, NULL) : NULL;
  const json_t *matches = json_object_get(payload, "content_injection_matches");
  if (json_is_true(json_object_get(payload, "complete")) && matches != NULL) {
    f->out->scanned = true;
    f->out->injecting = json_integer_value(matches);
    f->out->leaking = civ_json_integer(payload, "content_exfiltration_matches", 0);
  }
  json_decref(payload);
}

static void event(void *self, const civ_event *e)
{
  fold *f = self;
  const bool somebody = e->agent < f->out->n;
  civ_interaction settled;
  if (f->failed != CIV_OK || e->form == NULL)
    return;
  if (civ_settlement_of(e, f->config, &settled))
    judge(f, &settled);
  else if (e->type == CIV_EVENT_REPUTATION_UPDATED) {
    reach(f, e->epoch);
    if (somebody)
      f->reputation[e->agent] = e->values[UPDATED_NEW].real;
  } else if (strcmp(e->form->name, "security_report") == 0)
    take_report(f, e);
  else if (somebody && strcmp(e->form->name, "security_trust") == 0)
    take_trust(f, e);
  else if (somebody && strcmp(e->form->name, "agent_released") == 0)
    civ_monitor_release(f->out->monitor, e->agent);
}

static const civ_sink fold_sink = {
  .version = CIV_PART_VERSION,
  .name = "security report",
  .wants_events = true,
  .begin = begin,
  .interaction = interaction,
  .event = event,
  .step = step,
  .epoch = close_epoch,
};

/* --- all of it ------------------------------------------------------------------------------------------------------------------ */

civ_status civ_security_summary_read(const char *path, uint32_t k, bool strict, const civ_config *config,
                                     civ_security_summary *out, civ_error *err)
{
  const civ_simulation_config *simulation = civ_config_section(config, "simulation");
  civ_security_summary result = { 0 };
  fold f = { .out = &result,
             .config = config,
             .rules = civ_config_section(config, "governance"),
             .steps_per_epoch = (uint64_t)simulation->steps_per_epoch,
             .seed = simulation->seed.set ? (uint64_t)simulation->seed.value : 0,
             .seconds_per_step = simulation->seconds_per_step };
  const civ_replay_target target = { &fold_sink, &f };
  result.lever = f.rules->security_enabled;
  civ_status st = civ_log_replay(path, k, strict, &target, 1, &result.complete, &result.counts, err);
  if (st == CIV_OK && f.failed == CIV_OK)
    st = civ_monitor_finish(result.monitor, f.closed, f.identity ? f.trust : f.reputation, err);
  else if (st == CIV_OK) {
    st = f.failed;
    if (err != NULL)
      *err = f.error;
  }
  free(f.reputation);
  free(f.trust);
  if (st == CIV_OK)
    *out = result;
  else
    civ_security_summary_free(&result);
  return st;
}

void civ_security_summary_free(civ_security_summary *s)
{
  civ_monitor_destroy(s->monitor);
  free((void *)s->names);
  free(s->payoffs);
  *s = (civ_security_summary){ 0 };
}

civ_security_evaluation civ_security_summary_evaluate(const civ_security_summary *s)
{
  return civ_monitor_evaluate(s->monitor, civ_monitor_benign_payoff(s->monitor, s->payoffs), s->steps);
}

json_t *civ_security_summary_json(const civ_security_summary *s)
{
  civ_buffer text = { 0 }, more = { 0 };
  if (s->scanned)
    civ_buffer_format(&more, ", \"content_injection_matches\": %lld, \"content_exfiltration_matches\": %lld",
                      (long long)s->injecting, (long long)s->leaking);
  civ_buffer_add(&more, "", 1);
  if (!more.failed)
    civ_monitor_json(s->monitor, s->names, civ_monitor_benign_payoff(s->monitor, s->payoffs), s->steps, more.data,
                     &text);
  text.failed |= more.failed;
  civ_buffer_free(&more);
  return civ_json_of(&text);
}
