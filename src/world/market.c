/* Posting, bidding, awarding; and what stands in which list meanwhile. */
#include "world/market.h"

#include <math.h>

#include "base/digest.h"
#include "world/market_inside.h"

const char *const civ_bid_status_names[CIV_BID_STATUSES + 1] = { "pending", "accepted", "rejected", "withdrawn", NULL };
const char *const civ_escrow_status_names[CIV_ESCROW_STATUSES + 1] = { "held", "released", "refunded", "partial",
                                                                       NULL };
const char *const civ_dispute_status_names[CIV_DISPUTE_STATUSES + 1] = {
  "open", "under_review", "resolved_release", "resolved_refund", "resolved_split", NULL
};

static const double GRAINS = 4294967296.0; /* in a credit */

civ_grains civ_grains_of(double credits)
{
  return (civ_grains)floor(credits * GRAINS);
}

double civ_credits_of(civ_grains amount)
{
  return (double)amount / GRAINS;
}

void civ_grain_sum_add(civ_grain_sum *sum, civ_grains amount)
{
  const int64_t grains = (int64_t)GRAINS, parts = sum->parts + (amount % grains + grains) % grains;
  sum->credits += (amount - (amount % grains + grains) % grains) / grains + parts / grains;
  sum->parts = parts % grains;
}

double civ_grain_sum_credits(const civ_grain_sum *sum)
{
  return (double)sum->credits + (double)sum->parts / GRAINS;
}

/* --- lists ------------------------------------------------------------------------------------------------------------------ */

void civ_market_list_append(market_list *list, market_link *links, uint32_t id)
{
  links[id] = (market_link){ CIV_NONE, list->last };
  *(list->last == CIV_NONE ? &list->first : &links[list->last].next) = id;
  list->last = id;
  list->n++;
}

void civ_market_list_remove(market_list *list, market_link *links, uint32_t id)
{
  const market_link link = links[id];
  *(link.previous == CIV_NONE ? &list->first : &links[link.previous].next) = link.next;
  *(link.next == CIV_NONE ? &list->last : &links[link.next].previous) = link.previous;
  list->n--;
}

/* --- changes of state ------------------------------------------------------------------------------------------------------- */

void civ_market_note(civ_market *m, enum market_change change, uint32_t what, uint32_t who, uint64_t more)
{
  m->digest = civ_digest_mix(m->digest, (uint64_t)change << 32 | what, (uint64_t)who << 32 ^ more);
}

void civ_market_set_status(civ_market *m, uint32_t bounty, civ_bounty_status status)
{
  m->by_status[m->bounties[bounty].status]--;
  m->by_status[status]++;
  m->bounties[bounty].status = (uint8_t)status;
}

static bool deadline_before(market_deadline a, market_deadline b)
{
  return a.epoch < b.epoch || (a.epoch == b.epoch && a.bounty < b.bounty);
}

static void push_deadline(civ_market *m, market_deadline item)
{
  uint32_t at = m->n_deadlines++;
  for (; at > 0 && deadline_before(item, m->deadlines[(at - 1) / 2]); at = (at - 1) / 2)
    m->deadlines[at] = m->deadlines[(at - 1) / 2];
  m->deadlines[at] = item;
}

static void pop_deadline(civ_market *m)
{
  const market_deadline last = m->deadlines[--m->n_deadlines];
  uint32_t at = 0;
  for (;;) {
    uint32_t down = 2 * at + 1;
    if (down >= m->n_deadlines)
      break;
    if (down + 1 < m->n_deadlines && deadline_before(m->deadlines[down + 1], m->deadlines[down]))
      down++;
    if (!deadline_before(m->deadlines[down], last))
      break;
    m->deadlines[at] = m->deadlines[down];
    at = down;
  }
  m->deadlines[at] = last;
}

void civ_market_index_bounty(civ_market *m, uint32_t bounty)
{
  const civ_bounty *b = &m->bounties[bounty];
  m->pending[bounty] = market_no_list;
  m->lowest[bounty] = CIV_NONE;
  m->by_status[b->status]++;
  if (b->status != CIV_BOUNTY_OPEN)
    return;
  market_person *p = &m->people[b->poster];
  civ_market_list_append(&p->open, m->own_links, bounty);
  if (b->deadline_epoch >= 0 && b->deadline_epoch <= m->epoch) {
    civ_idbits_add(&m->overdue, bounty);
    return;
  }
  const civ_offer_row row = { b->min_reputation, b->reward, bounty, b->poster };
  civ_market_offers_add(&m->offers, &row);
  p->offered++;
  if (b->deadline_epoch >= 0)
    push_deadline(m, (market_deadline){ b->deadline_epoch, bounty });
}

static void find_lowest(civ_market *m, uint32_t bounty)
{
  uint32_t lowest = CIV_NONE;
  for (uint32_t bid = m->pending[bounty].first; bid != CIV_NONE; bid = m->bounty_links[bid].next)
    if (lowest == CIV_NONE || m->bids[bid].amount < m->bids[lowest].amount)
      lowest = bid;
  m->lowest[bounty] = lowest;
}

