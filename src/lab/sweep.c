#include "lab/sweep.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/threads.h"
#include "lab/criteria.h"
#include "lab/recycler.h"
#include "lab/run_record.h"
#include "lab/watch.h"
#include "statistics/stopping.h"

static const uint64_t no_configuration = UINT64_MAX;

/* What one worker keeps from run to run. */
typedef struct worker {
  civ_config *config; /* of the configuration it ran last */
  uint64_t configuration;
  civ_recycler *recycler;
  double *values; /* of the row it makes */
} worker;

typedef struct sweep {
  const civ_sweep_plan *plan;
  const civ_sweep_options *options;
  const civ_sweep_receiver *receiver; /* never NULL: one that does nothing stands in */
  civ_sweep_rows *rows;
  worker *workers;
  uint32_t n_workers;
  const uint64_t *list; /* runs of this round; NULL: all */
  uint64_t n_list;
  pthread_mutex_t lock; /* of what follows, and of rows, progress and receiver */
  uint64_t done, wanted, agent_steps;
  civ_status status; /* of the sweep itself: a receiver that failed, a request to stop */
  civ_error error;
  atomic_bool stop;
} sweep;

/* --- one run ---------------------------------------------------------------------------------------------------------------------- */

static civ_status prepare_config(const sweep *s, worker *w, const civ_sweep_place *place, civ_error *err)
{
  civ_config *config;
  if (w->configuration != place->configuration) {
    const civ_status status = civ_sweep_plan_config(s->plan, place->configuration, &config, err);
    if (status != CIV_OK)
      return status;
    civ_config_destroy(w->config);
    w->config = config;
    w->configuration = place->configuration;
    if (civ_config_check_built(config, NULL, err) != CIV_OK) {
      w->configuration = no_configuration;
      return CIV_E_UNBUILT;
    }
  }
  return civ_config_set_seed(w->config, place->seed, err);
}

/* Epoch by epoch, so that a request to stop is heard. */
static civ_status drive(sweep *s, civ_run *run, civ_error *err)
{
  civ_end end = CIV_RUNNING;
  civ_status status = civ_run_begin(run, err);
  while (status == CIV_OK && end == CIV_RUNNING && !atomic_load(&s->stop))
    status = civ_run_epoch(run, &end, err);
  if (status == CIV_OK && end == CIV_RUNNING)
    return civ_fail(err, CIV_E_INTERRUPTED, "sweep", "stopped on request");
  return status == CIV_OK ? civ_run_finish(run, err) : status;
}

/* The record of a run that is still there: names stay the run's. */
static civ_status make_record(const worker *w, civ_run *run, const civ_history *history, civ_arena *arena,
                              civ_run_record *out, civ_error *err)
{
  civ_result result;
  uint32_t n;
  const civ_criterion *criteria = civ_config_criteria(w->config, &n);
  civ_status status = civ_run_result(run, &result, err);
  if (status != CIV_OK)
    return status;
  const civ_run_record names = { .epoch_columns = result.epoch_columns, .total_columns = result.total_columns };
  civ_finding *findings = civ_arena_take(arena, n, sizeof *findings);
  status = civ_run_record_copy(&result, &names, CIV_KEEP_EPOCHS | CIV_KEEP_AGENTS | CIV_KEEP_BORROWED, arena, out);
  if (findings == NULL || status != CIV_OK)
    return civ_fail(err, CIV_E_NOMEM, "sweep", "out of memory");
  out->outcome = civ_criteria_evaluate(criteria, n, out, history, findings);
  out->findings = findings;
  out->n_findings = n;
  out->history = history;
  return CIV_OK;
}

static void fill_row(const sweep *s, const civ_run_record *record, civ_sweep_row *row)
{
  civ_sweep_row_extract(record, row->values);
  for (uint32_t k = CIV_SWEEP_COLUMNS; k < civ_sweep_plan_columns(s->plan); k++)
    if (!civ_run_record_total(record, civ_sweep_plan_column(s->plan, k), &row->values[k]))
      row->values[k] = NAN;
  row->state = CIV_SWEEP_DONE;
  row->judged = record->n_findings > 0;
  row->outcome = (uint8_t)record->outcome;
}

/* Keeps a row, tells receiver and progress. */
static void hand_over(sweep *s, const civ_sweep_row *row, const civ_run_record *record)
{
  civ_status status = CIV_OK;
  pthread_mutex_lock(&s->lock);
  if (s->status == CIV_OK) {
    status = civ_sweep_rows_keep(s->rows, row);
    if (status != CIV_OK)
      civ_fail(&s->error, status, "sweep", "out of memory");
    else if (s->receiver->run != NULL)
      status = s->receiver->run(s->receiver->self, row->place.index, row, record, &s->error);
    s->status = status;
  }
  s->done++;
  s->agent_steps += record != NULL ? record->agent_steps : 0;
  if (status != CIV_OK || (row->state == CIV_SWEEP_FAILED && s->options->fail_fast))
    atomic_store(&s->stop, true);
  if (s->options->progress != NULL && !s->options->progress(s->options->arg, s->done, s->wanted, s->agent_steps)) {
    atomic_store(&s->stop, true);
    if (s->status == CIV_OK)
      s->status = civ_fail(&s->error, CIV_E_INTERRUPTED, "sweep", "stopped on request");
  }
  pthread_mutex_unlock(&s->lock);
}

