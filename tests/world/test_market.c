/* The market on its own: golden sequences, and random scripts held to its laws - every grain accounted for, nobody paid twice,
 * statuses along allowed ways only, answers as a plain search over all records gives them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "civitas/draws.h"
#include "support/failing_allocator.h"
#include "world/market.h"

static const civ_marketplace_config plain = { .enabled = true,
                                              .escrow_fee_rate = 0.02,
                                              .min_bounty_amount = 1,
                                              .max_bids_per_bounty = 10,
                                              .dispute_resolution_epochs = 2,
                                              .auto_expire_bounties = true,
                                              .dispute_default_split = 0.5 };
enum { P, W, X, PEOPLE = 12 };

static civ_market *open_market(const civ_marketplace_config *rules)
{
  civ_market *m = NULL;
  assert_int_equal(civ_market_create(rules, PEOPLE, &civ_allocator_malloc, &m, NULL), CIV_OK);
  assert_int_equal(civ_market_reserve(m, 64), CIV_OK);
  return m;
}

/* A bounty of 10 by P, a bid of 8 by W, accepted. */
static civ_market *awarded(void)
{
  civ_market *m = open_market(&plain);
  assert_int_equal(civ_market_post(m, P, 0, 10, 0, -1, 0), 0);
  assert_int_equal(civ_market_bid(m, 0, W, 8), 0);
  assert_int_equal(civ_market_accept(m, 0, 0, P), 0);
  return m;
}

static bool near(civ_grains amount, double credits)
{
  return fabs(civ_credits_of(amount) - credits) <= 1e-9;
}

/* --- by hand ------------------------------------------------------------------------------------------------------------- */

static void settled_work_is_paid_once(void **state)
{
  (void)state;
  civ_market_payment x;
  civ_market *m = awarded();
  assert_true(civ_market_settle(m, 0, true, &x));
  assert_true(near(x.worker, 7.84) && x.poster == 0 && near(x.fee, 0.16) && near(x.surplus, 2));
  assert_int_equal(civ_market_bounty_at(m, 0)->status, CIV_BOUNTY_COMPLETED);
  assert_int_equal(civ_market_escrow_at(m, 0)->status, CIV_ESCROW_RELEASED);
  assert_false(civ_market_settle(m, 0, true, &x) || civ_market_settle(m, 0, false, &x));
  assert_int_equal(civ_market_dispute(m, 0, W, 0), CIV_NONE);
  assert_true(civ_market_balances(m));
  civ_market_destroy(m);
  m = awarded();
  assert_true(civ_market_settle(m, 0, false, &x));
  assert_true(x.worker == 0 && near(x.poster, 7.84) && near(x.fee, 0.16) && near(x.surplus, 2));
  assert_int_equal(civ_market_bounty_at(m, 0)->status, CIV_BOUNTY_FAILED);
  assert_int_equal(civ_market_escrow_at(m, 0)->status, CIV_ESCROW_REFUNDED);
  civ_market_destroy(m);
}

