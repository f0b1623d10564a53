/* Events on their way out. The clock moves with every event of detail `standard`, written or not: neither log, detail nor
 * sinks can move it. */
#include <stdio.h>

#include "base/buffer.h"
#include "civitas/version.h"
#include "sim/run_state.h"

civ_event *civ_sim_event(civ_run *run, civ_event *event, uint16_t type)
{
  const civ_event_form *form = run->event_forms[type];
  const bool full = form->flags & CIV_FORM_FULL_ONLY;
  if (full ? !run->listening_full : (run->event_count[type]++, run->clock_us++, !run->listening))
    return NULL;
  event->type = type;
  event->full_only = full;
  event->time_us = run->clock_us;
  event->interaction = 0;
  event->agent = event->initiator = event->counterparty = CIV_NOBODY;
  event->epoch = run->epoch;
  event->step = run->step;
  event->form = form;
  return event;
}

void civ_sim_send(civ_run *run, const civ_event *event)
{
  for (uint32_t k = 0; k < run->n_sinks; k++) {
    const civ_sink *sink = run->sinks[k].table;
    if (sink->wants_events && (!event->full_only || sink->wants_full))
      sink->event(run->sinks[k].self, event);
  }
}

/* --- opening ---------------------------------------------------------------------------------------------------------- */

static void emit_log_opened(civ_run *run)
{
  civ_event storage, *event = civ_sim_event(run, &storage, CIV_EVENT_LOG_OPENED);
  if (!event)
    return;
  event->values[0].integer = CIV_LOG_FORMAT;
  event->values[1].text = CIV_VERSION;
  event->values[2].integer = CIV_RESULTS_VERSION;
  event->values[3].integer = CIV_RNG_VERSION;
  event->values[4].text = run->listening_full ? "full" : "standard";
  civ_sim_send(run, event);
}

static void roles_json(const civ_run *run, civ_agent a, char *text, size_t size)
{
  size_t at = (size_t)snprintf(text, size, "[");
  const uint8_t primary = run->primary_role[a];
  at += (size_t)snprintf(text + at, size - at, "\"%s\"", civ_role_names[primary]);
  for (int role = 0; role < CIV_ROLES; role++)
    if ((run->roles[a] >> role & 1u) && role != primary)
      at += (size_t)snprintf(text + at, size - at, ", \"%s\"", civ_role_names[role]);
  snprintf(text + at, size - at, "]");
}

static void emit_agents(civ_run *run)
{
  if (!run->listening) { /* nobody hears them, but they count and move the clock */
    run->event_count[CIV_EVENT_AGENT_CREATED] += run->people.view.n;
    run->clock_us += run->people.view.n;
    return;
  }
  for (civ_agent a = 0; a < run->people.view.n; a++) {
    civ_event storage, *event = civ_sim_event(run, &storage, CIV_EVENT_AGENT_CREATED);
    char roles[96];
    roles_json(run, a, roles, sizeof roles);
    event->agent = a;
    event->values[0].text = civ_agent_type_names[run->people.type[a]];
    event->values[1].text = roles;
    event->values[2].text = run->people.variant[a];
    civ_sim_send(run, event);
  }
}

static civ_status emit_started(civ_run *run, civ_error *err)
{
  civ_event storage, *event = civ_sim_event(run, &storage, CIV_EVENT_SIMULATION_STARTED);
  if (!event)
    return CIV_OK;
  char *json;
  char sha256[65];
  civ_status st = civ_config_run_json(run->config, &json, NULL, err);
  if (st != CIV_OK)
    return st;
  st = civ_config_sha256(run->config, sha256, err);
  if (st == CIV_OK) {
    event->values[0].integer = run->simulation->n_epochs;
    event->values[1].integer = run->simulation->steps_per_epoch;
    event->values[2].integer = run->people.view.n;
    event->values[3].integer = (int64_t)run->seed;
    event->values[4].integer = run->simulation->turn_mode == CIV_SIMULTANEOUS ? 1 : INT64_MIN;
    event->values[5].text = json;
    event->values[6].text = sha256;
    event->values[7].text = CIV_VERSION;
    civ_sim_send(run, event);
  }
  civ_free(json);
  return st;
}

civ_status civ_sim_emit_opening(civ_run *run, civ_error *err)
{
  emit_log_opened(run);
  emit_agents(run);
  return emit_started(run, err);
}

/* --- epochs ----------------------------------------------------------------------------------------------------------- */

/* How much of `name` stands before its last dot that `before` has too, in whole parts, the dot included. */
static size_t common_prefix(const char *before, const char *name)
{
  size_t shared = 0;
  for (size_t k = 0; before[k] == name[k] && name[k] != '\0'; k++)
    if (name[k] == '.')
      shared = k + 1;
  return shared;
}

static void close_objects(civ_buffer *out, const char *rest)
{
  for (; (rest = strchr(rest, '.')) != NULL; rest++)
    civ_buffer_text(out, "}");
}