static civ_status run_and_record(sweep *s, worker *w, civ_sweep_row *row, civ_run **run, civ_watch **watch,
                                 civ_history *history, civ_arena *arena, civ_run_record *record, civ_error *err)
{
  const civ_run_options options = { .threads = 1, .allocator = civ_recycler_allocator(w->recycler) };
  civ_status status = prepare_config(s, w, &row->place, err);
  if (status != CIV_OK)
    return status;
  uint32_t n;
  const civ_criterion *criteria = civ_config_criteria(w->config, &n);
  const bool watched = s->receiver->history != NULL || civ_criteria_need_history(criteria, n);
  status = civ_run_create(w->config, &options, run, err);
  if (status == CIV_OK && watched)
    status = civ_watch_create(*run, s->receiver->history != NULL ? s->receiver->history : "none", history, watch, err);
  if (status == CIV_OK)
    status = drive(s, *run, err);
  return status == CIV_OK ? make_record(w, *run, watched ? history : NULL, arena, record, err) : status;
}

static void run_one(sweep *s, worker *w, uint64_t index)
{
  char text[sizeof((civ_error *)0)->where + sizeof((civ_error *)0)->text + 4];
  civ_error err = { 0 };
  civ_history history = civ_history_create();
  civ_arena arena = civ_arena_create(civ_recycler_allocator(w->recycler));
  civ_watch *watch = NULL;
  civ_run *run = NULL;
  civ_run_record record = { 0 };
  civ_sweep_row row = { .place = civ_sweep_plan_place(s->plan, index), .values = w->values };
  const civ_status status = run_and_record(s, w, &row, &run, &watch, &history, &arena, &record, &err);
  if (status == CIV_OK) {
    fill_row(s, &record, &row);
    hand_over(s, &row, &record);
  } else if (status != CIV_E_INTERRUPTED) {
    snprintf(text, sizeof text, "%s: %s", err.where, err.text);
    row.state = CIV_SWEEP_FAILED;
    row.error = text;
    for (uint32_t k = 0; k < civ_sweep_plan_columns(s->plan); k++)
      row.values[k] = NAN;
    hand_over(s, &row, NULL);
  }
  civ_run_destroy(run);
  civ_watch_destroy(watch);
  civ_history_destroy(&history);
  civ_arena_destroy(&arena);
  civ_recycler_clear(w->recycler);
}

static bool job(void *arg, uint64_t k, uint32_t number)
{
  sweep *s = arg;
  const uint64_t index = s->list != NULL ? s->list[k] : k;
  if (!atomic_load(&s->stop) && civ_sweep_rows_at(s->rows, index).state == CIV_SWEEP_NOT_RUN)
    run_one(s, &s->workers[number], index);
  return !atomic_load(&s->stop);
}

/* --- rounds ------------------------------------------------------------------------------------------------------------------------ */

/* What somebody finished before. */
static civ_status take_known(sweep *s, civ_error *err)
{
  for (uint64_t k = 0; s->receiver->done != NULL && k < s->n_list; k++) {
    civ_sweep_row row = { .place = civ_sweep_plan_place(s->plan, s->list != NULL ? s->list[k] : k),
                          .values = s->workers[0].values };
    if (!s->receiver->done(s->receiver->self, row.place.index, &row))
      continue;
    if (civ_sweep_rows_keep(s->rows, &row) != CIV_OK)
      return civ_fail(err, CIV_E_NOMEM, "sweep", "out of memory");
    s->done++;
  }
  return CIV_OK;
}

static civ_status make_round(sweep *s, civ_error *err)
{
  s->wanted += s->n_list;
  const civ_status status = take_known(s, err);
  if (status != CIV_OK)
    return status;
  civ_parallel_for(s->n_workers, s->n_list, job, s);
  if (s->status != CIV_OK && err != NULL)
    *err = s->error;
  return s->status;
}

/* How many runs this configuration shall have, given those it has: more than it has, or it is finished. */
static uint64_t runs_wanted(const sweep *s, uint64_t configuration, uint64_t has, double *values)
{
  const civ_sweep_spec *spec = civ_sweep_plan_spec(s->plan);
  const uint64_t most = spec->runs_per_config, first = configuration * most;
  uint64_t wanted = 0;
  for (uint32_t m = 0; m < spec->n_metrics; m++) {
    if (!(spec->metrics[m].half_width > 0))
      continue;
    civ_stopping rule = civ_stopping_default(spec->metrics[m].half_width);
    rule.most = most;
    rule.batch = spec->batch;
    rule.least = rule.least < most ? rule.least : most;
    for (uint64_t k = 0; k < has; k++) {
      const civ_sweep_row row = civ_sweep_rows_at(s->rows, first + k);
      values[k] = row.state == CIV_SWEEP_DONE ? row.values[civ_sweep_plan_metric(s->plan, m)] : NAN;
    }
    const civ_stop_verdict verdict = civ_stopping_look(&rule, values, has);
    wanted = verdict.runs > wanted ? verdict.runs : wanted;
  }
  return wanted;
}

