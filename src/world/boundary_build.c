#include "world/boundary_build.h"

#include <stdio.h>
#include <string.h>

/* --- who is outside ----------------------------------------------------------------------------------------------------- */

static const civ_entity default_world[] = {
  { .id = "web_search",
    .name = "Web Search API",
    .type = CIV_ENTITY_SERVICE,
    .trust = 0.7,
    .rate_limit = 50,
    .latency_ms = 100,
    .reliability = 0.98 },
  { .id = "code_repo",
    .name = "Code Repository API",
    .type = CIV_ENTITY_SERVICE,
    .trust = 0.8,
    .rate_limit = 100,
    .latency_ms = 50,
    .reliability = 0.99 },
  { .id = "external_llm",
    .name = "External LLM API",
    .type = CIV_ENTITY_SERVICE,
    .trust = 0.5,
    .rate_limit = 20,
    .latency_ms = 500,
    .reliability = 0.95,
    .sensitive_data = true },
  { .id = "public_data",
    .name = "Public Dataset",
    .type = CIV_ENTITY_DATA_SOURCE,
    .trust = 0.9,
    .data_type = "structured" },
  { .id = "private_data",
    .name = "Private Database",
    .type = CIV_ENTITY_DATA_SOURCE,
    .trust = 0.6,
    .data_type = "structured",
    .sensitivity = 0.8,
    .access_cost = 0.01 },
};
enum { DEFAULT_WORLD = sizeof default_world / sizeof *default_world };

static civ_entity entity_of(const civ_entity_settings *s)
{
  const double trust = s->trust_level > 0 ? s->trust_level : 0;
  return (civ_entity){ .id = s->entity_id,
                       .name = s->name,
                       .type = (uint8_t)s->entity_type,
                       .trust = trust < 1 ? trust : 1,
                       .rate_limit = s->rate_limit,
                       .latency_ms = s->latency_ms,
                       .reliability = s->reliability,
                       .sensitive_data = s->sensitive_data,
                       .data_type = s->data_type,
                       .sensitivity = s->sensitivity_level,
                       .access_cost = s->access_cost };
}

static json_t *list_of(const civ_tree *tree)
{
  return tree->json != NULL ? json_loads(tree->json, JSON_DECODE_ANY, NULL) : json_array();
}

static civ_status add_entities(civ_gate *g, const civ_boundaries_config *rules, civ_error *err)
{
  json_t *list = list_of(&rules->entities);
  civ_outside *o = &g->outside;
  civ_arena *arena = &g->engine.arena;
  civ_status status = CIV_OK;
  char where[64];
  const size_t n = json_array_size(list);
  o->entities = list != NULL ? civ_arena_take(arena, DEFAULT_WORLD + n, sizeof *o->entities) : NULL;
  if (o->entities == NULL)
    status = civ_fail(err, CIV_E_NOMEM, "boundaries.entities", "out of memory");
  for (int k = 0; status == CIV_OK && rules->default_world && k < DEFAULT_WORLD; k++)
    o->entities[o->n++] = default_world[k];
  for (size_t k = 0; status == CIV_OK && k < n; k++) {
    civ_entity_settings s;
    snprintf(where, sizeof where, "boundaries.entities[%zu]", k);
    status = civ_settings_read(&civ_boundary_entity_section, json_array_get(list, k), where, &s, arena, err);
    if (status == CIV_OK && civ_outside_find(o, s.entity_id) != CIV_NONE)
      status =
          civ_fail(err, CIV_E_KEY, where, "entity_id: '%.60s' is there already; give each entity its own", s.entity_id);
    if (status == CIV_OK)
      o->entities[o->n++] = entity_of(&s);
  }
  json_decref(list);
  return status;
}

/* --- what may cross -------------------------------------------------------------------------------------------------------- */

static civ_status add_policies(civ_gate *g, const civ_boundaries_config *rules, const civ_clearances *who,
                               civ_error *err)
{
  json_t *list = list_of(&rules->policies);
  civ_engine *e = &g->engine;
  char where[64];
  civ_status status = list != NULL ? CIV_OK : civ_fail(err, CIV_E_NOMEM, "boundaries.policies", "out of memory");
  if (status == CIV_OK && rules->default_policies)
    status = civ_engine_add_default(e, who, err);
  for (size_t k = 0; status == CIV_OK && k < json_array_size(list); k++) {
    civ_policy_settings s;
    civ_rule *rule = NULL;
    snprintf(where, sizeof where, "boundaries.policies[%zu]", k);
    status = civ_settings_read(&civ_boundary_policy_section, json_array_get(list, k), where, &s, &e->arena, err);
    if (status == CIV_OK)
      status = civ_engine_make(e, &s, false, who, where, 0, &rule, err);
    if (status == CIV_OK)
      status = civ_engine_add(e, rule);
  }
  json_decref(list);
  return status;
}

void civ_gate_fini(civ_gate *g)
{
  civ_scanner_destroy(g->scanner);
  civ_flows_fini(&g->flows);
  civ_leaks_fini(&g->leaks);
  civ_engine_fini(&g->engine);
  *g = (civ_gate){ 0 };
}

