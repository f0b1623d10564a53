/* replay_execute.c - a logged run made again, its log compared byte by byte with the old one. */
#include <stdlib.h>
#include <string.h>

#include "civitas/replay.h"
#include "lab/replay_head.h"
#include "record/log_source.h"
#include "record/log_writer.h"

enum { QUOTE = 50 };

typedef struct comparison {
  const char *path;
  civ_log_source old;
  civ_run *run;
  uint64_t lines;
  bool old_ended; /* the old log stops here: nothing more to compare */
} comparison;

/* Up to `size` bytes around the first difference. */
static void quote(const char *text, size_t length, size_t at, char *out, size_t size)
{
  const size_t from = at > QUOTE ? at - QUOTE : 0, left = length > from ? length - from : 0;
  const size_t n = left < size - 1 ? left : size - 1;
  memcpy(out, text + from, n);
  out[n] = '\0';
}

static civ_status differs(const comparison *c, const char *old, size_t old_length, const char *line, size_t length,
                          civ_error *err)
{
  char was[2 * QUOTE + 1], is[2 * QUOTE + 1];
  size_t at = 0;
  while (at < old_length && at < length && old[at] == line[at])
    at++;
  quote(old, old_length, at, was, sizeof was);
  quote(line, length, at, is, sizeof is);
  return civ_fail(err, CIV_E_DIVERGED, c->path, "line %llu, column %zu: the log has ...%s..., executed again ...%s...",
                  (unsigned long long)c->lines + 1, at + 1, was, is);
}

static civ_status compare_line(comparison *c, const char *line, size_t length, civ_error *err)
{
  const char *old;
  size_t old_length;
  bool whole, got;
  const civ_status st = civ_log_source_next(&c->old, &old, &old_length, &whole, &got, err);
  if (st != CIV_OK)
    return st;
  if (!got || !whole) {
    c->old_ended = true;
    civ_run_interrupt(c->run);
    if (got && (old_length > length || memcmp(old, line, old_length) != 0))
      return differs(c, old, old_length, line, length, err);
    return CIV_OK;
  }
  if (old_length != length || memcmp(old, line, length) != 0)
    return differs(c, old, old_length, line, length, err);
  c->lines++;
  return CIV_OK;
}

static civ_status receive(void *self, const char *lines, size_t length, civ_error *err)
{
  comparison *c = self;
  civ_status st = CIV_OK;
  while (st == CIV_OK && length > 0 && !c->old_ended) {
    const char *end = memchr(lines, '\n', length);
    const size_t n = (size_t)(end - lines);
    st = compare_line(c, lines, n, err);
    lines += n + 1;
    length -= n + 1;
  }
  return st;
}

/* The run is over: so must the log be. */
static civ_status check_end(comparison *c, civ_error *err)
{
  const char *text;
  size_t length;
  bool whole, got;
  if (c->old_ended)
    return CIV_OK;
  const civ_status st = civ_log_source_next(&c->old, &text, &length, &whole, &got, err);
  if (st == CIV_OK && got)
    return civ_fail(err, CIV_E_DIVERGED, c->path, "line %llu: executed again, the run is over before it",
                    (unsigned long long)c->lines + 1);
  return st;
}

static civ_status execute(comparison *c, int32_t detail, civ_error *err)
{
  civ_log *log;
  civ_end end;
  civ_status st = civ_log_create_into(receive, c, detail, &log, err);
  if (st != CIV_OK)
    return st;
  st = civ_run_attach(c->run, civ_log_sink(log), log, err);
  if (st == CIV_OK)
    st = civ_run_all(c->run, &end, err);
  if (st == CIV_OK)
    st = civ_log_close(log, err);
  civ_log_destroy(log);
  return st == CIV_OK ? check_end(c, err) : st;
}

civ_status civ_log_reexecute(const char *path, const civ_registry *registry, uint32_t threads, uint64_t *records,
                             bool *complete, civ_error *err)
{
  const civ_run_options options = { .threads = threads };
  comparison c = { .path = path };
  civ_config *config;
  int32_t detail;
  civ_status st = civ_replay_head_read(path, 1, registry, &config, &detail, err);
  if (st != CIV_OK)
    return st;
  st = civ_run_create(config, &options, &c.run, err);
  if (st == CIV_OK) {
    st = civ_log_source_open(&c.old, path, err);
    if (st == CIV_OK)
      st = execute(&c, detail, err);
    civ_log_source_close(&c.old);
    civ_run_destroy(c.run);
  }
  civ_config_destroy(config);
  if (st == CIV_OK) {
    *records = c.lines;
    *complete = !c.old_ended;
  }
  return st;
}
