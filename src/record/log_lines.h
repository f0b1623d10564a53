/* log_lines.h - events as lines of text: each form is compiled once into literals and slots, so that a line is a few
 * copies and number formats. */
#ifndef CIV_RECORD_LOG_LINES_H
#define CIV_RECORD_LOG_LINES_H

#include "base/buffer.h"
#include "civitas/sink.h"

enum { CIV_LINE_FORMS = 512 }; /* most event types of one run */

typedef struct civ_line_form civ_line_form;

typedef struct civ_lines {
  civ_line_form *forms[CIV_LINE_FORMS]; /* by event type, made when first met */
  char *names;                          /* names of all agents as JSON texts, one after the other */
  uint32_t *name_at;                    /* n_names + 1 places in `names` */
  uint32_t n_names, longest_name;
  civ_buffer scratch;   /* texts that need escapes */
  int64_t second;       /* the second whose text is at hand ... */
  char second_text[20]; /* ... "YYYY-MM-DDThh:mm:ss" */
  uint64_t nulls;       /* numbers that were not finite */
} civ_lines;            /* all zero, then civ_lines_init */

void civ_lines_init(civ_lines *l);
void civ_lines_free(civ_lines *l);
/* Takes the names of the run's agents. CIV_E_NOMEM. */
CIV_MUST_CHECK civ_status civ_lines_names(civ_lines *l, const civ_roster *roster, civ_error *err);
/* Most bytes the line of this event can take; 0 = no memory, or an event type beyond CIV_LINE_FORMS. */
size_t civ_lines_bound(civ_lines *l, const civ_event *event);
/* Writes the line with its LF as event `number`; room for civ_lines_bound must be there. Returns the length, 0 = no memory. */
size_t civ_lines_write(civ_lines *l, const civ_event *event, uint64_t number, char *out);

#endif
