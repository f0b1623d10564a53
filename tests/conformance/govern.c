/* Cases of the levers: each called directly, by the tables the loop calls, or through whole completions. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/json.h"
#include "civitas/civitas.h"
#include "conformance.h"
#include "court.h"
#include "govern/levers.h"
#include "sim/run_state.h"

/* --- one lever on one interaction -------------------------------------------------------------------------------------------- */

static json_t *two_agents(const json_t *interaction)
{
  return json_pack("{s:{}, s:{}}", civ_json_text(interaction, "a", "a"), civ_json_text(interaction, "b", "b"));
}

static conformance_outcome transaction_tax(const conformance_case *k)
{
  const json_t *o = json_object_get(k->input, "interaction");
  json_t *agents = two_agents(o);
  court c;
  conformance_outcome outcome = conformance_refuse();
  if (court_open(&c, agents,
                 json_pack("{s:O, s:O}", "transaction_tax_rate", json_object_get(k->input, "rate"),
                           "transaction_tax_split", json_object_get(k->input, "split")),
                 NULL)) {
    const civ_interaction record = court_record(&c, o);
    court_judge(&c, court_lever(&c, "transaction_tax"), &record);
    outcome =
        conformance_answer(json_pack("{s:f, s:f, s:f}", "cost_a", c.run->effect.cost_a, "cost_b", c.run->effect.cost_b,
                                     "tax_base", civ_transaction_tax_base(record.p, record.tau)));
  }
  court_close(&c);
  json_decref(agents);
  return outcome;
}

static conformance_outcome random_audit(const conformance_case *k)
{
  const json_t *o = json_object_get(k->input, "interaction");
  json_t *agents = two_agents(o);
  court c;
  conformance_outcome outcome = conformance_refuse();
  if (court_open(&c, agents,
                 json_pack("{s:b, s:f, s:O, s:O}", "audit_enabled", 1, "audit_probability", 1.0, "audit_threshold_p",
                           json_object_get(k->input, "threshold"), "audit_penalty_multiplier",
                           json_object_get(k->input, "multiplier")),
                 NULL)) {
    const civ_interaction record = court_record(&c, o);
    court_judge(&c, court_lever(&c, "random_audit"), &record);
    outcome = conformance_answer(court_effect(&c));
  }
  court_close(&c);
  json_decref(agents);
  return outcome;
}

/* --- one lever through time --------------------------------------------------------------------------------------------------- */

static conformance_outcome reputation_decay(const conformance_case *k)
{
  json_t *agents = json_object(), *value;
  const char *id;
  court c;
  conformance_outcome outcome = conformance_refuse();
  json_object_foreach(json_object_get(k->input, "reputations"), id, value)
      json_object_set_new(agents, id, json_pack("{s:O}", "reputation", value));
  if (court_open(&c, agents, json_pack("{s:O}", "reputation_decay_rate", json_object_get(k->input, "rate")), NULL) &&
      court_start_epoch(&c, 1))
    outcome = conformance_answer(court_reputation_deltas(&c));
  court_close(&c);
  json_decref(agents);
  return outcome;
}

static conformance_outcome staking(const conformance_case *k)
{
  json_t *agents = json_pack("{s:{s:O}}", "a", "resources", json_object_get(k->input, "resources"));
  court c;
  conformance_outcome outcome = conformance_refuse();
  if (court_open(&c, agents,
                 json_pack("{s:O, s:O, s:O}", "staking_enabled", json_object_get(k->input, "enabled"),
                           "min_stake_to_participate", json_object_get(k->input, "min_stake"), "stake_slash_rate",
                           json_object_get(k->input, "slash_rate")),
                 NULL)) {
    const civ_agent a = court_agent(&c, civ_json_text(k->input, "agent", "a"));
    const lever_slot *l = court_lever(&c, "staking");
    const bool can_act = !l || l->table->admits(l->self, a);
    civ_effect_clear(&c.run->effect);
    if (l)
      civ_staking_slash(l->self, a, "violation", &c.run->effect);
    outcome = conformance_answer(json_pack("{s:b, s:o}", "can_act", can_act, "slash", court_resource_deltas(&c)));
  }
  court_close(&c);
  json_decref(agents);
  return outcome;
}

