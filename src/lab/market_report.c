#include "lab/market_report.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/number.h"
#include "lab/roster.h"

/* The market of the run, made again by doing what the log tells. */
typedef struct fold {
  civ_marketplace_config rules;
  uint32_t agents;
  const char **names;
  uint8_t *types;
  civ_market *market;
  civ_wash_trades wash;
  civ_status status;
  civ_error error;
} fold;

static void fail(fold *f, civ_status status, const char *what)
{
  if (f->status == CIV_OK)
    f->status = civ_fail(&f->error, status, "market", "%s", what);
}

static civ_status begin(void *self, const civ_roster *roster, const civ_columns *columns, civ_error *err)
{
  fold *f = self;
  (void)columns;
  f->names = civ_roster_names(roster);
  f->types = calloc((size_t)roster->n + 1, 1);
  if (f->names == NULL || f->types == NULL)
    return civ_fail(err, CIV_E_NOMEM, "market", "out of memory for %u agents", roster->n);
  for (; f->agents < roster->n; f->agents++)
    f->types[f->agents] = roster->types[f->agents] < CIV_AGENT_TYPES ? roster->types[f->agents] : CIV_HONEST;
  return civ_market_create(&f->rules, f->agents, &civ_allocator_malloc, &f->market, err);
}

/* --- events ------------------------------------------------------------------------------------------------------------------ */

/* "bid7" is number 6; CIV_NONE. */
static uint32_t number_of(const json_t *payload, const char *key, const char *prefix)
{
  const char *id = civ_json_text(payload, key, "");
  const size_t length = strlen(prefix);
  int64_t number;
  if (strncmp(id, prefix, length) != 0 || !civ_parse_integer(id + length, strlen(id + length), &number) || number < 1 ||
      number > UINT32_MAX)
    return CIV_NONE;
  return (uint32_t)(number - 1);
}

static bool post(fold *f, const civ_event *e, const json_t *payload)
{
  const uint32_t made = civ_market_post(f->market, e->agent, number_of(payload, "task_id", "t"),
                                        civ_json_real(payload, "reward_amount", -1), 0, -1, e->epoch);
  return made != CIV_NONE && made == number_of(payload, "bounty_id", "b");
}

static bool bid(fold *f, const civ_event *e, const json_t *payload)
{
  const uint32_t made = civ_market_bid(f->market, number_of(payload, "bounty_id", "b"), e->agent,
                                       civ_json_real(payload, "bid_amount", -1));
  return made != CIV_NONE && made == number_of(payload, "bid_id", "bid");
}

static bool award(fold *f, const civ_event *e, const json_t *payload)
{
  const uint32_t made =
      civ_market_accept(f->market, number_of(payload, "bounty_id", "b"), number_of(payload, "bid_id", "bid"), e->agent);
  return made != CIV_NONE && made == number_of(payload, "escrow_id", "escrow");
}

static bool reject(fold *f, const civ_event *e, const json_t *payload)
{
  return civ_market_reject(f->market, number_of(payload, "bid_id", "bid"), e->agent);
}

static bool withdraw(fold *f, const civ_event *e, const json_t *payload)
{
  return civ_market_withdraw(f->market, number_of(payload, "bid_id", "bid"), e->agent);
}

static bool release(fold *f, const civ_event *e, const json_t *payload)
{
  civ_market_payment payment;
  (void)e;
  return civ_market_settle(f->market, number_of(payload, "escrow_id", "escrow"), true, &payment);
}

static bool refund(fold *f, const civ_event *e, const json_t *payload)
{
  civ_market_payment payment;
  (void)e;
  return civ_market_settle(f->market, number_of(payload, "escrow_id", "escrow"), false, &payment);
}

static bool dispute(fold *f, const civ_event *e, const json_t *payload)
{
  const uint32_t made = civ_market_dispute(f->market, number_of(payload, "escrow_id", "escrow"), e->agent, e->epoch);
  return made != CIV_NONE && made == number_of(payload, "dispute_id", "dispute");
}

static bool resolve(fold *f, const civ_event *e, const json_t *payload)
{
  civ_market_payment payment;
  (void)e;
  return civ_market_resolve(f->market, number_of(payload, "dispute_id", "dispute"),
                            civ_json_real(payload, "worker_share", 0), &payment);
}

static bool expire(fold *f, const civ_event *e, const json_t *payload)
{
  (void)e;
  return civ_market_expire_bounty(f->market, number_of(payload, "bounty_id", "b"));
}

static bool flag(fold *f, const civ_event *e, const json_t *payload)
{
  (void)e;
  if (strcmp(civ_json_text(payload, "kind", ""), "own_task") == 0)
    f->wash.own_task++;
  else
    f->wash.reciprocal++;
  return true;
}

static const struct {
  const char *event;
  bool (*follow)(fold *f, const civ_event *e, const json_t *payload);
} followed[] = { { "bounty_posted", post },     { "bid_placed", bid },         { "escrow_created", award },
                 { "bid_rejected", reject },    { "bid_withdrawn", withdraw }, { "escrow_released", release },
                 { "escrow_refunded", refund }, { "dispute_filed", dispute },  { "dispute_resolved", resolve },
                 { "bounty_expired", expire },  { "wash_trade_flagged", flag } };

