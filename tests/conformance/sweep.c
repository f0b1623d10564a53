/* sweep.c - how the cases of chapter 07 about sweeps meet the plan, the row and the summary. */
#include "sweep.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "civitas/scenario.h"
#include "lab/sweep_summary.h"

enum { MOST_AGENTS = 64, MOST_EPOCHS = 64 };

/* A plan over the built-in baseline, with everything it needs. */
typedef struct setting {
  civ_arena arena;
  civ_registry *registry;
  civ_config *base;
  civ_sweep_spec spec;
  civ_sweep_plan *plan;
  civ_error err;
} setting;

static bool open_base(setting *s)
{
  *s = (setting){ .arena = civ_arena_create(NULL), .spec = civ_sweep_spec_default() };
  return civ_registry_create_default(&s->registry, &s->err) == CIV_OK &&
         civ_scenario_load(s->registry, CIV_SOURCE_ROOT "/scenarios/baseline.yaml", 0, &s->base, NULL, &s->err) ==
             CIV_OK;
}

static void close_all(setting *s)
{
  civ_sweep_plan_destroy(s->plan);
  civ_config_destroy(s->base);
  civ_registry_destroy(s->registry);
  civ_arena_destroy(&s->arena);
}

/* One parameter by the same door as the command line. */
static bool add_parameter(setting *s, const char *name, const json_t *values)
{
  civ_sweep_parameter *all = civ_arena_take(&s->arena, s->spec.n_parameters + 1, sizeof *all);
  char *text = json_dumps(values, JSON_ENCODE_ANY);
  if (s->spec.n_parameters > 0)
    memcpy(all, s->spec.parameters, s->spec.n_parameters * sizeof *all);
  const bool ok = civ_sweep_parameter_parse(name, text, &s->arena, &all[s->spec.n_parameters], &s->err) == CIV_OK;
  s->spec.parameters = all;
  s->spec.n_parameters += ok;
  free(text);
  return ok;
}

static bool make_plan(setting *s)
{
  return civ_sweep_plan_create(&s->spec, s->base, "case", &s->plan, &s->err) == CIV_OK;
}

static json_t *params_of(const civ_sweep_plan *plan, uint64_t configuration)
{
  civ_buffer text = { 0 };
  civ_sweep_plan_settings(plan, configuration, &text);
  json_t *params = json_loadb(text.data, text.length, 0, NULL);
  civ_buffer_free(&text);
  return params;
}

/* --- plans ------------------------------------------------------------------------------------------------------------------------- */

static json_t *csv_columns(const civ_sweep_plan *plan)
{
  json_t *columns = json_array();
  civ_sweep_rows *rows;
  civ_buffer csv = { 0 };
  if (civ_sweep_rows_create(plan, &rows, NULL) != CIV_OK)
    return columns;
  civ_sweep_rows_csv(rows, CIV_CSV_PLAIN, &csv);
  civ_buffer_add(&csv, "", 1);
  for (char *name = strtok(csv.data, ",\n"); name != NULL; name = strtok(NULL, ",\n"))
    json_array_append_new(columns, json_string(name));
  civ_buffer_free(&csv);
  civ_sweep_rows_destroy(rows);
  return columns;
}

static json_t *describe_plan(const civ_sweep_plan *plan)
{
  json_t *runs = json_array(), *seeds = json_array();
  for (uint64_t k = 0; k < civ_sweep_plan_runs(plan); k++) {
    const civ_sweep_place place = civ_sweep_plan_place(plan, k);
    json_array_append_new(runs, json_pack("{s:o, s:I, s:I}", "params", params_of(plan, place.configuration),
                                          "run_index", (json_int_t)place.run_index, "seed", (json_int_t)place.seed));
    json_array_append_new(seeds, json_integer((json_int_t)place.seed));
  }
  return json_pack("{s:I, s:o, s:o, s:o, s:I}", "total_runs", (json_int_t)civ_sweep_plan_runs(plan), "runs", runs,
                   "seeds", seeds, "csv_columns", csv_columns(plan), "param_combinations",
                   (json_int_t)civ_sweep_plan_configurations(plan));
}

