/* interaction_json.c - interaction records as JSON lines. */
#include "record/interaction_json.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"

/* --- writing ------------------------------------------------------------------------------------------------------- */

static void put_key(civ_buffer *out, const char *key)
{
  civ_buffer_text(out, ", \"");
  civ_buffer_text(out, key);
  civ_buffer_text(out, "\": ");
}

static void put_real(civ_buffer *out, const char *key, double value)
{
  put_key(out, key);
  civ_buffer_real(out, value);
}

static void put_integer(civ_buffer *out, const char *key, int64_t value)
{
  put_key(out, key);
  civ_buffer_integer(out, value);
}

static void put_agent(civ_buffer *out, const char *key, civ_agent agent, const char *const *names)
{
  const char *name = agent == CIV_NOBODY ? "" : names[agent];
  put_key(out, key);
  civ_buffer_json_text(out, name, strlen(name));
}

void civ_interaction_write_json(civ_buffer *out, const civ_interaction *record, const char *const *names)
{
  char time[CIV_NUMBER_MAX + 1];
  const civ_observables *o = &record->observables;
  civ_buffer_text(out, "{\"interaction_id\": \"i");
  civ_buffer_integer(out, (int64_t)record->id);
  civ_buffer_text(out, "\", \"timestamp\": \"");
  civ_buffer_add(out, time, civ_format_time(time, record->time_us));
  civ_buffer_text(out, "\"");
  put_agent(out, "initiator", record->initiator, names);
  put_agent(out, "counterparty", record->counterparty, names);
  put_key(out, "interaction_type");
  civ_buffer_format(out, "\"%s\"", civ_interaction_type_names[record->type]);
  put_key(out, "accepted");
  civ_buffer_text(out, record->accepted ? "true" : "false");
  put_real(out, "task_progress_delta", o->task_progress_delta);
  put_integer(out, "rework_count", o->rework_count);
  put_integer(out, "verifier_rejections", o->verifier_rejections);
  put_integer(out, "tool_misuse_flags", o->tool_misuse_flags);
  put_real(out, "counterparty_engagement_delta", o->counterparty_engagement_delta);
  put_real(out, "v_hat", record->v_hat);
  put_real(out, "p", record->p);
  put_real(out, "tau", record->tau);
  put_real(out, "c_a", record->c_a);
  put_real(out, "c_b", record->c_b);
  put_real(out, "r_a", record->r_a);
  put_real(out, "r_b", record->r_b);
  put_key(out, "ground_truth");
  if (record->ground_truth == 0)
    civ_buffer_text(out, "null");
  else
    civ_buffer_integer(out, record->ground_truth);
  civ_buffer_text(out, "}");
}

/* --- reading ------------------------------------------------------------------------------------------------------- */

typedef struct reading {
  const json_t *object;
  const char *where;
  civ_error *err;
  civ_status status; /* the first failure; later questions answer 0 */
} reading;

static const char *const kinds[] = { "an object", "a list", "a text", "a whole number",
                                     "a number",  "true",   "false",  "null" };

static const char *kind_of(const json_t *value)
{
  return kinds[json_typeof(value)];
}

static const json_t *member(reading *r, const char *key)
{
  if (r->status != CIV_OK)
    return NULL;
  const json_t *value = json_object_get(r->object, key);
  if (value == NULL)
    r->status = civ_fail(r->err, CIV_E_KEY, r->where, "the key \"%s\" is missing", key);
  return value;
}

static void wrong_type(reading *r, const char *key, const json_t *value, const char *right)
{
  r->status = civ_fail(r->err, CIV_E_TYPE, r->where, "%s is %s, not %s", key, kind_of(value), right);
}

static void out_of_range(reading *r, const char *key, double value, const char *right)
{
  char text[CIV_NUMBER_MAX + 1];
  text[civ_format_real(text, value)] = '\0';
  r->status = civ_fail(r->err, CIV_E_RANGE, r->where, "%s: %s is outside %s", key, text, right);
}

static const char *text_of(reading *r, const char *key)
{
  const json_t *value = member(r, key);
  if (value == NULL)
    return "";
  if (!json_is_string(value)) {
    wrong_type(r, key, value, "a text");
    return "";
  }
  return json_string_value(value);
}

static double real_of(reading *r, const char *key, double low, double high, const char *range)
{
  const json_t *value = member(r, key);
  if (value == NULL)
    return 0.0;
  if (!json_is_number(value)) {
    wrong_type(r, key, value, "a number");
    return 0.0;
  }
  double x = json_number_value(value);
  if (!(x >= low && x <= high) || !isfinite(x))
    out_of_range(r, key, x, range);
  return x;
}

static double finite_of(reading *r, const char *key)
{
  return real_of(r, key, -INFINITY, INFINITY, "the finite numbers");
}

static int32_t count_of(reading *r, const char *key)
{
  double x = real_of(r, key, 0.0, INT32_MAX, "the whole numbers from 0 to 2147483647");
  if (r->status == CIV_OK && x != floor(x))
    out_of_range(r, key, x, "the whole numbers from 0 to 2147483647");
  return r->status == CIV_OK ? (int32_t)x : 0;
}

static bool bool_of(reading *r, const char *key)
{
  const json_t *value = member(r, key);
  if (value != NULL && !json_is_boolean(value))
    wrong_type(r, key, value, "true or false");
  return json_is_true(value);
}

