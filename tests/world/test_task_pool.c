#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "support/failing_allocator.h"
#include "world/task_pool.h"

enum { AGENTS = 8 };

static civ_text text(const char *words)
{
  const civ_text t = { words, (uint32_t)strlen(words) };
  return t;
}

static void assert_text(civ_text actual, const char *expected)
{
  assert_int_equal(actual.length, strlen(expected));
  assert_memory_equal(actual.data, expected, actual.length);
}

static civ_task_pool *make(const civ_allocator *allocator)
{
  civ_task_pool *pool = NULL;
  assert_int_equal(civ_task_pool_create(AGENTS, allocator, &pool, NULL), CIV_OK);
  return pool;
}

static uint32_t add(civ_task_pool *pool, double bounty, double min_reputation, int64_t deadline)
{
  civ_task_def def = civ_task_def_default();
  def.bounty = bounty;
  def.min_reputation = min_reputation;
  def.deadline_epoch = deadline;
  const uint32_t task = civ_task_pool_add(pool, &def);
  assert_true(task != CIV_NONE);
  return task;
}

static civ_task_status status_of(const civ_task_pool *pool, uint32_t task)
{
  civ_task_view view;
  civ_task_pool_view(pool, task, &view);
  return (civ_task_status)view.status;
}

static uint32_t last_output(const civ_task_pool *pool, uint32_t task)
{
  civ_task_more more;
  civ_task_pool_more(pool, task, &more);
  return more.last_output;
}

/* --- by hand -------------------------------------------------------------------------------------------------------------- */

static void budgets_and_templates_of_the_specification(void **state)
{
  (void)state;
  assert_true(fabs(civ_task_remaining_budget(10, 7) - 9.3) < 1e-12);
  assert_true(civ_task_remaining_budget(10, 200) == 0);
  civ_task_def def;
  assert_true(civ_task_template("research", -1, &def));
  assert_true(def.bounty == 10 && def.budget == 20 && def.max_steps == 20 && def.difficulty == CIV_MEDIUM);
  assert_text(def.required_outputs, "research_notes\nsynthesis_report");
  assert_true(civ_task_template("planning", -1, &def));
  assert_true(def.bounty == 15 && def.budget == 30 && def.collaborators_wanted == 2 && def.difficulty == CIV_HARD);
  assert_true(civ_task_template("optimization", 4, &def));
  assert_true(def.bounty == 4 && def.budget == 6 && def.max_steps == 15);
  assert_false(civ_task_template("dance", -1, &def));
  assert_true(def.bounty == 4);
}

