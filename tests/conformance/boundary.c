/* boundary.c - how the cases of chapter 06 about boundaries meet the library. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "conformance.h"
#include "world/boundary_build.h"
#include "world/boundary_report.h"
#include "world/boundary_text.h"

static double number(const json_t *object, const char *key, double otherwise)
{
  const json_t *value = json_object_get(object, key);
  return json_is_number(value) ? json_number_value(value) : otherwise;
}

static const char *text(const json_t *object, const char *key, const char *otherwise)
{
  const json_t *value = json_object_get(object, key);
  return json_is_string(value) ? json_string_value(value) : otherwise;
}

static int choice(const char *word, const char *const *choices)
{
  for (int k = 0; choices[k] != NULL; k++)
    if (strcmp(choices[k], word) == 0)
      return k;
  return 0;
}

/* --- names as numbers ------------------------------------------------------------------------------------------------------ */

enum { MOST = 64 };

typedef struct names {
  const char *items[MOST];
  uint32_t n;
} names;

static uint32_t name_of(names *list, const char *name)
{
  uint32_t k = 0;
  while (k < list->n && strcmp(list->items[k], name) != 0)
    k++;
  if (k == list->n && k < MOST)
    list->items[list->n++] = name;
  return k;
}

/* --- texts -------------------------------------------------------------------------------------------------------------------- */

static civ_scanner *scanner_with(const json_t *custom)
{
  static const char *items[CIV_LEAK_TYPES][MOST];
  const char *types[CIV_LEAK_TYPES];
  civ_text_list lists[CIV_LEAK_TYPES];
  civ_list_map map = { types, lists, 0 };
  civ_scanner *s = NULL;
  const char *type;
  json_t *patterns;
  json_object_foreach((json_t *)(uintptr_t)custom, type, patterns)
  {
    size_t k;
    const json_t *one;
    types[map.n] = type;
    json_array_foreach(patterns, k, one) items[map.n][k] = json_string_value(one);
    lists[map.n] = (civ_text_list){ items[map.n], (uint32_t)json_array_size(patterns) };
    map.n++;
  }
  if (civ_scanner_create(&map, NULL, &civ_allocator_malloc, &s, NULL) != CIV_OK)
    return NULL;
  return s;
}

static conformance_outcome content_sensitivity(const conformance_case *c)
{
  civ_scanner *s = scanner_with(NULL);
  const char *content = text(c->input, "text", "");
  const civ_pattern *at;
  const double score = civ_scanner_sensitivity(s, content, strlen(content), &at);
  civ_scanner_destroy(s);
  return conformance_answer(json_pack("{s:f}", "score", score));
}

static conformance_outcome canonical_text(const conformance_case *c)
{
  civ_buffer out = { 0 };
  size_t length, scanned;
  json_t *answer = NULL;
  if (civ_payload_text(json_object_get(c->input, "payload"), false, &out, &length, &scanned) == CIV_OK)
    answer = json_pack("{s:s%, s:I, s:I}", "text", out.data, length, "chars",
                       (json_int_t)civ_utf8_characters(out.data, length), "bytes", (json_int_t)length);
  civ_buffer_free(&out);
  return answer ? conformance_answer(answer) : conformance_refuse();
}

static json_t *leaks_json(const civ_scanner *s, const civ_leak *leaks, int n)
{
  json_t *events = json_array();
  for (int k = 0; k < n; k++) {
    json_t *event = json_pack("{s:s, s:f, s:s}", "type", civ_leak_type_names[leaks[k].type], "severity",
                              leaks[k].severity, "label", civ_severity_names[civ_severity_rank(leaks[k].severity)]);
    if (leaks[k].keywords == 0) {
      json_object_set_new(event, "matches", json_integer(leaks[k].matches));
    } else {
      const civ_text_list *keywords = civ_scanner_keywords(s);
      json_t *found = json_array();
      for (uint32_t i = 0; i < keywords->n; i++)
        if (leaks[k].keywords >> i & 1u)
          json_array_append_new(found, json_string(keywords->items[i]));
      json_object_set_new(event, "keywords", found);
    }
    json_array_append_new(events, event);
  }
  return events;
}

