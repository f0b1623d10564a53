/* The results store: what is put comes back bit for bit, from any thread, after a kill, and bad files are refused in a sentence. */
#include "../support/check.h"

#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "civitas/version.h"
#include "lab/store.h"

static char base[64];

static int enter(void **state)
{
  (void)state;
  strcpy(base, "/tmp/civitas-store-XXXXXX");
  return mkdtemp(base) == NULL || chdir(base) != 0;
}

static int leave(void **state)
{
  char command[192];
  (void)state;
  snprintf(command, sizeof command, "chmod -R u+w %s; rm -rf %s", base, base);
  return chdir("/") != 0 || system(command) != 0;
}

/* --- made-up runs ---------------------------------------------------------------------------------------------------------- */

enum { N_TOTALS = 7, N_ROW = 3, N_EPOCHS = 2, N_AGENTS = 2 };
static const civ_metric_decl totals[] = {
  { "mean_toxicity", false, NULL },       { "payoff.honest", false, NULL }, { "total_interactions", true, NULL },
  { "events:post \"x\"", true, NULL },    { "order", false, NULL },         { "welfare_per_epoch", false, NULL },
  { "actions_attempted:a:b", true, NULL }
};
static const civ_metric_decl row[] = { { "avg_toxicity", false, NULL },
                                       { "n_agents", true, NULL },
                                       { "total_welfare", false, NULL } };
static const civ_columns total_columns = { N_TOTALS, totals }, row_columns = { N_ROW, row };

/* Every kind of double, and any bits. */
static double odd_number(civ_draws *draws, bool integer)
{
  static const double odd[] = { 0.0,
                                -0.0,
                                1.0,
                                -1.0,
                                0.1,
                                5e-324,
                                -5e-324,
                                1e300,
                                1e-300,
                                (double)NAN,
                                (double)INFINITY,
                                -(double)INFINITY,
                                1.0 / 3,
                                3.0,
                                9007199254740993.0,
                                1e15 };
  const uint32_t k = civ_draw_index(draws, 24);
  if (integer)
    return (double)civ_draw_index(draws, 1000);
  if (k < sizeof odd / sizeof *odd)
    return odd[k];
  uint64_t bits = civ_draw_bits(draws);
  double x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

typedef struct made_run {
  double totals[N_TOTALS], row[N_ROW];
  civ_history history;
  civ_finding findings[2];
  civ_run_record record;
  civ_store_run run;
} made_run;

static void make_run(made_run *m, uint64_t index, uint32_t configuration, uint64_t seed)
{
  civ_draws draws = test_draws((uint32_t)(seed * 31 + configuration));
  memset(m, 0, sizeof *m);
  for (int k = 0; k < N_TOTALS; k++)
    m->totals[k] = odd_number(&draws, totals[k].integer && seed % 2 == 0);
  for (int k = 0; k < N_ROW; k++)
    m->row[k] = odd_number(&draws, row[k].integer);
  m->history = civ_history_create();
  m->history.n_agents = N_AGENTS;
  for (uint32_t a = 0; a < N_AGENTS; a++)
    assert_int_equal(civ_history_lend_name(&m->history, a == 0 ? "honest_1" : "x, \"y\"", a == 0 ? "honest" : NULL),
                     CIV_OK);
  for (uint32_t e = 0; e < N_EPOCHS; e++) {
    civ_epoch_snapshot s = civ_epoch_snapshot_blank(e);
    for (int k = 0; k < CIV_N_EPOCH_COLUMNS; k++)
      s.values[k] = odd_number(&draws, civ_epoch_column_forms[k].integer);
    assert_int_equal(civ_history_add_epoch(&m->history, &s), CIV_OK);
    for (uint32_t a = 0; a < N_AGENTS; a++) {
      const civ_agent_snapshot agent = { .agent = a,
                                         .epoch = e,
                                         .reputation = odd_number(&draws, false),
                                         .resources = (double)NAN,
                                         .initiated = 3,
                                         .frozen = a == 1 };
      assert_int_equal(civ_history_add_agent(&m->history, &agent), CIV_OK);
    }
  }
  m->record = (civ_run_record){ .seed = seed,
                                .end = CIV_END_DONE,
                                .agent_steps = 100 + seed,
                                .n_epochs = N_EPOCHS,
                                .n_agents = N_AGENTS,
                                .total_columns = total_columns,
                                .totals = m->totals,
                                .history = &m->history };
  m->run = (civ_store_run){ .plan_index = index,
                            .run_index = index % 10,
                            .seed = seed,
                            .configuration = configuration,
                            .judged = seed % 3 != 0,
                            .outcome = (civ_outcome)(seed % 3),
                            .record = &m->record,
                            .row = m->row };
  if (!m->run.judged)
    return;
  m->findings[0] = (civ_finding){ "max \"x\"", CIV_OUTCOME_FAIL, false, m->totals[0], 0.1, NULL };
  m->findings[1] =
      (civ_finding){ "min_y", CIV_OUTCOME_NOT_EVALUABLE, true, (double)NAN, m->totals[1], "nobody looked" };
  m->record.findings = m->findings;
  m->record.n_findings = 1 + seed % 2;
}

static void free_run(made_run *m)
{
  civ_history_destroy(&m->history);
}

static civ_store_experiment experiment_of(const char *digest, civ_store_detail detail, uint64_t n)
{
  static civ_store_configuration configurations[2] = { { .name = "none", .parameters = "{}" },
                                                       { .name = "taxed", .parameters = "{\"x\": 1}" } };
  memset(configurations[0].sha256, 'a', 64);
  memset(configurations[1].sha256, 'b', 64);
  return (civ_store_experiment){ .digest = digest,
                                 .name = "made up",
                                 .kind = "sweep",
                                 .scenario_id = "nowhere",
                                 .config = "{}",
                                 .plan = "{}",
                                 .detail = detail,
                                 .n_runs = n,
                                 .row = row_columns,
                                 .configurations = configurations,
                                 .n_configurations = 2 };
}

static civ_store *open_store(const char *path, civ_store_mode mode)
{
  civ_store *store = NULL;
  civ_error err = { 0 };
  if (civ_store_open(path, mode, &store, &err) != CIV_OK)
    fail_msg("%s: %s", err.where, err.text);
  return store;
}

static civ_store *begin(const char *path, const char *digest, civ_store_detail detail, uint64_t n, int64_t *id)
{
  civ_store *store = open_store(path, CIV_STORE_CREATE);
  civ_error err = { 0 };
  const civ_store_experiment e = experiment_of(digest, detail, n);
  if (civ_store_begin(store, &e, id, &err) != CIV_OK)
    fail_msg("%s: %s", err.where, err.text);
  return store;
}

static void put(civ_store *store, uint64_t index)
{
  made_run m;
  civ_error err = { 0 };
  make_run(&m, index, (uint32_t)(index / 10) % 2, 1000 + index);
  if (civ_store_put(store, &m.run, &err) != CIV_OK)
    fail_msg("%s: %s", err.where, err.text);
  free_run(&m);
}

static void close_store(civ_store *store)
{
  civ_error err = { 0 };
  if (civ_store_close(store, &err) != CIV_OK)
    fail_msg("%s: %s", err.where, err.text);
}

/* In the child a failed assertion ends the process instead of going on with the tests. */
static pid_t fork_test(void)
{
  const pid_t child = fork();
  if (child == 0)
    setenv("CMOCKA_TEST_ABORT", "1", 1);
  return child;
}

static int64_t ask(const char *path, const char *sql)
{
  sqlite3 *db;
  sqlite3_stmt *s;
  assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
  if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK)
    fail_msg("%s: %s", sql, sqlite3_errmsg(db));
  assert_int_equal(sqlite3_step(s), SQLITE_ROW);
  const int64_t value = sqlite3_column_int64(s, 0);
  sqlite3_finalize(s);
  sqlite3_close(db);
  return value;
}

