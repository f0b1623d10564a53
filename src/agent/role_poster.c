/* The poster keeps the feed alive: replies to what is talked about, posts now and then, never too often. */
#include "agent/minds.h"
#include "agent/moves.h"
#include "agent/policies.h"

static const double REPLY_PRIORITY = 0.5, POST_PROBABILITY = 0.5;
enum { STEPS_BETWEEN = 2, POSTS_PER_EPOCH = 10, ENGAGEMENT_MARK = 3 };

typedef struct poster_row {
  uint32_t waited;       /* decisions since the last post, this one included */
  uint32_t posts, epoch; /* posts in that epoch */
} poster_row;

typedef struct poster {
  civ_minds minds;
} poster;

static civ_status create(civ_host *host, void **self, civ_error *err)
{
  return civ_minds_create(host, "poster role", sizeof(poster), sizeof(poster_row), 0, self, err);
}

/* The first post, best ranked first, that a draw picks; lively ones are picked twice as readily. */
static bool replies(const civ_view *view, civ_draws *draws, civ_action *out)
{
  const civ_feed_service *feed = view->feed;
  const uint32_t n = feed->visible(feed->self);
  if (n == 0 || !civ_draw_chance(draws, REPLY_PRIORITY))
    return false;
  const uint32_t *ids = feed->visible_ids(feed->self);
  for (uint32_t k = 0; k < n; k++) {
    civ_post_view post;
    feed->post(feed->self, ids[k], &post);
    const bool lively = post.net_votes + post.replies >= ENGAGEMENT_MARK;
    if (!civ_draw_chance(draws, lively ? REPLY_PRIORITY : REPLY_PRIORITY / 2))
      continue;
    civ_move_post(out, &civ_texts_replies, draws);
    out->kind = CIV_ACTION_REPLY;
    out->target = ids[k];
    return true;
  }
  return false;
}

static civ_verdict act(void *self, const civ_view *view, civ_draws *draws, civ_action *out)
{
  poster *p = self;
  poster_row *row = civ_minds_row_of(&p->minds, view->self);
  if (!civ_view_may(view, CIV_QUOTA_POSTS))
    return CIV_PASS;
  row->waited++;
  if (row->waited < STEPS_BETWEEN || (row->epoch == view->epoch && row->posts >= POSTS_PER_EPOCH))
    return CIV_PASS;
  if (replies(view, draws, out))
    return CIV_ACT;
  if (!civ_draw_chance(draws, POST_PROBABILITY))
    return CIV_PASS;
  civ_move_post(out, &civ_texts_poster, draws);
  return CIV_ACT;
}

static void done(void *self, civ_agent a, const civ_action *action, bool ok)
{
  poster *p = self;
  poster_row *row = civ_minds_row_of(&p->minds, a);
  uint32_t epoch, step;
  if (!ok)
    return;
  p->minds.host->call->now(p->minds.host, &epoch, &step);
  row->posts = row->epoch == epoch ? row->posts + 1 : 1;
  row->epoch = epoch;
  civ_minds_learned(&p->minds, (uint64_t)a << 32 | row->waited, (uint64_t)action->kind << 32 | row->posts);
  row->waited = 0;
}

static civ_status save(void *self, civ_bytes *out)
{
  const poster *p = self;
  civ_bytes_put_u64(out, p->minds.digest);
  for (uint32_t slot = 0; slot < p->minds.n; slot++) {
    const poster_row *row = civ_minds_row(&p->minds, slot);
    civ_bytes_put_u32(out, row->waited);
    civ_bytes_put_u32(out, row->posts);
    civ_bytes_put_u32(out, row->epoch);
  }
  return out->failed ? CIV_E_NOMEM : CIV_OK;
}

static civ_status load(void *self, civ_bytes_reader *in, civ_error *err)
{
  poster *p = self;
  (void)err;
  p->minds.digest = civ_bytes_u64(in);
  for (uint32_t slot = 0; slot < p->minds.n; slot++) {
    poster_row *row = civ_minds_row(&p->minds, slot);
    row->waited = civ_bytes_u32(in);
    row->posts = civ_bytes_u32(in);
    row->epoch = civ_bytes_u32(in);
  }
  return CIV_OK;
}

const civ_policy civ_role_poster = { .version = CIV_PART_VERSION,
                                     .name = "poster",
                                     .doc = "Replies and posts, at most every second turn and ten times an epoch.",
                                     .agent_type = CIV_AGENT_TYPES,
                                     .create = create,
                                     .destroy = civ_minds_destroy,
                                     .enrol = civ_minds_enrol,
                                     .act = act,
                                     .done = done,
                                     .digest = civ_minds_digest,
                                     .save = save,
                                     .load = load };
