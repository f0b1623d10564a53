#include "world/boundary_report.h"

#include <string.h>

const char *civ_boundary_party(const civ_gate *g, const civ_boundary_names *names, civ_party party)
{
  if (party < g->agents)
    return names->agents[party];
  const uint32_t k = party - g->agents;
  return k < g->outside.n ? g->outside.entities[k].id : "unknown_entity";
}

void civ_boundary_count_types(const civ_gate *g, const uint8_t *types, civ_boundary_by_type out[CIV_AGENT_TYPES])
{
  memset(out, 0, CIV_AGENT_TYPES * sizeof *out);
  for (civ_agent a = 0; a < g->agents; a++) {
    civ_boundary_by_type *t = &out[types[a] < CIV_AGENT_TYPES ? types[a] : CIV_HONEST];
    t->agents++;
    t->initiated += g->flows.of[a].initiated;
    t->blocked += g->flows.of[a].blocked;
    t->leaks += g->leaks.of[a].as_agent;
    t->worst = g->leaks.of[a].worst > t->worst ? g->leaks.of[a].worst : t->worst;
  }
}

/* --- numbers ---------------------------------------------------------------------------------------------------------------- */

const civ_metric_decl civ_boundary_metric_decls[] = {
  { "boundary_crossings", true, "flows over the boundary in the epoch; also boundary_metrics.crossings" },
  { "leakage_events", true, "leaks seen in the epoch; also boundary_metrics.leakage_events" },
  { "boundary_metrics.crossings", true, "flows in the epoch, either way, with those that were blocked and booked" },
  { "boundary_metrics.requests", true, "requests to the outside" },
  { "boundary_metrics.blocked_by_policy", true, "requests a policy refused" },
  { "boundary_metrics.blocked_by_leakage", true, "requests refused for what leaked in them" },
  { "boundary_metrics.blocked_by_permeability", true, "requests and replies that did not get across the wall" },
  { "boundary_metrics.failures", true, "requests that went out and failed there" },
  { "boundary_metrics.bytes_in", true, "bytes of inbound flows" },
  { "boundary_metrics.bytes_out", true, "bytes of outbound flows, with those of blocked ones that were booked" },
  { "boundary_metrics.leakage_events", true, "leaks seen" },
  { "boundary_metrics.leakage_by_type.pii", true, "those of personal data" },
  { "boundary_metrics.leakage_by_type.credential", true, "those of secrets" },
  { "boundary_metrics.leakage_by_type.internal_data", true, "those of internal data" },
  { "boundary_metrics.leakage_by_type.code", true, "those of program text" },
  { "boundary_metrics.leakage_by_type.configuration", true, "those of configuration" },
  { "boundary_metrics.leakage_by_type.financial", true, "those of financial data" },
  { "boundary_metrics.leakage_by_type.health", true, "those of health data" },
  { "boundary_metrics.leakage_by_type.unknown", true, "hints by keyword alone" },
  { NULL, false, NULL }
};
_Static_assert(sizeof civ_boundary_metric_decls / sizeof *civ_boundary_metric_decls == CIV_BOUNDARY_METRICS + 1 &&
                   CIV_BOUNDARY_METRICS == 11 + CIV_LEAK_TYPES,
               "a sum for each");

void civ_boundary_sums(const civ_gate *g, double out[CIV_BOUNDARY_METRICS])
{
  const uint64_t sums[] = { g->flows.sum.total,
                            g->leaks.sum.total,
                            g->flows.sum.total,
                            g->counts.requests,
                            g->counts.blocked[CIV_BY_POLICY],
                            g->counts.blocked[CIV_BY_LEAKAGE],
                            g->counts.blocked[CIV_BY_PERMEABILITY],
                            g->counts.failures,
                            g->flows.sum.bytes_in,
                            g->flows.sum.bytes_out,
                            g->leaks.sum.total };
  for (size_t k = 0; k < sizeof sums / sizeof *sums; k++)
    *out++ = (double)sums[k];
  for (int k = 0; k < CIV_LEAK_TYPES; k++)
    *out++ = (double)g->leaks.sum.by_type[k];
}

/* The same whether the boundary is on or off. */
#define ALWAYS                                                                                                         \
  { "boundaries_enabled", true, "1: the boundary was on" },                                                            \
      { "boundary_flows", true, "flows over the run, with those that were blocked and booked" },                       \
      { "boundary_external_interactions", true, "requests the world outside answered" },                               \
      { "boundary_blocked_attempts", true, "attempts that policies, leak detection or the wall blocked" },             \
  {                                                                                                                    \
    "leakage_events", true, "leaks seen"                                                                               \
  }

