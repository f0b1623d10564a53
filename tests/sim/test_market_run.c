/* The marketplace in whole runs: who pays whom, what levers see of paid work, what stays exact, what changes nothing. */
#include "play.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "civitas/market.h"
#include "sim/run_state.h"
#include "world/market_world.h"
#include "world/worlds.h"

#define TRADERS                                                                                                        \
  "agents:\n  - {type: honest, count: 3}\n  - {type: opportunistic, count: 2}\n  - {type: deceptive}\n"                \
  "  - {type: adversarial}\n"
/* Three agents of 100 credits that do nothing of themselves: p, w, x. */
#define THREE                                                                                                          \
  "agents:\n  - {type: honest, count: 3, initial_resources: 100,\n"                                                    \
  "     config: {post_probability: 0, vote_probability: 0, interact_probability: 0}}\n"
#define ON    "marketplace: {enabled: true}\n"
#define EPOCH SEED ", n_epochs: 6, steps_per_epoch: 1}\n"
enum { P, W, X };

static bool post(play *p, civ_agent a, double reward, double asks, int64_t deadline)
{
  civ_action action = civ_action_make(CIV_ACTION_POST_BOUNTY);
  action.amount = reward;
  action.min_reputation = asks;
  action.deadline_epoch = deadline;
  return play_do(p, a, &action);
}

static bool act(play *p, civ_agent a, civ_action_kind kind, uint32_t target, double amount)
{
  civ_action action = civ_action_make(kind);
  action.target = target;
  action.amount = amount;
  return play_do(p, a, &action);
}

static bool bid(play *p, civ_agent a, uint32_t bounty, double amount)
{
  return act(p, a, CIV_ACTION_PLACE_BID, bounty, amount);
}

static bool accept(play *p, civ_agent a, uint32_t taken)
{
  return act(p, a, CIV_ACTION_ACCEPT_BID, taken, 0);
}

static double has(const play *p, civ_agent a)
{
  return p->run->people.resources[a];
}

/* Near enough: a division moves less than a grain. */
static void expect(const play *p, civ_agent a, double credits)
{
  if (fabs(has(p, a) - credits) > 1e-9 * (1 + fabs(credits) / 30))
    fail_msg("agent %u has %.17g, not %.17g", a, has(p, a), credits);
}

/* The epoch ends, and the next begins, without a turn. */
static void next_epoch(play *p)
{
  civ_end end;
  for (civ_agent a = 0; a < p->run->people.view.n; a++)
    assert_int_equal(civ_run_freeze(p->run, a, true, NULL), CIV_OK);
  assert_int_equal(civ_run_epoch(p->run, &end, NULL), CIV_OK);
  for (civ_agent a = 0; a < p->run->people.view.n; a++)
    assert_int_equal(civ_run_freeze(p->run, a, false, NULL), CIV_OK);
  if (end == CIV_RUNNING)
    assert_int_equal(civ_governance_begin_epoch(p->run, NULL), CIV_OK);
}

static void *market_of(const play *p)
{
  for (uint32_t k = 0; k < p->run->n_worlds; k++)
    if (p->run->worlds[k].table == &civ_world_marketplace)
      return p->run->worlds[k].self;
  return NULL;
}

static civ_task_view task(const play *p, uint32_t number)
{
  civ_task_view t;
  p->run->tasks->task(p->run->tasks->self, number, &t);
  return t;
}

/* --- by hand ------------------------------------------------------------------------------------------------------------------- */

