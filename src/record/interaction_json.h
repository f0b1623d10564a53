/* interaction_json.h - interaction records as JSON lines: 19 keys, one object a line. */
#ifndef CIV_RECORD_INTERACTION_JSON_H
#define CIV_RECORD_INTERACTION_JSON_H

#include "base/buffer.h"
#include "civitas/fixture.h"

/* Appends one record as an object without LF. `names` gives the agents' names; CIV_NOBODY is written as "". */
void civ_interaction_write_json(civ_buffer *out, const civ_interaction *record, const char *const *names);

/* Reads one such object and appends it to the batch. Every key but ground_truth is required, unknown keys are ignored,
 * integers and reals may stand for each other where the value is whole. Ids "i<n>" keep their number; any other id takes
 * the record's number in the batch. `where` (file and line) goes into the error, which names key and value:
 * CIV_E_SYNTAX, CIV_E_KEY, CIV_E_TYPE, CIV_E_RANGE, CIV_E_NOMEM. The batch gains no record on failure. */
CIV_MUST_CHECK civ_status civ_interaction_read_json(const char *line, size_t length, const char *where,
                                                    civ_batch *batch, civ_error *err);

/* Reads lines until the end of the text; blank lines are passed over. Errors name "file:line". */
CIV_MUST_CHECK civ_status civ_interactions_read(const char *text, size_t length, const char *file, civ_batch *batch,
                                                civ_error *err);

#endif
