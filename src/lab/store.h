/* store.h - results across runs: experiments, configurations, runs, epoch rows and agent rows in one SQLite file.
 *
 * A run is known by what decides it: digest of its configuration (without seed), seed, and results version. It stands in the
 * file once, however many experiments list it, so that an experiment that was killed, or that grew, takes what is there.
 * Rows are handed over from any thread; one thread of the store writes them (write-ahead log, many runs per transaction). A run
 * that was committed survives a kill of the process and a crash of the machine. Doubles keep their bits (NaN: as NULL, the bits
 * of its payload are not kept). The tables: docs/results-store.md. */
#ifndef CIV_LAB_STORE_H
#define CIV_LAB_STORE_H

#include "civitas/experiment.h"
#include "lab/history.h"

#define CIV_STORE_DEFAULT "results.sqlite" /* in the working directory */
enum {
  CIV_STORE_FORMAT = 1,         /* of the tables; PRAGMA user_version */
  CIV_STORE_PATIENCE_MS = 20000 /* how long a store that another program keeps locked is waited for */
};

typedef enum civ_store_detail { CIV_STORE_TOTALS, CIV_STORE_EPOCHS, CIV_STORE_AGENTS } civ_store_detail;
extern const char *const civ_store_details[]; /* "totals", "epochs", "agents", NULL */

typedef enum civ_store_mode {
  CIV_STORE_READ,  /* must be there; nothing can be changed */
  CIV_STORE_CREATE /* made if absent; the writer starts */
} civ_store_mode;

typedef struct civ_store civ_store;

/* Opens, checks that it is a store of this format, and starts the writer. CIV_E_IO (absent, read-only, locked, damaged, full),
 * CIV_E_FORMAT (no database, another format), each in a sentence that says what to do; a file that was not there is not left
 * behind. CIV_E_NOMEM. */
CIV_MUST_CHECK civ_status civ_store_open(const char *path, civ_store_mode mode, civ_store **out, civ_error *err);
/* The same with another patience, in milliseconds, also for every later wait of this store. */
CIV_MUST_CHECK civ_status civ_store_open_within(const char *path, civ_store_mode mode, int patience_ms, civ_store **out,
                                                civ_error *err);
/* Writes what was handed over, stops the writer, closes. Returns the first error of writing. Frees the store in any case. */
civ_status civ_store_close(civ_store *store, civ_error *err);

/* --- experiments ------------------------------------------------------------------------------------------------------- */

/* SHA-256 of the configuration without seed, outputs: what every run of it has in common. */
CIV_MUST_CHECK civ_status civ_store_digest(const civ_config *config, char out[65], civ_error *err);

typedef struct civ_store_configuration {
  const char *name;       /* "" = none */
  const char *parameters; /* JSON object: path -> value set on the base */
  char sha256[65];        /* civ_store_digest */
} civ_store_configuration;

/* What is to be run. An experiment of the same digest and results version is the same experiment: the second begin takes the
 * first up. */
typedef struct civ_store_experiment {
  const char *digest;      /* over all that decides the runs */
  const char *name, *kind; /* kind: "seeds", "sweep" */
  const char *scenario_id;
  const char *config; /* JSON of the base configuration */
  const char *plan;   /* JSON of whatever made the plan; kept as it is */
  civ_store_detail detail;
  uint64_t n_runs;
  civ_columns row; /* columns that the experiment keeps of each run beside its totals; may be empty */
  const civ_store_configuration *configurations;
  uint32_t n_configurations;
} civ_store_experiment;

/* Finds or adds the experiment, which becomes the one that runs are put into. Once per opened store. CIV_E_IO, CIV_E_STATE,
 * CIV_E_LIMIT. */
CIV_MUST_CHECK civ_status civ_store_begin(civ_store *store, const civ_store_experiment *experiment, int64_t *id,
                                          civ_error *err);

/* One run of the plan. */
typedef struct civ_store_run {
  uint64_t plan_index, run_index, seed;
  uint32_t configuration;
  bool judged; /* there were criteria, and the outcome counts */
  civ_outcome outcome;
  const char *error; /* why it failed; NULL = it did not */
  const civ_run_record
      *record;       /* totals, and history where the experiment's detail asks for rows; NULL where it failed */
  const double *row; /* of the experiment's row columns; NULL = none */
} civ_store_run;

