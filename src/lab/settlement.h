/* settlement.h - work paid in the market, as the levers of a run judged and remember it, read from the run's log. */
#ifndef CIV_LAB_SETTLEMENT_H
#define CIV_LAB_SETTLEMENT_H

#include "civitas/config.h"
#include "civitas/event.h"

/* Whether an event of a log tells of such work; then *out is the trade that levers which keep histories took it for. */
bool civ_settlement_of(const civ_event *event, const civ_config *config, civ_interaction *out);

#endif
