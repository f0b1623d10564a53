/* cmd_sweep.c - civitas sweep: many configurations, many seeds, what they say. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "cli/cli.h"
#include "cli/interrupt.h"
#include "cli/progress.h"
#include "cli/sweep_input.h"
#include "cli/sweep_report.h"
#include "lab/store_sweep.h"
#include "lab/sweep.h"

typedef struct sweep_options {
  civ_sweep_request request;
  civ_opt_integer workers;
  const char *csv, *summary, *folder, *store;
  int32_t dialect, detail;
  bool json, markdown, resume, fail_fast, progress, quiet;
} sweep_options;

static const char *const dialects[] = { "plain", "compat", NULL };

static const civ_option options[] = {
  CIV_OPTION_TEXTS_(sweep_options, request.params, 'p', "param", "PATH=V1,V2,...",
                    "vary a field over values, or MIN..MAX for a design; may be repeated, the first varies slowest"),
  CIV_OPTION_INTEGER_(sweep_options, request.runs, 'n', "runs", "N", 0, 1000000000,
                      "runs of each configuration (default: the file's, or 1)"),
  CIV_OPTION_TEXT_(sweep_options, request.seed_base, 0, "seed-base", "N",
                   "seeds begin at N + 1 (default: the file's, or 42); null takes the scenario's seed"),
  CIV_OPTION_CHOICE_(sweep_options, request.seed_mode, 0, "seed-mode", civ_sweep_seed_mode_names,
                     "sequential: every run has its own seed; common: every configuration has the same ones"),
  CIV_OPTION_CHOICE_(sweep_options, request.design, 0, "design", civ_sweep_design_names,
                     "where to look: grid, random, latin_hypercube, sobol, sobol_indices, morris"),
  CIV_OPTION_INTEGER_(sweep_options, request.samples, 0, "samples", "N", 1, 100000000, "points of such a design"),
  CIV_OPTION_INTEGER_(sweep_options, request.design_seed, 0, "design-seed", "N", 0, INT64_MAX,
                      "seed of the design's points (default 1)"),
  CIV_OPTION_TEXTS_(sweep_options, request.metrics, 'm', "metric", "NAME",
                    "what to summarise: a column of the CSV file or a total of 'civitas run --json'; may be repeated"),
  CIV_OPTION_TEXT_(sweep_options, request.baseline, 0, "baseline", "NAME",
                   "configuration the others are compared with (default: the first)"),
  CIV_OPTION_TEXT_(sweep_options, request.until, 0, "until-ci", "W",
                   "run each configuration until the half-width of the metric's 95 % interval is W, --runs at most; "
                   "METRIC=W names the metric"),
  CIV_OPTION_INTEGER_(sweep_options, request.epochs, 0, "epochs", "N", 0, INT64_MAX, "epochs of every run"),
  CIV_OPTION_INTEGER_(sweep_options, request.steps, 0, "steps", "N", 0, INT64_MAX, "steps per epoch of every run"),
  CIV_OPTION_TEXTS_(sweep_options, request.overrides, 0, "override", "PATH=VALUE",
                    "set one field in all runs; may be repeated"),
  CIV_OPTION_INTEGER_(sweep_options, workers, 'j', "workers", "N", 1, 4096,
                      "threads (default: all processors); results do not depend on it"),
  CIV_OPTION_TEXT_(sweep_options, csv, 'o', "csv", "FILE", "write one row per run to FILE"),
  CIV_OPTION_CHOICE_(sweep_options, dialect, 0, "csv-dialect", dialects,
                     "plain, or compat: CR LF, True and False, as the reference model writes"),
  CIV_OPTION_TEXT_(sweep_options, summary, 0, "summary", "FILE", "write the summary as JSON to FILE"),
  CIV_OPTION_TEXT_(sweep_options, folder, 0, "out", "DIR", "write runs.csv and summary.json into DIR"),
  CIV_OPTION_TEXT_(sweep_options, store, 0, "store", "FILE",
                   "keep every run in a results store, and take from it what is there already"),
  CIV_OPTION_CHOICE_(sweep_options, detail, 0, "store-detail", civ_store_details,
                     "what the store keeps of a run: totals, epochs, agents"),
  CIV_OPTION_FLAG_(sweep_options, resume, 0, "resume",
                   "go on with a sweep in the store (default store: " CIV_STORE_DEFAULT ")"),
  CIV_OPTION_FLAG_(sweep_options, fail_fast, 0, "fail-fast", "begin nothing new once a run has failed"),
  CIV_OPTION_FLAG_(sweep_options, json, 0, "json", "print summary and rows as one JSON object instead of tables"),
  CIV_OPTION_FLAG_(sweep_options, markdown, 0, "markdown", "print the table of configurations as Markdown"),
  CIV_OPTION_FLAG_(sweep_options, request.reference, 0, "reference",
                   "take the reference variant of a built-in scenario"),
  CIV_OPTION_FLAG_(sweep_options, request.lenient, 0, "lenient", "unknown keys of the scenario are warnings"),
  CIV_OPTION_FLAG_(sweep_options, progress, 0, "progress", "show progress even where standard error is no terminal"),
  CIV_OPTION_FLAG_(sweep_options, quiet, 'q', "quiet", "print errors only"),
  { 0 },
};

const civ_command civ_command_sweep = {
  .name = "sweep",
  .summary = "run many configurations and compare them",
  .arguments = "FILE",
  .least = 1,
  .most = 1,
  .options = options,
  .options_size = sizeof(sweep_options),
  .details = "FILE is a sweep file, the name of a sweep that comes with civitas (governance12, example), or a scenario "
             "together with --param. A run that fails is recorded and the others go on. Exit codes: 0 done, 1 a run "
             "failed, 2 misused, 130 interrupted (what is done is kept; with --store the same command goes on).",
  .example =
      "civitas sweep governance12\n"
      "civitas sweep baseline --param governance.transaction_tax_rate=0,0.05,0.1 --runs 30 --seed-mode common\n"
      "civitas sweep baseline -p payoff.theta=0..1 -p payoff.h=0..4 --design morris --samples 20 -m avg_toxicity",
  .run = civ_cmd_sweep,
};

/* --- while it runs --------------------------------------------------------------------------------------------------------------- */

