/* results_show.c - the experiments of a results store, and one of them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "cli/results.h"
#include "cli/sweep_report.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "lab/store_sweep.h"
#include "statistics/statistics.h"

static int no_memory(void)
{
  civ_cli_error("out of memory");
  return CIV_EXIT_FAILED;
}

/* --- ls ---------------------------------------------------------------------------------------------------------------------------- */

static const char *state_of(const civ_store_entry *e)
{
  return e->finished ? "finished" : e->n_done == e->n_runs ? "complete" : "begun";
}

static bool list_entry(void *arg, const civ_store_entry *e)
{
  civ_table *table = arg;
  char done[64];
  snprintf(done, sizeof done, "%llu of %llu", (unsigned long long)e->n_done, (unsigned long long)e->n_runs);
  civ_table_integer(table, e->id);
  civ_table_text(table, e->name);
  civ_table_text(table, e->kind);
  civ_table_text(table, e->scenario_id);
  civ_table_integer(table, (int64_t)e->n_configurations);
  civ_table_text(table, done);
  civ_table_integer(table, (int64_t)e->n_failed);
  civ_table_text(table, e->detail);
  civ_table_text(table, state_of(e));
  civ_table_text(table, e->version);
  return true;
}

static json_t *entry_json(const civ_store_entry *e)
{
  json_t *object = json_object();
  json_object_set_new_nocheck(object, "id", json_integer(e->id));
  json_object_set_new_nocheck(object, "name", json_string(e->name));
  json_object_set_new_nocheck(object, "kind", json_string(e->kind));
  json_object_set_new_nocheck(object, "scenario_id", json_string(e->scenario_id));
  json_object_set_new_nocheck(object, "n_configurations", json_integer((json_int_t)e->n_configurations));
  json_object_set_new_nocheck(object, "n_runs", json_integer((json_int_t)e->n_runs));
  json_object_set_new_nocheck(object, "n_done", json_integer((json_int_t)e->n_done));
  json_object_set_new_nocheck(object, "n_failed", json_integer((json_int_t)e->n_failed));
  json_object_set_new_nocheck(object, "detail", json_string(e->detail));
  json_object_set_new_nocheck(object, "state", json_string(state_of(e)));
  json_object_set_new_nocheck(object, "version", json_string(e->version));
  json_object_set_new_nocheck(object, "results_version", json_integer(e->results_version));
  return object;
}

static bool gather_entry(void *arg, const civ_store_entry *e)
{
  return json_array_append_new(arg, entry_json(e)) == 0;
}

int civ_results_ls(const civ_results_request *r)
{
  static const civ_table_column columns[] = {
    { "id", true, 0 },        { "name", false, 0 },          { "kind", false, 2 },
    { "scenario", false, 1 }, { "configurations", true, 3 }, { "runs", true, 0 },
    { "failed", true, 0 },    { "detail", false, 4 },        { "state", false, 0 },
    { "civitas", false, 5 }
  };
  civ_error err = { 0 };
  int code = CIV_EXIT_DONE;
  if (r->form == CIV_RESULTS_JSON) {
    json_t *list = json_array();
    code = civ_store_experiments(r->store, 0, gather_entry, list, &err) == CIV_OK ? civ_cli_print_json(list)
                                                                                  : civ_cli_fail(&err);
    json_decref(list);
    return code;
  }
  civ_table *table = civ_table_create(columns, sizeof columns / sizeof *columns);
  if (table == NULL)
    return no_memory();
  if (civ_store_experiments(r->store, 0, list_entry, table, &err) != CIV_OK)
    code = civ_cli_fail(&err);
  else if (!civ_table_print(table, stdout, 0, civ_terminal_width(stdout)))
    code = no_memory();
  civ_table_destroy(table);
  return code;
}

/* --- show -------------------------------------------------------------------------------------------------------------------------- */

/* Values of every total over the runs, column by column. */
typedef struct totals {
  civ_columns columns;
  double **values;
  uint64_t n, room;
  bool memory;
} totals;

static bool add_run(void *arg, const civ_stored_run *run)
{
  totals *t = arg;
  if (run->error != NULL)
    return true;
  if (t->values == NULL) {
    t->columns = run->record.total_columns;
    t->values = calloc(t->columns.n + 1, sizeof *t->values);
    for (uint32_t k = 0; t->values != NULL && k < t->columns.n; k++)
      if ((t->values[k] = calloc(t->room + 1, sizeof **t->values)) == NULL)
        t->memory = false;
    t->memory = t->memory && t->values != NULL;
  }
  if (t->memory && t->n < t->room && run->record.total_columns.n == t->columns.n) {
    for (uint32_t k = 0; k < t->columns.n; k++)
      t->values[k][t->n] = run->record.totals[k];
    t->n++;
  }
  return t->memory;
}

