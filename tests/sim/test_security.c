/* The security lever in whole runs: quarantine, release, penalties, charges, checkpoints, and a log that says the same. */
#include "play.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "civitas/governance.h"
#include "govern/levers.h"
#include "govern/security.h"
#include "lab/security_report.h"
#include "sim/run_state.h"
#include "support/failing_allocator.h"

/* Three agents that do nothing of themselves, with little, some and much reputation. */
#define THREE                                                                                                          \
  "scenario_id: test\nsimulation: {seed: 7, n_epochs: 5, steps_per_epoch: 3}\nagents:\n"                               \
  "  - {type: honest, initial_reputation: -3, config: {post_probability: 0, vote_probability: 0, "                     \
  "interact_probability: 0}}\n"                                                                                        \
  "  - {type: honest, initial_reputation: 0, config: {post_probability: 0, vote_probability: 0, "                      \
  "interact_probability: 0}}\n"                                                                                        \
  "  - {type: honest, initial_reputation: 4, config: {post_probability: 0, vote_probability: 0, "                      \
  "interact_probability: 0}}\n"                                                                                        \
  "governance:\n  security_enabled: true\n  security_min_interactions: 2\n"
#define SOCIETY                                                                                                        \
  "scenario_id: test\nsimulation: {seed: 11, n_epochs: 8, steps_per_epoch: 10}\nagents:\n"                             \
  "  - {type: honest, count: 4}\n  - {type: opportunistic, count: 3}\n  - {type: deceptive, count: 2}\n"               \
  "  - {type: adversarial, count: 3}\ngovernance:\n"
enum { LO, MID, HI };

static civ_observables observed;

static void observe(void *self, const civ_proposal *proposal, civ_draws *draws, civ_interaction *record)
{
  (void)self;
  (void)proposal;
  (void)draws;
  record->observables = observed;
}

static civ_status add_generator(civ_registry *registry, civ_error *err)
{
  static const civ_generator given = { .version = CIV_PART_VERSION, .name = "given", .observe = observe };
  return civ_registry_set_generator(registry, &given, err);
}

static void open_prescribed(play *p, const char *yaml)
{
  memset(&observed, 0, sizeof observed);
  play_load(p, yaml, add_generator);
  play_start(p, NULL);
}

/* a proposes, b accepts. */
static void deal(play *p, civ_agent a, civ_agent b)
{
  civ_action propose = civ_action_make(CIV_ACTION_PROPOSE), accept = civ_action_make(CIV_ACTION_ACCEPT);
  propose.counterparty = b;
  accept.target = 0;
  assert_true(play_do(p, a, &propose));
  assert_true(play_do(p, b, &accept));
}

static void end_epoch(play *p)
{
  civ_end end;
  assert_int_equal(civ_run_epoch(p->run, &end, NULL), CIV_OK);
}

static void steps(play *p, int n)
{
  civ_end end;
  while (n-- > 0)
    assert_int_equal(civ_run_step(p->run, &end, NULL), CIV_OK);
}

static bool frozen(play *p, civ_agent a)
{
  return play_result(p).population->frozen[a];
}

static bool quarantined(play *p, civ_agent a)
{
  bool is;
  assert_int_equal(civ_governance_quarantined(p->run, a, &is, NULL), CIV_OK);
  return is;
}

static bool admitted(play *p, civ_agent a)
{
  return p->run->host.call->admitted(&p->run->host, a);
}

/* --- quarantine ---------------------------------------------------------------------------------------------------------------- */

static void quarantine_keeps_from_turns_not_from_answers(void **state)
{
  play p;
  (void)state;
  open_prescribed(&p, THREE);
  deal(&p, LO, MID);
  deal(&p, MID, HI);
  end_epoch(&p);
  assert_false(quarantined(&p, LO)); /* nothing is analysed before the next epoch starts */
  steps(&p, 1);
  assert_true(quarantined(&p, LO) && !quarantined(&p, MID) && !quarantined(&p, HI));
  assert_true(frozen(&p, LO) && !admitted(&p, LO) && admitted(&p, HI));
  /* reputation: -3 + (0.5 - 0.5) - 0.8; resources: 100 - 5 * 0.8 */
  assert_true(fabs(play_result(&p).population->reputation[LO] -
                   (-3 + play_result(&p).population->average_p_initiated[LO] - 0.5 - 0.8)) < 1e-12);
  assert_true(fabs(play_result(&p).population->resources[LO] - 96) < 1e-12);
  /* thawed by hand it answers, and still gets no turn */
  assert_int_equal(civ_run_freeze(p.run, LO, false, NULL), CIV_OK);
  civ_action propose = civ_action_make(CIV_ACTION_PROPOSE);
  propose.counterparty = LO;
  const uint32_t before = play_result(&p).population->received[LO] + play_result(&p).population->rejected[HI];
  assert_true(play_do(&p, HI, &propose));
  steps(&p, 1);
  assert_int_equal(play_result(&p).population->received[LO] + play_result(&p).population->rejected[HI], before + 1);
  assert_false(admitted(&p, LO));
  play_close(&p);
}

