/* cmd_results.c - civitas results: what stands in a results store. */
#include <stdlib.h>
#include <string.h>

#include "base/names.h"
#include "base/number.h"
#include "cli/results.h"

typedef struct results_options {
  const char *store, *table, *output;
  bool json, csv;
} results_options;

static const civ_option options[] = {
  CIV_OPTION_TEXT_(results_options, store, 's', "store", "FILE",
                   "the results store (default: " CIV_STORE_DEFAULT " in the working directory)"),
  CIV_OPTION_FLAG_(results_options, json, 0, "json", "print JSON"),
  CIV_OPTION_FLAG_(results_options, csv, 0, "csv", "print CSV (query, export)"),
  CIV_OPTION_TEXT_(results_options, table, 't', "table", "NAME",
                   "export this table or view, of the experiment if ID is given"),
  CIV_OPTION_TEXT_(results_options, output, 0, "output", "FILE", "write to FILE (export)"),
  { 0 },
};

typedef struct action {
  const char *name;
  uint32_t least, most; /* arguments after the action */
  bool takes_id, csv, table;
  int (*run)(const civ_results_request *r);
  const char *usage;
} action;

static const action actions[] = {
  { "ls", 0, 0, false, false, false, civ_results_ls, "results ls" },
  { "show", 1, 1, true, false, false, civ_results_show, "results show ID" },
  { "query", 1, 1, false, true, false, civ_results_query, "results query SQL" },
  { "export", 0, 1, true, true, true, civ_results_export, "results export ID --csv|--json" },
};
enum { ACTIONS = sizeof actions / sizeof actions[0] };

const civ_command civ_command_results = {
  .name = "results",
  .summary = "what stands in a results store",
  .arguments = "ls | show ID | query SQL | export [ID]",
  .least = 1,
  .most = 2,
  .options = options,
  .options_size = sizeof(results_options),
  .details =
      "  ls      the experiments\n"
      "  show    one experiment: its configurations, means and intervals\n"
      "  query   one SQL statement that reads; tables and views: docs/results-store.md\n"
      "  export  an experiment as CSV (of a sweep, the bytes that civitas sweep --csv wrote) or JSON; or a table by "
      "name\n"
      "\nThe store is opened for reading: nothing here changes it. civitas sweep --store and civitas run --seeds "
      "--store fill it.",
  .example = "civitas results ls\n"
             "civitas results show 1 --store results.sqlite\n"
             "civitas results query \"SELECT configuration_name, avg(mean_toxicity) FROM results GROUP BY 1\"\n"
             "civitas results export 1 --csv --output rows.csv",
  .run = civ_cmd_results,
};

static const char *action_name(const void *arg, size_t k)
{
  (void)arg;
  return k < ACTIONS ? actions[k].name : NULL;
}

static const action *find_action(const char *name)
{
  const int k = civ_cli_find_action(&civ_command_results, name, action_name, NULL);
  return k >= 0 ? &actions[k] : NULL;
}

/* Options and arguments that do not fit the action. */
static int refuse(const action *a, const results_options *o, int n_arguments)
{
  if ((uint32_t)n_arguments < a->least || (uint32_t)n_arguments > a->most)
    return civ_cli_misuse(&civ_command_results, "use: civitas %s", a->usage);
  if (o->csv && !a->csv)
    return civ_cli_misuse(&civ_command_results, "--csv is for query and export, not for %s", a->name);
  if (o->csv && o->json)
    return civ_cli_misuse(&civ_command_results, "--csv and --json exclude each other");
  if ((o->table != NULL || o->output != NULL) && !a->table)
    return civ_cli_misuse(&civ_command_results, "--table and --output are for export, not for %s", a->name);
  if (a->table && n_arguments == 0 && o->table == NULL)
    return civ_cli_misuse(&civ_command_results,
                          "say what to export: an experiment's ID ('civitas results ls'), or --table "
                          "NAME");
  if (a->table && !o->csv && !o->json)
    return civ_cli_misuse(&civ_command_results, "say in which form to export: --csv or --json");
  return CIV_EXIT_DONE;
}

int civ_cmd_results(int argc, char **argv)
{
  results_options o = { .store = CIV_STORE_DEFAULT };
  civ_error err = { 0 };
  int code;
  if (!civ_cli_parse(&civ_command_results, &argc, argv, &o, &code))
    return code;
  const action *a = find_action(argv[1]);
  if (a == NULL)
    return CIV_EXIT_MISUSED;
  code = refuse(a, &o, argc - 2);
  if (code != CIV_EXIT_DONE)
    return code;
  civ_results_request r = { .form = o.json  ? CIV_RESULTS_JSON
                                    : o.csv ? CIV_RESULTS_CSV
                                            : CIV_RESULTS_TABLE,
                            .argument = argc > 2 ? argv[2] : NULL,
                            .table = o.table,
                            .output = o.output };
  if (a->takes_id && r.argument != NULL && (!civ_parse_integer(r.argument, strlen(r.argument), &r.id) || r.id < 1))
    return civ_cli_misuse(&civ_command_results,
                          "'%s' is no experiment's ID; 'civitas results ls' lists them: 1, 2, ...", r.argument);
  if (civ_store_open(o.store, CIV_STORE_READ, &r.store, &err) != CIV_OK)
    return civ_cli_fail(&err);
  code = a->run(&r);
  (void)civ_store_close(r.store, &err); /* it was only read */
  return code;
}
