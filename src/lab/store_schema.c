/* store_schema.c - the tables of a results store, said once; docs/results-store.md explains them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "lab/store_inside.h"

enum {
  APPLICATION = 0x43495652, /* "CIVR" in the file's head: whose database this is */
  MOST_COLUMNS = 1900       /* SQLite takes 2,000, and the views add some */
};

const char *const civ_store_table_names[] = { "totals", "plan_rows" };
const char *const civ_store_details[] = { "totals", "epochs", "agents", NULL };
const char *const civ_store_enough[] = { "totals epochs agents", "epochs agents", "agents" };

/* Numbers that are doubles have no declared type: with the type REAL SQLite would store -0.0 as the integer 0. */
static const char tables[] = "CREATE TABLE experiments(\n"
                             "  id INTEGER PRIMARY KEY,\n"
                             "  digest TEXT NOT NULL,\n"
                             "  name TEXT NOT NULL,\n"
                             "  kind TEXT NOT NULL,\n"
                             "  scenario_id TEXT NOT NULL,\n"
                             "  config TEXT NOT NULL,\n"
                             "  plan TEXT NOT NULL,\n"
                             "  detail TEXT NOT NULL,\n"
                             "  n_configurations INTEGER NOT NULL,\n"
                             "  n_runs INTEGER NOT NULL,\n"
                             "  finished INTEGER NOT NULL DEFAULT 0,\n"
                             "  row_set INTEGER REFERENCES metric_sets(id),\n"
                             "  engine_version TEXT NOT NULL,\n"
                             "  results_version INTEGER NOT NULL,\n"
                             "  rng_version INTEGER NOT NULL,\n"
                             "  UNIQUE(digest, results_version));\n"
                             "CREATE TABLE configurations(\n"
                             "  experiment_id INTEGER NOT NULL REFERENCES experiments(id) ON DELETE CASCADE,\n"
                             "  number INTEGER NOT NULL,\n"
                             "  name TEXT NOT NULL,\n"
                             "  parameters TEXT NOT NULL,\n"
                             "  config_sha256 TEXT NOT NULL,\n"
                             "  PRIMARY KEY(experiment_id, number)) WITHOUT ROWID;\n"
                             "CREATE TABLE metric_sets(\n"
                             "  id INTEGER PRIMARY KEY,\n"
                             "  table_name TEXT NOT NULL,\n"
                             "  digest INTEGER NOT NULL,\n"
                             "  UNIQUE(table_name, digest));\n"
                             "CREATE TABLE metrics(\n"
                             "  set_id INTEGER NOT NULL REFERENCES metric_sets(id) ON DELETE CASCADE,\n"
                             "  position INTEGER NOT NULL,\n"
                             "  name TEXT NOT NULL,\n"
                             "  is_integer INTEGER NOT NULL,\n"
                             "  PRIMARY KEY(set_id, position)) WITHOUT ROWID;\n"
                             "CREATE TABLE runs(\n"
                             "  id INTEGER PRIMARY KEY,\n"
                             "  config_sha256 TEXT NOT NULL,\n"
                             "  seed INTEGER NOT NULL,\n"
                             "  results_version INTEGER NOT NULL,\n"
                             "  engine_version TEXT NOT NULL,\n"
                             "  status TEXT NOT NULL,\n"
                             "  error TEXT,\n"
                             "  criteria TEXT,\n"
                             "  detail TEXT NOT NULL,\n"
                             "  stop_reason TEXT,\n"
                             "  stop_value,\n"
                             "  n_epochs INTEGER NOT NULL,\n"
                             "  n_agents INTEGER NOT NULL,\n"
                             "  agent_steps INTEGER NOT NULL,\n"
                             "  total_set INTEGER REFERENCES metric_sets(id),\n"
                             "  reports TEXT,\n"
                             "  UNIQUE(config_sha256, seed, results_version));\n"
                             "CREATE TABLE totals(\n"
                             "  run_id INTEGER PRIMARY KEY REFERENCES runs(id) ON DELETE CASCADE);\n"
                             "CREATE TABLE plan_rows(\n"
                             "  experiment_id INTEGER NOT NULL REFERENCES experiments(id) ON DELETE CASCADE,\n"
                             "  plan_index INTEGER NOT NULL,\n"
                             "  configuration INTEGER NOT NULL,\n"
                             "  run_index INTEGER NOT NULL,\n"
                             "  run_id INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE,\n"
                             "  PRIMARY KEY(experiment_id, plan_index)) WITHOUT ROWID;\n"
                             "CREATE INDEX plan_rows_by_run ON plan_rows(run_id);\n";

