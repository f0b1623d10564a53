#include "world/feed.h"

#include <math.h>

#include "world/feed_inside.h"

enum { TEXT_BYTES_PER_STEP = 64 << 20, TEXT_BYTES_PER_TURN = 128, TURNS_THAT_MODERATE = 4096 };
enum { REASONS_PER_STEP = 16, BYTES_PER_REASON = 64 }; /* new ones: moderators repeat themselves */

enum change { CHANGE_POST = 1, CHANGE_VOTE, CHANGE_UNVOTE, CHANGE_HIDE, CHANGE_UNHIDE, CHANGE_FLAG };

civ_feed_options civ_feed_options_default(uint32_t agents)
{
  const civ_feed_options options = {
    .agents = agents, .visible = 20, .reply_weight = 0.5, .age_decay = 0.01, .most_characters = 10000
  };
  return options;
}

double civ_feed_score(uint32_t up, uint32_t down, uint32_t replies, double hours, bool hidden, double reply_weight,
                      double age_decay)
{
  if (hidden)
    return -INFINITY;
  return (double)up - (double)down + reply_weight * (double)replies - age_decay * hours;
}

/* --- making and unmaking ---------------------------------------------------------------------------------------------- */

static bool is_amount(double x)
{
  return x >= 0 && x < INFINITY;
}

static civ_status check_options(const civ_feed_options *o, civ_error *err)
{
  if (o->visible < 1)
    return civ_fail(err, CIV_E_RANGE, "feed.visible", "0 posts are visible; at least 1 must be");
  if (!is_amount(o->reply_weight) || !is_amount(o->age_decay) || !is_amount(o->seconds_per_step))
    return civ_fail(err, CIV_E_RANGE, "feed",
                    "reply weight %g, age decay %g and seconds per step %g must be finite and >= 0", o->reply_weight,
                    o->age_decay, o->seconds_per_step);
  return CIV_OK;
}

static size_t words_of(uint32_t agents)
{
  return agents / 64 + 1;
}

static bool take_fixed_memory(civ_feed *feed)
{
  const civ_allocator *a = feed->allocator;
  const uint32_t agents = feed->options.agents, visible = feed->options.visible;
  feed->list_score = civ_zeroed(a, visible, sizeof *feed->list_score);
  feed->list_post = civ_zeroed(a, visible, sizeof *feed->list_post);
  feed->list_entry = civ_zeroed(a, visible, sizeof *feed->list_entry);
  feed->authors = civ_zeroed(a, words_of(agents), sizeof *feed->authors);
  feed->voters = civ_zeroed(a, words_of(agents), sizeof *feed->voters);
  feed->votes = civ_idsets_create(agents, a);
  if (feed->options.weighted && !(feed->weights = civ_pairs_create(agents, NULL, a)))
    return false;
  return civ_texts_init(&feed->texts, a) == CIV_OK && feed->list_score && feed->list_post && feed->list_entry &&
         feed->authors && feed->voters && feed->votes;
}

civ_status civ_feed_create(const civ_feed_options *options, const civ_allocator *allocator, civ_feed **out,
                           civ_error *err)
{
  const civ_status status = check_options(options, err);
  if (status != CIV_OK)
    return status;
  civ_feed *feed = civ_zeroed(allocator, 1, sizeof *feed);
  if (feed == NULL)
    return civ_fail(err, CIV_E_NOMEM, "feed", "out of memory");
  feed->options = *options;
  feed->allocator = allocator;
  feed->decay_per_step = options->age_decay * (options->seconds_per_step / 3600);
  civ_idbits_init(&feed->untouched, allocator);
  if (!take_fixed_memory(feed)) {
    civ_feed_destroy(feed);
    return civ_fail(err, CIV_E_NOMEM, "feed", "out of memory for a feed of %u agents", options->agents);
  }
  *out = feed;
  return CIV_OK;
}

