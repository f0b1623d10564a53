/* The levers of governance in whole runs: what each must be true of, the breaker against a naive one, and what off means. */
#include "play.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "govern/levers.h"
#include "sim/run_state.h"

#define SOCIETY                                                                                                        \
  "agents:\n  - {type: honest, count: 4}\n  - {type: opportunistic, count: 3}\n  - {type: deceptive, count: 2}\n"      \
  "  - {type: adversarial, count: 3}\n"
#define PLACE "scenario_id: test\nsimulation: {seed: 11, n_epochs: 6, steps_per_epoch: 8}\n" SOCIETY "governance:\n"
#define ALL_LEVERS                                                                                                     \
  "  transaction_tax_rate: 0.1\n  transaction_tax_split: 0.6\n  reputation_decay_rate: 0.9\n  staking_enabled: true\n" \
  "  min_stake_to_participate: 60\n  stake_slash_trigger: low_quality\n  stake_slash_rate: 0.15\n"                     \
  "  circuit_breaker_enabled: true\n  freeze_threshold_toxicity: 0.5\n  freeze_threshold_violations: 2\n"              \
  "  audit_enabled: true\n  audit_probability: 0.4\n  bandwidth_cap_enabled: true\n  bandwidth_cap: 6\n"               \
  "  transparency_enabled: true\n  moderator_enabled: true\n  vote_weight_in_ranking: true\n"                          \
  "  vote_normalization_enabled: true\n  vote_weight_cap: 3\n"

/* --- one lever by hand ----------------------------------------------------------------------------------------------------- */

static const lever_slot *lever(const play *p, const char *name)
{
  for (uint32_t k = 0; k < p->run->n_levers; k++)
    if (strcmp(p->run->lever_names[k], name) == 0) {
      p->run->effect.lever = k;
      return &p->run->levers[k];
    }
  fail_msg("there is no lever %s", name);
  return NULL;
}

static civ_interaction dealing(civ_agent a, double p, bool accepted)
{
  civ_interaction record = civ_interaction_default();
  record.id = 1;
  record.initiator = a;
  record.counterparty = a + 1;
  record.p = p;
  record.accepted = accepted;
  return record;
}

/* What one lever alone says to one record; not applied. */
static const civ_effect *judgement(const play *p, const char *name, const civ_interaction *record)
{
  const lever_slot *l = lever(p, name);
  const civ_draw_key key = { .purpose = CIV_PURPOSE_LEVER, .ordinal = (uint32_t)record->id };
  civ_draws draws = civ_draws_open(3, &key);
  civ_effect_clear(&p->run->effect);
  if (l->table->judge)
    l->table->judge(l->self, record, &draws, &p->run->effect);
  if (l->table->judged)
    l->table->judged(l->self, record, &p->run->effect);
  return &p->run->effect;
}

static void apply(play *p)
{
  assert_int_equal(civ_population_reserve(&p->run->people, 64), CIV_OK);
  civ_sim_apply_effect(p->run);
}

static double delta(const civ_effect *e)
{
  return e->n_deltas == 0 ? 0 : e->deltas[0].reputation;
}

static void golden_numbers(void **state)
{
  play p;
  (void)state;
  play_open(&p,
            PLACE "  transparency_enabled: true\n  moderator_enabled: true\n  moderator_review_probability: 1\n"
                  "  staking_enabled: true\n  stake_slash_trigger: low_quality\n  stake_slash_rate: 0.15\n",
            NULL);
  assert_int_equal(civ_run_begin(p.run, NULL), CIV_OK);
  const double ps[] = { 0.3, 0.5, 0.82 }, bonuses[] = { -0.02, 0, 0.032 };
  for (int k = 0; k < 3; k++) {
    const civ_interaction record = dealing(0, ps[k], true);
    assert_true(fabs(delta(judgement(&p, "transparency", &record)) - bonuses[k]) < 1e-15);
  }
  civ_interaction record = dealing(0, 0.3, false);
  assert_true(judgement(&p, "transparency", &record)->n_deltas == 0);
  assert_true(judgement(&p, "moderator", &record)->cost_a == 0);
  record.accepted = true;
  const civ_effect *e = judgement(&p, "moderator", &record);
  assert_true(fabs(e->cost_a - 0.21) < 1e-15 && e->cost_b == 0.01 && fabs(delta(e) + 0.2) < 1e-15);
  record.p = 0.5;
  e = judgement(&p, "moderator", &record);
  assert_true(e->cost_a == 0.01 && e->cost_b == 0.01 && e->n_deltas == 0);
  const double slashed[] = { 0.39, 0.4, 0.2, 0.1 }, left[] = { 85, 85, 85, 72.25 };
  for (int k = 0; k < 4; k++) {
    record = dealing(0, slashed[k], k != 2);
    judgement(&p, "staking", &record);
    apply(&p);
    assert_true(fabs(play_result(&p).population->resources[0] - left[k]) < 1e-12);
  }
  play_close(&p);
}

