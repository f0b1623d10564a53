#include "metric/similarity.h"

#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "metric/sort.h"

/* --- two patterns -------------------------------------------------------------------------------------------------------- */

static uint32_t count_shared(const civ_pattern *a, const civ_pattern *b, double *total_a, double *total_b)
{
  uint32_t i = 0, j = 0, shared = 0;
  *total_a = *total_b = 0;
  while (i < a->n && j < b->n) {
    const uint32_t x = a->others[i], y = b->others[j];
    if (x == y) {
      *total_a += a->counts[i];
      *total_b += b->counts[j];
      shared++;
    }
    i += x <= y;
    j += y <= x;
  }
  return shared;
}

/* Sum over the shared counterparties of (A_k / scale_a)(B_k / scale_b), ascending. */
static double scaled_product(const civ_pattern *a, const civ_pattern *b, double scale_a, double scale_b)
{
  double sum = 0;
  for (uint32_t i = 0, j = 0; i < a->n && j < b->n;) {
    const uint32_t x = a->others[i], y = b->others[j];
    if (x == y)
      sum += a->counts[i] / scale_a * (b->counts[j] / scale_b);
    i += x <= y;
    j += y <= x;
  }
  return sum;
}

static double length_of(const civ_pattern *p)
{
  double sum = 0;
  for (uint32_t k = 0; k < p->n; k++)
    sum += p->counts[k] * p->counts[k];
  return sqrt(sum);
}

double civ_pattern_similarity(const civ_pattern *a, const civ_pattern *b, civ_similarity_measure measure)
{
  double total_a, total_b;
  const uint32_t shared = count_shared(a, b, &total_a, &total_b);
  if (shared == 0)
    return 0;
  const double jaccard = (double)shared / ((double)a->n + (double)b->n - (double)shared);
  if (total_a == 0 || total_b == 0)
    return jaccard;
  if (measure == CIV_SIMILARITY_COSINE)
    return (jaccard + scaled_product(a, b, 1, 1) / (length_of(a) * length_of(b))) / 2.0;
  return (jaccard + scaled_product(a, b, total_a, total_b)) / 2.0;
}

/* --- groups as lists ------------------------------------------------------------------------------------------------------- */

civ_clusters civ_clusters_create(const civ_allocator *allocator)
{
  return (civ_clusters){ .allocator = allocator };
}

void civ_clusters_destroy(civ_clusters *c)
{
  if (!c->allocator)
    return;
  civ_drop(c->allocator, (void **)&c->start, &c->start_capacity, sizeof *c->start);
  civ_drop(c->allocator, (void **)&c->members, &c->members_capacity, sizeof *c->members);
  c->n = 0;
}

civ_status civ_clusters_add(civ_clusters *c, const uint32_t *members, uint32_t n)
{
  const uint32_t used = c->n ? c->start[c->n] : 0;
  civ_status st = civ_grow(c->allocator, (void **)&c->start, &c->start_capacity, (size_t)c->n + 2, sizeof *c->start);
  if (st == CIV_OK)
    st = civ_grow(c->allocator, (void **)&c->members, &c->members_capacity, (size_t)used + n, sizeof *c->members);
  if (st != CIV_OK)
    return st;
  if (n > 0)
    memcpy(c->members + used, members, n * sizeof *members);
  c->start[c->n] = used;
  c->start[++c->n] = used + n;
  return CIV_OK;
}

/* --- the join --------------------------------------------------------------------------------------------------------------- */

/* Bounds are compared with this much to spare, so that rounding never discards a pair that passes when computed. */
static const double SLACK = 1e-9;

typedef struct join {
  const civ_pattern *patterns;
  uint32_t n, universe;
  const civ_similarity_rules *rules;
  double least_jaccard; /* below it no pair passes; <= 0: any shared counterparty may do */
  civ_arena arena;
  uint32_t *prefix;     /* per pattern: how many of its rarest counterparties are indexed; 0 = in no group */
  uint32_t *last;       /* per pattern: rank of the last of these among all counterparties, by rarity */
  uint32_t *first_rare; /* per pattern, n + 1: where its indexed counterparties begin in `rare` */
  uint32_t *rare;
  uint32_t *first; /* per counterparty: its list of patterns in `lists`, still to be searched */
  uint32_t *past;
  uint32_t *lists;
  uint32_t *shared; /* per pattern: indexed counterparties shared with the one that gathers now */
  uint8_t *placed;
  uint32_t *found; /* candidates, then members */
  double *order, *spare;
} join;

static double sum_of(const civ_pattern *p)
{
  double sum = 0;
  for (uint32_t k = 0; k < p->n; k++)
    sum += p->counts[k];
  return sum;
}

static bool compared(const join *j, const civ_pattern *p)
{
  return j->rules->min_interactions <= 0 || sum_of(p) >= j->rules->min_interactions;
}

