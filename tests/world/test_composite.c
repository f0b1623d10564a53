/* Composite tasks one by one and in a pool: their life, what they are worth, and what must hold of any story. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "civitas/draws.h"
#include "support/failing_allocator.h"
#include "world/composite.h"

#define NEAR(x, y) assert_true(fabs((double)(x) - (double)(y)) <= 1e-12 * fmax(1, fabs((double)(y))))

/* A task of n parts with shares and dependencies, and of at most five agents. */
static civ_composite_task by_hand(uint32_t n, const double *shares, const uint16_t *dependencies, double bonus)
{
  civ_composite_task t = civ_composite_task_default();
  t.completion_bonus = bonus;
  t.n_subtasks = (uint8_t)n;
  for (uint32_t s = 0; s < n; s++) {
    t.subtasks[s] = civ_composite_subtask_default();
    t.subtasks[s].bounty_share = shares[s];
    t.subtasks[s].dependencies = dependencies[s];
  }
  assert_int_equal(civ_composite_check(&t, NULL), CIV_OK);
  return t;
}

/* Everybody joins, then the parts are done in order: worker s with quality q. */
static void perform(civ_composite_task *t, uint32_t team, const civ_agent *workers, const double *qualities)
{
  for (civ_agent a = 0; a < team; a++)
    assert_true(civ_composite_join(t, a));
  for (uint32_t s = 0; s < t->n_subtasks; s++) {
    assert_true(civ_composite_assign(t, s, workers[s]));
    assert_true(civ_composite_start(t, s));
    assert_true(civ_composite_finish(t, s, qualities[s], 3));
  }
}

/* --- figures by hand -------------------------------------------------------------------------------------------------------- */

typedef struct golden {
  civ_composite_task task;
  uint32_t team;
  civ_agent workers[5];
  double qualities[5];
  double f, coordination, synergy, flow, payouts[4];
} golden;

static void scores_and_payouts_are_those_of_the_book(void **state)
{
  const golden cases[] = {
    { civ_composite_make(CIV_RESEARCH_SYNTHESIS, "x", 30, -1),
      3,
      { 0, 0, 1, 2, 2 },
      { .8, .7, .9, .6, .5 },
      0.7250000000000001,
      0.5,
      0.635,
      0.425,
      { 14.413793103448276, 11.310344827586206, 10.275862068965518 } },
    { civ_composite_make(CIV_PLANNING_COORDINATION, "x", 30, -1),
      3,
      { 0, 1, 2, 0, 1 },
      { 1, 1, 1, 1, 1 },
      1,
      0.5,
      0.8,
      0.5,
      { 14.5, 14.5, 8.5 } },
    { civ_composite_make(CIV_PROBLEM_SOLVING, "x", 40, -1),
      4,
      { 0, 1, 0, 2, 1 },
      { .55, .65, .75, .45, .85 },
      0.65,
      0.5,
      0.62,
      0.5833333333333333,
      { 19.615384615384613, 19.46153846153846, 9.923076923076922, 3 } },
    { by_hand(2, (const double[]){ 0, 0 }, (const uint16_t[]){ 0, 1 }, 5),
      2,
      { 0, 1 },
      { .4, .6 },
      0.5,
      1,
      0.5,
      0.7,
      { 12.5, 12.5 } },
    { by_hand(2, (const double[]){ .5, .5 }, (const uint16_t[]){ 0, 1 }, 6),
      3,
      { 0, 1 },
      { 0, 0 },
      0,
      1,
      0,
      0,
      { 8.666666666666666, 8.666666666666666, 8.666666666666666 } },
    { by_hand(3, (const double[]){ .5, .5, .5 }, (const uint16_t[]){ 0, 1, 3 }, 6),
      3,
      { 0, 1, 1 },
      { .9, 0, .3 },
      0.39999999999999997,
      0.5,
      0.39999999999999997,
      0.35,
      { 17, 7, 2 } },
  };
  (void)state;
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    const golden *g = &cases[k];
    civ_composite_task t = g->task;
    double paid[CIV_MOST_TEAM];
    assert_false(civ_composite_payouts(&t, paid));
    perform(&t, g->team, g->workers, g->qualities);
    assert_int_equal(t.status, CIV_COMPOSITE_COMPLETED);
    assert_int_equal(t.completed_epoch, 3);
    NEAR(t.final_quality, g->f);
    NEAR(t.coordination, g->coordination);
    NEAR(t.synergy, g->synergy);
    NEAR(t.information_flow, g->flow);
    assert_true(civ_composite_payouts(&t, paid));
    for (uint32_t a = 0; a < g->team; a++)
      NEAR(paid[a], g->payouts[a]);
  }
}

