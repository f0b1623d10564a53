/* Operations of programs on levers: what each does, what it refuses, and that a refusal changes nothing. */
#include "play.h"

#include <math.h>
#include <string.h>

#define SOCIETY "agents:\n  - {type: honest, count: 3}\n  - {type: adversarial, count: 3}\n"
#define PLACE                                                                                                          \
  "scenario_id: test\nsimulation: {seed: 4, n_epochs: 5, steps_per_epoch: 6}\n" SOCIETY                                \
  "governance:\n  bandwidth_cap: 10\n"
#define LEVERS                                                                                                         \
  "  staking_enabled: true\n  stake_slash_rate: 0.25\n  min_stake_to_participate: 60\n  circuit_breaker_enabled: "     \
  "true\n"                                                                                                             \
  "  freeze_threshold_toxicity: 0.5\n  freeze_threshold_violations: 2\n  transparency_enabled: true\n"                 \
  "  sybil_detection_enabled: true\n  transaction_tax_rate: 0.1\n"

static void assert_ok(civ_status st)
{
  assert_int_equal(st, CIV_OK);
}

static civ_interaction dealing(uint64_t id, civ_agent a, civ_agent b, double p)
{
  civ_interaction record = civ_interaction_default();
  record.id = id;
  record.initiator = a;
  record.counterparty = b;
  record.p = p;
  record.accepted = true;
  return record;
}

static double resources(play *p, civ_agent a)
{
  return play_result(p).population->resources[a];
}

static void a_slash_takes_its_share(void **state)
{
  play p;
  double taken = -1;
  bool admitted;
  (void)state;
  play_open(&p, PLACE LEVERS, NULL);
  assert_ok(civ_governance_slash(p.run, 1, NULL, &taken, NULL));
  assert_true(taken == 25 && resources(&p, 1) == 75);
  assert_ok(civ_governance_admits(p.run, 1, &admitted, NULL));
  assert_true(admitted);
  assert_ok(civ_governance_slash(p.run, 1, "broke a promise", NULL, NULL));
  assert_ok(civ_governance_admits(p.run, 1, &admitted, NULL));
  assert_true(!admitted && resources(&p, 1) == 56.25);
  assert_true(play_total(&p, "lever_slashes") == 2 && play_total(&p, "res_delta.staking") == -43.75);
  assert_true(play_total(&p, "events:stake_slashed") == 2);
  play_close(&p);
}

static void the_breaker_is_asked_and_reset(void **state)
{
  play p;
  civ_governance_breaker now;
  (void)state;
  play_open(&p, PLACE LEVERS, NULL);
  assert_ok(civ_governance_begin_epoch(p.run, NULL));
  for (uint64_t k = 1; k <= 2; k++) {
    civ_interaction record = dealing(k, 4, 0, 0.25);
    assert_ok(civ_governance_judge(p.run, &record, NULL));
    assert_ok(civ_governance_breaker_status(p.run, 4, &now, NULL));
    assert_true(now.violations == k && now.average_toxicity == 0.75 && now.is_frozen == (k == 2));
  }
  assert_true(now.freeze_until_epoch == 2 && play_result(&p).population->frozen[4]);
  assert_ok(civ_governance_breaker_reset(p.run, 4, NULL));
  assert_ok(civ_governance_breaker_status(p.run, 4, &now, NULL));
  assert_true(now.violations == 0 && now.freeze_until_epoch == -1 && now.average_toxicity == 0 && !now.is_frozen);
  assert_true(!play_result(&p).population->frozen[4]);
  assert_true(play_total(&p, "events:agent_unfrozen") == 1 && play_total(&p, "freeze_events") == 1);
  play_close(&p);
}

