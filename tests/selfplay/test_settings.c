/* Sections of self-play read from files, objects and the command line: defaults stay, problems have places. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "selfplay/detect.h"
#include "selfplay/polity.h"
#include "selfplay/settings.h"
#include "selfplay/tournament_config.h"

static civ_arena arena;

static int begin(void **state)
{
  (void)state;
  arena = civ_arena_create(NULL);
  return 0;
}

static int end(void **state)
{
  (void)state;
  civ_arena_destroy(&arena);
  return 0;
}

static civ_detect_config defaults(void)
{
  civ_detect_config config;
  assert_int_equal(civ_section_set_defaults(&civ_section_detectors, &config, &arena), CIV_OK);
  return config;
}

static civ_status load(const char *text, civ_detect_config *out, civ_error *err)
{
  char path[] = "/tmp/civitas-settings-XXXXXX";
  const int file = mkstemp(path);
  assert_true(file >= 0);
  assert_int_equal(write(file, text, strlen(text)), (ssize_t)strlen(text));
  close(file);
  const civ_status status = civ_section_load(&civ_section_detectors, out, path, &arena, err);
  unlink(path);
  return status;
}

static void files_change_what_they_name(void **state)
{
  (void)state;
  const civ_detect_config usual = defaults();
  civ_detect_config config = usual;
  civ_error err;
  assert_int_equal(load("drain_share: 0.4\nsalami_payments: 9\n", &config, &err), CIV_OK);
  assert_true(config.drain_share == 0.4 && config.salami_payments == 9 && config.breach_share == usual.breach_share);
  assert_int_equal(load("detectors:\n  drain_share: 0.5\n", &config, &err), CIV_OK);
  assert_true(config.drain_share == 0.5 && config.salami_payments == 9);
  config = usual;
  assert_int_equal(load("# nothing\n", &config, &err), CIV_OK);
  assert_memory_equal(&config, &usual, sizeof config);
}

static void problems_have_places(void **state)
{
  (void)state;
  static const struct {
    const char *text, *place, *said;
  } cases[] = {
    { "drain_share: 0.4\nsalami_payment: 3\n", ":2:1", "did you mean salami_payments?" },
    { "\ndrain_share: much\n", ":2:14", "drain_share: " },
    { "drain_share: 3\n", ":1:14", "drain_share: " },
    { "salami_payments: 2.5\n", ":1:18", "salami_payments: " },
    { "- drain_share\n", ":1:1", "a mapping such as" },
    { "drain_share: 0.4\ndrain_share: 0.5\n", ":2:1", "" },
    { "drain_share: [\n", ":", "" },
  };
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    civ_detect_config config = defaults();
    civ_error err = { 0 };
    assert_int_not_equal(load(cases[k].text, &config, &err), CIV_OK);
    if (strstr(err.where, cases[k].place) == NULL || strstr(err.text, cases[k].said) == NULL)
      fail_msg("case %zu says '%s: %s'", k, err.where, err.text);
  }
}

static void the_command_line_sets_one(void **state)
{
  (void)state;
  civ_polity_config config;
  civ_error err;
  assert_int_equal(civ_section_set_defaults(&civ_section_polity, &config, &arena), CIV_OK);
  assert_int_equal(civ_section_read_text(&civ_section_polity, &config, "tax=0.3", &arena, &err), CIV_OK);
  assert_true(config.tax == 0.3);
  assert_int_equal(civ_section_read_text(&civ_section_polity, &config, "public_turns=12", &arena, &err), CIV_OK);
  assert_int_equal(config.public_turns, 12);
  assert_int_equal(civ_section_read_text(&civ_section_polity, &config, "tax", &arena, &err), CIV_E_SYNTAX);
  assert_int_equal(civ_section_read_text(&civ_section_polity, &config, "=1", &arena, &err), CIV_E_SYNTAX);
  assert_int_equal(civ_section_read_text(&civ_section_polity, &config, "tacks=1", &arena, &err), CIV_E_KEY);
  assert_non_null(strstr(err.text, "there is no such setting"));
  assert_int_equal(civ_section_read_text(&civ_section_polity, &config, "tax=2", &arena, &err), CIV_E_RANGE);
  assert_true(config.tax == 0.3);
}

static void objects_read_back(void **state)
{
  (void)state;
  civ_detect_config config = defaults(), again = defaults();
  civ_error err;
  config.flooding_drop = 0.123;
  config.abuse_votes = 17;
  json_t *object = civ_section_json(&civ_section_detectors, &config);
  assert_int_equal(json_object_size(object), civ_section_detectors.n_fields);
  assert_int_equal(civ_section_read_json(&civ_section_detectors, &again, object, "x", &arena, &err), CIV_OK);
  for (uint32_t k = 0; k < civ_section_detectors.n_fields; k++)
    assert_true(civ_field_equal(&civ_section_detectors.fields[k], &config, &again));
  json_object_set_new(object, "abuse_votes", json_string("many"));
  assert_int_equal(civ_section_read_json(&civ_section_detectors, &again, object, "x", &arena, &err), CIV_E_TYPE);
  assert_string_equal(err.where, "x.abuse_votes");
  json_decref(object);
  assert_int_equal(civ_section_read_json(&civ_section_detectors, &again, NULL, "x", &arena, &err), CIV_OK);
}

/* --- whole tournaments ------------------------------------------------------------------------------------------------------ */