static json_t *breaker_op(court *c, const json_t *op)
{
  if (strcmp(civ_json_text(op, "op", ""), "epoch") == 0) {
    court_start_epoch(c, (uint32_t)civ_json_integer(op, "epoch", 0));
    return json_pack("{s:o}", "unfreeze", court_agents_json(c, c->run->effect.thaws, c->run->effect.n_thaws));
  }
  const lever_slot *l = court_lever(c, "circuit_breaker");
  civ_interaction record = court_record(c, op);
  record.initiator = court_agent(c, civ_json_text(op, "initiator", ""));
  record.counterparty = court_agent(c, "z");
  court_judge(c, l, &record);
  const civ_breaker_status now = civ_circuit_breaker_status(l->self, record.initiator);
  return json_pack("{s:o, s:I, s:f, s:I}", "freeze",
                   court_agents_json(c, c->run->effect.freezes, c->run->effect.n_freezes), "violations",
                   (json_int_t)now.violations, "avg_toxicity", now.average_toxicity, "freeze_until_epoch",
                   (json_int_t)now.freeze_until_epoch);
}

static conformance_outcome circuit_breaker(const conformance_case *k)
{
  json_t *agents = json_object(), *rules = json_deep_copy(json_object_get(k->input, "config")), *id, *op;
  size_t i;
  court c;
  conformance_outcome outcome = conformance_refuse();
  json_array_foreach(json_object_get(k->input, "agents"), i, id)
      json_object_set_new(agents, json_string_value(id), json_object());
  json_object_set_new(agents, "z", json_object());
  json_object_set_new(rules, "circuit_breaker_enabled", json_true());
  if (court_open(&c, agents, rules, NULL)) {
    json_t *answers = json_array();
    json_array_foreach(json_object_get(k->input, "ops"), i, op) json_array_append_new(answers, breaker_op(&c, op));
    outcome = conformance_answer(answers);
  }
  court_close(&c);
  json_decref(agents);
  return outcome;
}

/* --- effects of several levers ------------------------------------------------------------------------------------------------ */

static void order_all(const court *c, const json_t *effect)
{
  civ_effect *e = &c->run->effect;
  json_t *value;
  const char *id;
  size_t i;
  civ_effect_cost(e, civ_json_real(effect, "cost_a", 0), civ_json_real(effect, "cost_b", 0));
  json_array_foreach(json_object_get(effect, "freeze"), i, value)
      civ_effect_freeze(e, court_agent(c, json_string_value(value)), -1);
  json_array_foreach(json_object_get(effect, "unfreeze"), i, value)
      civ_effect_unfreeze(e, court_agent(c, json_string_value(value)));
  json_object_foreach(json_object_get(effect, "rep"), id, value)
      civ_effect_reputation(e, court_agent(c, id), json_number_value(value));
  json_object_foreach(json_object_get(effect, "res"), id, value)
      civ_effect_resources(e, court_agent(c, id), json_number_value(value));
}

/* Every id that some effect names. */
static json_t *agents_named(const json_t *effects)
{
  json_t *agents = json_object(), *effect, *member, *value;
  const char *key, *id;
  size_t i, j;
  json_array_foreach((json_t *)effects, i, effect) json_object_foreach(effect, key, member)
  {
    json_array_foreach(member, j, value) json_object_set_new(agents, json_string_value(value), json_object());
    json_object_foreach(member, id, value) json_object_set_new(agents, id, json_object());
  }
  return agents;
}

static conformance_outcome merge_effects(const conformance_case *k)
{
  const json_t *effects = json_object_get(k->input, "effects");
  json_t *agents = agents_named(effects);
  court c;
  conformance_outcome outcome = conformance_refuse();
  if (court_open(&c, agents, json_object(), NULL)) {
    civ_effect_clear(&c.run->effect);
    for (size_t i = 0; i < json_array_size(effects); i++)
      order_all(&c, json_array_get(effects, i));
    outcome = conformance_answer(court_effect(&c));
  }
  court_close(&c);
  json_decref(agents);
  return outcome;
}

/* --- whole completions ----------------------------------------------------------------------------------------------------------- */

typedef struct completion {
  civ_interaction record;
  double payoff_a, payoff_b;
} completion;

static void keep_completion(void *self, const civ_interaction *record, double payoff_a, double payoff_b)
{
  *(completion *)self = (completion){ *record, payoff_a, payoff_b };
}

static json_t *states(const court *c)
{
  const civ_population *p = &c->run->people.view;
  json_t *map = json_object();
  for (civ_agent a = 0; a < c->n; a++)
    json_object_set_new(map, c->names[a],
                        json_pack("{s:f, s:f, s:f, s:b, s:b}", "reputation", p->reputation[a], "resources",
                                  p->resources[a], "total_payoff", p->total_payoff[a], "frozen", p->frozen[a],
                                  "may_act", c->run->host.call->admitted(&c->run->host, a)));
  return map;
}

static civ_observables read_observables(const json_t *o)
{
  return (civ_observables){
    .task_progress_delta = civ_json_real(o, "task_progress_delta", 0),
    .counterparty_engagement_delta = civ_json_real(o, "counterparty_engagement_delta", 0),
    .rework_count = (int32_t)civ_json_integer(o, "rework_count", 0),
    .verifier_rejections = (int32_t)civ_json_integer(o, "verifier_rejections", 0),
    .tool_misuse_flags = (int32_t)civ_json_integer(o, "tool_misuse_flags", 0),
  };
}

