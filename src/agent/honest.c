/* Honest: trusts whom it has dealt well with, works with the most trusted, posts, votes on what it has not voted on. */
#include <math.h>

#include "agent/minds.h"
#include "agent/moves.h"
#include "agent/policies.h"
#include "base/idsets.h"
#include "base/pairs.h"
#include "civitas/config.h"

static const double STRANGER = 0.5;    /* trust in somebody never dealt with */
static const double LEAST_TRUST = 0.3; /* below it nobody is proposed to */
static const double WEALTH_FOR_BOUNTY = 20, BOUNTY_PROBABILITY = 0.15;
static const double BID_PROBABILITY = 0.3, LOWEST_BID = 0.8, HIGHEST_BID = 0.95; /* shares of the reward */
static const double LEAST_REWARD = 5, MOST_REWARD = 15;
enum { MOST_VISIBLE = 20 }; /* posts that a feed shows */
enum { QUICK_TRIES = 2 };   /* of finding an unvoted post by drawing, before all are looked at */
static const double task_divisor[CIV_DIFFICULTIES + 1] = { 1, 2, 3, 4, 5, 3 };

static const civ_field config_fields[] = {
  CIV_REAL(civ_honest_config, acceptance_threshold, "0.4", 0, 1, "share",
           "trust needed to accept a proposal; 0.1 less for collaborations, 0.1 more for trades"),
  CIV_REAL(civ_honest_config, trust_weight, "0.3", 0, 1, "share",
           "weight of own experience against a stranger's 0.5 when a proposal is answered at the end of a step"),
  CIV_REAL(civ_honest_config, post_probability, "0.3", 0, 1, "probability", "probability of posting in a free turn"),
  CIV_REAL(civ_honest_config, vote_probability, "0.5", 0, 1, "probability",
           "probability of voting in a turn that brought no post"),
  CIV_REAL(civ_honest_config, interact_probability, "0.4", 0, 1, "probability",
           "probability of proposing a collaboration in a turn that brought neither post nor vote"),
};

static const civ_section config_section = { .name = "agents.honest",
                                            .doc = "How an honest agent decides.",
                                            .chapter = "agents",
                                            .fields = config_fields,
                                            .n_fields = sizeof config_fields / sizeof *config_fields,
                                            .size = sizeof(civ_honest_config) };

/* State of one agent. `cursor` and `settled` only save work: both follow from the memory and are not part of it. */
typedef struct honest_row {
  civ_mind mind;
  civ_agent cursor; /* nobody below it is without an accepted interaction, except the agent itself */
  uint64_t settled; /* generation of the feed at which every visible post was found voted on; UINT64_MAX = none */
} honest_row;

typedef struct honest {
  civ_minds minds;
  civ_pairs *trust;             /* count, sum of p over accepted interactions; best first. Made when all are enrolled */
  const civ_feed_service *feed; /* remembers the votes in force; NULL = nobody does */
  civ_idsets *tried;            /* posts it has tried to vote on and that the feed does not remember */
  bool dead_bounties;           /* no draw for a bounty that nobody can post */
} honest;

static double mean(const civ_pair *pair)
{
  return pair->count ? pair->value / pair->count : -INFINITY;
}

static void destroy(void *self)
{
  honest *h = self;
  if (h->trust)
    civ_pairs_destroy(h->trust);
  if (h->tried)
    civ_idsets_destroy(h->tried);
  civ_minds_destroy(h);
}

static civ_status create(civ_host *host, void **self, civ_error *err)
{
  void *made;
  const civ_status status = civ_minds_create(host, "honest policy", sizeof(honest), sizeof(honest_row),
                                             sizeof(civ_honest_config), &made, err);
  if (status != CIV_OK)
    return status;
  honest *h = made;
  const civ_feed_service *feed = host->call->service(host, "feed");
  h->feed = feed && feed->voted ? feed : NULL;
  h->dead_bounties = civ_minds_simulation(host)->dead_bounties;
  *self = h;
  return CIV_OK;
}

static civ_status enrol(void *self, civ_agent a, const void *config, civ_error *err)
{
  const honest *h = self;
  const civ_status status = civ_minds_enrol(self, a, config, err);
  if (status == CIV_OK)
    ((honest_row *)civ_minds_row_of(&h->minds, a))->settled = UINT64_MAX;
  return status;
}