static uint8_t type_of(reading *r)
{
  const char *text = text_of(r, "interaction_type");
  for (uint8_t k = 0; k < CIV_INTERACTION_TYPES; ++k)
    if (strcmp(text, civ_interaction_type_names[k]) == 0)
      return k;
  if (r->status == CIV_OK)
    r->status = civ_fail(r->err, CIV_E_KEY, r->where,
                         "interaction_type \"%.60s\" is none of reply, vote, trade, collaboration", text);
  return 0;
}

static int64_t time_of(reading *r)
{
  const char *text = text_of(r, "timestamp");
  int64_t time_us = 0;
  if (r->status == CIV_OK && !civ_parse_time(text, strlen(text), &time_us))
    r->status = civ_fail(r->err, CIV_E_SYNTAX, r->where,
                         "timestamp \"%.60s\" is no time of the form 2000-01-31T12:00:00.000001", text);
  return time_us;
}

static int8_t truth_of(reading *r)
{
  const json_t *value = json_object_get(r->object, "ground_truth");
  if (r->status != CIV_OK || value == NULL || json_is_null(value))
    return 0;
  if (!json_is_number(value)) {
    wrong_type(r, "ground_truth", value, "1, -1 or null");
    return 0;
  }
  double x = json_number_value(value);
  if (x != 1.0 && x != -1.0)
    out_of_range(r, "ground_truth", x, "the list 1, -1, null");
  return x > 0.0 ? 1 : -1;
}

static uint64_t id_of(reading *r, size_t otherwise)
{
  const char *text = text_of(r, "interaction_id");
  int64_t number = 0;
  if (r->status == CIV_OK && text[0] == '\0')
    r->status = civ_fail(r->err, CIV_E_RANGE, r->where, "interaction_id is empty; give every record a name");
  if (text[0] == 'i' && text[1] >= '1' && text[1] <= '9' && civ_parse_integer(text + 1, strlen(text + 1), &number))
    return (uint64_t)number;
  return otherwise;
}

static civ_agent agent_of(reading *r, const char *key, civ_batch *batch)
{
  const char *name = text_of(r, key);
  civ_agent agent = CIV_NOBODY;
  if (r->status == CIV_OK && name[0] != '\0')
    r->status = civ_batch_name(batch, name, strlen(name), &agent, r->err);
  return agent;
}

static civ_interaction read_members(reading *r, civ_batch *batch)
{
  civ_interaction i = civ_interaction_default();
  i.id = id_of(r, batch->n + 1);
  i.time_us = time_of(r);
  i.initiator = agent_of(r, "initiator", batch);
  i.counterparty = agent_of(r, "counterparty", batch);
  i.type = type_of(r);
  i.accepted = bool_of(r, "accepted");
  i.observables.task_progress_delta = finite_of(r, "task_progress_delta");
  i.observables.rework_count = count_of(r, "rework_count");
  i.observables.verifier_rejections = count_of(r, "verifier_rejections");
  i.observables.tool_misuse_flags = count_of(r, "tool_misuse_flags");
  i.observables.counterparty_engagement_delta = finite_of(r, "counterparty_engagement_delta");
  i.v_hat = real_of(r, "v_hat", -1.0, 1.0, "[-1, 1]");
  i.p = real_of(r, "p", 0.0, 1.0, "[0, 1]");
  i.tau = finite_of(r, "tau");
  i.c_a = finite_of(r, "c_a");
  i.c_b = finite_of(r, "c_b");
  i.r_a = finite_of(r, "r_a");
  i.r_b = finite_of(r, "r_b");
  i.ground_truth = truth_of(r);
  return i;
}

civ_status civ_interaction_read_json(const char *line, size_t length, const char *where, civ_batch *batch,
                                     civ_error *err)
{
  json_error_t problem;
  json_t *root = json_loadb(line, length, JSON_REJECT_DUPLICATES, &problem);
  if (root == NULL)
    return civ_fail(err, CIV_E_SYNTAX, where, "not a JSON object on one line: %s (column %d)", problem.text,
                    problem.column);
  reading r = { root, where, err, CIV_OK };
  if (!json_is_object(root)) {
    r.status =
        civ_fail(err, CIV_E_TYPE, where, "%s where an interaction record (a JSON object) belongs", kind_of(root));
  } else {
    civ_interaction i = read_members(&r, batch);
    if (r.status == CIV_OK)
      r.status = civ_batch_add(batch, &i, err);
  }
  json_decref(root);
  return r.status;
}

static bool is_blank(const char *line, size_t length)
{
  for (size_t k = 0; k < length; ++k)
    if (line[k] != ' ' && line[k] != '\t' && line[k] != '\r')
      return false;
  return true;
}

civ_status civ_interactions_read(const char *text, size_t length, const char *file, civ_batch *batch, civ_error *err)
{
  uint64_t number = 0;
  for (size_t at = 0; at < length;) {
    const char *end = memchr(text + at, '\n', length - at);
    size_t size = end != NULL ? (size_t)(end - (text + at)) : length - at;
    ++number;
    if (!is_blank(text + at, size)) {
      char where[192];
      snprintf(where, sizeof where, "%.160s:%llu", file, (unsigned long long)number);
      civ_status status = civ_interaction_read_json(text + at, size, where, batch, err);
      if (status != CIV_OK)
        return status;
    }
    at += size + 1;
  }
  return CIV_OK;
}