static void the_cheaper_bid_is_paid(void **state)
{
  (void)state;
  play p;
  civ_marketplace_outcome o;
  play_open(&p, EPOCH ON THREE, NULL);
  assert_true(post(&p, P, 10, 0, -1));
  assert_true(bid(&p, W, 0, 8) && bid(&p, X, 0, 7.5));
  assert_true(accept(&p, P, 1));
  assert_false(accept(&p, P, 0));
  expect(&p, P, 90);
  assert_int_equal(task(&p, 0).claimer, X);
  assert_true(act(&p, X, CIV_ACTION_SUBMIT_OUTPUT, 0, 0));
  assert_int_equal(civ_marketplace_settle(p.run, 0, true, 0.9, &o, NULL), CIV_OK);
  assert_true(o.success && o.poster == P && o.worker == X && o.surplus == 2.5);
  assert_int_equal(civ_marketplace_settle(p.run, 0, true, 0.9, &o, NULL), CIV_E_STATE);
  assert_int_equal(civ_marketplace_settle(p.run, 5, true, 0.9, &o, NULL), CIV_E_STATE);
  assert_int_equal(civ_marketplace_settle(p.run, 0, true, 1.1, &o, NULL), CIV_E_RANGE);
  assert_int_equal(civ_marketplace_settle(p.run, 0, true, NAN, &o, NULL), CIV_E_RANGE);
  expect(&p, P, 92.5);
  expect(&p, W, 100);
  expect(&p, X, 107.35);
  play_close(&p);
}

static void taxes_fall_on_resources(void **state)
{
  (void)state;
  play p;
  play_open(&p, EPOCH ON "governance: {transaction_tax_rate: 0.05}\n" THREE, NULL);
  assert_true(post(&p, P, 10, 0, -1) && bid(&p, W, 0, 8) && accept(&p, P, 0));
  assert_int_equal(civ_marketplace_settle(p.run, 0, true, 0.9, NULL, NULL), CIV_OK);
  expect(&p, P, 91.7615);
  expect(&p, W, 107.6015);
  assert_true(play_total(&p, "total_interactions") == 0 && play_total(&p, "costed_interactions") == 0);
  assert_true(play_total(&p, "cost.transaction_tax") > 0);
  play_close(&p);
}

static void time_runs_out(void **state)
{
  (void)state;
  play p;
  play_open(&p, EPOCH ON THREE, NULL);
  assert_true(post(&p, P, 4, 0, 1) && bid(&p, W, 0, 3));
  next_epoch(&p);
  const civ_market_service *m = p.run->market;
  assert_true(m->available(m->self, W) == 0 && p.run->tasks->available(p.run->tasks->self, W) == 0);
  assert_false(bid(&p, X, 0, 3)); /* too late, though the bounty is still open */
  expect(&p, P, 96);
  next_epoch(&p);
  expect(&p, P, 100);
  expect(&p, W, 100);
  assert_int_equal(task(&p, 0).status, CIV_TASK_EXPIRED);
  assert_true(play_total(&p, "market.bounty_statuses.expired") == 1 && play_total(&p, "events:bounty_expired") == 1);
  play_close(&p);
}

static void disputes_resolve_by_themselves_or_by_order(void **state)
{
  (void)state;
  play p;
  civ_marketplace_outcome o;
  play_open(&p, EPOCH ON THREE, NULL);
  for (int k = 0; k < 2; k++)
    assert_true(post(&p, P, 10, 0, -1) && bid(&p, W, (uint32_t)k, 8) && accept(&p, P, (uint32_t)k));
  assert_false(act(&p, X, CIV_ACTION_FILE_DISPUTE, 0, 0));
  assert_true(act(&p, P, CIV_ACTION_FILE_DISPUTE, 0, 0) && act(&p, W, CIV_ACTION_FILE_DISPUTE, 1, 0));
  assert_int_equal(civ_marketplace_settle(p.run, 0, true, 1, &o, NULL), CIV_E_STATE);
  assert_int_equal(civ_marketplace_resolve(p.run, 1, 0.6, &o, NULL), CIV_OK);
  assert_true(o.success && fabs(o.to_worker - 4.704) < 1e-9 && o.surplus == 2);
  assert_int_equal(civ_marketplace_resolve(p.run, 1, 0.6, &o, NULL), CIV_E_STATE);
  assert_int_equal(civ_marketplace_resolve(p.run, 0, NAN, &o, NULL), CIV_E_RANGE);
  next_epoch(&p);
  next_epoch(&p);
  assert_true(play_total(&p, "market.bounty_statuses.disputed") == 1);
  next_epoch(&p);
  expect(&p, P, 80 + 2 + 3.136 + 2 + 3.92);
  expect(&p, W, 104.704 + 3.92);
  assert_true(play_total(&p, "market.bounty_statuses.disputed") == 0);
  play_close(&p);
}