typedef struct watcher {
  civ_progress line;
  uint64_t known; /* runs that were not made by this call */
  bool begun;
} watcher;

static bool show(void *arg, uint64_t done, uint64_t n, uint64_t agent_steps)
{
  watcher *w = arg;
  if (!w->begun)
    w->known = done - 1;
  w->begun = true;
  civ_progress_show(&w->line, (double)(done - w->known), (double)(n - w->known), "runs", (double)agent_steps);
  return !civ_interrupted();
}

/* --- what is left behind ------------------------------------------------------------------------------------------------------------ */

static int write_text(const char *path, civ_buffer *text)
{
  civ_error err = { 0 };
  const civ_status status = text->failed ? civ_fail(&err, CIV_E_NOMEM, path, "out of memory")
                                         : civ_file_write_unsynced(path, text->data, text->length, &err);
  civ_buffer_free(text);
  return status == CIV_OK ? CIV_EXIT_DONE : civ_cli_fail(&err);
}

static int write_csv(const sweep_options *o, const civ_sweep_rows *rows, const char *path)
{
  civ_buffer text = { 0 };
  civ_sweep_rows_csv(rows, (civ_csv_dialect)o->dialect, &text);
  return write_text(path, &text);
}

static int write_summary(const civ_sweep_summary *summary, const char *path)
{
  civ_buffer text = { 0 };
  civ_error err = { 0 };
  if (civ_sweep_summary_json(summary, false, &text, &err) != CIV_OK) {
    civ_buffer_free(&text);
    return civ_cli_fail(&err);
  }
  return write_text(path, &text);
}

