/* Comparing sets of runs: who is paired with whom, what is tested, what is told of single runs. */
#include "../support/check.h"

#include <unistd.h>

#include "base/file.h"
#include "lab/compare.h"
#include "lab/store.h"
#include "statistics/holm.h"

static civ_registry *registry;
static char base[64];

static int enter(void **state)
{
  (void)state;
  strcpy(base, "/tmp/civitas-compare-XXXXXX");
  return civ_registry_create_default(&registry, NULL) != CIV_OK || mkdtemp(base) == NULL || chdir(base) != 0;
}

static int leave(void **state)
{
  char command[128];
  (void)state;
  civ_registry_destroy(registry);
  snprintf(command, sizeof command, "rm -rf %s", base);
  return chdir("/") != 0 || system(command) != 0;
}

/* A file as run --json writes it: seeds first .. first + n - 1, each with totals of x, y = 2 and a total of its own. */
static void write_runs(const char *path, uint64_t first, uint64_t n, double shift, const char *own)
{
  civ_buffer b = { 0 };
  civ_buffer_text(&b, "{\n  \"runs\": [");
  for (uint64_t k = 0; k < n; k++) {
    civ_draws draws = test_draws((uint32_t)(first + k));
    civ_buffer_format(&b, "%s\n    {\"seed\": %llu, \"end\": \"done\", \"totals\": {\"x\": ", k > 0 ? "," : "",
                      (unsigned long long)(first + k));
    civ_buffer_real(&b, civ_draw_uniform(&draws) + shift);
    civ_buffer_format(&b, ", \"y\": 2, \"hole\": %s, \"%s\": 1.5}}", k % 2 == 0 ? "null" : "4", own);
  }
  civ_buffer_text(&b, "\n  ]\n}\n");
  assert_false(b.failed);
  assert_int_equal(civ_file_write(path, b.data, b.length, NULL), CIV_OK);
  civ_buffer_free(&b);
}

static void add(civ_sides *sides, const char *what)
{
  civ_error err = { 0 };
  if (civ_sides_add(sides, what, registry, &err) != CIV_OK)
    fail_msg("%s: %s", err.where, err.text);
}

static civ_contrasts *contrast(const civ_sides *sides, const char *const *metrics, uint32_t n, uint32_t threads)
{
  civ_contrasts *c = NULL;
  civ_error err = { 0 };
  if (civ_contrast_sides(sides, metrics, n, threads, &c, &err) != CIV_OK)
    fail_msg("%s: %s", err.where, err.text);
  return c;
}

static const civ_contrast *of(const civ_side_contrasts *s, const char *metric)
{
  for (uint32_t k = 0; k < s->n; k++)
    if (strcmp(s->contrasts[k].metric, metric) == 0)
      return &s->contrasts[k];
  fail_msg("no contrast of %s", metric);
  return NULL;
}

static void equal_seeds_are_paired(void **state)
{
  civ_sides sides = { 0 };
  (void)state;
  write_runs("a.json", 1, 20, 0, "p");
  write_runs("b.json", 1, 20, 0.25, "q");
  add(&sides, "a.json");
  add(&sides, "b.json");
  civ_contrasts *c = contrast(&sides, NULL, 0, 1);
  assert_int_equal(c->n, 1);
  assert_true(c->sides[0].paired);
  assert_int_equal(c->sides[0].n_pairs, 20);
  assert_int_equal(c->sides[0].n, 3);
  assert_int_equal(c->sides[0].only_a, 1);
  assert_int_equal(c->sides[0].only_b, 1);
  const civ_contrast *x = of(&c->sides[0], "x"), *y = of(&c->sides[0], "y");
  assert_near(x->comparison.difference, 0.25, 1e-12); /* the same draw on both sides: chance cancels */
  assert_true(x->p_holm < 1e-3);
  assert_false(x->equal);
  assert_true(y->equal);
  assert_true(isnan(y->p_holm));
  assert_true(of(&c->sides[0], "hole")->equal);
  assert_int_equal(of(&c->sides[0], "hole")->comparison.n, 10);
  assert_int_equal(c->n_tested, 1);
  civ_contrasts_destroy(c);
  civ_sides_free(&sides);
}

