#include "lab/log_history.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "civitas/scenario.h"
#include "lab/aggregate.h"
#include "lab/criteria.h"
#include "lab/watch.h"

/* Members of payloads, by position among those that have a value (event_forms.c). */
enum {
  STARTED_SEED = 3,
  STARTED_CONFIG = 5,
  ENDED_TOTALS = 2,
  UPDATED_NEW = 1,
  TRANSFER_AMOUNT = 0,
  PAYOFF_A = 0,
  PAYOFF_B = 1,
  PAYOFF_ACCEPTED = 5
};
enum {
  STATE_REPUTATION = 2,
  STATE_RESOURCES,
  STATE_INITIATED,
  STATE_RECEIVED,
  STATE_ACCEPTED,
  STATE_REJECTED,
  STATE_PAYOFF,
  STATE_P_INITIATED,
  STATE_P_RECEIVED,
  STATE_FROZEN = 12
};

typedef struct reader {
  civ_log_history *out;
  const civ_registry *registry;
  civ_aggregator *aggregator;
  uint32_t n;
  civ_agent_row *agents; /* of out->arena */
  double *reputation, *resources;
  uint8_t *frozen, *types;
  bool *stated; /* its state at the end was read */
  bool payoffs_to_resources, resources_known, ended;
  civ_columns columns;
  double *rows;
  size_t n_rows, room_rows;
  bool pending; /* an epoch whose row was read, but whose last events may still come */
  uint32_t pending_epoch;
  int64_t last_us;
  civ_status failed;
  civ_error error;
} reader;

static void fail(reader *r, civ_status status, const char *text)
{
  if (r->failed == CIV_OK)
    r->failed = civ_fail(&r->error, status, "history", "%s", text);
}

/* --- the beginning ------------------------------------------------------------------------------------------------------- */

static bool make_columns(reader *r, const civ_columns *columns)
{
  civ_metric_decl *decls = civ_arena_take(&r->out->arena, columns->n, sizeof *decls);
  for (uint32_t k = 0; decls != NULL && k < columns->n; k++) {
    decls[k].integer = columns->decls[k].integer;
    decls[k].name = civ_arena_text(&r->out->arena, columns->decls[k].name, strlen(columns->decls[k].name));
    if (decls[k].name == NULL)
      return false;
  }
  r->columns = (civ_columns){ columns->n, decls };
  return decls != NULL;
}

static bool make_agents(reader *r, const civ_roster *roster)
{
  civ_arena *arena = &r->out->arena;
  r->n = roster->n;
  r->agents = civ_arena_take(arena, r->n, sizeof *r->agents);
  r->reputation = civ_arena_take(arena, r->n, sizeof *r->reputation);
  r->resources = civ_arena_take(arena, r->n, sizeof *r->resources);
  r->frozen = civ_arena_take(arena, r->n, sizeof *r->frozen);
  r->types = civ_arena_take(arena, r->n, sizeof *r->types);
  r->stated = civ_arena_take(arena, r->n, sizeof *r->stated);
  if (r->agents == NULL || r->reputation == NULL || r->resources == NULL || r->frozen == NULL || r->types == NULL ||
      r->stated == NULL)
    return false;
  for (uint32_t a = 0; a < r->n; a++) {
    const char *variant = roster->variants[a];
    r->types[a] = roster->types[a] < CIV_AGENT_TYPES ? roster->types[a] : CIV_HONEST;
    r->agents[a] = (civ_agent_row){ .name = civ_arena_text(arena, roster->names[a], strlen(roster->names[a])),
                                    .policy = variant != NULL ? civ_arena_text(arena, variant, strlen(variant)) : "",
                                    .type = r->types[a],
                                    .role = CIV_ROLES,
                                    .average_p_initiated = 0.5,
                                    .average_p_received = 0.5 };
    if (r->agents[a].name == NULL || r->agents[a].policy == NULL)
      return false;
  }
  return true;
}

static civ_status begin(void *self, const civ_roster *roster, const civ_columns *columns, civ_error *err)
{
  reader *r = self;
  if (make_columns(r, columns) && make_agents(r, roster))
    return CIV_OK;
  return civ_fail(err, CIV_E_NOMEM, "history", "out of memory");
}

