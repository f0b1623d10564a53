/* Questions agents ask. Without a world that restricts who sees whom, everybody active is visible and the answers come
 * from rank and select on the active set; with one, from the short list of neighbours. */
#include "sim/run_state.h"

static civ_run *run_of(const civ_view *view)
{
  return view->host;
}

static bool restricted(const civ_run *run)
{
  return run->worlds_permit.n != 0;
}

bool civ_sim_permits(const civ_run *run, civ_agent a, civ_agent b)
{
  for (uint32_t k = 0; k < run->worlds_permit.n; k++) {
    const world_slot *w = &run->worlds[run->worlds_permit.at[k]];
    if (!w->table->permits(w->self, a, b))
      return false;
  }
  return true;
}

/* Agents that the first restricting world lets `a` meet; the others are asked one by one. */
static uint32_t neighbours(const civ_run *run, civ_agent a, const civ_agent **list)
{
  const world_slot *w = &run->worlds[run->worlds_permit.at[0]];
  return w->table->neighbours(w->self, a, list);
}

static bool sees(const civ_view *view, civ_agent x)
{
  const civ_run *run = run_of(view);
  if (x >= run->people.view.n || x == view->self || run->people.frozen[x])
    return false;
  return !restricted(run) || civ_sim_permits(run, view->self, x);
}

/* Members of `set` that are visible, where everybody active is. */
static uint32_t others(const civ_indexset *set, civ_agent self)
{
  return set->count - (civ_indexset_has(set, self) ? 1u : 0u);
}

static civ_agent other_at(const civ_indexset *set, civ_agent self, uint32_t k)
{
  if (set->count == set->n)
    return k < self ? k : k + 1;
  const civ_agent x = civ_indexset_select(set, k);
  return x < self || !civ_indexset_has(set, self) ? x : civ_indexset_select(set, k + 1);
}

/* Whether somebody on the list of neighbours is visible: with one restricting world all of them are permitted. */
static bool meets(const civ_view *view, civ_agent x)
{
  const civ_run *run = run_of(view);
  return x != view->self && !run->people.frozen[x] &&
         (run->worlds_permit.n == 1 || civ_sim_permits(run, view->self, x));
}

/* Position of the first on the list that is >= x. */
static uint32_t position(const civ_agent *list, uint32_t n, civ_agent x)
{
  uint32_t low = 0;
  while (n > 0) {
    const uint32_t half = n / 2;
    const bool below = list[low + half] < x;
    low += below ? half + 1 : 0;
    n = below ? n - half - 1 : half;
  }
  return low;
}

/* Where the agent itself stands on its list; n = nowhere. */
static uint32_t own_place(const civ_view *view, const civ_agent *list, uint32_t n)
{
  const uint32_t at = position(list, n, view->self);
  return at < n && list[at] == view->self ? at : n;
}

/* Whether everybody on the list but the agent itself is visible and in the set: nobody is frozen, one world restricts. */
static bool all_are_in(const civ_view *view, const civ_indexset *set)
{
  return set->count == set->n && run_of(view)->worlds_permit.n == 1;
}

static uint32_t count_among(const civ_view *view, const civ_indexset *set)
{
  const civ_agent *list;
  const uint32_t n = neighbours(run_of(view), view->self, &list);
  uint32_t count = 0;
  if (all_are_in(view, set))
    return n - (own_place(view, list, n) < n);
  for (uint32_t k = 0; k < n; k++)
    count += civ_indexset_has(set, list[k]) && meets(view, list[k]);
  return count;
}

static civ_agent nth_among(const civ_view *view, const civ_indexset *set, uint32_t nth)
{
  const civ_agent *list;
  const uint32_t n = neighbours(run_of(view), view->self, &list);
  if (all_are_in(view, set)) {
    nth += nth >= own_place(view, list, n);
    return nth < n ? list[nth] : CIV_NOBODY;
  }
  for (uint32_t k = 0; k < n; k++)
    if (civ_indexset_has(set, list[k]) && meets(view, list[k]) && nth-- == 0)
      return list[k];
  return CIV_NOBODY;
}

static uint32_t members(const civ_view *view, const civ_indexset *set)
{
  return restricted(run_of(view)) ? count_among(view, set) : others(set, view->self);
}

static civ_agent member_at(const civ_view *view, const civ_indexset *set, uint32_t k)
{
  return restricted(run_of(view)) ? nth_among(view, set, k) : other_at(set, view->self, k);
}

