/* The edges: rows of neighbours in ascending order, or one weight for everybody and what differs from it. */
#include "base/bits.h"
#include "base/digest.h"
#include "world/network_inside.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST_ROOM = 4 };

/* --- life ----------------------------------------------------------------------------------------------------------------- */

static civ_status make_room(civ_network *net, size_t half_edges)
{
  void *ends = net->ends, *weights = net->weights;
  civ_status st = civ_grow(net->allocator, &ends, &net->ends_capacity, half_edges, sizeof *net->ends);
  if (st == CIV_OK)
    st = civ_grow(net->allocator, &weights, &net->weights_capacity, half_edges, sizeof *net->weights);
  net->ends = ends;
  net->weights = weights;
  return st;
}

civ_status civ_network_create(const civ_network_config *rules, uint32_t n, const civ_allocator *allocator,
                              civ_network **out, civ_error *err)
{
  civ_network *net = civ_zeroed(allocator, 1, sizeof *net);
  if (net) {
    net->allocator = allocator;
    net->rules = *rules;
    net->n = n;
    net->rows = civ_zeroed(allocator, (size_t)n + 1, sizeof *net->rows);
  }
  if (!net || !net->rows || make_room(net, 1) != CIV_OK) { /* so that even an empty row stands somewhere */
    civ_network_destroy(net);
    return civ_fail(err, CIV_E_NOMEM, "network", "out of memory for a network of %u agents", n);
  }
  *out = net;
  return CIV_OK;
}

static void drop_complete(civ_network *net)
{
  civ_pairs_destroy(net->touched);
  civ_release(net->allocator, net->everyone, ((size_t)net->n + 1) * sizeof *net->everyone);
  civ_drop(net->allocator, (void **)&net->scratch, &net->scratch_capacity, sizeof *net->scratch);
  net->touched = NULL;
  net->everyone = NULL;
  net->complete = false;
}

static void empty_rows(civ_network *net)
{
  net->used = 0;
  net->longest = 0;
  memset(net->rows, 0, ((size_t)net->n + 1) * sizeof *net->rows);
}

void civ_network_destroy(civ_network *net)
{
  if (!net)
    return;
  drop_complete(net);
  civ_drop(net->allocator, (void **)&net->ends, &net->ends_capacity, sizeof *net->ends);
  civ_drop(net->allocator, (void **)&net->weights, &net->weights_capacity, sizeof *net->weights);
  civ_release(net->allocator, net->rows, ((size_t)net->n + 1) * sizeof *net->rows);
  civ_release(net->allocator, net, sizeof *net);
}

void civ_network_clear(civ_network *net)
{
  drop_complete(net);
  empty_rows(net);
  net->n_edges = 0;
  net->version++;
}

void civ_network_changed(civ_network *net, civ_agent a, civ_agent b, double weight)
{
  net->digest = civ_digest_mix(net->digest, (uint64_t)a << 32 | b, civ_real_bits(weight));
}

/* --- questions ------------------------------------------------------------------------------------------------------------ */

uint32_t civ_network_size(const civ_network *net)
{
  return net->n;
}

uint64_t civ_network_edges(const civ_network *net)
{
  return net->n_edges;
}

uint64_t civ_network_version(const civ_network *net)
{
  return net->version;
}

uint64_t civ_network_digest(const civ_network *net)
{
  return civ_digest_mix(net->digest, net->n_edges, net->version);
}

bool civ_network_is_everybody(const civ_network *net)
{
  return net->complete;
}

double civ_network_most_weight(const civ_network *net)
{
  return net->rules.max_edge_weight;
}

uint32_t civ_network_degree(const civ_network *net, civ_agent a)
{
  if (a >= net->n)
    return 0;
  return net->complete ? net->n - 1 : net->rows[a].count;
}

uint32_t civ_network_place(const civ_network *net, civ_agent a, civ_agent b)
{
  const network_row *row = &net->rows[a];
  const civ_agent *ends = net->ends + row->first;
  uint32_t low = 0, n = row->count;
  while (n > 0) {
    const uint32_t half = n / 2;
    const bool below = ends[low + half] < b;
    low += below ? half + 1 : 0;
    n = below ? n - half - 1 : half;
  }
  return low;
}