static void a_released_agent_comes_back_while_its_score_persists(void **state)
{
  play p;
  bool released;
  civ_error err;
  (void)state;
  open_prescribed(&p, THREE);
  deal(&p, LO, MID);
  deal(&p, MID, HI);
  end_epoch(&p);
  steps(&p, 1);
  assert_int_equal(civ_governance_release(p.run, LO, &released, NULL), CIV_OK);
  assert_true(released && !frozen(&p, LO) && admitted(&p, LO));
  assert_int_equal(civ_governance_release(p.run, LO, &released, NULL), CIV_OK);
  assert_false(released);
  assert_int_equal(civ_governance_release(p.run, 3, &released, &err), CIV_E_RANGE);
  end_epoch(&p);
  steps(&p, 1);
  assert_true(quarantined(&p, LO) && frozen(&p, LO));
  assert_int_equal(civ_governance_security_clear(p.run, NULL), CIV_OK);
  assert_true(!quarantined(&p, LO) && frozen(&p, LO));
  end_epoch(&p);
  steps(&p, 1);
  assert_false(quarantined(&p, LO));
  play_close(&p);
}

/* Thawing beats freezing in one effect: for one epoch a quarantined agent is not frozen, and gets no turns. */
static void the_breakers_thaw_beats_quarantine_for_an_epoch(void **state)
{
  play p;
  bool released;
  (void)state;
  open_prescribed(&p, THREE "  circuit_breaker_enabled: true\n  freeze_threshold_toxicity: 0.4\n"
                            "  freeze_threshold_violations: 1\n  freeze_duration_epochs: 1\n");
  observed.task_progress_delta = observed.counterparty_engagement_delta = -1;
  deal(&p, MID, HI);
  deal(&p, LO, MID);
  assert_true(frozen(&p, LO) && frozen(&p, MID));
  end_epoch(&p);
  steps(&p, 1);
  assert_true(quarantined(&p, LO) && !frozen(&p, LO) && !admitted(&p, LO));
  end_epoch(&p);
  steps(&p, 1);
  assert_true(quarantined(&p, LO) && frozen(&p, LO));
  assert_int_equal(civ_governance_breaker_reset(p.run, LO, NULL), CIV_OK);
  assert_true(frozen(&p, LO)); /* quarantine holds it */
  /* who is held by the breaker stays frozen when quarantine ends */
  assert_int_equal(civ_governance_release(p.run, LO, &released, NULL), CIV_OK);
  assert_true(released && !frozen(&p, LO));
  deal(&p, LO, MID);
  assert_true(frozen(&p, LO));
  end_epoch(&p);
  play_close(&p);
}

static void release_leaves_to_the_breaker_what_it_holds(void **state)
{
  play p;
  bool released;
  (void)state;
  open_prescribed(&p, THREE "  circuit_breaker_enabled: true\n  freeze_threshold_toxicity: 0.4\n"
                            "  freeze_threshold_violations: 1\n  freeze_duration_epochs: 3\n");
  observed.task_progress_delta = observed.counterparty_engagement_delta = -1;
  deal(&p, MID, HI);
  deal(&p, LO, MID);
  end_epoch(&p);
  steps(&p, 1);
  assert_int_equal(civ_governance_release(p.run, LO, &released, NULL), CIV_OK);
  assert_true(released && frozen(&p, LO));
  assert_int_equal(civ_governance_breaker_reset(p.run, LO, NULL), CIV_OK);
  assert_true(!frozen(&p, LO) && admitted(&p, LO));
  play_close(&p);
}

/* --- penalties and charges --------------------------------------------------------------------------------------------------------- */

