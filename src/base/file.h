/* file.h - files: read whole, written aside and renamed, folders made. Every error names path and system error. */
#ifndef CIV_BASE_FILE_H
#define CIV_BASE_FILE_H

#include "civitas/status.h"

/* The whole file, at most `most` bytes (CIV_E_LIMIT if it holds more), with a terminator behind. Free *data with
 * civ_free. */
CIV_MUST_CHECK civ_status civ_file_read(const char *path, size_t most, char **data, size_t *length, civ_error *err);
/* Writes beside `path`, syncs, renames over it: a reader sees the old file or the new one, and a failure leaves the old
 * one. Parent folders are made, links followed, modes kept; devices and pipes are written in place. */
CIV_MUST_CHECK civ_status civ_file_write(const char *path, const void *data, size_t length, civ_error *err);
/* The same without waiting for the disk, which takes milliseconds: for results that can be made again. A killed process
 * leaves the old file or the new one all the same; only a crash of the machine may not. */
CIV_MUST_CHECK civ_status civ_file_write_unsynced(const char *path, const void *data, size_t length, civ_error *err);
/* A file too large to be held whole: written piece by piece beside `path`, renamed when all is there. */
typedef struct civ_file_stream civ_file_stream;
CIV_MUST_CHECK civ_status civ_file_stream_open(const char *path, civ_file_stream **out, civ_error *err);
/* `stream` is a civ_file_stream; false: an error, which close will tell. */
bool civ_file_stream_write(void *stream, const char *data, size_t length);
/* Closes and renames (unsynced), or with keep = false gives up; frees the stream. After an error nothing is renamed. */
CIV_MUST_CHECK civ_status civ_file_stream_close(civ_file_stream *stream, bool keep, civ_error *err);
CIV_MUST_CHECK civ_status civ_file_make_parents(const char *path, civ_error *err);
CIV_MUST_CHECK civ_status civ_file_make_folder(const char *path, civ_error *err); /* with parents; fine if it exists */
bool civ_file_exists(const char *path);

#endif