/* The memories are made for as many agents as there are, so when all are enrolled. */
static civ_status make_memories(honest *h)
{
  if (!h->trust)
    h->trust = civ_pairs_create(h->minds.n, mean, h->minds.allocator);
  if (!h->tried)
    h->tried = civ_idsets_create(h->minds.n, h->minds.allocator);
  return h->trust && h->tried ? CIV_OK : CIV_E_NOMEM;
}

static civ_status reserve(void *self, const civ_demand *demand)
{
  honest *h = self;
  civ_status status = make_memories(h);
  if (status == CIV_OK)
    status = civ_pairs_reserve(h->trust, civ_minds_acquaintances(&h->minds, demand));
  return status == CIV_OK ? civ_idsets_reserve(h->tried) : status;
}

static double trust_of(const honest *h, uint32_t slot, civ_agent x)
{
  const civ_pair *pair = civ_pairs_get(h->trust, slot, x);
  return pair ? mean(pair) : STRANGER;
}

/* --- the partner: exactly the visible agent with the largest trust, lowest index among equals --------------------------- */

static bool is_visible(const void *view, const civ_pair *pair)
{
  return civ_view_sees(view, pair->other);
}

static bool met(const honest *h, uint32_t slot, civ_agent x)
{
  return civ_pairs_get(h->trust, slot, x) != NULL;
}

/* Lowest visible agent without an accepted interaction. The set of those only shrinks, so the cursor only rises. */
static civ_agent lowest_stranger(const honest *h, uint32_t slot, honest_row *row, const civ_view *view)
{
  const uint32_t n = view->population->n;
  while (row->cursor < n && (row->cursor == view->self || met(h, slot, row->cursor)))
    row->cursor++;
  civ_agent x = row->cursor < n ? view->ask->visible_from(view, row->cursor) : CIV_NOBODY;
  while (x != CIV_NOBODY && met(h, slot, x))
    x = x + 1 < n ? view->ask->visible_from(view, x + 1) : CIV_NOBODY;
  return x;
}

static civ_agent best_partner(const honest *h, uint32_t slot, honest_row *row, const civ_view *view)
{
  const civ_pair *known = civ_pairs_best(h->trust, slot, is_visible, view);
  const double trust = known ? mean(known) : -INFINITY;
  if (known && trust > STRANGER)
    return known->other;
  const civ_agent stranger = lowest_stranger(h, slot, row, view);
  if (!known || (stranger != CIV_NOBODY && (trust < STRANGER || stranger < known->other)))
    return stranger;
  return trust >= LEAST_TRUST ? known->other : CIV_NOBODY;
}

/* --- the vote ------------------------------------------------------------------------------------------------------------ */

/* A post it has tried to vote on, whether or not the vote came about. What did is known to the feed, and is not kept twice. */
static bool has_tried(const honest *h, uint32_t slot, const civ_view *view, uint32_t post)
{
  if (h->feed && h->feed->voted(h->feed->self, view->self, post) >= 0)
    return true;
  return civ_idsets_get(h->tried, slot, post) >= 0;
}

/* Uniform over visible posts not voted on: by drawing among all while that is likely to hit, then by looking at each. */
static uint32_t choose_post(const honest *h, uint32_t slot, honest_row *row, const civ_view *view, civ_draws *draws)
{
  const civ_feed_service *feed = view->feed;
  const uint64_t generation = feed->generation(feed->self);
  if (row->settled == generation)
    return CIV_NONE;
  const uint32_t n = feed->visible(feed->self);
  const uint32_t *ids = feed->visible_ids(feed->self);
  for (int try = 0; try < QUICK_TRIES; try++) {
    const uint32_t id = ids[civ_draw_index(draws, n)];
    if (!has_tried(h, slot, view, id))
      return id;
  }
  uint32_t open[MOST_VISIBLE], left = 0;
  for (uint32_t k = 0; k < n && k < MOST_VISIBLE; k++)
    if (!has_tried(h, slot, view, ids[k]))
      open[left++] = ids[k];
  if (left > 0)
    return open[civ_draw_index(draws, left)];
  row->settled = generation;
  return CIV_NONE;
}

static int8_t direction_of(const civ_feed_service *feed, uint32_t id)
{
  double net_votes;
  uint32_t replies;
  feed->standing(feed->self, id, &net_votes, &replies);
  if (net_votes > 0 || replies > 2)
    return 1;
  return net_votes < -2 ? -1 : 1;
}

