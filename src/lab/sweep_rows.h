/* sweep_rows.h - what a sweep keeps of each run: one row of numbers, and rows as CSV. */
#ifndef CIV_LAB_SWEEP_ROWS_H
#define CIV_LAB_SWEEP_ROWS_H

#include "civitas/experiment.h"
#include "lab/sweep_plan.h"

/* Columns of every sweep, in the order of the CSV file. */
enum { CIV_SWEEP_COLUMNS = 18 };
typedef struct civ_sweep_column {
  const char *name;
  bool integer;
} civ_sweep_column;
extern const civ_sweep_column civ_sweep_columns[CIV_SWEEP_COLUMNS];

typedef enum civ_sweep_state { CIV_SWEEP_NOT_RUN, CIV_SWEEP_DONE, CIV_SWEEP_FAILED } civ_sweep_state;

/* One finished run. `values` has civ_sweep_plan_columns numbers; not a number = the run has no such metric. Of a failed run only
 * `error` counts. */
typedef struct civ_sweep_row {
  civ_sweep_place place;
  uint8_t state;     /* civ_sweep_state */
  bool judged;       /* the scenario has criteria */
  uint8_t outcome;   /* civ_outcome, when judged */
  const char *error; /* of a failed run: one sentence; NULL otherwise */
  double *values;
} civ_sweep_row;

/* Fills row->values[0 .. CIV_SWEEP_COLUMNS - 1] from a record with its epochs and agents. */
void civ_sweep_row_extract(const civ_run_record *record, double *values);

/* All rows of a sweep, by plan index. */
typedef struct civ_sweep_rows civ_sweep_rows;
CIV_MUST_CHECK civ_status civ_sweep_rows_create(const civ_sweep_plan *plan, civ_sweep_rows **out, civ_error *err);
void civ_sweep_rows_destroy(civ_sweep_rows *rows);
const civ_sweep_plan *civ_sweep_rows_plan(const civ_sweep_rows *rows); /* must outlive the rows */
/* The row of a run; `values` points into the table. Rows that were not run have state CIV_SWEEP_NOT_RUN. */
civ_sweep_row civ_sweep_rows_at(const civ_sweep_rows *rows, uint64_t index);
/* Keeps a row at its place (a copy). Different indices may be kept by different threads at once. CIV_E_NOMEM. */
CIV_MUST_CHECK civ_status civ_sweep_rows_keep(civ_sweep_rows *rows, const civ_sweep_row *row);
uint64_t civ_sweep_rows_count(const civ_sweep_rows *rows, civ_sweep_state state);

typedef enum civ_csv_dialect { CIV_CSV_PLAIN, CIV_CSV_COMPAT } civ_csv_dialect;
/* Header and rows in plan order; runs that were not made are left out. */
void civ_sweep_rows_csv(const civ_sweep_rows *rows, civ_csv_dialect dialect, civ_buffer *out);

#endif
