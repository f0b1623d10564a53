/* moves.h - the moves that policies have in common, written as actions. */
#ifndef CIV_AGENT_MOVES_H
#define CIV_AGENT_MOVES_H

#include "agent/texts.h"
#include "civitas/part.h"

/* Accepts or rejects an open proposal. */
void civ_move_answer(civ_action *out, const civ_proposal *proposal, bool accept);
/* Posts one of the texts, chosen uniformly. */
void civ_move_post(civ_action *out, const civ_text_set *texts, civ_draws *draws);
void civ_move_vote(civ_action *out, uint32_t post, int8_t direction);
void civ_move_propose(civ_action *out, civ_agent counterparty, civ_interaction_type type);
void civ_move_claim(civ_action *out, uint32_t task);
/* Submits the canned text of that kind. */
void civ_move_submit(civ_action *out, uint32_t task, civ_output_kind kind);
void civ_move_bounty(civ_action *out, double reward, int64_t deadline_epoch);
void civ_move_bid(civ_action *out, uint32_t bounty, double amount);
void civ_move_dispute(civ_action *out, uint32_t escrow);

/* Some bid awaits the decision of the agent whose view this is. */
bool civ_has_bids(const civ_view *view);
/* Accepts the cheapest of them, the first of equals. */
void civ_move_accept_lowest(const civ_view *view, civ_action *out);
/* Others' bounties that are on offer; 0 without a market. */
uint32_t civ_bounties_on_offer(const civ_view *view);
/* Bids on the best paid of them: a share of its reward between `low` and `high`, at least `least`. */
void civ_move_bid_best(const civ_view *view, double low, double high, double least, civ_draws *draws, civ_action *out);

/* First active task of the agent whose view this is, in order of claiming; false = none. */
bool civ_first_active_task(const civ_view *view, civ_task_view *task);
/* Available task with the largest bounty / divisor[difficulty] among those that ask for no more than `reputation`, first
 * of equals; the last divisor is for any other difficulty. CIV_NONE = none. At most 10 tasks are looked at. */
uint32_t civ_best_task(const civ_view *view, const double divisor[CIV_DIFFICULTIES + 1], double reputation);

#endif
