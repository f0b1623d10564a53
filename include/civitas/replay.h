/* replay.h - proving that a log says what happened. */
#ifndef CIVITAS_REPLAY_H
#define CIVITAS_REPLAY_H

#include "civitas/log.h"
#include "civitas/run.h"

CIV_BEGIN_DECLS

/* Recomputes every epoch's metrics from the interaction events and compares with the logged ones (integers equal, reals
 * within 1e-12 relative; order of epochs and steps; every completion has a proposal). CIV_E_DIVERGED with the first
 * difference in `err`; *epochs = how many were verified. */
CIV_API CIV_MUST_CHECK civ_status civ_log_verify(const char *path, uint32_t k, uint32_t *epochs, bool *complete,
                                                 civ_error *err);

/* Runs the log's configuration again and compares the stream byte by byte. CIV_E_DIVERGED with the first differing line;
 * *records = how many were compared. A log without its end is compared up to where it stops. */
CIV_API CIV_MUST_CHECK civ_status civ_log_reexecute(const char *path, const civ_registry *registry, uint32_t threads,
                                                    uint64_t *records, bool *complete, civ_error *err);

/* As civ_log_compare, and deeper: where digests differ before events do, or the configurations differ, both runs are made
 * again side by side, and the first turn (event "turn") or state of an agent (event "state") that differs is named with both
 * values. only_digest stays true where the runs, made again, are equal: one of the logs does not come from its configuration
 * in this version. Errors as civ_log_compare; where only digests differ also those of making the runs again. */
CIV_API CIV_MUST_CHECK civ_status civ_log_explain_difference(const char *a, const char *b, const civ_registry *registry,
                                                             civ_log_difference *out, civ_error *err);

CIV_END_DECLS

#endif
