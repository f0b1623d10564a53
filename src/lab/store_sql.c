/* store_sql.c - SQLite with our errors and our numbers. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "lab/store_inside.h"

/* SQLite tries once more for reading only, and then says that what it could not make is not there. */
static int why_not_opened(const char *path, int system)
{
  const char *slash = strrchr(path, '/');
  char *folder = slash != NULL ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
  struct stat info;
  if (stat(path, &info) == 0 && S_ISDIR(info.st_mode))
    system = EISDIR;
  else if (system == ENOENT && folder != NULL && access(folder, W_OK) != 0)
    system = errno;
  free(folder);
  return system;
}

civ_status civ_sql_fail(sqlite3 *db, const char *path, civ_error *err)
{
  const int code = sqlite3_errcode(db) & 0xff;
  int system = sqlite3_system_errno(db);
  switch (code) {
  case SQLITE_NOMEM:
    return civ_fail(err, CIV_E_NOMEM, path, "out of memory");
  case SQLITE_NOTADB:
    return civ_fail(err, CIV_E_FORMAT, path, "this is no results store: not an SQLite database; name another file");
  case SQLITE_CORRUPT:
    return civ_fail(
        err, CIV_E_FORMAT, path,
        "the results store is damaged (%s); take a copy, or save what can be read with 'sqlite3 FILE .recover'",
        sqlite3_errmsg(db));
  case SQLITE_FULL:
    return civ_fail(err, CIV_E_IO, path,
                    "the disk is full; what was committed before is safe: make room and run again");
  case SQLITE_BUSY:
  case SQLITE_LOCKED:
    return civ_fail(err, CIV_E_IO, path, "another program keeps the results store locked; wait for it or end it");
  case SQLITE_READONLY:
    return civ_fail(err, CIV_E_IO, path,
                    "the results store cannot be written: file or folder is read-only; name another file");
  case SQLITE_CANTOPEN:
    system = why_not_opened(path, system);
    return civ_fail(err, CIV_E_IO, path, "cannot open the results store: %s; check path and permissions",
                    system != 0 ? strerror(system) : sqlite3_errmsg(db));
  case SQLITE_IOERR:
    return civ_fail(err, CIV_E_IO, path,
                    "the system refused to read or write the results store: %s; what was committed before is safe",
                    system != 0 ? strerror(system) : sqlite3_errmsg(db));
  default:
    return civ_fail(err, CIV_E_IO, path, "the results store failed: %s", sqlite3_errmsg(db));
  }
}

/* A file: URI of the path. NULL: no memory. */
static char *uri_of(const char *path, const char *query)
{
  civ_buffer b = { 0 };
  size_t length;
  civ_buffer_text(&b, *path == '/' ? "file://" : "file:");
  for (; *path != '\0'; path++)
    if (strchr("%?#", *path) != NULL)
      civ_buffer_format(&b, "%%%02X", (unsigned char)*path);
    else
      civ_buffer_add(&b, path, 1);
  civ_buffer_text(&b, query);
  return civ_buffer_take(&b, &length);
}

/* Opens and reads the head of the file, so that errors show here. */
static int try_open(const char *name, int flags, int patience_ms, sqlite3 **out)
{
  int code = sqlite3_open_v2(name, out, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI, NULL);
  if (code == SQLITE_OK) {
    sqlite3_extended_result_codes(*out, 1);
    sqlite3_busy_timeout(*out, patience_ms);
    code = sqlite3_exec(*out, "SELECT count(*) FROM sqlite_schema", NULL, NULL, NULL);
  }
  return code;
}

/* A store at rest in a folder that cannot be written (there is no place for the files of a shared reading): nobody changes it. */
static int try_at_rest(const char *path, int patience_ms, sqlite3 **db)
{
  char *wal = NULL, *uri = NULL;
  int code = SQLITE_CANTOPEN;
  if (asprintf(&wal, "%s-wal", path) < 0)
    wal = NULL;
  if (wal != NULL && access(wal, F_OK) != 0 && (uri = uri_of(path, "?immutable=1")) != NULL) {
    sqlite3_close(*db);
    code = try_open(uri, SQLITE_OPEN_READONLY, patience_ms, db);
  }
  free(wal);
  civ_free(uri);
  return code;
}

