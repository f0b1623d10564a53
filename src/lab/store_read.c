/* store_read.c - what stands in a results store. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "civitas/version.h"
#include "lab/store_inside.h"

sqlite3 *civ_store_connection(civ_store *store)
{
  return store->reader != NULL ? store->reader : store->db;
}

const char *civ_store_path(const civ_store *store)
{
  return store->path;
}

static const char *text_at(sqlite3_stmt *s, int column)
{
  return (const char *)sqlite3_column_text(s, column);
}

/* --- experiments and configurations ------------------------------------------------------------------------------------------------ */

#define COUNT_OF(condition)                                                                                            \
  "(SELECT count(*) FROM plan_rows p JOIN runs r ON r.id = p.run_id WHERE p.experiment_id = e.id" condition            \
  " AND r.status <> 'failed'),"                                                                                        \
  "(SELECT count(*) FROM plan_rows p JOIN runs r ON r.id = p.run_id WHERE p.experiment_id = e.id" condition            \
  " AND r.status = 'failed')"

civ_status civ_store_experiments(civ_store *store, int64_t id, bool (*each)(void *arg, const civ_store_entry *entry),
                                 void *arg, civ_error *err)
{
  sqlite3 *db = civ_store_connection(store);
  sqlite3_stmt *s = NULL;
  civ_status status = civ_sql_prepare(
      db, store->path,
      "SELECT id, name, kind, scenario_id, detail, engine_version, config, plan, results_version,"
      " n_configurations, n_runs, finished, " COUNT_OF("") " FROM experiments e WHERE ?1 = 0 OR id = ?1 ORDER BY id",
      &s, err);
  if (status != CIV_OK)
    return status;
  sqlite3_bind_int64(s, 1, id);
  int code;
  uint64_t n = 0;
  while ((code = sqlite3_step(s)) == SQLITE_ROW) {
    const civ_store_entry entry = {
      .id = sqlite3_column_int64(s, 0),
      .name = text_at(s, 1),
      .kind = text_at(s, 2),
      .scenario_id = text_at(s, 3),
      .detail = text_at(s, 4),
      .version = text_at(s, 5),
      .config = text_at(s, 6),
      .plan = text_at(s, 7),
      .results_version = sqlite3_column_int64(s, 8),
      .n_configurations = (uint64_t)sqlite3_column_int64(s, 9),
      .n_runs = (uint64_t)sqlite3_column_int64(s, 10),
      .finished = sqlite3_column_int(s, 11) != 0,
      .n_done = (uint64_t)sqlite3_column_int64(s, 12),
      .n_failed = (uint64_t)sqlite3_column_int64(s, 13),
    };
    n++;
    if (!each(arg, &entry))
      break;
  }
  if (code != SQLITE_ROW && code != SQLITE_DONE)
    status = civ_sql_fail(db, store->path, err);
  else if (n == 0 && id != 0)
    status = civ_fail(err, CIV_E_KEY, store->path,
                      "there is no experiment %lld; 'civitas results ls' lists those that are there", (long long)id);
  sqlite3_finalize(s);
  return status;
}

civ_status civ_store_configurations(civ_store *store, int64_t experiment,
                                    bool (*each)(void *arg, const civ_store_set *set), void *arg, civ_error *err)
{
  sqlite3 *db = civ_store_connection(store);
  sqlite3_stmt *s = NULL;
  civ_status status = civ_sql_prepare(
      db, store->path,
      "WITH counts AS (SELECT p.configuration AS number, sum(r.status <> 'failed') AS done, sum(r.status = 'failed') "
      "AS failed"
      " FROM plan_rows p JOIN runs r ON r.id = p.run_id WHERE p.experiment_id = ?1 GROUP BY p.configuration)"
      " SELECT c.number, c.name, c.parameters, c.config_sha256, ifnull(n.done, 0), ifnull(n.failed, 0)"
      " FROM configurations c LEFT JOIN counts n ON n.number = c.number WHERE c.experiment_id = ?1 ORDER BY c.number",
      &s, err);
  if (status != CIV_OK)
    return status;
  sqlite3_bind_int64(s, 1, experiment);
  int code;
  while ((code = sqlite3_step(s)) == SQLITE_ROW) {
    const civ_store_set set = {
      .number = (uint32_t)sqlite3_column_int64(s, 0),
      .name = text_at(s, 1),
      .parameters = text_at(s, 2),
      .sha256 = text_at(s, 3),
      .n_done = (uint64_t)sqlite3_column_int64(s, 4),
      .n_failed = (uint64_t)sqlite3_column_int64(s, 5),
    };
    if (!each(arg, &set))
      break;
  }
  if (code != SQLITE_ROW && code != SQLITE_DONE)
    status = civ_sql_fail(db, store->path, err);
  sqlite3_finalize(s);
  return status;
}