void civ_feed_destroy(civ_feed *feed)
{
  if (feed == NULL)
    return;
  const civ_allocator *a = feed->allocator;
  const uint32_t visible = feed->options.visible;
  civ_drop(a, (void **)&feed->posts, &feed->posts_room, sizeof *feed->posts);
  civ_drop(a, (void **)&feed->far_texts, &feed->far_texts_room, sizeof *feed->far_texts);
  civ_drop(a, (void **)&feed->moments, &feed->moments_room, sizeof *feed->moments);
  civ_drop(a, (void **)&feed->entries, &feed->entries_room, sizeof *feed->entries);
  civ_drop(a, (void **)&feed->heap, &feed->heap_room, sizeof *feed->heap);
  civ_texts_fini(&feed->texts);
  civ_idbits_fini(&feed->untouched);
  civ_release(a, feed->list_score, visible * sizeof *feed->list_score);
  civ_release(a, feed->list_post, visible * sizeof *feed->list_post);
  civ_release(a, feed->list_entry, visible * sizeof *feed->list_entry);
  civ_release(a, feed->authors, words_of(feed->options.agents) * sizeof *feed->authors);
  civ_release(a, feed->voters, words_of(feed->options.agents) * sizeof *feed->voters);
  civ_idsets_destroy(feed->votes);
  civ_pairs_destroy(feed->weights);
  civ_release(a, feed, sizeof *feed);
}

/* --- room -------------------------------------------------------------------------------------------------------------- */

static civ_status reserve_entries(civ_feed *feed, size_t more)
{
  const size_t need = feed->n_entries + more;
  const civ_status status =
      civ_grow(feed->allocator, (void **)&feed->entries, &feed->entries_room, need, sizeof *feed->entries);
  if (status != CIV_OK)
    return status;
  return civ_grow(feed->allocator, (void **)&feed->heap, &feed->heap_room, need, sizeof *feed->heap);
}

uint32_t civ_feed_text_of(const civ_feed *feed, uint32_t post)
{
  if (feed->posts[post].text != FEED_FAR_TEXT)
    return feed->posts[post].text;
  size_t low = 0, high = feed->n_far_texts;
  while (high - low > 1) {
    const size_t middle = low + (high - low) / 2;
    if (feed->far_texts[middle].post <= post)
      low = middle;
    else
      high = middle;
  }
  return feed->far_texts[low].text;
}

void civ_feed_set_text(civ_feed *feed, uint32_t post, uint32_t text)
{
  feed->posts[post].text = text < FEED_FAR_TEXT ? (uint16_t)text : FEED_FAR_TEXT;
  if (text >= FEED_FAR_TEXT)
    feed->far_texts[feed->n_far_texts++] = (feed_far_text){ post, text };
}

/* Only texts with numbers that do not fit take any: canned ones, of which there are few, never do. */
civ_status civ_feed_reserve_far_texts(civ_feed *feed, size_t posts)
{
  if (feed->texts.n + posts <= FEED_FAR_TEXT)
    return CIV_OK;
  return civ_grow(feed->allocator, (void **)&feed->far_texts, &feed->far_texts_room, feed->n_far_texts + posts,
                  sizeof *feed->far_texts);
}

static civ_status reserve_posts(civ_feed *feed, size_t more)
{
  const size_t need = feed->n_posts + more;
  civ_status status = civ_grow(feed->allocator, (void **)&feed->posts, &feed->posts_room, need, sizeof *feed->posts);
  if (status == CIV_OK)
    status = civ_grow(feed->allocator, (void **)&feed->moments, &feed->moments_room, feed->n_moments + 1,
                      sizeof *feed->moments);
  if (status == CIV_OK)
    status = civ_feed_reserve_far_texts(feed, more);
  return status == CIV_OK ? civ_idbits_reserve(&feed->untouched, need) : status;
}

static civ_status reserve_texts(civ_feed *feed, uint32_t turns, uint64_t most_bytes)
{
  uint64_t bytes = (uint64_t)TEXT_BYTES_PER_TURN * turns;
  if (bytes < TEXT_BYTES_PER_STEP)
    bytes = TEXT_BYTES_PER_STEP;
  if (most_bytes < bytes / turns)
    bytes = most_bytes * turns;
  return civ_texts_reserve(&feed->texts, turns + (size_t)REASONS_PER_STEP, bytes + REASONS_PER_STEP * BYTES_PER_REASON);
}

