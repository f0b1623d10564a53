/* How work in the market ends: settled and judged, disputes resolved, time run out. */
#include <assert.h>
#include <stdlib.h>

#include "base/digest.h"
#include "world/market_world.h"
#include "world/worlds.h"

static const double GOOD_ENOUGH = 0.5; /* quality from which work is paid */

static void pay(const market_world *w, civ_agent a, civ_grains amount)
{
  w->host->call->credit(w->host, a, civ_credits_of(amount));
}

static civ_market_outcome outcome_of(const market_world *w, uint32_t escrow)
{
  const civ_escrow *e = civ_market_escrow_at(w->market, escrow);
  return (civ_market_outcome){ .bounty = e->bounty, .escrow = escrow, .poster = e->poster, .worker = e->worker };
}

static void pay_out(const market_world *w, const civ_market_outcome *o)
{
  pay(w, o->worker, o->payment.worker);
  pay(w, o->poster, o->payment.poster + o->payment.surplus);
}

/* For the levers a paid piece of work is a completed trade between poster and worker; what they charge is taken from
 * resources, for there is no payoff to take it from. */
static void judge(const market_world *w, const civ_market_outcome *o, double quality)
{
  uint32_t epoch, step;
  w->host->call->now(w->host, &epoch, &step);
  civ_interaction record = {
    .id = (uint64_t)o->escrow + 1, .initiator = o->poster, .counterparty = o->worker, .epoch = epoch, .step = step
  };
  civ_settled_record(&record, quality, civ_credits_of(o->payment.worker));
  w->host->call->judge(w->host, &record);
  if (record.c_a > 0)
    w->host->call->credit(w->host, o->poster, -record.c_a);
  if (record.c_b > 0)
    w->host->call->credit(w->host, o->worker, -record.c_b);
}

void civ_settled_record(civ_interaction *record, double quality, double released)
{
  record->type = CIV_TRADE;
  record->accepted = true;
  record->observables =
      (civ_observables){ .task_progress_delta = quality, .counterparty_engagement_delta = quality / 2 };
  record->v_hat = 2 * quality - 1;
  record->p = quality;
  record->tau = released;
}

static bool settle(market_world *w, uint32_t bounty, bool success, double quality, civ_market_outcome *out)
{
  const uint32_t escrow = civ_market_bounty_at(w->market, bounty)->escrow;
  civ_market_payment payment;
  if (escrow == CIV_NONE || !civ_market_settle(w->market, escrow, success, &payment))
    return false;
  *out = outcome_of(w, escrow);
  out->success = success;
  out->payment = payment;
  pay_out(w, out);
  civ_market_tell_settled(w, out, quality);
  if (success)
    judge(w, out, quality);
  return true;
}

bool civ_market_world_settle(void *self, uint32_t task, bool success, double quality, civ_market_outcome *out)
{
  market_world *w = self;
  const uint32_t bounty = civ_market_bounty_of_task(w->market, task);
  return bounty != CIV_NONE && settle(w, bounty, success, quality, out);
}

static bool resolve(market_world *w, uint32_t dispute, double worker_share, bool automatic, civ_market_outcome *out)
{
  civ_market_payment payment;
  if (!civ_market_resolve(w->market, dispute, worker_share, &payment))
    return false;
  *out = outcome_of(w, civ_market_dispute_at(w->market, dispute)->escrow);
  out->payment = payment;
  out->success = civ_market_bounty_at(w->market, out->bounty)->status == CIV_BOUNTY_COMPLETED;
  pay_out(w, out);
  civ_market_tell_resolved(w, dispute, automatic);
  return true;
}

bool civ_market_world_resolve(void *self, uint32_t dispute, double worker_share, civ_market_outcome *out)
{
  return resolve(self, dispute, worker_share, false, out);
}

/* --- end of an epoch ---------------------------------------------------------------------------------------------------------------- */

/* How good the winner's work is: measured like an interaction it began, from a stream of its own. */
static double quality_of(const market_world *w, uint32_t bounty, civ_agent worker)
{
  uint32_t epoch, step;
  w->host->call->now(w->host, &epoch, &step);
  const civ_draw_key key = { .purpose = CIV_PURPOSE_WORLD,
                             .entity = (uint32_t)civ_digest(0, "marketplace", 11),
                             .other = bounty };
  const civ_proposal proposal = {
    .initiator = worker, .counterparty = worker, .type = CIV_COLLABORATION, .epoch = epoch, .step = step
  };
  civ_interaction record = { .initiator = worker,
                             .counterparty = worker,
                             .epoch = epoch,
                             .step = step,
                             .type = CIV_COLLABORATION,
                             .accepted = true };
  civ_draws draws = civ_draws_open(w->host->call->seed(w->host), &key);
  w->host->call->measure(w->host, &proposal, &draws, &record);
  return record.p;
}

/* Work that a verifier has passed is worth what he said; work nobody has looked at is measured; work that was sent back waits. */
static void settle_delivered(market_world *w, uint32_t bounty)
{
  const civ_bounty *b = civ_market_bounty_at(w->market, bounty);
  civ_market_mark_due(w->market, bounty, false);
  if (b->status != CIV_BOUNTY_AWARDED)
    return;
  const civ_agent worker = civ_market_escrow_at(w->market, b->escrow)->worker;
  civ_market_outcome outcome;
  civ_task_view task;
  w->tasks->task(w->tasks->self, b->task, &task);
  if (task.last_output_by != worker)
    return;
  if (task.status == CIV_TASK_COMPLETED) {
    const double q = task.final_quality;
    settle(w, bounty, true, q >= 0 ? q < 1 ? q : 1 : 0, &outcome);
  } else if (task.status == CIV_TASK_SUBMITTED) {
    const double q = quality_of(w, bounty, worker);
    w->tasks->conclude(w->tasks->self, b->task, q >= GOOD_ENOUGH, q);
    settle(w, bounty, q >= GOOD_ENOUGH, q, &outcome);
  }
}

static int by_number(const void *a, const void *b)
{
  const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return (x > y) - (x < y);
}

/* Settlement, expiry, disputes, in this order. */
void civ_market_epoch_end(void *self)
{
  market_world *w = self;
  const uint32_t epoch = civ_market_now(w);
  civ_market_outcome outcome;
  if (w->n_due > 1)
    qsort(w->due, w->n_due, sizeof *w->due, by_number);
  for (uint32_t k = 0; k < w->n_due; k++)
    settle_delivered(w, w->due[k]);
  w->n_due = 0;
  for (uint32_t k; (k = civ_market_expire(w->market, epoch)) != CIV_NONE;) {
    pay(w, civ_market_bounty_at(w->market, k)->poster, civ_market_bounty_at(w->market, k)->reward);
    civ_market_tell_expired(w, k);
  }
  for (uint32_t k; (k = civ_market_overdue_dispute(w->market, epoch)) != CIV_NONE;)
    resolve(w, k, w->rules->dispute_default_split, true, &outcome);
  assert(civ_market_balances(w->market));
}
