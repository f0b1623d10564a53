/* results_export.c - an experiment, or a table, for other programs. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "cli/results.h"
#include "lab/store_sweep.h"
#include "lab/sweep_summary.h"

/* --- a table ------------------------------------------------------------------------------------------------------------------------- */

/* Which rows of a table belong to an experiment; NULL = the table has no such rows. */
static const char *condition_of(const char *table)
{
  static const struct {
    const char *table, *condition;
  } conditions[] = {
    { "experiments", "id = ?1" },
    { "configurations", "experiment_id = ?1" },
    { "plan_rows", "experiment_id = ?1" },
    { "results", "experiment_id = ?1" },
    { "sweep_rows", "experiment_id = ?1" },
    { "runs", "id IN (SELECT run_id FROM plan_rows WHERE experiment_id = ?1)" },
    { "totals", "run_id IN (SELECT run_id FROM plan_rows WHERE experiment_id = ?1)" },
    { "findings", "run_id IN (SELECT run_id FROM plan_rows WHERE experiment_id = ?1)" },
    { "epoch_rows", "run_id IN (SELECT run_id FROM plan_rows WHERE experiment_id = ?1)" },
    { "agent_rows", "run_id IN (SELECT run_id FROM plan_rows WHERE experiment_id = ?1)" },
    { "epochs", "run_id IN (SELECT run_id FROM plan_rows WHERE experiment_id = ?1)" },
    { "agents", "run_id IN (SELECT run_id FROM plan_rows WHERE experiment_id = ?1)" },
  };
  for (size_t k = 0; k < sizeof conditions / sizeof *conditions; k++)
    if (strcmp(conditions[k].table, table) == 0)
      return conditions[k].condition;
  return NULL;
}

static civ_status export_table(const civ_results_request *r, const civ_text_receiver *receiver, civ_error *err)
{
  const char *condition = condition_of(r->table);
  civ_buffer sql = { 0 };
  size_t length;
  if (condition == NULL)
    return civ_fail(
        err, CIV_E_KEY, "results",
        "there is no table '%.60s' to export; there are experiments, configurations, runs, totals, findings, "
        "plan_rows, epoch_rows, agent_rows and the views results, sweep_rows, epochs, agents",
        r->table);
  civ_buffer_format(&sql, "SELECT * FROM %s", r->table);
  if (r->id != 0)
    civ_buffer_format(&sql, " WHERE %s", condition);
  char *text = civ_buffer_take(&sql, &length);
  if (text == NULL)
    return civ_fail(err, CIV_E_NOMEM, "results", "out of memory");
  const civ_status status = civ_results_select(r->store, text, r->id, r->form, receiver, err);
  civ_free(text);
  return status;
}

/* --- a sweep -------------------------------------------------------------------------------------------------------------------------- */

static civ_status export_sweep(const civ_results_request *r, const civ_text_receiver *receiver, civ_error *err)
{
  civ_registry *registry = NULL;
  civ_stored_sweep *sweep = NULL;
  civ_sweep_summary *summary = NULL;
  civ_buffer text = { 0 };
  civ_status status = civ_registry_create_default(&registry, err);
  if (status == CIV_OK)
    status = civ_stored_sweep_read(r->store, r->id, registry, &sweep, err);
  if (status == CIV_OK && r->form == CIV_RESULTS_CSV)
    civ_sweep_rows_csv(sweep->rows, CIV_CSV_PLAIN, &text);
  else if (status == CIV_OK)
    status = civ_sweep_summarise(sweep->rows, 0, &summary, err);
  if (summary != NULL)
    status = civ_sweep_summary_json(summary, true, &text, err);
  if (status == CIV_OK && text.failed)
    status = civ_fail(err, CIV_E_NOMEM, "results", "out of memory");
  if (status == CIV_OK && text.length > 0)
    (void)receiver->write(receiver->self, text.data, text.length);
  civ_buffer_free(&text);
  civ_sweep_summary_destroy(summary);
  civ_stored_sweep_destroy(sweep);
  civ_registry_destroy(registry);
  return status;
}

/* --- runs of one configuration ------------------------------------------------------------------------------------------------------- */

typedef struct writing {
  bool json, begun;
  civ_buffer text;
  const civ_text_receiver *receiver;
} writing;

