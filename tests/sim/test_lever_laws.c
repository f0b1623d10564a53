/* Laws that every lever obeys: without rates it changes nothing, its accounts are what the log tells, the frozen do not act,
 * and who speaks first does not matter. A lever that is registered and has no row here fails the tests. */
#include "play.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "sim/run_state.h"

#define SOCIETY                                                                                                        \
  "agents:\n  - {type: honest, count: 4}\n  - {type: opportunistic, count: 3}\n  - {type: deceptive, count: 2}\n"      \
  "  - {type: adversarial, count: 3}\n"

/* For each lever: switched on with rates that take nothing, and switched on in earnest. */
static const struct {
  const char *lever, *neutral, *earnest;
} rows[] = {
  { "transaction_tax", "  transaction_tax_rate: 0\n  transaction_tax_split: 0.9\n",
    "  transaction_tax_rate: 0.1\n  transaction_tax_split: 0.6\n" },
  { "reputation_decay", "  reputation_decay_rate: 1\n", "  reputation_decay_rate: 0.9\n" },
  { "staking", "  staking_enabled: true\n  stake_slash_trigger: low_quality\n  stake_slash_rate: 0\n",
    "  staking_enabled: true\n  min_stake_to_participate: 40\n  stake_slash_trigger: low_quality\n" },
  { "circuit_breaker", "  circuit_breaker_enabled: true\n  freeze_threshold_violations: 2147483647\n",
    "  circuit_breaker_enabled: true\n  freeze_threshold_toxicity: 0.45\n  freeze_threshold_violations: 2\n" },
  { "random_audit", "  audit_enabled: true\n  audit_probability: 1\n  audit_penalty_multiplier: 0\n",
    "  audit_enabled: true\n  audit_probability: 0.4\n" },
  { "collusion_penalty",
    "  collusion_detection_enabled: true\n  collusion_penalty_multiplier: 0\n  collusion_realtime_penalty: true\n"
    "  collusion_realtime_rate: 0\n  collusion_score_threshold: 0.2\n",
    "  collusion_detection_enabled: true\n  collusion_realtime_penalty: true\n  collusion_score_threshold: 0.2\n" },
  { "security",
    "  security_enabled: true\n  security_penalty_multiplier: 0\n  security_quarantine_threshold: 1\n"
    "  security_realtime_penalty: true\n  security_realtime_rate: 0\n",
    "  security_enabled: true\n  security_realtime_penalty: true\n  security_realtime_threshold: 0.3\n" },
  { "sybil_detection",
    "  sybil_detection_enabled: true\n  sybil_penalty_multiplier: 0\n  sybil_max_cluster_size: 2147483647\n"
    "  sybil_similarity_threshold: 0.4\n  sybil_realtime_penalty: true\n  sybil_realtime_rate: 0\n",
    "  sybil_detection_enabled: true\n  sybil_similarity_threshold: 0.6\n  sybil_realtime_penalty: true\n"
    "  sybil_max_cluster_size: 4\n" },
  { "bandwidth_cap", "  bandwidth_cap_enabled: true\n  bandwidth_cap: 2147483647\n",
    "  bandwidth_cap_enabled: true\n  bandwidth_cap: 6\n" },
  { "transparency", "  transparency_enabled: true\n  transparency_bonus_rate: 0\n", "  transparency_enabled: true\n" },
  { "moderator", "  moderator_enabled: true\n  moderator_review_probability: 0\n", "  moderator_enabled: true\n" },
  { "vote_normalization", "  vote_weight_in_ranking: true\n",
    "  vote_weight_in_ranking: true\n  vote_normalization_enabled: true\n  vote_weight_cap: 3\n" },
};
enum { ROWS = sizeof rows / sizeof *rows, MOST_TEXT = 4096 };

static bool is_registered(const char *lever)
{
  civ_registry *r;
  bool found = false;
  assert_int_equal(civ_registry_create_default(&r, NULL), CIV_OK);
  for (uint32_t k = 0; civ_registry_lever(r, k); k++)
    found = found || strcmp(civ_registry_lever(r, k)->name, lever) == 0;
  civ_registry_destroy(r);
  return found;
}

/* Rails of section safety have their own tests. */
static bool is_rail(const char *lever)
{
  static const char *const rails[] = { "role_allowlist", "rate_limits", "token_bucket", "action_budget",
                                       "kill_switch" };
  for (size_t k = 0; k < sizeof rails / sizeof *rails; k++)
    if (strcmp(rails[k], lever) == 0)
      return true;
  return false;
}

