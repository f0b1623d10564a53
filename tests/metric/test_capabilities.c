/* The capability analyser: figures by hand, laws over random teams, and profiles that come and go. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "civitas/draws.h"
#include "metric/capabilities.h"
#include "metric/composite_structure.h"
#include "support/failing_allocator.h"

#define SET(a)     (civ_capability_set)(1u << CIV_##a)
#define NEAR(x, y) assert_true(fabs((double)(x) - (double)(y)) <= 1e-12 * fmax(1, fabs((double)(y))))

enum { A, B, C, D };

static civ_capabilities *four(const civ_allocator *allocator)
{
  civ_capabilities *c = civ_capabilities_create(4, allocator);
  if (c == NULL)
    return NULL;
  civ_capabilities_register(c, A, SET(RESEARCH) | SET(ANALYSIS));
  civ_capabilities_register(c, B, SET(CREATIVITY) | SET(COMMUNICATION));
  civ_capabilities_register(c, C, SET(VERIFICATION) | SET(PLANNING));
  civ_capabilities_register(c, D, SET(ANALYSIS) | SET(EXECUTION));
  return c;
}

/* Scores are given: this room does not compute them. */
static const civ_done_subtask research_parts[] = {
  { SET(RESEARCH), 0, 8, A, .8 },     { SET(RESEARCH) | SET(ANALYSIS), 1, 6, A, .7 },
  { SET(ANALYSIS), 2, 10, A, .9 },    { SET(COMMUNICATION) | SET(CREATIVITY), 4, 8, B, .6 },
  { SET(VERIFICATION), 8, 4, C, .5 },
};
static const civ_agent team[] = { A, B, C, D };
static const civ_done_task research = { .required =
                                            SET(RESEARCH) | SET(ANALYSIS) | SET(COMMUNICATION) | SET(VERIFICATION),
                                        .n_subtasks = 5,
                                        .n_participants = 3,
                                        .subtasks = research_parts,
                                        .participants = team,
                                        .final_quality = 0.7250000000000001,
                                        .coordination = 0.3333333333333333,
                                        .synergy = 0.635,
                                        .information_flow = 0.425,
                                        .epochs = 2 };
static const civ_done_subtask problem_parts[] = {
  { SET(ANALYSIS), 0, 8, A, .55 },
  { SET(CREATIVITY), 0, 6, B, .65 },
  { SET(PLANNING) | SET(CREATIVITY), 3, 10, B, .75 },
  { SET(EXECUTION) | SET(PLANNING), 4, 8, D, .45 },
  { SET(VERIFICATION) | SET(ANALYSIS), 8, 6, C, .85 },
};
static const civ_done_task problem = { .required = SET(ANALYSIS) | SET(CREATIVITY) | SET(PLANNING) | SET(EXECUTION) |
                                                   SET(VERIFICATION),
                                       .n_subtasks = 5,
                                       .n_participants = 4,
                                       .subtasks = problem_parts,
                                       .participants = team,
                                       .final_quality = 0.65,
                                       .coordination = 0.5,
                                       .synergy = 0.62,
                                       .information_flow = 0.5833333333333333,
                                       .epochs = 1 };

static void record(civ_capabilities *c, const civ_done_task *t)
{
  assert_int_equal(civ_capabilities_reserve(c, t->n_participants, t->n_participants * (t->n_participants - 1u)),
                   CIV_OK);
  civ_capabilities_record(c, t);
}

/* --- by hand --------------------------------------------------------------------------------------------------------------- */

