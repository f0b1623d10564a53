/* Building a run: population, then worlds, levers, policies, generator - each part by the same door - and taking it down. */
#include <stdlib.h>

#include "base/digest.h"
#include "base/number.h"
#include "sim/run_state.h"

static civ_status no_memory(civ_error *err)
{
  return civ_fail(err, CIV_E_NOMEM, "run", "out of memory while building the run");
}

/* Parts' memory: what the caller gave, but closed for growth during a step. */
static void *resize_unless_sealed(void *ctx, void *block, size_t old_size, size_t new_size)
{
  civ_run *run = ctx;
  if (run->sealed && new_size > old_size) {
    run->refused_growth++;
    return NULL;
  }
  return run->outer->resize(run->outer->ctx, block, old_size, new_size);
}

/* --- agents ------------------------------------------------------------------------------------------------------------ */

static civ_status count_agents(const civ_config *config, uint32_t *count, civ_error *err)
{
  uint32_t n;
  const civ_agent_entry *entries = civ_config_agents(config, &n);
  uint64_t sum = 0;
  for (uint32_t k = 0; k < n; k++)
    sum += entries[k].count;
  if (sum >= INT32_MAX)
    return civ_fail(err, CIV_E_LIMIT, "agents", "%llu agents are more than %d", (unsigned long long)sum, INT32_MAX - 1);
  *count = (uint32_t)sum;
  return CIV_OK;
}

static civ_status use_policy(civ_run *run, const civ_agent_entry *entry, uint8_t *slot, civ_error *err)
{
  if (!entry->policy || !entry->policy->act)
    return civ_fail(err, CIV_E_UNBUILT, "agents", "agents of type '%s' are not available in this version", entry->type);
  for (uint32_t k = 0; k < run->n_policies; k++)
    if (run->policies[k].table == entry->policy) {
      *slot = (uint8_t)k;
      return CIV_OK;
    }
  if (run->n_policies == 255)
    return civ_fail(err, CIV_E_LIMIT, "agents", "more than 255 kinds of policy in one run");
  *slot = (uint8_t)run->n_policies;
  run->policies[run->n_policies++].table = entry->policy;
  return CIV_OK;
}

static void place_agent(civ_run *run, civ_agent a, const civ_agent_entry *entry, uint8_t slot)
{
  const civ_environment_config *environment = civ_config_section(run->config, "environment");
  population *p = &run->people;
  p->type[a] = entry->policy->agent_type;
  p->policy[a] = slot;
  p->variant[a] = entry->policy->name;
  p->reputation[a] = entry->initial_reputation.set ? entry->initial_reputation.value : environment->initial_reputation;
  p->resources[a] = entry->initial_resources.set ? entry->initial_resources.value : environment->initial_resources;
  run->roles[a] = entry->roles ? entry->roles : 1u << CIV_WORKER;
  run->primary_role[a] = entry->n_roles ? entry->role_order[0] : (uint8_t)CIV_WORKER;
  if (!run->role_list)
    return;
  for (int k = 0; k < CIV_ROLES; k++)
    run->role_list[(size_t)a * CIV_ROLES + (size_t)k] = k < entry->n_roles ? entry->role_order[k] : 255;
  if (entry->n_roles == 0)
    run->role_list[(size_t)a * CIV_ROLES] = CIV_WORKER;
}

static civ_status place_agents(civ_run *run, civ_error *err)
{
  uint32_t n;
  const civ_agent_entry *entries = civ_config_agents(run->config, &n);
  civ_agent a = 0;
  run->policies = civ_zeroed(run->outer, 255, sizeof *run->policies);
  if (!run->policies)
    return no_memory(err);
  for (uint32_t k = 0; k < n; k++) {
    uint8_t slot = 0;
    if (entries[k].count == 0)
      continue;
    const civ_status st = use_policy(run, &entries[k], &slot, err);
    if (st != CIV_OK)
      return st;
    for (uint32_t i = 0; i < entries[k].count; i++)
      place_agent(run, a++, &entries[k], slot);
  }
  civ_population_refresh(&run->people);
  return CIV_OK;
}

