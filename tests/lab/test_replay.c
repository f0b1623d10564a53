/* Logs of real runs: verified, executed again, compared; and every kind of lie in them found. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "civitas/civitas.h"
#include "lab/log_history.h"

static char folder[] = "/tmp/civitas-replay-XXXXXX";
static civ_registry *registry;

static const char *path_of(const char *name)
{
  static char paths[8][128];
  static int next;
  char *path = paths[next++ % 8];
  snprintf(path, sizeof paths[0], "%s/%s", folder, name);
  return path;
}

/* A small society; `more` are further top-level keys in JSON. */
static civ_config *make_config(uint64_t seed, const char *more)
{
  char text[1024];
  civ_config *config;
  civ_error err;
  const int n =
      snprintf(text, sizeof text,
               "{\"scenario_id\": \"t\", \"simulation\": {\"n_epochs\": 4, \"steps_per_epoch\": 5, \"seed\": %llu%s}, "
               "\"agents\": [{\"type\": \"honest\", \"count\": 3}, {\"type\": \"deceptive\", \"count\": 2}, "
               "{\"type\": \"adversarial\", \"count\": 2}, {\"type\": \"opportunistic\", \"count\": 1}]}",
               (unsigned long long)seed, more);
  if (civ_scenario_parse(registry, "test", text, (size_t)n, 0, &config, NULL, &err) != CIV_OK)
    fail_msg("%s: %s", err.where, err.text);
  return config;
}

static void write_log(const char *path, uint64_t seed, const char *more, civ_log_options options, uint32_t epochs)
{
  civ_config *config = make_config(seed, more);
  civ_run *run;
  civ_log *log;
  civ_end end = CIV_RUNNING;
  options.replace = true;
  assert_int_equal(civ_run_create(config, NULL, &run, NULL), CIV_OK);
  assert_int_equal(civ_log_create(path, &options, &log, NULL), CIV_OK);
  assert_int_equal(civ_run_attach(run, civ_log_sink(log), log, NULL), CIV_OK);
  for (uint32_t e = 0; e < epochs && end == CIV_RUNNING; e++)
    assert_int_equal(civ_run_epoch(run, &end, NULL), CIV_OK);
  if (epochs < 4)
    civ_run_interrupt(run);
  assert_int_equal(civ_run_finish(run, NULL), CIV_OK);
  assert_int_equal(civ_log_close(log, NULL), CIV_OK);
  civ_log_destroy(log);
  civ_run_destroy(run);
  civ_config_destroy(config);
}

/* Copies a log with the k-th line (from 0) that holds `needle` changed: `from` becomes `to`; NULL from drops the line. */
static void forge(const char *source, const char *target, const char *needle, int k, const char *from, const char *to)
{
  char *text;
  size_t length;
  assert_int_equal(civ_file_read(source, (size_t)1 << 28, &text, &length, NULL), CIV_OK);
  FILE *out = fopen(target, "wb");
  bool done = false;
  for (char *line = text, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
    *end = '\0';
    char *at;
    if (done || strstr(line, needle) == NULL || k-- > 0)
      fprintf(out, "%s\n", line);
    else if (from != NULL && (at = strstr(line, from)) != NULL)
      fprintf(out, "%.*s%s%s\n", (int)(at - line), line, to, at + strlen(from));
    done |= k < 0;
  }
  fclose(out);
  free(text);
  assert_true(done);
}

static civ_status verify(const char *path, uint32_t *epochs, bool *complete, civ_error *err)
{
  return civ_log_verify(path, 1, epochs, complete, err);
}

/* --- honest logs ---------------------------------------------------------------------------------------------------------- */

