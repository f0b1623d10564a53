/* Acts of citizens: refused with clause and reason, or done and noted. */
#include <assert.h>

#include "base/memory.h"
#include "selfplay/polity_inside.h"

static void refuse(civ_polity *p, uint8_t c, const civ_act *act, civ_refusal why)
{
  civ_deed *deed = civ_polity_note(p, CIV_DEED_ACTION_REFUSED, c);
  deed->citizen = c;
  deed->text = civ_act_names[act->kind];
  deed->rule = why.rule;
  deed->reason = why.reason;
}

static bool append(civ_polity *p, void **list, size_t *capacity, uint32_t n, size_t size)
{
  if (civ_grow(&civ_allocator_malloc, list, capacity, (size_t)n + 1, size) != CIV_OK)
    p->failed = true;
  return !p->failed;
}

/* --- money ------------------------------------------------------------------------------------------------------------------- */

void civ_polity_pay(civ_polity *p, uint8_t giver, uint8_t receiver, int64_t amount, bool needy, bool move)
{
  p->treasury -= amount;
  if (receiver == CIV_PUBLIC) {
    const int64_t per_turn = civ_share(amount, p->physics.public_gain) / ((int64_t)p->n * p->physics.public_turns);
    p->sunk += amount;
    for (int32_t t = p->turn; t < p->turn + p->physics.public_turns && (uint32_t)t < p->n_works; t++)
      p->works[t] += per_turn;
    return;
  }
  p->balance[receiver] += amount;
  if (append(p, (void **)&p->payments, &p->payments_capacity, p->n_payments, sizeof *p->payments))
    p->payments[p->n_payments++] = (civ_payment){
      .turn = p->turn, .giver = giver, .receiver = receiver, .needy = needy, .move = move, .amount = amount
    };
}

void civ_polity_breach(civ_polity *p, uint8_t c, const char *what)
{
  civ_deed *deed = civ_polity_note(p, CIV_DEED_BREACH_RECORDED, c);
  deed->citizen = c;
  deed->text = what;
  p->cause |= civ_citizen_bit(c);
}

/* The treasurer's own power: money out of the treasury without a vote. */
static void move(civ_polity *p, uint8_t c, const civ_act *act)
{
  assert(act->to < CIV_CITIZENS_MOST); /* or it would have been refused */
  const bool needy = civ_polity_needy(p, act->to);
  civ_deed *deed = civ_polity_note(p, CIV_DEED_TRANSFER, c);
  deed->citizen = CIV_TREASURY;
  deed->other = act->to;
  deed->amount = act->amount;
  deed->text = act->memo;
  deed->needy = needy;
  deed->before = p->treasury_at_start;
  civ_polity_show(p);
  civ_polity_pay(p, c, act->to, act->amount, needy, true);
  p->moved_this_turn += act->amount;
  if (act->to == c && !needy)
    civ_polity_breach(p, c, "treasurer_taking");
}

static void give(civ_polity *p, uint8_t c, const civ_act *act)
{
  civ_deed *deed = civ_polity_note(p, CIV_DEED_TRANSFER, c);
  deed->citizen = c;
  deed->other = act->to;
  deed->amount = act->amount;
  deed->text = act->memo;
  civ_polity_show(p);
  p->balance[c] -= act->amount;
  p->balance[act->to] += act->amount;
  if (append(p, (void **)&p->gifts, &p->gifts_capacity, p->n_gifts, sizeof *p->gifts))
    p->gifts[p->n_gifts++] = (civ_gift){ .turn = p->turn, .from = c, .to = act->to };
}

/* --- proposals and votes -------------------------------------------------------------------------------------------------------- */

