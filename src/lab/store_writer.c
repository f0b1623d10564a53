/* store_writer.c - one thread writes what all others hand over: many runs per transaction, each safe once it is committed. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lab/store_inside.h"

enum {
  MOST_QUEUED = 4096,      /* runs */
  MOST_BYTES = 64 << 20,   /* of them */
  GATHER_NS = 20 * 1000000 /* between two transactions, so that many fast runs share one */
};

civ_store_job *civ_store_job_create(void)
{
  civ_store_job *job = calloc(1, sizeof *job);
  if (job != NULL)
    job->arena = civ_arena_create(NULL);
  return job;
}

void civ_store_job_destroy(civ_store_job *job)
{
  while (job != NULL) {
    civ_store_job *next = job->next;
    civ_arena_destroy(&job->arena);
    free(job);
    job = next;
  }
}

/* --- the thread ---------------------------------------------------------------------------------------------------------------- */

static civ_status write_batch(civ_store *store, civ_store_job *jobs, civ_error *err)
{
  civ_status status = civ_sql_run(store->db, store->path, "BEGIN IMMEDIATE", err);
  if (status != CIV_OK)
    return status;
  for (civ_store_job *job = jobs; status == CIV_OK && job != NULL; job = job->next)
    status = civ_store_write_job(store, job, err);
  if (status == CIV_OK)
    status = civ_sql_run(store->db, store->path, "COMMIT", err);
  if (status != CIV_OK)
    sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
  return status;
}

/* Sets of names that a transaction added are not there if it was rolled back; nothing is written after that anyway. */
static void *write_all(void *arg)
{
  civ_store *store = arg;
  struct timespec next = { 0 };
  pthread_mutex_lock(&store->lock);
  for (;;) {
    while (store->first == NULL && !store->stop)
      pthread_cond_wait(&store->filled, &store->lock);
    if (store->first == NULL)
      break;
    while (!store->urgent && !store->stop && store->n_queued < MOST_QUEUED / 2 &&
           store->bytes_queued < MOST_BYTES / 2 &&
           pthread_cond_timedwait(&store->filled, &store->lock, &next) != ETIMEDOUT) {
    }
    civ_store_job *jobs = store->first;
    const size_t n = store->n_queued;
    const bool failed = store->failure.code != CIV_OK;
    store->first = NULL;
    store->last = &store->first;
    store->n_queued = store->bytes_queued = 0;
    pthread_cond_broadcast(&store->emptied);
    pthread_mutex_unlock(&store->lock);

    civ_error err = { 0 };
    if (!failed)
      (void)!write_batch(store, jobs, &err);
    civ_store_job_destroy(jobs);
    clock_gettime(CLOCK_MONOTONIC, &next);
    next.tv_nsec += GATHER_NS;
    next.tv_sec += next.tv_nsec / 1000000000;
    next.tv_nsec %= 1000000000;

    pthread_mutex_lock(&store->lock);
    if (err.code != CIV_OK && !failed)
      store->failure = err;
    store->written += n;
    pthread_cond_broadcast(&store->emptied);
  }
  pthread_mutex_unlock(&store->lock);
  return NULL;
}

civ_status civ_store_start_writer(civ_store *store, civ_error *err)
{
  const int code = pthread_create(&store->writer, NULL, write_all, store);
  if (code != 0)
    return civ_fail(err, CIV_E_IO, store->path, "cannot start the thread that writes: %s", strerror(code));
  store->started = true;
  return CIV_OK;
}

void civ_store_stop_writer(civ_store *store)
{
  if (!store->started)
    return;
  pthread_mutex_lock(&store->lock);
  store->stop = true;
  pthread_cond_broadcast(&store->filled);
  pthread_mutex_unlock(&store->lock);
  pthread_join(store->writer, NULL);
  store->started = false;
}

/* --- handing over ---------------------------------------------------------------------------------------------------------------- */

civ_status civ_store_enqueue(civ_store *store, civ_store_job *job, civ_error *err)
{
  pthread_mutex_lock(&store->lock);
  while (store->failure.code == CIV_OK &&
         (store->n_queued >= MOST_QUEUED || (store->n_queued > 0 && store->bytes_queued + job->bytes > MOST_BYTES)))
    pthread_cond_wait(&store->emptied, &store->lock);
  const civ_error failure = store->failure;
  if (failure.code == CIV_OK) {
    *store->last = job;
    store->last = &job->next;
    store->n_queued++;
    store->bytes_queued += job->bytes;
    store->handed++;
    if (store->n_queued == 1 || store->n_queued == MOST_QUEUED / 2 || store->bytes_queued >= MOST_BYTES / 2)
      pthread_cond_signal(&store->filled);
  }
  pthread_mutex_unlock(&store->lock);
  if (failure.code == CIV_OK)
    return CIV_OK;
  civ_store_job_destroy(job);
  if (err != NULL)
    *err = failure;
  return failure.code;
}