/* Not in stores of the first versions. */
static const char findings_table[] = "CREATE TABLE IF NOT EXISTS findings(\n"
                                     "  run_id INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE,\n"
                                     "  position INTEGER NOT NULL,\n"
                                     "  name TEXT NOT NULL,\n"
                                     "  outcome TEXT NOT NULL,\n"
                                     "  at_least INTEGER NOT NULL,\n"
                                     "  measured,\n"
                                     "  bound,\n"
                                     "  reason TEXT,\n"
                                     "  PRIMARY KEY(run_id, position)) WITHOUT ROWID;\n";

static const char views[] =
    "CREATE VIEW results AS\n"
    "  SELECT p.experiment_id, p.plan_index, p.configuration, c.name AS configuration_name, c.parameters, "
    "p.run_index,\n"
    "    r.config_sha256, r.seed, r.results_version, r.status, r.criteria, r.error, t.*\n"
    "  FROM plan_rows p JOIN configurations c ON c.experiment_id = p.experiment_id AND c.number = p.configuration\n"
    "  JOIN runs r ON r.id = p.run_id LEFT JOIN totals t ON t.run_id = r.id;\n"
    "CREATE VIEW sweep_rows AS\n"
    "  SELECT c.name AS configuration_name, c.parameters, r.config_sha256, r.seed, r.results_version, r.status, p.*\n"
    "  FROM plan_rows p JOIN configurations c ON c.experiment_id = p.experiment_id AND c.number = p.configuration\n"
    "  JOIN runs r ON r.id = p.run_id;\n"
    "CREATE VIEW epochs AS\n"
    "  SELECT r.config_sha256, r.seed, r.results_version, e.* FROM epoch_rows e JOIN runs r ON r.id = e.run_id;\n"
    "CREATE VIEW agents AS\n"
    "  SELECT r.config_sha256, r.seed, r.results_version, a.* FROM agent_rows a JOIN runs r ON r.id = a.run_id;\n";

/* Column k of a table of rows; NULL at the end. */
static const char *row_column(bool epochs, int k, const char **type)
{
  const bool count = epochs ? k < CIV_N_EPOCH_COLUMNS && civ_epoch_column_forms[k].integer
                            : k == CIV_AGENT_INITIATED || k == CIV_AGENT_RECEIVED || k == CIV_AGENT_FROZEN ||
                                  k == CIV_AGENT_QUARANTINED;
  *type = !epochs && k == CIV_AGENT_TYPE ? " TEXT" : count ? " INTEGER" : "";
  if (epochs)
    return k < CIV_N_EPOCH_COLUMNS ? civ_epoch_column_forms[k].name : NULL;
  return k < CIV_N_AGENT_COLUMNS ? civ_agent_column_names[k] : NULL;
}

static void put_columns(civ_buffer *out, bool epochs)
{
  const char *name, *type;
  for (int k = 0; (name = row_column(epochs, k, &type)) != NULL; k++)
    civ_buffer_format(out, "  %s%s,\n", name, type);
}

/* Rows of epochs and agents have the columns of the history's CSV, from the same tables. */
static void put_row_tables(civ_buffer *out)
{
  civ_buffer_text(out, "CREATE TABLE epoch_rows(\n"
                       "  run_id INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE,\n"
                       "  epoch INTEGER NOT NULL,\n  time_us INTEGER NOT NULL,\n");
  put_columns(out, true);
  civ_buffer_text(out, "  PRIMARY KEY(run_id, epoch)) WITHOUT ROWID;\n"
                       "CREATE TABLE agent_rows(\n"
                       "  run_id INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE,\n"
                       "  epoch INTEGER NOT NULL,\n  agent INTEGER NOT NULL,\n  agent_id TEXT NOT NULL,\n");
  put_columns(out, false);
  civ_buffer_text(out, "  PRIMARY KEY(run_id, epoch, agent)) WITHOUT ROWID;\n");
}

