/* The rails one by one and all together, through their tables, with a plain host. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/memory.h"
#include "govern/action_names.h"
#include "govern/credit.h"
#include "govern/levers.h"
#include "metric/epoch.h"
#include "support/failing_allocator.h"
#include "support/plain_host.h"

/* In the order in which the specification checks an action. */
static const civ_lever *const rails[] = { &civ_lever_role_allowlist, &civ_lever_rate_limits, &civ_lever_token_bucket,
                                          &civ_lever_action_budget, &civ_lever_kill_switch };
enum { RAILS = sizeof rails / sizeof *rails };

static civ_opt_integer some(int64_t value)
{
  const civ_opt_integer x = { true, value };
  return x;
}

static civ_opt_real real(double value)
{
  const civ_opt_real x = { true, value };
  return x;
}

static void *make(const civ_lever *lever, plain_host *h)
{
  void *self = NULL;
  assert_true(lever->wanted == NULL || lever->wanted(&h->host));
  assert_int_equal(lever->create(&h->host, &self, NULL), CIV_OK);
  return self;
}

static const char *refusal(const civ_lever *lever, void *self, civ_agent a, civ_action_kind kind)
{
  const civ_action action = civ_action_make(kind);
  return lever->admits_action(self, a, &action);
}

static void assert_reason(const char *actual, const char *expected)
{
  if (expected == NULL)
    assert_null(actual);
  else
    assert_string_equal(actual, expected);
}

/* Tries an action that would succeed: charged if admitted. */
static bool act(const civ_lever *lever, void *self, civ_agent a, civ_action_kind kind)
{
  const civ_action action = civ_action_make(kind);
  if (lever->admits_action(self, a, &action) != NULL)
    return false;
  if (lever->charge != NULL)
    lever->charge(self, a, &action);
  return true;
}

static void begin_step(const civ_lever *lever, void *self)
{
  if (lever->step_begin)
    lever->step_begin(self);
}

static void begin_epoch(const civ_lever *lever, void *self, uint32_t epoch)
{
  civ_effect effect = { 0 };
  if (lever->epoch_begin)
    lever->epoch_begin(self, epoch, &effect);
  assert_int_equal(effect.stops, 0);
}

/* --- each alone ------------------------------------------------------------------------------------------------------------ */

static void everything_is_off_by_default(void **state)
{
  (void)state;
  plain_host h;
  plain_host_init(&h, 3, &civ_allocator_malloc);
  for (int k = 0; k < RAILS; k++)
    if (rails[k] != &civ_lever_rate_limits)
      assert_false(rails[k]->wanted(&h.host));
}

static void names_of_actions_have_short_forms(void **state)
{
  (void)state;
  for (int kind = 0; kind < CIV_ACTION_KINDS; kind++)
    assert_int_equal(civ_action_kind_of(civ_action_names[kind]), kind);
  assert_int_equal(civ_action_kind_of("propose"), CIV_ACTION_PROPOSE);
  assert_int_equal(civ_action_kind_of("accept"), CIV_ACTION_ACCEPT);
  assert_int_equal(civ_action_kind_of("reject"), CIV_ACTION_REJECT);
  assert_int_equal(civ_action_kind_of("dance"), CIV_ACTION_KINDS);
  assert_int_equal(civ_role_of("moderator"), CIV_MODERATOR);
  assert_int_equal(civ_role_of("king"), CIV_ROLES);
}

static void credit_adds_up(void **state)
{
  (void)state;
  assert_true(10 * civ_credit_of(0.1) == civ_credit_of(1));
  assert_true(3 * civ_credit_of(0.1) == civ_credit_of(0.3));
  assert_true(civ_credit_of(1e300) == civ_credit_of(4e9));
  assert_true(civ_credit_real(civ_credit_of(2.5)) == 2.5);
}

