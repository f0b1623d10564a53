/* tournament.h - every matchup against many seeds: scores, findings, and the exploits behind them, each once. */
#ifndef CIV_SELFPLAY_TOURNAMENT_H
#define CIV_SELFPLAY_TOURNAMENT_H

#include "selfplay/exploit.h"
#include "selfplay/matchup.h"
#include "selfplay/score.h"

/* One finding of an episode, as far as it is kept for all of them. */
typedef struct civ_seen {
  uint8_t detector, severity;
  int32_t turn;
} civ_seen;

/* What is kept of an episode. */
typedef struct civ_episode_result {
  civ_score score;
  uint8_t n_seen;
  civ_seen seen[CIV_DETECTORS];
  double toxicity, quality_gap; /* of its decided proposals as interactions (labels.h) */
} civ_episode_result;

/* An episode just played, whole. */
typedef struct civ_played {
  const civ_matchup *matchup;
  uint64_t seed;
  const civ_trace *trace;
  const civ_episode_result *result;
  const civ_exploit_finding *findings; /* result->n_seen */
} civ_played;

typedef struct civ_tournament_setup {
  civ_game game;
  const civ_matchup *matchups;
  uint32_t n_matchups;
  uint64_t first_seed, n_seeds;
  civ_detect_config detect;
  uint32_t exploit_id_start; /* number of the first record */
  uint32_t threads;          /* 0 = as many as there are processors; the result does not depend on it */
  /* Told of each episode by whatever thread played it, several at a time; a failure ends the tournament. NULL = nobody. */
  civ_status (*played)(void *arg, const civ_played *episode, civ_error *err);
  /* After each episode, by one thread at a time; false asks to stop. NULL = nobody. */
  bool (*progress)(void *arg, uint64_t done, uint64_t of);
  void *arg;
} civ_tournament_setup;

typedef struct civ_standing {
  const char *matchup;
  uint64_t episodes;
  bool spread;                        /* intervals exist: two episodes or more */
  double governance_score, low, high; /* mean and 95 % interval, studentised bootstrap */
  double empathy_ratio, empathy_low, empathy_high;
  double treasury_final, treasury_low, treasury_high;
  double worst_empathy_trough;
  double toxicity, quality_gap; /* means over episodes */
  uint64_t total_findings;
} civ_standing;

typedef struct civ_tournament civ_tournament;

/* Plays all. CIV_E_NOMEM, CIV_E_INTERRUPTED (progress said false; *out is then not made), CIV_E_DIVERGED (money not
 * conserved). */
CIV_MUST_CHECK civ_status civ_tournament_play(const civ_tournament_setup *setup, civ_tournament **out, civ_error *err);
void civ_tournament_destroy(civ_tournament *t);
const civ_episode_result *civ_tournament_result(const civ_tournament *t, uint32_t matchup, uint64_t k);
/* Exploits in order of severity (descending), category, name; numbered. */
uint32_t civ_tournament_exploits(const civ_tournament *t, const civ_exploit **out);
/* A row per matchup, by name. */
uint32_t civ_tournament_standings(const civ_tournament *t, const civ_standing **out);

#endif
