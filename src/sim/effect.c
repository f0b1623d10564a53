#include "sim/effect.h"

#include <string.h>

civ_status civ_effect_init(civ_effect *e, uint32_t agents, uint32_t levers, const civ_allocator *allocator)
{
  *e = (civ_effect){ .allocator = allocator, .agents = agents, .n_levers = levers };
  if (levers == 0)
    return CIV_OK;
  e->lever_cost_a = civ_zeroed(allocator, levers, sizeof *e->lever_cost_a);
  e->lever_cost_b = civ_zeroed(allocator, levers, sizeof *e->lever_cost_b);
  e->accounts = civ_zeroed(allocator, levers, sizeof *e->accounts);
  e->slot = civ_zeroed(allocator, agents, sizeof *e->slot);
  if (!e->lever_cost_a || !e->lever_cost_b || !e->accounts || (agents && !e->slot)) {
    civ_effect_fini(e);
    return CIV_E_NOMEM;
  }
  return CIV_OK;
}

void civ_effect_fini(civ_effect *e)
{
  if (!e->allocator)
    return;
  civ_release(e->allocator, e->lever_cost_a, e->n_levers * sizeof *e->lever_cost_a);
  civ_release(e->allocator, e->lever_cost_b, e->n_levers * sizeof *e->lever_cost_b);
  civ_release(e->allocator, e->accounts, e->n_levers * sizeof *e->accounts);
  civ_release(e->allocator, e->slot, e->agents * sizeof *e->slot);
  civ_release(e->allocator, e->punishes, e->n_levers * sizeof *e->punishes);
  civ_release(e->allocator, e->penalties, e->agents * sizeof *e->penalties);
  civ_drop(e->allocator, (void **)&e->freezes, &e->freezes_capacity, sizeof *e->freezes);
  civ_drop(e->allocator, (void **)&e->thaws, &e->thaws_capacity, sizeof *e->thaws);
  civ_drop(e->allocator, (void **)&e->deltas, &e->deltas_capacity, sizeof *e->deltas);
  *e = (civ_effect){ 0 };
}

/* Levers that act on what a detector says of agents. */
static bool is_punishing(const char *lever)
{
  return strcmp(lever, "collusion_penalty") == 0 || strcmp(lever, "security") == 0 ||
         strcmp(lever, "sybil_detection") == 0;
}

civ_status civ_effect_watch_penalties(civ_effect *e)
{
  bool some = false;
  for (uint32_t k = 0; k < e->n_levers; k++)
    some = some || is_punishing(e->lever_names[k]);
  if (!some || e->agents == 0)
    return CIV_OK;
  e->punishes = civ_zeroed(e->allocator, e->n_levers, sizeof *e->punishes);
  e->penalties = civ_zeroed(e->allocator, e->agents, sizeof *e->penalties);
  if (!e->punishes || !e->penalties)
    return CIV_E_NOMEM;
  for (uint32_t k = 0; k < e->n_levers; k++)
    e->punishes[k] = is_punishing(e->lever_names[k]);
  return CIV_OK;
}

static void penalise(civ_effect *e, civ_agent a, double amount)
{
  if (e->punishes && e->punishes[e->lever] && a < e->agents)
    e->penalties[a] += amount < 0 ? -amount : amount;
}

civ_status civ_effect_reserve(civ_effect *e, size_t more)
{
  if (e->n_levers == 0)
    return CIV_OK;
  civ_status st = civ_grow(e->allocator, (void **)&e->freezes, &e->freezes_capacity, more, sizeof *e->freezes);
  if (st == CIV_OK)
    st = civ_grow(e->allocator, (void **)&e->thaws, &e->thaws_capacity, more, sizeof *e->thaws);
  if (st == CIV_OK)
    st = civ_grow(e->allocator, (void **)&e->deltas, &e->deltas_capacity, more, sizeof *e->deltas);
  return st;
}