static void quotas_bind_and_come_back(void **state)
{
  (void)state;
  plain_host h;
  plain_host_init(&h, 3, &civ_allocator_malloc);
  h.rate_limits.posts_per_epoch = some(2);
  h.rate_limits.interactions_per_step = some(1);
  h.rate_limits.votes_per_epoch.set = false;
  const civ_lever *l = &civ_lever_rate_limits;
  void *self = make(l, &h);
  begin_epoch(l, self, 0);
  begin_step(l, self);
  assert_true(l->may(self, 1, CIV_QUOTA_POSTS));
  assert_true(act(l, self, 1, CIV_ACTION_POST));
  assert_true(act(l, self, 1, CIV_ACTION_REPLY)); /* shares the quota */
  assert_false(l->may(self, 1, CIV_QUOTA_POSTS));
  assert_reason(refusal(l, self, 1, CIV_ACTION_POST), "rate_limit");
  assert_int_equal(l->used(self, 1, CIV_QUOTA_POSTS), 2);
  assert_true(act(l, self, 0, CIV_ACTION_POST)); /* another agent */
  assert_true(act(l, self, 1, CIV_ACTION_PROPOSE));
  assert_false(act(l, self, 1, CIV_ACTION_PROPOSE));
  begin_step(l, self);
  assert_int_equal(l->used(self, 1, CIV_QUOTA_INTERACTIONS), 0);
  assert_true(act(l, self, 1, CIV_ACTION_PROPOSE));
  assert_false(act(l, self, 1, CIV_ACTION_POST));
  for (int k = 0; k < 200; k++)
    assert_true(act(l, self, 1, CIV_ACTION_VOTE));
  for (int k = 0; k < 3; k++)
    assert_true(act(l, self, 1, CIV_ACTION_CLAIM_TASK));
  assert_reason(refusal(l, self, 1, CIV_ACTION_CLAIM_TASK), "rate_limit"); /* also at execution */
  for (int k = 0; k < 20; k++) {
    assert_true(act(l, self, 1, CIV_ACTION_NOOP));
    assert_true(act(l, self, 1, CIV_ACTION_ACCEPT));
    assert_true(act(l, self, 1, CIV_ACTION_SUBMIT_OUTPUT));
  }
  begin_epoch(l, self, 1);
  for (int q = 0; q < CIV_QUOTAS; q++)
    assert_int_equal(l->used(self, 1, (civ_quota)q), 0);
  assert_true(act(l, self, 1, CIV_ACTION_POST));
  l->destroy(self);
}

static void limits_switched_off_still_count(void **state)
{
  (void)state;
  plain_host h;
  plain_host_init(&h, 3, &civ_allocator_malloc);
  h.simulation.enable_rate_limits = false;
  h.rate_limits.votes_per_epoch = some(0);
  const civ_lever *l = &civ_lever_rate_limits;
  void *self = make(l, &h);
  begin_epoch(l, self, 0);
  assert_true(l->may(self, 0, CIV_QUOTA_VOTES));
  assert_true(act(l, self, 0, CIV_ACTION_VOTE));
  assert_int_equal(l->used(self, 0, CIV_QUOTA_VOTES), 1);
  l->destroy(self);
}

static void a_bucket_empties_and_fills(void **state)
{
  (void)state;
  plain_host h;
  plain_host_init(&h, 3, &civ_allocator_malloc);
  h.safety.token_bucket_capacity = real(2);
  h.safety.token_bucket_refill = 0.1;
  const civ_lever *l = &civ_lever_token_bucket;
  void *self = make(l, &h);
  begin_step(l, self);
  assert_true(act(l, self, 0, CIV_ACTION_POST));
  assert_true(act(l, self, 0, CIV_ACTION_VOTE));
  assert_reason(refusal(l, self, 0, CIV_ACTION_PROPOSE), "token_bucket");
  assert_true(act(l, self, 0, CIV_ACTION_NOOP));
  assert_true(act(l, self, 0, CIV_ACTION_ACCEPT));
  assert_true(act(l, self, 0, CIV_ACTION_REJECT));
  for (int k = 0; k < 9; k++)
    begin_step(l, self);
  assert_false(act(l, self, 0, CIV_ACTION_POST));
  begin_step(l, self); /* ten tenths are one */
  assert_true(act(l, self, 0, CIV_ACTION_POST));
  assert_false(act(l, self, 0, CIV_ACTION_POST));
  for (int k = 0; k < 1000; k++)
    begin_step(l, self);
  assert_true(act(l, self, 0, CIV_ACTION_POST)); /* never more than two */
  assert_true(act(l, self, 0, CIV_ACTION_POST));
  assert_false(act(l, self, 0, CIV_ACTION_POST));
  l->destroy(self);
}

