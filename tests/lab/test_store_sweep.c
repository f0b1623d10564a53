/* Sweeps with a results store: killed and resumed, extended, read back; the CSV is the same byte for byte. */
#include "../support/check.h"

#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lab/store_sweep.h"

static const char scenario[] =
    "scenario_id: small\n"
    "simulation: {n_epochs: 3, steps_per_epoch: 4, seed: 3}\n"
    "agents: [{type: honest, count: 3}, {type: opportunistic, count: 2}, {type: deceptive}]\n"
    "success_criteria: {min_epochs: 3, toxicity_threshold: 0.31}\n";
static const char grid[] = "parameters:\n"
                           "  governance.transaction_tax_rate: [0, 0.050, 1e-1]\n"
                           "  payoff.h: [1, 2.50]\n"
                           "  simulation.schedule_mode: [round_robin, random]\n"
                           "runs_per_config: 8\n"
                           "metrics: [avg_toxicity, payoff.honest, welfare_per_epoch]\n";
static const char named[] = "sweep_id: 'levers, \"all\"'\n"
                            "common: {simulation.n_epochs: 2}\n"
                            "configurations:\n"
                            "  - {name: 'none, at all'}\n"
                            "  - {name: taxed, set: {governance.transaction_tax_rate: 0.05}}\n"
                            "seed_mode: common\n"
                            "baseline: taxed\n"
                            "runs_per_config: 60\n"
                            "until_ci: {avg_toxicity: 0.004}\n";
static const char sobol[] =
    "parameters: {payoff.theta: {min: 0, max: 1}, payoff.s_plus: {min: 1, max: 4, scale: log}}\n"
    "design: sobol\nsamples: 16\nruns_per_config: 2\nseed_base: null\n";

static civ_registry *registry;
static char base[64];

static int enter(void **state)
{
  (void)state;
  strcpy(base, "/tmp/civitas-storing-XXXXXX");
  return civ_registry_create_default(&registry, NULL) != CIV_OK || mkdtemp(base) == NULL || chdir(base) != 0;
}

static int leave(void **state)
{
  char command[128];
  (void)state;
  civ_registry_destroy(registry);
  snprintf(command, sizeof command, "rm -rf %s", base);
  return chdir("/") != 0 || system(command) != 0;
}

typedef struct study {
  civ_arena arena;
  civ_sweep_spec spec;
  civ_config *config;
  civ_sweep_plan *plan;
} study;

static study *open_study(const char *text)
{
  study *s = calloc(1, sizeof *s);
  civ_error err = { 0 };
  assert_non_null(s);
  s->arena = civ_arena_create(NULL);
  if (civ_scenario_parse(registry, "test", scenario, strlen(scenario), 0, &s->config, NULL, &err) != CIV_OK ||
      civ_sweep_parse("test.yaml", text, strlen(text), &s->arena, &s->spec, NULL, &err) != CIV_OK ||
      civ_sweep_plan_create(&s->spec, s->config, "test.yaml", &s->plan, &err) != CIV_OK)
    fail_msg("%s: %s", err.where, err.text);
  return s;
}

static void close_study(study *s)
{
  civ_sweep_plan_destroy(s->plan);
  civ_config_destroy(s->config);
  civ_arena_destroy(&s->arena);
  free(s);
}

static char *csv_of(const civ_sweep_rows *rows)
{
  civ_buffer out = { 0 };
  size_t length;
  civ_sweep_rows_csv(rows, CIV_CSV_PLAIN, &out);
  return civ_buffer_take(&out, &length);
}

typedef struct stop_after {
  uint64_t n;
} stop_after;

static bool count(void *arg, uint64_t done, uint64_t n, uint64_t agent_steps)
{
  const stop_after *s = arg;
  (void)n;
  (void)agent_steps;
  return done < s->n;
}

