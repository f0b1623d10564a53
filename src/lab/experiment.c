/* experiment.c - seeds in parallel, results by index. */
#include "civitas/experiment.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/threads.h"
#include "lab/criteria.h"
#include "lab/json_report.h"
#include "lab/recycler.h"
#include "lab/run_record.h"
#include "lab/watch.h"
#include "statistics/statistics.h"

/* What one worker keeps from run to run. */
typedef struct worker {
  civ_config *config;
  civ_recycler *recycler;
  civ_arena arena;            /* of the records this worker made */
  const civ_run_record *like; /* its first record: later ones share its names */
} worker;

struct civ_experiment {
  civ_config *config;
  civ_experiment_options options;
  civ_run_record *records;
  civ_error **errors; /* NULL where there is none */
  worker *workers;
  uint32_t n_workers;
  pthread_mutex_t lock; /* of progress and the receiver */
  uint64_t done, agent_steps;
  civ_error refusal; /* of the receiver; code CIV_OK = none */
  atomic_bool stop;
};

/* --- one run ------------------------------------------------------------------------------------------------------------ */

static void note_failure(civ_experiment *e, uint64_t k, const civ_error *err)
{
  e->records[k].failed = err->code;
  e->errors[k] = malloc(sizeof *err);
  if (e->errors[k] != NULL)
    *e->errors[k] = *err;
}

static civ_status evaluate(const civ_experiment *e, worker *w, const civ_history *history, civ_run_record *record)
{
  uint32_t n;
  const civ_criterion *criteria = civ_config_criteria(e->config, &n);
  civ_finding *findings = civ_arena_take(&w->arena, n, sizeof *findings);
  if (findings == NULL)
    return CIV_E_NOMEM;
  record->outcome = civ_criteria_evaluate(criteria, n, record, history, findings);
  record->findings = findings;
  record->n_findings = n;
  return CIV_OK;
}

/* Epoch by epoch, so that a request to stop is heard. */
static civ_status drive(civ_experiment *e, civ_run *run, civ_error *err)
{
  civ_end end = CIV_RUNNING;
  civ_status status = civ_run_begin(run, err);
  while (status == CIV_OK && end == CIV_RUNNING && !atomic_load(&e->stop))
    status = civ_run_epoch(run, &end, err);
  if (status == CIV_OK && end == CIV_RUNNING)
    return civ_fail(err, CIV_E_INTERRUPTED, "experiment", "stopped on request");
  return status == CIV_OK ? civ_run_finish(run, err) : status;
}

/* Criteria look at rows and agents, which are not kept for that. */
static civ_status judge(const civ_experiment *e, worker *w, const civ_result *result, const civ_history *history,
                        civ_run_record *record)
{
  civ_arena scratch = civ_arena_create(NULL);
  civ_run_record whole;
  civ_status status = civ_run_record_copy(result, w->like, CIV_KEEP_EPOCHS | CIV_KEEP_AGENTS, &scratch, &whole);
  if (status == CIV_OK)
    status = evaluate(e, w, history, &whole);
  if (status == CIV_OK) {
    record->findings = whole.findings;
    record->n_findings = whole.n_findings;
    record->outcome = whole.outcome;
  }
  civ_arena_destroy(&scratch);
  return status;
}

static civ_status keep_record(civ_experiment *e, worker *w, civ_run *run, const civ_history *history, uint64_t k,
                              civ_error *err)
{
  civ_result result;
  civ_status status = civ_run_result(run, &result, err);
  if (status != CIV_OK)
    return status;
  const uint32_t keep =
      (e->options.keep_epochs ? CIV_KEEP_EPOCHS : 0u) | (e->options.keep_agents ? CIV_KEEP_AGENTS : 0u);
  civ_run_record record;
  status = civ_run_record_copy(&result, w->like, keep, &w->arena, &record);
  if (status == CIV_OK && e->options.keep_criteria)
    status = judge(e, w, &result, history, &record);
  if (status == CIV_OK && e->options.keep_reports)
    status = civ_run_record_add_reports(run, &w->arena, &record, err);
  if (status != CIV_OK)
    return civ_fail(err, status, "experiment", "out of memory after run %llu", (unsigned long long)k);
  e->records[k] = record;
  if (w->like == NULL)
    w->like = &e->records[k];
  return CIV_OK;
}

/* Nothing more is handed over once the receiver has failed. */
static void hand_over(civ_experiment *e, uint64_t k, const civ_history *history, const civ_error *failed)
{
  civ_error err = { 0 };
  if (e->options.receive == NULL)
    return;
  civ_run_record record = e->records[k];
  record.history = history;
  pthread_mutex_lock(&e->lock);
  if (e->refusal.code == CIV_OK && e->options.receive(e->options.receiver, k, &record, failed, &err) != CIV_OK) {
    e->refusal = err;
    atomic_store(&e->stop, true);
  }
  pthread_mutex_unlock(&e->lock);
}

