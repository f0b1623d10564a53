/* market_world.h - the market as a world of the loop: what programs may ask of it, and what its rooms share. */
#ifndef CIV_WORLD_MARKET_WORLD_H
#define CIV_WORLD_MARKET_WORLD_H

#include "base/idsets.h"
#include "world/market_report.h"

/* What became of an escrow. */
typedef struct civ_market_outcome {
  uint32_t bounty, escrow;
  civ_agent poster, worker;
  bool success;
  civ_market_payment payment;
} civ_market_outcome;

/* Settles the bounty of a task of the pool: pays, tells, and has the levers judge a success. quality in [0, 1]. false = there is
 * nothing to settle. */
bool civ_market_world_settle(void *self, uint32_t task, bool success, double quality, civ_market_outcome *out);
/* Resolves a dispute, pays both sides, tells. false = unknown or resolved. */
bool civ_market_world_resolve(void *self, uint32_t dispute, double worker_share, civ_market_outcome *out);
/* What levers judge, and remember, of work that was paid: fills everything of the record but who, when and its number. */
void civ_settled_record(civ_interaction *record, double quality, double released);
const civ_market *civ_market_world_market(const void *self);

/* --- inside ------------------------------------------------------------------------------------------------------------------- */

enum market_event {
  EVENT_BOUNTY_POSTED,
  EVENT_BID_PLACED,
  EVENT_BID_ACCEPTED,
  EVENT_ESCROW_CREATED,
  EVENT_BID_REJECTED,
  EVENT_BID_WITHDRAWN,
  EVENT_DISPUTE_FILED,
  EVENT_ESCROW_RELEASED,
  EVENT_ESCROW_REFUNDED,
  EVENT_DISPUTE_RESOLVED,
  EVENT_BOUNTY_EXPIRED,
  EVENT_WASH_TRADE,
  MARKET_EVENTS
};

typedef struct market_world {
  civ_host *host;
  const civ_marketplace_config *rules;
  const civ_population *people;
  const civ_task_service *tasks;
  civ_market *market;
  civ_idsets *awarded_to; /* per poster: whom it has awarded something */
  civ_wash_trades wash;
  uint32_t *due; /* bounties whose work was delivered in this epoch */
  size_t due_room;
  uint32_t n_due;
  uint16_t events[MARKET_EVENTS]; /* numbers of the forms, found when first needed */
  civ_market_service service;
} market_world;

extern const civ_event_form civ_market_events[];

bool civ_market_apply(void *self, civ_agent a, const civ_action *action);
void civ_market_turn_done(void *self, civ_agent a, const civ_action *action, bool ok);
void civ_market_epoch_end(void *self);
/* The winner has delivered: to be settled at the end of the epoch, where the rules say so. */
void civ_market_delivered(market_world *w, uint32_t bounty);
uint32_t civ_market_now(const market_world *w);

void civ_market_tell_posted(market_world *w, uint32_t bounty);
void civ_market_tell_bid(market_world *w, enum market_event what,
                         uint32_t bid); /* placed, accepted, rejected, withdrawn */
void civ_market_tell_award(market_world *w, uint32_t bid);
void civ_market_tell_dispute(market_world *w, uint32_t dispute, civ_text reason);
void civ_market_tell_settled(market_world *w, const civ_market_outcome *o, double quality);
void civ_market_tell_resolved(market_world *w, uint32_t dispute, bool automatic);
void civ_market_tell_expired(market_world *w, uint32_t bounty);
void civ_market_tell_wash(market_world *w, uint32_t bounty, civ_agent worker, const char *kind);

#endif
