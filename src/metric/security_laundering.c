/* security_laundering.c - chains of agreements that lead from little trust to much: who gains how much, and how often.
 *
 * A path runs from s to v when v is at distance d >= min_chain - 1 (hops over agreed pairs) and trusted by more than the gap.
 * Scores are exact in every population. With the usual short least chains the components of the graph answer nearly everything
 * (security_reach.h). With longer ones, an agent's best destination is found by searching backwards from the most trusted ones,
 * 256 at a time, until everybody who can have one has it, and likewise for destinations; and paths are counted by searching
 * forwards from all sources, or from a sample of them. */
#include "metric/security_graph.h"
#include "metric/security_inside.h"
#include "metric/security_reach.h"
#include "metric/sort.h"

#include <math.h>
#include <string.h>

double civ_laundering_risk(double gain, double *severity, double *confidence)
{
  *severity = security_least(1.0, gain / 0.5);
  *confidence = security_least(0.8, 0.4 + gain);
  return *severity * *confidence;
}

static double risk_of(double gain)
{
  double severity, confidence;
  return civ_laundering_risk(gain, &severity, &confidence);
}

/* Up to this least distance the agents nearer than it are few. */
enum { MOST_NEAR_HOPS = 3 };

typedef struct inquiry {
  const civ_security *s;
  const double *trust;
  security_graph graph;
  security_wave wave;
  security_reach reach;
  civ_arena *scratch;
  uint32_t hops; /* least distance */
} inquiry;

static bool qualifies(const inquiry *q, uint32_t source, uint32_t destination)
{
  return q->trust[destination] > q->trust[source] + q->s->rules.laundering_gap;
}

/* Memory for searches, the first time one is needed. false: there is none. */
static bool can_search(inquiry *q)
{
  return q->wave.state != NULL || civ_security_wave_make(&q->wave, q->s->agents, q->scratch);
}

/* --- who can gain most, and from whom ------------------------------------------------------------------------------------------- */

/* One question asked of everybody: which partner is best. Forward: partners are destinations, the more trusted the better.
 * Otherwise partners are sources, the less trusted the better. */
typedef struct quest {
  inquiry *q;
  bool forward;
  const uint32_t *partners; /* best first */
  uint32_t n_partners, base;
  uint32_t *best; /* index into partners, SECURITY_NONE */
  uint32_t assigned;
  double trust_found[SECURITY_ROOTS]; /* of each root, while roots look for themselves */
} quest;

static bool fits(const quest *w, uint32_t self, uint32_t partner)
{
  return w->forward ? qualifies(w->q, self, partner) : qualifies(w->q, partner, self);
}

static uint32_t lowest_bit(const security_bits *bits)
{
  for (uint32_t k = 0; k < SECURITY_WORDS; k++)
    if (bits->w[k] != 0)
      return 64 * k + (uint32_t)__builtin_ctzll(bits->w[k]);
  return SECURITY_NONE;
}

static void meet_partners(void *arg, uint32_t node, const security_bits *fresh, uint32_t distance)
{
  quest *w = arg;
  if (distance < w->q->hops || w->best[node] < w->base)
    return;
  const uint32_t at = w->base + lowest_bit(fresh);
  if (at >= w->best[node] || !fits(w, node, w->partners[at]))
    return;
  w->assigned += w->best[node] == SECURITY_NONE;
  w->best[node] = at;
}

/* The roots are seekers; the nodes they meet are the partners. */
static void meet_seekers(void *arg, uint32_t node, const security_bits *fresh, uint32_t distance)
{
  quest *w = arg;
  if (distance < w->q->hops || (!w->forward && node >= w->q->s->listed))
    return;
  const double trust = w->q->trust[node];
  for (uint32_t k = 0; k < SECURITY_WORDS; k++)
    for (uint64_t left = fresh->w[k]; left != 0; left &= left - 1) {
      const uint32_t root = 64 * k + (uint32_t)__builtin_ctzll(left);
      double *found = &w->trust_found[root];
      if (w->forward ? trust > *found : trust < *found)
        *found = trust;
    }
}

/* Who still has no partner and could have one of what is left, first `next`; *n of them, in index order. */
static void remaining(const quest *w, uint32_t next, uint32_t *list, uint32_t *n)
{
  const security_graph *g = &w->q->graph;
  const uint32_t *start = w->forward ? g->out_start : g->in_start;
  const uint32_t all = w->forward ? w->q->s->listed : w->q->s->agents;
  *n = 0;
  for (uint32_t a = 0; next < w->n_partners && a < all; a++)
    if (w->best[a] == SECURITY_NONE && start[a + 1] > start[a] && fits(w, a, w->partners[next]))
      list[(*n)++] = a;
}

/* Gains from the partners found; -1 = none. */
static void read_gains(const quest *w, double *gains)
{
  for (uint32_t a = 0; a < w->q->s->agents; a++)
    if (w->best[a] != SECURITY_NONE && (!w->forward || a < w->q->s->listed)) {
      const double other = w->q->trust[w->partners[w->best[a]]], own = w->q->trust[a];
      gains[a] = w->forward ? other - own : own - other;
    }
}

