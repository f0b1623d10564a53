/* security_contagion.c - stars of low quality: who infects somebody that goes on to infect others, and how fast.
 *
 * A low interaction from o to h is followed by those that h initiates after it, in time order: the first five make the path, the
 * last one the pace. */
#include "metric/security_inside.h"

#include <stdlib.h>
#include <string.h>

typedef struct timeline {
  const security_low **low; /* in time order, ties in order of completion */
  size_t n;
  uint32_t *first; /* of each agent: where its own ones begin in `own`; one more at the end */
  uint32_t *own;   /* positions, ascending for each initiator */
} timeline;

static int by_time(const void *a, const void *b)
{
  const security_low *x = *(const security_low *const *)a, *y = *(const security_low *const *)b;
  if (x->seconds != y->seconds)
    return x->seconds < y->seconds ? -1 : 1;
  return (x > y) - (x < y); /* the order in which they stand in the history */
}

static bool make_timeline(const civ_security *s, civ_arena *arena, timeline *t)
{
  t->n = s->n_lows;
  t->low = civ_arena_take(arena, t->n, sizeof *t->low);
  t->first = civ_arena_take(arena, (size_t)s->agents + 2, sizeof *t->first);
  t->own = civ_arena_take(arena, t->n, sizeof *t->own);
  if (t->low == NULL || t->first == NULL || t->own == NULL)
    return false;
  for (size_t k = 0; k < t->n; k++)
    t->low[k] = &s->lows[k];
  if (s->unsorted)
    qsort((void *)t->low, t->n, sizeof *t->low, by_time);
  /* counting sort: `first` is shifted by one while the places are handed out */
  for (size_t k = 0; k < t->n; k++)
    t->first[t->low[k]->initiator + 2]++;
  for (uint32_t a = 2; a <= s->agents + 1; a++)
    t->first[a] += t->first[a - 1];
  for (size_t k = 0; k < t->n; k++)
    t->own[t->first[t->low[k]->initiator + 1]++] = (uint32_t)k;
  return true;
}

