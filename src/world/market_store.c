/* The market's memory, and the market as bytes. Lists, heap and offers are not saved: they follow from the records. */
#include <string.h>

#include "base/digest.h"
#include "world/market_inside.h"

enum {
  BOUNTY_BYTES = 3 * 8 + 5 * 4 + 2,
  BID_BYTES = 8 + 2 * 4 + 1,
  ESCROW_BYTES = 3 * 8 + 4 * 4 + 1,
  DISPUTE_BYTES = 8 + 3 * 4 + 1
};

static void forget_people(civ_market *m)
{
  for (civ_agent a = 0; a < m->agents; a++)
    m->people[a] = (market_person){ market_no_list, market_no_list, market_no_list, market_no_list, 0, 0 };
}

civ_status civ_market_create(const civ_marketplace_config *rules, uint32_t agents, const civ_allocator *allocator,
                             civ_market **out, civ_error *err)
{
  civ_market *m = civ_zeroed(allocator, 1, sizeof *m);
  if (m == NULL)
    return civ_fail(err, CIV_E_NOMEM, "marketplace", "out of memory");
  m->allocator = allocator;
  m->rules = rules;
  m->agents = agents;
  m->unresolved = market_no_list;
  civ_idbits_init(&m->overdue, allocator);
  civ_market_offers_init(&m->offers, allocator);
  m->people = civ_zeroed(allocator, (size_t)agents + 1, sizeof *m->people);
  if (m->people == NULL) {
    civ_market_destroy(m);
    return civ_fail(err, CIV_E_NOMEM, "marketplace", "out of memory for %u agents", agents);
  }
  forget_people(m);
  *out = m;
  return CIV_OK;
}

void civ_market_destroy(civ_market *m)
{
  if (m == NULL)
    return;
  const civ_allocator *a = m->allocator;
  civ_drop(a, (void **)&m->bounties, &m->bounties_room, sizeof *m->bounties);
  civ_drop(a, (void **)&m->pending, &m->pending_room, sizeof *m->pending);
  civ_drop(a, (void **)&m->lowest, &m->lowest_room, sizeof *m->lowest);
  civ_drop(a, (void **)&m->own_links, &m->own_links_room, sizeof *m->own_links);
  civ_drop(a, (void **)&m->bids, &m->bids_room, sizeof *m->bids);
  civ_drop(a, (void **)&m->bounty_links, &m->bounty_links_room, sizeof *m->bounty_links);
  civ_drop(a, (void **)&m->bidder_links, &m->bidder_links_room, sizeof *m->bidder_links);
  civ_drop(a, (void **)&m->escrows, &m->escrows_room, sizeof *m->escrows);
  civ_drop(a, (void **)&m->poster_links, &m->poster_links_room, sizeof *m->poster_links);
  civ_drop(a, (void **)&m->worker_links, &m->worker_links_room, sizeof *m->worker_links);
  civ_drop(a, (void **)&m->disputes, &m->disputes_room, sizeof *m->disputes);
  civ_drop(a, (void **)&m->dispute_links, &m->dispute_links_room, sizeof *m->dispute_links);
  civ_drop(a, (void **)&m->deadlines, &m->deadlines_room, sizeof *m->deadlines);
  civ_release(a, m->people, ((size_t)m->agents + 1) * sizeof *m->people);
  civ_market_offers_fini(&m->offers);
  civ_idbits_fini(&m->overdue);
  civ_release(a, m, sizeof *m);
}

/* --- room ------------------------------------------------------------------------------------------------------------------ */

static civ_status reserve_bounties(civ_market *m, size_t more)
{
  const civ_allocator *a = m->allocator;
  const size_t n = m->n_bounties + more;
  civ_status st = civ_grow(a, (void **)&m->bounties, &m->bounties_room, n, sizeof *m->bounties);
  if (st == CIV_OK)
    st = civ_grow(a, (void **)&m->pending, &m->pending_room, n, sizeof *m->pending);
  if (st == CIV_OK)
    st = civ_grow(a, (void **)&m->lowest, &m->lowest_room, n, sizeof *m->lowest);
  if (st == CIV_OK)
    st = civ_grow(a, (void **)&m->own_links, &m->own_links_room, n, sizeof *m->own_links);
  if (st == CIV_OK)
    st = civ_grow(a, (void **)&m->deadlines, &m->deadlines_room, m->n_deadlines + more, sizeof *m->deadlines);
  if (st == CIV_OK)
    st = civ_idbits_reserve(&m->overdue, n);
  return st == CIV_OK ? civ_market_offers_reserve(&m->offers, more) : st;
}