static void templates_can_be_done(void **state)
{
  (void)state;
  for (int k = 0; k < CIV_COMPOSITE_TEMPLATES; k++) {
    const civ_composite_template type = (civ_composite_template)k;
    const civ_composite_task t = civ_composite_make(type, "subject", -1, 7);
    double shares = 0;
    uint32_t steps = 0;
    assert_int_equal(civ_composite_check(&t, NULL), CIV_OK);
    assert_int_equal(civ_composite_template_of(civ_composite_template_names[k]), k);
    for (uint32_t s = 0; s < t.n_subtasks; s++) {
      shares += t.subtasks[s].bounty_share;
      steps += t.subtasks[s].estimated_steps;
    }
    NEAR(shares, 1);
    assert_true(steps < t.most_steps);
    assert_true(t.total_bounty == 25 + 5 * k && t.deadline_epoch == 7);
    assert_string_equal(t.subject, "subject");
  }
  assert_int_equal(civ_composite_template_of("cooking"), CIV_COMPOSITE_TEMPLATES);
}

static void a_long_subject_is_cut_between_characters(void **state)
{
  char subject[200];
  (void)state;
  for (size_t shift = 0; shift < 3; shift++) {
    memset(subject, 'x', shift);
    for (size_t i = shift; i + 3 < sizeof subject; i += 3)
      memcpy(subject + i, "\xe2\x82\xac", 4);
    const civ_composite_task t = civ_composite_make(CIV_PROBLEM_SOLVING, subject, -1, -1);
    const size_t length = strlen(t.subject);
    assert_true(length < CIV_COMPOSITE_SUBJECT && length + 3 >= CIV_COMPOSITE_SUBJECT);
    assert_int_equal((length - shift) % 3, 0);
    assert_memory_equal(t.subject, subject, length);
  }
}

/* --- refusals --------------------------------------------------------------------------------------------------------------- */

static void what_nobody_could_work_on_is_refused(void **state)
{
  static const uint16_t none[] = { 0, 0, 0 };
  static const double shares[] = { 1, 1, 1 };
  civ_error err;
  (void)state;
  civ_composite_task t = by_hand(3, shares, none, 1);
  t.subtasks[0].dependencies = 1u << 2;
  t.subtasks[2].dependencies = 1u << 0;
  assert_int_equal(civ_composite_check(&t, &err), CIV_E_RANGE);
  assert_non_null(strstr(err.text, "circle"));
  t = by_hand(3, shares, none, 1);
  t.subtasks[1].dependencies = 1u << 1;
  assert_int_equal(civ_composite_check(&t, &err), CIV_E_RANGE);
  t = by_hand(3, shares, none, 1);
  t.subtasks[1].dependencies = 1u << 3; /* there is no such part */
  assert_int_equal(civ_composite_check(&t, &err), CIV_E_RANGE);
  t = by_hand(3, shares, none, 1);
  t.total_bounty = NAN;
  assert_int_equal(civ_composite_check(&t, &err), CIV_E_RANGE);
  t.total_bounty = 1;
  t.subtasks[0].bounty_share = -1;
  assert_int_equal(civ_composite_check(&t, &err), CIV_E_RANGE);
  t.subtasks[0].bounty_share = 1;
  t.max_agents = CIV_MOST_TEAM + 1;
  assert_int_equal(civ_composite_check(&t, &err), CIV_E_RANGE);
  t.max_agents = 1;
  assert_int_equal(civ_composite_check(&t, &err), CIV_E_RANGE); /* at least two of at most one */
  t.max_agents = 2;
  assert_int_equal(civ_composite_check(&t, &err), CIV_OK);
}