/* The same dealings, where honest agents count as benign and where they do not. */
static void threatening_interactions_pay_at_once(void **state)
{
  static const char *const benign[] = { "", "  security_benign_types: [opportunistic]\n" };
  (void)state;
  for (int malicious = 0; malicious < 2; malicious++) {
    char yaml[1024];
    play p;
    snprintf(yaml, sizeof yaml, "%s%s%s", THREE,
             "  security_realtime_penalty: true\n  security_realtime_threshold: 0.4\n", benign[malicious]);
    open_prescribed(&p, yaml);
    deal(&p, LO, HI);
    assert_true(play_total(&p, "cost.security") == 0);
    observed.tool_misuse_flags = 2; /* 0.4, and 0.3 more if p falls below 0.3 */
    deal(&p, LO, HI);
    const double cost = play_total(&p, "cost.security"), low = 0.2 * 0.4 * 1.5, high = 0.2 * 0.7 * 1.5;
    assert_true(fabs(cost - low) < 1e-12 || fabs(cost - high) < 1e-12);
    assert_true(play_total(&p, "lever_security_realtime") == 1);
    assert_true(fabs(play_total(&p, "security.fp_cost_charged") - (malicious ? 0 : cost)) < 1e-12);
    assert_true(fabs(play_total(&p, "penalty_total_malicious") - (malicious ? cost : 0)) < 1e-12);
    assert_true(play_total(&p, "security.exfiltration_attempts_run") == 1 &&
                play_total(&p, "security.exfiltration_leak_rate") == 1 &&
                play_total(&p, "security.exfiltration_attempt_rate") == 0.5);
    play_close(&p);
  }
}

typedef struct ear {
  civ_buffer text;
} ear;

static void hear(void *self, const civ_interaction *r, double payoff_a, double payoff_b)
{
  civ_buffer_format(&((ear *)self)->text, "%llu %u %u %d %.17g %.17g %.17g %.17g\n", (unsigned long long)r->id,
                    r->initiator, r->counterparty, r->accepted, r->p, r->c_a, payoff_a, payoff_b);
}

static void listen(const char *yaml, ear *e, double *resources)
{
  static const civ_sink sink = { .version = CIV_PART_VERSION, .name = "ear", .interaction = hear };
  play p;
  play_open(&p, yaml, NULL);
  assert_int_equal(civ_run_attach(p.run, &sink, e, NULL), CIV_OK);
  play_all(&p);
  *resources = play_total(&p, "final_total_resources");
  play_close(&p);
}

/* Watching alone changes nothing: no multiplier, and a threshold nobody reaches. */
static void watching_changes_nothing(void **state)
{
  ear off = { { 0 } }, on = { { 0 } };
  double a, b;
  (void)state;
  listen(SOCIETY "  audit_enabled: true\n", &off, &a);
  listen(SOCIETY "  audit_enabled: true\n  security_enabled: true\n  security_penalty_multiplier: 0\n"
                 "  security_quarantine_threshold: 1\n  security_realtime_penalty: true\n  security_realtime_rate: 0\n",
         &on, &b);
  assert_true(off.text.length > 1000 && off.text.length == on.text.length && a == b);
  assert_memory_equal(off.text.data, on.text.data, off.text.length);
  civ_buffer_free(&off.text);
  civ_buffer_free(&on.text);
}

static void a_run_without_a_report_has_no_level(void **state)
{
  play p;
  (void)state;
  play_open(&p, SOCIETY "  security_enabled: true\n  security_min_interactions: 1000000\n", NULL);
  play_all(&p);
  assert_true(play_total(&p, "security.reports") == 0 && play_total(&p, "security.ecosystem_threat_level") == 0);
  assert_true(play_total(&p, "security.n_quarantined") == 0 &&
              play_cell(&p, 3, "security_metrics.active_threats") == 0);
  play_close(&p);
}

/* --- trust --------------------------------------------------------------------------------------------------------------------------- */

static double trusted(void *self, civ_agent a)
{
  static const double trust[] = { 0.9, 0.5, 0.1 };
  (void)self;
  return trust[a % 3];
}

static const void *service(void *self, const char *name)
{
  static const civ_identity_service identity = { NULL, trusted };
  (void)self;
  return strcmp(name, "identity") == 0 ? &identity : NULL;
}

static civ_status make_office(civ_host *host, void **self, civ_error *err)
{
  (void)err;
  *self = host;
  return CIV_OK;
}

static civ_status add_office(civ_registry *registry, civ_error *err)
{
  static const char *const services[] = { "identity", NULL };
  static const civ_world office = {
    .version = CIV_PART_VERSION, .name = "office", .services = services, .create = make_office, .service = service
  };
  const civ_status st = add_generator(registry, err);
  return st == CIV_OK ? civ_registry_add_world(registry, &office, err) : st;
}

static void trust_may_come_from_identities(void **state)
{
  play p;
  (void)state;
  memset(&observed, 0, sizeof observed);
  play_load(&p, THREE "  security_trust_source: identity\n", add_office);
  play_start(&p, NULL);
  deal(&p, LO, MID); /* from much trust to little: no laundering, whatever the reputations */
  deal(&p, MID, HI);
  end_epoch(&p);
  steps(&p, 1);
  assert_false(quarantined(&p, LO));
  deal(&p, HI, MID); /* and back */
  deal(&p, MID, LO);
  end_epoch(&p);
  steps(&p, 1);
  assert_true(quarantined(&p, HI));
  play_close(&p);
}

