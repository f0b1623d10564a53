/* Deceptive: behaves well until enough others trust it, then trades on that trust. */
#include <math.h>

#include "agent/minds.h"
#include "agent/moves.h"
#include "agent/policies.h"
#include "base/pairs.h"
#include "civitas/config.h"

static const double FIRST_TRUST = 0.5, TRUST_STEP = 0.1; /* what it thinks one accepted dealing adds */
static const double TRUST_TO_ACCEPT = 0.6;
static const double BUILDING_ACCEPTANCE = 0.9, LATER_ACCEPTANCE = 0.6; /* of a pending proposal */
static const double WORTH_EXPLOITING = 50;                             /* resources */
static const double AWARD_PROBABILITY = 0.7, BID_PROBABILITY = 0.4;
static const double LOWEST_BID = 0.7, HIGHEST_BID = 0.9, LEAST_BID = 1; /* shares of the reward; credits */
static const double FLAWED_WORK = 0.4, LEARNED_VOTE = 0.5;
static const double GIFT = 0.1, DEMAND = -0.5; /* transfers offered */
enum { TRUSTING_AGENTS = 2, ENOUGH_ENCOUNTERS = 10 };
enum { QUICK_TRIES = 8 }; /* of finding a newcomer by drawing, before all visible agents are looked at */
enum { HAS_TRUST = 1 };   /* civ_pair.extra */

static const civ_field config_fields[] = {
  CIV_INTEGER(civ_deceptive_config, trust_building_phase, "5", 0, 4294967295.0, "encounters",
              "encounters with somebody during which it plays fair"),
  CIV_REAL(civ_deceptive_config, exploitation_threshold, "0.7", 0, 1, "share",
           "trust above which it turns on somebody"),
  CIV_REAL(civ_deceptive_config, facade_probability, "0.8", 0, 1, "probability",
           "probability of accepting a proposal at the end of a step while it plays fair"),
  CIV_REAL(civ_deceptive_config, post_probability, "0.35", 0, 1, "probability",
           "probability of posting in a free turn"),
};

static const civ_section config_section = { .name = "agents.deceptive",
                                            .doc = "How a deceptive agent decides.",
                                            .chapter = "agents",
                                            .fields = config_fields,
                                            .n_fields = sizeof config_fields / sizeof *config_fields,
                                            .size = sizeof(civ_deceptive_config) };

typedef struct deceptive_row {
  civ_mind mind;
  uint32_t trusting;   /* agents whose trust is above the threshold */
  uint64_t encounters; /* sum over all others */
} deceptive_row;

/* A pair: count = encounters, value = trust where extra says so; the most trusting first. */
typedef struct deceptive {
  civ_minds minds;
  civ_pairs *others; /* made when all are enrolled */
  bool learning;     /* simulation.deceptive_learning */
} deceptive;

static double trust_score(const civ_pair *pair)
{
  return pair->extra & HAS_TRUST ? pair->value : -INFINITY;
}

static void destroy(void *self)
{
  deceptive *d = self;
  if (d->others)
    civ_pairs_destroy(d->others);
  civ_minds_destroy(d);
}

static civ_status create(civ_host *host, void **self, civ_error *err)
{
  void *made;
  const civ_status status = civ_minds_create(host, "deceptive policy", sizeof(deceptive), sizeof(deceptive_row),
                                             sizeof(civ_deceptive_config), &made, err);
  if (status != CIV_OK)
    return status;
  deceptive *d = made;
  d->learning = civ_minds_simulation(host)->deceptive_learning;
  *self = d;
  return CIV_OK;
}

static civ_status make_memory(deceptive *d)
{
  if (!d->others)
    d->others = civ_pairs_create(d->minds.n, trust_score, d->minds.allocator);
  return d->others ? CIV_OK : CIV_E_NOMEM;
}

static civ_status reserve(void *self, const civ_demand *demand)
{
  deceptive *d = self;
  const civ_status status = make_memory(d);
  return status == CIV_OK ? civ_pairs_reserve(d->others, civ_minds_acquaintances(&d->minds, demand)) : status;
}

static deceptive_row *row_of(const deceptive *d, uint32_t slot)
{
  return civ_minds_row(&d->minds, slot);
}

static const civ_deceptive_config *config_of(const deceptive *d, uint32_t slot)
{
  return civ_minds_config(&d->minds, slot);
}

static uint32_t encounters(const deceptive *d, uint32_t slot, civ_agent x)
{
  const civ_pair *pair = civ_pairs_get(d->others, slot, x);
  return pair ? pair->count : 0;
}

static double trust(const deceptive *d, uint32_t slot, civ_agent x, double absent)
{
  const civ_pair *pair = civ_pairs_get(d->others, slot, x);
  return pair && pair->extra & HAS_TRUST ? pair->value : absent;
}

