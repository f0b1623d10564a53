/* run_record.h - copying what a run reports into plain data that outlives it. */
#ifndef CIV_LAB_RUN_RECORD_H
#define CIV_LAB_RUN_RECORD_H

#include <jansson.h>

#include "base/arena.h"
#include "civitas/experiment.h"

enum { CIV_KEEP_EPOCHS = 1u << 0, CIV_KEEP_AGENTS = 1u << 1 };

/* Copies a result; blocks come from `arena`. Names of columns, totals and agents are taken from `like` where given (a record
 * of the same configuration that lives longer), so that ten thousand runs keep them once. CIV_E_NOMEM. */
CIV_MUST_CHECK civ_status civ_run_record_copy(const civ_result *result, const civ_run_record *like, uint32_t keep,
                                              civ_arena *arena, civ_run_record *out);

/* Value of a total or of a column in one epoch; false: there is none of this name. */
bool civ_run_record_total(const civ_run_record *r, const char *name, double *out);
int civ_run_record_column(const civ_run_record *r, const char *name); /* -1 = none */

/* The member `runs[k]` of the report: seed, epochs, agents, totals, then how it ended and what the criteria say. NULL: no
 * memory. */
json_t *civ_run_record_json(const civ_run_record *r);
json_t *civ_run_record_epochs_json(const civ_run_record *r);
json_t *civ_run_record_agents_json(const civ_run_record *r);
json_t *civ_run_record_totals_json(const civ_run_record *r);
json_t *civ_run_record_criteria_json(const civ_run_record *r);

#endif