static void a_made_up_interaction_is_judged(void **state)
{
  play p;
  uint32_t count;
  double mean_p;
  (void)state;
  play_open(&p, PLACE LEVERS, NULL);
  civ_interaction record = dealing(1, 2, 3, 0.8);
  assert_ok(civ_governance_judge(p.run, &record, NULL));
  assert_true(fabs(record.c_a - 0.07) < 1e-15 && fabs(record.c_b - 0.07) < 1e-15);
  assert_true(fabs(play_result(&p).population->reputation[2] - 0.03) < 1e-15); /* the ledger's bonus */
  assert_true(play_result(&p).population->total_payoff[2] == 0);
  record = dealing(2, 2, 3, 0.4);
  assert_ok(civ_governance_judge(p.run, &record, NULL));
  assert_ok(civ_governance_ledger(p.run, 2, &count, &mean_p, NULL));
  assert_true(count == 2 && fabs(mean_p - 0.6) < 1e-15);
  assert_ok(civ_governance_ledger(p.run, 3, &count, &mean_p, NULL));
  assert_true(count == 0 && mean_p == 0.5);
  play_close(&p);
}

static void groups_are_asked_and_cleared(void **state)
{
  play p;
  uint32_t n;
  const civ_agent *members;
  bool flagged;
  civ_end end;
  (void)state;
  play_open(&p, PLACE LEVERS, NULL);
  for (uint64_t k = 0; k < 12; k++) { /* 1, 2 and 3 deal with 0 alone */
    civ_interaction record = dealing(k + 1, 1 + (civ_agent)k % 3, 0, 0.9);
    assert_ok(civ_governance_judge(p.run, &record, NULL));
  }
  assert_ok(civ_governance_sybil_clusters(p.run, &n, NULL));
  assert_int_equal(n, 0);
  assert_ok(civ_governance_begin_epoch(p.run, NULL));
  assert_ok(civ_governance_sybil_clusters(p.run, &n, NULL));
  assert_int_equal(n, 1);
  assert_ok(civ_governance_sybil_cluster(p.run, 0, &members, &n, NULL));
  assert_true(n == 3 && members[0] == 1 && members[1] == 2 && members[2] == 3);
  assert_ok(civ_governance_sybil_flagged(p.run, 2, &flagged, NULL));
  assert_true(flagged);
  assert_int_equal(civ_governance_sybil_cluster(p.run, 1, &members, &n, NULL), CIV_E_RANGE);
  assert_ok(civ_governance_sybil_clear(p.run, NULL));
  assert_ok(civ_governance_sybil_clusters(p.run, &n, NULL));
  assert_ok(civ_governance_sybil_flagged(p.run, 2, &flagged, NULL));
  assert_true(n == 0 && !flagged);
  assert_ok(civ_run_epoch(p.run, &end, NULL)); /* the epoch that was begun is played on */
  assert_true(play_result(&p).epochs == 1);
  play_close(&p);
}

static void weights_are_asked(void **state)
{
  play p;
  double weight;
  (void)state;
  play_open(&p, PLACE "  vote_weight_in_ranking: true\n  vote_normalization_enabled: true\n", NULL);
  assert_ok(civ_governance_vote_weight(p.run, 0, &weight, NULL));
  assert_true(weight == 1 && civ_governance_is_on(p.run, "vote_normalization"));
  assert_true(!civ_governance_is_on(p.run, "staking") && !civ_governance_is_on(p.run, "nonsense"));
  play_close(&p);
}

