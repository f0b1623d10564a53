/* report_collusion.c - civitas report collusion: pairs, groups and voters that stand out, and whom that makes suspect. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "cli/cli.h"
#include "cli/find_log.h"
#include "cli/report.h"
#include "cli/table.h"
#include "lab/collusion_report.h"

enum { MOST_ROWS = 20 }; /* of a table on a terminal; JSON has them all */

static void put_scalars(const civ_collusion_report *r)
{
  printf("  %llu interactions of %llu pairs, of which %llu were analysed\n", (unsigned long long)r->interactions,
         (unsigned long long)r->pairs, (unsigned long long)r->analysed);
  printf("  ecosystem risk %.4f; pair scores: mean %.4f, highest %.4f\n", r->ecosystem_risk, r->average_score,
         r->max_score);
  printf("  flagged pairs %llu, groups %llu, agents %llu\n", (unsigned long long)r->n_flagged_pairs,
         (unsigned long long)r->n_flagged_groups, (unsigned long long)r->n_flagged_agents);
}

static bool print_table(civ_table *table, const char *title, uint64_t shown, uint64_t all)
{
  const bool made = table != NULL;
  if (shown == 0) {
    civ_table_destroy(table);
    return made;
  }
  const bool good = civ_report_table(table, title);
  civ_report_rest(shown, all);
  return good;
}

static uint32_t rows_of(uint64_t n)
{
  return n < MOST_ROWS ? (uint32_t)n : MOST_ROWS;
}

/* One letter for each signal: f(requency), c(orrelation), a(cceptance), q(uality). */
static void put_signals(civ_table *table, uint32_t signals)
{
  static const char letters[] = "fcaq";
  char text[sizeof letters] = "";
  uint32_t n = 0;
  for (uint32_t k = 0; k < sizeof letters - 1; k++)
    if (signals >> k & 1u)
      text[n++] = letters[k];
  civ_table_text(table, text);
}

static bool print_pairs(const civ_collusion_report *r, const char *const *names)
{
  static const civ_table_column columns[] = { { "agent a", false, 0 }, { "agent b", false, 0 }, { "score", true, 0 },
                                              { "n", true, 0 },        { "z", true, 2 },        { "accepted", true, 2 },
                                              { "benefits", true, 2 }, { "p from a", true, 1 }, { "p from b", true, 1 },
                                              { "signals", false, 3 } };
  civ_table *table = civ_table_create(columns, sizeof columns / sizeof *columns);
  const uint32_t rows = rows_of(r->n_suspicious);
  for (uint32_t k = 0; table != NULL && k < rows; k++) {
    const civ_collusion_pair *p = &r->suspicious[k];
    const bool swapped = strcmp(names[p->a], names[p->b]) > 0;
    civ_table_text(table, names[swapped ? p->b : p->a]);
    civ_table_text(table, names[swapped ? p->a : p->b]);
    civ_table_real(table, p->score, 4);
    civ_table_integer(table, p->interactions);
    civ_table_real(table, p->frequency, 2);
    civ_table_real(table, p->acceptance, 3);
    civ_table_real(table, p->correlation, 3);
    civ_table_real(table, swapped ? p->p_b : p->p_a, 3);
    civ_table_real(table, swapped ? p->p_a : p->p_b, 3);
    put_signals(table, p->signals);
  }
  return print_table(table, "  suspicious pairs (benefits: how alike they rise and fall)", rows, r->n_flagged_pairs);
}

static bool print_groups(const civ_collusion_report *r, const char *const *names)
{
  static const civ_table_column columns[] = { { "members", true, 0 },  { "first", false, 1 },
                                              { "score", true, 0 },    { "internal", true, 0 },
                                              { "p inside", true, 0 }, { "p outside", true, 0 },
                                              { "votes", true, 2 },    { "targets", true, 2 } };
  civ_table *table = civ_table_create(columns, sizeof columns / sizeof *columns);
  const uint32_t rows = rows_of(r->n_groups);
  for (uint32_t k = 0; table != NULL && k < rows; k++) {
    const civ_collusion_group *g = &r->groups[k];
    civ_table_integer(table, g->size);
    civ_table_text(table, names[r->members[g->first]]);
    civ_table_real(table, g->score, 4);
    civ_table_real(table, g->internal_rate, 3);
    civ_table_real(table, g->p_internal, 3);
    civ_table_real(table, g->p_external, 3);
    civ_table_real(table, g->voting_alignment, 3);
    civ_table_real(table, g->target_overlap, 3);
  }
  return print_table(table, "  suspicious groups", rows, r->n_flagged_groups);
}

