/* Finding the name somebody probably meant. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/names.h"

static void distances_by_hand(void **state)
{
  static const struct {
    const char *a, *b;
    int distance;
  } cases[] = {
    { "theta", "theta", 0 },
    { "theta", "thta", 1 },
    { "theta", "htet", 2 },
    { "n_epoch", "n_epochs", 1 },
    { "seed", "sede", 1 },
    { "Theta", "theta", 1 },
    { "s_plus", "plus_s", 1 },
    { "a.b", "b_a", 1 },
    { "audit enabled", "enabled_audit", 1 },
    { "h", "g", 3 },
    { "ab", "cd", 3 },
    { "", "a", 3 },
    { "", "", 0 },
    { "schedule", "schedule_mode", 3 },
    { "max_toxicty", "max_toxicity", 1 },
    { "random", "round_robin", 3 },
    { "transaction_tax_rte", "transaction_tax_rate", 1 },
  };
  (void)state;
  for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
    const int d = civ_name_distance(cases[k].a, cases[k].b);
    if (d != cases[k].distance)
      fail_msg("'%s' and '%s' are %d apart, not %d", cases[k].a, cases[k].b, d, cases[k].distance);
  }
}

static void distance_is_symmetric_and_long_names_are_safe(void **state)
{
  static const char *const names[] = { "audit_probability",
                                       "audit_probabilty",
                                       "probability_audit",
                                       "x",
                                       "",
                                       "a_very_long_name_that_goes_on_and_on_and_never_seems_to_come_to_an_end_at_all",
                                       "a_very_long_name_that_goes_on_and_on_and_never_seems_to_come_to_an_end_at_al" };
  (void)state;
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    for (size_t j = 0; j < sizeof names / sizeof names[0]; j++) {
      assert_int_equal(civ_name_distance(names[i], names[j]), civ_name_distance(names[j], names[i]));
      assert_int_equal(civ_name_distance(names[i], names[j]) == 0, i == j);
    }
}

static void the_nearest_wins_and_the_first_on_ties(void **state)
{
  static const char *const choices[] = { "round_robin", "random", "priority", NULL };
  static const char *const twins[] = { "rate_a", "rate_b", NULL };
  (void)state;
  assert_string_equal(civ_name_nearest("randon", choices), "random");
  assert_string_equal(civ_name_nearest("robin_round", choices), "round_robin");
  assert_null(civ_name_nearest("sequential", choices));
  assert_string_equal(civ_name_nearest("rate_c", twins), "rate_a");
}

static void words_are_whole(void **state)
{
  (void)state;
  assert_int_equal(civ_words_find("params.k params.k_neighbors", "params.k"), 0);
  assert_int_equal(civ_words_find("params.k params.k_neighbors", "params.k_neighbors"), 1);
  assert_int_equal(civ_words_find("params.k", "params"), -1);
  assert_int_equal(civ_words_find(NULL, "x"), -1);
  assert_int_equal(civ_words_find("", ""), -1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(distances_by_hand),
    cmocka_unit_test(distance_is_symmetric_and_long_names_are_safe),
    cmocka_unit_test(the_nearest_wins_and_the_first_on_ties),
    cmocka_unit_test(words_are_whole),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
