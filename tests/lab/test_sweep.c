/* test_sweep.c - sweeps being run: rows that depend on the plan alone, failures kept apart, stopping, resuming, summaries. */
#include "sweep_case.h"

#include <jansson.h>

#include "statistics/statistics.h"

static const char grid[] = "parameters: {payoff.h: [1, 2, 3], governance.transaction_tax_rate: [0, 0.1]}\n"
                           "runs_per_config: 5\nseed_mode: common\nmetrics: [avg_toxicity, total_welfare, votes]\n";

/* --- rows ------------------------------------------------------------------------------------------------------------------------ */

static void rows_do_not_depend_on_workers(void **state)
{
  char *first = NULL, *json = NULL;
  (void)state;
  for (uint32_t workers = 1; workers <= 4; workers++) {
    sweep_case c;
    civ_sweep_summary *summary;
    civ_buffer text = { 0 };
    sweep_case_open(&c, grid);
    civ_sweep_rows *rows = sweep_case_run(&c, &(civ_sweep_options){ .workers = workers });
    char *csv = sweep_case_csv(rows, CIV_CSV_PLAIN);
    assert_int_equal(civ_sweep_summarise(rows, workers, &summary, NULL), CIV_OK);
    assert_int_equal(civ_sweep_summary_json(summary, true, &text, NULL), CIV_OK);
    char *report = civ_buffer_take(&text, NULL);
    if (first == NULL) {
      first = csv;
      json = report;
    } else {
      assert_string_equal(csv, first);
      assert_string_equal(report, json);
      free(csv);
      free(report);
    }
    civ_sweep_summary_destroy(summary);
    civ_sweep_rows_destroy(rows);
    sweep_case_close(&c);
  }
  free(first);
  free(json);
}

/* A row is what the run by itself reports, whichever door it came through. */
static void rows_are_those_of_single_runs(void **state)
{
  sweep_case c;
  (void)state;
  sweep_case_open(&c, grid);
  civ_sweep_rows *rows = sweep_case_run(&c, NULL);
  for (uint64_t k = 0; k < civ_sweep_plan_runs(c.plan); k += 7) {
    const civ_sweep_row row = civ_sweep_rows_at(rows, k);
    const civ_experiment_options options = {
      .first_seed = row.place.seed, .n = 1, .keep_epochs = true, .keep_agents = true
    };
    civ_experiment *e;
    civ_config *config;
    double values[CIV_SWEEP_COLUMNS];
    assert_int_equal(row.state, CIV_SWEEP_DONE);
    assert_int_equal(civ_sweep_plan_config(c.plan, row.place.configuration, &config, NULL), CIV_OK);
    assert_int_equal(civ_experiment_run(config, &options, &e, NULL), CIV_OK);
    civ_sweep_row_extract(civ_experiment_record(e, 0), values);
    assert_memory_equal(values, row.values, sizeof values);
    assert_true(row.judged && row.outcome == CIV_OUTCOME_PASS);
    civ_experiment_destroy(e);
    civ_config_destroy(config);
  }
  civ_sweep_rows_destroy(rows);
  sweep_case_close(&c);
}

static void dialects_differ_in_form_only(void **state)
{
  sweep_case c;
  (void)state;
  sweep_case_open(&c, "parameters: {governance.audit_enabled: [false, true], n_epochs: [0, 1]}\n");
  civ_sweep_rows *rows = sweep_case_run(&c, NULL);
  char *plain = sweep_case_csv(rows, CIV_CSV_PLAIN), *compat = sweep_case_csv(rows, CIV_CSV_COMPAT);
  assert_non_null(strstr(plain, "\nfalse,0,0,43,0,0,0.0,0.0,0.0,0.0,4,"));
  assert_non_null(
      strstr(compat, "\r\nFalse,0,0,43,0,0,0,0,0.0,0,4,")); /* means over no epochs are written as integers */
  assert_non_null(strstr(plain, "\ntrue,1,0,46,"));
  assert_non_null(strstr(compat, "\r\nTrue,1,0,46,"));
  assert_null(strchr(plain, '\r'));
  free(plain);
  free(compat);
  civ_sweep_rows_destroy(rows);
  sweep_case_close(&c);
}

