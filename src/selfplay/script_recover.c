/* Scripts out of an event log alone: what somebody effectively did, turn by turn. */
#include <string.h>

#include "selfplay/trace_json.h"

/* A log with its proposals at hand: where each was opened, in order. */
typedef struct opened {
  const civ_deed *deeds;
  uint32_t *at;
  uint32_t n;
} opened;

/* False: out of memory. */
static bool list_opened(const civ_deed *deeds, uint32_t n, civ_arena *arena, opened *out)
{
  *out = (opened){ .deeds = deeds };
  for (uint32_t k = 0; k < n; k++)
    out->n += deeds[k].kind == CIV_DEED_PROPOSAL_CREATED;
  out->at = civ_arena_take(arena, out->n, sizeof *out->at);
  if (out->at == NULL)
    return false;
  uint32_t place = 0;
  for (uint32_t k = 0; k < n; k++)
    if (deeds[k].kind == CIV_DEED_PROPOSAL_CREATED)
      out->at[place++] = k;
  return true;
}

static const civ_deed *opened_at(const opened *o, uint32_t place)
{
  return &o->deeds[o->at[place]];
}

/* The proposal as "the nth of this kind which this citizen opened in that turn". */
static civ_motion_ref refer(const opened *o, int32_t proposal)
{
  civ_motion_ref ref = { .proposer = CIV_NO_CITIZEN, .kind = CIV_MOTION_KINDS, .turn = -1 };
  /* Ids count from 1 in a log of ours; a hand-made one may leave some out. */
  uint32_t place =
      proposal >= 1 && (uint32_t)proposal <= o->n && opened_at(o, (uint32_t)proposal - 1)->proposal == proposal
          ? (uint32_t)proposal - 1
          : 0;
  while (place < o->n && opened_at(o, place)->proposal != proposal)
    place++;
  if (place == o->n)
    return ref;
  const civ_deed *meant = opened_at(o, place);
  ref = (civ_motion_ref){ .proposer = meant->citizen, .kind = meant->motion, .turn = meant->turn };
  for (; place > 0 && opened_at(o, place - 1)->turn == ref.turn; place--)
    ref.nth += opened_at(o, place - 1)->citizen == ref.proposer && opened_at(o, place - 1)->motion == ref.kind;
  return ref;
}

/* The act behind a deed of citizen `c`; false: the deed is nobody's act, or another's. */
static bool act_of(const opened *o, const civ_deed *d, uint8_t c, civ_act *out)
{
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
    out->ref = refer(o, d->proposal);
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
    out->ref = refer(o, d->proposal);
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
  opened proposals;
  uint32_t count = 0;
  for (uint32_t k = 0; k < n; k++)
    count += deeds[k].actor == c;
  civ_act *acts = civ_arena_take(arena, count, sizeof *acts);
  int32_t *turns = civ_arena_take(arena, count, sizeof *turns);
  if (acts == NULL || turns == NULL || !list_opened(deeds, n, arena, &proposals))
    return CIV_E_NOMEM;
  *out = (civ_script){ .acts = acts, .turns = turns };
  for (uint32_t k = 0; k < n; k++)
    if (act_of(&proposals, &deeds[k], c, &act)) {
      turns[out->n] = deeds[k].turn;
      acts[out->n++] = act;
    }
  return CIV_OK;
}
