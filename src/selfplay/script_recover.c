/* Scripts out of an event log alone: what somebody effectively did, turn by turn. */
#include <string.h>

#include "selfplay/trace_json.h"

/* The proposal as "the nth of this kind which this citizen opened in that turn". */
static civ_motion_ref refer(const civ_deed *deeds, uint32_t n, int32_t proposal)
{
  civ_motion_ref ref = { .proposer = CIV_NO_CITIZEN, .kind = CIV_MOTION_KINDS, .turn = -1 };
  uint32_t at = 0;
  while (at < n && !(deeds[at].kind == CIV_DEED_PROPOSAL_CREATED && deeds[at].proposal == proposal))
    at++;
  if (at == n)
    return ref;
  ref = (civ_motion_ref){ .proposer = deeds[at].citizen, .kind = deeds[at].motion, .turn = deeds[at].turn };
  for (uint32_t k = at; k > 0 && deeds[k - 1].turn == ref.turn; k--)
    ref.nth += deeds[k - 1].kind == CIV_DEED_PROPOSAL_CREATED && deeds[k - 1].citizen == ref.proposer &&
               deeds[k - 1].motion == ref.kind;
  return ref;
}

/* The act behind a deed of citizen `c`; false: the deed is nobody's act, or another's. */
static bool act_of(const civ_deed *deeds, uint32_t n, uint32_t at, uint8_t c, civ_act *out)
{
  const civ_deed *d = &deeds[at];
  *out = (civ_act){ .choice = CIV_NO_CHOICE, .to = CIV_NO_CITIZEN };
  if (d->actor != c)
    return false;
  switch (d->kind) {
  case CIV_DEED_PROPOSAL_CREATED:
    out->kind = d->motion;
    out->payload = *d->payload;
    return true;
  case CIV_DEED_VOTE_CAST:
    out->kind = CIV_ACT_CAST_VOTE;
    out->choice = d->choice;
    out->ref = refer(deeds, n, d->proposal);
    return true;
  case CIV_DEED_TRANSFER:
    out->kind = CIV_ACT_TRANSFER;
    out->from_treasury = d->citizen == CIV_TREASURY;
    out->to = d->other;
    out->amount = d->amount;
    out->memo = d->text;
    return true;
  case CIV_DEED_VOTE_CLOSED:
    out->kind = CIV_ACT_CLOSE_VOTE;
    out->ref = refer(deeds, n, d->proposal);
    return true;
  case CIV_DEED_VOTE_SUSPENDED:
    out->kind = CIV_ACT_SUSPEND;
    out->to = d->citizen;
    return true;
  default:
    return false;
  }
}

civ_status civ_script_recover(const civ_deed *deeds, uint32_t n, uint8_t c, civ_arena *arena, civ_script *out)
{
  civ_act act;
  uint32_t count = 0;
  for (uint32_t k = 0; k < n; k++)
    count += deeds[k].actor == c;
  civ_act *acts = civ_arena_take(arena, count, sizeof *acts);
  int32_t *turns = civ_arena_take(arena, count, sizeof *turns);
  if (acts == NULL || turns == NULL)
    return CIV_E_NOMEM;
  *out = (civ_script){ .acts = acts, .turns = turns };
  for (uint32_t k = 0; k < n; k++)
    if (act_of(deeds, n, k, c, &act)) {
      turns[out->n] = deeds[k].turn;
      acts[out->n++] = act;
    }
  return CIV_OK;
}
