#include "record/log_survey.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "record/log_reader.h"

civ_status civ_log_input_open(const civ_log_input *in, bool strict, civ_log_reader **out, civ_error *err)
{
  return in->path != NULL ? civ_log_open(in->path, strict, out, err)
                          : civ_log_open_text(in->text, in->length, strict, out, err);
}

void civ_run_finder_show(civ_run_finder *f, const civ_log_record *r)
{
  const bool head = r->type == CIV_EVENT_LOG_OPENED;
  const bool opening = r->type == CIV_EVENT_AGENT_CREATED || r->type == CIV_EVENT_SIMULATION_STARTED;
  if (f->run == 0 || head || (opening && (f->headed ? f->ended : f->started)))
    *f = (civ_run_finder){ .run = f->run + 1, .headed = head };
  f->started |= r->type == CIV_EVENT_SIMULATION_STARTED;
  f->ended |= r->type == CIV_EVENT_SIMULATION_ENDED;
}

bool civ_log_is_pruning(const civ_log_record *r, int64_t *count)
{
  const json_t *pruned = json_object_get(r->payload, "network_edges_pruned");
  if (r->type != CIV_EVENT_EPOCH_COMPLETED || !json_is_integer(pruned) ||
      json_object_get(r->payload, "total_interactions") != NULL)
    return false;
  *count = json_integer_value(pruned);
  return true;
}

/* --- columns ---------------------------------------------------------------------------------------------------------- */

enum { NAME_MAX = 256, DEPTH_MAX = 8 };

typedef struct flattening {
  bool (*leaf)(void *arg, const char *name, const json_t *value);
  void *arg;
  char name[NAME_MAX];
} flattening;

static bool flatten(flattening *f, json_t *object, size_t prefix, int depth)
{
  const char *key;
  json_t *value;
  json_object_foreach(object, key, value)
  {
    const int length = snprintf(f->name + prefix, NAME_MAX - prefix, "%s%s", prefix > 0 ? "." : "", key);
    if (length < 0 || prefix + (size_t)length >= NAME_MAX)
      continue;
    if (json_is_object(value) && depth < DEPTH_MAX && !flatten(f, value, prefix + (size_t)length, depth + 1))
      return false;
    if ((json_is_number(value) || json_is_boolean(value) || json_is_null(value)) && !f->leaf(f->arg, f->name, value))
      return false;
  }
  return true;
}

bool civ_log_flatten(json_t *object, bool (*leaf)(void *arg, const char *name, const json_t *value), void *arg)
{
  flattening f = { .leaf = leaf, .arg = arg };
  return flatten(&f, object, 0, 0);
}

static bool ends_with(const char *text, const char *tail)
{
  const size_t n = strlen(text), m = strlen(tail);
  return n >= m && strcmp(text + n - m, tail) == 0;
}

static bool add_column(void *arg, const char *name, const json_t *value)
{
  civ_survey *s = arg;
  if (json_is_null(value) && ends_with(name, "_metrics")) /* a world that is off, not a number */
    return true;
  void *columns = s->columns;
  if (civ_grow(&civ_allocator_malloc, &columns, &s->columns_capacity, (size_t)s->n_columns + 1, sizeof *s->columns) !=
      CIV_OK)
    return false;
  s->columns = columns;
  char *copy = strdup(name);
  if (copy == NULL)
    return false;
  s->columns[s->n_columns++] = (civ_metric_decl){ .name = copy, .integer = json_is_integer(value), .doc = "" };
  return true;
}

/* --- who took part ---------------------------------------------------------------------------------------------------- */

static bool add_agent(civ_survey *s, const char *name, uint8_t type, const char *variant)
{
  const uint32_t before = s->names.n;
  uint32_t number;
  void *types = s->types, *variants = s->variants;
  if (name == NULL || name[0] == '\0')
    return true;
  if (!civ_interned_add(&s->names, name, &number))
    return false;
  if (number < before)
    return true;
  const size_t need = (size_t)number + 1;
  const bool room =
      civ_grow(&civ_allocator_malloc, &types, &s->types_capacity, need, sizeof *s->types) == CIV_OK &&
      civ_grow(&civ_allocator_malloc, &variants, &s->variants_capacity, need, sizeof *s->variants) == CIV_OK;
  s->types = types;
  s->variants = variants;
  char *copy = room ? strdup(variant) : NULL;
  if (copy == NULL) {
    free(s->names.items[--s->names.n]); /* nobody asks again after a failure */
    return false;
  }
  s->types[number] = type;
  s->variants[number] = copy;
  return true;
}