static conformance_outcome leakage_scan(const conformance_case *c)
{
  civ_scanner *s = scanner_with(json_object_get(c->input, "custom"));
  const char *content = text(c->input, "text", "");
  civ_leak leaks[CIV_MOST_LEAKS];
  const civ_pattern *at;
  if (s == NULL)
    return conformance_refuse();
  const int n = civ_scanner_leaks(s, content, strlen(content), leaks, &at);
  json_t *events = leaks_json(s, leaks, n < 0 ? 0 : n);
  civ_scanner_destroy(s);
  return conformance_answer(json_pack("{s:o}", "events", events));
}

/* --- reports ------------------------------------------------------------------------------------------------------------------ */

static json_t *counts_json(const char *const *labels, const uint64_t *counts, int n)
{
  json_t *map = json_object();
  for (int k = 0; k < n; k++)
    if (counts[k] > 0)
      json_object_set_new(map, labels[k], json_integer((json_int_t)counts[k]));
  return map;
}

static json_t *top_json(civ_top top, const char *const *labels)
{
  json_t *list = json_array();
  for (int k = 0; k < top.n; k++)
    json_array_append_new(list, json_pack("[s, I]", labels[top.party[k]], (json_int_t)top.count[k]));
  return list;
}

static json_t *advice_json(const civ_leaks *l, const char *const *labels)
{
  uint8_t advice[CIV_LEAK_ADVICES];
  civ_party whom;
  json_t *list = json_array();
  const int n = civ_leaks_advice(l, advice, &whom);
  for (int k = 0; k < n; k++) {
    char name[128];
    snprintf(name, sizeof name, "%s%s%s", civ_leak_advice_names[advice[k]], advice[k] == CIV_REVIEW_AGENT ? ":" : "",
             advice[k] == CIV_REVIEW_AGENT ? labels[whom] : "");
    json_array_append_new(list, json_string(name));
  }
  return list;
}

static conformance_outcome leakage_report(const conformance_case *c)
{
  civ_scanner *s = scanner_with(NULL);
  civ_leaks l;
  names parties = { .n = 0 };
  const json_t *scan;
  size_t k;
  if (civ_leaks_init(&l, MOST, &civ_allocator_malloc) != CIV_OK || civ_leaks_reserve(&l, 1000) != CIV_OK)
    return conformance_refuse();
  json_array_foreach(json_object_get(c->input, "scans"), k, scan)
  {
    const char *content = text(scan, "text", "");
    civ_leak leaks[CIV_MOST_LEAKS];
    const civ_pattern *at;
    const int n = civ_scanner_leaks(s, content, strlen(content), leaks, &at);
    for (int i = 0; i < n; i++)
      civ_leaks_record(&l, name_of(&parties, text(scan, "agent", "")), name_of(&parties, text(scan, "destination", "")),
                       &leaks[i], false, k);
  }
  json_t *answer = json_pack(
      "{s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:f, s:f, s:o}", "total_events", (json_int_t)l.sum.total, "blocked",
      (json_int_t)l.sum.blocked, "unblocked", (json_int_t)(l.sum.total - l.sum.blocked), "by_type",
      counts_json(civ_leak_type_names, l.sum.by_type, CIV_LEAK_TYPES), "by_severity",
      counts_json(civ_severity_names, l.sum.by_severity, 4), "top_agents",
      top_json(civ_leaks_top_agents(&l), parties.items), "top_destinations",
      top_json(civ_leaks_top_destinations(&l), parties.items), "avg_severity", civ_leaks_mean_severity(&l.sum),
      "max_severity", l.sum.most, "recommendations", advice_json(&l, parties.items));
  civ_leaks_fini(&l);
  civ_scanner_destroy(s);
  return conformance_answer(answer);
}

/* --- policies ------------------------------------------------------------------------------------------------------------------- */

static json_t *decision_json(const civ_decision *d)
{
  return json_pack("{s:b, s:s, s:s, s:f}", "allowed", d->allowed, "policy", d->policy, "code",
                   civ_boundary_code_names[d->code], "risk_score", d->risk);
}

static json_t *stats_json(const civ_engine *e)
{
  json_t *map = json_object();
  for (uint32_t k = 0; k < e->n; k++) {
    const civ_rule *r = e->rules[k];
    json_object_set_new(map, r->name,
                        json_pack("{s:b, s:I, s:I, s:f}", "enabled", r->enabled, "evaluations",
                                  (json_int_t)r->evaluations, "blocks", (json_int_t)r->blocks, "block_rate",
                                  (double)r->blocks / (double)(r->evaluations ? r->evaluations : 1)));
  }
  return map;
}

