/* tournament_config.h - a tournament described in a file: law, seeds, matchups, polity, detectors. */
#ifndef CIV_SELFPLAY_TOURNAMENT_CONFIG_H
#define CIV_SELFPLAY_TOURNAMENT_CONFIG_H

#include "selfplay/matchup.h"

/* Section `tournament`: what is not a section of its own. */
typedef struct civ_tournament_section {
  const char *kernel;  /* file or name */
  const char *seeds;   /* "0-7" */
  const char *out_dir; /* NULL = none */
  int64_t n_turns, exploit_id_start;
  double initial_treasury; /* credits */
} civ_tournament_section;
extern const civ_section civ_section_tournament;

typedef struct civ_tournament_config {
  civ_tournament_section tournament;
  bool given_seeds; /* the file names seeds */
  civ_polity_config polity;
  civ_detect_config detect;
  civ_matchup *matchups;
  uint32_t n_matchups; /* 0 = the default ones */
} civ_tournament_config;

/* All defaults. CIV_E_NOMEM. */
CIV_MUST_CHECK civ_status civ_tournament_config_default(civ_arena *arena, civ_tournament_config *out);
/* A YAML file: the keys of the section at the top, `matchups` as a map of name -> {honest: 5, drainers: 2} (a default matchup's
 * name with nothing behind it means that one), `polity` and `detectors` as maps. What is not given has its default. A kernel that
 * is named by a path stands beside the file. Errors name file, line and column. */
CIV_MUST_CHECK civ_status civ_tournament_config_load(const char *path, civ_arena *arena, civ_tournament_config *out,
                                                     civ_error *err);

#endif
