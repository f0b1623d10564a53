/* history_json.c - a history as one JSON document, written record by record, and read back. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/number.h"
#include "civitas/version.h"
#include "lab/history_text.h"

/* --- writing ---------------------------------------------------------------------------------------------------------- */

static void put_key(civ_buffer *out, const char *indent, const char *key)
{
  if (out->length > 0 && out->data[out->length - 1] != '{')
    civ_buffer_text(out, ",");
  civ_buffer_format(out, "\n%s\"%s\": ", indent, key);
}

static void put_text(civ_buffer *out, const char *text)
{
  if (text != NULL)
    civ_buffer_json_text(out, text, strlen(text));
  else
    civ_buffer_text(out, "null");
}

static void put_time(civ_buffer *out, bool known, int64_t us)
{
  char text[CIV_NUMBER_MAX];
  if (known)
    civ_buffer_json_text(out, text, civ_format_time(text, us));
  else
    civ_buffer_text(out, "null");
}

static void put_number(civ_buffer *out, double value, bool integer)
{
  if (integer && isfinite(value))
    civ_buffer_integer(out, (int64_t)value);
  else
    civ_buffer_real(out, value);
}

#define DEEP "      "

static void put_epoch(civ_buffer *out, const civ_history *h, const civ_epoch_snapshot *s)
{
  civ_buffer_text(out, "{");
  put_key(out, DEEP, "simulation_id");
  put_text(out, h->simulation_id);
  put_key(out, DEEP, "epoch");
  civ_buffer_integer(out, s->epoch);
  put_key(out, DEEP, "timestamp");
  put_time(out, true, s->time_us);
  for (int k = 0; k < CIV_N_EPOCH_COLUMNS; k++) {
    put_key(out, DEEP, civ_epoch_column_forms[k].name);
    put_number(out, s->values[k], civ_epoch_column_forms[k].integer);
  }
  civ_buffer_text(out, "\n    }");
}

static void put_agent(civ_buffer *out, const civ_history *h, const civ_agent_snapshot *s)
{
  civ_buffer_text(out, "{");
  put_key(out, DEEP, "simulation_id");
  put_text(out, h->simulation_id);
  put_key(out, DEEP, "agent_id");
  put_text(out, h->names[s->agent]);
  put_key(out, DEEP, "epoch");
  civ_buffer_integer(out, s->epoch);
  for (int k = 0; k < CIV_N_AGENT_COLUMNS; k++) {
    put_key(out, DEEP, civ_agent_column_names[k]);
    if (k == CIV_AGENT_TYPE)
      put_text(out, h->types[s->agent]);
    else if (k == CIV_AGENT_FROZEN || k == CIV_AGENT_QUARANTINED)
      civ_buffer_text(out, (k == CIV_AGENT_FROZEN ? s->frozen : s->quarantined) ? "true" : "false");
    else
      put_number(out, civ_agent_snapshot_value(s, (civ_agent_column)k),
                 k == CIV_AGENT_INITIATED || k == CIV_AGENT_RECEIVED);
  }
  civ_buffer_text(out, "\n    }");
}

static void put_head(civ_buffer *out, const civ_history *h)
{
  put_key(out, "  ", "simulation_id");
  put_text(out, h->simulation_id);
  put_key(out, "  ", "started_at");
  put_time(out, h->started, h->started_us);
  put_key(out, "  ", "ended_at");
  put_time(out, h->ended, h->ended_us);
  put_key(out, "  ", "n_epochs");
  civ_buffer_integer(out, (int64_t)h->n_epochs);
  put_key(out, "  ", "steps_per_epoch");
  civ_buffer_integer(out, (int64_t)h->steps_per_epoch);
  put_key(out, "  ", "n_agents");
  civ_buffer_integer(out, (int64_t)h->n_agents);
  put_key(out, "  ", "seed");
  if (h->seeded)
    civ_buffer_integer(out, (int64_t)h->seed);
  else
    civ_buffer_text(out, "null");
}

