/* replay_head.h - what the head of a logged run says: enough to make the same run again. */
#ifndef CIV_LAB_REPLAY_HEAD_H
#define CIV_LAB_REPLAY_HEAD_H

#include "civitas/config.h"
#include "civitas/log.h"

/* The configuration of the k-th run of a log, with the seed it ran with, and its detail. CIV_E_FORMAT for a log that does not
 * say its configuration; CIV_E_RANGE where there is no such run. */
CIV_MUST_CHECK civ_status civ_replay_head_read(const char *path, uint32_t k, const civ_registry *registry,
                                               civ_config **config, int32_t *detail, civ_error *err);

#endif
