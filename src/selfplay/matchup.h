/* matchup.h - named compositions of a polity, and what every episode of a tournament has in common. */
#ifndef CIV_SELFPLAY_MATCHUP_H
#define CIV_SELFPLAY_MATCHUP_H

#include "selfplay/detect.h"
#include "selfplay/episode.h"
#include "selfplay/population.h"

enum { CIV_DEFAULT_MATCHUPS = 5, CIV_MATCHUP_NAME = 64 };

typedef struct civ_matchup {
  char name[CIV_MATCHUP_NAME];
  civ_composition composition;
} civ_matchup;
extern const civ_matchup civ_default_matchups[CIV_DEFAULT_MATCHUPS];

/* "name:honest=5,drainers=2"; a default matchup's name alone means that one. CIV_E_SYNTAX, CIV_E_KEY, CIV_E_RANGE. */
CIV_MUST_CHECK civ_status civ_matchup_read(const char *text, civ_matchup *out, civ_error *err);

/* Rules of the game that no citizen can change. */
typedef struct civ_game {
  const civ_kernel *kernel;
  civ_polity_config polity;
  int32_t turns;
  int64_t initial_treasury; /* micro-credits */
} civ_game;

/* The setup of one episode; `seating` is the matchup's. */
civ_episode_setup civ_game_episode(const civ_game *game, const civ_seating *seating, uint64_t seed);

#endif