static void a_task_lives_from_open_to_completed(void **state)
{
  (void)state;
  civ_task_pool *pool = make(&civ_allocator_malloc);
  const uint32_t t = add(pool, 5, 0.5, -1);
  assert_false(civ_task_pool_start(pool, t));
  assert_false(civ_task_pool_claim(pool, t, 1, 0.49));
  assert_false(civ_task_pool_claim(pool, t, 1, NAN));
  assert_false(civ_task_pool_collaborate(pool, t, 2));
  assert_true(civ_task_pool_claim(pool, t, 1, 0.5));
  assert_false(civ_task_pool_claim(pool, t, 2, 9));
  assert_true(civ_task_pool_collaborate(pool, t, 2));
  assert_true(civ_task_pool_collaborate(pool, t, 2));
  assert_int_equal(civ_task_pool_active(pool, 2, 0), CIV_NONE); /* helping is not holding */
  assert_int_equal(civ_task_pool_active(pool, 1, 0), t);
  assert_true(civ_task_pool_start(pool, t));
  assert_false(civ_task_pool_accept(pool, last_output(pool, t), 1)); /* nothing delivered yet */
  assert_int_equal(civ_task_pool_submit(pool, t, 1, text("first"), CIV_OUTPUT_FLAWED), 0);
  assert_int_equal(status_of(pool, t), CIV_TASK_SUBMITTED);
  assert_int_equal(civ_task_pool_active(pool, 1, 0), CIV_NONE);
  assert_int_equal(civ_task_pool_submitted(pool, 0), t);
  assert_true(civ_task_pool_reject(pool, 0, text("too short")));
  assert_int_equal(status_of(pool, t), CIV_TASK_IN_PROGRESS);
  assert_int_equal(civ_task_pool_active(pool, 1, 0), t);
  assert_int_equal(civ_task_pool_submit(pool, t, 1, text("second"), CIV_OUTPUT_HONEST), 1);
  assert_true(civ_task_pool_accept(pool, 1, 0.75));
  assert_int_equal(status_of(pool, t), CIV_TASK_COMPLETED);
  assert_int_equal(civ_task_pool_submitted(pool, 0), CIV_NONE);
  civ_output_view output;
  assert_true(civ_task_pool_output(pool, 0, &output));
  assert_text(output.reason, "too short");
  assert_int_equal(output.verdict, CIV_OUTPUT_REJECTED);
  assert_int_equal(output.kind, CIV_OUTPUT_FLAWED);
  assert_true(civ_task_pool_output(pool, 1, &output));
  assert_text(output.content, "second");
  assert_true(output.quality == 0.75 && output.before == 0);
  assert_false(civ_task_pool_output(pool, 2, &output));
  civ_task_more more;
  civ_task_pool_more(pool, t, &more);
  assert_true(more.final_quality == 0.75);
  assert_int_equal(more.n_collaborators, 1);
  const civ_task_statistics s = civ_task_pool_count_all(pool);
  assert_int_equal(s.by_status[CIV_TASK_COMPLETED], 1);
  assert_int_equal(s.unique_claimants, 1);
  assert_true(s.mean_quality == 0.75 && s.total_bounty == 5);
  civ_task_pool_destroy(pool);
}

static void failing_leaves_a_note_and_steps_use_the_budget(void **state)
{
  (void)state;
  civ_task_pool *pool = make(&civ_allocator_malloc);
  civ_task_def def = civ_task_def_default();
  def.max_steps = 2;
  def.prompt = text("do it");
  const uint32_t t = civ_task_pool_add(pool, &def);
  civ_task_more more;
  civ_task_pool_step(pool, t);
  civ_task_pool_more(pool, t, &more);
  assert_false(more.over_budget);
  civ_task_pool_step(pool, t);
  civ_task_pool_more(pool, t, &more);
  assert_true(more.over_budget && fabs(more.remaining_budget - 9.8) < 1e-12);
  assert_true(civ_task_pool_fail(pool, t, text("no time")));
  assert_true(civ_task_pool_fail(pool, t, text("no money")));
  civ_task_pool_more(pool, t, &more);
  assert_text(more.notes, "Failed: no time\nFailed: no money");
  char longest[1000];
  memset(longest, 'x', sizeof longest - 1);
  longest[sizeof longest - 1] = 0;
  assert_true(civ_task_pool_fail(pool, t, text(longest)));
  civ_task_pool_more(pool, t, &more);
  assert_int_equal(more.notes.length, 256);
  assert_int_equal(status_of(pool, t), CIV_TASK_FAILED);
  assert_false(civ_task_pool_fail(pool, 9, text("")));
  assert_false(civ_task_pool_expire(pool, 9));
  assert_false(civ_task_pool_step(pool, 9));
  civ_task_pool_destroy(pool);
}

static void numbers_out_of_range_make_no_task(void **state)
{
  (void)state;
  civ_task_pool *pool = make(&civ_allocator_malloc);
  civ_task_def def = civ_task_def_default();
  def.bounty = NAN;
  assert_int_equal(civ_task_pool_add(pool, &def), CIV_NONE);
  def.bounty = -1;
  assert_int_equal(civ_task_pool_add(pool, &def), CIV_NONE);
  def.bounty = 1;
  def.min_reputation = INFINITY;
  assert_int_equal(civ_task_pool_add(pool, &def), CIV_NONE);
  assert_int_equal(civ_task_pool_count(pool), 0);
  assert_int_equal(civ_task_pool_reserve(pool, 1, 1, 10), CIV_OK); /* a refusal is no lack of room */
  civ_task_pool_destroy(pool);
}