static json_t *play_row(court *c, const json_t *row, completion *done)
{
  civ_error err;
  bool ok;
  if (json_object_get(row, "epoch_start")) {
    if (!court_start_epoch(c, (uint32_t)civ_json_integer(row, "epoch_start", 0)))
      return NULL;
    return json_pack("{s:o, s:o}", "epoch_start", court_effect(c), "state", states(c));
  }
  const civ_agent a = court_agent(c, civ_json_text(row, "a", "")), b = court_agent(c, civ_json_text(row, "b", ""));
  civ_action propose = civ_action_make(CIV_ACTION_PROPOSE);
  civ_action answer = civ_action_make(civ_json_bool(row, "accepted", false) ? CIV_ACTION_ACCEPT : CIV_ACTION_REJECT);
  court_observed = read_observables(json_object_get(row, "observables"));
  propose.counterparty = b;
  propose.transfer = civ_json_real(row, "tau", 0);
  answer.target = 0;
  if (civ_run_execute(c->run, a, &propose, &ok, &err) != CIV_OK || !ok ||
      civ_run_execute(c->run, b, &answer, &ok, &err) != CIV_OK || !ok)
    return NULL;
  return json_pack("{s:f, s:f, s:f, s:f, s:f, s:o}", "p", done->record.p, "c_a", done->record.c_a, "c_b",
                   done->record.c_b, "payoff_a", done->payoff_a, "payoff_b", done->payoff_b, "state", states(c));
}

static conformance_outcome complete_interactions(const conformance_case *k)
{
  court c;
  completion done = { 0 };
  const civ_run_hooks hooks = { .self = &done, .completed = keep_completion };
  civ_error err;
  json_t *row;
  size_t i;
  conformance_outcome outcome = conformance_refuse();
  if (court_open(&c, json_object_get(k->input, "agents"), json_incref(json_object_get(k->input, "governance")),
                 json_object_get(k->input, "payoff")) &&
      civ_run_hook(c.run, &hooks, &err) == CIV_OK) {
    json_t *answers = json_array();
    json_array_foreach(json_object_get(k->input, "rows"), i, row)
        json_array_append_new(answers, play_row(&c, row, &done));
    outcome = conformance_answer(answers);
  } else if (c.pending) {
    outcome = conformance_pend("security");
  }
  court_close(&c);
  return outcome;
}

/* --- rules themselves ------------------------------------------------------------------------------------------------------------- */

static conformance_outcome validate(const conformance_case *k)
{
  json_t *scenario =
      json_pack("{s:[{s:s}], s:O}", "agents", "type", "honest", "governance", json_object_get(k->input, "config"));
  civ_registry *registry;
  civ_config *config = NULL;
  civ_diagnostics found = { 0 };
  civ_buffer text = { 0 };
  civ_error err;
  static const char section[] = "governance.";
  json_t *answer = NULL;
  civ_json_write(&text, scenario, 0);
  json_decref(scenario);
  if (civ_registry_create_default(&registry, &err) != CIV_OK)
    return conformance_refuse();
  const civ_status st = civ_scenario_parse(registry, "case", text.data, text.length, 0, &config, &found, &err);
  if (st == CIV_OK)
    answer = json_pack("{s:b}", "ok", 1);
  for (uint32_t i = 0; !answer && i < found.n; i++)
    if (strncmp(found.items[i].key, section, strlen(section)) == 0)
      answer = json_pack("{s:b, s:s}", "ok", 0, "key", found.items[i].key + strlen(section));
  civ_config_destroy(config);
  civ_registry_destroy(registry);
  civ_diagnostics_free(&found);
  civ_buffer_free(&text);
  return answer ? conformance_answer(answer) : conformance_refuse();
}

static conformance_outcome vote_weight(const conformance_case *k)
{
  return conformance_answer(
      json_pack("{s:f}", "weight",
                civ_vote_weight(civ_json_bool(k->input, "enabled", false), civ_json_real(k->input, "max_weight", 10),
                                (uint32_t)civ_json_integer(k->input, "votes_cast", 0))));
}

const conformance_adapter conformance_govern[] = {
  { "transaction_tax", transaction_tax },
  { "reputation_decay", reputation_decay },
  { "vote_weight", vote_weight },
  { "staking", staking },
  { "circuit_breaker", circuit_breaker },
  { "random_audit", random_audit },
  { "merge_effects", merge_effects },
  { "complete_interactions", complete_interactions },
  { "validate", validate },
  { NULL, NULL },
};