/* Later versions know columns that a store of this format may lack. */
static civ_status complete_rows(sqlite3 *db, const char *path, bool epochs, civ_error *err)
{
  const char *table = epochs ? "epoch_rows" : "agent_rows", *name, *type;
  civ_status status = CIV_OK;
  for (int k = 0; status == CIV_OK && (name = row_column(epochs, k, &type)) != NULL; k++) {
    char sql[192];
    int64_t there;
    snprintf(sql, sizeof sql, "SELECT count(*) FROM pragma_table_info('%s') WHERE name = '%s'", table, name);
    status = civ_sql_integer(db, path, sql, 0, &there, err);
    if (status != CIV_OK || there != 0)
      continue;
    snprintf(sql, sizeof sql, "ALTER TABLE %s ADD COLUMN %s%s", table, name, type);
    status = civ_sql_run(db, path, sql, err);
  }
  return status;
}

static civ_status make_tables(sqlite3 *db, const char *path, civ_error *err)
{
  civ_buffer sql = { 0 };
  size_t length;
  civ_buffer_text(&sql, "BEGIN IMMEDIATE;\n");
  civ_buffer_text(&sql, tables);
  civ_buffer_text(&sql, findings_table);
  put_row_tables(&sql);
  civ_buffer_text(&sql, views);
  civ_buffer_format(&sql, "PRAGMA application_id = %d;\nPRAGMA user_version = %d;\nCOMMIT;\n", APPLICATION,
                    CIV_STORE_FORMAT);
  char *text = civ_buffer_take(&sql, &length);
  if (text == NULL)
    return civ_fail(err, CIV_E_NOMEM, path, "out of memory");
  const civ_status status = civ_sql_run(db, path, text, err);
  civ_free(text);
  if (status != CIV_OK)
    sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
  return status;
}

/* At one moment: another program may be making the tables. */
static civ_status read_head(sqlite3 *db, const char *path, int64_t *application, int64_t *version, int64_t *n_tables,
                            civ_error *err)
{
  civ_status status = civ_sql_run(db, path, "BEGIN", err);
  if (status != CIV_OK)
    return status;
  status = civ_sql_integer(db, path, "PRAGMA application_id", 0, application, err);
  if (status == CIV_OK)
    status = civ_sql_integer(db, path, "PRAGMA user_version", 0, version, err);
  if (status == CIV_OK)
    status = civ_sql_integer(db, path, "SELECT count(*) FROM sqlite_schema", 0, n_tables, err);
  sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
  return status;
}

civ_status civ_store_schema(sqlite3 *db, const char *path, bool create, civ_error *err)
{
  int64_t application = 0, version = 0, n_tables = 0;
  civ_status status = read_head(db, path, &application, &version, &n_tables, err);
  if (status != CIV_OK)
    return status;
  if (n_tables == 0 && application == 0) {
    if (create && make_tables(db, path, err) == CIV_OK)
      return CIV_OK;
    if (create) /* another program may have made them at the same moment */
      return civ_sql_integer(db, path, "PRAGMA application_id", 0, &application, NULL) == CIV_OK &&
                     application == APPLICATION
                 ? civ_store_schema(db, path, false, err)
             : err != NULL ? err->code
                           : CIV_E_IO;
    return civ_fail(err, CIV_E_FORMAT, path, "this is no results store: the file is empty; name another file");
  }
  if (application != APPLICATION)
    return civ_fail(err, CIV_E_FORMAT, path,
                    "this is no results store but a database of another program; name another file");
  if (version != CIV_STORE_FORMAT)
    return civ_fail(
        err, CIV_E_FORMAT, path,
        "the results store has format %lld, this civitas reads and writes format %d; use the version of civitas "
        "that made it, or a new file",
        (long long)version, CIV_STORE_FORMAT);
  if (!create)
    return CIV_OK;
  status = civ_sql_run(db, path, findings_table, err);
  if (status == CIV_OK)
    status = complete_rows(db, path, true, err);
  return status == CIV_OK ? complete_rows(db, path, false, err) : status;
}

/* --- sets of names --------------------------------------------------------------------------------------------------------- */

uint64_t civ_store_names_digest(const civ_columns *columns)
{
  uint64_t digest = columns->n;
  for (uint32_t k = 0; k < columns->n; k++)
    digest = civ_digest(digest + (columns->decls[k].integer ? 1 : 0), columns->decls[k].name,
                        strlen(columns->decls[k].name));
  return digest;
}