/* --- runs ------------------------------------------------------------------------------------------------------------------------------ */

/* The set of names of this number: read once. */
static civ_status names_of(civ_store *store, int64_t id, const civ_store_names **out, civ_error *err)
{
  civ_store_names *names = store->read_names;
  while (names != NULL && names->id != id)
    names = names->next;
  civ_status status = CIV_OK;
  if (names == NULL) {
    status = civ_store_names_read(civ_store_connection(store), store->path, id, &names, err);
    if (status == CIV_OK) {
      names->next = store->read_names;
      store->read_names = names;
    }
  }
  if (status == CIV_OK)
    *out = names;
  return status;
}

static civ_status row_set_of(civ_store *store, int64_t experiment, int64_t *set, civ_error *err)
{
  sqlite3 *db = civ_store_connection(store);
  sqlite3_stmt *s = NULL;
  civ_status status =
      civ_sql_prepare(db, store->path, "SELECT ifnull(row_set, 0) FROM experiments WHERE id = ?", &s, err);
  if (status != CIV_OK)
    return status;
  sqlite3_bind_int64(s, 1, experiment);
  const int code = sqlite3_step(s);
  if (code == SQLITE_ROW)
    *set = sqlite3_column_int64(s, 0);
  else if (code == SQLITE_DONE)
    status =
        civ_fail(err, CIV_E_KEY, store->path,
                 "there is no experiment %lld; 'civitas results ls' lists those that are there", (long long)experiment);
  else
    status = civ_sql_fail(db, store->path, err);
  sqlite3_finalize(s);
  return status;
}

civ_status civ_store_row_columns(civ_store *store, int64_t experiment, civ_columns *out, civ_error *err)
{
  int64_t set = 0;
  const civ_store_names *names = NULL;
  civ_status status = row_set_of(store, experiment, &set, err);
  if (status == CIV_OK && set != 0)
    status = names_of(store, set, &names, err);
  if (status == CIV_OK)
    *out = names != NULL ? names->columns : (civ_columns){ 0 };
  return status;
}

/* Reading one experiment's runs: the plan's rows with everything else of them, and per set of names a statement for totals. */
typedef struct reading {
  civ_store *store;
  sqlite3 *db;
  sqlite3_stmt *runs, *totals, *findings; /* findings: NULL where the store was made before there were any */
  civ_arena arena;                        /* of one run's findings */
  const civ_store_names *names;           /* that `totals` asks for */
  civ_columns row_columns;
  double *row, *values;
  size_t room;
} reading;

enum { FIXED = 15 }; /* columns before those of the row */

/* A store that is only read may be one of the first versions. */
static civ_status prepare_findings(reading *r, civ_error *err)
{
  int64_t there;
  const civ_status status = civ_sql_integer(
      r->db, r->store->path, "SELECT count(*) FROM sqlite_schema WHERE name = 'findings'", 0, &there, err);
  if (status != CIV_OK || there == 0)
    return status;
  return civ_sql_prepare(r->db, r->store->path,
                         "SELECT name, outcome, at_least, measured, bound, reason, count(*) OVER () FROM findings"
                         " WHERE run_id = ? ORDER BY position",
                         &r->findings, err);
}

