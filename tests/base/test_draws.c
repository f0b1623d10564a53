#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "civitas/draws.h"

static civ_draws stream(uint64_t seed, uint32_t entity)
{
  return civ_draws_open(seed, &(civ_draw_key){ .purpose = CIV_PURPOSE_FUZZ, .entity = entity });
}

static void philox_known_answers(void **state)
{
  (void)state;
  static const struct {
    uint64_t counter[4], key[2], block[4];
  } vectors[] = {
    { { 0, 0, 0, 0 },
      { 0, 0 },
      { UINT64_C(0x16554d9eca36314c), UINT64_C(0xdb20fe9d672d0fdc), UINT64_C(0xd7e772cee186176b),
        UINT64_C(0x7e68b68aec7ba23b) } },
    { { UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX },
      { UINT64_MAX, UINT64_MAX },
      { UINT64_C(0x87b092c3013fe90b), UINT64_C(0x438c3c67be8d0224), UINT64_C(0x9cc7d7c69cd777b6),
        UINT64_C(0xa09caebf594f0ba0) } },
    { { UINT64_C(0x243f6a8885a308d3), UINT64_C(0x13198a2e03707344), UINT64_C(0xa4093822299f31d0),
        UINT64_C(0x082efa98ec4e6c89) },
      { UINT64_C(0x452821e638d01377), UINT64_C(0xbe5466cf34e90c6c) },
      { UINT64_C(0xa528f45403e61d95), UINT64_C(0x38c72dbd566e9788), UINT64_C(0xa5a1610e72fd18b5),
        UINT64_C(0x57bd43b5e52b7fe6) } },
  };
  for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
    civ_draws draws = stream(0, 0);
    memcpy(draws.counter, vectors[i].counter, sizeof draws.counter);
    memcpy(draws.key, vectors[i].key, sizeof draws.key);
    for (int n = 0; n < 4; n++)
      assert_true(civ_draw_bits(&draws) == vectors[i].block[n]);
  }
}

/* These numbers are what CIV_RNG_VERSION 1 means: they change only together with it. */
static void numbers_of_this_version(void **state)
{
  (void)state;
  const civ_draw_key key = { .purpose = CIV_PURPOSE_OBSERVABLES,
                             .entity = 1,
                             .other = 2,
                             .ordinal = 3,
                             .epoch = 4,
                             .step = 5,
                             .epoch2 = 6,
                             .step2 = 7 };
  civ_draws draws = civ_draws_open(42, &key);
  assert_int_equal(CIV_RNG_VERSION, 1);
  assert_true(draws.counter[0] == UINT64_C(3) << 32);
  assert_true(draws.counter[1] == (UINT64_C(2) << 32 | 1));
  assert_true(draws.counter[2] == (UINT64_C(6) << 32 | 4));
  assert_true(draws.counter[3] == (UINT64_C(7) << 32 | 5));
  assert_true(draws.key[0] == 42);
  assert_true(draws.key[1] == (UINT64_C(1) << 32 | CIV_PURPOSE_OBSERVABLES));
  assert_int_equal(sizeof draws, 96);
}

static void the_nth_number_depends_on_nothing_but_n(void **state)
{
  (void)state;
  uint64_t first[100];
  civ_draws a = stream(7, 1), b = stream(7, 1), other = stream(7, 2);
  for (int i = 0; i < 100; i++)
    first[i] = civ_draw_bits(&a);
  for (int i = 0; i < 100; i++) { /* interleaved with a stranger */
    for (int k = 0; k < i % 3; k++)
      civ_draw_bits(&other);
    assert_true(civ_draw_bits(&b) == first[i]);
  }
  const civ_draws kept = b; /* a stream may be copied and read on */
  civ_draws copy = kept;
  assert_true(civ_draw_bits(&copy) == civ_draw_bits(&b));
}