static void a_bucket_agrees_with_a_plain_one(void **state)
{
  (void)state;
  plain_host h;
  plain_host_init(&h, 1, &civ_allocator_malloc);
  const civ_draw_key key = { .purpose = CIV_PURPOSE_FUZZ, .entity = 1 };
  civ_draws draws = civ_draws_open(3, &key);
  for (int script = 0; script < 50; script++) {
    const uint32_t capacity = 1 + civ_draw_index(&draws, 50), refill = civ_draw_index(&draws, 20); /* tenths */
    h.safety.token_bucket_capacity = real(capacity / 10.0);
    h.safety.token_bucket_refill = refill / 10.0;
    const civ_lever *l = &civ_lever_token_bucket;
    void *self = make(l, &h);
    uint32_t tokens = capacity;
    for (int step = 0; step < 200; step++) {
      begin_step(l, self);
      tokens = tokens + refill > capacity ? capacity : tokens + refill;
      for (uint32_t tries = civ_draw_index(&draws, 3); tries > 0; tries--) {
        assert_int_equal(act(l, self, 0, CIV_ACTION_VOTE), tokens >= 10);
        tokens -= tokens >= 10 ? 10 : 0;
      }
    }
    l->destroy(self);
  }
}

static void a_budget_is_spent_to_the_last_tenth(void **state)
{
  (void)state;
  static const char *const names[] = { "post", "reply", "vote", "propose", "claim_task", "propose_interaction" };
  static const double values[] = { 1, 1, 0.1, 9, 0.05, 0.5 };
  plain_host h;
  plain_host_init(&h, 3, &civ_allocator_malloc);
  h.safety.budget_per_epoch = real(1.3);
  h.safety.action_costs.names = names;
  h.safety.action_costs.values = values;
  h.safety.action_costs.n = 6;
  const civ_lever *l = &civ_lever_action_budget;
  void *self = make(l, &h);
  begin_epoch(l, self, 0);
  begin_step(l, self);
  assert_true(act(l, self, 0, CIV_ACTION_POST));
  assert_reason(refusal(l, self, 0, CIV_ACTION_REPLY), "budget");
  assert_reason(refusal(l, self, 0, CIV_ACTION_PROPOSE), "budget");
  for (int k = 0; k < 3; k++)
    assert_true(act(l, self, 0, CIV_ACTION_VOTE));
  assert_false(act(l, self, 0, CIV_ACTION_VOTE));
  assert_false(act(l, self, 0, CIV_ACTION_CLAIM_TASK));
  assert_true(act(l, self, 0, CIV_ACTION_SUBMIT_OUTPUT)); /* costs nothing */
  assert_true(act(l, self, 0, CIV_ACTION_NOOP));
  assert_true(act(l, self, 1, CIV_ACTION_PROPOSE));
  assert_true(act(l, self, 1, CIV_ACTION_PROPOSE));
  assert_false(act(l, self, 1, CIV_ACTION_PROPOSE));
  begin_epoch(l, self, 1);
  assert_true(act(l, self, 0, CIV_ACTION_POST));
  l->destroy(self);
}

static void posts_are_spaced(void **state)
{
  (void)state;
  plain_host h;
  plain_host_init(&h, 3, &civ_allocator_malloc);
  h.safety.min_steps_between_posts = 3;
  const civ_lever *l = &civ_lever_action_budget;
  void *self = make(l, &h);
  begin_epoch(l, self, 0);
  begin_step(l, self);
  assert_true(act(l, self, 0, CIV_ACTION_POST));
  assert_reason(refusal(l, self, 0, CIV_ACTION_REPLY), "post_spacing");
  assert_true(act(l, self, 0, CIV_ACTION_VOTE));
  begin_step(l, self);
  begin_epoch(l, self, 1); /* an epoch does not shorten the wait */
  begin_step(l, self);
  assert_false(act(l, self, 0, CIV_ACTION_POST));
  begin_step(l, self);
  assert_true(act(l, self, 0, CIV_ACTION_REPLY));
  assert_false(act(l, self, 0, CIV_ACTION_POST));
  l->destroy(self);
}