/* Runs the sweep, with a store if `path` is given; its CSV. */
static char *run(const char *text, const char *path, civ_store_detail detail, uint64_t stop, uint64_t *known)
{
  study *s = open_study(text);
  civ_store_sweep *store = NULL;
  civ_sweep_rows *rows = NULL;
  civ_error err = { 0 };
  stop_after limit = { stop };
  if (path != NULL && civ_store_sweep_open(path, detail, &store, &err) != CIV_OK)
    fail_msg("%s: %s", err.where, err.text);
  const civ_sweep_options options = {
    .workers = 2, .receiver = store != NULL ? civ_store_sweep_receiver(store) : NULL, .progress = count, .arg = &limit
  };
  const civ_status status = civ_sweep_run(s->plan, &options, &rows, &err);
  if (status != CIV_OK && status != CIV_E_INTERRUPTED)
    fail_msg("%s: %s", err.where, err.text);
  if (known != NULL)
    *known = civ_store_sweep_known(store);
  if (store != NULL && civ_store_sweep_close(store, status == CIV_OK, &err) != CIV_OK)
    fail_msg("%s: %s", err.where, err.text);
  char *csv = csv_of(rows);
  civ_sweep_rows_destroy(rows);
  close_study(s);
  return csv;
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

/* The CSV of the stored experiment, made from the store alone. */
static char *stored(const char *path, int64_t id)
{
  civ_store *store = NULL;
  civ_stored_sweep *sweep = NULL;
  civ_error err = { 0 };
  if (civ_store_open(path, CIV_STORE_READ, &store, &err) != CIV_OK ||
      civ_stored_sweep_read(store, id, registry, &sweep, &err) != CIV_OK)
    fail_msg("%s: %s", err.where, err.text);
  char *csv = csv_of(sweep->rows);
  civ_stored_sweep_destroy(sweep);
  civ_store_close(store, NULL);
  return csv;
}

static void same_csv(char *a, char *b)
{
  assert_string_equal(a, b);
  civ_free(b);
}

static void stopped_sweeps_go_on(void **state)
{
  static const char *const texts[] = { grid, named, sobol };
  (void)state;
  for (int k = 0; k < 3; k++) {
    char path[32];
    uint64_t known;
    snprintf(path, sizeof path, "stopped-%d.sqlite", k);
    char *straight = run(texts[k], NULL, CIV_STORE_TOTALS, UINT64_MAX, NULL);
    civ_free(run(texts[k], path, CIV_STORE_TOTALS, 7, &known));
    assert_int_equal(known, 0);
    assert_int_equal(ask(path, "SELECT finished FROM experiments"), 0);
    civ_free(run(texts[k], path, CIV_STORE_TOTALS, 19, &known));
    assert_true(known >= 7 && known < 19);
    same_csv(straight, run(texts[k], path, CIV_STORE_TOTALS, UINT64_MAX, &known));
    assert_true(known >= 19);
    assert_int_equal(ask(path, "SELECT finished FROM experiments"), 1);
    same_csv(straight, stored(path, 1));
    same_csv(straight, run(texts[k], path, CIV_STORE_TOTALS, UINT64_MAX, &known));
    assert_int_equal(known, ask(path, "SELECT count(*) FROM plan_rows"));
    assert_int_equal(ask(path, "SELECT count(*) FROM experiments"), 1);
    civ_free(straight);
  }
}

static void a_killed_sweep_goes_on(void **state)
{
  char *straight = run(grid, NULL, CIV_STORE_TOTALS, UINT64_MAX, NULL);
  (void)state;
  for (unsigned round = 0; round < 5; round++) {
    uint64_t known;
    int pipes[2];
    char x;
    unlink("killed.sqlite");
    unlink("killed.sqlite-wal");
    unlink("killed.sqlite-shm");
    assert_int_equal(pipe(pipes), 0);
    const pid_t child = fork_test();
    if (child == 0) {
      if (write(pipes[1], "x", 1) == 1)
        run(grid, "killed.sqlite", CIV_STORE_AGENTS, UINT64_MAX, &known);
      _exit(0);
    }
    close(pipes[1]);
    assert_int_equal(read(pipes[0], &x, 1), 1);
    usleep(4000u + 12000u * round);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    close(pipes[0]);
    same_csv(straight, run(grid, "killed.sqlite", CIV_STORE_AGENTS, UINT64_MAX, &known));
    assert_int_equal(ask("killed.sqlite", "SELECT count(*) FROM runs"), 96);
    assert_int_equal(ask("killed.sqlite", "SELECT count(*) FROM epoch_rows"), 96 * 3);
    assert_int_equal(ask("killed.sqlite", "SELECT count(*) FROM agent_rows"), 96 * 3 * 6);
    assert_int_equal(ask("killed.sqlite", "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'"),
                     0);
    same_csv(straight, stored("killed.sqlite", 1));
  }
  civ_free(straight);
}

/* What the rows say is what the run's totals say, under every digest its own values. */
static void rows_belong_to_their_configurations(void **state)
{
  (void)state;
  civ_free(run(grid, "rows.sqlite", CIV_STORE_EPOCHS, UINT64_MAX, NULL));
  assert_int_equal(ask("rows.sqlite", "SELECT count(DISTINCT config_sha256) FROM results"), 12);
  assert_int_equal(ask("rows.sqlite",
                       "SELECT count(*) FROM results r JOIN plan_rows p USING (experiment_id, plan_index)"
                       " WHERE r.total_interactions <> p.total_interactions OR r.mean_toxicity <> p.avg_toxicity"),
                   0);
  assert_int_equal(ask("rows.sqlite", "SELECT count(*) FROM epochs"), 96 * 3);
  assert_int_equal(ask("rows.sqlite",
                       "SELECT count(*) FROM (SELECT run_id, sum(total_interactions) AS n FROM epoch_rows"
                       " GROUP BY run_id) e JOIN totals t USING (run_id) WHERE e.n <> t.total_interactions"),
                   0);
  assert_int_equal(ask("rows.sqlite", "SELECT json_extract(parameters, '$.\"payoff.h\"') * 10 FROM configurations"
                                      " WHERE number = 2"),
                   25);
}

/* More replicates of the same configurations, same seeds: only the new ones are run. */
static void a_larger_sweep_takes_up_a_smaller_one(void **state)
{
  uint64_t known;
  static const char few[] =
      "configurations: [{name: a}, {name: b, set: {payoff.h: 3}}]\nseed_mode: common\nruns_per_config: 5\n";
  static const char many[] =
      "configurations: [{name: a}, {name: b, set: {payoff.h: 3}}]\nseed_mode: common\nruns_per_config: 9\n";
  (void)state;
  char *straight = run(many, NULL, CIV_STORE_TOTALS, UINT64_MAX, NULL);
  civ_free(run(few, "grow.sqlite", CIV_STORE_TOTALS, UINT64_MAX, &known));
  same_csv(straight, run(many, "grow.sqlite", CIV_STORE_TOTALS, UINT64_MAX, &known));
  assert_int_equal(known, 10);
  assert_int_equal(ask("grow.sqlite", "SELECT count(*) FROM runs"), 18);
  assert_int_equal(ask("grow.sqlite", "SELECT count(*) FROM plan_rows"), 28);
  same_csv(straight, stored("grow.sqlite", 2));
  civ_free(straight);
}

static void definitions_read_back(void **state)
{
  static const char *const texts[] = { grid, named, sobol };
  (void)state;
  for (int k = 0; k < 3; k++) {
    study *s = open_study(texts[k]);
    civ_buffer json = { 0 };
    size_t length;
    civ_sweep_spec_json(&s->spec, &json);
    char *text = civ_buffer_take(&json, &length);
    study *again = open_study(text);
    assert_string_equal(civ_sweep_plan_digest(s->plan), civ_sweep_plan_digest(again->plan));
    assert_string_equal(civ_sweep_plan_spec(s->plan)->name, civ_sweep_plan_spec(again->plan)->name);
    assert_int_equal(civ_sweep_plan_baseline(s->plan), civ_sweep_plan_baseline(again->plan));
    close_study(s);
    close_study(again);
    civ_free(text);
  }
}

static void a_store_that_cannot_be_written_ends_the_sweep(void **state)
{
  civ_store_sweep *store = NULL;
  civ_error err = { 0 };
  (void)state;
  assert_int_equal(civ_store_sweep_open("/dev/null/x.sqlite", CIV_STORE_TOTALS, &store, &err), CIV_E_IO);
  assert_null(store);
  assert_true(err.text[0] != '\0');
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(stopped_sweeps_go_on),
    cmocka_unit_test(a_killed_sweep_goes_on),
    cmocka_unit_test(rows_belong_to_their_configurations),
    cmocka_unit_test(a_larger_sweep_takes_up_a_smaller_one),
    cmocka_unit_test(definitions_read_back),
    cmocka_unit_test(a_store_that_cannot_be_written_ends_the_sweep),
  };
  return cmocka_run_group_tests(tests, enter, leave);
}
