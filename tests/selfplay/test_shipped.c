/* What self-play ships is what the program makes: both kernels, and a compiled test of every exploit of the naive one. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "playing.h"
#include "selfplay/exploit_test.h"
#include "selfplay/harden.h"
#include "selfplay/tournament.h"

#define NAIVE    CIV_SOURCE_ROOT "/kernels/commonwealth-0.1.0.yaml"
#define HARDENED CIV_SOURCE_ROOT "/kernels/commonwealth-hardened.yaml"
#define TESTS    CIV_SOURCE_ROOT "/tests/exploits"

typedef struct fixture {
  playing playing;
  civ_kernel naive, hardened; /* from their files */
} fixture;

static int begin(void **state)
{
  static fixture f;
  civ_error err;
  playing_begin(&f.playing);
  assert_int_equal(civ_kernel_load(NAIVE, &f.playing.arena, &f.naive, &err), CIV_OK);
  assert_int_equal(civ_kernel_load(HARDENED, &f.playing.arena, &f.hardened, &err), CIV_OK);
  *state = &f;
  return 0;
}

static int end(void **state)
{
  fixture *f = *state;
  playing_end(&f->playing);
  return 0;
}

static char *text_of(const char *path)
{
  char *text;
  size_t length;
  civ_error err;
  if (civ_file_read(path, 1 << 24, &text, &length, &err) != CIV_OK)
    fail_msg("%s: %s", err.where, err.text);
  return text;
}

static void assert_same_files(const char *made, const char *shipped)
{
  char *a = text_of(made), *b = text_of(shipped);
  if (strcmp(a, b) != 0)
    fail_msg("%s is not what this version makes; 'make kernels' writes it anew", shipped);
  civ_free(a);
  civ_free(b);
}

/* --- kernels ---------------------------------------------------------------------------------------------------------------- */

static void the_naive_file_is_the_naive_law(void **state)
{
  const fixture *f = *state;
  civ_kernel built_in;
  civ_buffer from_file = { 0 }, from_table = { 0 };
  assert_int_equal(civ_kernel_naive(&built_in), CIV_OK);
  assert_string_equal(f->naive.digest, "ca91ed2a21cb443a59d820608c022f9f2ad1001fe0ebeed1e7fa72e659876661");
  civ_kernel_write(&from_file, &f->naive);
  civ_kernel_write(&from_table, &built_in);
  assert_int_equal(from_file.length, from_table.length);
  assert_memory_equal(from_file.data, from_table.data, from_file.length);
  civ_buffer_free(&from_file);
  civ_buffer_free(&from_table);
}

static civ_harden_setup loop_of(const fixture *f)
{
  civ_harden_setup setup = { .game = f->playing.game,
                             .matchups = civ_default_matchups,
                             .n_matchups = CIV_DEFAULT_MATCHUPS,
                             .n_seeds = 100,
                             .rounds = 12,
                             .honest_seeds = 60,
                             .honest_loss = 2,
                             .detect = f->playing.detect };
  setup.game.kernel = &f->naive;
  return setup;
}

/* The whole loop, not its last round alone: it takes a second. */
static void the_hardened_file_is_the_product_of_the_loop(void **state)
{
  const fixture *f = *state;
  const civ_harden_setup setup = loop_of(f);
  civ_hardening *h;
  civ_error err;
  char folder[] = "/tmp/civitas-hardened-XXXXXX", path[64];
  assert_non_null(mkdtemp(folder));
  assert_int_equal(civ_harden(&setup, &h, &err), CIV_OK);
  assert_true(h->clean);
  assert_string_equal(h->final.digest, f->hardened.digest);
  assert_string_equal(h->final.version, f->hardened.version);
  assert_true(h->honest_after >= 0.98 * h->honest_before);
  /* A guard may let an earlier exploit work again until a later round; at the end nothing does. */
  assert_int_equal(h->rounds[h->n_rounds - 1].open_after, 0);
  assert_int_equal(civ_hardening_save(folder, false, &setup, h, &err), CIV_OK);
  snprintf(path, sizeof path, "%s/kernel.yaml", folder);
  assert_same_files(path, HARDENED);
  civ_hardening_destroy(h);
  snprintf(path, sizeof path, "rm -rf %s", folder);
  assert_int_equal(system(path), 0);
}

static double honest_score(const fixture *f, const civ_kernel *kernel, uint64_t first, uint64_t n, uint64_t *findings)
{
  civ_tournament *t;
  const civ_standing *rows;
  civ_error err;
  double score = -1;
  civ_tournament_setup setup = { .game = f->playing.game,
                                 .matchups = civ_default_matchups,
                                 .n_matchups = CIV_DEFAULT_MATCHUPS,
                                 .first_seed = first,
                                 .n_seeds = n,
                                 .detect = f->playing.detect,
                                 .exploit_id_start = 1 };
  setup.game.kernel = kernel;
  assert_int_equal(civ_tournament_play(&setup, &t, &err), CIV_OK);
  const uint32_t rows_n = civ_tournament_standings(t, &rows);
  *findings = 0;
  for (uint32_t k = 0; k < rows_n; k++) {
    *findings += rows[k].total_findings;
    if (strcmp(rows[k].matchup, "baseline-honest") == 0)
      score = rows[k].governance_score;
  }
  civ_tournament_destroy(t);
  return score;
}