/* --- the circuit breaker against a naive one ---------------------------------------------------------------------------------- */

typedef struct history {
  double toxicity[400];
  uint32_t n, violations;
  int64_t until;
} history;

static double last_ten(const history *h)
{
  double sum = 0;
  const uint32_t n = h->n < 10 ? h->n : 10;
  for (uint32_t k = h->n - n; k < h->n; k++)
    sum += h->toxicity[k];
  return n ? sum / n : 0;
}

static void check_breaker(const play *p, const history *h, civ_agent a)
{
  const civ_breaker_status now = civ_circuit_breaker_status(lever(p, "circuit_breaker")->self, a);
  assert_true(now.violations == h->violations && now.freeze_until_epoch == h->until &&
              now.average_toxicity == last_ten(h));
}

static void the_breaker_is_the_naive_one(void **state)
{
  enum { AGENTS = 5 };
  (void)state;
  for (uint64_t seed = 0; seed < 40; seed++) {
    play p;
    history all[AGENTS] = { { .until = -1 }, { .until = -1 }, { .until = -1 }, { .until = -1 }, { .until = -1 } };
    const civ_draw_key key = { .purpose = 1 };
    civ_draws d = civ_draws_open(seed, &key);
    const uint32_t needed = 1 + civ_draw_index(&d, 4), duration = 1 + civ_draw_index(&d, 3);
    char yaml[1024];
    snprintf(yaml, sizeof yaml,
             PLACE "  circuit_breaker_enabled: true\n  freeze_threshold_toxicity: 0.55\n"
                   "  freeze_threshold_violations: %u\n  freeze_duration_epochs: %u\n",
             needed, duration);
    play_open(&p, yaml, NULL);
    assert_int_equal(civ_run_begin(p.run, NULL), CIV_OK);
    for (uint32_t k = 0, epoch = 0; k < 300; k++) {
      const civ_agent a = civ_draw_index(&d, AGENTS);
      history *h = &all[a];
      if (civ_draw_chance(&d, 0.1)) {
        p.run->epoch = ++epoch;
        assert_int_equal(civ_sim_epoch_begin(p.run, NULL), CIV_OK);
        for (int i = 0; i < AGENTS; i++)
          if (all[i].until >= 0 && epoch >= all[i].until) {
            all[i].until = -1;
            all[i].violations = 0;
          }
        for (civ_agent i = 0; i < AGENTS; i++)
          assert_int_equal(p.run->people.frozen[i], all[i].until >= 0);
      }
      const civ_interaction record = dealing(a, civ_draw_uniform(&d), civ_draw_chance(&d, 0.5));
      h->toxicity[h->n++] = 1.0 - record.p;
      bool frozen = false;
      if (last_ten(h) >= 0.55 && ++h->violations >= needed) {
        frozen = true;
        h->until = (int64_t)epoch + duration;
      }
      assert_int_equal(judgement(&p, "circuit_breaker", &record)->n_freezes, frozen);
      apply(&p);
      check_breaker(&p, h, a);
    }
    play_close(&p);
  }
}

/* --- laws of whole runs -------------------------------------------------------------------------------------------------------- */

typedef struct witness {
  civ_run *run;
  double costs, base;
  uint64_t turns_of_frozen, accepted;
  uint32_t actions[64], most, epoch;
} witness;

