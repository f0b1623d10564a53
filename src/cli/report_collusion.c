/* report_collusion.c - civitas report collusion: what the collusion detector said of a run. */
#include <stdio.h>

#include "cli/cli.h"
#include "cli/find_log.h"
#include "cli/report.h"

typedef struct tally {
  uint64_t interactions, accepted;
} tally;

static void interaction(void *self, const civ_interaction *record, double payoff_a, double payoff_b)
{
  tally *t = self;
  (void)payoff_a;
  (void)payoff_b;
  t->interactions++;
  t->accepted += record->accepted;
}

static const civ_sink tally_sink = { .version = CIV_PART_VERSION, .name = "collusion", .interaction = interaction };

int civ_report_print_collusion(const civ_report_request *request)
{
  tally t = { 0 };
  const civ_replay_target target = { &tally_sink, &t };
  bool complete;
  civ_log_counts counts;
  civ_error err;
  if (civ_log_replay(request->log, request->run, request->strict, &target, 1, &complete, &counts, &err) != CIV_OK)
    return civ_cli_fail(&err);
  civ_cli_tell_flaws(request->log, complete, &counts);
  printf(request->json ? "{\"interactions\": %llu, \"accepted\": %llu}\n" : "interactions %llu, accepted %llu\n",
         (unsigned long long)t.interactions, (unsigned long long)t.accepted);
  return CIV_EXIT_DONE;
}
