#include "selfplay/search.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/threads.h"
#include "selfplay/score.h"

enum { LATEST_START = 40, LONGEST_PERIOD = 20, MOST_BEST = 64 };

civ_search_setup civ_search_default(void)
{
  return (civ_search_setup){
    .honest = 5, .episodes = 6, .fresh = 60, .mu = 8, .lambda = 24, .generations = 40, .restarts = 8
  };
}

void civ_search_seat(uint32_t honest, const civ_programme programmes[CIV_SEARCHERS], civ_seating *out)
{
  const civ_composition composition = { .count = { honest } };
  civ_population_seat(&composition, out);
  const civ_citizens allies = civ_citizen_bit(honest) | civ_citizen_bit(honest + 1);
  for (uint32_t k = 0; k < CIV_SEARCHERS; k++) {
    char *name = out->names[out->n];
    snprintf(name, sizeof out->names[0], "searcher-%u", k + 1);
    out->seats[out->n++] =
        (civ_seat){ .name = name, .policy = &civ_citizen_search, .allies = allies, .programme = &programmes[k] };
  }
}

void civ_programme_write(civ_buffer *out, const civ_programme *programme)
{
  civ_buffer_text(out, "{\"genes\": [");
  for (int k = 0; k < CIV_PROGRAMME_GENES; k++) {
    const civ_gene *g = &programme->genes[k];
    civ_buffer_format(out, "%s{\"tactic\": \"%s\", \"first\": %u, \"period\": %u, \"size\": ", k > 0 ? ", " : "",
                      civ_gene_tactic_names[g->tactic], (unsigned)g->first, (unsigned)g->period);
    civ_buffer_real(out, g->size);
    civ_buffer_text(out, ", \"target\": ");
    civ_buffer_real(out, g->target);
    civ_buffer_text(out, "}");
  }
  civ_buffer_text(out, "]}");
}

/* --- variation ---------------------------------------------------------------------------------------------------------- */

typedef struct pair {
  civ_programme programmes[CIV_SEARCHERS];
  double fitness;
} pair;

static double clamp(double x)
{
  return x < 0 ? 0 : x >= 1 ? nextafter(1, 0) : x;
}

/* A number of mean 0 and variance 1, near enough to a normal one for a mutation: the sum of twelve uniform ones (Irwin & Hall
 * 1927). Sums and products alone, so that a search comes to the same on every machine. */
static double draw_step(civ_draws *draws)
{
  double sum = -6;
  for (int k = 0; k < 12; k++)
    sum += civ_draw_uniform(draws);
  return sum;
}

static civ_gene draw_gene(civ_draws *draws)
{
  civ_gene g;
  g.tactic = (uint8_t)civ_draw_index(draws, CIV_GENE_TACTICS);
  g.first = (uint8_t)(1 + civ_draw_index(draws, LATEST_START));
  g.period = (uint8_t)(1 + civ_draw_index(draws, LONGEST_PERIOD));
  g.size = civ_draw_uniform(draws);
  g.target = civ_draw_uniform(draws);
  return g;
}

static uint8_t shifted(uint8_t value, int by, int most)
{
  const int moved = value + by;
  return (uint8_t)(moved < 1 ? 1 : moved > most ? most : moved);
}

/* One field redrawn or shifted. */
static void mutate_field(civ_gene *g, civ_draws *draws)
{
  const bool redrawn = civ_draw_chance(draws, 0.5);
  const civ_gene fresh = draw_gene(draws);
  switch (civ_draw_index(draws, 5)) {
  case 0:
    g->tactic = fresh.tactic;
    break;
  case 1:
    g->first = redrawn ? fresh.first : shifted(g->first, (int)civ_draw_index(draws, 13) - 6, LATEST_START);
    break;
  case 2:
    g->period = redrawn ? fresh.period : shifted(g->period, (int)civ_draw_index(draws, 5) - 2, LONGEST_PERIOD);
    break;
  case 3:
    g->size = redrawn ? fresh.size : clamp(g->size + 0.2 * draw_step(draws));
    break;
  default:
    g->target = redrawn ? fresh.target : clamp(g->target + 0.2 * draw_step(draws));
  }
}

