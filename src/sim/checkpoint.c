/* Checkpoints: the state between two epochs as bytes. Each room writes its own chunk; nothing that follows from the
 * configuration is written, and a load checks that it meets the same configuration. */
#include "base/bytes.h"
#include "civitas/version.h"
#include "sim/report_bytes.h"
#include "sim/run_state.h"

static void save_head(const civ_run *run, const char *sha256, civ_bytes *out)
{
  civ_bytes_open(out, "HEAD");
  civ_bytes_put_u32(out, CIV_CHECKPOINT_FORMAT);
  civ_bytes_put_u32(out, CIV_RESULTS_VERSION);
  civ_bytes_put_u32(out, CIV_RNG_VERSION);
  civ_bytes_put_block(out, sha256, 64);
  civ_bytes_put_u64(out, run->seed);
  civ_bytes_close(out);
}

/* Why the run is to end, if it is. */
static void save_stop(const civ_run *run, civ_bytes *out)
{
  const char *reason = run->stopping && run->effect.stop_reason ? run->effect.stop_reason : "";
  const size_t length = strnlen(reason, sizeof run->stop_reason - 1);
  civ_bytes_put_u8(out, run->stopping);
  civ_bytes_put_real(out, run->effect.stop_value);
  civ_bytes_put_u32(out, (uint32_t)length);
  civ_bytes_put_block(out, reason, length);
}

static void save_clock(const civ_run *run, civ_bytes *out)
{
  civ_bytes_open(out, "CLCK");
  civ_bytes_put_u32(out, run->epoch);
  civ_bytes_put_u64(out, run->moment);
  civ_bytes_put_u64(out, run->steps_done);
  civ_bytes_put_u64(out, run->agent_steps);
  civ_bytes_put_u64(out, run->next_interaction);
  civ_bytes_put_u64(out, (uint64_t)run->clock_us);
  civ_bytes_put_u8(out, run->begun || run->resumed);
  save_stop(run, out);
  civ_bytes_put_u64(out, run->refused_total);
  civ_bytes_put_u64(out, run->frozen_agent_epochs);
  civ_bytes_put_u64(out, run->empty_epochs);
  civ_bytes_put_real(out, run->total_cost_a);
  civ_bytes_put_real(out, run->total_cost_b);
  civ_bytes_put_u64(out, run->costed_interactions);
  civ_bytes_put_u64s(out, run->event_count, run->n_event_forms);
  civ_bytes_put_u64s(out, (const uint64_t *)run->attempted, (size_t)run->n_policies * CIV_ACTION_KINDS);
  civ_bytes_put_u64s(out, (const uint64_t *)run->succeeded, (size_t)run->n_policies * CIV_ACTION_KINDS);
  civ_bytes_close(out);
}

static void save_accounts(const civ_effect *e, civ_bytes *out)
{
  for (uint32_t k = 0; k < e->n_levers; k++) {
    const lever_account *l = &e->accounts[k];
    const double reals[] = { l->cost, l->cost_a, l->cost_b, l->reputation, l->resources };
    for (size_t i = 0; i < sizeof reals / sizeof *reals; i++)
      civ_bytes_put_real(out, reals[i]);
    civ_bytes_put_u64(out, l->freezes);
    civ_bytes_put_u64(out, l->thaws);
  }
  if (e->penalties)
    civ_bytes_put_reals(out, e->penalties, e->agents);
}

/* The pooled accumulator is plain numbers between its configuration and its end. */
static void save_reports(const civ_run *run, civ_bytes *out)
{
  civ_bytes_open(out, "RPRT");
  civ_metrics_save(&run->metrics, out);
  civ_bytes_put_reals(out, run->rows, (size_t)run->epoch * run->n_columns);
  civ_bytes_put_u64(out, run->effect.freeze_orders);
  civ_bytes_put_u64(out, run->effect.unfreeze_orders);
  save_accounts(&run->effect, out);
  civ_bytes_close(out);
}

static void save_ring(const civ_run *run, civ_bytes *out)
{
  civ_bytes_open(out, "RING");
  civ_bytes_put_u32(out, run->ring_length);
  for (size_t k = 0; run->ring_length && k < run->people.view.n; k++)
    civ_bytes_put_u32(out, run->ring_at[k]);
  for (size_t k = 0; k < (size_t)run->people.view.n * run->ring_length; k++)
    civ_interaction_save(&run->ring[k], out);
  civ_bytes_close(out);
}

static void save_part(civ_bytes *out, void *self, civ_status (*save)(void *self, civ_bytes *out), civ_status *st)
{
  civ_bytes_open(out, "PART");
  if (save && *st == CIV_OK)
    *st = save(self, out);
  civ_bytes_close(out);
}