static void roles_do_what_their_lists_say(void **state)
{
  (void)state;
  static const char *const poster[] = { "post" };
  static const civ_text_list only_post = { poster, 1 };
  civ_text_list lists[CIV_ROLES];
  plain_host h;
  plain_host_init(&h, 5, &civ_allocator_malloc);
  h.safety.enforce_role_allowlists = true;
  h.roles[0] = 1u << CIV_WORKER;
  h.roles[1] = 1u << CIV_VERIFIER;
  h.roles[2] = 1u << CIV_VERIFIER | 1u << CIV_PLANNER;
  h.roles[3] = 1u << CIV_POSTER;
  memcpy(lists, h.safety.role_allowlists.lists, sizeof lists);
  lists[CIV_POSTER] = only_post;
  h.safety.role_allowlists.lists = lists;
  const civ_lever *l = &civ_lever_role_allowlist;
  void *self = make(l, &h);
  assert_true(act(l, self, 0, CIV_ACTION_CLAIM_TASK));
  assert_reason(refusal(l, self, 0, CIV_ACTION_VERIFY_OUTPUT), "role_allowlist");
  assert_reason(refusal(l, self, 0, CIV_ACTION_POST_BOUNTY), "role_allowlist");
  assert_true(act(l, self, 1, CIV_ACTION_VERIFY_OUTPUT));
  assert_false(act(l, self, 1, CIV_ACTION_POST));
  assert_false(act(l, self, 1, CIV_ACTION_PROPOSE));
  assert_true(act(l, self, 2, CIV_ACTION_VERIFY_OUTPUT)); /* the union of both */
  assert_true(act(l, self, 2, CIV_ACTION_POST_BOUNTY));
  assert_false(act(l, self, 2, CIV_ACTION_CLAIM_TASK));
  assert_true(act(l, self, 3, CIV_ACTION_POST)); /* the scenario's list */
  assert_false(act(l, self, 3, CIV_ACTION_VOTE));
  assert_true(act(l, self, 4, CIV_ACTION_FILE_DISPUTE)); /* no role: a worker */
  for (civ_agent a = 0; a < 5; a++)
    assert_true(act(l, self, a, CIV_ACTION_NOOP));
  l->destroy(self);
}

static void unknown_names_are_refused_by_name(void **state)
{
  (void)state;
  static const char *const actions[] = { "post", "dance" };
  static const char *const known[] = { "worker" }, *const unknown[] = { "king" };
  static const civ_text_list lists[] = { { actions, 2 } };
  static const double costs[] = { 1, 1 }, negative[] = { -1 };
  plain_host h;
  civ_error err;
  void *self = NULL;
  plain_host_init(&h, 2, &civ_allocator_malloc);
  h.safety.role_allowlists.names = known;
  h.safety.role_allowlists.lists = lists;
  h.safety.role_allowlists.n = 1;
  assert_int_equal(civ_lever_role_allowlist.create(&h.host, &self, &err), CIV_E_KEY);
  assert_string_equal(err.where, "safety.role_allowlists");
  assert_non_null(strstr(err.text, "dance"));
  h.safety.role_allowlists.names = unknown;
  assert_int_equal(civ_lever_role_allowlist.create(&h.host, &self, &err), CIV_E_KEY);
  assert_non_null(strstr(err.text, "king"));
  h.safety.action_costs.names = actions;
  h.safety.action_costs.values = costs;
  h.safety.action_costs.n = 2;
  assert_int_equal(civ_lever_action_budget.create(&h.host, &self, &err), CIV_E_KEY);
  assert_non_null(strstr(err.text, "dance"));
  h.safety.action_costs.values = negative;
  h.safety.action_costs.n = 1;
  assert_int_equal(civ_lever_action_budget.create(&h.host, &self, &err), CIV_E_RANGE);
  assert_null(self);
}

static civ_effect end_epoch(plain_host *h, double toxicity)
{
  double row[CIV_EPOCH_COLUMNS] = { 0 };
  civ_effect effect = { 0 };
  void *self = make(&civ_lever_kill_switch, h);
  row[CIV_EPOCH_TOXICITY_RATE] = toxicity;
  civ_lever_kill_switch.epoch_end(self, row, &effect);
  civ_lever_kill_switch.destroy(self);
  return effect;
}

static void the_kill_switch_trips_above_its_thresholds(void **state)
{
  (void)state;
  plain_host h;
  plain_host_init(&h, 4, &civ_allocator_malloc);
  h.safety.kill_switch_toxicity = real(0.5);
  assert_int_equal(end_epoch(&h, 0.5).stops, 0); /* reaching is not exceeding */
  civ_effect effect = end_epoch(&h, 0.51);
  assert_int_equal(effect.stops, 1);
  assert_string_equal(effect.reason, "kill_switch_toxicity");
  assert_true(effect.value == 0.51);
  h.safety.kill_switch_frozen_fraction = real(0.25);
  h.frozen[1] = 1;
  assert_int_equal(end_epoch(&h, 0).stops, 0);
  h.frozen[3] = 1;
  effect = end_epoch(&h, 0);
  assert_string_equal(effect.reason, "kill_switch_frozen_fraction");
  assert_true(effect.value == 0.5);
  effect = end_epoch(&h, 0.9);
  assert_int_equal(effect.stops, 1);
  assert_string_equal(effect.reason, "kill_switch_toxicity");
  h.safety.kill_switch_enabled = false;
  assert_false(civ_lever_kill_switch.wanted(&h.host));
}

