/* feed.h - posts, votes and the live ranked list everybody sees. A pure room: no loop, no clock, no draws.
 *
 * Posts are numbered from 0 in order of creation. The list is ranked by
 *     key = net votes + reply_weight * replies + age_decay * hour of creation      (then newest first), descending:
 * everybody ages alike, so the order by up - down + weight * replies - decay * age never needs recomputing. The first
 * `visible` of the top-level posts that are not hidden are kept exactly, post by post and vote by vote.
 *
 * A post that nobody has voted on, answered, flagged or hidden takes 8 bytes and a bit; a touched one 64 bytes more, a
 * vote about 10. Nothing here takes memory between two calls of civ_feed_reserve, if these are honest. */
#ifndef CIV_WORLD_FEED_H
#define CIV_WORLD_FEED_H

#include "base/bytes.h"
#include "civitas/part.h"

enum {
  CIV_FEED_MOST_POSTS = INT32_MAX,
  CIV_FEED_FLAGS_TO_HIDE = 3, /* distinct reporters */
  CIV_FEED_DEEPEST_THREAD = 10
};

typedef struct civ_feed civ_feed;

typedef struct civ_feed_options {
  uint32_t agents;          /* authors and voters are 0 .. agents - 1 */
  uint32_t visible;         /* length of the live list, >= 1 */
  double reply_weight;      /* votes that one reply is worth */
  double age_decay;         /* votes lost per hour */
  double seconds_per_step;  /* simulated; 0 = age counts for nothing */
  uint64_t most_characters; /* longer content is refused */
  bool weighted;            /* votes rank by their weights, each remembered: some 30 bytes more per vote */
} civ_feed_options;

/* Weight 0.5, decay 0.01, 20 visible, 0 seconds per step, 10000 characters. */
civ_feed_options civ_feed_options_default(uint32_t agents);

/* up - down + reply_weight * replies - age_decay * hours; -INFINITY if hidden. */
double civ_feed_score(uint32_t up, uint32_t down, uint32_t replies, double hours, bool hidden, double reply_weight,
                      double age_decay);

/* CIV_E_RANGE for no visible post, negative or infinite numbers; CIV_E_NOMEM. */
CIV_MUST_CHECK civ_status civ_feed_create(const civ_feed_options *options, const civ_allocator *allocator,
                                          civ_feed **out, civ_error *err);
void civ_feed_destroy(civ_feed *feed);

/* Room for one step of `turns` turns: each at most one post or reply of `most_bytes` and one vote; new texts of a step
 * have 64 MiB (or 128 bytes a turn) together; hides and flags have room for the visible posts of up to 4096 turns. What
 * found no room was refused, and the next reserve says so. CIV_E_NOMEM; CIV_E_LIMIT above 2^31 - 1 posts. */
CIV_MUST_CHECK civ_status civ_feed_reserve(civ_feed *feed, uint32_t turns, uint64_t most_bytes);

/* From now on posts are made at this step; never goes back. */
void civ_feed_set_step(civ_feed *feed, uint64_t step);

/* New post (parent CIV_NONE) or reply. CIV_NONE = refused: unknown parent, content too long, no room. O(1) amortised. */
uint32_t civ_feed_post(civ_feed *feed, civ_agent author, civ_text content, uint32_t parent);
/* false = unknown post, or no room. A repeat changes nothing; the other direction moves the vote. */
bool civ_feed_vote(civ_feed *feed, civ_agent voter, uint32_t post, bool up);
/* The same with a weight, finite and >= 0, in a weighted feed: the counts stay whole, the rank goes by the weights. A vote that
 * moves takes its old weight with it. */
bool civ_feed_vote_weighing(civ_feed *feed, civ_agent voter, uint32_t post, bool up, double weight);
/* Takes a vote back; false = there is none. */
/* The vote of an agent that is in force: 1 up, 0 down, -1 none. O(1). */
int civ_feed_voted(const civ_feed *feed, civ_agent voter, uint32_t post);
/* Net votes (as they rank) and replies of a post, without the rest of its view. O(1). */
void civ_feed_standing(const civ_feed *feed, uint32_t post, double *net_votes, uint32_t *replies);
/* Hint that this agent will vote soon. */
void civ_feed_foresee(const civ_feed *feed, civ_agent voter);
bool civ_feed_unvote(civ_feed *feed, civ_agent voter, uint32_t post);
/* false = unknown post, or no room. Hiding a hidden post changes nothing, the first reason stays. */
bool civ_feed_hide(civ_feed *feed, uint32_t post, civ_text reason);
/* Shows it again and forgets its flags. */
bool civ_feed_unhide(civ_feed *feed, uint32_t post);
/* true = this flag hid the post. A reporter counts once per post. */
bool civ_feed_flag(civ_feed *feed, uint32_t post, civ_agent reporter);

uint32_t civ_feed_count(const civ_feed *feed);
/* The live list, best first; borrowed until the next change. */
uint32_t civ_feed_visible(const civ_feed *feed, const uint32_t **ids);
/* Grows whenever the set (not the order) of visible posts changes. */
uint64_t civ_feed_generation(const civ_feed *feed);
/* Everything about one post; its content is borrowed until the next reserve. `post` must exist. */
void civ_feed_view(const civ_feed *feed, uint32_t post, civ_post_view *out);
/* Why a post is hidden; empty if it is not. */
civ_text civ_feed_hidden_reason(const civ_feed *feed, uint32_t post);

typedef struct civ_feed_statistics {
  uint32_t total_posts, top_level_posts, replies, hidden_posts;
  uint64_t total_votes, total_upvotes, total_downvotes; /* in force */
  uint32_t unique_authors, unique_voters;               /* anyone who ever posted, voted */
} civ_feed_statistics;
civ_feed_statistics civ_feed_count_all(const civ_feed *feed);

enum { CIV_FEED_WITH_REPLIES = 1u << 0, CIV_FEED_WITH_HIDDEN = 1u << 1 };
/* The first `most` posts in rank order into out; returns how many. O(posts), a report and not for the step loop. */
uint32_t civ_feed_list(const civ_feed *feed, uint32_t flags, uint32_t most, uint32_t *out);
/* Posts made at or after `since` (a step) by `author` (CIV_NOBODY = anyone), newest first; returns how many. */
uint32_t civ_feed_recent(const civ_feed *feed, uint64_t since, civ_agent author, uint32_t most, uint32_t *out);
/* The root and its replies, depth first, siblings best first (hidden ones last), down to `depth` levels below the root (at
 * most CIV_FEED_DEEPEST_THREAD), at most `most` posts; *n = how many. CIV_E_RANGE for an unknown root; CIV_E_NOMEM. */
CIV_MUST_CHECK civ_status civ_feed_thread(const civ_feed *feed, uint32_t root, uint32_t depth, uint32_t most,
                                          uint32_t *out, uint32_t *n, civ_error *err);

/* Running digest of every change made so far. O(1). */
uint64_t civ_feed_digest(const civ_feed *feed);
void civ_feed_save(const civ_feed *feed, civ_bytes *out);
/* Into a feed of the same options. CIV_E_FORMAT, CIV_E_NOMEM: the feed is as it was. */
CIV_MUST_CHECK civ_status civ_feed_load(civ_feed *feed, civ_bytes_reader *in, civ_error *err);

#endif