static void disputes_divide_what_the_fee_leaves(void **state)
{
  static const struct {
    double share, worker, poster;
    int escrow, bounty, dispute;
  } cases[] = {
    { 0.6, 4.704, 3.136, CIV_ESCROW_PARTIAL, CIV_BOUNTY_COMPLETED, CIV_DISPUTE_SPLIT },
    { 0.5, 3.92, 3.92, CIV_ESCROW_PARTIAL, CIV_BOUNTY_FAILED, CIV_DISPUTE_SPLIT },
    { 0.995, 7.8008, 0.0392, CIV_ESCROW_RELEASED, CIV_BOUNTY_COMPLETED, CIV_DISPUTE_RELEASE },
    { 0.99, 7.7616, 0.0784, CIV_ESCROW_RELEASED, CIV_BOUNTY_COMPLETED, CIV_DISPUTE_RELEASE },
    { 0.005, 0.0392, 7.8008, CIV_ESCROW_REFUNDED, CIV_BOUNTY_FAILED, CIV_DISPUTE_REFUND },
    { 7, 7.84, 0, CIV_ESCROW_RELEASED, CIV_BOUNTY_COMPLETED, CIV_DISPUTE_RELEASE },
    { -7, 0, 7.84, CIV_ESCROW_REFUNDED, CIV_BOUNTY_FAILED, CIV_DISPUTE_REFUND },
  };
  (void)state;
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    civ_market_payment x;
    civ_market *m = awarded();
    assert_int_equal(civ_market_dispute(m, 0, X, 3), CIV_NONE); /* no party */
    assert_int_equal(civ_market_dispute(m, 0, P, 3), 0);
    assert_int_equal(civ_market_dispute(m, 0, W, 3), CIV_NONE); /* one at a time */
    assert_int_equal(civ_market_bounty_at(m, 0)->status, CIV_BOUNTY_DISPUTED);
    assert_false(civ_market_settle(m, 0, true, &x)); /* it would be paid twice */
    assert_false(civ_market_resolve(m, 0, NAN, &x));
    assert_int_equal(civ_market_overdue_dispute(m, 4), CIV_NONE);
    assert_int_equal(civ_market_overdue_dispute(m, 5), 0);
    assert_true(civ_market_resolve(m, 0, cases[k].share, &x));
    assert_false(civ_market_resolve(m, 0, cases[k].share, &x));
    assert_int_equal(civ_market_overdue_dispute(m, 50), CIV_NONE);
    assert_true(near(x.worker, cases[k].worker) && near(x.poster, cases[k].poster) && near(x.fee, 0.16));
    assert_int_equal(x.worker + x.poster + x.fee, civ_grains_of(8));
    assert_int_equal(civ_market_escrow_at(m, 0)->status, cases[k].escrow);
    assert_int_equal(civ_market_bounty_at(m, 0)->status, cases[k].bounty);
    assert_int_equal(civ_market_dispute_at(m, 0)->status, cases[k].dispute);
    assert_true(civ_market_balances(m));
    civ_market_destroy(m);
  }
}

static void bids_are_refused_for_a_reason(void **state)
{
  (void)state;
  civ_market *m = open_market(&plain);
  assert_int_equal(civ_market_post(m, P, 0, 10, 0, -1, 0), 0);
  assert_int_equal(civ_market_bid(m, 0, W, 10), 0);
  assert_int_equal(civ_market_bid(m, 0, X, 10.01), CIV_NONE);
  assert_int_equal(civ_market_bid(m, 0, X, 0), CIV_NONE);
  assert_int_equal(civ_market_bid(m, 0, X, -1), CIV_NONE);
  assert_int_equal(civ_market_bid(m, 0, X, NAN), CIV_NONE);
  assert_int_equal(civ_market_bid(m, 0, X, INFINITY), CIV_NONE);
  assert_int_equal(civ_market_bid(m, 0, P, 3), CIV_NONE);
  assert_int_equal(civ_market_bid(m, 0, W, 9), CIV_NONE);
  assert_int_equal(civ_market_bid(m, 1, X, 9), CIV_NONE);
  assert_false(civ_market_withdraw(m, 0, X));
  assert_true(civ_market_withdraw(m, 0, W));
  assert_int_equal(civ_market_bid(m, 0, W, 9), 1);
  assert_false(civ_market_reject(m, 1, W));
  assert_true(civ_market_reject(m, 1, P));
  assert_int_equal(civ_market_accept(m, 0, 1, P), CIV_NONE);
  assert_false(civ_market_reject(m, 1, P) || civ_market_withdraw(m, 1, W));
  civ_market_destroy(m);
  civ_marketplace_config few = plain;
  few.max_bids_per_bounty = 2;
  m = open_market(&few);
  assert_int_equal(civ_market_post(m, P, 0, 10, 0, -1, 0), 0);
  assert_int_equal(civ_market_bid(m, 0, 1, 5), 0);
  assert_int_equal(civ_market_bid(m, 0, 2, 5), 1);
  assert_int_equal(civ_market_bid(m, 0, 3, 5), CIV_NONE);
  assert_true(civ_market_withdraw(m, 0, 1));
  assert_int_equal(civ_market_bid(m, 0, 3, 5), 2);
  assert_int_equal(civ_market_lowest(m, P), 1); /* the first of equals */
  civ_market_destroy(m);
}