/* --- failures and stopping ------------------------------------------------------------------------------------------------------------ */

/* More agents than a run can hold are found out when the run is made: a failure of that run, not of the sweep. */
static const char partly_broken[] =
    "configurations:\n- {name: good}\n- {name: bad, set: {agents.honest.count: 2147483645}}\n"
    "- {name: late}\nruns_per_config: 2\n";

/* A receiver that counts, remembers, and can be told to break. */
typedef struct keeper {
  uint64_t begun, kept, ended, fails_at;
  uint8_t *known; /* by index; NULL = nothing */
  double *values;
  uint32_t columns;
} keeper;

static civ_status keeper_begin(void *self, const civ_sweep_plan *plan, civ_error *err)
{
  keeper *k = self;
  (void)err;
  k->begun++;
  k->columns = civ_sweep_plan_columns(plan);
  if (k->known == NULL) {
    k->known = calloc(civ_sweep_plan_runs(plan), 1);
    k->values = calloc(civ_sweep_plan_runs(plan) * k->columns, sizeof(double));
  }
  return CIV_OK;
}

static bool keeper_done(void *self, uint64_t index, civ_sweep_row *row)
{
  keeper *k = self;
  if (!k->known[index])
    return false;
  row->state = CIV_SWEEP_DONE;
  row->judged = true;
  row->outcome = CIV_OUTCOME_PASS;
  memcpy(row->values, k->values + index * k->columns, k->columns * sizeof(double));
  return true;
}

static civ_status keeper_run(void *self, uint64_t index, const civ_sweep_row *row, const civ_run_record *record,
                             civ_error *err)
{
  keeper *k = self;
  if (k->fails_at > 0 && k->kept + 1 >= k->fails_at)
    return civ_fail(err, CIV_E_IO, "keeper", "the disk is full");
  if (row->state == CIV_SWEEP_DONE) {
    assert_non_null(record);
    assert_true(record->n_epochs > 0 && record->rows != NULL && record->agents != NULL && record->total_columns.n > 0);
    k->known[index] = 1;
    memcpy(k->values + index * k->columns, row->values, k->columns * sizeof(double));
  }
  k->kept++;
  return CIV_OK;
}

static civ_status keeper_end(void *self, civ_error *err)
{
  (void)err;
  ((keeper *)self)->ended++;
  return CIV_OK;
}

static civ_sweep_receiver receiver_of(keeper *k)
{
  return (civ_sweep_receiver){
    .self = k, .begin = keeper_begin, .done = keeper_done, .run = keeper_run, .end = keeper_end
  };
}

static void free_keeper(keeper *k)
{
  free(k->known);
  free(k->values);
}

static bool stop_after(void *arg, uint64_t done, uint64_t n, uint64_t agent_steps)
{
  (void)n;
  (void)agent_steps;
  return done < *(uint64_t *)arg;
}

static void an_interrupted_sweep_goes_on(void **state)
{
  sweep_case c;
  keeper k = { 0 };
  const civ_sweep_receiver receiver = receiver_of(&k);
  civ_sweep_rows *rows;
  uint64_t most = 0;
  (void)state;
  sweep_case_open(&c, grid);
  rows = sweep_case_run(&c, NULL);
  char *whole = sweep_case_csv(rows, CIV_CSV_PLAIN);
  civ_sweep_rows_destroy(rows);
  for (int turn = 0; turn < 4; turn++) { /* each turn gets a little further */
    const uint64_t before = k.kept;
    most = before + 6;
    const civ_sweep_options options = { .workers = 2, .receiver = &receiver, .progress = stop_after, .arg = &most };
    assert_int_equal(civ_sweep_run(c.plan, &options, &rows, &c.err), CIV_E_INTERRUPTED);
    assert_true(k.kept >= most && k.kept < 30);
    assert_int_equal(civ_sweep_rows_count(rows, CIV_SWEEP_DONE), k.kept);
    civ_sweep_rows_destroy(rows);
  }
  const uint64_t before = k.kept;
  rows = sweep_case_run(&c, &(civ_sweep_options){ .workers = 2, .receiver = &receiver });
  assert_int_equal(k.kept, 30); /* nothing was made twice */
  assert_true(before < 30);
  char *resumed = sweep_case_csv(rows, CIV_CSV_PLAIN);
  assert_string_equal(resumed, whole);
  assert_true(k.begun == 5 && k.ended == 5);
  civ_sweep_rows_destroy(rows);
  free(whole);
  free(resumed);
  free_keeper(&k);
  sweep_case_close(&c);
}

