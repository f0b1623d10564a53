/* What each policy does in a market, slot by slot: a draw is made exactly where its condition holds. */
#include "one_agent.h"

#include <math.h>

/* A market as it pleases: two bounties on offer at most, bids that wait, escrows held. */
typedef struct stall {
  civ_market_service service;
  uint32_t on_offer, waiting, held;
  double rewards[2];
} stall;

static uint32_t available(void *self, civ_agent a)
{
  (void)a;
  return ((stall *)self)->on_offer;
}
static uint32_t available_at(void *self, civ_agent a, uint32_t k)
{
  (void)self, (void)a;
  return k;
}
static uint32_t best(void *self, civ_agent a)
{
  const stall *s = self;
  (void)a;
  return s->on_offer > 1 && s->rewards[1] > s->rewards[0] ? 1 : 0;
}
static void bounty(void *self, uint32_t k, civ_bounty_view *out)
{
  *out = (civ_bounty_view){ .bounty = k, .reward = ((stall *)self)->rewards[k] };
}
static bool lowest(void *self, civ_agent a, civ_bid_view *out)
{
  (void)a;
  *out = (civ_bid_view){ .bid = 7 };
  return ((stall *)self)->waiting > 0;
}
static uint32_t awaiting(void *self, civ_agent a)
{
  (void)a;
  return ((stall *)self)->waiting;
}
static uint32_t escrows(void *self, civ_agent a)
{
  (void)a;
  return ((stall *)self)->held;
}
static uint32_t escrow_at(void *self, civ_agent a, uint32_t k)
{
  (void)self, (void)a;
  return 40 + k;
}

static one_agent *open_stall(stall *s, const civ_policy *policy)
{
  one_agent *t = one_agent_open(4);
  *s = (stall){ .rewards = { 10, 20 } };
  s->service = (civ_market_service){ .self = s,
                                     .available = available,
                                     .available_at = available_at,
                                     .best_available = best,
                                     .bounty = bounty,
                                     .lowest_bid = lowest,
                                     .awaiting = awaiting,
                                     .escrows = escrows,
                                     .escrow_at = escrow_at };
  t->stage.market = &s->service;
  one_agent_cast(t, policy, NULL);
  return t;
}

/* A turn whose first uniform is u, then only ones that say no. */
static civ_action turn(one_agent *t, double u)
{
  return one_agent_script(t, &u, 1, 0.999, NULL);
}

static void honest_accepts_bids_and_posts(void **state)
{
  (void)state;
  stall s;
  one_agent *t = open_stall(&s, &civ_policy_honest);
  stage_resources(&t->stage, 0, 100);
  s.waiting = 2;
  s.on_offer = 2;
  civ_action a = turn(t, 0.999); /* nothing is drawn */
  assert_true(a.kind == CIV_ACTION_ACCEPT_BID && a.target == 7);
  s.waiting = 0;
  a = turn(t, 0.29);
  assert_true(a.kind == CIV_ACTION_PLACE_BID && a.target == 0);
  assert_true(fabs(a.amount - 10 * 0.875) < 1e-12); /* the middle of 0.8 and 0.95 */
  const double both[] = { 0.31, 0.1 };
  a = one_agent_script(t, both, 2, 0.999, NULL); /* would post, but something is on offer */
  assert_true(a.kind != CIV_ACTION_PLACE_BID && a.kind != CIV_ACTION_POST_BOUNTY);
  s.on_offer = 0;
  a = turn(t, 0.14);
  assert_true(a.kind == CIV_ACTION_POST_BOUNTY && a.amount == 10 && a.deadline_epoch < 0 && a.min_reputation == 0);
  stage_resources(&t->stage, 0, 20);
  assert_true(turn(t, 0.14).kind != CIV_ACTION_POST_BOUNTY);
  stage_resources(&t->stage, 0, 100);
  s.waiting = 1;
  stage_propose(&t->stage, 1, 0, CIV_TRADE, 0); /* proposals come first */
  assert_true(turn(t, 0.1).kind == CIV_ACTION_ACCEPT);
  one_agent_close(t);
}

static void opportunists_bid_low_before_anything_else(void **state)
{
  (void)state;
  stall s;
  one_agent *t = open_stall(&s, &civ_policy_opportunistic);
  stage_propose(&t->stage, 1, 0, CIV_TRADE, 1);
  s.waiting = 1;
  assert_int_equal(turn(t, 0.999).kind, CIV_ACTION_ACCEPT_BID);
  s.waiting = 0;
  s.on_offer = 2;
  civ_action a = turn(t, 0.49);
  assert_true(a.kind == CIV_ACTION_PLACE_BID && a.target == 1 && fabs(a.amount - 20 * 0.6) < 1e-12);
  s.rewards[1] = 1;
  s.rewards[0] = 1;
  a = turn(t, 0.49);
  assert_true(a.target == 0 && a.amount == 1); /* never below a credit; the first of equals */
  assert_int_equal(turn(t, 0.51).kind, CIV_ACTION_ACCEPT);
  s.on_offer = 0;
  assert_int_equal(turn(t, 0.1).kind, CIV_ACTION_ACCEPT);
  one_agent_close(t);
}

static void deceivers_do_so_more_rarely(void **state)
{
  (void)state;
  stall s;
  one_agent *t = open_stall(&s, &civ_policy_deceptive);
  stage_propose(&t->stage, 1, 0, CIV_TRADE, 1);
  s.waiting = 1;
  s.on_offer = 2;
  assert_int_equal(turn(t, 0.69).kind, CIV_ACTION_ACCEPT_BID);
  const double second[] = { 0.71, 0.39 };
  civ_action a = one_agent_script(t, second, 2, 0.999, NULL);
  assert_true(a.kind == CIV_ACTION_PLACE_BID && a.target == 1 && fabs(a.amount - 20 * 0.8) < 1e-12);
  s.waiting = 0;
  assert_int_equal(turn(t, 0.39).kind, CIV_ACTION_PLACE_BID);
  assert_int_equal(turn(t, 0.41).kind, CIV_ACTION_REJECT); /* then the proposal, and the draws say no */
  one_agent_close(t);
}

static void adversaries_set_bait_and_dispute(void **state)
{
  (void)state;
  stall s;
  one_agent *t = open_stall(&s, &civ_policy_adversarial);
  s.on_offer = 2;
  s.waiting = 1; /* none of its business */
  s.held = 3;
  t->stage.epoch = 5;
  civ_action a = turn(t, 0.19);
  assert_true(a.kind == CIV_ACTION_POST_BOUNTY && a.amount == 3 && a.deadline_epoch == 6);
  const double dispute[] = { 0.21, 0.39 };
  a = one_agent_script(t, dispute, 2, 0.999, NULL);
  assert_true(a.kind == CIV_ACTION_FILE_DISPUTE && a.target == 40 && a.content.length > 0);
  stage_resources(&t->stage, 0, 10); /* too poor for a bait: no draw for one */
  assert_int_equal(turn(t, 0.39).kind, CIV_ACTION_FILE_DISPUTE);
  s.held = 0;
  a = turn(t, 0.1);
  assert_true(a.kind != CIV_ACTION_FILE_DISPUTE && a.kind != CIV_ACTION_PLACE_BID && a.kind != CIV_ACTION_ACCEPT_BID);
  one_agent_close(t);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(honest_accepts_bids_and_posts),
    cmocka_unit_test(opportunists_bid_low_before_anything_else),
    cmocka_unit_test(deceivers_do_so_more_rarely),
    cmocka_unit_test(adversaries_set_bait_and_dispute),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
