/* store.c - opening a results store, beginning an experiment in it, and knowing what is done already. */
#include "lab/store.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/file.h"
#include "civitas/version.h"
#include "lab/store_inside.h"

/* --- opening and closing --------------------------------------------------------------------------------------------------------- */

static void init_queue(civ_store *store)
{
  pthread_condattr_t monotonic;
  pthread_condattr_init(&monotonic);
  pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
  pthread_mutex_init(&store->lock, NULL);
  pthread_cond_init(&store->filled, &monotonic);
  pthread_cond_init(&store->emptied, NULL);
  pthread_condattr_destroy(&monotonic);
  store->last = &store->first;
}

static void finalize_all(civ_store *store)
{
  for (int k = 0; k < CIV_STORE_STATEMENTS; k++)
    sqlite3_finalize(store->statements[k]);
  sqlite3_finalize(store->find_own);
  sqlite3_finalize(store->find_other);
  civ_store_names_destroy(store->names);
  civ_store_names_destroy(store->row);
  civ_store_names_destroy(store->read_names);
}

/* A store at rest is one plain file that can be copied; where others are still reading, it stays in write-ahead mode. */
static void lay_to_rest(civ_store *store)
{
  if (store->mode == CIV_STORE_READ || store->db == NULL)
    return;
  sqlite3_busy_timeout(store->db, 0);
  sqlite3_exec(store->db, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
}

static void destroy(civ_store *store)
{
  civ_store_stop_writer(store);
  civ_store_job_destroy(store->first);
  finalize_all(store);
  sqlite3_close(store->reader);
  lay_to_rest(store);
  sqlite3_close(store->db);
  pthread_cond_destroy(&store->filled);
  pthread_cond_destroy(&store->emptied);
  pthread_mutex_destroy(&store->lock);
  free(store->configurations);
  free(store->path);
  free(store);
}

/* The schema is checked before anything is changed: a foreign database stays as it is. */
static civ_status settle(civ_store *store, civ_error *err)
{
  const bool writing = store->mode == CIV_STORE_CREATE;
  civ_status status = civ_store_schema(store->db, store->path, writing, err);
  if (status == CIV_OK && writing)
    status = civ_sql_share(store->db, store->path, store->patience_ms, err);
  if (status == CIV_OK && writing)
    status = civ_sql_run(store->db, store->path,
                         "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
                         "PRAGMA cache_size = -16384",
                         err);
  if (status == CIV_OK && writing)
    status = civ_sql_open(store->path, CIV_STORE_READ, store->patience_ms, &store->reader, err);
  return status;
}

/* What a failed beginning left: a file without content. One with content is somebody else's by now. */
static void unlink_empty(const char *path)
{
  struct stat info;
  if (stat(path, &info) == 0 && S_ISREG(info.st_mode) && info.st_size == 0)
    unlink(path);
}

civ_status civ_store_open_within(const char *path, civ_store_mode mode, int patience_ms, civ_store **out,
                                 civ_error *err)
{
  const bool there = access(path, F_OK) == 0;
  civ_store *store = calloc(1, sizeof *store);
  if (store == NULL || (store->path = strdup(path)) == NULL) {
    free(store);
    return civ_fail(err, CIV_E_NOMEM, path, "out of memory");
  }
  store->mode = mode;
  store->patience_ms = patience_ms;
  init_queue(store);
  civ_status status = mode == CIV_STORE_CREATE && !there ? civ_file_make_parents(path, err) : CIV_OK;
  if (status == CIV_OK)
    status = civ_sql_open(path, mode, patience_ms, &store->db, err);
  if (status == CIV_OK)
    status = settle(store, err);
  if (status == CIV_OK) {
    *out = store;
    return CIV_OK;
  }
  if (store->db != NULL && there)
    store->mode = CIV_STORE_READ; /* leave a foreign file's mode alone */
  destroy(store);
  if (!there)
    unlink_empty(path);
  return status;
}

civ_status civ_store_open(const char *path, civ_store_mode mode, civ_store **out, civ_error *err)
{
  return civ_store_open_within(path, mode, CIV_STORE_PATIENCE_MS, out, err);
}

civ_status civ_store_close(civ_store *store, civ_error *err)
{
  if (store == NULL)
    return CIV_OK;
  civ_store_stop_writer(store);
  const civ_error failure = store->failure;
  destroy(store);
  if (failure.code != CIV_OK && err != NULL)
    *err = failure;
  return failure.code;
}

/* --- beginning ---------------------------------------------------------------------------------------------------------------------- */

civ_status civ_store_digest(const civ_config *config, char out[65], civ_error *err)
{
  civ_config *copy;
  civ_status status = civ_config_copy(config, &copy, err);
  if (status != CIV_OK)
    return status;
  status = civ_config_set(copy, "simulation.seed", "null", CIV_ORIGIN_OVERRIDE, err);
  if (status == CIV_OK)
    status = civ_config_sha256(copy, out, err);
  civ_config_destroy(copy);
  return status;
}

/* One digest of the plan and of what is kept of its runs. */
static civ_status key_of(const civ_store_experiment *e, char out[65], civ_error *err)
{
  civ_buffer text = { 0 };
  civ_buffer_format(&text, "%s\n%s", e->kind, e->digest);
  for (uint32_t k = 0; k < e->row.n; k++)
    civ_buffer_format(&text, "\n%s", e->row.decls[k].name);
  if (text.failed)
    return civ_fail(err, CIV_E_NOMEM, "store", "out of memory");
  civ_sha256_hex(text.data, text.length, out);
  civ_buffer_free(&text);
  return CIV_OK;
}

static civ_status find_experiment(civ_store *store, const char *key, int64_t *id, int *detail, civ_error *err)
{
  sqlite3_stmt *s = NULL;
  civ_status status = civ_sql_prepare(
      store->db, store->path, "SELECT id, detail FROM experiments WHERE digest = ? AND results_version = ?", &s, err);
  if (status != CIV_OK)
    return status;
  civ_sql_bind_text(s, 1, key);
  sqlite3_bind_int64(s, 2, CIV_RESULTS_VERSION);
  const int code = sqlite3_step(s);
  *id = 0;
  *detail = 0;
  if (code == SQLITE_ROW) {
    *id = sqlite3_column_int64(s, 0);
    while (civ_store_details[*detail] != NULL &&
           strcmp(civ_store_details[*detail], (const char *)sqlite3_column_text(s, 1)) != 0)
      ++*detail;
  } else if (code != SQLITE_DONE) {
    status = civ_sql_fail(store->db, store->path, err);
  }
  sqlite3_finalize(s);
  return status;
}

static civ_status add_configurations(civ_store *store, const civ_store_experiment *e, int64_t id, civ_error *err)
{
  sqlite3_stmt *s = NULL;
  civ_status status =
      civ_sql_prepare(store->db, store->path, "INSERT INTO configurations VALUES(?, ?, ?, ?, ?)", &s, err);
  for (uint32_t k = 0; status == CIV_OK && k < e->n_configurations; k++) {
    sqlite3_bind_int64(s, 1, id);
    sqlite3_bind_int64(s, 2, k);
    civ_sql_bind_text(s, 3, e->configurations[k].name);
    civ_sql_bind_text(s, 4, e->configurations[k].parameters);
    civ_sql_bind_text(s, 5, e->configurations[k].sha256);
    status = civ_sql_step(store->db, store->path, s, err);
  }
  sqlite3_finalize(s);
  return status;
}

static civ_status add_experiment(civ_store *store, const civ_store_experiment *e, const char *key, int64_t *id,
                                 civ_error *err)
{
  sqlite3_stmt *s = NULL;
  civ_status status =
      civ_sql_prepare(store->db, store->path,
                      "INSERT INTO experiments(digest, name, kind, scenario_id, config, plan, detail, "
                      "n_configurations, n_runs, row_set,"
                      " engine_version, results_version, rng_version) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)",
                      &s, err);
  if (status != CIV_OK)
    return status;
  const char *const texts[] = {
    key, e->name, e->kind, e->scenario_id, e->config, e->plan, civ_store_details[e->detail]
  };
  for (int k = 0; k < 7; k++)
    civ_sql_bind_text(s, k + 1, texts[k]);
  sqlite3_bind_int64(s, 8, e->n_configurations);
  sqlite3_bind_int64(s, 9, (int64_t)e->n_runs);
  if (store->row != NULL)
    sqlite3_bind_int64(s, 10, store->row->id);
  else
    sqlite3_bind_null(s, 10);
  civ_sql_bind_text(s, 11, civ_version());
  sqlite3_bind_int64(s, 12, CIV_RESULTS_VERSION);
  sqlite3_bind_int64(s, 13, CIV_RNG_VERSION);
  status = civ_sql_step(store->db, store->path, s, err);
  sqlite3_finalize(s);
  *id = sqlite3_last_insert_rowid(store->db);
  return status == CIV_OK ? add_configurations(store, e, *id, err) : status;
}

/* The experiment asks for more than it did: what lacks it is to be run again. */
static civ_status raise_detail(civ_store *store, int64_t id, civ_error *err)
{
  civ_buffer sql = { 0 };
  size_t length;
  civ_buffer_format(&sql, "UPDATE experiments SET detail = '%s', finished = 0 WHERE id = %lld",
                    civ_store_details[store->detail], (long long)id);
  char *text = civ_buffer_take(&sql, &length);
  const civ_status status = text != NULL ? civ_sql_run(store->db, store->path, text, err)
                                         : civ_fail(err, CIV_E_NOMEM, store->path, "out of memory");
  civ_free(text);
  return status;
}

static civ_status find_or_add(civ_store *store, const civ_store_experiment *e, int64_t *id, civ_error *err)
{
  char key[65];
  int detail;
  civ_status status = key_of(e, key, err);
  if (status == CIV_OK && e->row.n > 0) {
    store->row = civ_store_names_create(&e->row);
    status = store->row != NULL ? civ_store_names_settle(store->db, store->path, CIV_STORE_TABLE_ROWS, store->row, err)
                                : civ_fail(err, CIV_E_NOMEM, store->path, "out of memory");
  }
  if (status == CIV_OK)
    status = find_experiment(store, key, id, &detail, err);
  if (status != CIV_OK)
    return status;
  if (*id == 0)
    return add_experiment(store, e, key, id, err);
  return detail < (int)e->detail ? raise_detail(store, *id, err) : CIV_OK;
}

civ_status civ_store_begin(civ_store *store, const civ_store_experiment *e, int64_t *id, civ_error *err)
{
  if (store->mode == CIV_STORE_READ || store->experiment != 0)
    return civ_fail(err, CIV_E_STATE, store->path, "one experiment is begun per store opened for writing");
  store->configurations = calloc(e->n_configurations > 0 ? e->n_configurations : 1, sizeof *store->configurations);
  if (store->configurations == NULL)
    return civ_fail(err, CIV_E_NOMEM, store->path, "out of memory");
  for (uint32_t k = 0; k < e->n_configurations; k++)
    memcpy(store->configurations[k].sha256, e->configurations[k].sha256, sizeof store->configurations[k].sha256);
  store->n_configurations = e->n_configurations;
  store->detail = e->detail;
  int64_t number = 0;
  civ_status status = civ_sql_run(store->db, store->path, "BEGIN IMMEDIATE", err);
  if (status != CIV_OK)
    return status;
  status = find_or_add(store, e, &number, err);
  if (status == CIV_OK)
    status = civ_sql_run(store->db, store->path, "COMMIT", err);
  if (status != CIV_OK) {
    sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    return status;
  }
  status = civ_store_prepare(store, err);
  if (status == CIV_OK)
    status = civ_store_start_writer(store, err);
  if (status != CIV_OK)
    return status;
  store->experiment = number;
  if (id != NULL)
    *id = number;
  return CIV_OK;
}

/* --- what is done ------------------------------------------------------------------------------------------------------------------ */

static sqlite3_stmt *prepare_find(civ_store *store, bool own)
{
  static const civ_columns none = { 0 };
  civ_buffer sql = { 0 };
  size_t length;
  sqlite3_stmt *s = NULL;
  civ_buffer_text(&sql, "SELECT r.criteria");
  civ_store_put_names(&sql, "p.", store->row != NULL ? &store->row->columns : &none);
  civ_buffer_text(&sql, " FROM runs r JOIN plan_rows p ON p.run_id = r.id ");
  if (!own)
    civ_buffer_text(&sql, "JOIN experiments e ON e.id = p.experiment_id ");
  civ_buffer_text(&sql, "WHERE r.config_sha256 = ? AND r.seed = ? AND r.results_version = ? AND r.status <> 'failed'"
                        " AND instr(?, r.detail) > 0 ");
  civ_buffer_text(&sql, own ? "AND p.experiment_id = ? AND p.plan_index = ?" : "AND e.row_set IS ? LIMIT 1");
  char *text = civ_buffer_take(&sql, &length);
  if (text != NULL && civ_sql_prepare(store->reader, store->path, text, &s, NULL) != CIV_OK)
    s = NULL;
  civ_free(text);
  return s;
}

static bool find_done(civ_store *store, sqlite3_stmt *s, bool own, const civ_store_run *run, bool *judged,
                      civ_outcome *outcome, double *row)
{
  if (s == NULL)
    return false;
  civ_sql_bind_text(s, 1, store->configurations[run->configuration].sha256);
  sqlite3_bind_int64(s, 2, (int64_t)run->seed);
  sqlite3_bind_int64(s, 3, CIV_RESULTS_VERSION);
  civ_sql_bind_text(s, 4, civ_store_enough[store->detail]);
  if (own) {
    sqlite3_bind_int64(s, 5, store->experiment);
    sqlite3_bind_int64(s, 6, (int64_t)run->plan_index);
  } else if (store->row != NULL) {
    sqlite3_bind_int64(s, 5, store->row->id);
  } else {
    sqlite3_bind_null(s, 5);
  }
  const bool found = sqlite3_step(s) == SQLITE_ROW;
  if (found) {
    const char *criteria = (const char *)sqlite3_column_text(s, 0);
    *judged = criteria != NULL;
    *outcome = CIV_OUTCOME_NOT_EVALUABLE;
    for (int k = 0; criteria != NULL && k <= CIV_OUTCOME_NOT_EVALUABLE; k++)
      if (strcmp(criteria, civ_outcome_names[k]) == 0)
        *outcome = (civ_outcome)k;
    for (uint32_t k = 0; store->row != NULL && k < store->row->columns.n; k++)
      row[k] = civ_sql_number(s, (int)k + 1);
  }
  sqlite3_reset(s);
  return found;
}

/* A run of another experiment becomes one of this one's too. */
static bool take_up(civ_store *store, const civ_store_run *run, const double *row)
{
  civ_store_job *job = civ_store_job_create();
  if (job == NULL)
    return false;
  const uint32_t n = store->row != NULL ? store->row->columns.n : 0;
  double *copy = civ_arena_take(&job->arena, n, sizeof *copy);
  job->take_up = true;
  job->plan_index = run->plan_index;
  job->run_index = run->run_index;
  job->configuration = run->configuration;
  job->record.seed = run->seed;
  job->row = copy;
  job->bytes = n * sizeof *copy;
  if (copy == NULL) {
    civ_store_job_destroy(job);
    return false;
  }
  for (uint32_t k = 0; k < n; k++)
    copy[k] = row[k];
  return civ_store_enqueue(store, job, NULL) == CIV_OK;
}

bool civ_store_take_up(civ_store *store, const civ_store_run *run)
{
  return store->experiment != 0 && store->row == NULL && run->configuration < store->n_configurations &&
         take_up(store, run, NULL);
}

bool civ_store_done(civ_store *store, const civ_store_run *run, bool *judged, civ_outcome *outcome, double *row)
{
  if (store->experiment == 0 || run->configuration >= store->n_configurations)
    return false;
  if (store->find_own == NULL) {
    store->find_own = prepare_find(store, true);
    store->find_other = prepare_find(store, false);
  }
  if (find_done(store, store->find_own, true, run, judged, outcome, row))
    return true;
  return find_done(store, store->find_other, false, run, judged, outcome, row) && take_up(store, run, row);
}

civ_status civ_store_flush(civ_store *store, bool finished, civ_error *err)
{
  pthread_mutex_lock(&store->lock);
  store->urgent = true;
  pthread_cond_signal(&store->filled);
  while (store->failure.code == CIV_OK && store->written < store->handed)
    pthread_cond_wait(&store->emptied, &store->lock);
  store->urgent = false;
  const civ_error failure = store->failure;
  pthread_mutex_unlock(&store->lock);
  if (failure.code != CIV_OK) {
    if (err != NULL)
      *err = failure;
    return failure.code;
  }
  if (!finished)
    return CIV_OK;
  civ_buffer sql = { 0 };
  size_t length;
  civ_buffer_format(&sql, "UPDATE experiments SET finished = 1 WHERE id = %lld", (long long)store->experiment);
  char *text = civ_buffer_take(&sql, &length);
  /* Everything is written and nothing more was handed over: the writer sleeps. */
  const civ_status status = text != NULL ? civ_sql_run(store->db, store->path, text, err)
                                         : civ_fail(err, CIV_E_NOMEM, store->path, "out of memory");
  civ_free(text);
  return status;
}