static void figures_are_those_of_the_book(void **state)
{
  (void)state;
  civ_capabilities *c = four(&civ_allocator_malloc);
  record(c, &research);
  civ_capability_metrics m = civ_capabilities_read(c);
  NEAR(m.avg_final_quality, 0.7250000000000001);
  NEAR(m.capability_coverage, 1);
  NEAR(m.task_efficiency, 0.02013888888888889);
  NEAR(m.parallelization, 0.5);
  NEAR(m.specialization_index, 0.00033228028695819756);
  NEAR(m.complementarity_score, 1);
  NEAR(m.knowledge_transfer, 0.4625);
  NEAR(m.avg_completion_time, 2);
  NEAR(civ_collective_intelligence(&m), 0.552138888888889);
  record(c, &problem);
  m = civ_capabilities_read(c);
  assert_true(m.total_composite_tasks == 2 && m.completed_composite_tasks == 2);
  NEAR(m.avg_final_quality, 0.6875);
  NEAR(m.avg_coordination_score, 0.41666666666666663);
  NEAR(m.avg_team_size, 3.5);
  NEAR(m.task_efficiency, 0.018622076023391814);
  NEAR(m.parallelization, 0.6);
  NEAR(m.specialization_index, 0.0022727055468086954);
  NEAR(m.complementarity_score, 0.9722222222222223);
  NEAR(m.knowledge_transfer, 0.49642857142857144);
  NEAR(m.avg_completion_time, 1.5);
  NEAR(civ_collective_intelligence(&m), 0.5666121553884712);
  civ_capabilities_destroy(c);
}

static void profiles_are_those_of_the_book(void **state)
{
  (void)state;
  civ_capabilities *c = four(&civ_allocator_malloc);
  record(c, &research);
  record(c, &problem);
  const civ_capability_profile a = civ_capabilities_profile(c, A), b = civ_capabilities_profile(c, B),
                               d = civ_capabilities_profile(c, D), none = civ_capabilities_profile(c, 4);
  NEAR(a.average_quality, 0.7375);
  NEAR(a.scores[CIV_ANALYSIS], 0.6284);
  NEAR(a.scores[CIV_RESEARCH], 0.623);
  assert_int_equal(a.subtasks_completed, 4);
  assert_int_equal(a.tasks_completed, 2);
  assert_int_equal(a.collaborations, 2);
  assert_int_equal(a.collaborators, 3);
  assert_int_equal(a.used[CIV_ANALYSIS], 3);
  NEAR(b.average_quality, 0.6666666666666666);
  NEAR(b.scores[CIV_CREATIVITY], 0.6212);
  NEAR(civ_capabilities_profile(c, C).scores[CIV_VERIFICATION], 0.605);
  assert_int_equal(d.collaborations, 1);
  assert_int_equal(d.tasks_completed, 1);
  assert_int_equal(d.scored, SET(EXECUTION)); /* of execution and planning it has the one */
  assert_false(none.registered);
  /* A used analysis thrice and research twice, B creativity and communication, C and D one thing each. */
  const double uneven = 1 + (0.6 * log2(0.6 + 1e-10) + 0.4 * log2(0.4 + 1e-10));
  const double b_uneven = 1 + (0.75 * log2(0.75 + 1e-10) + 0.25 * log2(0.25 + 1e-10));
  assert_int_equal(b.used[CIV_CREATIVITY], 3);
  assert_int_equal(b.used[CIV_COMMUNICATION], 1);
  NEAR(civ_capabilities_read(c).usage_specialization, (uneven + b_uneven + 1 + 1) / 4);
  civ_capabilities_destroy(c);
}

static void spread_is_that_of_the_book(void **state)
{
  const civ_capability_set sets[] = { SET(RESEARCH) | SET(ANALYSIS), SET(RESEARCH),
                                      SET(PLANNING) | SET(EXECUTION) | SET(RESEARCH), 0 };
  const civ_capability_distribution d = civ_capability_distribution_of(sets, 4),
                                    none = civ_capability_distribution_of(sets, 0);
  (void)state;
  assert_true(d.n_agents == 4 && d.n_capability_types == 4 && d.avg_capabilities_per_agent == 1.5 &&
              d.avg_agents_per_capability == 1.5 && d.capability_coverage == 0.5);
  NEAR(d.capability_balance, 0.3333333333333333);
  assert_true(none.n_agents == 0 && none.capability_balance == 0);
}

static void the_score_weighs_seven_figures(void **state)
{
  const civ_capability_metrics m = { .avg_final_quality = .7,
                                     .avg_coordination_score = .5,
                                     .avg_synergy_score = .6,
                                     .avg_information_flow = .55,
                                     .task_efficiency = .03,
                                     .complementarity_score = .8,
                                     .knowledge_transfer = .52 };
  const civ_capability_metrics ones = { 0, 0, 0, 1, 1, 1, 1, 0, 0, 5, 0, 0, 1, 1, 0 };
  (void)state;
  NEAR(civ_collective_intelligence(&m), 0.5795000000000001);
  NEAR(civ_collective_intelligence(&ones), 1);
}

