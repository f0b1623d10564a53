#include "civitas/run.h"

#include "base/bytes.h"
#include "base/digest.h"
#include "sim/run_state.h"

civ_status civ_run_create(const civ_config *config, const civ_run_options *options, civ_run **out, civ_error *err)
{
  static const civ_run_options none = { 0 };
  const civ_allocator *outer = options && options->allocator ? options->allocator : &civ_allocator_malloc;
  civ_run *run = civ_zeroed(outer, 1, sizeof *run);
  if (!run)
    return civ_fail(err, CIV_E_NOMEM, "run", "out of memory while building the run");
  run->outer = outer;
  run->config = config;
  const civ_status st = civ_sim_build(run, options ? options : &none, err);
  if (st != CIV_OK) {
    civ_run_destroy(run);
    return st;
  }
  *out = run;
  return CIV_OK;
}

void civ_run_destroy(civ_run *run)
{
  if (!run)
    return;
  civ_sim_dismantle(run);
  civ_release(run->outer, run, sizeof *run);
}

civ_status civ_run_attach(civ_run *run, const civ_sink *sink, void *self, civ_error *err)
{
  if (run->begun)
    return civ_fail(err, CIV_E_STATE, sink->name, "a sink is attached before the first step");
  if (run->n_sinks == MAX_SINKS)
    return civ_fail(err, CIV_E_LIMIT, sink->name, "a run has at most %d sinks", MAX_SINKS);
  if (sink->version != CIV_PART_VERSION)
    return civ_fail(err, CIV_E_STATE, sink->name, "this sink was built for part interface %u, this library has %u",
                    sink->version, CIV_PART_VERSION);
  run->sinks[run->n_sinks++] = (sink_slot){ sink, self };
  run->listening |= sink->wants_events;
  run->listening_full |= sink->wants_events && sink->wants_full;
  run->digesting |= sink->wants_digest;
  return CIV_OK;
}

civ_status civ_run_hook(civ_run *run, const civ_run_hooks *hooks, civ_error *err)
{
  if (run->n_hooks == MAX_HOOKS)
    return civ_fail(err, CIV_E_LIMIT, "run", "a run has at most %d sets of hooks", MAX_HOOKS);
  run->hooks[run->n_hooks++] = *hooks;
  return CIV_OK;
}

/* --- steps ----------------------------------------------------------------------------------------------------------- */

civ_status civ_run_begin(civ_run *run, civ_error *err)
{
  if (run->begun)
    return CIV_OK;
  run->begun = true;
  const civ_roster roster = { run->people.view.n, run->people.name, run->people.type, run->people.variant };
  const civ_columns columns = { run->n_columns, run->columns };
  for (uint32_t k = 0; k < run->n_sinks; k++)
    if (run->sinks[k].table->begin) {
      const civ_status st = run->sinks[k].table->begin(run->sinks[k].self, &roster, &columns, err);
      if (st != CIV_OK)
        return st;
    }
  return run->resumed ? CIV_OK : civ_sim_emit_opening(run, err);
}

static bool epoch_is_full(const civ_run *run)
{
  return run->step >= run->simulation->steps_per_epoch;
}

static void close_step(civ_run *run)
{
  civ_event storage, *event;
  const uint64_t digest = run->digesting ? civ_run_digest(run) : 0;
  event = civ_sim_event(run, &storage, CIV_EVENT_STEP_COMPLETED);
  if (event) {
    event->values[0].integer = (int64_t)digest;
    civ_sim_send(run, event);
  }
  for (uint32_t k = 0; k < run->n_sinks; k++)
    if (run->sinks[k].table->step)
      run->sinks[k].table->step(run->sinks[k].self, run->epoch, run->step, digest);
  run->step++;
  run->steps_done++;
}

/* One step: nothing in here asks for memory (civ_sim_reserve did) and nothing in here can fail. */
static void step(civ_run *run)
{
  const bool together = run->simulation->turn_mode == CIV_SIMULTANEOUS;
  for (uint32_t k = 0; k < run->levers_step_begin.n; k++) {
    const lever_slot *l = &run->levers[run->levers_step_begin.at[k]];
    l->table->step_begin(l->self);
  }
  for (uint32_t k = 0; k < run->worlds_step_begin.n; k++) {
    const world_slot *w = &run->worlds[run->worlds_step_begin.at[k]];
    w->table->step_begin(w->self);
  }
  civ_sim_schedule(run);
  if (together)
    civ_sim_turns_simultaneous(run);
  else
    civ_sim_turns(run);
  if (together)
    civ_sim_resolve_simultaneous(run);
  else
    civ_sim_resolve(run);
  for (uint32_t k = 0; k < run->worlds_step_end.n; k++) {
    const world_slot *w = &run->worlds[run->worlds_step_end.at[k]];
    w->table->step_end(w->self);
  }
}

