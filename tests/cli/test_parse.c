/* Arguments by option table, and tables that fit the screen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "civitas/draws.h"
#include "cli/cli.h"
#include "cli/table.h"

typedef struct values {
  bool flag, other;
  const char *text;
  civ_texts many;
  civ_opt_integer count;
  civ_opt_real share;
  int32_t choice;
} values;

static const char *const words[] = { "red", "green", "blue", NULL };
static const civ_option options[] = {
  CIV_OPTION_FLAG_(values, flag, 'f', "flag", "a flag"),
  CIV_OPTION_FLAG_(values, other, 'g', "another-flag", "another"),
  CIV_OPTION_TEXT_(values, text, 't', "text", "TEXT", "a text"),
  CIV_OPTION_TEXTS_(values, many, 'm', "many", "TEXT", "texts"),
  CIV_OPTION_INTEGER_(values, count, 'n', "count", "N", 1, 10, "a count"),
  CIV_OPTION_REAL_(values, share, 's', "share", "X", "a number"),
  CIV_OPTION_CHOICE_(values, choice, 'c', "colour", words, "a colour"),
  { 0 },
};
static const civ_command command = {
  .name = "test", .summary = "a test", .arguments = "A [B]", .least = 1, .most = 2, .options = options
};

enum { MOST = 32 };

/* Parses words separated by blanks; -1 = read, else the exit code. What is complained goes to `said`. */
static char said[4096];
static int parse(const char *line, values *v, int *argc, char **argv)
{
  static char text[1024];
  int code = -1;
  snprintf(text, sizeof text, "test %s", line);
  *argc = 0;
  for (char *word = strtok(text, " "); word != NULL; word = strtok(NULL, " "))
    argv[(*argc)++] = word;
  fflush(stdout);
  fflush(stderr);
  FILE *caught = tmpfile();
  const int out = dup(1), err = dup(2);
  dup2(fileno(caught), 1);
  dup2(fileno(caught), 2);
  if (civ_cli_parse(&command, argc, argv, v, &code))
    code = -1;
  fflush(stdout);
  fflush(stderr);
  dup2(out, 1);
  dup2(err, 2);
  close(out);
  close(err);
  rewind(caught);
  said[fread(said, 1, sizeof said - 1, caught)] = '\0';
  fclose(caught);
  return code;
}

static void every_form_means_the_same(void **state)
{
  static const char *const lines[] = {
    "--flag --text x --many a --many b --count 7 --share 0.5 --colour blue p q",
    "p --flag q --text=x --many=a --many=b --count=7 --share=5e-1 --colour=blue",
    "-f -t x -m a -m b -n 7 -s 0.5 -c blue -- p q",
    "-ftx -ma -mb -n7 -s0.5 -cblue p q",
  };
  (void)state;
  for (size_t k = 0; k < sizeof lines / sizeof *lines; k++) {
    values v = { .choice = -1 };
    char *argv[MOST];
    int argc;
    assert_int_equal(parse(lines[k], &v, &argc, argv), -1);
    assert_true(v.flag && !v.other);
    assert_string_equal(v.text, "x");
    assert_int_equal(v.many.n, 2);
    assert_string_equal(v.many.items[1], "b");
    assert_true(v.count.set && v.count.value == 7 && v.share.set && v.share.value == .5);
    assert_int_equal(v.choice, 2);
    assert_int_equal(argc, 3);
    assert_string_equal(argv[1], "p");
    assert_string_equal(argv[2], "q");
    civ_texts_free(&v.many);
  }
}

static void what_is_not_given_stays(void **state)
{
  values v = { .text = "before", .choice = 1, .count = { .value = 4 } };
  char *argv[MOST];
  int argc;
  (void)state;
  assert_int_equal(parse("-fg -", &v, &argc, argv), -1);
  assert_true(v.flag && v.other && !v.count.set && v.count.value == 4 && v.choice == 1);
  assert_string_equal(v.text, "before");
  assert_string_equal(argv[1], "-");
  assert_int_equal(parse("-- --flag", &v, &argc, argv), -1);
  assert_string_equal(argv[1], "--flag");
}

static void misuse_is_told(void **state)
{
  static const struct {
    const char *line, *said;
  } cases[] = {
    { "", "missing argument: civitas test A [B]" },
    { "a b c", "unexpected argument 'c' after A [B]" },
    { "a --flga", "unknown option --flga; did you mean --flag?" },
    { "a --anoth", "unknown option --anoth; did you mean --another-flag?" },
    { "a --zzzzzzzz", "unknown option --zzzzzzzz\n" },
    { "a -x", "unknown option -x" },
    { "a -fx", "unknown option -x" },
    { "a --flag=1", "--flag takes no value" },
    { "a --text", "--text needs a value: --text TEXT" },
    { "a -t", "--text needs a value" },
    { "a --count 11", "--count 11 is outside [1, 10]" },
    { "a --count 0", "--count 0 is outside [1, 10]" },
    { "a --count 1.5", "--count takes a whole number, not '1.5'" },
    { "a --count 99999999999999999999", "whole number" },
    { "a --share nan", "--share takes a number, not 'nan'" },
    { "a --colour gren", "--colour 'gren' is not known; did you mean 'green'?" },
    { "a --colour x", "--colour 'x' is not known; there are red, green" },
    { "a --many x --many y --nothing", "unknown option --nothing" }, /* and the texts are freed */
  };
  (void)state;
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    values v = { 0 };
    char *argv[MOST];
    int argc;
    assert_int_equal(parse(cases[k].line, &v, &argc, argv), CIV_EXIT_MISUSED);
    if (strstr(said, cases[k].said) == NULL)
      fail_msg("'%s' says: %s", cases[k].line, said);
    assert_non_null(strstr(said, "Try 'civitas test --help'."));
    assert_int_equal(v.many.n, 0);
  }
}

