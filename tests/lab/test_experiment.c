/* Many runs of one configuration, and one run with its folder. */
#include "../support/check.h"

#include <dirent.h>
#include <unistd.h>

#include <jansson.h>

#include "base/file.h"
#include "civitas/scenario.h"
#include "lab/exports.h"
#include "lab/history_text.h"
#include "lab/log_history.h"
#include "lab/run_files.h"
#include "lab/run_folder.h"
#include "lab/session.h"
#include "statistics/statistics.h"

static const char small[] =
    "scenario_id: small\n"
    "simulation: {n_epochs: 4, steps_per_epoch: 5, seed: 3}\n"
    "agents: [{type: honest, count: 3}, {type: opportunistic, count: 2}, {type: deceptive}]\n"
    "success_criteria: {min_epochs: 4, max_final_gini_coefficient: 1, max_avg_path_length: 2}\n";

static civ_registry *registry;
static char base[64];

static int enter(void **state)
{
  (void)state;
  strcpy(base, "/tmp/civitas-experiment-XXXXXX");
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

static civ_config *config_of(const char *text)
{
  civ_config *config = NULL;
  civ_diagnostics found = { 0 };
  civ_error err = { 0 };
  if (civ_scenario_parse(registry, "test", text, strlen(text), 0, &config, &found, &err) != CIV_OK)
    fail_msg("%s: %s", err.where, err.text);
  civ_diagnostics_free(&found);
  return config;
}

static civ_experiment *run(const civ_config *config, civ_experiment_options options)
{
  civ_experiment *e = NULL;
  civ_error err = { 0 };
  if (civ_experiment_run(config, &options, &e, &err) != CIV_OK)
    fail_msg("%s: %s", err.where, err.text);
  return e;
}

/* --- many runs --------------------------------------------------------------------------------------------------------- */

static void threads_change_nothing(void **state)
{
  civ_config *config = config_of(small);
  char *texts[3];
  size_t lengths[3];
  static const uint32_t threads[] = { 1, 2, 5 };
  (void)state;
  for (int k = 0; k < 3; k++) {
    civ_experiment *e = run(config, (civ_experiment_options){ .first_seed = 10,
                                                              .n = 40,
                                                              .threads = threads[k],
                                                              .keep_epochs = true,
                                                              .keep_agents = true,
                                                              .keep_criteria = true });
    assert_int_equal(civ_experiment_json(e, &texts[k], &lengths[k], NULL), CIV_OK);
    civ_experiment_destroy(e);
  }
  for (int k = 1; k < 3; k++) {
    assert_int_equal(lengths[k], lengths[0]);
    assert_memory_equal(texts[k], texts[0], lengths[0]);
  }
  for (int k = 0; k < 3; k++)
    civ_free(texts[k]);
  civ_config_destroy(config);
}

static double total_of(const civ_result *r, const char *name)
{
  for (uint32_t k = 0; k < r->total_columns.n; k++)
    if (strcmp(r->total_columns.decls[k].name, name) == 0)
      return r->totals[k];
  fail_msg("no total %s", name);
  return 0;
}

/* Every replicate is the run one gets alone: state, rows, totals. */
static void replicates_are_single_runs(void **state)
{
  civ_config *config = config_of(small);
  civ_experiment *e =
      run(config,
          (civ_experiment_options){ .first_seed = 0, .n = 12, .threads = 2, .keep_epochs = true, .keep_agents = true });
  (void)state;
  for (uint64_t k = 0; k < 12; k++) {
    const civ_run_record *r = civ_experiment_record(e, k);
    civ_run *alone;
    civ_result result;
    civ_end end;
    assert_int_equal(r->seed, k);
    assert_int_equal(civ_config_set_seed(config, k, NULL), CIV_OK);
    assert_int_equal(civ_run_create(config, NULL, &alone, NULL), CIV_OK);
    assert_int_equal(civ_run_all(alone, &end, NULL), CIV_OK);
    assert_int_equal(civ_run_result(alone, &result, NULL), CIV_OK);
    assert_int_equal(r->n_epochs, result.epochs);
    assert_memory_equal(r->rows, result.rows, result.epochs * result.epoch_columns.n * sizeof(double));
    assert_memory_equal(r->totals, result.totals, result.total_columns.n * sizeof(double));
    for (uint32_t a = 0; a < r->n_agents; a++) {
      assert_string_equal(r->agents[a].name, result.population->name[a]);
      assert_true(r->agents[a].payoff == result.population->total_payoff[a]);
    }
    assert_true(total_of(&result, "epochs") == 4);
    civ_run_destroy(alone);
  }
  civ_experiment_destroy(e);
  civ_config_destroy(config);
}

static void summaries_are_of_the_totals(void **state)
{
  civ_config *config = config_of(small);
  civ_experiment *e = run(config, (civ_experiment_options){ .first_seed = 1, .n = 30, .threads = 2 });
  const civ_columns totals = civ_experiment_totals(e);
  (void)state;
  assert_true(totals.n > 20);
  for (uint32_t k = 0; k < totals.n; k++) {
    double values[30];
    civ_summary s;
    for (uint64_t i = 0; i < 30; i++) {
      values[i] = civ_experiment_record(e, i)->totals[k];
      assert_null(civ_experiment_record(e, i)->rows); /* not asked for */
    }
    const civ_summary expected = civ_summarise(values, 30);
    assert_int_equal(civ_experiment_summary(e, k, &s, NULL), CIV_OK);
    assert_true(s.n == expected.n && s.mean == expected.mean && s.sd == expected.sd && s.low == expected.low &&
                s.q05 == expected.q05 && s.q50 == expected.q50 && s.q95 == expected.q95);
  }
  civ_experiment_destroy(e);
  civ_config_destroy(config);
}

static void criteria_are_judged_per_run(void **state)
{
  civ_config *config = config_of(small);
  civ_experiment *e =
      run(config, (civ_experiment_options){ .first_seed = 1, .n = 5, .threads = 2, .keep_criteria = true });
  (void)state;
  for (uint64_t k = 0; k < 5; k++) {
    const civ_run_record *r = civ_experiment_record(e, k);
    assert_int_equal(r->n_findings, 3);
    assert_int_equal(r->findings[0].outcome, CIV_OUTCOME_PASS);
    assert_int_equal(r->findings[1].outcome, CIV_OUTCOME_PASS); /* needs the history */
    assert_int_equal(r->findings[2].outcome, CIV_OUTCOME_NOT_EVALUABLE);
    assert_int_equal(r->outcome, CIV_OUTCOME_NOT_EVALUABLE);
  }
  civ_experiment_destroy(e);
  civ_config_destroy(config);
}

static bool stop_after_ten(void *arg, uint64_t done, uint64_t n, uint64_t agent_steps)
{
  (void)n;
  *(uint64_t *)arg = agent_steps;
  return done < 10;
}

static void a_request_to_stop_is_heard(void **state)
{
  civ_config *config = config_of(small);
  civ_experiment *e = NULL;
  uint64_t steps = 0, done = 0;
  const civ_experiment_options options = {
    .first_seed = 1, .n = 1000, .threads = 2, .progress = stop_after_ten, .arg = &steps
  };
  (void)state;
  assert_int_equal(civ_experiment_run(config, &options, &e, NULL), CIV_E_INTERRUPTED);
  for (uint64_t k = 0; k < 1000; k++) {
    const civ_run_record *r = civ_experiment_record(e, k);
    assert_true(r->failed == CIV_OK || r->failed == CIV_E_INTERRUPTED);
    done += r->failed == CIV_OK;
  }
  assert_in_range(done, 9, 12);
  assert_true(steps >= 9 * 4 * 5 * 6);
  char *text;
  size_t length;
  assert_int_equal(civ_experiment_json(e, &text, &length, NULL), CIV_OK);
  json_t *tree = json_loadb(text, length, 0, NULL);
  assert_int_equal(json_array_size(json_object_get(tree, "runs")), done);
  json_decref(tree);
  civ_free(text);
  civ_experiment_destroy(e);
  civ_config_destroy(config);
}

static void impossible_ranges_are_refused(void **state)
{
  static const uint64_t bad[][2] = {
    { 1, 0 }, { UINT64_C(1) << 63, 1 }, { (UINT64_C(1) << 63) - 1, 2 }, { 5, UINT64_MAX }
  };
  civ_config *config = config_of(small);
  civ_experiment *e = NULL;
  (void)state;
  for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
    const civ_experiment_options options = { .first_seed = bad[k][0], .n = bad[k][1], .threads = 1 };
    assert_int_equal(civ_experiment_run(config, &options, &e, NULL), CIV_E_RANGE);
    assert_null(e);
  }
  e = run(config, (civ_experiment_options){ .first_seed = (UINT64_C(1) << 63) - 1, .n = 1, .threads = 8 });
  assert_int_equal(civ_experiment_size(e), 1);
  civ_experiment_destroy(e);
  civ_config_destroy(config);
}