static void deadlines_end_open_tasks_and_zero_is_none(void **state)
{
  (void)state;
  civ_task_pool *pool = make(&civ_allocator_malloc);
  const uint32_t zero = add(pool, 1, 0, 0), three = add(pool, 1, 0, 3), held = add(pool, 1, 0, 3),
                 never = add(pool, 1, 0, -1);
  assert_true(civ_task_pool_claim(pool, held, 0, 0));
  assert_int_equal(civ_task_pool_expire_open(pool, 2), 0);
  assert_int_equal(civ_task_pool_expire_open(pool, 3), 1);
  assert_int_equal(status_of(pool, three), CIV_TASK_EXPIRED);
  assert_int_equal(status_of(pool, held), CIV_TASK_CLAIMED);
  assert_int_equal(civ_task_pool_expire_overdue(pool, 3), 1);
  assert_int_equal(status_of(pool, held), CIV_TASK_EXPIRED);
  assert_int_equal(status_of(pool, zero), CIV_TASK_OPEN);
  assert_int_equal(status_of(pool, never), CIV_TASK_OPEN);
  civ_task_pool_destroy(pool);
}

/* --- against a naive model ------------------------------------------------------------------------------------------------ */

enum { MOST = 600 };

typedef struct model_task {
  double bounty, asks;
  int64_t deadline;
  civ_task_status status;
  uint32_t claimer, claim, last_output;
} model_task;

typedef struct model {
  model_task tasks[MOST];
  uint32_t outputs[4 * MOST]; /* of which task */
  uint32_t n, n_outputs, n_claims;
} model;

static void assert_claimable(const civ_task_pool *pool, const model *m, double reputation, uint32_t limit)
{
  uint32_t ids[MOST];
  bool taken[MOST] = { false };
  const uint32_t n = civ_task_pool_claimable(pool, reputation, limit, ids);
  for (uint32_t k = 0;; k++) {
    uint32_t best = CIV_NONE;
    for (uint32_t t = 0; t < m->n; t++)
      if (!taken[t] && m->tasks[t].status == CIV_TASK_OPEN && m->tasks[t].asks <= reputation &&
          (best == CIV_NONE || m->tasks[t].bounty > m->tasks[best].bounty))
        best = t;
    if (best == CIV_NONE || k == limit) {
      assert_int_equal(n, k);
      return;
    }
    assert_int_equal(ids[k], best);
    taken[best] = true;
  }
}

static void assert_active(const civ_task_pool *pool, const model *m)
{
  for (uint32_t a = 0; a < AGENTS; a++) {
    uint32_t k = 0;
    for (uint32_t claim = 0; claim < m->n_claims; claim++)
      for (uint32_t t = 0; t < m->n; t++)
        if (m->tasks[t].claimer == a && m->tasks[t].claim == claim &&
            (m->tasks[t].status == CIV_TASK_CLAIMED || m->tasks[t].status == CIV_TASK_IN_PROGRESS))
          assert_int_equal(civ_task_pool_active(pool, a, k++), t);
    assert_int_equal(civ_task_pool_active(pool, a, k), CIV_NONE);
  }
}

static void assert_same(const civ_task_pool *pool, const model *m)
{
  uint32_t counts[CIV_TASK_STATUSES] = { 0 }, from = 0;
  for (uint32_t t = 0; t < m->n; t++) {
    counts[m->tasks[t].status]++;
    assert_int_equal(status_of(pool, t), m->tasks[t].status);
    if (m->tasks[t].status == CIV_TASK_SUBMITTED) {
      assert_int_equal(civ_task_pool_submitted(pool, from), t);
      from = t + 1;
    }
  }
  assert_int_equal(civ_task_pool_submitted(pool, from), CIV_NONE);
  for (int s = 0; s < CIV_TASK_STATUSES; s++)
    assert_int_equal(civ_task_pool_count_of(pool, (civ_task_status)s), counts[s]);
  assert_active(pool, m);
}

