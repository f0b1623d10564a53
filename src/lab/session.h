/* session.h - one run with its folder: built, driven, recorded, its files written, and taken up again after a death. */
#ifndef CIV_LAB_SESSION_H
#define CIV_LAB_SESSION_H

#include "civitas/experiment.h"
#include "civitas/log.h"
#include "lab/watch.h"

/* Where a running session stands. */
typedef struct civ_session_moment {
  uint32_t epoch, step; /* the next step */
  uint64_t n_epochs, steps_per_epoch;
} civ_session_moment;

typedef struct civ_session_options {
  const char *folder;      /* exists; NULL = write no files */
  const char *config_yaml; /* text of config.yaml; NULL = none is written (resume: it is there) */
  bool no_log;
  const char *log_path; /* replaces outputs.event_log, relative to the working directory; NULL = as configured */
  bool replace;         /* files that are in the way */
  bool resume;          /* go on with what is in the folder */
  uint32_t threads;
  void (*moment)(void *arg, const civ_session_moment *now); /* after each step; NULL = nobody listens */
  void *arg;
} civ_session_options;

typedef struct civ_session civ_session;

/* Builds the run, opens its log, leaves config.yaml and the mark that a run is under way. With resume: cuts a torn line off the
 * log, takes the newest checkpoint that fits, or starts anew, comparing. The config (with its seed) must outlive the session. */
CIV_MUST_CHECK civ_status civ_session_open(const civ_config *config, const civ_session_options *options,
                                           civ_session **out, civ_error *err);
/* Steps to the end, or to an interrupt; writes checkpoints where outputs.checkpoint_every asks for them. */
CIV_MUST_CHECK civ_status civ_session_drive(civ_session *s, civ_error *err);
/* Ends the run, judges the criteria, writes every file. Also after an interrupt, or a drive that failed (then what can still be
 * written is). */
CIV_MUST_CHECK civ_status civ_session_close(civ_session *s, civ_error *err);
void civ_session_destroy(civ_session *s);

civ_run *civ_session_running(civ_session *s);                   /* for civ_run_interrupt */
const civ_run_record *civ_session_record(const civ_session *s); /* after close */
const civ_history *civ_session_history(const civ_session *s);   /* after close */
const char *civ_session_log_path(const civ_session *s);         /* NULL = no log */
double civ_session_seconds(const civ_session *s);               /* of driving, wall clock */
uint64_t civ_session_dropped(const civ_session *s);             /* resume: bytes of a torn line that went */
uint32_t civ_session_from_epoch(const civ_session *s);          /* resume: epochs taken from a checkpoint */
uint64_t civ_session_nulls(const civ_session *s);               /* numbers the log could not hold */

/* Whether the folder holds a run that is not finished; `log` and `log_path` as it was begun (*log_path: free with civ_free,
 * NULL = as configured). CIV_E_IO for a folder without a run, CIV_E_STATE for a finished one. */
CIV_MUST_CHECK civ_status civ_session_find(const char *folder, bool *no_log, char **log_path, civ_error *err);

#endif
