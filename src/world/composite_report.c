#include "world/composite_report.h"

#include <math.h>
#include <string.h>

double civ_composite_completion_rate(const civ_composite_summary *s)
{
  return s->pool.total_tasks > 0 ? (double)s->pool.by_status[CIV_COMPOSITE_COMPLETED] / (double)s->pool.total_tasks : 0;
}

double civ_composite_concentration(const civ_composite_summary *s)
{
  return s->parts_finished > 0 ? (double)s->most_finished / (double)s->parts_finished : NAN;
}

/* --- text ----------------------------------------------------------------------------------------------------------------- */

static void put_key(civ_buffer *out, const char *name, bool first)
{
  civ_buffer_format(out, "%s\"%s\": ", first ? "" : ", ", name);
}

static void put_count(civ_buffer *out, const char *name, uint64_t n)
{
  put_key(out, name, false);
  civ_buffer_integer(out, (int64_t)n);
}

static void put_real(civ_buffer *out, const char *name, double x)
{
  put_key(out, name, false);
  civ_buffer_real(out, x);
}

static void put_tasks(const civ_composite_summary *s, civ_buffer *out)
{
  put_key(out, "total_tasks", true);
  civ_buffer_integer(out, (int64_t)s->pool.total_tasks);
  put_count(out, "open_tasks", s->pool.open_tasks);
  put_key(out, "by_status", false);
  civ_buffer_text(out, "{");
  for (int k = 0; k < CIV_COMPOSITE_STATUSES; k++) {
    put_key(out, civ_composite_status_names[k], k == 0);
    civ_buffer_integer(out, (int64_t)s->pool.by_status[k]);
  }
  civ_buffer_text(out, "}");
  put_real(out, "completion_rate", civ_composite_completion_rate(s));
  put_real(out, "avg_coordination_score", s->pool.avg_coordination_score);
  put_real(out, "avg_synergy_score", s->pool.avg_synergy_score);
  put_real(out, "avg_information_flow", s->pool.avg_information_flow);
}

static void put_metrics(const civ_capability_metrics *m, civ_buffer *out)
{
  const double *values = (const double *)m;
  for (int k = 0; k < CIV_N_CAPABILITY_METRICS; k++) {
    put_key(out, civ_capability_metric_decls[k].name, k == 0);
    if (civ_capability_metric_decls[k].integer)
      civ_buffer_integer(out, (int64_t)values[k]);
    else
      civ_buffer_real(out, values[k]);
  }
}

static void put_types(const civ_composite_summary *s, civ_buffer *out)
{
  bool first = true;
  for (int k = 0; k < CIV_AGENT_TYPES; k++) {
    const civ_composite_by_type *t = &s->by_type[k];
    if (t->agents == 0)
      continue;
    put_key(out, civ_agent_type_names[k], first);
    civ_buffer_text(out, "{\"agents\": ");
    civ_buffer_integer(out, t->agents);
    put_count(out, "capable", t->capable);
    put_count(out, "subtasks_completed", t->parts);
    put_real(out, "total", t->earnings);
    put_real(out, "mean", t->earnings / t->agents);
    civ_buffer_text(out, "}");
    first = false;
  }
}

void civ_composite_summary_json(const civ_composite_summary *s, civ_buffer *out)
{
  civ_buffer_text(out, "{\"tasks\": {");
  put_tasks(s, out);
  civ_buffer_text(out, "}, \"metrics\": {");
  put_metrics(&s->metrics, out);
  civ_buffer_text(out, "}");
  put_real(out, "collective_intelligence", civ_collective_intelligence(&s->metrics));
  put_count(out, "subtasks_completed", s->parts_finished);
  put_real(out, "capability_concentration", civ_composite_concentration(s));
  civ_buffer_text(out, ", \"earnings\": {");
  put_types(s, out);
  civ_buffer_text(out, "}}");
}

/* --- totals ----------------------------------------------------------------------------------------------------------------- */

#define X(name, integer, doc) { "composite." #name, integer, doc },
const civ_metric_decl civ_composite_total_decls[] = {
  CIV_CAPABILITY_METRICS(X){ "composite.collective_intelligence", false, "weighted mean of the metrics" },
  { "composite.tasks_completed", true, "composite tasks completed" },
  { "composite.total_tasks", true, "composite tasks ever added" },
  { "composite.open_tasks", true, "composite tasks waiting for a team at the end" },
  { "composite.completion_rate", false, "completed of all composite tasks; 0 without" },
  { "composite.subtasks_completed", true, "parts completed, of unfinished tasks too" },
  { "composite.capability_concentration", false, "largest share of them done by one agent; none: not measured" },
  { "composite.tasks_by_status.open", true, "composite tasks waiting for a team at the end" },
  { "composite.tasks_by_status.in_progress", true, "composite tasks being worked on at the end" },
  { "composite.tasks_by_status.completed", true, "composite tasks completed" },
  { "composite.tasks_by_status.failed", true, "composite tasks given up" },
  { "composite.tasks_by_status.expired", true, "composite tasks not done in time" },
  { "composite.earnings.honest", false, "paid to agents of this type, in all" },
  { "composite.earnings.opportunistic", false, "paid to agents of this type, in all" },
  { "composite.earnings.deceptive", false, "paid to agents of this type, in all" },
  { "composite.earnings.adversarial", false, "paid to agents of this type, in all" },
  { NULL, false, NULL }
};
#undef X

_Static_assert(CIV_COMPOSITE_STATUSES == 5 && CIV_AGENT_TYPES == 4, "a total for each");

void civ_composite_totals_of(const civ_composite_summary *s, double *values)
{
  memcpy(values, &s->metrics, sizeof s->metrics);
  values += CIV_N_CAPABILITY_METRICS;
  *values++ = civ_collective_intelligence(&s->metrics);
  *values++ = (double)s->pool.by_status[CIV_COMPOSITE_COMPLETED];
  *values++ = (double)s->pool.total_tasks;
  *values++ = (double)s->pool.open_tasks;
  *values++ = civ_composite_completion_rate(s);
  *values++ = (double)s->parts_finished;
  *values++ = civ_composite_concentration(s);
  for (int k = 0; k < CIV_COMPOSITE_STATUSES; k++)
    *values++ = (double)s->pool.by_status[k];
  for (int k = 0; k < CIV_AGENT_TYPES; k++)
    *values++ = s->by_type[k].earnings;
}
