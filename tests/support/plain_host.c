#include "support/plain_host.h"

#include <string.h>

static plain_host *of(const civ_host *host)
{
  return (plain_host *)(uintptr_t)host;
}

static const civ_population *population(const civ_host *host)
{
  return &of(host)->population;
}

static const civ_allocator *allocator(const civ_host *host)
{
  return of(host)->allocator;
}

static uint64_t seed(const civ_host *host)
{
  (void)host;
  return 1;
}

static const void *section(const civ_host *host, const char *name)
{
  const plain_host *h = of(host);
  if (strcmp(name, "simulation") == 0)
    return &h->simulation;
  if (strcmp(name, "environment") == 0)
    return &h->environment;
  if (strcmp(name, "rate_limits") == 0)
    return &h->rate_limits;
  return strcmp(name, "safety") == 0 ? &h->safety : NULL;
}

static uint64_t steps_done(const civ_host *host)
{
  return of(host)->steps_done;
}

static void now(const civ_host *host, uint32_t *epoch, uint32_t *step)
{
  *epoch = of(host)->epoch;
  *step = of(host)->step;
}

static const void *service(const civ_host *host, const char *name)
{
  return strcmp(name, "market") == 0 ? of(host)->market : NULL;
}

static uint32_t roles(const civ_host *host, civ_agent a)
{
  return of(host)->roles[a];
}

static const civ_host_table services = { .population = population,
                                         .allocator = allocator,
                                         .seed = seed,
                                         .section = section,
                                         .steps_done = steps_done,
                                         .now = now,
                                         .service = service,
                                         .roles = roles };

static civ_opt_integer some(int64_t value)
{
  const civ_opt_integer x = { true, value };
  return x;
}

static const char *const costly[] = { "post", "reply", "propose", "vote" };
static const double costs[] = { 1, 1, 1, 0.1 };
static const char *const planner[] = { "post",   "reply",       "vote",       "propose",   "accept",
                                       "reject", "post_bounty", "accept_bid", "reject_bid" };
static const char *const worker[] = { "post",      "reply",        "vote",        "propose",
                                      "accept",    "reject",       "claim_task",  "submit_output",
                                      "place_bid", "withdraw_bid", "file_dispute" };
static const char *const verifier[] = { "vote", "accept", "reject", "verify_output" };
static const char *const poster[] = { "post", "reply", "vote", "accept", "reject" };
static const civ_text_list lists[] = { { planner, 9 }, { worker, 11 }, { verifier, 4 }, { poster, 5 }, { poster, 5 } };

void plain_host_init(plain_host *h, uint32_t agents, const civ_allocator *from)
{
  memset(h, 0, sizeof *h);
  h->host.call = &services;
  h->allocator = from;
  h->population.n = agents;
  h->population.type = h->type;
  h->population.frozen = h->frozen;
  h->population.reputation = h->reputation;
  h->population.resources = h->resources;
  h->simulation.enable_rate_limits = true;
  h->simulation.enable_kill_switch = true;
  h->simulation.max_content_length = 10000;
  h->rate_limits.posts_per_epoch = some(10);
  h->rate_limits.interactions_per_step = some(5);
  h->rate_limits.votes_per_epoch = some(50);
  h->rate_limits.tasks_per_epoch = some(3);
  h->rate_limits.bounties_per_epoch = some(3);
  h->rate_limits.bids_per_epoch = some(5);
  h->safety.kill_switch_enabled = true;
  h->safety.action_costs.names = costly;
  h->safety.action_costs.values = costs;
  h->safety.action_costs.n = 4;
  h->safety.role_allowlists.names = civ_role_names;
  h->safety.role_allowlists.lists = lists;
  h->safety.role_allowlists.n = CIV_ROLES;
}

void civ_effect_stop(civ_effect *e, const char *reason, double value)
{
  e->stops++;
  e->reason = reason;
  e->value = value;
}