static void every_field_of_the_key_names_another_stream(void **state)
{
  (void)state;
  uint64_t seen[3 * 8 * 32 + 1];
  size_t n = 0;
  civ_draws draws = stream(0, 0);
  const uint64_t base = civ_draw_bits(&draws);
  for (int field = 0; field < 8; field++)
    for (int bit = 0; bit < 32; bit++) {
      uint32_t words[8] = { CIV_PURPOSE_FUZZ };
      civ_draw_key key;
      words[field] ^= 1u << bit;
      memcpy(&key, words, sizeof key);
      draws = civ_draws_open(0, &key);
      for (int k = 0; k < 3; k++)
        seen[n++] = civ_draw_bits(&draws);
    }
  seen[n++] = base;
  for (size_t i = 0; i < n; i++)
    for (size_t k = 0; k < i; k++)
      assert_true(seen[i] != seen[k]);
  for (int bit = 0; bit < 64; bit++) {
    draws = stream(UINT64_C(1) << bit, 0);
    assert_true(civ_draw_bits(&draws) != base);
  }
}

static void uniform_is_a_multiple_of_two_to_the_minus_53(void **state)
{
  (void)state;
  civ_draws a = stream(3, 1), b = stream(3, 1);
  double sum = 0, squares = 0;
  const int n = 1000000;
  for (int i = 0; i < n; i++) {
    const double x = civ_draw_uniform(&a);
    assert_true(x >= 0 && x < 1);
    assert_true(x == ldexp((double)(civ_draw_bits(&b) >> 11), -53));
    sum += x;
    squares += x * x;
  }
  assert_true(fabs(sum / n - 0.5) < 5 * sqrt(1.0 / 12 / n));
  assert_true(fabs(squares / n - 1.0 / 3) < 5 * sqrt(4.0 / 45 / n));
}

/* Wilson and Hilferty's normal approximation: |z| > 5 once in two million. */
static double chi_square_z(const uint32_t *counts, uint32_t cells, double expected)
{
  double chi = 0;
  for (uint32_t i = 0; i < cells; i++)
    chi += (counts[i] - expected) * (counts[i] - expected) / expected;
  const double k = cells - 1, c = 2 / (9 * k);
  return (cbrt(chi / k) - (1 - c)) / sqrt(c);
}

static void index_is_uniform(void **state)
{
  (void)state;
  static const uint32_t sizes[] = { 2, 3, 5, 7, 10, 64, 100, 1000 };
  for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
    uint32_t counts[1000] = { 0 };
    civ_draws draws = stream(11, sizes[s]);
    for (uint32_t i = 0; i < sizes[s] * 1000; i++) {
      const uint32_t x = civ_draw_index(&draws, sizes[s]);
      assert_true(x < sizes[s]);
      counts[x]++;
    }
    assert_true(fabs(chi_square_z(counts, sizes[s], 1000)) < 5);
  }
}

/* 3 * 2^30 leaves a quarter of the low parts over: without rejection its thirds would not be equally likely. */
static void index_rejects_what_would_count_twice(void **state)
{
  (void)state;
  uint32_t counts[3] = { 0 };
  civ_draws draws = stream(13, 1);
  for (int i = 0; i < 300000; i++)
    counts[civ_draw_index(&draws, 3u << 30) % 3]++;
  assert_true(fabs(chi_square_z(counts, 3, 100000)) < 5);
  draws = stream(13, 2);
  for (int i = 0; i < 1000; i++) {
    assert_int_equal(civ_draw_index(&draws, 1), 0);
    assert_true(civ_draw_index(&draws, UINT32_MAX) < UINT32_MAX);
  }
}

