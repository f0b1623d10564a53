/* Adapters of chapter 01: the event log read back (reconstruct, replay_filter). */
#include <string.h>

#include "base/buffer.h"
#include "base/json.h"
#include "base/number.h"
#include "civitas/log.h"
#include "conformance.h"

static char *lines_of(const json_t *input, size_t *length)
{
  civ_buffer text = { 0 };
  size_t k;
  json_t *line;
  json_array_foreach(json_object_get(input, "lines"), k, line)
  {
    civ_json_write(&text, line, 0);
    civ_buffer_text(&text, "\n");
  }
  return civ_buffer_take(&text, length);
}

static json_t *record_json(const civ_rebuilt *all, size_t k)
{
  const civ_interaction *r = &all->records[k];
  char time[CIV_NUMBER_MAX + 1];
  time[civ_format_time(time, r->time_us)] = '\0';
  json_t *truth = r->ground_truth == 0 ? json_null() : json_integer(r->ground_truth);
  return json_pack("{s:s, s:s, s:s, s:s, s:s, s:b, s:f, s:i, s:i, s:i, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:o}",
                   "interaction_id", all->ids[k], "timestamp", time, "initiator", all->names[r->initiator],
                   "counterparty", all->names[r->counterparty], "interaction_type", civ_interaction_type_names[r->type],
                   "accepted", r->accepted, "task_progress_delta", r->observables.task_progress_delta, "rework_count",
                   r->observables.rework_count, "verifier_rejections", r->observables.verifier_rejections,
                   "tool_misuse_flags", r->observables.tool_misuse_flags, "counterparty_engagement_delta",
                   r->observables.counterparty_engagement_delta, "v_hat", r->v_hat, "p", r->p, "tau", r->tau, "c_a",
                   r->c_a, "c_b", r->c_b, "r_a", r->r_a, "r_b", r->r_b, "ground_truth", truth);
}

static conformance_outcome reconstruct(const conformance_case *c)
{
  size_t length;
  char *text = lines_of(c->input, &length);
  civ_log_reader *reader = NULL;
  civ_rebuilt rebuilt = { 0 };
  const bool read = civ_log_open_text(text, length, true, &reader, NULL) == CIV_OK &&
                    civ_log_rebuild(reader, &rebuilt, NULL) == CIV_OK;
  json_t *list = json_array();
  for (size_t k = 0; read && k < rebuilt.n; k++)
    json_array_append_new(list, record_json(&rebuilt, k));
  civ_rebuilt_free(&rebuilt);
  civ_log_reader_close(reader);
  civ_free(text);
  if (read)
    return conformance_answer(list);
  json_decref(list);
  return conformance_refuse();
}

/* --- replay_filter -------------------------------------------------------------------------------------------------- */

enum { MOST_TYPES = 64 };

static bool take_time(const json_t *filter, const char *key, int64_t *us)
{
  const char *text = civ_json_text(filter, key, NULL);
  return text != NULL && civ_parse_time(text, strlen(text), us);
}

static civ_log_filter filter_of(const json_t *json, const char **types)
{
  civ_log_filter f = { .types = types,
                       .agent_id = civ_json_text(json, "agent_id", NULL),
                       .interaction_id = civ_json_text(json, "interaction_id", NULL) };
  size_t k;
  json_t *type;
  json_array_foreach(json_object_get(json, "event_types"), k, type)
  {
    if (k < MOST_TYPES)
      types[f.n_types++] = json_string_value(type);
  }
  f.has_start = take_time(json, "start_time", &f.start_us);
  f.has_end = take_time(json, "end_time", &f.end_us);
  return f;
}

/* Calls visit for every record that passes the filter. */
static bool pass_over(const char *text, size_t length, const civ_log_filter *filter,
                      void (*visit)(json_t *out, const civ_log_record *r), json_t *out)
{
  civ_log_reader *reader;
  if (civ_log_open_text(text, length, true, &reader, NULL) != CIV_OK)
    return false;
  civ_log_record record;
  bool got = true;
  civ_status st = CIV_OK;
  while (st == CIV_OK && got) {
    st = civ_log_next(reader, filter, &record, &got, NULL);
    if (st == CIV_OK && got)
      visit(out, &record);
  }
  civ_log_reader_close(reader);
  return st == CIV_OK;
}

static void list_id(json_t *out, const civ_log_record *r)
{
  json_array_append_new(json_object_get(out, "event_ids"), json_string(r->event_id));
}

static void count(json_t *out, const civ_log_record *r)
{
  json_t *by_type = json_object_get(out, "by_type");
  json_object_set_new(out, "count", json_integer(civ_json_integer(out, "count", 0) + 1));
  json_object_set_new(by_type, r->type_name, json_integer(civ_json_integer(by_type, r->type_name, 0) + 1));
  json_object_set_new(out, "last", json_string(r->event_id));
}

static conformance_outcome replay_filter(const conformance_case *c)
{
  const char *types[MOST_TYPES];
  const civ_log_filter filter = filter_of(json_object_get(c->input, "filter"), types);
  size_t length;
  char *text = lines_of(c->input, &length);
  json_t *out = json_pack("{s:[], s:i, s:{}, s:n}", "event_ids", "count", 0, "by_type", "last");
  const bool read = pass_over(text, length, &filter, list_id, out) && pass_over(text, length, NULL, count, out);
  civ_free(text);
  if (read)
    return conformance_answer(out);
  json_decref(out);
  return conformance_refuse();
}

const conformance_adapter conformance_log[] = {
  { "reconstruct", reconstruct },
  { "replay_filter", replay_filter },
  { NULL, NULL },
};