static civ_status make_population(civ_run *run, const civ_run_options *options, civ_error *err)
{
  uint32_t n = 0, named;
  civ_status st = count_agents(run->config, &n, err);
  if (st != CIV_OK)
    return st;
  if (options->names) {
    run->names = (char **)(uintptr_t)options->names;
  } else {
    st = civ_config_agent_names(run->config, &run->names, &named, err);
    if (st != CIV_OK)
      return st;
    run->names_owned = true;
  }
  if (civ_population_init(&run->people, n, run->outer, &run->moment) != CIV_OK ||
      civ_proposals_init(&run->open, n, &run->allocator) != CIV_OK)
    return no_memory(err);
  run->people.name = run->people.view.name = (const char *const *)run->names;
  run->roles = civ_zeroed(run->outer, n, sizeof *run->roles);
  run->primary_role = civ_zeroed(run->outer, n, 1);
  run->proposal_stamp = civ_zeroed(run->outer, n, sizeof *run->proposal_stamp);
  run->stamp_step = civ_zeroed(run->outer, n, sizeof *run->stamp_step);
  if (n && (!run->roles || !run->primary_role || !run->proposal_stamp || !run->stamp_step))
    return no_memory(err);
  if (run->simulation->roles_enabled && n && !(run->role_list = civ_zeroed(run->outer, (size_t)n * CIV_ROLES, 1)))
    return no_memory(err);
  if (run->simulation->schedule_mode != CIV_ROUND_ROBIN && n) {
    run->order = civ_zeroed(run->outer, n, sizeof *run->order);
    run->order_scratch = civ_zeroed(run->outer, n, sizeof *run->order_scratch);
    if (!run->order || !run->order_scratch)
      return no_memory(err);
  }
  if (options->recent_interactions && n) {
    run->ring_length = options->recent_interactions;
    run->ring = civ_zeroed(run->outer, (size_t)n * run->ring_length, sizeof *run->ring);
    run->ring_at = civ_zeroed(run->outer, n, sizeof *run->ring_at);
    if (!run->ring || !run->ring_at)
      return no_memory(err);
  }
  return place_agents(run, err);
}

/* --- parts --------------------------------------------------------------------------------------------------------------- */

static civ_status make_worlds(civ_run *run, civ_error *err)
{
  const civ_registry *registry = civ_config_registry(run->config);
  uint32_t most = 0;
  while (civ_registry_world(registry, most))
    most++;
  run->worlds = civ_zeroed(run->outer, most + 1, sizeof *run->worlds);
  if (!run->worlds)
    return no_memory(err);
  run->worlds_made = most + 1;
  for (uint32_t k = 0; k < most; k++) {
    const civ_world *table = civ_registry_world(registry, k);
    if (table->wanted && !table->wanted(&run->host))
      continue;
    world_slot *w = &run->worlds[run->n_worlds++];
    w->table = table;
    const civ_status st = table->create(&run->host, &w->self, err);
    if (st != CIV_OK)
      return st;
  }
  return CIV_OK;
}

static civ_status make_levers(civ_run *run, civ_error *err)
{
  const civ_registry *registry = civ_config_registry(run->config);
  uint32_t most = 0;
  while (civ_registry_lever(registry, most))
    most++;
  run->levers = civ_zeroed(run->outer, most + 1, sizeof *run->levers);
  run->lever_names = civ_zeroed(run->outer, most + 1, sizeof *run->lever_names);
  run->levers_made = most + 1;
  if (!run->levers || !run->lever_names)
    return no_memory(err);
  for (uint32_t k = 0; k < most; k++) {
    const civ_lever *table = civ_registry_lever(registry, k);
    if (table->wanted && !table->wanted(&run->host))
      continue;
    run->lever_names[run->n_levers] = table->name;
    lever_slot *l = &run->levers[run->n_levers++];
    l->table = table;
    l->number = (uint32_t)civ_digest(0, table->name, strlen(table->name));
    const civ_status st = table->create(&run->host, &l->self, err);
    if (st != CIV_OK)
      return st;
  }
  return CIV_OK;
}

