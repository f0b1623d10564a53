/* log_writer.c - the sink that writes the event log: lines into one buffer, the buffer into a file. */
#include "record/log_writer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "base/file.h"
#include "record/log_lines.h"

enum { BUFFER = 1 << 20, QUOTE = 60, ZSTD_LEVEL = 3 };

struct civ_log {
  civ_log_options options;
  char *path;
  civ_log_file file;
  civ_log_receiver receive; /* instead of a file */
  void *receiver;
  bool open, ended;
  bool special;    /* a device or pipe that is there already */
  bool in_frame;   /* a compressed frame is not yet closed */
  civ_error error; /* the first, code CIV_OK = none */
  civ_lines lines;
  char *buffer; /* whole lines not yet handed on */
  size_t length, capacity;
  uint64_t records; /* written, with those before `offset` ... */
  uint64_t flushed; /* ... of them handed on */
  ZSTD_CCtx *zstd;
  char *packed; /* compressed */
  size_t packed_capacity;
};

/* --- handing on ------------------------------------------------------------------------------------------------------- */

static void keep_error(civ_log *log, const civ_error *error)
{
  if (log->error.code == CIV_OK)
    log->error = *error;
}

static civ_status report(const civ_log *log, civ_error *err)
{
  if (log->error.code != CIV_OK && err != NULL)
    *err = log->error;
  return log->error.code;
}

static void open_file(civ_log *log)
{
  civ_error error = { 0 };
  const civ_status status = log->options.resume
                                ? civ_log_file_resume(&log->file, log->options.offset, &error)
                                : civ_log_file_create(&log->file, !log->options.replace && !log->special, &error);
  if (status != CIV_OK)
    keep_error(log, &error);
  else
    log->open = true;
}

static uint64_t count_lines(const char *data, size_t length)
{
  uint64_t n = 0;
  for (const char *at = data, *end = data + length; (at = memchr(at, '\n', (size_t)(end - at))) != NULL; at++)
    n++;
  return n;
}

/* Says which line of a resumed log this run does not repeat, and what it would have written. */
static void name_divergence(civ_log *log, size_t same, civ_error *error)
{
  if (log->zstd != NULL) {
    civ_fail(error, CIV_E_DIVERGED, log->path,
             "this run does not repeat the log: lines %llu to %llu differ (another configuration, version or zstd?)",
             (unsigned long long)log->flushed + 1, (unsigned long long)log->records);
    return;
  }
  size_t from = same;
  while (from > 0 && log->buffer[from - 1] != '\n')
    from--;
  const char *end = memchr(log->buffer + from, '\n', log->length - from);
  const size_t line = (size_t)(end - (log->buffer + from)), column = same - from;
  const size_t first = column > QUOTE ? column - QUOTE : 0;
  const int shown = (int)(line - first > (size_t)2 * QUOTE ? (size_t)2 * QUOTE : line - first);
  civ_fail(error, CIV_E_DIVERGED, log->path,
           "line %llu differs from what this run writes, from column %zu on, where it has ...%.*s...",
           (unsigned long long)(log->flushed + count_lines(log->buffer, from) + 1), column + 1, shown,
           log->buffer + from + first);
}

static void hand_to_file(civ_log *log, const char *data, size_t length, bool text)
{
  civ_error error = { 0 };
  size_t kept;
  const civ_status status = civ_log_file_put(&log->file, data, length, text, &kept, &error);
  if (status == CIV_E_DIVERGED)
    name_divergence(log, kept, &error);
  if (status != CIV_OK)
    keep_error(log, &error);
}