static void neighbouring_streams_are_independent(void **state)
{
  (void)state;
  const int n = 200000;
  double with_next = 0, with_step = 0;
  uint32_t counts[64] = { 0 };
  for (int i = 0; i < n; i++) {
    civ_draws a = stream(17, (uint32_t)i), b = stream(17, (uint32_t)i + 1);
    civ_draws c = civ_draws_open(17, &(civ_draw_key){ .purpose = CIV_PURPOSE_FUZZ, .entity = (uint32_t)i, .step = 1 });
    const double x = civ_draw_uniform(&a), y = civ_draw_uniform(&b), z = civ_draw_uniform(&c);
    with_next += (x - 0.5) * (y - 0.5) * 12;
    with_step += (x - 0.5) * (z - 0.5) * 12;
    counts[(int)(x * 8) * 8 + (int)(z * 8)]++;
  }
  assert_true(fabs(with_next / n) < 5 / sqrt(n));
  assert_true(fabs(with_step / n) < 5 / sqrt(n));
  assert_true(fabs(chi_square_z(counts, 64, n / 64.0)) < 5);
}

static void chance_and_between(void **state)
{
  (void)state;
  civ_draws draws = stream(19, 1), same = stream(19, 1);
  int hits = 0;
  for (int i = 0; i < 100000; i++)
    hits += civ_draw_chance(&draws, 0.3);
  assert_true(fabs((double)hits - 30000) < 5 * sqrt(100000 * 0.21));
  for (int i = 0; i < 100; i++) {
    assert_false(civ_draw_chance(&draws, 0));
    assert_true(civ_draw_chance(&draws, 1));
  }
  draws = stream(19, 1);
  assert_true(civ_draw_between(&draws, -3, 5) == -3 + 8 * civ_draw_uniform(&same));
}

typedef struct script {
  double uniform;
  uint32_t asked;
} script;

static double next_uniform(void *self)
{
  return ((script *)self)->uniform;
}

static uint32_t last_index(void *self, uint32_t n)
{
  ((script *)self)->asked = n;
  return n - 1;
}

static double upper_end(void *self, double low, double high)
{
  (void)self;
  return low > high ? low : high;
}

static void scripts_answer_their_questions(void **state)
{
  (void)state;
  script told = { .uniform = 0.25 };
  const civ_draw_script table = { next_uniform, last_index, upper_end, &told };
  civ_draws draws = civ_draws_scripted(&table);
  for (int i = 0; i < 10; i++)
    assert_true(civ_draw_uniform(&draws) == 0.25);
  assert_true(civ_draw_chance(&draws, 0.26));
  assert_false(civ_draw_chance(&draws, 0.25));
  assert_int_equal(civ_draw_index(&draws, 7), 6);
  assert_int_equal(told.asked, 7);
  assert_true(civ_draw_between(&draws, 1, 2) == 2);
}

static void ask_bits(civ_draws *draws)
{
  civ_draw_bits(draws);
}

static void ask_uniform(civ_draws *draws)
{
  civ_draw_uniform(draws);
}

static void ask_index(civ_draws *draws)
{
  civ_draw_index(draws, 2);
}

static void ask_between(civ_draws *draws)
{
  civ_draw_between(draws, 0, 1);
}

static void other_questions_abort(void **state)
{
  (void)state;
  static void (*const questions[])(civ_draws *) = { ask_bits, ask_uniform, ask_index, ask_between };
  for (size_t i = 0; i < sizeof questions / sizeof *questions; i++) {
    const pid_t child = fork();
    if (child == 0) {
      const civ_draw_script nothing = { NULL, NULL, NULL, NULL };
      civ_draws draws = civ_draws_scripted(&nothing);
      signal(SIGABRT, SIG_DFL);
      questions[i](&draws);
      _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(philox_known_answers),
    cmocka_unit_test(numbers_of_this_version),
    cmocka_unit_test(the_nth_number_depends_on_nothing_but_n),
    cmocka_unit_test(every_field_of_the_key_names_another_stream),
    cmocka_unit_test(uniform_is_a_multiple_of_two_to_the_minus_53),
    cmocka_unit_test(index_is_uniform),
    cmocka_unit_test(index_rejects_what_would_count_twice),
    cmocka_unit_test(neighbouring_streams_are_independent),
    cmocka_unit_test(chance_and_between),
    cmocka_unit_test(scripts_answer_their_questions),
    cmocka_unit_test(other_questions_abort),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
