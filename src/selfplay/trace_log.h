/* trace_log.h - an episode as an event log, by the economy's writer: the same head, lines, recovery and readers. */
#ifndef CIV_SELFPLAY_TRACE_LOG_H
#define CIV_SELFPLAY_TRACE_LOG_H

#include "selfplay/tournament.h"

/* Writes the whole of an episode to `path` (an existing file is replaced): log_opened, the citizens and the polity itself as
 * agents, simulation_started with the game as its configuration, then every deed as an event of its kind (step = turn,
 * payload = its data) and each turn's end as polity_snapshot. A decided proposal is followed by the events of an
 * interaction between its proposer and the polity, so that whatever reads interactions from a log reads these. */
CIV_MUST_CHECK civ_status civ_trace_log_write(const char *path, const civ_game *game, const civ_played *played,
                                              civ_error *err);

#endif