/* Seeds the loop never saw. */
static void the_hardened_law_holds_on_fresh_seeds(void **state)
{
  const fixture *f = *state;
  uint64_t under_naive, under_hardened;
  const uint32_t n = playing_times(600);
  const double before = honest_score(f, &f->naive, 5000, n, &under_naive);
  const double after = honest_score(f, &f->hardened, 5000, n, &under_hardened);
  assert_true(under_naive > n);
  assert_int_equal(under_hardened, 0);
  assert_true(after >= 0.98 * before);
}

/* --- exploits ----------------------------------------------------------------------------------------------------------------- */

static uint32_t files_in(const char *folder)
{
  uint32_t n = 0;
  DIR *entries = opendir(folder);
  assert_non_null(entries);
  for (const struct dirent *e = readdir(entries); e != NULL; e = readdir(entries))
    n += strstr(e->d_name, ".json") != NULL;
  closedir(entries);
  return n;
}

static void compare_with_shipped(const civ_exploit_test *test)
{
  char path[sizeof TESTS + 32];
  civ_buffer text = { 0 };
  civ_exploit_test_write(&text, test);
  assert_false(text.failed);
  snprintf(path, sizeof path, "%s/%s.json", TESTS, test->exploit.id);
  char *shipped = text_of(path);
  if (strlen(shipped) != text.length || memcmp(shipped, text.data, text.length) != 0)
    fail_msg("%s is not what this version makes; 'make kernels' writes it anew", path);
  civ_free(shipped);
  civ_buffer_free(&text);
}

static void every_exploit_of_the_naive_law_is_a_test(void **state)
{
  const fixture *f = *state;
  civ_tournament *t;
  const civ_exploit *exploits;
  civ_error err;
  civ_exploit_test test;
  const civ_kernel *kernels[] = { &f->hardened };
  civ_replayer *replayer = civ_replayer_create();
  civ_tournament_setup setup = { .game = f->playing.game,
                                 .matchups = civ_default_matchups,
                                 .n_matchups = CIV_DEFAULT_MATCHUPS,
                                 .n_seeds = 100,
                                 .detect = f->playing.detect,
                                 .exploit_id_start = 1 };
  setup.game.kernel = &f->naive;
  assert_int_equal(civ_tournament_play(&setup, &t, &err), CIV_OK);
  const uint32_t n = civ_tournament_exploits(t, &exploits);
  assert_int_equal(n, CIV_DETECTORS);
  assert_int_equal(files_in(TESTS), n);
  for (uint32_t k = 0; k < n; k++) {
    assert_int_equal(civ_exploit_compile(replayer, &exploits[k], kernels, 1, &f->playing.detect, &test, &err), CIV_OK);
    compare_with_shipped(&test);
  }
  civ_tournament_destroy(t);
  civ_replayer_destroy(replayer);
}

static void run_file(const fixture *f, civ_replayer *replayer, const char *path)
{
  civ_arena arena = civ_arena_create(NULL);
  civ_exploit_test test;
  civ_exploit_verdict met;
  json_t *root;
  civ_error err;
  if (civ_exploit_test_load(path, &arena, &root, &test, &err) != CIV_OK)
    fail_msg("%s: %s", err.where, err.text);
  for (uint32_t k = 0; k < test.n_verdicts; k++) {
    const civ_exploit_verdict *expected = &test.verdicts[k];
    assert_int_equal(civ_exploit_judge(replayer, &test.exploit, expected->kernel, &test.detect, &met, &err), CIV_OK);
    if (!civ_exploit_verdict_same(expected, &met))
      fail_msg("%s: another verdict under %s", path, expected->kernel->version);
  }
  const civ_exploit_verdict *naive = civ_exploit_test_verdict(&test, f->naive.digest);
  const civ_exploit_verdict *hardened = civ_exploit_test_verdict(&test, f->hardened.digest);
  assert_true(naive != NULL && naive->works);
  assert_true(hardened != NULL && !hardened->works && hardened->stopped && hardened->clause[0] != '\0');
  assert_true(test.exploit.patched);
  json_decref(root);
  civ_arena_destroy(&arena);
}

static void every_compiled_test_passes(void **state)
{
  const fixture *f = *state;
  civ_replayer *replayer = civ_replayer_create();
  DIR *entries = opendir(TESTS);
  assert_non_null(entries);
  for (const struct dirent *e = readdir(entries); e != NULL; e = readdir(entries)) {
    char path[sizeof TESTS + 256];
    snprintf(path, sizeof path, "%s/%s", TESTS, e->d_name);
    if (strstr(e->d_name, ".json") != NULL)
      run_file(f, replayer, path);
  }
  closedir(entries);
  civ_replayer_destroy(replayer);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_naive_file_is_the_naive_law),
    cmocka_unit_test(the_hardened_file_is_the_product_of_the_loop),
    cmocka_unit_test(the_hardened_law_holds_on_fresh_seeds),
    cmocka_unit_test(every_exploit_of_the_naive_law_is_a_test),
    cmocka_unit_test(every_compiled_test_passes),
  };
  return cmocka_run_group_tests(tests, begin, end);
}