static void a_receiver_that_fails_ends_the_sweep(void **state)
{
  sweep_case c;
  keeper k = { .fails_at = 4 };
  const civ_sweep_receiver receiver = receiver_of(&k);
  civ_sweep_rows *rows = NULL;
  (void)state;
  sweep_case_open(&c, grid);
  const civ_sweep_options options = { .workers = 2, .receiver = &receiver };
  assert_int_equal(civ_sweep_run(c.plan, &options, &rows, &c.err), CIV_E_IO);
  assert_string_equal(c.err.text, "the disk is full");
  assert_int_equal(k.kept, 3);
  assert_int_equal(k.ended, 1);
  civ_sweep_rows_destroy(rows);
  free_keeper(&k);
  sweep_case_close(&c);
}

static void a_failing_run_stands_alone(void **state)
{
  sweep_case c;
  civ_sweep_summary *summary;
  (void)state;
  sweep_case_open(&c, partly_broken);
  civ_sweep_rows *rows = sweep_case_run(&c, NULL);
  assert_int_equal(civ_sweep_rows_count(rows, CIV_SWEEP_FAILED), 2);
  assert_int_equal(civ_sweep_rows_count(rows, CIV_SWEEP_DONE), 4);
  for (uint64_t k = 2; k < 4; k++)
    assert_non_null(civ_sweep_rows_at(rows, k).error);
  assert_int_equal(civ_sweep_summarise(rows, 2, &summary, NULL), CIV_OK);
  assert_int_equal(summary->n_groups, 3);
  assert_true(summary->groups[1].n_runs == 0 && summary->groups[1].n_failed == 2);
  assert_true(summary->n_runs == 4 && summary->n_failed == 2);
  civ_sweep_summary_destroy(summary);
  civ_sweep_rows_destroy(rows);
  rows = sweep_case_run(&c, &(civ_sweep_options){ .workers = 1, .fail_fast = true });
  assert_int_equal(civ_sweep_rows_count(rows, CIV_SWEEP_DONE), 2);
  assert_int_equal(civ_sweep_rows_count(rows, CIV_SWEEP_FAILED), 1);
  assert_int_equal(civ_sweep_rows_count(rows, CIV_SWEEP_NOT_RUN), 3);
  civ_sweep_rows_destroy(rows);
  sweep_case_close(&c);
}

/* A narrow metric stops early, a wide one later or never; the rows are the first of a longer sweep. */
static void sequential_stopping_depends_on_the_plan_alone(void **state)
{
  static const char until[] = "parameters: {payoff.h: [1, 3]}\nruns_per_config: 120\nseed_mode: common\n"
                              "metrics: [total_welfare]\nuntil_ci: {total_welfare: 1.0}\nbatch: 10\n";
  static const char all[] =
      "parameters: {payoff.h: [1, 3]}\nruns_per_config: 120\nseed_mode: common\nmetrics: [total_welfare]\n";
  sweep_case c, d;
  char *first = NULL;
  (void)state;
  sweep_case_open(&d, all);
  civ_sweep_rows *whole = sweep_case_run(&d, NULL);
  sweep_case_open(&c, until);
  for (uint32_t workers = 1; workers <= 3; workers++) {
    civ_sweep_rows *rows = sweep_case_run(&c, &(civ_sweep_options){ .workers = workers });
    char *csv = sweep_case_csv(rows, CIV_CSV_PLAIN);
    if (first != NULL)
      assert_string_equal(csv, first);
    for (uint64_t conf = 0; conf < 2; conf++) {
      double values[120];
      uint64_t n = 0;
      while (n < 120 && civ_sweep_rows_at(rows, conf * 120 + n).state == CIV_SWEEP_DONE) {
        values[n] = civ_sweep_rows_at(rows, conf * 120 + n).values[4];
        assert_memory_equal(civ_sweep_rows_at(rows, conf * 120 + n).values,
                            civ_sweep_rows_at(whole, conf * 120 + n).values, CIV_SWEEP_COLUMNS * sizeof(double));
        n++;
      }
      assert_true(n >= 30 && n < 120 && n % 10 == 0);
      const civ_summary s = civ_summarise(values, n);
      assert_true((s.high - s.low) / 2 <= 1.0);
    }
    free(first);
    first = csv;
    civ_sweep_rows_destroy(rows);
  }
  free(first);
  civ_sweep_rows_destroy(whole);
  sweep_case_close(&c);
  sweep_case_close(&d);
}

