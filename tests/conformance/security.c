/* Cases of security: the pure rules, the analyser by itself, and the lever at an epoch's start. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "conformance.h"
#include "court.h"
#include "govern/security.h"
#include "records.h"

/* --- rules -------------------------------------------------------------------------------------------------------------------- */

/* Section governance with these keys and the rest at its defaults. */
static bool rules_of(const json_t *config, civ_registry **registry, civ_config **made)
{
  json_t *governance = config != NULL ? json_deep_copy(config) : json_object();
  json_object_set_new(governance, "security_enabled", json_true());
  json_t *scenario = json_pack("{s:[{s:s}], s:o}", "agents", "type", "honest", "governance", governance);
  civ_buffer text = { 0 };
  civ_error err;
  civ_json_write(&text, scenario, 0);
  json_decref(scenario);
  civ_status st = civ_registry_create_default(registry, &err);
  if (st == CIV_OK)
    st = civ_scenario_parse(*registry, "case", text.data, text.length, 0, made, NULL, &err);
  civ_buffer_free(&text);
  return st == CIV_OK;
}

/* --- pure rules --------------------------------------------------------------------------------------------------------------- */

static conformance_outcome injection_score(const conformance_case *k)
{
  conformance_roll r = { 0 };
  const civ_interaction record = conformance_record(&r, json_object_get(k->input, "interaction"), 1);
  free(r.names);
  return conformance_answer(json_pack("{s:f}", "score", civ_injection_score(&record)));
}

static conformance_outcome realtime_threat(const conformance_case *k)
{
  json_t *config = json_object_get(k->input, "config"), *keys = config != NULL ? json_deep_copy(config) : json_object();
  civ_registry *registry = NULL;
  civ_config *made = NULL;
  conformance_roll r = { 0 };
  conformance_outcome outcome = conformance_refuse();
  const civ_interaction record = conformance_record(&r, json_object_get(k->input, "interaction"), 1);
  json_object_set_new(keys, "security_realtime_penalty", json_true());
  if (rules_of(keys, &registry, &made)) {
    const civ_monitor_rules rules = civ_monitor_rules_of(civ_config_section(made, "governance"));
    const civ_realtime_charge c =
        civ_realtime_charge_of(&rules, &record, civ_json_real(k->input, "initiator_threat", 0));
    outcome = conformance_answer(json_pack("{s:f, s:s, s:f, s:f}", "score", c.score, "type", civ_threat_names[c.likely],
                                           "cost_a", c.cost_a, "cost_b", c.cost_b));
  }
  json_decref(keys);
  free(r.names);
  civ_config_destroy(made);
  civ_registry_destroy(registry);
  return outcome;
}

static conformance_outcome threat_trend(const conformance_case *k)
{
  const json_t *list = json_object_get(k->input, "levels");
  const size_t n = json_array_size(list);
  double *levels = calloc(n + 1, sizeof *levels);
  for (size_t i = 0; i < n; i++)
    levels[i] = json_number_value(json_array_get(list, i));
  const civ_trend t = civ_threat_trend(levels, n, (size_t)civ_json_integer(k->input, "window", 5));
  free(levels);
  json_t *answer = json_pack("{s:f, s:f}", "trend", t.trend, "acceleration", t.acceleration);
  if (t.known) {
    json_object_set_new(answer, "current_level", json_real(t.current_level));
    json_object_set_new(answer, "max_level", json_real(t.max_level));
  }
  return conformance_answer(answer);
}

static conformance_outcome containment_effectiveness(const conformance_case *k)
{
  const json_t *list = json_object_get(k->input, "contained");
  const size_t n = json_array_size(list);
  bool *contained = calloc(n + 1, sizeof *contained);
  for (size_t i = 0; i < n; i++)
    contained[i] = json_is_true(json_array_get(list, i));
  const double value = civ_containment_effectiveness(contained, n);
  free(contained);
  return conformance_answer(json_pack("{s:f}", "value", value));
}