static civ_status make_policies(civ_run *run, civ_error *err)
{
  const civ_registry *registry = civ_config_registry(run->config);
  for (uint32_t k = 0; k < run->n_policies; k++) {
    const civ_status st = run->policies[k].table->create(&run->host, &run->policies[k].self, err);
    if (st != CIV_OK)
      return st;
  }
  for (int role = 0; role < CIV_ROLES && run->simulation->roles_enabled; role++) {
    policy_slot *slot = &run->roles_in_use[role];
    slot->table = civ_registry_role(registry, (civ_role)role);
    if (!slot->table)
      continue;
    const civ_status st = slot->table->create(&run->host, &slot->self, err);
    if (st != CIV_OK)
      return st;
  }
  return CIV_OK;
}

static civ_status enrol(const policy_slot *slot, civ_agent a, const void *config, civ_error *err)
{
  return slot->table->enrol ? slot->table->enrol(slot->self, a, config, err) : CIV_OK;
}

static civ_status enrol_agents(civ_run *run, civ_error *err)
{
  uint32_t n;
  const civ_agent_entry *entries = civ_config_agents(run->config, &n);
  civ_agent a = 0;
  for (uint32_t k = 0; k < n; k++)
    for (uint32_t i = 0; i < entries[k].count; i++, a++) {
      civ_status st = enrol(&run->policies[run->people.policy[a]], a, entries[k].policy_config, err);
      for (int r = 0; st == CIV_OK && run->role_list && r < CIV_ROLES; r++) {
        const uint8_t role = run->role_list[(size_t)a * CIV_ROLES + (size_t)r];
        if (role < CIV_ROLES && run->roles_in_use[role].table)
          st = enrol(&run->roles_in_use[role], a, NULL, err);
      }
      if (st != CIV_OK)
        return st;
    }
  return CIV_OK;
}

static civ_status make_generator(civ_run *run, civ_error *err)
{
  run->generator = civ_registry_generator(civ_config_registry(run->config));
  if (!run->generator)
    return civ_fail(err, CIV_E_STATE, "run", "the registry has no observable generator");
  return run->generator->create ? run->generator->create(&run->host, &run->generator_self, err) : CIV_OK;
}

/* --- who is called when -------------------------------------------------------------------------------------------------- */

static void add_call(call_list *list, uint32_t at, bool has)
{
  if (has)
    list->at[list->n++] = (uint8_t)at;
}

static bool restricts(const civ_run *run, const world_slot *w)
{
  const civ_agent *list;
  return run->people.view.n == 0 || w->table->neighbours(w->self, 0, &list) != UINT32_MAX;
}

static void make_call_lists(civ_run *run)
{
  memset(run->owner, RESOLUTION_NONE, sizeof run->owner);
  for (uint32_t k = 0; k < run->n_worlds; k++) {
    const civ_world *t = run->worlds[k].table;
    for (const uint8_t *kind = t->actions; kind && *kind < CIV_ACTION_KINDS; kind++)
      run->owner[*kind] = (uint8_t)k;
    add_call(&run->worlds_permit, k, t->permits && t->neighbours && restricts(run, &run->worlds[k]));
    add_call(&run->worlds_turn_done, k, t->turn_done);
    add_call(&run->worlds_completed, k, t->completed);
    add_call(&run->worlds_step_begin, k, t->step_begin);
    add_call(&run->worlds_step_end, k, t->step_end);
    add_call(&run->worlds_foresee, k, t->foresee);
  }
  for (uint32_t k = 0; k < run->n_levers; k++) {
    const civ_lever *t = run->levers[k].table;
    add_call(&run->levers_admit, k, t->admits);
    add_call(&run->levers_admit_action, k, t->admits_action);
    add_call(&run->levers_charge, k, t->charge);
    add_call(&run->levers_may, k, t->may);
    add_call(&run->levers_judge, k, t->judge);
    add_call(&run->levers_judged, k, t->judged);
    add_call(&run->levers_step_begin, k, t->step_begin);
    add_call(&run->levers_weigh, k, t->vote_weight);
  }
  if (run->levers_may.n == 1) {
    const lever_slot *l = &run->levers[run->levers_may.at[0]];
    run->only_may = l->table->may;
    run->only_may_self = l->self;
  }
}

