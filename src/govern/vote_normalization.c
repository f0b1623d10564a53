/* Vote normalization: the more an agent has voted in an epoch the less its next vote weighs, and a cap may end its influence.
 * The feed asks for the weight of a vote that changes something; others look at the same number and change nothing. */
#include "base/bits.h"
#include "base/bytes.h"
#include "base/digest.h"
#include "govern/governed.h"
#include "govern/levers.h"

typedef struct vote_normalization {
  civ_governed base; /* must stay first; columns: weight exerted in this epoch */
  const civ_feed_service *feed;
  double asked; /* weight of the vote being executed: 0 when it changes nothing */
  uint64_t digest;
} vote_normalization;

static bool wanted(const civ_host *host)
{
  const civ_governance_config *rules = civ_governance_of(host);
  return rules != NULL && rules->vote_weight_in_ranking;
}

static civ_status create(civ_host *host, void **self, civ_error *err)
{
  const civ_status st = civ_governed_create(host, civ_lever_vote_normalization.name, sizeof(vote_normalization),
                                            sizeof(double), self, err);
  if (st == CIV_OK)
    ((vote_normalization *)*self)->feed = host->call->service(host, "feed");
  return st;
}

double civ_vote_weight(bool enabled, double most, uint32_t cast)
{
  return enabled ? 1.0 / (1.0 + cast / most) : 1.0;
}

static double *exerted(const vote_normalization *l, civ_agent a)
{
  return (double *)l->base.columns + a;
}

static double vote_weight(void *self, civ_agent a)
{
  const vote_normalization *l = self;
  const civ_governance_config *rules = l->base.rules;
  const uint32_t cast = l->base.host->call->quota_used(l->base.host, a, CIV_QUOTA_VOTES);
  const double weight = civ_vote_weight(rules->vote_normalization_enabled, rules->max_vote_weight_per_agent, cast);
  if (!rules->vote_weight_cap.set)
    return weight;
  const double left = rules->vote_weight_cap.value - *exerted(l, a);
  return left <= 0 ? 0 : weight < left ? weight : left;
}

/* Refuses nothing: only here it can be seen whether a vote repeats one in force, which costs nothing of the cap. */
static const char *admits_action(void *self, civ_agent a, const civ_action *action)
{
  vote_normalization *l = self;
  if (action->kind != CIV_ACTION_VOTE)
    return NULL;
  const bool repeats =
      l->feed != NULL && l->feed->voted(l->feed->self, a, action->target) == (action->vote_direction > 0);
  l->asked = repeats ? 0 : vote_weight(self, a);
  return NULL;
}

static void charge(void *self, civ_agent a, const civ_action *action)
{
  vote_normalization *l = self;
  if (action->kind != CIV_ACTION_VOTE || l->asked == 0)
    return;
  *exerted(l, a) += l->asked;
  l->digest = civ_digest_mix(l->digest, a, civ_real_bits(*exerted(l, a)));
}

static void epoch_begin(void *self, uint32_t epoch, civ_effect *effect)
{
  vote_normalization *l = self;
  (void)epoch;
  (void)effect;
  memset(l->base.columns, 0, l->base.agents * sizeof(double));
}

static uint64_t digest(void *self)
{
  return ((const vote_normalization *)self)->digest;
}

static civ_status save(void *self, civ_bytes *out)
{
  const vote_normalization *l = self;
  civ_bytes_put_u64(out, l->digest);
  civ_bytes_put_reals(out, l->base.columns, l->base.agents);
  return CIV_OK;
}

static civ_status load(void *self, civ_bytes_reader *in, civ_error *err)
{
  vote_normalization *l = self;
  const uint64_t digest_then = civ_bytes_u64(in);
  if (!civ_bytes_reals(in, l->base.columns, l->base.agents))
    return civ_governed_misfit(&l->base, civ_lever_vote_normalization.name, err);
  l->digest = digest_then;
  return CIV_OK;
}

const civ_lever civ_lever_vote_normalization = {
  .version = CIV_PART_VERSION,
  .name = "vote_normalization",
  .doc = "Later votes of one agent weigh less in the ranking of the feed, up to a cap for each epoch.",
  .wanted = wanted,
  .create = create,
  .destroy = civ_governed_destroy,
  .admits_action = admits_action,
  .charge = charge,
  .epoch_begin = epoch_begin,
  .vote_weight = vote_weight,
  .digest = digest,
  .save = save,
  .load = load,
};
