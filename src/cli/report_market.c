/* report_market.c - civitas report market: what was offered, bid for and awarded, who paid and who was paid. */
#include <stdio.h>

#include "cli/cli.h"
#include "cli/find_log.h"
#include "cli/report.h"
#include "cli/table.h"
#include "lab/market_report.h"

enum { MOST_ROWS = 20 }; /* of the table of agents on a terminal */

static void print_counts(const civ_market_story *s)
{
  const civ_market_statistics *c = &s->figures.count;
  const char *separator = ": ";
  printf("Bounties: %u posted", c->bounties);
  for (int k = 0; k < CIV_BOUNTY_STATUSES; k++)
    if (c->by_status[k] > 0) {
      printf("%s%u %s", separator, c->by_status[k], civ_bounty_status_names[k]);
      separator = ", ";
    }
  printf("\nBids: %u, of which %u were taken\n", c->bids, c->escrows);
  if (c->escrows > 0)
    printf("Awards: on %.2f bids each, %.1f %% below the reward\n", civ_market_competition(&s->figures),
           100 * civ_market_discount(&s->figures));
  printf("Disputes: %u\n", c->disputes);
  printf("Wash trades: %llu own tasks claimed, %llu bounties awarded back and forth\n",
         (unsigned long long)s->figures.wash.own_task, (unsigned long long)s->figures.wash.reciprocal);
  if (!s->settles && c->by_status[CIV_BOUNTY_AWARDED] > 0)
    printf("Nobody is paid by itself in this run: escrows are held to the end (marketplace.settlement: none).\n");
}

static bool print_money(const civ_market_sums *sums)
{
  static const civ_table_column columns[] = { { "where it is", false, 0 }, { "credits", true, 0 } };
  const struct {
    const char *text;
    const civ_grain_sum *sum;
  } rows[] = { { "rewards posted", &sums->posted },
               { "  still on offer", &sums->open },
               { "  set aside for awarded work", &sums->at_work },
               { "  paid to workers", &sums->released },
               { "  paid back after failure or dispute", &sums->refunded },
               { "  back to posters, reward less bid", &sums->surplus },
               { "  back to posters, nobody in time", &sums->expired },
               { "  fees burned", &sums->fees } };
  civ_table *table = civ_table_create(columns, sizeof columns / sizeof *columns);
  for (size_t k = 0; table != NULL && k < sizeof rows / sizeof *rows; k++) {
    civ_table_text(table, rows[k].text);
    civ_table_real(table, civ_grain_sum_credits(rows[k].sum), 2);
  }
  return civ_report_table(table, "Money");
}

static void put_deeds(civ_table *table, const civ_market_by_type *t)
{
  civ_table_integer(table, (int64_t)t->bounties);
  civ_table_integer(table, (int64_t)t->bids);
  civ_table_integer(table, (int64_t)t->won);
  civ_table_real(table, t->spent, 2);
  civ_table_real(table, t->earned, 2);
  civ_table_real(table, t->held, 2);
}

static bool print_types(const civ_market_summary *s)
{
  static const civ_table_column columns[] = { { "type", false, 0 },  { "agents", true, 0 }, { "bounties", true, 0 },
                                              { "bids", true, 0 },   { "won", true, 0 },    { "spent", true, 0 },
                                              { "earned", true, 0 }, { "awaited", true, 0 } };
  civ_table *table = civ_table_create(columns, sizeof columns / sizeof *columns);
  for (int k = 0; table != NULL && k < CIV_AGENT_TYPES; k++) {
    if (s->by_type[k].agents == 0)
      continue;
    civ_table_text(table, civ_agent_type_names[k]);
    civ_table_integer(table, s->by_type[k].agents);
    put_deeds(table, &s->by_type[k]);
  }
  return civ_report_table(table, "Types of agents");
}

static bool print_agents(const civ_market_story *s)
{
  static const civ_table_column columns[] = { { "agent", false, 0 }, { "bounties", true, 0 }, { "bids", true, 0 },
                                              { "won", true, 0 },    { "spent", true, 0 },    { "earned", true, 0 },
                                              { "awaited", true, 0 } };
  const uint32_t rows = s->n_rows < MOST_ROWS ? s->n_rows : MOST_ROWS;
  civ_table *table = civ_table_create(columns, sizeof columns / sizeof *columns);
  for (uint32_t k = 0; table != NULL && k < rows; k++) {
    civ_table_text(table, s->rows[k].name);
    put_deeds(table, &s->rows[k].did);
  }
  const bool good = civ_report_table(table, "Agents, by what they won");
  civ_report_rest(rows, s->n_rows);
  return good;
}

static int print(const civ_report_request *request, const civ_market_story *s)
{
  if (request->json)
    return civ_cli_print_tree(civ_market_story_json(s));
  if (!s->on) {
    printf("There was no marketplace in this run: give the scenario a section marketplace.\n");
    return CIV_EXIT_DONE;
  }
  print_counts(s);
  if (print_money(&s->figures.count.sums) && print_types(&s->figures) && (s->n_rows == 0 || print_agents(s)))
    return CIV_EXIT_DONE;
  return civ_cli_no_memory();
}

int civ_report_print_market(const civ_report_request *request)
{
  civ_market_story s;
  civ_error err;
  if (civ_market_story_read(request->log, request->run, request->strict, request->config, &s, &err) != CIV_OK)
    return civ_cli_fail(&err);
  civ_cli_tell_flaws(request->log, s.complete, &s.counts);
  const int code = print(request, &s);
  civ_market_story_free(&s);
  return code;
}
