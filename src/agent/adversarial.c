/* Adversarial: attacks honest agents it has found worth it, on every second turn at most, and disturbs in between. */
#include <math.h>

#include "agent/minds.h"
#include "agent/moves.h"
#include "agent/policies.h"
#include "agent/sightings.h"
#include "base/digest.h"
#include "civitas/config.h"

static const double WEALTHY = 50, WELL_REPUTED = 0; /* an honest agent above either is a target */
static const double WEALTH_FOR_BAIT = 10, BAIT_PROBABILITY = 0.2, DISPUTE_PROBABILITY = 0.4;
static const double BLIND_ACCEPTANCE = 0.4, COLLABORATION_ACCEPTANCE = 0.3, OTHER_ACCEPTANCE = 0.5;
static const double DEMAND = -1.0;  /* transfer offered to a target */
enum { REST = 2 };                  /* turns from one attack to the next */
enum { FEW = 64, QUICK_TRIES = 8 }; /* how many fallen targets are looked at one by one before drawing is tried first */

static const civ_field config_fields[] = {
  CIV_BOOLEAN(civ_adversarial_config, target_honest, "true", "whether honest agents become targets"),
  CIV_REAL(civ_adversarial_config, post_probability, "0.5", 0, 1, "probability",
           "probability of a disturbing post in a free turn without an attack"),
  CIV_REAL(civ_adversarial_config, attack_probability, "0.6", 0, 1, "probability",
           "probability of attacking when the last attack is two turns old"),
  CIV_REAL(civ_adversarial_config, aggression_level, "0.7", 0, 1, "share", "read by nothing",
           .flags = CIV_FIELD_NO_EFFECT),
  CIV_BOOLEAN(civ_adversarial_config, coordination_enabled, "true", "read by nothing", .flags = CIV_FIELD_NO_EFFECT),
};

static const civ_section config_section = { .name = "agents.adversarial",
                                            .doc = "How an adversarial agent decides.",
                                            .chapter = "agents",
                                            .fields = config_fields,
                                            .n_fields = sizeof config_fields / sizeof *config_fields,
                                            .size = sizeof(civ_adversarial_config) };

typedef struct adversarial_row {
  civ_mind mind;
  uint8_t cooldown; /* as the last turn left it */
  bool attacking;   /* this turn's action is an attack, until `done` */
  uint64_t looked;  /* digest of what this turn has seen for the first time, until `done` */
} adversarial_row;

typedef struct adversarial {
  civ_minds minds;
  civ_turn_times *times; /* of each slot; made when all are enrolled */
  uint32_t n_times;
  civ_sightings targets, allies;
  uint32_t fallen; /* watch: honest agents that would not be chosen as targets now */
  bool dead_bounties;
} adversarial;

static bool worth_attacking(const civ_population *p, civ_agent a, const void *arg)
{
  (void)arg;
  return p->type[a] == CIV_HONEST && (p->resources[a] > WEALTHY || p->reputation[a] > WELL_REPUTED);
}

static bool not_worth_attacking(const civ_population *p, civ_agent a, const void *arg)
{
  return p->type[a] == CIV_HONEST && !worth_attacking(p, a, arg);
}

static bool kindred(const civ_population *p, civ_agent a, const void *arg)
{
  (void)arg;
  return p->type[a] == CIV_ADVERSARIAL;
}

static void destroy(void *self)
{
  adversarial *v = self;
  civ_sightings_fini(&v->targets);
  civ_sightings_fini(&v->allies);
  if (v->times)
    civ_release(v->minds.allocator, v->times, ((size_t)v->n_times + 1) * sizeof *v->times);
  civ_minds_destroy(v);
}

static civ_status create(civ_host *host, void **self, civ_error *err)
{
  void *made;
  civ_status status = civ_minds_create(host, "adversarial policy", sizeof(adversarial), sizeof(adversarial_row),
                                       sizeof(civ_adversarial_config), &made, err);
  if (status != CIV_OK)
    return status;
  adversarial *v = made;
  v->dead_bounties = civ_minds_simulation(host)->dead_bounties;
  status = civ_sightings_init(&v->targets, host, CIV_HONEST, worth_attacking, err);
  if (status == CIV_OK)
    status = civ_sightings_init(&v->allies, host, CIV_ADVERSARIAL, kindred, err);
  if (status == CIV_OK)
    status = host->call->watch(host, not_worth_attacking, NULL, &v->fallen, err);
  if (status == CIV_OK)
    *self = v;
  else
    destroy(v);
  return status;
}

