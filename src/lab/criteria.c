#include "lab/criteria.h"

#include <math.h>
#include <string.h>

#include "lab/run_record.h"
#include "statistics/statistics.h"

const char *const civ_outcome_names[] = { "pass", "fail", "not_evaluable" };

/* Measures one quantity; false with a reason where the run cannot tell. */
typedef bool (*measure)(const civ_run_record *r, const char *arg, double *out, const char **reason);

static bool measure_epochs(const civ_run_record *r, const char *arg, double *out, const char **reason)
{
  (void)arg;
  (void)reason;
  *out = r->n_epochs;
  return true;
}

static bool measure_agents(const civ_run_record *r, const char *arg, double *out, const char **reason)
{
  (void)arg;
  (void)reason;
  *out = r->n_agents;
  return true;
}

/* Sum of a column over the epochs. */
static bool sum_column(const civ_run_record *r, const char *name, double *out, const char **reason)
{
  const int k = civ_run_record_column(r, name);
  if (k < 0 && r->n_epochs > 0) {
    *reason = "the epoch metrics lack this column";
    return false;
  }
  double sum = 0;
  for (uint32_t e = 0; e < r->n_epochs; e++)
    sum += r->rows[(size_t)e * r->epoch_columns.n + (size_t)k];
  *out = sum;
  return true;
}

static bool mean_column(const civ_run_record *r, const char *name, double *out, const char **reason)
{
  if (!sum_column(r, name, out, reason))
    return false;
  if (r->n_epochs > 0)
    *out /= r->n_epochs;
  return true;
}

/* Mean payoff of the agents recorded as a type. */
static bool payoff_of_type(const civ_run_record *r, const char *type, double *out, const char **reason)
{
  double sum = 0;
  uint32_t n = 0;
  for (uint32_t a = 0; a < r->n_agents; a++)
    if (strcmp(civ_agent_type_names[r->agents[a].type], type) == 0) {
      sum += r->agents[a].payoff;
      n++;
    }
  if (n == 0) {
    *reason = "the run has no agents of this type";
    return false;
  }
  *out = sum / n;
  return true;
}

static bool total_named(const civ_run_record *r, const char *name, double *out, const char **reason)
{
  if (civ_run_record_total(r, name, out) && isfinite(*out))
    return true;
  *reason = "the part that measures this was not in the run";
  return false;
}

/* A detector's total: only where it was on and reported at an epoch's start. */
static bool detected(const civ_run_record *r, const char *name, bool silent, const char *off, double *out,
                     const char **reason)
{
  if (!civ_run_record_total(r, name, out)) {
    *reason = off;
    return false;
  }
  if (!silent && isfinite(*out))
    return true;
  *reason = "the detector made no report: it looks at epoch starts, and needs interactions of earlier epochs";
  return false;
}

/* One report more is made when the run is over: it is not the final one that criteria are about. */
static bool by_collusion(const civ_run_record *r, const char *name, double *out, const char **reason)
{
  double reports;
  const bool silent = civ_run_record_total(r, "events:collusion_report", &reports) && !(reports > 1);
  return detected(r, name, silent, "governance.collusion_detection_enabled was off", out, reason);
}

/* Without a report there is no level, no depth and nothing contained. */
static bool by_security(const civ_run_record *r, const char *name, double *out, const char **reason)
{
  double reports;
  const bool silent = civ_run_record_total(r, "security.reports", &reports) && !(reports > 0);
  return detected(r, name, silent, "governance.security_enabled was off", out, reason);
}

/* The total is there only where some lever punishes. */
static bool by_penalties(const civ_run_record *r, const char *name, double *out, const char **reason)
{
  if (civ_run_record_total(r, name, out) && isfinite(*out))
    return true;
  *reason = "no lever that punishes was on: collusion_detection_enabled, security_enabled, sybil_detection_enabled";
  return false;
}