static void tell(const char *path, const char *sql)
{
  sqlite3 *db;
  char *message = NULL;
  assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
  if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
    fail_msg("%s: %s", sql, message);
  sqlite3_close(db);
}

/* Equal bits; of numbers that are none only that. */
static bool same(double a, double b)
{
  return (isnan(a) && isnan(b)) || memcmp(&a, &b, sizeof a) == 0;
}

/* --- round trip ------------------------------------------------------------------------------------------------------------ */

static bool check_run(void *arg, const civ_stored_run *run)
{
  uint64_t *n = arg;
  made_run m;
  make_run(&m, *n, (uint32_t)(*n / 10) % 2, 1000 + *n);
  assert_int_equal(run->plan_index, *n);
  assert_int_equal(run->run_index, m.run.run_index);
  assert_int_equal(run->configuration, m.run.configuration);
  assert_int_equal(run->record.seed, m.run.seed);
  assert_int_equal(run->judged, m.run.judged);
  if (run->judged)
    assert_int_equal(run->record.outcome, m.run.outcome);
  assert_int_equal(run->record.agent_steps, m.record.agent_steps);
  assert_int_equal(run->record.n_epochs, N_EPOCHS);
  assert_int_equal(run->record.n_agents, N_AGENTS);
  assert_null(run->error);
  assert_int_equal(run->record.total_columns.n, N_TOTALS);
  for (int k = 0; k < N_TOTALS; k++) {
    assert_string_equal(run->record.total_columns.decls[k].name, totals[k].name);
    assert_true(run->record.total_columns.decls[k].integer == totals[k].integer);
    if (!same(run->record.totals[k], m.totals[k]))
      fail_msg("run %d, %s: %a, not %a", (int)*n, totals[k].name, run->record.totals[k], m.totals[k]);
  }
  for (int k = 0; k < N_ROW; k++)
    if (!same(run->row[k], m.row[k]))
      fail_msg("run %d, %s: %a, not %a", (int)*n, row[k].name, run->row[k], m.row[k]);
  assert_int_equal(run->record.n_findings, m.record.n_findings);
  for (uint32_t k = 0; k < m.record.n_findings; k++) {
    const civ_finding *kept = &run->record.findings[k], *put = &m.findings[k];
    assert_string_equal(kept->name, put->name);
    assert_int_equal(kept->outcome, put->outcome);
    assert_int_equal(kept->at_least, put->at_least);
    assert_true(same(kept->measured, put->measured) && same(kept->bound, put->bound));
    assert_true((kept->reason == NULL) == (put->reason == NULL));
    if (put->reason != NULL)
      assert_string_equal(kept->reason, put->reason);
  }
  free_run(&m);
  ++*n;
  return true;
}

