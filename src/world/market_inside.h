/* market_inside.h - how the market is laid out; for the files of this room only. */
#ifndef CIV_WORLD_MARKET_INSIDE_H
#define CIV_WORLD_MARKET_INSIDE_H

#include "world/idbits.h"
#include "world/market.h"
#include "world/market_offers.h"

/* A list of numbers in ascending order, threaded through an array of links. */
typedef struct market_list {
  uint32_t first, last, n;
} market_list;
typedef struct market_link {
  uint32_t next, previous;
} market_link;

static const market_list market_no_list = { CIV_NONE, CIV_NONE, 0 };

/* What concerns one agent now. */
typedef struct market_person {
  market_list open;           /* own open bounties */
  market_list bids;           /* own pending bids */
  market_list posted, worked; /* held escrows as poster, as worker */
  uint32_t awaiting;          /* pending bids on own open bounties */
  uint32_t offered;           /* own bounties that are on offer */
} market_person;

typedef struct market_deadline {
  int64_t epoch;
  uint32_t bounty;
} market_deadline;

struct civ_market {
  const civ_allocator *allocator;
  const civ_marketplace_config *rules;
  uint32_t agents, epoch; /* epoch: advanced to */
  civ_bounty *bounties;
  civ_bid *bids;
  civ_escrow *escrows;
  civ_dispute *disputes;
  uint32_t n_bounties, n_bids, n_escrows, n_disputes;
  size_t bounties_room, bids_room, escrows_room, disputes_room;
  market_person *people;
  market_list *pending; /* per bounty: its pending bids */
  uint32_t *lowest;     /* per bounty: the cheapest of them */
  size_t pending_room, lowest_room;
  market_link *own_links;                   /* per bounty: among the poster's open ones */
  market_link *bounty_links, *bidder_links; /* per bid */
  market_link *poster_links, *worker_links; /* per escrow */
  market_link *dispute_links;               /* per dispute: unresolved ones */
  size_t own_links_room, bounty_links_room, bidder_links_room, poster_links_room, worker_links_room, dispute_links_room;
  market_list unresolved;
  market_deadline *deadlines; /* heap: earliest on top, of bounties that may no longer be open */
  size_t deadlines_room;
  uint32_t n_deadlines;
  civ_idbits overdue; /* open bounties whose deadline has come */
  civ_market_offers offers;
  uint32_t by_status[CIV_BOUNTY_STATUSES];
  civ_market_sums sums;
  uint64_t digest;
};

void civ_market_list_append(market_list *list, market_link *links, uint32_t id);
void civ_market_list_remove(market_list *list, market_link *links, uint32_t id);

/* Enters what exists into lists, heap and offers, as after the operation that made it (loading, creating). */
void civ_market_index_bounty(civ_market *m, uint32_t bounty);
void civ_market_index_bid(civ_market *m, uint32_t bid);
void civ_market_index_escrow(civ_market *m, uint32_t escrow);

enum market_change {
  MARKET_POST = 1,
  MARKET_BID,
  MARKET_ACCEPT,
  MARKET_REJECT,
  MARKET_WITHDRAW,
  MARKET_SETTLE,
  MARKET_DISPUTE,
  MARKET_RESOLVE,
  MARKET_EXPIRE
};
void civ_market_note(civ_market *m, enum market_change change, uint32_t what, uint32_t who, uint64_t more);
void civ_market_set_status(civ_market *m, uint32_t bounty, civ_bounty_status status);
/* The bounty is open no longer: its pending bids are rejected, and nobody sees it on offer. */
void civ_market_close(civ_market *m, uint32_t bounty);

#endif
