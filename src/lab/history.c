#include "lab/history.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const civ_column_form civ_epoch_column_forms[CIV_N_EPOCH_COLUMNS + 1] = {
#define X(name_, integer_, otherwise_) { #name_, integer_, otherwise_ },
  CIV_EPOCH_COLUMNS(X)
#undef X
      { NULL, false, 0 },
};

const char *const civ_agent_column_names[CIV_N_AGENT_COLUMNS + 1] = {
  "reputation",      "resources",      "interactions_initiated", "interactions_received",
  "avg_p_initiated", "avg_p_received", "total_payoff",           "is_frozen",
  "is_quarantined",  "agent_type",     "cumulative_payoff",      NULL,
};

int civ_epoch_column_of(const char *name)
{
  for (int k = 0; k < CIV_N_EPOCH_COLUMNS; k++)
    if (strcmp(civ_epoch_column_forms[k].name, name) == 0)
      return k;
  return -1;
}

civ_epoch_snapshot civ_epoch_snapshot_blank(uint32_t epoch)
{
  civ_epoch_snapshot s = { .epoch = epoch };
  for (int k = 0; k < CIV_N_EPOCH_COLUMNS; k++)
    s.values[k] = civ_epoch_column_forms[k].otherwise;
  return s;
}

double civ_agent_snapshot_value(const civ_agent_snapshot *s, civ_agent_column column)
{
  switch (column) {
  case CIV_AGENT_REPUTATION:
    return s->reputation;
  case CIV_AGENT_RESOURCES:
    return s->resources;
  case CIV_AGENT_INITIATED:
    return s->initiated;
  case CIV_AGENT_RECEIVED:
    return s->received;
  case CIV_AGENT_AVG_P_INITIATED:
    return s->avg_p_initiated;
  case CIV_AGENT_AVG_P_RECEIVED:
    return s->avg_p_received;
  case CIV_AGENT_TOTAL_PAYOFF:
    return s->total_payoff;
  case CIV_AGENT_FROZEN:
    return s->frozen;
  case CIV_AGENT_QUARANTINED:
    return s->quarantined;
  case CIV_AGENT_CUMULATIVE_PAYOFF:
    return s->cumulative_payoff;
  default:
    return NAN;
  }
}

civ_history civ_history_create(void)
{
  civ_history h = { .arena = civ_arena_create(NULL), .simulation_id = "simulation" };
  return h;
}

void civ_history_destroy(civ_history *h)
{
  civ_arena_destroy(&h->arena);
  free((void *)h->names);
  free((void *)h->types);
  free(h->epochs);
  free(h->agents);
  free(h->spreads);
  *h = (civ_history){ 0 };
}

civ_status civ_history_lend_name(civ_history *h, const char *name, const char *type)
{
  size_t room = h->room_names, room_types = h->room_names;
  void *names = (void *)h->names, *types = (void *)h->types;
  civ_status status = civ_grow(&civ_allocator_malloc, &names, &room, h->n_names + 1u, sizeof *h->names);
  h->names = names;
  if (status == CIV_OK)
    status = civ_grow(&civ_allocator_malloc, &types, &room_types, h->n_names + 1u, sizeof *h->types);
  h->types = types;
  if (status != CIV_OK)
    return status;
  h->room_names = (uint32_t)room;
  h->names[h->n_names] = name;
  h->types[h->n_names++] = type;
  return CIV_OK;
}

civ_status civ_history_add_name(civ_history *h, const char *name, const char *type, uint32_t *index)
{
  const char *own = civ_arena_text(&h->arena, name, strlen(name));
  const char *own_type = type != NULL ? civ_arena_text(&h->arena, type, strlen(type)) : NULL;
  if (own == NULL || (type != NULL && own_type == NULL))
    return CIV_E_NOMEM;
  if (index != NULL)
    *index = h->n_names;
  return civ_history_lend_name(h, own, own_type);
}

/* Appends one item of `size` bytes to a growing array. */
static civ_status append(void **items, size_t *room, size_t *n, const void *item, size_t size)
{
  const civ_status status = civ_grow(&civ_allocator_malloc, items, room, *n + 1, size);
  if (status == CIV_OK)
    memcpy((char *)*items + size * (*n)++, item, size);
  return status;
}

civ_status civ_history_add_epoch(civ_history *h, const civ_epoch_snapshot *snapshot)
{
  void *items = h->epochs;
  const civ_status status = append(&items, &h->room_epochs, &h->n_epoch_snapshots, snapshot, sizeof *snapshot);
  h->epochs = items;
  return status;
}

civ_status civ_history_add_agent(civ_history *h, const civ_agent_snapshot *snapshot)
{
  void *items = h->agents;
  const civ_status status = append(&items, &h->room_agents, &h->n_agent_snapshots, snapshot, sizeof *snapshot);
  h->agents = items;
  return status;
}

civ_status civ_history_add_spread(civ_history *h, const civ_type_snapshot *snapshot)
{
  void *items = h->spreads;
  const civ_status status = append(&items, &h->room_spreads, &h->n_spreads, snapshot, sizeof *snapshot);
  h->spreads = items;
  return status;
}

uint32_t *civ_history_by_agent(const civ_history *h)
{
  uint32_t *order = malloc((h->n_agent_snapshots + 1) * sizeof *order);
  uint32_t *start = calloc((size_t)h->n_names + 2, sizeof *start);
  if (order == NULL || start == NULL) {
    free(order);
    free(start);
    return NULL;
  }
  for (size_t i = 0; i < h->n_agent_snapshots; i++)
    start[h->agents[i].agent + 1]++;
  for (uint32_t a = 0; a < h->n_names; a++)
    start[a + 1] += start[a];
  for (size_t i = 0; i < h->n_agent_snapshots; i++)
    order[start[h->agents[i].agent]++] = (uint32_t)i;
  free(start);
  return order;
}

size_t civ_history_series(const civ_history *h, const char *column, double *out)
{
  const int k = civ_epoch_column_of(column);
  if (k < 0)
    return 0;
  for (size_t i = 0; i < h->n_epoch_snapshots; i++)
    out[i] = h->epochs[i].values[k];
  return h->n_epoch_snapshots;
}

size_t civ_history_agent_series(const civ_history *h, const char *agent, const char *column, double *epochs,
                                double *out)
{
  int k = 0;
  size_t n = 0;
  while (civ_agent_column_names[k] != NULL && strcmp(civ_agent_column_names[k], column) != 0)
    k++;
  if (civ_agent_column_names[k] == NULL || k == CIV_AGENT_TYPE)
    return 0;
  for (size_t i = 0; i < h->n_agent_snapshots; i++) {
    if (strcmp(h->names[h->agents[i].agent], agent) != 0)
      continue;
    epochs[n] = h->agents[i].epoch;
    out[n++] = civ_agent_snapshot_value(&h->agents[i], (civ_agent_column)k);
  }
  return n;
}