static void vote_or_idle(const honest *h, uint32_t slot, honest_row *row, const civ_view *view, civ_draws *draws,
                         civ_action *out)
{
  const uint32_t post = choose_post(h, slot, row, view, draws);
  if (post == CIV_NONE)
    *out = civ_action_make(CIV_ACTION_NOOP);
  else
    civ_move_vote(out, post, direction_of(view->feed, post));
}

/* --- the turn ------------------------------------------------------------------------------------------------------------ */

/* Offers work only where there is none to be had, and tries even where there is no market. */
static bool tries_bounty(const honest *h, const civ_view *view, uint32_t on_offer, civ_draws *draws)
{
  return view->population->resources[view->self] > WEALTH_FOR_BOUNTY && (view->market || !h->dead_bounties) &&
         civ_draw_chance(draws, BOUNTY_PROBABILITY) && on_offer == 0;
}

static bool trades(const honest *h, const civ_view *view, civ_draws *draws, civ_action *out)
{
  const uint32_t on_offer = civ_bounties_on_offer(view);
  if (civ_has_bids(view)) {
    civ_move_accept_lowest(view, out);
    return true;
  }
  if (on_offer > 0 && civ_draw_chance(draws, BID_PROBABILITY)) {
    civ_bounty_view b;
    view->market->bounty(view->market->self,
                         view->market->available_at(view->market->self, view->self, civ_draw_index(draws, on_offer)),
                         &b);
    civ_move_bid(out, b.bounty, b.reward * civ_draw_between(draws, LOWEST_BID, HIGHEST_BID));
    return true;
  }
  if (!tries_bounty(h, view, on_offer, draws))
    return false;
  civ_move_bounty(out, civ_draw_between(draws, LEAST_REWARD, MOST_REWARD), -1);
  return true;
}

static bool works(const civ_view *view, civ_action *out)
{
  civ_task_view task;
  if (civ_first_active_task(view, &task) && task.status == CIV_TASK_IN_PROGRESS) {
    civ_move_submit(out, task.task, CIV_OUTPUT_HONEST);
    return true;
  }
  if (!civ_view_may(view, CIV_QUOTA_TASKS))
    return false;
  const uint32_t best = civ_best_task(view, task_divisor, view->population->reputation[view->self]);
  if (best == CIV_NONE)
    return false;
  civ_move_claim(out, best);
  return true;
}

static civ_verdict act(void *self, const civ_view *view, civ_draws *draws, civ_action *out)
{
  const honest *h = self;
  const uint32_t slot = civ_minds_slot(&h->minds, view->self);
  honest_row *row = civ_minds_row(&h->minds, slot);
  const civ_honest_config *c = civ_minds_config(&h->minds, slot);
  const civ_feed_service *feed = view->feed;
  const civ_proposal *proposal = civ_view_oldest(view);
  if (proposal) {
    civ_move_answer(out, proposal, trust_of(h, slot, proposal->initiator) >= c->acceptance_threshold - 0.1);
    return CIV_ACT;
  }
  if (trades(h, view, draws, out))
    return CIV_ACT;
  if (works(view, out))
    return CIV_ACT;
  if (civ_view_may(view, CIV_QUOTA_POSTS) && civ_draw_chance(draws, c->post_probability)) {
    civ_move_post(out, &civ_texts_honest, draws);
    return CIV_ACT;
  }
  if (civ_view_may(view, CIV_QUOTA_VOTES) && feed->visible(feed->self) > 0 &&
      civ_draw_chance(draws, c->vote_probability)) {
    vote_or_idle(h, slot, row, view, draws, out);
    return CIV_ACT;
  }
  *out = civ_action_make(CIV_ACTION_NOOP);
  if (civ_view_may(view, CIV_QUOTA_INTERACTIONS) && civ_draw_chance(draws, c->interact_probability)) {
    const civ_agent partner = best_partner(h, slot, row, view);
    if (partner != CIV_NOBODY)
      civ_move_propose(out, partner, CIV_COLLABORATION);
  }
  return CIV_ACT;
}

