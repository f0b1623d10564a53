/* The analysis: pairs, the groups they make, and what that means for each agent and for the whole. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "metric/collusion_inside.h"

/* Weights of the ecosystem's risk: flagged pairs, agents in groups, the worst group. */
static const double BY_PAIRS = 0.3, BY_AGENTS = 0.3, BY_GROUP = 0.4;

/* --- pairs ---------------------------------------------------------------------------------------------------------------- */

static bool worse(const civ_collusion_pair *x, const civ_collusion_pair *y)
{
  return x->score != y->score ? x->score < y->score : x->order > y->order;
}

/* The list is a heap with its least on top until it is sorted. */
static void sift_down(civ_collusion_pair *heap, uint32_t n, uint32_t at)
{
  for (;;) {
    uint32_t least = at;
    for (uint32_t child = 2 * at + 1; child <= 2 * at + 2 && child < n; child++)
      if (worse(&heap[child], &heap[least]))
        least = child;
    if (least == at)
      return;
    const civ_collusion_pair t = heap[at];
    heap[at] = heap[least];
    heap[least] = t;
    at = least;
  }
}

static void list_pair(civ_collusion_report *out, const civ_collusion_pair *pair)
{
  civ_collusion_pair *heap = out->suspicious;
  if (out->n_suspicious < out->room_suspicious) {
    uint32_t at = out->n_suspicious++;
    heap[at] = *pair;
    for (uint32_t up = (at - 1) / 2; at > 0 && worse(&heap[at], &heap[up]); at = up, up = (at - 1) / 2) {
      const civ_collusion_pair t = heap[at];
      heap[at] = heap[up];
      heap[up] = t;
    }
  } else if (worse(&heap[0], pair)) {
    heap[0] = *pair;
    sift_down(heap, out->n_suspicious, 0);
  }
}

static int by_score(const void *x, const void *y)
{
  return worse(x, y) ? 1 : -1;
}

static uint32_t root_of(component *all, uint32_t a)
{
  while (all[a].parent != a) {
    all[a].parent = all[all[a].parent].parent;
    a = all[a].parent;
  }
  return a;
}

static void join(component *all, uint32_t a, uint32_t b)
{
  const uint32_t x = root_of(all, a), y = root_of(all, b);
  all[x < y ? y : x].parent = x < y ? x : y;
}

static void raise(double *x, double to)
{
  if (to > *x)
    *x = to;
}

static void flag_pair(civ_collusion *c, civ_collusion_report *out, const civ_collusion_pair *pair)
{
  component *one = &c->components[pair->a];
  out->n_flagged_pairs++;
  list_pair(out, pair);
  join(c->components, pair->a, pair->b);
  if (pair->score > one->best_score) {
    one->best_score = pair->score;
    one->best_order = pair->order;
  }
}

static void analyse_pairs(civ_collusion *c, civ_collusion_report *out)
{
  double sum = 0;
  for (civ_agent a = 0; a < c->agents; a++)
    c->components[a] = (component){ .parent = a, .best_score = -1 };
  for (size_t k = 0; k < c->n_pairs; k++) {
    if (c->pairs[k].n < c->params.min_interactions)
      continue;
    const civ_collusion_pair pair = civ_collusion_pair_read(c, &c->pairs[k], (uint32_t)k);
    out->analysed++;
    sum += pair.score;
    raise(&out->max_score, pair.score);
    raise(&out->risk[pair.a], pair.score);
    raise(&out->risk[pair.b], pair.score);
    if (pair.score >= c->params.score_threshold)
      flag_pair(c, out, &pair);
  }
  out->average_score = out->analysed > 0 ? sum / (double)out->analysed : 0;
  if (out->n_suspicious > 0)
    qsort(out->suspicious, out->n_suspicious, sizeof *out->suspicious, by_score);
  for (uint32_t k = 0; k < out->n_suspicious; k++)
    out->suspicious[k].signals = civ_collusion_signals(c, &out->suspicious[k]);
}

/* --- groups --------------------------------------------------------------------------------------------------------------- */

/* What the members of each component did, gathered in its root. */
static void gather_members(civ_collusion *c)
{
  component *all = c->components;
  for (civ_agent a = 0; a < c->agents; a++) {
    const uint32_t root = root_of(all, a);
    component *r = &all[root];
    r->size++;
    r->incidences += c->people[a].n;
    r->p_incidences += c->people[a].p;
    if (a == root || all[a].best_score < 0)
      continue;
    if (all[a].best_score > r->best_score ||
        (all[a].best_score == r->best_score && all[a].best_order < r->best_order)) {
      r->best_score = all[a].best_score;
      r->best_order = all[a].best_order;
    }
  }
}

