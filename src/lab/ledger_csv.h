/* ledger_csv.h - the public ledger of a logged run as a table. */
#ifndef CIV_LAB_LEDGER_CSV_H
#define CIV_LAB_LEDGER_CSV_H

#include "base/buffer.h"
#include "civitas/log.h"

/* The rows of the k-th run (from 1) of a log, in order, under a title row: epoch, step, interaction_id, initiator, counterparty, p,
 * c_a, c_b, rep_delta. *rows counts them: 0 also where the run had no ledger. CIV_E_IO, CIV_E_FORMAT (strict), CIV_E_RANGE for a
 * run the log does not hold, CIV_E_NOMEM. One pass over the log. */
CIV_MUST_CHECK civ_status civ_ledger_csv(const char *path, uint32_t k, bool strict, civ_buffer *out, uint64_t *rows,
                                         civ_error *err);

#endif
