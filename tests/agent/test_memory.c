/* What agents remember, against naive models over random histories, populations and worlds. */
#include <math.h>

#include "one_agent.h"

enum { AGENTS = 30, ROUNDS = 3000 };

/* Everything that ever happened between agent 0 and x, kept in full. */
typedef struct naive {
  double p[AGENTS][ROUNDS];
  bool accepted[AGENTS][ROUNDS];
  uint32_t n[AGENTS];
  uint32_t encounters[AGENTS];
} naive;

static naive *open_naive(void)
{
  naive *m = calloc(1, sizeof *m);
  assert_non_null(m);
  return m;
}

static double mean_of(const naive *m, civ_agent x, bool accepted_only, double none)
{
  double sum = 0;
  uint32_t n = 0;
  for (uint32_t k = 0; k < m->n[x]; k++)
    if (m->accepted[x][k] || !accepted_only) {
      sum += m->p[x][k];
      n++;
    }
  return n ? sum / n : none;
}

static void happen(one_agent *t, naive *m, uint64_t *chance)
{
  /* p from few values, so that means tie often */
  const civ_agent x = 1 + chance_below(chance, AGENTS - 1);
  const bool accepted = chance_below(chance, 3) > 0, mine = chance_below(chance, 2);
  const double p = chance_below(chance, 9) / 8.0;
  stage_learn(&t->cast, 0, mine ? 0 : x, mine ? x : 0, accepted, p);
  m->p[x][m->n[x]] = p;
  m->accepted[x][m->n[x]++] = accepted;
}

/* Freezes, thaws, and in a restricted world edges that come and go. */
static void shake(one_agent *t, uint64_t *chance)
{
  const civ_agent x = 1 + chance_below(chance, AGENTS - 1);
  stage_freeze(&t->stage, x, chance_below(chance, 3) == 0);
  stage_resources(&t->stage, x, chance_below(chance, 4) * 30);
  stage_reputation(&t->stage, x, chance_below(chance, 5) - 2.0);
  if (t->stage.restricted)
    t->stage.permits[0][1 + chance_below(chance, AGENTS - 1)] = chance_below(chance, 3) == 0;
}

static one_agent *open_world(const civ_policy *policy, const parameter *changed, bool restricted)
{
  one_agent *t = one_agent_open(AGENTS);
  t->stage.resources[0] = 20;
  t->stage.restricted = restricted;
  one_agent_cast(t, policy, changed);
  failing_allocator_unseal(&t->memory);
  assert_int_equal(stage_ready(&t->cast, ROUNDS), CIV_OK);
  failing_allocator_seal(&t->memory);
  return t;
}

static bool visible(const one_agent *t, civ_agent x)
{
  return x != 0 && !t->stage.frozen[x] && (!t->stage.restricted || t->stage.permits[0][x]);
}

/* --- honest: the partner is the exact maximum --------------------------------------------------------------------------------- */

static civ_agent best_by_hand(const one_agent *t, const naive *m)
{
  civ_agent best = CIV_NOBODY;
  double most = 0.3;
  for (civ_agent x = 1; x < AGENTS; x++) {
    const double trust = mean_of(m, x, true, 0.5);
    if (visible(t, x) && trust >= 0.3 && (best == CIV_NOBODY || trust > most)) {
      best = x;
      most = trust;
    }
  }
  return best;
}

static void partner_is_the_exact_maximum(bool restricted, uint64_t seed)
{
  static const parameter only[] = { { "interact_probability", 1 }, { 0 } };
  one_agent *t = open_world(&civ_policy_honest, only, restricted);
  naive *m = open_naive();
  for (int round = 0; round < ROUNDS; round++) {
    for (uint32_t k = chance_below(&seed, 6); k > 0; k--)
      shake(t, &seed);
    if (chance_below(&seed, 3) == 0)
      happen(t, m, &seed);
    const civ_agent expected = best_by_hand(t, m);
    const civ_action action = one_agent_script(t, NULL, 0, 0.99, NULL);
    assert_int_equal(action.kind, expected == CIV_NOBODY ? CIV_ACTION_NOOP : CIV_ACTION_PROPOSE);
    assert_int_equal(action.counterparty, expected);
    const civ_agent x = chance_below(&seed, AGENTS);
    assert_true(civ_honest_trust(t->cast.self, 0, x) == mean_of(m, x, true, 0.5));
  }
  free(m);
  one_agent_close(t);
}