static void free_totals(totals *t)
{
  for (uint32_t k = 0; t->values != NULL && k < t->columns.n; k++)
    free(t->values[k]);
  free(t->values);
}

static json_t *summary_json(const civ_summary *s)
{
  json_t *object = json_object();
  json_object_set_new_nocheck(object, "n", json_integer((json_int_t)s->n));
  json_object_set_new_nocheck(object, "mean", json_real(s->mean));
  json_object_set_new_nocheck(object, "sd", s->spread ? json_real(s->sd) : json_null());
  json_object_set_new_nocheck(object, "ci95", s->spread ? json_pack("[f, f]", s->low, s->high) : json_null());
  return object;
}

static int print_totals(const totals *t, json_t *object)
{
  static const civ_table_column columns[] = { { "total", false, 0 }, { "n", true, 0 },   { "mean", true, 0 },
                                              { "sd", true, 0 },     { "low", true, 0 }, { "high", true, 0 } };
  civ_table *table = civ_table_create(columns, 6);
  json_t *summary = json_object();
  if (table == NULL)
    return no_memory();
  for (uint32_t k = 0; k < t->columns.n; k++) {
    const civ_summary s = civ_summarise(t->values[k], t->n);
    json_object_set_new_nocheck(summary, t->columns.decls[k].name, summary_json(&s));
    civ_table_text(table, t->columns.decls[k].name);
    civ_table_integer(table, (int64_t)s.n);
    civ_table_real(table, s.mean, 4);
    if (s.spread) {
      civ_table_real(table, s.sd, 4);
      civ_table_real(table, s.low, 4);
      civ_table_real(table, s.high, 4);
    } else {
      civ_table_text(table, "-");
      civ_table_text(table, "-");
      civ_table_text(table, "-");
    }
  }
  const bool ok = object != NULL || civ_table_print(table, stdout, 2, civ_terminal_width(stdout));
  if (object != NULL)
    json_object_set_new_nocheck(object, "summary", summary);
  else
    json_decref(summary);
  civ_table_destroy(table);
  return ok ? CIV_EXIT_DONE : no_memory();
}

/* --- criteria ---------------------------------------------------------------------------------------------------------------------- */

typedef struct criteria {
  civ_table *table;
  json_t *list;
  uint64_t n;
} criteria;

static bool add_criterion(void *arg, const civ_store_criterion *c)
{
  criteria *all = arg;
  json_t *object = json_object();
  json_object_set_new_nocheck(object, "configuration", json_string(c->configuration_name));
  json_object_set_new_nocheck(object, "name", json_string(c->name));
  civ_table_text(all->table, c->configuration_name);
  civ_table_text(all->table, c->name);
  for (int k = 0; k <= CIV_OUTCOME_NOT_EVALUABLE; k++) {
    json_object_set_new_nocheck(object, civ_outcome_names[k], json_integer((json_int_t)c->n[k]));
    civ_table_integer(all->table, (int64_t)c->n[k]);
  }
  all->n++;
  return json_array_append_new(all->list, object) == 0;
}

/* How many runs passed each criterion: as a table, or into *list (a new reference) where given. */
static int show_criteria(const civ_results_request *r, json_t **list)
{
  static const civ_table_column columns[] = { { "configuration", false, 1 },
                                              { "criterion", false, 0 },
                                              { "pass", true, 0 },
                                              { "fail", true, 0 },
                                              { "not evaluable", true, 0 } };
  civ_error err = { 0 };
  criteria all = { .table = civ_table_create(columns, 5), .list = json_array() };
  if (all.table == NULL || all.list == NULL) {
    civ_table_destroy(all.table);
    json_decref(all.list);
    return no_memory();
  }
  int code =
      civ_store_findings(r->store, r->id, add_criterion, &all, &err) == CIV_OK ? CIV_EXIT_DONE : civ_cli_fail(&err);
  if (code == CIV_EXIT_DONE && list == NULL && all.n > 0) {
    puts("\nSuccess criteria, runs by outcome");
    if (!civ_table_print(all.table, stdout, 2, civ_terminal_width(stdout)))
      code = no_memory();
  }
  if (list != NULL)
    *list = json_incref(all.list);
  civ_table_destroy(all.table);
  json_decref(all.list);
  return code;
}

