/* log_reader.c - lines as events: what must be there, what may be missing, what is passed over. */
#include "record/log_reader.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/number.h"
#include "record/log_source.h"

struct civ_log_reader {
  civ_log_source source;
  char *path;
  bool strict;
  json_t *json, *no_payload;
  civ_log_counts counts;
  bool (*skip)(const void *arg, const char *line, size_t length);
  const void *skip_arg;
};

/* --- opening ---------------------------------------------------------------------------------------------------------- */

static civ_log_reader *make(const char *path, bool strict)
{
  civ_log_reader *r = calloc(1, sizeof *r);
  if (r == NULL)
    return NULL;
  r->source.fd = -1;
  r->strict = strict;
  r->no_payload = json_object();
  r->path = path != NULL ? strdup(path) : NULL;
  if (r->no_payload != NULL && (path == NULL || r->path != NULL))
    return r;
  civ_log_reader_close(r);
  return NULL;
}

civ_status civ_log_open(const char *path, bool strict, civ_log_reader **out, civ_error *err)
{
  civ_log_reader *r = make(path, strict);
  if (r == NULL)
    return civ_fail(err, CIV_E_NOMEM, path, "no memory to read the event log");
  const civ_status st = civ_log_source_open(&r->source, r->path, err);
  if (st != CIV_OK) {
    civ_log_reader_close(r);
    return st;
  }
  *out = r;
  return CIV_OK;
}

civ_status civ_log_open_text(const char *text, size_t length, bool strict, civ_log_reader **out, civ_error *err)
{
  civ_log_reader *r = make(NULL, strict);
  if (r == NULL)
    return civ_fail(err, CIV_E_NOMEM, "event log", "no memory to read the event log");
  civ_log_source_memory(&r->source, text, length);
  *out = r;
  return CIV_OK;
}

void civ_log_reader_close(civ_log_reader *r)
{
  if (r == NULL)
    return;
  civ_log_source_close(&r->source);
  json_decref(r->json);
  json_decref(r->no_payload);
  free(r->path);
  free(r);
}

civ_log_counts civ_log_reader_counts(const civ_log_reader *r)
{
  return r->counts;
}

void civ_log_reader_skip(civ_log_reader *r, bool (*skip)(const void *arg, const char *line, size_t length),
                         const void *arg)
{
  r->skip = skip;
  r->skip_arg = arg;
}

bool civ_log_reader_strict(const civ_log_reader *r)
{
  return r->strict;
}

civ_status civ_log_reader_fail(const civ_log_reader *r, civ_error *err, const char *text)
{
  char where[sizeof((civ_error *)0)->where];
  civ_log_source_where(&r->source, where, sizeof where);
  return civ_fail(err, CIV_E_FORMAT, where, "%s", text);
}

/* --- one line --------------------------------------------------------------------------------------------------------- */

/* Text of an optional id: NULL for null and absent; false for anything else. */
static bool take_id(const json_t *line, const char *key, const char **out)
{
  const json_t *value = json_object_get(line, key);
  *out = json_string_value(value);
  return value == NULL || json_is_null(value) || json_is_string(value);
}

static bool take_count(const json_t *line, const char *key, bool *has, uint32_t *out)
{
  const json_t *value = json_object_get(line, key);
  *has = json_is_number(value);
  if (!*has)
    return value == NULL || json_is_null(value);
  const double x = json_number_value(value);
  if (!(x >= 0 && x < (double)UINT32_MAX) || x != (double)(uint32_t)x)
    return false;
  *out = (uint32_t)x;
  return true;
}

/* What is wrong with a parsed line; NULL = nothing. */
static const char *take_members(const json_t *line, json_t *no_payload, civ_log_record *out)
{
  json_t *payload = json_object_get(line, "payload");
  if (!json_is_object(line))
    return "not a JSON object";
  out->event_id = json_string_value(json_object_get(line, "event_id"));
  out->type_name = json_string_value(json_object_get(line, "event_type"));
  const char *time = json_string_value(json_object_get(line, "timestamp"));
  if (out->event_id == NULL)
    return "event_id is missing or not text";
  if (time == NULL)
    return "timestamp is missing or not text";
  if (out->type_name == NULL)
    return "event_type is missing or not text";
  if (!civ_parse_time(time, strlen(time), &out->time_us))
    return "timestamp is not an ISO 8601 time (YYYY-MM-DDThh:mm:ss.ffffff)";
  if (!take_id(line, "interaction_id", &out->interaction_id) || !take_id(line, "agent_id", &out->agent_id) ||
      !take_id(line, "initiator_id", &out->initiator_id) || !take_id(line, "counterparty_id", &out->counterparty_id))
    return "an id is neither text nor null";
  if (!take_count(line, "epoch", &out->has_epoch, &out->epoch) || !take_count(line, "step", &out->has_step, &out->step))
    return "epoch and step must be whole numbers from 0, or null";
  if (payload != NULL && !json_is_null(payload) && !json_is_object(payload))
    return "payload is not an object";
  out->payload = json_is_object(payload) ? payload : no_payload;
  out->type = civ_event_type_of(out->type_name);
  return NULL;
}

