#include "lab/boundary_report.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "lab/roster.h"
#include "world/boundary_activity.h"
#include "world/boundary_build.h"
#include "world/boundary_text.h"

/* The gate's books kept again, from what was told. */
typedef struct fold {
  const civ_config *config;
  civ_boundary_summary *s;
  bool book_blocked;
  uint64_t reasons[CIV_BLOCKERS][CIV_BOUNDARY_CODES];
  bool pii, credentials, code; /* leaks of the request that is being told of */
  civ_status status;
  civ_error error;
} fold;

static void fail(fold *f, civ_status status, const char *what)
{
  if (f->status == CIV_OK)
    f->status = civ_fail(&f->error, status, "boundary", "%s", what);
}

static int choice(const char *word, const char *const *choices)
{
  for (int k = 0; choices[k] != NULL; k++)
    if (strcmp(choices[k], word) == 0)
      return k;
  return -1;
}

/* --- beginning ----------------------------------------------------------------------------------------------------------- */

static bool keep_names(civ_boundary_summary *s, const civ_roster *roster)
{
  s->names = civ_roster_names(roster);
  s->types = calloc((size_t)roster->n + 1, sizeof *s->types);
  if (s->names == NULL || s->types == NULL)
    return false;
  memcpy(s->types, roster->types, roster->n);
  s->agents = roster->n;
  return true;
}

static civ_status begin(void *self, const civ_roster *roster, const civ_columns *columns, civ_error *err)
{
  fold *f = self;
  const civ_boundary_sections sections = { civ_config_section(f->config, "boundaries"),
                                           civ_config_section(f->config, "boundaries.leakage"),
                                           civ_config_section(f->config, "boundaries.activity") };
  const civ_boundary_who who = { .agents = roster->n };
  (void)columns;
  if (!keep_names(f->s, roster))
    return civ_fail(err, CIV_E_NOMEM, "boundary", "out of memory for %u agents", roster->n);
  return f->s->on ? civ_gate_build(&f->s->gate, &sections, &who, &civ_allocator_malloc, err) : CIV_OK;
}

/* --- events ---------------------------------------------------------------------------------------------------------------- */

/* Policies were asked in order, up to the one that refused. */
static void count_policies(civ_gate *g, const char *refused_by)
{
  if (g->engine.n > 0)
    g->engine.evaluations++;
  for (uint32_t k = 0; k < g->engine.n; k++) {
    civ_rule *r = g->engine.rules[k];
    if (!r->enabled)
      continue;
    r->evaluations++;
    if (refused_by != NULL && strcmp(refused_by, r->name) == 0) {
      r->blocks++;
      return;
    }
  }
}

static civ_flow flow_of(fold *f, const civ_event *e, const json_t *payload)
{
  const civ_gate *g = &f->s->gate;
  const int direction = choice(civ_json_text(payload, "direction", ""), civ_direction_names);
  const civ_party outside =
      civ_gate_party_outside(g, civ_outside_find(&g->outside, civ_json_text(payload, "entity_id", "")));
  const bool in = direction == CIV_INBOUND;
  if (direction < 0)
    fail(f, CIV_E_FORMAT, "the log tells of a crossing without a direction");
  return (civ_flow){ .direction = (uint8_t)(in ? CIV_INBOUND : CIV_OUTBOUND),
                     .type = in ? CIV_FLOW_RESPONSE : CIV_FLOW_QUERY,
                     .source = in ? outside : e->agent,
                     .destination = in ? e->agent : outside,
                     .bytes = (uint64_t)civ_json_integer(payload, "size_bytes", 0),
                     .sensitivity = civ_json_real(payload, "sensitivity", 0),
                     .pii = !in && f->pii,
                     .credentials = !in && f->credentials,
                     .code = !in && f->code };
}