static void what_is_off_is_refused(void **state)
{
  play p;
  civ_error err;
  uint32_t n = 77;
  double x = 77;
  bool flag = true;
  const civ_agent *members = NULL;
  civ_governance_breaker now = { .violations = 77 };
  (void)state;
  play_open(&p, PLACE, NULL);
  const uint64_t before = civ_run_digest(p.run);
  assert_int_equal(civ_governance_slash(p.run, 0, NULL, &x, &err), CIV_E_STATE);
  assert_string_equal(err.text, "lever staking is off: set governance.staking_enabled: true");
  assert_int_equal(civ_governance_breaker_status(p.run, 0, &now, &err), CIV_E_STATE);
  assert_string_equal(err.text, "lever circuit_breaker is off: set governance.circuit_breaker_enabled: true");
  assert_int_equal(civ_governance_breaker_reset(p.run, 0, &err), CIV_E_STATE);
  assert_int_equal(civ_governance_ledger(p.run, 0, &n, &x, &err), CIV_E_STATE);
  assert_string_equal(err.text, "lever transparency is off: set governance.transparency_enabled: true");
  assert_int_equal(civ_governance_sybil_clusters(p.run, &n, &err), CIV_E_STATE);
  assert_int_equal(civ_governance_sybil_cluster(p.run, 0, &members, &n, &err), CIV_E_STATE);
  assert_int_equal(civ_governance_sybil_flagged(p.run, 0, &flag, &err), CIV_E_STATE);
  assert_int_equal(civ_governance_collusion_clear(p.run, &err), CIV_E_STATE);
  assert_string_equal(err.text, "lever collusion_penalty is off: set governance.collusion_detection_enabled: true");
  assert_int_equal(civ_governance_quarantined(p.run, 0, &flag, &err), CIV_E_STATE);
  assert_int_equal(civ_governance_release(p.run, 0, &flag, &err), CIV_E_STATE);
  assert_int_equal(civ_governance_action_at(p.run, 0, NULL, &n, &err), CIV_E_STATE);
  assert_int_equal(civ_governance_security_clear(p.run, &err), CIV_E_STATE);
  assert_string_equal(err.text, "lever security is off: set governance.security_enabled: true");
  assert_int_equal(civ_governance_sybil_clear(p.run, &err), CIV_E_STATE);
  assert_string_equal(err.text, "lever sybil_detection is off: set governance.sybil_detection_enabled: true");
  assert_true(n == 77 && x == 77 && flag && now.violations == 77 && civ_run_digest(p.run) == before);
  play_close(&p);
}

static void unknown_agents_and_ended_runs_are_refused(void **state)
{
  play p;
  civ_error err;
  bool admitted = true;
  double x;
  (void)state;
  play_open(&p, PLACE LEVERS, NULL);
  assert_int_equal(civ_governance_admits(p.run, 6, &admitted, &err), CIV_E_RANGE);
  assert_string_equal(err.text, "6 is not one of the run's 6 agents");
  assert_int_equal(civ_governance_slash(p.run, 6, NULL, &x, &err), CIV_E_RANGE);
  assert_int_equal(civ_governance_vote_weight(p.run, CIV_NOBODY, &x, &err), CIV_E_RANGE);
  civ_interaction record = dealing(1, 2, 2, 0.5);
  assert_int_equal(civ_governance_judge(p.run, &record, &err), CIV_E_RANGE);
  record.counterparty = 9;
  assert_int_equal(civ_governance_judge(p.run, &record, &err), CIV_E_RANGE);
  assert_ok(civ_governance_begin_epoch(p.run, &err));
  assert_int_equal(civ_governance_begin_epoch(p.run, &err), CIV_E_STATE);
  assert_string_equal(err.text, "epoch 0 has begun already");
  play_all(&p);
  record.counterparty = 1;
  assert_int_equal(civ_governance_judge(p.run, &record, &err), CIV_E_STATE);
  assert_int_equal(civ_governance_slash(p.run, 0, NULL, &x, &err), CIV_E_STATE);
  assert_int_equal(civ_governance_begin_epoch(p.run, &err), CIV_E_STATE);
  assert_string_equal(err.text, "the run is over");
  assert_ok(civ_governance_admits(p.run, 5, &admitted, &err));
  play_close(&p);
}

