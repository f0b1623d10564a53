/* cmd_run.c - civitas run: one run with its folder, or many seeds of one scenario. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/number.h"
#include "cli/cli.h"
#include "cli/interrupt.h"
#include "cli/progress.h"
#include "cli/run_report.h"
#include "cli/run_session.h"
#include "cli/scenario_input.h"
#include "lab/exports.h"
#include "lab/json_report.h"
#include "lab/run_folder.h"
#include "lab/session.h"
#include "lab/store_seeds.h"

typedef struct run_options {
  civ_opt_integer seed, epochs, steps, threads;
  civ_texts overrides;
  const char *seeds, *output, *output_dir, *export_json, *export_csv, *store;
  int32_t detail; /* civ_store_detail */
  bool json, check, reference, lenient, force, no_log, progress, quiet;
} run_options;

static const civ_option options[] = {
  CIV_OPTION_INTEGER_(run_options, seed, 's', "seed", "N", 0, INT64_MAX,
                      "seed of the run (default: the file's; otherwise one is drawn and shown)"),
  CIV_OPTION_INTEGER_(run_options, epochs, 0, "epochs", "N", 0, INT64_MAX, "run N epochs (simulation.n_epochs)"),
  CIV_OPTION_INTEGER_(run_options, steps, 0, "steps", "N", 0, INT64_MAX,
                      "N steps per epoch (simulation.steps_per_epoch)"),
  CIV_OPTION_TEXTS_(run_options, overrides, 'o', "override", "PATH=VALUE",
                    "set one field, as in payoff.theta=0.4; may be repeated"),
  CIV_OPTION_TEXT_(run_options, seeds, 0, "seeds", "A-B",
                   "one run for each seed from A to B, in parallel; prints means and intervals"),
  CIV_OPTION_TEXT_(run_options, store, 0, "store", "FILE",
                   "with --seeds: also keep every run in this results store ('civitas results')"),
  CIV_OPTION_CHOICE_(run_options, detail, 0, "store-detail", civ_store_details,
                     "with --store: keep totals (the default), epochs as well, or agents as well"),
  CIV_OPTION_INTEGER_(run_options, threads, 'j', "threads", "N", 1, 4096,
                      "threads (default: all processors for --seeds, otherwise 1); results do not depend on it"),
  CIV_OPTION_FLAG_(run_options, json, 0, "json", "print one JSON object instead of tables"),
  CIV_OPTION_FLAG_(run_options, check, 0, "check", "exit with 3 unless all success criteria pass"),
  CIV_OPTION_FLAG_(run_options, reference, 0, "reference", "take the reference variant of a built-in scenario"),
  CIV_OPTION_FLAG_(run_options, lenient, 0, "lenient", "unknown keys are warnings, not errors"),
  CIV_OPTION_TEXT_(run_options, output, 0, "output", "FILE", "write the event log to FILE"),
  CIV_OPTION_TEXT_(run_options, output_dir, 0, "output-dir", "DIR",
                   "use DIR as the run folder (default: runs/SCENARIO-K with the first free K)"),
  CIV_OPTION_FLAG_(run_options, force, 'f', "force", "replace files that are there already"),
  CIV_OPTION_FLAG_(run_options, no_log, 0, "no-log", "write no event log"),
  CIV_OPTION_TEXT_(run_options, export_json, 0, "export-json", "FILE", "also write the history as JSON to FILE"),
  CIV_OPTION_TEXT_(run_options, export_csv, 0, "export-csv", "DIR",
                   "also write ID_epochs.csv and ID_agents.csv into DIR"),
  CIV_OPTION_FLAG_(run_options, progress, 0, "progress", "show progress even where standard error is no terminal"),
  CIV_OPTION_FLAG_(run_options, quiet, 'q', "quiet", "print errors only"),
  { 0 },
};

const civ_command civ_command_run = {
  .name = "run",
  .summary = "run a scenario",
  .arguments = "SCENARIO",
  .least = 1,
  .most = 1,
  .options = options,
  .options_size = sizeof(run_options),
  .details = "SCENARIO is a file, or the name of a built-in scenario ('civitas list'). Exit codes: 0 done, 1 failed at "
             "work, 2 "
             "misused, 3 criteria not met under --check, 4 stopped by the kill switch or a budget, 130 interrupted "
             "(the step is "
             "finished and every file written; 'civitas resume FOLDER' goes on).",
  .example = "civitas run scenarios/baseline.yaml --seed 42\n"
             "civitas run baseline --seeds 1-1000 --override payoff.theta=0.4",
  .run = civ_cmd_run,
};

