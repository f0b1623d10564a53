/* sweep_input.h - a sweep as the command line gives it: a sweep file, or a scenario and --param. */
#ifndef CIV_CLI_SWEEP_INPUT_H
#define CIV_CLI_SWEEP_INPUT_H

#include "cli/scenario_input.h"
#include "lab/sweep_plan.h"

/* What the command line adds to the file; members that are not set leave it as it is. */
typedef struct civ_sweep_request {
  const char *file; /* sweep file, name of a sweep, scenario file or name */
  bool reference, lenient;
  civ_texts params, overrides, metrics;
  const char *seed_base, *baseline, *until;
  civ_opt_integer runs, samples, design_seed, epochs, steps;
  int32_t seed_mode, design; /* -1 = not given */
} civ_sweep_request;

typedef struct civ_sweep_input {
  char *path; /* of the sweep or scenario file */
  civ_arena arena;
  civ_sweep_spec spec;
  civ_scenario_input scenario;
  civ_sweep_plan *plan;
} civ_sweep_input;

/* Finds, loads and plans; the plan borrows from *in, which must stay where it is. Complaints go to stderr. Returns CIV_EXIT_DONE, or the exit code of a failure that was told. */
int civ_cli_open_sweep(const civ_command *command, const civ_sweep_request *request, civ_sweep_input *in);
void civ_cli_close_sweep(civ_sweep_input *input);

#endif
