/* The feed as a world of the loop: it owns posts, replies and votes, and answers what agents see of them. */
#include <math.h>

#include "base/memory.h"
#include "civitas/config.h"
#include "world/feed.h"
#include "world/texts.h"
#include "world/worlds.h"

enum { VISIBLE_POSTS = 20, BYTES_PER_CHARACTER = 4 };

typedef struct feed_world {
  civ_host *host;
  civ_feed *feed;
  bool weighted;                       /* votes weigh what the levers say */
  uint64_t most_characters;            /* posts and replies are cut to this */
  uint64_t posts_before, votes_before; /* at the begin of the epoch */
  civ_feed_service service;
} feed_world;

/* --- service --------------------------------------------------------------------------------------------------------------- */

static uint32_t visible(void *self)
{
  const uint32_t *ids;
  return civ_feed_visible(self, &ids);
}

static const uint32_t *visible_ids(void *self)
{
  const uint32_t *ids;
  civ_feed_visible(self, &ids);
  return ids;
}

static uint64_t generation(void *self)
{
  return civ_feed_generation(self);
}

static void post_view(void *self, uint32_t post, civ_post_view *out)
{
  civ_feed_view(self, post, out);
}

static uint32_t n_posts(void *self)
{
  return civ_feed_count(self);
}

static bool hide(void *self, uint32_t post, const char *reason)
{
  const civ_text text = { reason == NULL ? "" : reason, reason == NULL ? 0 : (uint32_t)strlen(reason) };
  return civ_feed_hide(self, post, text);
}

static bool flag(void *self, uint32_t post, civ_agent reporter)
{
  return civ_feed_flag(self, post, reporter);
}

static void standing(void *self, uint32_t post, double *net_votes, uint32_t *replies)
{
  civ_feed_standing(self, post, net_votes, replies);
}

static int voted(void *self, civ_agent a, uint32_t post)
{
  return civ_feed_voted(self, a, post);
}

static const void *service(void *self, const char *name)
{
  const feed_world *w = self;
  return strcmp(name, "feed") == 0 ? &w->service : NULL;
}

/* --- life ------------------------------------------------------------------------------------------------------------------ */

/* max(1, round(20 (1 - scarcity))), halves to even as the scenario chapter's language rounds. */
static uint32_t visible_limit(const civ_environment_config *environment)
{
  const double scarcity = environment == NULL ? 0 : environment->attention_scarcity;
  const double wanted = nearbyint(VISIBLE_POSTS * (1 - scarcity));
  return wanted < 1 ? 1 : (uint32_t)wanted;
}

static void destroy(void *self)
{
  feed_world *w = self;
  if (w == NULL)
    return;
  civ_feed_destroy(w->feed);
  civ_release(w->host->call->allocator(w->host), w, sizeof *w);
}

static civ_status create(civ_host *host, void **self, civ_error *err)
{
  const civ_allocator *allocator = host->call->allocator(host);
  const civ_simulation_config *simulation = host->call->section(host, "simulation");
  const civ_governance_config *governance = host->call->section(host, "governance");
  feed_world *w = civ_zeroed(allocator, 1, sizeof *w);
  if (w == NULL)
    return civ_fail(err, CIV_E_NOMEM, "feed", "out of memory");
  w->host = host;
  civ_feed_options options = civ_feed_options_default(host->call->population(host)->n);
  options.visible = visible_limit(host->call->section(host, "environment"));
  options.seconds_per_step = simulation->seconds_per_step;
  options.weighted = governance != NULL && governance->vote_weight_in_ranking;
  w->weighted = options.weighted;
  w->most_characters = (uint64_t)simulation->max_content_length;
  const civ_status status = civ_feed_create(&options, allocator, &w->feed, err);
  if (status != CIV_OK) {
    destroy(w);
    return status;
  }
  const civ_feed_service table = { w->feed, visible, visible_ids, generation, post_view,
                                   n_posts, hide,    flag,        voted,      standing };
  w->service = table;
  *self = w;
  return CIV_OK;
}

static civ_status reserve(void *self, const civ_demand *demand)
{
  feed_world *w = self;
  const uint64_t own = civ_feed_options_default(0).most_characters;
  const uint64_t characters = w->most_characters < own ? w->most_characters : own;
  return civ_feed_reserve(w->feed, demand->turns, BYTES_PER_CHARACTER * characters);
}

