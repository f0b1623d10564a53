/* When the system refuses: one clear error, and a log that still reads to its last whole line. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "record/log_writer.h"
#include "sample_run.h"

/* What fails, and when; set by each test before the log is made. */
static struct fault {
  int write_at;   /* number of the write call that fails, from 0; -1 = none */
  size_t accepts; /* bytes that call takes before the next one fails */
  size_t most;    /* every write takes at most so many bytes; 0 = all */
  int error;      /* of the failing call */
  bool no_sync, no_cut, no_open, interrupts;
  int writes;
} fault;

static int open_faulty(const char *path, int flags, mode_t mode)
{
  if (fault.no_open) {
    errno = EACCES;
    return -1;
  }
  return open(path, flags, mode);
}

static ssize_t write_faulty(int fd, const void *data, size_t length)
{
  const int number = fault.writes++;
  if (fault.interrupts && number % 2 == 0) {
    errno = EINTR;
    return -1;
  }
  if (fault.write_at >= 0 && number > fault.write_at) {
    errno = fault.error;
    return -1;
  }
  if (fault.write_at >= 0 && number == fault.write_at) {
    if (fault.accepts == 0) {
      errno = fault.error;
      return -1;
    }
    return write(fd, data, length < fault.accepts ? length : fault.accepts);
  }
  return write(fd, data, fault.most > 0 && fault.most < length ? fault.most : length);
}

static int sync_faulty(int fd)
{
  if (!fault.no_sync)
    return fsync(fd);
  errno = EIO;
  return -1;
}

static int cut_faulty(int fd, off_t length)
{
  if (!fault.no_cut)
    return ftruncate(fd, length);
  errno = EIO;
  return -1;
}

static const civ_log_system faulty = { open_faulty, write_faulty, pread, sync_faulty, cut_faulty, close };
static const sample_run run = { .seed = 8, .agents = 3, .epochs = 3, .steps = 2, .per_step = 2 };

/* Writes the run; *played = what the loop was told, the result = what close says. */
static civ_status write_run(const char *path, civ_log_options options, civ_status *played, civ_error *err)
{
  civ_log *log;
  civ_error in_run;
  fault.writes = 0;
  const civ_status st = civ_log_create_over(&faulty, path, &options, &log, err);
  assert_int_equal(st, CIV_OK);
  const civ_replay_target target = { civ_log_sink(log), log };
  *played = sample_run_play(&run, &target, 1, &in_run);
  const civ_status closed = civ_log_close(log, err);
  if (closed != CIV_OK && *played != CIV_OK)
    assert_string_equal(in_run.text, err->text);
  civ_log_destroy(log);
  return closed;
}

/* Reads strictly; the number of records. */
static uint64_t count_strictly(const char *path)
{
  civ_log_reader *reader;
  civ_log_record record;
  bool got = true;
  assert_int_equal(civ_log_open(path, true, &reader, NULL), CIV_OK);
  while (got)
    assert_int_equal(civ_log_next(reader, NULL, &record, &got, NULL), CIV_OK);
  const civ_log_counts counts = civ_log_reader_counts(reader);
  civ_log_reader_close(reader);
  return counts.records;
}

static void check_prefix(const char *path, const char *whole, size_t length)
{
  size_t have;
  char *text = test_read(path, &have);
  assert_non_null(text);
  assert_true(have <= length);
  assert_memory_equal(text, whole, have);
  assert_true(have == 0 || text[have - 1] == '\n');
  free(text);
}

static void a_full_disk_at_every_write(void **state)
{
  (void)state;
  size_t length;
  char *whole = sample_run_log(&run, CIV_DETAIL_STANDARD, &length);
  const char *path = test_path("full.jsonl");
  for (int d = CIV_DURABILITY_NONE; d <= CIV_DURABILITY_EVERY; d++) {
    uint64_t before = 0;
    for (int k = 0;; k++) {
      const size_t accepts = (size_t)k * 131 % 400;
      civ_error err;
      civ_status played;
      fault = (struct fault){ .write_at = k, .accepts = accepts, .error = ENOSPC };
      const civ_status st = write_run(path, (civ_log_options){ .durability = d, .replace = true }, &played, &err);
      if (st == CIV_OK) {
        assert_true(k > 0 && played == CIV_OK);
        break;
      }
      assert_int_equal(st, CIV_E_IO);
      assert_string_equal(err.where, path);
      assert_non_null(strstr(err.text, "No space left on device"));
      assert_true(d == CIV_DURABILITY_NONE || played == CIV_E_IO || k > 0);
      check_prefix(path, whole, length);
      const uint64_t records = count_strictly(path);
      assert_true(records >= before); /* what was acknowledged stays */
      if (d == CIV_DURABILITY_EVERY && accepts == 0)
        assert_int_equal(records, k);
      before = d == CIV_DURABILITY_EVERY ? (uint64_t)k : 0;
    }
  }
  free(whole);
}

