/* log_compare.c - the first record in which two logs differ, in words. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "record/log_reader.h"

typedef struct side {
  civ_log_reader *reader;
  civ_log_record record;
  bool got;
  bool full; /* the log has what only detail full adds, the other has not: passed over */
  int64_t last_time;
  char interaction[48], initiator[96];
} side;

/* What counts as equal. */
typedef struct equality {
  bool same_config; /* also times, digests, heads */
  bool same_detail; /* also event numbers */
} equality;

/* Where two values differ. */
typedef struct spot {
  char path[96];
  const json_t *a, *b;
} spot;

/* --- values ------------------------------------------------------------------------------------------------------------- */

static void show(const json_t *value, char *out, size_t size)
{
  civ_buffer text = { 0 };
  if (value == NULL)
    civ_buffer_text(&text, "(absent)");
  else if (json_is_string(value))
    civ_buffer_text(&text, json_string_value(value));
  else
    civ_json_write(&text, value, 0);
  snprintf(out, size, "%.*s", (int)(text.length < size ? text.length : size), text.data == NULL ? "" : text.data);
  civ_buffer_free(&text);
}

static void enter(char *path, size_t size, const char *step, size_t *before)
{
  *before = strlen(path);
  snprintf(path + *before, size - *before, "%s%s", *before > 0 && step[0] != '[' ? "." : "", step);
}

static bool equal_scalars(const json_t *a, const json_t *b)
{
  if (json_is_number(a) && json_is_number(b))
    return json_is_integer(a) && json_is_integer(b) ? json_integer_value(a) == json_integer_value(b)
                                                    : json_number_value(a) == json_number_value(b);
  return json_equal(a, b);
}

static bool differ(json_t *a, json_t *b, spot *where);

static bool members_differ(json_t *a, json_t *b, spot *where)
{
  const char *key;
  json_t *value;
  size_t before;
  json_object_foreach(a, key, value)
  {
    enter(where->path, sizeof where->path, key, &before);
    if (differ(value, json_object_get(b, key), where))
      return true;
    where->path[before] = '\0';
  }
  json_object_foreach(b, key, value)
  {
    if (json_object_get(a, key) != NULL)
      continue;
    enter(where->path, sizeof where->path, key, &before);
    return differ(NULL, value, where);
  }
  return false;
}

static bool items_differ(json_t *a, json_t *b, spot *where)
{
  const size_t n = json_array_size(a), m = json_array_size(b);
  for (size_t k = 0; k < n || k < m; k++) {
    char step[32];
    size_t before;
    snprintf(step, sizeof step, "[%zu]", k);
    enter(where->path, sizeof where->path, step, &before);
    if (differ(json_array_get(a, k), json_array_get(b, k), where))
      return true;
    where->path[before] = '\0';
  }
  return false;
}

/* Whether two trees differ; then where, and both values. */
static bool differ(json_t *a, json_t *b, spot *where)
{
  if (json_is_object(a) && json_is_object(b))
    return members_differ(a, b, where);
  if (json_is_array(a) && json_is_array(b))
    return items_differ(a, b, where);
  if (a != NULL && b != NULL && equal_scalars(a, b))
    return false;
  where->a = a;
  where->b = b;
  return true;
}

/* --- records ------------------------------------------------------------------------------------------------------------ */

static bool texts_differ(const char *a, const char *b)
{
  return a == NULL || b == NULL ? a != b : strcmp(a, b) != 0;
}

static void say(civ_log_difference *out, const char *field, const char *a, const char *b)
{
  out->same = false;
  snprintf(out->field, sizeof out->field, "%s", field);
  snprintf(out->value_a, sizeof out->value_a, "%s", a != NULL ? a : "null");
  snprintf(out->value_b, sizeof out->value_b, "%s", b != NULL ? b : "null");
}

static void say_count(civ_log_difference *out, const char *field, bool has_a, uint32_t a, bool has_b, uint32_t b)
{
  char text_a[16], text_b[16];
  snprintf(text_a, sizeof text_a, "%u", a);
  snprintf(text_b, sizeof text_b, "%u", b);
  say(out, field, has_a ? text_a : NULL, has_b ? text_b : NULL);
}

/* Fields that all events share, in the order in which a reader wants to hear of them. */
static bool shared_differ(const civ_log_record *a, const civ_log_record *b, civ_log_difference *out)
{
  if (texts_differ(a->type_name, b->type_name))
    say(out, "event_type", a->type_name, b->type_name);
  else if (a->has_epoch != b->has_epoch || (a->has_epoch && a->epoch != b->epoch))
    say_count(out, "epoch", a->has_epoch, a->epoch, b->has_epoch, b->epoch);
  else if (a->has_step != b->has_step || (a->has_step && a->step != b->step))
    say_count(out, "step", a->has_step, a->step, b->has_step, b->step);
  else if (texts_differ(a->agent_id, b->agent_id))
    say(out, "agent_id", a->agent_id, b->agent_id);
  else if (texts_differ(a->initiator_id, b->initiator_id))
    say(out, "initiator_id", a->initiator_id, b->initiator_id);
  else if (texts_differ(a->counterparty_id, b->counterparty_id))
    say(out, "counterparty_id", a->counterparty_id, b->counterparty_id);
  else if (texts_differ(a->interaction_id, b->interaction_id))
    say(out, "interaction_id", a->interaction_id, b->interaction_id);
  else
    return false;
  return true;
}