/* --- what the command line says ------------------------------------------------------------------------------------------- */

static int override_count(civ_config *config, const char *path, civ_opt_integer value)
{
  char text[CIV_NUMBER_MAX + 1];
  if (!value.set)
    return CIV_EXIT_DONE;
  text[civ_format_integer(text, value.value)] = '\0';
  return civ_cli_override(config, path, text);
}

static int apply_counts(civ_config *config, const run_options *o)
{
  int code = override_count(config, "simulation.n_epochs", o->epochs);
  if (code == CIV_EXIT_DONE)
    code = override_count(config, "simulation.steps_per_epoch", o->steps);
  if (code == CIV_EXIT_DONE)
    code = override_count(config, "simulation.seed", o->seed);
  return code;
}

/* The seed of a single run: given, or drawn from the system. */
static int settle_seed(civ_config *config, uint64_t *seed)
{
  civ_error err = { 0 };
  const civ_simulation_config *simulation = civ_config_section(config, "simulation");
  if (simulation->seed.set) {
    *seed = (uint64_t)simulation->seed.value;
    return CIV_EXIT_DONE;
  }
  if (getrandom(seed, sizeof *seed, 0) != (ssize_t)sizeof *seed) {
    civ_cli_error("cannot draw a seed: %s; give one with --seed", strerror(errno));
    return CIV_EXIT_FAILED;
  }
  *seed >>= 33; /* 31 bits are enough to tell runs apart, and short enough to type */
  return civ_config_set_seed(config, *seed, &err) == CIV_OK ? CIV_EXIT_DONE : civ_cli_fail(&err);
}

static int refuse_mixture(const run_options *o)
{
  if (o->seeds != NULL && o->seed.set)
    return civ_cli_misuse(&civ_command_run, "--seed and --seeds exclude each other");
  if (o->seeds != NULL && (o->output != NULL || o->export_json != NULL || o->export_csv != NULL))
    return civ_cli_misuse(&civ_command_run,
                          "--output, --export-json and --export-csv are for single runs, not for --seeds");
  if (o->seeds == NULL && (o->store != NULL || o->detail != CIV_STORE_TOTALS))
    return civ_cli_misuse(&civ_command_run, "--store and --store-detail go with --seeds; a single run has its folder");
  if (o->store == NULL && o->detail != CIV_STORE_TOTALS)
    return civ_cli_misuse(&civ_command_run, "--store-detail goes with --store");
  if (o->no_log && o->output != NULL)
    return civ_cli_misuse(&civ_command_run, "--no-log and --output exclude each other");
  return CIV_EXIT_DONE;
}

/* --- one run ---------------------------------------------------------------------------------------------------------------- */

static int make_folder(const run_options *o, const civ_config *config, char **folder)
{
  civ_error err = { 0 };
  const civ_scenario_config *scenario = civ_config_section(config, "");
  civ_status status;
  if (o->output_dir != NULL) {
    status = civ_run_folder_take(o->output_dir, o->force, &err);
    if (status == CIV_OK && (*folder = strdup(o->output_dir)) == NULL)
      status = civ_fail(&err, CIV_E_NOMEM, "run", "out of memory");
  } else {
    status = civ_run_folder_make("runs", scenario->scenario_id, folder, &err);
  }
  return status == CIV_OK ? CIV_EXIT_DONE : civ_cli_fail(&err);
}

static int run_in(const run_options *o, const civ_config *config, const char *folder, const char *yaml)
{
  const civ_session_options session = { .folder = folder,
                                        .config_yaml = yaml,
                                        .no_log = o->no_log,
                                        .log_path = o->output,
                                        .replace = o->force,
                                        .threads = o->threads.set ? (uint32_t)o->threads.value : 1 };
  const civ_run_manner manner = { .json = o->json,
                                  .quiet = o->quiet,
                                  .check = o->check,
                                  .progress = o->progress,
                                  .export_json = o->export_json,
                                  .export_csv = o->export_csv };
  return civ_cli_run_session(config, &session, &manner);
}