static conformance_outcome dedupe_chains(const conformance_case *k)
{
  json_t *paths = json_object_get(k->input, "paths"), *path, *answer = json_array();
  size_t n = json_array_size(paths), i;
  civ_chain *chains = calloc(n + 1, sizeof *chains);
  civ_arena scratch = civ_arena_create(NULL);
  conformance_roll r = { 0 };
  char id[32];
  json_array_foreach(paths, i, path)
  {
    civ_chain *c = &chains[i];
    c->number = (uint32_t)i;
    c->n_path = (uint32_t)json_array_size(path);
    for (uint32_t a = 0; a < c->n_path && a < CIV_CHAIN_AGENTS; a++)
      c->path[a] = conformance_number(&r, json_string_value(json_array_get(path, a)));
    c->origin = c->path[0];
    c->depth = c->n_path - 1;
  }
  const civ_status st = civ_chains_deduplicate(chains, &n, r.n, &scratch);
  for (i = 0; st == CIV_OK && i < n; i++) {
    snprintf(id, sizeof id, "chain_%u", chains[i].number);
    json_array_append_new(answer, json_string(id));
  }
  civ_arena_destroy(&scratch);
  free(chains);
  free(r.names);
  return conformance_answer(answer);
}

/* --- the analyser ---------------------------------------------------------------------------------------------------------------- */

static json_t *report_json(const civ_security_report *report, const conformance_roll *r)
{
  civ_buffer text = { 0 };
  civ_security_report_json(&text, report, r->names);
  json_t *answer = json_loadb(text.data, text.length, 0, NULL);
  civ_buffer_free(&text);
  return answer;
}

static json_t *analyse(const conformance_case *k, const json_t *list, const civ_security_rules *rules)
{
  const json_t *trust_of = json_object_get(k->input, "trust");
  const uint32_t n = (uint32_t)json_array_size(list);
  conformance_roll r = { 0 };
  json_t *name, *answer = NULL;
  size_t i;
  json_array_foreach(json_object_get(k->input, "agents"), i, name) conformance_number(&r, json_string_value(name));
  const uint32_t given = r.n;
  civ_interaction *records = calloc(n + 1, sizeof *records);
  for (uint32_t j = 0; j < n; j++)
    records[j] = conformance_record(&r, json_array_get(list, j), j + 1);
  double *trust = calloc(r.n + 1, sizeof *trust);
  for (uint32_t a = 0; a < r.n; a++)
    trust[a] = civ_json_real(trust_of, r.names[a], 0.5);
  civ_security *s;
  civ_security_report report;
  civ_error err;
  const civ_draw_key key = { .purpose = CIV_PURPOSE_SAMPLE };
  civ_draws draws = civ_draws_open(1, &key);
  if (civ_security_create(rules, r.n, given > 0 ? given : r.n, &civ_allocator_malloc, &s, &err) == CIV_OK) {
    civ_status st = CIV_OK;
    for (uint32_t j = 0; st == CIV_OK && j < n; j++)
      st = civ_security_note(s, &records[j], civ_json_real(json_array_get(list, j), "t", 0));
    if (st == CIV_OK && civ_security_analyse(s, trust, &draws, &report, &err) == CIV_OK) {
      answer = report_json(&report, &r);
      civ_security_report_free(&report);
    }
    civ_security_destroy(s);
  }
  free(trust);
  free(records);
  free(r.names);
  return answer;
}

static conformance_outcome security_analyze(const conformance_case *k)
{
  const json_t *params = json_object_get(k->input, "params");
  json_t *keys = json_object(), *list = conformance_written_out(json_object_get(k->input, "interactions")), *value,
         *answer = NULL;
  static const char *const same[][2] = { { "contagion_velocity_threshold", "security_contagion_velocity" },
                                         { "manipulation_threshold", "security_manipulation_threshold" },
                                         { "laundering_trust_gap", "security_laundering_trust_gap" },
                                         { "injection_threshold", "security_injection_threshold" },
                                         { "min_chain_length", "security_min_chain_length" } };
  civ_registry *registry = NULL;
  civ_config *made = NULL;
  for (size_t i = 0; i < sizeof same / sizeof *same; i++)
    if ((value = json_object_get(params, same[i][0])) != NULL)
      json_object_set(keys, same[i][1], value);
  if (rules_of(keys, &registry, &made)) {
    civ_security_rules rules = civ_monitor_rules_of(civ_config_section(made, "governance")).analysis;
    rules.evidence = UINT32_MAX;
    answer = analyse(k, list, &rules);
  }
  json_decref(keys);
  json_decref(list);
  civ_config_destroy(made);
  civ_registry_destroy(registry);
  return answer != NULL ? conformance_answer(answer) : conformance_refuse();
}

/* --- the lever ---------------------------------------------------------------------------------------------------------------------- */

