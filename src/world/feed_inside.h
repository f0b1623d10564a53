/* feed_inside.h - how the feed is laid out; for the files feed*.c only. */
#ifndef CIV_WORLD_FEED_INSIDE_H
#define CIV_WORLD_FEED_INSIDE_H

#include "base/digest.h"
#include "base/idsets.h"
#include "base/pairs.h"
#include "world/feed.h"
#include "world/idbits.h"
#include "world/texts.h"

/* One per post: six bytes, because a million agents make thirty million of them. */
typedef struct __attribute__((packed, aligned(2))) feed_post {
  uint32_t who;  /* the author; of a touched post the number of its entry */
  uint16_t text; /* number of the text, or FEED_FAR_TEXT */
} feed_post;

/* Posts whose text has a higher number stand in a list of their own, oldest first. */
enum { FEED_FAR_TEXT = UINT16_MAX };
typedef struct feed_far_text {
  uint32_t post, text;
} feed_far_text;

/* Places of a touched post: its position in the heap of the rest, or one of these. */
#define FEED_LISTED   UINT32_MAX
#define FEED_UNRANKED (UINT32_MAX - 1)

/* One per post that somebody voted on, answered, flagged or hid, and per reply. */
typedef struct feed_entry {
  double tally; /* net votes as they rank: where votes are weighted this differs from up - down */
  uint32_t post, author;
  uint32_t up, down, replies;
  uint32_t parent;                  /* CIV_NONE = top-level */
  uint32_t first_reply, next_reply; /* posts: the newest reply; the one before among its parent's */
  uint32_t place;
  uint32_t reason; /* text */
  uint32_t reporters[CIV_FEED_FLAGS_TO_HIDE - 1];
  uint8_t flags, hidden;
} feed_entry;

/* A ranked post outside the list. */
typedef struct feed_ranked {
  double score;
  uint32_t post, entry;
} feed_ranked;

/* The first post of a step that has posts. */
typedef struct feed_moment {
  uint64_t step;
  uint32_t first;
} feed_moment;

struct civ_feed {
  civ_feed_options options;
  const civ_allocator *allocator;
  double decay_per_step; /* of the key, per step: 0 = age counts for nothing */

  feed_post *posts;
  size_t posts_room;
  uint32_t n_posts;
  feed_far_text *far_texts;
  size_t far_texts_room, n_far_texts;
  feed_moment *moments;
  size_t moments_room, n_moments;
  uint64_t step;
  civ_texts texts;

  civ_idbits untouched;
  feed_entry *entries;
  size_t entries_room;
  uint32_t n_entries;

  double *list_score; /* the live list, best first; entry CIV_NONE = untouched */
  uint32_t *list_post, *list_entry;
  uint32_t n_list;
  uint64_t generation;
  feed_ranked *heap; /* touched posts that rank but are not listed, best on top */
  size_t heap_room;
  uint32_t n_heap;

  civ_idsets *votes;          /* of each voter: posts, bit = up */
  civ_pairs *weights;         /* of (voter, post): the signed weight in the tally; NULL = every vote weighs 1 */
  uint64_t *authors, *voters; /* bitmaps of agents */
  uint32_t n_replies, n_hidden, n_authors, n_voters;
  uint64_t n_up, n_down;
  uint64_t digest;
  bool starved; /* something was refused for want of room since the last reserve */
};

/* The entry of a touched post, NULL of an untouched one. */
static inline feed_entry *feed_entry_of(const civ_feed *feed, uint32_t post)
{
  return civ_idbits_has(&feed->untouched, post) ? NULL : &feed->entries[feed->posts[post].who];
}

/* The text of a post; of a new one, room for it having been reserved. O(1), of a far text O(log posts). */
uint32_t civ_feed_text_of(const civ_feed *feed, uint32_t post);
void civ_feed_set_text(civ_feed *feed, uint32_t post, uint32_t text);
/* Room for the texts of so many more posts beyond the numbers that fit. */
CIV_MUST_CHECK civ_status civ_feed_reserve_far_texts(civ_feed *feed, size_t posts);
/* Step at which a post was made. O(log steps). */
uint64_t civ_feed_created(const civ_feed *feed, uint32_t post);
/* What a post made at a step ranks by before anybody touches it. */
static inline double feed_birth(const civ_feed *feed, uint64_t step)
{
  return feed->decay_per_step > 0 ? feed->decay_per_step * (double)step : 0;
}
double civ_feed_entry_score(const civ_feed *feed, const feed_entry *entry);
/* Rank order: higher score first, then the newer post. Total, since posts differ. */
static inline bool feed_before(double score, uint32_t post, double other_score, uint32_t other)
{
  return score > other_score || (score == other_score && post > other);
}

/* A new untouched top-level post takes its place. */
void civ_feed_rank_new(civ_feed *feed, uint32_t post);
/* An entry was made or what it ranks by has changed. */
void civ_feed_rank_changed(civ_feed *feed, feed_entry *entry);
/* An untouched post that may be listed is now this entry; civ_feed_rank_changed must follow. */
void civ_feed_rank_touched(civ_feed *feed, feed_entry *entry);
/* Ranks everything afresh (after loading). */
void civ_feed_rank_all(civ_feed *feed);

#endif