/* Over when the epochs are done, a lever stopped the run, or somebody interrupted it. */
static bool over(civ_run *run)
{
  if (run->end == CIV_RUNNING && !run->epoch_open) {
    if (run->stopping)
      run->end = CIV_END_KILLED;
    else if (run->epoch >= run->simulation->n_epochs)
      run->end = CIV_END_DONE;
  }
  if (run->end == CIV_RUNNING && atomic_load_explicit(&run->interrupt, memory_order_relaxed))
    run->end = CIV_END_INTERRUPTED;
  return run->end != CIV_RUNNING;
}

civ_status civ_run_step(civ_run *run, civ_end *end, civ_error *err)
{
  civ_status st = civ_run_begin(run, err);
  if (st != CIV_OK)
    return st;
  if (over(run)) {
    *end = run->end;
    return CIV_OK;
  }
  if (run->paused)
    return civ_fail(err, CIV_E_STATE, "run", "the run is paused: resume it before the next step");
  if (!run->epoch_open)
    st = civ_sim_epoch_begin(run, err);
  if (st == CIV_OK && !epoch_is_full(run)) {
    st = civ_sim_reserve(run, err);
    if (st != CIV_OK)
      return st;
    run->sealed = true;
    step(run);
    run->sealed = false;
    close_step(run);
  }
  if (st == CIV_OK && epoch_is_full(run))
    st = civ_sim_epoch_end(run, err);
  over(run);
  *end = run->end;
  return st;
}

civ_status civ_run_epoch(civ_run *run, civ_end *end, civ_error *err)
{
  const uint32_t epoch = run->epoch;
  do {
    const civ_status st = civ_run_step(run, end, err);
    if (st != CIV_OK)
      return st;
  } while (*end == CIV_RUNNING && run->epoch == epoch);
  return CIV_OK;
}

static void finish_parts(civ_run *run)
{
  for (uint32_t k = 0; k < run->n_worlds; k++)
    if (run->worlds[k].table->finish)
      run->worlds[k].table->finish(run->worlds[k].self);
  for (uint32_t k = 0; k < run->n_levers; k++)
    if (run->levers[k].table->finish)
      run->levers[k].table->finish(run->levers[k].self);
}

civ_status civ_run_finish(civ_run *run, civ_error *err)
{
  if (run->finished)
    return CIV_OK;
  civ_status st = civ_run_begin(run, err);
  if (st != CIV_OK)
    return st;
  over(run);
  run->finished = true;
  /* An interrupted run has no end: its log is a beginning that a resumed run can go on from. */
  if (run->end == CIV_END_DONE || run->end == CIV_END_KILLED) {
    finish_parts(run);
    st = civ_sim_emit_closing(run, err);
  }
  for (uint32_t k = 0; k < run->n_sinks; k++)
    if (run->sinks[k].table->end) {
      const civ_status ended = run->sinks[k].table->end(run->sinks[k].self, st == CIV_OK ? err : NULL);
      st = st == CIV_OK ? ended : st;
    }
  return st;
}

civ_status civ_run_all(civ_run *run, civ_end *end, civ_error *err)
{
  *end = CIV_RUNNING;
  while (*end == CIV_RUNNING) {
    const civ_status st = civ_run_epoch(run, end, err);
    if (st != CIV_OK)
      return st;
  }
  return civ_run_finish(run, err);
}

/* --- control ---------------------------------------------------------------------------------------------------------- */

void civ_run_interrupt(civ_run *run)
{
  atomic_store_explicit(&run->interrupt, true, memory_order_relaxed);
}

void civ_run_pause(civ_run *run)
{
  const civ_safety_config *safety = civ_config_section(run->config, "safety");
  if (safety->kill_switch_enabled)
    run->paused = true;
}

void civ_run_resume(civ_run *run)
{
  run->paused = false;
}
bool civ_run_paused(const civ_run *run)
{
  return run->paused;
}

