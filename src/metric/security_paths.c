/* security_paths.c - the laundering paths of highest risk, hop by hop. */
#include "metric/security_graph.h"
#include "metric/security_inside.h"

#include <stdlib.h>
#include <string.h>

/* A population too large to search from every source is searched from so many: then the list may end early. */
enum { SEARCHES_OF_LARGE = 16 };

typedef struct found {
  double risk, gain;
  uint64_t sequence; /* order of a report: source, then order of discovery */
  uint32_t source, destination, last, hops;
  uint32_t *path; /* of `hops` - 1 agents between, when it was kept */
} found;

typedef struct lister {
  const civ_security *s;
  const security_unlisted *of;
  security_graph graph;
  civ_arena *scratch;
  found *heap; /* least bad in front */
  uint32_t n;
  uint32_t *queue, *parent, *depth, *mark; /* mark: number of the search that reached the node */
  uint32_t search;
  bool failed;
} lister;

static bool worse(const found *a, const found *b)
{
  return a->risk > b->risk || (a->risk == b->risk && a->sequence < b->sequence);
}

static void swap(found *a, found *b)
{
  const found was = *a;
  *a = *b;
  *b = was;
}

static void sink_front(lister *l)
{
  uint32_t at = 0;
  for (;;) {
    uint32_t least = at;
    for (uint32_t child = 2 * at + 1; child <= 2 * at + 2 && child < l->n; child++)
      if (worse(&l->heap[least], &l->heap[child]))
        least = child;
    if (least == at)
      return;
    swap(&l->heap[at], &l->heap[least]);
    at = least;
  }
}

/* Who stands between, from the searches' tree. */
static uint32_t *between(lister *l, const found *f)
{
  uint32_t *path = civ_arena_take(l->scratch, f->hops, sizeof *path);
  uint32_t at = f->last;
  for (uint32_t k = f->hops - 1; path != NULL && k-- > 0; at = l->parent[at])
    path[k] = at;
  l->failed |= path == NULL;
  return path;
}

static void offer(lister *l, found *f)
{
  if (l->n == CIV_SECURITY_LIST) {
    if (!worse(f, &l->heap[0]))
      return;
    f->path = between(l, f);
    l->heap[0] = *f;
    sink_front(l);
    return;
  }
  f->path = between(l, f);
  uint32_t at = l->n++;
  l->heap[at] = *f;
  while (at > 0 && worse(&l->heap[(at - 1) / 2], &l->heap[at])) {
    swap(&l->heap[(at - 1) / 2], &l->heap[at]);
    at = (at - 1) / 2;
  }
}

static void reach(lister *l, uint32_t source, uint32_t v, uint32_t u, uint64_t order)
{
  const double *trust = l->of->trust, gain = trust[v] - trust[source];
  double severity, confidence;
  l->mark[v] = l->search;
  l->parent[v] = u;
  l->depth[v] = l->depth[u] + 1;
  if (l->depth[v] + 1 < l->s->rules.min_chain || !(trust[v] > trust[source] + l->s->rules.laundering_gap))
    return;
  found f = { .risk = civ_laundering_risk(gain, &severity, &confidence),
              .gain = gain,
              .sequence = (uint64_t)source << 32 | order,
              .source = source,
              .destination = v,
              .last = u,
              .hops = l->depth[v] };
  offer(l, &f);
}

static void search_from(lister *l, uint32_t source)
{
  const security_graph *g = &l->graph;
  uint32_t n = 0;
  l->search++;
  l->mark[source] = l->search;
  l->depth[source] = 0;
  l->queue[n++] = source;
  for (uint32_t k = 0; k < n; k++) {
    const uint32_t u = l->queue[k];
    for (uint32_t e = g->out_start[u]; e < g->out_start[u + 1]; e++) {
      const uint32_t v = g->out[e];
      if (l->mark[v] == l->search)
        continue;
      reach(l, source, v, u, n);
      l->queue[n++] = v;
    }
  }
}

