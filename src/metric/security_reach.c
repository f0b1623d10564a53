#include "metric/security_reach.h"

#include <string.h>

#include "metric/security_inside.h"
#include "metric/sort.h"

/* --- components (Tarjan 1972, without recursion) --------------------------------------------------------------------------------- */

typedef struct walk {
  uint32_t *low, *order; /* order: 0 = not met */
  uint32_t *stack, *path, *edge;
  uint32_t n_stack, n_path, next;
} walk;

static void meet(const security_graph *g, walk *w, uint32_t v)
{
  w->order[v] = w->low[v] = ++w->next;
  w->stack[w->n_stack++] = v;
  w->path[w->n_path++] = v;
  w->edge[v] = g->out_start[v];
}

/* v and all above it on the stack are one component. */
static void close_component(security_reach *r, walk *w, uint32_t v)
{
  uint32_t x;
  do {
    x = w->stack[--w->n_stack];
    r->component[x] = r->n_components;
  } while (x != v);
  r->n_components++;
}

static void walk_from(security_reach *r, walk *w, uint32_t root)
{
  const security_graph *g = r->g;
  meet(g, w, root);
  while (w->n_path > 0) {
    const uint32_t v = w->path[w->n_path - 1];
    if (w->edge[v] < g->out_start[v + 1]) {
      const uint32_t x = g->out[w->edge[v]++];
      if (w->order[x] == 0)
        meet(g, w, x);
      else if (r->component[x] == SECURITY_NONE && w->order[x] < w->low[v])
        w->low[v] = w->order[x];
      continue;
    }
    if (w->low[v] == w->order[v])
      close_component(r, w, v);
    w->n_path--;
    if (w->n_path > 0 && w->low[v] < w->low[w->path[w->n_path - 1]])
      w->low[w->path[w->n_path - 1]] = w->low[v];
  }
}

static bool find_components(security_reach *r, civ_arena *arena)
{
  const uint32_t n = r->g->n;
  walk w = { .low = civ_arena_take(arena, n, sizeof *w.low),
             .order = civ_arena_take(arena, n, sizeof *w.order),
             .stack = civ_arena_take(arena, n, sizeof *w.stack),
             .path = civ_arena_take(arena, n, sizeof *w.path),
             .edge = civ_arena_take(arena, n, sizeof *w.edge) };
  if (arena->failed)
    return false;
  memset(r->component, 0xFF, n * sizeof *r->component);
  for (uint32_t v = 0; v < n; v++)
    if (w.order[v] == 0)
      walk_from(r, &w, v);
  return true;
}

/* Agents by component, and which component is the largest. */
static bool sort_members(security_reach *r, civ_arena *arena)
{
  const uint32_t n = r->g->n;
  r->first = civ_arena_take(arena, (size_t)r->n_components + 2, sizeof *r->first);
  if (r->first == NULL)
    return false;
  for (uint32_t v = 0; v < n; v++)
    r->first[r->component[v] + 2]++;
  for (uint32_t c = 0; c < r->n_components; c++)
    if (r->first[c + 2] > r->first[r->giant + 2])
      r->giant = c;
  for (uint32_t c = 2; c <= r->n_components + 1; c++)
    r->first[c] += r->first[c - 1];
  for (uint32_t v = 0; v < n; v++)
    r->members[r->first[r->component[v] + 1]++] = v;
  return true;
}

/* What the largest component reaches. */
static void go_below(security_reach *r, double *spare)
{
  const security_graph *g = r->g;
  uint32_t n = 0;
  for (uint32_t k = r->first[r->giant]; k < r->first[r->giant + 1]; k++) {
    r->queue[n++] = r->members[k];
    r->below[r->members[k]] = 1;
  }
  for (uint32_t k = 0; k < n; k++)
    for (uint32_t e = g->out_start[r->queue[k]]; e < g->out_start[r->queue[k] + 1]; e++)
      if (!r->below[g->out[e]]) {
        r->below[g->out[e]] = 1;
        r->queue[n++] = g->out[e];
      }
  for (uint32_t k = 0; k < n; k++)
    r->trusts[k] = r->trust[r->queue[k]];
  r->n_below = n;
  r->trusts = civ_sort_reals(r->trusts, spare, n);
}

