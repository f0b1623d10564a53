#include "scenario/columns.h"

#include <string.h>

#include "base/names.h"

/* The snapshot's columns in their order, then those that some worlds and detectors add. */
static const char *const names[] = { "total_interactions",
                                     "accepted_interactions",
                                     "rejected_interactions",
                                     "toxicity_rate",
                                     "quality_gap",
                                     "avg_p",
                                     "total_welfare",
                                     "avg_payoff",
                                     "payoff_std",
                                     "gini_coefficient",
                                     "total_posts",
                                     "total_votes",
                                     "total_tasks_completed",
                                     "n_agents",
                                     "n_frozen",
                                     "n_quarantined",
                                     "avg_reputation",
                                     "reputation_std",
                                     "n_edges",
                                     "avg_degree",
                                     "avg_clustering",
                                     "n_components",
                                     "ecosystem_threat_level",
                                     "active_threats",
                                     "contagion_depth",
                                     "ecosystem_collusion_risk",
                                     "n_flagged_pairs",
                                     "avg_coordination_score",
                                     "avg_synergy_score",
                                     "tasks_completed",
                                     "avg_payoff_initiator",
                                     "governance_cost_assessed",
                                     "governance_cost_paid",
                                     "participation_rate",
                                     "acceptance_rate",
                                     "conditional_loss",
                                     "influence_gini",
                                     "cascades",
                                     "mean_cascade_size",
                                     "max_cascade_size",
                                     "max_cascade_depth",
                                     "branching_ratio",
                                     "boundary_crossings",
                                     "leakage_events",
                                     "incoherence_index",
                                     "refused_actions",
                                     NULL };

bool civ_column_known(const char *name, const char **nearest)
{
  for (int k = 0; names[k]; k++)
    if (strcmp(names[k], name) == 0)
      return true;
  if (nearest)
    *nearest = civ_name_nearest(name, names);
  return false;
}

const char *const *civ_column_names(void)
{
  return names;
}
