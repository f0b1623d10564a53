#include "lab/watch.h"

#include <stdlib.h>
#include <string.h>

#include "base/number.h"

struct civ_watch {
  civ_run *run;
  civ_aggregator *aggregator;
  civ_columns columns;
};

civ_status civ_history_name(civ_history *h, const civ_config *config, uint64_t seed, uint32_t n_agents,
                            const char *const *names, const uint8_t *types)
{
  const civ_scenario_config *scenario = civ_config_section(config, "");
  const civ_simulation_config *simulation = civ_config_section(config, "simulation");
  if (scenario->scenario_id != NULL)
    h->simulation_id = civ_arena_text(&h->arena, scenario->scenario_id, strlen(scenario->scenario_id));
  h->started = civ_parse_time(simulation->start_time, strlen(simulation->start_time), &h->started_us);
  h->seeded = true;
  h->seed = seed;
  h->steps_per_epoch = (uint64_t)simulation->steps_per_epoch;
  h->n_epochs = (uint64_t)simulation->n_epochs;
  h->n_agents = n_agents;
  civ_status status = h->simulation_id != NULL ? CIV_OK : CIV_E_NOMEM;
  for (uint32_t a = 0; status == CIV_OK && a < n_agents; a++)
    status = civ_history_lend_name(h, names[a], civ_agent_type_names[types[a]]);
  return status;
}

static civ_status begin(void *self, const civ_roster *roster, const civ_columns *columns, civ_error *err)
{
  (void)roster;
  (void)err;
  ((civ_watch *)self)->columns = *columns;
  return CIV_OK;
}

static void interaction(void *self, const civ_interaction *record, double payoff_a, double payoff_b)
{
  civ_aggregator_sink.interaction(((civ_watch *)self)->aggregator, record, payoff_a, payoff_b);
}

static civ_status epoch(void *self, uint32_t number, const double *row, civ_error *err)
{
  civ_watch *w = self;
  civ_result now;
  const civ_status status = civ_run_result(w->run, &now, err);
  if (status != CIV_OK)
    return status;
  const civ_epoch_snapshot known = civ_aggregator_know(w->aggregator, number, now.time_us, &w->columns, row);
  const civ_agent_states states = {
    .n = now.population->n,
    .reputation = now.population->reputation,
    .resources = now.population->resources,
    .frozen = now.population->frozen,
  };
  return civ_aggregator_close_epoch(w->aggregator, &known, &states, err);
}

static const civ_sink watch_sink = {
  .version = CIV_PART_VERSION,
  .name = "watch",
  .begin = begin,
  .interaction = interaction,
  .epoch = epoch,
};

static civ_status out_of_memory(civ_error *err)
{
  return civ_fail(err, CIV_E_NOMEM, "history", "out of memory");
}

static civ_status fill(civ_watch *w, const char *snapshots, civ_history *history, civ_error *err)
{
  civ_result now;
  civ_snapshot_mode mode;
  civ_aggregator_options options = { 0 };
  const civ_status status = civ_run_result(w->run, &now, err);
  if (status != CIV_OK)
    return status;
  const civ_simulation_config *simulation = civ_config_section(now.config, "simulation");
  if (!civ_snapshot_mode_read(snapshots, now.population->n, (uint64_t)simulation->n_epochs, &mode, &options.sample))
    return civ_fail(err, CIV_E_RANGE, "outputs.agent_snapshots",
                    "'%s' is none of auto, all, summary, none, sample:N with N >= 1", snapshots);
  if (civ_history_name(history, now.config, now.seed, now.population->n, now.population->name, now.population->type) !=
      CIV_OK)
    return out_of_memory(err);
  options.n_agents = now.population->n;
  options.types = now.population->type;
  options.mode = mode;
  options.seed = now.seed;
  w->aggregator = civ_aggregator_create(&options, history);
  return w->aggregator != NULL ? civ_run_attach(w->run, &watch_sink, w, err) : out_of_memory(err);
}

civ_status civ_watch_create(civ_run *run, const char *snapshots, civ_history *history, civ_watch **out, civ_error *err)
{
  civ_watch *w = calloc(1, sizeof *w);
  if (w == NULL)
    return out_of_memory(err);
  w->run = run;
  const civ_status status = fill(w, snapshots, history, err);
  if (status != CIV_OK)
    civ_watch_destroy(w);
  else
    *out = w;
  return status;
}

void civ_watch_destroy(civ_watch *w)
{
  if (w == NULL)
    return;
  civ_aggregator_destroy(w->aggregator);
  free(w);
}

civ_aggregator *civ_watch_aggregator(civ_watch *w)
{
  return w->aggregator;
}