static bool wins_over(const deceptive *d, uint32_t slot, uint64_t met)
{
  return met < (uint64_t)config_of(d, slot)->trust_building_phase;
}

static bool building(const deceptive *d, uint32_t slot, civ_agent x)
{
  return wins_over(d, slot, encounters(d, slot, x));
}

/* --- exploitation ---------------------------------------------------------------------------------------------------------- */

static bool exploits(const deceptive_row *row)
{
  return row->trusting >= TRUSTING_AGENTS && row->encounters > ENOUGH_ENCOUNTERS;
}

static bool exploitable(const void *arg, const civ_pair *pair)
{
  const civ_view *view = arg;
  return view->population->resources[pair->other] > WORTH_EXPLOITING && civ_view_sees(view, pair->other);
}

static civ_agent victim(const deceptive *d, uint32_t slot, const civ_view *view)
{
  const civ_pair *best = civ_pairs_best(d->others, slot, exploitable, view);
  return best && trust_score(best) > config_of(d, slot)->exploitation_threshold ? best->other : CIV_NOBODY;
}

static bool exploit(const deceptive *d, uint32_t slot, const civ_view *view, civ_draws *draws, civ_action *out)
{
  if (civ_view_may(view, CIV_QUOTA_INTERACTIONS)) {
    const civ_agent x = victim(d, slot, view);
    if (x != CIV_NOBODY) {
      civ_move_propose(out, x, CIV_TRADE);
      return true;
    }
  }
  civ_task_view task;
  if (!civ_first_active_task(view, &task))
    return false;
  civ_move_submit(out, task.task, civ_draw_chance(draws, FLAWED_WORK) ? CIV_OUTPUT_FLAWED : CIV_OUTPUT_CAREFUL);
  return true;
}

/* --- the facade ------------------------------------------------------------------------------------------------------------ */

/* First easy or medium task in list order, else the first. */
static uint32_t modest_task(const civ_view *view)
{
  const civ_task_service *tasks = view->tasks;
  const uint32_t n = tasks->available(tasks->self, view->self);
  uint32_t first = CIV_NONE;
  for (uint32_t k = 0; k < n; k++) {
    civ_task_view task;
    tasks->available_at(tasks->self, view->self, k, &task);
    if (task.difficulty == CIV_EASY || task.difficulty == CIV_MEDIUM)
      return task.task;
    if (first == CIV_NONE)
      first = task.task;
  }
  return first;
}

static bool works(const civ_view *view, civ_action *out)
{
  civ_task_view task;
  if (civ_first_active_task(view, &task)) {
    civ_move_submit(out, task.task, CIV_OUTPUT_CAREFUL);
    return true;
  }
  if (!civ_view_may(view, CIV_QUOTA_TASKS))
    return false;
  const uint32_t chosen = modest_task(view);
  if (chosen == CIV_NONE)
    return false;
  civ_move_claim(out, chosen);
  return true;
}

/* Uniform over the visible agents still being won over. Drawing among all and refusing the others is exact and hits at
 * once unless most are known well; only they are ever looked at one by one, so this is cheap in large populations. */
static civ_agent newcomer(const deceptive *d, uint32_t slot, const civ_view *view, civ_draws *draws)
{
  const uint32_t n = civ_view_visible(view);
  if (config_of(d, slot)->trust_building_phase == 0)
    return CIV_NOBODY;
  for (int try = 0; try < QUICK_TRIES && n > 0; try++) {
    const civ_agent x = civ_view_visible_at(view, civ_draw_index(draws, n));
    if (building(d, slot, x))
      return x;
  }
  uint32_t count = 0;
  for (civ_agent x = view->ask->visible_from(view, 0); x != CIV_NOBODY; x = view->ask->visible_from(view, x + 1))
    count += building(d, slot, x);
  if (count == 0)
    return CIV_NOBODY;
  uint32_t nth = civ_draw_index(draws, count);
  civ_agent x = view->ask->visible_from(view, 0);
  while (!building(d, slot, x) || nth-- != 0)
    x = view->ask->visible_from(view, x + 1);
  return x;
}

static void facade(const deceptive *d, uint32_t slot, const civ_view *view, civ_draws *draws, civ_action *out)
{
  const civ_feed_service *feed = view->feed;
  if (works(view, out))
    return;
  if (civ_view_may(view, CIV_QUOTA_POSTS) && civ_draw_chance(draws, config_of(d, slot)->post_probability)) {
    civ_move_post(out, &civ_texts_deceptive, draws);
    return;
  }
  const uint32_t posts = feed->visible(feed->self);
  if (civ_view_may(view, CIV_QUOTA_VOTES) && posts > 0 && (!d->learning || civ_draw_chance(draws, LEARNED_VOTE))) {
    civ_move_vote(out, feed->visible_ids(feed->self)[civ_draw_index(draws, posts)], 1);
    return;
  }
  *out = civ_action_make(CIV_ACTION_NOOP);
  if (civ_view_may(view, CIV_QUOTA_INTERACTIONS)) {
    const civ_agent x = newcomer(d, slot, view, draws);
    if (x != CIV_NOBODY)
      civ_move_propose(out, x, CIV_COLLABORATION);
  }
}

