/* market.h - bounties, bids, escrows and disputes: who may do what with them, and what becomes of the money. A pure room: no
 * loop, no draws; it moves nobody's resources, but says what is to be moved.
 *
 * Everything is numbered from 0 in order of creation. Amounts are whole multiples of 2^-32 credits ("grains"), so that sums
 * and differences are exact. A reward or bid is rounded down once, on entry; of every sum that is divided one part is rounded
 * down and the other is the difference. */
#ifndef CIV_WORLD_MARKET_H
#define CIV_WORLD_MARKET_H

#include "base/bytes.h"
#include "civitas/config.h"

typedef struct civ_market civ_market;
typedef int64_t civ_grains;

enum { CIV_MARKET_MOST = 1000000000 }; /* credits of one bounty, exclusive */

/* Whole multiples of 2^-32 credits, rounded down; `credits` in [0, CIV_MARKET_MOST). */
civ_grains civ_grains_of(double credits);
double civ_credits_of(civ_grains amount);

/* A sum of any number of amounts, exact. */
typedef struct civ_grain_sum {
  int64_t credits, parts; /* parts: grains below one credit, carried over */
} civ_grain_sum;
void civ_grain_sum_add(civ_grain_sum *sum, civ_grains amount); /* amount may be negative */
double civ_grain_sum_credits(const civ_grain_sum *sum);

typedef enum civ_bid_status {
  CIV_BID_PENDING,
  CIV_BID_ACCEPTED,
  CIV_BID_REJECTED,
  CIV_BID_WITHDRAWN,
  CIV_BID_STATUSES
} civ_bid_status;
typedef enum civ_escrow_status {
  CIV_ESCROW_HELD,
  CIV_ESCROW_RELEASED,
  CIV_ESCROW_REFUNDED,
  CIV_ESCROW_PARTIAL,
  CIV_ESCROW_STATUSES
} civ_escrow_status;
typedef enum civ_dispute_status {
  CIV_DISPUTE_OPEN,
  CIV_DISPUTE_UNDER_REVIEW,
  CIV_DISPUTE_RELEASE,
  CIV_DISPUTE_REFUND,
  CIV_DISPUTE_SPLIT,
  CIV_DISPUTE_STATUSES
} civ_dispute_status;
extern const char *const civ_bid_status_names[CIV_BID_STATUSES + 1];
extern const char *const civ_escrow_status_names[CIV_ESCROW_STATUSES + 1];
extern const char *const civ_dispute_status_names[CIV_DISPUTE_STATUSES + 1];

typedef struct civ_bounty {
  civ_grains reward;
  double min_reputation;
  int64_t deadline_epoch; /* < 0 = none */
  civ_agent poster;
  uint32_t task, escrow; /* escrow: CIV_NONE before the award */
  uint32_t created_epoch;
  uint32_t n_bids, n_pending; /* ever placed; waiting for a decision */
  uint8_t status;             /* civ_bounty_status */
  uint8_t due;                /* the caller's mark: its work was delivered */
} civ_bounty;
typedef struct civ_bid {
  civ_grains amount;
  uint32_t bounty;
  civ_agent bidder;
  uint8_t status; /* civ_bid_status */
} civ_bid;
typedef struct civ_escrow {
  civ_grains amount, released, refunded;
  uint32_t bounty, dispute; /* dispute: the unresolved or last one; CIV_NONE */
  civ_agent poster, worker;
  uint8_t status; /* civ_escrow_status */
} civ_escrow;
typedef struct civ_dispute {
  double worker_share;
  uint32_t escrow, filed_epoch;
  civ_agent filed_by;
  uint8_t status; /* civ_dispute_status */
} civ_dispute;

/* What is to be moved when an escrow is closed: to the worker, to the poster, and nowhere. */
typedef struct civ_market_payment {
  civ_grains worker, poster, fee;
  civ_grains surplus; /* reward - bid: goes back to the poster besides */
  double share;       /* of the worker, in a dispute */
} civ_market_payment;

/* Agents are 0 .. agents - 1; `rules` must outlive the market. CIV_E_NOMEM. */
CIV_MUST_CHECK civ_status civ_market_create(const civ_marketplace_config *rules, uint32_t agents,
                                            const civ_allocator *allocator, civ_market **out, civ_error *err);
void civ_market_destroy(civ_market *m);
/* Room for so many more bounties, bids, escrows and disputes each. CIV_E_NOMEM, CIV_E_LIMIT. */
CIV_MUST_CHECK civ_status civ_market_reserve(civ_market *m, size_t more);

/* --- operations: CIV_NONE or false = refused, nothing changed. Room was made. ---------------------------------------------------- */

/* Whether a bounty may be posted at all: finite numbers, reward >= min_bounty_amount, >= 0 and below CIV_MARKET_MOST. */
bool civ_market_may_post(const civ_market *m, double reward, double min_reputation);
uint32_t civ_market_post(civ_market *m, civ_agent poster, uint32_t task, double reward, double min_reputation,
                         int64_t deadline_epoch, uint32_t epoch);