static civ_status prepare_runs(reading *r, int64_t experiment, int64_t configuration, civ_error *err)
{
  civ_buffer sql = { 0 };
  size_t length;
  civ_status status = civ_store_row_columns(r->store, experiment, &r->row_columns, err);
  if (status != CIV_OK)
    return status;
  civ_buffer_text(&sql,
                  "SELECT p.plan_index, p.run_index, p.configuration, r.id, r.seed, r.status, r.error, r.criteria,"
                  " r.stop_reason, r.stop_value, r.n_epochs, r.n_agents, r.agent_steps, r.total_set, r.reports");
  civ_store_put_names(&sql, "p.", &r->row_columns);
  civ_buffer_text(&sql, " FROM plan_rows p JOIN runs r ON r.id = p.run_id WHERE p.experiment_id = ?1"
                        " AND (?2 < 0 OR p.configuration = ?2) ORDER BY p.plan_index");
  char *text = civ_buffer_take(&sql, &length);
  r->row = calloc(r->row_columns.n + 1, sizeof *r->row);
  if (text == NULL || r->row == NULL)
    status = civ_fail(err, CIV_E_NOMEM, r->store->path, "out of memory");
  else
    status = civ_sql_prepare(r->db, r->store->path, text, &r->runs, err);
  civ_free(text);
  if (status == CIV_OK) {
    sqlite3_bind_int64(r->runs, 1, experiment);
    sqlite3_bind_int64(r->runs, 2, configuration);
  }
  return status;
}

static civ_status prepare_totals(reading *r, int64_t set, civ_error *err)
{
  if (r->names != NULL && r->names->id == set)
    return CIV_OK;
  civ_status status = names_of(r->store, set, &r->names, err);
  if (status != CIV_OK)
    return status;
  civ_buffer sql = { 0 };
  size_t length;
  civ_buffer_text(&sql, "SELECT run_id");
  civ_store_put_names(&sql, "", &r->names->columns);
  civ_buffer_text(&sql, " FROM totals WHERE run_id = ?");
  char *text = civ_buffer_take(&sql, &length);
  sqlite3_finalize(r->totals);
  r->totals = NULL;
  double *values = realloc(r->values, (r->names->columns.n + 1) * sizeof *values);
  if (values != NULL)
    r->values = values;
  if (text == NULL || values == NULL)
    status = civ_fail(err, CIV_E_NOMEM, r->store->path, "out of memory");
  else
    status = civ_sql_prepare(r->db, r->store->path, text, &r->totals, err);
  civ_free(text);
  return status;
}

static civ_status read_totals(reading *r, int64_t set, int64_t id, civ_run_record *record, civ_error *err)
{
  civ_status status = prepare_totals(r, set, err);
  if (status != CIV_OK)
    return status;
  sqlite3_bind_int64(r->totals, 1, id);
  const int code = sqlite3_step(r->totals);
  if (code == SQLITE_ROW)
    for (uint32_t k = 0; k < r->names->columns.n; k++)
      r->values[k] = civ_sql_number(r->totals, (int)k + 1);
  else
    status = code == SQLITE_DONE
                 ? civ_fail(err, CIV_E_FORMAT, r->store->path, "run %lld has lost its totals", (long long)id)
                 : civ_sql_fail(r->db, r->store->path, err);
  sqlite3_reset(r->totals);
  record->total_columns = r->names->columns;
  record->totals = r->values;
  return status;
}

static civ_outcome outcome_of(const char *criteria)
{
  for (int k = 0; criteria != NULL && k <= CIV_OUTCOME_NOT_EVALUABLE; k++)
    if (strcmp(criteria, civ_outcome_names[k]) == 0)
      return (civ_outcome)k;
  return CIV_OUTCOME_NOT_EVALUABLE;
}

static const char *kept_text(reading *r, int column)
{
  const char *text = text_at(r->findings, column);
  return text != NULL ? civ_arena_text(&r->arena, text, strlen(text)) : NULL;
}

