#include "selfplay/tournament.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/threads.h"
#include "selfplay/tournament_inside.h"

/* --- one episode -------------------------------------------------------------------------------------------------------- */

static void add_label(void *arg, const civ_interaction *record)
{
  civ_metrics_add(arg, record, 0, 0);
}

static civ_status label(civ_tournament_worker *w, const civ_trace *trace, civ_episode_result *out)
{
  const civ_payoff_config payoff = civ_payoff_default();
  const civ_metrics_config config = civ_metrics_default();
  civ_metrics metrics;
  civ_metrics_values values;
  civ_metrics_init(&metrics, &payoff, &config);
  const civ_status status = civ_labels_of(w->labeller, trace, add_label, &metrics);
  if (status != CIV_OK)
    return status;
  civ_metrics_read(&metrics, &values);
  out->toxicity = values.toxicity_rate;
  out->quality_gap = values.quality_gap;
  return CIV_OK;
}

static civ_status play_one(civ_tournament *t, civ_tournament_worker *w, uint32_t matchup, uint64_t seed,
                           civ_trace *trace, civ_exploit_finding *found, civ_episode_result *out, civ_error *err)
{
  const civ_episode_setup setup = civ_game_episode(&t->setup.game, &t->seatings[matchup], seed);
  uint32_t n;
  civ_status status = civ_episode_play(w->episode, &setup, trace, err);
  if (status == CIV_OK)
    status = civ_detect(trace, &t->setup.detect, w->scratch, found, &n, err);
  if (status != CIV_OK)
    return status;
  out->score = civ_score_of(trace);
  out->n_seen = (uint8_t)n;
  for (uint32_t k = 0; k < n; k++)
    out->seen[k] = (civ_seen){ found[k].detector, found[k].severity, found[k].turn };
  if (label(w, trace, out) != CIV_OK)
    return civ_fail(err, CIV_E_NOMEM, "tournament", "out of memory");
  return CIV_OK;
}

static void fail(civ_tournament *t, const civ_error *err)
{
  pthread_mutex_lock(&t->lock);
  if (t->status == CIV_OK) {
    t->status = err->code;
    t->error = *err;
  }
  pthread_mutex_unlock(&t->lock);
  atomic_store(&t->stop, true);
}

/* False: somebody wants it to stop. */
static bool report_progress(civ_tournament *t)
{
  if (t->setup.progress == NULL)
    return true;
  pthread_mutex_lock(&t->lock);
  const bool go_on = t->setup.progress(t->setup.arg, ++t->done, t->setup.n_matchups * t->setup.n_seeds);
  if (!go_on && t->status == CIV_OK)
    t->status = civ_fail(&t->error, CIV_E_INTERRUPTED, "tournament", "stopped on request");
  pthread_mutex_unlock(&t->lock);
  if (!go_on)
    atomic_store(&t->stop, true);
  return go_on;
}

static bool job(void *arg, uint64_t k, uint32_t worker_at)
{
  civ_tournament *t = arg;
  civ_exploit_finding found[CIV_DETECTORS];
  civ_trace trace;
  civ_error err = { 0 };
  if (atomic_load(&t->stop))
    return false;
  const uint32_t matchup = (uint32_t)(k / t->setup.n_seeds);
  const uint64_t seed = t->setup.first_seed + k % t->setup.n_seeds;
  if (play_one(t, &t->workers[worker_at], matchup, seed, &trace, found, &t->results[k], &err) != CIV_OK) {
    fail(t, &err);
    return false;
  }
  const civ_played played = {
    .matchup = &t->setup.matchups[matchup], .seed = seed, .trace = &trace, .result = &t->results[k], .findings = found
  };
  if (t->setup.played != NULL && t->setup.played(t->setup.arg, &played, &err) != CIV_OK) {
    fail(t, &err);
    return false;
  }
  return report_progress(t);
}

/* --- exploits -------------------------------------------------------------------------------------------------------------- */

typedef struct exemplar {
  uint64_t occurrences, at; /* episode */
  uint8_t severity;
} exemplar;

/* The most severe occurrence of each fingerprint, the first in order of matchup and seed among equals. A detector's findings
 * have one fingerprint under one kernel. */
static void choose_exemplars(const civ_tournament *t, exemplar out[CIV_DETECTORS])
{
  const uint64_t n = t->setup.n_matchups * t->setup.n_seeds;
  for (uint64_t k = 0; k < n; k++)
    for (uint32_t i = 0; i < t->results[k].n_seen; i++) {
      const civ_seen *seen = &t->results[k].seen[i];
      exemplar *e = &out[seen->detector];
      if (e->occurrences++ == 0 || seen->severity > e->severity) {
        e->severity = seen->severity;
        e->at = k;
      }
    }
}

