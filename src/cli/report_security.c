/* report_security.c - civitas report security: threats by kind, agents by threat score, chains, and what the defence cost. */
#include <math.h>
#include <stdio.h>

#include "cli/cli.h"
#include "cli/find_log.h"
#include "cli/report.h"
#include "cli/table.h"
#include "lab/security_report.h"

enum { MOST_ROWS = 20 }; /* of a table on a terminal; JSON has more */

static void put_report(const civ_security_report *r)
{
  printf("  %llu interactions, threat level %.4f, %llu threats%s\n", (unsigned long long)r->interactions,
         r->ecosystem_threat_level, (unsigned long long)r->active_threats,
         r->estimated ? " (laundering paths estimated from a sample)" : "");
  for (int k = 0; k < CIV_THREAT_TYPES; k++)
    if (r->counts[k] > 0)
      printf("  %10llu %s\n", (unsigned long long)r->counts[k], civ_threat_names[k]);
  printf("  flagged: %u agents, %.4g of the benign; deepest chain %u; contained: %.4g of the chains\n", r->n_flagged,
         r->false_positive_rate, r->contagion_depth, r->containment_success_rate);
}

/* Agents of highest score, found one after the other: there are few rows. */
static bool print_agents(const civ_security_summary *s, const civ_security_report *r)
{
  static const civ_table_column columns[] = { { "agent", false, 0 },
                                              { "threat", true, 0 },
                                              { "quarantined", false, 1 } };
  civ_table *table = civ_table_create(columns, sizeof columns / sizeof *columns);
  double last = INFINITY;
  civ_agent from = 0;
  for (uint32_t row = 0; table != NULL && row < MOST_ROWS; row++) {
    civ_agent best = CIV_NOBODY;
    for (civ_agent a = 0; a < r->n_agents; a++)
      if ((r->scores[a] < last || (r->scores[a] == last && a >= from)) &&
          (best == CIV_NOBODY || r->scores[a] > r->scores[best]))
        best = a;
    if (best == CIV_NOBODY || r->scores[best] <= 0)
      break;
    last = r->scores[best];
    from = best + 1;
    civ_table_text(table, s->names[best]);
    civ_table_real(table, r->scores[best], 4);
    civ_table_text(table, civ_monitor_quarantined(s->monitor, best) ? "yes" : "");
  }
  return civ_report_table(table, "  agents by threat score");
}

static bool print_chains(const civ_security_summary *s, const civ_security_report *r)
{
  static const civ_table_column columns[] = { { "origin", false, 0 },
                                              { "through", false, 0 },
                                              { "depth", true, 0 },
                                              { "per minute", true, 1 },
                                              { "contained", false, 1 } };
  const uint64_t n = r->chains != NULL ? r->counts[CIV_THREAT_CONTAGION] : 0;
  if (n == 0)
    return true;
  civ_table *table = civ_table_create(columns, sizeof columns / sizeof *columns);
  for (uint64_t k = 0; table != NULL && k < n && k < MOST_ROWS; k++) {
    civ_table_text(table, s->names[r->chains[k].origin]);
    civ_table_text(table, s->names[r->chains[k].path[1]]);
    civ_table_integer(table, r->chains[k].depth);
    civ_table_real(table, r->chains[k].velocity, 4);
    civ_table_text(table, r->chains[k].contained ? "yes" : "");
  }
  return civ_report_table(table, "  chains of contagion, deepest first");
}

static void put_evaluation(const civ_security_summary *s)
{
  const civ_security_evaluation e = civ_security_summary_evaluate(s);
  printf("\n  over the run\n");
  printf("  injections tried %llu, accepted %.4g of them; exfiltrations %llu, accepted %.4g\n",
         (unsigned long long)e.injection_attempts, e.injection_success_rate,
         (unsigned long long)e.exfiltration_attempts, e.exfiltration_leak_rate);
  printf("  depth before containment: highest %.4g, mean %.4g\n", e.depth_before_containment_max,
         e.depth_before_containment_mean);
  printf("  in quarantine at the end %u; benign agents lost %llu steps, a payoff of %.4g, and were charged %.4g\n",
         e.n_quarantined, (unsigned long long)e.fp_suppressed_steps, e.fp_lost_payoff, e.fp_cost_charged);
  if (e.trend.known)
    printf("  threat level: %.4f now, %+.4f per report\n", e.trend.current_level, e.trend.trend);
}

static bool print_text(const civ_security_summary *s)
{
  const civ_security_report *latest = civ_monitor_report(s->monitor, false),
                            *end = civ_monitor_report(s->monitor, true);
  if (!s->lever)
    printf("The run had no security lever; this is what it would have seen.\n");
  if (latest != NULL) {
    printf("security at the start of the last epoch\n");
    put_report(latest);
    if (!print_agents(s, latest) || !print_chains(s, latest))
      return false;
    printf("\n");
  }
  printf("security after the last epoch\n");
  put_report(end);
  if (!print_agents(s, end) || !print_chains(s, end))
    return false;
  put_evaluation(s);
  return true;
}

static int print(const civ_report_request *request, const civ_security_summary *s)
{
  if (request->json)
    return civ_cli_print_tree(civ_security_summary_json(s));
  return print_text(s) ? CIV_EXIT_DONE : civ_cli_no_memory();
}

int civ_report_print_security(const civ_report_request *request)
{
  civ_security_summary s;
  civ_error err;
  if (civ_security_summary_read(request->log, request->run, request->strict, request->config, &s, &err) != CIV_OK)
    return civ_cli_fail(&err);
  civ_cli_tell_flaws(request->log, s.complete, &s.counts);
  const int code = print(request, &s);
  civ_security_summary_free(&s);
  return code;
}