const civ_metric_decl civ_boundary_totals_when_off[] = { ALWAYS, { NULL, false, NULL } };

const civ_metric_decl civ_boundary_total_decls[] = {
  ALWAYS,
  { "boundary.requests", true, "requests to the outside" },
  { "boundary.failures", true, "requests that went out and failed there" },
  { "boundary.blocked_by_policy", true, "requests a policy refused" },
  { "boundary.blocked_by_leakage", true, "requests refused for what leaked in them" },
  { "boundary.blocked_by_permeability", true, "requests and replies that did not get across the wall" },
  { "boundary.flows.total", true, "flows" },
  { "boundary.flows.inbound", true, "flows inward" },
  { "boundary.flows.outbound", true, "flows outward" },
  { "boundary.flows.bytes_in", true, "bytes of inbound flows" },
  { "boundary.flows.bytes_out", true, "bytes of outbound flows" },
  { "boundary.flows.blocked", true, "flows that were blocked" },
  { "boundary.flows.sensitive", true, "flows at or above the threshold of sensitivity" },
  { "boundary.flows.avg_sensitivity", false, "mean sensitivity of flows" },
  { "boundary.external_world.total_interactions", true, "requests the world outside answered" },
  { "boundary.external_world.total_outbound_calls", true, "the same" },
  { "boundary.external_world.blocked_attempts", true, "attempts that were blocked" },
  { "boundary.external_world.success_rate", false, "share of answered requests that succeeded" },
  { "boundary.external_world.avg_trust_level", false, "mean trust in those that were asked" },
  { "boundary.external_world.total_inbound_data", true, "characters of data that came back" },
  { "boundary.leakage.total_events", true, "leaks seen" },
  { "boundary.leakage.blocked", true, "leaks in requests that were refused for them" },
  { "boundary.leakage.avg_severity", false, "mean severity of leaks" },
  { "boundary.leakage.max_severity", false, "largest severity of a leak" },
  { "boundary.leakage.by_type.pii", true, "leaks of personal data" },
  { "boundary.leakage.by_type.credential", true, "leaks of secrets" },
  { "boundary.leakage.by_type.internal_data", true, "leaks of internal data" },
  { "boundary.leakage.by_type.code", true, "leaks of program text" },
  { "boundary.leakage.by_type.configuration", true, "leaks of configuration" },
  { "boundary.leakage.by_type.financial", true, "leaks of financial data" },
  { "boundary.leakage.by_type.health", true, "leaks of health data" },
  { "boundary.leakage.by_type.unknown", true, "hints by keyword alone" },
  { "boundary.anomalies", true, "what is odd about the flows of the run: how many of the four signs" },
  { NULL, false, NULL }
};
enum { TOTALS_BEFORE_TYPES = 28 };

void civ_boundary_totals(const civ_gate *g, double *values)
{
  const civ_flow_totals *f = &g->flows.sum;
  const civ_leak_totals *l = &g->leaks.sum;
  const civ_outside_totals *o = &g->outside.sum;
  civ_anomaly anomalies[CIV_ANOMALIES];
  const double all[TOTALS_BEFORE_TYPES] = { 1,
                                            (double)f->total,
                                            (double)o->interactions,
                                            (double)civ_gate_blocked(&g->counts),
                                            (double)l->total,
                                            (double)g->counts.requests,
                                            (double)g->counts.failures,
                                            (double)g->counts.blocked[CIV_BY_POLICY],
                                            (double)g->counts.blocked[CIV_BY_LEAKAGE],
                                            (double)g->counts.blocked[CIV_BY_PERMEABILITY],
                                            (double)f->total,
                                            (double)f->inbound,
                                            (double)f->outbound,
                                            (double)f->bytes_in,
                                            (double)f->bytes_out,
                                            (double)f->blocked,
                                            (double)f->sensitive,
                                            civ_flows_mean_sensitivity(f),
                                            (double)o->interactions,
                                            (double)o->interactions,
                                            (double)civ_gate_blocked(&g->counts),
                                            civ_outside_success_rate(o),
                                            civ_outside_mean_trust(o),
                                            (double)o->inbound_data,
                                            (double)l->total,
                                            (double)l->blocked,
                                            civ_leaks_mean_severity(l),
                                            l->most };
  memcpy(values, all, sizeof all);
  for (int k = 0; k < CIV_LEAK_TYPES; k++)
    values[TOTALS_BEFORE_TYPES + k] = (double)l->by_type[k];
  values[TOTALS_BEFORE_TYPES + CIV_LEAK_TYPES] = civ_flows_anomalies(&g->flows, anomalies);
}

/* --- text ---------------------------------------------------------------------------------------------------------------------- */