void civ_history_json(const civ_history *h, const json_t *more, civ_buffer *out)
{
  uint32_t *order = civ_history_by_agent(h);
  if (order == NULL) {
    out->failed = true;
    return;
  }
  civ_buffer_text(out, "{");
  put_head(out, h);
  put_key(out, "  ", "epoch_snapshots");
  civ_buffer_text(out, "[");
  for (size_t i = 0; i < h->n_epoch_snapshots; i++) {
    civ_buffer_text(out, i > 0 ? ",\n    " : "\n    ");
    put_epoch(out, h, &h->epochs[i]);
  }
  civ_buffer_text(out, h->n_epoch_snapshots > 0 ? "\n  ]" : "]");
  put_key(out, "  ", "agent_snapshots");
  civ_buffer_text(out, "[");
  for (size_t i = 0; i < h->n_agent_snapshots; i++) {
    civ_buffer_text(out, i > 0 ? ",\n    " : "\n    ");
    put_agent(out, h, &h->agents[order[i]]);
  }
  civ_buffer_text(out, h->n_agent_snapshots > 0 ? "\n  ]" : "]");
  put_key(out, "  ", "format_version");
  civ_buffer_integer(out, 1);
  put_key(out, "  ", "engine_version");
  put_text(out, civ_version());
  const char *key;
  json_t *value;
  json_object_foreach((json_t *)more, key, value)
  {
    put_key(out, "  ", key);
    civ_json_write_deep(out, value, 2, 1);
  }
  civ_buffer_text(out, "\n}\n");
  free(order);
}

/* --- reading ---------------------------------------------------------------------------------------------------------- */

static civ_status read_time(const json_t *object, const char *key, bool *known, int64_t *us, civ_error *err)
{
  const char *text = civ_json_text(object, key, NULL);
  if (text == NULL)
    return CIV_OK;
  *known = civ_parse_time(text, strlen(text), us);
  return *known ? CIV_OK : civ_fail(err, CIV_E_TYPE, key, "'%.40s' is not an ISO 8601 time", text);
}

static civ_status read_count(const json_t *object, const char *key, uint64_t *out, civ_error *err)
{
  const int64_t value = civ_json_integer(object, key, 0);
  if (value < 0)
    return civ_fail(err, CIV_E_RANGE, key, "%lld is below 0", (long long)value);
  *out = (uint64_t)value;
  return CIV_OK;
}

static civ_status read_head(const json_t *root, civ_history *h, civ_error *err)
{
  civ_status status = read_time(root, "started_at", &h->started, &h->started_us, err);
  if (status == CIV_OK)
    status = read_time(root, "ended_at", &h->ended, &h->ended_us, err);
  if (status == CIV_OK)
    status = read_count(root, "n_epochs", &h->n_epochs, err);
  if (status == CIV_OK)
    status = read_count(root, "steps_per_epoch", &h->steps_per_epoch, err);
  if (status == CIV_OK)
    status = read_count(root, "n_agents", &h->n_agents, err);
  h->seeded = json_is_integer(json_object_get(root, "seed"));
  if (status == CIV_OK && h->seeded)
    status = read_count(root, "seed", &h->seed, err);
  const char *id = civ_json_text(root, "simulation_id", "simulation");
  h->simulation_id = civ_arena_text(&h->arena, id, strlen(id));
  return status == CIV_OK && h->simulation_id == NULL ? CIV_E_NOMEM : status;
}

static civ_status read_epoch(const json_t *object, civ_history *h, civ_error *err)
{
  const int64_t epoch = civ_json_integer(object, "epoch", 0);
  if (!json_is_object(object) || epoch < 0 || epoch >= UINT32_MAX)
    return civ_fail(err, CIV_E_TYPE, "epoch_snapshots", "an entry is no object with an epoch from 0 to 2^32 - 2");
  civ_epoch_snapshot s = civ_epoch_snapshot_blank((uint32_t)epoch);
  bool known = false;
  const civ_status status = read_time(object, "timestamp", &known, &s.time_us, err);
  if (status != CIV_OK)
    return status;
  for (int k = 0; k < CIV_N_EPOCH_COLUMNS; k++)
    s.values[k] = civ_json_real(object, civ_epoch_column_forms[k].name, s.values[k]);
  return civ_history_add_epoch(h, &s);
}

