/* Checkpoints: a run that was saved and loaded goes on as if it had never stopped; what is no checkpoint of it is refused. */
#include "strangers.h"

#include <stdlib.h>
#include <string.h>

#define SOCIETY                                                                                                        \
  "rate_limits: {proposal_ttl_epochs: 3, tasks_per_epoch: 2}\n"                                                        \
  "safety: {token_bucket_capacity: 3, token_bucket_refill: 0.75, budget_per_epoch: 6, min_steps_between_posts: 2}\n"   \
  "toll: {price: 0.1, freeze_after: 40}\nagents:\n"                                                                    \
  "  - {type: honest, count: 3, roles: [worker, poster]}\n  - {type: opportunistic, count: 2, roles: [planner, "       \
  "worker]}\n"                                                                                                         \
  "  - {type: deceptive, count: 2, roles: [verifier]}\n  - {type: adversarial, count: 2, roles: [moderator]}\n"        \
  "  - {type: slow, count: 2}\n"
#define SHORT SEED ", n_epochs: 5, steps_per_epoch: 6, roles_enabled: true, enable_transfers: true}\n" SOCIETY

static void load_strangers(play *p, const char *yaml)
{
  strangers_tell = NULL;
  play_load(p, yaml, strangers_register);
}

/* State after `epochs` epochs, and the log so far. */
static civ_bytes state_after(play *p, uint32_t epochs, const civ_run_options *options)
{
  civ_bytes bytes = { 0 };
  civ_end end;
  play_start(p, options);
  for (uint32_t e = 0; e < epochs; e++)
    assert_int_equal(civ_run_epoch(p->run, &end, NULL), CIV_OK);
  assert_int_equal(civ_run_save(p->run, &bytes, NULL), CIV_OK);
  return bytes;
}

static civ_status load_bytes(play *p, const civ_run_options *options, const uint8_t *data, size_t length,
                             civ_error *err)
{
  play_start(p, options);
  civ_bytes_reader in = { .data = data, .length = length };
  return civ_run_load(p->run, &in, err);
}

/* Rows, totals, digest of a finished run. */
typedef struct ending {
  uint64_t digest;
  double *rows, *totals;
  size_t n_rows, n_totals;
  int64_t time_us;
} ending;

static ending ending_of(play *p)
{
  const civ_result r = play_result(p);
  ending e = { r.digest, NULL, NULL, (size_t)r.epochs * r.epoch_columns.n, r.total_columns.n, r.time_us };
  e.rows = malloc((e.n_rows + 1) * sizeof *e.rows);
  e.totals = malloc((e.n_totals + 1) * sizeof *e.totals);
  memcpy(e.rows, r.rows, e.n_rows * sizeof *e.rows);
  memcpy(e.totals, r.totals, e.n_totals * sizeof *e.totals);
  return e;
}

static void ending_free(ending *e)
{
  free(e->rows);
  free(e->totals);
}

static void assert_same_ending(const ending *a, const ending *b)
{
  assert_true(a->digest == b->digest && a->time_us == b->time_us);
  assert_int_equal(a->n_rows, b->n_rows);
  assert_memory_equal(a->rows, b->rows, a->n_rows * sizeof *a->rows);
  assert_memory_equal(a->totals, b->totals, a->n_totals * sizeof *a->totals);
}

static void every_epoch_boundary_goes_on(void **state)
{
  static const char *const yaml[] = {
    SHORT, SEED ", n_epochs: 5, steps_per_epoch: 6, turn_mode: simultaneous, schedule_mode: random}\n" SOCIETY,
    SEED ", n_epochs: 5, steps_per_epoch: 6, schedule_mode: priority, payoffs_to_resources: true}\n" SOCIETY
  };
  (void)state;
  for (int k = 0; k < 6; k++) {
    const civ_run_options options = { .recent_interactions = k < 3 ? 0 : 4 };
    play p;
    load_strangers(&p, yaml[k % 3]);
    play_start(&p, &options);
    play_all(&p);
    ending straight = ending_of(&p);
    for (uint32_t at = 0; at <= 5; at++) {
      civ_bytes bytes = state_after(&p, at, &options);
      assert_int_equal(load_bytes(&p, &options, bytes.data, bytes.length, NULL), CIV_OK);
      assert_int_equal(play_all(&p), CIV_END_DONE);
      ending resumed = ending_of(&p);
      assert_same_ending(&straight, &resumed);
      ending_free(&resumed);
      civ_bytes_free(&bytes);
    }
    ending_free(&straight);
    play_close(&p);
  }
}

