#include "../support/check.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "civitas/config.h"
#include "lab/run_folder.h"

static char base[64];

static int enter(void **state)
{
  (void)state;
  strcpy(base, "/tmp/civitas-folder-XXXXXX");
  return mkdtemp(base) == NULL || chdir(base) != 0;
}

static int leave(void **state)
{
  char command[128];
  (void)state;
  snprintf(command, sizeof command, "rm -rf %s", base);
  return chdir("/") != 0 || system(command) != 0;
}

static void touch(const char *path)
{
  assert_int_equal(civ_file_write(path, "x", 1, NULL), CIV_OK);
}

static void the_first_free_number(void **state)
{
  char *path = NULL;
  (void)state;
  for (int k = 1; k <= 3; k++) {
    char expected[32];
    snprintf(expected, sizeof expected, "runs/x-%d", k);
    assert_int_equal(civ_run_folder_make("runs", "x", &path, NULL), CIV_OK);
    assert_string_equal(path, expected);
    civ_free(path);
  }
  assert_int_equal(rmdir("runs/x-2"), 0);
  assert_int_equal(civ_run_folder_make("runs", "x", &path, NULL), CIV_OK);
  assert_string_equal(path, "runs/x-2");
  civ_free(path);
}

static void only_empty_folders_are_taken(void **state)
{
  civ_error err = { 0 };
  (void)state;
  assert_int_equal(civ_run_folder_take("new/deep", false, NULL), CIV_OK);
  assert_int_equal(civ_run_folder_take("new/deep", false, NULL), CIV_OK); /* still empty */
  touch("new/deep/events.jsonl");
  touch("new/deep/checkpoint-12.bin");
  touch("new/deep/.civitas-1-0.tmp");
  touch("new/deep/notes.txt");
  assert_int_equal(civ_run_folder_take("new/deep", false, &err), CIV_E_IO);
  assert_non_null(strstr(err.text, "--force"));
  assert_true(civ_file_exists("new/deep/events.jsonl"));
  assert_int_equal(civ_run_folder_take("new/deep", true, NULL), CIV_OK);
  assert_false(civ_file_exists("new/deep/events.jsonl"));
  assert_false(civ_file_exists("new/deep/checkpoint-12.bin"));
  assert_false(civ_file_exists("new/deep/.civitas-1-0.tmp"));
  assert_true(civ_file_exists("new/deep/notes.txt")); /* somebody else's */
  assert_int_equal(civ_run_folder_take("new/deep/notes.txt", false, &err), CIV_E_IO);
}

static void checkpoints_newest_first(void **state)
{
  static const char *const names[] = { "c/checkpoint-5.bin",  "c/checkpoint-40.bin",
                                       "c/checkpoint-12.bin", "c/checkpoint-x.bin",
                                       "c/checkpoint-.bin",   "c/checkpoint-7.txt",
                                       "c/checkpoint--3.bin", "c/other" };
  uint32_t epochs[2];
  (void)state;
  for (size_t k = 0; k < sizeof names / sizeof *names; k++)
    touch(names[k]);
  assert_int_equal(civ_run_folder_checkpoints("c", epochs, 2), 2);
  assert_int_equal(epochs[0], 40);
  assert_int_equal(epochs[1], 12);
  assert_int_equal(civ_run_folder_checkpoints("nowhere", epochs, 2), 0);
}

static void unfinished_files_are_swept(void **state)
{
  (void)state;
  touch("s/.civitas-77-0.tmp");
  touch("s/summary.json");
  civ_run_folder_sweep("s");
  civ_run_folder_sweep("nowhere");
  assert_false(civ_file_exists("s/.civitas-77-0.tmp"));
  assert_true(civ_file_exists("s/summary.json"));
}

static void paths(void **state)
{
  static const struct {
    const char *other, *expected;
  } cases[] = { { NULL, "runs/a-1/events.jsonl" },
                { "logs/mine.jsonl", "runs/a-1/logs/mine.jsonl" },
                { "/abs/x", "/abs/x" } };
  (void)state;
  for (size_t k = 0; k < 3; k++) {
    char *path = civ_run_folder_file("runs/a-1", CIV_FILE_EVENTS, cases[k].other);
    assert_string_equal(path, cases[k].expected);
    civ_free(path);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_first_free_number),
    cmocka_unit_test(only_empty_folders_are_taken),
    cmocka_unit_test(checkpoints_newest_first),
    cmocka_unit_test(unfinished_files_are_swept),
    cmocka_unit_test(paths),
  };
  return cmocka_run_group_tests(tests, enter, leave);
}