static civ_status build(civ_gate *g, const civ_boundary_sections *s, const civ_boundary_who *who,
                        const civ_allocator *allocator, civ_error *err)
{
  const civ_clearances clearances = { .agents = who->agents,
                                      .names = who->names,
                                      .variants = who->variants,
                                      .types = who->types,
                                      .levels = s->rules->clearances };
  civ_status status = add_entities(g, s->rules, err);
  if (status == CIV_OK)
    status = add_policies(g, s->rules, &clearances, err);
  if (status == CIV_OK)
    status = civ_scanner_create(&s->leakage->patterns, &s->leakage->keywords, allocator, &g->scanner, err);
  if (status != CIV_OK)
    return status;
  const uint32_t parties = civ_gate_parties(who->agents, g->outside.n);
  status = civ_flows_init(&g->flows, parties, s->rules->sensitivity_threshold, allocator);
  if (status == CIV_OK)
    status = civ_leaks_init(&g->leaks, parties, allocator);
  return status == CIV_OK ? CIV_OK
                          : civ_fail(err, status, "boundaries", "out of memory for %u agents and entities", parties);
}

civ_status civ_gate_build(civ_gate *g, const civ_boundary_sections *s, const civ_boundary_who *who,
                          const civ_allocator *allocator, civ_error *err)
{
  *g = (civ_gate){ .agents = who->agents,
                   .block_severity = s->leakage->block_severity,
                   .book_blocked = s->rules->book_blocked };
  g->outside.most_per_epoch = s->rules->max_interactions_per_epoch;
  civ_engine_init(&g->engine, allocator);
  const civ_status status = build(g, s, who, allocator, err);
  if (status != CIV_OK)
    civ_gate_fini(g);
  return status;
}

/* --- what agents send --------------------------------------------------------------------------------------------------------- */

static const civ_mix_settings default_mix[CIV_AGENT_TYPES] = {
  [CIV_HONEST] = { { 0.97, 0.02, 0.00, 0.01, 0.00 } },
  [CIV_OPPORTUNISTIC] = { { 0.88, 0.03, 0.05, 0.04, 0.00 } },
  [CIV_DECEPTIVE] = { { 0.82, 0.04, 0.05, 0.05, 0.04 } },
  [CIV_ADVERSARIAL] = { { 0.55, 0.05, 0.10, 0.15, 0.15 } },
};

static civ_status read_mix(const json_t *entry, const char *type, civ_mix_settings *out, civ_error *err)
{
  char where[96];
  double sum = 0;
  civ_arena arena = civ_arena_create(NULL);
  snprintf(where, sizeof where, "boundaries.activity.mix.%s", type);
  const civ_status status = civ_settings_read(&civ_boundary_mix_section, entry, where, out, &arena, err);
  civ_arena_destroy(&arena);
  if (status != CIV_OK)
    return status;
  for (int k = 0; k < CIV_CONTENT_KINDS; k++)
    sum += out->weight[k];
  return sum > 0 ? CIV_OK
                 : civ_fail(err, CIV_E_RANGE, where, "the weights add up to 0; give at least one of them more than 0");
}

civ_status civ_activity_mix_read(civ_activity_mix *mix, const civ_tree *tree, civ_error *err)
{
  civ_activity_mix result;
  json_t *given = list_of(tree);
  civ_status status = given != NULL ? CIV_OK : civ_fail(err, CIV_E_NOMEM, "boundaries.activity.mix", "out of memory");
  memcpy(result.by_type, default_mix, sizeof result.by_type);
  for (int k = 0; status == CIV_OK && k < CIV_AGENT_TYPES; k++) {
    const json_t *entry = json_object_get(given, civ_agent_type_names[k]);
    if (entry != NULL)
      status = read_mix(entry, civ_agent_type_names[k], &result.by_type[k], err);
  }
  result.llm = result.by_type[CIV_HONEST];
  const json_t *entry = json_object_get(given, "llm");
  if (status == CIV_OK && entry != NULL)
    status = read_mix(entry, "llm", &result.llm, err);
  json_decref(given);
  if (status == CIV_OK)
    *mix = result;
  return status;
}

const civ_mix_settings *civ_activity_mix_of(const civ_activity_mix *mix, const char *variant, uint8_t type)
{
  if (strcmp(variant, "llm") == 0)
    return &mix->llm;
  return &mix->by_type[type < CIV_AGENT_TYPES ? type : CIV_HONEST];
}

civ_status civ_boundary_check(const civ_boundary_sections *sections, civ_error *err)
{
  civ_gate gate;
  civ_activity_mix mix;
  const civ_boundary_who nobody = { 0 };
  civ_status status = civ_gate_build(&gate, sections, &nobody, &civ_allocator_malloc, err);
  if (status != CIV_OK)
    return status;
  civ_gate_fini(&gate);
  return civ_activity_mix_read(&mix, &sections->activity->mix, err);
}
