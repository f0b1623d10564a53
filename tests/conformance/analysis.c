/* analysis.c - how the cases of chapter 07 that follow a run (aggregation, statistics, criteria, exports) meet the library. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "conformance.h"
#include "lab/aggregate.h"
#include "lab/criteria.h"
#include "lab/history_text.h"
#include "statistics/statistics.h"
#include "sweep.h"

enum { MOST = 4096 };

static size_t numbers(const json_t *list, double *out)
{
  size_t n = json_array_size(list);
  for (size_t k = 0; k < n && k < MOST; k++)
    out[k] = json_number_value(json_array_get(list, k));
  return n < MOST ? n : MOST;
}

static double member(const json_t *object, const char *key, double otherwise)
{
  const json_t *value = json_object_get(object, key);
  return json_is_number(value) ? json_number_value(value) : otherwise;
}

static json_t *list_of(const double *values, size_t n)
{
  json_t *list = json_array();
  for (size_t k = 0; k < n; k++)
    json_array_append_new(list, json_real(values[k]));
  return list;
}

/* --- statistics --------------------------------------------------------------------------------------------------------- */

static conformance_outcome gini(const conformance_case *c)
{
  double values[MOST];
  const size_t n = numbers(json_object_get(c->input, "values"), values);
  return conformance_answer(json_pack("{s: f}", "gini", civ_gini(values, n)));
}

static conformance_outcome rolling_average(const conformance_case *c)
{
  double values[MOST], out[MOST];
  const size_t n = numbers(json_object_get(c->input, "values"), values);
  civ_rolling_average(values, n, (uint64_t)member(c->input, "window", 1), out);
  return conformance_answer(json_pack("{s: o}", "values", list_of(out, n)));
}

static conformance_outcome trend(const conformance_case *c)
{
  double at[MOST], values[MOST], slope, r_squared;
  const size_t n = numbers(json_object_get(c->input, "epochs"), at);
  numbers(json_object_get(c->input, "values"), values);
  civ_trend(at, values, n, &slope, &r_squared);
  return conformance_answer(json_pack("{s: f, s: f}", "slope", slope, "r_squared", r_squared));
}

/* --- aggregation -------------------------------------------------------------------------------------------------------- */

static uint32_t agent_of(civ_history *h, const char *name)
{
  uint32_t index = 0;
  for (; index < h->n_names; index++)
    if (strcmp(h->names[index], name) == 0)
      return index;
  return civ_history_add_name(h, name, NULL, &index) == CIV_OK ? index : CIV_NOBODY;
}

static void mark(civ_history *h, const json_t *ids, uint8_t *flags)
{
  size_t k;
  json_t *id;
  json_array_foreach(ids, k, id) flags[agent_of(h, json_string_value(id))] = 1;
}

/* Agents of the table come first, then whoever else is named in the records. */
static void name_agents(const json_t *input, civ_history *h)
{
  const char *key;
  size_t k;
  json_t *value;
  json_object_foreach(json_object_get(input, "agents"), key, value) agent_of(h, key);
  json_array_foreach(json_object_get(input, "interactions"), k, value)
  {
    agent_of(h, json_string_value(json_object_get(value, "initiator")));
    agent_of(h, json_string_value(json_object_get(value, "counterparty")));
  }
  json_array_foreach(json_object_get(input, "payoffs"), k, value)
      agent_of(h, json_string_value(json_object_get(value, "agent_id")));
}

static void record_all(const json_t *input, civ_history *h, civ_aggregator *a)
{
  size_t k;
  json_t *value;
  json_array_foreach(json_object_get(input, "interactions"), k, value)
      civ_aggregator_interaction(a, agent_of(h, json_string_value(json_object_get(value, "initiator"))),
                                 agent_of(h, json_string_value(json_object_get(value, "counterparty"))),
                                 member(value, "p", 0.5), json_is_true(json_object_get(value, "accepted")));
  json_array_foreach(json_object_get(input, "payoffs"), k, value) civ_aggregator_payoff(
      a, agent_of(h, json_string_value(json_object_get(value, "agent_id"))), member(value, "value", 0));
}