static civ_status load_tournament(const char *text, civ_tournament_config *out, civ_error *err)
{
  char path[] = "/tmp/civitas-settings-XXXXXX";
  const int file = mkstemp(path);
  assert_true(file >= 0);
  assert_int_equal(write(file, text, strlen(text)), (ssize_t)strlen(text));
  close(file);
  const civ_status status = civ_tournament_config_load(path, &arena, out, err);
  unlink(path);
  return status;
}

static void a_tournament_stands_in_a_file(void **state)
{
  (void)state;
  civ_tournament_config config;
  civ_error err;
  assert_int_equal(load_tournament("kernel: hardened\nseeds: 5\nn_turns: 10\n"
                                   "matchups:\n  drain:\n  siege: {honest: 3, suppressors: 2}\n"
                                   "polity: {tax: 0.5}\ndetectors: {drain_share: 0.75}\n",
                                   &config, &err),
                   CIV_OK);
  assert_string_equal(config.tournament.kernel, "hardened");
  assert_string_equal(config.tournament.seeds, "5");
  assert_true(config.given_seeds);
  assert_int_equal(config.tournament.n_turns, 10);
  assert_true(config.tournament.initial_treasury == 1000 && config.tournament.exploit_id_start == 1);
  assert_null(config.tournament.out_dir);
  assert_int_equal(config.n_matchups, 2);
  assert_int_equal(config.matchups[0].composition.count[1], 2);
  assert_string_equal(config.matchups[1].name, "siege");
  assert_int_equal(config.matchups[1].composition.count[3], 2);
  assert_true(config.polity.tax == 0.5 && config.detect.drain_share == 0.75);
  assert_int_equal(load_tournament("kernel: law/mine.yaml\n", &config, &err), CIV_OK);
  assert_string_equal(config.tournament.kernel, "/tmp/law/mine.yaml");
  assert_int_equal(load_tournament("kernel: /law/mine.yaml\n", &config, &err), CIV_OK);
  assert_string_equal(config.tournament.kernel, "/law/mine.yaml");
  assert_int_equal(load_tournament("", &config, &err), CIV_OK);
  assert_false(config.given_seeds);
  assert_int_equal(config.n_matchups, 0);
}

/* On failure nothing changes. */
static void a_bad_tournament_changes_nothing(void **state)
{
  (void)state;
  static const char *const texts[] = { "seeds: [1]\n",
                                       "matchups: {}\n",
                                       "matchups: {x: {honest: 99}}\n",
                                       "polity: 3\n",
                                       "detectors: {drain_share: 2}\n",
                                       "exploit_id_start: -1\n",
                                       "3\n",
                                       "a: b: c\n" };
  for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
    civ_tournament_config config = { .n_matchups = 4711 };
    civ_error err = { 0 };
    assert_int_not_equal(load_tournament(texts[k], &config, &err), CIV_OK);
    assert_int_equal(config.n_matchups, 4711);
    if (strstr(err.where, ":1:") == NULL)
      fail_msg("'%s' says '%s: %s'", texts[k], err.where, err.text);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(files_change_what_they_name),   cmocka_unit_test(problems_have_places),
    cmocka_unit_test(the_command_line_sets_one),     cmocka_unit_test(objects_read_back),
    cmocka_unit_test(a_tournament_stands_in_a_file), cmocka_unit_test(a_bad_tournament_changes_nothing),
  };
  return cmocka_run_group_tests(tests, begin, end);
}