static civ_status make_event_forms(civ_run *run, civ_error *err)
{
  enum { MOST = sizeof run->event_count / sizeof *run->event_count };
  run->event_forms = civ_zeroed(run->outer, MOST, sizeof *run->event_forms);
  if (!run->event_forms)
    return no_memory(err);
  for (uint32_t k = 0; k < CIV_EVENT_BUILT_IN; k++)
    run->event_forms[run->n_event_forms++] = &civ_event_forms[k];
  for (uint32_t k = 0; k < run->n_worlds + run->n_levers; k++) {
    const civ_event_form *form =
        k < run->n_worlds ? run->worlds[k].table->events : run->levers[k - run->n_worlds].table->events;
    for (; form && form->name; form++) {
      if (run->n_event_forms == MOST)
        return civ_fail(err, CIV_E_LIMIT, form->name, "parts add more than %d event types", MOST - CIV_EVENT_BUILT_IN);
      run->event_forms[run->n_event_forms++] = form;
    }
  }
  return CIV_OK;
}

static civ_status make_reports(civ_run *run, civ_error *err)
{
  const civ_metrics_config *metrics = civ_config_section(run->config, "metrics");
  civ_status st =
      civ_epoch_metrics_create(run->people.view.n, run->payoff, metrics, &run->allocator, &run->epoch_metrics, err);
  if (st != CIV_OK)
    return st;
  civ_metrics_init(&run->metrics, run->payoff, metrics);
  run->attempted = civ_zeroed(run->outer, run->n_policies + 1, sizeof *run->attempted);
  run->succeeded = civ_zeroed(run->outer, run->n_policies + 1, sizeof *run->succeeded);
  if (!run->attempted || !run->succeeded)
    return no_memory(err);
  st = civ_sim_columns_init(run, err);
  return st == CIV_OK ? civ_sim_totals_init(run, err) : st;
}

static civ_status read_config(civ_run *run, civ_error *err)
{
  const civ_proxy_config *proxy = civ_config_section(run->config, "proxy");
  const civ_proxy_weights *weights = civ_config_section(run->config, "proxy.weights");
  run->simulation = civ_config_section(run->config, "simulation");
  run->payoff = civ_config_section(run->config, "payoff");
  if (!run->simulation->seed.set)
    return civ_fail(err, CIV_E_STATE, "simulation.seed", "the run has no seed: choose one before building it");
  run->seed = (uint64_t)run->simulation->seed.value;
  const char *start = run->simulation->start_time;
  if (!civ_parse_time(start, strlen(start), &run->clock_us))
    return civ_fail(err, CIV_E_SYNTAX, "simulation.start_time", "'%s' is not an ISO 8601 time", start);
  return civ_proxy_init(proxy, weights, &run->proxy, err);
}

static civ_status find_services(civ_run *run, civ_error *err)
{
  run->feed = run->host.call->service(&run->host, "feed");
  run->tasks = run->host.call->service(&run->host, "tasks");
  run->network = run->host.call->service(&run->host, "network");
  run->market = run->host.call->service(&run->host, "market");
  run->ledger = run->host.call->service(&run->host, "ledger");
  if (!run->feed || !run->tasks)
    return civ_fail(err, CIV_E_STATE, "run", "the registry has no %s", run->feed ? "task world" : "feed");
  return CIV_OK;
}

civ_status civ_sim_build(civ_run *run, const civ_run_options *options, civ_error *err)
{
  run->host.call = &civ_sim_host_table;
  run->allocator = (civ_allocator){ resize_unless_sealed, run };
  run->next_interaction = 1;
  run->threads = options->threads;
  civ_status st = read_config(run, err);
  if (st == CIV_OK)
    st = make_population(run, options, err);
  if (st == CIV_OK)
    st = make_worlds(run, err);
  if (st == CIV_OK)
    st = make_levers(run, err);
  if (st == CIV_OK)
    st = find_services(run, err);
  if (st == CIV_OK)
    st = make_policies(run, err);
  if (st == CIV_OK)
    st = enrol_agents(run, err);
  if (st == CIV_OK)
    st = make_generator(run, err);
  if (st != CIV_OK)
    return st;
  make_call_lists(run);
  run->far = run->people.view.n >= FAR_POPULATION;
  if (civ_effect_init(&run->effect, run->people.view.n, run->n_levers, run->outer) != CIV_OK)
    return no_memory(err);
  run->effect.lever_names = run->lever_names;
  if (civ_effect_watch_penalties(&run->effect) != CIV_OK)
    return no_memory(err);
  st = make_event_forms(run, err);
  if (st == CIV_OK)
    st = make_reports(run, err);
  if (st == CIV_OK && run->threads > 1 && run->simulation->turn_mode == CIV_SIMULTANEOUS)
    run->pool = civ_pool_create(run->threads); /* without it one thread does the work */
  return st;
}

