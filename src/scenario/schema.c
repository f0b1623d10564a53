#include "scenario/schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/names.h"
#include "civitas/log.h"
#include "civitas/metrics.h"
#include "scenario/sections/sections.h"

/* In the order in which they are printed. A section stands behind the one it is nested in. */
static const civ_section *const own_sections[] = {
  &civ_scenario_section,
  &civ_simulation_section,
  &civ_environment_section,
  &civ_rate_limits_section,
  &civ_payoff_section,
  &civ_proxy_section,
  &civ_proxy_weights_section,
  &civ_metrics_section,
  &civ_governance_section,
  &civ_safety_section,
  &civ_network_section,
  &civ_network_metrics_section,
  &civ_marketplace_section,
  &civ_composite_tasks_section,
  &civ_boundaries_section,
  &civ_boundaries_leakage_section,
  &civ_boundaries_activity_section,
  &civ_auction_section,
  &civ_missions_section,
  &civ_hfn_section,
  &civ_hfn_crash_section,
  &civ_permeability_section,
  &civ_identity_section,
  &civ_llm_section,
  &civ_llm_budget_section,
  &civ_outputs_section,
};

/* Types of agents that a file may name before their policies are built. */
static const civ_agent_kind own_kinds[] = {
  { "adaptive_adversary", CIV_ADVERSARIAL, &civ_adaptive_adversary_section, NULL },
  { "llm", CIV_HONEST, NULL, NULL },
};

enum { N_OWN = sizeof own_sections / sizeof own_sections[0], N_OWN_KINDS = sizeof own_kinds / sizeof own_kinds[0] };

/* --- sections -------------------------------------------------------------------------------------------------------- */

typedef struct gathering {
  const civ_section **sections;
  uint32_t n, capacity;
} gathering;

/* A section of a part takes the place of ours of the same name, or joins at the end. */
static void gather(gathering *g, const civ_section *const *sections)
{
  for (; sections && *sections; sections++) {
    uint32_t k = 0;
    while (k < g->n && strcmp(g->sections[k]->name, (*sections)->name) != 0)
      k++;
    if (k < g->capacity)
      g->sections[k] = *sections;
    if (k == g->n)
      g->n++;
  }
}

static uint32_t count_sections(const civ_section *const *sections)
{
  uint32_t n = 0;
  while (sections && sections[n])
    n++;
  return n;
}

static uint32_t count_all(const civ_registry *registry)
{
  uint32_t n = N_OWN;
  const civ_world *world;
  const civ_lever *lever;
  for (uint32_t k = 0; (world = civ_registry_world(registry, k)); k++)
    n += count_sections(world->sections);
  for (uint32_t k = 0; (lever = civ_registry_lever(registry, k)); k++)
    n += count_sections(lever->sections);
  return n;
}

static void gather_all(gathering *g, const civ_registry *registry)
{
  const civ_world *world;
  const civ_lever *lever;
  memcpy(g->sections, own_sections, sizeof own_sections);
  g->n = N_OWN;
  for (uint32_t k = 0; (world = civ_registry_world(registry, k)); k++)
    gather(g, world->sections);
  for (uint32_t k = 0; (lever = civ_registry_lever(registry, k)); k++)
    gather(g, lever->sections);
}

/* --- agents ---------------------------------------------------------------------------------------------------------- */

static uint32_t gather_kinds(civ_agent_kind *kinds, const civ_registry *registry)
{
  uint32_t n = 0;
  const civ_policy *policy;
  for (uint32_t k = 0; (policy = civ_registry_policy(registry, k)); k++)
    kinds[n++] = (civ_agent_kind){ policy->name, policy->agent_type, policy->config, policy };
  for (uint32_t k = 0; k < N_OWN_KINDS; k++)
    if (!civ_registry_find_policy(registry, own_kinds[k].name))
      kinds[n++] = own_kinds[k];
  return n;
}

static uint32_t count_policies(const civ_registry *registry)
{
  uint32_t n = 0;
  while (civ_registry_policy(registry, n))
    n++;
  return n;
}

/* --- the config ------------------------------------------------------------------------------------------------------ */

