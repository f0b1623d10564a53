/* results.h - what the actions of civitas results share: one action per file results_ACTION.c. */
#ifndef CIV_CLI_RESULTS_H
#define CIV_CLI_RESULTS_H

#include <sqlite3.h>

#include "base/buffer.h"
#include "cli/cli.h"
#include "lab/json_report.h"
#include "lab/store.h"

typedef enum civ_results_form { CIV_RESULTS_TABLE, CIV_RESULTS_CSV, CIV_RESULTS_JSON } civ_results_form;

typedef struct civ_results_request {
  civ_store *store;
  civ_results_form form;
  const char *argument; /* ID or SQL; NULL = none */
  int64_t id;           /* of the argument, where the action takes one; 0 = none */
  const char *table;    /* of export; NULL = none */
  const char *output;   /* file; NULL = standard output */
} civ_results_request;

/* Each returns an exit code; what went wrong was told. */
int civ_results_ls(const civ_results_request *r);
int civ_results_show(const civ_results_request *r);
int civ_results_query(const civ_results_request *r);
int civ_results_export(const civ_results_request *r);

/* Runs one statement that only reads and writes what it gives. CIV_E_SYNTAX for what SQLite does not understand, and for
 * statements that would write. `id` is bound to ?1 where the statement has it. */
CIV_MUST_CHECK civ_status civ_results_select(civ_store *store, const char *sql, int64_t id, civ_results_form form,
                                             const civ_text_receiver *receiver, civ_error *err);

#endif
