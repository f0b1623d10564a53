/* scenario_input.h - a scenario as commands take it: a file or a built-in name, then what the command line overrides. */
#ifndef CIV_CLI_SCENARIO_INPUT_H
#define CIV_CLI_SCENARIO_INPUT_H

#include "civitas/scenario.h"
#include "cli/cli.h"

typedef struct civ_scenario_input {
  char *path;
  civ_registry *registry;
  civ_config *config;
} civ_scenario_input;

/* Finds, loads, overrides ("PATH=VALUE" each). Warnings and errors go to stderr. Returns CIV_EXIT_DONE, or the exit code of a
 * failure that was told. */
int civ_cli_open_scenario(const char *name, bool reference, bool lenient, const civ_texts *overrides,
                          civ_scenario_input *out);
/* Sets one field from the command line; the exit code as above. */
int civ_cli_override(civ_config *config, const char *path, const char *value);
void civ_cli_close_scenario(civ_scenario_input *input);

/* Prints what a loader found, one line each, to stderr. */
void civ_cli_print_diagnostics(const civ_diagnostics *found);

#endif
