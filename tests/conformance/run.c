/* Cases of the loop: whole runs, single completions, epoch metrics, running averages. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/json.h"
#include "civitas/civitas.h"
#include "conformance.h"
#include "metric/epoch.h"
#include "sim/population.h"

/* --- a scenario from a case's `setup` ---------------------------------------------------------------------------------- */

/* Instead of the five draws: the initiator type's entry of the case's base signals. */
typedef struct fixed_signals {
  civ_observables base[CIV_AGENT_TYPES];
} fixed_signals;

static fixed_signals signals_now; /* what the generator below reads; set before each run */

typedef struct fixed_generator {
  const civ_population *people;
} fixed_generator;

static civ_status generator_create(civ_host *host, void **self, civ_error *err)
{
  fixed_generator *g = malloc(sizeof *g);
  if (!g)
    return civ_fail(err, CIV_E_NOMEM, "generator", "out of memory");
  g->people = host->call->population(host);
  *self = g;
  return CIV_OK;
}

static void generator_observe(void *self, const civ_proposal *proposal, civ_draws *draws, civ_interaction *record)
{
  const fixed_generator *g = self;
  (void)draws;
  record->observables = civ_observables_settle(signals_now.base[g->people->type[proposal->initiator]],
                                               g->people->reputation[proposal->initiator], record->accepted);
}

static const civ_generator fixed = { CIV_PART_VERSION, "fixed", generator_create, free, generator_observe };

static civ_observables read_signals(const json_t *o)
{
  return (civ_observables){
    .task_progress_delta = civ_json_real(o, "task_progress_delta", 0),
    .counterparty_engagement_delta = civ_json_real(o, "counterparty_engagement_delta", 0),
    .rework_count = (int32_t)civ_json_integer(o, "rework_count", 0),
    .verifier_rejections = (int32_t)civ_json_integer(o, "verifier_rejections", 0),
    .tool_misuse_flags = (int32_t)civ_json_integer(o, "tool_misuse_flags", 0),
  };
}

static void set_signals(const conformance_case *c, const json_t *setup)
{
  const json_t *given = json_object_get(setup, "base_signals"),
               *usual = json_object_get(c->file, "default_base_signals");
  for (int t = 0; t < CIV_AGENT_TYPES; t++) {
    const json_t *o = json_object_get(given, civ_agent_type_names[t]);
    signals_now.base[t] = read_signals(o ? o : json_object_get(usual, civ_agent_type_names[t]));
  }
}

static json_t *scenario_of(const json_t *setup, const char *turn_mode)
{
  static const char *const sections[] = { "payoff", "governance", "rate_limits" };
  json_t *simulation =
      json_pack("{s:I, s:I, s:i, s:s}", "n_epochs", civ_json_integer(setup, "n_epochs", 1), "steps_per_epoch",
                civ_json_integer(setup, "steps_per_epoch", 3), "seed", 1, "turn_mode", turn_mode);
  json_t *agents = json_array(), *agent;
  size_t k;
  json_object_set_new(simulation, "schedule_mode", json_string(civ_json_text(setup, "schedule_mode", "round_robin")));
  json_object_set_new(simulation, "max_actions_per_step",
                      json_integer(civ_json_integer(setup, "max_actions_per_step", 20)));
  json_array_foreach(json_object_get(setup, "agents"), k, agent)
  {
    json_t *entry =
        json_pack("{s:s, s:f, s:f}", "type", civ_json_text(agent, "type", "honest"), "initial_resources",
                  civ_json_real(agent, "resources", 100), "initial_reputation", civ_json_real(agent, "reputation", 0));
    if (json_object_size(json_object_get(agent, "config")))
      json_object_set(entry, "config", json_object_get(agent, "config"));
    json_array_append_new(agents, entry);
  }
  json_t *scenario = json_pack("{s:s, s:o, s:o}", "scenario_id", "case", "simulation", simulation, "agents", agents);
  for (k = 0; k < sizeof sections / sizeof *sections; k++)
    if (json_object_get(setup, sections[k]))
      json_object_set(scenario, sections[k], json_object_get(setup, sections[k]));
  return scenario;
}

typedef struct stage {
  civ_registry *registry;
  civ_config *config;
  civ_run *run;
  const char **names;
  uint32_t n;
  const char *pending; /* needs a part that is not there yet */
  civ_error err;
} stage;