static void before_the_first_task_everything_is_zero(void **state)
{
  const civ_capability_metrics zero = { 0 };
  (void)state;
  civ_capabilities *c = four(&civ_allocator_malloc);
  const civ_capability_metrics m = civ_capabilities_read(c);
  assert_memory_equal(&m, &zero, sizeof m);
  assert_true(civ_collective_intelligence(&m) == 0);
  civ_capabilities_destroy(c);
}

static void names_are_sets_of_one(void **state)
{
  (void)state;
  for (int k = 0; k < CIV_CAPABILITIES; k++)
    assert_int_equal(civ_capability_of(civ_capability_names[k]), 1u << k);
  assert_int_equal(civ_capability_of("cooking"), 0);
  assert_int_equal(civ_capability_count(0), 0);
  assert_int_equal(civ_capability_count(0xff), 8);
}

static void circles_have_no_depth(void **state)
{
  static const struct {
    uint16_t dependencies[4];
    bool good;
    uint8_t depth[4];
  } cases[] = {
    { { 0, 1, 3, 4 }, true, { 0, 1, 2, 3 } }, { { 6, 0, 2, 1 }, true, { 2, 0, 1, 3 } }, /* whatever the order */
    { { 2, 1, 0, 0 }, false, { 0 } },  /* 0 and 1 wait for each other */
    { { 1, 0, 0, 0 }, false, { 0 } },  /* for itself */
    { { 0, 0, 0, 16 }, false, { 0 } }, /* for what is not there */
  };
  (void)state;
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    uint8_t depth[4];
    assert_int_equal(civ_dependency_depths(cases[k].dependencies, 4, depth), cases[k].good);
    if (cases[k].good)
      assert_memory_equal(depth, cases[k].depth, 4);
  }
}

/* --- profiles that are replaced ---------------------------------------------------------------------------------------------- */

static void registering_again_begins_anew(void **state)
{
  (void)state;
  civ_capabilities *c = four(&civ_allocator_malloc);
  record(c, &research);
  assert_int_equal(civ_capabilities_profile(c, A).collaborators, 2);
  civ_capabilities_register(c, A, SET(PLANNING));
  civ_capability_profile a = civ_capabilities_profile(c, A);
  assert_int_equal(a.capabilities, SET(PLANNING));
  assert_true(a.subtasks_completed == 0 && a.collaborators == 0 && a.scored == 0 && a.average_quality == 0);
  record(c, &research);
  a = civ_capabilities_profile(c, A);
  assert_int_equal(a.collaborators, 2); /* met again, under the new profile */
  assert_int_equal(a.scored, 0);        /* what it did it cannot do */
  assert_int_equal(a.subtasks_completed, 3);
  assert_int_equal(civ_capabilities_profile(c, B).collaborators, 2);
  civ_capabilities_destroy(c);
}

static void strangers_are_met_but_not_measured(void **state)
{
  (void)state;
  civ_capabilities *c = civ_capabilities_create(4, &civ_allocator_malloc);
  civ_capabilities_register(c, A, SET(RESEARCH));
  record(c, &research);
  const civ_capability_metrics m = civ_capabilities_read(c);
  assert_int_equal(civ_capabilities_profile(c, A).collaborators, 2);
  assert_false(civ_capabilities_profile(c, B).registered);
  assert_true(m.complementarity_score == 0 && m.capability_coverage == 0.25);
  civ_capabilities_destroy(c);
}

/* --- laws ---------------------------------------------------------------------------------------------------------------------- */

enum { PEOPLE = 30 };

typedef struct drawn {
  civ_done_subtask parts[CIV_MOST_SUBTASKS];
  civ_agent team[CIV_MOST_TEAM];
  civ_done_task task;
} drawn;