static int run_single(const run_options *o, civ_config *config)
{
  civ_error err = { 0 };
  uint64_t seed;
  char *folder = NULL, *yaml = NULL;
  size_t length;
  int code = settle_seed(config, &seed);
  if (code == CIV_EXIT_DONE && civ_config_dump(config, &yaml, &length, &err) != CIV_OK)
    code = civ_cli_fail(&err);
  if (code == CIV_EXIT_DONE && !o->quiet && !o->json) {
    civ_report_head(stdout, config, seed, 1);
    fflush(stdout); /* a drawn seed is seen even if the run never ends */
  }
  if (code == CIV_EXIT_DONE)
    code = make_folder(o, config, &folder);
  if (code == CIV_EXIT_DONE)
    code = run_in(o, config, folder, yaml);
  if (folder != NULL)
    rmdir(folder); /* a run that was refused leaves no empty folder; any other folder is not empty */
  free(yaml);
  free(folder);
  return code;
}

/* --- many seeds --------------------------------------------------------------------------------------------------------------- */

static bool show_runs(void *arg, uint64_t done, uint64_t n, uint64_t agent_steps)
{
  civ_progress_show(arg, (double)done, (double)n, "runs", (double)agent_steps);
  return !civ_interrupted();
}

static int tell_failures(const civ_experiment *e)
{
  enum { MOST_TOLD = 10 };
  uint64_t failed = 0;
  for (uint64_t k = 0; k < civ_experiment_size(e); k++) {
    const civ_error *err = civ_experiment_error(e, k);
    if (err == NULL)
      continue;
    if (failed++ < MOST_TOLD)
      civ_cli_error("seed %llu: %s: %s", (unsigned long long)civ_experiment_record(e, k)->seed, err->where, err->text);
  }
  if (failed > MOST_TOLD)
    civ_cli_error("... and %llu more seeds failed", (unsigned long long)(failed - MOST_TOLD));
  return failed > 0 ? CIV_EXIT_FAILED : CIV_EXIT_DONE;
}

static bool all_pass(const civ_experiment *e)
{
  for (uint64_t k = 0; k < civ_experiment_size(e); k++)
    if (civ_experiment_record(e, k)->outcome != CIV_OUTCOME_PASS)
      return false;
  return true;
}

/* A folder was asked for: the report, one row of totals per run, and the configuration. */
static int write_experiment(const run_options *o, const civ_config *config, const civ_experiment *e)
{
  civ_error err = { 0 };
  char *yaml = NULL;
  size_t length;
  if (o->output_dir == NULL)
    return CIV_EXIT_DONE;
  civ_status status = civ_config_dump(config, &yaml, &length, &err);
  if (status == CIV_OK)
    status = civ_export_experiment(o->output_dir, o->force, e, yaml, &err);
  free(yaml);
  return status == CIV_OK ? CIV_EXIT_DONE : civ_cli_fail(&err);
}

static int print_experiment(const run_options *o, const civ_experiment *e)
{
  static const civ_text_receiver to_stdout = { civ_cli_receive, NULL };
  civ_error err = { 0 };
  if (o->json)
    return civ_experiment_write_json(e, &to_stdout, &err) == CIV_OK ? CIV_EXIT_DONE : civ_cli_fail(&err);
  if (!o->quiet && !civ_report_experiment(stdout, e))
    return civ_cli_no_memory();
  return CIV_EXIT_DONE;
}

static int report_experiment(const run_options *o, const civ_config *config, const civ_experiment *e, bool interrupted)
{
  int code = print_experiment(o, e);
  if (code == CIV_EXIT_DONE)
    code = write_experiment(o, config, e);
  if (code == CIV_EXIT_DONE)
    code = interrupted ? CIV_EXIT_INTERRUPTED : tell_failures(e);
  if (code == CIV_EXIT_DONE && o->check && !all_pass(e))
    code = CIV_EXIT_DIFFERS;
  return code;
}

