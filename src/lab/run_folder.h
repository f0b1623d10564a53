/* run_folder.h - where a run leaves its files. */
#ifndef CIV_LAB_RUN_FOLDER_H
#define CIV_LAB_RUN_FOLDER_H

#include "civitas/status.h"

/* Standard names inside. */
#define CIV_FILE_EVENTS   "events.jsonl"
#define CIV_FILE_EPOCHS   "epochs.csv"
#define CIV_FILE_AGENTS   "agents.csv"
#define CIV_FILE_SPREADS  "agents_summary.csv"
#define CIV_FILE_RUNS     "runs.csv" /* of an experiment */
#define CIV_FILE_SUMMARY  "summary.json"
#define CIV_FILE_CONFIG   "config.yaml"
#define CIV_FILE_TIMING   "timing.json"
#define CIV_FILE_UNDERWAY "underway.json" /* there as long as the run is not finished: what resume must know */

/* Makes BASE/ID-k with the first free k from 1 and returns its path (free with civ_free). Two programs at once get different
 * folders. CIV_E_IO. */
CIV_MUST_CHECK civ_status civ_run_folder_make(const char *base, const char *id, char **path, civ_error *err);

/* Takes exactly this folder: it must be absent or empty; with `force` it is emptied of the files a run leaves first. */
CIV_MUST_CHECK civ_status civ_run_folder_take(const char *path, bool force, civ_error *err);

/* Removes what a program that died while writing a file has left. */
void civ_run_folder_sweep(const char *folder);

/* FOLDER/name, or `other` inside the folder (absolute paths stay) where a configuration names one. NULL: no memory. Free with
 * civ_free. */
char *civ_run_folder_file(const char *folder, const char *name, const char *other);

/* Checkpoints in the folder: epochs they stand at, highest first, at most `room`; how many there are. */
uint32_t civ_run_folder_checkpoints(const char *folder, uint32_t *epochs, uint32_t room);
char *civ_run_folder_checkpoint(const char *folder, uint32_t epoch); /* its path; NULL: no memory */

#endif