civ_status civ_feed_reserve(civ_feed *feed, uint32_t turns, uint64_t most_bytes)
{
  if (feed->starved) {
    feed->starved = false;
    return CIV_E_NOMEM;
  }
  if (turns == 0)
    return CIV_OK;
  if ((uint64_t)feed->n_posts + turns > CIV_FEED_MOST_POSTS)
    return CIV_E_LIMIT;
  const size_t moderating = turns < TURNS_THAT_MODERATE ? turns : TURNS_THAT_MODERATE;
  civ_status status = reserve_posts(feed, turns);
  if (status == CIV_OK)
    status = reserve_entries(feed, 2 * (size_t)turns + moderating * feed->options.visible);
  if (status == CIV_OK)
    status = reserve_texts(feed, turns, most_bytes);
  if (status == CIV_OK && feed->weights)
    status = civ_pairs_reserve(feed->weights, turns);
  return status == CIV_OK ? civ_idsets_reserve(feed->votes) : status;
}

/* Whether the next post is the first of its step. */
static bool begins_step(const civ_feed *feed)
{
  return feed->n_moments == 0 || feed->moments[feed->n_moments - 1].step != feed->step;
}

/* Room for a change outside of what was reserved: tries to take it, else remembers that something was refused. */
static bool has_room(civ_feed *feed, bool post, size_t entries, civ_text text)
{
  if (feed->n_entries + entries > feed->entries_room || feed->n_entries + entries > feed->heap_room)
    if (reserve_entries(feed, entries) != CIV_OK)
      feed->starved = true;
  const bool far = feed->texts.n >= FEED_FAR_TEXT && feed->n_far_texts >= feed->far_texts_room;
  if (post &&
      (feed->n_posts >= feed->posts_room || far || (begins_step(feed) && feed->n_moments >= feed->moments_room)))
    if (reserve_posts(feed, 1) != CIV_OK)
      feed->starved = true;
  if (!civ_texts_has_room(&feed->texts, 1, text.length))
    if (civ_texts_reserve(&feed->texts, 1, text.length) != CIV_OK)
      feed->starved = true;
  return !feed->starved;
}

/* Room for one more vote that is remembered with its weight. */
static bool has_weight_room(civ_feed *feed)
{
  if (feed->weights && civ_pairs_reserve(feed->weights, 1) != CIV_OK)
    feed->starved = true;
  return !feed->starved;
}

/* --- changes ------------------------------------------------------------------------------------------------------------ */

static void note(civ_feed *feed, enum change change, uint32_t a, uint32_t b, uint32_t c)
{
  feed->digest = civ_digest_mix(feed->digest, (uint64_t)change << 32 | a, (uint64_t)b << 32 | c);
}

/* Adds an agent to a bitmap; true = was not there. */
static bool mark(uint64_t *bitmap, civ_agent a)
{
  const uint64_t bit = UINT64_C(1) << (a & 63);
  const bool is_new = (bitmap[a >> 6] & bit) == 0;
  bitmap[a >> 6] |= bit;
  return is_new;
}

void civ_feed_set_step(civ_feed *feed, uint64_t step)
{
  feed->step = step;
}

static feed_entry *new_entry(civ_feed *feed, uint32_t post, civ_agent author, uint32_t parent)
{
  feed_entry *entry = &feed->entries[feed->n_entries++];
  const feed_entry fresh = { .post = post,
                             .author = author,
                             .parent = parent,
                             .first_reply = CIV_NONE,
                             .next_reply = CIV_NONE,
                             .place = FEED_UNRANKED };
  *entry = fresh;
  feed->posts[post].who = feed->n_entries - 1;
  return entry;
}

/* The entry of a post, made if it has none (room is there). civ_feed_rank_changed must follow. */
static feed_entry *touch(civ_feed *feed, uint32_t post)
{
  feed_entry *entry = feed_entry_of(feed, post);
  if (CIV_LIKELY(entry != NULL))
    return entry;
  civ_idbits_drop(&feed->untouched, post);
  entry = new_entry(feed, post, feed->posts[post].who, CIV_NONE);
  civ_feed_rank_touched(feed, entry);
  return entry;
}

/* A reply is an entry from the start: it has a parent to remember and never ranks. */
static void add_reply(civ_feed *feed, uint32_t post, civ_agent author, uint32_t parent)
{
  feed_entry *above = touch(feed, parent);
  feed_entry *entry = new_entry(feed, post, author, parent);
  entry->next_reply = above->first_reply;
  above->first_reply = post;
  above->replies++;
  feed->n_replies++;
  civ_feed_rank_changed(feed, above);
}