void civ_market_index_bid(civ_market *m, uint32_t bid)
{
  const civ_bid *b = &m->bids[bid];
  if (b->status != CIV_BID_PENDING)
    return;
  const uint32_t lowest = m->lowest[b->bounty];
  civ_market_list_append(&m->pending[b->bounty], m->bounty_links, bid);
  civ_market_list_append(&m->people[b->bidder].bids, m->bidder_links, bid);
  m->bounties[b->bounty].n_pending++;
  m->people[m->bounties[b->bounty].poster].awaiting++;
  if (lowest == CIV_NONE || b->amount < m->bids[lowest].amount)
    m->lowest[b->bounty] = bid;
}

/* A pending bid gets its answer. */
static void decide(civ_market *m, uint32_t bid, civ_bid_status status)
{
  civ_bid *b = &m->bids[bid];
  civ_market_list_remove(&m->pending[b->bounty], m->bounty_links, bid);
  civ_market_list_remove(&m->people[b->bidder].bids, m->bidder_links, bid);
  m->bounties[b->bounty].n_pending--;
  m->people[m->bounties[b->bounty].poster].awaiting--;
  b->status = (uint8_t)status;
}

static void leave_offers(civ_market *m, uint32_t bounty)
{
  if (civ_market_offers_drop(&m->offers, bounty))
    m->people[m->bounties[bounty].poster].offered--;
}

void civ_market_close(civ_market *m, uint32_t bounty)
{
  while (m->pending[bounty].first != CIV_NONE)
    decide(m, m->pending[bounty].first, CIV_BID_REJECTED);
  m->lowest[bounty] = CIV_NONE;
  leave_offers(m, bounty);
  civ_idbits_drop(&m->overdue, bounty);
  civ_market_list_remove(&m->people[m->bounties[bounty].poster].open, m->own_links, bounty);
}

/* --- bounties ----------------------------------------------------------------------------------------------------------------- */

static bool is_finite(double x)
{
  return x - x == 0;
}

bool civ_market_may_post(const civ_market *m, double reward, double min_reputation)
{
  return is_finite(min_reputation) && reward >= m->rules->min_bounty_amount && reward >= 0 && reward < CIV_MARKET_MOST;
}

uint32_t civ_market_post(civ_market *m, civ_agent poster, uint32_t task, double reward, double min_reputation,
                         int64_t deadline_epoch, uint32_t epoch)
{
  if (poster >= m->agents || !civ_market_may_post(m, reward, min_reputation))
    return CIV_NONE;
  const uint32_t number = m->n_bounties++;
  civ_bounty *b = &m->bounties[number];
  *b = (civ_bounty){ .reward = civ_grains_of(reward),
                     .min_reputation = min_reputation,
                     .deadline_epoch = deadline_epoch < 0 ? -1 : deadline_epoch,
                     .poster = poster,
                     .task = task,
                     .escrow = CIV_NONE,
                     .created_epoch = epoch,
                     .status = CIV_BOUNTY_OPEN };
  civ_market_index_bounty(m, number);
  civ_grain_sum_add(&m->sums.posted, b->reward);
  civ_grain_sum_add(&m->sums.open, b->reward);
  civ_market_note(m, MARKET_POST, number, poster, (uint64_t)b->reward ^ (uint64_t)b->deadline_epoch << 40);
  return number;
}

void civ_market_advance(civ_market *m, uint32_t epoch)
{
  m->epoch = epoch > m->epoch ? epoch : m->epoch;
  while (m->n_deadlines > 0 && m->deadlines[0].epoch <= m->epoch) {
    const uint32_t bounty = m->deadlines[0].bounty;
    pop_deadline(m);
    if (m->bounties[bounty].status != CIV_BOUNTY_OPEN)
      continue;
    leave_offers(m, bounty);
    civ_idbits_add(&m->overdue, bounty);
  }
}

bool civ_market_expire_bounty(civ_market *m, uint32_t bounty)
{
  if (bounty >= m->n_bounties || m->bounties[bounty].status != CIV_BOUNTY_OPEN)
    return false;
  const civ_grains reward = m->bounties[bounty].reward;
  civ_market_close(m, bounty);
  civ_market_set_status(m, bounty, CIV_BOUNTY_EXPIRED);
  civ_grain_sum_add(&m->sums.open, -reward);
  civ_grain_sum_add(&m->sums.expired, reward);
  civ_market_note(m, MARKET_EXPIRE, bounty, 0, 0);
  return true;
}

uint32_t civ_market_expire(civ_market *m, uint32_t epoch)
{
  if (!m->rules->auto_expire_bounties || m->n_bounties == 0)
    return CIV_NONE;
  civ_market_advance(m, epoch);
  for (uint32_t k = civ_idbits_from(&m->overdue, 0); k != CIV_NONE; k = civ_idbits_from(&m->overdue, k + 1))
    if (m->bounties[k].deadline_epoch <= epoch && civ_market_expire_bounty(m, k))
      return k;
  return CIV_NONE;
}