civ_status civ_schema_create_config(const civ_registry *registry, const civ_allocator *allocator, civ_config **out,
                                    civ_error *err)
{
  const uint32_t most = count_all(registry), most_kinds = count_policies(registry) + N_OWN_KINDS;
  const civ_allocator *a = allocator ? allocator : &civ_allocator_malloc;
  gathering g = { civ_zeroed(a, most, sizeof(civ_section *)), 0, most };
  civ_agent_kind *kinds = civ_zeroed(a, most_kinds, sizeof *kinds);
  civ_status status = CIV_E_NOMEM;
  if (g.sections && kinds) {
    gather_all(&g, registry);
    const civ_schema schema = { .sections = g.sections,
                                .n_sections = g.n,
                                .agent = &civ_agent_section,
                                .kinds = kinds,
                                .n_kinds = gather_kinds(kinds, registry) };
    status = civ_config_build(registry, &schema, allocator, out, err);
  } else {
    civ_fail(err, status, "config", "out of memory");
  }
  if (g.sections)
    civ_release(a, g.sections, most * sizeof(civ_section *));
  if (kinds)
    civ_release(a, kinds, most_kinds * sizeof *kinds);
  return status;
}

civ_status civ_config_create(const civ_registry *registry, civ_config **out, civ_error *err)
{
  return civ_schema_create_config(registry, NULL, out, err);
}

/* --- asking ---------------------------------------------------------------------------------------------------------- */

bool civ_schema_is_built(const civ_registry *registry, const char *part)
{
  const civ_world *world;
  const civ_lever *lever;
  if (!part || !*part)
    return true;
  for (uint32_t k = 0; (world = civ_registry_world(registry, k)); k++)
    if (strcmp(world->name, part) == 0)
      return true;
  for (uint32_t k = 0; (lever = civ_registry_lever(registry, k)); k++)
    if (strcmp(lever->name, part) == 0)
      return true;
  return civ_registry_find_policy(registry, part) != NULL;
}

const civ_field *civ_schema_find(const civ_config *config, const char *path, civ_block **block)
{
  char section[96] = "";
  bool alias;
  const char *dot = strrchr(path, '.');
  if (dot) {
    if ((size_t)(dot - path) >= sizeof section)
      return NULL;
    memcpy(section, path, (size_t)(dot - path));
    section[dot - path] = 0;
  }
  const char *name = dot ? dot + 1 : path;
  *block = civ_config_block(config, section);
  const civ_field *field = *block ? civ_section_field_or_alias((*block)->table, name, &alias) : NULL;
  if (!field && !dot) { /* the bare names of simulation */
    *block = civ_config_block(config, "simulation");
    field = *block ? civ_section_field_or_alias((*block)->table, name, &alias) : NULL;
  }
  for (uint32_t k = 0; !field && k < config->n_blocks; k++) { /* spellings below a section: network.params.k */
    *block = &config->blocks[k];
    const char *own = (*block)->table->name;
    const size_t n = strlen(own);
    if (n == 0 || strncmp(path, own, n) != 0 || path[n] != '.')
      continue;
    for (uint32_t i = 0; !field && i < (*block)->table->n_fields; i++)
      if (civ_words_find((*block)->table->fields[i].also, path + n + 1) >= 0)
        field = &(*block)->table->fields[i];
    if (field)
      break;
  }
  return field;
}

void civ_schema_nearest(const civ_config *config, const char *path, char *out, size_t size)
{
  char candidate[160];
  const char *last = strrchr(path, '.') ? strrchr(path, '.') + 1 : path;
  civ_name_search whole = civ_name_search_for(path), member = civ_name_search_for(last);
  out[0] = 0;
  for (uint32_t k = 0; k < config->n_blocks; k++) {
    const civ_section *s = config->blocks[k].table;
    for (uint32_t i = 0; i < s->n_fields; i++) {
      const int before = whole.distance, before_member = member.distance;
      snprintf(candidate, sizeof candidate, "%s%s%s", s->name, *s->name ? "." : "", s->fields[i].name);
      civ_name_offer(&whole, candidate);
      civ_name_offer(&member, s->fields[i].name);
      /* The whole path decides; a member of that name elsewhere is the second best guess. */
      if (whole.distance < before || (whole.distance == 3 && member.distance < before_member))
        snprintf(out, size, "%s", candidate);
    }
    if (*s->name) {
      const int before = whole.distance;
      civ_name_offer(&whole, s->name);
      if (whole.distance < before)
        snprintf(out, size, "%s", s->name);
    }
  }
}