/* --- taking down ----------------------------------------------------------------------------------------------------------- */

static void destroy_parts(civ_run *run)
{
  if (run->generator && run->generator->destroy)
    run->generator->destroy(run->generator_self);
  for (int role = 0; role < CIV_ROLES; role++)
    if (run->roles_in_use[role].self && run->roles_in_use[role].table->destroy)
      run->roles_in_use[role].table->destroy(run->roles_in_use[role].self);
  for (uint32_t k = 0; k < run->n_policies; k++)
    if (run->policies[k].self && run->policies[k].table->destroy)
      run->policies[k].table->destroy(run->policies[k].self);
  for (uint32_t k = 0; k < run->n_levers; k++)
    if (run->levers[k].self && run->levers[k].table->destroy)
      run->levers[k].table->destroy(run->levers[k].self);
  for (uint32_t k = 0; k < run->n_worlds; k++)
    if (run->worlds[k].self && run->worlds[k].table->destroy)
      run->worlds[k].table->destroy(run->worlds[k].self);
}

static void release_columns(civ_run *run)
{
  const size_t n = run->people.view.n;
  civ_release(run->outer, run->roles, n * sizeof *run->roles);
  civ_release(run->outer, run->primary_role, n);
  civ_release(run->outer, run->role_list, n * CIV_ROLES);
  civ_release(run->outer, run->proposal_stamp, n * sizeof *run->proposal_stamp);
  civ_release(run->outer, run->stamp_step, n * sizeof *run->stamp_step);
  civ_release(run->outer, run->order, n * sizeof *run->order);
  civ_release(run->outer, run->order_scratch, n * sizeof *run->order_scratch);
  civ_release(run->outer, run->ring, n * run->ring_length * sizeof *run->ring);
  civ_release(run->outer, run->ring_at, n * sizeof *run->ring_at);
}

static void release_reports(civ_run *run)
{
  civ_epoch_metrics_destroy(run->epoch_metrics);
  civ_release(run->outer, run->columns, run->columns_made * sizeof *run->columns);
  civ_release(run->outer, run->part_column, (run->part_metrics + 1) * sizeof *run->part_column);
  civ_release(run->outer, run->row, (run->columns_made + run->part_metrics) * sizeof *run->row);
  civ_drop(run->outer, (void **)&run->rows, &run->rows_capacity, sizeof *run->rows);
  civ_drop(run->outer, (void **)&run->total_decls, &run->total_decls_capacity, sizeof *run->total_decls);
  civ_release(run->outer, run->totals, run->n_totals * sizeof *run->totals);
  civ_free(run->total_names);
  civ_release(run->outer, run->attempted, (run->n_policies + 1) * sizeof *run->attempted);
  civ_release(run->outer, run->succeeded, (run->n_policies + 1) * sizeof *run->succeeded);
  civ_release(run->outer, run->event_forms,
              sizeof run->event_count / sizeof *run->event_count * sizeof *run->event_forms);
}

void civ_sim_dismantle(civ_run *run)
{
  run->sealed = false;
  civ_pool_destroy(run->pool);
  destroy_parts(run);
  release_columns(run);
  release_reports(run);
  civ_effect_fini(&run->effect);
  civ_proposals_fini(&run->open);
  civ_population_fini(&run->people);
  civ_drop(&run->allocator, (void **)&run->decided, &run->decided_capacity, sizeof *run->decided);
  civ_drop(&run->allocator, (void **)&run->wide, &run->wide_capacity, sizeof *run->wide);
  civ_drop(&run->allocator, (void **)&run->answers, &run->answers_capacity, 1);
  if (run->policies)
    civ_release(run->outer, run->policies, 255 * sizeof *run->policies);
  civ_release(run->outer, run->worlds, run->worlds_made * sizeof *run->worlds);
  civ_release(run->outer, run->levers, run->levers_made * sizeof *run->levers);
  civ_release(run->outer, run->lever_names, run->levers_made * sizeof *run->lever_names);
  if (run->names_owned)
    civ_free(run->names);
}