/* Agents of highest risk, found one after the other: there are few rows. */
static bool print_agents(const civ_collusion_report *r, const char *const *names)
{
  static const civ_table_column columns[] = { { "agent", false, 0 }, { "risk", true, 0 }, { "clustering", true, 1 } };
  civ_table *table = civ_table_create(columns, sizeof columns / sizeof *columns);
  const uint32_t rows = rows_of(r->n_flagged_agents);
  double last = INFINITY;
  civ_agent from = 0;
  for (uint32_t row = 0; table != NULL && row < rows; row++) {
    civ_agent best = CIV_NOBODY;
    for (civ_agent a = 0; a < r->agents; a++)
      if ((r->risk[a] < last || (r->risk[a] == last && a >= from)) &&
          (best == CIV_NOBODY || r->risk[a] > r->risk[best]))
        best = a;
    last = r->risk[best];
    from = best + 1;
    civ_table_text(table, names[best]);
    civ_table_real(table, r->risk[best], 4);
    civ_table_real(table, r->clustering[best], 3);
  }
  return print_table(table, "  flagged agents", rows, r->n_flagged_agents);
}

static bool print_voters(const char *voters)
{
  static const civ_table_column columns[] = { { "voter", false, 0 }, { "voter", false, 0 }, { "alignment", true, 0 } };
  json_t *tree = voters != NULL ? json_loads(voters, 0, NULL) : NULL, *pair;
  const json_t *pairs = json_object_get(tree, "pairs");
  const uint64_t total = (uint64_t)civ_json_integer(tree, "total", 0);
  const uint32_t rows = rows_of(json_array_size(pairs));
  civ_table *table = civ_table_create(columns, sizeof columns / sizeof *columns);
  size_t k;
  json_array_foreach((json_t *)(uintptr_t)pairs, k, pair)
  {
    const json_t *names = json_object_get(pair, "pair");
    if (k >= rows || table == NULL)
      break;
    civ_table_text(table, json_string_value(json_array_get(names, 0)));
    civ_table_text(table, json_string_value(json_array_get(names, 1)));
    civ_table_real(table, civ_json_real(pair, "alignment", 0), 3);
  }
  const bool good = print_table(
      table, civ_json_bool(tree, "estimated", false) ? "  coordinated voters (of those drawn)" : "  coordinated voters",
      rows, total);
  json_decref(tree);
  return good;
}

static bool print_report(const civ_collusion_report *r, const char *const *names)
{
  put_scalars(r);
  return print_pairs(r, names) && print_groups(r, names) && print_agents(r, names);
}

static bool print_text(const civ_collusion_summary *s)
{
  if (!s->lever)
    printf("The lever was off in this run: nobody was punished, and who voted alike is not known.\n\n");
  printf("At the start of the last epoch\n");
  if (!s->made)
    printf("  no report: too few interactions before it\n");
  else if (!print_report(&s->latest, s->names))
    return false;
  printf("\nThe complete history\n");
  return print_report(&s->end, s->names) && print_voters(s->voters);
}

static int print(const civ_report_request *request, const civ_collusion_summary *s)
{
  if (request->json)
    return civ_cli_print_tree(civ_collusion_summary_json(s));
  return print_text(s) ? CIV_EXIT_DONE : civ_cli_no_memory();
}

int civ_report_print_collusion(const civ_report_request *request)
{
  civ_collusion_summary s;
  civ_error err;
  if (civ_collusion_summary_read(request->log, request->run, request->strict, request->config, &s, &err) != CIV_OK)
    return civ_cli_fail(&err);
  civ_cli_tell_flaws(request->log, s.complete, &s.counts);
  const int code = print(request, &s);
  civ_collusion_summary_free(&s);
  return code;
}