/* Reputation and resources everybody starts with. */
static void set_initial_states(reader *r, const civ_config *config)
{
  const civ_environment_config *environment = civ_config_section(config, "environment");
  uint32_t n, a = 0;
  const civ_agent_entry *entries = civ_config_agents(config, &n);
  for (uint32_t k = 0; k < n; k++)
    for (uint32_t i = 0; i < entries[k].count && a < r->n; i++, a++) {
      const civ_agent_entry *entry = &entries[k];
      r->reputation[a] =
          entry->initial_reputation.set ? entry->initial_reputation.value : environment->initial_reputation;
      r->resources[a] = entry->initial_resources.set ? entry->initial_resources.value : environment->initial_resources;
      if (entry->n_roles > 0)
        r->agents[a].role = entry->role_order[0];
    }
}

static civ_status name_history(reader *r, uint64_t seed)
{
  const char **names = civ_zeroed(&civ_allocator_malloc, r->n, sizeof *names);
  if (names == NULL)
    return CIV_E_NOMEM;
  for (uint32_t a = 0; a < r->n; a++)
    names[a] = r->agents[a].name;
  const civ_status status = civ_history_name(&r->out->history, r->out->config, seed, r->n, names, r->types);
  free((void *)names);
  return status;
}

static void start(reader *r, const civ_event *event)
{
  const char *text = event->values[STARTED_CONFIG].text;
  civ_log_history *out = r->out;
  civ_snapshot_mode mode;
  civ_aggregator_options options = { .n_agents = r->n, .types = r->types };
  if (text == NULL) {
    fail(r, CIV_E_FORMAT, "the log does not say which configuration it was made with");
    return;
  }
  if (out->config != NULL) {
    fail(r, CIV_E_FORMAT, "the run starts twice");
    return;
  }
  if (civ_scenario_parse(r->registry, "log", text, strlen(text), CIV_LOAD_LENIENT | CIV_LOAD_ALLOW_EMPTY, &out->config,
                         NULL, &r->error) != CIV_OK) {
    r->failed = r->error.code;
    return;
  }
  const civ_simulation_config *simulation = civ_config_section(out->config, "simulation");
  const civ_outputs_config *outputs = civ_config_section(out->config, "outputs");
  const uint64_t seed = event->values[STARTED_SEED].integer >= 0 ? (uint64_t)event->values[STARTED_SEED].integer : 0;
  r->payoffs_to_resources = simulation->payoffs_to_resources;
  set_initial_states(r, out->config);
  if (!civ_snapshot_mode_read(outputs->agent_snapshots, r->n, (uint64_t)simulation->n_epochs, &mode, &options.sample))
    mode = CIV_SNAPSHOTS_ALL;
  options.mode = mode;
  options.seed = out->record.seed = seed;
  r->aggregator = name_history(r, seed) == CIV_OK ? civ_aggregator_create(&options, &out->history) : NULL;
  if (r->aggregator == NULL)
    fail(r, CIV_E_NOMEM, "out of memory");
}

/* --- epochs ----------------------------------------------------------------------------------------------------------------- */

static void close_pending(reader *r)
{
  if (!r->pending || r->aggregator == NULL || r->failed != CIV_OK)
    return;
  r->pending = false;
  const double *row = r->rows + (r->n_rows - 1) * r->columns.n;
  const civ_epoch_snapshot known = civ_aggregator_know(r->aggregator, r->pending_epoch, r->last_us, &r->columns, row);
  const civ_agent_states states = {
    .n = r->n, .reputation = r->reputation, .resources = r->resources, .frozen = r->frozen
  };
  if (civ_aggregator_close_epoch(r->aggregator, &known, &states, &r->error) != CIV_OK)
    r->failed = r->error.code;
}

static civ_status epoch(void *self, uint32_t number, const double *row, civ_error *err)
{
  reader *r = self;
  void *rows = r->rows;
  close_pending(r);
  if (civ_grow(&civ_allocator_malloc, &rows, &r->room_rows, (r->n_rows + 1) * r->columns.n + 1, sizeof *r->rows) !=
      CIV_OK)
    return civ_fail(err, CIV_E_NOMEM, "history", "out of memory");
  r->rows = rows;
  memcpy(r->rows + r->n_rows * r->columns.n, row, r->columns.n * sizeof *row);
  r->n_rows++;
  r->pending = true;
  r->pending_epoch = number;
  return CIV_OK;
}

/* --- events ----------------------------------------------------------------------------------------------------------------- */

