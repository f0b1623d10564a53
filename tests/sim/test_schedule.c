/* Who comes first in a step. */
#include "play.h"

#include <math.h>
#include <string.h>

enum { MOST = 64 };

typedef struct watcher {
  civ_run *run;
  uint32_t epoch, step, n;
  civ_agent order[MOST];
  void (*step_over)(struct watcher *w);
  uint64_t steps, first[8][8]; /* agent on place */
  uint64_t permutations[24];
} watcher;

static void take_turn(void *self, uint32_t epoch, uint32_t step, civ_agent a, const civ_action *action, bool ok)
{
  watcher *w = self;
  (void)epoch;
  (void)step;
  (void)action;
  (void)ok;
  if (w->n < MOST)
    w->order[w->n++] = a;
}

static void end_step(void *self, uint32_t epoch, uint32_t step, uint64_t digest)
{
  watcher *w = self;
  (void)epoch;
  (void)step;
  (void)digest;
  w->step_over(w);
  w->steps++;
  w->n = 0;
}

static const civ_sink step_sink = { .version = CIV_PART_VERSION, .name = "steps", .step = end_step };

static void watch(play *p, watcher *w)
{
  const civ_run_hooks hooks = { .self = w, .turn = take_turn };
  w->run = p->run;
  assert_int_equal(civ_run_hook(p->run, &hooks, NULL), CIV_OK);
  assert_int_equal(civ_run_attach(p->run, &step_sink, w, NULL), CIV_OK);
}

static void in_index_order(watcher *w)
{
  assert_int_equal(w->n, 5);
  for (uint32_t k = 0; k < 5; k++)
    assert_int_equal(w->order[k], k);
}

#define FIVE "agents:\n  - type: honest\n    count: 5\n" IDLE

static void round_robin_keeps_to_the_index(void **state)
{
  play p;
  watcher w = { .step_over = in_index_order };
  (void)state;
  play_open(&p, SEED ", n_epochs: 3, steps_per_epoch: 7}\n" FIVE, NULL);
  watch(&p, &w);
  play_all(&p);
  assert_int_equal(w.steps, 21);
  play_close(&p);
}

/* Number of a permutation of four in lexical order. */
static uint32_t number_of(const civ_agent *order)
{
  uint32_t number = 0;
  for (uint32_t i = 0; i < 4; i++) {
    uint32_t smaller = 0;
    for (uint32_t j = i + 1; j < 4; j++)
      smaller += order[j] < order[i];
    number = number * (4 - i) + smaller;
  }
  return number;
}

static void count_permutation(watcher *w)
{
  bool seen[4] = { false };
  assert_int_equal(w->n, 4);
  for (uint32_t k = 0; k < 4; k++) {
    assert_true(w->order[k] < 4 && !seen[w->order[k]]);
    seen[w->order[k]] = true;
    w->first[k][w->order[k]]++;
  }
  w->permutations[number_of(w->order)]++;
}

/* All 24 orders equally often: chi-square with 23 degrees of freedom stays below its 99.99 % point. */
static void random_is_a_uniform_permutation(void **state)
{
  play p;
  watcher w = { .step_over = count_permutation };
  double chi2 = 0;
  (void)state;
  play_open(&p,
            SEED ", n_epochs: 20, steps_per_epoch: 1200, schedule_mode: random}\n"
                 "agents:\n  - type: honest\n    count: 4\n" IDLE,
            NULL);
  watch(&p, &w);
  play_all(&p);
  const double expected = (double)w.steps / 24;
  for (int k = 0; k < 24; k++)
    chi2 += ((double)w.permutations[k] - expected) * ((double)w.permutations[k] - expected) / expected;
  assert_true(w.steps == 24000 && chi2 < 59 && chi2 > 4);
  for (int place = 0; place < 4; place++)
    for (int a = 0; a < 4; a++)
      assert_true(fabs((double)w.first[place][a] - 6000) < 5 * sqrt(6000 * 0.75));
  play_close(&p);
}