/* Plays the exemplar's episode once more for the whole finding and what its actors did. */
static civ_status take_down(civ_tournament *t, uint8_t detector, const exemplar *from, civ_exploit *out, civ_error *err)
{
  civ_exploit_finding found[CIV_DETECTORS];
  civ_episode_result result;
  civ_trace trace;
  const uint32_t matchup = (uint32_t)(from->at / t->setup.n_seeds);
  const uint64_t seed = t->setup.first_seed + from->at % t->setup.n_seeds;
  const civ_status status = play_one(t, &t->workers[0], matchup, seed, &trace, found, &result, err);
  if (status != CIV_OK)
    return status;
  uint32_t k = 0;
  while (found[k].detector != detector)
    k++;
  *out =
      (civ_exploit){ .detector = detector,
                     .severity = from->severity,
                     .finding = found[k],
                     .occurrences = from->occurrences,
                     .reproduction = { .matchup = t->setup.matchups[matchup], .seed = seed, .game = t->setup.game } };
  civ_exploit_fingerprint(&out->finding, t->setup.game.kernel, out->fingerprint);
  if (civ_exploit_recover(&trace, &out->finding, &t->arena, &out->reproduction) != CIV_OK)
    return civ_fail(err, CIV_E_NOMEM, "tournament", "out of memory");
  /* Memos of scripts point into static texts of policies; nothing of the trace is kept. */
  return CIV_OK;
}

static int by_rank(const void *a, const void *b)
{
  const civ_exploit *x = a, *y = b;
  if (x->severity != y->severity)
    return (int)y->severity - (int)x->severity;
  const int category = (int)x->finding.category - (int)y->finding.category;
  return category != 0 ? category : strcmp(civ_detectors[x->detector].name, civ_detectors[y->detector].name);
}

static civ_status collect_exploits(civ_tournament *t, civ_error *err)
{
  exemplar chosen[CIV_DETECTORS] = { { 0 } };
  civ_status status = CIV_OK;
  choose_exemplars(t, chosen);
  for (uint8_t d = 0; d < CIV_DETECTORS && status == CIV_OK; d++)
    if (chosen[d].occurrences > 0)
      status = take_down(t, d, &chosen[d], &t->exploits[t->n_exploits++], err);
  if (status != CIV_OK)
    return status;
  qsort(t->exploits, t->n_exploits, sizeof *t->exploits, by_rank);
  for (uint32_t k = 0; k < t->n_exploits; k++)
    snprintf(t->exploits[k].id, sizeof t->exploits[k].id, "EXP-%03u", t->setup.exploit_id_start + k);
  return CIV_OK;
}

/* --- playing ------------------------------------------------------------------------------------------------------------------ */

static bool prepare(civ_tournament *t)
{
  const uint64_t n = t->setup.n_matchups * t->setup.n_seeds;
  const uint32_t threads = t->setup.threads != 0 ? t->setup.threads : civ_cores();
  t->n_workers = n < threads ? (uint32_t)n : threads;
  t->n_workers += t->n_workers == 0;
  t->seatings = calloc(t->setup.n_matchups + 1, sizeof *t->seatings);
  t->results = calloc(n + 1, sizeof *t->results);
  t->workers = calloc(t->n_workers, sizeof *t->workers);
  if (t->seatings == NULL || t->results == NULL || t->workers == NULL)
    return false;
  for (uint32_t m = 0; m < t->setup.n_matchups; m++)
    civ_population_seat(&t->setup.matchups[m].composition, &t->seatings[m]);
  for (uint32_t k = 0; k < t->n_workers; k++) {
    civ_tournament_worker *w = &t->workers[k];
    w->episode = civ_episode_create();
    w->scratch = civ_detect_scratch_create();
    w->labeller = civ_labeller_create();
    if (w->episode == NULL || w->scratch == NULL || w->labeller == NULL)
      return false;
  }
  return true;
}

static void dismiss_workers(civ_tournament *t)
{
  for (uint32_t k = 0; t->workers != NULL && k < t->n_workers; k++) {
    civ_episode_destroy(t->workers[k].episode);
    civ_detect_scratch_destroy(t->workers[k].scratch);
    civ_labeller_destroy(t->workers[k].labeller);
  }
  free(t->workers);
  t->workers = NULL;
}

civ_status civ_tournament_play(const civ_tournament_setup *setup, civ_tournament **out, civ_error *err)
{
  civ_tournament *t = calloc(1, sizeof *t);
  if (t == NULL)
    return civ_fail(err, CIV_E_NOMEM, "tournament", "out of memory");
  t->setup = *setup;
  t->arena = civ_arena_create(NULL);
  pthread_mutex_init(&t->lock, NULL);
  civ_status status =
      prepare(t) ? CIV_OK : civ_fail(err, CIV_E_NOMEM, "tournament", "out of memory for so many episodes");
  if (status == CIV_OK) {
    civ_parallel_for(t->n_workers, t->setup.n_matchups * t->setup.n_seeds, job, t);
    status = t->status;
    if (status != CIV_OK && err != NULL)
      *err = t->error;
  }
  if (status == CIV_OK)
    status = collect_exploits(t, err);
  if (status == CIV_OK)
    status = civ_tournament_rank(t, err);
  dismiss_workers(t);
  if (status == CIV_OK)
    *out = t;
  else
    civ_tournament_destroy(t);
  return status;
}

void civ_tournament_destroy(civ_tournament *t)
{
  if (t == NULL)
    return;
  dismiss_workers(t);
  pthread_mutex_destroy(&t->lock);
  civ_arena_destroy(&t->arena);
  free(t->seatings);
  free(t->results);
  free(t->standings);
  free(t);
}
