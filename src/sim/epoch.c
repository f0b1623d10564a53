/* An epoch's begin and end: levers, worlds, the row of metrics, and what is reset. */
#include <math.h>

#include "sim/run_state.h"

/* Columns the loop itself adds behind those of the metric fold. */
enum {
  OWN_REFUSED,
  OWN_AGENTS,
  OWN_FROZEN,
  OWN_REPUTATION,
  OWN_REPUTATION_STD,
  OWN_RESOURCES,
  OWN_PENDING,
  OWN_COST_ASSESSED,
  OWN_COST_PAID,
  OWN_COLUMNS
};

static const civ_metric_decl own_columns[OWN_COLUMNS] = {
  { "refused_actions", true, "actions refused by limits and rails in the epoch" },
  { "n_agents", true, "registered agents" },
  { "n_frozen", true, "agents frozen at the end of the epoch" },
  { "avg_reputation", false, "mean reputation over all agents" },
  { "reputation_std", false, "population standard deviation of reputation" },
  { "total_resources", false, "sum of resources over all agents" },
  { "pending_proposals", true, "proposals still open at the end of the epoch" },
  { "governance_cost_assessed", false, "costs levers laid on both sides of the epoch's interactions" },
  { "governance_cost_paid", false, "those of accepted interactions, which alone are paid" },
};

static uint32_t find_column(const civ_run *run, const char *name)
{
  for (uint32_t k = 0; k < run->n_columns; k++)
    if (strcmp(run->columns[k].name, name) == 0)
      return k;
  return run->n_columns;
}

/* Declared metrics of one part: a name that stands already is filled by the part, others become new columns. */
static void add_part_columns(civ_run *run, const civ_metric_decl *decls, uint32_t *at)
{
  for (; decls && decls->name; decls++) {
    const uint32_t column = find_column(run, decls->name);
    if (column == run->n_columns)
      run->columns[run->n_columns++] = *decls;
    run->part_column[(*at)++] = column;
  }
}

static uint32_t count_decls(const civ_metric_decl *decls)
{
  uint32_t n = 0;
  while (decls && decls[n].name)
    n++;
  return n;
}

civ_status civ_sim_columns_init(civ_run *run, civ_error *err)
{
  uint32_t parts = 0;
  for (uint32_t k = 0; k < run->n_worlds; k++) {
    run->worlds[k].first_metric = parts;
    parts += count_decls(run->worlds[k].table->epoch_metrics);
  }
  for (uint32_t k = 0; k < run->n_levers; k++) {
    run->levers[k].first_metric = parts;
    parts += count_decls(run->levers[k].table->epoch_metrics);
  }
  const uint32_t most = CIV_EPOCH_COLUMNS + OWN_COLUMNS + parts;
  run->columns_made = most; /* before the first of them is there: taking down goes by these */
  run->part_metrics = parts;
  run->columns = civ_zeroed(run->outer, most, sizeof *run->columns);
  run->part_column = civ_zeroed(run->outer, parts + 1, sizeof *run->part_column);
  run->row = civ_zeroed(run->outer, most + parts, sizeof *run->row);
  if (!run->columns || !run->part_column || !run->row)
    return civ_fail(err, CIV_E_NOMEM, "run", "out of memory while preparing %u metric columns", most);
  for (uint32_t k = 0; k < CIV_EPOCH_COLUMNS; k++)
    run->columns[run->n_columns++] = civ_epoch_metric_decls[k];
  for (uint32_t k = 0; k < OWN_COLUMNS; k++)
    run->columns[run->n_columns++] = own_columns[k];
  uint32_t at = 0;
  for (uint32_t k = 0; k < run->n_worlds; k++)
    add_part_columns(run, run->worlds[k].table->epoch_metrics, &at);
  for (uint32_t k = 0; k < run->n_levers; k++)
    add_part_columns(run, run->levers[k].table->epoch_metrics, &at);
  return CIV_OK;
}

/* --- the row ---------------------------------------------------------------------------------------------------------- */

static void fill_own(civ_run *run, double *own)
{
  const population *p = &run->people;
  const uint32_t n = p->view.n;
  double mean = 0, m2 = 0, resources = 0;
  for (uint32_t a = 0; a < n; a++) {
    const double d = p->reputation[a] - mean;
    mean += d / (double)(a + 1);
    m2 += d * (p->reputation[a] - mean);
    resources += p->resources[a];
  }
  own[OWN_REFUSED] = (double)run->refused_actions;
  own[OWN_AGENTS] = n;
  own[OWN_FROZEN] = n - p->active.count;
  own[OWN_REPUTATION] = mean;
  own[OWN_REPUTATION_STD] = n > 1 ? sqrt(m2 / n) : 0;
  own[OWN_RESOURCES] = resources;
  own[OWN_PENDING] = run->open.n_open;
  own[OWN_COST_ASSESSED] = run->epoch_cost_assessed;
  own[OWN_COST_PAID] = run->epoch_cost_paid;
}

static void fill_part(civ_run *run, uint32_t first, const civ_metric_decl *decls, void *self,
                      void (*report)(void *self, double *values))
{
  const uint32_t n = count_decls(decls);
  if (n == 0 || !report)
    return;
  double *values = run->row + run->columns_made; /* scratch behind the row */
  report(self, values);
  for (uint32_t k = 0; k < n; k++)
    run->row[run->part_column[first + k]] = values[k];
}