static void bounties_are_refused_for_a_reason(void **state)
{
  (void)state;
  civ_market *m = open_market(&plain);
  static const double bad[] = { 0.99, -3, NAN, INFINITY, -INFINITY, CIV_MARKET_MOST };
  for (size_t k = 0; k < sizeof bad / sizeof *bad; k++)
    assert_int_equal(civ_market_post(m, P, 0, bad[k], 0, -1, 0), CIV_NONE);
  assert_int_equal(civ_market_post(m, P, 0, 5, NAN, -1, 0), CIV_NONE);
  assert_int_equal(civ_market_post(m, PEOPLE, 0, 5, 0, -1, 0), CIV_NONE);
  assert_int_equal(civ_market_post(m, P, 0, 1, 0, -1, 0), 0);
  civ_market_destroy(m);
}

static void offers_end_and_bounties_expire(void **state)
{
  (void)state;
  civ_market *m = open_market(&plain);
  assert_int_equal(civ_market_post(m, P, 0, 10, 0.5, 3, 0), 0);
  assert_int_equal(civ_market_post(m, X, 1, 1, 0, -1, 0), 1);
  assert_int_equal(civ_market_post(m, X, 2, 4, 0, 0, 0), 2); /* 0: to the end of epoch 0, never on offer */
  assert_int_equal(civ_market_available(m, W, 0.4), 1);
  assert_int_equal(civ_market_available_at(m, W, 0.4, 0), 1);
  assert_int_equal(civ_market_available(m, W, 0.5), 2);
  assert_int_equal(civ_market_available(m, W, -1), 0);
  assert_int_equal(civ_market_available(m, P, 1), 1);
  assert_int_equal(civ_market_best_available(m, W, 1), 0);
  assert_int_equal(civ_market_best_available(m, P, 1), 1);
  assert_int_equal(civ_market_best_available(m, X, 0), CIV_NONE);
  assert_int_equal(civ_market_bid(m, 0, W, 4), 0);
  assert_int_equal(civ_market_expire(m, 0), 2);
  civ_market_advance(m, 3);
  assert_int_equal(civ_market_available(m, W, 0.5), 1);
  assert_int_equal(civ_market_awaiting(m, P), 1); /* still to be decided */
  assert_int_equal(civ_market_expire(m, 2), CIV_NONE);
  assert_int_equal(civ_market_expire(m, 3), 0);
  assert_int_equal(civ_market_expire(m, 3), CIV_NONE);
  assert_int_equal(civ_market_bid_at(m, 0)->status, CIV_BID_REJECTED);
  assert_int_equal(civ_market_awaiting(m, P), 0);
  assert_true(civ_market_balances(m));
  civ_market_destroy(m);
}

static void sums_carry_exactly(void **state)
{
  (void)state;
  civ_grain_sum s = { 0, 0 };
  const civ_grains most = civ_grains_of(CIV_MARKET_MOST - 1) + 12345;
  for (int k = 0; k < 100000; k++)
    civ_grain_sum_add(&s, most);
  for (int k = 0; k < 100000; k++)
    civ_grain_sum_add(&s, -most + (k == 7));
  assert_true(s.credits == 0 && s.parts == 1);
  assert_true(civ_grain_sum_credits(&s) == 0x1p-32);
}

/* --- random scripts -------------------------------------------------------------------------------------------------------- */

typedef struct script {
  failing_allocator memory;
  civ_draws draws;
  civ_marketplace_config rules;
  civ_market *m;
  uint32_t epoch, tasks;
  civ_grains purse[PEOPLE], burnt;                              /* purses may go below 0 */
  uint8_t bounty[4096], bid[4096], escrow[4096], dispute[4096]; /* statuses seen last */
  uint32_t n_bounties, n_bids, n_escrows, n_disputes;
} script;