static civ_status reserve_bids(civ_market *m, size_t more)
{
  const civ_allocator *a = m->allocator;
  const size_t n = m->n_bids + more;
  civ_status st = civ_grow(a, (void **)&m->bids, &m->bids_room, n, sizeof *m->bids);
  if (st == CIV_OK)
    st = civ_grow(a, (void **)&m->bounty_links, &m->bounty_links_room, n, sizeof *m->bounty_links);
  return st == CIV_OK ? civ_grow(a, (void **)&m->bidder_links, &m->bidder_links_room, n, sizeof *m->bidder_links) : st;
}

static civ_status reserve_escrows(civ_market *m, size_t more)
{
  const civ_allocator *a = m->allocator;
  const size_t n = m->n_escrows + more;
  civ_status st = civ_grow(a, (void **)&m->escrows, &m->escrows_room, n, sizeof *m->escrows);
  if (st == CIV_OK)
    st = civ_grow(a, (void **)&m->poster_links, &m->poster_links_room, n, sizeof *m->poster_links);
  return st == CIV_OK ? civ_grow(a, (void **)&m->worker_links, &m->worker_links_room, n, sizeof *m->worker_links) : st;
}

static civ_status reserve_disputes(civ_market *m, size_t more)
{
  const size_t n = m->n_disputes + more;
  const civ_status st = civ_grow(m->allocator, (void **)&m->disputes, &m->disputes_room, n, sizeof *m->disputes);
  return st == CIV_OK
             ? civ_grow(m->allocator, (void **)&m->dispute_links, &m->dispute_links_room, n, sizeof *m->dispute_links)
             : st;
}

civ_status civ_market_reserve(civ_market *m, size_t more)
{
  if (m->n_bounties + more >= CIV_NONE || m->n_bids + more >= CIV_NONE)
    return CIV_E_LIMIT;
  civ_status st = reserve_bounties(m, more);
  if (st == CIV_OK)
    st = reserve_bids(m, more);
  if (st == CIV_OK)
    st = reserve_escrows(m, more);
  return st == CIV_OK ? reserve_disputes(m, more) : st;
}

/* --- bytes ------------------------------------------------------------------------------------------------------------------ */

static void save_bounty(const civ_bounty *b, civ_bytes *out)
{
  civ_bytes_put_u64(out, (uint64_t)b->reward);
  civ_bytes_put_real(out, b->min_reputation);
  civ_bytes_put_u64(out, (uint64_t)b->deadline_epoch);
  civ_bytes_put_u32(out, b->poster);
  civ_bytes_put_u32(out, b->task);
  civ_bytes_put_u32(out, b->escrow);
  civ_bytes_put_u32(out, b->created_epoch);
  civ_bytes_put_u32(out, b->n_bids);
  civ_bytes_put_u8(out, b->status);
  civ_bytes_put_u8(out, b->due);
}

static void load_bounty(civ_bounty *b, civ_bytes_reader *in)
{
  *b = (civ_bounty){ .reward = (civ_grains)civ_bytes_u64(in) };
  b->min_reputation = civ_bytes_real(in);
  b->deadline_epoch = (int64_t)civ_bytes_u64(in);
  b->poster = civ_bytes_u32(in);
  b->task = civ_bytes_u32(in);
  b->escrow = civ_bytes_u32(in);
  b->created_epoch = civ_bytes_u32(in);
  b->n_bids = civ_bytes_u32(in);
  b->status = civ_bytes_u8(in);
  b->due = civ_bytes_u8(in);
}

static void save_escrow(const civ_escrow *e, civ_bytes *out)
{
  civ_bytes_put_u64(out, (uint64_t)e->amount);
  civ_bytes_put_u64(out, (uint64_t)e->released);
  civ_bytes_put_u64(out, (uint64_t)e->refunded);
  civ_bytes_put_u32(out, e->bounty);
  civ_bytes_put_u32(out, e->dispute);
  civ_bytes_put_u32(out, e->poster);
  civ_bytes_put_u32(out, e->worker);
  civ_bytes_put_u8(out, e->status);
}