static void claims_ask_who_what_and_whether_it_is_time(void **state)
{
  const civ_capability_set all = 0xff;
  (void)state;
  civ_composite_task t = civ_composite_make(CIV_RESEARCH_SYNTHESIS, "x", -1, -1);
  assert_false(civ_composite_claim(&t, 0, 7, all)); /* not a participant */
  assert_true(civ_composite_join(&t, 7));
  assert_false(civ_composite_join(&t, 7));
  assert_false(civ_composite_claim(&t, 0, 7, 1u << CIV_ANALYSIS)); /* cannot do it */
  assert_false(civ_composite_claim(&t, 4, 7, all));                /* builds on what is not there yet */
  assert_false(civ_composite_claim(&t, 5, 7, all));                /* is not there */
  assert_false(civ_composite_start(&t, 0));
  assert_true(civ_composite_claim(&t, 0, 7, 1u << CIV_RESEARCH));
  assert_false(civ_composite_claim(&t, 0, 7, all)); /* taken */
  assert_false(civ_composite_finish(&t, 0, 1, 0));  /* not begun */
  assert_true(civ_composite_start(&t, 0));
  assert_false(civ_composite_finish(&t, 0, NAN, 0));
  assert_true(civ_composite_finish(&t, 0, 1, 0));
  assert_false(civ_composite_finish(&t, 0, 1, 0));
  assert_true(civ_composite_fraction(&t) == 0.2);
  assert_true(civ_composite_expire(&t));
  assert_false(civ_composite_fail(&t));
  assert_false(civ_composite_expire(&t));
  assert_false(civ_composite_join(&t, 8));
  assert_false(civ_composite_claim(&t, 1, 7, all)); /* the task is over */
}

static void what_fails_takes_its_parts_along(void **state)
{
  (void)state;
  civ_composite_task t = civ_composite_make(CIV_PROBLEM_SOLVING, "x", -1, -1);
  civ_composite_join(&t, 0);
  assert_true(civ_composite_claim(&t, 0, 0, 0xff) && civ_composite_start(&t, 0) && civ_composite_finish(&t, 0, 1, 0));
  assert_true(civ_composite_claim(&t, 1, 0, 0xff));
  assert_true(civ_composite_fail(&t));
  for (uint32_t s = 0; s < t.n_subtasks; s++)
    assert_int_equal(t.subtasks[s].status, s == 0 ? CIV_SUBTASK_COMPLETED : CIV_SUBTASK_FAILED);
}

/* --- any story -------------------------------------------------------------------------------------------------------------- */

static civ_composite_task draw_task(civ_draws *d)
{
  civ_composite_task t = civ_composite_task_default();
  t.n_subtasks = (uint8_t)(1 + civ_draw_index(d, CIV_MOST_SUBTASKS));
  t.max_agents = (uint8_t)(1 + civ_draw_index(d, CIV_MOST_TEAM));
  t.min_agents = (uint8_t)civ_draw_index(d, t.max_agents + 1u);
  t.total_bounty = civ_draw_between(d, 0, 100);
  t.completion_bonus = civ_draw_between(d, 0, 20);
  for (uint32_t s = 0; s < t.n_subtasks; s++) {
    t.subtasks[s] = civ_composite_subtask_default();
    const uint32_t one = civ_draw_index(d, 256), other = civ_draw_index(d, 256);
    t.subtasks[s].required = (civ_capability_set)(one & other);
    const uint32_t some = civ_draw_index(d, 1u << 16), more = civ_draw_index(d, 1u << 16);
    t.subtasks[s].dependencies = (uint16_t)(some & more & ((1u << s) - 1));
    t.subtasks[s].bounty_share = civ_draw_chance(d, 0.2) ? 0 : civ_draw_uniform(d);
  }
  return t;
}

static uint32_t count(const civ_composite_task *t, civ_subtask_status status)
{
  uint32_t n = 0;
  for (uint32_t s = 0; s < t->n_subtasks; s++)
    n += t->subtasks[s].status == status;
  return n;
}

