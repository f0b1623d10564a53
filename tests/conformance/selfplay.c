/* Cases of self-play: kernels, episodes of scripted citizens, traces scored and read by the detectors, recovered scripts. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/field.h"
#include "base/json.h"
#include "conformance.h"
#include "selfplay/detect.h"
#include "selfplay/episode.h"
#include "selfplay/polity_inside.h"
#include "selfplay/score.h"
#include "selfplay/trace_json.h"

/* --- laws ---------------------------------------------------------------------------------------------------------------- */

static int64_t law_value(civ_param param, const json_t *value)
{
  const civ_node node = civ_json_node(value);
  return civ_param_read(param, &node);
}

/* The naive law with some parameters and protections set. */
static bool make_kernel(const json_t *input, civ_kernel *out)
{
  const char *rule_name, *param_name;
  json_t *params, *value;
  if (civ_kernel_naive(out) != CIV_OK)
    return false;
  json_object_foreach(json_object_get(input, "kernel"), rule_name, params)
      json_object_foreach(params, param_name, value)
  {
    const civ_param param = civ_param_find(civ_rule_find(rule_name), param_name);
    out->law.value[param] = law_value(param, value);
  }
  json_object_foreach(json_object_get(input, "protected"), rule_name, value)
  {
    const uint16_t bit = (uint16_t)(1u << civ_rule_find(rule_name));
    out->law.protected_rules =
        (uint16_t)(json_is_true(value) ? out->law.protected_rules | bit : out->law.protected_rules & ~bit);
  }
  return civ_kernel_digest(out) == CIV_OK;
}

static json_t *param_json(civ_param param, int64_t value)
{
  civ_buffer text = { 0 };
  civ_param_write(&text, param, value);
  json_t *json = json_loadb(text.data, text.length, JSON_DECODE_ANY, NULL);
  civ_buffer_free(&text);
  return json;
}

static json_t *effective(const civ_kernel *k)
{
  json_t *rules = json_object();
  for (int p = 0; p < CIV_PARAMS; p++) {
    const char *rule = civ_rule_names[civ_param_forms[p].rule];
    if (json_object_get(rules, rule) == NULL)
      json_object_set_new(rules, rule, json_object());
    json_object_set_new(json_object_get(rules, rule), civ_param_forms[p].name,
                        param_json((civ_param)p, k->law.value[p]));
  }
  return rules;
}

static conformance_outcome kernel_check(const conformance_case *c)
{
  const char *yaml = json_string_value(json_object_get(c->input, "yaml"));
  civ_arena arena = civ_arena_create(NULL);
  civ_kernel k;
  civ_error err = { 0 };
  json_t *out;
  if (civ_kernel_read(yaml, strlen(yaml), "kernel", &arena, &k, &err) == CIV_OK) {
    out = json_pack("{s:b, s:s, s:s, s:o, s:s}", "ok", 1, "name", k.name, "version", k.version, "effective",
                    effective(&k), "digest", k.digest);
  } else {
    int line = 0;
    sscanf(err.where, "kernel:%d", &line);
    out = json_pack("{s:b, s:i}", "ok", 0, "line", line);
  }
  civ_arena_destroy(&arena);
  return conformance_answer(out);
}

static conformance_outcome kernel_digest(const conformance_case *c)
{
  civ_kernel k;
  return make_kernel(c->input, &k) ? conformance_answer(json_pack("{s:s}", "digest", k.digest)) : conformance_refuse();
}

static conformance_outcome direction(const conformance_case *c)
{
  const char *clause = civ_json_text(c->input, "clause", ""), *name = civ_json_text(c->input, "param", "");
  civ_kernel k;
  if (civ_kernel_naive(&k) != CIV_OK)
    return conformance_refuse();
  for (int r = 0; r < CIV_RULES; r++)
    if (strcmp(k.clauses[r].id, clause) == 0) {
      const civ_param param = civ_param_find((civ_rule)k.clauses[r].rule, name);
      const int64_t old = law_value(param, json_object_get(c->input, "old"));
      return conformance_answer(json_pack(
          "{s:i}", "direction", civ_law_direction(param, old, law_value(param, json_object_get(c->input, "value")))));
    }
  return conformance_refuse();
}