static void load_escrow(civ_escrow *e, civ_bytes_reader *in)
{
  *e = (civ_escrow){ .amount = (civ_grains)civ_bytes_u64(in) };
  e->released = (civ_grains)civ_bytes_u64(in);
  e->refunded = (civ_grains)civ_bytes_u64(in);
  e->bounty = civ_bytes_u32(in);
  e->dispute = civ_bytes_u32(in);
  e->poster = civ_bytes_u32(in);
  e->worker = civ_bytes_u32(in);
  e->status = civ_bytes_u8(in);
}

enum { N_SUMS = sizeof(civ_market_sums) / sizeof(civ_grain_sum) };

void civ_market_save(const civ_market *m, civ_bytes *out)
{
  const civ_grain_sum *sums = (const civ_grain_sum *)&m->sums;
  const uint32_t words[] = { m->epoch, m->n_bounties, m->n_bids, m->n_escrows, m->n_disputes };
  civ_bytes_put_u32s(out, words, sizeof words / sizeof *words);
  civ_bytes_put_u64(out, m->digest);
  for (int k = 0; k < N_SUMS; k++) {
    civ_bytes_put_u64(out, (uint64_t)sums[k].credits);
    civ_bytes_put_u64(out, (uint64_t)sums[k].parts);
  }
  for (uint32_t k = 0; k < m->n_bounties; k++)
    save_bounty(&m->bounties[k], out);
  for (uint32_t k = 0; k < m->n_bids; k++) {
    civ_bytes_put_u64(out, (uint64_t)m->bids[k].amount);
    civ_bytes_put_u32(out, m->bids[k].bounty);
    civ_bytes_put_u32(out, m->bids[k].bidder);
    civ_bytes_put_u8(out, m->bids[k].status);
  }
  for (uint32_t k = 0; k < m->n_escrows; k++)
    save_escrow(&m->escrows[k], out);
  for (uint32_t k = 0; k < m->n_disputes; k++) {
    civ_bytes_put_real(out, m->disputes[k].worker_share);
    civ_bytes_put_u32(out, m->disputes[k].escrow);
    civ_bytes_put_u32(out, m->disputes[k].filed_epoch);
    civ_bytes_put_u32(out, m->disputes[k].filed_by);
    civ_bytes_put_u8(out, m->disputes[k].status);
  }
}

static void load_records(civ_market *m, civ_bytes_reader *in)
{
  for (uint32_t k = 0; k < m->n_bounties; k++)
    load_bounty(&m->bounties[k], in);
  for (uint32_t k = 0; k < m->n_bids; k++) {
    civ_bid *b = &m->bids[k];
    *b = (civ_bid){ .amount = (civ_grains)civ_bytes_u64(in) };
    b->bounty = civ_bytes_u32(in);
    b->bidder = civ_bytes_u32(in);
    b->status = civ_bytes_u8(in);
  }
  for (uint32_t k = 0; k < m->n_escrows; k++)
    load_escrow(&m->escrows[k], in);
  for (uint32_t k = 0; k < m->n_disputes; k++) {
    civ_dispute *d = &m->disputes[k];
    *d = (civ_dispute){ .worker_share = civ_bytes_real(in) };
    d->escrow = civ_bytes_u32(in);
    d->filed_epoch = civ_bytes_u32(in);
    d->filed_by = civ_bytes_u32(in);
    d->status = civ_bytes_u8(in);
  }
}

static bool is_amount(civ_grains x)
{
  return x >= 0 && x < civ_grains_of(CIV_MARKET_MOST - 1) + civ_grains_of(1);
}