bool civ_security_reach_make(security_reach *r, civ_arena *arena)
{
  const uint32_t n = r->g->n;
  r->component = civ_arena_take(arena, n, sizeof *r->component);
  r->members = civ_arena_take(arena, n, sizeof *r->members);
  r->below = civ_arena_take(arena, n, sizeof *r->below);
  r->trusts = civ_arena_take(arena, n, sizeof *r->trusts);
  r->mark = civ_arena_take(arena, n, sizeof *r->mark);
  r->queue = civ_arena_take(arena, n, sizeof *r->queue);
  double *spare = civ_arena_take(arena, n, sizeof *spare);
  if (arena->failed || !find_components(r, arena) || !sort_members(r, arena))
    return false;
  go_below(r, spare);
  return true;
}

/* --- agents nearby ------------------------------------------------------------------------------------------------------------------ */

/* Marks the agents at distances below `hops`, the start included; they stand in the queue behind it. Returns how many. */
static uint32_t mark_near(security_reach *r, bool forward, uint32_t start)
{
  const uint32_t *first = forward ? r->g->out_start : r->g->in_start, *ends = forward ? r->g->out : r->g->in;
  uint32_t n = 1, done = 0;
  r->stamp++;
  r->mark[start] = r->stamp;
  r->queue[0] = start;
  for (uint32_t distance = 1; distance < r->hops; distance++)
    for (const uint32_t end = n; done < end; done++)
      for (uint32_t e = first[r->queue[done]]; e < first[r->queue[done] + 1]; e++)
        if (r->mark[ends[e]] != r->stamp) {
          r->mark[ends[e]] = r->stamp;
          r->queue[n++] = ends[e];
        }
  return n;
}

/* --- gains ---------------------------------------------------------------------------------------------------------------------------- */

/* The best partners a component reaches, best first. */
enum { BEST = 8 };
typedef struct best {
  uint32_t agents[BEST];
  uint8_t n;
  bool more; /* there are others behind them */
} best;

static bool is_better(const security_reach *r, bool forward, uint32_t x, uint32_t y)
{
  const double a = r->trust[x], b = r->trust[y];
  if (a != b)
    return forward ? a > b : a < b;
  return x < y;
}

/* Whether x entered, or stood there. */
static bool enter(const security_reach *r, bool forward, best *list, uint32_t x)
{
  uint32_t at = list->n;
  while (at > 0 && is_better(r, forward, x, list->agents[at - 1]))
    at--;
  if (at > 0 && list->agents[at - 1] == x)
    return true;
  if (at == BEST) {
    list->more = true;
    return false;
  }
  list->more |= list->n == BEST;
  const uint32_t last = list->n < BEST ? list->n : BEST - 1u;
  memmove(&list->agents[at + 1], &list->agents[at], (last - at) * sizeof *list->agents);
  list->agents[at] = x;
  list->n = (uint8_t)(last + 1);
  return true;
}

static void merge(const security_reach *r, bool forward, best *list, const best *other)
{
  if (list->n == 0) {
    *list = *other;
    return;
  }
  list->more |= other->more;
  for (uint32_t k = 0; k < other->n; k++)
    if (!enter(r, forward, list, other->agents[k]))
      return;
}

static void gather(const security_reach *r, bool forward, best *lists, uint32_t c)
{
  const uint32_t *first = forward ? r->g->out_start : r->g->in_start, *ends = forward ? r->g->out : r->g->in;
  uint32_t last = c;
  bool met_giant = c == r->giant; /* most edges lead there: it is merged once */
  for (uint32_t k = r->first[c]; k < r->first[c + 1]; k++) {
    const uint32_t v = r->members[k];
    for (uint32_t e = first[v]; e < first[v + 1]; e++) {
      const uint32_t x = r->component[ends[e]];
      if (x == c || x == last || (x == r->giant && met_giant))
        continue;
      merge(r, forward, &lists[c], &lists[x]);
      met_giant |= x == r->giant;
      last = x;
    }
  }
  for (uint32_t k = r->first[c]; k < r->first[c + 1]; k++)
    if (forward || r->members[k] < r->listed)
      enter(r, forward, &lists[c], r->members[k]);
}