static void the_report_has_its_form(void **state)
{
  static const char *const members[] = { "civitas", "scenario_id", "model", "config", "runs", "summary" };
  static const char *const names[] = { "mean_toxicity",
                                       "mean_quality_gap",
                                       "welfare_per_epoch",
                                       "mean_avg_payoff",
                                       "posts",
                                       "accepted_interactions",
                                       "votes",
                                       "empty_epochs",
                                       "frozen",
                                       "total_interactions",
                                       "payoff.honest",
                                       "reputation.honest",
                                       "resources.deceptive",
                                       "initiated.opportunistic",
                                       "received.honest" };
  civ_config *config = config_of(small);
  civ_experiment *e =
      run(config, (civ_experiment_options){ .first_seed = 5, .n = 1, .keep_epochs = true, .keep_agents = true });
  char *text;
  size_t length;
  (void)state;
  assert_int_equal(civ_experiment_json(e, &text, &length, NULL), CIV_OK);
  json_t *tree = json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);
  const char *key;
  json_t *value;
  size_t k = 0;
  json_object_foreach(tree, key, value) assert_string_equal(key, members[k++]);
  assert_int_equal(k, 6);
  const json_t *first = json_array_get(json_object_get(tree, "runs"), 0);
  assert_int_equal(json_integer_value(json_object_get(first, "seed")), 5);
  assert_int_equal(json_array_size(json_object_get(first, "epochs")), 4);
  const json_t *epoch = json_array_get(json_object_get(first, "epochs"), 2);
  assert_int_equal(json_integer_value(json_object_get(epoch, "epoch")), 2);
  const double accepted = json_number_value(json_object_get(epoch, "accepted_interactions"));
  const double both = json_number_value(json_object_get(epoch, "avg_payoff_both"));
  assert_near(both * 2 * accepted, json_number_value(json_object_get(epoch, "total_welfare")), 1e-12);
  const json_t *agent = json_array_get(json_object_get(first, "agents"), 5);
  assert_string_equal(json_string_value(json_object_get(agent, "id")), "deceptive_1");
  assert_string_equal(json_string_value(json_object_get(agent, "status")), "active");
  for (k = 0; k < sizeof names / sizeof *names; k++) {
    assert_true(json_is_number(json_object_get(json_object_get(first, "totals"), names[k])));
    const json_t *summary = json_object_get(json_object_get(tree, "summary"), names[k]);
    assert_int_equal(json_integer_value(json_object_get(summary, "n")), 1);
    assert_true(json_is_null(json_object_get(summary, "sd")) && json_is_null(json_object_get(summary, "ci95")));
  }
  json_decref(tree);
  civ_free(text);
  civ_experiment_destroy(e);
  civ_config_destroy(config);
}