static void nobody_offers_more_than_it_has(void **state)
{
  (void)state;
  play p;
  play_open(&p,
            EPOCH ON "agents:\n  - {type: honest, count: 2, initial_resources: 10.1, "
                     "config: {post_probability: 0}}\n",
            NULL);
  assert_false(post(&p, P, 10.2, 0, -1) || post(&p, P, 0.5, 0, -1) || post(&p, P, NAN, 0, -1));
  assert_true(post(&p, P, 10.1, 0, -1)); /* all it has */
  assert_false(post(&p, P, 1, 0, -1));
  assert_true(has(&p, P) >= 0 && has(&p, P) < 1e-9);
  assert_int_equal(p.run->tasks->available(p.run->tasks->self, W), 1); /* what was refused left no task behind */
  play_close(&p);
}

static void bounties_ask_for_reputation(void **state)
{
  (void)state;
  play p;
  play_open(&p, EPOCH ON THREE, NULL);
  assert_true(post(&p, P, 10, 0.5, -1));
  assert_false(bid(&p, W, 0, 8));
  civ_population_set_reputation(&p.run->people, W, 0.5);
  const civ_market_service *m = p.run->market;
  assert_true(m->available(m->self, W) == 1 && m->available(m->self, X) == 0);
  assert_true(bid(&p, W, 0, 8));
  civ_population_set_reputation(&p.run->people, W, 0); /* the escrow is there, but the task is not its */
  assert_true(accept(&p, P, 0));
  assert_int_equal(task(&p, 0).status, CIV_TASK_OPEN);
  play_close(&p);
}

static void reserved_tasks_wait_for_the_winner(void **state)
{
  (void)state;
  play p;
  play_open(&p, EPOCH "marketplace: {reserve_tasks: true}\n" THREE, NULL);
  assert_true(post(&p, P, 10, 0, -1));
  assert_int_equal(p.run->tasks->available(p.run->tasks->self, X), 0);
  assert_false(act(&p, X, CIV_ACTION_CLAIM_TASK, 0, 0));
  assert_true(bid(&p, W, 0, 8) && accept(&p, P, 0));
  assert_true(task(&p, 0).claimer == W && task(&p, 0).status == CIV_TASK_IN_PROGRESS);
  play_close(&p);
}

static void wash_trades_are_flagged(void **state)
{
  (void)state;
  play p;
  play_open(&p, EPOCH ON THREE, NULL);
  assert_true(post(&p, P, 10, 0, -1) && act(&p, P, CIV_ACTION_CLAIM_TASK, 0, 0)); /* its own task: allowed */
  assert_true(play_total(&p, "market.wash_trades") == 1);
  assert_true(bid(&p, W, 0, 8) && accept(&p, P, 0));
  assert_true(play_total(&p, "market.wash_trades") == 1);
  assert_true(post(&p, W, 10, 0, -1) && bid(&p, P, 1, 8) && accept(&p, W, 1)); /* and back */
  assert_true(play_total(&p, "market.wash_trades") == 2 && play_total(&p, "events:wash_trade_flagged") == 2);
  play_close(&p);
}

