/* cmd_compare.c - civitas compare: what differs between runs, by how much, and how sure that is. */
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "civitas/scenario.h"
#include "cli/cli.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "lab/compare.h"

typedef struct compare_options {
  civ_texts metrics;
  civ_opt_integer threads;
  bool json, all;
} compare_options;

static const civ_option options[] = {
  CIV_OPTION_TEXTS_(compare_options, metrics, 'm', "metric", "NAME",
                    "compare this total only, as in mean_toxicity; may be repeated"),
  CIV_OPTION_FLAG_(compare_options, all, 'a', "all", "also show totals that are the same in every run"),
  CIV_OPTION_FLAG_(compare_options, json, 0, "json", "print JSON"),
  CIV_OPTION_INTEGER_(compare_options, threads, 'j', "threads", "N", 1, 4096,
                      "threads (default: all processors); results do not depend on it"),
  { 0 },
};

const civ_command civ_command_compare = {
  .name = "compare",
  .summary = "what differs between runs, by how much, and how sure that is",
  .arguments = "A B...",
  .least = 1,
  .most = UINT32_MAX,
  .options = options,
  .options_size = sizeof(compare_options),
  .details =
      "Each argument is a run folder, the folder of an experiment, an event log, a file that 'civitas run --json' "
      "wrote, "
      "or runs in a results store: STORE:ID, STORE:ID/CONFIGURATION (its name or number). STORE:ID of a sweep stands "
      "for all its "
      "configurations. Every other side is compared with the first: the differences are that side minus the first.\n\n"
      "Where the seeds of the smaller side all occur in the other, runs are compared seed by seed; otherwise as "
      "independent "
      "samples (Welch). Intervals (95 %, of each difference alone) and p-values are those of one test, Student's t or "
      "Welch's; --json also gives the interval of the studentised bootstrap, which does not assume normal differences. "
      "The effect is the mean "
      "difference over its standard deviation (d_z, seed by seed) or Hedges' g; p-values are corrected after Holm over "
      "all "
      "comparisons made. Of one run against one run only the difference is told: it says nothing about other seeds.",
  .example = "civitas compare runs/baseline-1 runs/baseline-2\n"
             "civitas compare results.sqlite:1/baseline results.sqlite:1/combined --metric mean_toxicity\n"
             "civitas compare before.json after.json --json",
  .run = civ_cmd_compare,
};

/* Four digits that count, whole numbers whole. */
static void put_number(civ_table *table, double x, bool integer)
{
  char cell[48];
  if (!isfinite(x))
    snprintf(cell, sizeof cell, "-");
  else if (integer && x == floor(x) && fabs(x) < 1e15)
    snprintf(cell, sizeof cell, "%.0f", x + 0.0);
  else
    snprintf(cell, sizeof cell, "%.4g", x);
  civ_table_text(table, cell);
}

static void put_p(civ_table *table, double p)
{
  char cell[24];
  if (isnan(p))
    snprintf(cell, sizeof cell, "-");
  else if (p < 0.0001)
    snprintf(cell, sizeof cell, "<0.0001");
  else
    snprintf(cell, sizeof cell, "%.4f", p);
  civ_table_text(table, cell);
}

static void put_contrast(civ_table *table, const civ_contrast *c)
{
  const civ_difference *x = &c->comparison;
  const bool known = x->n_a > 0 && x->n_b > 0, ends = known && x->student.method != CIV_INTERVAL_NONE;
  civ_table_text(table, c->metric);
  put_number(table, x->n_a > 0 ? x->mean_a : NAN, c->integer);
  put_number(table, x->n_b > 0 ? x->mean_b : NAN, c->integer);
  put_number(table, known ? x->difference : NAN, c->integer);
  put_number(table, ends ? x->student.low : NAN, false);
  put_number(table, ends ? x->student.high : NAN, false);
  put_number(table, x->has_effect ? x->effect : NAN, false);
  put_p(table, c->p_holm);
  civ_table_text(table, c->p_holm < 0.05 ? "*" : "");
}

static void print_kind(const civ_side *first, const civ_side_contrasts *s)
{
  if (s->paired && s->n_pairs == 1)
    printf("  one pair of runs of the same seed: the differences are those of these two runs; they say nothing about "
           "other "
           "seeds\n");
  else if (s->paired)
    printf("  %llu pairs of runs, seed by seed\n", (unsigned long long)s->n_pairs);
  else if (first->n == 1 && s->side->n == 1)
    printf("  one run each, of different seeds: the differences are those of these two runs, chance included\n");
  else if (first->n == 1 || s->side->n == 1)
    printf("  %llu run%s against %llu: of a single run there is no spread, so no interval and no test\n",
           (unsigned long long)first->n, first->n == 1 ? "" : "s", (unsigned long long)s->side->n);
  else
    printf("  %llu runs against %llu, as independent samples\n", (unsigned long long)first->n,
           (unsigned long long)s->side->n);
  if (s->left_a + s->left_b > 0)
    printf("  %llu runs without a partner are left out\n", (unsigned long long)(s->left_a + s->left_b));
  if (first->n_failed + s->side->n_failed > 0)
    printf("  %llu and %llu runs failed or were interrupted and do not count\n", (unsigned long long)first->n_failed,
           (unsigned long long)s->side->n_failed);
}