static bool fits(const security_reach *r, bool forward, uint32_t self, uint32_t partner)
{
  const uint32_t source = forward ? self : partner, destination = forward ? partner : self;
  return r->trust[destination] > r->trust[source] + r->gap;
}

/* false: the list does not tell. */
static bool decide(security_reach *r, bool forward, uint32_t self, const best *list, double *gain)
{
  *gain = -1;
  if (list->n == 0 || !fits(r, forward, self, list->agents[0]))
    return true;
  mark_near(r, forward, self);
  for (uint32_t k = 0; k < list->n; k++) {
    const uint32_t x = list->agents[k];
    if (!fits(r, forward, self, x))
      return true;
    if (r->mark[x] == r->stamp)
      continue;
    *gain = forward ? r->trust[x] - r->trust[self] : r->trust[self] - r->trust[x];
    return true;
  }
  return !list->more;
}

bool civ_security_reach_gains(security_reach *r, bool forward, double *gains, uint32_t *undecided,
                              uint32_t *n_undecided, civ_arena *arena)
{
  const uint32_t all = forward ? r->listed : r->g->n;
  best *lists = civ_arena_take(arena, r->n_components, sizeof *lists);
  *n_undecided = 0;
  if (lists == NULL)
    return false;
  for (uint32_t k = 0; k < r->n_components; k++) /* those that are reached come first */
    gather(r, forward, lists, forward ? k : r->n_components - 1 - k);
  for (uint32_t a = 0; a < r->g->n; a++)
    gains[a] = -1;
  for (uint32_t a = 0; a < all; a++)
    if (!decide(r, forward, a, &lists[r->component[a]], &gains[a]))
      undecided[(*n_undecided)++] = a;
  return true;
}

/* --- paths ------------------------------------------------------------------------------------------------------------------------------ */

/* How many of what the largest component reaches are trusted more than `bar`. */
static uint32_t count_below(const security_reach *r, double bar)
{
  uint32_t low = 0, high = r->n_below;
  while (low < high) {
    const uint32_t middle = low + (high - low) / 2;
    if (r->trusts[middle] > bar)
      high = middle;
    else
      low = middle + 1;
  }
  return r->n_below - low;
}

/* Of all that a source reaches. The largest component is entered once, and not walked through. */
static uint64_t count_reached(security_reach *r, uint32_t source, double bar)
{
  const security_graph *g = r->g;
  uint64_t apart = 0, shared = 0; /* outside of and within what the largest component reaches */
  uint32_t n = 1;
  if (r->component[source] == r->giant)
    return count_below(r, bar);
  bool enters = false;
  r->stamp++;
  r->mark[source] = r->stamp;
  r->queue[0] = source;
  for (uint32_t k = 0; k < n; k++) {
    const uint32_t u = r->queue[k];
    if (r->component[u] == r->giant) {
      enters = true;
      continue;
    }
    if (r->below[u])
      shared += r->trust[u] > bar;
    else
      apart += r->trust[u] > bar;
    for (uint32_t e = g->out_start[u]; e < g->out_start[u + 1]; e++)
      if (r->mark[g->out[e]] != r->stamp) {
        r->mark[g->out[e]] = r->stamp;
        r->queue[n++] = g->out[e];
      }
  }
  return apart + (enters ? count_below(r, bar) : shared);
}

uint64_t civ_security_reach_paths(security_reach *r, uint32_t source)
{
  const double bar = r->trust[source] + r->gap;
  const uint64_t reached = count_reached(r, source, bar);
  if (reached == 0)
    return 0;
  const uint32_t n = mark_near(r, true, source);
  uint64_t near = 0;
  for (uint32_t k = 0; k < n; k++)
    near += r->trust[r->queue[k]] > bar;
  return reached - near;
}
