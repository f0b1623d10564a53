#include "record/log_source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"

enum { CHUNK = 1 << 17 };

static const unsigned char magic[4] = { 0x28, 0xB5, 0x2F, 0xFD };

static const char *name_of(const civ_log_source *s)
{
  return s->path != NULL ? s->path : "event log";
}

static civ_status no_memory(const civ_log_source *s, civ_error *err)
{
  return civ_fail(err, CIV_E_NOMEM, name_of(s), "no memory to read the event log");
}

civ_status civ_log_source_open(civ_log_source *s, const char *path, civ_error *err)
{
  char why[128];
  memset(s, 0, sizeof *s);
  s->path = path;
  s->fd = open(path, O_RDONLY | O_CLOEXEC);
  if (s->fd < 0)
    return civ_fail(err, CIV_E_IO, path, "cannot read the event log: %s", strerror_r(errno, why, sizeof why));
  return CIV_OK;
}

void civ_log_source_memory(civ_log_source *s, const char *text, size_t length)
{
  memset(s, 0, sizeof *s);
  s->fd = -1;
  s->memory = text;
  s->memory_length = length;
}

void civ_log_source_close(civ_log_source *s)
{
  if (s->fd >= 0)
    close(s->fd);
  ZSTD_freeDCtx(s->zstd);
  free(s->packed);
  free(s->data);
  memset(s, 0, sizeof *s);
  s->fd = -1;
}

void civ_log_source_where(const civ_log_source *s, char *out, size_t size)
{
  if (s->path != NULL)
    snprintf(out, size, "%s:%llu", s->path, (unsigned long long)s->line);
  else
    snprintf(out, size, "line %llu", (unsigned long long)s->line);
}

/* Up to `most` bytes as they stand in the file; 0 = end. */
static civ_status read_raw(civ_log_source *s, char *out, size_t most, size_t *got, civ_error *err)
{
  if (s->fd < 0) {
    const size_t left = s->memory_length - s->memory_at;
    *got = left < most ? left : most;
    if (*got > 0)
      memcpy(out, s->memory + s->memory_at, *got);
    s->memory_at += *got;
    return CIV_OK;
  }
  for (;;) {
    const ssize_t n = read(s->fd, out, most);
    if (n >= 0) {
      *got = (size_t)n;
      return CIV_OK;
    }
    char why[128];
    if (errno != EINTR)
      return civ_fail(err, CIV_E_IO, name_of(s), "cannot read the event log: %s", strerror_r(errno, why, sizeof why));
  }
}

/* Decides by the first four bytes whether the log is compressed. */
static civ_status look(civ_log_source *s, civ_error *err)
{
  s->packed = malloc(CHUNK);
  if (s->packed == NULL)
    return no_memory(s, err);
  s->looked = true;
  while (s->packed_length < sizeof magic) {
    size_t got = 0;
    const civ_status st = read_raw(s, s->packed + s->packed_length, CHUNK - s->packed_length, &got, err);
    if (st != CIV_OK)
      return st;
    if (got == 0)
      break;
    s->packed_length += got;
  }
  if (s->packed_length < sizeof magic || memcmp(s->packed, magic, sizeof magic) != 0)
    return CIV_OK;
  s->zstd = ZSTD_createDCtx();
  return s->zstd == NULL ? no_memory(s, err) : CIV_OK;
}

static civ_status unpack(civ_log_source *s, char *out, size_t most, size_t *got, civ_error *err)
{
  ZSTD_outBuffer to = { out, most, 0 };
  while (to.pos == 0) {
    if (s->packed_at == s->packed_length && !s->packed_end) {
      s->packed_at = 0;
      const civ_status st = read_raw(s, s->packed, CHUNK, &s->packed_length, err);
      if (st != CIV_OK)
        return st;
      s->packed_end = s->packed_length == 0;
    }
    ZSTD_inBuffer from = { s->packed, s->packed_length, s->packed_at };
    if (s->packed_end && s->frame_left == 0)
      break;
    const size_t left = ZSTD_decompressStream(s->zstd, &to, &from);
    const bool moved = from.pos != s->packed_at || to.pos != 0;
    if (ZSTD_isError(left))
      return civ_fail(err, CIV_E_FORMAT, name_of(s), "the compressed event log is broken after line %llu: %s",
                      (unsigned long long)s->line, ZSTD_getErrorName(left));
    s->packed_at = from.pos;
    s->frame_left = left;
    if (s->packed_end && !moved) {
      s->torn = true;
      break;
    }
  }
  *got = to.pos;
  return CIV_OK;
}

static civ_status read_some(civ_log_source *s, char *out, size_t most, size_t *got, civ_error *err)
{
  if (!s->looked) {
    const civ_status st = look(s, err);
    if (st != CIV_OK)
      return st;
  }
  if (s->zstd != NULL)
    return unpack(s, out, most, got, err);
  if (s->packed_at < s->packed_length) { /* what was read to look at */
    const size_t left = s->packed_length - s->packed_at;
    *got = left < most ? left : most;
    memcpy(out, s->packed + s->packed_at, *got);
    s->packed_at += *got;
    return CIV_OK;
  }
  return read_raw(s, out, most, got, err);
}

static civ_status fill(civ_log_source *s, civ_error *err)
{
  if (s->start > 0) {
    memmove(s->data, s->data + s->start, s->length - s->start);
    s->length -= s->start;
    s->scanned -= s->start;
    s->start = 0;
  }
  if (s->length > CIV_LOG_LINE_MAX)
    return civ_fail(err, CIV_E_LIMIT, name_of(s), "line %llu is longer than %d MiB; this is no event log",
                    (unsigned long long)s->line + 1, CIV_LOG_LINE_MAX >> 20);
  void *data = s->data;
  if (civ_grow(&civ_allocator_malloc, &data, &s->capacity, s->length + CHUNK, 1) != CIV_OK)
    return no_memory(s, err);
  s->data = data;
  size_t got = 0;
  const civ_status st = read_some(s, s->data + s->length, CHUNK, &got, err);
  s->length += got;
  s->end = st == CIV_OK && got == 0;
  return st;
}

civ_status civ_log_source_next(civ_log_source *s, const char **text, size_t *length, bool *whole, bool *got,
                               civ_error *err)
{
  for (;;) {
    const char *at = s->length > s->scanned ? memchr(s->data + s->scanned, '\n', s->length - s->scanned) : NULL;
    if (at == NULL && !s->end) {
      s->scanned = s->length;
      const civ_status st = fill(s, err);
      if (st != CIV_OK)
        return st;
      continue;
    }
    *got = at != NULL || s->length > s->start;
    *whole = at != NULL;
    if (!*got)
      return CIV_OK;
    *text = s->data + s->start;
    *length = at != NULL ? (size_t)(at - *text) : s->length - s->start;
    s->start += *length + (at != NULL);
    s->scanned = s->start;
    s->bytes += *length + (at != NULL);
    s->line++;
    return CIV_OK;
  }
}
