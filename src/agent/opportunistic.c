/* Opportunistic: deals with whoever has something to gain from, takes the easiest work, votes with the top. */
#include <math.h>

#include "agent/minds.h"
#include "agent/moves.h"
#include "agent/policies.h"
#include "base/pairs.h"

static const double BLIND_ACCEPTANCE = 0.4; /* of a pending proposal that promises nothing */
static const double BID_PROBABILITY = 0.5, LOWEST_BID = 0.5, HIGHEST_BID = 0.7, LEAST_BID = 1; /* shares; credits */
static const double GOOD_EXPERIENCE = 0.5, CLEAR_TALLY = 2;
static const double WEALTHY = 80, WELL_REPUTED = 0.5; /* worth proposing to */
static const double POOR = 50;                        /* with a bad name: not worth an offer */
static const double DEMANDED_TRANSFER = -0.5;
static const double task_divisor[CIV_DIFFICULTIES + 1] = { 0.5, 1, 2, 4, 8, 2 };

static const civ_field config_fields[] = {
  CIV_REAL(civ_opportunistic_config, risk_tolerance, "0.6", 0, 1, "probability",
           "probability of accepting a stranger's proposal at the end of a step"),
  CIV_REAL(civ_opportunistic_config, post_probability, "0.4", 0, 1, "probability",
           "probability of posting in a free turn"),
  CIV_REAL(civ_opportunistic_config, vote_probability, "0.6", 0, 1, "probability",
           "probability of voting in a turn that brought no post"),
  CIV_REAL(civ_opportunistic_config, free_ride_probability, "0.3", 0, 1, "probability",
           "probability of handing in the least possible work"),
  CIV_REAL(civ_opportunistic_config, payoff_threshold, "0.0", -INFINITY, INFINITY, "", "read by nothing",
           .flags = CIV_FIELD_NO_EFFECT),
};

static const civ_section config_section = { .name = "agents.opportunistic",
                                            .doc = "How an opportunistic agent decides.",
                                            .chapter = "agents",
                                            .fields = config_fields,
                                            .n_fields = sizeof config_fields / sizeof *config_fields,
                                            .size = sizeof(civ_opportunistic_config) };

typedef struct opportunistic {
  civ_minds minds;
  civ_pairs *experience; /* count, sum of p over all completed interactions; made when all are enrolled */
  uint32_t targets;      /* watch */
} opportunistic;

static bool worth_a_trade(const civ_population *population, civ_agent a, const void *arg)
{
  (void)arg;
  return population->resources[a] > WEALTHY || population->reputation[a] > WELL_REPUTED;
}

static void destroy(void *self)
{
  opportunistic *o = self;
  if (o->experience)
    civ_pairs_destroy(o->experience);
  civ_minds_destroy(o);
}

static civ_status create(civ_host *host, void **self, civ_error *err)
{
  void *made;
  civ_status status = civ_minds_create(host, "opportunistic policy", sizeof(opportunistic), sizeof(civ_mind),
                                       sizeof(civ_opportunistic_config), &made, err);
  if (status != CIV_OK)
    return status;
  opportunistic *o = made;
  status = host->call->watch(host, worth_a_trade, NULL, &o->targets, err);
  if (status != CIV_OK) {
    destroy(o);
    return status;
  }
  *self = o;
  return CIV_OK;
}

static civ_status make_memory(opportunistic *o)
{
  if (!o->experience)
    o->experience = civ_pairs_create_bare(o->minds.n, o->minds.allocator);
  return o->experience ? CIV_OK : CIV_E_NOMEM;
}

static civ_status reserve(void *self, const civ_demand *demand)
{
  opportunistic *o = self;
  const civ_status status = make_memory(o);
  return status == CIV_OK ? civ_pairs_reserve(o->experience, civ_minds_acquaintances(&o->minds, demand)) : status;
}

static const civ_opportunistic_config *config_of(const opportunistic *o, civ_agent a)
{
  return civ_minds_config(&o->minds, civ_minds_slot(&o->minds, a));
}

/* --- the turn ------------------------------------------------------------------------------------------------------------ */

static bool takes_pending(const civ_view *view, const civ_proposal *proposal, civ_draws *draws)
{
  if (proposal->transfer > 0)
    return true;
  if (civ_view_sees(view, proposal->initiator) && view->population->reputation[proposal->initiator] > 0)
    return true;
  return civ_draw_chance(draws, BLIND_ACCEPTANCE);
}

static bool trades(const civ_view *view, civ_draws *draws, civ_action *out)
{
  if (civ_has_bids(view)) {
    civ_move_accept_lowest(view, out);
    return true;
  }
  if (civ_bounties_on_offer(view) == 0 || !civ_draw_chance(draws, BID_PROBABILITY))
    return false;
  civ_move_bid_best(view, LOWEST_BID, HIGHEST_BID, LEAST_BID, draws, out);
  return true;
}

static bool works(const civ_view *view, const civ_opportunistic_config *c, civ_draws *draws, civ_action *out)
{
  if (civ_view_may(view, CIV_QUOTA_TASKS)) {
    const uint32_t best = civ_best_task(view, task_divisor, INFINITY);
    if (best != CIV_NONE) {
      civ_move_claim(out, best);
      return true;
    }
  }
  civ_task_view task;
  if (!civ_first_active_task(view, &task))
    return false;
  civ_move_submit(out, task.task,
                  civ_draw_chance(draws, c->free_ride_probability) ? CIV_OUTPUT_MINIMAL : CIV_OUTPUT_STANDARD);
  return true;
}