static void mutate(pair *p, civ_draws *draws)
{
  for (uint32_t n = 1 + civ_draw_index(draws, 3); n > 0; n--) {
    civ_programme *programme = &p->programmes[civ_draw_index(draws, CIV_SEARCHERS)];
    mutate_field(&programme->genes[civ_draw_index(draws, CIV_PROGRAMME_GENES)], draws);
  }
}

/* --- evaluation ---------------------------------------------------------------------------------------------------------- */

typedef struct worker {
  civ_episode *episode;
  civ_detect_scratch *scratch;
  civ_seating seating;
} worker;

/* What one episode came to. */
typedef struct outcome {
  civ_damage damage;
  double score;
  bool found, failed;
} outcome;

typedef struct search {
  const civ_search_setup *setup;
  worker *workers;
  uint32_t n_workers;
  pair *pairs; /* being evaluated */
  uint32_t n_pairs, episodes;
  uint64_t first_seed;
  outcome *outcomes; /* pairs x episodes */
  civ_search_result *result;
} search;

static bool play(void *arg, uint64_t k, uint32_t worker_at)
{
  search *s = arg;
  worker *w = &s->workers[worker_at];
  outcome *out = &s->outcomes[k];
  civ_exploit_finding found[CIV_DETECTORS];
  civ_trace trace;
  uint32_t n;
  civ_search_seat(s->setup->honest, s->pairs[k / s->episodes].programmes, &w->seating);
  const civ_episode_setup setup = civ_game_episode(&s->setup->game, &w->seating, s->first_seed + k % s->episodes);
  out->failed = civ_episode_play(w->episode, &setup, &trace, NULL) != CIV_OK ||
                civ_detect(&trace, &s->setup->detect, w->scratch, found, &n, NULL) != CIV_OK;
  if (out->failed)
    return false;
  const civ_citizens perpetrators = civ_citizen_bit(s->setup->honest) | civ_citizen_bit(s->setup->honest + 1);
  out->damage = civ_damage_of(&trace, perpetrators);
  out->score = civ_score_of(&trace).governance_score;
  out->found = n > 0;
  return true;
}

static uint8_t severity_of(double damage)
{
  const int severity = (int)(damage * 10); /* 0.1 .. 0.5 and beyond */
  return (uint8_t)(severity < 1 ? 1 : severity > 5 ? 5 : severity);
}

/* Damage that no detector saw: the suite is incomplete. */
static void note_unexplained(search *s)
{
  civ_unexplained *u = &s->result->unexplained;
  for (uint64_t k = 0; k < (uint64_t)s->n_pairs * s->episodes; k++) {
    const outcome *o = &s->outcomes[k];
    if (o->found || o->damage.damage < CIV_UNEXPLAINED_LEAST)
      continue;
    u->episodes++;
    if (u->met && o->damage.damage <= u->worst.damage)
      continue;
    u->met = true;
    u->worst = o->damage;
    u->severity = severity_of(o->damage.damage);
    u->seed = s->first_seed + k % s->episodes;
    memcpy(u->programmes, s->pairs[k / s->episodes].programmes, sizeof u->programmes);
  }
}

static civ_status evaluate(search *s, pair *pairs, uint32_t n, uint64_t first_seed, uint32_t episodes, civ_error *err)
{
  s->pairs = pairs;
  s->n_pairs = n;
  s->first_seed = first_seed;
  s->episodes = episodes;
  civ_parallel_for(s->n_workers, (uint64_t)n * episodes, play, s);
  for (uint32_t k = 0; k < n; k++) {
    double sum = 0;
    for (uint32_t e = 0; e < episodes; e++) {
      const outcome *o = &s->outcomes[(size_t)k * episodes + e];
      if (o->failed)
        return civ_fail(err, CIV_E_NOMEM, "search", "out of memory");
      sum += o->damage.damage;
    }
    pairs[k].fitness = sum / episodes;
  }
  s->result->played += (uint64_t)n * episodes;
  note_unexplained(s);
  return CIV_OK;
}

