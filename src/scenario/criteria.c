/* Success criteria: which names there are, and reading their bounds. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/names.h"
#include "scenario/columns.h"
#include "scenario/load.h"

static const char *const names[] = { "min_epochs",
                                     "min_agents",
                                     "toxicity_threshold",
                                     "max_avg_toxicity",
                                     "max_toxicity",
                                     "min_total_welfare",
                                     "min_welfare",
                                     "max_adversary_payoff",
                                     "min_honest_agent_payoff",
                                     "min_detection_rate",
                                     "max_undetected_collusion_pairs",
                                     "min_flagged_pairs",
                                     "max_ecosystem_collusion_risk",
                                     "min_penalty_total",
                                     "max_ecosystem_threat_level",
                                     "max_contagion_depth",
                                     "min_containment_effectiveness",
                                     "min_connected_components",
                                     "max_connected_components",
                                     "max_avg_path_length",
                                     "min_avg_coordination_score",
                                     "min_avg_synergy_score",
                                     "min_specialization_index",
                                     "min_tasks_completed",
                                     "min_completion_rate",
                                     "max_capability_concentration",
                                     "max_llm_cost_usd",
                                     "max_llm_failure_rate",
                                     NULL };
static const char *const prefixes[] = { "max_final_", "min_final_", "max_mean_", "min_mean_", NULL };

bool civ_criterion_known(const char *name, const char **nearest)
{
  for (int k = 0; names[k]; k++)
    if (strcmp(names[k], name) == 0)
      return true;
  for (int k = 0; prefixes[k]; k++) {
    const size_t n = strlen(prefixes[k]);
    if (strncmp(name, prefixes[k], n) == 0 && civ_column_known(name + n, NULL))
      return true;
  }
  *nearest = civ_name_nearest(name, names);
  return false;
}

static void assign_criterion(civ_loading *l, const civ_key *key, const civ_node *value)
{
  char path[192], shown[96];
  const char *nearest = NULL;
  snprintf(path, sizeof path, "success_criteria.%.100s", key->text);
  if (!civ_criterion_known(key->text, &nearest)) {
    civ_loading_say(l, l->flags & CIV_LOAD_LENIENT ? CIV_WARNING : CIV_ERROR, CIV_E_KEY, key->line, key->column, path,
                    nearest ? "unknown criterion; did you mean '%s'?"
                            : "unknown criterion; 'civitas explain success_criteria' lists the known ones",
                    nearest);
    return;
  }
  const bool number = value->kind == CIV_NODE_INTEGER || value->kind == CIV_NODE_REAL;
  const double bound = value->kind == CIV_NODE_INTEGER ? (double)value->integer : number ? value->real : NAN;
  if (!isfinite(bound)) {
    civ_node_describe(value, shown, sizeof shown);
    civ_loading_say(l, CIV_ERROR, number ? CIV_E_RANGE : CIV_E_TYPE, value->line, value->column, path,
                    "%s is no bound; write a finite number", shown);
    return;
  }
  if (civ_config_add_criterion(l->config, key->text, bound, key->line) != CIV_OK)
    civ_loading_no_memory(l);
}

void civ_assign_criteria(civ_loading *l, const civ_node *node)
{
  if (!node || node->kind == CIV_NODE_NULL)
    return;
  if (node->kind != CIV_NODE_MAP) {
    civ_loading_say(l, CIV_ERROR, CIV_E_TYPE, node->line, node->column, "success_criteria",
                    "write a mapping, such as {max_toxicity: 0.3}");
    return;
  }
  for (uint32_t k = 0; k < node->n; k++)
    assign_criterion(l, &node->keys[k], &node->items[k]);
}

const char *const *civ_criterion_names(void)
{
  return names;
}
