#include "cli/run_report.h"

#include <math.h>
#include <string.h>

#include "cli/table.h"
#include "cli/terminal.h"

enum { MOST_AGENTS = 20, MOST_EPOCHS = 60 };

static void print_title(FILE *out, const char *title)
{
  fprintf(out, "\n%s%s%s\n", civ_terminal_style(out, CIV_BOLD), title, civ_terminal_style(out, CIV_PLAIN));
}

/* --- head ------------------------------------------------------------------------------------------------------------------ */

static void print_agents_line(FILE *out, const civ_config *config)
{
  uint32_t n, total = 0;
  const civ_agent_entry *entries = civ_config_agents(config, &n);
  for (uint32_t k = 0; k < n; k++)
    total += entries[k].count;
  fprintf(out, "  agents  %u:", total);
  for (uint32_t k = 0; k < n; k++)
    fprintf(out, "%s %u %s", k > 0 ? "," : "", entries[k].count, entries[k].type);
  fputc('\n', out);
}

void civ_report_head(FILE *out, const civ_config *config, uint64_t first_seed, uint64_t n_seeds)
{
  const civ_scenario_config *scenario = civ_config_section(config, "");
  const civ_simulation_config *simulation = civ_config_section(config, "simulation");
  fprintf(out, "%s%s%s", civ_terminal_style(out, CIV_BOLD), scenario->scenario_id, civ_terminal_style(out, CIV_PLAIN));
  if (scenario->description != NULL && scenario->description[0] != '\0')
    fprintf(out, " - %s", scenario->description);
  fputc('\n', out);
  if (n_seeds == 1)
    fprintf(out, "  seed    %llu\n", (unsigned long long)first_seed);
  else
    fprintf(out, "  seeds   %llu-%llu (%llu runs)\n", (unsigned long long)first_seed,
            (unsigned long long)(first_seed + n_seeds - 1), (unsigned long long)n_seeds);
  fprintf(out, "  length  %lld epochs of %lld steps\n", (long long)simulation->n_epochs,
          (long long)simulation->steps_per_epoch);
  print_agents_line(out, config);
}

/* --- one run --------------------------------------------------------------------------------------------------------------- */

static int column(const civ_run_record *r, const char *name)
{
  for (uint32_t k = 0; k < r->epoch_columns.n; k++)
    if (strcmp(r->epoch_columns.decls[k].name, name) == 0)
      return (int)k;
  return -1;
}

static bool total(const civ_columns *columns, const double *totals, const char *name, double *out)
{
  for (uint32_t k = 0; k < columns->n; k++)
    if (strcmp(columns->decls[k].name, name) == 0) {
      *out = totals[k];
      return true;
    }
  return false;
}

static bool print_epochs(FILE *out, const civ_run_record *r)
{
  static const civ_table_column columns[] = {
    { "epoch", true, 0 },       { "interactions", true, 0 }, { "accepted", true, 0 }, { "toxicity", true, 0 },
    { "quality gap", true, 1 }, { "welfare", true, 0 },      { "payoff", true, 2 },   { "posts", true, 3 },
    { "votes", true, 3 },       { "frozen", true, 3 },
  };
  static const struct {
    const char *name;
    int decimals;
  } shown[] = {
    { "total_interactions", 0 }, { "accepted_interactions", 0 }, { "toxicity_rate", 4 },
    { "quality_gap", 4 },        { "total_welfare", 2 },         { "avg_payoff", 3 },
    { "total_posts", 0 },        { "total_votes", 0 },           { "n_frozen", 0 },
  };
  enum { SHOWN = sizeof shown / sizeof *shown };
  civ_table *table = civ_table_create(columns, SHOWN + 1);
  if (table == NULL)
    return false;
  const uint32_t first = r->n_epochs > MOST_EPOCHS ? r->n_epochs - MOST_EPOCHS : 0;
  for (uint32_t e = first; e < r->n_epochs; e++) {
    civ_table_integer(table, e);
    for (size_t k = 0; k < SHOWN; k++) {
      const int at = column(r, shown[k].name);
      civ_table_real(table, at >= 0 ? r->rows[(size_t)e * r->epoch_columns.n + (size_t)at] : NAN, shown[k].decimals);
    }
  }
  print_title(out, "Epochs");
  if (first > 0)
    fprintf(out, "  (the last %u of %u)\n", r->n_epochs - first, r->n_epochs);
  const bool printed = civ_table_print(table, out, 2, civ_terminal_width(out));
  civ_table_destroy(table);
  return printed;
}