static uint8_t type_of(const char *name)
{
  for (uint8_t t = 0; t < CIV_AGENT_TYPES; t++)
    if (strcmp(civ_agent_type_names[t], name) == 0)
      return t;
  return CIV_HONEST;
}

static bool look_at(civ_survey *s, const civ_log_record *r)
{
  int64_t pruned;
  if (r->type == CIV_EVENT_AGENT_CREATED) {
    const char *type = civ_json_text(r->payload, "agent_type", civ_agent_type_names[CIV_HONEST]);
    return add_agent(s, r->agent_id, type_of(type), civ_json_text(r->payload, "policy", type));
  }
  if (r->type == CIV_EVENT_EPOCH_COMPLETED && s->n_columns == 0 && !civ_log_is_pruning(r, &pruned))
    return civ_log_flatten(r->payload, add_column, s);
  const char *honest = civ_agent_type_names[CIV_HONEST];
  return add_agent(s, r->agent_id, CIV_HONEST, honest) && add_agent(s, r->initiator_id, CIV_HONEST, honest) &&
         add_agent(s, r->counterparty_id, CIV_HONEST, honest);
}

/* A run with a head names its agents before anything happens: most of its lines can be told by their type, unread. */
static bool is_of_no_weight(const void *arg, const char *line, size_t length)
{
  static const char key[] = "\"event_type\": \"";
  static const char *const kinds[] = { "interaction_", "payoff_", "reputation_", "step_", "proxy_", "governance_" };
  enum { NEAR = 160 }; /* our own lines have their type near the front */
  const civ_run_finder *finder = arg;
  if (!finder->headed || !finder->started)
    return false;
  const char *at = memmem(line, length < NEAR ? length : NEAR, key, sizeof key - 1);
  if (at == NULL)
    return false;
  at += sizeof key - 1;
  const size_t left = length - (size_t)(at - line);
  for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
    if (strlen(kinds[k]) <= left && memcmp(at, kinds[k], strlen(kinds[k])) == 0)
      return true;
  return false;
}

static civ_status survey(civ_survey *s, civ_log_reader *reader, uint32_t k, civ_error *err)
{
  civ_run_finder finder = { 0 };
  civ_log_reader_skip(reader, is_of_no_weight, &finder);
  for (;;) {
    civ_log_record record;
    bool got;
    const civ_status st = civ_log_next(reader, NULL, &record, &got, err);
    if (st != CIV_OK || !got) {
      s->runs = finder.run;
      return st;
    }
    civ_run_finder_show(&finder, &record);
    if (finder.run == k && !look_at(s, &record))
      return civ_fail(err, CIV_E_NOMEM, "event log", "no memory for the agents of the event log");
  }
}

civ_status civ_survey_make(civ_survey *s, const civ_log_input *in, uint32_t k, bool strict, civ_error *err)
{
  civ_log_reader *reader;
  *s = (civ_survey){ 0 };
  civ_status st = civ_log_input_open(in, strict, &reader, err);
  if (st != CIV_OK)
    return st;
  st = survey(s, reader, k, err);
  civ_log_reader_close(reader);
  if (st == CIV_OK && (k == 0 || k > s->runs))
    st = civ_fail(err, CIV_E_RANGE, in->path != NULL ? in->path : "event log",
                  s->runs == 0 ? "the event log holds no run" : "there is no run %u: the event log holds runs 1 to %u",
                  k, s->runs);
  if (st != CIV_OK)
    civ_survey_free(s);
  return st;
}

void civ_survey_free(civ_survey *s)
{
  for (uint32_t a = 0; a < s->names.n; a++)
    free(s->variants[a]);
  for (uint32_t c = 0; c < s->n_columns; c++)
    free((char *)(uintptr_t)s->columns[c].name);
  civ_interned_free(&s->names);
  free(s->types);
  free(s->variants);
  free(s->columns);
  *s = (civ_survey){ 0 };
}
