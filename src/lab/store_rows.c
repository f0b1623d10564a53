/* store_rows.c - one finished run as rows of the tables. */
#include <math.h>
#include <string.h>

#include "civitas/version.h"
#include "lab/store_inside.h"

static const char *const plain_statements[] = {
  [CIV_STORE_ADD_RUN] =
      "INSERT INTO runs(config_sha256, seed, results_version, engine_version, status, error, criteria, detail, "
      "stop_reason,"
      " stop_value, n_epochs, n_agents, agent_steps, total_set, reports) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
      " ON CONFLICT DO NOTHING",
  [CIV_STORE_FIND_RUN] =
      "SELECT id, status, detail FROM runs WHERE config_sha256 = ? AND seed = ? AND results_version = ?",
  [CIV_STORE_RENEW_RUN] =
      "UPDATE runs SET config_sha256 = ?, seed = ?, results_version = ?, engine_version = ?, status = ?, error = ?,"
      " criteria = ?, detail = ?, stop_reason = ?, stop_value = ?, n_epochs = ?, n_agents = ?, agent_steps = ?,"
      " total_set = ?, reports = ? WHERE id = ?",
  [CIV_STORE_DROP_TOTALS] = "DELETE FROM totals WHERE run_id = ?",
  [CIV_STORE_DROP_EPOCHS] = "DELETE FROM epoch_rows WHERE run_id = ?",
  [CIV_STORE_DROP_AGENTS] = "DELETE FROM agent_rows WHERE run_id = ?",
  [CIV_STORE_DROP_FINDINGS] = "DELETE FROM findings WHERE run_id = ?",
  [CIV_STORE_ADD_FINDING] = "INSERT OR REPLACE INTO findings VALUES(?,?,?,?,?,?,?,?)",
};

static civ_status prepare(civ_store *store, civ_buffer *sql, sqlite3_stmt **out, civ_error *err)
{
  size_t length;
  char *text = civ_buffer_take(sql, &length);
  if (text == NULL)
    return civ_fail(err, CIV_E_NOMEM, store->path, "out of memory");
  const civ_status status = civ_sql_prepare(store->db, store->path, text, out, err);
  civ_free(text);
  return status;
}

static void put_marks(civ_buffer *sql, uint32_t n)
{
  for (uint32_t k = 0; k < n; k++)
    civ_buffer_text(sql, k > 0 ? ",?" : "?");
}

/* Columns by name: their order in the table is that in which versions learnt them. */
static civ_status prepare_rows(civ_store *store, bool epochs, sqlite3_stmt **out, civ_error *err)
{
  civ_buffer sql = { 0 };
  const uint32_t n = epochs ? 3 + CIV_N_EPOCH_COLUMNS : 4 + CIV_N_AGENT_COLUMNS;
  civ_buffer_text(&sql, epochs ? "INSERT INTO epoch_rows(run_id, epoch, time_us"
                               : "INSERT INTO agent_rows(run_id, epoch, agent, agent_id");
  for (int k = 0; epochs && k < CIV_N_EPOCH_COLUMNS; k++)
    civ_buffer_format(&sql, ", %s", civ_epoch_column_forms[k].name);
  for (int k = 0; !epochs && k < CIV_N_AGENT_COLUMNS; k++)
    civ_buffer_format(&sql, ", %s", civ_agent_column_names[k]);
  civ_buffer_text(&sql, ") VALUES(");
  put_marks(&sql, n);
  civ_buffer_text(&sql, ")");
  return prepare(store, &sql, out, err);
}

static civ_status prepare_list(civ_store *store, civ_error *err)
{
  static const civ_columns none = { 0 };
  const civ_columns *columns = store->row != NULL ? &store->row->columns : &none;
  civ_buffer sql = { 0 };
  civ_buffer_text(&sql, "INSERT OR REPLACE INTO plan_rows(experiment_id, plan_index, configuration, run_index, run_id");
  civ_store_put_names(&sql, "", columns);
  civ_buffer_text(&sql, ") VALUES(");
  put_marks(&sql, 5 + columns->n);
  civ_buffer_text(&sql, ")");
  return prepare(store, &sql, &store->statements[CIV_STORE_LIST_RUN], err);
}