/* One batch of every configuration that is not finished, until all are. */
static civ_status run_until(sweep *s, uint64_t *list, uint64_t *has, double *values, civ_error *err)
{
  const uint64_t n = civ_sweep_plan_configurations(s->plan), most = civ_sweep_plan_replicates(s->plan);
  civ_status status = CIV_OK;
  do {
    s->n_list = 0;
    for (uint64_t c = 0; c < n; c++) {
      const uint64_t wanted = runs_wanted(s, c, has[c], values);
      for (; has[c] < wanted; has[c]++)
        list[s->n_list++] = c * most + has[c];
    }
    s->list = list;
    if (s->n_list > 0)
      status = make_round(s, err);
  } while (status == CIV_OK && s->n_list > 0 && !atomic_load(&s->stop));
  return status;
}

static bool stops_early(const civ_sweep_spec *spec)
{
  for (uint32_t m = 0; m < spec->n_metrics; m++)
    if (spec->metrics[m].half_width > 0)
      return true;
  return false;
}

static civ_status run_rounds(sweep *s, civ_error *err)
{
  if (!stops_early(civ_sweep_plan_spec(s->plan)) || civ_sweep_plan_runs(s->plan) == 0) {
    s->n_list = civ_sweep_plan_runs(s->plan);
    return make_round(s, err);
  }
  uint64_t *list = calloc(civ_sweep_plan_runs(s->plan), sizeof *list);
  uint64_t *has = calloc(civ_sweep_plan_configurations(s->plan), sizeof *has);
  double *values = calloc(civ_sweep_plan_replicates(s->plan), sizeof *values);
  const civ_status status = list != NULL && has != NULL && values != NULL
                                ? run_until(s, list, has, values, err)
                                : civ_fail(err, CIV_E_NOMEM, "sweep", "out of memory");
  free(list);
  free(has);
  free(values);
  return status;
}

/* --- the whole ---------------------------------------------------------------------------------------------------------------------- */

static civ_status make_workers(sweep *s, civ_error *err)
{
  s->workers = calloc(s->n_workers, sizeof *s->workers);
  for (uint32_t k = 0; s->workers != NULL && k < s->n_workers; k++) {
    worker *w = &s->workers[k];
    w->configuration = no_configuration;
    w->recycler = civ_recycler_create();
    w->values = calloc(civ_sweep_plan_columns(s->plan), sizeof *w->values);
    if (w->recycler == NULL || w->values == NULL)
      return civ_fail(err, CIV_E_NOMEM, "sweep", "out of memory");
  }
  return s->workers != NULL ? CIV_OK : civ_fail(err, CIV_E_NOMEM, "sweep", "out of memory");
}

static void free_workers(sweep *s)
{
  for (uint32_t k = 0; s->workers != NULL && k < s->n_workers; k++) {
    civ_config_destroy(s->workers[k].config);
    civ_recycler_destroy(s->workers[k].recycler);
    free(s->workers[k].values);
  }
  free(s->workers);
}

static civ_status run_with_receiver(sweep *s, civ_error *err)
{
  civ_error closing = { 0 };
  civ_status status = s->receiver->begin != NULL ? s->receiver->begin(s->receiver->self, s->plan, err) : CIV_OK;
  if (status != CIV_OK)
    return status;
  status = run_rounds(s, err);
  const civ_status closed = s->receiver->end != NULL ? s->receiver->end(s->receiver->self, &closing) : CIV_OK;
  if ((status == CIV_OK || status == CIV_E_INTERRUPTED) && closed != CIV_OK) {
    if (err != NULL)
      *err = closing;
    status = closed;
  }
  return status;
}

civ_status civ_sweep_run(const civ_sweep_plan *plan, const civ_sweep_options *options, civ_sweep_rows **out,
                         civ_error *err)
{
  static const civ_sweep_receiver nobody = { 0 };
  const uint64_t n = civ_sweep_plan_runs(plan);
  sweep s = { .plan = plan,
              .options = options,
              .receiver = options->receiver != NULL ? options->receiver : &nobody,
              .n_workers = options->workers > 0 ? options->workers : civ_cores() };
  if (s.n_workers > n)
    s.n_workers = n > 0 ? (uint32_t)n : 1;
  civ_status status = civ_sweep_rows_create(plan, &s.rows, err);
  if (status != CIV_OK)
    return status;
  pthread_mutex_init(&s.lock, NULL);
  status = make_workers(&s, err);
  const bool begun = status == CIV_OK;
  if (begun)
    status = run_with_receiver(&s, err);
  free_workers(&s);
  pthread_mutex_destroy(&s.lock);
  if (begun)
    *out = s.rows;
  else
    civ_sweep_rows_destroy(s.rows);
  return status;
}