static civ_status run_one(civ_experiment *e, worker *w, uint64_t k, civ_error *err)
{
  const civ_run_options options = { .threads = 1, .allocator = civ_recycler_allocator(w->recycler) };
  uint32_t n_criteria;
  const civ_criterion *criteria = civ_config_criteria(e->config, &n_criteria);
  const bool received = e->options.receive != NULL && e->options.history != NULL,
             with_history = received || (e->options.keep_criteria && civ_criteria_need_history(criteria, n_criteria));
  civ_history history = civ_history_create();
  civ_watch *watch = NULL;
  civ_run *run = NULL;
  civ_status status = civ_config_set_seed(w->config, e->options.first_seed + k, err);
  if (status == CIV_OK)
    status = civ_run_create(w->config, &options, &run, err);
  if (status == CIV_OK && with_history)
    status = civ_watch_create(run, received ? e->options.history : "none", &history, &watch, err);
  if (status == CIV_OK)
    status = drive(e, run, err);
  if (status == CIV_OK)
    status = keep_record(e, w, run, with_history ? &history : NULL, k, err);
  if (status == CIV_OK)
    hand_over(e, k, with_history ? &history : NULL, NULL);
  civ_run_destroy(run);
  civ_watch_destroy(watch);
  civ_history_destroy(&history);
  civ_recycler_clear(w->recycler);
  return status;
}

/* --- all runs ----------------------------------------------------------------------------------------------------------- */

static void report_progress(civ_experiment *e, uint64_t agent_steps)
{
  if (e->options.progress == NULL)
    return;
  pthread_mutex_lock(&e->lock);
  e->done++;
  e->agent_steps += agent_steps;
  if (!e->options.progress(e->options.arg, e->done, e->options.n, e->agent_steps))
    atomic_store(&e->stop, true);
  pthread_mutex_unlock(&e->lock);
}

static bool job(void *arg, uint64_t k, uint32_t number)
{
  civ_experiment *e = arg;
  civ_error err = { 0 };
  if (atomic_load(&e->stop))
    return false;
  const civ_run_record *known = e->options.known != NULL ? e->options.known(e->options.receiver, k) : NULL;
  if (known != NULL) {
    e->records[k] = *known;
    report_progress(e, 0);
    return !atomic_load(&e->stop);
  }
  e->records[k].seed = e->options.first_seed + k;
  const civ_status status = run_one(e, &e->workers[number], k, &err);
  if (status != CIV_OK && status != CIV_E_INTERRUPTED) {
    note_failure(e, k, &err);
    hand_over(e, k, NULL, &err);
  }
  report_progress(e, e->records[k].agent_steps);
  return !atomic_load(&e->stop);
}

static civ_status make_workers(civ_experiment *e, civ_error *err)
{
  e->workers = civ_zeroed(&civ_allocator_malloc, e->n_workers, sizeof *e->workers);
  if (e->workers == NULL)
    return civ_fail(err, CIV_E_NOMEM, "experiment", "out of memory");
  for (uint32_t k = 0; k < e->n_workers; k++) {
    worker *w = &e->workers[k];
    w->arena = civ_arena_create(NULL);
    const civ_status status = civ_config_copy(e->config, &w->config, err);
    if (status != CIV_OK)
      return status;
    w->recycler = civ_recycler_create();
    if (w->recycler == NULL)
      return civ_fail(err, CIV_E_NOMEM, "experiment", "out of memory");
  }
  return CIV_OK;
}

static civ_status prepare(civ_experiment *e, const civ_config *config, civ_error *err)
{
  const civ_status status = civ_config_copy(config, &e->config, err);
  if (status != CIV_OK)
    return status;
  e->records = civ_zeroed(&civ_allocator_malloc, e->options.n, sizeof *e->records);
  e->errors = civ_zeroed(&civ_allocator_malloc, e->options.n, sizeof *e->errors);
  if (e->records == NULL || e->errors == NULL)
    return civ_fail(err, CIV_E_NOMEM, "experiment", "out of memory for %llu runs", (unsigned long long)e->options.n);
  for (uint64_t k = 0; k < e->options.n; k++)
    e->records[k].failed = CIV_E_INTERRUPTED; /* until it was run */
  return make_workers(e, err);
}