static bool trades(const civ_view *view, civ_draws *draws, civ_action *out)
{
  if (civ_has_bids(view) && civ_draw_chance(draws, AWARD_PROBABILITY)) {
    civ_move_accept_lowest(view, out);
    return true;
  }
  if (civ_bounties_on_offer(view) == 0 || !civ_draw_chance(draws, BID_PROBABILITY))
    return false;
  civ_move_bid_best(view, LOWEST_BID, HIGHEST_BID, LEAST_BID, draws, out);
  return true;
}

static civ_verdict act(void *self, const civ_view *view, civ_draws *draws, civ_action *out)
{
  const deceptive *d = self;
  const uint32_t slot = civ_minds_slot(&d->minds, view->self);
  if (trades(view, draws, out))
    return CIV_ACT;
  const civ_proposal *proposal = civ_view_oldest(view);
  if (proposal) {
    const double q = building(d, slot, proposal->initiator) ? BUILDING_ACCEPTANCE : LATER_ACCEPTANCE;
    civ_move_answer(out, proposal, civ_draw_chance(draws, q));
    return CIV_ACT;
  }
  if (!exploits(row_of(d, slot)) || !exploit(d, slot, view, draws, out))
    facade(d, slot, view, draws, out);
  return CIV_ACT;
}

/* Proposals of x that are older than this one and get their answer in the same breath (simultaneous turns): each counts
 * before the next. Two of one author can only be open together when the older was made in an earlier step. */
static uint32_t older_ones(const civ_view *view, const civ_proposal *proposal)
{
  uint32_t n = 0;
  for (const civ_proposal *p = civ_view_oldest(view);
       p && p->id != proposal->id && (p->epoch != view->epoch || p->step != view->step);
       p = view->ask->pending(view, p))
    n += p->initiator == proposal->initiator;
  return n;
}

/* Decides by the count before this proposal; `answered` counts it. */
static civ_verdict accept(void *self, const civ_view *view, const civ_proposal *proposal, civ_draws *draws)
{
  const deceptive *d = self;
  const uint32_t slot = civ_minds_slot(&d->minds, view->self);
  if (wins_over(d, slot, (uint64_t)encounters(d, slot, proposal->initiator) + older_ones(view, proposal)))
    return civ_draw_chance(draws, config_of(d, slot)->facade_probability) ? CIV_YES : CIV_NO;
  return trust(d, slot, proposal->initiator, FIRST_TRUST) > TRUST_TO_ACCEPT ? CIV_YES : CIV_NO;
}

static bool offer(void *self, const civ_view *view, civ_agent counterparty, civ_offer *out)
{
  const deceptive *d = self;
  const uint32_t slot = civ_minds_slot(&d->minds, view->self);
  if (building(d, slot, counterparty)) {
    *out = (civ_offer){ .type = CIV_COLLABORATION, .transfer = GIFT };
    return true;
  }
  if (!(trust(d, slot, counterparty, FIRST_TRUST) > config_of(d, slot)->exploitation_threshold))
    return false;
  *out = (civ_offer){ .type = CIV_TRADE, .transfer = DEMAND };
  return true;
}

/* --- memory ---------------------------------------------------------------------------------------------------------------- */

static void count_encounter(deceptive *d, civ_agent a, civ_agent x)
{
  const uint32_t slot = civ_minds_slot(&d->minds, a);
  civ_pair *pair = civ_pairs_touch(d->others, slot, x);
  pair->count++;
  row_of(d, slot)->encounters++;
  civ_minds_learned(&d->minds, (uint64_t)a << 32 | x, pair->count);
}

static void answered(void *self, civ_agent a, const civ_proposal *proposal, civ_decided_in where, bool accepted)
{
  deceptive *d = self;
  (void)accepted;
  if (where == CIV_IN_RESOLUTION || d->learning)
    count_encounter(d, a, proposal->initiator);
}

static void set_trust(deceptive *d, uint32_t slot, civ_pair *pair, double value)
{
  const double threshold = config_of(d, slot)->exploitation_threshold;
  deceptive_row *row = row_of(d, slot);
  row->trusting -= trust_score(pair) > threshold;
  pair->extra |= HAS_TRUST;
  pair->value = value;
  row->trusting += value > threshold;
  civ_pairs_changed(d->others, pair);
}