static int by_text(const void *a, const void *b)
{
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The lever is handed its agents sorted by name. */
static json_t *sorted(const json_t *agents)
{
  const size_t n = json_object_size(agents);
  const char **names = calloc(n + 1, sizeof *names), *id;
  json_t *out = json_object(), *state;
  size_t k = 0;
  json_object_foreach((json_t *)agents, id, state) names[k++] = id;
  qsort(names, n, sizeof *names, by_text);
  for (k = 0; k < n; k++)
    json_object_set(out, names[k], json_object_get(agents, names[k]));
  free(names);
  return out;
}

static bool feed(const court *c, const lever_slot *l, const json_t *history)
{
  json_t *list = conformance_written_out(history), *o;
  size_t i;
  civ_status st = CIV_OK;
  json_array_foreach(list, i, o)
  {
    conformance_roll r = { 0 };
    civ_interaction record = conformance_record(&r, o, i + 1);
    record.initiator = court_agent(c, civ_json_text(o, "a", "a"));
    record.counterparty = court_agent(c, civ_json_text(o, "b", "b"));
    free(r.names);
    court_judge(c, l, &record);
    if (st == CIV_OK)
      st = civ_monitor_note(civ_security_monitor(l->self), &record, civ_json_real(o, "t", 0));
  }
  json_decref(list);
  return st == CIV_OK;
}

static json_t *evaluation_member(const court *c, const civ_monitor *m, const char *key)
{
  civ_buffer text = { 0 };
  civ_monitor_json(m, c->names, 0, 0, "", &text);
  json_t *all = json_loadb(text.data, text.length, 0, NULL);
  json_t *member = json_incref(json_object_get(json_object_get(all, "security_evaluation"), key));
  json_decref(all);
  civ_buffer_free(&text);
  return member;
}

static json_t *describe(court *c, const lever_slot *l)
{
  const civ_monitor *m = civ_security_monitor(l->self);
  const civ_security_report *r = civ_monitor_report(m, false);
  json_t *can_act = json_object(), *contained = json_array();
  for (civ_agent a = 0; a < c->n; a++)
    json_object_set_new(can_act, c->names[a], json_boolean(l->table->admits(l->self, a)));
  for (uint64_t k = 0; r != NULL && k < r->counts[CIV_THREAT_CONTAGION]; k++)
    json_array_append_new(contained, json_boolean(r->chains[k].contained));
  json_t *answer =
      json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "epoch_start", court_effect(c), "quarantined",
                evaluation_member(c, m, "quarantined"), "can_act", can_act, "actions",
                evaluation_member(c, m, "containment_actions"), "threat_level",
                r != NULL ? json_real(r->ecosystem_threat_level) : json_null(), "chains_contained", contained);
  if (r == NULL)
    json_object_set_new(answer, "chains_contained", json_null());
  return answer;
}

static conformance_outcome security_lever(const conformance_case *k)
{
  json_t *agents = sorted(json_object_get(k->input, "agents"));
  json_t *rules = json_deep_copy(json_object_get(k->input, "config"));
  const char *release = civ_json_text(k->input, "release", NULL);
  court c;
  conformance_outcome outcome = conformance_refuse();
  json_object_set_new(rules, "security_enabled", json_true());
  if (court_open(&c, agents, rules, NULL)) {
    const lever_slot *l = court_lever(&c, "security");
    if (feed(&c, l, json_object_get(k->input, "history")) &&
        court_start_epoch(&c, (uint32_t)civ_json_integer(k->input, "epoch", 1))) {
      outcome = conformance_answer(describe(&c, l));
      if (release != NULL) {
        const civ_agent a = court_agent(&c, release);
        civ_effect_clear(&c.run->effect);
        json_object_set_new(outcome.actual, "released",
                            json_boolean(civ_security_release(l->self, a, false, &c.run->effect)));
        json_object_set_new(outcome.actual, "can_act_after", json_boolean(l->table->admits(l->self, a)));
      }
    }
  }
  court_close(&c);
  json_decref(agents);
  return outcome;
}

const conformance_adapter conformance_security[] = {
  { "injection_score", injection_score },
  { "realtime_threat", realtime_threat },
  { "security_analyze", security_analyze },
  { "security_lever", security_lever },
  { "dedupe_chains", dedupe_chains },
  { "threat_trend", threat_trend },
  { "containment_effectiveness", containment_effectiveness },
  { NULL, NULL },
};
