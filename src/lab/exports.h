/* exports.h - histories and experiments as files where somebody asked for them. */
#ifndef CIV_LAB_EXPORTS_H
#define CIV_LAB_EXPORTS_H

#include <jansson.h>

#include "civitas/experiment.h"
#include "lab/history.h"

/* The history as one JSON document; `extras` (borrowed, NULL = none) are further members. */
CIV_MUST_CHECK civ_status civ_export_json(const char *path, const civ_history *history, const json_t *extras,
                                          civ_error *err);
/* DIR/PREFIX_epochs.csv and DIR/PREFIX_agents.csv (the folder is made); a file is written only if it has records. prefix NULL =
 * the simulation's id. */
CIV_MUST_CHECK civ_status civ_export_csv(const char *folder, const char *prefix, const civ_history *history,
                                         civ_error *err);

/* Takes the folder (absent or empty, or `force`) for an experiment: summary.json, runs.csv (one row of totals per seed) and,
 * where `config_yaml` is given, config.yaml. */
CIV_MUST_CHECK civ_status civ_export_experiment(const char *folder, bool force, const civ_experiment *e,
                                                const char *config_yaml, civ_error *err);

#endif