civ_status civ_store_prepare(civ_store *store, civ_error *err)
{
  civ_status status = CIV_OK;
  for (size_t k = 0; status == CIV_OK && k < sizeof plain_statements / sizeof *plain_statements; k++)
    status = civ_sql_prepare(store->db, store->path, plain_statements[k], &store->statements[k], err);
  if (status == CIV_OK)
    status = prepare_rows(store, true, &store->statements[CIV_STORE_ADD_EPOCH], err);
  if (status == CIV_OK)
    status = prepare_rows(store, false, &store->statements[CIV_STORE_ADD_AGENT], err);
  return status == CIV_OK ? prepare_list(store, err) : status;
}

static const char *digest_of(const civ_store *store, const civ_store_job *job)
{
  return store->configurations[job->configuration].sha256;
}

/* --- the run itself ---------------------------------------------------------------------------------------------------------- */

static civ_store_detail detail_of(const civ_store *store, const civ_store_job *job)
{
  return job->error != NULL ? CIV_STORE_TOTALS : store->detail;
}

static void bind_run(const civ_store *store, const civ_store_job *job, sqlite3_stmt *s)
{
  const civ_run_record *r = &job->record;
  civ_sql_bind_text(s, 1, digest_of(store, job));
  sqlite3_bind_int64(s, 2, (int64_t)r->seed);
  sqlite3_bind_int64(s, 3, CIV_RESULTS_VERSION);
  civ_sql_bind_text(s, 4, civ_version());
  civ_sql_bind_text(s, 5, job->error != NULL ? "failed" : r->end == CIV_END_KILLED ? "killed" : "done");
  civ_sql_bind_text(s, 6, job->error);
  civ_sql_bind_text(s, 7, job->criteria);
  civ_sql_bind_text(s, 8, civ_store_details[detail_of(store, job)]);
  civ_sql_bind_text(s, 9, r->stop_reason);
  if (r->stop_reason != NULL)
    civ_sql_bind_number(s, 10, r->stop_value, false);
  else
    sqlite3_bind_null(s, 10);
  sqlite3_bind_int64(s, 11, r->n_epochs);
  sqlite3_bind_int64(s, 12, (int64_t)job->n_agents);
  sqlite3_bind_int64(s, 13, (int64_t)r->agent_steps);
  if (job->names != NULL)
    sqlite3_bind_int64(s, 14, job->names->id);
  else
    sqlite3_bind_null(s, 14);
  if (r->reports != NULL)
    sqlite3_bind_text(s, 15, r->reports, (int)r->reports_length, SQLITE_STATIC);
  else
    sqlite3_bind_null(s, 15);
}

/* A run that is there already: its number, and whether it says as much as this job. 0 = not there. */
static civ_status find_run(civ_store *store, const civ_store_job *job, int64_t *id, bool *enough, civ_error *err)
{
  sqlite3_stmt *s = store->statements[CIV_STORE_FIND_RUN];
  civ_sql_bind_text(s, 1, digest_of(store, job));
  sqlite3_bind_int64(s, 2, (int64_t)job->record.seed);
  sqlite3_bind_int64(s, 3, CIV_RESULTS_VERSION);
  const int code = sqlite3_step(s);
  *id = 0;
  if (code == SQLITE_ROW) {
    int detail = 0;
    while (civ_store_details[detail] != NULL &&
           strcmp(civ_store_details[detail], (const char *)sqlite3_column_text(s, 2)) != 0)
      detail++;
    *id = sqlite3_column_int64(s, 0);
    *enough = job->error != NULL ||
              (strcmp((const char *)sqlite3_column_text(s, 1), "failed") != 0 && detail >= (int)detail_of(store, job));
  }
  sqlite3_reset(s);
  return code == SQLITE_ROW || code == SQLITE_DONE ? CIV_OK : civ_sql_fail(store->db, store->path, err);
}