static void every_lever_has_a_row(void **state)
{
  civ_registry *r;
  const civ_lever *lever;
  (void)state;
  assert_int_equal(civ_registry_create_default(&r, NULL), CIV_OK);
  for (uint32_t k = 0; (lever = civ_registry_lever(r, k)) != NULL; k++) {
    bool found = is_rail(lever->name);
    for (size_t i = 0; i < ROWS; i++)
      found = found || strcmp(rows[i].lever, lever->name) == 0;
    if (!found)
      fail_msg("lever %s obeys which laws? Give it a row", lever->name);
  }
  civ_registry_destroy(r);
}

static const char *scene(char *text, const char *turns, unsigned seed, const char *rules)
{
  snprintf(text, MOST_TEXT,
           "scenario_id: test\nsimulation: {seed: %u, n_epochs: 6, steps_per_epoch: 8, turn_mode: %s}\n" SOCIETY
           "governance:\n  max_vote_weight_per_agent: 10\n%s",
           seed, turns, rules);
  return text;
}

/* All levers in earnest. */
static const char *everything(char *rules)
{
  rules[0] = '\0';
  for (size_t k = 0; k < ROWS; k++)
    if (is_registered(rows[k].lever) && strcmp(rows[k].lever, "bandwidth_cap") != 0)
      strcat(rules, rows[k].earnest);
  return rules;
}

/* --- off means off --------------------------------------------------------------------------------------------------------------- */

/* Whether some lever of governance declares this event. */
static bool is_of_lever(const civ_registry *r, const char *event)
{
  const civ_lever *lever;
  for (uint32_t k = 0; (lever = civ_registry_lever(r, k)) != NULL; k++)
    for (const civ_event_form *form = lever->events; form && form->name && !is_rail(lever->name); form++)
      if (strcmp(form->name, event) == 0)
        return true;
  return false;
}

/* Takes the levers' own columns out of the payload of epoch_completed. */
static void drop_columns(const civ_registry *r, json_t *payload)
{
  const civ_lever *lever;
  for (uint32_t k = 0; (lever = civ_registry_lever(r, k)) != NULL; k++)
    for (const civ_metric_decl *d = lever->epoch_metrics; d && d->name && !is_rail(lever->name); d++) {
      char name[128];
      snprintf(name, sizeof name, "%.*s", (int)strcspn(d->name, "."), d->name);
      json_object_del(payload, name);
    }
}

/* One line of the log as it may be compared with that of other rules: nothing, where it is a lever's own or names the rules. */
static void compare_form(const civ_registry *r, const char *line, size_t length, civ_buffer *out)
{
  static const char *const never[] = { "log_opened", "simulation_started", "simulation_ended" };
  json_t *record = json_loadb(line, length, 0, NULL), *payload = json_object_get(record, "payload");
  const char *event = civ_json_text(record, "event_type", "");
  bool kept = !is_of_lever(r, event);
  for (size_t k = 0; k < sizeof never / sizeof *never; k++)
    kept = kept && strcmp(event, never[k]) != 0;
  if (strcmp(event, "reputation_updated") == 0 && strcmp(civ_json_text(payload, "reason", ""), "governance") == 0 &&
      civ_json_real(payload, "delta", 1) == 0)
    kept = false;
  if (kept) {
    drop_columns(r, payload);
    json_object_del(payload, "digest");
    json_object_del(record, "event_id");
    json_object_del(record, "timestamp");
    civ_json_write(out, record, 0);
    civ_buffer_text(out, "\n");
  }
  json_decref(record);
}

static char *story(const char *yaml)
{
  play p;
  civ_buffer log = { 0 }, out = { 0 };
  play_load(&p, yaml, NULL);
  play_text(&p, NULL, &log);
  for (size_t at = 0; at < log.length;) {
    const char *line = log.data + at, *end = memchr(line, '\n', log.length - at);
    const size_t length = (size_t)(end - line);
    compare_form(p.registry, line, length, &out);
    at += length + 1;
  }
  civ_buffer_free(&log);
  play_close(&p);
  return civ_buffer_take(&out, NULL);
}

static void assert_same_story(const char *plain, const char *governed, const char *lever)
{
  size_t at = 0, line = 0;
  if (strcmp(plain, governed) == 0)
    return;
  for (; plain[at] && plain[at] == governed[at]; at++)
    line = plain[at] == '\n' ? at + 1 : line;
  fail_msg("%s without rates changes the story:\n%.300s\n%.300s", lever, plain + line, governed + line);
}

