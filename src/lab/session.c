#include "lab/session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/file.h"
#include "base/json.h"
#include "base/number.h"
#include "lab/criteria.h"
#include "lab/run_files.h"
#include "lab/run_folder.h"
#include "lab/run_record.h"

enum { MOST_CHECKPOINTS = 64, KEPT_CHECKPOINTS = 2 };

struct civ_session {
  const civ_config *config;
  const civ_outputs_config *outputs;
  civ_session_options options;
  civ_run *run;
  civ_log *log;
  char *log_path;
  civ_history history;
  civ_watch *watch;
  civ_arena arena; /* of the record */
  civ_run_record record;
  int64_t started_us; /* wall clock */
  double seconds;
  uint64_t dropped;
  uint32_t from_epoch;
};

static civ_status out_of_memory(civ_error *err)
{
  return civ_fail(err, CIV_E_NOMEM, "run", "out of memory");
}

static double wall_seconds(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static int64_t wall_clock_us(void)
{
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* --- checkpoints ----------------------------------------------------------------------------------------------------------- */

static civ_status write_checkpoint(civ_session *s, uint32_t epoch, civ_error *err)
{
  civ_bytes bytes = { 0 };
  civ_status status = s->log != NULL ? civ_log_sync(s->log, err) : CIV_OK;
  if (status != CIV_OK)
    return status;
  civ_bytes_open(&bytes, "SESN");
  civ_bytes_put_u64(&bytes, s->log != NULL ? civ_log_bytes(s->log) : 0);
  civ_bytes_put_u64(&bytes, s->log != NULL ? civ_log_records(s->log) : 0);
  civ_bytes_close(&bytes);
  status = civ_run_save(s->run, &bytes, err);
  civ_aggregator_save(civ_watch_aggregator(s->watch), &bytes);
  char *path = civ_run_folder_checkpoint(s->options.folder, epoch);
  if (status == CIV_OK && (bytes.failed || path == NULL))
    status = out_of_memory(err);
  if (status == CIV_OK)
    status = civ_file_write(path, bytes.data, bytes.length, err);
  free(path);
  civ_bytes_free(&bytes);
  return status;
}

/* All but the newest ones go; a file that cannot be removed only takes room. */
static void drop_old_checkpoints(const civ_session *s)
{
  uint32_t epochs[MOST_CHECKPOINTS];
  const uint32_t n = civ_run_folder_checkpoints(s->options.folder, epochs, MOST_CHECKPOINTS);
  for (uint32_t k = KEPT_CHECKPOINTS; k < n; k++) {
    char *path = civ_run_folder_checkpoint(s->options.folder, epochs[k]);
    if (path != NULL)
      unlink(path);
    free(path);
  }
}

static civ_status checkpoint_if_due(civ_session *s, civ_error *err)
{
  uint32_t epoch, step;
  civ_run_now(s->run, &epoch, &step);
  const bool due = s->options.folder != NULL && s->outputs->checkpoint_every > 0 && step == 0 &&
                   epoch > s->from_epoch && epoch % (uint64_t)s->outputs->checkpoint_every == 0;
  if (!due)
    return CIV_OK;
  const civ_status status = write_checkpoint(s, epoch, err);
  if (status == CIV_OK)
    drop_old_checkpoints(s);
  return status;
}

/* --- opening ------------------------------------------------------------------------------------------------------------- */

static void close_parts(civ_session *s)
{
  civ_run_destroy(s->run);
  civ_watch_destroy(s->watch);
  civ_history_destroy(&s->history);
  civ_log_destroy(s->log);
  s->run = NULL;
  s->watch = NULL;
  s->log = NULL;
}

static civ_status open_log(civ_session *s, bool goes_on, uint64_t offset, uint64_t events, civ_error *err)
{
  const civ_log_options options = {
    .detail = s->outputs->event_log_detail,
    .durability = s->outputs->durability,
    .compression = s->outputs->compression,
    .replace = s->options.replace || s->options.resume || s->outputs->event_log_mode != 0,
    .resume = goes_on,
    .offset = offset,
    .events = events,
  };
  const civ_status status = civ_log_create(s->log_path, &options, &s->log, err);
  return status == CIV_OK ? civ_run_attach(s->run, civ_log_sink(s->log), s->log, err) : status;
}

/* Builds run, history and log; with `bytes` (behind the session's own chunk) goes on from a checkpoint. */
static civ_status build(civ_session *s, bool goes_on, uint64_t offset, uint64_t events, civ_bytes_reader *bytes,
                        civ_error *err)
{
  const civ_run_options options = { .threads = s->options.threads };
  s->history = civ_history_create();
  civ_status status = civ_run_create(s->config, &options, &s->run, err);
  if (status == CIV_OK)
    status = civ_watch_create(s->run, s->outputs->agent_snapshots, &s->history, &s->watch, err);
  if (status == CIV_OK && s->log_path != NULL)
    status = open_log(s, goes_on, offset, events, err);
  if (status == CIV_OK && bytes != NULL)
    status = civ_run_load(s->run, bytes, err);
  if (status == CIV_OK && bytes != NULL)
    status = civ_aggregator_load(civ_watch_aggregator(s->watch), bytes, err);
  if (status != CIV_OK)
    close_parts(s);
  return status;
}

/* Tries one checkpoint; anything wrong with it means that an older one is tried. */
static bool take_checkpoint(civ_session *s, uint32_t epoch, bool log_there, uint64_t log_size)
{
  char *path = civ_run_folder_checkpoint(s->options.folder, epoch), *data = NULL;
  civ_error err;
  size_t length;
  bool taken = false;
  if (path != NULL && civ_file_read(path, SIZE_MAX / 4, &data, &length, &err) == CIV_OK) {
    civ_bytes_reader bytes = { .data = (const uint8_t *)data, .length = length };
    uint64_t offset = 0, events = 0;
    bool fits = civ_bytes_enter(&bytes, "SESN", &err) == CIV_OK;
    if (fits) {
      offset = civ_bytes_u64(&bytes);
      events = civ_bytes_u64(&bytes);
      fits = civ_bytes_leave(&bytes, &err) == CIV_OK;
    }
    fits = fits && (s->log_path == NULL ? offset == 0 : log_there && offset <= log_size);
    taken = fits && build(s, log_there, offset, events, &bytes, &err) == CIV_OK;
  }
  free(path);
  free(data);
  if (taken)
    s->from_epoch = epoch;
  return taken;
}

static uint64_t file_size(const char *path)
{
  FILE *file = fopen(path, "rb");
  if (file == NULL)
    return 0;
  const long size = fseek(file, 0, SEEK_END) == 0 ? ftell(file) : 0;
  fclose(file);
  return size > 0 ? (uint64_t)size : 0;
}

/* Path of the log as it stands on disk: compressed ones have .zst behind. NULL: no memory. */
static char *path_on_disk(const civ_session *s)
{
  const size_t n = strlen(s->log_path);
  const bool named = n >= 4 && strcmp(s->log_path + n - 4, ".zst") == 0;
  char *path = NULL;
  if (asprintf(&path, "%s%s", s->log_path, s->outputs->compression == CIV_COMPRESSION_ZSTD && !named ? ".zst" : "") < 0)
    return NULL;
  return path;
}

static civ_status take_up(civ_session *s, civ_error *err)
{
  uint32_t epochs[MOST_CHECKPOINTS];
  bool log_there = false;
  uint64_t size = 0;
  civ_run_folder_sweep(s->options.folder);
  if (s->log_path != NULL) {
    char *path = path_on_disk(s);
    if (path == NULL)
      return out_of_memory(err);
    log_there = civ_file_exists(path);
    civ_status status = CIV_OK;
    if (log_there && s->outputs->compression == CIV_COMPRESSION_NONE)
      status = civ_log_recover(path, &s->dropped, err);
    size = log_there ? file_size(path) : 0;
    free(path);
    if (status != CIV_OK)
      return status;
  }
  const uint32_t n = civ_run_folder_checkpoints(s->options.folder, epochs, MOST_CHECKPOINTS);
  for (uint32_t k = 0; k < n; k++)
    if (take_checkpoint(s, epochs[k], log_there, size))
      return CIV_OK;
  return build(s, log_there, 0, 0, NULL, err);
}

/* The mark that says how to go on, then config.yaml: a folder with a configuration and no mark is a finished run. */
static civ_status leave_marks(civ_session *s, civ_error *err)
{
  char *config = civ_run_folder_file(s->options.folder, CIV_FILE_CONFIG, NULL);
  char *mark = civ_run_folder_file(s->options.folder, CIV_FILE_UNDERWAY, NULL);
  civ_buffer text = { 0 };
  json_t *object = json_pack("{s: b, s: s?}", "no_log", s->options.no_log, "log", s->options.log_path);
  civ_json_write_deep(&text, object, 2, 0);
  civ_buffer_text(&text, "\n");
  json_decref(object);
  civ_status status = config != NULL && mark != NULL && !text.failed ? CIV_OK : out_of_memory(err);
  if (status == CIV_OK)
    status = civ_file_write_unsynced(mark, text.data, text.length, err);
  if (status == CIV_OK && s->options.config_yaml != NULL)
    status = civ_file_write_unsynced(config, s->options.config_yaml, strlen(s->options.config_yaml), err);
  free(config);
  free(mark);
  civ_buffer_free(&text);
  return status;
}

static civ_status choose_log_path(civ_session *s, civ_error *err)
{
  if (s->options.no_log || (s->options.folder == NULL && s->options.log_path == NULL))
    return CIV_OK;
  s->log_path = s->options.log_path != NULL
                    ? strdup(s->options.log_path)
                    : civ_run_folder_file(s->options.folder, CIV_FILE_EVENTS, s->outputs->event_log);
  return s->log_path != NULL ? CIV_OK : out_of_memory(err);
}

static civ_status check_outputs(civ_session *s, civ_error *err)
{
  civ_result result;
  civ_status status = civ_run_result(s->run, &result, err);
  if (status == CIV_OK)
    status = civ_run_files_check(s->config, &result.epoch_columns, err);
  if (status == CIV_OK && s->options.folder != NULL)
    status = civ_run_files_refuse(s->options.folder, s->config, s->options.replace || s->options.resume, err);
  if (status == CIV_OK && s->options.folder != NULL && !s->options.resume)
    status = leave_marks(s, err);
  return status;
}

civ_status civ_session_open(const civ_config *config, const civ_session_options *options, civ_session **out,
                            civ_error *err)
{
  civ_session *s = calloc(1, sizeof *s);
  if (s == NULL)
    return out_of_memory(err);
  s->config = config;
  s->outputs = civ_config_section(config, "outputs");
  s->options = *options;
  s->arena = civ_arena_create(NULL);
  s->started_us = wall_clock_us();
  civ_status status = choose_log_path(s, err);
  if (status == CIV_OK)
    status = options->resume ? take_up(s, err) : build(s, false, 0, 0, NULL, err);
  if (status == CIV_OK)
    status = check_outputs(s, err);
  if (status != CIV_OK)
    civ_session_destroy(s);
  else
    *out = s;
  return status;
}

/* --- driving --------------------------------------------------------------------------------------------------------------- */

static void tell(const civ_session *s, const civ_simulation_config *simulation)
{
  civ_session_moment now = { .n_epochs = (uint64_t)simulation->n_epochs,
                             .steps_per_epoch = (uint64_t)simulation->steps_per_epoch };
  civ_run_now(s->run, &now.epoch, &now.step);
  s->options.moment(s->options.arg, &now);
}

civ_status civ_session_drive(civ_session *s, civ_error *err)
{
  const civ_simulation_config *simulation = civ_config_section(s->config, "simulation");
  const double start = wall_seconds();
  civ_end end = CIV_RUNNING;
  civ_status status = civ_run_begin(s->run, err);
  while (status == CIV_OK && end == CIV_RUNNING) {
    status = civ_run_step(s->run, &end, err);
    if (status == CIV_OK)
      status = checkpoint_if_due(s, err);
    if (status == CIV_OK && s->options.moment != NULL)
      tell(s, simulation);
  }
  s->seconds = wall_seconds() - start;
  return status;
}

/* --- closing --------------------------------------------------------------------------------------------------------------- */

static civ_status make_record(civ_session *s, civ_error *err)
{
  civ_result result;
  uint32_t n;
  const civ_criterion *criteria = civ_config_criteria(s->config, &n);
  civ_status status = civ_run_result(s->run, &result, err);
  if (status != CIV_OK)
    return status;
  civ_finding *findings = civ_arena_take(&s->arena, n, sizeof *findings);
  if (findings == NULL || civ_run_record_copy(&result, NULL, CIV_KEEP_EPOCHS | CIV_KEEP_AGENTS | CIV_KEEP_BORROWED,
                                              &s->arena, &s->record) != CIV_OK)
    return out_of_memory(err);
  status = civ_run_record_add_reports(s->run, &s->arena, &s->record, err);
  if (status != CIV_OK)
    return status;
  s->history.ended = true;
  s->history.ended_us = result.time_us;
  s->record.outcome = civ_criteria_evaluate(criteria, n, &s->record, &s->history, findings);
  s->record.findings = findings;
  s->record.n_findings = n;
  return CIV_OK;
}

static civ_status write_timing(const civ_session *s, civ_error *err)
{
  char started[CIV_NUMBER_MAX];
  started[civ_format_time(started, s->started_us)] = '\0';
  const double rate = s->seconds > 0 ? (double)s->record.agent_steps / s->seconds : 0;
  json_t *object = json_pack("{s: s, s: f, s: I, s: f, s: i, s: b, s: i}", "started_at", started, "seconds", s->seconds,
                             "agent_steps", (json_int_t)s->record.agent_steps, "agent_steps_per_second", rate,
                             "threads", (int)(s->options.threads > 0 ? s->options.threads : 1), "resumed",
                             s->options.resume, "from_epoch", (int)s->from_epoch);
  civ_buffer text = { 0 };
  civ_json_write_deep(&text, object, 2, 0);
  civ_buffer_text(&text, "\n");
  json_decref(object);
  char *path = civ_run_folder_file(s->options.folder, CIV_FILE_TIMING, NULL);
  const civ_status status =
      path != NULL && !text.failed ? civ_file_write_unsynced(path, text.data, text.length, err) : out_of_memory(err);
  free(path);
  civ_buffer_free(&text);
  return status;
}

static civ_status write_files(civ_session *s, civ_error *err)
{
  civ_status status = civ_run_files_write(s->options.folder, s->config, &s->record, &s->history, err);
  if (status == CIV_OK)
    status = write_timing(s, err);
  if (status != CIV_OK || s->record.end == CIV_END_INTERRUPTED || s->record.end == CIV_RUNNING)
    return status;
  char *mark = civ_run_folder_file(s->options.folder, CIV_FILE_UNDERWAY, NULL);
  if (mark == NULL)
    return out_of_memory(err);
  unlink(mark);
  free(mark);
  return CIV_OK;
}

civ_status civ_session_close(civ_session *s, civ_error *err)
{
  civ_error later = { 0 };
  civ_status status = civ_run_finish(s->run, err);
  civ_status next = s->log != NULL ? civ_log_close(s->log, status == CIV_OK ? err : &later) : CIV_OK;
  status = status == CIV_OK ? next : status;
  next = make_record(s, status == CIV_OK ? err : &later);
  if (next == CIV_OK && s->options.folder != NULL)
    next = write_files(s, status == CIV_OK ? err : &later);
  return status == CIV_OK ? next : status;
}

void civ_session_destroy(civ_session *s)
{
  if (s == NULL)
    return;
  close_parts(s);
  civ_arena_destroy(&s->arena);
  free(s->log_path);
  free(s);
}

/* --- asking ---------------------------------------------------------------------------------------------------------------- */

civ_run *civ_session_running(civ_session *s)
{
  return s->run;
}

const civ_run_record *civ_session_record(const civ_session *s)
{
  return &s->record;
}

const civ_history *civ_session_history(const civ_session *s)
{
  return &s->history;
}

const char *civ_session_log_path(const civ_session *s)
{
  return s->log != NULL ? civ_log_path(s->log) : NULL;
}

double civ_session_seconds(const civ_session *s)
{
  return s->seconds;
}

uint64_t civ_session_dropped(const civ_session *s)
{
  return s->dropped;
}

uint32_t civ_session_from_epoch(const civ_session *s)
{
  return s->from_epoch;
}

uint64_t civ_session_nulls(const civ_session *s)
{
  return s->log != NULL ? civ_log_nulls(s->log) : 0;
}

/* --- a run found in a folder ------------------------------------------------------------------------------------------------ */

static civ_status read_mark(const char *folder, const char *path, bool *no_log, char **log_path, civ_error *err)
{
  char *text;
  size_t length;
  json_error_t at;
  const civ_status status = civ_file_read(path, 1 << 20, &text, &length, err);
  if (status != CIV_OK)
    return status;
  json_t *mark = json_loadb(text, length, 0, &at);
  civ_free(text);
  if (!json_is_object(mark)) {
    json_decref(mark);
    return civ_fail(err, CIV_E_FORMAT, folder, "%s is damaged: %s", CIV_FILE_UNDERWAY, at.text);
  }
  const char *log = civ_json_text(mark, "log", NULL);
  *no_log = civ_json_bool(mark, "no_log", false);
  *log_path = log != NULL ? strdup(log) : NULL;
  const bool lost = log != NULL && *log_path == NULL;
  json_decref(mark);
  return lost ? out_of_memory(err) : CIV_OK;
}

civ_status civ_session_find(const char *folder, bool *no_log, char **log_path, civ_error *err)
{
  char *mark = civ_run_folder_file(folder, CIV_FILE_UNDERWAY, NULL);
  char *config = civ_run_folder_file(folder, CIV_FILE_CONFIG, NULL);
  civ_status status;
  if (mark == NULL || config == NULL)
    status = out_of_memory(err);
  else if (!civ_file_exists(config))
    status = civ_fail(err, CIV_E_IO, folder,
                      civ_file_exists(mark) ? "the run died before it began; start it again with --force"
                                            : "this is no run folder: it has no " CIV_FILE_CONFIG);
  else if (!civ_file_exists(mark))
    status = civ_fail(err, CIV_E_STATE, folder, "this run is finished; there is nothing to resume");
  else
    status = read_mark(folder, mark, no_log, log_path, err);
  free(mark);
  free(config);
  return status;
}