static void see_turn(void *self, uint32_t epoch, uint32_t step, civ_agent a, const civ_action *action, bool ok)
{
  witness *w = self;
  (void)step;
  if (epoch != w->epoch)
    memset(w->actions, 0, sizeof w->actions);
  w->epoch = epoch;
  w->turns_of_frozen += w->run->people.frozen[a];
  w->actions[a] += ok && action->kind != CIV_ACTION_NOOP;
  w->most = w->actions[a] > w->most ? w->actions[a] : w->most;
}

static void see_completed(void *self, const civ_interaction *record, double payoff_a, double payoff_b)
{
  witness *w = self;
  (void)payoff_a;
  (void)payoff_b;
  w->costs += record->c_a + record->c_b;
  w->accepted += record->accepted;
  if (record->accepted)
    w->base += civ_transaction_tax_base(record->p, record->tau);
  else
    assert_true(record->c_b == 0);
}

static witness watched(play *p, const char *yaml)
{
  witness w = { 0 };
  play_open(p, yaml, NULL);
  w.run = p->run;
  const civ_run_hooks hooks = { .self = &w, .turn = see_turn, .completed = see_completed };
  assert_int_equal(civ_run_hook(p->run, &hooks, NULL), CIV_OK);
  play_all(p);
  return w;
}

static bool close_to(double x, double y)
{
  return fabs(x - y) <= 1e-9 * (1 + fabs(x));
}

static void revenue_is_the_sum_of_costs(void **state)
{
  play p;
  (void)state;
  const witness w = watched(&p, PLACE "  transaction_tax_rate: 0.08\n  transaction_tax_split: 0.25\n");
  assert_true(w.accepted > 20 && w.base > 0);
  assert_true(close_to(w.costs, 0.08 * w.base) && close_to(play_total(&p, "cost.transaction_tax"), w.costs));
  assert_true(close_to(play_total(&p, "total_cost_a"), 0.25 * w.costs) &&
              close_to(play_total(&p, "total_cost_b"), 0.75 * w.costs));
  assert_true(play_total(&p, "cost.random_audit") == 0 && play_total(&p, "rep_delta.security") == 0);
  play_close(&p);
}

static void all_costs_are_accounted(void **state)
{
  static const char *const levers[] = { "transaction_tax", "reputation_decay", "staking",      "circuit_breaker",
                                        "random_audit",    "bandwidth_cap",    "transparency", "moderator" };
  play p;
  (void)state;
  const witness w = watched(&p, PLACE ALL_LEVERS);
  double told = 0;
  for (size_t k = 0; k < sizeof levers / sizeof *levers; k++) {
    char name[64];
    snprintf(name, sizeof name, "cost.%s", levers[k]);
    told += play_total(&p, name);
  }
  assert_true(close_to(told, w.costs) && play_total(&p, "lever_audits") > 0 && play_total(&p, "lever_reviews") > 0);
  assert_true(close_to(play_total(&p, "rep_delta.random_audit"), -play_total(&p, "cost.random_audit")));
  assert_true(play_total(&p, "ledger_rows") == (double)w.accepted &&
              play_total(&p, "events:ledger_entry") == w.accepted);
  assert_true(play_total(&p, "freeze_events") == play_total(&p, "lever_freezes"));
  assert_true(play_total(&p, "lever_freeze_on_honest") + play_total(&p, "lever_freeze_on_opportunistic") +
                  play_total(&p, "lever_freeze_on_deceptive") + play_total(&p, "lever_freeze_on_adversarial") ==
              play_total(&p, "lever_freezes"));
  assert_true(play_total(&p, "events:stake_slashed") == play_total(&p, "lever_slashes"));
  play_close(&p);
}

static void the_frozen_do_not_act(void **state)
{
  play p;
  (void)state;
  const witness w = watched(&p, PLACE "  circuit_breaker_enabled: true\n  freeze_threshold_toxicity: 0.4\n"
                                      "  freeze_threshold_violations: 1\n  freeze_duration_epochs: 1\n");
  assert_true(play_total(&p, "freezes_total") > 3 && play_total(&p, "events:agent_unfrozen") > 0);
  assert_int_equal(w.turns_of_frozen, 0);
  play_close(&p);
}

