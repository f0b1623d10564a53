/* report_capabilities.c - civitas report capabilities: composite tasks, what their teams were like, and who was paid. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/find_log.h"
#include "cli/report.h"
#include "cli/table.h"
#include "lab/capability_report.h"

enum { MOST_ROWS = 20 }; /* of the table of agents on a terminal */

static void print_tasks(const civ_composite_summary *s)
{
  printf("Composite tasks: %llu", (unsigned long long)s->pool.total_tasks);
  for (int k = 0; k < CIV_COMPOSITE_STATUSES; k++)
    if (s->pool.by_status[k] > 0)
      printf(", %llu %s", (unsigned long long)s->pool.by_status[k],
             k == CIV_COMPOSITE_IN_PROGRESS ? "in progress" : civ_composite_status_names[k]);
  printf("\nParts completed: %llu", (unsigned long long)s->parts_finished);
  if (s->parts_finished > 0)
    printf(", of which one agent did %.1f %% at most", 100 * civ_composite_concentration(s));
  printf("\nCollective intelligence: %.4f\n", civ_collective_intelligence(&s->metrics));
}

static bool print_metrics(const civ_composite_summary *s)
{
  static const civ_table_column columns[] = { { "metric", false, 0 }, { "value", true, 0 }, { "meaning", false, 1 } };
  civ_table *table = civ_table_create(columns, sizeof columns / sizeof *columns);
  for (int k = 0; table != NULL && k < CIV_N_CAPABILITY_METRICS; k++) {
    civ_table_text(table, civ_capability_metric_decls[k].name);
    civ_table_real(table, ((const double *)&s->metrics)[k], civ_capability_metric_decls[k].integer ? 0 : 4);
    civ_table_text(table, civ_capability_metric_decls[k].doc);
  }
  return civ_report_table(table, "Completed tasks");
}

static bool print_types(const civ_composite_summary *s)
{
  static const civ_table_column columns[] = { { "type", false, 0 }, { "agents", true, 0 }, { "capable", true, 1 },
                                              { "parts", true, 0 }, { "earned", true, 0 }, { "per agent", true, 0 } };
  civ_table *table = civ_table_create(columns, sizeof columns / sizeof *columns);
  for (int k = 0; table != NULL && k < CIV_AGENT_TYPES; k++) {
    const civ_composite_by_type *t = &s->by_type[k];
    if (t->agents == 0)
      continue;
    civ_table_text(table, civ_agent_type_names[k]);
    civ_table_integer(table, t->agents);
    civ_table_integer(table, t->capable);
    civ_table_integer(table, (int64_t)t->parts);
    civ_table_real(table, t->earnings, 2);
    civ_table_real(table, t->earnings / t->agents, 2);
  }
  return civ_report_table(table, "Types of agents");
}

/* "research+analysis" */
static const char *set_text(civ_capability_set set, char *text, size_t size)
{
  text[0] = '\0';
  for (int k = 0; k < CIV_CAPABILITIES; k++)
    if (set >> k & 1u) {
      const size_t length = strlen(text);
      snprintf(text + length, size - length, "%s%s", length > 0 ? "+" : "", civ_capability_names[k]);
    }
  return text;
}

static bool print_agents(const civ_capability_summary *s)
{
  static const civ_table_column columns[] = { { "agent", false, 0 }, { "capabilities", false, 2 }, { "tasks", true, 0 },
                                              { "parts", true, 0 },  { "quality", true, 0 },       { "met", true, 1 },
                                              { "earned", true, 0 } };
  const uint32_t rows = s->n_rows < MOST_ROWS ? s->n_rows : MOST_ROWS;
  civ_table *table = civ_table_create(columns, sizeof columns / sizeof *columns);
  for (uint32_t k = 0; table != NULL && k < rows; k++) {
    const civ_capability_row *row = &s->rows[k];
    char text[128];
    civ_table_text(table, row->name);
    civ_table_text(table, set_text(row->profile.capabilities, text, sizeof text));
    civ_table_integer(table, row->profile.tasks_completed);
    civ_table_integer(table, row->parts);
    civ_table_real(table, row->profile.subtasks_completed > 0 ? row->profile.average_quality : (double)NAN, 4);
    civ_table_integer(table, row->profile.collaborators);
    civ_table_real(table, row->earnings, 2);
  }
  const bool good = civ_report_table(table, "Members of teams, by what they earned");
  civ_report_rest(rows, s->n_rows);
  return good;
}

static int print(const civ_report_request *request, const civ_capability_summary *s)
{
  if (request->json)
    return civ_cli_print_tree(civ_capability_summary_json(s));
  if (!s->on) {
    printf("There were no composite tasks in this run: governance.composite_tasks_enabled was off.\n");
    return CIV_EXIT_DONE;
  }
  print_tasks(&s->figures);
  if (print_metrics(&s->figures) && print_types(&s->figures) && (s->n_rows == 0 || print_agents(s)))
    return CIV_EXIT_DONE;
  return civ_cli_no_memory();
}

int civ_report_print_capabilities(const civ_report_request *request)
{
  civ_capability_summary s;
  civ_error err;
  if (civ_capability_summary_read(request->log, request->run, request->strict, request->config, &s, &err) != CIV_OK)
    return civ_cli_fail(&err);
  civ_cli_tell_flaws(request->log, s.complete, &s.counts);
  const int code = print(request, &s);
  civ_capability_summary_free(&s);
  return code;
}