static void event(void *self, const civ_event *e)
{
  fold *f = self;
  if (f->status != CIV_OK || e->form == NULL || e->values[0].text == NULL || !(e->form->flags & CIV_FORM_FREE_PAYLOAD))
    return;
  for (size_t k = 0; k < sizeof followed / sizeof *followed; k++) {
    if (strcmp(e->form->name, followed[k].event) != 0)
      continue;
    json_t *payload = json_loads(e->values[0].text, 0, NULL);
    if (civ_market_reserve(f->market, 1) != CIV_OK)
      fail(f, CIV_E_NOMEM, "out of memory for the market of the log");
    else if (!followed[k].follow(f, e, payload))
      fail(f, CIV_E_FORMAT,
           "the log tells of something in the market that could not have happened after what it told before");
    json_decref(payload);
    return;
  }
}

static const civ_sink fold_sink = {
  .version = CIV_PART_VERSION, .name = "market report", .wants_events = true, .begin = begin, .event = event
};

/* --- the end ----------------------------------------------------------------------------------------------------------------- */

static int by_success(const void *a, const void *b)
{
  const civ_market_row *x = a, *y = b;
  if (x->did.won != y->did.won)
    return x->did.won < y->did.won ? 1 : -1;
  if (x->did.bids != y->did.bids)
    return x->did.bids < y->did.bids ? 1 : -1;
  return (x->agent > y->agent) - (x->agent < y->agent);
}

/* What each agent did, as the summary adds it up by type. */
static void add_up(const civ_market *m, civ_market_by_type *did)
{
  for (uint32_t k = 0; k < civ_market_bounties(m); k++) {
    const civ_bounty *b = civ_market_bounty_at(m, k);
    did[b->poster].bounties++;
    did[b->poster].offered += civ_credits_of(b->reward);
  }
  for (uint32_t k = 0; k < civ_market_bids(m); k++)
    did[civ_market_bid_at(m, k)->bidder].bids++;
  for (uint32_t k = 0; k < civ_market_escrows(m); k++)
    civ_market_add_escrow(m, civ_market_escrow_at(m, k), &did[civ_market_escrow_at(m, k)->poster],
                          &did[civ_market_escrow_at(m, k)->worker]);
}

static civ_status list_rows(fold *f, civ_market_story *out)
{
  civ_market_by_type *did = calloc((size_t)f->agents + 1, sizeof *did);
  out->rows = calloc((size_t)f->agents + 1, sizeof *out->rows);
  if (did == NULL || out->rows == NULL) {
    free(did);
    return CIV_E_NOMEM;
  }
  add_up(f->market, did);
  for (civ_agent a = 0; a < f->agents; a++) {
    if (did[a].bounties + did[a].bids + did[a].won == 0)
      continue;
    did[a].agents = 1;
    out->rows[out->n_rows++] = (civ_market_row){ f->names[a], a, f->types[a], did[a] };
  }
  free(did);
  qsort(out->rows, out->n_rows, sizeof *out->rows, by_success);
  out->names = f->names;
  f->names = NULL;
  return CIV_OK;
}

static civ_status finish(fold *f, civ_market_story *out, civ_error *err)
{
  if (f->status != CIV_OK) {
    if (err != NULL)
      *err = f->error;
    return f->status;
  }
  if (f->market == NULL)
    return CIV_OK; /* nobody and nothing */
  out->figures = civ_market_summarise(f->market, &f->wash, f->types, f->agents);
  return list_rows(f, out) == CIV_OK ? CIV_OK : civ_fail(err, CIV_E_NOMEM, "market", "out of memory");
}

civ_status civ_market_story_read(const char *path, uint32_t k, bool strict, const civ_config *config,
                                 civ_market_story *out, civ_error *err)
{
  const civ_marketplace_config *rules = civ_config_section(config, "marketplace");
  civ_market_story result = { .on = civ_config_given(config, "marketplace") && rules->enabled,
                              .settles = rules->settlement != CIV_SETTLE_NEVER };
  fold f = { .rules = *rules };
  f.rules.min_bounty_amount = 0; /* rewards are told rounded down */
  const civ_replay_target target = { &fold_sink, &f };
  civ_status status = civ_log_replay(path, k, strict, &target, 1, &result.complete, &result.counts, err);
  if (status == CIV_OK)
    status = finish(&f, &result, err);
  free((void *)f.names);
  free(f.types);
  civ_market_destroy(f.market);
  if (status == CIV_OK)
    *out = result;
  else
    civ_market_story_free(&result);
  return status;
}

void civ_market_story_free(civ_market_story *s)
{
  free((void *)s->names);
  free(s->rows);
  *s = (civ_market_story){ 0 };
}

json_t *civ_market_story_json(const civ_market_story *s)
{
  civ_buffer text = { 0 };
  civ_buffer_text(&text, "{\"market\": ");
  if (s->on)
    civ_market_summary_json(&s->figures, &text);
  else
    civ_buffer_text(&text, "null");
  civ_buffer_text(&text, "}");
  return civ_json_of(&text);
}
