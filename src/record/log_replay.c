/* log_replay.c - a logged run played to sinks as the live run did. */
#include "record/log_replay.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/number.h"
#include "record/log_reader.h"

enum { FOREIGN_MAX = 400, NEST_MAX = 4 };

/* Events without a built-in form: one form for each name and set of fields met. */
typedef struct foreign {
  civ_interned keys;
  civ_event_form *forms[FOREIGN_MAX];
} foreign;

typedef struct player {
  civ_log_reader *reader;
  const civ_replay_target *targets;
  uint32_t n_targets;
  bool events; /* some target wants them */
  const civ_survey *survey;
  civ_partials partials;
  foreign foreign;
  civ_buffer json[CIV_EVENT_MAX_VALUES]; /* texts of JSON members */
  double *row;
  int64_t last_time;
  bool complete;
  uint64_t dropped;
} player;

static civ_status no_memory(civ_error *err)
{
  return civ_fail(err, CIV_E_NOMEM, "event log", "no memory to replay the event log");
}

static civ_agent agent_of(const player *p, const char *name)
{
  return name == NULL ? CIV_NOBODY : civ_interned_find(&p->survey->names, name);
}

/* --- events ----------------------------------------------------------------------------------------------------------- */

static bool json_value(civ_buffer *buffer, const json_t *value, civ_value *out)
{
  out->text = NULL;
  if (value == NULL || json_is_null(value))
    return true;
  buffer->length = 0;
  civ_json_write(buffer, value, 0);
  civ_buffer_add(buffer, "", 1);
  out->text = buffer->data;
  return !buffer->failed;
}

static int64_t digest_value(const json_t *value)
{
  const char *text = json_string_value(value);
  return text == NULL ? 0 : (int64_t)strtoull(text, NULL, 16);
}

static int64_t whole_value(const json_t *value, int64_t otherwise)
{
  if (json_is_integer(value))
    return json_integer_value(value);
  const double x = json_number_value(value);
  return json_is_real(value) && fabs(x) < 9e18 ? (int64_t)x : otherwise;
}

static bool member_value(player *p, const civ_member *m, const json_t *value, uint32_t at, civ_value *out)
{
  switch (m->kind) {
  case CIV_MEMBER_REAL:
    out->real = json_is_number(value) ? json_number_value(value) : (double)NAN;
    return true;
  case CIV_MEMBER_INTEGER:
    out->integer = whole_value(value, 0);
    return true;
  case CIV_MEMBER_OPT_INTEGER:
    out->integer = whole_value(value, INT64_MIN);
    return true;
  case CIV_MEMBER_BOOLEAN:
    out->integer = json_is_true(value);
    return true;
  case CIV_MEMBER_AGENT:
    out->integer = agent_of(p, json_string_value(value));
    return true;
  case CIV_MEMBER_DIGEST:
    out->integer = digest_value(value);
    return true;
  case CIV_MEMBER_JSON:
    return json_value(&p->json[at], value, out);
  default:
    out->text = json_string_value(value);
    return true;
  }
}

/* Fills values from a payload, member by member. */
static bool fill_values(player *p, const civ_event_form *form, json_t *payload, civ_event *event)
{
  const json_t *nest[NEST_MAX] = { payload };
  uint32_t depth = 0, at = 0;
  if (form->flags & CIV_FORM_FREE_PAYLOAD)
    return json_value(&p->json[0], payload, &event->values[0]);
  for (const civ_member *m = form->members; m->name != NULL; m++) {
    if (m->kind == CIV_MEMBER_OPEN && depth + 1 < NEST_MAX) {
      nest[depth + 1] = json_object_get(nest[depth], m->name);
      depth++;
    } else if (m->kind == CIV_MEMBER_CLOSE)
      depth--;
    else {
      if (!member_value(p, m, json_object_get(nest[depth], m->name), at, &event->values[at]))
        return false;
      at++;
    }
  }
  return true;
}

static uint32_t flags_of(const civ_log_record *r)
{
  return CIV_FORM_FREE_PAYLOAD | (r->interaction_id != NULL ? CIV_FORM_INTERACTION : 0u) |
         (r->agent_id != NULL ? CIV_FORM_AGENT : 0u) | (r->initiator_id != NULL ? CIV_FORM_INITIATOR : 0u) |
         (r->counterparty_id != NULL ? CIV_FORM_COUNTERPARTY : 0u) | (r->has_epoch ? CIV_FORM_EPOCH : 0u) |
         (r->has_step ? CIV_FORM_STEP : 0u);
}

/* Form of an event that is not built in; *type its number. NULL = too many kinds, or no memory (*failed). */
static const civ_event_form *foreign_form(player *p, const civ_log_record *r, uint16_t *type, bool *failed)
{
  static const civ_member none[] = { { NULL, 0, false } };
  char key[160];
  uint32_t number;
  foreign *f = &p->foreign;
  const uint32_t flags = flags_of(r);
  *failed = false;
  snprintf(key, sizeof key, "%02x %.120s", flags, r->type_name);
  number = civ_interned_find(&f->keys, key);
  if (number == UINT32_MAX) {
    if (f->keys.n == FOREIGN_MAX)
      return NULL;
    civ_event_form *form = calloc(1, sizeof *form);
    if (form == NULL || !civ_interned_add(&f->keys, key, &number)) {
      free(form);
      *failed = true;
      return NULL;
    }
    *form = (civ_event_form){ .name = f->keys.items[number] + 3, .flags = flags, .members = none, .doc = "" };
    f->forms[number] = form;
  }
  *type = (uint16_t)(CIV_EVENT_BUILT_IN + number);
  return f->forms[number];
}