/* --- one run with its folder --------------------------------------------------------------------------------------------- */

typedef struct stopper {
  civ_session *session;
  uint32_t at, n;
} stopper;

static void stop_at(void *arg, const civ_session_moment *now)
{
  stopper *s = arg;
  (void)now;
  if (++s->n == s->at)
    civ_run_interrupt(civ_session_running(s->session));
}

static civ_session *open_session(const civ_config *config, const civ_session_options *options)
{
  civ_session *s = NULL;
  civ_error err = { 0 };
  if (civ_session_open(config, options, &s, &err) != CIV_OK)
    fail_msg("%s: %s", err.where, err.text);
  return s;
}

static void drive_and_close(civ_session *s)
{
  civ_error err = { 0 };
  if (civ_session_drive(s, &err) != CIV_OK || civ_session_close(s, &err) != CIV_OK)
    fail_msg("%s: %s", err.where, err.text);
}

/* Files of both folders are equal, but for the time they took. */
static void same_folders(const char *a, const char *b)
{
  DIR *entries = opendir(a);
  uint32_t n = 0;
  for (const struct dirent *entry = readdir(entries); entry != NULL; entry = readdir(entries)) {
    char *x, *y, *left, *right;
    size_t nx, ny;
    if (entry->d_name[0] == '.' || strcmp(entry->d_name, CIV_FILE_TIMING) == 0)
      continue;
    left = civ_run_folder_file(a, entry->d_name, NULL);
    right = civ_run_folder_file(b, entry->d_name, NULL);
    assert_int_equal(civ_file_read(left, 1 << 28, &x, &nx, NULL), CIV_OK);
    if (civ_file_read(right, 1 << 28, &y, &ny, NULL) != CIV_OK)
      fail_msg("%s is missing", right);
    assert_int_equal(nx, ny);
    assert_memory_equal(x, y, nx);
    civ_free(x);
    civ_free(y);
    free(left);
    free(right);
    n++;
  }
  closedir(entries);
  assert_true(n >= 5);
}