static civ_status renew_run(civ_store *store, const civ_store_job *job, int64_t id, civ_error *err)
{
  bind_run(store, job, store->statements[CIV_STORE_RENEW_RUN]);
  sqlite3_bind_int64(store->statements[CIV_STORE_RENEW_RUN], 16, id);
  civ_status status = civ_sql_step(store->db, store->path, store->statements[CIV_STORE_RENEW_RUN], err);
  for (int k = CIV_STORE_DROP_TOTALS; status == CIV_OK && k <= CIV_STORE_DROP_FINDINGS; k++) {
    sqlite3_bind_int64(store->statements[k], 1, id);
    status = civ_sql_step(store->db, store->path, store->statements[k], err);
  }
  return status;
}

/* --- what hangs on it ----------------------------------------------------------------------------------------------------------- */

static civ_status write_totals(civ_store *store, const civ_store_job *job, int64_t id, civ_error *err)
{
  civ_store_names *names = job->names;
  if (names == NULL)
    return CIV_OK;
  if (names->insert == NULL) {
    civ_buffer sql = { 0 };
    civ_buffer_text(&sql, "INSERT INTO totals(run_id");
    civ_store_put_names(&sql, "", &names->columns);
    civ_buffer_text(&sql, ") VALUES(");
    put_marks(&sql, 1 + names->columns.n);
    civ_buffer_text(&sql, ")");
    const civ_status status = prepare(store, &sql, &names->insert, err);
    if (status != CIV_OK)
      return status;
  }
  sqlite3_bind_int64(names->insert, 1, id);
  for (uint32_t k = 0; k < names->columns.n; k++)
    civ_sql_bind_number(names->insert, (int)k + 2, job->record.totals[k], names->columns.decls[k].integer);
  return civ_sql_step(store->db, store->path, names->insert, err);
}

static civ_status write_epochs(civ_store *store, const civ_store_job *job, int64_t id, civ_error *err)
{
  sqlite3_stmt *s = store->statements[CIV_STORE_ADD_EPOCH];
  civ_status status = CIV_OK;
  for (size_t i = 0; status == CIV_OK && i < job->n_epoch_rows; i++) {
    const civ_epoch_snapshot *e = &job->epochs[i];
    sqlite3_bind_int64(s, 1, id);
    sqlite3_bind_int64(s, 2, e->epoch);
    sqlite3_bind_int64(s, 3, e->time_us);
    for (int k = 0; k < CIV_N_EPOCH_COLUMNS; k++)
      civ_sql_bind_number(s, k + 4, e->values[k], civ_epoch_column_forms[k].integer);
    status = civ_sql_step(store->db, store->path, s, err);
  }
  return status;
}

static civ_status write_agents(civ_store *store, const civ_store_job *job, int64_t id, civ_error *err)
{
  sqlite3_stmt *s = store->statements[CIV_STORE_ADD_AGENT];
  civ_status status = CIV_OK;
  for (size_t i = 0; status == CIV_OK && i < job->n_agent_rows; i++) {
    const civ_agent_snapshot *a = &job->agents[i];
    sqlite3_bind_int64(s, 1, id);
    sqlite3_bind_int64(s, 2, a->epoch);
    sqlite3_bind_int64(s, 3, a->agent);
    civ_sql_bind_text(s, 4, job->agent_names[a->agent]);
    for (int k = 0; k < CIV_N_AGENT_COLUMNS; k++)
      if (k == CIV_AGENT_TYPE)
        civ_sql_bind_text(s, k + 5, job->agent_types[a->agent]);
      else
        civ_sql_bind_number(s, k + 5, civ_agent_snapshot_value(a, (civ_agent_column)k), false);
    status = civ_sql_step(store->db, store->path, s, err);
  }
  return status;
}