static void help_is_an_answer(void **state)
{
  static const char *const lines[] = { "--help", "-h", "a b c d --help", "-fh" };
  (void)state;
  for (size_t k = 0; k < sizeof lines / sizeof *lines; k++) {
    values v = { 0 };
    char *argv[MOST];
    int argc;
    const bool counted = k != 2; /* the count of arguments is looked at last */
    assert_int_equal(parse(lines[k], &v, &argc, argv), CIV_EXIT_DONE);
    assert_true(!counted || strstr(said, "--another-flag") != NULL);
    assert_non_null(strstr(said, "one of: red green blue"));
    assert_non_null(strstr(said, "civitas test A [B] [options]"));
  }
}

/* Any words: the parser reads or refuses, keeps its counts, and leaks nothing (the sanitizers look). */
static void any_words(void **state)
{
  static const char *const pieces[] = { "--flag", "--text", "--many=x", "-m", "y",           "--count",
                                        "3",      "-n99",   "--",       "-",  "---",         "--=",
                                        "-fg",    "-t",     "--share",  "1e", "--colour=red" };
  const civ_draw_key key = { .purpose = CIV_PURPOSE_FUZZ, .entity = 31 };
  civ_draws draws = civ_draws_open(7, &key);
  (void)state;
  for (int round = 0; round < 2000; round++) {
    char line[512] = "";
    values v = { 0 };
    char *argv[MOST];
    int argc;
    for (uint32_t n = civ_draw_index(&draws, 8); n > 0; n--) {
      strcat(line, " ");
      strcat(line, pieces[civ_draw_index(&draws, sizeof pieces / sizeof *pieces)]);
    }
    const int code = parse(line, &v, &argc, argv);
    assert_true(code == -1 || code == CIV_EXIT_MISUSED);
    assert_true(code != -1 || (argc >= 2 && argc <= 3));
    civ_texts_free(&v.many);
  }
}

/* --- tables ------------------------------------------------------------------------------------------------------------- */

static char *printed(int width)
{
  static const civ_table_column columns[] = {
    { "name", false, 0 }, { "value", true, 0 }, { "note", false, 2 }, { "more", true, 1 }
  };
  char *text = NULL;
  size_t length = 0;
  FILE *out = open_memstream(&text, &length);
  civ_table *t = civ_table_create(columns, 4);
  civ_table_text(t, "first");
  civ_table_real(t, 1.5, 2);
  civ_table_text(t, "\xc3\xa4\xc3\xb6");
  civ_table_integer(t, -12345);
  civ_table_text(t, "x");
  civ_table_real(t, NAN, 2);
  civ_table_text(t, "");
  civ_table_integer(t, 7);
  assert_true(civ_table_print(t, out, 1, width));
  civ_table_destroy(t);
  fclose(out);
  return text;
}

static void columns_are_aligned(void **state)
{
  char *text = printed(0);
  (void)state;
  assert_string_equal(text, " name   value  note    more\n"
                            " first   1.50  \xc3\xa4\xc3\xb6    -12345\n"
                            " x          -             7\n");
  free(text);
}

/* Wide characters take two columns; nothing but the end of the line follows the last thing in it. */
static void wide_characters_and_line_ends(void **state)
{
  static const civ_table_column columns[] = {
    { "name", false, 0 }, { "n", true, 0 }, { "", false, 0 }, { "p", true, 0 }
  };
  char *text = NULL;
  size_t length = 0;
  FILE *out = open_memstream(&text, &length);
  civ_table *t = civ_table_create(columns, 4);
  (void)state;
  for (int k = 0; k < 2; k++) {
    civ_table_text(t, k == 0 ? "\xE6\xBC\xA2\xE5\xAD\x97" : "abcde");
    civ_table_integer(t, 10 * k);
    civ_table_text(t, k == 0 ? "*" : "");
    civ_table_text(t, k == 0 ? "12" : "");
  }
  assert_true(civ_table_print(t, out, 0, 0));
  civ_table_destroy(t);
  fclose(out);
  assert_string_equal(text, "name    n      p\n"
                            "\xE6\xBC\xA2\xE5\xAD\x97    0  *  12\n"
                            "abcde  10\n");
  free(text);
}

static void narrow_screens_show_less(void **state)
{
  static const struct {
    int width;
    const char *text;
  } cases[] = {
    { 27, " name   value  note    more\n first   1.50  \xc3\xa4\xc3\xb6    -12345\n x          -             7\n" },
    { 26, " name   value    more\n first   1.50  -12345\n x          -       7\n" },
    { 20, " name   value\n first   1.50\n x          -\n" },
    { 5, " name   value\n first   1.50\n x          -\n" }, /* these never go */
  };
  (void)state;
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    char *text = printed(cases[k].width);
    assert_string_equal(text, cases[k].text);
    free(text);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_form_means_the_same),
    cmocka_unit_test(what_is_not_given_stays),
    cmocka_unit_test(misuse_is_told),
    cmocka_unit_test(help_is_an_answer),
    cmocka_unit_test(any_words),
    cmocka_unit_test(columns_are_aligned),
    cmocka_unit_test(wide_characters_and_line_ends),
    cmocka_unit_test(narrow_screens_show_less),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
