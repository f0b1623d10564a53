/* epochs FIGURES.json [SEEDS] - are the columns of our epochs those of the reference model?
 *
 * The file names a scenario and, per epoch and column, mean and standard deviation over the reference's seeds. Our mean over
 * seeds may differ by at most four standard errors of the difference. A column that misses is looked at once more, with fresh
 * seeds and n >= 1200: only a second miss counts. */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/json.h"
#include "civitas/civitas.h"

typedef struct figure {
  const char *column;
  uint32_t epoch;
  double mean, sd;
  bool missed;
} figure;

/* Mean and standard deviation over the runs; false: no such column. */
static bool measure(const civ_experiment *e, const figure *f, double *mean, double *sd, double *n)
{
  *mean = *sd = *n = 0;
  for (uint64_t k = 0; k < civ_experiment_size(e); k++) {
    const civ_run_record *r = civ_experiment_record(e, k);
    uint32_t column = 0;
    while (column < r->epoch_columns.n && strcmp(r->epoch_columns.decls[column].name, f->column) != 0)
      column++;
    if (r->failed != CIV_OK || column == r->epoch_columns.n || f->epoch >= r->n_epochs)
      return false;
    const double x = r->rows[(size_t)f->epoch * r->epoch_columns.n + column], d = x - *mean;
    *mean += d / ++*n;
    *sd += d * (x - *mean);
  }
  *sd = *n > 1 ? sqrt(*sd / (*n - 1)) : 0;
  return *n > 1;
}

static uint32_t check(const civ_experiment *e, figure *figures, uint32_t n, double n_reference, bool again)
{
  uint32_t misses = 0;
  for (uint32_t k = 0; k < n; k++) {
    figure *f = &figures[k];
    double mean, sd, runs;
    if (again && !f->missed)
      continue;
    const bool known = measure(e, f, &mean, &sd, &runs);
    const double error = known ? sqrt(sd * sd / runs + f->sd * f->sd / n_reference) : 0;
    f->missed = !known || fabs(mean - f->mean) > 4 * error;
    misses += f->missed;
    if (f->missed || getenv("CIV_VERBOSE"))
      printf("%s epoch %u %-22s mean %.6g (reference %.6g), z %+.2f\n", f->missed ? "miss" : "ok  ", f->epoch,
             f->column, mean, f->mean, (mean - f->mean) / error);
  }
  return misses;
}

static uint32_t read_figures(const json_t *epochs, figure *out)
{
  const json_t *columns, *pair;
  const char *epoch, *column;
  uint32_t n = 0;
  json_object_foreach((json_t *)(uintptr_t)epochs, epoch, columns)
      json_object_foreach((json_t *)(uintptr_t)columns, column, pair) out[n++] =
          (figure){ .column = column,
                    .epoch = (uint32_t)strtoul(epoch, NULL, 10),
                    .mean = json_number_value(json_array_get(pair, 0)),
                    .sd = json_number_value(json_array_get(pair, 1)) };
  return n;
}

static civ_status run_and_check(const civ_config *config, figure *figures, uint32_t n, double n_reference,
                                uint64_t seeds, uint32_t *misses, civ_error *err)
{
  civ_experiment *e;
  civ_experiment_options options = { .first_seed = 1, .n = seeds, .keep_epochs = true };
  civ_status st = civ_experiment_run(config, &options, &e, err);
  if (st != CIV_OK)
    return st;
  *misses = check(e, figures, n, n_reference, false);
  civ_experiment_destroy(e);
  if (*misses == 0)
    return CIV_OK;
  printf("repeating %u columns with fresh seeds\n", *misses);
  options.first_seed = 1000000;
  options.n = seeds > 1200 ? seeds : 1200;
  st = civ_experiment_run(config, &options, &e, err);
  if (st != CIV_OK)
    return st;
  *misses = check(e, figures, n, n_reference, true);
  civ_experiment_destroy(e);
  return CIV_OK;
}

static civ_status compare(const civ_registry *registry, const json_t *setting, double n_reference, uint64_t seeds,
                          uint32_t *passed, uint32_t *failed, civ_error *err)
{
  enum { MOST = 256 };
  figure figures[MOST];
  civ_buffer text = { 0 };
  civ_diagnostics found = { 0 };
  civ_config *config;
  uint32_t misses = 0;
  const uint32_t n = read_figures(json_object_get(setting, "epochs"), figures);
  civ_json_write(&text, json_object_get(setting, "scenario"), 0);
  civ_status st = civ_scenario_parse(registry, "figures", text.data, text.length, 0, &config, &found, err);
  civ_buffer_free(&text);
  civ_diagnostics_free(&found);
  if (st != CIV_OK)
    return st;
  st = run_and_check(config, figures, n, n_reference, seeds, &misses, err);
  civ_config_destroy(config);
  *passed += n - misses;
  *failed += misses;
  return st;
}

int main(int argc, char **argv)
{
  civ_error err = { 0 };
  civ_registry *registry;
  uint32_t passed = 0, failed = 0;
  if (argc < 2) {
    fprintf(stderr, "usage: epochs FIGURES.json [SEEDS]\n");
    return 2;
  }
  json_t *reference = json_load_file(argv[1], 0, NULL);
  const json_t *settings = json_object_get(reference, "settings");
  const double n = json_number_value(json_object_get(reference, "seeds"));
  civ_status st = civ_registry_create_default(&registry, &err);
  for (size_t k = 0; st == CIV_OK && k < json_array_size(settings); k++)
    st = compare(registry, json_array_get(settings, k), n, argc > 2 ? strtoull(argv[2], NULL, 10) : 400, &passed,
                 &failed, &err);
  if (st != CIV_OK) {
    fprintf(stderr, "epochs: %s: %s\n", err.where, err.text);
    failed++;
  } else {
    civ_registry_destroy(registry);
  }
  json_decref(reference);
  printf("%u passed, %u failed\n", passed, failed);
  return failed > 0 || passed == 0;
}
