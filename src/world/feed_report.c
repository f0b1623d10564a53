/* Reports over the whole feed: they scan, and are not for the step loop. */
#include <math.h>
#include <stdlib.h>

#include "world/feed_inside.h"

static double score_of(const civ_feed *feed, uint32_t post)
{
  const feed_entry *entry = feed_entry_of(feed, post);
  if (entry == NULL)
    return feed->decay_per_step > 0 ? feed_birth(feed, civ_feed_created(feed, post)) : 0;
  return entry->hidden ? -INFINITY : civ_feed_entry_score(feed, entry);
}

static bool is_listed(const civ_feed *feed, uint32_t post, uint32_t flags)
{
  const feed_entry *entry = feed_entry_of(feed, post);
  if (entry == NULL)
    return true;
  if (entry->hidden && !(flags & CIV_FEED_WITH_HIDDEN))
    return false;
  return entry->parent == CIV_NONE || flags & CIV_FEED_WITH_REPLIES;
}

uint32_t civ_feed_list(const civ_feed *feed, uint32_t flags, uint32_t most, uint32_t *out)
{
  uint32_t n = 0;
  for (uint32_t post = 0; post < feed->n_posts && most > 0; post++) {
    if (!is_listed(feed, post, flags))
      continue;
    const double score = score_of(feed, post);
    if (n == most && !feed_before(score, post, score_of(feed, out[n - 1]), out[n - 1]))
      continue;
    uint32_t k = n < most ? n++ : n - 1;
    for (; k > 0 && feed_before(score, post, score_of(feed, out[k - 1]), out[k - 1]); k--)
      out[k] = out[k - 1];
    out[k] = post;
  }
  return n;
}

uint32_t civ_feed_recent(const civ_feed *feed, uint64_t since, civ_agent author, uint32_t most, uint32_t *out)
{
  uint32_t n = 0;
  for (uint32_t post = feed->n_posts; post-- > 0 && n < most && civ_feed_created(feed, post) >= since;) {
    const feed_entry *entry = feed_entry_of(feed, post);
    if (author == CIV_NOBODY || author == (entry ? entry->author : feed->posts[post].who))
      out[n++] = post;
  }
  return n;
}

typedef struct thread {
  const civ_feed *feed;
  uint32_t most, n;
  uint32_t *out;
} thread;

static int compare_ranked(const void *a, const void *b)
{
  const feed_ranked *x = a, *y = b;
  return feed_before(x->score, x->post, y->score, y->post) ? -1 : 1;
}

/* A post and, if deeper ones are wanted, what was answered to it. */
static civ_status add_thread(thread *t, uint32_t post, uint32_t depth)
{
  if (t->n == t->most)
    return CIV_OK;
  t->out[t->n++] = post;
  const feed_entry *entry = feed_entry_of(t->feed, post);
  if (depth == 0 || entry == NULL || entry->replies == 0)
    return CIV_OK;
  feed_ranked *replies = civ_zeroed(t->feed->allocator, entry->replies, sizeof *replies);
  if (replies == NULL)
    return CIV_E_NOMEM;
  uint32_t n = 0;
  for (uint32_t reply = entry->first_reply; reply != CIV_NONE; reply = feed_entry_of(t->feed, reply)->next_reply) {
    replies[n].post = reply;
    replies[n++].score = score_of(t->feed, reply);
  }
  qsort(replies, n, sizeof *replies, compare_ranked);
  civ_status status = CIV_OK;
  for (uint32_t k = 0; k < n && status == CIV_OK; k++)
    status = add_thread(t, replies[k].post, depth - 1);
  civ_release(t->feed->allocator, replies, entry->replies * sizeof *replies);
  return status;
}

civ_status civ_feed_thread(const civ_feed *feed, uint32_t root, uint32_t depth, uint32_t most, uint32_t *out,
                           uint32_t *n, civ_error *err)
{
  if (root >= feed->n_posts)
    return civ_fail(err, CIV_E_RANGE, "feed.thread", "there is no post p%llu; the feed has %u posts",
                    (unsigned long long)root + 1, feed->n_posts);
  thread t = { feed, most, 0, out };
  if (add_thread(&t, root, depth < CIV_FEED_DEEPEST_THREAD ? depth : CIV_FEED_DEEPEST_THREAD) != CIV_OK)
    return civ_fail(err, CIV_E_NOMEM, "feed.thread", "out of memory");
  *n = t.n;
  return CIV_OK;
}
