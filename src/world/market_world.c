/* The marketplace as a world of the loop: its life, what agents see of it, what it reports. */
#include "world/market_world.h"

#include <string.h>

#include "base/digest.h"
#include "world/worlds.h"

static bool wanted(const civ_host *host)
{
  const civ_marketplace_config *rules = host->call->section(host, "marketplace");
  return rules != NULL && host->call->section_given(host, "marketplace") && rules->enabled;
}

/* --- service: questions change nothing, so that many agents may ask at once ------------------------------------------------------ */

static double reputation_of(const market_world *w, civ_agent a)
{
  return w->people->reputation[a];
}

static uint32_t available(void *self, civ_agent a)
{
  const market_world *w = self;
  return civ_market_available(w->market, a, reputation_of(w, a));
}

static uint32_t available_at(void *self, civ_agent a, uint32_t k)
{
  const market_world *w = self;
  return civ_market_available_at(w->market, a, reputation_of(w, a), k);
}

static uint32_t best_available(void *self, civ_agent a)
{
  const market_world *w = self;
  return civ_market_best_available(w->market, a, reputation_of(w, a));
}

static void view_bounty(void *self, uint32_t bounty, civ_bounty_view *out)
{
  const market_world *w = self;
  const civ_bounty *b = civ_market_bounty_at(w->market, bounty);
  *out = (civ_bounty_view){ .bounty = bounty,
                            .task = b->task,
                            .poster = b->poster,
                            .status = b->status,
                            .reward = civ_credits_of(b->reward),
                            .min_reputation = b->min_reputation,
                            .deadline_epoch = b->deadline_epoch,
                            .n_pending = b->n_pending };
}

static void view_bid(const market_world *w, uint32_t bid, civ_bid_view *out)
{
  const civ_bid *b = civ_market_bid_at(w->market, bid);
  *out = (civ_bid_view){ .bid = bid,
                         .bounty = b->bounty,
                         .bidder = b->bidder,
                         .amount = civ_credits_of(b->amount),
                         .bounty_reward = civ_credits_of(civ_market_bounty_at(w->market, b->bounty)->reward) };
}

static bool lowest_bid(void *self, civ_agent a, civ_bid_view *out)
{
  const market_world *w = self;
  const uint32_t bid = civ_market_lowest(w->market, a);
  if (bid == CIV_NONE)
    return false;
  view_bid(w, bid, out);
  return true;
}

static uint32_t awaiting(void *self, civ_agent a)
{
  return civ_market_awaiting(((const market_world *)self)->market, a);
}

static void awaiting_at(void *self, civ_agent a, uint32_t k, civ_bid_view *out)
{
  const market_world *w = self;
  view_bid(w, civ_market_awaiting_at(w->market, a, k), out);
}

static uint32_t bids(void *self, civ_agent a)
{
  return civ_market_own_bids(((const market_world *)self)->market, a);
}

static void bid_at(void *self, civ_agent a, uint32_t k, civ_bid_view *out)
{
  const market_world *w = self;
  view_bid(w, civ_market_own_bid_at(w->market, a, k), out);
}

static uint32_t escrows(void *self, civ_agent a)
{
  return civ_market_own_escrows(((const market_world *)self)->market, a);
}

static uint32_t escrow_at(void *self, civ_agent a, uint32_t k)
{
  return civ_market_own_escrow_at(((const market_world *)self)->market, a, k);
}

static const void *service(void *self, const char *name)
{
  const market_world *w = self;
  return strcmp(name, "market") == 0 ? &w->service : NULL;
}

const civ_market *civ_market_world_market(const void *self)
{
  return ((const market_world *)self)->market;
}

/* --- life --------------------------------------------------------------------------------------------------------------------- */

static void destroy(void *self)
{
  market_world *w = self;
  if (w == NULL)
    return;
  const civ_allocator *a = w->host->call->allocator(w->host);
  civ_market_destroy(w->market);
  if (w->awarded_to != NULL)
    civ_idsets_destroy(w->awarded_to);
  civ_drop(a, (void **)&w->due, &w->due_room, sizeof *w->due);
  civ_release(a, w, sizeof *w);
}

static civ_status create(civ_host *host, void **self, civ_error *err)
{
  const civ_allocator *allocator = host->call->allocator(host);
  market_world *w = civ_zeroed(allocator, 1, sizeof *w);
  if (w == NULL)
    return civ_fail(err, CIV_E_NOMEM, "marketplace", "out of memory");
  w->host = host;
  w->rules = host->call->section(host, "marketplace");
  w->people = host->call->population(host);
  w->tasks = host->call->service(host, "tasks");
  w->service = (civ_market_service){ w,        available,   available_at, best_available, view_bounty, lowest_bid,
                                     awaiting, awaiting_at, bids,         bid_at,         escrows,     escrow_at };
  civ_status st =
      w->tasks != NULL ? CIV_OK : civ_fail(err, CIV_E_STATE, "marketplace", "there is no pool of tasks to work on");
  if (st == CIV_OK)
    st = civ_market_create(w->rules, w->people->n, allocator, &w->market, err);
  if (st == CIV_OK && (w->awarded_to = civ_idsets_create(w->people->n, allocator)) == NULL)
    st = civ_fail(err, CIV_E_NOMEM, "marketplace", "out of memory for %u agents", w->people->n);
  if (st != CIV_OK)
    destroy(w);
  else
    *self = w;
  return st;
}

