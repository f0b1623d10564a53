/* Services of the loop, as parts see them. */
#include "base/memory.h"
#include "sim/run_state.h"

static civ_run *run_of(const civ_host *host)
{
  return (civ_run *)(uintptr_t)host;
}

static const civ_population *host_population(const civ_host *host)
{
  return &run_of(host)->people.view;
}
static const civ_allocator *host_allocator(const civ_host *host)
{
  return &run_of(host)->allocator;
}
static uint64_t host_seed(const civ_host *host)
{
  return run_of(host)->seed;
}
static uint64_t host_steps_done(const civ_host *host)
{
  return run_of(host)->steps_done;
}

static const void *host_section(const civ_host *host, const char *name)
{
  return civ_config_section(run_of(host)->config, name);
}

static bool host_section_given(const civ_host *host, const char *name)
{
  return civ_config_given(run_of(host)->config, name);
}

static void host_now(const civ_host *host, uint32_t *epoch, uint32_t *step)
{
  *epoch = run_of(host)->epoch;
  *step = run_of(host)->step;
}

static civ_status host_watch(civ_host *host, civ_watch_test test, const void *arg, uint32_t *watch, civ_error *err)
{
  if (civ_population_watch(&run_of(host)->people, test, arg, watch) != CIV_OK)
    return civ_fail(err, CIV_E_NOMEM, "run", "out of memory while setting up a watch over the population");
  return CIV_OK;
}

static civ_status host_watch_history(civ_host *host, uint32_t watch, civ_error *err)
{
  if (civ_population_watch_history(&run_of(host)->people, watch) != CIV_OK)
    return civ_fail(err, CIV_E_NOMEM, "run", "out of memory while setting up a watch over the population");
  return CIV_OK;
}

static bool answers(const char *const *services, const char *name)
{
  for (; services && *services; services++)
    if (strcmp(*services, name) == 0)
      return true;
  return false;
}

static const void *host_service(const civ_host *host, const char *name)
{
  const civ_run *run = run_of(host);
  for (uint32_t k = 0; k < run->n_worlds; k++) {
    const world_slot *w = &run->worlds[k];
    if (w->self && answers(w->table->services, name))
      return w->table->service(w->self, name);
  }
  for (uint32_t k = 0; k < run->n_levers; k++) {
    const lever_slot *l = &run->levers[k];
    if (l->self && answers(l->table->services, name))
      return l->table->service(l->self, name);
  }
  return NULL;
}

static bool host_admitted(const civ_host *host, civ_agent a)
{
  const civ_run *run = run_of(host);
  return a < run->people.view.n && agent_active(run, a) && civ_sim_admits(run, a);
}

static double host_vote_weight(const civ_host *host, civ_agent a)
{
  const civ_run *run = run_of(host);
  double weight = 1;
  for (uint32_t k = 0; k < run->levers_weigh.n; k++) {
    const lever_slot *l = &run->levers[run->levers_weigh.at[k]];
    weight *= l->table->vote_weight(l->self, a);
  }
  return weight;
}

static uint32_t host_quota_used(const civ_host *host, civ_agent a, civ_quota quota)
{
  const civ_run *run = run_of(host);
  for (uint32_t k = 0; k < run->n_levers; k++)
    if (run->levers[k].table->used)
      return run->levers[k].table->used(run->levers[k].self, a, quota);
  return 0;
}

/* Parts fill type, ids and values of their own forms; the loop adds form and time. */
static void host_emit(civ_host *host, civ_event *event)
{
  civ_run *run = run_of(host);
  civ_event storage;
  if (event->type >= run->n_event_forms)
    return;
  const civ_event *made = civ_sim_event(run, &storage, event->type);
  if (!made)
    return;
  event->full_only = made->full_only;
  event->time_us = made->time_us;
  event->epoch = made->epoch;
  event->step = made->step;
  event->form = made->form;
  civ_sim_send(run, event);
}

static void host_judge(civ_host *host, civ_interaction *record)
{
  civ_sim_judge_made(run_of(host), record);
}

static void host_transfer(civ_host *host, civ_agent from, civ_agent to, double amount)
{
  civ_sim_transfer(run_of(host), from, to, amount);
}

static bool host_freeze(civ_host *host, civ_agent a, const char *by)
{
  civ_run *run = run_of(host);
  if (a >= run->people.view.n || !civ_population_set_frozen(&run->people, a, true))
    return false;
  civ_event storage, *event = civ_sim_event(run, &storage, CIV_EVENT_AGENT_FROZEN);
  if (event) {
    event->agent = a;
    event->values[0].text = by;
    event->values[1].integer = INT64_MIN;
    civ_sim_send(run, event);
  }
  return true;
}

static uint16_t host_event_type(const civ_host *host, const char *name)
{
  const civ_run *run = run_of(host);
  for (uint32_t k = 0; k < run->n_event_forms; k++)
    if (strcmp(run->event_forms[k]->name, name) == 0)
      return (uint16_t)k;
  return UINT16_MAX;
}

static uint32_t host_roles(const civ_host *host, civ_agent a)
{
  return run_of(host)->roles[a];
}

static bool host_watch_left(const civ_host *host, uint32_t id, uint64_t *cursor, civ_agent *x, uint64_t *entered,
                            uint64_t *left)
{
  const watch_state *w = &run_of(host)->people.watches[id];
  if (*cursor >= w->n_departures)
    return false;
  const watch_departure *d = &w->departures[(*cursor)++];
  *x = d->x;
  *entered = d->entered;
  *left = d->left;
  return true;
}

/* The first restricting world names all that it permits; others only take away from that. */
static uint32_t host_permitted(const civ_host *host, civ_agent a, const civ_agent **out)
{
  const civ_run *run = run_of(host);
  if (run->worlds_permit.n == 0)
    return UINT32_MAX;
  const world_slot *w = &run->worlds[run->worlds_permit.at[0]];
  return w->table->neighbours(w->self, a, out);
}

static const civ_agent_entry *host_agents(const civ_host *host, uint32_t *n)
{
  return civ_config_agents(run_of(host)->config, n);
}

static const civ_agent *host_schedule(const civ_host *host)
{
  return run_of(host)->order;
}

static void host_measure(const civ_host *host, const civ_proposal *proposal, civ_draws *draws, civ_interaction *record)
{
  civ_sim_measure(run_of(host), proposal, draws, record);
}

static void host_credit(civ_host *host, civ_agent a, double amount)
{
  civ_run *run = run_of(host);
  if (a < run->people.view.n && amount != 0)
    civ_population_set_resources(&run->people, a, run->people.resources[a] + amount);
}

static bool host_listened(const civ_host *host)
{
  return run_of(host)->listening;
}

const civ_host_table civ_sim_host_table = {
  .population = host_population,
  .allocator = host_allocator,
  .seed = host_seed,
  .section = host_section,
  .section_given = host_section_given,
  .steps_done = host_steps_done,
  .now = host_now,
  .watch = host_watch,
  .watch_history = host_watch_history,
  .service = host_service,
  .admitted = host_admitted,
  .vote_weight = host_vote_weight,
  .quota_used = host_quota_used,
  .emit = host_emit,
  .judge = host_judge,
  .transfer = host_transfer,
  .freeze = host_freeze,
  .event_type = host_event_type,
  .roles = host_roles,
  .watch_left = host_watch_left,
  .permitted = host_permitted,
  .agents = host_agents,
  .schedule = host_schedule,
  .measure = host_measure,
  .credit = host_credit,
  .listened = host_listened,
};
