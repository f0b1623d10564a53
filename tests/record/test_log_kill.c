/* Killed at any moment under durability `every`: no acknowledged record is lost, and the resumed log is the whole one. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "sample_run.h"

static const sample_run run = { .seed = 12, .agents = 6, .epochs = 2, .steps = 12, .per_step = 12 };
static atomic_uint *acknowledged; /* shared with the child */

static void acknowledge(void *self, const civ_event *event)
{
  (void)self, (void)event;
  atomic_fetch_add(acknowledged, 1);
}

static const civ_sink acknowledging = {
  .version = CIV_PART_VERSION, .name = "acknowledge", .wants_events = true, .event = acknowledge
};

static civ_status write_run(const char *path, civ_log_options options, civ_error *err)
{
  civ_log *log;
  civ_status st = civ_log_create(path, &options, &log, err);
  if (st != CIV_OK)
    return st;
  const civ_replay_target targets[] = { { civ_log_sink(log), log }, { &acknowledging, NULL } };
  (void)sample_run_play(&run, targets, 2, NULL);
  st = civ_log_close(log, err);
  civ_log_destroy(log);
  return st;
}

static double write_once(const char *path, civ_log_options options)
{
  struct timespec from, to;
  clock_gettime(CLOCK_MONOTONIC, &from);
  assert_int_equal(write_run(path, options, NULL), CIV_OK);
  clock_gettime(CLOCK_MONOTONIC, &to);
  return (double)(to.tv_sec - from.tv_sec) * 1e9 + (double)(to.tv_nsec - from.tv_nsec);
}

static void kill_after(const char *path, civ_log_options options, double ns)
{
  const struct timespec wait = { (time_t)(ns / 1e9), (long)ns % 1000000000 };
  atomic_store(acknowledged, 0);
  const pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0)
    _exit(write_run(path, options, NULL) == CIV_OK ? 0 : 1);
  nanosleep(&wait, NULL);
  kill(child, SIGKILL);
  int status;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
}

static uint64_t count_records(const char *path)
{
  civ_log_reader *reader;
  civ_log_record record;
  bool got = true;
  if (access(path, F_OK) != 0)
    return 0;
  assert_int_equal(civ_log_open(path, true, &reader, NULL), CIV_OK);
  while (got)
    assert_int_equal(civ_log_next(reader, NULL, &record, &got, NULL), CIV_OK);
  const civ_log_counts counts = civ_log_reader_counts(reader);
  civ_log_reader_close(reader);
  return counts.records;
}

static void kill_and_resume(int32_t compression, const char *name, int times)
{
  const char *path = test_path(name);
  civ_log_options options = { .durability = CIV_DURABILITY_EVERY, .compression = compression, .replace = true };
  size_t length, again;
  const double whole_ns = write_once(path, options);
  char *whole = test_read(path, &length);
  uint64_t dice = 7;
  for (int k = 0; k < times; k++) {
    uint64_t dropped;
    civ_error err = { 0 };
    unlink(path);
    options.resume = false;
    dice = dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    kill_after(path, options, whole_ns * 1.2 * (double)(dice >> 11) * 0x1p-53);
    const unsigned told = atomic_load(acknowledged);
    assert_true(count_records(path) >= told);
    if (access(path, F_OK) == 0) {
      assert_int_equal(civ_log_recover(path, &dropped, &err), CIV_OK);
      assert_true(count_records(path) >= told);
      options.resume = true;
    }
    if (write_run(path, options, &err) != CIV_OK)
      fail_msg("%s: %s", err.where, err.text);
    char *resumed = test_read(path, &again);
    assert_int_equal(again, length);
    assert_memory_equal(resumed, whole, length);
    free(resumed);
  }
  free(whole);
}

static void no_acknowledged_record_is_lost(void **state)
{
  (void)state;
  kill_and_resume(CIV_COMPRESSION_NONE, "kill.jsonl", 200);
}

static void nor_of_a_compressed_log(void **state)
{
  (void)state;
  kill_and_resume(CIV_COMPRESSION_ZSTD, "kill.jsonl.zst", 50);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(no_acknowledged_record_is_lost),
    cmocka_unit_test(nor_of_a_compressed_log),
  };
  acknowledged = mmap(NULL, sizeof *acknowledged, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (acknowledged == MAP_FAILED)
    return 1;
  return cmocka_run_group_tests(tests, NULL, NULL);
}
