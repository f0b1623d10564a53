/* progress.h - one line on stderr that says how far the work is, redrawn in place on a terminal. */
#ifndef CIV_CLI_PROGRESS_H
#define CIV_CLI_PROGRESS_H

#include "civitas/export.h"

typedef struct civ_progress {
  bool on, redrawn;   /* redrawn: a terminal; otherwise a line now and then */
  double start, next; /* seconds on the monotonic clock */
  bool drawn;
} civ_progress;

/* `wanted`: also where stderr is no terminal. */
civ_progress civ_progress_begin(bool quiet, bool wanted);
/* Work done of all, in `unit` ("epochs", "runs"), and agent-steps so far. Cheap: draws ten times a second at most. */
void civ_progress_show(civ_progress *p, double done, double all, const char *unit, double agent_steps);
/* The same of work that has no agent-steps. */
void civ_progress_count(civ_progress *p, double done, double all, const char *unit);
/* Takes the line away. */
void civ_progress_end(civ_progress *p);

/* Seconds on the monotonic clock. */
double civ_seconds(void);

#endif