/* One random operation on both; a task is mostly a recent one. */
static void play_one(civ_task_pool *pool, model *m, civ_draws *draws)
{
  const uint32_t t = m->n == 0 ? 0 : civ_draw_index(draws, m->n), agent = civ_draw_index(draws, AGENTS);
  const uint32_t kind = civ_draw_index(draws, 10);
  model_task *task = &m->tasks[t];
  if ((kind < 3 || m->n == 0) && m->n < MOST) {
    const model_task fresh = { .bounty = civ_draw_index(draws, 6),
                               .asks = civ_draw_index(draws, 4),
                               .deadline = (int64_t)civ_draw_index(draws, 30) - 5,
                               .claimer = CIV_NOBODY,
                               .last_output = CIV_NONE };
    assert_int_equal(add(pool, fresh.bounty, fresh.asks, fresh.deadline), m->n);
    m->tasks[m->n++] = fresh;
  } else if (kind < 5) {
    const double reputation = civ_draw_index(draws, 5);
    const bool possible = task->status == CIV_TASK_OPEN && task->asks <= reputation;
    assert_int_equal(civ_task_pool_claim(pool, t, agent, reputation), possible);
    if (possible) {
      task->status = CIV_TASK_CLAIMED;
      task->claimer = agent;
      task->claim = m->n_claims++;
    }
  } else if (kind == 5) {
    assert_int_equal(civ_task_pool_start(pool, t), task->status == CIV_TASK_CLAIMED);
    if (task->status == CIV_TASK_CLAIMED)
      task->status = CIV_TASK_IN_PROGRESS;
  } else if (kind < 8 && m->n_outputs < 4 * MOST) {
    task->last_output = civ_task_pool_submit(pool, t, agent, text("out"), CIV_OUTPUT_STANDARD);
    assert_int_equal(task->last_output, m->n_outputs);
    m->outputs[m->n_outputs++] = t;
    task->status = CIV_TASK_SUBMITTED;
  } else if (kind == 8) {
    const bool reject = civ_draw_chance(draws, 0.7);
    assert_int_equal(reject ? civ_task_pool_reject(pool, task->last_output, text("no"))
                            : civ_task_pool_accept(pool, task->last_output, 0.5),
                     task->last_output != CIV_NONE);
    if (task->last_output != CIV_NONE)
      task->status = reject ? CIV_TASK_IN_PROGRESS : CIV_TASK_COMPLETED;
  } else if (civ_draw_chance(draws, 0.5)) {
    const bool fails = civ_draw_chance(draws, 0.5);
    assert_true(fails ? civ_task_pool_fail(pool, t, text("why")) : civ_task_pool_expire(pool, t));
    task->status = fails ? CIV_TASK_FAILED : CIV_TASK_EXPIRED;
  }
}

static void any_script_agrees_with_a_plain_list(void **state)
{
  (void)state;
  model *m = calloc(1, sizeof *m);
  civ_task_pool *pool = make(&civ_allocator_malloc);
  const civ_draw_key key = { .purpose = CIV_PURPOSE_FUZZ, .entity = 3 };
  civ_draws draws = civ_draws_open(8, &key);
  for (uint32_t k = 0; k < 3000; k++) {
    play_one(pool, m, &draws);
    if (k % 100 == 0) {
      const int64_t epoch = k / 100;
      uint32_t expired = 0;
      for (uint32_t t = 0; t < m->n; t++)
        if (m->tasks[t].status == CIV_TASK_OPEN && m->tasks[t].deadline > 0 && m->tasks[t].deadline <= epoch) {
          m->tasks[t].status = CIV_TASK_EXPIRED;
          expired++;
        }
      assert_int_equal(civ_task_pool_expire_open(pool, epoch), expired);
    }
    assert_claimable(pool, m, (double)civ_draw_index(&draws, 6) - 1, civ_draw_index(&draws, 15));
    if (k % 10 == 0)
      assert_same(pool, m);
  }
  civ_task_pool_destroy(pool);
  free(m);
}

/* --- memory, bytes -------------------------------------------------------------------------------------------------------- */

