#include "world/market_offers.h"

#include <math.h>
#include <string.h>

#define NONE UINT32_MAX
enum { FIRST_LEAVES = 64 };

void civ_market_offers_init(civ_market_offers *o, const civ_allocator *allocator)
{
  memset(o, 0, sizeof *o);
  o->allocator = allocator;
}

void civ_market_offers_fini(civ_market_offers *o)
{
  civ_drop(o->allocator, (void **)&o->rows, &o->rows_room, sizeof *o->rows);
  civ_drop(o->allocator, (void **)&o->nodes, &o->nodes_room, sizeof *o->nodes);
  o->leaves = o->used = 0;
}

/* --- the tree --------------------------------------------------------------------------------------------------------------- */

static const civ_offer_node nothing = { INFINITY, -INFINITY, 0, NONE };

static bool stands(const civ_market_offers *o, uint32_t place)
{
  return o->nodes[o->leaves + place].count != 0;
}

/* Of two places, `a` before `b`, the better paid. */
static uint32_t better(const civ_market_offers *o, uint32_t a, uint32_t b)
{
  if (a == NONE || b == NONE)
    return a == NONE ? b : a;
  return o->rows[b].reward > o->rows[a].reward ? b : a;
}

static void update(civ_market_offers *o, uint32_t node)
{
  const civ_offer_node *left = &o->nodes[2 * node], *right = left + 1;
  o->nodes[node] = (civ_offer_node){ fmin(left->least, right->least), fmax(left->most, right->most),
                                     left->count + right->count, better(o, left->best, right->best) };
}

static void set_leaf(civ_market_offers *o, uint32_t place, bool standing)
{
  const double asks = o->rows[place].asks;
  o->nodes[o->leaves + place] = standing ? (civ_offer_node){ asks, asks, 1, place } : nothing;
}

static void change(civ_market_offers *o, uint32_t place, bool standing)
{
  set_leaf(o, place, standing);
  for (uint32_t node = (o->leaves + place) / 2; node > 0; node /= 2)
    update(o, node);
}

/* Closes the gaps and builds the tree anew. */
static void rebuild(civ_market_offers *o, uint32_t leaves)
{
  uint32_t n = 0;
  for (uint32_t place = 0; place < o->used; place++)
    if (stands(o, place))
      o->rows[n++] = o->rows[place];
  o->leaves = leaves;
  o->used = n;
  for (uint32_t place = 0; place < leaves; place++)
    if (place < n)
      set_leaf(o, place, true);
    else
      o->nodes[leaves + place] = nothing;
  for (uint32_t node = leaves - 1; node > 0; node--)
    update(o, node);
}

civ_status civ_market_offers_reserve(civ_market_offers *o, size_t more)
{
  if (o->used + more <= o->leaves)
    return CIV_OK;
  const size_t wanted = 2 * ((o->leaves > 0 ? o->nodes[1].count : 0) + more);
  size_t leaves = o->leaves > 0 ? o->leaves : FIRST_LEAVES;
  while (leaves < wanted)
    leaves *= 2;
  if (leaves > UINT32_MAX / 4)
    return CIV_E_LIMIT;
  civ_status status = civ_grow(o->allocator, (void **)&o->rows, &o->rows_room, leaves, sizeof *o->rows);
  if (status == CIV_OK)
    status = civ_grow(o->allocator, (void **)&o->nodes, &o->nodes_room, 2 * leaves, sizeof *o->nodes);
  if (status == CIV_OK)
    rebuild(o, (uint32_t)leaves);
  return status;
}

/* --- changes ---------------------------------------------------------------------------------------------------------------- */

void civ_market_offers_add(civ_market_offers *o, const civ_offer_row *row)
{
  const uint32_t place = o->used++;
  o->rows[place] = *row;
  change(o, place, true);
}

/* Number of places whose id is below. */
static uint32_t place_of(const civ_market_offers *o, uint32_t id)
{
  uint32_t low = 0, high = o->used;
  while (low < high) {
    const uint32_t middle = low + (high - low) / 2;
    if (o->rows[middle].id < id)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

bool civ_market_offers_has(const civ_market_offers *o, uint32_t id)
{
  const uint32_t place = place_of(o, id);
  return place < o->used && o->rows[place].id == id && stands(o, place);
}

bool civ_market_offers_drop(civ_market_offers *o, uint32_t id)
{
  if (!civ_market_offers_has(o, id))
    return false;
  change(o, place_of(o, id), false);
  return true;
}

/* --- questions -------------------------------------------------------------------------------------------------------------- */

static uint32_t count(const civ_market_offers *o, uint32_t node, double reputation)
{
  const civ_offer_node *n = &o->nodes[node];
  if (n->count == 0 || n->least > reputation)
    return 0;
  if (n->most <= reputation)
    return n->count;
  return count(o, 2 * node, reputation) + count(o, 2 * node + 1, reputation);
}

uint32_t civ_market_offers_count(const civ_market_offers *o, double reputation)
{
  return o->leaves > 0 ? count(o, 1, reputation) : 0;
}

uint32_t civ_market_offers_rank(const civ_market_offers *o, double reputation, uint32_t id)
{
  if (o->leaves == 0)
    return 0;
  uint32_t before = 0;
  const uint32_t place = place_of(o, id);
  if (place >= o->leaves)
    return civ_market_offers_count(o, reputation);
  for (uint32_t node = o->leaves + place; node > 1; node /= 2)
    if (node & 1)
      before += count(o, node - 1, reputation);
  return before;
}

uint32_t civ_market_offers_at(const civ_market_offers *o, double reputation, uint32_t k)
{
  uint32_t node = 1;
  while (node < o->leaves) {
    const uint32_t left = count(o, 2 * node, reputation);
    node *= 2;
    if (k >= left) {
      k -= left;
      node++;
    }
  }
  return o->rows[node - o->leaves].id;
}

static uint32_t best(const civ_market_offers *o, uint32_t node, double reputation, civ_agent poster)
{
  const civ_offer_node *n = &o->nodes[node];
  if (n->count == 0 || n->least > reputation)
    return NONE;
  if (n->most <= reputation && o->rows[n->best].poster != poster)
    return n->best;
  if (node >= o->leaves)
    return NONE;
  const uint32_t left = best(o, 2 * node, reputation, poster);
  return better(o, left, best(o, 2 * node + 1, reputation, poster));
}

uint32_t civ_market_offers_best(const civ_market_offers *o, double reputation, civ_agent poster)
{
  const uint32_t place = o->leaves > 0 ? best(o, 1, reputation, poster) : NONE;
  return place == NONE ? NONE : o->rows[place].id;
}