/* What must hold after every operation, whatever it answered. */
static void assert_sound(const civ_composite_task *t)
{
  assert_true(t->n_participants <= t->max_agents);
  for (uint32_t k = 0; k < t->n_participants; k++)
    assert_int_equal(civ_composite_member(t, t->participants[k]), k);
  if (t->status == CIV_COMPOSITE_OPEN)
    assert_true(t->n_participants < t->min_agents || t->n_participants == 0);
  assert_int_equal(t->status == CIV_COMPOSITE_COMPLETED, count(t, CIV_SUBTASK_COMPLETED) == t->n_subtasks);
  for (uint32_t s = 0; s < t->n_subtasks; s++) {
    const civ_composite_subtask *part = &t->subtasks[s];
    assert_int_equal(isnan(part->quality), part->status != CIV_SUBTASK_COMPLETED);
    if (part->status == CIV_SUBTASK_PENDING || part->status == CIV_SUBTASK_AVAILABLE)
      assert_int_equal(part->worker, CIV_NOBODY);
    else if (part->status != CIV_SUBTASK_FAILED)
      assert_true(civ_composite_member(t, part->worker) != CIV_MOST_TEAM);
    for (uint32_t k = 0; part->status != CIV_SUBTASK_PENDING && part->status != CIV_SUBTASK_FAILED && k < s; k++)
      if (part->dependencies >> k & 1u)
        assert_int_equal(t->subtasks[k].status, CIV_SUBTASK_COMPLETED);
  }
}

/* Most capabilities, three out of four each. */
static civ_capability_set draw_able(civ_draws *d)
{
  const uint32_t one = civ_draw_index(d, 256), other = civ_draw_index(d, 256);
  return (civ_capability_set)(one | other);
}

static void act(civ_composite_task *t, civ_draws *d)
{
  const uint32_t s = civ_draw_index(d, CIV_MOST_SUBTASKS);
  const civ_agent a = civ_draw_index(d, 20);
  const civ_composite_task before = *t;
  bool done;
  switch (civ_draw_index(d, 12)) {
  case 0:
  case 1:
    done = civ_composite_join(t, a);
    break;
  case 2:
    civ_composite_available(t);
    done = true;
    break;
  case 3:
  case 4:
  case 5:
    civ_composite_available(t); /* which a claim looks at too: so that a refused one is seen to change nothing */
    done = civ_composite_claim(t, s, a, draw_able(d));
    if (!done)
      return;
    break;
  case 6:
  case 7:
  case 8:
    done = civ_composite_start(t, s);
    break;
  case 9:
  case 10:
    done = civ_composite_finish(t, s, civ_draw_uniform(d), 1);
    break;
  default:
    done = civ_draw_chance(d, 0.01) && (civ_draw_chance(d, 0.5) ? civ_composite_fail(t) : civ_composite_expire(t));
  }
  if (!done)
    assert_memory_equal(t, &before, sizeof before);
}

static void assert_paid_out(const civ_composite_task *t)
{
  double paid[CIV_MOST_TEAM], sum = 0;
  assert_true(civ_composite_payouts(t, paid));
  for (uint32_t k = 0; k < t->n_participants; k++) {
    assert_true(paid[k] >= 0);
    sum += paid[k];
  }
  assert_true(fabs(sum - t->total_bounty - t->completion_bonus) < 1e-9);
  assert_true(t->coordination > 0 && t->coordination <= 1);
  assert_true(t->synergy >= 0 && t->synergy <= 1 && t->information_flow >= 0 && t->information_flow <= 1);
  assert_true(t->final_quality >= 0 && t->final_quality <= 1);
}

static void laws_hold_of_any_story(void **state)
{
  uint32_t completed = 0, expired = 0;
  (void)state;
  for (uint32_t k = 0; k < 300; k++) {
    const civ_draw_key key = { .purpose = CIV_PURPOSE_FUZZ, .entity = 4, .ordinal = k };
    civ_draws d = civ_draws_open(11, &key);
    civ_composite_task t = draw_task(&d);
    assert_int_equal(civ_composite_check(&t, NULL), CIV_OK);
    for (int i = 0; i < 1500 && civ_composite_unfinished(&t); i++) {
      act(&t, &d);
      assert_sound(&t);
    }
    if (t.status == CIV_COMPOSITE_COMPLETED)
      assert_paid_out(&t);
    completed += t.status == CIV_COMPOSITE_COMPLETED;
    expired += t.status == CIV_COMPOSITE_EXPIRED;
  }
  assert_true(completed > 50 && expired > 20);
}

/* --- pool ------------------------------------------------------------------------------------------------------------------- */