static void stage_close(stage *s)
{
  civ_run_destroy(s->run);
  civ_config_destroy(s->config);
  civ_registry_destroy(s->registry);
  free(s->names);
}

static bool stage_open(stage *s, const conformance_case *c, const char *turn_mode)
{
  const json_t *setup = json_object_get(c->input, "setup"), *agents = json_object_get(setup, "agents");
  civ_diagnostics found = { 0 };
  civ_buffer text = { 0 };
  json_t *scenario = scenario_of(setup, turn_mode);
  memset(s, 0, sizeof *s);
  set_signals(c, setup);
  s->n = (uint32_t)json_array_size(agents);
  s->names = calloc(s->n + 1, sizeof *s->names);
  for (uint32_t k = 0; k < s->n; k++)
    s->names[k] = civ_json_text(json_array_get(agents, k), "id", "");
  civ_json_write(&text, scenario, 0);
  json_decref(scenario);
  civ_status st = civ_registry_create_default(&s->registry, &s->err);
  if (st == CIV_OK)
    st = civ_registry_set_generator(s->registry, &fixed, &s->err);
  if (st == CIV_OK)
    st = civ_scenario_parse(s->registry, "case", text.data, text.length, 0, &s->config, &found, &s->err);
  if (st == CIV_OK)
    st = civ_config_check_built(s->config, "case", &s->err);
  if (st == CIV_E_UNBUILT)
    s->pending = "levers";
  const civ_run_options options = { .names = s->names };
  if (st == CIV_OK)
    st = civ_run_create(s->config, &options, &s->run, &s->err);
  civ_diagnostics_free(&found);
  civ_buffer_free(&text);
  return st == CIV_OK;
}

static conformance_outcome stage_fail(stage *s)
{
  conformance_outcome o =
      s->pending ? conformance_pend(s->pending)
                 : conformance_answer(json_pack("{s:s, s:s}", "failed", s->err.text, "where", s->err.where));
  stage_close(s);
  return o;
}

static civ_agent find_agent(const stage *s, const char *name)
{
  for (uint32_t k = 0; k < s->n; k++)
    if (strcmp(s->names[k], name) == 0)
      return k;
  return CIV_NOBODY;
}

static uint8_t interaction_type(const char *name)
{
  uint8_t t = 0;
  while (t < CIV_INTERACTION_TYPES && strcmp(civ_interaction_type_names[t], name) != 0)
    t++;
  return t;
}

static json_t *frozen_names(const stage *s, const civ_population *p)
{
  json_t *list = json_array();
  const char **names = calloc(s->n + 1, sizeof *names);
  uint32_t n = 0;
  for (civ_agent a = 0; a < s->n; a++)
    if (p->frozen[a]) { /* sorted as text */
      uint32_t at = n++;
      while (at > 0 && strcmp(names[at - 1], s->names[a]) > 0) {
        names[at] = names[at - 1];
        at--;
      }
      names[at] = s->names[a];
    }
  for (uint32_t k = 0; k < n; k++)
    json_array_append_new(list, json_string(names[k]));
  free(names);
  return list;
}

/* --- runtime.complete_interaction ---------------------------------------------------------------------------------------- */

typedef struct completion {
  civ_interaction record;
  double payoff_a, payoff_b;
  bool seen;
} completion;

static void keep_completion(void *self, const civ_interaction *record, double payoff_a, double payoff_b)
{
  *(completion *)self = (completion){ *record, payoff_a, payoff_b, true };
}