static bool let_seekers_look(quest *w, const uint32_t *seekers, uint32_t n, double *gains)
{
  double *found = w->trust_found;
  if (n > 0 && !can_search(w->q))
    return false;
  for (uint32_t at = 0; at < n; at += SECURITY_ROOTS) {
    const uint32_t roots = n - at < SECURITY_ROOTS ? n - at : SECURITY_ROOTS;
    for (uint32_t k = 0; k < roots; k++)
      found[k] = w->forward ? -INFINITY : INFINITY;
    civ_security_search(&w->q->graph, w->forward, &w->q->wave, seekers + at, roots, meet_seekers, w);
    for (uint32_t k = 0; k < roots; k++) {
      const double own = w->q->trust[seekers[at + k]];
      if (w->forward ? found[k] > own + w->q->s->rules.laundering_gap : own > found[k] + w->q->s->rules.laundering_gap)
        gains[seekers[at + k]] = w->forward ? found[k] - own : own - found[k];
    }
  }
  return true;
}

/* Searches from the best partners while that settles many at once; who is left then reaches little and looks for itself. */
static bool find_gains(quest *w, double *gains)
{
  const uint32_t n = w->q->s->agents;
  uint32_t *list = civ_arena_take(w->q->scratch, n, sizeof *list), n_list, next = 0;
  w->best = civ_arena_take(w->q->scratch, n, sizeof *w->best);
  if (list == NULL || w->best == NULL || !can_search(w->q))
    return false;
  memset(w->best, 0xFF, n * sizeof *w->best);
  for (uint32_t a = 0; a < n; a++)
    gains[a] = -1;
  for (remaining(w, 0, list, &n_list); n_list > 0; remaining(w, next, list, &n_list)) {
    const uint32_t roots = w->n_partners - next < SECURITY_ROOTS ? w->n_partners - next : SECURITY_ROOTS;
    w->base = next;
    w->assigned = 0;
    civ_security_search(&w->q->graph, !w->forward, &w->q->wave, w->partners + next, roots, meet_partners, w);
    next += roots;
    if (w->assigned < SECURITY_ROOTS) {
      remaining(w, next, list, &n_list);
      break;
    }
  }
  read_gains(w, gains);
  return let_seekers_look(w, list, n_list, gains);
}

/* By components where they tell, by searching where not. */
static bool gains_of(quest *w, double *gains)
{
  inquiry *q = w->q;
  if (q->hops > MOST_NEAR_HOPS)
    return find_gains(w, gains);
  uint32_t n, *undecided = civ_arena_take(q->scratch, q->s->agents, sizeof *undecided);
  if (undecided == NULL || !civ_security_reach_gains(&q->reach, w->forward, gains, undecided, &n, q->scratch))
    return false;
  return let_seekers_look(w, undecided, n, gains);
}

/* --- how many paths --------------------------------------------------------------------------------------------------------------- */

typedef struct count {
  inquiry *q;
  const uint32_t *roots; /* of this search, least trusted first */
  uint32_t n_roots;
  uint64_t paths;
} count;

static void count_paths(void *arg, uint32_t node, const security_bits *fresh, uint32_t distance)
{
  count *c = arg;
  if (distance < c->q->hops)
    return;
  uint32_t low = 0, high = c->n_roots; /* the first root that is trusted too much already */
  while (low < high) {
    const uint32_t middle = (low + high) / 2;
    if (qualifies(c->q, c->roots[middle], node))
      low = middle + 1;
    else
      high = middle;
  }
  for (uint32_t k = 0; k < low / 64; k++)
    c->paths += (uint64_t)__builtin_popcountll(fresh->w[k]);
  if (low % 64 != 0)
    c->paths += (uint64_t)__builtin_popcountll(fresh->w[low / 64] & ((UINT64_C(1) << low % 64) - 1));
}

static uint64_t paths_from(inquiry *q, const uint32_t *sources, uint32_t n)
{
  count c = { .q = q };
  for (uint32_t at = 0; at < n; at += SECURITY_ROOTS) {
    c.roots = sources + at;
    c.n_roots = n - at < SECURITY_ROOTS ? n - at : SECURITY_ROOTS;
    civ_security_search(&q->graph, true, &q->wave, c.roots, c.n_roots, count_paths, &c);
  }
  return c.paths;
}

static uint64_t count_from(inquiry *q, const uint32_t *sources, uint32_t n)
{
  uint64_t paths = 0;
  if (q->hops > MOST_NEAR_HOPS)
    return paths_from(q, sources, n);
  for (uint32_t k = 0; k < n; k++)
    paths += civ_security_reach_paths(&q->reach, sources[k]);
  return paths;
}

/* `take` of the sources, each set equally likely, in the order they have (Knuth's selection sampling). */
static uint32_t draw_sources(const uint32_t *sources, uint32_t n, uint32_t take, civ_draws *draws, uint32_t *out)
{
  uint32_t taken = 0;
  for (uint32_t k = 0; k < n && taken < take; k++)
    if (civ_draw_index(draws, n - k) < take - taken)
      out[taken++] = sources[k];
  return taken;
}

