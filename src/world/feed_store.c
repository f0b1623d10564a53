/* The feed as bytes. List and heap are not saved: they follow from the rest. */
#include "world/feed_inside.h"

static void save_entry(const feed_entry *e, civ_bytes *out)
{
  civ_bytes_put_real(out, e->tally);
  const uint32_t words[] = { e->post,        e->author,     e->up,     e->down,         e->replies,     e->parent,
                             e->first_reply, e->next_reply, e->reason, e->reporters[0], e->reporters[1] };
  for (size_t k = 0; k < sizeof words / sizeof *words; k++)
    civ_bytes_put_u32(out, words[k]);
  civ_bytes_put_u8(out, e->flags);
  civ_bytes_put_u8(out, e->hidden);
}

enum { ENTRY_BYTES = 8 + 11 * 4 + 2 };

void civ_feed_save(const civ_feed *feed, civ_bytes *out)
{
  const size_t words = feed->options.agents / 64 + 1;
  civ_bytes_put_u32(out, feed->n_posts);
  civ_bytes_put_u32(out, feed->n_entries);
  civ_bytes_put_u64(out, feed->n_moments);
  civ_bytes_put_u64(out, feed->step);
  civ_bytes_put_u64(out, feed->generation);
  civ_bytes_put_u64(out, feed->digest);
  for (uint32_t k = 0; k < feed->n_posts; k++) {
    civ_bytes_put_u32(out, feed->posts[k].who);
    civ_bytes_put_u32(out, civ_feed_text_of(feed, k));
  }
  for (size_t k = 0; k < feed->n_moments; k++) {
    civ_bytes_put_u64(out, feed->moments[k].step);
    civ_bytes_put_u32(out, feed->moments[k].first);
  }
  for (uint32_t k = 0; k < feed->n_entries; k++)
    save_entry(&feed->entries[k], out);
  civ_bytes_put_u64s(out, feed->authors, words);
  civ_bytes_put_u64s(out, feed->voters, words);
  civ_texts_save(&feed->texts, out);
  civ_idsets_save(feed->votes, out);
  if (feed->weights)
    civ_pairs_save(feed->weights, out);
}

static void load_entry(feed_entry *e, civ_bytes_reader *in)
{
  e->tally = civ_bytes_real(in);
  uint32_t *const words[] = { &e->post,    &e->author,       &e->up,          &e->down,
                              &e->replies, &e->parent,       &e->first_reply, &e->next_reply,
                              &e->reason,  &e->reporters[0], &e->reporters[1] };
  for (size_t k = 0; k < sizeof words / sizeof *words; k++)
    *words[k] = civ_bytes_u32(in);
  e->flags = civ_bytes_u8(in);
  e->hidden = civ_bytes_u8(in);
  e->place = FEED_UNRANKED;
}

static uint32_t count_bits(const uint64_t *bitmap, uint32_t agents)
{
  uint32_t n = 0;
  for (size_t k = 0; k <= agents / 64; k++)
    n += (uint32_t)__builtin_popcountll(bitmap[k]);
  return n;
}

static bool is_post(const civ_feed *feed, uint32_t post)
{
  return post == CIV_NONE || post < feed->n_posts;
}

/* An entry that points nowhere it must not, and its share of the counters. A reply is newer than its parent and than the
 * reply beside it, so that no chain of them can close. */
static bool take_entry(civ_feed *feed, uint32_t number)
{
  const feed_entry *e = &feed->entries[number];
  if (e->post >= feed->n_posts || e->author >= feed->options.agents || feed->posts[e->post].who != number ||
      !civ_idbits_has(&feed->untouched, e->post) || e->reason >= feed->texts.n || !(e->tally - e->tally == 0) ||
      !is_post(feed, e->parent) || !is_post(feed, e->first_reply) || !is_post(feed, e->next_reply) ||
      (e->parent != CIV_NONE && e->parent >= e->post) || (e->next_reply != CIV_NONE && e->next_reply >= e->post) ||
      (e->first_reply != CIV_NONE && e->first_reply <= e->post))
    return false;
  civ_idbits_drop(&feed->untouched, e->post);
  feed->n_replies += e->parent != CIV_NONE;
  feed->n_hidden += e->hidden != 0;
  feed->n_up += e->up;
  feed->n_down += e->down;
  return true;
}

/* Every post has an author or an entry, and the replies of each post are as many as it says. */
static bool posts_fit(const civ_feed *feed)
{
  for (uint32_t k = 0; k < feed->n_posts; k++) {
    const feed_entry *e = feed_entry_of(feed, k);
    if (civ_feed_text_of(feed, k) >= feed->texts.n || (e == NULL && feed->posts[k].who >= feed->options.agents))
      return false;
    if (e == NULL)
      continue;
    uint32_t n = 0;
    for (uint32_t reply = e->first_reply; reply != CIV_NONE; n++) {
      const feed_entry *r = feed_entry_of(feed, reply);
      if (r == NULL || r->parent != k)
        return false;
      reply = r->next_reply;
    }
    if (n != e->replies)
      return false;
  }
  return true;
}