static void gather_internal(civ_collusion *c)
{
  component *all = c->components;
  for (size_t k = 0; k < c->n_pairs; k++) {
    const pair_record *r = &c->pairs[k];
    component *root = &all[root_of(all, r->low)];
    if (root->size < 2 || root != &all[root_of(all, r->high)])
      continue;
    root->internal += r->n;
    root->p_internal += r->p_low + r->p_high;
  }
}

static civ_collusion_group judge_group(const component *r)
{
  const uint64_t external = r->incidences - 2 * r->internal, all = r->internal + external;
  civ_collusion_group g = { .size = r->size };
  g.internal_rate = all > 0 ? (double)r->internal / (double)all : 0;
  g.external_rate = all > 0 ? (double)external / (double)all : 0;
  g.p_internal = r->internal > 0 ? r->p_internal / (double)r->internal : 0.5;
  g.p_external = external > 0 ? (r->p_incidences - 2 * r->p_internal) / (double)external : 0.5;
  g.score = (0.4 * fmax(0, 2 * (g.internal_rate - 0.5)) + 0.6 * fmax(0, g.p_internal - g.p_external)) *
            (0.5 + 0.5 * fmin(1, r->size / 5.0));
  return g;
}

/* Discovery goes along the suspicious pairs, best first: a group is found at its best pair. `first` is its root for now. */
static int by_group(const void *x, const void *y, void *arg)
{
  const civ_collusion_group *g = x, *h = y;
  const component *all = arg, *r = &all[g->first], *s = &all[h->first];
  if (g->score != h->score)
    return g->score > h->score ? -1 : 1;
  if (r->best_score != s->best_score)
    return r->best_score > s->best_score ? -1 : 1;
  return r->best_order < s->best_order ? -1 : 1;
}

/* Keeps the groups of highest score where more are kept than can be listed. */
static void list_group(civ_collusion *c, civ_collusion_report *out, const civ_collusion_group *group)
{
  if (out->n_groups < out->room_groups) {
    out->groups[out->n_groups++] = *group;
    return;
  }
  civ_collusion_group *last = &out->groups[0];
  for (uint32_t k = 1; k < out->n_groups; k++)
    if (by_group(&out->groups[k], last, c->components) > 0)
      last = &out->groups[k];
  if (by_group(group, last, c->components) < 0)
    *last = *group;
}

static void list_members(civ_collusion *c, civ_collusion_report *out)
{
  component *all = c->components;
  for (uint32_t k = 0; k < out->n_groups; k++) {
    civ_collusion_group *g = &out->groups[k];
    all[g->first].slot = k + 1;
    g->first = out->n_members;
    out->n_members += g->size;
    g->size = 0;
  }
  for (civ_agent a = 0; a < c->agents; a++) {
    const uint32_t slot = all[root_of(all, a)].slot;
    if (slot > 0) {
      civ_collusion_group *g = &out->groups[slot - 1];
      out->members[g->first + g->size++] = a;
    }
  }
}

/* Returns how many agents are in kept groups; their risk is at least that of the group. */
static uint64_t keep_groups(civ_collusion *c, civ_collusion_report *out, double *worst)
{
  component *all = c->components;
  uint64_t agents = 0;
  for (civ_agent a = 0; a < c->agents; a++) {
    if (all[a].parent != a || all[a].size < 2)
      continue;
    civ_collusion_group group = judge_group(&all[a]);
    if (group.score < c->params.score_threshold)
      continue;
    group.first = a;
    out->n_flagged_groups++;
    agents += group.size;
    raise(worst, group.score);
    list_group(c, out, &group);
    all[a].slot = UINT32_MAX; /* kept, not yet listed */
  }
  for (civ_agent a = 0; agents > 0 && a < c->agents; a++) {
    const component *root = &all[root_of(all, a)];
    if (root->slot == UINT32_MAX)
      raise(&out->risk[a], judge_group(root).score);
  }
  for (civ_agent a = 0; agents > 0 && a < c->agents; a++)
    all[a].slot = 0;
  if (out->n_groups > 1)
    qsort_r(out->groups, out->n_groups, sizeof *out->groups, by_group, all);
  list_members(c, out);
  return agents;
}

