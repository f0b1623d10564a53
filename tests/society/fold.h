/* fold.h - an epoch's row once more, from the records, by the formulas of docs/metrics.md and nothing cleverer. */
#ifndef CIV_TESTS_FOLD_H
#define CIV_TESTS_FOLD_H

#include "ledger.h"

/* Holds a row against the records of the epoch in the books, and every column against its range. NULL, or the complaint
 * (written to `text`). */
const char *fold_check(const ledger *l, const double *row, char *text, size_t size);

/* Whether a column or total of this name may have this value. NULL, or what its range is. */
const char *range_fault(const char *name, double value);

#endif
