/* find_log.h - a log by its own name or by its run's folder; what was wrong with it. */
#ifndef CIV_CLI_FIND_LOG_H
#define CIV_CLI_FIND_LOG_H

#include "civitas/log.h"

/* `path` itself, or the event log in it if it is a run folder; free it. NULL: no memory. */
char *civ_cli_find_log(const char *path);

/* Says on standard error what was wrong with a log whose records were read all the same. */
void civ_cli_tell_flaws(const char *log, bool complete, const civ_log_counts *counts);

#endif