/* --- the whole ------------------------------------------------------------------------------------------------------------ */

static double share(double part, double whole)
{
  return whole > 0 ? part / whole : 0;
}

/* Mean number of an agent's events near one of its events, the event itself left out, as a share of all the others. */
static void read_clustering(const civ_collusion *c, civ_collusion_report *out)
{
  for (civ_agent a = 0; a < c->agents; a++) {
    const agent_record *agent = &c->people[a];
    out->clustering[a] = agent->n < 3 ? 0 : ((double)agent->near / agent->n - 1) / (agent->n - 1);
  }
}

static void empty(civ_collusion_report *out)
{
  civ_collusion_report fresh = { .suspicious = out->suspicious,
                                 .groups = out->groups,
                                 .members = out->members,
                                 .risk = out->risk,
                                 .clustering = out->clustering,
                                 .agents = out->agents,
                                 .room_suspicious = out->room_suspicious,
                                 .room_groups = out->room_groups,
                                 .allocator = out->allocator };
  memset(out->risk, 0, ((size_t)out->agents + 1) * sizeof *out->risk);
  memset(out->clustering, 0, ((size_t)out->agents + 1) * sizeof *out->clustering);
  *out = fresh;
}

civ_status civ_collusion_analyse(civ_collusion *c, civ_collusion_report *out)
{
  double worst = 0;
  uint64_t grouped = 0;
  empty(out);
  out->interactions = c->interactions;
  out->pairs = c->n_pairs;
  analyse_pairs(c, out);
  if (out->n_flagged_pairs > 0) {
    gather_members(c);
    gather_internal(c);
    grouped = keep_groups(c, out, &worst);
  }
  const double n = c->listed;
  if (out->analysed > 0)
    out->ecosystem_risk = fmin(1, BY_PAIRS * share((double)out->n_flagged_pairs, n * (n - 1) / 2) +
                                      BY_AGENTS * share((double)grouped, n) + BY_GROUP * worst);
  for (civ_agent a = 0; c->interactions > 0 && a < c->agents; a++)
    out->n_flagged_agents += out->risk[a] >= c->params.score_threshold;
  read_clustering(c, out);
  const civ_status status = out->n_groups > 0 ? civ_collusion_groups_compare(c, out) : CIV_OK;
  if (status != CIV_OK)
    empty(out);
  return status;
}

/* --- room for reports ------------------------------------------------------------------------------------------------------ */

void civ_collusion_report_fini(civ_collusion_report *r)
{
  const civ_allocator *a = r->allocator;
  const size_t agents = (size_t)r->agents + 1;
  if (a == NULL)
    return;
  civ_release(a, r->suspicious, r->room_suspicious * sizeof *r->suspicious);
  civ_release(a, r->groups, r->room_groups * sizeof *r->groups);
  civ_release(a, r->members, agents * sizeof *r->members);
  civ_release(a, r->risk, agents * sizeof *r->risk);
  civ_release(a, r->clustering, agents * sizeof *r->clustering);
  *r = (civ_collusion_report){ 0 };
}

static uint32_t listed_of(uint64_t possible)
{
  return possible < CIV_COLLUSION_LISTED ? (uint32_t)possible + 1 : CIV_COLLUSION_LISTED;
}

civ_status civ_collusion_report_init(civ_collusion_report *r, uint32_t agents, const civ_allocator *allocator,
                                     civ_error *err)
{
  const size_t n = (size_t)agents + 1;
  *r = (civ_collusion_report){ .agents = agents, .allocator = allocator };
  r->room_suspicious = listed_of((uint64_t)agents * ((uint64_t)agents + 1) / 2);
  r->room_groups = listed_of(agents / 2);
  r->suspicious = civ_zeroed(allocator, r->room_suspicious, sizeof *r->suspicious);
  r->groups = civ_zeroed(allocator, r->room_groups, sizeof *r->groups);
  r->members = civ_zeroed(allocator, n, sizeof *r->members);
  r->risk = civ_zeroed(allocator, n, sizeof *r->risk);
  r->clustering = civ_zeroed(allocator, n, sizeof *r->clustering);
  if (r->suspicious != NULL && r->groups != NULL && r->members != NULL && r->risk != NULL && r->clustering != NULL)
    return CIV_OK;
  civ_collusion_report_fini(r);
  return civ_fail(err, CIV_E_NOMEM, "collusion", "out of memory for a report on %u agents", agents);
}
