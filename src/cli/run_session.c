#include "cli/run_session.h"

#include <stdlib.h>

#include "cli/cli.h"
#include "cli/interrupt.h"
#include "cli/progress.h"
#include "cli/run_report.h"
#include "lab/exports.h"
#include "lab/json_report.h"
#include "lab/run_files.h"

/* --- while it runs ----------------------------------------------------------------------------------------------------------- */

typedef struct watcher {
  civ_progress line;
  double agents;
} watcher;

static void show_moment(void *arg, const civ_session_moment *now)
{
  watcher *w = arg;
  const double per_epoch = now->steps_per_epoch > 0 ? (double)now->steps_per_epoch : 1;
  const double epochs = now->epoch + now->step / per_epoch;
  civ_progress_show(&w->line, epochs, (double)now->n_epochs, "epochs",
                    epochs * (double)now->steps_per_epoch * w->agents);
}

static uint64_t count_agents(const civ_config *config)
{
  uint32_t n;
  uint64_t total = 0;
  const civ_agent_entry *entries = civ_config_agents(config, &n);
  for (uint32_t k = 0; k < n; k++)
    total += entries[k].count;
  return total;
}

/* --- afterwards --------------------------------------------------------------------------------------------------------------- */

static int exit_code_of(const civ_run_record *record, bool check)
{
  if (record->end == CIV_END_INTERRUPTED)
    return CIV_EXIT_INTERRUPTED;
  if (record->end == CIV_END_KILLED)
    return CIV_EXIT_STOPPED;
  if (!check || record->outcome == CIV_OUTCOME_PASS)
    return CIV_EXIT_DONE;
  if (record->n_findings == 0)
    civ_cli_error("--check: the scenario has no success criteria");
  return CIV_EXIT_DIFFERS;
}

static int print_result(const civ_config *config, const civ_run_record *record, bool json)
{
  static const civ_text_receiver to_stdout = { civ_cli_receive, NULL };
  civ_error err = { 0 };
  if (json)
    return civ_json_report_write(config, record, &to_stdout, &err) == CIV_OK ? CIV_EXIT_DONE : civ_cli_fail(&err);
  if (civ_report_run(stdout, record))
    return CIV_EXIT_DONE;
  civ_cli_error("out of memory");
  return CIV_EXIT_FAILED;
}

static int export_history(const civ_run_manner *manner, const civ_config *config, const civ_session *s)
{
  civ_error err = { 0 };
  civ_status status = CIV_OK;
  if (manner->export_json != NULL) {
    json_t *extras = civ_history_extras(config, civ_session_record(s));
    status = civ_export_json(manner->export_json, civ_session_history(s), extras, &err);
    json_decref(extras);
  }
  if (status == CIV_OK && manner->export_csv != NULL)
    status = civ_export_csv(manner->export_csv, NULL, civ_session_history(s), &err);
  return status == CIV_OK ? CIV_EXIT_DONE : civ_cli_fail(&err);
}

static int report(const civ_config *config, const civ_session *s, const char *folder, const civ_run_manner *manner)
{
  const civ_run_record *record = civ_session_record(s);
  int code = export_history(manner, config, s);
  if (code == CIV_EXIT_DONE && (manner->json || !manner->quiet))
    code = print_result(config, record, manner->json);
  if (civ_session_nulls(s) > 0 && !manner->quiet)
    civ_cli_error("warning: %llu numbers that were not finite stand as null in the log",
                  (unsigned long long)civ_session_nulls(s));
  if (!manner->quiet && !manner->json && folder != NULL) {
    printf("\nEverything is in %s (%.3f s)\n", folder, civ_session_seconds(s));
    if (record->end == CIV_END_INTERRUPTED)
      printf("Go on with: civitas resume %s\n", folder);
  }
  return code == CIV_EXIT_DONE ? exit_code_of(record, manner->check) : code;
}

static void tell_resumed(const civ_session *s, const civ_session_options *options, bool quiet)
{
  if (!options->resume || quiet)
    return;
  if (civ_session_dropped(s) > 0)
    fprintf(stderr, "Dropped %llu bytes of a line that was not whole.\n", (unsigned long long)civ_session_dropped(s));
  if (civ_session_from_epoch(s) > 0)
    fprintf(stderr, "Going on from the checkpoint after epoch %u.\n", civ_session_from_epoch(s) - 1);
  else
    fputs("Going on from the start, comparing with what is there.\n", stderr);
}

int civ_cli_run_session(const civ_config *config, const civ_session_options *options, const civ_run_manner *manner)
{
  civ_error err = { 0 }, closing = { 0 };
  civ_session *s = NULL;
  watcher w = { .line = civ_progress_begin(manner->quiet || (manner->json && !manner->progress), manner->progress),
                .agents = (double)count_agents(config) };
  civ_session_options mine = *options;
  mine.moment = w.line.on ? show_moment : NULL;
  mine.arg = &w;
  if (civ_session_open(config, &mine, &s, &err) != CIV_OK)
    return civ_cli_fail(&err);
  tell_resumed(s, options, manner->quiet);
  civ_interrupt_aim(civ_session_running(s));
  const civ_status driven = civ_session_drive(s, &err);
  civ_progress_end(&w.line);
  civ_interrupt_aim(NULL);
  const civ_status closed = civ_session_close(s, &closing);
  int code = driven != CIV_OK   ? civ_cli_fail(&err)
             : closed != CIV_OK ? civ_cli_fail(&closing)
                                : report(config, s, options->folder, manner);
  civ_session_destroy(s);
  return code;
}