static const char checkpointed[] =
    "scenario_id: cut\n"
    "simulation: {n_epochs: 7, steps_per_epoch: 4, seed: 9}\n"
    "outputs: {checkpoint_every: 2, history_json: history.json}\n"
    "agents: [{type: honest, count: 4}, {type: adversarial, count: 2}, {type: deceptive}]\n";

static void interrupted_anywhere_it_ends_the_same(void **state)
{
  civ_config *config = config_of(checkpointed);
  (void)state;
  assert_int_equal(civ_run_folder_take("whole", false, NULL), CIV_OK);
  civ_session *s = open_session(config, &(civ_session_options){ .folder = "whole", .config_yaml = "x: 1\n" });
  drive_and_close(s);
  civ_session_destroy(s);
  for (uint32_t at = 1; at < 28; at += 3) {
    stopper stop = { .at = at };
    bool no_log;
    char *log_path;
    assert_int_equal(civ_run_folder_take("cut", true, NULL), CIV_OK);
    s = open_session(config,
                     &(civ_session_options){
                         .folder = "cut", .config_yaml = "x: 1\n", .replace = true, .moment = stop_at, .arg = &stop });
    stop.session = s;
    drive_and_close(s);
    assert_int_equal(civ_session_record(s)->end, CIV_END_INTERRUPTED);
    civ_session_destroy(s);
    assert_int_equal(civ_session_find("cut", &no_log, &log_path, NULL), CIV_OK);
    assert_true(!no_log && log_path == NULL);
    s = open_session(config, &(civ_session_options){ .folder = "cut", .resume = true });
    assert_int_equal(civ_session_from_epoch(s), at / 8 * 2); /* the last checkpoint before the cut */
    drive_and_close(s);
    civ_session_destroy(s);
    same_folders("whole", "cut");
    assert_int_equal(civ_session_find("cut", &no_log, &log_path, NULL), CIV_E_STATE);
  }
  civ_config_destroy(config);
}