static bool print_agents(FILE *out, const civ_run_record *r)
{
  static const civ_table_column columns[] = {
    { "agent", false, 0 },    { "type", false, 2 },     { "reputation", true, 0 }, { "payoff", true, 0 },
    { "resources", true, 1 }, { "initiated", true, 3 }, { "received", true, 3 },   { "status", false, 0 },
  };
  civ_table *table = civ_table_create(columns, sizeof columns / sizeof *columns);
  if (table == NULL)
    return false;
  const uint32_t n = r->n_agents < MOST_AGENTS ? r->n_agents : MOST_AGENTS;
  for (uint32_t a = 0; a < n; a++) {
    const civ_agent_row *row = &r->agents[a];
    civ_table_text(table, row->name);
    civ_table_text(table, civ_agent_type_names[row->type]);
    civ_table_real(table, row->reputation, 2);
    civ_table_real(table, row->payoff, 2);
    civ_table_real(table, row->resources, 2);
    civ_table_integer(table, row->initiated);
    civ_table_integer(table, row->received);
    civ_table_text(table, row->frozen ? "frozen" : "active");
  }
  print_title(out, "Agents");
  const bool printed = civ_table_print(table, out, 2, civ_terminal_width(out));
  if (n < r->n_agents)
    fprintf(out, "  ... and %u more\n", r->n_agents - n);
  civ_table_destroy(table);
  return printed;
}

/* Nothing of a run without composite tasks. */
static void print_teamwork(FILE *out, const civ_run_record *r)
{
  double completed, all, quality, together;
  if (total(&r->total_columns, r->totals, "composite.tasks_completed", &completed) &&
      total(&r->total_columns, r->totals, "composite.total_tasks", &all) &&
      total(&r->total_columns, r->totals, "composite.avg_final_quality", &quality) &&
      total(&r->total_columns, r->totals, "composite.collective_intelligence", &together))
    fprintf(out,
            "  teamwork          %.0f of %.0f composite tasks completed, mean quality %.4f, collective intelligence "
            "%.4f\n",
            completed, all, quality, together);
}

static void print_run_summary(FILE *out, const civ_run_record *r)
{
  double interactions = 0, accepted = 0, toxicity = 0, gap = 0;
  const int welfare = column(r, "total_welfare");
  double sum = 0, last = 0;
  for (uint32_t e = 0; welfare >= 0 && e < r->n_epochs; e++) {
    last = r->rows[(size_t)e * r->epoch_columns.n + (size_t)welfare];
    sum += last;
  }
  total(&r->total_columns, r->totals, "total_interactions", &interactions);
  total(&r->total_columns, r->totals, "accepted_interactions", &accepted);
  total(&r->total_columns, r->totals, "mean_toxicity", &toxicity);
  total(&r->total_columns, r->totals, "mean_quality_gap", &gap);
  print_title(out, "Summary");
  fprintf(out, "  interactions      %.0f, of which %.0f accepted\n", interactions, accepted);
  fprintf(out, "  mean toxicity     %.4f   (expected harm of what was accepted; lower is better)\n", toxicity);
  fprintf(out, "  mean quality gap  %.4f   (how much better the accepted were than the refused)\n", gap);
  fprintf(out, "  welfare           %.2f over the run, %.2f in the last epoch\n", sum, last);
  print_teamwork(out, r);
}

/* Rates with 4 decimals, money and counts with 2 and 0. */
static int decimals_of(const char *name, double bound)
{
  static const char *const money[] = { "welfare", "payoff", "penalty", "cost_usd" };
  for (size_t k = 0; k < sizeof money / sizeof *money; k++)
    if (strstr(name, money[k]) != NULL)
      return 2;
  static const char *const counts[] = { "min_epochs", "min_agents", "pairs", "components", "tasks", "depth" };
  for (size_t k = 0; k < sizeof counts / sizeof *counts; k++)
    if (strstr(name, counts[k]) != NULL && bound == floor(bound))
      return 0;
  return 4;
}

static void print_outcome(FILE *out, civ_outcome outcome)
{
  static const char *const words[] = { "pass", "FAIL", "n/a " };
  static const civ_style styles[] = { CIV_GREEN, CIV_RED, CIV_YELLOW };
  fprintf(out, "%s%s%s", civ_terminal_style(out, styles[outcome]), words[outcome], civ_terminal_style(out, CIV_PLAIN));
}

static void print_finding(FILE *out, const civ_finding *f)
{
  const int decimals = decimals_of(f->name, f->bound);
  fputs("  ", out);
  print_outcome(out, f->outcome);
  if (f->reason != NULL)
    fprintf(out, "  %s: not evaluable, %s\n", f->name, f->reason);
  else
    fprintf(out, "  %s: %.*f %s %.*f\n", f->name, decimals, f->measured, f->at_least ? ">=" : "<=", decimals, f->bound);
}

static void print_criteria(FILE *out, const civ_run_record *r)
{
  static const char *const verdicts[] = { "all criteria passed", "not all criteria passed",
                                          "not all criteria could be evaluated" };
  if (r->n_findings == 0)
    return;
  print_title(out, "Criteria");
  for (uint32_t k = 0; k < r->n_findings; k++)
    print_finding(out, &r->findings[k]);
  fprintf(out, "  => %s\n", verdicts[r->outcome]);
}