static void without_rates_nothing_changes(void **state)
{
  static const char *const turns[] = { "sequential", "simultaneous" };
  char text[MOST_TEXT];
  (void)state;
  for (int mode = 0; mode < 2; mode++)
    for (unsigned seed = 11; seed < 14; seed++) {
      char *plain = story(scene(text, turns[mode], seed, ""));
      assert_true(strlen(plain) > 10000);
      for (size_t k = 0; k < ROWS; k++) {
        if (!is_registered(rows[k].lever))
          continue;
        char *governed = story(scene(text, turns[mode], seed, rows[k].neutral));
        assert_same_story(plain, governed, rows[k].lever);
        free(governed);
      }
      free(plain);
    }
}

/* And in earnest it does change something: the laws above are not kept by doing nothing. */
static void in_earnest_something_changes(void **state)
{
  char text[MOST_TEXT];
  (void)state;
  char *plain = story(scene(text, "sequential", 11, ""));
  for (size_t k = 0; k < ROWS; k++) {
    if (!is_registered(rows[k].lever))
      continue;
    char *governed = story(scene(text, "sequential", 11, rows[k].earnest));
    if (strcmp(plain, governed) == 0)
      fail_msg("%s in earnest changes nothing", rows[k].lever);
    free(governed);
  }
  free(plain);
}

/* --- accounts ----------------------------------------------------------------------------------------------------------------------- */

/* What the records of a run say. */
typedef struct books {
  civ_run *run;
  double cost_a, cost_b, paid, taxed, reputation;
  double penalties[64]; /* per agent, of a run whose only lever punishes */
  uint64_t turns_of_frozen, answers_of_frozen, freezes;
} books;

static void book_completed(void *self, const civ_interaction *r, double payoff_a, double payoff_b)
{
  books *b = self;
  (void)payoff_a;
  (void)payoff_b;
  b->cost_a += r->c_a;
  b->cost_b += r->c_b;
  b->paid += r->accepted ? r->c_a + r->c_b : 0;
  b->taxed += r->accepted ? fmax(3 * r->p - 1, 0) + fabs(r->tau) : 0;
  b->penalties[r->initiator] += r->c_a;
  b->penalties[r->counterparty] += r->c_b;
}

static void book_turn(void *self, uint32_t epoch, uint32_t step, civ_agent a, const civ_action *action, bool ok)
{
  books *b = self;
  (void)epoch;
  (void)step;
  (void)action;
  (void)ok;
  b->turns_of_frozen += b->run->people.frozen[a];
}

static void book_event(void *self, const civ_event *e)
{
  books *b = self;
  if (e->type == CIV_EVENT_REPUTATION_UPDATED && strcmp(e->values[3].text, "governance") == 0) {
    b->reputation += e->values[2].real;
    b->penalties[e->agent] += fabs(e->values[2].real);
  }
  if (e->type == CIV_EVENT_AGENT_FROZEN)
    b->freezes++;
  /* Decided by the counterparty, before levers speak of it. */
  if (e->type == CIV_EVENT_INTERACTION_ACCEPTED || e->type == CIV_EVENT_INTERACTION_REJECTED)
    b->answers_of_frozen += b->run->people.frozen[e->counterparty];
}

static const civ_sink bookkeeper = {
  .version = CIV_PART_VERSION, .name = "books", .wants_events = true, .event = book_event
};

static void keep_books(play *p, books *b, const char *yaml)
{
  *b = (books){ 0 };
  play_open(p, yaml, NULL);
  b->run = p->run;
  const civ_run_hooks hooks = { .self = b, .completed = book_completed, .turn = book_turn };
  assert_int_equal(civ_run_hook(p->run, &hooks, NULL), CIV_OK);
  assert_int_equal(civ_run_attach(p->run, &bookkeeper, b, NULL), CIV_OK);
  play_all(p);
}

static bool close_to(double x, double y)
{
  return fabs(x - y) <= 1e-9 * (1 + fabs(x));
}

static double sum_of_column(play *p, const char *column)
{
  double sum = 0;
  for (uint32_t e = 0; e < play_result(p).epochs; e++)
    sum += play_cell(p, e, column);
  return sum;
}