/* As a program meets a quarantine: agents of little reputation that reach trusted ones over others launder. */
static void the_quarantined_are_released(void **state)
{
  play p;
  bool held, released = false;
  uint32_t n = 0;
  civ_governance_action action;
  civ_error err;
  (void)state;
  play_open(&p,
            "scenario_id: test\nsimulation: {seed: 4, n_epochs: 5, steps_per_epoch: 6}\nagents:\n"
            "  - {type: adversarial, initial_reputation: -0.6}\n  - {type: honest}\n"
            "  - {type: honest, initial_reputation: 0.9}\n"
            "governance: {security_enabled: true, security_min_interactions: 2, circuit_breaker_enabled: true}\n",
            NULL);
  civ_interaction record = dealing(1, 0, 1, 0.5);
  assert_ok(civ_governance_judge(p.run, &record, NULL));
  record = dealing(2, 1, 2, 0.7);
  assert_ok(civ_governance_judge(p.run, &record, NULL));
  assert_ok(civ_governance_begin_epoch(p.run, NULL));
  assert_ok(civ_governance_quarantined(p.run, 0, &held, NULL));
  assert_true(held && play_result(&p).population->frozen[0]);
  assert_ok(civ_governance_action_at(p.run, 0, &action, &n, NULL));
  assert_true(n == 1 && strcmp(action.kind, "quarantine") == 0 && action.subject == 0 && action.score == 0.8);
  assert_ok(civ_governance_breaker_reset(p.run, 0, NULL));
  assert_true(play_result(&p).population->frozen[0]); /* the breaker does not thaw what security holds */
  assert_ok(civ_governance_release(p.run, 0, &released, NULL));
  assert_ok(civ_governance_quarantined(p.run, 0, &held, NULL));
  assert_true(released && !held && !play_result(&p).population->frozen[0]);
  assert_ok(civ_governance_release(p.run, 0, &released, NULL));
  assert_false(released);
  assert_ok(civ_governance_action_at(p.run, 1, &action, &n, NULL));
  assert_true(n == 2 && strcmp(action.kind, "release") == 0);
  assert_int_equal(civ_governance_action_at(p.run, 2, &action, &n, &err), CIV_E_RANGE);
  assert_ok(civ_governance_security_clear(p.run, NULL));
  assert_int_equal(civ_governance_action_at(p.run, 0, &action, &n, &err), CIV_E_RANGE);
  assert_int_equal(n, 0);
  play_close(&p);
}

static void collusion_is_cleared(void **state)
{
  play p;
  civ_bytes bytes = { 0 };
  (void)state;
  play_open(&p, PLACE "  collusion_detection_enabled: true\n", NULL);
  for (uint64_t k = 1; k < 9; k++) {
    civ_interaction record = dealing(k, 3, 4, 0.2);
    assert_ok(civ_governance_judge(p.run, &record, NULL));
  }
  assert_ok(civ_governance_collusion_clear(p.run, NULL));
  assert_ok(civ_governance_begin_epoch(p.run, NULL)); /* nothing left to analyse */
  assert_ok(civ_run_report(p.run, &bytes, NULL));
  assert_non_null(memmem(bytes.data, bytes.length, "\"collusion\": null", 17));
  civ_bytes_free(&bytes);
  play_close(&p);
}

/* Agents may look at the ledger: the view hands the service on. */
static void the_view_has_the_ledger(void **state)
{
  play p;
  (void)state;
  play_open(&p, PLACE LEVERS, NULL);
  assert_ok(civ_run_begin(p.run, NULL));
  const civ_host *host = (const civ_host *)p.run; /* the run begins with its host */
  const civ_ledger_service *ledger = host->call->service(host, "ledger");
  assert_non_null(ledger);
  civ_interaction record = dealing(1, 5, 3, 0.25);
  assert_ok(civ_governance_judge(p.run, &record, NULL));
  assert_true(ledger->count(ledger->self, 5) == 1 && ledger->mean_p(ledger->self, 5) == 0.25);
  assert_true(ledger->count(ledger->self, 99) == 0 && ledger->mean_p(ledger->self, 99) == 0.5);
  play_close(&p);
  play_open(&p, PLACE, NULL);
  host = (const civ_host *)p.run;
  assert_null(host->call->service(host, "ledger"));
  play_close(&p);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_slash_takes_its_share),
    cmocka_unit_test(the_breaker_is_asked_and_reset),
    cmocka_unit_test(a_made_up_interaction_is_judged),
    cmocka_unit_test(groups_are_asked_and_cleared),
    cmocka_unit_test(weights_are_asked),
    cmocka_unit_test(what_is_off_is_refused),
    cmocka_unit_test(unknown_agents_and_ended_runs_are_refused),
    cmocka_unit_test(the_view_has_the_ledger),
    cmocka_unit_test(the_quarantined_are_released),
    cmocka_unit_test(collusion_is_cleared),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
