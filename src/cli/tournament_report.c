#include "cli/tournament_report.h"

#include "cli/table.h"
#include "cli/terminal.h"

static bool print(civ_table *table, FILE *out)
{
  const bool printed = civ_table_print(table, out, 2, civ_terminal_width(out));
  civ_table_destroy(table);
  return printed;
}

static bool print_leaderboard(FILE *out, const civ_tournament *t)
{
  static const civ_table_column columns[] = {
    { "matchup", false, 0 },      { "episodes", true, 3 }, { "score", true, 0 },
    { "95 % interval", true, 2 }, { "treasury", true, 4 }, { "empathy", true, 5 },
    { "worst floor", true, 6 },   { "toxicity", true, 7 }, { "findings", true, 0 },
  };
  const civ_standing *rows;
  const uint32_t n = civ_tournament_standings(t, &rows);
  civ_table *table = civ_table_create(columns, sizeof columns / sizeof *columns);
  if (table == NULL)
    return false;
  for (uint32_t k = 0; k < n; k++) {
    char interval[64] = "-";
    if (rows[k].spread)
      snprintf(interval, sizeof interval, "[%.2f, %.2f]", rows[k].low, rows[k].high);
    civ_table_text(table, rows[k].matchup);
    civ_table_integer(table, (int64_t)rows[k].episodes);
    civ_table_real(table, rows[k].governance_score, 2);
    civ_table_text(table, interval);
    civ_table_real(table, rows[k].treasury_final, 1);
    civ_table_real(table, rows[k].empathy_ratio, 3);
    civ_table_real(table, rows[k].worst_empathy_trough, 2);
    civ_table_real(table, rows[k].toxicity, 3);
    civ_table_integer(table, (int64_t)rows[k].total_findings);
  }
  return print(table, out);
}

static void put_guard(civ_table *table, const civ_exploit *e)
{
  char shown[96] = "none is left";
  civ_buffer text = { 0 };
  if (e->finding.guarded) {
    civ_guard_write(&text, e->reproduction.game.kernel, &e->finding.guard);
    snprintf(shown, sizeof shown, "%.*s", (int)text.length, text.data != NULL ? text.data : "");
  }
  civ_table_text(table, shown);
  civ_buffer_free(&text);
}

static bool print_exploits(FILE *out, const civ_exploit *exploits, uint32_t n)
{
  static const civ_table_column columns[] = {
    { "record", false, 0 }, { "severity", true, 0 },    { "category", false, 3 },       { "exploit", false, 0 },
    { "times", true, 0 },   { "first seen", false, 4 }, { "proposed guard", false, 2 },
  };
  civ_table *table = civ_table_create(columns, sizeof columns / sizeof *columns);
  if (table == NULL)
    return false;
  for (uint32_t k = 0; k < n; k++) {
    const civ_exploit *e = &exploits[k];
    char seen[128];
    snprintf(seen, sizeof seen, "%s, seed %llu, turn %d", e->reproduction.matchup.name,
             (unsigned long long)e->reproduction.seed, (int)e->finding.turn);
    civ_table_text(table, e->id);
    civ_table_integer(table, e->severity);
    civ_table_text(table, civ_exploit_category_names[e->finding.category]);
    civ_table_text(table, civ_detectors[e->detector].name);
    civ_table_integer(table, (int64_t)e->occurrences);
    civ_table_text(table, seen);
    put_guard(table, e);
  }
  return print(table, out);
}

bool civ_report_tournament(FILE *out, const civ_tournament_setup *setup, const civ_tournament *t, const char *folder)
{
  const char *bold = civ_terminal_style(out, CIV_BOLD), *plain = civ_terminal_style(out, CIV_PLAIN);
  const civ_kernel *kernel = setup->game.kernel;
  const civ_exploit *exploits;
  const uint32_t n = civ_tournament_exploits(t, &exploits);
  fprintf(out, "%s %s, %u matchups x %llu seeds (%llu to %llu), %d turns\n\n%sGovernance%s\n", kernel->name,
          kernel->version, setup->n_matchups, (unsigned long long)setup->n_seeds, (unsigned long long)setup->first_seed,
          (unsigned long long)(setup->first_seed + setup->n_seeds - 1), (int)setup->game.turns, bold, plain);
  if (!print_leaderboard(out, t))
    return false;
  fprintf(out, "\n%sExploits%s\n", bold, plain);
  if (n == 0)
    fputs("  nothing was found\n", out);
  else if (!print_exploits(out, exploits, n))
    return false;
  if (folder != NULL)
    fprintf(out, "\n%s/: summary.md, leaderboard.json, episodes/%s\n", folder, n > 0 ? ", exploits/" : "");
  if (folder != NULL && n > 0)
    fprintf(out, "'civitas exploit replay %s/exploits/%s.json' brings the first one about again.\n", folder,
            exploits[0].id);
  return true;
}