static void draw_task(drawn *out, civ_draws *d)
{
  civ_done_task *t = &out->task;
  *t = (civ_done_task){ .subtasks = out->parts, .participants = out->team };
  t->required = (civ_capability_set)civ_draw_index(d, 256);
  t->n_subtasks = (uint8_t)(1 + civ_draw_index(d, CIV_MOST_SUBTASKS));
  t->n_participants = (uint8_t)(1 + civ_draw_index(d, CIV_MOST_TEAM));
  const civ_agent first = civ_draw_index(d, PEOPLE);
  for (uint32_t k = 0; k < t->n_participants; k++)
    out->team[k] = (first + k) % PEOPLE;
  for (uint32_t s = 0; s < t->n_subtasks; s++)
    out->parts[s] = (civ_done_subtask){ .required = (civ_capability_set)civ_draw_index(d, 256),
                                        .dependencies = (uint16_t)(civ_draw_index(d, 1u << 16) & ((1u << s) - 1)),
                                        .steps = civ_draw_index(d, 9),
                                        .worker = out->team[civ_draw_index(d, t->n_participants)],
                                        .quality = civ_draw_chance(d, 0.1) ? 0 : civ_draw_uniform(d) };
  t->final_quality = civ_draw_uniform(d);
  t->coordination = civ_draw_uniform(d);
  t->synergy = civ_draw_uniform(d);
  t->information_flow = civ_draw_uniform(d);
  t->epochs = civ_draw_index(d, 5);
}

static civ_capabilities *people(civ_draws *d)
{
  civ_capabilities *c = civ_capabilities_create(PEOPLE, &civ_allocator_malloc);
  for (civ_agent a = 0; a < PEOPLE; a++)
    if (civ_draw_chance(d, 0.9)) {
      const uint32_t one = civ_draw_index(d, 256), other = civ_draw_index(d, 256);
      civ_capabilities_register(c, a, (civ_capability_set)(one & other));
    }
  return c;
}

static void assert_shares(const civ_capability_metrics *m)
{
  const double shares[] = { m->avg_final_quality,     m->avg_coordination_score, m->avg_synergy_score,
                            m->avg_information_flow,  m->capability_coverage,    m->parallelization,
                            m->complementarity_score, m->knowledge_transfer,     m->usage_specialization };
  for (size_t k = 0; k < sizeof shares / sizeof *shares; k++)
    assert_true(shares[k] >= -1e-9 && shares[k] <= 1 + 1e-9);
  assert_true(m->specialization_index > -1e-6 && m->specialization_index <= 1);
}

static void laws_hold_of_any_teams(void **state)
{
  (void)state;
  for (uint32_t k = 0; k < 60; k++) {
    const civ_draw_key key = { .purpose = CIV_PURPOSE_FUZZ, .entity = 7, .ordinal = k };
    civ_draws d = civ_draws_open(2, &key);
    civ_capabilities *c = people(&d);
    uint32_t parts = 0, n = 1 + civ_draw_index(&d, 20);
    double size = 0;
    for (uint32_t i = 0; i < n; i++) {
      drawn t;
      draw_task(&t, &d);
      record(c, &t.task);
      size += t.task.n_participants;
      for (uint32_t s = 0; s < t.task.n_subtasks; s++)
        parts += civ_capabilities_profile(c, t.parts[s].worker).registered;
    }
    const civ_capability_metrics m = civ_capabilities_read(c);
    assert_shares(&m);
    NEAR(m.avg_team_size, size / n);
    assert_true(m.total_composite_tasks == n);
    for (civ_agent a = 0; a < PEOPLE; a++) {
      const civ_capability_profile p = civ_capabilities_profile(c, a);
      parts -= p.subtasks_completed;
      assert_true(p.collaborators < PEOPLE && p.tasks_completed <= p.collaborations);
      assert_int_equal(p.scored & ~p.capabilities, 0);
      assert_true(p.average_quality >= 0 && p.average_quality <= 1);
    }
    assert_int_equal(parts, 0);
    civ_capabilities_destroy(c);
  }
}

/* --- checkpoints and memory ----------------------------------------------------------------------------------------------------- */