/* What the world outside kept of a request that reached it. */
static void count_outside(fold *f, const json_t *payload)
{
  civ_outside *o = &f->s->gate.outside;
  const uint32_t entity = civ_outside_find(o, civ_json_text(payload, "entity_id", ""));
  const bool success = civ_json_bool(payload, "success", false);
  const int code = choice(civ_json_text(payload, "code", "allowed"), civ_boundary_code_names);
  f->s->gate.counts.failures += !success;
  if (entity == CIV_NONE || (!success && code != CIV_BOUNDARY_SERVICE_UNAVAILABLE))
    return;
  const int action = choice(civ_json_text(payload, "action", ""), civ_activity_actions);
  civ_outside_count(o, entity, action >= 0 ? civ_activity_actions[action] : "other", success);
}

static void take_crossing(fold *f, const civ_event *e, const json_t *payload)
{
  civ_gate *g = &f->s->gate;
  const civ_flow flow = flow_of(f, e, payload);
  if (flow.direction == CIV_OUTBOUND) {
    g->counts.requests++;
    count_policies(g, NULL);
    count_outside(f, payload);
  }
  civ_flows_record(&g->flows, &flow);
  f->pii = f->credentials = f->code = false;
}

static void take_blocked(fold *f, const civ_event *e, const json_t *payload)
{
  civ_gate *g = &f->s->gate;
  const int by = choice(civ_json_text(payload, "by", ""), civ_blocked_by_names);
  const int reason = choice(civ_json_text(payload, "reason", ""), civ_boundary_code_names);
  const char *policy = civ_json_text(payload, "policy", NULL);
  civ_flow flow = flow_of(f, e, payload);
  if (by < 0 || reason < 0) {
    fail(f, CIV_E_FORMAT, "the log tells of a refusal at the boundary for a reason this version does not know");
    return;
  }
  g->counts.blocked[by]++;
  f->reasons[by][reason]++;
  if (flow.direction == CIV_OUTBOUND) {
    g->counts.requests++;
    if (policy == NULL || strcmp(policy, civ_gate_name) != 0)
      count_policies(g, by == CIV_BY_POLICY && policy != NULL && strcmp(policy, civ_scan_name) != 0 ? policy : NULL);
  }
  flow.blocked = true;
  if (f->book_blocked)
    civ_flows_record(&g->flows, &flow);
  f->pii = f->credentials = f->code = false;
}

static void take_leak(fold *f, const civ_event *e, const json_t *payload)
{
  civ_gate *g = &f->s->gate;
  const int type = choice(civ_json_text(payload, "leakage_type", ""), civ_leak_type_names);
  const civ_party to =
      civ_gate_party_outside(g, civ_outside_find(&g->outside, civ_json_text(payload, "destination_id", "")));
  if (type < 0) {
    fail(f, CIV_E_FORMAT, "the log tells of a leak of a type this version does not know");
    return;
  }
  if (civ_leaks_reserve(&g->leaks, 1) != CIV_OK) {
    fail(f, CIV_E_NOMEM, "out of memory");
    return;
  }
  const civ_leak leak = { .type = (uint8_t)type, .severity = civ_json_real(payload, "severity", 0) };
  civ_leaks_record(&g->leaks, e->agent, to, &leak, civ_json_bool(payload, "blocked", false),
                   strtoull(civ_json_text(payload, "content_hash", "0"), NULL, 16));
  f->pii |= type == CIV_LEAK_PII;
  f->credentials |= type == CIV_LEAK_CREDENTIAL;
  f->code |= type == CIV_LEAK_CODE;
}

static void take_wall(fold *f, const char *name, const json_t *payload)
{
  civ_wall_summary *w = &f->s->wall;
  if (strcmp(name, "permeability_adjusted") == 0) {
    w->adjusted++;
    w->effective = civ_json_real(payload, "effective_permeability", w->effective);
    w->threat = civ_json_real(payload, "threat_level", w->threat);
  } else if (civ_json_bool(payload, "blocked", false)) {
    w->blocked++;
  } else {
    w->spillovers++;
    w->harm += civ_json_real(payload, "harm_magnitude", 0);
  }
}

