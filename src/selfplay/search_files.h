/* search_files.h - what a searching adversary found, as JSON. */
#ifndef CIV_SELFPLAY_SEARCH_FILES_H
#define CIV_SELFPLAY_SEARCH_FILES_H

#include <jansson.h>

#include "selfplay/search.h"

/* {"programmes", "fitness", "fresh", "governance_score", "found", "unexplained", "best", "episodes"}; NULL = no memory. */
json_t *civ_search_json(const civ_search_result *result);
/* Writes FOLDER/search.json. */
CIV_MUST_CHECK civ_status civ_search_save(const char *folder, const civ_search_result *result, civ_error *err);

#endif
