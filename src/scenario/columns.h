/* columns.h - names of the per-epoch table that metrics_to_track and criteria may use. */
#ifndef CIV_SCENARIO_COLUMNS_H
#define CIV_SCENARIO_COLUMNS_H

#include "civitas/export.h"

/* Whether there is such a column; otherwise *nearest is the nearest one, NULL = none (nearest may be NULL). */
bool civ_column_known(const char *name, const char **nearest);
/* All of them, NULL-terminated. */
const char *const *civ_column_names(void);

typedef struct civ_criterion_doc {
  const char *name, *doc;
} civ_criterion_doc;
/* Success criteria without their prefixed forms ([max|min]_[final|mean]_COLUMN), ended by a NULL name. */
const civ_criterion_doc *civ_criterion_docs(void);

#endif