void civ_effect_clear(civ_effect *e)
{
  for (size_t k = 0; k < e->n_deltas; k++)
    e->slot[e->deltas[k].agent] = 0;
  e->n_deltas = e->n_freezes = e->n_thaws = 0;
  e->cost_a = e->cost_b = 0;
  e->party_a = e->party_b = CIV_NOBODY;
  for (uint32_t k = 0; k < e->n_levers; k++)
    e->lever_cost_a[k] = e->lever_cost_b[k] = 0;
}

void civ_effect_cost(civ_effect *e, double cost_a, double cost_b)
{
  e->cost_a += cost_a;
  e->cost_b += cost_b;
  e->lever_cost_a[e->lever] += cost_a;
  e->lever_cost_b[e->lever] += cost_b;
  e->accounts[e->lever].cost += cost_a + cost_b;
  e->accounts[e->lever].cost_a += cost_a;
  e->accounts[e->lever].cost_b += cost_b;
  penalise(e, e->party_a, cost_a);
  penalise(e, e->party_b, cost_b);
}

static void order(civ_effect *e, effect_freeze **list, size_t *n, size_t *capacity, civ_agent a, int64_t until)
{
  if (a >= e->agents) /* unknown agents are ignored */
    return;
  if (civ_grow(e->allocator, (void **)list, capacity, *n + 1, sizeof **list) != CIV_OK) {
    e->failed = true;
    return;
  }
  (*list)[(*n)++] = (effect_freeze){ .agent = a, .lever = e->lever, .until_epoch = until };
}

void civ_effect_freeze(civ_effect *e, civ_agent a, int64_t until_epoch)
{
  e->accounts[e->lever].freezes += a < e->agents;
  order(e, &e->freezes, &e->n_freezes, &e->freezes_capacity, a, until_epoch);
}

void civ_effect_unfreeze(civ_effect *e, civ_agent a)
{
  e->accounts[e->lever].thaws += a < e->agents;
  order(e, &e->thaws, &e->n_thaws, &e->thaws_capacity, a, -1);
}

static effect_delta *delta_of(civ_effect *e, civ_agent a)
{
  if (a >= e->agents)
    return NULL;
  if (e->slot[a] == 0) {
    if (civ_grow(e->allocator, (void **)&e->deltas, &e->deltas_capacity, e->n_deltas + 1, sizeof *e->deltas) !=
        CIV_OK) {
      e->failed = true;
      return NULL;
    }
    e->deltas[e->n_deltas] = (effect_delta){ .agent = a };
    e->slot[a] = (uint32_t)++e->n_deltas;
  }
  return &e->deltas[e->slot[a] - 1];
}

void civ_effect_reputation(civ_effect *e, civ_agent a, double delta)
{
  effect_delta *d = delta_of(e, a);
  if (!d)
    return;
  d->reputation_ordered = true;
  d->reputation += delta;
  e->accounts[e->lever].reputation += delta;
  penalise(e, a, delta);
}

void civ_effect_resources(civ_effect *e, civ_agent a, double delta)
{
  effect_delta *d = delta_of(e, a);
  if (!d)
    return;
  d->resources_ordered = true;
  d->resources += delta;
  e->accounts[e->lever].resources += delta;
}

/* CIV_NONE when there is no lever of that name. */
static uint32_t lever_called(const civ_effect *e, const char *name)
{
  for (uint32_t k = 0; e->lever_names && k < e->n_levers; k++)
    if (strcmp(e->lever_names[k], name) == 0)
      return k;
  return CIV_NONE;
}

double civ_effect_cost_a_of(const civ_effect *e, const char *lever)
{
  const uint32_t k = lever_called(e, lever);
  return k == CIV_NONE ? 0 : e->lever_cost_a[k];
}

bool civ_effect_freezes_of(const civ_effect *e, const char *lever, civ_agent a)
{
  const uint32_t number = lever_called(e, lever);
  for (size_t k = 0; k < e->n_freezes; k++)
    if (e->freezes[k].lever == number && e->freezes[k].agent == a)
      return true;
  return false;
}

void civ_effect_stop(civ_effect *e, const char *reason, double value)
{
  if (e->stop)
    return;
  e->stop = true;
  e->stop_reason = reason;
  e->stop_value = value;
}