static bool vote(feed_world *w, civ_agent a, uint32_t post, bool up)
{
  if (!w->weighted)
    return civ_feed_vote(w->feed, a, post, up);
  return civ_feed_vote_weighing(w->feed, a, post, up, w->host->call->vote_weight(w->host, a));
}

static bool apply(void *self, civ_agent a, const civ_action *action)
{
  feed_world *w = self;
  civ_text content = action->content;
  switch (action->kind) {
  case CIV_ACTION_VOTE:
    return vote(w, a, action->target, action->vote_direction > 0);
  case CIV_ACTION_REPLY:
    if (action->target == CIV_NONE)
      return false; /* would be an orphan no list ever shows */
    break;
  case CIV_ACTION_POST:
    break;
  default:
    return false;
  }
  content.length = civ_text_cut(content, w->most_characters);
  return civ_feed_post(w->feed, a, content, action->kind == CIV_ACTION_REPLY ? action->target : CIV_NONE) != CIV_NONE;
}

static void foresee(const void *self, civ_agent a)
{
  const feed_world *w = self;
  civ_feed_foresee(w->feed, a);
}

static void step_begin(void *self)
{
  feed_world *w = self;
  civ_feed_set_step(w->feed, w->host->call->steps_done(w->host));
}

static void epoch_begin(void *self)
{
  feed_world *w = self;
  const civ_feed_statistics s = civ_feed_count_all(w->feed);
  w->posts_before = s.total_posts;
  w->votes_before = s.total_votes;
}

static void epoch_report(void *self, double *values)
{
  const feed_world *w = self;
  const civ_feed_statistics s = civ_feed_count_all(w->feed);
  values[0] = (double)s.total_posts;
  values[1] = (double)s.total_votes;
  values[2] = (double)s.total_posts - (double)w->posts_before;
  values[3] = (double)s.total_votes - (double)w->votes_before;
}

static void total_report(void *self, double *values)
{
  const feed_world *w = self;
  const civ_feed_statistics s = civ_feed_count_all(w->feed);
  values[0] = (double)s.total_posts;
  values[1] = (double)s.total_votes;
}

static uint64_t digest(void *self)
{
  const feed_world *w = self;
  return civ_feed_digest(w->feed);
}

static civ_status save(void *self, civ_bytes *out)
{
  const feed_world *w = self;
  civ_bytes_put_u64(out, w->posts_before);
  civ_bytes_put_u64(out, w->votes_before);
  civ_feed_save(w->feed, out);
  return CIV_OK;
}

static civ_status load(void *self, civ_bytes_reader *in, civ_error *err)
{
  feed_world *w = self;
  const uint64_t posts_before = civ_bytes_u64(in), votes_before = civ_bytes_u64(in);
  const civ_status status = civ_feed_load(w->feed, in, err);
  if (status != CIV_OK)
    return status;
  w->posts_before = posts_before;
  w->votes_before = votes_before;
  return CIV_OK;
}

static const uint8_t actions[] = { CIV_ACTION_POST, CIV_ACTION_REPLY, CIV_ACTION_VOTE, CIV_ACTION_KINDS };
static const char *const services[] = { "feed", NULL };
static const civ_metric_decl epoch_metrics[] = {
  { "total_posts", true, "posts and replies since the start, hidden ones included" },
  { "total_votes", true, "votes in force: distinct pairs of voter and post" },
  { "posts_this_epoch", true, "posts and replies made in this epoch" },
  { "votes_this_epoch", true, "votes in force that came in this epoch" },
  { NULL, false, NULL }
};
static const civ_metric_decl totals[] = {
  { "posts", true, "posts and replies at the end of the run, hidden ones included" },
  { "votes", true, "votes in force at the end of the run: distinct pairs of voter and post" },
  { NULL, false, NULL }
};

const civ_world civ_world_feed = {
  .version = CIV_PART_VERSION,
  .name = "feed",
  .doc = "Posts, replies and votes, ranked live: what one agent does the next one sees.",
  .actions = actions,
  .services = services,
  .epoch_metrics = epoch_metrics,
  .totals = totals,
  .create = create,
  .destroy = destroy,
  .service = service,
  .reserve = reserve,
  .foresee = foresee,
  .apply = apply,
  .step_begin = step_begin,
  .epoch_begin = epoch_begin,
  .epoch_report = epoch_report,
  .total_report = total_report,
  .digest = digest,
  .save = save,
  .load = load,
};
