/* find_log.h - a log by its own name or by its run's folder. */
#ifndef CIV_CLI_FIND_LOG_H
#define CIV_CLI_FIND_LOG_H

/* `path` itself, or the event log in it if it is a run folder; free it. NULL: no memory. */
char *civ_cli_find_log(const char *path);

#endif