/* Also of a run that is there: earlier versions did not keep them. */
static civ_status write_findings(civ_store *store, const civ_store_job *job, int64_t id, civ_error *err)
{
  sqlite3_stmt *s = store->statements[CIV_STORE_ADD_FINDING];
  civ_status status = CIV_OK;
  for (uint32_t k = 0; status == CIV_OK && k < job->record.n_findings; k++) {
    const civ_finding *f = &job->record.findings[k];
    sqlite3_bind_int64(s, 1, id);
    sqlite3_bind_int64(s, 2, k);
    civ_sql_bind_text(s, 3, f->name);
    civ_sql_bind_text(s, 4, civ_outcome_names[f->outcome]);
    sqlite3_bind_int(s, 5, f->at_least);
    civ_sql_bind_number(s, 6, f->outcome != CIV_OUTCOME_NOT_EVALUABLE ? f->measured : (double)NAN, false);
    civ_sql_bind_number(s, 7, f->bound, false);
    civ_sql_bind_text(s, 8, f->reason);
    status = civ_sql_step(store->db, store->path, s, err);
  }
  return status;
}

static civ_status list_run(civ_store *store, const civ_store_job *job, int64_t id, civ_error *err)
{
  sqlite3_stmt *s = store->statements[CIV_STORE_LIST_RUN];
  sqlite3_bind_int64(s, 1, store->experiment);
  sqlite3_bind_int64(s, 2, (int64_t)job->plan_index);
  sqlite3_bind_int64(s, 3, job->configuration);
  sqlite3_bind_int64(s, 4, (int64_t)job->run_index);
  sqlite3_bind_int64(s, 5, id);
  for (uint32_t k = 0; store->row != NULL && k < store->row->columns.n; k++)
    if (job->row != NULL)
      civ_sql_bind_number(s, (int)k + 6, job->row[k], store->row->columns.decls[k].integer);
    else
      sqlite3_bind_null(s, (int)k + 6);
  return civ_sql_step(store->db, store->path, s, err);
}

static civ_status add_run(civ_store *store, civ_store_job *job, int64_t *id, bool *write, civ_error *err)
{
  bool enough = false;
  civ_status status = CIV_OK;
  if (job->names != NULL && job->names->id == 0)
    status = civ_store_names_settle(store->db, store->path, CIV_STORE_TABLE_TOTALS, job->names, err);
  if (status != CIV_OK)
    return status;
  bind_run(store, job, store->statements[CIV_STORE_ADD_RUN]);
  status = civ_sql_step(store->db, store->path, store->statements[CIV_STORE_ADD_RUN], err);
  *write = true;
  if (status != CIV_OK || sqlite3_changes(store->db) == 1) {
    *id = sqlite3_last_insert_rowid(store->db);
    return status;
  }
  status = find_run(store, job, id, &enough, err);
  *write = !enough;
  return status == CIV_OK && !enough ? renew_run(store, job, *id, err) : status;
}

civ_status civ_store_write_job(civ_store *store, civ_store_job *job, civ_error *err)
{
  int64_t id = 0;
  bool write = false, enough;
  civ_status status = job->take_up ? find_run(store, job, &id, &enough, err) : add_run(store, job, &id, &write, err);
  if (status == CIV_OK && id == 0)
    return civ_fail(err, CIV_E_STATE, store->path, "the run of seed %llu was removed while it was taken up",
                    (unsigned long long)job->record.seed);
  if (status == CIV_OK && write)
    status = write_totals(store, job, id, err);
  if (status == CIV_OK && write)
    status = write_epochs(store, job, id, err);
  if (status == CIV_OK && write)
    status = write_agents(store, job, id, err);
  if (status == CIV_OK)
    status = write_findings(store, job, id, err);
  return status == CIV_OK ? list_run(store, job, id, err) : status;
}
