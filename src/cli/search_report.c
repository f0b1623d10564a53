#include "cli/search_report.h"

#include "cli/table.h"
#include "cli/terminal.h"

static bool print_programmes(FILE *out, const civ_programme programmes[CIV_SEARCHERS])
{
  static const civ_table_column columns[] = {
    { "searcher", false, 0 }, { "tactic", false, 0 }, { "first", true, 0 },
    { "period", true, 0 },    { "size", true, 0 },    { "target", true, 0 },
  };
  civ_table *table = civ_table_create(columns, sizeof columns / sizeof *columns);
  if (table == NULL)
    return false;
  for (int k = 0; k < CIV_SEARCHERS; k++)
    for (int g = 0; g < CIV_PROGRAMME_GENES; g++) {
      const civ_gene *gene = &programmes[k].genes[g];
      char name[24];
      snprintf(name, sizeof name, "searcher-%d", k + 1);
      civ_table_text(table, name);
      civ_table_text(table, civ_gene_tactic_names[gene->tactic]);
      civ_table_integer(table, gene->first);
      civ_table_integer(table, gene->period);
      civ_table_real(table, gene->size, 3);
      civ_table_real(table, gene->target, 3);
    }
  const bool printed = civ_table_print(table, out, 2, civ_terminal_width(out));
  civ_table_destroy(table);
  return printed;
}

static void print_unexplained(FILE *out, const civ_unexplained *u)
{
  if (!u->met) {
    fprintf(out, "  unexplained losses  none: every episode with damage of %.2f or more has a finding\n",
            CIV_UNEXPLAINED_LEAST);
    return;
  }
  fprintf(out, "  unexplained losses  %llu episodes with damage of %.2f or more and no finding\n",
          (unsigned long long)u->episodes, CIV_UNEXPLAINED_LEAST);
  fprintf(
      out,
      "                      the worst: %.3f (severity %u), seed %llu; %.3f of the treasury, %.3f silenced, %.3f of "
      "office-turns\n",
      u->worst.damage, (unsigned)u->severity, (unsigned long long)u->seed, u->worst.taken, u->worst.silenced,
      u->worst.offices);
}

bool civ_report_search(FILE *out, const civ_search_findings *findings)
{
  const civ_search_result *r = &findings->result;
  const char *bold = civ_terminal_style(out, CIV_BOLD), *plain = civ_terminal_style(out, CIV_PLAIN);
  fprintf(out, "\n%sSearching adversary%s\n", bold, plain);
  fprintf(out, "  damage              %.3f on fresh seeds (%.3f on those of the search)\n", r->fresh.damage,
          r->fitness);
  fputs("  scripted capturers ", out);
  for (uint32_t k = 0; k < findings->n_rivals; k++)
    fprintf(out, "%s %s %.3f", k > 0 ? "," : "", findings->rivals[k].matchup, findings->rivals[k].damage.damage);
  fputs("  (the same fresh seeds)\n", out);
  fprintf(out, "  made of             %.3f of the treasury, %.3f of honest votes silenced, %.3f of office-turns\n",
          r->fresh.taken, r->fresh.silenced, r->fresh.offices);
  fprintf(out, "  governance score    %.2f; %.0f %% of fresh episodes have a finding\n", r->governance_score,
          100 * r->found);
  fprintf(out, "  best by generation ");
  for (uint32_t k = 0; k < r->generations; k += 5)
    fprintf(out, " %.2f", r->best[k]);
  fprintf(out, "  (every fifth; %llu episodes)\n", (unsigned long long)r->played);
  print_unexplained(out, &r->unexplained);
  fputc('\n', out);
  return print_programmes(out, r->programmes);
}
