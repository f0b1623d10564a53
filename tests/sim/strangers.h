/* strangers.h - a policy, a world and a lever that came with nobody: registered like the built-in parts, and writing down
 * what the loop asks of them. */
#ifndef CIV_TESTS_STRANGERS_H
#define CIV_TESTS_STRANGERS_H

#include "play.h"

/* policy `slow`  config {patience, eager}: is pending `patience` times before it proposes (eager) or passes; says yes.
 * world `ferry`  section {same_side}: agents meet only their own parity; owns post_bounty, which ferries; event ferry_left.
 * lever `toll`   section {price, freeze_after}: charges `price` (initiator) and half of it (counterparty), moves reputations,
 *                resources, freezes an initiator for good after so many interactions; event toll_taken. */
civ_status strangers_register(civ_registry *registry, civ_error *err);

/* Where the strangers write down their calls; NULL = nowhere. Set by one test at a time. */
extern scribe *strangers_tell;

#endif