static void honest_partner(void **state)
{
  (void)state;
  for (uint64_t seed = 0; seed < 4; seed++) {
    partner_is_the_exact_maximum(false, seed);
    partner_is_the_exact_maximum(true, seed);
  }
}

/* --- honest: uniform over what it has not voted on ----------------------------------------------------------------------------- */

static void honest_vote_is_uniform(void **state)
{
  (void)state;
  static const parameter votes[] = { { "vote_probability", 1 }, { "post_probability", 0 }, { 0 } };
  enum { POSTS = 20, DRAWS = 60000 };
  for (uint32_t left = 1; left <= POSTS; left += 6) {
    one_agent *t = open_world(&civ_policy_honest, votes, false);
    uint32_t count[POSTS] = { 0 };
    for (int k = 0; k < POSTS; k++)
      stage_post(&t->stage, 1, "some text", 0, 0);
    for (uint32_t k = left; k < POSTS; k++) { /* the first `left` in an order that mixes them with the others */
      one_agent_ready(t);
      civ_action vote = civ_action_make(CIV_ACTION_VOTE);
      vote.target = k * 7 % POSTS;
      t->cast.policy->done(t->cast.self, 0, &vote, true);
    }
    for (uint32_t k = 0; k < DRAWS; k++) {
      const civ_draw_key key = { .purpose = CIV_PURPOSE_TURN, .entity = left, .epoch = k };
      civ_draws draws = civ_draws_open(11, &key);
      count[one_agent_act(t, &draws).target]++;
    }
    for (uint32_t k = 0; k < POSTS; k++) {
      const double expected = k < left ? (double)DRAWS / left : 0;
      assert_true(fabs(count[k * 7 % POSTS] - expected) <= 5 * sqrt(expected));
    }
    one_agent_close(t);
  }
}

/* --- opportunistic --------------------------------------------------------------------------------------------------------------- */

static void opportunistic_estimate(void **state)
{
  (void)state;
  uint64_t chance = 5;
  one_agent *t = open_world(&civ_policy_opportunistic, NULL, false);
  naive *m = open_naive();
  for (int round = 0; round < ROUNDS; round++) {
    const civ_agent x = chance_below(&chance, AGENTS);
    const double by_hand = mean_of(m, x, false, NAN), estimate = civ_opportunistic_estimate(t->cast.self, 0, x);
    assert_true(isnan(by_hand) ? isnan(estimate) : estimate == by_hand);
    happen(t, m, &chance);
  }
  free(m);
  one_agent_close(t);
}

/* --- deceptive -------------------------------------------------------------------------------------------------------------------- */

static double deceptive_trust_by_hand(const naive *m, civ_agent x)
{
  double trust = NAN;
  for (uint32_t k = 0; k < m->n[x]; k++)
    if (m->accepted[x][k]) {
      trust = (isnan(trust) ? 0.5 : trust) + 0.1;
      if (trust > 1)
        trust = 1;
    }
  return trust;
}

static civ_agent victim_by_hand(const one_agent *t, const naive *m)
{
  civ_agent best = CIV_NOBODY;
  double most = 0.7;
  for (civ_agent x = 1; x < AGENTS; x++) {
    const double trust = deceptive_trust_by_hand(m, x);
    if (visible(t, x) && t->stage.resources[x] > 50 && trust > most) {
      best = x;
      most = trust;
    }
  }
  return best;
}

