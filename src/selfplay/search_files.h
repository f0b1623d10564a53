/* search_files.h - what a searching adversary found, as JSON. */
#ifndef CIV_SELFPLAY_SEARCH_FILES_H
#define CIV_SELFPLAY_SEARCH_FILES_H

#include <jansson.h>

#include "selfplay/search.h"

/* What scripted capturers do on the same fresh seeds. */
typedef struct civ_search_rival {
  const char *matchup;
  civ_damage damage;
} civ_search_rival;

/* What a search found, and what it is measured by. */
typedef struct civ_search_findings {
  civ_search_result result;
  const civ_search_rival *rivals; /* NULL where n_rivals = 0 */
  uint32_t n_rivals;
} civ_search_findings;

/* {"programmes", "fitness", "fresh", "governance_score", "found", "unexplained", "best", "restart", "episodes",
 * "repertoires"}; NULL = no memory. */
json_t *civ_search_json(const civ_search_findings *findings);
/* Writes FOLDER/search.json. */
CIV_MUST_CHECK civ_status civ_search_save(const char *folder, const civ_search_findings *findings, civ_error *err);

#endif