static bool load_moments(civ_feed *feed, civ_bytes_reader *in)
{
  for (size_t k = 0; k < feed->n_moments; k++) {
    feed->moments[k].step = civ_bytes_u64(in);
    feed->moments[k].first = civ_bytes_u32(in);
    const bool grows = k == 0 ? feed->moments[k].first == 0
                              : feed->moments[k].first > feed->moments[k - 1].first &&
                                    feed->moments[k].step > feed->moments[k - 1].step;
    if (!grows || feed->moments[k].first >= feed->n_posts || feed->moments[k].step > feed->step)
      return false;
  }
  return (feed->n_moments > 0) == (feed->n_posts > 0);
}

static civ_status take_room(civ_feed *feed)
{
  const civ_allocator *a = feed->allocator;
  civ_status status = civ_grow(a, (void **)&feed->posts, &feed->posts_room, feed->n_posts, sizeof *feed->posts);
  if (status == CIV_OK)
    status = civ_grow(a, (void **)&feed->moments, &feed->moments_room, feed->n_moments, sizeof *feed->moments);
  if (status == CIV_OK)
    status = civ_grow(a, (void **)&feed->entries, &feed->entries_room, feed->n_entries, sizeof *feed->entries);
  if (status == CIV_OK) /* one more than listed at most: what is listed passes through the heap */
    status = civ_grow(a, (void **)&feed->heap, &feed->heap_room, feed->n_entries, sizeof *feed->heap);
  return status == CIV_OK ? civ_idbits_reserve(&feed->untouched, feed->n_posts) : status;
}

/* Reads everything into a fresh feed. CIV_E_FORMAT without a message of its own. */
static civ_status load_into(civ_feed *feed, civ_bytes_reader *in, civ_error *err)
{
  const size_t words = feed->options.agents / 64 + 1;
  feed->n_posts = civ_bytes_u32(in);
  feed->n_entries = civ_bytes_u32(in);
  feed->n_moments = civ_bytes_u64(in);
  feed->step = civ_bytes_u64(in);
  feed->generation = civ_bytes_u64(in);
  feed->digest = civ_bytes_u64(in);
  const uint64_t left = civ_bytes_left(in);
  if (in->failed || feed->n_posts > CIV_FEED_MOST_POSTS || feed->n_entries > feed->n_posts ||
      feed->n_moments > feed->n_posts ||
      8 * (uint64_t)feed->n_posts + 12 * feed->n_moments + ENTRY_BYTES * (uint64_t)feed->n_entries > left)
    return civ_fail(err, CIV_E_FORMAT, "checkpoint", "the feed is not as long as the checkpoint says");
  if (take_room(feed) != CIV_OK)
    return civ_fail(err, CIV_E_NOMEM, "checkpoint", "out of memory for %u posts", feed->n_posts);
  for (uint32_t k = 0; k < feed->n_posts; k++) {
    feed->posts[k].who = civ_bytes_u32(in);
    const uint32_t text = civ_bytes_u32(in);
    if (text >= FEED_FAR_TEXT && civ_grow(feed->allocator, (void **)&feed->far_texts, &feed->far_texts_room,
                                          feed->n_far_texts + 1, sizeof *feed->far_texts) != CIV_OK)
      return civ_fail(err, CIV_E_NOMEM, "checkpoint", "out of memory for the texts of %u posts", feed->n_posts);
    civ_feed_set_text(feed, k, text);
    civ_idbits_add(&feed->untouched, k);
  }
  bool fits = load_moments(feed, in);
  for (uint32_t k = 0; k < feed->n_entries; k++)
    load_entry(&feed->entries[k], in);
  fits = fits && civ_bytes_u64s(in, feed->authors, words) && civ_bytes_u64s(in, feed->voters, words);
  if (!fits)
    return civ_fail(err, CIV_E_FORMAT, "checkpoint", "the feed's steps or agents do not belong to this run");
  civ_status status = civ_texts_load(&feed->texts, in, err);
  if (status == CIV_OK)
    status = civ_idsets_load(feed->votes, in, err);
  if (status == CIV_OK && feed->weights)
    status = civ_pairs_load(feed->weights, in, err);
  if (status != CIV_OK)
    return status;
  for (uint32_t k = 0; k < feed->n_entries && fits; k++)
    fits = take_entry(feed, k);
  if (!fits || !posts_fit(feed))
    return civ_fail(err, CIV_E_FORMAT, "checkpoint",
                    "posts of the feed name authors, texts or replies that do not exist");
  feed->n_authors = count_bits(feed->authors, feed->options.agents);
  feed->n_voters = count_bits(feed->voters, feed->options.agents);
  return CIV_OK;
}

civ_status civ_feed_load(civ_feed *feed, civ_bytes_reader *in, civ_error *err)
{
  civ_feed *fresh = NULL;
  civ_status status = civ_feed_create(&feed->options, feed->allocator, &fresh, err);
  if (status != CIV_OK)
    return status;
  status = load_into(fresh, in, err);
  if (status == CIV_OK) {
    const uint64_t generation = fresh->generation;
    civ_feed_rank_all(fresh);
    fresh->generation = generation;
    const civ_feed old = *feed;
    *feed = *fresh;
    *fresh = old;
  }
  civ_feed_destroy(fresh);
  return status;
}