static void live(civ_task_pool *pool, uint32_t entity, uint32_t rounds)
{
  const civ_draw_key key = { .purpose = CIV_PURPOSE_FUZZ, .entity = entity };
  civ_draws draws = civ_draws_open(8, &key);
  for (uint32_t k = 0; k < rounds; k++) {
    add(pool, civ_draw_index(&draws, 9), 0, civ_draw_index(&draws, 9));
    const uint32_t t = civ_draw_index(&draws, civ_task_pool_count(pool)), a = civ_draw_index(&draws, AGENTS);
    civ_task_pool_claim(pool, t, a, 1);
    civ_task_pool_collaborate(pool, t, (a + 1) % AGENTS);
    if (civ_draw_chance(&draws, 0.5))
      civ_task_pool_submit(pool, t, a, text("output"), CIV_OUTPUT_CAREFUL);
    if (civ_draw_chance(&draws, 0.3))
      civ_task_pool_reject(pool, last_output(pool, t), text("again"));
    if (civ_draw_chance(&draws, 0.3))
      civ_task_pool_accept(pool, last_output(pool, t), civ_draw_uniform(&draws));
    if (k % 8 == 0)
      civ_task_pool_expire_open(pool, k / 8);
  }
}

static civ_bytes save(const civ_task_pool *pool)
{
  civ_bytes out = { 0 };
  civ_bytes_open(&out, "TEST");
  civ_task_pool_save(pool, &out);
  civ_bytes_close(&out);
  return out;
}

static civ_status load(civ_task_pool *pool, const civ_bytes *bytes)
{
  civ_bytes_reader in = { .data = bytes->data, .length = bytes->length };
  civ_status status = civ_bytes_enter(&in, "TEST", NULL);
  if (status == CIV_OK)
    status = civ_task_pool_load(pool, &in, NULL);
  return status == CIV_OK ? civ_bytes_leave(&in, NULL) : status;
}

static void assert_alike(const civ_task_pool *a, const civ_task_pool *b)
{
  civ_bytes x = save(a), y = save(b);
  assert_int_equal(x.length, y.length);
  assert_memory_equal(x.data, y.data, x.length);
  assert_true(civ_task_pool_digest(a) == civ_task_pool_digest(b));
  civ_bytes_free(&x);
  civ_bytes_free(&y);
}

static void saved_and_loaded_it_goes_on_alike(void **state)
{
  (void)state;
  civ_task_pool *straight = make(&civ_allocator_malloc), *resumed = make(&civ_allocator_malloc);
  civ_bytes empty = save(straight);
  assert_int_equal(load(resumed, &empty), CIV_OK);
  assert_alike(straight, resumed);
  live(straight, 1, 60);
  civ_bytes bytes = save(straight);
  assert_int_equal(load(resumed, &bytes), CIV_OK);
  live(straight, 2, 60);
  live(resumed, 2, 60);
  assert_alike(straight, resumed);
  uint32_t ids[10], others[10];
  const uint32_t n = civ_task_pool_claimable(straight, 1, 10, ids);
  assert_int_equal(civ_task_pool_claimable(resumed, 1, 10, others), n);
  assert_memory_equal(ids, others, n * sizeof *ids);
  civ_bytes_free(&empty);
  civ_bytes_free(&bytes);
  civ_task_pool_destroy(straight);
  civ_task_pool_destroy(resumed);
}

static void broken_bytes_are_refused_or_harmless(void **state)
{
  (void)state;
  civ_task_pool *pool = make(&civ_allocator_malloc);
  live(pool, 1, 12);
  civ_bytes plain = { 0 };
  civ_task_pool_save(pool, &plain);
  const uint64_t digest = civ_task_pool_digest(pool);
  for (size_t k = 0; k < plain.length; k++) {
    civ_bytes broken = { 0 };
    civ_task_pool *scratch = make(&civ_allocator_malloc);
    civ_bytes_open(&broken, "TEST");
    for (size_t i = 0; i < plain.length; i++)
      civ_bytes_put_u8(&broken, i == k ? plain.data[i] ^ (uint8_t)(1u << k % 8) : plain.data[i]);
    civ_bytes_close(&broken);
    (void)!load(scratch, &broken);
    civ_bytes_free(&broken);
    civ_bytes_open(&broken, "TEST");
    for (size_t i = 0; i < k; i++)
      civ_bytes_put_u8(&broken, plain.data[i]);
    civ_bytes_close(&broken);
    assert_int_equal(load(pool, &broken), CIV_E_FORMAT);
    assert_true(civ_task_pool_digest(pool) == digest);
    civ_bytes_free(&broken);
    civ_task_pool_destroy(scratch);
  }
  civ_bytes_free(&plain);
  civ_task_pool_destroy(pool);
}

