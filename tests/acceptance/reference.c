/* reference SCENARIO.yaml REFERENCE.json [SEEDS] - are our distributions those of the reference model?
 *
 * The reference gives n, mean, sd and quantiles of every metric over seeds. Two checks per metric: the means differ by at
 * most four standard errors of the difference; and at each given quantile x of level q our empirical distribution function
 * satisfies F(x-) - D <= q <= F(x) + D with D = 1.95 sqrt((n1 + n2) / (n1 n2)), a necessary condition of the two-sample
 * Kolmogorov-Smirnov test at alpha = 0.001 that is right for ties. What misses is repeated once with fresh seeds and n >= 1200:
 * only a second miss of the same metric counts. */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "civitas/civitas.h"
#include "civitas/experiment.h"

typedef struct metric {
  const char *name;
  const json_t *expected;
  bool missed;
} metric;

typedef struct sample {
  double *values;
  size_t n;
  double mean, sd;
} sample;

static int compare_reals(const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double number(const json_t *object, const char *key)
{
  return json_number_value(json_object_get(object, key));
}

/* Our values of one metric over the runs, sorted; n = 0 when we do not report it. */
static sample take(const civ_experiment *e, const char *name)
{
  const civ_columns totals = civ_experiment_totals(e);
  sample s = { .values = calloc(civ_experiment_size(e), sizeof(double)) };
  uint32_t column = 0;
  while (column < totals.n && strcmp(totals.decls[column].name, name) != 0)
    column++;
  for (uint64_t k = 0; column < totals.n && k < civ_experiment_size(e); k++) {
    const civ_run_record *record = civ_experiment_record(e, k);
    if (record->failed != CIV_OK)
      continue;
    const double x = record->totals[column], d = x - s.mean;
    s.values[s.n++] = x;
    s.mean += d / (double)s.n;
    s.sd += d * (x - s.mean); /* second moment for now */
  }
  s.sd = s.n > 1 ? sqrt(s.sd / (double)(s.n - 1)) : 0;
  qsort(s.values, s.n, sizeof *s.values, compare_reals);
  return s;
}

static bool means_agree(const sample *s, const json_t *expected, double n2, double *z)
{
  const double difference = s->mean - number(expected, "mean"), sd2 = number(expected, "sd");
  const double error = sqrt(s->sd * s->sd / (double)s->n + sd2 * sd2 / n2);
  *z = error > 0 ? difference / error : 0;
  if (s->sd < 1e-9 && sd2 < 1e-9)
    return fabs(difference) <= 1e-9;
  return fabs(difference) <= 4 * error;
}

/* Largest violation of the quantile condition, relative to D; <= 1 agrees. Quantiles that are not given do not matter. */
static double quantile_distance(const sample *s, const json_t *expected, double n2)
{
  static const struct {
    const char *name;
    double level;
  } quantiles[] = { { "q05", 0.05 }, { "q25", 0.25 }, { "q50", 0.5 }, { "q75", 0.75 }, { "q95", 0.95 } };
  const double n1 = (double)s->n, d = 1.95 * sqrt((n1 + n2) / (n1 * n2));
  double worst = 0;
  for (size_t k = 0; k < sizeof quantiles / sizeof *quantiles; k++) {
    if (json_object_get(expected, quantiles[k].name) == NULL)
      continue;
    const double x = number(expected, quantiles[k].name), slack = 1e-9 * fmax(1, fabs(x));
    size_t below = 0, upto = 0;
    for (size_t i = 0; i < s->n; i++) {
      below += s->values[i] < x - slack;
      upto += s->values[i] <= x + slack;
    }
    worst = fmax(worst, ((double)below / n1 - quantiles[k].level) / d);
    worst = fmax(worst, (quantiles[k].level - (double)upto / n1) / d);
  }
  return worst;
}

/* Checks the metrics still in question; returns how many miss. */
static size_t check(const civ_experiment *e, metric *metrics, size_t n, double n2, bool again)
{
  size_t misses = 0;
  for (size_t k = 0; k < n; k++) {
    if (again && !metrics[k].missed)
      continue;
    sample s = take(e, metrics[k].name);
    double z = 0;
    const bool known = s.n > 0, mean = known && means_agree(&s, metrics[k].expected, n2, &z);
    const double distance = known ? quantile_distance(&s, metrics[k].expected, n2) : INFINITY;
    metrics[k].missed = !mean || distance > 1;
    misses += metrics[k].missed;
    if (metrics[k].missed || getenv("CIV_VERBOSE"))
      printf("%s %-28s mean %.6g (reference %.6g), z %+.2f, distance %.2f of the limit%s\n",
             metrics[k].missed ? "miss" : "ok  ", metrics[k].name, s.mean, number(metrics[k].expected, "mean"), z,
             distance, known ? "" : " - not reported by us");
    free(s.values);
  }
  return misses;
}

static civ_status run_seeds(const civ_config *config, uint64_t first, uint64_t n, civ_experiment **out, civ_error *err)
{
  const civ_experiment_options options = { .first_seed = first, .n = n };
  return civ_experiment_run(config, &options, out, err);
}

static int fail(const char *what, const civ_error *err)
{
  fprintf(stderr, "reference: %s: %s: %s\n", what, err->where, err->text);
  printf("0 passed, 1 failed\n");
  return 1;
}

static size_t compare(const civ_config *config, metric *metrics, size_t n, double n2, uint64_t seeds, civ_error *err)
{
  civ_experiment *e;
  if (run_seeds(config, 1, seeds, &e, err) != CIV_OK)
    return SIZE_MAX;
  size_t misses = check(e, metrics, n, n2, false);
  civ_experiment_destroy(e);
  if (misses == 0)
    return 0;
  printf("repeating %zu metrics with fresh seeds\n", misses);
  if (run_seeds(config, 1000000, seeds > 1200 ? seeds : 1200, &e, err) != CIV_OK)
    return SIZE_MAX;
  misses = check(e, metrics, n, n2, true);
  civ_experiment_destroy(e);
  return misses;
}

int main(int argc, char **argv)
{
  civ_error err = { 0 };
  civ_registry *registry;
  civ_config *config;
  civ_diagnostics found = { 0 };
  if (argc < 3) {
    fprintf(stderr, "usage: reference SCENARIO.yaml REFERENCE.json [SEEDS]\n");
    return 2;
  }
  const uint64_t seeds = argc > 3 ? strtoull(argv[3], NULL, 10) : 1000;
  json_t *reference = json_load_file(argv[2], 0, NULL);
  const json_t *expected = json_object_get(reference, "metrics");
  const size_t n = json_object_size(expected);
  metric *metrics = calloc(n + 1, sizeof *metrics);
  const char *name;
  json_t *value;
  size_t k = 0;
  json_object_foreach((json_t *)(uintptr_t)expected, name, value) metrics[k++] = (metric){ name, value, false };
  if (n == 0 || !metrics) {
    fprintf(stderr, "reference: %s holds no metrics\n", argv[2]);
    printf("0 passed, 1 failed\n");
    return 1;
  }
  if (civ_registry_create_default(&registry, &err) != CIV_OK)
    return fail("registry", &err);
  if (civ_scenario_load(registry, argv[1], 0, &config, &found, &err) != CIV_OK)
    return fail(argv[1], &err);
  const size_t misses = compare(config, metrics, n, number(reference, "seeds"), seeds, &err);
  if (misses == SIZE_MAX)
    return fail("run", &err);
  civ_diagnostics_free(&found);
  civ_config_destroy(config);
  civ_registry_destroy(registry);
  json_decref(reference);
  free(metrics);
  printf("%zu passed, %zu failed\n", n - misses, misses);
  return misses > 0;
}