static bool payloads_differ(const civ_log_record *a, const civ_log_record *b, const equality *rules,
                            civ_log_difference *out)
{
  spot where = { .path = "" };
  if (a->type == CIV_EVENT_SIMULATION_STARTED || (a->type == CIV_EVENT_STEP_COMPLETED && !rules->same_config))
    return false; /* configurations are compared once, before */
  if (!differ(a->payload, b->payload, &where))
    return false;
  char value_a[sizeof out->value_a], value_b[sizeof out->value_b];
  show(where.a, value_a, sizeof value_a);
  show(where.b, value_b, sizeof value_b);
  say(out, where.path, value_a, value_b);
  out->only_digest = a->type == CIV_EVENT_STEP_COMPLETED && strcmp(where.path, "digest") == 0;
  return true;
}

static bool records_differ(const civ_log_record *a, const civ_log_record *b, const equality *rules,
                           civ_log_difference *out)
{
  if (a->length == b->length && memcmp(a->text, b->text, a->length) == 0)
    return false;
  if (shared_differ(a, b, out) || payloads_differ(a, b, rules, out))
    return true;
  const json_int_t time_a = a->time_us, time_b = b->time_us;
  if (rules->same_config && time_a != time_b) {
    char text_a[32], text_b[32];
    snprintf(text_a, sizeof text_a, "%lld us", (long long)time_a);
    snprintf(text_b, sizeof text_b, "%lld us", (long long)time_b);
    say(out, "timestamp", text_a, text_b);
    return true;
  }
  if (rules->same_config && rules->same_detail && texts_differ(a->event_id, b->event_id)) {
    say(out, "event_id", a->event_id, b->event_id);
    return true;
  }
  return false;
}

/* An interaction's later events do not name its parties: the last ones that did are remembered. */
static void remember_parties(side *s)
{
  if (s->record.interaction_id == NULL || s->record.initiator_id == NULL)
    return;
  snprintf(s->interaction, sizeof s->interaction, "%s", s->record.interaction_id);
  snprintf(s->initiator, sizeof s->initiator, "%s", s->record.initiator_id);
}

static const char *agent_of(const side *s)
{
  const civ_log_record *r = &s->record;
  if (r->agent_id != NULL)
    return r->agent_id;
  if (r->initiator_id != NULL)
    return r->initiator_id;
  return r->interaction_id != NULL && strcmp(r->interaction_id, s->interaction) == 0 ? s->initiator : "";
}

static void place(const side *s, civ_log_difference *out)
{
  const civ_log_record *r = &s->record;
  out->has_epoch = r->has_epoch;
  out->has_step = r->has_step;
  out->epoch = r->epoch;
  out->step = r->step;
  snprintf(out->event, sizeof out->event, "%s", r->type_name);
  snprintf(out->agent, sizeof out->agent, "%s", agent_of(s));
}

/* --- walking ------------------------------------------------------------------------------------------------------------ */

/* A lever that is on but does nothing says so at every epoch start: its own business. */
static bool idle_lever(const civ_log_record *r)
{
  return r->type == CIV_EVENT_REPUTATION_UPDATED &&
         strcmp(civ_json_text(r->payload, "reason", ""), "governance") == 0 &&
         civ_json_real(r->payload, "delta", 1) == 0;
}

static bool full_only(const civ_log_record *r)
{
  return r->type < CIV_EVENT_BUILT_IN && (civ_event_forms[r->type].flags & CIV_FORM_FULL_ONLY);
}

static bool head(const civ_log_record *r)
{
  return r->type == CIV_EVENT_LOG_OPENED || r->type == CIV_EVENT_AGENT_CREATED ||
         r->type == CIV_EVENT_SIMULATION_STARTED;
}

static civ_status advance(side *s, const equality *rules, civ_error *err)
{
  for (;;) {
    const civ_status st = civ_log_next(s->reader, NULL, &s->record, &s->got, err);
    if (st != CIV_OK || !s->got)
      return st;
    const bool repeated = s->record.time_us == s->last_time; /* the clock stands still for what only detail full has */
    s->last_time = s->record.time_us;
    if (s->full && (repeated || full_only(&s->record)))
      continue;
    if (!rules->same_detail && s->record.type == CIV_EVENT_LOG_OPENED)
      continue;
    if (!rules->same_config && (head(&s->record) || idle_lever(&s->record)))
      continue;
    remember_parties(s);
    return CIV_OK;
  }
}

