/* Standings: what each matchup's episodes say together, with intervals. */
#include <stdlib.h>
#include <string.h>

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
static civ_status average(const civ_tournament *t, uint32_t matchup, int which, double *values, double *mean,
                          civ_interval *interval, civ_error *err)
{
  const civ_episode_result *results = &t->results[matchup * t->setup.n_seeds];
  civ_bootstrap options = civ_bootstrap_default(t->setup.first_seed);
  options.entity = matchup;
  options.other = (uint32_t)which;
  for (uint64_t k = 0; k < t->setup.n_seeds; k++)
    values[k] = quantity(&results[k], which);
  *mean = civ_mean(values, t->setup.n_seeds);
  return civ_interval_bootstrap(values, t->setup.n_seeds, &options, interval, err);
}

static civ_status rank_one(const civ_tournament *t, uint32_t matchup, double *values, civ_standing *out, civ_error *err)
{
  const civ_episode_result *results = &t->results[matchup * t->setup.n_seeds];
  double means[QUANTITIES];
  civ_interval intervals[QUANTITIES];
  civ_status status = CIV_OK;
  for (int which = 0; which < QUANTITIES && status == CIV_OK; which++)
    status = average(t, matchup, which, values, &means[which], &intervals[which], err);
  if (status != CIV_OK)
    return status;
  *out = (civ_standing){ .matchup = t->setup.matchups[matchup].name,
                         .episodes = t->setup.n_seeds,
                         .spread = intervals[SCORE].method != CIV_INTERVAL_NONE,
                         .governance_score = means[SCORE],
                         .low = intervals[SCORE].low,
                         .high = intervals[SCORE].high,
                         .empathy_ratio = means[EMPATHY],
                         .empathy_low = intervals[EMPATHY].low,
                         .empathy_high = intervals[EMPATHY].high,
                         .treasury_final = means[TREASURY],
                         .treasury_low = intervals[TREASURY].low,
                         .treasury_high = intervals[TREASURY].high };
  for (uint64_t k = 0; k < t->setup.n_seeds; k++) {
    const double trough = results[k].score.empathy_floor_trough;
    out->worst_empathy_trough = k == 0 || trough < out->worst_empathy_trough ? trough : out->worst_empathy_trough;
    out->toxicity += results[k].toxicity / (double)t->setup.n_seeds;
    out->quality_gap += results[k].quality_gap / (double)t->setup.n_seeds;
    out->total_findings += results[k].n_seen;
  }
  return CIV_OK;
}

static int by_name(const void *a, const void *b)
{
  return strcmp(((const civ_standing *)a)->matchup, ((const civ_standing *)b)->matchup);
}

civ_status civ_tournament_rank(civ_tournament *t, civ_error *err)
{
  t->standings = calloc(t->setup.n_matchups + 1, sizeof *t->standings);
  double *values = calloc(t->setup.n_seeds + 1, sizeof *values);
  civ_status status =
      t->standings != NULL && values != NULL ? CIV_OK : civ_fail(err, CIV_E_NOMEM, "tournament", "out of memory");
  for (uint32_t m = 0; m < t->setup.n_matchups && status == CIV_OK; m++)
    status = rank_one(t, m, values, &t->standings[m], err);
  free(values);
  if (status == CIV_OK)
    qsort(t->standings, t->setup.n_matchups, sizeof *t->standings, by_name);
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
