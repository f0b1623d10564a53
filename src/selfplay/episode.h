/* episode.h - one polity played from its founding to its last turn. */
#ifndef CIV_SELFPLAY_EPISODE_H
#define CIV_SELFPLAY_EPISODE_H

#include "selfplay/polity.h"

typedef struct civ_episode_setup {
  const civ_kernel *kernel;
  civ_physics physics;
  const civ_seat *seats;
  uint32_t n_seats; /* 1 .. CIV_CITIZENS_MOST */
  int32_t turns;
  int64_t initial_treasury; /* micro-credits */
  uint64_t seed;
  bool listed_order; /* citizens act in listed order, not in a permutation drawn for the turn */
} civ_episode_setup;

/* A workspace that plays one episode after the other without taking memory again. Not shared between threads. */
typedef struct civ_episode civ_episode;
civ_episode *civ_episode_create(void); /* NULL = no memory */
void civ_episode_destroy(civ_episode *e);
/* Plays the whole. *trace is borrowed until the next call. CIV_E_NOMEM; CIV_E_DIVERGED where money was not conserved. */
CIV_MUST_CHECK civ_status civ_episode_play(civ_episode *e, const civ_episode_setup *setup, civ_trace *trace,
                                           civ_error *err);

#endif
