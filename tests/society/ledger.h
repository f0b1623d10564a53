/* ledger.h - a second set of books: a sink and hooks that keep every account of a run from the records alone, without using
 * anything of the loop, and complain when a record cannot follow the ones before. */
#ifndef CIV_TESTS_LEDGER_H
#define CIV_TESTS_LEDGER_H

#include "civitas/civitas.h"

typedef struct ledger_agent {
  uint32_t initiated, received, accepted, rejected, freezes;
  double payoff, reputation, resources, mean_initiated, mean_received;
  bool frozen;
  uint64_t frozen_turn, frozen_step;            /* when that changed last */
  uint64_t posts, votes, claims, proposals_now; /* successful ones: this epoch; proposals: this step */
  uint64_t last_post_step;                      /* 1 + step of the last post, 0 = none */
  double spent;                                 /* on actions, this epoch */
  double tokens;                                /* left in the bucket ... */
  uint64_t tokens_step;                         /* ... after so many refills */
} ledger_agent;

/* An interaction as the sink got it. */
typedef struct ledger_entry {
  civ_interaction record;
  double payoff_a, payoff_b;
} ledger_entry;

typedef struct ledger_proposal {
  uint64_t id;
  civ_agent initiator, counterparty;
  uint32_t epoch;
} ledger_proposal;

typedef struct ledger {
  const civ_config *config;
  bool resources_hidden; /* something moves resources without an event */
  civ_roster roster;
  civ_columns columns;
  ledger_agent *agents;
  ledger_entry *entries; /* of the whole run, in order */
  size_t n_entries, entries_capacity;
  size_t epoch_start; /* first entry of the epoch */
  ledger_proposal *open;
  size_t n_open, open_capacity;
  uint64_t *votes; /* voter and post of votes in force, sorted */
  size_t n_votes, votes_capacity;
  uint64_t *digests; /* of every step */
  size_t n_digests, digests_capacity;
  double *rows; /* as told at epoch ends */
  size_t n_rows, rows_capacity;
  uint64_t proposed, accepted, rejected, expired, posts, refused, refused_epoch, transfers, turns, steps,
      standard_events;
  uint64_t attempted[CIV_ACTION_KINDS], succeeded[CIV_ACTION_KINDS];
  double payoff_credited, transferred, reputation_ordered; /* the last by governance */
  double paid_for_teamwork;
  double spent_outside; /* on answers, and for harm that got out */
  uint64_t crossings;   /* of the boundary */
  uint64_t teams_paid;
  int64_t time_us;
  uint32_t epoch;
  bool ended, paused;
  /* within one completion */
  uint64_t now; /* interaction being completed, 0 = none */
  int stage;    /* of its events, in order */
  double transfer, reputation_change;
  bool reputation_told;
  /* the first thing that cannot be */
  bool broken;
  char complaint[512];
} ledger;

/* Books for a run of `config` with the agents of the roster it will be told. Resources and reputations start as the
 * config says. */
void ledger_init(ledger *l, const civ_config *config);
void ledger_free(ledger *l);

extern const civ_sink ledger_sink;       /* every event, full ones too */
extern const civ_sink ledger_quiet_sink; /* no events: interactions, steps and epochs only */
civ_run_hooks ledger_hooks(ledger *l);

/* Compares the books with what the run says of its agents now. False: l->complaint. */
bool ledger_agrees(ledger *l, const civ_population *people, uint64_t pending);
/* Two sets of books that must be the same (a run and its replay). */
bool ledger_same(ledger *l, const ledger *other);

#endif