civ_status civ_run_save(civ_run *run, civ_bytes *out, civ_error *err)
{
  char sha256[65];
  if (run->epoch_open)
    return civ_fail(err, CIV_E_STATE, "run", "a checkpoint is taken between two epochs, not within epoch %u",
                    run->epoch);
  civ_status st = civ_config_sha256(run->config, sha256, err);
  if (st != CIV_OK)
    return st;
  save_head(run, sha256, out);
  save_clock(run, out);
  save_reports(run, out);
  save_ring(run, out);
  civ_population_save(&run->people, out);
  civ_proposals_save(&run->open, out);
  for (uint32_t k = 0; k < run->n_worlds; k++)
    save_part(out, run->worlds[k].self, run->worlds[k].table->save, &st);
  for (uint32_t k = 0; k < run->n_levers; k++)
    save_part(out, run->levers[k].self, run->levers[k].table->save, &st);
  for (uint32_t k = 0; k < run->n_policies; k++)
    save_part(out, run->policies[k].self, run->policies[k].table->save, &st);
  for (int k = 0; k < CIV_ROLES; k++)
    if (run->roles_in_use[k].self)
      save_part(out, run->roles_in_use[k].self, run->roles_in_use[k].table->save, &st);
  if (st != CIV_OK || out->failed)
    return civ_fail(err, st == CIV_OK ? CIV_E_NOMEM : st, "checkpoint",
                    "out of memory while writing the state of epoch %u", run->epoch);
  return CIV_OK;
}

/* --- load --------------------------------------------------------------------------------------------------------------- */

static civ_status load_head(civ_run *run, civ_bytes_reader *in, civ_error *err)
{
  char mine[65], theirs[65] = { 0 };
  civ_status st = civ_config_sha256(run->config, mine, err);
  if (st == CIV_OK)
    st = civ_bytes_enter(in, "HEAD", err);
  if (st != CIV_OK)
    return st;
  const uint32_t format = civ_bytes_u32(in), results = civ_bytes_u32(in), rng = civ_bytes_u32(in);
  if (format != CIV_CHECKPOINT_FORMAT || results != CIV_RESULTS_VERSION || rng != CIV_RNG_VERSION)
    return civ_fail(err, CIV_E_FORMAT, "checkpoint",
                    "it is of format %u, results %u, numbers %u; this version has %d, %d, %d: run again from the start",
                    format, results, rng, CIV_CHECKPOINT_FORMAT, CIV_RESULTS_VERSION, CIV_RNG_VERSION);
  civ_bytes_block(in, theirs, 64);
  if (strcmp(mine, theirs) != 0)
    return civ_fail(err, CIV_E_FORMAT, "checkpoint",
                    "it belongs to another configuration (sha256 %.12s..., not %.12s...)", theirs, mine);
  if (civ_bytes_u64(in) != run->seed)
    return civ_fail(err, CIV_E_FORMAT, "checkpoint", "it belongs to another seed");
  return civ_bytes_leave(in, err);
}

static void load_stop(civ_run *run, civ_bytes_reader *in)
{
  run->stopping = run->effect.stop = civ_bytes_u8(in) != 0;
  run->effect.stop_value = civ_bytes_real(in);
  const uint32_t length = civ_bytes_u32(in);
  if (length >= sizeof run->stop_reason)
    in->failed = true;
  else if (civ_bytes_block(in, run->stop_reason, length))
    run->stop_reason[length] = '\0';
  run->effect.stop_reason = run->stopping ? run->stop_reason : NULL;
}

static civ_status load_clock(civ_run *run, civ_bytes_reader *in, civ_error *err)
{
  const civ_status st = civ_bytes_enter(in, "CLCK", err);
  if (st != CIV_OK)
    return st;
  run->epoch = civ_bytes_u32(in);
  run->moment = civ_bytes_u64(in);
  run->steps_done = civ_bytes_u64(in);
  run->agent_steps = civ_bytes_u64(in);
  run->next_interaction = civ_bytes_u64(in);
  run->clock_us = (int64_t)civ_bytes_u64(in);
  run->resumed = civ_bytes_u8(in) != 0;
  load_stop(run, in);
  run->refused_total = civ_bytes_u64(in);
  run->frozen_agent_epochs = civ_bytes_u64(in);
  run->empty_epochs = civ_bytes_u64(in);
  run->total_cost_a = civ_bytes_real(in);
  run->total_cost_b = civ_bytes_real(in);
  run->costed_interactions = civ_bytes_u64(in);
  civ_bytes_u64s(in, run->event_count, run->n_event_forms);
  civ_bytes_u64s(in, (uint64_t *)run->attempted, (size_t)run->n_policies * CIV_ACTION_KINDS);
  civ_bytes_u64s(in, (uint64_t *)run->succeeded, (size_t)run->n_policies * CIV_ACTION_KINDS);
  if (run->epoch > run->simulation->n_epochs)
    return civ_fail(err, CIV_E_FORMAT, "checkpoint", "it is of epoch %u, but the run has only %lld", run->epoch,
                    (long long)run->simulation->n_epochs);
  return civ_bytes_leave(in, err);
}