static civ_status read_findings(reading *r, int64_t id, civ_run_record *record, civ_error *err)
{
  civ_finding *findings = NULL;
  int code = SQLITE_DONE;
  uint32_t n = 0;
  if (r->findings == NULL)
    return CIV_OK;
  civ_arena_destroy(&r->arena);
  r->arena = civ_arena_create(NULL);
  sqlite3_bind_int64(r->findings, 1, id);
  while (!r->arena.failed && (code = sqlite3_step(r->findings)) == SQLITE_ROW) {
    if (findings == NULL)
      findings = civ_arena_take(&r->arena, (size_t)sqlite3_column_int64(r->findings, 6), sizeof *findings);
    if (findings == NULL)
      break;
    findings[n++] = (civ_finding){ .name = kept_text(r, 0),
                                   .outcome = outcome_of(text_at(r->findings, 1)),
                                   .at_least = sqlite3_column_int(r->findings, 2) != 0,
                                   .measured = civ_sql_number(r->findings, 3),
                                   .bound = civ_sql_number(r->findings, 4),
                                   .reason = kept_text(r, 5) };
  }
  sqlite3_reset(r->findings);
  if (r->arena.failed)
    return civ_fail(err, CIV_E_NOMEM, r->store->path, "out of memory");
  if (code != SQLITE_DONE)
    return civ_sql_fail(r->db, r->store->path, err);
  record->findings = findings;
  record->n_findings = n;
  return CIV_OK;
}

static civ_status read_run(reading *r, civ_stored_run *out, civ_error *err)
{
  sqlite3_stmt *s = r->runs;
  const char *run_status = text_at(s, 5);
  const bool failed = strcmp(run_status, "failed") == 0;
  *out = (civ_stored_run){
    .plan_index = (uint64_t)sqlite3_column_int64(s, 0),
    .run_index = (uint64_t)sqlite3_column_int64(s, 1),
    .configuration = (uint32_t)sqlite3_column_int64(s, 2),
    .judged = text_at(s, 7) != NULL,
    .error = failed ? text_at(s, 6) : NULL,
    .row = r->row,
    .record = {
        .seed = (uint64_t)sqlite3_column_int64(s, 4),
        .failed = failed ? CIV_E_STATE : CIV_OK,
        .end = strcmp(run_status, "killed") == 0 ? CIV_END_KILLED : CIV_END_DONE,
        .stop_reason = text_at(s, 8),
        .stop_value = civ_sql_number(s, 9),
        .n_epochs = (uint32_t)sqlite3_column_int64(s, 10),
        .n_agents = (uint32_t)sqlite3_column_int64(s, 11),
        .agent_steps = (uint64_t)sqlite3_column_int64(s, 12),
        .outcome = outcome_of(text_at(s, 7)),
        .reports = text_at(s, 14),
        .reports_length = (size_t)sqlite3_column_bytes(s, 14),
    },
  };
  for (uint32_t k = 0; k < r->row_columns.n; k++)
    r->row[k] = civ_sql_number(s, FIXED + (int)k);
  if (out->judged) {
    const civ_status status = read_findings(r, sqlite3_column_int64(s, 3), &out->record, err);
    if (status != CIV_OK)
      return status;
  }
  if (sqlite3_column_type(s, 13) == SQLITE_NULL)
    return CIV_OK;
  return read_totals(r, sqlite3_column_int64(s, 13), sqlite3_column_int64(s, 3), &out->record, err);
}

/* Gives what the prepared statement selects, and ends the reading. */
static civ_status read_runs(reading *r, civ_status status, bool (*each)(void *arg, const civ_stored_run *run),
                            void *arg, civ_error *err)
{
  int code = SQLITE_DONE;
  if (status == CIV_OK)
    status = prepare_findings(r, err);
  while (status == CIV_OK && (code = sqlite3_step(r->runs)) == SQLITE_ROW) {
    civ_stored_run run;
    status = read_run(r, &run, err);
    if (status != CIV_OK || !each(arg, &run))
      break;
  }
  if (status == CIV_OK && code != SQLITE_ROW && code != SQLITE_DONE)
    status = civ_sql_fail(r->db, r->store->path, err);
  sqlite3_finalize(r->runs);
  sqlite3_finalize(r->totals);
  sqlite3_finalize(r->findings);
  civ_arena_destroy(&r->arena);
  free(r->row);
  free(r->values);
  return status;
}

civ_status civ_store_runs(civ_store *store, int64_t experiment, int64_t configuration,
                          bool (*each)(void *arg, const civ_stored_run *run), void *arg, civ_error *err)
{
  reading r = { .store = store, .db = civ_store_connection(store), .arena = civ_arena_create(NULL) };
  return read_runs(&r, prepare_runs(&r, experiment, configuration, err), each, arg, err);
}

