/* tournament_files.h - what a tournament leaves in a folder: exploits, episodes, a summary; and its result as JSON. */
#ifndef CIV_SELFPLAY_TOURNAMENT_FILES_H
#define CIV_SELFPLAY_TOURNAMENT_FILES_H

#include <jansson.h>

#include "selfplay/tournament.h"

typedef struct civ_tournament_folder {
  char *path;
  bool replace; /* a folder that holds another tournament */
  bool traces;  /* also traces/<matchup>-seed<seed>.jsonl */
  bool resumed; /* it held the beginning of the same tournament */
  const civ_game *game;
} civ_tournament_folder;

/* Makes the folder, or goes on with one that holds the same tournament unfinished: files that are there are left alone. A
 * folder with anything else in it is refused, naming it, unless `replace`. CIV_E_IO, CIV_E_STATE, CIV_E_NOMEM. */
CIV_MUST_CHECK civ_status civ_tournament_folder_open(civ_tournament_folder *folder, const civ_tournament_setup *setup,
                                                     civ_error *err);
/* Writes episodes/<matchup>-seed<seed>.json. Several threads at a time. */
CIV_MUST_CHECK civ_status civ_tournament_folder_episode(const civ_tournament_folder *folder, const civ_played *played,
                                                        civ_error *err);
/* Writes exploits/EXP-NNN.json, leaderboard.json and summary.md, and marks the tournament as finished. */
CIV_MUST_CHECK civ_status civ_tournament_folder_close(const civ_tournament_folder *folder,
                                                      const civ_tournament_setup *setup, const civ_tournament *t,
                                                      civ_error *err);

/* {"civitas", "kernel", "setup", "leaderboard", "exploits"}; NULL = no memory. */
json_t *civ_tournament_json(const civ_tournament_setup *setup, const civ_tournament *t);
json_t *civ_standing_json(const civ_standing *standing);
/* The summary as Markdown: leaderboard, then a bullet for each record. */
void civ_tournament_markdown(civ_buffer *out, const civ_tournament_setup *setup, const civ_tournament *t);

#endif