uint32_t civ_feed_post(civ_feed *feed, civ_agent author, civ_text content, uint32_t parent)
{
  const bool is_reply = parent != CIV_NONE;
  if (is_reply && parent >= feed->n_posts)
    return CIV_NONE;
  if (civ_text_cut(content, feed->options.most_characters) < content.length)
    return CIV_NONE;
  if (feed->n_posts >= CIV_FEED_MOST_POSTS || !has_room(feed, true, is_reply ? 2 : 0, content))
    return CIV_NONE;
  const uint32_t post = feed->n_posts++;
  if (begins_step(feed)) {
    const feed_moment moment = { feed->step, post };
    feed->moments[feed->n_moments++] = moment;
  }
  civ_feed_set_text(feed, post, civ_texts_put(&feed->texts, content));
  if (is_reply) {
    add_reply(feed, post, author, parent);
  } else {
    feed->posts[post].who = author;
    civ_idbits_add(&feed->untouched, post);
    civ_feed_rank_new(feed, post);
  }
  feed->n_authors += mark(feed->authors, author);
  note(feed, CHANGE_POST, author, parent, civ_feed_text_of(feed, post));
  return post;
}

/* The vote counts `signed_weight` from now on; returns by how much the tally moves. */
static double reweigh(civ_feed *feed, civ_agent voter, uint32_t post, double signed_weight)
{
  civ_pair *pair = civ_pairs_touch(feed->weights, voter, post);
  const double old = pair->value - pair->value == 0 ? pair->value : 0; /* a checkpoint may hold anything */
  const double moved = signed_weight - old;
  pair->value = signed_weight;
  return moved;
}

bool civ_feed_vote(civ_feed *feed, civ_agent voter, uint32_t post, bool up)
{
  return civ_feed_vote_weighing(feed, voter, post, up, 1);
}

bool civ_feed_vote_weighing(civ_feed *feed, civ_agent voter, uint32_t post, bool up, double weight)
{
  const civ_text none = { "", 0 };
  if (post >= feed->n_posts || !has_room(feed, false, 1, none) || !has_weight_room(feed))
    return false;
  const int before = civ_idsets_put(feed->votes, voter, post, up);
  if (before == up)
    return true;
  feed_entry *entry = touch(feed, post);
  if (before >= 0) { /* the vote moves */
    *(up ? &entry->down : &entry->up) -= 1;
    *(up ? &feed->n_down : &feed->n_up) -= 1;
  } else {
    feed->n_voters += mark(feed->voters, voter);
  }
  *(up ? &entry->up : &entry->down) += 1;
  *(up ? &feed->n_up : &feed->n_down) += 1;
  entry->tally +=
      feed->weights ? reweigh(feed, voter, post, up ? weight : -weight) : (up ? 1 : -1) * (before >= 0 ? 2 : 1);
  civ_feed_rank_changed(feed, entry);
  note(feed, CHANGE_VOTE, voter, post, up);
  return true;
}

void civ_feed_standing(const civ_feed *feed, uint32_t post, double *net_votes, uint32_t *replies)
{
  const feed_entry *entry = feed_entry_of(feed, post);
  *net_votes = entry ? entry->tally : 0;
  *replies = entry ? entry->replies : 0;
}

int civ_feed_voted(const civ_feed *feed, civ_agent voter, uint32_t post)
{
  return civ_idsets_get(feed->votes, voter, post);
}

void civ_feed_foresee(const civ_feed *feed, civ_agent voter)
{
  civ_idsets_prefetch(feed->votes, voter);
}

bool civ_feed_unvote(civ_feed *feed, civ_agent voter, uint32_t post)
{
  if (post >= feed->n_posts)
    return false;
  const int before = civ_idsets_drop(feed->votes, voter, post);
  if (before < 0)
    return false;
  feed_entry *entry = touch(feed, post); /* has a vote, so has an entry */
  *(before ? &entry->up : &entry->down) -= 1;
  *(before ? &feed->n_up : &feed->n_down) -= 1;
  entry->tally += feed->weights ? reweigh(feed, voter, post, 0) : before ? -1 : 1;
  civ_feed_rank_changed(feed, entry);
  note(feed, CHANGE_UNVOTE, voter, post, 0);
  return true;
}

