/* civitas.h - everything. See docs/architecture.md for the rooms. */
#ifndef CIVITAS_H
#define CIVITAS_H

#include "civitas/allocator.h"
#include "civitas/bytes.h"
#include "civitas/config.h"
#include "civitas/draws.h"
#include "civitas/event.h"
#include "civitas/experiment.h"
#include "civitas/export.h"
#include "civitas/field.h"
#include "civitas/fixture.h"
#include "civitas/governance.h"
#include "civitas/interaction.h"
#include "civitas/label.h"
#include "civitas/log.h"
#include "civitas/market.h"
#include "civitas/metrics.h"
#include "civitas/part.h"
#include "civitas/payoff.h"
#include "civitas/registry.h"
#include "civitas/replay.h"
#include "civitas/reporter.h"
#include "civitas/run.h"
#include "civitas/scenario.h"
#include "civitas/services.h"
#include "civitas/sink.h"
#include "civitas/statistics.h"
#include "civitas/status.h"
#include "civitas/version.h"

#endif