static uint32_t draw(script *s, uint32_t n)
{
  return civ_draw_index(&s->draws, n);
}

static double some_amount(script *s)
{
  static const double odd[] = { 0, -1, 1, 1e-12, 0.1, 1e9, 2.5 };
  return draw(s, 8) == 0 ? odd[draw(s, 7)] : civ_draw_between(&s->draws, 0.5, 20);
}

/* Any number, mostly of something that is there. */
static uint32_t some(script *s, uint32_t n)
{
  return draw(s, 12) == 0 ? n + draw(s, 3) : n ? draw(s, n) : 0;
}

static void pay(script *s, uint32_t escrow, const civ_market_payment *x)
{
  const civ_escrow *e = civ_market_escrow_at(s->m, escrow);
  s->purse[e->worker] += x->worker;
  s->purse[e->poster] += x->poster + x->surplus;
  s->burnt += x->fee;
}

static void do_post(script *s)
{
  static const double demands[] = { 0, 0, 0, 0.5, -1, 0.25 };
  const civ_agent poster = draw(s, PEOPLE);
  const uint32_t k = civ_market_post(s->m, poster, s->tasks, some_amount(s), demands[draw(s, 6)],
                                     draw(s, 2) ? -1 : (int64_t)(s->epoch + draw(s, 4)), s->epoch);
  if (k == CIV_NONE)
    return;
  s->tasks += 1 + draw(s, 3);
  s->purse[poster] -= civ_market_bounty_at(s->m, k)->reward;
}

/* Settled once, and only work whose escrow is held and undisputed. */
static void do_close(script *s)
{
  civ_market_payment x;
  const uint32_t n = civ_market_escrows(s->m), escrow = some(s, n);
  const bool may = escrow < n && civ_market_escrow_at(s->m, escrow)->status == CIV_ESCROW_HELD &&
                   civ_market_bounty_at(s->m, civ_market_escrow_at(s->m, escrow)->bounty)->status == CIV_BOUNTY_AWARDED;
  assert_true(civ_market_settle(s->m, escrow, draw(s, 2), &x) == may);
  if (may)
    pay(s, escrow, &x);
}

static void do_resolve(script *s)
{
  civ_market_payment x;
  const uint32_t n = civ_market_disputes(s->m), dispute = some(s, n);
  const bool may = dispute < n && civ_market_dispute_at(s->m, dispute)->status == CIV_DISPUTE_OPEN;
  assert_true(civ_market_resolve(s->m, dispute, civ_draw_between(&s->draws, -0.3, 1.3), &x) == may);
  if (may)
    pay(s, civ_market_dispute_at(s->m, dispute)->escrow, &x);
}

static void end_epoch(script *s)
{
  civ_market_payment x;
  for (uint32_t k, last = 0; (k = civ_market_expire(s->m, s->epoch)) != CIV_NONE; last = k) {
    assert_true(k >= last);
    s->purse[civ_market_bounty_at(s->m, k)->poster] += civ_market_bounty_at(s->m, k)->reward;
  }
  for (uint32_t k; (k = civ_market_overdue_dispute(s->m, s->epoch)) != CIV_NONE;) {
    assert_true(s->epoch - civ_market_dispute_at(s->m, k)->filed_epoch >= s->rules.dispute_resolution_epochs);
    assert_true(civ_market_resolve(s->m, k, s->rules.dispute_default_split, &x));
    pay(s, civ_market_dispute_at(s->m, k)->escrow, &x);
  }
  civ_market_advance(s->m, ++s->epoch);
}

