/* Reports as text. Names decide who stands first in a pair; everything else is by index and order of appearance. */
#include <string.h>

#include "metric/collusion.h"

static void put_name(civ_buffer *out, const char *name)
{
  civ_buffer_json_text(out, name, strlen(name));
}

static void put_real(civ_buffer *out, const char *key, double x)
{
  civ_buffer_format(out, "\"%s\": ", key);
  civ_buffer_real(out, x);
}

static void put_integer(civ_buffer *out, const char *key, uint64_t x)
{
  civ_buffer_format(out, "\"%s\": ", key);
  civ_buffer_integer(out, (int64_t)x);
}

static void put_signals(civ_buffer *out, uint32_t signals)
{
  static const char *const names[] = { "frequency", "correlation", "acceptance", "quality_asymmetry" };
  const char *separator = "";
  civ_buffer_text(out, "\"signals\": [");
  for (uint32_t k = 0; k < sizeof names / sizeof *names; k++)
    if (signals >> k & 1u) {
      civ_buffer_format(out, "%s\"%s\"", separator, names[k]);
      separator = ", ";
    }
  civ_buffer_text(out, "]");
}

static void put_pair(civ_buffer *out, const civ_collusion_pair *p, const char *const *names)
{
  const bool swapped = strcmp(names[p->a], names[p->b]) > 0;
  const struct {
    const char *key;
    double value;
  } reals[] = {
    { "mutual_acceptance_rate", p->acceptance },
    { "avg_benefit_a", swapped ? p->benefit_b : p->benefit_a },
    { "avg_benefit_b", swapped ? p->benefit_a : p->benefit_b },
    { "benefit_correlation", p->correlation },
    { "avg_p_when_a_initiates", swapped ? p->p_b : p->p_a },
    { "avg_p_when_b_initiates", swapped ? p->p_a : p->p_b },
    { "avg_time_between_interactions", p->gap },
    { "interaction_burstiness", p->burstiness },
    { "frequency_z", p->frequency },
    { "collusion_score", p->score },
  };
  civ_buffer_text(out, "{\"agent_a\": ");
  put_name(out, names[swapped ? p->b : p->a]);
  civ_buffer_text(out, ", \"agent_b\": ");
  put_name(out, names[swapped ? p->a : p->b]);
  civ_buffer_text(out, ", ");
  put_integer(out, "interaction_count", p->interactions);
  for (size_t k = 0; k < sizeof reals / sizeof *reals; k++) {
    civ_buffer_text(out, ", ");
    put_real(out, reals[k].key, reals[k].value);
  }
  civ_buffer_text(out, ", ");
  put_signals(out, p->signals);
  civ_buffer_text(out, "}");
}

static void put_group(civ_buffer *out, const civ_collusion_report *r, const civ_collusion_group *g,
                      const char *const *names)
{
  const struct {
    const char *key;
    double value;
  } reals[] = {
    { "internal_interaction_rate", g->internal_rate },
    { "external_interaction_rate", g->external_rate },
    { "voting_alignment", g->voting_alignment },
    { "target_overlap", g->target_overlap },
    { "avg_internal_p", g->p_internal },
    { "avg_external_p", g->p_external },
    { "collusion_score", g->score },
  };
  civ_buffer_text(out, "{\"members\": [");
  for (uint32_t k = 0; k < g->size; k++) {
    civ_buffer_text(out, k > 0 ? ", " : "");
    put_name(out, names[r->members[g->first + k]]);
  }
  civ_buffer_text(out, "]");
  for (size_t k = 0; k < sizeof reals / sizeof *reals; k++) {
    civ_buffer_text(out, ", ");
    put_real(out, reals[k].key, reals[k].value);
  }
  civ_buffer_text(out, "}");
}

/* A map over all agents; of an empty report it is empty. */
static void put_map(civ_buffer *out, const char *key, const civ_collusion_report *r, const double *values,
                    const char *const *names)
{
  civ_buffer_format(out, "\"%s\": {", key);
  for (civ_agent a = 0; r->interactions > 0 && a < r->agents; a++) {
    civ_buffer_text(out, a > 0 ? ", " : "");
    put_name(out, names[a]);
    civ_buffer_text(out, ": ");
    civ_buffer_real(out, values[a]);
  }
  civ_buffer_text(out, "}");
}

static void put_scalars(civ_buffer *out, const civ_collusion_report *r)
{
  put_integer(out, "interactions", r->interactions);
  civ_buffer_text(out, ", ");
  put_integer(out, "pairs", r->pairs);
  civ_buffer_text(out, ", ");
  put_integer(out, "analysed_pairs", r->analysed);
  civ_buffer_text(out, ", ");
  put_real(out, "ecosystem_collusion_risk", r->ecosystem_risk);
  civ_buffer_text(out, ", ");
  put_real(out, "avg_pair_collusion_score", r->average_score);
  civ_buffer_text(out, ", ");
  put_real(out, "max_pair_collusion_score", r->max_score);
  civ_buffer_text(out, ", ");
  put_integer(out, "n_flagged_pairs", r->n_flagged_pairs);
  civ_buffer_text(out, ", ");
  put_integer(out, "n_flagged_groups", r->n_flagged_groups);
  civ_buffer_text(out, ", ");
  put_integer(out, "n_flagged_agents", r->n_flagged_agents);
}

void civ_collusion_report_json(const civ_collusion_report *r, const char *const *names, const char *voters,
                               civ_buffer *out)
{
  civ_buffer_text(out, "{");
  put_scalars(out, r);
  civ_buffer_text(out, ", \"suspicious_pairs\": [");
  for (uint32_t k = 0; k < r->n_suspicious; k++) {
    civ_buffer_text(out, k > 0 ? ", " : "");
    put_pair(out, &r->suspicious[k], names);
  }
  civ_buffer_text(out, "], \"suspicious_groups\": [");
  for (uint32_t k = 0; k < r->n_groups; k++) {
    civ_buffer_text(out, k > 0 ? ", " : "");
    put_group(out, r, &r->groups[k], names);
  }
  civ_buffer_text(out, "], ");
  put_map(out, "agent_collusion_risk", r, r->risk, names);
  civ_buffer_text(out, ", ");
  put_map(out, "temporal_clustering", r, r->clustering, names);
  if (voters != NULL) {
    civ_buffer_text(out, ", \"coordinated_voters\": ");
    civ_buffer_text(out, voters);
  }
  civ_buffer_text(out, "}");
}

void civ_collusion_voters_json(const civ_coordination *v, const char *const *names, civ_buffer *out)
{
  civ_buffer_text(out, "{\"pairs\": [");
  for (uint32_t k = 0; k < v->n; k++) {
    civ_buffer_text(out, k > 0 ? ", {\"pair\": [" : "{\"pair\": [");
    put_name(out, names[v->pairs[k].a]);
    civ_buffer_text(out, ", ");
    put_name(out, names[v->pairs[k].b]);
    civ_buffer_text(out, "], ");
    put_real(out, "alignment", v->pairs[k].alignment);
    civ_buffer_text(out, "}");
  }
  civ_buffer_text(out, "], ");
  put_integer(out, "total", v->total);
  civ_buffer_format(out, ", \"estimated\": %s}", v->estimated ? "true" : "false");
}
