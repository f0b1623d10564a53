/* cmd_validate.c - reads scenario files and sweep files and says everything that is wrong with them. */
#include <stdio.h>

#include "base/file.h"
#include "civitas/scenario.h"
#include "cli/cli.h"
#include "cli/sweep_input.h"
#include "lab/sweep_file.h"

typedef struct validate_options {
  bool lenient, allow_empty, quiet;
} validate_options;

static const civ_option options[] = {
  CIV_OPTION_FLAG_(validate_options, lenient, 0, "lenient", "unknown keys are warnings"),
  CIV_OPTION_FLAG_(validate_options, allow_empty, 0, "allow-empty", "a scenario may be without agents"),
  CIV_OPTION_FLAG_(validate_options, quiet, 'q', "quiet", "print errors only"),
  { 0 },
};

const civ_command civ_command_validate = {
  .name = "validate",
  .summary = "check scenario files and sweep files and say everything that is wrong with them",
  .arguments = "FILE...",
  .least = 1,
  .most = UINT32_MAX,
  .options = options,
  .options_size = sizeof(validate_options),
  .details =
      "Each complaint names file, line, column, key, value and what would be right. Exits with 2 if any file has\n"
      "an error. A file that is right but switches on something this version does not have says so. Of a sweep file\n"
      "the plan is made as 'civitas sweep' would make it, and nothing is run.",
  .example = "civitas validate scenarios/*.yaml\ncivitas validate sweeps/*.yaml",
  .run = civ_cmd_validate,
};

enum { SHOWN = 20 };

/* The first complaints of each file; the rest are counted. */
static void print(const civ_diagnostics *found, bool errors_only)
{
  uint32_t shown = 0, left = found->dropped;
  for (uint32_t k = 0; k < found->n; k++) {
    if (errors_only && found->items[k].severity != CIV_ERROR)
      continue;
    if (shown++ >= SHOWN) {
      left++;
      continue;
    }
    const civ_diagnostics one = { .items = &found->items[k], .n = 1 };
    civ_cli_print_diagnostics(&one);
  }
  if (left)
    fprintf(stderr, "... and %u more\n", left);
}

/* --- sweeps -------------------------------------------------------------------------------------------------------------- */

static bool is_sweep(const char *path)
{
  enum { MOST_BYTES = 10 << 20 };
  char *text;
  size_t length;
  if (civ_file_read(path, MOST_BYTES, &text, &length, NULL) != CIV_OK)
    return false; /* reading it as a scenario says why */
  const bool sweep = civ_sweep_is_sweep(text, length);
  civ_free(text);
  return sweep;
}

static int validate_sweep(const char *path, const validate_options *o)
{
  const civ_sweep_request request = { .file = path, .lenient = o->lenient, .seed_mode = -1, .design = -1 };
  civ_sweep_input input;
  const int code = civ_cli_open_sweep(&civ_command_validate, &request, &input);
  if (code != CIV_EXIT_DONE)
    return code;
  if (!o->quiet)
    printf("%s: a valid sweep of %llu runs, %llu configurations on %s\n", path,
           (unsigned long long)civ_sweep_plan_runs(input.plan),
           (unsigned long long)civ_sweep_plan_configurations(input.plan), input.scenario.path);
  civ_cli_close_sweep(&input);
  return CIV_EXIT_DONE;
}

/* --- scenarios ----------------------------------------------------------------------------------------------------------- */

static int validate(const civ_registry *registry, const char *path, const validate_options *o)
{
  civ_config *config;
  civ_diagnostics found = { 0 };
  civ_error err = { 0 };
  const uint32_t flags = (o->lenient ? CIV_LOAD_LENIENT : 0u) | (o->allow_empty ? CIV_LOAD_ALLOW_EMPTY : 0u);
  const civ_status status = civ_scenario_load(registry, path, flags, &config, &found, &err);
  const bool told = found.n_errors > 0;
  print(&found, o->quiet);
  civ_diagnostics_free(&found);
  if (status != CIV_OK)
    return told ? CIV_EXIT_MISUSED : civ_cli_fail(&err);
  if (!o->quiet) {
    if (civ_config_check_built(config, path, &err) == CIV_OK)
      printf("%s: valid\n", path);
    else
      printf("%s: valid, but does not run in this version: %s\n", path, err.text);
  }
  civ_config_destroy(config);
  return CIV_EXIT_DONE;
}

int civ_cmd_validate(int argc, char **argv)
{
  validate_options o = { 0 };
  civ_registry *registry;
  civ_error err = { 0 };
  int code;
  if (!civ_cli_parse(&civ_command_validate, &argc, argv, &o, &code))
    return code;
  if (civ_registry_create_default(&registry, &err) != CIV_OK)
    return civ_cli_fail(&err);
  code = CIV_EXIT_DONE;
  for (int k = 1; k < argc; k++) {
    const int one = is_sweep(argv[k]) ? validate_sweep(argv[k], &o) : validate(registry, argv[k], &o);
    code = code == CIV_EXIT_DONE ? one : code;
  }
  civ_registry_destroy(registry);
  return code;
}