static void do_something(script *s)
{
  const civ_agent a = draw(s, PEOPLE);
  assert_int_equal(civ_market_reserve(s->m, 1), CIV_OK);
  failing_allocator_seal(&s->memory); /* what follows takes none */
  switch (draw(s, 14)) {
  case 0:
  case 1:
  case 2:
    do_post(s);
    break;
  case 3:
  case 4:
  case 5:
  case 6:
    civ_market_bid(s->m, some(s, civ_market_bounties(s->m)), a, some_amount(s));
    break;
  case 7:
    civ_market_accept(s->m, some(s, civ_market_bounties(s->m)), some(s, civ_market_bids(s->m)), a);
    break;
  case 8: {
    const uint32_t bid = civ_market_lowest(s->m, a);
    assert_true(bid == CIV_NONE || civ_market_accept(s->m, civ_market_bid_at(s->m, bid)->bounty, bid, a) != CIV_NONE);
    break;
  }
  case 9:
    civ_market_reject(s->m, some(s, civ_market_bids(s->m)), a);
    break;
  case 10:
    civ_market_withdraw(s->m, some(s, civ_market_bids(s->m)), a);
    break;
  case 11:
    civ_market_dispute(s->m, some(s, civ_market_escrows(s->m)), a, s->epoch);
    break;
  case 12:
    draw(s, 2) ? do_close(s) : do_resolve(s);
    break;
  default:
    if (draw(s, 3) == 0)
      end_epoch(s);
  }
  failing_allocator_unseal(&s->memory);
}

/* --- laws -------------------------------------------------------------------------------------------------------------------- */

static void along(uint8_t *seen, uint8_t now, const char *const *allowed)
{
  if (*seen != now && strchr(allowed[*seen], (char)('0' + now)) == NULL)
    fail_msg("a status went from %d to %d", *seen, now);
  *seen = now;
}

static void statuses_keep_to_their_ways(script *s)
{
  static const char *const bounty[] = { "15", "234", "", "", "23", "", "" }, *const bid[] = { "123", "", "", "" },
                           *const escrow[] = { "123", "", "", "" }, *const dispute[] = { "234", "", "", "", "" };
  const civ_market_statistics c = civ_market_count(s->m);
  assert_true(c.bounties < 4096 && c.bids < 4096);
  for (uint32_t k = 0; k < c.bounties; k++) {
    if (k >= s->n_bounties)
      s->bounty[k] = CIV_BOUNTY_OPEN;
    along(&s->bounty[k], civ_market_bounty_at(s->m, k)->status, bounty);
  }
  for (uint32_t k = 0; k < c.bids; k++) {
    if (k >= s->n_bids)
      s->bid[k] = CIV_BID_PENDING;
    along(&s->bid[k], civ_market_bid_at(s->m, k)->status, bid);
  }
  for (uint32_t k = 0; k < c.escrows; k++) {
    const civ_escrow *e = civ_market_escrow_at(s->m, k);
    if (k >= s->n_escrows)
      s->escrow[k] = CIV_ESCROW_HELD;
    along(&s->escrow[k], e->status, escrow);
    assert_true((e->status == CIV_ESCROW_HELD) == (e->released + e->refunded == 0) || s->rules.escrow_fee_rate == 1);
    assert_true(e->released >= 0 && e->refunded >= 0 && e->released + e->refunded <= e->amount);
  }
  for (uint32_t k = 0; k < c.disputes; k++) {
    if (k >= s->n_disputes)
      s->dispute[k] = CIV_DISPUTE_OPEN;
    along(&s->dispute[k], civ_market_dispute_at(s->m, k)->status, dispute);
  }
  s->n_bounties = c.bounties;
  s->n_bids = c.bids;
  s->n_escrows = c.escrows;
  s->n_disputes = c.disputes;
}

/* All purses, what is on offer and at work, and the fees: nothing, as at the beginning. */
static void no_grain_is_lost(const script *s)
{
  civ_grains all = s->burnt;
  for (int a = 0; a < PEOPLE; a++)
    all += s->purse[a];
  for (uint32_t k = 0; k < civ_market_bounties(s->m); k++) {
    const civ_bounty *b = civ_market_bounty_at(s->m, k);
    if (b->status == CIV_BOUNTY_OPEN || b->status == CIV_BOUNTY_AWARDED || b->status == CIV_BOUNTY_DISPUTED)
      all += b->reward;
  }
  assert_int_equal(all, 0);
  assert_true(civ_market_balances(s->m));
}

