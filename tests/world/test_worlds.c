/* The feed and the tasks as the loop sees them: through their tables, with a plain host. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/bytes.h"
#include "base/memory.h"
#include "support/failing_allocator.h"
#include "support/plain_host.h"
#include "world/worlds.h"

static void *make(const civ_world *world, plain_host *h)
{
  void *self = NULL;
  assert_int_equal(world->create(&h->host, &self, NULL), CIV_OK);
  return self;
}

static void begin_step(const civ_world *world, void *self, plain_host *h)
{
  const civ_demand demand = { h->population.n, 0, h->population.n };
  assert_int_equal(world->reserve(self, &demand), CIV_OK);
  if (world->step_begin)
    world->step_begin(self);
}

static bool act(const civ_world *world, void *self, civ_agent a, civ_action_kind kind, uint32_t target,
                const char *words)
{
  civ_action action = civ_action_make(kind);
  action.target = target;
  action.vote_direction = 1;
  action.content.data = words;
  action.content.length = (uint32_t)strlen(words);
  return world->apply(self, a, &action);
}

/* --- feed ------------------------------------------------------------------------------------------------------------------ */

static void posts_replies_and_votes_go_through_the_table(void **state)
{
  (void)state;
  plain_host h;
  plain_host_init(&h, 5, &civ_allocator_malloc);
  h.simulation.max_content_length = 4;
  const civ_world *w = &civ_world_feed;
  void *self = make(w, &h);
  const civ_feed_service *feed = w->service(self, "feed");
  assert_null(w->service(self, "tasks"));
  w->epoch_begin(self);
  h.steps_done = 7;
  begin_step(w, self, &h);
  assert_true(act(w, self, 0, CIV_ACTION_POST, CIV_NONE, "hello there"));
  assert_true(act(w, self, 1, CIV_ACTION_REPLY, 0, "re"));
  assert_false(act(w, self, 2, CIV_ACTION_REPLY, CIV_NONE, "orphan"));
  assert_false(act(w, self, 2, CIV_ACTION_REPLY, 55, "orphan"));
  assert_true(act(w, self, 2, CIV_ACTION_VOTE, 0, ""));
  assert_false(act(w, self, 3, CIV_ACTION_VOTE, 55, ""));
  assert_false(act(w, self, 3, CIV_ACTION_VOTE, CIV_NONE, ""));
  assert_false(act(w, self, 3, CIV_ACTION_NOOP, CIV_NONE, ""));
  assert_int_equal(feed->n_posts(feed->self), 2);
  assert_int_equal(feed->visible(feed->self), 1);
  assert_int_equal(feed->visible_ids(feed->self)[0], 0);
  civ_post_view view;
  feed->post(feed->self, 0, &view);
  assert_int_equal(view.content.length, 4); /* cut */
  assert_memory_equal(view.content.data, "hell", 4);
  assert_int_equal(view.created_step, 7);
  assert_int_equal(view.upvotes, 1);
  assert_int_equal(view.replies, 1);
  double epoch[4], totals[2];
  w->epoch_begin(self);
  begin_step(w, self, &h);
  assert_true(act(w, self, 0, CIV_ACTION_POST, CIV_NONE, "more"));
  w->epoch_report(self, epoch);
  w->total_report(self, totals);
  assert_true(epoch[0] == 3 && epoch[1] == 1 && epoch[2] == 1 && epoch[3] == 0);
  assert_true(totals[0] == 3 && totals[1] == 1);
  const uint64_t generation = feed->generation(feed->self);
  assert_true(feed->hide(feed->self, 0, "moderated"));
  assert_false(feed->hide(feed->self, 99, "moderated"));
  assert_false(feed->flag(feed->self, 2, 0));
  assert_true(feed->generation(feed->self) != generation);
  w->destroy(self);
}

static void scarce_attention_shortens_the_list(void **state)
{
  (void)state;
  const struct {
    double scarcity;
    uint32_t visible;
  } cases[] = { { 0, 20 }, { 0.5, 10 }, { 0.99, 1 }, { 0.7, 6 }, { 0.96, 1 } };
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    plain_host h;
    plain_host_init(&h, 5, &civ_allocator_malloc);
    h.environment.attention_scarcity = cases[k].scarcity;
    void *self = make(&civ_world_feed, &h);
    const civ_feed_service *feed = civ_world_feed.service(self, "feed");
    for (int i = 0; i < 30; i++) {
      begin_step(&civ_world_feed, self, &h);
      assert_true(act(&civ_world_feed, self, 0, CIV_ACTION_POST, CIV_NONE, "x"));
    }
    assert_int_equal(feed->visible(feed->self), cases[k].visible);
    civ_world_feed.destroy(self);
  }
}