static void saving_twice_gives_the_same_bytes(void **state)
{
  play p;
  (void)state;
  load_strangers(&p, SHORT);
  civ_bytes a = state_after(&p, 2, NULL), b = { 0 }, c = { 0 };
  assert_int_equal(civ_run_save(p.run, &b, NULL), CIV_OK);
  assert_int_equal(a.length, b.length);
  assert_memory_equal(a.data, b.data, a.length);
  assert_int_equal(load_bytes(&p, NULL, a.data, a.length, NULL), CIV_OK);
  assert_int_equal(civ_run_save(p.run, &c, NULL), CIV_OK);
  assert_int_equal(a.length, c.length);
  assert_memory_equal(a.data, c.data, a.length);
  civ_bytes_free(&a);
  civ_bytes_free(&b);
  civ_bytes_free(&c);
  play_close(&p);
}

static void a_killed_run_stays_killed(void **state)
{
  play p;
  (void)state;
  load_strangers(&p, SEED ", n_epochs: 5, steps_per_epoch: 6}\nsafety: {kill_switch_toxicity: 0.01}\n"
                          "agents:\n  - {type: slow, count: 4}\n");
  civ_bytes bytes = state_after(&p, 1, NULL);
  assert_int_equal(load_bytes(&p, NULL, bytes.data, bytes.length, NULL), CIV_OK);
  assert_int_equal(play_all(&p), CIV_END_KILLED);
  const civ_result r = play_result(&p);
  assert_int_equal(r.epochs, 1);
  assert_string_equal(r.stop_reason, "kill_switch_toxicity");
  assert_true(r.stop_value > 0.01);
  civ_bytes_free(&bytes);
  play_close(&p);
}

/* --- refusals -------------------------------------------------------------------------------------------------------------- */

static void assert_clean(const civ_error *err)
{
  assert_true(err->code == CIV_E_FORMAT && err->where[0] != '\0' && strlen(err->text) > 10);
}

static void every_flipped_byte_is_noticed(void **state)
{
  play p;
  (void)state;
  load_strangers(
      &p, SEED
      ", n_epochs: 2, steps_per_epoch: 4}\ntoll: {price: 0.25}\nagents:\n  - {type: honest}\n  - {type: deceptive}\n"
      "  - {type: adversarial}\n  - {type: slow}\n");
  civ_bytes bytes = state_after(&p, 1, NULL);
  for (size_t k = 0; k < bytes.length; k++) {
    civ_error err = { 0 };
    const uint8_t bit = (uint8_t)(1u << k % 8);
    bytes.data[k] ^= bit;
    assert_int_equal(load_bytes(&p, NULL, bytes.data, bytes.length, &err), CIV_E_FORMAT);
    assert_clean(&err);
    bytes.data[k] ^= bit;
  }
  assert_int_equal(load_bytes(&p, NULL, bytes.data, bytes.length, NULL), CIV_OK);
  civ_bytes_free(&bytes);
  play_close(&p);
}

static void every_cut_is_noticed(void **state)
{
  play p;
  (void)state;
  load_strangers(
      &p, SEED
      ", n_epochs: 2, steps_per_epoch: 4}\ntoll: {price: 0.25}\nagents:\n  - {type: honest}\n  - {type: deceptive}\n"
      "  - {type: adversarial}\n  - {type: slow}\n");
  civ_bytes bytes = state_after(&p, 1, NULL);
  for (size_t length = 0; length < bytes.length; length++) {
    civ_error err = { 0 };
    uint8_t *copy = malloc(length + 1); /* so that a sanitizer sees a step too far */
    memcpy(copy, bytes.data, length);
    assert_int_equal(load_bytes(&p, NULL, copy, length, &err), CIV_E_FORMAT);
    assert_clean(&err);
    free(copy);
  }
  civ_bytes_free(&bytes);
  play_close(&p);
}

/* Numbers changed and signed again: such a file is refused or loaded, but nothing worse. */
static void signed_nonsense_does_no_harm(void **state)
{
  play p;
  const char *slow = getenv("CIV_SANITIZED");
  const int rounds = slow && slow[0] == '1' ? 2000 : 8000;
  const civ_draw_key key = { .purpose = CIV_PURPOSE_FUZZ };
  civ_draws draws = civ_draws_open(5, &key);
  int loaded = 0;
  (void)state;
  load_strangers(&p, SHORT);
  civ_bytes bytes = state_after(&p, 2, NULL);
  for (int k = 0; k < rounds; k++) {
    civ_bytes forged = { 0 };
    const size_t changes = 1 + civ_draw_index(&draws, 3);
    for (size_t at = 0; at + 20 <= bytes.length;) {
      uint64_t length = 0;
      char tag[5] = { 0 };
      memcpy(tag, bytes.data + at, 4);
      memcpy(&length, bytes.data + at + 4, 8);
      civ_bytes_open(&forged, tag);
      const size_t start = forged.length;
      civ_bytes_put_block(&forged, bytes.data + at + 12, length);
      if (length && civ_draw_chance(&draws, 0.15) && strcmp(tag, "HEAD") != 0)
        for (size_t c = 0; c < changes; c++)
          forged.data[start + civ_draw_index(&draws, (uint32_t)length)] ^= (uint8_t)civ_draw_bits(&draws);
      civ_bytes_close(&forged);
      at += 20 + length;
    }
    civ_error err = { 0 };
    const civ_status st = load_bytes(&p, NULL, forged.data, forged.length, &err);
    loaded += st == CIV_OK;
    assert_true(st == CIV_OK || st == CIV_E_FORMAT || st == CIV_E_NOMEM || st == CIV_E_LIMIT);
    civ_bytes_free(&forged);
  }
  assert_true(loaded > 0 && loaded < rounds);
  civ_bytes_free(&bytes);
  play_close(&p);
}