static conformance_outcome tally(const conformance_case *c)
{
  static const char *const results[] = { "passed", "quorum", "threshold" };
  const int64_t fraction = law_value(CIV_PARAM_QUORUM_FRACTION, json_object_get(c->input, "fraction"));
  const int64_t threshold = law_value(CIV_PARAM_SPEND_THRESHOLD, json_object_get(c->input, "threshold"));
  const int32_t need = civ_quorum_need(fraction, (uint32_t)civ_json_integer(c->input, "base", 0));
  return conformance_answer(
      json_pack("{s:i, s:s}", "need", (int)need, "result",
                results[civ_tally(need, threshold, civ_json_integer(c->input, "yes", 0),
                                  civ_json_integer(c->input, "no", 0), civ_json_integer(c->input, "abstain", 0))]));
}

/* --- traces -------------------------------------------------------------------------------------------------------------------- */

static json_t *score_json(const civ_score *s)
{
  return json_pack("{s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f}", "treasury_final", s->treasury_final, "empathy_ratio",
                   s->empathy_ratio, "empathy_floor_trough", s->empathy_floor_trough, "franchise", s->franchise,
                   "contestability", s->contestability, "solvency", s->solvency, "prosperity", s->prosperity,
                   "governance_score", s->governance_score);
}

static json_t *findings_json(const civ_trace *trace)
{
  civ_detect_config config;
  civ_exploit_finding found[CIV_DETECTORS];
  uint32_t n = 0;
  civ_arena arena = civ_arena_create(NULL);
  const bool ready = civ_section_set_defaults(&civ_section_detectors, &config, &arena) == CIV_OK;
  civ_arena_destroy(&arena);
  if (!ready || civ_detect(trace, &config, NULL, found, &n, NULL) != CIV_OK)
    return NULL;
  json_t *list = json_array();
  for (uint32_t k = 0; k < n; k++) {
    char fingerprint[65];
    json_t *actors = json_array(), *clauses = json_array();
    civ_exploit_fingerprint(&found[k], trace->kernel, fingerprint);
    for (uint32_t a = 0; a < trace->n_citizens; a++)
      if ((found[k].actors >> a & 1) != 0)
        json_array_append_new(actors, json_string(trace->citizens[a]));
    for (int r = 0; r < CIV_RULES; r++)
      if ((found[k].clauses >> r & 1) != 0)
        json_array_append_new(clauses, json_string(civ_kernel_clause_id(trace->kernel, (civ_rule)r)));
    json_array_append_new(list, json_pack("{s:s, s:s, s:i, s:i, s:o, s:o, s:s}", "name",
                                          civ_detectors[found[k].detector].name, "category",
                                          civ_exploit_category_names[found[k].category], "severity",
                                          (int)found[k].severity, "turn", (int)found[k].turn, "actors", actors,
                                          "kernel_clauses", clauses, "fingerprint", fingerprint));
  }
  return list;
}

static json_t *written(civ_buffer *text)
{
  json_t *json = json_loadb(text->data, text->length, JSON_DECODE_ANY, NULL);
  civ_buffer_free(text);
  return json;
}

static json_t *trace_json(const civ_trace *t)
{
  const civ_roll roll = civ_trace_roll(t);
  const civ_score score = civ_score_of(t);
  json_t *snapshots = json_array(), *events = json_array();
  for (uint32_t k = 0; k < t->n_snapshots; k++) {
    civ_buffer text = { 0 };
    civ_snapshot_write(&text, &roll, &t->snapshots[k]);
    json_array_append_new(snapshots, written(&text));
  }
  for (uint32_t k = 0; k < t->n_deeds; k++) {
    civ_buffer text = { 0 };
    civ_deed_write(&text, &roll, &t->deeds[k]);
    json_array_append_new(events, written(&text));
  }
  return json_pack("{s:o, s:o, s:o, s:o}", "snapshots", snapshots, "events", events, "score", score_json(&score),
                   "findings", findings_json(t));
}