static void a_step_of_full_turns_takes_no_memory(void **state)
{
  (void)state;
  static char words[40001];
  failing_allocator f;
  plain_host h;
  failing_allocator_init(&f, SIZE_MAX);
  plain_host_init(&h, 6, &f.allocator);
  void *self = make(&civ_world_feed, &h);
  for (uint32_t step = 0; step < 20; step++) {
    h.steps_done = step;
    begin_step(&civ_world_feed, self, &h);
    failing_allocator_seal(&f);
    for (uint32_t a = 0; a < 6; a++) { /* 10000 characters of four bytes each, never the same */
      for (uint32_t k = 0; k < 10000; k++)
        memcpy(words + 4 * k, "\xF0\x9F\x98\x80", 4);
      words[39999] = (char)(0x80 + a);
      words[39998] = (char)(0x80 + step);
      assert_true(act(&civ_world_feed, self, a, step > 0 ? CIV_ACTION_REPLY : CIV_ACTION_POST, 0, words));
    }
    failing_allocator_unseal(&f);
  }
  assert_false(act(&civ_world_feed, self, 0, CIV_ACTION_REPLY, 120, "unknown"));
  civ_world_feed.destroy(self);
  assert_int_equal(f.blocks, 0);
}

/* --- tasks ----------------------------------------------------------------------------------------------------------------- */

static civ_task_view offer(double bounty, double min_reputation, int64_t deadline)
{
  const civ_task_view t = { .bounty = bounty,
                            .budget = 10,
                            .min_reputation = min_reputation,
                            .difficulty = CIV_HARD,
                            .deadline_epoch = deadline,
                            .prompt = { "prompt", 6 } };
  return t;
}

static void tasks_are_claimed_delivered_and_judged(void **state)
{
  (void)state;
  plain_host h;
  plain_host_init(&h, 5, &civ_allocator_malloc);
  h.simulation.roles_enabled = true;
  h.roles[3] = 1u << CIV_VERIFIER;
  h.roles[4] = 1u << CIV_WORKER;
  const civ_world *w = &civ_world_tasks;
  void *self = make(w, &h);
  const civ_task_service *tasks = w->service(self, "tasks");
  assert_int_equal(tasks->available(tasks->self, 0), 0);
  assert_int_equal(tasks->active(tasks->self, 0), 0);
  civ_task_view low = offer(2, 0, -1), high = offer(9, 0.5, -1), view;
  assert_int_equal(tasks->add(tasks->self, &low), 0);
  assert_int_equal(tasks->add(tasks->self, &high), 1);
  begin_step(w, self, &h);
  assert_int_equal(tasks->available(tasks->self, 0), 1);
  h.reputation[0] = 0.5;
  assert_int_equal(tasks->available(tasks->self, 0), 2);
  tasks->available_at(tasks->self, 0, 0, &view);
  assert_true(view.task == 1 && view.bounty == 9 && view.difficulty == CIV_HARD);
  assert_false(act(w, self, 1, CIV_ACTION_CLAIM_TASK, 1, ""));
  assert_true(act(w, self, 0, CIV_ACTION_CLAIM_TASK, 1, ""));
  assert_false(act(w, self, 0, CIV_ACTION_CLAIM_TASK, CIV_NONE, ""));
  assert_int_equal(tasks->active(tasks->self, 0), 1);
  tasks->active_at(tasks->self, 0, 0, &view);
  assert_int_equal(view.status, CIV_TASK_CLAIMED);
  assert_true(tasks->start(tasks->self, 1));
  assert_false(act(w, self, 2, CIV_ACTION_SUBMIT_OUTPUT, 1, "not mine"));
  assert_false(act(w, self, 3, CIV_ACTION_VERIFY_OUTPUT, 1, "")); /* nothing there */
  assert_true(act(w, self, 0, CIV_ACTION_SUBMIT_OUTPUT, 1, "mine"));
  assert_int_equal(tasks->next_submitted(tasks->self, 0), 1);
  assert_false(act(w, self, 4, CIV_ACTION_VERIFY_OUTPUT, 1, "")); /* not its role */
  civ_action verdict = civ_action_make(CIV_ACTION_VERIFY_OUTPUT);
  verdict.target = 1;
  verdict.amount = -1;
  assert_true(w->apply(self, 3, &verdict));
  tasks->task(tasks->self, 1, &view);
  assert_int_equal(view.status, CIV_TASK_IN_PROGRESS);
  assert_true(act(w, self, 0, CIV_ACTION_SUBMIT_OUTPUT, 1, "better"));
  verdict.amount = 0.9;
  h.roles[0] = 1u << CIV_VERIFIER;
  assert_false(w->apply(self, 0, &verdict)); /* nobody judges what is his own */
  assert_true(w->apply(self, 3, &verdict));
  tasks->task(tasks->self, 1, &view);
  assert_int_equal(view.status, CIV_TASK_COMPLETED);
  assert_int_equal(view.n_outputs, 2);
  w->destroy(self);
}