static bool blank(const char *text, size_t length)
{
  for (size_t k = 0; k < length; k++)
    if (text[k] != ' ' && text[k] != '\t' && text[k] != '\r')
      return false;
  return true;
}

static civ_status malformed(civ_log_reader *r, const char *what, civ_error *err)
{
  if (r->strict)
    return civ_log_reader_fail(r, err, what);
  if (r->counts.malformed++ == 0)
    r->counts.first_malformed_line = r->source.line;
  return CIV_OK;
}

/* Reads one line into *out; *good = false where it is passed over. */
static civ_status take_line(civ_log_reader *r, const char *text, size_t length, bool whole, civ_log_record *out,
                            bool *good, civ_error *err)
{
  json_error_t problem;
  char message[200];
  *good = false;
  json_decref(r->json);
  r->json = json_loadb(text, length, 0, &problem);
  if (r->json == NULL) {
    if (json_error_code(&problem) == json_error_out_of_memory)
      return civ_fail(err, CIV_E_NOMEM, r->path != NULL ? r->path : "event log", "no memory to read line %llu",
                      (unsigned long long)r->source.line);
    if (!whole) {
      r->counts.truncated_tail = 1;
      return CIV_OK;
    }
    snprintf(message, sizeof message, "not JSON: %s (column %d)", problem.text, problem.column);
    return malformed(r, message, err);
  }
  *out = (civ_log_record){ .line = r->source.line, .text = text, .length = length };
  const char *wrong = take_members(r->json, r->no_payload, out);
  if (wrong != NULL)
    return malformed(r, wrong, err);
  if (out->type == CIV_EVENT_UNKNOWN) {
    snprintf(message, sizeof message, "unknown event_type \"%.80s\"", out->type_name);
    if (r->strict)
      return civ_log_reader_fail(r, err, message);
    r->counts.unknown++;
  }
  r->counts.records++;
  *good = true;
  return CIV_OK;
}

/* --- filtering -------------------------------------------------------------------------------------------------------- */

static bool matches(const char *have, const char *want)
{
  return have != NULL && strcmp(have, want) == 0;
}

static bool given(const char *want)
{
  return want != NULL && want[0] != '\0';
}

static bool type_passes(const civ_log_filter *f, const char *name)
{
  if (f->types == NULL || f->n_types == 0)
    return true;
  for (uint32_t k = 0; k < f->n_types; k++)
    if (strcmp(f->types[k], name) == 0)
      return true;
  return false;
}

static bool passes(const civ_log_filter *f, const civ_log_record *r)
{
  if (f == NULL)
    return true;
  if (!type_passes(f, r->type_name))
    return false;
  if ((f->has_start && r->time_us < f->start_us) || (f->has_end && r->time_us > f->end_us))
    return false;
  if (given(f->interaction_id) && !matches(r->interaction_id, f->interaction_id))
    return false;
  return !given(f->agent_id) || matches(r->agent_id, f->agent_id) || matches(r->initiator_id, f->agent_id) ||
         matches(r->counterparty_id, f->agent_id);
}

civ_status civ_log_next(civ_log_reader *r, const civ_log_filter *filter, civ_log_record *record, bool *got,
                        civ_error *err)
{
  for (;;) {
    const char *text;
    size_t length;
    bool whole, good;
    civ_status st = civ_log_source_next(&r->source, &text, &length, &whole, got, err);
    if (st != CIV_OK)
      return st;
    if (!*got) {
      r->counts.truncated_tail |= r->source.torn;
      return CIV_OK;
    }
    if (blank(text, length) || (r->skip != NULL && r->skip(r->skip_arg, text, length)))
      continue;
    civ_log_record found;
    st = take_line(r, text, length, whole, &found, &good, err);
    if (st != CIV_OK)
      return st;
    if (!good || !passes(filter, &found))
      continue;
    *record = found;
    return CIV_OK;
  }
}