static conformance_outcome complete_interaction(const conformance_case *c)
{
  stage s;
  completion done = { 0 };
  const civ_run_hooks hooks = { .self = &done, .completed = keep_completion };
  if (!stage_open(&s, c, "sequential"))
    return stage_fail(&s);
  const civ_agent a = find_agent(&s, civ_json_text(c->input, "initiator", "")),
                  b = find_agent(&s, civ_json_text(c->input, "counterparty", ""));
  civ_action propose = civ_action_make(CIV_ACTION_PROPOSE), answer = civ_action_make(CIV_ACTION_ACCEPT);
  propose.counterparty = b;
  propose.interaction_type = interaction_type(civ_json_text(c->input, "type", ""));
  propose.transfer = civ_json_real(c->input, "offered_transfer", 0);
  answer.target = 0;
  if (!civ_json_bool(c->input, "accepted", false))
    answer.kind = CIV_ACTION_REJECT;
  bool ok = false;
  civ_result result;
  civ_status st = civ_run_hook(s.run, &hooks, &s.err);
  if (st == CIV_OK)
    st = civ_run_execute(s.run, a, &propose, &ok, &s.err);
  if (st == CIV_OK && ok)
    st = civ_run_execute(s.run, b, &answer, &ok, &s.err);
  if (st == CIV_OK)
    st = civ_run_result(s.run, &result, &s.err);
  if (st != CIV_OK || !done.seen)
    return stage_fail(&s);
  const civ_population *p = result.population;
  json_t *out = json_pack("{s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:I, s:I, s:f, s:f, s:o}", "v_hat",
                          done.record.v_hat, "p", done.record.p, "c_a", done.record.c_a, "c_b", done.record.c_b,
                          "payoff_initiator", done.payoff_a, "payoff_counterparty", done.payoff_b,
                          "reputation_initiator", p->reputation[a], "reputation_counterparty", p->reputation[b],
                          "total_payoff_initiator", p->total_payoff[a], "total_payoff_counterparty", p->total_payoff[b],
                          "interactions_initiated", (json_int_t)p->initiated[a], "interactions_received",
                          (json_int_t)p->received[b], "average_p_initiated", p->average_p_initiated[a],
                          "average_p_received", p->average_p_received[b], "frozen", frozen_names(&s, p));
  stage_close(&s);
  return conformance_answer(out);
}

/* --- runtime.run ------------------------------------------------------------------------------------------------------------ */

typedef struct recording {
  stage *s;
  json_t *turns, *interactions, *epochs, *kinds;
  const civ_columns *columns;
} recording;

static void record_turn(void *self, uint32_t epoch, uint32_t step, civ_agent a, const civ_action *action, bool ok)
{
  recording *r = self;
  json_array_append_new(r->turns, json_pack("{s:i, s:i, s:s, s:s, s:b}", "epoch", epoch, "step", step, "agent",
                                            r->s->names[a], "action", civ_action_names[action->kind], "success", ok));
}

static void record_completed(void *self, const civ_interaction *i, double payoff_a, double payoff_b)
{
  recording *r = self;
  json_array_append_new(r->interactions,
                        json_pack("{s:s, s:s, s:s, s:b, s:f, s:f, s:f}", "initiator", r->s->names[i->initiator],
                                  "counterparty", r->s->names[i->counterparty], "type",
                                  civ_interaction_type_names[i->type], "accepted", i->accepted, "p", i->p,
                                  "payoff_initiator", payoff_a, "payoff_counterparty", payoff_b));
}

static civ_status record_begin(void *self, const civ_roster *roster, const civ_columns *columns, civ_error *err)
{
  (void)roster;
  (void)err;
  ((recording *)self)->columns = columns;
  return CIV_OK;
}

static civ_status record_epoch(void *self, uint32_t epoch, const double *row, civ_error *err)
{
  recording *r = self;
  json_t *object = json_object();
  (void)epoch;
  (void)err;
  for (uint32_t k = 0; k < CIV_EPOCH_COLUMNS; k++)
    json_object_set_new(object, civ_epoch_metric_decls[k].name, json_real(row[k]));
  json_array_append_new(r->epochs, object);
  return CIV_OK;
}

static void record_event(void *self, const civ_event *event)
{
  static const char *const compared[] = { "simulation_started", "interaction_proposed",  "governance_cost_applied",
                                          "reputation_updated", "interaction_completed", "payoff_computed",
                                          "epoch_completed",    "simulation_ended" };
  recording *r = self;
  for (size_t k = 0; k < sizeof compared / sizeof *compared; k++)
    if (strcmp(event->form->name, compared[k]) == 0)
      json_array_append_new(r->kinds, json_string(compared[k]));
}

static const civ_sink recorder = { .version = CIV_PART_VERSION,
                                   .name = "recorder",
                                   .wants_events = true,
                                   .begin = record_begin,
                                   .event = record_event,
                                   .epoch = record_epoch };

