/* Success criteria: which names there are, and reading their bounds. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/names.h"
#include "scenario/columns.h"
#include "scenario/load.h"

static const civ_criterion_doc names[] = {
  { "min_epochs", "completed epochs are at least this many" },
  { "min_agents", "registered agents are at least this many" },
  { "toxicity_threshold", "mean toxicity over the epochs is at most this" },
  { "max_avg_toxicity", "mean toxicity over the epochs is at most this" },
  { "max_toxicity", "mean toxicity over the epochs is at most this" },
  { "min_total_welfare", "total welfare, summed over the epochs, is at least this" },
  { "min_welfare", "total welfare, summed over the epochs, is at least this" },
  { "max_adversary_payoff", "mean total payoff of adversarial agents, adaptive ones included, is at most this" },
  { "min_honest_agent_payoff", "mean total payoff of honest agents is at least this" },
  { "min_detection_rate", "share of adversaries named by a selective detection is at least this" },
  { "max_undetected_collusion_pairs",
    "pairs of adversaries that deal with each other without being listed are at most this many" },
  { "min_flagged_pairs", "pairs flagged for collusion at the end are at least this many" },
  { "max_ecosystem_collusion_risk", "collusion risk at the end is at most this" },
  { "min_penalty_total", "penalties on malicious agents by collusion, security and Sybil levers are at least this" },
  { "max_ecosystem_threat_level", "threat level at the end is at most this" },
  { "max_contagion_depth", "the deepest contagion of the run is at most this" },
  { "min_containment_effectiveness", "containment effectiveness at the end is at least this" },
  { "min_connected_components", "components of the network at the end are at least this many" },
  { "max_connected_components", "components of the network at the end are at most this many" },
  { "max_avg_path_length", "average path length at the end is at most this" },
  { "min_avg_coordination_score", "coordination score at the end is at least this" },
  { "min_avg_synergy_score", "synergy score at the end is at least this" },
  { "min_specialization_index", "specialization index at the end is at least this" },
  { "min_tasks_completed", "completed composite tasks are at least this many" },
  { "min_completion_rate", "share of composite tasks that were completed is at least this" },
  { "max_capability_concentration", "largest share of subtasks done by one agent is at most this" },
  { "max_llm_cost_usd", "cost of language models in USD is at most this" },
  { "max_llm_failure_rate", "share of failed requests to language models is at most this" },
  { NULL, NULL },
};
static const char *const prefixes[] = { "max_final_", "min_final_", "max_mean_", "min_mean_", NULL };

bool civ_criterion_known(const char *name, const char **nearest)
{
  civ_name_search near = civ_name_search_for(name);
  for (const civ_criterion_doc *c = names; c->name; c++)
    if (strcmp(c->name, name) == 0)
      return true;
    else
      civ_name_offer(&near, c->name);
  for (int k = 0; prefixes[k]; k++) {
    const size_t n = strlen(prefixes[k]);
    if (strncmp(name, prefixes[k], n) == 0 && civ_column_known(name + n, NULL))
      return true;
  }
  *nearest = near.best;
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

const civ_criterion_doc *civ_criterion_docs(void)
{
  return names;
}