/* Runs of seeds first .. last under one configuration, whoever listed them. */
static civ_status prepare_known(reading *r, uint32_t configuration, uint64_t first, uint64_t last, civ_error *err)
{
  static const char sql[] =
      "SELECT r.seed - ?2, r.seed - ?2, ?6, r.id, r.seed, r.status, r.error, r.criteria, r.stop_reason, r.stop_value,"
      " r.n_epochs, r.n_agents, r.agent_steps, r.total_set, r.reports FROM runs r WHERE r.config_sha256 = ?1"
      " AND r.seed BETWEEN ?2 AND ?3 AND r.results_version = ?4 AND r.status <> 'failed' AND instr(?5, r.detail) > 0"
      " ORDER BY r.seed";
  r->row = calloc(1, sizeof *r->row);
  if (r->row == NULL)
    return civ_fail(err, CIV_E_NOMEM, r->store->path, "out of memory");
  const civ_status status = civ_sql_prepare(r->db, r->store->path, sql, &r->runs, err);
  if (status != CIV_OK)
    return status;
  civ_sql_bind_text(r->runs, 1, r->store->configurations[configuration].sha256);
  sqlite3_bind_int64(r->runs, 2, (int64_t)first);
  sqlite3_bind_int64(r->runs, 3, (int64_t)last);
  sqlite3_bind_int64(r->runs, 4, CIV_RESULTS_VERSION);
  civ_sql_bind_text(r->runs, 5, civ_store_enough[r->store->detail]);
  sqlite3_bind_int64(r->runs, 6, configuration);
  return CIV_OK;
}

civ_status civ_store_known(civ_store *store, uint32_t configuration, uint64_t first, uint64_t n,
                           bool (*each)(void *arg, const civ_stored_run *run), void *arg, civ_error *err)
{
  if (store->experiment == 0 || configuration >= store->n_configurations)
    return civ_fail(err, CIV_E_STATE, store->path, "begin an experiment that has configuration %u first",
                    configuration);
  reading r = { .store = store, .db = civ_store_connection(store), .arena = civ_arena_create(NULL) };
  return read_runs(&r, prepare_known(&r, configuration, first, first + (n - 1), err), each, arg, err);
}

/* --- findings ------------------------------------------------------------------------------------------------------------------------ */

civ_status civ_store_findings(civ_store *store, int64_t experiment,
                              bool (*each)(void *arg, const civ_store_criterion *criterion), void *arg, civ_error *err)
{
  static const char sql[] =
      "SELECT p.configuration, c.name, f.name, sum(f.outcome = 'pass'), sum(f.outcome = 'fail'),"
      " sum(f.outcome = 'not_evaluable') FROM plan_rows p JOIN findings f ON f.run_id = p.run_id JOIN configurations c"
      " ON c.experiment_id = p.experiment_id AND c.number = p.configuration WHERE p.experiment_id = ?"
      " GROUP BY p.configuration, f.position, f.name ORDER BY p.configuration, f.position";
  reading r = { .store = store, .db = civ_store_connection(store) };
  int code = SQLITE_DONE;
  civ_status status = prepare_findings(&r, err);
  const bool there = r.findings != NULL;
  sqlite3_finalize(r.findings);
  if (status != CIV_OK || !there)
    return status;
  sqlite3_stmt *s = NULL;
  status = civ_sql_prepare(r.db, store->path, sql, &s, err);
  if (status == CIV_OK)
    sqlite3_bind_int64(s, 1, experiment);
  while (status == CIV_OK && (code = sqlite3_step(s)) == SQLITE_ROW) {
    civ_store_criterion counted = { .configuration = (uint32_t)sqlite3_column_int64(s, 0),
                                    .configuration_name = text_at(s, 1),
                                    .name = text_at(s, 2) };
    for (int k = 0; k <= CIV_OUTCOME_NOT_EVALUABLE; k++)
      counted.n[k] = (uint64_t)sqlite3_column_int64(s, 3 + k);
    if (!each(arg, &counted))
      break;
  }
  if (status == CIV_OK && code != SQLITE_ROW && code != SQLITE_DONE)
    status = civ_sql_fail(r.db, store->path, err);
  sqlite3_finalize(s);
  return status;
}