static const struct {
  const char *name;
  bool at_least;
  measure measure;
  const char *arg;
} known[] = {
  { "min_epochs", true, measure_epochs, NULL },
  { "min_agents", true, measure_agents, NULL },
  { "toxicity_threshold", false, mean_column, "toxicity_rate" },
  { "max_avg_toxicity", false, mean_column, "toxicity_rate" },
  { "max_toxicity", false, mean_column, "toxicity_rate" },
  { "min_total_welfare", true, sum_column, "total_welfare" },
  { "min_welfare", true, sum_column, "total_welfare" },
  { "max_adversary_payoff", false, payoff_of_type, "adversarial" },
  { "min_honest_agent_payoff", true, payoff_of_type, "honest" },
  { "min_detection_rate", true, total_named, "redteam.detection_rate" },
  { "max_undetected_collusion_pairs", false, total_named, "redteam.undetected_collusion_pairs" },
  { "min_flagged_pairs", true, by_collusion, "collusion.flagged_pairs" },
  { "max_ecosystem_collusion_risk", false, by_collusion, "collusion.ecosystem_risk" },
  { "min_penalty_total", true, by_penalties, "penalty_total_malicious" },
  { "max_ecosystem_threat_level", false, by_security, "security.ecosystem_threat_level" },
  { "max_contagion_depth", false, by_security, "security.max_contagion_depth" },
  { "min_containment_effectiveness", true, by_security, "security.containment_effectiveness" },
  { "min_connected_components", true, total_named, "net_n_components" },
  { "max_connected_components", false, total_named, "net_n_components" },
  { "max_avg_path_length", false, total_named, "net_average_path_length" },
  { "min_avg_coordination_score", true, total_named, "composite.avg_coordination_score" },
  { "min_avg_synergy_score", true, total_named, "composite.avg_synergy_score" },
  { "min_specialization_index", true, total_named, "composite.specialization_index" },
  { "min_tasks_completed", true, total_named, "composite.tasks_completed" },
  { "min_completion_rate", true, total_named, "composite.completion_rate" },
  { "max_capability_concentration", false, total_named, "composite.capability_concentration" },
  { "max_llm_cost_usd", false, total_named, "llm.cost_usd" },
  { "max_llm_failure_rate", false, total_named, "llm.failure_rate" },
};

/* min_final_X, max_final_X, min_mean_X, max_mean_X: the column X, or -1. */
static int column_of(const char *name, bool *at_least, bool *mean)
{
  if (strncmp(name, "min_", 4) != 0 && strncmp(name, "max_", 4) != 0)
    return -1;
  *at_least = name[1] == 'i';
  *mean = strncmp(name + 4, "mean_", 5) == 0;
  if (!*mean && strncmp(name + 4, "final_", 6) != 0)
    return -1;
  return civ_epoch_column_of(name + (*mean ? 9 : 10));
}

bool civ_criteria_need_history(const civ_criterion *criteria, uint32_t n)
{
  bool at_least, mean;
  for (uint32_t k = 0; k < n; k++)
    if (column_of(criteria[k].name, &at_least, &mean) >= 0)
      return true;
  return false;
}

static bool measure_history(const civ_history *h, int column, bool mean, double *out, const char **reason)
{
  if (h == NULL || h->n_epoch_snapshots == 0) {
    *reason = "no epoch was completed";
    return false;
  }
  double sum = 0;
  for (size_t e = 0; e < h->n_epoch_snapshots; e++)
    sum += h->epochs[e].values[column];
  *out = mean ? sum / (double)h->n_epoch_snapshots : h->epochs[h->n_epoch_snapshots - 1].values[column];
  return true;
}

static bool measure_one(const char *name, const civ_run_record *record, const civ_history *history, civ_finding *f)
{
  for (size_t k = 0; k < sizeof known / sizeof *known; k++)
    if (strcmp(known[k].name, name) == 0) {
      f->at_least = known[k].at_least;
      return known[k].measure(record, known[k].arg, &f->measured, &f->reason);
    }
  bool mean = false;
  const int column = column_of(name, &f->at_least, &mean);
  if (column >= 0)
    return measure_history(history, column, mean, &f->measured, &f->reason);
  f->reason = "no such criterion";
  return false;
}

civ_outcome civ_criteria_evaluate(const civ_criterion *criteria, uint32_t n, const civ_run_record *record,
                                  const civ_history *history, civ_finding *out)
{
  civ_outcome overall = n > 0 ? CIV_OUTCOME_PASS : CIV_OUTCOME_NOT_EVALUABLE;
  for (uint32_t k = 0; k < n; k++) {
    civ_finding f = { .name = criteria[k].name, .bound = criteria[k].bound, .outcome = CIV_OUTCOME_NOT_EVALUABLE };
    if (measure_one(criteria[k].name, record, history, &f)) {
      const double slack = 1e-12 * fmax(1.0, fabs(f.bound));
      const bool met = f.at_least ? f.measured >= f.bound - slack : f.measured <= f.bound + slack;
      f.outcome = met ? CIV_OUTCOME_PASS : CIV_OUTCOME_FAIL;
    }
    if (f.outcome == CIV_OUTCOME_FAIL || (f.outcome == CIV_OUTCOME_NOT_EVALUABLE && overall == CIV_OUTCOME_PASS))
      overall = f.outcome;
    out[k] = f;
  }
  return overall;
}
