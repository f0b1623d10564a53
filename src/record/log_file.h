/* log_file.h - the file below a log: written at its end only, cut back to a whole line when the system refuses, and
 * compared instead of written where it already holds what comes. */
#ifndef CIV_RECORD_LOG_FILE_H
#define CIV_RECORD_LOG_FILE_H

#include <stdio.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "civitas/status.h"

/* The system calls a log makes; tests hand in failing ones. */
typedef struct civ_log_system {
  int (*open)(const char *path, int flags, mode_t mode);
  ssize_t (*write)(int fd, const void *data, size_t length);
  ssize_t (*pread)(int fd, void *data, size_t length, off_t at);
  int (*fsync)(int fd);
  int (*ftruncate)(int fd, off_t length);
  int (*close)(int fd);
} civ_log_system;
extern const civ_log_system civ_log_system_real;

typedef struct civ_log_file {
  const civ_log_system *system;
  const char *path;  /* the owner's */
  int fd;            /* -1 = not open */
  bool regular;      /* can be cut and synced */
  uint64_t position; /* where the next byte goes */
  uint64_t existing; /* a resumed file's bytes: up to here bytes are compared, not written */
} civ_log_file;

/* Makes the file (exclusive: it must not exist) or empties it. */
CIV_MUST_CHECK civ_status civ_log_file_create(civ_log_file *f, bool exclusive, civ_error *err);
/* Opens an existing file to go on at `offset`. CIV_E_FORMAT if it is shorter. */
CIV_MUST_CHECK civ_status civ_log_file_resume(civ_log_file *f, uint64_t offset, civ_error *err);
/* Puts whole lines (text = true) or one whole compressed block at the end. When the system refuses, the file is cut back to
 * the last whole line (or block) and *kept says how many of the bytes are in it: CIV_E_IO. CIV_E_DIVERGED: existing bytes
 * differ, the first at *kept. */
CIV_MUST_CHECK civ_status civ_log_file_put(civ_log_file *f, const char *data, size_t length, bool text, size_t *kept,
                                           civ_error *err);
CIV_MUST_CHECK civ_status civ_log_file_sync(civ_log_file *f, civ_error *err);
CIV_MUST_CHECK civ_status civ_log_file_close(civ_log_file *f, civ_error *err);

#endif
