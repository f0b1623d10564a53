#include "world/market_report.h"

#include <math.h>

/* Every figure once: name, integer, value of statistics `c` and wash trades `w`, meaning. */
// clang-format off
#define FIGURES(X) \
  X(total_bounties, true, c->bounties, "bounties ever posted") \
  X(total_bids, true, c->bids, "bids ever placed") \
  X(total_escrows, true, c->escrows, "bounties ever awarded") \
  X(total_disputes, true, c->disputes, "disputes ever filed") \
  X(bounty_statuses.open, true, c->by_status[CIV_BOUNTY_OPEN], "bounties that are open") \
  X(bounty_statuses.awarded, true, c->by_status[CIV_BOUNTY_AWARDED], "bounties whose work is awaited") \
  X(bounty_statuses.completed, true, c->by_status[CIV_BOUNTY_COMPLETED], "bounties whose work was paid") \
  X(bounty_statuses.failed, true, c->by_status[CIV_BOUNTY_FAILED], "bounties whose work was not good enough") \
  X(bounty_statuses.disputed, true, c->by_status[CIV_BOUNTY_DISPUTED], "bounties in dispute") \
  X(bounty_statuses.expired, true, c->by_status[CIV_BOUNTY_EXPIRED], "bounties nobody was awarded in time") \
  X(bounty_statuses.cancelled, true, c->by_status[CIV_BOUNTY_CANCELLED], "always 0") \
  X(total_reward_posted, false, civ_grain_sum_credits(&c->sums.posted), "rewards of all bounties ever") \
  X(total_escrowed, false, civ_grain_sum_credits(&c->sums.escrowed), "bids held in escrow") \
  X(total_released, false, civ_grain_sum_credits(&c->sums.released), "paid to workers out of escrow") \
  X(total_refunded, false, civ_grain_sum_credits(&c->sums.refunded), "paid back to posters out of escrow") \
  X(fees_burned, false, civ_grain_sum_credits(&c->sums.fees), "fees taken from closed escrows") \
  X(open_rewards, false, civ_grain_sum_credits(&c->sums.open), "rewards of open bounties") \
  X(awarded_rewards, false, civ_grain_sum_credits(&c->sums.at_work), "rewards of awarded and disputed bounties") \
  X(surplus_returned, false, civ_grain_sum_credits(&c->sums.surplus), "rewards less bids, back to posters") \
  X(expired_returned, false, civ_grain_sum_credits(&c->sums.expired), "rewards of expired bounties, back to posters") \
  X(wash_trades, true, (double)(w->own_task + w->reciprocal), "own tasks claimed, and bounties awarded back and forth")
// clang-format on

#define X(name, integer, value, doc) { "market_metrics." #name, integer, doc },
const civ_metric_decl civ_market_metric_decls[] = { FIGURES(X){ NULL, false, NULL } };
#undef X
#define X(name, integer, value, doc) { "market." #name, integer, doc },
const civ_metric_decl civ_market_total_decls[] = { FIGURES(X){ NULL, false, NULL } };
#undef X

void civ_market_metrics_of(const civ_market_statistics *c, const civ_wash_trades *w, double *values)
{
#define X(name, integer, value, doc) *values++ = (value);
  FIGURES(X)
#undef X
}

/* --- summary ------------------------------------------------------------------------------------------------------------------ */

void civ_market_add_escrow(const civ_market *m, const civ_escrow *e, civ_market_by_type *poster,
                           civ_market_by_type *worker)
{
  const double reward = civ_credits_of(civ_market_bounty_at(m, e->bounty)->reward), bid = civ_credits_of(e->amount);
  worker->won++;
  worker->earned += civ_credits_of(e->released);
  worker->held += e->status == CIV_ESCROW_HELD ? bid : 0;
  poster->spent += e->status == CIV_ESCROW_HELD ? reward : civ_credits_of(e->amount - e->refunded);
}

static void add_escrow(civ_market_summary *s, const civ_market *m, const civ_escrow *e, const uint8_t *types)
{
  const civ_bounty *b = civ_market_bounty_at(m, e->bounty);
  s->awarded_reward += civ_credits_of(b->reward);
  s->awarded_bid += civ_credits_of(e->amount);
  s->bids_on_awarded += b->n_bids;
  civ_market_add_escrow(m, e, &s->by_type[types[e->poster]], &s->by_type[types[e->worker]]);
}