static void the_cap_binds_turns(void **state)
{
  play p;
  (void)state;
  witness w = watched(&p, PLACE "  bandwidth_cap_enabled: true\n  bandwidth_cap: 3\n");
  assert_int_equal(w.most, 3);
  play_close(&p);
  w = watched(&p, PLACE "  bandwidth_cap_enabled: true\n  bandwidth_cap: 0\n");
  assert_true(w.most == 0 && w.accepted == 0 && play_total(&p, "final_blocked") == 12);
  play_close(&p);
  w = watched(&p, PLACE "  staking_enabled: true\n  min_stake_to_participate: 100.5\n");
  assert_true(w.most == 0 && play_total(&p, "n_below_min_stake_end") == 12);
  play_close(&p);
}

static void triggers_slash_once_each(void **state)
{
  play p;
  (void)state;
  watched(&p, PLACE "  staking_enabled: true\n  stake_slash_trigger: audit\n  audit_enabled: true\n"
                    "  audit_probability: 0.7\n");
  assert_true(play_total(&p, "lever_slashes") > 0);
  assert_true(play_total(&p, "lever_slashes") == play_total(&p, "lever_audit_penalties"));
  assert_true(play_total(&p, "res_delta.staking") < 0);
  play_close(&p);
  watched(&p, PLACE "  staking_enabled: true\n  stake_slash_trigger: freeze\n  circuit_breaker_enabled: true\n"
                    "  freeze_threshold_toxicity: 0.4\n  freeze_threshold_violations: 1\n");
  assert_true(play_total(&p, "lever_slashes") > 0);
  assert_true(play_total(&p, "lever_slashes") == play_total(&p, "freeze_events"));
  play_close(&p);
}

static void a_slash_without_stake_is_refused(void **state)
{
  play p;
  civ_error err = { 0 };
  civ_run *run = NULL;
  (void)state;
  play_load(&p, PLACE "  stake_slash_trigger: low_quality\n", NULL);
  assert_int_equal(civ_run_create(p.config, NULL, &run, &err), CIV_E_STATE);
  assert_string_equal(err.where, "governance.stake_slash_trigger");
  play_close(&p);
}

/* Levers see the state before the call, so who speaks first does not matter. */
static void order_does_not_matter(void **state)
{
  play p;
  (void)state;
  play_open(&p, PLACE ALL_LEVERS, NULL);
  assert_int_equal(civ_run_begin(p.run, NULL), CIV_OK);
  civ_effect *e = &p.run->effect;
  for (uint32_t k = 0; k < 200; k++) {
    double cost_a[2], cost_b[2], reputation[2];
    const civ_interaction record = dealing(k % 9, (k * 37 % 100) / 100.0, k % 3 != 0);
    assert_int_equal(civ_effect_reserve(e, 64), CIV_OK);
    for (int way = 0; way < 2; way++) {
      civ_effect_clear(e);
      for (uint32_t i = 0; i < p.run->n_levers; i++) {
        e->lever = way ? p.run->n_levers - 1 - i : i;
        const lever_slot *l = &p.run->levers[e->lever];
        const civ_draw_key key = { .purpose = CIV_PURPOSE_LEVER, .entity = l->number, .ordinal = k };
        civ_draws draws = civ_draws_open(5, &key);
        if (l->table->judge && l->table != &civ_lever_circuit_breaker)
          l->table->judge(l->self, &record, &draws, e);
      }
      cost_a[way] = e->cost_a;
      cost_b[way] = e->cost_b;
      reputation[way] = delta(e);
    }
    assert_true(fabs(cost_a[0] - cost_a[1]) < 1e-15 && fabs(cost_b[0] - cost_b[1]) < 1e-15);
    assert_true(fabs(reputation[0] - reputation[1]) < 1e-15);
  }
  play_close(&p);
}

/* --- weights of votes --------------------------------------------------------------------------------------------------------- */

static civ_post_view post_of(play *p, uint32_t post)
{
  civ_post_view view;
  p->run->feed->post(p->run->feed->self, post, &view);
  return view;
}

static void add_posts(play *p, uint32_t n)
{
  civ_action post = civ_action_make(CIV_ACTION_POST);
  post.content = (civ_text){ "words", 5 };
  for (uint32_t k = 0; k < n; k++)
    assert_true(play_do(p, 11, &post));
}

