#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

static char root[64];

static const char *at(const char *name)
{
  static char paths[4][256];
  static int turn;
  char *path = paths[turn++ % 4];
  snprintf(path, sizeof paths[0], "%s/%s", root, name);
  return path;
}

static int make_root(void **state)
{
  (void)state;
  strcpy(root, "/tmp/civitas-file-XXXXXX");
  return mkdtemp(root) == NULL;
}

static void remove_tree(const char *path)
{
  DIR *folder = opendir(path);
  for (struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;) {
    char inner[512];
    snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name);
    if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
      remove_tree(inner);
      remove(inner);
    }
  }
  if (folder != NULL)
    closedir(folder);
}

static int remove_root(void **state)
{
  (void)state;
  remove_tree(root);
  return rmdir(root);
}

static size_t entries_of(const char *path)
{
  size_t n = 0;
  DIR *folder = opendir(path);
  while (readdir(folder) != NULL)
    n++;
  closedir(folder);
  return n - 2;
}

static void assert_holds(const char *path, const char *text)
{
  char *data = NULL;
  size_t length = 0;
  assert_int_equal(civ_file_read(path, 1000, &data, &length, NULL), CIV_OK);
  assert_int_equal(length, strlen(text));
  assert_string_equal(data, text); /* terminated beyond the length */
  free(data);
}

static void written_files_read_back(void **state)
{
  (void)state;
  civ_error err;
  assert_int_equal(civ_file_write(at("a/b/c.txt"), "hello", 5, &err), CIV_OK);
  assert_holds(at("a/b/c.txt"), "hello");
  assert_int_equal(civ_file_write(at("a/b/c.txt"), "", 0, &err), CIV_OK);
  assert_holds(at("a/b/c.txt"), "");
  assert_int_equal(civ_file_write_unsynced(at("a/b/c.txt"), "again", 5, &err), CIV_OK);
  assert_holds(at("a/b/c.txt"), "again");
  assert_int_equal(entries_of(at("a/b")), 1); /* nothing left beside it */
  assert_true(civ_file_exists(at("a/b/c.txt")));
  assert_false(civ_file_exists(at("a/b/d.txt")));
}

static void large_files_read_back(void **state)
{
  (void)state;
  const size_t size = 3 << 20;
  char *data = malloc(size), *back = NULL;
  for (size_t i = 0; i < size; i++)
    data[i] = (char)(i * 2654435761u >> 13);
  size_t length = 0;
  assert_int_equal(civ_file_write(at("large"), data, size, NULL), CIV_OK);
  assert_int_equal(civ_file_read(at("large"), size, &back, &length, NULL), CIV_OK);
  assert_int_equal(length, size);
  assert_memory_equal(data, back, size);
  free(back);
  civ_error err;
  assert_int_equal(civ_file_read(at("large"), size - 1, &back, &length, &err), CIV_E_LIMIT);
  assert_non_null(strstr(err.text, "is larger than 3145727 bytes"));
  free(data);
}

static void files_without_a_size_are_read_too(void **state)
{
  (void)state;
  char *data = NULL;
  size_t length = 0;
  assert_int_equal(civ_file_read("/proc/self/status", 1 << 20, &data, &length, NULL), CIV_OK);
  assert_true(length > 100);
  free(data);
  civ_error err;
  assert_int_equal(civ_file_read("/dev/zero", 10000, &data, &length, &err), CIV_E_LIMIT);
}

static void errors_name_the_path_and_the_reason(void **state)
{
  (void)state;
  civ_error err;
  char *data = NULL, expected[300];
  size_t length = 0;
  assert_int_equal(civ_file_read(at("none"), 100, &data, &length, &err), CIV_E_IO);
  snprintf(expected, sizeof expected, "cannot read '%s': No such file or directory", at("none"));
  assert_string_equal(err.text, expected);
  assert_int_equal(civ_file_read(root, 100, &data, &length, &err), CIV_E_IO);
  assert_non_null(strstr(err.text, "Is a directory"));
  assert_int_equal(civ_file_write(root, "x", 1, &err), CIV_E_IO);
  assert_non_null(strstr(err.text, "Is a directory"));
  assert_int_equal(civ_file_write(at("plain"), "x", 1, NULL), CIV_OK);
  assert_int_equal(civ_file_write(at("plain/under"), "x", 1, &err), CIV_E_IO);
  snprintf(expected, sizeof expected, "cannot make folder '%s': Not a directory", at("plain"));
  assert_string_equal(err.text, expected);
  assert_null(data);
}

static void a_full_disk_leaves_the_old_file(void **state)
{
  (void)state;
  assert_int_equal(civ_file_write(at("kept/file"), "old", 3, NULL), CIV_OK);
  struct rlimit before, small = { .rlim_cur = 10, .rlim_max = RLIM_INFINITY };
  getrlimit(RLIMIT_FSIZE, &before);
  small.rlim_max = before.rlim_max;
  signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &small);
  civ_error err;
  const civ_status status = civ_file_write(at("kept/file"), "longer than ten bytes", 21, &err);
  setrlimit(RLIMIT_FSIZE, &before);
  assert_int_equal(status, CIV_E_IO);
  char expected[300];
  snprintf(expected, sizeof expected, "cannot write '%s': File too large", at("kept/file"));
  assert_string_equal(err.text, expected);
  assert_holds(at("kept/file"), "old");
  assert_int_equal(entries_of(at("kept")), 1);
}

