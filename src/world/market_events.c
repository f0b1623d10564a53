/* What the market tells. */
#include <stdio.h>
#include <string.h>

#include "world/market_world.h"
#include "world/texts.h"

#define MEMBERS(...)                                                                                                   \
  (const civ_member[])                                                                                                 \
  {                                                                                                                    \
    __VA_ARGS__,                                                                                                       \
    {                                                                                                                  \
      NULL, 0, false                                                                                                   \
    }                                                                                                                  \
  }
#define TEXT(name_)                                                                                                    \
  {                                                                                                                    \
    name_, CIV_MEMBER_TEXT, false                                                                                      \
  }
#define REAL(name_)                                                                                                    \
  {                                                                                                                    \
    name_, CIV_MEMBER_REAL, false                                                                                      \
  }
#define AGENT(name_)                                                                                                   \
  {                                                                                                                    \
    name_, CIV_MEMBER_AGENT, false                                                                                     \
  }
#define BOOLEAN(name_)                                                                                                 \
  {                                                                                                                    \
    name_, CIV_MEMBER_BOOLEAN, false                                                                                   \
  }

enum {
  ES = CIV_FORM_EPOCH | CIV_FORM_STEP,
  AES = CIV_FORM_AGENT | ES,
  PAIR = CIV_FORM_INITIATOR | CIV_FORM_COUNTERPARTY
};
const civ_event_form civ_market_events[] = {
  [EVENT_BOUNTY_POSTED] = { "bounty_posted", AES, MEMBERS(TEXT("bounty_id"), TEXT("task_id"), REAL("reward_amount")),
                            "an agent offers a reward for a task; the reward has left its resources" },
  [EVENT_BID_PLACED] = { "bid_placed", AES, MEMBERS(TEXT("bid_id"), TEXT("bounty_id"), REAL("bid_amount")),
                         "an agent offers to do the work for so much" },
  [EVENT_BID_ACCEPTED] = { "bid_accepted", AES,
                           MEMBERS(TEXT("bid_id"), TEXT("bounty_id"), AGENT("worker_id"), REAL("amount")),
                           "a poster takes a bid; all others for the bounty are rejected" },
  [EVENT_ESCROW_CREATED] = { "escrow_created", AES,
                             MEMBERS(TEXT("escrow_id"), TEXT("bounty_id"), TEXT("bid_id"), AGENT("worker_id"),
                                     REAL("amount")),
                             "just after it: the amount is set aside for the worker" },
  [EVENT_BID_REJECTED] = { "bid_rejected", AES, MEMBERS(TEXT("bid_id")), "a poster turns a bid down by itself" },
  [EVENT_BID_WITHDRAWN] = { "bid_withdrawn", AES, MEMBERS(TEXT("bid_id")), "a bidder takes its bid back" },
  [EVENT_DISPUTE_FILED] = { "dispute_filed", AES, MEMBERS(TEXT("dispute_id"), TEXT("escrow_id"), TEXT("reason")),
                            "poster or worker disputes an escrow" },
  [EVENT_ESCROW_RELEASED] = { "escrow_released", ES | PAIR,
                              MEMBERS(TEXT("escrow_id"), AGENT("worker_id"), REAL("amount"), REAL("quality_score")),
                              "a worker is paid, fee taken; the levers judge it as a trade of poster and worker" },
  [EVENT_ESCROW_REFUNDED] = { "escrow_refunded", ES, MEMBERS(TEXT("escrow_id"), AGENT("poster_id"), REAL("amount")),
                              "work was not good enough: the poster gets the bid back, fee taken" },
  [EVENT_DISPUTE_RESOLVED] = { "dispute_resolved", CIV_FORM_EPOCH,
                               MEMBERS(TEXT("dispute_id"), TEXT("escrow_id"), REAL("worker_share"),
                                       BOOLEAN("auto_resolved")),
                               "a disputed escrow is divided, fee taken" },
  [EVENT_BOUNTY_EXPIRED] = { "bounty_expired", CIV_FORM_AGENT | CIV_FORM_EPOCH,
                             MEMBERS(TEXT("bounty_id"), REAL("refunded")),
                             "an open bounty's time is over; its poster has the reward back" },
  [EVENT_WASH_TRADE] = { "wash_trade_flagged", AES, MEMBERS(TEXT("bounty_id"), AGENT("worker_id"), TEXT("kind")),
                         "a poster claimed its own task (own_task), or awarded somebody who had awarded it "
                         "(reciprocal)" },
  [MARKET_EVENTS] = { NULL, 0, NULL, NULL },
};

/* --- sending ------------------------------------------------------------------------------------------------------------------ */

enum { ID_TEXT = 24 };
typedef struct id_text {
  char text[ID_TEXT];
} id_text;

static id_text name_of(const char *prefix, uint32_t number)
{
  id_text id;
  snprintf(id.text, sizeof id.text, "%s%llu", prefix, (unsigned long long)number + 1);
  return id;
}

static id_text bounty_name(uint32_t bounty)
{
  return name_of("b", bounty);
}
static id_text bid_name(uint32_t bid)
{
  return name_of("bid", bid);
}
static id_text escrow_name(uint32_t escrow)
{
  return name_of("escrow", escrow);
}
static id_text dispute_name(uint32_t dispute)
{
  return name_of("dispute", dispute);
}