/* --out DIR: both files under their usual names. */
static int write_folder(const sweep_options *o, const civ_sweep_summary *summary)
{
  char *csv = NULL, *json = NULL;
  int code = CIV_EXIT_DONE;
  if (asprintf(&csv, "%s/runs.csv", o->folder) < 0 || asprintf(&json, "%s/summary.json", o->folder) < 0) {
    civ_cli_error("out of memory");
    return CIV_EXIT_FAILED;
  }
  code = write_csv(o, summary->rows, csv);
  if (code == CIV_EXIT_DONE)
    code = write_summary(summary, json);
  free(csv);
  free(json);
  return code;
}

static int write_files(const sweep_options *o, const civ_sweep_summary *summary)
{
  int code = CIV_EXIT_DONE;
  if (o->csv != NULL)
    code = write_csv(o, summary->rows, o->csv);
  if (code == CIV_EXIT_DONE && o->summary != NULL)
    code = write_summary(summary, o->summary);
  if (code == CIV_EXIT_DONE && o->folder != NULL)
    code = write_folder(o, summary);
  return code;
}

static int print_text(civ_buffer *text)
{
  const bool ok = !text->failed && civ_cli_receive(NULL, text->data, text->length);
  if (text->failed)
    civ_cli_error("out of memory");
  civ_buffer_free(text);
  return ok ? CIV_EXIT_DONE : CIV_EXIT_FAILED;
}

static int print_summary(const sweep_options *o, const civ_sweep_summary *summary)
{
  civ_buffer text = { 0 };
  civ_error err = { 0 };
  if (o->json) {
    const civ_status status = civ_sweep_summary_json(summary, true, &text, &err);
    if (status == CIV_OK)
      return print_text(&text);
    civ_buffer_free(&text);
    return civ_cli_fail(&err);
  }
  if (o->markdown) {
    civ_sweep_markdown(&text, summary);
    return print_text(&text);
  }
  if (o->quiet || civ_sweep_report(stdout, summary))
    return CIV_EXIT_DONE;
  civ_cli_error("out of memory");
  return CIV_EXIT_FAILED;
}

static void tell_failures(const civ_sweep_rows *rows)
{
  enum { MOST_TOLD = 10 };
  uint64_t failed = 0;
  for (uint64_t k = 0; k < civ_sweep_plan_runs(civ_sweep_rows_plan(rows)); k++) {
    const civ_sweep_row row = civ_sweep_rows_at(rows, k);
    if (row.state == CIV_SWEEP_FAILED && failed++ < MOST_TOLD)
      civ_cli_error("run %llu (seed %llu): %s", (unsigned long long)k + 1, (unsigned long long)row.place.seed,
                    row.error);
  }
  if (failed > MOST_TOLD)
    civ_cli_error("... and %llu more runs failed", (unsigned long long)(failed - MOST_TOLD));
}

static void tell_interrupted(const sweep_options *o, const civ_sweep_rows *rows)
{
  const uint64_t n = civ_sweep_plan_runs(civ_sweep_rows_plan(rows)),
                 left = civ_sweep_rows_count(rows, CIV_SWEEP_NOT_RUN);
  if (o->store != NULL)
    civ_cli_error("stopped after %llu of %llu runs; the same command with --store %s goes on",
                  (unsigned long long)(n - left), (unsigned long long)n, o->store);
  else
    civ_cli_error("stopped after %llu of %llu runs; with --store FILE a sweep can be taken up again",
                  (unsigned long long)(n - left), (unsigned long long)n);
}