/* --- all together ---------------------------------------------------------------------------------------------------------- */

typedef struct all_rails {
  void *self[RAILS];
} all_rails;

static void strict_host(plain_host *h, const civ_allocator *allocator)
{
  plain_host_init(h, 4, allocator);
  h->safety.enforce_role_allowlists = true;
  h->rate_limits.posts_per_epoch = some(1);
  h->safety.token_bucket_capacity = real(2);
  h->safety.min_steps_between_posts = 2;
  h->safety.budget_per_epoch = real(1.5);
  h->safety.kill_switch_toxicity = real(0.9);
}

/* The first reason in the order of the rails, as the loop asks them. */
static const char *try_all(all_rails *all, civ_agent a, civ_action_kind kind)
{
  const civ_action action = civ_action_make(kind);
  for (int k = 0; k < RAILS; k++) {
    const char *reason = rails[k]->admits_action ? rails[k]->admits_action(all->self[k], a, &action) : NULL;
    if (reason != NULL)
      return reason;
  }
  for (int k = 0; k < RAILS; k++)
    if (rails[k]->charge)
      rails[k]->charge(all->self[k], a, &action);
  return NULL;
}

static void make_all(all_rails *all, plain_host *h)
{
  for (int k = 0; k < RAILS; k++)
    all->self[k] = make(rails[k], h);
}

static void destroy_all(all_rails *all)
{
  for (int k = 0; k < RAILS; k++)
    rails[k]->destroy(all->self[k]);
}

static void reasons_come_in_the_order_of_the_checks(void **state)
{
  (void)state;
  plain_host h;
  all_rails all;
  strict_host(&h, &civ_allocator_malloc);
  h.roles[1] = 1u << CIV_VERIFIER;
  make_all(&all, &h);
  for (int k = 0; k < RAILS; k++) {
    begin_epoch(rails[k], all.self[k], 0);
    begin_step(rails[k], all.self[k]);
  }
  assert_reason(try_all(&all, 0, CIV_ACTION_POST), NULL);
  assert_reason(try_all(&all, 1, CIV_ACTION_POST), "role_allowlist");
  assert_reason(try_all(&all, 0, CIV_ACTION_POST), "rate_limit");
  assert_reason(try_all(&all, 0, CIV_ACTION_PROPOSE), "budget"); /* a token is left, half a credit too */
  assert_reason(try_all(&all, 0, CIV_ACTION_VOTE), NULL);
  assert_reason(try_all(&all, 0, CIV_ACTION_PROPOSE), "token_bucket");
  assert_reason(try_all(&all, 0, CIV_ACTION_NOOP), NULL);
  for (int k = 0; k < RAILS; k++)
    begin_epoch(rails[k], all.self[k], 1); /* posts and budget are back, tokens are not */
  assert_reason(try_all(&all, 0, CIV_ACTION_POST), "token_bucket");
  destroy_all(&all);

  h.safety.token_bucket_capacity = real(9);
  make_all(&all, &h);
  h.rate_limits.posts_per_epoch = some(5);
  assert_reason(try_all(&all, 0, CIV_ACTION_POST), NULL);
  begin_epoch(&civ_lever_rate_limits, all.self[1], 1);
  assert_reason(try_all(&all, 0, CIV_ACTION_POST), "post_spacing"); /* before the budget, which is short too */
  destroy_all(&all);
}

static void live(all_rails *all, uint32_t script, char *verdicts, size_t n)
{
  const civ_draw_key key = { .purpose = CIV_PURPOSE_FUZZ, .entity = script };
  civ_draws draws = civ_draws_open(3, &key);
  for (size_t i = 0; i < n; i++) {
    for (int k = 0; k < RAILS; k++) {
      if (i % 20 == 0)
        begin_epoch(rails[k], all->self[k], (uint32_t)i / 20);
      if (i % 4 == 0)
        begin_step(rails[k], all->self[k]);
    }
    const char *reason =
        try_all(all, civ_draw_index(&draws, 4), (civ_action_kind)civ_draw_index(&draws, CIV_ACTION_KINDS));
    verdicts[i] = reason == NULL ? '.' : reason[0];
  }
}