static void an_empty_pool_is_small_and_a_reserved_step_takes_nothing(void **state)
{
  (void)state;
  failing_allocator f;
  failing_allocator_init(&f, SIZE_MAX);
  civ_task_pool *pool = make(&f.allocator);
  assert_true(f.bytes < 16384); /* whatever the number of agents */
  for (uint32_t step = 0; step < 50; step++) {
    assert_int_equal(civ_task_pool_reserve(pool, AGENTS, AGENTS, AGENTS * 200), CIV_OK);
    failing_allocator_seal(&f);
    for (uint32_t a = 0; a < AGENTS; a++) {
      char words[64];
      memset(words, 'a' + (int)a, sizeof words);
      memcpy(words, &step, sizeof step);
      civ_task_def def = civ_task_def_default();
      def.prompt.data = words;
      def.prompt.length = sizeof words;
      const uint32_t t = civ_task_pool_add(pool, &def);
      assert_true(civ_task_pool_claim(pool, t, a, 0));
      const civ_text content = { words, 50 };
      assert_true(civ_task_pool_submit(pool, t, a, content, CIV_OUTPUT_HONEST) != CIV_NONE);
    }
    failing_allocator_unseal(&f);
  }
  civ_task_pool_destroy(pool);
  assert_int_equal(f.blocks, 0);
}

static void any_request_may_fail(void **state)
{
  (void)state;
  for (size_t k = 0;; k++) {
    failing_allocator f;
    failing_allocator_init(&f, k);
    civ_task_pool *pool = NULL;
    const civ_task_def def = civ_task_def_default();
    civ_status status = civ_task_pool_create(AGENTS, &f.allocator, &pool, NULL);
    if (status == CIV_OK) {
      if (civ_task_pool_add(pool, &def) == CIV_NONE) {
        assert_int_equal(civ_task_pool_count(pool), 0);
        status = civ_task_pool_reserve(pool, 1, 1, 10); /* says so */
        assert_int_equal(status, CIV_E_NOMEM);
        assert_int_equal(civ_task_pool_add(pool, &def), 0); /* and then it works */
      } else if (civ_task_pool_submit(pool, 0, 0, text("out"), CIV_OUTPUT_HONEST) == CIV_NONE) {
        status = civ_task_pool_reserve(pool, 1, 1, 10);
        assert_int_equal(status, CIV_E_NOMEM);
        assert_int_equal(status_of(pool, 0), CIV_TASK_OPEN);
      }
      civ_task_pool_destroy(pool);
    } else {
      assert_null(pool);
    }
    assert_int_equal(f.blocks, 0);
    if (status == CIV_OK)
      break;
    assert_int_equal(status, CIV_E_NOMEM);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(budgets_and_templates_of_the_specification),
    cmocka_unit_test(a_task_lives_from_open_to_completed),
    cmocka_unit_test(failing_leaves_a_note_and_steps_use_the_budget),
    cmocka_unit_test(numbers_out_of_range_make_no_task),
    cmocka_unit_test(deadlines_end_open_tasks_and_zero_is_none),
    cmocka_unit_test(any_script_agrees_with_a_plain_list),
    cmocka_unit_test(saved_and_loaded_it_goes_on_alike),
    cmocka_unit_test(broken_bytes_are_refused_or_harmless),
    cmocka_unit_test(an_empty_pool_is_small_and_a_reserved_step_takes_nothing),
    cmocka_unit_test(any_request_may_fail),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