/* The weight in a's row; NULL when there is no such edge. */
static double *find(const civ_network *net, civ_agent a, civ_agent b)
{
  const network_row *row = &net->rows[a];
  if (row->count == 0)
    return NULL;
  const uint32_t at = civ_network_place(net, a, b);
  return at < row->count && net->ends[row->first + at] == b ? &net->weights[row->first + at] : NULL;
}

bool civ_network_has(const civ_network *net, civ_agent a, civ_agent b)
{
  if (a >= net->n || b >= net->n || a == b)
    return false;
  return net->complete || find(net, a, b) != NULL;
}

static double weight_when_complete(const civ_network *net, civ_agent a, civ_agent b)
{
  const civ_pair *pair = civ_pairs_get(net->touched, a < b ? a : b, a < b ? b : a);
  return pair ? pair->value : net->untouched;
}

double civ_network_weight(const civ_network *net, civ_agent a, civ_agent b)
{
  if (!civ_network_has(net, a, b))
    return 0;
  return net->complete ? weight_when_complete(net, a, b) : *find(net, a, b);
}

uint32_t civ_network_neighbours(const civ_network *net, civ_agent a, const civ_agent **out)
{
  if (net->complete) {
    *out = net->everyone;
    return net->n;
  }
  *out = net->ends + net->rows[a].first;
  return net->rows[a].count;
}

void civ_network_foresee(const civ_network *net, civ_agent a)
{
  __builtin_prefetch(&net->rows[a]);
}

void civ_network_each(const civ_network *net, bool (*visit)(void *self, civ_agent a, civ_agent b, double weight),
                      void *self)
{
  for (civ_agent a = 0; a < net->n; a++) {
    const network_row *row = &net->rows[a];
    for (civ_agent b = a + 1; net->complete && b < net->n; b++)
      if (!visit(self, a, b, weight_when_complete(net, a, b)))
        return;
    for (uint32_t k = 0; k < row->count; k++)
      if (net->ends[row->first + k] > a && !visit(self, a, net->ends[row->first + k], net->weights[row->first + k]))
        return;
  }
}

uint64_t civ_network_each_known(const civ_network *net,
                                bool (*visit)(void *self, civ_agent a, civ_agent b, double weight), void *self,
                                double *rest)
{
  *rest = net->untouched;
  if (!net->complete) {
    civ_network_each(net, visit, self);
    return 0;
  }
  const size_t n = civ_pairs_count(net->touched);
  for (size_t k = 0; k < n; k++) {
    const civ_pair *pair = civ_pairs_at(net->touched, k);
    if (!visit(self, pair->owner, pair->other, pair->value))
      break;
  }
  return net->n_edges - n;
}

/* --- building ------------------------------------------------------------------------------------------------------------- */

civ_status civ_network_make_complete(civ_network *net)
{
  const size_t n = net->n;
  civ_agent *everyone = civ_zeroed(net->allocator, n + 1, sizeof *everyone);
  civ_pairs *touched = civ_pairs_create_bare(net->n, net->allocator);
  if (!everyone || !touched) {
    civ_release(net->allocator, everyone, (n + 1) * sizeof *everyone);
    civ_pairs_destroy(touched);
    return CIV_E_NOMEM;
  }
  civ_network_clear(net);
  for (uint32_t k = 0; k < net->n; k++)
    everyone[k] = k;
  net->everyone = everyone;
  net->touched = touched;
  net->untouched = network_initial_weight(net);
  net->complete = true;
  net->n_edges = n < 2 ? 0 : (uint64_t)n * (n - 1) / 2;
  return CIV_OK;
}

static int by_number(const void *a, const void *b)
{
  const civ_agent x = *(const civ_agent *)a, y = *(const civ_agent *)b;
  return (x > y) - (x < y);
}

/* Brings a row into order; most are, or nearly. */
static void sort_row(civ_agent *ends, uint32_t count)
{
  enum { FEW = 48 };
  if (count > FEW) {
    qsort(ends, count, sizeof *ends, by_number);
    return;
  }
  for (uint32_t k = 1; k < count; k++) {
    const civ_agent x = ends[k];
    uint32_t at = k;
    for (; at > 0 && ends[at - 1] > x; at--)
      ends[at] = ends[at - 1];
    ends[at] = x;
  }
}

/* Rows without a gap, as long as `count` of each says. */
static void lay_rows(civ_network *net)
{
  net->used = 0;
  net->longest = 0;
  for (uint32_t a = 0; a < net->n; a++) {
    network_row *row = &net->rows[a];
    row->first = net->used;
    row->room = row->count;
    net->used += row->count;
    net->longest = row->count > net->longest ? row->count : net->longest;
    row->count = 0;
  }
}

