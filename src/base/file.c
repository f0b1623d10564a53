#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"

/* "cannot <deed> 'path': <system error>" */
static civ_status refuse(civ_error *err, const char *deed, const char *path, int error)
{
  return civ_fail(err, error == ENOMEM ? CIV_E_NOMEM : CIV_E_IO, path, "cannot %s '%s': %s", deed, path,
                  strerror(error));
}

/* Reads until the end or more than `most` bytes; errno-style result. */
static int read_all(int fd, size_t most, size_t hint, char **data, size_t *length)
{
  void *block = NULL;
  size_t capacity = 0, n = 0;
  int error = 0;
  for (;;) {
    const size_t need = n == 0 && hint < most ? hint + 2 : n + 2; /* a terminator, and one more byte to see the end */
    if (civ_grow(&civ_allocator_malloc, &block, &capacity, need, 1) != CIV_OK) {
      error = ENOMEM;
      break;
    }
    const ssize_t got = read(fd, (char *)block + n, capacity - n - 1);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      error = errno;
    else
      n += (size_t)got;
    if (got <= 0 || n > most)
      break;
  }
  if (error != 0) {
    free(block);
    return error;
  }
  ((char *)block)[n] = '\0';
  *data = block;
  *length = n;
  return 0;
}

civ_status civ_file_read(const char *path, size_t most, char **data, size_t *length, civ_error *err)
{
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return refuse(err, "read", path, errno);
  struct stat info;
  size_t hint = 0, n = 0;
  if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_size > 0)
    hint = (size_t)info.st_size;
  char *text = NULL;
  const int error = hint > most ? 0 : read_all(fd, most, hint, &text, &n);
  close(fd);
  if (error != 0)
    return refuse(err, "read", path, error);
  if (text == NULL || n > most) {
    free(text);
    return civ_fail(err, CIV_E_LIMIT, path, "cannot read '%s': it is larger than %zu bytes", path, most);
  }
  *data = text;
  *length = n;
  return CIV_OK;
}

static int write_all(int fd, const char *data, size_t length)
{
  while (length > 0) {
    const ssize_t done = write(fd, data, length);
    if (done < 0 && errno == EINTR)
      continue;
    if (done < 0)
      return errno;
    data += done;
    length -= (size_t)done;
  }
  return 0;
}

/* Opens a new file beside `path` and returns it, its name in *name (free it); -1 with errno. */
static int open_beside(const char *path, mode_t mode, char **name)
{
  const char *slash = strrchr(path, '/');
  const int folder = slash == NULL ? 0 : (int)(slash - path) + 1;
  for (unsigned attempt = 0;; attempt++) {
    if (asprintf(name, "%.*s.civitas-%ld-%u.tmp", folder, path, (long)getpid(), attempt) < 0) {
      *name = NULL;
      errno = ENOMEM;
      return -1;
    }
    const int fd = open(*name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd >= 0 || errno != EEXIST)
      return fd;
    free(*name);
  }
}

static int finish(int fd, bool sync, int error)
{
  if (sync && error == 0 && fsync(fd) != 0 && errno != EINVAL && errno != EROFS)
    error = errno;
  if (close(fd) != 0 && error == 0)
    error = errno;
  return error;
}

static int write_beside(const char *path, mode_t mode, bool sync, const void *data, size_t length)
{
  char *name = NULL;
  const int fd = open_beside(path, mode, &name);
  if (fd < 0) {
    const int error = errno;
    free(name);
    return error;
  }
  int error = finish(fd, sync, write_all(fd, data, length));
  if (error == 0 && rename(name, path) != 0)
    error = errno;
  if (error != 0)
    unlink(name);
  free(name);
  return error;
}

/* Pipes and devices are written in place: renaming a file over /dev/stdout would replace it. */
static int write_in_place(const char *path, const void *data, size_t length)
{
  const int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0)
    return errno;
  const int error = write_all(fd, data, length);
  return close(fd) != 0 && error == 0 ? errno : error;
}

static civ_status write_file(const char *path, bool sync, const void *data, size_t length, civ_error *err)
{
  civ_status status = civ_file_make_parents(path, err);
  if (status != CIV_OK)
    return status;
  struct stat info;
  int error;
  if (stat(path, &info) != 0)
    error = write_beside(path, 0666, sync, data, length);
  else if (S_ISDIR(info.st_mode))
    error = EISDIR;
  else if (!S_ISREG(info.st_mode))
    error = write_in_place(path, data, length);
  else {
    char *target = realpath(path, NULL); /* a link keeps pointing where it points */
    error = target == NULL ? errno : write_beside(target, info.st_mode & 0777, sync, data, length);
    free(target);
  }
  return error == 0 ? CIV_OK : refuse(err, "write", path, error);
}