static uint32_t visible(const civ_view *view)
{
  return members(view, &run_of(view)->people.active);
}

static civ_agent visible_at(const civ_view *view, uint32_t k)
{
  return member_at(view, &run_of(view)->people.active, k);
}

static civ_agent visible_from(const civ_view *view, civ_agent from)
{
  const civ_run *run = run_of(view);
  if (!restricted(run)) {
    if (from >= run->people.view.n)
      return CIV_NOBODY;
    const civ_agent x = civ_indexset_next(&run->people.active, from);
    if (x != view->self)
      return x;
    return x + 1 < run->people.view.n ? civ_indexset_next(&run->people.active, x + 1) : CIV_NOBODY;
  }
  const civ_agent *list;
  const uint32_t n = neighbours(run, view->self, &list);
  for (uint32_t k = position(list, n, from); k < n; k++)
    if (meets(view, list[k]))
      return list[k];
  return CIV_NOBODY;
}

static double edge_weight(const civ_view *view, civ_agent x)
{
  const civ_network_service *network = run_of(view)->network;
  if (!sees(view, x))
    return 0.0;
  return network ? network->weight(network->self, view->self, x) : 1.0;
}

static uint32_t watched(const civ_view *view, uint32_t watch)
{
  return members(view, &run_of(view)->people.watches[watch].members);
}

static civ_agent watched_at(const civ_view *view, uint32_t watch, uint32_t k)
{
  return member_at(view, &run_of(view)->people.watches[watch].members, k);
}

static bool is_watched(const civ_view *view, uint32_t watch, civ_agent x)
{
  return x < run_of(view)->people.view.n && civ_indexset_has(&run_of(view)->people.watches[watch].members, x) &&
         sees(view, x);
}

static bool watch_left(const civ_view *view, uint32_t id, uint64_t *cursor, civ_agent *x, uint64_t *entered,
                       uint64_t *left)
{
  const watch_state *w = &run_of(view)->people.watches[id];
  if (*cursor >= w->n_departures)
    return false;
  const watch_departure *d = &w->departures[(*cursor)++];
  *x = d->x;
  *entered = d->entered;
  *left = d->left;
  return true;
}

static uint64_t watch_entered(const civ_view *view, uint32_t id, civ_agent x)
{
  return run_of(view)->people.watches[id].entered[x];
}

static bool may(const civ_view *view, civ_quota quota)
{
  const civ_run *run = run_of(view);
  if (CIV_LIKELY(run->levers_may.n == 1)) /* asked several times a turn; nearly always only the rate limits answer */
    return run->only_may(run->only_may_self, view->self, quota);
  for (uint32_t k = 0; k < run->levers_may.n; k++) {
    const lever_slot *l = &run->levers[run->levers_may.at[k]];
    if (!l->table->may(l->self, view->self, quota))
      return false;
  }
  return true;
}

static const civ_proposal *pending(const civ_view *view, const civ_proposal *after)
{
  const proposals *open = &run_of(view)->open;
  const uint32_t index = after ? open->next[after->index] : open->head[view->self];
  return index == CIV_NONE ? NULL : &open->items[index];
}

static uint32_t recent(const civ_view *view, civ_interaction *out, uint32_t most)
{
  const civ_run *run = run_of(view);
  if (run->ring_length == 0)
    return 0;
  const uint32_t made = run->ring_at[view->self];
  uint32_t n = made < run->ring_length ? made : run->ring_length;
  if (n > most)
    n = most;
  for (uint32_t k = 0; k < n; k++)
    out[k] = run->ring[(size_t)view->self * run->ring_length + (made - 1 - k) % run->ring_length];
  return n;
}

const civ_view_table civ_sim_view_table = { visible, visible_at, visible_from, sees,       edge_weight,
                                            watched, watched_at, is_watched,   watch_left, watch_entered,
                                            may,     pending,    recent };

civ_view civ_sim_view(civ_run *run)
{
  return (civ_view){ .epoch = run->epoch,
                     .step = run->step,
                     .moment = run->moment,
                     .population = &run->people.view,
                     .ask = &civ_sim_view_table,
                     .feed = run->feed,
                     .tasks = run->tasks,
                     .market = run->market,
                     .ledger = run->ledger,
                     .host = run };
}