static void deadlines_end_tasks(void **state)
{
  civ_composite_pool pool;
  (void)state;
  civ_composite_pool_init(&pool, &civ_allocator_malloc);
  assert_int_equal(civ_composite_pool_reserve(&pool, 3), CIV_OK);
  const civ_composite_task due = civ_composite_make(CIV_RESEARCH_SYNTHESIS, "a", -1, 2);
  const civ_composite_task open = civ_composite_make(CIV_PLANNING_COORDINATION, "b", -1, -1);
  const civ_composite_task now = civ_composite_make(CIV_PLANNING_COORDINATION, "c", -1, 0);
  civ_composite_task *t = civ_composite_pool_add(&pool, &due);
  civ_composite_pool_add(&pool, &open);
  civ_composite_pool_add(&pool, &now);
  assert_null(civ_composite_pool_find(&pool, 3));
  assert_true(civ_composite_overdue(&pool.tasks[2], 0)); /* deadline 0: the end of epoch 0 */
  assert_true(civ_composite_join(t, 0) && civ_composite_join(t, 1));
  assert_false(civ_composite_overdue(t, 1));
  assert_true(civ_composite_overdue(t, 2) && civ_composite_expire(t));
  assert_false(civ_composite_overdue(&pool.tasks[1], UINT32_MAX));
  assert_int_equal(civ_composite_pool_unfinished(&pool), 2);
  assert_true(civ_composite_joinable(&pool.tasks[1], 1u << CIV_COORDINATION));
  assert_false(civ_composite_joinable(&pool.tasks[1], 1u << CIV_CREATIVITY));
  civ_composite_pool_forget(&pool);
  assert_int_equal(pool.n, 2);
  assert_null(civ_composite_pool_find(&pool, 0));
  assert_int_equal(civ_composite_pool_find(&pool, 2)->id, 2);
  const civ_composite_statistics s = civ_composite_pool_count(&pool);
  assert_int_equal(s.total_tasks, 3);
  assert_int_equal(s.open_tasks, 2);
  assert_int_equal(s.by_status[CIV_COMPOSITE_EXPIRED], 1);
  assert_int_equal(civ_composite_pool_add(&pool, &open)->id, 3); /* numbers are not given twice */
  civ_composite_pool_fini(&pool);
}

/* Tasks at any point of their lives. */
static void fill(civ_composite_pool *pool, uint64_t seed, uint32_t n)
{
  assert_int_equal(civ_composite_pool_reserve(pool, n), CIV_OK);
  for (uint32_t k = 0; k < n; k++) {
    const civ_draw_key key = { .purpose = CIV_PURPOSE_FUZZ, .entity = 5, .ordinal = k };
    civ_draws d = civ_draws_open(seed, &key);
    const civ_composite_task start =
        civ_draw_chance(&d, 0.5) ? draw_task(&d)
                                 : civ_composite_make((civ_composite_template)civ_draw_index(&d, 3), "t", -1, 4);
    civ_composite_task *t = civ_composite_pool_add(pool, &start);
    for (uint32_t i = civ_draw_index(&d, 1200); i > 0; i--)
      act(t, &d);
  }
}

static void a_pool_comes_back_from_its_bytes(void **state)
{
  civ_composite_pool pool, back;
  civ_bytes bytes = { 0 }, again = { 0 };
  (void)state;
  civ_composite_pool_init(&pool, &civ_allocator_malloc);
  civ_composite_pool_init(&back, &civ_allocator_malloc);
  fill(&pool, 3, 30);
  civ_composite_pool_forget(&pool);
  fill(&pool, 4, 10);
  civ_bytes_open(&bytes, "TEST");
  civ_composite_pool_save(&pool, &bytes);
  civ_bytes_close(&bytes);
  civ_bytes_reader in = { .data = bytes.data, .length = bytes.length };
  assert_int_equal(civ_bytes_enter(&in, "TEST", NULL), CIV_OK);
  assert_int_equal(civ_composite_pool_load(&back, 20, &in, NULL), CIV_OK);
  assert_int_equal(civ_bytes_leave(&in, NULL), CIV_OK);
  civ_bytes_open(&again, "TEST");
  civ_composite_pool_save(&back, &again);
  civ_bytes_close(&again);
  assert_int_equal(bytes.length, again.length);
  assert_memory_equal(bytes.data, again.data, bytes.length);
  assert_true(civ_composite_pool_digest(&pool) == civ_composite_pool_digest(&back));
  const civ_composite_statistics s = civ_composite_pool_count(&pool), r = civ_composite_pool_count(&back);
  assert_memory_equal(&s, &r, sizeof s);
  in = (civ_bytes_reader){ .data = bytes.data, .length = bytes.length };
  assert_int_equal(civ_bytes_enter(&in, "TEST", NULL), CIV_OK);
  assert_int_equal(civ_composite_pool_load(&back, 5, &in, NULL), CIV_E_FORMAT); /* of a larger society */
  assert_int_equal(back.n, 0);
  civ_bytes_free(&bytes);
  civ_bytes_free(&again);
  civ_composite_pool_fini(&pool);
  civ_composite_pool_fini(&back);
}

