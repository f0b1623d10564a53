/* Path lengths: breadth first from 64 agents at once, one bit each (Then et al. 2014). */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "world/network_measure.h"

enum { AT_ONCE = 64 };

typedef struct search {
  const civ_network *net;
  uint64_t *seen, *here, *next; /* bits of the sources, per agent */
  civ_agent *now, *then;        /* whom the last and the next hop reach */
  size_t n;
} search;

static void drop(search *s)
{
  free(s->seen);
  free(s->here);
  free(s->next);
  free(s->now);
  free(s->then);
}

static civ_status make(search *s, const civ_network *net)
{
  s->net = net;
  s->n = civ_network_size(net);
  s->seen = calloc(s->n + 1, sizeof *s->seen);
  s->here = calloc(s->n + 1, sizeof *s->here);
  s->next = calloc(s->n + 1, sizeof *s->next);
  s->now = calloc(s->n + 1, sizeof *s->now);
  s->then = calloc(s->n + 1, sizeof *s->then);
  if (s->seen && s->here && s->next && s->now && s->then)
    return CIV_OK;
  drop(s);
  return CIV_E_NOMEM;
}

/* One hop of all sources; returns how many agents it reached. */
static uint32_t hop(search *s, uint32_t n_now, uint64_t *reached)
{
  uint32_t n_then = 0;
  for (uint32_t k = 0; k < n_now; k++) {
    const civ_agent a = s->now[k], *ends;
    const uint64_t bits = s->here[a];
    const uint32_t degree = civ_network_neighbours(s->net, a, &ends);
    for (uint32_t i = 0; i < degree; i++) {
      const civ_agent b = ends[i];
      const uint64_t fresh = bits & ~s->seen[b];
      if (fresh == 0)
        continue;
      if (s->next[b] == 0)
        s->then[n_then++] = b;
      s->next[b] |= fresh;
    }
    s->here[a] = 0;
  }
  for (uint32_t k = 0; k < n_then; k++) {
    const civ_agent b = s->then[k];
    s->seen[b] |= s->next[b];
    *reached += (uint64_t)__builtin_popcountll(s->next[b]);
  }
  return n_then;
}

static void swap(search *s)
{
  uint64_t *bits = s->here;
  civ_agent *list = s->now;
  s->here = s->next;
  s->next = bits;
  s->now = s->then;
  s->then = list;
}

static void search_from(search *s, const civ_agent *sources, uint32_t n, civ_paths *out)
{
  memset(s->seen, 0, s->n * sizeof *s->seen);
  for (uint32_t k = 0; k < n; k++) {
    s->seen[sources[k]] |= UINT64_C(1) << k;
    s->here[sources[k]] |= UINT64_C(1) << k;
    s->now[k] = sources[k];
  }
  uint32_t reach = n;
  for (uint64_t distance = 1; reach > 0; distance++) {
    uint64_t pairs = 0;
    reach = hop(s, reach, &pairs);
    out->hops += distance * pairs;
    out->pairs += pairs;
    swap(s);
  }
}

civ_status civ_network_paths(const civ_network *net, const civ_agent *sources, uint32_t n, civ_paths *out)
{
  search s = { 0 };
  *out = (civ_paths){ 0 };
  if (make(&s, net) != CIV_OK)
    return CIV_E_NOMEM;
  for (uint32_t from = 0; from < n; from += AT_ONCE)
    search_from(&s, sources + from, n - from < AT_ONCE ? n - from : AT_ONCE, out);
  drop(&s);
  return CIV_OK;
}

int64_t civ_network_path(const civ_network *net, civ_agent a, civ_agent b)
{
  search s = { 0 };
  const uint32_t n = civ_network_size(net);
  if (a == b)
    return 0;
  if (a >= n || b >= n)
    return -1;
  if (make(&s, net) != CIV_OK)
    return -2;
  uint32_t reach = 1;
  int64_t distance = 0;
  s.seen[a] = s.here[a] = 1;
  s.now[0] = a;
  while (reach > 0 && s.seen[b] == 0) {
    uint64_t pairs = 0;
    reach = hop(&s, reach, &pairs);
    swap(&s);
    distance++;
  }
  const bool found = s.seen[b] != 0;
  drop(&s);
  return found ? distance : -1;
}