conformance_outcome conformance_sweep_plan(const conformance_case *c)
{
  setting s;
  const json_t *parameters = json_object_get(c->input, "parameters"), *one;
  const json_t *seed_base = json_object_get(c->input, "seed_base");
  size_t k;
  bool ok = open_base(&s);
  json_array_foreach(parameters, k, one)
  {
    ok = ok && add_parameter(&s, json_string_value(json_object_get(one, "name")), json_object_get(one, "values"));
  }
  s.spec.runs_per_config = (uint64_t)json_integer_value(json_object_get(c->input, "runs_per_config"));
  s.spec.has_seed_base = !json_is_null(seed_base);
  if (json_is_integer(seed_base))
    s.spec.seed_base = (uint64_t)json_integer_value(seed_base);
  ok = ok && make_plan(&s);
  conformance_outcome outcome = ok ? conformance_answer(describe_plan(s.plan)) : conformance_refuse();
  close_all(&s);
  return outcome;
}

conformance_outcome conformance_sweep_reject(const conformance_case *c)
{
  setting s;
  json_t *values = json_pack("[O]", json_object_get(c->input, "value"));
  const bool ok = open_base(&s) &&
                  add_parameter(&s, json_string_value(json_object_get(c->input, "parameter")), values) && make_plan(&s);
  json_decref(values);
  close_all(&s);
  return ok ? conformance_answer(json_pack("{s:b}", "rejected", 0)) : conformance_refuse();
}

/* --- rows ---------------------------------------------------------------------------------------------------------------------------- */

static uint8_t type_of(const char *name)
{
  uint8_t type = 0;
  while (strcmp(civ_agent_type_names[type], name) != 0)
    type++;
  return type;
}

static bool is_in(const json_t *list, const char *text)
{
  size_t k;
  json_t *one;
  json_array_foreach(list, k, one)
  {
    if (strcmp(json_string_value(one), text) == 0)
      return true;
  }
  return false;
}

conformance_outcome conformance_sweep_extract(const conformance_case *c)
{
  static const civ_metric_decl decls[] = { { .name = "total_interactions", .integer = true },
                                           { .name = "accepted_interactions", .integer = true },
                                           { .name = "toxicity_rate" },
                                           { .name = "quality_gap" },
                                           { .name = "total_welfare" } };
  civ_agent_row agents[MOST_AGENTS] = { 0 };
  double numbers[MOST_EPOCHS * 5], values[CIV_SWEEP_COLUMNS];
  const json_t *epochs = json_object_get(c->input, "epochs"), *list = json_object_get(c->input, "agents");
  civ_run_record record = { .epoch_columns = { .n = 5, .decls = decls }, .rows = numbers, .agents = agents };
  for (size_t e = 0; e < json_array_size(epochs) && e < MOST_EPOCHS; e++, record.n_epochs++)
    for (size_t k = 0; k < 5; k++)
      numbers[e * 5 + k] = json_number_value(json_object_get(json_array_get(epochs, e), decls[k].name));
  for (size_t a = 0; a < json_array_size(list) && a < MOST_AGENTS; a++, record.n_agents++) {
    const json_t *one = json_array_get(list, a);
    const char *id = json_string_value(json_object_get(one, "agent_id"));
    agents[a] = (civ_agent_row){ .name = id,
                                 .policy = json_string_value(json_object_get(one, "agent_type")),
                                 .type = type_of(json_string_value(json_object_get(one, "agent_type"))),
                                 .frozen = is_in(json_object_get(c->input, "frozen"), id),
                                 .payoff = json_number_value(json_object_get(one, "total_payoff")),
                                 .reputation = json_number_value(json_object_get(one, "reputation")) };
  }
  civ_sweep_row_extract(&record, values);
  json_t *row = json_pack("{s:i, s:i}", "run_index", 0, "seed", 1);
  for (uint32_t k = 0; k < CIV_SWEEP_COLUMNS; k++)
    json_object_set_new(row, civ_sweep_columns[k].name, json_real(values[k]));
  return conformance_answer(row);
}

/* --- summaries ---------------------------------------------------------------------------------------------------------------------- */

/* Every set of parameters becomes a configuration by name, in order of first appearance; rows become its replicates. */
typedef struct grouping {
  const json_t *params[MOST_AGENTS];
  uint64_t n, rows[MOST_AGENTS];
} grouping;

