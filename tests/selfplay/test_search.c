/* The searching adversary: with any guard of the hardened law gone it does at least the damage of the scripted repertoires. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "playing.h"
#include "selfplay/repertoire.h"
#include "selfplay/search.h"

#define HARDENED CIV_SOURCE_ROOT "/kernels/commonwealth-hardened.yaml"

enum { GAME_SEED = 7000 };

typedef struct fixture {
  playing playing;
  civ_kernel hardened;
} fixture;

static int begin(void **state)
{
  static fixture f;
  civ_error err;
  playing_begin(&f.playing);
  assert_int_equal(civ_kernel_load(HARDENED, &f.playing.arena, &f.hardened, &err), CIV_OK);
  *state = &f;
  return 0;
}

static int end(void **state)
{
  fixture *f = *state;
  playing_end(&f->playing);
  return 0;
}

static bool is_long(void)
{
  const char *longer = getenv("CIV_LONG");
  return longer != NULL && strcmp(longer, "0") != 0;
}

static civ_search_setup setup_of(const fixture *f, const civ_kernel *kernel)
{
  civ_search_setup setup = civ_search_default();
  setup.game = f->playing.game;
  setup.game.kernel = kernel;
  setup.detect = f->playing.detect;
  setup.first_seed = GAME_SEED;
  return setup;
}

/* The worst of the repertoires of two capturers, on the fresh seeds of the search. */
static double scripted_damage(const civ_search_setup *setup)
{
  double worst = 0;
  civ_error err;
  for (int m = 1; m <= 3; m++) {
    civ_damage d;
    assert_int_equal(civ_repertoire_damage(&setup->game, &civ_default_matchups[m], setup->first_seed + setup->episodes,
                                           setup->fresh, &d, &err),
                     CIV_OK);
    worst = d.damage > worst ? d.damage : worst;
  }
  return worst;
}

/* Searches in a law; every further attempt is a longer search, as a patient adversary's would be. */
static void outdo_scripts(const fixture *f, const civ_kernel *kernel, const char *what)
{
  civ_search_setup setup = setup_of(f, kernel);
  civ_search_result found = { .fitness = 0 };
  civ_error err;
  const double scripted = scripted_damage(&setup);
  double best = 0;
  uint32_t restarts = is_long() ? setup.restarts : 1;
  setup.generations = is_long() ? setup.generations : 20;
  for (int attempt = 0; attempt < 5 && best < scripted; attempt++, restarts *= 2) {
    setup.restarts = restarts;
    setup.seed = (uint64_t)attempt;
    assert_int_equal(civ_search(&setup, &found, &err), CIV_OK);
    best = found.fresh.damage > best ? found.fresh.damage : best;
  }
  print_message("%-40s scripted %.3f, searched %.3f\n", what, scripted, best);
  if (best < scripted)
    fail_msg("%s: the search does %.3f, the repertoires do %.3f", what, best, scripted);
}

static void each_guard_gone_is_found_out(void **state)
{
  const fixture *f = *state;
  const char *sanitized = getenv("CIV_SANITIZED");
  const uint32_t every = sanitized != NULL && sanitized[0] == '1' ? 7 : 1;
  uint32_t guards = 0;
  for (int p = 0; p < CIV_PARAMS; p++) {
    civ_kernel weaker = f->hardened;
    char what[96];
    if (weaker.law.value[p] == f->playing.kernel.law.value[p])
      continue;
    weaker.law.value[p] = f->playing.kernel.law.value[p];
    assert_int_equal(civ_kernel_digest(&weaker), CIV_OK);
    snprintf(what, sizeof what, "without %s.%s", civ_rule_names[civ_param_forms[p].rule], civ_param_forms[p].name);
    if (guards++ % every == 0)
      outdo_scripts(f, &weaker, what);
  }
  for (int r = 0; r < CIV_RULES; r++) {
    civ_kernel weaker = f->hardened;
    char what[96];
    const uint16_t added = (uint16_t)(weaker.law.protected_rules & ~f->playing.kernel.law.protected_rules);
    if ((added >> r & 1) == 0)
      continue;
    weaker.law.protected_rules = (uint16_t)(weaker.law.protected_rules & ~(1u << r));
    assert_int_equal(civ_kernel_digest(&weaker), CIV_OK);
    snprintf(what, sizeof what, "without protection of %s", civ_rule_names[r]);
    if (guards++ % every == 0)
      outdo_scripts(f, &weaker, what);
  }
  assert_true(guards >= 15);
}