/* The first of h's own that stand behind `position`. */
static uint32_t first_after(const timeline *t, civ_agent h, size_t position)
{
  uint32_t low = t->first[h], high = t->first[h + 1];
  while (low < high) {
    const uint32_t middle = low + (high - low) / 2;
    if (t->own[middle] > position)
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

static bool on_path(const civ_chain *chain, civ_agent x)
{
  for (uint32_t k = 0; k < chain->n_path; k++)
    if (chain->path[k] == x)
      return true;
  return false;
}

/* Whether the low interaction at `position` begins a chain. */
static bool follow(const civ_security *s, const timeline *t, size_t position, civ_chain *chain)
{
  enum { FIRST_ONES = 5 };
  const security_low *x = t->low[position];
  const uint32_t from = first_after(t, x->counterparty, position), end = t->first[x->counterparty + 1];
  if (end - from < 2)
    return false;
  *chain = (civ_chain){ .origin = x->initiator,
                        .path = { x->initiator, x->counterparty },
                        .n_path = 2,
                        .ids = { x->id },
                        .n_ids = 1,
                        .spread = x->initiator == x->counterparty ? 1 : 2 };
  for (uint32_t k = from; k < end && k < from + FIRST_ONES; k++) {
    const security_low *next = t->low[t->own[k]];
    if (on_path(chain, next->counterparty))
      continue;
    chain->path[chain->n_path++] = next->counterparty;
    chain->ids[chain->n_ids++] = next->id;
    chain->spread++;
  }
  if (chain->n_path < s->rules.min_chain)
    return false;
  const double elapsed = t->low[t->own[end - 1]]->seconds - x->seconds;
  chain->depth = chain->n_path - 1;
  chain->velocity = chain->n_ids / (elapsed / 60 + 0.01);
  return chain->velocity >= s->rules.contagion_velocity;
}

/* --- chains within chains ---------------------------------------------------------------------------------------------------- */

/* Which kept chains an agent is on. */
typedef struct member {
  uint32_t chain, next; /* index of the next, SECURITY_NONE */
} member;

typedef struct members {
  member *items;
  uint32_t n;
  uint32_t *head, *count;
} members;

static bool contains_all(const civ_chain *big, const civ_chain *small)
{
  for (uint32_t k = 0; k < small->n_path; k++)
    if (!on_path(big, small->path[k]))
      return false;
  return true;
}

/* Looks only at kept chains on which the agent of the chain that is on fewest of them stands. */
static bool is_covered(const members *m, const civ_chain *chains, const civ_chain *chain)
{
  civ_agent rarest = chain->path[0];
  for (uint32_t k = 1; k < chain->n_path; k++)
    if (m->count[chain->path[k]] < m->count[rarest])
      rarest = chain->path[k];
  for (uint32_t at = m->head[rarest]; at != SECURITY_NONE; at = m->items[at].next)
    if (contains_all(&chains[m->items[at].chain], chain))
      return true;
  return false;
}

static void enter(members *m, const civ_chain *chain, uint32_t number)
{
  for (uint32_t k = 0; k < chain->n_path; k++) {
    const civ_agent a = chain->path[k];
    m->items[m->n] = (member){ number, m->head[a] };
    m->head[a] = m->n++;
    m->count[a]++;
  }
}

civ_status civ_chains_deduplicate(civ_chain *chains, size_t *n, uint32_t agents, civ_arena *scratch)
{
  members m = { .items = civ_arena_take(scratch, *n * CIV_CHAIN_AGENTS, sizeof *m.items),
                .head = civ_arena_take(scratch, agents, sizeof *m.head),
                .count = civ_arena_take(scratch, agents, sizeof *m.count) };
  civ_chain *kept = civ_arena_take(scratch, *n, sizeof *kept);
  uint32_t n_kept = 0;
  if (m.items == NULL || m.head == NULL || m.count == NULL || kept == NULL)
    return CIV_E_NOMEM;
  memset(m.head, 0xFF, agents * sizeof *m.head);
  for (uint32_t depth = CIV_CHAIN_AGENTS; depth-- > 0;)
    for (size_t k = 0; k < *n; k++)
      if (chains[k].depth == depth && !is_covered(&m, kept, &chains[k])) {
        enter(&m, &chains[k], n_kept);
        kept[n_kept++] = chains[k];
      }
  memcpy(chains, kept, n_kept * sizeof *kept);
  *n = n_kept;
  return CIV_OK;
}

/* --- all of it ----------------------------------------------------------------------------------------------------------------- */

double civ_chain_risk(const civ_chain *chain, double *severity, double *confidence)
{
  *severity = security_least(1.0, chain->depth / 5.0);
  *confidence = security_least(0.9, 0.5 + chain->velocity / 10);
  return *severity * *confidence;
}

static void raise_chain(const civ_security *s, const civ_chain *chain, double *scores)
{
  double severity, confidence;
  const double risk = civ_chain_risk(chain, &severity, &confidence);
  civ_security_raise(s, scores, chain->origin, risk);
  for (uint32_t k = 0; k < chain->n_path; k++)
    if (chain->path[k] != chain->origin)
      civ_security_raise(s, scores, chain->path[k], 0.3 * risk);
}

static civ_status find(const civ_security *s, double *scores, civ_security_report *out, civ_arena *scratch)
{
  timeline t;
  if (!make_timeline(s, scratch, &t))
    return CIV_E_NOMEM;
  civ_chain *found = civ_arena_take(scratch, t.n, sizeof *found);
  size_t n = 0;
  if (found == NULL)
    return CIV_E_NOMEM;
  for (size_t k = 0; k < t.n; k++)
    if (follow(s, &t, k, &found[n])) {
      found[n].number = (uint32_t)n;
      n++;
    }
  const civ_status st = civ_chains_deduplicate(found, &n, s->agents, scratch);
  out->chains = civ_arena_take(&out->arena, n, sizeof *out->chains);
  if (st != CIV_OK || out->chains == NULL)
    return CIV_E_NOMEM;
  memcpy(out->chains, found, n * sizeof *found);
  out->counts[CIV_THREAT_CONTAGION] = n;
  out->contagion_depth = n > 0 ? found[0].depth : 0;
  for (size_t k = 0; k < n; k++)
    raise_chain(s, &found[k], scores);
  return CIV_OK;
}

civ_status civ_security_find_contagion(const civ_security *s, double *scores, civ_security_report *out)
{
  if (s->count < s->rules.min_chain || s->n_lows < 3)
    return CIV_OK;
  civ_arena scratch = civ_arena_create(s->allocator);
  const civ_status st = find(s, scores, out, &scratch);
  civ_arena_destroy(&scratch);
  return st;
}
