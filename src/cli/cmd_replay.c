/* cmd_replay.c - civitas replay: every report of a run from its log alone; and proof that the log says what happened. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "civitas/replay.h"
#include "cli/cli.h"
#include "cli/find_log.h"
#include "cli/run_report.h"
#include "lab/exports.h"
#include "lab/json_report.h"
#include "lab/log_history.h"
#include "lab/log_reports.h"
#include "lab/run_files.h"

typedef struct replay_options {
  civ_opt_integer run, threads;
  bool strict, verify, execute, json, quiet;
  const char *export_json, *export_csv;
} replay_options;

static const civ_option options[] = {
  CIV_OPTION_INTEGER_(replay_options, run, 0, "run", "K", 1, UINT32_MAX,
                      "the K-th run of a log that holds several (default: 1)"),
  CIV_OPTION_FLAG_(replay_options, strict, 0, "strict", "a malformed line is an error"),
  CIV_OPTION_FLAG_(replay_options, verify, 0, "verify",
                   "compute every epoch's metrics again from its interactions and compare"),
  CIV_OPTION_FLAG_(replay_options, execute, 0, "re-execute",
                   "run the log's configuration again and compare the logs byte by byte"),
  CIV_OPTION_INTEGER_(replay_options, threads, 'j', "threads", "N", 1, 4096, "threads to run again with"),
  CIV_OPTION_FLAG_(replay_options, json, 0, "json", "print the JSON object of 'civitas run --json'"),
  CIV_OPTION_TEXT_(replay_options, export_json, 0, "export-json", "FILE", "also write the history as JSON to FILE"),
  CIV_OPTION_TEXT_(replay_options, export_csv, 0, "export-csv", "DIR",
                   "also write ID_epochs.csv and ID_agents.csv into DIR"),
  CIV_OPTION_FLAG_(replay_options, quiet, 'q', "quiet", "print errors only"),
  { 0 },
};

const civ_command civ_command_replay = {
  .name = "replay",
  .summary = "rebuild the reports of a run from its event log; verify the log",
  .arguments = "LOG|FOLDER",
  .least = 1,
  .most = 1,
  .options = options,
  .options_size = sizeof(replay_options),
  .details =
      "Exits with 3 where --verify or --re-execute finds a difference, which is then named. A log without its end is\n"
      "verified as far as it goes.",
  .example = "civitas replay runs/baseline-1 --verify --re-execute\ncivitas replay events.jsonl --json",
  .run = civ_cmd_replay,
};

/* --- proofs ------------------------------------------------------------------------------------------------------------------- */

/* What was proved; printed after the reports, on standard error where standard output is JSON. */
static civ_status verify(const replay_options *o, const char *log, FILE *out, civ_error *err)
{
  uint32_t epochs;
  bool complete;
  const civ_status st = civ_log_verify(log, (uint32_t)o->run.value, &epochs, &complete, err);
  if (st == CIV_OK && !o->quiet)
    fprintf(out, "verified: the metrics of %u epochs follow from their interactions%s\n", epochs,
            complete ? "" : "; the log has no end");
  return st;
}

static civ_status execute(const replay_options *o, const char *log, const civ_registry *registry, FILE *out,
                          civ_error *err)
{
  uint64_t records;
  bool complete;
  const uint32_t threads = o->threads.set ? (uint32_t)o->threads.value : 1;
  const civ_status st = civ_log_reexecute(log, registry, threads, &records, &complete, err);
  if (st == CIV_OK && !o->quiet)
    fprintf(out, "executed again: %llu records are equal byte by byte%s\n", (unsigned long long)records,
            complete ? "" : "; the log stops there");
  return st;
}

/* --- reports ------------------------------------------------------------------------------------------------------------------ */

/* What the parts of the run reported, folded from the log. */
static civ_status add_reports(const replay_options *o, const char *log, civ_log_history *h, civ_error *err)
{
  json_t *reports;
  civ_buffer text = { 0 };
  civ_status st = civ_log_reports_read(log, (uint32_t)o->run.value, o->strict, h->config, &reports, err);
  if (st != CIV_OK)
    return st;
  civ_json_write(&text, reports, 0);
  json_decref(reports);
  h->record.reports = text.failed ? NULL : civ_arena_text(&h->arena, text.data, text.length);
  h->record.reports_length = text.length;
  civ_buffer_free(&text);
  return h->record.reports != NULL ? CIV_OK : civ_fail(err, CIV_E_NOMEM, "replay", "out of memory");
}

static civ_status print_reports(const replay_options *o, const char *log, civ_log_history *h, civ_error *err)
{
  char *text;
  size_t length;
  if (o->json) {
    civ_status st = add_reports(o, log, h, err);
    if (st == CIV_OK)
      st = civ_json_report_single(h->config, &h->record, &text, &length, err);
    if (st != CIV_OK)
      return st;
    fwrite(text, 1, length, stdout);
    free(text);
  } else if (!o->quiet) {
    civ_report_head(stdout, h->config, h->record.seed, 1);
    if (!civ_report_run(stdout, &h->record))
      return civ_fail(err, CIV_E_NOMEM, "replay", "out of memory");
  }
  return CIV_OK;
}

static civ_status write_exports(const replay_options *o, const civ_log_history *h, civ_error *err)
{
  civ_status st = CIV_OK;
  if (o->export_json != NULL) {
    json_t *extras = civ_history_extras(h->config, &h->record);
    st = civ_export_json(o->export_json, &h->history, extras, err);
    json_decref(extras);
  }
  if (st == CIV_OK && o->export_csv != NULL)
    st = civ_export_csv(o->export_csv, NULL, &h->history, err);
  return st;
}

static civ_status replay(const replay_options *o, const char *log, const civ_registry *registry, civ_error *err)
{
  civ_log_history h;
  FILE *out = o->json ? stderr : stdout;
  civ_status st = civ_log_history_read(log, (uint32_t)o->run.value, o->strict, registry, &h, err);
  if (st != CIV_OK)
    return st;
  civ_cli_tell_flaws(log, h.complete, &h.counts);
  st = print_reports(o, log, &h, err);
  if (st == CIV_OK)
    st = write_exports(o, &h, err);
  civ_log_history_free(&h);
  if (st == CIV_OK && (o->verify || o->execute) && !o->quiet && !o->json)
    fputc('\n', out);
  if (st == CIV_OK && o->verify)
    st = verify(o, log, out, err);
  if (st == CIV_OK && o->execute)
    st = execute(o, log, registry, out, err);
  return st;
}

int civ_cmd_replay(int argc, char **argv)
{
  replay_options o = { .run = { .value = 1 } };
  civ_error err = { 0 };
  civ_registry *registry = NULL;
  int code;
  if (!civ_cli_parse(&civ_command_replay, &argc, argv, &o, &code))
    return code;
  if (o.execute && o.run.value != 1)
    return civ_cli_misuse(&civ_command_replay,
                          "--re-execute compares a log from its first line: it goes with --run 1 only");
  char *log = civ_cli_find_log(argv[1]);
  civ_status st = log != NULL ? CIV_OK : civ_fail(&err, CIV_E_NOMEM, "replay", "out of memory");
  if (st == CIV_OK)
    st = civ_registry_create_default(&registry, &err);
  if (st == CIV_OK)
    st = replay(&o, log, registry, &err);
  civ_registry_destroy(registry);
  free(log);
  return st == CIV_OK ? CIV_EXIT_DONE : civ_cli_fail(&err);
}
