#include "lab/watch.h"

#include <string.h>

#include "base/number.h"

static civ_status name_history(const civ_result *result, civ_history *h)
{
  const civ_scenario_config *scenario = civ_config_section(result->config, "");
  const civ_simulation_config *simulation = civ_config_section(result->config, "simulation");
  const civ_population *people = result->population;
  if (scenario->scenario_id != NULL)
    h->simulation_id = civ_arena_text(&h->arena, scenario->scenario_id, strlen(scenario->scenario_id));
  h->started = civ_parse_time(simulation->start_time, strlen(simulation->start_time), &h->started_us);
  h->seeded = true;
  h->seed = result->seed;
  h->steps_per_epoch = (uint64_t)simulation->steps_per_epoch;
  h->n_epochs = (uint64_t)simulation->n_epochs;
  h->n_agents = people->n;
  civ_status status = h->simulation_id != NULL ? CIV_OK : CIV_E_NOMEM;
  for (uint32_t a = 0; status == CIV_OK && a < people->n; a++)
    status = civ_history_add_name(h, people->name[a], civ_agent_type_names[people->type[a]], NULL);
  return status;
}

civ_status civ_watch_begin(civ_run *run, const char *snapshots, civ_history *history, civ_aggregator **out, civ_error *err)
{
  civ_result result;
  civ_snapshot_mode mode;
  civ_aggregator_options options = { 0 };
  civ_status status = civ_run_result(run, &result, err);
  if (status != CIV_OK)
    return status;
  const civ_simulation_config *simulation = civ_config_section(result.config, "simulation");
  if (!civ_snapshot_mode_read(snapshots, result.population->n, (uint64_t)simulation->n_epochs, &mode, &options.sample))
    return civ_fail(err, CIV_E_RANGE, "outputs.agent_snapshots",
                    "'%s' is none of auto, all, summary, none, sample:N with N >= 1", snapshots);
  if (name_history(&result, history) != CIV_OK)
    return civ_fail(err, CIV_E_NOMEM, "history", "out of memory");
  options.n_agents = result.population->n;
  options.types = result.population->type;
  options.mode = mode;
  options.seed = result.seed;
  civ_aggregator *a = civ_aggregator_create(&options, history);
  if (a == NULL)
    return civ_fail(err, CIV_E_NOMEM, "history", "out of memory");
  status = civ_run_attach(run, &civ_aggregator_sink, a, err);
  if (status == CIV_OK)
    *out = a;
  else
    civ_aggregator_destroy(a);
  return status;
}

civ_status civ_watch_epoch(civ_aggregator *a, civ_history *history, civ_run *run, civ_error *err)
{
  civ_result result;
  civ_status status = civ_run_result(run, &result, err);
  const uint32_t done = (uint32_t)history->n_epoch_snapshots;
  if (status != CIV_OK || result.epochs <= done)
    return status;
  const double *row = result.rows + (size_t)done * result.epoch_columns.n;
  civ_epoch_snapshot s = civ_epoch_snapshot_blank(done);
  s.time_us = result.time_us;
  civ_epoch_snapshot_from_row(&s, &result.epoch_columns, row, done > 0 ? row - result.epoch_columns.n : NULL);
  const civ_agent_states states = {
    .n = result.population->n,
    .reputation = result.population->reputation,
    .resources = result.population->resources,
    .frozen = result.population->frozen,
  };
  return civ_aggregator_close_epoch(a, &s, &states, err);
}