static bool exploits_by_hand(const naive *m)
{
  uint32_t trusting = 0, encounters = 0;
  for (civ_agent x = 1; x < AGENTS; x++) {
    trusting += deceptive_trust_by_hand(m, x) > 0.7;
    encounters += m->encounters[x];
  }
  return trusting >= 2 && encounters > 10;
}

/* Who a free turn proposes to when first choices are taken: the victim, or the first newcomer. */
static void check_deceptive_turn(one_agent *t, const naive *m)
{
  civ_agent expected = exploits_by_hand(m) ? victim_by_hand(t, m) : CIV_NOBODY;
  const bool trade = expected != CIV_NOBODY;
  for (civ_agent x = 1; x < AGENTS && expected == CIV_NOBODY; x++)
    if (visible(t, x) && m->encounters[x] < 5)
      expected = x;
  const civ_action action = one_agent_script(t, NULL, 0, 0.99, NULL);
  assert_int_equal(action.counterparty, expected);
  if (expected != CIV_NOBODY)
    assert_int_equal(action.interaction_type, trade ? CIV_TRADE : CIV_COLLABORATION);
}

static void deceptive_memory_law(bool restricted, uint64_t seed)
{
  one_agent *t = open_world(&civ_policy_deceptive, NULL, restricted);
  naive *m = open_naive();
  for (int round = 0; round < 400; round++) {
    shake(t, &seed);
    if (chance_below(&seed, 2))
      happen(t, m, &seed);
    const civ_agent x = 1 + chance_below(&seed, AGENTS - 1);
    if (chance_below(&seed, 2)) {
      one_agent_accepts(t, x, CIV_TRADE, 0, 0.5, NULL);
      m->encounters[x]++;
    }
    const double trust = deceptive_trust_by_hand(m, x);
    const double remembered = civ_deceptive_trust(t->cast.self, 0, x);
    assert_true(isnan(trust) ? isnan(remembered) : trust == remembered);
    assert_int_equal(civ_deceptive_encounters(t->cast.self, 0, x), m->encounters[x]);
    assert_int_equal(civ_deceptive_exploits(t->cast.self, 0), exploits_by_hand(m));
    check_deceptive_turn(t, m);
  }
  free(m);
  one_agent_close(t);
}

static void deceptive_memory(void **state)
{
  (void)state;
  for (uint64_t seed = 0; seed < 6; seed++) {
    deceptive_memory_law(false, seed);
    deceptive_memory_law(true, seed);
  }
}

/* Also when most visible agents are known well, each newcomer is as likely as the next. */
static void newcomers_are_chosen_uniformly(void **state)
{
  (void)state;
  enum { DRAWS = 60000 };
  for (uint32_t newcomers = 1; newcomers < AGENTS - 1; newcomers += 9) {
    one_agent *t = open_world(&civ_policy_deceptive, (const parameter[]){ { "post_probability", 0 }, { 0 } }, false);
    uint32_t count[AGENTS] = { 0 };
    failing_allocator_unseal(&t->memory);
    for (civ_agent x = 1; x < AGENTS - newcomers; x++)
      assert_int_equal(civ_deceptive_plant(t->cast.self, 0, x, NAN, 5), CIV_OK);
    for (uint32_t k = 0; k < DRAWS; k++) {
      const civ_draw_key key = { .purpose = CIV_PURPOSE_TURN, .entity = newcomers, .epoch = k };
      civ_draws draws = civ_draws_open(12, &key);
      count[one_agent_act(t, &draws).counterparty]++;
    }
    for (civ_agent x = 1; x < AGENTS; x++) {
      const double expected = x >= AGENTS - newcomers ? (double)DRAWS / newcomers : 0;
      assert_true(fabs(count[x] - expected) <= 5 * sqrt(expected));
    }
    one_agent_close(t);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(honest_partner),
    cmocka_unit_test(honest_vote_is_uniform),
    cmocka_unit_test(opportunistic_estimate),
    cmocka_unit_test(deceptive_memory),
    cmocka_unit_test(newcomers_are_chosen_uniformly),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