static conformance_outcome default_engine(const conformance_case *c)
{
  civ_scanner *s = scanner_with(NULL);
  civ_engine e;
  const civ_clearances who = { .agents = 1 };
  json_t *decisions = json_array();
  const json_t *one;
  size_t k;
  civ_engine_init(&e, &civ_allocator_malloc);
  if (civ_engine_add_default(&e, &who, NULL) != CIV_OK)
    return conformance_refuse();
  json_array_foreach(json_object_get(c->input, "crossings"), k, one)
  {
    const char *content = text(one, "content", "");
    const civ_crossing crossing = { .direction =
                                        (uint8_t)choice(text(one, "direction", "outbound"), civ_direction_names),
                                    .content = civ_content_plain(content, strlen(content)),
                                    .sensitivity = number(one, "sensitivity", 0) };
    const civ_decision d = civ_engine_decide(&e, civ_scanner_matcher(s), &crossing);
    json_array_append_new(decisions, decision_json(&d));
  }
  json_t *answer = json_pack("{s:o, s:o, s:I}", "decisions", decisions, "stats", stats_json(&e), "total_evaluations",
                             (json_int_t)e.evaluations);
  civ_engine_fini(&e);
  civ_scanner_destroy(s);
  return conformance_answer(answer);
}

/* One rule made of settings, asked once. */
static conformance_outcome ask_rule(const civ_policy_settings *settings, const civ_clearances *who, const char *content,
                                    uint8_t direction, double sensitivity, bool with_pending)
{
  civ_scanner *s = scanner_with(NULL);
  civ_engine e;
  civ_rule *rule = NULL;
  civ_engine_init(&e, &civ_allocator_malloc);
  if (civ_engine_make(&e, settings, false, who, "case", 0, &rule, NULL) != CIV_OK ||
      civ_engine_add(&e, rule) != CIV_OK) {
    civ_engine_fini(&e);
    civ_scanner_destroy(s);
    return conformance_refuse();
  }
  const civ_crossing crossing = { .direction = direction,
                                  .content = civ_content_plain(content, strlen(content)),
                                  .sensitivity = sensitivity };
  const civ_decision d = civ_rule_decide(rule, civ_scanner_matcher(s), &crossing);
  json_t *answer = decision_json(&d);
  if (with_pending)
    json_object_set_new(answer, "pending_approvals", json_integer((json_int_t)rule->pending_approvals));
  if (settings->kind == CIV_POLICY_COMPOSITE) {
    json_t *children = json_array();
    for (uint32_t k = 0; !d.allowed && k < rule->n_members; k++)
      if (!rule->answers[k].allowed)
        json_array_append_new(children, json_string(civ_boundary_code_names[rule->answers[k].code]));
    json_object_set_new(answer, "children", children);
  }
  if (!with_pending)
    json_object_del(answer, "policy");
  civ_engine_fini(&e);
  civ_scanner_destroy(s);
  return conformance_answer(answer);
}

static conformance_outcome sensitivity_policy(const conformance_case *c)
{
  static const char *const agents[] = { "a" };
  const char *keys[MOST];
  double levels[MOST];
  civ_clearances who = { .agents = 1, .names = agents, .levels = { keys, levels, 0 } };
  const char *key;
  json_t *level;
  json_object_foreach(json_object_get(c->input, "clearances"), key, level)
  {
    keys[who.levels.n] = key;
    levels[who.levels.n++] = json_number_value(level);
  }
  const civ_policy_settings settings = { .kind = CIV_POLICY_SENSITIVITY,
                                         .enabled = true,
                                         .max_outbound_sensitivity = number(c->input, "max_outbound_sensitivity", 0.5),
                                         .require_approval_above = number(c->input, "require_approval_above", 0.7) };
  return ask_rule(&settings, &who, "x", (uint8_t)choice(text(c->input, "direction", "outbound"), civ_direction_names),
                  number(c->input, "sensitivity", 0), true);
}

static civ_text_list list_of(const json_t *list, const char **items)
{
  for (size_t k = 0; k < json_array_size(list) && k < MOST; k++)
    items[k] = json_string_value(json_array_get(list, k));
  return (civ_text_list){ items, (uint32_t)json_array_size(list) };
}

