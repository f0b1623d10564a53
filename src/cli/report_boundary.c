/* report_boundary.c - civitas report boundary: what crossed to the outside, what was refused, and what leaked. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/find_log.h"
#include "cli/report.h"
#include "cli/table.h"
#include "lab/boundary_report.h"

typedef unsigned long long count;

static void print_head(const civ_boundary_summary *s)
{
  const civ_flow_totals *f = &s->gate.flows.sum;
  const civ_leak_totals *l = &s->gate.leaks.sum;
  const civ_gate_counts *c = &s->gate.counts;
  printf("Requests: %llu, of which %llu were refused at the boundary and %llu failed outside\n", (count)c->requests,
         (count)civ_gate_blocked(c), (count)c->failures);
  printf("Flows: %llu (%llu out, %llu in, %llu blocked), %llu bytes out, %llu in, mean sensitivity %.4f\n",
         (count)f->total, (count)f->outbound, (count)f->inbound, (count)f->blocked, (count)f->bytes_out,
         (count)f->bytes_in, civ_flows_mean_sensitivity(f));
  printf("Leaks: %llu", (count)l->total);
  for (int k = 0; k < CIV_LEAK_TYPES; k++)
    if (l->by_type[k] > 0)
      printf(", %llu %s", (count)l->by_type[k], civ_leak_type_names[k]);
  if (l->total > 0)
    printf("; %llu stopped, mean severity %.4f", (count)l->blocked, civ_leaks_mean_severity(l));
  printf("\n");
}

static void print_advice(const civ_boundary_summary *s)
{
  static const char *const words[CIV_LEAK_ADVICES] = {
    [CIV_ROTATE_CREDENTIALS] = "secrets were in what agents sent: rotate them and keep them out of content",
    [CIV_MASK_PII] = "personal data was in what agents sent: mask it before it is used",
    [CIV_TIGHTEN_POLICIES] = "more leaks got out than were stopped: tighten the policies",
    [CIV_INVESTIGATE_CRITICAL] = "some leaks are critical: look into them at once",
    [CIV_REVIEW_AGENT] = "most leaks come from one agent, which may be compromised: "
  };
  const civ_boundary_names names = { s->names, s->types };
  civ_anomaly odd[CIV_ANOMALIES];
  uint8_t advice[CIV_LEAK_ADVICES];
  civ_party whom;
  const int n = civ_leaks_advice(&s->gate.leaks, advice, &whom), m = civ_flows_anomalies(&s->gate.flows, odd);
  for (int k = 0; k < m; k++)
    printf("%s  %s: %s (%.4g)\n", k == 0 ? "\nOdd about the flows\n" : "", civ_anomaly_severities[odd[k].type],
           civ_anomaly_names[odd[k].type], odd[k].value);
  for (int k = 0; k < n; k++)
    printf("%s  %s%s\n", k == 0 ? "\nAdvice\n" : "", words[advice[k]],
           advice[k] == CIV_REVIEW_AGENT ? civ_boundary_party(&s->gate, &names, whom) : "");
}

static bool print_policies(const civ_boundary_summary *s)
{
  static const civ_table_column columns[] = {
    { "policy", false, 0 }, { "asked", true, 0 }, { "refused", true, 0 }, { "share", true, 0 }
  };
  civ_table *table = civ_table_create(columns, sizeof columns / sizeof *columns);
  for (uint32_t k = 0; table != NULL && k < s->gate.engine.n; k++) {
    const civ_rule *r = s->gate.engine.rules[k];
    civ_table_text(table, r->name);
    civ_table_integer(table, (int64_t)r->evaluations);
    civ_table_integer(table, (int64_t)r->blocks);
    civ_table_real(table, r->evaluations > 0 ? (double)r->blocks / (double)r->evaluations : 0, 4);
  }
  return civ_report_table(table, "Policies");
}

static bool print_reasons(const civ_boundary_summary *s)
{
  static const civ_table_column columns[] = { { "refused by", false, 0 },
                                              { "reason", false, 0 },
                                              { "times", true, 0 } };
  if (s->n_reasons == 0)
    return true;
  civ_table *table = civ_table_create(columns, sizeof columns / sizeof *columns);
  for (uint32_t k = 0; table != NULL && k < s->n_reasons; k++) {
    civ_table_text(table, s->reasons[k].by);
    civ_table_text(table, s->reasons[k].reason);
    civ_table_integer(table, (int64_t)s->reasons[k].n);
  }
  return civ_report_table(table, "Why requests were refused");
}

static bool print_types(const civ_boundary_summary *s)
{
  static const civ_table_column columns[] = { { "type", false, 0 },   { "agents", true, 0 }, { "sent", true, 0 },
                                              { "refused", true, 0 }, { "leaks", true, 0 },  { "worst", true, 1 } };
  civ_boundary_by_type types[CIV_AGENT_TYPES];
  civ_table *table = civ_table_create(columns, sizeof columns / sizeof *columns);
  civ_boundary_count_types(&s->gate, s->types, types);
  for (int k = 0; table != NULL && k < CIV_AGENT_TYPES; k++) {
    if (types[k].agents == 0)
      continue;
    civ_table_text(table, civ_agent_type_names[k]);
    civ_table_integer(table, types[k].agents);
    civ_table_integer(table, (int64_t)types[k].initiated);
    civ_table_integer(table, (int64_t)types[k].blocked);
    civ_table_integer(table, (int64_t)types[k].leaks);
    civ_table_real(table, types[k].leaks > 0 ? types[k].worst : (double)NAN, 2);
  }
  return civ_report_table(table, "Types of agents");
}

static bool print_leakers(const civ_boundary_summary *s)
{
  static const civ_table_column columns[] = {
    { "agent", false, 0 }, { "leaks", true, 0 }, { "worst", true, 0 }, { "refused", true, 0 }
  };
  const civ_top top = civ_leaks_top_agents(&s->gate.leaks);
  if (top.n == 0)
    return true;
  civ_table *table = civ_table_create(columns, sizeof columns / sizeof *columns);
  for (int k = 0; table != NULL && k < top.n; k++) {
    civ_table_text(table, s->names[top.party[k]]);
    civ_table_integer(table, top.count[k]);
    civ_table_real(table, s->gate.leaks.of[top.party[k]].worst, 2);
    civ_table_integer(table, s->gate.flows.of[top.party[k]].blocked);
  }
  return civ_report_table(table, "Agents with most leaks");
}

static void print_wall(const civ_wall_summary *w)
{
  if (!w->on)
    return;
  printf(
      "\nThe wall: permeability %.4f at threat %.4f when last heard of; %llu spillovers of %.4f harm, %llu stopped\n",
      w->effective, w->threat, (count)w->spillovers, w->harm, (count)w->blocked);
}

static int print(const civ_report_request *request, const civ_boundary_summary *s)
{
  if (request->json)
    return civ_cli_print_tree(civ_boundary_summary_json(s));
  if (!s->on) {
    printf("There was no boundary in this run: boundaries.enabled was off.\n");
    print_wall(&s->wall);
    return CIV_EXIT_DONE;
  }
  print_head(s);
  if (print_policies(s) && print_reasons(s) && print_types(s) && print_leakers(s)) {
    print_advice(s);
    print_wall(&s->wall);
    return CIV_EXIT_DONE;
  }
  return civ_cli_no_memory();
}

int civ_report_print_boundary(const civ_report_request *request)
{
  civ_boundary_summary s;
  civ_error err;
  if (civ_boundary_summary_read(request->log, request->run, request->strict, request->config, &s, &err) != CIV_OK)
    return civ_cli_fail(&err);
  civ_cli_tell_flaws(request->log, s.complete, &s.counts);
  const int code = print(request, &s);
  civ_boundary_summary_free(&s);
  return code;
}