/* --- selection ---------------------------------------------------------------------------------------------------------------- */

/* Fitter first; stable, so that parents stand before children of the same fitness. */
static void order(pair *pairs, uint32_t n)
{
  for (uint32_t k = 1; k < n; k++) {
    const pair moved = pairs[k];
    uint32_t at = k;
    for (; at > 0 && pairs[at - 1].fitness < moved.fitness; at--)
      pairs[at] = pairs[at - 1];
    pairs[at] = moved;
  }
}

static civ_draws draws_of(const civ_search_setup *setup, uint32_t restart, uint32_t generation, uint32_t individual)
{
  const civ_draw_key key = {
    .purpose = CIV_PURPOSE_POLITY, .entity = restart, .other = CIV_DRAW_SEARCH, .epoch = generation, .step = individual
  };
  return civ_draws_open(setup->seed, &key);
}

/* Fitness by generation. */
typedef struct curve {
  double best[MOST_BEST];
  uint32_t n;
} curve;

/* One evolution: the fittest pair stands first. */
static civ_status evolve(search *s, uint32_t restart, pair *pairs, curve *reached, civ_error *err)
{
  const civ_search_setup *setup = s->setup;
  const uint32_t before = restart * setup->generations, all = setup->restarts * setup->generations;
  for (uint32_t k = 0; k < setup->mu; k++) {
    civ_draws draws = draws_of(setup, restart, 0, k);
    for (uint32_t c = 0; c < CIV_SEARCHERS; c++)
      for (int g = 0; g < CIV_PROGRAMME_GENES; g++)
        pairs[k].programmes[c].genes[g] = draw_gene(&draws);
  }
  civ_status status = evaluate(s, pairs, setup->mu, setup->first_seed, setup->episodes, err);
  order(pairs, setup->mu);
  for (uint32_t generation = 0; status == CIV_OK; generation++) {
    reached->best[generation] = pairs[0].fitness;
    reached->n = generation + 1;
    if (setup->progress != NULL && !setup->progress(setup->arg, before + generation, all, pairs[0].fitness))
      return civ_fail(err, CIV_E_INTERRUPTED, "search", "stopped on request");
    if (generation == setup->generations)
      return CIV_OK;
    for (uint32_t k = 0; k < setup->lambda; k++) {
      civ_draws draws = draws_of(setup, restart, generation + 1, k);
      pairs[setup->mu + k] = pairs[civ_draw_index(&draws, setup->mu)];
      mutate(&pairs[setup->mu + k], &draws);
    }
    status = evaluate(s, pairs + setup->mu, setup->lambda, setup->first_seed, setup->episodes, err);
    order(pairs, setup->mu + setup->lambda);
  }
  return status;
}

/* All evolutions one after the other. What an interrupted one has reached counts too. */
static civ_status evolve_all(search *s, pair *pairs, pair *best, civ_error *err)
{
  civ_status status = CIV_OK;
  best->fitness = -1;
  for (uint32_t k = 0; k < s->setup->restarts && status == CIV_OK; k++) {
    curve c = { .n = 0 };
    status = evolve(s, k, pairs, &c, err);
    if ((status != CIV_OK && status != CIV_E_INTERRUPTED) || pairs[0].fitness <= best->fitness)
      continue;
    *best = pairs[0];
    s->result->restart = k;
    s->result->generations = c.n;
    memcpy(s->result->best, c.best, sizeof c.best);
  }
  return status;
}