/* Sum of a total over all levers that are accounted. */
static double sum_over_levers(play *p, const char *what)
{
  double sum = 0;
  for (size_t k = 0; k < ROWS; k++) {
    char name[64];
    if (!is_registered(rows[k].lever) || strcmp(rows[k].lever, "vote_normalization") == 0 ||
        strcmp(rows[k].lever, "bandwidth_cap") == 0)
      continue;
    snprintf(name, sizeof name, "%s%s", what, rows[k].lever);
    sum += play_total(p, name);
  }
  return sum;
}

static void tax_revenue_is_the_sum_of_costs(void **state)
{
  (void)state;
  const civ_draw_key key = { .purpose = CIV_PURPOSE_FUZZ };
  civ_draws draws = civ_draws_open(3, &key);
  for (unsigned seed = 1; seed <= 20; seed++) {
    const double rate = civ_draw_uniform(&draws), split = civ_draw_uniform(&draws);
    char text[MOST_TEXT], rules[256];
    play p;
    books b;
    snprintf(rules, sizeof rules, "  transaction_tax_rate: %.17g\n  transaction_tax_split: %.17g\n", rate, split);
    keep_books(&p, &b, scene(text, "sequential", seed, rules));
    const double revenue = play_total(&p, "cost.transaction_tax");
    assert_true(revenue > 0 && close_to(revenue, rate * b.taxed));
    assert_true(close_to(revenue, b.cost_a + b.cost_b) && close_to(b.cost_a, split * revenue));
    assert_true(close_to(play_total(&p, "cost_a.transaction_tax"), b.cost_a));
    assert_true(close_to(play_total(&p, "cost_b.transaction_tax"), b.cost_b));
    assert_true(close_to(sum_of_column(&p, "governance_cost_assessed"), revenue));
    assert_true(close_to(sum_of_column(&p, "governance_cost_paid"), revenue)); /* refused ones are not taxed */
    play_close(&p);
  }
}

static void accounts_are_what_the_records_say(void **state)
{
  double unpaid = 0;
  uint64_t freezes = 0;
  (void)state;
  for (unsigned seed = 1; seed <= 6; seed++) {
    char text[MOST_TEXT], rules[MOST_TEXT / 2];
    play p;
    books b;
    keep_books(&p, &b, scene(text, seed % 2 ? "sequential" : "simultaneous", seed, everything(rules)));
    unpaid += b.cost_a + b.cost_b - b.paid;
    freezes += b.freezes;
    assert_true(close_to(sum_over_levers(&p, "cost_a."), b.cost_a));
    assert_true(close_to(sum_over_levers(&p, "cost_b."), b.cost_b));
    assert_true(close_to(sum_over_levers(&p, "cost."), b.cost_a + b.cost_b));
    assert_true(close_to(sum_over_levers(&p, "rep_delta."), b.reputation));
    assert_true(close_to(12 * 100.0 + sum_over_levers(&p, "res_delta."), play_total(&p, "final_total_resources")));
    assert_true(sum_over_levers(&p, "freezes.") == play_total(&p, "freeze_orders"));
    assert_true(sum_over_levers(&p, "unfreezes.") == play_total(&p, "unfreeze_orders"));
    assert_true(close_to(sum_of_column(&p, "governance_cost_assessed"), b.cost_a + b.cost_b));
    assert_true(close_to(sum_of_column(&p, "governance_cost_paid"), b.paid));
    play_close(&p);
  }
  assert_true(freezes > 0 && unpaid > 0);
}

/* A run with one punishing lever: reputation that governance took and costs, of those who are not benign. */
static void penalties_fall_on_whom_they_fall(void **state)
{
  static const char *const punishing[] = { "collusion_penalty", "security", "sybil_detection" };
  static const struct {
    const char *types;
    uint32_t first_malicious; /* honest 0-3, opportunistic 4-6, deceptive 7-8, adversarial 9-11 */
  } benign[] = { { "", 7 },
                 { "  security_benign_types: [honest]\n", 4 },
                 { "  security_benign_types: [honest, opportunistic, deceptive]\n", 9 } };
  (void)state;
  for (size_t k = 0; k < sizeof punishing / sizeof *punishing; k++) {
    if (!is_registered(punishing[k]))
      continue;
    size_t row = 0;
    while (strcmp(rows[row].lever, punishing[k]) != 0)
      row++;
    for (size_t i = 0; i < 3; i++) {
      char text[MOST_TEXT], rules[MOST_TEXT / 2];
      play p;
      books b;
      double malicious = 0;
      snprintf(rules, sizeof rules, "%s%s", rows[row].earnest, benign[i].types);
      keep_books(&p, &b, scene(text, "sequential", 5, rules));
      for (uint32_t a = benign[i].first_malicious; a < 12; a++)
        malicious += b.penalties[a];
      if (!close_to(play_total(&p, "penalty_total_malicious"), malicious) || malicious <= 0)
        fail_msg("%s: %g penalties on the malicious, the records say %g", punishing[k],
                 play_total(&p, "penalty_total_malicious"), malicious);
      play_close(&p);
    }
  }
}