static void by_reputation(watcher *w)
{
  civ_result r;
  assert_int_equal(civ_run_result(w->run, &r, NULL), CIV_OK);
  assert_int_equal(w->n, r.population->n);
  for (uint32_t k = 1; k < w->n; k++) {
    const double x = r.population->reputation[w->order[k - 1]], y = r.population->reputation[w->order[k]];
    assert_true(x > y || (x == y && w->order[k - 1] < w->order[k]));
  }
}

/* Nobody's reputation moves while they do nothing, so the order of the step is that of its end. */
static void priority_sorts_by_reputation_ties_by_index(void **state)
{
  static const char *const reputations[] = { "0", "0.5", "-1", "0.5", "0", "2", "-1", "0.5", "0", "1e300", "-0.0" };
  (void)state;
  for (int together = 0; together < 2; together++) {
    play p;
    watcher w = { .step_over = by_reputation };
    civ_buffer yaml = { 0 };
    civ_buffer_format(&yaml,
                      SEED ", n_epochs: 1, steps_per_epoch: 2, schedule_mode: priority, turn_mode: %s}\nagents:\n",
                      together ? "simultaneous" : "sequential");
    for (size_t k = 0; k < sizeof reputations / sizeof *reputations; k++)
      civ_buffer_format(&yaml, "  - type: honest\n    initial_reputation: %s\n" IDLE, reputations[k]);
    civ_buffer_add(&yaml, "", 1);
    play_open(&p, yaml.data, NULL);
    watch(&p, &w);
    play_all(&p);
    assert_int_equal(w.steps, 2);
    civ_buffer_free(&yaml);
    play_close(&p);
  }
}

static void nothing_here(watcher *w)
{
  (void)w;
}

/* The order is made at the start of a step: what an action does to reputations counts in the next one. */
static void priority_looks_at_the_start_of_the_step(void **state)
{
  play p;
  watcher w = { .step_over = nothing_here };
  civ_end end;
  civ_action propose = civ_action_make(CIV_ACTION_PROPOSE);
  (void)state;
  play_open(&p, SEED ", n_epochs: 1, steps_per_epoch: 3, schedule_mode: priority}\n" FIVE, NULL);
  watch(&p, &w);
  propose.counterparty = 0;
  assert_true(play_do(&p, 4, &propose));
  w.n = 0;
  assert_int_equal(civ_run_step(p.run, &end, NULL), CIV_OK); /* answered in agent 0's turn: 4's reputation rises */
  assert_true(play_result(&p).population->reputation[4] > 0);
  w.step_over = by_reputation;
  assert_int_equal(civ_run_step(p.run, &end, NULL), CIV_OK);
  play_close(&p);
}

/* Frozen agents keep their place and are passed over. */
static void frozen_agents_are_skipped(void **state)
{
  static const char *const modes[] = { "round_robin", "random", "priority" };
  (void)state;
  for (int k = 0; k < 3; k++) {
    play p;
    watcher w = { .step_over = nothing_here };
    civ_end end;
    civ_buffer yaml = { 0 };
    civ_buffer_format(&yaml, SEED ", n_epochs: 1, steps_per_epoch: 3, schedule_mode: %s}\n" FIVE, modes[k]);
    civ_buffer_add(&yaml, "", 1);
    play_open(&p, yaml.data, NULL);
    watch(&p, &w);
    assert_int_equal(civ_run_freeze(p.run, 2, true, NULL), CIV_OK);
    w.step_over = nothing_here;
    assert_int_equal(civ_run_step(p.run, &end, NULL), CIV_OK);
    assert_int_equal(play_result(&p).agent_steps, 4);
    for (uint32_t i = 0; i < 4; i++)
      assert_true(w.order[i] != 2);
    civ_buffer_free(&yaml);
    play_close(&p);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(round_robin_keeps_to_the_index),
    cmocka_unit_test(random_is_a_uniform_permutation),
    cmocka_unit_test(priority_sorts_by_reputation_ties_by_index),
    cmocka_unit_test(priority_looks_at_the_start_of_the_step),
    cmocka_unit_test(frozen_agents_are_skipped),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
