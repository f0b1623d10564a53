/* What the security lever adds to the totals of a run. */
#include "govern/security.h"

const civ_metric_decl civ_security_totals[] = {
  { "security.ecosystem_threat_level", false, "threat level of the last report at an epoch's start; 0 without one" },
  { "security.active_threat_count", true, "threats in it" },
  { "security.prompt_injection_rate", false, "injections in it per interaction" },
  { "security.manipulation_rate", false, "manipulators in it per agent" },
  { "security.laundering_rate", false, "laundering paths in it per interaction" },
  { "security.contagion_depth", true, "depth of its deepest chain" },
  { "security.exfiltration_attempts", true, "exfiltrations in it" },
  { "security.containment_success_rate", false, "contained chains per chain in it; 1 without chains" },
  { "security.containment_effectiveness", false, "the same as security.containment_success_rate" },
  { "security.false_positive_rate", false, "flagged benign agents in it per benign agent" },
  { "security.agents_flagged", true, "agents flagged in it" },
  { "security.reports", true, "reports made at epoch starts" },
  { "security.max_contagion_depth", true, "depth of the deepest chain in any report" },
  { "security.n_quarantined", true, "agents in quarantine at the end" },
  { "security.injection_attempts", true, "interactions that look like injections, over the run" },
  { "security.prompt_injection_success_rate", false, "those of them that were accepted" },
  { "security.contagion_depth_before_containment.max", true, "deepest chain when its origin was first quarantined" },
  { "security.contagion_depth_before_containment.mean", false, "mean depth likewise" },
  { "security.exfiltration_attempts_run", true, "interactions that look like exfiltration, over the run" },
  { "security.exfiltration_attempt_rate", false, "the same per interaction" },
  { "security.exfiltration_leak_rate", false, "those of them that were accepted" },
  { "security.fp_suppressed_steps", true, "steps that benign agents spent in quarantine" },
  { "security.fp_lost_payoff", false, "what they would have earned at the rate of the other benign steps" },
  { "security.fp_cost_charged", false, "real-time costs charged to benign agents" },
  { "security.fp_reputation_penalty", false, "reputation taken from benign agents" },
  { "security.fp_resource_penalty", false, "resources taken from benign agents" },
  { "security.false_positive_suppression_cost", false, "lost payoff and costs charged of benign agents" },
  { "security.content_injection_matches", true, "proposals whose text has a phrase of injections" },
  { "security.content_exfiltration_matches", true, "proposals whose text has a phrase of leaks" },
  { "lever_security_realtime", true, "interactions charged at once" },
  { NULL, false, NULL }
};

/* Without a report what it would say is not a number: criteria on it are then not evaluable-> */
void civ_security_fill_totals(const civ_monitor *m, const civ_security_evaluation *e, const civ_security_counts *counts,
                              double *values)
{
  const civ_security_report *r = civ_monitor_report(m, false);
  uint32_t k = 0;
  values[k++] = r != NULL ? r->ecosystem_threat_level : 0;
  values[k++] = r != NULL ? (double)r->active_threats : 0;
  values[k++] = r != NULL ? r->prompt_injection_rate : 0;
  values[k++] = r != NULL ? r->manipulation_rate : 0;
  values[k++] = r != NULL ? r->laundering_rate : 0;
  values[k++] = r != NULL ? r->contagion_depth : 0;
  values[k++] = r != NULL ? (double)r->counts[CIV_THREAT_EXFILTRATION] : 0;
  values[k++] = r != NULL ? r->containment_success_rate : 1;
  values[k++] = r != NULL ? r->containment_success_rate : 1;
  values[k++] = r != NULL ? r->false_positive_rate : 0;
  values[k++] = r != NULL ? r->n_flagged : 0;
  values[k++] = (double)e->reports;
  values[k++] = e->max_contagion_depth;
  values[k++] = e->n_quarantined;
  values[k++] = (double)e->injection_attempts;
  values[k++] = e->injection_success_rate;
  values[k++] = e->depth_before_containment_max;
  values[k++] = e->depth_before_containment_mean;
  values[k++] = (double)e->exfiltration_attempts;
  values[k++] = e->exfiltration_attempt_rate;
  values[k++] = e->exfiltration_leak_rate;
  values[k++] = (double)e->fp_suppressed_steps;
  values[k++] = e->fp_lost_payoff;
  values[k++] = e->fp_cost_charged;
  values[k++] = e->fp_reputation_penalty;
  values[k++] = e->fp_resource_penalty;
  values[k++] = e->suppression_cost;
  values[k++] = (double)counts->injecting;
  values[k++] = (double)counts->leaking;
  values[k++] = (double)counts->charged;
}
