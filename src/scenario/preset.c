/* `model`: a preset over ordinary fields, laid under what a file or an override gives. */
#include <string.h>

#include "scenario/load.h"
#include "scenario/preset.h"

/* model: causal - the better choice wherever the reference's behaviour is kept by default. Paths whose section is not
 * there yet join when it is. */
static const civ_preset_value causal[] = {
  { "simulation.enable_transfers", "true" },
  { "simulation.payoffs_to_resources", "true" },
  { "simulation.dead_bounties", "true" },
  { "simulation.task_progress", "true" },
  { "simulation.deceptive_learning", "true" },
  { "payoff.reputation_in_payoff", "true" },
  { "governance.sybil_similarity_metric", "cosine" },
  { "marketplace.settlement", "on_submission" },
  { "marketplace.reserve_tasks", "true" },
  { NULL, NULL },
};
static const civ_preset_value reference[] = { { NULL, NULL } };

const civ_preset_value *civ_preset_values(int32_t model)
{
  return model == 1 ? causal : reference;
}

/* What an earlier model set goes back to its default. */
static civ_status forget(civ_config *config)
{
  for (uint32_t k = 0; k < config->n_blocks; k++) {
    civ_block *block = &config->blocks[k];
    for (uint32_t i = 0; i < block->table->n_fields; i++) {
      if (block->origins[i].kind != CIV_ORIGIN_PRESET)
        continue;
      if (civ_field_set_default(&block->table->fields[i], block->values, &config->arena) != CIV_OK)
        return CIV_E_NOMEM;
      block->origins[i] = (civ_origin){ 0, CIV_ORIGIN_DEFAULT };
    }
  }
  return CIV_OK;
}

civ_status civ_preset_apply(civ_config *config)
{
  const civ_scenario_config *top = civ_config_section(config, "");
  civ_status status = forget(config);
  for (const civ_preset_value *v = civ_preset_values(top->model); status == CIV_OK && v->path; v++) {
    civ_block *block;
    civ_complaint c;
    const civ_field *field = civ_schema_find(config, v->path, &block);
    if (!field || block->origins[field - block->table->fields].kind > CIV_ORIGIN_PRESET)
      continue;
    const civ_node node = civ_node_scalar(v->value, strlen(v->value), true);
    status = civ_block_set(block, field, &node, (civ_origin){ 0, CIV_ORIGIN_PRESET }, &config->arena, &c);
  }
  return status;
}
