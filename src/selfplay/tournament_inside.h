/* tournament_inside.h - a tournament as its own rooms see it. */
#ifndef CIV_SELFPLAY_TOURNAMENT_INSIDE_H
#define CIV_SELFPLAY_TOURNAMENT_INSIDE_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/arena.h"
#include "selfplay/labels.h"
#include "selfplay/tournament.h"

/* What one worker keeps from episode to episode. */
typedef struct civ_tournament_worker {
  civ_episode *episode;
  civ_detect_scratch *scratch;
  civ_labeller *labeller;
} civ_tournament_worker;

struct civ_tournament {
  civ_tournament_setup setup;
  civ_seating *seatings; /* by matchup */
  civ_episode_result *results;
  civ_arena arena; /* of the records */
  civ_exploit exploits[CIV_DETECTORS];
  uint32_t n_exploits;
  civ_standing *standings;
  /* while playing */
  civ_tournament_worker *workers;
  uint32_t n_workers;
  pthread_mutex_t lock; /* of `played`, and of the first error */
  uint64_t done;
  atomic_bool stop;
  civ_status status;
  civ_error error;
};

/* Fills t->standings. CIV_E_NOMEM. */
CIV_MUST_CHECK civ_status civ_tournament_rank(civ_tournament *t, civ_error *err);

#endif