/* A checkpoint that was damaged, or that stands before what the log lost, is passed over. */
static void bad_checkpoints_are_passed_over(void **state)
{
  civ_config *config = config_of(checkpointed);
  stopper stop = { .at = 22 };
  char *data;
  size_t length;
  (void)state;
  assert_int_equal(civ_run_folder_take("whole2", false, NULL), CIV_OK);
  civ_session *s = open_session(config, &(civ_session_options){ .folder = "whole2", .config_yaml = "x: 1\n" });
  drive_and_close(s);
  civ_session_destroy(s);
  assert_int_equal(civ_run_folder_take("bad", false, NULL), CIV_OK);
  s = open_session(config,
                   &(civ_session_options){ .folder = "bad", .config_yaml = "x: 1\n", .moment = stop_at, .arg = &stop });
  stop.session = s;
  drive_and_close(s);
  civ_session_destroy(s);
  assert_int_equal(civ_file_read("bad/checkpoint-4.bin", 1 << 28, &data, &length, NULL), CIV_OK);
  data[length / 2] ^= 1;
  assert_int_equal(civ_file_write("bad/checkpoint-4.bin", data, length, NULL), CIV_OK);
  civ_free(data);
  assert_int_equal(civ_file_read("bad/events.jsonl", 1 << 28, &data, &length, NULL), CIV_OK);
  s = open_session(config, &(civ_session_options){ .folder = "bad", .resume = true });
  assert_int_equal(civ_session_from_epoch(s), 2);
  civ_session_destroy(s);
  assert_int_equal(civ_file_write("bad/events.jsonl", data, 100, NULL), CIV_OK); /* most of the log is lost */
  s = open_session(config, &(civ_session_options){ .folder = "bad", .resume = true });
  assert_int_equal(civ_session_from_epoch(s), 0);
  assert_true(civ_session_dropped(s) > 0);
  drive_and_close(s);
  civ_session_destroy(s);
  unlink("bad/checkpoint-2.bin");
  same_folders("whole2", "bad");
  civ_free(data);
  civ_config_destroy(config);
}

static void another_run_s_log_is_not_gone_on_with(void **state)
{
  civ_config *config = config_of(small), *other = config_of(small);
  civ_error err = { 0 };
  stopper stop = { .at = 9 };
  (void)state;
  assert_int_equal(civ_run_folder_take("other", false, NULL), CIV_OK);
  civ_session *s = open_session(
      config, &(civ_session_options){ .folder = "other", .config_yaml = "x: 1\n", .moment = stop_at, .arg = &stop });
  stop.session = s;
  drive_and_close(s);
  civ_session_destroy(s);
  assert_int_equal(civ_config_set_seed(other, 4, NULL), CIV_OK);
  s = open_session(other, &(civ_session_options){ .folder = "other", .resume = true });
  civ_status status = civ_session_drive(s, &err);
  if (status == CIV_OK)
    status = civ_session_close(s, &err);
  assert_int_equal(status, CIV_E_DIVERGED);
  civ_session_destroy(s);
  civ_config_destroy(config);
  civ_config_destroy(other);
}

static void outputs_are_checked_first(void **state)
{
  static const struct {
    const char *tail;
    civ_status code;
    const char *where;
  } bad[] = {
    { "outputs: {agent_snapshots: 'some'}\n", CIV_E_RANGE, "outputs.agent_snapshots" },
    { "outputs: {history_json: here.json}\n", CIV_E_IO, "outputs.history_json" },
  };
  (void)state;
  assert_int_equal(civ_file_write("refused/here.json", "x", 1, NULL), CIV_OK);
  for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
    char text[1024];
    civ_config *config = NULL;
    civ_diagnostics found = { 0 };
    civ_session *s = NULL;
    civ_error err = { 0 };
    snprintf(text, sizeof text, "%s%s", small, bad[k].tail);
    /* The loader may know better already. */
    if (civ_scenario_parse(registry, "test", text, strlen(text), 0, &config, &found, NULL) == CIV_OK) {
      const civ_session_options options = { .folder = "refused" };
      assert_int_equal(civ_session_open(config, &options, &s, &err), bad[k].code);
      assert_string_equal(err.where, bad[k].where);
      assert_null(s);
    }
    civ_diagnostics_free(&found);
    civ_config_destroy(config);
  }
}

/* --- from the log alone ---------------------------------------------------------------------------------------------------- */