static void saved_and_loaded_they_go_on_alike_and_take_no_memory(void **state)
{
  (void)state;
  enum { ACTIONS = 500 };
  char straight[ACTIONS], resumed[ACTIONS];
  failing_allocator f;
  plain_host h;
  all_rails first, second;
  failing_allocator_init(&f, SIZE_MAX);
  strict_host(&h, &f.allocator);
  h.safety.token_bucket_refill = 0.3;
  make_all(&first, &h);
  make_all(&second, &h);
  failing_allocator_seal(&f);
  live(&first, 1, straight, ACTIONS);
  civ_bytes bytes = { 0 };
  for (int k = 0; k < RAILS; k++) {
    civ_bytes_open(&bytes, "PART");
    if (rails[k]->save)
      assert_int_equal(rails[k]->save(first.self[k], &bytes), CIV_OK);
    civ_bytes_close(&bytes);
  }
  civ_bytes_reader in = { .data = bytes.data, .length = bytes.length };
  for (int k = 0; k < RAILS; k++) {
    assert_int_equal(civ_bytes_enter(&in, "PART", NULL), CIV_OK);
    if (rails[k]->load)
      assert_int_equal(rails[k]->load(second.self[k], &in, NULL), CIV_OK);
    assert_int_equal(civ_bytes_leave(&in, NULL), CIV_OK);
  }
  live(&first, 2, straight, ACTIONS);
  live(&second, 2, resumed, ACTIONS);
  assert_memory_equal(straight, resumed, ACTIONS);
  assert_non_null(memchr(straight, '.', ACTIONS));
  assert_non_null(memchr(straight, 'b', ACTIONS));
  failing_allocator_unseal(&f);
  civ_bytes_free(&bytes);
  destroy_all(&first);
  destroy_all(&second);
  assert_int_equal(f.blocks, 0);
}

static void checkpoints_of_other_runs_are_refused(void **state)
{
  (void)state;
  plain_host small, large;
  strict_host(&small, &civ_allocator_malloc);
  strict_host(&large, &civ_allocator_malloc);
  large.population.n = 9;
  for (int k = 0; k < RAILS; k++) {
    if (rails[k]->save == NULL)
      continue;
    void *from = make(rails[k], &small), *to = make(rails[k], &large);
    civ_bytes bytes = { 0 };
    civ_bytes_open(&bytes, "PART");
    assert_int_equal(rails[k]->save(from, &bytes), CIV_OK);
    civ_bytes_close(&bytes);
    civ_bytes_reader in = { .data = bytes.data, .length = bytes.length };
    assert_int_equal(civ_bytes_enter(&in, "PART", NULL), CIV_OK);
    assert_int_equal(rails[k]->load(to, &in, NULL), CIV_E_FORMAT);
    civ_bytes_free(&bytes);
    rails[k]->destroy(from);
    rails[k]->destroy(to);
  }
}

static void creating_survives_the_failure_of_any_request(void **state)
{
  (void)state;
  for (int k = 0; k < RAILS; k++)
    for (size_t at = 0;; at++) {
      failing_allocator f;
      plain_host h;
      void *self = NULL;
      failing_allocator_init(&f, at);
      strict_host(&h, &f.allocator);
      const civ_status status = rails[k]->create(&h.host, &self, NULL);
      assert_true(status == CIV_OK || (status == CIV_E_NOMEM && self == NULL));
      rails[k]->destroy(self);
      assert_int_equal(f.blocks, 0);
      if (status == CIV_OK)
        break;
    }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(everything_is_off_by_default),
    cmocka_unit_test(names_of_actions_have_short_forms),
    cmocka_unit_test(credit_adds_up),
    cmocka_unit_test(quotas_bind_and_come_back),
    cmocka_unit_test(limits_switched_off_still_count),
    cmocka_unit_test(a_bucket_empties_and_fills),
    cmocka_unit_test(a_bucket_agrees_with_a_plain_one),
    cmocka_unit_test(a_budget_is_spent_to_the_last_tenth),
    cmocka_unit_test(posts_are_spaced),
    cmocka_unit_test(roles_do_what_their_lists_say),
    cmocka_unit_test(unknown_names_are_refused_by_name),
    cmocka_unit_test(the_kill_switch_trips_above_its_thresholds),
    cmocka_unit_test(reasons_come_in_the_order_of_the_checks),
    cmocka_unit_test(saved_and_loaded_they_go_on_alike_and_take_no_memory),
    cmocka_unit_test(checkpoints_of_other_runs_are_refused),
    cmocka_unit_test(creating_survives_the_failure_of_any_request),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