static int report(const sweep_options *o, const civ_sweep_rows *rows, bool interrupted)
{
  civ_error err = { 0 };
  civ_sweep_summary *summary;
  if (civ_sweep_summarise(rows, o->workers.set ? (uint32_t)o->workers.value : 0, &summary, &err) != CIV_OK)
    return civ_cli_fail(&err);
  /* Files that cannot be written are no reason to keep what was computed to oneself. */
  const int written = write_files(o, summary);
  int code = print_summary(o, summary);
  if (code == CIV_EXIT_DONE)
    code = written;
  tell_failures(rows);
  if (interrupted)
    tell_interrupted(o, rows);
  if (code == CIV_EXIT_DONE)
    code = interrupted ? CIV_EXIT_INTERRUPTED : summary->n_failed > 0 ? CIV_EXIT_FAILED : CIV_EXIT_DONE;
  civ_sweep_summary_destroy(summary);
  return code;
}

/* --- running ------------------------------------------------------------------------------------------------------------------------- */

static int run(const sweep_options *o, const civ_sweep_plan *plan, civ_store_sweep *store)
{
  civ_error err = { 0 };
  civ_sweep_rows *rows = NULL;
  watcher w = { .line = civ_progress_begin(o->quiet || ((o->json || o->markdown) && !o->progress), o->progress) };
  const civ_sweep_options how = { .workers = o->workers.set ? (uint32_t)o->workers.value : 0,
                                  .fail_fast = o->fail_fast,
                                  .receiver = store != NULL ? civ_store_sweep_receiver(store) : NULL,
                                  .progress = show,
                                  .arg = &w };
  const civ_status status = civ_sweep_run(plan, &how, &rows, &err);
  civ_error closing = { 0 };
  civ_progress_end(&w.line);
  const uint64_t known = store != NULL ? civ_store_sweep_known(store) : 0;
  const civ_status closed = civ_store_sweep_close(store, status == CIV_OK, &closing);
  if (known > 0 && !o->quiet)
    fprintf(stderr, "%llu runs were in %s already.\n", (unsigned long long)known, o->store);
  int code = status == CIV_OK || status == CIV_E_INTERRUPTED ? report(o, rows, status != CIV_OK) : civ_cli_fail(&err);
  if (closed != CIV_OK && (code == CIV_EXIT_DONE || code == CIV_EXIT_INTERRUPTED))
    code = civ_cli_fail(&closing);
  civ_sweep_rows_destroy(rows);
  return code;
}

static int open_and_run(sweep_options *o, const civ_sweep_plan *plan)
{
  civ_error err = { 0 };
  civ_store_sweep *store = NULL;
  if (o->resume && o->store == NULL)
    o->store = CIV_STORE_DEFAULT;
  if (o->resume && !civ_file_exists(o->store)) {
    civ_cli_error("%s: there is no results store to go on with; without --resume a new one is made", o->store);
    return CIV_EXIT_MISUSED;
  }
  if (o->store != NULL && civ_store_sweep_open(o->store, (civ_store_detail)o->detail, &store, &err) != CIV_OK)
    return civ_cli_fail(&err);
  if (!o->quiet && !o->json && !o->markdown) {
    civ_sweep_report_head(stdout, plan);
    fflush(stdout);
  }
  civ_interrupt_listen();
  return run(o, plan, store);
}

int civ_cmd_sweep(int argc, char **argv)
{
  sweep_options o = { .request = { .seed_mode = -1, .design = -1 } };
  civ_sweep_input input = { .plan = NULL };
  int code;
  if (!civ_cli_parse(&civ_command_sweep, &argc, argv, &o, &code))
    return code;
  o.request.file = argv[1];
  if (o.json && o.markdown)
    code = civ_cli_misuse(&civ_command_sweep, "--json and --markdown exclude each other");
  else
    code = civ_cli_open_sweep(&civ_command_sweep, &o.request, &input);
  if (code == CIV_EXIT_DONE) {
    code = open_and_run(&o, input.plan);
    civ_cli_close_sweep(&input);
  }
  civ_texts_free(&o.request.params);
  civ_texts_free(&o.request.overrides);
  civ_texts_free(&o.request.metrics);
  return code;
}