void civ_run_now(const civ_run *run, uint32_t *epoch, uint32_t *step_out)
{
  *epoch = run->epoch;
  *step_out = run->step;
}

static civ_status check_agent(const civ_run *run, civ_agent a, civ_error *err)
{
  if (a < run->people.view.n)
    return CIV_OK;
  return civ_fail(err, CIV_E_RANGE, "agent", "there is no agent %u: the run has %u", a, run->people.view.n);
}

civ_status civ_run_execute(civ_run *run, civ_agent a, const civ_action *action, bool *ok, civ_error *err)
{
  civ_status st = check_agent(run, a, err);
  if (st == CIV_OK)
    st = civ_run_begin(run, err);
  if (st == CIV_OK && over(run))
    st = civ_fail(err, CIV_E_STATE, "run", "the run is over");
  if (st == CIV_OK && !run->epoch_open)
    st = civ_sim_epoch_begin(run, err);
  if (st == CIV_OK)
    st = civ_sim_reserve(run, err);
  if (st != CIV_OK)
    return st;
  civ_action mine = *action;
  *ok = civ_sim_execute(run, a, &mine, civ_sim_speaker(run, a, CIV_ROLES));
  civ_proposals_compact(&run->open);
  return CIV_OK;
}

civ_status civ_run_freeze(civ_run *run, civ_agent a, bool frozen, civ_error *err)
{
  civ_status st = check_agent(run, a, err);
  if (st == CIV_OK && civ_population_reserve(&run->people, 1) != CIV_OK)
    st = civ_fail(err, CIV_E_NOMEM, "run", "out of memory");
  if (st == CIV_OK && frozen)
    run->host.call->freeze(&run->host, a, "program");
  else if (st == CIV_OK && civ_population_set_frozen(&run->people, a, false)) {
    civ_event storage, *event = civ_sim_event(run, &storage, CIV_EVENT_AGENT_UNFROZEN);
    if (event) {
      event->agent = a;
      event->values[0].text = "program";
      event->values[1].integer = INT64_MIN;
      civ_sim_send(run, event);
    }
  }
  return st;
}

/* --- results ---------------------------------------------------------------------------------------------------------- */

static uint64_t parts_digest(civ_run *run, uint64_t d)
{
  for (uint32_t k = 0; k < run->n_worlds; k++)
    if (run->worlds[k].table->digest)
      d = civ_digest_mix(d, run->worlds[k].table->digest(run->worlds[k].self), k);
  for (uint32_t k = 0; k < run->n_levers; k++)
    if (run->levers[k].table->digest)
      d = civ_digest_mix(d, run->levers[k].table->digest(run->levers[k].self), k);
  for (uint32_t k = 0; k < run->n_policies; k++)
    if (run->policies[k].table->digest)
      d = civ_digest_mix(d, run->policies[k].table->digest(run->policies[k].self), k);
  for (int k = 0; k < CIV_ROLES; k++)
    if (run->roles_in_use[k].self && run->roles_in_use[k].table->digest)
      d = civ_digest_mix(d, run->roles_in_use[k].table->digest(run->roles_in_use[k].self), (uint64_t)k);
  return d;
}

uint64_t civ_run_digest(civ_run *run)
{
  uint64_t d = civ_digest_mix(run->seed, run->epoch, run->step);
  d = civ_digest_mix(d, run->next_interaction, run->moment);
  d = civ_population_digest(&run->people, d);
  d = civ_proposals_digest(&run->open, d);
  return parts_digest(run, d);
}

civ_status civ_run_result(civ_run *run, civ_result *out, civ_error *err)
{
  (void)err;
  civ_sim_totals(run);
  *out = (civ_result){ .config = run->config,
                       .seed = run->seed,
                       .end = run->end,
                       .stop_reason = run->effect.stop_reason,
                       .stop_value = run->effect.stop_value,
                       .epochs = run->epoch,
                       .steps = run->steps_done,
                       .agent_steps = run->agent_steps,
                       .time_us = run->clock_us,
                       .epoch_columns = { run->n_columns, run->columns },
                       .rows = run->rows,
                       .total_columns = { run->n_totals, run->total_decls },
                       .totals = run->totals,
                       .population = &run->people.view,
                       .roles = run->roles,
                       .primary_role = run->primary_role,
                       .pending = run->open.n_open,
                       .metrics = &run->metrics,
                       .digest = civ_run_digest(run) };
  return CIV_OK;
}