/* Whatever was changed in the bytes, loading refuses it or gives a pool that can be used. */
static void spoilt_bytes_harm_nobody(void **state)
{
  civ_composite_pool pool;
  civ_bytes bytes = { 0 };
  (void)state;
  civ_composite_pool_init(&pool, &civ_allocator_malloc);
  fill(&pool, 5, 3);
  civ_composite_pool_save(&pool, &bytes);
  for (uint32_t k = 0; k < 4000; k++) {
    const civ_draw_key key = { .purpose = CIV_PURPOSE_FUZZ, .entity = 6, .ordinal = k };
    civ_draws d = civ_draws_open(1, &key);
    civ_bytes chunk = { 0 };
    civ_bytes_open(&chunk, "TEST");
    civ_bytes_put_block(&chunk, bytes.data,
                        bytes.length - (k % 3 == 0 ? civ_draw_index(&d, (uint32_t)bytes.length) : 0));
    chunk.data[12 + civ_draw_index(&d, (uint32_t)(chunk.length - 12))] ^= (uint8_t)(1u << civ_draw_index(&d, 8));
    civ_bytes_close(&chunk);
    civ_bytes_reader in = { .data = chunk.data, .length = chunk.length };
    if (civ_bytes_enter(&in, "TEST", NULL) == CIV_OK && civ_composite_pool_load(&pool, 20, &in, NULL) == CIV_OK)
      for (size_t i = 0; i < pool.n; i++)
        for (int n = 0; n < 20; n++) {
          const civ_agent a = civ_draw_index(&d, 20);
          civ_composite_join(&pool.tasks[i], a);
          civ_composite_claim(&pool.tasks[i], civ_draw_index(&d, 16), a, 0xff);
        }
    civ_bytes_free(&chunk);
  }
  civ_bytes_free(&bytes);
  civ_composite_pool_fini(&pool);
}

static void a_pool_without_memory_stays_as_it_was(void **state)
{
  (void)state;
  for (size_t at = 0; at < 3; at++) {
    failing_allocator f;
    civ_composite_pool pool;
    failing_allocator_init(&f, at);
    civ_composite_pool_init(&pool, &f.allocator);
    uint32_t added = 0;
    for (int k = 0; k < 40; k++) {
      const civ_composite_task t = civ_composite_make(CIV_PROBLEM_SOLVING, "x", -1, -1);
      const civ_status status = civ_composite_pool_reserve(&pool, 1);
      assert_true(status == CIV_OK || status == CIV_E_NOMEM);
      if (status == CIV_OK)
        added += civ_composite_pool_add(&pool, &t) != NULL;
      assert_int_equal(pool.n, added);
    }
    assert_int_equal(added, 39);
    civ_composite_pool_fini(&pool);
    assert_int_equal(f.blocks, 0);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(scores_and_payouts_are_those_of_the_book),
    cmocka_unit_test(templates_can_be_done),
    cmocka_unit_test(a_long_subject_is_cut_between_characters),
    cmocka_unit_test(what_nobody_could_work_on_is_refused),
    cmocka_unit_test(claims_ask_who_what_and_whether_it_is_time),
    cmocka_unit_test(what_fails_takes_its_parts_along),
    cmocka_unit_test(laws_hold_of_any_story),
    cmocka_unit_test(deadlines_end_tasks),
    cmocka_unit_test(a_pool_comes_back_from_its_bytes),
    cmocka_unit_test(spoilt_bytes_harm_nobody),
    cmocka_unit_test(a_pool_without_memory_stays_as_it_was),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