static void set_physics(civ_physics *physics, const json_t *input)
{
  const struct {
    const char *key;
    int64_t *micro;
  } fields[] = { { "start_balance", &physics->start_balance },
                 { "base_income", &physics->base_income },
                 { "founding_works", &physics->founding_works },
                 { "norm_income", &physics->norm_income },
                 { "tax", &physics->tax },
                 { "consumption", &physics->consumption },
                 { "public_gain", &physics->public_gain },
                 { "shock_size", &physics->shock_size } };
  for (size_t k = 0; k < sizeof fields / sizeof *fields; k++)
    *fields[k].micro = (int64_t)(civ_json_real(input, fields[k].key, (double)*fields[k].micro / 1e6) * 1e6 + 0.5);
  physics->shock_probability = civ_json_real(input, "shock_probability", physics->shock_probability);
  physics->public_turns = (int32_t)civ_json_integer(input, "public_turns", physics->public_turns);
  physics->actions_per_turn = (uint32_t)civ_json_integer(input, "actions_per_turn", physics->actions_per_turn);
}

static json_t *play(const json_t *input, const civ_kernel *kernel, civ_arena *arena)
{
  const json_t *names = json_object_get(input, "citizens"), *scripts = json_object_get(input, "scripts");
  const uint32_t n = (uint32_t)json_array_size(names);
  const char *called[CIV_CITIZENS_MOST];
  civ_seat seats[CIV_CITIZENS_MOST];
  civ_script read[CIV_CITIZENS_MOST] = { { 0 } };
  civ_polity_config config;
  civ_trace trace;
  if (civ_section_set_defaults(&civ_section_polity, &config, arena) != CIV_OK)
    return NULL;
  for (uint32_t c = 0; c < n; c++)
    called[c] = json_string_value(json_array_get(names, c));
  const civ_roll roll = { .n = n, .names = called, .kernel = kernel };
  for (uint32_t c = 0; c < n; c++) {
    const json_t *script = json_object_get(scripts, called[c]);
    if (script != NULL && civ_script_read(script, &roll, arena, &read[c], NULL) != CIV_OK)
      return NULL;
    seats[c] = (civ_seat){ .name = called[c], .policy = &civ_citizen_scripted, .script = &read[c] };
  }
  civ_episode_setup setup = { .kernel = kernel,
                              .physics = civ_physics_of(&config),
                              .seats = seats,
                              .n_seats = n,
                              .turns = (int32_t)civ_json_integer(input, "n_turns", 0),
                              .initial_treasury = civ_json_integer(input, "initial_treasury", 0) * CIV_CREDIT,
                              .seed = (uint64_t)civ_json_integer(input, "seed", 0),
                              .listed_order = true };
  set_physics(&setup.physics, json_object_get(input, "polity"));
  civ_episode *e = civ_episode_create();
  json_t *out = e != NULL && civ_episode_play(e, &setup, &trace, NULL) == CIV_OK ? trace_json(&trace) : NULL;
  civ_episode_destroy(e);
  return out;
}

static conformance_outcome episode(const conformance_case *c)
{
  civ_kernel kernel;
  civ_arena arena = civ_arena_create(NULL);
  json_t *out = make_kernel(c->input, &kernel) ? play(c->input, &kernel, &arena) : NULL;
  civ_arena_destroy(&arena);
  return out != NULL ? conformance_answer(out) : conformance_refuse();
}

/* Reads the case's trace and answers with what `tell` says of it. */
static conformance_outcome of_trace(const conformance_case *c, json_t *(*tell)(const civ_trace *trace))
{
  civ_kernel kernel;
  civ_trace trace;
  civ_error err = { 0 };
  civ_arena arena = civ_arena_create(NULL);
  json_t *out = NULL;
  if (civ_kernel_naive(&kernel) == CIV_OK) {
    if (civ_trace_read(json_object_get(c->input, "trace"), &kernel, &arena, &trace, &err) == CIV_OK)
      out = tell(&trace);
    else
      fprintf(stderr, "conformance: %s: %s\n", err.where, err.text);
  }
  civ_arena_destroy(&arena);
  return out != NULL ? conformance_answer(out) : conformance_refuse();
}

static json_t *tell_findings(const civ_trace *trace)
{
  return json_pack("{s:o}", "findings", findings_json(trace));
}

static json_t *tell_score(const civ_trace *trace)
{
  const civ_score s = civ_score_of(trace);
  return score_json(&s);
}

static conformance_outcome detect(const conformance_case *c)
{
  return of_trace(c, tell_findings);
}

static conformance_outcome score(const conformance_case *c)
{
  return of_trace(c, tell_score);
}

