/* log_source.h - lines out of a file or memory, plain or zstd, of any length up to a limit. */
#ifndef CIV_RECORD_LOG_SOURCE_H
#define CIV_RECORD_LOG_SOURCE_H

#include <zstd.h>

#include "civitas/status.h"

enum { CIV_LOG_LINE_MAX = 64 << 20 };

typedef struct civ_log_source {
  const char *path; /* for messages; the owner's */
  int fd;           /* -1 = memory */
  const char *memory;
  size_t memory_length, memory_at;
  bool looked;     /* at the first bytes */
  ZSTD_DCtx *zstd; /* NULL = plain */
  char *packed;
  size_t packed_length, packed_at;
  size_t frame_left; /* 0 between frames */
  bool packed_end;
  char *data; /* bytes start..length are not yet given out */
  size_t start, scanned, length, capacity;
  bool end;
  bool torn;      /* a compressed frame stops in its middle */
  uint64_t line;  /* lines given out */
  uint64_t bytes; /* of text given out */
} civ_log_source; /* all zero with fd -1, then open */

CIV_MUST_CHECK civ_status civ_log_source_open(civ_log_source *s, const char *path, civ_error *err);
void civ_log_source_memory(civ_log_source *s, const char *text, size_t length);
void civ_log_source_close(civ_log_source *s);
/* Next line without its LF, borrowed until the next call; *got = false at the end. *whole = it had its LF.
 * CIV_E_IO, CIV_E_NOMEM, CIV_E_LIMIT for a line beyond CIV_LOG_LINE_MAX, CIV_E_FORMAT for broken compression. */
CIV_MUST_CHECK civ_status civ_log_source_next(civ_log_source *s, const char **text, size_t *length, bool *whole,
                                              bool *got, civ_error *err);
/* "PATH:LINE" of the line given out last, or "line LINE". */
void civ_log_source_where(const civ_log_source *s, char *out, size_t size);

#endif