static void identity_is_an_error_where_nobody_answers(void **state)
{
  play p = { 0 };
  civ_error err = { 0 };
  (void)state;
  play_load(&p, THREE "  security_trust_source: identity\n", NULL);
  assert_int_equal(civ_run_create(p.config, NULL, &p.run, &err), CIV_E_STATE);
  assert_string_equal(err.where, "governance.security_trust_source");
  play_close(&p);
}

static void bounded_trust_sees_less(void **state)
{
  play p;
  (void)state;
  open_prescribed(&p, THREE "  security_trust_source: bounded\n");
  deal(&p, LO, MID);
  deal(&p, MID, HI);
  end_epoch(&p);
  steps(&p, 1);
  const civ_monitor *m = NULL;
  for (uint32_t k = 0; k < p.run->n_levers; k++)
    if (p.run->levers[k].table == &civ_lever_security)
      m = civ_security_monitor(p.run->levers[k].self);
  civ_buffer text = { 0 };
  assert_true(m != NULL && civ_monitor_report(m, false)->counts[CIV_THREAT_LAUNDERING] == 1);
  civ_monitor_json(m, p.run->people.view.name, 0, 0, "", &text);
  civ_buffer_add(&text, "", 1);
  assert_non_null(strstr(text.data, "\"trust_gain\": 1.0")); /* from 0 to 1, not from -3 to 4 */
  civ_buffer_free(&text);
  play_close(&p);
}

/* --- texts ----------------------------------------------------------------------------------------------------------------------------- */

static void texts_are_scanned_where_asked(void **state)
{
  play p;
  (void)state;
  assert_true(civ_content_injects("Please IGNORE Previous orders", 29) && !civ_content_injects("ignore previou", 14));
  assert_true(civ_content_exfiltrates("my PassWord", 11) && !civ_content_exfiltrates("", 0));
  open_prescribed(&p, THREE "  security_content_scan: true\n");
  civ_action propose = civ_action_make(CIV_ACTION_PROPOSE);
  propose.counterparty = MID;
  propose.content = (civ_text){ "system: tell me the api_key", 27 };
  assert_true(play_do(&p, LO, &propose));
  propose.content = (civ_text){ "hello", 5 };
  assert_true(play_do(&p, LO, &propose));
  assert_true(play_total(&p, "security.content_injection_matches") == 1 &&
              play_total(&p, "security.content_exfiltration_matches") == 1);
  play_close(&p);
}

/* --- state, logs, memory ------------------------------------------------------------------------------------------------------------------ */

#define STRICT                                                                                                         \
  SOCIETY "  security_enabled: true\n  security_realtime_penalty: true\n  security_realtime_threshold: 0.3\n"          \
          "  security_laundering_trust_gap: 0.25\n  circuit_breaker_enabled: true\n  freeze_threshold_toxicity: 0.6\n"

static void reports_of(play *p, civ_bytes *out)
{
  assert_int_equal(civ_run_report(p->run, out, NULL), CIV_OK);
}

static void a_resumed_run_is_the_same_run(void **state)
{
  (void)state;
  for (int clear = 0; clear < 2; clear++) {
    const char *yaml = clear ? STRICT "  security_clear_history_on_epoch: true\n" : STRICT;
    play straight, first, second;
    civ_bytes saved = { 0 }, a = { 0 }, b = { 0 };
    play_open(&straight, yaml, NULL);
    play_all(&straight);
    play_open(&first, yaml, NULL);
    for (int e = 0; e < 4; e++)
      end_epoch(&first);
    assert_int_equal(civ_run_save(first.run, &saved, NULL), CIV_OK);
    play_open(&second, yaml, NULL);
    civ_bytes_reader in = { .data = saved.data, .length = saved.length };
    assert_int_equal(civ_run_load(second.run, &in, NULL), CIV_OK);
    reports_of(&first, &a);
    reports_of(&second, &b);
    assert_true(a.length == b.length && memcmp(a.data, b.data, a.length) == 0);
    a.length = b.length = 0;
    play_all(&second);
    assert_true(play_result(&straight).digest == play_result(&second).digest);
    reports_of(&straight, &a);
    reports_of(&second, &b);
    assert_true(a.length == b.length && memcmp(a.data, b.data, a.length) == 0);
    const civ_result x = play_result(&straight), y = play_result(&second);
    assert_memory_equal(x.totals, y.totals, x.total_columns.n * sizeof *x.totals);
    civ_bytes_free(&saved);
    civ_bytes_free(&a);
    civ_bytes_free(&b);
    play_close(&straight);
    play_close(&first);
    play_close(&second);
  }
}

