/* json_report.h - the object that `run --json` prints and summary.json holds, written piece by piece. */
#ifndef CIV_LAB_JSON_REPORT_H
#define CIV_LAB_JSON_REPORT_H

#include <jansson.h>

#include "base/buffer.h"
#include "civitas/experiment.h"

/* Where the text goes; false: it can take no more. */
typedef struct civ_text_receiver {
  bool (*write)(void *self, const char *data, size_t length);
  void *self;
} civ_text_receiver;

/* Epochs and agents are written one by one: of a million agents no tree ever stands in memory, nor the text, where a receiver
 * takes it away. */
typedef struct civ_json_report {
  civ_buffer text; /* what the receiver has not had; everything, without one */
  civ_text_receiver receiver;
  uint64_t n;
  bool refused; /* the receiver said so */
} civ_json_report;

/* `receiver` NULL: the text stays in report->text. */
CIV_MUST_CHECK civ_status civ_json_report_begin(civ_json_report *report, const civ_config *config,
                                                const civ_text_receiver *receiver, civ_error *err);
void civ_json_report_run(civ_json_report *report, const civ_run_record *run);
/* summaries[k] of totals->decls[k]. Closes the object and hands on the rest. CIV_E_NOMEM if memory lacked anywhere; a
 * refusal is the receiver's to tell. */
CIV_MUST_CHECK civ_status civ_json_report_end(civ_json_report *report, const civ_columns *totals,
                                              const civ_summary *summaries, civ_error *err);
void civ_json_report_free(civ_json_report *report);

/* Report of a single run: its totals are their own summary. */
CIV_MUST_CHECK civ_status civ_json_report_write(const civ_config *config, const civ_run_record *run,
                                                const civ_text_receiver *receiver, civ_error *err);
/* The same as one text; free *out with civ_free. */
CIV_MUST_CHECK civ_status civ_json_report_single(const civ_config *config, const civ_run_record *run, char **out,
                                                 size_t *length, civ_error *err);
/* Report of many. */
CIV_MUST_CHECK civ_status civ_experiment_write_json(const civ_experiment *e, const civ_text_receiver *receiver,
                                                    civ_error *err);

#endif