static civ_epoch_snapshot known_of(const json_t *input)
{
  const json_t *security = json_object_get(input, "security_report"),
               *collusion = json_object_get(input, "collusion_report");
  civ_epoch_snapshot s = civ_epoch_snapshot_blank((uint32_t)member(input, "epoch", 0));
  s.values[CIV_COLUMN_total_posts] = member(input, "posts_count", 0);
  s.values[CIV_COLUMN_total_votes] = member(input, "votes_count", 0);
  s.values[CIV_COLUMN_total_tasks_completed] = member(input, "tasks_completed", 0);
  s.values[CIV_COLUMN_ecosystem_threat_level] = member(security, "ecosystem_threat_level", 0);
  s.values[CIV_COLUMN_active_threats] = member(security, "active_threat_count", 0);
  s.values[CIV_COLUMN_contagion_depth] = member(security, "contagion_depth", 0);
  s.values[CIV_COLUMN_ecosystem_collusion_risk] = member(collusion, "ecosystem_collusion_risk", 0);
  s.values[CIV_COLUMN_n_flagged_pairs] = member(collusion, "n_flagged_pairs", 0);
  return s;
}

/* The one epoch of the history, as its JSON export shows it. */
static conformance_outcome aggregated(const civ_history *h)
{
  civ_buffer text = { 0 };
  civ_history_json(h, NULL, &text);
  json_t *document = json_loadb(text.data, text.length, 0, NULL), *agents = json_object(), *agent;
  civ_buffer_free(&text);
  size_t k;
  json_array_foreach(json_object_get(document, "agent_snapshots"), k, agent)
      json_object_set(agents, json_string_value(json_object_get(agent, "agent_id")), agent);
  json_t *epoch = json_incref(json_array_get(json_object_get(document, "epoch_snapshots"), 0));
  json_decref(document);
  return conformance_answer(json_pack("{s: o, s: o}", "epoch", epoch, "agents", agents));
}

static conformance_outcome aggregate_epoch(const conformance_case *c)
{
  double reputation[MOST], resources[MOST];
  uint8_t frozen[MOST] = { 0 }, quarantined[MOST] = { 0 };
  civ_history h = civ_history_create();
  civ_agent_states states = {
    .reputation = reputation, .resources = resources, .frozen = frozen, .quarantined = quarantined
  };
  const char *key;
  json_t *value;
  conformance_outcome outcome = conformance_refuse();
  name_agents(c->input, &h);
  json_object_foreach(json_object_get(c->input, "agents"), key, value)
  {
    reputation[states.n] = member(value, "reputation", 0);
    resources[states.n++] = member(value, "resources", 100);
  }
  mark(&h, json_object_get(c->input, "frozen"), frozen);
  mark(&h, json_object_get(c->input, "quarantined"), quarantined);
  const civ_aggregator_options options = { .n_agents = h.n_names, .mode = CIV_SNAPSHOTS_ALL };
  civ_aggregator *a = civ_aggregator_create(&options, &h);
  if (a != NULL) {
    const civ_epoch_snapshot known = known_of(c->input);
    record_all(c->input, &h, a);
    if (civ_aggregator_close_epoch(a, &known, &states, NULL) == CIV_OK)
      outcome = aggregated(&h);
  }
  civ_aggregator_destroy(a);
  civ_history_destroy(&h);
  return outcome;
}

/* --- criteria ----------------------------------------------------------------------------------------------------------- */

static uint8_t type_of(const json_t *agent)
{
  const char *type = json_string_value(json_object_get(agent, "type"));
  uint8_t k = 0;
  while (k + 1 < CIV_AGENT_TYPES && strcmp(civ_agent_type_names[k], type) != 0)
    k++;
  return k;
}

static conformance_outcome criteria_evaluate(const conformance_case *c)
{
  static const civ_metric_decl columns[] = { { "toxicity_rate", false, "" }, { "total_welfare", false, "" } };
  double rows[MOST];
  civ_agent_row agents[256] = { 0 };
  civ_criterion criteria[64];
  civ_finding findings[64];
  const json_t *epochs = json_object_get(c->input, "epochs"), *list = json_object_get(c->input, "agents");
  civ_run_record record = { .epoch_columns = { 2, columns }, .rows = rows, .agents = agents };
  for (; record.n_epochs < json_array_size(epochs); record.n_epochs++) {
    const json_t *epoch = json_array_get(epochs, record.n_epochs);
    rows[2 * record.n_epochs] = member(epoch, "toxicity_rate", 0);
    rows[2 * record.n_epochs + 1] = member(epoch, "total_welfare", 0);
  }
  for (uint32_t k = 0; k < json_array_size(list) && k < 256; k++) {
    agents[k].type = type_of(json_array_get(list, k));
    agents[k].payoff = member(json_array_get(list, k), "total_payoff", 0);
  }
  record.n_agents = (uint32_t)member(c->input, "n_agents", (double)json_array_size(list));
  uint32_t n = 0;
  const char *key;
  json_t *value;
  json_object_foreach(json_object_get(c->input, "criteria"), key, value) criteria[n++] =
      (civ_criterion){ .name = key, .bound = json_number_value(value) };
  const civ_outcome overall = civ_criteria_evaluate(criteria, n, &record, NULL, findings);
  json_t *answer = json_object();
  for (uint32_t k = 0; k < n; k++)
    json_object_set_new(answer, findings[k].name, json_string(civ_outcome_names[findings[k].outcome]));
  json_object_set_new(answer, "overall", json_string(civ_outcome_names[overall]));
  return conformance_answer(answer);
}