static void load_accounts(civ_effect *e, civ_bytes_reader *in)
{
  for (uint32_t k = 0; k < e->n_levers; k++) {
    lever_account *l = &e->accounts[k];
    double *const reals[] = { &l->cost, &l->cost_a, &l->cost_b, &l->reputation, &l->resources };
    for (size_t i = 0; i < sizeof reals / sizeof *reals; i++)
      *reals[i] = civ_bytes_real(in);
    l->freezes = civ_bytes_u64(in);
    l->thaws = civ_bytes_u64(in);
  }
  if (e->penalties)
    civ_bytes_reals(in, e->penalties, e->agents);
}

static civ_status load_reports(civ_run *run, civ_bytes_reader *in, civ_error *err)
{
  civ_status st = civ_bytes_enter(in, "RPRT", err);
  if (st != CIV_OK)
    return st;
  civ_metrics_load(&run->metrics, in);
  const size_t cells = (size_t)run->epoch * run->n_columns;
  if (cells > civ_bytes_left(in) / sizeof(double))
    return civ_fail(err, CIV_E_FORMAT, "checkpoint", "the rows of %u epochs are not all there", run->epoch);
  if (civ_grow(run->outer, (void **)&run->rows, &run->rows_capacity, cells, sizeof *run->rows) != CIV_OK)
    return civ_fail(err, CIV_E_NOMEM, "checkpoint", "out of memory while loading epoch rows");
  civ_bytes_reals(in, run->rows, cells);
  run->effect.freeze_orders = civ_bytes_u64(in);
  run->effect.unfreeze_orders = civ_bytes_u64(in);
  load_accounts(&run->effect, in);
  return civ_bytes_leave(in, err);
}

static civ_status load_ring(civ_run *run, civ_bytes_reader *in, civ_error *err)
{
  const civ_status st = civ_bytes_enter(in, "RING", err);
  if (st != CIV_OK)
    return st;
  if (civ_bytes_u32(in) != run->ring_length)
    return civ_fail(err, CIV_E_FORMAT, "checkpoint", "it keeps another number of recent interactions");
  for (size_t k = 0; run->ring_length && k < run->people.view.n; k++)
    run->ring_at[k] = civ_bytes_u32(in);
  for (size_t k = 0; k < (size_t)run->people.view.n * run->ring_length; k++)
    civ_interaction_load(&run->ring[k], in);
  return civ_bytes_leave(in, err);
}

static civ_status load_part(civ_bytes_reader *in, void *self,
                            civ_status (*load)(void *self, civ_bytes_reader *in, civ_error *err), civ_error *err)
{
  civ_status st = civ_bytes_enter(in, "PART", err);
  if (st == CIV_OK && load)
    st = load(self, in, err);
  return st == CIV_OK ? civ_bytes_leave(in, err) : st;
}

static civ_status load_parts(civ_run *run, civ_bytes_reader *in, civ_error *err)
{
  civ_status st = CIV_OK;
  for (uint32_t k = 0; st == CIV_OK && k < run->n_worlds; k++)
    st = load_part(in, run->worlds[k].self, run->worlds[k].table->load, err);
  for (uint32_t k = 0; st == CIV_OK && k < run->n_levers; k++)
    st = load_part(in, run->levers[k].self, run->levers[k].table->load, err);
  for (uint32_t k = 0; st == CIV_OK && k < run->n_policies; k++)
    st = load_part(in, run->policies[k].self, run->policies[k].table->load, err);
  for (int k = 0; st == CIV_OK && k < CIV_ROLES; k++)
    if (run->roles_in_use[k].self)
      st = load_part(in, run->roles_in_use[k].self, run->roles_in_use[k].table->load, err);
  return st;
}

civ_status civ_run_load(civ_run *run, civ_bytes_reader *in, civ_error *err)
{
  if (run->begun)
    return civ_fail(err, CIV_E_STATE, "run", "a checkpoint is loaded before the first step");
  civ_status st = load_head(run, in, err);
  if (st == CIV_OK)
    st = load_clock(run, in, err);
  if (st == CIV_OK)
    st = load_reports(run, in, err);
  if (st == CIV_OK)
    st = load_ring(run, in, err);
  if (st == CIV_OK)
    st = civ_population_load(&run->people, in, err);
  if (st == CIV_OK)
    st = civ_proposals_load(&run->open, in, err);
  if (st == CIV_OK)
    st = load_parts(run, in, err);
  return st;
}