static conformance_outcome content_filter(const conformance_case *c)
{
  const char *patterns[MOST], *words[MOST];
  const civ_clearances who = { .agents = 1 };
  const civ_policy_settings settings = {
    .kind = CIV_POLICY_CONTENT_FILTER,
    .enabled = true,
    .blocked_patterns = list_of(json_object_get(c->input, "blocked_patterns"), patterns),
    .blocked_keywords = list_of(json_object_get(c->input, "blocked_keywords"), words),
    .max_content_length = (int64_t)number(c->input, "max_content_length", 100000)
  };
  return ask_rule(&settings, &who, text(c->input, "content", ""), CIV_OUTBOUND, 0, false);
}

/* Members in the form of a scenario. */
static conformance_outcome composite(const conformance_case *c)
{
  const civ_clearances who = { .agents = 1 };
  json_t *members = json_array();
  const json_t *one;
  size_t k;
  json_array_foreach(json_object_get(c->input, "policies"), k, one)
  {
    const bool content = strcmp(text(one, "kind", ""), "content") == 0;
    json_t *member = json_pack("{s:s, s:b}", "kind", content ? "content_filter" : "sensitivity", "enabled",
                               !json_is_false(json_object_get(one, "enabled")));
    if (content)
      json_object_set(member, "blocked_keywords", json_object_get(one, "keywords"));
    else
      json_object_set_new(member, "max_outbound_sensitivity", json_real(number(one, "max", 0.5)));
    json_array_append_new(members, member);
  }
  char *json = json_dumps(members, 0);
  const civ_policy_settings settings = { .kind = CIV_POLICY_COMPOSITE,
                                         .enabled = !json_is_false(json_object_get(c->input, "enabled")),
                                         .policies = { json, 0 },
                                         .require_all = !json_is_false(json_object_get(c->input, "require_all")) };
  const conformance_outcome outcome =
      ask_rule(&settings, &who, text(c->input, "content", ""), CIV_OUTBOUND, number(c->input, "sensitivity", 0), false);
  json_decref(members);
  free(json);
  return outcome;
}

static conformance_outcome rate_limit_sequence(const conformance_case *c)
{
  civ_rate_limiter limiter;
  names agents = { .n = 0 };
  json_t *decisions = json_array();
  const json_t *one;
  size_t k;
  json_int_t evaluations = 0, blocks = 0;
  const bool each = !json_is_false(json_object_get(c->input, "per_agent"));
  if (civ_rate_init(&limiter, (int64_t)number(c->input, "max_crossings_per_minute", 60),
                    (int64_t)number(c->input, "max_bytes_per_minute", 1000000), MOST, &civ_allocator_malloc) != CIV_OK)
    return conformance_refuse();
  json_array_foreach(json_object_get(c->input, "seq"), k, one)
  {
    const uint32_t key = name_of(&agents, text(one, "agent", ""));
    const civ_boundary_code code =
        civ_rate_ask(&limiter, each ? key : 0, number(one, "t_seconds", 0), (uint64_t)number(one, "bytes", 0));
    evaluations++;
    blocks += code != CIV_BOUNDARY_ALLOWED;
    json_array_append_new(decisions, json_pack("{s:b, s:s}", "allowed", code == CIV_BOUNDARY_ALLOWED, "code",
                                               civ_boundary_code_names[code]));
  }
  civ_rate_fini(&limiter);
  return conformance_answer(
      json_pack("{s:o, s:I, s:I}", "decisions", decisions, "evaluations", evaluations, "blocks", blocks));
}

/* --- flows ---------------------------------------------------------------------------------------------------------------------- */

static json_t *anomalies_json(const civ_flows *f, bool types_only)
{
  civ_anomaly found[CIV_ANOMALIES];
  json_t *list = json_array();
  const int n = civ_flows_anomalies(f, found);
  for (int k = 0; k < n; k++)
    json_array_append_new(list, types_only
                                    ? json_string(civ_anomaly_names[found[k].type])
                                    : json_pack("{s:s, s:s, s:f}", "type", civ_anomaly_names[found[k].type], "severity",
                                                civ_anomaly_severities[found[k].type], "value", found[k].value));
  return list;
}

