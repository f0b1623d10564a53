/* coverage.c - how often do intervals cover? Prints the tables of docs/statistics.md.
 *
 *     interval_coverage [TRIALS] */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "civitas/draws.h"
#include "statistics/interval.h"
#include "statistics/statistics.h"
#include "statistics/stopping.h"

enum { MOST = 2000 };

static double normal(civ_draws *draws)
{
  const double radius = sqrt(-2.0 * log(1.0 - civ_draw_uniform(draws)));
  return radius * cos(6.283185307179586 * civ_draw_uniform(draws));
}

static double exponential(civ_draws *draws)
{
  return -log(1.0 - civ_draw_uniform(draws));
}

static double lognormal(civ_draws *draws)
{
  return exp(normal(draws));
}

static double rare(civ_draws *draws)
{
  return civ_draw_chance(draws, 0.05) ? 1.0 : 0.0;
}

static const struct source {
  const char *name;
  double (*draw)(civ_draws *draws);
  double mean;
} sources[] = { { "normal", normal, 0 },
                { "exponential", exponential, 1 },
                { "log-normal", lognormal, 1.6487212707001282 },
                { "0 or 1, 5 % ones", rare, 0.05 } };

static civ_draws trial_draws(uint32_t table, int trial)
{
  const civ_draw_key key = { .purpose = CIV_PURPOSE_SAMPLE, .entity = table, .step = (uint32_t)trial };
  return civ_draws_open(20240607, &key);
}

static int covers(civ_interval i, double truth)
{
  return i.method != CIV_INTERVAL_NONE && i.low <= truth && truth <= i.high;
}

static void means(int trials)
{
  static const uint32_t sizes[] = { 5, 10, 30, 50, 100, 400 };
  printf("| data | method |");
  for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++)
    printf(" n = %u |", sizes[k]);
  printf("\n|---|---|---|---|---|---|---|---|\n");
  for (uint32_t s = 0; s < sizeof sources / sizeof *sources; s++) {
    double shares[3][8]; /* by method, by size */
    const bool counts = sources[s].draw == rare;
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
      int covered[3] = { 0 };
      for (int trial = 0; trial < trials; trial++) {
        double x[MOST];
        civ_draws draws = trial_draws(s, trial);
        for (uint32_t i = 0; i < sizes[k]; i++)
          x[i] = sources[s].draw(&draws);
        civ_bootstrap options = civ_bootstrap_default((uint64_t)trial);
        options.resamples = 999;
        civ_interval found;
        if (civ_interval_bootstrap(x, sizes[k], &options, &found, NULL) != CIV_OK)
          exit(1);
        covered[1] += covers(found, sources[s].mean);
        const civ_summary summary = civ_summarise(x, sizes[k]);
        covered[0] += covers(civ_interval_student(&summary, 0.95), sources[s].mean);
        const uint64_t hits = counts ? (uint64_t)(summary.mean * sizes[k] + 0.5) : 0;
        covered[2] += covers(civ_interval_share(hits, sizes[k], 0.95), sources[s].mean);
      }
      for (int method = 0; method < 3; method++)
        shares[method][k] = (double)covered[method] / trials;
    }
    static const char *const methods[] = { "t", "studentised", "Wilson" };
    for (int method = 0; method < (counts ? 3 : 2); method++) {
      printf("| %s | %s |", sources[s].name, methods[method]);
      for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++)
        printf(" %.3f |", shares[method][k]);
      printf("\n");
    }
    fflush(stdout);
  }
}

static void stopping(int trials)
{
  static const struct {
    uint64_t least, batch;
  } rules[] = { { 5, 1 }, { 10, 1 }, { 10, 10 }, { 30, 1 }, { 30, 10 }, { 50, 10 }, { 100, 10 } };
  static const double widths[] = { 0.5, 0.25, 0.15 };
  printf("\n| least | batch | W = 0.50 sd | W = 0.25 sd | W = 0.15 sd | exponential, W = 0.25 sd "
         "|\n|---|---|---|---|---|---|\n");
  for (size_t r = 0; r < sizeof rules / sizeof *rules; r++) {
    printf("| %d | %d |", (int)rules[r].least, (int)rules[r].batch);
    for (int column = 0; column < 4; column++) {
      const struct source *source = &sources[column < 3 ? 0 : 1];
      civ_stopping rule = civ_stopping_default(widths[column < 3 ? column : 1]);
      rule.least = rules[r].least;
      rule.batch = rules[r].batch;
      rule.most = MOST;
      int covered = 0;
      double runs = 0;
      for (int trial = 0; trial < trials; trial++) {
        double x[MOST];
        civ_draws draws = trial_draws(100, trial);
        civ_stop_verdict v = { .stop = CIV_STOP_NOT_YET };
        for (uint64_t done = 0; v.stop == CIV_STOP_NOT_YET;) {
          v = civ_stopping_look(&rule, x, done);
          for (; v.stop == CIV_STOP_NOT_YET && done < v.runs; done++)
            x[done] = source->draw(&draws);
        }
        covered += fabs(v.mean - source->mean) <= v.half_width;
        runs += (double)v.runs / trials;
      }
      printf(" %.3f (%.0f) |", (double)covered / trials, runs);
    }
    printf("\n");
    fflush(stdout);
  }
}

int main(int argc, char **argv)
{
  const int trials = argc > 1 ? atoi(argv[1]) : 10000;
  if (trials < 1)
    return 2;
  means(trials);
  stopping(trials);
  return 0;
}
