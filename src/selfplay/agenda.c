/* The start of a turn: what is on the table, read once for all who choose. */
#include "selfplay/polity_inside.h"

static void read_grant(civ_agenda *a, const civ_motion_payload *payload)
{
  const civ_citizens to = civ_citizen_bit(payload->to);
  const uint8_t office = (uint8_t)(1u << payload->office);
  a->named |= to;
  if (payload->recall) {
    a->recalling |= office;
  } else {
    a->granting |= office;
    a->standing |= to;
  }
}

static void read_motion(civ_agenda *a, const civ_motion *m)
{
  a->proposers[m->kind] |= civ_citizen_bit(m->proposer);
  if (m->kind == CIV_MOTION_ROLE_GRANT)
    read_grant(a, &m->payload);
  else if (m->kind == CIV_MOTION_DISENFRANCHISE)
    a->targets |= civ_citizen_bit(m->payload.target);
  else if (m->kind == CIV_MOTION_SPEND && m->payload.beneficiary == CIV_PUBLIC && m->payload.amount > a->public_spend)
    a->public_spend = m->payload.amount;
}

enum { ATTENTION_LIMIT = 4 };

/* Attention is asked about more than all else together, so 16 bits must do: half a block for eight citizens and a proposal. */
static civ_citizens with_attention(const civ_polity *p, uint32_t id, double share)
{
  const uint32_t limit = (uint32_t)(share * 0x1p16), first = id % 2 * CIV_NUMBERS / 2;
  civ_citizens found = 0;
  for (uint32_t c = 0; c < p->n; c += CIV_NUMBERS) {
    const civ_numbers *block = civ_polity_block(p, c / CIV_NUMBERS, CIV_DRAW_ATTEND, id / 2, (uint32_t)p->turn);
    for (uint32_t k = 0; k < CIV_NUMBERS; k++)
      found |= (civ_citizens)((block->of[first + k / 2] >> k % 2 * 16 & 0xffff) < limit) << (c + k);
  }
  return found;
}

/* Attention is shared among what is open: that is why flooding works. */
static void attend(const civ_polity *p, civ_motion *m)
{
  const double share = 0.75 * (p->n_open > ATTENTION_LIMIT ? (double)ATTENTION_LIMIT / p->n_open : 1);
  m->attending = p->agenda.voters & ~civ_motion_voted(m);
  if (m->attending != 0)
    m->attending &= with_attention(p, (uint32_t)m->id, share);
}

void civ_polity_open_turn(civ_polity *p, int32_t turn)
{
  p->turn = turn;
  p->treasury_at_start = p->treasury;
  p->moved_this_turn = 0;
  p->n_noticeable = 0;
  p->agenda = (civ_agenda){ .voters = civ_polity_voters(p), .needy = civ_polity_all_needy(p) };
  for (int k = 0; k < CIV_OFFICES; k++)
    p->agenda.vacant |= (uint8_t)((p->office[k].holder == CIV_NO_CITIZEN) << k);
  for (uint32_t k = 0; k < p->n_open; k++) {
    civ_motion *m = &p->motions[p->open[k] - 1];
    read_motion(&p->agenda, m);
    attend(p, m);
    p->agenda.attentive |= m->attending;
  }
}