static bool vote(play *p, civ_agent a, uint32_t post, bool up)
{
  civ_action action = civ_action_make(CIV_ACTION_VOTE);
  action.target = post;
  action.vote_direction = up ? 1 : -1;
  return play_do(p, a, &action);
}

#define WEIGHTS "  vote_weight_in_ranking: true\n  vote_normalization_enabled: true\n  max_vote_weight_per_agent: 5\n"

static void votes_weigh_less_and_less(void **state)
{
  static const double weights[] = { 1, 0.83333333333333337, 0.16666666666666652, 0 };
  play p;
  (void)state;
  assert_true(civ_vote_weight(true, 10, 10) == 0.5 && civ_vote_weight(true, 5, 3) == 0.625);
  assert_true(civ_vote_weight(false, 5, 3) == 1 && civ_vote_weight(true, 10, 0) == 1);
  play_open(&p, PLACE WEIGHTS "  vote_weight_cap: 2\n", NULL);
  add_posts(&p, 4);
  for (uint32_t k = 0; k < 4; k++) {
    assert_true(vote(&p, 0, k, true));
    assert_true(fabs(post_of(&p, k).net_votes - weights[k]) < 1e-12 && post_of(&p, k).upvotes == 1);
  }
  play_close(&p);
  play_open(&p, PLACE WEIGHTS, NULL);
  add_posts(&p, 1);
  assert_true(vote(&p, 0, 0, true) && vote(&p, 0, 0, false));
  assert_true(fabs(post_of(&p, 0).net_votes + 0.83333333333333337) < 1e-12 && post_of(&p, 0).downvotes == 1);
  play_close(&p);
}

/* Any history of votes, repeats and changes of mind, against a table of everybody's signed weights. */
static void weighted_tallies_are_the_naive_ones(void **state)
{
  enum { VOTERS = 6, POSTS = 5 };
  (void)state;
  for (uint64_t seed = 0; seed < 20; seed++) {
    play p;
    const civ_draw_key key = { .purpose = 2 };
    civ_draws d = civ_draws_open(seed, &key);
    double signed_weight[VOTERS][POSTS] = { { 0 } }, spent[VOTERS] = { 0 };
    int direction[VOTERS][POSTS] = { { 0 } };
    uint32_t cast[VOTERS] = { 0 };
    play_open(&p,
              "scenario_id: test\nsimulation: {seed: 11, enable_rate_limits: false}\n" SOCIETY "governance:\n" WEIGHTS
              "  vote_weight_cap: 4\n",
              NULL);
    add_posts(&p, POSTS);
    for (uint32_t k = 0; k < 60; k++) {
      const uint32_t a = civ_draw_index(&d, VOTERS), post = civ_draw_index(&d, POSTS);
      const int sign = civ_draw_chance(&d, 0.6) ? 1 : -1;
      assert_true(vote(&p, a, post, sign > 0));
      if (direction[a][post] != sign) {
        const double w = fmax(0, fmin(1 / (1 + cast[a] / 5.0), 4 - spent[a]));
        spent[a] += w;
        signed_weight[a][post] = sign * w;
        direction[a][post] = sign;
      }
      cast[a]++;
      double tally = 0;
      for (int v = 0; v < VOTERS; v++)
        tally += signed_weight[v][post];
      assert_true(fabs(post_of(&p, post).net_votes - tally) < 1e-9);
    }
    play_close(&p);
  }
}

/* --- off means off ----------------------------------------------------------------------------------------------------------------- */

/* Lines from the first after simulation_started, without id, time and digest, and without the ledger's own rows. */
static void strip(civ_buffer *log, civ_buffer *out)
{
  char *line = log->data;
  for (char *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
    *end = '\0';
    char *event = strstr(line, "\"event_type\""), *digest = strstr(line, "\"digest\": \"");
    if (!event || strstr(event, "\"log_opened\"") || strstr(event, "\"simulation_started\"") ||
        strstr(event, "\"simulation_ended\"") || strstr(event, "\"ledger_entry\""))
      continue;
    if (digest)
      memset(digest + strlen("\"digest\": \""), '-', 16);
    civ_buffer_text(out, event);
    civ_buffer_text(out, "\n");
  }
  civ_buffer_add(out, "", 1);
}