/* A turn posts, bids, awards, disputes or delivers once at most. */
static civ_status reserve(void *self, const civ_demand *demand)
{
  market_world *w = self;
  const size_t more = (size_t)demand->turns + 1; /* programs act between steps, one agent at a time */
  civ_status st = civ_market_reserve(w->market, more);
  if (st == CIV_OK)
    st = civ_idsets_reserve(w->awarded_to);
  if (st == CIV_OK && w->rules->settlement != CIV_SETTLE_NEVER)
    st = civ_grow(w->host->call->allocator(w->host), (void **)&w->due, &w->due_room, w->n_due + more, sizeof *w->due);
  return st;
}

static void epoch_begin(void *self)
{
  market_world *w = self;
  civ_market_advance(w->market, civ_market_now(w));
}

static void foresee(const void *self, civ_agent a)
{
  civ_market_foresee(((const market_world *)self)->market, a);
}

/* --- reports -------------------------------------------------------------------------------------------------------------------- */

static void figures(void *self, double *values)
{
  const market_world *w = self;
  const civ_market_statistics count = civ_market_count(w->market);
  civ_market_metrics_of(&count, &w->wash, values);
}

static civ_status report(void *self, civ_bytes *out)
{
  const market_world *w = self;
  const civ_market_summary s = civ_market_summarise(w->market, &w->wash, w->people->type, w->people->n);
  civ_buffer text = { 0 };
  civ_buffer_text(&text, "{\"market\": ");
  civ_market_summary_json(&s, &text);
  civ_buffer_text(&text, "}");
  return civ_buffer_deliver(&text, out);
}

/* --- state ---------------------------------------------------------------------------------------------------------------------- */

static uint64_t digest(void *self)
{
  const market_world *w = self;
  return civ_digest_mix(civ_market_digest(w->market), w->wash.own_task, w->wash.reciprocal);
}

/* Between two epochs nothing is due: what was delivered has been settled. */
static civ_status save(void *self, civ_bytes *out)
{
  const market_world *w = self;
  civ_market_save(w->market, out);
  civ_idsets_save(w->awarded_to, out);
  civ_bytes_put_u64(out, w->wash.own_task);
  civ_bytes_put_u64(out, w->wash.reciprocal);
  return CIV_OK;
}

static civ_status load(void *self, civ_bytes_reader *in, civ_error *err)
{
  market_world *w = self;
  civ_status st = civ_market_load(w->market, in, err);
  if (st == CIV_OK)
    st = civ_idsets_load(w->awarded_to, in, err);
  if (st != CIV_OK)
    return st;
  w->wash.own_task = civ_bytes_u64(in);
  w->wash.reciprocal = civ_bytes_u64(in);
  for (uint32_t k = 0; k < civ_market_bounties(w->market); k++)
    if (civ_market_bounty_at(w->market, k)->due)
      return civ_fail(err, CIV_E_FORMAT, "marketplace", "the checkpoint's market was saved within an epoch");
  return in->failed ? civ_fail(err, CIV_E_FORMAT, "marketplace", "the checkpoint's market is cut off") : CIV_OK;
}

static const uint8_t actions[] = { CIV_ACTION_POST_BOUNTY, CIV_ACTION_PLACE_BID,    CIV_ACTION_ACCEPT_BID,
                                   CIV_ACTION_REJECT_BID,  CIV_ACTION_WITHDRAW_BID, CIV_ACTION_FILE_DISPUTE,
                                   CIV_ACTION_KINDS };
static const char *const services[] = { "market", NULL };

const civ_world civ_world_marketplace = {
  .version = CIV_PART_VERSION,
  .name = "marketplace",
  .doc = "Bounties for tasks, bids for them, escrow, settlement and disputes.",
  .actions = actions,
  .services = services,
  .events = civ_market_events,
  .epoch_metrics = civ_market_metric_decls,
  .totals = civ_market_total_decls,
  .wanted = wanted,
  .create = create,
  .destroy = destroy,
  .service = service,
  .reserve = reserve,
  .foresee = foresee,
  .apply = civ_market_apply,
  .turn_done = civ_market_turn_done,
  .epoch_begin = epoch_begin,
  .epoch_end = civ_market_epoch_end,
  .epoch_report = figures,
  .total_report = figures,
  .report = report,
  .digest = digest,
  .save = save,
  .load = load,
};