/* Compresses the buffer: one frame, or with `open_end` a part of one that reads back already. */
static void hand_compressed(civ_log *log, bool open_end)
{
  ZSTD_inBuffer in = { log->buffer, log->length, 0 };
  size_t used = 0, left;
  if (log->length == 0 && !log->in_frame)
    return;
  log->in_frame = open_end;
  do {
    if (log->packed_capacity - used < ZSTD_CStreamOutSize()) {
      const size_t capacity = log->packed_capacity + 2 * ZSTD_CStreamOutSize();
      char *packed = realloc(log->packed, capacity);
      if (packed == NULL) {
        civ_fail(&log->error, CIV_E_NOMEM, log->path, "no memory to compress the event log");
        return;
      }
      log->packed = packed;
      log->packed_capacity = capacity;
    }
    ZSTD_outBuffer out = { log->packed, log->packed_capacity, used };
    left = ZSTD_compressStream2(log->zstd, &out, &in, open_end ? ZSTD_e_flush : ZSTD_e_end);
    used = out.pos;
    if (ZSTD_isError(left)) {
      civ_fail(&log->error, CIV_E_IO, log->path, "cannot compress the event log: %s", ZSTD_getErrorName(left));
      return;
    }
  } while (left != 0);
  if (used > 0)
    hand_to_file(log, log->packed, used, false);
}

/* Hands the buffer on. `open_end`: more records of the same compressed frame may follow. */
static void flush(civ_log *log, bool open_end)
{
  if (log->error.code != CIV_OK || !log->open)
    return;
  if (log->zstd != NULL)
    hand_compressed(log, open_end);
  else if (log->length > 0 && log->receive != NULL) {
    civ_error error = { 0 };
    if (log->receive(log->receiver, log->buffer, log->length, &error) != CIV_OK)
      keep_error(log, &error);
  } else if (log->length > 0)
    hand_to_file(log, log->buffer, log->length, true);
  if (log->error.code != CIV_OK)
    return;
  log->length = 0;
  log->flushed = log->records;
}

static void sync_file(civ_log *log)
{
  civ_error error = { 0 };
  if (log->error.code == CIV_OK && log->receive == NULL && civ_log_file_sync(&log->file, &error) != CIV_OK)
    keep_error(log, &error);
}

/* --- the sink --------------------------------------------------------------------------------------------------------- */

static civ_status begin(void *self, const civ_roster *roster, const civ_columns *columns, civ_error *err)
{
  civ_log *log = self;
  (void)columns;
  const civ_status status = civ_lines_names(&log->lines, roster, err);
  return status != CIV_OK ? status : report(log, err);
}

/* Room for `bound` more bytes; false leaves an error. */
static bool make_room(civ_log *log, size_t bound)
{
  if (CIV_LIKELY(bound != 0 && bound <= log->capacity - log->length))
    return true;
  if (bound != 0)
    flush(log, false);
  if (log->error.code != CIV_OK)
    return false;
  if (bound != 0 && bound <= log->capacity)
    return true;
  char *larger = bound == 0 ? NULL : realloc(log->buffer, bound);
  if (larger == NULL) {
    civ_fail(&log->error, CIV_E_NOMEM, log->path, "no memory for an event log line");
    return false;
  }
  log->buffer = larger;
  log->capacity = bound;
  return true;
}

/* The head names the detail of this log, whatever other sinks listen to. */
static void name_detail(const civ_log *log, const civ_event *event, civ_event *own)
{
  enum { DETAIL = 4 }; /* value of log_opened */
  *own = *event;
  own->values[DETAIL].text = log->options.detail == CIV_DETAIL_FULL ? "full" : "standard";
}

static void write_event(void *self, const civ_event *event)
{
  civ_log *log = self;
  if (log->error.code != CIV_OK)
    return;
  if ((event->full_only || (event->form->flags & CIV_FORM_FULL_ONLY)) && log->options.detail != CIV_DETAIL_FULL)
    return;
  if (CIV_UNLIKELY(!log->open)) {
    open_file(log);
    if (log->error.code != CIV_OK)
      return;
  }
  civ_event head;
  if (CIV_UNLIKELY(event->type == CIV_EVENT_LOG_OPENED)) {
    name_detail(log, event, &head);
    event = &head;
  }
  if (!make_room(log, civ_lines_bound(&log->lines, event)))
    return;
  const size_t length = civ_lines_write(&log->lines, event, log->records + 1, log->buffer + log->length);
  if (CIV_UNLIKELY(length == 0)) {
    civ_fail(&log->error, CIV_E_NOMEM, log->path, "no memory for an event log line");
    return;
  }
  log->length += length;
  log->records++;
  log->ended |= event->type == CIV_EVENT_SIMULATION_ENDED;
  if (log->options.durability == CIV_DURABILITY_EVERY)
    flush(log, true);
}