static civ_status judge_best(search *s, pair *best, civ_error *err)
{
  civ_search_result *r = s->result;
  const uint32_t n = s->setup->fresh;
  memcpy(r->programmes, best->programmes, sizeof r->programmes);
  r->fitness = best->fitness;
  const civ_status status = evaluate(s, best, 1, s->setup->first_seed + s->setup->episodes, n, err);
  for (uint32_t k = 0; status == CIV_OK && k < n; k++) {
    const outcome *o = &s->outcomes[k];
    r->fresh.taken += o->damage.taken / n;
    r->fresh.silenced += o->damage.silenced / n;
    r->fresh.offices += o->damage.offices / n;
    r->fresh.damage += o->damage.damage / n;
    r->governance_score += o->score / n;
    r->found += (o->found ? 1.0 : 0.0) / n;
  }
  return status;
}

/* --- the whole ------------------------------------------------------------------------------------------------------------------ */

static void dismiss(search *s)
{
  for (uint32_t k = 0; s->workers != NULL && k < s->n_workers; k++) {
    civ_episode_destroy(s->workers[k].episode);
    civ_detect_scratch_destroy(s->workers[k].scratch);
  }
  free(s->workers);
  free(s->outcomes);
}

static bool prepare(search *s)
{
  const civ_search_setup *setup = s->setup;
  const size_t most = (size_t)(setup->mu + setup->lambda) * setup->episodes + setup->fresh;
  s->n_workers = setup->threads != 0 ? setup->threads : civ_cores();
  s->workers = calloc(s->n_workers, sizeof *s->workers);
  s->outcomes = calloc(most, sizeof *s->outcomes);
  if (s->workers == NULL || s->outcomes == NULL)
    return false;
  for (uint32_t k = 0; k < s->n_workers; k++) {
    s->workers[k].episode = civ_episode_create();
    s->workers[k].scratch = civ_detect_scratch_create();
    if (s->workers[k].episode == NULL || s->workers[k].scratch == NULL)
      return false;
  }
  return true;
}

static civ_status check(const civ_search_setup *setup, civ_error *err)
{
  if (setup->honest < 1 || setup->honest + CIV_SEARCHERS > CIV_CITIZENS_MOST)
    return civ_fail(err, CIV_E_RANGE, "search.honest", "%u; it must be from 1 to %d", setup->honest,
                    (int)CIV_CITIZENS_MOST - (int)CIV_SEARCHERS);
  if (setup->generations >= MOST_BEST)
    return civ_fail(err, CIV_E_RANGE, "search.generations", "%u; it must be below %d", setup->generations,
                    (int)MOST_BEST);
  if (setup->restarts < 1 || setup->restarts > 1000)
    return civ_fail(err, CIV_E_RANGE, "search.restarts", "%u; it must be from 1 to 1000", setup->restarts);
  if (setup->mu < 1 || setup->mu > 1000 || setup->lambda < 1 || setup->lambda > 1000 || setup->episodes < 1 ||
      setup->episodes > 10000 || setup->fresh < 1 || setup->fresh > 100000)
    return civ_fail(err, CIV_E_RANGE, "search",
                    "mu and lambda are 1 to 1000, episodes 1 to 10000, fresh episodes 1 to 100000");
  return CIV_OK;
}

civ_status civ_search(const civ_search_setup *setup, civ_search_result *out, civ_error *err)
{
  civ_search_result result = { .fitness = 0 };
  search s = { .setup = setup, .result = &result };
  civ_status status = check(setup, err);
  if (status != CIV_OK)
    return status;
  pair best, *pairs = calloc((size_t)setup->mu + setup->lambda, sizeof *pairs);
  if (pairs == NULL || !prepare(&s))
    status = civ_fail(err, CIV_E_NOMEM, "search", "out of memory");
  if (status == CIV_OK)
    status = evolve_all(&s, pairs, &best, err);
  if (status == CIV_OK || status == CIV_E_INTERRUPTED) {
    const civ_status judged = judge_best(&s, &best, status == CIV_OK ? err : NULL);
    status = judged != CIV_OK ? judged : status;
    if (judged == CIV_OK)
      *out = result;
  }
  dismiss(&s);
  free(pairs);
  return status;
}
