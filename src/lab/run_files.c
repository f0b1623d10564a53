#include "lab/run_files.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/names.h"
#include "civitas/log.h"
#include "lab/history_text.h"
#include "lab/json_report.h"
#include "lab/run_folder.h"
#include "lab/run_record.h"

/* --- parts of the history's document ------------------------------------------------------------------------------------ */

json_t *civ_history_extras(const civ_config *config, const civ_run_record *record)
{
  char *text;
  size_t length;
  if (civ_config_json(config, &text, &length, NULL) != CIV_OK)
    return NULL;
  json_t *extras = json_object();
  json_object_set_new_nocheck(extras, "config", json_loadb(text, length, 0, NULL));
  json_object_set_new_nocheck(extras, "criteria", civ_run_record_criteria_json(record));
  json_object_set_new_nocheck(extras, "final_agents", civ_run_record_agents_json(record));
  json_object_set_new_nocheck(extras, "totals", civ_run_record_totals_json(record));
  civ_free(text);
  return extras;
}

/* --- one file ------------------------------------------------------------------------------------------------------------- */

/* Writes the text and frees it. */
static civ_status put(const char *folder, const char *name, const char *other, civ_buffer *text, civ_error *err)
{
  char *path = civ_run_folder_file(folder, name, other);
  civ_status status;
  if (path == NULL || text->failed)
    status = civ_fail(err, CIV_E_NOMEM, name, "out of memory while writing");
  else
    status = civ_file_write_unsynced(path, text->data, text->length, err);
  free(path);
  civ_buffer_free(text);
  return status;
}

/* A tracked metric: a column of the snapshots, otherwise of the loop's rows. */
static int row_column(const civ_columns *columns, const char *name)
{
  for (uint32_t k = 0; k < columns->n; k++)
    if (strcmp(columns->decls[k].name, name) == 0)
      return (int)k;
  return -1;
}

civ_status civ_run_files_check(const civ_config *config, const civ_columns *columns, civ_error *err)
{
  const civ_scenario_config *scenario = civ_config_section(config, "");
  for (uint32_t k = 0; k < scenario->metrics_to_track.n; k++) {
    const char *name = scenario->metrics_to_track.items[k];
    if (civ_epoch_column_of(name) >= 0 || row_column(columns, name) >= 0)
      continue;
    civ_name_search search = civ_name_search_for(name);
    for (int c = 0; c < CIV_N_EPOCH_COLUMNS; c++)
      civ_name_offer(&search, civ_epoch_column_forms[c].name);
    for (uint32_t c = 0; c < columns->n; c++)
      civ_name_offer(&search, columns->decls[c].name);
    return civ_fail(err, CIV_E_KEY, "metrics_to_track", "'%s' is no column of the epochs; %s%s%s", name,
                    search.best != NULL ? "did you mean '" : "toxicity_rate is one",
                    search.best != NULL ? search.best : "", search.best != NULL ? "'?" : "");
  }
  return CIV_OK;
}

static void put_cell(civ_buffer *out, double value, bool integer)
{
  civ_buffer_text(out, ",");
  if (integer && isfinite(value))
    civ_buffer_integer(out, (int64_t)value);
  else if (isfinite(value))
    civ_buffer_real(out, value);
}

static void tracked_csv(const civ_text_list *names, const civ_run_record *record, const civ_history *h, civ_buffer *out)
{
  civ_buffer_text(out, "simulation_id,epoch");
  for (uint32_t k = 0; k < names->n; k++)
    civ_buffer_format(out, ",%s", names->items[k]);
  civ_buffer_text(out, "\n");
  for (size_t e = 0; e < h->n_epoch_snapshots; e++) {
    civ_buffer_format(out, "%s,%u", h->simulation_id, h->epochs[e].epoch);
    for (uint32_t k = 0; k < names->n; k++) {
      const int snapshot = civ_epoch_column_of(names->items[k]),
                row = row_column(&record->epoch_columns, names->items[k]);
      if (snapshot >= 0)
        put_cell(out, h->epochs[e].values[snapshot], civ_epoch_column_forms[snapshot].integer);
      else if (row >= 0 && e < record->n_epochs)
        put_cell(out, record->rows[e * record->epoch_columns.n + (size_t)row],
                 record->epoch_columns.decls[row].integer);
      else
        civ_buffer_text(out, ",");
    }
    civ_buffer_text(out, "\n");
  }
}

