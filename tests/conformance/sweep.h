/* sweep.h - adapters of the cases about sweeps. */
#ifndef CIV_TESTS_CONFORMANCE_SWEEP_H
#define CIV_TESTS_CONFORMANCE_SWEEP_H

#include "conformance.h"

conformance_outcome conformance_sweep_plan(const conformance_case *c);
conformance_outcome conformance_sweep_reject(const conformance_case *c);
conformance_outcome conformance_sweep_extract(const conformance_case *c);
conformance_outcome conformance_sweep_summary(const conformance_case *c);

#endif