static civ_status name_of(civ_history *h, const json_t *object, json_t *known, uint32_t *index)
{
  const char *name = civ_json_text(object, "agent_id", "");
  const json_t *found = json_object_get(known, name);
  if (found != NULL) {
    *index = (uint32_t)json_integer_value(found);
    return CIV_OK;
  }
  const civ_status status = civ_history_add_name(h, name, civ_json_text(object, "agent_type", NULL), index);
  if (status == CIV_OK && json_object_set_new_nocheck(known, name, json_integer(*index)) != 0)
    return CIV_E_NOMEM;
  return status;
}

static civ_status read_agent(const json_t *object, civ_history *h, json_t *known, civ_error *err)
{
  const int64_t epoch = civ_json_integer(object, "epoch", 0);
  const int64_t initiated = civ_json_integer(object, "interactions_initiated", 0);
  const int64_t received = civ_json_integer(object, "interactions_received", 0);
  const double missing = json_is_null(json_object_get(object, "resources")) ? NAN : 100.0;
  if (!json_is_object(object) || epoch < 0 || epoch >= UINT32_MAX || initiated < 0 || initiated > UINT32_MAX ||
      received < 0 || received > UINT32_MAX)
    return civ_fail(err, CIV_E_TYPE, "agent_snapshots", "an entry is no object with counts from 0 to 2^32 - 1");
  civ_agent_snapshot s = {
    .epoch = (uint32_t)epoch,
    .reputation = civ_json_real(object, "reputation", 0.0),
    .resources = civ_json_real(object, "resources", missing),
    .avg_p_initiated = civ_json_real(object, "avg_p_initiated", 0.5),
    .avg_p_received = civ_json_real(object, "avg_p_received", 0.5),
    .total_payoff = civ_json_real(object, "total_payoff", 0.0),
    .cumulative_payoff = civ_json_real(object, "cumulative_payoff", 0.0),
    .initiated = (uint32_t)initiated,
    .received = (uint32_t)received,
    .frozen = civ_json_bool(object, "is_frozen", false),
    .quarantined = civ_json_bool(object, "is_quarantined", false),
  };
  const civ_status status = name_of(h, object, known, &s.agent);
  return status == CIV_OK ? civ_history_add_agent(h, &s) : status;
}

static civ_status read_document(const json_t *root, civ_history *h, civ_error *err)
{
  if (!json_is_object(root))
    return civ_fail(err, CIV_E_TYPE, "history", "the document is no JSON object");
  civ_status status = read_head(root, h, err);
  const json_t *epochs = json_object_get(root, "epoch_snapshots"), *agents = json_object_get(root, "agent_snapshots");
  for (size_t k = 0; status == CIV_OK && k < json_array_size(epochs); k++)
    status = read_epoch(json_array_get(epochs, k), h, err);
  json_t *known = json_object();
  for (size_t k = 0; status == CIV_OK && k < json_array_size(agents); k++)
    status = read_agent(json_array_get(agents, k), h, known, err);
  json_decref(known);
  return status;
}

civ_status civ_history_read_json(const char *text, size_t length, civ_history *h, civ_error *err)
{
  json_error_t at;
  json_t *root = json_loadb(text, length, JSON_REJECT_DUPLICATES, &at);
  if (root == NULL)
    return civ_fail(err, CIV_E_SYNTAX, "history", "line %d, column %d: %s", at.line, at.column, at.text);
  const civ_status status = read_document(root, h, err);
  json_decref(root);
  return status == CIV_E_NOMEM ? civ_fail(err, CIV_E_NOMEM, "history", "out of memory") : status;
}
