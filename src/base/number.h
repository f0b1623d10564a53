/* number.h - numbers as text: shortest digits that read back to the same double. */
#ifndef CIV_BASE_NUMBER_H
#define CIV_BASE_NUMBER_H

#include "civitas/export.h"

CIV_BEGIN_DECLS

enum { CIV_NUMBER_MAX = 32 };

/* Shortest round-trip text, fixed notation for 1e-4 <= |x| < 1e16 (integral values keep ".0"), else d.ddde-05 style.
 * "null" for NaN and infinities. Returns the length, at most CIV_NUMBER_MAX; not terminated. */
size_t civ_format_real(char *out, double x);
size_t civ_format_integer(char *out, int64_t x);
size_t civ_format_unsigned(char *out, uint64_t x);
size_t civ_format_hex16(char *out, uint64_t x); /* 16 digits */

/* Whole-string parses: true and *out on success; a leading + is taken. Real: decimal or exponent form, correctly
 * rounded, no locale; false if too large for a double, 0 if too small. */
bool civ_parse_real(const char *text, size_t length, double *out);
bool civ_parse_integer(const char *text, size_t length, int64_t *out);

/* ISO 8601 "YYYY-MM-DDThh:mm:ss[.ffffff]" of microseconds since 1970 UTC; returns the length (19 or 26).
 * Moments outside of the years 0000 to 9999 give the nearest one inside. */
size_t civ_format_time(char *out, int64_t us);
/* Also accepts a zone (Z, +hh:mm) and 1-6 fraction digits; no zone = UTC. */
bool civ_parse_time(const char *text, size_t length, int64_t *us);

CIV_END_DECLS

#endif
