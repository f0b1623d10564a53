/* Memory: a run that gets none says so and leaks nothing, and a step never asks. */
#include "strangers.h"

#include <stdlib.h>
#include <string.h>

#include "sim/run_state.h"
#include "support/failing_allocator.h"

#define MIXED(mode)                                                                                                    \
  SEED ", n_epochs: 2, steps_per_epoch: 4, roles_enabled: true, enable_transfers: true, turn_mode: " mode "}\n"        \
       "rate_limits: {proposal_ttl_epochs: 1}\n"                                                                       \
       "safety: {token_bucket_capacity: 3, token_bucket_refill: 1, budget_per_epoch: 9, kill_switch_toxicity: 1}\n"    \
       "agents:\n  - {type: honest, count: 4, roles: [worker, poster]}\n  - {type: opportunistic, count: 3}\n"         \
       "  - {type: deceptive, count: 3, roles: [verifier]}\n  - {type: adversarial, count: 3, roles: [moderator]}\n"

/* --- the allocator fails once ------------------------------------------------------------------------------------------------ */

static void creation_fails_cleanly_at_every_request(void **state)
{
  static const char *const yaml[] = { MIXED("sequential"), MIXED("simultaneous") };
  (void)state;
  for (int mode = 0; mode < 2; mode++) {
    play p;
    play_load(&p, yaml[mode], NULL);
    size_t k = 0;
    for (bool made = false; !made; k++) {
      failing_allocator f;
      civ_error err = { 0 };
      civ_run *run = NULL;
      failing_allocator_init(&f, k);
      const civ_run_options options = { .allocator = &f.allocator, .recent_interactions = 2 };
      const civ_status st = civ_run_create(p.config, &options, &run, &err);
      made = st == CIV_OK;
      if (!made) {
        assert_int_equal(st, CIV_E_NOMEM);
        assert_true(err.code == CIV_E_NOMEM && err.text[0] != '\0');
        assert_null(run);
      }
      civ_run_destroy(run);
      assert_true(f.blocks == 0 && f.bytes == 0);
    }
    assert_true(k > 40);
    play_close(&p);
  }
}

/* A request between two steps fails: the step has not happened, and may be tried again. */
static void a_step_without_memory_can_be_repeated(void **state)
{
  static const char *const yaml[] = { MIXED("sequential"), MIXED("simultaneous") };
  (void)state;
  for (int mode = 0; mode < 2; mode++) {
    play p;
    play_load(&p, yaml[mode], NULL);
    play_start(&p, NULL);
    play_all(&p);
    const uint64_t straight = civ_run_digest(p.run);
    const double welfare = play_total(&p, "total_welfare");
    failing_allocator probe;
    failing_allocator_init(&probe, SIZE_MAX);
    const civ_run_options counted = { .allocator = &probe.allocator };
    play_start(&p, &counted);
    const size_t created = probe.requests;
    play_all(&p);
    const size_t all = probe.requests;
    assert_true(all > created);
    for (size_t k = created; k < all; k++) {
      failing_allocator f;
      civ_error err = { 0 };
      civ_end end = CIV_RUNNING;
      uint32_t failures = 0;
      failing_allocator_init(&f, k);
      const civ_run_options options = { .allocator = &f.allocator };
      play_start(&p, &options); /* frees the run before, and with it the allocator before */
      while (end == CIV_RUNNING) {
        const civ_status st = civ_run_step(p.run, &end, &err);
        assert_true(st == CIV_OK || (st == CIV_E_NOMEM && err.text[0] != '\0'));
        failures += st != CIV_OK;
      }
      assert_int_equal(failures, 1);
      assert_true(civ_run_digest(p.run) == straight);
      assert_true(play_total(&p, "total_welfare") == welfare);
      civ_run_destroy(p.run);
      p.run = NULL;
      assert_true(f.blocks == 0 && f.bytes == 0);
    }
    play_close(&p);
  }
}

/* --- a step never asks --------------------------------------------------------------------------------------------------------- */

/* Every malloc, calloc and realloc of the linked libraries comes by here (the linker's --wrap). */
void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *block, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *block, size_t size);

static const civ_run *watched;
static uint64_t asked, asked_within;

static void count(void)
{
  asked++;
  asked_within += watched && watched->sealed;
}

void *__wrap_malloc(size_t size)
{
  count();
  return __real_malloc(size);
}
void *__wrap_calloc(size_t n, size_t size)
{
  count();
  return __real_calloc(n, size);
}
void *__wrap_realloc(void *block, size_t size)
{
  count();
  return __real_realloc(block, size);
}

static void a_step_asks_for_nothing(void **state)
{
  static const char *const yaml[] = {
    MIXED("sequential"), MIXED("simultaneous"),
    SEED ", n_epochs: 3, steps_per_epoch: 8, schedule_mode: random, turn_mode: simultaneous}\nagents:\n"
         "  - {type: honest, count: 200}\n  - {type: opportunistic, count: 200}\n  - {type: deceptive, count: 200}\n"
         "  - {type: adversarial, count: 200}\n"
  };
  (void)state;
  for (int k = 0; k < 3; k++)
    for (uint32_t threads = 1; threads <= 2; threads++) {
      play p;
      const civ_run_options options = { .threads = threads };
      play_open(&p, yaml[k], &options);
      asked = asked_within = 0;
      watched = p.run;
      play_all(&p);
      watched = NULL;
      assert_true(asked > 0); /* the counting counts */
      assert_int_equal(asked_within, 0);
      assert_int_equal(p.run->refused_growth, 0);
      play_close(&p);
    }
}

/* What parts ask for during a step is refused, not given: the seal holds. */
static void the_seal_refuses_growth(void **state)
{
  play p;
  (void)state;
  play_open(&p, MIXED("sequential"), NULL);
  const civ_allocator *a = p.run->host.call->allocator(&p.run->host);
  void *block = a->resize(a->ctx, NULL, 0, 64);
  assert_non_null(block);
  p.run->sealed = true;
  assert_null(a->resize(a->ctx, NULL, 0, 64));
  assert_null(a->resize(a->ctx, block, 64, 128));
  block = a->resize(a->ctx, block, 64, 32); /* giving back is always right */
  assert_non_null(block);
  assert_int_equal(p.run->refused_growth, 2);
  p.run->sealed = false;
  assert_null(a->resize(a->ctx, block, 32, 0));
  play_close(&p);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(creation_fails_cleanly_at_every_request),
    cmocka_unit_test(a_step_without_memory_can_be_repeated),
    cmocka_unit_test(a_step_asks_for_nothing),
    cmocka_unit_test(the_seal_refuses_growth),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