static void put_end(civ_network *net, civ_agent a, civ_agent b, double weight)
{
  network_row *row = &net->rows[a];
  net->ends[row->first + row->count] = b;
  net->weights[row->first + row->count] = weight;
  row->count++;
}

civ_status civ_network_build(civ_network *net, const civ_agent *ends, uint64_t n_edges)
{
  civ_network_clear(net);
  if (make_room(net, 2 * n_edges) != CIV_OK)
    return CIV_E_NOMEM;
  for (uint64_t k = 0; k < 2 * n_edges; k++)
    net->rows[ends[k]].count++;
  lay_rows(net);
  const double weight = network_initial_weight(net);
  for (uint64_t k = 0; k < n_edges; k++) {
    put_end(net, ends[2 * k], ends[2 * k + 1], weight);
    put_end(net, ends[2 * k + 1], ends[2 * k], weight);
  }
  for (uint32_t a = 0; a < net->n; a++) {
    sort_row(net->ends + net->rows[a].first, net->rows[a].count);
    net->digest = civ_digest(net->digest, net->ends + net->rows[a].first, net->rows[a].count * sizeof *net->ends);
  }
  net->n_edges = n_edges;
  return CIV_OK;
}

/* --- from one weight for all to rows ---------------------------------------------------------------------------------------- */

static int by_ends(const void *left, const void *right)
{
  const network_edge *x = left, *y = right;
  const uint64_t p = (uint64_t)x->a << 32 | x->b, q = (uint64_t)y->a << 32 | y->b;
  return (p > q) - (p < q);
}

/* Edges in order of a, then b, give rows in order. */
static void fill_rows(civ_network *net, const network_edge *edges, uint64_t n)
{
  for (uint64_t k = 0; k < n; k++) {
    net->rows[edges[k].a].count++;
    net->rows[edges[k].b].count++;
  }
  lay_rows(net);
  for (uint64_t k = 0; k < n; k++) {
    put_end(net, edges[k].a, edges[k].b, edges[k].weight);
    put_end(net, edges[k].b, edges[k].a, edges[k].weight);
  }
}

static uint64_t list_survivors(const civ_network *net, network_edge *edges)
{
  const size_t n = civ_pairs_count(net->touched);
  for (size_t k = 0; k < n; k++) {
    const civ_pair *pair = civ_pairs_at(net->touched, k);
    edges[k] = (network_edge){ pair->owner, pair->other, pair->value };
  }
  if (n > 0) /* of no edges there may be no list */
    qsort(edges, n, sizeof *edges, by_ends);
  return n;
}

static void fill_all_rows(civ_network *net)
{
  for (uint32_t a = 0; a < net->n; a++)
    net->rows[a].count = net->n - 1;
  lay_rows(net);
  for (civ_agent a = 0; a < net->n; a++)
    for (civ_agent b = 0; b < net->n; b++)
      if (a != b)
        put_end(net, a, b, weight_when_complete(net, a, b));
}

/* Room for writing so many edges out. */
static civ_status prepare(civ_network *net, uint64_t edges, bool survivors)
{
  void *scratch = net->scratch;
  civ_status st = make_room(net, 2 * edges);
  if (st == CIV_OK && survivors)
    st = civ_grow(net->allocator, &scratch, &net->scratch_capacity, edges, sizeof *net->scratch);
  net->scratch = scratch;
  return st;
}

civ_status civ_network_spell_out(civ_network *net, bool survivors)
{
  if (!net->complete)
    return CIV_OK;
  const uint64_t n = survivors ? civ_pairs_count(net->touched) : net->n_edges;
  if (n > CIV_NETWORK_MOST_EDGES)
    return CIV_E_LIMIT;
  if (prepare(net, n, survivors) != CIV_OK)
    return CIV_E_NOMEM;
  if (survivors)
    fill_rows(net, net->scratch, list_survivors(net, net->scratch));
  else
    fill_all_rows(net);
  net->n_edges = n;
  drop_complete(net);
  return CIV_OK;
}

/* --- single edges ----------------------------------------------------------------------------------------------------------- */

/* What rows may take when so many edges come: a row that is full moves into twice its length, so that all moves of one row
 * together take at most four times what it holds in the end, and a little. */