static bool counts_all(const civ_security *s)
{
  return s->listed <= s->rules.exact_limit || s->listed <= s->rules.samples;
}

/* `sources`: everybody listed, least trusted first where it is searched or drawn from. */
static bool count_all(inquiry *q, const uint32_t *sources, civ_draws *draws, civ_security_report *out)
{
  const civ_security_rules *rules = &q->s->rules;
  const uint32_t n = q->s->listed;
  if (counts_all(q->s)) {
    out->counts[CIV_THREAT_LAUNDERING] = count_from(q, sources, n);
    return true;
  }
  uint32_t *drawn = civ_arena_take(q->scratch, rules->samples, sizeof *drawn);
  if (drawn == NULL)
    return false;
  const uint32_t taken = draw_sources(sources, n, rules->samples, draws, drawn);
  const double paths = (double)count_from(q, drawn, taken) * n / taken;
  out->counts[CIV_THREAT_LAUNDERING] = (uint64_t)(paths + 0.5);
  out->estimated = true;
  return true;
}

/* --- all of it ----------------------------------------------------------------------------------------------------------------------- */

/* The first n agents by trust, upwards or downwards; those trusted alike upwards by number. */
static uint32_t *rank_agents(const inquiry *q, uint32_t n, bool downwards)
{
  double *values = civ_arena_take(q->scratch, n, sizeof *values);
  double *spare = civ_arena_take(q->scratch, n, sizeof *spare);
  uint32_t *alike =
      civ_arena_take(q->scratch, n, sizeof *alike); /* at the first place of each trust: how many stand there */
  uint32_t *out = civ_arena_take(q->scratch, n, sizeof *out);
  if (values == NULL || spare == NULL || alike == NULL || out == NULL)
    return NULL;
  for (uint32_t a = 0; a < n; a++)
    values[a] = q->trust[a] + 0.0; /* no negative zero */
  const double *sorted = civ_sort_reals(values, spare, n);
  for (uint32_t a = 0; a < n; a++) {
    uint32_t low = 0, high = n;
    while (low < high) {
      const uint32_t middle = low + (high - low) / 2;
      if (sorted[middle] < q->trust[a])
        low = middle + 1;
      else
        high = middle;
    }
    const uint32_t place = low + alike[low]++;
    out[downwards ? n - 1 - place : place] = a;
  }
  return out;
}

static uint32_t *everybody(const inquiry *q, uint32_t n)
{
  uint32_t *out = civ_arena_take(q->scratch, n, sizeof *out);
  for (uint32_t a = 0; out != NULL && a < n; a++)
    out[a] = a;
  return out;
}

static void raise_scores(const civ_security *s, const double *as_source, const double *as_destination, double *scores)
{
  for (uint32_t a = 0; a < s->listed; a++) {
    if (as_source[a] >= 0)
      civ_security_raise(s, scores, a, risk_of(as_source[a]));
    if (as_destination[a] >= 0)
      civ_security_raise(s, scores, a, 0.3 * risk_of(as_destination[a]));
  }
}

static civ_status find(inquiry *q, civ_draws *draws, double *scores, double *gains, civ_security_report *out)
{
  const civ_security *s = q->s;
  const uint32_t n = s->agents;
  const bool searched = q->hops > MOST_NEAR_HOPS;
  if (!civ_security_graph_make(&q->graph, s, s->n_edges, q->scratch))
    return CIV_E_NOMEM;
  q->reach = (security_reach){
    .g = &q->graph, .trust = q->trust, .gap = s->rules.laundering_gap, .hops = q->hops, .listed = s->listed
  };
  if (!searched && !civ_security_reach_make(&q->reach, q->scratch))
    return CIV_E_NOMEM;
  /* without searches, and where all sources count, nobody need stand in order */
  const uint32_t *destinations = searched ? rank_agents(q, n, true) : everybody(q, n);
  const uint32_t *sources = searched || !counts_all(s) ? rank_agents(q, s->listed, false) : everybody(q, s->listed);
  double *as_destination = civ_arena_take(q->scratch, n, sizeof *as_destination);
  if (destinations == NULL || sources == NULL || as_destination == NULL)
    return CIV_E_NOMEM;
  quest outwards = { .q = q, .forward = true, .partners = destinations, .n_partners = n };
  quest inwards = { .q = q, .forward = false, .partners = sources, .n_partners = s->listed };
  if (!gains_of(&outwards, gains) || !gains_of(&inwards, as_destination) || !count_all(q, sources, draws, out))
    return CIV_E_NOMEM;
  raise_scores(s, gains, as_destination, scores);
  return CIV_OK;
}

civ_status civ_security_find_laundering(const civ_security *s, const double *trust, civ_draws *draws, double *scores,
                                        double *gains, civ_security_report *out)
{
  civ_arena scratch = civ_arena_create(s->allocator);
  inquiry q = { .s = s, .trust = trust, .scratch = &scratch, .hops = s->rules.min_chain - 1 };
  const civ_status st = find(&q, draws, scores, gains, out);
  civ_arena_destroy(&scratch);
  return st;
}