/* Sums taken in another order part in their last bits: no difference, and no member of Holm's family. */
static void rounding_is_no_difference(void **state)
{
  civ_sides sides = { 0 };
  (void)state;
  write_runs("a.json", 1, 20, 1, "p");
  write_runs("b.json", 1, 20, 1 + 4e-16, "p");
  add(&sides, "a.json");
  add(&sides, "b.json");
  civ_contrasts *c = contrast(&sides, NULL, 0, 1);
  assert_true(of(&c->sides[0], "x")->comparison.difference > 0);
  assert_true(of(&c->sides[0], "x")->equal);
  assert_int_equal(c->n_tested, 0);
  civ_contrasts_destroy(c);
  civ_sides_free(&sides);
}

static void seeds_decide_how_samples_are_taken(void **state)
{
  static const struct {
    uint64_t first, n;
    bool paired;
    uint64_t pairs, left_a, left_b;
  } cases[] = { { 1, 20, true, 20, 0, 0 },  { 5, 10, true, 10, 10, 0 },  { 1, 50, true, 20, 0, 30 },
                { 15, 20, false, 0, 0, 0 }, { 100, 20, false, 0, 0, 0 }, { 7, 1, true, 1, 19, 0 },
                { 300, 1, false, 0, 0, 0 } };
  (void)state;
  write_runs("a.json", 1, 20, 0, "p");
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    civ_sides sides = { 0 };
    write_runs("b.json", cases[k].first, cases[k].n, 0.5, "p");
    add(&sides, "a.json");
    add(&sides, "b.json");
    civ_contrasts *c = contrast(&sides, NULL, 0, 1);
    assert_true(c->sides[0].paired == cases[k].paired);
    assert_int_equal(c->sides[0].n_pairs, cases[k].pairs);
    assert_int_equal(c->sides[0].left_a, cases[k].left_a);
    assert_int_equal(c->sides[0].left_b, cases[k].left_b);
    const civ_contrast *x = of(&c->sides[0], "x");
    const bool single = cases[k].n == 1;
    assert_true(x->comparison.tested == !single);
    assert_true((x->comparison.studentised.method == CIV_INTERVAL_NONE) == single);
    assert_true(isnan(x->p_holm) == single);
    civ_contrasts_destroy(c);
    civ_sides_free(&sides);
  }
}

/* A seed that occurs twice on a side has no one partner. */
static void doubled_seeds_are_not_paired(void **state)
{
  static const char text[] =
      "{\n\"runs\": [{\"seed\": 1, \"totals\": {\"x\": 1}}, {\"seed\": 1, \"totals\": {\"x\": 2}}]}";
  civ_sides sides = { 0 };
  (void)state;
  assert_int_equal(civ_file_write("twice.json", text, strlen(text), NULL), CIV_OK);
  add(&sides, "twice.json");
  add(&sides, "twice.json");
  civ_contrasts *c = contrast(&sides, NULL, 0, 1);
  assert_false(c->sides[0].paired);
  civ_contrasts_destroy(c);
  civ_sides_free(&sides);
}

/* Corrected over all sides and metrics at once; threads change nothing. */
static void the_family_is_everything_that_was_tested(void **state)
{
  civ_sides sides = { 0 };
  double p[3], adjusted[3];
  (void)state;
  write_runs("a.json", 1, 30, 0, "p");
  write_runs("b.json", 101, 30, 0.2, "p");
  write_runs("c.json", 201, 30, 0.1, "p");
  write_runs("d.json", 301, 30, 0, "p");
  for (int k = 0; k < 4; k++) {
    const char *const names[] = { "a.json", "b.json", "c.json", "d.json" };
    add(&sides, names[k]);
  }
  civ_contrasts *c = contrast(&sides, NULL, 0, 1), *other = contrast(&sides, NULL, 0, 4);
  assert_int_equal(c->n_tested, 3);
  for (uint32_t k = 0; k < 3; k++)
    p[k] = of(&c->sides[k], "x")->comparison.p;
  assert_int_equal(civ_holm(p, 3, adjusted, NULL, NULL), CIV_OK);
  for (uint32_t k = 0; k < 3; k++)
    assert_true(of(&c->sides[k], "x")->p_holm == adjusted[k]);
  civ_buffer one = { 0 }, many = { 0 };
  civ_contrasts_json(&sides, c, &one);
  civ_contrasts_json(&sides, other, &many);
  assert_int_equal(one.length, many.length);
  assert_memory_equal(one.data, many.data, one.length);
  civ_buffer_free(&one);
  civ_buffer_free(&many);
  civ_contrasts_destroy(c);
  civ_contrasts_destroy(other);
  civ_sides_free(&sides);
}