civ_market_summary civ_market_summarise(const civ_market *m, const civ_wash_trades *wash, const uint8_t *types,
                                        uint32_t agents)
{
  civ_market_summary s = { .count = civ_market_count(m), .wash = *wash };
  for (uint32_t a = 0; a < agents; a++)
    s.by_type[types[a]].agents++;
  for (uint32_t k = 0; k < s.count.bounties; k++) {
    const civ_bounty *b = civ_market_bounty_at(m, k);
    s.by_type[types[b->poster]].bounties++;
    s.by_type[types[b->poster]].offered += civ_credits_of(b->reward);
  }
  for (uint32_t k = 0; k < s.count.bids; k++)
    s.by_type[types[civ_market_bid_at(m, k)->bidder]].bids++;
  for (uint32_t k = 0; k < s.count.escrows; k++)
    add_escrow(&s, m, civ_market_escrow_at(m, k), types);
  return s;
}

double civ_market_discount(const civ_market_summary *s)
{
  return s->awarded_reward > 0 ? 1 - s->awarded_bid / s->awarded_reward : NAN;
}

double civ_market_competition(const civ_market_summary *s)
{
  return s->count.escrows > 0 ? (double)s->bids_on_awarded / s->count.escrows : NAN;
}

/* --- text --------------------------------------------------------------------------------------------------------------------- */

static void put_real(civ_buffer *out, const char *name, double x)
{
  civ_buffer_format(out, "\"%s\": ", name);
  civ_buffer_real(out, x);
}

static void put_count(civ_buffer *out, const char *name, uint64_t n)
{
  civ_buffer_format(out, "\"%s\": ", name);
  civ_buffer_integer(out, (int64_t)n);
}

static void put_statistics(const civ_market_statistics *c, civ_buffer *out)
{
  put_count(out, "total_bounties", c->bounties);
  civ_buffer_text(out, ", ");
  put_count(out, "total_bids", c->bids);
  civ_buffer_text(out, ", ");
  put_count(out, "total_escrows", c->escrows);
  civ_buffer_text(out, ", ");
  put_count(out, "total_disputes", c->disputes);
  civ_buffer_text(out, ", \"bounty_statuses\": {");
  for (int k = 0; k < CIV_BOUNTY_STATUSES; k++) {
    civ_buffer_text(out, k > 0 ? ", " : "");
    put_count(out, civ_bounty_status_names[k], c->by_status[k]);
  }
  civ_buffer_text(out, "}");
  const struct {
    const char *name;
    const civ_grain_sum *sum;
  } sums[] = { { "total_reward_posted", &c->sums.posted }, { "total_escrowed", &c->sums.escrowed },
               { "total_released", &c->sums.released },    { "total_refunded", &c->sums.refunded },
               { "fees_burned", &c->sums.fees },           { "open_rewards", &c->sums.open },
               { "awarded_rewards", &c->sums.at_work },    { "surplus_returned", &c->sums.surplus },
               { "expired_returned", &c->sums.expired } };
  for (size_t k = 0; k < sizeof sums / sizeof *sums; k++) {
    civ_buffer_text(out, ", ");
    put_real(out, sums[k].name, civ_grain_sum_credits(sums[k].sum));
  }
}

static void put_type(const civ_market_by_type *t, const char *name, civ_buffer *out)
{
  civ_buffer_format(out, "\"%s\": {", name);
  put_count(out, "agents", t->agents);
  civ_buffer_text(out, ", ");
  put_count(out, "bounties", t->bounties);
  civ_buffer_text(out, ", ");
  put_count(out, "bids", t->bids);
  civ_buffer_text(out, ", ");
  put_count(out, "won", t->won);
  civ_buffer_text(out, ", ");
  put_real(out, "offered", t->offered);
  civ_buffer_text(out, ", ");
  put_real(out, "spent", t->spent);
  civ_buffer_text(out, ", ");
  put_real(out, "earned", t->earned);
  civ_buffer_text(out, ", ");
  put_real(out, "held", t->held);
  civ_buffer_text(out, "}");
}

void civ_market_summary_json(const civ_market_summary *s, civ_buffer *out)
{
  bool first = true;
  civ_buffer_text(out, "{\"statistics\": {");
  put_statistics(&s->count, out);
  civ_buffer_text(out, "}, \"wash_trades\": {");
  put_count(out, "own_task", s->wash.own_task);
  civ_buffer_text(out, ", ");
  put_count(out, "reciprocal", s->wash.reciprocal);
  civ_buffer_text(out, "}, \"awards\": {");
  put_count(out, "n", s->count.escrows);
  civ_buffer_text(out, ", ");
  put_real(out, "bids_per_award", civ_market_competition(s));
  civ_buffer_text(out, ", ");
  put_real(out, "mean_discount", civ_market_discount(s));
  civ_buffer_text(out, "}, \"by_type\": {");
  for (int k = 0; k < CIV_AGENT_TYPES; k++) {
    if (s->by_type[k].agents == 0)
      continue;
    civ_buffer_text(out, first ? "" : ", ");
    put_type(&s->by_type[k], civ_agent_type_names[k], out);
    first = false;
  }
  civ_buffer_text(out, "}}");
}