static civ_status make_times(adversarial *v)
{
  if (!v->times) {
    v->times = civ_zeroed(v->minds.allocator, (size_t)v->minds.n + 1, sizeof *v->times);
    v->n_times = v->minds.n;
  }
  return v->times ? CIV_OK : CIV_E_NOMEM;
}

static civ_status reserve(void *self, const civ_demand *demand)
{
  adversarial *v = self;
  (void)demand;
  civ_status status = make_times(v);
  if (status == CIV_OK)
    status = civ_sightings_reserve(&v->targets, &v->minds, v->times);
  return status == CIV_OK ? civ_sightings_reserve(&v->allies, &v->minds, v->times) : status;
}

static adversarial_row *row_of(const adversarial *v, uint32_t slot)
{
  return civ_minds_row(&v->minds, slot);
}

static const civ_adversarial_config *config_of(const adversarial *v, uint32_t slot)
{
  return civ_minds_config(&v->minds, slot);
}

/* --- the sets, on the agent's own turn --------------------------------------------------------------------------------------- */

static void look_around(adversarial *v, uint32_t slot, const civ_view *view)
{
  civ_turn_times *times = &v->times[slot];
  times->before = times->last;
  times->last = view->moment;
  row_of(v, slot)->looked = civ_sightings_look(&v->allies, view, slot);
  if (config_of(v, slot)->target_honest)
    row_of(v, slot)->looked ^= civ_sightings_look(&v->targets, view, slot);
}

static bool is_target(const adversarial *v, uint32_t slot, const civ_view *view, civ_agent x)
{
  return config_of(v, slot)->target_honest && civ_sightings_has_now(&v->targets, view, slot, x);
}