static uint64_t group_of(grouping *g, const json_t *params)
{
  uint64_t k = 0;
  while (k < g->n && !json_equal(g->params[k], params))
    k++;
  if (k == g->n)
    g->params[g->n++] = params;
  return k;
}

static bool plan_groups(setting *s, const grouping *g, uint64_t replicates)
{
  civ_sweep_configuration *all = civ_arena_take(&s->arena, g->n, sizeof *all);
  for (uint64_t k = 0; k < g->n; k++) {
    civ_sweep_setting *set = civ_arena_take(&s->arena, json_object_size(g->params[k]), sizeof *set);
    const char *path;
    json_t *value;
    all[k] =
        (civ_sweep_configuration){ .name = civ_arena_text(&s->arena, (char[]){ (char)('a' + k), 0 }, 1), .set = set };
    json_object_foreach((json_t *)g->params[k], path, value)
    {
      char *text = json_dumps(value, JSON_ENCODE_ANY);
      if (civ_sweep_setting_parse(path, text, &s->arena, &set[all[k].n++], &s->err) != CIV_OK)
        return false;
      free(text);
    }
  }
  s->spec.configurations = all;
  s->spec.n_configurations = (uint32_t)g->n;
  s->spec.runs_per_config = replicates;
  return make_plan(s);
}

static bool keep_row(civ_sweep_rows *rows, uint64_t index, const json_t *one)
{
  double values[CIV_SWEEP_COLUMNS];
  for (uint32_t k = 0; k < CIV_SWEEP_COLUMNS; k++)
    values[k] = json_number_value(json_object_get(one, civ_sweep_columns[k].name));
  const civ_sweep_row row = { .place = civ_sweep_plan_place(civ_sweep_rows_plan(rows), index),
                              .state = CIV_SWEEP_DONE,
                              .values = values };
  return civ_sweep_rows_keep(rows, &row) == CIV_OK;
}

static json_t *describe_summary(const civ_sweep_summary *summary)
{
  const civ_sweep_plan *plan = civ_sweep_rows_plan(summary->rows);
  json_t *groups = json_array();
  for (uint64_t k = 0; k < summary->n_groups; k++) {
    const civ_sweep_group *g = &summary->groups[k];
    json_t *one = params_of(plan, g->configuration);
    json_object_set_new(one, "n_runs", json_integer((json_int_t)g->n_runs));
    json_object_set_new(one, "mean_welfare", json_real(g->mean_welfare));
    json_object_set_new(one, "mean_toxicity", json_real(g->mean_toxicity));
    json_object_set_new(one, "mean_frozen", json_real(g->mean_frozen));
    json_object_set_new(one, "mean_honest_payoff", json_real(g->mean_honest_payoff));
    json_object_set_new(one, "mean_adversarial_payoff", json_real(g->mean_adversarial_payoff));
    json_array_append_new(groups, one);
  }
  return json_pack("{s:I, s:I, s:o}", "total_runs", (json_int_t)summary->n_runs, "param_combinations",
                   (json_int_t)summary->n_groups, "summaries", groups);
}

conformance_outcome conformance_sweep_summary(const conformance_case *c)
{
  setting s;
  grouping g = { .n = 0 };
  const json_t *list = json_object_get(c->input, "rows");
  const uint64_t n = json_array_size(list);
  civ_sweep_rows *rows = NULL;
  civ_sweep_summary *summary = NULL;
  for (uint64_t k = 0; k < n; k++)
    group_of(&g, json_object_get(json_array_get(list, k), "params"));
  bool ok = open_base(&s) && plan_groups(&s, &g, n) && civ_sweep_rows_create(s.plan, &rows, &s.err) == CIV_OK;
  for (uint64_t k = 0; ok && k < n; k++) {
    const uint64_t group = group_of(&g, json_object_get(json_array_get(list, k), "params"));
    ok = keep_row(rows, group * n + g.rows[group]++, json_array_get(list, k));
  }
  ok = ok && civ_sweep_summarise(rows, 1, &summary, &s.err) == CIV_OK;
  conformance_outcome outcome = ok ? conformance_answer(describe_summary(summary)) : conformance_refuse();
  civ_sweep_summary_destroy(summary);
  civ_sweep_rows_destroy(rows);
  close_all(&s);
  return outcome;
}
