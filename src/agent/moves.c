#include "agent/moves.h"

void civ_move_answer(civ_action *out, const civ_proposal *proposal, bool accept)
{
  *out = civ_action_make(accept ? CIV_ACTION_ACCEPT : CIV_ACTION_REJECT);
  out->target = proposal->index;
}

void civ_move_post(civ_action *out, const civ_text_set *texts, civ_draws *draws)
{
  *out = civ_action_make(CIV_ACTION_POST);
  out->content = texts->texts[civ_draw_index(draws, texts->n)];
}

void civ_move_vote(civ_action *out, uint32_t post, int8_t direction)
{
  *out = civ_action_make(CIV_ACTION_VOTE);
  out->target = post;
  out->vote_direction = direction;
}

void civ_move_propose(civ_action *out, civ_agent counterparty, civ_interaction_type type)
{
  *out = civ_action_make(CIV_ACTION_PROPOSE);
  out->counterparty = counterparty;
  out->interaction_type = (uint8_t)type;
}

void civ_move_claim(civ_action *out, uint32_t task)
{
  *out = civ_action_make(CIV_ACTION_CLAIM_TASK);
  out->target = task;
}

void civ_move_submit(civ_action *out, uint32_t task, civ_output_kind kind)
{
  *out = civ_action_make(CIV_ACTION_SUBMIT_OUTPUT);
  out->target = task;
  out->output_kind = (uint8_t)kind;
  out->content = civ_output_texts[kind];
}

void civ_move_bounty(civ_action *out, double reward, int64_t deadline_epoch)
{
  *out = civ_action_make(CIV_ACTION_POST_BOUNTY);
  out->amount = reward;
  out->deadline_epoch = deadline_epoch;
}

void civ_move_bid(civ_action *out, uint32_t bounty, double amount)
{
  *out = civ_action_make(CIV_ACTION_PLACE_BID);
  out->target = bounty;
  out->amount = amount;
}

void civ_move_dispute(civ_action *out, uint32_t escrow)
{
  static const civ_text reason = { "quality dispute", 15 };
  *out = civ_action_make(CIV_ACTION_FILE_DISPUTE);
  out->target = escrow;
  out->content = reason;
}

bool civ_has_bids(const civ_view *view)
{
  return view->market && view->market->awaiting(view->market->self, view->self) > 0;
}

void civ_move_accept_lowest(const civ_view *view, civ_action *out)
{
  civ_bid_view bid;
  *out = civ_action_make(CIV_ACTION_ACCEPT_BID);
  if (view->market->lowest_bid(view->market->self, view->self, &bid))
    out->target = bid.bid;
}

uint32_t civ_bounties_on_offer(const civ_view *view)
{
  return view->market ? view->market->available(view->market->self, view->self) : 0;
}

void civ_move_bid_best(const civ_view *view, double low, double high, double least, civ_draws *draws, civ_action *out)
{
  const uint32_t bounty = view->market->best_available(view->market->self, view->self);
  civ_bounty_view b;
  view->market->bounty(view->market->self, bounty, &b);
  const double amount = b.reward * civ_draw_between(draws, low, high);
  civ_move_bid(out, bounty, amount > least ? amount : least);
}

bool civ_first_active_task(const civ_view *view, civ_task_view *task)
{
  const civ_task_service *tasks = view->tasks;
  if (tasks->active(tasks->self, view->self) == 0)
    return false;
  tasks->active_at(tasks->self, view->self, 0, task);
  return true;
}

uint32_t civ_best_task(const civ_view *view, const double divisor[CIV_DIFFICULTIES + 1], double reputation)
{
  const civ_task_service *tasks = view->tasks;
  const uint32_t n = tasks->available(tasks->self, view->self);
  uint32_t best = CIV_NONE;
  double best_value = 0;
  for (uint32_t k = 0; k < n; k++) {
    civ_task_view task;
    tasks->available_at(tasks->self, view->self, k, &task);
    if (task.min_reputation > reputation)
      continue;
    const double value = task.bounty / divisor[task.difficulty < CIV_DIFFICULTIES ? task.difficulty : CIV_DIFFICULTIES];
    if (best == CIV_NONE || value > best_value) {
      best = task.task;
      best_value = value;
    }
  }
  return best;
}
