/* cmd_report.c - civitas report: what a log has to say about one subject, one kind of report per file report_KIND.c. */
#include <stdlib.h>
#include <string.h>

#include "civitas/scenario.h"
#include "cli/cli.h"
#include "cli/find_log.h"
#include "cli/report.h"
#include "lab/replay_head.h"

typedef struct report_kind {
  const char *name;
  int (*print)(const civ_report_request *request);
} report_kind;

static const report_kind kinds[] = {
#define X(name, doc) { #name, civ_report_print_##name },
  CIV_REPORT_LIST(X)
#undef X
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

typedef struct report_options {
  civ_opt_integer run;
  bool json, strict;
} report_options;

static const civ_option options[] = {
  CIV_OPTION_INTEGER_(report_options, run, 0, "run", "K", 1, UINT32_MAX,
                      "the K-th run of a log that holds several (default: 1)"),
  CIV_OPTION_FLAG_(report_options, json, 0, "json", "print JSON"),
  CIV_OPTION_FLAG_(report_options, strict, 0, "strict", "a malformed line is an error"),
  { 0 },
};

const civ_command civ_command_report = {
  .name = "report",
  .summary = "what a log says about one subject",
  .arguments = "KIND LOG|FOLDER",
  .least = 2,
  .most = 2,
  .options = options,
  .options_size = sizeof(report_options),
  .details =
#define X(name, doc) "  " #name ": " doc "\n"
      "KIND is one of\n" CIV_REPORT_LIST(X)
#undef X
          "\nA report is computed from the events of the log alone, with the configuration it carries: neither\n"
          "the scenario nor the end of the run is needed. A log that stops early is reported as far as it goes.",
  .example = "civitas report collusion runs/baseline-1\ncivitas report collusion events.jsonl --json",
  .run = civ_cmd_report,
};

static const char *kind_name(const void *arg, size_t k)
{
  (void)arg;
  return k < KINDS ? kinds[k].name : NULL;
}

static const report_kind *find_kind(const char *name)
{
  for (size_t k = 0; k < KINDS; k++)
    if (strcmp(kinds[k].name, name) == 0)
      return &kinds[k];
  return NULL;
}

static int tell_unknown(const char *name)
{
  const char *nearest = civ_nearest(name, kind_name, NULL);
  return nearest != NULL
             ? civ_cli_misuse(&civ_command_report, "there is no report \"%s\"; did you mean %s?", name, nearest)
             : civ_cli_misuse(&civ_command_report, "there is no report \"%s\"", name);
}

static int report(const report_kind *kind, const report_options *o, const char *log, const civ_registry *registry)
{
  civ_report_request request = { .log = log,
                                 .run = o->run.set ? (uint32_t)o->run.value : 1,
                                 .strict = o->strict,
                                 .json = o->json,
                                 .registry = registry };
  civ_config *config;
  int32_t detail;
  civ_error err;
  if (civ_replay_head_read(log, request.run, registry, &config, &detail, &err) != CIV_OK)
    return civ_cli_fail(&err);
  request.config = config;
  const int code = kind->print(&request);
  civ_config_destroy(config);
  return code;
}

int civ_cmd_report(int argc, char **argv)
{
  report_options o = { 0 };
  civ_registry *registry;
  civ_error err;
  int code;
  if (!civ_cli_parse(&civ_command_report, &argc, argv, &o, &code))
    return code;
  const report_kind *kind = find_kind(argv[1]);
  if (kind == NULL)
    return tell_unknown(argv[1]);
  char *log = civ_cli_find_log(argv[2]);
  if (log == NULL)
    return civ_cli_no_memory();
  if (civ_registry_create_default(&registry, &err) != CIV_OK) {
    free(log);
    return civ_cli_fail(&err);
  }
  code = report(kind, &o, log, registry);
  civ_registry_destroy(registry);
  free(log);
  return code;
}
