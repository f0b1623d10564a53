/* json_report.h - the object that `run --json` prints and summary.json holds. */
#ifndef CIV_LAB_JSON_REPORT_H
#define CIV_LAB_JSON_REPORT_H

#include <jansson.h>

#include "base/buffer.h"
#include "civitas/experiment.h"

/* Runs one after the other: the text grows by one run at a time, and no more than one is a tree in memory. */
typedef struct civ_json_report {
  civ_buffer text;
  uint64_t n;
} civ_json_report;

CIV_MUST_CHECK civ_status civ_json_report_begin(civ_json_report *report, const civ_config *config, civ_error *err);
void civ_json_report_run(civ_json_report *report, const civ_run_record *run);
/* summaries[k] of totals->decls[k]. Closes the object; the text is then whole (failed says if memory lacked). */
void civ_json_report_end(civ_json_report *report, const civ_columns *totals, const civ_summary *summaries);
void civ_json_report_free(civ_json_report *report);

/* Report of a single run: its totals are their own summary. Free *out with civ_free. */
CIV_MUST_CHECK civ_status civ_json_report_single(const civ_config *config, const civ_run_record *run, char **out,
                                                 size_t *length, civ_error *err);

#endif
