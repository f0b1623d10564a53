/* results_query.c - one SQL statement that reads, and what it gives as a table, CSV or JSON. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "cli/results.h"
#include "cli/table.h"
#include "cli/terminal.h"

/* --- only reading -------------------------------------------------------------------------------------------------------------- */

/* The file is opened for reading; this also keeps a statement from opening other files, and says why. */
static int authorise(void *arg, int what, const char *a, const char *b, const char *c, const char *d)
{
  static const char *const looks[] = { "table_info",       "table_xinfo",    "table_list",
                                       "index_list",       "index_info",     "user_version",
                                       "foreign_key_list", "application_id", "integrity_check" };
  bool *refused = arg;
  (void)c;
  (void)d;
  if (what == SQLITE_FUNCTION && b != NULL && strcmp(b, "load_extension") == 0) {
    *refused = true;
    return SQLITE_DENY;
  }
  if (what == SQLITE_SELECT || what == SQLITE_READ || what == SQLITE_FUNCTION || what == SQLITE_RECURSIVE)
    return SQLITE_OK;
  for (size_t k = 0; what == SQLITE_PRAGMA && a != NULL && k < sizeof looks / sizeof *looks; k++)
    if (strcmp(a, looks[k]) == 0)
      return SQLITE_OK;
  *refused = true;
  return SQLITE_DENY;
}

static bool blank(const char *text)
{
  return text[strspn(text, " \t\r\n;")] == '\0';
}

static civ_status prepare(sqlite3 *db, const char *sql, sqlite3_stmt **out, civ_error *err)
{
  const char *rest = NULL;
  bool refused = false;
  sqlite3_set_authorizer(db, authorise, &refused);
  const int code = sqlite3_prepare_v2(db, sql, -1, out, &rest);
  sqlite3_set_authorizer(db, NULL, NULL);
  if (refused || (code == SQLITE_OK && *out != NULL && sqlite3_column_count(*out) == 0)) {
    sqlite3_finalize(*out);
    *out = NULL;
    return civ_fail(
        err, CIV_E_SYNTAX, "query",
        "this statement does more than read; a results store is changed by sweeps and runs only, so ask with "
        "SELECT");
  }
  if (code != SQLITE_OK)
    return civ_fail(err, CIV_E_SYNTAX, "query", "%s; tables and columns: docs/results-store.md", sqlite3_errmsg(db));
  if (*out == NULL)
    return civ_fail(err, CIV_E_SYNTAX, "query", "there is no statement; ask with SELECT");
  if (!blank(rest)) {
    sqlite3_finalize(*out);
    *out = NULL;
    return civ_fail(err, CIV_E_SYNTAX, "query", "one statement at a time, please: '%.40s' comes after the first", rest);
  }
  return CIV_OK;
}

/* --- cells ------------------------------------------------------------------------------------------------------------------------ */

/* What SQLite has computed may be infinite, which is not the same as not known. */
static void put_real(civ_buffer *out, double value)
{
  if (isinf(value))
    civ_buffer_text(out, value > 0 ? "inf" : "-inf");
  else
    civ_buffer_csv_number(out, value, false);
}

static void put_csv(civ_buffer *out, sqlite3_stmt *s, int k)
{
  switch (sqlite3_column_type(s, k)) {
  case SQLITE_INTEGER:
    civ_buffer_integer(out, sqlite3_column_int64(s, k));
    break;
  case SQLITE_FLOAT:
    put_real(out, sqlite3_column_double(s, k));
    break;
  case SQLITE_NULL:
    break;
  default:
    civ_buffer_csv_text(out, (const char *)sqlite3_column_text(s, k));
  }
}

static void put_json(civ_buffer *out, sqlite3_stmt *s, int k)
{
  switch (sqlite3_column_type(s, k)) {
  case SQLITE_INTEGER:
    civ_buffer_integer(out, sqlite3_column_int64(s, k));
    break;
  case SQLITE_FLOAT:
    civ_buffer_real(out, sqlite3_column_double(s, k)); /* infinities: null, as everywhere in JSON */
    break;
  case SQLITE_NULL:
    civ_buffer_text(out, "null");
    break;
  default:
    civ_buffer_json_text(out, (const char *)sqlite3_column_text(s, k), (size_t)sqlite3_column_bytes(s, k));
  }
}

/* --- forms ------------------------------------------------------------------------------------------------------------------------- */

static civ_status broken(sqlite3 *db, civ_error *err)
{
  return civ_fail(err, CIV_E_IO, "query", "%s", sqlite3_errmsg(db));
}

/* Hands on what is there once it is worth a call. */
static bool hand_on(civ_buffer *text, const civ_text_receiver *receiver, bool all)
{
  enum { ENOUGH = 1 << 16 };
  if (text->failed || (!all && text->length < ENOUGH))
    return !text->failed;
  const bool taken = text->length == 0 || receiver->write(receiver->self, text->data, text->length);
  text->length = 0;
  return taken;
}

