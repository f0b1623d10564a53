/* history_text.h - a history as JSON and CSV, and back. Numbers are the shortest that read back exactly; no NaN anywhere. */
#ifndef CIV_LAB_HISTORY_TEXT_H
#define CIV_LAB_HISTORY_TEXT_H

#include <jansson.h>

#include "lab/history.h"

/* The whole history as one JSON object, indented by 2. Members of `more` (an object, NULL = none) follow those of the
 * history. A lack of memory shows in out->failed. */
void civ_history_json(const civ_history *h, const json_t *more, civ_buffer *out);
/* The inverse; missing members take the columns' defaults, unknown ones are ignored. *h must be fresh. CIV_E_SYNTAX with
 * line and column, CIV_E_TYPE naming the member. */
CIV_MUST_CHECK civ_status civ_history_read_json(const char *text, size_t length, civ_history *h, civ_error *err);

/* Tables with a title row, LF. `columns` chooses epoch columns by number, NULL = all. */
void civ_history_epochs_csv(const civ_history *h, const uint8_t *columns, uint32_t n_columns, civ_buffer *out);
void civ_history_agents_csv(const civ_history *h, civ_buffer *out);
void civ_history_spreads_csv(const civ_history *h, civ_buffer *out);
/* The inverse of the first two (NULL = not there); columns are found by their titles. *h must be fresh. CIV_E_FORMAT with
 * the line. */
CIV_MUST_CHECK civ_status civ_history_read_csv(const char *epochs, size_t n_epochs, const char *agents, size_t n_agents,
                                               civ_history *h, civ_error *err);

/* What happened, in words, for reading: one line per fact. */
void civ_history_report(const civ_history *h, civ_buffer *out);

#endif
