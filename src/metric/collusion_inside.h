/* collusion_inside.h - what the files of the collusion room share. */
#ifndef CIV_METRIC_COLLUSION_INSIDE_H
#define CIV_METRIC_COLLUSION_INSIDE_H

#include "base/pairs.h"
#include "metric/collusion.h"

/* What is known of two agents, `low` being the one of the lower index; low == high for dealings with oneself, which count as
 * initiated by low. Benefits are those of all interactions, accepted or not. */
typedef struct pair_record {
  uint32_t low, high;
  uint32_t n, accepted, from_low;
  double p_low, p_high;                            /* sums, by who initiated */
  double mean_low, mean_high, m2_low, m2_high, co; /* benefits: means, sums of squares and products about them */
  double last, gap_mean, gap_m2;                   /* time of the last one; gaps between them */
} pair_record;

/* What is known of one agent; a dealing with oneself counts twice, once for each side. */
typedef struct agent_record {
  uint64_t near; /* sum over its events of its events within the window */
  double p;      /* sum */
  uint32_t n, expired;
} agent_record;

/* An event that the window still covers. */
typedef struct recent_event {
  double seconds;
  civ_agent agent;
} recent_event;

/* Scratch of an analysis, per agent: which component of suspicious pairs it is in. */
typedef struct component {
  uint32_t parent, best_order;
  double best_score;   /* of its suspicious pairs; < 0 = none */
  uint32_t size, slot; /* of roots; slot: 1 + number of the kept group */
  uint64_t incidences, internal;
  double p_incidences, p_internal;
} component;

struct civ_collusion {
  const civ_allocator *allocator;
  civ_collusion_params params;
  uint32_t agents, listed;
  civ_pairs *index; /* count = 1 + number of the record */
  pair_record *pairs;
  size_t n_pairs, room_pairs;
  agent_record *people;
  component *components;
  civ_idsets *votes;    /* NULL = not kept */
  recent_event *recent; /* in order of time: [first_recent, n_recent) */
  size_t first_recent, n_recent, room_recent;
  uint64_t interactions, squares; /* sum of n and of n squared over the pairs */
  uint64_t digest;
};

/* Frequency of a pair in standard deviations over all pairs; 0 where there is none. */
double civ_collusion_frequency(const civ_collusion *c, uint32_t n);
/* Everything a report says of a pair but its signals; and these. */
civ_collusion_pair civ_collusion_pair_read(const civ_collusion *c, const pair_record *r, uint32_t order);
uint32_t civ_collusion_signals(const civ_collusion *c, const civ_collusion_pair *pair);
/* How two voters agree: common targets, and those on which they voted the same way. */
typedef struct agreement {
  uint32_t common, equal;
} agreement;

/* Who voted how on what, of a few agents: targets ascending, [first[k], first[k + 1]) of the k-th. */
typedef struct ballots {
  uint32_t *targets;
  uint8_t *up;
  size_t *first;
  size_t n, room;
} ballots;
CIV_MUST_CHECK civ_status civ_collusion_ballots(const civ_collusion *c, const civ_agent *voters, uint32_t n,
                                                ballots *out);
void civ_collusion_ballots_free(const civ_collusion *c, ballots *b);

/* Fills voting alignment and target overlap of the kept groups. */
CIV_MUST_CHECK civ_status civ_collusion_groups_compare(const civ_collusion *c, civ_collusion_report *r);

#endif
