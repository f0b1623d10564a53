#include "court.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/json.h"

civ_observables court_observed;

static void observe(void *self, const civ_proposal *proposal, civ_draws *draws, civ_interaction *record)
{
  (void)self;
  (void)proposal;
  (void)draws;
  record->observables = court_observed;
}

static const civ_generator given = { .version = CIV_PART_VERSION, .name = "given", .observe = observe };

void court_close(court *c)
{
  civ_run_destroy(c->run);
  civ_config_destroy(c->config);
  civ_registry_destroy(c->registry);
  free(c->names);
}

/* `agents`: map from id to {reputation, resources}. */
static json_t *scenario_of(const json_t *agents, const json_t *governance, const json_t *payoff)
{
  json_t *list = json_array(), *state;
  const char *id;
  json_object_foreach((json_t *)agents, id, state)
      json_array_append_new(list, json_pack("{s:s, s:f}", "type", strncmp(id, "adv", 3) == 0 ? "adversarial" : "honest",
                                            "initial_reputation", civ_json_real(state, "reputation", 0)));
  json_t *scenario =
      json_pack("{s:s, s:o, s:O, s:{s:i, s:i, s:b}}", "scenario_id", "case", "agents", list, "governance", governance,
                "simulation", "seed", 1, "n_epochs", 1000, "enable_rate_limits", 0);
  if (payoff)
    json_object_set(scenario, "payoff", (json_t *)payoff);
  return scenario;
}

/* Resources may be below what a scenario may give; and the cases themselves say when an epoch starts. */
static void settle_in(court *c, const json_t *agents)
{
  for (civ_agent a = 0; a < c->n; a++)
    civ_population_set_resources(&c->run->people, a,
                                 civ_json_real(json_object_get(agents, c->names[a]), "resources", 100));
  c->run->epoch_open = true;
}

/* Takes the reference to `governance`. */
bool court_open(court *c, const json_t *agents, json_t *governance, const json_t *payoff)
{
  civ_diagnostics found = { 0 };
  civ_buffer text = { 0 };
  civ_error err;
  const char *id;
  json_t *state, *scenario = scenario_of(agents, governance, payoff);
  memset(c, 0, sizeof *c);
  c->names = calloc(json_object_size(agents) + 1, sizeof *c->names);
  json_object_foreach((json_t *)agents, id, state) c->names[c->n++] = id;
  civ_json_write(&text, scenario, 0);
  json_decref(scenario);
  json_decref(governance);
  civ_status st = civ_registry_create_default(&c->registry, &err);
  if (st == CIV_OK)
    st = civ_registry_set_generator(c->registry, &given, &err);
  if (st == CIV_OK)
    st = civ_scenario_parse(c->registry, "case", text.data, text.length, 0, &c->config, &found, &err);
  if (st == CIV_OK)
    st = civ_config_check_built(c->config, "case", &err);
  c->pending = st == CIV_E_UNBUILT;
  const civ_run_options options = { .names = c->names };
  if (st == CIV_OK)
    st = civ_run_create(c->config, &options, &c->run, &err);
  if (st == CIV_OK)
    st = civ_run_begin(c->run, &err);
  if (st == CIV_OK)
    settle_in(c, agents);
  else if (!c->pending)
    fprintf(stderr, "%s: %s\n", err.where, err.text);
  civ_diagnostics_free(&found);
  civ_buffer_free(&text);
  return st == CIV_OK;
}

civ_agent court_agent(const court *c, const char *id)
{
  for (uint32_t k = 0; k < c->n; k++)
    if (strcmp(c->names[k], id) == 0)
      return k;
  return CIV_NOBODY;
}

const lever_slot *court_lever(const court *c, const char *name)
{
  for (uint32_t k = 0; k < c->run->n_levers; k++)
    if (strcmp(c->run->lever_names[k], name) == 0) {
      c->run->effect.lever = k;
      return &c->run->levers[k];
    }
  return NULL;
}

/* --- effects as JSON ------------------------------------------------------------------------------------------------------- */

json_t *court_agents_json(const court *c, const effect_freeze *list, size_t n)
{
  json_t *set = json_array();
  for (size_t k = 0; k < n; k++)
    json_array_append_new(set, json_string(c->names[list[k].agent]));
  return set;
}

json_t *court_reputation_deltas(const court *c)
{
  const civ_effect *e = &c->run->effect;
  json_t *map = json_object();
  for (size_t k = 0; k < e->n_deltas; k++)
    if (e->deltas[k].reputation_ordered)
      json_object_set_new(map, c->names[e->deltas[k].agent], json_real(e->deltas[k].reputation));
  return map;
}

json_t *court_resource_deltas(const court *c)
{
  const civ_effect *e = &c->run->effect;
  json_t *map = json_object();
  for (size_t k = 0; k < e->n_deltas; k++)
    if (e->deltas[k].resources_ordered)
      json_object_set_new(map, c->names[e->deltas[k].agent], json_real(e->deltas[k].resources));
  return map;
}

json_t *court_effect(const court *c)
{
  const civ_effect *e = &c->run->effect;
  return json_pack("{s:f, s:f, s:o, s:o, s:o, s:o}", "cost_a", e->cost_a, "cost_b", e->cost_b, "freeze",
                   court_agents_json(c, e->freezes, e->n_freezes), "unfreeze",
                   court_agents_json(c, e->thaws, e->n_thaws), "reputation_deltas", court_reputation_deltas(c),
                   "resource_deltas", court_resource_deltas(c));
}

civ_interaction court_record(const court *c, const json_t *o)
{
  civ_interaction record = civ_interaction_default();
  record.id = 1;
  record.initiator = court_agent(c, civ_json_text(o, "a", "a"));
  record.counterparty = court_agent(c, civ_json_text(o, "b", "b"));
  record.accepted = civ_json_bool(o, "accepted", true);
  record.p = civ_json_real(o, "p", 0.5);
  record.tau = civ_json_real(o, "tau", 0);
  return record;
}

void court_judge(const court *c, const lever_slot *l, const civ_interaction *record)
{
  const civ_draw_key key = { .purpose = CIV_PURPOSE_LEVER };
  civ_draws draws = civ_draws_open(1, &key);
  civ_effect_clear(&c->run->effect);
  if (l)
    l->table->judge(l->self, record, &draws, &c->run->effect);
}

bool court_start_epoch(court *c, uint32_t epoch)
{
  civ_error err;
  c->run->epoch = epoch;
  return civ_sim_epoch_begin(c->run, &err) == CIV_OK;
}