static civ_status play(stage *s, const json_t *op)
{
  const char *what = civ_json_text(op, "op", "");
  const civ_agent a = find_agent(s, civ_json_text(op, strcmp(what, "propose") == 0 ? "initiator" : "agent", ""));
  if (strcmp(what, "freeze") == 0 || strcmp(what, "unfreeze") == 0)
    return civ_run_freeze(s->run, a, strcmp(what, "freeze") == 0, &s->err);
  if (strcmp(what, "propose") != 0)
    return civ_fail(&s->err, CIV_E_KEY, what, "unknown operation in a script");
  civ_action action = civ_action_make(CIV_ACTION_PROPOSE);
  action.counterparty = find_agent(s, civ_json_text(op, "counterparty", ""));
  action.interaction_type = interaction_type(civ_json_text(op, "type", ""));
  bool ok;
  return civ_run_execute(s->run, a, &action, &ok, &s->err);
}

static civ_status run_script(stage *s, const json_t *script)
{
  civ_end end = CIV_RUNNING;
  while (end == CIV_RUNNING) {
    uint32_t epoch, step;
    size_t k;
    json_t *op;
    civ_run_now(s->run, &epoch, &step);
    json_array_foreach(script, k, op)
    {
      if (civ_json_integer(op, "epoch", 0) != epoch || civ_json_integer(op, "step", 0) != step)
        continue;
      const civ_status st = play(s, op);
      if (st != CIV_OK)
        return st;
    }
    const civ_status st = civ_run_step(s->run, &end, &s->err);
    if (st != CIV_OK)
      return st;
  }
  return civ_run_finish(s->run, &s->err);
}

static json_t *agent_states(const stage *s, const civ_population *p)
{
  json_t *map = json_object();
  for (civ_agent a = 0; a < s->n; a++)
    json_object_set_new(map, s->names[a],
                        json_pack("{s:f, s:f, s:I, s:I, s:f, s:f}", "reputation", p->reputation[a], "total_payoff",
                                  p->total_payoff[a], "interactions_initiated", (json_int_t)p->initiated[a],
                                  "interactions_received", (json_int_t)p->received[a], "average_p_initiated",
                                  p->average_p_initiated[a], "average_p_received", p->average_p_received[a]));
  return map;
}

static conformance_outcome whole_run(const conformance_case *c)
{
  stage s;
  if (!stage_open(&s, c, strcmp(civ_json_text(c->input, "mode", "sync"), "async") == 0 ? "simultaneous" : "sequential"))
    return stage_fail(&s);
  recording r = {
    .s = &s, .turns = json_array(), .interactions = json_array(), .epochs = json_array(), .kinds = json_array()
  };
  const civ_run_hooks hooks = { .self = &r, .completed = record_completed, .turn = record_turn };
  civ_result result;
  civ_status st = civ_run_attach(s.run, &recorder, &r, &s.err);
  if (st == CIV_OK)
    st = civ_run_hook(s.run, &hooks, &s.err);
  if (st == CIV_OK)
    st = run_script(&s, json_object_get(c->input, "script"));
  if (st == CIV_OK)
    st = civ_run_result(s.run, &result, &s.err);
  json_t *out = json_pack("{s:o, s:o, s:o, s:o}", "turns", r.turns, "interactions", r.interactions, "epochs", r.epochs,
                          "event_kinds", r.kinds);
  if (st != CIV_OK) {
    json_decref(out);
    return stage_fail(&s);
  }
  json_object_set_new(out, "agents", agent_states(&s, result.population));
  json_object_set_new(out, "frozen", frozen_names(&s, result.population));
  json_object_set_new(out, "pending_at_end", json_integer((json_int_t)result.pending));
  json_object_set_new(out, "epoch_at_end", json_integer(result.epochs));
  stage_close(&s);
  return conformance_answer(out);
}

/* --- runtime.epoch_metrics ---------------------------------------------------------------------------------------------------- */

static civ_payoff_config read_payoff(const json_t *given)
{
  return (civ_payoff_config){ .s_plus = civ_json_real(given, "s_plus", 2),
                              .s_minus = civ_json_real(given, "s_minus", 1),
                              .h = civ_json_real(given, "h", 2),
                              .theta = civ_json_real(given, "theta", 0.5),
                              .rho_a = civ_json_real(given, "rho_a", 0),
                              .rho_b = civ_json_real(given, "rho_b", 0),
                              .w_rep = civ_json_real(given, "w_rep", 1),
                              .sigmoid_k = 2 };
}