static bool print_side(const compare_options *o, const civ_sides *sides, const civ_side_contrasts *s)
{
  assert(sides->n > 0 && sides->items != NULL);
  const civ_side *first = &sides->items[0];
  const char *effect = s->paired ? "d_z" : "g";
  const civ_table_column columns[] = { { "total", false, 0 }, { "A", true, 3 },        { "B", true, 3 },
                                       { "B - A", true, 0 },  { "low", true, 1 },      { "high", true, 1 },
                                       { effect, true, 2 },   { "p (Holm)", true, 1 }, { "", false, 1 } };
  civ_table *table = civ_table_create(columns, sizeof columns / sizeof *columns);
  uint32_t equal = 0, shown = 0;
  if (table == NULL)
    return false;
  printf("A  %s\nB  %s\n", first->name, s->side->name);
  print_kind(first, s);
  for (uint32_t k = 0; k < s->n; k++) {
    equal += s->contrasts[k].equal;
    if (s->contrasts[k].equal && !o->all && o->metrics.n == 0)
      continue;
    put_contrast(table, &s->contrasts[k]);
    shown++;
  }
  const bool ok = shown == 0 || civ_table_print(table, stdout, 2, civ_terminal_width(stdout));
  if (equal > 0 && shown < s->n)
    printf("  %u of %u totals are the same in every run%s\n", equal, s->n, shown > 0 ? " (--all shows them)" : "");
  if (s->only_a + s->only_b > 0)
    printf("  %u totals of A and %u of B have no counterpart\n", s->only_a, s->only_b);
  putchar('\n');
  civ_table_destroy(table);
  return ok;
}

static int print_all(const compare_options *o, const civ_sides *sides, const civ_contrasts *c)
{
  for (uint32_t k = 0; k < c->n; k++)
    if (!print_side(o, sides, &c->sides[k])) {
      civ_cli_error("out of memory");
      return CIV_EXIT_FAILED;
    }
  if (c->n_tested > 0)
    printf("low, high: 95 %% interval of each B - A alone, by the t test that p is of (bootstrap intervals: --json)\n"
           "* p < 0.05 after Holm's correction over %llu comparisons\n",
           (unsigned long long)c->n_tested);
  return CIV_EXIT_DONE;
}

static int print_json(const civ_sides *sides, const civ_contrasts *c)
{
  civ_buffer out = { 0 };
  civ_contrasts_json(sides, c, &out);
  if (out.failed)
    civ_cli_error("out of memory");
  else
    (void)!civ_cli_receive(NULL, out.data, out.length);
  const int code = out.failed ? CIV_EXIT_FAILED : CIV_EXIT_DONE;
  civ_buffer_free(&out);
  return code;
}

static int compare(const compare_options *o, int n, char **arguments, const civ_registry *registry)
{
  civ_error err = { 0 };
  civ_sides sides = { 0 };
  civ_contrasts *contrasts = NULL;
  civ_status status = CIV_OK;
  for (int k = 0; status == CIV_OK && k < n; k++)
    status = civ_sides_add(&sides, arguments[k], registry, &err);
  if (status == CIV_OK)
    status = civ_contrast_sides(&sides, o->metrics.items, o->metrics.n, o->threads.set ? (uint32_t)o->threads.value : 0,
                                &contrasts, &err);
  int code = CIV_EXIT_DONE;
  if (status != CIV_OK)
    code = civ_cli_fail(&err);
  else
    code = o->json ? print_json(&sides, contrasts) : print_all(o, &sides, contrasts);
  civ_contrasts_destroy(contrasts);
  civ_sides_free(&sides);
  return code;
}

int civ_cmd_compare(int argc, char **argv)
{
  compare_options o = { 0 };
  civ_error err = { 0 };
  civ_registry *registry = NULL;
  int code;
  if (!civ_cli_parse(&civ_command_compare, &argc, argv, &o, &code))
    return code;
  if (civ_registry_create_default(&registry, &err) != CIV_OK)
    code = civ_cli_fail(&err);
  else
    code = compare(&o, argc - 1, argv + 1, registry);
  civ_registry_destroy(registry);
  civ_texts_free(&o.metrics);
  return code;
}
