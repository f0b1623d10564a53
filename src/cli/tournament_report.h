/* tournament_report.h - leaderboard and records of a tournament, for a reader. */
#ifndef CIV_CLI_TOURNAMENT_REPORT_H
#define CIV_CLI_TOURNAMENT_REPORT_H

#include <stdio.h>

#include "selfplay/tournament.h"

/* `folder`: where its files are, NULL = nowhere. false: no memory. */
bool civ_report_tournament(FILE *out, const civ_tournament_setup *setup, const civ_tournament *t, const char *folder);

#endif
