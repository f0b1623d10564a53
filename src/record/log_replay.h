/* log_replay.h - playing a log that need not be a file. */
#ifndef CIV_RECORD_LOG_REPLAY_H
#define CIV_RECORD_LOG_REPLAY_H

#include "record/log_survey.h"

CIV_MUST_CHECK civ_status civ_log_replay_input(const civ_log_input *in, uint32_t k, bool strict,
                                               const civ_replay_target *targets, uint32_t n_targets, bool *complete,
                                               civ_log_counts *counts, civ_error *err);

#endif