bool civ_feed_hide(civ_feed *feed, uint32_t post, civ_text reason)
{
  if (post >= feed->n_posts || !has_room(feed, false, 1, reason))
    return false;
  feed_entry *entry = touch(feed, post);
  if (!entry->hidden) {
    entry->hidden = 1;
    entry->reason = civ_texts_put(&feed->texts, reason);
    feed->n_hidden++;
    note(feed, CHANGE_HIDE, post, entry->reason, 0);
  }
  civ_feed_rank_changed(feed, entry);
  return true;
}

bool civ_feed_unhide(civ_feed *feed, uint32_t post)
{
  if (post >= feed->n_posts)
    return false;
  feed_entry *entry = feed_entry_of(feed, post);
  if (entry == NULL || !entry->hidden)
    return true;
  entry->hidden = 0;
  entry->flags = 0;
  entry->reason = 0;
  feed->n_hidden--;
  civ_feed_rank_changed(feed, entry);
  note(feed, CHANGE_UNHIDE, post, 0, 0);
  return true;
}

bool civ_feed_flag(civ_feed *feed, uint32_t post, civ_agent reporter)
{
  static const char reason[] = "flagged";
  const civ_text flagged = { reason, sizeof reason - 1 };
  if (post >= feed->n_posts || !has_room(feed, false, 1, flagged))
    return false;
  feed_entry *entry = touch(feed, post);
  civ_feed_rank_changed(feed, entry);
  for (uint32_t k = 0; k < entry->flags && k < CIV_FEED_FLAGS_TO_HIDE - 1; k++)
    if (entry->reporters[k] == reporter)
      return false;
  if (entry->hidden || entry->flags >= CIV_FEED_FLAGS_TO_HIDE)
    return false;
  if (entry->flags < CIV_FEED_FLAGS_TO_HIDE - 1)
    entry->reporters[entry->flags] = reporter;
  entry->flags++;
  note(feed, CHANGE_FLAG, post, reporter, entry->flags);
  return entry->flags == CIV_FEED_FLAGS_TO_HIDE && civ_feed_hide(feed, post, flagged);
}

/* --- questions ----------------------------------------------------------------------------------------------------------- */

uint32_t civ_feed_count(const civ_feed *feed)
{
  return feed->n_posts;
}

uint32_t civ_feed_visible(const civ_feed *feed, const uint32_t **ids)
{
  *ids = feed->list_post;
  return feed->n_list;
}

uint64_t civ_feed_generation(const civ_feed *feed)
{
  return feed->generation;
}

uint64_t civ_feed_digest(const civ_feed *feed)
{
  return feed->digest;
}

void civ_feed_view(const civ_feed *feed, uint32_t post, civ_post_view *out)
{
  const feed_entry *entry = feed_entry_of(feed, post);
  const civ_post_view untouched = { .post = post,
                                    .author = feed->posts[post].who,
                                    .parent = CIV_NONE,
                                    .created_step = civ_feed_created(feed, post),
                                    .task = CIV_NONE,
                                    .content = civ_texts_get(&feed->texts, civ_feed_text_of(feed, post)) };
  *out = untouched;
  if (entry == NULL)
    return;
  out->author = entry->author;
  out->parent = entry->parent;
  out->upvotes = entry->up;
  out->downvotes = entry->down;
  out->replies = entry->replies;
  out->net_votes = entry->tally;
  out->hidden = entry->hidden;
}

civ_text civ_feed_hidden_reason(const civ_feed *feed, uint32_t post)
{
  const feed_entry *entry = feed_entry_of(feed, post);
  return civ_texts_get(&feed->texts, entry == NULL ? 0 : entry->reason);
}

civ_feed_statistics civ_feed_count_all(const civ_feed *feed)
{
  const civ_feed_statistics s = { .total_posts = feed->n_posts,
                                  .top_level_posts = feed->n_posts - feed->n_replies,
                                  .replies = feed->n_replies,
                                  .hidden_posts = feed->n_hidden,
                                  .total_votes = feed->n_up + feed->n_down,
                                  .total_upvotes = feed->n_up,
                                  .total_downvotes = feed->n_down,
                                  .unique_authors = feed->n_authors,
                                  .unique_voters = feed->n_voters };
  return s;
}