civ_status civ_sql_open(const char *path, civ_store_mode mode, int patience_ms, sqlite3 **out, civ_error *err)
{
  const bool writing = mode != CIV_STORE_READ;
  sqlite3 *db = NULL;
  if (!writing && access(path, F_OK) != 0)
    return civ_fail(err, CIV_E_IO, path,
                    "there is no results store of this name: %s; 'civitas sweep' and 'civitas run --store' make one",
                    strerror(errno));
  char *uri = uri_of(path, "");
  if (uri == NULL)
    return civ_fail(err, CIV_E_NOMEM, path, "out of memory");
  int code =
      try_open(uri, writing ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY, patience_ms, &db);
  civ_free(uri);
  if (code != SQLITE_OK && !writing && db != NULL && access(path, R_OK) == 0 &&
      ((code & 0xff) == SQLITE_CANTOPEN || (code & 0xff) == SQLITE_READONLY))
    code = try_at_rest(path, patience_ms, &db);
  if (code == SQLITE_OK && writing && sqlite3_db_readonly(db, "main") == 1) {
    sqlite3_close(db);
    return civ_fail(err, CIV_E_IO, path,
                    "the results store cannot be written: file or folder is read-only; name another file");
  }
  if (code != SQLITE_OK) {
    const civ_status status =
        db != NULL ? civ_sql_fail(db, path, err) : civ_fail(err, CIV_E_NOMEM, path, "out of memory");
    sqlite3_close(db);
    return status;
  }
  *out = db;
  return CIV_OK;
}

civ_status civ_sql_run(sqlite3 *db, const char *path, const char *sql, civ_error *err)
{
  return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK ? CIV_OK : civ_sql_fail(db, path, err);
}

/* The mode is read before it is changed, and SQLite does not wait where one who reads wants to write: it refuses at once. Waiting
 * for one's turn to write is what it does. */
civ_status civ_sql_share(sqlite3 *db, const char *path, int patience_ms, civ_error *err)
{
  const char *const turn = "BEGIN IMMEDIATE; ROLLBACK";
  struct timespec begun, now;
  clock_gettime(CLOCK_MONOTONIC, &begun);
  for (;;) {
    const int code = sqlite3_exec(db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL);
    if (code == SQLITE_OK)
      return CIV_OK;
    clock_gettime(CLOCK_MONOTONIC, &now);
    const long long waited = (now.tv_sec - begun.tv_sec) * 1000LL + (now.tv_nsec - begun.tv_nsec) / 1000000;
    if ((code & 0xff) != SQLITE_BUSY || waited >= patience_ms || sqlite3_exec(db, turn, NULL, NULL, NULL) != SQLITE_OK)
      return civ_sql_fail(db, path, err);
  }
}

civ_status civ_sql_prepare(sqlite3 *db, const char *path, const char *sql, sqlite3_stmt **out, civ_error *err)
{
  return sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, out, NULL) == SQLITE_OK
             ? CIV_OK
             : civ_sql_fail(db, path, err);
}

civ_status civ_sql_step(sqlite3 *db, const char *path, sqlite3_stmt *statement, civ_error *err)
{
  const int code = sqlite3_step(statement);
  const civ_status status = code == SQLITE_DONE || code == SQLITE_ROW ? CIV_OK : civ_sql_fail(db, path, err);
  sqlite3_reset(statement);
  return status;
}

civ_status civ_sql_integer(sqlite3 *db, const char *path, const char *sql, int64_t otherwise, int64_t *out,
                           civ_error *err)
{
  sqlite3_stmt *s = NULL;
  civ_status status = civ_sql_prepare(db, path, sql, &s, err);
  if (status != CIV_OK)
    return status;
  const int code = sqlite3_step(s);
  if (code == SQLITE_ROW || code == SQLITE_DONE)
    *out = code == SQLITE_ROW ? sqlite3_column_int64(s, 0) : otherwise;
  else
    status = civ_sql_fail(db, path, err);
  sqlite3_finalize(s);
  return status;
}

void civ_sql_bind_text(sqlite3_stmt *s, int k, const char *text)
{
  if (text != NULL)
    sqlite3_bind_text(s, k, text, -1, SQLITE_STATIC);
  else
    sqlite3_bind_null(s, k);
}

void civ_sql_bind_number(sqlite3_stmt *s, int k, double value, bool integer)
{
  const double most = 9007199254740992.0; /* 2^53: every integer up to here is a double and back */
  if (isnan(value))
    sqlite3_bind_null(s, k);
  else if (integer && fabs(value) <= most && value == floor(value) && !(value == 0 && signbit(value)))
    sqlite3_bind_int64(s, k, (int64_t)value);
  else
    sqlite3_bind_double(s, k, value);
}

double civ_sql_number(sqlite3_stmt *s, int column)
{
  return sqlite3_column_type(s, column) == SQLITE_NULL ? (double)NAN : sqlite3_column_double(s, column);
}