/* Counterparties that any set of similar size must share with one of n. */
static uint32_t least_shared(const join *j, uint32_t n)
{
  const double least = ceil(j->least_jaccard * n - SLACK * n);
  return least > 1 ? (uint32_t)least : 1;
}

/* The measure that divides by sums cannot reach the threshold for patterns spread widely: with o shared counterparties
 * J <= o / n and C <= m / (m + (o - 1) l), m and l the largest and smallest count. Convex in o, so the ends decide. */
static bool may_pass(const join *j, const civ_pattern *p)
{
  if (p->n == 0)
    return false;
  if (j->rules->measure == CIV_SIMILARITY_COSINE)
    return true;
  double most = p->counts[0], least = p->counts[0];
  for (uint32_t k = 1; k < p->n; k++) {
    most = p->counts[k] > most ? p->counts[k] : most;
    least = p->counts[k] < least ? p->counts[k] : least;
  }
  const double few = least_shared(j, p->n), all = p->n;
  const double at_few = (few / all + most / (most + (few - 1) * least)) / 2;
  const double at_all = (1 + most / (most + (all - 1) * least)) / 2;
  return (at_few > at_all ? at_few : at_all) >= j->rules->threshold - SLACK;
}

static void *take(join *j, size_t n, size_t size)
{
  return civ_arena_take(&j->arena, n, size);
}

/* Marks who can be in a group and counts, per counterparty, how many of them deal with it. Returns all their counterparties. */
static uint64_t choose(join *j, uint32_t *frequency)
{
  uint64_t entries = 0;
  for (uint32_t a = 0; a < j->n; a++) {
    const civ_pattern *p = &j->patterns[a];
    if (!compared(j, p) || !may_pass(j, p))
      continue;
    j->prefix[a] = p->n - least_shared(j, p->n) + 1;
    entries += p->n;
    for (uint32_t k = 0; k < p->n; k++)
      frequency[p->others[k]]++;
  }
  return entries;
}

/* Counterparties by rarity (then by number): by counting. */
static bool rank_by_rarity(join *j, const uint32_t *frequency, uint32_t *by_rarity)
{
  uint32_t most = 0, at = 0;
  for (uint32_t k = 0; k < j->universe; k++)
    most = frequency[k] > most ? frequency[k] : most;
  uint32_t *from = take(j, (size_t)most + 1, sizeof *from);
  if (!from)
    return false;
  for (uint32_t k = 0; k < j->universe; k++)
    from[frequency[k]]++;
  for (uint32_t f = 0; f <= most; f++) {
    const uint32_t here = from[f];
    from[f] = at;
    at += here;
  }
  for (uint32_t k = 0; k < j->universe; k++)
    by_rarity[from[frequency[k]]++] = k;
  return true;
}

/* For each counterparty the patterns that have it, ascending. */
static void fill_lists(join *j, const uint32_t *frequency)
{
  uint32_t at = 0;
  for (uint32_t k = 0; k < j->universe; k++) {
    j->first[k] = j->past[k] = at;
    at += frequency[k];
  }
  for (uint32_t a = 0; a < j->n; a++)
    for (uint32_t k = 0; j->prefix[a] && k < j->patterns[a].n; k++)
      j->lists[j->past[j->patterns[a].others[k]]++] = a;
}

/* Keeps of each list the patterns to which the counterparty is among the rarest, and notes these with each pattern. */
static void keep_prefixes(join *j, const uint32_t *by_rarity)
{
  uint32_t *seen = j->shared; /* borrowed: zero before and after */
  for (uint32_t r = 0; r < j->universe; r++) {
    const uint32_t k = by_rarity[r];
    uint32_t kept = j->first[k];
    for (uint32_t i = j->first[k]; i < j->past[k]; i++) {
      const uint32_t a = j->lists[i];
      if (seen[a] == j->prefix[a])
        continue;
      j->rare[j->first_rare[a] + seen[a]++] = k;
      j->last[a] = r;
      j->lists[kept++] = a;
    }
    j->past[k] = kept;
  }
  memset(seen, 0, j->n * sizeof *seen);
}

