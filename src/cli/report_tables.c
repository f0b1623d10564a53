/* What the kinds of `civitas report` have in common when they print for people. */
#include <stdio.h>

#include "cli/report.h"
#include "cli/terminal.h"

bool civ_report_table(civ_table *table, const char *title)
{
  if (table == NULL)
    return false;
  printf("\n%s\n", title);
  const bool good = civ_table_print(table, stdout, 2, civ_terminal_width(stdout));
  civ_table_destroy(table);
  return good;
}

void civ_report_rest(uint64_t shown, uint64_t all)
{
  if (all > shown)
    printf("  ... and %llu more\n", (unsigned long long)(all - shown));
}