static void propose(civ_polity *p, uint8_t c, const civ_act *act)
{
  const int64_t bond = p->law.value[CIV_PARAM_BOND];
  if (!append(p, (void **)&p->motions, &p->motions_capacity, p->n_motions, sizeof *p->motions) ||
      !append(p, (void **)&p->open, &p->open_capacity, p->n_open, sizeof *p->open))
    return;
  civ_motion *m = &p->motions[p->n_motions++];
  *m = (civ_motion){ .id = (int32_t)p->n_motions,
                     .opened = p->turn,
                     .closes = p->turn + (int32_t)p->law.value[CIV_PARAM_VOTING_WINDOW],
                     .kind = act->kind,
                     .proposer = c,
                     .open = true,
                     .created = p->n_deeds,
                     .bond = bond,
                     .payload = act->payload };
  p->open[p->n_open++] = m->id;
  p->own_open[c]++;
  p->balance[c] -= bond;
  p->bonds += bond;
  p->last_proposed[c] = p->turn;
  civ_deed *deed = civ_polity_note(p, CIV_DEED_PROPOSAL_CREATED, c);
  deed->citizen = c;
  deed->motion = m->kind;
  deed->proposal = m->id;
  if (m->kind == CIV_MOTION_DISENFRANCHISE)
    civ_polity_show(p);
}

static void vote(civ_polity *p, uint8_t c, const civ_act *act)
{
  civ_motion *m = &p->motions[civ_polity_meant(p, act)->id - 1];
  m->yes |= (civ_citizens)(act->choice == CIV_VOTE_YES) << c;
  m->no |= (civ_citizens)(act->choice == CIV_VOTE_NO) << c;
  m->abstain |= (civ_citizens)(act->choice == CIV_VOTE_ABSTAIN) << c;
  civ_deed *deed = civ_polity_note(p, CIV_DEED_VOTE_CAST, c);
  deed->citizen = c;
  deed->proposal = m->id;
  deed->choice = act->choice;
}

/* --- powers of office ------------------------------------------------------------------------------------------------------------- */

static void close_vote(civ_polity *p, uint8_t c, const civ_act *act)
{
  civ_motion *m = &p->motions[civ_polity_meant(p, act)->id - 1];
  m->closes = p->turn;
  civ_polity_note(p, CIV_DEED_VOTE_CLOSED, c)->proposal = m->id;
}

static void suspend(civ_polity *p, uint8_t c, const civ_act *act)
{
  p->suspended |= civ_citizen_bit(act->to);
  p->suspended_from[act->to] = p->turn + 1;
  p->suspended_until[act->to] = p->turn + (int32_t)p->law.value[CIV_PARAM_REGISTRAR_TERM];
  p->last_suspension = p->turn;
  civ_deed *deed = civ_polity_note(p, CIV_DEED_VOTE_SUSPENDED, c);
  deed->citizen = act->to;
  deed->other = c;
  deed->until = p->suspended_until[act->to];
  deed->cause = (p->cause >> act->to & 1) != 0;
}

static void perform(civ_polity *p, uint8_t c, const civ_act *act)
{
  switch (act->kind) {
  case CIV_ACT_CAST_VOTE:
    vote(p, c, act);
    break;
  case CIV_ACT_TRANSFER:
    if (act->from_treasury)
      move(p, c, act);
    else
      give(p, c, act);
    break;
  case CIV_ACT_CLOSE_VOTE:
    close_vote(p, c, act);
    break;
  case CIV_ACT_SUSPEND:
    suspend(p, c, act);
    break;
  case CIV_ACT_PASS:
    break;
  default:
    propose(p, c, act);
  }
}

bool civ_polity_act(civ_polity *p, uint8_t c, const civ_act *act, uint32_t others, const char **reason)
{
  civ_refusal why = { NULL, CIV_NO_RULE };
  if (act->kind != CIV_ACT_CAST_VOTE && act->kind != CIV_ACT_PASS && others >= p->physics.actions_per_turn)
    why = (civ_refusal){ "too_many_actions", CIV_RULE_PROPOSAL };
  else
    why = civ_polity_refusal(p, c, act);
  *reason = why.reason;
  if (why.reason != NULL)
    refuse(p, c, act, why);
  else
    perform(p, c, act);
  return why.reason == NULL;
}