static void honest_logs_are_proved(void **state)
{
  (void)state;
  static const char *const kinds[] = { "", ", \"turn_mode\": \"simultaneous\"", ", \"schedule_mode\": \"random\"" };
  for (int k = 0; k < 3; k++)
    for (int full = 0; full < 2; full++)
      for (int zstd = 0; zstd < 2; zstd++) {
        const char *path = path_of(zstd ? "a.jsonl.zst" : "a.jsonl");
        const civ_log_options options = { .detail = full, .compression = zstd };
        uint32_t epochs;
        uint64_t records;
        bool complete;
        civ_error err;
        write_log(path, 7 + (uint64_t)k, kinds[k], options, 4);
        if (verify(path, &epochs, &complete, &err) != CIV_OK)
          fail_msg("%s: %s", err.where, err.text);
        assert_true(epochs == 4 && complete);
        for (uint32_t threads = 1; threads < 3; threads++) {
          if (civ_log_reexecute(path, registry, threads, &records, &complete, &err) != CIV_OK)
            fail_msg("%s: %s", err.where, err.text);
          assert_true(records > 100 && complete);
        }
      }
}

static void a_log_without_its_end(void **state)
{
  (void)state;
  uint32_t epochs;
  uint64_t records;
  bool complete;
  civ_error err;
  char *text;
  size_t length;
  write_log(path_of("half.jsonl"), 3, "", (civ_log_options){ 0 }, 2);
  assert_int_equal(verify(path_of("half.jsonl"), &epochs, &complete, &err), CIV_OK);
  assert_true(epochs == 2 && !complete);
  assert_int_equal(civ_log_reexecute(path_of("half.jsonl"), registry, 1, &records, &complete, &err), CIV_OK);
  assert_false(complete);
  assert_int_equal(civ_file_read(path_of("half.jsonl"), (size_t)1 << 28, &text, &length, NULL), CIV_OK);
  for (size_t cut = length - 300; cut < length; cut += 7) { /* torn anywhere */
    assert_int_equal(civ_file_write(path_of("torn.jsonl"), text, cut, NULL), CIV_OK);
    assert_int_equal(verify(path_of("torn.jsonl"), &epochs, &complete, &err), CIV_OK);
    if (civ_log_reexecute(path_of("torn.jsonl"), registry, 1, &records, &complete, &err) != CIV_OK)
      fail_msg("cut at %zu: %s: %s", cut, err.where, err.text);
    assert_false(complete);
  }
  free(text);
}

static void reports_come_back_from_the_log(void **state)
{
  (void)state;
  civ_config *config = make_config(11, "");
  civ_run *run;
  civ_log *log;
  civ_end end;
  civ_result live;
  civ_log_history h;
  civ_error err;
  const char *path = path_of("report.jsonl");
  const civ_log_options options = { .replace = true };
  assert_int_equal(civ_run_create(config, NULL, &run, NULL), CIV_OK);
  assert_int_equal(civ_log_create(path, &options, &log, NULL), CIV_OK);
  assert_int_equal(civ_run_attach(run, civ_log_sink(log), log, NULL), CIV_OK);
  assert_int_equal(civ_run_all(run, &end, NULL), CIV_OK);
  assert_int_equal(civ_log_close(log, NULL), CIV_OK);
  assert_int_equal(civ_run_result(run, &live, NULL), CIV_OK);
  if (civ_log_history_read(path, 1, true, registry, &h, &err) != CIV_OK)
    fail_msg("%s: %s", err.where, err.text);
  assert_int_equal(h.record.n_epochs, live.epochs);
  assert_int_equal(h.record.epoch_columns.n, live.epoch_columns.n);
  assert_memory_equal(h.record.rows, live.rows, live.epochs * live.epoch_columns.n * sizeof(double));
  assert_int_equal(h.record.total_columns.n, live.total_columns.n);
  assert_memory_equal(h.record.totals, live.totals, live.total_columns.n * sizeof(double));
  for (uint32_t k = 0; k < live.total_columns.n; k++) {
    assert_string_equal(h.record.total_columns.decls[k].name, live.total_columns.decls[k].name);
    assert_int_equal(h.record.total_columns.decls[k].integer, live.total_columns.decls[k].integer);
  }
  for (civ_agent a = 0; a < live.population->n; a++) {
    const civ_agent_row *row = &h.record.agents[a];
    assert_string_equal(row->name, live.population->name[a]);
    assert_string_equal(row->policy, live.population->variant[a]);
    assert_true(row->reputation == live.population->reputation[a] && row->payoff == live.population->total_payoff[a] &&
                row->resources == live.population->resources[a] && row->initiated == live.population->initiated[a]);
  }
  civ_log_history_free(&h);
  civ_log_destroy(log);
  civ_run_destroy(run);
  civ_config_destroy(config);
}