/* The set of these names, made where it is new. NULL: no memory. */
static civ_store_names *share_names(civ_store *store, const civ_columns *columns)
{
  const uint64_t digest = civ_store_names_digest(columns);
  pthread_mutex_lock(&store->lock);
  civ_store_names *names = store->names;
  while (names != NULL && (names->digest != digest || !civ_store_names_equal(&names->columns, columns)))
    names = names->next;
  if (names == NULL && (names = civ_store_names_create(columns)) != NULL) {
    names->next = store->names;
    store->names = names;
  }
  pthread_mutex_unlock(&store->lock);
  return names;
}

static void *copy(civ_store_job *job, const void *from, size_t n, size_t size)
{
  void *to = civ_arena_take(&job->arena, n, size);
  if (to != NULL && n > 0)
    memcpy(to, from, n * size);
  job->bytes += n * size;
  return to;
}

static const char *copy_text(civ_store_job *job, const char *text)
{
  return text != NULL ? copy(job, text, strlen(text) + 1, 1) : NULL;
}

static void copy_agents(civ_store_job *job, const civ_history *h)
{
  const char **names = civ_arena_take(&job->arena, h->n_names, sizeof *names),
             **types = civ_arena_take(&job->arena, h->n_names, sizeof *types);
  job->agents = copy(job, h->agents, h->n_agent_snapshots, sizeof *h->agents);
  job->n_agent_rows = h->n_agent_snapshots;
  for (uint32_t a = 0; names != NULL && types != NULL && a < h->n_names; a++) {
    names[a] = copy_text(job, h->names[a]);
    types[a] = copy_text(job, h->types[a]);
  }
  job->agent_names = names;
  job->agent_types = types;
}

static void copy_findings(civ_store_job *job, const civ_run_record *r)
{
  civ_finding *findings = copy(job, r->findings, r->n_findings, sizeof *findings);
  for (uint32_t k = 0; findings != NULL && k < r->n_findings; k++) {
    findings[k].name = copy_text(job, findings[k].name);
    findings[k].reason = copy_text(job, findings[k].reason);
  }
  job->record.findings = findings;
  job->record.n_findings = r->n_findings;
}

static void copy_record(civ_store *store, civ_store_job *job, const civ_run_record *r)
{
  const civ_history *h = r->history;
  job->record.end = r->end;
  job->record.stop_reason = copy_text(job, r->stop_reason);
  job->record.stop_value = r->stop_value;
  job->record.agent_steps = r->agent_steps;
  job->record.n_epochs = r->n_epochs;
  job->record.totals = copy(job, r->totals, r->total_columns.n, sizeof *r->totals);
  job->n_agents = h != NULL ? h->n_agents : r->n_agents;
  job->names = share_names(store, &r->total_columns);
  copy_findings(job, r);
  if (store->detail >= CIV_STORE_EPOCHS && r->reports != NULL) {
    job->record.reports = copy(job, r->reports, r->reports_length, 1);
    job->record.reports_length = r->reports_length;
  }
  if (store->detail >= CIV_STORE_EPOCHS && h != NULL) {
    job->epochs = copy(job, h->epochs, h->n_epoch_snapshots, sizeof *h->epochs);
    job->n_epoch_rows = h->n_epoch_snapshots;
  }
  if (store->detail >= CIV_STORE_AGENTS && h != NULL)
    copy_agents(job, h);
}

civ_status civ_store_put(civ_store *store, const civ_store_run *run, civ_error *err)
{
  if (store->experiment == 0 || run->configuration >= store->n_configurations)
    return civ_fail(err, CIV_E_STATE, store->path, "begin an experiment that has configuration %u first",
                    run->configuration);
  if (run->error == NULL && store->detail >= CIV_STORE_EPOCHS && run->record->history == NULL)
    return civ_fail(err, CIV_E_STATE, store->path,
                    "rows of epochs are to be kept, but the run of seed %llu was not watched",
                    (unsigned long long)run->seed);
  civ_store_job *job = civ_store_job_create();
  if (job == NULL)
    return civ_fail(err, CIV_E_NOMEM, store->path, "out of memory");
  job->plan_index = run->plan_index;
  job->run_index = run->run_index;
  job->configuration = run->configuration;
  job->criteria = run->judged ? civ_outcome_names[run->outcome] : NULL;
  job->error = copy_text(job, run->error);
  if (run->error == NULL)
    copy_record(store, job, run->record);
  if (run->error == NULL && run->row != NULL && store->row != NULL)
    job->row = copy(job, run->row, store->row->columns.n, sizeof *run->row);
  job->record.seed = run->seed;
  if (job->arena.failed || (run->error == NULL && job->names == NULL)) {
    civ_store_job_destroy(job);
    return civ_fail(err, CIV_E_NOMEM, store->path, "out of memory");
  }
  return civ_store_enqueue(store, job, err);
}