/* --- bids --------------------------------------------------------------------------------------------------------------------- */

/* Looks through the shorter of the two lists that would hold such a bid. */
static bool has_bid(const civ_market *m, uint32_t bounty, civ_agent bidder)
{
  const market_list *by_bounty = &m->pending[bounty], *by_bidder = &m->people[bidder].bids;
  if (by_bounty->n < by_bidder->n) {
    for (uint32_t k = by_bounty->first; k != CIV_NONE; k = m->bounty_links[k].next)
      if (m->bids[k].bidder == bidder)
        return true;
    return false;
  }
  for (uint32_t k = by_bidder->first; k != CIV_NONE; k = m->bidder_links[k].next)
    if (m->bids[k].bounty == bounty)
      return true;
  return false;
}

uint32_t civ_market_bid(civ_market *m, uint32_t bounty, civ_agent bidder, double amount)
{
  if (bounty >= m->n_bounties || bidder >= m->agents)
    return CIV_NONE;
  civ_bounty *b = &m->bounties[bounty];
  if (b->status != CIV_BOUNTY_OPEN || !(amount > 0) || !(amount < CIV_MARKET_MOST))
    return CIV_NONE;
  const civ_grains grains = civ_grains_of(amount);
  if (grains > b->reward || grains == 0 || bidder == b->poster ||
      (int64_t)m->pending[bounty].n >= m->rules->max_bids_per_bounty || has_bid(m, bounty, bidder))
    return CIV_NONE;
  const uint32_t number = m->n_bids++;
  m->bids[number] = (civ_bid){ .amount = grains, .bounty = bounty, .bidder = bidder, .status = CIV_BID_PENDING };
  b->n_bids++;
  civ_market_index_bid(m, number);
  civ_market_note(m, MARKET_BID, bounty, bidder, (uint64_t)grains);
  return number;
}

static bool is_pending(const civ_market *m, uint32_t bid)
{
  return bid < m->n_bids && m->bids[bid].status == CIV_BID_PENDING;
}

static void answer(civ_market *m, uint32_t bid, civ_bid_status status)
{
  const uint32_t bounty = m->bids[bid].bounty;
  decide(m, bid, status);
  if (m->lowest[bounty] == bid)
    find_lowest(m, bounty);
}

bool civ_market_reject(civ_market *m, uint32_t bid, civ_agent caller)
{
  if (!is_pending(m, bid) || m->bounties[m->bids[bid].bounty].poster != caller)
    return false;
  answer(m, bid, CIV_BID_REJECTED);
  civ_market_note(m, MARKET_REJECT, bid, caller, 0);
  return true;
}

bool civ_market_withdraw(civ_market *m, uint32_t bid, civ_agent caller)
{
  if (!is_pending(m, bid) || m->bids[bid].bidder != caller)
    return false;
  answer(m, bid, CIV_BID_WITHDRAWN);
  civ_market_note(m, MARKET_WITHDRAW, bid, caller, 0);
  return true;
}

/* --- award -------------------------------------------------------------------------------------------------------------------- */

void civ_market_index_escrow(civ_market *m, uint32_t escrow)
{
  const civ_escrow *e = &m->escrows[escrow];
  if (e->status != CIV_ESCROW_HELD)
    return;
  civ_market_list_append(&m->people[e->poster].posted, m->poster_links, escrow);
  civ_market_list_append(&m->people[e->worker].worked, m->worker_links, escrow);
}

uint32_t civ_market_accept(civ_market *m, uint32_t bounty, uint32_t bid, civ_agent caller)
{
  if (bounty >= m->n_bounties || m->bounties[bounty].poster != caller ||
      m->bounties[bounty].status != CIV_BOUNTY_OPEN || !is_pending(m, bid) || m->bids[bid].bounty != bounty)
    return CIV_NONE;
  civ_bounty *b = &m->bounties[bounty];
  decide(m, bid, CIV_BID_ACCEPTED);
  civ_market_close(m, bounty);
  civ_market_set_status(m, bounty, CIV_BOUNTY_AWARDED);
  b->escrow = m->n_escrows++;
  m->escrows[b->escrow] = (civ_escrow){ .amount = m->bids[bid].amount,
                                        .bounty = bounty,
                                        .dispute = CIV_NONE,
                                        .poster = caller,
                                        .worker = m->bids[bid].bidder,
                                        .status = CIV_ESCROW_HELD };
  civ_market_index_escrow(m, b->escrow);
  civ_grain_sum_add(&m->sums.open, -b->reward);
  civ_grain_sum_add(&m->sums.at_work, b->reward);
  civ_grain_sum_add(&m->sums.escrowed, m->bids[bid].amount);
  civ_market_note(m, MARKET_ACCEPT, bounty, bid, 0);
  return b->escrow;
}