static size_t growth(const civ_network *net, uint64_t edges)
{
  const uint64_t rows = 2 * edges < net->n ? 2 * edges : net->n;
  const uint64_t all = 2 * net->n_edges, some = rows * net->longest;
  return 4 * ((all < some ? all : some) + 2 * edges) + 2 * LEAST_ROOM * rows;
}

civ_status civ_network_reserve(civ_network *net, uint64_t edges, uint64_t touched)
{
  if (net->lacked)
    return CIV_E_NOMEM;
  if (!net->complete)
    return edges ? make_room(net, net->used + growth(net, edges)) : CIV_OK;
  const uint64_t entries = civ_pairs_count(net->touched), left = net->n_edges - entries;
  touched = touched < left ? touched : left;
  const civ_status st = civ_pairs_reserve(net->touched, touched);
  const bool last =
      net->rules.dynamic && net->untouched * (1 - net->rules.edge_decay_rate) < net->rules.min_edge_weight;
  return st == CIV_OK && last ? prepare(net, entries + touched, true) : st;
}

/* Room for one more in a's row; false: nothing was reserved. */
static bool widen_row(civ_network *net, civ_agent a)
{
  network_row *row = &net->rows[a];
  const uint32_t room = 2 * row->count + LEAST_ROOM;
  if (row->count < row->room)
    return true;
  if (net->used + room > net->ends_capacity || net->used + room > net->weights_capacity)
    return false;
  if (row->count > 0) {
    assert(net->ends != NULL && net->weights != NULL);
    memcpy(net->ends + net->used, net->ends + row->first, row->count * sizeof *net->ends);
    memcpy(net->weights + net->used, net->weights + row->first, row->count * sizeof *net->weights);
  }
  row->first = net->used;
  row->room = room;
  net->used += room;
  return true;
}

static void insert(civ_network *net, civ_agent a, civ_agent b, double weight)
{
  const uint32_t at = civ_network_place(net, a, b);
  network_row *row = &net->rows[a];
  assert(net->ends != NULL && net->weights != NULL);
  civ_agent *ends = net->ends + row->first + at;
  double *weights = net->weights + row->first + at;
  memmove(ends + 1, ends, (row->count - at) * sizeof *ends);
  memmove(weights + 1, weights, (row->count - at) * sizeof *weights);
  *ends = b;
  *weights = weight;
  row->count++;
  net->longest = row->count > net->longest ? row->count : net->longest;
}

static bool set_when_complete(civ_network *net, civ_agent a, civ_agent b, double weight)
{
  civ_pair *pair = civ_pairs_touch(net->touched, a < b ? a : b, a < b ? b : a);
  pair->value = weight;
  return true;
}

bool civ_network_add(civ_network *net, civ_agent a, civ_agent b, double weight)
{
  if (a >= net->n || b >= net->n || a == b)
    return false;
  weight = weight > net->rules.max_edge_weight ? net->rules.max_edge_weight : weight;
  civ_network_changed(net, a < b ? a : b, a < b ? b : a, weight);
  if (net->complete)
    return set_when_complete(net, a, b, weight);
  double *there = find(net, a, b);
  if (there) {
    *there = weight;
    *find(net, b, a) = weight;
    return true;
  }
  if (!widen_row(net, a) || !widen_row(net, b)) {
    net->lacked = true;
    return false;
  }
  insert(net, a, b, weight);
  insert(net, b, a, weight);
  net->n_edges++;
  net->version++;
  return true;
}

static void take_out(civ_network *net, civ_agent a, civ_agent b)
{
  network_row *row = &net->rows[a];
  const uint32_t at = civ_network_place(net, a, b);
  civ_agent *ends = net->ends + row->first + at;
  double *weights = net->weights + row->first + at;
  row->count--;
  memmove(ends, ends + 1, (row->count - at) * sizeof *ends);
  memmove(weights, weights + 1, (row->count - at) * sizeof *weights);
}

civ_status civ_network_remove(civ_network *net, civ_agent a, civ_agent b)
{
  const civ_status st = civ_network_has(net, a, b) ? civ_network_spell_out(net, false) : CIV_OK;
  if (st != CIV_OK || !civ_network_has(net, a, b))
    return st;
  civ_network_changed(net, a < b ? a : b, a < b ? b : a, -1);
  take_out(net, a, b);
  take_out(net, b, a);
  net->n_edges--;
  net->version++;
  return CIV_OK;
}
