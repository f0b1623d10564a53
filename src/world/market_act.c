/* What agents do in the market: checks in the order in which they are promised, then who pays, and what is told. */
#include "world/market_world.h"

uint32_t civ_market_now(const market_world *w)
{
  uint32_t epoch, step;
  w->host->call->now(w->host, &epoch, &step);
  return epoch;
}

/* --- bounties ----------------------------------------------------------------------------------------------------------------- */

static uint32_t make_task(const market_world *w, const civ_action *action, double reward)
{
  static const civ_text prompt = { "work offered for a bounty", 25 };
  const civ_task_view task = { .status = CIV_TASK_OPEN,
                               .difficulty = CIV_MEDIUM,
                               .bounty = reward,
                               .budget = 10,
                               .min_reputation = action->min_reputation,
                               .deadline_epoch = action->deadline_epoch,
                               .claimer = CIV_NOBODY,
                               .prompt = prompt,
                               .last_output_by = CIV_NOBODY,
                               .reserved = w->rules->reserve_tasks };
  return w->tasks->add(w->tasks->self, &task);
}

static bool post_bounty(market_world *w, civ_agent a, const civ_action *action)
{
  if (!civ_market_may_post(w->market, action->amount, action->min_reputation))
    return false;
  const double reward = civ_credits_of(civ_grains_of(action->amount));
  if (w->people->resources[a] < reward)
    return false;
  const uint32_t task = make_task(w, action, reward);
  if (task == CIV_NONE)
    return false;
  const uint32_t bounty = civ_market_post(w->market, a, task, action->amount, action->min_reputation,
                                          action->deadline_epoch, civ_market_now(w));
  w->host->call->credit(w->host, a, -reward);
  civ_market_tell_posted(w, bounty);
  return true;
}

/* --- bids --------------------------------------------------------------------------------------------------------------------- */

static bool place_bid(market_world *w, civ_agent a, const civ_action *action)
{
  if (action->target >= civ_market_bounties(w->market))
    return false;
  const civ_bounty *b = civ_market_bounty_at(w->market, action->target);
  if (!civ_bounty_is_offered(b, civ_market_now(w), w->people->reputation[a]))
    return false;
  const uint32_t bid = civ_market_bid(w->market, action->target, a, action->amount);
  if (bid == CIV_NONE)
    return false;
  civ_market_tell_bid(w, EVENT_BID_PLACED, bid);
  return true;
}

/* Money that could go back and forth between two. */
static void watch_award(market_world *w, uint32_t bounty, civ_agent poster, civ_agent worker)
{
  civ_idsets_put(w->awarded_to, poster, worker, true);
  if (civ_idsets_get(w->awarded_to, worker, poster) < 0)
    return;
  w->wash.reciprocal++;
  civ_market_tell_wash(w, bounty, worker, "reciprocal");
}

/* The work of the winner is there already, done before the award. */
static bool has_delivered(const market_world *w, const civ_bounty *b, civ_agent worker)
{
  civ_task_view task;
  w->tasks->task(w->tasks->self, b->task, &task);
  return (task.status == CIV_TASK_SUBMITTED || task.status == CIV_TASK_COMPLETED) && task.last_output_by == worker;
}

static bool accept_bid(market_world *w, civ_agent a, const civ_action *action)
{
  if (action->target >= civ_market_bids(w->market))
    return false;
  const civ_bid *bid = civ_market_bid_at(w->market, action->target);
  if (civ_market_accept(w->market, bid->bounty, action->target, a) == CIV_NONE)
    return false;
  const civ_bounty *b = civ_market_bounty_at(w->market, bid->bounty);
  w->tasks->assign(w->tasks->self, b->task, bid->bidder); /* may fail: somebody else has the task */
  civ_market_tell_bid(w, EVENT_BID_ACCEPTED, action->target);
  civ_market_tell_award(w, action->target);
  watch_award(w, bid->bounty, a, bid->bidder);
  if (has_delivered(w, b, bid->bidder))
    civ_market_delivered(w, bid->bounty);
  return true;
}

static bool answer_bid(market_world *w, civ_agent a, const civ_action *action)
{
  const bool rejects = action->kind == CIV_ACTION_REJECT_BID;
  if (rejects ? !civ_market_reject(w->market, action->target, a) : !civ_market_withdraw(w->market, action->target, a))
    return false;
  civ_market_tell_bid(w, rejects ? EVENT_BID_REJECTED : EVENT_BID_WITHDRAWN, action->target);
  return true;
}

static bool file_dispute(market_world *w, civ_agent a, const civ_action *action)
{
  const uint32_t dispute = civ_market_dispute(w->market, action->target, a, civ_market_now(w));
  if (dispute == CIV_NONE)
    return false;
  civ_market_tell_dispute(w, dispute, action->content);
  return true;
}

bool civ_market_apply(void *self, civ_agent a, const civ_action *action)
{
  market_world *w = self;
  switch (action->kind) {
  case CIV_ACTION_POST_BOUNTY:
    return post_bounty(w, a, action);
  case CIV_ACTION_PLACE_BID:
    return place_bid(w, a, action);
  case CIV_ACTION_ACCEPT_BID:
    return accept_bid(w, a, action);
  case CIV_ACTION_REJECT_BID:
  case CIV_ACTION_WITHDRAW_BID:
    return answer_bid(w, a, action);
  case CIV_ACTION_FILE_DISPUTE:
    return file_dispute(w, a, action);
  default:
    return false;
  }
}

/* --- what happens to tasks of the market ------------------------------------------------------------------------------------------ */

void civ_market_delivered(market_world *w, uint32_t bounty)
{
  if (w->rules->settlement != CIV_SETTLE_ON_SUBMISSION || civ_market_bounty_at(w->market, bounty)->due)
    return;
  civ_market_mark_due(w->market, bounty, true);
  w->due[w->n_due++] = bounty;
}

void civ_market_turn_done(void *self, civ_agent a, const civ_action *action, bool ok)
{
  market_world *w = self;
  if (!ok || (action->kind != CIV_ACTION_SUBMIT_OUTPUT && action->kind != CIV_ACTION_CLAIM_TASK))
    return;
  const uint32_t bounty = civ_market_bounty_of_task(w->market, action->target);
  if (bounty == CIV_NONE)
    return;
  const civ_bounty *b = civ_market_bounty_at(w->market, bounty);
  if (action->kind == CIV_ACTION_CLAIM_TASK && b->poster == a) {
    w->wash.own_task++;
    civ_market_tell_wash(w, bounty, a, "own_task");
  }
  if (action->kind == CIV_ACTION_SUBMIT_OUTPUT && b->status == CIV_BOUNTY_AWARDED &&
      civ_market_escrow_at(w->market, b->escrow)->worker == a)
    civ_market_delivered(w, bounty);
}