static void a_compressed_log_on_a_full_disk(void **state)
{
  (void)state;
  size_t length;
  char *whole = sample_run_log(&run, CIV_DETAIL_STANDARD, &length);
  const char *path = test_path("full.jsonl.zst");
  for (int d = CIV_DURABILITY_EPOCH; d <= CIV_DURABILITY_EVERY; d++)
    for (int k = 0;; k++) {
      civ_error err;
      civ_status played;
      fault = (struct fault){ .write_at = k, .accepts = (size_t)k * 7 % 50, .error = ENOSPC };
      const civ_log_options options = { .durability = d, .replace = true, .compression = CIV_COMPRESSION_ZSTD };
      const civ_status st = write_run(path, options, &played, &err);
      const uint64_t records = count_strictly(path);
      if (st == CIV_OK)
        break;
      assert_int_equal(st, CIV_E_IO);
      if (d == CIV_DURABILITY_EVERY && fault.accepts == 0)
        assert_true(records + run.epochs >= (uint64_t)k); /* an epoch's end is a write of its own */
    }
  free(whole);
}

static void short_and_interrupted_writes_are_finished(void **state)
{
  (void)state;
  size_t length, have;
  char *whole = sample_run_log(&run, CIV_DETAIL_STANDARD, &length);
  const char *path = test_path("short.jsonl");
  civ_error err;
  civ_status played;
  fault = (struct fault){ .write_at = -1, .most = 7, .interrupts = true };
  assert_int_equal(write_run(path, (civ_log_options){ 0 }, &played, &err), CIV_OK);
  char *text = test_read(path, &have);
  assert_int_equal(have, length);
  assert_memory_equal(text, whole, length);
  free(text);
  free(whole);
}

static void other_refusals_are_named(void **state)
{
  (void)state;
  civ_error err;
  civ_status played;
  fault = (struct fault){ .write_at = -1, .no_sync = true };
  const civ_log_options each_epoch = { .durability = CIV_DURABILITY_EPOCH, .replace = true };
  assert_int_equal(write_run(test_path("sync.jsonl"), each_epoch, &played, &err), CIV_E_IO);
  assert_int_equal(played, CIV_E_IO);
  assert_string_equal(err.text, "cannot sync the event log: Input/output error");
  fault = (struct fault){ .write_at = -1, .no_open = true };
  assert_int_equal(write_run(test_path("open.jsonl"), each_epoch, &played, &err), CIV_E_IO);
  assert_string_equal(err.text, "cannot create the event log: Permission denied");
  fault = (struct fault){ .write_at = 0, .accepts = 10, .error = EIO, .no_cut = true };
  assert_int_equal(write_run(test_path("cut.jsonl"), each_epoch, &played, &err), CIV_E_IO);
  assert_non_null(strstr(err.text, "could not be cut back"));
}

static void a_device_without_room(void **state)
{
  (void)state;
  civ_error err;
  civ_status played;
  assert_int_equal(access("/dev/full", W_OK), 0); /* every Linux has it */
  fault = (struct fault){ .write_at = -1 };
  assert_int_equal(write_run("/dev/full", (civ_log_options){ 0 }, &played, &err), CIV_E_IO);
  assert_non_null(strstr(err.text, "No space left on device"));
}

static void places_that_cannot_be_written(void **state)
{
  (void)state;
  civ_log *log;
  civ_error err;
  const civ_log_options options = { .detail = CIV_DETAIL_STANDARD };
  assert_int_equal(civ_log_create("/proc/nowhere/events.jsonl", &options, &log, &err), CIV_E_IO);
  assert_non_null(strstr(err.where, "/proc/nowhere"));
  test_write(test_path("file"), "x", 1);
  assert_int_equal(civ_log_create(test_path("file/events.jsonl"), &options, &log, &err), CIV_E_IO);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_full_disk_at_every_write),
    cmocka_unit_test(a_compressed_log_on_a_full_disk),
    cmocka_unit_test(short_and_interrupted_writes_are_finished),
    cmocka_unit_test(other_refusals_are_named),
    cmocka_unit_test(a_device_without_room),
    cmocka_unit_test(places_that_cannot_be_written),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
