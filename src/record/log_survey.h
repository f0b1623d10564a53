/* log_survey.h - what must be known of a logged run before it can be played: who took part, and its epoch columns. */
#ifndef CIV_RECORD_LOG_SURVEY_H
#define CIV_RECORD_LOG_SURVEY_H

#include <jansson.h>

#include "civitas/log.h"
#include "record/log_partial.h"

/* A log to be read more than once: a file, or text where path is NULL. */
typedef struct civ_log_input {
  const char *path;
  const char *text;
  size_t length;
} civ_log_input;
CIV_MUST_CHECK civ_status civ_log_input_open(const civ_log_input *in, bool strict, civ_log_reader **out,
                                             civ_error *err);

/* Counts runs in a file that holds several. */
typedef struct civ_run_finder {
  uint32_t run; /* of the record shown last, from 1 */
  bool headed, started, ended;
} civ_run_finder; /* all zero = before the first record */
void civ_run_finder_show(civ_run_finder *f, const civ_log_record *record);

typedef struct civ_survey {
  civ_interned names; /* agents in order of creation, then others met */
  uint8_t *types;     /* of each */
  char **variants;    /* of each, own copies */
  size_t types_capacity, variants_capacity;
  civ_metric_decl *columns;
  uint32_t n_columns;
  size_t columns_capacity;
  uint32_t runs; /* in the whole log */
} civ_survey;

/* Reads the whole log and keeps what concerns run k. CIV_E_RANGE where there is no such run. */
CIV_MUST_CHECK civ_status civ_survey_make(civ_survey *s, const civ_log_input *in, uint32_t k, bool strict,
                                          civ_error *err);
void civ_survey_free(civ_survey *s);

/* An epoch_completed that only says how many edges were pruned (other producers): *count, and true. */
bool civ_log_is_pruning(const civ_log_record *record, int64_t *count);

/* Visits every number, boolean and null of an epoch's metrics, objects by dotted names; false stops and is returned. */
bool civ_log_flatten(json_t *object, bool (*leaf)(void *arg, const char *name, const json_t *value), void *arg);

#endif
