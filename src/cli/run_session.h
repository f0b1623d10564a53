/* run_session.h - one run from a command: driven with progress, ended well on Ctrl-C, reported. */
#ifndef CIV_CLI_RUN_SESSION_H
#define CIV_CLI_RUN_SESSION_H

#include "lab/session.h"

typedef struct civ_run_manner {
  bool json, quiet, check, progress;
  const char *export_json, *export_csv; /* NULL = no */
} civ_run_manner;

/* Runs a session to its end and says what happened. Returns the exit code. `options` without its moment. */
int civ_cli_run_session(const civ_config *config, const civ_session_options *options, const civ_run_manner *manner);

#endif