/* Every record names only what exists, and statuses fit together. */
static bool records_fit(const civ_market *m)
{
  for (uint32_t k = 0; k < m->n_bounties; k++) {
    const civ_bounty *b = &m->bounties[k];
    const bool awarded = b->escrow != CIV_NONE;
    if (!is_amount(b->reward) || b->min_reputation - b->min_reputation != 0 || b->poster >= m->agents ||
        b->status >= CIV_BOUNTY_STATUSES || (k > 0 && b->task <= b[-1].task) ||
        (awarded && (b->escrow >= m->n_escrows || m->escrows[b->escrow].bounty != k)) ||
        awarded != (b->status != CIV_BOUNTY_OPEN && b->status != CIV_BOUNTY_EXPIRED))
      return false;
  }
  for (uint32_t k = 0; k < m->n_bids; k++) {
    const civ_bid *b = &m->bids[k];
    if (!is_amount(b->amount) || b->bounty >= m->n_bounties || b->bidder >= m->agents ||
        b->status >= CIV_BID_STATUSES ||
        (b->status == CIV_BID_PENDING && m->bounties[b->bounty].status != CIV_BOUNTY_OPEN))
      return false;
  }
  for (uint32_t k = 0; k < m->n_escrows; k++) {
    const civ_escrow *e = &m->escrows[k];
    if (!is_amount(e->amount) || !is_amount(e->released) || !is_amount(e->refunded) || e->bounty >= m->n_bounties ||
        e->poster >= m->agents || e->worker >= m->agents || e->poster == e->worker ||
        e->status >= CIV_ESCROW_STATUSES || (e->dispute != CIV_NONE && e->dispute >= m->n_disputes))
      return false;
  }
  for (uint32_t k = 0; k < m->n_disputes; k++)
    if (m->disputes[k].escrow >= m->n_escrows || m->disputes[k].status >= CIV_DISPUTE_STATUSES ||
        m->disputes[k].filed_by >= m->agents)
      return false;
  return true;
}

static void index_all(civ_market *m)
{
  forget_people(m);
  for (uint32_t k = 0; k < m->n_bounties; k++)
    civ_market_index_bounty(m, k);
  for (uint32_t k = 0; k < m->n_bids; k++)
    civ_market_index_bid(m, k);
  for (uint32_t k = 0; k < m->n_escrows; k++)
    civ_market_index_escrow(m, k);
  for (uint32_t k = 0; k < m->n_disputes; k++)
    if (m->disputes[k].status == CIV_DISPUTE_OPEN)
      civ_market_list_append(&m->unresolved, m->dispute_links, k);
}

/* Room for exactly what is to come, in a market that is still empty. */
static civ_status make_room(civ_market *m, const uint32_t *n)
{
  civ_status st = reserve_bounties(m, n[0]);
  if (st == CIV_OK)
    st = reserve_bids(m, n[1]);
  if (st == CIV_OK)
    st = reserve_escrows(m, n[2]);
  return st == CIV_OK ? reserve_disputes(m, n[3]) : st;
}

static civ_status load_into(civ_market *m, civ_bytes_reader *in, civ_error *err)
{
  civ_grain_sum *sums = (civ_grain_sum *)&m->sums;
  uint32_t words[5] = { 0 };
  civ_bytes_u32s(in, words, sizeof words / sizeof *words);
  m->epoch = words[0];
  m->digest = civ_bytes_u64(in);
  for (int k = 0; k < N_SUMS; k++) {
    sums[k].credits = (int64_t)civ_bytes_u64(in);
    sums[k].parts = (int64_t)civ_bytes_u64(in);
  }
  const uint64_t bytes = (uint64_t)words[1] * BOUNTY_BYTES + (uint64_t)words[2] * BID_BYTES +
                         (uint64_t)words[3] * ESCROW_BYTES + (uint64_t)words[4] * DISPUTE_BYTES;
  if (in->failed || bytes > civ_bytes_left(in))
    return civ_fail(err, CIV_E_FORMAT, "checkpoint", "the market is not as long as the checkpoint says");
  if (make_room(m, words + 1) != CIV_OK)
    return civ_fail(err, CIV_E_NOMEM, "checkpoint", "out of memory for %u bounties", words[1]);
  m->n_bounties = words[1];
  m->n_bids = words[2];
  m->n_escrows = words[3];
  m->n_disputes = words[4];
  load_records(m, in);
  if (in->failed || !records_fit(m))
    return civ_fail(err, CIV_E_FORMAT, "checkpoint", "the market names agents, bounties or escrows that do not exist");
  index_all(m);
  return CIV_OK;
}

civ_status civ_market_load(civ_market *m, civ_bytes_reader *in, civ_error *err)
{
  civ_market *fresh = NULL;
  civ_status st = civ_market_create(m->rules, m->agents, m->allocator, &fresh, err);
  if (st != CIV_OK)
    return st;
  st = load_into(fresh, in, err);
  if (st == CIV_OK) {
    const civ_market old = *m;
    *m = *fresh;
    *fresh = old;
  }
  civ_market_destroy(fresh);
  return st;
}