static civ_status open_kept(const run_options *o, const civ_config *config, uint64_t first, uint64_t n,
                            civ_experiment_options *experiment, civ_store_seeds **out, civ_error *err)
{
  if (o->store == NULL)
    return CIV_OK;
  civ_status status = civ_store_seeds_open(o->store, (civ_store_detail)o->detail, config, first, n, out, err);
  if (status != CIV_OK)
    return status;
  civ_store_seeds_receive(*out, experiment);
  if (experiment->keep_epochs || experiment->keep_agents || experiment->keep_reports)
    return CIV_OK; /* more is told of each run than a store keeps */
  return civ_store_seeds_recall(*out, experiment, err);
}

static int close_kept(const run_options *o, civ_store_seeds *kept, bool finished)
{
  civ_error err = { 0 };
  if (kept == NULL)
    return CIV_EXIT_DONE;
  const long long id = civ_store_seeds_experiment(kept);
  const uint64_t known = civ_store_seeds_known(kept);
  if (civ_store_seeds_close(kept, finished, &err) != CIV_OK)
    return civ_cli_fail(&err);
  if (known > 0 && !o->quiet)
    fprintf(stderr, "%llu runs were in %s already.\n", (unsigned long long)known, o->store);
  if (!o->quiet && !o->json)
    printf("kept as experiment %lld in %s\n", id, o->store);
  return CIV_EXIT_DONE;
}

static int run_kept_seeds(const run_options *o, civ_config *config, uint64_t first, uint64_t n)
{
  civ_error err = { 0 };
  civ_experiment *e = NULL;
  civ_store_seeds *kept = NULL;
  civ_progress line = civ_progress_begin(o->quiet || (o->json && !o->progress), o->progress);
  civ_experiment_options experiment = { .first_seed = first,
                                        .n = n,
                                        .threads = o->threads.set ? (uint32_t)o->threads.value : 0,
                                        .keep_epochs = o->json || o->output_dir != NULL,
                                        .keep_agents = o->json || o->output_dir != NULL,
                                        .keep_reports = o->json || o->output_dir != NULL,
                                        .keep_criteria = true,
                                        .progress = show_runs,
                                        .arg = &line };
  civ_status status = open_kept(o, config, first, n, &experiment, &kept, &err);
  if (status == CIV_OK)
    status = civ_experiment_run(config, &experiment, &e, &err);
  civ_progress_end(&line);
  int code;
  if (status == CIV_OK || status == CIV_E_INTERRUPTED) {
    code = report_experiment(o, config, e, status == CIV_E_INTERRUPTED);
    const int closed = close_kept(o, kept, status == CIV_OK);
    code = closed == CIV_EXIT_DONE ? code : closed;
  } else {
    code = civ_cli_fail(&err);
    (void)civ_store_seeds_close(kept, false, &err); /* says once more what was told */
  }
  civ_experiment_destroy(e);
  return code;
}

static int run_seeds(const run_options *o, civ_config *config)
{
  uint64_t first, n;
  if (!civ_cli_seeds(o->seeds, &first, &n))
    return civ_cli_misuse(&civ_command_run, "--seeds takes A-B with 0 <= A <= B < 2^63, such as 1-100, not '%s'",
                          o->seeds);
  if (!o->quiet && !o->json) {
    civ_report_head(stdout, config, first, n);
    fflush(stdout);
  }
  return run_kept_seeds(o, config, first, n);
}

int civ_cmd_run(int argc, char **argv)
{
  run_options o = { 0 };
  civ_scenario_input input = { 0 };
  civ_error err = { 0 };
  int code;
  if (!civ_cli_parse(&civ_command_run, &argc, argv, &o, &code))
    return code;
  code = refuse_mixture(&o);
  if (code == CIV_EXIT_DONE)
    code = civ_cli_open_scenario(argv[1], o.reference, o.lenient, &o.overrides, &input);
  civ_texts_free(&o.overrides);
  if (code != CIV_EXIT_DONE)
    return code;
  code = apply_counts(input.config, &o);
  if (code == CIV_EXIT_DONE && civ_config_check_built(input.config, input.path, &err) != CIV_OK)
    code = civ_cli_fail(&err);
  if (code == CIV_EXIT_DONE) {
    civ_interrupt_listen();
    code = o.seeds != NULL ? run_seeds(&o, input.config) : run_single(&o, input.config);
  }
  civ_cli_close_scenario(&input);
  return code;
}