static conformance_outcome epoch_metrics(const conformance_case *c)
{
  const civ_payoff_config payoff = read_payoff(json_object_get(c->input, "payoff"));
  const civ_metrics_config usual = { 0.5, 0.2 };
  const json_t *list = json_object_get(c->input, "interactions");
  civ_epoch_metrics *m;
  double row[CIV_EPOCH_COLUMNS] = { 0 };
  if (civ_epoch_metrics_create(2, &payoff, &usual, &civ_allocator_malloc, &m, NULL) != CIV_OK)
    return conformance_refuse();
  if (civ_epoch_metrics_reserve(m, (uint32_t)json_array_size(list), NULL) != CIV_OK) {
    civ_epoch_metrics_destroy(m);
    return conformance_refuse();
  }
  for (size_t k = 0; k < json_array_size(list); k++) {
    const json_t *o = json_array_get(list, k);
    const civ_interaction i = { .id = k + 1,
                                .initiator = 0,
                                .counterparty = 1,
                                .accepted = civ_json_bool(o, "accepted", false),
                                .p = civ_json_real(o, "p", 0.5),
                                .tau = civ_json_real(o, "tau", 0),
                                .c_a = civ_json_real(o, "c_a", 0),
                                .c_b = civ_json_real(o, "c_b", 0) };
    civ_epoch_metrics_add(m, &i, civ_payoff_initiator(&payoff, &i), civ_payoff_counterparty(&payoff, &i));
  }
  civ_epoch_metrics_read(m, 0, row);
  civ_epoch_metrics_destroy(m);
  json_t *out = json_object();
  for (uint32_t k = 0; k < CIV_EPOCH_COLUMNS; k++)
    json_object_set_new(out, civ_epoch_metric_decls[k].name, json_real(row[k]));
  return conformance_answer(out);
}

/* --- agent_state_sequence ------------------------------------------------------------------------------------------------------ */

static json_t *state_now(const population *p, const char *id, const char *type)
{
  return json_pack("{s:s, s:s, s:f, s:f, s:I, s:I, s:I, s:I, s:f, s:f, s:f, s:n, s:f}", "agent_id", id, "agent_type",
                   type, "reputation", p->reputation[0], "resources", p->resources[0], "interactions_initiated",
                   (json_int_t)p->initiated[0], "interactions_received", (json_int_t)p->received[0],
                   "interactions_accepted", (json_int_t)p->accepted[0], "interactions_rejected",
                   (json_int_t)p->rejected[0], "total_payoff", p->total_payoff[0], "average_p_initiated",
                   p->average_p_initiated[0], "average_p_received", p->average_p_received[0], "true_type",
                   "acceptance_rate", civ_population_acceptance_rate(p, 0));
}

static conformance_outcome agent_state_sequence(const conformance_case *c)
{
  const uint64_t moment = 0;
  population p;
  size_t k;
  json_t *op, *out = json_array();
  if (civ_population_init(&p, 1, &civ_allocator_malloc, &moment) != CIV_OK)
    return conformance_refuse();
  civ_population_set_resources(&p, 0, 100);
  json_array_foreach(json_object_get(c->input, "operations"), k, op)
  {
    const char *what = json_string_value(json_array_get(op, 0));
    const double number = json_number_value(json_array_get(op, json_array_size(op) - 1));
    if (strcmp(what, "initiated") == 0)
      civ_population_record_initiated(&p, 0, json_is_true(json_array_get(op, 1)), number);
    else if (strcmp(what, "received") == 0)
      civ_population_record_received(&p, 0, number);
    else if (strcmp(what, "reputation") == 0)
      civ_population_set_reputation(&p, 0, p.reputation[0] + number);
    else if (strcmp(what, "resources") == 0)
      civ_population_set_resources(&p, 0, p.resources[0] + number);
    else
      return conformance_refuse();
    json_array_append_new(
        out, state_now(&p, civ_json_text(c->input, "agent_id", ""), civ_json_text(c->input, "agent_type", "")));
  }
  civ_population_fini(&p);
  return conformance_answer(out);
}

const conformance_adapter conformance_run[] = {
  { "runtime.complete_interaction", complete_interaction },
  { "runtime.run", whole_run },
  { "runtime.epoch_metrics", epoch_metrics },
  { "agent_state_sequence", agent_state_sequence },
  { NULL, NULL },
};
