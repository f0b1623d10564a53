/* cmd_diff.c - civitas diff: the first step, agent and field in which two runs differ, with both values. */
#include <stdlib.h>

#include "civitas/replay.h"
#include "cli/cli.h"
#include "cli/find_log.h"

typedef struct diff_options {
  bool json, logs_only, quiet;
} diff_options;

static const civ_option options[] = {
  CIV_OPTION_FLAG_(diff_options, json, 0, "json", "print one JSON object"),
  CIV_OPTION_FLAG_(diff_options, logs_only, 0, "logs-only",
                   "do not execute the runs again where only digests of the state differ"),
  CIV_OPTION_FLAG_(diff_options, quiet, 'q', "quiet", "print nothing, only the exit code tells"),
  { 0 },
};

const civ_command civ_command_diff = {
  .name = "diff",
  .summary = "the first step, agent and field in which two runs differ",
  .arguments = "LOG|FOLDER LOG|FOLDER",
  .least = 2,
  .most = 2,
  .options = options,
  .options_size = sizeof(diff_options),
  .details =
      "Exits with 0 where the runs are the same, with 3 where they differ. Runs of different configurations are "
      "compared\n"
      "from their first step on, without event numbers, times and digests; what the configurations differ in is said.",
  .example = "civitas diff runs/baseline-1 runs/baseline-2",
  .run = civ_cmd_diff,
};

static json_t *as_json(const civ_log_difference *d)
{
  json_t *object = json_pack("{s:b, s:b}", "same", d->same, "config_differs", d->config_differs);
  if (d->config_differs)
    json_object_set_new(object, "config",
                        json_pack("{s:s, s:s, s:s}", "field", d->config_field, "a", d->config_a, "b", d->config_b));
  if (d->same)
    return object;
  json_t *where = json_pack("{s:o, s:o, s:s, s:s, s:s, s:s, s:s, s:b}", "epoch",
                            d->has_epoch ? json_integer(d->epoch) : json_null(), "step",
                            d->has_step ? json_integer(d->step) : json_null(), "event", d->event, "agent", d->agent,
                            "field", d->field, "a", d->value_a, "b", d->value_b, "only_digest", d->only_digest);
  json_object_set_new(where, "line_a", d->line_a > 0 ? json_integer((json_int_t)d->line_a) : json_null());
  json_object_set_new(where, "line_b", d->line_b > 0 ? json_integer((json_int_t)d->line_b) : json_null());
  json_object_set_new(object, "first", where);
  return object;
}

static void print_place(const civ_log_difference *d)
{
  printf("first difference:");
  if (d->has_epoch)
    printf(" epoch %u", d->epoch);
  if (d->has_step)
    printf(", step %u", d->step);
  if (d->agent[0] != '\0')
    printf(", agent %s", d->agent);
  printf(", %s", d->event);
  if (d->field[0] != '\0')
    printf(", field %s", d->field);
  putchar('\n');
}

static void print_value(const char *which, uint64_t line, const char *path, const char *value)
{
  printf("  %s  %s  (%s", which, value, path);
  if (line > 0)
    printf(":%llu", (unsigned long long)line);
  puts(")");
}

static void print_difference(const civ_log_difference *d, const char *a, const char *b, bool executed)
{
  if (d->config_differs)
    printf("the configurations differ, first in %s:\n  a  %s\n  b  %s\n", d->config_field, d->config_a, d->config_b);
  if (d->same) {
    puts(d->config_differs ? "the runs are the same" : "the logs are the same");
    return;
  }
  print_place(d);
  print_value("a", d->line_a, a, d->value_a);
  print_value("b", d->line_b, b, d->value_b);
  if (d->only_digest)
    puts(executed ? "All events up to here are equal, and so are the states when both runs are executed again: one of "
                    "the logs\n"
                    "was not written by this version. 'civitas replay --re-execute' tells which."
                  : "All events up to here are equal; only the digests of the state differ.");
}

static civ_status compare(const diff_options *o, const char *a, const char *b, civ_log_difference *d, civ_error *err)
{
  civ_registry *registry;
  if (o->logs_only)
    return civ_log_compare(a, b, d, err);
  civ_status st = civ_registry_create_default(&registry, err);
  if (st != CIV_OK)
    return st;
  st = civ_log_explain_difference(a, b, registry, d, err);
  civ_registry_destroy(registry);
  return st;
}

int civ_cmd_diff(int argc, char **argv)
{
  diff_options o = { 0 };
  civ_error err = { 0 };
  civ_log_difference d;
  int code;
  if (!civ_cli_parse(&civ_command_diff, &argc, argv, &o, &code))
    return code;
  char *a = civ_cli_find_log(argv[1]), *b = civ_cli_find_log(argv[2]);
  civ_status st = a != NULL && b != NULL ? CIV_OK : civ_fail(&err, CIV_E_NOMEM, "diff", "out of memory");
  if (st == CIV_OK)
    st = compare(&o, a, b, &d, &err);
  code = st != CIV_OK ? civ_cli_fail(&err) : d.same ? CIV_EXIT_DONE : CIV_EXIT_DIFFERS;
  if (st == CIV_OK && o.json) {
    json_t *object = as_json(&d);
    if (civ_cli_print_json(object) != CIV_EXIT_DONE)
      code = CIV_EXIT_FAILED;
    json_decref(object);
  } else if (st == CIV_OK && !o.quiet)
    print_difference(&d, a, b, !o.logs_only);
  free(a);
  free(b);
  return code;
}