static civ_status close_epoch(void *self, uint32_t epoch, const double *row, civ_error *err)
{
  civ_log *log = self;
  (void)epoch;
  (void)row;
  if (log->options.durability != CIV_DURABILITY_NONE) {
    flush(log, false);
    sync_file(log);
  }
  return report(log, err);
}

static civ_status end(void *self, civ_error *err)
{
  civ_log *log = self;
  flush(log, false);
  return report(log, err);
}

static const civ_sink standard_sink = { .version = CIV_PART_VERSION,
                                        .name = "event_log",
                                        .wants_events = true,
                                        .wants_digest = true,
                                        .begin = begin,
                                        .event = write_event,
                                        .epoch = close_epoch,
                                        .end = end };
static const civ_sink full_sink = { .version = CIV_PART_VERSION,
                                    .name = "event_log",
                                    .wants_events = true,
                                    .wants_full = true,
                                    .wants_digest = true,
                                    .begin = begin,
                                    .event = write_event,
                                    .epoch = close_epoch,
                                    .end = end };

const civ_sink *civ_log_sink(const civ_log *log)
{
  return log->options.detail == CIV_DETAIL_FULL ? &full_sink : &standard_sink;
}

/* --- making and ending -------------------------------------------------------------------------------------------------- */

static bool ends_with(const char *text, const char *tail)
{
  const size_t n = strlen(text), m = strlen(tail);
  return n >= m && strcmp(text + n - m, tail) == 0;
}

static civ_log *make(const char *path, const civ_log_options *options)
{
  const bool packs = options->compression == CIV_COMPRESSION_ZSTD;
  civ_log *log = calloc(1, sizeof *log);
  if (log == NULL)
    return NULL;
  civ_lines_init(&log->lines);
  log->options = *options;
  log->records = log->flushed = options->resume ? options->events : 0;
  log->capacity = BUFFER;
  log->file.fd = -1;
  log->buffer = malloc(BUFFER);
  log->path = malloc(strlen(path) + 5);
  if (packs)
    log->zstd = ZSTD_createCCtx();
  if (log->buffer == NULL || log->path == NULL || (packs && log->zstd == NULL)) {
    civ_log_destroy(log);
    return NULL;
  }
  strcpy(log->path, path);
  if (packs && !ends_with(path, ".zst"))
    strcat(log->path, ".zst");
  if (packs) {
    ZSTD_CCtx_setParameter(log->zstd, ZSTD_c_compressionLevel, ZSTD_LEVEL);
    ZSTD_CCtx_setParameter(log->zstd, ZSTD_c_checksumFlag, 1);
  }
  log->file.path = log->path;
  return log;
}