static void take_state(reader *r, const civ_event *event)
{
  const civ_value *v = event->values;
  const civ_agent a = event->agent;
  civ_agent_row *row = &r->agents[a];
  const double resources = v[STATE_RESOURCES].real;
  /* Resources also move in ways the log does not tell. At the end it shows whether they did. */
  if (!event->full_only && fabs(resources - r->resources[a]) > 1e-9 * fmax(1.0, fabs(resources)))
    r->resources_known = false;
  r->reputation[a] = v[STATE_REPUTATION].real;
  r->resources[a] = resources;
  r->frozen[a] = v[STATE_FROZEN].integer != 0;
  r->stated[a] = true;
  row->reputation = v[STATE_REPUTATION].real;
  row->resources = resources;
  row->initiated = (uint32_t)v[STATE_INITIATED].integer;
  row->received = (uint32_t)v[STATE_RECEIVED].integer;
  row->accepted = (uint32_t)v[STATE_ACCEPTED].integer;
  row->rejected = (uint32_t)v[STATE_REJECTED].integer;
  row->payoff = v[STATE_PAYOFF].real;
  row->average_p_initiated = v[STATE_P_INITIATED].real;
  row->average_p_received = v[STATE_P_RECEIVED].real;
  row->frozen = r->frozen[a] != 0;
}

static void take_transfer(reader *r, const civ_event *event, double from_a, double to_b)
{
  if (event->initiator < r->n)
    r->resources[event->initiator] += from_a;
  if (event->counterparty < r->n)
    r->resources[event->counterparty] += to_b;
}

static bool copy_totals(civ_arena *arena, json_t *object, civ_run_record *record)
{
  const uint32_t n = (uint32_t)json_object_size(object);
  civ_metric_decl *decls = civ_arena_take(arena, n, sizeof *decls);
  double *totals = civ_arena_take(arena, n, sizeof *totals);
  uint32_t k = 0;
  const char *name;
  json_t *value;
  if (decls == NULL || totals == NULL)
    return false;
  json_object_foreach(object, name, value)
  {
    decls[k] =
        (civ_metric_decl){ .name = civ_arena_text(arena, name, strlen(name)), .integer = json_is_integer(value) };
    totals[k] = json_is_number(value) ? json_number_value(value) : NAN;
    if (decls[k++].name == NULL)
      return false;
  }
  record->total_columns = (civ_columns){ n, decls };
  record->totals = totals;
  return true;
}

/* The end says what the run amounted to. Logs of other producers do not. */
static void take_totals(reader *r, const civ_event *event)
{
  const char *text = event->values[ENDED_TOTALS].text;
  json_t *object = text != NULL ? json_loads(text, 0, NULL) : NULL;
  if (object != NULL && !copy_totals(&r->out->arena, object, &r->out->record))
    fail(r, CIV_E_NOMEM, "out of memory");
  json_decref(object);
}

static void take(reader *r, const civ_event *event)
{
  const bool somebody = event->agent < r->n;
  switch (event->type) {
  case CIV_EVENT_SIMULATION_STARTED:
    start(r, event);
    break;
  case CIV_EVENT_REPUTATION_UPDATED:
    if (somebody)
      r->reputation[event->agent] = event->values[UPDATED_NEW].real;
    break;
  case CIV_EVENT_TRANSFER_EXECUTED:
    take_transfer(r, event, -event->values[TRANSFER_AMOUNT].real, event->values[TRANSFER_AMOUNT].real);
    break;
  case CIV_EVENT_PAYOFF_COMPUTED:
    if (r->payoffs_to_resources && event->values[PAYOFF_ACCEPTED].integer != 0)
      take_transfer(r, event, event->values[PAYOFF_A].real, event->values[PAYOFF_B].real);
    break;
  case CIV_EVENT_AGENT_FROZEN:
  case CIV_EVENT_AGENT_UNFROZEN:
    if (somebody)
      r->frozen[event->agent] = event->type == CIV_EVENT_AGENT_FROZEN;
    break;
  case CIV_EVENT_AGENT_STATE_UPDATED:
    if (somebody)
      take_state(r, event);
    break;
  case CIV_EVENT_SIMULATION_ENDED:
    take_totals(r, event);
    break;
  case CIV_EVENT_SIMULATION_PAUSED:
    r->out->record.end = CIV_END_KILLED;
    r->out->record.stop_value = event->values[1].real;
    if (event->values[0].text != NULL)
      r->out->record.stop_reason = civ_arena_text(&r->out->arena, event->values[0].text, strlen(event->values[0].text));
    break;
  default:
    break;
  }
}

