/* buffer.h - text being built. Once memory fails the buffer stays failed; ask at the end. */
#ifndef CIV_BASE_BUFFER_H
#define CIV_BASE_BUFFER_H

#include "base/bytes.h"
#include "base/memory.h"

typedef struct civ_buffer {
  char *data;
  size_t length, capacity;
  bool failed;
} civ_buffer; /* all zero = empty; malloc memory */

void civ_buffer_free(civ_buffer *b);
bool civ_buffer_reserve(civ_buffer *b, size_t more); /* false: failed */
void civ_buffer_add(civ_buffer *b, const char *data, size_t length);
void civ_buffer_text(civ_buffer *b, const char *text);
void civ_buffer_format(civ_buffer *b, const char *fmt, ...) CIV_PRINTF(2, 3);
void civ_buffer_real(civ_buffer *b, double x);
void civ_buffer_integer(civ_buffer *b, int64_t x);
/* JSON string with quotes: ASCII, \uXXXX escapes (pairs above the BMP); invalid UTF-8 becomes U+FFFD. */
void civ_buffer_json_text(civ_buffer *b, const char *text, size_t length);
/* Cell of a table of comma-separated values (RFC 4180): quoted where it must be; NULL = nothing. */
void civ_buffer_csv_text(civ_buffer *b, const char *text);
/* The same for a number: a whole one where `integer`, otherwise a real; nothing where it is not finite. */
void civ_buffer_csv_number(civ_buffer *b, double value, bool integer);
/* Terminated copy for the caller (free with civ_free); NULL if failed. Empties the buffer. */
char *civ_buffer_take(civ_buffer *b, size_t *length);
/* Puts the finished text to `out`, unless it failed, and frees it. CIV_E_NOMEM if the text or `out` has failed. */
CIV_MUST_CHECK civ_status civ_buffer_deliver(civ_buffer *b, civ_bytes *out);

#endif