static void event(void *self, const civ_event *e)
{
  static const struct {
    const char *name;
    void (*take)(fold *f, const civ_event *e, const json_t *payload);
  } takers[] = { { "boundary_crossing", take_crossing },
                 { "boundary_blocked", take_blocked },
                 { "leakage_detected", take_leak } };
  fold *f = self;
  if (f->status != CIV_OK || e->form == NULL || e->values[0].text == NULL || !(e->form->flags & CIV_FORM_FREE_PAYLOAD))
    return;
  const char *name = e->form->name;
  const bool wall = strcmp(name, "permeability_adjusted") == 0 || strcmp(name, "spillover_detected") == 0;
  size_t k = 0;
  while (k < sizeof takers / sizeof *takers && strcmp(name, takers[k].name) != 0)
    k++;
  if (!wall && k == sizeof takers / sizeof *takers)
    return;
  json_t *payload = json_loads(e->values[0].text, 0, NULL);
  if (wall)
    take_wall(f, name, payload);
  else if (!f->s->on || e->agent >= f->s->agents)
    fail(f, CIV_E_FORMAT, "the log tells of a boundary or an agent that its run does not have");
  else
    takers[k].take(f, e, payload);
  json_decref(payload);
}

static const civ_sink fold_sink = {
  .version = CIV_PART_VERSION, .name = "boundary report", .wants_events = true, .begin = begin, .event = event
};

/* --- the end ----------------------------------------------------------------------------------------------------------------- */

static int by_frequency(const void *a, const void *b)
{
  const civ_boundary_reason *x = a, *y = b;
  if (x->n != y->n)
    return x->n < y->n ? 1 : -1;
  const int by = strcmp(x->by, y->by);
  return by != 0 ? by : strcmp(x->reason, y->reason);
}

static void list_reasons(const fold *f, civ_boundary_summary *s)
{
  for (int by = 0; by < CIV_BLOCKERS; by++)
    for (int code = 0; code < CIV_BOUNDARY_CODES; code++)
      if (f->reasons[by][code] > 0)
        s->reasons[s->n_reasons++] =
            (civ_boundary_reason){ civ_blocked_by_names[by], civ_boundary_code_names[code], f->reasons[by][code] };
  qsort(s->reasons, s->n_reasons, sizeof *s->reasons, by_frequency);
}

static bool section_on(const civ_config *config, const char *name, bool enabled)
{
  return civ_config_given(config, name) && enabled;
}

civ_status civ_boundary_summary_read(const char *path, uint32_t k, bool strict, const civ_config *config,
                                     civ_boundary_summary *out, civ_error *err)
{
  const civ_boundaries_config *rules = civ_config_section(config, "boundaries");
  const civ_permeability_config *wall = civ_config_section(config, "permeability");
  civ_boundary_summary result = { .on = section_on(config, "boundaries", rules->enabled),
                                  .wall = { .on = section_on(config, "permeability", wall->enabled),
                                            .effective = wall->base_permeability,
                                            .threat = wall->threat_level } };
  fold f = { .config = config, .s = &result, .book_blocked = rules->book_blocked };
  const civ_replay_target target = { &fold_sink, &f };
  civ_status status = civ_log_replay(path, k, strict, &target, 1, &result.complete, &result.counts, err);
  if (status == CIV_OK && f.status != CIV_OK) {
    status = f.status;
    if (err != NULL)
      *err = f.error;
  }
  if (status == CIV_OK) {
    list_reasons(&f, &result);
    *out = result;
  } else {
    civ_boundary_summary_free(&result);
  }
  return status;
}

void civ_boundary_summary_free(civ_boundary_summary *s)
{
  free((void *)s->names);
  free(s->types);
  civ_gate_fini(&s->gate);
  *s = (civ_boundary_summary){ 0 };
}

json_t *civ_boundary_summary_json(const civ_boundary_summary *s)
{
  const civ_boundary_names names = { s->names, s->types };
  civ_buffer text = { 0 };
  civ_buffer_text(&text, "{\"boundary\": ");
  if (s->on)
    civ_boundary_report_json(&s->gate, &names, &text);
  else
    civ_buffer_text(&text, "null");
  civ_buffer_text(&text, "}");
  return civ_json_of(&text);
}