static void without_roles_no_verdict_counts(void **state)
{
  (void)state;
  plain_host h;
  plain_host_init(&h, 5, &civ_allocator_malloc);
  h.roles[3] = 1u << CIV_VERIFIER;
  h.simulation.task_progress = true;
  const civ_world *w = &civ_world_tasks;
  void *self = make(w, &h);
  const civ_task_service *tasks = w->service(self, "tasks");
  civ_task_view task = offer(2, 0, -1);
  tasks->add(tasks->self, &task);
  assert_true(act(w, self, 0, CIV_ACTION_CLAIM_TASK, 0, ""));
  tasks->task(tasks->self, 0, &task);
  assert_int_equal(task.status, CIV_TASK_IN_PROGRESS); /* task_progress */
  assert_true(act(w, self, 0, CIV_ACTION_SUBMIT_OUTPUT, 0, "mine"));
  assert_false(act(w, self, 3, CIV_ACTION_VERIFY_OUTPUT, 0, ""));
  w->destroy(self);
}

static void deadlines_are_kept_at_the_begin_of_epochs(void **state)
{
  (void)state;
  plain_host h;
  plain_host_init(&h, 5, &civ_allocator_malloc);
  const civ_world *w = &civ_world_tasks;
  void *self = make(w, &h);
  const civ_task_service *tasks = w->service(self, "tasks");
  const civ_task_view third = offer(2, 0, 3), past = offer(2, 0, 1);
  tasks->add(tasks->self, &third);
  h.epoch = 2;
  w->epoch_begin(self);
  assert_int_equal(tasks->available(tasks->self, 0), 1);
  tasks->add(tasks->self, &past); /* expired as it comes */
  assert_int_equal(tasks->available(tasks->self, 0), 1);
  h.epoch = 3;
  w->epoch_begin(self);
  assert_int_equal(tasks->available(tasks->self, 0), 0);
  w->destroy(self);
}

/* --- both ------------------------------------------------------------------------------------------------------------------ */

static void live(const civ_world *w, void *self, plain_host *h, uint32_t from)
{
  const civ_task_service *tasks = w == &civ_world_tasks ? w->service(self, "tasks") : NULL;
  for (uint32_t step = from; step < from + 10; step++) {
    h->steps_done = step;
    begin_step(w, self, h);
    for (uint32_t a = 0; a < h->population.n; a++) {
      const civ_task_view task = offer(a, 0, -1);
      if (tasks)
        tasks->add(tasks->self, &task);
      act(w, self, a, w == &civ_world_feed ? CIV_ACTION_POST : CIV_ACTION_CLAIM_TASK, step * 3 + a, "words");
      act(w, self, a, w == &civ_world_feed ? CIV_ACTION_VOTE : CIV_ACTION_SUBMIT_OUTPUT, step * 3 + a, "other words");
    }
  }
}

static void saved_and_loaded_they_go_on_alike(void **state)
{
  (void)state;
  const civ_world *const worlds[] = { &civ_world_feed, &civ_world_tasks };
  for (int k = 0; k < 2; k++) {
    const civ_world *w = worlds[k];
    plain_host h;
    plain_host_init(&h, 5, &civ_allocator_malloc);
    void *straight = make(w, &h), *resumed = make(w, &h);
    live(w, straight, &h, 0);
    civ_bytes bytes = { 0 };
    civ_bytes_open(&bytes, "PART");
    assert_int_equal(w->save(straight, &bytes), CIV_OK);
    civ_bytes_close(&bytes);
    civ_bytes_reader in = { .data = bytes.data, .length = bytes.length };
    assert_int_equal(civ_bytes_enter(&in, "PART", NULL), CIV_OK);
    assert_int_equal(w->load(resumed, &in, NULL), CIV_OK);
    assert_int_equal(civ_bytes_leave(&in, NULL), CIV_OK);
    assert_true(w->digest(straight) == w->digest(resumed) && w->digest(straight) != 0);
    live(w, straight, &h, 10);
    live(w, resumed, &h, 10);
    assert_true(w->digest(straight) == w->digest(resumed));
    civ_bytes_free(&bytes);
    w->destroy(straight);
    w->destroy(resumed);
  }
}

static void creating_survives_the_failure_of_any_request(void **state)
{
  (void)state;
  const civ_world *const worlds[] = { &civ_world_feed, &civ_world_tasks };
  for (int k = 0; k < 2; k++)
    for (size_t at = 0;; at++) {
      failing_allocator f;
      plain_host h;
      void *self = NULL;
      failing_allocator_init(&f, at);
      plain_host_init(&h, 5, &f.allocator);
      const civ_status status = worlds[k]->create(&h.host, &self, NULL);
      assert_true(status == CIV_OK || (status == CIV_E_NOMEM && self == NULL));
      worlds[k]->destroy(self);
      assert_int_equal(f.blocks, 0);
      if (status == CIV_OK)
        break;
    }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(posts_replies_and_votes_go_through_the_table),
    cmocka_unit_test(scarce_attention_shortens_the_list),
    cmocka_unit_test(a_step_of_full_turns_takes_no_memory),
    cmocka_unit_test(tasks_are_claimed_delivered_and_judged),
    cmocka_unit_test(without_roles_no_verdict_counts),
    cmocka_unit_test(deadlines_are_kept_at_the_begin_of_epochs),
    cmocka_unit_test(saved_and_loaded_they_go_on_alike),
    cmocka_unit_test(creating_survives_the_failure_of_any_request),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