static civ_bytes bytes_of(const civ_capabilities *c)
{
  civ_bytes bytes = { 0 };
  civ_bytes_open(&bytes, "TEST");
  civ_capabilities_save(c, &bytes);
  civ_bytes_close(&bytes);
  return bytes;
}

static civ_status load(civ_capabilities *c, const civ_bytes *bytes)
{
  civ_bytes_reader in = { .data = bytes->data, .length = bytes->length };
  assert_int_equal(civ_bytes_enter(&in, "TEST", NULL), CIV_OK);
  const civ_status status = civ_capabilities_load(c, &in, NULL);
  return status == CIV_OK ? civ_bytes_leave(&in, NULL) : status;
}

static void saved_in_the_middle_it_goes_on_alike(void **state)
{
  const civ_draw_key key = { .purpose = CIV_PURPOSE_FUZZ, .entity = 8 };
  civ_draws d = civ_draws_open(3, &key);
  civ_capabilities *straight = people(&d), *resumed = civ_capabilities_create(PEOPLE, &civ_allocator_malloc);
  (void)state;
  for (int i = 0; i < 40; i++) {
    drawn t;
    draw_task(&t, &d);
    if (i == 17) {
      civ_bytes bytes = bytes_of(straight);
      assert_int_equal(load(resumed, &bytes), CIV_OK);
      civ_bytes_free(&bytes);
    }
    record(straight, &t.task);
    if (i >= 17)
      record(resumed, &t.task);
  }
  civ_bytes a = bytes_of(straight), b = bytes_of(resumed);
  assert_int_equal(a.length, b.length);
  assert_memory_equal(a.data, b.data, a.length);
  assert_true(civ_capabilities_digest(straight) == civ_capabilities_digest(resumed));
  const civ_capability_metrics m = civ_capabilities_read(straight), n = civ_capabilities_read(resumed);
  assert_memory_equal(&m, &n, sizeof m);
  civ_capabilities *fewer = civ_capabilities_create(PEOPLE - 1, &civ_allocator_malloc);
  assert_int_equal(load(fewer, &a), CIV_E_FORMAT);
  civ_bytes_free(&a);
  civ_bytes_free(&b);
  civ_capabilities_destroy(fewer);
  civ_capabilities_destroy(straight);
  civ_capabilities_destroy(resumed);
}

static void recording_takes_no_memory(void **state)
{
  failing_allocator f;
  (void)state;
  failing_allocator_init(&f, SIZE_MAX);
  civ_capabilities *c = four(&f.allocator);
  assert_int_equal(civ_capabilities_reserve(c, 7, 18), CIV_OK);
  failing_allocator_seal(&f);
  civ_capabilities_record(c, &research);
  civ_capabilities_record(c, &problem);
  failing_allocator_unseal(&f);
  civ_capabilities_destroy(c);
  assert_int_equal(f.blocks, 0);
}

static void lack_of_memory_is_told(void **state)
{
  (void)state;
  for (size_t at = 0;; at++) {
    failing_allocator f;
    failing_allocator_init(&f, at);
    civ_capabilities *c = four(&f.allocator);
    const civ_status status = c == NULL ? CIV_E_NOMEM : civ_capabilities_reserve(c, 100, 1000);
    civ_capabilities_destroy(c);
    assert_int_equal(f.blocks, 0);
    if (status == CIV_OK)
      break;
    assert_int_equal(status, CIV_E_NOMEM);
    assert_true(at < 20);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(figures_are_those_of_the_book),
    cmocka_unit_test(profiles_are_those_of_the_book),
    cmocka_unit_test(spread_is_that_of_the_book),
    cmocka_unit_test(the_score_weighs_seven_figures),
    cmocka_unit_test(before_the_first_task_everything_is_zero),
    cmocka_unit_test(names_are_sets_of_one),
    cmocka_unit_test(circles_have_no_depth),
    cmocka_unit_test(registering_again_begins_anew),
    cmocka_unit_test(strangers_are_met_but_not_measured),
    cmocka_unit_test(laws_hold_of_any_teams),
    cmocka_unit_test(saved_in_the_middle_it_goes_on_alike),
    cmocka_unit_test(recording_takes_no_memory),
    cmocka_unit_test(lack_of_memory_is_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