/* What can be known before the first event: so that a run is refused before it starts. */
static civ_status check_place(civ_log *log, civ_error *err)
{
  struct stat st;
  const bool there = stat(log->path, &st) == 0;
  log->special = there && !S_ISREG(st.st_mode);
  if (there && S_ISDIR(st.st_mode))
    return civ_fail(err, CIV_E_IO, log->path, "the event log cannot be written: this is a folder");
  if (there && S_ISREG(st.st_mode) && !log->options.replace && !log->options.resume)
    return civ_fail(err, CIV_E_IO, log->path, "the event log exists already; --force replaces it");
  if (!there && log->options.resume)
    return civ_fail(err, CIV_E_IO, log->path, "there is no event log to go on with: %s", strerror(errno));
  if (there) {
    if (access(log->path, W_OK) != 0)
      return civ_fail(err, CIV_E_IO, log->path, "the event log cannot be written: %s", strerror(errno));
    return CIV_OK;
  }
  const civ_status status = civ_file_make_parents(log->path, err);
  if (status != CIV_OK)
    return status;
  const char *slash = strrchr(log->path, '/');
  char folder[4096] = ".";
  if (slash != NULL && (size_t)(slash - log->path) + 2 < sizeof folder) {
    const size_t n = slash == log->path ? 1 : (size_t)(slash - log->path);
    memcpy(folder, log->path, n);
    folder[n] = '\0';
  }
  if (access(folder, W_OK | X_OK) != 0)
    return civ_fail(err, CIV_E_IO, log->path, "the event log cannot be created: %s", strerror(errno));
  return CIV_OK;
}

civ_status civ_log_create_over(const civ_log_system *system, const char *path, const civ_log_options *options,
                               civ_log **out, civ_error *err)
{
  civ_log *log = make(path, options);
  if (log == NULL)
    return civ_fail(err, CIV_E_NOMEM, path, "no memory for the event log");
  log->file.system = system;
  const civ_status status = check_place(log, err);
  if (status != CIV_OK) {
    civ_log_destroy(log);
    return status;
  }
  *out = log;
  return CIV_OK;
}

civ_status civ_log_create(const char *path, const civ_log_options *options, civ_log **out, civ_error *err)
{
  return civ_log_create_over(&civ_log_system_real, path, options, out, err);
}

civ_status civ_log_create_into(civ_log_receiver receive, void *self, int32_t detail, civ_log **out, civ_error *err)
{
  const civ_log_options options = { .detail = detail, .durability = CIV_DURABILITY_EPOCH };
  civ_log *log = make("event log", &options);
  if (log == NULL)
    return civ_fail(err, CIV_E_NOMEM, "event log", "no memory for the event log");
  log->receive = receive;
  log->receiver = self;
  log->open = true;
  *out = log;
  return CIV_OK;
}

civ_status civ_log_sync(civ_log *log, civ_error *err)
{
  flush(log, false);
  sync_file(log);
  return report(log, err);
}

/* A finished run has said all: bytes of the resumed file that it did not repeat belong to another one. */
static void check_rest(civ_log *log)
{
  const civ_log_file *f = &log->file;
  if (log->error.code == CIV_OK && log->ended && log->open && f->position < f->existing)
    civ_fail(&log->error, CIV_E_DIVERGED, log->path,
             "this run ends after %llu lines, but the log goes on for %llu bytes", (unsigned long long)log->records,
             (unsigned long long)(f->existing - f->position));
}

civ_status civ_log_close(civ_log *log, civ_error *err)
{
  civ_error error = { 0 };
  flush(log, false);
  if (log->options.durability != CIV_DURABILITY_NONE)
    sync_file(log);
  check_rest(log);
  if (civ_log_file_close(&log->file, &error) != CIV_OK)
    keep_error(log, &error);
  log->open = false;
  return report(log, err);
}

void civ_log_destroy(civ_log *log)
{
  if (log == NULL)
    return;
  if (log->file.fd >= 0)
    log->file.system->close(log->file.fd);
  ZSTD_freeCCtx(log->zstd);
  civ_lines_free(&log->lines);
  free(log->buffer);
  free(log->packed);
  free(log->path);
  free(log);
}

uint64_t civ_log_records(const civ_log *log)
{
  return log->records;
}

uint64_t civ_log_bytes(const civ_log *log)
{
  return log->file.position + (log->zstd == NULL ? log->length : 0);
}

uint64_t civ_log_nulls(const civ_log *log)
{
  return log->lines.nulls;
}

const char *civ_log_path(const civ_log *log)
{
  return log->path;
}