static void work_delivered_is_settled_at_the_epochs_end(void **state)
{
  (void)state;
  play p;
  uint32_t paid = 0, failed = 0;
  play_open(&p,
            EPOCH "marketplace: {settlement: on_submission}\nrate_limits: {bounties_per_epoch: 50, bids_per_epoch: 50, "
                  "tasks_per_epoch: 50}\n" THREE,
            NULL);
  for (uint32_t k = 0; k < 12; k++)
    assert_true(post(&p, P, 5, 0, -1) && bid(&p, W, k, 4) && accept(&p, P, k));
  for (uint32_t k = 11; k > 1; k--) /* in any order; two are never delivered */
    assert_true(act(&p, W, CIV_ACTION_SUBMIT_OUTPUT, k, 0));
  assert_true(post(&p, P, 5, 0, -1) && act(&p, X, CIV_ACTION_CLAIM_TASK, 12, 0)); /* somebody else has the task */
  assert_true(bid(&p, W, 12, 4) && accept(&p, P, 12) && act(&p, X, CIV_ACTION_SUBMIT_OUTPUT, 12, 0));
  next_epoch(&p);
  const civ_market *m = civ_market_world_market(market_of(&p));
  for (uint32_t k = 0; k < 13; k++) {
    const uint8_t status = civ_market_bounty_at(m, k)->status;
    paid += status == CIV_BOUNTY_COMPLETED;
    failed += status == CIV_BOUNTY_FAILED;
    assert_true((status == CIV_BOUNTY_AWARDED) == (k < 2 || k == 12));
    assert_true((status == CIV_BOUNTY_COMPLETED) == (task(&p, k).status == CIV_TASK_COMPLETED));
  }
  assert_true(paid + failed == 10 && paid > 0);
  expect(&p, W, 100 + 3.92 * paid);
  expect(&p, P, 100 - 13 * 5 + paid + failed * 4.92);
  play_close(&p);
}

/* --- what levers see ------------------------------------------------------------------------------------------------------------ */

static civ_interaction seen;
static uint32_t times;

static civ_status lever_create(civ_host *host, void **self, civ_error *err)
{
  (void)err;
  *self = host;
  times = 0;
  return CIV_OK;
}
static void lever_judge(void *self, const civ_interaction *record, civ_draws *draws, civ_effect *effect)
{
  (void)self;
  (void)draws;
  civ_effect_cost(effect, 0.25, 0.5);
  civ_effect_reputation(effect, record->counterparty, 0.125);
}
static void lever_judged(void *self, const civ_interaction *record, civ_effect *effect)
{
  (void)self;
  (void)effect;
  seen = *record;
  times++;
}
static const civ_lever witness = { .version = CIV_PART_VERSION,
                                   .name = "witness",
                                   .doc = "charges, and remembers what it saw",
                                   .accounted = true,
                                   .create = lever_create,
                                   .judge = lever_judge,
                                   .judged = lever_judged };

static civ_status add_witness(civ_registry *registry, civ_error *err)
{
  return civ_registry_add_lever(registry, &witness, err);
}

static void levers_see_a_trade_without_costs(void **state)
{
  (void)state;
  play p;
  play_load(&p, EPOCH ON THREE, add_witness);
  play_start(&p, NULL);
  assert_true(post(&p, P, 10, 0, -1) && bid(&p, W, 0, 8) && accept(&p, P, 0));
  assert_true(post(&p, P, 10, 0, -1) && bid(&p, X, 1, 8) && accept(&p, P, 1));
  assert_int_equal(civ_marketplace_settle(p.run, 1, false, 0.1, NULL, NULL), CIV_OK);
  assert_int_equal(times, 0); /* a failure is no trade */
  assert_int_equal(civ_marketplace_settle(p.run, 0, true, 0.8, NULL, NULL), CIV_OK);
  assert_int_equal(times, 1);
  assert_true(seen.id == 0 && seen.initiator == P && seen.counterparty == W && seen.type == CIV_TRADE && seen.accepted);
  assert_true(seen.c_a == 0 && seen.c_b == 0 && seen.p == 0.8 && fabs(seen.tau - 7.84) < 1e-9);
  assert_true(fabs(seen.v_hat - 0.6) < 1e-15 && seen.observables.counterparty_engagement_delta == 0.4);
  expect(&p, P, 80 + 2 + 7.84 + 2 - 0.25);
  expect(&p, W, 107.84 - 0.5);
  assert_true(p.run->people.reputation[W] == 0.125 && p.run->people.total_payoff[W] == 0);
  play_close(&p);
}