/* --- exports ------------------------------------------------------------------------------------------------------------ */

static conformance_outcome epoch_columns(const conformance_case *c)
{
  (void)c;
  const civ_history h = civ_history_create();
  civ_buffer text = { 0 };
  json_t *columns = json_array();
  civ_history_epochs_csv(&h, NULL, 0, &text);
  for (size_t at = 0; at < text.length;) {
    const size_t n = strcspn(text.data + at, ",\n");
    json_array_append_new(columns, json_stringn(text.data + at, n));
    at += n + 1;
  }
  civ_buffer_free(&text);
  return conformance_answer(json_pack("{s: o}", "columns", columns));
}

/* The vector's history in the members of our JSON form. */
static json_t *history_of(const json_t *input)
{
  const json_t *history = json_object_get(input, "history");
  return json_pack("{s: O, s: O}", "epoch_snapshots", json_object_get(history, "epochs"), "agent_snapshots",
                   json_object_get(history, "agents"));
}

/* Every line "  label: value" of the report; a label told twice keeps what it said first. */
static json_t *lines_of(const civ_buffer *text)
{
  json_t *lines = json_object();
  for (size_t at = 0; at < text->length;) {
    const char *line = text->data + at;
    const size_t n = strcspn(line, "\n");
    const char *colon = memchr(line, ':', n);
    if (colon != NULL && strncmp(line, "  ", 2) == 0 && colon + 2 <= line + n) {
      char label[64];
      snprintf(label, sizeof label, "%.*s", (int)(colon - line - 2), line + 2);
      if (json_object_get(lines, label) == NULL)
        json_object_set_new(lines, label, json_stringn(colon + 2, (size_t)(line + n - colon - 2)));
    }
    at += n + 1;
  }
  return lines;
}

static conformance_outcome report_summary(const conformance_case *c)
{
  json_t *document = history_of(c->input);
  char *text = json_dumps(document, 0);
  json_decref(document);
  civ_history h = civ_history_create();
  civ_buffer out = { 0 };
  conformance_outcome outcome = conformance_refuse();
  if (text != NULL && civ_history_read_json(text, strlen(text), &h, NULL) == CIV_OK) {
    civ_history_report(&h, &out);
    civ_buffer_add(&out, "", 1);
    outcome = conformance_answer(lines_of(&out));
  }
  civ_buffer_free(&out);
  civ_history_destroy(&h);
  free(text);
  return outcome;
}

/* --- what later parts bring ------------------------------------------------------------------------------------------- */

static conformance_outcome charts(const conformance_case *c)
{
  (void)c;
  return conformance_pend("charts");
}

static conformance_outcome dashboard(const conformance_case *c)
{
  (void)c;
  return conformance_pend("dashboard");
}

const conformance_adapter conformance_analysis[] = {
  { "aggregate.epoch", aggregate_epoch },
  { "stats.gini", gini },
  { "stats.rolling_average", rolling_average },
  { "stats.trend", trend },
  { "criteria.evaluate", criteria_evaluate },
  { "export.epoch_columns", epoch_columns },
  { "report.summary", report_summary },
  { "sweep.plan", conformance_sweep_plan },
  { "sweep.reject", conformance_sweep_reject },
  { "sweep.extract", conformance_sweep_extract },
  { "sweep.summary", conformance_sweep_summary },
  { "dashboard.condition_comparison", dashboard },
  { "dashboard.incoherence_profiles", dashboard },
  { "plot.time_series", charts },
  { "plot.agent_comparison", charts },
  { "plot.agent_trajectory", charts },
  { "plot.heatmap", charts },
  { "plot.scatter", charts },
  { "plot.network", charts },
  { NULL, NULL },
};