/* Swapping the sides swaps the sign, whoever is compared. */
static void swapped_sides_swap_the_sign(void **state)
{
  civ_sides sides = { 0 }, swapped = { 0 };
  (void)state;
  write_runs("a.json", 1, 12, 0, "p");
  write_runs("b.json", 1, 12, 0.3, "p");
  add(&sides, "a.json");
  add(&sides, "b.json");
  add(&swapped, "b.json");
  add(&swapped, "a.json");
  civ_contrasts *c = contrast(&sides, NULL, 0, 1), *d = contrast(&swapped, NULL, 0, 1);
  const civ_contrast *x = of(&c->sides[0], "x"), *y = of(&d->sides[0], "x");
  assert_near(x->comparison.difference, -y->comparison.difference, 1e-12);
  assert_near(x->comparison.student.low, -y->comparison.student.high, 1e-9);
  assert_near(x->p_holm, y->p_holm, 1e-9);
  civ_contrasts_destroy(c);
  civ_contrasts_destroy(d);
  civ_sides_free(&sides);
  civ_sides_free(&swapped);
}

static void named_metrics_are_those_asked_for(void **state)
{
  static const char *const y[] = { "y", "x" }, *const near[] = { "hols" }, *const far[] = { "nothing_like_it" };
  civ_sides sides = { 0 };
  civ_contrasts *c;
  civ_error err = { 0 };
  (void)state;
  write_runs("a.json", 1, 4, 0, "p");
  add(&sides, "a.json");
  assert_int_equal(civ_contrast_sides(&sides, NULL, 0, 1, &c, &err), CIV_E_RANGE);
  add(&sides, "a.json");
  c = contrast(&sides, y, 2, 1);
  assert_int_equal(c->sides[0].n, 2);
  assert_string_equal(c->sides[0].contrasts[0].metric, "y");
  civ_contrasts_destroy(c);
  assert_int_equal(civ_contrast_sides(&sides, near, 1, 1, &c, &err), CIV_E_KEY);
  assert_non_null(strstr(err.text, "did you mean 'hole'"));
  assert_int_equal(civ_contrast_sides(&sides, far, 1, 1, &c, &err), CIV_E_KEY);
  civ_sides_free(&sides);
}

static void refused(const char *what, const char *content, civ_status wanted, const char *text)
{
  civ_sides sides = { 0 };
  civ_error err = { 0 };
  if (content != NULL)
    assert_int_equal(civ_file_write(what, content, strlen(content), NULL), CIV_OK);
  assert_int_equal(civ_sides_add(&sides, what, registry, &err), wanted);
  if (strstr(err.text, text) == NULL)
    fail_msg("'%s' does not say '%s'", err.text, text);
  civ_sides_free(&sides);
}

static void bad_sides_are_refused(void **state)
{
  (void)state;
  refused("absent", NULL, CIV_E_IO, "No such file");
  refused("store", "SQLite format 3 and more", CIV_E_FORMAT, "name an experiment in it, such as store:1");
  refused("no.yaml", "agents: []\n", CIV_E_FORMAT, "neither an event log");
  refused("list.json", "{\n \"x\": 1}", CIV_E_FORMAT, "no list of runs");
  refused("torn.json", "{\n \"runs\": [", CIV_E_FORMAT, "no JSON");
  refused("none.json", "{\n \"runs\": []}", CIV_E_STATE, "no finished run");
  refused("cut.json", "{\n \"runs\": [{\"seed\": 1, \"end\": \"interrupted\", \"totals\": {\"x\": 1}}]}", CIV_E_STATE,
          "interrupted");
  refused(".", NULL, CIV_E_IO, "holds no run");
  refused("absent.sqlite:1", NULL, CIV_E_IO, "no results store");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(equal_seeds_are_paired),
    cmocka_unit_test(rounding_is_no_difference),
    cmocka_unit_test(seeds_decide_how_samples_are_taken),
    cmocka_unit_test(doubled_seeds_are_not_paired),
    cmocka_unit_test(the_family_is_everything_that_was_tested),
    cmocka_unit_test(swapped_sides_swap_the_sign),
    cmocka_unit_test(named_metrics_are_those_asked_for),
    cmocka_unit_test(bad_sides_are_refused),
  };
  return cmocka_run_group_tests(tests, enter, leave);
}
