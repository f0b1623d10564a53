/* What the market answers; nothing here changes anything. */
#include "world/market_inside.h"

#include <string.h>

uint32_t civ_market_bounties(const civ_market *m)
{
  return m->n_bounties;
}
uint32_t civ_market_bids(const civ_market *m)
{
  return m->n_bids;
}
uint32_t civ_market_escrows(const civ_market *m)
{
  return m->n_escrows;
}
uint32_t civ_market_disputes(const civ_market *m)
{
  return m->n_disputes;
}
const civ_bounty *civ_market_bounty_at(const civ_market *m, uint32_t bounty)
{
  return &m->bounties[bounty];
}
const civ_bid *civ_market_bid_at(const civ_market *m, uint32_t bid)
{
  return &m->bids[bid];
}
const civ_escrow *civ_market_escrow_at(const civ_market *m, uint32_t escrow)
{
  return &m->escrows[escrow];
}
const civ_dispute *civ_market_dispute_at(const civ_market *m, uint32_t dispute)
{
  return &m->disputes[dispute];
}

uint32_t civ_market_bounty_of_task(const civ_market *m, uint32_t task)
{
  uint32_t low = 0, high = m->n_bounties;
  while (low < high) {
    const uint32_t middle = low + (high - low) / 2;
    if (m->bounties[middle].task < task)
      low = middle + 1;
    else
      high = middle;
  }
  return low < m->n_bounties && m->bounties[low].task == task ? low : CIV_NONE;
}

void civ_market_mark_due(civ_market *m, uint32_t bounty, bool due)
{
  m->bounties[bounty].due = due;
}

/* --- on offer ----------------------------------------------------------------------------------------------------------------- */

bool civ_bounty_is_offered(const civ_bounty *b, uint32_t epoch, double reputation)
{
  return b->status == CIV_BOUNTY_OPEN && !(b->deadline_epoch >= 0 && epoch >= b->deadline_epoch) &&
         b->min_reputation <= reputation;
}

/* How many of them `a` posted itself. */
static uint32_t own_offers(const civ_market *m, civ_agent a, double reputation)
{
  uint32_t n = 0;
  for (uint32_t k = m->people[a].open.first; m->people[a].offered > 0 && k != CIV_NONE; k = m->own_links[k].next)
    n += civ_bounty_is_offered(&m->bounties[k], m->epoch, reputation);
  return n;
}

uint32_t civ_market_available(const civ_market *m, civ_agent a, double reputation)
{
  const uint32_t all = civ_market_offers_count(&m->offers, reputation);
  return all > 0 ? all - own_offers(m, a, reputation) : 0;
}

/* Counts on past the own ones that lie before it. */
uint32_t civ_market_available_at(const civ_market *m, civ_agent a, double reputation, uint32_t k)
{
  for (uint32_t own = m->people[a].open.first; own != CIV_NONE; own = m->own_links[own].next)
    if (civ_bounty_is_offered(&m->bounties[own], m->epoch, reputation)) {
      if (civ_market_offers_rank(&m->offers, reputation, own) > k)
        break;
      k++;
    }
  return civ_market_offers_at(&m->offers, reputation, k);
}

uint32_t civ_market_best_available(const civ_market *m, civ_agent a, double reputation)
{
  return civ_market_offers_best(&m->offers, reputation, a);
}

/* --- an agent's own affairs ----------------------------------------------------------------------------------------------------- */

uint32_t civ_market_awaiting(const civ_market *m, civ_agent a)
{
  return m->people[a].awaiting;
}

static uint32_t nth(const market_list *list, const market_link *links, uint32_t k)
{
  uint32_t id = list->first;
  while (id != CIV_NONE && k-- > 0)
    id = links[id].next;
  return id;
}

uint32_t civ_market_awaiting_at(const civ_market *m, civ_agent a, uint32_t k)
{
  for (uint32_t own = m->people[a].open.first; own != CIV_NONE; own = m->own_links[own].next) {
    if (k < m->pending[own].n)
      return nth(&m->pending[own], m->bounty_links, k);
    k -= m->pending[own].n;
  }
  return CIV_NONE;
}

uint32_t civ_market_lowest(const civ_market *m, civ_agent a)
{
  uint32_t lowest = CIV_NONE;
  for (uint32_t own = m->people[a].open.first; m->people[a].awaiting > 0 && own != CIV_NONE;
       own = m->own_links[own].next) {
    const uint32_t bid = m->lowest[own];
    if (bid != CIV_NONE && (lowest == CIV_NONE || m->bids[bid].amount < m->bids[lowest].amount))
      lowest = bid;
  }
  return lowest;
}

uint32_t civ_market_own_bids(const civ_market *m, civ_agent a)
{
  return m->people[a].bids.n;
}

uint32_t civ_market_own_bid_at(const civ_market *m, civ_agent a, uint32_t k)
{
  return nth(&m->people[a].bids, m->bidder_links, k);
}

uint32_t civ_market_own_escrows(const civ_market *m, civ_agent a)
{
  return m->people[a].posted.n + m->people[a].worked.n;
}

/* The two lists merged: nobody is poster and worker of the same. */
uint32_t civ_market_own_escrow_at(const civ_market *m, civ_agent a, uint32_t k)
{
  uint32_t posted = m->people[a].posted.first, worked = m->people[a].worked.first;
  for (;;) {
    const bool first = posted < worked; /* CIV_NONE is the largest */
    const uint32_t id = first ? posted : worked;
    if (id == CIV_NONE || k-- == 0)
      return id;
    if (first)
      posted = m->poster_links[posted].next;
    else
      worked = m->worker_links[worked].next;
  }
}

void civ_market_foresee(const civ_market *m, civ_agent a)
{
  __builtin_prefetch(&m->people[a]);
}

/* --- the whole ------------------------------------------------------------------------------------------------------------------ */

civ_market_statistics civ_market_count(const civ_market *m)
{
  civ_market_statistics s = {
    .bounties = m->n_bounties, .bids = m->n_bids, .escrows = m->n_escrows, .disputes = m->n_disputes, .sums = m->sums
  };
  memcpy(s.by_status, m->by_status, sizeof s.by_status);
  return s;
}

static void join(civ_grain_sum *sum, const civ_grain_sum *more)
{
  sum->credits += more->credits;
  civ_grain_sum_add(sum, more->parts);
}

bool civ_market_balances(const civ_market *m)
{
  const civ_market_sums *s = &m->sums;
  const civ_grain_sum *const parts[] = { &s->at_work, &s->released, &s->refunded, &s->fees, &s->surplus, &s->expired };
  civ_grain_sum all = s->open;
  for (size_t k = 0; k < sizeof parts / sizeof *parts; k++)
    join(&all, parts[k]);
  return all.credits == s->posted.credits && all.parts == s->posted.parts;
}

uint64_t civ_market_digest(const civ_market *m)
{
  return m->digest;
}