static uint64_t interaction_number(const civ_log_record *r, const civ_partial *partial)
{
  int64_t n;
  const char *id = r->interaction_id;
  if (id != NULL && id[0] == 'i' && civ_parse_integer(id + 1, strlen(id + 1), &n) && n > 0)
    return (uint64_t)n;
  return partial != NULL ? partial->order + 1 : 0;
}

static void send(const player *p, const civ_event *event)
{
  for (uint32_t t = 0; t < p->n_targets; t++) {
    const civ_sink *sink = p->targets[t].sink;
    if (sink->wants_events && (!event->full_only || sink->wants_full))
      sink->event(p->targets[t].self, event);
  }
}

static civ_status play_event(player *p, const civ_log_record *r, const civ_partial *partial, civ_error *err)
{
  civ_event event;
  int64_t pruned;
  bool failed = false;
  memset(&event, 0, sizeof event);
  event.type = r->type;
  const bool is_pruning = civ_log_is_pruning(r, &pruned);
  if (is_pruning)
    event.type = CIV_EVENT_EDGE_PRUNED;
  event.form =
      event.type < CIV_EVENT_BUILT_IN ? &civ_event_forms[event.type] : foreign_form(p, r, &event.type, &failed);
  if (failed)
    return no_memory(err);
  if (event.form == NULL)
    return CIV_OK;
  event.time_us = r->time_us;
  event.full_only = (event.form->flags & CIV_FORM_FULL_ONLY) ||
                    (r->type == CIV_EVENT_AGENT_STATE_UPDATED && r->time_us == p->last_time);
  event.interaction = interaction_number(r, partial);
  event.agent = agent_of(p, r->agent_id);
  event.initiator = agent_of(p, r->initiator_id);
  event.counterparty = agent_of(p, r->counterparty_id);
  event.epoch = r->has_epoch ? r->epoch : 0;
  event.step = r->has_step ? r->step : 0;
  if (is_pruning)
    event.values[0].integer = pruned;
  else if (!fill_values(p, event.form, r->payload, &event))
    return no_memory(err);
  send(p, &event);
  return CIV_OK;
}

/* --- interactions, steps, epochs ---------------------------------------------------------------------------------------- */

static civ_status play_interaction(player *p, const civ_log_record *r, civ_partial *partial, civ_error *err)
{
  civ_interaction record = partial->record;
  record.id = interaction_number(r, partial);
  record.initiator = agent_of(p, partial->initiator);
  record.counterparty = agent_of(p, partial->counterparty);
  if (partial->decided_us != INT64_MIN)
    record.time_us = partial->decided_us - 1; /* the record's own tick stands just before its answer's event */
  if (record.initiator == CIV_NOBODY || record.counterparty == CIV_NOBODY || partial->unusable) {
    p->dropped++;
    if (civ_log_reader_strict(p->reader))
      return civ_log_reader_fail(p->reader, err,
                                 "the payoff of an interaction without parties or with impossible values");
  } else
    for (uint32_t t = 0; t < p->n_targets; t++)
      if (p->targets[t].sink->interaction != NULL)
        p->targets[t].sink->interaction(p->targets[t].self, &record, partial->payoff_a, partial->payoff_b);
  civ_partials_drop(&p->partials, partial);
  return CIV_OK;
}

static void play_step(player *p, const civ_log_record *r)
{
  const uint64_t digest = (uint64_t)digest_value(json_object_get(r->payload, "digest"));
  for (uint32_t t = 0; t < p->n_targets; t++)
    if (p->targets[t].sink->step != NULL)
      p->targets[t].sink->step(p->targets[t].self, r->has_epoch ? r->epoch : 0, r->has_step ? r->step : 0, digest);
}

typedef struct row_reader {
  const civ_survey *survey;
  double *row;
  uint32_t next; /* where the next leaf stands if the epochs are alike */
} row_reader;

static bool fill_cell(void *arg, const char *name, const json_t *value)
{
  row_reader *r = arg;
  const uint32_t n = r->survey->n_columns;
  for (uint32_t tried = 0; tried < n; tried++) {
    const uint32_t at = (r->next + tried) % n;
    if (strcmp(r->survey->columns[at].name, name) != 0)
      continue;
    r->row[at] = json_is_number(value) ? json_number_value(value)
                 : json_is_null(value) ? (double)NAN
                                       : (double)json_is_true(value);
    r->next = at + 1;
    break;
  }
  return true;
}

