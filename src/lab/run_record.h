/* run_record.h - copying what a run reports into plain data that outlives it. */
#ifndef CIV_LAB_RUN_RECORD_H
#define CIV_LAB_RUN_RECORD_H

#include <jansson.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "civitas/experiment.h"

/* CIV_KEEP_BORROWED: names of agents and policies stay the run's, which outlives the record. */
enum { CIV_KEEP_EPOCHS = 1u << 0, CIV_KEEP_AGENTS = 1u << 1, CIV_KEEP_BORROWED = 1u << 2 };

/* Copies a result; blocks come from `arena`. Names of columns, totals and agents are taken from `like` where given (a record
 * of the same configuration that lives longer), so that ten thousand runs keep them once. CIV_E_NOMEM. */
CIV_MUST_CHECK civ_status civ_run_record_copy(const civ_result *result, const civ_run_record *like, uint32_t keep,
                                              civ_arena *arena, civ_run_record *out);

/* Adds what the run's parts report. Between two epochs or at the end of the run. CIV_E_NOMEM. */
CIV_MUST_CHECK civ_status civ_run_record_add_reports(civ_run *run, civ_arena *arena, civ_run_record *out,
                                                     civ_error *err);

/* Value of a total or of a column in one epoch; false: there is none of this name. */
bool civ_run_record_total(const civ_run_record *r, const char *name, double *out);
int civ_run_record_column(const civ_run_record *r, const char *name); /* -1 = none */

/* Parts of a run as JSON. NULL: no memory. */
json_t *civ_run_record_epoch_json(const civ_run_record *r, uint32_t epoch);
json_t *civ_run_record_agents_json(const civ_run_record *r);
json_t *civ_run_record_totals_json(const civ_run_record *r);
json_t *civ_run_record_criteria_json(const civ_run_record *r);
json_t *civ_run_record_reports_json(const civ_run_record *r);
/* One agent as one line. */
void civ_agent_row_json(const civ_agent_row *row, civ_buffer *out);

#endif
