#include "lab/exports.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "civitas/config.h"
#include "lab/history_text.h"
#include "lab/json_report.h"
#include "lab/run_folder.h"

static civ_status out_of_memory(civ_error *err)
{
  return civ_fail(err, CIV_E_NOMEM, "export", "out of memory");
}

/* Writes the text and frees it. */
static civ_status put(const char *path, civ_buffer *text, civ_error *err)
{
  const civ_status status = text->failed ? out_of_memory(err) : civ_file_write(path, text->data, text->length, err);
  civ_buffer_free(text);
  return status;
}

civ_status civ_export_json(const char *path, const civ_history *history, const json_t *extras, civ_error *err)
{
  civ_buffer text = { 0 };
  civ_history_json(history, extras, &text);
  return put(path, &text, err);
}

static civ_status put_table(const char *folder, const char *prefix, const char *name, civ_buffer *text, civ_error *err)
{
  char *path = NULL;
  if (asprintf(&path, "%s/%s_%s.csv", folder, prefix, name) < 0) {
    civ_buffer_free(text);
    return out_of_memory(err);
  }
  const civ_status status = put(path, text, err);
  free(path);
  return status;
}

civ_status civ_export_csv(const char *folder, const char *prefix, const civ_history *history, civ_error *err)
{
  civ_buffer text = { 0 };
  const char *name = prefix != NULL ? prefix : history->simulation_id;
  civ_status status = civ_file_make_folder(folder, err);
  if (status == CIV_OK && history->n_epoch_snapshots > 0) {
    civ_history_epochs_csv(history, NULL, 0, &text);
    status = put_table(folder, name, "epochs", &text, err);
  }
  if (status == CIV_OK && history->n_agent_snapshots > 0) {
    civ_history_agents_csv(history, &text);
    status = put_table(folder, name, "agents", &text, err);
  }
  return status;
}

static void runs_csv(const civ_experiment *e, civ_buffer *out)
{
  const civ_columns totals = civ_experiment_totals(e);
  civ_buffer_text(out, "seed");
  for (uint32_t k = 0; k < totals.n; k++)
    civ_buffer_format(out, ",%s", totals.decls[k].name);
  civ_buffer_text(out, "\n");
  for (uint64_t i = 0; i < civ_experiment_size(e); i++) {
    const civ_run_record *r = civ_experiment_record(e, i);
    if (r->failed != CIV_OK)
      continue;
    civ_buffer_integer(out, (int64_t)r->seed);
    for (uint32_t k = 0; k < totals.n; k++) {
      civ_buffer_text(out, ",");
      if (!isfinite(r->totals[k]))
        continue;
      if (totals.decls[k].integer)
        civ_buffer_integer(out, (int64_t)r->totals[k]);
      else
        civ_buffer_real(out, r->totals[k]);
    }
    civ_buffer_text(out, "\n");
  }
}

static civ_status put_in(const char *folder, const char *name, civ_buffer *text, civ_error *err)
{
  char *path = civ_run_folder_file(folder, name, NULL);
  if (path == NULL) {
    civ_buffer_free(text);
    return out_of_memory(err);
  }
  const civ_status status = put(path, text, err);
  free(path);
  return status;
}

static civ_status write_report(const char *folder, const civ_experiment *e, civ_error *err)
{
  char *path = civ_run_folder_file(folder, CIV_FILE_SUMMARY, NULL);
  civ_file_stream *file = NULL;
  if (path == NULL)
    return out_of_memory(err);
  civ_status status = civ_file_stream_open(path, &file, err);
  free(path);
  if (status != CIV_OK)
    return status;
  const civ_text_receiver receiver = { civ_file_stream_write, file };
  status = civ_experiment_write_json(e, &receiver, err);
  const civ_status closed = civ_file_stream_close(file, status == CIV_OK, status == CIV_OK ? err : NULL);
  return status == CIV_OK ? closed : status;
}

civ_status civ_export_experiment(const char *folder, bool force, const civ_experiment *e, const char *config_yaml,
                                 civ_error *err)
{
  civ_buffer text = { 0 };
  civ_status status = civ_run_folder_take(folder, force, err);
  if (status == CIV_OK && config_yaml != NULL) {
    civ_buffer_text(&text, config_yaml);
    status = put_in(folder, CIV_FILE_CONFIG, &text, err);
  }
  if (status == CIV_OK) {
    runs_csv(e, &text);
    status = put_in(folder, CIV_FILE_RUNS, &text, err);
  }
  if (status != CIV_OK)
    return status;
  return write_report(folder, e, err);
}