static civ_event event_of(market_world *w, enum market_event what, civ_agent agent)
{
  return civ_host_event(w->host, &w->events[what], civ_market_events[what].name, agent);
}

static void send(market_world *w, civ_event *event)
{
  w->host->call->emit(w->host, event);
}

void civ_market_tell_posted(market_world *w, uint32_t bounty)
{
  const civ_bounty *b = civ_market_bounty_at(w->market, bounty);
  const id_text id = bounty_name(bounty), task = name_of("t", b->task);
  civ_event event = event_of(w, EVENT_BOUNTY_POSTED, b->poster);
  event.values[0].text = id.text;
  event.values[1].text = task.text;
  event.values[2].real = civ_credits_of(b->reward);
  send(w, &event);
}

void civ_market_tell_bid(market_world *w, enum market_event what, uint32_t bid)
{
  const civ_bid *b = civ_market_bid_at(w->market, bid);
  const id_text id = bid_name(bid), bounty = bounty_name(b->bounty);
  const bool by_bidder = what == EVENT_BID_PLACED || what == EVENT_BID_WITHDRAWN;
  civ_event event = event_of(w, what, by_bidder ? b->bidder : civ_market_bounty_at(w->market, b->bounty)->poster);
  event.values[0].text = id.text;
  event.values[1].text = bounty.text;
  if (what == EVENT_BID_PLACED) {
    event.values[2].real = civ_credits_of(b->amount);
  } else if (what == EVENT_BID_ACCEPTED) {
    event.values[2].integer = b->bidder;
    event.values[3].real = civ_credits_of(b->amount);
  }
  send(w, &event);
}

void civ_market_tell_award(market_world *w, uint32_t bid)
{
  const civ_bid *b = civ_market_bid_at(w->market, bid);
  const civ_bounty *bounty = civ_market_bounty_at(w->market, b->bounty);
  const id_text escrow = escrow_name(bounty->escrow), of = bounty_name(b->bounty), taken = bid_name(bid);
  civ_event event = event_of(w, EVENT_ESCROW_CREATED, bounty->poster);
  event.values[0].text = escrow.text;
  event.values[1].text = of.text;
  event.values[2].text = taken.text;
  event.values[3].integer = b->bidder;
  event.values[4].real = civ_credits_of(b->amount);
  send(w, &event);
}

/* Reasons are the agents' own words: events hold their beginning. */
void civ_market_tell_dispute(market_world *w, uint32_t dispute, civ_text reason)
{
  const civ_dispute *d = civ_market_dispute_at(w->market, dispute);
  const id_text id = dispute_name(dispute), escrow = escrow_name(d->escrow);
  char text[256];
  civ_event event = event_of(w, EVENT_DISPUTE_FILED, d->filed_by);
  civ_text said = reason;
  for (uint64_t most = sizeof text - 1; said.length > sizeof text - 1; most--)
    said.length = civ_text_cut(reason, most);
  if (said.length > 0)
    memcpy(text, said.data, said.length);
  text[said.length] = '\0';
  event.values[0].text = id.text;
  event.values[1].text = escrow.text;
  event.values[2].text = text;
  send(w, &event);
}

void civ_market_tell_settled(market_world *w, const civ_market_outcome *o, double quality)
{
  const id_text id = escrow_name(o->escrow);
  civ_event event = event_of(w, o->success ? EVENT_ESCROW_RELEASED : EVENT_ESCROW_REFUNDED, CIV_NOBODY);
  event.values[0].text = id.text;
  event.values[1].integer = o->success ? o->worker : o->poster;
  event.values[2].real = civ_credits_of(o->success ? o->payment.worker : o->payment.poster);
  if (o->success) {
    event.values[3].real = quality;
    event.initiator = o->poster;
    event.counterparty = o->worker;
  }
  send(w, &event);
}

void civ_market_tell_resolved(market_world *w, uint32_t dispute, bool automatic)
{
  const civ_dispute *d = civ_market_dispute_at(w->market, dispute);
  const id_text id = dispute_name(dispute), escrow = escrow_name(d->escrow);
  civ_event event = event_of(w, EVENT_DISPUTE_RESOLVED, CIV_NOBODY);
  event.values[0].text = id.text;
  event.values[1].text = escrow.text;
  event.values[2].real = d->worker_share;
  event.values[3].integer = automatic;
  send(w, &event);
}

void civ_market_tell_expired(market_world *w, uint32_t bounty)
{
  const civ_bounty *b = civ_market_bounty_at(w->market, bounty);
  const id_text id = bounty_name(bounty);
  civ_event event = event_of(w, EVENT_BOUNTY_EXPIRED, b->poster);
  event.values[0].text = id.text;
  event.values[1].real = civ_credits_of(b->reward);
  send(w, &event);
}

void civ_market_tell_wash(market_world *w, uint32_t bounty, civ_agent worker, const char *kind)
{
  const id_text id = bounty_name(bounty);
  civ_event event = event_of(w, EVENT_WASH_TRADE, civ_market_bounty_at(w->market, bounty)->poster);
  event.values[0].text = id.text;
  event.values[1].integer = worker;
  event.values[2].text = kind;
  send(w, &event);
}