/* What an agent sees, found by looking at everything. */
static void answers_are_those_of_a_search(const script *s, civ_agent a, double reputation)
{
  const civ_market *m = s->m;
  uint32_t n = 0, best = CIV_NONE, waiting = 0, lowest = CIV_NONE, bids = 0, escrows = 0;
  for (uint32_t k = 0; k < civ_market_bounties(m); k++) {
    const civ_bounty *b = civ_market_bounty_at(m, k);
    uint32_t pending = 0;
    for (uint32_t j = 0; j < civ_market_bids(m); j++) {
      const civ_bid *bid = civ_market_bid_at(m, j);
      if (bid->bounty != k || bid->status != CIV_BID_PENDING)
        continue;
      pending++;
      if (b->poster != a)
        continue;
      assert_int_equal(civ_market_awaiting_at(m, a, waiting++), j);
      if (lowest == CIV_NONE || bid->amount < civ_market_bid_at(m, lowest)->amount)
        lowest = j;
    }
    assert_int_equal(b->n_pending, pending);
    if (b->poster == a || !civ_bounty_is_offered(b, s->epoch, reputation))
      continue;
    assert_int_equal(civ_market_available_at(m, a, reputation, n++), k);
    if (best == CIV_NONE || b->reward > civ_market_bounty_at(m, best)->reward)
      best = k;
  }
  for (uint32_t j = 0; j < civ_market_bids(m); j++)
    if (civ_market_bid_at(m, j)->bidder == a && civ_market_bid_at(m, j)->status == CIV_BID_PENDING)
      assert_int_equal(civ_market_own_bid_at(m, a, bids++), j);
  for (uint32_t k = 0; k < civ_market_escrows(m); k++) {
    const civ_escrow *e = civ_market_escrow_at(m, k);
    if (e->status == CIV_ESCROW_HELD && (e->poster == a || e->worker == a))
      assert_int_equal(civ_market_own_escrow_at(m, a, escrows++), k);
  }
  assert_int_equal(civ_market_available(m, a, reputation), n);
  assert_int_equal(civ_market_best_available(m, a, reputation), best);
  assert_int_equal(civ_market_awaiting(m, a), waiting);
  assert_int_equal(civ_market_lowest(m, a), lowest);
  assert_int_equal(civ_market_own_bids(m, a), bids);
  assert_int_equal(civ_market_own_escrows(m, a), escrows);
}

/* Saved and loaded it is the same market. */
static void check_bytes(script *s)
{
  civ_bytes out = { 0 }, again = { 0 };
  civ_market *copy = NULL;
  civ_error err;
  assert_int_equal(civ_market_create(&s->rules, PEOPLE, &s->memory.allocator, &copy, NULL), CIV_OK);
  civ_bytes_open(&out, "MARK");
  civ_market_save(s->m, &out);
  civ_bytes_close(&out);
  civ_bytes_reader in = { .data = out.data, .length = out.length };
  assert_int_equal(civ_bytes_enter(&in, "MARK", &err), CIV_OK);
  assert_int_equal(civ_market_load(copy, &in, &err), CIV_OK);
  assert_int_equal(civ_bytes_leave(&in, &err), CIV_OK);
  civ_bytes_open(&again, "MARK");
  civ_market_save(copy, &again);
  civ_bytes_close(&again);
  assert_int_equal(out.length, again.length);
  assert_memory_equal(out.data, again.data, out.length);
  assert_true(civ_market_digest(copy) == civ_market_digest(s->m));
  civ_market_destroy(s->m);
  s->m = copy; /* and goes on with it */
  civ_bytes_free(&out);
  civ_bytes_free(&again);
}

