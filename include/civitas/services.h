/* services.h - what the parts of a run answer each other: tables of questions that the loop hands out by name.
 *
 * A part never includes another; who wants to know something of the feed, the tasks, the market ... asks its service. A service
 * that nobody offers in this run is NULL. `self` goes back as the first argument of every question. */
#ifndef CIVITAS_SERVICES_H
#define CIVITAS_SERVICES_H

#include "civitas/interaction.h"

CIV_BEGIN_DECLS

#define CIV_NONE UINT32_MAX /* no post, no task, no proposal ... */

/* A text that is static or owned by the part: until `done` for posts and outputs, to the end of the run for proposals. */
typedef struct civ_text {
  const char *data;
  uint32_t length;
} civ_text;

/* How good the text of a task output is; a verifier reads it where there is no real text to judge. */
typedef enum civ_output_kind {
  CIV_OUTPUT_NONE,
  CIV_OUTPUT_HONEST,
  CIV_OUTPUT_STANDARD,
  CIV_OUTPUT_CAREFUL,
  CIV_OUTPUT_FLAWED,
  CIV_OUTPUT_MINIMAL,
  CIV_OUTPUT_ADVERSARIAL,
  CIV_OUTPUT_KINDS
} civ_output_kind;

/* Posts an agent sees, in rank order (0 = best). Answered by the feed. */
typedef struct civ_post_view {
  uint32_t post; /* id from 0 (printed p<id+1>) */
  civ_agent author;
  uint32_t parent; /* CIV_NONE = top-level */
  uint32_t upvotes, downvotes, replies;
  double net_votes;      /* upvotes - downvotes, or the weighted tally where vote weights rank */
  uint64_t created_step; /* steps since the start of the run */
  uint32_t task;         /* CIV_NONE */
  bool hidden;
  civ_text content;
} civ_post_view;

typedef struct civ_feed_service {
  void *self;
  uint32_t (*visible)(void *self);            /* how many are visible: at most 20 */
  const uint32_t *(*visible_ids)(void *self); /* their ids, best first; borrowed until the next action */
  uint64_t (*generation)(void *self);         /* changes whenever the set of visible ids changes */
  void (*post)(void *self, uint32_t post, civ_post_view *out); /* any post by id */
  uint32_t (*n_posts)(void *self);
  bool (*hide)(void *self, uint32_t post, const char *reason); /* moderation; false = unknown post */
  bool (*flag)(void *self, uint32_t post, civ_agent reporter); /* true = this flag hid the post (3 reporters) */
  int (*voted)(void *self, civ_agent a, uint32_t post);        /* vote of a in force: 1 up, 0 down, -1 none */
  void (*standing)(void *self, uint32_t post, double *net_votes,
                   uint32_t *replies); /* what a voter looks at, cheaply */
} civ_feed_service;

typedef enum civ_task_status {
  CIV_TASK_OPEN,
  CIV_TASK_CLAIMED,
  CIV_TASK_IN_PROGRESS,
  CIV_TASK_SUBMITTED,
  CIV_TASK_COMPLETED,
  CIV_TASK_FAILED,
  CIV_TASK_EXPIRED,
  CIV_TASK_STATUSES
} civ_task_status;
CIV_API extern const char *const civ_task_status_names[CIV_TASK_STATUSES + 1];

typedef enum civ_difficulty {
  CIV_TRIVIAL,
  CIV_EASY,
  CIV_MEDIUM,
  CIV_HARD,
  CIV_EXPERT,
  CIV_DIFFICULTIES
} civ_difficulty;

typedef struct civ_task_view {
  uint32_t task;              /* id from 0 (printed t<id+1>) */
  uint8_t status, difficulty; /* civ_task_status, civ_difficulty; any other difficulty = unknown */
  double bounty, budget, min_reputation;
  int64_t deadline_epoch; /* < 0 = none */
  civ_agent claimer;
  civ_text prompt;
  uint32_t n_outputs;
  civ_agent last_output_by;
  uint8_t last_output_kind; /* civ_output_kind */
  bool reserved;            /* nobody sees or claims it while it is open: it waits to be assigned */
  double final_quality;     /* of a completed one; NaN = none */
} civ_task_view;

