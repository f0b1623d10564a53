/* security_graph.c - the graph of agreements, and breadth-first searches from 256 agents at once (Then et al. 2014). */
#include "metric/security_graph.h"

#include "metric/security_inside.h"

/* Counting sort of the first edges by one end, keeping their order: `start` is shifted by one while the places are handed out. */
static bool sort_edges(const civ_security *s, size_t n_edges, bool by_from, civ_arena *arena, uint32_t **start_out,
                       uint32_t **ends_out)
{
  uint32_t *start = civ_arena_take(arena, (size_t)s->agents + 2, sizeof *start);
  uint32_t *ends = civ_arena_take(arena, n_edges, sizeof *ends);
  if (start == NULL || ends == NULL)
    return false;
  for (size_t k = 0; k < n_edges; k++)
    start[(by_from ? s->edges[k].from : s->edges[k].to) + 2]++;
  for (uint32_t a = 2; a <= s->agents + 1; a++)
    start[a] += start[a - 1];
  for (size_t k = 0; k < n_edges; k++) {
    const civ_agent key = by_from ? s->edges[k].from : s->edges[k].to;
    ends[start[key + 1]++] = by_from ? s->edges[k].to : s->edges[k].from;
  }
  *start_out = start;
  *ends_out = ends;
  return true;
}

bool civ_security_graph_make(security_graph *g, const civ_security *s, size_t n_edges, civ_arena *arena)
{
  g->n = s->agents;
  return sort_edges(s, n_edges, true, arena, &g->out_start, &g->out) &&
         sort_edges(s, n_edges, false, arena, &g->in_start, &g->in);
}

bool civ_security_wave_make(security_wave *wave, uint32_t n, civ_arena *arena)
{
  wave->state = civ_arena_take(arena, n, sizeof *wave->state);
  wave->now = civ_arena_take(arena, n, sizeof *wave->now);
  wave->front = civ_arena_take(arena, n, sizeof *wave->front);
  wave->behind = civ_arena_take(arena, n, sizeof *wave->behind);
  wave->touched = civ_arena_take(arena, n, sizeof *wave->touched);
  return wave->state != NULL && wave->now != NULL && wave->front != NULL && wave->behind != NULL &&
         wave->touched != NULL;
}

static bool any(const security_bits *b)
{
  uint64_t x = 0;
  for (int k = 0; k < SECURITY_WORDS; k++)
    x |= b->w[k];
  return x != 0;
}

/* Hands the bits of one node on to a neighbour; whether the neighbour was idle and gets its first new bit. */
static bool hand_on(security_wave *wave, const security_bits *from, uint32_t to)
{
  security_bits *next = &wave->state[to].next;
  const security_bits *seen = &wave->state[to].seen;
  const bool idle = !any(next);
  for (int k = 0; k < SECURITY_WORDS; k++)
    next->w[k] |= from->w[k] & ~seen->w[k];
  return idle && any(next);
}

/* What reached a node in this round becomes seen, and is what it hands on in the next. */
static void settle(security_wave *wave, uint32_t node)
{
  security_bits *next = &wave->state[node].next, *seen = &wave->state[node].seen;
  for (int k = 0; k < SECURITY_WORDS; k++) {
    wave->now[node].w[k] = next->w[k];
    seen->w[k] |= next->w[k];
    next->w[k] = 0;
  }
}

void civ_security_search(const security_graph *g, bool forward, security_wave *wave, const uint32_t *roots, uint32_t n,
                         security_visit visit, void *arg)
{
  static const security_bits none = { { 0 } };
  const uint32_t *start = forward ? g->out_start : g->in_start, *ends = forward ? g->out : g->in;
  uint32_t n_front = 0, n_behind, n_touched = 0;
  for (uint32_t k = 0; k < n; k++) {
    if (!any(&wave->state[roots[k]].seen))
      wave->touched[n_touched++] = wave->front[n_front++] = roots[k];
    wave->state[roots[k]].seen.w[k / 64] |= UINT64_C(1) << k % 64;
    wave->now[roots[k]] = wave->state[roots[k]].seen;
  }
  for (uint32_t distance = 1; n_front > 0; distance++) {
    n_behind = 0;
    for (uint32_t k = 0; k < n_front; k++) {
      const uint32_t u = wave->front[k];
      for (uint32_t e = start[u]; e < start[u + 1]; e++)
        if (hand_on(wave, &wave->now[u], ends[e]))
          wave->behind[n_behind++] = ends[e];
    }
    for (uint32_t k = 0; k < n_behind; k++) {
      const uint32_t v = wave->behind[k];
      if (!any(&wave->state[v].seen))
        wave->touched[n_touched++] = v;
      settle(wave, v);
      visit(arg, v, &wave->now[v], distance);
    }
    uint32_t *const front = wave->front;
    wave->front = wave->behind;
    wave->behind = front;
    n_front = n_behind;
  }
  for (uint32_t k = 0; k < n_touched; k++)
    wave->state[wave->touched[k]].seen = none;
}