/* Hands a run to the writer: copies what it needs, waits while too much is queued. Any thread. Returns the error of an earlier
 * write as soon as there is one, CIV_E_NOMEM, CIV_E_LIMIT (more names of totals than a table takes). */
CIV_MUST_CHECK civ_status civ_store_put(civ_store *store, const civ_store_run *run, civ_error *err);

/* Whether this run was finished without failure, under this results version and in at least the experiment's detail, and its
 * row is known: by this experiment, or another one that kept the same columns (then this one takes it up). Fills judged,
 * outcome, and `row` (room for the row columns). One thread at a time. A failure to read counts as no. */
bool civ_store_done(civ_store *store, const civ_store_run *run, bool *judged, civ_outcome *outcome, double *row);

/* Lists a run that stands in the store as one of this experiment, which keeps no row of its own. false: the writer has failed. */
bool civ_store_take_up(civ_store *store, const civ_store_run *run);

/* Waits until everything handed over is on disk. `finished`: the plan is through, which the experiment then says. */
CIV_MUST_CHECK civ_status civ_store_flush(civ_store *store, bool finished, civ_error *err);

/* --- reading ------------------------------------------------------------------------------------------------------------- */

typedef struct civ_store_entry { /* borrowed for the call */
  int64_t id;
  const char *name, *kind, *scenario_id, *detail, *version, *config, *plan;
  int64_t results_version;
  uint64_t n_configurations, n_runs, n_done, n_failed;
  bool finished;
} civ_store_entry;

/* Experiments in order of their numbers, or the one of this number (0 = all). false from `each` ends it. CIV_E_KEY: there is
 * none of this number. */
CIV_MUST_CHECK civ_status civ_store_experiments(civ_store *store, int64_t id,
                                                bool (*each)(void *arg, const civ_store_entry *entry), void *arg,
                                                civ_error *err);

typedef struct civ_store_set { /* borrowed for the call */
  uint32_t number;
  const char *name, *parameters, *sha256;
  uint64_t n_done, n_failed;
} civ_store_set;
CIV_MUST_CHECK civ_status civ_store_configurations(civ_store *store, int64_t experiment,
                                                   bool (*each)(void *arg, const civ_store_set *set), void *arg,
                                                   civ_error *err);

/* A run as it was put: the record has seed, end, counts, outcome, findings (none from stores of early versions), totals; no rows of epochs and agents. */
typedef struct civ_stored_run {
  uint64_t plan_index, run_index;
  uint32_t configuration;
  bool judged;
  civ_run_record record;
  const char *error; /* of a failed one; NULL */
  const double *row;
} civ_stored_run;

/* Columns of an experiment's rows; the store's. CIV_E_KEY: there is no experiment of this number. */
CIV_MUST_CHECK civ_status civ_store_row_columns(civ_store *store, int64_t experiment, civ_columns *out, civ_error *err);

/* Runs of an experiment in plan order; `configuration` < 0 = all. Borrowed for the call; names of totals as long as the store.
 * On a store that is written, what was flushed is seen. One thread at a time. */
CIV_MUST_CHECK civ_status civ_store_runs(civ_store *store, int64_t experiment, int64_t configuration,
                                         bool (*each)(void *arg, const civ_stored_run *run), void *arg, civ_error *err);

/* Runs of a configuration of the begun experiment with seeds first .. first + n - 1 that stand in the store, whichever
 * experiment made them: finished without failure under this results version, in at least the experiment's detail. In order of
 * seeds; plan_index and run_index are seed - first, there is no row. Otherwise as civ_store_runs. */
CIV_MUST_CHECK civ_status civ_store_known(civ_store *store, uint32_t configuration, uint64_t first, uint64_t n,
                                          bool (*each)(void *arg, const civ_stored_run *run), void *arg,
                                          civ_error *err);

typedef struct civ_store_criterion { /* borrowed for the call */
  uint32_t configuration;
  const char *configuration_name, *name;
  uint64_t n[CIV_OUTCOME_NOT_EVALUABLE + 1]; /* runs by civ_outcome */
} civ_store_criterion;

/* Counts of findings per configuration and criterion, in the order of both. */
CIV_MUST_CHECK civ_status civ_store_findings(civ_store *store, int64_t experiment,
                                             bool (*each)(void *arg, const civ_store_criterion *criterion), void *arg,
                                             civ_error *err);

const char *civ_store_path(const civ_store *store);
/* The connection that reads, for queries of one's own; the store's. */
struct sqlite3 *civ_store_connection(civ_store *store);

#endif