static void random_scripts_obey_the_laws(void **state)
{
  (void)state;
  uint64_t seen[CIV_BOUNTY_STATUSES] = { 0 }, disputes = 0;
  for (uint32_t seed = 0; seed < 60; seed++) {
    script s = { .rules = plain };
    const civ_draw_key key = { .purpose = CIV_PURPOSE_FUZZ, .entity = seed };
    s.draws = civ_draws_open(7, &key);
    s.rules.escrow_fee_rate = seed % 5 == 0 ? 0 : seed % 7 == 0 ? 1 : civ_draw_uniform(&s.draws);
    s.rules.max_bids_per_bounty = 1 + draw(&s, 5);
    s.rules.dispute_resolution_epochs = draw(&s, 4);
    s.rules.auto_expire_bounties = draw(&s, 6) != 0;
    s.rules.dispute_default_split = civ_draw_uniform(&s.draws);
    failing_allocator_init(&s.memory, SIZE_MAX);
    assert_int_equal(civ_market_create(&s.rules, PEOPLE, &s.memory.allocator, &s.m, NULL), CIV_OK);
    for (int k = 0; k < 600; k++) {
      do_something(&s);
      statuses_keep_to_their_ways(&s);
      if (k % 8 == 0) {
        no_grain_is_lost(&s);
        answers_are_those_of_a_search(&s, draw(&s, PEOPLE), civ_draw_between(&s.draws, -1.5, 1));
      }
      if (k % 150 == 149)
        check_bytes(&s);
    }
    const civ_market_statistics c = civ_market_count(s.m);
    for (int k = 0; k < CIV_BOUNTY_STATUSES; k++)
      seen[k] += c.by_status[k];
    disputes += c.disputes;
    civ_market_destroy(s.m);
    assert_int_equal(s.memory.blocks, 0);
  }
  for (int k = 0; k < CIV_BOUNTY_STATUSES - 1; k++)
    assert_true(seen[k] > 5);
  assert_true(disputes > 50 && seen[CIV_BOUNTY_CANCELLED] == 0);
}

/* --- memory, broken bytes ------------------------------------------------------------------------------------------------------ */

static void lack_of_memory_is_told(void **state)
{
  (void)state;
  for (size_t at = 0;; at++) {
    failing_allocator memory;
    failing_allocator_init(&memory, at);
    civ_market *m = NULL;
    civ_error err;
    civ_status st = civ_market_create(&plain, PEOPLE, &memory.allocator, &m, &err);
    if (st == CIV_OK)
      st = civ_market_reserve(m, 100);
    civ_market_destroy(m);
    assert_int_equal(memory.blocks, 0);
    if (st == CIV_OK)
      return;
    assert_int_equal(st, CIV_E_NOMEM);
  }
}

static void broken_bytes_are_refused(void **state)
{
  (void)state;
  civ_market *m = awarded(), *copy = open_market(&plain);
  civ_bytes out = { 0 };
  civ_bytes_open(&out, "MARK");
  civ_market_save(m, &out);
  civ_bytes_close(&out);
  for (size_t at = 12; at + 1 < out.length; at++) {
    civ_error err;
    civ_bytes_reader in = { .data = out.data, .length = out.length };
    if (civ_bytes_enter(&in, "MARK", &err) != CIV_OK)
      fail();
    const uint8_t kept = out.data[at];
    out.data[at] ^= 0xff;                           /* behind the back of the digest */
    if (civ_market_load(copy, &in, &err) == CIV_OK) /* then it must be fit to be used */
      for (civ_agent a = 0; a < PEOPLE; a++)
        (void)civ_market_available(copy, a, 0);
    out.data[at] = kept;
  }
  civ_bytes_free(&out);
  civ_market_destroy(copy);
  civ_market_destroy(m);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(settled_work_is_paid_once),      cmocka_unit_test(disputes_divide_what_the_fee_leaves),
    cmocka_unit_test(bids_are_refused_for_a_reason),  cmocka_unit_test(bounties_are_refused_for_a_reason),
    cmocka_unit_test(offers_end_and_bounties_expire), cmocka_unit_test(sums_carry_exactly),
    cmocka_unit_test(random_scripts_obey_the_laws),   cmocka_unit_test(lack_of_memory_is_told),
    cmocka_unit_test(broken_bytes_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