static void fill_row(civ_run *run)
{
  memset(run->row, 0, run->n_columns * sizeof *run->row);
  civ_epoch_metrics_read(run->epoch_metrics, run->epoch, run->row);
  fill_own(run, run->row + CIV_EPOCH_COLUMNS);
  for (uint32_t k = 0; k < run->n_worlds; k++)
    fill_part(run, run->worlds[k].first_metric, run->worlds[k].table->epoch_metrics, run->worlds[k].self,
              run->worlds[k].table->epoch_report);
  for (uint32_t k = 0; k < run->n_levers; k++)
    fill_part(run, run->levers[k].first_metric, run->levers[k].table->epoch_metrics, run->levers[k].self,
              run->levers[k].table->epoch_report);
}

static civ_status keep_row(civ_run *run, civ_error *err)
{
  const size_t used = (size_t)run->epoch * run->n_columns;
  if (civ_grow(run->outer, (void **)&run->rows, &run->rows_capacity, used + run->n_columns, sizeof *run->rows) !=
      CIV_OK)
    return civ_fail(err, CIV_E_NOMEM, "run", "out of memory while keeping the metrics of epoch %u", run->epoch);
  memcpy(run->rows + used, run->row, run->n_columns * sizeof *run->rows);
  return CIV_OK;
}

/* --- begin and end ------------------------------------------------------------------------------------------------------ */

/* Room for what levers may order of everybody at an epoch's begin. */
static civ_status reserve_orders(civ_run *run)
{
  const uint32_t n = run->people.view.n;
  civ_status st = civ_population_reserve(&run->people, (size_t)n * (run->n_levers + 1));
  for (uint32_t k = 0; st == CIV_OK && k < run->n_levers; k++)
    if (run->levers[k].table->accounted && run->levers[k].table->epoch_begin) {
      st = civ_effect_reserve(&run->effect, n);
      break;
    }
  return st;
}

static civ_status out_of_memory(const civ_run *run, civ_error *err)
{
  return civ_fail(err, CIV_E_NOMEM, "run", "out of memory in epoch %u", run->epoch);
}

civ_status civ_sim_epoch_begin(civ_run *run, civ_error *err)
{
  if (run->n_levers && reserve_orders(run) != CIV_OK)
    return out_of_memory(run, err);
  civ_effect_clear(&run->effect);
  for (uint32_t k = 0; k < run->n_levers; k++)
    if (run->levers[k].table->epoch_begin) {
      run->effect.lever = k;
      run->levers[k].table->epoch_begin(run->levers[k].self, run->epoch, &run->effect);
    }
  civ_sim_apply_effect(run);
  for (uint32_t k = 0; k < run->n_worlds; k++)
    if (run->worlds[k].table->epoch_begin)
      run->worlds[k].table->epoch_begin(run->worlds[k].self);
  run->epoch_open = true;
  return run->effect.failed ? out_of_memory(run, err) : CIV_OK;
}

static void emit_paused(civ_run *run)
{
  civ_event storage, *event = civ_sim_event(run, &storage, CIV_EVENT_SIMULATION_PAUSED);
  if (!event)
    return;
  event->values[0].text = run->effect.stop_reason;
  event->values[1].real = run->effect.stop_value;
  civ_sim_send(run, event);
}

static void ask_levers_at_end(civ_run *run)
{
  const bool stopped = run->effect.stop;
  civ_effect_clear(&run->effect);
  for (uint32_t k = 0; k < run->n_levers; k++)
    if (run->levers[k].table->epoch_end) {
      run->effect.lever = k;
      run->levers[k].table->epoch_end(run->levers[k].self, run->row, &run->effect);
    }
  civ_sim_apply_effect(run);
  if (run->effect.stop && !stopped)
    emit_paused(run);
}

/* Proposals that have waited their whole time are forgotten. */
static void expire_proposals(civ_run *run)
{
  const civ_rate_limits_config *limits = civ_config_section(run->config, "rate_limits");
  if (!limits->proposal_ttl_epochs.set)
    return;
  for (uint32_t i = 0; i < run->open.n; i++)
    if (run->open.open[i] && run->epoch + 1 - run->open.items[i].epoch >= limits->proposal_ttl_epochs.value)
      civ_proposals_close(&run->open, i);
  civ_proposals_compact(&run->open);
}

static civ_status tell_sinks(civ_run *run, civ_error *err)
{
  for (uint32_t k = 0; k < run->n_sinks; k++)
    if (run->sinks[k].table->epoch) {
      const civ_status st = run->sinks[k].table->epoch(run->sinks[k].self, run->epoch, run->row, err);
      if (st != CIV_OK)
        return st;
    }
  return CIV_OK;
}

civ_status civ_sim_epoch_end(civ_run *run, civ_error *err)
{
  for (uint32_t k = 0; k < run->n_worlds; k++)
    if (run->worlds[k].table->epoch_end)
      run->worlds[k].table->epoch_end(run->worlds[k].self);
  fill_row(run);
  civ_status st = keep_row(run, err);
  if (st != CIV_OK)
    return st;
  run->empty_epochs += run->row[CIV_EPOCH_TOTAL_INTERACTIONS] == 0;
  run->frozen_agent_epochs += run->people.view.n - run->people.active.count;
  civ_sim_emit_states(run, true);
  st = civ_sim_emit_epoch(run, err);
  if (st != CIV_OK)
    return st;
  st = tell_sinks(run, err);
  ask_levers_at_end(run);
  for (uint32_t k = 0; k < run->n_hooks; k++)
    if (run->hooks[k].epoch)
      run->hooks[k].epoch(run->hooks[k].self, run->epoch, run->row);
  expire_proposals(run);
  civ_epoch_metrics_reset(run->epoch_metrics);
  run->refused_actions = 0;
  run->epoch_cost_assessed = run->epoch_cost_paid = 0;
  run->epoch++;
  run->step = 0;
  run->epoch_open = false;
  return st == CIV_OK && run->effect.failed ? out_of_memory(run, err) : st;
}