static conformance_outcome fingerprint(const conformance_case *c)
{
  const char *name = civ_json_text(c->input, "name", ""), *category = civ_json_text(c->input, "category", "");
  civ_exploit_finding f = { .detector = CIV_DETECTORS };
  civ_kernel kernel;
  char out[65];
  if (civ_kernel_naive(&kernel) != CIV_OK)
    return conformance_refuse();
  for (uint8_t d = 0; d < CIV_DETECTORS; d++)
    if (strcmp(civ_detectors[d].name, name) == 0)
      f.detector = d;
  for (uint8_t k = 0; k < CIV_EXPLOIT_CATEGORIES; k++)
    if (strcmp(civ_exploit_category_names[k], category) == 0)
      f.category = k;
  for (int r = 0; r < CIV_RULES; r++) {
    size_t k;
    json_t *id;
    json_array_foreach(json_object_get(c->input, "kernel_clauses"), k,
                       id) if (strcmp(json_string_value(id), kernel.clauses[r].id) == 0) f.clauses |=
        (uint16_t)(1u << kernel.clauses[r].rule);
  }
  civ_exploit_fingerprint(&f, &kernel, out);
  return conformance_answer(json_pack("{s:s}", "fingerprint", out));
}

/* --- scripts --------------------------------------------------------------------------------------------------------------------- */

/* The events' own actors are the roll: the case lists no citizens. */
static uint32_t roll_of(const json_t *events, const char *names[CIV_CITIZENS_MOST])
{
  uint32_t n = 0;
  size_t k;
  json_t *event;
  json_array_foreach(events, k, event)
  {
    const char *members[] = { "to", "citizen", "beneficiary" };
    const json_t *data = json_object_get(event, "data"), *payload = json_object_get(data, "payload");
    const char *found[7] = { json_string_value(json_object_get(event, "actor")) };
    for (int m = 0; m < 3; m++) {
      found[1 + 2 * m] = json_string_value(json_object_get(data, members[m]));
      found[2 + 2 * m] = json_string_value(json_object_get(payload, m == 1 ? "target" : members[m]));
    }
    for (int f = 0; f < 7; f++) {
      bool known = found[f] == NULL || strcmp(found[f], "public") == 0 || strcmp(found[f], "treasury") == 0;
      for (uint32_t c = 0; c < n && !known; c++)
        known = strcmp(names[c], found[f]) == 0;
      if (!known && n < CIV_CITIZENS_MOST)
        names[n++] = found[f];
    }
  }
  return n;
}

static json_t *recover(const json_t *input, const civ_kernel *kernel, civ_arena *arena)
{
  const char *names[CIV_CITIZENS_MOST];
  const json_t *events = json_object_get(input, "events");
  const civ_roll roll = { .n = roll_of(events, names), .names = names, .kernel = kernel };
  const civ_deed *deeds;
  uint32_t n;
  size_t k;
  json_t *actor, *scripts = json_object();
  if (civ_deeds_read(events, &roll, arena, &deeds, &n, NULL) != CIV_OK)
    return NULL;
  json_array_foreach(json_object_get(input, "actors"), k, actor) for (uint8_t c = 0; c < roll.n; c++)
  {
    civ_script script;
    civ_buffer text = { 0 };
    if (strcmp(names[c], json_string_value(actor)) != 0 || civ_script_recover(deeds, n, c, arena, &script) != CIV_OK ||
        script.n == 0)
      continue;
    civ_script_write(&text, &roll, &script);
    json_object_set_new(scripts, names[c], written(&text));
  }
  return json_pack("{s:o}", "scripts", scripts);
}

static conformance_outcome scripts(const conformance_case *c)
{
  civ_kernel kernel;
  civ_arena arena = civ_arena_create(NULL);
  json_t *out = civ_kernel_naive(&kernel) == CIV_OK ? recover(c->input, &kernel, &arena) : NULL;
  civ_arena_destroy(&arena);
  return out != NULL ? conformance_answer(out) : conformance_refuse();
}

const conformance_adapter conformance_selfplay[] = { { "selfplay.episode", episode },
                                                     { "selfplay.detect", detect },
                                                     { "selfplay.score", score },
                                                     { "selfplay.scripts", scripts },
                                                     { "selfplay.tally", tally },
                                                     { "selfplay.direction", direction },
                                                     { "selfplay.kernel_check", kernel_check },
                                                     { "selfplay.kernel_digest", kernel_digest },
                                                     { "selfplay.fingerprint", fingerprint },
                                                     { NULL, NULL } };
