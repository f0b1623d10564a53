/* market_offers.h - bounties on offer: counted, numbered in posting order and ranked by reward, for agents of any reputation.
 *
 * A segment tree over the offers in posting order. Each node knows how many of its offers stand, the least and the most
 * reputation they ask for, and the best paid: parts that ask too much, or ask nothing an agent lacks, are settled at once.
 * With one common demand (all scripted bounties) every question is O(log n). What was taken off leaves a gap until room is
 * made, so memory goes with what is on offer and not with what ever was. Questions change nothing. */
#ifndef CIV_WORLD_MARKET_OFFERS_H
#define CIV_WORLD_MARKET_OFFERS_H

#include "base/memory.h"
#include "civitas/interaction.h"

typedef struct civ_offer_row {
  double asks; /* reputation */
  int64_t reward;
  uint32_t id;
  civ_agent poster;
} civ_offer_row;

typedef struct civ_offer_node {
  double least, most;   /* reputation asked for; +inf, -inf where nothing stands */
  uint32_t count, best; /* best: place of the best paid, the first of equals; UINT32_MAX */
} civ_offer_node;

typedef struct civ_market_offers {
  civ_offer_row *rows;   /* in posting order, gaps among them */
  civ_offer_node *nodes; /* 1 = root, places from `leaves` on; as many as 2 * leaves */
  size_t rows_room, nodes_room;
  uint32_t leaves, used; /* leaves: a power of two, or 0 */
  const civ_allocator *allocator;
} civ_market_offers;

void civ_market_offers_init(civ_market_offers *o, const civ_allocator *allocator);
void civ_market_offers_fini(civ_market_offers *o);
/* Room for so many more. O(1) amortised per offer. CIV_E_NOMEM, CIV_E_LIMIT. */
CIV_MUST_CHECK civ_status civ_market_offers_reserve(civ_market_offers *o, size_t more);
/* `id` is above all ids ever added; room was made. */
void civ_market_offers_add(civ_market_offers *o, const civ_offer_row *row);
bool civ_market_offers_drop(civ_market_offers *o, uint32_t id); /* false = was not on offer */
bool civ_market_offers_has(const civ_market_offers *o, uint32_t id);

/* Offers that ask for at most `reputation`. */
uint32_t civ_market_offers_count(const civ_market_offers *o, double reputation);
/* How many of them have a lower id; the id of the k-th (k below the count). */
uint32_t civ_market_offers_rank(const civ_market_offers *o, double reputation, uint32_t id);
uint32_t civ_market_offers_at(const civ_market_offers *o, double reputation, uint32_t k);
/* The best paid of them that is not by `poster`, first of equals; UINT32_MAX. */
uint32_t civ_market_offers_best(const civ_market_offers *o, double reputation, civ_agent poster);

#endif