static void event(void *self, const civ_event *e)
{
  reader *r = self;
  const bool timed = e->form != NULL && (e->form->flags & CIV_FORM_EPOCH) != 0;
  if (r->failed != CIV_OK)
    return;
  if (r->pending && (!timed || e->epoch > r->pending_epoch))
    close_pending(r);
  r->last_us = e->time_us;
  if (e->type == CIV_EVENT_SIMULATION_ENDED)
    r->ended = true;
  take(r, e);
}

static void interaction(void *self, const civ_interaction *record, double payoff_a, double payoff_b)
{
  reader *r = self;
  if (r->aggregator != NULL)
    civ_aggregator_sink.interaction(r->aggregator, record, payoff_a, payoff_b);
}

static const civ_sink reader_sink = {
  .version = CIV_PART_VERSION,
  .name = "log history",
  .wants_events = true,
  .wants_full = true,
  .begin = begin,
  .interaction = interaction,
  .event = event,
  .epoch = epoch,
};

/* --- the end ----------------------------------------------------------------------------------------------------------------- */

/* Without the states at the end nothing proves that resources moved only in ways the log tells. */
static void forget_resources(reader *r)
{
  civ_history *h = &r->out->history;
  bool known = r->resources_known;
  for (uint32_t a = 0; a < r->n; a++)
    known = known && r->stated[a];
  for (size_t k = 0; !known && k < h->n_agent_snapshots; k++)
    h->agents[k].resources = NAN;
}

static void fill_unstated(reader *r)
{
  for (uint32_t a = 0; a < r->n; a++)
    if (!r->stated[a]) {
      r->agents[a].reputation = r->reputation[a];
      r->agents[a].resources = NAN;
      r->agents[a].frozen = r->frozen[a] != 0;
    }
}

static civ_status finish(reader *r, civ_error *err)
{
  civ_log_history *out = r->out;
  close_pending(r);
  if (r->failed != CIV_OK) {
    if (err != NULL)
      *err = r->error;
    return r->failed;
  }
  if (out->config == NULL)
    return civ_fail(err, CIV_E_FORMAT, "history", "the log has no simulation_started event");
  forget_resources(r);
  fill_unstated(r);
  out->history.ended = r->ended;
  out->history.ended_us = r->last_us;
  double *rows = civ_arena_take(&out->arena, r->n_rows * r->columns.n, sizeof *rows);
  uint32_t n;
  const civ_criterion *criteria = civ_config_criteria(out->config, &n);
  civ_finding *findings = civ_arena_take(&out->arena, n, sizeof *findings);
  if (rows == NULL || findings == NULL)
    return civ_fail(err, CIV_E_NOMEM, "history", "out of memory");
  if (r->n_rows > 0)
    memcpy(rows, r->rows, r->n_rows * r->columns.n * sizeof *rows);
  civ_run_record *record = &out->record;
  record->epoch_columns = r->columns;
  record->n_epochs = (uint32_t)r->n_rows;
  record->rows = rows;
  record->agents = r->agents;
  record->n_agents = r->n;
  if (record->end == CIV_RUNNING)
    record->end = r->ended ? CIV_END_DONE : CIV_END_INTERRUPTED;
  record->outcome = civ_criteria_evaluate(criteria, n, record, &out->history, findings);
  record->findings = findings;
  record->n_findings = n;
  return CIV_OK;
}

civ_status civ_log_history_read(const char *path, uint32_t k, bool strict, const civ_registry *registry,
                                civ_log_history *out, civ_error *err)
{
  civ_log_history result = { .history = civ_history_create(), .arena = civ_arena_create(NULL) };
  reader r = { .out = &result, .registry = registry, .resources_known = true };
  const civ_replay_target target = { &reader_sink, &r };
  civ_status status = civ_log_replay(path, k, strict, &target, 1, &result.complete, &result.counts, err);
  if (status == CIV_OK)
    status = finish(&r, err);
  civ_aggregator_destroy(r.aggregator);
  free(r.rows);
  if (status == CIV_OK)
    *out = result;
  else
    civ_log_history_free(&result);
  return status;
}

void civ_log_history_free(civ_log_history *h)
{
  civ_history_destroy(&h->history);
  civ_config_destroy(h->config);
  civ_arena_destroy(&h->arena);
}