/* --- all files ------------------------------------------------------------------------------------------------------------ */

static civ_status write_epochs(const char *folder, const civ_config *config, const civ_run_record *record,
                               const civ_history *h, civ_error *err)
{
  const civ_outputs_config *outputs = civ_config_section(config, "outputs");
  const civ_scenario_config *scenario = civ_config_section(config, "");
  civ_buffer text = { 0 };
  if (outputs->metrics_csv != NULL && scenario->metrics_to_track.n > 0)
    tracked_csv(&scenario->metrics_to_track, record, h, &text);
  else
    civ_history_epochs_csv(h, NULL, 0, &text);
  return put(folder, CIV_FILE_EPOCHS, outputs->metrics_csv, &text, err);
}

static civ_status write_agents(const char *folder, const civ_config *config, const civ_history *h, civ_error *err)
{
  const civ_outputs_config *outputs = civ_config_section(config, "outputs");
  civ_buffer text = { 0 };
  civ_history_agents_csv(h, &text);
  const civ_status status = put(folder, CIV_FILE_AGENTS, outputs->agents_csv, &text, err);
  if (status != CIV_OK || h->n_spreads == 0)
    return status;
  civ_history_spreads_csv(h, &text);
  return put(folder, CIV_FILE_SPREADS, NULL, &text, err);
}

static civ_status write_summary(const char *folder, const civ_config *config, const civ_run_record *record,
                                civ_error *err)
{
  char *path = civ_run_folder_file(folder, CIV_FILE_SUMMARY, NULL);
  civ_file_stream *file = NULL;
  if (path == NULL)
    return civ_fail(err, CIV_E_NOMEM, CIV_FILE_SUMMARY, "out of memory while writing");
  civ_status status = civ_file_stream_open(path, &file, err);
  free(path);
  if (status != CIV_OK)
    return status;
  const civ_text_receiver receiver = { civ_file_stream_write, file };
  status = civ_json_report_write(config, record, &receiver, err);
  const civ_status closed = civ_file_stream_close(file, status == CIV_OK, status == CIV_OK ? err : NULL);
  return status == CIV_OK ? closed : status;
}

static civ_status write_history(const char *folder, const civ_config *config, const civ_run_record *record,
                                const civ_history *h, civ_error *err)
{
  const civ_outputs_config *outputs = civ_config_section(config, "outputs");
  if (outputs->history_json == NULL)
    return CIV_OK;
  json_t *extras = civ_history_extras(config, record);
  civ_buffer text = { .failed = extras == NULL };
  civ_history_json(h, extras, &text);
  json_decref(extras);
  return put(folder, "history.json", outputs->history_json, &text, err);
}

/* Keeps the first failure of several. */
static void note(civ_status *first, civ_status status, civ_error *err, const civ_error *here)
{
  if (*first != CIV_OK || status == CIV_OK)
    return;
  *first = status;
  if (err != NULL)
    *err = *here;
}

civ_status civ_run_files_write(const char *folder, const civ_config *config, const civ_run_record *record,
                               const civ_history *history, civ_error *err)
{
  civ_status first = CIV_OK;
  civ_error here = { 0 };
  note(&first, write_epochs(folder, config, record, history, &here), err, &here);
  note(&first, write_agents(folder, config, history, &here), err, &here);
  note(&first, write_history(folder, config, record, history, &here), err, &here);
  note(&first, write_summary(folder, config, record, &here), err, &here);
  return first;
}

civ_status civ_run_files_refuse(const char *folder, const civ_config *config, bool replace, civ_error *err)
{
  const civ_outputs_config *outputs = civ_config_section(config, "outputs");
  const char *const others[] = { outputs->metrics_csv, outputs->agents_csv, outputs->history_json };
  static const char *const keys[] = { "outputs.metrics_csv", "outputs.agents_csv", "outputs.history_json" };
  for (size_t k = 0; !replace && k < sizeof others / sizeof *others; k++) {
    if (others[k] == NULL)
      continue;
    char *path = civ_run_folder_file(folder, "", others[k]);
    if (path == NULL)
      return civ_fail(err, CIV_E_NOMEM, keys[k], "out of memory");
    const bool there = civ_file_exists(path);
    if (there)
      civ_fail(err, CIV_E_IO, keys[k], "%s exists already; --force replaces it", path);
    free(path);
    if (there)
      return CIV_E_IO;
  }
  return CIV_OK;
}