static void devices_are_written_in_place(void **state)
{
  (void)state;
  civ_error err;
  assert_int_equal(civ_file_write("/dev/null", "x", 1, &err), CIV_OK);
  struct stat info;
  assert_int_equal(stat("/dev/null", &info), 0);
  assert_true(S_ISCHR(info.st_mode));
  assert_int_equal(civ_file_write("/dev/full", "x", 1, &err), CIV_E_IO);
  assert_string_equal(err.text, "cannot write '/dev/full': No space left on device");
}

static void links_and_modes_stay(void **state)
{
  (void)state;
  assert_int_equal(civ_file_write(at("target"), "1", 1, NULL), CIV_OK);
  assert_int_equal(chmod(at("target"), 0600), 0);
  assert_int_equal(symlink("target", at("link")), 0);
  assert_int_equal(civ_file_write(at("link"), "2", 1, NULL), CIV_OK);
  assert_holds(at("target"), "2");
  struct stat info;
  assert_int_equal(lstat(at("link"), &info), 0);
  assert_true(S_ISLNK(info.st_mode));
  assert_int_equal(stat(at("target"), &info), 0);
  assert_int_equal(info.st_mode & 0777, 0600);
}

static void folders_are_made_once_and_again(void **state)
{
  (void)state;
  civ_error err;
  char relative[300];
  assert_int_equal(civ_file_make_folder(at("x//y/z/"), &err), CIV_OK);
  assert_int_equal(civ_file_make_folder(at("x/y/z"), &err), CIV_OK);
  assert_true(civ_file_exists(at("x/y/z")));
  assert_int_equal(civ_file_make_parents("alone", &err), CIV_OK);
  assert_int_equal(civ_file_make_parents("/alone", &err), CIV_OK);
  assert_int_equal(civ_file_make_folder("/", &err), CIV_OK);
  assert_non_null(getcwd(relative, sizeof relative));
  assert_int_equal(chdir(root), 0);
  assert_int_equal(civ_file_write("here.txt", "x", 1, &err), CIV_OK);
  assert_int_equal(civ_file_write("sub/here.txt", "x", 1, &err), CIV_OK);
  assert_int_equal(chdir(relative), 0);
  assert_holds(at("sub/here.txt"), "x");
}

static civ_file_stream *open_stream(const char *path)
{
  civ_file_stream *s = NULL;
  assert_int_equal(civ_file_stream_open(path, &s, NULL), CIV_OK);
  return s;
}

static void streams_appear_when_they_are_whole(void **state)
{
  (void)state;
  assert_int_equal(civ_file_write(at("stream/file"), "old", 3, NULL), CIV_OK);
  civ_file_stream *s = open_stream(at("stream/file"));
  assert_true(civ_file_stream_write(s, "ne", 2) && civ_file_stream_write(s, "", 0) && civ_file_stream_write(s, "w", 1));
  assert_holds(at("stream/file"), "old");
  assert_int_equal(civ_file_stream_close(s, true, NULL), CIV_OK);
  assert_holds(at("stream/file"), "new");
  s = open_stream(at("stream/file"));
  assert_true(civ_file_stream_write(s, "given up", 8));
  assert_int_equal(civ_file_stream_close(s, false, NULL), CIV_OK);
  assert_holds(at("stream/file"), "new");
  s = open_stream(at("stream/deep/other"));
  assert_int_equal(civ_file_stream_close(s, true, NULL), CIV_OK);
  assert_holds(at("stream/deep/other"), "");
  assert_int_equal(entries_of(at("stream")), 2);
}

static void broken_streams_leave_the_old_file(void **state)
{
  (void)state;
  civ_error err;
  civ_file_stream *s = open_stream("/dev/full");
  assert_false(civ_file_stream_write(s, "x", 1));
  assert_false(civ_file_stream_write(s, "y", 1));
  assert_int_equal(civ_file_stream_close(s, true, &err), CIV_E_IO);
  assert_string_equal(err.text, "cannot write '/dev/full': No space left on device");
  assert_int_equal(civ_file_stream_open(root, &s, &err), CIV_E_IO);
  assert_non_null(strstr(err.text, "Is a directory"));
  assert_int_equal(civ_file_write(at("broken/file"), "old", 3, NULL), CIV_OK);
  s = open_stream(at("broken/file"));
  struct rlimit before, small = { .rlim_cur = 10 };
  getrlimit(RLIMIT_FSIZE, &before);
  small.rlim_max = before.rlim_max;
  signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &small);
  assert_false(civ_file_stream_write(s, "longer than ten bytes", 21));
  setrlimit(RLIMIT_FSIZE, &before);
  assert_int_equal(civ_file_stream_close(s, true, &err), CIV_E_IO);
  assert_holds(at("broken/file"), "old");
  assert_int_equal(entries_of(at("broken")), 1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(written_files_read_back),
    cmocka_unit_test(large_files_read_back),
    cmocka_unit_test(files_without_a_size_are_read_too),
    cmocka_unit_test(errors_name_the_path_and_the_reason),
    cmocka_unit_test(a_full_disk_leaves_the_old_file),
    cmocka_unit_test(devices_are_written_in_place),
    cmocka_unit_test(links_and_modes_stay),
    cmocka_unit_test(folders_are_made_once_and_again),
    cmocka_unit_test(streams_appear_when_they_are_whole),
    cmocka_unit_test(broken_streams_leave_the_old_file),
  };
  return cmocka_run_group_tests(tests, make_root, remove_root);
}
