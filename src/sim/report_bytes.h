/* report_bytes.h - records and accumulators as bytes of a checkpoint. */
#ifndef CIV_SIM_REPORT_BYTES_H
#define CIV_SIM_REPORT_BYTES_H

#include "base/bytes.h"
#include "civitas/metrics.h"

void civ_interaction_save(const civ_interaction *i, civ_bytes *out);
void civ_interaction_load(civ_interaction *i, civ_bytes_reader *in);
/* Everything but the configuration, which the loading run has already. */
void civ_metrics_save(const civ_metrics *m, civ_bytes *out);
void civ_metrics_load(civ_metrics *m, civ_bytes_reader *in);

#endif