uint32_t civ_market_bid(civ_market *m, uint32_t bounty, civ_agent bidder, double amount);
/* The number of the escrow. All other pending bids on the bounty are rejected. */
uint32_t civ_market_accept(civ_market *m, uint32_t bounty, uint32_t bid, civ_agent caller);
bool civ_market_reject(civ_market *m, uint32_t bid, civ_agent caller);
bool civ_market_withdraw(civ_market *m, uint32_t bid, civ_agent caller);
bool civ_market_settle(civ_market *m, uint32_t escrow, bool success, civ_market_payment *out);
uint32_t civ_market_dispute(civ_market *m, uint32_t escrow, civ_agent by, uint32_t epoch);
bool civ_market_resolve(civ_market *m, uint32_t dispute, double worker_share, civ_market_payment *out);
/* The oldest unresolved dispute that has lasted long enough; CIV_NONE. The caller resolves it. */
uint32_t civ_market_overdue_dispute(const civ_market *m, uint32_t epoch);

/* Bounties whose deadline has come are on offer no longer. Epochs go forwards. */
void civ_market_advance(civ_market *m, uint32_t epoch);
/* Expires the oldest open bounty whose deadline has come, where the rules say so; CIV_NONE = none is left. */
uint32_t civ_market_expire(civ_market *m, uint32_t epoch);
/* Expires this one, open, whatever its deadline: for whoever follows a log. */
bool civ_market_expire_bounty(civ_market *m, uint32_t bounty);

/* --- questions -------------------------------------------------------------------------------------------------------------------- */

uint32_t civ_market_bounties(const civ_market *m);
uint32_t civ_market_bids(const civ_market *m);
uint32_t civ_market_escrows(const civ_market *m);
uint32_t civ_market_disputes(const civ_market *m);
/* By number, below the count; borrowed until the next reserve. */
const civ_bounty *civ_market_bounty_at(const civ_market *m, uint32_t bounty);
const civ_bid *civ_market_bid_at(const civ_market *m, uint32_t bid);
const civ_escrow *civ_market_escrow_at(const civ_market *m, uint32_t escrow);
const civ_dispute *civ_market_dispute_at(const civ_market *m, uint32_t dispute);
/* Of the task; CIV_NONE. Tasks of later bounties have higher numbers. O(log n). */
uint32_t civ_market_bounty_of_task(const civ_market *m, uint32_t task);
void civ_market_mark_due(civ_market *m, uint32_t bounty, bool due);

/* Whether a bounty is open, not overdue in that epoch, and asks for no more than that. */
bool civ_bounty_is_offered(const civ_bounty *b, uint32_t epoch, double reputation);
/* Bounties on offer to an agent of that reputation in the epoch advanced to, its own left out. */
uint32_t civ_market_available(const civ_market *m, civ_agent a, double reputation);
uint32_t civ_market_available_at(const civ_market *m, civ_agent a, double reputation, uint32_t k);
uint32_t civ_market_best_available(const civ_market *m, civ_agent a, double reputation);
/* Pending bids on open bounties of `a`: how many, the k-th (bounties, then bids, in order), the cheapest (first of equals). */
uint32_t civ_market_awaiting(const civ_market *m, civ_agent a);
uint32_t civ_market_awaiting_at(const civ_market *m, civ_agent a, uint32_t k);
uint32_t civ_market_lowest(const civ_market *m, civ_agent a);
uint32_t civ_market_own_bids(const civ_market *m, civ_agent a);
uint32_t civ_market_own_bid_at(const civ_market *m, civ_agent a, uint32_t k);
uint32_t civ_market_own_escrows(const civ_market *m, civ_agent a);
uint32_t civ_market_own_escrow_at(const civ_market *m, civ_agent a, uint32_t k);
void civ_market_foresee(const civ_market *m, civ_agent a); /* fetches what the next questions about `a` read */

/* Sums over the run. posted = open + at_work + released + refunded + fees + surplus + expired, to the last grain. */
typedef struct civ_market_sums {
  civ_grain_sum posted, open, at_work; /* rewards: ever, of open bounties, of awarded and disputed ones */
  civ_grain_sum escrowed;              /* held */
  civ_grain_sum released, refunded, fees, surplus, expired;
} civ_market_sums;
typedef struct civ_market_statistics {
  uint32_t bounties, bids, escrows, disputes, by_status[CIV_BOUNTY_STATUSES];
  civ_market_sums sums;
} civ_market_statistics;
civ_market_statistics civ_market_count(const civ_market *m);
bool civ_market_balances(const civ_market *m); /* no grain came from nowhere or went astray */

uint64_t civ_market_digest(const civ_market *m);
void civ_market_save(const civ_market *m, civ_bytes *out);
/* Into a market of as many agents and the same rules. CIV_E_FORMAT, CIV_E_NOMEM: the market is as it was. */
CIV_MUST_CHECK civ_status civ_market_load(civ_market *m, civ_bytes_reader *in, civ_error *err);

#endif
