/* witness.h - for tests: follows a trace deed by deed with a book of its own and fails the test where the law was not kept, money
 * was made or lost, or a snapshot shows anything else than what the deeds amount to. */
#ifndef CIV_TESTS_SELFPLAY_WITNESS_H
#define CIV_TESTS_SELFPLAY_WITNESS_H

#include "selfplay/polity.h"

void witness_episode(const civ_trace *trace, const civ_physics *physics);

#endif