/* --- forged logs ------------------------------------------------------------------------------------------------------------ */

static void lies_are_found(void **state)
{
  (void)state;
  static const struct {
    const char *needle;
    int k;
    const char *from, *to, *verify, *execute;
  } lies[] = {
    { "payoff_computed", 3, "\"payoff_initiator\": ", "\"payoff_initiator\": 1", "payoff_initiator is", "column" },
    { "payoff_computed", 3, "\"payoff_counterparty\": ", "\"payoff_counterparty\": 1", "payoff_counterparty is",
      "column" },
    { "payoff_computed", 3, NULL, NULL, "total_interactions is", "column" },
    { "epoch_completed", 1, "\"toxicity_rate\": 0.", "\"toxicity_rate\": 0.9", "toxicity_rate is", "column" },
    { "epoch_completed", 1, "\"accepted_interactions\": ", "\"accepted_interactions\": 1", "accepted_interactions is",
      "column" },
    { "interaction_proposed", 2, NULL, NULL, "nobody proposed", "column" },
    { "step_completed", 7, "\"epoch\": 1", "\"epoch\": 0", "comes after", "column" },
    { "step_completed", 7, "{\"event_id\"", "\"event_id\"", "not JSON", "column" },
    { "step_completed", 7, "\"digest\": \"", "\"digest\": \"0", NULL, "column" },
    { "simulation_ended", 0, NULL, NULL, NULL, NULL }, /* then it only lacks its end */
    { "reputation_updated", 0, "\"delta\": ", "\"delta\": 1", NULL, "column" },
  };
  const char *path = path_of("true.jsonl"), *forged = path_of("forged.jsonl");
  write_log(path, 5, "", (civ_log_options){ 0 }, 4);
  for (size_t k = 0; k < sizeof lies / sizeof *lies; k++) {
    uint32_t epochs;
    uint64_t records;
    bool complete;
    civ_error err = { 0 };
    forge(path, forged, lies[k].needle, lies[k].k, lies[k].from, lies[k].to);
    civ_status st = verify(forged, &epochs, &complete, &err);
    if (st != (lies[k].verify != NULL ? CIV_E_DIVERGED : CIV_OK) ||
        (lies[k].verify != NULL && strstr(err.text, lies[k].verify) == NULL))
      fail_msg("lie %zu, verify: %d %s: %s", k, st, err.where, err.text);
    st = civ_log_reexecute(forged, registry, 1, &records, &complete, &err);
    if (st != (lies[k].execute != NULL ? CIV_E_DIVERGED : CIV_OK) ||
        (lies[k].execute != NULL && strstr(err.text, lies[k].execute) == NULL))
      fail_msg("lie %zu, execute: %d %s: %s", k, st, err.where, err.text);
  }
}

static void more_than_the_run(void **state)
{
  (void)state;
  uint64_t records;
  bool complete;
  civ_error err;
  const char *path = path_of("more.jsonl");
  write_log(path, 5, "", (civ_log_options){ 0 }, 4);
  FILE *f = fopen(path, "ab");
  fputs("{}\n", f);
  fclose(f);
  assert_int_equal(civ_log_reexecute(path, registry, 1, &records, &complete, &err), CIV_E_DIVERGED);
  assert_non_null(strstr(err.text, "the run is over before it"));
}