/* One object from dotted columns: neighbours with the same prefix share an inner object. */
static void row_json(const civ_run *run, const double *row, civ_buffer *out)
{
  const char *before = "";
  civ_buffer_text(out, "{");
  for (uint32_t k = 0; k < run->n_columns; k++) {
    const char *name = run->columns[k].name;
    const size_t shared = common_prefix(before, name);
    close_objects(out, before + shared);
    civ_buffer_text(out, k ? ", " : "");
    const char *part = name + shared;
    for (const char *dot; (dot = strchr(part, '.')) != NULL; part = dot + 1)
      civ_buffer_format(out, "\"%.*s\": {", (int)(dot - part), part);
    civ_buffer_format(out, "\"%s\": ", part);
    if (run->columns[k].integer)
      civ_buffer_integer(out, (int64_t)row[k]);
    else
      civ_buffer_real(out, row[k]);
    before = name;
  }
  close_objects(out, before);
  civ_buffer_text(out, "}");
}

static civ_status row_text(const civ_run *run, const double *row, char **text, civ_error *err)
{
  civ_buffer buffer = { 0 };
  row_json(run, row, &buffer);
  *text = civ_buffer_take(&buffer, NULL);
  return *text ? CIV_OK : civ_fail(err, CIV_E_NOMEM, "epoch", "out of memory while writing the epoch's metrics");
}

civ_status civ_sim_emit_epoch(civ_run *run, civ_error *err)
{
  civ_event storage, *event = civ_sim_event(run, &storage, CIV_EVENT_EPOCH_COMPLETED);
  if (!event)
    return CIV_OK;
  char *text;
  const civ_status st = row_text(run, run->row, &text, err);
  if (st != CIV_OK)
    return st;
  event->values[0].text = text;
  civ_sim_send(run, event);
  civ_free(text);
  return CIV_OK;
}

/* --- closing ---------------------------------------------------------------------------------------------------------- */

static void fill_state(const civ_run *run, civ_agent a, civ_event *event)
{
  const population *p = &run->people;
  civ_value *v = event->values;
  event->agent = a;
  v[0].text = p->name[a];
  v[1].text = civ_agent_type_names[p->type[a]];
  v[2].real = p->reputation[a];
  v[3].real = p->resources[a];
  v[4].integer = p->initiated[a];
  v[5].integer = p->received[a];
  v[6].integer = p->accepted[a];
  v[7].integer = p->rejected[a];
  v[8].real = p->total_payoff[a];
  v[9].real = p->average_p_initiated[a];
  v[10].real = p->average_p_received[a];
  v[11].text = NULL; /* true_type: nothing hides its type */
  v[12].integer = p->frozen[a];
}

void civ_sim_emit_states(civ_run *run, bool full_only)
{
  const uint32_t n = run->people.view.n;
  if (!full_only && !run->listening) {
    run->event_count[CIV_EVENT_AGENT_STATE_UPDATED] += n;
    run->clock_us += n;
    return;
  }
  if (full_only && !run->listening_full)
    return;
  for (civ_agent a = 0; a < n; a++) {
    civ_event storage = { .type = CIV_EVENT_AGENT_STATE_UPDATED,
                          .full_only = true,
                          .time_us = run->clock_us,
                          .initiator = CIV_NOBODY,
                          .counterparty = CIV_NOBODY,
                          .epoch = run->epoch,
                          .step = run->step,
                          .form = run->event_forms[CIV_EVENT_AGENT_STATE_UPDATED] };
    civ_event *event = full_only ? &storage : civ_sim_event(run, &storage, CIV_EVENT_AGENT_STATE_UPDATED);
    fill_state(run, a, event);
    civ_sim_send(run, event);
  }
}

/* What the run amounts to, so that a log alone gives every report. */
static civ_status totals_text(civ_run *run, char **text, civ_error *err)
{
  civ_buffer buffer = { 0 };
  civ_sim_totals(run);
  civ_buffer_text(&buffer, "{");
  for (uint32_t k = 0; k < run->n_totals; k++) {
    civ_buffer_text(&buffer, k ? ", " : "");
    civ_buffer_json_text(&buffer, run->total_decls[k].name, strlen(run->total_decls[k].name));
    civ_buffer_text(&buffer, ": ");
    if (run->total_decls[k].integer)
      civ_buffer_integer(&buffer, (int64_t)run->totals[k]);
    else
      civ_buffer_real(&buffer, run->totals[k]);
  }
  civ_buffer_text(&buffer, "}");
  *text = civ_buffer_take(&buffer, NULL);
  return *text ? CIV_OK : civ_fail(err, CIV_E_NOMEM, "run", "out of memory while writing the totals");
}

civ_status civ_sim_emit_closing(civ_run *run, civ_error *err)
{
  civ_sim_emit_states(run, false);
  civ_event storage, *event = civ_sim_event(run, &storage, CIV_EVENT_SIMULATION_ENDED);
  if (!event)
    return CIV_OK;
  char *text = NULL;
  if (run->epoch) {
    const civ_status st = row_text(run, run->rows + (size_t)(run->epoch - 1) * run->n_columns, &text, err);
    if (st != CIV_OK)
      return st;
  }
  char *totals;
  const civ_status st = totals_text(run, &totals, err);
  if (st == CIV_OK) {
    event->values[0].integer = run->simulation->n_epochs;
    event->values[1].text = text ? text : "{}";
    event->values[2].text = totals;
    civ_sim_send(run, event);
    civ_free(totals);
  }
  civ_free(text);
  return st;
}
