/* status.h - how every function that can fail says so.
 *
 * A function that can fail returns civ_status and fills the caller's civ_error (which may be NULL). The library never
 * prints, never exits, keeps no last error, and after a failure the outputs hold what they held before. */
#ifndef CIVITAS_STATUS_H
#define CIVITAS_STATUS_H

#include "civitas/export.h"

CIV_BEGIN_DECLS

typedef enum civ_status {
  CIV_OK = 0,
  CIV_E_NOMEM,       /* out of memory */
  CIV_E_RANGE,       /* a number outside its range, or not a number */
  CIV_E_TYPE,        /* a value of the wrong type */
  CIV_E_KEY,         /* an unknown, missing or doubled name */
  CIV_E_SYNTAX,      /* text that is not YAML, JSON, a path, ... */
  CIV_E_IO,          /* the operating system refused */
  CIV_E_FORMAT,      /* a log or checkpoint that does not hold what it should */
  CIV_E_LIMIT,       /* more than this build or format can carry */
  CIV_E_STATE,       /* called at the wrong moment, or twice */
  CIV_E_UNBUILT,     /* a known part that this version does not have yet */
  CIV_E_DIVERGED,    /* two things that must be equal are not */
  CIV_E_INTERRUPTED, /* the user asked to stop */
  CIV_STATUS_COUNT
} civ_status;

/* What went wrong, in one sentence. `where` is the path of the culprit ("payoff.theta", "run.yaml:12", "line 3"); `text`
 * says the value and what would be right. Both are always terminated; texts that do not fit are cut. */
typedef struct civ_error {
  civ_status code;
  char where[192];
  char text[448];
} civ_error;

/* Fills `err` when it is not NULL; returns `code`, so that `return civ_fail(...)` reads well. Never fails. */
CIV_API civ_status civ_fail(civ_error *err, civ_status code, const char *where, const char *fmt, ...) CIV_PRINTF(4, 5);

/* Name of a status code, such as "CIV_E_RANGE"; "CIV_E_?" for a number that is none. */
CIV_API const char *civ_status_name(civ_status code);

CIV_END_DECLS

#endif