/* Visible members of the watch below x. */
static uint32_t members_below(const civ_view *view, uint32_t watch, civ_agent x)
{
  uint32_t low = 0, high = view->ask->watched(view, watch);
  while (low < high) {
    const uint32_t middle = low + (high - low) / 2;
    if (view->ask->watched_at(view, watch, middle) < x)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

/* The nth visible target in index order, fallen ones in their places between the others. */
static civ_agent nth_target(const adversarial *v, uint32_t slot, const civ_view *view, uint32_t nth)
{
  const uint32_t fallen = view->ask->watched(view, v->fallen);
  uint32_t passed = 0;
  for (uint32_t k = 0; k < fallen; k++) {
    const civ_agent x = view->ask->watched_at(view, v->fallen, k);
    if (!is_target(v, slot, view, x))
      continue;
    const uint32_t place = passed + members_below(view, v->targets.watch, x);
    if (place == nth)
      return x;
    if (place > nth)
      break;
    passed++;
  }
  return view->ask->watched_at(view, v->targets.watch, nth - passed);
}

/* Uniform over visible targets: those worth attacking now, all seen by this very turn, and those that once were. */
static civ_agent choose_target(const adversarial *v, uint32_t slot, const civ_view *view, civ_draws *draws)
{
  if (!config_of(v, slot)->target_honest)
    return CIV_NOBODY;
  const uint32_t worthy = view->ask->watched(view, v->targets.watch);
  const uint32_t fallen = view->ask->watched(view, v->fallen);
  for (int try = 0; try < QUICK_TRIES && fallen > FEW; try++) {
    const uint32_t k = civ_draw_index(draws, worthy + fallen);
    if (k < worthy)
      return view->ask->watched_at(view, v->targets.watch, k);
    const civ_agent x = view->ask->watched_at(view, v->fallen, k - worthy);
    if (is_target(v, slot, view, x))
      return x;
  }
  uint32_t count = worthy;
  for (uint32_t k = 0; k < fallen; k++)
    count += is_target(v, slot, view, view->ask->watched_at(view, v->fallen, k));
  return count ? nth_target(v, slot, view, civ_draw_index(draws, count)) : CIV_NOBODY;
}

/* --- the turn ------------------------------------------------------------------------------------------------------------------ */

/* Contests work it has paid for, or was paid for. */
static bool disputes(const civ_view *view, civ_draws *draws, civ_action *out)
{
  const uint32_t held = view->market ? view->market->escrows(view->market->self, view->self) : 0;
  if (held == 0 || !civ_draw_chance(draws, DISPUTE_PROBABILITY))
    return false;
  civ_move_dispute(out, view->market->escrow_at(view->market->self, view->self, civ_draw_index(draws, held)));
  return true;
}

static bool sets_bait(const adversarial *v, const civ_view *view, civ_draws *draws)
{
  return view->population->resources[view->self] > WEALTH_FOR_BAIT && (view->market || !v->dead_bounties) &&
         civ_draw_chance(draws, BAIT_PROBABILITY);
}

/* A trade with a target, a task claimed to waste it, or an attack in words. */
static bool attack(const adversarial *v, uint32_t slot, const civ_view *view, civ_draws *draws, civ_action *out)
{
  const civ_task_service *tasks = view->tasks;
  if (civ_view_may(view, CIV_QUOTA_INTERACTIONS)) {
    const civ_agent x = choose_target(v, slot, view, draws);
    if (x != CIV_NOBODY) {
      civ_move_propose(out, x, CIV_TRADE);
      return true;
    }
  }
  if (civ_view_may(view, CIV_QUOTA_TASKS) && tasks->available(tasks->self, view->self) > 0) {
    civ_task_view task;
    tasks->available_at(tasks->self, view->self, 0, &task);
    civ_move_claim(out, task.task);
    return true;
  }
  if (!civ_view_may(view, CIV_QUOTA_POSTS))
    return false;
  civ_move_post(out, &civ_texts_attack, draws);
  return true;
}

/* Down: the best ranked post of a target, else the post with the most votes. */
static void vote_down(const adversarial *v, uint32_t slot, const civ_view *view, civ_action *out)
{
  const civ_feed_service *feed = view->feed;
  const uint32_t n = feed->visible(feed->self);
  const uint32_t *ids = feed->visible_ids(feed->self);
  uint32_t chosen = CIV_NONE;
  double most = -INFINITY;
  for (uint32_t k = 0; k < n; k++) {
    civ_post_view post;
    feed->post(feed->self, ids[k], &post);
    if (is_target(v, slot, view, post.author)) {
      chosen = ids[k];
      break;
    }
    if (post.net_votes > most) {
      most = post.net_votes;
      chosen = ids[k];
    }
  }
  civ_move_vote(out, chosen, -1);
}

static void propose(const adversarial *v, uint32_t slot, const civ_view *view, civ_draws *draws, civ_action *out)
{
  civ_agent x = choose_target(v, slot, view, draws);
  if (x == CIV_NOBODY) {
    const uint32_t n = civ_view_visible(view);
    if (n == 0)
      return;
    x = civ_view_visible_at(view, civ_draw_index(draws, n));
  }
  civ_move_propose(out, x, CIV_TRADE);
}

static civ_verdict act(void *self, const civ_view *view, civ_draws *draws, civ_action *out)
{
  adversarial *v = self;
  const uint32_t slot = civ_minds_slot(&v->minds, view->self);
  adversarial_row *row = row_of(v, slot);
  const civ_adversarial_config *c = config_of(v, slot);
  row->attacking = false;
  look_around(v, slot, view);
  if (sets_bait(v, view, draws)) {
    civ_move_bounty(out, civ_draw_between(draws, 1, 5), (int64_t)view->epoch + 1);
    return CIV_ACT;
  }
  if (disputes(view, draws, out))
    return CIV_ACT;
  const civ_proposal *proposal = civ_view_oldest(view);
  if (proposal) {
    const bool friendly = civ_sightings_has_now(&v->allies, view, slot, proposal->initiator) ||
                          is_target(v, slot, view, proposal->initiator);
    civ_move_answer(out, proposal, friendly || civ_draw_chance(draws, BLIND_ACCEPTANCE));
    return CIV_ACT;
  }
  if (row->cooldown <= 1 && civ_draw_chance(draws, c->attack_probability)) {
    row->attacking = attack(v, slot, view, draws, out);
    if (row->attacking)
      return CIV_ACT;
  }
  if (civ_view_may(view, CIV_QUOTA_POSTS) && civ_draw_chance(draws, c->post_probability)) {
    civ_move_post(out, &civ_texts_adversarial, draws);
    return CIV_ACT;
  }
  if (civ_view_may(view, CIV_QUOTA_VOTES) && view->feed->visible(view->feed->self) > 0) {
    vote_down(v, slot, view, out);
    return CIV_ACT;
  }
  *out = civ_action_make(CIV_ACTION_NOOP);
  if (civ_view_may(view, CIV_QUOTA_INTERACTIONS))
    propose(v, slot, view, draws, out);
  return CIV_ACT;
}

bool civ_adversarial_targets(const void *self, const civ_view *view, civ_agent x)
{
  const adversarial *v = self;
  const uint32_t slot = civ_minds_slot(&v->minds, view->self);
  return config_of(v, slot)->target_honest && civ_sightings_had(&v->targets, view, slot, x);
}

bool civ_adversarial_allies(const void *self, const civ_view *view, civ_agent x)
{
  const adversarial *v = self;
  return x != view->self && civ_sightings_had(&v->allies, view, civ_minds_slot(&v->minds, view->self), x);
}

static civ_verdict accept(void *self, const civ_view *view, const civ_proposal *proposal, civ_draws *draws)
{
  if (proposal->type == CIV_TRADE || civ_adversarial_allies(self, view, proposal->initiator) ||
      civ_adversarial_targets(self, view, proposal->initiator))
    return CIV_YES;
  const double q = proposal->type == CIV_COLLABORATION ? COLLABORATION_ACCEPTANCE : OTHER_ACCEPTANCE;
  return civ_draw_chance(draws, q) ? CIV_YES : CIV_NO;
}

/* Asked for a proposal of its own turn, so everybody visible has been seen by it. */
static bool offer(void *self, const civ_view *view, civ_agent counterparty, civ_offer *out)
{
  if (civ_adversarial_allies(self, view, counterparty)) {
    *out = (civ_offer){ .type = CIV_COLLABORATION };
    return true;
  }
  if (!civ_adversarial_targets(self, view, counterparty))
    return false;
  *out = (civ_offer){ .type = CIV_TRADE, .transfer = DEMAND };
  return true;
}

/* The end of a turn: the cooldown it found runs down by one; an attack sets it anew, even one that failed. */
static void done(void *self, civ_agent a, const civ_action *action, bool ok)
{
  adversarial *v = self;
  (void)action;
  (void)ok;
  const uint32_t slot = civ_minds_slot(&v->minds, a);
  adversarial_row *row = row_of(v, slot);
  row->cooldown = row->attacking ? REST : row->cooldown ? (uint8_t)(row->cooldown - 1) : 0;
  civ_minds_learned(&v->minds, (uint64_t)a << 32 | row->cooldown, row->looked ^ v->times[slot].last);
}

static uint64_t digest(void *self)
{
  const adversarial *v = self;
  return civ_digest_mix(v->minds.digest, v->targets.digest, v->allies.digest);
}

static civ_status save(void *self, civ_bytes *out)
{
  adversarial *v = self;
  /* Before the first step there is nothing yet; accounting would change what is to be saved. */
  civ_status status = make_times(v);
  if (status == CIV_OK)
    status = civ_sightings_make(&v->targets, &v->minds);
  if (status == CIV_OK)
    status = civ_sightings_make(&v->allies, &v->minds);
  if (status != CIV_OK)
    return status;
  civ_bytes_put_u64(out, v->minds.digest);
  for (uint32_t slot = 0; slot < v->minds.n; slot++) {
    civ_bytes_put_u64(out, v->times[slot].last);
    civ_bytes_put_u64(out, v->times[slot].before);
    civ_bytes_put_u8(out, row_of(v, slot)->cooldown);
  }
  civ_sightings_save(&v->targets, out);
  civ_sightings_save(&v->allies, out);
  return out->failed ? CIV_E_NOMEM : CIV_OK;
}

static civ_status load(void *self, civ_bytes_reader *in, civ_error *err)
{
  adversarial *v = self;
  if (make_times(v) != CIV_OK)
    return civ_fail(err, CIV_E_NOMEM, "checkpoint", "out of memory while loading the adversarial agents");
  v->minds.digest = civ_bytes_u64(in);
  for (uint32_t slot = 0; slot < v->minds.n; slot++) {
    v->times[slot].last = civ_bytes_u64(in);
    v->times[slot].before = civ_bytes_u64(in);
    row_of(v, slot)->cooldown = civ_bytes_u8(in);
  }
  civ_status status = civ_sightings_load(&v->targets, &v->minds, v->times, in, err);
  if (status == CIV_OK)
    status = civ_sightings_load(&v->allies, &v->minds, v->times, in, err);
  return status;
}

uint32_t civ_adversarial_cooldown(const void *self, civ_agent a)
{
  const adversarial *v = self;
  return row_of(v, civ_minds_slot(&v->minds, a))->cooldown;
}

const civ_policy civ_policy_adversarial = { .version = CIV_PART_VERSION,
                                            .name = "adversarial",
                                            .doc = "Attacks honest agents, wastes tasks, votes them down.",
                                            .agent_type = CIV_ADVERSARIAL,
                                            .config = &config_section,
                                            .create = create,
                                            .destroy = destroy,
                                            .enrol = civ_minds_enrol,
                                            .reserve = reserve,
                                            .act = act,
                                            .accept = accept,
                                            .offer = offer,
                                            .done = done,
                                            .digest = digest,
                                            .save = save,
                                            .load = load };
