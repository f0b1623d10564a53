/* The live list, exactly.
 *
 * The best posts stand in a short sorted array. The rest is two sets: touched posts in a binary heap that knows where each
 * stands, and untouched ones, which rank newest first among themselves and need no order of their own: the listed ones are
 * always the newest of them, so the next best is the newest one older than those. */
#include "world/feed_inside.h"

uint64_t civ_feed_created(const civ_feed *feed, uint32_t post)
{
  size_t low = 0, high = feed->n_moments; /* moments[low].first <= post < moments[high].first */
  while (high - low > 1) {
    const size_t middle = low + (high - low) / 2;
    if (feed->moments[middle].first <= post)
      low = middle;
    else
      high = middle;
  }
  return feed->moments[low].step;
}

double civ_feed_entry_score(const civ_feed *feed, const feed_entry *entry)
{
  const double score = entry->tally + feed->options.reply_weight * (double)entry->replies;
  return feed->decay_per_step > 0 ? score + feed_birth(feed, civ_feed_created(feed, entry->post)) : score;
}

/* --- heap of touched posts outside the list -------------------------------------------------------------------------- */

static void heap_set(civ_feed *feed, uint32_t at, feed_ranked item)
{
  feed->heap[at] = item;
  feed->entries[item.entry].place = at;
}

static void heap_sift(civ_feed *feed, uint32_t at, feed_ranked item)
{
  while (at > 0) {
    const uint32_t up = (at - 1) / 2;
    if (!feed_before(item.score, item.post, feed->heap[up].score, feed->heap[up].post))
      break;
    heap_set(feed, at, feed->heap[up]);
    at = up;
  }
  for (;;) {
    uint32_t down = 2 * at + 1;
    if (down >= feed->n_heap)
      break;
    const feed_ranked *left = &feed->heap[down], *right = left + 1;
    if (down + 1 < feed->n_heap && feed_before(right->score, right->post, left->score, left->post))
      down++;
    if (!feed_before(feed->heap[down].score, feed->heap[down].post, item.score, item.post))
      break;
    heap_set(feed, at, feed->heap[down]);
    at = down;
  }
  heap_set(feed, at, item);
}

static void heap_push(civ_feed *feed, double score, uint32_t entry)
{
  const feed_ranked item = { score, feed->entries[entry].post, entry };
  heap_sift(feed, feed->n_heap++, item);
}

static void heap_remove(civ_feed *feed, uint32_t at)
{
  feed->entries[feed->heap[at].entry].place = FEED_UNRANKED;
  const feed_ranked last = feed->heap[--feed->n_heap];
  if (at < feed->n_heap)
    heap_sift(feed, at, last);
}

/* --- list --------------------------------------------------------------------------------------------------------------- */

static void list_set(civ_feed *feed, uint32_t k, double score, uint32_t post, uint32_t entry)
{
  feed->list_score[k] = score;
  feed->list_post[k] = post;
  feed->list_entry[k] = entry;
}

static void list_shift(civ_feed *feed, uint32_t to, uint32_t from)
{
  list_set(feed, to, feed->list_score[from], feed->list_post[from], feed->list_entry[from]);
}

static uint32_t list_find(const civ_feed *feed, uint32_t post)
{
  for (uint32_t k = 0; k < feed->n_list; k++)
    if (feed->list_post[k] == post)
      return k;
  return CIV_NONE;
}

/* Puts a post at its place among the first `k`, the gap being at k. */
static void list_sink(civ_feed *feed, uint32_t k, double score, uint32_t post, uint32_t entry)
{
  while (k > 0 && feed_before(score, post, feed->list_score[k - 1], feed->list_post[k - 1])) {
    list_shift(feed, k, k - 1);
    k--;
  }
  list_set(feed, k, score, post, entry);
}

static bool list_is_full(const civ_feed *feed)
{
  return feed->n_list == feed->options.visible;
}

/* Whether a post that is not listed belongs into the list. */
static bool list_wants(const civ_feed *feed, double score, uint32_t post)
{
  const uint32_t last = feed->n_list - 1;
  return !list_is_full(feed) || feed_before(score, post, feed->list_score[last], feed->list_post[last]);
}

/* Lists a post that list_wants; what was last goes back to the rest. */
static void list_insert(civ_feed *feed, double score, uint32_t post, uint32_t entry)
{
  if (list_is_full(feed)) {
    const uint32_t last = --feed->n_list;
    if (feed->list_entry[last] != CIV_NONE)
      heap_push(feed, feed->list_score[last], feed->list_entry[last]);
  }
  if (entry != CIV_NONE)
    feed->entries[entry].place = FEED_LISTED;
  list_sink(feed, feed->n_list++, score, post, entry);
  feed->generation++;
}

