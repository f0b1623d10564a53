#include "record/log_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static int open_real(const char *path, int flags, mode_t mode)
{
  return open(path, flags, mode);
}

const civ_log_system civ_log_system_real = { open_real, write, pread, fsync, ftruncate, close };

static civ_status refused(const civ_log_file *f, civ_error *err, const char *doing, int error)
{
  char text[128];
  return civ_fail(err, CIV_E_IO, f->path, "cannot %s the event log: %s", doing, strerror_r(error, text, sizeof text));
}

static civ_status look_at(civ_log_file *f, struct stat *st, civ_error *err)
{
  if (fstat(f->fd, st) != 0) {
    const int error = errno;
    f->system->close(f->fd);
    f->fd = -1;
    return refused(f, err, "look at", error);
  }
  f->regular = S_ISREG(st->st_mode);
  return CIV_OK;
}

civ_status civ_log_file_create(civ_log_file *f, bool exclusive, civ_error *err)
{
  struct stat st;
  f->fd = f->system->open(f->path, O_WRONLY | O_CREAT | O_CLOEXEC | (exclusive ? O_EXCL : O_TRUNC), 0666);
  if (f->fd < 0 && errno == EEXIST)
    return civ_fail(err, CIV_E_IO, f->path, "the event log exists already; --force replaces it");
  if (f->fd < 0)
    return refused(f, err, "create", errno);
  f->position = f->existing = 0;
  return look_at(f, &st, err);
}

civ_status civ_log_file_resume(civ_log_file *f, uint64_t offset, civ_error *err)
{
  struct stat st;
  f->fd = f->system->open(f->path, O_RDWR | O_CLOEXEC, 0666);
  if (f->fd < 0)
    return refused(f, err, "open", errno);
  const civ_status status = look_at(f, &st, err);
  if (status != CIV_OK)
    return status;
  if (!f->regular || (uint64_t)st.st_size < offset || lseek(f->fd, st.st_size, SEEK_SET) < 0) {
    f->system->close(f->fd);
    f->fd = -1;
    return civ_fail(err, CIV_E_FORMAT, f->path,
                    "the event log has %llu bytes, fewer than the %llu it had at the checkpoint; start the run anew",
                    (unsigned long long)st.st_size, (unsigned long long)offset);
  }
  f->position = offset;
  f->existing = (uint64_t)st.st_size;
  return CIV_OK;
}

/* Bytes of `data` that the file holds already, from its position on; *same = false where they differ. */
static size_t compare_existing(civ_log_file *f, const char *data, size_t length, bool *same, int *error)
{
  size_t done = 0;
  *same = true;
  *error = 0;
  while (done < length && f->position + done < f->existing) {
    char have[4096];
    size_t want = length - done < sizeof have ? length - done : sizeof have;
    if (want > f->existing - f->position - done)
      want = (size_t)(f->existing - f->position - done);
    const ssize_t got = f->system->pread(f->fd, have, want, (off_t)(f->position + done));
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0) {
      *error = got < 0 ? errno : EIO;
      return done;
    }
    for (ssize_t k = 0; k < got; k++, done++)
      if (have[k] != data[done]) {
        *same = false;
        return done;
      }
  }
  return done;
}

/* After a refused write: leave only whole lines; of a compressed block what stood there before. */
static size_t cut_back(civ_log_file *f, const char *data, size_t written, size_t from, bool text, bool *cut)
{
  size_t keep = text ? written : from;
  while (text && keep > 0 && data[keep - 1] != '\n')
    keep--;
  *cut = keep == written || !f->regular ||
         (f->system->ftruncate(f->fd, (off_t)(f->position + keep)) == 0 &&
          lseek(f->fd, (off_t)(f->position + keep), SEEK_SET) >= 0);
  return keep;
}

civ_status civ_log_file_put(civ_log_file *f, const char *data, size_t length, bool text, size_t *kept, civ_error *err)
{
  bool same = true;
  int error = 0;
  const size_t from = f->position < f->existing ? compare_existing(f, data, length, &same, &error) : 0;
  *kept = from;
  if (error != 0)
    return refused(f, err, "read", error);
  if (!same)
    return civ_fail(err, CIV_E_DIVERGED, f->path, "the run does not repeat the event log from byte %llu on",
                    (unsigned long long)(f->position + from));
  size_t done = from;
  while (done < length) {
    const ssize_t wrote = f->system->write(f->fd, data + done, length - done);
    if (wrote < 0 && errno == EINTR)
      continue;
    if (wrote <= 0) {
      error = wrote < 0 ? errno : EIO;
      bool cut;
      char why[128];
      *kept = cut_back(f, data, done, from, text, &cut);
      f->position += *kept;
      return civ_fail(err, CIV_E_IO, f->path, "cannot write the event log: %s; %s %llu bytes",
                      strerror_r(error, why, sizeof why),
                      cut ? "it ends with its last whole line after" : "and it could not be cut back to",
                      (unsigned long long)f->position);
    }
    done += (size_t)wrote;
  }
  *kept = length;
  f->position += length;
  return CIV_OK;
}

civ_status civ_log_file_sync(civ_log_file *f, civ_error *err)
{
  if (f->fd < 0 || !f->regular)
    return CIV_OK;
  while (f->system->fsync(f->fd) != 0)
    if (errno != EINTR)
      return refused(f, err, "sync", errno);
  return CIV_OK;
}

civ_status civ_log_file_close(civ_log_file *f, civ_error *err)
{
  if (f->fd < 0)
    return CIV_OK;
  const int fd = f->fd;
  f->fd = -1;
  if (f->system->close(fd) != 0 && errno != EINTR)
    return refused(f, err, "close", errno);
  return CIV_OK;
}