/* --- whole runs ------------------------------------------------------------------------------------------------------------------ */

/* All credits as whole grains: what agents have, and what is out. */
static int64_t all_money(const play *p)
{
  const civ_market_statistics c = civ_market_count(civ_market_world_market(market_of(p)));
  const civ_grain_sum *const out[] = { &c.sums.open, &c.sums.at_work, &c.sums.fees };
  int64_t all = 0;
  for (civ_agent a = 0; a < p->run->people.view.n; a++) {
    const double grains = has(p, a) * 0x1p32;
    assert_true(grains == floor(grains)); /* no part of a grain has come about */
    all += (int64_t)grains;
  }
  for (size_t k = 0; k < sizeof out / sizeof *out; k++)
    all += (int64_t)(out[k]->credits * INT64_C(4294967296)) + out[k]->parts;
  return all;
}

static void money_is_kept_to_the_last_bit(void **state)
{
  static const char *const markets[] = { "{enabled: true}", "{settlement: on_submission, reserve_tasks: true}",
                                         "{settlement: on_submission, escrow_fee_rate: 0.337, max_bids_per_bounty: 1}",
                                         "{settlement: on_submission, reserve_tasks: true, escrow_fee_rate: 1}" };
  (void)state;
  for (size_t k = 0; k < sizeof markets / sizeof *markets; k++)
    for (int seed = 1; seed < 9; seed++) {
      play p;
      char yaml[1000];
      civ_end end = CIV_RUNNING;
      snprintf(yaml, sizeof yaml,
               "scenario_id: test\nsimulation: {seed: %d, n_epochs: 12, steps_per_epoch: 10}\nmarketplace: %s\n%s",
               seed, markets[k], TRADERS);
      play_open(&p, yaml, NULL);
      const int64_t before = all_money(&p);
      while (end == CIV_RUNNING) {
        assert_int_equal(civ_run_step(p.run, &end, NULL), CIV_OK);
        assert_true(all_money(&p) == before);
        assert_true(civ_market_balances(civ_market_world_market(market_of(&p))));
      }
      assert_true(p.run->refused_growth == 0 && play_total(&p, "market.total_escrows") > 0);
      play_close(&p);
    }
}

#define CROWD                                                                                                          \
  "agents:\n  - {type: honest, count: 40}\n  - {type: opportunistic, count: 20}\n  - {type: deceptive, count: 10}\n"   \
  "  - {type: adversarial, count: 10}\n"
#define LAW                                                                                                            \
  "governance: {transaction_tax_rate: 0.05, audit_enabled: true, audit_probability: 0.3, "                             \
  "collusion_detection_enabled: true, "                                                                                \
  "sybil_detection_enabled: true, security_enabled: true, circuit_breaker_enabled: true}\n"
#define MARKET     "marketplace: {settlement: on_submission, reserve_tasks: true}\n"
#define MODE(mode) SEED ", n_epochs: 6, steps_per_epoch: 8, turn_mode: " mode "}\n"