static json_t *summary_json(const civ_flows *f)
{
  const civ_flow_totals *s = &f->sum;
  return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:f}", "total", (json_int_t)s->total, "inbound",
                   (json_int_t)s->inbound, "outbound", (json_int_t)s->outbound, "bytes_in", (json_int_t)s->bytes_in,
                   "bytes_out", (json_int_t)s->bytes_out, "blocked", (json_int_t)s->blocked, "sensitive",
                   (json_int_t)s->sensitive, "avg_sensitivity", civ_flows_mean_sensitivity(s));
}

static conformance_outcome flow_summary(const conformance_case *c)
{
  civ_flows f;
  names parties = { .n = 0 };
  const json_t *one;
  size_t k;
  if (civ_flows_init(&f, MOST, number(c->input, "sensitivity_threshold", 0.5), &civ_allocator_malloc) != CIV_OK)
    return conformance_refuse();
  json_array_foreach(json_object_get(c->input, "flows"), k, one)
  {
    civ_flow flow = { .direction = (uint8_t)choice(text(one, "direction", ""), civ_direction_names),
                      .type = (uint8_t)choice(text(one, "type", "data"), civ_flow_type_names),
                      .bytes = (uint64_t)number(one, "size", 0),
                      .sensitivity = number(one, "sensitivity", 0),
                      .blocked = json_is_true(json_object_get(one, "blocked")),
                      .pii = json_is_true(json_object_get(one, "pii")),
                      .credentials = json_is_true(json_object_get(one, "credentials")) };
    flow.source = name_of(&parties, text(one, "source", ""));
    flow.destination = name_of(&parties, text(one, "destination", ""));
    civ_flows_record(&f, &flow);
  }
  json_t *answer = summary_json(&f);
  json_object_set_new(answer, "by_type", counts_json(civ_flow_type_names, f.sum.by_type, CIV_FLOW_TYPES));
  json_object_set_new(answer, "max_sensitivity", json_real(f.sum.most_sensitive));
  json_object_set_new(answer, "pii", json_integer((json_int_t)f.sum.pii));
  json_object_set_new(answer, "credentials", json_integer((json_int_t)f.sum.credentials));
  json_object_set_new(answer, "top_sources", top_json(civ_flows_top_sources(&f), parties.items));
  json_object_set_new(answer, "top_destinations", top_json(civ_flows_top_destinations(&f), parties.items));
  json_object_set_new(answer, "anomalies", anomalies_json(&f, false));
  civ_flows_fini(&f);
  return conformance_answer(answer);
}

/* --- the gate ------------------------------------------------------------------------------------------------------------------- */

static char *entities_text(const json_t *input)
{
  json_t *list = json_array();
  const json_t *one;
  size_t k;
  json_array_foreach(json_object_get(input, "entities"), k, one) json_array_append_new(
      list, json_pack("{s:s, s:s, s:s, s:f}", "entity_id", text(one, "id", ""), "name", text(one, "id", ""),
                      "entity_type", text(one, "type", "unknown"), "trust_level", number(one, "trust", 0.5)));
  char *json = json_dumps(list, 0);
  json_decref(list);
  return json;
}

static json_t *request(civ_gate *g, const json_t *one, names *agents, civ_draws *draws)
{
  civ_buffer content = { 0 };
  civ_answer answer;
  char by[64];
  size_t length, scanned;
  if (civ_payload_text(json_object_get(one, "payload"), false, &content, &length, &scanned) != CIV_OK ||
      civ_gate_reserve(g, 1) != CIV_OK)
    return json_null();
  const civ_request r = { .agent = name_of(agents, text(one, "agent", "")),
                          .entity = civ_outside_find(&g->outside, text(one, "entity", "")),
                          .name = text(one, "entity", ""),
                          .action = text(one, "action", ""),
                          .content = civ_content_plain(content.data, length) };
  civ_gate_request(g, &r, draws, &answer);
  civ_buffer_free(&content);
  snprintf(by, sizeof by, "%s%s", answer.by == CIV_BY_POLICY ? answer.policy ? answer.policy : "" : "leakage:",
           answer.by == CIV_BY_POLICY ? "" : civ_leak_type_names[answer.leak]);
  return json_pack("{s:b, s:b, s:o}", "success", answer.success, "blocked", answer.blocked, "by",
                   answer.blocked ? json_string(by) : json_null());
}

