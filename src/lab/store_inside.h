/* store_inside.h - what the files of the results store share. */
#ifndef CIV_LAB_STORE_INSIDE_H
#define CIV_LAB_STORE_INSIDE_H

#include <pthread.h>
#include <sqlite3.h>

#include "base/buffer.h"
#include "lab/store.h"

/* --- SQLite (store_sql.c) ------------------------------------------------------------------------------------------------- */

/* One sentence for what SQLite refused. `path` is named; returns the status that was filled in. */
civ_status civ_sql_fail(sqlite3 *db, const char *path, civ_error *err);
CIV_MUST_CHECK civ_status civ_sql_open(const char *path, civ_store_mode mode, int patience_ms, sqlite3 **out,
                                       civ_error *err);
/* Lets others read while this connection writes (write-ahead mode), waiting for those who hold the file locked. */
CIV_MUST_CHECK civ_status civ_sql_share(sqlite3 *db, const char *path, int patience_ms, civ_error *err);
CIV_MUST_CHECK civ_status civ_sql_run(sqlite3 *db, const char *path, const char *sql, civ_error *err);
CIV_MUST_CHECK civ_status civ_sql_prepare(sqlite3 *db, const char *path, const char *sql, sqlite3_stmt **out,
                                          civ_error *err);
/* Steps a statement that gives no rows, and resets it. */
CIV_MUST_CHECK civ_status civ_sql_step(sqlite3 *db, const char *path, sqlite3_stmt *statement, civ_error *err);
/* One integer; `otherwise` where there is no row. */
CIV_MUST_CHECK civ_status civ_sql_integer(sqlite3 *db, const char *path, const char *sql, int64_t otherwise,
                                          int64_t *out, civ_error *err);
void civ_sql_bind_text(sqlite3_stmt *s, int k, const char *text); /* NULL = null; `text` outlives the step */
/* Counts as integers, everything else as real with its bits, NaN as null. */
void civ_sql_bind_number(sqlite3_stmt *s, int k, double value, bool integer);
double civ_sql_number(sqlite3_stmt *s, int column); /* its inverse */

/* --- tables (store_schema.c) ---------------------------------------------------------------------------------------------- */

/* Makes the tables of a new file (`create`), refuses foreign ones. */
CIV_MUST_CHECK civ_status civ_store_schema(sqlite3 *db, const char *path, bool create, civ_error *err);

extern const char *const civ_store_enough[]; /* per detail: the details that suffice for it, blank between */

/* Tables whose columns grow with the names that runs bring. */
typedef enum civ_store_table { CIV_STORE_TABLE_TOTALS, CIV_STORE_TABLE_ROWS } civ_store_table;
extern const char *const civ_store_table_names[]; /* "totals", "plan_rows" */

/* Names that runs share, in their order. Made once, then only compared. */
typedef struct civ_store_names {
  struct civ_store_names *next;
  uint64_t digest;
  civ_columns columns;
  civ_arena arena;
  int64_t id;           /* in metric_sets; 0 = not there yet (known to the writer, or the reader that read it) */
  sqlite3_stmt *insert; /* the writer's */
} civ_store_names;

uint64_t civ_store_names_digest(const civ_columns *columns);
bool civ_store_names_equal(const civ_columns *a, const civ_columns *b);
civ_store_names *civ_store_names_create(const civ_columns *columns); /* a copy; NULL: no memory */
void civ_store_names_destroy(civ_store_names *names);                /* the whole list */
/* Gives the set its id: finds it, or adds it and the columns its table lacks. Within a transaction. CIV_E_LIMIT. */
CIV_MUST_CHECK civ_status civ_store_names_settle(sqlite3 *db, const char *path, civ_store_table table,
                                                 civ_store_names *names, civ_error *err);
/* Reads a set back. CIV_E_FORMAT: there is none of this number. */
CIV_MUST_CHECK civ_status civ_store_names_read(sqlite3 *db, const char *path, int64_t id, civ_store_names **out,
                                               civ_error *err);
/* "a","b",... of the names, quoted; each after a comma, and after `prefix`. */
void civ_store_put_names(civ_buffer *out, const char *prefix, const civ_columns *columns);

/* --- what the writer is handed ----------------------------------------------------------------------------------------------- */

typedef struct civ_store_job {
  struct civ_store_job *next;
  civ_arena arena; /* of everything below */
  size_t bytes;
  bool take_up; /* the run is there: only list it */
  uint64_t plan_index, run_index;
  uint32_t configuration;
  const char *criteria; /* static; NULL = none */
  const char *error;
  civ_run_record record;  /* seed, end, counts; totals; reports */
  civ_store_names *names; /* of the totals; NULL = none */
  const double *row;      /* findings are in the record */
  uint64_t n_agents;
  size_t n_epoch_rows, n_agent_rows;
  const civ_epoch_snapshot *epochs;
  const civ_agent_snapshot *agents;
  const char *const *agent_names, *const *agent_types;
} civ_store_job;

typedef enum civ_store_statement {
  CIV_STORE_ADD_RUN,
  CIV_STORE_FIND_RUN,
  CIV_STORE_RENEW_RUN,
  CIV_STORE_DROP_TOTALS,
  CIV_STORE_DROP_EPOCHS,
  CIV_STORE_DROP_AGENTS,
  CIV_STORE_DROP_FINDINGS,
  CIV_STORE_ADD_FINDING,
  CIV_STORE_ADD_EPOCH,
  CIV_STORE_ADD_AGENT,
  CIV_STORE_LIST_RUN,
  CIV_STORE_STATEMENTS
} civ_store_statement;

struct civ_store {
  char *path;
  sqlite3 *db;     /* the writer's once it runs; of a store for reading, the only one */
  sqlite3 *reader; /* second connection of a store that is written */
  civ_store_mode mode;
  int patience_ms;    /* for another program's lock */
  int64_t experiment; /* 0 = not begun */
  civ_store_detail detail;
  uint32_t n_configurations;
  civ_store_configuration *configurations; /* digests only */
  civ_store_names *row;                    /* NULL = none */
  sqlite3_stmt *statements[CIV_STORE_STATEMENTS];
  sqlite3_stmt *find_own, *find_other; /* of civ_store_done */
  civ_store_names *read_names;         /* sets that were read */
  pthread_mutex_t lock;                /* of everything below */
  pthread_cond_t filled, emptied;
  pthread_t writer;
  bool started, stop, urgent; /* urgent: somebody waits, write at once */
  civ_store_job *first, **last;
  size_t n_queued, bytes_queued;
  uint64_t handed, written; /* jobs */
  civ_store_names *names;   /* of totals */
  civ_error failure;        /* code CIV_OK = none */
};

/* Statements that the writer needs (store_rows.c), and one job within the open transaction. */
CIV_MUST_CHECK civ_status civ_store_prepare(civ_store *store, civ_error *err);
CIV_MUST_CHECK civ_status civ_store_write_job(civ_store *store, civ_store_job *job, civ_error *err);

/* The thread (store_writer.c). */
CIV_MUST_CHECK civ_status civ_store_start_writer(civ_store *store, civ_error *err);
void civ_store_stop_writer(civ_store *store); /* writes everything first */
/* Queues the job and takes it, also on failure. */
CIV_MUST_CHECK civ_status civ_store_enqueue(civ_store *store, civ_store_job *job, civ_error *err);
civ_store_job *civ_store_job_create(void); /* NULL: no memory */
void civ_store_job_destroy(civ_store_job *job);

#endif