static void put_csv_row(civ_buffer *out, sqlite3_stmt *s, int n)
{
  for (int k = 0; k < n; k++) {
    civ_buffer_text(out, k > 0 ? "," : "");
    put_csv(out, s, k);
  }
  civ_buffer_text(out, "\n");
}

static void put_json_row(civ_buffer *out, sqlite3_stmt *s, int n, bool first)
{
  civ_buffer_text(out, first ? "\n  {" : ",\n  {");
  for (int k = 0; k < n; k++) {
    const char *name = sqlite3_column_name(s, k);
    civ_buffer_text(out, k > 0 ? ", " : "");
    civ_buffer_json_text(out, name, strlen(name));
    civ_buffer_text(out, ": ");
    put_json(out, s, k);
  }
  civ_buffer_text(out, "}");
}

static civ_status write_text(sqlite3 *db, sqlite3_stmt *s, bool json, const civ_text_receiver *receiver, civ_error *err)
{
  const int n = sqlite3_column_count(s);
  civ_buffer out = { 0 };
  int code = SQLITE_ROW;
  civ_buffer_text(&out, json ? "[" : "");
  for (int k = 0; !json && k < n; k++) {
    civ_buffer_text(&out, k > 0 ? "," : "");
    civ_buffer_csv_text(&out, sqlite3_column_name(s, k));
  }
  civ_buffer_text(&out, json ? "" : "\n");
  bool taken = true;
  for (bool first = true; taken && (code = sqlite3_step(s)) == SQLITE_ROW; first = false) {
    if (json)
      put_json_row(&out, s, n, first);
    else
      put_csv_row(&out, s, n);
    taken = hand_on(&out, receiver, false);
  }
  civ_buffer_text(&out, json ? "\n]\n" : "");
  const bool memory = !out.failed;
  if (code == SQLITE_DONE)
    (void)hand_on(&out, receiver, true); /* a refusal is the receiver's to tell */
  civ_buffer_free(&out);
  if (!memory)
    return civ_fail(err, CIV_E_NOMEM, "query", "out of memory");
  return code == SQLITE_DONE || code == SQLITE_ROW ? CIV_OK : broken(db, err);
}

static bool print_table(sqlite3_stmt *s, int *code)
{
  const int n = sqlite3_column_count(s);
  civ_table_column *columns = calloc((size_t)n, sizeof *columns);
  *code = sqlite3_step(s);
  for (int k = 0; columns != NULL && k < n; k++) {
    const int type = *code == SQLITE_ROW ? sqlite3_column_type(s, k) : SQLITE_TEXT;
    columns[k] = (civ_table_column){ sqlite3_column_name(s, k), type == SQLITE_INTEGER || type == SQLITE_FLOAT, 0 };
  }
  civ_table *table = columns != NULL ? civ_table_create(columns, (uint32_t)n) : NULL;
  bool ok = table != NULL;
  for (; ok && *code == SQLITE_ROW; *code = sqlite3_step(s))
    for (int k = 0; ok && k < n; k++) {
      civ_buffer cell = { 0 };
      const int type = sqlite3_column_type(s, k);
      if (type == SQLITE_NULL)
        civ_buffer_text(&cell, "-");
      else if (type == SQLITE_TEXT || type == SQLITE_BLOB)
        civ_buffer_text(&cell, (const char *)sqlite3_column_text(s, k));
      else
        put_csv(&cell, s, k);
      civ_buffer_add(&cell, "", 1);
      ok = !cell.failed;
      if (ok)
        civ_table_text(table, cell.data);
      civ_buffer_free(&cell);
    }
  ok = ok && civ_table_print(table, stdout, 0, 0);
  civ_table_destroy(table);
  free(columns);
  return ok;
}

civ_status civ_results_select(civ_store *store, const char *sql, int64_t id, civ_results_form form,
                              const civ_text_receiver *receiver, civ_error *err)
{
  sqlite3 *db = civ_store_connection(store);
  sqlite3_stmt *s = NULL;
  int code = SQLITE_DONE;
  civ_status status = prepare(db, sql, &s, err);
  if (status != CIV_OK)
    return status;
  if (sqlite3_bind_parameter_count(s) > 0)
    sqlite3_bind_int64(s, 1, id);
  if (form != CIV_RESULTS_TABLE)
    status = write_text(db, s, form == CIV_RESULTS_JSON, receiver, err);
  else if (!print_table(s, &code))
    status = civ_fail(err, CIV_E_NOMEM, "query", "out of memory");
  if (status == CIV_OK && code != SQLITE_DONE)
    status = broken(db, err);
  sqlite3_finalize(s);
  return status;
}

int civ_results_query(const civ_results_request *r)
{
  static const civ_text_receiver to_stdout = { civ_cli_receive, NULL };
  civ_error err = { 0 };
  return civ_results_select(r->store, r->argument, 0, r->form, &to_stdout, &err) == CIV_OK ? CIV_EXIT_DONE
                                                                                           : civ_cli_fail(&err);
}