static void a_log_alone_gives_the_same_history(void **state)
{
  static const char *const tails[] = {
    "",
    "outputs: {event_log_detail: full, compression: zstd}\n",
  };
  (void)state;
  for (int k = 0; k < 2; k++) {
    char text[1024], folder[16];
    snprintf(text, sizeof text, "%s%s", small, tails[k]);
    snprintf(folder, sizeof folder, "log%d", k);
    civ_config *config = config_of(text);
    civ_log_history back;
    civ_error err = { 0 };
    civ_buffer live = { 0 }, read = { 0 };
    assert_int_equal(civ_run_folder_take(folder, false, NULL), CIV_OK);
    civ_session *s = open_session(config, &(civ_session_options){ .folder = folder, .config_yaml = "x: 1\n" });
    char *log = strdup(civ_session_log_path(s));
    drive_and_close(s);
    if (civ_log_history_read(log, 1, true, registry, &back, &err) != CIV_OK)
      fail_msg("%s: %s", err.where, err.text);
    assert_true(back.complete);
    civ_history_json(civ_session_history(s), NULL, &live);
    civ_history_json(&back.history, NULL, &read);
    assert_int_equal(live.length, read.length);
    assert_memory_equal(live.data, read.data, live.length);
    const civ_run_record *r = civ_session_record(s);
    assert_int_equal(back.record.n_epochs, r->n_epochs);
    assert_memory_equal(back.record.rows, r->rows, r->n_epochs * r->epoch_columns.n * sizeof(double));
    for (uint32_t a = 0; a < r->n_agents; a++)
      assert_true(back.record.agents[a].payoff == r->agents[a].payoff &&
                  back.record.agents[a].initiated == r->agents[a].initiated);
    for (uint32_t f = 0; f < r->n_findings; f++)
      assert_int_equal(back.record.findings[f].outcome, r->findings[f].outcome);
    civ_buffer_free(&live);
    civ_buffer_free(&read);
    free(log);
    civ_log_history_free(&back);
    civ_session_destroy(s);
    civ_config_destroy(config);
  }
}

static void exports_go_where_they_are_asked(void **state)
{
  civ_config *config = config_of(small);
  civ_experiment *e = run(config, (civ_experiment_options){ .first_seed = 1, .n = 3, .threads = 1 });
  char *text;
  size_t length;
  (void)state;
  assert_int_equal(civ_export_experiment("exp", false, e, "x: 1\n", NULL), CIV_OK);
  assert_int_equal(civ_export_experiment("exp", false, e, "x: 1\n", NULL), CIV_E_IO);
  assert_int_equal(civ_export_experiment("exp", true, e, NULL, NULL), CIV_OK);
  assert_int_equal(civ_file_read("exp/runs.csv", 1 << 20, &text, &length, NULL), CIV_OK);
  assert_memory_equal(text, "seed,epochs,", 12);
  uint32_t lines = 0;
  for (size_t k = 0; k < length; k++)
    lines += text[k] == '\n';
  assert_int_equal(lines, 4);
  civ_free(text);
  civ_history none = civ_history_create();
  assert_int_equal(civ_export_csv("tables", "p", &none, NULL), CIV_OK);
  assert_false(civ_file_exists("tables/p_epochs.csv")); /* no records, no file */
  civ_history_destroy(&none);
  civ_experiment_destroy(e);
  civ_config_destroy(config);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(threads_change_nothing),          cmocka_unit_test(replicates_are_single_runs),
    cmocka_unit_test(summaries_are_of_the_totals),     cmocka_unit_test(criteria_are_judged_per_run),
    cmocka_unit_test(a_request_to_stop_is_heard),      cmocka_unit_test(impossible_ranges_are_refused),
    cmocka_unit_test(the_report_has_its_form),         cmocka_unit_test(interrupted_anywhere_it_ends_the_same),
    cmocka_unit_test(bad_checkpoints_are_passed_over), cmocka_unit_test(another_run_s_log_is_not_gone_on_with),
    cmocka_unit_test(outputs_are_checked_first),       cmocka_unit_test(a_log_alone_gives_the_same_history),
    cmocka_unit_test(exports_go_where_they_are_asked),
  };
  return cmocka_run_group_tests(tests, enter, leave);
}