bool civ_store_names_equal(const civ_columns *a, const civ_columns *b)
{
  if (a->n != b->n)
    return false;
  for (uint32_t k = 0; k < a->n; k++)
    if (a->decls[k].integer != b->decls[k].integer || strcmp(a->decls[k].name, b->decls[k].name) != 0)
      return false;
  return true;
}

civ_store_names *civ_store_names_create(const civ_columns *columns)
{
  civ_store_names *names = calloc(1, sizeof *names);
  if (names == NULL)
    return NULL;
  names->arena = civ_arena_create(NULL);
  civ_metric_decl *decls = civ_arena_take(&names->arena, columns->n, sizeof *decls);
  for (uint32_t k = 0; decls != NULL && k < columns->n; k++) {
    decls[k].integer = columns->decls[k].integer;
    decls[k].name = civ_arena_text(&names->arena, columns->decls[k].name, strlen(columns->decls[k].name));
  }
  names->columns = (civ_columns){ .n = columns->n, .decls = decls };
  names->digest = civ_store_names_digest(columns);
  if (names->arena.failed) {
    civ_store_names_destroy(names);
    return NULL;
  }
  return names;
}

void civ_store_names_destroy(civ_store_names *names)
{
  while (names != NULL) {
    civ_store_names *next = names->next;
    sqlite3_finalize(names->insert);
    civ_arena_destroy(&names->arena);
    free(names);
    names = next;
  }
}

static void put_name(civ_buffer *out, const char *name)
{
  civ_buffer_text(out, "\"");
  for (; *name != '\0'; name++)
    civ_buffer_add(out, *name == '"' ? "\"\"" : name, *name == '"' ? 2 : 1);
  civ_buffer_text(out, "\"");
}

void civ_store_put_names(civ_buffer *out, const char *prefix, const civ_columns *columns)
{
  for (uint32_t k = 0; k < columns->n; k++) {
    civ_buffer_text(out, ",");
    civ_buffer_text(out, prefix);
    put_name(out, columns->decls[k].name);
  }
}

/* Adds the columns that the table lacks; names that differ only in the case of letters are one column to SQLite. */
static civ_status add_columns(sqlite3 *db, const char *path, civ_store_table table, const civ_columns *columns,
                              civ_error *err)
{
  sqlite3_stmt *there = NULL;
  int64_t n;
  civ_status status =
      civ_sql_integer(db, path,
                      table == CIV_STORE_TABLE_TOTALS ? "SELECT count(*) FROM pragma_table_info('totals')"
                                                      : "SELECT count(*) FROM pragma_table_info('plan_rows')",
                      0, &n, err);
  if (status == CIV_OK)
    status = civ_sql_prepare(db, path,
                             "SELECT name = ?2 AND type = '' FROM pragma_table_info(?1) WHERE name = ?2 COLLATE NOCASE",
                             &there, err);
  for (uint32_t k = 0; status == CIV_OK && k < columns->n; k++) {
    civ_sql_bind_text(there, 1, civ_store_table_names[table]);
    civ_sql_bind_text(there, 2, columns->decls[k].name);
    const int code = sqlite3_step(there);
    const bool same = code == SQLITE_ROW && sqlite3_column_int(there, 0) != 0;
    sqlite3_reset(there);
    if (code == SQLITE_ROW && same)
      continue;
    if (code == SQLITE_ROW)
      status =
          civ_fail(err, CIV_E_LIMIT, path, "the metric '%s' is named like another column, but for the case of letters",
                   columns->decls[k].name);
    else if (code != SQLITE_DONE)
      status = civ_sql_fail(db, path, err);
    else if (++n > MOST_COLUMNS)
      status =
          civ_fail(err, CIV_E_LIMIT, path, "a results store takes %d different metrics; use a new file", MOST_COLUMNS);
    if (status != CIV_OK)
      break;
    civ_buffer sql = { 0 };
    size_t length;
    civ_buffer_format(&sql, "ALTER TABLE %s ADD COLUMN ", civ_store_table_names[table]);
    put_name(&sql, columns->decls[k].name);
    char *text = civ_buffer_take(&sql, &length);
    status = text != NULL ? civ_sql_run(db, path, text, err) : civ_fail(err, CIV_E_NOMEM, path, "out of memory");
    civ_free(text);
  }
  sqlite3_finalize(there);
  return status;
}