static void logs_that_cannot_be_made_again(void **state)
{
  (void)state;
  uint32_t epochs;
  uint64_t records;
  bool complete;
  civ_error err;
  const char *path = path_of("foreign.jsonl");
  static const char text[] = "{\"event_id\": \"1\", \"timestamp\": \"2024-03-01T10:00:00\", \"event_type\": "
                             "\"simulation_started\", \"payload\": {\"seed\": 1}}\n";
  assert_int_equal(civ_file_write(path, text, strlen(text), NULL), CIV_OK);
  assert_int_equal(civ_log_reexecute(path, registry, 1, &records, &complete, &err), CIV_E_FORMAT);
  assert_non_null(strstr(err.text, "which configuration"));
  assert_int_equal(verify(path, &epochs, &complete, &err), CIV_E_DIVERGED);
  assert_int_equal(civ_file_write(path, "", 0, NULL), CIV_OK);
  assert_int_equal(civ_log_reexecute(path, registry, 1, &records, &complete, &err), CIV_E_RANGE);
  assert_int_equal(civ_log_verify(path_of("absent.jsonl"), 1, &epochs, &complete, &err), CIV_E_IO);
}

/* --- differences ------------------------------------------------------------------------------------------------------------ */

static civ_log_difference explain(const char *a, const char *b)
{
  civ_log_difference d;
  civ_error err;
  if (civ_log_explain_difference(a, b, registry, &d, &err) != CIV_OK)
    fail_msg("%s: %s", err.where, err.text);
  return d;
}

static void equal_runs(void **state)
{
  (void)state;
  write_log(path_of("x.jsonl"), 5, "", (civ_log_options){ 0 }, 4);
  write_log(path_of("y.jsonl"), 5, "", (civ_log_options){ .detail = CIV_DETAIL_FULL }, 4);
  const civ_log_difference d = explain(path_of("x.jsonl"), path_of("y.jsonl"));
  assert_true(d.same && !d.config_differs);
}

/* Two seeds: the first turn that differs comes before the first event that does. */
static void other_seeds_part_in_their_turns(void **state)
{
  (void)state;
  unsigned by_turn = 0;
  for (uint64_t seed = 100; seed < 110; seed++) {
    write_log(path_of("x.jsonl"), 5, "", (civ_log_options){ 0 }, 4);
    write_log(path_of("y.jsonl"), seed, "", (civ_log_options){ 0 }, 4);
    const civ_log_difference d = explain(path_of("x.jsonl"), path_of("y.jsonl"));
    assert_true(!d.same && d.config_differs && d.has_epoch && d.has_step);
    assert_true(d.agent[0] != '\0' && d.field[0] != '\0' && strcmp(d.value_a, d.value_b) != 0);
    by_turn += strcmp(d.event, "turn") == 0;
  }
  assert_true(by_turn > 0);
}

static void only_digests_differ(void **state)
{
  (void)state;
  write_log(path_of("x.jsonl"), 5, "", (civ_log_options){ 0 }, 4);
  forge(path_of("x.jsonl"), path_of("y.jsonl"), "step_completed", 7, "\"digest\": \"", "\"digest\": \"f");
  const civ_log_difference d = explain(path_of("x.jsonl"), path_of("y.jsonl"));
  assert_true(!d.same && d.only_digest && d.epoch == 1 && d.step == 2); /* executed again, both are equal */
}

static int set_up(void **state)
{
  (void)state;
  return mkdtemp(folder) == NULL || civ_registry_create_default(&registry, NULL) != CIV_OK;
}

static int tear_down(void **state)
{
  (void)state;
  static const char *const names[] = { "a.jsonl",       "a.jsonl.zst", "half.jsonl",   "torn.jsonl",
                                       "report.jsonl",  "true.jsonl",  "forged.jsonl", "more.jsonl",
                                       "foreign.jsonl", "x.jsonl",     "y.jsonl" };
  for (size_t k = 0; k < sizeof names / sizeof *names; k++)
    unlink(path_of(names[k]));
  civ_registry_destroy(registry);
  return rmdir(folder);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(honest_logs_are_proved),
    cmocka_unit_test(a_log_without_its_end),
    cmocka_unit_test(reports_come_back_from_the_log),
    cmocka_unit_test(lies_are_found),
    cmocka_unit_test(more_than_the_run),
    cmocka_unit_test(logs_that_cannot_be_made_again),
    cmocka_unit_test(equal_runs),
    cmocka_unit_test(other_seeds_part_in_their_turns),
    cmocka_unit_test(only_digests_differ),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