static void check_runs(const char *path, int64_t id, uint64_t wanted)
{
  uint64_t n = 0;
  civ_error err = { 0 };
  civ_store *store = open_store(path, CIV_STORE_READ);
  if (civ_store_runs(store, id, -1, check_run, &n, &err) != CIV_OK)
    fail_msg("%s: %s", err.where, err.text);
  assert_int_equal(n, wanted);
  close_store(store);
}

static void every_bit_comes_back(void **state)
{
  int64_t id = 0;
  (void)state;
  civ_store *store = begin("trip.sqlite", "d1", CIV_STORE_AGENTS, 500, &id);
  for (uint64_t k = 0; k < 500; k++)
    put(store, k);
  assert_int_equal(civ_store_flush(store, true, NULL), CIV_OK);
  close_store(store);
  check_runs("trip.sqlite", id, 500);
  assert_false(civ_file_exists("trip.sqlite-wal"));
  assert_int_equal(ask("trip.sqlite", "SELECT count(*) FROM epoch_rows"), 500 * N_EPOCHS);
  assert_int_equal(ask("trip.sqlite", "SELECT count(*) FROM agent_rows"), 500 * N_EPOCHS * N_AGENTS);
  assert_int_equal(ask("trip.sqlite", "SELECT finished FROM experiments"), 1);
  assert_int_equal(ask("trip.sqlite", "SELECT count(*) FROM pragma_foreign_key_check"), 0);
  assert_int_equal(ask("trip.sqlite", "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'"), 0);
}