static civ_status play_epoch(player *p, const civ_log_record *r, civ_error *err)
{
  int64_t pruned;
  if (civ_log_is_pruning(r, &pruned))
    return CIV_OK;
  for (uint32_t c = 0; c < p->survey->n_columns; c++)
    p->row[c] = (double)NAN;
  row_reader reader = { .survey = p->survey, .row = p->row };
  civ_log_flatten(r->payload, fill_cell, &reader);
  for (uint32_t t = 0; t < p->n_targets; t++)
    if (p->targets[t].sink->epoch != NULL) {
      const civ_status st = p->targets[t].sink->epoch(p->targets[t].self, r->has_epoch ? r->epoch : 0, p->row, err);
      if (st != CIV_OK)
        return st;
    }
  return CIV_OK;
}

/* --- the whole ---------------------------------------------------------------------------------------------------------- */

static civ_status play(player *p, const civ_log_record *r, civ_error *err)
{
  civ_partial *partial;
  const char *wrong;
  civ_status st = civ_partials_take(&p->partials, r, &partial, &wrong, err);
  if (st == CIV_OK && wrong != NULL && civ_log_reader_strict(p->reader))
    st = civ_log_reader_fail(p->reader, err, wrong);
  if (st == CIV_OK && p->events)
    st = play_event(p, r, partial, err);
  p->last_time = r->time_us;
  if (st != CIV_OK)
    return st;
  if (r->type == CIV_EVENT_PAYOFF_COMPUTED && partial != NULL)
    return play_interaction(p, r, partial, err);
  if (r->type == CIV_EVENT_EPOCH_COMPLETED)
    return play_epoch(p, r, err);
  if (r->type == CIV_EVENT_STEP_COMPLETED)
    play_step(p, r);
  p->complete |= r->type == CIV_EVENT_SIMULATION_ENDED;
  return CIV_OK;
}

static civ_status play_run(player *p, uint32_t k, civ_error *err)
{
  civ_run_finder finder = { 0 };
  for (;;) {
    civ_log_record record;
    bool got;
    civ_status st = civ_log_next(p->reader, NULL, &record, &got, err);
    if (st != CIV_OK || !got)
      return st;
    civ_run_finder_show(&finder, &record);
    if (finder.run > k)
      return CIV_OK;
    if (finder.run == k)
      st = play(p, &record, err);
    if (st != CIV_OK)
      return st;
  }
}

static civ_status begin_targets(const player *p, civ_error *err)
{
  const civ_survey *s = p->survey;
  const civ_roster roster = { s->names.n, (const char *const *)s->names.items, s->types,
                              (const char *const *)s->variants };
  const civ_columns columns = { s->n_columns, s->columns };
  for (uint32_t t = 0; t < p->n_targets; t++)
    if (p->targets[t].sink->begin != NULL) {
      const civ_status st = p->targets[t].sink->begin(p->targets[t].self, &roster, &columns, err);
      if (st != CIV_OK)
        return st;
    }
  return CIV_OK;
}

static civ_status end_targets(const player *p, civ_error *err)
{
  for (uint32_t t = 0; t < p->n_targets; t++)
    if (p->targets[t].sink->end != NULL) {
      const civ_status st = p->targets[t].sink->end(p->targets[t].self, err);
      if (st != CIV_OK)
        return st;
    }
  return CIV_OK;
}

static void free_player(player *p)
{
  for (uint32_t f = 0; f < p->foreign.keys.n; f++)
    free(p->foreign.forms[f]);
  civ_interned_free(&p->foreign.keys);
  civ_partials_free(&p->partials);
  for (uint32_t v = 0; v < CIV_EVENT_MAX_VALUES; v++)
    civ_buffer_free(&p->json[v]);
  civ_log_reader_close(p->reader);
  free(p->row);
}

civ_status civ_log_replay_input(const civ_log_input *in, uint32_t k, bool strict, const civ_replay_target *targets,
                                uint32_t n_targets, bool *complete, civ_log_counts *counts, civ_error *err)
{
  civ_survey survey;
  player p = { .targets = targets, .n_targets = n_targets, .survey = &survey, .last_time = INT64_MIN };
  civ_status st = civ_survey_make(&survey, in, k, strict, err);
  if (st != CIV_OK)
    return st;
  for (uint32_t t = 0; t < n_targets; t++)
    p.events |= targets[t].sink->wants_events;
  p.row = calloc((size_t)survey.n_columns + 1, sizeof *p.row);
  st = p.row == NULL ? no_memory(err) : civ_log_input_open(in, strict, &p.reader, err);
  if (st == CIV_OK)
    st = begin_targets(&p, err);
  if (st == CIV_OK)
    st = play_run(&p, k, err);
  if (st == CIV_OK)
    st = end_targets(&p, err);
  if (st == CIV_OK) {
    *complete = p.complete;
    *counts = civ_log_reader_counts(p.reader);
    counts->malformed += p.dropped;
  }
  free_player(&p);
  civ_survey_free(&survey);
  return st;
}

civ_status civ_log_replay(const char *path, uint32_t k, bool strict, const civ_replay_target *targets,
                          uint32_t n_targets, bool *complete, civ_log_counts *counts, civ_error *err)
{
  const civ_log_input in = { .path = path };
  return civ_log_replay_input(&in, k, strict, targets, n_targets, complete, counts, err);
}