static civ_status add_set(sqlite3 *db, const char *path, civ_store_table table, civ_store_names *names, civ_error *err)
{
  sqlite3_stmt *set = NULL, *metric = NULL;
  civ_status status = add_columns(db, path, table, &names->columns, err);
  if (status == CIV_OK)
    status = civ_sql_prepare(db, path, "INSERT INTO metric_sets(table_name, digest) VALUES(?, ?)", &set, err);
  if (status == CIV_OK)
    status = civ_sql_prepare(db, path, "INSERT INTO metrics VALUES(?, ?, ?, ?)", &metric, err);
  if (status == CIV_OK) {
    civ_sql_bind_text(set, 1, civ_store_table_names[table]);
    sqlite3_bind_int64(set, 2, (int64_t)names->digest);
    status = civ_sql_step(db, path, set, err);
  }
  const int64_t id = sqlite3_last_insert_rowid(db);
  for (uint32_t k = 0; status == CIV_OK && k < names->columns.n; k++) {
    sqlite3_bind_int64(metric, 1, id);
    sqlite3_bind_int64(metric, 2, k);
    civ_sql_bind_text(metric, 3, names->columns.decls[k].name);
    sqlite3_bind_int(metric, 4, names->columns.decls[k].integer);
    status = civ_sql_step(db, path, metric, err);
  }
  sqlite3_finalize(set);
  sqlite3_finalize(metric);
  if (status == CIV_OK)
    names->id = id;
  return status;
}

civ_status civ_store_names_settle(sqlite3 *db, const char *path, civ_store_table table, civ_store_names *names,
                                  civ_error *err)
{
  sqlite3_stmt *find = NULL;
  civ_status status =
      civ_sql_prepare(db, path, "SELECT id FROM metric_sets WHERE table_name = ? AND digest = ?", &find, err);
  if (status != CIV_OK)
    return status;
  civ_sql_bind_text(find, 1, civ_store_table_names[table]);
  sqlite3_bind_int64(find, 2, (int64_t)names->digest);
  const int code = sqlite3_step(find);
  if (code == SQLITE_ROW)
    names->id = sqlite3_column_int64(find, 0);
  else if (code != SQLITE_DONE)
    status = civ_sql_fail(db, path, err);
  sqlite3_finalize(find);
  return code == SQLITE_DONE ? add_set(db, path, table, names, err) : status;
}

civ_status civ_store_names_read(sqlite3 *db, const char *path, int64_t id, civ_store_names **out, civ_error *err)
{
  sqlite3_stmt *s = NULL;
  civ_arena arena = civ_arena_create(NULL);
  civ_metric_decl *decls = civ_arena_take(&arena, MOST_COLUMNS, sizeof *decls);
  civ_columns columns = { .decls = decls };
  civ_status status = decls != NULL ? CIV_OK : civ_fail(err, CIV_E_NOMEM, path, "out of memory");
  int code = SQLITE_ROW;
  if (status == CIV_OK)
    status =
        civ_sql_prepare(db, path, "SELECT name, is_integer FROM metrics WHERE set_id = ? ORDER BY position", &s, err);
  if (status == CIV_OK)
    sqlite3_bind_int64(s, 1, id);
  while (status == CIV_OK && columns.n < MOST_COLUMNS && (code = sqlite3_step(s)) == SQLITE_ROW) {
    const char *name = (const char *)sqlite3_column_text(s, 0);
    decls[columns.n].name = civ_arena_text(&arena, name, strlen(name));
    decls[columns.n].integer = sqlite3_column_int(s, 1) != 0;
    if (decls[columns.n++].name == NULL)
      status = civ_fail(err, CIV_E_NOMEM, path, "out of memory");
  }
  if (status == CIV_OK && code != SQLITE_DONE && code != SQLITE_ROW)
    status = civ_sql_fail(db, path, err);
  sqlite3_finalize(s);
  civ_store_names *names = status == CIV_OK ? civ_store_names_create(&columns) : NULL;
  civ_arena_destroy(&arena);
  if (status == CIV_OK && names == NULL)
    return civ_fail(err, CIV_E_NOMEM, path, "out of memory");
  if (status == CIV_OK) {
    names->id = id;
    *out = names;
  }
  return status;
}