static char *story(const char *yaml)
{
  play p;
  civ_buffer log = { 0 }, out = { 0 };
  play_load(&p, yaml, NULL);
  play_text(&p, NULL, &log);
  civ_buffer_add(&log, "", 1);
  strip(&log, &out);
  civ_buffer_free(&log);
  play_close(&p);
  return civ_buffer_take(&out, NULL);
}

static void zero_rates_change_nothing(void **state)
{
  static const char *const rules[] = {
    "  transaction_tax_rate: 0\n  reputation_decay_rate: 1\n  bandwidth_cap: 0\n",
    "  staking_enabled: true\n  stake_slash_trigger: low_quality\n  stake_slash_rate: 0\n",
    "  circuit_breaker_enabled: true\n  freeze_threshold_violations: 2147483647\n",
    "  audit_enabled: true\n  audit_probability: 0\n",
    "  audit_enabled: true\n  audit_probability: 1\n  audit_penalty_multiplier: 0\n",
    "  bandwidth_cap_enabled: true\n  bandwidth_cap: 2147483647\n",
    "  transparency_enabled: true\n  transparency_bonus_rate: 0\n",
    "  moderator_enabled: true\n  moderator_review_probability: 0\n",
    "  vote_weight_in_ranking: true\n",
  };
  (void)state;
  char *plain = story(PLACE "  bandwidth_cap: 10\n");
  assert_true(strlen(plain) > 10000);
  for (size_t k = 0; k < sizeof rules / sizeof *rules; k++) {
    char yaml[2048];
    snprintf(yaml, sizeof yaml, "%s%s", PLACE, rules[k]);
    char *governed = story(yaml);
    if (strcmp(plain, governed) != 0)
      fail_msg("rules %zu change the story", k);
    free(governed);
  }
  free(plain);
}

/* --- checkpoints and memory ------------------------------------------------------------------------------------------------------------ */

static void a_governed_run_goes_on_from_a_checkpoint(void **state)
{
  (void)state;
  for (uint32_t half = 1; half < 6; half++) {
    play p;
    civ_bytes bytes = { 0 };
    civ_end end;
    play_open(&p, PLACE ALL_LEVERS, NULL);
    for (uint32_t e = 0; e < half; e++)
      assert_int_equal(civ_run_epoch(p.run, &end, NULL), CIV_OK);
    assert_int_equal(civ_run_save(p.run, &bytes, NULL), CIV_OK);
    play_all(&p);
    const civ_result straight = play_result(&p);
    double *totals = malloc(straight.total_columns.n * sizeof *totals);
    memcpy(totals, straight.totals, straight.total_columns.n * sizeof *totals);
    const uint64_t digest = straight.digest;
    play_start(&p, NULL);
    civ_bytes_reader in = { .data = bytes.data, .length = bytes.length };
    assert_int_equal(civ_run_load(p.run, &in, NULL), CIV_OK);
    play_all(&p);
    const civ_result resumed = play_result(&p);
    assert_true(resumed.digest == digest);
    assert_memory_equal(totals, resumed.totals, resumed.total_columns.n * sizeof *totals);
    free(totals);
    civ_bytes_free(&bytes);
    play_close(&p);
  }
}

static void lack_of_memory_is_clean(void **state)
{
  play p;
  (void)state;
  play_load(&p, PLACE ALL_LEVERS, NULL);
  play_clean_without_memory(&p);
  play_close(&p);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(golden_numbers),
    cmocka_unit_test(the_breaker_is_the_naive_one),
    cmocka_unit_test(revenue_is_the_sum_of_costs),
    cmocka_unit_test(all_costs_are_accounted),
    cmocka_unit_test(the_frozen_do_not_act),
    cmocka_unit_test(the_cap_binds_turns),
    cmocka_unit_test(triggers_slash_once_each),
    cmocka_unit_test(a_slash_without_stake_is_refused),
    cmocka_unit_test(order_does_not_matter),
    cmocka_unit_test(votes_weigh_less_and_less),
    cmocka_unit_test(weighted_tallies_are_the_naive_ones),
    cmocka_unit_test(zero_rates_change_nothing),
    cmocka_unit_test(a_governed_run_goes_on_from_a_checkpoint),
    cmocka_unit_test(lack_of_memory_is_clean),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