static void put_head(writing *w, const civ_columns *totals)
{
  w->begun = true;
  if (w->json)
    return;
  civ_buffer_text(&w->text, "seed");
  for (uint32_t k = 0; k < totals->n; k++) {
    civ_buffer_text(&w->text, ",");
    civ_buffer_csv_text(&w->text, totals->decls[k].name);
  }
  civ_buffer_text(&w->text, "\n");
}

static void put_json_run(civ_buffer *out, const civ_run_record *r, bool first)
{
  civ_buffer_text(out, first ? "\n  {\"seed\": " : ",\n  {\"seed\": ");
  civ_buffer_integer(out, (int64_t)r->seed);
  civ_buffer_text(out, ", \"totals\": {");
  for (uint32_t k = 0; k < r->total_columns.n; k++) {
    const civ_metric_decl *d = &r->total_columns.decls[k];
    civ_buffer_text(out, k > 0 ? ", " : "");
    civ_buffer_json_text(out, d->name, strlen(d->name));
    civ_buffer_text(out, ": ");
    if (isfinite(r->totals[k]))
      civ_buffer_csv_number(out, r->totals[k], d->integer);
    else
      civ_buffer_text(out, "null");
  }
  civ_buffer_text(out, "}}");
}

/* The bytes of runs.csv that run --seeds --output-dir leaves. */
static bool write_run(void *arg, const civ_stored_run *run)
{
  writing *w = arg;
  const civ_run_record *r = &run->record;
  if (run->error != NULL)
    return true;
  const bool first = !w->begun;
  if (first)
    put_head(w, &r->total_columns);
  if (w->json) {
    put_json_run(&w->text, r, first);
  } else {
    civ_buffer_integer(&w->text, (int64_t)r->seed);
    for (uint32_t k = 0; k < r->total_columns.n; k++) {
      civ_buffer_text(&w->text, ",");
      civ_buffer_csv_number(&w->text, r->totals[k], r->total_columns.decls[k].integer);
    }
    civ_buffer_text(&w->text, "\n");
  }
  if (w->text.failed)
    return false;
  if (w->text.length > 1 << 16) {
    if (!w->receiver->write(w->receiver->self, w->text.data, w->text.length))
      return false;
    w->text.length = 0;
  }
  return true;
}

static civ_status export_seeds(const civ_results_request *r, const civ_text_receiver *receiver, civ_error *err)
{
  writing w = { .json = r->form == CIV_RESULTS_JSON, .receiver = receiver };
  civ_buffer_text(&w.text, w.json ? "[" : "");
  const civ_status status = civ_store_runs(r->store, r->id, -1, write_run, &w, err);
  civ_buffer_text(&w.text, w.json ? "\n]\n" : w.begun ? "" : "seed\n");
  const bool memory = !w.text.failed;
  if (status == CIV_OK && memory)
    (void)receiver->write(receiver->self, w.text.data, w.text.length);
  civ_buffer_free(&w.text);
  return memory ? status : civ_fail(err, CIV_E_NOMEM, "results", "out of memory");
}

static bool note_kind(void *arg, const civ_store_entry *e)
{
  *(bool *)arg = strcmp(e->kind, "sweep") == 0;
  return false;
}

static civ_status export_to(const civ_results_request *r, const civ_text_receiver *receiver, civ_error *err)
{
  bool sweep = false;
  if (r->id != 0) {
    const civ_status status = civ_store_experiments(r->store, r->id, note_kind, &sweep, err);
    if (status != CIV_OK)
      return status;
  }
  if (r->table != NULL)
    return export_table(r, receiver, err);
  return sweep ? export_sweep(r, receiver, err) : export_seeds(r, receiver, err);
}

int civ_results_export(const civ_results_request *r)
{
  static const civ_text_receiver to_stdout = { civ_cli_receive, NULL };
  civ_error err = { 0 };
  civ_file_stream *file = NULL;
  if (r->output == NULL)
    return export_to(r, &to_stdout, &err) == CIV_OK ? CIV_EXIT_DONE : civ_cli_fail(&err);
  civ_status status = civ_file_stream_open(r->output, &file, &err);
  if (status != CIV_OK)
    return civ_cli_fail(&err);
  const civ_text_receiver to_file = { civ_file_stream_write, file };
  status = export_to(r, &to_file, &err);
  const civ_status closed = civ_file_stream_close(file, status == CIV_OK, status == CIV_OK ? &err : NULL);
  return status == CIV_OK && closed == CIV_OK ? CIV_EXIT_DONE : civ_cli_fail(&err);
}