static void a_checkpoint_in_mid_run(void **state)
{
  static const char *const yamls[] = { MODE("sequential") MARKET LAW CROWD, MODE("simultaneous") ON CROWD };
  (void)state;
  for (size_t k = 0; k < 2; k++) {
    play p, q;
    civ_bytes bytes = { 0 };
    civ_end end = CIV_RUNNING;
    play_open(&p, yamls[k], NULL);
    play_open(&q, yamls[k], NULL);
    for (int epoch = 0; epoch < 3; epoch++)
      assert_int_equal(civ_run_epoch(p.run, &end, NULL), CIV_OK);
    assert_int_equal(civ_run_save(p.run, &bytes, NULL), CIV_OK);
    civ_bytes_reader in = { .data = bytes.data, .length = bytes.length };
    assert_int_equal(civ_run_load(q.run, &in, NULL), CIV_OK);
    assert_true(civ_run_digest(p.run) == civ_run_digest(q.run));
    play_all(&p);
    play_all(&q);
    assert_true(civ_run_digest(p.run) == civ_run_digest(q.run));
    const civ_result a = play_result(&p), b = play_result(&q);
    for (uint32_t t = 0; t < a.total_columns.n; t++)
      if (memcmp(&a.totals[t], &b.totals[t], sizeof(double)) != 0)
        fail_msg("%s: %g, %g", a.total_columns.decls[t].name, a.totals[t], b.totals[t]);
    assert_true(play_total(&p, "market.total_escrows") > 3);
    civ_bytes_free(&bytes);
    play_close(&p);
    play_close(&q);
  }
}

static void threads_change_nothing(void **state)
{
  (void)state;
  static const char yaml[] = SEED ", n_epochs: 3, steps_per_epoch: 6, turn_mode: simultaneous}\n" MARKET
                                  "agents:\n  - {type: honest, count: 800}\n  - {type: opportunistic, count: 500}\n  - "
                                  "{type: deceptive, count: 200}\n"
                                  "  - {type: adversarial, count: 200}\n";
  uint64_t digest = 0;
  for (uint32_t threads = 1; threads <= 4; threads += 3) {
    play p;
    const civ_run_options options = { .threads = threads };
    play_open(&p, yaml, &options);
    play_all(&p);
    assert_true(p.run->refused_growth == 0);
    if (threads == 1)
      digest = civ_run_digest(p.run);
    else
      assert_true(civ_run_digest(p.run) == digest);
    assert_true(play_total(&p, "market.total_escrows") > 20);
    play_close(&p);
  }
}

/* What stands behind simulation_started, whose config tells them apart, without the digests. */
static uint64_t body_of(const char *yaml)
{
  play p;
  scribe s = { 0 };
  play_open(&p, yaml, NULL);
  assert_int_equal(civ_run_attach(p.run, &scribe_sink, &s, NULL), CIV_OK);
  play_all(&p);
  const char *lines = scribe_lines(&s);
  const uint64_t digest = civ_digest(0, lines, strlen(lines));
  scribe_free(&s);
  play_close(&p);
  return digest;
}

static void switched_off_it_is_not_there(void **state)
{
  (void)state;
  assert_true(body_of(MODE("sequential") CROWD) == body_of(MODE("sequential") "marketplace: {enabled: false}\n" CROWD));
  play p;
  play_open(&p, MODE("sequential") CROWD, NULL);
  assert_null(p.run->market);
  assert_int_equal(civ_marketplace_settle(p.run, 0, true, 1, NULL, NULL), CIV_E_STATE);
  assert_false(post(&p, 0, 10, 0, -1));
  play_close(&p);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_cheaper_bid_is_paid),
    cmocka_unit_test(taxes_fall_on_resources),
    cmocka_unit_test(time_runs_out),
    cmocka_unit_test(disputes_resolve_by_themselves_or_by_order),
    cmocka_unit_test(nobody_offers_more_than_it_has),
    cmocka_unit_test(bounties_ask_for_reputation),
    cmocka_unit_test(reserved_tasks_wait_for_the_winner),
    cmocka_unit_test(wash_trades_are_flagged),
    cmocka_unit_test(work_delivered_is_settled_at_the_epochs_end),
    cmocka_unit_test(levers_see_a_trade_without_costs),
    cmocka_unit_test(money_is_kept_to_the_last_bit),
    cmocka_unit_test(a_checkpoint_in_mid_run),
    cmocka_unit_test(threads_change_nothing),
    cmocka_unit_test(switched_off_it_is_not_there),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