civ_status civ_file_write(const char *path, const void *data, size_t length, civ_error *err)
{
  return write_file(path, true, data, length, err);
}

civ_status civ_file_write_unsynced(const char *path, const void *data, size_t length, civ_error *err)
{
  return write_file(path, false, data, length, err);
}

struct civ_file_stream {
  int fd, error;
  char *path;   /* as the caller named it */
  char *target; /* what is renamed over; NULL = written in place */
  char *beside; /* the unfinished file; NULL = written in place */
};

static void free_stream(civ_file_stream *s)
{
  free(s->path);
  free(s->target);
  free(s->beside);
  free(s);
}

static int open_stream(civ_file_stream *s)
{
  struct stat info;
  const bool there = stat(s->path, &info) == 0;
  if (there && S_ISDIR(info.st_mode))
    return EISDIR;
  if (there && !S_ISREG(info.st_mode)) {
    s->fd = open(s->path, O_WRONLY | O_CLOEXEC);
    return s->fd < 0 ? errno : 0;
  }
  s->target = there ? realpath(s->path, NULL) : strdup(s->path);
  if (s->target == NULL)
    return errno;
  s->fd = open_beside(s->target, there ? info.st_mode & 0777 : 0666, &s->beside);
  return s->fd < 0 ? errno : 0;
}

civ_status civ_file_stream_open(const char *path, civ_file_stream **out, civ_error *err)
{
  const civ_status status = civ_file_make_parents(path, err);
  if (status != CIV_OK)
    return status;
  civ_file_stream *s = calloc(1, sizeof *s);
  if (s == NULL)
    return refuse(err, "write", path, ENOMEM);
  s->path = strdup(path);
  const int error = s->path == NULL ? ENOMEM : open_stream(s);
  if (error != 0) {
    free_stream(s);
    return refuse(err, "write", path, error);
  }
  *out = s;
  return CIV_OK;
}

bool civ_file_stream_write(void *stream, const char *data, size_t length)
{
  civ_file_stream *s = stream;
  if (s->error == 0)
    s->error = write_all(s->fd, data, length);
  return s->error == 0;
}

civ_status civ_file_stream_close(civ_file_stream *s, bool keep, civ_error *err)
{
  int error = finish(s->fd, false, s->error);
  if (keep && error == 0 && s->beside != NULL && rename(s->beside, s->target) != 0)
    error = errno;
  if ((!keep || error != 0) && s->beside != NULL)
    unlink(s->beside);
  const civ_status status = error == 0 ? CIV_OK : refuse(err, "write", s->path, error);
  free_stream(s);
  return status;
}

bool civ_file_exists(const char *path)
{
  struct stat info;
  return stat(path, &info) == 0;
}

static bool is_folder(const char *path)
{
  struct stat info;
  return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* Makes every folder on the way to path[0..length); path[] is cut for the moment at each slash. */
static int make_folders(char *path)
{
  for (char *p = path + 1;; p++) {
    if (*p != '/' && *p != '\0')
      continue;
    const char end = *p;
    *p = '\0';
    int error = mkdir(path, 0777) == 0 ? 0 : errno;
    if (error != 0 && is_folder(path))
      error = 0;
    else if (error == EEXIST)
      error = ENOTDIR;
    *p = end;
    if (error != 0 || end == '\0')
      return error;
  }
}

static civ_status make(const char *path, size_t length, civ_error *err)
{
  if (length == 0)
    return CIV_OK;
  char *copy = strndup(path, length);
  if (copy == NULL)
    return refuse(err, "make folder", path, ENOMEM);
  const int error = is_folder(copy) ? 0 : make_folders(copy);
  const civ_status status = error == 0 ? CIV_OK : refuse(err, "make folder", copy, error);
  free(copy);
  return status;
}

civ_status civ_file_make_parents(const char *path, civ_error *err)
{
  const char *slash = strrchr(path, '/');
  return make(path, slash == NULL ? 0 : (size_t)(slash - path), err);
}

civ_status civ_file_make_folder(const char *path, civ_error *err)
{
  return make(path, strlen(path), err);
}
