/* cmd_export.c - civitas export: the history of a run rebuilt from its log, as JSON and CSV. */
#include <stdlib.h>

#include "cli/cli.h"
#include "cli/find_log.h"
#include "lab/exports.h"
#include "lab/log_history.h"
#include "lab/run_files.h"

typedef struct export_options {
  const char *json, *csv, *prefix;
  civ_opt_integer run;
  bool strict, quiet;
} export_options;

static const civ_option options[] = {
  CIV_OPTION_TEXT_(export_options, json, 0, "json", "FILE", "write the history as one JSON document"),
  CIV_OPTION_TEXT_(export_options, csv, 0, "csv", "DIR", "write PREFIX_epochs.csv and PREFIX_agents.csv into DIR"),
  CIV_OPTION_TEXT_(export_options, prefix, 0, "prefix", "NAME",
                   "begin of the CSV files' names (default: the scenario's id)"),
  CIV_OPTION_INTEGER_(export_options, run, 0, "run", "K", 1, UINT32_MAX,
                      "the K-th run of a log that holds several (default: 1)"),
  CIV_OPTION_FLAG_(export_options, strict, 0, "strict", "a malformed line is an error"),
  CIV_OPTION_FLAG_(export_options, quiet, 'q', "quiet", "print errors only"),
  { 0 },
};

const civ_command civ_command_export = {
  .name = "export",
  .summary = "rebuild a run's history from its event log, as JSON and CSV",
  .arguments = "LOG|FOLDER",
  .least = 1,
  .most = 1,
  .options = options,
  .options_size = sizeof(export_options),
  .example = "civitas export runs/baseline-1 --json history.json --csv tables",
  .run = civ_cmd_export,
};

static civ_status write_exports(const export_options *o, const civ_log_history *h, civ_error *err)
{
  civ_status status = CIV_OK;
  if (o->json != NULL) {
    json_t *extras = civ_history_extras(h->config, &h->record);
    status = civ_export_json(o->json, &h->history, extras, err);
    json_decref(extras);
  }
  if (status == CIV_OK && o->csv != NULL)
    status = civ_export_csv(o->csv, o->prefix, &h->history, err);
  return status;
}

static void tell(const export_options *o, const char *log, const civ_log_history *h)
{
  if (!h->complete)
    civ_cli_error("%s: the log has no end; what it holds was exported", log);
  if (h->counts.malformed > 0)
    civ_cli_error("%s: %llu malformed lines were skipped, the first is line %llu", log,
                  (unsigned long long)h->counts.malformed, (unsigned long long)h->counts.first_malformed_line);
  if (o->quiet)
    return;
  printf("%zu epochs, %u agents", h->history.n_epoch_snapshots, h->record.n_agents);
  if (o->json != NULL)
    printf(" -> %s", o->json);
  if (o->csv != NULL)
    printf(" -> %s/%s_*.csv", o->csv, o->prefix != NULL ? o->prefix : h->history.simulation_id);
  putchar('\n');
}

int civ_cmd_export(int argc, char **argv)
{
  export_options o = { .run = { .value = 1 } };
  civ_error err = { 0 };
  civ_registry *registry = NULL;
  civ_log_history h;
  int code;
  if (!civ_cli_parse(&civ_command_export, &argc, argv, &o, &code))
    return code;
  if (o.json == NULL && o.csv == NULL)
    return civ_cli_misuse(&civ_command_export, "say what to write: --json FILE, --csv DIR, or both");
  char *log = civ_cli_find_log(argv[1]);
  civ_status status = log != NULL ? CIV_OK : civ_fail(&err, CIV_E_NOMEM, "export", "out of memory");
  if (status == CIV_OK)
    status = civ_registry_create_default(&registry, &err);
  if (status == CIV_OK)
    status = civ_log_history_read(log, (uint32_t)o.run.value, o.strict, registry, &h, &err);
  if (status == CIV_OK) {
    status = write_exports(&o, &h, &err);
    if (status == CIV_OK)
      tell(&o, log, &h);
    civ_log_history_free(&h);
  }
  civ_registry_destroy(registry);
  free(log);
  return status == CIV_OK ? CIV_EXIT_DONE : civ_cli_fail(&err);
}