bool civ_report_run(FILE *out, const civ_run_record *record)
{
  if (record->n_epochs > 0 && !print_epochs(out, record))
    return false;
  if (!print_agents(out, record))
    return false;
  print_run_summary(out, record);
  print_criteria(out, record);
  if (record->end == CIV_END_KILLED)
    fprintf(out, "\nStopped after epoch %u: %s (%g)\n", record->n_epochs > 0 ? record->n_epochs - 1 : 0,
            record->stop_reason != NULL ? record->stop_reason : "kill switch", record->stop_value);
  if (record->end == CIV_END_INTERRUPTED)
    fprintf(out, "\nInterrupted in epoch %u.\n", record->n_epochs);
  return true;
}

/* --- many runs ------------------------------------------------------------------------------------------------------------- */

static bool is_shown(const char *name)
{
  static const char *const names[] = { "mean_toxicity",
                                       "mean_quality_gap",
                                       "welfare_per_epoch",
                                       "mean_avg_payoff",
                                       "total_interactions",
                                       "accepted_interactions",
                                       "posts",
                                       "votes",
                                       "empty_epochs",
                                       "frozen",
                                       "composite.tasks_completed",
                                       "composite.avg_final_quality",
                                       "composite.collective_intelligence" };
  static const char *const heads[] = { "payoff.", "reputation." };
  for (size_t k = 0; k < sizeof names / sizeof *names; k++)
    if (strcmp(name, names[k]) == 0)
      return true;
  for (size_t k = 0; k < sizeof heads / sizeof *heads; k++)
    if (strncmp(name, heads[k], strlen(heads[k])) == 0)
      return true;
  return false;
}

static void put_summary(civ_table *table, const char *name, const civ_summary *s)
{
  char interval[96];
  const double quantiles[] = { s->q05, s->q25, s->q50, s->q75, s->q95 };
  civ_table_text(table, name);
  civ_table_real(table, s->mean, 4);
  civ_table_real(table, s->spread ? s->sd : NAN, 4);
  snprintf(interval, sizeof interval, "[%.4f, %.4f]", s->low, s->high);
  civ_table_text(table, s->spread ? interval : "-");
  for (size_t k = 0; k < 5; k++)
    civ_table_real(table, quantiles[k], 4);
}

static bool print_totals(FILE *out, const civ_experiment *e)
{
  static const civ_table_column columns[] = {
    { "total", false, 0 }, { "mean", true, 0 }, { "sd", true, 0 },   { "95 % interval", true, 1 }, { "5 %", true, 2 },
    { "25 %", true, 3 },   { "50 %", true, 2 }, { "75 %", true, 3 }, { "95 %", true, 2 },
  };
  const civ_columns totals = civ_experiment_totals(e);
  civ_table *table = civ_table_create(columns, sizeof columns / sizeof *columns);
  bool printed = table != NULL;
  uint32_t hidden = 0;
  for (uint32_t k = 0; printed && k < totals.n; k++) {
    civ_summary s;
    if (!is_shown(totals.decls[k].name)) {
      hidden++;
      continue;
    }
    printed = civ_experiment_summary(e, k, &s, NULL) == CIV_OK;
    if (printed)
      put_summary(table, totals.decls[k].name, &s);
  }
  print_title(out, "Over the runs");
  printed = printed && civ_table_print(table, out, 2, civ_terminal_width(out));
  if (hidden > 0)
    fprintf(out, "  (%u more with --json)\n", hidden);
  civ_table_destroy(table);
  return printed;
}

static void print_criteria_counts(FILE *out, const civ_experiment *e)
{
  const uint64_t n = civ_experiment_size(e);
  const civ_run_record *first = NULL;
  for (uint64_t k = 0; first == NULL && k < n; k++)
    if (civ_experiment_record(e, k)->failed == CIV_OK)
      first = civ_experiment_record(e, k);
  if (first == NULL || first->n_findings == 0)
    return;
  print_title(out, "Criteria");
  for (uint32_t c = 0; c < first->n_findings; c++) {
    uint64_t passed = 0, runs = 0;
    for (uint64_t k = 0; k < n; k++) {
      const civ_run_record *r = civ_experiment_record(e, k);
      runs += r->failed == CIV_OK;
      passed += r->failed == CIV_OK && r->findings[c].outcome == CIV_OUTCOME_PASS;
    }
    fprintf(out, "  %s: passed in %llu of %llu runs%s%s\n", first->findings[c].name, (unsigned long long)passed,
            (unsigned long long)runs, first->findings[c].reason != NULL ? "; not evaluable, " : "",
            first->findings[c].reason != NULL ? first->findings[c].reason : "");
  }
}

bool civ_report_experiment(FILE *out, const civ_experiment *experiment)
{
  const bool printed = print_totals(out, experiment);
  print_criteria_counts(out, experiment);
  return printed;
}