civ_status civ_experiment_run(const civ_config *config, const civ_experiment_options *options, civ_experiment **out,
                              civ_error *err)
{
  const uint64_t seeds = UINT64_C(1) << 63;
  if (options->n < 1 || options->first_seed >= seeds || options->n > seeds - options->first_seed)
    return civ_fail(err, CIV_E_RANGE, "seeds", "the range needs at least one seed, all below 2^63");
  civ_experiment *e = calloc(1, sizeof *e);
  if (e == NULL)
    return civ_fail(err, CIV_E_NOMEM, "experiment", "out of memory");
  e->options = *options;
  e->n_workers = options->threads > 0 ? options->threads : civ_cores();
  if (e->n_workers > options->n)
    e->n_workers = (uint32_t)options->n;
  pthread_mutex_init(&e->lock, NULL);
  const civ_status status = prepare(e, config, err);
  if (status != CIV_OK) {
    civ_experiment_destroy(e);
    return status;
  }
  civ_parallel_for(e->n_workers, options->n, job, e);
  *out = e;
  if (e->refusal.code != CIV_OK) {
    if (err != NULL)
      *err = e->refusal;
    return e->refusal.code;
  }
  if (atomic_load(&e->stop))
    return civ_fail(err, CIV_E_INTERRUPTED, "experiment", "stopped on request");
  return CIV_OK;
}

void civ_experiment_destroy(civ_experiment *e)
{
  if (e == NULL)
    return;
  for (uint64_t k = 0; e->errors != NULL && k < e->options.n; k++)
    free(e->errors[k]);
  for (uint32_t k = 0; e->workers != NULL && k < e->n_workers; k++) {
    civ_config_destroy(e->workers[k].config);
    civ_recycler_destroy(e->workers[k].recycler);
    civ_arena_destroy(&e->workers[k].arena);
  }
  free(e->workers);
  free(e->errors);
  free(e->records);
  civ_config_destroy(e->config);
  pthread_mutex_destroy(&e->lock);
  free(e);
}

/* --- asking --------------------------------------------------------------------------------------------------------------- */

uint64_t civ_experiment_size(const civ_experiment *e)
{
  return e->options.n;
}

const civ_run_record *civ_experiment_record(const civ_experiment *e, uint64_t k)
{
  return &e->records[k];
}

const civ_error *civ_experiment_error(const civ_experiment *e, uint64_t k)
{
  return e->errors[k];
}

/* First run that worked: its columns are everybody's. */
static const civ_run_record *first_record(const civ_experiment *e)
{
  for (uint64_t k = 0; k < e->options.n; k++)
    if (e->records[k].failed == CIV_OK)
      return &e->records[k];
  return NULL;
}

civ_columns civ_experiment_totals(const civ_experiment *e)
{
  const civ_run_record *first = first_record(e);
  return first != NULL ? first->total_columns : (civ_columns){ 0 };
}

civ_status civ_experiment_summary(const civ_experiment *e, uint32_t k, civ_summary *out, civ_error *err)
{
  double *values = civ_zeroed(&civ_allocator_malloc, e->options.n, sizeof *values);
  uint64_t n = 0;
  if (values == NULL)
    return civ_fail(err, CIV_E_NOMEM, "experiment", "out of memory");
  for (uint64_t i = 0; i < e->options.n; i++)
    if (e->records[i].failed == CIV_OK)
      values[n++] = e->records[i].totals[k];
  *out = civ_summarise(values, n);
  free(values);
  return CIV_OK;
}

static civ_status end_report(const civ_experiment *e, civ_json_report *report, civ_error *err)
{
  const civ_columns totals = civ_experiment_totals(e);
  civ_summary *summaries = civ_zeroed(&civ_allocator_malloc, totals.n, sizeof *summaries);
  if (summaries == NULL)
    return civ_fail(err, CIV_E_NOMEM, "report", "out of memory");
  civ_status status = CIV_OK;
  for (uint32_t k = 0; status == CIV_OK && k < totals.n; k++)
    status = civ_experiment_summary(e, k, &summaries[k], err);
  if (status == CIV_OK)
    status = civ_json_report_end(report, &totals, summaries, err);
  free(summaries);
  return status;
}

static civ_status write_report(const civ_experiment *e, civ_json_report *report, const civ_text_receiver *receiver,
                               civ_error *err)
{
  const civ_status status = civ_json_report_begin(report, e->config, receiver, err);
  if (status != CIV_OK)
    return status;
  for (uint64_t k = 0; k < e->options.n; k++)
    if (e->records[k].failed == CIV_OK)
      civ_json_report_run(report, &e->records[k]);
  return end_report(e, report, err);
}

civ_status civ_experiment_write_json(const civ_experiment *e, const civ_text_receiver *receiver, civ_error *err)
{
  civ_json_report report = { 0 };
  const civ_status status = write_report(e, &report, receiver, err);
  civ_json_report_free(&report);
  return status;
}

civ_status civ_experiment_json(const civ_experiment *e, char **out, size_t *length, civ_error *err)
{
  civ_json_report report = { 0 };
  const civ_status status = write_report(e, &report, NULL, err);
  if (status == CIV_OK)
    *out = civ_buffer_take(&report.text, length);
  civ_json_report_free(&report);
  return status;
}