static void other_runs_are_refused(void **state)
{
  play p, other;
  civ_error err = { 0 };
  (void)state;
  load_strangers(&p, SHORT);
  civ_bytes bytes = state_after(&p, 1, NULL);

  load_strangers(&other,
                 SEED ", n_epochs: 5, steps_per_epoch: 7, roles_enabled: true, enable_transfers: true}\n" SOCIETY);
  assert_int_equal(load_bytes(&other, NULL, bytes.data, bytes.length, &err), CIV_E_FORMAT);
  assert_non_null(strstr(err.text, "another configuration"));
  play_close(&other);

  load_strangers(&other, SHORT);
  assert_int_equal(civ_config_set_seed(other.config, 8, NULL), CIV_OK);
  assert_int_equal(load_bytes(&other, NULL, bytes.data, bytes.length, &err), CIV_E_FORMAT);
  assert_non_null(strstr(err.text, "another"));
  play_close(&other);

  const civ_run_options ring = { .recent_interactions = 3 };
  assert_int_equal(load_bytes(&p, &ring, bytes.data, bytes.length, &err), CIV_E_FORMAT);
  assert_non_null(strstr(err.text, "recent"));
  civ_bytes_free(&bytes);
  play_close(&p);
}

/* The head of another version, rightly signed. */
static void other_versions_are_refused(void **state)
{
  play p;
  (void)state;
  load_strangers(&p, SHORT);
  civ_bytes bytes = state_after(&p, 1, NULL);
  civ_bytes_reader in = { .data = bytes.data, .length = bytes.length };
  assert_int_equal(civ_bytes_enter(&in, "HEAD", NULL), CIV_OK);
  const size_t head = civ_bytes_left(&in);
  for (int k = 0; k < 3; k++) {
    civ_error err = { 0 };
    civ_bytes forged = { 0 };
    civ_bytes_open(&forged, "HEAD");
    const size_t start = forged.length;
    civ_bytes_put_block(&forged, bytes.data + 12, head);
    forged.data[start + 4 * (size_t)k] ^= 0x40;
    civ_bytes_close(&forged);
    civ_bytes_put_block(&forged, bytes.data + forged.length, bytes.length - forged.length);
    assert_int_equal(load_bytes(&p, NULL, forged.data, forged.length, &err), CIV_E_FORMAT);
    assert_non_null(strstr(err.text, "this version has"));
    civ_bytes_free(&forged);
  }
  civ_bytes_free(&bytes);
  play_close(&p);
}

static void moments_that_are_wrong_are_refused(void **state)
{
  play p;
  civ_end end;
  civ_error err = { 0 };
  (void)state;
  load_strangers(&p, SHORT);
  civ_bytes bytes = state_after(&p, 1, NULL), none = { 0 };
  civ_bytes_reader in = { .data = bytes.data, .length = bytes.length };
  assert_int_equal(civ_run_load(p.run, &in, &err), CIV_E_STATE); /* it has begun */
  assert_int_equal(civ_run_step(p.run, &end, NULL), CIV_OK);
  assert_int_equal(civ_run_save(p.run, &none, &err), CIV_E_STATE); /* within an epoch */
  assert_int_equal(none.length, 0);
  civ_bytes_free(&bytes);
  play_close(&p);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_epoch_boundary_goes_on),
    cmocka_unit_test(saving_twice_gives_the_same_bytes),
    cmocka_unit_test(a_killed_run_stays_killed),
    cmocka_unit_test(every_flipped_byte_is_noticed),
    cmocka_unit_test(every_cut_is_noticed),
    cmocka_unit_test(signed_nonsense_does_no_harm),
    cmocka_unit_test(other_runs_are_refused),
    cmocka_unit_test(other_versions_are_refused),
    cmocka_unit_test(moments_that_are_wrong_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