static int show_seeds(const civ_results_request *r, uint64_t n_runs, json_t *object)
{
  civ_error err = { 0 };
  totals t = { .room = n_runs, .memory = true };
  int code = civ_store_runs(r->store, r->id, -1, add_run, &t, &err) == CIV_OK ? CIV_EXIT_DONE : civ_cli_fail(&err);
  if (code == CIV_EXIT_DONE && !t.memory)
    code = no_memory();
  if (code == CIV_EXIT_DONE)
    code = print_totals(&t, object);
  free_totals(&t);
  json_t *list = NULL;
  if (code == CIV_EXIT_DONE)
    code = show_criteria(r, object != NULL ? &list : NULL);
  if (code == CIV_EXIT_DONE && object != NULL) {
    json_object_set_nocheck(object, "criteria", list);
    code = civ_cli_print_json(object);
  }
  json_decref(list);
  return code;
}

/* The summary's object with the criteria as its last member. */
static void add_criteria(civ_buffer *object, const json_t *list)
{
  while (object->length > 0 && (object->data[object->length - 1] == '\n' || object->data[object->length - 1] == '}'))
    if (object->data[--object->length] == '}')
      break;
  while (object->length > 0 && object->data[object->length - 1] == '\n')
    object->length--;
  civ_buffer_text(object, ",\n  \"criteria\": ");
  civ_json_write(object, list, 0);
  civ_buffer_text(object, "\n}\n");
}

static int show_sweep(const civ_results_request *r)
{
  civ_error err = { 0 };
  civ_registry *registry = NULL;
  civ_stored_sweep *sweep = NULL;
  civ_sweep_summary *summary = NULL;
  civ_buffer json = { 0 };
  civ_status status = civ_registry_create_default(&registry, &err);
  if (status == CIV_OK)
    status = civ_stored_sweep_read(r->store, r->id, registry, &sweep, &err);
  if (status == CIV_OK)
    status = civ_sweep_summarise(sweep->rows, 0, &summary, &err);
  if (status == CIV_OK && r->form == CIV_RESULTS_JSON)
    status = civ_sweep_summary_json(summary, false, &json, &err);
  else if (status == CIV_OK && (!civ_sweep_report_head(stdout, sweep->plan) || !civ_sweep_report(stdout, summary)))
    status = civ_fail(&err, CIV_E_NOMEM, "results", "out of memory");
  json_t *list = NULL;
  const bool as_json = r->form == CIV_RESULTS_JSON;
  const int criteria_code = status == CIV_OK ? show_criteria(r, as_json ? &list : NULL) : CIV_EXIT_DONE;
  if (status == CIV_OK && as_json && criteria_code == CIV_EXIT_DONE)
    add_criteria(&json, list);
  if (status == CIV_OK && json.failed)
    status = civ_fail(&err, CIV_E_NOMEM, "results", "out of memory");
  json_decref(list);
  if (status == CIV_OK && json.length > 0)
    (void)!civ_cli_receive(NULL, json.data, json.length);
  civ_buffer_free(&json);
  civ_sweep_summary_destroy(summary);
  civ_stored_sweep_destroy(sweep);
  civ_registry_destroy(registry);
  return status == CIV_OK ? criteria_code : civ_cli_fail(&err);
}

typedef struct shown {
  bool json, sweep;
  uint64_t n_runs;
  json_t *object;
} shown;

static bool show_entry(void *arg, const civ_store_entry *e)
{
  shown *s = arg;
  s->sweep = strcmp(e->kind, "sweep") == 0;
  s->n_runs = e->n_runs;
  s->object = s->json ? entry_json(e) : NULL;
  if (!s->json)
    printf("experiment %lld  %s: %s, %llu of %llu runs%s, %llu failed, %s kept, civitas %s\n", (long long)e->id,
           e->name, e->kind, (unsigned long long)e->n_done, (unsigned long long)e->n_runs,
           e->finished ? "" : " (not finished)", (unsigned long long)e->n_failed, e->detail, e->version);
  return false;
}

int civ_results_show(const civ_results_request *r)
{
  civ_error err = { 0 };
  shown s = { .json = r->form == CIV_RESULTS_JSON };
  if (civ_store_experiments(r->store, r->id, show_entry, &s, &err) != CIV_OK)
    return civ_cli_fail(&err);
  const int code = s.sweep ? show_sweep(r) : show_seeds(r, s.n_runs, s.object);
  json_decref(s.object);
  return code;
}