/* --- summaries -------------------------------------------------------------------------------------------------------------------------- */

static void estimates_are_those_of_the_rows(void **state)
{
  sweep_case c;
  civ_sweep_summary *summary;
  (void)state;
  sweep_case_open(&c, grid);
  civ_sweep_rows *rows = sweep_case_run(&c, NULL);
  assert_int_equal(civ_sweep_summarise(rows, 2, &summary, NULL), CIV_OK);
  assert_true(summary->compares && summary->paired);
  for (uint64_t g = 0; g < summary->n_groups; g++)
    for (uint32_t m = 0; m < 3; m++) {
      const civ_sweep_estimate *e = &summary->groups[g].estimates[m];
      double values[5], differences[5];
      for (uint64_t k = 0; k < 5; k++) {
        values[k] = civ_sweep_rows_at(rows, g * 5 + k).values[civ_sweep_plan_metric(c.plan, m)];
        differences[k] = values[k] - civ_sweep_rows_at(rows, k).values[civ_sweep_plan_metric(c.plan, m)];
      }
      const civ_summary s = civ_summarise(values, 5), d = civ_summarise(differences, 5);
      assert_int_equal(e->n, 5);
      assert_near(e->mean, s.mean, 1e-12);
      assert_near(e->sd, s.sd, 1e-9);
      assert_near(e->student.low, s.low, 1e-9);
      assert_near(e->student.high, s.high, 1e-9);
      assert_true(e->compared == (g != 0));
      if (e->compared) {
        assert_near(e->comparison.difference, d.mean, 1e-9);
        assert_near(e->comparison.student.low, d.low, 1e-9);
        assert_true(e->p_holm >= e->comparison.p && e->p_holm <= 1);
      }
    }
  civ_sweep_summary_destroy(summary);
  civ_sweep_rows_destroy(rows);
  sweep_case_close(&c);
}

static void the_report_is_json(void **state)
{
  sweep_case c;
  civ_sweep_summary *summary;
  civ_buffer text = { 0 };
  (void)state;
  sweep_case_open(&c, partly_broken);
  civ_sweep_rows *rows = sweep_case_run(&c, NULL);
  assert_int_equal(civ_sweep_summarise(rows, 2, &summary, NULL), CIV_OK);
  assert_int_equal(civ_sweep_summary_json(summary, true, &text, NULL), CIV_OK);
  json_t *report = json_loadb(text.data, text.length, JSON_REJECT_DUPLICATES, NULL);
  assert_non_null(report);
  assert_int_equal(json_integer_value(json_object_get(report, "total_runs")), 6);
  assert_int_equal(json_integer_value(json_object_get(report, "failed_runs")), 2);
  assert_int_equal(json_array_size(json_object_get(report, "failures")), 2);
  assert_int_equal(json_array_size(json_object_get(report, "runs")), 6);
  const json_t *group = json_array_get(json_object_get(report, "summaries"), 2);
  assert_string_equal(json_string_value(json_object_get(group, "configuration")), "late");
  assert_non_null(json_object_get(json_object_get(json_object_get(group, "metrics"), "avg_toxicity"), "difference"));
  json_decref(report);
  civ_buffer_free(&text);
  civ_sweep_summary_destroy(summary);
  civ_sweep_rows_destroy(rows);
  sweep_case_close(&c);
}