static void list_remove(civ_feed *feed, uint32_t k)
{
  feed->n_list--;
  for (; k < feed->n_list; k++)
    list_shift(feed, k, k + 1);
  feed->generation++;
}

/* The best post that is not listed; false = there is none. */
static bool best_of_rest(const civ_feed *feed, feed_ranked *out)
{
  uint32_t older_than = feed->n_posts;
  for (uint32_t k = feed->n_list; k-- > 0;)
    if (feed->list_entry[k] == CIV_NONE) {
      older_than = feed->list_post[k]; /* the last untouched one in the list is the oldest */
      break;
    }
  const uint32_t newest = civ_idbits_below(&feed->untouched, older_than);
  if (newest != UINT32_MAX) {
    const double score = feed->decay_per_step > 0 ? feed_birth(feed, civ_feed_created(feed, newest)) : 0;
    if (feed->n_heap == 0 || feed_before(score, newest, feed->heap[0].score, feed->heap[0].post)) {
      const feed_ranked untouched = { score, newest, CIV_NONE };
      *out = untouched;
      return true;
    }
  }
  if (feed->n_heap > 0)
    *out = feed->heap[0];
  return feed->n_heap > 0;
}

/* Lists the best of the rest, which belongs at the end of a list that is not full. */
static void list_refill(civ_feed *feed)
{
  feed_ranked best;
  if (!best_of_rest(feed, &best))
    return;
  if (best.entry != CIV_NONE)
    heap_remove(feed, 0);
  list_insert(feed, best.score, best.post, best.entry);
}

/* A listed post has a new score. */
static void list_move(civ_feed *feed, uint32_t k, double score)
{
  const uint32_t post = feed->list_post[k], entry = feed->list_entry[k];
  const bool falls = feed_before(feed->list_score[k], 0, score, 0);
  if (!falls) {
    list_sink(feed, k, score, post, entry);
    return;
  }
  for (; k + 1 < feed->n_list && feed_before(feed->list_score[k + 1], feed->list_post[k + 1], score, post); k++)
    list_shift(feed, k, k + 1);
  list_set(feed, k, score, post, entry);
  feed_ranked best;
  if (k + 1 == feed->n_list && list_is_full(feed) && best_of_rest(feed, &best) &&
      feed_before(best.score, best.post, score, post)) {
    if (best.entry != CIV_NONE)
      heap_remove(feed, 0);
    list_insert(feed, best.score, best.post, best.entry);
  }
}

/* --- what the feed calls ---------------------------------------------------------------------------------------------- */

void civ_feed_rank_new(civ_feed *feed, uint32_t post)
{
  const double score = feed_birth(feed, feed->step);
  if (list_wants(feed, score, post))
    list_insert(feed, score, post, CIV_NONE);
}

void civ_feed_rank_touched(civ_feed *feed, feed_entry *entry)
{
  const uint32_t k = list_find(feed, entry->post);
  entry->place = k == CIV_NONE ? FEED_UNRANKED : FEED_LISTED;
  if (k != CIV_NONE)
    feed->list_entry[k] = (uint32_t)(entry - feed->entries);
}

/* Takes an entry out of list and heap. */
static void leave(civ_feed *feed, feed_entry *entry)
{
  if (entry->place == FEED_UNRANKED)
    return;
  if (entry->place != FEED_LISTED) {
    heap_remove(feed, entry->place);
    return;
  }
  list_remove(feed, list_find(feed, entry->post));
  entry->place = FEED_UNRANKED;
  list_refill(feed);
}

void civ_feed_rank_changed(civ_feed *feed, feed_entry *entry)
{
  if (entry->hidden || entry->parent != CIV_NONE) {
    leave(feed, entry);
    return;
  }
  const uint32_t number = (uint32_t)(entry - feed->entries);
  const double score = civ_feed_entry_score(feed, entry);
  if (entry->place == FEED_LISTED) {
    list_move(feed, list_find(feed, entry->post), score);
  } else if (list_wants(feed, score, entry->post)) {
    leave(feed, entry);
    list_insert(feed, score, entry->post, number);
  } else if (entry->place == FEED_UNRANKED) {
    heap_push(feed, score, number);
  } else {
    const feed_ranked item = { score, entry->post, number };
    heap_sift(feed, entry->place, item);
  }
}

void civ_feed_rank_all(civ_feed *feed)
{
  feed->n_list = feed->n_heap = 0;
  for (uint32_t k = 0; k < feed->n_entries; k++) {
    feed_entry *entry = &feed->entries[k];
    entry->place = FEED_UNRANKED;
    if (!entry->hidden && entry->parent == CIV_NONE)
      heap_push(feed, civ_feed_entry_score(feed, entry), k);
  }
  for (uint32_t before = CIV_NONE; feed->n_list < feed->options.visible && feed->n_list != before;) {
    before = feed->n_list;
    list_refill(feed);
  }
}
