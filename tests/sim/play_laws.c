/* What holds for every run, whatever was loaded. */
#include <stdlib.h>
#include <string.h>

#include "play.h"
#include "sim/run_state.h"
#include "support/failing_allocator.h"

void play_same_on_threads(play *p)
{
  civ_buffer one = { 0 };
  const uint64_t digest = play_text(p, NULL, &one);
  for (uint32_t threads = 2; threads < 5; threads++) {
    civ_buffer more = { 0 };
    const civ_run_options options = { .threads = threads };
    assert_true(play_text(p, &options, &more) == digest);
    assert_int_equal(more.length, one.length);
    assert_memory_equal(more.data, one.data, one.length);
    civ_buffer_free(&more);
  }
  civ_buffer_free(&one);
}

char *play_reports(const play *p)
{
  civ_bytes bytes = { 0 };
  assert_int_equal(civ_run_report(p->run, &bytes, NULL), CIV_OK);
  char *text = calloc(bytes.length + 1, 1);
  memcpy(text, bytes.data, bytes.length);
  civ_bytes_free(&bytes);
  return text;
}

void play_resumes_anywhere(play *p, uint32_t epochs)
{
  play_start(p, NULL);
  play_all(p);
  const uint64_t digest = civ_run_digest(p->run);
  char *straight = play_reports(p);
  for (uint32_t at = 0; at <= epochs; at++) {
    civ_bytes bytes = { 0 };
    civ_end end;
    play_start(p, NULL);
    for (uint32_t e = 0; e < at; e++)
      assert_int_equal(civ_run_epoch(p->run, &end, NULL), CIV_OK);
    assert_int_equal(civ_run_save(p->run, &bytes, NULL), CIV_OK);
    play_start(p, NULL);
    civ_bytes_reader in = { .data = bytes.data, .length = bytes.length };
    assert_int_equal(civ_run_load(p->run, &in, NULL), CIV_OK);
    play_all(p);
    assert_true(civ_run_digest(p->run) == digest);
    char *resumed = play_reports(p);
    assert_string_equal(straight, resumed);
    free(resumed);
    civ_bytes_free(&bytes);
  }
  free(straight);
}

void play_clean_without_memory(play *p)
{
  civ_status st = CIV_E_NOMEM;
  for (size_t k = 0; st == CIV_E_NOMEM; k++) {
    failing_allocator f;
    civ_run *run = NULL;
    civ_end end = CIV_RUNNING;
    failing_allocator_init(&f, k);
    const civ_run_options options = { .allocator = &f.allocator };
    st = civ_run_create(p->config, &options, &run, NULL);
    while (st == CIV_OK && end == CIV_RUNNING)
      st = civ_run_step(run, &end, NULL);
    if (st == CIV_OK)
      assert_int_equal(run->refused_growth, 0);
    civ_run_destroy(run);
    assert_true(f.blocks == 0 && f.bytes == 0);
  }
  assert_int_equal(st, CIV_OK);
}