static void the_naive_law_is_found_out(void **state)
{
  const fixture *f = *state;
  outdo_scripts(f, &f->playing.kernel, "naive");
}

/* The same on any number of threads, and again. */
static void threads_do_not_matter(void **state)
{
  const fixture *f = *state;
  civ_search_setup setup = setup_of(f, &f->playing.kernel);
  civ_search_result one, three;
  civ_error err;
  setup.generations = 5;
  setup.restarts = 2;
  setup.threads = 1;
  assert_int_equal(civ_search(&setup, &one, &err), CIV_OK);
  setup.threads = 3;
  assert_int_equal(civ_search(&setup, &three, &err), CIV_OK);
  assert_memory_equal(&one.fresh, &three.fresh, sizeof one.fresh);
  assert_memory_equal(one.best, three.best, sizeof one.best);
  assert_true(one.fitness == three.fitness && one.restart == three.restart);
  assert_int_equal(one.played, three.played);
  assert_int_equal(one.generations, 6);
}

/* Fitness never falls from one generation to the next: the best pair stays. */
static void the_best_stays(void **state)
{
  const fixture *f = *state;
  civ_search_setup setup = setup_of(f, &f->playing.kernel);
  civ_search_result found;
  civ_error err;
  setup.generations = 12;
  setup.restarts = 1;
  assert_int_equal(civ_search(&setup, &found, &err), CIV_OK);
  for (uint32_t g = 1; g < found.generations; g++)
    assert_true(found.best[g] >= found.best[g - 1]);
  assert_true(found.fitness == found.best[found.generations - 1]);
}

static bool stop_at_three(void *arg, uint32_t generation, uint32_t of, double best)
{
  (void)arg;
  (void)of;
  (void)best;
  return generation < 3;
}

static void an_interrupted_search_has_its_best_so_far(void **state)
{
  const fixture *f = *state;
  civ_search_setup setup = setup_of(f, &f->playing.kernel);
  civ_search_result found = { .fitness = -1 };
  civ_error err;
  setup.progress = stop_at_three;
  assert_int_equal(civ_search(&setup, &found, &err), CIV_E_INTERRUPTED);
  assert_int_equal(found.generations, 4);
  assert_true(found.fitness == found.best[3] && found.fitness > 0);
}

static void settings_out_of_range_are_refused(void **state)
{
  const fixture *f = *state;
  civ_search_setup setup = setup_of(f, &f->playing.kernel);
  civ_search_result found;
  civ_error err;
  setup.restarts = 0;
  assert_int_equal(civ_search(&setup, &found, &err), CIV_E_RANGE);
  assert_string_equal(err.where, "search.restarts");
  setup.restarts = 1;
  setup.generations = 64;
  assert_int_equal(civ_search(&setup, &found, &err), CIV_E_RANGE);
  assert_string_equal(err.where, "search.generations");
  setup.generations = 1;
  setup.honest = 63;
  assert_int_equal(civ_search(&setup, &found, &err), CIV_E_RANGE);
  assert_string_equal(err.where, "search.honest");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(threads_do_not_matter),
    cmocka_unit_test(the_best_stays),
    cmocka_unit_test(an_interrupted_search_has_its_best_so_far),
    cmocka_unit_test(settings_out_of_range_are_refused),
    cmocka_unit_test(the_naive_law_is_found_out),
    cmocka_unit_test(each_guard_gone_is_found_out),
  };
  return cmocka_run_group_tests(tests, begin, end);
}
