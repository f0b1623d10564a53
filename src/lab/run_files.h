/* run_files.h - the files a finished (or interrupted) run leaves in its folder. */
#ifndef CIV_LAB_RUN_FILES_H
#define CIV_LAB_RUN_FILES_H

#include <jansson.h>

#include "civitas/experiment.h"
#include "lab/history.h"

/* Members that a history's JSON has beyond the history: config, criteria, final_agents, totals. NULL: no memory. */
json_t *civ_history_extras(const civ_config *config, const civ_run_record *record);

/* Refuses names in metrics_to_track that no column has (CIV_E_KEY with the nearest). */
CIV_MUST_CHECK civ_status civ_run_files_check(const civ_config *config, const civ_columns *columns, civ_error *err);

/* Writes epochs.csv, agents.csv (agents_summary.csv), summary.json, and the history where outputs.history_json names a file; the
 * paths of `outputs` replace standard names. Goes on after a failure and returns the first. */
CIV_MUST_CHECK civ_status civ_run_files_write(const char *folder, const civ_config *config,
                                              const civ_run_record *record, const civ_history *history, civ_error *err);

/* Paths the configuration sends elsewhere than to standard files: they must not be there already unless `replace`. */
CIV_MUST_CHECK civ_status civ_run_files_refuse(const char *folder, const civ_config *config, bool replace,
                                               civ_error *err);

#endif