/* With the first clear tally in rank order; without one, for the top. */
static void vote(const civ_view *view, civ_action *out)
{
  const civ_feed_service *feed = view->feed;
  const uint32_t n = feed->visible(feed->self);
  const uint32_t *ids = feed->visible_ids(feed->self);
  for (uint32_t k = 0; k < n; k++) {
    double net_votes;
    uint32_t replies;
    feed->standing(feed->self, ids[k], &net_votes, &replies);
    if (net_votes > CLEAR_TALLY || net_votes < -CLEAR_TALLY) {
      civ_move_vote(out, ids[k], net_votes > 0 ? 1 : -1);
      return;
    }
  }
  civ_move_vote(out, ids[0], 1);
}

static civ_verdict act(void *self, const civ_view *view, civ_draws *draws, civ_action *out)
{
  const opportunistic *o = self;
  const civ_opportunistic_config *c = config_of(o, view->self);
  const civ_feed_service *feed = view->feed;
  if (trades(view, draws, out))
    return CIV_ACT;
  const civ_proposal *proposal = civ_view_oldest(view);
  if (proposal) {
    civ_move_answer(out, proposal, takes_pending(view, proposal, draws));
    return CIV_ACT;
  }
  if (works(view, c, draws, out))
    return CIV_ACT;
  if (civ_view_may(view, CIV_QUOTA_POSTS) && civ_draw_chance(draws, c->post_probability)) {
    civ_move_post(out, &civ_texts_opportunistic, draws);
    return CIV_ACT;
  }
  if (civ_view_may(view, CIV_QUOTA_VOTES) && feed->visible(feed->self) > 0 &&
      civ_draw_chance(draws, c->vote_probability)) {
    vote(view, out);
    return CIV_ACT;
  }
  *out = civ_action_make(CIV_ACTION_NOOP);
  if (civ_view_may(view, CIV_QUOTA_INTERACTIONS)) {
    const uint32_t n = view->ask->watched(view, o->targets);
    if (n > 0)
      civ_move_propose(out, view->ask->watched_at(view, o->targets, civ_draw_index(draws, n)), CIV_TRADE);
  }
  return CIV_ACT;
}

static civ_verdict accept(void *self, const civ_view *view, const civ_proposal *proposal, civ_draws *draws)
{
  const opportunistic *o = self;
  if (proposal->transfer > 0)
    return CIV_YES;
  const civ_pair *pair = civ_pairs_get(o->experience, civ_minds_slot(&o->minds, view->self), proposal->initiator);
  if (pair)
    return pair->value / pair->count > GOOD_EXPERIENCE ? CIV_YES : CIV_NO;
  return civ_draw_chance(draws, config_of(o, view->self)->risk_tolerance) ? CIV_YES : CIV_NO;
}

static bool offer(void *self, const civ_view *view, civ_agent counterparty, civ_offer *out)
{
  (void)self;
  const civ_population *p = view->population;
  if (!civ_view_sees(view, counterparty) || (p->resources[counterparty] < POOR && p->reputation[counterparty] < 0))
    return false;
  *out = (civ_offer){ .type = CIV_TRADE, .transfer = DEMANDED_TRANSFER };
  return true;
}

static void learn(void *self, civ_agent a, const civ_interaction *record, double payoff)
{
  opportunistic *o = self;
  (void)payoff;
  const civ_agent x = record->initiator == a ? record->counterparty : record->initiator;
  civ_pair *pair = civ_pairs_touch(o->experience, civ_minds_slot(&o->minds, a), x);
  pair->count++;
  pair->value += record->p;
  civ_minds_learned(&o->minds, (uint64_t)a << 32 | x, civ_real_bits(pair->value));
}

static void foresee(const void *self, civ_agent a, civ_agent x, civ_foresight when)
{
  const opportunistic *o = self;
  civ_minds_foresee(&o->minds, o->experience, a, x, when);
}

static civ_status save(void *self, civ_bytes *out)
{
  opportunistic *o = self;
  const civ_status status = make_memory(o);
  if (status != CIV_OK)
    return status;
  civ_bytes_put_u64(out, o->minds.digest);
  civ_pairs_save(o->experience, out);
  return out->failed ? CIV_E_NOMEM : CIV_OK;
}

static civ_status load(void *self, civ_bytes_reader *in, civ_error *err)
{
  opportunistic *o = self;
  if (make_memory(o) != CIV_OK)
    return civ_fail(err, CIV_E_NOMEM, "checkpoint", "out of memory while loading the opportunistic agents");
  o->minds.digest = civ_bytes_u64(in);
  return civ_pairs_load(o->experience, in, err);
}

double civ_opportunistic_estimate(const void *self, civ_agent a, civ_agent x)
{
  const opportunistic *o = self;
  const civ_pair *pair = civ_pairs_get(o->experience, civ_minds_slot(&o->minds, a), x);
  return pair ? pair->value / pair->count : NAN;
}

const civ_policy civ_policy_opportunistic = {
  .version = CIV_PART_VERSION,
  .name = "opportunistic",
  .doc = "Trades with the wealthy and the well reputed, takes the easiest work, votes with the majority.",
  .agent_type = CIV_OPPORTUNISTIC,
  .config = &config_section,
  .create = create,
  .destroy = destroy,
  .enrol = civ_minds_enrol,
  .reserve = reserve,
  .act = act,
  .accept = accept,
  .offer = offer,
  .foresee = foresee,
  .learn = learn,
  .digest = civ_minds_digest,
  .save = save,
  .load = load
};