/* Rows of epochs and agents too; every row that people meet says which configuration, seed and version it is of. */
static void rows_of_epochs_and_agents_come_back(void **state)
{
  int64_t id = 0;
  made_run m;
  sqlite3 *db;
  sqlite3_stmt *s;
  (void)state;
  civ_store *store = begin("rows.sqlite", "d1", CIV_STORE_AGENTS, 1, &id);
  put(store, 3);
  close_store(store);
  make_run(&m, 3, 0, 1003);
  assert_int_equal(sqlite3_open_v2("rows.sqlite", &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
  assert_int_equal(sqlite3_prepare_v2(db, "SELECT * FROM epochs ORDER BY epoch", -1, &s, NULL), SQLITE_OK);
  assert_int_equal(sqlite3_column_count(s), 3 + 3 + CIV_N_EPOCH_COLUMNS);
  for (uint32_t e = 0; e < N_EPOCHS; e++) {
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    assert_int_equal(strlen((const char *)sqlite3_column_text(s, 0)), 64);
    assert_int_equal(sqlite3_column_int64(s, 1), 1003);
    assert_int_equal(sqlite3_column_int64(s, 2), CIV_RESULTS_VERSION);
    for (int k = 0; k < CIV_N_EPOCH_COLUMNS; k++) {
      const double x = m.history.epochs[e].values[k];
      assert_string_equal(sqlite3_column_name(s, 6 + k), civ_epoch_column_forms[k].name);
      assert_true(isnan(x) ? sqlite3_column_type(s, 6 + k) == SQLITE_NULL : same(sqlite3_column_double(s, 6 + k), x));
    }
  }
  sqlite3_finalize(s);
  assert_int_equal(sqlite3_prepare_v2(db, "SELECT * FROM agents ORDER BY epoch, agent", -1, &s, NULL), SQLITE_OK);
  for (uint32_t k = 0; k < N_EPOCHS * N_AGENTS; k++) {
    const civ_agent_snapshot *a = &m.history.agents[k];
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    assert_string_equal((const char *)sqlite3_column_text(s, 6), m.history.names[a->agent]);
    assert_true(isnan(a->reputation) ? sqlite3_column_type(s, 7) == SQLITE_NULL
                                     : same(sqlite3_column_double(s, 7), a->reputation));
    assert_int_equal(sqlite3_column_type(s, 8), SQLITE_NULL);
  }
  sqlite3_finalize(s);
  sqlite3_close(db);
  free_run(&m);
}

static void failed_runs_say_why_and_are_run_again(void **state)
{
  int64_t id = 0;
  bool judged;
  civ_outcome outcome;
  double values[N_ROW];
  (void)state;
  const civ_store_run failed = { .plan_index = 0, .seed = 1000, .error = "governance: it broke" };
  civ_store *store = begin("failed.sqlite", "d1", CIV_STORE_TOTALS, 2, &id);
  assert_int_equal(civ_store_put(store, &failed, NULL), CIV_OK);
  close_store(store);
  assert_int_equal(ask("failed.sqlite", "SELECT count(*) FROM results WHERE status = 'failed' AND error LIKE '%broke'"),
                   1);
  store = begin("failed.sqlite", "d1", CIV_STORE_TOTALS, 2, &id);
  assert_int_equal(id, 1);
  assert_false(civ_store_done(store, &failed, &judged, &outcome, values));
  put(store, 0);
  close_store(store);
  check_runs("failed.sqlite", 1, 1);
  assert_int_equal(ask("failed.sqlite", "SELECT count(*) FROM runs WHERE status = 'done' AND error IS NULL"), 1);
}

/* --- taking up ---------------------------------------------------------------------------------------------------------------- */

static bool is_done(civ_store *store, uint64_t index)
{
  made_run m;
  bool judged = false;
  civ_outcome outcome = CIV_OUTCOME_PASS;
  double values[N_ROW] = { 0 };
  make_run(&m, index, (uint32_t)(index / 10) % 2, 1000 + index);
  const bool done = civ_store_done(store, &m.run, &judged, &outcome, values);
  if (done) {
    assert_true(judged == m.run.judged);
    if (judged)
      assert_int_equal(outcome, m.run.outcome);
    for (int k = 0; k < N_ROW; k++)
      assert_true(same(values[k], m.row[k]));
  }
  free_run(&m);
  return done;
}

static void what_is_done_is_known(void **state)
{
  int64_t id = 0;
  (void)state;
  civ_store *store = begin("done.sqlite", "d1", CIV_STORE_TOTALS, 40, &id);
  assert_false(is_done(store, 0));
  for (uint64_t k = 0; k < 20; k++)
    put(store, k);
  close_store(store);
  store = begin("done.sqlite", "d1", CIV_STORE_TOTALS, 40, &id);
  assert_int_equal(id, 1);
  for (uint64_t k = 0; k < 40; k++)
    assert_true(is_done(store, k) == (k < 20));
  close_store(store);
  /* more detail than there is: nothing is done; with it, less is enough */
  store = begin("done.sqlite", "d1", CIV_STORE_EPOCHS, 40, &id);
  assert_int_equal(id, 1);
  assert_false(is_done(store, 0));
  put(store, 0);
  close_store(store);
  assert_int_equal(ask("done.sqlite", "SELECT count(*) FROM epochs"), N_EPOCHS);
  assert_int_equal(ask("done.sqlite", "SELECT count(*) FROM runs"), 20);
  store = begin("done.sqlite", "d1", CIV_STORE_TOTALS, 40, &id);
  assert_true(is_done(store, 0));
  assert_true(is_done(store, 7));
  put(store, 0); /* says less than what is there, which stays */
  close_store(store);
  assert_int_equal(ask("done.sqlite", "SELECT count(*) FROM epochs"), N_EPOCHS);
  check_runs("done.sqlite", 1, 20);
}

/* A larger plan over the same configurations takes the smaller one's runs up. */
static void other_experiments_share_runs(void **state)
{
  int64_t id = 0;
  (void)state;
  civ_store *store = begin("share.sqlite", "small", CIV_STORE_TOTALS, 20, &id);
  for (uint64_t k = 0; k < 20; k++)
    put(store, k);
  close_store(store);
  store = begin("share.sqlite", "large", CIV_STORE_TOTALS, 40, &id);
  assert_int_equal(id, 2);
  for (uint64_t k = 0; k < 40; k++)
    if (!is_done(store, k))
      put(store, k);
  close_store(store);
  assert_int_equal(ask("share.sqlite", "SELECT count(*) FROM runs"), 40);
  assert_int_equal(ask("share.sqlite", "SELECT count(*) FROM plan_rows"), 60);
  check_runs("share.sqlite", 1, 20);
  check_runs("share.sqlite", 2, 40);
}

/* Runs of another version of results are not taken for ours. */
static void other_versions_are_other_results(void **state)
{
  int64_t id = 0;
  (void)state;
  civ_store *store = begin("versions.sqlite", "d1", CIV_STORE_TOTALS, 1, &id);
  put(store, 0);
  close_store(store);
  tell("versions.sqlite", "UPDATE runs SET results_version = 77; UPDATE experiments SET results_version = 77");
  store = begin("versions.sqlite", "d1", CIV_STORE_TOTALS, 1, &id);
  assert_int_equal(id, 2);
  assert_false(is_done(store, 0));
  put(store, 0);
  close_store(store);
  assert_int_equal(ask("versions.sqlite", "SELECT count(DISTINCT results_version) FROM results"), 2);
}

/* --- threads, kills, disks ------------------------------------------------------------------------------------------------------ */

typedef struct crowd {
  civ_store *store;
  uint64_t from, to;
} crowd;

static void *put_many(void *arg)
{
  const crowd *c = arg;
  for (uint64_t k = c->from; k < c->to; k++)
    put(c->store, k);
  return NULL;
}

static void any_thread_may_put(void **state)
{
  enum { THREADS = 6, EACH = 250 };
  pthread_t threads[THREADS];
  crowd crowds[THREADS];
  int64_t id = 0;
  (void)state;
  civ_store *store = begin("crowd.sqlite", "d1", CIV_STORE_EPOCHS, THREADS * EACH, &id);
  for (int k = 0; k < THREADS; k++) {
    crowds[k] = (crowd){ store, (uint64_t)k * EACH, (uint64_t)(k + 1) * EACH };
    assert_int_equal(pthread_create(&threads[k], NULL, put_many, &crowds[k]), 0);
  }
  for (int k = 0; k < THREADS; k++)
    pthread_join(threads[k], NULL);
  assert_int_equal(civ_store_flush(store, true, NULL), CIV_OK);
  close_store(store);
  check_runs("crowd.sqlite", id, THREADS * EACH);
}

/* Somebody reads while it is written, and sees whole runs only. */
static void readers_see_whole_runs(void **state)
{
  int64_t id = 0;
  (void)state;
  civ_store *store = begin("reading.sqlite", "d1", CIV_STORE_EPOCHS, 300, &id);
  for (uint64_t k = 0; k < 300; k++) {
    put(store, k);
    if (k % 60 == 30) {
      assert_int_equal(civ_store_flush(store, false, NULL), CIV_OK);
      check_runs("reading.sqlite", id, k + 1);
    }
  }
  close_store(store);
}

/* Several programs fill one store at the same time, beginning with its making. */
static void programs_share_a_store(void **state)
{
  enum { PROGRAMS = 4, EACH = 120 };
  pid_t children[PROGRAMS];
  (void)state;
  for (int round = 0; round < 3; round++) {
    unlink("shared.sqlite");
    for (int p = 0; p < PROGRAMS; p++) {
      children[p] = fork_test();
      if (children[p] == 0) {
        char digest[16];
        snprintf(digest, sizeof digest, "plan %d", p);
        int64_t id = 0;
        civ_store *store = begin("shared.sqlite", digest, CIV_STORE_EPOCHS, EACH, &id);
        for (uint64_t k = 0; k < EACH; k++)
          put(store, k);
        close_store(store);
        _exit(0);
      }
    }
    for (int p = 0; p < PROGRAMS; p++) {
      int how;
      waitpid(children[p], &how, 0);
      assert_true(WIFEXITED(how));
      assert_int_equal(WEXITSTATUS(how), 0);
    }
    assert_int_equal(ask("shared.sqlite", "SELECT count(*) FROM experiments"), PROGRAMS);
    assert_int_equal(ask("shared.sqlite", "SELECT count(*) FROM plan_rows"), PROGRAMS * EACH);
    assert_int_equal(ask("shared.sqlite", "SELECT count(*) FROM runs"), EACH);
    assert_int_equal(ask("shared.sqlite", "SELECT count(*) FROM epoch_rows"), EACH * N_EPOCHS);
    for (int64_t id = 1; id <= PROGRAMS; id++)
      check_runs("shared.sqlite", id, EACH);
  }
}

/* Another program holds the file locked, as `how` begins it, for `ms`; returns when it does. */
static pid_t hold_locked(const char *path, const char *how, int ms)
{
  int held[2];
  char byte;
  assert_int_equal(pipe(held), 0);
  const pid_t child = fork_test();
  if (child == 0) {
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, how, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(write(held[1], "x", 1), 1);
    usleep((useconds_t)ms * 1000);
    sqlite3_close(db);
    _exit(0);
  }
  assert_int_equal(read(held[0], &byte, 1), 1);
  close(held[0]);
  close(held[1]);
  return child;
}

static double seconds_now(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static const char *const locks[] = { "BEGIN IMMEDIATE", "BEGIN EXCLUSIVE", "BEGIN; SELECT count(*) FROM runs" };

/* Whatever the kind of lock, at rest or while a third program writes: the store is waited for. */
static void a_locked_store_is_waited_for(void **state)
{
  (void)state;
  for (int written = 0; written < 2; written++)
    for (size_t k = 0; k < sizeof locks / sizeof *locks; k++) {
      int64_t id = 0;
      unlink("locked.sqlite");
      close_store(open_store("locked.sqlite", CIV_STORE_CREATE));
      civ_store *third = written ? open_store("locked.sqlite", CIV_STORE_CREATE) : NULL;
      const pid_t child = hold_locked("locked.sqlite", locks[k], 700);
      civ_store *store = begin("locked.sqlite", "plan", CIV_STORE_TOTALS, 20, &id);
      for (uint64_t n = 0; n < 20; n++)
        put(store, n);
      close_store(store);
      close_store(third);
      waitpid(child, NULL, 0);
      check_runs("locked.sqlite", id, 20);
    }
}

static void patience_ends_in_a_sentence(void **state)
{
  (void)state;
  close_store(open_store("kept.sqlite", CIV_STORE_CREATE));
  for (size_t k = 0; k < sizeof locks / sizeof *locks; k++) {
    civ_store *store = NULL;
    civ_error err = { 0 };
    const pid_t child = hold_locked("kept.sqlite", locks[k], 60000);
    const double begun = seconds_now();
    assert_int_equal(civ_store_open_within("kept.sqlite", CIV_STORE_CREATE, 300, &store, &err), CIV_E_IO);
    const double waited = seconds_now() - begun;
    assert_true(waited > 0.2 && waited < 20);
    assert_string_equal(err.where, "kept.sqlite");
    assert_string_equal(err.text, "another program keeps the results store locked; wait for it or end it");
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
  }
  close_store(open_store("kept.sqlite", CIV_STORE_CREATE));
}

static void a_kill_loses_no_finished_run(void **state)
{
  (void)state;
  for (int round = 0; round < 4; round++) {
    int64_t id = 0;
    int tell_parent[2];
    assert_int_equal(pipe(tell_parent), 0);
    unlink("kill.sqlite");
    unlink("kill.sqlite-wal");
    unlink("kill.sqlite-shm");
    const pid_t child = fork_test();
    if (child == 0) {
      civ_store *store = begin("kill.sqlite", "d1", CIV_STORE_EPOCHS, 100000, &id);
      for (uint64_t k = 0; k < 100000; k++) {
        made_run m;
        make_run(&m, k, (uint32_t)(k / 10) % 2, 1000 + k);
        if (civ_store_put(store, &m.run, NULL) != CIV_OK)
          _exit(1);
        free_run(&m);
        if (k == 99 && (civ_store_flush(store, false, NULL) != CIV_OK || write(tell_parent[1], "x", 1) != 1))
          _exit(1);
      }
      _exit(0);
    }
    char x;
    close(tell_parent[1]); /* so that a child that dies early is an end, not a wait */
    assert_int_equal(read(tell_parent[0], &x, 1), 1);
    usleep(20000u * (unsigned)round);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    close(tell_parent[0]);
    civ_store *store = begin("kill.sqlite", "d1", CIV_STORE_EPOCHS, 100000, &id);
    uint64_t done = 0;
    while (is_done(store, done))
      done++;
    assert_true(done >= 100);
    for (uint64_t k = done; k < done + 50; k++)
      assert_false(is_done(store, k));
    for (uint64_t k = done; k < done + 50; k++)
      put(store, k);
    close_store(store);
    check_runs("kill.sqlite", id, done + 50);
    assert_int_equal(ask("kill.sqlite", "SELECT count(*) FROM epoch_rows"), (int64_t)(done + 50) * N_EPOCHS);
  }
}

/* A quota on the size of files: the error is told, what was committed stays. */
static void a_full_disk_is_told(void **state)
{
  (void)state;
  const pid_t child = fork_test();
  if (child == 0) {
    const struct rlimit limit = { 3 << 20, 3 << 20 };
    civ_error err = { 0 };
    int64_t id = 0;
    signal(SIGXFSZ, SIG_IGN);
    civ_store *store = begin("full.sqlite", "d1", CIV_STORE_AGENTS, 100000, &id);
    for (uint64_t k = 0; k < 50; k++)
      put(store, k);
    if (civ_store_flush(store, false, &err) != CIV_OK || setrlimit(RLIMIT_FSIZE, &limit) != 0)
      _exit(1);
    civ_status status = CIV_OK;
    for (uint64_t k = 50; status == CIV_OK && k < 100000; k++) {
      made_run m;
      make_run(&m, k, (uint32_t)(k / 10) % 2, 1000 + k);
      status = civ_store_put(store, &m.run, &err);
      free_run(&m);
    }
    if (status != CIV_E_IO || strstr(err.where, "full.sqlite") == NULL || strstr(err.text, "safe") == NULL)
      _exit(2);
    err = (civ_error){ 0 };
    _exit(civ_store_close(store, &err) == CIV_E_IO && err.text[0] != '\0' ? 0 : 3);
  }
  int how;
  waitpid(child, &how, 0);
  assert_true(WIFEXITED(how));
  assert_int_equal(WEXITSTATUS(how), 0);
  assert_true(ask("full.sqlite", "SELECT count(*) FROM runs") >= 50);
  assert_int_equal(ask("full.sqlite", "SELECT count(*) FROM epoch_rows"),
                   N_EPOCHS * ask("full.sqlite", "SELECT count(*) FROM runs"));
  civ_store *store;
  int64_t id;
  store = begin("full.sqlite", "d1", CIV_STORE_AGENTS, 100000, &id);
  assert_true(is_done(store, 49));
  close_store(store);
}

/* --- bad files -------------------------------------------------------------------------------------------------------------------- */

static void refused(const char *path, civ_store_mode mode, civ_status wanted, const char *text)
{
  civ_store *store = NULL;
  civ_error err = { 0 };
  const civ_status status = civ_store_open(path, mode, &store, &err);
  if (status != wanted)
    fail_msg("%s: %s, not %s: %s", path, civ_status_name(status), civ_status_name(wanted), err.text);
  assert_null(store);
  if (strstr(err.text, text) == NULL)
    fail_msg("'%s' does not say '%s'", err.text, text);
  assert_string_equal(err.where, path);
}

static void bad_files_are_refused(void **state)
{
  char zeros[4096] = "";
  char text[] = "seed,welfare\n1,2\n";
  int64_t id;
  (void)state;
  refused("absent.sqlite", CIV_STORE_READ, CIV_E_IO, "there is no results store");
  assert_false(civ_file_exists("absent.sqlite"));
  assert_int_equal(civ_file_write("table.csv", text, strlen(text), NULL), CIV_OK);
  refused("table.csv", CIV_STORE_READ, CIV_E_FORMAT, "not an SQLite database");
  refused("table.csv", CIV_STORE_CREATE, CIV_E_FORMAT, "not an SQLite database");
  tell("foreign.sqlite", "CREATE TABLE recipes(name TEXT)");
  refused("foreign.sqlite", CIV_STORE_CREATE, CIV_E_FORMAT, "another program");
  assert_int_equal(ask("foreign.sqlite", "SELECT count(*) FROM sqlite_schema"), 1);
  close_store(begin("old.sqlite", "d1", CIV_STORE_TOTALS, 1, &id));
  tell("old.sqlite", "PRAGMA user_version = 99");
  refused("old.sqlite", CIV_STORE_READ, CIV_E_FORMAT, "has format 99, this civitas reads and writes format 1");
  refused("old.sqlite", CIV_STORE_CREATE, CIV_E_FORMAT, "has format 99");
  assert_int_equal(civ_file_write("empty.sqlite", "", 0, NULL), CIV_OK);
  refused("empty.sqlite", CIV_STORE_READ, CIV_E_FORMAT, "empty");
  close_store(open_store("empty.sqlite", CIV_STORE_CREATE)); /* an empty file is a good place */
  refused("no/such/../place\001/x.sqlite", CIV_STORE_READ, CIV_E_IO, "there is no results store");
  /* damage in the middle of a good file */
  civ_store *store = begin("torn.sqlite", "d1", CIV_STORE_EPOCHS, 400, &id);
  for (uint64_t k = 0; k < 400; k++)
    put(store, k);
  close_store(store);
  FILE *f = fopen("torn.sqlite", "r+b");
  for (long at = 4096; at < 40 * 4096; at += 4096) {
    assert_int_equal(fseek(f, at, SEEK_SET), 0);
    assert_int_equal(fwrite(zeros, 1, sizeof zeros, f), sizeof zeros);
  }
  fclose(f);
  civ_error err = { 0 };
  store = NULL;
  civ_status status = civ_store_open("torn.sqlite", CIV_STORE_READ, &store, &err);
  if (status == CIV_OK) {
    uint64_t n = 0;
    status = civ_store_runs(store, 1, -1, check_run, &n, &err);
    close_store(store);
  }
  assert_int_equal(status, CIV_E_FORMAT);
  assert_non_null(strstr(err.text, "damaged"));
}

/* Needs an ordinary user: the superuser may write anywhere. */
static void read_only_places(void **state)
{
  int64_t id;
  (void)state;
  assert_int_equal(mkdir("shelf", 0755), 0);
  civ_store *store = begin("shelf/s.sqlite", "d1", CIV_STORE_TOTALS, 3, &id);
  for (uint64_t k = 0; k < 3; k++)
    put(store, k);
  close_store(store);
  assert_int_equal(chmod("shelf/s.sqlite", 0444), 0);
  assert_int_equal(chmod("shelf", 0555), 0);
  assert_int_equal(chmod(".", 0755), 0);
  const pid_t child = fork_test();
  if (child == 0) {
    if (geteuid() == 0 && setuid(65534) != 0)
      _exit(9);
    refused("shelf/s.sqlite", CIV_STORE_CREATE, CIV_E_IO, "read-only");
    refused("shelf/new.sqlite", CIV_STORE_CREATE, CIV_E_IO, "permission");
    check_runs("shelf/s.sqlite", 1, 3);
    _exit(0);
  }
  int how;
  waitpid(child, &how, 0);
  assert_true(WIFEXITED(how));
  assert_int_equal(WEXITSTATUS(how), 0);
  assert_int_equal(chmod("shelf", 0755), 0);
}

static bool no_criterion(void *arg, const civ_store_criterion *criterion)
{
  (void)arg;
  fail_msg("there is a criterion: %s", criterion->name);
  return false;
}

/* A store made before a column was known learns it; its old rows do not know the value. */
static void stores_learn_columns(void **state)
{
  int64_t id;
  (void)state;
  civ_store *store = begin("grow.sqlite", "d1", CIV_STORE_EPOCHS, 2, &id);
  put(store, 0);
  close_store(store);
  tell("grow.sqlite", "DROP VIEW epochs; ALTER TABLE epoch_rows DROP COLUMN avg_payoff_initiator;"
                      "CREATE VIEW epochs AS SELECT e.* FROM epoch_rows e");
  tell("grow.sqlite", "DROP TABLE findings");
  store = open_store("grow.sqlite", CIV_STORE_READ);
  uint64_t n = 0;
  assert_int_equal(civ_store_findings(store, 1, no_criterion, &n, NULL), CIV_OK);
  close_store(store);
  store = begin("grow.sqlite", "d1", CIV_STORE_EPOCHS, 2, &id);
  put(store, 2);
  close_store(store);
  assert_int_equal(
      ask("grow.sqlite", "SELECT count(*) FROM pragma_table_info('epochs') WHERE name = 'avg_payoff_initiator'"), 1);
  assert_int_equal(ask("grow.sqlite", "SELECT count(avg_payoff_initiator) FROM epochs WHERE run_id = 1"), 0);
  assert_int_equal(ask("grow.sqlite", "SELECT count(*) FROM epochs"), 2 * N_EPOCHS);
}

static void too_many_names_are_refused(void **state)
{
  enum { MANY = 2100 };
  static civ_metric_decl decls[MANY];
  static char names[MANY][12];
  static double values[MANY];
  int64_t id;
  made_run m;
  civ_error err = { 0 };
  (void)state;
  for (int k = 0; k < MANY; k++) {
    snprintf(names[k], sizeof names[k], "m%d", k);
    decls[k].name = names[k];
  }
  civ_store *store = begin("names.sqlite", "d1", CIV_STORE_TOTALS, 1, &id);
  make_run(&m, 0, 0, 1);
  m.record.total_columns = (civ_columns){ MANY, decls };
  m.record.totals = values;
  assert_int_equal(civ_store_put(store, &m.run, NULL), CIV_OK);
  assert_int_equal(civ_store_flush(store, false, &err), CIV_E_LIMIT);
  assert_non_null(strstr(err.text, "1900"));
  free_run(&m);
  assert_int_equal(civ_store_close(store, NULL), CIV_E_LIMIT);
  assert_int_equal(ask("names.sqlite", "SELECT count(*) FROM runs"), 0);
  assert_int_equal(ask("names.sqlite", "SELECT count(*) FROM pragma_table_info('totals')"), 1);
}

static void wrong_moments_are_refused(void **state)
{
  int64_t id;
  made_run m;
  civ_error err = { 0 };
  const civ_store_experiment e = experiment_of("d1", CIV_STORE_TOTALS, 1);
  (void)state;
  make_run(&m, 0, 0, 1);
  civ_store *store = open_store("moments.sqlite", CIV_STORE_CREATE);
  assert_int_equal(civ_store_put(store, &m.run, &err), CIV_E_STATE);
  assert_int_equal(civ_store_begin(store, &e, &id, NULL), CIV_OK);
  assert_int_equal(civ_store_begin(store, &e, &id, &err), CIV_E_STATE);
  m.run.configuration = 2;
  assert_int_equal(civ_store_put(store, &m.run, &err), CIV_E_STATE);
  close_store(store);
  store = begin("moments.sqlite", "d2", CIV_STORE_EPOCHS, 1, &id);
  m.run.configuration = 0;
  m.record.history = NULL;
  assert_int_equal(civ_store_put(store, &m.run, &err), CIV_E_STATE);
  close_store(store);
  store = open_store("moments.sqlite", CIV_STORE_READ);
  assert_int_equal(civ_store_begin(store, &e, &id, &err), CIV_E_STATE);
  uint64_t n = 0;
  assert_int_equal(civ_store_runs(store, 99, -1, check_run, &n, &err), CIV_E_KEY);
  close_store(store);
  free_run(&m);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_bit_comes_back),
    cmocka_unit_test(rows_of_epochs_and_agents_come_back),
    cmocka_unit_test(failed_runs_say_why_and_are_run_again),
    cmocka_unit_test(what_is_done_is_known),
    cmocka_unit_test(other_experiments_share_runs),
    cmocka_unit_test(other_versions_are_other_results),
    cmocka_unit_test(any_thread_may_put),
    cmocka_unit_test(readers_see_whole_runs),
    cmocka_unit_test(programs_share_a_store),
    cmocka_unit_test(a_locked_store_is_waited_for),
    cmocka_unit_test(patience_ends_in_a_sentence),
    cmocka_unit_test(a_kill_loses_no_finished_run),
    cmocka_unit_test(a_full_disk_is_told),
    cmocka_unit_test(bad_files_are_refused),
    cmocka_unit_test(read_only_places),
    cmocka_unit_test(stores_learn_columns),
    cmocka_unit_test(too_many_names_are_refused),
    cmocka_unit_test(wrong_moments_are_refused),
  };
  return cmocka_run_group_tests(tests, enter, leave);
}