/* Who gets which part of the surplus moves no total; what it leaves in the last digits is not told as a difference. */
static void rounding_is_no_difference(void **state)
{
  sweep_case c;
  civ_sweep_summary *summary;
  (void)state;
  sweep_case_open(&c, "parameters: {payoff.theta: [0.5, 0.3, 0.7]}\nruns_per_config: 20\nseed_mode: common\n"
                      "metrics: [avg_toxicity, avg_quality_gap]\n");
  civ_sweep_rows *rows = sweep_case_run(&c, NULL);
  assert_int_equal(civ_sweep_summarise(rows, 2, &summary, NULL), CIV_OK);
  for (int g = 1; g < 3; g++)
    for (int m = 0; m < 2; m++)
      assert_true(summary->groups[g].estimates[m].compared &&
                  (summary->groups[g].estimates[m].p_holm > 0.05 ||
                   fabs(summary->groups[g].estimates[m].comparison.difference) > 1e-9));
  civ_sweep_summary_destroy(summary);
  civ_sweep_rows_destroy(rows);
  sweep_case_close(&c);
}

/* Runs with one seed are copies of each other: nothing may be concluded from how many there are. */
static void copies_have_no_intervals(void **state)
{
  sweep_case c;
  civ_sweep_summary *summary;
  (void)state;
  sweep_case_open(&c, "parameters: {payoff.h: [1, 2]}\nruns_per_config: 4\nseed_base: null\n");
  civ_sweep_rows *rows = sweep_case_run(&c, NULL);
  assert_memory_equal(civ_sweep_rows_at(rows, 0).values, civ_sweep_rows_at(rows, 3).values,
                      CIV_SWEEP_COLUMNS * sizeof(double));
  assert_int_equal(civ_sweep_summarise(rows, 1, &summary, NULL), CIV_OK);
  assert_false(summary->compares);
  assert_int_equal(summary->groups[1].estimates[0].student.method, CIV_INTERVAL_NONE);
  civ_sweep_summary_destroy(summary);
  civ_sweep_rows_destroy(rows);
  sweep_case_close(&c);
}

/* What moves the metric is found, what cannot is not: the harm of others touches no welfare while nobody is charged for it. */
static void sensitivity_finds_what_matters(void **state)
{
  static const char *const designs[] = { "sobol_indices", "morris" };
  (void)state;
  for (int d = 0; d < 2; d++) {
    char text[512];
    sweep_case c;
    civ_sweep_summary *summary;
    snprintf(text, sizeof text,
             "parameters:\n  payoff.s_plus: {min: 1, max: 5}\n  payoff.h: {min: 1, max: 5}\ndesign: %s\nsamples: 32\n"
             "seed_mode: common\nmetrics: [total_welfare]\n",
             designs[d]);
    sweep_case_open(&c, text);
    civ_sweep_rows *rows = sweep_case_run(&c, NULL);
    assert_int_equal(civ_sweep_summarise(rows, 2, &summary, NULL), CIV_OK);
    assert_non_null(summary->sensitivity);
    assert_false(summary->compares);
    const civ_sweep_sensitivity *s = &summary->sensitivity[0];
    if (d == 0) {
      assert_true(s->indices.defined);
      assert_true(s->total[0].value > 0.9 && s->first[0].value > 0.8);
      assert_near(s->total[1].value, 0, 1e-12);
    } else {
      assert_true(s->effects[0].mu_star.value > 1 && s->effects[0].mu.value > 1);
      assert_near(s->effects[1].mu_star.value, 0, 1e-12);
    }
    civ_sweep_summary_destroy(summary);
    civ_sweep_rows_destroy(rows);
    sweep_case_close(&c);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(rows_do_not_depend_on_workers),
    cmocka_unit_test(rows_are_those_of_single_runs),
    cmocka_unit_test(dialects_differ_in_form_only),
    cmocka_unit_test(an_interrupted_sweep_goes_on),
    cmocka_unit_test(a_receiver_that_fails_ends_the_sweep),
    cmocka_unit_test(a_failing_run_stands_alone),
    cmocka_unit_test(sequential_stopping_depends_on_the_plan_alone),
    cmocka_unit_test(estimates_are_those_of_the_rows),
    cmocka_unit_test(the_report_is_json),
    cmocka_unit_test(rounding_is_no_difference),
    cmocka_unit_test(copies_have_no_intervals),
    cmocka_unit_test(sensitivity_finds_what_matters),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
