/* log_admin.c - what is done to a log as a file: cutting a torn tail, removing, renaming. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "civitas/log.h"

static civ_status refused(const char *path, const char *doing, int error, civ_error *err)
{
  char why[128];
  return civ_fail(err, CIV_E_IO, path, "cannot %s the event log: %s", doing, strerror_r(error, why, sizeof why));
}

/* Offset behind the last LF of the first `size` bytes. */
static bool last_line_end(int fd, uint64_t size, uint64_t *end)
{
  char block[1 << 15];
  while (size > 0) {
    const size_t n = size < sizeof block ? (size_t)size : sizeof block;
    const ssize_t got = pread(fd, block, n, (off_t)(size - n));
    if (got < 0 && errno == EINTR)
      continue;
    if (got != (ssize_t)n) {
      errno = got < 0 ? errno : EIO;
      return false;
    }
    const char *at = memrchr(block, '\n', n);
    if (at != NULL) {
      *end = size - n + (uint64_t)(at - block) + 1;
      return true;
    }
    size -= n;
  }
  *end = 0;
  return true;
}

static bool compressed(int fd)
{
  unsigned char head[4];
  static const unsigned char magic[4] = { 0x28, 0xB5, 0x2F, 0xFD };
  return pread(fd, head, sizeof head, 0) == (ssize_t)sizeof head && memcmp(head, magic, sizeof head) == 0;
}

civ_status civ_log_recover(const char *path, uint64_t *dropped, civ_error *err)
{
  struct stat st;
  uint64_t end = 0;
  const int fd = open(path, O_RDWR | O_CLOEXEC);
  if (fd < 0)
    return refused(path, "recover", errno, err);
  if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
    close(fd);
    return civ_fail(err, CIV_E_IO, path, "cannot recover the event log: not a regular file");
  }
  const uint64_t size = (uint64_t)st.st_size;
  int error = 0;
  if (compressed(fd))
    end = size; /* readers stop at its last whole line, and a resumed run goes on at its last byte */
  else if (!last_line_end(fd, size, &end) || (end < size && (ftruncate(fd, (off_t)end) != 0 || fsync(fd) != 0)))
    error = errno;
  close(fd);
  if (error != 0)
    return refused(path, "recover", error, err);
  *dropped = size - end;
  return CIV_OK;
}

civ_status civ_log_clear(const char *path, civ_error *err)
{
  if (unlink(path) != 0 && errno != ENOENT)
    return refused(path, "remove", errno, err);
  return CIV_OK;
}

/* Length of the path without its last extension. */
static size_t stem_length(const char *path)
{
  const char *slash = strrchr(path, '/'), *name = slash == NULL ? path : slash + 1;
  const char *dot = strrchr(name, '.');
  return dot == NULL || dot == name ? strlen(path) : (size_t)(dot - path);
}

civ_status civ_log_rotate(const char *path, const char *suffix, char *new_path, size_t size, civ_error *err)
{
  char stamp[32];
  if (suffix == NULL) {
    struct tm local;
    const time_t now = time(NULL);
    strftime(stamp, sizeof stamp, "%Y%m%d_%H%M%S", localtime_r(&now, &local));
    suffix = stamp;
  }
  char target[4096];
  const int length = snprintf(target, sizeof target, "%.*s.%s.jsonl", (int)stem_length(path), path, suffix);
  if (length < 0 || (size_t)length >= sizeof target || (size_t)length >= size)
    return civ_fail(err, CIV_E_LIMIT, path, "the new name has %d characters, more than there is room for", length);
  if (access(path, F_OK) == 0) {
    if (access(target, F_OK) == 0)
      return civ_fail(err, CIV_E_IO, path, "cannot rename the event log: %.300s exists already", target);
    if (rename(path, target) != 0)
      return refused(path, "rename", errno, err);
  }
  memcpy(new_path, target, (size_t)length + 1);
  return CIV_OK;
}
