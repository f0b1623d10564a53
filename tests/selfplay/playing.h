/* playing.h - for tests: default games under the naive law, played by name of matchup and seed. */
#ifndef CIV_TESTS_SELFPLAY_PLAYING_H
#define CIV_TESTS_SELFPLAY_PLAYING_H

#include "base/arena.h"
#include "selfplay/detect.h"
#include "selfplay/matchup.h"
#include "selfplay/score.h"

typedef struct playing {
  civ_arena arena;
  civ_kernel kernel; /* the naive one */
  civ_game game;     /* 60 turns, 1000 credits, default polity, `kernel` */
  civ_detect_config detect;
  civ_episode *episode;
  civ_detect_scratch *scratch;
  civ_seating seating;
  civ_exploit_finding found[CIV_DETECTORS];
  uint32_t n_found;
} playing;

/* Points into *p, which must not move. */
void playing_begin(playing *p);
void playing_end(playing *p);
/* Plays, detects into p->found; *trace is borrowed until the next call. */
void playing_play(playing *p, const civ_composition *composition, uint64_t seed, civ_trace *trace);
/* The finding of a detector, NULL = none. */
const civ_exploit_finding *playing_found(const playing *p, civ_detector_id detector);
/* `usual`, fewer under a sanitizer (CIV_SANITIZED), more where CIV_LONG says so. */
uint32_t playing_times(uint32_t usual);

#endif