static void put_key(civ_buffer *out, const char *name, bool first)
{
  civ_buffer_text(out, first ? "" : ", ");
  civ_buffer_json_text(out, name, strlen(name));
  civ_buffer_text(out, ": ");
}

static void put_count(civ_buffer *out, const char *name, uint64_t n, bool first)
{
  put_key(out, name, first);
  civ_buffer_integer(out, (int64_t)n);
}

static void put_real(civ_buffer *out, const char *name, double x)
{
  put_key(out, name, false);
  civ_buffer_real(out, x);
}

static void put_text(civ_buffer *out, const char *text)
{
  civ_buffer_json_text(out, text, strlen(text));
}

static void put_top(civ_buffer *out, const char *key, const civ_gate *g, const civ_boundary_names *names, civ_top top)
{
  put_key(out, key, false);
  civ_buffer_text(out, "[");
  for (int k = 0; k < top.n; k++) {
    civ_buffer_text(out, k > 0 ? ", [" : "[");
    put_text(out, civ_boundary_party(g, names, top.party[k]));
    civ_buffer_format(out, ", %u]", top.count[k]);
  }
  civ_buffer_text(out, "]");
}

static void put_counts(civ_buffer *out, const char *key, const char *const *names, const uint64_t *counts, int n)
{
  bool first = true;
  put_key(out, key, false);
  civ_buffer_text(out, "{");
  for (int k = 0; k < n; k++)
    if (counts[k] > 0) {
      put_count(out, names[k], counts[k], first);
      first = false;
    }
  civ_buffer_text(out, "}");
}

static void put_outside(const civ_gate *g, civ_buffer *out)
{
  const civ_outside_totals *o = &g->outside.sum;
  put_count(out, "total_interactions", o->interactions, true);
  put_counts(out, "by_entity_type", civ_entity_type_names, o->by_type, CIV_ENTITY_TYPES);
  put_key(out, "by_action", false);
  civ_buffer_text(out, "{");
  for (int k = 0; k < CIV_MOST_ACTIONS && g->outside.actions[k].name != NULL; k++)
    put_count(out, g->outside.actions[k].name, g->outside.actions[k].n, k == 0);
  civ_buffer_text(out, "}");
  put_real(out, "success_rate", civ_outside_success_rate(o));
  put_real(out, "avg_trust_level", civ_outside_mean_trust(o));
  put_count(out, "total_outbound_calls", o->interactions, false);
  put_count(out, "total_inbound_data", o->inbound_data, false);
  put_count(out, "blocked_attempts", civ_gate_blocked(&g->counts), false);
  put_count(out, "requests", g->counts.requests, false);
  put_count(out, "failures", g->counts.failures, false);
  put_counts(out, "blocked_by", civ_blocked_by_names, g->counts.blocked, CIV_BLOCKERS);
}

static void put_flows(const civ_gate *g, const civ_boundary_names *names, civ_buffer *out)
{
  const civ_flow_totals *f = &g->flows.sum;
  put_count(out, "total", f->total, true);
  put_count(out, "inbound", f->inbound, false);
  put_count(out, "outbound", f->outbound, false);
  put_count(out, "bytes_in", f->bytes_in, false);
  put_count(out, "bytes_out", f->bytes_out, false);
  put_count(out, "blocked", f->blocked, false);
  put_count(out, "blocked_bytes_out", f->bytes_kept_in, false);
  put_count(out, "sensitive", f->sensitive, false);
  put_real(out, "avg_sensitivity", civ_flows_mean_sensitivity(f));
  put_real(out, "max_sensitivity", f->most_sensitive);
  put_count(out, "pii", f->pii, false);
  put_count(out, "credentials", f->credentials, false);
  put_counts(out, "by_type", civ_flow_type_names, f->by_type, CIV_FLOW_TYPES);
  put_top(out, "top_sources", g, names, civ_flows_top_sources(&g->flows));
  put_top(out, "top_destinations", g, names, civ_flows_top_destinations(&g->flows));
}

static void put_anomalies(const civ_gate *g, const civ_boundary_names *names, civ_buffer *out)
{
  civ_anomaly found[CIV_ANOMALIES];
  const int n = civ_flows_anomalies(&g->flows, found);
  for (int k = 0; k < n; k++) {
    civ_buffer_text(out, k > 0 ? ", {\"type\": " : "{\"type\": ");
    put_text(out, civ_anomaly_names[found[k].type]);
    put_key(out, "severity", false);
    put_text(out, civ_anomaly_severities[found[k].type]);
    put_real(out, "value", found[k].value);
    if (found[k].party != CIV_NONE) {
      put_key(out, "source", false);
      put_text(out, civ_boundary_party(g, names, found[k].party));
    }
    civ_buffer_text(out, "}");
  }
}