typedef struct civ_task_service {
  void *self;
  uint32_t (*available)(void *self, civ_agent a); /* claimable by a: at most 10, bounty descending */
  void (*available_at)(void *self, civ_agent a, uint32_t k, civ_task_view *out);
  uint32_t (*active)(void *self, civ_agent a); /* claimed by a, claimed or in progress, claim order */
  void (*active_at)(void *self, civ_agent a, uint32_t k, civ_task_view *out);
  uint32_t (*next_submitted)(void *self, uint32_t from); /* oldest submitted task with id >= from; CIV_NONE */
  void (*task)(void *self, uint32_t task, civ_task_view *out);
  bool (*start)(void *self, uint32_t task);               /* claimed -> in_progress */
  uint32_t (*add)(void *self, const civ_task_view *task); /* new open task; CIV_NONE = no memory */
  bool (*assign)(void *self, uint32_t task, civ_agent a); /* claims it for a; a reserved one goes to a and is started */
  bool (*conclude)(void *self, uint32_t task, bool success, double quality); /* submitted -> completed or failed */
} civ_task_service;

typedef enum civ_bounty_status {
  CIV_BOUNTY_OPEN,
  CIV_BOUNTY_AWARDED,
  CIV_BOUNTY_COMPLETED,
  CIV_BOUNTY_FAILED,
  CIV_BOUNTY_DISPUTED,
  CIV_BOUNTY_EXPIRED,
  CIV_BOUNTY_CANCELLED,
  CIV_BOUNTY_STATUSES
} civ_bounty_status;
CIV_API extern const char *const civ_bounty_status_names[CIV_BOUNTY_STATUSES + 1];

typedef struct civ_bounty_view {
  uint32_t bounty, task; /* ids from 0; a bounty is printed b<id+1> */
  civ_agent poster;
  uint8_t status;                /* civ_bounty_status */
  double reward, min_reputation; /* reward in credits */
  int64_t deadline_epoch;        /* < 0 = none */
  uint32_t n_pending;            /* bids that await the poster's decision */
} civ_bounty_view;

typedef struct civ_bid_view {
  uint32_t bid, bounty; /* ids from 0 */
  civ_agent bidder;
  double amount, bounty_reward; /* credits */
} civ_bid_view;

/* What an agent sees of the market. Questions change nothing. Answered by the marketplace. */
typedef struct civ_market_service {
  void *self;
  uint32_t (*available)(void *self, civ_agent a);                /* bounties on offer to a, others' only */
  uint32_t (*available_at)(void *self, civ_agent a, uint32_t k); /* the k-th of them, in posting order */
  uint32_t (*best_available)(void *self, civ_agent a);           /* highest reward, first of equals; CIV_NONE */
  void (*bounty)(void *self, uint32_t bounty, civ_bounty_view *out);
  bool (*lowest_bid)(void *self, civ_agent a, civ_bid_view *out); /* cheapest bid for an open bounty of a, first of
                                                                   * equals; false = none awaits a decision */
  uint32_t (*awaiting)(void *self, civ_agent a);                  /* bids that await a's decision */
  void (*awaiting_at)(void *self, civ_agent a, uint32_t k, civ_bid_view *out); /* bounties in posting order, bids in
                                                                                * order of placement */
  uint32_t (*bids)(void *self, civ_agent a);                                   /* a's own bids that are pending */
  void (*bid_at)(void *self, civ_agent a, uint32_t k, civ_bid_view *out);
  uint32_t (*escrows)(void *self, civ_agent a);               /* held ones in which a is poster or worker */
  uint32_t (*escrow_at)(void *self, civ_agent a, uint32_t k); /* in order of award */
} civ_market_service;

/* Who is tied to whom, and how strongly. Answered by the network. */
typedef struct civ_network_service {
  void *self;
  double (*weight)(void *self, civ_agent a, civ_agent b); /* 0 = no edge */
} civ_network_service;

/* What the public ledger says of accepted interactions an agent initiated. Answered by lever "transparency". */
typedef struct civ_ledger_service {
  void *self;
  uint32_t (*count)(void *self, civ_agent a); /* rows */
  double (*mean_p)(void *self, civ_agent a);  /* of its rows; 0.5 without any */
} civ_ledger_service;

/* Service "identity": how far an agent's identity is trusted, [0, 1]. */
typedef struct civ_identity_service {
  void *self;
  double (*trust)(void *self, civ_agent a);
} civ_identity_service;

/* Service "permeability": whether something of quality p, [0, 1], gets across the sandbox wall at agent a's request; *quality =
 * what is left of it. `ordinal` counts crossings of the same direction within a's step. */
typedef struct civ_permeability_service {
  void *self;
  bool (*cross)(void *self, civ_agent a, double p, bool inbound, uint32_t ordinal, double *quality);
} civ_permeability_service;

CIV_END_DECLS

#endif
