/* governance12 SWEEP.yaml BASE.yaml EXPECTED.json [RUNS] - does the governance sweep come out as published?
 *
 * Published are means over 40 seeds, most with their sd. A mean agrees if it is within four standard errors of the difference,
 * plus half of the last printed digit; where no sd is given, ours stands in for it. What misses is repeated once with fresh
 * seeds: only a second miss counts. */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/sweep.h"
#include "lab/sweep_summary.h"

static int fail(const civ_error *err)
{
  fprintf(stderr, "governance12: %s: %s\n", err->where, err->text);
  printf("0 passed, 1 failed\n");
  return 1;
}

/* What was asked and missed, by name, so that a second look knows where to look. */
typedef struct tally {
  json_t *missed; /* set of "configuration metric" */
  unsigned passed, failed;
} tally;

static double number(const json_t *object, const char *key, double otherwise)
{
  const json_t *value = json_object_get(object, key);
  return json_is_number(value) ? json_number_value(value) : otherwise;
}

static bool agrees(const civ_sweep_estimate *e, const json_t *expected, double seeds, double *z)
{
  const double sd = number(expected, "sd", e->sd), n = (double)e->n;
  const double error = sqrt(e->sd * e->sd / n + sd * sd / seeds), difference = e->mean - number(expected, "mean", NAN);
  *z = error > 0 ? difference / error : 0;
  return fabs(difference) <= 4 * error + number(expected, "digit", 0) / 2;
}

/* Looks at one configuration; in a second look (`before` not NULL) only at what missed. */
static void look(const civ_sweep_summary *s, const civ_sweep_group *g, const json_t *expected, double seeds,
                 const json_t *before, tally *t)
{
  const civ_sweep_spec *spec = civ_sweep_plan_spec(civ_sweep_rows_plan(s->rows));
  const char *name = spec->configurations[g->configuration].name;
  const json_t *all = json_object_get(expected, name);
  for (uint32_t m = 0; m < spec->n_metrics; m++) {
    char key[160];
    double z = 0;
    const json_t *one = json_object_get(all, spec->metrics[m].name);
    snprintf(key, sizeof key, "%s %s", name, spec->metrics[m].name);
    if (before != NULL && json_object_get(before, key) == NULL)
      continue;
    if (one != NULL && agrees(&g->estimates[m], one, seeds, &z)) {
      t->passed++;
      if (getenv("CIV_VERBOSE") == NULL)
        continue;
    } else {
      t->failed++;
      json_object_set_new(t->missed, key, json_true());
    }
    printf("%s %-52s mean %.5g (published %.5g), z %+.2f\n", json_object_get(t->missed, key) ? "miss" : "ok  ", key,
           g->estimates[m].mean, number(one, "mean", NAN), z);
  }
}

static civ_status run(const civ_sweep_spec *spec, const civ_config *base, const json_t *expected, double seeds,
                      const json_t *before, tally *t, civ_error *err)
{
  const civ_sweep_options options = { .workers = 0 };
  civ_sweep_plan *plan;
  civ_sweep_rows *rows = NULL;
  civ_sweep_summary *summary = NULL;
  civ_status status = civ_sweep_plan_create(spec, base, "governance12", &plan, err);
  if (status != CIV_OK)
    return status;
  status = civ_sweep_run(plan, &options, &rows, err);
  if (status == CIV_OK)
    status = civ_sweep_summarise(rows, 0, &summary, err);
  for (uint64_t k = 0; status == CIV_OK && k < summary->n_groups; k++)
    look(summary, &summary->groups[k], expected, seeds, before, t);
  civ_sweep_summary_destroy(summary);
  civ_sweep_rows_destroy(rows);
  civ_sweep_plan_destroy(plan);
  return status;
}

int main(int argc, char **argv)
{
  civ_arena arena = civ_arena_create(NULL);
  civ_registry *registry = NULL;
  civ_config *base = NULL;
  civ_sweep_spec spec;
  civ_error err = { 0 };
  tally first = { .missed = json_object() }, second = { .missed = json_object() };
  if (argc < 4) {
    fprintf(stderr, "usage: governance12 SWEEP.yaml BASE.yaml EXPECTED.json [RUNS]\n");
    return 2;
  }
  json_t *document = json_load_file(argv[3], 0, NULL);
  const json_t *expected = json_object_get(document, "configurations");
  const double seeds = number(document, "seeds", 0);
  civ_status status = civ_registry_create_default(&registry, &err);
  if (status == CIV_OK)
    status = civ_scenario_load(registry, argv[2], 0, &base, NULL, &err);
  if (status == CIV_OK)
    status = civ_sweep_load(argv[1], &arena, &spec, NULL, &err);
  if (status == CIV_OK && json_object_size(expected) != spec.n_configurations)
    status = civ_fail(&err, CIV_E_FORMAT, argv[3], "as many configurations as the sweep has are needed");
  spec.runs_per_config = argc > 4 ? strtoull(argv[4], NULL, 10) : 400;
  if (status == CIV_OK)
    status = run(&spec, base, expected, seeds, NULL, &first, &err);
  unsigned passed = first.passed, failed = first.failed;
  if (status == CIV_OK && failed > 0) {
    printf("repeating %u means with fresh seeds\n", failed);
    spec.seed_base = 1000000;
    spec.runs_per_config *= 3;
    status = run(&spec, base, expected, seeds, first.missed, &second, &err);
    passed += second.passed;
    failed = second.failed;
  }
  civ_config_destroy(base);
  civ_registry_destroy(registry);
  civ_arena_destroy(&arena);
  json_decref(document);
  json_decref(first.missed);
  json_decref(second.missed);
  if (status != CIV_OK)
    return fail(&err);
  printf("%u passed, %u failed\n", passed, failed);
  return failed > 0;
}