static void learn(void *self, civ_agent a, const civ_interaction *record, double payoff)
{
  deceptive *d = self;
  (void)payoff;
  if (!record->accepted)
    return;
  const bool mine = record->initiator == a;
  const civ_agent x = mine ? record->counterparty : record->initiator;
  const uint32_t slot = civ_minds_slot(&d->minds, a);
  civ_pair *pair = civ_pairs_touch(d->others, slot, x);
  const double raised = (pair->extra & HAS_TRUST ? pair->value : FIRST_TRUST) + TRUST_STEP;
  set_trust(d, slot, pair, raised < 1 ? raised : 1);
  civ_minds_learned(&d->minds, (uint64_t)a << 32 | x, civ_real_bits(raised));
  if (mine && d->learning)
    count_encounter(d, a, x);
}

static void foresee(const void *self, civ_agent a, civ_agent x, civ_foresight when)
{
  const deceptive *d = self;
  civ_minds_foresee(&d->minds, d->others, a, x, when);
}

static civ_status save(void *self, civ_bytes *out)
{
  deceptive *d = self;
  const civ_status status = make_memory(d);
  if (status != CIV_OK)
    return status;
  civ_bytes_put_u64(out, d->minds.digest);
  civ_pairs_save(d->others, out);
  return out->failed ? CIV_E_NOMEM : CIV_OK;
}

/* The sums follow from the pairs. */
static void count_again(deceptive *d)
{
  for (uint32_t slot = 0; slot < d->minds.n; slot++) {
    deceptive_row *row = row_of(d, slot);
    const double threshold = config_of(d, slot)->exploitation_threshold;
    row->trusting = 0;
    row->encounters = 0;
    for (const civ_pair *p = civ_pairs_first(d->others, slot); p; p = civ_pairs_next(d->others, p)) {
      row->trusting += trust_score(p) > threshold;
      row->encounters += p->count;
    }
  }
}

static civ_status load(void *self, civ_bytes_reader *in, civ_error *err)
{
  deceptive *d = self;
  if (make_memory(d) != CIV_OK)
    return civ_fail(err, CIV_E_NOMEM, "checkpoint", "out of memory while loading the deceptive agents");
  d->minds.digest = civ_bytes_u64(in);
  civ_status status = civ_pairs_load(d->others, in, err);
  count_again(d);
  return status;
}

/* --- questions -------------------------------------------------------------------------------------------------------------- */

double civ_deceptive_trust(const void *self, civ_agent a, civ_agent x)
{
  const deceptive *d = self;
  return trust(d, civ_minds_slot(&d->minds, a), x, NAN);
}

uint32_t civ_deceptive_encounters(const void *self, civ_agent a, civ_agent x)
{
  const deceptive *d = self;
  return encounters(d, civ_minds_slot(&d->minds, a), x);
}

bool civ_deceptive_exploits(const void *self, civ_agent a)
{
  const deceptive *d = self;
  return exploits(row_of(d, civ_minds_slot(&d->minds, a)));
}

civ_agent civ_deceptive_victim(const void *self, const civ_view *view)
{
  const deceptive *d = self;
  return victim(d, civ_minds_slot(&d->minds, view->self), view);
}

civ_status civ_deceptive_plant(void *self, civ_agent a, civ_agent x, double value, uint32_t count)
{
  deceptive *d = self;
  const uint32_t slot = civ_minds_slot(&d->minds, a);
  civ_status status = make_memory(d);
  if (status == CIV_OK)
    status = civ_pairs_reserve(d->others, 1);
  if (status != CIV_OK)
    return status;
  civ_pair *pair = civ_pairs_touch(d->others, slot, x);
  row_of(d, slot)->encounters += (uint64_t)count - pair->count;
  pair->count = count;
  if (isnan(value)) {
    row_of(d, slot)->trusting -= trust_score(pair) > config_of(d, slot)->exploitation_threshold;
    pair->extra = 0;
    civ_pairs_changed(d->others, pair);
  } else
    set_trust(d, slot, pair, value);
  civ_minds_learned(&d->minds, (uint64_t)a << 32 | x, civ_real_bits(value) ^ count);
  return CIV_OK;
}

const civ_policy civ_policy_deceptive = { .version = CIV_PART_VERSION,
                                          .name = "deceptive",
                                          .doc = "Plays fair until it is trusted, then trades on that trust.",
                                          .agent_type = CIV_DECEPTIVE,
                                          .config = &config_section,
                                          .create = create,
                                          .destroy = destroy,
                                          .enrol = civ_minds_enrol,
                                          .reserve = reserve,
                                          .act = act,
                                          .accept = accept,
                                          .offer = offer,
                                          .answered = answered,
                                          .foresee = foresee,
                                          .learn = learn,
                                          .digest = civ_minds_digest,
                                          .save = save,
                                          .load = load };