/* Digests that differ are no difference of the logs, but a hint where the states part. */
static void note_digests(const civ_log_record *a, const civ_log_record *b, civ_log_difference *out)
{
  if (out->digest_differs || a->type != CIV_EVENT_STEP_COMPLETED || b->type != a->type ||
      json_equal(a->payload, b->payload))
    return;
  out->digest_differs = true;
  out->digest_epoch = a->epoch;
  out->digest_step = a->step;
}

static void say_end(const side *a, const side *b, civ_log_difference *out)
{
  place(a->got ? a : b, out);
  say(out, "", a->got ? a->record.type_name : "(end of the log)", b->got ? b->record.type_name : "(end of the log)");
  out->line_a = a->got ? a->record.line : 0;
  out->line_b = b->got ? b->record.line : 0;
}

static civ_status walk(side *a, side *b, const equality *rules, civ_log_difference *out, civ_error *err)
{
  for (;;) {
    civ_status st = advance(a, rules, err);
    if (st == CIV_OK)
      st = advance(b, rules, err);
    if (st != CIV_OK)
      return st;
    if (!a->got && !b->got)
      return CIV_OK;
    if (a->got != b->got) {
      say_end(a, b, out);
      return CIV_OK;
    }
    note_digests(&a->record, &b->record, out);
    if (records_differ(&a->record, &b->record, rules, out)) {
      out->line_a = a->record.line;
      out->line_b = b->record.line;
      place(a, out);
      return CIV_OK;
    }
  }
}

/* --- heads -------------------------------------------------------------------------------------------------------------- */

typedef struct start {
  json_t *payload; /* of simulation_started; NULL = none */
  bool full;
} start;

static civ_status read_start(const char *path, start *out, civ_error *err)
{
  civ_log_reader *reader;
  civ_log_record record;
  bool got = true;
  civ_status st = civ_log_open(path, false, &reader, err);
  if (st != CIV_OK)
    return st;
  while (out->payload == NULL && got) {
    st = civ_log_next(reader, NULL, &record, &got, err);
    if (st != CIV_OK || !got || !head(&record))
      break;
    if (record.type == CIV_EVENT_LOG_OPENED)
      out->full = strcmp(civ_json_text(record.payload, "detail", "standard"), "full") == 0;
    if (record.type == CIV_EVENT_SIMULATION_STARTED)
      out->payload = json_incref(record.payload);
  }
  civ_log_reader_close(reader);
  return st;
}

/* A member of simulation_started as it is compared: a configuration without its outputs, which change no run. New. */
static json_t *told(const start *s, const char *member)
{
  json_t *value = json_object_get(s->payload, member);
  if (!json_is_object(value))
    return json_incref(value);
  value = json_copy(value);
  json_object_del(value, "outputs");
  return value;
}

/* Compares what the runs were told to do. */
static void compare_configs(const start *a, const start *b, civ_log_difference *out)
{
  static const char *const members[] = { "config", "seed", "n_epochs", "steps_per_epoch", "n_agents", "async" };
  for (size_t k = 0; k < sizeof members / sizeof *members && !out->config_differs; k++) {
    spot where = { .path = "" };
    json_t *x = told(a, members[k]), *y = told(b, members[k]);
    if ((x != NULL || y != NULL) && differ(x, y, &where)) {
      out->config_differs = true;
      snprintf(out->config_field, sizeof out->config_field, "%s", where.path[0] != '\0' ? where.path : members[k]);
      show(where.a, out->config_a, sizeof out->config_a);
      show(where.b, out->config_b, sizeof out->config_b);
    }
    json_decref(x);
    json_decref(y);
  }
}

static civ_status compare_paths(const char *path_a, const char *path_b, const equality *rules, const start *start_a,
                                const start *start_b, civ_log_difference *out, civ_error *err)
{
  side a = { .full = start_a->full && !rules->same_detail, .last_time = INT64_MIN };
  side b = { .full = start_b->full && !rules->same_detail, .last_time = INT64_MIN };
  civ_status st = civ_log_open(path_a, false, &a.reader, err);
  if (st == CIV_OK)
    st = civ_log_open(path_b, false, &b.reader, err);
  if (st == CIV_OK)
    st = walk(&a, &b, rules, out, err);
  civ_log_reader_close(a.reader);
  civ_log_reader_close(b.reader);
  return st;
}

civ_status civ_log_compare(const char *a, const char *b, civ_log_difference *out, civ_error *err)
{
  start start_a = { 0 }, start_b = { 0 };
  civ_log_difference found = { .same = true };
  civ_status st = read_start(a, &start_a, err);
  if (st == CIV_OK)
    st = read_start(b, &start_b, err);
  if (st == CIV_OK) {
    compare_configs(&start_a, &start_b, &found);
    const equality rules = { .same_config = !found.config_differs, .same_detail = start_a.full == start_b.full };
    st = compare_paths(a, b, &rules, &start_a, &start_b, &found, err);
  }
  json_decref(start_a.payload);
  json_decref(start_b.payload);
  if (st == CIV_OK)
    *out = found;
  return st;
}