static civ_verdict accept(void *self, const civ_view *view, const civ_proposal *proposal, civ_draws *draws)
{
  const honest *h = self;
  const uint32_t slot = civ_minds_slot(&h->minds, view->self);
  const civ_honest_config *c = civ_minds_config(&h->minds, slot);
  (void)draws;
  double threshold = c->acceptance_threshold;
  if (proposal->type == CIV_COLLABORATION)
    threshold -= 0.1;
  else if (proposal->type == CIV_TRADE)
    threshold += 0.1;
  const double trust = trust_of(h, slot, proposal->initiator);
  return trust * c->trust_weight + STRANGER * (1 - c->trust_weight) >= threshold ? CIV_YES : CIV_NO;
}

static bool offer(void *self, const civ_view *view, civ_agent counterparty, civ_offer *out)
{
  const honest *h = self;
  if (trust_of(h, civ_minds_slot(&h->minds, view->self), counterparty) < LEAST_TRUST)
    return false;
  const bool busy = view->tasks->active(view->tasks->self, view->self) > 0;
  *out = (civ_offer){ .type = busy ? CIV_COLLABORATION : CIV_REPLY };
  return true;
}

/* A post counts as voted on even when the vote failed. */
static void done(void *self, civ_agent a, const civ_action *action, bool ok)
{
  honest *h = self;
  (void)ok;
  if (action->kind != CIV_ACTION_VOTE || (h->feed && h->feed->voted(h->feed->self, a, action->target) >= 0))
    return;
  if (civ_idsets_put(h->tried, civ_minds_slot(&h->minds, a), action->target, false) < 0)
    civ_minds_learned(&h->minds, a, action->target);
}

static void learn(void *self, civ_agent a, const civ_interaction *record, double payoff)
{
  honest *h = self;
  (void)payoff;
  if (!record->accepted)
    return;
  const civ_agent x = record->initiator == a ? record->counterparty : record->initiator;
  civ_pair *pair = civ_pairs_touch(h->trust, civ_minds_slot(&h->minds, a), x);
  pair->count++;
  pair->value += record->p;
  civ_minds_learned(&h->minds, (uint64_t)a << 32 | x, civ_real_bits(pair->value));
  civ_pairs_changed(h->trust, pair);
}

static void foresee(const void *self, civ_agent a, civ_agent x, civ_foresight when)
{
  const honest *h = self;
  if (x == CIV_NOBODY)
    civ_pairs_prefetch_best(h->trust, civ_minds_slot(&h->minds, a));
  else
    civ_minds_foresee(&h->minds, h->trust, a, x, when);
}

static civ_status save(void *self, civ_bytes *out)
{
  honest *h = self;
  const civ_status status = make_memories(h);
  if (status != CIV_OK)
    return status;
  civ_bytes_put_u64(out, h->minds.digest);
  civ_pairs_save(h->trust, out);
  civ_idsets_save(h->tried, out);
  return out->failed ? CIV_E_NOMEM : CIV_OK;
}

static civ_status load(void *self, civ_bytes_reader *in, civ_error *err)
{
  honest *h = self;
  if (make_memories(h) != CIV_OK)
    return civ_fail(err, CIV_E_NOMEM, "checkpoint", "out of memory while loading the honest agents");
  h->minds.digest = civ_bytes_u64(in);
  civ_status status = civ_pairs_load(h->trust, in, err);
  if (status == CIV_OK)
    status = civ_idsets_load(h->tried, in, err);
  for (uint32_t slot = 0; slot < h->minds.n; slot++) {
    honest_row *row = civ_minds_row(&h->minds, slot);
    row->settled = UINT64_MAX;
    row->cursor = 0;
  }
  return status;
}

double civ_honest_trust(const void *self, civ_agent a, civ_agent x)
{
  const honest *h = self;
  return trust_of(h, civ_minds_slot(&h->minds, a), x);
}

const civ_policy civ_policy_honest = { .version = CIV_PART_VERSION,
                                       .name = "honest",
                                       .doc = "Works with whom it trusts most, posts, votes, accepts what looks fair.",
                                       .agent_type = CIV_HONEST,
                                       .config = &config_section,
                                       .create = create,
                                       .destroy = destroy,
                                       .enrol = enrol,
                                       .reserve = reserve,
                                       .act = act,
                                       .accept = accept,
                                       .offer = offer,
                                       .done = done,
                                       .foresee = foresee,
                                       .learn = learn,
                                       .digest = civ_minds_digest,
                                       .save = save,
                                       .load = load };