static json_t *outside_json(const civ_gate *g)
{
  const civ_outside_totals *o = &g->outside.sum;
  json_t *actions = json_object();
  for (int k = 0; k < CIV_MOST_ACTIONS && g->outside.actions[k].name != NULL; k++)
    json_object_set_new(actions, g->outside.actions[k].name, json_integer((json_int_t)g->outside.actions[k].n));
  return json_pack("{s:I, s:o, s:o, s:f, s:f, s:I, s:I, s:I}", "total_interactions", (json_int_t)o->interactions,
                   "by_entity_type", counts_json(civ_entity_type_names, o->by_type, CIV_ENTITY_TYPES), "by_action",
                   actions, "success_rate", civ_outside_success_rate(o), "avg_trust_level", civ_outside_mean_trust(o),
                   "total_outbound_calls", (json_int_t)o->interactions, "total_inbound_data",
                   (json_int_t)o->inbound_data, "blocked_attempts", (json_int_t)g->counts.blocked[CIV_BY_POLICY]);
}

static json_t *gate_json(const civ_gate *g, json_t *results, const names *agents)
{
  const civ_leak_totals *l = &g->leaks.sum;
  json_t *blocks = json_object();
  for (uint32_t k = 0; k < g->engine.n; k++)
    json_object_set_new(blocks, g->engine.rules[k]->name, json_integer((json_int_t)g->engine.rules[k]->blocks));
  json_t *leakage = json_pack(
      "{s:I, s:I, s:o, s:f, s:f, s:o}", "total_events", (json_int_t)l->total, "blocked", (json_int_t)l->blocked,
      "by_type", counts_json(civ_leak_type_names, l->by_type, CIV_LEAK_TYPES), "avg_severity",
      civ_leaks_mean_severity(l), "max_severity", l->most, "recommendations", advice_json(&g->leaks, agents->items));
  return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "results", results, "flows", summary_json(&g->flows),
                   "external_world", outside_json(g), "leakage", leakage, "anomalies", anomalies_json(&g->flows, true),
                   "policy_blocks", blocks);
}

static conformance_outcome handler_sequence(const conformance_case *c)
{
  char *entities = entities_text(c->input);
  const civ_boundaries_config rules = { .enabled = true,
                                        .sensitivity_threshold = number(c->input, "sensitivity_threshold", 0.5),
                                        .minutes_per_step = 1,
                                        .default_world = true,
                                        .entities = { entities, 0 },
                                        .default_policies = true,
                                        .max_interactions_per_epoch = 1000 };
  const civ_boundary_leakage_config leakage = { .block_severity = 0.7 };
  const civ_boundary_sections sections = { &rules, &leakage, NULL };
  const civ_boundary_who who = { .agents = MOST };
  const civ_draw_key key = { .purpose = CIV_PURPOSE_FUZZ };
  civ_draws draws = civ_draws_open(1, &key);
  names agents = { .n = 0 };
  json_t *results = json_array();
  const json_t *one;
  size_t k;
  civ_gate g;
  if (civ_gate_build(&g, &sections, &who, &civ_allocator_malloc, NULL) != CIV_OK) {
    free(entities);
    return conformance_refuse();
  }
  g.plain_library = g.outside.unlimited = true;
  for (uint32_t i = 0; i < g.outside.n; i++)
    g.outside.entities[i].reliability = 1;
  json_array_foreach(json_object_get(c->input, "requests"), k, one)
      json_array_append_new(results, request(&g, one, &agents, &draws));
  json_t *answer = gate_json(&g, results, &agents);
  civ_gate_fini(&g);
  free(entities);
  return conformance_answer(answer);
}

const conformance_adapter conformance_boundary[] = { { "content_sensitivity", content_sensitivity },
                                                     { "canonical_text", canonical_text },
                                                     { "leakage_scan", leakage_scan },
                                                     { "leakage_report", leakage_report },
                                                     { "default_engine", default_engine },
                                                     { "sensitivity_policy", sensitivity_policy },
                                                     { "content_filter", content_filter },
                                                     { "composite", composite },
                                                     { "rate_limit_sequence", rate_limit_sequence },
                                                     { "flow_summary", flow_summary },
                                                     { "handler_sequence", handler_sequence },
                                                     { NULL, NULL } };