static void levers_that_do_not_punish_have_no_penalties(void **state)
{
  play p;
  char text[MOST_TEXT];
  (void)state;
  play_open(&p, scene(text, "sequential", 5, rows[0].earnest), NULL);
  play_all(&p);
  assert_null(p.run->effect.penalties);
  const civ_result r = play_result(&p);
  for (uint32_t k = 0; k < r.total_columns.n; k++)
    assert_string_not_equal(r.total_columns.decls[k].name, "penalty_total_malicious");
  play_close(&p);
}

static void the_frozen_do_not_act(void **state)
{
  (void)state;
  for (unsigned seed = 1; seed <= 10; seed++) {
    char text[MOST_TEXT], rules[MOST_TEXT / 2];
    play p;
    books b;
    keep_books(&p, &b, scene(text, "sequential", seed, everything(rules)));
    assert_int_equal(b.turns_of_frozen, 0);
    assert_int_equal(b.answers_of_frozen, 0);
    play_close(&p);
  }
}

/* --- order -------------------------------------------------------------------------------------------------------------------------- */

/* What all levers order at the next epoch's begin, asked forwards or backwards, on a run stopped after `epochs`. */
typedef struct orders {
  double reputation[12], resources[12];
  bool frozen[12], thawed[12];
} orders;

static orders orders_of(const char *yaml, uint32_t epochs, bool backwards)
{
  play p;
  civ_end end;
  orders o = { 0 };
  play_open(&p, yaml, NULL);
  for (uint32_t e = 0; e < epochs; e++)
    assert_int_equal(civ_run_epoch(p.run, &end, NULL), CIV_OK);
  civ_effect *effect = &p.run->effect;
  assert_int_equal(civ_effect_reserve(effect, 64), CIV_OK);
  civ_effect_clear(effect);
  for (uint32_t k = 0; k < p.run->n_levers; k++) {
    effect->lever = backwards ? p.run->n_levers - 1 - k : k;
    const lever_slot *l = &p.run->levers[effect->lever];
    if (l->table->epoch_begin)
      l->table->epoch_begin(l->self, p.run->epoch, effect);
  }
  for (size_t k = 0; k < effect->n_deltas; k++) {
    o.reputation[effect->deltas[k].agent] += effect->deltas[k].reputation;
    o.resources[effect->deltas[k].agent] += effect->deltas[k].resources;
  }
  for (size_t k = 0; k < effect->n_freezes; k++)
    o.frozen[effect->freezes[k].agent] = true;
  for (size_t k = 0; k < effect->n_thaws; k++)
    o.thawed[effect->thaws[k].agent] = true;
  play_close(&p);
  return o;
}

/* All levers see the state before the call, so who speaks first does not matter. */
static void who_speaks_first_does_not_matter(void **state)
{
  char text[MOST_TEXT], rules[MOST_TEXT / 2];
  (void)state;
  for (uint32_t epochs = 1; epochs < 5; epochs++) {
    const char *yaml = scene(text, "sequential", epochs, everything(rules));
    const orders there = orders_of(yaml, epochs, false), back = orders_of(yaml, epochs, true);
    bool some = false;
    for (int a = 0; a < 12; a++) {
      assert_true(close_to(there.reputation[a], back.reputation[a]));
      assert_true(close_to(there.resources[a], back.resources[a]));
      assert_true(there.frozen[a] == back.frozen[a] && there.thawed[a] == back.thawed[a]);
      some = some || there.reputation[a] != 0;
    }
    assert_true(some);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_lever_has_a_row),
    cmocka_unit_test(without_rates_nothing_changes),
    cmocka_unit_test(in_earnest_something_changes),
    cmocka_unit_test(tax_revenue_is_the_sum_of_costs),
    cmocka_unit_test(accounts_are_what_the_records_say),
    cmocka_unit_test(penalties_fall_on_whom_they_fall),
    cmocka_unit_test(levers_that_do_not_punish_have_no_penalties),
    cmocka_unit_test(the_frozen_do_not_act),
    cmocka_unit_test(who_speaks_first_does_not_matter),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
