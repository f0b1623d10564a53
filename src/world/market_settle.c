/* Escrows closed: work accepted or not, disputes filed and resolved. */
#include <math.h>

#include "world/market_inside.h"

static const double ALL = 0.99, NOTHING = 0.01; /* shares from which a dispute counts as won by one side */
static const double HALF = 0.5;

/* The part of an amount, rounded down. */
static civ_grains share_of(civ_grains amount, double share)
{
  const civ_grains part = (civ_grains)floor((double)amount * share);
  return part < amount ? part : amount;
}

/* The escrow is held no longer, whoever gets what. */
static void close_escrow(civ_market *m, uint32_t escrow, civ_escrow_status status, const civ_market_payment *payment)
{
  civ_escrow *e = &m->escrows[escrow];
  civ_market_list_remove(&m->people[e->poster].posted, m->poster_links, escrow);
  civ_market_list_remove(&m->people[e->worker].worked, m->worker_links, escrow);
  e->status = (uint8_t)status;
  e->released = payment->worker;
  e->refunded = payment->poster;
  civ_grain_sum_add(&m->sums.at_work, -m->bounties[e->bounty].reward);
  civ_grain_sum_add(&m->sums.escrowed, -e->amount);
  civ_grain_sum_add(&m->sums.released, payment->worker);
  civ_grain_sum_add(&m->sums.refunded, payment->poster);
  civ_grain_sum_add(&m->sums.fees, payment->fee);
  civ_grain_sum_add(&m->sums.surplus, payment->surplus);
}

static civ_market_payment after_fee(const civ_market *m, const civ_escrow *e, civ_grains *left)
{
  const civ_market_payment payment = { .fee = share_of(e->amount, m->rules->escrow_fee_rate),
                                       .surplus = m->bounties[e->bounty].reward - e->amount };
  *left = e->amount - payment.fee;
  return payment;
}

static bool is_disputed(const civ_market *m, const civ_escrow *e)
{
  return e->dispute != CIV_NONE && m->disputes[e->dispute].status == CIV_DISPUTE_OPEN;
}

bool civ_market_settle(civ_market *m, uint32_t escrow, bool success, civ_market_payment *out)
{
  if (escrow >= m->n_escrows || m->escrows[escrow].status != CIV_ESCROW_HELD || is_disputed(m, &m->escrows[escrow]))
    return false;
  civ_grains left;
  *out = after_fee(m, &m->escrows[escrow], &left);
  *(success ? &out->worker : &out->poster) = left;
  close_escrow(m, escrow, success ? CIV_ESCROW_RELEASED : CIV_ESCROW_REFUNDED, out);
  civ_market_set_status(m, m->escrows[escrow].bounty, success ? CIV_BOUNTY_COMPLETED : CIV_BOUNTY_FAILED);
  civ_market_note(m, MARKET_SETTLE, escrow, success, 0);
  return true;
}

uint32_t civ_market_dispute(civ_market *m, uint32_t escrow, civ_agent by, uint32_t epoch)
{
  if (escrow >= m->n_escrows || m->escrows[escrow].status != CIV_ESCROW_HELD || is_disputed(m, &m->escrows[escrow]) ||
      (m->escrows[escrow].poster != by && m->escrows[escrow].worker != by))
    return CIV_NONE;
  const uint32_t number = m->n_disputes++;
  m->disputes[number] = (civ_dispute){
    .worker_share = HALF, .escrow = escrow, .filed_epoch = epoch, .filed_by = by, .status = CIV_DISPUTE_OPEN
  };
  civ_market_list_append(&m->unresolved, m->dispute_links, number);
  m->escrows[escrow].dispute = number;
  civ_market_set_status(m, m->escrows[escrow].bounty, CIV_BOUNTY_DISPUTED);
  civ_market_note(m, MARKET_DISPUTE, escrow, by, epoch);
  return number;
}

bool civ_market_resolve(civ_market *m, uint32_t dispute, double worker_share, civ_market_payment *out)
{
  if (dispute >= m->n_disputes || m->disputes[dispute].status != CIV_DISPUTE_OPEN || isnan(worker_share) ||
      m->escrows[m->disputes[dispute].escrow].status != CIV_ESCROW_HELD)
    return false;
  civ_dispute *d = &m->disputes[dispute];
  const double share = worker_share < 0 ? 0 : worker_share > 1 ? 1 : worker_share;
  civ_grains left;
  *out = after_fee(m, &m->escrows[d->escrow], &left);
  out->share = share;
  out->worker = share_of(left, share);
  out->poster = left - out->worker;
  civ_market_list_remove(&m->unresolved, m->dispute_links, dispute);
  d->worker_share = share;
  d->status = share >= ALL ? CIV_DISPUTE_RELEASE : share <= NOTHING ? CIV_DISPUTE_REFUND : CIV_DISPUTE_SPLIT;
  close_escrow(m, d->escrow,
               share >= ALL       ? CIV_ESCROW_RELEASED
               : share <= NOTHING ? CIV_ESCROW_REFUNDED
                                  : CIV_ESCROW_PARTIAL,
               out);
  civ_market_set_status(m, m->escrows[d->escrow].bounty, share > HALF ? CIV_BOUNTY_COMPLETED : CIV_BOUNTY_FAILED);
  civ_market_note(m, MARKET_RESOLVE, dispute, 0, (uint64_t)out->worker);
  return true;
}

uint32_t civ_market_overdue_dispute(const civ_market *m, uint32_t epoch)
{
  for (uint32_t k = m->unresolved.first; k != CIV_NONE; k = m->dispute_links[k].next)
    if ((int64_t)epoch - m->disputes[k].filed_epoch >= m->rules->dispute_resolution_epochs)
      return k;
  return CIV_NONE;
}