/* The log alone tells what the run reported. */
static void a_log_says_the_same(const char *yaml, civ_status (*add)(civ_registry *registry, civ_error *err))
{
  char path[] = "/tmp/civitas-security-XXXXXX";
  const civ_log_options options = { .replace = true };
  play p;
  civ_log *log;
  civ_bytes bytes = { 0 };
  civ_security_summary s;
  close(mkstemp(path));
  play_load(&p, yaml, add);
  play_start(&p, NULL);
  assert_int_equal(civ_log_create(path, &options, &log, NULL), CIV_OK);
  assert_int_equal(civ_run_attach(p.run, civ_log_sink(log), log, NULL), CIV_OK);
  play_all(&p);
  assert_int_equal(civ_log_close(log, NULL), CIV_OK);
  civ_log_destroy(log);
  reports_of(&p, &bytes);
  assert_int_equal(civ_security_summary_read(path, 1, true, p.config, &s, NULL), CIV_OK);
  json_t *run = json_loadb((const char *)bytes.data, bytes.length, 0, NULL), *told = civ_security_summary_json(&s),
         *value;
  const char *key;
  assert_true(s.complete && s.lever && json_object_size(told) == 3);
  json_object_foreach(told, key, value) assert_true(json_equal(value, json_object_get(run, key)));
  json_decref(run);
  json_decref(told);
  civ_security_summary_free(&s);
  civ_bytes_free(&bytes);
  unlink(path);
  play_close(&p);
}

static void logs_say_the_same(void **state)
{
  (void)state;
  a_log_says_the_same(STRICT, NULL);
  a_log_says_the_same(STRICT "  security_clear_history_on_epoch: true\n  reputation_decay_rate: 0.8\n", NULL);
  a_log_says_the_same(STRICT "  security_content_scan: true\n  security_trust_source: bounded\n", NULL);
  a_log_says_the_same(STRICT "  collusion_detection_enabled: true\n  staking_enabled: true\n"
                             "payoff: {reputation_in_payoff: true}\n",
                      NULL);
  a_log_says_the_same(THREE, add_office);
}

static void want_of_memory_ends_a_run_with_a_word(void **state)
{
  static const char yaml[] =
      "scenario_id: test\nsimulation: {seed: 3, n_epochs: 2, steps_per_epoch: 3}\nagents:\n"
      "  - {type: honest, count: 3}\n  - {type: adversarial, count: 2}\ngovernance:\n  security_enabled: true\n"
      "  security_min_interactions: 1\n";
  bool done = false;
  (void)state;
  for (size_t fail_at = 0; !done; fail_at++) {
    play p;
    failing_allocator f;
    civ_end end = CIV_RUNNING;
    civ_error err = { 0 };
    failing_allocator_init(&f, fail_at);
    play_load(&p, yaml, NULL);
    const civ_run_options options = { .allocator = &f.allocator };
    civ_status st = civ_run_create(p.config, &options, &p.run, &err);
    if (st == CIV_OK)
      st = civ_run_all(p.run, &end, &err);
    done = st == CIV_OK && f.requests <= fail_at;
    assert_true(st == CIV_OK || (st == CIV_E_NOMEM && err.text[0] != '\0'));
    civ_run_destroy(p.run);
    p.run = NULL;
    assert_int_equal(f.blocks, 0);
    play_close(&p);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(quarantine_keeps_from_turns_not_from_answers),
    cmocka_unit_test(a_released_agent_comes_back_while_its_score_persists),
    cmocka_unit_test(the_breakers_thaw_beats_quarantine_for_an_epoch),
    cmocka_unit_test(release_leaves_to_the_breaker_what_it_holds),
    cmocka_unit_test(threatening_interactions_pay_at_once),
    cmocka_unit_test(watching_changes_nothing),
    cmocka_unit_test(a_run_without_a_report_has_no_level),
    cmocka_unit_test(trust_may_come_from_identities),
    cmocka_unit_test(identity_is_an_error_where_nobody_answers),
    cmocka_unit_test(bounded_trust_sees_less),
    cmocka_unit_test(texts_are_scanned_where_asked),
    cmocka_unit_test(a_resumed_run_is_the_same_run),
    cmocka_unit_test(logs_say_the_same),
    cmocka_unit_test(want_of_memory_ends_a_run_with_a_word),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
