/* cmd_export.c - civitas export: the history of a run rebuilt from its log, as JSON and CSV; its network as GraphML and DOT. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "cli/cli.h"
#include "cli/find_log.h"
#include "lab/exports.h"
#include "lab/ledger_csv.h"
#include "lab/log_history.h"
#include "lab/network_report.h"
#include "lab/replay_head.h"
#include "lab/run_files.h"

typedef struct export_options {
  const char *json, *csv, *prefix, *ledger, *graphml, *dot, *moment;
  civ_opt_integer run;
  bool strict, quiet;
} export_options;

static const civ_option options[] = {
  CIV_OPTION_TEXT_(export_options, json, 0, "json", "FILE", "write the history as one JSON document"),
  CIV_OPTION_TEXT_(export_options, csv, 0, "csv", "DIR", "write PREFIX_epochs.csv and PREFIX_agents.csv into DIR"),
  CIV_OPTION_TEXT_(export_options, prefix, 0, "prefix", "NAME",
                   "begin of the CSV files' names (default: the scenario's id)"),
  CIV_OPTION_TEXT_(export_options, ledger, 0, "ledger-csv", "FILE",
                   "write the public ledger (governance.transparency_enabled) as one table"),
  CIV_OPTION_TEXT_(export_options, graphml, 0, "graphml", "FILE", "write the network as GraphML"),
  CIV_OPTION_TEXT_(export_options, dot, 0, "dot", "FILE", "write the network for Graphviz"),
  CIV_OPTION_TEXT_(export_options, moment, 0, "network-at", "MOMENT",
                   "which network to write: final (default) or initial"),
  CIV_OPTION_INTEGER_(export_options, run, 0, "run", "K", 1, UINT32_MAX,
                      "the K-th run of a log that holds several (default: 1)"),
  CIV_OPTION_FLAG_(export_options, strict, 0, "strict", "a malformed line is an error"),
  CIV_OPTION_FLAG_(export_options, quiet, 'q', "quiet", "print errors only"),
  { 0 },
};

const civ_command civ_command_export = {
  .name = "export",
  .summary = "rebuild a run's history from its event log, as JSON and CSV, and its network as a graph",
  .arguments = "LOG|FOLDER",
  .least = 1,
  .most = 1,
  .options = options,
  .options_size = sizeof(export_options),
  .example = "civitas export runs/baseline-1 --json history.json --csv tables\n"
             "civitas export runs/network_effects-1 --graphml network.graphml",
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

static civ_status export_history(const export_options *o, const char *log, const civ_registry *registry, civ_error *err)
{
  civ_log_history h;
  civ_status status = civ_log_history_read(log, (uint32_t)o->run.value, o->strict, registry, &h, err);
  if (status != CIV_OK)
    return status;
  status = write_exports(o, &h, err);
  if (status == CIV_OK)
    tell(o, log, &h);
  civ_log_history_free(&h);
  return status;
}

/* --- the network ---------------------------------------------------------------------------------------------------------- */

static bool is_initial(const export_options *o)
{
  return o->moment != NULL && strcmp(o->moment, "initial") == 0;
}

static civ_status write_network(const export_options *o, const civ_network_story *story, civ_error *err)
{
  civ_status status = CIV_OK;
  if (o->graphml != NULL)
    status = civ_network_story_write(story, o->graphml, false, err);
  if (status == CIV_OK && o->dot != NULL)
    status = civ_network_story_write(story, o->dot, true, err);
  if (status == CIV_OK && !o->quiet)
    printf("%u agents, %llu edges -> %s%s%s\n", story->n_agents, (unsigned long long)civ_network_edges(story->net),
           o->graphml != NULL ? o->graphml : "", o->graphml != NULL && o->dot != NULL ? " and " : "",
           o->dot != NULL ? o->dot : "");
  return status;
}

static civ_status follow(const export_options *o, const char *log, civ_network_story *story, civ_error *err)
{
  const civ_replay_target target = { &civ_network_story_sink, story };
  bool complete;
  civ_log_counts counts;
  const civ_status status = civ_log_replay(log, (uint32_t)o->run.value, o->strict, &target, 1, &complete, &counts, err);
  if (status == CIV_OK)
    civ_cli_tell_flaws(log, complete, &counts);
  return status;
}

static civ_status export_network(const export_options *o, const char *log, const civ_registry *registry, civ_error *err)
{
  civ_config *config;
  int32_t detail;
  civ_network_story story;
  civ_status status = civ_replay_head_read(log, (uint32_t)o->run.value, registry, &config, &detail, err);
  if (status != CIV_OK)
    return status;
  status = civ_network_story_begin(config, &story, err);
  if (status == CIV_OK) {
    status = is_initial(o) ? CIV_OK : follow(o, log, &story, err);
    if (status == CIV_OK)
      status = write_network(o, &story, err);
    civ_network_story_free(&story);
  }
  civ_config_destroy(config);
  return status;
}

/* --- both ----------------------------------------------------------------------------------------------------------------- */

/* The public ledger stands in the log itself, so it needs no history. */
static civ_status export_ledger(const export_options *o, const char *log, civ_error *err)
{
  civ_buffer table = { 0 };
  uint64_t rows = 0;
  civ_status status = civ_ledger_csv(log, (uint32_t)o->run.value, o->strict, &table, &rows, err);
  if (status == CIV_OK)
    status = civ_file_write(o->ledger, table.data, table.length, err);
  civ_buffer_free(&table);
  if (status == CIV_OK && !o->quiet)
    printf("%llu rows of the public ledger -> %s\n", (unsigned long long)rows, o->ledger);
  if (status == CIV_OK && rows == 0)
    civ_cli_error("%s: the run has no public ledger; governance.transparency_enabled: true writes one", log);
  return status;
}

int civ_cmd_export(int argc, char **argv)
{
  export_options o = { .run = { .value = 1 } };
  civ_error err = { 0 };
  civ_registry *registry = NULL;
  int code;
  if (!civ_cli_parse(&civ_command_export, &argc, argv, &o, &code))
    return code;
  const bool history = o.json != NULL || o.csv != NULL, network = o.graphml != NULL || o.dot != NULL;
  if (!history && !network && o.ledger == NULL)
    return civ_cli_misuse(
        &civ_command_export,
        "say what to write: --json FILE, --csv DIR, --ledger-csv FILE, --graphml FILE or --dot FILE, or several");
  if (o.moment != NULL && !is_initial(&o) && strcmp(o.moment, "final") != 0)
    return civ_cli_misuse(&civ_command_export, "--network-at %s: write initial or final", o.moment);
  char *log = civ_cli_find_log(argv[1]);
  civ_status status = log != NULL ? CIV_OK : civ_fail(&err, CIV_E_NOMEM, "export", "out of memory");
  if (status == CIV_OK)
    status = civ_registry_create_default(&registry, &err);
  if (status == CIV_OK && history)
    status = export_history(&o, log, registry, &err);
  if (status == CIV_OK && o.ledger != NULL)
    status = export_ledger(&o, log, &err);
  if (status == CIV_OK && network)
    status = export_network(&o, log, registry, &err);
  civ_registry_destroy(registry);
  free(log);
  return status == CIV_OK ? CIV_EXIT_DONE : civ_cli_fail(&err);
}