static bool build_index(join *j)
{
  uint32_t *frequency = take(j, j->universe, sizeof *frequency);
  uint32_t *by_rarity = take(j, j->universe, sizeof *by_rarity);
  j->prefix = take(j, j->n, sizeof *j->prefix);
  j->last = take(j, j->n, sizeof *j->last);
  j->first_rare = take(j, (size_t)j->n + 1, sizeof *j->first_rare);
  j->first = take(j, j->universe, sizeof *j->first);
  j->past = take(j, j->universe, sizeof *j->past);
  j->shared = take(j, j->n, sizeof *j->shared);
  j->placed = take(j, j->n, 1);
  j->found = take(j, j->n, sizeof *j->found);
  j->order = take(j, j->n, sizeof *j->order);
  j->spare = take(j, j->n, sizeof *j->spare);
  if (j->arena.failed)
    return false;
  const uint64_t entries = choose(j, frequency);
  for (uint32_t a = 0; a < j->n; a++)
    j->first_rare[a + 1] = j->first_rare[a] + j->prefix[a];
  j->lists = entries < UINT32_MAX ? take(j, entries, sizeof *j->lists) : NULL;
  j->rare = take(j, j->first_rare[j->n], sizeof *j->rare);
  if (!j->lists || !j->rare || !rank_by_rarity(j, frequency, by_rarity))
    return false;
  fill_lists(j, frequency);
  keep_prefixes(j, by_rarity);
  return true;
}

/* Later unplaced patterns that share a rare counterparty with `a`, into found, counted in shared. Forgets on the way those that
 * can no longer be gathered. */
static uint32_t candidates(join *j, uint32_t a)
{
  uint32_t n = 0;
  for (uint32_t i = j->first_rare[a]; i < j->first_rare[a + 1]; i++) {
    const uint32_t k = j->rare[i];
    uint32_t kept = j->first[k];
    for (uint32_t l = j->first[k]; l < j->past[k]; l++) {
      const uint32_t b = j->lists[l];
      if (b <= a || j->placed[b])
        continue;
      j->lists[kept++] = b;
      if (j->shared[b]++ == 0)
        j->found[n++] = b;
    }
    j->past[k] = kept;
  }
  return n;
}

/* Whether enough can be shared at all: what lies behind the shorter of the two prefixes is all that was not counted. */
static bool worth_comparing(const join *j, uint32_t a, uint32_t b)
{
  const double n_a = j->patterns[a].n, n_b = j->patterns[b].n, t = j->least_jaccard;
  if (t <= 0)
    return true;
  const uint32_t shorter = j->last[a] <= j->last[b] ? a : b;
  const double most = (double)j->shared[b] + (j->patterns[shorter].n - j->prefix[shorter]);
  return most >= t / (1 + t) * (n_a + n_b) * (1 - SLACK);
}

static uint32_t gather(join *j, uint32_t a)
{
  const uint32_t n = candidates(j, a);
  uint32_t members = 0;
  for (uint32_t i = 0; i < n; i++) {
    const uint32_t b = j->found[i];
    const bool alike = worth_comparing(j, a, b) && civ_pattern_similarity(&j->patterns[a], &j->patterns[b],
                                                                          j->rules->measure) >= j->rules->threshold;
    j->shared[b] = 0;
    if (alike)
      j->order[members++] = b;
  }
  if (members == 0)
    return 0;
  const double *sorted = civ_sort_reals(j->order, j->spare, members);
  j->found[0] = a;
  for (uint32_t i = 0; i < members; i++)
    j->found[i + 1] = (uint32_t)sorted[i];
  return members + 1;
}

static civ_status find_stars(join *j, civ_clusters *out)
{
  if (!build_index(j))
    return CIV_E_NOMEM;
  for (uint32_t a = 0; a < j->n; a++) {
    const uint32_t n = j->placed[a] || j->prefix[a] == 0 ? 0 : gather(j, a);
    if (n == 0)
      continue;
    if (civ_clusters_add(out, j->found, n) != CIV_OK)
      return CIV_E_NOMEM;
    for (uint32_t i = 0; i < n; i++)
      j->placed[j->found[i]] = 1;
  }
  return CIV_OK;
}

/* At a threshold of 0 everybody is alike. */
static civ_status find_everybody(join *j, civ_clusters *out)
{
  uint32_t n = 0;
  j->found = take(j, j->n, sizeof *j->found);
  if (!j->found)
    return CIV_E_NOMEM;
  for (uint32_t a = 0; a < j->n; a++)
    if (compared(j, &j->patterns[a]))
      j->found[n++] = a;
  return n >= 2 ? civ_clusters_add(out, j->found, n) : CIV_OK;
}

civ_status civ_clusters_find(const civ_pattern *patterns, uint32_t n, uint32_t universe,
                             const civ_similarity_rules *rules, const civ_allocator *allocator, civ_clusters *out)
{
  join j = { .patterns = patterns,
             .n = n,
             .universe = universe,
             .rules = rules,
             .least_jaccard = 2 * rules->threshold - 1,
             .arena = civ_arena_create(allocator) };
  civ_clusters made = civ_clusters_create(allocator);
  const civ_status st = rules->threshold > 0 ? find_stars(&j, &made) : find_everybody(&j, &made);
  civ_arena_destroy(&j.arena);
  if (st != CIV_OK) {
    civ_clusters_destroy(&made);
    return st;
  }
  civ_clusters_destroy(out);
  *out = made;
  return CIV_OK;
}
