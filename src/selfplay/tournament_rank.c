/* Standings: what each matchup's episodes say together, with intervals. */
#include <stdlib.h>
#include <string.h>

#include "base/threads.h"
#include "selfplay/tournament_inside.h"
#include "statistics/interval.h"
#include "statistics/statistics.h"

enum { SCORE, EMPATHY, TREASURY, QUANTITIES };

static double quantity(const civ_episode_result *r, int which)
{
  return which == SCORE     ? r->score.governance_score
         : which == EMPATHY ? r->score.empathy_ratio
                            : r->score.treasury_final;
}

/* Mean and 95 % interval of one quantity over a matchup's episodes. */
typedef struct average {
  double mean;
  civ_interval interval;
  civ_status status;
  civ_error error;
} average;

/* Resampling takes as long as many episodes: one job each. */
typedef struct ranking {
  const civ_tournament *t;
  average *averages; /* matchups x QUANTITIES */
  double *values;    /* workers x seeds: room to gather one quantity in */
} ranking;

static bool take_average(void *arg, uint64_t k, uint32_t worker)
{
  const ranking *r = arg;
  const uint64_t n = r->t->setup.n_seeds;
  const uint32_t matchup = (uint32_t)(k / QUANTITIES), which = (uint32_t)(k % QUANTITIES);
  const civ_episode_result *results = &r->t->results[matchup * n];
  double *values = &r->values[worker * n];
  average *out = &r->averages[k];
  civ_bootstrap options = civ_bootstrap_default(r->t->setup.first_seed);
  options.entity = matchup;
  options.other = which;
  for (uint64_t i = 0; i < n; i++)
    values[i] = quantity(&results[i], (int)which);
  out->mean = civ_mean(values, n);
  out->status = civ_interval_bootstrap(values, n, &options, &out->interval, &out->error);
  return out->status == CIV_OK;
}

static void rank_one(const civ_tournament *t, uint32_t matchup, const average averages[QUANTITIES], civ_standing *out)
{
  const civ_episode_result *results = &t->results[matchup * t->setup.n_seeds];
  *out = (civ_standing){ .matchup = t->setup.matchups[matchup].name,
                         .episodes = t->setup.n_seeds,
                         .spread = averages[SCORE].interval.method != CIV_INTERVAL_NONE,
                         .governance_score = averages[SCORE].mean,
                         .low = averages[SCORE].interval.low,
                         .high = averages[SCORE].interval.high,
                         .empathy_ratio = averages[EMPATHY].mean,
                         .empathy_low = averages[EMPATHY].interval.low,
                         .empathy_high = averages[EMPATHY].interval.high,
                         .treasury_final = averages[TREASURY].mean,
                         .treasury_low = averages[TREASURY].interval.low,
                         .treasury_high = averages[TREASURY].interval.high };
  for (uint64_t k = 0; k < t->setup.n_seeds; k++) {
    const double trough = results[k].score.empathy_floor_trough;
    out->worst_empathy_trough = k == 0 || trough < out->worst_empathy_trough ? trough : out->worst_empathy_trough;
    out->toxicity += results[k].toxicity / (double)t->setup.n_seeds;
    out->quality_gap += results[k].quality_gap / (double)t->setup.n_seeds;
    out->total_findings += results[k].n_seen;
  }
}

static int by_name(const void *a, const void *b)
{
  return strcmp(((const civ_standing *)a)->matchup, ((const civ_standing *)b)->matchup);
}

static civ_status rank_all(civ_tournament *t, ranking *r, civ_error *err)
{
  const uint64_t n = (uint64_t)t->setup.n_matchups * QUANTITIES;
  civ_parallel_for(t->n_workers, n, take_average, r);
  for (uint64_t k = 0; k < n; k++)
    if (r->averages[k].status != CIV_OK) {
      if (err != NULL)
        *err = r->averages[k].error;
      return r->averages[k].status;
    }
  for (uint32_t m = 0; m < t->setup.n_matchups; m++)
    rank_one(t, m, &r->averages[m * QUANTITIES], &t->standings[m]);
  qsort(t->standings, t->setup.n_matchups, sizeof *t->standings, by_name);
  return CIV_OK;
}

civ_status civ_tournament_rank(civ_tournament *t, civ_error *err)
{
  ranking r = { .t = t,
                .averages = calloc((size_t)t->setup.n_matchups * QUANTITIES + 1, sizeof *r.averages),
                .values = calloc(t->n_workers * t->setup.n_seeds + 1, sizeof *r.values) };
  t->standings = calloc(t->setup.n_matchups + 1, sizeof *t->standings);
  const civ_status status = t->standings != NULL && r.averages != NULL && r.values != NULL
                                ? rank_all(t, &r, err)
                                : civ_fail(err, CIV_E_NOMEM, "tournament", "out of memory");
  free(r.averages);
  free(r.values);
  return status;
}

const civ_episode_result *civ_tournament_result(const civ_tournament *t, uint32_t matchup, uint64_t k)
{
  return &t->results[matchup * t->setup.n_seeds + k];
}

uint32_t civ_tournament_exploits(const civ_tournament *t, const civ_exploit **out)
{
  *out = t->exploits;
  return t->n_exploits;
}

uint32_t civ_tournament_standings(const civ_tournament *t, const civ_standing **out)
{
  *out = t->standings;
  return t->setup.n_matchups;
}