static void put_policies(const civ_gate *g, civ_buffer *out)
{
  uint32_t active = 0;
  for (uint32_t k = 0; k < g->engine.n; k++)
    active += g->engine.rules[k]->enabled;
  put_count(out, "total_policies", g->engine.n, true);
  put_count(out, "active_policies", active, false);
  put_count(out, "total_evaluations", g->engine.evaluations, false);
  put_key(out, "policies", false);
  civ_buffer_text(out, "[");
  for (uint32_t k = 0; k < g->engine.n; k++) {
    const civ_rule *r = g->engine.rules[k];
    civ_buffer_text(out, k > 0 ? ", {\"name\": " : "{\"name\": ");
    put_text(out, r->name);
    put_key(out, "enabled", false);
    civ_buffer_text(out, r->enabled ? "true" : "false");
    put_count(out, "evaluations", r->evaluations, false);
    put_count(out, "blocks", r->blocks, false);
    put_real(out, "block_rate", (double)r->blocks / (double)(r->evaluations > 0 ? r->evaluations : 1));
    civ_buffer_text(out, "}");
  }
  civ_buffer_text(out, "]");
}

static void put_leaks(const civ_gate *g, const civ_boundary_names *names, civ_buffer *out)
{
  const civ_leak_totals *l = &g->leaks.sum;
  uint8_t advice[CIV_LEAK_ADVICES];
  civ_party whom;
  const int n = civ_leaks_advice(&g->leaks, advice, &whom);
  put_count(out, "total_events", l->total, true);
  put_count(out, "blocked", l->blocked, false);
  put_count(out, "unblocked", l->total - l->blocked, false);
  put_counts(out, "by_type", civ_leak_type_names, l->by_type, CIV_LEAK_TYPES);
  put_counts(out, "by_severity", civ_severity_names, l->by_severity, 4);
  put_top(out, "top_agents", g, names, civ_leaks_top_agents(&g->leaks));
  put_top(out, "top_destinations", g, names, civ_leaks_top_destinations(&g->leaks));
  put_real(out, "avg_severity", civ_leaks_mean_severity(l));
  put_real(out, "max_severity", l->most);
  put_count(out, "distinct_contents", civ_pairs_count(g->leaks.hashes), false);
  put_key(out, "recommendations", false);
  civ_buffer_text(out, "[");
  for (int k = 0; k < n; k++) {
    char text[160];
    const bool named = advice[k] == CIV_REVIEW_AGENT;
    const size_t length = strlen(civ_leak_advice_names[advice[k]]);
    memcpy(text, civ_leak_advice_names[advice[k]], length + 1);
    if (named) {
      const char *who = civ_boundary_party(g, names, whom);
      text[length] = ':';
      text[length + 1] = '\0';
      strncat(text, who, sizeof text - length - 2);
    }
    civ_buffer_text(out, k > 0 ? ", " : "");
    put_text(out, text);
  }
  civ_buffer_text(out, "]");
}

static void put_types(const civ_gate *g, const civ_boundary_names *names, civ_buffer *out)
{
  civ_boundary_by_type types[CIV_AGENT_TYPES];
  bool first = true;
  civ_boundary_count_types(g, names->types, types);
  for (int k = 0; k < CIV_AGENT_TYPES; k++) {
    if (types[k].agents == 0)
      continue;
    put_key(out, civ_agent_type_names[k], first);
    civ_buffer_text(out, "{");
    put_count(out, "agents", types[k].agents, true);
    put_count(out, "flows_initiated", types[k].initiated, false);
    put_count(out, "blocked_attempts", types[k].blocked, false);
    put_count(out, "leakage_events", types[k].leaks, false);
    put_real(out, "leakage_severity", types[k].worst);
    civ_buffer_text(out, "}");
    first = false;
  }
}

void civ_boundary_report_json(const civ_gate *g, const civ_boundary_names *names, civ_buffer *out)
{
  civ_buffer_text(out, "{\"external_world\": {");
  put_outside(g, out);
  civ_buffer_text(out, "}, \"flows\": {");
  put_flows(g, names, out);
  civ_buffer_text(out, "}, \"anomalies\": [");
  put_anomalies(g, names, out);
  civ_buffer_text(out, "], \"policies\": {");
  put_policies(g, out);
  civ_buffer_text(out, "}, \"leakage\": {");
  put_leaks(g, names, out);
  civ_buffer_text(out, "}, \"by_type\": {");
  put_types(g, names, out);
  civ_buffer_text(out, "}}");
}