typedef struct candidate {
  double risk;
  uint32_t source;
} candidate;

static int worst_first(const void *a, const void *b)
{
  const candidate *x = a, *y = b;
  if (x->risk != y->risk)
    return x->risk > y->risk ? -1 : 1;
  return (x->source > y->source) - (x->source < y->source);
}

/* Whether the best that this source and all behind it can have would not enter the list any more. */
static bool is_complete(const lister *l, const candidate *next)
{
  if (l->n < CIV_SECURITY_LIST)
    return false;
  const found best = { .risk = next->risk, .sequence = (uint64_t)next->source << 32 };
  return !worse(&best, &l->heap[0]);
}

static int in_order(const void *a, const void *b)
{
  const found *x = a, *y = b;
  return (x->sequence > y->sequence) - (x->sequence < y->sequence);
}

/* The least and the most trusted ends of a path, and who is between, into memory of the report. */
static bool write_list(lister *l, civ_security_report *out)
{
  out->laundering = civ_arena_take(&out->arena, l->n, sizeof *out->laundering);
  if (out->laundering == NULL)
    return false;
  qsort(l->heap, l->n, sizeof *l->heap, in_order);
  for (uint32_t k = 0; k < l->n; k++) {
    const found *f = &l->heap[k];
    civ_laundering *path = &out->laundering[k];
    civ_agent *agents = civ_arena_take(&out->arena, f->hops - 1, sizeof *agents);
    if (agents == NULL)
      return false;
    memcpy(agents, f->path, (f->hops - 1) * sizeof *agents);
    *path = (civ_laundering){ .source = f->source,
                              .destination = f->destination,
                              .n_between = f->hops - 1,
                              .between = agents,
                              .trust_at_origin = l->of->trust[f->source],
                              .trust_at_destination = l->of->trust[f->destination],
                              .trust_gain = f->gain };
    path->ids = civ_security_ids(l->s, l->of->n_notes, f->last, f->destination, &out->arena, &path->n_ids);
  }
  out->n_laundering = l->n;
  return !out->arena.failed;
}

static civ_status list(lister *l, civ_security_report *out)
{
  const civ_security *s = l->s;
  const double *gains = l->of->gains;
  const uint32_t most = out->estimated ? SEARCHES_OF_LARGE : UINT32_MAX;
  candidate *candidates = civ_arena_take(l->scratch, s->listed, sizeof *candidates);
  uint32_t n = 0;
  double severity, confidence;
  l->heap = civ_arena_take(l->scratch, CIV_SECURITY_LIST, sizeof *l->heap);
  l->queue = civ_arena_take(l->scratch, s->agents, sizeof *l->queue);
  l->parent = civ_arena_take(l->scratch, s->agents, sizeof *l->parent);
  l->depth = civ_arena_take(l->scratch, s->agents, sizeof *l->depth);
  l->mark = civ_arena_take(l->scratch, s->agents, sizeof *l->mark);
  if (l->scratch->failed || !civ_security_graph_make(&l->graph, s, l->of->n_edges, l->scratch))
    return CIV_E_NOMEM;
  for (uint32_t a = 0; a < s->listed; a++)
    if (gains[a] >= 0)
      candidates[n++] = (candidate){ civ_laundering_risk(gains[a], &severity, &confidence), a };
  qsort(candidates, n, sizeof *candidates, worst_first);
  for (uint32_t k = 0; k < n && k < most && !is_complete(l, &candidates[k]); k++)
    search_from(l, candidates[k].source);
  return !l->failed && write_list(l, out) ? CIV_OK : CIV_E_NOMEM;
}

civ_status civ_security_list_paths(const civ_security *s, const security_unlisted *of, civ_security_report *out)
{
  if (of->gains == NULL)
    return CIV_OK;
  civ_arena scratch = civ_arena_create(s->allocator);
  lister l = { .s = s, .of = of, .scratch = &scratch };
  const civ_status st = list(&l, out);
  civ_arena_destroy(&scratch);
  return st;
}
