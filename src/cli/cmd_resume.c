/* cmd_resume.c - civitas resume: goes on with a run that was interrupted or killed. */
#include <stdlib.h>

#include "cli/cli.h"
#include "cli/interrupt.h"
#include "cli/run_session.h"
#include "cli/scenario_input.h"
#include "lab/run_folder.h"

typedef struct resume_options {
  civ_opt_integer threads;
  bool json, check, progress, quiet;
} resume_options;

static const civ_option options[] = {
  CIV_OPTION_INTEGER_(resume_options, threads, 'j', "threads", "N", 1, 4096, "threads; results do not depend on it"),
  CIV_OPTION_FLAG_(resume_options, json, 0, "json", "print one JSON object instead of tables"),
  CIV_OPTION_FLAG_(resume_options, check, 0, "check", "exit with 3 unless all success criteria pass"),
  CIV_OPTION_FLAG_(resume_options, progress, 0, "progress", "show progress even where standard error is no terminal"),
  CIV_OPTION_FLAG_(resume_options, quiet, 'q', "quiet", "print errors only"),
  { 0 },
};

const civ_command civ_command_resume = {
  .name = "resume",
  .summary = "go on with a run that was interrupted or killed",
  .arguments = "FOLDER",
  .least = 1,
  .most = 1,
  .options = options,
  .options_size = sizeof(resume_options),
  .details =
      "FOLDER is the run's folder. The log is cut back to its last whole line, the newest checkpoint that fits is "
      "taken (the "
      "start, if there is none), what the log holds already is compared, and the run ends exactly as if it had never "
      "stopped. outputs.checkpoint_every in the scenario makes checkpoints.",
  .example = "civitas resume runs/baseline-1",
  .run = civ_cmd_resume,
};

/* The configuration the run was begun with, from its folder. */
static int load_config(const char *folder, civ_scenario_input *input)
{
  char *path = civ_run_folder_file(folder, CIV_FILE_CONFIG, NULL);
  if (path == NULL)
    return civ_cli_no_memory();
  const int code = civ_cli_open_scenario(path, false, false, NULL, input);
  free(path);
  return code;
}

int civ_cmd_resume(int argc, char **argv)
{
  resume_options o = { 0 };
  civ_scenario_input input = { 0 };
  civ_error err = { 0 };
  bool no_log = false;
  char *log_path = NULL;
  int code;
  if (!civ_cli_parse(&civ_command_resume, &argc, argv, &o, &code))
    return code;
  if (civ_session_find(argv[1], &no_log, &log_path, &err) != CIV_OK)
    return civ_cli_fail(&err);
  code = load_config(argv[1], &input);
  if (code == CIV_EXIT_DONE) {
    const civ_session_options session = { .folder = argv[1],
                                          .no_log = no_log,
                                          .log_path = log_path,
                                          .resume = true,
                                          .threads = o.threads.set ? (uint32_t)o.threads.value : 1 };
    const civ_run_manner manner = { .json = o.json, .quiet = o.quiet, .check = o.check, .progress = o.progress };
    civ_interrupt_listen();
    code = civ_cli_run_session(input.config, &session, &manner);
  }
  civ_cli_close_scenario(&input);
  free(log_path);
  return code;
}
